"""Text to exact values, field by field, and the refusal of every text that is no such value."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnelcli.diagnostics import Problem
from funnelcli.exact import reduced
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.figures import figure_text
from funnelcli.model import RateRange

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.exact import Exact

F = Fraction

NUMBERS: list[tuple[str, Exact]] = [
    ("0", 0),
    ("1", 1),
    ("360750", 360750),
    ("27.4", F(274, 10)),
    ("0.1", F(1, 10)),
    ("1e6", 1_000_000),
    ("1E6", 1_000_000),
    ("1.5e3", 1500),
    ("1e-2", F(1, 100)),
    ("1515.15", F(151515, 100)),
    ("+5", 5),
    (".5", F(1, 2)),
    ("5.", 5),
    ("5.0", 5),
    ("-0", 0),
    ("0.0", 0),
    ("1e18", 10**18),
    ("1000000000000000000", 10**18),
    ("999999999999999999.9", F(9999999999999999999, 10)),
    ("1e-40", F(1, 10**40)),
    ("0." + "1" * 38, F(int("1" * 38), 10**38)),
    ("0" + "." + "0" * 37 + "1", F(1, 10**38)),
]
"""Plain numbers that every field of numbers reads alike; the last two have forty characters."""

NOT_NUMBERS: list[tuple[str, str]] = [
    ("", "FN102"),
    ("~", "FN102"),
    ("null", "FN102"),
    ("many", "FN103"),
    ("true", "FN103"),
    ("1.2.3", "FN103"),
    ("1e", "FN103"),
    ("e5", "FN103"),
    (".", "FN103"),
    ("--5", "FN103"),
    ("+-5", "FN103"),
    ("1 2", "FN103"),
    ("5 apples", "FN103"),
    ("1/3", "FN103"),
    ("٣", "FN103"),
    ("٣٤", "FN103"),
    ("３", "FN103"),
    ("1²", "FN103"),
    ("½", "FN103"),
    ("yes", "FN201"),
    ("NO", "FN201"),
    ("On", "FN201"),
    ("off", "FN201"),
    ("1:30", "FN202"),
    ("1:30:00", "FN202"),
    ("1:30.5", "FN202"),
    ("010", "FN203"),
    ("00", "FN203"),
    ("09", "FN203"),
    ("-010", "FN203"),
    ("0x1F", "FN204"),
    ("0X1f", "FN204"),
    ("0o17", "FN204"),
    ("0b101", "FN204"),
    ("1_000", "FN205"),
    ("1_000.50", "FN205"),
    ("1,000", "FN206"),
    ("1,000,000.50", "FN206"),
    ("10,5", "FN206"),
    ("10 000", "FN206"),
    ("10\u2009000", "FN206"),
    ("10\u00a0000", "FN206"),
    ("10\u202f000", "FN206"),
    ("10'000", "FN206"),
    ("$5", "FN207"),
    ("5$", "FN207"),
    ("€5", "FN207"),
    ("5 €", "FN207"),
    ("5 USD", "FN207"),
    ("$1,000", "FN207"),
    (".nan", "FN208"),
    (".NaN", "FN208"),
    ("nan", "FN208"),
    (".inf", "FN208"),
    ("-.inf", "FN208"),
    ("+.INF", "FN208"),
    ("inf", "FN208"),
    ("Infinity", "FN208"),
    ("2026-10-01", "FN209"),
    ("2026-10-01T12:30:00Z", "FN209"),
    ("2026-10-01 12:30:00", "FN209"),
    ("1000000000000000001", "FN119"),
    ("1000000000000000000.1", "FN119"),
    ("1e19", "FN119"),
    ("1e999999999999", "FN119"),
    ("0." + "1" * 39, "FN119"),
    ("1" * 41, "FN119"),
]
"""What no field of numbers accepts; the last two have forty-one characters."""

NUMBER_PARSERS = [scalars.count, scalars.money, scalars.number]


def code_of(outcome: object) -> str:
    """The code of a refusal, which always says what is wrong and names a way out."""
    assert isinstance(outcome, Problem), outcome
    assert outcome.message
    assert outcome.help
    return outcome.code


def same(outcome: object, value: Exact) -> bool:
    """Equal and exact: whole values are `int`, others `Fraction`, and no float is among them."""
    return outcome == value and type(outcome) is type(value)


@pytest.mark.parametrize("parse", NUMBER_PARSERS)
@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_numbers_are_read_exactly(text: str, value: Exact, parse: Callable[..., object]) -> None:
    assert same(parse(text), value)


@pytest.mark.parametrize("parse", NUMBER_PARSERS)
@pytest.mark.parametrize(("text", "code"), NOT_NUMBERS)
def test_what_is_no_number_is_refused(text: str, code: str, parse: Callable[..., object]) -> None:
    assert code_of(parse(text)) == code


@pytest.mark.parametrize("parse", [*NUMBER_PARSERS, scalars.whole])
@pytest.mark.parametrize("text", ["-1", "-0.5", "-1e3", "-1e-40"])
def test_negative_numbers_are_refused(text: str, parse: Callable[..., object]) -> None:
    assert code_of(parse(text)) == "FN107"


@pytest.mark.parametrize(
    ("text", "misread"),
    [("$1,5", "15"), ("€1.000,50", "1.00050"), ("$60k", "60"), ("$1.5m", "1.5"), ("5 000,00 €", "500000")],
)
def test_the_way_out_of_an_amount_with_a_currency_is_no_other_amount(text: str, misread: str) -> None:
    outcome = scalars.money(text)
    assert code_of(outcome) in ("FN103", "FN206", "FN207")
    assert isinstance(outcome, Problem)
    assert f"write {misread} " not in f"{outcome.help} "


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("5k", ["5000"]),
        ("12.4k", ["12400"]),
        ("1.5M", ["1500000"]),
        ("1,2 тыс.", ["1200"]),
        ("2 Mio", ["2000000"]),
        ("2.5 crore", ["25000000"]),
        ("$5k", ["5000"]),
        ("€1.250", ["1250", "1.25"]),
        ("1 250,50 руб.", ["1250.50"]),
        ("1.250,50 €", ["1250.50"]),
        ("$1,000", ["1000"]),
        ("130 pcs", ["130"]),
        ("1.250k", []),
        ("5m", []),
        ("2 weeks", []),
        ("12.345.67 €", []),
    ],
)
def test_the_way_out_of_an_amount_with_words_is_that_amount_and_is_read(text: str, ways: list[str]) -> None:
    outcome = scalars.money(text)
    assert isinstance(outcome, Problem)
    told = (outcome.help or "").partition(" and name")[0]
    assert re.findall(r"[\d.,]+", told) == ways
    assert not [way for way in ways if isinstance(scalars.money(way), Problem)]


@pytest.mark.parametrize("text", ["10%", "3.2%", "3,2%"])
def test_a_rate_as_a_count_is_said_to_be_a_share(text: str) -> None:
    outcome = scalars.count(text)
    assert isinstance(outcome, Problem)
    assert "where only shares are known" in (outcome.help or "")
    assert outcome.only is not None
    assert scalars.rate(f"{outcome.only}%") == scalars.rate(text.replace(",", "."))


@pytest.mark.parametrize("text", ["33%", "5%", "100%"])
def test_a_percentage_is_no_count(text: str) -> None:
    assert code_of(scalars.count(text)) == "FN103"


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("14", 14), ("14.0", 14), ("1e3", 1000), ("1e18", 10**18)])
def test_whole_numbers(text: str, value: int) -> None:
    assert same(scalars.whole(text), value)


@pytest.mark.parametrize("text", ["14.5", "0.1", "1e-1"])
def test_a_fraction_is_no_whole_number(text: str) -> None:
    assert code_of(scalars.whole(text)) == "FN103"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("1", 1),
        ("0%", 0),
        ("100%", 1),
        ("101%", F(101, 100)),
        ("150%", F(3, 2)),
        ("33%", F(33, 100)),
        ("33.3%", F(333, 1000)),
        ("0.33", F(33, 100)),
        (".33", F(33, 100)),
        ("1/3", F(1, 3)),
        ("2/4", F(1, 2)),
        ("0/5", 0),
        ("5/5", 1),
        ("4/3", F(4, 3)),
        ("0.5/2", F(1, 4)),
        ("1.0", 1),
        ("1e-3", F(1, 1000)),
        ("1e-2%", F(1, 10000)),
        ("0.001%", F(1, 100000)),
    ],
)
def test_rates(text: str, value: Exact) -> None:
    assert same(scalars.rate(text), value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("33", "FN210"),
        ("1.01", "FN210"),
        ("2", "FN210"),
        ("1e3", "FN210"),
        ("-5%", "FN107"),
        ("-0.1", "FN107"),
        ("-1/3", "FN107"),
        ("1/0", "FN103"),
        ("1/", "FN103"),
        ("/3", "FN103"),
        ("1/3/4", "FN103"),
        ("1/3%", "FN103"),
        ("33%%", "FN103"),
        ("33 %", "FN103"),
        ("33,3%", "FN206"),
        ("0,33", "FN206"),
        ("033%", "FN203"),
        ("0x1F%", "FN204"),
        ("1:30", "FN202"),
        ("third", "FN103"),
        ("٣%", "FN103"),
        ("٣/٤", "FN103"),
        (".nan", "FN208"),
        (".inf%", "FN208"),
        ("yes", "FN201"),
        ("2026-10-01", "FN209"),
        ("1e19%", "FN119"),
        ("0." + "1" * 39, "FN119"),
        ("0." + "1" * 39 + "%", "FN119"),
        ("1/" + "3" * 41, "FN119"),
    ],
)
def test_what_is_no_rate_is_refused(text: str, code: str) -> None:
    assert code_of(scalars.rate(text)) == code


@pytest.mark.parametrize("text", ["", "%", "~"])
def test_a_missing_rate_is_refused(text: str) -> None:
    assert code_of(scalars.rate(text)) in ("FN102", "FN103")


@pytest.mark.parametrize("text", ["33", "1.5", "200"])
def test_a_bare_rate_above_1_is_asked_back(text: str) -> None:
    outcome = scalars.rate(text)
    assert isinstance(outcome, Problem)
    assert f"{text}%?" in outcome.message


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("8% to 12%", F(8, 100), F(12, 100)),
        ("0.08 to 0.12", F(8, 100), F(12, 100)),
        ("1/4 to 1/3", F(1, 4), F(1, 3)),
        ("0% to 100%", 0, 1),
        ("8%  to  12%", F(8, 100), F(12, 100)),
        ("8% to 0.12", F(8, 100), F(12, 100)),
    ],
)
def test_ranges_of_a_conversion(text: str, low: Exact, high: Exact) -> None:
    assert scalars.conversion(text) == RateRange(low, high)


@pytest.mark.parametrize(("text", "value"), [("12%", F(12, 100)), ("1/3", F(1, 3)), ("0.5", F(1, 2)), ("1", 1)])
def test_a_conversion_may_be_one_rate(text: str, value: Exact) -> None:
    assert same(scalars.conversion(text), value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12% to 8%", "FN103"),
        ("8% to 8%", "FN103"),
        ("8 to 12", "FN210"),
        ("8% to 12", "FN210"),
        ("-8% to 12%", "FN107"),
        ("8% to twelve", "FN103"),
        ("8%-12%", "FN103"),
        ("8% to 12% to 15%", "FN103"),
    ],
)
def test_what_is_no_range_is_refused(text: str, code: str) -> None:
    assert code_of(scalars.conversion(text)) == code


@pytest.mark.parametrize(("text", "value"), [("0%", 0), ("60%", F(3, 5)), ("100%", 1), ("1/2", F(1, 2)), ("1", 1)])
def test_targets(text: str, value: Exact) -> None:
    assert same(scalars.target(text), value)


@pytest.mark.parametrize(
    ("text", "code"), [("101%", "FN111"), ("100.1%", "FN111"), ("-1%", "FN111"), ("4/3", "FN111"), ("60", "FN210")]
)
def test_a_target_outside_0_to_100_percent_is_refused(text: str, code: str) -> None:
    assert code_of(scalars.target(text)) == code


@pytest.mark.parametrize(("text", "value"), [("0%", 0), ("35%", F(35, 100)), ("100%", 1), ("1", 1)])
def test_shares(text: str, value: Exact) -> None:
    assert same(scalars.share(text), value)


@pytest.mark.parametrize(("text", "code"), [("101%", "FN109"), ("4/3", "FN109"), ("35", "FN210"), ("-1%", "FN107")])
def test_a_share_above_100_percent_is_refused(text: str, code: str) -> None:
    assert code_of(scalars.share(text)) == code


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False)],
)
def test_flags(text: str, value: bool) -> None:
    assert scalars.flag(text) is value


@pytest.mark.parametrize(
    ("text", "code", "cure"),
    [
        ("yes", "FN201", "write true"),
        ("Yes", "FN201", "write true"),
        ("ON", "FN201", "write true"),
        ("y", "FN201", "write true"),
        ("no", "FN201", "write false"),
        ("off", "FN201", "write false"),
        ("N", "FN201", "write false"),
        ("1", "FN103", "write true or false"),
        ("", "FN103", "write true or false"),
        ("tRue", "FN103", "write true or false"),
    ],
)
def test_other_words_are_no_flags(text: str, code: str, cure: str) -> None:
    outcome = scalars.flag(text)
    assert code_of(outcome) == code
    assert isinstance(outcome, Problem)
    assert outcome.help == cure


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("parse", [scalars.label, scalars.text])
@pytest.mark.parametrize(
    "value",
    [
        "Paid",
        "Оплата",
        "見込み客",
        "Paid (card)",
        "50/50",
        "A@B",
        "C++",
        "cafe\u0301",
        "📨",
        "2026-10",
        "a: b",
        "$",
        "€",
    ],
)
def test_names_are_kept_as_they_are(value: str, parse: Callable[..., object], plain: bool) -> None:
    assert parse(value, plain) == value


PLAIN_ONLY = [
    ("", "FN102"),
    ("~", "FN102"),
    ("null", "FN102"),
    ("NULL", "FN102"),
    ("true", "FN103"),
    ("False", "FN103"),
    ("yes", "FN201"),
    ("No", "FN201"),
    ("ON", "FN201"),
    ("n", "FN201"),
    ("1:30", "FN202"),
    ("007", "FN203"),
    ("0x1F", "FN204"),
    ("0o17", "FN204"),
    ("1_000", "FN205"),
    ("0.5_0", "FN205"),
    ("2026-10-01", "FN209"),
    ("2026-10-01 12:30:00", "FN209"),
    ("2026-10-01T12:30:00Z", "FN209"),
    ("1e3", "FN211"),
    ("1.5e3", "FN211"),
    (".5e3", "FN211"),
    ("1e+3", "FN211"),
    ("=", "FN211"),
]
"""Texts that YAML readers take for something else, or for different things, unless they are quoted."""


@pytest.mark.parametrize("parse", [scalars.label, scalars.text])
@pytest.mark.parametrize(("value", "code"), PLAIN_ONLY)
def test_text_that_yaml_may_read_as_something_else_is_refused(
    value: str, code: str, parse: Callable[..., object]
) -> None:
    assert code_of(parse(value, True)) == code


@pytest.mark.parametrize("parse", [scalars.label, scalars.text])
@pytest.mark.parametrize("value", [value for value, _ in PLAIN_ONLY if value])
def test_quotes_make_it_text(value: str, parse: Callable[..., object]) -> None:
    assert parse(value, False) == value


@pytest.mark.parametrize(
    "char",
    ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u00a0", "\u00ad", "\u061c", "\u115f", "\u180e", "\u200b", "\u200d",
     "\u200e", "\u200f", "\u2028", "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\u2800", "\u3164", "\ufeff",
     "\uffa0", "\U000e0041"],
    ids=lambda char: f"U+{ord(char):04X}",
)  # fmt: skip
@pytest.mark.parametrize("plain", [True, False])
def test_control_bidi_and_invisible_characters_in_names_are_refused(char: str, plain: bool) -> None:
    outcome = scalars.label(f"Pa{char}id", plain)
    assert code_of(outcome) == "FN015"
    assert isinstance(outcome, Problem)
    assert f"U+{ord(char):04X}" in outcome.message


@pytest.mark.parametrize("value", ["Line\nbreak", "Tab\tstop"])
def test_a_name_is_one_line_and_a_text_may_be_several(value: str) -> None:
    assert code_of(scalars.label(value, False)) == "FN015"
    assert scalars.text(value, False) == value


@pytest.mark.parametrize("value", ["", " ", "   ", " Paid", "Paid ", " Paid "])
def test_a_name_has_no_space_around_it(value: str) -> None:
    assert code_of(scalars.label(value, False)) == "FN121"


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_a_text_is_not_empty(value: str) -> None:
    assert code_of(scalars.text(value, False)) == "FN121"


def test_a_choice_is_one_of_its_words() -> None:
    parse = scalars.choice(("impression", "click", "lead", "customer"))
    assert parse("lead", True) == "lead"
    outcome = parse("leed", True)
    assert code_of(outcome) == "FN120"
    assert isinstance(outcome, Problem)
    assert outcome.help == 'did you mean "lead"?'


@pytest.mark.parametrize(
    ("value", "plain", "read"),
    [
        ("paid", True, "paid"),
        ("paid", False, "paid"),
        ("10", True, 10),
        ("10", False, "10"),
        ("0.5", True, F(1, 2)),
        ("true", True, True),
        ("true", False, "true"),
        ("false", True, False),
        ("null", True, None),
        ("~", True, None),
        ("", True, None),
        ("", False, ""),
        ("yes", False, "yes"),
    ],
)
def test_values_of_any_kind(value: str, plain: bool, read: object) -> None:
    outcome = scalars.value_of_any_kind(value, plain)
    assert outcome == read
    assert type(outcome) is type(read)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("yes", "FN201"),
        ("1:30", "FN202"),
        ("010", "FN203"),
        ("0x1F", "FN204"),
        ("1_000", "FN205"),
        ("2026-10-01", "FN209"),
        ("1e3", "FN211"),
        ("=", "FN211"),
        (".nan", "FN208"),
        (".inf", "FN208"),
    ],
)
def test_values_of_any_kind_that_yaml_versions_read_differently_are_refused(value: str, code: str) -> None:
    assert code_of(scalars.value_of_any_kind(value, True)) == code


@pytest.mark.parametrize("text", ["0.250", "27.4250", "125.0", "1234.500", "1.25"])
def test_decimals_are_numbers(text: str) -> None:
    assert scalars.count(text, True) == Fraction(text)


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(["", "+"]))
def test_a_point_before_three_digits_is_asked_back_and_both_readings_can_be_written(
    before: int, after: int, sign: str
) -> None:
    text = f"{sign}{before}.{after:03}"
    for parse in (scalars.count, scalars.money, scalars.whole):
        problem = parse(text)
        assert isinstance(problem, Problem)
        assert problem.code == "FN212"
        readings = (problem.help or "").removeprefix("write ").split(" or ")
        values = [Fraction(before * 1000 + after), before + Fraction(after, 1000)]
        assert [parse(reading) for reading in readings] == values[: len(readings)]
        assert len(readings) == (1 if parse is scalars.whole else 2)
    assert scalars.figure(text, "money", "KWD") == values[1]
    assert scalars.number(text) == values[1]
    assert code_of(scalars.figure(text, "money", "EUR")) == "FN212"
    assert not isinstance(scalars.rate(f"{text}%"), Problem)


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1.250.000", "1250000"), ("12.400,50", "12400.50"), ("1.250.000,5", "1250000.5"), ("12 400,5", "12400.5")],
)
def test_the_help_writes_out_what_is_grouped(text: str, meant: str) -> None:
    problem = scalars.money(text)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.help) == ("FN206", f"write {meant}")


def test_an_amount_is_written_and_read_exactly() -> None:
    for number in (1, 5, 99, 100, 101, 12_340, 7_863_419, 10**17 + 1):
        for scale in (1, 10, 100, 1_000, 10_000):
            amount = Fraction(number, scale)
            text = figure_text(reduced(amount))
            assert Fraction(text) == amount == scalars.money(text), text
