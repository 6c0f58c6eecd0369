"""Slips of the hand in `slips.txt`: each gives one message, where it was made, and its help works to the letter.

Each part of the file is a title with the places of the messages, a file with a slip, and that file mended: in two ways,
where two readings are possible. `follow` does what a help says, word by word, and nothing else.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import yaml

from funnelcli.diagnostics import Diagnostic, Severity
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.yaml.loaders import PurePythonLoader

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.diagnostics import Location

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
REMARKS = (
    r"; likewise .*|; a limit that .*|, with your .* in place of 0|, with your own .*?(?=, and|$)|; without it, .*"
    r"|: conversions follow from the counts|, as a comment begins with .*| and name the currency once: .*"
    r"|(?<=[\d%]) (?:without words|without the (?:space|sign)|without \".*?\"|with a point|with a hyphen)"
    r"|(?<=[\d%]) or a fraction of 1|, if \d+ is no part of the name"
)
"""What a help says beside what is to be written."""


class Text:
    """A file whose lines are changed by their numbers, which stay; `place` is where the message points."""

    def __init__(self, text: str, place: Location) -> None:
        self.before = text.split("\n")
        self.lines: list[str | None] = list(self.before)
        self.number, self.start, self.end = place.line - 1, place.column - 1, place.end_column - 1

    def line(self, number: int) -> str:
        return self.lines[number] or ""

    def each(self, which: str, change: Callable[[str], str | None]) -> None:
        for number in numbers(which):
            self.lines[number] = change(self.line(number))

    def instead(self, written: str) -> None:
        line = self.line(self.number)
        self.lines[self.number] = line[: self.start] + written + line[self.end :]

    def above(self, written: str, which: str) -> None:
        for number in numbers(which):
            held = self.before[number]
            place = len(held) - len(held.lstrip()) if written != "---" else 0
            self.lines[number] = f"{' ' * place}{written}\n{self.line(number)}"


def begin(line: str, spaces: int) -> str:
    return " " * spaces + line.lstrip()


def as_one(text: Text, which: str, written: str) -> None:
    first, *others = numbers(which)
    held = text.line(first)
    text.lines[first] = held[: len(held) - len(held.lstrip())] + written
    for number in others:
        text.lines[number] = None


def in_another_line(text: Text, which: str, written: str) -> None:
    text.each(f"line {which}", lambda line: re.sub(r": .*", lambda _: f": {written}", line))


WAYS: list[tuple[str, Callable[..., object]]] = [
    (r".*left out.*", lambda text: text.each(f"line {text.number + 1}", lambda _: "")),
    (r'write (".*"), and in line (\d+) (".*")', lambda text, here, line, there: (
        text.instead(here), in_another_line(text, line, there))),
    (rf"write {LINES} as (.*)", as_one),
    (rf"delete {LINES} and (\d+) spaces at the start of {LINES}", lambda text, gone, much, which: (
        text.each(gone, lambda _: ""), text.each(which, lambda line: line.removeprefix(" " * int(much))))),
    (rf'delete "(.*)" at the start of {LINES}', lambda text, gone, which: text.each(
        which, lambda line: line.removeprefix(gone))),
    (rf"delete the first character of {LINES}, and {LINES} as a whole", lambda text, which, gone: (
        text.each(which, lambda line: line[1:]), text.each(gone, lambda _: ""))),
    (rf"delete the first (\d+) characters of {LINES}", lambda text, much, which: text.each(
        which, lambda line: line[int(much):])),
    (rf"delete the numbers at the start of {LINES}", lambda text, which: text.each(
        which, lambda line: re.sub(r"^\s*\d+[.:)|]? ?", "", line))),
    (rf"delete {LINES}", lambda text, gone: text.each(gone, lambda _: "")),
    (rf"begin {LINES} with (\d+) spaces?", lambda text, which, much: text.each(
        which, lambda line: begin(line, int(much)))),
    (rf"begin {LINES} without spaces", lambda text, which: text.each(which, lambda line: begin(line, 0))),
    (rf"indent {LINES} by (\d+) spaces?", lambda text, which, much: text.each(
        which, lambda line: begin(line, int(much)))),
    (rf"indent {LINES} by (\d+) more", lambda text, which, much: text.each(which, lambda line: " " * int(much) + line)),
    (rf"indent {LINES} by (\d+) less", lambda text, which, much: text.each(
        which, lambda line: line.removeprefix(" " * int(much)))),
    (rf"write a space in place of the dash in {LINES}", lambda text, which: text.each(
        which, lambda line: line.replace("-", " ", 1))),
    (rf"write a space after the dash in {LINES}", lambda text, which: text.each(
        which, lambda line: line.replace("-", "- ", 1))),
    (rf"write 2 spaces in place of each tab at the start of {LINES}", lambda text, which: text.each(
        which, lambda line: line[: len(line) - len(line.lstrip())].replace("\t", "  ") + line.lstrip())),
    (rf"delete each tab at the start of {LINES}", lambda text, which: text.each(
        which, lambda line: line[: len(line) - len(line.lstrip())].replace("\t", "") + line.lstrip())),
    (rf"write a colon and a space in place of = in {LINES}", lambda text, which: text.each(
        which, lambda line: re.sub(r"\s*=\s*", ": ", line, count=1).rstrip())),
    (rf"write (.*) in a line of its own above {LINES}", lambda text, written, which: text.above(written, which)),
    (rf"write (.*) in a line of its own below {LINES}", lambda text, written, which: text.each(
        which, lambda line: f"{line}\n{' ' * (len(line) - len(line.lstrip(' -')))}{written}")),
    (r"start a new line before (.*)", lambda text, rest: text.each(
        f"line {text.number + 1}", lambda line: re.sub(
            rf",?\s+{re.escape(rest)}", lambda _: f"\n{' ' * text.start}{rest}", line))),
    (r"write (.*), then (.*) in a line of its own", lambda text, first, second: text.instead(
        f"{first}\n{' ' * text.start}{second}")),
    (r"write (.*), and (.*) in an item of its own", lambda text, first, second: text.instead(
        f"{first}\n{' ' * (text.start - 2)}- {second}")),
    (r"write one number: (\S+) is the middle", lambda text, middle: text.instead(middle)),
    (r'write (".*") in quotes(?:, or \w+|, if it is no number)?', lambda text, written: text.instead(written)),
    (r'did you mean "(.*)"\?', lambda text, written: text.instead(written)),
    (r"write (\S+) or [\d./]+", lambda text, written: text.instead(written)),
    (r"write (.*)", lambda text, written: text.instead(written)),
    (r"delete (.*)", lambda text, gone: text.instead("")),
]  # fmt: skip
"""What helps say, and what is done: the first that fits counts."""


def follow(text: str, error: Diagnostic, told: str) -> str:
    """The text after one way out of a help has been followed to the letter."""
    edited = Text(text, error.location)
    told = re.sub(REMARKS, "", told)
    orders = re.split(r", then (?=delete|write ---)|, and (?=indent|write )", told)
    for order in sorted(orders, key=lambda order: "of its own above" in order):  # new lines last
        match, act = next((match, act) for way, act in WAYS if (match := re.fullmatch(way, order)))
        act(edited, *match.groups())
    return "\n".join(each for each in edited.lines if each is not None)


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
        for _ in range(20):
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


@each_slip
def test_the_documents_around_are_read(slip: Slip) -> None:
    alone = [(each.location.line, each.location.column, each.problem.code) for each in errors(slip.bad)]
    reading = read(f"{SOUND}---\n{slip.bad}---\n{SOUND}".encode(), "kiosk.yaml")
    assert [funnel.document for funnel in reading.funnels] == [1, 3]
    found = [(each.location.line - 3, each.location.column, each.problem.code) for each in reading.diagnostics]
    assert found == alone
