"""Values that are one figure or more of it: money with its spread, times by quantiles, open units, chances."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Problem, decimal_text, quoted
from funnelcli.exact import LARGEST_NUMBER, reduced
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.figures import percent_text
from funnelcli.funnel_file.moments import duration
from funnelcli.funnel_file.node_reader import Keys
from funnelcli.funnel_file.scalars import fine_money, money, share
from funnelcli.funnel_file.yaml.nodes import Mapping, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.exact import Exact
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node

_SPREAD = Keys(schema.SPREAD)
_QUANTILES = Keys(schema.QUANTILES)
_CHANCE = Keys(schema.CHANCE)


def fields(reader: NodeReader, mapping: Mapping, keys: Keys) -> tuple[dict[str, Any], dict[str, Node]]:
    """Known keys of a mapping, with the values of those that may be written as structures of several."""
    values, nodes = reader.fields(mapping, keys)
    if nodes:
        for key, read in _READERS.items():
            if key in nodes and key in keys.composed:
                values |= read(reader, nodes.pop(key))
    return values, nodes


def spread_problem(mean: Exact, sd: Exact) -> Problem | None:
    """What is wrong with a mean and a standard deviation of money that is never negative."""
    if sd and not mean:
        return Problem("FN103", "money with a mean of 0 has no spread", "correct the mean, or write sd: 0")
    return None


def _average_check(reader: NodeReader, node: Node) -> dict[str, Any]:
    """`{mean: 90, sd: 140}`."""
    help_ = "write one amount, e.g. 90, or {mean: 90, sd: 140}"
    found = _two(reader, node, _SPREAD, "an amount of money, or its mean and sd", help_, "the average_check")
    if found is None:
        return {}
    mean, sd = found
    problem = spread_problem(mean, sd)
    if problem is not None:
        reader.report(problem, node)
    return {"average_check": mean, "average_check_sd": sd}


def _days(reader: NodeReader, node: Node, key: str = "days") -> dict[str, Any]:
    """`{median: 6, p90: 21}`: the mean is that of the lognormal distribution with these quantiles."""
    help_ = "write the mean, e.g. 3.5, or {median: 6, p90: 21}"
    found = _two(reader, node, _QUANTILES, "a number of days, or median and p90", help_, key)
    if found is None:
        return {}
    median, p90 = found
    days = lognormal_mean(median, p90)
    if isinstance(days, Problem):
        reader.report(days, node)
        return {}
    return {key: days, f"{key}_quantiles": (median, p90)}


def lognormal_mean(median: Exact, p90: Exact) -> Exact | Problem:
    """The mean of the lognormal distribution with this median and 90% point, in nine digits.

    It is median x exp(s^2 / 2) with s = ln(p90 / median) / 1.2816.
    """
    if median > p90:
        message = f"half arrive within {decimal_text(median)} days and 90% within {decimal_text(p90)}, which is less"
        return Problem("FN103", message, f"write {{median: {decimal_text(p90)}, p90: {decimal_text(median)}}}")
    if median == p90:
        return median
    if not median:
        return Problem("FN103", "no lognormal distribution of times has a median of 0", "write the mean alone")
    from funnelcli.stats.normal import inverse_normal  # few files say it

    deviation = (math.log(p90) - math.log(median)) / inverse_normal(0.9)
    exponent = math.log(median) + deviation * deviation / 2
    if exponent >= math.log(LARGEST_NUMBER):
        message = f"times with the median {decimal_text(median)} and the p90 {decimal_text(p90)} have a mean above 1e18"
        return Problem("FN119", message, "check the two numbers")
    return reduced(Fraction(f"{math.exp(exponent):.9g}"))


def _open(reader: NodeReader, node: Node) -> dict[str, Any]:
    """`[3950, 2800, 1190]`: the amount of each unit."""
    if not isinstance(node, Sequence):
        help_ = "write one number, e.g. 14, or a list of amounts, e.g. [3950, 2800]"
        reader.expected("a number, or a list of amounts", node, help_)
        return {}
    amounts = read_amounts(reader, node)
    return {} if amounts is None else {"open": len(amounts), "open_amounts": amounts}


def read_amounts(reader: NodeReader, node: Sequence) -> tuple[Exact, ...] | None:
    """A list of amounts of money; `None` when one of them is wrong, which is said."""
    parser = fine_money if reader.fine else money
    amounts = [reader.scalar(item, parser, "an amount of money", "write one amount, e.g. 3950") for item in node.items]
    return None if any(amount is None for amount in amounts) else tuple(amounts)


def _close_chance(reader: NodeReader, node: Node) -> dict[str, Any]:
    """`{mean: 40%, sd: 3%}`."""
    help_ = "write one rate, e.g. 40%, or {mean: 40%, sd: 3%}"
    found = _two(reader, node, _CHANCE, "a rate, or its mean and sd", help_, "the close_chance")
    if found is None:
        return {}
    mean, sd = found
    if sd and sd * sd >= mean * (1 - mean):
        message = f"no chance of {percent_text(mean)} has a standard deviation of {percent_text(sd)}"
        reader.note(node, "FN103", message, "it says how well the chance is known: write less, e.g. 3%, or 0")
        return {}
    return {"close_chance": mean, "close_chance_sd": sd or None}


def close_within(reader: NodeReader, node: Node, end: Exact | None) -> tuple[tuple[Exact, Exact], ...]:
    """`{30 days: 10%, 90 days: 35%}`: chances by days from now, up to that in the `end`, where it is known."""
    help_ = "write times from now and the chance by then, e.g. {30 days: 10%, 90 days: 35%}"
    found: list[tuple[Exact, Exact, str]] = []
    for written, key_node, value in reader.entries(node, "a time and its chance", help_):
        seconds = reader.scalar(key_node, duration, "a time", help_)
        chance = reader.scalar(value, share, "a rate", help_)
        if seconds is not None and chance is not None:
            found.append((reduced(Fraction(seconds, 86400)), chance, written))
    found.sort()
    for (days, before, sooner), (same, after, later) in pairwise(found):
        if days == same:
            reader.note(node, "FN106", f"{sooner} and {later} are one time", "keep one of them")
            return ()
        if before > after:
            message = (
                f"the chance falls from {percent_text(before)} within {sooner} to {percent_text(after)} within {later}"
            )
            reader.note(node, "FN103", message, "chances by a date grow with it")
            return ()
    if found and end is not None and found[-1][1] > end:
        message = f"the chance within {found[-1][2]}, {percent_text(found[-1][1])}, is above that in the end"
        reader.note(node, "FN103", f"{message}, {percent_text(end)}", "correct one of the two")
    return tuple((days, chance) for days, chance, _ in found)


def _two(reader: NodeReader, node: Node, keys: Keys, what: str, help_: str, owner: str) -> tuple[Exact, Exact] | None:
    """The two figures of a mapping of two keys; `None` when one of them is missing or wrong, which is said."""
    if not isinstance(node, Mapping) or not (node.entries or node.dropped):
        reader.expected(what, node, help_)
        return None
    values, _ = reader.fields(node, keys)
    lacking = [key for key in keys.usual if key not in node.entries]
    if lacking and not node.dropped and node.entries.keys() <= keys.usual.keys():
        message = f"{owner} has no {' and no '.join(map(quoted, lacking))}"
        reader.note(node, "FN102", message, help_)
    first, second = (values.get(key) for key in keys.usual)
    return None if first is None or second is None else (first, second)


_READERS: dict[str, Callable[[NodeReader, Node], dict[str, Any]]] = {
    "average_check": _average_check,
    "close_chance": _close_chance,
    "days": _days,
    "days_lost": lambda reader, node: _days(reader, node, "days_lost"),
    "open": _open,
}
