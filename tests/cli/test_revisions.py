"""`REV:path` in the place of a file: what commands read, write and say of it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import INVOICES, TARGET, UNEVEN

if TYPE_CHECKING:
    from tests.cli.conftest import Repository, Run

NEWER = INVOICES.replace("Paid: 50", "Paid: 60")


@pytest.fixture
def shop(git_repository: Repository) -> Repository:
    """`main` has 50 paid invoices, the index 55, and the work tree 60; a second funnel is of the past alone."""
    git_repository.write("funnels/invoices.yaml", INVOICES)
    git_repository.write("funnels/deep/target.yml", TARGET)
    git_repository.write("funnels/.hidden/broken.yaml", "broken")
    git_repository.write("funnels/notes.txt", "notes")
    git_repository.commit()
    git_repository.write("funnels/invoices.yaml", INVOICES.replace("Paid: 50", "Paid: 55"))
    git_repository.git("add", "--all")
    git_repository.write("funnels/invoices.yaml", NEWER)
    (git_repository.folder / "funnels/deep/target.yml").unlink()
    return git_repository


@pytest.mark.parametrize(
    ("file", "paid"),
    [("main:funnels/invoices.yaml", 50), (":funnels/invoices.yaml", 55), ("funnels/invoices.yaml", 60)],
)
def test_a_file_is_read_as_it_was(shop: Repository, run: Run, file: str, paid: int) -> None:
    outcome = run("show", file, "--format", "json", cwd=shop.folder)
    assert outcome.code == 0
    (funnel,) = outcome.funnels
    assert funnel["file"] == file
    assert funnel["stages"][1]["count"] == paid


@pytest.mark.parametrize("command", ["show", "bottleneck", "economics", "levers", "scenario", "forecast", "check"])
def test_every_command_reads_it(shop: Repository, run: Run, command: str) -> None:
    then = run(command, "main:funnels/deep/target.yml", cwd=shop.folder)
    shop.git("checkout", "main", "--", "funnels/deep/target.yml")
    now = run(command, "funnels/deep/target.yml", cwd=shop.folder)
    assert then.code == now.code
    assert then.stdout.replace("main:", "") == now.stdout
    assert then.stderr.replace("main:", "") == now.stderr


def test_a_baseline_is_read_as_it_was(shop: Repository, run: Run) -> None:
    limit = ("--check", "conversion@Paid >= baseline + 1pp", "--baseline", "main:funnels/invoices.yaml")
    assert run("check", "funnels/invoices.yaml", *limit, cwd=shop.folder).code == 0
    assert run("check", "main:funnels/invoices.yaml", *limit, cwd=shop.folder).code == 1
    told = run("bottleneck", "funnels/invoices.yaml", *limit[2:], cwd=shop.folder)
    assert told.code == 0


def test_two_sides_of_one_file_have_the_names_of_their_files(shop: Repository, run: Run) -> None:
    outcome = run("compare", "main:funnels/invoices.yaml", "funnels/invoices.yaml", cwd=shop.folder)
    assert outcome.stdout.startswith("main:funnels/invoices.yaml → funnels/invoices.yaml\n")


def test_a_funnel_without_a_name_has_the_same_one_at_each_revision(shop: Repository, run: Run) -> None:
    shop.write("shop.funnel.yaml", "stages: {Sent: 100, Paid: 50}\n")
    shop.commit()
    for file in ("shop.funnel.yaml", "main:shop.funnel.yaml", "main:./shop.funnel.yaml"):
        assert run("show", file, "--format", "json", cwd=shop.folder).funnels[0]["name"] == "shop"


def test_folders_are_searched_as_on_the_disk(shop: Repository, run: Run) -> None:
    asked = run("check", "main:funnels", "--format", "json", cwd=shop.folder)
    assert asked.json["summary"]["files"] == 2
    shop.git("checkout", "main", "--", ".")
    on_disk = run("check", "funnels", cwd=shop.folder)
    then = run("check", "main:funnels", cwd=shop.folder)
    assert then.stdout.replace("main:", "") == on_disk.stdout
    below = run("check", "main:.", "HEAD:../funnels", "main:funnels/invoices.yaml", cwd=shop.folder / "funnels")
    assert "in 4 files" in below.stdout + below.stderr  # of two revisions, each once
    empty = run("check", "main:funnels/.hidden", cwd=shop.folder)
    assert empty.code in (1, 2)


def test_of_several_files_a_missing_one_is_said_and_the_others_are_read(shop: Repository, run: Run) -> None:
    outcome = run("show", "main:funnels/nothing.yaml", "main:funnels/invoices.yaml", cwd=shop.folder)
    assert outcome.code == 2
    assert 'cannot read "main:funnels/nothing.yaml"' in outcome.stderr
    assert "Invoice sent" in outcome.stdout
    folders = run("check", "main:funel", "mian:funnels", "main:funnels", cwd=shop.folder)
    assert folders.code == 2
    assert 'did you mean "main:funnels"?' in folders.stderr
    assert 'did you mean "main"?' in folders.stderr
    assert "2 files" in folders.stdout + folders.stderr


def test_mistakes_are_told_at_their_places_as_they_were(shop: Repository, run: Run) -> None:
    shop.write("funnels/uneven.yaml", UNEVEN)
    shop.write("funnels/broken.yaml", "name: A\nstages: {Sent: 100, Paid: 150}\n")
    shop.commit()
    (shop.folder / "funnels/broken.yaml").unlink()
    outcome = run("check", "main:funnels/broken.yaml", "--format", "concise", cwd=shop.folder)
    assert outcome.code == 1
    assert outcome.stdout.startswith("main:funnels/broken.yaml:2:")


def test_no_finding_of_the_past_stands_in_a_file_of_the_code_host(shop: Repository, run: Run) -> None:
    shop.write("funnels/broken.yaml", "name: A\nstages: {Sent: 100, Paid: 150}\n")
    shop.commit()
    file = "main:funnels/broken.yaml"
    for folder, name in ((shop.folder, file), (shop.folder / "funnels", "main:./broken.yaml")):
        actions = run("check", name, "--format", "github", cwd=folder)
        assert actions.stdout.startswith("::error title=FN104::")
        assert name in actions.stdout
        for form in ("sarif", "gitlab"):
            outcome = run("check", name, "--format", form, cwd=folder)
            assert outcome.code == 1
            assert "1 finding that stands in no file is left out" in outcome.stderr
            assert name not in outcome.stdout
            json.loads(outcome.stdout)
        for form in ("junit", "markdown", "json"):
            assert name in run("check", name, "--format", form, cwd=folder).stdout


@pytest.mark.parametrize(
    "line",
    [
        ("import", "deals.csv", "--update", "main:funnels/invoices.yaml"),
        ("measure", "main:funnels/invoices.yaml", "--from", "events.csv", "--update"),
    ],
)
def test_the_past_is_not_written_into(shop: Repository, run: Run, line: tuple[str, ...]) -> None:
    shop.write("deals.csv", "Stage,Count\nInvoice sent,100\nPaid,50\n")
    shop.write("events.csv", "user,event,time\n1,Paid,2026-10-01\n")
    outcome = run(*line, cwd=shop.folder)
    assert outcome.code == 2
    assert "is not written into" in outcome.stderr
    assert f"name the one of the work tree: funnels{os.sep}invoices.yaml" in outcome.stderr


def test_an_export_of_the_past_is_imported(shop: Repository, run: Run) -> None:
    shop.write("steps.csv", "Stage,Count\nInvoice sent,100\nPaid,50\n")
    shop.commit()
    (shop.folder / "steps.csv").unlink()
    outcome = run("import", "HEAD:steps.csv", cwd=shop.folder)
    assert outcome.code == 0, outcome.stderr
    assert "Invoice sent" in outcome.stdout


def test_the_defaults_of_today_hold_for_the_past(shop: Repository, run: Run) -> None:
    shop.write("funnels/.funnelcli.yaml", "currency: SEK\n")
    for file in ("main:funnels/invoices.yaml", "funnels/invoices.yaml", "main:./funnels/invoices.yaml"):
        assert run("show", file, "--format", "json", cwd=shop.folder).funnels[0]["currency"] == "SEK"


def test_stages_with_a_colon_are_still_answered_and_files_of_such_a_name_win(shop: Repository, run: Run) -> None:
    assert "write Visits=200 Sales=4" in run("show", "Visits:200", "Sales:4", cwd=shop.folder).stderr
    shop.write("main:funnels", NEWER)
    assert "60" in run("show", "main:funnels", cwd=shop.folder).stdout


def test_without_git_or_a_repository_it_is_said(shop: Repository, run: Run) -> None:
    without = run("show", "main:funnels/invoices.yaml", cwd=shop.folder, env={"PATH": str(shop.folder)})
    assert without.code == 2
    assert "git, which is not installed" in without.stderr
    outside = run("show", "main:funnels/invoices.yaml")
    assert outside.code == 2
    assert "in no git repository" in outside.stderr


def test_names_of_its_stages_are_completed(shop: Repository, run: Run) -> None:
    line = "funnelcli scenario main:funnels/invoices.yaml --set conversion@"
    env = {"_TYPER_COMPLETE_ARGS": line, "_FUNNELCLI_COMPLETE": "complete_zsh"}
    assert "Paid" in run(cwd=shop.folder, env=env).stdout
    assert run(cwd=shop.folder, env=env | {"_TYPER_COMPLETE_ARGS": line.replace("main", "mian")}).stderr == ""


def test_plain_names_start_no_git_and_load_nothing_for_it(run: Run, git_repository: Repository) -> None:
    git_repository.write("shop.yaml", INVOICES)
    script = (
        "import atexit, sys, os\n"
        "leave = os._exit\n"
        "def told(code):\n"
        "    names = [name for name in sys.modules if 'repository' in name]\n"
        "    print(f'loaded {names}', file=sys.stderr, flush=True)\n"
        "    leave(code)\n"
        "os._exit = told\n"
    )
    for command in ("show", "bottleneck", "scenario"):
        outcome = run(command, "shop.yaml", cwd=git_repository.folder, script=script)
        assert outcome.stderr.endswith("loaded []\n")
