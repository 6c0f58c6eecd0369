"""An import that asks for the order of the stages ends with the whole command: pasted as it is, it works."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
import yaml

from funnelcli.funnel_file.reader import read
from tests.cli.test_import_twice import DEALS
from tests.counts_table.test_export_samples import export_of
from tests.thorough import few

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Files, Run

HEAD = "Record ID,Deal Name,Deal Stage,Amount,Deal owner\n"
ODD = ["it's on", 'Call "hot"', "Offer $5", "Call, then (maybe)", "`touch x`", "Plain"]


def pasted(run: Run, *words: str | Path) -> str:
    """The last line of an import that asks, once it has been run."""
    asked = run("import", *words)
    assert asked.code == 1
    assert asked.stderr.count("error[") == 1, asked.stderr
    line = asked.stderr.splitlines()[-1]
    name, *command = shlex.split(line)
    assert name == "funnelcli"
    done = run(*command)
    assert done.code == 0, done.stderr
    return line


@pytest.mark.parametrize("path", few(DEALS, 7), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_sample_of_deals_is_read_at_once_or_by_the_line_that_is_shown(path: Path, run: Run, files: Files) -> None:
    """Followed to the letter, as somebody does who knows nothing but the export."""
    export = export_of(path, yaml.safe_load(path.read_text(encoding="utf-8")))
    name = files.folder / f"my {export.name}"
    name.write_bytes(export.read_bytes())
    if run("import", name.name, "-o", "f.yaml").code:
        pasted(run, name.name, "-o", "f.yaml")
    assert read((files.folder / "f.yaml").read_bytes(), "f.yaml").funnels
    assert run("check", "f.yaml").code == 0
    assert run("show", "f.yaml").code == 0
    by_date = run("forecast", "f.yaml", "--draws", "100", "--until", "2027-03-31")
    assert by_date.code == 0 or "leave out --until" in by_date.stderr
    assert run("forecast", "f.yaml", "--draws", "100").code == 0


def test_names_that_a_shell_would_take_apart_stand_whole_in_the_line(run: Run, files: Files) -> None:
    rows = [
        f'{at},D{at},"{name.replace(chr(34), chr(34) * 2)}",9,Ann\n' for at, name in enumerate([*ODD, "Closed Won"])
    ]
    files("d.csv", HEAD + "".join(rows))
    pasted(run, "d.csv", "-o", "f.yaml")
    (funnel,) = read((files.folder / "f.yaml").read_bytes(), "f.yaml").funnels
    assert sorted(funnel.names[:-1]) == sorted(ODD)


def test_ends_that_are_likely_stand_in_the_line(run: Run, files: Files) -> None:
    table = files("d.csv", HEAD + "1,a,New,9,Ann\n2,b,Done,9,Bo\n3,c,Cancelled,9,Bo\n4,d,Call,9,Bo\n")
    line = pasted(run, table.name, "-o", "f.yaml")
    assert line.endswith("--won Done --lost Cancelled")


def test_no_line_is_shown_where_it_could_not_be_run(run: Run, files: Files) -> None:
    """Standard input is gone, and an order that was told needs more than an order."""
    text = HEAD + "1,a,Zeta,9,Ann\n2,b,Alpha,9,Bo\n"
    assert "Correct the order" not in run("import", "-", stdin=text.encode()).stderr
    assert "Correct the order" not in run("import", files("d.csv", text), "--stages", "Zeta,Beta").stderr
