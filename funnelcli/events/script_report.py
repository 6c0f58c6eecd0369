"""From the units to rows that people read: a row for each stage, of all units and of each segment, as text of SQL."""
# ruff: noqa: S608  # names of a funnel file are literals

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.events import cohorts, entries, tally
from funnelcli.events.definition import MICROSECONDS, PERIOD
from funnelcli.events.duckdb.types import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.events.definition import Definition

ALL = "(all)"
"""What all units are called, as dimension and segment."""


def queries(definition: Definition, funnel: str, sources: Mapping[int, str]) -> dict[str, str]:
    """Queries from the units to the rows for people; the last one is the answer.

    Each is named once: there are databases that make a table again wherever it is named.
    """
    named: dict[str, str] = {}
    everything = f"SELECT {literal(ALL)} AS dimension, {literal(ALL)} AS segment"
    unions = [f"{everything}, 1 AS step, 0 AS g, NULL AS x"]  # a row also where no unit entered
    for kind, units in sources.items():
        named[f"r{kind}"] = tally.reached(definition, kind, units)
        dimension = literal(ALL if kind == tally.TOTAL else dimension_of(definition, kind))
        rows, label = f"r{kind}", literal(ALL) if kind == tally.TOTAL else _shown("r.d")
        if kind == entries.PERIODS:
            numbers = f"(SELECT CAST(d AS BIGINT) AS d, stage, g, x FROM r{kind})"
            named["n"] = cohorts.named(definition.period or "", numbers)
            rows, label = "n", "r.name_"
        unions.append(
            f"SELECT {dimension} AS dimension, {label} AS segment, r.stage + 1 AS step, r.g AS g, r.x AS x "
            f"FROM {rows} AS r WHERE r.stage < {len(definition.names)}"
        )
    named["c"] = " UNION ALL ".join(reversed(unions))
    lower, upper = tally.next_to(*tally.QUANTILES["p50"])
    figures, counts, rates, medians = (list[str]() for _ in range(4))
    for stage, parent in enumerate(definition.parents):
        step = f"WHEN {stage + 1} THEN"
        figures.append(f"CAST(SUM(CASE WHEN step = {stage + 1} THEN g ELSE 0 END) AS BIGINT) AS count_{stage + 1}")
        counts.append(f"{step} f.count_{stage + 1}")
        if stage:
            figures += [
                f"{end.replace('CASE WHEN', f'CASE WHEN step = {stage + 1} AND')} AS {name}_time_{stage + 1}"
                for name, end in (("lower", lower), ("upper", upper))
            ]
            rates.append(f"{step} CAST(f.count_{stage + 1} AS DOUBLE) / NULLIF(f.count_{parent + 1}, 0)")
            times = f"f.lower_time_{stage + 1} + f.upper_time_{stage + 1}"
            medians.append(f"{step} CAST({times} AS DOUBLE) / {2 * MICROSECONDS}")
    placed = tally.placed("dimension, segment, step", "SELECT * FROM c")
    named["f"] = f"SELECT dimension, segment, {', '.join(figures)} FROM ({placed}) AS o GROUP BY dimension, segment"
    named["st"] = " UNION ALL ".join(
        f"SELECT {stage + 1} AS step, {literal(name)} AS stage" for stage, name in enumerate(definition.names)
    )
    named["answer"] = (
        f"SELECT {literal(funnel)} AS funnel, f.dimension AS dimension, f.segment AS segment, st.step AS step, "
        f"st.stage AS stage, CASE st.step {' '.join(counts)} END AS count, "
        f"CASE st.step {' '.join(rates)} END AS conversion, CASE st.step {' '.join(medians)} END AS median_seconds "
        f"FROM f CROSS JOIN st "
        f"ORDER BY CASE WHEN f.dimension = {literal(ALL)} THEN 0 ELSE 1 END, dimension, segment, step"
    )
    return named


def dimension_of(definition: Definition, kind: int) -> str:
    """The dimension of one of `entries.kinds`."""
    return PERIOD if kind == entries.PERIODS else definition.dimensions[kind - entries.SEGMENTS][0]


def _shown(value: str) -> str:
    """A value of a column as the name of a segment."""
    return f"CASE WHEN {value} IS NULL THEN '(none)' WHEN TRIM({value}) = '' THEN '(empty)' ELSE TRIM({value}) END"
