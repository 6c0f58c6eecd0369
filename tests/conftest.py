"""What tests of every layer share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from funnelcli.reading.funnel_file import read

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_funnels"


@pytest.fixture(scope="session")
def sample() -> Callable[..., Funnel]:
    """A funnel of `sample_funnels/` by its file's stem; `document` counts from 0."""

    def load(stem: str, document: int = 0) -> Funnel:
        path = SAMPLES / f"{stem}.yaml"
        reading = read(path.read_bytes(), path.name)
        assert reading.diagnostics == ()
        return reading.funnels[document]

    return load


@pytest.fixture(scope="session")
def funnel() -> Callable[[str], Funnel]:
    """A funnel from YAML text that must be sound."""

    def load(text: str) -> Funnel:
        reading = read(text.encode(), "test.yaml")
        assert [each.problem for each in reading.diagnostics] == []
        return reading.funnels[0]

    return load
