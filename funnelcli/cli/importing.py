"""`funnelcli import`: exports as people have them into funnel files."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.characters import hidden_places
from funnelcli.cli import console, destination, load, run
from funnelcli.counts_table.currency_names import other_currency
from funnelcli.counts_table.importing import Imported, import_table
from funnelcli.counts_table.recipes import read_recipe, recipes
from funnelcli.diagnostics import Diagnostic, Location, Problem, did_you_mean, joined, quoted, said_once
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.flow import listed_names
from funnelcli.funnel_file.heading import ASSUMED, CLOSING, MADE_BY
from funnelcli.metrics import find_name
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.cli.request import Request
    from funnelcli.counts_table.import_options import ImportOptions
    from funnelcli.counts_table.recipes import Recipe
    from funnelcli.funnel_file.writer import NewFile
    from funnelcli.model import Funnel


_WAYS_OUT = {"FN306": " (--currency EUR says which)"}
"""What helps against a warning at once."""


def prepared(
    request: Request, options: ImportOptions, own: str | None, name: str | None, update: str | None
) -> tuple[list[str], ImportOptions]:
    """The exports, and the options with the recipe of one's `own` file; refused where they ask for what cannot be."""
    files = _each_once(load.once(request.files or []))
    if not files:
        help_ = "name a FILE: funnelcli import deals.csv -o funnel.yaml; --list shows which exports are known"
        raise console.Refused("no export is given", help_)
    if options.recipe is not None:
        if own is not None:
            raise console.Refused("--as names a recipe, and --recipe brings another one", "leave out one of them")
        names = [recipe.name for recipe in recipes()]
        if find_name(options.recipe, names) is None:
            help_ = did_you_mean(options.recipe, names) or "funnelcli import --list shows all of them"
            raise console.Refused(f"no recipe is called {quoted(options.recipe)}", help_)
    if name is not None:
        outcome = scalars.label(name, False)
        if isinstance(outcome, Problem):
            raise console.Refused(f"--name: {outcome.message}", outcome.help or "write one line")
        if len(files) > 1 or update is not None:
            raise console.Refused("--name is of one new funnel", "leave it out, or import one FILE without --update")
    return files, options if own is None else options._replace(own=_own_recipe(own))


def _each_once(files: Sequence[str]) -> list[str]:
    """The exports without those that were named before, which is said: their deals would count twice."""
    paths: dict[str, str] = {}
    for file in files:
        path = file if file == "-" else os.path.realpath(file)
        if path in paths:
            console.note(f"{file} is named twice, and read once")
        paths.setdefault(path, file)
    return list(paths.values())


def _own_recipe(path: str) -> Recipe:
    """The recipe of a file; what is wrong with it is said."""
    data, file = load.read_bytes(path, path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise console.Refused(f"{path} is no text in UTF-8", "save the recipe as UTF-8") from error
    found = read_recipe(text.replace("\r\n", "\n"), os.path.splitext(os.path.basename(path))[0], file)
    if isinstance(found, list):
        console.diagnostics(found, None)
        raise console.Leave
    return found


class Export(NamedTuple):
    """What an export came to, and its name."""

    file: str
    found: Imported


def read_all(request: Request, options: ImportOptions, files: Sequence[str], name: str | None = None) -> list[Export]:
    """All exports, or the end of the run where one of them is refused; notes and what is wrong are said."""
    exports = []
    for path, data, file in load.each_bytes(files, request.stdin_filename):
        outcome = import_table(data, file, options)
        if not isinstance(outcome, Imported):
            console.diagnostics(_of_a_funnel(data, file) or _of_other_stages(data, file, options, outcome), None)
            _say_again(outcome)
            continue
        for note in outcome.notes:
            console.note(f"{file}: {note}" if len(files) > 1 else note)
        _refuse_idle(file, outcome, options)
        funnels = [_in_currency(_called(each, path), options.currency) for each in outcome.funnels]
        if name is not None and len(funnels) == 1:
            funnels = [funnels[0]._replace(name=name)]
        exports.append(Export(file, outcome._replace(funnels=tuple(funnels))))
    if console.code:
        raise console.Leave
    return exports


def _say_again(refused: Sequence[Diagnostic]) -> None:
    """The command with the options that are asked for, where these are all that it lacks: a line to be pasted."""
    lacking = [each.problem.options for each in refused]
    if len(lacking) == 1 and lacking[0] is not None and "-" not in sys.argv:
        command = shlex.join(["funnelcli", *sys.argv[1:]])
        console.say(f"Correct the order where it is wrong, and run:\n  {visible(f'{command} {lacking[0]}')}\n")


def _told_apart(exports: Sequence[Export]) -> list[Export]:
    """The exports with funnels whose names differ: beside one that several have stands their period, or file."""
    every = [funnel._replace(file=export.file) for export in exports for funnel in export.found.funnels]
    names = [funnel.name for funnel in every]
    if len(set(names)) == len(names):
        return list(exports)
    from funnelcli.analyses.compared_segments import labels

    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        alike = [at for at, funnel in enumerate(every) if funnel.name == name]
        for at, label in zip(alike, labels([every[at] for at in alike]), strict=True):
            names[at] = f"{name}, {label}"
        console.note(
            f"{len(alike)} funnels are called {quoted(name)}: here {listed_names([names[at] for at in alike])}"
        )
    left = iter(names)
    return [
        export._replace(
            found=export.found._replace(funnels=tuple(each._replace(name=next(left)) for each in export.found.funnels))
        )
        for export in exports
    ]


def _of_a_funnel(data: bytes, file: str) -> list[Diagnostic]:
    """That a file is no export but a funnel, where it is."""
    from funnelcli.funnel_file.reader import read

    if not read(data, file).funnels:
        return []
    problem = Problem("FN016", "this is a funnel file, not an export", f"run: funnelcli show {shlex.quote(file)}")
    return [Diagnostic(problem, Location(file, 1, 1, 2))]


def _of_other_stages(data: bytes, file: str, options: ImportOptions, refused: list[Diagnostic]) -> list[Diagnostic]:
    """One error in place of several, where the export was refused for nothing but stages that a funnel has not."""
    if options.known is None or {each.problem.code for each in refused} != {"FN112"}:
        return refused
    alone = import_table(data, file, options._replace(known=None))
    if not isinstance(alone, Imported) or len(alone.funnels) != 1:
        return refused
    own, known = alone.funnels[0].names, options.known
    if len(own) < len(known) and all(find_name(name, known) is not None for name in own):
        return refused  # its stages are among those
    first = refused[0]
    what = f"the stages of the export are {listed_names(own)}, and those of the funnel {listed_names(known)}"
    said = first.problem.help or ""
    help_ = "name them alike in the funnel file, in the same order" if said.startswith("known here") else said
    return [first._replace(problem=Problem("FN112", what, help_))]


_OF_UNITS = {
    "won": "--won",
    "lost": "--lost",
    "pipeline": "--pipeline",
    "between": "--between",
    "date_order": "--dates",
}
_OF_ANY_COUNTS = {"steps": "--steps", "layout": "--layout"}
"""What a recipe of a row a segment says itself."""
_OF_COUNTS = {"counts": "--count", "steps": "--steps", "layout": "--layout", "empty_as_zero": "--empty-as-zero"}


def of_units(found: Imported) -> bool:
    """Whether an export has a row a deal, an order or a charge."""
    return found.recipe is not None and found.recipe.of_units


def _refuse_idle(file: str, found: Imported, options: ImportOptions) -> None:
    """Refuse an option that is about another kind of table."""
    idle, about = (_OF_COUNTS, "tables of counts") if of_units(found) else (_OF_UNITS, "deals")
    if found.recipe is not None and found.recipe.shape == "segments":
        idle = {**idle, **_OF_ANY_COUNTS}
        about = "deals" if not any(getattr(options, field) for field in _OF_ANY_COUNTS) else "other tables"
    given = [name for field, name in idle.items() if getattr(options, field)]
    if given:
        is_ = f"an export of {found.recipe.title}" if found.recipe is not None else "a table of counts"
        raise console.Refused(f"{joined(given)} is about {about}, and {file} is {is_}", "leave it out")


def _called(funnel: Funnel, path: str) -> Funnel:
    """The funnel under a name that a file may have; that of standard input is none."""
    hidden = set(hidden_places(funnel.name))
    name = "".join(char for at, char in enumerate(funnel.name) if at not in hidden).strip()
    return funnel._replace(name="" if path == "-" and name.startswith("<") else name)


def _in_currency(funnel: Funnel, told: str | None) -> Funnel:
    """The funnel in the currency that was told, where the export says no other."""
    if told is None:
        return funnel
    if other_currency(funnel.currency, told):
        what = f"the money of the export is in {funnel.currency}, and --currency says {told}"
        raise console.Refused(what, f"leave it out, or write --currency {shlex.quote(funnel.currency or '')}")
    return funnel._replace(currency=told)


def write(request: Request, options: ImportOptions, files: Sequence[str], name: str | None) -> None:
    """Deliver the funnels of the exports, as a file or as `show` reports them."""
    destination.check(request, also_reads=tuple(files), text=True)
    exports = _told_apart([kept_beside(each, request.output) for each in read_all(request, options, files, name)])
    texts, said = [], []
    for export in exports:
        for funnel in export.found.funnels:
            made = _new_file(export, funnel)
            if console.diagnostics(made.errors, None):
                raise console.Leave
            said += [(funnel.name, f"{each.message}{_WAYS_OUT.get(each.code, '')}") for each in made.warnings]
            texts.append(made.text)
    for note in said_once(said, len(texts)):
        console.note(note)
    text = "---\n".join(texts)
    form = destination.format_of(request)
    if request.report_format in (None, "yaml") and form in ("table", "yaml"):
        columns = console.columns(sys.stderr)
        destination.deliver(text, request.output, "" if columns is None else None)
        if request.output and not console.code and columns is not None:
            funnels = [each for export in exports for each in export.found.funnels]
            console.say(_next_steps(request.output, funnels, columns))
        return
    from funnelcli.funnel_file.reader import read

    name = exports[0].file if len(exports) == 1 else "<import>"
    run.show(read(text.encode(), name).funnels, form, request.output)


def kept_beside(export: Export, written: str | None) -> Export:
    """The export under a name that a shared file may keep: no absolute path of one's own machine.

    One below the folder of the file that is `written`, if any, or below the working directory, is named from there;
    another absolute one by its name alone.
    """
    file = export.file
    if os.path.isabs(file):
        file = os.path.normpath(file)
        folders = (*([os.path.dirname(os.path.abspath(written))] if written else []), os.getcwd())
        below = (os.path.relpath(file, folder) for folder in folders if file.startswith(os.path.join(folder, "")))
        file = next(below, os.path.basename(file))
    funnels = tuple(
        funnel if funnel.measured is None else funnel._replace(measured=funnel.measured._replace(source=file))
        for funnel in export.found.funnels
    )
    return Export(file, export.found._replace(funnels=funnels))


def about_export(export: Export) -> list[str]:
    """What the comment at the head of the file says before its notes."""
    recipe = export.found.recipe
    fits = "" if recipe is None else f", an export of {recipe.title} (recipe {recipe.name} {recipe.version})"
    made = f"{MADE_BY} {export.file}{fits}."
    return [made, ASSUMED] if export.found.notes else [made]


def _new_file(export: Export, funnel: Funnel) -> NewFile:
    from funnelcli.funnel_file.writer import new_file

    return new_file(funnel, "funnel.yaml", about_export(export), export.found.notes, CLOSING)


def _next_steps(path: str, funnels: Sequence[Funnel], columns: int) -> str:
    """What to do with a file that was just written; where a line is too long, what for stands below the command."""
    from funnelcli.funnel_file.teaching import questions

    steps = questions(funnels, shlex.quote(path))
    width = max(len(visible(step)) for step, _ in steps)
    lines = [f"  {visible(step):{width}}  {purpose}\n" for step, purpose in steps]
    if max(map(len, lines)) > columns:
        lines = [f"  {visible(step)}\n    {purpose}\n" for step, purpose in steps]
    return f"Wrote {visible(path)}. Next:\n{''.join(lines)}"


def interval(between: Sequence[str]) -> tuple[str, ...]:
    """The dates of `--between`; refused where they are none, or do not grow."""
    if not between:
        return ()
    from funnelcli.funnel_file import moments

    read = []
    for text in between:
        found = moments.moment(text, False)
        if isinstance(found, Problem):
            raise console.Refused(f"--between: {found.message}", found.help or 'write "2026-10-01"')
        read.append(str(found))
    if not moments.grows(*read):
        raise console.Refused(f"--between: {read[1]} is not after {read[0]}", "write the earlier date first")
    return tuple(read)


def list_recipes(request: Request) -> None:
    """The recipes on standard output: what they are called, and what a row of each is."""
    from funnelcli.counts_table.recipe_keys import SHAPES

    given = [
        name
        for name, value in (("FILE", request.files), ("--output", request.output), ("--format", request.report_format))
        if value
    ]
    if given:
        raise console.Refused("--list shows the exports that are known", f"leave out {joined(given)}")
    rows = [("RECIPE", "EXPORT", "VERSION", "A ROW IS")]
    rows += [(each.name, each.title, each.version, SHAPES[each.shape].removeprefix("a row ")) for each in recipes()]
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    lines = ["  ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    destination.deliver("\n".join(lines) + "\n", None)
