"""All worlds of the judge, by name."""

from __future__ import annotations

from . import ads, counts, deals, steps

WORLDS = {world.name: world for world in (*counts.WORLDS, *deals.WORLDS, *ads.WORLDS, *steps.WORLDS)}
