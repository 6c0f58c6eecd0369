"""What changed as one self-contained page, in the look of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import short_hash
from funnelcli.output.document import Waterfall
from funnelcli.output.numbers import visible
from funnelcli.output.report.definitions import used
from funnelcli.output.report.drawing import Beside, Drawer, keys_of
from funnelcli.output.report.look import Look, look
from funnelcli.output.report.page import Chapter, rendered
from funnelcli.output.views import difference as view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.analyses.difference import DifferenceReport
    from funnelcli.output.document import Section
    from funnelcli.output.formats import Canvas
    from funnelcli.output.report.drawing import Drawn


_SIDES = {"HEAD": "as it was saved last", "the work tree": "as it is now", "the index": "as it is saved next"}
"""What sides of git are to whoever does not know it."""


def html(report: DifferenceReport, canvas: Canvas, colours: Look | None = None) -> str:
    """The page: the verdict at its top, a chapter for each funnel, with the picture of what moved its money."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:  # charts are drawn outside of Python, so text is made meanwhile
        if colours is None:
            own = look()
            assert isinstance(own, Look)  # of the default colours
            colours = own
        drawer = Drawer(colours.light, pool)
        chapters = [*_chapters(report, drawer)]
        verdict = view.headline(report) if not report.is_empty else "No funnel changed."
        return rendered(
            colours,
            title="What the change does",
            about=[],
            parts=[],
            alone=None,
            compared=chapters,
            changes=[verdict],
            between=visible(" → ".join(_called(each) for each in (report.before, report.after))),
            overview=None,
            definitions=used({key for chapter in chapters for key in keys_of(chapter.blocks)}),
            problems=(),
        )


def _called(side: str) -> str:
    """What a side is called to a reader; of a whole hash its beginning."""
    return _SIDES.get(side) or short_hash(side)


def _chapters(report: DifferenceReport, drawer: Drawer) -> Iterator[Chapter]:
    sections = [view.section(each) for each in report.funnels]
    sections += [view.file_section(each) for each in report.files]
    for number, section in enumerate(sections, 1):
        title = " · ".join(visible(part) for part in (section.title, section.period, section.source) if part)
        yield Chapter(title, section.currency, _drawn(section, drawer), f"change-{number}")


def _drawn(section: Section, drawer: Drawer) -> Drawn:
    """The blocks, with a picture beside the figures that it is of."""
    drawn: Drawn = []
    for block in section.blocks:
        if isinstance(block, Waterfall):
            start = next((at for at, each in enumerate(drawn) if getattr(each, "key", "") == "figures"), len(drawn))
            drawn[start:] = [Beside(drawn[start:], drawer.waterfall(block, section.currency))]
        else:
            drawn.append(block)
    return drawn
