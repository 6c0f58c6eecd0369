"""Whether a deal is won, lost or open: by its status, its stage and the times of both, as words of a recipe tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.words import plain
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.counts_table.recipes import Recipe

WON, LOST, OPEN = "won", "lost", "open"
_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")


class StateWords:
    """The words of a recipe for won, lost and open; `C{n}:WON` fits with any text in place of {n}."""

    def __init__(self, recipe: Recipe, won: Sequence[str] = (), lost: Sequence[str] = ()) -> None:
        """The words of this recipe, and those of the caller, which outrank it."""
        self.words: dict[str, str] = {}
        self.patterns: list[tuple[re.Pattern[str], str]] = []
        self.known = (*recipe.won, *recipe.lost, *recipe.open)
        for state, words in ((OPEN, recipe.open), (LOST, recipe.lost), (WON, recipe.won)):
            for word in words:
                if "{" in word:
                    pattern = _PLACEHOLDER.sub(".+", re.escape(word))
                    self.patterns.append((re.compile(pattern, re.IGNORECASE), state))
                else:
                    self.words[plain(word)] = state
        for state, words in ((LOST, lost), (WON, won)):
            self.words.update({plain(word): state for word in words})
        self.found: dict[str, str | None] = {"": None}

    def of(self, text: str) -> str | None:
        """The state that a status or a stage tells; `None` where no word does."""
        if text not in self.found:
            state = self.words.get(plain(text))
            patterns = (each for pattern, each in self.patterns if pattern.fullmatch(text))
            self.found[text] = state or next(patterns, None)
        return self.found[text]


class Signs(NamedTuple):
    """What a row says of the state of its deal. `status` is `None` where the table has no such column.

    `later` is the later of the times of winning and losing, where it has both: won or lost.
    """

    status: str | None
    stage: str
    won: bool
    lost: bool
    later: str | None


class Contradiction(NamedTuple):
    """Why a row does not tell the state: a cause, what is wrong, where (`status` or `stage`), and the way out."""

    cause: str
    code: str
    message: str
    column: str
    help: str


def state_of(signs: Signs, words: StateWords) -> str | Contradiction:
    """The state of a deal, or what is wrong with its signs."""
    by_status = words.of(signs.status or "")
    if signs.status and by_status is None:
        known = ", ".join(quoted(word) for word in words.known[:12])
        return Contradiction(
            f"status {signs.status}",
            "FN120",
            f"{quoted(signs.status)} says not whether a deal is won, lost or open",
            "status",
            f"known here: {known or 'no word'}; say what it is: --won WORD or --lost WORD; words of open deals are "
            "open: of a recipe of your own, --recipe FILE",
        )
    by_stage = words.of(signs.stage)
    told = by_status or by_stage
    if by_status and by_stage and by_status != by_stage:
        what = f"the deal is {by_status} by its status, {quoted(signs.status or '')}, and {by_stage} by its stage"
        return _contradiction(f"{what}, {quoted(signs.stage)}")
    if told is None:
        if signs.won and signs.lost:
            return _contradiction("the deal has been won and lost, by its times, and no status says which holds")
        if signs.won or signs.lost:
            return WON if signs.won else LOST
        if signs.status is not None:
            return Contradiction("no status", "FN102", "the deal has no status", "status", "write it, or leave it out")
        return OPEN
    against = (signs.lost and told != LOST) or (signs.won and told != WON)
    if against and signs.later != told:
        other = LOST if signs.lost and told != LOST else WON
        return _contradiction(f"the deal is {told}, and has a time at which it was {other}")
    return told


def _contradiction(message: str) -> Contradiction:
    return Contradiction(
        f"state {message}", "FN114", message, "status", "correct the row in the tool, and export again"
    )
