"""What `goal --detect` says: the units and weeks that find a change, and what weeks can find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.output.csv import fields
from funnelcli.output.document import Block, Column, Note
from funnelcli.output.numbers import text
from funnelcli.output.views.building import assumed, base_called, known, table, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.experiment import Experiment

A_YEAR = 52
"""Weeks from which a test is said to be too long."""


def blocks(result: Experiment) -> Iterator[Block]:
    """The size of the test, what its time can find, and what is taken for granted."""
    yield verdict(_verdict(result))
    if result.to is not None and result.units_per_group is not None:
        yield table([result], _size(result), "The test", key="test")
    if result.detectable:
        columns = (
            Column("Weeks", "weeks", "number"),
            Column("In each\ngroup", "units_per_group", "count"),
            Column(
                f"Found with\n{text(result.power, 'brief_rate')}, {'down from' if _falls(result) else 'from'}",
                "rate",
                "rate",
            ),
            Column("Points", "difference", "points_change"),
            Column("Relative", "lift", "rate_change"),
            *known(result.detectable, Column(f"Chance to\nfind {_change(result)}", "power", "chance")),
        )
        yield table(result.detectable, columns, "What a time can find", key="detectable")
    yield from _notes(result)


def _falls(result: Experiment) -> bool:
    return result.to is not None and result.to < result.conversion


def _change(result: Experiment) -> str:
    """The change as it is written; a value that is set is no change by so much, but a rise or a fall to it."""
    written = result.change or ""
    return f"a {'fall' if _falls(result) else 'rise'} to {written}" if written[:1].isdigit() else written


def _size(result: Experiment) -> Iterator[Column]:
    yield Column(base_called(result.in_the_end).capitalize(), "conversion", "rate")
    yield Column("To be\nfound", "to", "rate")
    yield Column("In each\ngroup", "units_per_group", "count")
    yield Column(f"{result.from_}\nin all", "units", "count")
    yield from known([result], Column("Entries that\nbring them", "entries", "count"))
    yield from known([result], Column("Weeks", "whole_weeks", "count"))


def _verdict(result: Experiment) -> str:
    step, now, when = result.step, text(result.conversion, "brief_rate"), base_called(result.in_the_end)
    chance = text(result.power, "brief_rate")
    if result.to is None:
        (first, *more) = result.detectable
        if more or first.rate is None:
            what = "depends on its time" if more else f"in {text(first.weeks, 'number')} weeks is none up to 100%"
            return f"What a test of {step} finds with a chance of {chance}, from {now} {when}, {what}."
        found = f"{text(first.rate, 'brief_rate')} ({text(first.lift, 'rate_change')})"
        weeks = text(first.weeks, "number")
        return (
            f"In {weeks} weeks a test of {step} finds a rise from {now} to {found} or more with a chance of {chance}."
        )
    wanted = f"To find {step} at {text(result.to, 'brief_rate')}, from {now} {when}, with a chance of {chance}"
    if result.units_per_group is None or result.units is None:
        return f"{wanted} takes counts above 1e12."
    said = f"{wanted}: {text(result.units_per_group, 'count')} {result.from_} in each of two groups"
    if result.whole_weeks is None:
        return f"{said}."
    weeks = "week" if result.whole_weeks == 1 else "weeks"
    return f"{said}, {text(result.whole_weeks, 'count')} {weeks} at {text(result.per_week, 'count')} a week."


def _notes(result: Experiment) -> Iterator[Note]:
    if result.whole_weeks is not None and result.whole_weeks > A_YEAR:
        yield Note("More than a year: test a larger change, an earlier step that more reach, or both.")
    if result.conversion_low is not None:
        interval = text((result.conversion_low, result.conversion_high), "interval")
        other = "where it is another, so is the number it takes"
        yield Note(f"The conversion {base_called(result.in_the_end)} lies within {interval} (95%): {other}.")
    if result.per_week is None:
        yield Note(f"How long that takes: give the {result.from_} of a week with --per-week.")
    given = f"the scenario {result.given}; " if result.given is not None else ""
    yield from assumed(result.assumptions, given)


def csv_rows(result: Experiment) -> Iterator[dict[str, Any]]:
    """One row of the test, and one of each time."""
    yield {"part": "test"} | fields(result) | {"confidence": result.confidence}
    for each in result.detectable:
        yield {"part": "detectable", "step": result.step, "from": result.from_} | _of_time(each)


def _of_time(each: Any) -> dict[str, Any]:
    own = fields(each)
    return {"to" if key == "rate" else key: value for key, value in own.items()}
