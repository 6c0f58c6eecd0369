"""Warnings about sound funnels, FN3xx: a function a rule, its documentation in `docs.codes`; `rules` has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.diagnostics import Path
    from funnelcli.model import Funnel

    Written: TypeAlias = Callable[[Path], str | None]
    Warnings: TypeAlias = Iterator[tuple[Path, str, str]]


class Rule(NamedTuple):
    """A code and what looks for it: `look` yields where a warning stands, what it says, and the help.

    A place is a path of keys and indices in the document; `written(path)` is the text of the scalar at a path, `None`
    where there is none. `of` is the part of the funnel that the rule is about: without it, there is nothing to find.
    """

    code: str
    look: Callable[[Funnel, Written], Warnings]
    of: str | None = None


def rule(code: str, of: str | None = None) -> Callable[[Callable[[Funnel, Written], Warnings]], Rule]:
    """What makes a function a rule."""
    return lambda look: Rule(code, look, of)
