"""Why a column of numbers has no place in a wide table, and the options that give it one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.counts_table import locale_numbers
from funnelcli.counts_table.magnitudes import currency_of
from funnelcli.counts_table.words import WORDS
from funnelcli.diagnostics import did_you_mean, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.columns import TableColumn


def why_no_role(
    column: TableColumn, known: Sequence[str], columns: Sequence[TableColumn]
) -> tuple[str, str, str] | None:
    """Why a column of numbers, or an empty one, has no place in a wide table: a code, what is wrong, and help."""
    name, kind = quoted(column.name), column.kind
    if kind == "empty":
        help_ = f"write its counts (0 where there are none), or leave it out: --drop {name}"
        return ("FN102", f"the column {name} is empty", help_) if column.name else None
    if kind == "money":
        help_ = f"earned: --revenue {name}; spent: --budget {name}; neither: --drop {name}"
        after_all = "" if currency_of(column.name) else _as_stage(column, known, columns)
        what = f"the column {name} holds money, and its name says not whether it is spent or earned"
        return "FN103", what, f"{help_}{after_all}"
    if kind != "count":
        return "FN113", f"{name} is a second column of {kind}", f"keep one: --drop {name}"
    if known:
        help_ = f"{did_you_mean(column.name, known)}; else leave it out: --drop {name}; or say --label"
        return "FN112", f"unknown stage {name}", help_
    if column.base in WORDS["total"]:
        what = f"the column {name} holds no counts of a stage"
        return "FN103", what, f"leave it out, as it is computed or belongs into the funnel file: --drop {name}"
    if locale_numbers.looks_like(column.name) == "number":
        help_ = "write the names of the columns above the counts; or turn the table, one column a stage"
        return "FN102", f"{name} stands where the name of a stage is expected", help_
    return None


def like_codes(
    column: TableColumn, cells: Sequence[str], known: Sequence[str], columns: Sequence[TableColumn]
) -> tuple[str, str, str]:
    """That cells of a column look like codes: a code, what is wrong, and help."""
    name = quoted(column.name)
    first, second = [cell.strip() for cell in cells if not locale_numbers.is_blank(cell)][:2]
    what = f"the numbers of {name}, such as {first} and {second}, look like codes: long, and nearly alike"
    told = {"spend": f"; money spent: --budget {name}", "revenue": f"; money earned: --revenue {name}"}
    after_all = told.get(column.kind) or _as_stage(column, known, columns)
    return "FN103", what, f"labels: --label {name}; no part of it: --drop {name}{after_all}"


def _as_stage(column: TableColumn, known: Sequence[str], columns: Sequence[TableColumn]) -> str:
    """The option that makes a stage of a column which is taken for none."""
    stages = [each.name for each in columns if each.is_stage_count or each is column]
    said = known or any("," in each for each in stages)
    return "" if said else f'; a stage after all: --stages "{",".join(stages)}"'
