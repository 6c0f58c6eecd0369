"""What the stages of a funnel say together: counts out of conversions, and which of them cannot be true.

Shared by funnel files and by funnels typed on the command line, so that both are held to the same rules.
"""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Problem, decimal_text, joined, quoted
from funnelcli.exact import LARGEST_NUMBER, reduced
from funnelcli.model import RateRange, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from funnelcli.exact import Exact

    Report = Callable[[Any, str, str, str], None]  # a node, a code, a message and the help


class Level:
    """A stage as it was written: its name, its values by key, and its nodes.

    `at` is where its name stands and `nodes` where the values of its keys do. `parent` is `None` for the first stage,
    and where the stage it comes from cannot be told.
    """

    __slots__ = ("at", "excused", "name", "nodes", "parent", "values")

    def __init__(self, name: str, at: Any, values: dict[str, Any], nodes: dict[str, tuple[Any, Any]]) -> None:
        self.name = name
        self.at = at
        self.values = values
        self.nodes = nodes
        self.parent: int | None = None
        self.excused = False  # that its count is missing has been said by what stands in its place

    def node(self, key: str) -> Any:
        """Where the value of a key stands; the stage's name where that cannot be told."""
        return self.nodes[key][1] if key in self.nodes else self.at

    @property
    def may_grow(self) -> bool:
        """Whether growth is allowed, or may be: an unreadable `allow_growth` is complaint enough."""
        return bool(self.values.get("allow_growth", "allow_growth" in self.nodes))

    def stage(self) -> Stage:
        """The stage of the model, when its count is known."""
        return Stage(self.name, self.parent, **self.values)


MOST_NAMED = 12
"""Stages that one message names."""
MOST_DIGITS = 600
"""Digits of the common denominator of all counts: enough for 150 stated conversions with two decimals of a percent."""
_LARGEST_DENOMINATOR = 10**MOST_DIGITS


def without_history(levels: list[Level]) -> bool:
    """Whether this is a pipeline of today: no stage has a count, and each with open units states their close chance.

    The counts are then unknown.
    """
    if any({"count", "conversion"} & {*level.nodes, *level.values} for level in levels) or not _open(levels):
        return False
    if any("close_chance" not in level.values for level in _open(levels)):
        return False
    for level in levels:
        level.values |= {"count": 0, "unknown": True}
    return True


def _open(levels: list[Level]) -> list[Level]:
    return [level for level in levels if level.values.get("open")]


def resolve_counts(levels: list[Level], report: Report) -> bool:
    """Give every stage a count, its own or that of its stated conversion; `False` when one cannot be told."""
    common = 1
    lacking: list[Level] = []
    for index, level in enumerate(levels):
        values, nodes = level.values, level.nodes
        if "count" in values:
            if "conversion" in nodes:
                both = f"{quoted(level.name)} has both a count and a conversion"
                report(level.node("conversion"), "FN108", both, "keep one: the conversion follows from the counts")
        elif "conversion" in values and index:
            above = levels[level.parent].values.get("count") if level.parent is not None else None
            if above is not None:
                stated = values["conversion"]
                count = reduced(above * (stated.middle if isinstance(stated, RateRange) else stated))
                if count > LARGEST_NUMBER:
                    message = f"the count of {quoted(level.name)} would pass 1e18"
                    report(level.node("conversion"), "FN119", message, "check the conversion")
                    continue
                # exact numbers grow with each conversion, and without a bound so does the time of every figure
                common = lcm(common, count.denominator)
                if common > _LARGEST_DENOMINATOR:
                    many = f"the stated conversions make counts of more than {MOST_DIGITS} digits"
                    message = f"up to {quoted(level.name)}, {many}"
                    report(level.node("conversion"), "FN119", message, "round the conversions, or write counts")
                    return False
                values["count"] = count
        elif "count" not in nodes and (not index or "conversion" not in nodes):
            lacking.append(level)
    lacking = [level for level in lacking if level.name and not level.excused]  # without a name, that is said
    if lacking:
        # all of them at the first: what several stages lack is one thing that was forgotten
        message, help_ = _no_count(lacking, first=lacking[0] is levels[0], every=len(lacking) == len(levels))
        if len(lacking) == len(levels) and _open(levels):
            more = listed_names([level.name for level in _open(levels) if "close_chance" not in level.nodes])
            help_ += f"; or close_chance: at {more}, too, and forecast needs no counts" if more else ""
        report(lacking[0].at, "FN102", message, help_)
    return all("count" in level.values for level in levels)


def listed_names(names: Sequence[str]) -> str:
    """Names in a sentence, and how many more there are where they are many."""
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    return joined([*map(quoted, names[:MOST_NAMED]), *more])


def _no_count(lacking: list[Level], *, first: bool, every: bool) -> tuple[str, str]:
    """What is said of stages without a count, and the help."""
    listed, several = listed_names([other.name for other in lacking]), len(lacking) > 1
    each = "each of them" if several else "it"
    help_ = f"write count: and a number for {each}, or conversion: and a rate"
    if every:
        return f"no stage has a count: {listed}", f"{help_} for all but the first"
    if not first:
        return f"{listed} {'have' if several else 'has'} neither a count nor a conversion", help_
    if several:
        return f"{listed} have no counts", f"{help_} for all but the first"
    lack = "needs a count, not a conversion" if "conversion" in lacking[0].nodes else "has no count"
    return f"the first stage, {listed}, {lack}", "write count: and how many entered"


def check_flow(levels: list[Level], report: Report) -> None:
    """Report counts and rates that cannot be true together, wherever both sides are known."""
    roles: dict[str, Level] = {}
    growing: list[Level] = []
    undecided = False
    for level in levels:
        values, parent = level.values, level.parent
        above = None if parent is None else levels[parent].values.get("count")
        # most counts are smaller, and then nothing else need be asked
        if above is not None and values.get("count", 0) > above and "conversion" not in values and not level.may_grow:
            growing.append(level)
        if "conversion" in values or "revenue" in values:  # one of them has part in every contradiction
            for key, code, message, help_ in _contradictions(level):
                report(level.node(key), code, message, help_)
        if "open" in values or "lost_unplaced" in values:
            undecided = True
        role = values.get("role")
        if role is None:
            continue
        if role in roles:
            message = f"both {quoted(roles[role].name)} and {quoted(level.name)} have the role {role}"
            report(level.node("role"), "FN123", message, "keep it at one stage")
        else:
            roles[role] = level
    if len(growing) > 1 and len(growing) == len(levels) - 1:
        first, last = (
            f"{quoted(level.name)} ({decimal_text(level.values['count'])})" for level in (levels[0], levels[-1])
        )
        help_ = "write the stages in the order in which they are reached, the one with the largest count first"
        report(growing[0].node("count"), "FN104", f"the counts grow all the way from {first} to {last}", help_)
    else:
        for level in growing:
            report(level.node("count"), "FN104", *_growth(level, levels))
    if undecided:
        _check_open(levels, report)
        _check_unplaced(levels, report)


def _check_open(levels: list[Level], report: Report) -> None:
    """Report more open units at a stage than have not gone on."""
    gone: dict[int, Exact] = {}  # the most that have gone on to one stage, by the stage that they come from
    for level in levels:
        if level.parent is not None and _is_counted(level) and not level.may_grow:
            gone[level.parent] = max(gone.get(level.parent, 0), level.values["count"])
    for index, level in enumerate(levels):
        waiting = level.values.get("open")
        if waiting and _is_counted(level):
            problem = too_many_open(level, waiting, level.values["count"], gone.get(index, 0))
            if problem is not None:
                report(level.node("open"), problem.code, problem.message, problem.help or "")


def _check_unplaced(levels: list[Level], report: Report) -> None:
    """Units that were lost at no known stage are of the first one."""
    for index, level in enumerate(levels):
        lost = level.values.get("lost_unplaced")
        if lost is None:
            continue
        node, count = level.node("lost_unplaced"), level.values.get("count")
        if index:
            what = f"lost_unplaced is of the first stage, {quoted(levels[0].name)}"
            report(node, "FN108", what, "write it there")
        elif "count" in level.nodes and count is not None and lost > count:
            what = f"{decimal_text(lost)} cannot be lost: {decimal_text(count)} reached {quoted(level.name)}"
            report(node, "FN125", what, f"write {decimal_text(count)} or less")


def _is_counted(level: Level) -> bool:
    """Whether its count was counted, and not stated as a rate or left out."""
    return "count" in level.values and "conversion" not in level.values and not level.values.get("unknown")


def too_many_open(level: Level, waiting: int, count: Exact, gone: Exact, within: str = "") -> Problem | None:
    """What is wrong with more open units at a level than have not gone on, of a count; `within` names a segment."""
    if not 0 <= count - gone < waiting:
        return None
    of = f"{decimal_text(count)} reached it"
    of += f", and {decimal_text(gone)} of them have gone on" if gone else ""
    most = decimal_text(int(count - gone))
    message = f"{within}{decimal_text(waiting)} cannot be open at {quoted(level.name)}: {of}"
    help_ = f"open are those of the count that have not gone on: write {most} or less, or correct the counts"
    return Problem("FN125", message, help_)


def _growth(level: Level, levels: list[Level]) -> tuple[str, str]:
    """What is said of a stage with more units than the one it comes from, and the help."""
    above, count = levels[level.parent or 0], level.values["count"]
    enough = [each.name for each in levels[: level.parent] if (each.values.get("count") or 0) >= count]
    named = f" (from: {enough[-1]})" if enough else ""
    message = exceeds(level, count, above, above.values["count"])
    if level.at is level.nodes.get("count", (None,))[0]:  # a name and its count alone
        ways = f"from: {enough[-1]} or allow_growth: true" if enough else "allow_growth: true"
        return message, f"swap the two stages; or, if it is right, write the stages as a list, with {ways} at this one"
    return message, f"swap the stages, name another one with from{named}, or set allow_growth: true"


def exceeds(level: Level, count: Exact, above: Level, most: Exact) -> str:
    """What is said of a count that is larger than the one it comes from."""
    source = f"{quoted(above.name)} ({decimal_text(most)})"
    return f"stage {quoted(level.name)} ({decimal_text(count)}) exceeds the stage it comes from, {source}"


def _contradictions(level: Level) -> Iterator[tuple[str, str, str, str]]:
    """What the values of one stage say against each other: the key to point at, the code, the message, the help."""
    values, name = level.values, quoted(level.name)
    stated = values.get("conversion")
    highest = stated.high if isinstance(stated, RateRange) else stated
    if highest is not None and highest > 1 and not level.may_grow:
        help_ = "correct it, or set allow_growth: true"
        yield "conversion", "FN109", f"{name} has a conversion above 100%", help_
    if values.get("average_check") is not None and values.get("revenue") is not None:
        help_ = "keep one; the other follows from it"
        yield "revenue", "FN113", f"{name} has both an average_check and a revenue", help_
    if values.get("revenue") and values.get("count") == 0:
        yield "revenue", "FN122", f"{name} has revenue but a count of 0", "correct the count, or write average_check"
