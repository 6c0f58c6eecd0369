"""The program sends nothing, and reads nothing from a network unless a source there is named."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import funnelcli
from funnelcli.cli.app import COMMANDS

from .conftest import SAMPLES

if TYPE_CHECKING:
    from .conftest import Run

PACKAGE = Path(funnelcli.__file__).parent
NETWORK = (
    *("socket", "ssl", "http", "urllib.request", "urllib3", "ftplib", "smtplib", "xmlrpc", "asyncio", "webbrowser"),
    *("requests", "httpx", "aiohttp", "fsspec", "s3fs", "ibis", "psycopg", "pymysql", "pyspark"),
)
"""Modules that can reach another machine."""
NAMED_SOURCES = {"events/remote.py", "events/warehouse", "events/script/writer.py"}
"""What counts events at an address or in a database that a person names; the writer makes text of a query."""
COMMENTS = {"cli/comment.py"}
"""What writes on the pull request of a job, where that is asked for."""
WATCH = """
import sys
def watch(event, arguments):
    if event.startswith(("socket.", "http.", "urllib.", "ftplib.", "smtplib.")) or event == "webbrowser.open":
        raise SystemExit(f"the network is asked: {event} {arguments}")
sys.addaudithook(watch)
"""
"""Ends the process when Python is about to ask the network for anything, by whatever library."""
DEALS = "Deal,Stage,Amount\nA,Won,10\nB,Lost,20\nC,Open,5\n"
EVENTS = "user,event,time\n1,visit,2026-10-01T10:00:00\n1,paid,2026-10-01T11:00:00\n2,visit,2026-10-02T10:00:00\n"
MEASURED = """\
measure: {unit: user, time: time}
stages:
- {name: Visit, when: {event: visit}}
- {name: Paid, when: {event: paid}}
"""
COMMAND_LINES = {
    "show": ["show", "{samples}/context_ads.yaml"],
    "bottleneck": ["bottleneck", "{samples}/context_ads.yaml"],
    "scenario": ["scenario", "{samples}/invoices.yaml"],
    "economics": ["economics", "{samples}/context_ads.yaml"],
    "compare": ["compare", "{samples}/invoices_september.yaml", "{samples}/invoices.yaml"],
    "goal": ["goal", "{samples}/context_ads.yaml", "--revenue", "500000"],
    "levers": ["levers", "{samples}/context_ads.yaml"],
    "simulate": ["simulate", "{samples}/invoices.yaml"],
    "forecast": ["forecast", "{samples}/suppilo.yaml"],
    "report": ["report", "{samples}/invoices.yaml", "-f", "html"],
    "import": ["import", "deals.csv"],
    "measure": ["measure", "events.yaml", "--from", "events.csv"],
    "check": ["check", "{samples}"],
    "diff": ["diff", "--no-index", "{samples}/invoices_september.yaml", "{samples}/invoices.yaml"],
    "help": ["help", "wilson"],
    "explain": ["explain", "FN104"],
    "init": ["init"],
    "schema": ["schema"],
}
"""A line for each command, with nothing in it that lies elsewhere."""


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def test_only_what_reads_a_named_source_can_reach_another_machine() -> None:
    written = re.compile("|".join(re.escape(each) for each in NETWORK))  # what is imported stands in the text
    reaching = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if written.search(path.read_text(encoding="utf-8"))
        and any(name == each or name.startswith(f"{each}.") for name in imported(path) for each in NETWORK)
    }
    assert {path for path in reaching if not any(path.startswith(each) for each in NAMED_SOURCES)} == COMMENTS
    assert "events/remote.py" in reaching  # or this looks for the wrong words


@pytest.mark.parametrize("command", COMMANDS)
def test_no_local_command_asks_the_network(command: str, run: Run, tmp_path: Path) -> None:
    for module in {"measure": ("duckdb",), "report": ("jinja2", "vl_convert")}.get(command, ()):
        pytest.importorskip(module)
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
    (tmp_path / "events.yaml").write_text(MEASURED, encoding="utf-8")
    line = [each.format(samples=SAMPLES) for each in COMMAND_LINES[command]]
    done = run(*line, script=WATCH)
    assert "the network is asked" not in done.stderr, done.stderr
    assert done.code in (0, 1), done.stderr


def test_the_watch_sees_what_asks(run: Run) -> None:
    asking = f"{WATCH}\nimport socket\nsocket.socket()\n"
    assert "the network is asked: socket.__new__" in run("schema", script=asking).stderr
