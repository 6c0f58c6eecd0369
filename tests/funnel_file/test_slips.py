"""Slips of the hand in `slips.txt`: each gives one message, where it was made, and its help works to the letter.

Each part of the file is a title with the places of the messages, a file with a slip, and that file mended: in two ways,
where two readings are possible. `follow` does what a help says, word by word, and nothing else.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from funnelcli.diagnostics import Diagnostic, Severity
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.yaml.loaders import PurePythonLoader

FILE = Path(__file__).parent / "slips.txt"
LOADERS = [yaml.CSafeLoader, PurePythonLoader]
each_loader = pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
SOUND = "name: Next\nstages: {Walk-ins: 9, Receipts: 3}\n"


class Slip(NamedTuple):
    title: str
    places: list[tuple[int, int]]
    bad: str
    mended: list[str]


def slips() -> list[Slip]:
    found = []
    for part in FILE.read_text(encoding="utf-8").split("## ")[1:]:
        head, _, body = part.partition("\n")
        title, _, places = head.partition(" @ ")
        texts = [text.rstrip("\n") + "\n" for text in re.split(r"^=>\n", body, flags=re.MULTILINE)]
        bad, *mended = [text.replace("\\u00a0", "\u00a0") for text in texts]
        found.append(Slip(title, [(int(a), int(b)) for a, b in re.findall(r"(\d+):(\d+)", places)], bad, mended))
    return found


each_slip = pytest.mark.parametrize("slip", slips(), ids=lambda slip: slip.title)


@cache
def errors(text: str, loader: type | None = None) -> list[Diagnostic]:
    found = read(text.encode(), "kiosk.yaml", loader).diagnostics
    return [each for each in found if each.severity is Severity.ERROR]


def numbers(text: str) -> list[int]:
    """The numbers of `line 3` or of `lines 1, 4 to 6 and 8`, from 0."""
    found: list[int] = []
    for first, last in re.findall(r"(\d+)(?: to (\d+))?", text):
        found += range(int(first) - 1, int(last or first))
    return found


LINES = r"(lines? \d+(?:(?:,| to| and) \d+)*)"
FURTHER = rf"(?:, and indent {LINES} by (\d+) more)?"


def follow(text: str, error: Diagnostic, told: str) -> str:
    """The text after one way out of a help has been followed to the letter."""
    lines: list[str | None] = list(text.split("\n"))
    place = error.location
    number = place.line - 1
    line = lines[number] or ""
    told = re.sub(
        r"; likewise .*|; a limit that .*|, with your .* in place of 0|, with your own .*?(?=, and|$)", "", told
    )

    def move(which: str, much: int, *, more: bool) -> None:
        for each in numbers(which):
            held = lines[each] or ""
            lines[each] = " " * much + (held if more else held.lstrip())

    def instead(written: str) -> None:
        lines[number] = line[: place.column - 1] + written + line[place.end_column - 1 :]

    if match := re.fullmatch(r'write (".*"), and in line (\d+) (".*")', told):
        instead(match[1])
        lines[int(match[2]) - 1] = re.sub(r": .*", f": {match[3]}", lines[int(match[2]) - 1] or "")
    elif match := re.fullmatch(rf"write {LINES} as (.*)", told):
        first, *others = numbers(match[1])
        held = lines[first] or ""
        lines[first] = held[: len(held) - len(held.lstrip())] + match[2]
        for each in others:
            lines[each] = None
    elif match := re.fullmatch(rf"delete {LINES}(?: and (\d+) spaces at the start of {LINES})?", told):
        for each in numbers(match[1]):
            lines[each] = ""
        for each in numbers(match[3] or ""):
            lines[each] = (lines[each] or "").removeprefix(" " * int(match[2]))
    elif match := re.fullmatch(rf'delete "(.*)" at the start of {LINES}', told):
        for each in numbers(match[2]):
            lines[each] = (lines[each] or "").removeprefix(match[1])
    elif match := re.fullmatch(rf"indent {LINES} by (\d+)( spaces?| more)", told):
        move(match[1], int(match[2]), more=match[3] == " more")
    elif match := re.fullmatch(
        rf"write (.*) in a line of its own above line \d+(?:, and indent {LINES} by (\d+) more)?", told
    ):
        indent = " " * (len(line) - len(line.lstrip()))
        if match[2]:
            move(match[2], int(match[3]), more=True)
        lines[number] = f"{indent}{match[1]}\n{lines[number]}"
    elif match := re.fullmatch(rf"delete the first character of {LINES}, and {LINES} as a whole", told):
        for each in numbers(match[1]):
            lines[each] = (lines[each] or "")[1:]
        for each in numbers(match[2]):
            lines[each] = ""
    elif match := re.fullmatch(rf"write a space in place of the dash in {LINES}", told):
        for each in numbers(match[1]):
            lines[each] = (lines[each] or "").replace("-", " ", 1)
    elif match := re.fullmatch(rf"indent {LINES} by (\d+) less", told):
        for each in numbers(match[1]):
            lines[each] = (lines[each] or "").removeprefix(" " * int(match[2]))
    elif match := re.fullmatch(r"start a new line before (.*)", told):
        lines[number] = re.sub(rf"\s+{re.escape(match[1])}", f"\n{match[1]}", line)
    elif told.startswith("delete "):
        assert told == f"delete {line[place.column - 1 : place.end_column - 1]}"
        instead("")
    elif "left out" in told:
        lines[number] = ""
    elif match := re.fullmatch(r'(?:did you mean "(.*)"\?|write (.*) without words|write (.*))', told):
        instead(match[1] or match[2] or match[3])
    else:
        raise AssertionError(told)
    return "\n".join(each for each in lines if each is not None)


@each_loader
@each_slip
def test_each_slip_is_one_message_where_it_was_made(slip: Slip, loader: type) -> None:
    found = errors(slip.bad, loader)
    assert [(each.location.line, each.location.column) for each in found] == slip.places
    assert not [each.problem.message for each in found if "this is not YAML" in each.problem.message]


@each_slip
def test_every_way_out_followed_to_the_letter_mends_the_file(slip: Slip) -> None:
    reached = set()
    first, *_ = errors(slip.bad)
    for way in range(len((first.problem.help or "").split("; or "))):
        text, before = slip.bad, None
        for _ in range(6):
            found = errors(text)
            if not found:
                break
            assert (found[0].problem, found[0].location) != before, "the help changed nothing"
            before = (found[0].problem, found[0].location)
            ways = (found[0].problem.help or "").split("; or ")
            text = follow(text, found[0], ways[min(way, len(ways) - 1)])
        assert errors(text) == []
        reached.add(text.rstrip("\n") + "\n")
    assert reached == set(slip.mended)


@each_slip
def test_help_uses_the_words_and_numbers_of_the_file(slip: Slip) -> None:
    tables = (schema.FUNNEL, schema.STAGE)
    examples = {word for table in tables for each in table for word in re.findall(r"[A-Z][a-z]{3,}", each.example)}
    assert {"Paid", "Invoice", "Invoices"} <= examples
    for error in errors(slip.bad):
        told = f"{error.problem.message} {error.problem.help}"
        assert not [word for word in {*examples, "360750"} if re.search(rf"\b{word}\b", told)]


@each_loader
@each_slip
def test_the_documents_around_are_read(slip: Slip, loader: type) -> None:
    alone = [(each.location.line, each.location.column, each.problem.code) for each in errors(slip.bad, loader)]
    reading = read(f"{SOUND}---\n{slip.bad}---\n{SOUND}".encode(), "kiosk.yaml", loader)
    assert [funnel.document for funnel in reading.funnels] == [1, 3]
    found = [(each.location.line - 3, each.location.column, each.problem.code) for each in reading.diagnostics]
    assert found == alone
