"""The one entry: bytes of an export, of any kind, to funnels.

The way: a grid of cells, the recipe that it fits, and by the recipe's shape counts, deals or orders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.characters import hidden_places
from funnelcli.counts_table.grid import cell_table, read_grid
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.money_options import column_meant, refuse_no_currency
from funnelcli.counts_table.pipelines import no_pipelines
from funnelcli.counts_table.places import diagnostics
from funnelcli.counts_table.recipes import Recipe, RecipeColumn, recipes
from funnelcli.counts_table.recognise import recognised
from funnelcli.counts_table.table import CellTable, clean
from funnelcli.counts_table.table_checks import check_magnitudes
from funnelcli.counts_table.told_columns import UNKNOWN, as_told, use_of
from funnelcli.diagnostics import Diagnostic, Location, Problem, did_you_mean, joined, quoted
from funnelcli.measure import Measured
from funnelcli.metrics import find_name
from funnelcli.model import stem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.grid import Grid
    from funnelcli.counts_table.recognise import Recognised
    from funnelcli.model import Funnel


class ColumnUse(NamedTuple):
    """A column of the file, and what was made of it."""

    name: str
    use: str


class Imported(NamedTuple):
    """What an export says: its funnels, and sentences for their reader.

    `recipe` is the one that it fits; `None` for any spreadsheet.
    """

    funnels: tuple[Funnel, ...]
    notes: tuple[str, ...] = ()
    recipe: Recipe | None = None


class Explained(NamedTuple):
    """How an export was read: what it came to, which may be a refusal, and what was taken for what.

    `columns` are those of the file, as far as they are known; `header` is the line of their names, from 1.
    """

    outcome: Imported | list[Diagnostic]
    recipe: Recipe | None = None
    columns: tuple[ColumnUse, ...] = ()
    header: int | None = None
    encoding: str | None = None
    delimiter: str = ""
    sheet: str | None = None


def import_table(data: bytes, file: str, options: ImportOptions | None = None) -> Imported | list[Diagnostic]:
    """Read an export, or return all that is wrong with it: sorted, at most 1,000 diagnostics."""
    return explained(data, file, options).outcome


def explained(data: bytes, file: str, options: ImportOptions | None = None) -> Explained:
    """Read an export as `import_table` does, and say how it was read."""
    options = options or ImportOptions()
    names = (name for recipe in recipes() for column in recipe.columns for name in column.names)
    grid = read_grid(data, file, options, names)
    if isinstance(grid, list):
        return Explained(grid)
    recipe = _recipe_asked(options)
    if isinstance(recipe, Problem):
        return Explained([Diagnostic(recipe, Location(file, 1, 1, 2))])
    fitting = recognised(grid.rows, recipes() if recipe is None else (recipe,), recipe is not None)
    found = fitting[0] if fitting else None
    table = cell_table(grid, None if found is None else found.header, options)
    if found is not None:
        order = {column.key: at for at, column in enumerate(found.recipe.columns)}
        table.is_known, table.more = True, found.recipe.more
        table.hints = dict(sorted(found.columns, key=lambda each: order.get(each[1].key, len(order))))
    refuse_no_currency(table, found is not None and found.recipe.of_units)
    if not table.problems:
        _judge_recipe(table, fitting, recipe)
    if found is not None and found.recipe.of_units:
        found = as_told(table, found)
    funnels = None if table.problems else _funnels(table, found, file)
    if funnels is not None and not (_names_are_seen(table, funnels) and _units_are_told(table, found, grid)):
        funnels = None
    known = None if found is None else found.recipe
    columns = _uses(table, found)
    outcome: Imported | list[Diagnostic]
    if funnels is None:
        outcome = diagnostics(table, file)
    else:
        recipe_used = None if known is None else f"{known.name} {known.version}"
        noted = tuple(
            funnel._replace(measured=(funnel.measured or Measured())._replace(source=file, recipe=recipe_used))
            for funnel in funnels
        )
        outcome = Imported(noted, tuple(table.notes), known)
    line = table.starts[table.header] + 1 if table.header < len(table.starts) else None
    return Explained(outcome, known, columns, line, grid.encoding, grid.delimiter, grid.sheet)


def _names_are_seen(table: CellTable, funnels: Sequence[Funnel]) -> bool:
    """Whether all names are of visible characters; those that are not are refused where they first stand."""
    wrong: dict[str, None] = {}
    for funnel in funnels:
        segments = [segment.name for each in funnel.breakdowns for segment in each.segments]
        dimensions = [each.dimension for each in funnel.breakdowns]
        names = [funnel.currency or "", *funnel.names, *dimensions, *segments]
        wrong |= dict.fromkeys(name for name in names if hidden_places(name))
    for name in wrong:
        cells = ((row, at) for row in (table.header, *table.body) for at, cell in enumerate(table.rows[row]))
        place = next(((row, at) for row, at in cells if name in clean(table.rows[row][at])), (table.header, 0))
        table.refuse(*place, "FN015", f"an invisible character stands in {name!a}", "delete it")
    return not wrong


def _units_are_told(table: CellTable, found: Recognised | None, grid: Grid) -> bool:
    """Whether the names of columns tell all thousands of figures; where they do not, that is refused."""
    read = table.turned or table
    counts, money = read.roles.counts, read.roles.money
    if found is not None and found.recipe.of_units:
        counts, money = (), tuple(place.at for place in found.of_kind("amount"))
    above = [(row, f"say --skip-lines {grid.starts[table.header]}") for row in grid.rows[: table.header]]
    below = [(row, "delete that line") for row in grid.rows[len(table.rows) :] if len(row) == 1]
    sheet = [([grid.sheet or ""], "rename the sheet")]
    beside = [(" ".join(filter(None, map(clean, row))), left_out) for row, left_out in (*above, *below, *sheet)]
    check_magnitudes(read, counts, money, beside)
    if read is not table and read.problems:
        table.adopt(read)
    return not table.problems


def _uses(table: CellTable, found: Recognised | None) -> tuple[ColumnUse, ...]:
    """What the columns of a table are, as was found, or as the recipe says it."""
    if table.uses or found is None:
        return tuple(ColumnUse(name, use) for name, use in table.uses)
    known = dict(found.columns)
    return tuple(
        ColumnUse(name, use_of(known.get(at, RecipeColumn("drop", why=UNKNOWN["words"]))))
        for at, name in enumerate(table.names)
        if name
    )


def _recipe_asked(options: ImportOptions) -> Recipe | Problem | None:
    """The recipe that the caller names or gives; `None` where the table is to tell."""
    if options.own is not None or options.recipe is None:
        return options.own
    names = [recipe.name for recipe in recipes()]
    at = find_name(options.recipe, names)
    if at is not None:
        return recipes()[at]
    return Problem("FN120", f"no recipe is called {quoted(options.recipe)}", did_you_mean(options.recipe, names))


def _judge_recipe(table: CellTable, fitting: Sequence[Recognised], asked: Recipe | None) -> None:
    """That the recipe asked for does not fit, or that several do, is a problem."""
    if asked is not None and not fitting:
        headers = {column.key: column.names[0] for column in asked.columns}
        needs = ["|".join(dict.fromkeys(quoted(headers[key]) for key in need.split("|"))) for need in asked.needs]
        needed = joined([" or ".join(need.split("|")) for need in dict.fromkeys(needs)])
        help_ = f"its row of names has {needed}, or these in another language known"
        table.refuse_name(0, "FN114", f"this is not the export of {quoted(asked.title)}", help_)
    if len(fitting) > 1:
        listed = joined([each.recipe.name for each in fitting])
        help_ = f"say which: --as {fitting[0].recipe.name}"
        table.refuse_name(0, "FN113", f"the table fits {listed}", help_)


def _funnels(table: CellTable, found: Recognised | None, file: str) -> tuple[Funnel, ...] | None:
    """The funnels of a table, by the shape of its recipe; `None` where something is wrong, which is in its problems."""
    if len(table.options.pipelines) > 1 and (found is None or found.recipe.shape != "deals"):
        table.refuse_name(0, *no_pipelines(table.options))
        return None
    if found is not None and found.recipe.of_units:
        for option, name in (("--revenue", table.options.revenue), ("--budget", table.options.budget)):
            if name is not None:
                what = f"{option} names a column beside counts, and each row here is one of {found.recipe.shape}"
                help_ = column_meant(option, name) or f"leave out {option}: amounts are those of the recipe's column"
                table.refuse_name(0, "FN120", what, help_)
        if table.problems:
            return None
    funnels = _by_shape(table, found)
    return None if funnels is None else tuple(each._replace(name=each.name or stem(file)) for each in funnels)


def _by_shape(table: CellTable, found: Recognised | None) -> tuple[Funnel, ...] | None:
    """What reads tables of one shape is imported for these alone."""
    shape = None if found is None else found.recipe.shape
    if found is not None and shape == "deals":
        from funnelcli.counts_table.deal_funnel import import_deals

        return import_deals(table, found)
    if found is not None and shape == "orders":
        from funnelcli.counts_table.orders import import_orders

        return import_orders(table, found)
    if shape == "segments":
        from funnelcli.counts_table.segments import segments_of

        counts = segments_of(table)
    else:
        from funnelcli.counts_table.counts import counts_of

        counts = counts_of(table)
    return None if counts is None else (counts,)
