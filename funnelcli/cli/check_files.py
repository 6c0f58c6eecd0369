"""Files of `check`, each from its bytes to what is found in it; many of them by several processes."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.checks import CheckResult, run_checks
from funnelcli.cli.load import Unreadable, asked, read_file
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


class Wish(NamedTuple):
    """What to hold funnels against: limits of the command line, and the funnels that `baseline` stands for."""

    limits: tuple[str, ...] = ()
    references: tuple[Funnel, ...] | None = None
    stdin_filename: str = "<stdin>"


class Checked(NamedTuple):
    """A funnel's checks and their diagnostics; `misunderstood` is what is wrong with limits of the command line."""

    name: str
    results: tuple[CheckResult, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    misunderstood: tuple[Problem, ...] = ()


class Examined(NamedTuple):
    """A file: its diagnostics, funnels and documents; or why it could not be read.

    `defects` are what the program itself failed at: the funnel or the file that it lost, in one line and the traceback.
    """

    file: str
    diagnostics: tuple[Diagnostic, ...] = ()
    funnels: tuple[Checked, ...] = ()
    documents: int = 0
    unreadable: Unreadable | None = None
    defects: tuple[tuple[str, str, str], ...] = ()


def examine_all(paths: Sequence[str], wish: Wish) -> Iterable[Examined]:
    """Every file, in order."""
    processes = min(MOST_PROCESSES, os.cpu_count() or 1, len(paths) // (WORTH_FORKING // 2))
    if processes < 2 or not hasattr(os, "fork"):
        return [_examine(path, wish) for path in paths]
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    chunks = [(paths[start : start + CHUNK], wish) for start in range(0, len(paths), CHUNK)]
    try:
        with ProcessPoolExecutor(processes, get_context("fork"), initializer=_leave_interrupts_to_the_parent) as pool:
            return [each for part in pool.map(_examine_chunk, chunks) for each in part]
    except BrokenProcessPool as error:  # a process was killed from outside, which systems do when memory runs out
        raise MemoryError from error


def _leave_interrupts_to_the_parent() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _examine_chunk(chunk: tuple[Sequence[str], Wish]) -> list[Examined]:
    paths, wish = chunk
    return [_examine(path, wish) for path in paths]


def _examine(path: str, wish: Wish) -> Examined:
    """A file; a defect of the program loses the funnel, or else the file, that has it."""
    try:
        return _read_and_check(path, wish)
    except (MemoryError, OSError):
        raise
    except Exception as error:
        return Examined(path, defects=(_defect(path, error),))


def _defect(name: str, error: Exception) -> tuple[str, str, str]:
    return name, f"{type(error).__name__}: {error}", traceback.format_exc()


def _read_and_check(path: str, wish: Wish) -> Examined:
    reading = read_file(path, wish.stdin_filename, RULES)
    if isinstance(reading, Unreadable):
        return Examined(path, unreadable=reading)
    lines: list[str] = []
    if wish.limits or any(funnel.checks for funnel in reading.funnels):
        lines = reading.text.split("\n")
    funnels, defects = [], []
    for funnel, start in zip(reading.funnels, reading.starts, strict=True):
        try:
            funnels.append(check_funnel(funnel, wish, start, lines))
        except (MemoryError, OSError):
            raise
        except Exception as error:
            defects.append(_defect(funnel.name, error))
    found = tuple(asked(each, None) for each in reading.diagnostics)
    return Examined(reading.file, found, tuple(funnels), reading.documents, defects=tuple(defects))


def check_funnel(funnel: Funnel, wish: Wish, start: Location | None, lines: list[str]) -> Checked:
    """The limits of the file and those of the command line; `start` is where the funnel stands in the `lines`."""
    limits = list(funnel.checks)
    names = [stage.name for stage in funnel.stages]
    misunderstood = []
    for text in wish.limits:
        parsed = parse_check(text, names, funnel.currency)
        if isinstance(parsed, Problem):
            misunderstood.append(parsed)
        else:
            limits.append(parsed)
    if not limits:
        return Checked(funnel.name, misunderstood=tuple(misunderstood))
    results = run_checks(funnel, limits, wish.references)
    said = (diagnostic(result, start, lines) for result in results)
    found = tuple(each for each in said if each is not None)
    return Checked(funnel.name, tuple(results), found, tuple(misunderstood))
