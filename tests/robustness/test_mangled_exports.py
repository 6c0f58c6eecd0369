"""Samples of exports with hostile cells: each is refused, or becomes a file that `check` has nothing against."""

from __future__ import annotations

import csv
import io
import random
from typing import Any

import pytest
import yaml

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.writer import new_file
from funnelcli.lint.rules import RULES
from tests.conftest import ROOT
from tests.funnel_file.test_starters import NASTY

EXPECTED = sorted((ROOT / "tests" / "exports").glob("*/*.expected.yaml"))
HOSTILE = [
    *NASTY,
    *("\u202eabc", "a\x07b", " lead ", "", "\u200b", "x" * 1100, "\n", "a\nb", "1e5", "-5", "∞", "NaN", "0", "100"),
    *("99999999999999999999", "1/2", "12,5", "12.345", "2026-13-45", "01/02/2026", "=1+1", "Total", "won", "lost"),
]
MOST_ROWS = 40


def cells_of(path: Any) -> tuple[list[list[str]], str, ImportOptions] | None:
    """The first rows of a sample, its delimiter, and the options that it needs; none of a workbook."""
    wanted = yaml.safe_load(path.read_text(encoding="utf-8"))
    stem = path.name.removesuffix(".expected.yaml")
    beside = (each for each in path.parent.glob(f"{stem}.*") if each != path)
    sample = path.parent / wanted["file"] if "file" in wanted else next(beside)
    try:
        text = sample.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    given = wanted.get("options", {})
    fields: dict[str, Any] = {key: tuple(each) if isinstance(each, list) else each for key, each in given.items()}
    delimiter = max(",;\t", key=text.count)
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    return rows[:MOST_ROWS], delimiter, ImportOptions(**fields)


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_hostile_cells(path: Any) -> None:
    sample = cells_of(path)
    if sample is None:
        pytest.skip("not in UTF-8")
    rows, delimiter, options = sample
    chance = random.Random(path.name)
    for _ in range(6):
        mangled = [list(row) for row in rows]
        for _ in range(chance.randint(1, 4)):
            row = chance.choice(mangled[1:])
            if not row:
                continue
            at, new = chance.randrange(len(row)), chance.choice(HOSTILE)
            old = row[at]
            everywhere = chance.random() < 0.5
            for other in mangled[1:] if everywhere else [row]:
                if len(other) > at and other[at] == old:
                    other[at] = new
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter).writerows(mangled)
        outcome = import_table(text.getvalue().encode(), "x.csv", options)
        if not isinstance(outcome, Imported):
            assert outcome
            continue
        for funnel in outcome.funnels:
            made = new_file(funnel, "f.yaml", [], outcome.notes)
            assert made.errors == (), text.getvalue()
            assert read(made.text.encode(), "f.yaml", rules=RULES).diagnostics == ()
