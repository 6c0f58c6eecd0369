"""Files at a revision: their bytes, and the funnel files of a folder."""

from __future__ import annotations

import os
import posixpath
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.cli.console import Refused
from funnelcli.cli.repository import git
from funnelcli.cli.repository.names import AtRevision
from funnelcli.diagnostics import quoted
from funnelcli.funnel_file.names import is_funnel_file
from funnelcli.funnel_file.yaml.decoding import LARGEST_FILE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from subprocess import Popen
    from typing import NoReturn

_POINTER = b"version https://git-lfs.github.com/spec/"
"""How a file begins that stands for a large one, which lies elsewhere."""
_FILE, _LINK, _REPOSITORY = "100", "120000", "160000"
"""How the modes of entries begin: files, links, and commits of another repository."""
_processes: dict[tuple[int, str], Popen[bytes]] = {}
"""The git that reads objects, of this process and working directory; it ends with the pipe."""


class TreeEntry(NamedTuple):
    """What git keeps at a path: its mode, and the hash of what it holds."""

    mode: str
    hash: str
    path: str


class GitObject(NamedTuple):
    """The bytes of a file; or else what git has in its place: `tree`, `missing`, `dangling` or others."""

    data: bytes | None
    kind: str


def read(revision: str, path: str) -> bytes:
    """The bytes of a file as it was, a little more than the largest allowed at most; refused where there is none."""
    at = AtRevision(revision, path)
    found = objects([f"{revision}:{full_path(path)}"])[0]
    if found.data is None:
        refuse(at, found.kind)
    refuse_pointer(at.name, found.data, "read the file of the work tree, or check it out: git lfs pull")
    return found.data


def refuse_pointer(name: str, data: bytes | None, help_: str) -> None:
    """Refuse bytes that only say where a file lies."""
    if data is not None and data.startswith(_POINTER):
        raise Refused(f"{name} is a pointer of Git LFS, and what it stands for is not in git", help_)


def objects(names: Sequence[str]) -> list[GitObject]:
    """What git has under each name, `REV:path` or a hash, read by one process, which goes on to live."""
    return [_object(name) for name in names]


def close() -> None:
    """End the processes that read objects, of which there is one at most in a run of the program."""
    while _processes:
        _, process = _processes.popitem()
        process.communicate()


def _object(name: str) -> GitObject:
    if "\n" in name:  # the process reads a name a line
        kept = git.hash_of(name)
        if kept is None:
            return GitObject(None, "missing")
        name = kept
    key = os.getpid(), os.getcwd()
    if key not in _processes:
        _processes[key] = git.process()
    process = _processes[key]
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(os.fsencode(name) + b"\n")
        process.stdin.flush()
        said = process.stdout.readline()
    except BrokenPipeError:
        said = b""
    if not said:  # it ended: no repository, or one that cannot be read
        del _processes[key]
        process.communicate()
        git.refuse(git.ask("cat-file", "-e", name))
    words = said.rsplit(b" ", 2)
    if len(words) == 3 and words[1] in (b"blob", b"tree", b"commit", b"tag"):
        data = _take(process, int(words[2]))
        return GitObject(data, "blob") if words[1] == b"blob" else GitObject(None, words[1].decode())
    kind, _, size = said.rstrip(b"\n").rpartition(b" ")
    if kind in (b"symlink", b"dangling", b"loop", b"notdir"):
        return GitObject(_take(process, int(size)) and None, kind.decode())
    return GitObject(None, size.decode("utf-8", "replace"))  # missing, ambiguous


def _take(process: Popen[bytes], size: int) -> bytes:
    """So many bytes and the end of the line; of what is larger than any funnel file, as many as tell that."""
    assert process.stdout is not None
    data = process.stdout.read(min(size, LARGEST_FILE + 1))
    left = size - len(data) + 1
    while left > 0:
        left -= len(process.stdout.read(min(left, 1 << 20))) or left
    return data


def full_path(path: str) -> str:
    """A path from the top of the repository; that it leads out of it is refused."""
    is_here = path in (".", "..") or path.startswith(("./", "../"))
    whole = git.place().prefix + path if is_here else path
    full = posixpath.normpath(whole) if whole else ""
    if full.startswith(("../", "/")) or full == "..":
        raise Refused(
            f"{quoted(path)} is outside the repository",
            "write the path from the top of the repository, without a / first",
        )
    return "" if full == "." else full


def path_of_disk(path: str) -> str:
    """The path from the top of the repository of a file or folder as the disk has it, whether or not it is there."""
    place = git.place()
    if not os.path.isabs(path):
        return full_path(posixpath.join("./", path.replace(os.sep, "/")))
    folder, name = os.path.split(os.path.normpath(path))
    there = os.path.relpath(os.path.join(os.path.realpath(folder), name), os.path.realpath(place.top or os.curdir))
    return full_path("" if there == os.curdir else there.replace(os.sep, "/"))


def from_here(path: str) -> str:
    """A path of the work tree, told from its top, as the working directory has it."""
    return os.path.relpath(os.path.join(git.place().top or "", path))


def entries(revision: str, path: str = "") -> list[TreeEntry]:
    """All that git keeps at or below a path, which begins at the top; none where there is nothing, or no revision."""
    if revision in ("", ":0", ":1", ":2", ":3"):
        top = git.place().top
        answer = git.ask("ls-files", "-z", "--stage", "--full-name", "--", path or ".", top=top)
        side = revision[1:] or "0"
        rows = [row.split("\t", 1) for row in git.texts(answer.out)]
        found = [(*head.split(" "), name) for head, name in rows]
        return [TreeEntry(mode, kept, name) for mode, kept, number, name in found if number == side]
    below = ("--", path) if path else ()
    if revision.startswith("-"):
        return []
    answer = git.ask("ls-tree", "-r", "-z", "--full-tree", f"{revision}^{{tree}}", *below)
    rows = [row.split("\t", 1) for row in git.texts(answer.out)]
    return [TreeEntry(head.split(" ")[0], head.split(" ")[2], name) for head, name in rows]


def funnel_files(at: AtRevision) -> list[AtRevision] | None:
    """The funnel files of a folder as it was, in the order that the disk would have; `None` for what is no folder.

    Hidden files and folders are left alone, and what is not funnel files.
    """
    path = full_path(at.path)
    found = entries(at.revision, path)
    if not found or found[0].path == path:
        return None
    above = f"{path}/" if path else ""
    below = [each.path.removeprefix(above) for each in found if each.mode.startswith((_FILE, _LINK))]
    kept = [name.split("/") for name in below if is_funnel_file(name) and not is_hidden(name)]
    # files before folders, as a walk of the disk has them
    kept.sort(key=lambda parts: [(1, part) for part in parts[:-1]] + [(0, parts[-1])])
    return [AtRevision(at.revision, above + "/".join(parts)) for parts in kept]


def is_hidden(path: str) -> bool:
    """Whether a part of a path begins with a point, as `.github` does."""
    return any(part.startswith(".") for part in path.split("/"))


def refuse(at: AtRevision, kind: str) -> NoReturn:
    """Why there is no file of that name: the revision, the path, or what stands there."""
    cannot = f"cannot read {quoted(at.name)}"
    git.place()
    if at.revision.strip(":0123") and git.hash_of(f"{at.revision}^{{tree}}") is None:
        git.unknown(at.revision)
    path = full_path(at.path)
    known = entries(at.revision)
    names = [each.path for each in known]
    if kind == "tree" or any(name.startswith(f"{path}/") for name in names) or not path:
        held = funnel_files(at) or []
        inside = held[0].name if len(held) == 1 else f"{at.name.rstrip('/')}{'/' if path else ''}FILE"
        raise Refused(f"{cannot}: it is a folder", f"name a file in it: {inside}{_some(held)}")
    above = next((each for each in known if each.mode == _REPOSITORY and f"{path}/".startswith(f"{each.path}/")), None)
    if above is not None:
        what = f"{cannot}: {quoted(above.path)} is a submodule, a repository of its own"
        raise Refused(what, f"change to the folder {above.path} and read it there")
    link = next((each for each in known if each.mode == _LINK and f"{path}/".startswith(f"{each.path}/")), None)
    if link is not None:
        target = os.fsdecode(objects([link.hash])[0].data or b"")
        what = f"{cannot}: {quoted(link.path)} is a link to {quoted(target)}, "
        is_loop = kind == "loop"
        raise Refused(
            what + ("which leads back to itself" if is_loop else "which is not in that revision"), "name another file"
        )
    side = _of_conflict(at, path)
    if side is not None:
        raise Refused(f"{cannot}: it is in conflict", side)
    revision = f"{at.revision}:"
    here = full_path("./" + at.path) if not at.path.startswith(("/", "../", "./")) else path
    if here != path and here in names:
        raise Refused(
            f"{cannot}: paths begin at the top of the repository", f"write {revision}{here}, or {revision}./{at.path}"
        )
    where = "the index" if not at.revision.strip(":0") else "that revision"
    what = f"{cannot}: there is no such file in {where}"
    same = [name for name in names if posixpath.basename(name) == posixpath.basename(path)]
    if same and len(same) <= MOST_LISTED:
        meant = " or ".join(quoted(revision + name) for name in same)
        raise Refused(what, f"did you mean {meant}?")
    likely = [name for name in names if is_funnel_file(name) and not is_hidden(name)]
    if not likely:
        raise Refused(what, "there are no funnel files in it: name another revision")
    folders = dict.fromkeys(folder for name in likely for folder in _above(name))
    folder, name = posixpath.split(path)
    beside = {posixpath.basename(each): each for each in [*likely, *folders] if posixpath.dirname(each) == folder}
    alike = get_close_matches(name, beside, n=1, cutoff=0.75)
    near = [beside[each] for each in alike] or get_close_matches(path, [*likely, *folders], n=1, cutoff=0.9)
    if near:
        raise Refused(what, f"did you mean {quoted(revision + near[0])}?")
    likely = [each for each in beside.values() if each in likely] or likely
    more = ", …" if len(likely) > MOST_LISTED else ""
    raise Refused(what, f"check the path; there are: {', '.join(likely[:MOST_LISTED])}{more}")


def refuse_path(path: str, full: str, revisions: Sequence[str], typed: str) -> NoReturn:
    """That there is no such file or folder, on the disk or at revisions, as they were typed; and the nearest."""
    known = [each.path for revision in revisions for each in entries(revision)]
    likely = dict.fromkeys(name for name in known if is_funnel_file(name) and not is_hidden(name))
    folders = dict.fromkeys(folder for name in likely for folder in _above(name))
    names = [*folders, *likely]
    same = [name for name in names if posixpath.basename(name) == posixpath.basename(full)]
    near = same[:1] or get_close_matches(full, names, n=1, cutoff=0.6)
    what = f"there is no file or folder {quoted(path)}"
    where = f", here or in {typed}" if typed not in ("", "HEAD") else ""
    if near:
        meant = from_here(near[0]) + ("/" if near[0] in folders else "")
        raise Refused(what + where, f"did you mean {quoted(meant)}?")
    more = ", …" if len(likely) > MOST_LISTED else ""
    listed = ", ".join(quoted(from_here(name)) for name in [*likely][:MOST_LISTED])
    raise Refused(what + where, f"check the path; there are: {listed}{more}" if listed else "check the path")


def _above(name: str) -> list[str]:
    """The folders that a path leads through, from the top."""
    parts = name.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


MOST_LISTED = 5


def _some(held: list[AtRevision]) -> str:
    """A remark on the files that there are."""
    if len(held) < 2:
        return ""
    more = ", …" if len(held) > MOST_LISTED else ""
    return f"; there are: {', '.join(each.path for each in held[:MOST_LISTED])}{more}"


def _of_conflict(at: AtRevision, path: str) -> str | None:
    """How the sides of a merge are named, where the index has them alone."""
    if at.revision or not any(each.path == path for each in entries(":2", path)):
        return None
    return f"write :2:{path} for yours, :3:{path} for theirs"
