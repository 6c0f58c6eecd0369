"""A proposed format reads each time that the words of another language describe."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from random import Random

import pytest

from funnelcli.diagnostics import Problem
from funnelcli.funnel_file.time_formats import in_directives, time_format

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def day(at: datetime, words: str) -> str:
    """A day as the words have it, in large letters or in small ones; months by their names are told apart first."""
    words = words.lower()
    for name in ("mmm", "mon"):
        if name in words:
            return day_of_numbers(at, words.replace(name, "#")).replace("#", MONTHS[at.month - 1])
    return day_of_numbers(at, words)


def day_of_numbers(at: datetime, words: str) -> str:
    words = words.replace("yyyy", f"{at.year:04}").replace("yy", f"{at.year % 100:02}")
    return words.replace("mm", f"{at.month:02}").replace("dd", f"{at.day:02}")


def clock(at: datetime, words: str) -> str:
    noon = f"{at.hour % 12 or 12:02}", "PM" if at.hour >= 12 else "AM"
    words = words.lower().replace("hh24", f"{at.hour:02}").replace("mi", f"{at.minute:02}")
    words = words.replace("sss", f"{at.microsecond // 1000:03}").replace("ss", f"{at.second:02}")
    words = words.replace("mm", f"{at.minute:02}")
    for half in ("am/pm", "tt", " a"):
        if half in words:
            return words.replace("hh", noon[0]).replace(half, f"{' ' * (half == ' a')}{noon[1]}")
    return words.replace("hh", f"{at.hour:02}")


DAYS = ["dd.mm.yyyy", "dd/mm/yy", "mm/dd/yyyy", "yyyy-mm-dd", "yyyymmdd", "yyyy/mm/dd", "dd-mon-yyyy", "dd mmm yyyy"]
CLOCKS = ["hh:mm", "hh:mm:ss", "hh24:mi:ss", "hh:mm:ss.sss", "hh.mm.ss", "hh:mm tt", "hh:mm:ss a", "hh:mm am/pm"]


@pytest.mark.parametrize("large", ["", "day", "clock", "both"])
@pytest.mark.parametrize(("of_day", "of_clock"), [*product(DAYS, ["", *CLOCKS]), ("yyyymmdd", "hhmmss")])
def test_a_proposed_format_reads_what_the_words_describe(of_day: str, of_clock: str, large: str) -> None:
    of_day = of_day.upper() if large in ("day", "both") else of_day
    of_clock = of_clock.upper() if large in ("clock", "both") else of_clock
    chance = Random(f"{of_day}{of_clock}")  # no secret
    for between, first in product((" ", ", ", "T"), (True, False) if of_clock else (True,)):
        words = between.join(each for each in ((of_day, of_clock) if first else (of_clock, of_day)) if each)
        form = in_directives(words)
        assert form is not None
        problem = time_format(words)
        assert isinstance(problem, Problem)
        assert problem.help == f'write "{form}"'
        assert time_format(form) == form
        for _ in range(20):
            at = datetime(2001, 1, 1) + timedelta(milliseconds=chance.randrange(30 * 366 * 86_400_000))
            told = {"second": 0} if "s" not in of_clock.lower() else {}
            told |= {"microsecond": 0} if "sss" not in of_clock.lower() else {}
            at = at.replace(**(told if of_clock else {"hour": 0, "minute": 0, "second": 0, "microsecond": 0}))
            pieces = (day(at, of_day), clock(at, of_clock)) if first else (clock(at, of_clock), day(at, of_day))
            assert datetime.strptime(between.join(each for each in pieces if each), form) == at


@pytest.mark.parametrize(
    "words", ["unix", "ISO8601", "German", "seconds", "timestamp", "yyyy-mm", "hh:mm", "dd/mm", "x"]
)
def test_what_is_no_way_to_write_a_time_has_no_format(words: str) -> None:
    assert in_directives(words) is None
    problem = time_format(words)
    assert isinstance(problem, Problem)
    assert (problem.help or "").startswith("leave time_format out")
