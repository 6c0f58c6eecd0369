"""The tables that a query for people begins with: one for each query inside it, with names that say what it holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp

from funnelcli.events import entries, tally
from funnelcli.events.rows import TOTAL
from funnelcli.events.script import report

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from funnelcli.events.definition import Definition


def source_of(query: exp.Expression) -> Any:
    """What a query is from, as SQLGlot has it: it raises where another release calls that otherwise."""
    return query.args["from_"].this


def unfolded(name: str, tree: exp.Expression, known: dict[str, str]) -> list[tuple[str, exp.Expression]]:
    """A query and those inside it, each as a table of its own, in the order in which they need each other.

    Those that are `known` by their text already go by the names that they have.
    """
    found: list[tuple[str, exp.Expression]] = []

    def unfold(query: exp.Expression) -> None:
        for inner in [each for each in query.find_all(exp.Subquery) if each.find_ancestor(exp.Subquery) is None]:
            own = inner.this.copy()
            unfold(own)
            source = source_of(own) if isinstance(own, exp.Select) else None
            if source is not None and own == sqlglot.select("*").from_(source.copy()):  # nothing but a table
                source.set("alias", inner.args.get("alias"))
                inner.replace(source)
                continue
            text = own.sql()
            if text not in known:
                known[text] = f"{name}_{len(found) + 1}"
                found.append((known[text], own))
            table = exp.Table(this=exp.to_identifier(known[text]))
            table.set("alias", inner.args.get("alias"))
            inner.replace(table)

    unfold(tree)
    return [*found, (name, tree)]


def eased(tree: exp.Expression) -> None:
    """Take from the query of the events what reads badly and says nothing.

    That is a query in place of a table of which it leaves out rows, and parentheses in which one comparison stands, or
    what is joined likewise outside.
    """
    source = source_of(tree)
    if isinstance(source, exp.Subquery) and not tree.args.get("where") and not tree.args.get("joins"):
        inner = source.this
        table = source_of(inner)
        plain = sqlglot.select("*").from_(table.copy())
        where = inner.args.get("where")
        if isinstance(table, exp.Table) and inner == (plain.where(where.this) if where else plain):
            for column in tree.find_all(exp.Column):
                if column.table == source.alias:
                    column.set("table", exp.to_identifier(table.alias_or_name, quoted=True))
            source.replace(table)
            tree.set("where", where)
    for paren in list(tree.find_all(exp.Paren)):
        own, around = paren.this, paren.parent
        alone = isinstance(own, (exp.Predicate, exp.Not)) and not isinstance(own, exp.SubqueryPredicate)
        if isinstance(around, (exp.Connector, exp.Paren, exp.Where, exp.If)) and (alone or type(own) is type(around)):
            paren.replace(own)


def renamed(tree: exp.Expression, called: Mapping[str, str]) -> None:
    """Call the tables of a query by the names that people read; columns go on to name them as before."""
    for table in tree.find_all(exp.Table):
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
        table.set("this", exp.to_identifier(called[table.name]))


def told_apart(tree: exp.Expression, collation: str) -> None:
    """Have what is cast to a text compare as its columns do, whatever the session has."""
    for cast in tree.find_all(exp.Cast):
        if cast.is_type("varchar"):
            text = f"CAST(x AS CHAR CHARACTER SET utf8mb4) COLLATE {collation}"
            spelled_ = sqlglot.parse_one(text, read="mysql")
            next(spelled_.find_all(exp.Column)).replace(cast.this.copy())
            cast.replace(spelled_)


class Names:
    """Names of tables for people, which none of the database has."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken

    def of(self, definition: Definition, tables: Sequence[str]) -> dict[str, str]:
        """By the short names of queries; what a query was unfolded into has its number."""
        plain = {
            "flagged": "stage_events", "events": "timely_events", "chosen": "events_of_one_entry", "u": "units",
            "sn": "stage_numbers", "c": "counted", "o": "placed", "f": "figures", "st": "stages", "answer": "answer",
        }  # fmt: skip
        plain |= _of_kind(definition, TOTAL, "")
        slugs: set[str] = set()
        for kind in entries.kinds(definition):
            slug = re.sub(r"[^a-z0-9]+", "_", report.dimension_of(definition, kind).lower()).strip("_")[:40]
            if not slug or slug in slugs or re.search(r"(^|_)\d+$", slug):
                slug = f"breakdown_{kind}_"
            slugs.add(slug)
            plain |= _of_kind(definition, kind, f"_by_{slug}")
        result = {}
        for name in tables:
            stem, number = stem_of(name, tables)
            found = f"{plain[stem]}_{number}" if number else plain[stem]
            while found in self._taken:
                found = f"funnel_{found}"
            result[name] = found
        return result


def _of_kind(definition: Definition, kind: int, by: str) -> dict[str, str]:
    """What the tables of a kind are called."""
    names = {f"p{kind}": f"entries{by}", f"s{kind}": f"units{by}", f"r{kind}": f"reached{by}"}
    for stage, _ in definition.paid:
        names[report.amounts_name(kind, stage)] = f"amounts_of_stage_{stage}{by}"
        names[tally.counted_name(kind, stage)] = f"moments_of_stage_{stage}{by}"
    return names | {f"n{rows}": f"{name}_named" for rows, name in names.items()}


def stem_of(name: str, tables: Container[str]) -> tuple[str, str]:
    """The name of the query that a table is of, and the number that it has inside of it, if any."""
    stem, _, number = name.rpartition("_")
    return (stem, number) if stem in tables else (name, "")
