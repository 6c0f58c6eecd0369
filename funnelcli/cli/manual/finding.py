"""Which topics a person means, by a name, a part of it, or words that the manual uses."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.cli.manual.topics import KINDS, PAGES, Topic, options, topics

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_FOUND = 12
"""Topics that a search lists."""
MOST_NEAR = 3
_SMALL_WORDS = re.compile(
    r"an?|and|are|as|at|be|by|can|do|does|for|from|has|have|how|i|in|is|its?|me|my|not|of|on|or|our|should|the|to|we|"
    r"what|when|where|which|who|why|will|with"
)
_ENDINGS = re.compile(r"(?<=...)(?:ings?|ers?|ed|e?s|e)$")


class TopicsFound(NamedTuple):
    """What was found: topics to show in full, others of the same name, topics to choose from, and names that are near.

    One of `shown`, `listed` and `near` holds something, or none does.
    """

    shown: tuple[Topic, ...] = ()
    others: tuple[Topic, ...] = ()
    listed: tuple[Topic, ...] = ()
    near: tuple[str, ...] = ()
    searched: bool = False
    is_whole_kind: bool = False


def find(words: Sequence[str]) -> TopicsFound:
    """What a person means by these words; the first may be a kind, as in `key measure`.

    Options are asked last, unless the words begin with a dash: to collect them loads every command.
    """
    typed = " ".join(words).strip()
    wanted = folded(typed.removeprefix("funnelcli "))
    if not wanted:
        return TopicsFound()
    answer = _named(wanted, options() if typed.startswith("-") else topics()) or _of_kind(wanted)
    return (
        answer
        or _part(wanted, topics())
        or _searched(wanted)
        or _named(wanted, options())
        or _part(wanted, options())
        or TopicsFound(near=_near(wanted))
    )


def _of_kind(wanted: str) -> TopicsFound | None:
    """Topics of the kind that the first word names: all of them, or those that the other words name."""
    first, _, rest = wanted.partition(" ")
    kind = next((name for name, (_, also) in KINDS.items() if first in (name, *also)), None)
    of_kind = [each for each in (options() if kind == "option" else topics()) if each.kind == kind]
    if kind is None or not rest:
        return TopicsFound(listed=tuple(of_kind), is_whole_kind=True) if of_kind else None
    return _named(rest, of_kind) or _part(rest, of_kind)


@cache
def folded(text: str) -> str:
    """A name as it is compared: small letters, one space for every dash, underscore, dot and slash."""
    return " ".join(re.sub(r"[-_/.,;:?!`'\"()]+", " ", text.casefold().removesuffix(".md")).split())


def _names(topic: Topic) -> Iterable[str]:
    return map(folded, (topic.name, *topic.also, topic.title))


def _named(wanted: str, among: Iterable[Topic]) -> TopicsFound | None:
    """The topics of exactly that name: one page, or all the entries, and the others named."""
    found = [each for each in among if wanted and wanted in _names(each)]
    if not found:
        return None
    page = next((each for each in found if each.kind in PAGES), None)
    shown = [page] if page else found
    return TopicsFound(tuple(shown), tuple(each for each in found if each not in shown))


def _part(wanted: str, among: Sequence[Topic]) -> TopicsFound | None:
    """The topics whose name begins with what is wanted, else those that have its words, or their beginnings."""
    beginning = [each for each in among if any(name.startswith(wanted) for name in _names(each)) and wanted]
    typed = wanted.split()
    found = beginning or [
        each
        for each in among
        if any(
            all(any(part.startswith(word) for part in name.split()) for word in typed)
            for name in map(folded, (each.name, *each.also))
        )
    ]
    if not found:
        return None
    if len({folded(each.name) for each in found}) == 1:
        return _named(folded(found[0].name), found)
    return TopicsFound(listed=tuple(found))


def _searched(wanted: str) -> TopicsFound | None:
    """Topics that say all of the words, those that say them in their titles first."""
    words = [word for word in wanted.split() if not _SMALL_WORDS.fullmatch(word)] or wanted.split()
    patterns = [re.compile(rf"\b{re.escape(_ENDINGS.sub('', word))}", re.IGNORECASE) for word in words]
    found = []
    for each in topics():
        title, text = f"{each.name} {each.title} {' '.join(each.also)}".replace("_", " "), each.written
        heads = "\n".join(re.findall(r"^#.*$", text, re.MULTILINE))
        hits = [
            20 * bool(one.search(title))
            + 5 * bool(one.search(each.meaning))
            + 5 * bool(one.search(heads))
            + min(5, len(one.findall(text)))
            for one in patterns
        ]
        if all(hits):
            found.append((sum(hits), each))
    found.sort(key=lambda pair: -pair[0])
    return TopicsFound(listed=tuple(each for _, each in found[:MOST_FOUND]), searched=True) if found else None


def _near(wanted: str) -> tuple[str, ...]:
    """Names that are spelled alike."""
    known: dict[str, str] = {}
    for each in chain(topics(), options()):
        for name in (each.name, *each.also):
            known.setdefault(folded(name), name)
    return tuple(known[name] for name in get_close_matches(wanted, known, n=MOST_NEAR, cutoff=0.7))
