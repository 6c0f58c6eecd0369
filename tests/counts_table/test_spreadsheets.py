"""Tables as people keep them, through the door of exports: what each says, or the one thing that is asked."""

from __future__ import annotations

from fractions import Fraction

import pytest

from .test_told_columns import imported, refused, segments, stages


def test_a_row_a_step_with_rates_beside_it() -> None:
    text = "funnel_step,sessions,step_rate_pct\nLanding,4200,100\nProduct page,1260,30\nBasket,315,25\nOrder,126,40\n"
    assert stages(text) == {"Landing": 4200, "Product page": 1260, "Basket": 315, "Order": 126}
    assert segments(text) == {}
    assert 'left out: "step_rate_pct" (a rate)' in imported(text).notes


def test_prices_and_money_are_no_stages() -> None:
    text = "Campaign,Impr.,Clicks,Conversions,Avg. CPC\nBrand name,15000,1100,96,0.42\nCompetitors,52000,1400,41,1.31\n"
    assert stages(text) == {"Impr.": 67000, "Clicks": 2500, "Conversions": 137}
    text = "Campaign,Shown,Taken,Amount spent (EUR)\nAutumn coats,61000,1500,310.40\nRain boots,38000,880,188.25\n"
    (funnel,) = imported(text).funnels
    assert [stage.count for stage in funnel.stages] == [99000, 2380]
    assert [segment.budget for segment in funnel.breakdowns[0].segments] == [Fraction(1552, 5), Fraction(753, 4)]
    assert funnel.currency == "EUR"


def test_two_rows_of_totals_do_not_hide_each_other() -> None:
    rows = "Brand name,15000,1100,96\nCompetitors,52000,1400,41\n"
    text = f"Campaign,Impr.,Clicks,Conversions\n{rows}Total: Campaigns,67000,2500,137\nTotal: Account,67000,2500,137\n"
    assert stages(text) == {"Impr.": 67000, "Clicks": 2500, "Conversions": 137}
    assert segments(text) == {"Campaign": {"Brand name": [15000, 1100, 96], "Competitors": [52000, 1400, 41]}}


def test_one_cell_does_not_turn_the_thousands_of_all_others_into_decimals() -> None:
    text = 'stage,count\nVisits,"90,000"\nLeads,"12,000"\nSales,"5,25"\n'
    found = refused(text)
    assert found.code == "FN206"
    assert "--decimal" in (found.help or "")
    assert stages(text, decimal=",") == {"Visits": 90, "Leads": 12, "Sales": Fraction(21, 4)}


def test_months_by_name_are_kept_as_they_stand() -> None:
    text = "month,Visits,Orders\nMar,1000,130\nJan,1000,100\nFeb,1000,115\n"
    assert segments(text) == {"month": {"Mar": [1000, 130], "Jan": [1000, 100], "Feb": [1000, 115]}}


@pytest.mark.parametrize(
    "text",
    [
        "step_number,step_name,users\n1,Visits,1000\n2,Leads,200\n",
        "#,stage,count\n1,Visits,1000\n2,Leads,200\n",
        "funnel_step,users\nVisits,1000\nLeads,200\n",
        "step,sessions\nVisits,1000\nLeads,200\n",
        "event_stage,user_count\nVisits,1000\nLeads,200\n",
        "adım,kullanıcı\nVisits,1000\nLeads,200\n",
        "Step,Users\nVisits,1000 users\nLeads,200 users\n",
        'Step,Users (% of Step 1)\nVisits,"1,000 (100%)"\nLeads,200 (20%)\n',
        "Visits,1000\nLeads,200\n",
        "\ufeff;;\n;Step;Users\n;Visits;1.000\n;Leads;200\n\n;Source: us;\n",
    ],
)
def test_one_funnel_in_many_forms(text: str) -> None:
    assert stages(text) == {"Visits": 1000, "Leads": 200}


def test_indian_groups_part_thousands() -> None:
    assert stages('stage,count\nVisits,"12,34,567"\nLeads,"1,23,456"\n') == {"Visits": 1234567, "Leads": 123456}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Ads,1000\nSEO,500\n", "FN102"),  # no names above, and what the rows are is not told by their words
        ("Step,Users\nVisits,12k\nLeads,3.4k\n", "FN103"),  # rounded
        ("Plan,Visits,Leads\n12 months,100,10\n24 months,90,8\n", "FN103"),  # no word for what is counted
        ("Step,Users,Step,Users\nVisits,1200,Visits,800\nLeads,300,Leads,100\n", "FN106"),
        ("Leads,Visits,Sales\n10,100,1\n", "FN104"),
        ("stage,count\nVisits,1000\nLeads,100\nTotal,1101\n", "FN112"),
    ],
)
def test_what_is_asked_is_asked_once(text: str, code: str) -> None:
    assert refused(text).code == code


def test_lengths_of_plans_are_labels_where_it_is_said() -> None:
    text = "Plan,Visits,Leads\n12 months,100,10\n24 months,90,8\n"
    assert "--label" in (refused(text).help or "")
    assert segments(text, labels=("Plan",)) == {"Plan": {"12 months": [100, 10], "24 months": [90, 8]}}
