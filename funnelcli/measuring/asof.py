"""The counting of `formulation` for the usual case, with joins that DuckDB does in less time and memory.

Where no event can serve two stages of a chain and others may lie between, the latest row of the stage before has the
latest entry too: what the running maximum finds, a join to the nearest earlier row finds as well.
"""
# ruff: noqa: S608  # no name and no value of a funnel file is part of this text

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.measuring import formulation

if TYPE_CHECKING:
    from funnelcli.measuring.definition import Definition


def units(definition: Definition, source: str) -> str:
    """A query like `formulation.units`, of ordered stages that share no events."""
    keys = "unit, seg" if definition.exclude else "unit"
    rows = formulation.histories(definition, source) if definition.exclude else f"SELECT * FROM {source} AS e"
    steps = [f"b AS MATERIALIZED ({rows})"]  # each stage looks at all of them
    side = ", side" if definition.exclude else ""
    steps.append(f"c0 AS (SELECT {keys}, t, t AS s FROM b WHERE {formulation.entered(definition)})")
    joined, columns = "", ["r0.m AS m0"]
    for stage in range(1, len(definition.names)):
        growing = stage in definition.growing
        more = side if growing else ""
        window = "" if definition.window is None else f" WHERE a.t - c.s <= {definition.window}"
        rows = f"SELECT {keys}, t{more} FROM b WHERE h{stage} = 1"
        same = " AND ".join(f"a.{key} = c.{key}" for key in keys.split(", "))
        kept = ", ".join(f"a.{key}" for key in f"{keys}, t{more}".split(", "))
        steps.append(
            f"c{stage} AS (SELECT {kept}, c.s, c.t AS p FROM ({rows}) AS a "
            f"ASOF JOIN c{definition.parents[stage]} AS c ON {same} AND a.t >= c.t{window})"
        )
        counted = ""
        if growing:
            counted = f", COUNT(*){' FILTER (WHERE side = 0)' if definition.exclude else ''} AS g"
            columns.append(f"r{stage}.g AS g{stage}")
        per_unit = f"SELECT unit, MAX(s) AS m, MIN(t) AS f, MIN(p) AS p{counted} FROM c{stage} GROUP BY unit"
        joined += f" LEFT JOIN ({per_unit}) AS r{stage} ON r0.unit = r{stage}.unit"
        columns += [f"r{stage}.m AS m{stage}", f"r{stage}.f AS f{stage}", f"r{stage}.p AS p{stage}"]
    entries = "(SELECT unit, MAX(s) AS m FROM c0 GROUP BY unit) AS r0"
    return f"WITH {', '.join(steps)} SELECT r0.unit, {', '.join(columns)} FROM {entries}{joined}"
