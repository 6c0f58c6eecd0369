"""What can be wrong with a funnel file, as values: problems, and where they are; `docs` has a page for each code.

A `Problem` is what is wrong; a `Diagnostic` is a problem with its place in a file. Both are collected, never raised.
Codes are never reused: FN0xx YAML and encoding, FN1xx the funnel, FN2xx ambiguous values, FN3xx warnings, FN4xx checks.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from funnelcli.characters import QUOTE_MARKS

if TYPE_CHECKING:
    from fractions import Fraction


class Severity(Enum):
    """How much a diagnostic weighs: an error makes the funnel unusable, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


RETIRED = {"FN309": "FN212"}
"""Codes that nothing has any more, and what took their place; none is ever used again."""
FAILED, UNDECIDED, UNDEFINED, WITHOUT_BASELINE = "FN401", "FN402", "FN403", "FN404"
"""Checks that have not passed, and why."""
UNANSWERED = frozenset((UNDECIDED, WITHOUT_BASELINE))
"""Checks that neither passed nor failed."""


Path: TypeAlias = tuple[str | int | None, ...]
"""Keys and indices that lead to a place of a document; after a key, `None` at the end is the key itself."""


class Replacement(NamedTuple):
    """What is to be written in place of a text: `forms` that it may mean, and what else the help says, `also`.

    Problems of one `kind` have one cause. `currency` is the one that the text names, and `once` how it is to be named
    once for the whole funnel, where nothing does. There is `doubt` where the text may mean something else all the same.
    """

    forms: tuple[str, ...]
    also: str = ""
    kind: str = ""
    currency: str | None = None
    once: str = ""
    doubt: bool = False

    @property
    def help(self) -> str:
        """The way out: what to write."""
        once = f" and name the currency once: {self.once}" if self.once else ""
        return f"write {' or '.join(self.forms)}{self.also}{once}"

    @property
    def only(self) -> str | None:
        """The form that is meant, where there is no doubt."""
        return self.forms[0] if len(self.forms) == 1 else None


class Problem(NamedTuple):
    """What is wrong, without a place: a code, one sentence, and the way out.

    `weight` is that of the code unless the place makes it lighter or heavier. `scenario` is the one that it makes
    impossible, by the number of its document and its name: a warning, until somebody asks for that scenario. `options`
    are what the command lacks, as a shell takes them, where the problem is but that. `path` leads to what causes it,
    where that was found out after the file had been read. `meant` is what the help says to write in place of a value.
    """

    code: str
    message: str
    help: str | None = None
    weight: Severity | None = None
    scenario: tuple[int, str] | None = None
    options: str | None = None
    path: Path | None = None
    meant: Replacement | None = None

    @property
    def only(self) -> str | None:
        """What is meant by the text that is wrong, where there is no doubt."""
        return None if self.meant is None else self.meant.only

    @property
    def severity(self) -> Severity:
        """FN3xx are warnings, and so are checks without an answer; everything else is an error."""
        if self.weight is not None:
            return self.weight
        return Severity.WARNING if self.code.startswith("FN3") or self.code in UNANSWERED else Severity.ERROR


class Edit(NamedTuple):
    """A stretch of a file and what is to be written there; lines and columns are 1-based code points, ends exclusive.

    A line that goes as a whole ends at the first column of the next.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class Fix(NamedTuple):
    """How a file is mended where something is wrong; `safe` says that what was written can mean nothing else.

    There are no edits where the problem goes with those of another one.
    """

    edits: tuple[Edit, ...]
    safe: bool


class Location(NamedTuple):
    """A stretch of one line of a file; lines and columns are 1-based code points, `end_column` is exclusive."""

    file: str
    line: int
    column: int
    end_column: int


class Diagnostic(NamedTuple):
    """A problem at its place, with the line of source it stands in.

    `path` is where it stands in the document (`stages[1].count`); `related` are further places that explain it. `fix`
    is what mends it, where one thing is to be written.
    """

    problem: Problem
    location: Location
    source: str = ""
    path: str = ""
    related: tuple[tuple[str, Location, str], ...] = ()
    fix: Fix | None = None

    @property
    def severity(self) -> Severity:
        """The severity of its problem."""
        return self.problem.severity


LONGEST_COMPARED = 100
MOST_COMPARED = 200
MOST_MEANT = 3


def did_you_mean(word: str, known: Iterable[str], within: str = "") -> str | None:
    """One help line that names the nearest known word, or lists them all when none is near.

    Near is what is spelled alike, then the few names that the word is a whole part of: `orders` of `shop.orders`.
    Where the names are to be written with what they lie `within`, it stands before each.
    """
    names = list(known)
    listed = ", ".join(quoted(within + name) for name in names[:12])
    listing = f"known here: {listed}{', …' if len(names) > 12 else ''}" if names else None
    if len(word) > LONGEST_COMPARED or len(names) > MOST_COMPARED:
        return listing  # comparing would take longer than reading the file
    folded = {name.casefold(): name for name in names}
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    if near:
        return f"did you mean {quoted(within + folded[near[0]])}?"
    part = re.compile(rf"(?<![^\W_]){re.escape(word.casefold())}(?![^\W_])") if word.strip() else None
    holding = [quoted(within + name) for key, name in folded.items() if part and part.search(key)]
    return f"did you mean {joined(holding, 'or')}?" if 0 < len(holding) <= MOST_MEANT else listing


_SIGNS = " ,;.:!?'\"()-–—" + "".join(sorted(QUOTE_MARKS))
"""Signs that slip to the ends of a name."""


def near_name(word: str, known: Iterable[str]) -> Replacement | None:
    """The one of the known names that `did_you_mean` asks for, with doubt where another is nearly as near.

    So is there where signs at its ends are all that tells them apart: the slip may be in the name that is known.
    """
    folded = {name.casefold(): name for name in known}
    if len(word) > LONGEST_COMPARED or len(folded) > MOST_COMPARED:
        return None
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    if not near:
        return None
    at_ends = word.casefold().strip(_SIGNS) == near[0].strip(_SIGNS)
    return Replacement((folded[near[0]],), kind=NAME, doubt=at_ends or not is_slip(word, near[0], folded))


def is_slip(word: str, name: str, known: Iterable[str]) -> bool:
    """Whether a word is a name with a slip of the hand: hardly another one, and near no other that is known."""
    word, name = word.casefold(), name.casefold()
    near = get_close_matches(word, known, n=2, cutoff=0.7)
    return near == [name] and bool(get_close_matches(word, near, cutoff=0.75 if len(word) == len(name) else 0.8))


NAME = "a name"
"""The kind of a name that is known by another spelling."""


def joined(words: Sequence[str], last: str = "and") -> str:
    """Words in a sentence: `a`, `a and b`, `a, b and c`."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else words[0]


def spanned(periods: Sequence[str]) -> str:
    """Periods that follow each other, in a sentence: all of a few, else the first and the last."""
    return joined(periods) if len(periods) < 4 else f"{periods[0]} to {periods[-1]}"


def many(number: int, one: str, more: str = "") -> str:
    """`1 deal`, `1,200 deals`."""
    return f"{number:,} {one if number == 1 else more or f'{one}s'}"


def verb(number: int, of_many: str) -> str:
    """The verb of so many, by that of more than one: of `are` and `count`, `is` and `counts` for one."""
    if number != 1:
        return of_many
    return {"are": "is", "have": "has"}.get(of_many, f"{of_many}s")


def said_once(said: "Iterable[tuple[str, str]]", several: int) -> list[str]:
    """Notes of so many parts by their names: one that is of all stands alone, one of some behind their names."""
    of: dict[str, list[str]] = {}
    for name, text in said:
        of.setdefault(text, []).append(name)
    return [text if len(names) == several else f"{joined(names)}: {text}" for text, names in of.items()]


def decimal_text(value: "int | Fraction") -> str:
    """A number in a message, as a plain decimal."""
    if isinstance(value, int):
        return str(value)
    from decimal import Decimal

    return f"{Decimal(value.numerator) / value.denominator:f}"


def short_hash(revision: str) -> str:
    """What a revision is called to a reader: of a whole hash its beginning, as git shortens it."""
    return revision[:9] if re.fullmatch("[0-9a-f]{10,64}", revision) else revision


def quoted(text: str) -> str:
    """A name in double quotes for a message, shortened in the middle when it is very long."""
    if len(text) > 60:
        text = f"{text[:40]}…{text[-19:]}"
    return f'"{text}"'
