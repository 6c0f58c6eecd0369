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
