"""Options of `funnelcli import` that say something of no column, or of another kind of table, are refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Files, Run

EXPORTS = Path(__file__).parent.parent / "exports"
ADS = EXPORTS / "google_ads" / "english.csv"
FUNNEL = EXPORTS / "ga4_funnel" / "Kasse.csv"
DEALS = EXPORTS / "hubspot_deals" / "all-deals-default-view.csv"
ORDERS = EXPORTS / "shopify_orders" / "orders_export.csv"


@pytest.mark.parametrize("option", ["--drop", "--label"])
@pytest.mark.parametrize("export", [ADS, FUNNEL, DEALS, ORDERS], ids=lambda path: path.parent.name)
def test_an_option_that_names_no_column_is_refused_in_its_own_spelling(run: Run, export: Path, option: str) -> None:
    done = run("import", export, option, "Nix Da")
    assert (done.code, done.stdout) == (1, "")
    assert 'error[FN102] no column "Nix Da"' in done.stderr


def test_so_it_is_of_a_spreadsheet(run: Run, files: Files) -> None:
    table = files("t.csv", "Channel,Leads,Sales\nAds,9,5\nSEO,8,4\n")
    for option in ("--drop", "--label", "--count", "--steps"):
        done = run("import", table, option, "Nix Da")
        assert (done.code, done.stdout) == (1, "")
        assert 'no column "Nix Da"' in done.stderr


def test_an_export_of_segments_has_no_steps_to_name(run: Run) -> None:
    done = run("import", ADS, "--steps", "Campaign")
    assert (done.code, done.stdout) == (2, "")
    assert "--steps is about other tables, and" in done.stderr


def test_a_bar_is_standard_output(run: Run, files: Files) -> None:
    done = run("import", files("t.csv", "Channel,Leads,Sales\nAds,9,5\nSEO,8,4\n"), "-o", "-")
    assert done.code == 0
    assert "count: 17" in done.stdout
    assert [path.name for path in files.folder.iterdir()] == ["t.csv"]


def test_a_reason_why_columns_of_deals_are_left_out_is_told_once(run: Run) -> None:
    done = run("import", EXPORTS / "stripe_charges" / "payments.csv", "--drop", "Description")
    (line,) = [line for line in done.stderr.splitlines() if "left out: " in line and " (" in line]
    reasons = [part.rpartition(" (")[2] for part in line.split("; ") if part.endswith(")")]
    assert reasons
    assert len(set(reasons)) == len(reasons)
    assert '"Description"' not in line


def test_a_picture_of_vectors_is_no_table(run: Run, files: Files) -> None:
    done = run("import", files("p.csv", '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>\n'))
    assert "error[FN016] this is a picture (SVG)" in done.stderr


@pytest.mark.parametrize("export", [ADS, DEALS], ids=lambda path: path.parent.name)
@pytest.mark.parametrize(
    ("option", "value", "meant"),
    [
        ("--revenue", "50000", "goal FILE --revenue 50000"),
        ("--revenue", "+20%", "goal FILE --revenue +20%"),
        ("--budget", "12000", "budget: 12000"),
        ("--revenue", "EUR", "the currency is told by --currency EUR"),
        ("--currency", "5000", "--currency EUR"),
    ],
)
def test_money_of_another_kind_is_answered_by_what_was_meant(
    run: Run, export: Path, option: str, value: str, meant: str
) -> None:
    """`--revenue` and `--budget` name columns here, and amounts elsewhere; a currency is neither."""
    done = run("import", export, option, value)
    assert (done.code, done.stdout) == (1, "")
    assert meant in done.stderr


@pytest.mark.parametrize(("export", "column"), [(ADS, "Clicks"), (DEALS, "amount"), (ORDERS, "Total")])
def test_a_column_is_no_currency(run: Run, export: Path, column: str) -> None:
    done = run("import", export, "--currency", column)
    assert (done.code, done.stdout) == (1, "")
    assert f'is the code or the sign of a currency, and "{column}" is a column' in done.stderr
