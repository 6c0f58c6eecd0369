"""Won and lost under names that no recipe knows, and stages whose order is asked for with a way out that works."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

from funnelcli.cli.commands.import_ import _listed
from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import import_table

if TYPE_CHECKING:
    from funnelcli.diagnostics import Problem

HEADER = '"Record ID","Deal Name","Pipeline","Deal Stage","Amount","Create Date",'
STAGES = ("Call", "Offer", "Signed", "Dropped")


def export(*paths: str, stages: tuple[str, ...] = STAGES) -> str:
    """A HubSpot export of deals whose paths are initials of stages: `CO` was in Call and sits in Offer."""
    lines = [HEADER + ",".join(f'"Date entered ""{stage} (Sales)"""' for stage in stages)]
    for number, path in enumerate(paths, 1):
        dates = {letter: f"2026-09-{number % 9 + 1 + 5 * place:02} 10:00" for place, letter in enumerate(path)}
        now = next(stage for stage in stages if stage.startswith(path[-1]))
        cells = [str(number), f"Deal {number}", "Sales", now, "100.0", f"2026-09-{number % 9 + 1:02} 09:00"]
        cells += [dates.get(stage[0], "") for stage in stages]
        lines.append(",".join(f'"{cell}"' for cell in cells))
    return "\n".join(lines) + "\n"


def counts(text: str, **options: Any) -> list[dict[str, int]]:
    result = import_table(text.encode(), "deals.csv", ImportOptions(**options))
    assert not isinstance(result, list), [each.problem for each in result]
    return [{stage.name: int(stage.count) for stage in funnel.stages} for funnel in result.funnels]


def refused(text: str, **options: Any) -> Problem:
    result = import_table(text.encode(), "deals.csv", ImportOptions(**options))
    assert isinstance(result, list), result.notes
    (found,) = result
    return found.problem


def test_stages_of_other_names_may_mean_won_and_lost() -> None:
    text = export("C", "CO", "COS", "COS", "COS", "COD", "CD")
    assert counts(text, won=("Signed",), lost=("Dropped",)) == [{"Call": 7, "Offer": 5, "Signed": 3}]


def test_a_last_stage_that_no_won_deal_has_seen_is_asked_about() -> None:
    text = export("C", "CO", "COS", "COS", "COS", "COD", "CD", "COD")
    found = refused(text, won=("Signed",))
    assert '"Dropped" (3 deals): none of the 3 won deals was ever there' in found.message
    assert "--lost Dropped" in (found.help or "")
    told = counts(text, won=("Signed",), stages=("Call", "Offer", "Dropped"))
    assert told == [{"Call": 8, "Offer": 7, "Dropped": 6, "Signed": 3}]


def test_a_name_that_the_table_does_not_have_is_refused() -> None:
    text = export("C", "CO", "COS")
    found = refused(text, won=("Signd",), stages=("Call", "Offer"))
    assert found.code == "FN112"
    assert '"Signed"' in (found.help or "")


def test_a_status_of_another_name_may_be_told() -> None:
    text = "Deal,Stage,Status,Amount\nA,Call,Signed,10\nB,Offer,open,20\nC,Call,Dropped,30\n"
    result = import_table(text.encode(), "deals.csv", ImportOptions(stages=("Call", "Offer")))
    assert isinstance(result, list)
    assert ["--won WORD" in (each.problem.help or "") for each in result] == [True, True]
    options = {"won": ("Signed",), "lost": ("Dropped",), "stages": ("Call", "Offer")}
    assert counts(text, **options) == [{"Call": 3, "Offer": 2, "Won": 1}]


def test_the_order_that_is_suggested_can_be_pasted() -> None:
    stages = ('Call, "hot"', "Offer $", "it's on", "Closed Won")
    cells = [stage.replace('"', '""') for stage in stages]
    lines = [f'{number},"{cell}",10' for number, cell in enumerate(cells)]
    text = "Record ID,Deal Stage,Amount\n" + "\n".join(lines) + "\n"
    found = refused(text)
    command = re.search(r"--stages .*?(?= \(in the order of the file|$)", found.help or "")
    assert command is not None
    option, value = shlex.split(command[0])
    assert option == "--stages"
    assert _listed(value) == stages[:3]
    assert counts(text, stages=_listed(value)) == [{**dict(zip(stages[:3], (4, 3, 2), strict=True)), "Closed Won": 1}]


def test_deals_with_a_status_and_without_stages_are_deals_and_won_ones() -> None:
    text = "Deal,Status,Amount,Owner\nA,Won,100,Kim\nB,Lost,50,Kim\nC,Open,70,Sam\nD,Won,20,Sam\n"
    result = import_table(text.encode(), "deals.csv", ImportOptions())
    assert not isinstance(result, list)
    (funnel,) = result.funnels
    assert [(stage.name, stage.count, stage.open) for stage in funnel.stages] == [("Deals", 4, 1), ("Won", 2, None)]
    assert funnel.stages[0].open_amounts == (70,)
    assert funnel.stages[1].average_check == 60
    assert any("no column has stages" in note for note in result.notes)
