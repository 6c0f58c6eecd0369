"""Every key of a funnel file, read into the model."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
import yaml

from funnelcli.diagnostics import Severity
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.reader import Reading, read
from funnelcli.funnel_file.yaml.loaders import PurePythonLoader
from funnelcli.measure import Condition, Measure
from funnelcli.metrics import METRICS, Selector
from funnelcli.model import Funnel, RateRange, Referral, Stage
from funnelcli.segments import Breakdown, Segment
from funnelcli.what_if import Change

if TYPE_CHECKING:
    from funnelcli.exact import Exact

F = Fraction
LOADERS = [yaml.CSafeLoader, PurePythonLoader]


def read_text(text: str, file: str = "folder/shop.yaml") -> Reading:
    """A file read with both loaders, which must agree."""
    first, second = (read(text.encode(), file, loader) for loader in LOADERS)
    assert first.funnels == second.funnels
    assert found(first) == found(second)
    return first


def found(reading: Reading) -> list[tuple[str, int, int]]:
    return [(each.problem.code, each.location.line, each.location.column) for each in reading.diagnostics]


def funnel_of(text: str, file: str = "folder/shop.yaml") -> Funnel:
    """The one funnel of a file with nothing wrong in it."""
    reading = read_text(text, file)
    assert [each.problem.message for each in reading.diagnostics] == []
    (funnel,) = reading.funnels
    return funnel


TWO = "stages: {Leads: 100, Sales: 20}\n"


def test_three_keys_make_a_funnel() -> None:
    funnel = funnel_of("name: Invoices\naverage_check: 10000\nstages: {Invoice sent: 100, Paid: 50}\n")
    assert funnel == Funnel(
        name="Invoices",
        stages=(Stage("Invoice sent", None, 100), Stage("Paid", 0, 50, average_check=10000)),
        file="folder/shop.yaml",
        document=1,
    )


def test_what_a_file_leaves_out() -> None:
    assert funnel_of(TWO) == Funnel(
        name="shop",
        stages=(Stage("Leads", None, 100), Stage("Sales", 0, 20)),
        file="folder/shop.yaml",
        document=1,
        description=None,
        period=None,
        currency=None,
        budget=None,
        gross_margin=None,
        spend_elasticity=None,
        referral=None,
        breakdowns=(),
        scenarios=(),
        checks=(),
        measure=None,
    )


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("shop.yaml", "shop"),
        ("folder/shop.yml", "shop"),
        ("folder\\shop.yaml", "shop"),
        ("shop.2026.yaml", "shop.2026"),
        ("shop", "shop"),
        ("./a.b/shop", "shop"),
        (".yaml", ".yaml"),
    ],
)
def test_the_name_defaults_to_the_stem_of_the_file(file: str, name: str) -> None:
    assert funnel_of(TWO, file).name == name


def test_labels_money_and_rates_of_the_funnel() -> None:
    funnel = funnel_of(
        "name: Spring sale\n"
        "description: |\n  Paid search,\n  one country\n"
        "period: 2026-10\n"
        "currency: EUR\n"
        "average_check: 1515.15\n"
        "budget: 60000\n"
        "gross_margin: 35%\n"
        "spend_elasticity: 0.5\n" + TWO
    )
    assert funnel.name == "Spring sale"
    assert funnel.description == "Paid search,\none country\n"
    assert (funnel.period, funnel.currency) == ("2026-10", "EUR")
    assert funnel.stages[-1].average_check == F(151515, 100)
    assert funnel.stages[0].average_check is None
    assert (funnel.budget, funnel.gross_margin, funnel.spend_elasticity) == (60000, F(7, 20), F(1, 2))


@pytest.mark.parametrize("sign", ["$", "€", "₽", "EUR", "US dollars"])
def test_a_currency_is_a_code_or_a_symbol(sign: str) -> None:
    assert funnel_of(f"currency: {sign}\n" + TWO).currency == sign


def test_stages_as_a_mapping() -> None:
    stages = funnel_of("stages:\n  Visits: 360750\n  Weight: 27.4\n  Sales: 0\n").stages
    assert stages == (Stage("Visits", None, 360750), Stage("Weight", 0, F(137, 5)), Stage("Sales", 1, 0))


def test_every_key_of_a_stage() -> None:
    funnel = funnel_of(
        "stages:\n"
        "  - name: Visits\n"
        "    count: 1000\n"
        "    role: click\n"
        "    cost: 0.25\n"
        "  - name: Leads\n"
        "    conversion: 8% to 12%\n"
        "    target: 1/8\n"
        "    days: 3.5\n"
        "    open: 14\n"
        "    close_chance: 15%\n"
        "    role: lead\n"
        "  - name: Chat\n"
        "    count: 1200\n"
        "    from: visits\n"
        "    allow_growth: true\n"
        "  - name: Sales\n"
        "    conversion: 50%\n"
        "    from: Leads\n"
        "    average_check: 90\n"
        "    role: customer\n"
        "    when: {event: paid}\n"
        "  - name: Renewals\n"
        "    count: 10\n"
        "    revenue: 450\n"
    )
    assert funnel.stages == (
        Stage("Visits", None, 1000, role="click", cost=F(1, 4)),
        Stage(
            "Leads",
            0,
            100,
            conversion=RateRange(F(2, 25), F(3, 25)),
            target=F(1, 8),
            days=F(7, 2),
            open=14,
            close_chance=F(3, 20),
            role="lead",
        ),
        Stage("Chat", 0, 1200, allow_growth=True),
        Stage(
            "Sales",
            1,
            50,
            conversion=F(1, 2),
            average_check=90,
            role="customer",
            when=((Condition("event", ("paid",)),),),
        ),
        Stage("Renewals", 3, 10, revenue=450),
    )
    assert funnel.stages[4].average_order_value == 45
    assert not funnel.is_chain


@pytest.mark.parametrize("key", [field.key for field in schema.STAGE])
def test_every_key_of_the_table_of_stages_is_known(key: str) -> None:
    """The keys are those of the format, and the reader refuses none of them as unknown."""
    assert {field.key for field in schema.STAGE} == {
        "name", "count", "conversion", "from", "target", "average_check", "revenue", "cost", "days", "open",
        "days_lost", "close_chance", "close_within", "lost_unplaced", "role", "allow_growth", "when",
        "average_order_value", "within", "exclude", "optional", "amount",
    }  # fmt: skip
    reading = read_text(f"stages:\n  - {{name: A, count: 1}}\n  - {{name: B, {key}: [[]]}}\n")
    assert "FN101" not in {code for code, _, _ in found(reading)}


@pytest.mark.parametrize("key", [field.key for field in schema.FUNNEL])
def test_every_key_of_the_table_of_funnels_is_known(key: str) -> None:
    assert {field.key for field in schema.FUNNEL} == {
        "name", "description", "period", "currency", "stages", "average_check", "budget", "gross_margin",
        "spend_elasticity", "referral", "breakdowns", "scenarios", "checks", "measure",
        "measured", "average_order_value", "variation", "cells",
    }  # fmt: skip
    reading = read_text(f"{key}: [[]]\n")
    assert "FN101" not in {code for code, _, _ in found(reading)}


@pytest.mark.parametrize("role", ["impression", "click", "lead", "customer"])
def test_roles(role: str) -> None:
    assert (
        funnel_of(f"stages:\n  - {{name: A, count: 5, role: {role}}}\n  - {{name: B, count: 1}}\n").stages[0].role
        == role
    )


def test_counts_follow_from_conversions_exactly() -> None:
    stages = funnel_of(
        "stages:\n"
        "  - {name: A, count: 100}\n"
        "  - {name: B, conversion: 1/3}\n"
        "  - {name: C, conversion: 0.1}\n"
        "  - {name: D, conversion: 25%, from: A}\n"
        "  - {name: E, conversion: 120%, allow_growth: true}\n"
    ).stages
    assert [stage.count for stage in stages] == [100, F(100, 3), F(10, 3), 25, 30]


@pytest.mark.parametrize("rate", ["0%", "100%", "1", "5/5"])
def test_the_ends_of_a_rate_are_allowed(rate: str) -> None:
    funnel = funnel_of(f"stages:\n  - {{name: A, count: 5}}\n  - {{name: B, conversion: {rate}, target: {rate}}}\n")
    assert funnel.stages[1].count in (0, 5)


def test_equal_counts_and_zeros_are_allowed() -> None:
    assert [stage.count for stage in funnel_of("stages: {A: 5, B: 5, C: 0, D: 0}\n").stages] == [5, 5, 0, 0]


def test_growth_is_allowed_where_it_is_said() -> None:
    funnel = funnel_of(
        "stages:\n  - {name: A, count: 5}\n  - {name: B, count: 8, allow_growth: true}\n  - {name: C, count: 8}\n"
        "breakdowns: {part: {first: [2, 7, 7], second: [3, 1, 1]}}\n"
    )
    assert [segment.counts for segment in funnel.breakdowns[0].segments] == [(2, 7, 7), (3, 1, 1)]


def test_the_next_stage_after_a_branch_comes_from_the_one_before() -> None:
    stages = funnel_of(
        "stages:\n"
        "  - {name: A, count: 9}\n"
        "  - {name: B, count: 4}\n"
        "  - {name: C, count: 6, from: A}\n"
        "  - {name: D, count: 5}\n"
    ).stages
    assert [stage.parent for stage in stages] == [None, 0, 0, 2]


@pytest.mark.parametrize("written", ["Decision maker", "decision maker", "DECISION MAKER"])
def test_stage_names_match_without_case(written: str) -> None:
    funnel = funnel_of(
        "stages:\n"
        "  - {name: Calls, count: 100}\n"
        "  - {name: Decision maker, count: 40}\n"
        f"  - {{name: Offers, count: 20, from: {written}}}\n"
        f"  - {{name: Demos, count: 30, from: {written}}}\n"
        f"referral: {{from: Offers, brings: 0.2, to: {written}}}\n"
        f"scenarios: {{Better: {{conversion@{written}: x2}}}}\n"
        f"checks: [conversion@{written} >= 30%]\n"
        "breakdowns:\n"
        "  team:\n"
        f"    North: {{counts: {{{written}: 40, calls: 100, OFFERS: 20, Demos: 30}}}}\n"
    )
    assert [stage.parent for stage in funnel.stages] == [None, 0, 1, 1]
    assert funnel.referral == Referral(2, F(1, 5), 1)
    assert funnel.scenarios[0].changes[0][0] == Selector(METRICS["conversion"], "Decision maker")
    assert funnel.checks[0].selector == Selector(METRICS["conversion"], "Decision maker")
    assert funnel.breakdowns[0].segments[0].counts == (100, 40, 20, 30)


def test_an_exact_name_goes_before_one_of_another_case() -> None:
    funnel = funnel_of("stages: {Paid: 10, paid: 5}\nchecks: [count@paid >= 1, count@Paid >= 1]\n")
    assert [check.selector.stage for check in funnel.checks] == ["paid", "Paid"]


def test_breakdowns_in_all_forms() -> None:
    funnel = funnel_of(
        "stages: {Visits: 3000, Leads: 200, Sales: 22}\n"
        "breakdowns:\n"
        "  channel:\n"
        "    Ads: {counts: [2000, 120, 10], budget: 60000, average_check: 90.5, gross_margin: 35%}\n"
        "    SEO: [1000, 80, 12]\n"
        "  manager:\n"
        "    Anna: {counts: {Sales: 12, Visits: 1500, Leads: 100}}\n"
        "    Boris: {counts: [1500, 100, 10]}\n"
    )
    assert funnel.breakdowns == (
        Breakdown(
            "channel",
            (
                Segment("Ads", (2000, 120, 10), budget=60000, average_check=F(181, 2), gross_margin=F(7, 20)),
                Segment("SEO", (1000, 80, 12)),
            ),
        ),
        Breakdown("manager", (Segment("Anna", (1500, 100, 12)), Segment("Boris", (1500, 100, 10)))),
    )


def test_stages_without_counts_are_the_sum_over_the_first_dimension() -> None:
    funnel = funnel_of(
        "average_check: 90\n"
        "stages: [{name: Visits}, {name: Leads, target: 10%}, {name: Sales}]\n"
        "breakdowns:\n"
        "  channel: {Ads: [2000, 120.5, 10], SEO: [1000, 80.5, 12]}\n"
        "  manager: {Anna: [1500, 100, 11], Boris: [1500, 101, 11]}\n"
    )
    assert [stage.count for stage in funnel.stages] == [3000, 201, 22]
    assert all(type(stage.count) is int for stage in funnel.stages)


@pytest.mark.parametrize(
    ("segments", "differences"),
    [
        ("{Ads: [60, 15], SEO: [40, 5]}", []),
        ("{Ads: [60, 15], SEO: [30, 5]}", [("90", "100", "10")]),
        ("{Ads: [60, 15], SEO: [60, 5]}", [("120", "100", "20")]),
        ("{Ads: [60, 15.5], SEO: [30.25, 5]}", [("90.25", "100", "9.75"), ("20.5", "20", "0.5")]),
    ],
)
def test_a_difference_is_a_warning_with_figures(segments: str, differences: list[tuple[str, ...]]) -> None:
    reading = read_text(TWO + f"breakdowns:\n  channel: {segments}\n")
    assert found(reading) == [("FN301", 3, 3)] * len(differences)
    assert len(reading.funnels) == 1
    for diagnostic, figures in zip(reading.diagnostics, differences, strict=True):
        assert diagnostic.severity is Severity.WARNING
        for figure in figures:
            assert figure in diagnostic.problem.message


def test_a_stage_with_a_stated_conversion_has_no_count_to_compare() -> None:
    funnel_of(
        "stages: [{name: A, count: 100}, {name: B, conversion: 20%}]\n"
        "breakdowns: {part: {first: [60, 10], second: [40, 9]}}\n"
    )


def test_referral() -> None:
    funnel = funnel_of(TWO + "referral: {from: Sales, brings: 0.2, to: Leads}\n")
    assert funnel.referral == Referral(1, F(1, 5), 0)


def test_scenarios() -> None:
    funnel = funnel_of(
        "average_check: 90\nbudget: 1000\ngross_margin: 50%\n" + TWO + "scenarios:\n"
        "  Better scripts:\n"
        "    conversion@Sales: x2\n"
        "    average_check: +5%\n"
        "  More of it:\n"
        "    entries: +500\n"
        "    conversion@sales: -2pp\n"
        "    gross_margin: 60%\n"
        "    budget: -100\n"
    )
    better, more = funnel.scenarios
    assert (better.name, more.name) == ("Better scripts", "More of it")
    assert better.changes == (
        (Selector(METRICS["conversion"], "Sales"), Change(2, 0, "x2")),
        (Selector(METRICS["average_check"]), Change(F(21, 20), 0, "+5%")),
    )
    assert more.changes == (
        (Selector(METRICS["entries"]), Change(1, 500, "+500")),
        (Selector(METRICS["conversion"], "Sales"), Change(1, F(-1, 50), "-2pp")),
        (Selector(METRICS["gross_margin"]), Change(None, F(3, 5), "60%")),
        (Selector(METRICS["budget"]), Change(1, -100, "-100")),
    )
    assert better.location is not None
    assert (better.location.line, better.location.column) == (6, 3)


def test_checks() -> None:
    funnel = funnel_of(
        TWO + "checks:\n"
        "  - conversion@Sales >= 15%\n"
        "  - count@leads == 100\n"
        "  - conversion@Sales > 1/8 with 95% confidence\n"
    )
    read_as = [(str(check.selector), check.operator, check.limit, check.confidence) for check in funnel.checks]
    assert read_as == [
        ("conversion@Sales", ">=", F(3, 20), None),
        ("count@Leads", "==", 100, None),
        ("conversion@Sales", ">", F(1, 8), F(19, 20)),
    ]
    places = [(check.location.line, check.location.column) for check in funnel.checks if check.location]
    assert places == [(3, 5), (4, 5), (5, 5)]
    assert funnel.checks[0].text == "conversion@Sales >= 15%"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("{event: paid}", ((Condition("event", ("paid",)),),)),
        ("{event: [paid, invoiced]}", ((Condition("event", ("paid", "invoiced")),),)),
        ("{event: paid, amount: 10}", ((Condition("event", ("paid",)), Condition("amount", (10,))),)),
        ("[{event: paid}, {event: gift}]", ((Condition("event", ("paid",)),), (Condition("event", ("gift",)),))),
        (
            "[{event: paid, test: false}, {event: [gift, bonus]}]",
            (
                (Condition("event", ("paid",)), Condition("test", (False,))),
                (Condition("event", ("gift", "bonus")),),
            ),
        ),
        ('{code: "010"}', ((Condition("code", ("010",)),),)),
        ("{amount: 0.5}", ((Condition("amount", (F(1, 2),)),),)),
        ("{refunded: null}", ((Condition("refunded", (None,)),),)),
        ("{refunded: [null, false]}", ((Condition("refunded", (None, False)),),)),
        ('{answer: "yes"}', ((Condition("answer", ("yes",)),),)),
    ],
)
def test_when_in_all_forms(written: str, read_as: object) -> None:
    funnel = funnel_of(f"stages:\n  - {{name: A, count: 5, when: {written}}}\n  - {{name: B, count: 1}}\n")
    assert funnel.stages[0].when == read_as


@pytest.mark.parametrize(
    "written", ["[]", "{}", "[{}]", "paid", "[paid]", "{event: {}}", "{event: [[a]]}", "{event: []}"]
)
def test_when_without_a_condition_is_refused(written: str) -> None:
    """An empty list of values would be a condition that nothing meets."""
    reading = read_text(f"stages:\n  - {{name: A, count: 5, when: {written}}}\n  - {{name: B, count: 1}}\n")
    assert [code for code, _, _ in found(reading)] == ["FN103"]
    assert reading.funnels == ()


def test_measure() -> None:
    funnel = funnel_of(
        TWO + "measure:\n"
        "  table: events\n"
        "  unit: user_id\n"
        "  time: created_at\n"
        "  window: 7 days\n"
        "  order: strict\n"
        '  between: ["2026-10-01", "2026-11-01"]\n'
        "  breakdowns: {channel: utm_source, country: geo}\n"
        "  exclude: {event: refund}\n"
        "  lost: {event: closed_lost}\n"
    )
    assert funnel.measure == Measure(
        table="events",
        unit="user_id",
        time="created_at",
        window=7 * 86400,
        order="strict",
        between=("2026-10-01", "2026-11-01"),
        breakdowns=(("channel", "utm_source"), ("country", "geo")),
        exclude=((Condition("event", ("refund",)),),),
        lost=((Condition("event", ("closed_lost",)),),),
    )


def test_every_key_of_measure_may_be_left_out() -> None:
    assert funnel_of(TWO + "measure: {table: events}\n").measure == Measure(table="events")


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
def test_orders_of_measure(order: str) -> None:
    measure = funnel_of(TWO + f"measure: {{order: {order}}}\n").measure
    assert measure is not None
    assert measure.order == order


def test_documents_are_counted() -> None:
    reading = read_text("name: A\n" + TWO + "---\n" + TWO)
    assert [(funnel.name, funnel.document) for funnel in reading.funnels] == [("A", 1), ("shop", 2)]
    assert reading.documents == 2


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("nmae: Shop\n" + TWO, 'did you mean "name"?'),
        ("gros_margin: 35%\n" + TWO, 'did you mean "gross_margin"?'),
        ("stages: [{name: A, count: 2}, {name: B, cuont: 1, count: 1}]\n", 'did you mean "count"?'),
        ("stages: [{name: Calls, count: 2}, {name: Deals, count: 1, from: Cals}]\n", 'did you mean "Calls"?'),
        (TWO + "referral: {from: Sale, brings: 1, to: Leads}\n", 'did you mean "Sales"?'),
        (TWO + "checks: [conversion@Sale >= 1%]\n", 'did you mean "Sales"?'),
        (TWO + "checks: [converison@Sales >= 1%]\n", 'did you mean "conversion"?'),
        (TWO + "scenarios: {Better: {conversion@Saels: x2}}\n", 'did you mean "Sales"?'),
        (TWO + "measure: {tabel: events}\n", 'did you mean "table"?'),
        (TWO + "measure: {order: ordred}\n", 'did you mean "ordered"?'),
        (TWO + "breakdowns: {part: {x: {counts: [100, 20], bugdet: 5}}}\n", 'did you mean "budget"?'),
    ],
)
def test_a_near_name_is_offered(text: str, hint: str) -> None:
    reading = read_text(text)
    assert [each.problem.help for each in reading.diagnostics] == [hint]
    assert reading.funnels == ()


def test_known_names_are_listed_when_none_is_near() -> None:
    (diagnostic,) = read_text(TWO + "checks: [conversion@Zzz >= 1%]\n").diagnostics
    assert diagnostic.problem.help == 'known here: "Leads", "Sales"'


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("stages:\n  - {name: A, count: 2}\n  - {name: B, count: -1}\n", "stages[1].count"),
        ("stages: {A: 2, B: -1}\n", "stages.B"),
        (TWO + "budget: $5\n", "budget"),
        (TWO + "breakdowns: {part: {x: [1]}}\n", "breakdowns.part.x"),
        (TWO + "checks: [conversion@Sales >= 45]\n", "checks[0]"),
        (TWO + "scenarios: {Better: {conversion@Sales: 45}}\n", "scenarios.Better.conversion@Sales"),
    ],
)
def test_a_diagnostic_tells_its_path(text: str, path: str) -> None:
    paths = [each.path for each in read_text(text).diagnostics if each.severity is Severity.ERROR]
    assert paths == [path]


@pytest.mark.parametrize(
    ("count", "value"),
    [("0", 0), ("1", 1), ("27.4", F(137, 5)), ("1e18", 10**18), ('"5"', 5), ("'5'", 5), ("0.1", F(1, 10))],
)
def test_counts_are_exact(count: str, value: Exact) -> None:
    first = funnel_of(f"stages: {{A: {count}, B: 0}}\n").stages[0]
    assert first.count == value
    assert type(first.count) is type(value)


def test_a_scenario_that_changes_one_figure_by_two_spellings() -> None:
    """Changes of one figure apply in the order written."""
    funnel = funnel_of(TWO + "scenarios: {Better: {conversion@Sales: x2, conversion@sales: +1pp}}\n")
    assert [str(selector) for selector, _ in funnel.scenarios[0].changes] == ["conversion@Sales", "conversion@Sales"]


def test_an_empty_list_of_checks_is_no_check() -> None:
    assert funnel_of(TWO + "checks: []\n").checks == ()


def test_a_conversion_of_a_later_stage_does_not_hide_other_errors() -> None:
    reading = read_text(
        "stages:\n  - {name: A, count: 5}\n  - {name: B, conversion: 120%}\n  - {name: C, count: 3, target: 120%}\n"
    )
    assert found(reading) == [("FN109", 3, 27), ("FN111", 4, 33)]
