"""Deals to funnels: counts, open units with their amounts, money, times, and the same by owner, source and month.

A deal has reached the furthest stage that it has a date of or sits in, a won one all of them, and has passed the stages
before. A lost one counts as far as is known, else at the first stage only.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.row_causes import Causes, many
from funnelcli.counts_table.deal_dates import DAY
from funnelcli.counts_table.deal_stages import find_order
from funnelcli.counts_table.deal_states import LOST, OPEN, WON, StateWords
from funnelcli.counts_table.deals import read_deals
from funnelcli.counts_table.row_amounts import scaled
from funnelcli.diagnostics import Problem, decimal_text, joined, quoted
from funnelcli.exact import reduced, rounded_days
from funnelcli.funnel_file.compositions import lognormal_mean
from funnelcli.metrics import fold
from funnelcli.model import Breakdown, CellCounts, Funnel, Segment, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from funnelcli.counts_table.deal_stages import StageOrder
    from funnelcli.counts_table.deals import Deal, Pipeline
    from funnelcli.counts_table.importing import ImportOptions
    from funnelcli.counts_table.recognise import Recognised
    from funnelcli.counts_table.table import CellTable
    from funnelcli.exact import Exact

MONTH = "month"
"""The dimension of the months of creation."""
CROSSED = ("owner", "source")
"""Dimensions of which, with the months, there are cells."""
MOST_CELLS = 1000
MOST_SEGMENTS = 1000
QUANTILES_FROM = 20
"""Times from which on their median and 90% point are told, and not the mean alone."""
DIGITS = 18
"""Digits behind the point to which the mean of money is kept, so that its sum comes out again."""
SD_DIGITS = 6


class Reach(NamedTuple):
    """How far a deal came: the index of the furthest stage, the one where it sits (open), whether that is known."""

    deal: Deal
    furthest: int
    sits: int | None
    known: bool


def import_deals(table: CellTable, found: Recognised, options: ImportOptions) -> tuple[Funnel, ...] | None:
    """A funnel for each pipeline; `None` where something is wrong, which is among the problems of the table."""
    causes = Causes(table)
    pipelines = read_deals(table, found, options, causes)
    if pipelines is None:
        return None
    words = StateWords(found.recipe)
    column = next((each.at for each in (*found.of_kind("stage"), *found.of_kind("entered"))), 0)
    several = len(pipelines) > 1
    orders = [
        find_order(table, pipeline, column, words, options, causes, several=several) for pipeline in pipelines
    ]
    if not causes.hand_over():
        return None
    funnels = []
    for pipeline, order in zip(pipelines, orders, strict=True):
        assert order is not None
        said: list[str] = []
        funnels.append(_funnel(table, found, pipeline, order, said))
        table.notes += [f"{pipeline.name}: {each}" for each in said] if several else said
    return tuple(funnels)
