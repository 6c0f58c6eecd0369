"""From the units to rows that people read: a row for each stage, of all units and of each segment, as text of SQL."""
# ruff: noqa: S608  # names of a funnel file are literals

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.events import amounts, cohorts, tally
from funnelcli.events.definition import MICROSECONDS, PERIOD
from funnelcli.events.duckdb.types import literal
from funnelcli.events.rows import PERIODS, QUANTILES, SEGMENTS, TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.events.definition import Definition

ALL = "(all)"
"""What all units are called, as dimension and segment."""
WHOLE_WAY = "(whole way)"
"""What the way from the entry to the sale is called, as a stage after the last one."""
_PARTS = 20
"""So many lie between two places; those of all `QUANTILES` are whole numbers."""
_NONE = "CAST(NULL AS BIGINT)"


def queries(definition: Definition, funnel: str, sources: Mapping[int, str], events: str) -> dict[str, str]:
    """Queries from the units to the rows for people; the last one is the answer.

    `sources` and `events` are those of `tally.units_at_once`. Each table is named once where it can be: there are
    databases that make it again wherever it is named.
    """
    found: dict[str, str] = {"sn": tally.numbers(definition)}
    money = ", {} AS w, {} AS b" if definition.paid else ""
    nothing = money.format(f"CAST(NULL AS {amounts.DECIMAL})", _NONE)
    everything = f"SELECT {literal(ALL)} AS dimension, {literal(ALL)} AS segment"
    unions = [f"{everything}, 1 AS step, 0 AS g, {_NONE} AS x{nothing}"]  # a row also where no unit entered
    for kind, units in sources.items():
        found[f"r{kind}"] = tally.reached(definition, kind, units)
        reached = _Rows(f"r{kind}", "stage, g, x", "r.stage + 1", f"r.g AS g, r.x AS x{nothing}", "r.d")
        unions.append(_shown_rows(definition, found, kind, reached))
        for stage, _ in definition.paid:
            name = amounts_name(kind, stage)
            found[name] = amounts.of_each(definition, kind, units, events, tally.counted_names(definition, kind), stage)
            figures = f"0 AS g, {_NONE} AS x{money.format('r.w', 'r.b')}"
            brought = _Rows(name, "w, b", str(stage + 1), figures, "CAST(r.d AS VARCHAR)")
            unions.append(_shown_rows(definition, found, kind, brought))
    found["c"] = " UNION ALL ".join(reversed(unions))
    keys = "dimension, segment, step"
    # what has no time stands apart: databases differ in where they sort it to
    alike = f"PARTITION BY {keys}, CASE WHEN x IS NULL THEN 1 ELSE 0 END"
    place = f"{_PARTS} * (ROW_NUMBER() OVER ({alike} ORDER BY x) - 1) AS place"
    found["o"] = f"SELECT c.*, {place}, COUNT(x) OVER ({alike}) - 1 AS last FROM c"
    told = ["CAST(SUM(g) AS BIGINT) AS number", f"AVG(CAST(x AS DOUBLE)) / {MICROSECONDS} AS mean"]
    told += [f"{_quantile(*share)} AS {name}" for name, share in QUANTILES.items()]
    if definition.paid:
        # those without an amount are taken for average, as `measure` takes them; where there are none, the sum is exact
        lack = f"CAST(CAST(SUM(w) AS DOUBLE) * (COUNT(b) - COUNT(w)) / GREATEST(COUNT(w), 1) AS {amounts.DECIMAL})"
        told += [f"CASE WHEN SUM(b) > 0 THEN NULL ELSE SUM(w) + {lack} END AS revenue"]
        told += ["CASE WHEN SUM(b) > 0 THEN NULL ELSE CAST(SUM(w) AS DOUBLE) / COUNT(w) END AS mean_amount"]
    found["f"] = f"SELECT {keys}, {', '.join(told)} FROM o GROUP BY {keys}"
    found["st"] = " UNION ALL ".join(
        f"SELECT {step} AS step, {literal(name)} AS stage, {parent} AS comes_from"
        for step, name, parent in zip(*_steps(definition), strict=True)
    )
    own = "CASE WHEN f.step = st.step THEN f.{} END"
    number = "MAX(CASE WHEN f.step = st.step THEN f.number ELSE 0 END)"
    before = "MAX(CASE WHEN f.step = st.comes_from THEN f.number END)"
    asked = [f"MAX({own.format(column)}) AS {name}" for name, column in columns(definition).items()]
    found["answer"] = (
        f"SELECT {literal(funnel)} AS funnel, f.dimension AS dimension, f.segment AS segment, st.step AS step, "
        f"st.stage AS stage, {number} AS count, CAST({number} AS DOUBLE) / NULLIF({before}, 0) AS conversion, "
        f"{', '.join(asked)} FROM f CROSS JOIN st GROUP BY f.dimension, f.segment, st.step, st.stage "
        f"ORDER BY CASE WHEN f.dimension = {literal(ALL)} THEN 0 ELSE 1 END, dimension, segment, step"
    )
    return found


def columns(definition: Definition) -> dict[str, str]:
    """The figures of the answer besides counts and conversion, each with what the table of figures calls it."""
    times = {f"{'median' if name == 'p50' else name}_seconds": name for name in QUANTILES}
    return {"mean_seconds": "mean", **times} | (
        {"revenue": "revenue", "average_check": "mean_amount"} if definition.paid else {}
    )


def _steps(definition: Definition) -> tuple[Sequence[int], Sequence[str], Sequence[int]]:
    """The steps of the answer from 1 on, their names, and the steps that they come from, 0 where there is none."""
    names, parents = list(definition.names), [0, *(parent + 1 for parent in definition.parents[1:])]
    if definition.sale:
        names, parents = [*names, WHOLE_WAY], [*parents, 1]
    return range(1, len(names) + 1), names, parents


class _Rows(NamedTuple):
    """A table with its columns but the segment, and what is asked of it: its step, its figures, and its segment."""

    table: str
    columns: str
    step: str
    figures: str
    segment: str


def _shown_rows(definition: Definition, found: dict[str, str], kind: int, rows: _Rows) -> str:
    """Rows of a kind with its dimension and segment as people read them; periods get a table with their names."""
    dimension = literal(ALL if kind == TOTAL else dimension_of(definition, kind))
    label, table = literal(ALL) if kind == TOTAL else _shown(rows.segment), rows.table
    if kind == PERIODS:
        numbers = f"(SELECT CAST(d AS BIGINT) AS d, {rows.columns} FROM {table})"
        label, table = "r.name_", f"n{table}"
        found[table] = cohorts.named(definition.period or "", numbers)
    return f"SELECT {dimension} AS dimension, {label} AS segment, {rows.step} AS step, {rows.figures} FROM {table} AS r"


def amounts_name(kind: int, stage: int) -> str:
    """The table of what the units of a kind bring at a stage."""
    return f"a{kind}_{stage}"


def _quantile(share: int, whole: int) -> str:
    """A quantile in seconds, of rows that are placed: of the two times next to it, each by how near it lies to that."""
    near = f"GREATEST({_PARTS} - ABS(place - {_PARTS * share // whole} * last), 0)"
    return f"CAST(SUM(x * {near}) AS DOUBLE) / {_PARTS * MICROSECONDS}"


def dimension_of(definition: Definition, kind: int) -> str:
    """The dimension of one of `entries.kinds`."""
    return PERIOD if kind == PERIODS else definition.dimensions[kind - SEGMENTS][0]


def _shown(value: str) -> str:
    """A value of a column as the name of a segment."""
    return f"CASE WHEN {value} IS NULL THEN '(none)' WHEN TRIM({value}) = '' THEN '(empty)' ELSE TRIM({value}) END"
