"""What the options say of columns, and what is asked where a table may mean two things: help followed reads the table.

The tables of other people's files, by their headers; every figure stands in the table.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table

if TYPE_CHECKING:
    from funnelcli.diagnostics import Problem

OPTIONS = {"--count": "counts", "--drop": "drops", "--label": "labels"}


def imported(text: str, **options: Any) -> Imported:
    found = import_table(text.encode(), "t.csv", ImportOptions(**options))
    assert isinstance(found, Imported), [each.problem for each in found]
    return found


def refused(text: str, **options: Any) -> Problem:
    found = import_table(text.encode(), "t.csv", ImportOptions(**options))
    assert not isinstance(found, Imported), found
    (only,) = found
    return only.problem


def stages(text: str, **options: Any) -> dict[str, Any]:
    (funnel,) = imported(text, **options).funnels
    return {stage.name: stage.count for stage in funnel.stages}


def segments(text: str, **options: Any) -> dict[str, dict[str, list[Any]]]:
    (funnel,) = imported(text, **options).funnels
    return {each.dimension: {part.name: list(part.counts) for part in each.segments} for each in funnel.breakdowns}


def followed(help_: str | None) -> dict[str, Any]:
    """The options that a line of help has first."""
    words = shlex.split(
        re.split(r";| or --|, or ", (help_ or "").partition("--")[1] + (help_ or "").partition("--")[2])[0]
    )
    options: dict[str, Any] = {}
    for option, value in zip(words[::2], words[1::2], strict=False):
        if option in OPTIONS:
            options[OPTIONS[option]] = (*options.get(OPTIONS[option], ()), value)
        else:
            options[{"--steps": "steps", "--layout": "layout"}[option]] = value
    return options


TWO = "Step,entered,completed\nForm,1000,800\nPay,800,300\n"
TEST = "step_name,A,B\nsignup,5000,5100\nverified,2250,2817\nprofile,1030,1604\n"
WIDE = "Channel,Visits,Trials,Leads,Sales\nAds,100,40,10,2\nSEO,50,20,5,1\n"


def test_the_columns_that_count_are_told_in_the_order_of_the_funnel() -> None:
    assert stages(TWO, counts=("completed",)) == {"Form": 800, "Pay": 300}
    assert stages(TWO, counts=("COMPLETED",), drops=("entered",)) == {"Form": 800, "Pay": 300}
    assert stages(WIDE, counts=("Visits", "Leads", "Sales")) == {"Visits": 150, "Leads": 15, "Sales": 3}
    turned = "Channel,Sales,Leads,Visits\nAds,2,10,100\nSEO,1,5,50\n"
    assert stages(turned, counts=("Visits", "Leads", "Sales")) == {"Visits": 150, "Leads": 15, "Sales": 3}
    assert not any("Trials" in note for note in imported(WIDE, drops=("Trials",)).notes)
    assert segments("Store,V,L\n12,9,5\n14,8,2\n", labels=("Store",)) == {"Store": {"12": [9, 5], "14": [8, 2]}}


def test_several_columns_of_counts_beside_steps_are_segments() -> None:
    assert stages(TEST, counts=("A", "B")) == {"signup": 10100, "verified": 5067, "profile": 2634}
    made = {"A": [5000, 2250, 1030], "B": [5100, 2817, 1604]}
    assert segments(TEST, counts=("A", "B")) == {"segment": made}
    found = refused(TEST)
    assert '--count "A" --count "B"' in (found.help or "")
    assert stages(TEST, counts=("B",)) == {"signup": 5100, "verified": 2817, "profile": 1604}


def test_a_problem_of_a_turned_table_is_told_at_its_cell() -> None:
    found = import_table(TEST.replace("2817", "2x17").encode(), "t.csv", ImportOptions(counts=("A", "B")))
    assert isinstance(found, list)
    assert [(each.path, each.location.line, each.location.column) for each in found] == [("C3", 3, 15)]


@pytest.mark.parametrize(
    "text",
    [
        TWO,
        TEST,
        "Stage,Users,Users (previous)\nA,1000,900\nB,100,300\n",
        "stage\tcount\tcount last month\nVisits\t1000\t900\nLeads\t100\t80\n",
        "name,weight\nLeads,70\nOffers,38\nNegotiations,25\n",
        "page,title,sessions,pct\n/a,Start,2000,100.0\n/b,Photo,1220,61.0\n/c,Payment,335,16.8\n",
        "Stage,Count,Value EUR\nLead,120,50000\nWon,12,9000\n",
        "Way,Jan,Feb\nShown,1000,900\nTaken,100,95\n",
        "Funnel,Step,Users\nTop,Visit,100\nTop,Form,90\nBottom,Cart,30\nBottom,Paid,3\n",
        "Name,Ads,SEO\nVisits,100,50\nLeads,10,5\nSales,2,1\n",
    ],
)
def test_help_followed_to_the_letter_reads_the_table(text: str) -> None:
    options = followed(refused(text).help)
    assert options
    assert len(stages(text, **options)) >= 2


def test_columns_that_are_not_there_or_told_twice_are_refused_by_name() -> None:
    assert '"Vists"' in refused(WIDE, counts=("Vists",)).message
    assert "Visits" in (refused(WIDE, counts=("Vists",)).help or "")
    assert refused(WIDE, counts=("Visits",), drops=("Visits",)).code == "FN113"
    assert refused(WIDE, steps="Step").code == "FN102"


def test_what_fits_nothing_is_told_with_what_each_column_was_taken_for() -> None:
    text = "Customer,City,Net amount (EUR),CTR,Due\nFoo,Berlin,120.50,1%,2026-10-01\nBar,Bonn,99.00,2%,2026-10-03\n"
    found = refused(text)
    assert found.code == "FN105"
    for said in (
        '"Customer" (labels of segments)',
        '"Net amount (EUR)" (money)',
        '"CTR" (left out: a rate)',
        "--count",
    ):
        assert said in (found.help or "")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("user_id,step,event_time\nu1,visit,2026-03-21 04:44:19\nu1,pay,2026-03-22 04:44:19\n", "funnelcli measure"),
        (
            "application_id,offered_date,applied_date,paid_date\nA1,2026-03-01,2026-03-02,\nA2,2026-03-05,,\n",
            "--recipe",
        ),
        ("Deal ref,Deal phase,Deal lead,Due\nA,Lead,Kim,2026-01-01\nB,Won,Kim,2026-01-01\n", "--recipe"),
    ],
)
def test_lists_of_units_and_logs_of_events_are_called_so(text: str, word: str) -> None:
    found = refused(text)
    assert found.message.startswith("each row is ")
    assert word in (found.help or "")


def test_help_on_the_order_of_stages_is_followed() -> None:
    text = "Stage,Count\nView,14727\nCart,123\nPurchase,149\n"
    help_ = refused(text).help or ""
    assert help_.startswith('in falling order: --stages "View,Purchase,Cart"; as they stand')
    assert stages(text, stages=("View", "Purchase", "Cart")) == {"View": 14727, "Purchase": 149, "Cart": 123}
    (funnel,) = imported(text, stages=("View", "Cart", "Purchase")).funnels
    assert [stage.allow_growth for stage in funnel.stages] == [False, False, True]
    wide = "Rep,Leads,Won,Quota\nKim,100,5,10000\nLee,80,4,9000\n"
    assert '--drop "Quota"' in (refused(wide).help or "")
    assert stages(wide, drops=("Quota",)) == {"Leads": 180, "Won": 9}


def test_periods_are_no_stages() -> None:
    falling = "Channel,Jan,Feb,Mar\nAds,1000,900,800\nSEO,100,90,80\n"
    assert "periods" in refused(falling).message
    months = "Metric,Jan,Feb,Mar\nVisits,1000,900,1100\nLeads,100,90,80\nConversion rate,10%,10%,7%\nCost,500,400,300\n"
    assert stages(months) == {"Visits": 3000, "Leads": 270}
    assert segments(months) == {"period": {"Jan": [1000, 100], "Feb": [900, 90], "Mar": [1100, 80]}}
    (funnel,) = imported(months).funnels
    assert [segment.budget for segment in funnel.breakdowns[0].segments] == [500, 400, 300]


def test_what_is_left_out_of_a_turned_table_is_said() -> None:
    text = "Stage,Jan 2026,Feb 2026,Change,Owner\nLeads,100,120,20%,\nWon,10,12,20%,\n"
    assert segments(text) == {"period": {"Jan 2026": [100, 10], "Feb 2026": [120, 12]}}
    assert 'left out: "Change" (a rate)' in imported(text).notes


def test_a_corner_without_a_name_and_stages_in_rows() -> None:
    for corner in ("Metric", "", "Name"):  # the columns may be plan and actual, or this year and the last
        text = f"{corner},Ads,SEO\nVisits,100,50\nLeads,10,5\n"
        options = followed(refused(text).help)
        assert stages(text, **options) == {"Visits": 150, "Leads": 15}
    proved = "Metric,Ads,SEO,Total\nVisits,100,50,150\nLeads,10,5,15\nRate,10%,10%,10%\n"
    assert segments(proved) == {"segment": {"Ads": [100, 10], "SEO": [50, 5]}}
    found = refused(proved.replace(",15\n", ",16\n"))
    assert '"Total" says 16 for "Leads", and the others make 15' in found.message
    assert segments(",Visits,Leads\nAds,100,10\nSEO,50,5\n") == {"segment": {"Ads": [100, 10], "SEO": [50, 5]}}


PIVOT = (
    "Region,Channel,Visits,Leads\nNorth,Ads,100,10\n,SEO,50,5\nNorth total,,150,15\n"
    "South,Ads,80,8\n,SEO,20,1\nSouth total,,100,9\nGrand total,,250,24\n"
)


def test_merged_cells_and_subtotals_of_a_pivot_table() -> None:
    made = {"Region": {"North": [150, 15], "South": [100, 9]}, "Channel": {"Ads": [180, 18], "SEO": [70, 6]}}
    assert segments(PIVOT) == made
    assert "says 151" in refused(PIVOT.replace("150,15", "151,15")).message
    # what stands behind the last names may be a total of them: it is none, and is not filled in either
    assert refused("Region,Channel,Visits,Leads\nNorth,Ads,100,10\nSouth,Ads,80,8\n,SEO,20,1\n").code == "FN121"


def test_a_step_without_a_row_is_none_only_where_the_total_proves_it() -> None:
    text = "Step,Device,Users\nView,Total,100\nView,mobile,60\nView,tablet,40\nBuy,Total,20\nBuy,mobile,20\n"
    assert segments(text) == {"Device": {"mobile": [60, 20], "tablet": [40, 0]}}
    assert refused(text.replace("Buy,Total,20", "Buy,Total,21")).code == "FN114"
    both = "Funnel,Step,Users\nSignup,Visit,100\nSignup,Form,10\nCheckout,Cart,30\nCheckout,Paid,3\n"
    assert "two funnels" in refused(both).message


def test_words_and_numbers_beside_the_steps() -> None:
    text = "page,label,sessions,prev_sessions,lost\n/a,Start,2000,,\n/b,Photo,1220,2000,780\n/c,Payment,335,1220,885\n"
    assert stages(text, steps="label") == {"Start": 2000, "Photo": 1220, "Payment": 335}
    (note,) = [note for note in imported(text, steps="label").notes if note.startswith("left out")]
    for said in ('"page" (words beside the steps', '"prev_sessions" ("sessions" of the step before)', '"lost" (what'):
        assert said in note


def test_numbers_that_happen_to_be_the_losses_of_others_are_asked_about() -> None:
    assert '--count "Ads" --count "SEO"' in (
        refused("Schritt,Ads,SEO\nBesuche,30,31\nAnfragen,1,1\nMuster,0,0\n").help or ""
    )


def test_people_of_several_segments_are_said() -> None:
    notes = imported("Date,Users,Purchases\n2026-09-01,100,10\n2026-09-02,120,8\n").notes
    assert any('"Users" are people of 2 segments, added up without a total' in note for note in notes)
    assert not any("people" in note for note in imported("Day,Visits,Orders\n1,100,10\n2,120,8\n").notes)


@pytest.mark.parametrize("name", ["% of prev", "Rate", "note"])
@pytest.mark.parametrize("option", [False, True])
def test_columns_that_are_left_out_may_have_one_name(name: str, option: bool) -> None:
    data = f"channel,Visits,Leads,{name},Sales,{name}\nAds,100,50,50%,10,20%\nMail,200,40,20%,10,25%\n"
    data = data.replace("%", "") if name == "note" else data
    found = import_table(data.encode(), "t.csv", ImportOptions(drops=(name,) if option else ()))
    if name == "note" and not option:
        assert isinstance(found, list)
        assert found[0].problem.code == "FN106"
    else:
        assert isinstance(found, Imported), found
        assert [(stage.name, stage.count) for stage in found.funnels[0].stages] == [
            ("Visits", 300), ("Leads", 90), ("Sales", 20)
        ]  # fmt: skip
