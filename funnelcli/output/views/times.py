"""How long units took, in words and figures: what stands beside the picture of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.analyses.times import in_days
from funnelcli.output.document import Column, Note, Table
from funnelcli.output.numbers import text, visible
from funnelcli.output.views.building import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.analyses.conversion import FunnelConversion
    from funnelcli.analyses.times import Time
    from funnelcli.exact import Exact


class Way(NamedTuple):
    """A step, or the whole way, by what it is called."""

    name: str
    time: Time


def ways(result: FunnelConversion) -> list[Way]:
    """What has times: the steps, and the whole way where it is more than one of them."""
    steps = [Way(visible(stage.name), stage.time) for stage in result.stages if stage.time is not None]
    if result.time is not None and len(steps) > 1:
        steps.append(Way(f"The whole way, to {visible(result.sale_stage)}", result.time))
    return steps


def figures(result: FunnelConversion) -> Table:
    """Mean and quantiles of each."""

    def of(key: str) -> Callable[[Any], Exact]:
        return lambda way: in_days(getattr(way.time, key))

    named = {"mean": "Mean", "p25": "25%\nwithin", "p50": "50%\nwithin", "p75": "75%\nwithin", "p90": "90%\nwithin"}
    columns = (Column(header, f"{key}_days", "duration", of(key)) for key, header in named.items())
    return table(ways(result), (Column("Time to", "name", "text"), *columns))


def said(result: FunnelConversion) -> list[Note]:
    """What the picture says of the whole way, and how to read it."""
    notes = []
    if result.time is not None:
        median, p90 = (text(in_days(each), "duration") for each in (result.time.p50, result.time.p90))
        come, do = ("came", "so far did") if result.awaits else ("come", "do")
        who = f"Half of those who {come} to {visible(result.sale_stage)}"
        notes.append(Note(f"{who} {do} so within {median} of their entry, 90% within {p90}."))
    notes.append(Note("Each column counts those that took at most as long as its right end says."))
    return notes
