"""Where funnels are checked by others: the hook of pre-commit and the action of GitHub."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import BROKEN, INVOICES, UNEVEN, environment
from tests.conftest import ROOT

ACTION = yaml.safe_load((ROOT / ".github/actions/check/action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
(CHECK,) = (step for step in STEPS if step["name"] == "Check funnels")
HOSTILE = "$(touch pwned)\n`touch pwned`\n; touch pwned\n\"; touch pwned; \"\n'; touch pwned; '\n&& touch pwned"
"""Lines that touch a file wherever one of them is run."""


def check(folder: Path, bash: str, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the action's own script as the runner does: defaults for the inputs that are not given."""
    values = {name: str(each["default"]) for name, each in ACTION["inputs"].items()} | inputs
    env = {"BIN": sysconfig.get_path("scripts"), "GITHUB_ACTIONS": "true"}
    for name, source in CHECK["env"].items():
        if name != "BIN":
            env[name] = values[source.removeprefix("${{ inputs.").removesuffix(" }}")]
    script = folder.parent / "step.sh"
    script.write_text(CHECK["run"], encoding="utf-8")
    return subprocess.run(
        [bash, "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=folder,
        env=environment(env | {"GITHUB_STEP_SUMMARY": str(folder.parent / "summary.md")}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="session")
def bash() -> str:
    found = shutil.which("bash")
    if found is None:
        pytest.skip("bash is not installed")
    return found


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A checkout with one sound funnel in `funnels/`."""
    folder = tmp_path / "work"
    (folder / "funnels").mkdir(parents=True)
    (folder / "funnels/good.yaml").write_text(INVOICES, encoding="utf-8")
    return folder


def test_the_action_passes_sound_funnels(work: Path, bash: str) -> None:
    result = check(work, bash)
    assert (result.returncode, result.stderr) == (0, "")
    assert "::error" not in result.stdout


def test_the_action_annotates_a_broken_funnel_and_fails(work: Path, bash: str) -> None:
    (work / "funnels/bad.yaml").write_text(BROKEN, encoding="utf-8")
    result = check(work, bash)
    assert result.returncode == 1
    assert "::error file=funnels/bad.yaml,line=2," in result.stdout
    assert "FN104" in result.stdout
    assert "FN104" in (work.parent / "summary.md").read_text(encoding="utf-8")


def test_the_action_takes_one_path_a_line_with_spaces_in_it(work: Path, bash: str) -> None:
    (work / "other place").mkdir()
    (work / "other place/bad one.yaml").write_text(BROKEN, encoding="utf-8")
    result = check(work, bash, paths="funnels\n\nother place/bad one.yaml\n")
    assert result.returncode == 1
    assert "file=other place/bad one.yaml," in result.stdout


def test_strict_of_the_action_fails_on_a_warning(work: Path, bash: str) -> None:
    (work / "funnels/uneven.yaml").write_text(UNEVEN, encoding="utf-8")
    assert check(work, bash).returncode == 0
    assert check(work, bash, strict="true").returncode == 1
    unknown = check(work, bash, strict="yes")
    assert (unknown.returncode, unknown.stdout) == (2, "::error::the input strict is neither true nor false\n")


def test_the_action_passes_a_baseline_and_more_arguments_on(work: Path, bash: str) -> None:
    """50 of 100 are paid; in the baseline, 60 of 100."""
    (work / "last month.yaml").write_text(INVOICES.replace("50", "60"), encoding="utf-8")
    limit = "--check\nconversion@Paid >= baseline"
    missed = check(work, bash, baseline="last month.yaml", args=limit)
    assert missed.returncode == 1, missed.stderr
    held = check(work, bash, baseline="last month.yaml", args=f"{limit} - 10pp")
    assert held.returncode == 0, held.stdout


@pytest.mark.parametrize("name", ["paths", "strict", "baseline", "args"])
def test_nothing_in_an_input_of_the_action_is_run(work: Path, bash: str, name: str) -> None:
    before = sorted(work.rglob("*"))
    result = check(work, bash, **{name: HOSTILE})
    assert result.returncode == 2
    assert sorted(work.rglob("*")) == before


def test_a_path_of_the_action_is_never_an_option(work: Path, bash: str) -> None:
    result = check(work, bash, paths="--help")
    assert result.returncode == 2
    assert "--help" in result.stderr


def test_the_action_puts_no_expression_into_a_script() -> None:
    """The runner replaces expressions before the shell reads the script, so one in it could run anything."""
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert len(scripts) == 3
    for script in scripts:
        assert "${{" not in script


def test_inputs_of_the_action_are_declared_and_used() -> None:
    used = {value for step in STEPS for value in (step.get("env", {}) | step.get("with", {})).values()}
    for name, each in ACTION["inputs"].items():
        assert each["description"].endswith(".")
        assert f"${{{{ inputs.{name} }}}}" in used
    assert sum("inputs." in str(value) for value in used) == len(ACTION["inputs"])


def test_other_actions_are_pinned_to_a_commit() -> None:
    (used,) = [step["uses"] for step in STEPS if "uses" in step]
    _, _, commit = used.partition("@")
    assert len(commit) == 40
    assert int(commit, 16)


@pytest.mark.parametrize(
    ("package", "expected"), [("", str(ROOT)), ("funnelcli==0.2.0", "funnelcli==0.2.0"), ("$(touch pwned)",) * 2]
)
def test_the_action_installs_its_own_version_or_the_one_that_is_named(
    tmp_path: Path, bash: str, package: str, expected: str
) -> None:
    """With a Python that only notes how it is called."""
    called = tmp_path / "called"
    python = tmp_path / "python"
    python.write_text(
        f'#!{bash}\nprintf "%s\\n" "$@" >> "{called}"\n'
        'if [[ $2 == venv ]]; then mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; fi\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    env = {
        "PYTHON": str(python),
        "PACKAGE": package,
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_ACTION_PATH": str(ROOT / ".github/actions/check"),
    }
    subprocess.run([bash, "-eo", "pipefail", "-c", STEPS[1]["run"]], cwd=tmp_path, env=environment(env), check=True)
    installed = called.read_text(encoding="utf-8").splitlines()[-1]
    assert (installed if package else str(Path(installed).resolve())) == expected
    assert not (tmp_path / "pwned").exists()
    assert (tmp_path / "output").read_text(encoding="utf-8") == f"bin={tmp_path}/funnelcli/bin\n"


def test_the_hook_takes_yaml_below_a_folder_of_funnels() -> None:
    import re

    hook, other, diff = HOOKS
    assert (diff["always_run"], diff["pass_filenames"]) == (True, False)  # it asks git itself
    assert {key for key in hook if hook[key] != other[key]} == {"id", "name", "description", "entry"}
    assert hook["types"] == ["yaml"]
    taken = re.compile(hook["files"])
    left = re.compile(hook["exclude"])
    for path in ("funnels/a.yaml", "marketing/funnels/2026/b.yml", "shop.funnel.yaml", "marketing/.new.funnel.yml"):
        assert taken.search(path)
        assert not left.search(path)
    assert left.search("funnels/.funnelcli.yaml")  # defaults
    for path in (".github/workflows/checks.yml", "myfunnels/a.yaml", "funnels.yaml"):
        assert not taken.search(path)


@pytest.mark.slow
def test_the_hook_stops_a_broken_funnel_in_pre_commit(
    tmp_path: Path, tried_versions: Path, package_index: None
) -> None:
    """A real run: pre-commit clones the project, installs it from the package index and starts it on staged files."""
    pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    env = environment(
        {name: str(tmp_path / "home") for name in ("HOME", "PRE_COMMIT_HOME", "XDG_CACHE_HOME")}
        | {"PIP_CONSTRAINT": str(tried_versions), "PIP_NO_COMPILE": "0"}  # of what is installed, little is loaded
        | {f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    )
    env = {name: value for name, value in env.items() if name not in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE")}

    def repository(folder: Path) -> Path:
        for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "All"]):
            subprocess.run([git, *command], cwd=folder, env=env, check=True, capture_output=True)
        return folder

    project = tmp_path / "project"
    shutil.copytree(ROOT / "funnelcli", project / "funnelcli", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, project)
    (project / ".github").mkdir()
    shutil.copy(ROOT / ".github/man_pages.py", project / ".github")  # a step of the build
    repository(project)
    revision = subprocess.run([git, "rev-parse", "HEAD"], cwd=project, env=env, check=True, capture_output=True)
    user = tmp_path / "user"
    (user / "funnels").mkdir(parents=True)
    (user / "funnels/good.yaml").write_text(INVOICES, encoding="utf-8")
    (user / "other.yaml").write_text("not: a funnel\n", encoding="utf-8")
    rev = revision.stdout.decode().strip()
    (user / ".pre-commit-config.yaml").write_text(
        f"repos: [{{repo: {project}, rev: {rev}, hooks: [{{id: funnelcli-check}}]}}]\n", encoding="utf-8"
    )
    repository(user)

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files"]  # installs it the first time alone
        return subprocess.run(command, cwd=user, env=env, capture_output=True, text=True, check=False, timeout=300)

    good = run()
    assert good.returncode == 0, good.stdout + good.stderr
    assert "Passed" in good.stdout
    (user / "funnels/bad.yaml").write_text(BROKEN, encoding="utf-8")
    subprocess.run([git, "add", "--all"], cwd=user, env=env, check=True)
    bad = run()
    assert bad.returncode == 1
    assert "funnels/bad.yaml:2:" in bad.stdout
    assert "error[FN104]" in bad.stdout
    assert "other.yaml" not in bad.stdout
