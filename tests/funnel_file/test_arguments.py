"""Funnels and changes typed on the command line: held to the rules of files."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.changes import parse_set
from funnelcli.funnel_file.typed import Typed, funnel_of
from funnelcli.metrics import METRICS, Selector
from funnelcli.what_if import Change

if TYPE_CHECKING:
    from funnelcli.model import Funnel


def sound(*stages: str, average_check: str | None = None) -> Funnel:
    funnel, found = funnel_of(Typed(stages, average_check))
    assert found == []
    assert funnel is not None
    return funnel


def codes_of(*stages: str, average_check: str | None = None) -> list[str]:
    """Codes of what is wrong; each says so in words and names a way out."""
    funnel, found = funnel_of(Typed(stages, average_check))
    assert (funnel is None) == bool(found)
    assert all(each.problem.message and each.problem.help for each in found)
    return [each.problem.code for each in found]


@pytest.mark.parametrize(
    ("typed", "pointed"),
    [
        (Typed(("Walks in=2,700", "Paid=3")), [("FN206", "2,700")]),
        (Typed(("Visits=12.400", "Paid= 3e% ")), [("FN212", "12.400"), ("FN103", "3e%")]),
        (Typed(("Visits=9", "a=b=30")), [("FN104", "30")]),
        (Typed(("Visits=9", "Visits=3")), [("FN106", "Visits")]),
        (Typed(("Visits=9", "Paid=130%")), [("FN109", "130%")]),
        (Typed(("Visits=30%", "Paid=3")), [("FN102", "Visits")]),
        (Typed(("Visits=9", "Paid=3"), average_check="$5", gross_margin="60"), [("FN207", "$5"), ("FN210", "60")]),
        (
            Typed(("Visits=9", "Paid=3"), budget="1.500", currency="a\u200bb"),
            [("FN015", "a\u200bb"), ("FN212", "1.500")],
        ),
        (
            Typed(
                ("Visits=9", "Sales"),
            ),
            [("FN103", "Sales")],
        ),
    ],
    ids=str,
)
def test_what_is_wrong_is_pointed_at(typed: Typed, pointed: list[tuple[str, str]]) -> None:
    """As in a file: columns are code points, and the first is 1."""
    _, found = funnel_of(typed)
    places = [
        (each.problem.code, each.source[each.location.column - 1 : each.location.end_column - 1]) for each in found
    ]
    assert places == pointed
    assert {each.location.line for each in found} == {0}


@pytest.mark.parametrize(
    ("stages", "help_"),
    [
        (("100=Visits", "Paid=3"), "the name comes first: write Visits=100"),
        (("Visits=12400 Cart=830 Paid=377",), "leave out the quotes around all of them"),
    ],
)
def test_what_was_meant_is_said(stages: tuple[str, ...], help_: str) -> None:
    _, (found,) = funnel_of(Typed(stages))
    assert found.problem.help == help_


def test_keys_and_rates_are_read_as_in_a_file() -> None:
    """A third of 90 are 30; the fourth decimal of a dinar is refused, its third is money."""
    stages = ("Visits=90", "Paid=33.3%")
    funnel, found = funnel_of(Typed(stages, "12.400", "KWD", "Shop", "1000", "60%"))
    assert found == []
    assert funnel is not None
    assert (funnel.name, funnel.currency, funnel.budget, funnel.gross_margin) == ("Shop", "KWD", 1000, Fraction(3, 5))
    paid = funnel.stages[1]
    assert (paid.count, paid.conversion, paid.average_check) == (
        Fraction(2997, 100),
        Fraction(333, 1000),
        Fraction(62, 5),
    )


def test_stages_follow_each_other() -> None:
    funnel = sound("Impressions=360750", "Clicks=7215", "Leads=555", "Sales=185", average_check="1515.15")
    assert [(stage.name, stage.parent, stage.count) for stage in funnel.stages] == [
        ("Impressions", None, 360750),
        ("Clicks", 0, 7215),
        ("Leads", 1, 555),
        ("Sales", 2, 185),
    ]
    assert [stage.average_check for stage in funnel.stages] == [None, None, None, Fraction(151515, 100)]
    assert funnel.file is None


@pytest.mark.parametrize("text", ["63.50+-140", "63.50±140", " 63.50 +/- 140 "])
def test_an_average_check_with_its_standard_deviation(text: str) -> None:
    sale = sound("Visits=100", "Sales=4", average_check=text).stages[1]
    assert (sale.average_check, sale.average_check_sd) == (Fraction(127, 2), 140)


@pytest.mark.parametrize(
    ("text", "code"), [("63.50+-", "FN102"), ("x+-140", "FN103"), ("63+--140", "FN107"), ("0+-140", "FN103")]
)
def test_a_spread_that_is_none(text: str, code: str) -> None:
    assert codes_of("Visits=100", "Sales=4", average_check=text) == [code]


@pytest.mark.parametrize(
    ("text", "name", "count"),
    [
        ("Leads=100", "Leads", 100),
        (" Leads = 100 ", "Leads", 100),
        ("Decision maker=27.4", "Decision maker", Fraction(137, 5)),
        ("a=b=100", "a=b", 100),
        ("Заявки=1e3", "Заявки", 1000),
        ("yes=100", "yes", 100),
        ("2026=100", "2026", 100),
    ],
)
def test_names_and_counts(text: str, name: str, count: object) -> None:
    first = sound(text, "Sales=0").stages[0]
    assert (first.name, first.count) == (name, count)


@pytest.mark.parametrize(
    ("stages", "codes"),
    [
        (["Leads", "Sales=5"], ["FN103"]),
        (["Leads=100"], ["FN105"]),
        ([], ["FN105"]),
        (["Leads=100", "Leads=5"], ["FN106"]),
        (["Leads=100", "Sales=120"], ["FN104"]),
        (["Leads=100", "Sales=-5"], ["FN107"]),
        (["=100", "Sales=5"], ["FN121"]),
        (["Leads=", "Sales=5"], ["FN102"]),
        (["Leads=many", "Sales=5"], ["FN103"]),
        (["Leads=1,000", "Sales=5"], ["FN206"]),
        (["Leads=1_000", "Sales=5"], ["FN205"]),
        (["Leads=010", "Sales=5"], ["FN203"]),
        (["Leads=$5", "Sales=5"], ["FN207"]),
        (["Leads=inf", "Sales=5"], ["FN208"]),
        (["Leads=1e19", "Sales=5"], ["FN119"]),
        (["Le\u200bads=100", "Sales=5"], ["FN015"]),
        (["Leads=many", "Sales", "Paid=-1"], ["FN103", "FN103", "FN107"]),
    ],
)
def test_what_is_no_funnel_is_refused(stages: list[str], codes: list[str]) -> None:
    assert codes_of(*stages) == codes


@pytest.mark.parametrize(
    ("text", "cure"),
    [("Leads:100", "Leads=100"), ("Web leads: 100", '"Web leads=100"'), ("Leads", "NAME=COUNT")],
)
def test_a_stage_without_its_sign_is_written_with_it(text: str, cure: str) -> None:
    _, (found,) = funnel_of(Typed((text, "Sales=5")))
    assert found.problem.help == f"write {cure}"


@pytest.mark.parametrize(("text", "code"), [("$5", "FN207"), ("-1", "FN107"), ("9,90", "FN206"), ("", "FN102")])
def test_the_average_check_is_money(text: str, code: str) -> None:
    assert codes_of("Leads=100", "Sales=5", average_check=text) == [code]


def test_the_average_check_is_read_although_the_stages_are_wrong() -> None:
    assert codes_of("Leads=many", "Sales", average_check="$5") == ["FN103", "FN103", "FN207"]


@pytest.mark.parametrize(
    ("text", "metric", "stage", "change"),
    [
        ("conversion@Sales=+10pp", "conversion", "Sales", Change(1, Fraction(1, 10), "+10pp")),
        ("conversion@sales = x2", "conversion", "Sales", Change(2, 0, "x2")),
        ("entries=+500", "entries", None, Change(1, 500, "+500")),
        ("average_check=+5%", "average_check", None, Change(Fraction(21, 20), 0, "+5%")),
        ("budget=1000", "budget", None, Change(None, 1000, "1000")),
    ],
)
def test_changes(text: str, metric: str, stage: str | None, change: Change) -> None:
    funnel = sound("Leads=100", "Sales=5")
    assert parse_set(text, funnel) == (Selector(METRICS[metric], stage), change)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("conversion@Sales", "FN116"),
        ("", "FN116"),
        ("conversion@Sales=", "FN102"),
        ("conversion@Sales=twice", "FN116"),
        ("conversion@Sales=33", "FN210"),
        ("conversion@Slaes=x2", "FN112"),
        ("conversion=x2", "FN115"),
        ("revenue=x2", "FN115"),
        ("=x2", "FN115"),
    ],
)
def test_what_is_no_change_is_refused(text: str, code: str) -> None:
    outcome = parse_set(text, sound("Leads=100", "Sales=5"))
    assert isinstance(outcome, Problem)
    assert outcome.code == code
    assert outcome.help


def test_a_stage_with_an_equals_sign_in_its_name_can_be_changed() -> None:
    outcome = parse_set("conversion@a=b=x2", sound("Leads=100", "a=b=5"))
    assert outcome == (Selector(METRICS["conversion"], "a=b"), Change(2, 0, "x2"))


def test_the_line_has_keys_as_its_caller_calls_them() -> None:
    """A key of a file here; an option is what the command line calls it."""
    wrong = Typed(("A=5", "B=3"), average_check="x")
    assert [funnel_of(wrong, *called)[1][0].source for called in ((), ("--{}".format,))] == [
        "A=5 B=3 average_check: x",
        "A=5 B=3 --average_check x",
    ]
