"""The one table of metrics: figures that can be named, as `metric` or `metric@Stage`, in scenarios, checks and goals.

Selectors, completion, goals, the bounds of checks, the definitions in a page and the manual's table come from its
rows; values are in `analyses.figures`, which has one for every row.
"""

import unicodedata
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from funnelcli.diagnostics import Problem, did_you_mean, quoted

Kind: TypeAlias = Literal["count", "rate", "money", "number", "duration"]
"""What a figure is; a duration is in days."""
Purpose: TypeAlias = Literal["given", "lever", "result", "aim and lever"]
"""What a figure is for: a lever can be changed and a result aimed at; what is only given, neither."""
Need: TypeAlias = Literal[
    "step",
    "decided",
    "followed",
    "units",
    "entries",
    "chain",
    "income",
    "one income",
    "costs",
    "budget",
    "told spending",
]
"""What a figure is undefined without; `analyses.figures` says in words what is lacking."""
Bounds: TypeAlias = tuple[tuple[int | None, int | None], tuple[int | None, int | None]]
"""The lowest and the highest value that a figure can have, `None` without a bound: as long as no stage has more units
than the one it comes from, and where one may."""

POSITIVE: Bounds = (0, None), (0, None)
SHARE: Bounds = (0, 1), (0, None)
ONE_IN: Bounds = (1, None), (0, None)
LOSS: Bounds = (0, None), (None, None)
LOSS_SHARE: Bounds = (0, 1), (None, None)
ANY: Bounds = (None, None), (None, None)


class Metric(NamedTuple):
    """A figure that can be selected.

    `at` says where it stands. `part` has no default: whether a figure is given or computed decides whether it can be
    aimed at. `needs` are asked in their order. `meaning` is a sentence for people, under `term` in a page's
    definitions.
    """

    name: str
    kind: Kind
    at: Literal["funnel", "stage", "either"]
    part: Purpose
    meaning: str
    needs: tuple[Need, ...] = ()
    bounds: Bounds = POSITIVE
    term: str | None = None

    @property
    def changeable(self) -> bool:
        """Whether a scenario can change it."""
        return self.part.endswith("lever")

    @property
    def has_interval(self) -> bool:
        """Whether whole counts tell between what its true value lies, so that a check can ask for a confidence."""
        return self.name in ("conversion", "conversion_decided", "conversion_eventual", "overall_conversion")

    @property
    def is_goal(self) -> bool:
        """Whether it can be aimed at: it is a result, or a count that what lies before it brings."""
        return self.part in ("result", "aim and lever")


# fmt: off
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("entries", "count", "funnel", "aim and lever",
               term="Entries", meaning="How many came in, in the period: the count of the first stage."),
        Metric("sales", "count", "funnel", "result",
               term="Sales", meaning="The count of the stage that is the sale: the one with the role customer, else "
                                     "the last that brings money."),
        Metric("count", "count", "stage", "aim and lever",
               meaning="How many reached a stage."),
        Metric("conversion", "rate", "stage", "lever", needs=("step",), bounds=SHARE,
               term="Conversion", meaning="Count of a stage divided by that of the stage it comes from."),
        Metric("conversion_decided", "rate", "stage", "given", needs=("step", "decided"), bounds=SHARE,
               term="Conversion of the decided",
               meaning="Count of a stage divided by that of the stage it comes from, without those that are still "
                       "open there: they count neither as gone on nor as lost."),
        Metric("conversion_eventual", "rate", "either", "given", needs=("step", "followed"), bounds=SHARE,
               term="Conversion in the end",
               meaning="The conversion that is expected when the windows of all measured entries are over "
                       "(Kaplan-Meier); of a stage, from the one it comes from, else of the entries to the sale."),
        Metric("overall_conversion", "rate", "either", "aim and lever", needs=("entries",), bounds=SHARE,
               term="Overall conversion",
               meaning="Count of a stage, or sales, divided by the entries. 1:N says the same: one in N entries. It "
                       "can be changed where it is one step."),
        Metric("one_in", "number", "either", "result", needs=("units",), bounds=ONE_IN,
               meaning="Entries divided by the count of a stage, or by the sales."),
        Metric("drop_off", "count", "stage", "result", needs=("step",), bounds=LOSS,
               term="Drop-off", meaning="Those of the stage before that did not come further."),
        Metric("drop_off_rate", "rate", "stage", "result", needs=("step",), bounds=LOSS_SHARE,
               meaning="The drop-off divided by the count of the stage before."),
        Metric("loss_share", "rate", "stage", "result", needs=("chain",), bounds=LOSS_SHARE,
               term="% of all losses", meaning="A step's drop-off divided by the drop-offs of all steps."),
        Metric("average_check", "money", "either", "lever", needs=("income", "one income"),
               term="Average check", meaning="Money that each brings that reaches a stage."),
        Metric("revenue", "money", "either", "result", needs=("income",),
               term="Revenue", meaning="The sum over the stages of count times average check."),
        Metric("value_per", "money", "stage", "result", needs=("income", "units"),
               term="Value of each", meaning="Revenue divided by the count of a stage."),
        Metric("value_per_entry", "money", "funnel", "result", needs=("income", "entries"),
               meaning="Revenue divided by the entries."),
        Metric("budget", "money", "funnel", "lever", needs=("told spending",),
               term="Budget", meaning="Fixed spend of the period."),
        Metric("gross_margin", "rate", "funnel", "lever", bounds=SHARE,
               meaning="What is left of the revenue after the cost of goods."),
        Metric("spend_elasticity", "number", "funnel", "lever",
               meaning="How many % more entries 1% more budget brings."),
        Metric("cost", "money", "stage", "lever",
               meaning="Money spent on each that reaches a stage."),
        Metric("cost_per", "money", "stage", "result", needs=("budget", "units"),
               term="Cost of each", meaning="Budget divided by the count of a stage."),
        Metric("variable_cost", "money", "funnel", "result",
               term="Variable cost", meaning="The sum over the stages of count times the cost of each."),
        Metric("gross_profit", "money", "funnel", "result", needs=("income", "costs"), bounds=ANY,
               term="Gross profit",
               meaning="Revenue times gross margin, less the variable cost; a margin that is not given counts as "
                       "100%."),
        Metric("profit", "money", "funnel", "result", needs=("income", "costs", "told spending"), bounds=ANY,
               term="Profit", meaning="Gross profit less the budget."),
        Metric("unit_margin", "money", "funnel", "result", needs=("income", "costs", "units"), bounds=ANY,
               term="Margin per sale",
               meaning="What one more sale leaves: average check times gross margin, less the variable cost spent "
                       "per sale. Where it is below 0 at every stage that brings money, no conversion makes it pay."),
        Metric("roas", "number", "funnel", "result", needs=("income", "budget"),
               term="ROAS", meaning="Return on ad spend: revenue divided by the budget."),
        Metric("romi", "rate", "funnel", "result", needs=("income", "budget"), bounds=ANY,
               term="ROMI", meaning="Return on marketing investment: profit divided by the budget."),
        Metric("days", "duration", "stage", "given",
               term="Time", meaning="Mean time from the stage before."),
        Metric("open", "count", "stage", "given",
               meaning="How many may still come further."),
    )
}
# fmt: on
"""The figures of the JSON contract that can be selected, by name."""


class Selector(NamedTuple):
    """A metric and, where it stands at a stage, that stage's name as the funnel spells it."""

    metric: Metric
    stage: str | None = None

    def __str__(self) -> str:
        """The form that is written in a file: `metric@Stage`."""
        return self.metric.name if self.stage is None else f"{self.metric.name}@{self.stage}"


def find_name(name: str, names: Sequence[str]) -> int | None:
    """Index of a name: exactly, then without case and Unicode form; `None` when unknown or when two fit equally."""
    if name in names:
        return names.index(name)
    wanted = fold(name)
    fits = [index for index, known in enumerate(names) if fold(known) == wanted]
    return fits[0] if len(fits) == 1 else None


def fold(name: str) -> str:
    """A name reduced to what a reader sees: normalised (NFKC), without case, white space at the ends or doubled."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def parse_selector(text: str, stages: Sequence[str]) -> Selector | Problem:
    """`metric` or `metric@Stage` to a `Selector`, checked against the funnel's stage names."""
    name, at, stage = text.partition("@")
    name, stage = name.strip(), stage.strip()
    metric = METRICS.get(name)
    if metric is None:
        known = None if at else find_name(name, stages)
        if known is not None:
            help_ = f"write count@{stages[known]} or {'conversion@' + stages[known] if known else 'entries'}"
            return Problem("FN115", f"{quoted(name)} is a stage", help_)
        return Problem("FN115", f"unknown metric {quoted(name)}", did_you_mean(name, METRICS))
    if not at:
        if metric.at == "stage":
            return Problem(
                "FN115", f"{quoted(name)} needs a stage", f"write {name}@{stages[-1] if stages else 'Stage'}"
            )
        return Selector(metric)
    if metric.at == "funnel":
        return Problem("FN115", f"{quoted(name)} belongs to the whole funnel, not to a stage", f"write {name}")
    index = find_name(stage, stages)
    if index is None:
        return Problem("FN112", f"unknown stage {quoted(stage)}", did_you_mean(stage, stages))
    return Selector(metric, stages[index])


def parse_changeable(text: str, stages: Sequence[str]) -> Selector | Problem:
    """A selector of a figure that a scenario can change, and not of a result."""
    selector = parse_selector(text, stages)
    known = find_name(text.strip(), stages) if isinstance(selector, Problem) else None
    if isinstance(selector, Problem) and known is not None and "@" not in text:
        return selector._replace(help=f"write {'conversion@' + stages[known] if known else 'entries'}")
    if isinstance(selector, Problem) or selector.metric.changeable:
        return selector
    changeable = ", ".join(metric.name for metric in METRICS.values() if metric.changeable)
    return Problem("FN115", f"{selector} is a result and cannot be changed", f"change one of: {changeable}")
