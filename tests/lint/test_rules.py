"""Rules of lint: each has its code once, and one of a part of the funnel has nothing to find without that part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli import docs
from funnelcli.funnel_file.reader import read
from funnelcli.lint.rules import RULES
from funnelcli.model import Funnel
from tests.conftest import ROOT

if TYPE_CHECKING:
    from funnelcli.lint import Rule

OF_A_PART = [rule for rule in RULES if rule.of is not None]


@pytest.fixture(scope="module")
def funnels() -> list[Funnel]:
    """The sound funnels of the samples, and of the examples of the codes."""
    texts = [path.read_bytes() for path in sorted((ROOT / "sample_funnels").glob("*.yaml"))]
    for code in docs.codes():
        explained = docs.explanation(code)
        assert explained is not None
        texts.append(explained.example.encode())
    return [funnel for text in texts for funnel in read(text, "funnel.yaml").funnels]


def test_a_code_has_one_rule() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", OF_A_PART, ids=lambda rule: rule.code)
def test_a_rule_of_a_part_finds_nothing_without_it(rule: Rule, funnels: list[Funnel]) -> None:
    assert rule.of in Funnel._field_defaults
    assert not Funnel._field_defaults[rule.of]
    found = 0
    for funnel in funnels:
        found += bool([*rule.look(funnel, lambda path: "")])
        without = funnel._replace(**{rule.of: Funnel._field_defaults[rule.of]})
        assert [*rule.look(without, lambda path: "")] == [], funnel.name
    assert found, "no funnel here shows that the rule finds anything"
