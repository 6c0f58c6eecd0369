"""Events in a SQLite file: the columns that are needed, as a CSV file that the embedded engine reads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.measuring.sources import unreadable

if TYPE_CHECKING:
    from funnelcli.measuring.definition import Definition
    from funnelcli.measuring.sources import Files


def export(files: Files, definition: Definition, folder: str) -> str | Problem:
    """Write a table to a CSV file of a folder; returns the file's path. Raises `SourceError` for a broken file."""
    import sqlite3

    try:
        return _export(files.paths[0], definition, folder)
    except sqlite3.Error as error:
        raise unreadable(files.shown, error) from error


def _export(path: str, definition: Definition, folder: str) -> str | Problem:
    import csv
    import sqlite3
    from contextlib import closing
    from pathlib import Path

    with closing(sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
        tables = [name for (name,) in found]
        table = definition.table or (tables[0] if len(tables) == 1 else None)
        if table is None:
            return Problem(
                "FN102", "no table is named", f"add --table NAME; {did_you_mean('', tables) or 'there is none'}"
            )
        if table not in tables:
            return Problem("FN120", f"the database has no table {quoted(table)}", did_you_mean(table, tables))
        quoted_table = '"' + table.replace('"', '""') + '"'
        rows = connection.execute(f"SELECT * FROM {quoted_table}")  # noqa: S608  # a table that is there, quoted
        target = os.path.join(folder, "events.csv")
        with open(target, "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow([name for name, *_ in rows.description])
            writer.writerows(rows)
        return target
