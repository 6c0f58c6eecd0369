"""Numbers as people read them: rounded half up, once, and never so that they lie."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnelcli.output import numbers
from funnelcli.stats.tests import SIGNIFICANT

KINDS = [
    "count",
    "rate",
    "brief_rate",
    "money",
    "number",
    "duration",
    "one_in",
    "interval",
    "chance",
    "count_change",
    "rate_change",
    "money_change",
    "text",
]


@pytest.mark.parametrize("kind", KINDS)
def test_undefined_is_na(kind: str) -> None:
    assert numbers.text(None, kind) == "n/a"
    assert numbers.text(None, kind, "EUR") == "n/a"


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (Fraction(125, 2), 0, "63"),  # half up
        (Fraction(1, 2), 0, "1"),
        (Fraction(3, 2), 0, "2"),
        (Fraction(5, 2), 0, "3"),
        (Fraction(49, 100), 0, "0"),
        (Fraction(-1, 2), 0, "-1"),
        (Fraction(-5, 2), 0, "-3"),
        (Fraction(-49, 100), 0, "0"),
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(5, 1000), 2, "0.01"),
        (Fraction(1005, 1000), 2, "1.01"),
        (Fraction(999995, 1000), 2, "1,000.00"),
        (0, 2, "0.00"),
        (0, 0, "0"),
        (1234567, 0, "1,234,567"),
        (-1234567, 1, "-1,234,567.0"),
        (10**18, 0, "1,000,000,000,000,000,000"),
        (Fraction(10**18 * 10 + 5, 10), 0, "1,000,000,000,000,000,001"),
    ],
)
def test_rounding_is_half_up(value: int | Fraction, decimals: int, shown: str) -> None:
    assert numbers.rounded(value, decimals) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0.00%"), (1, "100.0%"), (Fraction(1, 2), "50.0%"), (Fraction(1, 3), "33.3%"), (Fraction(1, 8), "12.5%")],
)
def test_usual_rates(value: int | Fraction, shown: str) -> None:
    assert numbers.text(value, "rate") == shown


def shown_percent(text: str) -> Fraction:
    """The number before the percent sign; a bound `<0.01%` or `>99.9%` counts as that bound."""
    return Fraction(text.removesuffix("%").replace("<", "").replace(">", "").replace(",", ""))


TINY = [Fraction(1, 10**power) for power in (3, 4, 6, 9, 12, 15, 18, 30, 36)]


@pytest.mark.parametrize("kind", ["rate", "brief_rate", "rate_change"])
@pytest.mark.parametrize("value", [*TINY, *(-each for each in TINY)])
def test_a_rate_that_is_not_0_is_never_shown_as_0(value: Fraction, kind: str) -> None:
    assert shown_percent(numbers.text(value, kind)) != 0


@pytest.mark.parametrize("kind", ["rate", "brief_rate", "rate_change"])
@pytest.mark.parametrize("distance", TINY)
@pytest.mark.parametrize("side", [-1, 1], ids=["below", "above"])
def test_a_rate_that_is_not_1_is_never_shown_as_100(distance: Fraction, side: int, kind: str) -> None:
    shown = numbers.text(1 + side * distance, kind)
    assert shown.lstrip("+").startswith(("<", ">")) or shown_percent(shown) != 100


@pytest.mark.parametrize("value", [Fraction(9995, 10000), Fraction(99949, 100000), Fraction(99999, 100000)])
def test_rates_close_to_1(value: Fraction) -> None:
    """99.95% rounds half up to 100.0% with one decimal, so it is shown with two."""
    shown = shown_percent(numbers.text(value, "rate"))
    assert shown < 100
    assert abs(shown - value * 100) < Fraction(5, 100)


def test_the_exact_forms_close_to_1() -> None:
    assert numbers.text(Fraction(9995, 10000), "rate") == "99.95%"
    assert numbers.text(1 - Fraction(1, 10**9), "rate") == "99.9999999%"


def test_006_percent_is_not_01_percent() -> None:
    """Small rates keep digits that tell them apart."""
    assert shown_percent(numbers.text(Fraction(6, 10000), "rate")) == Fraction(6, 100)
    assert shown_percent(numbers.text(Fraction(1, 1000), "rate")) == Fraction(1, 10)


@pytest.mark.parametrize("power", range(1, 8))
@pytest.mark.parametrize("part", [Fraction(1, 3), Fraction(2, 3), Fraction(5, 9), Fraction(999, 1000)])
def test_a_rate_is_never_far_from_what_is_shown(part: Fraction, power: int) -> None:
    """Less than one part in a hundred is lost, however small the rate."""
    value = part / 10**power
    assert abs(shown_percent(numbers.text(value, "rate")) - value * 100) <= value * 100 / 100


@pytest.mark.parametrize(
    ("value", "shown"), [(Fraction(-1, 4), "-25.0%"), (Fraction(3, 2), "150.0%"), (1000, "100,000.0%")]
)
def test_growth_and_negative_rates(value: Fraction, shown: str) -> None:
    assert numbers.text(value, "rate") == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Fraction(1, 2), "50%"), (Fraction(944, 10000), "9.44%"), (Fraction(1, 8), "12.5%"), (1, "100%"), (0, "0%")],
)
def test_brief_rates(value: int | Fraction, shown: str) -> None:
    assert numbers.text(value, "brief_rate") == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (1, "1"),
        (999, "999"),
        (1000, "1,000"),
        (360750, "360,750"),
        (10**18, "1,000,000,000,000,000,000"),
        (Fraction(216, 5), "43.2"),
        (Fraction(1, 4), "0.3"),  # half up
        (Fraction(1, 20), "0.05"),
        (Fraction(-5, 2), "-2.5"),
    ],
)
def test_counts(value: int | Fraction, shown: str) -> None:
    """Whole counts are never shortened; fractional ones are expectations."""
    shown_now = numbers.text(value, "count")
    if isinstance(value, int):
        assert shown_now == shown
    else:
        assert abs(Fraction(shown_now) - value) <= Fraction(1, 20)


@pytest.mark.parametrize("power", range(1, 13))
def test_a_count_that_is_not_0_is_never_shown_as_0(power: int) -> None:
    assert Fraction(numbers.text(Fraction(1, 10**power), "count").lstrip("<")) != 0


@pytest.mark.parametrize(
    ("value", "currency", "shown"),
    [
        (500000, None, "500,000"),
        (0, "EUR", "0 EUR"),
        (Fraction("280302.75"), "EUR", "280,303 EUR"),  # no cents from 10,000 on
        (Fraction("9999.99"), "EUR", "9,999.99 EUR"),
        (Fraction("10000.49"), "EUR", "10,000 EUR"),
        (Fraction("-354545.10"), "EUR", "-354,545 EUR"),
        (Fraction("1515.15"), "EUR", "1,515.15 EUR"),
        (Fraction("0.1"), None, "0.10"),
        (Fraction("1.005"), None, "1.01"),  # half up, from an exact number
        (Fraction("0.004"), None, "0.004"),
        (Fraction("-12.5"), "EUR", "-12.50 EUR"),
        (Fraction("-12.5"), "$", "-$12.50"),
        (12, "€", "€12"),
        (10**15, None, "1,000,000,000,000,000"),
        (Fraction("999999.995"), None, "1,000,000"),
    ],
)
def test_money(value: int | Fraction, currency: str | None, shown: str) -> None:
    assert numbers.text(value, "money", currency) == shown


@pytest.mark.parametrize("power", range(1, 16))
def test_money_that_is_not_0_is_never_shown_as_0(power: int) -> None:
    assert Fraction(numbers.text(Fraction(1, 10**power), "money").lstrip("<")) != 0


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (10, "count_change", "+10"),
        (-10, "count_change", "-10"),
        (0, "count_change", "0"),
        (Fraction(1, 5), "rate_change", "+20%"),
        (Fraction(-1, 5), "rate_change", "-20%"),
        (0, "rate_change", "0%"),
        (100000, "money_change", "+100,000"),
        (Fraction("-0.5"), "money_change", "-0.50"),
        (0, "money_change", "0"),
    ],
)
def test_changes_carry_a_sign(value: int | Fraction, kind: str, shown: str) -> None:
    assert numbers.text(value, kind) == shown


def test_a_change_in_a_currency_of_a_symbol() -> None:
    assert numbers.text(100, "money_change", "$") == "+$100"
    assert numbers.text(-100, "money_change", "$") == "-$100"


@pytest.mark.parametrize(("value", "shown"), [(1, "1:1"), (80, "1:80"), (1950, "1:1,950"), (Fraction(25, 3), "1:8.3")])
def test_one_in(value: int | Fraction, shown: str) -> None:
    """4,000 to 50 is 1:80."""
    assert numbers.text(value, "one_in") == shown


@pytest.mark.parametrize(
    ("bounds", "shown"),
    [
        ((0.0695, 0.2619), "6.95–26.2%"),
        ((0.0, 0.1611), "0.00–16.1%"),
        ((0.926, 1.0), "92.6–100.0%"),
        ((None, None), "n/a"),
        ((1e-14, 0.0577), "<0.01–5.77%"),
        ((1e-9, 5e-6), "<0.000001–0.000500%"),
        ((0.942, 1 - 1e-13), "94.2–<100%"),
        ((1e-12, 1 - 1e-12), "<0.01–<100%"),
        ((0.0006, 0.0577), "0.0600–5.77%"),
    ],
)
def test_intervals(bounds: tuple[float | None, float | None], shown: str) -> None:
    assert numbers.text(bounds, "interval") == shown


@given(st.floats(-15, -0.01), st.floats(0.01, 3), st.booleans())
def test_no_end_of_an_interval_has_digits_that_the_other_drowns(size: float, more: float, mirrored: bool) -> None:
    """Read back each end is where it is, or said to be beyond what is written, and the whole is short."""
    low, high = 10**size, min(1.0, 10**size * 10**more) if more < 2 else 0.5
    low, high = min(low, high), max(low, high)
    if mirrored:
        low, high = 1 - high, 1 - low
    shown = numbers.text((low, high), "interval")
    for end, exact in zip(shown.removesuffix("%").split("–"), (low, high), strict=True):
        written = float(end.strip("<>"))
        if end.startswith("<"):
            assert 0 < exact * 100 < written
        else:
            assert written == pytest.approx(exact * 100, rel=0.01, abs=0.006)
            assert (written in (0, 100)) == (exact in (0, 1))
    if high > 1.05 * low > 0 and 1 - low > 1.05 * (1 - high) > 0 and high >= 1e-4 and 1 - low >= 1e-4:
        assert len(shown) <= 17, shown


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ((1e-9, 0.05), "points_interval", "+<0.01 to +5.00"),
        ((-0.05, -1e-9), "points_interval", "-5.00 to -<0.01"),
        ((-1e-9, 0.7542), "rate_change_interval", "-<0.01% to +75.4%"),
        ((1e-9, 12.3), "count_change_interval", "+<0.1 to +12.3"),
        ((-1e-9, 500), "amount_change_interval", "-<0.01 to +500"),
        ((0.06, 12.3), "count_change_interval", "+0.06 to +12.3"),
        ((0, 12), "count_change_interval", "0 to +12"),
    ],
)
def test_an_end_of_a_range_of_changes_that_is_near_0_is_not_spelled_out(
    value: tuple[float, float], kind: str, shown: str
) -> None:
    assert numbers.text(value, kind, "EUR").replace(numbers.MINUS, "-") == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.923, "92%"), (0.5, "50%"), (0.625, "63%"), (0.9999, ">99%"), (1.0, ">99%"), (0.0, "<1%"), (0.001, "<1%")],
)
def test_chances_are_never_certain(value: float, shown: str) -> None:
    assert numbers.text(value, "chance") == shown


@pytest.mark.parametrize(
    ("value", "spelled"),
    [
        ("a\nb", "\\n"),
        ("a\tb", "\\t"),
        ("\x1b[31m", "\\x1b"),
        ("\u202egpj", "\\u202e"),
        ("a\u200bb", "\\u200b"),
        ("\x00", "\\x00"),
    ],
)
def test_characters_that_hide_are_spelled_out(value: str, spelled: str) -> None:
    shown = numbers.visible(value)
    assert spelled in shown
    assert shown.isprintable()


@pytest.mark.parametrize("value", ["Paid", "Оплаты", "支払い", "😀", "Käynnit", "[red]x[/red]", ":smile:", ""])
def test_what_can_be_seen_stays(value: str) -> None:
    assert numbers.visible(value) == value


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        (Fraction(405, 10_000_000), "3.5 s"),  # 3.4992 s
        (Fraction(1, 86_400_000_000), "0.000001 s"),
        (Fraction(59_996, 86_400_000), "1 min"),  # 59.996 s is not "60 s"
        (Fraction(1, 16), "1.5 h"),
        (Fraction(1, 48), "30 min"),
        (1, "1 day"),
        (Fraction(3, 2), "1.5 days"),
        (28, "28 days"),
        (388, "388 days"),
        (12_345, "12,345 days"),
        (0, "0 days"),
    ],
)
def test_times_have_a_unit_that_fits(days: Fraction | int, shown: str) -> None:
    assert numbers.text(days, "duration") == shown


_UNITS = {"s": Fraction(1, 86400), "min": Fraction(1, 1440), "h": Fraction(1, 24), "day": 1, "days": 1}


@given(st.fractions(min_value=Fraction(1, 86_400_000_000), max_value=10_000, max_denominator=10**12))
def test_times_say_what_they_are_to_three_digits(days: Fraction) -> None:
    amount, unit = numbers.text(days, "duration").split(" ")
    said = Fraction(amount.replace(",", "")) * _UNITS[unit]
    assert abs(said - days) <= days / 200


@pytest.mark.parametrize(
    ("value", "border", "kind", "shown"),
    [
        ("0.4496", "0.45", "rate", "44.96%"),
        ("0.4504", "0.45", "rate", "45.04%"),
        ("0.45", "0.45", "rate", "45.0%"),
        ("0.44", "0.45", "rate", "44.0%"),
        ("0.44996", "0.45", "brief_rate", "44.996%"),
        ("0.9999", "1", "rate", "99.99%"),
        ("2999.999", "3000", "money", "2,999.999"),
        ("-0.004", "0", "money", "-0.004"),
        ("499999.9996", "500000", "count", "499,999.9996"),
        ("0.44999999999999999", "0.45", "rate", "<45%"),
        ("0.45000000000000001", "0.45", "rate", ">45%"),
    ],
)
def test_a_figure_is_never_shown_beyond_the_border_that_it_keeps(
    value: str, border: str, kind: str, shown: str
) -> None:
    assert numbers.judged(Fraction(value), Fraction(border), kind) == shown


def test_the_figures_of_a_verdict_show_its_side() -> None:
    """A thousand values near their borders: read back, each lies where it lay; both ends of intervals, too."""
    chance = Random(3)
    for kind, scale in (("rate", 100), ("brief_rate", 100), ("money", 1), ("count", 1), ("number", 1)):
        for _ in range(200):
            border = Fraction(chance.randrange(100, 997), chance.choice((1000, 997))) * (1 if scale == 100 else 5000)
            value = border * (1 + Fraction(chance.choice((-1, 1)), 10 ** chance.randrange(1, 10)))
            shown, held = (numbers.judged(*pair, kind) for pair in ((value, border), (border, value)))
            read, read_border = (Fraction(re.sub("[,%]", "", each)) for each in (shown, held))
            assert (read > border * scale) == (value > border), (shown, border)
            assert (read_border > value * scale) == (border > value)
            assert read != border * scale
            assert (read > read_border) == (value > border)
            low, high = sorted((float(value / 5000), float(border / 5000)))
            ends = numbers.judged((low, high), Fraction(low + high) / 2, "interval").removesuffix("%")
            assert Fraction(ends.split("–")[0]) < Fraction(low + high) * 50 < Fraction(ends.split("–")[1])


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0.0496, "0.0496"),
        (0.04999, "0.04999"),
        (0.0504, "0.0504"),
        (0.051, "0.051"),
        (0.0494, "0.0494"),
        (0.0412, "0.041"),
        (1e-9, "<0.001"),
    ],
)
def test_a_p_value_is_shown_on_its_side_of_the_threshold(p: float, shown: str) -> None:
    assert numbers.p_value(p) == shown
    assert SIGNIFICANT == 0.05


@given(st.fractions(min_value=0, max_value=400, max_denominator=10**7))
def test_a_duration_is_in_the_largest_unit_of_which_there_is_one(days: Fraction) -> None:
    """It is within half a percent of what it says, and below one only in seconds."""
    shown, unit = numbers.duration(days).split(" ")
    number = Fraction(shown.replace(",", ""))
    assert abs(number * {"s": 1, "min": 60, "h": 3600, "day": 86400, "days": 86400}[unit] - days * 86400) <= days * 432
    assert number >= 1 or unit == "s" or days == 0
    assert number <= {"s": 60, "min": 60, "h": 24}.get(unit, number)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(3597, "60 min"), (3600, "1 h"), (86227, "24 h"), (86400, "1 day"), (59.9, "59.9 s")]
)
def test_what_is_nearly_one_is_so_many_of_the_next_unit(seconds: float, shown: str) -> None:
    assert numbers.duration(Fraction(str(seconds)) / 86400) == shown
