"""YAML as it is met in the wild: limits, several documents, line ends, aliases, and all errors in one run."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from funnelcli.diagnostics import Severity
from funnelcli.funnel_file.reader import Reading, read
from funnelcli.funnel_file.yaml import tree
from funnelcli.funnel_file.yaml.decoding import decode
from funnelcli.funnel_file.yaml.loaders import PurePythonLoader
from funnelcli.funnel_file.yaml.nodes import Finding

if TYPE_CHECKING:
    from funnelcli.model import Funnel

each_loader = pytest.mark.parametrize(
    "loader", [yaml.CSafeLoader, PurePythonLoader], ids=lambda loader: loader.__name__
)

SOUND = "stages: {Leads: 100, Sales: 20}\n"


def read_text(text: str, loader: type) -> Reading:
    return read(text.encode(), "funnel.yaml", loader)


def found(reading: Reading) -> list[tuple[str, int, int]]:
    return [(each.problem.code, each.location.line, each.location.column) for each in reading.diagnostics]


def only(reading: Reading) -> Funnel:
    """The funnel of a file that has one and nothing wrong."""
    assert found(reading) == []
    (funnel,) = reading.funnels
    return funnel


def counts(funnel: Funnel) -> dict[str, object]:
    return {stage.name: stage.count for stage in funnel.stages}


# Depth


@pytest.mark.parametrize("loader", ["yaml.CSafeLoader", "PurePythonLoader"])
@pytest.mark.parametrize("text", ["'[' * 40_000", "'stages: ' + '{a: ' * 40_000", "'- ' * 40_000 + 'a'"])
def test_forty_thousand_levels_are_an_ordinary_error(text: str, loader: str) -> None:
    """In a process of its own: a parser that overflows its stack would end this one."""
    code = (
        "import yaml; from funnelcli.funnel_file.reader import read\n"
        "from funnelcli.funnel_file.yaml.loaders import PurePythonLoader\n"
        f"reading = read(({text}).encode(), 'deep.yaml', {loader})\n"
        "print([each.problem.code for each in reading.diagnostics], len(reading.funnels))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (process.returncode, process.stdout, process.stderr) == (0, "['FN012'] 0\n", "")


@each_loader
def test_the_thirty_third_bracket_is_named(loader: type) -> None:
    assert found(read_text("[" * 40_000, loader)) == [("FN012", 1, 33)]


@each_loader
@pytest.mark.parametrize(
    ("before", "piece", "column"),
    [
        ("", "[", 33),
        ("", "[x, ", 32 * 4 + 1),
        ("", '["a]", ', 32 * 7 + 1),
        ("", "{a: [", 16 * 5 + 1),
        ("stages: ", "{a: ", 8 + 31 * 4 + 1),
        ("--- # [\n", "[ ", 32 * 2 + 1),
        ("a:\n- b: ", "[", 5 + 29 + 1),
        ("", "- ", 32 * 2 + 1),
        ("", "? ", 32 * 2 + 1),
    ],
)
@pytest.mark.parametrize("times", [40, 999, 1_001, 3_000])
def test_whatever_is_nested_is_named_where_it_is_too_deep(
    before: str, piece: str, column: int, times: int, loader: type
) -> None:
    """Also where the parser has a limit of its own, which it meets before its events tell of ours."""
    reading = read_text(before + piece * times + "\n---\n" + SOUND, loader)
    assert found(reading) == [("FN012", 1 + before.count("\n"), column)]
    assert [funnel.document for funnel in reading.funnels] == [2]


@pytest.mark.parametrize("limit", [33, 50, 1_000])
def test_no_limit_of_a_parser_and_no_words_of_it_matter(limit: int) -> None:
    class Limited(PurePythonLoader):
        def fetch_flow_collection_start(self, kind: type) -> None:
            if self.flow_level >= limit:
                raise yaml.scanner.ScannerError("in words", self.get_mark(), "that may change", self.get_mark())
            super().fetch_flow_collection_start(kind)

    assert found(read_text("stages: " + "[" * 40_000, Limited)) == [("FN012", 1, 8 + 32)]


@each_loader
def test_brackets_that_do_not_nest_are_not_too_deep(loader: type) -> None:
    for text in ("a: " + "x[" * 50 + ": b\n", f"a: [{'[], ' * 50}@]\n", f'a: ["{"[" * 50}'):
        codes = {code for code, _, _ in found(read_text(text, loader))}
        assert "FN004" in codes
        assert "FN012" not in codes


@each_loader
def test_thirty_two_levels_are_not_too_deep(loader: type) -> None:
    codes = [code for code, _, _ in found(read_text("[" * 32 + "]" * 32, loader))]
    assert codes == ["FN103"]


@each_loader
def test_documents_after_one_that_is_too_deep_are_read(loader: type) -> None:
    reading = read_text("[" * 40 + "\n---\n" + SOUND, loader)
    assert found(reading) == [("FN012", 1, 33)]
    assert [funnel.document for funnel in reading.funnels] == [2]


# Several documents


@each_loader
@pytest.mark.parametrize(
    ("broken", "line", "column"),
    [
        ("name: First\nstages: {Leads: 100, Sales: 20]\n", 2, 31),
        ("name: a: b\n" + SOUND, 1, 7),
        ("name: @first\n" + SOUND, 1, 7),
        ("stages:\n  Leads: 100\n Sales: 20\n", 3, 2),
    ],
)
def test_documents_after_a_syntax_error_are_read(broken: str, line: int, column: int, loader: type) -> None:
    second = "name: Second\nstages: {Leads: 100, Sales: -20}\n"
    third = "name: Third\nstages: {Leads: 100, Sales: 20}\n"
    reading = read_text(f"{broken}---\n{second}---\n{third}", loader)
    lines = broken.count("\n")
    assert found(reading) == [("FN004", line, column), ("FN107", lines + 3, 29)]
    assert [(funnel.name, funnel.document) for funnel in reading.funnels] == [("Third", 3)]
    assert reading.documents == 3


@each_loader
def test_an_unclosed_quote_ends_with_its_document(loader: type) -> None:
    reading = read_text('name: "First\n' + SOUND + "---\nname: Second\nstages: {Leads: 100, Sales: 20}\n", loader)
    assert [code for code, _, _ in found(reading)] == ["FN004"]
    assert [(funnel.name, funnel.document) for funnel in reading.funnels] == [("Second", 2)]


@each_loader
def test_a_broken_document_gives_no_funnel_while_others_do(loader: type) -> None:
    texts = [
        "name: A\n" + SOUND,
        "name: B\nstages: {Leads: 100, Sales: 200}\n",
        "name: C\n" + SOUND,
        "name: D\nstages: {Leads: 100\n",
        "name: E\n" + SOUND,
        "",
        "name: G\n" + SOUND,
    ]
    reading = read_text("---\n".join(texts), loader)
    assert [(funnel.name, funnel.document) for funnel in reading.funnels] == [("A", 1), ("C", 3), ("E", 5), ("G", 7)]
    assert [code for code, _, _ in found(reading)] == ["FN104", "FN004", "FN006"]
    assert reading.documents == 7


@each_loader
def test_text_after_the_end_of_a_document_breaks_it(loader: type) -> None:
    first = "{name: First, stages: {Leads: 100, Sales: 20}}\nbudget: 60\n"
    reading = read_text(f"{first}---\nname: Second\n{SOUND}", loader)
    assert [(funnel.name, funnel.document) for funnel in reading.funnels] == [("Second", 2)]
    assert found(reading) == [("FN004", 2, 1)]


@each_loader
def test_documents_may_end_with_dots(loader: type) -> None:
    reading = read_text("name: A\n" + SOUND + "...\n---\nname: B\n" + SOUND + "...\n", loader)
    assert found(reading) == []
    assert [(funnel.name, funnel.document) for funnel in reading.funnels] == [("A", 1), ("B", 2)]


@each_loader
def test_three_dashes_inside_a_text_are_no_document(loader: type) -> None:
    funnel = only(read_text("description: |\n  one\n  --- two\n  ---\nname: A\n" + SOUND, loader))
    assert funnel.description == "one\n--- two\n---\n"


# Everything in one run


@each_loader
def test_a_hundred_errors_are_all_reported(loader: type) -> None:
    lines = [f"  - {{name: Stage {number}, cuont{number}: {number}}}" for number in range(1, 101)]
    reading = read_text("stages:\n" + "\n".join(lines) + "\n", loader)
    places = [("FN101", number + 1, len(f"  - {{name: Stage {number}, ") + 1) for number in range(1, 101)]
    assert [each for each in found(reading) if each[0] == "FN101"] == places
    assert reading.funnels == ()


@each_loader
def test_every_document_with_a_syntax_error_is_reported(loader: type) -> None:
    reading = read_text("---\nname: @shop\n" * 150 + "---\nname: Last\n" + SOUND, loader)
    assert found(reading) == [("FN004", 2 * number, 7) for number in range(1, 151)]
    assert [(funnel.name, funnel.document) for funnel in reading.funnels] == [("Last", 151)]


@each_loader
def test_what_is_found_is_in_the_order_of_the_text(loader: type) -> None:
    text = (
        "checks: [conversion@Buyers >= 5%]\n"
        "scenarios: {Better: {revenue: x2}}\n"
        "breakdowns: {channel: {Ads: [1]}}\n"
        "stages: {Leads: 100, Sales: 0x1F}\n"
        "budget: $5\n"
        "nmae: Shop\n"
        "budget: 6\n"
    )
    reading = read_text(text, loader)
    assert found(reading) == [
        ("FN112", 1, 10),
        ("FN115", 2, 22),
        ("FN114", 3, 29),
        ("FN204", 4, 29),
        ("FN207", 5, 9),
        ("FN101", 6, 1),
        ("FN007", 7, 1),
    ]


@each_loader
def test_what_stands_before_a_syntax_error_is_reported_too(loader: type) -> None:
    reading = read_text("budget: 5\nbudget: 6\nyes: 1\n" + "stages: {Leads: 100, Sales: 20]\n", loader)
    assert found(reading) == [("FN007", 2, 1), ("FN201", 3, 1), ("FN004", 4, 31)]


# Encodings and line ends


@each_loader
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_line_ends_and_byte_order_mark_change_nothing(mark: bytes, end: str, loader: type) -> None:
    text = "name: Shop\nstages:\n  Leads: 100\n  Sales: 20\n"
    funnel = only(read(mark + text.replace("\n", end).encode(), "funnel.yaml", loader))
    assert (funnel.name, counts(funnel)) == ("Shop", {"Leads": 100, "Sales": 20})
    wrong = text.replace("20", "-20")
    reading = read(mark + wrong.replace("\n", end).encode(), "funnel.yaml", loader)
    assert found(reading) == [("FN107", 4, 10)]
    assert reading.diagnostics[0].source == "  Sales: -20"


@each_loader
def test_a_byte_order_mark_does_not_move_the_first_line(loader: type) -> None:
    reading = read(b"\xef\xbb\xbfnmae: Shop\n" + SOUND.encode(), "funnel.yaml", loader)
    assert found(reading) == [("FN101", 1, 1)]
    assert reading.diagnostics[0].source == "nmae: Shop"


@each_loader
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_the_source_of_a_forbidden_character_is_its_line(mark: bytes, loader: type) -> None:
    reading = read(mark + b"name: Shop\x07\r\n" + SOUND.encode(), "funnel.yaml", loader)
    assert found(reading) == [("FN003", 1, 11)]
    assert reading.diagnostics[0].source == "name: Shop\x07"


FORBIDDEN = {*range(0x20), 0x7F} - {*b"\t\n\r"}
"""What YAML 1.2.2, 5.1, does not take for printable, of the first 128 characters; and DEL."""


@pytest.mark.parametrize("beside", ["", "é"], ids=["ASCII", "more"])
def test_each_of_the_first_characters_is_read_or_refused_alike_in_all_texts(beside: str) -> None:
    for code in range(1, 0x80):  # a zero is another program's
        text = f"# {beside}{chr(code)}\n{SOUND}"
        outcome = decode(text.encode(), "funnel.yaml")
        if code in FORBIDDEN:
            assert isinstance(outcome, Finding), code
            assert (outcome.problem.code, outcome.start.line, outcome.start.column) == ("FN003", 0, 2 + len(beside))
        else:
            assert outcome == text.replace("\r\n", "\n")


@each_loader
def test_the_last_line_needs_no_end(loader: type) -> None:
    assert counts(only(read_text(SOUND.rstrip(), loader))) == {"Leads": 100, "Sales": 20}
    assert found(read_text("stages: {Leads: 100, Sales: -20}", loader)) == [("FN107", 1, 29)]


@each_loader
@pytest.mark.parametrize("name", ["Заявки", "Заявки 📨", "見込み客", "e\u0301tape", "𝔏𝔢𝔞𝔡𝔰"])
def test_columns_count_code_points(name: str, loader: type) -> None:
    reading = read_text(f"stages: {{{name}: 100, {name} 2: -20}}\n", loader)
    assert found(reading) == [("FN107", 1, len(f"stages: {{{name}: 100, {name} 2: ") + 1)]
    place = reading.diagnostics[0].location
    assert place.end_column - place.column == len("-20")


@each_loader
def test_a_syntax_error_counts_code_points_too(loader: type) -> None:
    assert found(read_text("stages: {Заявки 📨: 100, Продажи: 20]\n", loader)) == [("FN004", 1, 36)]


@each_loader
@pytest.mark.parametrize(
    "text",
    [
        "stages:\n  Leads: 100\t\n  Sales: 20\n",
        "stages:\n  Leads: 100\t# March\n  Sales: 20\n",
        "stages:\t{Leads: 100, Sales: 20}\n",
        "stages:\n  Leads:\t100\n  Sales: 20\n",
    ],
    ids=["at the end", "before a comment", "after a key and before a brace", "after a key"],
)
def test_a_tab_that_is_not_indentation_is_space(text: str, loader: type) -> None:
    assert counts(only(read_text(text, loader))) == {"Leads": 100, "Sales": 20}


# Anchors and aliases


@each_loader
def test_aliases_stand_for_what_is_anchored(loader: type) -> None:
    text = (
        "name: &name Shop\n"
        "description: *name\n"
        "stages:\n"
        "  - {name: Leads, count: &count 100}\n"
        "  - {name: Sales, count: *count, target: &target 60%}\n"
        "  - {name: Renewals, count: 20, target: *target}\n"
        "breakdowns:\n"
        "  channel: &parts\n"
        "    Ads: &half [50, 50, 10]\n"
        "    SEO: *half\n"
        "  manager: *parts\n"
    )
    funnel = only(read_text(text, loader))
    assert funnel.description == "Shop"
    assert counts(funnel) == {"Leads": 100, "Sales": 100, "Renewals": 20}
    assert funnel.stages[1].target == funnel.stages[2].target
    channel, manager = funnel.breakdowns
    assert channel.segments == manager.segments
    assert [segment.counts for segment in channel.segments] == [(50, 50, 10), (50, 50, 10)]


@each_loader
def test_an_anchor_may_be_set_again(loader: type) -> None:
    text = (
        "stages:\n"
        "  - {name: A, count: &n 100}\n"
        "  - {name: B, count: *n}\n"
        "  - {name: C, count: &n 20}\n"
        "  - {name: D, count: *n}\n"
    )
    assert counts(only(read_text(text, loader))) == {"A": 100, "B": 100, "C": 20, "D": 20}


def budget_of_aliases(aliases: int) -> str:
    """A list of 999 numbers, a thousand nodes, that stands for a segment's counts many times over."""
    rows = "".join(f"    s{number}: *row\n" for number in range(aliases))
    row = ", ".join(["1"] * 999)
    stages = ", ".join(f"t{number}: {1 + aliases}" for number in range(999))
    return f"stages: {{{stages}}}\nbreakdowns:\n  part:\n    first: &row [{row}]\n{rows}"


@each_loader
def test_a_hundred_thousand_aliased_nodes_are_fine(loader: type) -> None:
    funnel = only(read_text(budget_of_aliases(100), loader))
    assert len(funnel.breakdowns[0].segments) == 101


@each_loader
def test_more_than_a_hundred_thousand_aliased_nodes_are_refused(loader: type) -> None:
    text = budget_of_aliases(101)
    last = text.count("\n")
    assert found(read_text(text, loader)) == [("FN011", last, len("    s100: ") + 1)]


@each_loader
def test_the_budget_of_aliases_is_that_of_a_document(loader: type) -> None:
    reading = read_text(budget_of_aliases(60) + "---\n" + budget_of_aliases(60), loader)
    assert found(reading) == []
    assert len(reading.funnels) == 2


@each_loader
def test_a_billion_laughs_end_at_once(loader: type) -> None:
    rows = ["- &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    rows += [f"- &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 10)]
    reading = read_text("\n".join(rows) + "\n", loader)
    assert "FN011" in {code for code, _, _ in found(reading)}
    assert reading.funnels == ()


# Bytes that mean nothing


@each_loader
@pytest.mark.parametrize(
    "data",
    [
        *(bytes([byte]) for byte in b"\x00\xff%&*!|>?-:{}[],@`'\"\t"),
        *(b"\xfe\xff", b"\xef\xbb\xbf\xef\xbb\xbf", b"\xf0\x9f\x98", b"%YAML", b"%TAG ! tag:x,2000:\n---\n!y z"),
        *(
            b"---",
            b"--- ---",
            b"...",
            b"a: b\n---\n%",
            b"# c",
            b"- -",
            b"? ?",
            b": :",
            b"? []",
            b"{{}}",
            b"[[]]",
            b"{[]: }",
        ),
        *(b"&a *a", b"&a &b c", b"!!", b"!<", b"stages: !!binary aGk=", b"stages: >\n\ta"),
        *(b"stages: {? }", b"stages: [,]", b"stages: {,}", b"stages: {}", b"stages: [[], []]", b"stages: {: , : }"),
    ],
    ids=repr,
)
def test_no_bytes_raise_and_none_of_these_is_a_funnel(data: bytes, loader: type) -> None:
    reading = read(data, "odd.yaml", loader)
    assert reading.funnels == ()
    assert any(diagnostic.severity is Severity.ERROR for diagnostic in reading.diagnostics)
    assert all(diagnostic.problem.help for diagnostic in reading.diagnostics)


# Keys that are remembered


KEYS = ["no", "<<", "12", "1e3", "null", "true", "~", "name", "stages", "Paid", "a\u200bb", "a\u00adb", ""]


@pytest.mark.parametrize("most", [1, 4096])
def test_what_was_read_before_changes_nothing(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in quotes and the same without are judged each by itself, in whatever order they are met."""
    monkeypatch.setattr(tree, "MOST_REMEMBERED", most)
    texts = [f"stages: {{{key}: 100, Sales: 20}}\n" for key in KEYS]
    texts += [f'stages: {{"{key}": 100, Sales: 20}}\n' for key in KEYS]
    alone = {}
    for text in texts:
        tree._sound_keys.clear()
        alone[text] = read_text(text, yaml.CSafeLoader)
    for order in (texts, texts[::-1], texts):
        for text in order:
            assert read_text(text, yaml.CSafeLoader) == alone[text], text
            assert len(tree._sound_keys) <= most


def test_keys_without_end_do_not_fill_the_memory() -> None:
    names = [f"Stage {number}" for number in range(2 * tree.MOST_REMEMBERED)]
    text = "stages:\n" + "".join(f"  {name}: 1\n" for name in names)
    assert [*counts(read_text(text, yaml.CSafeLoader).funnels[0])] == names
    assert len(tree._sound_keys) <= tree.MOST_REMEMBERED
