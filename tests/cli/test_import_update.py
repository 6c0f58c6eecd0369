"""`funnelcli import --update`: what import itself wrote follows the next export, and what people wrote stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.funnel_file.reader import read

pytest.importorskip("ruamel.yaml", reason="the extra `events` is not installed")

if TYPE_CHECKING:
    from .conftest import Files, Run

FIRST = "Channel;Leads;Sales;Revenue (EUR);Cost\nAds;100;10;5000;900\nSEO;200;30;12000;100\n"
NEXT = "Channel;Leads;Sales;Revenue (EUR);Cost\nAds;100;10;9000;1900\nSEO;200;30;33000;300\n"


def test_money_that_import_wrote_is_that_of_the_next_export(run: Run, files: Files) -> None:
    assert run("import", files("t.csv", FIRST), "-o", "f.yaml").code == 0
    done = run("import", files("t.csv", NEXT), "--update", "f.yaml")
    assert done.code == 0
    assert "left out" not in done.stderr
    (funnel,) = read((files.folder / "f.yaml").read_bytes(), "f.yaml").funnels
    assert funnel.stages[-1].revenue == 42000
    segments = [(each.name, each.average_check, each.budget) for each in funnel.breakdowns[0].segments]
    assert segments == [("Ads", 900, 1900), ("SEO", 1100, 300)]


def test_an_average_check_that_people_wrote_stays_and_it_is_said(run: Run, files: Files) -> None:
    path = files("f.yaml", "currency: EUR\naverage_check: 450\nstages:\n  - name: Leads\n  - name: Sales\n")
    done = run("import", files("t.csv", NEXT), "--update", path)
    assert done.code == 0
    assert "the money stays as it is: " in done.stderr
    (funnel,) = read(path.read_bytes(), "f.yaml").funnels
    assert (funnel.stages[-1].average_check, funnel.stages[-1].revenue, funnel.stages[-1].count) == (450, None, 40)
    assert [(each.average_check, each.budget) for each in funnel.breakdowns[0].segments] == [(None, 1900), (None, 300)]


def test_told_stages_leave_the_money_where_it_is(run: Run, files: Files) -> None:
    done = run("import", files("t.csv", FIRST), "--stages", "Leads,Sales")
    (funnel,) = read(done.out, "f.yaml").funnels
    assert (funnel.stages[-1].revenue, funnel.breakdowns[0].segments[1].average_check) == (17000, 400)


def test_the_check_of_a_segment_has_as_few_digits_as_keep_its_revenue(run: Run, files: Files) -> None:
    """160,000.50 of 82 units is 1951.22560975…; seven decimals of it make 160,000.5000036."""
    done = run("import", files("t.csv", "Month;Leads;Sales;Revenue (EUR)\nJuly;2670;82;160000,50\nMay;9;1;7\n"))
    assert "July: {counts: [2670, 82], average_check: 1951.2256098}\n" in done.stdout


def test_a_segment_that_is_not_in_the_export_goes_with_what_it_spent_and_it_is_said(run: Run, files: Files) -> None:
    assert run("import", files("t.csv", FIRST), "-o", "f.yaml").code == 0
    done = run("import", files("t.csv", NEXT.replace("SEO", "Fax")), "--update", "f.yaml")
    assert 'Channel: not in the export, and left out from now on: "SEO"' in done.stderr
    (funnel,) = read((files.folder / "f.yaml").read_bytes(), "f.yaml").funnels
    assert [(each.name, each.budget) for each in funnel.breakdowns[0].segments] == [("Ads", 1900), ("Fax", 300)]


def test_losses_at_no_known_stage_go_with_their_chances_where_the_next_export_has_none(run: Run, files: Files) -> None:
    head = "Opportunity Name,Stage,Amount,Close Date,Created Date\n"
    rows = ["Closed Won,100,2026-05-01,2026-04-01"] * 9 + [
        "Lead,100,2027-01-01,2026-04-20",
        "Offer,100,2027-01-01,2026-04-20",
    ] * 3
    lost = ["Closed Lost,100,2026-04-11,2026-04-01"] * 9
    first, after = (
        head + "".join(f"Deal {at},{row}\n" for at, row in enumerate(each)) for each in ([*rows, *lost], rows)
    )
    assert run("import", files("d.csv", first), "--stages", "Lead,Offer", "-o", "f.yaml").code == 0
    (funnel,) = read((files.folder / "f.yaml").read_bytes(), "f.yaml").funnels
    assert (funnel.stages[0].lost_unplaced, funnel.stages[0].close_chance is None) == (9, False)
    assert run("import", files("d.csv", after), "--update", "f.yaml").code == 0
    (funnel,) = read((files.folder / "f.yaml").read_bytes(), "f.yaml").funnels
    stage = funnel.stages[0]
    assert (stage.lost_unplaced, stage.close_chance, stage.close_within, stage.open) == (None, None, (), 3)


def test_what_people_know_of_such_a_segment_stays(run: Run, files: Files) -> None:
    segments = "breakdowns:\n  Channel:\n    SEO: {counts: [4, 2], budget: 5, gross_margin: 35%}\n"
    path = files("f.yaml", f"stages:\n  - name: Leads\n  - name: Sales\n{segments}")
    done = run("import", files("t.csv", FIRST.replace("SEO", "Fax")), "--update", path)
    assert 'Channel: not in the export, and kept with counts of 0, for the money: "SEO"' in done.stderr
    assert "    SEO: {counts: [0, 0], gross_margin: 35%}\n" in path.read_text()


def test_the_heading_is_that_of_the_next_export_and_other_comments_stay(run: Run, files: Files) -> None:
    assert run("import", files("old.csv", FIRST), "-o", "f.yaml").code == 0
    path = files.folder / "f.yaml"
    text = path.read_text().replace("# Made by", "# Ours: ask Anna\n# Made by")
    path.write_text(text.replace("# Fill in", "# Mine\n# Fill in"))
    assert run("import", files("new.csv", NEXT.replace(";Cost", ";CTR")), "--update", path).code == 0
    lines = path.read_text().splitlines()
    (made,) = [at for at, line in enumerate(lines) if line.startswith("# Made by")]
    assert lines[made - 1] == "# Ours: ask Anna"
    assert "new.csv" in " ".join(lines[made : made + 3])
    assert not any("old.csv" in line for line in lines)
    mine = lines.index("# Mine")
    assert any('"CTR"' in line for line in lines[made:mine])
    assert lines[mine + 1].startswith("# Fill in")


def test_segments_that_cells_tell_get_no_counts_beside_them(run: Run, files: Files) -> None:
    head = "Record ID,Deal Name,Deal Stage,Deal owner,Amount,Create Date,Close Date,Original Traffic Source\n"
    rows = [
        f"{at},D{at},{'Closed Won' if at % 2 else 'Lead'},{'Anna' if at % 3 else 'Boris'},{at * 10},2026-09-0{at},"
        f"2026-10-0{at},{'Ads' if at < 5 else 'SEO'}\n"
        for at in range(1, 9)
    ]
    done = run("import", files("d.csv", head + "".join(rows)), "--stages", "Lead,Closed Won", "-o", "f.yaml")
    path = files.folder / "f.yaml"
    before = path.read_text()
    assert "\ncells:\n" in before, done.stderr
    assert "\n\nmeasured:\n" in before
    assert run("import", files("e.csv", head + "".join(rows[:-1])), "--update", path).code == 0
    assert "\n\nmeasured:\n" in path.read_text()
    for line in path.read_text().partition("breakdowns:")[2].partition("cells:")[0].splitlines():
        assert "counts" not in line
    assert run("check", path).code == 0


PIPELINES = """Deal,Pipeline,Stage,Amount,Owner
a,North,New,10,Ann
b,North,Won,20,Bo
c,North,Lost,20,Bo
d,South,New,5,Bo
e,South,Won,7,Bo
f,South,Lost,7,Bo
"""
MORE = "g,North,New,1,Bo\nh,South,New,1,Bo\ni,South,Lost,1,Bo\n"


@pytest.mark.parametrize("named", ["", "North", "South"])
def test_each_funnel_of_a_file_follows_the_pipeline_of_its_name(named: str, run: Run, files: Files) -> None:
    assert run("import", files("t.csv", PIPELINES), "-o", "f.yaml").code == 0
    option = ["--pipeline", named] if named else []
    done = run("import", files("t.csv", PIPELINES + MORE), "--update", "f.yaml", *option)
    assert done.code == 0, done.stderr
    funnels = read((files.folder / "f.yaml").read_bytes(), "f.yaml").funnels
    counts = {funnel.name: [(stage.count, stage.open) for stage in funnel.stages] for funnel in funnels}
    first = {"North": [(3, 1), (1, None)], "South": [(3, 1), (1, None)]}
    after = {"North": [(4, 2), (1, None)], "South": [(5, 2), (1, None)]}
    assert counts == (first | {named: after[named]} if named else after)


def test_a_pipeline_that_is_no_funnel_of_the_file_is_refused(run: Run, files: Files) -> None:
    assert run("import", files("t.csv", PIPELINES), "-o", "f.yaml").code == 0
    before = (files.folder / "f.yaml").read_bytes()
    done = run("import", files("t.csv", PIPELINES.replace("South", "West")), "--update", "f.yaml", "--pipeline", "West")
    assert done.code == 2
    assert 'no funnel "West"' in done.stderr
    assert (files.folder / "f.yaml").read_bytes() == before


SALES = "Opportunity Name,Stage,Amount,Close Date,Created Date\n"
DECIDED = [f"{state},100,2026-05-0{at},2026-04-0{at}" for at in range(1, 9) for state in ("Closed Won", "Closed Lost")]
WAITING = ["Offer,100,2027-01-01,2026-04-20"] * 3


def deals(*rows: str) -> str:
    return SALES + "".join(f"Deal {at},{row}\n" for at, row in enumerate(rows))


def test_a_file_of_an_export_is_filled_from_it_where_no_deal_is_at_the_first_stages(run: Run, files: Files) -> None:
    table = files("d.csv", deals(*DECIDED, *WAITING))
    assert run("import", table, "--stages", "Lead,Call,Offer", "-o", "f.yaml").code == 0
    before = (files.folder / "f.yaml").read_text()
    done = run("import", table, "--update", "f.yaml")
    assert (done.code, (files.folder / "f.yaml").read_text()) == (0, before)
    assert 'no deal is at "Lead" and "Call" now: those at later stages count as having passed' in done.stderr


def test_an_export_of_decided_deals_leaves_none_open(run: Run, files: Files) -> None:
    assert run("import", files("d.csv", deals(*DECIDED, *WAITING)), "--stages", "Lead,Offer", "-o", "f.yaml").code == 0
    assert run("import", files("d.csv", deals(*DECIDED)), "--update", "f.yaml").code == 0
    (funnel,) = read((files.folder / "f.yaml").read_bytes(), "f.yaml").funnels
    assert [stage.open for stage in funnel.stages] == [None] * 3
    assert [(stage.close_chance, stage.close_within) for stage in funnel.stages] == [(None, ())] * 3


def test_chances_of_last_month_go_where_none_is_won_now_and_stated_ones_stay(run: Run, files: Files) -> None:
    assert run("import", files("d.csv", deals(*DECIDED, *WAITING)), "--stages", "Lead,Offer", "-o", "f.yaml").code == 0
    lost = files("d.csv", deals(*DECIDED[1::2], *WAITING))
    assert run("import", lost, "--update", "f.yaml").code == 0
    path = files.folder / "f.yaml"
    text = path.read_text()
    assert "close_within" not in text
    assert "\n    close_chance:" not in text
    path.write_text(text.replace("  - name: Offer\n", "  - name: Offer\n    close_chance: 30%  # ours\n"))
    done = run("import", lost, "--update", "f.yaml")
    assert 'close_chance of "Offer" stays as it is: the export tells none' in done.stderr
    assert "    close_chance: 30%  # ours\n" in path.read_text()


def test_comments_below_cells_stay(run: Run, files: Files) -> None:
    rows = [f"{row},Anna" for row in (*DECIDED, *WAITING)]
    table = files("d.csv", deals(*rows).replace("Created Date", "Created Date,Opportunity Owner"))
    assert run("import", table, "--stages", "Lead,Offer", "-o", "f.yaml").code == 0
    path = files.folder / "f.yaml"
    assert "\ncells:\n" in path.read_text()
    path.write_text(path.read_text().replace("\n\nmeasured:", "\n# Below the cells\n\nmeasured:"))
    before = path.read_text()
    assert run("import", table, "--update", "f.yaml").code == 0
    assert path.read_text() == before


DIFFERING = PIPELINES.replace("d,South,New,5,Bo\n", "d,South,Call,,Bo\ni,South,Lead,9,Bo\n")


def test_a_file_of_several_pipelines_follows_each_with_stages_of_its_own(run: Run, files: Files) -> None:
    """Each part of the file has the stages of its own pipeline, and the next export is read once."""
    assert run("import", files("n.csv", DIFFERING), "--pipeline", "North", "-o", "n.yaml").code == 0
    stages = ["--stages", "Lead,Call"]
    assert run("import", files("t.csv", DIFFERING), "--pipeline", "South", *stages, "-o", "s.yaml").code == 0
    texts = [(files.folder / name).read_text() for name in ("n.yaml", "s.yaml")]
    path = files("f.yaml", "---\n".join(texts))
    done = run("import", files("t.csv", DIFFERING + "j,South,Call,3,Bo\n"), "--update", path)
    assert done.code == 0, done.stderr
    north, south = read(path.read_bytes(), "f.yaml").funnels
    assert [(each.name, each.count) for each in north.stages] == [("New", 3), ("Won", 1)]
    assert [(each.name, each.count) for each in south.stages] == [("Lead", 5), ("Call", 3), ("Won", 1)]


@pytest.mark.parametrize("option", [[], ["--pipeline", "North"]])
@pytest.mark.parametrize("table", ["Deal,Stage,Amount\na,New,1\nb,Won,2\nc,Lost,2\n", FIRST])
def test_an_export_without_pipelines_is_refused_once_where_several_are_filled(
    table: str, option: list[str], run: Run, files: Files
) -> None:
    assert run("import", files("t.csv", PIPELINES), "-o", "f.yaml").code == 0
    done = run("import", files("u.csv", table), "--update", "f.yaml", *option)
    assert done.code == 1
    assert done.stderr.count("error[") == 1
    assert 'has 2 funnels, "North" and "South"' in done.stderr
    assert "leave out" not in done.stderr  # what is not given cannot be left out


def test_funnels_that_are_no_pipeline_of_the_export_are_named_once_with_what_works(run: Run, files: Files) -> None:
    assert run("import", files("t.csv", PIPELINES), "-o", "f.yaml").code == 0
    done = run("import", files("w.csv", PIPELINES.replace("South", "West") + MORE[:15]), "--update", "f.yaml")
    assert done.code == 1
    assert done.stderr.count("error[") == 1
    assert 'no deal is in the pipeline "South"' in done.stderr
    assert done.stderr.rstrip().splitlines()[-2].endswith("or fill one of them: --pipeline North")
    assert run("import", files.folder / "w.csv", "--update", "f.yaml", "--pipeline", "North").code == 0
    counts = [each.stages[0].count for each in read((files.folder / "f.yaml").read_bytes(), "f.yaml").funnels]
    assert counts == [4, 3]


def test_the_one_funnel_of_a_file_follows_the_pipeline_of_its_name(run: Run, files: Files) -> None:
    assert run("import", files("t.csv", PIPELINES), "--pipeline", "South", "-o", "f.yaml").code == 0
    done = run("import", files("t.csv", PIPELINES + MORE), "--update", "f.yaml")
    assert done.code == 0, done.stderr
    assert 'of other pipelines, and left out: 4 deals of "North"' in done.stderr
    (funnel,) = read((files.folder / "f.yaml").read_bytes(), "f.yaml").funnels
    assert [stage.count for stage in funnel.stages] == [5, 1]


def test_what_is_so_of_each_funnel_is_said_once(run: Run, files: Files) -> None:
    """Money without a currency, counts without a place for times, pipelines that are left out."""
    done = run("import", files("t.csv", PIPELINES), "-o", "f.yaml")
    assert done.stderr.count("money without a currency") == 1
    plain = "stages: {New: 1, Won: 1}\n"
    path = files("g.yaml", f"name: North\n{plain}---\nname: South\n{plain}")
    again = run("import", files("t.csv", PIPELINES + "k,West,New,1,Bo\n"), "--update", path)
    assert again.code == 0, again.stderr
    lines = again.stderr.splitlines()
    assert len(lines) == len(set(lines))
    assert "have no place in" not in again.stderr  # the amounts of open units stand in the segments
    assert again.stderr.count('left out: 1 deal of "West"') == 1
