"""Tables on a terminal: every line fits, figures are whole and stand below each other, and what has no room is said."""

from __future__ import annotations

import random
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.output import terminal
from funnelcli.output.columns import aligned
from funnelcli.output.document import Column, Section, Table
from funnelcli.output.formats import Canvas, render
from funnelcli.output.numbers import alike, text
from funnelcli.output.text_width import cut, folded, width
from funnelcli.output.views import bottleneck
from funnelcli.output.views.roundings import ROUNDED, with_roundings
from tests.conftest import SAMPLES
from tests.reports import REPORTS

if TYPE_CHECKING:
    from pathlib import Path

VIEWS = ("summary", "conversion", "bottleneck", "economics", "scenario", "segments", "levers")
LEFT_OUT = re.compile(r"^\d+ more columns?(?: \(.*\))?: --full, or a wider window\.$", re.MULTILINE)
FIGURE = re.compile(r"[<>+-]?\d[\d,.]*%?")


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_report_of_every_sample_fits(path: Path) -> None:
    """At 60, 80 and 120 columns; what a pipe says in figures, the widest of them says as well."""
    for funnel in read(path.read_bytes(), path.name).funnels:
        for view in VIEWS:
            result = REPORTS[view](funnel)
            if isinstance(result, Problem):
                continue
            whole = render("table", view, [result], view, Canvas())
            for columns in (60, 80, 120):
                for full in (False, True):
                    said = render("table", view, [result], view, Canvas(columns, full=full))
                    assert [line for line in said.splitlines() if width(line) > columns] == [], view
                    figures = set(FIGURE.findall(LEFT_OUT.sub("", said)))
                    assert figures <= set(FIGURE.findall(whole)), view  # none is cut or folded
                    if full or (columns == 120 and not LEFT_OUT.search(said)):
                        assert figures == set(FIGURE.findall(whole)), view


def test_eight_stages_are_one_table_of_80_columns() -> None:
    path = SAMPLES / "retail.yaml"
    (funnel,) = read(path.read_bytes(), path.name).funnels
    for columns in (60, 80, 120):
        said = render("table", "show", [REPORTS["summary"](funnel)], "summary", Canvas(columns))
        assert len(re.findall(r"^Buys regularly.* 60 ", said, re.MULTILINE)) == 1
        assert ("█" in said) == (columns > 60)
        assert re.search(r"14\.5–15\.5%", said)  # how sure a conversion is, is never left out
        assert ("2 more columns: --full" in said) == (columns == 60)


@pytest.mark.parametrize(
    ("figures", "kind", "lines"),
    [
        (("9.44%", "47.1%", "100.0%"), "rate", ("  9.44%", " 47.1% ", "100.0% ")),
        (("0.0557%", "85.3%"), "rate", (" 0.0557%", "85.3%   ")),
        (("1:6.7", "1:1,950", "n/a"), "one_in", ("    1:6.7", "1:1,950  ", "n/a")),
        (("1,234.50", "280,303", "0.777"), "money", ("  1,234.50 ", "280,303    ", "      0.777")),
        (("1.95–2.05%", "29.5–37.4%"), "interval", ("1.95–2.05%", "29.5–37.4%")),
        (("0.633–1.58%", "1.19–2.05%"), "interval", ("0.633–1.58%", " 1.19–2.05%")),
        (("-4.3 to +5", "0 to +20.3"), "count_change_interval", ("-4.3 to +5   ", "   0 to +20.3")),
        (("1.45 days", "40 min"), "duration", ("1.45 days", "40 min")),
    ],
)
def test_points_stand_below_each_other(figures: tuple[str, ...], kind: str, lines: tuple[str, ...]) -> None:
    assert tuple(aligned(figures, kind)) == lines


@pytest.mark.parametrize(
    ("texts", "kind", "currency", "same"),
    [
        (["1,234.50", "12", "0.777", "n/a"], "money", "EUR", ["1,234.50", "12.00", "0.777", "n/a"]),
        (["12", "38"], "money", "EUR", ["12", "38"]),
        (["23,940", "9,000", "5,363.70"], "money", "EUR", ["23,940", "9,000", "5,363.70"]),
        (["1.234", "12"], "money", "KWD", ["1.234", "12.000"]),
        (["50.8", "12"], "count", None, ["50.8", "12"]),
    ],
)
def test_whole_amounts_have_the_decimals_of_the_others(
    texts: list[str], kind: str, currency: str | None, same: list[str]
) -> None:
    assert alike(texts, kind, currency) == same


def test_names_fold_between_words_and_end_in_an_ellipsis_where_they_are_too_long() -> None:
    assert folded("Awareness of the offer", 18) == ["Awareness of the", "offer"]
    assert folded("  conversion of all", 12) == ["  conversion", "  of all"]
    assert folded("a" * 10, 4) == ["aaaa", "aaaa", "aa"]
    assert folded("one two three four", 5, 2) == ["one", "two…"]
    assert cut("広告の表示", 6) == "広告…"
    assert [width(line) for line in folded("広告の表示", 4)] == [4, 4, 2]


def test_lines_go_on_where_it_is_asked_for_and_words_break_unless_they_are_to_be_copied() -> None:
    assert folded("· one two three", 9, hanging=2) == ["· one two", "  three"]
    assert folded("see /a/long/path.yaml now", 10, hanging=2) == ["see", "  /a/long/", "  path.yam", "  l now"]
    assert folded("see /a/long/path.yaml now", 10, hanging=2, whole_words=True) == [
        "see",
        "  /a/long/path.yaml",
        "  now",
    ]
    assert folded("广告的显示 次数", 8, hanging=2) == ["广告的显", "  示", "  次数"]
    assert folded("as it is", None) == ["as it is"]


@pytest.mark.parametrize("columns", [60, 80])
def test_columns_without_room_are_counted_and_full_shows_them(columns: int) -> None:
    """Those that are asked for first stay, and nothing is said where nothing is left out."""
    (funnel,) = read((SAMPLES / "b2b.yaml").read_bytes(), "b2b.yaml").funnels
    result = REPORTS["bottleneck"](funnel)
    (table,) = (block for block in bottleneck.blocks(result) if isinstance(block, Table))
    short, full = (render("table", "", [result], "bottleneck", Canvas(columns, full=each)) for each in (False, True))
    shown = [column for column in table.columns if not column.spare]
    assert [column.key for column in shown][1:] == [
        "conversion_decided",
        "target",
        "headroom_sales",
        "headroom_revenue",
        "chance_weakest",
    ]
    (left,) = LEFT_OUT.finditer(short)
    assert int(left[0].split()[0]) <= len(table.columns) - len(shown)
    assert len(re.findall("^Step ", short, re.MULTILINE)) == 1  # one table
    assert not LEFT_OUT.search(full)


def test_of_rounded_parts_that_miss_their_total_it_is_said_once_and_only_there() -> None:
    columns = (Column("A", "a", "text"), Column("B", "b", "count"), Column("C", "c", "money"))

    def notes(*rows: tuple[Any, ...]) -> list[Any]:
        table = Table(columns, tuple(rows), totals=1)
        return [block for block in with_roundings([table], "EUR") if block == ROUNDED]

    half = Fraction(1, 2)
    thirds = Fraction(1000, 3)
    assert notes(("x", 1, 5), ("y", 2, 5), ("Total", 3, 10)) == []
    assert notes(("x", 1000 + half, 5), ("y", 2000 + half, 5), ("Total", 3001, 10)) == [ROUNDED]
    assert notes(("x", 1, thirds), ("y", 2, thirds), ("z", 0, thirds), ("Total", 3, 1000)) == [ROUNDED]
    assert notes(("x", 1, 5), ("y", 2, None), ("Total", 4, 9)) == []  # what does not add up has its own reason
    assert notes(("x", 1000 + half, 5), ("Total", 1000 + half, 5)) == []  # one part is its total


def test_each_column_is_shown_or_counted_among_those_that_are_left_out() -> None:
    """Tables of any columns at any width: every heading stands above its own figure, or is one of "N more columns"."""
    draw = random.Random(5)
    left_out = 0
    for _ in range(60):
        spares = [0, *(draw.choice((0, 0, 1, 2, 5)) for _ in range(draw.randint(1, 11)))]
        heads = [chr(65 + at) + "x" * draw.randint(0, 9) for at in range(len(spares))]
        figures = [10 ** draw.randint(0, 9) + at for at in range(1, len(spares))]
        kinds = ["text", *("count" for _ in figures)]
        table = Table(
            tuple(
                Column(head, head, kind, spare=spare) for head, kind, spare in zip(heads, kinds, spares, strict=True)
            ),
            (("name", *figures),),
        )
        section = Section("T", None, None, 1, None, (table,))
        columns = draw.choice((40, 60, 80, 120))
        for full in (False, True):
            said = terminal.render([section], Canvas(columns, full=full))
            told = re.search(r"^(\d+) more columns?", said, re.MULTILINE)
            body = said[: told.start()] if told else said
            shown = {head for head in heads if re.search(rf"\b{head}\b", body)}
            assert len(shown) + (int(told[1]) if told else 0) == len(heads)
            assert not (told and full)
            assert {text(figure, "count") for figure in figures} & set(FIGURE.findall(body)) == {
                text(figure, "count") for head, figure in zip(heads[1:], figures, strict=True) if head in shown
            }
            left_out += told is not None
    assert left_out > 10
