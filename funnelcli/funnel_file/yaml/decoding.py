"""Bytes of a file to text: UTF-8, of allowed characters, of a sensible size."""

from __future__ import annotations

import re

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.scalars import hidden_character
from funnelcli.funnel_file.yaml.nodes import Finding

LARGEST_FILE = 64 * 1024 * 1024
_SAMPLE = 8192
_SAVE = "save the file again as UTF-8: in an editor under Save as, Encoding"
_USUAL = bytes((*b"\t\n", *range(0x20, 0x7F)))
"""Bytes that are allowed and stand for themselves: of most files there are no others, which is told in no time."""
_FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]"


def likely_code_page(data: bytes, start: int) -> str:
    """What text most likely is that stops being UTF-8 at an offset."""
    first, second = data[start], data[start + 1 : start + 2]
    if first >= 0xC0 and second >= b"\xc0":
        return "Windows-1251"  # two Cyrillic letters; of Western ones, two in a row are rare
    if 0x80 <= first < 0xB0 and (b"\x80" <= second < b"\xb0" or b"\xe0" <= second < b"\xf0"):
        return "code page 866"
    return "Windows-1252"


def decode(data: bytes, file: str) -> str | Finding:
    """Bytes of a file of that name to text: UTF-8 with or without a byte order mark, of allowed characters only."""
    if len(data) > LARGEST_FILE:
        said = f"the file is larger than {LARGEST_FILE // 2**20} MiB"
        return Finding.in_line(Problem("FN002", said, "split it into several files"), 0)
    if b"\0" in data[:_SAMPLE] or b"<" in data[:16] or data.startswith((b"%PDF-", b"{\\rtf")):
        found = _of_another_program(data, file)
        if found is not None:
            return found
    if not data.translate(None, _USUAL):
        return data.decode("ascii")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        found = _of_another_program(data, file)
        if found is not None:
            return found
        before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
        before = before.replace("\r\n", "\n").replace("\r", "\n")
        byte = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            help_ = f"{_SAVE}; where > of PowerShell wrote it, use --output instead"
            problem = Problem("FN001", f"it looks like UTF-16: {byte}", help_)
        else:
            known = f"the file is not UTF-8: {byte}; it looks like {likely_code_page(data, error.start)}"
            problem = Problem("FN001", known, _SAVE)
        return Finding.in_line(problem, before.count("\n"), len(before) - before.rfind("\n") - 1)
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # almost every file is printable, and then the regular expression need not be compiled
    bad = None if text.replace("\n", "").isprintable() else re.search(_FORBIDDEN, text)
    if bad is None:
        return text
    problem = hidden_character(bad[0])
    problem = Problem("FN003", problem.message.replace("the text", "the file"), problem.help)
    before = text[: bad.start()]
    return Finding.in_line(problem, before.count("\n"), len(before) - before.rfind("\n") - 1)


def _of_another_program(data: bytes, file: str) -> Finding | None:
    """That a file is no text, or is text in UTF-16; only for what is hardly YAML, as others need not wait for it."""
    from funnelcli.funnel_file.foreign_files import foreign, is_utf_16, problem

    known = foreign(data)
    if known is not None:
        return Finding.in_line(problem(known, "funnel", file), 0)
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff") and b"\0" in data[:_SAMPLE] and is_utf_16(data[:_SAMPLE]):
        said = "it looks like UTF-16 without a byte order mark: byte 0x00"
        return Finding.in_line(Problem("FN001", said, _SAVE), 0)
    return None
