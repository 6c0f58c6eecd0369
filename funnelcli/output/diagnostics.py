"""Diagnostics to text: one line for machines and eyes, the line of source with carets, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Severity
from funnelcli.output.numbers import visible
from funnelcli.output.text_width import folded, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.diagnostics import Diagnostic, Location, Problem

EXCERPT = 120
_STYLES = {"bold": "1", "dim": "2", "error": "1;31", "warning": "1;33", "help": "36", "passed": "32", "undecided": "33"}


def full(
    diagnostics: Iterable[Diagnostic], color: bool = False, columns: int | None = None, *, marks: bool = False
) -> str:
    """Every diagnostic with its source line, carets and help; sentences wrap at the columns of a terminal."""
    return "".join(f"{line}\n" for each in diagnostics for line in _lines(each, color, columns, marks=marks))


def concise(diagnostic: Diagnostic, color: bool = False, *, marks: bool = False) -> str:
    """One line: `file:line:column: error[CODE] message`; what is of no file is of the command line.

    With `marks`, what has a safe fix is told by a star.
    """
    place = diagnostic.location
    where = f"{visible(place.file)}:{place.line}:{place.column}:" if place.line else "funnelcli:"
    mark = f"{paint(FIXABLE, 'help', color)} " if marks and diagnostic.fix and diagnostic.fix.safe else ""
    return f"{paint(where, 'bold', color)} {problem_line(diagnostic.problem, color, mark)}"


FIXABLE = "[*]"
"""The mark of what has a safe fix."""


def problem_line(problem: Problem, color: bool = False, mark: str = "") -> str:
    """`error[CODE] message`."""
    word = problem.severity.value
    return f"{paint(f'{word}[{problem.code}]', word, color)} {mark}{visible(problem.message)}"


def help_line(problem: Problem, color: bool = False) -> str:
    """`= help: …`."""
    return f"{paint('= help:', 'help', color)} {visible(problem.help or '')}"


def summary(diagnostics: Sequence[Diagnostic], files: int, funnels: int | None, apart: int = 0) -> str:
    """The last line: `Found 1 error, 0 warnings in 1 file (2 funnels).`, with a line end; `None` for other files.

    Errors that are said apart from the diagnostics are counted with theirs.
    """
    errors = apart + sum(each.severity is Severity.ERROR for each in diagnostics)
    warnings = len(diagnostics) + apart - errors
    where = _counted(files, "file") if files else _counted(funnels or 0, "funnel")
    if files and funnels is not None:
        where += f" ({_counted(funnels, 'funnel')})"
    return f"Found {_counted(errors, 'error')}, {_counted(warnings, 'warning')} in {where}.\n"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _lines(diagnostic: Diagnostic, color: bool, columns: int | None, *, marks: bool) -> Iterable[str]:
    place = diagnostic.location
    margin = len(str(max(place.line, *(where.line for _, where, _ in diagnostic.related), 0)))
    yield from folded(concise(diagnostic, color, marks=marks), columns, hanging=margin + 3, whole_words=True)
    most = EXCERPT if columns is None else max(20, min(EXCERPT, columns - margin - 5))
    excerpts = [(place, diagnostic.source if _can_be_shown(diagnostic) else "", diagnostic.severity.value, "")]
    excerpts += [(where, source, "help", said) for said, where, source in diagnostic.related]
    if any(source.strip() for _, source, _, _ in excerpts):
        yield f"{'':{margin}} |"
    for where, source, style, said in sorted(excerpts, key=lambda each: each[0].line):
        if source.strip():
            yield from _excerpt(source, where, margin, style, said, color, most)
    if diagnostic.problem.help:
        pad = " " * (margin + 1)
        indent = len(pad) + len("= help: ")
        yield from folded(pad + help_line(diagnostic.problem, color), columns, hanging=indent, whole_words=True)


def _can_be_shown(diagnostic: Diagnostic) -> bool:
    """Whether the line of source is text: not of a file of another program, nor of one in UTF-16."""
    code = diagnostic.problem.code
    return code != "FN016" and not (code == "FN001" and "\0" in diagnostic.source)


def _excerpt(source: str, place: Location, margin: int, style: str, said: str, color: bool, most: int) -> Iterable[str]:
    """A line of source and the carets under its stretch; a long line is cut around it."""
    source = source.replace("\t", " ")
    start, end = place.column - 1, max(place.end_column - 1, place.column)
    first = max(0, start - most // 2) if len(source) > most else 0
    cut = source[first : first + most].rstrip()
    before = "…" if first else ""
    after = "…" if first + most < len(source) else ""
    carets = "^" * max(1, width(visible(source[start : min(end, first + most)])))
    pad = " " * width(visible(before + source[first:start]))
    yield f"{place.line or '':{margin}} | {before}{visible(cut)}{after}"
    yield f"{'':{margin}} | {pad}{paint(carets, style, color)}{f' {said}' if said else ''}"


def paint(text: str, style: str, color: bool) -> str:
    """Text in a colour, where there are colours."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color else text
