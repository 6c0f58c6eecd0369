"""Rows that add others up: each is a proof. It equals the sum of its rows and is left out, or both figures are told.

Visitors, users and reach do not add up, as one person may be in several rows: their total is the total.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.column_words import is_average, is_total
from funnelcli.counts_table.csv_grid import Finding
from funnelcli.diagnostics import Problem, decimal_text, quoted
from funnelcli.model import added

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.model import Exact

MOST_TOTALS = 200
"""Rows of totals: each costs a pass over the table."""


class Entry(NamedTuple):
    """The figures of one combination of labels: counts in stage order, each with the row it stands in, and money.

    `None` is a count that was refused, or that a row of totals leaves out.
    """

    row: int
    labels: tuple[str, ...]
    counts: list[Exact | None]
    rows: list[int]
    money: list[Exact | None]


class Shape(NamedTuple):
    """What the figures of an entry are: names, columns in which they stand, and which hold people."""

    names: Sequence[str]
    columns: Sequence[int]
    label_columns: Sequence[int]
    people: Sequence[bool]


class Parts(NamedTuple):
    """The entries that add nothing up, and figures of people that only a row of totals knows, by their place."""

    entries: list[Entry]
    known: dict[int, tuple[Exact, int]]


def figures_of(entry: Entry) -> list[Exact | None]:
    """The counts of an entry, then its money."""
    return [*entry.counts, *entry.money]


def sums(entries: Sequence[Entry], fixed: Sequence[int]) -> dict[tuple[str, ...], list[Exact]]:
    """The figures of entries added up by some of their labels, in the order in which those first appear."""
    found: dict[tuple[str, ...], list[Exact]] = {}
    for entry in entries:
        key = tuple(entry.labels[at] for at in fixed)
        figures = [figure or 0 for figure in figures_of(entry)]
        known = found.get(key)
        found[key] = figures if known is None else [one + other for one, other in zip(known, figures, strict=True)]
    return found


def without_totals(entries: list[Entry], shape: Shape, findings: list[Finding], notes: list[str]) -> Parts:
    """The entries that are no totals. A total that is not the sum of its rows is a finding with both figures."""
    if len(entries) == 1 or not shape.label_columns:
        return Parts(entries, {})  # a table of nothing but its total
    totals = [entry for entry in entries if any(map(is_total, entry.labels)) or not all(entry.labels)]
    if len(totals) > MOST_TOTALS:
        problem = Problem("FN114", f"{len(totals)} rows are totals or have no label", "delete the rows of totals")
        findings.append(Finding(totals[MOST_TOTALS].row, shape.label_columns[0], problem))
        return Parts(entries, {})
    averages = [entry for entry in entries if is_average(entry.labels[0])]
    added_up = set(map(id, [*totals, *averages]))
    parts = [entry for entry in entries if id(entry) not in added_up]
    if not parts and any(map(is_total, totals[0].labels)) and all(each.labels == totals[0].labels for each in totals):
        return Parts(entries, {})
    for entry in averages:
        findings.extend(_not_the_average(entry, parts, shape))
        notes.append(f"row {entry.row + 1}{_called(entry)}, is an average of the others and is left out")
    nameless = _nameless_totals(parts, shape)
    if nameless:
        for entry in nameless:
            what = f"{', '.join(map(quoted, entry.labels)) or 'the row'} is the sum of all other rows"
            cure = "call it Total, and it is left out; or delete it"
            findings.append(Finding(entry.row, shape.label_columns[0], Problem("FN106", what, cure)))
        return Parts(parts, {})
    proofs = _Proofs(entries, parts, shape)
    open_ = [entry for entry in totals if not proofs.holds(entry)]
    split = [entry for entry in open_ if all(entry.labels)]
    if len(split) > 1 and proofs.add_up(
        split
    ):  # by kinds that no column names, such as Total: Search and Total: Display
        open_ = [entry for entry in open_ if entry not in split]
    for entry in totals:
        if entry in open_:
            findings.extend(proofs.mismatch(entry))
        else:
            notes.append(f"row {entry.row + 1}{_called(entry)}, adds up the others and is left out")
    return Parts(parts, {} if open_ else _of_people(totals, proofs, shape, findings, notes))


def _not_the_average(entry: Entry, parts: Sequence[Entry], shape: Shape) -> Iterator[Finding]:
    """The first figure of a row of averages that lies outside its rows, where it may be a segment of that name."""
    for at, (figure, column) in enumerate(
        zip(figures_of(entry), zip(*map(figures_of, parts), strict=True), strict=False)
    ):
        known = [part for part in column if part is not None]
        if figure is not None and known and not min(known) <= figure <= max(known):
            problem = Problem(
                "FN114",
                f"the row {quoted(entry.labels[0])} says {decimal_text(figure)} for {shape.names[at]}, and the others "
                f"go from {decimal_text(min(known))} to {decimal_text(max(known))}",
                "correct the row of averages or delete it; rename it, if it is none",
            )
            yield Finding(entry.row, shape.columns[at], problem)
            return


def _called(entry: Entry) -> str:
    """The labels of a row, behind a comma."""
    return f", {' '.join(quoted(label) for label in entry.labels if label) or 'without a name'}"


def _nameless_totals(parts: list[Entry], shape: Shape) -> list[Entry]:
    """Rows at an end of the table that are, each alone, the sum of all other rows; all would be counted twice."""
    if len(parts) < 3 or any(count is None for entry in parts for count in entry.counts):
        return []
    people = shape.people[: len(parts[0].counts)]
    for ordered in (parts[::-1], parts):
        total = ordered[0].counts
        block = next((at for at, entry in enumerate(ordered) if entry.counts != total), len(ordered))
        for size in {1, block}:
            others = ordered[size:]
            if sum(any(entry.counts) for entry in others) < 2:
                continue  # it is like another row, no sum
            if all(
                _fits(count, [entry.counts[at] for entry in others], people[at] and not all(people))
                for at, count in enumerate(total)
            ):
                return sorted(ordered[:size], key=lambda each: each.row)
    return []


def _fits(total: Exact | None, parts: Sequence[Exact | None], people: bool) -> bool:
    """Whether a figure can be the total of others."""
    figures = [part or 0 for part in parts]
    if total is None:
        return True
    whole = added(figures)
    return max(figures, default=0) <= total <= whole if people else total == whole


class _Proofs:
    """The sums that rows of totals are held against."""

    def __init__(self, entries: list[Entry], parts: list[Entry], shape: Shape) -> None:
        self.parts, self.shape = parts, shape
        self.blocks: dict[int, list[Entry]] = {}
        block: list[Entry] = []
        known = {id(part) for part in parts}
        for entry in entries:
            if id(entry) in known:
                block.append(entry)
            else:
                self.blocks[id(entry)], block = block, []

    def rows_of(self, entry: Entry) -> list[Entry]:
        """The rows that share the labels of a total which name something."""
        fixed = [at for at, label in enumerate(entry.labels) if label and not is_total(label)]
        return [part for part in self.parts if all(part.labels[at] == entry.labels[at] for at in fixed)]

    def holds(self, entry: Entry) -> bool:
        """Whether a row is the sum of the rows of its labels, or of the block of rows above it."""
        few_for_no_name = not any(map(is_total, entry.labels)) and len(self.rows_of(entry)) < 2
        return not few_for_no_name and any(
            rows and not self._wrong(entry, rows) for rows in (self.rows_of(entry), self.blocks[id(entry)])
        )

    def add_up(self, totals: Sequence[Entry]) -> bool:
        """Whether several rows of totals part the whole table among them."""
        whole = [
            sum((part or 0 for part in column), start=0) for column in zip(*map(figures_of, self.parts), strict=True)
        ]
        together = [
            sum((part or 0 for part in column), start=0) for column in zip(*map(figures_of, totals), strict=True)
        ]
        return all(
            one == other or self.shape.people[at] for at, (one, other) in enumerate(zip(whole, together, strict=True))
        )

    def _wrong(self, entry: Entry, rows: Sequence[Entry]) -> list[int]:
        """The places of the figures that are not the totals of some rows."""
        columns = list(zip(*map(figures_of, rows), strict=True)) if rows else [()] * len(figures_of(entry))
        return [
            at
            for at, (figure, column) in enumerate(zip(figures_of(entry), columns, strict=True))
            if not _fits(figure, column, self.shape.people[at])
        ]

    def mismatch(self, entry: Entry) -> list[Finding]:
        """What is wrong with a row of totals, with both figures; a row without a name may be a segment."""
        rows = self.rows_of(entry)
        columns = list(zip(*map(figures_of, rows), strict=True)) if rows else [()] * len(figures_of(entry))
        if not any(map(is_total, entry.labels)):
            column = next(at for at, label in zip(self.shape.label_columns, entry.labels, strict=True) if not label)
            what = "the label is empty"
            wrong = self._wrong(entry, rows) if len(rows) > 1 else []
            if wrong:
                said, makes = _both(figures_of(entry)[wrong[0]], columns[wrong[0]])
                name = self.shape.names[wrong[0]]
                what += f", and the row is no total: it says {said} for {name}, and the others make {makes}"
            cure = "name it; if the row adds the others up, call it Total or delete it"
            return [Finding(entry.row, column, Problem("FN121", what, cure))]
        found = []
        for at in self._wrong(entry, rows):
            said, makes = _both(figures_of(entry)[at], columns[at])
            problem = Problem(
                "FN114",
                f"the row {' '.join(quoted(label) for label in entry.labels if label)} says {said} for "
                f"{self.shape.names[at]}, and the rows it adds up make {makes}",
                "correct the counts, or delete the row of totals",
            )
            row = entry.rows[at] if at < len(entry.rows) else entry.row
            found.append(Finding(row, self.shape.columns[at], problem))
        return found


def _both(said: Exact | None, parts: Sequence[Exact | None]) -> tuple[str, str]:
    return decimal_text(said or 0), decimal_text(added(part or 0 for part in parts))


def _of_people(
    totals: Sequence[Entry], proofs: _Proofs, shape: Shape, findings: list[Finding], notes: list[str]
) -> dict[int, tuple[Exact, int]]:
    """Figures of people of the rows that add up the whole table, where they are less than the sum of the parts."""
    known: dict[int, tuple[Exact, int]] = {}
    for entry in totals:
        if len(proofs.rows_of(entry)) < len(proofs.parts):
            continue
        for at, figure in enumerate(entry.counts):
            if figure is None or not shape.people[at]:
                continue
            if at in known and known[at][0] != figure:
                earlier, row = known[at]
                problem = Problem(
                    "FN114",
                    f"two rows of totals say {decimal_text(earlier)} and {decimal_text(figure)} for {shape.names[at]}",
                    "delete the one that is wrong",
                )
                findings.append(
                    Finding(entry.rows[at], shape.columns[at], problem, ("the other", row, shape.columns[at]))
                )
            makes = added(part.counts[at] or 0 for part in proofs.parts)
            if at not in known and figure != makes:
                known[at] = figure, entry.rows[at]
                notes.append(
                    f"{shape.names[at]}: {decimal_text(figure)} in all, by row {entry.rows[at] + 1}; the segments make "
                    f"{decimal_text(makes)}, as one may be in several"
                )
    return known
