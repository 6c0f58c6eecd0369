"""What the manual says of exports: recipes have samples and a source, the guide lists them, the examples run."""

from __future__ import annotations

import re
import shlex
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook

from funnelcli import docs
from funnelcli.counts_table.recipes import recipes
from funnelcli.funnel_file.reader import read
from tests.conftest import ROOT, SAMPLES

pytest.importorskip("ruamel.yaml")

if TYPE_CHECKING:
    from pathlib import Path

    from funnelcli.counts_table.recipes import Recipe

    from .conftest import Run

EXPORTS = ROOT / "tests" / "exports"
SECTION = (ROOT / "funnelcli/docs/guides/import.md").read_text(encoding="utf-8")
HELP = docs.command_text("import")
WIDEST = 100
KEPT_BY_HAND = {"deals", "deals_dates"}
"""Recipes of what no vendor makes."""
PIPELINE = (SAMPLES / "hubspot-crm-exports-all-deals.csv").read_bytes()
SALESFORCE = b"""\
Opportunity Owner,Opportunity Name,Stage,Amount,Close Date,Created Date
Kim,One,Lead,100,2026-12-20,2026-10-01
Kim,Two,Meeting,200,2026-12-20,2026-10-02
Sam,Three,Offer,300,2026-12-20,2026-10-03
Sam,Four,Closed Won,400,2026-11-20,2026-10-04
Kim,Five,Closed Lost,500,2026-11-20,2026-10-05
"""
MADE = {
    "hubspot.csv": PIPELINE,
    "deals.csv": PIPELINE,
    "salesforce.csv": SALESFORCE,
    "google-ads.csv": (EXPORTS / "google_ads" / "english.csv").read_bytes(),
    "ga4-funnel.csv": (EXPORTS / "ga4_funnel" / "download.csv").read_bytes(),
}
"""What the exports hold that the manual names."""


def examples(text: str) -> list[str]:
    """The commands of a page or a block, without remarks behind them."""
    lines = (line.strip() for line in text.splitlines())
    return [line.partition("  #")[0].rstrip() for line in lines if line.startswith("funnelcli ")]


def workbook() -> bytes:
    book = Workbook()
    book.active.title = "October"
    for row in (["Channel", "Visits", "Leads"], ["Ads", 100, 10], ["Search", 300, 20]):
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)
def test_a_recipe_has_samples_with_what_is_expected_and_names_its_source(recipe: Recipe) -> None:
    expected = list((EXPORTS / recipe.name).glob("*.expected.yaml"))
    assert expected, "no sample"
    for page in expected:
        is_there = len(list(page.parent.glob(page.name.removesuffix("expected.yaml") + "*"))) == 2
        assert is_there or "\nfile: " in "\n" + page.read_text(encoding="utf-8"), f"{page.name} is of no sample"
    if recipe.name not in KEPT_BY_HAND:
        assert re.match(r"https://[\w.-]+\.\w+/\S", recipe.docs or ""), recipe.docs


def test_the_guide_names_the_exports_of_the_list(run: Run) -> None:
    """Those of the sentence "Known by name are …", and of `--list` by how their titles begin."""
    known = re.search(r"Known by name are (.*?): `funnelcli import --list`", SECTION, re.DOTALL)
    assert known
    named = re.split(r", | and ", re.sub(r"\s+", " ", known[1]).replace("the ads of ", ""))
    said = run("import", "--list").stdout.splitlines()[1:]
    assert [line.split()[0] for line in said] == [recipe.name for recipe in recipes()]
    titles = [recipe.title for recipe in recipes() if recipe.name not in KEPT_BY_HAND]
    assert len(named) == len(set(named))
    assert {title.split()[0] for title in titles} == {name.split()[0] for name in named}
    assert [name for name in named if not any(title.startswith(f"{name} ") for title in titles)] == []


@pytest.mark.parametrize("text", [HELP, SECTION.partition("```sh\n")[2].partition("```")[0]], ids=["help", "guide"])
def test_the_examples_run(text: str, run: Run, tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    for name, data in (MADE | {"october.xlsx": workbook()}).items():
        (tmp_path / name).write_bytes(data)
    commands = examples(text)
    assert len(commands) >= 7
    for command in commands:
        done = run(*shlex.split(command)[1:])
        assert done.code == 0, f"{command}\n{done.stderr}"
    october = read((tmp_path / "october.yaml").read_bytes(), "october.yaml").funnels[0]
    assert [(stage.name, stage.count) for stage in october.stages] == [("Visits", 400), ("Leads", 30)]


def test_what_the_manual_says_of_exports_fits_a_terminal() -> None:
    """Prose and commands; what the program prints is as wide as it is."""
    prose = "".join(part for part in SECTION.split("```") if not part.startswith("console\n"))
    lines = [*prose.splitlines(), *HELP.splitlines()]
    assert [line for line in lines if len(line) > WIDEST] == []
    assert max(len(line) for line in HELP.splitlines()) <= 80


def test_options_that_the_manual_names_exist(run: Run) -> None:
    listed = set(re.findall(r"--[a-z][a-z-]*", run("import", "--help").stdout.partition("Options:")[2]))
    pages = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "funnelcli/docs/codes").glob("FN*.md"))
    of_exports = re.findall(r"Of an export[^\n]*", pages)
    assert len(of_exports) > 12
    for text in (HELP, SECTION, *of_exports):
        named = set(re.findall(r"--[a-z][a-z-]*", text)) - {"--by", "--until"}
        assert named <= listed, named - listed
