"""How much of the searches and of the large tables of cases runs: a part that holds every kind, or all of it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

weekly = pytest.mark.skipif("not config.getoption('thorough')", reason="runs with --thorough")
"""What takes long, and is of a kind that others hold."""

_asked = False


def ask() -> None:
    """From now on, all of it: the option `--thorough`, before tests are collected."""
    global _asked
    _asked = True


def few(cases: Iterable[T], keep: int) -> list[T]:
    """So many of the cases, always the same, spread over all of them; all of them where it is to be thorough."""
    known = list(cases)
    if _asked or len(known) <= keep:
        return known
    return [known[(2 * place + 1) * len(known) // (2 * keep)] for place in range(keep)]


def each_once(*tables: Iterable[object]) -> list[tuple[object, ...]]:
    """Each entry of each table at least once, beside one of the others; all together where it is to be thorough."""
    known = [list(table) for table in tables]
    if _asked:
        return list(product(*known))
    longest = max(map(len, known))
    return [tuple(table[place % len(table)] for table in known) for place in range(longest)]


def whole_or_part(whole: T, part: T) -> T:
    """The whole where it is to be thorough; a number of tries, or cases that somebody chose."""
    return whole if _asked else part
