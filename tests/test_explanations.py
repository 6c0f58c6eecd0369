"""Every code is explained, and every explanation is true: its example shows the code, and mended it does not."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli import docs
from funnelcli.analyses.checks import run_checks
from funnelcli.cli.app import COMMANDS
from funnelcli.diagnostics import RETIRED
from funnelcli.docs import Explanation, explanation
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.yaml import decoding, tree
from funnelcli.lint.rules import RULES
from funnelcli.output.explanations import FORMATS, WIDEST
from funnelcli.output.formats import Canvas
from tests.conftest import ROOT

if TYPE_CHECKING:
    from funnelcli.funnel_file.reader import Reading

ESCAPED = {"FN001", "FN003", "FN005"}
"""Examples with a byte that cannot be shown, written as `\\x1b`."""
OF_LARGE_FILES: dict[str, tuple[Any, str]] = {
    "FN002": (decoding, "LARGEST_FILE"),
    "FN011": (tree, "LARGEST_EXPANSION"),
}
"""Examples of a limit that no short file passes: module and name of the limit, which the test lowers."""
OF_COMMANDS = {"FN302"}
"""Codes of files that are right, and only not what a command asks for."""
OF_CHECKS = {"FN401", "FN402", "FN403", "FN404"}
"""Results of checks of files that are right."""
OF_READING = sorted(set(docs.codes()) - OF_LARGE_FILES.keys() - OF_COMMANDS - OF_CHECKS)

each_code = pytest.mark.parametrize("code", docs.codes())


def of(code: str) -> Explanation:
    found = explanation(code)
    assert found is not None, f"{code} has no explanation"
    return found


def reading(text: str, code: str) -> Reading:
    """A text read as the code of the explanation asks: with the rules of `lint` for its warnings."""
    data = text.encode()
    if code in ESCAPED:
        data = re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), data)
    return read(data, "example.yaml", rules=RULES if code.startswith("FN3") else ())


def codes(text: str, code: str) -> list[str]:
    return [each.problem.code for each in reading(text, code).diagnostics]


# what is said is true


@pytest.mark.parametrize("code", OF_READING)
def test_the_example_shows_its_code_and_no_other(code: str) -> None:
    assert codes(of(code).example, code) == [code]


@each_code
def test_the_mended_example_shows_nothing(code: str) -> None:
    fixed = reading(of(code).fixed, code)
    assert [each.problem for each in fixed.diagnostics] == []
    assert fixed.funnels


@each_code
def test_only_the_examples_named_above_hold_escaped_bytes(code: str) -> None:
    assert ("\\x" in of(code).example) == (code in ESCAPED)


@pytest.mark.parametrize("code", OF_LARGE_FILES)
def test_a_limit_between_example_and_mended_example_parts_them(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = of(code)
    limit = len(said.fixed) if code == "FN002" else 1
    monkeypatch.setattr(*OF_LARGE_FILES[code], limit)
    assert codes(said.example, code) == [code]
    assert codes(said.fixed, code) == []


@pytest.mark.parametrize(("code", "passed"), [("FN401", False), ("FN402", None), ("FN403", False), ("FN404", None)])
def test_the_check_of_the_example_ends_with_its_code_and_mended_it_passes(code: str, passed: bool | None) -> None:
    assert [each.problem for each in reading(of(code).example, code).diagnostics] == []
    assert verdict(of(code).example) == (passed, code)
    assert verdict(of(code).fixed) == (True, None)


def verdict(text: str) -> tuple[bool | None, str | None]:
    """How the one check of the one funnel of a text ends."""
    (funnel,) = reading(text, "FN4").funnels
    (result,) = run_checks(funnel, funnel.checks)
    return result.passed, result.code


def test_the_funnel_without_scenarios_has_none_and_mended_it_has() -> None:
    said = of("FN302")
    (bare,) = reading(said.example, "FN302").funnels
    (mended,) = reading(said.fixed, "FN302").funnels
    assert (len(bare.scenarios), len(mended.scenarios)) == (0, 1)
    assert bare.stages == mended.stages


# what is said can be read


@each_code
def test_every_part_is_written(code: str) -> None:
    assert all(part.strip() for part in of(code))


@each_code
def test_sentences_are_one_paragraph_that_ends(code: str) -> None:
    for paragraph in (of(code).cause, of(code).cure):
        assert "\n" not in paragraph
        assert "  " not in paragraph
        assert paragraph[-1] == "."
        assert paragraph.count("`") % 2 == 0, "code stands between two backticks"


@each_code
def test_examples_fit_a_narrow_terminal(code: str) -> None:
    for text in (of(code).example, of(code).fixed):
        assert text.endswith("\n")
        assert max(map(len, text.splitlines())) <= 96, "with its indentation 100 columns"


@each_code
def test_examples_are_text_that_any_terminal_shows(code: str) -> None:
    assert all(line.isprintable() for part in of(code) for line in part.split("\n"))


def test_the_help_of_commands_is_text_that_any_terminal_shows() -> None:
    for name in COMMANDS:
        assert docs.command_text(name).isascii(), name


def test_nothing_is_said_twice() -> None:
    for part in ("cause", "cure", "example"):
        said = [getattr(of(code), part) for code in docs.codes()]
        assert len(said) == len(set(said)), part


def test_a_code_that_does_not_exist_has_no_explanation() -> None:
    for code in ("FN999", "FN3", "FN300", "X", ""):
        assert explanation(code) is None


def test_every_code_has_its_page_and_every_page_its_code() -> None:
    pages = list((ROOT / "funnelcli/docs/codes").iterdir())
    assert sorted(page.stem for page in pages) == list(docs.codes())
    headings = [page.read_text(encoding="utf-8").partition("\n")[0] for page in pages]
    assert all(re.fullmatch(rf"# {page.stem}: \S.*\S", heading) for page, heading in zip(pages, headings, strict=True))


def test_a_code_keeps_its_title_for_ever() -> None:
    """`codes.txt` has every code that was ever given out, so that a page that is lost, or used again, is noticed."""
    listed = [line.split(" ", 1) for line in (ROOT / "tests/codes.txt").read_text().splitlines() if line[0] != "#"]
    assert [code for code, _ in listed] == list(docs.codes())
    assert [title for _, title in listed] == [of(code).title for code in docs.codes()]


def test_a_code_that_is_said_has_a_page() -> None:
    sources = [each for each in (ROOT / "funnelcli").rglob("*") if each.suffix in (".py", ".yaml", ".toml", ".txt")]
    said = {code for each in sources for code in re.findall(r"\bFN\d{3}\b", each.read_text(encoding="utf-8"))}
    assert said - RETIRED.keys() <= set(docs.codes())
    assert len(said) > 60


# how it looks

SHORT = Explanation("FN104", "error", "a title", "It is `a_b` <wrong> @you.", "a: 1\nb: 2\n", "Mend it.", "a: 1\n")
PLAIN = """\
FN104 · a title

It is `a_b` <wrong> @you.

For example:

    a: 1
    b: 2

Mend it.

Mended:

    a: 1
"""


def test_text_is_title_cause_example_cure_and_mended_example() -> None:
    assert FORMATS["text"]([SHORT], Canvas()) == PLAIN
    assert FORMATS["text"]([SHORT, SHORT], Canvas()) == f"{PLAIN}\n\n{PLAIN}"


def test_only_the_title_is_painted() -> None:
    painted = FORMATS["text"]([SHORT], Canvas(width=80, color=True))
    assert painted == PLAIN.replace("FN104 · a title", "\x1b[1mFN104 · a title\x1b[0m")


def test_an_encoding_without_the_dot_gets_a_hyphen() -> None:
    assert FORMATS["text"]([SHORT], Canvas(encoding="ascii")).startswith("FN104 - a title\n")


@pytest.mark.parametrize(("width", "widest"), [(None, WIDEST), (200, WIDEST), (91, WIDEST), (60, 60), (30, 30)])
def test_sentences_are_as_wide_as_the_terminal_and_at_most_90(width: int | None, widest: int) -> None:
    long = SHORT._replace(cause="word " * 99 + "end.", cure="word " * 99 + "end.")
    lines = FORMATS["text"]([long], Canvas(width)).splitlines()
    assert widest - len("word ") < max(map(len, lines)) <= widest
    assert sum(line.count("word") for line in lines) == 2 * 99


def test_an_example_is_never_wrapped() -> None:
    row = "stages: {" + ", ".join(f"Stage {number}: {99 - number}" for number in range(9)) + "}"
    assert f"    {row}\n" in FORMATS["text"]([SHORT._replace(example=f"{row}\n")], Canvas(30))


def test_markdown_escapes_sentences_and_keeps_code() -> None:
    assert FORMATS["markdown"]([SHORT], Canvas()) == (
        "## FN104 · a title\n\nIt is `a_b` &lt;wrong&gt; &#64;you.\n\nFor example:\n\n```yaml\na: 1\nb: 2\n```\n\n"
        "Mend it.\n\nMended:\n\n```yaml\na: 1\n```\n"
    )


@each_code
def test_no_example_ends_its_fence_in_markdown(code: str) -> None:
    assert not any("```" in part for part in of(code))


def test_every_code_is_drawn_in_every_format() -> None:
    every = [of(code) for code in docs.codes()]
    for draw in FORMATS.values():
        drawn = draw(every, Canvas(60))
        assert all(code in drawn for code in docs.codes())
        assert drawn.endswith("\n")


# figures that the sentences name


def test_the_interval_named_for_an_undecided_check_is_that_of_its_funnel() -> None:
    """Wilson, 50 of 100 at 95%: 40.38% to 59.62% (statsmodels, proportion_confint, method wilson)."""
    (funnel,) = reading(of("FN402").example, "FN402").funnels
    (result,) = run_checks(funnel, funnel.checks)
    assert result.actual == Fraction(1, 2)
    assert result.low == pytest.approx(0.4038, abs=5e-5)
    assert result.high == pytest.approx(0.5962, abs=5e-5)
    assert "40%" in of("FN402").cause
    assert "60%" in of("FN402").cause


def test_the_limits_named_are_those_of_the_reader() -> None:
    assert f"{decoding.LARGEST_FILE // 2**20} MiB" in of("FN002").cause
    assert f"{tree.LARGEST_EXPANSION:,} values" in of("FN011").cause
    assert f"{tree.DEEPEST_NESTING} levels" in of("FN012").cause


def test_the_words_named_are_those_that_the_keys_take() -> None:
    assert all(f"`{word}`" in of("FN120").cause for word in (*schema.ROLES, *schema.ORDERS, *schema.ENTRIES))
