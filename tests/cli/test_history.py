"""`compare --history`: the commits of a file as periods, as the same periods in files of their own tell it."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.periods_of_funnels import as_segments
from funnelcli.analyses.variation import variation_of
from funnelcli.cli import history
from tests.cli.conftest import Repository, begun

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

FILE = "funnels/shop.yaml"


def text(month: int | None, visits: int, paid: int, more: str = "") -> str:
    period = f"period: 2026-{month:02}\n" if month else ""
    stages = f"- {{name: Visits, count: {visits}}}\n- {{name: Paid, count: {paid}, average_check: 90}}\n"
    return f"# Counts of the shop, by month\nname: Shop\n{period}currency: EUR\nstages:\n{stages}{more}"


def paid_of(month: int) -> int:
    return 100 + 7 * month


@pytest.fixture(scope="module")
def committed_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of twelve months, a commit each, and commits that change no counts between them."""
    made = begun(tmp_path_factory.mktemp("year"))
    for month in range(1, 13):
        made.write(FILE, text(month, 1000, paid_of(month)))
        made.commit(f"Month {month}", f"2026-{month:02}-28")
        made.write(FILE, text(month, 1000, paid_of(month), "checks: [conversion@Paid >= 1%]\n"))
        made.commit("Watch it", f"2026-{month:02}-28")
    return made.folder


@pytest.fixture
def year(git_repository: Repository, committed_year: Path) -> Repository:
    """A copy of the year, to go on with."""
    shutil.copytree(committed_year, git_repository.folder, dirs_exist_ok=True)
    return git_repository


def compared(run: Run, repository: Repository, *more: str) -> tuple[list[str], str]:
    """The names of the periods, and what was said."""
    outcome = run("compare", "--history", FILE, "--format", "json", *more, cwd=repository.folder)
    assert outcome.code == 0, outcome.stderr
    (told,) = outcome.json["successive"] or [None]
    (pair,) = outcome.json["comparisons"]
    return [each["name"] for each in told["periods"]] if told else [pair["a"], pair["b"]], outcome.stderr


def test_months_of_one_file_are_told_as_months_in_files_of_their_own(year: Repository, run: Run) -> None:
    names = []
    for month in range(1, 13):
        names.append(f"apart/{month:02}.yaml")
        year.write(names[-1], text(month, 1000, paid_of(month)))
    apart = run("compare", *names, "--format", "json", cwd=year.folder).json
    together = run("compare", "--history", FILE, "--format", "json", cwd=year.folder).json
    assert together["successive"] == apart["successive"]
    (pair,) = together["comparisons"]
    assert (pair["a"], pair["b"]) == ("2026-01", "2026-12")
    assert pair["periods_between"] == [f"2026-{month:02}" for month in range(2, 12)]
    assert pair["variation"]["basis"] == "estimated"
    assert pair["variation"]["periods"] == 10


def test_it_is_told_as_a_breakdown_by_period_is(git_repository: Repository, run: Run) -> None:
    """The same counts in one file with a breakdown: the same tests, ranges and variation."""
    chance = random.Random(7)
    rows = [(1000 + chance.randrange(100), 80 + chance.randrange(60)) for _ in range(12)]
    for month, (visits, paid) in enumerate(rows, 1):
        git_repository.write(FILE, text(month, visits, paid))
        git_repository.commit()
    cells = ", ".join(f"2026-{month:02}: [{visits}, {paid}]" for month, (visits, paid) in enumerate(rows, 1))
    whole = text(
        None, sum(row[0] for row in rows), sum(row[1] for row in rows), f"breakdowns: {{period: {{{cells}}}}}\n"
    )
    git_repository.write("year.yaml", whole)
    told = run("compare", "--history", FILE, "--format", "json", cwd=git_repository.folder).json
    expected = run("compare", "year.yaml", "--by", "period", "--format", "json", cwd=git_repository.folder).json
    assert told["successive"] == expected["successive"]
    assert told["comparisons"] == expected["comparisons"]


def test_corrections_are_taken_and_said(year: Repository, run: Run) -> None:
    year.write(FILE, text(12, 1000, 150))
    year.commit("Late orders")
    year.write(FILE, text(12, 1000, 151))
    names, said = compared(run, year)
    assert names[-1] == "2026-12"
    assert said == "funnelcli: note: counts that were corrected are taken as they were last: 2026-12 (3 versions)\n"
    outcome = run("compare", "--history", FILE, "--format", "json", cwd=year.folder)
    assert outcome.json["successive"][0]["periods"][-1]["sales"] == 151


def test_without_periods_versions_are_days_and_the_work_tree_comes_last(git_repository: Repository, run: Run) -> None:
    for day in range(1, 5):
        git_repository.write(FILE, text(None, 1000, 100 + day))
        git_repository.commit("Count", f"2026-10-{day:02}")
    git_repository.write(FILE, text(None, 1000, 104).replace("\n", "\r\n"))
    assert compared(run, git_repository)[0] == [f"2026-10-{day:02}" for day in range(1, 5)]
    git_repository.write(FILE, text(None, 1000, 200))
    assert compared(run, git_repository)[0] == [*(f"2026-10-{day:02}" for day in range(1, 5)), "uncommitted"]
    assert compared(run, git_repository, "--since", "2026-10-03")[0] == ["2026-10-03", "2026-10-04", "uncommitted"]
    assert compared(run, git_repository, "--since", "HEAD~1")[0] == ["2026-10-03", "2026-10-04", "uncommitted"]
    assert compared(run, git_repository, "--pair", "2026-10-02", "2026-10-03")[0] == ["2026-10-02", "2026-10-03"]
    until = run("compare", "--history", f"HEAD~1:{FILE}", "--format", "json", cwd=git_repository.folder)
    assert until.json["comparisons"][0]["b"] == "2026-10-03"


def test_what_is_left_out_is_said(git_repository: Repository, run: Run) -> None:
    git_repository.write("old.yaml", text(1, 1000, 100))
    git_repository.commit("Begin", "2026-02-01")
    git_repository.write("old.yaml", text(1, 1000, 2000))
    broken = git_repository.commit("Break", "2026-02-02")
    (git_repository.folder / "funnels").mkdir()
    git_repository.git("mv", "old.yaml", FILE)
    git_repository.write(FILE, text(2, 1000, 110))
    git_repository.commit("Mend and move", "2026-03-01")
    git_repository.write(FILE, text(3, 1000, 110))
    git_repository.commit("Begin March", "2026-04-01")
    names, said = compared(run, git_repository)
    assert names == ["2026-01", "2026-02"]
    assert f"as the file was not sound then: {broken[:9]} (2026-02-02)" in said
    assert "2026-03 is left out: its counts are those of 2026-02" in said
    more = text(4, 1000, 50).replace("- {name: Paid", "- {name: Leads, count: 300}\n- {name: Paid")
    git_repository.write(FILE, more)
    git_repository.commit("Leads", "2026-05-01")
    alone = run("compare", "--history", FILE, cwd=git_repository.folder)
    assert alone.code == 2
    assert "as the stages were others: 2026-01 and 2026-03, last Visits, Paid; --common" in alone.stderr
    assert "one period in its history, 2026-04" in alone.stderr
    names, said = compared(run, git_repository, "--common")
    assert names == ["2026-01", "2026-03", "2026-04"]  # a file that was called 2026-02 by mistake
    assert "stages" not in said


def test_counts_that_only_grow_and_periods_of_the_file_are_doubted(git_repository: Repository, run: Run) -> None:
    for day in range(1, 5):
        git_repository.write(FILE, text(None, 1000 * day, 100 * day + 3))
        git_repository.commit("Count", f"2026-10-{day:02}")
    assert "counts only grow from version to version" in compared(run, git_repository)[1]
    parts = "breakdowns: {month: {2026-01: [3000, 300], 2026-02: [2000, 200]}}\n"
    git_repository.write(FILE, text(None, 5000, 500, parts))
    said = compared(run, git_repository)[1]
    assert "has periods of its own, which compare --by month holds against each other" in said
    assert "only grow" not in said
    git_repository.write(FILE, text(None, 3000, 500))
    assert compared(run, git_repository)[1] == ""


def test_a_revert_is_no_period(git_repository: Repository, run: Run) -> None:
    for count in (100, 110, 900):
        git_repository.write(FILE, text(None, 1000, count))
        git_repository.commit("Count", f"2026-10-{count // 100:02}" if count > 100 else "2026-09-30")
    git_repository.git("revert", "--no-edit", "HEAD")
    names, said = compared(run, git_repository)
    assert names == ["2026-09-30", "2026-10-01"]
    assert "left out, as the counts before came back: 2026-10-09" in said


def test_merged_branches_are_one_history(git_repository: Repository, run: Run) -> None:
    for month in range(1, 7):
        git_repository.git("checkout", "-b", f"month-{month}")
        git_repository.write(FILE, text(month, 1000, 1))
        git_repository.commit("Draft", f"2026-{month:02}-27")
        git_repository.write(FILE, text(month, 1000, paid_of(month)))
        git_repository.commit("Count", f"2026-{month:02}-28")
        git_repository.git("checkout", "-B", "main", *(["main"] if month > 1 else []))
        git_repository.write("other.txt", str(month))
        git_repository.commit("Other", f"2026-{month:02}-28")
        git_repository.git("merge", "--no-ff", "-m", "Merge", f"month-{month}")
    git_repository.git("checkout", "--detach")
    names, said = compared(run, git_repository)
    assert names == [f"2026-{month:02}" for month in range(1, 7)]
    assert "2026-01 (2 versions)" in said


def test_each_funnel_of_a_file_and_a_segment_have_a_history(git_repository: Repository, run: Run) -> None:
    for month in range(1, 4):
        parts = f"breakdowns: {{channel: {{Ads: [600, {30 + month}], Search: [400, {70 + 6 * month}]}}}}\n"
        first = text(month, 1000, paid_of(month), parts if month > 1 else "")
        git_repository.write(FILE, f"{first}---\n{text(month, 500, 50 + month).replace('Shop', 'Store')}")
        git_repository.commit()
    outcome = run("compare", "--history", FILE, "--format", "json", cwd=git_repository.folder)
    assert [each["name"] for each in outcome.json["successive"]] == ["Shop", "Store"]
    assert run("compare", "--history", FILE, "--funnel", "Store", cwd=git_repository.folder).stdout.count("→ 2026") == 1
    told = run(
        "compare",
        "--history",
        FILE,
        "--funnel",
        "Shop",
        "--segment",
        "channel=Ads",
        "--format",
        "json",
        cwd=git_repository.folder,
    )
    assert told.json["comparisons"][0]["stages"][1]["count_a"] == 32
    assert "1 version lacks the segment" in told.stderr


def test_a_shallow_clone_says_that_there_is_more(year: Repository, run: Run) -> None:
    clone = year.folder.parent / "clone"
    year.git("clone", "--depth=5", f"file://{year.folder}", str(clone))
    outcome = run("compare", "--history", FILE, cwd=clone)
    assert outcome.code == 0
    assert "fetch-depth: 0" in outcome.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("--history", "new.yaml"), "new.yaml is in no commit yet"),
        (("--history", "none.yaml"), 'cannot read "none.yaml"'),
        (("--history", f":2:{FILE}"), "is a side of a merge, which has no history"),
        (("--history", FILE, "--by", "period"), "leave out one of the two"),
        (("--history", "-"), "--history is of files in git"),
        (("--history", "A=2", "B=1"), "--history is of files in git"),
        (("--history", FILE, "--pair", "2026-01", "2027-01"), 'no period is called "2027-01"'),
        (("--history", FILE, "--since", "2030-01"), "was not changed since 2030-01"),
        (("--history", FILE, "--since", "nowhere"), '"nowhere" is no revision'),
        (("--since", "2026-01", FILE), "--since is of --history"),
        (("--history", FILE, "--segment", "channel=Ads"), "channel"),
    ],
)
def test_what_cannot_be_asked_is_answered(year: Repository, run: Run, line: tuple[str, ...], said: str) -> None:
    year.write("new.yaml", text(1, 10, 1))
    outcome = run("compare", *line, cwd=year.folder)
    assert outcome.code == 2
    assert said in outcome.stderr


def test_the_index_comes_last(year: Repository, run: Run) -> None:
    """As it would be if it were committed."""
    year.write(FILE, text(8, 990, 31))
    year.git("add", FILE)
    year.write(FILE, "nonsense")
    staged = run("compare", "--history", f":{FILE}", "-f", "json", cwd=year.folder)
    year.git("commit", "--quiet", "-m", "staged")
    committed = run("compare", "--history", f"HEAD:{FILE}", "-f", "json", cwd=year.folder)
    assert staged.code == committed.code == 0, staged.stderr
    assert staged.json["comparisons"] == committed.json["comparisons"]


def test_from_a_folder_below_it_is_the_same(year: Repository, run: Run) -> None:
    below = run("compare", "--history", "shop.yaml", cwd=year.folder / "funnels")
    top = run("compare", "--history", FILE, cwd=year.folder)
    assert below.stdout == top.stdout.replace(FILE, "shop.yaml")


def test_periods_are_one_funnel_for_who_asks_what_is_usual(year: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(year.folder)
    (found,) = history.periods(FILE)
    assert [each.period for each in found.periods.funnels] == [f"2026-{month:02}" for month in range(1, 13)]
    whole = as_segments(found.periods.funnels)
    assert whole is not None
    assert variation_of(whole).periods == 12


def test_a_file_without_periods_is_held_against_its_own_history(year: Repository, run: Run) -> None:
    """The same answer as of the same counts in a breakdown; git is asked for nothing else."""
    for month in range(13, 15):
        year.write(FILE, text(None, 1000, month + 6, f"period: 2027-{month - 12:02}\n"))
        year.commit(f"Month {month}", f"2027-{month - 12:02}-28")
    asked = ("check", FILE, "--check", "conversion@Paid within usual", "--format", "json")
    outcome = run(*asked, cwd=year.folder)
    (found,) = outcome.json["checks"]
    assert outcome.code == 1
    assert (found["usual"]["period"], found["usual"]["side"], found["actual"]) == ("2027-02", "below", 0.02)
    assert found["usual"]["dimension"] is None
    assert "2027-02 is left out" not in outcome.stderr
    year.write("funnels/new.yaml", text(1, 1000, 20))
    (unknown,) = run(*asked[:1], "funnels/new.yaml", *asked[2:], cwd=year.folder).json["checks"]
    assert unknown["reason"] == "there are no periods to hold it against"
