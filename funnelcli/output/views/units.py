"""What `measure --dropped-at` and `--reached` say: how many units, what most of them did next, and which they are."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import many, verb
from funnelcli.output.csv import Identifier
from funnelcli.output.document import Block, Column, Note
from funnelcli.output.numbers import duration, visible
from funnelcli.output.views.building import known, table, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.events.who import NextEvent, UnitsReport

MOST_SHOWN = 20
"""Units of a table that people read; files for programs have all."""


def blocks(result: UnitsReport) -> Iterator[Block]:
    """How many there are, what they did next, and the first of them."""
    yield verdict(_sentence(result))
    if result.next:
        columns = (
            Column("Next event", "event", "text", partial(_did, within=result.within)),
            Column("How many", "units", "count"),
            Column("Share", "share", "rate"),
        )
        yield table(result.next, columns, f"Next after {_after(result)}", "next")
    shown = result.units[:MOST_SHOWN]
    if shown:
        told = (
            Column("ID", "unit", "text"),
            Column("Entered", "entered", "text"),
            Column(f"Reached\n{_after(result)}", "at", "text"),
            *known(shown, Column("Next event", "next_event", "text"), Column("At", "next_at", "text")),
            *known(shown, Column("Lost", "lost_at", "text")),
        )
        yield table(shown, told, "One by one", "units")
    if len(result.units) > len(shown):
        yield Note(f"And {len(result.units) - len(shown):,} more: --output list.csv has all of them.")


def _did(each: NextEvent, within: int | None) -> str:
    """What units did next, and whether that was too late to count: after the window, or so many seconds."""
    if each.event is None:
        return "(nothing)"
    if each.after_window:
        return f"{each.event} (when their window was over)"
    if each.too_late and within is not None:
        return f"{each.event} (later than within {duration(Fraction(within, 86400))})"
    return each.event


def _sentence(result: UnitsReport) -> str:
    units = f"{result.number_of_units:,}"
    number = result.different_stages
    if result.question == "reached":
        said = f"{units} reached {visible(result.stage)}"
        return f"{said}." if number is None else f"{units} had events of {many(number, 'different stage')}."
    said = f"{units} reached {visible(result.after)} and not {visible(result.stage)}"
    if number is not None:
        said = f"{units} had events of {many(number - 1, 'different stage')} and not of {number}"
    told = []
    if result.window_open:
        whose = "its" if result.window_open == 1 else "their"
        told.append(f"{_of(result.window_open, result)} may still go on, as {whose} time is not over")
    if result.known_lost:
        told.append(f"{_of(result.known_lost, result)} {verb(result.known_lost, 'are')} known to be lost")
    return f"{'; '.join([said, *told])}."


def _after(result: UnitsReport) -> str:
    """Where the units were last: a stage, or events of so many."""
    if result.different_stages is None:
        return visible(result.after)
    return many(result.different_stages - (result.question == "dropped_at"), "stage")


def _of(number: int, result: UnitsReport) -> str:
    return f"{'all' if 1 < number == result.number_of_units else f'{number:,}'} of them"


def csv_rows(result: UnitsReport) -> Iterator[dict[str, Any]]:
    """One row a unit."""
    asked = {"stage": result.stage, "question": result.question}
    for unit in result.units:
        yield asked | unit._asdict() | {"unit": Identifier(unit.unit)}
