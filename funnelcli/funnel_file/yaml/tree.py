"""Text of YAML to positioned trees: the place of the limits on its structure.

The parser's events become a tree on an explicit stack. The parser's own recursive composer is never used: it ends the
process on deep nesting. A scalar of the tree is the parser's event itself, which already carries its marks.
"""

from __future__ import annotations

import re
from itertools import accumulate
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from funnelcli.diagnostics import Problem, Replacement, quoted
from funnelcli.funnel_file.scalars import ambiguous, first_hidden, hidden_character, is_text_key
from funnelcli.funnel_file.yaml.loaders import LOADER
from funnelcli.funnel_file.yaml.nodes import Broken, Finding, Mapping, Place, Sequence, YamlDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.funnel_file.yaml.nodes import Mark, Node, Scalar

DEEPEST_NESTING = 32
LARGEST_EXPANSION = 100_000
MOST_RESTARTS = 200
DOCUMENT_START = r"---(?=\s|$)"
EMPTY_HELP = "write a funnel; the smallest is: stages: {First: 100, Last: 50}"
LEAF: type = yaml.ScalarEvent
"""The class of every scalar in a tree: one comparison tells a leaf from the rest."""
_TOO_DEEP = Problem("FN012", f"nesting deeper than {DEEPEST_NESTING} levels", "a funnel needs five at most")


def parse(text: str, loader: type = LOADER) -> Iterator[YamlDocument]:
    """Text to documents, at least one. After an error that ends the parsing, reading goes on at the next `---`.

    `loader` is a loader class of PyYAML, with or without libyaml.
    """
    document = None
    for document in _parse_documents(text, loader):
        yield document
    if document is None:
        said = "the file holds nothing but comments" if "#" in text else "the file is empty"
        yield _unread(Finding.in_line(Problem("FN006", said, EMPTY_HELP), 0))
    elif document.stopped is not None:
        yield from _after_broken(document, text, loader)


def _after_broken(document: YamlDocument, text: str, loader: type) -> Iterator[YamlDocument]:
    """The documents from the next start on, after one that could not be parsed to its end."""
    lines = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    restarts = 0
    while document.stopped is not None:
        following = _next_start(lines, max(document.stopped, document.start_mark.line + 1))
        if following is None:
            return
        if restarts == MOST_RESTARTS:
            said = f"after {restarts:,} broken documents, the rest is not read"
            rest_unread = _unread(Finding.in_line(Problem("FN004", said, "mend those first"), following, end=3))
            rest_unread.beyond = True
            yield rest_unread
            return
        restarts += 1
        # blank lines in place of what was read keep the line numbers of the rest
        rest = "\n" * following + text[starts[following] :]
        for document in _parse_documents(rest, loader):
            yield document


def _unread(finding: Finding) -> YamlDocument:
    """A document of which nothing is read, and why."""
    document = YamlDocument(finding.start)
    document.findings.append(finding)
    return document


def _next_start(lines: list[str], first: int) -> int | None:
    """The number of the first line from one on that starts a document."""
    return next((number for number in range(first, len(lines)) if re.match(DOCUMENT_START, lines[number])), None)


def extent(document: YamlDocument, lines: list[str]) -> tuple[int, int]:
    """The numbers of a document's first line and of the one after its last, markers included."""
    start = document.start_mark.line
    first = next((number for number in range(start, 0, -1) if re.match(DOCUMENT_START, lines[number])), 0)
    last = _next_start(lines, first + 1)
    return first, len(lines) if last is None else last


class _Stop(Exception):
    """Parsing of a document ends here; its finding is already noted."""


def _parse_documents(text: str, loader: type) -> Iterator[YamlDocument]:
    """Documents up to the end or the first that cannot be parsed."""
    document: YamlDocument | None = None
    parser = loader(text)
    next_event = parser.get_event
    try:
        while True:
            event = next_event()
            kind = event.__class__
            if document is not None:
                # only now: what follows a document without a break is an error of that document
                yield document
                document = None
            if kind is yaml.DocumentStartEvent:
                document = YamlDocument(event.start_mark)
                _build(next_event, document)
            elif kind is yaml.StreamEndEvent:
                return
    except yaml.YAMLError as error:
        mark = mark_of(error)
        document = document or YamlDocument(Place(min(mark.line, text.count("\n")), 0))
        # what the parser looks ahead at may meet a limit of its own before ours: then ours is the mistake
        deep = _too_deep(text[: getattr(mark, "index", 0)], loader)
        if deep is None:
            document.error = error
        else:
            document.findings.append(deep)
        document.root = None
        document.stopped = deep.start.line if deep else mark.line
        yield document
    except _Stop:
        assert document is not None
        document.stopped = document.findings[-1].start.line
        yield document
    finally:
        parser.dispose()


def mark_of(error: Exception) -> Mark:
    """Where the parser gave up."""
    return getattr(error, "problem_mark", None) or Place(0, 0)


def _too_deep(text: str, loader: type) -> Finding | None:
    """The first nesting that is too deep in text that ends where a parser failed."""
    depth = 0
    try:
        event: Any
        for event in yaml.parse(text, loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST_NESTING:
                return Finding.at(event, _TOO_DEEP)
    except yaml.YAMLError:
        pass  # of an end in the middle
    return None


def _build(next_event: Callable[[], Any], document: YamlDocument) -> None:
    """Events of one document, up to its end, to `document.root`.

    `entries` is the open mapping and `append` belongs to the open list; one of them is `None`. This loop is most of
    the reader's time.
    """
    findings = document.findings
    scalar_event: Any = yaml.ScalarEvent
    mapping_start: Any = yaml.MappingStartEvent
    sequence_start: Any = yaml.SequenceStartEvent
    alias: Any = yaml.AliasEvent
    sound_keys = _sound_keys
    anchors: dict[str, _Anchored] = {}
    extents: dict[int, tuple[int, int]] = {}
    stack: list[tuple[Any, ...]] = []  # what is around the innermost open structure: the five that follow here
    parent: Mapping | Sequence | None = None
    entries: dict[str, tuple[Scalar, Node]] | None = None
    append: Callable[[Node], None] | None = None
    key: Scalar | Broken | None = None
    anchor: str | None = None
    aliased = 0
    node: Node
    while True:
        event: Any = next_event()
        # runs of untagged scalars are most of every file
        if entries is not None and key is None:
            while event.__class__ is scalar_event and event.tag is None and event.anchor is None:
                name = sound_keys.get(event.value) or _sound_key(event)
                if name is None:
                    break
                value = next_event()
                if (
                    value.__class__ is scalar_event
                    and value.tag is None
                    and value.anchor is None
                    and name not in entries
                ):
                    entries[name] = (event, value)
                    event = next_event()
                else:
                    key, event = event, value
                    break
        elif append is not None:
            while event.__class__ is scalar_event and event.tag is None and event.anchor is None:
                append(event)
                event = next_event()
        if event.__class__ is scalar_event:
            node = event
            if event.tag is not None:
                _refuse_tag(event, findings)
            if event.anchor is not None:
                anchors[event.anchor] = _Anchored(node, 1, 0)
        elif event.__class__ is mapping_start or event.__class__ is sequence_start:
            if event.tag is not None:
                _refuse_tag(event, findings)
            if len(stack) >= DEEPEST_NESTING:
                findings.append(Finding.at(event, _TOO_DEEP))
                raise _Stop
            stack.append((parent, entries, append, key, anchor))
            if event.__class__ is mapping_start:
                parent = Mapping(event.start_mark)
                entries, append = parent.entries, None
            else:
                parent = Sequence(event.start_mark)
                entries, append = None, parent.items.append
            key, anchor = None, event.anchor
            if anchor is not None:
                anchors[anchor] = _Anchored(parent, None, 0)
            continue
        elif event.__class__ is alias:
            node, size = _resolve_alias(event, anchors.get(event.anchor), len(stack), aliased, findings)
            aliased += size
        elif event.__class__ is yaml.DocumentEndEvent:
            return
        else:
            assert parent is not None
            node = parent
            parent.end_mark = event.end_mark
            if anchor is not None:
                extents[id(parent)] = _extent(parent, extents)
                anchors[anchor] = _Anchored(parent, *extents[id(parent)])
            parent, entries, append, key, anchor = stack.pop()
        if append is not None:
            append(node)
        elif entries is None:
            document.root = node
        elif key is None:
            key = _checked_key(node, findings)
        else:
            if isinstance(key, Broken):
                parent.dropped = True  # type: ignore[union-attr]  # entries belong to a mapping
            elif key.value in entries:
                findings.append(_written_twice(key, entries[key.value][0]))
            else:
                entries[key.value] = (key, node)
            key = None


class _Anchored(NamedTuple):
    """What an anchor stands for: its node, how many nodes it has (`None` while it is open) and levels inside it."""

    node: Node
    size: int | None
    height: int


def _written_twice(key: Scalar, first: Scalar) -> Finding:
    help_ = f"the first is in line {first.start_mark.line + 1}; keep one"
    problem = Problem("FN007", f"the key {quoted(key.value)} is written twice", help_)
    return Finding(problem, key.start_mark, key.end_mark, ("first written here", first.start_mark, first.end_mark))


def _checked_key(node: Node, findings: list[Finding]) -> Scalar | Broken:
    """The node as a key, or a broken one when it is not text that all YAML versions read alike."""
    if isinstance(node, (Mapping, Sequence, Broken)):
        problem = Problem("FN013", "a name must be text, and brackets stand here", "write a name, then a colon")
    else:
        wrong = _key_problem(node.value, not node.style)
        if wrong is None:
            return node
        problem = wrong
    findings.append(Finding.at(node, problem))
    return Broken(node.start_mark, node.end_mark)


_sound_keys: dict[str, str] = {}
"""Keys that nothing is wrong with, even without quotes, each as one object: files repeat the same few keys, and what is
one object is found at once wherever they are looked up."""
MOST_REMEMBERED = 4096


def _sound_key(written: Scalar) -> str | None:
    """The name that a key says, remembered; `None` when something is wrong with it."""
    plain = not written.style
    if _key_problem(written.value, plain) is not None:
        return None
    name = intern(written.value)
    if plain:
        if len(_sound_keys) >= MOST_REMEMBERED:
            _sound_keys.clear()
        _sound_keys[name] = name
    return name


def _key_problem(name: str, plain: bool) -> Problem | None:
    """What is wrong with a key."""
    if plain:
        if name == "<<":
            return Problem("FN009", "merge keys (<<) are not read alike by all YAML readers", "write the keys out")
        if name.isdecimal() and name.isascii():
            return Problem(
                "FN013",
                f"a name must be text, and {quoted(name)} is a number",
                f'write "{name}" in quotes; if it ends a number, write that without its comma',
            )
        problem = ambiguous(name)
        if problem is not None:
            return problem
        if not is_text_key(name):
            what = f"{quoted(name)} is none" if name else "nothing is written"
            meant = Replacement((f'"{name or "name"}"',), " in quotes", doubt=not name)
            return Problem("FN013", f"a name must be text, and {what}", meant.help, meant=meant)
    hidden = first_hidden(name)
    return None if hidden is None else hidden_character(hidden)


def _refuse_tag(event: Any, findings: list[Finding]) -> None:
    tag = quoted(event.tag.replace("tag:yaml.org,2002:", "!!"))
    help_ = "delete it; the key says how the value is read"
    findings.append(Finding.at(event, Problem("FN008", f"the tag {tag} is not needed", help_)))


def _resolve_alias(
    event: Any, known: _Anchored | None, depth: int, aliased: int, findings: list[Finding]
) -> tuple[Node, int]:
    """The node an alias stands for, and how many nodes it adds."""
    name = event.anchor
    if known is None:
        help_ = f"write &{name} where the value first stands"
        problem = Problem("FN014", f"the alias *{name} has no anchor before it", help_)
    elif known.size is None:
        problem = Problem("FN010", f"the alias *{name} stands inside its own anchor", "write the value out")
    elif aliased + known.size > LARGEST_EXPANSION:
        said = f"aliases expand to more than {LARGEST_EXPANSION:,} nodes at *{name}"
        problem = Problem("FN011", said, "write the values out")
    elif depth + known.height > DEEPEST_NESTING:
        problem = _TOO_DEEP
    else:
        return known.node, known.size
    findings.append(Finding.at(event, problem))
    return Broken(event.start_mark, event.end_mark), 0


def _extent(root: Node, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """How many nodes there are in a node, aliases expanded, and how many levels of nesting.

    `known` has those of the anchored nodes inside it by their `id`: what aliases repeat is not walked again.
    """
    size = height = 0
    pending = [(root, 0)]
    while pending:
        node, depth = pending.pop()
        inner_size, inner_height = known.get(id(node), (1, 0))
        size += inner_size
        height = max(height, depth + inner_height)
        if id(node) not in known and isinstance(node, (Mapping, Sequence)):
            height = max(height, depth + 1)
            inner = node.items if isinstance(node, Sequence) else [value for _, value in node.entries.values()]
            pending.extend((item, depth + 1) for item in inner)
    return size, height
