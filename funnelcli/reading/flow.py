"""What the stages of a funnel say together: counts out of conversions, and which of them cannot be true.

Shared by funnel files and by funnels typed on the command line, so that both are held to the same rules.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Problem, quoted
from funnelcli.model import Exact, RateRange, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Report = Callable[[Problem, Any], None]


class Level:
    """A stage as it was written: its name, its values by key, and its nodes (`at`: the name, `item`: all of it)."""

    __slots__ = ("at", "broken", "item", "name", "parent", "values")

    def __init__(self, name: str, at: Any, values: dict[str, Any], item: Any = None) -> None:
        self.name = name
        self.at = at
        self.values = values
        self.item = item
        self.parent: int | None = None
        self.broken = False

    def node(self, key: str) -> Any:
        """Where the value of a key stands; the stage's name where that cannot be told."""
        return self.item.entries[key][1] if self.item is not None and key in self.item.entries else self.at

    def stage(self) -> Stage:
        """The stage of the model."""
        return Stage(self.name, self.parent, **self.values)


def resolve_counts(levels: list[Level], report: Report) -> bool:
    """Give every stage a count, from its own or from its stated conversion; `False` when one cannot be told."""
    sound = True
    for index, level in enumerate(levels):
        values = level.values
        count, stated = values.get("count"), values.get("conversion")
        if level.broken:
            sound = False
        elif count is not None and stated is not None:
            report(
                Problem(
                    "FN108",
                    f"{quoted(level.name)} has both a count and a conversion",
                    "keep one; the other follows from it",
                ),
                level.node("conversion"),
            )
            sound = False
        elif count is None and index == 0:
            if stated is not None:
                problem = Problem(
                    "FN102",
                    f"the first stage, {quoted(level.name)}, needs a count, not a conversion",
                    "write count: 360750",
                )
            else:
                problem = Problem(
                    "FN102", f"the first stage, {quoted(level.name)}, has no count", "write count: 360750"
                )
            report(problem, level.at)
            sound = False
        elif count is None and stated is None:
            report(
                Problem(
                    "FN102",
                    f"{quoted(level.name)} has neither a count nor a conversion",
                    "write count: 50, or conversion: 12%",
                ),
                level.at,
            )
            sound = False
        elif count is None and sound:
            above = levels[level.parent or 0].values["count"]
            rate = stated.middle if isinstance(stated, RateRange) else stated
            product = Fraction(above * rate)
            values["count"] = product.numerator if product.denominator == 1 else product
        if values.get("count") is None:
            values["count"] = 0
    return sound


def check_flow(levels: list[Level], report: Report) -> None:
    """Report counts and rates that cannot be true together."""
    roles: dict[str, Level] = {}
    for level in levels:
        values = level.values
        count: Exact = values["count"]
        above = None if level.parent is None else levels[level.parent]
        if above is not None and count > above.values["count"] and not values.get("allow_growth"):
            report(*_growth(level, above))
        if len(values) > 1:
            for problem, key in _contradictions(level):
                report(problem, level.node(key))
            role = values.get("role")
            if role in roles:
                report(
                    Problem(
                        "FN123",
                        f"both {quoted(roles[role].name)} and {quoted(level.name)} have the role {role}",
                        "keep it at one stage",
                    ),
                    level.node("role"),
                )
            elif role is not None:
                roles[role] = level


def _growth(level: Level, above: Level) -> tuple[Problem, Any]:
    """The problem of a stage with more units than the one it comes from, and where it stands."""
    if "conversion" in level.values:
        return (
            Problem(
                "FN109",
                f"{quoted(level.name)} has a conversion above 100%",
                "correct it, or set allow_growth: true",
            ),
            level.node("conversion"),
        )
    return (
        Problem(
            "FN104",
            f"stage {quoted(level.name)} ({shown(level.values['count'])}) exceeds the stage it comes from, "
            f"{quoted(above.name)} ({shown(above.values['count'])})",
            "swap the stages, name another one with from, or set allow_growth: true",
        ),
        level.node("count"),
    )


def _contradictions(level: Level) -> Iterator[tuple[Problem, str]]:
    """What the values of one stage say against each other, with the key to point at."""
    values = level.values
    stated = values.get("conversion")
    if isinstance(stated, RateRange) and stated.high > 1 and not values.get("allow_growth"):
        yield (
            Problem(
                "FN109",
                f"the range of {quoted(level.name)} reaches above 100%",
                "correct it, or set allow_growth: true",
            ),
            "conversion",
        )
    if values.get("average_check") is not None and values.get("revenue") is not None:
        yield (
            Problem(
                "FN113",
                f"{quoted(level.name)} has both an average_check and a revenue",
                "keep one; the other follows from it",
            ),
            "revenue",
        )
    if values.get("revenue") and not values["count"]:
        yield (
            Problem(
                "FN122", f"{quoted(level.name)} has revenue but no units", "correct the count, or write average_check"
            ),
            "revenue",
        )


def shown(value: Exact) -> str:
    """A count in a message, as a plain decimal."""
    return str(value) if isinstance(value, int) else f"{Decimal(value.numerator) / value.denominator:f}"
