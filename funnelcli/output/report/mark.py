"""The mark in a report by which a later run knows that it may be made anew: it was made here, and nobody changed it.

A page, a picture and a text have a digest of themselves inside; a workbook says when it was last changed.
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from typing import Literal

PLACE = "funnelcli 0000000000000000"
"""Where the mark goes in a text that is being made: the program's name, and room for a digest."""
MADE_BY = "Made by funnelcli"
"""What a workbook says of itself among its properties."""
_MARK = re.compile(rb"funnelcli ([0-9a-f]{16})\b")
_PNG_HEAD = 33
"""Bytes of the signature and of the first chunk of a PNG, which says its size."""
_PNG_MARK = re.compile(rb".{4}tEXtSoftware\0funnelcli ([0-9a-f]{16}).{4}", re.DOTALL)
_CREATED = re.compile(rb"<dcterms:created[^>]*>([^<]*)<")
_MODIFIED = re.compile(rb"<dcterms:modified[^>]*>([^<]*)<")


def marked(text: str) -> str:
    """A text with its digest at its place, which is the last one where its name stands."""
    before, _, after = text.rpartition(PLACE)
    return f"{before}funnelcli {_digest(text.encode())}{after}"


def marked_png(picture: bytes) -> bytes:
    """A PNG with a chunk that holds the digest of all others."""
    body = b"tEXtSoftware\0funnelcli " + _digest(picture).encode()
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return picture[:_PNG_HEAD] + chunk + picture[_PNG_HEAD:]


def state_of(data: bytes) -> Literal["made", "changed", "other"]:
    """Whether these bytes are a report as it was made, one that somebody changed since, or something else."""
    if data.startswith(b"PK"):
        return _state_of_workbook(data)
    if data.startswith(b"\x89PNG"):
        mark, blank = _PNG_MARK.search(data), b""
    else:
        data, blank = data.replace(b"\r\n", b"\n"), PLACE.encode()  # what git does on Windows is no change
        mark = next(reversed([*_MARK.finditer(data)]), None)
    if mark is None:
        return "other"
    own = _digest(data[: mark.start()] + blank + data[mark.end() :])
    return "made" if own.encode() == mark[1] else "changed"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _state_of_workbook(data: bytes) -> Literal["made", "changed", "other"]:
    """By its properties: a spreadsheet that saves it writes another date of change."""
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            core = archive.read("docProps/core.xml")
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError, zlib.error):
        return "other"
    if f">{MADE_BY}<".encode() not in core:
        return "other"
    created, modified = _CREATED.search(core), _MODIFIED.search(core)
    return "made" if created and modified and created[1] == modified[1] else "changed"
