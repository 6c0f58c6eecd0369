"""`funnelcli report`."""

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from funnelcli.cli import console, load
from funnelcli.cli.completion import candidates
from funnelcli.cli.exits import CLOSED_PIPE, ExitCode
from funnelcli.cli.files import write_all
from funnelcli.cli.options import Confidence, Request, on_funnels
from funnelcli.cli.parameters import confidence_level
from funnelcli.diagnostics import Problem, Severity
from funnelcli.model import Funnel

if TYPE_CHECKING:
    from funnelcli.analyses.report import Report
    from funnelcli.output.report.look import Look


class Writer(NamedTuple):
    """What writes one kind of report: a function of a module of `rendering.reports`, and the packages it needs.

    The function takes the report, the look and the kinds of charts, and returns text or bytes, or `None` when the
    report has nothing of what was asked for. `extra` brings the packages, by the names under which they are imported.
    What is not `readable` is bytes, which no terminal shows.
    """

    module: str
    function: str
    needs: tuple[str, ...] = ()
    extra: str = "report"
    charts: bool = False
    readable: bool = True


WRITERS = {
    ".html": Writer("page", "html_file", ("jinja2", "vl_convert")),
    ".svg": Writer("pictures", "svg_file", ("vl_convert",), charts=True),
    ".png": Writer("pictures", "png_file", ("vl_convert",), charts=True, readable=False),
    ".md": Writer("pull_request", "markdown_file"),
    ".xlsx": Writer("workbook", "xlsx_file", ("xlsxwriter",), extra="excel", readable=False),
}
"""By the ending of the output."""
_ENDINGS = {"html": ".html", "svg": ".svg", "png": ".png", "markdown": ".md", "xlsx": ".xlsx"}

Format = Annotated[
    Literal["html", "svg", "png", "markdown", "xlsx"] | None,
    typer.Option("--format", "-f", help="How the report is written; default: by the ending of --output."),
]
KINDS = {
    "funnel": "every funnel has one",
    "waterfall": "it takes two funnels of the same stages, a --baseline, or a breakdown by periods",
    "tornado": "it takes a funnel that can be projected, and an entry that is not 0",
    "trend": "it takes a breakdown by two periods or more",
    "heatmap": "it takes a breakdown by anything but periods",
}
"""What a picture can show, and what it takes."""

Baseline = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help="Show the change against this file's funnels.",
        autocompletion=candidates.files,
    ),
]
Charts = Annotated[
    list[str] | None,
    typer.Option(
        "--chart",
        metavar="KIND",
        help=f"For .svg and .png: {', '.join(KINDS)} (repeatable); default: funnel.",
        show_default=False,
    ),
]
Top = Annotated[
    int | None,
    typer.Option("--top", min=1, metavar="N", help="Only the first N segments of each breakdown; default: 20."),
]
Theme = Annotated[
    Literal["auto", "light", "dark"],
    typer.Option("--theme", help="Auto is what the reader prefers; light in pictures."),
]
Brand = Annotated[
    str | None,
    typer.Option("--brand-color", metavar="COLOR", help="The accent, e.g. #0b6e75; made darker where it must be read."),
]


@on_funnels
def command(
    request: Request,
    report_format: Format = None,
    baseline: Baseline = None,
    chart: Charts = None,
    top: Top = None,
    theme: Theme = "auto",
    brand_color: Brand = None,
    confidence: Confidence = "95%",
) -> int:
    """Write a page, a picture or a text for people who do not live in a terminal.

    \b
    Examples:
      funnelcli report funnel.yaml -o report.html
      funnelcli report september.yaml october.yaml -o change.html
      funnelcli report funnel.yaml -o funnel.xlsx
      funnelcli report funnel.yaml -o funnel.png --brand-color "#7a1fa2"
      funnelcli report year.yaml -o year.svg --chart trend --chart waterfall
      funnelcli report new.yaml --baseline old.yaml -o comment.md

    The page needs no network and sends nothing: it can be mailed as it is. Its
    what-if panel moves entries, conversions, checks and budget.
    """
    level = confidence_level(confidence)
    unknown = next((kind for kind in chart or () if kind not in KINDS), None)
    if unknown is not None:
        raise typer.BadParameter(f"{unknown} is not one of {', '.join(KINDS)}.", param_hint="--chart")
    ending = _ending(report_format, request)
    if ending is None:
        endings = ", ".join(WRITERS)
        return console.refuse("what to write is not known", f"name a file after -o that ends in {endings}", request)
    writer = WRITERS[ending]
    if not (writer.readable or request.output) and (sys.stdout is None or sys.stdout.isatty()):
        return console.refuse(f"{ending[1:]} is not text", f"add -o FILE, e.g. -o report{ending}", request)
    if chart and not writer.charts:
        return console.refuse("--chart is of pictures", "leave it out, or write to .svg or .png", request)
    lacking = [name for name in writer.needs if find_spec(name) is None]
    if lacking:
        cure = f"pip install 'funnelcli[{writer.extra}]'"
        return console.refuse(f"{ending} needs packages that are not installed: {', '.join(lacking)}", cure, request)
    also_reads = () if baseline is None else (baseline,)
    request = request._replace(also_reads=also_reads, report_format=ending.removeprefix("."))
    refusal = console.unsafe_output(request)
    if refusal:
        return console.refuse(*refusal, request)
    funnels, code = load.load(request)
    baselines, baseline_code = _baselines(baseline, request)
    code = max(code, baseline_code)
    if not funnels or (baseline is not None and not baselines):
        return code or ExitCode.COULD_NOT_LOOK
    return max(
        code, _write(writer, funnels, baselines, level, top, _Wish(theme, brand_color, chart or ["funnel"]), request)
    )


class _Wish(NamedTuple):
    """How the report is to look."""

    theme: str
    brand: str | None
    charts: list[str]


def _ending(report_format: str | None, request: Request) -> str | None:
    """The ending that says what to write: that of the format, else of the output."""
    if report_format is not None:
        return _ENDINGS[report_format]
    ending = os.path.splitext(request.output or "")[1].lower()
    return ending if ending in WRITERS else None


def _baselines(baseline: str | None, request: Request) -> tuple[list[Funnel], ExitCode]:
    if baseline is None:
        return [], ExitCode.OK
    if baseline == "-" and "-" in (request.files or ()):
        return [], console.refuse("standard input can be read once", "name a file for one of the two", request)
    return load.load(Request(files=[baseline], color=request.color))


def _write(
    writer: Writer,
    funnels: list[Funnel],
    baselines: list[Funnel],
    level: float,
    top: int | None,
    wish: _Wish,
    request: Request,
) -> ExitCode:
    """Analyse, draw and deliver; a report that would lack its baseline is not written."""
    from funnelcli.analyses.report import gather
    from funnelcli.output.report.look import look

    colours = look(wish.theme, wish.brand)
    if isinstance(colours, Problem):
        console.complain(colours, request)
        return ExitCode.COULD_NOT_LOOK
    misfits = _misfits(funnels, baselines)
    for problem in misfits:
        console.complain(problem, request)
    if misfits:
        return ExitCode.COULD_NOT_LOOK
    code = ExitCode.OK
    try:
        report = gather(funnels, baselines, level, top)
    except Exception:
        tried = load.attempts(funnels, lambda funnel: gather([funnel], baselines, level, top), request)
        kept = [each for each, out in zip(funnels, tried, strict=True) if not isinstance(out, load.Defect)]
        if len(kept) == len(funnels) or not kept:
            raise
        report, code = gather(kept, baselines, level, top), ExitCode.DEFECT
    for problem in report.problems:
        console.complain(problem, request)
        if problem.severity is Severity.ERROR:
            code = max(code, ExitCode.COULD_NOT_LOOK)
    module = import_module(f"funnelcli.output.report.{writer.module}")
    written: str | bytes | None = getattr(module, writer.function)(report, colours, wish.charts)
    if writer.charts:
        _say_what_lacks(report, colours, wish.charts, request)
    if written is None:
        return ExitCode.COULD_NOT_LOOK
    return max(code, _deliver(written, request))


def _misfits(funnels: list[Funnel], baselines: list[Funnel]) -> list[Problem]:
    """Why the baselines are none of some funnels."""
    from funnelcli.analyses.reference import counterpart

    found = [counterpart(funnel, baselines) for funnel in funnels] if baselines else []
    return [each for each in found if isinstance(each, Problem)]


def _say_what_lacks(report: "Report", colours: "Look", kinds: list[str], request: Request) -> None:
    """Say which kinds of charts no funnel has, and what they take: a mistake only where nothing else is drawn."""
    from funnelcli.output.report.charts import charts_of

    drawn = {chart.kind for chart in charts_of(report, colours.picture, kinds)}
    for kind in dict.fromkeys(kinds):
        if kind in drawn:
            continue
        what = f"no funnel here has a {kind} to draw"
        if drawn:
            console.say(f"funnelcli: note: {what}, so it is left out\n  = help: {KINDS[kind]}\n")
        else:
            console.refuse(what, KINDS[kind], request)


def _deliver(written: str | bytes, request: Request) -> ExitCode:
    if isinstance(written, str):
        return console.deliver(written, request)
    if not request.output:
        return _pass_on(written, request)
    return console.deliver_bytes(written, request)


def _pass_on(data: bytes, request: Request) -> ExitCode:
    """Bytes to the program that standard output leads to."""
    try:
        write_all(sys.stdout.buffer, data)
    except BrokenPipeError:
        os._exit(CLOSED_PIPE)  # the reader went away: no message, and no second attempt to flush
    except OSError as error:
        cure = "free some space, or write elsewhere"
        return console.refuse(f"cannot write the report: {error.strerror or error}", cure, request)
    return ExitCode.OK
