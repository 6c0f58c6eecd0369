"""`funnelcli diff`: what is compared, the formats and the exit codes."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from funnelcli.cli.completion import candidates
from funnelcli.cli.differing import FileSides, report_on
from funnelcli.output.difference import DIFF_FORMATS, render
from funnelcli.output.formats import Canvas
from tests.analyses.test_difference import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Files, Outcome, Repository, Run

    Diff = Callable[..., Outcome]

LOOSER = TEXT.replace(">= 15%", ">= 12%").replace("Paid: 50", "Paid: 46")


def sides(old: str | None, new: str | None, name: str = "shop.yaml", now: str | None = None) -> FileSides:
    return FileSides(
        None if old is None else name,
        None if new is None else now or name,
        None if old is None else old.encode(),
        None if new is None else new.encode(),
    )


@pytest.fixture
def repository(git_repository: Repository) -> Repository:
    git_repository.write("funnels/shop.yaml", TEXT)
    git_repository.write("funnels/other.yaml", TEXT.replace("October", "Other"))
    git_repository.commit("first")
    return git_repository


@pytest.fixture
def diff(git_repository: Repository, run: Run) -> Diff:
    """The command in the folder of the repository."""
    return lambda *given: run("diff", *given, cwd=git_repository.folder)


# what is compared


def test_the_work_tree_is_held_against_what_was_committed(repository: Repository, diff: Diff) -> None:
    done = diff()
    assert (done.code, done.stdout, done.stderr) == (0, "", "")
    repository.write("funnels/shop.yaml", LOOSER)
    done = diff()
    assert done.code == 1
    assert "1 limit loosened" in done.stdout
    assert "Other" not in done.stdout
    assert diff("--exit-zero").code == 0


def test_revisions_paths_and_new_files(repository: Repository, diff: Diff) -> None:
    repository.write("funnels/shop.yaml", LOOSER)
    repository.write("funnels/new.yaml", TEXT.replace("October", "New one"))
    assert "A new funnel" in diff("funnels/new.yaml").stdout
    assert "New one" not in diff("funnels/shop.yaml").stdout
    assert diff("--", "funnels/other.yaml").stdout == ""
    second = repository.commit("second")
    assert diff().stdout == ""
    for given in (("HEAD~1",), ("HEAD~1..HEAD",), (f"HEAD~1...{second}", "funnels")):
        done = diff(*given)
        assert done.code == 1
        assert "1 limit loosened" in done.stdout
        assert "New one" in done.stdout


def test_two_files_are_held_against_each_other(repository: Repository, diff: Diff) -> None:
    repository.write("funnels/shop.yaml", LOOSER)
    for given in (
        ("HEAD:funnels/shop.yaml", "funnels/shop.yaml"),
        ("--no-index", "funnels/other.yaml", "funnels/shop.yaml"),
    ):
        done = diff(*given)
        assert done.code == 1
        assert "1 limit loosened" in done.stdout
    assert diff("funnels/other.yaml", "funnels/shop.yaml").stdout.count("Other") == 0


def test_outside_of_a_repository_two_files_are_compared(files: Files, run: Run) -> None:
    files("a.yaml", TEXT)
    files("b.yaml", LOOSER)
    assert "1 limit loosened" in run("diff", "a.yaml", "b.yaml").stdout
    done = run("diff")
    assert done.code == 2
    assert "no git repository" in done.stderr
    assert "name two files" in done.stderr


def test_what_is_both_a_revision_and_a_path_is_refused(repository: Repository, diff: Diff) -> None:
    repository.write("main", "a file")
    done = diff("main")
    assert done.code == 2
    assert "write ./main for the path, or main~0 for the revision" in done.stderr
    assert diff("main~0").code == 0
    done = diff("nonsense")
    assert done.code == 2
    assert "no revision" in done.stderr


# what the next commit will hold


@pytest.mark.parametrize("option", ["--staged", "--cached"])
def test_what_is_staged_is_taken_in_place_of_the_work_tree(repository: Repository, diff: Diff, option: str) -> None:
    """The judge commits it, and asks what that commit did."""
    repository.write("funnels/shop.yaml", LOOSER)
    repository.write("funnels/new.yaml", TEXT.replace("October", "New one"))
    (repository.folder / "funnels/other.yaml").unlink()
    assert diff(option).stdout == ""
    repository.git("add", "--all")
    repository.write("funnels/shop.yaml", TEXT.replace("revenue >= 480000", "revenue >= 1"))
    repository.write("funnels/unknown.yaml", TEXT.replace("October", "Unknown"))
    staged = [
        diff(option, *more, "-f", "json") for more in ((), ("funnels",), ("HEAD",), ("main", "funnels/shop.yaml"))
    ]
    repository.git("commit", "--quiet", "-m", "second")
    for number, done in enumerate(staged):
        after = diff("HEAD~1..HEAD", *(["funnels/shop.yaml"] if number == 3 else []), "-f", "json")
        assert done.code == after.code == 1
        assert done.json["after"] == "the index"
        assert (done.json["funnels"], done.json["files"]) == (after.json["funnels"], after.json["files"])
    assert diff(option).stdout == ""


@pytest.mark.parametrize("path", ["funnels", "funnels/", "./funnels"])
def test_a_folder_that_is_gone_is_no_revision(repository: Repository, diff: Diff, path: str) -> None:
    repository.git("rm", "--quiet", "-r", "funnels")
    for line in (("--staged", path), (path,), ("HEAD", path)):
        done = diff(*line)
        assert (done.code, done.stdout.count("The funnel is gone.")) == (1, 2), done.stderr
    repository.commit()
    done = diff("--staged", "funnels/")
    assert (done.code, done.stdout) == (2, "")
    assert 'no file or folder "funnels/"' in done.stderr


def test_of_the_first_commit_all_is_new(git_repository: Repository, diff: Diff) -> None:
    assert (diff("--staged").code, diff("--staged").stdout) == (0, "")
    git_repository.write("shop.yaml", TEXT)
    assert diff("--staged").stdout == ""
    git_repository.git("add", "--all")
    done = diff("--staged")
    assert (done.code, "A new funnel." in done.stdout) == (0, True), done.stderr
    git_repository.write("shop.yaml", TEXT.replace("revenue >= 480000", "revenue >= 520000"))
    git_repository.git("add", "--all")
    assert diff("--staged").code == 1


def test_the_index_of_a_hook_is_asked(repository: Repository, run: Run) -> None:
    """`git commit FILE` makes an index of its own, and names it to the hooks."""
    repository.write("funnels/shop.yaml", LOOSER)
    repository.git("add", "--all")
    index = str(repository.folder / ".git/other-index")
    repository.git("read-tree", "HEAD", env={"GIT_INDEX_FILE": index})
    done = run("diff", "--staged", cwd=repository.folder, env={"GIT_INDEX_FILE": index})
    assert (done.code, done.stdout) == (0, ""), done.stderr
    assert run("diff", "--staged", cwd=repository.folder).code == 1


def test_a_file_in_conflict_is_refused(repository: Repository, diff: Diff) -> None:
    repository.git("checkout", "--quiet", "-b", "side")
    repository.write("funnels/shop.yaml", TEXT.replace("Paid: 50", "Paid: 49"))
    repository.commit("side")
    repository.git("checkout", "--quiet", "main")
    repository.write("funnels/shop.yaml", TEXT.replace("Paid: 50", "Paid: 51"))
    repository.commit("main")
    with pytest.raises(AssertionError):
        repository.git("merge", "side")
    done = diff("--staged")
    assert (done.code, done.stdout) == (2, "")
    assert "it is in conflict" in done.stderr
    assert diff("--staged", "funnels/other.yaml").code == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("main..HEAD",), '"main..HEAD" names both sides'),
        (("main...",), '"main..." names both sides'),
        (("HEAD:funnels/shop.yaml", "funnels/shop.yaml"), '"HEAD:funnels/shop.yaml" names a side'),
        (("--no-index", "funnels/shop.yaml", "funnels/other.yaml"), "ask for different sides"),
        (("nonsense",), '"nonsense" is no revision'),
        (("main", "funels"), '"funels", here or in main\n'),
    ],
)
def test_what_cannot_be_asked_of_the_index_is_refused(
    repository: Repository, diff: Diff, line: tuple[str, ...], said: str
) -> None:
    done = diff("--staged", *line)
    assert (done.code, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.parametrize("typed", ["main...HEAD", "HEAD...main", "HEAD~0..main", "main", "..main"])
def test_what_is_refused_is_called_as_it_was_typed(repository: Repository, diff: Diff, typed: str) -> None:
    repository.write("funnels/large.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12\n")
    repository.commit("large")
    assert f'"funels", here or in {typed}\n' in diff(typed, "funels").stderr
    repository.git("rm", "--quiet", "funnels/large.yaml")
    repository.git("commit", "--quiet", "-m", "gone")
    for dots in ("...", ".."):
        said = diff(f"HEAD~1{dots}HEAD").stderr
        assert "is a pointer of Git LFS" in said
        assert f"HEAD~1{dots}HEAD" in said or said.startswith("funnelcli: error: HEAD~1:funnels/large.yaml")
        assert not re.search("[0-9a-f]{7,}", said)


def test_a_stage_that_is_added_has_no_count_to_correct() -> None:
    text = TEXT.replace("period: 2026-10\n", "")
    report = report_on([sides(text, text.replace("Offers: 300", "Calls: 400, Offers: 300"))], "a", "b")
    shown = render("table", report, Canvas())
    assert "No period is named" not in shown
    assert re.search(r"^Calls +400$", shown, re.MULTILINE)


# what loosens a file


@pytest.mark.parametrize("now", ["shop.txt", ".hidden/shop.yaml", None])
def test_a_file_that_is_no_longer_checked_loosens_its_limits(now: str | None) -> None:
    report = report_on([sides(TEXT, TEXT if now else None, now=now)], "a", "b")
    assert [each.rule for each in report.funnels[0].loosened] == ["unchecked", "unchecked"]
    assert report.refuses
    free = re.sub(r"checks:\n(  - .*\n)*", "", TEXT)
    assert not report_on([sides(free, free if now else None, now=now)], "a", "b").refuses


def test_a_file_that_is_renamed_is_no_other() -> None:
    report = report_on([sides(TEXT, TEXT, now="funnels/shop.yaml")], "a", "b")
    (found,) = report.funnels
    assert found.is_renamed
    assert not report.refuses
    assert "It was in shop.yaml" in render("table", report, Canvas())


def test_a_silenced_warning_is_told() -> None:
    text = TEXT.replace("Offers: 300", "Offers: 1000")
    silent = text.replace("Paid: 50}", "Paid: 50}  # funnelcli: ignore[FN305]")
    report = report_on([sides(text, silent)], "a", "b")
    assert [each.after for each in report.files[0].loosened] == ["FN305"]
    assert report.funnels == ()
    assert report.refuses
    assert report_on([sides(silent, text)], "a", "b").is_empty
    nothing = TEXT.replace("Paid: 50}", "Paid: 50}  # funnelcli: ignore[FN305]")
    assert report_on([sides(TEXT, nothing)], "a", "b").is_empty


def test_new_warnings_fail_where_a_run_is_strict() -> None:
    text = TEXT.replace("Offers: 300", "Offers: 1000")
    assert not report_on([sides(TEXT, text)], "a", "b").warnings
    report = report_on([sides(TEXT, text)], "a", "b", strict=True)
    assert [each.problem.code for each in report.files[0].warnings] == ["FN305"]
    assert report.refuses
    assert "1 new warning" in render("table", report, Canvas())


def test_a_file_that_no_longer_reads_is_told_and_its_funnels_are_not_gone() -> None:
    report = report_on([sides(TEXT, TEXT.replace("Offers: 300", "Offers: 3000"))], "a", "b")
    assert report.broken == 1
    assert report.loosened == 0
    assert report.files[0].errors[0].problem.code == "FN104"
    back = report_on([sides(TEXT.replace("Offers: 300", "Offers: 3000"), TEXT)], "a", "b")
    assert not back.refuses
    assert "reads again" in render("table", back, Canvas())


WRONG = TEXT.replace("Offers: 300", "Offers: 3000")


@pytest.mark.parametrize("form", ["table", "markdown", "html"])
@pytest.mark.parametrize("old", [TEXT, WRONG], ids=["before", "now"])
def test_what_reads_on_one_side_alone_is_told(old: str, form: str) -> None:
    """Its stages and limits, on the side that they are of, and no word of what was compared."""
    report = report_on([sides(old, WRONG if old == TEXT else TEXT)], "a", "b")
    (found,) = report.funnels
    assert found.change == ("no longer read" if old == TEXT else "read again")
    here = [(each.stage, each.before if old == TEXT else each.after) for each in found.counts]
    assert here == [("Leads", 1000), ("Offers", 300), ("Paid", 50)]
    there = [each.after if old == TEXT else each.before for each in found.counts]
    assert {*there, *(each.after if old == TEXT else each.before for each in found.limits)} == {None}
    assert [each.before if old == TEXT else each.after for each in found.limits] == [
        "conversion@Paid >= 15%",
        "revenue >= 480000",
    ]
    shown = re.sub(r"&gt;", ">", re.sub("&#64;", "@", render(form, report, Canvas())))
    for told in ("Leads", "Offers", "1,000", "conversion@Paid >= 15%", "revenue >= 480000", "not compared"):
        assert told in shown
    assert "No limit loosened" not in shown
    assert "newly fails" not in shown
    assert (report.loosened, report.newly_failing, report.refuses) == (0, 0, old == TEXT)


def test_checks_that_fail_when_a_file_reads_again_newly_fail() -> None:
    report = report_on([sides(WRONG, TEXT.replace(">= 15%", ">= 18%"))], "a", "b")
    assert report.refuses
    for form in ("table", "markdown"):
        assert "1 check newly fails, 1 file reads again" in render(form, report, Canvas())
    assert render("github", report, Canvas()).startswith("::error file=shop.yaml,line=8,")


def test_of_a_file_of_several_funnels_the_others_are_compared() -> None:
    other = TEXT.replace("October", "Other")
    for old, new in ((f"{TEXT}---\n{other}", f"{WRONG}---\n{other}"), (f"{WRONG}---\n{other}", f"{TEXT}---\n{other}")):
        report = report_on([sides(old, new.replace("480000", "470000"))], "a", "b")
        assert {each.name: each.is_compared for each in report.funnels} == {"October": False, "Other": True}
        assert report.loosened == 1


def test_codes_that_the_defaults_ignore_are_loosened() -> None:
    file = FileSides(".funnelcli.yaml", ".funnelcli.yaml", b"currency: EUR\n", b"ignore: [FN306]\n", True)
    report = report_on([file], "a", "b")
    assert [each.after for each in report.files[0].loosened] == ["FN306"]
    assert {each.path for each in report.files[0].keys} == {("currency",), ("ignore",)}


# formats


@pytest.mark.parametrize("form", DIFF_FORMATS)
def test_every_format_is_empty_where_nothing_changed(form: str) -> None:
    text = render(form, report_on([sides(TEXT, f"# why\n{TEXT}")], "a", "b"), Canvas())
    if form == "json":
        assert json.loads(text)["funnels"] == []
    else:
        assert text == "" or form == "html"


def test_json_has_no_verdict_on_what_was_corrected() -> None:
    told = json.loads(render("json", report_on([sides(TEXT, LOOSER)], "HEAD", "the work tree"), Canvas()))
    assert told["summary"] == {
        "funnels": 1,
        "limits_loosened": 1,
        "checks_newly_failing": 1,
        "files_broken": 0,
        "warnings_new": 0,
    }
    (funnel,) = told["funnels"]
    assert funnel["basis"] == "corrected"
    assert funnel["comparison"] is None
    assert funnel["loosened"][0]["location"]["line"] == 8
    later = LOOSER.replace("2026-10", "2026-11")
    told = json.loads(render("json", report_on([sides(TEXT, later)], "HEAD", "the work tree"), Canvas()))
    assert told["funnels"][0]["comparison"]["comparisons"]


def test_annotations_stand_at_their_lines_and_warn_where_nothing_is_refused() -> None:
    report = report_on([sides(TEXT, LOOSER)], "a", "b")
    lines = render("github", report, Canvas()).splitlines()
    assert lines[0].startswith("::error file=shop.yaml,line=9,")
    assert lines[1].startswith("::error file=shop.yaml,line=8,")
    lines = render("github", report._replace(only_told=True), Canvas()).splitlines()
    assert lines[1].startswith("::warning file=shop.yaml,line=8,")


def test_a_comment_of_hundreds_of_funnels_is_short_enough() -> None:
    many = [
        sides(TEXT.replace("October", f"F {n}"), LOOSER.replace("October", f"F {n}"), f"f{n}.yaml") for n in range(300)
    ]
    text = render("markdown", report_on(many, "a", "b"), Canvas())
    assert len(text.encode()) < 65_536
    assert text.startswith("**300 limits loosened, 300 checks newly fail")
    shown, left = text.count("\n## "), re.search(r"… and ([\d,]+) more changed", text)
    assert left
    assert shown + int(left[1].replace(",", "")) == 300


HOSTILE = "<b>@ann `x` ```` </details> ::error::x [a](b)"


@pytest.mark.parametrize("form", DIFF_FORMATS)
def test_text_of_files_is_text(form: str) -> None:
    old = TEXT.replace("Paid: 50", f"'{HOSTILE}': 50").replace("conversion@Paid", "overall_conversion")
    old = old.replace("overall_conversion: +10pp", "entries: x2")
    new = old.replace(": 50}", ": 46}").replace("average_check: 10000", "average_check: 11000").replace("15%", "1%")
    text = render(form, report_on([sides(old, new)], "a", "b"), Canvas())
    if form in ("markdown", "html"):
        outside = re.sub(r"(`{5,}).*?\1", "", text, flags=re.DOTALL) if form == "markdown" else text
        assert "<b>@" not in outside
        assert outside.count("</details>") == outside.count("<details")
    if form == "github":
        assert all("::error::x" not in line or line.startswith("::error file=") for line in text.splitlines())


def test_the_page_is_one_file_with_a_picture() -> None:
    text = render("html", report_on([sides(TEXT, LOOSER.replace("10000", "10300"))], "HEAD", "b"), Canvas())
    assert "<svg" in text
    assert "1 limit loosened" in text
    assert "http://" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", text)


@pytest.mark.parametrize("columns", [60, 80])
def test_a_terminal_is_not_overrun(columns: int) -> None:
    report = report_on([sides(TEXT, LOOSER.replace("10000", "10300"))], "a", "b")
    text = render("table", report, Canvas(width=columns))
    assert max(map(len, text.splitlines())) <= columns


def test_a_page_has_the_colours_of_the_defaults(repository: Repository, diff: Diff) -> None:
    repository.write("funnels/shop.yaml", LOOSER)
    assert "#7a1fa2" not in diff("--format", "html").stdout
    repository.write(".funnelcli.yaml", 'theme: dark\nbrand_color: "#7a1fa2"\n')
    assert "#7a1fa2" in diff("--format", "html", "funnels/shop.yaml").stdout


def test_a_pointer_of_git_lfs_is_refused(repository: Repository, diff: Diff) -> None:
    repository.write("funnels/large.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12\n")
    done = diff()
    assert done.code == 2
    assert "funnels/large.yaml is a pointer of Git LFS" in done.stderr
    repository.write("funnels/shop.yaml", LOOSER)
    assert diff("funnels/shop.yaml").code == 1


def test_branches_and_files_are_completed(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.git("branch", "feature")
    repository.git("tag", "final")
    repository.write("feed.yaml", TEXT)
    monkeypatch.chdir(repository.folder)
    fresh, told = SimpleNamespace(params={"files": []}), SimpleNamespace(params={"files": ["feature"]})
    assert candidates.sides(fresh, "fe") == ["feature", "feed.yaml"]
    assert candidates.sides(fresh, "feature...fi") == ["feature...final"]
    assert candidates.sides(told, "fe") == ["feed.yaml"]
    monkeypatch.chdir(repository.folder.parent)
    assert candidates.sides(fresh, "fe") == []


# money


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("budget: 60000", "budget: 70000", "profit -10,000 EUR (-2.27%)."),
        ("Paid: 50", "Paid: 48", "revenue -20,000 EUR (-4%)."),
    ],
)
def test_profit_is_told_where_it_is_not_that_of_revenue(old: str, new: str, told: str) -> None:
    text = render("table", report_on([sides(TEXT, TEXT.replace(old, new))], "a", "b"), Canvas())
    assert told in text.splitlines()[2]
    assert text.splitlines()[2].count("EUR") == 1


# what the figures of now say of an old limit


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("- conversion@Paid >= 15%", "- conversion@Paid >= 12%", "the limit is lower; 13.3% would fail the old one"),
        ("  - conversion@Paid >= 15%\n", "", "no longer checked; 13.3% would fail it"),
        ("revenue >= 480000", "revenue >= 300000", "the limit is lower; 400,000 EUR would fail the old one"),
        ("revenue >= 480000", "revenue >= 390000", "would fail the old one"),
    ],
)
def test_that_the_figure_of_now_fails_the_old_limit_is_said(old: str, new: str, told: str) -> None:
    after = TEXT.replace("Paid: 50", "Paid: 40").replace(old, new)
    found = report_on([sides(TEXT, after)], "a", "b")
    for form in ("table", "markdown", "html"):
        assert told in render(form, found, Canvas())
    assert found.funnels[0].checks_now is not None
    if "Paid >= 15%" not in old:
        assert told in render("github", found, Canvas())
    unmoved = render("table", report_on([sides(TEXT, TEXT.replace(old, new))], "a", "b"), Canvas())
    assert "would fail" not in unmoved


def test_how_the_checks_stand_is_told_once() -> None:
    found = report_on([sides(TEXT, LOOSER)], "a", "b")
    for form in ("table", "markdown", "html"):
        assert render(form, found, Canvas()).count("Checks now: 1 passed, 1 failed.") == 1
    told = json.loads(render("json", found, Canvas()))["funnels"][0]["checks_now"]
    assert told == {"passed": 1, "failed": 1, "undecided": 0}
    free = re.sub(r"checks:\n(  - .*\n)*", "", TEXT)
    assert "Checks now" not in render("table", report_on([sides(free, free.replace("50}", "51}"))], "a", "b"), Canvas())


@pytest.mark.parametrize(
    "arguments",
    [["main...HEAD", "funels"], ["main", "funels/"], ["HEAD", "funnels/shp.yaml"], ["funels/"], ["funnels/shp.yaml"]],
)
def test_a_path_that_is_on_no_side_is_refused(git_repository: Repository, run: Run, arguments: list[str]) -> None:
    """It would guard nothing for ever, and nobody would see it."""
    git_repository.write("funnels/shop.yaml", "stages: {Visits: 100, Paid: 10}\n")
    git_repository.commit()
    done = run("diff", *arguments, cwd=git_repository.folder)
    assert (done.code, done.stdout) == (2, "")
    assert "there is no file or folder" in done.stderr
    assert 'did you mean "funnels' in done.stderr


@pytest.mark.parametrize("path", ["funnels", "funnels/shop.yaml", "funnels/gone.yaml", "."])
def test_a_path_that_did_not_change_is_quiet(git_repository: Repository, run: Run, path: str) -> None:
    for name in ("shop", "gone", "other"):
        git_repository.write(f"funnels/{name}.yaml", "stages: {Visits: 100, Paid: 10}\n")
    git_repository.commit()
    first = git_repository.git("rev-parse", "HEAD")
    (git_repository.folder / "funnels/gone.yaml").unlink()
    git_repository.commit()
    done = run("diff", "HEAD", path, cwd=git_repository.folder)
    if path == "funnels/gone.yaml":  # on no side of this change
        assert done.code == 2
        done = run("diff", f"{first}..HEAD", path, "--exit-zero", cwd=git_repository.folder)
        assert (done.code, "gone" in done.stdout) == (0, True)
    else:
        assert (done.code, done.stdout) == (0, ""), done.stderr


def test_what_the_other_side_has_gained_is_told_to_be_no_change_of_this_one(
    git_repository: Repository, run: Run
) -> None:
    git_repository.write("shop.yaml", "stages: {Visits: 100, Paid: 10}\n")
    git_repository.commit()
    git_repository.git("branch", "change")
    git_repository.write("shop.yaml", "stages: {Visits: 100, Paid: 20}\n")
    git_repository.commit()
    git_repository.git("checkout", "--quiet", "change")
    told = run("diff", "main", cwd=git_repository.folder)
    assert "main has 1 commit that is not here" in told.stderr
    assert "main...HEAD" in told.stderr
    alone = run("diff", "main...HEAD", cwd=git_repository.folder)
    assert (alone.code, alone.stdout, alone.stderr) == (0, "", "")


def test_money_is_told_where_the_stage_that_brings_it_is_another(files: Files, run: Run) -> None:
    """377 at 63.50 are 23,939.50; 330 at 68 are 22,440; 3.04% of 12,400 and 2.66%."""
    text = "name: Shop\naverage_check: 63.50\nstages: {Visits: 12400, Cart: 830, Paid: 377}\n"
    old = files("old.yaml", text)
    new = files("new.yaml", text.replace("63.50", "68").replace("Paid: 377", "Orders: 330"))
    (found,) = run("diff", "--no-index", old, new, "-f", "json").funnels
    amounts = {each["figure"]: (each["before"], each["after"]) for each in found["amounts"]}
    assert amounts["sales"] == (377, 330)
    assert amounts["average_check"] == (63.5, 68)
    assert amounts["revenue"] == (23_939.5, 22_440)
    assert amounts["overall_conversion"] == pytest.approx((377 / 12_400, 330 / 12_400))
    shown = run("diff", "--no-index", old, new).stdout
    assert "revenue -1,499.50 (-6.26%)" in shown
    for said in ("Average check", "Overall conversion", "Sales", "3.04%", "2.66%"):
        assert said in shown
