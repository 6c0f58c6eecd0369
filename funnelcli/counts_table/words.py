"""Names of columns and labels of rows, and the words of several languages by which spreadsheets tell what they are.

The words and the forms of cells are those of `words.toml`. A name is compared as `plain` leaves it.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_REMEMBERED = 65_536  # names and labels repeat by row
_CAMEL = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])")
_TOKEN = re.compile(r"[^\W_]+|[%#№/]|[$¢£¤¥\u20a0-\u20cf]")
_UNIT = re.compile(r"[(\[]([^()\[\]]*)[)\]]|(?:(?<!\d),|,(?!\d))([^,]*)$")


@lru_cache(maxsize=_REMEMBERED)
def plain(name: str) -> str:
    """A name as words parted by single spaces: `Step_Name`, `stepName` and `step-name` are `step name`."""
    return " ".join(_TOKEN.findall(fold(_CAMEL.sub(" ", name))))


class _Patterns(dict[str, re.Pattern[str]]):
    """Regular expressions by name, each compiled when it is first asked for: few tables need many."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__()
        self.texts = texts

    def __missing__(self, name: str) -> re.Pattern[str]:
        found = self[name] = re.compile(self.texts[name])
        return found


_GROUPS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
REASONS: dict[str, list[str]] = _GROUPS.pop("reasons")
"""Why a cell is no count, by the pattern of `CELLS` that it fits: a code, what is said of it, and help."""
_FORMS = {name: text.replace("\n", "") for name, text in _GROUPS.pop("cells").items()}
CELLS = _Patterns({name: text.replace("{sign}", _FORMS["sign"]) for name, text in _FORMS.items()})
"""Regular expressions of what cells hold."""
PATTERNS = _Patterns({name: text.replace("\n", "") for name, text in _GROUPS.pop("patterns").items()})
"""Regular expressions for names of columns, by what these hold."""
_CODES: dict[str, str] = {
    plain(name): code for code, names in _GROUPS.pop("codes_of_currencies").items() for name in names.split(", ")
}
FACTORS = {
    plain(name): int(factor)
    for factor, names in _GROUPS.pop("magnitudes").items()
    for name in re.split("[,\n]", names.strip())
}
"""Words for magnitudes, such as thousands, and what these are multiplied with."""
WORDS = {name: frozenset(map(plain, re.split("[,\n]", text.strip()))) for name, text in _GROUPS.items()}
"""Groups of words, by what they name."""
WORDS["whole"] |= WORDS["people"]
_TOTALS = WORDS["total"] | WORDS["subtotal"] | WORDS["everybody"]
_BEFORE = " \t*-–—=_«\"'"
_AVERAGE_STARTS = tuple({name[:3] for name in WORDS["average"]})
_TOTAL_STARTS = tuple({name.replace("$ ", "$")[:3] for name in _TOTALS} | {"res", "erg", "rés", "ris", "рез", "wyn"})


def has_word(group: str, name: str) -> bool:
    """Whether one of the words of a name is of a group."""
    return not WORDS[group].isdisjoint(plain(name).split())


def is_qualified(group: str, base: str) -> bool:
    """Whether a name is one of a group but for words that say how it is counted: `net revenue`, `umsatz netto`."""
    tokens = base.split()
    kept = [at for at, token in enumerate(tokens) if token not in WORDS["qualifiers"]]
    spans = [(kept[0], kept[-1] + 1)] if 0 < len(kept) < len(tokens) else []
    return any(" ".join(tokens[first:last]) in WORDS[group] for first, last in [*spans, *_trimmed(tokens)])


def _trimmed(tokens: Sequence[str]) -> list[tuple[int, int]]:
    """Where a name begins and ends without some of the words before and behind that say how it is counted."""
    size = len(tokens)
    before = next((at for at, token in enumerate(tokens) if token not in WORDS["qualifiers"]), size)
    behind = next((at for at, token in enumerate(reversed(tokens)) if token not in WORDS["qualifiers"]), size)
    return [
        (first, size - last) for first in range(before + 1) for last in range(behind + 1) if 0 < first + last < size
    ]


def names_money(base: str) -> bool:
    """Whether a name has a word for money earned: `revenue of new customers`, `Auftragswert`; no stage has."""
    tokens = base.split()
    words = {word for word in WORDS["revenue"] | WORDS["money_within"] if len(word) > 2}
    runs = (" ".join(tokens[at:end]) for at in range(len(tokens)) for end in range(at + 1, len(tokens) + 1))
    return any(run in words for run in runs) or PATTERNS["money"].search(base) is not None


def names_units(name: str) -> bool:
    """Whether a name says what is counted: visits, people, leads, conversions."""
    return any(has_word(group, name) for group in ("whole", "people", "parts"))


def base_of(name: str) -> str:
    """The words of a name without its unit: `Budget, EUR`, `Budget (EUR)` and `Budget EUR` are `budget`."""
    words = plain(_UNIT.sub(" ", name)).split()
    if len(words) > 1 and words[-1] in WORDS["currencies"]:
        words.pop()
        if words[-1] == "in" and len(words) > 1:
            words.pop()
    return " ".join(words)


def units_of(name: str) -> list[str]:
    """What stands in brackets or behind the last comma of a name."""
    return [(bracketed or after).strip() for bracketed, after in _UNIT.findall(name)]


def currency_of(name: str) -> str | None:
    """The currency in the name of a column, as it is written there: `EUR`, `руб.`, `€`."""
    return next(filter(is_currency, [*units_of(name), *name.split()[1:][-1:]]), None)


def is_currency(text: str) -> bool:
    """Whether a text is the code, the sign or the word of a currency."""
    return plain(text) in WORDS["currencies"]


def currency_code(text: str) -> str:
    """The code of a currency by its code, sign or word, `RUB` of `руб.`; a sign of several currencies stays."""
    word = plain(text)
    return _CODES.get(word, text.upper() if len(word) == 3 and word.isascii() else text)


def is_average(label: str) -> bool:
    """Whether a label names a row of averages."""
    return label.lstrip(_BEFORE).casefold().startswith(_AVERAGE_STARTS) and plain(label) in WORDS["average"]


@lru_cache(maxsize=_REMEMBERED)
def is_total(label: str) -> bool:
    """Whether a label names a row that adds up others: `Total`, `Итого`, `Total: Account`, `Summe aller Kampagnen`."""
    if not label.lstrip(_BEFORE).casefold().startswith(_TOTAL_STARTS):
        return False  # most labels, and there may be many
    bare = fold(label).lstrip("-–— ")
    named = plain(PATTERNS["of"].split(bare, maxsplit=1)[0])
    return named in _TOTALS or _and_average(named) or bool(PATTERNS["results"].match(bare))


def _and_average(name: str) -> bool:
    """Whether a name is a word for a total and one for an average: `Итого и среднее`, `Total / average`."""
    tokens = name.split()
    starts = [at for at in range(1, len(tokens)) if " ".join(tokens[at:]) in WORDS["average"]]
    return any(" ".join(tokens[:end]) in WORDS["total"] for at in starts for end in (at, at - 1))


def most_written(numbers: Mapping[str, int]) -> dict[str, str]:
    """Of names that differ in case alone, the spelling of most, or the first of these; by the folded name."""
    spelled: dict[str, str] = {}
    for name, number in numbers.items():
        if number > numbers.get(spelled.setdefault(fold(name), name), 0):
            spelled[fold(name)] = name
    return spelled


def total_of(labels: Sequence[str]) -> str:
    """What the first row of totals among some labels adds up, by its name: `Search` of `Total: Search`; else empty."""
    named = next(filter(is_total, labels), "")
    parts = PATTERNS["of"].split(named, maxsplit=1)
    return parts[1].strip(" )") if len(parts) > 1 else ""


def beside_total(folded: str) -> list[str]:
    """What a name adds up by its own words: `north` of `north total` and `total north`."""
    first, _, after = folded.partition(" ")
    before, _, last = folded.rpartition(" ")
    return [rest for word, rest in ((first, after), (last, before)) if word in WORDS["total"] and rest]


def numbers_rows(cells: Sequence[str]) -> bool:
    """Whether the cells number rows that were sorted otherwise, or of which some are gone: 4, 2, 8, each once."""
    filled = [cell.strip() for cell in cells if cell.strip() and not is_total(cell)]
    values = {int(cell) for cell in filled if cell.isdecimal() and len(cell) < 7}
    return len(values) == len(filled) > 1 and min(values) >= 0 and max(values) <= 2 * len(filled)


def is_numbering(cells: Sequence[str]) -> bool:
    """Whether the cells are 1, 2, 3, also from 0, over again or several rows each; a row of totals has none."""
    filled = [cell.strip() for cell in cells if cell.strip() and not is_total(cell)]
    if len(filled) < 2 or not all(cell.isdecimal() and len(cell) < 7 for cell in filled):
        return False
    values = [int(cell) for cell in filled]
    start = values[0]
    goes_on = all(later in (start, earlier, earlier + 1) for earlier, later in pairwise(values))
    return start in (0, 1) and max(values) > start == min(values) and goes_on
