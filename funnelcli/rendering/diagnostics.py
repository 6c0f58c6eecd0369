"""Diagnostics to text: one line for machines and eyes, the line of source with carets, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Severity
from funnelcli.rendering.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.diagnostics import Diagnostic, Location, Problem

EXCERPT = 120
_STYLES = {"bold": "1", "error": "1;31", "warning": "1;33", "help": "36"}


def full(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """Every diagnostic with its source line, carets and help."""
    return "".join(f"{line}\n" for each in diagnostics for line in _lines(each, color))


def concise(diagnostic: Diagnostic, color: bool = False) -> str:
    """One line: `file:line:column: error[CODE] message`."""
    place = diagnostic.location
    where = f"{visible(place.file)}:{place.line}:{place.column}:"
    return f"{_paint(where, 'bold', color)} {problem_line(diagnostic.problem, color)}"


def problem_line(problem: Problem, color: bool = False) -> str:
    """`error[CODE] message`."""
    word = problem.severity.value
    return f"{_paint(f'{word}[{problem.code}]', word, color)} {visible(problem.message)}"


def help_line(problem: Problem, color: bool = False) -> str:
    """`= help: …`."""
    return f"{_paint('= help:', 'help', color)} {visible(problem.help or '')}"


def summary(diagnostics: Sequence[Diagnostic], files: int, funnels: int | None) -> str:
    """The last line: `Found 1 error, 0 warnings in 1 file (2 funnels).`, with a line end; `None` for other files."""
    errors = sum(each.severity is Severity.ERROR for each in diagnostics)
    warnings = len(diagnostics) - errors
    where = _counted(files, "file") if files else _counted(funnels or 0, "funnel")
    if files and funnels is not None:
        where += f" ({_counted(funnels, 'funnel')})"
    return f"Found {_counted(errors, 'error')}, {_counted(warnings, 'warning')} in {where}.\n"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _lines(diagnostic: Diagnostic, color: bool) -> Iterable[str]:
    place = diagnostic.location
    margin = len(str(max(place.line, *(where.line for _, where, _ in diagnostic.related), 0)))
    yield concise(diagnostic, color)
    excerpts = [(place, diagnostic.source, diagnostic.severity.value, "")]
    excerpts += [(where, source, "help", said) for said, where, source in diagnostic.related]
    if any(source.strip() for _, source, _, _ in excerpts):
        yield f"{'':{margin}} |"
    for where, source, style, said in sorted(excerpts, key=lambda each: each[0].line):
        if source.strip():
            yield from _excerpt(source, where, margin, style, said, color)
    if diagnostic.problem.help:
        yield f"{'':{margin}} {help_line(diagnostic.problem, color)}"


def _excerpt(source: str, place: Location, margin: int, style: str, said: str, color: bool) -> Iterable[str]:
    """A line of source and the carets under its stretch; a long line is cut around it."""
    source = source.replace("\t", " ")
    start, end = place.column - 1, max(place.end_column - 1, place.column)
    first = max(0, start - EXCERPT // 2) if len(source) > EXCERPT else 0
    cut = source[first : first + EXCERPT].rstrip()
    before = "…" if first else ""
    after = "…" if first + EXCERPT < len(source) else ""
    carets = "^" * max(1, width(visible(source[start : min(end, first + EXCERPT)])))
    pad = " " * width(visible(before + source[first:start]))
    yield f"{place.line:{margin}} | {before}{visible(cut)}{after}"
    yield f"{'':{margin}} | {pad}{_paint(carets, style, color)}{f' {said}' if said else ''}"


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _paint(text: str, style: str, color: bool) -> str:
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color else text
