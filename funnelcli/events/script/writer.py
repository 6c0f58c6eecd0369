"""The query by which a funnel is counted, as text that people review and schedulers run.

The events and the units are those that `warehouse` and `tally` write; what comes back is one row for each stage, of
all units and of each segment, in columns for people.
"""
# ruff: noqa: S608  # names and values of a funnel file are identifiers and literals of SQLGlot

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import ibis
import sqlglot
from sqlglot import exp

from funnelcli.diagnostics import Problem, quoted
from funnelcli.events import chains_sql, places, possible, tally
from funnelcli.events.comparisons import asked_of
from funnelcli.events.definition import FLAG, NUMBER, TEXT, TIME
from funnelcli.events.misfits import misfits
from funnelcli.events.overlap import counts_rows_once, tangle
from funnelcli.events.script import comments, report, trees
from funnelcli.events.warehouse import ibis_private
from funnelcli.events.warehouse.connections import COLLATIONS, spelled
from funnelcli.events.warehouse.dates import with_dates
from funnelcli.events.warehouse.engine import Database
from funnelcli.measure import OF_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from funnelcli.events.definition import Definition

DIALECTS = {
    "duckdb": "duckdb", "postgres": "postgres", "mysql": "mysql", "mariadb": "mysql", "bigquery": "bigquery",
    "snowflake": "snowflake", "clickhouse": "clickhouse", "databricks": "databricks", "spark": "pyspark",
    "trino": "trino", "athena": "athena",
}  # fmt: skip
"""Dialects for which the text can be made, and what Ibis calls them."""
PLACE = "funnelcli_place_of_events"
"""What stands in the text for the table, until it is known how that is written."""
_TYPES = {NUMBER: "decimal(38, 9)", TEXT: "string", FLAG: "boolean", TIME: "timestamp('UTC')"}
_TIMES_WITHOUT_ZONE = ("mysql", "athena")
_MOST_TABLES = {"mysql": 64}
"""Tables that a query may begin with, where there is a limit: what is more stays inside of others."""


class Source(NamedTuple):
    """The table of events, as far as it was looked at.

    `sql` is what stands for it after FROM, in the words of the dialect, or nothing where the name of the table does.
    `types` are those of Ibis of all its columns, or nothing where it was not looked at. `catalog` is what it was called
    there by, and is not called elsewhere.
    """

    sql: str | None = None
    types: Mapping[str, Any] | None = None
    catalog: str | None = None


class Script(NamedTuple):
    """A query: the tables that it begins with, each with its comment, and what it asks of them in the end."""

    heading: tuple[str, ...]
    tables: tuple[tuple[str, str, str], ...]
    query: str
    dialect: Any

    def text(self) -> str:
        """All of it, without a semicolon."""
        parts = [f"{comment}{self.name(name)} AS (\n{text}\n)" for name, comment, text in self.tables]
        return "\n".join(self.heading) + "\nWITH\n" + ",\n".join(parts) + f"\n{self.query}\n"

    def name(self, name: str) -> str:
        """A name as the dialect quotes it."""
        return str(exp.to_identifier(name, quoted=True).sql(self.dialect))


class _Paper(NamedTuple):
    """In place of a connection: what writes queries for a database that nothing is connected to."""

    name: str
    dialect: Any

    def compile(self, expression: Any) -> str:
        return str(ibis.to_sql(expression, dialect=self.name))


def unconnected(definition: Definition, dialect: str, source: Source) -> tuple[Database, Definition] | Problem:
    """What writes the query of a table that is not looked at, or not by this dialect, and the definition for it."""
    engine = DIALECTS[dialect]
    paper = _Paper(engine, dialect_of(dialect))
    types = _told(definition, engine) if source.types is None else source.types
    if isinstance(types, Problem):
        return types
    place = ibis_private.unbound_table(PLACE, types, paper)
    if dialect in COLLATIONS:
        query, texts = spelled(place.schema(), COLLATIONS[dialect], f"`{PLACE}`")
        place = ibis_private.query_of(query, texts, paper)
    dated = with_dates(definition, place)
    if isinstance(dated, Problem):
        return dated
    definition, place = dated
    return Database(paper, place, complete=source.types is not None), definition


def named_place(dialect: Any) -> str:
    """What stands in a text for a table that is still to be named."""
    return str(exp.to_identifier(PLACE, quoted=True).sql(dialect))


def named(table: str, dialect: str) -> str:
    """A table by its name, maybe with those of its schema and project before it, as the dialect quotes it."""
    own = dialect_of(dialect)
    return ".".join(str(exp.to_identifier(part, quoted=True).sql(own)) for part in table.split("."))


def dialect_of(name: str) -> Any:
    """One of `DIALECTS` as SQLGlot knows it."""
    return ibis_private.dialect_of(DIALECTS[name])


def is_other(name: str) -> bool:
    """Whether a name is that of a dialect for which no text can be made."""
    return name not in DIALECTS and sqlglot.Dialect.get(name) is not None


def of_duckdb(types: Mapping[str, str]) -> dict[str, Any]:
    """Types in the words of DuckDB as those of Ibis."""
    found = {}
    for column, type_ in types.items():
        try:
            found[column] = ibis_private.type_of_duckdb(type_)
        except Exception:  # of a type that Ibis does not know
            found[column] = ibis.dtype("unknown")
    return found


def _told(definition: Definition, engine: str) -> dict[str, Any] | Problem:
    """The types of the columns that are named, by what they are compared with."""
    types: dict[str, Any] = dict.fromkeys(definition.columns, "string")
    for column in definition.columns:
        if "." in column:
            what = f"what lies inside a column, as {quoted(column)} does, is not known without the table"
            help_text = "add --from with the table or a file of its events"
            return Problem("FN103", what, help_text, path=places.column(definition, column))
        types[column] = _TYPES[assumed(definition, column)]
    if definition.epoch is not None:
        types[definition.time] = "int64"
    elif definition.time_format is None:
        types[definition.time] = "timestamp" if engine in _TIMES_WITHOUT_ZONE else "timestamp('UTC')"
    return types


def assumed(definition: Definition, column: str) -> str:
    """What a column holds, by what it is compared with."""
    options = asked_of(definition, column)
    if not options and column in definition.amounts:
        return NUMBER
    if any(isinstance(operand, bool) for _, operand in options):
        return FLAG
    if any(operator in OF_TEXT for operator, _ in options) or not options:
        return TEXT
    if all(not isinstance(operand, str) for _, operand in options):
        return NUMBER
    return TIME if any(operator.startswith((">", "<")) for operator, _ in options) else TEXT


def write(
    engine: Database, definition: Definition, notes: comments.About, source: Source
) -> Script | Problem | list[Problem]:
    """The query of a funnel, or why there is none."""
    definition = definition._replace(lost=(), valueless=())  # which tell what is not in the text
    problems = misfits(definition, engine.columns, texts=False)
    if problems:
        return problems
    masks = possible.masks(definition)
    if isinstance(masks, Problem):
        return masks
    tangled = tangle(definition, masks)
    if tangled:
        return tangled
    once = counts_rows_once(definition, masks)
    if once and definition.identity is None and engine.dialect_name == "mysql" and not engine.complete:
        what = "rows that came twice count once here, and without the table its columns are not known"
        help_text = "name the column that tells events apart: id: event_id; or add --from"
        return Problem("FN103", what, help_text, path=places.MEASURE)
    flagged, exact = engine.flagged(definition, once=once)
    raw = _placed(sqlglot.parse_one(flagged, read=engine.dialect), source, engine.dialect)
    for each in raw.find_all(exp.Expression):
        each.comments = None
    trees.eased(raw)
    names = trees.Names({table.name.lower() for table in raw.find_all(exp.Table)})
    tables: list[tuple[str, exp.Expression]] = [("flagged", raw)]
    flag = chains_sql.flag_of_any(definition)
    only = "" if exact else f" WHERE {chains_sql.wanted(definition, flags=True)}"
    if flag or only:
        tables.append(("events", sqlglot.parse_one(f"SELECT e.*{flag} FROM flagged AS e{only}")))
    parts, sources, chosen = tally.units_at_once(definition, masks)
    tally.name_counted(definition, parts, chosen, masks)
    texts = parts | report.queries(definition, notes.funnel, sources, chosen)
    most = _MOST_TABLES.get(engine.dialect_name)
    for open_ in (set(texts), {"u"}, set()):
        known: dict[str, str] = {}
        parsed = [(name, sqlglot.parse_one(text)) for name, text in texts.items()]
        more: list[tuple[str, exp.Expression]] = []
        for name, tree in parsed:
            text = tree.sql()
            more += trees.unfolded(name, tree, known) if name in open_ else [(name, tree)]
            known.setdefault(text, name)
        if most is None or len(tables) + len(more) <= most:
            break
    tables += more
    if not notes.in_order:
        tables[-1][1].set("order", None)
    called = names.of(definition, [name for name, _ in tables])
    collation = re.search(r"COLLATE (\w+)", flagged) if engine.dialect_name == "mysql" else None
    called.setdefault("events", called["flagged"])
    for _, tree in tables[1:]:
        trees.renamed(tree, called)
        if engine.dialect_name == "mysql":
            trees.told_apart(tree, collation[1] if collation else COLLATIONS.get(notes.dialect, ""))
    spelled_out = comments.numbers(definition)
    for literal in (each for _, tree in tables[1:] for each in tree.find_all(exp.Literal)):
        if not literal.is_string and literal.this in spelled_out:
            literal.comments = [spelled_out[literal.this]]
    told = comments.of_tables(definition, tables, once=once)
    written = [
        (called[name], comment, _sql(tree, engine.dialect, "" if name == "answer" else "  "))
        for (name, tree), comment in zip(tables, told, strict=True)
    ]
    heading = comments.heading(definition, notes, once=once, looked=engine.complete)
    _, comment, answer = written[-1]
    return Script(heading, tuple(written[:-1]), comment + answer, engine.dialect)


def _placed(tree: exp.Expression, source: Source, dialect: Any) -> exp.Expression:
    """The query of the table itself, in place of what stands for it."""
    if source.sql is None:
        return tree
    for table in list(tree.find_all(exp.Table)):
        own = trees.source_of(sqlglot.parse_one(f"SELECT * FROM {source.sql}", read=dialect))
        for inner in own.find_all(exp.Table):
            if inner.catalog == source.catalog:
                inner.set("catalog", None)
        alias = table.args.get("alias")
        if alias is not None or not isinstance(own, exp.Table):
            own.set("alias", alias or exp.TableAlias(this=exp.to_identifier(PLACE)))
        table.replace(own)
    return tree


def _sql(tree: exp.Expression, dialect: Any, indent: str = "") -> str:
    """The text of a query in lines; in one line where that would change a text with lines of its own."""
    nulls = sqlglot.Dialect.get_or_raise(dialect).NULL_ORDERING
    for each in tree.find_all(exp.Ordered):  # none of them is NULL
        each.set("nulls_first", nulls == ("nulls_are_large" if each.args.get("desc") else "nulls_are_small"))
    texts = [each.this for each in tree.find_all(exp.Literal, exp.Identifier)]
    pretty = not any(isinstance(each, str) and not each.isprintable() for each in texts)
    text = str(tree.sql(dialect, identify=True, pretty=pretty, max_text_width=100))
    return "\n".join(f"{indent}{line}" for line in text.split("\n")) if pretty else text
