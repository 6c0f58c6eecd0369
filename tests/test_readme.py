"""The README and the manual are true: their examples print what they say, and their links lead somewhere."""

from __future__ import annotations

import contextlib
import io
import re
import tomllib
from pathlib import Path

import pytest

from funnelcli.cli.app import COMMANDS
from funnelcli.funnel_file.reader import read
from tests import readme

TEXTS = {page: page.read_text(encoding="utf-8") for page in readme.pages()}
PAGES = {page.relative_to(readme.ROOT).as_posix(): text for page, text in TEXTS.items()}
LARGEST = 400_000
"""Bytes of the manual in the wheel."""


@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if readme.blocks(text, "console")])
def test_examples_print_what_the_page_shows(page: str) -> None:
    assert readme.updated(PAGES[page]) == PAGES[page]


def test_there_are_examples_of_every_command() -> None:
    shown = [
        command
        for text in PAGES.values()
        for block in readme.blocks(text, "console")
        for command in readme.commands(block)
    ]
    for name in COMMANDS:
        assert any(f"funnelcli {name} " in command for command in shown), name


@pytest.mark.parametrize(
    ("page", "block"), [(page, block) for page, text in PAGES.items() for block in readme.blocks(text, "yaml")]
)
def test_yaml_of_the_manual_is_sound(page: str, block: str) -> None:
    """Whole funnels as they stand; parts of one under stages that fit."""
    whole = block if "stages:" in block else f"stages: {{Calls: 30, Decision maker: 10}}\n{block}"
    assert [each.problem for each in read(whole.encode(), page).diagnostics] == []


@pytest.mark.parametrize(
    ("page", "block"), [(page, block) for page, text in PAGES.items() for block in readme.blocks(text, "python")]
)
def test_python_of_the_manual_runs(page: str, block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(readme.ROOT)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(block, page, "exec"), {})
    expected = [line.partition("# ")[2] for line in block.splitlines() if "print(" in line]
    assert said.getvalue().split() == expected


def headings(text: str) -> set[str]:
    """Anchors of the headings of a page, as code hosts make them."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", sorted({*TEXTS, *readme.DOCS.rglob("*.md")}), ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    """Those to other pages and to headings in them; those of the manual stay in it, but for pictures."""
    text = page.read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    for picture, link in re.findall(r"(!?)\[[^\]]*\]\(([^)\s]+)\)", prose):
        if re.match("https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert picture or page == readme.README or target.is_relative_to(readme.DOCS), link
        assert not anchor or anchor in headings(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize(
    "page",
    [*(page for page in TEXTS if page != readme.README), readme.DOCS / "changelog.md"],
    ids=lambda page: page.stem,
)
def test_a_page_of_the_manual_begins_with_its_title_and_one_sentence_that_stands_in_lists(page: Path) -> None:
    title, empty, sentence, below, *_ = page.read_text(encoding="utf-8").split("\n")
    assert re.fullmatch(r"# \S.*", title)
    assert empty == below == ""
    assert re.fullmatch(r"[A-Z`].{20,118}\.", sentence)
    assert "](" not in sentence
    assert ". " not in sentence


def test_every_page_can_be_reached_from_the_readme() -> None:
    found, ahead = set[Path](), [readme.README]
    while ahead:
        page = ahead.pop()
        found.add(page)
        links = re.findall(r"\]\(([^)#\s]+\.md)", page.read_text(encoding="utf-8"))
        targets = ((page.parent / link).resolve() for link in links if "://" not in link)
        ahead += [target for target in targets if target not in found]
    assert set(TEXTS) <= found


def test_the_manual_is_small() -> None:
    assert sum(page.stat().st_size for page in readme.DOCS.rglob("*") if page.suffix in (".md", ".txt")) < LARGEST


def test_extras_named_in_the_readme_exist() -> None:
    project: dict[str, dict[str, object]] = tomllib.loads((readme.ROOT / "pyproject.toml").read_text())["project"]
    assert ".[test]" in PAGES["README.md"]
    assert "test" in project["optional-dependencies"]


@pytest.mark.parametrize("path", sorted((readme.ROOT / "sample_funnels").glob("*.yaml")), ids=lambda path: path.stem)
def test_samples_open_with_what_they_are_for(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_pictures_are_those_of_the_program(tmp_path: Path) -> None:
    """The words of each; where they stand depends on the fonts of the machine."""
    pytest.importorskip("vl_convert")
    import subprocess
    import sys
    from xml.etree import ElementTree

    for name, arguments in {
        "funnel": ["sample_funnels/context_ads.yaml"],
        "waterfall": ["sample_funnels/periods.yaml", "--chart", "waterfall"],
    }.items():
        made = tmp_path / f"{name}.svg"
        command = [sys.executable, "-m", "funnelcli", "report", *arguments, "-o", str(made)]
        subprocess.run(command, cwd=readme.ROOT, check=True)
        kept = readme.ROOT / ".github" / "pictures" / f"{name}.svg"
        texts = [ElementTree.parse(path).getroot().itertext() for path in (made, kept)]
        words = [[word for word in text if not word.startswith("funnelcli ")] for text in texts]  # whose work it is
        assert words[0] == words[1]
        assert any(f".github/pictures/{name}.svg" in text for text in PAGES.values())


def test_the_readme_is_short() -> None:
    assert len(PAGES["README.md"].splitlines()) <= 250
