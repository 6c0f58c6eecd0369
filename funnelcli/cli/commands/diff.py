"""`funnelcli diff`."""

import os
import sys
from typing import Annotated, NamedTuple

import typer

from funnelcli.cli import console, destination, load
from funnelcli.cli.completion import candidates
from funnelcli.cli.differing import FileSides, report_on
from funnelcli.cli.request import SHARED, Given, GivenOften, Request, door, format_option
from funnelcli.diagnostics import quoted
from funnelcli.output.difference import DIFF_FORMATS, render

WORK_TREE = "the work tree"


class _Wanted(NamedTuple):
    """Two revisions, the second `None` for the work tree, and paths; or two files, held against each other."""

    old: str
    new: str | None
    paths: tuple[str, ...] = ()
    files: tuple[str, str] | None = None


@door(*(name for name in SHARED if name in ("output", "force", "color", "config", "no_config", "debug")))
def command(
    request: Request,
    files: Annotated[
        GivenOften,
        typer.Argument(
            metavar="[REV[..REV]] [PATH]...",
            help="A revision, or two, and the files and folders that are meant; or two files, one of them as it was.",
            autocompletion=candidates.files,
        ),
    ] = None,
    no_index: Annotated[
        bool, typer.Option("--no-index", help="Hold two files against each other, whatever git knows of them.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings and undecided checks fail, too.")] = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 also where a limit is loosened or a check newly fails.")
    ] = False,
    comment: Annotated[
        bool, typer.Option("--comment", help="Write it on the pull request of this job, in one comment that is kept.")
    ] = False,
    report_format: Annotated[Given, format_option(DIFF_FORMATS, ", in GitHub Actions github, else table")] = None,
) -> None:
    """What a change does to the funnel: limits loosened, checks that newly fail, figures moved."""
    in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
    if report_format is None:
        destination.refuse_unknown(request, request.output, DIFF_FORMATS)
    by_ending = destination.format_of(request, DIFF_FORMATS)
    form = report_format or ("github" if in_actions and request.output is None else by_ending)
    wanted = _wanted(files or [], no_index)
    destination.check(request._replace(files=[*wanted.paths, *(wanted.files or ())]))
    if wanted.files is not None:
        sides = _two_files(wanted.files)
        named = wanted.files
    else:
        sides = _changed(wanted)
        named = wanted.old, wanted.new or WORK_TREE
    report = report_on(sides, *named, strict)._replace(only_told=exit_zero)
    canvas = destination.canvas(request.output)
    text = render(form, report, canvas)
    if text or request.output:
        destination.deliver(text, request.output)
    summary = os.environ.get("GITHUB_STEP_SUMMARY") if form == "github" else None
    told = render("markdown", report, canvas._replace(encoding="utf-8")) if comment or summary else ""
    if summary and told:
        destination.append(summary, f"\n{told}")
    if report.is_empty and sys.stderr is not None and sys.stderr.isatty():
        console.note(_nothing(wanted))
    if report.refuses:
        console.worsen(console.ExitCode.NO)
    if comment:
        from funnelcli.cli.comment import post

        post(told or None, " ".join(wanted.paths))


def _nothing(wanted: _Wanted) -> str:
    """That nothing changed, and what else may have been meant by two files."""
    if len(wanted.paths) == 2 and all(map(os.path.isfile, wanted.paths)):
        return "no funnel changed; to hold the two files against each other: --no-index"
    return "no funnel changed"


def _changed(wanted: _Wanted) -> list[FileSides]:
    """The files that git tells to be changed."""
    from funnelcli.cli.repository.changes import changes

    return [
        FileSides(each.old_path, each.new_path, each.old, each.new, each.is_settings)
        for each in changes(wanted.old, wanted.new, wanted.paths)
    ]


def _two_files(files: tuple[str, str]) -> list[FileSides]:
    (old_data, old), (new_data, new) = (load.read_bytes(file, "<stdin>") for file in files)
    return [FileSides(old, new, old_data, new_data, is_named=True)]


def _wanted(given: list[str], no_index: bool) -> _Wanted:
    """What is asked for: a first argument that is a revision is one, as in git; all others are paths."""
    from funnelcli.cli.repository.names import at_revision

    if no_index or (len(given) == 2 and any(at_revision(each) is not None for each in given)):
        if len(given) != 2:
            raise console.Refused("--no-index holds two files against each other", "name two files")
        return _Wanted("", None, files=(given[0], given[1]))
    outside = not _in_repository()
    if outside and len(given) == 2 and all(map(os.path.isfile, given)):
        return _Wanted("", None, files=(given[0], given[1]))
    if not given:
        return _Wanted("HEAD", None)
    first, *rest = given
    if os.path.lexists(first):
        if not outside and _is_revision(first):
            raise console.Refused(
                f"{quoted(first)} is a revision and a path",
                f"write ./{first} for the path, or {first}~0 for the revision",
            )
        return _Wanted("HEAD", None, (first, *rest))
    from funnelcli.cli.repository import git

    old, new = git.sides(first)
    return _Wanted(old, new, tuple(rest))


def _in_repository() -> bool:
    """Whether the working directory is in a repository, by the files of git alone."""
    folder = os.getcwd()
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
    return True


def _is_revision(name: str) -> bool:
    from funnelcli.cli.repository import git

    return not git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").code
