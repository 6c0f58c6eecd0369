"""What is said with a number in it: one deal is, two deals are, in every note and message of an export."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from tests.counts_table.test_export_mutations import SAMPLES, sample_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ONE = "is has counts goes adds belongs waits tells lacks holds was"
MORE = "are have count go add belong wait tell lack hold were"
UNITS = "deal row order charge time step stage segment cell day sheet funnel column word line"
_COUNTED = re.compile(
    rf"(?<![\w.,:])(?:the )?(\d[\d,]*) (?:[a-z]+ ){{0,3}}?({'|'.join(UNITS.split())})(s?)\b([^,;:.()]*)"
)
_CLAUSE = re.compile(rf" (?:of which .*?|(?:from a stage to one )?that) (?:{ONE.replace(' ', '|')}) (?:known|dated)")
"""What is said of the stage of a deal, not of the deals."""
_OF = re.compile(r"\d[\d,]* of $")


def wrong_number(text: str) -> str | None:
    """The first place where a number and its noun, or the verb behind them, do not agree."""
    for found in _COUNTED.finditer(text):
        number, _, plural, after = found.groups()
        if _OF.search(text[: found.start(1)]):  # 1 of 3 deals is
            continue
        is_one = number == "1"
        verbs = (word for word in _CLAUSE.sub("", after).split() if word in ONE.split() or word in MORE.split())
        verb = next(verbs, None)
        if is_one is bool(plural) or (verb is not None and (verb in ONE.split()) is not is_one):
            return found[0]
    return None


def test_the_judge_tells_right_from_wrong() -> None:
    for text in (
        "1 deal is left out",
        "12 deals are left out",
        "1 row has none",
        "1 of 3 deals is older",
        "1,200 deals",
    ):
        assert wrong_number(text) is None
    for text in ("1 deal are left out", "2 deals is", "1 deals", "2 deal", "1 open deal have no amount", "11 row"):
        assert wrong_number(text) is not None


class Case(NamedTuple):
    """A table in which something is so of a number of rows, and what is said of it."""

    table: Callable[[int], str]
    said: str
    options: Mapping[str, object] = MappingProxyType({})


DEALS = "Deal,Stage,Amount,Owner,Currency,Created\n"
SOME = "".join(f"p{at},{stage},10,Ann,EUR,2026-09-0{at}\n" for at, stage in enumerate(("New", "Won", "Lost") * 3, 1))


def more(row: str) -> Callable[[int], str]:
    return lambda number: DEALS + SOME + "".join(row.replace("#", f"x{at}") + "\n" for at in range(number))


def dated(row: str) -> Callable[[int], str]:
    head = "Deal,Amount,Lead date,Meeting date,Offer date,Won date,Lost date\n"
    some = "".join(f"p{at},10,2026-09-0{at},2026-09-1{at},2026-09-2{at},2026-10-0{at},\n" for at in [*range(1, 9)] * 2)
    return lambda number: head + some + "".join(row.replace("#", f"x{at}") + "\n" for at in range(number))


HUBSPOT = (
    'Record ID,Deal Name,Deal Stage,Amount,Create Date,Close Date,Date entered "Lead (S)",Date entered "Offer (S)"\n'
)
DECIDED = "Deal,Stage,Amount,Owner,Created,Closed\n" + "".join(
    f"{state}{at},{state},10,Ann,2026-09-01,2026-09-1{at % 10}\n" for at in range(36) for state in ("Won", "Lost")
)
ORDER = (
    "Name,Email,Financial Status,Paid at,Total,Created at,Lineitem name,Lineitem price\n"
    "#1,a@b,paid,2026-09-01,5,2026-09-01,Tea,5\n"
)


def behind(start: str, row: str) -> Callable[[int], str]:
    return lambda number: start + "".join(row.replace("#", f"x{at}") + "\n" for at in range(number))


MOVED = HUBSPOT + "".join(
    f"p{at},a,Closed Won,10,2026-09-01,2026-09-09,2026-09-01,2026-09-0{at}\n" for at in range(3, 9)
)
TOLD = {"stages": ("New", "Call")}
CASES = [
    Case(more("#,New,10,Ann,USD,2026-09-02"), "not in EUR", {"currency": "EUR"}),
    Case(more("#,New,10,Ann,USD,2026-09-02"), "in USD"),
    Case(more("#,New,,Ann,EUR,2026-09-02"), "no amount"),
    Case(more("#,Won,,Ann,EUR,2026-09-02"), "without an amount"),
    Case(behind(DEALS, "#,Won,,Ann,EUR,2026-09-02"), "no amount", {"stages": ("New", "Won")}),
    Case(more("#,New,0,Ann,EUR,2026-09-02"), "the amount 0"),
    Case(more("#,New,10,,EUR,2026-09-02"), "none"),
    Case(more("#,New,10,Ann,EUR,2026-08-02"), "outside the interval", {"between": ("2026-09-01", "2026-12-01")}),
    Case(more("#,New,10,Ann,EUR,2036-08-02"), "after today"),
    Case(more("#,Call,10,Ann,EUR,2026-09-02"), "Call", {"stages": ("New", "Won")}),
    Case(more("#,Offer,10,Ann,EUR,2026-09-02"), "Offer"),
    Case(lambda number: DEALS.replace("Deal,", "Deal ID,") + SOME + "p1,New,10,Ann,EUR,2026-09-01\n" * number, "once"),
    Case(behind(DEALS.replace("Owner", "Pipeline") + SOME, "#,New,1,Bo,EUR,2026-09-02"), "out", {"pipeline": "Ann"}),
    Case(dated("#,10,2026-09-01,,2026-09-03,,"), "skipped"),
    Case(dated("#,10,2026-09-05,2026-09-03,,,"), "left out"),
    Case(behind(MOVED, "#,a,Lead,10,2026-09-01,,2026-09-01,2026-09-05"), "went back"),
    Case(behind(MOVED, "#,a,Closed Lost,10,2026-09-01,2026-09-09,,"), "no stage is known"),
    Case(behind(DECIDED, "#,New,10,Ann,2026-01-01,"), "older", TOLD),
    Case(behind(DECIDED + "o,Call,10,Ann,2026-09-09,\n", "#,Lost,10,Ann,2026-09-01,"), "no date of closing", TOLD),
    Case(behind(DECIDED, "#,Won,10,Ann,2026-09-01,2099-01-01"), "dated after today", TOLD),
    Case(lambda number: ORDER + "#1,a@b,,,,,Cup,3\n" * number, "further items"),
    Case(behind(ORDER, "#,a@b,paid,2026-09-01,,2026-09-01,Tea,5"), "without an amount"),
]


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.said)
def test_a_number_and_its_verb_agree(case: Case, number: int) -> None:
    found = import_table(case.table(number).encode(), "t.csv", ImportOptions(**case.options))  # type: ignore[arg-type]
    if isinstance(found, Imported):
        said = list(found.notes)
    else:
        said = [part or "" for each in found for part in each.problem[1:3]]
    about = [text for text in said if case.said in text]
    assert any(re.search(rf"(?<!\d){number}(?!\d)", text) for text in about), said
    assert [text for text in said if wrong_number(text)] == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_numbers_agree_in_what_is_said_of_the_beginnings_of_samples(path: Path) -> None:
    sample = sample_of(path)
    for size in (2, 3, 4, 6, 9, 14, 30, len(sample.rows)):
        found = sample._replace(below=[]).read(sample.rows[:size])
        said = (
            found.notes if isinstance(found, Imported) else [part or "" for each in found for part in each.problem[1:3]]
        )
        assert [text for text in said if wrong_number(text)] == [], size
