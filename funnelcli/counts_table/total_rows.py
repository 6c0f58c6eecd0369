"""Rows of totals held against the rows that they may add up: all of them, those of their labels, or of their kind."""

from __future__ import annotations

from fractions import Fraction
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.table import folded_cell
from funnelcli.counts_table.words import CELLS, is_total, total_of
from funnelcli.diagnostics import decimal_text, joined, quoted, verb
from funnelcli.exact import added
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.counts_table.table import CellTable, Entry
    from funnelcli.exact import Exact

    Known = dict[int, tuple[Exact, int]]
    """Figures of people that only a row of totals knows, by their place, with the row."""

_MOST_NAMED = 4


def _sum(parts: Iterable[Exact | None]) -> Exact:
    return added(part for part in parts if part is not None)


def _fits(total: Exact | None, parts: Sequence[Exact | None], people: bool, overlap: bool = False) -> bool:
    """Whether a figure can be the total of others, who with `overlap` may be in several of them or in none."""
    if total is None:
        return True
    whole = _sum(parts)
    if not people:
        return total == whole
    return max((part or 0 for part in parts), default=0) <= total and (overlap or total <= whole)


class TotalRows(NamedTuple):
    """The rows of a table, against which those of totals are held: the `parts` are what `added_up`, by row, add up."""

    entries: list[Entry]
    parts: list[Entry]
    added_up: set[int]
    table: CellTable

    def columns(self, rows: Sequence[Entry]) -> list[tuple[Exact | None, ...]]:
        """The figures of rows by their place."""
        return [*zip(*(row.figures for row in rows), strict=True)] or [()] * len(self.table.figures)

    def of_labels(self, entry: Entry) -> list[Entry]:
        """The rows that share the labels of a total which name something."""
        fixed = [at for at, label in enumerate(entry.labels) if label and not is_total(label)]
        if not fixed:
            return self.parts
        return [part for part in self.parts if all(part.labels[at] == entry.labels[at] for at in fixed)]

    def of_kind(self, entry: Entry) -> list[Entry]:
        """The rows of the kind that a total names, `Total: Search`, where a column has that word."""
        kind = fold(total_of(entry.labels))
        figures = {figure.column for figure in self.table.figures}
        rows = self.of_labels(entry) if kind else []
        for column in range(len(self.table.names)) if kind else ():
            if column not in figures:
                found = [part for part in rows if folded_cell(self.table.rows[part.row][column]) == kind]
                if found:
                    return found
        return []

    def prove(self, entry: Entry) -> bool:
        """Whether a row is the sum of the rows of its labels, of its kind, or of the block of rows above it."""
        rows = self.of_labels(entry)
        if not any(map(is_total, entry.labels)) and len(rows) < 2:
            return self.is_above_its_one_row(entry, rows)
        above = reversed(self.entries[: self.entries.index(entry)])
        block = list(takewhile(lambda other: other.row not in self.added_up, above))
        if self.table.roles.adds_rows:  # an export's totals are of all rows, or of those of their labels
            block = []
        return any(added and not self.wrong(entry, added) for added in (rows, block, self.of_kind(entry)))

    def is_above_its_one_row(self, entry: Entry, rows: Sequence[Entry]) -> bool:
        """Whether a row without all of its labels says again what the row below says, and a total is without it."""
        below = next((other for other in self.entries if other.row > entry.row), None)
        wholes = [other for other in self.entries if any(map(is_total, other.labels))]
        return (
            [below] == list(rows)
            and not self.wrong(entry, rows)
            and any(
                len(self.of_labels(other)) == len(self.parts) and not self.wrong(other, self.parts) for other in wholes
            )
        )

    def splits(self, unproved: Sequence[Entry]) -> list[list[Entry]]:
        """Totals of kinds that no column names, `Total: Search` and `Total: Display`, by their other labels.

        Of totals that say the same, as `Total: Campaigns` and `Total: Account`, one is no part beside the other.
        """
        groups: dict[tuple[str, ...], list[Entry]] = {}
        for entry in unproved:
            if self.is_of_a_kind(entry):
                groups.setdefault(tuple("" if is_total(label) else label for label in entry.labels), []).append(entry)
        filled = {key: [tuple(entry.figures) for entry in group if any(entry.figures)] for key, group in groups.items()}
        return [group for key, group in groups.items() if len(group) > 1 and len({*filled[key]}) == len(filled[key])]

    def are_parted_by(self, totals: Sequence[Entry]) -> bool:
        """Whether several rows of totals part the rows of their labels among them."""
        both = zip(self.table.figures, self.columns(self.of_labels(totals[0])), self.columns(totals), strict=True)
        return all(figure.people or _sum(whole) == _sum(together) for figure, whole, together in both)

    def wrong(self, entry: Entry, rows: Sequence[Entry]) -> list[tuple[int, str, str]]:
        """The places of the figures that are not the totals of some rows, with what is said and what they make."""
        return [
            (at, decimal_text(figure or 0), decimal_text(_sum(parts)))
            for at, (figure, parts) in enumerate(zip(entry.figures, self.columns(rows), strict=True))
            if not _fits(figure, parts, self.table.figures[at].people, self.table.figures[at].overlap)
            and not (figure is not None and -self.rounding(at, rows) <= figure - _sum(parts) <= self.rounding(at, rows))
        ]

    def rounding(self, at: int, rows: Sequence[Entry]) -> Exact:
        """By how much the sum of attributed parts, and of their money, may differ from a total: each is rounded.

        Half a hundredth for each row that has such parts, and for the total; nothing where all are whole.
        """
        figure = self.table.figures[at]
        counted = len(self.table.stages) - 1 if figure.money else at
        parts = [row for row in rows if figure.parts and (row.figures[counted] or 0).denominator != 1]
        return Fraction(len(parts) + 1, 200) if parts else 0

    def rounded(self, entry: Entry) -> list[str]:
        """The names of the figures of a total that its rows make but for their rounding."""
        rows = self.added_by(entry)
        figures = zip(self.table.figures, entry.figures, self.columns(rows), strict=True)
        return [
            figure.name for figure, told, parts in figures if figure.parts and told is not None and told != _sum(parts)
        ]

    def refuse(self, unproved: Sequence[Entry], splits: Sequence[Sequence[Entry]]) -> None:
        """What is wrong with rows of totals, with both figures; those that are off by as much have one cause.

        Totals of kinds that no column names are `splits`: together they should make the whole.
        """
        groups: dict[object, list[Entry]] = {}
        for entry in unproved:
            if not any(map(is_total, entry.labels)):
                self.refuse_nameless(entry)
            elif (at := next((at for at, split in enumerate(splits) if entry in split), None)) is not None:
                groups.setdefault(at, []).append(entry)
            else:
                off = tuple((at, self.off_by(entry, at)) for at, _, _ in self.wrong(entry, self.added_by(entry)))
                groups.setdefault(off, []).append(entry)
        for key, (first, *others) in groups.items():
            named = " ".join(quoted(label) for label in first.labels if label)
            which, says, adds = f"the row {named}", "says", "it adds"
            also = [quoted(next(filter(None, other.labels))) for other in others]
            after = f"; {joined(also)} {verb(len(also), 'are')} off by as much" if also else ""
            entry = first
            if isinstance(key, int):
                which, says, adds, after = f"the rows {joined([named, *also])}", "say together", "they add", ""
                sums = [None if set(each) == {None} else _sum(each) for each in self.columns([first, *others])]
                entry = first._replace(figures=sums)
            wrong = self.wrong(entry, self.added_by(first))
            if not wrong:  # only together, by a figure that a row leaves out
                what = f"{which} {'do' if isinstance(key, int) and others else 'does'} not add up the other rows"
                self.table.refuse(first.row, 0, "FN114", what, "correct the counts, or delete the rows of totals")
                continue
            said = joined([f"{said} for {self.table.figures[at].name}" for at, said, _ in wrong[:_MOST_NAMED]])
            makes = joined([made for _, _, made in wrong[:_MOST_NAMED]])
            what = f"{which} {says} {said}, and the rows {adds} up make {makes}{after}"
            help_ = f"correct the counts, or delete the row{'s' if others else ''} of totals"
            if total_of(first.labels):
                help_ += f", if {'they add' if others else 'it adds'} up what the file does not list"
            self.table.refuse_figure(first, wrong[0][0], "FN114", what, help_)

    def added_by(self, entry: Entry) -> list[Entry]:
        """The rows that a total should add up: of its kind, where it names one that rows are of, else of its labels."""
        return self.of_kind(entry) or ([] if self.is_of_no_row(entry) else self.of_labels(entry))

    def is_of_no_row(self, entry: Entry) -> bool:
        """Whether a total names a kind of which there are no rows, where those of another total have theirs."""
        kinds = [other for other in self.entries if other is not entry and total_of(other.labels)]
        return any(map(self.of_kind, kinds)) and self.is_of_a_kind(entry)

    def is_of_a_kind(self, entry: Entry) -> bool:
        """Whether a total may be that of a kind that no column names: most of its figures are less than the whole's."""
        if not total_of(entry.labels) or self.of_kind(entry):
            return False
        whole = zip(entry.figures, map(_sum, self.columns(self.of_labels(entry))), strict=True)
        pairs = [(figure, makes) for figure, makes in whole if figure is not None]
        parts = sum(figure < makes for figure, makes in pairs)
        is_part = all(figure <= makes for figure, makes in pairs) and 2 * parts > sum(makes != 0 for _, makes in pairs)
        return is_part or not any(entry.figures)

    def off_by(self, entry: Entry, at: int) -> Exact:
        """By how much a figure of a total is off."""
        return added((entry.figures[at] or 0, -_sum(part.figures[at] for part in self.added_by(entry))))

    def refuse_nameless(self, entry: Entry) -> None:
        """A row without a name, which may be a segment, is no total."""
        rows, figures = self.of_labels(entry), self.table.figures
        wrong = self.wrong(entry, rows)
        column = self.table.roles.labels[entry.labels.index("")]
        label = self.table.rows[entry.row][column].strip()
        if CELLS["error_as_name"].fullmatch(label):
            return  # which is said of the label
        what = f"the label {quoted(label)} names nothing" if label else "the label is empty"
        if len(rows) > 1 and wrong:
            at, said, makes = wrong[0]
            what += f", and the row is no total: it says {said} for {figures[at].name}, and the others make {makes}"
        dropped = f"no segments: --drop {quoted(self.table.names[column])}"
        help_ = f"name it; {dropped}; if the row adds the others up, call it Total or delete it"
        self.table.refuse(entry.row, column, "FN121", what, help_)

    def check_average(self, entry: Entry) -> None:
        """The first figure of a row of averages that lies outside its rows, where it may be a segment of that name."""
        for at, figure in enumerate(entry.figures):
            known = [part for row in self.parts if (part := row.figures[at]) is not None]
            if figure is None or not known or min(known) <= figure <= max(known):
                continue
            said = f"the row {quoted(entry.labels[0])} says {decimal_text(figure)} for {self.table.figures[at].name}"
            what = f"{said}, and the others go from {decimal_text(min(known))} to {decimal_text(max(known))}"
            help_ = "correct the row of averages or delete it; rename it, if it is none"
            self.table.refuse(entry.row, self.table.figures[at].column, "FN114", what, help_)
            return

    def nameless(self) -> list[Entry]:
        """Rows at an end of the table that are, each alone, the sum of all other rows; all would be counted twice."""
        counts = [figure.people for figure in self.table.figures if not figure.money]
        width = len(counts)
        if len(self.parts) < 3 or any(count is None for entry in self.parts for count in entry.figures[:width]):
            return []
        for ordered in (self.parts[::-1], self.parts):
            total = ordered[0].figures[:width]
            block = next((at for at, entry in enumerate(ordered) if entry.figures[:width] != total), len(ordered))
            for size in {1, block}:
                others = ordered[size:]
                if sum(any(entry.figures[:width]) for entry in others) < 2:
                    continue  # it is like another row, no sum
                columns = self.columns(others)
                if all(_fits(total[at], columns[at], counts[at] and not all(counts)) for at in range(width)):
                    return sorted(ordered[:size], key=lambda entry: entry.row)
        return []

    def of_people(self, totals: Sequence[Entry]) -> Known:
        """Figures of people of the rows that add up the whole table, where they are less than the sum of the parts."""
        known: Known = {}
        makes = list(map(_sum, self.columns(self.parts)))
        for entry in totals:
            whole = len(self.of_labels(entry)) == len(self.parts)
            for at, (column, name, _, people, *_) in enumerate(self.table.figures if whole else ()):
                figure, row = entry.figures[at], entry.rows[at]
                if figure is None or not people:
                    continue
                earlier, other = known.get(at, (figure, row))
                if earlier != figure:
                    what = f"two rows of totals say {decimal_text(earlier)} and {decimal_text(figure)} for {name}"
                    related = ("the other", other, column)
                    self.table.refuse_figure(entry, at, "FN114", what, "delete the one that is wrong", related)
                elif at not in known and figure != makes[at]:
                    known[at] = figure, row
                    said = f"{name}: {decimal_text(figure)} in all, by {self.table.row_called(row)}"
                    several = "one may be in several" + (", or in none" if self.table.figures[at].overlap else "")
                    self.table.notes.append(f"{said}; the segments make {decimal_text(makes[at])}, as {several}")
        return known
