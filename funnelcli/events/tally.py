"""From the units to the few rows that come back: counts, times, segments and cohorts, as text of SQL."""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.events import ages, ages_tables, amounts, chains_sql, entries, units_sql
from funnelcli.events.definition import MICROSECONDS, NEVER
from funnelcli.events.rows import FIGURES_OF_COUNTS, PERIODS, QUANTILES, TOTAL
from funnelcli.measure import LADDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.events.definition import Definition

MOST_SEGMENTS = 10_000
"""Values of a breakdown; one more is asked for, so that there being more is seen."""


class Parts(NamedTuple):
    """Queries of rows, and what they name: tables by their names."""

    named: dict[str, str]
    queries: list[str]

    def text(self) -> str:
        """All rows, as one query."""
        named = ", ".join(f"{name} AS ({query})" for name, query in self.named.items())
        return f"{f'WITH {named} ' if named else ''}{' UNION ALL '.join(self.queries)}"


def at_once(definition: Definition, masks: Sequence[int]) -> Parts:
    """All that is asked of the normal events in `events`, with their flags: rows of figures, ages and amounts."""
    named, sources, events = units_at_once(definition, masks)
    told = [ages.query(definition, kind, sources[kind], FIGURES_OF_COUNTS) for kind in ages.told(definition)]
    if definition.paid:
        told += amounts_at_once(definition, named, sources, events, masks)
    named |= ages_tables.tables(definition, sources, events)
    return Parts(named, [*(of_units(definition, kind, units) for kind, units in sources.items()), *told])


def amounts_at_once(
    definition: Definition, named: dict[str, str], sources: dict[int, str], events: str, masks: Sequence[int]
) -> list[str]:
    """Rows of amounts of all that is told apart; what they ask of stages that count events is among the named."""
    name_counted(definition, named, events, masks)
    return [
        amounts.query(
            definition, kind, units, events, counted_names(definition, kind), FIGURES_OF_COUNTS, MOST_SEGMENTS + 1
        )
        for kind, units in sources.items()
    ]


def name_counted(definition: Definition, named: dict[str, str], events: str, masks: Sequence[int]) -> None:
    """Name the tables of the moments at which stages count events whose money is added up."""
    for stage in definition.paid_by_chains:
        own = masks if definition.entry == "any" else entries.without_entry(masks)
        named[counted_name(TOTAL, stage)] = units_sql.counted_at(definition, events, own, stage)
        for kind in entries.counted_again(definition):
            named[counted_name(kind, stage)] = counted_in_segments(definition, events, masks, kind, stage)


def counted_name(kind: int, stage: int) -> str:
    """The table of the moments at which a stage counts events, of all or in the segments of a kind."""
    return f"k{kind}_{stage}"


def counted_names(definition: Definition, kind: int) -> dict[int, str]:
    """Those tables by stage; where one entry of a unit counts, those of all serve its segments."""
    own = kind if kind in entries.counted_again(definition) else TOTAL
    return {stage: counted_name(own, stage) for stage in definition.paid_by_chains}


def units_at_once(definition: Definition, masks: Sequence[int]) -> tuple[dict[str, str], dict[int, str], str]:
    """The units as the named query `u`, those of each part by what stands for them, and the events of their entries."""
    named, sources, events = {}, {TOTAL: "u"}, "events"
    if definition.entry == "any":
        named["u"] = units_sql.units(definition, "events", masks)
        for kind in entries.kinds(definition):
            named[f"p{kind}"] = entries.pairs(definition, "events", kind)
            named[f"s{kind}"] = in_segments(definition, "events", masks, kind)
            sources[kind] = f"s{kind}"
    elif not entries.is_one(definition):
        named["u"] = units_sql.units(definition, events, masks)
        sources |= {kind: of_the_entry(definition, events, kind) for kind in entries.kinds(definition)}
    else:
        events = "chosen"
        named["chosen"] = entries.one_each(definition, "events")
        named["u"] = units_sql.units(definition, "chosen", entries.without_entry(masks))
        sources |= {kind: of_the_entry(definition, "chosen", kind) for kind in entries.kinds(definition)}
    return named, sources, events


def of_the_entry(definition: Definition, events: str, kind: int) -> str:
    """The units in `u`, of which one entry counts, with its segment `d`: the smallest that is known at its moment.

    Where each entry counts for itself, `u` has a row for each.
    """
    entry = f"({entries.segmented(definition, events, kind)}) AS e WHERE {chains_sql.entered(definition)}"
    entry = f"(SELECT unit, t, MIN(d) AS d FROM {entry} GROUP BY unit, t)"
    return f"(SELECT u.*, e.d FROM u JOIN {entry} AS e ON u.unit = e.unit AND u.m0 = e.t)"


def in_segments(definition: Definition, events: str, masks: Sequence[int], kind: int, share: str = "") -> str:
    """The units in each segment `d` in which they have an entry, by counting once more.

    `masks` are those of `units_sql.units`. The table of `entries.pairs` is called `p` and the number of the kind.
    `share` is a condition on `unit` and `label`, where not all are to be counted at once.
    """
    pairs, again = _again(definition, events, kind, share)
    units = units_sql.units(definition, again, entries.without_entry(masks), keys=entries.KEYS)
    return f"SELECT u.*, p.d FROM ({units}) AS u JOIN {pairs} AS p ON u.unit = p.unit AND u.label = p.label"


def counted_in_segments(
    definition: Definition, events: str, masks: Sequence[int], kind: int, stage: int, share: str = ""
) -> str:
    """Likewise the moments at which events reach a stage that counts events."""
    pairs, again = _again(definition, events, kind, share)
    moments = units_sql.counted_at(definition, again, entries.without_entry(masks), stage, keys=entries.KEYS)
    columns = ", ".join(["c.unit", "c.t", "p.d", *(f"c.{value}" for value in chains_sql.held(definition))])
    return f"SELECT {columns} FROM ({moments}) AS c JOIN {pairs} AS p ON c.unit = p.unit AND c.label = p.label"


def _again(definition: Definition, events: str, kind: int, share: str) -> tuple[str, str]:
    """The pairs of units and segments, and the events once for each of them."""
    pairs = f"p{kind}" if not share else f"(SELECT * FROM p{kind} WHERE {share})"
    return pairs, f"({entries.repeated(definition, events, kind, pairs)})"


def of_units(definition: Definition, part: int, units: str) -> str:
    """Rows of `figures` from the columns of `units_sql.units`, with their segment `d` where they are of a part."""
    return figures(definition, part, reached(definition, part, units))


def reached(definition: Definition, part: int, units: str) -> str:
    """A row for each unit and stage that it reaches: its segment `d`, the `stage`, its events `g` and its time `x`."""
    came, counted, times = (list[str]() for _ in range(3))
    for stage, (end, start) in enumerate(ends(definition)):
        came.append(f"WHEN {stage} THEN m{end}")
        counted.append(f"WHEN {stage} THEN {f'g{end}' if stage in definition.growing else 1}")
        times += [f"WHEN {stage} THEN f{end} - {start}{end}"] if end else []
    columns = f"CASE stage {' '.join(counted)} END AS g, CASE stage {' '.join(times)} END AS x"
    condition = f"CASE stage {' '.join(came)} END > {NEVER}"
    segment = "u.d" if part != TOTAL else "NULL"
    rows = f"SELECT CAST({segment} AS VARCHAR) AS d, stage, {columns} FROM {units} AS u"
    return f"{rows} CROSS JOIN ({numbers(definition)}) AS s WHERE {condition}"


def numbers(definition: Definition) -> str:
    """A row for each of `ends`, with its number as `stage`."""
    return " UNION ALL ".join(f"SELECT {stage} AS stage" for stage in range(len(ends(definition))))


def of_stages(definition: Definition, part: int, tables: Sequence[str]) -> str:
    """The same from a table of each stage, of the units that reach it: `d`, `f`, `p`, `e` and `g`."""
    segment = "d" if part != TOTAL else "NULL AS d"
    rows = []
    for stage, (end, start) in list(enumerate(ends(definition)))[1:]:
        count = "g" if stage in definition.growing else "1 AS g"
        rows.append(f"SELECT {segment}, {stage} AS stage, {count}, f - {start} AS x FROM {tables[end]}")
    return figures(definition, part, " UNION ALL ".join(rows), f"SELECT {segment} FROM {tables[0]}")


def ends(definition: Definition) -> list[tuple[int, str]]:
    """Each stage and the start of its time: that of the stage before; after them, the sale from the entry on."""
    return [*((stage, "p") for stage in definition.stages), *([(definition.sale, "e")] if definition.sale else [])]


def placed(keys: str, rows: str) -> str:
    """Rows with the place of their time `x` among those of the same `keys`, and how many these are, `n`."""
    over = f"OVER (PARTITION BY {keys}{{}})"
    places = f"ROW_NUMBER() {over.format(' ORDER BY x')} AS place, COUNT(x) {over.format('')} AS n"
    return f"SELECT o.*, {places} FROM ({rows}) AS o"


def next_to(share: int, whole: int) -> list[str]:
    """The times next to a quantile, of rows that are placed: it lies at this share of the way to the last place."""
    near = f"{whole} * (place - 2) < {share} * (n - 1) AND {share} * (n - 1) < {whole} * place"
    return [f"{end}(CASE WHEN {near} THEN x END)" for end in ("MIN", "MAX")]


def columns_of(quantiles: Sequence[str]) -> str:
    """`FIGURES_OF_COUNTS` of rows with `g` and `x` as columns, by the times next to the quantiles."""
    # there are databases whose sums of 64 bits have no more, which 4 million times of a month exceed
    values = ["SUM(g)", "COUNT(*)", "SUM(CAST(x AS DECIMAL(38, 0)))", *quantiles]
    values += [f"SUM(CASE WHEN x <= {MICROSECONDS * end} THEN 1 ELSE 0 END)" for end in LADDER]
    return _cast(values)


def number_of(part: int, entered: str) -> str:
    """Rows of `figures` of those that entered, by segment, which have no times."""
    columns = _cast(["COUNT(*)", "COUNT(*)", *["NULL"] * (FIGURES_OF_COUNTS - 2)])
    label = "CAST(d AS VARCHAR) AS label"
    return f"SELECT {part} AS part, {label}, 0 AS stage, {columns} FROM ({entered}) AS o GROUP BY d"


def _cast(values: Sequence[str]) -> str:
    return ", ".join(f"CAST({value} AS DECIMAL(38, 0)) AS v{index}" for index, value in enumerate(values))


def figures(definition: Definition, part: int, units: str, entered: str = "") -> str:
    """Rows of `part`, `label`, `stage`, and `v0`, `v1`, …: `FIGURES_OF_COUNTS` by segment and stage.

    `units` are those that reach a stage, with their segment `d`, their events `g` and their time `x` in microseconds;
    the stage after the last one stands for the whole way. Those that `entered` have no times, and may be told apart, so
    that they are not sorted. Of too many segments, the rows are not complete.
    """
    columns = columns_of([each for share in QUANTILES.values() for each in next_to(*share)])
    rows = placed("d, stage", units)
    query = f"SELECT {part} AS part, CAST(d AS VARCHAR) AS label, stage, {columns} FROM ({rows}) AS o GROUP BY d, stage"
    if entered:
        query += f" UNION ALL {number_of(part, entered)}"
    if part in (TOTAL, PERIODS):
        return query
    most = (MOST_SEGMENTS + 1) * len(ends(definition))
    return f"SELECT * FROM ({query} ORDER BY stage, v0 DESC, label LIMIT {most}) AS s{part}"
