"""The pipelines of an export of deals: their rows, those that are asked for, and names that stand behind stages."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from funnelcli.counts_table.table import clean
from funnelcli.counts_table.table_checks import wrong_name
from funnelcli.diagnostics import did_you_mean, joined, many, quoted
from funnelcli.metrics import find_name, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.counts_table.causes import Causes
    from funnelcli.counts_table.import_options import ImportOptions

_MOST_NAMED = 6
_BRACKETED = re.compile(r".*\S \(([^()]*(?:\([^()]*\)[^()]*)*)\)")


def bracketed(text: str) -> str:
    """What stands in brackets at the end of a name, `Sales` of `Closed Won (Sales)`; empty where nothing does."""
    match = _BRACKETED.fullmatch(clean(text))
    return match[1] if match else ""


def unbracketed(name: str) -> str:
    """A name without what stands in brackets at its end."""
    return name[: -len(bracketed(name)) - 3] if bracketed(name) else name


def in_pipeline(
    rows: Sequence[int], at: int | None, causes: Causes, name_of: Callable[[str], str] = clean
) -> dict[str, list[int]]:
    """The rows of each pipeline, in the order in which these come; of those that are told alone.

    `name_of` makes the name of a pipeline of the text of a cell.
    """
    table, options = causes.table, causes.table.options
    if at is None:
        if len(options.pipelines) > 1:
            causes.add("pipeline", table.header, 0, *no_pipelines(options))
        elif options.pipeline is not None:
            what, help_ = "the table has no column of pipelines", "leave out --pipeline"
            causes.add("pipeline", table.header, 0, "FN102", what, help_)
        return {"": list(rows)}
    found = _by_name(rows, table.column(at), name_of)
    told = options.told_pipelines
    names = [name for name in found if name]
    chosen = {name: find_name(name, names) for name in told}
    if options.pipeline is None and len(told) == 1 and chosen[told[0]] is None:
        told = ()  # the one funnel of a file may be called as its user likes
    if not told:
        for row in found.get("", ()) if len(found) > 1 else ():
            causes.add("no pipeline", row, at, "FN121", "the pipeline is empty", "name it, or say --pipeline NAME")
        for name, own in found.items():
            if wrong := wrong_name(name):
                causes.add(("name", name), own[0], at, *wrong)
        return found
    if None in chosen.values():
        lacking = [name for name, place in chosen.items() if place is None]
        causes.add("pipeline", table.header, at, "FN112", *_no_deal_of(lacking, names, options))
        return {}
    taken = {names[place]: found[names[place]] for place in chosen.values() if place is not None}
    others = [
        f"{many(len(own), 'deal')} {f'of {quoted(name)}' if name else 'without a pipeline'}"
        for name, own in found.items()
        if name not in taken
    ]
    if others:
        shown = joined(others if len(others) <= _MOST_NAMED else [*others[:_MOST_NAMED], "others"])
        table.notes.append(f"of other pipelines, and left out: {shown}")
    return taken


def _by_name(rows: Sequence[int], cells: Sequence[str], name_of: Callable[[str], str]) -> dict[str, list[int]]:
    """The rows of each pipeline, whose names may differ in case and white space."""
    by_text: dict[str, list[int]] = {}
    for row in rows:
        by_text.setdefault(cells[row], []).append(row)
    found: dict[str, list[int]] = {}
    spelled: dict[str, str] = {}
    for text, own in by_text.items():
        name = name_of(text)
        found.setdefault(spelled.setdefault(fold(name), name), []).extend(own)
    return {name: sorted(own) for name, own in found.items()}


def no_pipelines(options: ImportOptions) -> tuple[str, str, str]:
    """What is wrong with a table without pipelines where the funnels of several are filled: a code, that, and help."""
    named = joined([quoted(name) for name, _ in options.pipelines])
    what = f"the file to be filled has {len(options.pipelines)} funnels, {named}, and the table tells no pipelines"
    return "FN102", what, "export the column of pipelines, or keep each funnel in a file of its own"


def _no_deal_of(lacking: Sequence[str], names: Sequence[str], options: ImportOptions) -> tuple[str, str | None]:
    """What is wrong with pipelines that are asked for and have no deals, and help."""
    listed = joined([quoted(name) for name in lacking])
    what = f"no deal is in the pipeline{'' if len(lacking) == 1 else 's'} {listed}"
    if options.pipeline is not None:
        return what, did_you_mean(options.pipeline, names)
    there = [name for name, _ in options.pipelines if name not in lacking]
    help_ = f"call each funnel of the file as its pipeline is called, {' or '.join(map(quoted, names[:_MOST_NAMED]))}"
    return what, help_ + (f"; or fill one of them: --pipeline {shlex.quote(there[0])}" if there else "")
