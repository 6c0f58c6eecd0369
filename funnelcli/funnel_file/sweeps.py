"""Text of the command line to efforts and sweeps: `+10%`, `40%..70%/10`; numbers are read as everywhere else."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from funnelcli.analyses.sensitivity import Effort
from funnelcli.analyses.sweep import MOST_POINTS, Axis
from funnelcli.diagnostics import Problem, quoted
from funnelcli.exact import Exact, reduced
from funnelcli.funnel_file import changes
from funnelcli.funnel_file.scalars import exact, figure
from funnelcli.metrics import METRICS, parse_changeable

if TYPE_CHECKING:
    from funnelcli.metrics import Selector
    from funnelcli.model import Funnel

USUAL_STEPS = 7
_EXAMPLE = "conversion@Paid=40%..70%, with /10 for ten values or :5pp for steps of five points"


def effort(text: str) -> Effort | Problem:
    """`+10%` or `+1pp`."""
    written = text.strip()
    moved = changes.change(written, METRICS["conversion"])
    if not isinstance(moved, Problem) and written.startswith("+"):
        form, amount = ("points", moved.shift) if moved.shift else ("relative", (moved.factor or 0) - 1)
        if 0 < amount <= 1:
            return Effort(form, amount, written)
    return Problem("FN116", f"{quoted(text)} is not an effort", "write +10% or +1pp")


def axis(text: str, funnel: Funnel) -> Axis | Problem:
    """`SELECTOR=LOW..HIGH` of `--sweep`, with `/COUNT` of values (7 unless given) or `:STEP` between them."""
    written, equals, span = text.rpartition("=")
    low_text, dots, rest = span.partition("..")
    if not equals or not dots:
        return Problem("FN116", f"{quoted(text)} is not a sweep", f"write {_EXAMPLE}")
    selector = parse_changeable(written, funnel.names)
    if isinstance(selector, Problem):
        return selector
    high_text, colon, step_text = rest.partition(":")
    count_text = ""
    if not colon and not (selector.metric.kind == "rate" and _is_fraction(rest)):
        high_text, _, count_text = rest.rpartition("/") if "/" in rest else (rest, "", "")
    low, high = (figure(each.strip(), selector.metric.kind, funnel.currency) for each in (low_text, high_text))
    for outcome in (low, high):
        if isinstance(outcome, Problem):
            return outcome
    assert not isinstance(low, Problem)
    assert not isinstance(high, Problem)
    if low >= high:
        return Problem("FN116", f"{quoted(span)} does not grow", "write the smaller value first, e.g. 40%..70%")
    values = _by_step(selector, low, high, step_text) if colon else _by_count(low, high, count_text)
    return values if isinstance(values, Problem) else Axis(selector, values)


def _is_fraction(text: str) -> bool:
    """Whether the slash of `1/3` belongs to a rate, and is no number of values: that rate would be above 1."""
    above, slash, below = text.partition("/")
    return bool(slash) and above.isdecimal() and below.isdecimal() and int(above) <= int(below) < 10


def _by_count(low: Exact, high: Exact, text: str) -> tuple[Exact, ...] | Problem:
    number = int(text) if text.isdecimal() and len(text) < 6 else None
    if text and (number is None or not 2 <= number <= MOST_POINTS):
        return Problem("FN116", f"{quoted(text)} is not a number of values", f"write /2 to /{MOST_POINTS}")
    steps = (number or USUAL_STEPS) - 1
    return tuple(reduced(Fraction(low) + Fraction((high - low) * step, steps)) for step in range(steps + 1))


def _by_step(selector: Selector, low: Exact, high: Exact, text: str) -> tuple[Exact, ...] | Problem:
    points = selector.metric.kind == "rate"
    step = exact(text.strip().removesuffix("pp").strip(), "a step", "5pp" if points else "500")
    if isinstance(step, Problem):
        return step
    if points != text.strip().endswith("pp"):
        help_ = "write a rate's step in points, e.g. :5pp" if points else "write a plain number, e.g. :500"
        return Problem("FN116", f"{quoted(text)} is not a step of {selector}", help_)
    size = Fraction(step, 100) if points else Fraction(step)
    if size <= 0 or (high - low) / size >= MOST_POINTS:
        return Problem("FN116", f"{quoted(text)} is no step from one to the other", "choose a larger step above 0")
    return tuple(reduced(low + size * number) for number in range(int((high - low) / size) + 1))
