"""`funnelcli import`."""

import csv
from typing import Annotated, Literal

import typer

from funnelcli.cli import importing
from funnelcli.cli.completion import candidates
from funnelcli.cli.request import BETWEEN, FORMAT, Given, GivenOften, Name, Output, Request, choice_of, door, option
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.output.formats import FORMATS


@door("force", "color", "stdin_filename", "debug")
def command(
    request: Request,
    files: Annotated[GivenOften, typer.Argument(metavar="[FILE]...", help="Exports; - is standard input.")] = None,
    output: Output = None,
    update: Annotated[
        Given, option("FUNNEL", "Fill this funnel file by the names of its stages.", candidates.files)
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what each column is taken for, and write nothing.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="The exports that are known by their columns.")] = False,
    stages: Annotated[
        Given, option("A,B,C", "The stages in order, for deals; in quotes where a name has a comma.")
    ] = None,
    won: Annotated[GivenOften, option("NAME", "A stage or status of won deals (repeatable).")] = None,
    lost: Annotated[GivenOften, option("NAME", "A stage or status of lost deals (repeatable).")] = None,
    pipeline: Annotated[Given, option("NAME", "Only the deals of this pipeline.")] = None,
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="DATE DATE", help=f"{BETWEEN}: deals made in it."),
    ] = None,
    currency: Annotated[
        Given,
        option("CODE", "The currency, e.g. EUR, where the export says none; of several, money of this one alone."),
    ] = None,
    as_: Annotated[
        Given,
        option("RECIPE", "What export it is, where two fit; --list has the names.", candidates.recipes, name="--as"),
    ] = None,
    recipe: Annotated[Given, option("PATH", "A recipe of one's own.")] = None,
    name: Name = None,
    count: Annotated[GivenOften, option("COLUMN", "A column that counts a stage (repeatable).")] = None,
    steps: Annotated[Given, option("COLUMN", "The column with the names of the stages.")] = None,
    label: Annotated[GivenOften, option("COLUMN", "A column of labels, not of counts (repeatable).")] = None,
    drop: Annotated[GivenOften, option("COLUMN", "A column that is left out (repeatable).")] = None,
    revenue: Annotated[Given, option("COLUMN", "The name of the column of money earned; no amount.")] = None,
    budget: Annotated[Given, option("COLUMN", "The name of the column of money spent; no amount.")] = None,
    layout: Annotated[Literal["wide", "long"] | None, typer.Option(help="A column for each stage, or a row.")] = None,
    decimal: Annotated[Literal[".", ","] | None, typer.Option(help="The decimal mark.")] = None,
    dates: Annotated[Literal["dmy", "mdy"] | None, typer.Option(help="Whether 03/04 is in April or March.")] = None,
    empty_as_zero: Annotated[bool, typer.Option("--empty-as-zero", help="Empty cells are 0.")] = False,
    skip_lines: Annotated[
        int, typer.Option("--skip-lines", min=0, metavar="N", help="Lines above the table to leave out.")
    ] = 0,
    encoding: Annotated[Given, option("NAME", "The encoding, such as windows-1251.")] = None,
    sheet: Annotated[Given, option("NAME", "The sheet of a workbook, or its number.")] = None,
    report_format: Annotated[
        Given,
        typer.Option(
            "--format",
            "-f",
            click_type=choice_of(("yaml", *FORMATS)),
            help=f"{FORMAT}; default: the funnel itself, else as show has it.",
        ),
    ] = None,
) -> None:
    """Turn an export of a CRM, of ads, of analytics or a spreadsheet into a funnel file."""
    options = ImportOptions(
        stages=_listed(stages),
        won=tuple(won or ()),
        lost=tuple(lost or ()),
        pipeline=pipeline,
        recipe=as_,
        between=importing.interval(between or ()),
        date_order=dates,
        currency=currency,
        decimal=decimal,
        empty_as_zero=empty_as_zero,
        layout=layout,
        counts=tuple(count or ()),
        steps=steps,
        drops=tuple(drop or ()),
        labels=tuple(label or ()),
        revenue=revenue,
        budget=budget,
        encoding=encoding,
        sheet=sheet,
        skip_lines=skip_lines,
    )
    if listed:
        importing.list_recipes(request)
        return
    exports, options = importing.prepared(request, options, recipe, name, update)
    if explain:
        from funnelcli.cli import explaining

        explaining.run(request, options, exports)
    elif update is not None:
        from funnelcli.cli import filling

        filling.run(request, options, exports, update)
    else:
        importing.write(request, options, exports, name)


def _listed(text: str | None) -> tuple[str, ...]:
    """Names parted by commas, in quotes where a name has one."""
    if text is None:
        return ()
    (names,) = csv.reader([text], skipinitialspace=True)
    found = tuple(name.strip() for name in names)
    twice = next((name for at, name in enumerate(found) if name in found[:at]), None)
    if len(found) < 2 or not all(found) or twice:
        what = f"{twice} stands in it twice" if twice else "it names the stages in order, at least two"
        raise typer.BadParameter(f'{what}: "Lead,Meeting,Contract"', param_hint="--stages")
    return found
