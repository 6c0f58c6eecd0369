"""Rows that show that they are deals: names that stand once, beside stages that come again and money."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.counts_table.deal_states import StateWords
from funnelcli.counts_table.table import clean
from funnelcli.metrics import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.recognise import Recognised

_MOST_STAGES = 20
_FIGURE = re.compile(r"\d")


def are_deals(found: Recognised, rows: Sequence[Sequence[str]]) -> bool:
    """Whether the rows below the names are deals, where the recipe says that rows tell it.

    Each name of a unit stands once; of stages or statuses there are fewer than rows, and one is a word of the recipe;
    amounts are empty or have a figure.
    """
    if not found.recipe.more.says("known_by_rows"):
        return False
    once, again, money = (
        next((each.at for kind in kinds for each in found.of_kind(kind)), None)
        for kinds in (("title",), ("stage", "status"), ("amount",))
    )
    if once is None or again is None or money is None:
        return False
    last = max(once, again, money)
    body = [row for row in rows[found.header + 1 :] if len(row) > last and clean(row[once]) and clean(row[again])]
    names = {fold(clean(row[once])) for row in body}
    stages = {clean(row[again]) for row in body}
    if len(names) < len(body) or not 1 < len(stages) < len(body) or len(stages) > _MOST_STAGES:
        return False
    words = StateWords(found.recipe)
    is_money = all(not clean(row[money]) or _FIGURE.search(row[money]) for row in body)
    return is_money and any(words.of(stage) for stage in stages)
