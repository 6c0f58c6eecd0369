"""Figures as a new file says them: all of their digits where they end, else as many as keep what follows from them."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from funnelcli.exact import LARGEST_NUMBER, reduced
from funnelcli.funnel_file.scalars import LONGEST_NUMBER
from funnelcli.funnel_file.yaml.plain import POINT_OF_THOUSANDS

if TYPE_CHECKING:
    from typing import TypeVar

    from funnelcli.exact import Exact
    from funnelcli.model import Funnel, Stage
    from funnelcli.segments import Segment

    Priced = TypeVar("Priced", Stage, Segment)

MOST_DECIMALS = LONGEST_NUMBER - 2
FEWEST_OF_A_MEAN = 4
"""Decimals that the mean of amounts has where they do not end: a hundredth of a cent."""
MOST_OF_A_MEAN = 18
"""Decimals above which a number is no mean that was rounded to be written."""
_NEAR = Fraction(1, 1000)
"""How near the sum of a mean as it is written is to that of the mean itself."""
DIGITS_OF_A_DEVIATION = 4
DIGITS_OF_DAYS = 6


def decimals_of(value: Exact) -> int | None:
    """How many decimals a number has; `None` where they do not end."""
    return _decimals(value.denominator)


@lru_cache(maxsize=256)
def _decimals(rest: int) -> int | None:
    """The decimals of parts of such a size."""
    twos = fives = 0
    while not rest % 2:
        rest, twos = rest // 2, twos + 1
    while not rest % 5:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def figure_text(value: Exact, decimals: int | None = None) -> str:
    """A number as a file says it, rounded half up to so many decimals, by default to none where they end.

    A fourth decimal stands where three would be taken for thousands.
    """
    if isinstance(value, int):
        return str(value)
    if decimals is None and not 100 % value.denominator and 0 < value.numerator < LARGEST_NUMBER:
        units, cents = divmod(value.numerator * 100 // value.denominator, 100)  # there may be one for each unit
        return f"{units}.{cents:02d}".rstrip("0").rstrip(".")
    places = decimals_of(value) if decimals is None else decimals
    places = MOST_DECIMALS if places is None else places
    room = MOST_DECIMALS - len(str(abs(value.numerator) // value.denominator)) + 1
    text = _rounded(value, max(0, min(places, room)))
    return f"{text}0" if POINT_OF_THOUSANDS.fullmatch(text) else text


def percent_text(rate: Exact) -> str:
    """A rate in percent."""
    return f"{figure_text(reduced(100 * Fraction(rate)))}%"


def _rounded(value: Exact, places: int) -> str:
    scaled = (2 * value.numerator * 10**places + value.denominator) // (2 * value.denominator)
    if not places:
        return str(scaled)
    digits = f"{scaled:0{places + 1}d}"
    return f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")


def significant(value: Exact, digits: int) -> str:
    """A number with so many digits, and all of those before the point."""
    if isinstance(value, int):
        return str(value)
    decimals = 0
    while decimals < MOST_DECIMALS and value * 10**decimals < 10 ** (digits - 1):
        decimals += 1
    own = decimals_of(value)
    return figure_text(value, decimals if own is None else min(own, decimals))


def exact_mean(mean: Exact, units: Exact) -> Exact:
    """The mean that was rounded to be written (`mean_text`): of a sum in whole cents, where that tells these digits."""
    own = decimals_of(mean)
    if own is None or not FEWEST_OF_A_MEAN <= own <= MOST_OF_A_MEAN or not units:
        return mean
    total = Fraction(mean * units)
    cents = Fraction(round(total * 100), 100)
    exact = cents / units
    is_rounded = abs(exact - mean) * 10**own * 2 <= 1 and abs(cents - total) < _NEAR
    return reduced(exact) if is_rounded else mean


def with_exact_means(funnel: Funnel) -> Funnel:
    """The funnel with its average checks as they were before they were rounded to be written."""
    stages = tuple(
        [
            stage if stage.average_check is None else _with_exact_mean(stage, stage.count if stage.is_counted else 0)
            for stage in funnel.stages
        ]
    )
    if not funnel.breakdowns:
        return funnel if stages == funnel.stages else funnel._replace(stages=stages)
    sale = funnel.sale_stage
    breakdowns = [
        each._replace(
            segments=tuple([_with_exact_mean(part, part.counts[sale] if part.counts else 0) for part in each.segments])
        )
        for each in funnel.breakdowns
    ]
    return funnel._replace(stages=tuple(stages), breakdowns=tuple(breakdowns))


def _with_exact_mean(priced: Priced, units: Exact) -> Priced:
    written = priced.average_check
    mean = None if written is None else exact_mean(written, units)
    return priced if mean is written else priced._replace(average_check=mean)


def mean_text(mean: Exact, units: Exact | None) -> str:
    """A mean of money: where its decimals are many or do not end, as few as keep its sum over the units."""
    own = decimals_of(mean)
    if own is not None and (own <= FEWEST_OF_A_MEAN or units is None):
        return figure_text(mean)
    total = None if units is None else Fraction(mean * units)
    near = _NEAR if own is None else Fraction(1, 100_000)  # the long ones are of tables' many segments
    for decimals in range(FEWEST_OF_A_MEAN, MOST_DECIMALS):
        text = figure_text(mean, decimals)
        if total is None or units is None or abs(Fraction(text) * units - total) < near:
            return text
    return figure_text(mean, MOST_DECIMALS)
