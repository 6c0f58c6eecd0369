"""The bytes of an export as text: UTF-8, or UTF-16 that says so; else what is wrong, at its line and column."""

from __future__ import annotations

import re
from typing import NamedTuple

from funnelcli.diagnostics import Diagnostic, Location, Problem
from funnelcli.funnel_file.yaml.decoding import likely_code_page


class Decoded(NamedTuple):
    """A text, the Python codec that read it, and what is said of that; `None` of UTF-8."""

    text: str
    encoding: str
    note: str | None = None


def decode(data: bytes, file: str, encoding: str | None = None) -> Decoded | Diagnostic:
    """Bytes to text by a codec, or by the one that they tell."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff") and data[:4] != b"\xff\xfe\0\0"
    codec = encoding or ("utf-16" if wide else "utf-8-sig")
    try:
        text = data.decode(codec)
        if "\0" not in text:
            return Decoded(text, codec)
        before = text.partition("\0")[0]
        reason = f"byte 0x00 at offset {len(before.encode())}: it looks like UTF-16 without a byte order mark"
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(codec, "ignore")
        reason = f"byte 0x{data[error.start]:02x} at offset {error.start} is not {'UTF-16' if wide else 'UTF-8'}"
        if not wide and data[:4] not in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
            reason += f": it looks like {likely_code_page(data, error.start)}"
    lines = re.split("\r\n|\r|\n", before)
    line, column = len(lines), len(lines[-1]) + 1
    problem = Problem("FN001", reason, 'save it as "CSV UTF-8" in the spreadsheet')
    return Diagnostic(problem, Location(file, line, column, column + 1), lines[-1])
