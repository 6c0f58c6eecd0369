"""What the writers of samples share: rows as the text of a file, the file, and what is expected of it beside it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tests.exports.truth import Deal

FOLDER = Path(__file__).parent
SAMPLES = FOLDER.parent.parent / "sample_funnels"


def table(
    rows: Iterable[Sequence[object]], delimiter: str = ",", quote_all: bool = False, end: str = "\n", after: str = ""
) -> str:
    """Rows as the text of a file; lines `after` it stand as they are."""
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(rows)
    return text.getvalue() + after


def write(recipe: str, name: str, text: str, wanted: dict[str, Any], encoding: str = "utf-8") -> None:
    """An export, and beside it what is expected."""
    folder = FOLDER / recipe
    expect(recipe, name, wanted)
    (folder / name).write_bytes(text.encode(encoding))


def expect(recipe: str, name: str, wanted: dict[str, Any]) -> None:
    (FOLDER / recipe).mkdir(exist_ok=True)
    path = FOLDER / recipe / f"{name.rsplit('.', 1)[0]}.expected.yaml"
    path.write_text(
        yaml.safe_dump(wanted, default_flow_style=None, sort_keys=False, allow_unicode=True, width=120),
        encoding="utf-8",
    )


def at(moment: datetime | None, form: str) -> str:
    return "" if moment is None else moment.strftime(form)


def american(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.month}/{moment.day}/{moment.year}"


def closing(deal: Deal) -> datetime:
    """When it was closed, or is thought to be."""
    return deal.ended or deal.created.replace(year=2027, month=1, day=29, hour=0, minute=0)
