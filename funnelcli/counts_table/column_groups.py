"""Columns of several funnels side by side: plan and actual, two quarters; they are no stages of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table.words import names_units
from funnelcli.diagnostics import joined, quoted
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.table import CellTable


def refuse_groups(table: CellTable, columns: Sequence[int]) -> bool:
    """Whether the names of counts are all pairs of two sets, `Q3 Leads` to `Q4 Sales`; it is a problem with a way out.

    The option keeps the columns of the first.
    """
    parted = _parted([table.names[at] for at in columns])
    if parted is None:
        return False
    first = parted[0]
    others = list(dict.fromkeys(name for name in parted if name != first))
    pairs = zip(columns, parted, strict=True)
    dropped = " ".join(f"--drop {quoted(table.names[at])}" for at, name in pairs if name in others)
    what = f"the columns are those of {joined([quoted(name) for name in (first, *others)])}, each a funnel of its own"
    everything = "" if any("," in table.names[at] for at in columns) else _as_one(table, columns)
    table.refuse_name(
        columns[parted.index(others[0])], "FN114", what, f"that of {quoted(first)}: {dropped}{everything}"
    )
    return True


def _as_one(table: CellTable, columns: Sequence[int]) -> str:
    return f'; where all are stages of one: --stages "{",".join(table.names[at] for at in columns)}"'


def _parted(names: Sequence[str]) -> list[str] | None:
    """The words by which names make several funnels of the same stages; `None` where they do not."""
    tokens = [name.split() for name in names]
    if len(names) < 4 or any(len(each) < 2 for each in tokens):
        return None
    ways = [
        ([each[0] for each in tokens], [" ".join(each[1:]) for each in tokens]),
        ([each[-1] for each in tokens], [" ".join(each[:-1]) for each in tokens]),
    ]
    fitting = [groups for groups, stages in ways if _is_grid(groups, stages)]
    return min(fitting, key=lambda groups: sum(map(names_units, groups)), default=None)


def _is_grid(groups: Sequence[str], stages: Sequence[str]) -> bool:
    """Whether each group has each stage once."""
    pairs = {(fold(group), fold(stage)) for group, stage in zip(groups, stages, strict=True)}
    sizes = [len({pair[at] for pair in pairs}) for at in (0, 1)]
    return min(sizes) > 1 and len(pairs) == len(groups) == sizes[0] * sizes[1]
