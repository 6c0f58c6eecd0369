"""Defaults of a project or a person: where they are found, what they decide, and what is said of mistakes in them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import yaml
from jsonschema import Draft7Validator

from funnelcli.cli import settings
from funnelcli.cli.defaults import Default, Settings
from funnelcli.cli.settings import nearest, take
from funnelcli.cli.settings_file import OTHER_NAMES, SETTINGS, read, settings_schema

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

SHOP = "stages: {Visits: 12400, Paid: 377}\naverage_check: 63.5\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with a folder of work, in which the process stands."""
    work = tmp_path / "home/work/funnels"
    work.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.delenv(settings.VARIABLE, raising=False)
    monkeypatch.chdir(work)
    return tmp_path / "home"


def currency(*files: str) -> str | None:
    return nearest(files).currency


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# Where they are found


def test_the_nearest_file_counts_upwards_from_the_working_directory(home: Path) -> None:
    assert currency() is None
    write(home / ".funnelcli.yaml", "currency: USD\n")
    assert currency() == "USD"
    write(home / "work/pyproject.toml", '[tool.funnelcli]\ncurrency = "GBP"\n')
    assert currency() == "GBP"
    write(home / "work/funnels/.funnelcli.yml", "currency: EUR\n")
    assert currency() == "EUR"


def test_a_project_file_without_the_table_is_passed_over(home: Path) -> None:
    write(home / "work/.funnelcli.yaml", "currency: EUR\n")
    for text in ("[project]\nname = 'x'\n", "# [tool.funnelcli]\n", "not TOML at all", "[tool]\nfunnelcli = 3\n"):
        write(home / "work/funnels/pyproject.toml", text)
        assert currency() == "EUR", text


def test_the_search_ends_at_the_top_of_the_repository_and_falls_back_on_the_home_folder(home: Path) -> None:
    write(home / "work/.funnelcli.yaml", "currency: EUR\n")
    (home / "work/funnels/.git").mkdir()
    assert currency() is None
    write(home / ".funnelcli.yaml", "currency: USD\n")
    assert currency() == "USD"


def test_nothing_above_the_home_folder_counts(home: Path) -> None:
    write(home.parent / ".funnelcli.yaml", "currency: EUR\n")
    assert currency() is None


def test_the_same_files_have_the_same_defaults_wherever_one_stands(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home / "work/shops/.funnelcli.yaml", "currency: EUR\n")
    write(home / "work/shops/one/a.yaml", SHOP)
    write(home / "work/shops/two/b.yaml", SHOP)
    one, two = (str(home / "work/shops" / name) for name in ("one/a.yaml", "two"))
    assert currency(one, two) == "EUR"
    assert currency(one) == "EUR"
    assert currency("../shops/one/a.yaml") == "EUR"
    assert currency(one, "a.yaml") is None  # of which the other lies here
    monkeypatch.chdir(home / "work/shops/one")
    for files in ([], ["-"], ["a.yaml"], ["Visits=200", "Paid=4"], ["main:a.yaml"]):
        assert currency(*files) == "EUR", files


def test_a_file_that_is_named_counts_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home / "work/funnels/.funnelcli.yaml", "currency: EUR\n")
    write(home / "other.yaml", "confidence: 90%\n")
    write(home / "other.toml", "[tool.funnelcli]\nconfidence = '80%'\n")
    assert take({"config": str(home / "other.yaml")}, []) == {"confidence": "90%"}
    assert settings.active.currency is None
    monkeypatch.setenv(settings.VARIABLE, str(home / "other.toml"))
    assert take({"config": None}, []) == {"confidence": "80%"}
    assert take({"no_config": True, "config": str(home / "other.yaml")}, []) == {}
    assert settings.active == Settings()
    with pytest.raises(settings.NoFile, match=r"cannot read .*nowhere\.yaml: No such file"):
        take({"config": "nowhere.yaml"}, [])


# What they say


ALL = {"confidence": "90%", "currency": "EUR", "color": "never", "theme": "dark", "brand_color": "#7a1fa2"}


def test_both_ways_of_writing_say_the_same() -> None:
    yaml = (
        "# of the shop\nconfidence: 90%\ncurrency: EUR\ncolour: never\ntheme: dark\nbrand_color: '#7a1fa2'\n"
        "ignore:\n  - FN306\n  - fn31x\n"
    )
    toml = (
        '[project]\nname = "shop"\n[tool.funnelcli]\nconfidence = "90%"\ncurrency = "EUR"\ncolor = "never"\n'
        'theme = "dark"\nbrand_color = "#7a1fa2"\nignore = ["FN306", "fn31x"]\n'
    )
    for text, file in ((yaml, "s.yaml"), (toml, "pyproject.toml")):
        found = read(text.encode(), file)
        assert (found.file, found.found) == (file, ())
        assert {name: default.texts for name, default in found.values.items()} == {
            **{name: (value,) for name, value in ALL.items()},
            "ignore": ("FN306", "FN31"),
        }
        lines = text.splitlines()
        assert {name: lines[default.line - 1] for name, default in found.values.items() if name == "theme"} in (
            {"theme": "theme: dark"},
            {"theme": 'theme = "dark"'},
        )
    assert set(ALL) | {"ignore"} == set(SETTINGS)


def test_other_spellings_of_one_file_are_read() -> None:
    assert read(b"", "s.yaml").values == {}
    assert read(b"# nothing yet\n", "s.yaml") == Settings("s.yaml")
    assert read(b"confidence: 0.9\nignore: FN306, FN31x\n", "s.yaml").values["ignore"].texts == ("FN306", "FN31")
    for text in (
        "[tool]\nfunnelcli = {theme = 'dark'}",
        "tool.funnelcli.theme = 'dark'",
        "[tool]\nfunnelcli.theme='dark'",
    ):
        found = read(text.encode(), "pyproject.toml")
        assert found.values == {"theme": Default(("dark",), text.count("\n") + 1)}, text
    assert read(b"[tool.funnelcli]\nconfidence = 0.9\n", "p.toml").values["confidence"].texts == ("0.9",)


MISTAKES = [
    ("curency: EUR\n", "1:1: error[FN101] unknown setting \"curency\"", 'did you mean "currency"?'),
    ("\nconfidence: 95\n", "2:13: error[FN210] 95 as a rate: 95%?", "write 95% or a fraction of 1"),
    ("confidence: 100%\n", "1:13: error[FN109] a confidence of 100% is impossible", "write 80%, 90% or 95%"),
    ("ignore: [FN104]\n", "1:9: error[FN120] FN104 is an error: only warnings can be chosen", "leave it out"),
    ("ignore: [FN360]\n", '1:9: error[FN120] there is no warning "FN360"', 'did you mean "FN3'),
    ("theme: drak\n", '1:8: error[FN120] "drak" is not one of the choices', 'did you mean "dark"?'),
    ("brand_color: #0b6e75\n", '1:13: error[FN102] nothing is written for "brand_color"', 'brand_color: "#'),
    ("brand_color: teal\n", '1:14: error[FN120] "teal" is not a colour', "#0b6e75"),
    ("currency: [EUR]\n", '1:11: error[FN103] "currency" has another kind of value', "currency: EUR"),
    ("color: auto\ncolour: never\n", '2:1: error[FN108] "colour" is set twice', "keep one"),
    ("theme: dark\ntheme: light\n", "2:1: error[FN007]", ""),
    ("- theme: dark\n", "1:1: error[FN103] defaults are a mapping of keys", "currency: EUR"),
    ("theme: [\n", "error[FN004]", ""),
    ("theme: dark\n---\ntheme: light\n", "error[FN103] defaults are one document", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "help_"), MISTAKES, ids=[said for _, said, _ in MISTAKES])
def test_a_mistake_is_told_at_its_place_with_a_way_out(text: str, said: str, help_: str) -> None:
    from funnelcli.output.diagnostics import full

    found = read(text.encode(), ".funnelcli.yaml").found
    shown = full(list(found), False, None)
    assert len(found) == 1, shown
    assert f".funnelcli.yaml:{said}" in shown or said in shown.partition(" ")[2]
    assert help_ in shown


TOML_MISTAKES = [
    ('[tool.funnelcli]\ncurency = "EUR"\n', (2, 1, 8), "FN101"),
    ("x = 1\n\n[tool.funnelcli]\n\n  confidence = 95 # %\n", (5, 16, 18), "FN210"),
    ('[tool.other]\ntheme = "x"\n[tool.funnelcli]\ntheme = "drak"\n', (4, 9, 15), "FN120"),
    ('[tool]\nfunnelcli = {theme = "drak"}\n', (2, 22, 29), "FN120"),
    ("[tool.funnelcli]\ntheme = true\n", (2, 9, 13), "FN103"),
    ('[tool.funnelcli]\ntheme = "dark"\ntheme = "light"\n', (3, 16, 17), "FN004"),
    ("[tool.funnelcli]\ntheme = \n", (2, 9, 10), "FN004"),
]


@pytest.mark.parametrize(("text", "place", "code"), TOML_MISTAKES, ids=range(len(TOML_MISTAKES)))
def test_a_mistake_in_a_project_file_has_its_line_and_column(text: str, place: tuple[int, int, int], code: str) -> None:
    (found,) = read(text.encode(), "pyproject.toml").found
    where = found.location
    assert (found.problem.code, (where.line, where.column, where.end_column)) == (code, place)
    assert found.source == text.split("\n")[place[0] - 1]
    assert found.problem.help


def test_two_files_in_one_folder_are_a_mistake(home: Path) -> None:
    write(home / "work/funnels/.funnelcli.yaml", "currency: EUR\n")
    write(home / "work/funnels/pyproject.toml", '[tool.funnelcli]\ncurrency = "EUR"\n')
    (found,) = nearest([]).found
    assert found.problem.message == "pyproject.toml beside it has defaults, too"


SOUND = (
    "", "# none yet\n", "theme: dark\n", "colour: never\n", "confidence: 0.9\n", "confidence: 90%\n", "currency: €\n",
    "ignore: FN306\n", "ignore: [FN306, fn31x]\n", 'brand_color: "#7a1fa2"\n', "brand_colour: 7a1fa2\n",
)  # fmt: skip
UNSOUND: tuple[dict[str, object], ...] = (
    {"curency": "EUR"}, {"theme": "drak"}, {"ignore": ["E501"]}, {"currency": ["EUR"]}, {"brand_color": "teal"},
)  # fmt: skip


def test_the_schema_takes_what_is_read_and_refuses_words_that_are_not() -> None:
    schema = settings_schema()
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema)
    for text in SOUND:
        assert read(text.encode(), "s.yaml").found == (), text
        assert validator.is_valid(yaml.safe_load(text)), text
    for wrong in UNSOUND:
        assert not validator.is_valid(wrong), wrong
        assert read(yaml.safe_dump(wrong).encode(), "s.yaml").found, wrong
    assert schema["properties"].keys() == SETTINGS.keys() | OTHER_NAMES.keys()


def test_the_command_prints_it(run: Run) -> None:
    assert run("schema", "config").json == settings_schema()


# What they decide


def test_the_currency_is_that_of_funnels_that_name_none(run: Run, tmp_path: Path) -> None:
    write(tmp_path / ".funnelcli.yaml", "currency: JPY\n")
    write(tmp_path / "a.yaml", SHOP)
    write(tmp_path / "b.yaml", f"currency: USD\n{SHOP}")
    shown = run("show", "a.yaml", "b.yaml", "-f", "json")
    assert [each["currency"] for each in shown.funnels] == ["JPY", "USD"]
    assert [each["revenue"] for each in shown.funnels] == [23939.5] * 2  # 377 × 63.5
    assert run("show", "--no-config", "a.yaml", "-f", "json").funnels[0]["currency"] is None
    assert "JPY" in run("show", "a.yaml").stdout
    assert "JPY" in run("show", "--stage", "Visits=200", "--stage", "Paid=4", "--average-check", "5").stdout
    assert "FN306" in run("check", "a.yaml", "--no-config").stdout
    assert "0 warnings" in run("check", "a.yaml").stdout


def test_an_option_outranks_the_defaults(run: Run, tmp_path: Path) -> None:
    write(tmp_path / ".funnelcli.yaml", "confidence: 80%\n")
    write(tmp_path / "a.yaml", SHOP)
    said = [
        run("show", "a.yaml", "-f", "json", *more).funnels[0]["confidence"]
        for more in ([], ["--confidence", "99%"], ["--no-config"])
    ]
    assert said == [0.8, 0.99, 0.95]
    assert "[default: 80%]" in run("show", "a.yaml", "-h").stdout.replace("\n", " ")


def test_warnings_that_are_ignored_are_said_nowhere_and_errors_everywhere(run: Run, tmp_path: Path) -> None:
    write(tmp_path / ".funnelcli.yaml", "ignore: [FN301, FN306]\n")
    uneven = f"{SHOP}breakdowns: {{channel: {{Ads: [6000, 200], Search: [6000, 170]}}}}\n"
    write(tmp_path / "a.yaml", uneven)
    write(tmp_path / "bad.yaml", uneven.replace("377", "99999"))
    assert run("show", "a.yaml").stderr == ""
    assert "FN301" in run("show", "a.yaml", "--no-config").stderr
    checked = run("check", "a.yaml", "--strict")
    assert (checked.code, "0 warnings" in checked.stdout) == (0, True)
    assert "FN301" in run("check", "a.yaml", "--ignore", "FN306").stdout  # takes the place of the default
    assert run("check", "bad.yaml").code == 1
    assert "FN104" in run("show", "bad.yaml").stderr


def test_colour_goes_by_the_option_then_the_environment_then_the_defaults(run: Run, tmp_path: Path) -> None:
    write(tmp_path / ".funnelcli.yaml", "colour: always\n")
    write(tmp_path / "a.yaml", SHOP)
    assert "\x1b[" in run("show", "a.yaml").stdout
    assert "\x1b[" not in run("show", "a.yaml", "--color", "auto").stdout
    for variable in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b[" not in run("show", "a.yaml", env=variable).stdout
    assert "\x1b[" not in run("show", "a.yaml", "-f", "json").stdout
    write(tmp_path / ".funnelcli.yaml", "colour: never\n")
    assert "\x1b[" in run("show", "a.yaml", env={"FORCE_COLOR": "1"}).stdout


def test_pages_have_the_look_of_the_defaults_and_texts_do_not_mind(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    pytest.importorskip("vl_convert")
    write(tmp_path / ".funnelcli.yaml", 'theme: dark\nbrand_color: "#7a1fa2"\n')
    write(tmp_path / "a.yaml", f"currency: EUR\n{SHOP}")
    look = ("--theme", "dark", "--brand-color", "#7a1fa2")
    drawn = [run("report", "a.yaml", "-f", "svg", *more).out for more in ([], ["--no-config", *look], ["--no-config"])]
    assert drawn[0] == drawn[1] != drawn[2]
    assert run("report", "a.yaml", "-f", "markdown").code == 0
    refused = run("report", "a.yaml", "-f", "markdown", "--theme", "light")
    assert (refused.code, "--theme has no effect" in refused.stderr) == (2, True)


def test_a_mistake_ends_reports_and_not_the_help_nor_what_reads_no_funnel(run: Run, tmp_path: Path) -> None:
    write(tmp_path / ".funnelcli.yaml", "curency: EUR\n")
    write(tmp_path / "a.yaml", SHOP)
    for command in (["show", "a.yaml"], ["check", "a.yaml"]):
        outcome = run(*command)
        assert (outcome.code, outcome.stdout) == (2, "")
        assert '.funnelcli.yaml:1:1: error[FN101] unknown setting "curency"' in outcome.stderr
    for command in (["show", "-h"], ["explain", "FN101"], ["show", "a.yaml", "--no-config"]):
        assert run(*command).code == 0, command
    missing = run("show", "a.yaml", "--config", "nowhere.yaml")
    assert (missing.code, "cannot read nowhere.yaml" in missing.stderr) == (2, True)


def test_without_defaults_no_file_is_parsed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start-up is most of a short process: where nothing is set, a few looks at folders are all."""
    monkeypatch.setattr(settings, "_read", lambda *_: pytest.fail("a file was parsed"))
    write(home / "work/pyproject.toml", "[project]\nname = 'x'\n")
    assert nearest(["a.yaml"]) == Settings()
    assert os.getcwd().endswith("funnels")


def test_the_help_says_what_holds_and_from_where(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from funnelcli.cli.manual.tables import settings_here

    for variable in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(variable, raising=False)
    write(home / ".funnelcli.yaml", "\ncurrency: EUR\ncolor: never\nignore: [FN306, FN31x]\n")
    rows = [line.strip("| ").split(" | ") for line in settings_here().splitlines()[2:]]
    file = home / ".funnelcli.yaml"
    assert rows[:4] == [
        ["`confidence`", "95%", "built in"],
        ["`currency`", "EUR", f"{file}:2"],
        ["`ignore`", "FN306, FN31x", f"{file}:4"],
        ["`color`", "never", f"{file}:3"],
    ]
    assert [row[0].strip("`") for row in rows] == list(SETTINGS)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "| always | the environment, FORCE_COLOR |" in settings_here()
    write(home / "work/funnels/pyproject.toml", "[tool.funnelcli]\ntheme = 'dark'\n")
    assert "| `theme` | dark | pyproject.toml:2 |" in settings_here()
    assert "EUR" not in settings_here()  # the nearest counts alone
    write(home / "work/funnels/pyproject.toml", "[tool.funnelcli]\ntheme = 'drak'\n")
    assert "`pyproject.toml` has mistakes" in settings_here()


def test_the_built_in_values_are_those_of_the_program(run: Run, tmp_path: Path) -> None:
    """What the help calls built in changes nothing when it is set."""
    write(tmp_path / "a.yaml", f"currency: EUR\n{SHOP}")
    plain = run("show", "a.yaml", "-f", "json").out, run("show", "a.yaml").out
    told = {key: each.default for key, each in SETTINGS.items() if each.default != "none"}
    write(tmp_path / ".funnelcli.yaml", "".join(f"{key}: '{value}'\n" for key, value in told.items()))
    assert (run("show", "a.yaml", "-f", "json").out, run("show", "a.yaml").out) == plain
    assert {"confidence": "95%", "color": "auto", "theme": "auto"}.items() <= told.items()
    from funnelcli.output.report.look import DEFAULT_BRAND

    assert told["brand_color"] == DEFAULT_BRAND
