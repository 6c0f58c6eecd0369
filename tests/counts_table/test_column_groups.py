"""Columns that are no stages of one funnel: two quarters, plan and actual, another sum; the help works literally."""

import re
from typing import Any

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table


@pytest.mark.parametrize(
    ("names", "dropped"),
    [
        (("Q3 Leads", "Q3 Sales", "Q4 Leads", "Q4 Sales"), ("Q4 Leads", "Q4 Sales")),
        (("Leads Q3", "Leads Q4", "Sales Q3", "Sales Q4"), ("Leads Q4", "Sales Q4")),
        (("Leads Plan", "Leads Ist", "Deals Plan", "Deals Ist"), ("Leads Ist", "Deals Ist")),
    ],
)
def test_two_funnels_side_by_side_are_asked_about_also_where_they_fall(
    names: tuple[str, ...], dropped: tuple[str, ...]
) -> None:
    text = f"Team;{';'.join(names)}\nA;100;90;80;70\nB;90;60;50;40\n"
    found = import_table(text.encode(), "t.csv")
    assert isinstance(found, list)
    assert [each.problem.code for each in found] == ["FN114"]
    options = " ".join(f'--drop "{name}"' for name in dropped)
    assert options in str(found[0].problem.help)
    assert isinstance(import_table(text.encode(), "t.csv", ImportOptions(drops=dropped)), Imported)
    assert isinstance(import_table(text.encode(), "t.csv", ImportOptions(stages=names)), Imported)


@pytest.mark.parametrize("names", ["Leads;Calls;Offers;Won", "Email sent;Email opened;Sale made;Sale kept"])
def test_other_names_are_one_funnel(names: str) -> None:
    found = import_table(f"Team;{names}\nA;100;90;80;70\n".encode(), "t.csv")
    assert isinstance(found, Imported)


def test_a_column_above_the_one_before_it_is_first_said_to_be_no_stage() -> None:
    found = import_table(b"Team,Leads,Sales,Foo\nA,100,9,30\n", "t.csv")
    assert isinstance(found, list)
    help_ = str(found[0].problem.help)
    assert help_.startswith('no stage: --drop "Foo"; money earned: --revenue "Foo"; ')
    read = import_table(b"Team,Leads,Sales,Foo\nA,100,9,30\n", "t.csv", ImportOptions(revenue="Foo"))
    assert isinstance(read, Imported)
    assert read.funnels[0].stages[-1].revenue == 30


RISING = "Month,Users,Clicks,Visits\nJan,5,7,9\nFeb,50,60,70\n"


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (RISING, {}),
        (RISING, {"drops": ("Clicks",)}),
        (RISING, {"counts": ("Users", "Clicks", "Visits")}),
        ("Stage,Jul 2026,Aug 2026\nVisits,100,90\nLeads,50,60\nCalls,80,70\nSales,5,8\n", {}),
        ("Stage,Users,Other\nVisits,100,1\nLeads,50,1\nCalls,80,1\nSales,5,1\n", {"drops": ("Other",)}),
        ("Campaign,Currency code,Impr.,Clicks,Cost,Conversions\nA,EUR,10,11,1,5\n", {"drops": ("Conversions",)}),
    ],
    ids=["wide", "dropped", "counted", "turned", "long", "known"],
)
def test_each_option_that_helps_where_counts_rise_fits_those_that_were_given(text: str, given: dict[str, Any]) -> None:
    refused = import_table(text.encode(), "t.csv", ImportOptions(**given))
    assert isinstance(refused, list)
    options = {option for each in refused for option in re.findall(r'(--\w+) "(.*?)"(?:;|$)', each.problem.help or "")}
    assert any(option == "--stages" for option, _ in options)
    for option, value in options:
        field = {"--stages": "stages", "--drop": "drops", "--revenue": "revenue"}[option]
        new = value if field == "revenue" else (*given.get(field, ()), *value.split(","))
        outcome = import_table(text.encode(), "t.csv", ImportOptions(**(given | {field: new})))
        codes = [] if isinstance(outcome, Imported) else [each.problem.code for each in outcome]
        assert set(codes) <= {"FN104"}  # another pair may rise as well
        assert field != "stages" or not codes
