"""Totals in a column or below the steps, two rows of names, two tables side by side, months as ranges."""

import pytest

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.counts_table.words import is_total
from funnelcli.diagnostics import Diagnostic


def read(text: str, options: ImportOptions | None = None) -> Imported:
    found = import_table(text.encode(), "export.csv", options)
    assert isinstance(found, Imported), found
    return found


def refused(text: str) -> Diagnostic:
    found = import_table(text.encode(), "export.csv")
    assert isinstance(found, list)
    return found[0]


def test_a_column_that_adds_up_the_stages_is_left_out_where_it_does() -> None:
    text = "Row Labels,Lead,Meeting,Won,Grand Total\nAnna,40,20,5,65\nMark,30,18,2,{}\n"
    found = read(text.format(50))
    assert found.funnels[0].names == ("Lead", "Meeting", "Won")
    assert any('"Grand Total" (adds up the others)' in note for note in found.notes)
    assert refused(text.format(51)).problem.code == "FN103"


def test_a_row_that_adds_up_the_steps_is_left_out_where_it_does() -> None:
    text = "Stage,Count,Conversion\nVisitors,10000,\nSignups,800,8%\nPaid,60,7.5%\nTotal,{},\n"
    found = read(text.format(10860))
    assert [stage.count for stage in found.funnels[0].stages] == [10000, 800, 60]
    assert 'row 5, "Total", adds up the steps and is left out' in found.notes
    assert refused(text.format(10861)).problem.code == "FN112"


def test_a_column_of_words_beside_some_rows_has_a_way_out() -> None:
    text = "Channel,Visits,Leads,Mood\nAds,100,10,\nSEO,80,9,low\nMail,70,8,\n"
    assert '--drop "Mood"' in str(refused(text).problem.help)
    assert read(text, ImportOptions(drops=("Mood",))).funnels[0].stages[0].count == 250


@pytest.mark.parametrize("name", ["Comment", "Notes", "Bemerkung", "Примечание", "Commentaire", "Observações"])
@pytest.mark.parametrize("total", ["", "Total,250,27,\n"])
def test_remarks_on_rows_are_no_segments(name: str, total: str) -> None:
    found = read(f"Channel,Visits,Leads,{name}\nAds,100,10,\nSEO,80,9,low\nMail,70,8,\n{total}")
    (breakdown,) = found.funnels[0].breakdowns
    assert (breakdown.dimension, found.funnels[0].stages[0].count) == ("Channel", 250)
    assert f'left out: "{name}" (a remark)' in found.notes


def test_a_column_of_remarks_alone_names_the_rows() -> None:
    found = read("Comment,Visits,Leads\nspring,100,10\nautumn,80,9\n")
    assert [each.name for each in found.funnels[0].breakdowns[0].segments] == ["spring", "autumn"]


@pytest.mark.parametrize(
    "label",
    ["Итого и среднее", "Итого и средние", "Всего, среднее", "Total / average", "Totals and averages",
     "Summe und Durchschnitt", "Gesamt/Mittelwert", "Total et moyenne"],
)  # fmt: skip
def test_a_row_of_totals_and_averages_is_one_of_totals(label: str) -> None:
    found = read(f'Channel,Visits,Leads\n"{label}",180,19\nAds,100,10\nSEO,80,9\n')
    assert found.funnels[0].stages[0].count == 180
    assert f'row 2, "{label}", adds up the others and is left out' in found.notes


@pytest.mark.parametrize("label", ["Average", "Total recall", "Average total"])
def test_other_words_beside_one_for_totals_are_names(label: str) -> None:
    assert not is_total(label)


def test_two_rows_of_names_are_called_so() -> None:
    text = ";Juli;;August;\n;Anna;Mark;Anna;Mark\nLeads;12;10;11;10\nDeals;4;3;3;2\n"
    found = refused(text).problem
    assert found.message.startswith("two rows of names are not read: ")
    assert '"Juli Anna"' in str(found.help)


def test_two_tables_side_by_side_are_called_so() -> None:
    text = "Channel,Leads,Sales,,Channel,Leads,Sales\nAds,100,10,,Ads,90,9\nSEO,80,8,,SEO,70,7\n"
    assert refused(text).problem.message.startswith("two tables stand side by side")


def test_a_month_of_meta_ads_as_a_range() -> None:
    names = "Campaign name,Month,Impressions,Link clicks,Amount spent (USD),Reporting starts,Reporting ends\n"
    rows = (
        "A,2026-09-01 - 2026-09-30,10000,150,120,2026-09-01,2026-10-31\n"
        "A,2026-10-01 - 2026-10-31,12000,170,140,2026-09-01,2026-10-31\n"
    )
    (funnel,) = read(names + rows).funnels
    months = next(each for each in funnel.breakdowns if each.dimension == "month")
    assert [(each.name, each.counts) for each in months.segments] == [
        ("2026-09", (10000, 150)),
        ("2026-10", (12000, 170)),
    ]


@pytest.mark.parametrize("row", ["SEO,0,5100,150,45", "SEO,,5100,150,45"])
def test_what_a_channel_does_not_count_has_a_way_out_that_keeps_the_rest(row: str) -> None:
    text = f"Channel,Impressions,Clicks,Leads,Sales\nAds,120000,2400,96,24\nSocial,300000,3000,60,9\n{row}\n"
    found = import_table(text.encode(), "export.csv", ImportOptions(empty_as_zero=True))
    assert isinstance(found, list)
    assert str(found[0].problem.help).startswith('no stage: --drop "Impressions"; ')
    assert read(text, ImportOptions(empty_as_zero=True, drops=("Impressions",))).funnels[0].names[0] == "Clicks"
