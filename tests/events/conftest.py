"""The log that all databases count."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events of 150 units, at a few moments to the microsecond, some of them twice, and one after now.

    Its folder is that of all processes of a run, for what is found in it by one of them.
    """
    chance = Random(20261001)
    rows = []
    for key in range(1200):
        minute = chance.choice(("00", "30"))
        moment = f"2026-10-0{chance.randint(1, 2)} {chance.randint(0, 23):02}:{minute}:00.00000{key % 2}"
        unit, event = chance.randint(1, 150), chance.choice("aabbccdz")
        amount, channel = chance.choice(("5", "15", "25", "")), chance.choice(("Ads", "SEO", ""))
        rows += [f"{unit},{moment},{event},{amount},{channel},{key}"] * chance.choice((1, 1, 1, 2))
    rows.append("7,2099-01-01 00:00:00.000001,a,5,Ads,1200")  # an event after now
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "counted"
    folder.mkdir(exist_ok=True)
    put(folder / "events.csv", ("unit,time,event,amount,channel,key\n" + "\n".join(rows) + "\n").encode())
    return folder / "events.csv"


def put(path: Path, content: bytes) -> None:
    """Write a file that others may be reading, which has the same content whoever writes it."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_bytes(content)
    new.replace(path)
