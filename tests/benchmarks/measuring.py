"""Runs that take turns, and the medians and ratios that follow; shared by the speed comparisons.

Whole processes are timed from their start to their end. Their peak memory is what the operating system accounts to the
largest process of the run (POSIX only). A child starts as a copy of the process that measures, so no peak can come out
below that of the measuring process: it must stay small.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PACKAGES = ("typer", "rich", "pyyaml")
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
_VERSIONS = """
import importlib.metadata as metadata, platform, sys
packages = [f"{name} {metadata.version(name)}" for name in sys.argv[1:]]
print(", ".join([f"Python {platform.python_version()}", *packages]))
"""


class Run(NamedTuple):
    """One run: its wall-clock seconds, and the peak memory in bytes of its process (`None` inside a process)."""

    seconds: float
    peak: int | None = None


class Target(NamedTuple):
    """What a subject is held to: a share of the baseline's time, and bytes of memory."""

    ratio: float | None = None
    peak: int | None = None


def repeats(description: str | None, default: int) -> int:
    """The `--repeat` of a script, the only option that it has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=default, metavar="N", help="runs of each subject (%(default)s)")
    wanted: int = parser.parse_args().repeat
    if wanted < 1:
        parser.error("--repeat must be at least 1")
    return wanted


def environment() -> dict[str, str]:
    """The environment without what changes Python or colour: byte code is cached and read, as for a user."""
    drop = ("PYTHON", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(drop)}


def call(command: Sequence[str], folder: Path | None = None) -> str:
    """Run a command to its end and return its output; a command that fails ends the script and shows why."""
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def process(command: Sequence[str], folder: Path | None = None) -> Callable[[int], Run]:
    """A subject that runs a command as a whole process, its output thrown away."""

    def run(_: int) -> Run:
        started = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{' '.join(command)}: exit code {child.returncode}")
        return Run(seconds, usage.ru_maxrss * _RSS_UNIT)

    return run


def function(work: Callable[[int], object], prepare: Callable[[int], object]) -> Callable[[int], Run]:
    """A subject inside this process. Both take the number of the round.

    The data is prepared and garbage collected before the clock starts; the result is freed after it has stopped.
    """

    def run(number: int) -> Run:
        prepare(number)
        gc.collect()
        started = time.perf_counter()
        result = work(number)
        seconds = time.perf_counter() - started
        del result
        return Run(seconds)

    return run


def alternate(subjects: dict[str, Callable[[int], Run]], repeat: int) -> dict[str, list[Run]]:
    """Every subject once unmeasured, then `repeat` rounds of all of them, each round beginning with the next one.

    A subject is given the number of its round: 0 for the unmeasured one, then 1, 2, ….
    """
    names = list(subjects)
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for name in names:
        subjects[name](0)
    for number in range(1, repeat + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            runs[name].append(subjects[name](number))
    return runs


def report(title: str, runs: dict[str, list[Run]], baseline: str, targets: dict[str, Target]) -> None:
    """Print a table: median, quartiles and peak memory; the ratio of medians, and quartiles of the rounds' ratios."""
    base = [run.seconds for run in runs[baseline]]
    rows = [("", "median ms", "quartiles", "ratio", "quartiles", "target", "peak MB", "target")]
    for name, each in runs.items():
        seconds = [run.seconds for run in each]
        ratio = statistics.median(seconds) / statistics.median(base)
        spread = _quartiles([own / other for own, other in zip(seconds, base, strict=True)])
        peaks = [run.peak for run in each if run.peak is not None]
        peak = max(peaks, default=None)
        target = targets.get(name, Target())
        rows.append(
            (
                name,
                f"{statistics.median(seconds) * 1000:,.1f}",
                "{:,.1f}-{:,.1f}".format(*(quartile * 1000 for quartile in _quartiles(seconds))),
                f"{ratio:.2f}" if name != baseline else "1",
                "{:.2f}-{:.2f}".format(*spread) if name != baseline else "",
                "" if target.ratio is None else f"<= {target.ratio:.2f} {_verdict(ratio <= target.ratio)}",
                "" if peak is None else f"{peak / 1e6:.1f}",
                ""
                if target.peak is None or peak is None
                else f"<= {target.peak / 1e6:.0f} {_verdict(peak <= target.peak)}",
            )
        )
    used = [index for index in range(len(rows[0])) if index == 0 or any(row[index] for row in rows[1:])]
    widths = {index: max(len(row[index]) for row in rows) for index in used}
    say(f"\n{title} ({len(base)} runs each, taking turns; ratios to {baseline})")
    for row in rows:
        cells = [row[index].rjust(widths[index]) if index else row[index].ljust(widths[index]) for index in used]
        say("  ".join(cells).rstrip())


def _quartiles(values: list[float]) -> tuple[float, float]:
    """The first and the third quartile."""
    if len(values) == 1:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def describe(python: str, *more: str) -> None:
    """Print the versions that an interpreter has, the number of processors, and how busy they are."""
    say(f"{call([python, '-c', _VERSIONS, *PACKAGES, *more]).strip()}; {os.cpu_count()} CPUs")
    say(f"load average of the last minute: {os.getloadavg()[0]:.2f} (repeat on a quiet machine when it is high)")


def say(line: str) -> None:
    """One line of the script's output, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
