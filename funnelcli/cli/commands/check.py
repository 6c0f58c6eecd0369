"""`funnelcli check`."""

import os
from typing import Annotated, Literal, NamedTuple

import typer

from funnelcli.cli import console, folders, load, repository
from funnelcli.cli.check_files import Examined, Wish, check_funnel, examine_all
from funnelcli.cli.completion import candidates
from funnelcli.cli.exits import ExitCode
from funnelcli.cli.options import Request, on_funnels
from funnelcli.diagnostics import CODES, RETIRED, Diagnostic, Problem, Severity, did_you_mean, quoted
from funnelcli.output.check import CHECK_FORMATS, NEED_A_FILE, CheckReport, render
from funnelcli.output.check.places import NO_FILES
from funnelcli.output.check.verdicts import NOWHERE

Limits = Annotated[
    list[str] | None,
    typer.Option(
        "--check",
        metavar="LIMIT",
        help="A limit beside those of the files (repeatable).",
        show_default=False,
        autocompletion=candidates.limits,
    ),
]
Baseline = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help="What `baseline` in a limit stands for: this file's figures.",
        autocompletion=candidates.files,
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings and undecided checks fail, too.")]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore",
        metavar="CODE",
        help="Leave out this warning, or all that begin so (repeatable).",
        autocompletion=candidates.warning_codes,
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="CODE",
        help="Of all warnings, only this one, or those that begin so (repeatable).",
        autocompletion=candidates.warning_codes,
    ),
]
Format = Annotated[
    Literal["full", "concise", "json", "github", "gitlab", "junit", "sarif", "markdown"] | None,
    typer.Option(
        "--format",
        "-f",
        help="How the report is written; default: by the ending of --output, in GitHub Actions github, else full.",
        show_default=False,
    ),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="[FORMAT=]PATH",
        help="Write the report to a file; FORMAT=PATH writes one more, beside standard output (repeatable).",
        show_default=False,
    ),
]
_FORMATS_BY_ENDING = {".json": "json", ".md": "markdown", ".xml": "junit", ".sarif": "sarif"}


class _Output(NamedTuple):
    """A format and where it goes; `None` is standard output."""

    format_name: str
    path: str | None


@on_funnels
def command(
    request: Request,
    check: Limits = None,
    baseline: Baseline = None,
    strict: Strict = False,
    ignore: Ignore = None,
    only: Only = None,
    report_format: Format = None,
    output: Outputs = None,
) -> int:
    """Check funnel files: what is wrong, what is suspicious, and the limits they set.

    \b
    Examples:
      funnelcli check funnels/
      funnelcli check october.yaml --check "revenue >= 400000" --strict
      funnelcli check october.yaml --baseline september.yaml \\
          --check "conversion@Paid >= baseline - 2pp"
      funnelcli check funnels/ --output junit=report.xml --output sarif=report.sarif

    Folders are searched for *.yaml and *.yml. `funnelcli explain CODE` tells
    the cause and the cure of a finding; in a file, `# funnelcli: ignore[FN305]`
    silences a warning at the end of its line or in the line above.
    """
    wanted, unwanted = _codes(only, "--only"), _codes(ignore, "--ignore")
    outputs = _outputs(output or [], report_format)
    for each in outputs:
        refusal = console.unsafe_output(request._replace(output=each.path, also_reads=(baseline,) if baseline else ()))
        if refusal:
            return console.refuse(*refusal, request)
    if baseline == "-" and "-" in (request.files or ()):
        return console.refuse("standard input can be read once", "name a file for one of the two", request)
    wish, code = _wish(check or [], baseline, request)
    examined, unread = _examine(request, wish)
    code = max(code, unread)
    if not examined:
        return max(code, ExitCode.COULD_NOT_LOOK)
    for name, defect, trace in (each for file in examined for each in file.defects):
        console.say_defect(defect, name)
        console.say(trace if request.debug else "")
        code = ExitCode.DEFECT
    if all(file.defects and not file.funnels and not file.diagnostics for file in examined):
        return code
    funnels, code = load.named([funnel for file in examined for funnel in file.funnels], request, code)
    for funnel in funnels:
        for problem in funnel.misunderstood:
            console.complain(problem, request, f"{funnel.name}: ")
            code = max(code, ExitCode.COULD_NOT_LOOK)
    found = [each for file in examined for each in file.diagnostics if _is_kept(each, wanted, unwanted)]
    found += [each for funnel in funnels for each in funnel.diagnostics if _is_kept(each, (), unwanted)]
    found.sort(key=lambda each: (each.location.file, each.location.line, each.location.column, each.problem.code))
    report = CheckReport(
        files=tuple(each.file for each in examined if each.file != NOWHERE),
        funnels=sum(each.documents for each in examined),
        diagnostics=tuple(found),
        checks=tuple(result for funnel in funnels for result in funnel.results),
    )
    report = repository.placed(report, report.files)
    if report.errors or (strict and report.warnings):
        code = max(code, ExitCode.NO)
    for each in outputs:
        code = max(code, _write(report, each, request))
    return code


def _examine(request: Request, wish: Wish) -> tuple[list[Examined], ExitCode]:
    """Every file that was asked for, folders searched, or the funnel of the command line; unreadable ones are said."""
    if request.stage or request.average_check is not None:
        typed, code = load.load(request)
        return [Examined(NOWHERE, (), (check_funnel(funnel, wish, None, []),), 1) for funnel in typed], code
    if not request.files:
        return [], console.refuse("no file is given", "name a FILE, a folder, or - for standard input", request)
    paths, code = folders.search(request.files, request)
    if paths.count("-") > 1:
        code = console.refuse("standard input can be read once", "name - only once", request)
        paths = load.once(paths)
    readable = []
    for each in examine_all(paths, wish):
        if each.unreadable is None:
            readable.append(each)
        else:
            code = console.refuse(*each.unreadable, request)
    return readable, code


def _wish(limits: list[str], baseline: str | None, request: Request) -> tuple[Wish, ExitCode]:
    """What to hold the funnels against; that a baseline cannot be read is said, and none is given then."""
    if baseline is None:
        return Wish(tuple(limits), None, request.stdin_filename), ExitCode.OK
    loaded, code = load.load(Request(files=[baseline], color=request.color))
    code = code if loaded else max(code, ExitCode.COULD_NOT_LOOK)
    return Wish(tuple(limits), tuple(loaded) or None, request.stdin_filename), code


def _is_kept(diagnostic: Diagnostic, wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> bool:
    """Whether a finding is left by `--only` and `--ignore`, which choose among warnings."""
    code = diagnostic.problem.code
    if diagnostic.severity is Severity.ERROR:
        return True
    return (not wanted or code.startswith(wanted)) and not code.startswith(unwanted)


def _write(report: CheckReport, output: _Output, request: Request) -> ExitCode:
    """One output; in GitHub Actions a table for the job's summary goes beside the annotations."""
    aimed = request._replace(output=output.path)
    canvas = console.canvas(aimed)
    code = console.deliver(render(output.format_name, report, canvas), aimed)
    lost = sum(each.location.file in NO_FILES for each in report.diagnostics)
    if lost and output.format_name in NEED_A_FILE:
        found = "1 finding that stands in no file is" if lost == 1 else f"{lost:,} findings that stand in no file are"
        console.say(f"funnelcli: note: {found} left out: {output.format_name} needs a file for each\n")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if output.format_name == "github" and summary:
        text = render("markdown", report, canvas._replace(encoding="utf-8"))
        # an empty line ends a table that another step has left
        code = max(code, console.append(summary, f"\n{text}", request))
    return code


def _codes(given: list[str] | None, option: str) -> tuple[str, ...]:
    """Codes of warnings, or the beginnings of some, from texts with commas between them."""
    # FN3xx is how the family is written in texts
    parts = (part.strip().upper().rstrip("X") for text in given or () for part in text.split(","))
    codes = tuple(part for part in parts if part)
    warnings = [code for code in CODES if Problem(code, "").severity is Severity.WARNING]
    for code in codes:
        if code in CODES and code not in warnings:
            raise typer.BadParameter(f"{code} is an error: only warnings can be chosen.", param_hint=option)
        if code not in RETIRED and not any(known.startswith(code) for known in warnings):
            cure = did_you_mean(code, warnings) or ""
            raise typer.BadParameter(f"there is no warning {quoted(code)}; {cure}", param_hint=option)
    return codes


def _outputs(given: list[str], report_format: str | None) -> list[_Output]:
    """Where the report goes: every output that was asked for, and standard output unless one path takes its place."""
    outputs, replaced = [], False
    for text in given:
        name, equals, path = text.partition("=")
        if equals and name in CHECK_FORMATS:
            outputs.append(_Output(name, path))
        elif equals and name.isalpha():
            cure = did_you_mean(name, CHECK_FORMATS)
            raise typer.BadParameter(f"{quoted(name)} is no format; {cure}", param_hint="--output")
        else:
            replaced = True
            ending = os.path.splitext(text)[1].lower()
            outputs.append(_Output(report_format or _FORMATS_BY_ENDING.get(ending, "full"), text))
    if not replaced:
        in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
        outputs.insert(0, _Output(report_format or ("github" if in_actions else "full"), None))
    return outputs
