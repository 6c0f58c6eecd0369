"""Characters that nobody sees: joiners that are spelling stay, all others are found."""

from __future__ import annotations

import pytest

from funnelcli.characters import hidden_places
from funnelcli.diagnostics import Problem
from funnelcli.events.result import shown
from funnelcli.funnel_file import scalars
from funnelcli.output.numbers import visible
from funnelcli.output.report.lettering import fitted, width

SPELLING = [
    "👩\u200d💻 Developers",
    "🏳\ufe0f\u200d🌈 Members",
    "👨\u200d👩\u200d👧 Families",
    "👩🏽\u200d💻",
    "🏴\u200d☠\ufe0f",
    "🙂\u200d↔\ufe0f",
    "❤\ufe0f\u200d🔥",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f England",
    "1\ufe0f\u20e3 first",
    "👍🏽",
    "🇩🇪",
    "☎\ufe0f calls",
    "بازدید\u200cکننده",  # visitor, Persian
    "می\u200cخواهم",
    "क्\u200dष",  # Devanagari, half a letter asked for
    "र्\u200cक",
    "র\u200d্যাব",  # Bengali, a joiner before the virama
    "ශ්\u200dරී",  # Sinhala, Sri
    "അവന്\u200d",  # Malayalam, a chillu at the end of a word
    "Яндекс",
    "网站",
    "Café",
]
HIDDEN = [
    "a\u200db",
    "\u200d👩",
    "👩\u200d",
    "👩\u200d b",
    "A\u200cB",
    "بازدید\u200c",
    "\u200cخرید",
    "خرید\u200c خرید",
    "خر\u200c\u200cید",
    "خر\u200cx",
    "क\u200c",
    "a\ufe0fb",
    "\ufe0fa",
    "🏴\U000e0067\U000e0062",  # a flag that does not end
    "a\U000e0067\U000e007f",
    "a\u200bb",
    "a\u202eb",
    "a\xadb",
    "a\u3164b",
]


@pytest.mark.parametrize("text", SPELLING, ids=ascii)
def test_spelling_is_kept(text: str) -> None:
    assert hidden_places(text) == []
    assert scalars.label(text, False) == text
    assert visible(text) == text


@pytest.mark.parametrize("text", HIDDEN, ids=ascii)
def test_what_is_no_spelling_is_found(text: str) -> None:
    assert hidden_places(text)
    outcome = scalars.label(text, False)
    assert isinstance(outcome, Problem)
    assert outcome.code == "FN015"


@pytest.mark.parametrize("text", [each for each in HIDDEN if not each.isprintable()], ids=ascii)
def test_it_is_shown(text: str) -> None:
    assert visible(text) != text
    assert not set("\u200b\u200c\u200d\u202e\xad") & set(visible(text))


def test_a_joined_emoji_takes_the_room_of_one_and_is_not_torn() -> None:
    assert width("👨\u200d👩\u200d👧", 10) == width("👨", 10)
    assert fitted("ab👨\u200d👩\u200d👧cdef", width("ab👨cd", 10), 10) in ("ab👨\u200d👩\u200d👧…", "ab…")


@pytest.mark.parametrize("text", SPELLING, ids=ascii)
def test_a_segment_of_a_database_keeps_its_spelling(text: str) -> None:
    assert shown(text) == text


def test_a_segment_of_a_database_shows_where_something_is_hidden() -> None:
    assert shown("a\u200db\n") == "a\ufffdb"
