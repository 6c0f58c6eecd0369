"""Text of YAML to positioned trees: the place of the limits on its structure.

The parser's events become a tree on an explicit stack. The parser's own recursive composer is never used: it ends the
process on deep nesting. A scalar of the tree is the parser's event itself, which already carries its marks.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from funnelcli.diagnostics import Problem, quoted
from funnelcli.funnel_file.scalars import ambiguous, first_hidden, hidden_character, is_text_key
from funnelcli.funnel_file.yaml.loaders import LOADER
from funnelcli.funnel_file.yaml.nodes import Broken, Finding, Mapping, Place, Sequence, YamlDocument
from funnelcli.funnel_file.yaml.syntax import LineStarts, syntax_error, tab_indents

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from funnelcli.funnel_file.yaml.nodes import Mark, Node, Scalar

DEEPEST_NESTING = 32
LARGEST_EXPANSION = 100_000
MOST_RESTARTS = 200


DOCUMENT_START = r"---(?=\s|$)"


LEAF: type = yaml.ScalarEvent
"""The class of every scalar in a tree: one comparison tells a leaf from the rest."""


def parse(text: str, loader: type = LOADER) -> Iterator[YamlDocument]:
    """Text to documents, at least one. After an error that ends the parsing, reading goes on at the next `---`.

    `loader` is a loader class of PyYAML, with or without libyaml.
    """
    found = False
    has_tabs = "\t" in text
    rest = text
    lines = LineStarts(text)
    for restarts in range(MOST_RESTARTS + 1):
        documents = _parse_documents(rest, loader, lines)
        while True:
            try:
                document = next(documents)
            except StopIteration as end:
                stopped = end.value
                break
            found = True
            if has_tabs:
                document.findings.extend(tab_indents(document.root, lines.all))
            yield document
        if stopped is None:
            break
        following = _next_start(lines.all, *stopped)
        if following is None:
            break
        if restarts == MOST_RESTARTS:
            unread = YamlDocument(Place(following, 0))
            problem = Problem("FN004", f"after {restarts:,} broken documents, the rest is not read", "mend those first")
            unread.findings.append(Finding(problem, unread.start_mark, Place(following, 3)))
            yield unread
            break
        # blank lines in place of what was read keep the line numbers of the rest
        rest = "\n" * following + text[lines.starts[following] :]
    if not found:
        empty = YamlDocument(Place(0, 0))
        empty.findings.append(Finding(Problem("FN006", "the file is empty", EMPTY_HELP), Place(0, 0), Place(0, 1)))
        yield empty


EMPTY_HELP = "write a funnel; the smallest is: stages: {First: 100, Last: 50}"


def _next_start(lines: list[str], started: int, failed: int) -> int | None:
    """The number of the first `---` line that follows the error of a document."""
    following = range(max(failed, started + 1), len(lines))
    return next((number for number in following if re.match(DOCUMENT_START, lines[number])), None)


def extent(document: YamlDocument, lines: list[str]) -> tuple[int, int]:
    """The numbers of a document's first line and of the one after its last, markers included."""
    start = document.start_mark.line
    first = next((number for number in range(start, 0, -1) if re.match(DOCUMENT_START, lines[number])), 0)
    last = next((number for number in range(first + 1, len(lines)) if re.match(DOCUMENT_START, lines[number])), None)
    return first, len(lines) if last is None else last


_TOO_DEEP = Problem("FN012", f"nesting deeper than {DEEPEST_NESTING} levels", "a funnel needs five at most")


class _Stop(Exception):
    """Parsing of a document ends here; its finding is already noted."""


def _parse_documents(
    text: str, loader: type, lines: LineStarts
) -> Generator[YamlDocument, None, tuple[int, int] | None]:
    """Documents up to the end or the first that cannot be parsed; returns its first line and the error's."""
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
                return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or Place(0, 0)
        started = 0 if document is None else document.start_mark.line
        document = document or YamlDocument(Place(min(mark.line, len(lines.all) - 1), 0))
        # what the parser looks ahead at may meet a limit of its own before ours: then ours is the mistake
        deep = _too_deep(text[: getattr(mark, "index", 0)], loader)
        document.findings.append(deep or syntax_error(error, mark, lines.all))
        document.root = None
        document.stopped = mark.line
        yield document
        return started, deep.start.line if deep else mark.line
    except _Stop:
        assert document is not None
        document.stopped = document.findings[-1].start.line
        yield document
        return document.start_mark.line, document.findings[-1].start.line
    finally:
        parser.dispose()


def _too_deep(text: str, loader: type) -> Finding | None:
    """The first nesting that is too deep in text that ends where a parser failed."""
    depth = 0
    try:
        event: Any
        for event in yaml.parse(text, loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST_NESTING:
                return Finding(_TOO_DEEP, event.start_mark, event.end_mark)
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
    anchors: dict[str, _Anchored] = {}
    stack: list[tuple[Mapping | Sequence | None, Scalar | None, str | None]] = []
    parent: Mapping | Sequence | None = None
    entries: dict[str, tuple[Scalar, Node]] | None = None
    append: Callable[[Node], None] | None = None
    key: Scalar | None = None
    anchor: str | None = None
    aliased = 0
    node: Node
    while True:
        event: Any = next_event()
        # runs of untagged scalars are most of every file
        if entries is not None and key is None:
            while event.__class__ is scalar_event and event.tag is None and event.anchor is None:
                if _key_problem(event.value, not event.style) is not None:
                    break
                value = next_event()
                if (
                    value.__class__ is scalar_event
                    and value.tag is None
                    and value.anchor is None
                    and event.value not in entries
                ):
                    entries[event.value] = (event, value)
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
                findings.append(Finding(_TOO_DEEP, event.start_mark, event.end_mark))
                raise _Stop
            stack.append((parent, key, anchor))
            parent = Mapping(event.start_mark) if event.__class__ is mapping_start else Sequence(event.start_mark)
            entries, append = _openings(parent)
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
                anchors[anchor] = _Anchored(parent, *_extent(parent))
            parent, key, anchor = stack.pop()
            entries, append = _openings(parent)
        if append is not None:
            append(node)
        elif entries is None:
            document.root = node
        elif key is None:
            key = _checked_key(node, findings)
        else:
            name = key.value
            if isinstance(key, _BrokenKey):
                parent.dropped = True  # type: ignore[union-attr]  # entries belong to a mapping
            elif name in entries:
                _refuse_entry(entries, key, findings)
            else:
                entries[name] = (key, node)
            key = None


class _Anchored(NamedTuple):
    """What an anchor stands for: its node, how many nodes it has (`None` while it is open) and levels inside it."""

    node: Node
    size: int | None
    height: int


def _openings(
    parent: Mapping | Sequence | None,
) -> tuple[dict[str, tuple[Scalar, Node]] | None, Callable[[Node], None] | None]:
    """The open mapping's entries and the open list's append: where the next node goes."""
    if isinstance(parent, Mapping):
        return parent.entries, None
    return None, None if parent is None else parent.items.append


def _refuse_entry(entries: dict[str, tuple[Scalar, Node]], key: Scalar, findings: list[Finding]) -> None:
    """Note an entry whose key is there already."""
    first = entries[key.value][0]
    findings.append(
        Finding(
            Problem(
                "FN007",
                f"the key {quoted(key.value)} is written twice",
                f"the first is in line {first.start_mark.line + 1}; keep one"
                + ("; a line --- parts two funnels" if key.value in ("name", "stages") else ""),
            ),
            key.start_mark,
            key.end_mark,
            ("first written here", first.start_mark, first.end_mark),
        )
    )


class _BrokenKey:
    """A key that was refused: its value is built and dropped."""

    __slots__ = ("end_mark", "start_mark", "style", "value")

    def __init__(self, start: Mark, end: Mark) -> None:
        self.value = ""
        self.style: str | None = None
        self.start_mark = start
        self.end_mark = end


def _broken_key(event: Any, findings: list[Finding]) -> Scalar:
    findings.append(
        Finding(
            Problem("FN013", "a key must be text, and this is a list or a mapping", "write a name, then a colon"),
            event.start_mark,
            event.end_mark,
        )
    )
    return _BrokenKey(event.start_mark, event.end_mark)


def _checked_key(node: Node, findings: list[Finding]) -> Scalar:
    """The node as a key, or a broken key when it is not text that all YAML versions read alike."""
    if node.__class__ is Mapping or node.__class__ is Sequence or node.__class__ is Broken:
        return _broken_key(node, findings)
    scalar: Scalar = node  # type: ignore[assignment]  # the other classes were just compared
    problem = _key_problem(scalar.value, not scalar.style)
    if problem is None:
        return scalar
    findings.append(Finding(problem, scalar.start_mark, scalar.end_mark))
    return _BrokenKey(scalar.start_mark, scalar.end_mark)


@lru_cache(maxsize=4096)
def _key_problem(name: str, plain: bool) -> Problem | None:
    """What is wrong with a key; remembered, because files repeat the same few keys."""
    if plain:
        if name == "<<":
            return Problem("FN009", "merge keys (<<) are not read alike by all YAML readers", "write the keys out")
        if name.isdecimal() and name.isascii():
            return Problem(
                "FN013",
                f"a key must be text: {quoted(name)} is not",
                f'write "{name}" in quotes; if it ends a number, write that without its comma',
            )
        problem = ambiguous(name)
        if problem is not None:
            return problem
        if not is_text_key(name):
            what = f"{quoted(name)} is not" if name else "nothing is written"
            return Problem("FN013", f"a key must be text: {what}", f'write "{name or "name"}" in quotes')
    hidden = first_hidden(name)
    return None if hidden is None else hidden_character(hidden)


def _refuse_tag(event: Any, findings: list[Finding]) -> None:
    tag = quoted(event.tag.replace("tag:yaml.org,2002:", "!!"))
    findings.append(
        Finding(
            Problem("FN008", f"the tag {tag} is not needed", "delete it; the key says how the value is read"),
            event.start_mark,
            event.end_mark,
        )
    )


def _resolve_alias(
    event: Any, known: _Anchored | None, depth: int, aliased: int, findings: list[Finding]
) -> tuple[Node, int]:
    """The node an alias stands for, and how many nodes it adds."""
    name = event.anchor
    if known is None:
        problem = Problem(
            "FN014", f"the alias *{name} has no anchor before it", f"write &{name} where the value first stands"
        )
    elif known.size is None:
        problem = Problem("FN010", f"the alias *{name} stands inside its own anchor", "write the value out")
    elif aliased + known.size > LARGEST_EXPANSION:
        problem = Problem(
            "FN011", f"aliases expand to more than {LARGEST_EXPANSION:,} nodes at *{name}", "write the values out"
        )
    elif depth + known.height > DEEPEST_NESTING:
        problem = _TOO_DEEP
    else:
        return known.node, known.size
    findings.append(Finding(problem, event.start_mark, event.end_mark))
    return Broken(event.start_mark, event.end_mark), 0


def _extent(root: Node) -> tuple[int, int]:
    """How many nodes there are in a node, aliases expanded, and how many levels of nesting."""
    size = height = 0
    pending = [(root, 0)]
    while pending:
        node, depth = pending.pop()
        size += 1
        if isinstance(node, (Mapping, Sequence)):
            depth += 1
            height = max(height, depth)
            inner = node.items if isinstance(node, Sequence) else [value for _, value in node.entries.values()]
            pending.extend((item, depth) for item in inner)
    return size, height
