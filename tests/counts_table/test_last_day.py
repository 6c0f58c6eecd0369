"""The day up to which an export of deals tells: what is noted of it, and what a forecast counts from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.forecast import Forecast, Horizon, forecast, measured_on
from funnelcli.counts_table.importing import Imported, ImportOptions, import_table
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.writer import new_file

if TYPE_CHECKING:
    from funnelcli.model import Funnel

FIRST = date(2026, 3, 2)
STAGED = """\
Deal Name,Deal Stage,Amount,Create Date,Close Date,LEAD,DEMO
a,Closed Won,100,{0},{9},{0},{4}
b,Closed Lost,100,{1},{20},{1},
c,Demo,100,{2},{90},{2},{27}
d,Lead,100,{3},{60},{3},
"""
STAGED = STAGED.replace("LEAD", '"Date entered ""Lead (Sales)"""').replace("DEMO", '"Date entered ""Demo (Sales)"""')
UNSTAGED = """\
Opportunity Owner,Opportunity Name,Stage,Amount,Close Date,Created Date
Kim,a,Closed Won,100,{9},{0}
Kim,b,Closed Won,100,{14},{2}
Noa,c,Closed Lost,100,{20},{1}
Noa,d,Closed Lost,100,{27},{5}
Noa,e,Proposal,100,{90},{3}
Noa,f,Prospecting,100,{60},{4}
"""


def seen(text: str, first: date = FIRST, today: date = date(2026, 12, 1), between: tuple[str, ...] = ()) -> Funnel:
    days = [(first + timedelta(days=each)).isoformat() for each in range(100)]
    stages = ("Lead", "Demo") if "Lead" in text else ("Prospecting", "Proposal")
    told = ImportOptions(stages=stages, today=today, between=between)
    found = import_table(text.format(*days).encode(), "deals.csv", told)
    assert isinstance(found, Imported), found
    return found.funnels[0]


def coming(funnel: Funnel, days: int = 30) -> Forecast:
    found = forecast(funnel, draws=100, horizon=Horizon(days, None, measured_on(funnel)))
    assert isinstance(found, Forecast)
    return found


@pytest.mark.parametrize("text", [STAGED, UNSTAGED])
def test_it_is_the_last_date_of_anything_that_happened(text: str) -> None:
    """The 27th day after the first; the dates of closing of open deals are plans."""
    assert measured_on(seen(text)) == "2026-03-29"


@pytest.mark.parametrize("text", [STAGED, UNSTAGED])
def test_it_is_written_and_read_again(text: str) -> None:
    (again,) = read(new_file(seen(text), "deals.csv").text.encode(), "deals.yaml").funnels
    assert measured_on(again) == "2026-03-29"


@pytest.mark.parametrize("text", [STAGED, UNSTAGED])
def test_what_is_to_come_is_not_the_last_date(text: str) -> None:
    """Read ten days after the first: the day after may have begun where clocks are ahead, later ones are to come."""
    assert measured_on(seen(text, today=FIRST + timedelta(days=8))) == (FIRST + timedelta(days=9)).isoformat()


def test_an_interval_of_creation_leaves_the_last_date_as_it_is() -> None:
    assert measured_on(seen(UNSTAGED, between=("2026-03-01", "2026-03-07"))) == "2026-03-29"


@pytest.mark.parametrize("text", [STAGED, UNSTAGED])
@pytest.mark.parametrize("later", [1, 40, 365])
def test_all_dates_later_make_the_same_forecast_from_a_later_day(text: str, later: int) -> None:
    """Whatever the day is on which it is asked for."""
    one, other = seen(text), seen(text, FIRST + timedelta(days=later), date(2028, 1, 1))
    first, second = coming(one), coming(other)
    assert second.since == (date.fromisoformat(first.since or "") + timedelta(days=later)).isoformat()
    assert (second.expected_sales, second.low, second.high) == (first.expected_sales, first.low, first.high)
    assert f"days count from {first.since}, the last date of the export" in first.assumptions


def test_an_export_without_dates_tells_none() -> None:
    text = "Opportunity Owner,Opportunity Name,Stage,Amount\nKim,a,Closed Won,100\nKim,b,Proposal,100\n"
    assert measured_on(seen(text)) is None
