"""The one table of metrics: complete, and consistent with the model and with what can be computed."""

from __future__ import annotations

from typing import get_args

import pytest

from funnelcli.analyses.figures import LACKING, VALUES, VALUES_OF_ALL
from funnelcli.metrics import METRICS, Metric, Need
from funnelcli.model import Funnel, Stage
from funnelcli.output.report.definitions import DEFINITIONS

each_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
COMPUTED = {"count", "revenue"}
"""Keys of a stage that may be left out and are computed then, so that they are results as well."""


def test_every_metric_has_a_value_and_every_need_its_words() -> None:
    assert list(VALUES) == list(METRICS)
    assert VALUES_OF_ALL.keys() == VALUES.keys()
    assert LACKING.keys() == set(get_args(Need))


@each_metric
def test_what_a_file_gives_is_no_goal(metric: Metric) -> None:
    """A metric that is a key of the file is an input: a row that calls it a result is a slip."""
    unprojected = {"conversion_decided", "conversion_eventual"}  # no projection tells who will be open
    given = {*Stage._fields, *Funnel._fields, *unprojected} - COMPUTED
    assert metric.is_goal == (metric.name not in given)


@each_metric
def test_meanings_are_sentences(metric: Metric) -> None:
    assert metric.meaning.endswith(".")
    assert metric.meaning[0].isupper()


@each_metric
def test_a_metric_with_a_term_is_among_the_definitions_of_a_page(metric: Metric) -> None:
    assert [each.meaning for each in DEFINITIONS if each.term == metric.term] == (
        [metric.meaning] if metric.term else []
    )


@each_metric
def test_bounds_are_no_narrower_where_stages_grow(metric: Metric) -> None:
    (low, high), (low_growing, high_growing) = metric.bounds
    assert low_growing is None or (low is not None and low_growing <= low)
    assert high_growing is None or high_growing == high
