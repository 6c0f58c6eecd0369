"""Files of `check`, each from its bytes to what is found in it, many of them by several processes; and their names."""

import os
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.cli import console
from funnelcli.cli.load import asked, at_revision, of_revision, read_bytes, with_defaults
from funnelcli.cli.run import attempt
from funnelcli.cli.states import states
from funnelcli.diagnostics import Diagnostic, Location, Problem, Severity
from funnelcli.funnel_file.changes import check as parse_check
from funnelcli.funnel_file.reader import read
from funnelcli.lint.rules import RULES
from funnelcli.model import Funnel
from funnelcli.output.check import CheckReport, places
from funnelcli.output.check.verdicts import diagnostic

if TYPE_CHECKING:
    from funnelcli.analyses.checks import CheckResult

WORTH_FORKING = 300
"""Files from which on the work of other processes outweighs their start."""
PIECE = 10
"""Files of one piece of the work: the fewer, the sooner the last process ends after the first."""
MOST_PROCESSES = 8
_TOLD_BY = ("CI_PROJECT_DIR", "GITHUB_WORKSPACE")
"""Variables in which GitLab and GitHub name the folder that paths are relative to."""


class ReferenceFile(NamedTuple):
    """What to hold funnels against: limits of the command line, and the funnels that `baseline` stands for.

    `segments` are those that are held against them in place of the funnels: pairs of dimension and name.
    """

    limits: tuple[str, ...] = ()
    baselines: tuple[Funnel, ...] | None = None
    stdin_filename: str = "<stdin>"
    segments: tuple[tuple[str, str], ...] = ()


class Checked(NamedTuple):
    """A funnel's checks and their diagnostics; `misunderstood` is what is wrong with limits and segments asked for."""

    name: str
    results: tuple["CheckResult", ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    misunderstood: tuple[Problem, ...] = ()


class Examined(NamedTuple):
    """A file: its diagnostics, funnels and documents; or why it could not be read, and what defects have lost."""

    file: str
    diagnostics: tuple[Diagnostic, ...] = ()
    funnels: tuple[Checked, ...] = ()
    documents: int = 0
    refused: tuple[str, str] | None = None
    defects: tuple[console.Defect, ...] = ()


def examine_all(paths: Sequence[str], reference: ReferenceFile) -> Iterable[Examined]:
    """Every file, in order."""
    processes = min(MOST_PROCESSES, os.cpu_count() or 1, len(paths) // (WORTH_FORKING // 2))
    if processes < 2 or not hasattr(os, "fork"):
        return _examine_some(paths, reference)
    from funnelcli.cli.processes import shared

    return shared(partial(_examine_some, reference=reference), paths, PIECE, processes)


def _examine_some(paths: Sequence[str], reference: ReferenceFile) -> list[Examined]:
    return [_examine(path, reference) for path in paths]


def _examine(path: str, reference: ReferenceFile) -> Examined:
    """A file; a defect of the program loses the funnel, or else the file, that has it."""
    try:
        outcome = attempt(path, partial(_read_and_check, reference=reference), path)
    except console.Refused as refused:
        return Examined(path, refused=(refused.what, refused.help))
    return Examined(path, defects=(outcome,)) if isinstance(outcome, console.Defect) else outcome


def _read_and_check(path: str, reference: ReferenceFile) -> Examined:
    data, name = read_bytes(path, reference.stdin_filename)
    reading = with_defaults(of_revision(read(data, name, rules=RULES)))
    found = reading.diagnostics
    if any(each.severity is Severity.ERROR for each in found):
        from funnelcli.funnel_file.mended import marked

        found = marked(data, reading)
    lines: list[str] = []
    funnels, defects = [], []
    for funnel, start in zip(reading.funnels, reading.starts, strict=True):
        if not (funnel.checks or reference.limits or reference.segments):  # most of a folder
            funnels.append(Checked(funnel.name))
            continue
        lines = lines or reading.text.split("\n")
        check = partial(check_funnel, reference=reference, start=start, lines=lines)
        outcome = attempt(funnel.name, check, funnel)
        if isinstance(outcome, console.Defect):
            defects.append(outcome)
        else:
            funnels.append(outcome)
    found = tuple([asked(each) if each.problem.scenario else each for each in found])
    return Examined(reading.file, found, tuple(funnels), reading.documents, None, tuple(defects))


def check_funnel(
    funnel: Funnel,
    reference: ReferenceFile,
    start: Location | None,
    lines: list[str],
    segments: Sequence[tuple[str, str]] = (),
) -> Checked:
    """The limits of the file and those of the command line; `start` is where the funnel stands in the `lines`.

    `segments` are those that the funnel is of, by the name of the whole.
    """
    if reference.segments:
        from funnelcli.analyses.chosen_segments import choose

        chosen = choose(funnel, reference.segments)
        if isinstance(chosen, Problem):
            return Checked(funnel.name, misunderstood=(chosen,))
        rest = reference._replace(segments=())
        return check_funnel(chosen, rest, start, lines, reference.segments)._replace(name=funnel.name)
    limits = list(funnel.checks)
    names = funnel.names
    misunderstood = []
    for text in reference.limits:
        parsed = parse_check(text, names, funnel.currency)
        if isinstance(parsed, Problem):
            misunderstood.append(parsed)
        else:
            limits.append(parsed)
    if not limits:
        return Checked(funnel.name, misunderstood=tuple(misunderstood))
    from funnelcli.analyses.checks import run_checks

    told = states(funnel, limits, funnel.file, segments)
    for note in told.notes:
        console.note(note)
    results = run_checks(funnel, limits, reference.baselines, told.funnels)
    said = (diagnostic(result, start, lines) for result in results)
    found = tuple(each for each in said if each is not None)
    return Checked(funnel.name, tuple(results), found, tuple(misunderstood))


def placed(report: CheckReport) -> CheckReport:
    """The report with the working directory, the repository, and files that lie in it by way of links.

    Those at a revision lie nowhere.
    """
    from funnelcli.cli.repository.names import top_of

    folder = os.getcwd()
    report = report._replace(revisions=frozenset(file for file in report.files if at_revision(file) is not None))
    told = next((path for path in map(os.environ.get, _TOLD_BY) if path and os.path.isdir(path)), None)
    root = os.path.realpath(told or top_of(folder))
    report = report._replace(folder=folder, root=root, is_ci=told is not None)
    here = folder == root or not places.is_absolute(places.path(folder, root=root))
    names = {}
    for file in report.files:
        if file in report.revisions or (here and ".." not in file and not os.path.isabs(file)):
            continue
        if places.is_absolute(places.of_repository(file, report)):
            real = os.path.realpath(file)
            names[file] = real if os.path.exists(real) else file
    return report._replace(real_names=names)
