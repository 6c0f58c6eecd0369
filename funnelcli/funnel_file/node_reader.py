"""Reading a node by what its key wants: values through their parsers, and notes of all that is not so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.currencies import minor_digits
from funnelcli.diagnostics import Location, Problem, Replacement, Severity, did_you_mean, near_name, quoted
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.findings import locate
from funnelcli.funnel_file.scalars import label
from funnelcli.funnel_file.yaml.nodes import Broken, Finding, Mapping, Sequence
from funnelcli.funnel_file.yaml.tree import LEAF

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from funnelcli.funnel_file.yaml.nodes import Mark, Node, Scalar, YamlDocument


class Keys:
    """The keys of a table and their parsers, `None` for a structure.

    In a currency with three decimals, money has `fine` parsers.
    """

    def __init__(self, table: tuple[schema.Field, ...]) -> None:
        self.usual: dict[str, Callable[[str, bool], Any] | None] = {
            field.key: schema.PARSERS.get(field.kind) for field in table
        }
        self.fine = self.usual | {
            field.key: schema.FINE_PARSERS[field.kind] for field in table if field.kind in schema.FINE_PARSERS
        }
        self.composed = frozenset(field.key for field in table if field.kind in schema.COMPOSED)


_OTHERS = frozenset(schema.OTHER_NAMES)
MANY = 100
"""Findings after which no more near words are looked for."""


class NodeReader:
    """Reads the nodes of one document; what is wrong goes to the document's findings."""

    def __init__(self, document: YamlDocument, file: str) -> None:
        self.findings = document.findings
        self.start: Mark = document.start_mark
        self.file = file
        self.currency: str | None = None
        self.fine = False
        self.has_cells = False
        self.grows = False  # a stage may have more units than the one before
        self.nameless = False  # no stages could be read, so that no stage name can be judged
        self.unknown: dict[int, list[tuple[str | None, Node]]] = {}

    @property
    def failed(self) -> bool:
        """Whether an error has been found, after which there will be no funnel."""
        return any(finding.problem.severity is Severity.ERROR for finding in self.findings)

    def report(self, problem: Problem, node: Node | Scalar | None) -> None:
        """Note a problem at a node, or at the start of the document; what is broken has its problem already."""
        if isinstance(node, Broken) or (self.nameless and problem.code == "FN112"):
            return
        self.findings.append(Finding(problem, self.start, self.start) if node is None else Finding.at(node, problem))

    def note(self, node: Node | Scalar | None, code: str, message: str, help_: str | None = None) -> None:
        """Note a problem at a node in its parts."""
        self.report(Problem(code, message, help_), node)

    def unknown_stage(self, node: Node | Scalar, name: str, known: list[str]) -> None:
        """Note that a name is that of no stage."""
        said = f"unknown stage {quoted(name)}"
        self.report(Problem("FN112", said, did_you_mean(name, known), meant=near_name(name, known)), node)

    def excused(self, mapping: Mapping, *keys: str) -> bool:
        """Whether an unknown key of a mapping may be one of those that it lacks: then its own problem is enough."""
        if not self.unknown:
            return False
        nested = "stages" in keys

        def may_be(guess: str | None, node: Node) -> bool:
            return guess in keys if guess is not None else isinstance(node, (Mapping, Sequence)) == nested

        return any(may_be(*each) for each in self.unknown.get(id(mapping), ()))

    def missing(self, key: str, mapping: Mapping, owner: str = "the funnel") -> None:
        """Note that a mapping lacks a key."""
        if self.excused(mapping, key):
            return
        help_ = (
            "write stages:, and below it the name and count of each" if key == "stages" else f"write {key}: and a value"
        )
        self.note(mapping, "FN102", f"{owner} has no {quoted(key)}", help_)

    def expected(self, what: str, node: Node, help_: str) -> None:
        """Note that a node is of another kind than its key wants."""
        if isinstance(node, Mapping) and node.dropped and not node.entries:
            self._placeholder(what, node)
            return
        if isinstance(node, Sequence):
            found = "a list" if node.items else "an empty list"
        elif isinstance(node, Mapping):
            found = "keys with values" if node.entries else "empty braces"
        else:
            found = "" if isinstance(node, Broken) or not node.value else "a single value"
        self.note(
            node, "FN103", f"{what} is expected here, {f'not {found}' if found else 'and nothing is written'}", help_
        )

    def _placeholder(self, what: str, node: Mapping) -> None:
        """Note that `{{ count }}` of a template stands in place of a value, which is all that is wrong with it."""
        first, last = (node.start_mark.line, node.start_mark.column), (node.end_mark.line, node.end_mark.column)
        self.findings[:] = [
            each
            for each in self.findings
            if each.problem.code != "FN013" or not first < (each.start.line, each.start.column) < last
        ]
        self.note(node, "FN103", f"braces of a template stand in place of {what}", "write what they stand for")

    def scalar(self, node: Node, parser: Callable[[str, bool], Any], what: str, help_: str) -> Any:
        """A scalar through its parser; `None` when there is a problem, which is noted."""
        if node.__class__ is not LEAF and isinstance(node, (Mapping, Sequence, Broken)):
            self.expected(what, node, help_)
            return None
        value = parser(node.value, not node.style)  # type: ignore[union-attr]  # a leaf or another scalar
        if value.__class__ is Problem:
            self.report(value, node)
            return None
        return value

    def spend(self, currency: str | None) -> None:
        """Read money in a currency from here on."""
        self.currency = currency
        self.fine = minor_digits(currency) > 2

    def part(self, node: Node, keys: Keys, help_: str) -> tuple[Mapping, dict[str, Any], dict[str, Node]] | None:
        """A mapping of known keys that stands below a key, with its values and nodes; `None` when it is none."""
        if not isinstance(node, Mapping):
            self.expected("a key with its value", node, help_)
            return None
        return node, *self.fields(node, keys)

    def items(
        self, node: Node | None, parser: Callable[[str, bool], Any], whole: tuple[str, str], item: tuple[str, str]
    ) -> tuple[Any, ...]:
        """Values of a list; `whole` and `item` are what is expected, and the help where it is not so."""
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.expected(whole[0], node, whole[1])
            return ()
        values = [self.scalar(each, parser, *item) for each in node.items]
        return tuple(value for value in values if value is not None)

    def pairs(
        self, node: Node | None, parser: Callable[[str, bool], Any], whole: tuple[str, str], item: tuple[str, str]
    ) -> tuple[tuple[str, Any], ...]:
        """Names and values of a mapping; `whole` and `item` as for `items`."""
        values = [(name, self.scalar(value, parser, *item)) for name, _, value in self.entries(node, *whole)]
        return tuple((name, value) for name, value in values if value is not None)

    def fields(self, mapping: Mapping, keys: Keys) -> tuple[dict[str, Any], dict[str, Node]]:
        """Known keys of a mapping: scalar values, parsed, and the nodes of structures, compositions among them."""
        values: dict[str, Any] = {}
        nodes: dict[str, Node] = {}
        parsers = keys.fine if self.fine else keys.usual
        if not mapping.entries.keys().isdisjoint(_OTHERS):
            for other in _OTHERS.intersection(mapping.entries, parsers):
                self._rename(mapping, other, schema.OTHER_NAMES[other])
        for key, (key_node, node) in mapping.entries.items():
            if key not in parsers:
                guess, help_ = _guess(key, node, mapping, parsers) if len(self.findings) < MANY else (None, None)
                self.unknown.setdefault(id(mapping), []).append((guess, node))
                meant = _meant(key, guess, parsers) if guess else None
                self.report(Problem("FN101", f"unknown key {quoted(key)}", help_, meant=meant), key_node)
                if not guess or guess not in parsers:
                    continue
                # what stands below is read too, as everything wrong in a file is said at once
                mapping.entries = {guess if name == key else name: entry for name, entry in mapping.entries.items()}
                key = guess
            parser = parsers[key]
            if parser is None:
                nodes[key] = node
            elif node.__class__ is LEAF:
                value = parser(node.value, not node.style)  # type: ignore[union-attr]  # a leaf, as just compared
                if value.__class__ is Problem:
                    self.report(value, node)
                else:
                    values[key] = value
            elif key in keys.composed:
                nodes[key] = node
            else:
                self.scalar(node, parser, f"one value for {quoted(key)}", f"write {key}: and one value")
        return values, nodes

    def _rename(self, mapping: Mapping, other: str, key: str) -> None:
        """A key of another name becomes the one that it stands for, so that nobody else knows of two."""
        if key in mapping.entries:
            self.note(mapping.entries[other][0], "FN113", f"{other} is another name of {key}", "keep one of the two")
            del mapping.entries[other]
        else:
            mapping.entries = {key if name == other else name: value for name, value in mapping.entries.items()}

    def entries(self, node: Node | None, what: str, help_: str) -> Iterable[tuple[str, Scalar, Node]]:
        """Entries of a node that must be a non-empty mapping of names."""
        if node is None:
            return
        if not isinstance(node, Mapping) or not (node.entries or node.dropped):
            self.expected(what, node, help_)
            return
        for name, (key_node, value) in node.entries.items():
            problem = label(name, False)
            if isinstance(problem, Problem):
                self.report(problem, key_node)
            yield name, key_node, value

    def location(self, node: Node | Scalar) -> Location:
        """Where a node stands, for results that speak of it later."""
        return locate(self.file, node.start_mark, node.end_mark, None)


def _guess(key: str, node: Node, mapping: Mapping, known: Collection[str]) -> tuple[str | None, str | None]:
    """The known key that is probably meant by an unknown one, empty if none is, and the help."""
    from funnelcli.funnel_file import misspelt_keys

    free = [other for other in known if other not in mapping.entries]
    limits = any(sign in getattr(node, "value", "") for sign in "<>")  # one check, in no list
    meant = misspelt_keys.meant(key, free, nested=limits or isinstance(node, (Mapping, Sequence)))
    if meant is not None:
        return meant[0], f"did you mean {quoted(meant[0])}?"
    elsewhere = _home(key, known) or misspelt_keys.needless(key)
    return ("", elsewhere) if elsewhere else (None, did_you_mean(key, known))


def _meant(key: str, guess: str, known: Collection[str]) -> Replacement:
    from funnelcli.funnel_file import misspelt_keys

    return Replacement((guess,), doubt=not misspelt_keys.is_only(key, guess, known))


def _home(key: str, known: Collection[str]) -> str | None:
    """Where a key belongs that is known elsewhere: of a stage in the funnel, or of the funnel in a stage."""
    of_funnel, of_stage = schema.keys(schema.FUNNEL), schema.keys(schema.STAGE)
    if key in of_stage and of_funnel.issubset(known):
        return f"it is a key of a stage: write it beside the stage's name and count, as {key}: …"
    if key in of_funnel and of_stage.issubset(known):
        return "it is a key of the funnel: write it at the start of a line, beside stages"
    return None
