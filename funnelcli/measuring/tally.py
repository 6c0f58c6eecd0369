"""From the units to the few rows that come back: counts, times, segments and cohorts, as text of SQL."""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.measuring.formulation import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.measuring.definition import Definition

STAGES, COHORTS, SEGMENTS = 0, 1, 2
"""What the rows are, by their `part`; the segments of the first dimension, of the second and so on come last."""
FIGURES = 5
"""Those of a stage: its count, its units, the sum of the times from the stage before, and the two middle ones of these
times, which are the same where their number is odd."""
MOST_SEGMENTS = 10_000
"""Values of a breakdown; one more is asked for, so that there being more is seen."""
HOUR = 3_600_000_000
DAY = 24 * HOUR


def tally(
    definition: Definition, units: str, entries: str, *, quantiles: bool, stages: Sequence[str] | None = None
) -> str:
    """A query with `part`, `label`, and `v0`, `v1`, …: the figures of a stage, or the counts of a segment's stages.

    `units` has the columns of `formulation.units`; `entries` has `unit`, `t` and `d0`, `d1`, … of events that meet the
    first stage. Both are names of tables or queries in parentheses. `stages` are tables of the units of each stage,
    with `m`, `f`, `p` and `g`, where there are such. With `quantiles`, the engine has `quantile_disc`. Times are
    microseconds.
    """
    width = _width(definition)
    parts = [
        _stage(definition, stage, stages[stage] if stages else _reaching(definition, stage), quantiles)
        for stage in range(len(definition.names))
    ]
    if definition.period:
        length = HOUR if definition.period == "hour" else DAY
        bucketed = f"(SELECT u.*, a - MOD(MOD(a, {length}) + {length}, {length}) AS bucket FROM u) AS c"
        parts.append(_row(COHORTS, "bucket", _counts(definition), bucketed, width) + " GROUP BY bucket")
    for index in range(len(definition.dimensions)):
        at_entry = f"(SELECT unit, t, MIN(d{index}) AS d FROM {entries} AS e GROUP BY unit, t) AS e"
        joined = f"(SELECT u.*, e.d FROM u JOIN {at_entry} ON u.unit = e.unit AND u.a = e.t) AS j"
        segments = _row(SEGMENTS + index, "d", _counts(definition), joined, width) + " GROUP BY d"
        parts.append(f"SELECT * FROM ({segments} ORDER BY v0 DESC, label LIMIT {MOST_SEGMENTS + 1}) AS s{index}")
    rows = " UNION ALL ".join(parts)
    if stages and not definition.period and not definition.dimensions:
        return rows
    chosen = " ".join(f"WHEN m{stage} > {NEVER} THEN m{stage}" for stage in definition.by_depth)
    return f"WITH u AS (SELECT q.*, CASE {chosen} END AS a FROM {units} AS q) {rows}"


def _width(definition: Definition) -> int:
    return max(len(definition.names), FIGURES)


def _reaching(definition: Definition, stage: int) -> str:
    """The units of a stage out of those that entered."""
    columns = [f"m{stage} AS m"]
    if stage and definition.order != "any":
        columns += [f"f{stage} AS f", f"p{stage} AS p"]
    if stage in definition.growing:
        columns.append(f"g{stage} AS g")
    return f"(SELECT {', '.join(columns)} FROM u WHERE m{stage} > {NEVER})"


def _stage(definition: Definition, stage: int, source: str, quantiles: bool) -> str:
    """The figures of a stage from the units that reach it."""
    width, growing = _width(definition), stage in definition.growing
    count = "COALESCE(SUM(g), 0)" if growing else "COUNT(*)"
    if not stage or definition.order == "any":
        return _row(STAGES, f"'{stage}'", [count, "COUNT(*)"], f"{source} AS x{stage}", width)
    columns = f"f - p AS x{', g' if growing else ''}"
    rows = f"SELECT {columns} FROM {source} AS x{stage}"
    if quantiles:
        middles = ["QUANTILE_DISC(x, 0.5)", "-QUANTILE_DISC(-x, 0.5)"]
    else:
        rows = f"SELECT o.*, ROW_NUMBER() OVER (ORDER BY x) AS place, COUNT(*) OVER () AS n FROM ({rows}) AS o"
        middles = [f"{one}(CASE WHEN 2 * place BETWEEN n AND n + 2 THEN x END)" for one in ("MIN", "MAX")]
    return _row(STAGES, f"'{stage}'", [count, "COUNT(*)", "SUM(x)", *middles], f"({rows}) AS y{stage}", width)


def _counts(definition: Definition) -> list[str]:
    reached = (
        f"g{stage}" if stage in definition.growing else f"CASE WHEN m{stage} > {NEVER} THEN 1 ELSE 0 END"
        for stage in range(len(definition.names))
    )
    return [f"COALESCE(SUM({each}), 0)" for each in reached]


def _row(part: int, label: str, values: list[str], source: str, width: int) -> str:
    """A query of rows that are as wide as all others."""
    values = [*values, *["NULL"] * (width - len(values))]
    columns = ", ".join(f"CAST({value} AS DECIMAL(38, 0)) AS v{index}" for index, value in enumerate(values))
    return f"SELECT {part} AS part, CAST({label} AS VARCHAR) AS label, {columns} FROM {source}"
