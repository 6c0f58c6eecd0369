"""A team's repository, from its first commit to the comment on a pull request: git, the action and its API together."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.cli.conftest import environment
from tests.cli.recorded_service import Service
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Repository, Run

SHOP, LEADS = "funnels/shop.yaml", "funnels/b2b/leads.yaml"
ACTION = yaml.safe_load((ROOT / ".github/actions/check/action.yml").read_text(encoding="utf-8"))
(TELL,) = (step for step in ACTION["runs"]["steps"] if step["name"] == "Tell what changes")
FOUND, NO_COMMENT = "github: comments, ours among them", "github: comments, one page"


def shop(month: int, paid: int, limit: str = "30%", check: float = 63.5) -> str:
    return f"""\
name: Shop
period: 2026-{month:02}
currency: EUR
average_check: {check}
stages:
  - {{name: Visits, count: {20_000 + 100 * month}}}
  - {{name: Cart, count: 1000}}
  - {{name: Paid, count: {paid}}}
checks:
  - conversion@Paid >= {limit}
"""


LEADS_TEXT = "name: Leads\nstages: {Leads: 1000, Offers: 300, Won: 50}\nchecks: [conversion@Won >= 15%]\n"


@pytest.fixture
def team(git_repository: Repository) -> Repository:
    """Twenty commits: eighteen months of a shop, the last six of 2027, a funnel of leads, and what is no funnel."""
    git_repository.write(LEADS, LEADS_TEXT)
    git_repository.commit("Leads", "2025-12-28")
    git_repository.write(".github/workflows/funnels.yml", "on: pull_request\n")
    git_repository.commit("A workflow, which is no funnel", "2025-12-29")
    for month in range(1, 19):
        year, of_year = 2026 + (month - 1) // 12, (month - 1) % 12 + 1
        text = shop(of_year, 440 + 5 * (month % 3)).replace("2026", str(year))
        git_repository.write(SHOP, text)
        git_repository.commit(f"Figures of {year}-{of_year:02}", f"{year}-{of_year:02}-28")
    assert git_repository.git("rev-list", "--count", "HEAD") == "20"
    return git_repository


@pytest.fixture
def pull_request(team: Repository) -> Callable[..., None]:
    """Make the checkout that a runner has: what a branch does, merged into `main`, which has gone on."""

    def merge(files: dict[str, str | None]) -> None:
        team.git("checkout", "--quiet", "-B", "change")
        for name, text in files.items():
            if text is None:
                team.git("rm", "--quiet", name)
            else:
                team.write(name, text)
        team.commit("A change", "2027-06-30")
        team.git("checkout", "--quiet", "main")
        team.write("README.md", "Our funnels\n")
        team.commit("A text", "2027-07-01")
        team.git("checkout", "--quiet", "--detach")
        team.git("merge", "--quiet", "--no-ff", "--message", "Merge", "change")

    return merge


@pytest.fixture
def service() -> Iterator[Service]:
    opened = Service()
    yield opened
    opened.close()
    assert not opened.left, "a recorded answer was not asked for"


@pytest.fixture
def tell(team: Repository, service: Service, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The action's step, as a runner of GitHub starts it."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")

    def start(head: str = "acme/shop", base: str | None = None, **inputs: str) -> subprocess.CompletedProcess[str]:
        base = base or team.git("rev-parse", "main")
        repositories = [{"repo": {"full_name": name}} for name in (head, "acme/shop")]
        event = tmp_path / "event.json"
        pull = {"number": 7, "head": repositories[0], "base": repositories[1] | {"sha": base}}
        event.write_text(json.dumps({"action": "synchronize", "pull_request": pull}), encoding="utf-8")
        values: dict[str, Any] = {name: each["default"] for name, each in ACTION["inputs"].items()} | inputs
        given = {
            name: values[source.removeprefix("${{ inputs.").removesuffix(" }}")]
            for name, source in TELL["env"].items()
            if "inputs." in source
        }
        runner = {
            "BASE": base,
            "BIN": sysconfig.get_path("scripts"),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": service.api,
            "GITHUB_BASE_REF": "main",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_HEAD_REF": "change",
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_SHA": team.git("rev-parse", "HEAD"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
            "GITHUB_TOKEN": "ghs_1",
            "GITHUB_WORKSPACE": str(team.folder),
            "RUNNER_OS": "Linux",
        }
        script = tmp_path / "step.sh"
        script.write_text(TELL["run"], encoding="utf-8")
        command = [bash, "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        return subprocess.run(
            command,
            cwd=team.folder,
            env=environment(runner | {name: str(value) for name, value in given.items()} | {"GITHUB_TOKEN": "ghs_1"}),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    return start


LOOSENED = {SHOP: shop(6, 430, "25%", 66).replace("2026", "2027")}


def test_a_pull_request_that_loosens_a_limit_is_told_in_one_comment_and_is_red(
    pull_request: Callable[..., None],
    tell: Callable[..., subprocess.CompletedProcess[str]],
    service: Service,
    tmp_path: Path,
) -> None:
    """The checkout holds what `main` has gained since: that is no change of the pull request."""
    pull_request(LOOSENED)
    service.answers(NO_COMMENT, "github: created")
    done = tell(comment="true")
    assert done.returncode == 1, done.stderr
    assert f"::error file={SHOP},line=10" in done.stdout
    assert "comment on acme/shop#7: written" in done.stderr
    (written,) = (each.body["body"] for each in service.asked if each.body)
    assert written.startswith("<!-- funnelcli diff: funnels -->\n**1 limit loosened, revenue ")
    assert "What moved revenue" in written
    assert written.partition("\n")[2].strip() == (tmp_path / "summary.md").read_text(encoding="utf-8").strip()


def test_told_alone_it_is_green(
    pull_request: Callable[..., None], tell: Callable[..., subprocess.CompletedProcess[str]], service: Service
) -> None:
    pull_request(LOOSENED)
    service.answers(NO_COMMENT, "github: created")
    done = tell(comment="true", **{"exit-zero": "true"})
    assert done.returncode == 0, done.stderr
    assert "::warning" in done.stdout


def test_a_pull_request_that_changes_no_funnel_is_quiet(
    pull_request: Callable[..., None],
    tell: Callable[..., subprocess.CompletedProcess[str]],
    service: Service,
    team: Repository,
) -> None:
    """A comment in the file, and a file that is none."""
    text = (team.folder / SHOP).read_text(encoding="utf-8")
    pull_request({SHOP: f"# looked at\n{text}", "funnels/notes.txt": "x\n"})
    service.answers(NO_COMMENT)
    done = tell(comment="true")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_fork_is_told_in_the_summary(
    pull_request: Callable[..., None],
    tell: Callable[..., subprocess.CompletedProcess[str]],
    service: Service,
    tmp_path: Path,
) -> None:
    pull_request(LOOSENED)
    service.answers(NO_COMMENT, "github: the token may not")
    done = tell(head="stranger/shop", comment="true")
    assert done.returncode == 1
    assert "no comment" in done.stderr
    assert "1 limit loosened" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_a_checkout_of_the_branch_itself_is_held_against_where_it_left(
    pull_request: Callable[..., None],
    tell: Callable[..., subprocess.CompletedProcess[str]],
    service: Service,
    team: Repository,
) -> None:
    pull_request({LEADS: None})
    team.git("checkout", "--quiet", "change")
    service.answers(NO_COMMENT, "github: created")
    done = tell(comment="true")
    assert done.returncode == 1, done.stderr
    assert "no longer checked" in service.asked[-1].body["body"]  # type: ignore[index]


def test_a_checkout_without_its_parents_says_what_to_fetch(
    pull_request: Callable[..., None],
    tell: Callable[..., subprocess.CompletedProcess[str]],
    service: Service,
    team: Repository,
    tmp_path: Path,
) -> None:
    """What actions/checkout makes of its own accord: the newest commit alone."""
    pull_request(LOOSENED)
    team.git("branch", "merged")
    base = team.git("rev-parse", "main")
    shallow = tmp_path / "shallow"
    team.git("clone", "--quiet", "--depth=1", "--branch=merged", team.folder.as_uri(), str(shallow))
    shutil.rmtree(team.folder / ".git")
    shutil.move(shallow / ".git", team.folder / ".git")
    done = tell(base=base, comment="true")
    assert done.returncode == 2, done.stdout
    assert "fetch-depth" in done.stderr


@pytest.mark.parametrize("name", ["comment", "exit-zero"])
def test_an_input_that_is_neither_is_refused(tell: Callable[..., subprocess.CompletedProcess[str]], name: str) -> None:
    done = tell(**({"comment": "true"} | {name: "perhaps"}))
    assert (done.returncode, done.stdout) == (2, f"::error::the input {name} is neither true nor false\n")


def test_all_of_it_by_hand(team: Repository, run: Run) -> None:
    """History, what changed, limits, and what is mended, in one working day."""
    team.write(SHOP, shop(7, 300).replace("2026", "2027"))
    folder = team.folder
    assert run("check", "funnels", cwd=folder).code == 0
    history = run("compare", "--history", SHOP, "-f", "json", cwd=folder)
    assert history.code == 0, history.stderr
    (told,) = history.json["successive"]
    assert [each["name"] for each in told["periods"]] == [
        f"{year}-{month:02}" for year, last in ((2026, 12), (2027, 7)) for month in range(1, last + 1)
    ]
    before = run("show", f"HEAD:{SHOP}", "-f", "json", cwd=folder).funnels
    (difference,) = run("diff", "-f", "json", cwd=folder).funnels
    assert before[0]["stages"][-1]["count"] == 440
    assert (difference["period_before"], difference["period"]) == ("2027-06", "2027-07")
    compared = run("compare", f"HEAD:{SHOP}", SHOP, "-f", "json", cwd=folder).json["comparisons"]
    assert difference["comparison"]["comparisons"][0]["overall"] == compared[0]["overall"]
    held = run("check", SHOP, "--baseline", f"HEAD:{SHOP}", "--check", "conversion@Paid >= baseline", cwd=folder)
    assert held.code == 1
    team.write(SHOP, (folder / SHOP).read_text(encoding="utf-8").replace("count: 1000", "count: 1,000"))
    assert run("check", "--fix", "funnels", cwd=folder).code == 0
    assert run("diff", "-f", "json", cwd=folder).funnels == [difference]


def test_what_is_usual_by_history_is_one_answer_in_check_and_diff(
    pull_request: Callable[..., None], team: Repository, run: Run
) -> None:
    """A file without periods of its own, whose newest month falls by a third."""
    asks = "  - conversion@Paid within usual\n"
    team.write(SHOP, (team.folder / SHOP).read_text(encoding="utf-8") + asks)
    team.commit("Ask whether it is usual", "2027-06-29")
    pull_request({SHOP: shop(7, 300).replace("2026", "2027") + asks})
    (checked,) = (each for each in run("check", SHOP, "-f", "json", cwd=team.folder).json["checks"] if each["usual"])
    assert checked["usual"]["side"] == "below"
    told = run("diff", "HEAD^1..HEAD", "-f", "json", cwd=team.folder)
    assert told.code == 1
    (failing,) = told.funnels[0]["newly_failing"]
    assert failing["before"]["passed"] is True
    assert failing["after"]["usual"] == checked["usual"]
    within = team.folder / "funnels"
    assert run("diff", "HEAD^1", "shop.yaml", "-f", "json", cwd=within).funnels[0]["newly_failing"] == [failing]
