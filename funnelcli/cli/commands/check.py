"""`funnelcli check`."""

import os
from typing import Annotated

import typer

from funnelcli.cli import arguments, console, destination, load
from funnelcli.cli.check_files import Examined, ReferenceFile, check_funnel, examine_all, placed
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import (
    BASELINE,
    OUTPUT,
    SHARED,
    Given,
    GivenOften,
    Request,
    Strict,
    door,
    format_option,
    option,
)
from funnelcli.cli.searching import search
from funnelcli.cli.warning_codes import codes_of
from funnelcli.diagnostics import Diagnostic, Problem, Severity, did_you_mean, quoted
from funnelcli.output.check import CHECK_FORMATS, NEED_A_FILE, CheckReport, render
from funnelcli.output.check.places import is_nowhere
from funnelcli.output.check.verdicts import NOWHERE

_Way = tuple[str, str | None]
"""A format and where it goes; `None` is standard output."""


@door(*(name for name in SHARED if name not in ("report_format", "output", "full")))
def command(
    request: Request,
    check: Annotated[
        GivenOften, option("LIMIT", "A limit beside those of the files (repeatable).", candidates.limits)
    ] = None,
    baseline: Annotated[
        Given, option("FILE", f"{BASELINE}: the word `baseline` in limits is their figure.", candidates.files)
    ] = None,
    strict: Strict = False,
    ignore: Annotated[
        GivenOften,
        option("CODE", "Leave out this warning, or all that begin so (repeatable).", candidates.warning_codes),
    ] = None,
    only: Annotated[
        GivenOften,
        option(
            "CODE", "Of all warnings, only this one, or those that begin so (repeatable).", candidates.warning_codes
        ),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend in the files what can mean but one thing.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="With --fix: also what may mean something else.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --fix: show the difference, and write nothing.")
    ] = False,
    format_name: Annotated[Given, format_option(CHECK_FORMATS, ", in GitHub Actions github, else full")] = None,
    outputs: Annotated[
        GivenOften,
        typer.Option(
            "--output",
            "-o",
            metavar="[FORMAT=]PATH",
            help=f"{OUTPUT}; FORMAT=PATH writes one more beside it (repeatable).",
        ),
    ] = None,
) -> None:
    """Check funnel files: what is wrong, what is suspicious, and the limits they set."""
    wanted, unwanted = _codes(only, "--only"), _codes(ignore, "--ignore")
    ways = _ways(request, outputs or [], format_name)
    for _, path in ways:
        destination.check(request, path)
    _mend(request, fix=fix, unsafe=unsafe_fixes, dry_run=dry_run, reports=bool(outputs or format_name))
    baselines = load.references(request)
    if baseline is not None and not baselines:
        console.worsen(console.ExitCode.COULD_NOT_LOOK)
    segments = tuple(load.segments_asked(request))
    reference = ReferenceFile(tuple(check or ()), tuple(baselines) or None, request.stdin_filename, segments)
    examined = _examine(request, reference)
    if not examined:
        console.worsen(console.ExitCode.COULD_NOT_LOOK)
        return
    for defect in (defect for file in examined for defect in file.defects):
        console.defect(defect)
    if all(file.defects and not file.funnels and not file.diagnostics for file in examined):
        return
    funnels = load.named([funnel for file in examined for funnel in file.funnels], request.funnel)
    misunderstood = [(problem, funnel.name) for funnel in funnels for problem in funnel.misunderstood]
    for problem, name in misunderstood:
        console.problem(problem, name)
    found = [each for file in examined for each in file.diagnostics if _is_kept(each, wanted, unwanted)]
    found += [each for funnel in funnels for each in funnel.diagnostics if _is_kept(each, (), unwanted)]
    found.sort(key=lambda each: (each.location.file, each.location.line, each.location.column, each.problem.code))
    report = CheckReport(
        files=tuple(file.file for file in examined if file.file != NOWHERE),
        funnels=sum(file.documents for file in examined),
        diagnostics=tuple(found),
        checks=tuple(result for funnel in funnels for result in funnel.results),
        misunderstood=sum(problem.severity is Severity.ERROR for problem, _ in misunderstood),
    )
    if baseline is not None and funnels and not any("baseline" in result.check for result in report.checks):
        console.note("note: no limit speaks of a baseline, so --baseline has no effect")
    report = placed(report)
    if report.summary.errors or (strict and report.summary.warnings):
        console.worsen(console.ExitCode.NO)
    for form, path in ways:
        _write(report, form, path)


def _mend(request: Request, *, fix: bool, unsafe: bool, dry_run: bool, reports: bool) -> None:
    """Mend the files first, where that is asked for."""
    if fix or unsafe or dry_run:
        from funnelcli.cli import fixing

        fixing.refuse(request, fix=fix, unsafe=unsafe, dry_run=dry_run, reports=reports)
        fixing.fix(request, unsafe=unsafe, dry_run=dry_run)


def _examine(request: Request, reference: ReferenceFile) -> list[Examined]:
    """Every file that was asked for, folders searched, or the funnel of the command line; unreadable ones are said."""
    if request.stage or arguments.first_key(request):
        typed, _ = load.funnels(request._replace(segment=None))
        return [Examined(NOWHERE, (), (check_funnel(funnel, reference, None, []),), 1) for funnel in typed]
    if not request.files:
        raise console.Refused("no file is given", "name a FILE, a folder, or - for standard input")
    readable = []
    for file in examine_all(load.once(search(request.files)), reference):
        if file.refused is None:
            readable.append(file)
        else:
            console.error(*file.refused)
    return readable


def _is_kept(diagnostic: Diagnostic, wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> bool:
    """Whether a finding is left by `--only` and `--ignore`, which choose among warnings."""
    code = diagnostic.problem.code
    if diagnostic.severity is Severity.ERROR:
        return True
    return (not wanted or code.startswith(wanted)) and not code.startswith(unwanted)


def _write(report: CheckReport, format_name: str, path: str | None) -> None:
    """One output; in GitHub Actions a table for the job's summary goes beside the annotations."""
    canvas = destination.canvas(path)
    destination.deliver(render(format_name, report, canvas), path)
    lost = sum(is_nowhere(diagnostic.location.file, report) for diagnostic in report.diagnostics)
    if lost and format_name in NEED_A_FILE:
        found = "1 finding that stands in no file is" if lost == 1 else f"{lost:,} findings that stand in no file are"
        console.note(f"note: {found} left out: {format_name} needs a file for each")
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if format_name == "github" and summary:
        text = render("markdown", report, canvas._replace(encoding="utf-8"))
        destination.append(summary, f"\n{text}")  # an empty line ends a table that another step has left


def _codes(given: list[str] | None, option: str) -> tuple[str, ...]:
    """Codes of warnings, or the beginnings of some, from texts with commas between them."""
    codes = codes_of(given or ())
    if isinstance(codes, Problem):
        raise typer.BadParameter(f"{codes.message}; {codes.help}.", param_hint=option)
    return codes


def _ways(request: Request, given: list[str], format_name: str | None) -> list[_Way]:
    """Where the report goes: every output that was asked for, and standard output unless one path takes its place."""
    ways: list[_Way] = []
    replaced = False
    in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
    otherwise = format_name or ("github" if in_actions else "full")
    for text in given:
        name, equals, path = text.partition("=")
        if equals and name in CHECK_FORMATS:
            replaced |= path == "-"
            ways.append((name, None if path == "-" else path))
        elif equals and name.isalpha():
            near = did_you_mean(name, CHECK_FORMATS)
            raise typer.BadParameter(f"{quoted(name)} is no format; {near}", param_hint="--output")
        elif text == "-":
            replaced = True
            ways.append((otherwise, None))
        else:
            replaced = True
            if format_name is None:
                destination.refuse_unknown(request, text, CHECK_FORMATS)
            ending = destination.ending_of(text)
            by_ending = next((name for name, form in CHECK_FORMATS.items() if form.ending == ending != ""), "full")
            ways.append((format_name or by_ending, text))
    if not replaced:
        ways.insert(0, (otherwise, None))
    if sum(path is None for _, path in ways) > 1:
        raise typer.BadParameter("standard output takes one report.", param_hint="--output")
    return ways
