"""`funnelcli measure --counts`: counts that are added up already, such as a spreadsheet's table, into a funnel."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.cli import console, destination, load, measuring, write_counts

if TYPE_CHECKING:
    from funnelcli.cli.request import Request
    from funnelcli.counts_table.counts import CountsTable


class CountsOptions(NamedTuple):
    """How a table is to be understood where it does not say so itself."""

    decimal: str | None = None
    empty_as_zero: bool = False
    layout: str | None = None
    labels: tuple[str, ...] = ()


def run(request: Request, table: str, options: CountsOptions, *, update: bool) -> list[write_counts.Filled]:
    """The funnel of the table: that of the file with its counts, or, without a file, a new one."""
    from funnelcli.counts_table.counts import counts_from_table
    from funnelcli.funnel_file.reader import read

    measuring.refuse_lacking("events")
    destination.check(request, also_reads=(table,), text=True)
    files = request.files or []
    if len(files) > 1 or (update and (not files or files == ["-"])):
        raise console.Refused("--counts fills one funnel file", "name one FILE")
    if update:
        write_counts.refuse_report(request)
    if files == ["-"] and table == "-":
        raise console.Refused("standard input is the funnel", "name the file of the table")
    data, name = load.read_bytes(table, request.stdin_filename)
    origin, funnel = None, None
    if files:
        (origin,), funnels = write_counts.open_origins(files, request)
        if console.code:
            raise console.Leave
        if len(funnels) != 1:
            raise console.Refused("--counts fills one funnel", "choose it with --funnel NAME")
        (funnel,) = funnels
    outcome = counts_from_table(data, name, None if funnel is None else funnel.names, **options._asdict())
    if isinstance(outcome, list):
        console.diagnostics(outcome, None)
        raise console.Leave
    for note in outcome.notes:
        console.note(note)
    if funnel is not None and _other_currency(funnel.currency, outcome.currency):
        what = f"the table's money is in {outcome.currency}, and the funnel's in {funnel.currency}"
        raise console.Refused(what, "export the table in the funnel's currency, or leave its money out")
    from funnelcli.funnel_file.rewrite import Counts
    from funnelcli.measure import Measured

    if origin is None:
        data = _new_funnel(outcome).encode()
        origin = write_counts.Origin("funnel", data, read(data, "funnel", uncounted=True))
    found = Counts(
        outcome.totals,
        [None] * len(outcome.totals),
        outcome.breakdowns,
        Measured(table),
        budget=None if outcome.breakdowns else outcome.budget,
    )
    return [write_counts.Filled(origin, {1 if funnel is None else funnel.document: found})]


def _other_currency(known: str | None, found: str | None) -> bool:
    """Whether two currencies are two, as far as their codes tell."""
    codes = [name.upper() for name in (known, found) if name is not None and len(name) == 3 and name.isalpha()]
    return len(codes) == 2 and codes[0] != codes[1]


def _new_funnel(table: CountsTable) -> str:
    """A funnel file of the table's stages and money, with the comments that teach."""
    from funnelcli.funnel_file.scalars import written_number
    from funnelcli.funnel_file.starters import funnel_text

    stages = [f"{name}={written_number(count)}" for name, count in zip(table.stages, table.totals, strict=True)]
    in_segments = any(breakdown.segments for breakdown in table.breakdowns)
    budget = None if in_segments or table.budget is None else written_number(table.budget)
    revenue = None if table.revenue is None else written_number(table.revenue)
    text = funnel_text(stages, currency=table.currency, budget=budget, revenue=revenue)
    assert isinstance(text, str), "a table's stages are those of a funnel"
    return text
