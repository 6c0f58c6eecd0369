"""git as a process: the one place that starts it, and what is said where it cannot answer."""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.cli.console import Refused
from funnelcli.diagnostics import did_you_mean, quoted

if TYPE_CHECKING:
    from typing import NoReturn

_ALONE = ("git", "--no-pager", "-c", "core.quotePath=false", "-c", "log.showSignature=false")
"""git without what a person's settings change of its output; variables that a hook has set, `GIT_DIR`, are heard."""
FETCH = (
    "this clone is shallow and has the newest commits alone: git fetch --unshallow, "
    "or fetch-depth: 0 for actions/checkout in a workflow"
)
FEWEST_OF_HASH = 4
"""Letters from which on git takes the beginning of a hash for it."""


class GitOutput(NamedTuple):
    """What git left: its exit code, its output, and what it said."""

    code: int
    out: bytes
    said: str


class WorkTree(NamedTuple):
    """The repository of the working directory: its top, `None` in one without a work tree, and the way down to here.

    `prefix` is empty at the top and ends with a slash elsewhere.
    """

    top: str | None
    prefix: str


def ask(*arguments: str, top: str | None = None, literal: bool = True) -> GitOutput:
    """Run git in the working directory, or in `top`, until it ends; that there is no git is refused.

    Paths are names, and patterns only where they are not `literal`.
    """
    whole = [*_ALONE, *(("--literal-pathspecs",) if literal else ()), *arguments]
    try:
        done = subprocess.run(  # noqa: S603  # names and revisions are arguments, never options
            whole, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=environment(literal), cwd=top
        )
    except OSError as error:
        raise not_started(error) from error
    return GitOutput(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def process() -> subprocess.Popen[bytes]:
    """A git that reads objects as long as it is asked for them, links within a revision followed.

    What it says is not kept: warnings of each object would fill a pipe that nobody reads.
    """
    arguments = [*_ALONE, "cat-file", "--batch", "--follow-symlinks"]
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(  # noqa: S603  # nothing of it is from outside
            arguments, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment()
        )
    except OSError as error:
        raise not_started(error) from error


def environment(literal: bool = True) -> dict[str, str]:
    """The variables of git: messages in the language that is read here, no locks, and no question at a terminal."""
    own = {"LC_ALL": "C", "LANGUAGE": "", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    patterns = ("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS")
    return {name: text for name, text in os.environ.items() if literal or name not in patterns} | own


def not_started(error: OSError) -> Refused:
    """What is said where git cannot be run."""
    if isinstance(error, FileNotFoundError) and os.path.isdir(os.curdir):
        return Refused(
            "revisions are read by git, which is not installed or not on the PATH", "install it: git-scm.com"
        )
    return Refused(f"git cannot be started: {error.strerror or error}", "check git --version")


def texts(answer: bytes) -> list[str]:
    """What git has ended by NUL, each."""
    return [os.fsdecode(each) for each in answer.split(b"\0")[:-1]]


def place() -> WorkTree:
    """Where the working directory lies in its repository; that it lies in none is refused."""
    return _place(os.getcwd())


@cache
def _place(folder: str) -> WorkTree:
    answer = ask("rev-parse", "--is-inside-work-tree", "--show-prefix")
    if answer.code:
        refuse(answer)
    inside, _, prefix = os.fsdecode(answer.out).partition("\n")
    if inside != "true":
        return WorkTree(None, "")
    prefix = prefix.removesuffix("\n")
    top = ask("rev-parse", "--show-toplevel")
    return WorkTree(os.fsdecode(top.out).removesuffix("\n"), prefix)


def refuse(answer: GitOutput) -> NoReturn:
    """What git could not do, whatever it was asked."""
    said = answer.said.strip()
    if "not a git repository" in said:
        raise Refused(
            "this folder is in no git repository, so that it has no revisions",
            "change to a folder of one, or name files as they are now",
        )
    if "dubious ownership" in said:
        owned = re.search(r"ownership in repository at '(.*?)'", said)
        folder = owned[1] if owned else "FOLDER"
        raise Refused(
            f"git does not open the repository {quoted(folder)}, which belongs to somebody else",
            f"if you trust it: git config --global --add safe.directory {folder}",
        )
    first = next((line for line in said.splitlines() if line.startswith(("fatal:", "error:"))), said)
    what = first.partition(": ")[2] or first or f"exit code {answer.code}"
    raise Refused(f"git could not answer: {what}", "check git status here")


def resolve(revision: str) -> str:
    """The hash of the commit that a revision names; refused where there is none of that name."""
    found = hash_of(f"{revision}^{{commit}}")
    if found is None:
        unknown(revision)
    return found


def hash_of(name: str) -> str | None:
    """The hash of what git knows by that name; `None` for what it does not know, such as what looks like an option."""
    if name.startswith("-"):
        return None
    answer = ask("rev-parse", "--verify", "--quiet", name)
    return None if answer.code else answer.out.decode().strip()


def unknown(revision: str) -> NoReturn:
    """Why a revision is none: what is refused, with the nearest name there is."""
    place()
    if not ask("rev-list", "--max-count=1", "--all").out and hash_of("HEAD") is None:
        raise Refused("this repository has no commit yet, so there is no revision", "commit first")
    names = references()
    what = f"{quoted(revision)} is no revision of this repository"
    of_hash = re.fullmatch(f"[0-9a-f]{{{FEWEST_OF_HASH},}}", revision)
    if of_hash and "ambiguous" in ask("rev-parse", "--verify", f"{revision}^{{commit}}").said:
        raise Refused(f"several objects begin with {quoted(revision)}", "write more of the hash")
    remote = next((name for name in names if name.partition("/")[2] == revision), None)
    if remote is not None:
        raise Refused(what, f"did you mean {quoted(remote)}?")
    if is_shallow():
        raise Refused(what, FETCH)
    base = re.sub(r"[~^@].*", "", revision, flags=re.DOTALL) or "@"
    if base != revision and hash_of(f"{base}^{{commit}}"):
        raise Refused(what, f"{base} is one, with fewer commits before it: see git log")
    raise Refused(what, did_you_mean(revision, names) or "see git log")


def references() -> list[str]:
    """Branches, of remotes as well, and tags; none where there is no repository."""
    found = ask("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes").out
    return [name for name in os.fsdecode(found).splitlines() if not name.endswith("/HEAD")]


def is_shallow() -> bool:
    """Whether the repository has the newest commits alone."""
    return ask("rev-parse", "--is-shallow-repository").out.strip() == b"true"


def sides(text: str) -> tuple[str, str | None]:
    """The two revisions that `A..B` compares, and `A...B`, which begins where B left A; of one alone, no second.

    What is left out is HEAD, as in git.
    """
    for dots in ("...", ".."):
        first, found, second = text.partition(dots)
        if found:
            first, second = first or "HEAD", second or "HEAD"
            return (first, second) if dots == ".." else (merge_base(first, second), second)
    return text, None


def lacking(revision: str, head: str) -> int:
    """How many commits a revision has that `head` has not; none where git cannot tell."""
    answer = ask("rev-list", "--count", "--end-of-options", f"{head}..{revision}")
    return 0 if answer.code else int(answer.out)


def near_revision(name: str) -> bool:
    """Whether a branch or a tag is called nearly so."""
    from difflib import get_close_matches

    names = references()
    return bool(get_close_matches(name, [*names, *(each.partition("/")[2] for each in names)], n=1, cutoff=0.6))


def merge_base(first: str, second: str) -> str:
    """The hash of the newest commit that two revisions share; refused where there is none."""
    hashes = resolve(first), resolve(second)
    answer = ask("merge-base", *hashes)
    if answer.code or not answer.out:
        what = f"{quoted(first)} and {quoted(second)} share no commit here"
        raise Refused(what, FETCH if is_shallow() else "compare them as they are, with two dots: ..")
    return answer.out.decode().split()[0]
