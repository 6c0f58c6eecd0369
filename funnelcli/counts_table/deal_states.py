"""Whether a deal is won, lost or open: by its status, its stage and the times of both, as words of a recipe tell."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.counts_table.date_forms import NOTHING
from funnelcli.counts_table.deal_dates import DateColumn, read_dates
from funnelcli.counts_table.recipes import known_of_units, recipes
from funnelcli.counts_table.table import clean
from funnelcli.counts_table.words import plain
from funnelcli.diagnostics import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.counts_table.causes import Causes
    from funnelcli.counts_table.recipes import Recipe
    from funnelcli.counts_table.recognise import Recognised
    from funnelcli.counts_table.table import CellTable

_MOST_WORDS = 8
WON, LOST, OPEN = "won", "lost", "open"
_NUMBERED = re.compile(r"\d{1,2}\s*[-–.):]\s*")
_PLACEHOLDER = re.compile(r"\\\{\w+\\\}")


class StateWords:
    """The words of a recipe for won, lost and open; `C{n}:WON` fits with any text in place of {n}."""

    def __init__(self, recipe: Recipe, won: Sequence[str] = (), lost: Sequence[str] = ()) -> None:
        """The words of this recipe, and those of the caller, which outrank it."""
        self.words: dict[str, str] = {}
        self.patterns: list[tuple[re.Pattern[str], str]] = []
        self.usual = recipe.usual
        self.known = (*recipe.won, *recipe.lost, *recipe.open)
        for state, words in ((OPEN, recipe.open), (LOST, recipe.lost), (WON, recipe.won)):
            for word in words:
                if "{" in word:
                    pattern = _PLACEHOLDER.sub(".+", re.escape(word))
                    self.patterns.append((re.compile(pattern, re.IGNORECASE), state))
                else:
                    self.words[plain(word)] = state
        for state, told in ((LOST, lost), (WON, won)):
            self.words.update({plain(word): state for word in told})
        self.found: dict[str, str | None] = {"": None}

    def learn(self, states: Mapping[str, str]) -> None:
        """Know more words; those of the caller and of the recipe outrank them."""
        self.words = {plain(word): state for word, state in states.items()} | self.words
        self.found = {"": None}

    def of(self, text: str) -> str | None:
        """The state that a status or a stage tells; `None` where no word does."""
        if text not in self.found:
            state = self.words.get(plain(text))
            patterns = (each for pattern, each in self.patterns if pattern.fullmatch(text))
            numbered = _NUMBERED.match(text)
            state = state or next(patterns, None)
            self.found[text] = state if state or not numbered else self.words.get(plain(text[numbered.end() :]))
        return self.found[text]


def status_as_stage(table: CellTable, found: Recognised, words: StateWords) -> Recognised:
    """The same with the status as the stage, in a list without stages whose status has names of several.

    One word that is not known is no reason: it may be won or lost in words of somebody's own, and is asked about.
    """
    column = next(iter(found.of_kind("status")), None)
    if (
        column is None
        or found.of_kind("stage")
        or found.of_kind("entered")
        or not found.recipe.more.says("status_may_be_stage")
    ):
        return found
    texts = {clean(row[column.at]) for row in (table.rows[at] for at in table.body) if column.at < len(row)}
    if sum(words.of(text) is None for text in texts - {""}) < 2:
        return found
    stage = column._replace(column=column.column._replace(kind="stage"))
    return found._replace(columns=tuple(stage if each is column else each for each in found.columns))


def status_by_words(table: CellTable, found: Recognised, words: StateWords) -> Recognised:
    """The same with a column as the status that the recipe does not name, where its cells are: won or lost in words.

    One under a name that a recipe of deals has for the status needs a word of either, in any of their languages, which
    the words then know; under another name both, where the recipe has a status. Which column that is is said.
    """
    if any(found.of_kind(kind) for kind in ("status", "is_won", "is_lost", "is_closed")):
        return found
    stage = next(iter(found.of_kind("stage")), None)
    rows = [table.rows[at] for at in table.body]
    if stage is not None and any(words.of(clean(row[stage.at])) in (WON, LOST) for row in rows if stage.at < len(row)):
        return found
    known, statuses = {each.at for each in found.columns}, known_of_units("status", ("deals",))
    own = next((column for column in found.recipe.columns if column.kind == "status"), None)
    for at, name in enumerate(table.names):
        texts = {clean(row[at]) for row in rows if at < len(row)} if name and at not in known else set()
        column = statuses.get(plain(name))
        status = column or own
        if status is None or len(texts) > _MOST_WORDS:
            continue
        told = {text: words.of(text) or (_words_of_deals().of(text) if column else None) for text in texts}
        ends = {WON, LOST}.intersection(told.values())
        if len(ends) == 2 or (column and ends):
            table.notes.append(f"{quoted(name)} says what is won and lost: it is taken as the status")
            words.learn({text: state for text, state in told.items() if state is not None})
            return found._replace(columns=(*found.columns, found.columns[0]._replace(at=at, column=status)))
    return found


@cache
def _words_of_deals() -> StateWords:
    """The words of all recipes of deals."""
    deals = [recipe for recipe in recipes() if recipe.shape == "deals"]
    won, lost, still = (tuple(word for each in deals for word in getattr(each, state)) for state in (WON, LOST, OPEN))
    return StateWords(deals[0]._replace(won=won, lost=lost, open=still))


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
    if by_status and by_stage not in (None, OPEN, by_status):  # a deal is won or lost at a stage "In progress" as well
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


def states_of(
    at: Mapping[str, int],
    rows: Sequence[int],
    stages: Sequence[str],
    words: StateWords,
    causes: Causes,
) -> list[str]:
    """Won, lost or open, by the index of the row; what does not tell it is among the causes, once for each word."""
    cells = causes.table.rows
    status, won, lost = at.get("status"), at.get("won_time"), at.get("lost_time")
    later = _later_of_both(won, lost, rows, causes)
    known: dict[tuple[str | None, str, bool, bool, str | None], str] = {}
    found = [OPEN] * len(cells)
    for row in rows:
        own, stage = cells[row], stages[row]
        signs = (
            None if status is None else own[status].strip(),
            stage,
            won is not None and own[won].strip() not in NOTHING,
            lost is not None and own[lost].strip() not in NOTHING,
            later.get(row) if later else None,
        )
        state = known.get(signs)
        if state is None:
            told = state_of(Signs(*signs), words)
            if not isinstance(told, str):
                column = next(at[kind] for kind in (told.column, "status", "stage", "won_time") if kind in at)
                causes.add(told.cause, row, column, told.code, told.message, told.help)
                continue
            state = known[signs] = told
        found[row] = state
        if not stage and state == OPEN:
            what, help_ = "the deal is open, and no stage is known", "write its stage, or delete the row"
            causes.add("no stage", row, at.get("stage", 0), "FN102", what, help_)
    return found


def _later_of_both(won: int | None, lost: int | None, rows: Sequence[int], causes: Causes) -> dict[int, str]:
    """Of deals that have a time of winning and one of losing, what came later."""
    if won is None or lost is None:
        return {}
    cells = causes.table.rows
    both = [row for row in rows if cells[row][won].strip() not in NOTHING and cells[row][lost].strip() not in NOTHING]
    read = read_dates(causes.table, [DateColumn(won, both), DateColumn(lost, both)], causes) if both else None
    found = {}
    for row in both if read is not None else ():
        first, second = (each.instants[row] for each in read or ())
        if first is not None and second is not None and first != second:
            found[row] = WON if first > second else LOST
    return found
