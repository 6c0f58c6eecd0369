"""Every format with the results of every analysis, built by hand: the same names and figures, and text as text."""

from __future__ import annotations

import csv
import html
import importlib
import io
import json
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.analyses.bottleneck import Bottleneck, Step
from funnelcli.analyses.conversion import FunnelConversion, StageConversion
from funnelcli.analyses.scenario import ProjectedStage, Projection, ScenarioReport
from funnelcli.diagnostics import Problem
from funnelcli.output import terminal
from funnelcli.output.csv import fields
from funnelcli.output.document import KeyValues, Section
from funnelcli.output.formats import FORMATS, Canvas, render
from funnelcli.output.json import plain
from tests.reports import REPORTS, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.model import Funnel

COUNTS = (360750, 7215, 555)
NAMES = ("Impressions", "Clicks", "Leads")


def conversion_result(names: tuple[str, ...] = NAMES, title: str = "Ads") -> FunnelConversion:
    """What `show` says of 360,750 impressions, 7,215 clicks and 555 leads of 1,000.50 each."""
    rows = []
    for index, (name, count) in enumerate(zip(names, COUNTS, strict=True)):
        before = COUNTS[index - 1] if index else None
        rows.append(
            StageConversion(
                name=name,
                from_=names[index - 1] if index else None,
                count=count,
                conversion=Fraction(count, before) if before else None,
                conversion_low=0.0195 if index else None,
                conversion_high=0.0833 if index else None,
                overall_conversion=Fraction(count, COUNTS[0]) if index else 1,
                one_in=Fraction(COUNTS[0], count) if index else 1,
                drop_off=before - count if before else None,
                drop_off_rate=1 - Fraction(count, before) if before else None,
                loss_share=Fraction(before - count, COUNTS[0] - COUNTS[2]) if before else None,
                average_check=Fraction(2001, 2) if index == 2 else None,
                revenue=Fraction(2001 * 555, 2) if index == 2 else None,
            )
        )
    return FunnelConversion(
        file="ads.yaml",
        document=1,
        name=title,
        period="2026-10",
        currency="EUR",
        confidence=0.95,
        stages=tuple(rows),
        entries=COUNTS[0],
        sales=COUNTS[2],
        sale_stage=names[2],
        overall_conversion=Fraction(555, 360750),
        overall_conversion_low=0.00141,
        overall_conversion_high=0.00167,
        one_in=650,
        revenue=Fraction(2001 * 555, 2),
        value_per_entry=Fraction(2001 * 555, 2 * 360750),
        referral_multiplier=None,
        notes=(),
    )


def bottleneck_result(names: tuple[str, ...] = NAMES, title: str = "Ads") -> Bottleneck:
    """A verdict by targets, with one step that cannot be known."""
    known: dict[str, Any] = {
        "name": names[1],
        "from_": names[0],
        "conversion": Fraction(1, 50),
        "conversion_low": 0.0195,
        "conversion_high": 0.0205,
        "target": Fraction(1, 40),
        "target_from": None,
        "drop_off": 353535,
        "loss_share": Fraction(353535, 360195),
        "headroom_sales": Fraction(555, 4),
        "headroom_revenue": Fraction(1110555, 8),
        "revenue_per_point": Fraction(1110555, 4),
        "chance_weakest": 0.97,
        "days": Fraction(7, 2),
    }
    unknown = dict.fromkeys(known) | {"name": names[2], "from_": names[1], "drop_off": 6660}
    first, second = Step(**known), Step(**unknown)
    return Bottleneck(
        file="ads.yaml",
        document=1,
        name=title,
        period="2026-10",
        currency="EUR",
        confidence=0.95,
        reference="target",
        bottleneck=names[1],
        tied=(),
        needless=(names[2],),
        steps=(first, second),
    )


def scenario_result(names: tuple[str, ...] = NAMES, title: str = "Ads") -> ScenarioReport:
    """A baseline without a sale's money known in full, and half as many leads again."""
    stages = tuple(
        ProjectedStage(name, count, None if count == COUNTS[0] else Fraction(1, 50), Fraction(count, COUNTS[0]), None)
        for name, count in zip(names, COUNTS, strict=True)
    )
    now: dict[str, Any] = {
        "name": "baseline",
        "changes": {},
        "stages": stages,
        "entries": COUNTS[0],
        "sales": COUNTS[2],
        "overall_conversion": Fraction(555, 360750),
        "revenue": 555000,
        "variable_cost": None,
        "budget": 60000,
        "profit": -45000,
        "unit_margin": -81,
        "sales_change": 0,
        "sales_change_rate": 0,
        "revenue_change": 0,
        "revenue_change_rate": 0,
        "profit_change": 0,
    }
    changed: dict[str, Any] = {
        "name": title,
        "changes": {f"count@{names[2]}": "x1.5"},
        "stages": (*stages[:2], ProjectedStage(names[2], Fraction(1665, 2), Fraction(3, 26), Fraction(3, 1300), None)),
        "sales": Fraction(1665, 2),
        "revenue": 832500,
        "profit": -67500,
        "sales_change": Fraction(555, 2),
        "sales_change_rate": Fraction(1, 2),
        "revenue_change": 277500,
        "revenue_change_rate": Fraction(1, 2),
        "profit_change": -22500,
    }
    baseline, more = Projection(**now), Projection(**now | changed)
    return ScenarioReport(
        file="ads.yaml",
        document=1,
        name=title,
        period="2026-10",
        currency="EUR",
        sale_stage=names[2],
        assumptions=("conversions stay as they are",),
        projections=(baseline, more),
    )


COMMANDS: dict[str, tuple[Callable[..., Any], str]] = {
    "show": (conversion_result, "conversion"),
    "bottleneck": (bottleneck_result, "bottleneck"),
    "scenario": (scenario_result, "scenario"),
}
"""What builds the result of a command, and the view that shows it."""
CANVASES = [
    Canvas(),
    Canvas(encoding="ascii"),
    Canvas(color=True),
    *(Canvas(width) for width in (60, 80, 120)),
]
STYLES = re.compile(r"\x1b\[[0-9;]*m")


def text_of(command: str, format_name: str, canvas: Canvas | None = None, **changes: Any) -> str:
    """The report of a command's result in a format."""
    build, view = COMMANDS[command]
    return render(format_name, command, [build(**changes)], view, canvas or Canvas())


def strict_json(text: str) -> Any:
    """JSON as the standard has it: no NaN, no infinity, no key twice."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    return json.loads(text, parse_constant=refuse, object_pairs_hook=once)


everything = pytest.mark.parametrize(
    ("command", "format_name"), [(command, name) for command in COMMANDS for name in FORMATS]
)

# what a report says


@everything
@pytest.mark.parametrize("canvas", CANVASES, ids=str)
def test_every_format_renders_every_result(command: str, format_name: str, canvas: Canvas) -> None:
    assert text_of(command, format_name, canvas).endswith("\n")


@everything
def test_no_results_render(command: str, format_name: str) -> None:
    assert isinstance(render(format_name, command, [], COMMANDS[command][1], Canvas()), str)


@everything
def test_names_are_in_every_format(command: str, format_name: str) -> None:
    said = text_of(command, format_name)
    for name in ("Ads", *NAMES[1:]):
        assert name in said


COUNTS_OF = {"show": COUNTS, "bottleneck": (353535, 6660), "scenario": COUNTS}
"""Counts that a command shows: those of the stages, or what is lost on the way."""


@everything
def test_counts_are_in_every_format(command: str, format_name: str) -> None:
    said = text_of(command, format_name)
    for count in COUNTS_OF[command]:
        written = str(count) if format_name in ("json", "csv") else f"{count:,}"
        assert re.search(rf"(?<![\d.]){written}(?!\d|\.\d|,\d{{3}}\b)", said), written


@everything
def test_several_results_stand_one_after_the_other(command: str, format_name: str) -> None:
    build, view = COMMANDS[command]
    said = render(format_name, command, [build(title="First"), build(title="Second")], view, Canvas())
    assert said.index("First") < said.index("Second")


@pytest.mark.parametrize("command", COMMANDS)
def test_color_is_only_added(command: str) -> None:
    plain_text = text_of(command, "table")
    colored = text_of(command, "table", Canvas(color=True))
    assert "\x1b[" not in plain_text
    assert "\x1b[" in colored
    assert [line.rstrip() for line in STYLES.sub("", colored).split("\n")] == plain_text.split("\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_ascii_is_ascii(command: str) -> None:
    assert text_of(command, "table", Canvas(encoding="ascii")).isascii()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("format_name", ["table", "markdown"])
def test_money_of_people_names_its_currency(command: str, format_name: str) -> None:
    """Each line of money says EUR, or its column does."""
    assert "EUR" in text_of(command, format_name)


@pytest.mark.parametrize("format_name", ["table", "markdown"])
def test_the_amounts_of_a_projection_name_their_currency(format_name: str) -> None:
    """Revenue and profit stand side by side with counts, so their rows say what they are."""
    lines = text_of("scenario", format_name).splitlines()
    rows = [line for line in lines if re.match(r"[| ]*(Revenue|Budget|Profit)\b.*\d", line)]
    assert len(rows) == 3
    assert all("EUR" in row for row in rows)


# JSON and CSV


LISTS = {"show": {"stages"}, "bottleneck": {"steps", "tied", "needless"}, "scenario": {"assumptions", "projections"}}


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_the_result_itself(command: str) -> None:
    """The keys of the contract, at the top as in each result."""
    parsed = strict_json(text_of(command, "json"))
    assert list(parsed) == ["schema_version", "command", "funnels"]
    assert (parsed["schema_version"], parsed["command"]) == (2, command)
    assert set(parsed["funnels"][0]) >= {"file", "document", "name", "period", "currency"} | LISTS[command]


def test_json_rates_are_unrounded_fractions_of_1() -> None:
    stages = strict_json(text_of("show", "json"))["funnels"][0]["stages"]
    assert stages[2]["conversion"] == 555 / 7215
    assert stages[0]["conversion"] is None
    assert repr(stages[2]["one_in"]) == "650"
    assert repr(stages[2]["average_check"]) == "1000.5"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_json_refuses_what_is_not_finite(value: float) -> None:
    for canvas in (Canvas(), Canvas(80)):
        with pytest.raises(ValueError, match="not JSON compliant"):
            render("json", "show", [{"rate": value}], "conversion", canvas)


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes"])
def test_json_refuses_what_has_no_place_in_it(value: object) -> None:
    with pytest.raises(TypeError):
        plain(value)


def test_json_of_a_number_beyond_a_double() -> None:
    """A rate of huge numbers is still finite."""
    assert plain(Fraction(10**400 + 1, 10**400)) == 1.0
    assert plain(Fraction(10**18)) == 10**18


@pytest.mark.parametrize("command", COMMANDS)
def test_csv_is_rectangular(command: str) -> None:
    header, *rows = csv.reader(io.StringIO(text_of(command, "csv")))
    assert len(set(header)) == len(header)
    assert rows
    assert {len(row) for row in rows} == {len(header)}


def test_csv_carries_unrounded_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(text_of("show", "csv"))))
    assert [row["count"] for row in rows] == ["360750", "7215", "555"]
    assert float(rows[2]["conversion"]) == 555 / 7215
    assert rows[0]["conversion"] == ""  # unknown is empty


def test_csv_of_a_projection_has_one_spelling_of_a_number() -> None:
    """A whole number is written whole: 0, not 0.0."""
    rows = list(csv.DictReader(io.StringIO(text_of("scenario", "csv"))))
    assert not [row for row in rows for value in row.values() if re.fullmatch(r"-?\d+\.0", value)]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
@pytest.mark.parametrize("command", COMMANDS)
def test_csv_text_is_no_formula(command: str, start: str) -> None:
    """A cell that a spreadsheet would run begins with an apostrophe; numbers stay numbers."""
    names = (f"{start}one", f"{start}two", f"{start}three")
    rows = list(csv.reader(io.StringIO(text_of(command, "csv", names=names, title=f"{start}title"), newline="")))
    cells = [cell for row in rows for cell in row]
    spelled = {"\t": r"\ttitle", "\r": r"\rtitle"}
    assert spelled.get(start, f"'{start}title") in cells
    for cell in cells:
        number = re.fullmatch(r"-?\d[\d.e+-]*", cell)
        assert number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_csv_negative_numbers_are_not_prefixed() -> None:
    rows = list(csv.DictReader(io.StringIO(text_of("scenario", "csv"))))
    assert "-45000" in [row["value"] for row in rows]
    assert not any(value.startswith("'") for row in rows for value in row.values())


# text is shown as text

MARKED_UP = {
    "rich": "[red]x[/red]",
    "rich link": "[link=https://example.org]x[/link]",
    "open bracket": "[/]",
    "emoji code": ":smile:",
    "html": "<b>x</b> & <script>alert(1)</script>",
    "entity": "&lt;b&gt;",
    "pipe": "a | b || c",
    "bold": "**x** and __x__ and *x*",
    "link": "[x](https://example.org)",
    "image": "![x](https://example.org/x.png)",
    "code": "`x`",
    "strike": "~~x~~",
    "mention": "@somebody #1",
    "backslash": "a\\b\\|c",
    "braces": "{0} %s ${x} %(x)s",
    "formula": "$x$",
    "workflow": "::error::x",
}
HIDDEN = {
    "ansi": "a\x1b[31mb\x1b[0mc",
    "title": "a\x1b]0;b\x07c",
    "bidi": "a\u202eb\u202cc",
    "isolate": "a\u2066b\u2069c",
    "newline": "a\nb",
    "carriage return": "a\rb",
    "nul": "a\0b",
    "zero width": "a\u200bb",
    "line separator": "a\u2028b",
}


def named(value: Any) -> Iterator[str]:
    """Every name in a JSON report."""
    for each in value if isinstance(value, list) else value.values():
        if isinstance(each, (dict, list)):
            yield from named(each)
    if isinstance(value, dict) and "name" in value:
        yield value["name"]


def readable(markdown: str) -> str:
    """Markdown as its reader sees it: escapes and entities undone, emphasis of our own left in."""
    return html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown))


@pytest.mark.parametrize("text", MARKED_UP.values(), ids=MARKED_UP)
@everything
def test_markup_is_shown_as_text(command: str, format_name: str, text: str) -> None:
    names = (f"1{text}", f"2{text}", f"3{text}")
    said = text_of(command, format_name, names=names, title=f"0{text}")
    if format_name == "json":
        assert set(named(strict_json(said))) >= {f"0{text}", *names[1:]}
    elif format_name == "csv":
        cells = {cell for row in csv.reader(io.StringIO(said)) for cell in row}
        assert cells | {cell.partition("@")[2] for cell in cells} >= {f"0{text}", *names[1:]}
    elif format_name == "markdown":
        for name in (f"0{text}", *names[1:]):
            assert name in readable(said)
    else:
        for name in (f"0{text}", *names[1:]):
            assert name in said


@pytest.mark.parametrize("text", MARKED_UP.values(), ids=MARKED_UP)
@pytest.mark.parametrize("command", COMMANDS)
def test_markup_does_not_act_in_markdown(command: str, text: str) -> None:
    said = text_of(command, "markdown", names=(f"1{text}", f"2{text}", f"3{text}"), title=f"0{text}")
    assert not re.search(r"<[a-z/!]", said)
    assert not re.search(r"(?<!\\)[\[\]`~]", said)
    assert not re.search(r"(?<!\\)\$(?!\d)", said)
    assert not re.search(r":smile:|@somebody|://|(?<![\\&])#1", said)
    rows = [line for line in said.splitlines() if line.startswith("|")]
    widths = {len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows}
    assert len(widths) <= 2  # `scenario` has two tables
    our_own = said.replace("- Overall, to ", "").replace(": **", "")
    assert not re.search(r"(?<![\\*])\*\*x|(?<!\\)__x", our_own)


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("format_name", ["table", "markdown"])
@pytest.mark.parametrize("command", COMMANDS)
def test_hidden_characters_are_made_visible(command: str, format_name: str, text: str) -> None:
    said = text_of(command, format_name, names=(f"1{text}", f"2{text}", f"3{text}"), title=f"0{text}")
    assert all(line.isprintable() for line in said.split("\n"))
    clean = text_of(command, format_name, names=("1ab", "2ab", "3ab"), title="0ab")
    assert said.count("\n") == clean.count("\n")


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("command", COMMANDS)
def test_hidden_characters_survive_in_json(command: str, text: str) -> None:
    """JSON has escapes of its own: the name comes back as it was, and no control character is written raw."""
    said = text_of(command, "json", title=text)
    assert strict_json(said)["funnels"][0]["name"] == text
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", said)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_hidden_characters_do_not_act_in_csv(command: str, text: str) -> None:
    """A control or bidirectional character is no use to a spreadsheet, and harm in a terminal."""
    said = text_of(command, "csv", title=text)
    assert not re.search("[\x00-\x09\x0b-\x1f\u2028\u202a-\u202e\u2066-\u2069]", said)


def test_a_scenario_called_like_the_baseline_is_told_apart() -> None:
    assert text_of("scenario", "table", title="baseline").count("baseline") >= 2


@pytest.mark.parametrize("width", [60, 80, 120, None])
@pytest.mark.parametrize("command", COMMANDS)
def test_wide_names_keep_columns_straight(command: str, width: int | None) -> None:
    """Names of double-width characters: every line fits, and the columns of numbers end at one place."""
    from rich.cells import cell_len

    canvas = Canvas(width, full=True)
    said = text_of(command, "table", canvas, names=("広告の表示", "クリック", "見込み客"), title="広告")
    assert width is None or max(cell_len(line) for line in said.split("\n")) <= width
    ends = {
        cell_len(line[: line.index(count)]) + len(count)
        for count in ("353,535", "6,660")
        for line in said.split("\n")
        if count in line
    }
    assert command == "scenario" or len(ends) == 1


def test_a_record_inside_a_row_is_no_column_whether_it_is_there_or_not(
    sample: Callable[..., Funnel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the columns of a table would depend on whether a funnel has, say, a payback."""
    rows: list[Any] = []
    for view in REPORTS:
        module = importlib.import_module(f"funnelcli.output.views.{view}")
        if hasattr(module, "fields"):
            monkeypatch.setattr(module, "fields", lambda record, named="": rows.append(record) or fields(record, named))
        for stem in ("web", "b2b", "expansion"):
            result = REPORTS[view](sample(stem))
            if not isinstance(result, Problem):
                shown(view, "csv", [result], Canvas())
    assert len({type(row) for row in rows}) > 8
    for row in rows:
        for key, value in row._asdict().items():
            hint = type(row).__annotations__[key]
            may_be_none = getattr(hint, "__forward_arg__", str(hint)).endswith("| None")
            if isinstance(value, tuple | dict) and may_be_none:
                assert key not in fields(row._replace(**{key: None})), (type(row), key)


def test_what_is_said_of_a_label_goes_on_below_itself() -> None:
    """In a terminal of 60 columns; where there is no room beside the labels, lines go on from the left."""
    pairs = KeyValues(
        (("Sales", "8 to 16"), ("Sales velocity", "2,200 EUR a day: 129 open × 12,000 EUR × 12.5% / 88 days"))
    )
    section = Section("B2B", None, None, 1, None, (pairs,))
    lines = terminal.render([section], Canvas(width=60)).splitlines()
    assert lines[2:] == [
        "Sales           8 to 16",
        "Sales velocity  2,200 EUR a day: 129 open × 12,000 EUR ×",
        "                12.5% / 88 days",
    ]
    assert terminal.render([section], Canvas(width=30)).splitlines()[4].startswith("day: 129 open")
