"""Formats of `check` in real processes: which one is chosen, where each goes, and what a code host makes of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import BROKEN, INVOICES
from tests.thorough import each_once

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Files, Run

ACTIONS = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": ""}
"""The surroundings of a step, without the summary file of the job that runs these tests."""
LIMITED = INVOICES + "currency: EUR\nchecks: [conversion@Paid >= 60%, revenue >= 400000]\n"
"""A file whose first check fails and whose second one passes: 50% of 100 at 10,000 are 500,000."""


def annotations(stdout: str) -> list[str]:
    """The workflow commands of an output."""
    return [line for line in stdout.splitlines() if line.lstrip().startswith("::")]


@pytest.mark.parametrize(
    ("env", "options", "annotated"),
    [
        (ACTIONS, (), True),
        (ACTIONS, ("--format", "full"), False),
        ({"GITHUB_ACTIONS": "false"}, (), False),
        ({}, (), False),
        ({}, ("--format", "github"), True),
    ],
)
def test_github_actions_get_annotations_by_themselves(
    run: Run, files: Files, env: dict[str, str], options: tuple[str, ...], annotated: bool
) -> None:
    files("broken.yaml", BROKEN)
    outcome = run("check", "./broken.yaml", *options, env=ACTIONS | {"GITHUB_ACTIONS": ""} | env)
    assert outcome.code == 1
    where = [line.partition(" ")[2].split(",title=")[0] for line in annotations(outcome.stdout)]
    assert where == (["file=broken.yaml,line=2,endLine=2,col=27,endColumn=30"] if annotated else [])


def test_the_summary_of_a_job_is_added_to_what_is_there(run: Run, files: Files, tmp_path: Path) -> None:
    files("limited.yaml", LIMITED)
    summary = tmp_path / "summary.md"
    summary.write_text("| before |\n|---|\n| 1 |\n", encoding="utf-8")
    outcome = run("check", "limited.yaml", env=ACTIONS | {"GITHUB_STEP_SUMMARY": str(summary)})
    assert outcome.code == 1
    assert len(annotations(outcome.stdout)) == 1
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("| before |\n|---|\n| 1 |\n")
    assert "\n## funnelcli check\n" in text
    assert "| failed | Invoices · limited.yaml:5 | conversion\\@Paid" in text.replace("&#64;", "\\@")


def test_a_summary_does_not_run_on_from_the_table_of_another_step(run: Run, files: Files, tmp_path: Path) -> None:
    files("limited.yaml", LIMITED)
    files("sound.yaml", INVOICES + "currency: EUR\n")
    summary = tmp_path / "summary.md"
    for file in ("limited.yaml", "sound.yaml"):
        run("check", file, env=ACTIONS | {"GITHUB_STEP_SUMMARY": str(summary)})
    lines = summary.read_text(encoding="utf-8").splitlines()
    second = max(index for index, line in enumerate(lines) if line.startswith("Found "))
    assert lines[second - 1] == ""
    assert lines[second - 2].startswith("| passed |")


def test_only_annotations_come_with_a_summary(run: Run, files: Files, tmp_path: Path) -> None:
    files("broken.yaml", BROKEN)
    summary = tmp_path / "summary.md"
    run("check", "broken.yaml", "--format", "json", env=ACTIONS | {"GITHUB_STEP_SUMMARY": str(summary)})
    assert not summary.exists()


def test_a_summary_that_cannot_be_written_is_said_and_leaves_the_report(run: Run, files: Files, tmp_path: Path) -> None:
    files("broken.yaml", BROKEN)
    outcome = run("check", "broken.yaml", env=ACTIONS | {"GITHUB_STEP_SUMMARY": str(tmp_path)})
    assert outcome.code == 2
    assert len(annotations(outcome.stdout)) == 1
    assert "cannot write" in outcome.stderr


def test_several_outputs_at_once(run: Run, files: Files, tmp_path: Path) -> None:
    """One run writes a report for every reader, and standard output as well."""
    files("limited.yaml", LIMITED)
    wanted = ["json", "gitlab", "junit", "sarif", "markdown", "concise", "full"]
    options = [part for name in wanted for part in ("--output", f"{name}={name}.out")]
    outcome = run("check", "limited.yaml", *options, env=ACTIONS)
    assert outcome.code == 1
    assert len(annotations(outcome.stdout)) == 1
    text = {name: (tmp_path / f"{name}.out").read_text(encoding="utf-8") for name in wanted}
    assert json.loads(text["json"])["summary"]["checks_failed"] == 1
    assert [each["check_name"] for each in json.loads(text["gitlab"])] == ["FN401"]
    (suite,) = ElementTree.fromstring(text["junit"])
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], []]
    assert [each["ruleId"] for each in json.loads(text["sarif"])["runs"][0]["results"]] == ["FN401"]
    assert text["markdown"].startswith("## funnelcli check\n")
    assert text["concise"].startswith("limited.yaml:5:10: error[FN401] ")
    assert text["full"].startswith("Invoices · limited.yaml\n")


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("report.xml", "<?xml "),
        ("report.sarif", "{\n"),
        ("report.md", "## funnelcli check"),
        ("report.json", '{"schema_version"'),
        ("report.txt", "broken.yaml:2:27: error[FN104]"),
    ],
)
def test_the_ending_of_an_output_chooses_its_format(
    run: Run, files: Files, tmp_path: Path, name: str, start: str
) -> None:
    files("broken.yaml", BROKEN)
    outcome = run("check", "broken.yaml", "--output", name)
    assert (outcome.code, outcome.stdout) == (1, "")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


@pytest.mark.parametrize("ending", [".yaml", ".yml", ".csv", ".html", ".pdf", ".yam"])
def test_an_ending_that_no_format_has_is_refused_before_anything_is_written(
    run: Run, files: Files, tmp_path: Path, ending: str
) -> None:
    files("broken.yaml", BROKEN)
    outcome = run("check", "broken.yaml", "--output", f"report{ending}")
    assert outcome.code == 2
    assert "end it with .json, .xml, .sarif, .md or .txt, or choose --format" in outcome.stderr
    assert not (tmp_path / f"report{ending}").exists()
    named = run("check", "broken.yaml", "--format", "full", "--output", f"report{ending}")
    assert (named.code, (tmp_path / f"report{ending}").exists()) == (1, True)


@pytest.mark.parametrize("name", ["github", "gitlab", "junit", "sarif", "markdown"])
def test_an_absolute_path_is_named_from_the_working_directory(
    run: Run, files: Files, tmp_path: Path, name: str
) -> None:
    path = files("broken.yaml", BROKEN)
    outcome = run("check", path, "--format", name, env={"GITHUB_STEP_SUMMARY": ""})
    assert "broken.yaml" in outcome.stdout
    assert str(tmp_path) not in outcome.stdout.replace("\\", "")  # Markdown escapes underscores


def named(name: str, stdout: str) -> str:
    """The file that a report of one finding names."""
    if name == "github":
        return annotations(stdout)[0].partition("file=")[2].partition(",")[0]
    if name == "gitlab":
        return str(json.loads(stdout)[0]["location"]["path"])
    if name == "junit":
        return str(ElementTree.fromstring(stdout)[0].get("name"))
    if name == "sarif":
        (result,) = json.loads(stdout)["runs"][0]["results"]
        return str(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
    return stdout.partition("| ")[2].rpartition("broken.yaml")[0].rpartition("| ")[2] + "broken.yaml"


@pytest.mark.parametrize(
    ("name", "told"),
    each_once(
        ["github", "gitlab", "junit", "sarif", "markdown", "markdown"], ["CI_PROJECT_DIR", "GITHUB_WORKSPACE", ""]
    ),
)
def test_files_are_named_from_the_repository_wherever_the_job_stands(
    run: Run, tmp_path: Path, name: str, told: str
) -> None:
    repository = tmp_path / "repository"
    folder = repository / "shop" / "funnels"
    folder.mkdir(parents=True)
    (repository / ".git").touch()  # a file in worktrees and submodules
    (folder / "broken.yaml").write_text(BROKEN)
    (tmp_path / "link").symlink_to(repository)
    env = {"GITHUB_STEP_SUMMARY": ""} | ({told: str(tmp_path / "link")} if told else {})
    relative = "broken.yaml" if name == "markdown" and not told else "shop/funnels/broken.yaml"
    for cwd, file in (
        (folder, "broken.yaml"),
        (folder, "."),
        (folder.parent, "funnels/../funnels/broken.yaml"),
        (folder, str(tmp_path / "link" / "shop" / "funnels" / "broken.yaml")),
        *([(tmp_path, "link/shop/funnels/broken.yaml")] if told else []),
    ):
        shown = named(name, run("check", file, "--format", name, env=env, cwd=cwd).stdout)
        if name == "markdown" and not told:
            assert shown.endswith(relative)
        else:
            assert shown == relative, (cwd, file)
    outside = tmp_path / "broken.yaml"
    outside.write_text(BROKEN)
    shown = named(name, run("check", outside, "--format", name, env=env, cwd=folder).stdout)
    assert shown.replace("\\", "").removeprefix("file://") == str(outside)


@pytest.mark.parametrize("name", ["full", "concise", "json"])
def test_people_read_the_path_that_they_typed(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "funnels").mkdir()
    (tmp_path / "funnels" / "broken.yaml").write_text(BROKEN)
    env = {"CI_PROJECT_DIR": str(tmp_path)}
    shown = run("check", "broken.yaml", "--format", name, env=env, cwd=tmp_path / "funnels").stdout
    assert "broken.yaml" in shown
    assert "funnels" not in shown.replace("(1 funnel)", "").replace('"funnels"', "")


@pytest.mark.parametrize("name", ["sarif", "gitlab"])
def test_it_is_said_what_a_format_leaves_out(run: Run, name: str) -> None:
    limit = ("--stage", "A=100", "--stage", "B=10", "--check", "conversion@B >= 50%")
    done = run("check", *limit, "--format", name)
    assert done.code == 1
    assert f"1 finding that stands in no file is left out: {name} needs a file for each" in done.stderr
    assert "left out" not in run("check", *limit, "--format", "junit").stderr


def test_standard_input_has_no_file_to_annotate_unless_it_is_named(run: Run) -> None:
    nameless = run("check", "-", stdin=BROKEN, env=ACTIONS)
    named = run("check", "-", "--stdin-filename", "./shop/broken.yaml", stdin=BROKEN, env=ACTIONS)
    assert annotations(nameless.stdout)[0].startswith("::error title=FN104::<stdin>:2:27: ")
    assert annotations(named.stdout)[0].startswith("::error file=shop/broken.yaml,line=2,")


def test_a_limit_of_the_command_line_stands_at_its_funnel(run: Run, files: Files) -> None:
    files("invoices.yaml", INVOICES + "currency: EUR\n")
    outcome = run("check", "invoices.yaml", "--check", "revenue >= 600000", env=ACTIONS)
    (annotation,) = annotations(outcome.stdout)
    assert annotation.startswith("::error file=invoices.yaml,line=1,")
    assert "title=FN401::failed: revenue >= 600000" in annotation


@pytest.mark.parametrize("name", ["gitlab", "junit", "sarif"])
def test_programs_can_read_the_report_in_any_encoding(run: Run, files: Files, name: str) -> None:
    files("funnel.yaml", "stages: {Показы: 1, Клики: 2}\n")
    outcome = run("check", "funnel.yaml", "--format", name, env={"PYTHONIOENCODING": "ascii"})
    parsed = ElementTree.fromstring(outcome.stdout) if name == "junit" else json.loads(outcome.stdout)
    text = ElementTree.tostring(parsed, "unicode") if name == "junit" else json.dumps(parsed, ensure_ascii=False)
    assert "Показы" in text


@pytest.mark.parametrize("name", ["full", "concise", "json", "github", "gitlab", "junit", "sarif", "markdown"])
def test_a_name_is_no_workflow_command(run: Run, files: Files, name: str) -> None:
    """The runner reads every line of a step, whatever the format."""
    files("::error::broken.yaml", 'name: "::error::funnel"\nstages: {"::error::Paid": 1, b: 2}\n')
    files(
        "::error::failed.yaml", 'name: "::error::funnel"\nstages: {a: 2000, b: 1000}\nchecks: [conversion@b >= 60%]\n'
    )
    outcome = run("check", ".", "--format", name, env=ACTIONS)
    assert outcome.code == 1
    ours = ["::error file=%3A%3Aerror%3A%3Abroken.yaml,", "::error file=%3A%3Aerror%3A%3Afailed.yaml,"]
    found = [line.partition("line=")[0] for line in annotations(outcome.stdout)]
    assert found == (ours if name == "github" else [])
