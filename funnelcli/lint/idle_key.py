"""FN310: a key that changes no figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem

if TYPE_CHECKING:
    from funnelcli.lint.rules import Remarks, Written
    from funnelcli.model import Funnel

CODE = "FN310"
CAUSE = (
    "The key is read and changes no figure, because what it works on is not there: an elasticity needs a budget, a "
    "margin needs money, a referral has to bring somebody. Something has been forgotten, or is left over."
)
EXAMPLE = """\
gross_margin: 40%
stages: {Leads: 100, Sales: 40}
"""
CURE = "Add what the key works on, or delete it."
FIXED = """\
gross_margin: 40%
average_check: 90
currency: EUR
stages: {Leads: 100, Sales: 40}
"""


def find(funnel: Funnel, written: Written) -> Remarks:
    """Each key of the funnel without its counterpart."""
    budgets = funnel.budget is not None or any(
        segment.budget is not None for breakdown in funnel.breakdowns for segment in breakdown.segments
    )
    if funnel.spend_elasticity is not None and not budgets:
        yield ("spend_elasticity",), _problem("spend_elasticity", "there is no budget", "add a budget, or delete it")
    if funnel.gross_margin is not None and not _money(funnel):
        yield ("gross_margin",), _problem("gross_margin", "no stage brings money", "add average_check, or delete it")
    if funnel.referral is not None and not funnel.referral.brings:
        yield ("referral", "brings"), _problem("referral", "it brings nobody", "correct brings, or delete the referral")
    for index, stage in enumerate(funnel.stages):
        if stage.close_chance is not None and stage.open is None:
            problem = _problem("close_chance", "the stage has no open units", "add open, or delete it")
            yield ("stages", index, "close_chance"), problem


def _money(funnel: Funnel) -> bool:
    return bool(funnel.money_stages) or any(
        segment.average_check is not None for breakdown in funnel.breakdowns for segment in breakdown.segments
    )


def _problem(key: str, why: str, cure: str) -> Problem:
    return Problem(CODE, f"{key} has no effect: {why}", cure)
