"""`funnelcli measure --counts`: counts that are added up already, such as a spreadsheet's table, into a funnel."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.cli import session, streams
from funnelcli.cli.exits import ExitCode
from funnelcli.diagnostics import Severity, decimal_text

if TYPE_CHECKING:
    from funnelcli.cli.options import Request
    from funnelcli.measuring.counts import CountsTable


class Wish(NamedTuple):
    """The table, and how it is to be understood where it does not say so itself."""

    table: str
    decimal: str | None = None
    empty_as_zero: bool = False
    layout: str | None = None
    labels: tuple[str, ...] = ()
    update: bool = False


def run(request: Request, wish: Wish) -> ExitCode:
    """The funnel of the table: that of the file with its counts, or, without a file, a new one."""
    from funnelcli.measuring.counts import counts_from_table
    from funnelcli.reading.funnel_file import read

    files = request.files or []
    if len(files) > 1 or (wish.update and (not files or files == ["-"])):
        return streams.refuse("--counts fills one funnel file", "name one FILE", request)
    if wish.update and (request.output or request.report_format):
        return streams.refuse("--update writes into the funnel file", "leave out --output and --format", request)
    try:
        data, name = session.read_bytes(wish.table, request.stdin_filename)
    except OSError as error:
        return streams.refuse(f"cannot read {wish.table}: {error.strerror or error}", "check the path", request)
    text, stages, document = "", None, 1
    if files:
        known = session.read_file(files[0], request.stdin_filename)
        if isinstance(known, session.Unreadable):
            return streams.refuse(*known, request)
        # what is about to be counted need not be there yet
        reading = read(known.text.encode(), known.file, uncounted=True) if known.text else known
        code = session.say(reading.diagnostics, reading.documents, request)
        if code:
            return code
        funnels, code = session.named(list(reading.funnels), request, ExitCode.OK)
        if code or len(funnels) != 1:
            return code or streams.refuse("--counts fills one funnel", "choose it with --funnel NAME", request)
        text, document = reading.text, funnels[0].document
        stages = [stage.name for stage in funnels[0].stages]
    outcome = counts_from_table(
        data,
        name,
        stages,
        decimal=wish.decimal,
        empty_as_zero=wish.empty_as_zero,
        layout=wish.layout,
        labels=wish.labels,
    )
    if isinstance(outcome, list):
        return session.say(outcome, None, request)
    streams.say("".join(f"funnelcli: {note}\n" for note in outcome.notes))
    return _hand_over(text, document, outcome, wish, request)


def _hand_over(text: str, document: int, table: CountsTable, wish: Wish, request: Request) -> ExitCode:
    """Write the funnel with its counts: as YAML, into its file, or as `show` reports it."""
    from funnelcli.model import Measured
    from funnelcli.reading import rewriting
    from funnelcli.reading.funnel_file import read

    if not text:
        text = _new_funnel(table)
    note = Measured(source=wish.table)
    counts = rewriting.Counts(table.totals, [None] * len(table.totals), table.breakdowns, note)
    text = rewriting.rewrite(text, {document: counts})
    name = (request.files or ["funnel"])[0]
    reading = read(text.encode(), name)
    errors = [each for each in reading.diagnostics if each.severity is Severity.ERROR]  # such as a stage that grows
    if errors:
        return session.say(errors, reading.documents, request)
    if wish.update:
        return streams.deliver(text, request._replace(output=(request.files or [""])[0]))
    text = rewriting.only(text, [document])
    form = request.report_format or streams.format_of(request.output)
    if request.report_format in (None, "yaml") and form in ("table", "yaml"):
        return streams.deliver(text, request)
    from funnelcli.analyses.conversion import convert
    from funnelcli.rendering.formats import render

    shown = [convert(each) for each in read(text.encode(), name).funnels]
    return streams.deliver(render(form, "show", shown, "conversion", streams.canvas(request)), request)


def _new_funnel(table: CountsTable) -> str:
    """A funnel file of the table's stages, with the comments that teach."""
    from funnelcli.reading.starters import funnel_text

    stages = [f"{name}={decimal_text(count)}" for name, count in zip(table.stages, table.totals, strict=True)]
    text = funnel_text(stages)
    assert isinstance(text, str), "a table's stages are those of a funnel"
    return text
