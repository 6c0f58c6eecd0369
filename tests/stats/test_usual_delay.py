"""How soon a chart finds a shift: beside published run lengths, other integration, and the chart itself."""

from __future__ import annotations

import math

import numpy
import pytest
from scipy import stats

from funnelcli.stats.usual import _SLACKS, expected_delay, limits, usual
from funnelcli.stats.usual_delay import MOST, Ahead, Outlook, delay
from funnelcli.stats.usual_level import Period

SEED = 20261128
NEVER = 1e9
KNOWN = 1e9
"""Periods that tell a mean as if it were given."""


def outlook(freedom: float | None = None, known: float = KNOWN, deviation: float = 1.0) -> Outlook:
    return Outlook(freedom, (Ahead(0.0, deviation, known),), 1)


def chain(limit: float, shift: float, states: int = 300) -> tuple[numpy.ndarray, numpy.ndarray]:
    """A CUSUM with a slack of 0.5 as a Markov chain (Brook and Evans, Biometrika 59, 1972): moves and run lengths."""
    width = 2 * limit / (2 * states - 1)
    apart = numpy.arange(states)[None, :] - numpy.arange(states)[:, None]
    moves = stats.norm.cdf((apart + 0.5) * width + 0.5 - shift) - stats.norm.cdf((apart - 0.5) * width + 0.5 - shift)
    moves[:, 0] = stats.norm.cdf((0.5 - numpy.arange(states)) * width + 0.5 - shift)
    return moves, numpy.linalg.solve(numpy.eye(states) - moves, numpy.ones(states))


PUBLISHED = [(4, 0.75, 13.3), (4, 1.0, 8.38), (4, 1.5, 4.75), (4, 2.0, 3.34), (4, 3.0, 2.19), (5, 1.0, 10.4)]
"""From 0 on: Montgomery, Introduction to Statistical Quality Control, table of the tabular CUSUM with that slack."""


@pytest.mark.parametrize(("limit", "shift", "published"), PUBLISHED)
@pytest.mark.parametrize("side", [-1, 1])
def test_run_lengths_are_those_of_a_markov_chain(limit: float, shift: float, published: float, side: int) -> None:
    """After twenty usual periods: an alarm among them begins it anew."""
    usually, _ = chain(limit, 0.0)
    usually[:, 0] += 1 - usually.sum(axis=1)
    _, lengths = chain(limit, shift)
    assert lengths[0] == pytest.approx(published, rel=0.005)
    exact = numpy.linalg.matrix_power(usually, 20)[0] @ lengths
    found = delay(outlook(), [side * shift], (limit, NEVER, NEVER), (0.5, 9.0, 9.0))
    assert found == pytest.approx(exact, rel=0.05)


@pytest.mark.parametrize("freedom", [7, 30])
@pytest.mark.parametrize("shift", [0.6, 1.2, 2.5])
@pytest.mark.parametrize("sides", [1, 2])
def test_few_paths_are_as_good_as_many(freedom: int, shift: float, sides: int) -> None:
    """The same model with 4,000 paths of random numbers; Student's t by way of SciPy."""
    random, paths = numpy.random.default_rng(SEED), 4000
    true = numpy.sqrt(freedom / random.chisquare(freedom, paths))
    squares, sums = numpy.full(paths, float(freedom)), numpy.zeros((paths, 3))
    slacks, borders = numpy.array(_SLACKS), numpy.array(limits(24, sides))
    for _ in range(20):
        sums = numpy.maximum(0, sums + random.standard_normal((paths, 1)) - slacks)
        sums[(sums > borders).any(axis=1)] = 0
    waiting, total = numpy.full(paths, True), 0
    for number in range(MOST):
        total += waiting.sum()
        known = freedom + 1 + number
        away = shift * (freedom + 1) / math.sqrt(known * (known + 1))
        residuals = true * random.standard_normal(paths) + away
        t = residuals / numpy.sqrt(squares / (freedom + number))
        scores = numpy.sign(t) * stats.norm.isf(stats.t.sf(abs(t), freedom + number))
        squares += residuals**2
        sums = numpy.maximum(0, sums + scores[:, None] - slacks)
        waiting &= ~(sums > borders).any(axis=1)
    found = expected_delay(outlook(freedom, freedom + 1), [-shift], 24, sides)
    assert found == pytest.approx(total / paths, rel=0.12)


@pytest.mark.parametrize("asked", [-1, 0])
def test_what_is_said_is_what_the_chart_does(asked: int) -> None:
    """A fall by a standard deviation after 24 periods that raised no alarm of late."""
    said, took = [], []
    for seed in range(250):
        values = [float(each) for each in numpy.random.default_rng(seed).standard_normal(84)]
        now = usual([Period(each) for each in values[:24]], 24, 8, 8, None, asked)
        later = usual([Period(each - (place >= 24)) for place, each in enumerate(values)], 24, 8, 8, None, asked)
        assert now is not None
        assert later is not None
        if now.outlook is not None and not any(12 <= place < 24 for place in later.alarms):
            said.append(expected_delay(now.outlook, [-1.0], 24, 2 + asked))
            took.append(next((place - 23 for place in later.alarms if place >= 24), 60))
    assert len(said) > 100
    assert numpy.mean(said) == pytest.approx(numpy.mean(took), rel=0.2)


def test_what_tells_more_finds_it_sooner() -> None:
    few = outlook(8, 9)
    plain = expected_delay(few, [-1.0], 24, 2)
    assert expected_delay(few, [-1.5], 24, 2) < plain
    assert expected_delay(few, [-1.0], 24, 1) < plain
    assert expected_delay(few, [-1.0], 48, 2) > plain
    assert expected_delay(outlook(35, 36), [-1.0], 24, 2) < plain
    assert expected_delay(few, [1.0], 24, 2) == plain


def test_what_is_far_away_or_never_varied_is_found_at_once() -> None:
    assert expected_delay(outlook(8, 9), [-100.0], 24, 2) == 1
    assert expected_delay(outlook(8, 9, deviation=0.0), [-1e-9], 24, 2) == 1


def test_seasons_have_levels_of_their_own() -> None:
    """A week of days that are alike forgets what was usual seven times as slowly as one level would."""
    days = tuple(Ahead(0.0, 1.0, 9.0) for _ in range(7))
    one, seven = (Outlook(62, days, seasons) for seasons in (1, 7))
    assert expected_delay(seven, [-0.5] * 7, 730, 2) < expected_delay(one, [-0.5] * 7, 730, 2)


def test_what_is_hardly_anything_is_found_late_or_never() -> None:
    assert expected_delay(outlook(8, 9), [-0.01], 3000, 2) > MOST / 2


def test_while_an_alarm_lasts_there_is_nothing_to_go_on_from() -> None:
    values = [float(each) for each in numpy.random.default_rng(SEED).standard_normal(24)]
    found = usual([Period(each) for each in [*values, -9.0]], 24, 8, 8)
    assert found is not None
    assert found.side == -1
    assert found.outlook is None
