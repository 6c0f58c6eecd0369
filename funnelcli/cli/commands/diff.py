"""`funnelcli diff`."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from funnelcli.cli import console, destination, load
from funnelcli.cli.completion import candidates
from funnelcli.cli.differing import FileSides, report_on
from funnelcli.cli.repository.wanted import Wanted, wanted_of
from funnelcli.cli.request import SHARED, Given, GivenOften, Request, Strict, door, format_option
from funnelcli.diagnostics import many, short_hash
from funnelcli.output.difference import DIFF_FORMATS, render

if TYPE_CHECKING:
    from funnelcli.analyses.difference import DifferenceReport
    from funnelcli.output.report.look import Look

WORK_TREE = "the work tree"
INDEX = "the index"


@door(*(name for name in SHARED if name in ("output", "force", "color", "config", "no_config", "debug")))
def command(
    request: Request,
    files: Annotated[
        GivenOften,
        typer.Argument(
            metavar="[REV[..REV]] [PATH]...",
            help="A revision, or two, and the files and folders that are meant; or two files, one of them as it was.",
            autocompletion=candidates.sides,
        ),
    ] = None,
    no_index: Annotated[
        bool, typer.Option("--no-index", help="Hold two files against each other, whatever git knows of them.")
    ] = False,
    staged: Annotated[
        bool,
        typer.Option("--staged", "--cached", help="Take what the next commit will hold, in place of the work tree."),
    ] = False,
    strict: Strict = False,
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
    look = _look() if form == "html" else {}
    wanted = wanted_of(files or [], no_index, staged)
    destination.check(request._replace(files=[*wanted.paths, *(wanted.files or ())]))
    if wanted.files is not None:
        sides = _two_files(wanted.files)
        named = wanted.files
    else:
        sides = _changed(wanted)
        named = wanted.old, WORK_TREE if wanted.new is None else wanted.new or INDEX
    report = report_on(sides, *named, strict)._replace(only_told=exit_zero)
    canvas = destination.canvas(request.output)
    text = render(form, report, canvas, **look)
    if form != "json" and wanted.files is None and not report.is_empty:
        _note_what_is_undone(wanted)
    if text or request.output:
        destination.deliver(text, request.output)
        _follow(request, form, report, sides)
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


def _follow(request: Request, form: str, report: "DifferenceReport", sides: list[FileSides]) -> None:
    """The next useful command: of a file that does not read, else of the first funnel that is still there."""
    from funnelcli.cli.run import follow

    broken = next((file for file in report.files if file.breaks), None)
    funnel = next((each for each in report.funnels if each.change not in ("removed", "no longer read")), None)
    found = broken or funnel
    side = None if found is None else next((each for each in sides if each.new == found.file), None)
    if side is None or side.history[1] is None:
        return
    names = [None if name is None else name.rpartition(":") for name in side.history]
    files = [f"{short_hash(name[0])}{name[1]}{name[2]}" for name in names if name is not None]
    is_one = broken is not None or funnel is None or b"\n---" not in (side.new_data or b"")
    chosen = None if is_one or funnel is None else [funnel.name]
    target = destination.Destination(request.output, form, destination.canvas(request.output))
    follow(target, [found], "difference", request._replace(files=files, funnel=chosen))


def _look() -> "dict[str, Look]":
    """The colours of a page, by the defaults; the packages that make one are there."""
    from funnelcli.cli import extras, settings
    from funnelcli.output.report.look import Look, look

    extras.refuse_lacking("report", what=".html")
    kept = {
        key: settings.active.values[key].texts[0] for key in ("theme", "brand_color") if key in settings.active.values
    }
    colours = look(kept.get("theme", "auto"), kept.get("brand_color"))
    assert isinstance(colours, Look)  # what defaults say was held against the same rule
    return {"colours": colours}


def _nothing(wanted: Wanted) -> str:
    """That nothing changed, and what else may have been meant by two files."""
    if len(wanted.paths) == 2 and all(map(os.path.isfile, wanted.paths)):
        return "no funnel changed; to hold the two files against each other: --no-index"
    return "no funnel changed"


def _note_what_is_undone(wanted: Wanted) -> None:
    """Say that the other side has commits that this one lacks: what they did is no change of this side."""
    from funnelcli.cli.repository import git

    if wanted.old.startswith(("HEAD", "@")) or short_hash(wanted.old) != wanted.old:
        return  # what HEAD itself comes from lacks nothing, nor does where two revisions parted
    number = git.lacking(wanted.old, wanted.new or "HEAD")
    if number:
        said = f"{wanted.old} has {many(number, 'commit')} that {'are' if number > 1 else 'is'} not "
        where = "here" if wanted.new in (None, "", "HEAD") else f"in {wanted.new}"
        undone = "what they changed is shown as undone" if number > 1 else "what it changed is shown as undone"
        alone = f"{wanted.old}...{wanted.new or 'HEAD'}"
        console.note(f"{said}{where}, and {undone}; {alone} is what this branch alone does")


def _changed(wanted: Wanted) -> list[FileSides]:
    """The files that git tells to be changed."""
    from funnelcli.cli.repository.changes import changes
    from funnelcli.cli.repository.reading import from_here

    def named(revision: str | None, path: str | None) -> str | None:
        return None if path is None else from_here(path) if revision is None else f"{revision}:{path}"

    return [
        FileSides(
            each.old_path,
            each.new_path,
            each.old,
            each.new,
            each.is_settings,
            history=(named(wanted.old, each.old_path), named(wanted.new, each.new_path)),
        )
        for each in changes(wanted.old, wanted.new, wanted.paths, wanted.typed)
    ]


def _two_files(files: tuple[str, str]) -> list[FileSides]:
    (old_data, old), (new_data, new) = (load.read_bytes(file, "<stdin>") for file in files)
    return [FileSides(old, new, old_data, new_data, is_named=True, history=files)]
