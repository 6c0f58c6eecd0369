"""Sound files broken by known slips: mended, they are the sound file again, or as they were; never another."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from funnelcli.diagnostics import Severity
from funnelcli.funnel_file.mended import mended
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.slips.line_rules import DASHES
from tests.conftest import SAMPLES
from tests.funnel_file.breakings import SLIPS, Breaking, broken, twice
from tests.funnel_file.test_slips import slips
from tests.thorough import few

if TYPE_CHECKING:
    from funnelcli.funnel_file.reader import Reading

SHOP = """\
name: Shop
currency: EUR
average_check: 63.50
stages:
  - {name: Visits, count: 12400}
  - name: Cart   # a comment
    count: 830
    target: 7%
  - {name: Paid, count: 377, target: 30%}
breakdowns:
  source:
    Search: [8000, 500, 250]
    Mail: {counts: [4400, 330, 127], budget: 1500}
checks:
  - conversion@Paid >= 40%
"""
SOUND = {path.stem: path.read_text() for path in SAMPLES.glob("*.yaml")} | {"shop": SHOP}


@cache
def cases() -> dict[str, list[Breaking]]:
    return {name: list(broken(text)) for name, text in SOUND.items()}


def small() -> list[tuple[str, Breaking]]:
    """Files of a few lines in many forms: those of `slips.txt`, mended."""
    return [(text, each) for slip in slips() for text in slip.mended[:1] for each in broken(text)]


def errors(reading: Reading) -> list[str]:
    return [each.problem.code for each in reading.diagnostics if each.severity is Severity.ERROR]


def says(reading: Reading) -> list[str]:
    """What the funnels say, wherever it stands in the file."""
    return [re.sub(r"Location\([^)]*\)", "", repr(funnel)) for funnel in reading.funnels]


def outcome(sound: str, text: str) -> str:
    """What mending makes of a broken text: `same`, `left`, `alike`, `part` of it mended, or `other`.

    A part of it is mended where it still does not read, and each line says what it said before or in the sound text.
    """
    after = mended(text.encode(), "shop.yaml")
    if after.data.decode() == sound:
        return "same"
    if not after.mends:
        return "left"
    if not errors(after.reading):
        return "alike" if says(after.reading) == says(read(sound.encode(), "shop.yaml")) else "other"
    lines = [[line.lstrip() for line in each.split("\n")] for each in (after.data.decode(), sound, text)]
    right = len({*map(len, lines)}) == 1 and all(new in old for new, *old in zip(*lines, strict=True))
    return "part" if right else "other"


def fails(text: str) -> bool:
    return bool(errors(read(text.encode(), "shop.yaml")))


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_never_makes_another_funnel(slip: str) -> None:
    known_of = [(SOUND[name], each) for name, known in cases().items() for each in known if each.slip == slip]
    for sound, each in few(known_of, 4):
        if fails(each.text):
            assert outcome(sound, each.text) != "other", each.text


def test_a_slip_in_a_small_file_never_makes_another_funnel() -> None:
    for sound, each in few(small(), 120):
        if not fails(sound) and fails(each.text):
            assert outcome(sound, each.text) != "other", each.text


@pytest.mark.parametrize("used", ["referral: {from: Sales, brings: 1, to: Leads}", "checks: [conversion@Sales >= 4%]"])
@pytest.mark.parametrize("name", ["Sales,", "Sales;", "“Sales", "Sales."])
def test_a_slip_in_the_name_of_a_stage_is_not_spread_to_where_it_is_used(name: str, used: str) -> None:
    text = f"stages:\n  - name: Leads\n    count: 100\n  - name: {name}\n    count: 5\n{used}\n"
    assert mended(text.encode(), "x.yaml").data.decode() in (text, text.replace(name, "Sales"))


def test_typographic_quotes_are_plain_ones_again_or_a_part_of_a_name() -> None:
    """Of a number, there are none: it says the same; a file that reads with them stays as it is."""
    quoted = [(name, each) for name, known in cases().items() for each in known if each.slip == "typographic quotes"]
    assert quoted
    for name, each in quoted:
        meant = ("same", "alike") if fails(each.text) else ("left",)
        assert outcome(SOUND[name], each.text) in meant, each.text


def alone(name: str) -> list[Breaking]:
    """Breakings of a file of which each is mended by itself."""
    return [each for each in few(cases()[name], 120) if fails(each.text) and outcome(SOUND[name], each.text) == "same"]


NOT_TOGETHER = {
    ("a brace that is not closed", "no colon"),
    ("no colon", "a no-break space behind the colon"),
    ("no colon", "a wide colon"),
    ("no colon", "no space behind the colon"),
}
"""Pairs of which some are left as they are, with what is wrong told."""


def test_slips_that_are_each_mended_alone_are_mended_together() -> None:
    """In lines apart, whichever stands first; little but that of lines at the wrong depth may be left."""
    known = alone("shop")
    pairs = [(one, other) for one in known for other in known if one.line < other.line]
    for one, other in few(pairs, 40):
        left = (one.slip, other.slip) in NOT_TOGETHER
        left |= any(word in one.slip + other.slip for word in ("more", "less", "tab", "indentation"))
        right = ("same", "alike", "left", "part") if left else ("same", "alike")
        assert outcome(SHOP, twice(one, other)) in right, (one, other)


SIGNS = ("- ", "-", *DASHES, *(f"{sign} " for sign in DASHES), "  ", " ", "", "1. ")
"""What stands before an item where a dash and a blank are meant."""


@pytest.mark.parametrize("sign", SIGNS)
def test_a_bracket_ends_before_the_next_item_however_that_begins(sign: str) -> None:
    """A brace that is not closed takes no line of the next item into it: no comma, and no brace behind its figures."""
    sound = "stages:\n  - {name: Visits, count: 12400}\n  - name: Cart\n    count: 830\n  - {name: Paid, count: 377}\n"
    for at, item in ((1, "  - name: Cart"), (3, "  - {name: Paid, count: 377}")):
        before, after = sound.split(item)
        broken = before[: before.rindex("}")] + before[before.rindex("}") + 1 :] + item.replace("- ", sign, 1) + after
        assert outcome(sound, broken) in ("same", "alike", "left", "part"), (at, broken)
        lines = mended(broken.encode(), "shop.yaml").data.decode().split("\n")
        assert lines[2].endswith("name: Cart"), broken
        assert lines[3].strip() == "count: 830", broken


@pytest.mark.parametrize("line", range(3, 14))
def test_a_comma_that_is_missing_is_found_where_keys_repeat_from_bracket_to_bracket(line: int) -> None:
    sound = """\
{
  "name": "Shop",
  "stages": [
    {
      "name": "Visits",
      "count": 12400
    },
    {"name": "Cart", "count": 830},
    {
      "name": "Paid",
      "count": 377,
      "target": "30%"
    }
  ],
  "currency": "EUR"
}
"""
    lines = sound.split("\n")
    if lines[line].endswith(","):
        lines[line] = lines[line][:-1]
        assert outcome(sound, "\n".join(lines)) == "same", lines[line]


PERIODS = SOUND["periods"]
NO_DASH = ("\u00a0 - ", "  – ", "  -", "  ", "  * ")
BY_STAGE = """\
stages: {Visits: 1000, Paid: 40}
breakdowns:
  channel:
    Ads:
        counts:
          Visits: 600
          Paid: 20
    SEO:
        counts:
          Visits: 400
          Paid: 20
"""


@pytest.mark.parametrize(
    ("sound", "text"),
    [
        (PERIODS, PERIODS.replace('    "2026-10":', '  "2026-10":')),  # a segment at the depth of its dimension
        (PERIODS, re.sub(r'  (  "2026-09.*\n)  ( .*\n)  ( .*\n)', r'\1\2\3', PERIODS)),
        ("name: 'C:\\kiosk'\nstages: {A: 2, B: 1}\n", "name 'C:\\kiosk'\nstages: {A: 2, B: 1}\n"),
        ("period: \"Mo 9:30\"\nstages: {A: 2, B: 1}\n", "period \"Mo 9:30\"\nstages: {A: 2, B: 1}\n"),
        (SHOP, SHOP.replace("name: Shop\n", "name= Shop\n ", 1)),  # and one space more in the next
        (SHOP, SHOP.replace("name: Shop\n", "name Shop\n ", 1)),
        *(
            (SHOP, SHOP.replace("name: Shop", first).replace("  - conv", f"{begins}conv"))
            for begins in NO_DASH
            for first in ("name= Shop", "name Shop")
        ),
        (BY_STAGE, BY_STAGE.replace("    SEO:", "  SEO:")),
        (SHOP, SHOP.replace("12400}", "12400").replace("name: Cart", "name:\u00a0Cart")),
        (SHOP, SHOP.replace("12400}", "12400").replace("name: Cart", "name Cart")),
    ],
)  # fmt: skip
def test_what_looks_like_another_slip_is_left_or_mended_as_it_was(sound: str, text: str) -> None:
    assert text != sound
    assert fails(text)
    assert outcome(sound, text) in ("same", "left", "part")
