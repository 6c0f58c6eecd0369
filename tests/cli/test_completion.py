"""Completion in the shell: what is offered, and in a form that the shell can insert."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.cli import destination
from funnelcli.cli.arguments import funnel_file_here
from funnelcli.cli.completion import candidates
from funnelcli.cli.console import Refused
from funnelcli.cli.request import Request
from funnelcli.cli.searching import search
from funnelcli.diagnostics import Problem
from funnelcli.docs import codes
from funnelcli.funnel_file.changes import check, parse_set
from funnelcli.funnel_file.reader import read
from tests.cli.conftest import BROKEN, Files, Outcome, Repository, Run, begun, environment

if TYPE_CHECKING:
    from pathlib import Path

SHOP = """\
name: Shop one
average_check: 100
stages: {Ad seen: 1000, Invoice sent: 100, Paid: 50}
scenarios: {Better scripts: {conversion@Paid: 60%}, More ads: {entries: +10%}}
breakdowns: {channel: {Ads: [600, 60, 30], Search: [400, 40, 20]}, month: {May: [1000, 100, 50]}}
"""
HOSTILE = """it's "x" `touch pwned` $(touch pwned) \\\\$(touch pwned) a:b; touch pwned"""
"""A stage's name that would touch a file wherever a shell ran a part of it."""
ZSH_ANSWER = re.compile(
    r"local -a found; found=\(((?:\$'(?:\w|\\x[0-9a-f]{2})*' ?)+)\); _describe -V value found( -S '')?\n"
)
"""The only code that zsh is given to evaluate: texts of letters, digits and escapes."""


@pytest.fixture
def bash(run: Run) -> Any:
    """Ask as bash does, with the words as it cuts them; the last one is the cursor's."""

    def ask(*words: str, **settings: Any) -> Outcome:
        asked = {"COMP_WORDS": "\n".join(("funnelcli", *words)), "COMP_CWORD": str(len(words))}
        return run(env=asked | {"_FUNNELCLI_COMPLETE": "complete_bash"}, **settings)

    return ask


@pytest.fixture
def zsh(run: Run) -> Any:
    """Ask as zsh does, with the line up to the cursor; gives the words it is offered, with their descriptions."""

    def ask(line: str) -> list[str]:
        outcome = run(env={"_TYPER_COMPLETE_ARGS": f"funnelcli {line}", "_FUNNELCLI_COMPLETE": "complete_zsh"})
        assert (outcome.code, outcome.stderr) == (0, "")
        match = ZSH_ANSWER.fullmatch(outcome.stdout)
        assert match, outcome.stdout
        texts = re.findall(r"\$'([^']*)'", match[1])
        return [re.sub(r"\\x(..)", lambda escape: chr(int(escape[1], 16)), text) for text in texts]

    return ask


def lines(outcome: Outcome) -> list[str]:
    assert (outcome.code, outcome.stderr) == (0, "")
    return outcome.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["sc"], ["scenario", "schema"]),
        (["scenario", "--sc"], ["--scenario"]),
        (["show", "--format", "c"], ["csv"]),
        (["show", "f"], ["f.yaml"]),
        (["bottleneck", "f.yaml", "--baseline", "f"], ["f.yaml"]),
        (["show", "f.yaml", "--confidence", ""], ["90%", "95%", "99%"]),
        (["show", "f.yaml", "--funnel", ""], [r"Shop\ one"]),
        (["show", "f.yaml", "--segment", ""], ["channel=", "month="]),
        (["show", "f.yaml", "--segment", "ch"], ["channel=Ads", "channel=Search"]),
        (["check", "f.yaml", "--segment", "channel", "=", "S"], ["Search"]),
        (["scenario", "f.yaml", "--scenario", ""], [r"Better\ scripts", r"More\ ads"]),
        (["scenario", "f.yaml", "--scenario", "Better\\ s"], [r"Better\ scripts"]),
        (["scenario", "f.yaml", "--scenario", '"B'], ["Better scripts"]),
        (["scenario", "f.yaml", "--scenario", "'B"], ["Better scripts"]),
        (["scenario", "f.yaml", "--set", "co"], ["count@", "conversion@", "cost@"]),
        (["scenario", "f.yaml", "--set", "conv"], [r"conversion@Invoice\ sent=", "conversion@Paid="]),
        (["scenario", "f.yaml", "--set", "conversion", "@"], [r"Invoice\ sent=", "Paid="]),
        (["scenario", "f.yaml", "--set", "count", "@"], [r"Ad\ seen=", r"Invoice\ sent=", "Paid="]),
        (["scenario", "f.yaml", "--set", "conversion", "@", "P"], ["Paid=+10%", "Paid=+5pp", "Paid=x1.5"]),
        (["scenario", "f.yaml", "--set", "conversion", "@", "Invoice\\ sent", "="], ["+10%", "+5pp", "x1.5"]),
        (["scenario", "f.yaml", "--set", "conversion", "@", "Paid", "=", "x"], ["x1.5"]),
        (["scenario", "f.yaml", "--set", '"conversion@'], ["conversion@Invoice sent=", "conversion@Paid="]),
        (["scenario", "f.yaml", "--set", "=", "bud"], ["budget=+10%", "budget=+100", "budget=x1.5"]),
        (["scenario", "f.yaml", "--set", "average_check"], ["average_check=", "average_check@"]),
        (["scenario", "--stage", "A", "=", "9", "--stage", "B", "=", "3", "--set", "count", "@"], ["A=", "B="]),
        (["scenario", "A", "=", "9", "B", "=", "3", "--set", "count", "@"], ["A=", "B="]),
        (["scenario", "--set", "conv"], ["conversion@"]),
        (
            ["check", "f.yaml", "--check", "conversion", "@", "P"],
            [r"Paid\ \>=\ ", r"Paid\ \<=\ ", r"Paid\ within\ usual", r"Paid\ \>=\ usual", r"Paid\ \<=\ usual"],
        ),
        (
            ["check", "f.yaml", "--check", '"revenue@I'],
            [f"revenue@Invoice sent {form}" for form in (">= ", "<= ", "within usual", ">= usual", "<= usual")],
        ),
        (["check", ".", "--check", "conversion", "@", ""], ["f.yaml"]),
        (["check", ".", "--check", "conversion", "@"], [r"Invoice\ sent", "Paid"]),
        (["explain", "FN104", "FN10"], [code for code in codes() if code.startswith("FN10") and code != "FN104"]),
        (["check", "f.yaml", "--only", "FN104"], []),
        (["check", "f.yaml", "--ignore", "FN302,FN301"], ["FN302,FN301"]),
        (["init", "ai"], ["aida"]),
        (["import", "deals.csv", "--as", "hubspot"], ["hubspot_deals"]),
        (["no-such-command", ""], []),
    ],
)  # fmt: skip
def test_bash_is_offered_what_fits(bash: Any, files: Files, words: list[str], expected: list[str]) -> None:
    files("f.yaml", SHOP)
    assert lines(bash(*words)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "scenario f.yaml --set conversion@P",
            ["conversion@Paid=+10%", "conversion@Paid=+5pp", "conversion@Paid=x1.5"],
        ),
        ("scenario f.yaml --set=conversion@", ["--set=conversion@Invoice sent=", "--set=conversion@Paid="]),
        ("scenario f.yaml --scenario Better\\ ", ["Better scripts"]),
        ("scenario f.yaml --scenario 'More a", ["More ads"]),
        ("explain FN104 FN106", ["FN106:a name used twice"]),
        ("init two", ["two-step:Two-step sale"]),
    ],
)
def test_zsh_is_offered_what_fits(zsh: Any, files: Files, line: str, expected: list[str]) -> None:
    files("f.yaml", SHOP)
    assert zsh(line) == expected


def test_words_that_go_on_get_no_blank_in_zsh(run: Run, files: Files) -> None:
    files("f.yaml", SHOP)
    ends = []
    for line in ("funnelcli scenario f.yaml --set co", "funnelcli scenario f.yaml --scenario "):
        outcome = run(env={"_TYPER_COMPLETE_ARGS": line, "_FUNNELCLI_COMPLETE": "complete_zsh"})
        ends.append(outcome.stdout.endswith("-S ''\n"))
    assert ends == [True, False]


def test_fish_and_powershell_get_words_and_titles(run: Run) -> None:
    asked = {"_TYPER_COMPLETE_ARGS": "funnelcli explain FN106", "_TYPER_COMPLETE_WORD_TO_COMPLETE": "FN106"}
    fish = asked | {"_FUNNELCLI_COMPLETE": "complete_fish"}
    assert run(env=fish | {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}).stdout == "FN106\ta name used twice\n"
    assert run(env=fish | {"_TYPER_COMPLETE_FISH_ACTION": "is-args"}).code == 0
    nothing = {"_TYPER_COMPLETE_ARGS": "funnelcli explain FN999", "_TYPER_COMPLETE_FISH_ACTION": "is-args"}
    assert run(env=fish | nothing).code == 1
    powershell = asked | {"_FUNNELCLI_COMPLETE": "complete_powershell"}
    assert run(env=powershell).stdout == "FN106:::a name used twice\n"


@pytest.mark.parametrize("text", [BROKEN, "{", "\x00", "", "stages: {A: [" * 40], ids=range(5))
def test_a_broken_file_has_nothing_to_offer(bash: Any, files: Files, text: str) -> None:
    files("bad.yaml", text)
    for words in (["--set", "co"], ["--scenario", ""], ["--funnel", ""]):
        assert lines(bash("scenario", "bad.yaml", *words)) == []


@pytest.mark.parametrize("path", ["missing.yaml", ".", "-", "/dev/zero", "pipe", "large.yaml", "~nobody/x", "a\x01b"])
def test_what_is_no_funnel_file_is_passed_over(bash: Any, files: Files, tmp_path: Path, path: str) -> None:
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    with open(tmp_path / "large.yaml", "wb") as stream:
        stream.truncate(candidates.LARGEST_FILE + 1)
    assert lines(bash("scenario", path, "--set", "conversion", "@")) == []


def test_folders_are_left_to_the_shell_which_can_enter_them(bash: Any, files: Files, tmp_path: Path) -> None:
    files("funnel.yaml", SHOP)
    files("notes.txt", "")
    files(".hidden.yaml", SHOP)
    assert lines(bash("show", "")) == ["funnel.yaml"]
    (tmp_path / "funnels").mkdir()
    assert lines(bash("show", "")) == []
    assert lines(bash("show", "funnel.")) == ["funnel.yaml"]
    assert lines(bash("show", "no such folder/x")) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"_FUNNELCLI_COMPLETE": "complete_bash"},
        {"_FUNNELCLI_COMPLETE": "complete_zsh"},
        {"_FUNNELCLI_COMPLETE": "complete_tcsh"},
        {"_FUNNELCLI_COMPLETE": "complete_bash", "COMP_WORDS": "funnelcli", "COMP_CWORD": "x"},
    ],
    ids=["no words", "no line", "another shell", "no number"],
)
def test_a_question_that_makes_no_sense_is_answered_by_silence(run: Run, asked: dict[str, str]) -> None:
    outcome = run(env=asked)
    assert (outcome.code, outcome.stdout, outcome.stderr) == (1, "", "")


def test_completing_loads_nothing_heavy(bash: Any, zsh: Any, files: Files) -> None:
    files("f.yaml", SHOP)
    watch = (
        "import os, sys\n"
        "leave = os._exit\n"
        "def tell(code):\n"
        "    print(sorted({'rich', 'numpy', 'pydantic'} & set(sys.modules)), file=sys.stderr, flush=True)\n"
        "    leave(code)\n"
        "os._exit = tell"
    )
    for words in (["sc"], ["explain", "FN1"], ["scenario", "f.yaml", "--set", "conversion", "@"]):
        outcome = bash(*words, script=watch)
        assert outcome.stdout
        assert outcome.stderr == "[]\n"


def test_names_are_text_for_zsh_whatever_they_hold(zsh: Any, files: Files) -> None:
    """The fixture holds that the answer is nothing but texts; `_describe` takes a backslash off each pair."""
    files("f.yaml", "stages: {First: 9, " + _yaml(HOSTILE) + ": 3, Last: 1}\n")
    word = zsh("scenario f.yaml --set conversion@")[0]
    assert re.sub(r"\\(.)", r"\1", word) == f"conversion@{HOSTILE}="


def _yaml(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_every_form_of_change_that_is_offered_is_understood() -> None:
    (funnel,) = read(SHOP.encode(), "f.yaml").funnels
    context = SimpleNamespace(params={"stage": ["Ad seen=1000", "Paid=50"]})
    offered = []
    for start in candidates.changes(context, ""):
        for word in candidates.changes(context, start + "Paid=" if start.endswith("@") else start):
            offered.append(word)
            assert not isinstance(parse_set(word, funnel), Problem), word
    assert {"entries=+10%", "conversion@Paid=+5pp", "spend_elasticity=x1.5"} <= set(offered)


def test_every_metric_that_is_offered_for_a_limit_can_be_limited() -> None:
    context = SimpleNamespace(params={"stage": ["Ad seen=1000", "Paid=50"]})
    offered = candidates.limits(context, "")
    assert "conversion@" in offered
    for start in offered:
        for word in candidates.limits(context, start + "Paid" if start.endswith("@") else start):
            written = word if word.endswith("usual") else f"{word}1" if "=" in word else f"{word} >= 1"
            assert word.endswith("@") or not isinstance(check(written, ["Ad seen", "Paid"]), Problem), word


@pytest.fixture(scope="session")
def shell() -> str:
    found = shutil.which("bash")
    if found is None:
        pytest.skip("bash is not installed")
    version = subprocess.run([found, "-c", "echo $BASH_VERSINFO"], capture_output=True, text=True, check=True).stdout
    if int(version) < 4:
        pytest.skip("bash is too old for completion")
    return found


def in_bash(shell: str, folder: Path, script: str, **variables: str) -> str:
    """What a bash says that has sourced the script of `--show-completion`."""
    path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
    result = subprocess.run(
        [shell, "--noprofile", "--norc", "-c", f'eval "$(funnelcli --show-completion)"\n{script}'],
        cwd=folder,
        env=environment({"PATH": path} | variables),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert result.stderr == ""
    return result.stdout


def test_a_real_bash_completes_names_with_blanks(shell: str, files: Files, tmp_path: Path) -> None:
    files("f.yaml", SHOP)
    said = in_bash(
        shell,
        tmp_path,
        "complete -p funnelcli\n"
        "COMP_WORDS=(funnelcli scenario f.yaml --set conversion @) COMP_CWORD=5\n"
        "_funnelcli_completion funnelcli @ conversion\n"
        'printf "[%s]" "${COMPREPLY[@]}"',
    )
    assert said == "complete -o default -F _funnelcli_completion funnelcli\n[Invoice\\ sent=][Paid=]"


@pytest.mark.parametrize("quote", ["", "'", '"'], ids=["bare", "single", "double"])
def test_what_bash_inserts_is_read_back_as_the_name(shell: str, files: Files, tmp_path: Path, quote: str) -> None:
    """The completion is put on a line as readline would and read by bash; nothing of it runs."""
    files("f.yaml", "stages: {First: 9, " + _yaml(HOSTILE) + ": 3}\n")
    said = in_bash(
        shell,
        tmp_path,
        'COMP_WORDS=(funnelcli scenario f.yaml --set "${QUOTE}count@i") COMP_CWORD=4\n'
        "_funnelcli_completion funnelcli\n"
        'eval "word=$QUOTE${COMPREPLY[0]}$QUOTE"\n'
        'printf "%s" "$word"',
        QUOTE=quote,
    )
    assert said == f"count@{HOSTILE}=+10%"
    assert [path.name for path in tmp_path.iterdir()] == ["f.yaml"]


HIDDEN = """\
name: Team
average_check: 100
stages:
  - {name: Lead, count: 100, open: 10, lost_unplaced: 60}
  - {name: Call, count: 40}
  - {name: Offer, count: 35, open: 5}
  - {name: Won, count: 30, role: customer}
  - {name: Renewed, count: 12}
"""


def test_an_ending_in_capitals_is_that_of_a_funnel_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is for a folder that is searched."""
    (tmp_path / "Shop.YAML").write_text(SHOP, encoding="utf-8")
    (tmp_path / "shop.yaml.txt").write_text(SHOP, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert candidates.files("S") == ["Shop.YAML"]
    assert [*candidates._readable(["."])] == [os.path.join(".", "Shop.YAML")]
    assert search(["."]) == ["Shop.YAML"]
    assert funnel_file_here() == "Shop.YAML"
    with pytest.raises(Refused, match=r"Shop\.YAML"):
        destination.check(Request(files=["."], output="Shop.YAML"))


def test_only_what_can_be_changed_is_offered(run: Run, files: Files) -> None:
    """Losses at no known stage hide the steps to the sale: --set refuses them, so that it is not led there."""
    path = files("f.yaml", HIDDEN)
    ctx = SimpleNamespace(params={"files": [str(path)]})
    metrics = candidates.changes(ctx, "")
    assert "conversion@" in metrics
    words = [
        word if word.endswith("=") else whole for word in metrics for whole in [*candidates.changes(ctx, word), word]
    ]
    offered = dict.fromkeys(word.partition("=")[0] for word in words if not word.endswith("@"))
    assert "conversion@Renewed" in offered
    for selector in ("conversion@Call", "conversion@Offer", "conversion@Won"):
        assert selector not in offered
        assert "lost is not known" in run("scenario", path, "--set", f"{selector}=+10%").stderr
    for selector in offered:
        done = run("scenario", path, "--set", f"{selector}=x1.5")
        assert "lost is not known" not in done.stderr, done.stderr


def test_a_figure_of_no_stage_is_not_begun(files: Files) -> None:
    path = files("f.yaml", HIDDEN.replace("  - {name: Renewed, count: 12}\n", ""))
    ctx = SimpleNamespace(params={"files": [str(path)]})
    assert "conversion@" not in candidates.changes(ctx, "")
    assert "conversion@" not in candidates.limits(ctx, "")
    assert "count@" in candidates.changes(ctx, "")


@pytest.fixture(scope="module")
def revisions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits, and files that only the index, only a commit or only the disk has."""
    made = begun(tmp_path_factory.mktemp("revisions"))
    made.write("gone.yaml", SHOP)
    made.write("notes.txt", SHOP)
    made.commit()
    made.git("tag", "first")
    made.write("funnels/shop.yaml", SHOP)
    made.write("funnels/sub/kiosk.yml", SHOP)
    made.write(".github/hidden.yaml", SHOP)
    made.commit("second:one")
    made.git("tag", "final")
    made.write("staged.yaml", SHOP)
    made.git("add", "staged.yaml")
    (made.folder / "staged.yaml").unlink()
    (made.folder / "gone.yaml").unlink()
    made.write("here.yaml", SHOP)
    return made.folder


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["show", "HEAD", ":", "fun"], ["funnels/shop.yaml", "funnels/sub/kiosk.yml"]),
        (["show", "HEAD", ":"], ["gone.yaml", "funnels/shop.yaml", "funnels/sub/kiosk.yml"]),
        (["show", "HEAD~1", ":"], ["gone.yaml"]),
        (["show", "ma"], ["main:gone.yaml", "main:funnels/shop.yaml", "main:funnels/sub/kiosk.yml"]),
        (["show", "fi"], ["final:", "first:"]),
        (["show", "HEAD~"], [r"HEAD\~1:", r"HEAD\~2:", r"HEAD\~3:"]),
        (["show", "funnels/shop.yaml", "HEAD", ":", "gon"], ["gone.yaml"]),
        (["check", "funnels/shop.yaml", "--baseline", "first", ":", "g"], ["gone.yaml"]),
        (["diff", "HEAD", ":", "gon"], ["gone.yaml"]),
        (["show", ":", "fun"], ["funnels/shop.yaml", "funnels/sub/kiosk.yml"]),
        (["show", ":", "here"], []),
        (["show", ":", "staged"], ["staged.yaml"]),
        (["show", ":"], ["gone.yaml", "staged.yaml", "funnels/shop.yaml", "funnels/sub/kiosk.yml"]),
        (["show", "here.yaml", ":", "gon"], ["gone.yaml"]),
        (["show", "HEAD", ":", "gone.yaml", ":", "sta"], ["staged.yaml"]),
        (["show", ":", "gone.yaml", ":", "sta"], ["staged.yaml"]),
        (["check", "here.yaml", "--baseline", ":", "g"], ["gone.yaml"]),
        (["diff", ":", "gon"], ["gone.yaml"]),
        (["show", ":", "0", ":", "sta"], ["staged.yaml"]),
        (["show", ":", "2", ":", "sta"], []),
        (["show", ":", "./sta"], ["./staged.yaml"]),
        (["show", "HEAD", ":", "./fun"], ["./funnels/shop.yaml", "./funnels/sub/kiosk.yml"]),
        (["show", "main", ":", "./gon"], ["./gone.yaml"]),
        (["show", "@:", "gon"], ["gone.yaml"]),
        (["show", "HEAD", "@", "{0}", ":", "gon"], ["gone.yaml"]),
        (["show", "HEAD^{/second", ":", "one}", ":", "gon"], ["gone.yaml"]),
        (["show", "':sta"], [":staged.yaml"]),
        (["diff", "fi"], ["final", "first"]),
        (["show", "fu"], []),  # a folder, which the shell enters
        (["show", "nowhere", ":", "gon"], []),
        (["show", "HEAD", ":", "here"], []),
        (["show", ""], ["here.yaml"]),
    ],
)
def test_files_of_a_revision_are_offered(
    bash: Any, git_repository: Repository, revisions: Path, tmp_path: Path, words: list[str], expected: list[str]
) -> None:
    """What git has, not what the disk has."""
    shutil.copytree(revisions, git_repository.folder, dirs_exist_ok=True)
    if words == ["show", ""]:
        shutil.rmtree(git_repository.folder / "funnels")
    assert lines(bash(*words, cwd=git_repository.folder)) == expected
    assert lines(bash("show", "HEAD", ":", cwd=tmp_path)) == []


def test_paths_from_here_are_offered_as_they_are_typed(
    git_repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_repository.write("funnels/shop.yaml", SHOP)
    git_repository.write("top.yaml", SHOP)
    git_repository.commit()
    monkeypatch.chdir(git_repository.folder / "funnels")
    assert candidates.files("HEAD:./s") == ["HEAD:./shop.yaml"]
    assert candidates.files("HEAD:t") == ["HEAD:top.yaml"]
    for revision in ("HEAD", "", "main", ":0", "HEAD~0"):
        assert candidates.files(f"{revision}:./s") == [f"{revision}:./shop.yaml"]
        assert candidates.files(f"{revision}:./") == [f"{revision}:./shop.yaml"]
        assert candidates.files(f"{revision}:../") == [f"{revision}:../top.yaml"]
        assert candidates.files(f"{revision}:") == [f"{revision}:top.yaml", f"{revision}:funnels/shop.yaml"]


REVISED = ("HEAD:", ":", ":0:", "main:", "main:./", "HEAD~0:", "@:", "HEAD^{tree}:")


@pytest.mark.parametrize("begun", REVISED)
def test_every_form_of_a_revision_is_completed_by_each_shell_to_what_is_read(
    run: Run, zsh: Any, git_repository: Repository, monkeypatch: pytest.MonkeyPatch, begun: str
) -> None:
    """The words of zsh, of fish and of PowerShell are whole; what the command then reads is the file."""
    git_repository.write("shop.yaml", SHOP)
    git_repository.commit()
    monkeypatch.chdir(git_repository.folder)
    line = f"funnelcli show {begun}sh"
    for shell in ("fish", "powershell"):
        asked = {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_WORD_TO_COMPLETE": f"{begun}sh"}
        done = run(env=asked | {"_FUNNELCLI_COMPLETE": f"complete_{shell}"}, cwd=git_repository.folder)
        assert done.stdout.split("\n")[0].partition(":::")[0].strip("'") == f"{begun}shop.yaml"
    assert run("show", f"{begun}shop.yaml", cwd=git_repository.folder).code == 0
    found = run(
        env={"_TYPER_COMPLETE_ARGS": line, "_FUNNELCLI_COMPLETE": "complete_zsh"}, cwd=git_repository.folder
    ).stdout
    assert ZSH_ANSWER.fullmatch(found)
