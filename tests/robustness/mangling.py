"""Bytes that are hardly YAML: a file with some of it flipped, cut, doubled, moved, and with foreign pieces put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

# fmt: off
FRAGMENTS: tuple[bytes, ...] = (
    *(b"\t", b"\n", b"\r", b"\r\n", b" ", b"  ", b"\x00", b"\x1b[31m", b"\x7f", b"\xc2\x85", b"\xe2\x80\xa8"),
    *(b"\xc2\xa0", b"\xef\xbb\xbf", b"\xff", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80\xae"),
    *(b"\xf0\x9f\x98\x80", b"\xcc\x81", b"[", b"]", b"{", b"}", b",", b":", b": ", b"- ", b"? ", b"#", b" #"),
    *(b"|", b">", b"|-\n", b">+2\n", b"'", b"\"", b"\\", b"&a ", b"*a", b"&a &b ", b"*", b"&", b"!", b"!!str "),
    *(b"!!python/object:os.system ", b"<<: *a", b"<<: ", b"%YAML 1.1\n", b"---\n", b"--- ", b"...\n"),
    *(b"--- |\n", b"%TAG ! x\n", b"@", b"`", b"~", b"null", b"yes", b"true", b"=", b"0x1F", b"010", b"1:30"),
    *(b"1_000", b"1,000", b"$5", b".inf", b".nan", b"1e400", b"-0", b"1e-400", b"9" * 50, b"1e18", b"1/0", b"%"),
    *(b"2026-10-01", b"x1e18", b"+1e18", b"-200%", b"8% to 12%", b"conversion@", b"count@Sales", b">= 1"),
    *(b"with 95% confidence", b"baseline", b"baseline - ", b"entries: x1e18", b"# funnelcli: ignore[FN305]"),
    *(b"# funnelcli: ", b"\"\\ud800\"", b"\"\\x00\"", b"stages:", b"name:", b"checks:", b"scenarios: {a: {"),
    *(b"breakdowns: {c: {a: ", b"from: ", b"count: ", b"- {name: a, "),
)
# fmt: on
"""What means something to YAML or to a funnel, put where it does not belong."""

Change = tuple[str, int, int, bytes]
_EDITS: dict[str, Callable[[bytes, int, int, bytes], bytes]] = {
    "flip": lambda data, at, length, new: data[:at] + bytes([data[at] ^ (1 << length % 8)]) + data[at + 1 :],
    "cut": lambda data, at, length, new: data[:at] + data[at + length :],
    "repeat": lambda data, at, length, new: data[:at] + data[at : at + length] * 2 + data[at + length :],
    "splice": lambda data, at, length, new: data[:at] + new + data[at:],
    "replace": lambda data, at, length, new: data[:at] + new + data[at + length :],
    "move": lambda data, at, length, new: data[:at] + data[at + length :] + data[at : at + length],
}
changes: SearchStrategy[list[Change]] = st.lists(
    st.tuples(st.sampled_from(sorted(_EDITS)), st.integers(0, 10**4), st.integers(1, 40), st.sampled_from(FRAGMENTS)),
    min_size=1,
    max_size=5,
)


def mangled(data: bytes, edits: list[Change]) -> bytes:
    """Bytes after some edits; a place beyond the end counts on from the start."""
    for kind, place, length, new in edits:
        if data:
            data = _EDITS[kind](data, place % len(data), length, new)
    return data


def with_a_line_moved(text: str) -> list[str]:
    """A text with each of its lines further in or out, gone, twice, or behind the next one; each other text once."""
    lines = text.split("\n")
    found = {text: None}
    for number, line in enumerate(lines):
        deep = len(line) - len(line.lstrip(" "))
        columns = {0, *(deep + by for by in (-4, -2, -1, 1, 2, 4))} if line.strip() else set[int]()
        ways = [[" " * column + line.lstrip(" ")] for column in sorted(columns) if column >= 0]
        for way in (*ways, [], [line, line]):
            found["\n".join([*lines[:number], *way, *lines[number + 1 :]])] = None
        found["\n".join([*lines[:number], *lines[number + 1 : number + 2], line, *lines[number + 2 :]])] = None
    del found[text]
    return [*found]
