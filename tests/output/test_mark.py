"""The mark of a report: what was made here is told from what was changed since, and from what is of others."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import UTC, datetime

import pytest

from funnelcli.output.report.mark import MADE_BY, PLACE, marked, marked_png, state_of


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG, as the standard has it: length, kind, body, and the CRC of the last two."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PIXEL = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PIXEL += chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def book(description: str, modified: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(
            "docProps/core.xml",
            f"<x><dc:description>{description}</dc:description><dcterms:created a='b'>2020</dcterms:created>"
            f"<dcterms:modified a='b'>{modified}</dcterms:modified></x>",
        )
    return stream.getvalue()


TEXT = marked(f"## Report of {PLACE}\n\nSales 50\n<!-- {PLACE} -->\n").encode()


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (TEXT, "made"),
        (TEXT.replace(b"\n", b"\r\n"), "made"),
        (TEXT.replace(b"50", b"51"), "changed"),
        (TEXT + b"A remark.\n", "changed"),
        (f"A page about {PLACE}, by hand.".encode(), "changed"),
        (b"A page about funnelcli, by hand.", "other"),
        (b"", "other"),
        (marked_png(PIXEL), "made"),
        (marked_png(PIXEL).replace(b"IDAT", b"IDAU"), "changed"),
        (PIXEL, "other"),
        (book(MADE_BY, "2020"), "made"),
        (book(MADE_BY, "2021"), "changed"),
        (book("Mine", "2020"), "other"),
        (b"PK and no archive", "other"),
    ],
)
def test_what_was_made_here_is_known(data: bytes, state: str) -> None:
    assert state_of(data) == state


def test_a_marked_picture_is_still_one() -> None:
    """Every chunk has the checksum that the standard asks for (PNG, third edition, 5.3)."""
    data, place, kinds = marked_png(PIXEL), 8, []
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        assert data[place : place + 12 + length] == chunk(kind, body)
        kinds.append(kind)
        place += 12 + length
    assert kinds == [b"IHDR", b"tEXt", b"IDAT", b"IEND"]


def test_a_workbook_is_known_by_what_its_writer_says() -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter", reason="the extra excel is not installed")
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as workbook:
        workbook.add_worksheet()
        workbook.set_properties({"comments": MADE_BY, "created": datetime(1980, 1, 1, tzinfo=UTC)})
    assert state_of(stream.getvalue()) == "made"
