"""The order of stages that is proposed: the tool's own, that of the chances to close, or plainly no order at all."""

from __future__ import annotations

import pytest

from tests.counts_table.test_deals_by_hand import imported, refused

PIPEDRIVE = "Deal - ID,Deal - Stage,Deal - Status,Deal - Value\n"


def way(text: str, **options: object) -> str:
    (problem,) = refused(text, **options)
    assert problem.problem.code == "FN114"
    return problem.problem.help or ""


@pytest.mark.parametrize(
    ("names", "stages", "proposed"),
    [
        (
            PIPEDRIVE + "1,{},Open,9\n2,{},Open,9\n3,{},Open,9\n",
            ["Proposal Made", "Negotiations Started", "Qualified"],
            "Qualified,Proposal Made,Negotiations Started",
        ),
        (
            "Record ID,Deal Name,Deal Stage,Amount\n1,A,{},9\n2,B,{},9\n3,C,{},9\n",
            ["Contract Sent", "Decision maker bought-in", "Appointment scheduled"],
            "Appointment scheduled,Decision maker bought-in,Contract Sent",
        ),
        (
            "Opportunity Owner,Opportunity Name,Stage,Amount\nA,A,{},9\nA,B,{},9\nA,C,{},9\n",
            ["Perception Analysis", "Prospecting", "Needs Analysis"],
            "Prospecting,Needs Analysis,Perception Analysis",
        ),
        (
            "Record Id,Deal Name,Stage,Amount,Closing Date\n1,A,{},9,\n2,B,{},9,\n3,C,{},9,\n",
            ["Negotiation/Review", "Identify Decision Makers", "Qualification"],
            "Qualification,Identify Decision Makers,Negotiation/Review",
        ),
        (
            "Название сделки,Этап сделки,Бюджет\nА,{},9\nБ,{},9\nВ,{},9\n",
            ["Принимают решение", "Согласование договора", "Первичный контакт"],
            "Первичный контакт,Принимают решение,Согласование договора",
        ),
        (
            "Название сделки,Стадия сделки,Сумма\nА,{},9\nБ,{},9\nВ,{},9\n",
            ["Финальный счет", "Подготовка документов", "Новая"],
            "Новая,Подготовка документов,Финальный счет",
        ),
        (
            "Deal,Stage,Amount\nA,{},9\nB,{},9\nC,{},9\n",
            ["Demo Scheduled", "Negotiations Started", "Lead In"],
            "Lead In,Demo Scheduled,Negotiations Started",
        ),
    ],
)
def test_stages_of_a_tool_are_proposed_in_its_order(names: str, stages: list[str], proposed: str) -> None:
    said = way(names.format(*stages))
    assert f'--stages "{proposed}"' in said
    assert "put right" not in said


def test_other_stages_are_said_to_be_in_the_order_of_the_file() -> None:
    said = way(PIPEDRIVE + "1,Proposal Made,Open,9\n2,Tasting,Open,9\n")
    assert "in the order of the file: put that right" in said
    assert '--stages "Proposal Made,Tasting"' in said


CLOSED = """Deal,Stage,Amount,Created,Closed
A,Signed,10,2026-09-01,2026-09-20
B,Disqualified,20,2026-09-01,2026-09-20
C,Offer,15,2026-09-01,
D,Lead,7,2026-09-01,
"""


def test_stages_of_deals_that_ended_are_no_steps_of_the_proposal() -> None:
    said = way(CLOSED)
    assert '--stages "Lead,Offer" --lost Disqualified' in said
    assert '"Signed", whose deals alone have a date of closing' in said
    found = imported(CLOSED, stages=("Lead", "Offer"), won=("Signed",), lost=("Disqualified",))
    assert [(stage.count, stage.open) for stage in found.funnels[0].stages] == [(4, 1), (2, 1), (1, None)]


CHANCES = """Deal,Stage,Amount,Probability (%)
A,Lead,10,10
B,Demo,20,20
C,Offer,15,75
D,Won,7,100
"""


def test_an_order_against_the_chances_of_the_file_is_said() -> None:
    against = [note for note in imported(CHANCES, stages=("Demo", "Lead", "Offer", "Won")).notes if "Probab" in note]
    assert len(against) == 1
    assert '"Lead" 10%, "Demo" 20%, "Offer" 75%' in against[0]
    assert not any("Probab" in note for note in imported(CHANCES, stages=("Lead", "Demo", "Offer", "Won")).notes)


@pytest.mark.parametrize(
    ("stages", "proposed"),
    [
        (["New", "Done", "Cancelled"], "New --won Done --lost Cancelled"),
        (["New", "Won", "Negotiation", "Rejected"], '"New,Negotiation" --lost Rejected'),
        (["Новая", "Созвон", "Выполнено", "Отменён"], '"Новая,Созвон" --won Выполнено --lost Отменён'),
        (["Neu", "Angebot", "Abgelehnt"], '"Neu,Angebot" --lost Abgelehnt'),
        (["New", "Done", "Completed"], '"New,Done,Completed"'),  # two names may not both be the sale's
    ],
)
def test_names_that_mostly_mean_an_end_are_proposed_as_ends(stages: list[str], proposed: str) -> None:
    said = way("Deal,Stage,Amount\n" + "".join(f"{name},{name},9\n" for name in stages))
    assert f"--stages {proposed}".replace('"', "") in said.replace('"', "").replace("'", "")


@pytest.mark.parametrize(
    ("stages", "proposed"),
    [
        (["Финальный счёт", "Созвон", "Счёт на предоплату", "Новая"], "Новая,Счёт на предоплату,Финальный счёт,Созвон"),
        (["Final invoice", "Prepare documents", "Call", "New"], "New,Prepare documents,Final invoice,Call"),
    ],
)
def test_usual_stages_stand_in_their_order_and_others_after_them(stages: list[str], proposed: str) -> None:
    said = way("Название сделки,Стадия сделки,Сумма\n" + "".join(f"{name},{name},9\n" for name in stages))
    assert f'--stages "{proposed}"' in said
    assert f'"{proposed.rpartition(",")[2]}" after them' in said


def test_what_a_recipe_needs_is_listed_with_its_alternatives() -> None:
    (problem,) = refused("a,b\n1,2\n", recipe="deals")
    listed = (problem.problem.help or "").split(" and ")
    assert '"Deal" or "Deal ID" or "Name", "Stage" or "Status"' in listed[0]


TWO = """Deal,Pipeline,Stage,Amount
a,New business,Lead,1
b,New business,Offer,2
c,New business,Won,3
d,Renewals,Reminder,4
e,Renewals,Offer,5
f,Renewals,Lost,6
g,Renewals,Won,7
"""


def test_pipelines_with_stages_of_their_own_are_asked_about_at_once_and_answered_by_one_line() -> None:
    said = way(TWO)
    assert said.startswith(('say --stages "Lead,Reminder,Offer" (', 'say --stages "Lead,Offer,Reminder" ('))
    found = imported(TWO, stages=("Lead", "Reminder", "Offer"))
    stages = {funnel.name: {stage.name: stage.count for stage in funnel.stages} for funnel in found.funnels}
    assert stages == {
        "New business": {"Lead": 3, "Offer": 2, "Won": 1},
        "Renewals": {"Reminder": 4, "Offer": 2, "Won": 1},
    }
    assert not any("no deal is at" in note for note in found.notes)


def test_a_stage_that_no_pipeline_has_is_one_of_each() -> None:
    found = imported(TWO, stages=("Lead", "Reminder", "Offer", "Contract"))
    assert [funnel.names for funnel in found.funnels] == [
        ("Lead", "Offer", "Contract", "Won"),
        ("Reminder", "Offer", "Contract", "Won"),
    ]


SURE = """Opportunity Owner,Opportunity Name,Stage,Amount,Probability (%)
A,a,Prospecting,9,10
A,b,Dead,9,0
A,c,Offer,9,60
A,d,Signed,9,100
"""


def test_stages_of_a_sure_chance_are_proposed_as_ends_in_the_same_question() -> None:
    said = way(SURE)
    assert said.startswith('say --stages "Prospecting,Offer" --won Signed --lost Dead (')
    assert '"Signed" may mean won, with a chance of 100%; "Dead" may mean lost, with a chance of 0%' in said
    (funnel,) = imported(SURE, stages=("Prospecting", "Offer"), won=("Signed",), lost=("Dead",)).funnels
    assert [(each.name, each.count) for each in funnel.stages] == [("Prospecting", 4), ("Offer", 2), ("Signed", 1)]
    (kept,) = imported(SURE, stages=("Prospecting", "Offer", "Dead"), won=("Signed",)).funnels
    assert kept.names == ("Prospecting", "Offer", "Dead", "Signed")


@pytest.mark.parametrize(
    ("told", "proposed", "rest"),
    [
        (("Prospecting",), '"Prospecting,Dead,Offer"', ' with "Dead" and "Offer" at their places'),
        (("Prospecting", "Ofer", "Dead"), '"Prospecting,Offer,Dead"', ""),
        (("Prospect", "Offers"), '"Prospecting,Offer,Dead"', ' with "Dead" at its place'),
    ],
)
def test_stages_that_were_left_out_or_mistyped_are_told_at_once(
    told: tuple[str, ...], proposed: str, rest: str
) -> None:
    """All of them in one message, with the line that has them."""
    (problem,) = refused(SURE, stages=told, won=("Signed",))
    assert problem.problem.code == "FN112"
    assert (problem.problem.help or "").startswith(f"say --stages {proposed}{rest}; or say --won or --lost")
    stages = tuple(proposed.strip('"').split(","))
    assert imported(SURE, stages=stages, won=("Signed",)).funnels[0].names == (*stages, "Signed")


@pytest.mark.parametrize("stage", ["Demo Scheduled", "Presentation Scheduled", "Needs Analysis", "Переговоры"])
def test_a_usual_step_is_not_held_for_an_end_by_a_date_that_is_hoped_for(stage: str) -> None:
    said = way(CLOSED.replace("Signed", stage))
    assert "whose deals alone" not in said
    assert f'"{stage}"' in said or f",{stage}" in said or f"{stage}," in said
