"""`funnelcli import --update`: what an export tells into a funnel file, which else stays as it is."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from funnelcli.cli import console, extras, importing, write_counts
from funnelcli.counts_table.currency_names import other_currency
from funnelcli.diagnostics import Diagnostic, Location, Problem, joined, quoted, said_once
from funnelcli.funnel_file.flow import listed_names
from funnelcli.funnel_file.heading import heading
from funnelcli.funnel_file.reader import read
from funnelcli.metrics import find_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.cli.importing import Export
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
    write_counts.refuse_revision(target)
    if not extras.installed("ruamel.yaml"):
        raise console.Refused("--update needs ruamel.yaml", 'install with: pip install "funnelcli[events]"')
    (origin,), funnels = write_counts.open_origins([target], request)
    if console.code:
        raise console.Leave
    if not funnels:
        raise console.Refused("--update fills a funnel", f"{target} has none")
    chosen = _asked_for(funnels, options, target)
    options = options._replace(pipelines=tuple((funnel.name, funnel.names) for funnel in funnels))
    if len(chosen) == 1:
        options = options._replace(known=chosen[0].names)
    (read_in,) = importing.read_all(request, options, files)
    export = importing.kept_beside(read_in, target)
    said: list[tuple[str, str]] = []
    parts = {}
    for funnel in chosen:
        found = _part_of(export, funnel, several=len(chosen) > 1)
        parts[funnel.document] = _with_its_money(funnel, found, export.file, target, said)
    head, of_units = heading(importing.about_export(export), export.found.notes), importing.of_units(export.found)
    counts = {document: counts_of_import(found, head, of_units) for document, found in parts.items()}
    filled = write_counts.Filled(origin, counts)
    written = {each.document: each for each in read(filled.text.encode(), target).funnels}
    before = {each.document: each for each in read(origin.data, target).funnels}
    for funnel in chosen:
        if funnel.document in written:  # what the counts make wrong is said elsewhere
            after, found = written[funnel.document], parts[funnel.document]
            notes = [*_without_place(after, found, target), *_gone(before.get(funnel.document, funnel), after, found)]
            said += [(funnel.name, note) for note in [*notes, *_chances_that_stay(after, found)]]
    for note in said_once(said, len(chosen)):
        console.note(note)
    write_counts.update([filled], request)


def _asked_for(funnels: Sequence[Funnel], options: ImportOptions, target: str) -> list[Funnel]:
    """The funnels of the file that are filled: of several the one of the pipeline that is named, else all."""
    if len(funnels) == 1 or options.pipeline is None:
        return list(funnels)
    names = [funnel.name for funnel in funnels]
    at = find_name(options.pipeline, names)
    if at is None:
        what = f"{target} has no funnel {quoted(options.pipeline)}, which --pipeline names: {listed_names(names)}"
        raise console.Refused(what, "name one of these")
    return [funnels[at]]


def _part_of(export: Export, funnel: Funnel, several: bool) -> Funnel:
    """The funnel of the export that fills one of the file: of several the one of its name, else the only one."""
    found = export.found.funnels
    if not several and len(found) == 1:
        return found[0]
    if not several:
        names = joined([quoted(each.name) for each in found])
        what = f"{export.file} has {len(found)} funnels: {names}"
        raise console.Refused(what, f"choose one: --pipeline {shlex.quote(found[0].name)}")
    at = find_name(funnel.name, [each.name for each in found])
    if at is None:
        what = f"no deal of {export.file} is left in the pipeline {quoted(funnel.name)}"
        raise console.Refused(what, f"fill one of the others: --pipeline {shlex.quote(found[0].name)}")
    return found[at]


def _with_its_money(funnel: Funnel, found: Funnel, file: str, target: str, said: list[tuple[str, str]]) -> Funnel:
    """What the export tells of a funnel of the file; without its money where that of the file stays, which is said."""
    if other_currency(funnel.currency, found.currency):
        what = f"the money of the export is in {found.currency}, and the funnel's in {funnel.currency}"
        raise console.Refused(what, "export it in the funnel's currency, or leave its money out: --drop COLUMN")
    _refuse_other_stages(funnel, found, file, target)
    if (why := _why_money_stays(funnel, found, target)) is None:
        return found
    said.append((funnel.name, f"the money stays as it is: {why}"))
    return _without_money(found)


def _refuse_other_stages(funnel: Funnel, found: Funnel, file: str, target: str) -> None:
    """Say that the stages of the two are not the same."""
    if [find_name(name, funnel.names) for name in found.names] == list(range(len(funnel.names))):
        return
    what = f"the stages are {listed_names(found.names)}, and those of {target} are {listed_names(funnel.names)}"
    help_ = "name them alike, in the same order; or write a new file: --output in place of --update"
    console.diagnostics([Diagnostic(Problem("FN112", what, help_), Location(file, 1, 1, 2))], None)
    raise console.Leave


def _without_place(written: Funnel, found: Funnel, target: str) -> Iterator[str]:
    """Stages that are written as `name: count` have no keys of their own."""
    facts = {"amounts of what is open": "open_amounts", "times": "days", "money": "brings_money"}
    lost = [name for name, key in facts.items() if _any(found, key) and not _any(written, key)]
    if lost:
        what = f"{joined(lost)} of the export have no place in {target}, whose stages are NAME: COUNT"
        yield f"{what}; write them as a list: - {{name: NAME}}"


def _gone(funnel: Funnel, written: Funnel, found: Funnel) -> Iterator[str]:
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
                yield f"{dimension}: not in the export, and {what}: {', '.join(map(quoted, names[:_MOST_NAMED]))}{more}"


def _chances_that_stay(written: Funnel, found: Funnel) -> Iterator[str]:
    """Plain chances to close of the file, where losses at no known stage tell none: people may have stated them."""
    both = zip(written.stages, found.stages, strict=True)
    stay = [quoted(own.name) for own, new in both if new.open and own.close_chance is not None is new.close_chance]
    if stay and found.stages[0].lost_unplaced:
        yield f"close_chance of {joined(stay)} stays as it is: the export tells none"


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
        found.breakdowns,
        found.measured or Measured(),
        budget=None if found.budget_of else found.budget,
        imported=found,
        heading=head,
        of_units=of_units,
    )
