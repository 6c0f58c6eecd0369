"""FN311: a referral by which the funnel would grow for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.analyses.economics import referral_rate
from funnelcli.diagnostics import Problem

if TYPE_CHECKING:
    from funnelcli.lint.rules import Remarks, Written
    from funnelcli.model import Funnel

CODE = "FN311"
CAUSE = (
    "Each unit brings k = n_from / n_to x brings new ones. From k = 1 on each generation is at least as large as the "
    "one before, the multiplier 1 / (1 - k) has no value, and nothing can be projected."
)
EXAMPLE = """\
stages: {Leads: 100, Sales: 40}
referral: {from: Sales, brings: 3, to: Leads}
"""
CURE = "Count again what each unit brings: a k of 0.2 is already much."
FIXED = """\
stages: {Leads: 100, Sales: 40}
referral: {from: Sales, brings: 0.5, to: Leads}
"""


def find(funnel: Funnel, written: Written) -> Remarks:
    """The referral, when its k is 1 or more."""
    k = referral_rate(funnel)
    if k is not None and k >= 1:
        problem = Problem(
            CODE,
            f"the referral grows without bound: each unit brings {float(k):.3g} more",
            "lower brings below 1 in all",
        )
        yield ("referral", "brings"), problem
