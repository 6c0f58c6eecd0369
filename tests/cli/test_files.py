"""Files written whole or not at all, with the rights of the file that they replace."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.cli import destination, load, searching
from funnelcli.cli.destination import write_all, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

needs_rights = pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX are needed")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    for data in (b"first", b"second"):
        write_whole(str(tmp_path / "o.txt"), data)
        assert (tmp_path / "o.txt").read_bytes() == data
        assert names(tmp_path) == ["o.txt"]


def test_a_temporary_file_of_somebody_else_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", lambda size: b"\x07" * size)
    theirs = tmp_path / f".funnelcli-{'07' * 8}.tmp"
    theirs.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        write_whole(str(tmp_path / "o.txt"), b"ours")
    assert theirs.read_bytes() == b"theirs"
    assert names(tmp_path) == [theirs.name]


def test_what_a_killed_run_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f".o.txt.{os.getpid()}.tmp").write_bytes(b"left")
    write_whole(str(tmp_path / "o.txt"), b"whole")
    assert (tmp_path / "o.txt").read_bytes() == b"whole"


@needs_rights
@pytest.mark.parametrize(("mode", "umask"), [(0o600, 0o000), (0o640, 0o022), (0o664, 0o077), (0o200, 0o022)])
def test_the_rights_are_those_of_the_target_and_never_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, umask: int
) -> None:
    target = tmp_path / "o.txt"
    target.write_bytes(b"old")
    target.chmod(mode)
    seen = []

    def watched(stream: Any, data: bytes) -> None:
        (temporary,) = (path for path in tmp_path.iterdir() if path != target)
        seen.append(stat.S_IMODE(temporary.stat().st_mode))
        write_all(stream, data)

    monkeypatch.setattr(destination, "write_all", watched)
    before = os.umask(umask)
    try:
        write_whole(str(target), b"new")
    finally:
        os.umask(before)
    assert seen[0] & ~mode == 0
    assert stat.S_IMODE(target.stat().st_mode) == mode
    assert target.read_bytes() == b"new"


@needs_rights
def test_a_file_that_is_read_only_stays(tmp_path: Path) -> None:
    """Also for the superuser, whom the system would let write it."""
    target = tmp_path / "o.txt"
    target.write_bytes(b"old")
    target.chmod(0o444)
    (tmp_path / "link").symlink_to("o.txt")
    for path in (target, tmp_path / "link"):
        with pytest.raises(PermissionError, match="it is read-only"):
            write_whole(str(path), b"new")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["link", "o.txt"]


@needs_rights
def test_a_new_file_has_the_rights_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(str(tmp_path / "o.txt"), b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "o.txt").stat().st_mode) == 0o640


@pytest.mark.parametrize("fails", ["write_all", "replace"])
def test_a_write_that_fails_leaves_the_target_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "o.txt").write_bytes(b"old")
    monkeypatch.setattr(destination if fails == "write_all" else os, fails, full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(str(tmp_path / "o.txt"), b"new")
    assert names(tmp_path) == ["o.txt"]
    assert (tmp_path / "o.txt").read_bytes() == b"old"


def test_the_longest_name_that_a_folder_takes_is_written(tmp_path: Path) -> None:
    name = "n" * 251 + ".txt"
    write_whole(str(tmp_path / name), b"whole")
    assert names(tmp_path) == [name]


@needs_rights
def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    write_whole(str(tmp_path / "link"), b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_a_stream_that_takes_a_part_at_a_time_gets_all(tmp_path: Path) -> None:
    class Narrow:
        taken = b""

        def write(self, data: Any) -> int:
            self.taken += bytes(data[:3])
            return min(3, len(data))

        def flush(self) -> None:
            pass

    narrow: Any = Narrow()
    write_all(narrow, b"12345678")
    assert narrow.taken == b"12345678"


def test_a_funnel_of_a_file_with_the_ending_of_editors_is_called_without_it(run: Run, tmp_path: Path) -> None:
    text = "stages: {Visits: 200, Sales: 4}\n"
    for name in ("shop.funnel.yaml", "b2b.funnel.yml", "old.yaml", "funnel.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = ("shop.funnel.yaml", "b2b.funnel.yml", "old.yaml", "funnel.yaml")
    done = run("show", *files, "-f", "json")
    assert [each["name"] for each in done.funnels] == ["shop", "b2b", "old", "funnel"]
    assert "4 files" in run("check", ".").stdout
    assert run("show", *files, "--funnel", "shop", "-f", "json").funnels[0]["file"] == "shop.funnel.yaml"


@pytest.mark.parametrize("size", [0, 1, load._AT_ONCE - 1, load._AT_ONCE, load._AT_ONCE + 1, 5 * load._AT_ONCE])
def test_a_file_of_any_size_is_read_whole(tmp_path: Path, size: int) -> None:
    data = bytes(number % 251 for number in range(size))
    (tmp_path / "f.yaml").write_bytes(data)
    assert load.read_bytes(str(tmp_path / "f.yaml"), "") == (data, str(tmp_path / "f.yaml"))


def test_of_a_file_that_is_too_large_one_byte_more_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "LARGEST_FILE", 3 * load._AT_ONCE)
    (tmp_path / "f.yaml").write_bytes(b"x" * 4 * load._AT_ONCE)
    assert len(load.read_bytes(str(tmp_path / "f.yaml"), "")[0]) == 3 * load._AT_ONCE + 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are needed")
def test_a_pipe_is_read_to_its_end_in_whatever_parts_it_comes(tmp_path: Path) -> None:
    parts = [b"a" * length for length in (1, 4000, 70_000, 3)]
    os.mkfifo(tmp_path / "f.yaml")

    def write() -> None:
        with (tmp_path / "f.yaml").open("wb", buffering=0) as stream:
            for part in parts:
                stream.write(part)
                time.sleep(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    data, _ = load.read_bytes(str(tmp_path / "f.yaml"), "")
    writer.join()
    assert data == b"".join(parts)


def test_files_of_a_folder_are_named_alike_however_often_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And however it is written; each file once, and folders in the order of their names."""
    names = ["a.yaml", "b/x.yaml", "b/y.yaml", "b/c/z.yml"]
    for name in reversed(names):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    for folder in (".", "./", "./b/..", "b/../."):
        assert searching.search([folder]) == searching.search([folder, "."]) == names
    assert searching.search(["b//", "./b", "."]) == [*names[1:], names[0]]
    for folder in (f"{tmp_path}", f"{tmp_path}/b/..//"):
        assert (
            searching.search([folder]) == searching.search([folder, folder]) == [str(tmp_path / each) for each in names]
        )
