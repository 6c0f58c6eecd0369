"""Files at revisions, and what changed between two: judged by git repositories that are made here."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from funnelcli.cli.console import Refused
from funnelcli.cli.repository import git, reading
from funnelcli.cli.repository.changes import changes
from funnelcli.cli.repository.commits import commits
from funnelcli.cli.repository.names import AtRevision, at_revision

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Repository

SHOP = "name: Shop\nstages: {Visits: 100, Paid: 10}\n"
NAMES = [
    "shop.yaml",
    "a b.yaml",
    "наш магазин.yaml",
    'it\'s "so".yaml',
    "-o.yaml",
    "*.yaml",
    ":x.yaml",
    "a\nb.yaml",
    "a\tb.yml",
]


@pytest.fixture(autouse=True)
def _here(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(git_repository.folder)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


def refused(revision: str, path: str) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        reading.read(revision, path)
    return caught.value.what, caught.value.help


@pytest.mark.parametrize(
    ("file", "revision", "path"),
    [
        ("main:funnels/shop.yaml", "main", "funnels/shop.yaml"),
        ("HEAD~1:./shop.yaml", "HEAD~1", "./shop.yaml"),
        ("HEAD@{2026-10-01 10:00}:shop.yaml", "HEAD@{2026-10-01 10:00}", "shop.yaml"),
        ("HEAD^{/fix: x}:a:b.yaml", "HEAD^{/fix: x}", "a:b.yaml"),
        (":shop.yaml", "", "shop.yaml"),
        (":2:shop.yaml", ":2", "shop.yaml"),
        ("main:", "main", ""),
    ],
)
def test_a_name_is_parted_where_git_parts_it(file: str, revision: str, path: str) -> None:
    assert at_revision(file) == AtRevision(revision, path)


def test_files_of_the_disk_and_addresses_are_no_revisions(git_repository: Repository) -> None:
    git_repository.write("main:shop.yaml", SHOP)
    for name in (
        "main:shop.yaml",
        "shop.yaml",
        "https://example.com/shop.yaml",
        "C:/shop.yaml",
        "C:\\shop.yaml",
        "s3://bucket/a.csv",
        "HEAD@{1:2",
    ):
        assert at_revision(name) is None


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_read_as_it_was(git_repository: Repository, name: str) -> None:
    git_repository.write(f"der Ordner/{name}", SHOP)
    git_repository.commit()
    git_repository.write(f"der Ordner/{name}", "changed")
    git_repository.git("add", "--all")
    git_repository.write(f"der Ordner/{name}", "changed again")
    assert reading.read("main", f"der Ordner/{name}") == SHOP.encode()
    assert reading.read("", f"der Ordner/{name}") == b"changed"
    assert changes("main", None) == changes("HEAD", None, ["der Ordner"])
    (change,) = changes("main", None)
    assert change == ("modified", f"der Ordner/{name}", f"der Ordner/{name}", SHOP.encode(), b"changed again")
    assert reading.funnel_files(AtRevision("main", "der Ordner")) == [AtRevision("main", f"der Ordner/{name}")]
    assert reading.funnel_files(AtRevision("", "")) == [AtRevision("", f"der Ordner/{name}")]
    assert [each.data for each in commits(f"der Ordner/{name}")] == [SHOP.encode()]


def test_paths_begin_at_the_top_or_with_a_point_here(
    git_repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_repository.write("funnels/shop.yaml", SHOP)
    git_repository.write("top.yaml", "top")
    git_repository.commit()
    monkeypatch.chdir(git_repository.folder / "funnels")
    assert reading.read("main", "funnels/shop.yaml") == reading.read("main", "./shop.yaml") == SHOP.encode()
    assert reading.read("main", "../top.yaml") == b"top"
    assert refused("main", "shop.yaml") == (
        'cannot read "main:shop.yaml": paths begin at the top of the repository',
        "write main:funnels/shop.yaml, or main:./shop.yaml",
    )
    assert reading.funnel_files(AtRevision("main", "./")) == [AtRevision("main", "funnels/shop.yaml")]
    assert reading.funnel_files(AtRevision("main", ".")) == [AtRevision("main", "funnels/shop.yaml")]
    assert [each.new_path for each in changes(_empty(git_repository), "main", ["."])] == ["funnels/shop.yaml"]
    assert refused("main", "../../x.yaml")[0] == '"../../x.yaml" is outside the repository'


def _empty(repository: Repository) -> str:
    tree = repository.git("hash-object", "-t", "tree", os.devnull)
    return repository.git("commit-tree", "-m", "Nothing", tree)


def test_what_is_no_file_is_named_with_a_way_out(git_repository: Repository, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git_repository.write("funnels/shop.yaml", SHOP)
    git_repository.write("big.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n")
    (git_repository.folder / "link.yaml").symlink_to("funnels/shop.yaml")
    (git_repository.folder / "out.yaml").symlink_to("/etc/hosts")
    (git_repository.folder / "gone.yaml").symlink_to("nowhere.yaml")
    git_repository.commit()
    git_repository.git("submodule", "add", str(git_repository.folder), "vendored")
    git_repository.commit()
    assert reading.read("main", "link.yaml") == SHOP.encode()
    assert refused("main", "funnels") == (
        'cannot read "main:funnels": it is a folder',
        "name a file in it: main:funnels/shop.yaml",
    )
    assert refused("main", "")[0] == 'cannot read "main:": it is a folder'
    assert "is a pointer of Git LFS" in refused("main", "big.yaml")[0]
    assert 'is a link to "/etc/hosts"' in refused("main", "out.yaml")[0]
    assert 'is a link to "nowhere.yaml"' in refused("main", "gone.yaml")[0]
    for path in ("vendored", "vendored/funnels/shop.yaml"):
        assert '"vendored" is a submodule' in refused("main", path)[0]
    assert refused("main", "funnels/shap.yaml") == (
        'cannot read "main:funnels/shap.yaml": there is no such file in that revision',
        'did you mean "main:funnels/shop.yaml"?',
    )
    assert refused("main", "shop.yaml")[1] == 'did you mean "main:funnels/shop.yaml"?'
    assert "in the index" in refused("", "shap.yaml")[0]
    assert refused("mian", "funnels/shop.yaml") == (
        '"mian" is no revision of this repository',
        'did you mean "main"?',
    )
    assert "fewer commits" in refused("HEAD~7", "shop.yaml")[1]


def test_a_revision_is_never_an_option(git_repository: Repository, tmp_path: Path) -> None:
    git_repository.write("shop.yaml", SHOP)
    git_repository.commit()
    written = tmp_path / "written"
    for revision in (f"--output={written}", "-h", "--all"):
        assert "is no revision" in refused(revision, "shop.yaml")[0]
        with pytest.raises(Refused):
            changes(revision, None)
        with pytest.raises(Refused):
            commits("shop.yaml", revision)
        assert reading.entries(revision) == []
    assert not written.exists()


def test_a_repository_without_a_commit_says_so() -> None:
    assert refused("main", "shop.yaml") == (
        "this repository has no commit yet, so there is no revision",
        "commit first",
    )


def test_no_repository_and_no_git_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "is in no git repository" in refused("main", "shop.yaml")[0]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "git, which is not installed" in refused("main", "shop.yaml")[0]


def test_a_repository_of_somebody_else_is_named(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    git_repository.write("shop.yaml", SHOP)
    git_repository.commit()
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    what, help_ = refused("main", "shop.yaml")
    assert "belongs to somebody else" in what
    assert help_ == f"if you trust it: git config --global --add safe.directory {git_repository.folder}"


def test_a_shallow_clone_says_how_to_have_more(
    git_repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_repository.write("shop.yaml", SHOP)
    for number in range(3):
        git_repository.commit(f"Commit {number}")
    git_repository.git("branch", "other")
    clone = tmp_path / "clone"
    git_repository.git("clone", "--depth=1", "--branch=main", f"file://{git_repository.folder}", str(clone))
    monkeypatch.chdir(clone)
    assert reading.read("main", "shop.yaml") == SHOP.encode()
    for revision in ("HEAD~1", "other"):
        assert "fetch-depth: 0" in refused(revision, "shop.yaml")[1]
    git_repository.git("-C", str(clone), "remote", "set-branches", "origin", "*")
    git_repository.git("-C", str(clone), "fetch", "--depth=1", "origin")
    assert refused("other", "shop.yaml")[1] == 'did you mean "origin/other"?'


def test_a_bare_repository_is_read(git_repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git_repository.write("shop.yaml", SHOP)
    git_repository.commit()
    git_repository.git("clone", "--bare", str(git_repository.folder), str(tmp_path / "bare.git"))
    monkeypatch.chdir(tmp_path / "bare.git")
    assert reading.read("main", "shop.yaml") == SHOP.encode()
    assert changes("main", "main") == []
    assert len(commits("shop.yaml")) == 1
    with pytest.raises(Refused, match="no work tree"):
        changes("main", None)


def test_a_worktree_a_detached_head_and_a_sparse_checkout_are_read(
    git_repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_repository.write("a/shop.yaml", SHOP)
    git_repository.write("b/shop.yaml", SHOP)
    git_repository.commit()
    git_repository.git("worktree", "add", "--detach", str(tmp_path / "tree"))
    monkeypatch.chdir(tmp_path / "tree")
    assert reading.read("HEAD", "a/shop.yaml") == SHOP.encode()
    git_repository.git("-C", str(tmp_path / "tree"), "sparse-checkout", "set", "a")
    assert not (tmp_path / "tree/b/shop.yaml").exists()
    assert reading.read("HEAD", "b/shop.yaml") == SHOP.encode()
    assert changes("HEAD", None) == []


def test_warnings_of_each_object_do_not_stop_it(git_repository: Repository) -> None:
    git_repository.write("shop.yaml", SHOP)
    git_repository.commit()
    name = "both" * 20
    git_repository.git("branch", name)
    git_repository.git("tag", name)  # of which git warns whenever it reads one of the two
    found = reading.objects([f"{name}:shop.yaml"] * 2000)
    assert {each.data for each in found} == {SHOP.encode()}


def test_variables_of_hooks_are_heard(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    git_repository.write("shop.yaml", SHOP)
    git_repository.commit()
    git_repository.write("shop.yaml", "next")
    index = git_repository.folder / "other-index"
    git_repository.git("add", "shop.yaml", env={"GIT_INDEX_FILE": str(index)})
    assert reading.read("", "shop.yaml") == SHOP.encode()
    reading.close()
    monkeypatch.setenv("GIT_INDEX_FILE", str(index))
    assert reading.read("", "shop.yaml") == b"next"


def test_changes_of_each_kind_are_told(git_repository: Repository) -> None:
    long = SHOP + "".join(f"# line {number}\n" for number in range(40))
    for name in ("changed", "moved", "moved-changed", "deleted", "same", ".hidden", "a/.b/c", "mode"):
        git_repository.write(f"{name}.yaml", long + name)
    git_repository.write("deleted.yaml", "no more")
    git_repository.write("notes.txt", "old")
    git_repository.write("pyproject.toml", "[tool.other]\n")
    git_repository.write(".gitignore", "ignored.yaml\n")
    first = git_repository.commit()
    git_repository.write("changed.yaml", "new")
    git_repository.git("mv", "moved.yaml", "elsewhere.yml")
    (git_repository.folder / "deep").mkdir()
    git_repository.git("mv", "moved-changed.yaml", "deep/moved.yaml")
    git_repository.write("deep/moved.yaml", long + "moved-changed!")
    git_repository.git("rm", "deleted.yaml")
    git_repository.write("added.yaml", "added")
    git_repository.write("ignored.yaml", "ignored")
    git_repository.write(".hidden.yaml", "hidden")
    git_repository.write("a/.b/c.yaml", "hidden")
    git_repository.write("notes.txt", "new")
    git_repository.write("pyproject.toml", "[tool.other]\na = 1\n")
    git_repository.write("sub/.funnelcli.yaml", "currency: EUR\n")
    (git_repository.folder / "mode.yaml").chmod(0o755)
    os.utime(git_repository.folder / "same.yaml", (1, 1))
    expected = [
        ("added", None, "added.yaml", None, b"added"),
        ("modified", "changed.yaml", "changed.yaml", f"{long}changed".encode(), b"new"),
        (
            "renamed",
            "moved-changed.yaml",
            "deep/moved.yaml",
            f"{long}moved-changed".encode(),
            f"{long}moved-changed!".encode(),
        ),
        ("deleted", "deleted.yaml", None, b"no more", None),
        ("renamed", "moved.yaml", "elsewhere.yml", f"{long}moved".encode(), f"{long}moved".encode()),
        ("added", None, "sub/.funnelcli.yaml", None, b"currency: EUR\n"),
    ]
    assert changes("main", None) == expected
    assert [each.is_settings for each in changes("main", None)] == [False] * 5 + [True]
    assert [each.path for each in changes("main", None, ["deep"])] == ["deep/moved.yaml"]
    assert [each.path for each in changes("main", None, ["moved.yaml", ".hidden.yaml"])] == [
        ".hidden.yaml",
        "elsewhere.yml",
    ]
    assert changes("main", None, [str(git_repository.folder)]) == expected
    assert [each.path for each in changes("main", None, [str(git_repository.folder / "deep")])] == ["deep/moved.yaml"]
    with pytest.raises(Refused, match="outside the repository"):
        changes("main", None, [str(git_repository.folder.parent)])
    second = git_repository.commit()
    assert changes(first, second) == expected
    assert changes(second, None) == []
    assert [each.status for each in changes(second, first)] == [
        "deleted",
        "modified",
        "added",
        "renamed",
        "renamed",
        "deleted",
    ]


def test_a_file_that_was_moved_on_the_disk_alone_is_one(git_repository: Repository) -> None:
    for name in ("a.yaml", "b.yaml", "gone.yaml"):
        git_repository.write(name, SHOP + name)
    git_repository.commit()
    for old, new in (("a.yaml", "z/a.yaml"), ("b.yaml", "0.yaml")):
        git_repository.write(new, SHOP + old)
        (git_repository.folder / old).unlink()
    (git_repository.folder / "gone.yaml").unlink()
    git_repository.write("new.yaml", "new")
    found = [(each.status, each.old_path, each.new_path) for each in changes("main", None)]
    assert found == [
        ("renamed", "b.yaml", "0.yaml"),
        ("deleted", "gone.yaml", None),
        ("added", None, "new.yaml"),
        ("renamed", "a.yaml", "z/a.yaml"),
    ]


def test_settings_of_a_person_change_nothing(git_repository: Repository) -> None:
    for name in ("a/shop.yaml", "a/old.yaml"):
        git_repository.write(name, SHOP + name)
    first = git_repository.commit()
    git_repository.git("mv", "a/old.yaml", "a/new.yaml")
    git_repository.write("a/shop.yaml", "new")
    git_repository.commit()
    before = changes(first, "main"), commits("a/new.yaml"), commits("a/shop.yaml")
    for name, value in (
        ("diff.renames", "copies"),
        ("diff.noprefix", "true"),
        ("diff.relative", "true"),
        ("diff.external", "false"),
        ("color.ui", "always"),
        ("core.quotePath", "true"),
        ("log.showSignature", "true"),
        ("log.showRoot", "false"),
        ("log.follow", "true"),
        ("log.date", "relative"),
        ("core.pager", "false"),
        ("core.autocrlf", "true"),
    ):
        git_repository.git("config", name, value)
    os.environ["GIT_PAGER"] = "false"
    try:
        assert (changes(first, "main"), commits("a/new.yaml"), commits("a/shop.yaml")) == before
    finally:
        del os.environ["GIT_PAGER"]
    assert [each.path for each in before[1]] == ["a/old.yaml", "a/new.yaml"]


def test_a_conflict_is_one_change_and_its_sides_are_named(git_repository: Repository) -> None:
    git_repository.write("shop.yaml", SHOP)
    git_repository.commit()
    git_repository.git("checkout", "-b", "side")
    git_repository.write("shop.yaml", SHOP.replace("100", "200"))
    git_repository.commit()
    git_repository.git("checkout", "main")
    git_repository.write("shop.yaml", SHOP.replace("100", "300"))
    git_repository.commit()
    with pytest.raises(AssertionError):
        git_repository.git("merge", "side")
    assert refused("", "shop.yaml") == (
        'cannot read ":shop.yaml": it is in conflict',
        "write :2:shop.yaml for yours, :3:shop.yaml for theirs",
    )
    assert reading.read(":3", "shop.yaml") == SHOP.replace("100", "200").encode()
    (change,) = changes("main", None)
    assert change.status == "modified"
    assert b"<<<<<<<" in (change.new or b"")


def test_of_a_range_with_three_dots_the_common_commit_is_the_first(git_repository: Repository) -> None:
    base = git_repository.commit("Base")
    git_repository.git("checkout", "-b", "side")
    side = git_repository.commit("Side")
    git_repository.git("checkout", "main")
    git_repository.commit("Main")
    assert git.sides("main..side") == ("main", "side")
    assert git.sides("main...side") == (base, "side")
    assert git.sides("side...") == (base, "HEAD")
    assert git.sides("..side") == ("HEAD", "side")
    assert git.sides("main") == ("main", None)
    assert git.resolve("side") == side
    git_repository.git("checkout", "--orphan", "apart")
    git_repository.commit("Apart")
    with pytest.raises(Refused, match="share no commit"):
        git.sides("main...apart")


def test_commits_follow_a_file_through_renames_and_merges(git_repository: Repository) -> None:
    for number in range(10):
        git_repository.write("old.yaml", SHOP.replace("100", str(100 + number)) + "# ends\n" * 20)
        git_repository.commit(f"Old {number}", f"2026-01-{number + 1:02}")
    git_repository.git("mv", "old.yaml", "new.yaml")
    git_repository.commit("Move", "2026-02-01")
    git_repository.git("checkout", "-b", "side")
    git_repository.write("new.yaml", SHOP.replace("100", "200") + "# ends\n" * 20)
    git_repository.commit("Side", "2026-02-02")
    git_repository.git("checkout", "main")
    git_repository.write("other.yaml", SHOP)
    git_repository.commit("Other", "2026-02-03")
    git_repository.git("merge", "--no-ff", "-m", "Merge", "side")
    for number in range(10):
        git_repository.write(
            "new.yaml", (SHOP.replace("100", str(300 + number)) + "# ends\n" * 20).replace("\n", "\r\n")
        )
        git_repository.commit(f"New {number}", f"2026-03-{number + 1:02}")
    found = commits("new.yaml")
    titles = [*(f"Old {n}" for n in range(10)), "Move", "Side", *(f"New {n}" for n in range(10))]
    assert [each.title for each in found] == titles
    assert [each.path for each in found] == ["old.yaml"] * 10 + ["new.yaml"] * 12
    assert found[0].date == "2026-01-01"
    assert found[11].data == (SHOP.replace("100", "200") + "# ends\n" * 20).encode()
    assert found[-1].data.endswith(b"# ends\r\n")
    assert commits("nothing.yaml") == []


def test_a_merge_that_is_none_of_its_sides_is_a_commit_and_a_file_that_came_back_has_no_gap(
    git_repository: Repository,
) -> None:
    git_repository.write("shop.yaml", "base\n")
    git_repository.commit("Base")
    git_repository.git("checkout", "-b", "side")
    git_repository.write("shop.yaml", "side\n")
    git_repository.commit("Side")
    git_repository.git("checkout", "main")
    git_repository.write("shop.yaml", "main\n")
    git_repository.commit("Main")
    with pytest.raises(AssertionError):
        git_repository.git("merge", "side")
    git_repository.write("shop.yaml", "both\n")
    git_repository.commit("Merge")
    git_repository.git("rm", "shop.yaml")
    git_repository.commit("Gone")
    git_repository.write("shop.yaml", "back\n")
    git_repository.commit("Back")
    found = [(each.title, each.data) for each in commits("shop.yaml")]
    assert found[0] == ("Base", b"base\n")
    assert sorted(found[1:3]) == [("Main", b"main\n"), ("Side", b"side\n")]
    assert found[3:] == [("Merge", b"both\n"), ("Back", b"back\n")]


def test_a_thousand_files_take_a_handful_of_processes(
    git_repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1000):
        git_repository.write(f"funnels/{number}.yaml", f"{SHOP}# {number}\n")
    git_repository.commit()
    git_repository.write("funnels/500.yaml", SHOP)
    started: list[object] = []
    opened = subprocess.Popen

    class Counted(opened):  # type: ignore[misc, valid-type]  # a class that is known here alone
        def __init__(self, *args: object, **more: object) -> None:
            started.append(args)
            super().__init__(*args, **more)

    monkeypatch.setattr(subprocess, "Popen", Counted)
    assert [each.path for each in changes("main", None)] == ["funnels/500.yaml"]
    assert len(started) <= 6
