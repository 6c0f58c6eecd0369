"""From one row a unit to the few rows that come back: counts, times, segments and cohorts, as text of SQL."""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.measuring.formulation import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.measuring.definition import Definition

COUNTS, UNITS, SUMS, MEDIANS, COHORTS, SEGMENTS = 0, 1, 2, 3, 4, 5
"""What the rows are, by their `part`; the segments of the first dimension, of the second and so on come last."""
MOST_SEGMENTS = 10_000
"""Values of a breakdown; one more is asked for, so that there being more is seen."""
HOUR = 3_600_000_000
DAY = 24 * HOUR


def tally(definition: Definition, units: str, entries: str, *, quantiles: bool) -> str:
    """A query with `part`, `label`, and a figure for each stage: `v0`, `v1`, …; times are microseconds.

    `units` has the columns of `formulation.units`; `entries` has `unit`, `t` and `d0`, `d1`, … of events that meet the
    first stage. Both are names of tables or queries in parentheses. With `quantiles`, the engine has `quantile_disc`.
    """
    parts = [_row(COUNTS, None, _counts(definition), "u")]
    parts.append(_row(UNITS, None, _counts(definition._replace(growing=frozenset())), "u"))
    if definition.order != "any":
        sums = ["NULL", *(f"SUM({_taken(stage)})" for stage in _later(definition))]
        parts.append(_row(SUMS, None, [f"CAST({each} AS DECIMAL(38, 0))" for each in sums], "u"))
        parts += _medians(definition, quantiles)
    if definition.period:
        length = HOUR if definition.period == "hour" else DAY
        bucketed = f"(SELECT u.*, a - MOD(MOD(a, {length}) + {length}, {length}) AS bucket FROM u) AS c"
        parts.append(_row(COHORTS, "bucket", _counts(definition), bucketed))
    for index in range(len(definition.dimensions)):
        at_entry = f"(SELECT unit, t, MIN(d{index}) AS d FROM {entries} AS e GROUP BY unit, t) AS e"
        joined = f"(SELECT u.*, e.d FROM u JOIN {at_entry} ON u.unit = e.unit AND u.a = e.t) AS j"
        segments = _row(SEGMENTS + index, "d", _counts(definition), joined)
        parts.append(f"SELECT * FROM ({segments} ORDER BY v0 DESC, label LIMIT {MOST_SEGMENTS + 1}) AS s{index}")
    chosen = " ".join(f"WHEN m{stage} > {NEVER} THEN m{stage}" for stage in definition.by_depth)
    return f"WITH u AS (SELECT q.*, CASE {chosen} END AS a FROM {units} AS q) " + " UNION ALL ".join(parts)


def _later(definition: Definition) -> range:
    return range(1, len(definition.names))


def _taken(stage: int) -> str:
    """The time from the stage before."""
    return f"CASE WHEN m{stage} > {NEVER} THEN f{stage} - p{stage} END"


def _counts(definition: Definition) -> list[str]:
    reached = (
        f"g{stage}" if stage in definition.growing else f"CASE WHEN m{stage} > {NEVER} THEN 1 ELSE 0 END"
        for stage in range(len(definition.names))
    )
    return [f"CAST(COALESCE(SUM({each}), 0) AS DECIMAL(38, 0))" for each in reached]


def _row(part: int, label: str | None, values: list[str], source: str) -> str:
    columns = ", ".join(f"{value} AS v{index}" for index, value in enumerate(values))
    grouped = "" if label is None else f" GROUP BY {label}"
    return f"SELECT {part} AS part, CAST({label or 'NULL'} AS VARCHAR) AS label, {columns} FROM {source}{grouped}"


def _medians(definition: Definition, quantiles: bool) -> Iterator[str]:
    """For each stage the lower and the upper middle of the times, which are one where their number is odd."""
    for stage in _later(definition):
        if quantiles:
            middles = ["QUANTILE_DISC(x, 0.5)", "-QUANTILE_DISC(-x, 0.5)"]
            source = f"(SELECT {_taken(stage)} AS x FROM u WHERE m{stage} > {NEVER}) AS x{stage}"
        else:
            middles = ["MIN(x)", "MAX(x)"]
            ranked = f"SELECT {_taken(stage)} AS x FROM u WHERE m{stage} > {NEVER}"
            numbered = f"SELECT x, ROW_NUMBER() OVER (ORDER BY x) AS place, COUNT(*) OVER () AS n FROM ({ranked}) AS r"
            source = f"(SELECT x FROM ({numbered}) AS o WHERE 2 * place BETWEEN n AND n + 2) AS x{stage}"
        rest = ["NULL"] * (len(definition.names) - 2)
        values = [f"CAST({each} AS DECIMAL(38, 0))" for each in [*middles, *rest]]
        yield _row(MEDIANS, None, values, source).replace("CAST(NULL AS VARCHAR)", f"'{stage}'", 1)
