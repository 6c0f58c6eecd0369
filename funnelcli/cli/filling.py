"""`funnelcli import --update`: what an export tells into a funnel file, which else stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.cli import console, importing, measuring, write_counts
from funnelcli.diagnostics import Diagnostic, Location, Problem, joined, quoted
from funnelcli.funnel_file.flow import listed_names
from funnelcli.funnel_file.heading import heading
from funnelcli.funnel_file.reader import read
from funnelcli.metrics import find_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.cli.request import Request
    from funnelcli.counts_table.import_options import ImportOptions
    from funnelcli.funnel_file.rewrite import Counts
    from funnelcli.model import Funnel


_MOST_NAMED = 9


def run(request: Request, options: ImportOptions, files: Sequence[str], target: str) -> None:
    """Fill the funnel of a file by the names of its stages; of several each, by the name of its pipeline."""
    if len(files) > 1 or target == "-":
        raise console.Refused("--update fills one funnel file with one export", "name one FILE, and the funnel file")
    if options.stages:
        raise console.Refused("the funnel file has the stages in order", "leave out --stages, or --update")
    write_counts.refuse_report(request)
    if not measuring.installed("ruamel.yaml"):
        raise console.Refused("--update needs ruamel.yaml", 'install with: pip install "funnelcli[events]"')
    (origin,), funnels = write_counts.open_origins([target], request)
    if console.code:
        raise console.Leave
    if not funnels:
        raise console.Refused("--update fills a funnel", f"{target} has none")
    chosen = _of_pipelines(funnels, options, target)
    counts = {}
    for funnel, of in chosen:
        counts[funnel.document] = _counts(request, of, files, target, funnel)
    filled = write_counts.Filled(origin, {document: each for document, (each, _) in counts.items()})
    written = {each.document: each for each in read(filled.text.encode(), target).funnels}
    before = {each.document: each for each in read(origin.data, target).funnels}
    for funnel, _ in chosen:
        if funnel.document in written:  # what the counts make wrong is said elsewhere
            after, (_, found) = written[funnel.document], counts[funnel.document]
            _say_what_has_no_place(after, found, target)
            _say_what_is_gone(before.get(funnel.document, funnel), after, found)
            _say_what_chances_stay(after, found)
    write_counts.update([filled], request)


def _of_pipelines(funnels: Sequence[Funnel], options: ImportOptions, target: str) -> list[tuple[Funnel, ImportOptions]]:
    """The funnels of the file that are filled, and how the export of each is read: of several, by pipelines' names."""
    if len(funnels) == 1:
        return [(funnels[0], options)]
    if options.pipeline is None:
        return [(funnel, options._replace(pipeline=funnel.name)) for funnel in funnels]
    names = [funnel.name for funnel in funnels]
    at = find_name(options.pipeline, names)
    if at is None:
        what = f"{target} has no funnel {quoted(options.pipeline)}, which --pipeline names: {listed_names(names)}"
        raise console.Refused(what, "name one of these")
    return [(funnels[at], options)]


def _counts(
    request: Request, options: ImportOptions, files: Sequence[str], target: str, funnel: Funnel
) -> tuple[Counts, Funnel]:
    """What the export tells of a funnel of the file, and the funnel that it is."""
    (read_in,) = importing.read_all(request, options._replace(known=funnel.names), files)
    export = importing.kept_beside(read_in, target)
    found = _the_one(export.found.funnels, export.file)
    if importing.other_currency(funnel.currency, found.currency):
        what = f"the money of the export is in {found.currency}, and the funnel's in {funnel.currency}"
        raise console.Refused(what, "export it in the funnel's currency, or leave its money out: --drop COLUMN")
    _refuse_other_stages(funnel, found, export.file, target)
    if (why := _why_money_stays(funnel, found, target)) is not None:
        console.note(f"the money stays as it is: {why}")
        found = _without_money(found)
    head = heading(importing.about_export(export), export.found.notes)
    return counts_of_import(found, head, importing.of_units(export.found)), found


def _the_one(funnels: Sequence[Funnel], file: str) -> Funnel:
    """The funnel of the export; refused where there are several."""
    if len(funnels) == 1:
        return funnels[0]
    names = joined([quoted(each.name) for each in funnels])
    raise console.Refused(
        f"{file} has {len(funnels)} funnels: {names}", f"choose one: --pipeline {quoted(funnels[0].name)}"
    )


def _refuse_other_stages(funnel: Funnel, found: Funnel, file: str, target: str) -> None:
    """Say that the stages of the two are not the same."""
    if [find_name(name, funnel.names) for name in found.names] == list(range(len(funnel.names))):
        return
    what = f"the stages are {listed_names(found.names)}, and those of {target} are {listed_names(funnel.names)}"
    help_ = "name them alike, in the same order; or write a new file: --output in place of --update"
    console.diagnostics([Diagnostic(Problem("FN112", what, help_), Location(file, 1, 1, 2))], None)
    raise console.Leave


def _say_what_has_no_place(written: Funnel, found: Funnel, target: str) -> None:
    """Stages that are written as `name: count` have no keys of their own."""
    facts = {"amounts of open units": "open_amounts", "times": "days", "money": "brings_money"}
    lost = [name for name, key in facts.items() if _any(found, key) and not _any(written, key)]
    if lost:
        what = f"{joined(lost)} of the export have no place in {target}, whose stages are NAME: COUNT"
        console.note(f"{what}; write them as a list: - {{name: NAME}}")


def _say_what_is_gone(funnel: Funnel, written: Funnel, found: Funnel) -> None:
    """Segments of the file that the export has not: they are taken out, or stay for their money."""
    after, known = (
        {each.dimension: {segment.name for segment in each.segments} for each in of.breakdowns}
        for of in (written, found)
    )
    for dimension, segments in funnel.breakdowns:
        gone = [each.name for each in segments if each.name not in known.get(dimension, {each.name})]
        stay = [name for name in gone if name in after.get(dimension, ())]
        out = [name for name in gone if name not in stay]
        for names, what in ((out, "left out from now on"), (stay, "kept with counts of 0, for the money")):
            if names:
                more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
                console.note(
                    f"{dimension}: not in the export, and {what}: {', '.join(map(quoted, names[:_MOST_NAMED]))}{more}"
                )


def _say_what_chances_stay(written: Funnel, found: Funnel) -> None:
    """Plain chances to close of the file, where losses at no known stage tell none: people may have stated them."""
    both = zip(written.stages, found.stages, strict=True)
    stay = [quoted(own.name) for own, new in both if new.open and own.close_chance is not None is new.close_chance]
    if stay and found.stages[0].lost_unplaced:
        console.note(f"close_chance of {joined(stay)} stays as it is: the export tells none")


def _any(funnel: Funnel, key: str) -> bool:
    return any(getattr(stage, key) for stage in funnel.stages)


def _why_money_stays(funnel: Funnel, found: Funnel, target: str) -> str | None:
    """Why the money of the export is not that of the file; `None` where it is, or where there is none."""
    own, other = funnel.money_stages, found.money_stages
    if own and other and other != own:
        owners, others = (joined([quoted(each.names[at]) for at in each.money_stages]) for each in (funnel, found))
        return f"that of {target} is of {owners}, and that of the export of {others}"
    told = next((at for at in other if funnel.stages[at].average_check is not None), None)
    if told is None or found.stages[told].revenue is None or "average_check" in dict(funnel.derived):
        return None
    if funnel.stages[told].revenue is not None:
        return None
    return f"{target} says the average check itself; without it there, the revenue of the export is written"


def _without_money(funnel: Funnel) -> Funnel:
    stages = (stage._replace(average_check=None, average_check_sd=None, revenue=None) for stage in funnel.stages)
    breakdowns = (
        each._replace(
            segments=tuple(segment._replace(average_check=None, average_check_sd=None) for segment in each.segments)
        )
        for each in funnel.breakdowns
    )
    return funnel._replace(stages=tuple(stages), breakdowns=tuple(breakdowns))


def counts_of_import(found: Funnel, head: Sequence[str] = (), of_units: bool = False) -> Counts:
    """What goes into the file; `head` are the lines of its heading; `of_units`: the export has a row a unit."""
    from funnelcli.funnel_file.rewrite import Counts
    from funnelcli.measure import Measured

    return Counts(
        [stage.count for stage in found.stages],
        [None] * len(found.stages),
        found.breakdowns,
        found.measured or Measured(),
        budget=None if found.budget_of else found.budget,
        imported=found,
        heading=head,
        of_units=of_units,
    )
