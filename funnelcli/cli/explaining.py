"""`funnelcli import --explain`: how an export is read, and what each column is taken for; nothing is written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from funnelcli.cli import console, destination, load
from funnelcli.counts_table.importing import Imported, explained
from funnelcli.counts_table.recipe_keys import SHAPES
from funnelcli.diagnostics import decimal_text
from funnelcli.output.numbers import visible
from funnelcli.output.text_width import folded, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.cli.request import Request
    from funnelcli.counts_table.import_options import ImportOptions
    from funnelcli.counts_table.importing import Explained

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def run(request: Request, options: ImportOptions, files: Sequence[str]) -> None:
    """Say how each export is read; what is wrong with one is said as well."""
    if request.output or request.report_format:
        raise console.Refused("--explain writes nothing", "leave out --output and --format")
    texts = []
    for _, data, file in load.each_bytes(files, request.stdin_filename):
        found = explained(data, file, options)
        room = console.columns(sys.stdout)
        lines: list[str] = []
        for line in _lines(file, found):
            lines += folded(visible(line), room, hanging=_indent(line), whole_words=True)
        texts.append("".join(f"{line}\n" for line in lines))
        if not isinstance(found.outcome, Imported):
            console.diagnostics(found.outcome, None)
    destination.deliver("\n".join(texts), None)


def _indent(line: str) -> int:
    """Where a line goes on that is broken: below its text, in a table below the second column."""
    _, gap, behind = line.rpartition("  ")
    return width(line) - width(behind) if gap else 2


def _lines(file: str, found: Explained) -> Iterator[str]:
    recipe = found.recipe
    if recipe is None:
        yield f"{file}: no known export, so read as a spreadsheet"
    else:
        yield f"{file}: {recipe.title}, recipe {recipe.name} {recipe.version}, {SHAPES[recipe.shape]}"
    yield from _reading(found)
    if found.columns:
        rows = [("COLUMN", "TAKEN FOR"), *((visible(name), use) for name, use in found.columns)]
        broad = max(width(name) for name, _ in rows)
        yield ""
        yield from (f"{name}{' ' * (broad - width(name))}  {use}" for name, use in rows)
    if not isinstance(found.outcome, Imported):
        return
    for funnel in found.outcome.funnels:
        named = "" if funnel.name.startswith("<") else f" {funnel.name}"
        yield ""
        yield f"Funnel{named}: " + ", ".join(f"{each.name} {decimal_text(each.count)}" for each in funnel.stages)
        for dimension, segments in funnel.breakdowns:
            yield f"  by {dimension}: {len(segments)} {'segment' if len(segments) == 1 else 'segments'}"
    if found.outcome.notes:
        yield ""
        yield from (f"- {note}" for note in found.outcome.notes)


def _reading(found: Explained) -> Iterator[str]:
    """How the bytes became rows."""
    if found.encoding is None:
        return
    if found.delimiter:
        parted = _SEPARATORS.get(found.delimiter, "one column")
        how = f"text in {found.encoding}, columns parted by {parted}"
    else:
        how = "a workbook" if found.sheet is None else f"the sheet {found.sheet} of a workbook"
    names = (
        ""
        if found.header is None
        else f"; the names of its columns are in {'line' if found.delimiter else 'row'} {found.header}"
    )
    yield f"Read as {how}{names}."
