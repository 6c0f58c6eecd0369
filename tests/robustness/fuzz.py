"""Search for inputs that break the reader, an analysis or a format: `python -m tests.robustness.fuzz --minutes 60`.

Files are sound ones, mangled ones and ones with a part repeated many times. Each must keep the properties, be read
within two seconds of processor time, and take no more than 300 MB. A new failure is made smaller and saved; the exit
code is 1 when there was any.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from hypothesis import HealthCheck, Phase, given, seed, settings

from funnelcli.funnel_file.reader import read
from funnelcli.lint.rules import RULES
from tests.conftest import ROOT, SAMPLES
from tests.robustness.mangling import changes, mangled
from tests.robustness.properties import CANVASES, examine
from tests.robustness.strategies import files

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS, MEGABYTES = 2.0, 300
COMMANDS = 5
"""How many commands' time the examination of an input may take: it reads it four times and shows it in every format."""
PATIENCE = 20
"""Seconds after which an input is stopped."""
CORPUS = sorted([*(ROOT / "tests" / "bad_funnels").glob("*.yaml"), *SAMPLES.glob("*.yaml")])
ROUND = 40
LARGEST = 64_000
"""Bytes of a file with a repeated part."""
SMALLER_FOR = 30
"""Seconds that are spent on making a failure smaller."""


class TooMuch(Exception):
    """An input took too much time or memory."""


def attempt(data: bytes, number: int) -> None:
    """Examine an input within the limits; the canvases take turns."""
    _reset_peak()
    before, started = _peak(), time.process_time()
    signal.alarm(PATIENCE)
    try:
        read(data, "test.yaml", rules=RULES)
        spent_reading = time.process_time() - started
        examine(data, (CANVASES[number % len(CANVASES)],))
    finally:
        signal.alarm(0)
    spent, grown = time.process_time() - started, _peak() - before
    if spent_reading > SECONDS:
        raise TooMuch(f"slow to read: {spent_reading:.1f} s")
    if spent > SECONDS * COMMANDS:
        raise TooMuch(f"slow to analyse and show: {spent:.1f} s")
    if grown > MEGABYTES:
        raise TooMuch(f"large: {grown} MB")


def _stop(*_: Any) -> NoReturn:
    raise TooMuch(f"slow: more than {PATIENCE} s")


def _reset_peak() -> None:
    with suppress(OSError):  # where there is no such file, the peak of the whole process stands in
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """The largest memory so far, in MB: since the last reset where the system can tell."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def signature(error: BaseException) -> str:
    """What tells one failure from another: the kind of error and the last line of ours it passed."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(ROOT))]
    if isinstance(error, TooMuch):
        return str(error).split(":")[0]
    return f"{type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else repr(error)


def fails(data: bytes, number: int) -> tuple[str, str] | None:
    """The signature of the failure and its traceback; `None` when all is well."""
    try:
        attempt(data, number)
    except Exception as error:
        return signature(error), traceback.format_exc(limit=-6)
    return None


def smaller(data: bytes, number: int, wanted: str) -> bytes:
    """A part of the input that fails alike: lines, then characters, are left out in ever smaller pieces."""
    end = time.monotonic() + SMALLER_FOR
    for split in (
        lambda text: text.splitlines(keepends=True),
        lambda text: [text[i : i + 1] for i in range(len(text))],
    ):
        parts = split(data)
        size = max(1, len(parts) // 2)
        while time.monotonic() < end:
            at, left_out = 0, False
            while at < len(parts) and time.monotonic() < end:
                rest = parts[:at] + parts[at + size :]
                failure = fails(b"".join(rest), number)
                if failure and failure[0] == wanted:
                    parts, left_out = rest, True
                else:
                    at += size
            if size == 1 and not left_out:
                break
            size = max(1, size // 2)
        data = b"".join(parts)
    return data


def inputs(rounds: int) -> Iterator[bytes]:
    """The inputs of one round, reproducible from its number."""
    found: list[bytes] = []
    chance = random.Random(rounds)

    @seed(rounds)
    @settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(text=files(), edits=changes, more=changes)
    def collect(text: str, edits: Any, more: Any) -> None:
        data = text.encode()
        found.append(data)
        found.append(mangled(data, edits))
        found.extend(mangled(chance.choice(CORPUS).read_bytes(), edit) for edit in (edits, more))
        found.append(mangled(repeated(data, chance), more))

    collect()
    yield from found


def repeated(data: bytes, chance: random.Random) -> bytes:
    """A file with one of its lines, or some of its bytes, many times."""
    if not data:
        return data
    if chance.random() < 0.5:
        lines = data.splitlines(keepends=True)
        at = chance.randrange(len(lines))
        part, before, after = lines[at], b"".join(lines[:at]), b"".join(lines[at:])
    else:
        at = chance.randrange(len(data))
        part, before, after = data[at : at + chance.randint(1, 30)], data[:at], data[at:]
    times = min(chance.choice((10, 100, 1000, 10_000)), LARGEST // len(part))
    return before + part * times + after


def main() -> int:
    """Run for as long as asked; the number of different failures decides the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0, help="the round to start with")
    parser.add_argument("--folder", type=Path, default=Path("fuzz-failures"), help="where failures are saved")
    asked = parser.parse_args()
    signal.signal(signal.SIGALRM, _stop)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, resource.getrlimit(resource.RLIMIT_AS)[1]))
    end, examined, shown = time.monotonic() + asked.minutes * 60, 0, time.monotonic()
    rounds, known = asked.seed, set[str]()
    while time.monotonic() < end:
        for data in inputs(rounds):
            examined += 1
            failure = fails(data, examined)
            if failure and failure[0] not in known:
                known.add(failure[0])
                least = smaller(data, examined, failure[0])
                _save(asked.folder, len(known), least, rounds, fails(least, examined) or failure)
            if time.monotonic() >= end:
                break
        rounds += 1
        if time.monotonic() - shown > 30:
            shown = time.monotonic()
            _say(f"round {rounds}: {examined:,} inputs, {len(known)} failures")
    _say(f"{examined:,} inputs in rounds {asked.seed} to {rounds - 1}: {len(known)} different failures")
    return 1 if known else 0


def _save(folder: Path, number: int, data: bytes, rounds: int, failure: tuple[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / f"{number:03d}.yaml"
    path.write_bytes(data)
    path.with_suffix(".txt").write_text(f"round {rounds}\n{failure[1]}", encoding="utf-8", errors="backslashreplace")
    _say(f"NEW {failure[0]} (round {rounds}), {len(data):,} bytes in {path}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
