"""What views are built with: tables of columns, sentences, and what several of them show alike."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from funnelcli.output.document import BLANK, Block, Cell, CellKind, Column, Document, Note, Parts, Section, Table
from funnelcli.output.numbers import brief_rate, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


def document_of(results: Sequence[Any], blocks: Callable[[Any], Iterable[Block]]) -> Document:
    """A section for each result of an analysis, with the blocks that a view makes of it."""
    return Document(
        tuple(
            Section(result.name, result.period, result.file, result.document, result.currency, tuple(blocks(result)))
            for result in results
        )
    )


def table(records: Iterable[Any], columns: Iterable[Column | bool | None], title: str = "", key: str = "") -> Table:
    """A row a record; columns that are `None` or `False` are left out."""
    shown = tuple(column for column in columns if isinstance(column, Column))
    return Table(shown, tuple(tuple(column.of(record) for column in shown) for record in records), title, key)


def known(records: Sequence[Any], *columns: Column) -> Iterator[Column]:
    """The columns that have a value for any of the records."""
    return (column for column in columns if any(column.of(record) is not None for record in records))


def via(get: Callable[[Any], Any], *columns: Column) -> Iterator[Column]:
    """The columns of another record, the one that belongs to a row; blank where there is none."""

    def through(column: Column) -> Callable[[Any], Any]:
        return lambda record: BLANK if (other := get(record)) is None else column.of(other)

    return (column._replace(value=through(column)) for column in columns)


def only(has: Callable[[Any], bool], *columns: Column) -> Iterator[Column]:
    """The columns, blank for records that have no place there."""
    return via(lambda record: record if has(record) else None, *columns)


def item(field: str, index: int) -> Callable[[Any], Any]:
    """One of the values that a field of a record lists."""
    return lambda record: getattr(record, field)[index]


def verdict(*parts: Cell | str) -> Note:
    """The sentence that comes first."""
    return Note(parts, "verdict")


def warning(*parts: Cell | str) -> Note:
    """What a reader must not miss."""
    return Note(parts, "warning")


def note(*parts: Cell | str) -> Note:
    """What is to be minded."""
    return Note(parts)


def assumed(assumptions: Sequence[str], given: str = "") -> Note:
    """What was taken for granted."""
    return note(f"Assumed: {given}" + "; ".join(assumptions) + ".")


def is_chain(steps: Sequence[Any]) -> bool:
    """Whether each step comes from the one before it, so that no column needs to say so."""
    return all(step.from_ == before.name for before, step in pairwise(steps))


def came_from(chain: bool) -> Iterator[Column]:
    """The stage that a step comes from, where that is not the one before."""
    if not chain:
        yield Column("From", "from", "text", lambda step: step.from_ or "")


def conversion(chain: bool, confidence: float) -> tuple[Column, Column]:
    """The conversion of a step and its interval."""
    return (
        Column("Conversion,\n% of previous" if chain else "Conversion,\n% of “From”", "conversion", "rate"),
        Column(f"{brief_rate(confidence)}\ninterval", "conversion", "interval"),
    )


def sentence(text: str) -> str:
    """Words with a capital in front."""
    return text[:1].upper() + text[1:]


def judged(value: Any, border: Any, kind: CellKind) -> Cell:
    """A value with the digits that tell it from the border it is held against."""
    return Cell((value, border, kind), "judged")


_OPERATORS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}


def goal_words(metric: str, operator: str, value: Any) -> Parts:
    """A goal in words: `Revenue of at least 520,000 EUR`."""
    return f"{metric.capitalize()} of {_OPERATORS[operator]} ", Cell(value, kind_of(metric))


def kind_of(metric: str) -> Literal["count", "money"]:
    """How a result of the funnel is shown: sales are counted, the others are money."""
    return "count" if metric == "sales" else "money"


def brief(kind: CellKind) -> CellKind:
    """The kind inside a sentence."""
    return "brief_rate" if kind == "rate" else kind


def with_unit(label: str, currency: str | None) -> str:
    """A label of an amount with its currency."""
    return f"{label}, {currency}" if currency else label


Figure = tuple[str, CellKind, "Callable[[Any], Any]"]
"""A row of figures: its label, their kind, and what each of the things shown has there."""


def side_by_side(things: Sequence[Any], figures: Sequence[Figure]) -> Table:
    """Figures as rows, the things that have them as columns."""
    columns = (Column("", "figure", "text"), *(Column(visible(thing.name), "value", "count") for thing in things))
    return Table(columns, tuple((label, *(Cell(of(thing), kind) for thing in things)) for label, kind, of in figures))
