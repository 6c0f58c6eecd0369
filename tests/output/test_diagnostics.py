"""Diagnostics as text: their form, and carets under what they mean."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from funnelcli.diagnostics import Diagnostic, Location, Problem, did_you_mean
from funnelcli.output.diagnostics import concise, full, summary

GROWTH = Problem(
    "FN104",
    'stage "signup" (1200) exceeds the stage it comes from, "visit" (900)',
    "swap the stages, or set allow_growth: true",
)


def found(
    source: str, marked: str, problem: Problem = GROWTH, line: int = 7, file: str = "funnels/shop.yaml"
) -> Diagnostic:
    """A diagnostic at the place of a text in its line."""
    column = source.index(marked) + 1
    return Diagnostic(problem, Location(file, line, column, column + len(marked)), source)


def test_the_form() -> None:
    """Place, severity and code, the message, the source with carets, and the help."""
    diagnostic = found("    count: 1200", "1200")
    assert full([diagnostic]) + summary([diagnostic], 1, 2) == (
        'funnels/shop.yaml:7:12: error[FN104] stage "signup" (1200) exceeds the stage it comes from, "visit" (900)\n'
        "  |\n"
        "7 |     count: 1200\n"
        "  |            ^^^^\n"
        "  = help: swap the stages, or set allow_growth: true\n"
        "Found 1 error, 0 warnings in 1 file (2 funnels).\n"
    )


def test_concise_is_the_first_line() -> None:
    diagnostic = found("    count: 1200", "1200")
    assert concise(diagnostic) == full([diagnostic]).split("\n")[0]


WARNING = Problem("FN301", "a breakdown does not add up")


@pytest.mark.parametrize(
    ("problems", "files", "funnels", "said"),
    [
        ([], 1, 1, "Found 0 errors, 0 warnings in 1 file (1 funnel).\n"),
        ([GROWTH], 1, 1, "Found 1 error, 0 warnings in 1 file (1 funnel).\n"),
        ([WARNING], 1, 2, "Found 0 errors, 1 warning in 1 file (2 funnels).\n"),
        ([GROWTH, WARNING, GROWTH], 2, 3, "Found 2 errors, 1 warning in 2 files (3 funnels).\n"),
    ],
)
def test_summary(problems: list[Problem], files: int, funnels: int, said: str) -> None:
    assert summary([found("x", "x", problem) for problem in problems], files, funnels) == said


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("orders", 'did you mean "warehouse.orders"?'),
        ("Late", 'did you mean "sent far too late" or "too-late-to-count"?'),
        ("far too", 'did you mean "sent far too late"?'),
        ("ware", None),  # no whole part
        ("to count fully", None),
        ("", None),
        (".", None),
    ],
)
def test_a_word_is_near_to_the_few_names_of_which_it_is_a_whole_part(word: str, said: str | None) -> None:
    names = ["warehouse.orders", "sent far too late", "too-late-to-count", *(f"lot number {n}" for n in range(4))]
    listing = f"known here: {', '.join(f'{chr(34)}{name}{chr(34)}' for name in names)}"
    assert did_you_mean(word, names) == (said or listing)
    assert did_you_mean("lot", names) == listing  # too many to be meant


def test_without_help_and_without_source() -> None:
    assert full([Diagnostic(WARNING, Location("shop.yaml", 1, 1, 1))]) == (
        "shop.yaml:1:1: warning[FN301] a breakdown does not add up\n"
    )


def excerpt(diagnostic: Diagnostic) -> tuple[str, str]:
    """The line of source and the line of carets, after their margins."""
    lines = full([diagnostic]).split("\n")
    source, carets = lines[2], lines[3]
    assert source.index("|") == carets.index("|")
    return source.partition("| ")[2], carets.partition("| ")[2]


WIDE = {
    "ascii": ("  name: abc", "abc"),
    "cyrillic": ("  - Показы: -5", "-5"),
    "under cyrillic": ("  - Показы: 5", "Показы"),
    "chinese": ("  网站访问者: -5", "-5"),
    "under chinese": ("  网站访问者: 5", "网站访问者"),
    "emoji": ('  "🛒 cart": -5', "-5"),
    "under emoji": ('  "🛒": 5', "🛒"),
    "half width": ("  ﾊﾝｶｸ: -5", "-5"),
    "full width": ("  Ａ１: -5", "-5"),
    "combining": ("  Ka\u0308ynnit: -5", "-5"),
    "mixed": ("  {Аб漢字🛒x: -5}", "-5"),
    "tab": ("\tcount: -5", "-5"),
    "no-break space": ("  a\u00a0b: -5", "-5"),
    "control": ("  a\x07b: -5", "-5"),
    "bidi": ("  a\u202eb: -5", "-5"),
    "zero width": ("  a\u200bb: -5", "-5"),
}


@pytest.mark.parametrize(("source", "marked"), WIDE.values(), ids=WIDE)
def test_carets_stand_under_what_they_mean(source: str, marked: str) -> None:
    """Padding counts columns of the terminal, not code points; what is spelled out counts as it is spelled."""
    shown, carets = excerpt(found(source, marked))
    assert carets.strip() == "^" * cell_len(marked)
    start = shown.rindex(marked)
    assert cell_len(shown[:start]) == carets.index("^")


def test_the_column_is_of_code_points() -> None:
    diagnostic = found("  网站访问者: -5", "-5")
    assert concise(diagnostic).startswith("funnels/shop.yaml:7:10: ")


@pytest.mark.parametrize("before", ["x" * 500, "漢" * 500, "Ж" * 500, ""], ids=["ascii", "wide", "cyrillic", "nothing"])
@pytest.mark.parametrize("after", ["y" * 500, ""], ids=["long", "nothing"])
def test_a_long_line_is_cut_around_its_place(before: str, after: str) -> None:
    shown, carets = excerpt(found(f"{before} -5 {after}", "-5"))
    assert len(shown) < 140
    assert "-5" in shown
    assert carets.strip() == "^^"
    assert cell_len(shown[: shown.index("-5")]) == carets.index("^")
    assert shown.startswith("…") is bool(before)
    assert shown.endswith("…") is bool(after)


def test_a_long_place_is_cut_too() -> None:
    shown, carets = excerpt(found(f"name: {'x' * 1000}", "x" * 1000))
    assert len(shown) < 140
    assert cell_len(carets) <= cell_len(shown)


def test_a_place_at_the_end_of_a_line_has_one_caret() -> None:
    diagnostic = Diagnostic(GROWTH, Location("shop.yaml", 1, 8, 8), "stages:")
    shown, carets = excerpt(diagnostic)
    assert shown == "stages:"
    assert carets == "       ^"


@pytest.mark.parametrize("line", [1, 9, 10, 99, 12345])
def test_margins_are_as_wide_as_the_line_number(line: int) -> None:
    lines = full([found("    count: 1200", "1200", line=line)]).rstrip("\n").split("\n")
    width = len(str(line))
    assert lines[1] == " " * width + " |"
    assert lines[2] == f"{line} |     count: 1200"
    assert lines[3] == " " * width + " |            ^^^^"
    assert lines[4].startswith(" " * width + " = help: ")


def test_both_places_are_shown() -> None:
    """A name written twice: where it stands now, and where it stood first."""
    diagnostic = Diagnostic(
        Problem("FN007", 'the key "name" is written twice', "keep one"),
        Location("shop.yaml", 12, 1, 5),
        "name: Again",
        related=(("first written here", Location("shop.yaml", 3, 1, 5), "name: Shop"),),
    )
    lines = full([diagnostic]).rstrip("\n").split("\n")
    assert lines[:2] == ['shop.yaml:12:1: error[FN007] the key "name" is written twice', "   |"]
    assert lines[-1] == "   = help: keep one"
    assert "\n12 | name: Again\n   | ^^^^\n" in "\n".join(lines)
    assert "\n 3 | name: Shop\n   | ^^^^ first written here\n" in "\n".join(lines)


HARM = ["a\x1b[31mb", "a\u202eb", "a\nb", "a\rb", "a\0b", "a\u2028b"]


@pytest.mark.parametrize("text", HARM, ids=ascii)
def test_text_of_files_is_made_visible(text: str) -> None:
    """In file names, messages, source and help."""
    problem = Problem("FN104", f"message {text}", f"help {text}")
    diagnostic = Diagnostic(problem, Location(f"{text}.yaml", 1, 1, 2), f"source {text}")
    said = full([diagnostic])
    assert said.count("\n") == 5
    assert all(line.isprintable() for line in said.split("\n"))


@pytest.mark.parametrize("text", ["[red]x[/red]", ":smile:", "{x}", "%s"])
def test_markup_is_shown_as_text(text: str) -> None:
    problem = Problem("FN104", text, text)
    said = full([Diagnostic(problem, Location(f"{text}.yaml", 1, 1, 2), text)])
    assert said.count(text) == 4


def test_color_is_only_added() -> None:
    import re

    diagnostic = found("    count: 1200", "1200")
    colored = full([diagnostic], color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == full([diagnostic])
