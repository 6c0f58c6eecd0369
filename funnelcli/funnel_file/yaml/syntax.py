"""Errors of YAML's syntax in plain words: where the parser stopped, and the tabs and quotes that it let pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.characters import QUOTE_MARKS
from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.yaml import tree
from funnelcli.funnel_file.yaml.nodes import Finding, Place, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from funnelcli.funnel_file.yaml.nodes import Mark, Node, YamlDocument

_TAB = Problem("FN005", "a tab is used as indentation", "indent with spaces")


def documents(text: str, loader: type) -> Iterator[YamlDocument]:
    """Documents of a text with all that is wrong with them as YAML; `loader` as for `read`."""
    lines: list[str] = []
    has_tabs = "\t" in text
    has_quotes = not text.isascii() and not QUOTE_MARKS.isdisjoint(text)
    for document in tree.parse(text, loader):
        if has_tabs or document.error is not None:
            lines = lines or text.split("\n")
        if document.error is not None:
            document.findings.append(_syntax_error(document.error, lines))
        if has_tabs:
            document.findings.extend(_tab_indents(document.root, lines))
        if has_quotes:
            from funnelcli.funnel_file.yaml.typographic import unquoted

            document.findings.extend(unquoted(document.root))
        yield document


def _tab_indents(root: Node | None, lines: list[str]) -> Iterator[Finding]:
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


def _syntax_error(error: Exception, lines: list[str]) -> Finding:
    """The parser's error in plain words, with the help of the usual ones."""
    said = str(getattr(error, "problem", None) or error)
    mark = _inside(tree.mark_of(error), lines)
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
    if not any(map(str.strip, [line[mark.column :], *lines[mark.line + 1 :]])):
        # the place that matters is where the unclosed quote or bracket began, not the end of the file
        return found._replace(start=begun, end=end)
    context = getattr(error, "context", None)
    return found._replace(related=(str(context), begun, end)) if context and begun.line != mark.line else found


def _inside(mark: Mark, lines: list[str]) -> Mark:
    """The mark, or the end of the text: without a line end there, the parser counts a line that nobody sees."""
    return mark if mark.line < len(lines) else Place(len(lines) - 1, len(lines[-1]))


def _not_yaml(said: str) -> Problem:
    """The parser's words in those of people."""
    from funnelcli.funnel_file.data_files import data_file

    data = data_file("yaml/syntax.yaml")
    fitting = (row for row in data["words"] if any(part in said for part in row["said"]))
    words = next(fitting, {"means": said})
    return Problem("FN004", f"this is not YAML: {words['means']}", words.get("help", data["usual"]))
