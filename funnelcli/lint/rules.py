"""The registry of rules, and what a rule is.

A rule is a module with `CODE`, `CAUSE`, `EXAMPLE`, `CURE`, `FIXED` (the example mended) and `find(funnel, written)`,
which yields where a warning stands and what it says. A place is a path of keys and indices in the document;
`written(path)` is the text of the scalar at a path, `None` where there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from funnelcli.lint import (
    endless_referral,
    few_units,
    idle_check,
    idle_key,
    idle_scenario,
    lossless_stage,
    missing_currency,
    percentages,
    sale_in_doubt,
    uneven_breakdown,
    uneven_budgets,
    unordered_periods,
    unreachable_target,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.diagnostics import Problem
    from funnelcli.model import Funnel

    Path: TypeAlias = tuple[str | int, ...]
    Written: TypeAlias = Callable[[Path], str | None]
    Remarks: TypeAlias = Iterator[tuple[Path, Problem]]


class Rule(Protocol):
    """What a module of a rule has."""

    CODE: str
    CAUSE: str
    EXAMPLE: str
    CURE: str
    FIXED: str

    def find(self, funnel: Funnel, written: Written) -> Remarks:
        """The warnings about one funnel."""


RULES: tuple[Rule, ...] = (
    uneven_breakdown,
    unreachable_target,
    idle_scenario,
    lossless_stage,
    missing_currency,
    idle_check,
    few_units,
    idle_key,
    endless_referral,
    uneven_budgets,
    percentages,
    unordered_periods,
    sale_in_doubt,
)
"""Every rule, in the order of the codes. A new one is a module and a line here."""
