"""What each figure of a report means: the term, its definition, and the keys and labels under which it is shown."""

from __future__ import annotations

from typing import NamedTuple


class Definition(NamedTuple):
    """A term of the field; `shown_as` are keys of columns, or labels, in small letters, that bring it up."""

    term: str
    meaning: str
    shown_as: tuple[str, ...]


DEFINITIONS = (
    Definition("Entries", "Units at the first stage, in the period.", ("count", "entries", "share")),
    Definition(
        "Sales",
        "Units at the stage that counts as the sale: the one with the role customer, else the last that brings money.",
        ("sales", "sales_change", "sales_share", "headroom_sales"),
    ),
    Definition("Conversion", "Units of a stage divided by those of the stage it comes from.", ("conversion",)),
    Definition(
        "Overall conversion",
        "Units of a stage, or sales, divided by the entries. 1:N says the same: one in N entries.",
        ("overall_conversion", "one_in", "overall"),
    ),
    Definition(
        "Interval",
        "Where the true rate lies, given these counts: Wilson's score interval; of differences, Newcombe's. "
        "Stated rates, and counts that are not whole, have none.",
        ("interval",),
    ),
    Definition("Drop-off", "Units of the stage before that did not come further.", ("drop_off",)),
    Definition("% of all losses", "A step's drop-off divided by the drop-offs of all steps.", ("loss_share",)),
    Definition("Average check", "Money brought by one unit that reaches a stage.", ("average_check", "average check")),
    Definition("Revenue", "The sum over the stages of units times average check.", ("revenue", "revenue_change")),
    Definition("Value per unit", "Revenue divided by the units of a stage.", ("value_per", "value per entry")),
    Definition("Cost per unit", "Budget divided by the units of a stage.", ("cost_per",)),
    Definition("CPM", "Cost per thousand impressions.", ("called", "cpm")),
    Definition("CPC, CPL, CAC", "Cost per click, per lead, and per new customer.", ("called", "cpc", "cpl", "cac")),
    Definition("RPM", "Revenue per thousand impressions.", ("rpm",)),
    Definition("Variable cost", "The sum over the stages of units times the cost of one.", ("variable cost",)),
    Definition(
        "Gross profit",
        "Revenue times gross margin, less the variable cost; a margin that is not given counts as 100%.",
        ("gross_profit", "gross profit"),
    ),
    Definition("Budget", "Fixed spend of the period.", ("budget",)),
    Definition("Profit", "Gross profit less the budget.", ("profit", "profit_change")),
    Definition("ROAS", "Return on ad spend: revenue divided by the budget.", ("roas",)),
    Definition("ROMI", "Return on marketing investment: profit divided by the budget.", ("romi",)),
    Definition(
        "Unit margin",
        "What one more sale leaves: average check times gross margin, less the variable cost spent per sale. "
        "Where it is below 0 at every stage that brings money, no conversion makes it pay.",
        ("unit_margin", "unit margin"),
    ),
    Definition("LTV", "Lifetime value: gross profit per customer, from the customer stage on.", ("ltv", "ltv_to_cac")),
    Definition("Break-even", "The value of one figure, the others as they are, at which the profit is 0.", ("even",)),
    Definition(
        "Referral multiplier",
        "How many units one new unit makes in the end, with those it brings: 1 / (1 − k).",
        ("referral multiplier",),
    ),
    Definition("Target", "The conversion that is aimed at.", ("target",)),
    Definition("Headroom", "What closing the gap to the target would bring.", ("headroom_sales", "headroom_revenue")),
    Definition(
        "Chance of the weakest",
        "How likely it is, given these counts, that the step really has the lowest conversion, or the most to gain.",
        ("chance_weakest",),
    ),
    Definition("pp", "Percentage points: the difference of two rates.", ("difference", "revenue_per_point")),
    Definition(
        "p (Holm)",
        "How often chance alone would bring a difference this large, corrected for the number of steps tested.",
        ("p_value_holm",),
    ),
    Definition(
        "What moved it",
        "The change split exactly into entries, conversions and average checks, by the logarithmic mean (LMDI).",
        ("amount",),
    ),
    Definition("Time", "Mean time from the stage before.", ("days",)),
)


def used(shown: set[str]) -> list[Definition]:
    """The definitions of what is shown, in their order."""
    return [each for each in DEFINITIONS if not shown.isdisjoint(each.shown_as)]
