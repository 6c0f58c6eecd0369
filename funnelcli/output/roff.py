"""Pages of the manual as man pages: Markdown as roff with the man macros."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from rich.markdown import Markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from markdown_it.token import Token

_NEEDLESS = re.compile(r"^(\.S[HS] .*)\n\.PP$", re.MULTILINE)
"""A paragraph that a heading begins already."""
_ENTRY = re.compile(r"`([^`]+)`: ?(.*)", re.DOTALL)


class ManPage(NamedTuple):
    """A man page: its name, what it is in one line, how it is called, and the rest as Markdown with `##` headings."""

    name: str
    purpose: str
    usage: str
    text: str


def render(page: ManPage, version: str, date: str, others: Iterable[str]) -> str:
    """The page as roff, of a version and its date (ISO 8601); `others` are the names of the pages to see as well."""
    lines = [
        f'.TH "{_escaped(page.name.upper())}" "1" "{date}" "funnelcli {version}" "funnelcli manual"',
        ".nh",
        ".ad l",
        ".SH NAME",
        f"{_escaped(page.name)} \\- {_escaped(page.purpose)}",
        ".SH SYNOPSIS",
        f"\\fB{_escaped(page.usage)}\\fR",
        *_body(Markdown(page.text).parsed),
        ".SH SEE ALSO",
        ", ".join(f"\\fB{_escaped(other)}\\fR(1)" for other in others),
    ]
    return _NEEDLESS.sub(r"\1", "\n".join(lines)) + "\n"


def _body(tokens: list[Token]) -> Iterator[str]:
    """Blocks in their order; what stands inside of lists and tables is taken with them."""
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.type.endswith("_open"):
            end = _end(tokens, position)
            yield from _block(token, tokens[position + 1 : end])
            position = end
        elif token.type in ("fence", "code_block"):
            yield from _code(token.content)
        position += 1


def _end(tokens: list[Token], start: int) -> int:
    """Where the block ends that begins there."""
    depth = 0
    for position in range(start, len(tokens)):
        depth += tokens[position].nesting
        if depth == 0:
            return position
    return len(tokens)


def _block(opening: Token, inside: list[Token]) -> Iterator[str]:
    if opening.type == "heading_open":
        title = _inline(inside[0])
        yield f".SH {title.upper()}" if opening.tag == "h2" else f".SS {title}"
    elif opening.type == "paragraph_open":
        yield from (".PP", _inline(inside[0]))
    elif opening.type in ("bullet_list_open", "ordered_list_open"):
        yield from _items(inside)
    elif opening.type == "table_open":
        yield from _rows(inside)
    else:
        yield from _body(inside)


def _items(tokens: list[Token]) -> Iterator[str]:
    """Names with what they mean as tagged paragraphs, other items with a bullet."""
    position = 0
    while position < len(tokens):
        end = _end(tokens, position)
        inside = tokens[position + 1 : end]
        inline = next(token for token in inside if token.type == "inline")
        entry = _ENTRY.match(inline.content)
        if entry and inline.children and inline.children[0].type == "code_inline":
            meaning = _inline(Markdown(entry[2]).parsed[1]) if entry[2].strip() else ""
            yield from (".TP", f"\\fB{_escaped(entry[1])}\\fR", meaning)
        else:
            yield from (".IP \\(bu 2", _inline(inline))
        position = end + 1


def _rows(tokens: list[Token]) -> Iterator[str]:
    """Rows of a table below its header: the first cell, and below it the others."""
    cells: list[str] = []
    body = next((index for index, token in enumerate(tokens) if token.type == "tbody_open"), len(tokens))
    for token in tokens[body:]:
        if token.type == "tr_open":
            cells = []
        elif token.type == "inline":
            cells.append(_inline(token))
        elif token.type == "tr_close" and cells:
            yield from (".TP", cells[0], "; ".join(filter(None, cells[1:])))


def _code(text: str) -> Iterator[str]:
    yield from (".PP", ".RS 4", ".nf")
    yield from (_at_start(_escaped(line)) for line in text.rstrip("\n").split("\n"))
    yield from (".fi", ".RE")


def _inline(token: Token) -> str:
    """Text with its marks; a line never begins as a macro."""
    said = []
    fonts = {"strong_open": "\\fB", "em_open": "\\fI", "strong_close": "\\fR", "em_close": "\\fR"}
    for child in token.children or []:
        if child.type == "code_inline":
            said.append(f"\\fB{_escaped(child.content)}\\fR")
        elif child.type in ("softbreak", "hardbreak"):
            said.append(" ")
        elif child.type == "text":
            said.append(_escaped(child.content))
        else:
            said.append(fonts.get(child.type, ""))
    return _at_start("".join(said).strip())


def _at_start(line: str) -> str:
    return f"\\&{line}" if line.startswith((".", "'")) else line


def _escaped(text: str) -> str:
    return (
        text.replace("\\", "\\e")
        .replace("-", "\\-")
        .replace("\u2026", "...")
        .replace("`", "\\`")
        .replace("^", "\\(ha")
        .replace("~", "\\(ti")
    )
