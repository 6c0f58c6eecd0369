"""Sound funnels with everything the format has: read without an error, analysed, and shown in every format."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of

from funnelcli.funnel_file import schema
from funnelcli.funnel_file.reader import read
from funnelcli.metrics import METRICS
from funnelcli.model import RateRange
from funnelcli.what_if import OPERATORS
from tests.robustness.properties import CANVASES, examine, has_errors
from tests.robustness.strategies import Level, changes, checks, files
from tests.thorough import whole_or_part

TABLES = (schema.FUNNEL, schema.STAGE, schema.SEGMENT, schema.REFERRAL, schema.MEASURE)

few = settings(
    max_examples=whole_or_part(14, 8),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),  # what fails is made smaller by the fuzzer, which has the time
)


@few
@given(files())
def test_what_is_sound_is_read_without_an_error_and_everything_can_be_said_of_it(text: str) -> None:
    reading = examine(text.encode())
    assert not has_errors(reading), [each.problem for each in reading.diagnostics]
    assert len(reading.funnels) == reading.documents


@settings(few, max_examples=whole_or_part(5, 3))
@given(files())
def test_every_canvas_can_be_drawn_on(text: str) -> None:
    examine(text.encode(), CANVASES[1:])


@few
@given(checks(["Visits", "Sales"]))
def test_every_check_is_kept_as_it_is_written(text: str) -> None:
    reading = read(f"stages: {{Visits: 10, Sales: 5}}\nchecks: ['{text}']\n".encode(), "test.yaml")
    assert [each.problem for each in reading.diagnostics] == []
    (check,) = reading.funnels[0].checks
    assert check.text == text
    assert text.startswith(str(check.selector))
    assert check.operator in text


@pytest.fixture(scope="module")
def generated() -> list[str]:
    """Some files, for questions about what is generated at all."""
    found: list[str] = []

    @settings(few, max_examples=60)
    @given(files())
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return found


def test_every_key_is_generated(generated: list[str]) -> None:
    """A key that the strategies forget would never be tested here."""
    keys = {field.key for table in TABLES for field in table}
    assert {key for key in keys if not any(f"{key}:" in text for text in generated)} == set()


def test_every_shape_is_generated(generated: list[str]) -> None:
    funnels = [funnel for text in generated for funnel in read(text.encode(), "test.yaml").funnels]
    assert any(funnel.breakdowns and funnel.scenarios and funnel.checks for funnel in funnels)
    assert any(not funnel.is_chain for funnel in funnels)
    assert any(stage.allow_growth for funnel in funnels for stage in funnel.stages)
    assert any(isinstance(stage.conversion, RateRange) for funnel in funnels for stage in funnel.stages)
    assert any("ignore[" in text for text in generated)
    assert any(not text.isascii() for text in generated)


def test_every_form_of_a_change_is_generated() -> None:
    """Drawn from the changes alone: few files have one, and which files are drawn is another matter elsewhere."""
    levels = [Level("Visits", None, 100, False, []), Level("Sales", 0, 20, False, [])]
    found: set[str] = set()

    @settings(few, max_examples=300)
    @given(one_of(*(change for _, change in changes(levels, "100", False))))
    def collect(text: str) -> None:
        found.add(text)

    collect()
    for form in (r"[+-].*%", r"[+-].*pp", r"x.*", r"[+-][^%p]*", r"[^x+-].*"):
        assert any(re.fullmatch(form, text) for text in found), form


def test_checks_of_every_metric_and_operator_are_generated() -> None:
    found: set[tuple[str, str]] = set()

    @settings(few, max_examples=600)
    @given(checks(["Visits", "Sales"]))
    def collect(text: str) -> None:
        selector, operator, *_ = text.split()
        found.add((selector.split("@")[0], operator))

    collect()
    assert {metric for metric, _ in found} == METRICS.keys()
    assert {operator for _, operator in found} == OPERATORS.keys()
