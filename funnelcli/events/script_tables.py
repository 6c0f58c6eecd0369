"""The tables that a query for people begins with: one for each query inside it, with names that say what it holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from funnelcli.events import entries, script_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.events.definition import Definition


def unfolded(name: str, tree: exp.Expression, known: dict[str, str]) -> list[tuple[str, exp.Expression]]:
    """A query and those inside it, each as a table of its own, in the order in which they need each other.

    Those that are `known` by their text already go by the names that they have.
    """
    found: list[tuple[str, exp.Expression]] = []

    def unfold(query: exp.Expression) -> None:
        for inner in [each for each in query.find_all(exp.Subquery) if each.find_ancestor(exp.Subquery) is None]:
            own = inner.this.copy()
            unfold(own)
            source = own.args.get("from_")
            if source is not None and own == sqlglot.select("*").from_(source.this.copy()):  # nothing but a table
                source.this.set("alias", inner.args.get("alias"))
                inner.replace(source.this)
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
            "r0": "reached", "n": "period_names", "c": "counted", "f": "figures", "st": "stages", "g": "segments",
            "answer": "answer",
        }  # fmt: skip
        slugs: set[str] = set()
        for kind in entries.kinds(definition):
            slug = re.sub(r"[^a-z0-9]+", "_", script_report.dimension_of(definition, kind).lower()).strip("_")[:40]
            if not slug or slug in slugs or re.search(r"(^|_)\d+$", slug):
                slug = f"breakdown_{kind}_"
            slugs.add(slug)
            plain |= {
                f"p{kind}": f"entries_by_{slug}",
                f"s{kind}": f"units_by_{slug}",
                f"r{kind}": f"reached_by_{slug}",
            }
        result = {}
        for name in tables:
            stem, _, number = name.partition("_")
            found = f"{plain[stem]}_{number}" if number else plain[stem]
            while found in self._taken:
                found = f"funnel_{found}"
            result[name] = found
        return result
