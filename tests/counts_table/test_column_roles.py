"""What the columns of a spreadsheet are, by the names that exports have in several languages and by their cells.

Names are those of the products' own exports and help pages: Google Ads, Meta Ads, Yandex Direct and Metrica, GA4,
Mixpanel, PostHog. Expected figures were added up by hand.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from funnelcli.counts_table.columns import are_like_codes, kind_of
from funnelcli.counts_table.recipes import recipes
from funnelcli.counts_table.words import base_of, currency_of, plain
from funnelcli.segments import Breakdown, Segment

from .test_counts import places, read, refused

if TYPE_CHECKING:
    from funnelcli.counts_table.recipes import Recipe

RATES = [
    "step_rate_pct", "CTR", "CTR (all)", "CTR, %", "Conv. rate", "Conv.-Rate", "Taux de conv.",
    "Tasa de conversión", "Конверсия (%)", "Конверсия в следующий этап", "Доля", "Отказы, %", "Completion rate",
    "conversionRate", "%", "% of all", "Klickrate", "Absprungquote", "ROAS", "ДРР", "Frequency", "Частота",
    "Anteil", "Taux d'achèvement", "Conversion", "Search impr. share", "Click-through rate", "Глубина просмотра",
]  # fmt: skip
PRICES = [
    "Avg. CPC", "CPC", "CPM (cost per 1000 impressions)", "Cost / conv.", "Cost per result", "Cost/click",
    "Kosten/Conv.", "Durchschn. CPC", "CPC moy.", "Coût / conv.", "Coste por clic", "Ср. цена клика (руб.)",
    "Цена цели (руб.)", "Стоимость клика", "Средний чек", "average_check", "Average order value", "Cost per lead",
    "Kosten pro Klick", "cost_per_lead", "Conv. value / cost", "Price", "CAC", "eCPM", "AOV", "Revenue per visitor",
]  # fmt: skip
DURATIONS = [
    "Elapsed time", "median time to convert", "Time (s)", "Seconds", "Avg time on page", "duration", "Dauer",
    "Verweildauer", "Время на сайте", "Длительность визита", "Durée", "Temps", "Tiempo", "Days", "days_to_convert",
    "step (sec)",
]  # fmt: skip
INDEXES = [
    "#", "№", "№ п/п", "step_number", "Step number", "step no.", "order", "Index", "Rank", "Lfd. Nr.", "Nr.", "N°",
    "", "Schritt Nr.", "Номер шага", "stage order", "Reihenfolge", "position",
]  # fmt: skip
SPENT = [
    "Amount spent (EUR)", "Amount Spent", "amount_spent", "Cost", "Costs, EUR", "Spend", "Ad spend (USD)",
    "Cost EUR", "Расход (руб.)", "Расход, руб.", "Расходы", "Затраты", "Kosten", "Ausgegebener Betrag (EUR)",
    "Coût", "Coût (€)", "Montant dépensé (EUR)", "Importe gastado (EUR)", "Coste", "Dépenses", "Budget", "Бюджет",
]  # fmt: skip
EARNED = [
    "Revenue", "Revenue (EUR)", "total_revenue", "Sales value", "Conv. value", "Conversion value", "Выручка, руб.",
    "Доход", "Purchases conversion value", "Umsatz", "Conv.-Wert", "Chiffre d'affaires", "Ingresos",
    "Ценность конверсий",
]  # fmt: skip
STAGES = [
    "Visits", "Clicks", "Konversionen", "Конверсии", "Conversions", "Share", "Corporate", "Quote sent",
    "First-time buyers", "Time booked", "Stayed 7 days", "Order", "Impr.", "Показы", "Käufe", "Add to cart / checkout",
    "Separate offer", "Results", "ID verified", "ID check passed", "ID подтверждён", "Delivery", "Ids checked",
]  # fmt: skip
IDENTIFIERS = [
    "ID", "Campaign ID", "CampaignId", "campaign_id", "Kampagnen-ID", "ID кампании", "ID группы", "ID de campaña",
    "ID de campagne", "ID da campanha", "Идентификатор кампании", "Identifiant de campagne", "№ кампании",
    "Номер заказа", "Account number", "Kundennummer", "SKU", "Campaign status", "Статус", "user_uuid",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("rate", name) for name in RATES),
        *(("label", name) for name in IDENTIFIERS),
        *(("price", name) for name in PRICES),
        *(("spend", name) for name in SPENT),
        *(("revenue", name) for name in EARNED),
        *(("count", name) for name in STAGES),
    ],
)
def test_a_column_of_numbers_is_told_by_its_name(kind: str, name: str) -> None:
    assert kind_of(name, ["40", "7.5", "12"]) == kind


@pytest.mark.parametrize("name", DURATIONS)
def test_durations_are_told_by_name_or_by_their_cells(name: str) -> None:
    assert kind_of(name, ["40", "75", "12"]) in ("duration", "price")  # an average time is an average, too
    assert kind_of("Foo", ["00:01:23", "0:40", "12:00:01"]) == "duration"
    assert kind_of("Foo", ["1h 20m", "12s", "3 min 5 s"]) == "duration"


@pytest.mark.parametrize("cells", [["1", "2", "3"], ["0", "1", "2"], ["1", "2", "1", "2"], ["1", "1", "2", "2", ""]])
def test_numbers_of_rows_are_told_by_name_and_cells(cells: list[str]) -> None:
    assert {name: kind_of(name, cells) for name in INDEXES} == dict.fromkeys(INDEXES, "index")


@pytest.mark.parametrize("name", ["order", "Rank", "position"])
def test_other_numbers_under_such_a_name_may_be_counts(name: str) -> None:
    assert kind_of(name, ["120", "40"]) == "count"


@pytest.mark.parametrize("name", ["#", "№", "№ п/п", "Nr."])
def test_rows_are_numbered_in_any_order_and_with_gaps(name: str) -> None:
    assert [kind_of(name, cells) for cells in (["4", "2", "1", "3"], ["1", "2", "4", ""], ["3", "1"])] == ["index"] * 3
    assert [kind_of(name, cells) for cells in (["101", "205"], ["2", "2", "1"], ["1", "9"])] == ["label"] * 3


@pytest.mark.parametrize("cells", [["12%", "3%"], ["12,5 %", "3 %", ""], ["0.5%", "1%", "--"]])
def test_cells_with_a_percent_sign_are_rates_whatever_the_name(cells: list[str]) -> None:
    assert kind_of("Foo", cells) == "rate"


@pytest.mark.parametrize("name", RATES + PRICES + DURATIONS + SPENT + EARNED)
def test_words_stay_labels(name: str) -> None:
    assert kind_of(name, ["high", "low", "low"]) in ("label", "steps")


@pytest.mark.parametrize(("kind", "names"), [("rate", RATES), ("price", PRICES), ("duration", DURATIONS)])
def test_what_does_not_add_up_is_left_out_and_said_in_wide_tables_and_in_long_ones(kind: str, names: list[str]) -> None:
    for name in names:
        header = f'"{name}"'
        wide = read(f"Channel,Visits,Leads,{header}\nAds,100,10,7.5\nSEO,50,5,3.25\n")
        assert (wide.stages, wide.totals) == (("Visits", "Leads"), (150, 15)), name
        (note,) = wide.notes
        assert note.startswith(f'left out: "{name}" (a'), note
        long = read(f"step,users,{header}\nVisit,100,7.5\nLead,10,3.25\n")
        assert (long.stages, long.totals) == (("Visit", "Lead"), (100, 10)), name
        assert f'"{name}"' in long.notes[0]


@pytest.mark.parametrize("name", SPENT)
def test_money_spent_is_the_budget_of_each_segment_in_the_currency_of_the_header(name: str) -> None:
    table = read(f'Team,Impressions,Clicks,"{name}"\nA,61000,1500,310.40\nB,38000,880,188.25\n')
    a, b = Segment("A", (61000, 1500), Fraction(1552, 5)), Segment("B", (38000, 880), Fraction(753, 4))
    assert table.breakdowns == (Breakdown("Team", (a, b)),)
    assert (table.stages, table.budget) == (("Impressions", "Clicks"), Fraction(49865, 100))
    codes = {"EUR": "EUR", "USD": "USD", "руб.": "RUB", "€": "EUR"}
    assert table.currency == next((code for word, code in codes.items() if word in name), None)


@pytest.mark.parametrize("name", EARNED)
def test_money_earned_is_the_revenue_of_the_last_stage(name: str) -> None:
    table = read(f'Channel,Visits,Orders,"{name}"\nAds,1000,30,900.50\nSEO,500,10,333\nTotal,1500,40,1233.50\n')
    assert (table.stages, table.revenue) == (("Visits", "Orders"), Fraction(2467, 2))
    ads, seo = table.breakdowns[0].segments
    assert ads.average_check is not None
    assert abs(ads.average_check * 30 - Fraction(1801, 2)) < Fraction(1, 10**9)
    assert seo.average_check == Fraction(333, 10)


def test_revenue_without_a_sale_is_refused_at_its_row() -> None:
    assert places(refused("Channel,Visits,Orders,Revenue\nAds,10,3,90\nSEO,5,0,70\n")) == [("FN122", 3, 9, "D3")]


@pytest.mark.parametrize("name", ["Amount", "Amount (EUR)", "Foo (USD)", "Betrag", "Montant (€)", "Foo, руб."])
def test_money_that_may_be_spent_or_earned_is_refused_by_name(name: str) -> None:
    (found,) = refused(f'Channel,Visits,Orders,"{name}"\nAds,1000,30,900.50\n')
    assert found.problem.code == "FN103"
    assert f'"{name}"' in found.problem.message
    assert f'--revenue "{name}"' in (found.problem.help or "")


def test_money_of_two_currencies_is_refused() -> None:
    (found,) = refused("Channel,Visits,Orders,Cost (EUR),Revenue (USD)\nAds,10,3,5,90\n")
    assert '"EUR"' in found.problem.message
    assert '"USD"' in found.problem.message
    assert refused("Channel,Currency,Visits,Orders,Cost\nAds,EUR,10,3,5\nSEO,USD,5,1,5\n")
    assert refused("Channel,Visits,Orders,Cost\nAds,10,3,$5\nSEO,5,1,€2.50\n")
    assert refused("Channel,Currency,Visits,Orders,Cost\nAds,EUR,10,3,$5\n")


@pytest.mark.parametrize(
    ("table", "currency"),
    [
        ("Channel,Currency code,Visits,Orders,Cost\nAds,EUR,10,3,5\nSEO,EUR,5,1,5\n", "EUR"),
        ("Канал;Валюта;Визиты;Заказы;Расход\nА;RUB;10;3;5\n", "RUB"),
        ("Channel,Visits,Orders,Cost\nAds,10,3,$5\nSEO,5,1,$2.50\n", "$"),
        ("Kanal;Besuche;Käufe;Kosten\nA;10;3;1.500,50 €\nB;5;1;0,00 €\n", "EUR"),
        ("Channel,Currency,Visits,Orders,Cost\nAds,CAD,10,3,$5\n", "CAD"),
    ],
)
def test_the_currency_stands_in_a_column_or_in_the_cells(table: str, currency: str | None) -> None:
    assert read(table).currency == currency


@pytest.mark.parametrize(("name", "base", "currency"), [
    ("Amount spent (EUR)", "amount spent", "EUR"), ("Расход, руб.", "расход", "руб."), ("Cost USD", "cost", "USD"),
    ("Cost in EUR", "cost", "EUR"), ("adSpend", "ad spend", None), ("Budget [€]", "budget", "€"),
    ("Leads (SEO)", "leads", None),
])  # fmt: skip
def test_a_name_is_parted_from_its_unit(name: str, base: str, currency: str | None) -> None:
    assert (base_of(name), currency_of(name)) == (base, currency)


STEP_NAMES = [
    "step", "Step name", "step_name", "stage", "Stage Name", "funnel_step", "Funnel-Step", "funnelStep",
    "event_name", "этап", "Этап воронки", "Название шага", "шаг", "Schritt", "Trichterstufe", "Étape",
    "Étape de l'entonnoir", "Paso", "Paso del embudo", "etapa", "level",
]  # fmt: skip
COUNT_NAMES = [
    "count", "users", "sessions", "visitors", "visits", "events", "value", "total", "leads", "Active users", "Foo",
    "Количество", "Кол-во, чел.", "Посетители", "Визиты", "Nutzer", "Anzahl", "Utilisateurs", "Usuarios",
]  # fmt: skip


@pytest.mark.parametrize("step", STEP_NAMES)
def test_a_column_of_steps_beside_one_column_of_numbers_is_a_funnel(step: str) -> None:
    for count in COUNT_NAMES:
        table = read(f'"{step}","{count}"\nLanding,4200\nBasket,315\nOrder,126\n')
        found = table.stages, table.totals, table.breakdowns
        assert found == (("Landing", "Basket", "Order"), (4200, 315, 126), ()), count


@pytest.mark.parametrize("step", ["step", "этап", "Schritt"])
@pytest.mark.parametrize("index", [name for name in INDEXES if name])
@pytest.mark.parametrize("first", [0, 1])
def test_numbers_of_the_steps_are_no_stage(step: str, index: str, first: int) -> None:
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0]):
        rows = [(index, step, "users"), *((str(first + at), name, count) for at, (name, count) in enumerate(
            [("Visits", "1000"), ("Leads", "200"), ("Sales", "50")]))]  # fmt: skip
        table = read("".join(",".join(row[at] for at in order) + "\n" for row in rows))
        assert (table.stages, table.totals) == (("Visits", "Leads", "Sales"), (1000, 200, 50))
        assert table.notes == (f'left out: "{index}" (numbers of the rows)',)


@pytest.mark.parametrize("names", ["step,name,users", "order,name,count", "Шаг;Название;Количество"])
def test_beside_numbers_of_steps_the_column_of_names_is_that_of_the_steps(names: str) -> None:
    mark = ";" if ";" in names else ","
    table = read(f"{names}\n" + "".join(f"{at}{mark}{name}{mark}{count}\n" for at, name, count in
                                        [(1, "Visits", 1000), (2, "Leads", 200)]))  # fmt: skip
    assert (table.stages, table.totals) == (("Visits", "Leads"), (1000, 200))


def test_numbers_beside_channels_make_no_steps_of_them() -> None:
    assert [each.problem.code for each in refused("#,Channel,Visits\n1,Ads,100\n2,SEO,50\n")] == ["FN105"]


def test_steps_with_their_number_are_names() -> None:
    assert read("Step,Active users\n1. Visit,1000\n2. Pay,300\n").stages == ("1. Visit", "2. Pay")


@pytest.mark.parametrize(
    "table",
    [
        "Channel,Visits,Leads,x\nAds,1000,333,0.333\nSEO,500,10,0.02\n",
        "Channel,Visits,Leads,x\nAds,1000,333,33.3\nSEO,500,12,2.4\n",
        "Channel;Visits;Leads;x\nAds;1000;333;0,333\nSEO;500;10;0,02\n",
        "Channel,Visits,Cost,Leads,x\nAds,1000,333,30,11.10\nSEO,500,100,12,8.33\n",
    ],
)
def test_fractions_that_are_the_ratio_of_two_columns_are_left_out_and_said(table: str) -> None:
    found = read(table)
    assert found.stages == ("Visits", "Leads")
    assert any('"x" ("' in note for note in found.notes)


@pytest.mark.parametrize("column", ["1,0.333,0.03", "100,33.3,3.0", ",0.333,0.03", "1,0.333,0.01"])
def test_fractions_of_the_step_before_or_of_the_first_are_left_out_of_a_column_of_steps(column: str) -> None:
    first, second, third = column.split(",")
    found = read(f"stage,count,x\nV,1000,{first}\nL,333,{second}\nS,10,{third}\n")
    assert found.totals == (1000, 333, 10)
    assert any('"x"' in note for note in found.notes)


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("Channel,Impr.,Clicks,Foo\nA,15000,1100,0.42\nB,52000,1400,1.31\n", ("FN103", 2, 14, "D2")),
        ("stage,count\nLanding,9000\nForm,1200\nDone,5.25\n", ("FN103", 4, 6, "B4")),
    ],
)
def test_parts_of_units_beside_whole_ones_are_asked_about(table: str, place: tuple[str, int, int, str]) -> None:
    assert places(refused(table)) == [place]
    assert read(table, decimal=".").stages  # told that they are meant


def test_shares_and_weights_are_parts() -> None:
    assert read("stage,share\nA,1\nB,0.4\n").totals == (1, Fraction(2, 5))
    assert read("stage,count\nA,1\nB,0.4\n").totals == (1, Fraction(2, 5))
    assert read("stage,weight\nA,7\nB,0.4\n").totals == (7, Fraction(2, 5))


@pytest.mark.parametrize("name", ["Conversions", "Conv.", "All conv.", "Конверсии", "Konversionen", "Weighted deals"])
def test_attributed_and_weighed_units_may_be_parts(name: str) -> None:
    assert read(f"Team,Clicks,{name}\nA,100,5.25\nB,100,4\n").totals == (200, Fraction(37, 4))


def test_columns_that_do_not_add_up_are_left_out_for_a_funnel_file_too() -> None:
    table = read("Channel,Visit,Paid,CTR,Cost,Revenue\nAds,100,7,7%,50,900\n", ["Visit", "Paid"])
    assert (table.totals, table.budget, table.revenue) == ((100, 7), 50, 900)
    assert table.notes == ('left out: "CTR" (a rate)', 'the revenue, "Revenue", is that of the last stage, "Paid"')
    assert read("Channel,Visit,CTR\nAds,100,7\n", ["Visit", "CTR"]).totals == (100, 7)


@pytest.mark.parametrize("name", ["Delivery", "Qxzv", "Budget (USD)", "Revenue"])
def test_numbers_that_are_nearly_alike_are_asked_about(name: str) -> None:
    table = f"Channel,{name},Clicks,Sales\nA,7001001,900,40\nB,7001003,80,4\nC,7001001,70,3\nTotal,--,1050,47\n"
    (found,) = refused(table)
    assert (found.problem.code, found.path) == ("FN103", "B1")
    assert f'"{name}", such as 7001001 and 7001003, look like codes' in found.problem.message
    assert read(table, labels=[name]).stages == ("Clicks", "Sales")
    if name in ("Delivery", "Qxzv"):
        counted = table.replace("--", "21003005")
        assert read(counted, [name, "Clicks", "Sales"]).totals[0] == 21003005


SEGMENTS = [recipe for recipe in recipes() if recipe.shape == "segments"]


@pytest.mark.parametrize("recipe", SEGMENTS, ids=lambda recipe: recipe.name)
def test_money_days_and_averages_of_known_exports_are_no_stages_of_any_table(recipe: Recipe) -> None:
    """A name that counts in another export may be a stage; so may Reach, Delivery, and what no vendor calls money."""
    columns = [column for each in SEGMENTS for column in each.columns if column.kind in ("count", "drop")]
    others = [column for column in columns if column.key not in ("average", "rate")]
    counted = {plain(name) for column in others for name in column.names}
    for column in recipe.columns:
        if column.kind in ("spend", "revenue", "date") or column.key in ("average", "rate"):
            names = [name.replace("{currency}", "EUR") for name in column.names]
            found = {name: kind_of(name, ["40", "7.5", "12"]) for name in names if plain(name) not in counted}
            assert [name for name, kind in found.items() if kind == "count" and "{" not in name] == []


@pytest.mark.parametrize(
    "cells",
    [
        ["50000", "50001"],  # two halves of a list
        ["500000", "500000"],
        ["1000123", "999870"],  # two halves by chance
        ["7,001,001", "7,001,003"],  # thousands are not parted in codes
        ["7001001"],
    ],
)
def test_counts_may_be_as_alike_as_chance_or_a_plan_makes_them(cells: list[str]) -> None:
    assert not are_like_codes(cells)
