"""What can be wrong with a funnel file, as values: problems, where they are, and the table of their codes.

A `Problem` is what is wrong; a `Diagnostic` is a problem with its place in a file. Both are collected, never raised.
Codes are never reused: FN0xx YAML and encoding, FN1xx the funnel, FN2xx ambiguous values, FN3xx warnings, FN4xx checks.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fractions import Fraction


class Severity(Enum):
    """How much a diagnostic weighs: an error makes the funnel unusable, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


CODES: dict[str, str] = {
    "FN001": "the file is not UTF-8",
    "FN002": "the file is too large",
    "FN003": "a character that YAML does not allow",
    "FN004": "YAML syntax",
    "FN005": "a tab as indentation",
    "FN006": "an empty file or document",
    "FN007": "a key written twice",
    "FN008": "an explicit tag",
    "FN009": "a merge key",
    "FN010": "an alias inside its own anchor",
    "FN011": "aliases that expand too far",
    "FN012": "nesting too deep",
    "FN013": "a key that is not text",
    "FN014": "an alias without an anchor",
    "FN015": "an invisible or control character in a name",
    "FN016": "a file of another program",
    "FN101": "an unknown key",
    "FN102": "a missing key or value",
    "FN103": "another kind of value is expected",
    "FN104": "a count above the one it comes from",
    "FN105": "fewer than two stages",
    "FN106": "a name used twice",
    "FN107": "a negative value",
    "FN108": "two keys that exclude each other",
    "FN109": "a rate above 100%",
    "FN110": "a stage that comes from itself, a later stage or nothing",
    "FN111": "a target outside 0% to 100%",
    "FN112": "an unknown stage",
    "FN113": "money given twice",
    "FN114": "counts that do not fit the stages",
    "FN115": "a selector that is not understood",
    "FN116": "a change that is not understood",
    "FN117": "a check that is not understood",
    "FN118": "a scenario that cannot be projected",
    "FN119": "a number too long or too large",
    "FN120": "a word that is not one of the choices",
    "FN121": "an empty name",
    "FN122": "revenue at an empty stage",
    "FN123": "a role given twice",
    "FN124": "a condition that no event meets, or every event",
    "FN201": "yes, no, on or off",
    "FN202": "a number with colons",
    "FN203": "a number with a leading zero",
    "FN204": "a hexadecimal, octal or binary number",
    "FN205": "underscores in a number",
    "FN206": "commas or spaces in a number",
    "FN207": "a currency sign in a number",
    "FN208": "not a number, or infinity",
    "FN209": "a date",
    "FN210": "a rate above 1 without a percent sign",
    "FN211": "text that one YAML version reads as a number",
    "FN212": "a point that may part thousands",
    "FN301": "a breakdown that does not add up to the stages",
    "FN302": "a funnel without scenarios",
    "FN303": "a target that cannot be reached",
    "FN304": "a scenario that changes nothing",
    "FN305": "a stage without losses",
    "FN306": "money without a currency",
    "FN307": "a check that can never fail",
    "FN308": "too few units for a verdict",
    "FN310": "a key without effect",
    "FN311": "a referral that grows without bound",
    "FN312": "budgets of a breakdown that do not add up",
    "FN313": "counts that look like percentages",
    "FN314": "periods whose order cannot be told",
    "FN315": "a funnel that is not measured yet",
    "FN316": "a sale that may be another stage",
    "FN399": "an ignore comment that ignores nothing",
    "FN401": "a check that failed",
    "FN402": "a check that is undecided",
    "FN403": "a check on a figure that is undefined",
    "FN404": "a check against a baseline, and none is given",
}
"""Every code and what it is about, in the words of a title."""
RETIRED = {"FN309": "FN212"}
"""Codes that nothing has any more, and what took their place; none is ever used again."""
UNANSWERED = frozenset(("FN402", "FN404"))
"""Checks that neither passed nor failed."""


class Problem(NamedTuple):
    """What is wrong, without a place: a code of `CODES`, one sentence, and the way out.

    `weight` is that of the code unless the place makes it lighter or heavier. `scenario` is the one that it makes
    impossible, by the number of its document and its name: a warning, until somebody asks for that scenario.
    """

    code: str
    message: str
    help: str | None = None
    weight: Severity | None = None
    scenario: tuple[int, str] | None = None

    @property
    def severity(self) -> Severity:
        """FN3xx are warnings, and so are checks without an answer; everything else is an error."""
        if self.weight is not None:
            return self.weight
        return Severity.WARNING if self.code.startswith("FN3") or self.code in UNANSWERED else Severity.ERROR


class Location(NamedTuple):
    """A stretch of one line of a file; lines and columns are 1-based code points, `end_column` is exclusive."""

    file: str
    line: int
    column: int
    end_column: int


class Diagnostic(NamedTuple):
    """A problem at its place, with the line of source it stands in.

    `path` is where it stands in the document (`stages[1].count`); `related` are further places that explain it.
    """

    problem: Problem
    location: Location
    source: str = ""
    path: str = ""
    related: tuple[tuple[str, Location, str], ...] = ()

    @property
    def severity(self) -> Severity:
        """The severity of its problem."""
        return self.problem.severity


LONGEST_COMPARED = 100
MOST_COMPARED = 200


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """One help line that names the nearest known word, or lists them all when none is near."""
    names = list(known)
    listed = ", ".join(quoted(name) for name in names[:12])
    listing = f"known here: {listed}{', …' if len(names) > 12 else ''}" if names else None
    if len(word) > LONGEST_COMPARED or len(names) > MOST_COMPARED:
        return listing  # comparing would take longer than reading the file
    folded = {name.casefold(): name for name in names}
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    if near:
        return f"did you mean {quoted(folded[near[0]])}?"
    return listing


def joined(words: Sequence[str]) -> str:
    """Words in a sentence: `a`, `a and b`, `a, b and c`."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def decimal_text(value: "int | Fraction") -> str:
    """A number in a message, as a plain decimal."""
    if isinstance(value, int):
        return str(value)
    from decimal import Decimal

    return f"{Decimal(value.numerator) / value.denominator:f}"


def quoted(text: str, limit: int = 60) -> str:
    """A name in double quotes for a message, shortened in the middle when it is very long."""
    if len(text) > limit:
        text = f"{text[: limit - 20]}…{text[-19:]}"
    return f'"{text}"'
