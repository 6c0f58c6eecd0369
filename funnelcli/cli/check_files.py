"""Files of `check`, each from its bytes to what is found in it; many of them by several processes."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.checks import CheckResult, run_checks
from funnelcli.cli import console
from funnelcli.cli.load import asked, read_file
from funnelcli.cli.run import attempt
from funnelcli.diagnostics import Diagnostic, Location, Problem
from funnelcli.funnel_file.changes import check as parse_check
from funnelcli.lint.rules import RULES
from funnelcli.output.check.verdicts import diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.model import Funnel

WORTH_FORKING = 300
"""Files from which on the work of other processes outweighs their start."""
CHUNK = 50
MOST_PROCESSES = 8


class ReferenceFile(NamedTuple):
    """What to hold funnels against: limits of the command line, and the funnels that `baseline` stands for."""

    limits: tuple[str, ...] = ()
    baselines: tuple[Funnel, ...] | None = None
    stdin_filename: str = "<stdin>"


class Checked(NamedTuple):
    """A funnel's checks and their diagnostics; `misunderstood` is what is wrong with limits of the command line."""

    name: str
    results: tuple[CheckResult, ...] = ()
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
        return [_examine(path, reference) for path in paths]
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    chunks = [(paths[start : start + CHUNK], reference) for start in range(0, len(paths), CHUNK)]
    try:
        with ProcessPoolExecutor(processes, get_context("fork"), initializer=_leave_interrupts_to_the_parent) as pool:
            return [examined for part in pool.map(_examine_chunk, chunks) for examined in part]
    except BrokenProcessPool as error:  # a process was killed from outside, which systems do when memory runs out
        raise MemoryError from error


def _leave_interrupts_to_the_parent() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _examine_chunk(chunk: tuple[Sequence[str], ReferenceFile]) -> list[Examined]:
    paths, reference = chunk
    return [_examine(path, reference) for path in paths]


def _examine(path: str, reference: ReferenceFile) -> Examined:
    """A file; a defect of the program loses the funnel, or else the file, that has it."""
    try:
        outcome = attempt(path, partial(_read_and_check, reference=reference), path)
    except console.Refused as refused:
        return Examined(path, refused=(refused.what, refused.help))
    return Examined(path, defects=(outcome,)) if isinstance(outcome, console.Defect) else outcome


def _read_and_check(path: str, reference: ReferenceFile) -> Examined:
    reading = read_file(path, reference.stdin_filename, RULES)
    lines: list[str] = []
    if reference.limits or any(funnel.checks for funnel in reading.funnels):
        lines = reading.text.split("\n")
    funnels, defects = [], []
    for funnel, start in zip(reading.funnels, reading.starts, strict=True):
        check = partial(check_funnel, reference=reference, start=start, lines=lines)
        outcome = attempt(funnel.name, check, funnel)
        if isinstance(outcome, console.Defect):
            defects.append(outcome)
        else:
            funnels.append(outcome)
    found = tuple(asked(each) if each.problem.scenario else each for each in reading.diagnostics)
    return Examined(reading.file, found, tuple(funnels), reading.documents, defects=tuple(defects))


def check_funnel(funnel: Funnel, reference: ReferenceFile, start: Location | None, lines: list[str]) -> Checked:
    """The limits of the file and those of the command line; `start` is where the funnel stands in the `lines`."""
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
    results = run_checks(funnel, limits, reference.baselines)
    said = (diagnostic(result, start, lines) for result in results)
    found = tuple(each for each in said if each is not None)
    return Checked(funnel.name, tuple(results), found, tuple(misunderstood))
