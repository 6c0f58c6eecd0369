"""The line of a key of the funnel is gone, and what stood below it stays: one message, whose help brings it back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from funnelcli.diagnostics import Severity
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.reader import read
from tests.conftest import SAMPLES
from tests.thorough import few

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = """\
name: Shop
currency: EUR
average_check:
  mean: 60
  sd: 20
stages:
  - name: Visits
    count: 5000
    when: {event: visit}
  - {name: Leads, when: {event: lead}, count: 800, target: 20%}
  - {name: Paid, when: {event: paid}, count: 240}
referral:
  from: Paid
  brings: 0.2
  to: Leads
breakdowns:
  channel:
    Ads: [3000, 500, 140]
    Search: {counts: [2000, 300, 100], budget: 900}
cells:
  - {channel: Ads, region: North, counts: [3000, 500, 140]}
  - {channel: Search, region: North, counts: [2000, 300, 100]}
scenarios:
  Faster:
    conversion@Paid: +5pp
  More: {entries: +20%}
checks:
  - conversion@Leads >= 12%
  - "overall_conversion >= 4%"
  - revenue >= usual
measure:
  unit: user_id
  table: events
  time: created_at
  window: 7 days
measured:
  events: 20000
  units: 5000
"""


def blocks(text: str) -> list[str]:
    return re.split(r"^(?=\w)", text, flags=re.MULTILINE)


def styles(text: str) -> Iterator[str]:
    """The same file with dashes at the start of lines, indented by 4, and with its keys in other orders."""
    yield text
    yield re.sub(r"^  (?= *- )|^  (?=  (count|when):)", "", text, flags=re.MULTILINE)
    yield re.sub(r"^(?= )", "  ", text, flags=re.MULTILINE)
    first, *others = blocks(text)
    yield first + "".join(reversed(others))
    for at in range(1, len(others)):
        yield first + "".join(others[at:] + others[:at])


def without_key(text: str) -> Iterator[tuple[str, int, str]]:
    """Each key with lines below it, the number of its line, and the text without it."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        key = re.match(r"(\w+):\s*(#.*)?$", line)
        if key and number + 1 < len(lines) and re.match(r"\s+\S|- ", lines[number + 1]):
            yield key[1], number, "\n".join(lines[:number] + lines[number + 1 :])


def files() -> dict[str, str]:
    found = {path.name: path.read_text("utf-8") for path in sorted(SAMPLES.glob("*.yaml"))}
    first, second, *others = styles(OWN)
    own = [first, second, *few(others, 2)]
    return dict(few(found.items(), 12)) | {f"own {number}": text for number, text in enumerate(own)}


@pytest.mark.parametrize("name", files())
def test_a_key_whose_line_is_gone_is_one_message(name: str) -> None:
    text = files()[name]
    before = read(text.encode(), "f.yaml")
    wrong = []
    for key, number, without in without_key(text):
        errors = [each for each in read(without.encode(), "f.yaml").diagnostics if each.severity is Severity.ERROR]
        lines = without.split("\n")
        at = next(at for at in range(number, len(lines)) if not re.match(r"\s*(#|$)", lines[at]))
        told = [(each.location.line, each.problem.help) for each in errors]
        if told != [(at + 1, f"write {key}: in a line of its own above line {at + 1}")]:
            wrong.append((key, told))
        again = read("\n".join([*lines[:at], f"{key}:", *lines[at:]]).encode(), "f.yaml")
        assert len(again.funnels) == len(before.funnels)
    assert wrong == []


def test_every_key_that_has_lines_below_it_is_among_them() -> None:
    nested = {field.key for field in schema.FUNNEL if field.kind not in schema.PARSERS or field.kind == "average_check"}
    assert {key for key, _, _ in without_key(OWN)} == nested - {"average_order_value"}
    assert read(OWN.encode(), "f.yaml").funnels
