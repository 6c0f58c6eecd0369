"""What a file asks of a funnel: changes of its figures, named scenarios of them, and checks of limits."""

import operator
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from funnelcli.exact import Exact

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.diagnostics import Location
    from funnelcli.metrics import Selector

Operator: TypeAlias = Literal[">=", "<=", ">", "<", "=="]
"""How a figure is held against the limit of a check."""
OPERATORS: "dict[Operator, Callable[[Exact, Exact], bool]]" = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}
UnitOfTime: TypeAlias = Literal["days", "weeks", "months", "quarters", "years", "periods"]
"""What the promise of a check without a limit is counted in."""
BASELINE = "baseline"
"""The name of the funnel as it is, beside its scenarios."""


class Change(NamedTuple):
    """A change of one figure: it becomes figure x `factor` + `shift`; `text` is what was written.

    `+20%` is x 6/5, `-2pp` is x 1 - 1/50. A figure that is set has the factor `None`: it becomes the `shift`, whatever
    it was, also where it was undefined, which no other change mends.
    """

    factor: Exact | None
    shift: Exact
    text: str

    @property
    def sets(self) -> bool:
        """Whether the change gives the figure itself."""
        return self.factor is None

    def of(self, value: Exact | None) -> Exact | None:
        """The figure after the change; `None` while it is undefined."""
        if self.factor is None or value is None:
            return self.shift if self.factor is None else None
        return value * self.factor + self.shift

    def then(self, other: "Change") -> "Change":
        """The change that does what this one and then the other one do; it has no text."""
        if other.factor is None:
            return other._replace(text="")
        factor = None if self.factor is None else self.factor * other.factor
        return Change(factor, self.shift * other.factor + other.shift, "")


class Scenario(NamedTuple):
    """A named what-if: changes of selected figures."""

    name: str
    changes: "tuple[tuple[Selector, Change], ...]"
    location: "Location | None" = None


class BaselineLimit(NamedTuple):
    """A limit that follows a baseline funnel: its own figure, or that figure after a change."""

    change: Change | None = None


class Check(NamedTuple):
    """A limit on a figure: `selector operator limit`, optionally with a confidence (a fraction of 1).

    The confidence is of one look at the counts, or of `every_look` together at counts that grow. `now` is the figure
    that the limit of a goal was a change of.
    """

    selector: "Selector"
    operator: Operator
    limit: Exact | BaselineLimit
    confidence: Exact | None
    text: str
    location: "Location | None" = None
    every_look: bool = False
    now: Exact | None = None


class UsualCheck(NamedTuple):
    """A check without a limit: the newest period is held against those before it, and is below, within or above usual.

    It promises one false alarm in so many `unit`s; the fewer, the sooner a fall is found. `None` is the default. With
    the `operator` >= only what is below usual fails, with <= only what is above it; `None` is within.
    """

    selector: "Selector"
    text: str
    false_alarm_in: Exact | None = None
    unit: UnitOfTime | None = None
    location: "Location | None" = None
    operator: Literal[">=", "<="] | None = None

    @property
    def side(self) -> int:
        """The side that fails: -1 is below, 1 above, 0 both."""
        return {">=": -1, "<=": 1, None: 0}[self.operator]


AnyCheck: TypeAlias = Check | UsualCheck
"""What stands in a file's list of checks."""
