"""What import and measure say of files that are no tables of counts, or no events: the place, and a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.cli import meant
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import import_table
from funnelcli.diagnostics import Problem
from funnelcli.events.sources import find_source

if TYPE_CHECKING:
    from pathlib import Path

    from funnelcli.diagnostics import Diagnostic


def refused(text: str) -> Diagnostic:
    outcome = import_table(text.encode(), "t.csv", ImportOptions())
    assert isinstance(outcome, list), outcome
    (found,) = outcome
    return found


@pytest.mark.parametrize("counts", ["Count", "Number", "Users", "Visitors", "Anzahl"])
@pytest.mark.parametrize("steps", ["Stage", "Step", "Funnel step", "Schritt"])
@pytest.mark.parametrize("word", ["five hundred", "many", "see below"])
def test_a_word_below_the_names_of_steps_and_counts_is_a_wrong_number(steps: str, counts: str, word: str) -> None:
    """And not the name of a column, with the row of names above it as a title."""
    found = refused(f"{steps},{counts}\nVisits,{word}\nLeads,40\nSales,7\n")
    assert (found.location.line, found.location.column) == (2, 8)
    assert found.problem.message == f'"{word}" is not a number'


def test_a_second_row_of_names_is_shown_itself() -> None:
    found = refused("Report of October,\nStage,Count\nName,Number\nVisits,500\nSales,7\n")
    assert (found.location.line, found.location.column) == (3, 6)


@pytest.mark.parametrize("rates", [("100%", "8%", "1.4%"), ("100 %", "40 %", "7 %")])
def test_rates_in_place_of_counts_are_said_to_be_that(rates: tuple[str, ...]) -> None:
    found = refused("Stage,Count\n" + "".join(f"{name},{rate}\n" for name, rate in zip("ABC", rates, strict=True)))
    assert (found.location.line, found.location.column) == (1, 7)
    assert found.problem.help == "export how many reached each step, in a column of its own"


@pytest.mark.parametrize(
    ("text", "told"), [("Stage\nVisits\nSales\n", "export the counts too"), ("A 9\nB 3\n", "part the columns")]
)
def test_one_column_lacks_its_counts_or_its_marks(text: str, told: str) -> None:
    assert told in (refused(text).problem.help or "")


def test_a_number_with_the_other_mark_is_named() -> None:
    found = refused('Stage,Count\nVisits,"12,400"\nLeads,"1.200,00"\nSales,7\n')
    assert found.problem.help == "write it without the comma, or say --decimal , if all are decimals"
    mended = import_table(b'Stage,Count\nVisits,12400\nLeads,"1.200,00"\nSales,7\n', "t.csv", ImportOptions())
    assert not isinstance(mended, list)


@pytest.mark.parametrize("option", ["--from", "--update", "--table", "--output", "--format"])
def test_an_option_with_two_letters_turned_is_that_option(option: str) -> None:
    own = ["--format", "--from", "--force", "--output", "--table", "--update", "--funnel"]
    for at in range(3, len(option) - 1):
        typed = option[:at] + option[at + 1] + option[at] + option[at + 2 :]
        if typed not in own:
            assert meant.option_of(typed, "measure", {"measure": own}).help == f"did you mean {option}?"


def test_events_that_are_not_there_are_named_by_those_that_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("events.csv", "other.csv"):
        (tmp_path / name).write_text("user,time\n", encoding="utf-8")
    for typed, told in (("event.csv", 'did you mean "events.csv"?'), ("x.csv", "there are: events.csv, other.csv")):
        found = find_source(typed, {})
        assert isinstance(found, Problem)
        assert told in (found.help or "")
