"""Recipes: what the exports of known tools are made of, as data files (`recipes/*.yaml`), and of one's own.

A recipe names the columns of an export in every language known, and says what each is. `recipe_keys` has the whole
format.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from funnelcli.counts_table.recipe_keys import (
    COLUMN_KEYS,
    COLUMN_MORE_KEYS,
    KEYS,
    KINDS,
    MORE_KEYS,
    OF_UNITS,
    SHAPES,
    STAGE_KEYS,
    TIME_UNITS,
    More,
)
from funnelcli.counts_table.words import base_of, plain
from funnelcli.diagnostics import did_you_mean, quoted
from funnelcli.funnel_file.findings import diagnostics
from funnelcli.funnel_file.node_reader import NodeReader
from funnelcli.funnel_file.yaml import tree
from funnelcli.funnel_file.yaml.nodes import Broken, Mapping, Sequence
from funnelcli.model import Role

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Mapping as MappingOf

    from funnelcli.counts_table.recipe_keys import MoreKey
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.funnel_file.yaml.nodes import Node

_TEXTS = ("title", "version", "docs", "shape", "continues")
"""Keys of a recipe that have one text."""
_YES, _NO = ("true", "yes"), ("false", "no", "none", "")
_WORDS: dict[str, Collection[str]] = {"role": get_args(Role), "unit": TIME_UNITS}
"""Keys of a column that have one of some words."""
_IN_BRACKETS = re.compile(r"\\\(\\\{(\w+)\\\}\\\)")
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")
_FOLDER = os.path.join(os.path.dirname(__file__), "recipes")


class RecipeColumn(NamedTuple):
    """What a column is (a key of `KINDS`), by a recipe or by an option; an option knows no `key` and no names.

    `key` is the name of its breakdown. In a table, `held` is what the placeholders of its name hold: `step` is the name
    of the stage.
    """

    kind: str
    key: str = ""
    names: tuple[str, ...] = ()
    why: str | None = None
    role: Role | None = None
    adds_up: bool = True
    unit: str | None = None
    more: More = More()
    held: MappingOf[str, str] = {}


class RecipeStage(NamedTuple):
    """A stage of orders: words of columns that reach it, and of its money, time and money given back, by their keys."""

    name: str
    when: MappingOf[str, tuple[str, ...]] = {}
    money: str | None = None
    time: str | None = None
    kept: str | None = None


class Recipe(NamedTuple):
    """What an export is made of. `name` is that of its file; words and names are as they are written there.

    `literal` are the columns by their plain names, `patterns` are names with placeholders; `starts` are the plain
    beginnings of these.
    """

    name: str
    title: str
    shape: str
    columns: tuple[RecipeColumn, ...]
    needs: tuple[str, ...]
    version: str = "1"
    docs: str | None = None
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    usual: tuple[tuple[str, ...], ...] = ()
    stages: tuple[RecipeStage, ...] = ()
    continues: str | None = None
    more: More = More()
    literal: MappingOf[str, RecipeColumn] = {}
    patterns: tuple[tuple[str, RecipeColumn], ...] = ()
    starts: tuple[str, ...] = ()

    @property
    def of_units(self) -> bool:
        """Whether a row is a deal, an order or a charge, and no sum of them."""
        return self.shape in OF_UNITS

    def column(self, name: str) -> RecipeColumn | None:
        """The column that a name of a header means, with what its placeholders hold."""
        found = self.literal.get(plain(name))
        # patterns are dear to compile, and most fit no name
        if found is not None or not plain(name).startswith(self.starts):
            return found
        patterns = ((pattern, column) for text, column in self.patterns for pattern in _compiled(text))
        matches = ((pattern.fullmatch(name), column) for pattern, column in patterns)
        return next((column._replace(held=match.groupdict()) for match, column in matches if match), None)


@cache
def recipes() -> tuple[Recipe, ...]:
    """All recipes of the package, by name."""
    found = []
    for file in sorted(os.listdir(_FOLDER)):
        if file.endswith(".yaml"):
            with open(os.path.join(_FOLDER, file), encoding="utf-8") as stream:
                recipe = read_recipe(stream.read(), file.removesuffix(".yaml"), file)
            assert isinstance(recipe, Recipe), recipe
            found.append(recipe)
    return tuple(found)


@cache
def known_of_units(kind: str, shapes: tuple[str, ...] = OF_UNITS) -> MappingOf[str, RecipeColumn]:
    """The columns of a kind in all recipes of deals and of orders, by their plain names without placeholders."""
    known = (each for recipe in recipes() if recipe.shape in shapes for each in recipe.columns)
    return {plain(name): each for each in known if each.kind == kind for name in each.names if "{" not in name}


@cache
def known_kinds() -> MappingOf[str, str]:
    """What columns of numbers are in any table, as exports of ads and traffic call them, by their plain names.

    Money, days, and averages or rates; a name that is something else in another export tells nothing.
    """
    kinds = {"spend": "spend", "revenue": "revenue", "date": "label"}
    found: dict[str, set[str]] = {}
    for column in (column for recipe in recipes() if recipe.shape == "segments" for column in recipe.columns):
        kind = "rate" if column.kind == "drop" and column.key in ("average", "rate") else kinds.get(column.kind, "")
        for name in column.names:
            without_unit = base_of(name.replace("{currency}", "EUR"))
            for each in (plain(name), without_unit) if kind in ("spend", "revenue") else (plain(name),):
                found.setdefault(each, set()).add(kind)
    return {name: kind for name, (kind, *others) in found.items() if kind and not others}


def read_recipe(text: str, name: str, file: str) -> Recipe | list[Diagnostic]:
    """A recipe from the text of its file, or all that is wrong with it."""
    document = next(tree.parse(text))
    reader = NodeReader(document, file)
    values: dict[str, Any] = {}
    root = document.root
    if not isinstance(root, Mapping):
        if not document.findings:
            reader.note(root, "FN103", "a mapping is expected here", "write title:, shape:, needs: and columns:")
    else:
        shape = str(_value(root.entries["shape"][1])) if "shape" in root.entries else None
        for key, (node, value) in root.entries.items():
            if key not in KEYS:
                reader.note(node, "FN101", f"unknown key {quoted(key)}", did_you_mean(key, KEYS))
            elif key == "columns":
                values[key] = _columns(reader, value, shape)
            elif key == "more":
                values[key] = _more(reader, value, MORE_KEYS, shape)
            elif key == "stages":
                values[key] = _stages(reader, value)
            else:
                values[key] = str(_value(value)) if key in _TEXTS else _value(value)
        for key in ("title", "shape", "needs", "columns"):
            if key not in values:
                reader.note(root, "FN102", f"the recipe has no {quoted(key)}", f"write {key}: ({KEYS[key]})")
        if "shape" in values and values["shape"] not in SHAPES:
            what = f"unknown shape {quoted(values['shape'])}"
            reader.note(root.entries["shape"][1], "FN103", what, did_you_mean(values["shape"], SHAPES))
        known = [column.key for column in values.get("columns", ())]
        for need in _texts(values.get("needs")) if known else ():
            for key in need.split("|"):
                if key not in known:
                    reader.note(root.entries["needs"][1], "FN102", f"no column {quoted(key)}", did_you_mean(key, known))
    if document.findings:
        return list(diagnostics(document.findings, root, file, text.split("\n")))
    columns: tuple[RecipeColumn, ...] = values["columns"]
    patterns = tuple((name, column) for column in columns for name in column.names if "{" in name)
    return Recipe(
        name,
        values["title"],
        values["shape"],
        columns,
        _texts(values["needs"]),
        values.get("version", "1"),
        values.get("docs"),
        _texts(values.get("won")),
        _texts(values.get("lost")),
        _texts(values.get("open")),
        tuple(_texts(each) for each in values.get("usual", ())),
        values.get("stages", ()),
        values.get("continues"),
        values.get("more", More()),
        {plain(name): column for column in reversed(columns) for name in reversed(column.names) if "{" not in name},
        patterns,
        tuple(plain(name.partition("{")[0]) for name, _ in patterns),
    )


@cache
def _compiled(name: str) -> tuple[re.Pattern[str], ...]:
    """A name with {placeholders} as patterns of a whole name, of which the first that matches counts.

    A placeholder in brackets holds brackets in pairs, as a pipeline may be called "Partner (EU)", then any text.
    """
    escaped = re.escape(name).replace(r"\ ", r"\s+")
    paired = _IN_BRACKETS.sub(r"\\((?P<\1>(?:[^()]|\\([^()]*\\))+)\\)", escaped)
    texts = dict.fromkeys((paired, escaped))
    return tuple(re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+)", text), re.IGNORECASE) for text in texts)


def _columns(reader: NodeReader, node: Node, shape: str | None) -> tuple[RecipeColumn, ...]:
    """The columns of a recipe; what is wrong is noted."""
    found = []
    for key, key_node, value in reader.entries(node, "a mapping of columns", "write KEY: {is: label, names: [Name]}"):
        if not isinstance(value, Mapping):
            reader.expected("a column", value, "write {is: label, names: [Name]}")
            continue
        own: dict[str, Any] = {}
        for name, (name_node, part) in value.entries.items():
            if name not in COLUMN_KEYS:
                reader.note(name_node, "FN101", f"unknown key {quoted(name)}", did_you_mean(name, COLUMN_KEYS))
            elif name == "more":
                own[name] = _more(reader, part, COLUMN_MORE_KEYS, shape)
            elif name == "adds_up":
                own[name] = _yes_or_no(reader, name, part)
            else:
                own[name] = _value(part) if name == "names" else str(_value(part))
                if name in _WORDS and own[name] not in _WORDS[name]:
                    _unknown_word(reader, name, part, _WORDS[name])
        kind, names = own.pop("is", None), _texts(own.pop("names", None))
        if kind not in KINDS:
            what = f"{quoted(key)} is {quoted(str(kind))}, which is no kind of column" if kind else f"{key} is what?"
            reader.note(key_node, "FN103", what, did_you_mean(str(kind), KINDS))
        elif not names:
            reader.note(key_node, "FN102", f"the column {quoted(key)} has no names", "write names: [as in the header]")
        else:
            found.append(RecipeColumn(kind, key, names, **own))
    return tuple(found)


def _stages(reader: NodeReader, node: Node) -> tuple[RecipeStage, ...]:
    """The stages of orders; what is wrong is noted."""
    found = []
    for item in node.items if isinstance(node, Sequence) else (node,):
        for name, name_node, _ in reader.entries(item, "a list of stages", "write - {name: Paid, when: {KEY: [word]}}"):
            if name not in STAGE_KEYS:
                reader.note(name_node, "FN101", f"unknown key {quoted(name)}", did_you_mean(name, STAGE_KEYS))
        if isinstance(item, Mapping) and "name" not in item.entries:
            reader.note(item, "FN102", "the stage has no name", "write name:")
        elif isinstance(item, Mapping):
            own = {key: _value(value) for key, (_, value) in item.entries.items() if key in STAGE_KEYS}
            when = own.pop("when", None) or {}
            found.append(RecipeStage(**own, when={key: _texts(words) for key, words in when.items()}))
    return tuple(found)


def _more(reader: NodeReader, node: Node, keys: MappingOf[str, MoreKey], shape: str | None) -> More:
    """What one shape alone needs; what is wrong, another key than those of the shape among it, is noted."""
    known = [key for key, each in keys.items() if shape in each.shapes or shape not in SHAPES]
    yes: set[str] = set()
    words: dict[str, tuple[str, ...]] = {}
    for key, key_node, value in reader.entries(node, "a mapping", f"write {{{known[0] if known else 'KEY'}: …}}"):
        if key not in known:
            what = f"unknown key {quoted(key)} in more"
            reader.note(key_node, "FN101", f"{what} of {shape}" if key in keys else what, did_you_mean(key, known))
            continue
        form, allowed = keys[key].form, keys[key].words
        if form == "yes or no":
            if _yes_or_no(reader, key, value):
                yes.add(key)
            continue
        words[key] = _texts(_value(value))
        if isinstance(value, Mapping) or (form == "text" and isinstance(value, Sequence)):
            reader.expected(f"a {form}", value, f"write {key}: ({keys[key].meaning})")
        elif allowed and words[key][0] not in allowed:
            _unknown_word(reader, key, value, allowed)
    return More(frozenset(yes), words)


def _yes_or_no(reader: NodeReader, key: str, node: Node) -> bool:
    """Whether a value says yes; what says neither is noted."""
    said = str(_value(node)).casefold()
    if said not in (*_YES, *_NO):
        reader.note(node, "FN103", f"{key} is yes or no, not {quoted(said)}", f"write {key}: true or false")
    return said in _YES


def _unknown_word(reader: NodeReader, key: str, node: Node, known: Collection[str]) -> None:
    word = str(_value(node))
    reader.note(node, "FN103", f"unknown {key} {quoted(word)}", did_you_mean(word, known))


def _value(node: Node) -> Any:
    """Texts, lists and mappings of a node: numbers, too, are what is written."""
    if isinstance(node, Mapping):
        return {name: _value(value) for name, (_, value) in node.entries.items()}
    if isinstance(node, Sequence):
        return [_value(item) for item in node.items]
    return "" if isinstance(node, Broken) else node.value


def _texts(value: Any) -> tuple[str, ...]:
    return () if value is None else tuple(map(str, value)) if isinstance(value, list) else (str(value),)
