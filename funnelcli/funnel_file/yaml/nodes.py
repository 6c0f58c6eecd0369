"""A positioned tree of a YAML document, and what is found wrong while it is built and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol, TypeAlias

    from funnelcli.diagnostics import Fix, Problem

    class Mark(Protocol):
        """A place in the text: line and column count code points from 0."""

        @property
        def line(self) -> int:
            """Lines before this one."""

        @property
        def column(self) -> int:
            """Code points before this one in its line."""

    class Scalar(Protocol):
        """A leaf: its text, its quoting style (empty when plain), and where it stands."""

        value: str
        style: str | None
        start_mark: Mark
        end_mark: Mark


class Mapping:
    """A mapping: text keys in the order of the file, each with the key's own node and the value's.

    `dropped` says that a key was refused, so that more is written than stands here.
    """

    __slots__ = ("_listed", "dropped", "end_mark", "entries", "start_mark")
    _listed: list[tuple[Scalar, Node]]

    def __init__(self, start: Mark) -> None:
        self.entries: dict[str, tuple[Scalar, Node]] = {}
        self.dropped = False
        self.start_mark = start
        self.end_mark = start

    def entry(self, index: int) -> tuple[Scalar, Node] | None:
        """The entry of a number, once all of them are there; `None` beyond the last."""
        try:
            listed = self._listed
        except AttributeError:  # set when it is first asked for: most mappings never are
            listed = self._listed = list(self.entries.values())
        return listed[index] if index < len(listed) else None


class Sequence:
    """A list of nodes."""

    __slots__ = ("end_mark", "items", "start_mark")

    def __init__(self, start: Mark) -> None:
        self.items: list[Node] = []
        self.start_mark = start
        self.end_mark = start


class Broken(NamedTuple):
    """Stands where a node could not be built, or for a key that was refused; its problem is already reported."""

    start_mark: Mark
    end_mark: Mark


def walk(root: Node | None) -> Iterator[Node]:
    """Every node of a tree once, keys among them, in no order."""
    pending: list[Node] = [] if root is None else [root]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, Mapping):
            for entry in node.entries.values():
                pending += entry
        elif isinstance(node, Sequence):
            pending += node.items


class Place(NamedTuple):
    """A mark of our own, where the parser gave none."""

    line: int
    column: int


class Finding(NamedTuple):
    """A problem and the stretch of text it is about; `related` is a further stretch with its explanation.

    `fix` mends it. A finding that is `moved` stands where a mended text reads it, and may stand elsewhere in the file.
    """

    problem: Problem
    start: Mark
    end: Mark
    related: tuple[str, Mark, Mark] | None = None
    fix: Fix | None = None
    moved: bool = False

    @classmethod
    def at(cls, node: Node | Scalar, problem: Problem) -> Finding:
        """A problem of a whole node."""
        return cls(problem, node.start_mark, node.end_mark)

    @classmethod
    def in_line(cls, problem: Problem, line: int, column: int = 0, end: int | None = None) -> Finding:
        """A problem of a stretch of a line, of one character unless its end is given."""
        return cls(problem, Place(line, column), Place(line, column + 1 if end is None else end))


class YamlDocument:
    """One YAML document: its root (`None` when it could not be parsed to its end) and what is wrong with it.

    `stopped` is the line where the parser gave up, and `error` what it said, unless that is a finding already. `beyond`
    says that it stands for all that is left, of which nothing is read.
    """

    __slots__ = ("beyond", "error", "findings", "root", "start_mark", "stopped")

    def __init__(self, start: Mark) -> None:
        self.root: Node | None = None
        self.findings: list[Finding] = []
        self.start_mark = start
        self.stopped: int | None = None
        self.error: Exception | None = None
        self.beyond = False


if TYPE_CHECKING:
    Node: TypeAlias = Scalar | Mapping | Sequence | Broken
