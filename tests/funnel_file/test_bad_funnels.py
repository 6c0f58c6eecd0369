"""Every file of `tests/bad_funnels` shows exactly the diagnostics that its first line names, with both YAML loaders."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
import yaml

from funnelcli.diagnostics import Severity
from funnelcli.docs import codes
from funnelcli.funnel_file.reader import Reading
from funnelcli.funnel_file.reader import read as read_by
from funnelcli.funnel_file.yaml import decoding
from funnelcli.funnel_file.yaml.loaders import PurePythonLoader
from funnelcli.lint.rules import RULES

FOLDER = Path(__file__).parent.parent / "bad_funnels"
FILES = sorted(FOLDER.glob("*.yaml"))
COMMENT = re.compile(r"# (FN\d{3} [1-9]\d*:[1-9]\d*(?:, FN\d{3} [1-9]\d*:[1-9]\d*)*)")
LOADERS = [yaml.CSafeLoader, PurePythonLoader]
SHOWN_IN_PYTHON = {"FN002": "test_a_file_above_64_mebibytes_is_refused"}
"""Codes that no file of a sensible size can show, with the test below that shows them."""
SAID_BY_COMMANDS = {"FN302"}
"""Codes of files that are right, and only not what a command asks for."""

read = partial(read_by, rules=RULES)
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
each_loader = pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)


def text_of(data: bytes) -> str:
    """A file as its editor shows it, with bytes that are not text replaced."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")


def comment_of(path: Path) -> str:
    return text_of(path.read_bytes()).split("\n", 1)[0]


def expected(path: Path) -> list[tuple[str, int, int]]:
    """Code, line and column of every diagnostic that the first line of a file names."""
    return [
        (code, int(line), int(column)) for code, line, column in re.findall(r"(FN\d{3}) (\d+):(\d+)", comment_of(path))
    ]


def found(reading: Reading) -> list[tuple[str, int, int]]:
    return [(each.problem.code, each.location.line, each.location.column) for each in reading.diagnostics]


@each_file
def test_the_first_line_names_what_is_wrong(path: Path) -> None:
    assert COMMENT.fullmatch(comment_of(path)), comment_of(path)
    named = expected(path)
    assert named == sorted(named, key=lambda each: (each[1], each[2], each[0]))
    assert {code for code, _, _ in named} <= set(codes())


def document_starts(text: str) -> list[int]:
    """The line in which each document starts; comments and directives before the first marker are no document."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines, 1) if re.match(r"---(\s|$)", line)]
    before = lines[: starts[0] - 1] if starts else lines
    return starts if all(not line or line[0] in "#%" for line in before) else [1, *starts]


@each_loader
@each_file
def test_what_is_wrong_is_said_at_its_place_with_a_way_out(path: Path, loader: type) -> None:
    """All that one reading must hold."""
    data = path.read_bytes()
    reading = read(data, path.name, loader)
    assert found(reading) == expected(path)
    lines = text_of(data).split("\n")
    is_text = not path.stem.startswith(("not_utf_8", "utf_16"))
    for each in reading.diagnostics:
        assert each.problem.message
        assert each.problem.help
        for place in (each.location, *(place for _, place, _ in each.related)):
            assert place.file == path.name
            assert 1 <= place.line <= len(lines)
            assert 1 <= place.column <= len(lines[place.line - 1]) + 1
            assert place.column < place.end_column <= len(lines[place.line - 1]) + 2
        assert not is_text or each.source == lines[each.location.line - 1]
    if b"%YAML" not in data:  # there the error stands before the first document
        starts = document_starts(text_of(data))
        errors = [each.location.line for each in reading.diagnostics if each.severity is Severity.ERROR]
        broken = {max(1, sum(start <= line for start in starts)) for line in errors}
        assert not {funnel.document for funnel in reading.funnels} & broken, "a document with an error gives no funnel"


def test_every_code_is_shown() -> None:
    """Checks of FN4xx are results of a funnel that could be read, so no bad file shows them."""
    shown = {code for path in FILES for code, _, _ in expected(path)}
    wanted = {code for code in codes() if not code.startswith("FN4")} - SAID_BY_COMMANDS
    assert wanted - shown - SHOWN_IN_PYTHON.keys() == set()
    assert not shown & SHOWN_IN_PYTHON.keys()
    assert all(name in globals() for name in SHOWN_IN_PYTHON.values())


@each_loader
@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"\n\n  \n", b"# only a comment\n", b"\xef\xbb\xbf", b"\r\n"],
    ids=["nothing", "one line", "blank lines", "comment", "byte order mark", "carriage return"],
)
def test_an_empty_file_is_refused(data: bytes, loader: type) -> None:
    reading = read(data, "empty.yaml", loader)
    assert found(reading) == [("FN006", 1, 1)]
    assert reading.funnels == ()
    assert reading.diagnostics[0].problem.help


def test_a_file_above_64_mebibytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert decoding.LARGEST_FILE == 64 * 1024 * 1024
    data = b"stages: {Leads: 100, Sales: 20}\n"
    monkeypatch.setattr(decoding, "LARGEST_FILE", len(data))
    assert found(read(data, "large.yaml")) == []
    monkeypatch.setattr(decoding, "LARGEST_FILE", len(data) - 1)
    reading = read(data, "large.yaml")
    assert found(reading) == [("FN002", 1, 1)]
    assert reading.funnels == ()
    assert reading.diagnostics[0].problem.help


@pytest.mark.parametrize(
    ("name", "offset"), [("not_utf_8", 35), ("not_utf_8_windows_1251", 18), ("utf_16_big_endian", 0)]
)
def test_the_byte_offset_of_what_is_not_utf_8_is_given(name: str, offset: int) -> None:
    data = (FOLDER / f"{name}.yaml").read_bytes()
    assert f"offset {offset}" in read(data, name).diagnostics[0].problem.message


@each_loader
def test_both_places_of_a_duplicate_key_are_shown(loader: type) -> None:
    data = (FOLDER / "duplicate_key.yaml").read_bytes()
    (diagnostic,) = read(data, "duplicate_key.yaml", loader).diagnostics
    ((_, first, source),) = diagnostic.related
    assert (first.line, first.column, source) == (3, 1, "budget: 60")


@each_loader
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("unknown_key", 'did you mean "budget"?'),
        ("unknown_key_in_stage", 'did you mean "target"?'),
        ("unknown_key_in_capitals", 'did you mean "name"?'),
        ("unknown_stage_in_scenario", 'did you mean "Sales"?'),
        ("unknown_stage_in_segment", 'did you mean "Sales"?'),
        ("selector_unknown_metric", 'did you mean "conversion"?'),
        ("role_unknown", 'did you mean "lead"?'),
        ("word_yes_as_flag", "write true"),
        ("word_off_as_flag", "write false"),
        ("underscores", "write 1000"),
        ("comma_between_thousands", "write 1000"),
        ("comma_as_decimal_sign", "write 9.90 with a point"),
        ("thin_space_between_thousands", "write 10000"),
    ],
)
def test_the_way_out_is_the_one_meant(name: str, hint: str, loader: type) -> None:
    (diagnostic,) = read((FOLDER / f"{name}.yaml").read_bytes(), name, loader).diagnostics
    assert diagnostic.problem.help == hint


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("stages: {A: 9, B: 3}\ntarget: 5%\n", "it is a key of a stage"),
        ("stages:\n  - {name: A, count: 9}\n  - {name: B, count: 3, budget: 5}\n", "it is a key of the funnel"),
        ("stages: {A: 9, B: 3, C: 2, Lost: 6}\n", "with from: A or allow_growth: true at this one"),
        ("stages:\n  - {name: A, count: 9}\n  - {name: B, count: 3}\n  - {name: C, count: 6}\n", "from (from: A)"),
        ("stages:\n  A: 9   // visits\n  B: 3\n", "write 9 # visits"),
    ],
)
def test_the_way_out_names_the_place_that_is_meant(text: str, told: str) -> None:
    (diagnostic,) = read(text.encode(), "test.yaml").diagnostics
    assert told in (diagnostic.problem.help or "")


@each_loader
def test_a_bare_number_as_a_rate_is_asked_back(loader: type) -> None:
    (diagnostic,) = read((FOLDER / "rate_without_percent.yaml").read_bytes(), "rate.yaml", loader).diagnostics
    assert "33%?" in diagnostic.problem.message


@each_loader
def test_an_increase_with_a_leading_zero_stays_an_increase(loader: type) -> None:
    """A way out that drops the sign would set the count instead of adding to it."""
    (diagnostic,) = read((FOLDER / "leading_zero_in_change.yaml").read_bytes(), "change.yaml", loader).diagnostics
    assert "+10" in (diagnostic.problem.help or "")


@each_loader
def test_unlike_forms_of_a_change_are_answered_with_the_list_of_forms(loader: type) -> None:
    for name in ("change_not_understood", "change_factor_without_number"):
        (diagnostic,) = read((FOLDER / f"{name}.yaml").read_bytes(), name, loader).diagnostics
        for form in ("+20%", "+10pp", "x1.6", "+500"):
            assert form in (diagnostic.problem.help or ""), (name, form)


@each_loader
def test_the_difference_of_a_breakdown_is_given_in_figures(loader: type) -> None:
    (diagnostic,) = read((FOLDER / "breakdown_does_not_add_up.yaml").read_bytes(), "sums.yaml", loader).diagnostics
    assert diagnostic.severity is Severity.WARNING
    for figure in ("90", "100", "10"):
        assert figure in diagnostic.problem.message


@pytest.mark.parametrize(
    ("name", "encoding", "said"),
    [
        ("Café", "cp1252", "Windows-1252"),
        ("Zürich", "cp1252", "Windows-1252"),
        ("“Ads”", "cp1252", "Windows-1252"),
        ("Визиты", "cp1251", "Windows-1251"),
        ("Заявки", "cp1251", "Windows-1251"),
        ("Визиты", "cp866", "code page 866"),
        ("Café", "utf-16", "UTF-16"),
        ("Визиты", "utf-16", "UTF-16"),
    ],
)
def test_the_likely_encoding_is_named(name: str, encoding: str, said: str) -> None:
    (found_one,) = read(f"stages: {{{name}: 10, Sales: 2}}\n".encode(encoding), "x.yaml").diagnostics
    assert found_one.problem.code == "FN001"
    assert f"it looks like {said}" in found_one.problem.message
