"""The comments of a query that is written for people: what it counts, what was assumed, and what each part does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.diagnostics import joined
from funnelcli.events.definition import MICROSECONDS, NEVER
from funnelcli.events.script.trees import stem_of
from funnelcli.events.zones import moment_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition

_WIDTH = 100


class About(NamedTuple):
    """What the definition does not say: the funnel, the table as it is shown, what made it, and by which line.

    Rows come `in_order`, where those are for people.
    """

    funnel: str
    table: str
    dialect: str
    made_by: str
    line: str
    assumed: tuple[str, ...] = ()
    in_order: bool = True


def heading(definition: Definition, about: About, *, once: bool, looked: bool) -> tuple[str, ...]:
    """What is counted, in lines of comment."""
    window = "" if definition.window is None else f", within {_length(definition.window)} of the entry"
    counted = f"Counts {definition.unit} in {about.table}, by the time {definition.time}"
    lines = [
        f"Funnel: {about.funnel}",
        f"In the words of {about.dialect}, by {about.made_by}; to make it anew:",
        f"  {about.line}",
        "",
        f"{counted}; {_ORDERS[definition.order]}{window}.",
    ]
    stages = [f"{stage} {name}" for stage, name in enumerate(definition.names)]
    lines.append(f"Stages, by the numbers that columns such as h0 end with: {', '.join(stages)}.")
    if definition.start is not None or definition.end is not None:
        ends = [
            f"{word} {moment_text(moment)}"
            for word, moment in (("from", definition.start), ("before", definition.end))
            if moment is not None
        ]
        lines.append(f"Entries {' and '.join(ends)}.")
    if definition.same:
        lines.append(f"All events of a chain have the same {joined(definition.same)}.")
    lines += [f"{column} is the breakdown {name}." for name, column in definition.dimensions]
    if definition.period:
        lines.append(f"Entries are told apart by {definition.period} (the breakdown period).")
    if definition.entry == "each":
        lines.append(
            "Entries are counted, each for itself, and not units: an event is of the latest from which it follows."
        )
    elif definition.entry != "any":
        lines.append(f"Of each unit, the {definition.entry} entry counts.")
    if definition.growing:
        lines.append(f"{joined([definition.names[stage] for stage in sorted(definition.growing)])}: events, not units.")
    result = "Result: a row for each stage and for the whole way, of all units, (all), and of each segment."
    lines.append(f"{result} What is still to come in the end is not in it: measure tells it.")
    if definition.paid:
        paid = joined([f"{definition.names[stage]} ({column})" for stage, column in definition.paid])
        lines.append(
            f"Money of {paid}: the mean of what is known, and the sum, of which what is empty is taken for "
            "average; none where one is no amount, or below 0."
        )
    if once and definition.identity is None:
        lines.append("Rows that are the same in all columns that can be compared count once.")
    elif once:
        lines.append(f"Rows of the same {definition.identity} count once.")
    else:
        lines.append("Rows that came twice change nothing, and are not looked for.")
    if definition.offsets:
        lines.append("Time zones are written out by the offsets of the years around: make it anew once a year.")
    lines.append("Times are in UTC: so has the session to be, where the database has sessions with a time zone.")
    if about.dialect == "snowflake":
        lines.append("Names are quoted: they have to be written as the table has them, such as USER_ID.")
    if not looked:
        lines.append("The table was not looked at (--from would). Assumed:")
        lines += [f"  {each}" for each in about.assumed]
    return tuple(line for text in lines for line in _comment(text))


_ORDERS = {
    "ordered": "stages in order, anything may lie between",
    "strict": "stages in order, nothing else lies between",
    "any": "the first stage, then the others in any order",
    "unordered": "stages in any order, any may be the first",
}


def numbers(definition: Definition) -> dict[str, str]:
    """What the numbers of a query stand for, which people cannot read: lengths of time, and moments."""
    lengths = [each for each in (definition.window, *definition.within) if each is not None]
    moments = [each for each in (definition.start, definition.end) if each is not None]
    return {str(each): _length(each) for each in lengths} | {str(each): moment_text(each) for each in moments}


def _length(microseconds: int) -> str:
    seconds = microseconds // MICROSECONDS
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0:
            return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
    return f"{seconds} seconds"


_SECTIONS = {
    "flagged": "Events, and which stages they meet: h0, h1, … are 1 where they do; t is the time in microseconds "
    "since 1970{others}{segments}.",
    "events": "Those that can belong to an entry that counts.",
    "chosen": "The same, of which only one entry of each unit is an entry.",
    "u": "Units: of each stage m is the latest entry of a chain to it, f when it was first reached, p the time of the "
    f"stage before on that chain, e its entry; {NEVER} stands for never.",
    "p": "Units with each of the segments in which they have an entry.",
    "s": "The same chains once more for each of these segments: units count in each, by the entries that lie in it.",
    "k": "Moments at which events reach a stage that counts events, or whose money is that of chains.",
    "sn": "Stages by their numbers; the one after the last stands for the whole way, from the entry to the sale.",
    "r": "A row for each unit and stage that it reached: g is what it counts for, x the time from the stage before.",
    "n": "Periods by their names.",
    "a": "Money: w is what a unit brings when it first reaches the stage, b is 1 where no amount stands there.",
    "c": "All units and those of the segments, one below the other.",
    "o": "Times by their place among those of the same step, from 0 on, in twentieths; last is that of the last one.",
    "f": "Figures of each segment and step that has any. A quantile lies between two times: each counts by how near it "
    "is.",
    "st": "Steps with the step that each comes from.",
    "answer": "The answer: conversion is that from the step which it comes from, times are in seconds from there.",
}
"""What parts of the query do, by the names that `tally` and `report` give them."""
_CHAINS = {
    "ordered": "Chains, event by event: s is the entry of the latest chain to a stage that ends with this event, b and "
    f"p are that and its time for what this event can follow; {NEVER} stands for never.",
    "strict": "Chains, moment by moment: s is the entry of the latest chain to a stage that ends here, o that of one "
    "that goes on from here, and b is what was before.",
    "any": "Entries, and when the way to each stage was complete: c.",
    "unordered": "Entries, and when each stage first came from then on: x; o are these moments in order.",
}
_OTHERS = {"x": "exclude", "z": "exclude_units", "w": "exclude of a stage"}


def of_tables(definition: Definition, tables: Sequence[tuple[str, Any]], *, once: bool) -> list[str]:
    """The comments before the tables of the query, each with the line before it."""
    begun: set[str] = set()
    comments = []
    names = {name for name, _ in tables}
    for name, tree in tables:
        stem, number = stem_of(name, names)
        texts = [] if stem in begun else [_section(definition, stem, bool(number), once)]
        begun.add(stem)
        if stem == "u" and not number and len(texts) == 0:
            texts.append(_SECTIONS["u"])
        texts += _stage_of(definition, tree) if number else []
        comments.append(
            "".join(
                f"{line}\n" for line in ["" for _ in texts[:1]] + [each for text in texts for each in _comment(text)]
            )
        )
    return comments


def _section(definition: Definition, stem: str, unfolded: bool, once: bool) -> str:
    """What a part of the query does; of units, first what their chains are."""
    if stem == "u" and unfolded:
        return _CHAINS[definition.order]
    text = _SECTIONS[stem if stem in _SECTIONS else stem[:1]]
    if stem == "flagged":
        others = "".join(f", {flag} is 1 for {_OTHERS[flag[0]]}" for flag, _ in definition.others if flag[0] in _OTHERS)
        segments = "".join(f", d{index} is {column}" for index, (_, column) in enumerate(definition.dimensions))
        others += "".join(f", same{index} is {column}" for index, column in enumerate(definition.same))
        text = text.replace("{others}", others).replace("{segments}", segments)
        text += " Rows that came twice are there once." if once else ""
    return text


def _stage_of(definition: Definition, tree: Any) -> list[str]:
    """The stage that a part of the chains is about, if it is one, and what of it."""
    named = [each.alias for each in getattr(tree, "selects", ()) if each.alias]
    found = [match for each in named if (match := re.fullmatch(r"(b|p|s|now|later|o|c)(\d+)", each))]
    stages = {int(match[2]) for match in found}
    what = "".join(dict.fromkeys(match[1] for match in found))
    about = _OF_STAGES.get(what, "") if definition.order == "ordered" else ""
    return [f"Stage {stage}, {definition.names[stage]}{about}" for stage in stages if len(stages) == 1]


_OF_STAGES = {"bp": ": what came before this event", "s": ": whether this event reaches it"}


def _comment(text: str) -> list[str]:
    """A text as lines of comment, which no character of it can end."""
    words = "".join(char if char.isprintable() else " " for char in text)
    indent = words[: len(words) - len(words.lstrip())]
    lines, line = [], ""
    for word in words.split():
        if line and len(line) + 1 + len(word) > _WIDTH:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    lines.append(line)
    return [f"-- {indent}{each}".rstrip() for each in lines]
