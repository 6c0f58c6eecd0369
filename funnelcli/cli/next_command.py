"""Which command is useful after a report: one table of what follows what, asked on a terminal alone."""

from __future__ import annotations

import math
from shlex import quote
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.analyses.reference import aim_above
from funnelcli.cli.arguments import option_name, words_of
from funnelcli.funnel_file.typed import KEYS
from funnelcli.output.numbers import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.cli.request import Request

SELECTION = ("funnel", "segment", *KEYS)
"""Options that say of which funnel a report is; they go on to the next command."""


class Follow(NamedTuple):
    """A question, the command that answers it, and its options for a result; `None` where it does not fit that one.

    `second` is of two files, and reads the second, the first as a baseline; `last` reads the last file alone.
    """

    question: str
    command: str
    options: Callable[[Any], Sequence[str] | None] = lambda _: ()
    second: bool = False
    last: bool = False


def after(view: str, results: Sequence[Any], request: Request) -> tuple[str, str] | None:
    """The question that comes next, and the command to paste; of several funnels, one that fits the first of them.

    `None` where nothing can be asked again: of standard input, and of names that no line can hold.
    """
    files = request.files or []
    if "-" in files or not results:
        return None
    for follow in FOLLOWS.get(view, ()):
        options = follow.options(results[0])
        if options is None or (follow.second and len(files) != 2):
            continue
        read, options = ([files[1]], ["--baseline", files[0], *options]) if follow.second else (files, options)
        read = files[-1:] if follow.last else read
        funnels = [results[0].name] if len(results) > 1 and options and not request.funnel else request.funnel
        read = [*read, *words_of(request.stage or ())]
        words = ["funnelcli", follow.command, *read, *_selection(request._replace(funnel=funnels)), *options]
        return (follow.question, " ".join(map(quote, words))) if "".join(words).isprintable() else None
    return None


def _selection(request: Request) -> list[str]:
    """The options that choose the same funnel again."""
    found = []
    for name in SELECTION:
        given = getattr(request, name)
        for value in [given] if isinstance(given, str) else given or []:
            found += [option_name(name), value]
    return found


def _change(selector: str, to: str) -> list[str]:
    return ["--set", f"{selector}={to}"]


def _rate(rate: Any) -> str:
    return text(rate, "brief_rate")


def _to_its_target(result: Any) -> list[str] | None:
    """The step with the most to gain, at what it is held against."""
    named = next((step for step in result.steps if step.name == result.bottleneck), None)
    return None if named is None else _change(f"conversion@{named.name}", _rate(named.target))


def _somewhat_better(result: Any) -> list[str] | None:
    """The first step of the ranking, at its target where that is more, else somewhat better."""
    first = next((step for step in result.ranked if step.conversion_decided), None)
    if first is None:
        return None
    rate = first.conversion_decided
    aim = first.target if first.target and first.target > rate else aim_above(rate)
    return _change(f"conversion@{first.name}", _rate(aim))


def _to_the_best(report: Any) -> list[str] | None:
    return None if report.is_time else ["--against", f"best:{report.dimension}"]


def _as_much(report: Any) -> list[str] | None:
    """The revenue of a scenario, or its sales, as a goal."""
    last = report.projections[-1]
    metric = "sales" if last.revenue is None else "revenue"
    change, value = getattr(last, f"{metric}_change"), getattr(last, metric)
    return [f"--{metric}", str(math.ceil(value))] if change and change > 0 else None


def _goal(result: Any) -> list[str] | None:
    """The goal of a report as options, where it is one that several commands have."""
    goal = result.goal
    if goal is None or goal.metric not in ("sales", "revenue", "profit") or goal.operator != ">=":
        return None
    return [f"--{goal.metric}", text(goal.value, "amount").replace(",", "")]


def _sure_of_goal(result: Any) -> list[str] | None:
    goal = _goal(result)
    return None if goal is None else [*goal, "--chance", "80%"]


def _best_lever(result: Any) -> list[str] | None:
    first = next((lever for lever in result.levers if lever.high is not None), None)
    return None if first is None else _change(first.selector, result.effort.text)


def _by(result: Any) -> list[str] | None:
    return None if result.dimension is None else ["--by", result.dimension]


def _is_broken(change: Any) -> Sequence[str] | None:
    return () if getattr(change, "breaks", False) else None


def _newly_fails(change: Any) -> Sequence[str] | None:
    return () if getattr(change, "newly_failing", ()) else None


def _new_period(change: Any) -> Sequence[str] | None:
    """What `compare` has to say of a change: of figures that were corrected, chance is no question."""
    is_told = getattr(change, "comparison", None) is not None and not change.common and not change.is_renamed
    return () if is_told and change.basis == "new period" else None


_OF_SHOW: tuple[Follow, ...] = (
    Follow("What would reaching the target bring?", "scenario", lambda result: _to_its_target(result.verdict)),
    Follow(
        "Which step is worth the effort?",
        "bottleneck",
        lambda result: () if len(result.verdict.steps) > 1 else None,
    ),
    Follow("What would twice as many entries bring?", "scenario", lambda _: _change("entries", "x2")),
)
FOLLOWS: dict[str, tuple[Follow, ...]] = {
    "summary": _OF_SHOW,
    "summary_in_full": _OF_SHOW,
    "segments": (
        Follow("What would it bring to be as good as the best everywhere?", "bottleneck", _to_the_best),
        Follow("What changed from the first to the last?", "compare", _by),
    ),
    "crosstab": (
        Follow("Is any of them better by more than chance?", "show", lambda result: ["--by", result.row_dimension]),
    ),
    "bottleneck": (
        Follow("What would it bring, stage by stage?", "scenario", _to_its_target),
        Follow("What would a better step bring, stage by stage?", "scenario", _somewhat_better),
        Follow("Which change brings most?", "levers"),
    ),
    "scenario": (
        Follow("What else would bring as much?", "goal", _as_much),
        Follow("Which change brings most?", "levers"),
    ),
    "economics": (
        Follow(
            "What would it take to earn?",
            "goal",
            lambda result: ["--profit", "0"] if result.verdict == "loses" else None,
        ),
        Follow("How much of this is luck?", "simulate"),
    ),
    "comparison": (
        Follow("Where does the second fall behind the first?", "bottleneck", second=True),
        Follow("Which step is worth the effort?", "bottleneck"),
    ),
    "difference": (
        Follow("What is wrong with it?", "check", _is_broken, last=True),
        Follow("How do its checks stand?", "check", _newly_fails, last=True),
        Follow("How sure is that, step by step?", "compare", _new_period),
        Follow("What does the funnel look like now?", "show", last=True),
    ),
    "goal": (
        Follow("How likely is that as things are?", "simulate", _goal),
        Follow("Which change brings most?", "levers"),
    ),
    "experiment": (Follow("Is this the step to work on?", "bottleneck"),),
    "levers": (
        Follow("What would the first bring, stage by stage?", "scenario", _best_lever),
        Follow("Where do I lose people?", "show"),
    ),
    "segment_levers": (Follow("Where does each of them lose people?", "bottleneck", _by),),
    "sweep": (Follow("Which change brings most for the same effort?", "levers"),),
    "simulation": (
        Follow("What would reach it with a chance of 80%?", "goal", _sure_of_goal),
        Follow("Which change brings most?", "levers"),
    ),
    "forecast": (Follow("What would the next period bring?", "simulate", lambda result: _goal(result) or ()),),
}
"""By the view of a report, what may follow it: the first that fits."""
