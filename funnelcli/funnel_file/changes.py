"""Text to changes and checks: `+20%`, `x1.6`, `conversion@Paid >= 45%`. Their numbers are read by `scalars`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from funnelcli.diagnostics import Problem, Replacement, quoted
from funnelcli.exact import Exact, reduced
from funnelcli.funnel_file.scalars import SURELY_PERCENT, exact, figure, rate
from funnelcli.funnel_file.yaml.plain import is_number
from funnelcli.metrics import Metric, Selector, parse_changeable, parse_selector
from funnelcli.what_if import BASELINE, BaselineLimit, Change, Check

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.model import Funnel
    from funnelcli.what_if import AnyCheck, Operator

LONGEST_CHECK = 1000
_CHANGE_FORMS = (
    "+20% or -5% (relative), +10pp (points of a rate), x1.6 (factor), +500 (counts and money), or a bare value"
)


def change(written: str, metric: Metric, currency: str | None = None) -> Change | Problem:
    """A change of a metric: `+20%`, `-2pp`, `x1.6`, `+500`, or a bare value that sets it.

    `currency` is the funnel's: it tells how many decimals money has.
    """
    outcome = _change(written, metric, currency)
    if isinstance(outcome, Problem) and outcome.code != "FN210":
        from funnelcli.funnel_file import meant_figures

        other = meant_figures.change(written, lambda text: _change(text, metric, currency))
        if other:
            meant = Replacement((other,), doubt=not meant_figures.says_the_same(written, other))
            return outcome._replace(help=meant.help, meant=meant)
    return outcome


def _change(written: str, metric: Metric, currency: str | None) -> Change | Problem:
    unknown = Problem("FN116", f"{quoted(written)} is not a change of {metric.name}", f"write {_CHANGE_FORMS}")
    if written[:1] == "x":
        factor = unknown if written[1:2] in ("+", "-") else _amount(written[1:], unknown)
        return factor if isinstance(factor, Problem) else Change(factor, 0, written)
    if written[:1] not in ("+", "-"):
        value = figure(written, metric.kind, currency)
        if isinstance(value, Problem):
            return unknown if value.code == "FN103" else value
        return Change(None, value, written)
    if written.endswith("%"):
        amount = _amount(written[:-1], unknown)
        return amount if isinstance(amount, Problem) else Change(reduced(1 + Fraction(amount, 100)), 0, written)
    if written.endswith("pp"):
        if metric.kind != "rate":
            return Problem(
                "FN116",
                f"{quoted(written)}: points change a rate, and {metric.name} is {_a(metric.kind)}",
                "write +10% or a value",
            )
        amount = _amount(written[:-2], unknown)
        return amount if isinstance(amount, Problem) else Change(1, reduced(Fraction(amount, 100)), written)
    if metric.kind not in ("count", "money"):
        points = written if is_number(written) else "+10"
        return Problem(
            "FN116",
            f"{quoted(written)}: a plain + or - adds to counts and money, and {metric.name} is {_a(metric.kind)}",
            f"write {points}pp for points, or {points}% for a relative change"
            if metric.kind == "rate"
            else f"write {points}% or a value",
        )
    value = figure(written, metric.kind, currency)
    if isinstance(value, Problem) and value.code == "FN212":
        return value
    amount = _amount(written, unknown)
    return amount if isinstance(amount, Problem) else Change(1, amount, written)


def parse_set(text: str, funnel: Funnel) -> tuple[Selector, Change] | Problem:
    """`SELECTOR=CHANGE` of `--set`, for a funnel."""
    written, equals, change_text = text.rpartition("=")
    if not equals:
        return Problem(
            "FN116", f"{quoted(text)} is not a change", "write --set SELECTOR=CHANGE, e.g. --set conversion@Paid=+10pp"
        )
    selector = changeable(written, funnel.names)
    if isinstance(selector, Problem):
        return selector
    moved = change(change_text.strip(), selector.metric, funnel.currency)
    return moved if isinstance(moved, Problem) else (selector, moved)


def changeable(written: str, stages: Sequence[str]) -> Selector | Problem:
    """A figure that a scenario can change; one in other words is a problem that says how it is written."""
    selector = parse_changeable(written, stages)
    if isinstance(selector, Problem) and selector.code == "FN115":
        from funnelcli.funnel_file import meant_figures

        other = meant_figures.selector(written, stages)
        if other and not isinstance(parse_changeable(other, stages), Problem):
            return selector._replace(help=f"write {other}")
    return selector


def change_of(metric: Metric, currency: str | None) -> Callable[[str, bool], Change | Problem]:
    """The parser of changes of one metric."""
    return lambda written, plain: change(written, metric, currency)


def _amount(digits: str, unknown: Problem) -> Exact | Problem:
    amount = exact(digits, "a number", "1.6")
    return unknown if isinstance(amount, Problem) and amount.code in ("FN102", "FN103") else amount


def _a(kind: str) -> str:
    return {"count": "a count", "money": "money", "rate": "a rate"}.get(kind, "a number")


_CHECK = (
    r"(?P<selector>.+?)(?<!\s)\s*+(?<![=<>!~])(?P<operator>>=|<=|==|>|<)\s*+(?P<limit>[^<>=\s]++(?:\s++[^<>=\s]++)*?)"
    r"(?:\s++with\s++(?P<confidence>\S++)\s++confidence(?P<looks>\s*+,\s*+at\s++every\s++look)?)?"
)


def _no_check(written: str, stages: Sequence[str]) -> Problem:
    """That a text is no check, and how one is written, in the words of the one at hand as far as they go."""
    said = f"{quoted(written)} is not a check"
    single = re.fullmatch(r"([^<>=≥≤]+?)\s*=\s*([^<>=≥≤\s][^<>=≥≤]*)", written[:LONGEST_CHECK])
    if single:
        forms = tuple(f"{single[1]} {sign} {single[2]}" for sign in ("==", ">="))
        return Problem("FN117", said, "; or ".join(f"write {form}" for form in forms), meant=Replacement(forms))
    example = f", e.g. conversion@{stages[-1]} >= 5%" if stages else ""
    return Problem("FN117", said, f"write a figure, then >=, <=, >, < or ==, then the limit{example}")


def check(
    written: str, stages: Sequence[str], currency: str | None = None, *, grows: bool = False
) -> AnyCheck | Problem:
    """A limit, or `SELECTOR within usual`, which needs none; `>= usual` and `<= usual` are of one side.

    `currency` is the funnel's: it tells how many decimals money has. Where a stage of it `grows`, rates may pass 100%.
    """
    if "usual" in written.casefold():
        from funnelcli.funnel_file import usual_checks  # which few files have

        found = usual_checks.parse(written, stages)
        if found is not None:
            return found
    return limit(written, stages, currency, grows=grows)


def limit(written: str, stages: Sequence[str], currency: str | None = None, *, grows: bool = False) -> Check | Problem:
    """A limit: `SELECTOR OP VALUE`, optionally `with 95% confidence` or `with 95% confidence, at every look`.

    A value may be `baseline` or `baseline - 2pp`.
    """
    outcome = _check(written, stages, currency)
    if not isinstance(outcome, Problem) or (outcome.meant is not None and len(outcome.meant.forms) > 1):
        return outcome
    from funnelcli.funnel_file import meant_figures

    other = meant_figures.check(written, stages, lambda text: _check(text, stages, currency))
    if not other:
        return outcome
    first, *others = other
    meant = Replacement((first,), "".join(f", and {each} in an item of its own" for each in others))
    read = _check(first, stages, currency)
    share = isinstance(read, Check) and read.selector.metric.bounds[grows][1] == 1
    doubt = not meant_figures.says_the_same(written, first, above=1 if share else SURELY_PERCENT)
    return outcome._replace(help=meant.help, meant=None if others else meant._replace(doubt=doubt))


def _check(written: str, stages: Sequence[str], currency: str | None) -> Check | Problem:
    match = re.fullmatch(_CHECK, written.strip()) if len(written) <= LONGEST_CHECK else None
    if match is None:
        return _no_check(written, stages)
    selector = parse_selector(match["selector"], stages)
    if isinstance(selector, Problem):
        return selector
    if " with " in match["limit"]:
        return Problem(
            "FN117",
            f"{quoted(written)} is not a check",
            'end it with "with 95% confidence" or "with 95% confidence, at every look", or leave that out',
        )
    value = _limit(match["limit"], selector.metric, currency)
    if isinstance(value, Problem):
        return value
    if match["confidence"] and match["operator"] == "==":
        return Problem(
            "FN117", "an interval is never equal to one value", 'leave out "with … confidence", or write >= or <='
        )
    confidence = _confidence(match["confidence"], selector) if match["confidence"] else None
    if isinstance(confidence, Problem):
        return confidence
    return Check(
        selector, cast("Operator", match["operator"]), value, confidence, written, every_look=match["looks"] is not None
    )


_FROM_NOW = {
    "count": r"[+]\S.*|-\S+%|x\S+",
    "money": r"[+]\S.*|-\S+%|x\S+",
    "rate": r"[+-]\S+pp|x\S+",
    "number": r"x\S+",
}
"""What is a change from now, by the kind of a figure; all else is a value, as a result may be negative."""


def goal(written: str, stages: Sequence[str], currency: str | None = None) -> Check | Problem:
    """A goal has the form of a check, whose value may also be a change from now: `revenue >= +20%`, `profit >= +5000`.

    The limit of such a one follows the funnel as it is, as a baseline.
    """
    if "usual" in written.casefold():
        from funnelcli.funnel_file import usual_checks

        usual = usual_checks.parse(written, stages)
        if usual is not None:
            return _no_figure(written, usual)
    outcome = _goal(written, stages, currency)
    if isinstance(outcome, Problem) and outcome.message.endswith("is not a check"):
        help_ = "write a figure, >= or <=, and its value, e.g. revenue >= 400000"
        return Problem(outcome.code, f"{quoted(written)} is not a goal", help_)
    return outcome


def _no_figure(written: str, usual: AnyCheck | Problem) -> Problem:
    """That a goal needs a value, of one that asks for what is usual, with the check that does so."""
    from shlex import quote

    form = usual.meant.forms[0] if isinstance(usual, Problem) and usual.meant else written.strip()
    known = not isinstance(usual, Problem) or usual.meant is not None
    help_ = "write a value in its place"
    help_ += f"; what is usual is asked by a check: funnelcli check FILE --check {quote(form)}" if known else ""
    return Problem("FN117", f"{quoted(written)} is not a goal: what is usual is no value to reach", help_)


def _goal(written: str, stages: Sequence[str], currency: str | None) -> Check | Problem:
    match = re.fullmatch(_CHECK, written.strip()) if len(written) <= LONGEST_CHECK else None
    selector = None if match is None else parse_selector(match["selector"], stages)
    if match is None or not isinstance(selector, Selector):
        return limit(written, stages, currency)
    if match["confidence"] or not re.fullmatch(_FROM_NOW.get(selector.metric.kind, "x\\S+"), match["limit"]):
        return limit(written, stages, currency)
    moved = change(match["limit"], selector.metric, currency)
    if isinstance(moved, Problem):
        return moved
    return Check(selector, cast("Operator", match["operator"]), BaselineLimit(moved), None, written)


def _confidence(written: str, selector: Selector) -> Exact | Problem:
    """The confidence of a check, a fraction of 1; only conversions have one."""
    value = rate(written)
    if isinstance(value, Problem):
        return value
    if not 0 < float(value) < 1:
        return Problem("FN117", f"a confidence of {written} is impossible", "write 90%, 95% or 99%")
    if not selector.metric.has_interval:
        return Problem(
            "FN117", f"{selector} has no confidence: only conversions have an interval", 'leave out "with … confidence"'
        )
    return value


def _limit(written: str, metric: Metric, currency: str | None) -> Exact | BaselineLimit | Problem:
    """The value of a check; unlike a file's own figures, a limit on a result may be negative (a loss, a growth)."""
    if written.startswith(BASELINE):
        return _baseline_limit(written.removeprefix(BASELINE).strip(), metric, currency)
    sign = -1 if written.startswith("-") else 1
    value = figure(written.removeprefix("-"), metric.kind, currency)
    return value if isinstance(value, Problem) else sign * value


def _baseline_limit(written: str, metric: Metric, currency: str | None) -> BaselineLimit | Problem:
    """What stands after `baseline`: nothing, or a change of its figure such as `- 2pp`."""
    if not written:
        return BaselineLimit()
    if written[0] not in "+-":
        return Problem(
            "FN117", f"{quoted(written)} does not follow a baseline", "write baseline, baseline - 2pp or baseline - 5%"
        )
    moved = change(written[0] + written[1:].strip(), metric, currency)
    return moved if isinstance(moved, Problem) else BaselineLimit(moved)
