"""The bytes of an export as text: UTF-8, UTF-16 with a mark or without, a code page that its words prove, or one told.

A wrong page would turn names into others, so what is not proved is refused with the option that decides it.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.code_pages import OF_EAST_ASIA, PAGES, code_page
from funnelcli.diagnostics import Diagnostic, Location, Problem, joined, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
"""First bytes that tell the encoding; the longer before the shorter."""
_WIDE = ("utf-16-le", "utf-16-be")
_NO_TABLES = frozenset(("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf_7"))
_NO_TEXT = re.compile("[\0-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_SAMPLE = 65536
_SOUND_FOR_A_BROKEN = 4
_SAVE_ANEW = 'save it as "CSV UTF-8" in the spreadsheet'


class Decoded(NamedTuple):
    """A text, the Python codec that read it, and what is said of that; nothing of UTF-8."""

    text: str
    encoding: str
    note: str | None = None


def decode(data: bytes, file: str, encoding: str | None = None, known: Iterable[str] = ()) -> Decoded | Diagnostic:
    """Bytes to text by the encoding that was told, or by the one that they prove; `known` are words expected in it."""
    marked = next((codec for mark, codec in _MARKS.items() if data.startswith(mark)), None)
    if encoding is not None:
        return _told(data, file, encoding, marked)
    if marked is not None:
        return _decoded(data, file, marked, _SAVE_ANEW)
    if (wide := wide_codec(data)) is not None:
        return _decoded(data, file, wide, _SAVE_ANEW)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if _is_mostly_utf_8(data):
            what = f"byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8, as the rest of the file is"
            return _at(data, file, error.start, "utf-8", what, f"correct that place, or {_SAVE_ANEW}")
        page = code_page(data, known)
        if isinstance(page, str):
            return _decoded(data, file, page, "say which: --encoding NAME")
        if not page.pages:
            return _at(data, file, error.start, "utf-8", *_nothing_fits(data, error.start))
        one, other = (
            f"{quoted(text)} in {name_of(codec)}" for text, codec in zip(page.readings, page.pages, strict=True)
        )
        what = f"the file is not UTF-8, and its encoding is open: {one} is {other}"
        help_ = f"say which: --encoding {page.pages[0]} or --encoding {page.pages[1]}, or another that it is"
        return _at(data, file, data.find(page.token), page.pages[0], what, help_)
    return _decoded(data, file, "utf-8", _SAVE_ANEW)


def wide_codec(data: bytes) -> str | None:
    """The UTF-16 that a text without a mark is in: of its two byte orders, the one in which it is text with line ends
    or delimiters; `None` for what is no UTF-16.
    """
    sample = data[:_SAMPLE]
    if b"\0" not in sample or len(data) % 2:
        return None
    found = []
    for codec in _WIDE:
        text = codecs.getincrementaldecoder(codec)("replace").decode(sample)
        if "\ufffd" not in text and not _NO_TEXT.search(text) and re.search("[\n\r\t,;|]", text):
            found.append(codec)
    return found[0] if len(found) == 1 else None


def name_of(codec: str) -> str:
    """The name by which people know a codec: `Windows-1251`."""
    known = PAGES.get(codec) or OF_EAST_ASIA.get(codec)
    if known is not None:
        return known
    return codec[:6].rstrip("-").upper() if codec.startswith("utf-") else codec


def _told(data: bytes, file: str, encoding: str, marked: str | None) -> Decoded | Diagnostic:
    """Bytes by the codec that `--encoding` names, unless they prove that they are in another."""
    try:
        codec = codecs.lookup(encoding.strip())
        is_text = getattr(codec, "_is_text_encoding", True) and codec.name.replace("-", "_") not in _NO_TABLES
    except (LookupError, ValueError):
        is_text = False
    if not is_text:
        what = f"no encoding is called {quoted(encoding)}"
        help_ = f"known are utf-8, utf-16, {', '.join(PAGES)} and the others of Python; or leave --encoding out"
        return _at(data, file, 0, "latin-1", what, help_)
    name = next((page for page in PAGES if codecs.lookup(page) == codec), codec.name)
    if name == "utf-8":
        name = "utf-8-sig"
    proved = marked
    if proved is None and not name.startswith(("utf-16", "utf-32")):
        proved = wide_codec(data)
    if proved is None and not data.isascii() and not name.startswith("utf-"):
        with suppress(UnicodeDecodeError):
            data.decode("utf-8")
            proved = "utf-8"
    if proved is not None and not name.startswith(proved.removesuffix("-sig")) and not proved.startswith(name):
        what = f"the file is in {name_of(proved)}, as its bytes prove, and not in {name_of(name)}"
        return _at(data, file, 0, "latin-1", what, "leave --encoding out")
    return _decoded(data, file, name, "name another with --encoding, or leave it out")


def _decoded(data: bytes, file: str, codec: str, help_: str) -> Decoded | Diagnostic:
    """Bytes to text, or the first of them that is none."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        what = f"byte 0x{data[error.start]:02x} at offset {error.start} is not {name_of(codec)}"
        return _at(data, file, error.start, codec, what, help_)
    text = text.removeprefix("\ufeff")
    # almost every text of UTF-8 is sound, and looking for one character is faster than for many
    wrong = _NO_TEXT.search(text) if "\0" in text or not codec.startswith("utf-8") else None
    if wrong is not None:
        before = text[: wrong.start()]
        what = f"as {name_of(codec)}, there is a character U+{ord(wrong[0]):04X} here, which no table has"
        return _in_text(before, file, what, help_)
    return Decoded(text, codec, None if codec.startswith("utf-8") else f"the text is read as {name_of(codec)}")


def _is_mostly_utf_8(data: bytes) -> bool:
    """Whether the letters beyond ASCII are written as UTF-8 does, all but a few."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) - broken > _SOUND_FOR_A_BROKEN * broken


def _nothing_fits(data: bytes, start: int) -> tuple[str, str]:
    """What is said where no code page fits: a word, and help."""
    fits = []
    for codec in OF_EAST_ASIA:
        with suppress(UnicodeDecodeError):
            data.decode(codec)
            fits.append(codec)
    what = f"byte 0x{data[start]:02x} at offset {start} is not UTF-8, and no code page fits its words"
    possible = f"possible are {joined(fits)}" if fits else "such as cp1252"
    return what, f"say which: --encoding NAME, {possible}; or {_SAVE_ANEW}"


def _at(data: bytes, file: str, offset: int, codec: str, what: str, help_: str) -> Diagnostic:
    """A diagnostic at a byte; what stands before it in its line is shown."""
    return _in_text(data[:offset].decode(codec, "ignore").removeprefix("\ufeff"), file, what, help_)


def _in_text(before: str, file: str, what: str, help_: str) -> Diagnostic:
    lines = re.split("\r\n|\r|\n", before[-_SAMPLE:])
    line = len(re.findall("\r\n|\r|\n", before)) + 1
    column = len(lines[-1]) + 1
    return Diagnostic(Problem("FN001", what, help_), Location(file, line, column, column + 1), lines[-1])
