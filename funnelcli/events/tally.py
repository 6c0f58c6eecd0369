"""From the units to the few rows that come back: counts, times, segments and cohorts, as text of SQL."""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.events import chains_sql, entries
from funnelcli.events.chains_sql import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.events.definition import Definition

STAGES = 0
"""What the rows are, by their `part`: figures of stages, or those of what `entries` tells apart, by its numbers."""
FIGURES = 5
"""Those of a stage: its count, its units, the sum of the times from the stage before, and the two middle ones of these
times, which are the same where their number is odd."""
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


def tally(definition: Definition, units: str, events: str, stages: Sequence[str] | None = None) -> Parts:
    """Rows of `part`, `label`, and `v0`, `v1`, …: the figures of a stage, or the counts of a segment's stages.

    `units` is a query with the columns of `chains_sql.units`; `events`, a table or a query in parentheses, are the
    normal ones, with `d0`, `d1`, …. `stages` are tables of the units of each stage, with `m`, `f`, `p` and `g`, where
    there are such. Times are microseconds. Segments are among the rows where one entry of a unit counts; else
    `segments` finds them.
    """
    queries = [
        _stage(definition, stage, stages[stage] if stages else _reaching(definition, stage))
        for stage in definition.stages
    ]
    kinds = [] if definition.entry == "any" else entries.kinds(definition)
    for kind in kinds:  # of entries at the same moment, the smallest segment that is known
        entry = f"({entries.segmented(definition, events, kind)}) AS e WHERE {chains_sql.entered(definition)}"
        joined = f"u JOIN (SELECT unit, MIN(d) AS d FROM {entry} GROUP BY unit) AS e ON u.unit = e.unit"
        queries.append(_grouped(definition, kind, joined))
    return Parts({"u": units}, queries)


def segments(
    definition: Definition,
    events: str,
    masks: Sequence[int],
    kinds: Iterable[int],
    *,
    share: str = "",
) -> Parts:
    """Rows of the segments, of which each counts a unit that has an entry there; `masks` as in `chains_sql.units`.

    `share` is a condition on `unit` and `label`, where not all are to be counted at once.
    """
    parts = Parts({}, [])
    for kind in kinds:
        pairs = f"p{kind}"
        parts.named[pairs] = entries.pairs(definition, events, kind)
        if share:
            parts.named[pairs] = f"SELECT * FROM ({parts.named[pairs]}) AS p WHERE {share}"
        again = f"({entries.repeated(definition, events, kind, pairs)})"
        left = entries.without_entry(masks)
        units = chains_sql.units(definition, again, left, keys=entries.KEYS)
        joined = f"({units}) AS u JOIN {pairs} AS p ON u.unit = p.unit AND u.label = p.label"
        parts.queries.append(_grouped(definition, kind, joined))
    return parts


def at_once(definition: Definition, masks: Sequence[int]) -> Parts:
    """All that is asked of the normal events in `events`, with their flags."""
    source, named = "events", {}
    if definition.entry != "any":
        source, named = "chosen", {"chosen": entries.one_each(definition, "events")}
        masks = entries.without_entry(masks)
    units = chains_sql.units(definition, source, masks)
    parts = tally(definition, units, source)
    told = segments(definition, source, masks, entries.counted_again(definition))
    return Parts({**named, **parts.named, **told.named}, parts.queries + told.queries)


def added(definition: Definition, table: str) -> list[str]:
    """Rows of segments that were found bit by bit, as queries that add them up."""
    sums = [f"SUM(v{index})" for index in range(_width(definition))]
    return [
        _largest(kind, f"{_row(definition, kind, 'label', sums, table)} WHERE part = {kind} GROUP BY label")
        for kind in entries.kinds(definition)
    ]


def reached(definition: Definition, stage: int, table: str) -> list[str]:
    """Rows of segments at one stage, from the entries that reach it: `unit`, `k1`, `k2`, … by what is told apart."""
    values = [*["NULL"] * stage, "COUNT(DISTINCT unit)"]
    return [
        f"{_row(definition, kind, f'k{kind}', values, table)} GROUP BY k{kind}" for kind in entries.kinds(definition)
    ]


def _grouped(definition: Definition, kind: int, source: str) -> str:
    """The counts of segments, from units with what they reach and their segment `d`."""
    reached = (
        f"g{stage}" if stage in definition.growing else f"CASE WHEN m{stage} > {NEVER} THEN 1 ELSE 0 END"
        for stage in definition.stages
    )
    counts = [f"COALESCE(SUM({each}), 0)" for each in reached]
    return _largest(kind, f"{_row(definition, kind, 'd', counts, source)} GROUP BY d")


def _largest(kind: int, query: str) -> str:
    """The segments with the most entries; periods all."""
    if kind == entries.PERIODS:
        return query
    return f"SELECT * FROM ({query} ORDER BY v0 DESC, label LIMIT {MOST_SEGMENTS + 1}) AS s{kind}"


def _width(definition: Definition) -> int:
    return max(len(definition.names), FIGURES)


def _reaching(definition: Definition, stage: int) -> str:
    """The units of a stage out of those that entered."""
    columns = [f"m{stage} AS m"]
    if stage:
        columns += [f"f{stage} AS f", f"p{stage} AS p"]
    if stage in definition.growing:
        columns.append(f"g{stage} AS g")
    return f"(SELECT {', '.join(columns)} FROM u WHERE m{stage} > {NEVER})"


def _stage(definition: Definition, stage: int, source: str) -> str:
    """The figures of a stage from the units that reach it."""
    growing = stage in definition.growing
    figures, rows = ["COALESCE(SUM(g), 0)" if growing else "COUNT(*)", "COUNT(*)"], f"{source} AS x{stage}"
    if stage:
        times = f"SELECT f - p AS x{', g' if growing else ''} FROM {rows}"
        times = f"SELECT o.*, ROW_NUMBER() OVER (ORDER BY x) AS place, COUNT(*) OVER () AS n FROM ({times}) AS o"
        middles = [f"{one}(CASE WHEN 2 * place BETWEEN n AND n + 2 THEN x END)" for one in ("MIN", "MAX")]
        figures, rows = [*figures, "SUM(x)", *middles], f"({times}) AS y{stage}"
    return _row(definition, STAGES, f"'{stage}'", figures, rows)


def _row(definition: Definition, part: int, label: str, values: list[str], source: str) -> str:
    """A query of rows that are as wide as all others."""
    values = [*values, *["NULL"] * (_width(definition) - len(values))]
    columns = ", ".join(f"CAST({value} AS DECIMAL(38, 0)) AS v{index}" for index, value in enumerate(values))
    return f"SELECT {part} AS part, CAST({label} AS VARCHAR) AS label, {columns} FROM {source}"
