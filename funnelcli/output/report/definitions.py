"""What each figure of a report means: the term, its definition, and the keys and labels under which it is shown."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Term(NamedTuple):
    """A term of the field; `shown_as` are keys of columns, or labels, in small letters, that bring it up."""

    term: str
    meaning: str
    shown_as: tuple[str, ...]


def _terms(rows: Mapping[str, Any]) -> Iterator[Term]:
    """The terms of `definitions.toml`; a metric that has no place among them comes at the end."""
    rest: dict[str, Any] = {name: {} for name, metric in METRICS.items() if metric.term and name not in rows}
    for name, row in {**rows, **rest}.items():
        shown_as = row.get("shown_as", ())
        if name in METRICS:
            metric = METRICS[name]
            yield Term(metric.term or name, metric.meaning, (name, name.replace("_", " "), *shown_as))
        else:
            yield Term(name, row["meaning"], tuple(shown_as))


DEFINITIONS = tuple(_terms(tomllib.loads(Path(__file__).with_name("definitions.toml").read_text(encoding="utf-8"))))
"""All terms in the order of a page."""


def used(shown: set[str]) -> list[Term]:
    """The definitions of what is shown, in their order."""
    return [each for each in DEFINITIONS if not shown.isdisjoint(each.shown_as)]
