"""Everything that the manual knows by a name: commands, pages, keys, figures, codes, words, options, variables."""

from __future__ import annotations

import re
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from funnelcli import docs
from funnelcli.cli.app import COMMANDS, purpose
from funnelcli.cli.environment import VARIABLES
from funnelcli.cli.manual import command_pages, tables
from funnelcli.cli.settings_file import SETTINGS
from funnelcli.docs import pages
from funnelcli.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.funnel_file.schema import Field

KINDS = {
    "tutorial": ("Tutorial", ()),
    "command": ("Commands", ("commands",)),
    "guide": ("Guides", ("guides", "questions")),
    "word": ("Words", ("words", "glossary")),
    "key": ("Keys of the funnel file", ("keys",)),
    "figure": ("Figures", ("figures", "metric", "metrics")),
    "code": ("Codes of messages", ("codes",)),
    "explanation": ("Explanation", ("explanations",)),
    "reference": ("Reference", ("references",)),
    "changelog": ("Changelog", ("changes", "news")),
    "variable": ("Environment variables", ("variables",)),
    "option": ("Options", ("options",)),
}
"""Kinds of topics in the order of lists: the heading, and other words for the kind."""
PAGES = frozenset(("tutorial", "command", "guide", "explanation", "reference", "changelog"))
"""Kinds whose topics are long, and are read one at a time."""
_DEFINITION = re.compile(r"^- (\*\*.+?): (.+?)(?=^- |^$|\Z)", re.MULTILINE | re.DOTALL)


class Topic(NamedTuple):
    """What has a name: its kind, the name, other names, and when asked its meaning in a line and its page of Markdown.

    `title` is the question of a guide, or what else stands above a page. `tell_written` is that page as it lies in a
    file, for those whose tables and options take long to collect.
    """

    kind: str
    name: str
    also: tuple[str, ...]
    tell_meaning: Callable[[], str]
    tell: Callable[[], str]
    title: str = ""
    tell_written: Callable[[], str] | None = None

    @property
    def meaning(self) -> str:
        """What it is, in a line without marks."""
        return self.tell_meaning()

    @property
    def text(self) -> str:
        """All that the manual says of it, in Markdown."""
        return self.tell()

    @property
    def written(self) -> str:
        """What somebody wrote of it, which is what a search looks at."""
        return (self.tell_written or self.tell)()


@cache
def topics() -> tuple[Topic, ...]:
    """All but options, which take long to collect."""
    found = (*_commands(), *_pages(), *_keys(), *_figures(), *_codes(), *_words(), *_variables())
    order = list(KINDS)
    return tuple(sorted(found, key=lambda each: order.index(each.kind)))


@cache
def options() -> tuple[Topic, ...]:
    """Every option of every command."""
    return tuple(
        Topic("option", name, _short(name), partial(_option_meaning, name), partial(command_pages.option_page, name))
        for name in sorted(command_pages.options())
    )


def _option_meaning(name: str) -> str:
    return next(iter(command_pages.options()[name].values())).meaning


def _short(name: str) -> tuple[str, ...]:
    return next(iter(command_pages.options()[name].values())).names[:-1]


def _commands() -> Iterator[Topic]:
    for name in COMMANDS:
        written = partial(docs.command_text, name)
        yield Topic("command", name, (), partial(purpose, name), partial(command_pages.page, name), "", written)


def _pages() -> Iterator[Topic]:
    shown: set[str] = set()
    for each in pages.pages():
        shown.update(each.tables)
        also = [other for name in each.tables for other in (name, *tables.TABLES[name].also)]
        also += [f"default {key}" for key in SETTINGS if "settings" in each.tables]
        tell = partial(_told, each.text, each.path, each.tables)
        meaning, written = partial(str, each.answers or each.title), partial(str, each.text)
        yield Topic(each.kind, each.name, tuple(also), meaning, tell, each.title, written)
    for name, table in tables.TABLES.items():
        if name not in shown:
            text = f"# {table.title}\n\n{table.answers}\n\n<!-- table: {name} -->\n"
            tell = partial(_told, text, "reference/", (name,))
            meaning = partial(str, table.answers)
            yield Topic("reference", name, table.also, meaning, tell, table.title, meaning)


def _told(text: str, path: str, names: tuple[str, ...]) -> str:
    return pages.told_as_topics(
        pages.filled(text, {name: tables.TABLES[name].make() for name in names}), path, "funnelcli help"
    )


def _keys() -> Iterator[Topic]:
    places: dict[str, list[tuple[str, Field]]] = {}
    for of, fields in (tables.KEYS | tables.NOTED_KEYS).items():
        for field in fields:
            places.setdefault(field.key, []).append((of, field))
    for name, found in places.items():
        yield Topic("key", name, (), partial(str, found[0][1].meaning), partial(_key_page, name, found))


def _key_page(name: str, found: list[tuple[str, Field]]) -> str:
    parts = [f"# {name}, a key of the funnel file"]
    for of, field in found:
        parts += [f"Of {of}: {field.value}", f"{_sentence(field.meaning)}", f"```yaml\n{field.example}\n```"]
    if name in SETTINGS:
        said = f"Default: what your settings say, else {SETTINGS[name].default}."
        parts.append(f"{said} `funnelcli help config` shows what holds here.")
    return "\n\n".join(parts) + "\n"


def _figures() -> Iterator[Topic]:
    exact = {other: _of_several(other, names, meaning) for _, names, meaning in _definitions() for other in names}
    for name, metric in METRICS.items():
        also = (metric.term,) if metric.term else ()
        yield Topic("figure", name, also, partial(str, metric.meaning), partial(_figure_page, name, exact.get(name)))
    for title, names, meaning in _definitions():
        new = tuple(each for each in names if each not in METRICS)
        if new:
            tell = partial(_definition_page, title, names, meaning)
            yield Topic("figure", new[0], (*new[1:], *title.split(", ")), partial(str, docs.one_line(meaning)), tell)


def _of_several(name: str, names: tuple[str, ...], meaning: str) -> str:
    """The definition of one of the figures of a row, where each has its own."""
    parts = meaning.removesuffix(".").split("; ")
    return f"{parts[names.index(name)]}." if len(parts) == len(names) else meaning


def _definitions() -> list[tuple[str, tuple[str, ...], str]]:
    """Definitions of figures in the reference: what they are called, their names in JSON, and the definition."""
    found = []
    for page in pages.pages():
        if "metrics" in page.tables:
            for first, meaning in _DEFINITION.findall(page.text):
                title = re.sub(r"\s+\([^)]*\)|[*`]", "", docs.one_line(first))
                found.append((title, tuple(re.findall(r"`([a-z][a-z0-9_]*)`", first)), docs.one_line(meaning)))
    return found


def _figure_page(name: str, exact: str | None) -> str:
    metric = METRICS[name]
    uses = [
        *(("checks",)),
        *(("scenarios",) if metric.changeable else ()),
        *(("goals",) if metric.is_goal else ()),
    ]
    written = tables.written(metric)
    named = f"Named {written} in {', '.join(uses[:-1])}{' and ' if uses[1:] else ''}{uses[-1]}; kind: {metric.kind}."
    parts = [f"# {name}, a figure", metric.meaning, *([f"Exactly: {exact}"] if exact else []), named]
    return "\n\n".join(parts) + "\n"


def _definition_page(title: str, names: tuple[str, ...], meaning: str) -> str:
    return f"# {title}, a figure\n\n{_sentence(meaning)}\n\nIn JSON: {', '.join(f'`{each}`' for each in names)}.\n"


def _codes() -> Iterator[Topic]:
    for code in docs.codes():
        yield Topic("code", code, (), partial(_code_title, code), partial(docs.code_page, code))


def _code_title(code: str) -> str:
    found = docs.explanation(code)
    return found.title if found else ""


def _words() -> Iterator[Topic]:
    for each in pages.words():
        text = f"# {each.name}\n\n{each.meaning}\n"
        tell = partial(pages.told_as_topics, text, "words.md", "funnelcli help")
        yield Topic("word", each.name, (*each.also, each.anchor), partial(_first_sentence, each.meaning), tell)


def _variables() -> Iterator[Topic]:
    for each in VARIABLES:
        text = f"# {each.name}, an environment variable\n\n{each.meaning}\n\n```sh\n{each.example}\n```\n"
        yield Topic("variable", each.name, (), partial(str, each.meaning), partial(str, text))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _first_sentence(text: str) -> str:
    bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", docs.one_line(text))
    return re.split(r"(?<=\.)\s", bare, maxsplit=1)[0]
