"""What is wrong with a file of CSV whose rows are not read: the line, and what stands there."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from funnelcli.diagnostics import quoted
from funnelcli.events.sources import SourceError

if TYPE_CHECKING:
    from funnelcli.events.sources import Files

_MEND = "mend the row, or delete it: nothing is counted until every row fits"
_NO_ROWS = ("state machine reached an invalid state", "Error when sniffing file")
"""What the engine says of a file that it cannot part into rows."""
_SHOWN = 60


def of_rows(text: str, files: Files) -> SourceError | None:
    """What an error of the engine says of rows, in the project's words; `None` for one that is of something else."""
    row = re.search(r"CSV Error on Line: (\d+)\n.*Number of Columns: (\d+) Found: (\d+)", text, re.DOTALL)
    if row:
        columns = "1 column" if row[3] == "1" else f"{row[3]} columns"
        return SourceError(f"{_file(text, files)}:{row[1]}: the row has {columns}, and the header {row[2]}", _MEND)
    quote = re.search(r"CSV Error on Line: (\d+)\n.*unterminated quote", text, re.DOTALL)
    if quote:
        return SourceError(f"{_file(text, files)}:{quote[1]}: a quote begins a value, and none ends it", _MEND)
    if not any(each in text for each in _NO_ROWS):
        return None
    named = [each for each in files.paths if f'"{os.path.abspath(each)}"' in text] or files.paths
    for path in named:
        line = _other_end(path)
        if line:
            what = f"{path}:{line}: this line ends otherwise than the lines before, with CR LF or with LF alone"
            return SourceError(what, "have all lines end alike: tr -d '\\r' < FILE > alike.csv")
    what = f"{named[0]}: no columns can be told, where the first line is {quoted(_first_line(named[0]))}"
    return SourceError(what, "begin it with the line that names the columns, and let all rows have as many values")


def _file(text: str, files: Files) -> str:
    """The file that an error names, as it was given."""
    place = re.search(r"^ *file = (.+)$", text, re.MULTILINE)
    return next((path for path in files.paths if place and os.path.abspath(path) == place[1].strip()), files.shown)


def _other_end(path: str) -> int | None:
    """The first line whose end is another than that of the header, if the file can be looked at."""
    try:
        with open(path, "rb") as stream:
            with_return = stream.readline().endswith(b"\r\n")
            stream.seek(0)
            for number, line in enumerate(stream, 1):
                if line.endswith(b"\n") and line.endswith(b"\r\n") != with_return:
                    return number
    except OSError:
        pass
    return None


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.readline(_SHOWN).strip()
    except OSError:
        return ""
