"""Raw lines of a document as a person typed them, and what may be wrong in them: a slip, and the lines without it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.currencies import minor_digits
from funnelcli.diagnostics import joined
from funnelcli.funnel_file.yaml.plain import is_number
from funnelcli.funnel_file.yaml.quoting import quoted_text, written
from funnelcli.funnel_file.yaml.typed_numbers import NUMBER, plain_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BEFORE, AFTER = -1, 100
"""Orders of slips that go before those of single lines, and after them."""


def indent(text: str) -> int:
    """How many blanks a line begins with."""
    return len(text) - len(text.lstrip())


def is_item(line: str) -> bool:
    """Whether a line is an item of a list, with its dash: it stands in no brackets."""
    return line.lstrip().startswith("- ")


def spaces(number: int) -> str:
    """How a line begins that is indented by so many."""
    return f"with {number} space{'' if number == 1 else 's'}" if number else "without spaces"


class LinePart(NamedTuple):
    """A slip at one place: the stretch of a line that it is about, and whole lines as they should be, empty if gone.

    `meant` is what the help says to write in its place, and `moved` how the lines are to begin, `with 4 spaces`. It is
    `sure` where nothing else can be meant, and `None` where the help leaves something to be decided.
    """

    said: str
    line: int
    column: int
    end: int
    help: str
    edits: tuple[tuple[int, str], ...]
    meant: str = ""
    moved: str = ""
    sure: bool | None = True


class Slip(NamedTuple):
    """What a person may have done, in one place or in several alike; of equal ones, the lowest order is said."""

    order: int
    parts: tuple[LinePart, ...]
    code: str
    together: bool = False  # where one is a slip, so are the others
    replaces: bool = False  # what goes says nothing of the funnel: a misspelt word, a number of a line


class Line:
    """A raw line in its parts: `body` is what stands after indentation and dashes, up to blanks and a comment.

    `outermost` is the key at the start of a line that it stands below, or its own.
    """

    def __init__(self, text: str, number: int = 0, lines: Sequence[str] = (), outermost: str = "") -> None:
        self.text = text
        self.number = number
        self._lines = lines
        self.outermost = outermost
        match = re.match(r"\s*(?:- +)*", text)
        self.at = match.end() if match else 0
        body = re.sub(r"\s+#.*$", "", text[self.at :])
        self.body = ("" if body.startswith("#") else body).rstrip()
        self.end = self.at + len(self.body)
        pair = re.match(r"(\"[^\"]*\"|'[^']*'|[^\s:\"'\[{#][^:]*?)\s*:\s+(?=\S)", self.body)
        self.key = pair[1] if pair else ""
        self.value_at = self.at + pair.end() if pair else self.end
        self.value = self.text[self.value_at : self.end]
        self.rest = self.text[self.value_at :].rstrip() if pair else ""  # with what may be no comment

    @cached_property
    def thousandths(self) -> bool:
        """Whether the currency of the document has three decimals."""
        named = (re.match(r"currency:\s*[\"']?(\w+)", line) for line in self._lines)
        return any(found and minor_digits(found[1]) > 2 for found in named)

    @cached_property
    def parts(self) -> dict[str, tuple[int, str]]:
        """Parts of the line by the names that rows ask for them, and where they begin."""
        whole = {"text": (0, self.text), "line": (0, self.text.rstrip())}
        return whole | {"body": (self.at, self.body), "value": (self.value_at, self.value)}

    @property
    def before(self) -> Sequence[str]:
        """The lines above."""
        return self._lines[: self.number]

    @property
    def below(self) -> int:
        """How far the next line is indented."""
        return indent("".join(self._lines[self.number + 1 : self.number + 2]))

    def mend(
        self,
        said: str,
        text: str,
        start: int | None = None,
        end: int | None = None,
        help_: str = "",
        sure: bool | None = True,
    ) -> LinePart:
        """What was done, and what is to be written in a stretch of the line: in its body unless that is given."""
        start, end = self.at if start is None else start, self.end if end is None else end
        mended = self.text[:start] + text + self.text[end:]
        edits = ((self.number, mended),)
        return LinePart(said, self.number, start, end, help_ or f"write {text}", edits, text, sure=sure)


_UNWRITTEN = re.compile(r"\s*(#|$)|---(\s|$)|\.\.\.$")


class RawLines(NamedTuple):
    """Lines of a document, the number in the file of the first, and the line of the first error."""

    all: Sequence[str]
    first: int
    near: int

    def numbers(self, *numbers: int) -> str:
        """`line 3`, or `lines 1 and 4 to 6`."""
        runs: list[list[int]] = []
        for number in numbers:
            if runs and runs[-1][-1] == number - 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        runs = [part for run in runs for part in ([[run[0]], [run[1]]] if len(run) == 2 else [run])]
        told = [str(run[0] + self.first + 1) + (f" to {run[-1] + self.first + 1}" if run[1:] else "") for run in runs]
        return f"{'lines' if len(numbers) > 1 else 'line'} {joined(told)}"

    def slip(
        self,
        said: str,
        number: int,
        help_: str,
        edits: Sequence[tuple[int, str]],
        code: str = "FN004",
        order: int = BEFORE,
        stretch: tuple[int, int] | None = None,
        moved: str = "",
        sure: bool | None = True,
    ) -> Slip:
        """A slip of any edits, shown at a line or a stretch of it."""
        line = self.all[number]
        start, end = stretch or (indent(line), len(line.rstrip()))
        return Slip(order, (LinePart(said, number, start, end, help_, tuple(edits), "", moved, sure),), code)

    def deletion(self, said: str, number: int, gone: Sequence[int], *, sure: bool = True) -> Slip:
        """A slip that is mended when some lines are deleted."""
        return self.slip(said, number, f"delete {self.numbers(*gone)}", [(each, "") for each in gone], sure=sure)

    def as_one(
        self,
        said: str,
        numbers: Sequence[int],
        text: str,
        code: str = "FN103",
        also: str = "",
        at: int | None = None,
        sure: bool = True,
    ) -> Slip:
        """Lines that are to be written as one line; shown `at` one of them, or at the first.

        What is to be done besides, `also`, is left to a person.
        """
        first, *others = numbers
        edits = [(first, " " * indent(self.all[first]) + text), *((number, "") for number in others)]
        help_ = f"write {self.numbers(*numbers)} as {text}{also}"
        return self.slip(said, first if at is None else at, help_, edits, code, sure=None if also else sure)

    def written(self, start: int = 0) -> list[int]:
        """Numbers of the lines that hold more than a comment or a marker."""
        return list(self.written_from(start))

    def written_from(self, start: int) -> Iterator[int]:
        """The same one by one, for who needs the first few of many."""
        return (at for at in range(start, len(self.all)) if self.all[at] and not _UNWRITTEN.match(self.all[at]))


def value(text: str) -> str:
    """A value as YAML: a number bare, a text plain where that is safe."""
    number = plain_number(text)
    if is_number(number.rstrip("%")):
        return number
    plain = re.match(r"\w", text) and ": " not in text and " #" not in text
    return text if plain or text[:1] in "{[\"'" else quoted_text(text)


def pairs(text: str, number: str = NUMBER) -> list[tuple[str, str]] | None:
    """Names and numbers that a text is made of, whatever stands between them; `None` when there is anything else."""
    text = text.strip().removeprefix("{").removesuffix("}").removeprefix("(").removesuffix(")")
    found: list[tuple[str, str]] = []
    pattern = re.compile(
        rf"\s*\"?([^\W\d][^:=,;|\"\n]*?)\"?\s*(?::|=>|->|:=|[=→,|(]|\s[-–—−](?=\s)|\s)\s*({number})\)?\s*(?:[,;|\n]|$|(?=\s*[^\W\d]))"
    )
    place = 0
    while place < len(text.rstrip()):
        match = pattern.match(text, place)
        if match is None:
            return None
        found.append((match[1].strip(), plain_number(match[2])))
        place = match.end()
    return found if len(found) > 1 else None


def braces(found: Sequence[tuple[str, str]]) -> str:
    """Stages in one line: `{name: count, …}`."""
    return "{" + ", ".join(f"{written(name)}: {number}" for name, number in found) + "}"
