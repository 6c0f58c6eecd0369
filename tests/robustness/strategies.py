"""Funnel files out of thin air: sound ones, which use everything that the format has."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st

from funnelcli.docs import codes
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.scalars import first_hidden
from funnelcli.funnel_file.schema import ENTRIES, ORDERS, ROLES
from funnelcli.funnel_file.yaml.plain import BOOLEAN_WORDS, FALSE_WORDS, NULL_WORDS, TRUE_WORDS
from funnelcli.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

WORDS = BOOLEAN_WORDS | NULL_WORDS | TRUE_WORDS | FALSE_WORDS | {"inf", "nan", "infinity"}
FREE = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*")
"""Text that needs no quotes, when it is not one of the words."""


def _is_name(text: str) -> bool:
    return bool(text) and first_hidden(text) is None and text == text.strip(" ") and text != "baseline"


plain_names = st.sampled_from(("Visits", "Leads", "Sales", "Paid", "Interest", "Calls", "Buys again", "Отклик", "成約"))
odd_names = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), min_size=1, max_size=12).filter(
    _is_name
)
names = plain_names | odd_names
"""Names of stages, scenarios, segments: one line of visible characters of any script."""


def written(text: str) -> str:
    """A text as YAML: without quotes where it needs none."""
    return (
        text if FREE.fullmatch(text) and not WORDS & {text, text.casefold()} else json.dumps(text, ensure_ascii=False)
    )


# A node is the text of a scalar, a list of nodes, or pairs of written keys and nodes.
Node = Any


class Pairs(NamedTuple):
    """A mapping as it is written."""

    entries: list[tuple[str, Node]]


def in_flow(node: Node) -> str:
    """A node on one line."""
    if isinstance(node, Pairs):
        return "{" + ", ".join(f"{key}: {in_flow(value)}" for key, value in node.entries) + "}"
    return "[" + ", ".join(map(in_flow, node)) + "]" if isinstance(node, list) else node


def in_blocks(draw: DrawFn, node: Node, indent: str) -> list[str]:
    """A node on lines of its own, its parts in either style."""
    lines: list[str] = []
    entries = node.entries if isinstance(node, Pairs) else [(None, value) for value in node]
    for key, value in entries:
        start = f"{indent}- " if key is None else f"{indent}{key}: "
        if isinstance(value, str) or draw(st.booleans()):
            lines.append(start + in_flow(value))
            continue
        inner = in_blocks(draw, value, indent + "  ")
        if key is None:
            lines += [f"{indent}- {inner[0].lstrip()}", *inner[1:]]
        else:
            lines += [start.rstrip(), *inner]
    return lines


# Values


percents = st.integers(0, 100).map(lambda number: f"{number}%")
rates = (
    percents | st.integers(0, 99).map(lambda number: f"0.{number:02d}") | st.sampled_from(("1/3", "0", "1", "33.3%"))
)
amounts = st.integers(0, 10**6).map(str) | st.decimals(0, 10**4, places=2).map(str) | st.sampled_from(("1.5e3", "0.1"))
money_of_one = amounts | st.tuples(amounts.filter(float), amounts).map(
    lambda pair: Pairs([("mean", pair[0]), ("sd", pair[1])])
)
quantiles = st.tuples(amounts.filter(float), st.sampled_from((1, 1.5, 20))).map(
    lambda pair: Pairs([("median", pair[0]), ("p90", f"{float(pair[0]) * pair[1]:.6f}")])
)
chances = st.tuples(st.integers(20, 99), st.integers(0, 9)).map(
    lambda pair: Pairs([("mean", f"{pair[0]}%"), ("sd", f"{pair[1]}%")])
)
chances_by_date = st.tuples(st.integers(0, 9), st.integers(10, 20)).map(
    lambda pair: Pairs([("30 days", f"{pair[0]}%"), ("90 days", f"{pair[1]}%")])
)
ranges = st.tuples(st.integers(0, 49), st.integers(50, 100)).map(lambda pair: f"{pair[0]}% to {pair[1]}%")
condition_values = (
    names.filter(lambda name: name[0] not in "<>=!~").map(written)
    | st.integers(0, 99).map(str)
    | st.sampled_from(("true", "null", "1.5", "paid"))
)


def _mapping(keys: SearchStrategy[str], values: SearchStrategy[Node], most: int = 3) -> SearchStrategy[Pairs]:
    entries = st.dictionaries(keys, values, min_size=1, max_size=most)
    return entries.map(lambda found: Pairs([(written(key), value) for key, value in found.items()]))


conditions = _mapping(names, condition_values | st.lists(condition_values, min_size=1, max_size=3))
whens = conditions | st.lists(conditions, min_size=1, max_size=2)


def with_examples(values: dict[str, SearchStrategy[Node]], table: Sequence[schema.Field]) -> list[tuple[str, Any]]:
    """Strategies by key, and the example of each scalar key of the table that has none of its own."""
    examples = {
        field.key: st.just(field.example.removeprefix(f"{field.key}: "))
        for field in table
        if field.kind in schema.PARSERS and field.key not in TOGETHER
    }
    return list((examples | values).items())


TOGETHER = frozenset(
    (
        *("name", "count", "conversion", "from", "average_check", "average_order_value", "revenue"),
        *("allow_growth", "role", "budget", "optional"),
    )
)
"""Keys that must fit each other, so that each has its own place below."""


@st.composite
def measures(draw: DrawFn) -> Pairs:
    """`measure`, with some of its keys."""
    column = names.map(written)
    values: dict[str, SearchStrategy[Node]] = {
        **dict.fromkeys(("table", "unit", "time"), column),
        "order": st.sampled_from(ORDERS),
        "entry": st.sampled_from(ENTRIES),
        "between": st.just(['"2026-10-01"', '"2026-11-01"']),
        "breakdowns": _mapping(names, column),
        "exclude": whens,
        "exclude_units": whens,
        "same": st.lists(column, min_size=1, max_size=2),
    }
    possible = with_examples(values, schema.MEASURE)
    return Pairs([(key, draw(value)) for key, value in possible if draw(st.booleans())] or [("table", "events")])


# Stages


class Level(NamedTuple):
    """A stage of a generated funnel: its name, the stage it comes from, its units (`None`: by a conversion)."""

    name: str
    parent: int | None
    units: int | None
    grows: bool
    keys: list[tuple[str, Node]]

    def has(self, key: str) -> bool:
        """Whether a key is written."""
        return any(written_key == key for written_key, _ in self.keys)

    @property
    def pays(self) -> bool:
        """Whether it brings money."""
        return self.has("average_check") or self.has("revenue")


@st.composite
def levels(draw: DrawFn) -> list[Level]:
    """The stages of a funnel, with counts that can be true together."""
    found: list[Level] = []
    roles = draw(st.permutations(ROLES))
    for index, name in enumerate(draw(st.lists(names, min_size=2, max_size=6, unique=True))):
        parent = None if not index else draw(st.integers(0, index - 1)) if draw(st.booleans()) else index - 1
        above = None if parent is None else found[parent].units
        grows = bool(index) and draw(st.integers(0, 5)) == 0
        most = 10**6 if above is None or grows else above
        stated = bool(index) and (above is None or draw(st.integers(0, 3)) == 0)
        count = None if stated else draw(st.integers(0, most) | st.just(most))
        keys: list[tuple[str, Node]] = [("count", str(count))] if count is not None else []
        if stated:
            keys.append(("conversion", draw(rates | ranges)))
        if parent is not None and (parent != index - 1 or any(each.has("optional") for each in found)):
            keys.append(("from", written(found[parent].name)))
        optional: dict[str, SearchStrategy[Node]] = {
            "cost": amounts,
            "days": amounts | quantiles,
            "days_lost": amounts | quantiles,
            "close_chance": percents | chances,
            "target": rates,
            "when": whens,
            "exclude": whens,
        }
        optional["open"] = optional["lost_unplaced"] = st.just("")  # set below, where it is known how many have gone on
        optional["revenue" if count and draw(st.booleans()) else "average_check"] = amounts
        if "average_check" in optional:
            optional["average_check"] = money_of_one
        if index < len(roles):
            optional["role"] = st.just(roles[index])
        possible = with_examples(optional, schema.STAGE)
        keys += [(key, draw(value)) for key, value in possible if draw(st.integers(0, 3)) == 0]
        if any(key == "close_chance" and isinstance(value, Pairs) for key, value in keys):
            keys.append(("close_within", draw(chances_by_date)))
        if grows:
            keys.append(("allow_growth", "true"))
        if index and draw(st.integers(0, 5)) == 0:
            keys.append(("optional", "true"))
        found.append(Level(name, parent, count, grows, keys))
    for index, level in enumerate(found):
        gone = max((each.units or 0 for each in found if each.parent == index and not each.grows), default=0)
        left = max(0, (level.units or 0) - gone)
        level.keys[:] = [
            (key, draw(open_units(left)) if key == "open" and not value else value) for key, value in level.keys
        ]
    for index, level in enumerate(found):
        lost = str(draw(st.integers(0, level.units or 0)))
        level.keys[:] = [
            (key, lost if key == "lost_unplaced" else value)
            for key, value in level.keys
            if key != "lost_unplaced" or not index
        ]
    return found


@st.composite
def open_units(draw: DrawFn, most: int) -> Node:
    """How many units are open, or the amount of each."""
    return draw(st.integers(0, min(most, 99)).map(str) | st.lists(amounts, max_size=min(most, 4)))


def _segment_counts(draw: DrawFn, stages: list[Level]) -> list[str]:
    counts: list[int] = []
    for level in stages:
        most = 10**5 if level.parent is None or level.grows else counts[level.parent]
        counts.append(draw(st.integers(0, most)))
    return list(map(str, counts))


def _segment_open(draw: DrawFn, stages: list[Level], counts: list[str]) -> list[str]:
    """How many of a segment's units are open at each stage: no more than have not gone on."""
    found = []
    for index, count in enumerate(counts):
        following = zip(stages, counts, strict=True)
        gone = max((int(own) for level, own in following if level.parent == index and not level.grows), default=0)
        found.append(str(draw(st.integers(0, max(0, int(count) - gone)))))
    return found


@st.composite
def segments(draw: DrawFn, stages: list[Level]) -> Node:
    """A segment in one of its forms."""
    numbers = _segment_counts(draw, stages)
    counts: Node = numbers
    if draw(st.booleans()):
        return counts
    waiting = [("open", _segment_open(draw, stages, numbers))] if draw(st.booleans()) else []
    if draw(st.booleans()):
        pairs = [(written(level.name), count) for level, count in zip(stages, numbers, strict=True)]
        counts = Pairs(list(draw(st.permutations(pairs))))
    money = {"budget": amounts, "gross_margin": rates}
    if not any(level.pays for level in stages):  # with other money than the sale's it is refused
        money[draw(st.sampled_from(("average_check", "average_order_value")))] = money_of_one
    more = [(key, draw(value)) for key, value in money.items() if draw(st.booleans())]
    return Pairs([("counts", counts), *waiting, *more])


@st.composite
def cells(draw: DrawFn, stages: list[Level]) -> Node:
    """Cells of one to three dimensions."""
    dimensions = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    found: list[Node] = []
    for each in draw(st.lists(st.tuples(*(names for _ in dimensions)), min_size=1, max_size=5, unique=True)):
        counts = _segment_counts(draw, stages)
        named = [(written(dimension), written(name)) for dimension, name in zip(dimensions, each, strict=True)]
        waiting = [("open", _segment_open(draw, stages, counts))] if draw(st.booleans()) else []
        found.append(Pairs([*named, ("counts", counts), *waiting]))
    return found


# Scenarios: only changes that every funnel can bear

_falls = st.integers(0, 99).map(lambda number: f"-{number}%")
_grows = st.sampled_from(("x1.5", "x2", "+50%", "x0", "x1"))
_points = st.sampled_from(("+0pp", "-0pp"))  # of a rate that may be anything from 0% to 100%
_sums = st.sampled_from(("+500", "1000", "0", "1.5e3")) | amounts


def changes(stages: list[Level], budget: str | None, segments: bool) -> list[tuple[str, SearchStrategy[str]]]:
    """Selectors and the changes that can be projected whatever the counts are."""
    found: list[tuple[str, SearchStrategy[str]]] = [
        ("gross_margin", rates | _falls | _points),
        ("spend_elasticity", st.sampled_from(("0", "0.5", "1", "x2", "+10%"))),
        ("entries", _falls | _grows),
        ("budget", amounts if budget is None else _falls | _grows | st.just("+0")),
    ]
    if segments if budget is None else not float(budget):
        found.pop()  # what more of no budget brings is unknown, and that of the segments may be none
    for level in stages:
        found.append((f"count@{level.name}", _falls | st.sampled_from(("x0.5", "+0", "-0"))))
        found.append((f"cost@{level.name}", (_falls | _grows | _sums) if level.has("cost") else amounts))
        found.append((f"average_check@{level.name}", (_falls | _grows | _sums) if level.pays else amounts))
        above = None if level.parent is None else stages[level.parent].units
        if above and level.units is not None:
            found.append((f"conversion@{level.name}", _falls | _points | st.sampled_from(("x0.5", "x1", "-0%"))))
    return found


# Checks

_LIMITS: dict[str, SearchStrategy[str]] = {
    "rate": rates | st.sampled_from(("-5%", "baseline", "baseline - 2pp", "baseline -5%", "baseline + 10pp")),
    "money": amounts | st.sampled_from(("-100", "baseline", "baseline - 100", "baseline + 5%")),
    "count": amounts | st.sampled_from(("-1", "baseline", "baseline + 1")),
    "number": amounts | st.sampled_from(("-0.5", "baseline", "baseline - 10%")),
    "duration": amounts,
}


@st.composite
def checks(draw: DrawFn, stage_names: list[str]) -> str:
    """A limit on any metric."""
    metric = METRICS[draw(st.sampled_from(sorted(METRICS)))]
    clear = [name for name in stage_names if not set("<>=!~") & set(name)]
    at_stage = metric.at == "stage" or (metric.at == "either" and draw(st.booleans()))
    if at_stage and not clear:
        return "entries >= 1"
    selector = f"{metric.name}@{draw(st.sampled_from(clear))}" if at_stage else metric.name
    operator = draw(st.sampled_from((">=", "<=", ">", "<", "==")))
    text = f"{selector} {operator} {draw(_LIMITS[metric.kind])}"
    if metric.name in ("conversion", "overall_conversion") and operator != "==" and draw(st.booleans()):
        text += f" with {draw(st.sampled_from(('90%', '95%', '0.99', '50%', '99.999%')))} confidence"
    return text


# Documents and files

_HEADS: dict[str, SearchStrategy[Node]] = {
    "name": names.map(written),
    "period": names.map(written),
    "description": names.map(written) | st.just("|-\n  two lines\n  # funnelcli: ignore[FN305] is no comment here"),
    "currency": st.sampled_from(("EUR", "$", '"€"', "Taler")),
    "gross_margin": rates,
    "variation": st.sampled_from(("10%", "0.05", "1/3", "100%")),
    "spend_elasticity": st.sampled_from(("0", "0.5", "1", "2", "1.25")),
    "measure": measures(),
    **{
        field.key: st.just(field.example.removeprefix(f"{field.key}: "))
        for field in schema.FUNNEL
        if field.key == "measured"
    },
}


@st.composite
def documents(draw: DrawFn) -> str:
    """One sound funnel."""
    stages = draw(levels())
    stage_names = [level.name for level in stages]
    pairs: list[tuple[str, Node]] = [
        (key, draw(value)) for key, value in _HEADS.items() if draw(st.integers(0, 2)) == 0
    ]
    budget = draw(st.none() | amounts)
    if budget is not None:
        pairs.append(("budget", budget))
    sale = next((level for level in stages if ("role", "customer") in level.keys), stages[-1])
    if draw(st.booleans()) and not sale.pays:
        pairs.append((draw(st.sampled_from(("average_check", "average_order_value"))), draw(money_of_one)))
        sale.keys.append(("average_check", ""))  # only a mark: it is written above
    dimensions = draw(st.lists(names, max_size=2, unique=True))
    breakdowns = [(dimension, draw(_mapping(names, segments(stages)))) for dimension in dimensions]
    celled = draw(cells(stages)) if draw(st.integers(0, 3)) == 0 else None
    summed = bool(breakdowns or celled) and draw(st.booleans())
    pairs.append(("stages", _stages(draw, stages, summed)))
    if breakdowns:
        pairs.append(("breakdowns", Pairs([(written(name), value) for name, value in breakdowns])))
    if celled is not None:
        pairs.append(("cells", celled))
    if draw(st.booleans()):
        ends = st.sampled_from(stage_names).map(written)
        brings = draw(st.sampled_from(("0", "0.2", "1", "3")))
        pairs.append(("referral", Pairs([("from", draw(ends)), ("brings", brings), ("to", draw(ends))])))
    possible = [] if summed else changes(stages, budget, bool(breakdowns or celled))
    if draw(st.booleans()) and possible:
        pairs.append(("scenarios", draw(_mapping(names, _scenario(possible)))))
    if draw(st.booleans()):
        listed = draw(st.lists(checks(stage_names), min_size=1, max_size=4))
        pairs.append(("checks", [json.dumps(each, ensure_ascii=False) for each in listed]))
    return "\n".join(in_blocks(draw, Pairs(list(draw(st.permutations(pairs)))), "")) + "\n"


@st.composite
def _scenario(draw: DrawFn, possible: list[tuple[str, SearchStrategy[str]]]) -> Pairs:
    chosen = draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3, unique_by=lambda pair: pair[0]))
    return Pairs([(json.dumps(selector, ensure_ascii=False), draw(change)) for selector, change in chosen])


def _stages(draw: DrawFn, stages: list[Level], summed: bool) -> Node:
    """The stages as a list or, where they have only counts, perhaps as a mapping."""
    if not summed and all(len(level.keys) == 1 and level.units is not None for level in stages) and draw(st.booleans()):
        return Pairs([(written(level.name), str(level.units)) for level in stages])
    left_out = ("count", "conversion", "revenue", "open") if summed else ()  # a sum may be 0
    return [
        Pairs(
            [
                ("name", written(level.name)),
                *((key, value) for key, value in level.keys if value and key not in left_out),
            ]
        )
        for level in stages
    ]


_COMMENTS = ("", "  # why", *(f"  # funnelcli: ignore[{code}]" for code in codes() if code.startswith("FN3")))


@st.composite
def files(draw: DrawFn) -> str:
    """A sound file of one or more documents, with comments."""
    text = "---\n".join(draw(st.lists(documents(), min_size=1, max_size=3)))
    if not draw(st.booleans()):
        return text
    lines = text.split("\n")
    for number in draw(st.lists(st.integers(0, len(lines) - 1), max_size=4, unique=True)):
        if lines[number] and lines[number] != "---" and "|-" not in lines[number]:
            lines[number] += draw(st.sampled_from(_COMMENTS))
    return "\n".join(lines)
