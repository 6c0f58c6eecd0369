"""The glossary: its order, its forms, and the figures of its examples, each computed here from what it says."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from scipy import stats

from funnelcli.cli.manual import finding
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.output.document import Table
from funnelcli.output.formats import Canvas, render
from tests.conftest import SAMPLES
from tests.readme import DOCS
from tests.reports import REPORTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.model import Funnel

TEXT = (DOCS / "words.md").read_text(encoding="utf-8")
ENTRIES = [entry.split("\n", 2) for entry in TEXT.split("\n## ")[1:]]
LUCK = float(stats.binom.cdf(60, 100, 0.5) - stats.binom.cdf(39, 100, 0.5))
SAID = {title: " ".join(text.split()) for title, _, text in ENTRIES}


def interval(successes: int, units: int) -> tuple[float, float]:
    """Wilson's, in %, by SciPy."""
    found = stats.binomtest(successes, units).proportion_ci(method="wilson")
    return 100 * found.low, 100 * found.high


def p_value(first: int, of_first: int, second: int, of_second: int) -> float:
    """Of the two-proportion z test, which is the chi-squared test of the table without a correction."""
    table = [[first, of_first - first], [second, of_second - second]]
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def test_every_word_has_other_names_and_a_short_paragraph() -> None:
    for title, also, text in ENTRIES:
        assert re.fullmatch(r"also: \S.*\S", also), title
        paragraph = text.strip("\n")
        assert text.startswith("\n"), title
        assert "\n\n" not in paragraph, title
        assert len(paragraph) < 620, title


def test_words_stand_in_alphabetical_order_and_names_lead_to_one_of_them() -> None:
    titles = [re.sub(r"[^a-z0-9]", "", title.lower()) for title, _, _ in ENTRIES]
    assert titles == sorted(titles)
    also = [name for _, line, _ in ENTRIES for name in line.removeprefix("also: ").split(", ")]
    names = [title for title, _, _ in ENTRIES] + also
    assert {name for name in names if names.count(name) > 1} == set()


@pytest.mark.parametrize(
    ("word", "phrase"),
    [
        ("1:N", f"1:{4000 / 50:.0f}, which is the same as {50 / 4000:.2%}"),
        ("All conversions", f"x1.1 makes {5 * 1.1:.1f}% of 5% and {40 * 1.1:.0f}% of 40%"),
        ("All conversions", f"three steps at x1.2 bring x{1.2**3:.3f} sales"),
        ("Average check", f"377 orders bring {377 * 63.5:,.2f}, the average check is 63.50"),
        ("Break-even", f"each sale leaves 50 and the budget is 10,000, it takes {10000 / 50:.0f} sales"),
        ("CAC", f"a CAC of {12000 / 24:.0f}"),
        ("Confidence interval", "the 95% interval is {:.2f}–{:.1f}%".format(*interval(7, 50))),
        ("Confidence interval", "with {:.1f}–{:.1f}%".format(*interval(700, 5000))),
        ("Conversion", f"a conversion of {830 / 12400:.2%}"),
        ("Coverage", f"a coverage of {265063 / 250000:.0%}"),
        ("CPL", f"a CPL of {12000 / 300:.0f}"),
        ("CPM", f"a CPM of {12000 / 500000 * 1000:.0f}"),
        ("CTR", f"7,215 clicks of 360,750 impressions are {7215 / 360750:.0%}"),
        ("Decided", f"30 of 80, or {30 / 80:.1%}, not {30 / 100:.0%}"),
        ("Drop-off", f"a drop-off of {12400 - 830:,}, or {1 - 830 / 12400:.1%}"),
        ("Elasticity", f"60% more budget brings {1.6**0.5 - 1:.1%} more, as 1.6 to the power of 0.5 is {1.6**0.5:.3f}"),
        ("Gross margin", f"leaves 22, which is {22 / 40:.0%}"),
        ("To gain", f"the gain is 10 sales, and at 10,000 each it is {(60 - 50) * 10000:,}"),
        ("Holm's correction", f"a chance of {1 - 0.95**12:.0%}"),
        ("k-factor", f"k = 120 / 3,000 × 5 = {120 / 3000 * 5:.1f}"),
        ("Lift", f"a lift of {5 / 4 - 1:.0%}"),
        ("LTV", f"50,976 of gross profit from 600 customers make {50976 / 600:.2f}"),
        ("LTV", f"at a CAC of 25 it is {50976 / 600 / 25:.1f}"),
        ("Plain luck", f"40 to 60 come through in {100 * LUCK:.0f} of 100 periods"),
        ("Overall conversion", f"{377 / 12400:.2%}, or [1:N](#1n) with N = {12400 / 377:.1f}"),
        ("p-value", f"p = {p_value(100, 1000, 130, 1000):.3f}, so one in {1 / p_value(100, 1000, 130, 1000):.0f} "),
        ("Referral multiplier", f"With a [k-factor](#k-factor) of 0.2 it is {1 / (1 - 0.2)}."),
        ("Revenue", f"377 orders at 63.50 are {377 * 63.5:,.2f}"),
        ("ROAS", f"28,800 from a budget of 12,000 is {28800 / 12000}"),
        (
            "ROMI",
            f"less a budget of 12,000 it leaves {28800 * 0.5 - 12000:,.0f}, a ROMI of {(14400 - 12000) / 12000:.0%}",
        ),
        ("Sales velocity", f"about {round(129 * 12000 * 0.125 / 88, -2):,.0f} a day"),
        ("Simpson's paradox", f"from {(8 + 160) / 1000:.1%} to {(40 + 44) / 1000:.1%}"),
        ("Standard error", f"140 among 400 orders is a standard error of {140 / 400**0.5:.0f}"),
        ("Margin per sale", f"1,200 at a margin of 50% leave {1200 * 0.5:.0f}"),
        ("Value of each", f"139,200 of revenue from 850 leads are {139200 / 850:.2f} a lead"),
        ("Weighted pipeline", f"10 deals of 5,000 with a chance of 30% are {10 * 5000 * 0.3:,.0f}"),
        ("Wilson interval", "none of 20 gives {:.0f}–{:.1f}%".format(*interval(0, 20))),
    ],
)
def test_figures_of_examples_are_right(word: str, phrase: str) -> None:
    assert phrase in SAID[word]


def test_the_example_of_simpsons_paradox_is_one() -> None:
    """Visits and sales by channel, before and after: each channel rises, and the total falls."""
    before, after = {"ads": (200, 8), "mail": (800, 160)}, {"ads": (800, 40), "mail": (200, 44)}
    rates = [[sold / came for came, sold in period.values()] for period in (before, after)]
    assert rates == [[0.04, 0.2], [0.05, 0.22]]
    assert "Ads from 4% to 5% and mail from 20% to 22%" in SAID["Simpson's paradox"]


def test_a_roas_that_is_a_loss() -> None:
    assert 28800 * 0.4 < 12000
    assert "at a margin of 40% a ROAS of 2.4 is a loss" in SAID["ROAS"]


WITHOUT_A_HEADING = """
▲, ≠, n/a, pp, Bottleneck, Tie, Still open, Not mature, Window, Coverage, Sales velocity, Revenue, Gross profit, ROAS,
ROMI, Unit margin, Margin per sale, Margin of the first sale, LTV, CAC, CPL, CPC, CPM, RPM, Leads that buy, Earns,
Loses, Assumed, All conversions, Strategies, Expansion, Stretching, Key level, Seed, Luck of the units, Plain luck,
Headroom, Shrunken, Exponential, Lognormal, Adjusted, Baseline, Undecided, Selector, Mapping, Holm, Wilson,
Kaplan-Meier, Simpson's paradox, Mix, Tornado, Waterfall, Elasticity, k-factor, Referral, Cohort, Confidence interval,
p-value, Empirical Bayes, AOV, Variation, Role, Cells, Segment, Breakdown, Chance, Lift, Value per entry, 1:N, Most to
gain, Lowest, Chance to be best, % of all losses
"""
"""Terms of sentences, of messages and of the trade that a marketer may not know."""
PLAIN = """
90% within, At best, At the rates as they are, At the rates in the end, By the mix of segments, By the segments' own
rates, Chance to find N, Entries that bring them, Found with 80%, Higher in second, In whole numbers, In each group,
Known from, Mean rate, Mean time, Median time to …, N brings, Needed, Of them still open, Out of, Profit at N, Profit
change, Profit now, Revenue at N, Revenue change, Revenue in the end, Sales change, Share of …, Strategy, To be found,
Total, On average, Weeks, alone, Called, second, … (conversion), … change, … in all
"""
"""Headings of columns, or their parts, in words of every day; `…` is a name out of the file, and N a figure."""


def listed(text: str) -> list[str]:
    return " ".join(text.split()).split(", ")


def test_terms_on_the_screen_are_explained_by_help() -> None:
    assert [term for term in listed(WITHOUT_A_HEADING) if not finding.find(term.split()).shown] == []


def headings(funnel: Funnel) -> Iterator[str]:
    """Parts of the headings of all reports of a funnel, without the names that it gives."""
    segments = [name for each in funnel.breakdowns for name in (each.dimension, *(own.name for own in each.segments))]
    names = [funnel.name, *funnel.names, *(each.name for each in funnel.scenarios), *segments]
    own = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(names, key=len, reverse=True))
    for view, report in REPORTS.items():
        result = report(funnel)
        blocks = () if isinstance(result, Problem) else import_module(f"funnelcli.output.views.{view}").blocks(result)
        for table in blocks:
            if isinstance(table, Table):
                for column in table.columns:
                    heading = re.sub(own, "…", " ".join(column.header.split()), flags=re.IGNORECASE)
                    yield from re.sub(r"[+-]\d+(%| ?pp)", "N", heading).split(", ")


def test_headings_are_explained_by_help_or_plain() -> None:
    found: set[str] = set()
    for stem in ("invoices", "web", "managers_by_month", "suppilo"):
        for funnel in read((SAMPLES / f"{stem}.yaml").read_bytes(), stem).funnels:
            found.update(headings(funnel))
    assert {"To gain", "In the end", "% of decided", "Alone"} - {each.capitalize() for each in found} == set()
    unknown = {each for each in found - {"", "…"} if not finding.find(each.split()).shown}
    assert unknown - {*listed(PLAIN)} == set()


OF_THE_TRADE = re.compile(r"\b(?:units?|headroom|shrunken|empirical bayes|lognormal|exponential|holm)\b", re.IGNORECASE)


def test_no_report_says_what_a_marketer_has_to_look_up_without_saying_where() -> None:
    """Words of statistics and of this program stand behind `help` alone; units have the name of what they are."""
    found = set()
    for stem in ("b2b", "channels_and_managers", "managers_by_month", "invoices", "suppilo"):
        for funnel in read((SAMPLES / f"{stem}.yaml").read_bytes(), stem).funnels:
            for view, report in REPORTS.items():
                result = report(funnel)
                if not isinstance(result, Problem):
                    said = render("table", "", [result], view, Canvas())
                    found |= set(OF_THE_TRADE.findall(re.sub(r"\(help \w+\)", "", said)))
    assert found == set()
