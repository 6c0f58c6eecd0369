"""All worlds of the judge, by name."""

from __future__ import annotations

from . import ads, counts, deals, orders, steps

WORLDS = {world.name: world for world in (*counts.WORLDS, *deals.WORLDS, *ads.WORLDS, *steps.WORLDS, *orders.WORLDS)}
