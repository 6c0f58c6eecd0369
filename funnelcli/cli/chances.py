"""What commands that draw at random share: the goal, the number of draws and their seed, and progress on stderr."""

import sys
import time
from collections.abc import Callable
from typing import Annotated

import typer

from funnelcli.analyses.goal_from_now import from_now
from funnelcli.cli import console
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import Given, option
from funnelcli.cli.run import Unfit, needed
from funnelcli.diagnostics import Problem, joined
from funnelcli.funnel_file.changes import goal as read_goal
from funnelcli.model import Funnel
from funnelcli.stats.sampling import FEWEST_DRAWS, MOST_DRAWS
from funnelcli.what_if import BaselineLimit, Check

GoalText = Annotated[
    Given, option("LIMIT", "The goal as a limit on a figure, e.g. 'revenue >= 400000'.", candidates.limits)
]
Revenue = Annotated[Given, option("MONEY", "The goal: this revenue or more.")]
Profit = Annotated[Given, option("MONEY", "The goal: this profit or more.")]
Sales = Annotated[Given, option("COUNT", "The goal: this many sales or more.")]
Draws = Annotated[int, typer.Option("--draws", metavar="N", min=FEWEST_DRAWS, max=MOST_DRAWS, help="How many draws.")]
Seed = Annotated[
    int, typer.Option("--seed", metavar="S", min=0, help="Another seed, other draws; the same seed, the same figures.")
]
QUIET_SECONDS = 1.0
"""How long a command may take before it says how far it is."""


def one_goal(goal: Given, **short: Given) -> Given:
    """The one goal that is asked for, as text, of `--goal` and its short forms by metric; several are refused."""
    texts = [f"{metric} >= {text.strip()}" for metric, text in short.items() if text is not None]
    texts += [] if goal is None else [goal]
    if len(texts) > 1:
        raise console.Refused(
            "several goals are given", f"give one of {joined([f'--{name}' for name in (*short, 'goal')])}"
        )
    return texts[0] if texts else None


def goal_of(text: Given, funnel: Funnel, metrics: tuple[str, ...]) -> Check | None:
    """The goal that is asked for: a limit on one of the metrics, as `check` writes them, or a change from now."""
    if text is None:
        return None
    goal = needed(read_goal(text, funnel.names, funnel.currency))
    if goal.selector.stage is not None or goal.selector.metric.name not in metrics:
        raise Unfit(Problem("FN117", f"{goal.selector} is no goal here", f"set one for {', '.join(metrics)}"))
    goal = needed(from_now(funnel, goal))
    if isinstance(goal.limit, BaselineLimit):
        raise Unfit(Problem("FN117", "a goal here is a value, and follows nothing", "write the value"))
    if goal.operator == "==":
        raise Unfit(Problem("FN117", "no amount is reached exactly", "write >= or <="))
    return goal


def progress() -> Callable[[int, int], None] | None:
    """A teller of how many draws are made, on one line of the terminal that stderr is; `None` where it is none."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    begun = time.monotonic()
    shown = 0

    def tell(done: int, wanted: int) -> None:
        nonlocal shown
        if done < wanted and time.monotonic() - begun >= QUIET_SECONDS:
            line = f"{done:,} of {wanted:,} draws"
            console.say(f"\r{line}")
            shown = len(line)
        elif shown:
            console.say("\r" + " " * shown + "\r")

    return tell
