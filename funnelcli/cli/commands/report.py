"""`funnelcli report`."""

import os
import re
import sys
from importlib import import_module
from importlib.util import find_spec
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from funnelcli.cli import console, destination, load, run, settings
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import (
    BASELINE,
    CONFIDENCE,
    SHARED,
    TOP,
    Confidence,
    Given,
    GivenOften,
    Request,
    door,
    format_option,
    option,
)
from funnelcli.diagnostics import Problem, many, quoted
from funnelcli.model import file_name

if TYPE_CHECKING:
    from datetime import date

    from funnelcli.analyses.report import Report
    from funnelcli.model import Funnel
    from funnelcli.output.report.look import Look


class Writer(NamedTuple):
    """What writes one kind of report: a function of a module of `output.report`, and the packages it needs.

    The function takes the report, the look and the kinds of charts, and returns text or bytes, or `None` when the
    report has nothing of what was asked for. `extra` brings the packages, by the names under which they are imported.
    What is not `readable` is bytes, which no terminal shows. Options `without` an effect in it are refused.
    """

    ending: str
    module: str
    function: str
    needs: tuple[str, ...] = ()
    extra: str = "report"
    charts: bool = False
    readable: bool = True
    without: tuple[str, ...] = ()


WRITERS = {
    "html": Writer(".html", "page", "html_file", ("jinja2", "vl_convert")),
    "svg": Writer(".svg", "pictures", "svg_file", ("vl_convert",), charts=True),
    "png": Writer(".png", "pictures", "png_file", ("vl_convert",), charts=True, readable=False),
    "markdown": Writer(".md", "pull_request", "markdown_file", without=("--theme", "--brand-color")),
    "xlsx": Writer(
        *(".xlsx", "workbook", "xlsx_file", ("xlsxwriter",)),
        extra="excel",
        readable=False,
        without=("--theme", "--baseline", "--top"),
    ),
}
"""Every format by the name of its option value."""

KINDS = {
    "funnel": "every funnel has one",
    "waterfall": "it takes two funnels of the same stages, a --baseline, or a breakdown by periods",
    "tornado": "it takes a funnel that can be projected, and an entry that is not 0",
    "trend": "it takes a breakdown by two periods or more",
    "times": "it takes a funnel that measure filled",
    "heatmap": "it takes a breakdown by anything but periods",
}
"""What a picture can show, and what it takes."""


@door(*(name for name in SHARED if name != "full"))
def command(
    request: Request,
    report_format: Annotated[Given, format_option(WRITERS)] = None,
    baseline: Annotated[Given, option("FILE", f"{BASELINE}: what has changed since.", candidates.files)] = None,
    chart: Annotated[
        GivenOften, option("KIND", f"For .svg and .png: {', '.join(KINDS)} (repeatable); default: funnel.")
    ] = None,
    top: Annotated[
        int | None,
        typer.Option("--top", min=1, metavar="N", help=f"{TOP} of each breakdown; default: 20."),
    ] = None,
    theme: Annotated[
        Literal["auto", "light", "dark"],
        typer.Option("--theme", help="Auto is what the reader prefers; light in pictures."),
    ] = "auto",
    brand_color: Annotated[
        Given, option("COLOR", "The accent, e.g. #0b6e75; made darker where it must be read.")
    ] = None,
    confidence: Confidence = CONFIDENCE,
) -> None:
    """Write a page, a picture or a text for people who do not live in a terminal."""
    unknown = next((kind for kind in chart or () if kind not in KINDS), None)
    if unknown is not None:
        raise typer.BadParameter(f"{unknown} is not one of {', '.join(KINDS)}.", param_hint="--chart")
    writer = _writer(request)
    if chart and not writer.charts:
        raise console.Refused("--chart is of pictures", "leave it out, or write to .svg or .png")
    given = {
        "--theme": theme != "auto" and not settings.active.says("theme", theme),
        "--brand-color": brand_color is not None and not settings.active.says("brand_color", brand_color),
        "--baseline": baseline,
        "--top": top,
    }
    idle = [option for option in writer.without if given[option]]
    if idle:
        raise console.Refused(f"{idle[0]} has no effect in {writer.ending}", "leave it out, or write to .html")
    lacking = [name for name in writer.needs if find_spec(name) is None]
    if lacking:
        what = f"{writer.ending} needs packages that are not installed: {', '.join(lacking)}"
        raise console.Refused(what, f"pip install 'funnelcli[{writer.extra}]'")
    destination.check(request)
    funnels, _ = load.funnels(request)
    baselines = load.references(request)
    if not funnels or (baseline is not None and not baselines):
        console.worsen(console.code or console.ExitCode.COULD_NOT_LOOK)
        return

    from funnelcli.analyses.reference import counterpart
    from funnelcli.analyses.report import gather
    from funnelcli.output.report.look import look

    colours = look(theme, brand_color)
    if isinstance(colours, Problem):
        console.problem(colours)
        return
    # a report that would lack its baseline is not written
    known = [counterpart(funnel, baselines) for funnel in funnels] if baselines else []
    misfits = [each for each in known if isinstance(each, Problem)]
    for problem in misfits:
        console.problem(problem)
    if misfits:
        return
    funnels, baselines = ([_of_no_machine(funnel) for funnel in each] for each in (funnels, baselines))
    report = run.salvage(funnels, lambda kept: gather(kept, baselines, confidence, top))
    report = report._replace(made=_today())
    for problem in report.problems:
        console.problem(problem)
    for note in report.notes:
        console.note(f"note: {note.message}")
    module = import_module(f"funnelcli.output.report.{writer.module}")
    kinds = chart or ["funnel"]
    written: str | bytes | None = getattr(module, writer.function)(report, colours, kinds)
    if writer.charts:
        _say_what_lacks(report, colours, kinds)
    if written is not None:
        destination.deliver(written, request.output, many(len(report.parts), "funnel"))


def _today() -> "date":
    """The day on which a report is made; a build that is to be repeated says it by SOURCE_DATE_EPOCH."""
    from datetime import UTC, datetime

    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        return datetime.now().astimezone().date()
    try:
        return datetime.fromtimestamp(int(given), UTC).date()
    except (ValueError, OverflowError, OSError):
        help_ = "it is seconds since 1970, e.g. SOURCE_DATE_EPOCH=1790812800"
        raise console.Refused(f"SOURCE_DATE_EPOCH is {quoted(given)}, which is no moment", help_) from None


def _of_no_machine(funnel: "Funnel") -> "Funnel":
    """The funnel with its files by their names alone, where a path says where they lie on this machine."""
    measured = funnel.measured
    if measured is not None:
        measured = measured._replace(source=_file_shown(measured.source))
    return funnel._replace(file=_file_shown(funnel.file), measured=measured)


def _file_shown(path: str | None) -> str | None:
    inside = path is None or "://" in path or not re.match(r"/|~|\\\\|[A-Za-z]:[\\/]|\.\.[\\/]", path)
    return path if inside else file_name(path)


def _writer(request: Request) -> Writer:
    """What writes the format, or else what the ending of the output promises."""
    name = destination.format_of(request, WRITERS, "")
    if not name and request.output and destination.ending_of(request.output) == ".pdf":
        page, files = f"{request.output[:-4]}.html", " ".join(map(quote, request.files or ()))
        command = f"funnelcli report {files} -o {quote(page)}"
        raise console.Refused("a browser makes the PDF of a page", f"print or save as PDF what this makes: {command}")
    if not name:
        if request.output:
            destination.refuse_unknown(request, request.output, WRITERS)
        endings = ", ".join(writer.ending for writer in WRITERS.values())
        raise console.Refused("what to write is not known", f"name a file after -o that ends in {endings}")
    writer = WRITERS[name]
    if not (writer.readable or request.output) and (sys.stdout is None or sys.stdout.isatty()):
        ending = writer.ending
        raise console.Refused(f"{ending[1:]} is not text", f"add -o FILE, e.g. -o report{ending}")
    return writer


def _say_what_lacks(report: "Report", colours: "Look", kinds: list[str]) -> None:
    """Say which kinds of charts no funnel has, and what they take: a mistake only where nothing else is drawn."""
    from funnelcli.output.report.charts import charts_of

    drawn = {chart.kind for chart in charts_of(report, colours.picture, kinds)}
    for kind in dict.fromkeys(kinds):
        what = f"no funnel here has a {kind} to draw"
        if kind not in drawn and drawn:
            console.say(f"funnelcli: note: {what}, so it is left out\n  = help: {KINDS[kind]}\n")
        elif kind not in drawn:
            console.error(what, KINDS[kind])
