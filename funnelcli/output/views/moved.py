"""What moved revenue, sales and profit between funnels, as `compare` shows it: factor by factor, with ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.analyses.factors import ENTRIES, STILL_OPEN, UNITS
from funnelcli.analyses.fewer_stages import OVERALL
from funnelcli.output.document import CHANGES, Block, CellKind, Column, Note, Waterfall
from funnelcli.output.numbers import brief_rate, in_table, text, visible
from funnelcli.output.views.building import base_called, figure_word, kind_of, sentence, table
from funnelcli.output.views.roundings import ROUNDED, misses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from funnelcli.analyses.comparison import Comparison
    from funnelcli.analyses.moved import Effect, Moved


MOST_NAMED = 3
"""Effects that a sentence names."""


def most(pair: Comparison, confidence: float, currency: str | None) -> Iterator[Note]:
    """What moved revenue, or sales, and profit most, where that can be told; else why not, and the largest effect.

    What is still open stands before it: it is neither better nor worse.
    """
    what, profit = "revenue" if pair.revenue else "sales", pair.profit
    whole, kind = pair.revenue or pair.sales, CHANGES[kind_of(what)]
    what = figure_word(what, pair)
    both = f"{what} and profit"

    def told(whole: Moved, what: str, kind: CellKind) -> list[str]:
        still, most = _still_open(pair, whole, what, kind, currency), _most(whole, what, kind, confidence, currency)
        beside = f"Beside that, {most[:1].lower()}{most[1:]}" if still and most else most
        return [each for each in (still, beside, _with_change(whole, what, kind, confidence, currency)) if each]

    if profit is not None and told(whole, both, kind) == told(profit, both, "money_change"):
        what, profit = both, None
    found = told(whole, what, kind) + ([] if profit is None else told(profit, "profit", "money_change"))
    yield from map(Note, found)


def _still_open(pair: Comparison, whole: Moved, what: str, kind: CellKind, currency: str | None) -> str | None:
    """What others being decided moved, and how many are not."""
    effect = by_factor(whole).get((STILL_OPEN, None))
    if effect is None or not effect.effect:
        return None
    entry = pair.stages[0]
    sides = (whole.open_b, entry.count_b, pair.b), (whole.open_a, entry.count_a, pair.a)
    units = ", ".join(
        f"{text(waiting, 'count')} of {text(count, 'count')} in {visible(side)}"
        if waiting <= count
        else f"{text(waiting, 'count')} in {visible(side)}"
        for waiting, count, side in sides
    )
    moved = f"{text(effect.effect, kind, currency)} of the change of {what}"
    return f"{moved} is because some are still open, not lost: {units}."


def _said(effect: Effect, kind: CellKind, confidence: float, currency: str | None) -> str:
    words = f"{_factor(effect.factor, effect.from_)}, {text(effect.effect, kind, currency)}"
    if effect.low is None or effect.high is None or effect.low == effect.high:
        return words
    ends = f"{in_table(effect.low, kind, currency)} to {text(effect.high, kind, currency)}"
    return f"{words} ({brief_rate(confidence)} range {ends})"


def _with_change(whole: Moved, what: str, kind: CellKind, confidence: float, currency: str | None) -> str | None:
    """What a fall or a rise comes from, where the largest effect goes against it."""
    effects = {effect.factor: effect for effect in whole.effects}
    said = [_said(effects[factor], kind, confidence, currency) for factor in whole.with_change[:MOST_NAMED]]
    way = "lowered" if whole.change < 0 else "raised"
    return f"What {way} {what}, by more than chance: {'; '.join(said)}." if said else None


def _most(whole: Moved, what: str, kind: CellKind, confidence: float, currency: str | None) -> str | None:
    def said(effect: Effect) -> str:
        return _said(effect, kind, confidence, currency)

    if not whole.change:
        return None
    largest = max((each for each in whole.effects if each.factor != STILL_OPEN), key=lambda each: abs(each.effect))
    if not largest.effect:
        return None
    if whole.most:
        return f"What moved {what} most: {said(largest)}."
    if whole.doubt == "cut":
        return f"What moved {what} most cannot be told, as the two are of unequal time."
    if whole.doubt == "unknown":
        why = "Without whole counts of every step it has no range."
        return f"The largest effect on {what}: {said(largest)}. {why}"
    if whole.doubt == "open":
        when = "expected in the end" if whole.in_the_end else "so far"
        return f"The largest effect on {what} {when}: {said(largest)}. Those still open may change it."
    if whole.doubt == "close":
        rival = next(effect for effect in whole.effects if effect.factor == whole.rival)
        return f"What moved {what} most cannot be told: {said(largest)}; or {said(rival)}."
    alone = largest.low is not None and largest.high is not None and not largest.low <= 0 <= largest.high
    several = ", as it is the largest of several" if alone else ""
    if alone and largest.factor.partition("@")[0] in (ENTRIES, UNITS):  # its range takes them as they were
        several = ": the range takes the entries as they came, and how many come varies by chance, too"
    told = f"the largest effect, {said(largest)}, may be chance{several}"
    return f"What moved {what} most cannot be told: {told}."


def of_two(pair: Comparison, confidence: float) -> Iterator[Block]:
    """From one revenue, or number of sales, and from one profit to the other."""
    yield waterfall(pair, confidence)
    if pair.profit is not None:
        yield waterfall(pair, confidence, "profit")


def waterfall(pair: Comparison, confidence: float, what: str = "") -> Waterfall:
    """From one amount to the other, factor by factor; without another wish the revenue, or else the sales."""
    whole = pair.profit if what == "profit" else pair.revenue
    what = what or ("revenue" if whole else "sales")
    whole = whole or pair.sales
    steps = tuple((_step(pair, effect), effect.effect, False) for effect in whole.effects)
    rows = ((pair.a, whole.a, True), *steps, (pair.b, whole.b, True))
    sides = {f"conversion@{stage.name}": stage.differs for stage in pair.stages if not stage.others_got_there}
    sides[OVERALL] = pair.overall.differs
    marked = {index: sides.get(effect.factor, 0) for index, effect in enumerate(whole.effects, 1)}
    ranges = {
        index: (effect.low, effect.high)
        for index, effect in enumerate(whole.effects, 1)
        if effect.low is not None and effect.high is not None
    }
    title = f"What moved {figure_word(what, pair)}{f' {base_called(True)}' if whole.in_the_end else ''}"
    return Waterfall(rows, kind_of(what), title, marked, ranges, confidence)


def _step(pair: Comparison, effect: Effect) -> str:
    """A factor; entries that are of more days are no cause."""
    words = sentence(_factor(effect.factor, effect.from_))
    return f"{words}, of unequal time" if pair.uneven and effect.factor.partition("@")[0] in (ENTRIES, UNITS) else words


def of_more(pairs: Sequence[Comparison], first: str, currency: str | None) -> Iterator[Block]:
    """The effects of several funnels against the first, on revenue or sales, and on profit."""
    money = all(pair.revenue is not None for pair in pairs)
    yield from _effects(pairs, "revenue" if money else "sales", first, currency)
    if all(pair.profit is not None for pair in pairs):
        yield from _effects(pairs, "profit", first, currency)


def _effects(pairs: Sequence[Comparison], what: str, first: str, currency: str | None) -> Iterator[Block]:
    kind = kind_of(what)
    wholes: list[Moved] = [getattr(pair, what) for pair in pairs]
    factors = list(dict.fromkeys((effect.factor, effect.from_) for whole in wholes for effect in whole.effects))

    def amount(factor: tuple[str, str | None]) -> Callable[[Any], Any]:
        def of(row: tuple[Comparison, Moved]) -> float | None:
            effect = by_factor(row[1]).get(factor)
            if effect is None:  # in a pair without open units nothing is still open
                return 0 if factor[0] == STILL_OPEN else None
            return effect.effect

        return of

    columns = (
        Column("", "side", "text", lambda row: row[0].b),
        *(Column(sentence(_factor(*factor)), "effect", CHANGES[kind], amount(factor)) for factor in factors),
        Column("Change", "change", CHANGES[kind], lambda row: row[1].change),
    )
    when = f" {base_called(True)}" if wholes[0].in_the_end else ""
    title = f"What moved {figure_word(what, pairs[0])}{when} against {first}"
    yield table(zip(pairs, wholes, strict=True), columns, title)
    if any(_misses(whole, kind, currency) for whole in wholes):
        yield ROUNDED


def _misses(whole: Moved, kind: CellKind, currency: str | None) -> bool:
    """Whether the effects of a row add up to its change before they are rounded alone."""
    effects, change = [each.effect for each in whole.effects], CHANGES[kind]
    shown = [in_table(effect, change, currency) for effect in effects]
    return misses(effects, whole.change, shown, in_table(whole.change, change, currency))


def by_factor(whole: Moved | None) -> dict[tuple[str, str | None], Effect]:
    """The effects by their factors."""
    return {(effect.factor, effect.from_): effect for effect in whole.effects} if whole else {}


_WORDS = {
    "entries": "entries",
    OVERALL: "overall conversion",
    STILL_OPEN: "still open",
    "count": "count",
    "average_check": "average check",
    "gross_margin": "gross margin",
    "cost": "cost",
    "budget": "budget",
}


def _factor(factor: str, source: str | None = None) -> str:
    """A factor in words; `source` is the stage that a conversion is from, where that is not the one before."""
    metric, _, stage = factor.partition("@")
    if metric == "conversion":
        return f"conversion{'' if source is None else f' from {visible(source)}'} to {visible(stage)}"
    return f"{_WORDS[metric]} of {visible(stage)}" if stage else _WORDS[metric]
