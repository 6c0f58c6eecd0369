"""Files to start from teach, and are sound as they stand and with every optional key switched on."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.scalars import label
from funnelcli.funnel_file.starters import funnel_text, template_text, templates
from funnelcli.funnel_file.typed import Typed
from funnelcli.funnel_file.yaml.loaders import PurePythonLoader
from funnelcli.funnel_file.yaml.quoting import written
from funnelcli.lint.rules import RULES
from tests.conftest import ROOT
from tests.thorough import whole_or_part

if TYPE_CHECKING:
    from funnelcli.model import Funnel

FILES = sorted((ROOT / "funnelcli" / "funnel_file" / "templates").glob("*.yaml"))
TEMPLATES = pytest.mark.parametrize("text", [path.read_text("utf-8") for path in FILES], ids=[p.stem for p in FILES])
FIRST_LINE = "# yaml-language-server: $schema=https://funnelcli.github.io/funnelcli/schema/1/funnel.schema.json"
NASTY = [
    *("no", "Yes", "ON", "y", "null", "~", "true", "NULL", "nan", ".inf", "<<", "=", "-", "?", ":", "#", "*", "&", "%"),
    *("1:30", "010", "0x1F", "1_000", "1,000", "1e6", "42", "4.2", "2026-10-01", "+5", "-5", ".5", "---", "..."),
    *("a: b", "a:", "a :b", "# x", "a # b", "a#b", "- y", "? z", '"q"', "'q'", 'say "hi"', "it's", "a\\b", "\\", '"'),
    *("a@b", "@a", "a=b", "=a", "a >= 5%", "x with 95% confidence", "`b`", "!tag", "&a", "*a", "|", ">", "%a"),
    *(
        "[a]",
        "{a: b}",
        "a, b",
        "a]",
        "{",
        "}",
        "Заявки",
        "Оплата: да",
        "🛒",
        "👍🏽 ok",
        "日本語",
        "नमस्ते",
        "é",
        "a  b",
        "́a",
    ),
    *(
        "x" * 3000,
        "Этап: " * 400 + "x",
        "None",
        "baseline",
        "entries",
        "conversion@Sales >= 1%",
        "# funnelcli: ignore[FN301]",
        "a # funnelcli: x",
    ),
]


def blocks(text: str) -> list[range]:
    """Lines of each optional key: a `#key`, and the lines below it that are `#` and deeper."""
    found: list[range] = []
    indent = None
    for number, line in enumerate(text.splitlines()):
        starts, goes_on = re.match(r"( *)#(?=[^ #])", line), re.match(r"( *)#(?=  )", line)
        if starts:
            indent = starts[1]
            found.append(range(number, number + 1))
        elif goes_on and goes_on[1] == indent:
            found[-1] = range(found[-1].start, number + 1)
        else:
            indent = None
    return found


def switched_on(text: str, chosen: list[range] | None = None) -> str:
    """The text with the # of all optional keys deleted, or of those that are chosen."""
    on = {number for block in (blocks(text) if chosen is None else chosen) for number in block}
    lines = [line.replace("#", "", 1) if number in on else line for number, line in enumerate(text.splitlines())]
    return "\n".join(lines) + "\n"


def sound(text: str, **options: Any) -> Funnel:
    """The funnel of a file without any diagnostic, read with and without libyaml."""
    reading = read(text.encode(), "mine.yaml", **options)
    assert [each.problem for each in reading.diagnostics] == []
    (funnel,) = reading.funnels
    return funnel


def warnings(text: str) -> set[str]:
    """Codes of all that is found when the text is held against every rule."""
    return {each.problem.code for each in read(text.encode(), "mine.yaml", rules=RULES).diagnostics}


def own(*stages: str, **options: str) -> str:
    text = funnel_text(Typed(tuple(stages), **options))
    assert isinstance(text, str), text
    return text


# templates


def test_templates_are_listed_with_what_they_are_for() -> None:
    known = {each.name: each for each in templates()}
    assert list(known) == sorted(path.stem for path in FILES)
    assert known["b2b"][1:] == ("B2B sales", "the eight stages of a long sale between companies")
    for each in known.values():
        assert each.title
        assert len(each.purpose.split()) > 3


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_template_is_found_by_its_name_in_any_case(path: Any) -> None:
    assert template_text(path.stem) == template_text(path.stem.upper()) == path.read_text("utf-8")


@pytest.mark.parametrize("name", ["aidda", "", "..", "../fields", "aida.yaml"])
def test_an_unknown_template_is_a_problem_with_a_way_out(name: str) -> None:
    outcome = template_text(name)
    assert isinstance(outcome, Problem)
    assert outcome.code == "FN120"
    assert outcome.help
    assert "aida" in outcome.help


@TEMPLATES
def test_a_template_begins_for_the_editor_and_for_the_list(text: str) -> None:
    first, second = text.splitlines()[:2]
    assert first == FIRST_LINE
    assert re.fullmatch(r"# [^:]+: \S.*", second)


@TEMPLATES
def test_a_comment_is_prose_or_an_optional_key(text: str) -> None:
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            assert re.match(r" *#($| |[a-z_]+:( |$)|- name: )", line), line
            assert len(line) <= 100


@TEMPLATES
def test_a_template_with_all_of_its_optional_keys_is_sound(text: str) -> None:
    assert blocks(text)
    funnel = sound(switched_on(text))
    assert funnel.checks
    assert funnel.scenarios
    assert any(stage.target for stage in funnel.stages)


@TEMPLATES
def test_a_template_with_any_one_of_its_optional_keys_is_sound(text: str) -> None:
    for block in blocks(text):
        sound(switched_on(text, [block]))


@TEMPLATES
def test_no_rule_objects_to_a_template(text: str) -> None:
    assert warnings(text) == warnings(switched_on(text)) == set()


# one's own


def test_own_numbers_stand_in_the_file() -> None:
    text = own("Visits=200", "Leads=20", "Sales=4", average_check="5000", name="My shop", currency="EUR")
    assert text.startswith(FIRST_LINE + "\n")
    loaded = yaml.safe_load(text)
    assert loaded == {
        "name": "My shop",
        "currency": "EUR",
        "average_check": 5000,
        "stages": [
            {"name": "Visits", "count": 200},
            {"name": "Leads", "count": 20},
            {"name": "Sales", "count": 4},
        ],
    }


def test_own_file_teaches_the_next_keys_with_its_own_stages() -> None:
    """Leads are 10% of 200 visits: a fifth more is 12%, a fifth less 8%; 20 leads are too few to judge the sales."""
    lines = own("Visits=200", "Leads=20", "Sales=4", average_check="5000").splitlines()
    assert [line for line in lines if "target:" in line and not line.startswith("#")] == ["    #target: 12%"]
    assert lines[lines.index("    #target: 12%") - 2] == "  - name: Leads"
    assert "#  A better step: {conversion@Leads: 12%}" in lines
    assert "#  - conversion@Leads >= 8%" in lines


def test_own_file_without_a_name_is_called_by_its_stem() -> None:
    assert sound(own("Visits=200", "Sales=4")).name == "mine"


def test_own_file_with_money_has_no_warning_once_all_is_switched_on() -> None:
    text = own("Visits=2000", "Leads=200", "Sales=90", average_check="50")
    assert warnings(text) == {"FN306"}  # money, and no currency was given
    assert warnings(switched_on(text)) == set()


@pytest.mark.parametrize(
    ("stages", "names"),
    [
        (("A=10", "B=10"), ["More people at the top"]),
        (("A=10", "B=5"), ["A better step", "More people at the top"]),
        (("A=0", "B=0"), []),
        (("A=1e18", "B=5e17"), ["A better step"]),
    ],
)
def test_only_scenarios_that_can_be_are_suggested(stages: tuple[str, ...], names: list[str]) -> None:
    """All of ten cannot grow, nothing times 1.2 is nothing, and no count passes 1e18."""
    funnel = sound(switched_on(own(*stages)))
    assert [each.name for each in funnel.scenarios if each.name != "A higher price"] == names


@pytest.mark.parametrize(
    ("above", "hinted"),
    [("40", True), ("39", False), ("39.5", False)],
)
def test_a_target_is_suggested_from_forty_units_on(above: str, hinted: bool) -> None:
    text = own(f"A={above}", "B=10")
    assert ("#target:" in text) is hinted
    assert ("#checks:" in text) is hinted


@pytest.mark.parametrize(
    ("stages", "key"),
    [(("A=100", "B=99"), "#target: 99%"), (("A=100", "B=100"), "#target: 100%"), (("A=100", "B=0"), "#target: 0%")],
)
def test_a_target_that_would_change_nothing_is_not_suggested(stages: tuple[str, ...], key: str) -> None:
    assert key not in own(*stages)


@pytest.mark.parametrize("count", ["1e3", "27.40", ".5", "5.", "+5", "0.00001e-35", f"{'1' * 36}e-19", "1e-40"])
def test_numbers_are_kept_as_they_were_typed(count: str) -> None:
    text = own("Visits=1e17", f"Sales={count}", average_check=count)
    assert f"    count: {count}\n" in text
    last = sound(text).stages[-1]
    assert last.count == last.average_check == Fraction(count)


@pytest.mark.parametrize(
    ("stages", "options", "codes"),
    [
        (("Leads=1,000", "Sales=5"), {}, ["FN206"]),
        (("Leads=10",), {}, ["FN105"]),
        (("Leads=10", "Sales=50"), {}, ["FN104"]),
        (("Leads=10", "Sales=5"), {"name": ""}, ["FN121"]),
        (("Leads=10", "Sales=5"), {"currency": "€\u200b"}, ["FN015"]),
        (("Leads", "Sales=-5"), {"average_check": "$5", "name": " x", "currency": "a\nb"}, None),
    ],
)
def test_all_that_is_wrong_is_said_at_once(
    stages: tuple[str, ...], options: dict[str, str], codes: list[str] | None
) -> None:
    outcome = funnel_text(Typed(tuple(stages), **options))
    assert isinstance(outcome, list)
    found = [each.problem.code for each in outcome]
    assert found == (codes or ["FN103", "FN107", "FN207", "FN015", "FN121"])


# names that YAML would read as something else


def safe(name: str) -> bool:
    return not isinstance(label(name, False), Problem)


@cache
def names() -> st.SearchStrategy[str]:
    """Any name that a stage may have, most of them unlucky ones."""
    letters = st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(" :#-'\"\\@=>,[]{}&*!|%`?~<.0123456789yn")
    return st.sampled_from(NASTY) | st.text(letters, min_size=1, max_size=12).map(str.strip).filter(safe)


def stages() -> st.SearchStrategy[list[tuple[str, int]]]:
    counts = st.integers(0, 500) | st.integers(0, 10**18)
    return st.lists(st.tuples(names(), counts), min_size=2, max_size=5, unique_by=lambda each: each[0]).map(
        lambda pairs: list(
            zip([name for name, _ in pairs], sorted((count for _, count in pairs), reverse=True), strict=True)
        )
    )


@pytest.mark.parametrize("name", NASTY)
def test_every_nasty_name_is_one_that_a_stage_may_have(name: str) -> None:
    assert safe(name)


@pytest.mark.parametrize("name", ["Visits", "Decision maker", "Заявки", "it's paid", "a@b", "Sales (new)"])
def test_a_harmless_name_stays_plain(name: str) -> None:
    assert written(name) == name


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_name_is_the_same_text_to_other_readers(name: str) -> None:
    for line in (f"- {written(name)}\n", f"[{written(name)}, x]\n"):
        assert yaml.safe_load(line)[0] == name


@settings(max_examples=whole_or_part(60, 20), deadline=None, database=None, derandomize=True)
@given(stages(), names(), names())
@example([(name, 1000 - 3 * index) for index, name in enumerate(NASTY)], "no", "€")
@example([("a", 200), ("x # funnelcli: ignore[FN301]", 100), ("b", 50)], "# funnelcli: x", "€")
@example([("a", 200), ("x >= 1% with 90% confidence", 100), ("A", 50)], "1:30", "NO")
def test_own_file_reads_back_as_it_was_typed(pairs: list[tuple[str, int]], name: str, currency: str) -> None:
    text = own(*(f"{stage}={count}" for stage, count in pairs), average_check="9.90", name=name, currency=currency)
    for funnel in (sound(text), sound(text, loader=PurePythonLoader), sound(switched_on(text))):
        assert [(stage.name, stage.count) for stage in funnel.stages] == pairs
        assert (funnel.name, funnel.currency) == (name, currency)
    assert funnel.budget is not None  # all is switched on in the last one
    rates = {
        below.name: Fraction(int(below.count), int(above.count))
        for above, below in zip(funnel.stages, funnel.stages[1:], strict=False)
        if above.count
    }
    assert all(stage.target is None or rates[stage.name] < stage.target < 1 for stage in funnel.stages)
    for check in funnel.checks:
        assert check.selector.stage is not None
        assert isinstance(check.limit, (int, Fraction))
        assert 0 < check.limit < rates[check.selector.stage]
    assert warnings(text) | warnings(switched_on(text)) <= {
        "FN305"
    }  # a step without losses, when that is what was typed
