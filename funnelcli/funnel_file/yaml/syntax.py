"""Errors of YAML's syntax in plain words: where the parser stopped, and tabs that it let pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.yaml.nodes import Finding, Place, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.funnel_file.yaml.nodes import Mark, Node

_TAB = Problem("FN005", "a tab is used as indentation", "indent with spaces")


def tab_indents(root: Node | None, lines: list[str]) -> Iterator[Finding]:
    """Tabs before the first thing of a line, which some readers take for indentation and others refuse."""
    indents: dict[int, str] = {}  # of the lines that are looked at, each once: a line may hold many nodes
    reported: set[int] = set()
    for node in walk(root):
        start = node.start_mark
        indent = indents.get(start.line)
        if indent is None:
            line = lines[start.line]
            indent = indents[start.line] = line[: len(line) - len(line.lstrip())]
        if "\t" in indent[: start.column] and start.column <= len(indent) and start.line not in reported:
            reported.add(start.line)
            yield Finding.in_line(_TAB, start.line, indent.index("\t"))


def syntax_error(error: Exception, mark: Mark, lines: list[str]) -> Finding:
    """The parser's error in plain words, with the help of the usual ones."""
    said = str(getattr(error, "problem", None) or error)
    mark = _inside(mark, lines)
    line = lines[mark.line]
    if "\t" in line[: mark.column + 1] and not line[: mark.column].strip():
        return Finding.in_line(_TAB, mark.line, line.index("\t"))
    if "escape" in said:
        # the loaders differ by one column; the backslash is what both mean
        mark = Place(mark.line, max(line.rfind("\\", 0, mark.column + 1), 0))
    found = Finding.in_line(_not_yaml(said), mark.line, mark.column)
    begun = getattr(error, "context_mark", None)
    if begun is None:
        return found
    begun = _inside(begun, lines)
    end = Place(begun.line, begun.column + 1)
    if not line[mark.column :].strip() and _blank_from(lines, mark.line + 1):
        # the place that matters is where the unclosed quote or bracket began, not the end of the file
        return found._replace(start=begun, end=end)
    context = getattr(error, "context", None)
    return found._replace(related=(str(context), begun, end)) if context and begun.line != mark.line else found


def _inside(mark: Mark, lines: list[str]) -> Mark:
    """The mark, or the end of the text: without a line end there, the parser counts a line that nobody sees."""
    return mark if mark.line < len(lines) else Place(len(lines) - 1, len(lines[-1]))


def _blank_from(lines: list[str], first: int) -> bool:
    """Whether nothing is written from a line on."""
    return not any(lines[number].strip() for number in range(first, len(lines)))


def _not_yaml(said: str) -> Problem:
    """The parser's words in those of people; the loaders differ in theirs."""
    plain, help_ = next(((plain, help_) for part, plain, help_ in _WORDS if part in said), (said, ""))
    return Problem("FN004", f"this is not YAML: {plain}", help_ or _USUAL)


_USUAL = "check the indentation, quotes and brackets here and in the line before"
_LEVEL = "the indentation does not fit the lines above"
_BLOCK = "> and | begin a text of several lines, and nothing else may stand beside them"
_WORDS = (
    (
        "mapping values are not allowed",
        "a colon stands where none can",
        'a text with ": " in it needs quotes; or the line above lacks its colon, or the space after a colon or dash',
    ),
    (
        "could not find expected ':'",
        "a line above has no colon",
        "write key: value, with a space after the colon",
    ),
    ("expected <block end>", "the line fits no level above it", _LEVEL),
    ("did not find expected key", "the line fits no level above it", _LEVEL),
    ("did not find expected '-'", "the line is no part of the list above it", _LEVEL),
    (
        "expected ',' or",
        "a bracket is not closed, or a comma is missing",
        "close the bracket, or put a comma between the entries",
    ),
    ("cannot start any token", "no text can begin with this sign", "a text that begins with %, @ or ` needs quotes"),
    ("while scanning a quoted", "a quote is not closed", ""),
    ("end of stream", "a quote or a bracket is not closed", "close the quote"),
    ("expected <document start>", "text stands behind the end of the funnel", ""),
    ("node content", "a value is missing", ""),
    ("comment or line break", _BLOCK, ""),
    ("comment or a line break", _BLOCK, ""),
    ("alphabetic or numeric character", "no name follows the & or *", ""),
    ("unknown escape", "a backslash begins a code that YAML does not know", ""),
)
"""A part of what the parser says, the same in plain words, and the help where there is more than the usual."""
