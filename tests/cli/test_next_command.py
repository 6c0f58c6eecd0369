"""The next useful command: on a terminal alone, about the same funnel, ready to paste, and it works."""

from __future__ import annotations

import re
import shlex
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from funnelcli.cli.app import COMMANDS
from funnelcli.cli.arguments import option_name
from funnelcli.cli.destination import Destination
from funnelcli.cli.next_command import FOLLOWS, after
from funnelcli.cli.request import Request
from funnelcli.cli.run import follow
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.typed import Typed, funnel_of
from funnelcli.metrics import METRICS, Selector
from funnelcli.output.formats import Canvas
from funnelcli.what_if import Change, Scenario
from tests.conftest import SAMPLES
from tests.reports import REPORTS

if TYPE_CHECKING:
    from .conftest import Repository, Run

NOT_OF_PEOPLE = {"conversion"}
"""Views of what programs read."""
NOT_OF_TYPED = {"segments", "crosstab", "segment_levers", "forecast"}
"""Views of what no typed funnel has: segments and open units."""

OF_CHANGES = {"difference"}
"""What follows `diff`, which is of no single funnel."""


def test_every_report_has_one() -> None:
    assert set(FOLLOWS) == {view for views in COMMANDS.values() for view in views} - NOT_OF_PEOPLE | OF_CHANGES


@pytest.mark.parametrize("view", sorted(set(FOLLOWS) - OF_CHANGES))
def test_what_is_said_can_be_done(run: Run, view: str) -> None:
    """Every one that is said of the samples, once."""
    said: dict[str, str] = {}
    for stem in ("retail", "context_ads", "channels_and_managers", "b2b", "managers_by_month", "loss_making"):
        path = SAMPLES / f"{stem}.yaml"
        (funnel,) = read(path.read_bytes(), path.name).funnels
        result = REPORTS[view](funnel)
        found = None if isinstance(result, Problem) else after(view, [result], Request(files=[str(path)]))
        if found is not None:
            said.setdefault(*found)
    assert said
    for command in said.values():
        name, *words = shlex.split(command)
        done = run(*words)
        assert (name, done.code) == ("funnelcli", 0), (command, done.stderr)


def test_of_a_typed_funnel_it_has_all_that_was_typed(run: Run) -> None:
    """Its costs too, without which no profit can be asked for; a stage that looks like an option stays the first."""
    typed = Typed(("--visits=1000", "Cart=90", "Sales=20"), "10", "EUR", "Shop", "5000", "50%")
    funnel, _ = funnel_of(typed)
    assert funnel is not None
    up = Scenario("Up", ((Selector(METRICS["entries"]), Change(None, Fraction(2000), "2000")),))
    request = Request(stage=list(typed.stages), **typed.keys)  # type: ignore[arg-type]
    keys = [word for key in typed.keys for word in (option_name(key), typed.keys[key])]
    said = set()
    for view in set(FOLLOWS) - NOT_OF_TYPED - OF_CHANGES:
        found = after(view, [REPORTS[view](funnel._replace(scenarios=(up,)))], request)
        assert found is not None, view
        said.add(found[1])
    for command in said:
        _, name, *words = shlex.split(command)
        assert words[: 3 + len(keys)] == [*(f"--stage={stage}" for stage in typed.stages), *keys]
        done = run(name, *words)
        assert done.code == 0, (command, done.stderr)


def test_it_is_of_the_same_funnel() -> None:
    (funnel,) = read(b"name: \"It's\"\nstages: {A: 100, B's: 50, C: 40}\n", "f.yaml").funnels
    result = REPORTS["summary"](funnel)

    def command(**given: object) -> str:
        return (after("summary", [result], Request(**given)) or ("", ""))[1]  # type: ignore[arg-type]

    assert command(files=["my file.yaml"]) == "funnelcli bottleneck 'my file.yaml'"
    assert command(files=["a.yaml"], funnel=["It's"]) == "funnelcli bottleneck a.yaml --funnel 'It'\"'\"'s'"
    assert command(stage=["A=100", "B=50"], currency="EUR") == "funnelcli bottleneck A=100 B=50 --currency EUR"
    assert command(stage=["--x=100", "B=50"]) == "funnelcli bottleneck --stage=--x=100 --stage=B=50"
    assert command(files=["-"]) == ""
    assert command(files=["a\nb.yaml"]) == ""


@pytest.mark.parametrize(
    ("format_name", "path", "width", "said"),
    [
        ("table", None, 80, True),
        ("table", None, None, False),
        ("table", "shown.txt", 80, False),
        ("csv", None, 80, False),
    ],
)
def test_a_pipe_a_file_and_data_have_none(
    format_name: str, path: str | None, width: int | None, said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    funnel, _ = funnel_of(Typed(("A=9", "B=3")))
    target = Destination(path, format_name, Canvas(width))
    follow(target, [REPORTS["summary"](funnel)], "summary", Request(stage=["A=9", "B=3"]))
    assert ("funnelcli scenario A=9 B=3" in capsys.readouterr().out) == said


def test_a_step_with_a_target_is_set_to_its_target() -> None:
    """Though the verdict names none, as counts are small."""
    stages = b"- {name: A, count: 100}\n- {name: B, count: 17, target: 18%}\n- {name: C, count: 3, target: 18%}\n"
    (funnel,) = read(b"name: F\nstages:\n" + stages, "f.yaml").funnels
    result = REPORTS["bottleneck"](funnel)
    assert result.bottleneck is None
    found = after("bottleneck", [result], Request(files=["f.yaml"]))
    assert found is not None
    assert found[1].endswith("=18%")


SHOP = (
    "name: Shop\nperiod: 2026-10\nstages: {Visits: 900, Paid: 50}\naverage_check: 60\nchecks: [conversion@Paid >= 5%]\n"
)
TWO = f"{SHOP}---\n{SHOP.replace('Shop', 'Kiosk').replace('5%', '4%')}"

TWO_LATER = "---\n".join([SHOP, TWO.split("---\n")[1].replace("-10", "-11").replace("50", "60")])
ON_A_TERMINAL = """
from funnelcli.cli import destination
from funnelcli.output.formats import Canvas
destination.canvas = lambda path: Canvas(width=100)
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (SHOP, SHOP.replace("50", "40"), (), "funnelcli check f/shop.yaml"),
        (SHOP, SHOP.replace("-10", "-11").replace("50", "60"), (), "funnelcli compare HEAD:f/shop.yaml f/shop.yaml"),
        (SHOP, SHOP.replace("50", "60"), (), "funnelcli show f/shop.yaml"),
        (SHOP, SHOP.replace("5%", "3%"), ("main",), "funnelcli show f/shop.yaml"),
        (SHOP, SHOP.replace("Visits: 900", "Visits: 9"), (), "funnelcli check f/shop.yaml"),
        (SHOP, None, (), None),
        (None, SHOP, (), "funnelcli show f/shop.yaml"),
        (TWO, TWO.replace("4%", "8%"), (), "funnelcli check f/shop.yaml --funnel Kiosk"),
        (TWO, TWO_LATER, (), "funnelcli compare HEAD:f/shop.yaml f/shop.yaml --funnel Kiosk"),
        (SHOP, SHOP.replace("50", "60"), ("--staged",), "funnelcli show :f/shop.yaml"),
        (
            SHOP,
            SHOP.replace("-10", "-11").replace("50", "60"),
            ("main...work",),
            "funnelcli compare HASH:f/shop.yaml work:f/shop.yaml",
        ),
    ],
)
def test_what_follows_a_change_can_be_asked(
    git_repository: Repository,
    run: Run,
    old: str | None,
    new: str | None,
    line: tuple[str, ...],
    said: str | None,
) -> None:
    git_repository.write("other.yaml", SHOP.replace("Shop", "Other"))
    if old is not None:
        git_repository.write("f/shop.yaml", old)
    base = git_repository.commit()
    git_repository.git("checkout", "--quiet", "-b", "work")
    if new is None:
        (git_repository.folder / "f/shop.yaml").unlink()
    else:
        git_repository.write("f/shop.yaml", new)
    if "--staged" in line:
        git_repository.git("add", "--all")
    if line == ("main...work",):
        git_repository.commit()
    shown = run("diff", *line, cwd=git_repository.folder, script=ON_A_TERMINAL).stdout
    found = re.findall("^  (funnelcli .*)$", shown, re.MULTILINE)
    assert found == ([] if said is None else [said.replace("HASH", base[:9])])
    for each in found:
        done = run(*shlex.split(each)[1:], cwd=git_repository.folder)
        assert done.code == (1 if " check " in each else 0), done.stderr
    assert "  funnelcli" not in run("diff", *line, cwd=git_repository.folder).stdout
