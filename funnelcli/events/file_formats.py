"""The formats of files of events: by their endings, by their first bytes, and where the two are at odds."""

from __future__ import annotations

import gzip
import os
import zlib
from codecs import BOM_UTF8
from shlex import quote

from funnelcli.diagnostics import Problem, quoted

CSV, JSON, PARQUET, SQLITE, DUCKDB = "csv", "json", "parquet", "sqlite", "duckdb"
DATABASES = (SQLITE, DUCKDB)
_ENDINGS = {
    CSV: (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", ".csv.zst", ".tsv.zst", ".txt.zst"),
    JSON: (
        *(".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz"),
        *(".json.zst", ".jsonl.zst", ".ndjson.zst"),
    ),
    PARQUET: (".parquet", ".pq"),
    SQLITE: (".sqlite", ".sqlite3"),
    DUCKDB: (".duckdb", ".ddb"),
}
_FIRST_BYTES = ((0, b"PAR1", PARQUET), (0, b"SQLite format 3\0", SQLITE), (8, b"DUCK", DUCKDB))
"""How other files are told: what stands at a place. What is none of these is text."""
_NAMES = {PARQUET: "a Parquet file", SQLITE: "a database of SQLite", DUCKDB: "a database of DuckDB"}
_SAMPLE = 1 << 16
_PACKED = {".gz": b"\x1f\x8b", ".zst": b"\x28\xb5\x2f\xfd"}
"""First bytes of what an engine unpacks, by the ending that tells it so."""
_BLANK = b"\xef\xbb\xbf \t\r\n"


def is_of_events(path: str) -> bool:
    """Whether a file's ending is one of events, and of no funnel: JSON may be that of one."""
    return by_ending(path) is not None and not path.lower().endswith((".json", ".txt"))


def by_ending(path: str) -> str | None:
    """The format that a file's ending tells, if so."""
    return next((known for known, endings in _ENDINGS.items() if path.lower().endswith(endings)), None)


def ending_of(path: str) -> str | None:
    """The ending by which a file is one of events, if it has one."""
    known = [each for endings in _ENDINGS.values() for each in endings if path.lower().endswith(each)]
    return max(known, key=len, default=None)


def format_of(path: str) -> str:
    """The format of a file, by its ending or by its first bytes."""
    return by_ending(path) or _by_content(_start(path))


def is_packed(path: str) -> bool:
    """Whether a file is packed by gzip, whatever its name is."""
    return _start(path).startswith(_PACKED[".gz"])


def is_empty(path: str) -> bool:
    """Whether a file holds nothing but a byte order mark, packed or not; what is broken is no empty one."""
    held: bytes | None = _start(path)
    if path.lower().endswith(".gz"):
        try:
            with gzip.open(path) as stream:
                held = stream.read(len(BOM_UTF8) + 1)
        except (OSError, EOFError, zlib.error):
            return not os.path.getsize(path)
    elif path.lower().endswith(".zst") and held:
        held = _little_of_zstd(path)
    return held in (b"", BOM_UTF8)


def _little_of_zstd(path: str) -> bytes | None:
    """What a file packed by zstd holds, where that stands unpacked in one block, as nothing does (RFC 8878, 3.1.1)."""
    start = _start(path, 32)
    if len(start) < 9 or not start.startswith(_PACKED[".zst"]):
        return None
    about = start[4]
    of_one = about >> 5 & 1  # a segment, of which no size of a window is told
    begins = 5 + (1 - of_one) + (0, 1, 2, 4)[about & 3] + (of_one, 2, 4, 8)[about >> 6]
    header = int.from_bytes(start[begins : begins + 3], "little")
    ends = begins + 3 + (header >> 3)
    alone = header & 7 == 1 and os.path.getsize(path) == ends + 4 * (about >> 2 & 1)  # the last, as it is; a checksum
    return start[begins + 3 : ends] if alone else None


def misnamed(path: str) -> Problem | None:
    """Why a file is not what its ending says, or no file of events at all; an empty one is none of both."""
    start, ending = _start(path, _SAMPLE), next((each for each in _PACKED if path.lower().endswith(each)), "")
    if not start:
        return None
    packed = next((each for each, first in _PACKED.items() if start.startswith(first)), "")
    if packed != ending:
        if packed:
            is_text = by_ending(path) in (CSV, JSON, None)
            named = path if by_ending(path) else f"{path}.{CSV}"
            what = f"packed by {'gzip' if packed == '.gz' else 'zstd'}"
            return _renamed(path, what, named + packed) if is_text else of_another_program(path)
        if _by_content(start) in (CSV, JSON):
            return of_another_program(path) or _renamed(path, "not packed", path[: -len(ending)])
    if packed == ".zst":
        return None
    if packed:
        try:
            with gzip.open(path) as stream:
                start = stream.read(_SAMPLE)
        except (OSError, EOFError, zlib.error):
            return None  # the engine says what is wrong
    of_name, held = by_ending(path), _by_content(start)
    stem = path.removesuffix(ending).rpartition(".")[0]
    if held not in (CSV, JSON):
        if packed:
            return of_another_program(path)
        return None if of_name in (held, None) else _renamed(path, _NAMES[held], f"{stem}.{held}")
    other = None if packed else of_another_program(path)
    if other is not None:
        return other
    if of_name not in (CSV, JSON, None):
        return _renamed(path, f"text, and no {of_name}", f"{stem}.{held}")
    from funnelcli.funnel_file.foreign_files import is_utf_16

    if is_utf_16(start[:8192]):
        help_text = f"save it as UTF-8: iconv -f utf-16 -t utf-8 {quote(path)} > utf-8.csv"
        return Problem("FN016", f"{quoted(path)} is text in UTF-16", help_text)
    if of_name == CSV and held == JSON:
        return _renamed(path, "JSON, and no table", f"{stem}.jsonl{packed}")
    is_table = start.lstrip(_BLANK)[:1] not in (b"{", b"[")
    if of_name == JSON and is_table and any(sign in start.split(b"\n")[0] for sign in (b",", b";", b"\t", b"|")):
        return _renamed(path, "a table, and no JSON", f"{stem}.csv{packed}")
    return None


def _renamed(path: str, what: str, name: str) -> Problem:
    """A file that is something else than its ending says, and would be read by another name."""
    return Problem("FN016", f"{quoted(path)} is {what}", f"name it so: mv {quote(path)} {quote(name)}")


def of_another_program(path: str) -> Problem | None:
    """Why a file is no text of events, whatever its ending says."""
    from funnelcli.funnel_file.foreign_files import foreign, problem

    start = _start(path, _SAMPLE)
    found = foreign(_start(path, -1) if start.startswith(b"PK") else start)
    return None if found is None else problem(found, "events", path)._replace(message=f"{quoted(path)} is {found.what}")


def _by_content(start: bytes) -> str:
    text = start.lstrip(_BLANK)
    inside = text[1:].lstrip(_BLANK)[:1]
    is_json = (text[:1] == b"{" and inside in (b'"', b"}", b"")) or (text[:1] == b"[" and inside in (b"{", b"]", b""))
    return next(
        (format_ for place, first, format_ in _FIRST_BYTES if start.startswith(first, place)), JSON if is_json else CSV
    )


def _start(path: str, size: int = 64) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(size)
