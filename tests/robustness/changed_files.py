"""Funnel files that were changed as people change them, and a judge of what that does, who knows no rule of `diff`.

The judge gives both sides the same figures, many of them, runs the checks of each, and asks whether one failed before
and does not now; and he holds against each other what `show --format json` says of both sides.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from funnelcli.analyses.checks import run_checks
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.output.formats import Canvas
from funnelcli.what_if import BaselineLimit, Check
from tests.conftest import SAMPLES
from tests.reports import REPORTS, shown

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from funnelcli.funnel_file.reader import Reading
    from funnelcli.model import Funnel, Stage
    from funnelcli.what_if import AnyCheck

RICH = """\
# A shop, with every kind of limit.
name: Shop
period: 2026-10
currency: EUR
budget: 12000
gross_margin: 40%
variation: 5%
stages:
  - {name: Visits, count: 9000, role: impression}
  - {name: Leads, count: 900, cost: 2, target: 12%}
  - name: Trials
    count: 450
    days: 4
  - {name: Paid, count: 90, average_check: 300, role: customer, target: 25%, allow_growth: false}
breakdowns:
  channel:
    Ads: [6000, 500, 250, 40]
    Search: {counts: [3000, 400, 200, 50], budget: 4000}
scenarios:
  Better leads: {conversion@Leads: 12%}
  More of all: {entries: +20%, conversion@Paid: +2pp}
checks:
  - conversion@Leads >= 9% with 95% confidence
  - conversion@Paid >= 15%
  - conversion@Trials < 80%
  - overall_conversion > 0.5%
  - revenue >= 20000
  - count@Leads > 500
  - cost_per@Paid <= 400
  - drop_off_rate@Paid <= 90%
  - conversion@Trials >= 30% with 90% confidence, at every look
---
name: Resellers
currency: EUR
average_check: 5000
stages:
  - {name: Contacts, count: 400}
  - {name: Meetings, count: 100, target: 30%}
  - {name: Contracts, count: 20}
referral: {from: Contracts, brings: 0.5, to: Contacts}
checks:
  - conversion@Meetings >= baseline - 2pp
  - sales >= 15
  - conversion@Contracts == 20%
scenarios:
  More meetings: {conversion@Meetings: 30%}
"""
MEASURED = """\
name: Web
currency: USD
measure:
  table: events
  unit: user_id
  time: created_at
  window: 7 days
  order: ordered
  breakdowns: {channel: utm}
stages:
  - {name: Visits, count: 5000, when: {event: visit}}
  - {name: Cart, count: 800, when: {event: cart}, within: 2 days}
  - {name: Paid, count: 240, when: {event: paid}, average_check: 45}
measured: {events: 20000, units: 5000, between: ["2026-10-01", "2026-11-01"], since: "2026-09-01T00:00:00Z"}
checks: [conversion@Cart >= 12%, "conversion@Paid >= 25% with 95% confidence", overall_conversion >= 4%]
scenarios: {Faster: {conversion@Paid: +5pp}}
"""
OF_CELLS = """\
name: Regions
period: 2026-10
stages: {Calls: 300, Meetings: 120, Deals: 30}
average_check: 900
cells:
  - {channel: Ads, region: North, counts: [100, 40, 10]}
  - {channel: Ads, region: South, counts: [50, 20, 5]}
  - {channel: Fairs, region: North, counts: [150, 60, 15]}
checks:
  - "conversion@Deals >= 20%"
  - conversion@Deals <= 60%
  - entries >= 200
  - one_in <= 20
"""
PIPELINE = """\
name: Pipeline
stages:
  - {name: New, count: 200, open: 30, target: 60%}
  - {name: Offer, count: 100, days: 5, open: 20, days_lost: 30}
  - {name: Won, count: 40, days: 12, average_check: {mean: 4000, sd: 900}}
checks:
  - conversion@Offer >= 45%
  - conversion@Won > 30% with 80% confidence
  - overall_conversion >= 15% with 90% confidence
"""


@cache
def texts() -> dict[str, str]:
    """The files that are changed, by name."""
    own = {"rich.yaml": RICH, "measured.yaml": MEASURED, "cells.yaml": OF_CELLS, "pipeline.yaml": PIPELINE}
    return own | {path.name: path.read_text("utf-8") for path in sorted(SAMPLES.glob("*.yaml"))}


class Changed(NamedTuple):
    """A file on both sides: what kind of change it is, and the names that stages have now by those before."""

    kind: str
    before: str
    after: str
    name: str
    name_now: str
    stages: dict[str, str]
    funnels: dict[str, str]


CHECK = re.compile(
    r"[a-z_]+(?:@[\w -]+?)? ?(?:>=|<=|==|>|<) ?(?:baseline[^\n\"',\]]*|[\d.]+[^\n\"',\]]*(?:, at every look)?)"
)
NUMBER = re.compile(r"(?<![\w.:@-])\d+(?:\.\d+)?(?![\w:-]|\.\d)")


def _lines(text: str) -> list[str]:
    return text.split("\n")


def _number(text: str, dice: random.Random) -> str | None:
    places = list(NUMBER.finditer(text))
    if not places:
        return None
    place = dice.choice(places)
    old = place.group()
    value = float(old)
    new = dice.choice((value + 1, value - 1, value * 2, round(value * 0.9, 2), round(value * 1.05, 2), 0))
    written = f"{max(new, 0):g}" if "." in f"{new:g}" and "." in old else str(int(max(new, 0)))
    return text[: place.start()] + written + text[place.end() :]


def _without_line(text: str, dice: random.Random) -> str | None:
    lines = _lines(text)
    at = dice.randrange(len(lines))
    return "\n".join(lines[:at] + lines[at + 1 :])


def _commented_line(text: str, dice: random.Random) -> str | None:
    lines = _lines(text)
    at = dice.choice([at for at, line in enumerate(lines) if line.strip()])
    return "\n".join([*lines[:at], f"# {lines[at]}", *lines[at + 1 :]])


def _remark(text: str, dice: random.Random) -> str | None:
    lines = _lines(text)
    at = dice.randrange(len(lines))
    return "\n".join([*lines[:at], "# a remark", *lines[at:]])


def _spaces(text: str, dice: random.Random) -> str | None:
    return re.sub(r"\n(?=\w)", "\n\n", text).replace("{name: ", "{ name:  ").replace("\n\n---", "\n---")


def _swapped_lines(text: str, dice: random.Random) -> str | None:
    lines = _lines(text)
    at = dice.randrange(len(lines) - 1)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return "\n".join(lines)


def _dropped_check(text: str, dice: random.Random) -> str | None:
    lines = _lines(text)
    places = [at for at, line in enumerate(lines) if re.match(r"\s*- \"?[a-z_]+(@[\w ]+)? ?[<>=]", line)]
    if not places:
        return None
    at = dice.choice(places)
    return "\n".join(lines[:at] + lines[at + 1 :])


def _other_check(text: str, dice: random.Random) -> str | None:
    """A check changed in one way: its value, its operator, its certainty, its baseline, its figure."""
    places = list(CHECK.finditer(text))
    if not places:
        return None
    place = dice.choice(places)
    new = dice.choice(_ways(place.group(), dice))
    return text[: place.start()] + new + text[place.end() :]


def _ways(check: str, dice: random.Random) -> list[str]:
    found = [re.sub(r"(>=|<=|==|>|<)", sign, check, count=1) for sign in (">=", "<=", ">", "<", "==")]
    plain = re.sub(r" with .*$", "", check)
    if not plain.startswith(("revenue", "count", "sales", "cost", "entries", "one_in", "drop")):
        found += [f"{plain} with {sure}" for sure in ("80% confidence", "95% confidence", "99% confidence")]
        found += [f"{plain} with 95% confidence, at every look", plain]
    if "baseline" in check:
        start = check.split("baseline")[0]
        found += [f"{start}baseline{more}" for more in ("", " - 5pp", " + 1pp", " - 10%", " + 10%")]
    else:
        for _ in range(5):
            factor = dice.choice((0.5, 0.8, 0.99, 1.01, 1.2, 2))
            found.append(
                re.sub(
                    r"(?<=[<>= ])\d+(\.\d+)?(?=%| |$)", lambda m, by=factor: f"{float(m[0]) * by:.6g}", check, count=1
                )
            )
        found.append(re.sub(r"(>=|<=|==|>|<) ?\S+.*", r"\1 baseline - 3pp", check))
        found.append(re.sub(r"(?<=[<>= ])(\d+)%", lambda m: f"{float(m[1]) / 100}", check, count=1))
    if "conversion@" in check:
        found.append(re.sub("^conversion", "drop_off_rate", plain))
        found.append(re.sub("^conversion@[^<>=]*?(?= ?[<>=])", "overall_conversion", plain))
    return [each for each in found if each != check] or [check]


def _more_checks(text: str, dice: random.Random) -> str | None:
    """A check of the file once more, somewhat different."""
    lines = _lines(text)
    places = [at for at, line in enumerate(lines) if re.match(r"\s*- \"?[a-z_]+(@[\w ]+)? ?[<>=]", line)]
    if not places:
        return None
    at = dice.choice(places)
    other = _other_check(lines[at], dice) or lines[at]
    if dice.random() < 0.5:
        return "\n".join([*lines[:at], other, *lines[at:]])
    return "\n".join([*lines[: at + 1], other, *lines[at + 1 :]])


def _moved_check(text: str, dice: random.Random) -> str | None:
    """A check that goes to another document of the file."""
    parts = text.split("\n---\n")
    if len(parts) < 2:
        return None
    places = [(part, m) for part, each in enumerate(parts) for m in re.finditer(r"\n  - (?:revenue|sales)[^\n]*", each)]
    if not places:
        return None
    part, found = dice.choice(places)
    there = dice.choice([at for at in range(len(parts)) if at != part])
    if "\nchecks:" not in parts[there]:
        parts[there] = f"{parts[there].rstrip()}\nchecks:"
    parts[part] = parts[part].replace(found.group(), "", 1)
    parts[there] = parts[there].replace("\nchecks:", f"\nchecks:{found.group()}", 1)
    return "\n---\n".join(parts)


def _shuffled_checks(text: str, dice: random.Random) -> str | None:
    lines = _lines(text)
    places = [at for at, line in enumerate(lines) if re.match(r"\s*- \"?[a-z_]+(@[\w ]+)? ?[<>=]", line)]
    runs = [at for at in places if at + 1 in places]
    if not runs:
        return None
    at = dice.choice(runs)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return "\n".join(lines)


def _added_key(text: str, dice: random.Random) -> str | None:
    lines = _lines(text)
    at = next((at for at, line in enumerate(lines) if line.startswith("name:")), -1)
    more = dice.choice(
        ("description: what it is", "budget: 777", "gross_margin: 33%", "spend_elasticity: 0.5", "variation: 9%")
    )
    if re.search(f"^{more.split(':')[0]}:", text, re.MULTILINE):
        return None
    return "\n".join([*lines[: at + 1], more, *lines[at + 1 :]])


def _target(text: str, dice: random.Random) -> str | None:
    if dice.random() < 0.5 and "target: " in text:
        return re.sub(r"target: \d+%", f"target: {dice.randint(1, 90)}%", text, count=1)
    if dice.random() < 0.5:
        return re.sub(r", target: \d+%", "", text, count=1)
    places = list(re.finditer(r"count: \d+(?=[,}])", text))[1:]
    if not places:
        return None
    place = dice.choice(places)
    more = dice.choice((", target: 20%", ", allow_growth: true", ", days: 3", ", cost: 1.5", ", open: 3"))
    return text[: place.end()] + more + text[place.end() :]


TEXTUAL: dict[str, Callable[[str, random.Random], str | None]] = {
    "a number": _number,
    "a line less": _without_line,
    "a line commented out": _commented_line,
    "a remark": _remark,
    "spaces": _spaces,
    "lines swapped": _swapped_lines,
    "a check less": _dropped_check,
    "another check": _other_check,
    "one more check": _more_checks,
    "a check in another document": _moved_check,
    "checks in another order": _shuffled_checks,
    "a new key": _added_key,
    "a target": _target,
}
"""Ways of changing a text in one place."""


@cache
def reading(text: str, name: str = "shop.yaml") -> Reading:
    """What a text holds."""
    return read(text.encode(), name)


def _renamed_stage(name: str, text: str, dice: random.Random, everywhere: bool) -> Changed | None:
    known = reading(text).funnels
    if not known:
        return None
    funnel = dice.choice(known)
    old = dice.choice(funnel.names)
    new = dice.choice((f"{old} made", "Elsewhere", old.upper() + "x"))
    places = list(re.finditer(rf"(?<![\w-]){re.escape(old)}(?![\w-])", text))
    if not places or any(new in each.names for each in known):
        return None
    if everywhere:
        after = re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])", new, text)
    else:
        place = dice.choice(places)
        after = text[: place.start()] + new + text[place.end() :]
    return Changed("a stage renamed", text, after, name, name, {old: new}, {})


def _replaced_stage(name: str, text: str, dice: random.Random) -> Changed | None:
    """A stage with another name and another count, everywhere; a limit with another value, as often as not."""
    case = _renamed_stage(name, text, dice, True)
    if case is None:
        return None
    ((old, new),) = case.stages.items()
    other = dice.choice(("Elsewhere", "Won at last", "Zugang"))
    text = re.sub(rf"(?<![\w-]){re.escape(new)}(?![\w-])", other, case.after)
    count = re.compile(rf"""({other}["']?(?:: |, count: |\n +count: ))(\d+)""")
    if not count.search(text):
        return None
    factor = dice.choice((0.9, 0.97, 1.03, 1.1))
    text = count.sub(lambda found: f"{found[1]}{round(int(found[2]) * factor)}", text)
    after = (dice.random() < 0.5 and _other_check(text, dice)) or text
    return case._replace(kind="a stage replaced", after=after, stages={old: other})


def _renamed_funnel(name: str, text: str, dice: random.Random) -> Changed | None:
    places = list(re.finditer(r"^name: (.*)$", text, re.MULTILINE))
    if not places:
        return None
    place = dice.choice(places)
    old = place[1].split("  #")[0].strip().strip("\"'")
    after = text[: place.start()] + "name: Something else" + text[place.end() :]
    return Changed("a funnel renamed", text, after, name, name, {}, {old: "Something else"})


def _documents(name: str, text: str, dice: random.Random) -> Changed | None:
    parts = text.split("\n---\n")
    if len(parts) < 2:
        return None
    if dice.random() < 0.5:
        dice.shuffle(parts)
        return Changed("documents in another order", text, "\n---\n".join(parts), name, name, {}, {})
    parts.pop(dice.randrange(len(parts)))
    return Changed("a document less", text, "\n---\n".join(parts), name, name, {}, {})


def _moved_file(name: str, text: str, dice: random.Random) -> Changed:
    now = dice.choice((f"old/{name}", f".hidden/{name}", name.replace(".yaml", ".yml"), name.replace(".yaml", ".txt")))
    after = (dice.random() < 0.5 and _other_check(text, dice)) or text
    return Changed("a file moved", text, after, name, now, {}, {})


def changed(dice: random.Random) -> Changed | None:
    """A file, changed in one way or in two."""
    name = dice.choice(sorted(texts()) + ["rich.yaml"] * 8 + ["measured.yaml", "cells.yaml", "pipeline.yaml"] * 3)
    text = texts()[name]
    kind = dice.choice(
        [
            *TEXTUAL,
            *TEXTUAL,
            *("another check",) * 10,
            *("stage", "replaced") * 2,
            "place",
            "funnel",
            "documents",
            "file",
        ]
    )
    if kind == "stage":
        return _renamed_stage(name, text, dice, True)
    if kind == "replaced":
        return _replaced_stage(name, text, dice)
    if kind == "place":
        return _renamed_stage(name, text, dice, False)
    if kind == "funnel":
        return _renamed_funnel(name, text, dice)
    if kind == "documents":
        return _documents(name, text, dice)
    if kind == "file":
        return _moved_file(name, text, dice)
    after = TEXTUAL[kind](text, dice)
    if after is not None and dice.random() < 0.25:
        after = TEXTUAL[dice.choice(list(TEXTUAL))](after, dice) or after
        kind = f"{kind} and another"
    return None if after is None else Changed(kind, text, after, name, name, {}, {})


# the judge


def said(text: str, name: str) -> list[Any]:
    """What `show --format json` says of a text, and what else its keys say: checks, scenarios, targets, `measure`."""
    found: list[Any] = []
    for funnel in reading(text, name).funnels:
        report = REPORTS["summary_in_full"](funnel)
        told = None if isinstance(report, Problem) else shown("summary_in_full", "json", [report], Canvas())
        checks = sorted(_asked(each) for each in funnel.checks)
        scenarios = [(each.name, [(str(s), c.factor, c.shift) for s, c in each.changes]) for each in funnel.scenarios]
        targets = [(stage.target, stage.allow_growth, stage.days, stage.cost) for stage in funnel.stages]
        found.append((_without_place(told), checks, scenarios, targets, funnel.measure, funnel.measured))
    return sorted(found, key=repr)  # the order of documents is no change of any


def _asked(check: AnyCheck) -> str:
    if not isinstance(check, Check):
        return repr((str(check.selector), check.false_alarm_in, check.unit))
    return repr((str(check.selector), check.operator, _limit(check), check.confidence, check.every_look))


def _limit(check: Check) -> Any:
    limit = check.limit
    if isinstance(limit, BaselineLimit):
        return "baseline", limit.change and (limit.change.factor, limit.change.shift)
    return limit


def _without_place(told: str | None) -> str:
    return re.sub(r'"document": \d+', "", told or "")


def data(text: str) -> str:
    """What a text is to a reader of YAML, who knows nothing of funnels but that the order of checks is none."""
    return repr([_plain(each) for each in yaml.safe_load_all(text) if each is not None])


_ORDERED = ("breakdowns", "channel", "manager", "month", "quarter", "scenarios")
"""Keys below which the order of keys is that of what is shown."""


def _plain(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        pairs = [(str(name), _plain(each, name)) for name, each in value.items()]
        return pairs if key in _ORDERED else sorted(pairs)
    if isinstance(value, list):
        return sorted(map(str, value)) if key == "checks" else [_plain(each) for each in value]
    return value


def loosened(change: Changed, strict: bool, sizes: int, dice: random.Random) -> tuple[str, ...]:
    """The funnels and keys by which a figure fails before and does not now, one a kind."""
    old, new = reading(change.before).funnels, reading(change.after).funnels
    is_found = re.match(r"[^.].*\.ya?ml$", change.name_now) and "/." not in change.name_now
    now = {funnel.name: funnel for funnel in new} if is_found else {}
    found = []
    left = [each for each in old if each.name not in now]
    fresh = [each for each in now.values() if each.name not in [one.name for one in old]]
    for funnel in old:
        after = now.get(change.funnels.get(funnel.name, funnel.name))
        if after is None and len(left) == len(fresh) == 1 and funnel is left[0]:
            after = fresh[0]
        if after is None:
            found += ["no longer checked"] if funnel.checks else []
            continue
        found += _keys(funnel, after, change.stages)
        if fails_less(funnel, after, change.stages, strict, sizes, dice):
            found.append("a limit")
    return tuple(found)


def _keys(before: Funnel, after: Funnel, stages: dict[str, str]) -> list[str]:
    """Targets that are lower or gone, and stages that may grow now."""
    now = {stage.name: stage for stage in after.stages}
    found = []
    for stage in before.stages:
        other = now.get(stages.get(stage.name, stage.name)) or now.get(stage.name)
        if other is None:
            continue
        if stage.target is not None and (other.target is None or other.target < stage.target):
            found.append("a target")
        if other.allow_growth and not stage.allow_growth:
            found.append("growth")
    return found


def fails_less(
    before: Funnel, after: Funnel, stages: dict[str, str], strict: bool, sizes: int, dice: random.Random
) -> bool:
    """Whether a figure fails before and does not now: both sides have it, stage by stage."""
    if not before.checks:
        return False
    follow = any(isinstance(c, Check) and isinstance(c.limit, BaselineLimit) for c in (*before.checks, *after.checks))
    bare = [_bare(each) for each in (before, after)]
    if _without_figures(bare[0]) == _without_figures(bare[1]):
        return False
    for _ in range(sizes):
        figures = _figures(before, after, stages, dice)
        money = dice.choice((0.01, 0.3, 1, 1, 3, 30))
        one = _with(bare[0], figures, {}, money)
        two = _with(bare[1], figures, {v: k for k, v in stages.items()}, money)
        one = _of_one_money(one, two, stages)
        if not all(map(_is_funnel, (one, two))):
            continue
        reference = None
        if follow:
            base = _figures(before, after, stages, dice)
            reference = _with(bare[0], base, {}, 1), _with(bare[1], base, {v: k for k, v in stages.items()}, 1)
        if _fails(one, strict, reference and reference[0]) and not _fails(two, strict, reference and reference[1]):
            return True
    return False


def _bare(funnel: Funnel) -> Funnel:
    """Without what tells of other figures than the counts."""
    stages = tuple(
        each._replace(conversion=None, open=None, lost_unplaced=None, money_to_come=(), open_rest=None, revenue=None)
        if "revenue" in each._fields
        else each
        for each in funnel.stages
    )
    return funnel._replace(breakdowns=(), cells=(), measured=None, stages=stages, referral=None)


def _without_figures(funnel: Funnel) -> Funnel:
    """What is left are names, ways and checks."""
    stages = tuple(each._replace(count=1, average_check=1, average_check_sd=None, cost=None) for each in funnel.stages)
    checks = tuple(each._replace(text="", location=None) for each in funnel.checks)
    bare = funnel._replace(stages=stages, checks=checks, budget=None, gross_margin=None, scenarios=())
    return bare._replace(file=None, document=1, name="", description=None, period=None)


def _with(funnel: Funnel, figures: dict[str, int], old: dict[str, str], money: float) -> Funnel:
    factor = Fraction(money).limit_denominator(100)
    stages: list[Stage] = []
    for stage in funnel.stages:
        check = stage.average_check
        stages.append(
            stage._replace(
                count=figures[old.get(stage.name, stage.name)],
                average_check=None if check is None else check * factor,
            )
        )
    return funnel._replace(stages=tuple(stages))


def _is_funnel(funnel: Funnel) -> bool:
    """Whether no stage has more than the one it comes from, but for those that may."""
    return all(
        stage.allow_growth or stage.parent is None or stage.count <= funnel.stages[stage.parent].count
        for stage in funnel.stages
    )


def _of_one_money(one: Funnel, two: Funnel, stages: dict[str, str]) -> Funnel:
    """The money of now, which is a figure, and no limit."""
    now = {stage.name: stage for stage in two.stages}
    mine = tuple(
        stage
        if (other := now.get(stages.get(stage.name, stage.name)) or now.get(stage.name)) is None
        else stage._replace(average_check=other.average_check, cost=other.cost, average_check_sd=other.average_check_sd)
        for stage in one.stages
    )
    return one._replace(
        stages=mine, budget=two.budget, gross_margin=two.gross_margin, spend_elasticity=two.spend_elasticity
    )


def _figures(before: Funnel, after: Funnel, stages: dict[str, str], dice: random.Random) -> dict[str, int]:
    """A count for each stage that a side has: near the borders of its checks, or anything."""
    old = {v: k for k, v in stages.items()}
    names: list[str] = []
    origin: dict[str, str | None] = {}
    for side, rename in ((after, old), (before, dict[str, str]())):
        for stage in side.stages:
            name = rename.get(stage.name, stage.name)
            if name not in names:
                names.append(name)
            if origin.get(name) is None:
                above = None if stage.parent is None else side.names[stage.parent]
                origin[name] = None if above is None else rename.get(above, above)
    limits: dict[str, list[float]] = {}
    amounts: dict[str, list[float]] = {}
    for side, rename in ((before, {}), (after, old)):
        for check in side.checks:
            if not isinstance(check, Check) or isinstance(check.limit, BaselineLimit):
                continue
            metric, at = check.selector.metric.name, check.selector.stage or side.names[-1]
            at = rename.get(at, at)
            value = float(check.limit)
            if metric in ("drop_off_rate",):
                value = 1 - value
            if metric == "one_in":
                value = 1 / value if value else 0
            if metric in ("count", "sales", "entries"):
                where = rename.get(side.names[0], side.names[0]) if metric == "entries" else at
                amounts.setdefault(where, []).append(value)
            elif metric in ("revenue", "overall_conversion", "one_in", "cost_per"):
                limits.setdefault("all", []).append(value)
            else:
                limits.setdefault(at, []).append(value)
    found: dict[str, int] = {}
    size = dice.choice((1, 3, 10, 40, 200, 1000, 1000, 20_000, 1_000_000))
    pending = list(names)
    grows = {stage.name for side in (before, after) for stage in side.stages if stage.allow_growth}
    while pending:
        name = next((each for each in pending if origin[each] is None or origin[each] in found), pending[0])
        pending.remove(name)
        above = found.get(origin[name] or "", size)
        if origin[name] is None:
            near = amounts.get(name, [size])
            found[name] = max(0, int(dice.choice(near)) + dice.randint(-1, 1)) if dice.random() < 0.3 else size
            continue
        way = dice.random()
        rates = limits.get(name, [])
        if way < 0.35 and rates:
            rate = dice.choice(rates) * dice.choice((1, 1, 1, 0.995, 1.005, 0.9, 1.1, 0.97, 1.03))
            count = round(above * rate) + dice.choice((0, 0, 0, 1, -1))
        elif way < 0.5 and len(rates) > 1:
            low, high = min(rates), max(rates)
            count = round(above * dice.uniform(low, high))
        elif way < 0.6 and name in amounts:
            count = int(dice.choice(amounts[name])) + dice.randint(-1, 1)
        elif way < 0.75 and limits.get("all"):
            rate = dice.choice(limits["all"])
            rate = rate if rate < 1 else dice.random()
            count = round(found[names[0]] * rate) + dice.choice((0, 0, 1, -1)) if names[0] in found else 0
        elif way < 0.8:
            count = dice.choice((0, above))
        else:
            count = round(above * dice.random() ** dice.choice((0.3, 1, 3)))
        found[name] = max(0, count if name in grows else min(count, above))
    return found


def _fails(funnel: Funnel, strict: bool, reference: Funnel | None) -> bool:
    found = run_checks(funnel, funnel.checks, None if reference is None else [reference])
    return any(each.passed is False or (strict and each.passed is None) for each in found)
