"""Recipes: what the exports of known tools are made of, as data files (`recipes/*.yaml`), and of one's own.

A recipe names the columns of an export in every language known, and says what each is. `KEYS` and `KINDS` are the
whole format.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.counts_table.words import plain
from funnelcli.diagnostics import did_you_mean, quoted
from funnelcli.funnel_file.findings import diagnostics
from funnelcli.funnel_file.node_reader import NodeReader
from funnelcli.funnel_file.yaml import tree
from funnelcli.funnel_file.yaml.nodes import Broken, Mapping, Sequence

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from funnelcli.diagnostics import Diagnostic
    from funnelcli.funnel_file.yaml.nodes import Node
    from funnelcli.model import Role

SHAPES = {
    "segments": "a row a segment, a column a stage",
    "steps": "a row a step",
    "deals": "a row a unit, with its stage now",
    "orders": "a row an order or a charge",
}
KINDS = {
    "count": "units of a stage",
    "label": "names of segments; the key of the column is the name of the breakdown",
    "steps": "names of the stages",
    "spend": "money spent, the budget of the segment",
    "revenue": "money earned",
    "currency": "the currency of the money",
    "date": "the day that a row is of",
    "mean_time": "mean time from the step before; `unit` is seconds or microseconds",
    "median_time": "the median of it",
    "drop": "nothing that a funnel keeps; `why` says so",
    "id": "what tells one unit from another",
    "title": "the name of a unit",
    "pipeline": "which funnel a unit is in",
    "stage": "the stage where a unit is now",
    "status": "whether it is won, lost or open",
    "amount": "money of one unit",
    "created": "when a unit began",
    "closed": "when it was won or lost, or shall be",
    "won_time": "when it was won",
    "lost_time": "when it was lost",
    "is_won": "whether it is won: yes or no",
    "is_lost": "whether it is lost: yes or no",
    "is_closed": "whether it is won or lost: yes or no",
    "reason": "why it was lost",
    "refund": "money of the unit that was given back",
    "entered": "when it came to the stage that the name of the column says",
    "left": "when it left that stage",
    "probability": "the chance to close that the tool gives its stage",
}
"""What a column `is`."""
KEYS = {
    "title": "what the export is called",
    "version": "grows when the recipe reads a file differently",
    "docs": "where its vendor describes it",
    "shape": "what a row is: one of SHAPES",
    "needs": "keys of the columns without which it is another file; `a|b` is one of the two",
    "columns": "key: what the column is, and its names",
    "won": "words of stages or statuses that say won",
    "lost": "words that say lost",
    "open": "words that say neither",
    "usual": "lists of stages in order, as the tool has them at first, in the languages known",
    "stages": "of orders: name, when (column: words), money (column), time (column), kept (column of money given back)",
    "continues": "key of a column; a row where it is the same and the needed cells are empty belongs to the row before",
    "more": "what one shape alone needs",
}
COLUMN_KEYS = {
    "is": "one of KINDS",
    "names": "names in all languages; with {placeholders} it is a pattern of the whole name",
    "why": "of drop: the reason",
    "role": "of count: impression, click, lead or customer",
    "adds_up": "of count: false where rows overlap, as people do",
    "unit": "of date and duration: what a number counts",
    "more": "what one shape alone needs",
}
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")
_FOLDER = os.path.join(os.path.dirname(__file__), "recipes")


class RecipeColumn(NamedTuple):
    """A column of a recipe: its key, what it is (a key of `KINDS`), and the names that it may have."""

    key: str
    kind: str
    names: tuple[str, ...]
    why: str | None = None
    role: Role | None = None
    adds_up: bool = True
    unit: str | None = None
    more: MappingOf[str, Any] = {}


class Recipe(NamedTuple):
    """What an export is made of. `name` is that of its file; words and names are as they are written there.

    `literal` are the columns by their plain names, `patterns` are names with placeholders.
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
    stages: tuple[MappingOf[str, Any], ...] = ()
    continues: str | None = None
    more: MappingOf[str, Any] = {}
    literal: MappingOf[str, RecipeColumn] = {}
    patterns: tuple[tuple[re.Pattern[str], RecipeColumn], ...] = ()

    def column(self, name: str) -> tuple[RecipeColumn, MappingOf[str, str]] | None:
        """The column that a name of a header means, and what its placeholders hold."""
        found = self.literal.get(plain(name))
        if found is not None:
            return found, {}
        for pattern, column in self.patterns:
            match = pattern.fullmatch(name)
            if match is not None:
                return column, match.groupdict()
        return None


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
        for key, (node, value) in root.entries.items():
            if key not in KEYS:
                reader.note(node, "FN101", f"unknown key {quoted(key)}", did_you_mean(key, KEYS))
            elif key == "columns":
                values[key] = _columns(reader, value)
            else:
                values[key] = _value(value)
        for key in ("title", "shape", "needs", "columns"):
            if key not in values:
                reader.note(root, "FN102", f"the recipe has no {quoted(key)}", f"write {key}: ({KEYS[key]})")
        if "shape" in values and values["shape"] not in SHAPES:
            what = f"unknown shape {quoted(str(values['shape']))}"
            reader.note(root.entries["shape"][1], "FN103", what, did_you_mean(str(values["shape"]), SHAPES))
        known = [column.key for column in values.get("columns", ())]
        for need in _texts(values.get("needs")) if known else ():
            for key in need.split("|"):
                if key not in known:
                    reader.note(root.entries["needs"][1], "FN102", f"no column {quoted(key)}", did_you_mean(key, known))
    if document.findings:
        return list(diagnostics(document.findings, root, file, text.split("\n")))
    columns: tuple[RecipeColumn, ...] = values["columns"]
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
        tuple(values.get("stages", ())),
        values.get("continues"),
        values.get("more", {}),
        {plain(name): column for column in reversed(columns) for name in reversed(column.names) if "{" not in name},
        tuple((_pattern(name), column) for column in columns for name in column.names if "{" in name),
    )


def _pattern(name: str) -> re.Pattern[str]:
    """A name with {placeholders} as the pattern of a whole name."""
    text = _PLACEHOLDER.sub(r"(?P<\1>.+)", re.escape(name))
    return re.compile(text.replace(r"\ ", r"\s+"), re.IGNORECASE)


def _columns(reader: NodeReader, node: Node) -> tuple[RecipeColumn, ...]:
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
            else:
                own[name] = _value(part)
        kind, names = own.pop("is", None), _texts(own.pop("names", None))
        if kind not in KINDS:
            what = f"{quoted(key)} is {quoted(str(kind))}, which is no kind of column" if kind else f"{key} is what?"
            reader.note(key_node, "FN103", what, did_you_mean(str(kind), KINDS))
        elif not names:
            reader.note(key_node, "FN102", f"the column {quoted(key)} has no names", "write names: [as in the header]")
        else:
            own["adds_up"] = own.get("adds_up") != "false"
            found.append(RecipeColumn(key, kind, names, **own))
    return tuple(found)


def _value(node: Node) -> Any:
    """Texts, lists and mappings of a node: numbers, too, are what is written."""
    if isinstance(node, Mapping):
        return {name: _value(value) for name, (_, value) in node.entries.items()}
    if isinstance(node, Sequence):
        return [_value(item) for item in node.items]
    return "" if isinstance(node, Broken) else node.value


def _texts(value: Any) -> tuple[str, ...]:
    return () if value is None else tuple(map(str, value)) if isinstance(value, list) else (str(value),)
