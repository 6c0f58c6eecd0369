"""Every sample of an export is imported and says what its vendor's screens say, see tests/exports/README.md."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import import_table
from funnelcli.counts_table.recipes import recipes
from funnelcli.exact import added
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from funnelcli.model import Funnel

EXPORTS = ROOT / "tests" / "exports"
EXPECTED = sorted(EXPORTS.glob("*/*.expected.yaml"))
MEANS = 9
"""Digits behind the point to which means are compared, which may not end."""
KEYS = {"file", "options", "recipe", "notes_contain", "funnels", "refused"}


def money(value: object) -> Fraction:
    """Money of an expected file, which YAML has read: its shortest notation is the one that was written."""
    return round(Fraction(str(value)), MEANS)


def checked_stages(funnel: Funnel) -> dict[str, Any]:
    return {stage.name: stage.count for stage in funnel.stages}


def checked_open(funnel: Funnel) -> dict[str, Any]:
    return {stage.name: stage.open for stage in funnel.stages if stage.open}


def checked_open_amounts(funnel: Funnel) -> dict[str, Any]:
    return {
        stage.name: round(Fraction(added(stage.open_amounts)), MEANS) for stage in funnel.stages if stage.open_amounts
    }


def checked_average(funnel: Funnel) -> Any:
    average = funnel.stages[funnel.sale_stage].average_check
    return None if average is None else round(Fraction(average), MEANS)


def checked_revenue(funnel: Funnel) -> Any:
    sale = funnel.stages[funnel.sale_stage]
    value = sale.revenue if sale.average_check is None else sale.count * sale.average_check
    return None if value is None else round(Fraction(value), MEANS)


def checked_budget(funnel: Funnel) -> Any:
    if funnel.budget is not None:
        return Fraction(funnel.budget)
    budgets = [segment.budget for segment in funnel.breakdowns[0].segments] if funnel.breakdowns else []
    return Fraction(added([each for each in budgets if each is not None]))


def checked_breakdowns(funnel: Funnel) -> dict[str, Any]:
    return {each.dimension: {part.name: list(part.counts) for part in each.segments} for each in funnel.breakdowns}


def checked_open_by(funnel: Funnel) -> dict[str, Any]:
    return {each.dimension: {part.name: list(part.open) for part in each.segments} for each in funnel.breakdowns}


def checked_revenue_by(funnel: Funnel) -> dict[str, Any]:
    """Money of the sale of segments that have some, of the dimensions of the file."""
    sale = funnel.sale_stage
    return {
        each.dimension: {
            part.name: round(Fraction(part.average_check * part.counts[sale]), MEANS)
            for part in each.segments
            if part.average_check is not None
        }
        for each in funnel.breakdowns
    }


def checked_days(funnel: Funnel) -> dict[str, Any]:
    return {stage.name: Fraction(stage.days) for stage in funnel.stages if stage.days is not None}


def amounts(values: dict[str, object]) -> dict[str, Fraction]:
    return {name: money(value) for name, value in values.items()}


def exact(value: Any) -> Any:
    """Figures of an expected file as they are written there, within whatever lists and mappings."""
    if isinstance(value, dict):
        return {name: exact(each) for name, each in value.items()}
    if isinstance(value, list):
        return [exact(each) for each in value]
    return money(value) if isinstance(value, float) else value


CHECKS: dict[str, tuple[Any, Any]] = {
    "name": (lambda funnel: funnel.name, str),
    "period": (lambda funnel: funnel.period, str),
    "currency": (lambda funnel: funnel.currency, str),
    "stages": (checked_stages, exact),
    "open": (checked_open, dict),
    "open_amounts": (checked_open_amounts, amounts),
    "average_check": (checked_average, money),
    "revenue": (checked_revenue, money),
    "budget": (checked_budget, money),
    "breakdowns": (checked_breakdowns, exact),
    "open_by": (checked_open_by, dict),
    "revenue_by": (checked_revenue_by, lambda values: {key: amounts(each) for key, each in values.items()}),
    "days": (checked_days, amounts),
}
"""What a funnel has by a key of the expected file, and how the file's value is read."""


def export_of(path: Path, expected: dict[str, Any]) -> Path:
    if "file" in expected:
        found: Path = (path.parent / expected["file"]).resolve()
        return found
    stem = path.name.removesuffix(".expected.yaml")
    (export,) = (each for each in path.parent.iterdir() if each.stem == stem and each != path)
    return export


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: f"{path.parent.name}/{path.name.split('.')[0]}")
def test_a_sample_says_what_its_vendor_says(path: Path) -> None:
    expected = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert expected.keys() <= KEYS
    export = export_of(path, expected)
    options = {
        key: tuple(value) if isinstance(value, list) else value for key, value in expected.get("options", {}).items()
    }
    result = import_table(export.read_bytes(), export.name, ImportOptions(**options))
    if "refused" in expected:
        assert isinstance(result, list), result
        (problem,) = [each.problem for each in result]
        assert problem.code == expected["refused"]["code"]
        said = f"{problem.message} {problem.help}"
        assert [part for part in expected["refused"].get("contains", []) if part not in said] == [], said
        return
    assert not isinstance(result, list), [each.problem for each in result]
    recipe = None if result.recipe is None else result.recipe.name
    assert recipe == expected.get("recipe", path.parent.name)
    found = [
        {key: CHECKS[key][0](funnel) for key in ("open", *wanted)}
        for funnel, wanted in zip(result.funnels, expected["funnels"], strict=True)
    ]
    wanted = [
        {key: CHECKS[key][1](value) for key, value in {"open": {}, **each}.items()} for each in expected["funnels"]
    ]
    assert found == wanted
    for funnel, each in zip(result.funnels, expected["funnels"], strict=True):
        assert list(funnel.names) == list(each.get("stages", funnel.names))
    notes = "\n".join(result.notes)
    assert [part for part in expected.get("notes_contain", []) if part.lower() not in notes.lower()] == [], notes


def test_every_export_has_an_expected_file() -> None:
    files = [path for recipe in recipes() for path in (EXPORTS / recipe.name).glob("*")]
    exports = [path for path in files if not path.name.endswith(".expected.yaml")]
    assert len(exports) > 15
    assert [path.name for path in exports if not path.with_suffix(".expected.yaml").exists()] == []
