"""What each figure of a report means: the term, its definition, and the keys and labels under which it is shown."""

from __future__ import annotations

from typing import NamedTuple

from funnelcli.metrics import METRICS


class Term(NamedTuple):
    """A term of the field; `shown_as` are keys of columns, or labels, in small letters, that bring it up."""

    term: str
    meaning: str
    shown_as: tuple[str, ...]


def _metric(name: str, *shown_as: str) -> Term:
    """A metric, by its name as a key or a label, and what else brings it up."""
    metric = METRICS[name]
    return Term(metric.term or name, metric.meaning, (name, name.replace("_", " "), *shown_as))


_DEFINITIONS = (
    _metric("entries", "count", "share"),
    _metric("sales", "sales_change", "sales_share", "headroom_sales"),
    _metric("conversion"),
    _metric("overall_conversion", "one_in", "overall"),
    Term(
        "Interval",
        "Where the true rate lies, given these counts: Wilson's score interval; of differences, Newcombe's. "
        "Stated rates, and counts that are not whole, have none.",
        ("interval",),
    ),
    _metric("drop_off"),
    _metric("loss_share"),
    _metric("average_check"),
    _metric("revenue", "revenue_change"),
    _metric("value_per", "value per entry"),
    _metric("cost_per"),
    Term("CPM", "Cost per thousand impressions.", ("called", "cpm")),
    Term("CPC, CPL, CAC", "Cost per click, per lead, and per new customer.", ("called", "cpc", "cpl", "cac")),
    Term("RPM", "Revenue per thousand impressions.", ("rpm",)),
    _metric("variable_cost"),
    _metric("gross_profit"),
    _metric("budget"),
    _metric("profit", "profit_change"),
    _metric("roas"),
    _metric("romi"),
    _metric("unit_margin"),
    Term("LTV", "Lifetime value: gross profit per customer, from the customer stage on.", ("ltv", "ltv_to_cac")),
    Term("Break-even", "The value of one figure, the others as they are, at which the profit is 0.", ("even",)),
    Term(
        "Referral multiplier",
        "How many units one new unit makes in the end, with those it brings: 1 / (1 − k).",
        ("referral multiplier",),
    ),
    Term("Target", "The conversion that is aimed at.", ("target",)),
    Term("Headroom", "What closing the gap to the target would bring.", ("headroom_sales", "headroom_revenue")),
    Term(
        "Chance of the weakest",
        "How likely it is, given these counts, that the step really has the lowest conversion, or the most to gain.",
        ("chance_weakest",),
    ),
    Term("pp", "Percentage points: the difference of two rates.", ("difference", "revenue_per_point")),
    Term(
        "p (Holm)",
        "How often chance alone would bring a difference this large, corrected for the number of steps tested.",
        ("p_value_holm",),
    ),
    Term(
        "What moved it",
        "The change split exactly into entries, conversions and average checks, by the logarithmic mean (LMDI).",
        ("amount",),
    ),
    _metric("days"),
)
_TOLD = {each.term for each in _DEFINITIONS}
_REST = (_metric(name) for name, each in METRICS.items() if each.term and each.term not in _TOLD)
DEFINITIONS = (*_DEFINITIONS, *_REST)
"""All terms in the order of a page; a metric that has no place among them comes at the end."""


def used(shown: set[str]) -> list[Term]:
    """The definitions of what is shown, in their order."""
    return [each for each in DEFINITIONS if not shown.isdisjoint(each.shown_as)]
