"""Pages of the manual, the glossary and the changelog, as they lie beside this file."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import NamedTuple

from funnelcli.docs import one_line, read

_FOLDER = os.path.dirname(__file__)
_FOLDERS = {"guides": "guide", "explanation": "explanation", "reference": "reference"}
_GUIDES = (
    "numbers-on-paper", "start-a-file", "import", "measure", "bottleneck", "channels", "segments", "what-moved", "git",
    "what-if", "goal", "levers", "simulate", "forecast", "report", "other-programs", "checks", "review",
    "mistakes", "look-up",
)  # fmt: skip
"""Guides in the order of their reading: start, understand, decide, share; those of other folders by name."""
_TABLE = re.compile(r"^<!-- table: ([a-z-]+) -->$", re.MULTILINE)
_PICTURE = re.compile(r"!\[([^\]\n]*)\]\([^)\s]+\)")
_OUTSIDE = re.compile(r"[a-z]+:")
_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\(([^)\s]+)\)")


class Page(NamedTuple):
    """A page: its kind and name, where it lies below this folder, its title, the sentence that follows, and all of it.

    A mark `<!-- table: NAME -->` in the text stands for a table of the program.
    """

    kind: str
    name: str
    path: str
    title: str
    answers: str
    text: str

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of the program that it shows."""
        return tuple(_TABLE.findall(self.text))


class GlossaryWord(NamedTuple):
    """A word of the glossary: how it is written, other ways to write it, and a paragraph of what it means."""

    name: str
    also: tuple[str, ...]
    meaning: str

    @property
    def anchor(self) -> str:
        """Its heading in a link, as code hosts make it."""
        return re.sub(r"[^\w\- ]", "", self.name.lower()).replace(" ", "-")


@cache
def pages() -> tuple[Page, ...]:
    """Every page in the order of reading: tutorial, guides, explanation, reference, changelog."""
    found = [_page("tutorial.md", "tutorial")]
    for folder, kind in _FOLDERS.items():
        names = os.listdir(os.path.join(_FOLDER, folder))
        found += [_page(f"{folder}/{name}", kind) for name in sorted(names, key=_place) if name.endswith(".md")]
    found.append(_page("changelog.md", "changelog"))
    return tuple(found)


@cache
def words() -> tuple[GlossaryWord, ...]:
    """The glossary, in its order."""
    return tuple(_word(*each.split("\n", 1)) for each in read("words.md").split("\n## ")[1:])


def filled(text: str, tables: dict[str, str]) -> str:
    """A page with its marks replaced by the tables of these names."""
    return _TABLE.sub(lambda mark: tables[mark[1]].strip("\n"), text)


def told_as_topics(text: str, target: str, command: str) -> str:
    """A page as it is read without a browser: a link to another one becomes its words and the command that shows it."""

    def told(link: re.Match[str]) -> str:
        words_, destination = link[1], link[2]
        if _OUTSIDE.match(destination):
            return link[0]
        path, _, part = destination.partition("#")
        place = _beside(target, path)
        name = _topic_of(place, part)
        is_page = os.path.dirname(place) in _FOLDERS or place == "tutorial.md"
        # a word or a code tells by itself that it can be asked for
        said_already = not is_page and name.casefold() == words_.strip("`*").casefold()
        return words_ if not path or said_already else f"{words_} (`{command} {name}`)"

    blocks = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(
        block if number % 2 else _LINK.sub(told, _PICTURE.sub(r"\1", block)) for number, block in enumerate(blocks)
    )


def _place(name: str) -> tuple[int, str]:
    slug = name.removesuffix(".md")
    return (_GUIDES.index(slug) if slug in _GUIDES else len(_GUIDES), slug)


def _page(path: str, kind: str) -> Page:
    text = read(path)
    heading, _, rest = text.partition("\n")
    answers = rest.strip("\n").partition("\n\n")[0]
    name = os.path.basename(path).removesuffix(".md")
    title = heading.removeprefix("# ")
    return Page(kind, name, path, title, "" if answers.startswith(("#", "`", "|", "<")) else one_line(answers), text)


def _word(name: str, text: str) -> GlossaryWord:
    also, paragraphs = [], []
    for line in text.strip("\n").split("\n"):
        if line.startswith("also: "):
            also += [each.strip(" .`") for each in line.removeprefix("also: ").split(",")]
        else:
            paragraphs.append(line)
    return GlossaryWord(name.strip().strip("`"), tuple(also), "\n".join(paragraphs).strip("\n"))


def _topic_of(path: str, part: str) -> str:
    """What to ask `help` for instead of a file: a page, a code, or the word that a part of the glossary is of."""
    if path == "words.md":
        return next((each.name for each in words() if each.anchor == part), "words")
    return os.path.splitext(os.path.basename(path))[0]


def _beside(page: str, path: str) -> str:
    """Where a link of a page leads, below this folder."""
    return os.path.normpath(os.path.join(os.path.dirname(page), path)).replace(os.sep, "/") if path else page
