"""What changed as a comment on a pull request: the verdict and what is alarming at once, everything else folded."""

from __future__ import annotations

import html
from itertools import chain
from typing import TYPE_CHECKING

from funnelcli.diagnostics import many
from funnelcli.output import markdown as rendered
from funnelcli.output import terminal
from funnelcli.output.document import Note, Waterfall
from funnelcli.output.numbers import visible
from funnelcli.output.views import difference as view

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from funnelcli.analyses.difference import DifferenceReport, FileDifference, FunnelDifference
    from funnelcli.output.document import Block, Section
    from funnelcli.output.formats import Canvas

MOST_BYTES = 60_000
"""Of a comment, which GitHub takes up to 65,536 letters of; the rest is counted."""
ROOM_FOR_MORE = 2_000
WIDTH = 72
"""Letters of a line of a picture, which a comment shows without a scroll bar."""


def markdown(report: DifferenceReport, canvas: Canvas) -> str:
    """The verdict first; nothing where nothing changed."""
    if report.is_empty:
        return ""
    shown = [f"**{rendered.escape(view.headline(report))}**\n\n"]
    size, left = len(shown[0].encode()), []
    several = len(report.funnels) + len(report.files) > 1
    parts = chain(
        ((file.file, "\n".join(_file(file))) for file in report.files if file.breaks),
        ((each.name, "\n".join(_funnel(each, several))) for each in report.funnels),
        ((file.file, "\n".join(_file(file))) for file in report.files if not file.breaks),
    )
    for name, text in parts:
        part = f"{text}\n"
        if size + len(part.encode()) > MOST_BYTES - ROOM_FOR_MORE:
            left.append(name)
            continue
        shown.append(part)
        size += len(part.encode())
    if left:
        first = ", ".join(rendered.escape(name[:60]) for name in left[:5])
        shown.append(
            f"… and {many(len(left), 'more changed', 'more changed')}: {first}{', …' if len(left) > 5 else ''}\n"
        )
    return "".join(shown)


def _funnel(each: FunnelDifference, several: bool) -> Iterator[str]:
    """A funnel: its verdict, limits and failing checks at once, and its figures, pictures and keys folded."""
    whole = view.section(each)
    yield rendered.heading(whole)
    if each.file is not None:
        yield f"{rendered.escape(each.file)}\n"
    if several and view.has_verdict(each):
        yield f"{rendered.escape(view.headline(view.of_one(each)))}\n"
    alarming: list[Block] = []
    others: list[Block] = []
    for block in whole.blocks:
        title = getattr(block, "title", "")
        (alarming if title in view.ALARMS or (isinstance(block, Note) and not others) else others).append(block)
    yield from _blocks(whole, alarming)
    if others:
        yield from _folded("What changed" if alarming else view.in_short(each), _blocks(whole, others))


def _blocks(whole: Section, blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Waterfall):
            yield from _picture(block, whole.currency)
        else:
            yield from rendered.blocks(whole._replace(blocks=(block,)))


def _picture(block: Waterfall, currency: str | None) -> Iterator[str]:
    """A waterfall in bars of text, which every host shows; no name ends the fence around it."""
    text = terminal.picture(block, currency, WIDTH)
    fence = "`" * 3
    while fence in text:
        fence += "`"
    yield f"{fence}text\n{text}{fence}\n"


def _folded(summary: str, lines: Iterable[str]) -> Iterator[str]:
    """What is opened by a click; the empty lines are what makes it Markdown again."""
    yield f"<details>\n<summary>{html.escape(visible(summary))}</summary>\n"
    yield from lines
    yield "\n</details>\n"


def _file(file: FileDifference) -> Iterator[str]:
    section = view.file_section(file)
    yield rendered.heading(section)
    yield from rendered.blocks(section)
