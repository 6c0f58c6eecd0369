"""Errors in the cells of an old workbook (.xls), which its reader takes for empty cells.

The file is a compound file of sectors (MS-CFB) with a stream of records (MS-XLS), of which those with errors are read.
"""

from __future__ import annotations

import struct
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_STREAMS = ("Workbook", "Book")
_NO_SECTOR = 0xFFFFFFFA
"""From here on, numbers of sectors are marks, such as that of an end."""
_SHEET, _END, _FORMULA, _ERROR = 0x85, 0x0A, 0x06, 0x205
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def errors_of(data: bytes) -> list[dict[tuple[int, int], str]]:
    """The errors of each sheet, such as `#N/A`, by row and column from 0; none where the file is not sound."""
    try:
        stream = _stream(data)
        places = [struct.unpack_from("<I", body)[0] for kind, body in _records(stream, 0) if kind == _SHEET]
        return [dict(_errors(stream, place)) for place in places]
    except (struct.error, IndexError, ValueError):
        return []


def _errors(stream: bytes, place: int) -> Iterator[tuple[tuple[int, int], str]]:
    """The errors of the sheet whose records begin at a place."""
    for kind, body in _records(stream, place):
        if kind == _ERROR and len(body) > 7 and body[7]:
            code = body[6]
        elif kind == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
            code = body[8]
        else:
            continue
        row, column = struct.unpack_from("<HH", body)
        yield (row, column), _ERRORS.get(code, "#N/A")


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """The kinds and bodies of records, from a place to the end of their part."""
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        if kind == _END:
            return
        yield kind, stream[place + 4 : place + 4 + length]
        place += 4 + length


def _stream(data: bytes) -> bytes:
    """The stream of the workbook, out of its sectors."""
    size, small = (1 << shift for shift in struct.unpack_from("<HH", data, 30))
    directory, _, limit, first_small = struct.unpack_from("<IIII", data, 48)
    more = struct.unpack_from("<I", data, 68)[0]
    most = len(data) // size + 1  # sectors; a chain of more goes round

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    lists = list(struct.unpack_from("<109I", data, 76))
    while more < _NO_SECTOR and len(lists) < most + 109:
        *numbers, more = _numbers(sector(more))
        lists += numbers
    table = [entry for number in lists if number < _NO_SECTOR for entry in _numbers(sector(number))]

    def chain(first: int, links: Sequence[int]) -> Iterator[int]:
        while first < _NO_SECTOR:
            yield first
            first = links[first]

    def joined(first: int) -> bytes:
        return b"".join(map(sector, islice(chain(first, table), most)))

    entries = joined(directory)
    root: tuple[int, int] | None = None
    for at in range(0, len(entries), 128):
        length = struct.unpack_from("<H", entries, at + 64)[0]
        name = entries[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        first, stream_size = struct.unpack_from("<II", entries, at + 116)
        root = root or (first, stream_size)
        if name not in _STREAMS:
            continue
        if stream_size >= limit:
            return joined(first)[:stream_size]
        within, links = joined(root[0]), _numbers(joined(first_small))
        pieces = (
            within[piece * small : (piece + 1) * small]
            for piece in islice(chain(first, links), len(within) // small + 1)
        )
        return b"".join(pieces)[:stream_size]
    return b""


def _numbers(sector: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])
