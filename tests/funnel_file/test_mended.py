"""Files that are mended: every bad file and every slip keeps what the mending must keep, and reads better after it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from funnelcli.diagnostics import Severity
from funnelcli.funnel_file import mended as mended_module
from funnelcli.funnel_file.mended import Mended, marked, mended
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.slips import mending
from funnelcli.funnel_file.yaml.tree import MOST_RESTARTS
from tests.conftest import SAMPLES
from tests.funnel_file.test_bad_funnels import FILES
from tests.funnel_file.test_slips import slips
from tests.robustness.mangling import Change, changes, mangled
from tests.robustness.test_mangled_bytes import WRITTEN, many
from tests.thorough import each_once, few

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from funnelcli.diagnostics import Diagnostic
    from funnelcli.funnel_file.reader import Reading

MARK = b"\xef\xbb\xbf"
SLOW = "alias_expansion"
CASES = {path.stem: path.read_bytes() for path in FILES if path.stem != SLOW}
CASES |= {slip.title: slip.bad.encode() for slip in slips()}
each_case = pytest.mark.parametrize("name", CASES)
each_way = pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "all"])


def errors(reading: Reading) -> Counter[str]:
    return Counter(each.problem.code for each in reading.diagnostics if each.severity is Severity.ERROR)


def run_on(data: bytes) -> int | None:
    """How many plain texts go on in another line, as PyYAML reads them; `None` where that does not."""
    try:
        pending = [each for each in yaml.compose_all(data.decode(), yaml.SafeLoader) if each]
    except (yaml.YAMLError, UnicodeDecodeError):
        return None
    found, seen = 0, set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            found += node.style is None and node.end_mark.line > node.start_mark.line
        else:
            pending += [part for each in node.value for part in (each if isinstance(each, tuple) else (each,))]
    return found


def keeps_what_it_must(data: bytes, after: Mended) -> None:
    """What holds of every file: it has fewer errors and no new one, or it is the same; and it is mended for good."""
    before = read(data, "shop.yaml")
    if not after.mends:
        assert after.data == data
        return
    left = errors(read(after.data, "shop.yaml"))
    assert errors(after.reading) == left
    known = errors(before)
    if {"FN203", "FN205", "FN206"} & known.keys():  # counts that do not fit are seen when all of them are read
        del left["FN104"], known["FN104"]
    assert left.total() < known.total()
    assert not left - known
    texts, more = run_on(data), run_on(after.data)
    assert texts is None or more is None or more <= texts  # no line was made the end of a text above
    funnels = [each._replace(document=0) for each in after.reading.funnels]
    assert [each for each in before.funnels if each._replace(document=0) not in funnels] == []


@each_way
@each_case
def test_a_mended_file_has_fewer_errors_no_new_one_and_is_mended_for_good(name: str, unsafe: bool) -> None:
    after = mended(CASES[name], "shop.yaml", unsafe=unsafe)
    keeps_what_it_must(CASES[name], after)
    again = mended(after.data, "shop.yaml", unsafe=unsafe)
    assert (again.data, again.mends) == (after.data, ())


def plain(data: bytes) -> bool:
    """Whether other line ends and a mark can stand in a file: text in UTF-8, and neither is what is wrong with it."""
    try:
        return b"\r" not in data and not data.startswith(MARK) and b"\0" not in data and bool(data.decode())
    except UnicodeDecodeError:
        return False


@pytest.mark.parametrize("name", few([name for name, data in CASES.items() if plain(data)], 150))
def test_line_ends_and_the_mark_stay_as_they_are(name: str) -> None:
    """What is mended is the same whatever lines end with; a mixed file would come out as one of the two."""
    data = CASES[name]
    once = mended(data, "shop.yaml", unsafe=True).data
    assert mended(MARK + data.replace(b"\n", b"\r\n"), "shop.yaml", unsafe=True).data == (
        MARK + once.replace(b"\n", b"\r\n")
    )


@each_case
def test_lines_in_which_nothing_was_mended_stay_to_the_byte(name: str) -> None:
    """Comments, blank lines and figures among them; of one round of mending, as places are of the text at that time."""
    data = CASES[name]
    after = mended(data, "shop.yaml")
    touched = {edit.line for each in read(data, "shop.yaml").diagnostics if each.fix for edit in each.fix.edits}
    touched |= {mend.line for mend in after.mends}
    if name.startswith("utf_16"):
        assert after.data.decode() == data.decode("utf-16")
        return
    rest = iter(after.data.split(b"\n"))
    comments = re.findall(rb"^\s*#\s*(\S.*)$", data, re.MULTILINE)
    assert [each for each in comments if each not in after.data] == []
    kept = [line for number, line in enumerate(data.split(b"\n"), 1) if number not in touched]
    assert [line for line in kept if not any(line == other for other in rest)] == []


each_slip = pytest.mark.parametrize("slip", slips(), ids=lambda slip: slip.title)


@each_slip
def test_a_slip_is_mended_as_a_person_would(slip: object) -> None:
    """The mended text that stands in `slips.txt`, but for blank lines; or nothing, or a part of it."""
    after = mended(slip.bad.encode(), "kiosk.yaml")  # type: ignore[attr-defined]  # of test_slips
    if not errors(after.reading):
        wanted = [re.sub(r"\n\s*\n", "\n", f"\n{text}").strip() for text in slip.mended]  # type: ignore[attr-defined]
        assert re.sub(r"\n\s*\n", "\n", f"\n{after.data.decode()}").strip() in wanted


@pytest.mark.parametrize("slip", few(slips(), 60), ids=lambda slip: slip.title)
def test_the_documents_around_stay_as_they_are(slip: object) -> None:
    sound = "# first\nname: Next\nstages: {Walk-ins: 9,   Receipts: 3} # as counted\n"
    bad = slip.bad  # type: ignore[attr-defined]
    alone = mended(bad.encode(), "kiosk.yaml").data.decode()
    around = mended(f"{sound}---\n{bad}---\n{sound}".encode(), "kiosk.yaml").data.decode()
    assert around == f"{sound}---\n{alone}---\n{sound}"


@pytest.mark.parametrize("path", [*SAMPLES.glob("*.yaml")], ids=lambda path: path.stem)
def test_a_sound_file_is_the_very_same(path: Path) -> None:
    data = path.read_bytes()
    assert mended(data, path.name, unsafe=True).data is data


@each_case
def test_what_is_marked_is_mended_and_what_is_not_stays(name: str) -> None:
    data = CASES[name]
    reading = read(data, "shop.yaml")
    found = marked(data, reading)
    assert [each._replace(fix=None) for each in found] == [each._replace(fix=None) for each in reading.diagnostics]
    safe = mended(data, "shop.yaml")
    assert bool(safe.mends) == any(each.fix and each.fix.safe for each in found)
    left = Counter((each.problem.code, each.problem.message) for each in safe.reading.diagnostics)
    for each in found:
        if each.fix is None or not each.fix.safe:
            assert each.severity is Severity.WARNING or left[each.problem.code, each.problem.message]


SAFE = [
    ("A: 1,000", "A: 1000"),
    ("A: 1'000", "A: 1000"),
    ("A: 1_000", "A: 1000"),
    ("A: 10 000", "A: 10000"),
    ("A: 12k", "A: 12000"),
    ("A: 0100", "A: 100"),
    ("{A: 1,000, B: 20}", "{A: 1000, B: 20}"),
    ("average_check: 63,50", "average_check: 63.50"),
    ("budget: 5,400", "budget: 5400"),
    ("average_check: $63\ncurrency: USD", "average_check: 63\ncurrency: USD"),
    ("gross_margin: 33", "gross_margin: 33%"),
    ("gross_margin: 1.5", "gross_margin: 1.5%"),
    ("gross_margin: 5", "gross_margin: 5%"),
    ("conversion: 3", "conversion: 3%"),
    ("conversion: 12 to 15", "conversion: 12% to 15%"),
    ("target: 7", "target: 7%"),
    ("gross_margin: 33 %", "gross_margin: 33%"),
    ("gross_margin: 33,5%", "gross_margin: 33.5%"),
    ("name: no", 'name: "no"'),
    ("“name”: Shop", "name: Shop"),
    ("“stages”: {A: 100, B: 20}\nname: “Shop”", "stages: {A: 100, B: 20}\nname: “Shop”"),
    ("currency: «EUR»", 'currency: "EUR"'),
    ("average_check: “63.50”", "average_check: 63.50"),
    ("{“A”: “100”, B: 20}", "{“A”: 100, B: 20}"),
    ("checks: [‘count@B >= 5’]", 'checks: ["count@B >= 5"]'),
    (
        "breakdowns: {“d”: {«S»: [“60”, 10], M: {„counts“: [40, 10]}}}",
        "breakdowns: {“d”: {«S»: [60, 10], M: {counts: [40, 10]}}}",
    ),
    ("allow_growth: “true”", "allow_growth: true"),
    ("role: „lead“", 'role: "lead"'),
    ("target: »7%«", "target: 7%"),
    ("checks: [“conversion@B >= 4%”]", 'checks: ["conversion@B >= 4%"]'),
    ("checks:\n  - „count@B >= 5“", 'checks:\n  - "count@B >= 5"'),
    ("scenarios: {‘Up’: {conversion@B: “+5%”}}", "scenarios: {‘Up’: {conversion@B: +5%}}"),
    ("conversoin: 30%", "conversion: 30%"),
    ("allow_growth: yes", "allow_growth: true"),
    ("role: leed", "role: lead"),
]
DOUBTED = [
    ("A: -100", "A: 100"),
    ("A: ~100", "A: 100"),
    ("A: 100 people", "A: 100"),
    ("conversion: 3\n    allow_growth: true", "conversion: 3%\n    allow_growth: true"),
    ("price: 60", "average_check: 60"),
]
LEFT = [
    "average_check: $63",
    "average_check: 12.400",
    "average_check: $63\ncurrency: EUR",
    "average_check: 1,250\ncurrency: KWD",
    "A: 44,5",
    "spend_elasticity: 1,250",
    "gross_margin: 1:3",
    "A: 8 to 12",
    "conversion: 0.3 to 5",
    "A: tbd",
    "A: 5%",
]
"""No currency is named; two readings; another currency; four of two readings; a middle; 0.3% or 30%; nothing known;
a rate."""


def whole(text: str) -> str:
    """A file around a line."""
    if text.startswith("A:"):
        return f"stages:\n  {text}\n  B: 20\n"
    if text.startswith("{"):
        return f"stages: {text}\n"
    if "stages" in text:
        return f"{text}\n"
    if text.startswith(("conver", "allow", "role", "target")):
        count = "" if text.startswith("conver") else "    count: 20\n"
        return f"stages:\n  - {{name: A, count: 100}}\n  - name: B\n    {text}\n{count}"
    return f"{text}\nstages: {{A: 100, B: 20}}\n"


@pytest.mark.parametrize(("text", "meant"), SAFE)
def test_what_has_one_reading_is_mended(text: str, meant: str) -> None:
    assert mended(whole(text).encode(), "x.yaml").data.decode() == whole(meant)


@pytest.mark.parametrize(("text", "meant"), DOUBTED)
def test_what_may_mean_something_else_is_mended_only_where_that_is_asked_for(text: str, meant: str) -> None:
    assert mended(whole(text).encode(), "x.yaml").data.decode() == whole(text)
    assert mended(whole(text).encode(), "x.yaml", unsafe=True).data.decode() == whole(meant)


@pytest.mark.parametrize("text", LEFT)
def test_what_a_person_decides_is_left(text: str) -> None:
    assert mended(whole(text).encode(), "x.yaml", unsafe=True).data.decode() == whole(text)


EVERY_QUOTE = ["“{}”", "„{}“", "„{}”", "”{}”", "«{}»", "»{}«", "‘{}’", "‚{}‘", "“{}", "{}”"]
NAMED = """\
name: {shop}
period: {period}
stages:
  - {{name: {first}, count: 100, target: 100%}}
  - {{name: {last}, count: 20, from: {first}}}
referral: {{from: {last}, brings: 0.5, to: {first}}}
breakdowns:
  {dimension}:
    {segment}: {{counts: [60, 15]}}
    {other}: {{counts: {{{first}: 40, {last}: 5}}}}
scenarios:
  {change}: {{conversion@{last}: +5%}}
checks:
  - conversion@{last} >= 10%
"""
NAMES = {
    "shop": "IBM", "period": "Q1", "first": "SMS", "last": "A b", "dimension": "CRM", "segment": "24%", "other": "x",
    "change": "Up",
}  # fmt: skip
OTHER_NAMES = ["IBM", "EUR", "24", "12,400", "true", "name", "count", "A > B", "Web shop", "Bob’s"]


def told(text: str) -> list[str]:
    return [each.problem.code for each in read(text.encode(), "x.yaml").diagnostics if each.severity is Severity.ERROR]


@pytest.mark.parametrize("quotes", EVERY_QUOTE)
def test_typographic_quotes_of_a_name_are_its_writers(quotes: str) -> None:
    """Wherever the name stands: the file says what it says where YAML's own quotes hold them, and stays as it is."""
    names = {key: quotes.format(name) for key, name in NAMES.items()}
    text = NAMED.format(**names)
    assert told(text) == []
    assert mended(text.encode(), "x.yaml", unsafe=True).data.decode() == text
    (funnel,) = read(text.encode(), "x.yaml").funnels
    assert [stage.name for stage in funnel.stages] == [names["first"], names["last"]]


@pytest.mark.parametrize(("name", "quotes"), each_once(OTHER_NAMES, EVERY_QUOTE))
def test_no_text_makes_a_name_in_typographic_quotes_another_thing(name: str, quotes: str) -> None:
    """Where the rest is wrong as well, and mended, too."""
    named = quotes.format(name)
    for key in ("shop", "period", "change", "other"):
        text = NAMED.format(**NAMES | {key: named})
        if key == "other" and "," in name:
            continue
        assert told(text) == [], key
        bad = text.replace("count: 20", "count: “20”")
        assert mended(bad.encode(), "x.yaml", unsafe=True).data.decode() == text


PLACES = {  # of a number in braces or brackets, which end it at a comma
    "stages: {A: 9999999, B: N, C: 1}": True,
    "stages: [{name: A, count: 9999999}, {name: B, count: N}]": True,
    "stages: [{count: N, name: A}, {name: B, count: 1}]": True,
    "stages: [{name: A, count: 9}, {name: B, count: 1, average_check: N}]": False,
    "stages: [{name: A, count: 9}, {name: B, count: 1, average_check: {mean: N, sd: 1}}]": False,
    "stages: {A: 9999999, B: 1250}\nbreakdowns: {d: {x: [9999999, N]}}": True,
    "stages: {A: 9, B: 1}\nreferral: {from: B, brings: N, to: A}": False,
}
PARTED = {"1,250": "1250", "1,250,000": "1250000", "1,250.5": "1250.5", "12,5": "12.5"}


@pytest.mark.parametrize("text", PLACES)
@pytest.mark.parametrize("quotes", [each for each in EVERY_QUOTE if len(each) == 4] + ["“ {} ”"])
def test_a_number_with_a_comma_in_typographic_quotes_is_one_message(quotes: str, text: str) -> None:
    """Where it has one reading it is mended; else the help tells each, and each reads."""
    for number, plain in PARTED.items():
        bad = text.replace("N", quotes.format(number))
        found = [each for each in read(bad.encode(), "x.yaml").diagnostics if each.severity is Severity.ERROR]
        assert [each.problem.code for each in found] == ["FN206"], (bad, found)
        assert found[0].location.column == bad.split("\n")[-1].index(quotes[0]) + 1
        ways = [way.removeprefix("write ") for way in (found[0].problem.help or "").split("; or ")]
        for way in ways:
            assert told(bad.replace(quotes.format(number), way)) == [], bad
        assert plain in ways or PLACES[text]
        after = mended(bad.encode(), "x.yaml").data.decode()
        assert after == (text.replace("N", ways[0]) if len(ways) == 1 else bad)


def test_a_name_that_a_comma_cuts_in_typographic_quotes_stays_one() -> None:
    text = "stages: [{name: “12,400”, count: 9}, {name: B, count: 1}]\n"
    assert mended(text.encode(), "x.yaml").data.decode() == text.replace("“12,400”", '"12,400"')


@pytest.mark.parametrize("stages", ["{{{0}: 100, {1}: 40}}", "[{{name: {0}, count: 100}}, {{name: {1}, count: 40}}]"])
@pytest.mark.parametrize("quotes", [each for each in EVERY_QUOTE if len(each) == 4])
def test_a_check_in_typographic_quotes_reads_without_them(quotes: str, stages: str) -> None:
    """Whatever quotes the stage has, and whether the check has them: it is mended at once, and names that stage."""
    for named in ("{}", *EVERY_QUOTE[:8]):
        stage = named.format("B b")
        for within in {"B b", stage}:
            for check in ("conversion@{} >= 10%", "count@{}<= 50", "conversion@{} within usual", "count@{} >= usual"):
                head = f"stages: {stages.format(named.format('A'), stage)}\nchecks:\n  - "
                bad = head + quotes.format(check.format(within)) + "\n"
                after = mended(bad.encode(), "x.yaml").data.decode()
                assert after == f'{head}"{check.format(stage)}"\n'
                assert told(after) == []


def test_of_two_stages_that_differ_by_typographic_quotes_a_check_names_the_one_it_has() -> None:
    text = "stages: {A: 9, B: 4, “B”: 2}\nchecks: [“count@B >= 1”, “count@“B” >= 1”]\n"
    after = text.replace("“count@B >= 1”", '"count@B >= 1"').replace("“count@“B” >= 1”", '"count@“B” >= 1"')
    assert mended(text.encode(), "x.yaml").data.decode() == after


@pytest.mark.parametrize("between", [" – ", " ", ": ", " | "])
@pytest.mark.parametrize("quotes", EVERY_QUOTE)
def test_stages_that_are_written_otherwise_keep_the_quotes_of_their_names(quotes: str, between: str) -> None:
    first, last = map(quotes.format, "AB")
    text = f"stages:\n  - {first}{between}100\n  - {last}{between}20\nchecks: [conversion@{last} >= 1%]\n"
    for unsafe in (False, True):
        after = mended(text.encode(), "x.yaml", unsafe=unsafe).data.decode()
        assert first in after
        assert last in after
        assert "FN112" not in told(after)


@pytest.mark.parametrize("text", ["“Web” shop", "“Web” or “shop”", '"“Web shop”"', "'«Web»'", "“”", "‘A’ and ‘B’"])
def test_a_text_that_is_not_in_quotes_as_a_whole_has_them(text: str) -> None:
    assert told(f"stages: {{A: 100, B: 20}}\ndescription: {text}\n") == []
    assert "FN103" in told(f"stages: {{A: 100, B: 20}}\nbudget: {text}\n")
    assert mended(f"stages: {{A: 100, B: 20}}\nbudget: {text}\n".encode(), "x.yaml", unsafe=True).mends == ()


@pytest.mark.parametrize(("named", "check"), [("«B»", "“{}”"), ("“B”", "«{}»"), ("‘B’", "„{}“"), ("“B”", "‘{}’")])
def test_a_check_in_quotes_may_name_a_stage_that_has_others(named: str, check: str) -> None:
    inside = f"conversion@{named} >= 10%"
    text = f"stages: {{A: 100, {named}: 20}}\nchecks:\n  - {check.format(inside)}\n"
    after = mended(text.encode(), "x.yaml")
    assert after.data.decode() == text.replace(check.format(inside), f'"{inside}"')
    assert told(after.data.decode()) == []


@pytest.mark.parametrize("quotes", [*EVERY_QUOTE, '“{}"', "“{}'"])
@pytest.mark.parametrize("number", ["1,250", "0,125", "12,5", "1,250,000", "1,250.50"])
def test_a_quote_goes_with_its_partner_or_stays(quotes: str, number: str) -> None:
    """Of numbers that a comma cuts within braces: each sign is there, or none of the two."""
    given = quotes.format(number)
    for form in (
        "stages: {{A: {}, B: 20}}\n",
        "stages:\n  - {{name: A, count: 1250}}\n  - {{name: B, conversion: {}}}\n",
        "average_check: {{mean: {}, sd: 3}}\nstages: {{A: 100, B: 20}}\n",
        "stages: {{A: 9000, B: 20}}\nbreakdowns: {{d: {{x: [{}, 3], z: [4, 5]}}}}\n",
    ):
        for unsafe in (False, True):
            after = mended(form.format(given).encode(), "x.yaml", unsafe=unsafe).data.decode()
            left = [mark for mark in "“„”«»‘’‚" if mark in after]
            assert left in ([], [mark for mark in "“„”«»‘’‚" if mark in given]), after


def readings(text: str, key: str, currency: str) -> set[str]:
    """What a number with one comma may be: units and money have no thousandths, but some money; units are whole."""
    before, _, after = text.partition(",")
    decimals, digits = f"{before}.{after}", (before + after).lstrip("0")
    thousands = len(after) == 3 and before != "0"
    if key == "count":
        return {digits} if thousands else {decimals, digits}
    if key in ("cost", "budget") and currency != "KWD":
        return {digits} if thousands else {decimals}
    return {digits, decimals} if thousands else {decimals}


@pytest.mark.parametrize("currency", ["EUR", "KWD"])
@pytest.mark.parametrize("key", ["count", "days", "cost", "budget", "spend_elasticity"])
@pytest.mark.parametrize("text", ["1,5", "44,5", "8,30", "12,40", "1,250", "12,400", "999,999", "0,5", "0,75", "0,125"])
def test_all_that_a_comma_may_mean_is_named_and_written_where_it_is_one_thing(
    text: str, key: str, currency: str
) -> None:
    of_stage = key in ("count", "days", "cost")
    inside = f"count: {text}" if key == "count" else f"count: 20, {key}: {text}" if of_stage else "count: 20"
    head = f"currency: {currency}\n" + ("" if of_stage else f"{key}: {text}\n")
    braces = f"{head}stages:\n  - {{name: A, count: 1000000}}\n  - {{name: B, {inside}}}\n"
    lines = braces.replace("{", "").replace("}", "").replace(", ", "\n    ")
    meant = readings(text, key, currency)
    for bad in (braces, lines):
        (found,) = read(bad.encode(), "x.yaml").diagnostics
        assert set(re.findall(r"\d[\d.]*", found.problem.help or "")) == meant
        after = mended(bad.encode(), "x.yaml").data.decode()
        assert after == (bad.replace(text, *meant) if len(meant) == 1 else bad)
        assert mended(bad.encode(), "x.yaml", unsafe=True).data.decode() == after


def test_one_run_mends_what_another_mending_uncovers() -> None:
    text = "nmae: Shop\nstages:\n\tVisits: 12,400  # of the site\n\tPaid: 1_200\n"
    after = mended(text.encode(), "x.yaml")
    assert after.data.decode() == "name: Shop\nstages:\n  Visits: 12400  # of the site\n  Paid: 1200\n"
    assert not errors(after.reading)


def test_a_rate_without_its_sign_is_percent_where_it_cannot_pass_100_percent() -> None:
    stages = "stages:\n  - {name: A, count: 100}\n  - {name: B, count: 30GROWS}\n"
    for check in ("conversion@B >= 4", "conversion@B >= 4.5 with 95% confidence", "drop_off_rate@B <= 7"):
        wanted = re.sub(r"(?<== )([\d.]+)", r"\1%", check)
        for grows, safe in (("", True), (", allow_growth: true", False)):
            text, meant = (f"{stages.replace('GROWS', grows)}checks:\n  - {each}\n" for each in (check, wanted))
            assert mended(text.encode(), "x.yaml").data.decode() == (meant if safe else text)
            assert mended(text.encode(), "x.yaml", unsafe=True).data.decode() == meant
    text = f"{stages.replace('GROWS', '')}checks:\n  - romi >= 5\nscenarios:\n  more: {{conversion@B: 2}}\n"
    assert mended(text.encode(), "x.yaml").data.decode() == text


SHOP = """\
name: Shop
average_check: 63
stages:
  - name: Visits
    count: 12400
  - name: Cart  # a comment
    count: 830
    target: 7%
  - {name: Paid, count: 377}
breakdowns:
  source:
    Search: [8000, 500, 250]
    Mail: [4400, 330, 127]
checks:
  - conversion@Paid >= 40%
"""


@pytest.mark.parametrize("tab", ["\t", "\t\t", " \t", "  \t"])
def test_a_tab_is_the_indentation_at_which_its_line_belongs(tab: str) -> None:
    """One line; each of two of them; and what the help advises is what is done."""
    lines = SHOP.splitlines(keepends=True)
    inside = [number for number, line in enumerate(lines) if line.startswith(" ")]
    pairs = [(one, other) for one in inside for other in inside if one <= other]
    for tabbed in few(pairs, 30):
        text = "".join(tab + line.lstrip() if number in tabbed else line for number, line in enumerate(lines))
        assert mended(text.encode(), "x.yaml").data.decode() == SHOP, tabbed
        first, *others = read(text.encode(), "x.yaml").diagnostics
        assert {each.problem.code for each in (first, *others)} == {"FN005"}
        deep = len(lines[tabbed[0]]) - len(lines[tabbed[0]].lstrip())
        if not others and tabbed[0] == tabbed[1]:
            assert first.problem.help == f"begin line {tabbed[0] + 1} with {deep} spaces in place of the tab"


@pytest.mark.parametrize(("begins", "said"), [("\t", "1 tab"), (" \t", "1 space and 1 tab"), ("", "no spaces")])
def test_what_a_line_began_with_is_told_and_what_it_begins_with_now(begins: str, said: str) -> None:
    text = f"stages:\n  Visits: 12400\n{begins}Cart: 830\n  Paid: 377\n"
    (mend,) = mended(text.encode(), "x.yaml").mends
    assert (mend.line, mend.before, mend.after) == (3, said, "2 spaces")


def test_a_mistake_is_told_where_it_stands_beside_the_same_text() -> None:
    """`3` is not that of `377`: another slip in the line moves it."""
    text = "stages:\n  - {name: A, count: 12,400}\n  - {name: B, cuont: 377, target: 3}\n"
    (place,) = [each.location for each in read(text.encode(), "x.yaml").diagnostics if each.problem.code == "FN210"]
    assert (place.line, place.column) == (3, text.splitlines()[2].index("3}") + 1)


def test_a_mending_that_makes_another_error_is_left_and_told() -> None:
    text = "stages:\n  - {name: A, count: 9, role: lead}\n  - {name: B, count: 3, role: leed}\n"
    after = mended(text.encode(), "x.yaml")
    assert after.data.decode() == text
    ((found, made),) = after.left
    assert (found.problem.code, made.problem.code) == ("FN120", "FN123")


@pytest.mark.parametrize(("text", "meant"), [("1,000", "1000"), ("1_000", "1000"), ("01000", "1000")])
@pytest.mark.parametrize("form", ["stages:\n  Visits: {}\n  Paid: 1200\n", "stages:\n  Visits: 900\n  Paid: {}\n"])
def test_a_number_that_is_written_otherwise_is_mended_where_counts_do_not_fit_all_the_same(
    text: str, meant: str, form: str
) -> None:
    after = mended(form.format(text).encode(), "x.yaml")
    assert after.data.decode() == form.format(meant)
    assert errors(after.reading) == Counter(["FN104"])
    assert mended(after.data, "x.yaml").data == after.data


WRONG = ["conversion@B is good", "conversion@B >= high", "revenue good", "conversion@B below usual", "count@C >= 5"]


@each_way
@pytest.mark.parametrize("dash", ["- ", "  - "])
@pytest.mark.parametrize("checks", [*permutations(WRONG, 2), WRONG, WRONG[::-1]], ids=" + ".join)
def test_no_wrong_check_is_hidden_in_the_one_above(checks: Sequence[str], dash: str, unsafe: bool) -> None:
    """Each stays an item of its own, and each that is wrong is told in its own line."""
    text = "stages: {A: 100, B: 20}\nchecks:\n" + "".join(f"{dash}{each}\n" for each in checks)
    after = mended(text.encode(), "x.yaml", unsafe=unsafe)
    assert len(yaml.safe_load(after.data)["checks"]) == len(checks)
    assert {each.location.line for each in read(text.encode(), "x.yaml").diagnostics} == {*range(3, 3 + len(checks))}


def test_yaml_that_is_no_funnel_stays_as_it_is() -> None:
    for text in ("nmae: ci\non: push\n", "services:\n  web: {image: a, port: 1,000}\n", "- a: 1_000\n"):
        assert mended(text.encode(), "x.yaml", unsafe=True).data.decode() == text


def test_a_comment_that_would_go_keeps_the_lines_as_they_are() -> None:
    text = "stages:\n  - Walk-ins: 1,240  # of the counter\n  - Receipts: 310\n"
    assert b"# of the counter" in mended(text.encode(), "x.yaml", unsafe=True).data


@pytest.mark.parametrize("name", ["Визиты", "Café", "Zürich"])
def test_an_encoding_is_mended_where_it_is_proved(name: str) -> None:
    text = f"stages: {{{name}: 10, Sales: 2}}\n"
    assert mended(text.encode("utf-16"), "x.yaml").data.decode() == text
    page = "cp1251" if name == "Визиты" else "cp1252"
    assert mended(text.encode(page), "x.yaml").data == text.encode(page)
    assert mended(text.encode(page), "x.yaml", unsafe=True).data.decode() == text


@many
@given(st.sampled_from([path for path in WRITTEN if path.stem != SLOW]), changes, st.booleans())
def test_mangled_files_keep_what_they_must(path: Path, edits: list[Change], unsafe: bool) -> None:
    data = mangled(path.read_bytes(), edits)
    after = mended(data, "shop.yaml", unsafe=unsafe)
    keeps_what_it_must(data, after)
    assert mended(after.data, "shop.yaml", unsafe=unsafe).data == after.data


@pytest.mark.parametrize(
    "text",
    [
        "stages: {Stage 1: 12400, Stage 2 377}\n",  # Stage 2 with 377, or Stage with 2 377
        "stages: {Q1 2 377, Paid: 30}\n",
        "stages: {A: 12400, B: 44,5}\n",  # half a unit, or a slip of another kind
        "stages:\n- {name: A, count: 12400}\n- {name: B, count: '8,30'}\n",
        "stages:\n- {name: A, count: 12400}\n- {name: B, count: 8,30}\n",
        "stages: {A: 12400, B: 2oo}\n",
        "stages: {A: 12400, B: 1l0}\n",
    ],
)
def test_what_may_be_another_number_is_not_mended_for_sure(text: str) -> None:
    assert mended(text.encode(), "f.yaml").data == text.encode()


def test_letters_like_digits_are_the_digits_they_look_like() -> None:
    found = mended(b"stages: {A: 12400, B: 2oo}\n", "f.yaml", unsafe=True)
    assert found.data == b"stages: {A: 12400, B: 200}\n"


# many broken documents


BROKEN_DOCUMENTS = {
    "stages: {A: 10, B: 2\n": "stages: {A: 10, B: 2}\n",
    "stages:\n  A: 10\n B: 2\n": "stages:\n  A: 10\n  B: 2\n",
    "stages: {A: 10, B: “2”}\n": "stages: {A: 10, B: 2}\n",
}


@pytest.mark.parametrize("bad", BROKEN_DOCUMENTS)
def test_however_many_documents_are_broken_few_readings_mend_them(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not read before tells nothing against a fix; beyond what is read, nothing is made up."""
    readings: list[int] = []

    def counted(data: bytes, file: str) -> Reading:
        readings.append(len(data))
        return read(data, file)

    monkeypatch.setattr("funnelcli.funnel_file.mended.read", counted)
    for number in (MOST_RESTARTS + 1, MOST_RESTARTS + 60, 2 * MOST_RESTARTS + 60):
        readings.clear()
        text = "---\n".join(f"name: F{at}\n{bad}" for at in range(number))
        after = mended(text.encode(), "x.yaml")
        assert after.data.decode() == "---\n".join(f"name: F{at}\n{BROKEN_DOCUMENTS[bad]}" for at in range(number))
        assert len(readings) <= 2 + number // MOST_RESTARTS
        found = read(text.encode(), "x.yaml")
        last = found.diagnostics[-1].problem.message
        assert (found.unread is not None) is (last == "after 200 broken documents, the rest is not read")
        assert (found.unread is not None) is (number > MOST_RESTARTS + 1 and "“" not in bad)


def test_a_fix_that_is_not_kept_among_many_is_found_by_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"name: F{at}\nstages: {{A: 100, B: “20”}}\n" for at in range(120)]
    against, readings = mended.__globals__["_against"], []

    def but_one(before: Reading, after: Reading, uncovered: frozenset[str]) -> Diagnostic | None:
        readings.append(1)
        wrong = before.diagnostics[0] if texts[77].replace("“20”", "20") in after.text else None
        return wrong or against(before, after, uncovered)

    monkeypatch.setattr("funnelcli.funnel_file.mended._against", but_one)
    after = mended("---\n".join(texts).encode(), "x.yaml")
    fixed = [text.replace("“20”", "20") if at != 77 else text for at, text in enumerate(texts)]
    assert after.data.decode() == "---\n".join(fixed)
    assert len(readings) < 20


def test_lines_that_a_fix_adds_do_not_tell_against_it_where_funnels_below_have_checks() -> None:
    """What another funnel asks is the same, be it that it stands a line lower now."""
    broken = "name: One\nstages:\n  Leads: 40\n  Sales: 8\n  - sales >= 5\n"
    whole = "name: Two\nstages: {Leads: 40, Sales: 8}\nchecks:\n  - sales >= 5\n"
    whole += "scenarios:\n  More: {conversion@Sales: 30%}\n"
    assert len(read(whole.encode(), "f.yaml").funnels) == 1
    for text in (f"{broken}---\n{whole}", f"{whole}---\n{broken}"):
        found = mended(text.encode(), "f.yaml", unsafe=True)
        assert found.data.decode() == text.replace("  Sales: 8\n  - sales", "  Sales: 8\nchecks:\n  - sales")
        assert len(found.reading.funnels) == 2
        assert all(each.fix for each in marked(text.encode(), read(text.encode(), "f.yaml")))


def test_more_broken_documents_than_slips_are_looked_for_in_are_mended_some_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is told of those behind changes with those before: it tells nothing against their fixes."""
    monkeypatch.setattr(mending, "MOST_CHARACTERS", 12_000)
    slips = ("Leads 40", "Leads: “4,000”", "Leads: 40\n  Sales 30")
    texts = [f"name: F{n}\nstages:\n  Visits: 9000\n  {slips[n % 3]}\n  Paid: {n}\n" for n in range(24)]
    text = "---\n".join(texts)
    assert read(text.encode(), "f.yaml").unexplained is not None
    readings = []
    monkeypatch.setattr(mended_module, "read", lambda *asked: readings.append(asked) or read(*asked))
    found = mended(text.encode(), "f.yaml", unsafe=True)
    assert not errors(found.reading)
    assert [each.stages[-1].count for each in found.reading.funnels] == list(range(24))
    assert len(readings) < len(texts) / 2
