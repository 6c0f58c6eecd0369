"""Durations and moments of `measure`."""

from __future__ import annotations

from datetime import date

import pytest

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.conditions import condition_value
from funnelcli.funnel_file.moments import day_meant, duration, grows, moment
from funnelcli.measure import Predicate


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90 seconds", 90),
        ("30 min", 1800),
        ("30min", 1800),
        ("1 hour", 3600),
        ("1.5 hours", 5400),
        ("7 days", 604800),
        ("2 weeks", 1209600),
        ("7d", 604800),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("7", "7 has no unit of time"),
        ("1 month", "a month has no fixed length"),
        ("2 years", "a year has no fixed length"),
        ("7 dayz", "is not a unit of time"),
        ("0 days", "no usable duration"),
        ("0.0001 seconds", "no usable duration"),
        ("101 years", "a year has no fixed length"),
        ("40000 days", "no usable duration"),
        ("-7 days", "is not a duration"),
        ("1.2.3 days", "is not a number"),
        ("days", "is not a duration"),
    ],
)
def test_what_is_no_duration(text: str, words: str) -> None:
    outcome = duration(text, False)
    assert isinstance(outcome, Problem)
    assert words in outcome.message.replace('"', "")


@pytest.mark.parametrize("text", ["2026-10-01", "2026-10-01 09:30", "2026-10-01T09:30:00.5Z", "2026-10-01T09:30+02:00"])
def test_moments(text: str) -> None:
    assert moment(text, False) == text


@pytest.mark.parametrize("text", ["2026-13-01", "2026-10-01T25:00", "20261001", "2026-W40", "10/01/2026", "today"])
def test_what_is_no_moment(text: str) -> None:
    assert isinstance(moment(text, False), Problem)


def test_moments_grow_across_time_zones() -> None:
    """Midnight in Berlin comes before midnight in UTC."""
    assert grows("2026-10-01T00:00+02:00", "2026-10-01")
    assert not grows("2026-10-01", "2026-10-01T00:00+02:00")
    assert not grows("2026-10-01", "2026-10-01")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("paid", "paid"),
        ("5", 5),
        ("true", True),
        ("null", None),
        (">= 10", Predicate(">=", 10)),
        (">=10", Predicate(">=", 10)),
        ("> -5", Predicate(">", -5)),
        ("< 2026-10-01", Predicate("<", "2026-10-01")),
        ("!= paid", Predicate("!=", "paid")),
        ("!= 5", Predicate("!=", 5)),
        ('!= "5"', Predicate("!=", "5")),
        ("= like x", Predicate("=", "like x")),
        ("like /pricing%", Predicate("like", "/pricing%")),
        ("not like /pricing%", Predicate("not like", "/pricing%")),
        ("not null", Predicate("not null")),
        ("likely", "likely"),
        ("notebook", "notebook"),
    ],
)
def test_values_of_conditions(text: str, value: object) -> None:
    assert condition_value(text) == value


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31.12.2026", "2026-12-31"),
        ("1.2.2026", "2026-02-01"),
        ("12/31/2026", "2026-12-31"),
        ("31/12/2026", "2026-12-31"),
        ("01/02/2026", None),
        ("30.02.2026", None),
        ("31.12.26", None),
    ],
)
def test_a_day_in_another_order_is_read_where_one_alone_can_be_meant(text: str, day: str | None) -> None:
    assert day_meant(text) == (None if day is None else date.fromisoformat(day))
