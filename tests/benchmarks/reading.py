"""Reading: bytes to checked funnels against bare `yaml.load(text, CSafeLoader)`, in one process.

Ours gives positions, validation and the model; the baseline gives dicts. Every round has numbers and names of its own,
so that nothing is remembered from the round before. The garbage collector is in its default state; what the library
does about it while it reads is part of the library.
"""

from __future__ import annotations

import sys
from functools import lru_cache

import yaml
from generated import documents, funnels, large_funnel
from measuring import Target, alternate, describe, function, repeats, report

from funnelcli.funnel_file.reader import read

FILES = 1000
LARGE = 5_000_000


@lru_cache(maxsize=1)
def files(number: int) -> list[tuple[str, bytes]]:
    """The files of a round, as text and as bytes."""
    return [(text, text.encode()) for text in funnels(FILES, number)]


@lru_cache(maxsize=1)
def large(number: int) -> tuple[str, bytes]:
    """The large funnel of a round."""
    text, _ = large_funnel(LARGE, number)
    return text, text.encode()


@lru_cache(maxsize=1)
def many(number: int) -> tuple[str, bytes, int]:
    """The text of many documents of a round."""
    text, amount = documents(LARGE, number)
    return text, text.encode(), amount


def checked(data: bytes, expected: int = 1) -> object:
    """Our reading; generated files are sound, so anything found in them ends the script."""
    reading = read(data, "generated.yaml")
    if reading.diagnostics or len(reading.funnels) != expected:
        raise SystemExit(f"{len(reading.funnels)} of {expected} funnels were read; {reading.diagnostics[:1]}")
    return reading


def main() -> None:
    """Measure and report the three shapes."""
    repeat = repeats(__doc__, 15)
    describe(sys.executable)

    def ours_files(number: int) -> object:
        for _, data in files(number):
            checked(data)
        return None

    def yaml_files(number: int) -> object:
        for text, _ in files(number):
            yaml.load(text, yaml.CSafeLoader)
        return None

    shapes = (
        (f"{FILES:,} files of eight stages", files, yaml_files, ours_files, 0.8),
        (
            f"one funnel of {LARGE / 1e6:.0f} MB, a breakdown of {large_funnel(LARGE)[1]:,} segments",
            large,
            lambda number: yaml.load(large(number)[0], yaml.CSafeLoader),
            lambda number: checked(large(number)[1]),
            0.6,
        ),
        (
            f"one file of {LARGE / 1e6:.0f} MB, {documents(LARGE)[1]:,} documents",
            many,
            lambda number: list(yaml.load_all(many(number)[0], yaml.CSafeLoader)),
            lambda number: checked(many(number)[1], many(number)[2]),
            None,
        ),
    )
    for title, prepare, theirs, ours, target in shapes:
        subjects = {"yaml": function(theirs, prepare), "funnelcli": function(ours, prepare)}
        report(title, alternate(subjects, repeat), "yaml", {"funnelcli": Target(target)})


if __name__ == "__main__":
    main()
