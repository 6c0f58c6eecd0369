"""What views are built with: tables of columns, sentences, and what several of them show alike."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from funnelcli.analyses.fewer_stages import lost_somewhere
from funnelcli.analyses.times import in_days
from funnelcli.diagnostics import joined, spanned
from funnelcli.output.document import BLANK, ITEM, Cell, CellKind, Column, Note, Section, Table
from funnelcli.output.numbers import brief_rate, ends_words, header, text, visible
from funnelcli.output.views.roundings import with_roundings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import ModuleType

    from funnelcli.analyses.goal_seek import GoalReport
    from funnelcli.analyses.scenario import Projection
    from funnelcli.analyses.sensitivity import LeversReport
    from funnelcli.analyses.simulation import GoalChance
    from funnelcli.exact import Exact
    from funnelcli.measure import Cut


def section_of(result: Any, view: ModuleType) -> Section:
    """What a view says of a result; of several periods, such as those of a comparison, it makes a title itself."""
    title = getattr(view, "title", None)
    name, period = (result.name, result.period) if title is None else (title(result), None)
    return Section(
        name,
        period,
        result.file,
        result.document,
        result.currency,
        tuple(with_roundings(view.blocks(result), result.currency)),
    )


def table(records: Iterable[Any], columns: Iterable[Column | bool | None], title: str = "", key: str = "") -> Table:
    """A row a record; columns that are `None` or `False` are left out."""
    shown = tuple(column for column in columns if isinstance(column, Column))
    return Table(shown, tuple(tuple(column.of(record) for column in shown) for record in records), title, key)


def with_total(shown: Table, total: tuple[Any, ...] | None = None) -> Table:
    """The table with its last row, or one more, set apart as the sum of the others."""
    rows = shown.rows if total is None else (*shown.rows, total)
    return shown._replace(rows=rows, totals=1)


def known(records: Sequence[Any], *columns: Column) -> Iterator[Column]:
    """The columns that have a value for any of the records."""
    return (column for column in columns if any(_tells(column.of(record)) for record in records))


def median_way(records: Sequence[Any], sale: str) -> Iterator[Column]:
    """How long half of those who get to the sale take at most from the entry, where that was measured."""

    def median(record: Any) -> Exact | None:
        return None if record.time is None else in_days(record.time.p50)

    return known(records, Column(f"Median time\nto {visible(sale)}", "median_way_days", "duration", median))


def _tells(value: Any) -> bool:
    """Whether a value is neither blank nor `n/a`."""
    if value == BLANK:
        return False
    held = value.value if isinstance(value, Cell) else value
    return held is not None and held != (None, None)


def figure_word(metric: str, result: Any) -> str:
    """A result of the funnel within a sentence: of what is no sale, units go by the name of their stage."""
    return visible(result.sales_called) if metric == "sales" else metric


def figure_called(metric: str, result: Any) -> str:
    """A result of the funnel as a heading."""
    word = figure_word(metric, result)
    return word if metric == "sales" and word != "sales" else word.capitalize()


def sales_called(result: Any) -> str:
    """The units of the stage that counts as the sale, as a heading."""
    return figure_called("sales", result)


def the_sale(result: Any) -> str:
    """The stage that counts as the sale, within a sentence."""
    return "the sale" if result.sales_called == "sales" else visible(result.sales_called)


def so_many_sales(number: str, result: Any) -> str:
    """A number of them: `3 sales`, or so many at their stage."""
    if result.sales_called != "sales":
        return f"{number} at {visible(result.sales_called)}"
    return f"{number} {'sale' if number in ('1', '+1', '-1') else 'sales'}"


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


def counts(stages: Iterable[str]) -> Iterator[Column]:
    """The counts of stages, which a record lists."""
    return (Column(visible(stage), "count", "count", item("counts", index)) for index, stage in enumerate(stages))


def bars() -> Column:
    """The counts of stages as lengths, on a terminal that has room for them."""
    return Column("", "bars", "bar", lambda stage: stage.count, spare=3)


def corrected(tests: int) -> str:
    """How many tests a p-value allows for, to stand behind it; of one nothing."""
    return f", corrected for {tests:,} tests (help holm)" if tests > 1 else ""


def verdict(said: str) -> Note:
    """The sentence that comes first."""
    return Note(said, "verdict")


def warning(said: str) -> Note:
    """What a reader must not miss."""
    return Note(said, "warning")


def losing(result: GoalReport | LeversReport | Projection, currency: str | None, follows: str) -> Iterator[Note]:
    """That every sale loses money, with what `follows` from it; where that cannot be told, no more than as counted."""
    if result.unit_margin is None or result.unit_margin >= 0:
        return
    loss = text(-result.unit_margin, "money", currency)
    if result.sale_loses:
        yield warning(f"Every sale loses {loss}{follows}")
    else:
        yield Note(f"As counted, every sale loses {loss}; the average check is of too few sales to be sure of it.")


def open_in_segments(stages: Sequence[str]) -> Iterator[Note]:
    """That the open units of a funnel are of one of its segments, and of which is not known."""
    if stages:
        yield warning(
            f"Some are still open at {joined(stages)}: in a segment they count as not passed, as it is not known of "
            "which they are."
        )


def hidden_steps(lost: int | None) -> Iterator[Note]:
    """That nobody knows at which stage units were lost, and what follows from it."""
    if lost is not None:
        yield warning(
            f"A{lost_somewhere(lost)[1:]}: no conversion of a single step before the sale is, and the overall "
            "one is of the entries that are decided, won or lost."
        )


MOST_NAMED = 8
"""Names that stand in a sentence."""


def first_of(names: Sequence[str], most: int = MOST_NAMED) -> list[str]:
    """The first of many names, and how many more there are; all of a few."""
    return [*names[:most], f"{len(names) - most:,} more"] if len(names) > most else [*names]


def few(names: Sequence[str]) -> str:
    """Names in a sentence; of many, the first three and how many more there are."""
    shown = [visible(name) for name in names]
    return joined(shown if len(shown) < 5 else first_of(shown, 3))


def of_age(
    within: str | None, untold: Sequence[str], without_like: Sequence[str] = (), more: str = ""
) -> Iterator[Note]:
    """How segments whose open units are of unequal age are held against each other, and of which nothing is told."""
    if within is not None:
        yield Note(f"Compared within each {within}, as what is open may be younger with some{more}.")
    if without_like:
        yield warning(f"Not compared: {few(without_like)}. No {within} has anyone decided on both sides.")
    if untold:
        yield warning(
            f"Not told by their age: {few(untold)}. Another share is still open there than with the others, and "
            "could make up for what is between them; when they are decided, it can be told."
        )


def decided_in_segments(stages: Sequence[str], lost: int | None = None) -> Iterator[Note]:
    """That the open units of segments are known, and what the conversions are of."""
    yield from hidden_steps(lost)
    if stages and lost is None:
        yield warning(
            f"Some are still open at {joined(stages)}, so that counts may grow: conversions are of those who are "
            "decided, passed or lost, and the overall one is the product of the steps."
        )


def open_note(periods: Sequence[str], tested: bool = True, no_window: bool = False, whole: str = "") -> Iterator[Note]:
    """That the window of measured periods was open at the last event, or that they have none.

    Where the one that is open is the `whole` that a report is of, it is not named again.
    """
    if periods:
        grow = "its figures" if len(periods) == 1 else "their figures"
        left_out = "" if tested else ", and are not tested"
        yield warning(f"{not_over(periods, no_window, whole)}; {grow} may grow{left_out}.")


def not_over(periods: Sequence[str], no_window: bool, whole: str = "") -> str:
    """Which measured periods are not known to be over, and why; not the `whole` itself."""
    why = "Without a window no period is known to be over" if no_window else "Not mature, as the window is still open"
    return why if tuple(periods) == (whole,) else f"{why}: {spanned(periods)}"


def cut_words(cuts: Iterable[Cut]) -> str:
    """Of which periods how much is covered: `2026-10: 26 of 31 days`."""
    return "; ".join(f"{visible(each.name)}: {each.words}" for each in cuts)


def cut_note(cuts: Sequence[Cut], follows: str, of_many: str = "") -> Iterator[Note]:
    """Of which periods the events, or the interval, cover a part, and what follows from it, for several `of_many`."""
    if cuts:
        yield warning(f"Not whole: {cut_words(cuts)}; {of_many if of_many and len(cuts) > 1 else follows}.")


def amounts_note(cuts: Sequence[Cut], paid: bool = False) -> Iterator[Note]:
    """That counts and money are of the part of a period that is covered, and so the budget, where one is `paid`."""
    amounts = "amounts are of what is covered"
    yield from cut_note(cuts, f"{amounts}, as the budget is taken to be" if paid else amounts)


def within_cut(cuts: Sequence[Cut]) -> str:
    """What an amount is of, where that is a part of a period: ` in 26 of 31 days`."""
    return f" in {cuts[0].words}" if cuts else ""


def end_note(named: Sequence[str], whole: str = "") -> Iterator[Note]:
    """That conversions are those of the end; the `whole` itself is not named again."""
    if named:
        of = "" if tuple(named) == (whole,) else f": {few(named)}"
        yield Note(f"By what is expected in the end, as the window is still open{of}.")


def assumed(assumptions: Sequence[str], given: str = "") -> Iterator[Note]:
    """What was taken for granted, a line a fact."""
    facts = [given, *assumptions] if given else assumptions
    if len(facts) == 1:
        yield Note(f"Assumed: {facts[0]}.")
    else:
        yield Note("Assumed:")
        yield from (Note(f"{ITEM}{fact}") for fact in facts)


def is_chain(steps: Sequence[Any]) -> bool:
    """Whether each step comes from the one before it, so that no column needs to say so."""
    return all(step.from_ == before.name for before, step in pairwise(steps))


def came_from(chain: bool) -> Iterator[Column]:
    """The stage that a step comes from, where that is not the one before."""
    if not chain:
        yield Column("From", "from", "text", lambda step: step.from_ or "")


def conversion(chain: bool, confidence: float, decided: bool = False) -> tuple[Column, Column]:
    """The conversion of a step and its interval: of all units, or of the decided."""
    of, key = ("previous" if chain else "“From”", "conversion") if not decided else ("decided", "conversion_decided")
    return (
        Column(f"% of\n{of}", key, "rate"),
        Column(f"{brief_rate(confidence)}\ninterval", key, "interval"),
    )


def in_the_end(confidence: float) -> tuple[Column, Column]:
    """The conversion of a step that is expected when all windows are over, and its interval."""
    return (
        Column("% in\nthe end", "conversion_eventual", "rate"),
        Column(f"{brief_rate(confidence)}\ninterval", "conversion_eventual", "interval"),
    )


def base_called(in_the_end: bool | None) -> str:
    """What the figures are called that changes start from: those of `base_of`, as `base_is_end` has it."""
    return "in the end" if in_the_end else "now"


def end_words(now: Exact | None, end: Any, window_days: Exact | None = None) -> str:
    """`4.4% now, 20% in the end`, or how far it is known; `end` has it as `conversion_eventual`."""
    said = f"{text(now, 'rate')} now"
    if end.conversion_eventual is not None:
        return f"{said}, {text(end.conversion_eventual, 'rate')} in the end"
    if end.conversion_eventual_so_far is None or end.followed_days is None:
        return said
    window = f" of {text(window_days, 'duration')}" if window_days else ""
    day = f"{text(end.conversion_eventual_so_far, 'rate')} within {text(end.followed_days, 'duration')}"
    return f"{said}, {day}; the end is not known, as nobody was followed for the whole window{window}"


def has_open(steps: Iterable[Any]) -> bool:
    """Whether units are still open before any of the steps, so that conversions of the decided are others."""
    return any(step.conversion_decided != step.conversion for step in steps)


def sentence(words: str) -> str:
    """Words with a capital in front."""
    return words[:1].upper() + words[1:]


_OPERATORS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}


def goal_words(goal: GoalChance, result: Any) -> str:
    """A goal in words: `Revenue of at least 520,000 EUR`, and the figure of now where it is a change of that."""
    limit = text(goal.value, kind_of(goal.metric), result.currency)
    if goal.now is not None:
        limit += f" (now {text(goal.now, kind_of(goal.metric), result.currency)})"
    return f"{figure_called(goal.metric, result)} of {_OPERATORS[goal.operator]} {limit}"


def range_words(low: float | None, high: float | None, kind: CellKind, currency: str | None) -> str:
    """Where a figure lies in the long run with a chance of 80%, to stand behind it; nothing where that is not known."""
    return "" if low is None or high is None else f", 80% range {ends_words(low, high, kind, currency)}"


def now_and_end(result: Any, key: str = "revenue") -> str:
    """What has come while units are open, and what the entries that are counted bring in the end, as far as known."""
    now, end = f"{text(getattr(result, key), 'money', result.currency)} now", getattr(result, f"{key}_eventual")
    return now if end is None else f"{now}; {text(whole_figure(end), 'money', result.currency)} expected in the end"


def whole_figure(value: Any) -> Any:
    """An expected figure: whole where that is precise enough."""
    return round(value) if abs(value) >= 100 else value


def on_average(result: Any, label: str, key: str, kind: CellKind = "money") -> Iterator[tuple[str, str]]:
    """What a period like this comes to in the long run: of periods yet to come, not of what has come already."""
    low, high = (getattr(result, f"{key}_{end}", None) for end in ("low", "high"))
    if low is not None and high is not None:
        said = f"{ends_words(low, high, kind, result.currency)} for periods like this (80% range)"
        yield f"{label}, on average", said


def kind_of(metric: str) -> Literal["count", "money"]:
    """How a result of the funnel is shown: sales are counted, the others are money."""
    return "count" if metric == "sales" else "money"


def brief(kind: CellKind) -> CellKind:
    """The kind inside a sentence."""
    return "brief_rate" if kind == "rate" else kind


def side_by_side(
    things: Sequence[Any],
    stages: Sequence[str],
    of_stage: Callable[[Any, int], tuple[Any, Any]],
    overall: str,
    amounts: Iterable[tuple[str, str]],
    currency: str | None,
    rate: str = "conversion",
) -> Table:
    """Funnels as columns: each has a count and a conversion `of_stage`, and `amounts` (a label and a key) if known."""
    columns = (Column("", "figure", "text"), *(Column(visible(thing.name), "value", "count") for thing in things))
    rows: list[tuple[Any, ...]] = []
    for index, stage in enumerate(stages):
        figures = [of_stage(thing, index) for thing in things]
        rows.append((stage, *(count for count, _ in figures)))
        if index and any(conversion is not None for _, conversion in figures):
            rows.append((f"  {rate}", *(Cell(conversion, "rate") for _, conversion in figures)))
    rows.append((overall, *(Cell(thing.overall_conversion, "rate") for thing in things)))
    for label, key in amounts:
        cells = [Cell(getattr(thing, key), "money") for thing in things]
        if any(cell.value is not None for cell in cells):
            rows.append((header(label, "money", currency), *cells))
    return Table(columns, tuple(rows))
