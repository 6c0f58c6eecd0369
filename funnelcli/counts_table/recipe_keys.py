"""The format of recipes: every key that one may have, and what it means. `recipes` reads by these tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

SHAPES = {
    "segments": "a row a segment, a column a stage",
    "steps": "a row a step",
    "deals": "a row each, with its stage now",
    "orders": "a row an order or a charge",
}
OF_UNITS = ("deals", "orders")
"""Those of which a row is a unit that is counted."""
KINDS = {
    "count": "counts",
    "label": "labels of segments",
    "steps": "names of the steps",
    "spend": "money spent",
    "revenue": "money earned",
    "currency": "the currency",
    "date": "the day that a row is of",
    "mean_time": "mean time from the step before",
    "median_time": "median time from the step before",
    "drop": "no part of a funnel",
    "id": "what tells one from another",
    "title": "its name",
    "pipeline": "which funnel it is in",
    "stage": "the stage where it is now",
    "status": "whether it is won, lost or open",
    "amount": "money of each",
    "created": "when it began",
    "closed": "when it was won or lost, or shall be",
    "won_time": "when it was won",
    "lost_time": "when it was lost",
    "is_won": "whether it is won: yes or no",
    "is_lost": "whether it is lost: yes or no",
    "is_closed": "whether it is won or lost: yes or no",
    "reason": "why it was lost",
    "refund": "money of it that was given back",
    "entered": "when it came to the stage that the name of the column says",
    "left": "when it left that stage",
    "probability": "the chance to close that the tool gives its stage",
}
"""What a column `is`, in the words that say what one was taken for."""
KEYS = {
    "title": "what the export is called",
    "version": "grows when the recipe reads a file differently",
    "docs": "where its vendor describes it",
    "shape": "what a row is: one of SHAPES",
    "needs": "keys of the columns without which it is another file; `a|b` is one of the two",
    "columns": "key: what the column is, and its names; the key of a label is the name of the breakdown",
    "won": "words of stages or statuses that say won",
    "lost": "words that say lost",
    "open": "words that say neither",
    "usual": "lists of stages in order, as the tool has them at first, in the languages known",
    "stages": "of orders: a list of the stages in order, each with STAGE_KEYS",
    "continues": "key of a column; a row where it is the same and the needed cells are empty belongs to the row before",
    "more": "what one shape alone needs: keys of MORE_KEYS",
}
COLUMN_KEYS = {
    "is": "one of KINDS",
    "names": "names in all languages; with {placeholders} it is a pattern of the whole name",
    "why": "of drop, or of what is left out without a wish: the reason",
    "role": "of count: impression, click, lead or customer",
    "adds_up": "of count: false where rows overlap, as people do",
    "unit": "of mean_time and median_time: one of TIME_UNITS, seconds where it is not said",
    "more": "what one shape alone needs: keys of COLUMN_MORE_KEYS",
}
TIME_UNITS = {
    "microseconds": 86_400_000_000,
    "milliseconds": 86_400_000,
    "seconds": 86_400,
    "minutes": 1440,
    "hours": 24,
}
"""Units of time, and how many are a day."""


STAGE_KEYS = {
    "name": "what the stage is called",
    "when": "key of a column: words of it that reach the stage; of several columns, all must",
    "money": "key of the column of the money that it brings",
    "time": "key of the column of the time when it was reached",
    "kept": "key of the column of money given back: what gave back all is not kept",
}
"""What a stage of orders may have."""


class MoreKey(NamedTuple):
    """A key that some shapes have: these, what stands there (`words`, if only some may), and what it means."""

    shapes: tuple[str, ...]
    form: Literal["yes or no", "text", "list of texts"]
    meaning: str
    words: tuple[str, ...] = ()


_ANY, _SEGMENTS, _STEPS, _DEALS = tuple(SHAPES), ("segments",), ("steps",), ("deals",)
MORE_KEYS = {
    "marks": MoreKey(_ANY, "list of texts", "keys of columns of which it has one, or the recipe knows all names"),
    "yields": MoreKey(_ANY, "yes or no", "it fits only where no other recipe does that knows as many of the names"),
    "known_by_rows": MoreKey(_DEALS, "yes or no", "it also fits where names stand once, stages again, beside money"),
    "groups": MoreKey(_DEALS, "yes or no", "names of groups stand once, with blanks below, and subtotals between"),
    "lacks": MoreKey(_ANY, "list of texts", "keys of columns with one of which it is another file"),
    "unit": MoreKey(("orders",), "text", "what a row is called in messages: order, charge"),
    "pipeline_in_stage": MoreKey(_DEALS, "yes or no", "stages may have their pipeline in brackets behind them"),
    "status_may_be_stage": MoreKey(_DEALS, "yes or no", "without a column of stages, the status may tell them"),
    "strip": MoreKey(_STEPS, "list of texts", "regular expressions of what is no part of a step's name: its number"),
    "repeats": MoreKey(_STEPS, "yes or no", "a name that stands again is another step: one event may be two of them"),
    "name": MoreKey(_STEPS, "text", "regular expression: the funnel's name, its first group, in the lines above"),
    "overall": MoreKey(_STEPS, "list of texts", "names of the segment that has all units"),
    "others": MoreKey(_STEPS, "text", "what columns of words are that the recipe does not know", ("label",)),
    "decimal": MoreKey(_STEPS, "text", "the decimal mark, where the vendor writes one in every language", (".", ",")),
    "grows": MoreKey(_STEPS, "yes or no", "a later step may have more units than the one before: some enter there"),
}
"""What a recipe may have in its `more`."""
COLUMN_MORE_KEYS = {
    "overlap": MoreKey(_STEPS, "yes or no", "of a label: units may be in several segments"),
    "tells": MoreKey(_STEPS, "text", "whose numbers they are: entered there, or lost before it", ("entered", "lost")),
    "unless": MoreKey(_SEGMENTS, "text", "left out where the column of that key is: finer, or counted by it"),
    "asked": MoreKey(_SEGMENTS, "yes or no", "of a count: a stage only where --count names it"),
    "parts": MoreKey(_SEGMENTS, "yes or no", "of a count: it may be a fraction, as attributed conversions are"),
    "grows": MoreKey(_SEGMENTS, "yes or no", "of a count: it may be more than the stage before it"),
    "empty": MoreKey(_SEGMENTS, "text", "of a count: the vendor leaves cells empty where there is none", ("zero",)),
    "kinds": MoreKey(
        _SEGMENTS,
        "list of texts",
        "of a count: keys of columns that say what it counts; of several kinds, or of none known, it is no stage. "
        "Of revenue: words of the kinds of results that it is the money of",
    ),
    "never": MoreKey(_SEGMENTS, "list of texts", "of a count: words of kinds that are no stage after the others"),
    "of": MoreKey(_SEGMENTS, "list of texts", "of revenue: keys of the stages that it is the money of"),
    "millionths": MoreKey(_SEGMENTS, "yes or no", "of money: it may be written in millionths, which is refused"),
    "levels": MoreKey(_SEGMENTS, "yes or no", "of several values there, rows are parts of others, which is refused"),
}
"""What a column may have in its `more`."""


class More(NamedTuple):
    """What stands in a `more`: the keys that say yes, and the texts of the others."""

    yes: frozenset[str] = frozenset()
    words: Mapping[str, tuple[str, ...]] = {}

    def says(self, key: str) -> bool:
        """Whether a key of yes or no says yes."""
        return key in self.yes

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a key; none where it does not stand there."""
        return self.words.get(key, ())

    def text(self, key: str) -> str | None:
        """The one text of a key."""
        return next(iter(self.texts(key)), None)
