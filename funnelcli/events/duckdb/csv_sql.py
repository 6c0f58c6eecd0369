"""Files of CSV as text of SQL: how they are written is told by their header, and by a look at their rows.

Of many files, those with the same header are read as one table whose columns are known, one file after the other: files
that have to be looked at first are all open at once.
"""
# ruff: noqa: S608  # names are quoted, and texts written as such

from __future__ import annotations

import csv
import gzip
import os
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from funnelcli.diagnostics import Problem, quoted
from funnelcli.events.comparisons import asked_of
from funnelcli.events.definition import TEXT
from funnelcli.events.duckdb.types import NOTHING, exact, execute, literal, name, path_of, paths_of, struct, together
from funnelcli.events.duckdb.unlike import One, lacking
from funnelcli.events.misfits import fits
from funnelcli.events.written_times import help_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection as Connection

    from funnelcli.events.definition import Definition

_DIALECT = {
    "delim": "Delimiter", "quote": "Quote", "escape": "Escape", "new_line": "NewLineDelimiter", "skip": "SkipRows",
    "dateformat": "DateFormat", "timestampformat": "TimestampFormat",
}  # fmt: skip
"""Options of `read_csv`, and what `sniff_csv` calls them."""
_COMMON = ["header = true", "comment = ''"]
"""Nothing is a comment: # may begin the name of an order."""
_LONGEST_HEADER = 1 << 20


class _Part(NamedTuple):
    """Files with the same header: how they are written, and the types that their columns seem to have."""

    paths: list[str]
    dialect: dict[str, Any]
    types: dict[str, str]

    @property
    def largest(self) -> str:
        """The file to look at: one of a quiet hour tells no types."""
        return max(self.paths, key=os.path.getsize)

    @property
    def written(self) -> dict[str, str | None]:
        """The format of the types of times that are not written as ISO 8601 has them."""
        forms = {"DATE": self.dialect["dateformat"], "TIMESTAMP": self.dialect["timestampformat"]}
        return {type_: form for type_, form in forms.items() if form and not form.startswith("%Y-%m-%d")}

    def as_text(self, paths: list[str]) -> str:
        """Some of the files as a table of texts."""
        return _read_csv(paths, self.dialect, dict.fromkeys(self.types, "VARCHAR"))


def table(
    connection: Connection, definition: Definition, named: Mapping[str, str], thorough: bool
) -> str | Problem | list[Problem]:
    """What stands for the events after FROM; types are told by the first rows, or by all of them.

    Types are those that the columns seem to have, but for what would change a value that comes later. `named` are the
    paths of the files, each with what it is called.
    """
    paths = list(named)
    alike: dict[bytes, list[str]] = {}
    for path in paths:
        alike.setdefault(_header(path) or path.encode(errors="surrogateescape"), []).append(path)
    parts = []
    for header, same in alike.items():
        sample = ["sample_size = -1"] * (thorough and len(paths) == 1)
        part = _sniffed(connection, same, _delimiter(header, definition.columns), sample)
        for column in definition.columns:
            if column == definition.time and definition.time_format is not None:
                continue
            ambiguous = _two_ways(connection, part, column)
            if ambiguous:
                return ambiguous
        parts.append(part)
    if len(paths) == 1:
        (part,) = parts
        types = part.types | _empty(connection, definition, part)
        return _read_csv(paths, part.dialect, exact(definition, types, part.written))
    each = [One(named[path], part.types, part.as_text([path])) for part in parts for path in part.paths]
    problems = lacking(connection, definition, each)
    if problems:
        return problems
    types = together([part.types for part in parts])
    if thorough:
        types |= _tried(connection, definition, parts)
    return f"({' UNION ALL BY NAME '.join(_typed(definition, part, types) for part in parts)}) AS files"


def _empty(connection: Connection, definition: Definition, part: _Part) -> dict[str, str]:
    """The columns that seem to be text, are compared with something else, and have no value at all."""
    unfit = [
        column
        for column in definition.columns
        if part.types.get(column) == "VARCHAR"
        if not all(fits(*each, TEXT) for each in asked_of(definition, column))
    ]
    if not unfit:
        return {}
    counts = ", ".join(f"COUNT({name(column)})" for column in unfit)
    (known,) = execute(connection, f"SELECT {counts} FROM {part.as_text(part.paths)}")
    return {column: NOTHING for column, number in zip(unfit, known, strict=True) if not number}


def _typed(definition: Definition, part: _Part, types: dict[str, str]) -> str:
    """A query of the files of a part, with columns of these types."""
    columns = []
    for column, type_ in exact(definition, {column: types[column] for column in part.types}, part.written).items():
        form = part.written.get(type_)
        text = name(column) if form is None else f"STRPTIME({name(column)}, {literal(form)})"
        columns.append(f"CAST({text} AS {type_}) AS {name(column)}")
    return f"SELECT {', '.join(columns)} FROM {part.as_text(part.paths)}"


_TRIED = ("BIGINT", "DOUBLE", "TIMESTAMP WITH TIME ZONE")


def _tried(connection: Connection, definition: Definition, parts: Sequence[_Part]) -> dict[str, str]:
    """The types of the columns whose types count, by all of their values."""
    foreign = {column for part in parts for column, type_ in part.types.items() if type_ in part.written}
    wanted = sorted({*(each.column for each in definition.conditions), definition.time} - foreign)
    columns = [column for column in wanted if any(column in part.types for part in parts)]
    tests = []
    for column in columns:
        text = f"NULLIF(TRIM({name(column)}), '')"
        tests += [f"COUNT({text})", *(f"COUNT(TRY_CAST({text} AS {type_}))" for type_ in _TRIED)]
        tests.append(f"COUNT(*) FILTER (WHERE LOWER({text}) IN ('true', 'false'))")
    if not tests:
        return {}
    rows = " UNION ALL BY NAME ".join(f"SELECT * FROM {part.as_text(part.paths)}" for part in parts)
    (counts,) = execute(connection, f"SELECT {', '.join(tests)} FROM ({rows}) AS e")
    found = {}
    for place, column in enumerate(columns):
        known, *fits = counts[place * (len(_TRIED) + 2) :][: len(_TRIED) + 2]
        fitting = [type_ for type_, number in zip((*_TRIED, "BOOLEAN"), fits, strict=True) if number == known]
        found[column] = NOTHING if not known else fitting[0] if fitting else "VARCHAR"
    return found


def _header(path: str) -> bytes | None:
    """The first line of a file with its end; nothing where it cannot be unpacked here, or be read."""
    if path.lower().endswith(".zst"):
        return None
    try:
        with gzip.open(path) if path.lower().endswith(".gz") else open(path, "rb") as stream:
            return stream.readline(_LONGEST_HEADER)
    except (OSError, EOFError, zlib.error):
        return None  # DuckDB says what is wrong


def _delimiter(header: bytes, wanted: Sequence[str]) -> tuple[str, list[str]] | None:
    """What parts the columns of a header, and their names: that by which most of the wanted ones are there."""
    text = header.decode("utf-8-sig", errors="replace").rstrip("\r\n")
    names = {each: next(csv.reader([text], delimiter=each), []) for each in (",", ";", "\t", "|")}
    known = {column.casefold() for column in wanted}
    found = {each: len(known & {column.casefold() for column in columns}) for each, columns in names.items()}
    best = max(found, key=lambda each: found[each])
    return (best, names[best]) if found[best] else None


def _sniffed(connection: Connection, paths: list[str], head: tuple[str, list[str]] | None, sample: list[str]) -> _Part:
    """Files with the same header, as one of them is written.

    Where the header is known, a row that is too short or too long does not make DuckDB look for another one.
    """
    part = _Part(paths, dict.fromkeys(_DIALECT), {})
    if head is None:
        return _looked_at(connection, part, sample)
    delimiter, names = head
    fixed = [f"delim = {literal(delimiter)}", "skip = 0", *sample]
    for more in ([], ["null_padding = true"]):
        with suppress(duckdb.InvalidInputException):
            return _looked_at(connection, part, [*fixed, *more])
    dialect = part.dialect | {"delim": delimiter, "quote": '"', "escape": '"', "skip": 0}
    return _Part(paths, dialect, dict.fromkeys(names, "VARCHAR"))


def _looked_at(connection: Connection, part: _Part, options: list[str]) -> _Part:
    call = f"sniff_csv({', '.join([path_of(part.largest), *_COMMON, *options])})"
    ((*found, columns),) = execute(connection, f"SELECT {', '.join(_DIALECT.values())}, Columns FROM {call}")
    dialect = {option: "" if value == "(empty)" else value for option, value in zip(_DIALECT, found, strict=True)}
    if not dialect["quote"]:  # none in the first rows says nothing of the others
        dialect |= {"quote": '"', "escape": '"'}
    return _Part(part.paths, dialect, {column["name"]: column["type"] for column in columns})


def _read_csv(paths: list[str], dialect: dict[str, Any], types: dict[str, str]) -> str:
    written = {option: value for option, value in dialect.items() if value is not None}
    options = [f"{key} = {value if isinstance(value, int) else literal(value)}" for key, value in written.items()]
    options += [*_COMMON, "auto_detect = false", f"columns = {struct(types)}"]
    return f"read_csv({paths_of(paths)}, {', '.join(options)})"


def _two_ways(connection: Connection, part: _Part, column: str) -> Problem | None:
    """Why times like 10/01/2026 are not read: nothing in the file says which number is the month, or the year."""
    type_ = part.types.get(column, "")
    form = part.dialect["dateformat" if type_ == "DATE" else "timestampformat"]
    if not form or not type_.startswith(("DATE", "TIMESTAMP")) or form.startswith("%Y"):
        return None
    year_first = form.startswith("%y")
    if "." in form and not year_first:
        return None
    orders = (("yd", "dy"), ("ymd", "mdy"))[: 1 if "." in form else 2] if year_first else (("dm", "md"),)
    others = [form.translate(str.maketrans(*each)) for each in orders]
    fits = f"TRY_STRPTIME(x, {literal(form)}) IS NOT NULL"  # a word for no time says nothing
    contrary = [f"COUNT(*) FILTER (WHERE {fits} AND TRY_STRPTIME(x, {literal(other)}) IS NULL)" for other in others]
    texts = f"SELECT TRIM({name(column)}) AS x FROM {part.as_text([part.largest])}"
    query = f"SELECT {', '.join(contrary)}, MIN(x) FILTER (WHERE {fits}) FROM ({texts}) AS e"
    ((*proofs, sample),) = execute(connection, query)
    if all(proofs) and (year_first or "%y" not in form):
        return None
    if year_first:  # which is the rarest way to write a date
        forms = [*(other for other, number in zip(others, proofs, strict=True) if not number), form]
    else:
        forms = [form, *others]
    what = f"a time like {quoted(sample)} can be read in two ways"
    return Problem("FN103", what, help_of(forms), path=("measure", "time"))
