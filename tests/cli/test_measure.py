"""`funnelcli measure`: wiring, streams, exit codes, and what a stranger's funnel file cannot do."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from time import sleep
from typing import Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.cli import console, write_counts  # noqa: E402  # after the check
from funnelcli.cli.request import Request  # noqa: E402
from funnelcli.funnel_file.reader import read  # noqa: E402
from funnelcli.funnel_file.rewrite import Counts  # noqa: E402
from funnelcli.measure import Measured  # noqa: E402
from funnelcli.segments import Breakdown, Segment  # noqa: E402
from tests.cli.forking import forks  # noqa: E402
from tests.cli.test_streams import terminal  # noqa: E402
from tests.events.test_remote import serving  # noqa: E402
from tests.thorough import few, weekly, whole_or_part  # noqa: E402

FUNNEL = """\
# the shop
name: Shop  # on the web
measure: {unit: user, time: time, window: 1 day, table: events}
stages:
  - name: Visit  # who came
    when: {event: visit}
  - name: Paid
    when: {event: paid}

# what if
scenarios:
  Better: {conversion@Paid: +5%}
"""
EVENTS = """\
user,time,event,channel
1,2026-10-01 10:00:00,visit,Ads
1,2026-10-01 16:00:00,paid,Ads
2,2026-10-01 10:00:00,visit,SEO
3,2026-10-05 10:00:00,visit,SEO
"""


def run(*arguments: str, stdin: bytes = b"", **environment: str) -> tuple[int, str, str]:
    surroundings = {**os.environ, **environment}
    loaded = forks(arguments)
    if loaded is not None:
        with loaded.started(arguments, surroundings, Path.cwd(), stdin) as finish:
            code, out, err = finish()
        return code, out.decode(), err.decode()
    command = [sys.executable, "-m", "funnelcli", *arguments]
    result = subprocess.run(command, input=stdin, capture_output=True, check=False, env=surroundings)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a funnel and its events, in which the program runs."""
    (tmp_path / "shop.yaml").write_text(FUNNEL, encoding="utf-8")
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def counts(text: str) -> list[Any]:
    (funnel,) = read(text.encode(), "test.yaml").funnels
    return [stage.count for stage in funnel.stages]


def test_the_funnel_comes_back_with_its_comments_and_counts(place: Path) -> None:
    code, out, _ = run("measure", "shop.yaml", "--from", "events.csv")
    assert code == 0
    assert counts(out) == [3, 1]
    before, _, note = out.partition("measured:\n")
    expected = FUNNEL.replace("# who came\n", "# who came\n    count: 3\n")
    assert before == expected.replace("- name: Paid\n", "- name: Paid\n    count: 1\n    days: 0.25\n")
    assert 'until: "2026-10-05T10:00:00Z"' in note


def test_show_reads_what_measure_writes(place: Path) -> None:
    _, out, _ = run("measure", "shop.yaml", "--from", "events.csv")
    code, shown, said = run("show", "-", "--format", "json", stdin=out.encode())
    assert (code, said) == (0, "")
    assert [stage["count"] for stage in json.loads(shown)["funnels"][0]["stages"]] == [3, 1]


def test_a_terminal_gets_the_figures(place: Path) -> None:
    """And the file, where it is asked for; with --update it is said what was written."""
    asked = ("measure", "shop.yaml", "--from", "events.csv")
    shown = terminal(*asked)
    text = shown.stdout + shown.stderr
    assert (shown.code, "measured:" in text, "33.3%" in text) == (0, False, True)  # 1 of 3
    assert "nothing is written: --update" in " ".join(text.split())
    assert "measured:" in terminal(*asked, "--format", "yaml").stdout
    assert (place / "shop.yaml").read_text(encoding="utf-8") == FUNNEL
    written = terminal(*asked, "--update")
    assert "wrote the counts into shop.yaml" in written.stdout + written.stderr
    assert counts((place / "shop.yaml").read_text(encoding="utf-8")) == [3, 1]


def test_formats_are_those_of_show(place: Path) -> None:
    formats = ("json", "csv", "markdown", "table")
    counted = [run("measure", "shop.yaml", "--from", "events.csv", "--format", report)[:2] for report in formats]
    (place / "measured.yaml").write_text(run("measure", "shop.yaml", "--from", "events.csv")[1], encoding="utf-8")
    (place / "measured.yaml").replace(place / "shop.yaml")
    assert counted == [(0, run("show", "shop.yaml", "--full", "--format", report)[1]) for report in formats]


def test_update_writes_into_the_file_and_again(place: Path) -> None:
    for _ in range(2):
        assert run("measure", "shop.yaml", "--from", "events.csv", "--update")[:2] == (0, "")
        text = (place / "shop.yaml").read_text(encoding="utf-8")
        assert counts(text) == [3, 1]
        assert text.count("# what if") == text.count("measured:") == 1


def test_an_interval_on_the_command_line(place: Path) -> None:
    _, out, _ = run("measure", "shop.yaml", "--from", "events.csv", "--between", "2026-10-01", "2026-10-02")
    assert counts(out) == [2, 1]
    assert 'between: ["2026-10-01", "2026-10-02"]' in out


def test_only_documents_that_are_measured_are_written(place: Path) -> None:
    text = "stages: {A: 5, B: 2}\n---\n" + FUNNEL
    (place / "shop.yaml").write_text(text, encoding="utf-8")
    _, out, _ = run("measure", "shop.yaml", "--from", "events.csv")
    assert counts(out) == [3, 1]
    run("measure", "shop.yaml", "--from", "events.csv", "--update")
    both = read((place / "shop.yaml").read_bytes(), "shop.yaml").funnels
    assert [[stage.count for stage in funnel.stages] for funnel in both] == [[5, 2], [3, 1]]


def as_sqlite(place: Path) -> str:
    with sqlite3.connect(place / "events.db") as connection:
        connection.execute("CREATE TABLE events (user INTEGER, time TEXT, event TEXT, channel TEXT)")
        rows = [line.split(",") for line in EVENTS.splitlines()[1:]]
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
    connection.close()
    return "events.db"


def as_duckdb(place: Path) -> str:
    with duckdb.connect(str(place / "events.duckdb")) as connection:
        connection.execute("CREATE TABLE events AS SELECT * FROM read_csv('events.csv')")
    return "events.duckdb"


def copied(name: str) -> Any:
    def make(place: Path) -> str:
        with duckdb.connect() as connection:
            form = "JSON" if "json" in name else "PARQUET" if "parquet" in name else "CSV"
            connection.execute(f"COPY (FROM read_csv('events.csv')) TO '{name}' (FORMAT {form})")
        return name

    return make


def as_parts(place: Path) -> str:
    head, *rows = EVENTS.splitlines()
    for number, row in enumerate(rows):
        (place / f"part{number}.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    return "part*.csv"


def packed(place: Path) -> str:
    (place / "events.csv.gz").write_bytes(gzip.compress(EVENTS.encode()))
    return "events.csv.gz"


@pytest.mark.parametrize(
    "make",
    [as_sqlite, as_duckdb, as_parts, packed, *map(copied, ("e.parquet", "e.jsonl", "e.csv", "parquet-by-its-bytes"))],
)
def test_sources(make: Any, place: Path) -> None:
    code, out, said = run("measure", "shop.yaml", "--from", make(place))
    assert code == 0, said
    assert counts(out) == [3, 1]


@pytest.mark.parametrize("data", [EVENTS.encode(), gzip.compress(EVENTS.encode())], ids=["csv", "gzip"])
def test_standard_input(data: bytes, place: Path) -> None:
    code, out, _ = run("measure", "shop.yaml", "--from", "-", stdin=data)
    assert code == 0
    assert counts(out) == [3, 1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["shop.yaml"], "no source of events is given"),
        (["--from", "events.csv"], "no funnel is given"),
        (["shop.yaml", "--from", "evnts.csv"], 'no file is called "evnts.csv"'),
        (["shop.yaml", "--from", "*.nothing"], 'no file matches "*.nothing"'),
        (["shop.yaml", "--from", "events.csv", "--update", "--format", "json"], "--update writes into the funnel file"),
        (["-", "--from", "-"], "standard input is the funnel"),
        (["shop.yaml", "--from", "events.csv", "-o", "events.csv"], "events.csv is read by this command"),
        (["shop.yaml", "--from", "events.csv", "--between", "2026-11-01", "2026-10-01"], "is not after 2026-11-01"),
        (["shop.yaml", "--from", "@nobody"], "set the environment variable FUNNELCLI_SOURCE_NOBODY"),
        (["shop.yaml", "--from", "broken.parquet"], "cannot read broken.parquet"),
    ],
)
def test_what_cannot_be_measured(arguments: list[str], words: str, place: Path) -> None:
    code, out, said = run("measure", *arguments)
    assert (code, out) == (2, "")
    assert words in said


@pytest.mark.parametrize(
    ("missing", "source", "extras"),
    [
        (("duckdb",), "events.csv", "events"),
        (("ruamel",), "events.csv", "events"),
        (("ibis",), "postgres://h/db", "warehouse"),
        (("packaging",), "mysql://h/db", "warehouse"),  # which Ibis imports without asking for it
        (("duckdb", "ibis"), "postgres://h/db", "events,warehouse"),
        (("psycopg",), "postgresql://h/db", "postgres"),
    ],
)
def test_without_the_extras_one_line_installs_them(
    missing: tuple[str, ...], source: str, extras: str, place: Path
) -> None:
    code = (
        "import sys\n"
        "class Gone:\n    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {missing!r}: raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Gone())\n"
        f"sys.argv = ['funnelcli', 'measure', 'shop.yaml', '--from', {source!r}]\n"
        "from funnelcli.__main__ import main\nmain()\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert f'pip install "funnelcli[{extras}]"' in result.stderr


HOSTILE = [
    'x"; DROP TABLE events; --',
    "read_csv('/etc/passwd')",
    "/etc/passwd",
    "../../etc/passwd",
    "(SELECT content FROM read_text('/etc/passwd'))",
    "events') UNION SELECT 1 --",
    "user FROM events; INSTALL httpfs; --",
    "getenv('HOME')",
]


KEYS = ("unit", "time", "table", "id", "breakdown", "column", "exclude")


@pytest.mark.parametrize("key", KEYS)
def test_names_of_a_funnel_file_are_never_code(key: str, place: Path) -> None:
    """Each is a name that the table has not; the database is the same afterwards."""
    source = as_duckdb(place)
    before = (place / source).read_bytes()
    names = HOSTILE[whole_or_part(0, KEYS.index(key) % 3) :: whole_or_part(1, 3)]
    for number, name in enumerate(names):
        text = json.dumps(name)
        keys = {"unit": "user", "time": "time", "table": "events"}
        keys |= {"breakdown": {"breakdowns": f"{{c: {text}}}"}, "exclude": {"exclude": f"{{{text}: x}}"}}.get(
            key, {} if key == "column" else {key: text}
        )
        measure = ", ".join(f"{known}: {value}" for known, value in keys.items())
        column = text if key == "column" else "event"
        stages = f"[{{name: A, when: {{{column}: visit}}}}, {{name: B, when: {{event: paid}}}}]"
        (place / f"{number}.yaml").write_text(f"measure: {{{measure}}}\nstages: {stages}\n", encoding="utf-8")
    files = [f"{number}.yaml" for number in range(len(names))]
    code, out, said = run("measure", *files, "--from", source)
    assert (code, out) == (2, ""), said
    assert [line.partition(":")[0] for line in said.splitlines() if "error[FN120]" in line] == files
    assert "root:" not in said
    assert (place / source).read_bytes() == before


def test_values_are_only_compared(place: Path) -> None:
    """Only the unit whose event is this very text counts; its segment is shown by this text."""
    import csv

    values = few([*HOSTILE, "it's", '"', "\\", "%", "visit' OR '1'='1", "?", "$1", "{x}"], 4)
    with (place / "events.csv").open("a", encoding="utf-8", newline="") as stream:
        rows = [[f"u{at}", "2026-10-05 11:00:00", value, value] for at, value in enumerate(values)]
        csv.writer(stream, lineterminator="\n").writerows(rows)
    whens = [json.dumps(value) for value in values]
    (place / "shop.yaml").write_text(
        "".join(
            "---\nmeasure: {unit: user, time: time, breakdowns: {channel: channel}}\n"
            f"stages: [{{name: A, when: {{event: {when}}}}}, {{name: B, when: {{event: [{when}, paid]}}}}]\n"
            for when in whens
        ),
        encoding="utf-8",
    )
    code, out, said = run("measure", "shop.yaml", "--from", "events.csv")
    assert code == 0, said
    found = read(out.encode(), "test.yaml").funnels
    assert [funnel.breakdowns for funnel in found] == [
        (Breakdown("channel", (Segment(value, (1, 0)),)),) for value in values
    ]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://bob:hunter22@127.0.0.1:1/db", "127.0.0.1:1/db"),
        ("postgres://bob:hunt%4022@127.0.0.1:1/db?password=hunter22", "127.0.0.1:1/db"),
        ("postgres://bob:is hunter22@127.0.0.1:1/db", "127.0.0.1:1/db"),
        ("postgres://127.0.0.1:1/db?user=bob&password=is hunter22", "127.0.0.1:1/db"),
    ],
)
def test_secrets_of_a_url_are_not_shown(url: str, shown: str, place: Path) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    by_name = ("@prod", {"FUNNELCLI_SOURCE_PROD": url})
    sources: list[tuple[str, dict[str, str]]] = [(url, {}), *whole_or_part([by_name], [by_name] * ("%" in url))]
    for source, environment in sources:
        code, out, said = run("measure", "shop.yaml", "--from", source, **environment)
        assert (code, out) == (2, "")
        for secret in ("hunter22", "hunt%4022", "hunt@22"):
            assert secret not in said
        assert (shown if source == url else "@prod") in said


def test_a_list_with_a_stage_now_is_told_where_it_can_be_imported(place: Path) -> None:
    """Of an address nothing is said: no import reads it, and it may hold a secret."""
    pytest.importorskip("fsspec", reason="the extra `remote` is not installed")
    (place / "deals.csv").write_text(
        "user,time,event\n1,2026-10-01 10:00:00,visit\n2,2026-10-02 10:00:00,paid\n", encoding="utf-8"
    )
    _, _, said = run("measure", "shop.yaml", "--from", "deals.csv")
    assert "That is read by: funnelcli import deals.csv" in said
    with serving(partial(SimpleHTTPRequestHandler, directory=place)) as server:
        address = f"http://bob:hunter22@127.0.0.1:{server.server_address[1]}/deals.csv"
        code, out, said = run("measure", "shop.yaml", "--from", address)
    assert (code, "hunter22" in out + said, "import" in said) == (0, False, False), said


MANY = (
    "COPY (SELECT i % 100000 AS user, make_timestamp(1790812800000000 + i * 977) AS time, "
    "CASE WHEN i % 3 = 0 THEN 'paid' ELSE 'visit' END AS event FROM range({number}) r(i)) TO '{path}'"
)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events that are counted for longer than any test waits."""
    path = tmp_path_factory.mktemp("many") / "many.parquet"
    with duckdb.connect() as connection:
        connection.execute(MANY.format(number=20_000_000, path=path))
    return path


@pytest.fixture(scope="module")
def many_packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log that is unpacked and counted for a while."""
    path = tmp_path_factory.mktemp("many") / "many.csv"
    with duckdb.connect() as connection:
        connection.execute(MANY.format(number=1_000_000, path=path) + " (COMPRESSION gzip)")
    return path


def counting_for(seconds: float, many: Path) -> subprocess.Popen[bytes]:
    """A process that has been counting many events for some time, and goes on; its copies are in `temporary`."""
    os.makedirs("temporary", exist_ok=True)
    before = set(os.listdir("temporary"))
    process = subprocess.Popen(
        [sys.executable, "-m", "funnelcli", "measure", "shop.yaml", "--from", str(many)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": os.path.abspath("temporary")},
    )  # fmt: skip
    while before.issuperset(os.listdir("temporary")) and process.poll() is None:
        sleep(0.01)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("delay", [0, 0.5])
def test_interrupting_stops_the_query(delay: float, place: Path, many: Path) -> None:
    for _ in range(3):
        process = counting_for(delay, many)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=20)
        if not out:
            break  # else the counting was over before the signal came, on a machine that is busy
    assert (process.returncode, out) == (130, b""), said


STOPPED_BY = pytest.mark.parametrize("number", ["SIGTERM", pytest.param("SIGHUP", marks=weekly), "SIGINT"])


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@STOPPED_BY
def test_a_process_that_is_told_to_stop_leaves_no_copy_of_the_data(number: str, place: Path, many_packed: Path) -> None:
    """While it counts what came by a pipe, and has been unpacked."""
    temporary = place / "temporary"
    temporary.mkdir()
    with many_packed.open("rb") as events:
        process = subprocess.Popen(
            [sys.executable, "-m", "funnelcli", "measure", "shop.yaml", "--from", "-"],
            stdin=events, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": str(temporary)},
        )  # fmt: skip
    unpacked: list[Path] = []
    while not unpacked and process.poll() is None:
        sleep(0.01)
        unpacked = [each for each in temporary.rglob("*") if each.is_file() and each.name.endswith("unpacked")]
    process.send_signal(getattr(signal, number))
    out, said = process.communicate(timeout=30)
    assert (process.returncode, out, said) == ({"SIGTERM": 143, "SIGHUP": 129, "SIGINT": 130}[number], b"", b"")
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@STOPPED_BY
def test_a_process_that_is_told_to_stop_while_it_counts(number: str, place: Path, many: Path) -> None:
    process = counting_for(0.5, many)
    process.send_signal(getattr(signal, number))
    process.send_signal(signal.SIGTERM)  # impatiently
    out, said = process.communicate(timeout=30)
    assert process.returncode in ({"SIGTERM": 143, "SIGHUP": 129, "SIGINT": 130}[number], 143)  # as the first is heard
    assert (out, said) == (b"", b"")
    assert os.listdir("temporary") == []


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_signal_that_is_ignored_stays_so(place: Path) -> None:
    """As `nohup` starts a process."""
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); import funnelcli.__main__ as it; "
    code += "it._clean_up_when_stopped(); print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "True\n"


def test_a_file_that_was_changed_meanwhile_is_left_alone(place: Path) -> None:
    request = Request(["shop.yaml"])
    origin = write_counts.open_origin("shop.yaml", request)
    (place / "shop.yaml").write_text(FUNNEL + "# my edit\n", encoding="utf-8")
    note = Measured("events.csv")
    with pytest.raises(console.Refused, match=r"shop\.yaml was changed in the meantime"):
        write_counts.update([write_counts.Filled(origin, {1: Counts((3, 1), (), note)})], request)
    assert (place / "shop.yaml").read_text(encoding="utf-8") == FUNNEL + "# my edit\n"


def test_update_keeps_line_ends_marks_and_figures_as_they_are_written(place: Path) -> None:
    text = FUNNEL.replace("name: Shop", "average_check: 12345678901234.56789  # the sum\nbudget: 1.50\nname: Shop")
    text = text.replace("{event: paid}", "[{event: paid}, {event: bought}]")
    data = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    (place / "shop.yaml").write_bytes(data)
    assert run("measure", "shop.yaml", "--from", "events.csv", "--update")[0] == 0
    written = (place / "shop.yaml").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    assert b"\n" not in written.replace(b"\r\n", b"")
    old, new = data.decode().splitlines(), written.decode().splitlines()
    assert [line for line in old if line not in new] == []


@pytest.mark.parametrize("options", [(), ("--update",), ("-f", "json"), ("-f", "csv")])
def test_counts_that_make_a_file_wrong_are_not_handed_over(options: tuple[str, ...], place: Path) -> None:
    """Revenue of a stage that nobody reaches is no figure."""
    text = FUNNEL.replace("- name: Paid\n", "- name: Paid\n    revenue: 500\n").replace("event: paid", "event: none")
    (place / "shop.yaml").write_text(text, encoding="utf-8")
    code, out, said = run("measure", "shop.yaml", "--from", "events.csv", *options)
    assert (code, out) == (1, "")
    assert "error[FN122]" in said
    assert (place / "shop.yaml").read_text(encoding="utf-8") == text


def test_documents_that_are_left_out_are_named(place: Path) -> None:
    (place / "two.yaml").write_text(f"{FUNNEL}---\nname: Calls\nstages: {{Called: 10, Met: 2}}\n", encoding="utf-8")
    code, out, said = run("measure", "two.yaml", "--from", "events.csv")
    assert (code, counts(out)) == (0, [3, 1])
    assert "Calls says not how to measure it, and is left out" in said


def test_a_stage_that_no_event_fits_is_named(place: Path) -> None:
    (place / "shop.yaml").write_text(FUNNEL.replace("event: paid", "event: Paid"), encoding="utf-8")
    code, out, said = run("measure", "shop.yaml", "--from", "events.csv")
    assert (code, counts(out)) == (0, [3, 0])
    assert 'shop.yaml:8:19: no event has "Paid" in "event"; did you mean "paid"?' in said
    (place / "events.csv").write_text("user,time,event\n1,2026-10-01,other\n", encoding="utf-8")
    assert (
        'no event has "visit" in "event"; known here: "other"' in run("measure", "shop.yaml", "--from", "events.csv")[2]
    )


def unmet_events(place: Path, source: str) -> str:
    """A log of two visits and a payment under another name, as this source holds it."""
    rows = "1,2026-10-01 10:00:00,visit\n2,2026-10-01 11:00:00,visit\n2,2026-10-01 12:00:00,purchase\n"
    (place / "renamed.csv").write_text(f"user,time,event\n{rows}", encoding="utf-8")
    if source == "csv":
        return "renamed.csv"
    name = f"renamed.{source}"
    with duckdb.connect(name if source == "duckdb" else ":memory:") as connection:
        if source == "duckdb":
            connection.execute("CREATE TABLE events AS SELECT * FROM read_csv('renamed.csv')")
        else:
            connection.execute(f"COPY (FROM read_csv('renamed.csv')) TO '{name}'")
    return name


WITH_COUNTS = FUNNEL.replace("# who came\n", "# who came\n    count: 10\n").replace("Paid\n", "Paid\n    count: 4\n")


@pytest.mark.parametrize("source", few(["csv", "parquet", "duckdb", "jsonl"], 2))
def test_a_renamed_event_does_not_write_0_over_a_count(source: str, place: Path) -> None:
    (place / "shop.yaml").write_text(WITH_COUNTS, encoding="utf-8")
    name = unmet_events(place, source)
    code, out, said = run("measure", "shop.yaml", "--from", name, "--update")
    assert (code, out) == (2, "")
    assert 'no event fits the when of "Paid", which has 4, and there are events that fit no stage' in said
    assert "or write 0 with --force" in said
    assert (place / "shop.yaml").read_text(encoding="utf-8") == WITH_COUNTS
    assert run("measure", "shop.yaml", "--from", name, "--update", "--force")[0] == 0
    assert counts((place / "shop.yaml").read_text(encoding="utf-8")) == [2, 0]


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (WITH_COUNTS, ""),  # a quiet month: every event fits a stage
        (WITH_COUNTS.replace("1 day,", "1 day, exclude: {event: test},"), "2,2026-10-01 12:00:00,test\n"),
        (WITH_COUNTS.replace("count: 4", "count: 0"), "2,2026-10-01 12:00:00,purchase\n"),  # nothing to lose
        (FUNNEL, "2,2026-10-01 12:00:00,purchase\n"),  # not measured before
        (WITH_COUNTS, "2,2026-09-01 12:00:00,paid\n2,2026-10-01 12:00:00,purchase\n"),  # no customer, but a payment
        (WITH_COUNTS, "2,2099-10-01,purchase\n"),  # outside the interval
    ],
)
def test_a_stage_that_nobody_reached_is_written(text: str, more: str, place: Path) -> None:
    (place / "shop.yaml").write_text(text, encoding="utf-8")
    (place / "quiet.csv").write_text(f"user,time,event\n1,2026-10-01 10:00:00,visit\n{more}", encoding="utf-8")
    between = ["--between", "2026-10-01", "2026-11-01"] if "2099" in more else []
    code, _, said = run("measure", "shop.yaml", "--from", "quiet.csv", "--update", *between)
    assert code == 0, said
    assert counts((place / "shop.yaml").read_text(encoding="utf-8")) == [1, 0]


NOTHING = {
    "no events": ("user,time,event\n", (), "holds no events"),
    "before": ("", ("2025-01-01", "2025-02-01"), "the log runs from 2026-10-01T10:00:00Z to "),
    "after": ("", ("2026-10-20", "2026-11-01"), "the log runs from 2026-10-01T10:00:00Z to "),
    "no event of the first stage": ("user,time,event\n1,2026-10-01,paid\n", (), "0 would be written over"),
    "no sale of many": (
        "user,time,event\n" + "".join(f"{each},2026-10-01,visit\n" for each in range(30)),
        (),
        '0 would be written over "Paid", which has 4',
    ),
}


@pytest.mark.parametrize("case", NOTHING)
def test_nothing_does_not_take_the_place_of_counts(case: str, place: Path) -> None:
    """Where there is nothing to count, that is said with and without --update."""
    log, between, words = NOTHING[case]
    (place / "shop.yaml").write_text(WITH_COUNTS, encoding="utf-8")
    if log:
        (place / "events.csv").write_text(log, encoding="utf-8")
    options = ("measure", "shop.yaml", "--from", "events.csv", *(("--between", *between) if between else ()))
    code, out, said = run(*options, "--update")
    assert (code, out) == (2, "")
    assert words in said
    assert (place / "shop.yaml").read_text(encoding="utf-8") == WITH_COUNTS
    counted = "would be" in words
    assert run(*options)[0] == (0 if counted else 2)
    assert run(*options, "--update", "--force")[0] == (0 if counted else 2)


@pytest.mark.parametrize("lines", [pytest.param("\n", marks=weekly), "\r\n"])
def test_update_leaves_a_file_alone_whose_figures_are_the_same(lines: str, place: Path) -> None:
    path = place / "shop.yaml"
    path.write_bytes((FUNNEL + "---\n" + FUNNEL).replace("\n", lines).encode())
    assert run("measure", "shop.yaml", "--from", "events.csv", "--update")[0] == 0
    path.write_bytes(path.read_bytes().replace(b"count: 3", b"count:   3   # as seen"))  # no format of ours
    os.utime(path, (1, 1))
    before = path.read_bytes()
    with (place / "events.csv").open("a", encoding="utf-8") as stream:
        stream.write("3,2026-10-05 11:00:00,scroll,SEO\n")  # an event of no stage moves the last time
    code, out, said = run("measure", "shop.yaml", "--from", "events.csv", "--update")
    assert (code, out) == (0, "")
    assert "shop.yaml stays as it is: no count changed" in said
    assert (path.read_bytes(), path.stat().st_mtime) == (before, 1)
    with (place / "events.csv").open("a", encoding="utf-8") as stream:
        stream.write("4,2026-10-05 11:00:00,visit,SEO\n")
    assert run("measure", "shop.yaml", "--from", "events.csv", "--update")[0] == 0
    assert counts(path.read_text(encoding="utf-8").split("---\n")[0]) == [4, 1]


def test_an_end_that_is_another_now_is_written_though_no_count_changed(place: Path) -> None:
    """Who waits is expected to come by half, as one of two did after 6 hours; not any more when 8 are over."""
    path = place / "shop.yaml"
    path.write_text(FUNNEL, encoding="utf-8")
    assert run("measure", "shop.yaml", "--from", "events.csv", "--update")[0] == 0
    assert "Paid: {conversion: 0.5," in path.read_text(encoding="utf-8")
    with (place / "events.csv").open("a", encoding="utf-8") as stream:
        stream.write("3,2026-10-05 18:00:00,scroll,SEO\n")
    assert run("measure", "shop.yaml", "--from", "events.csv", "--update")[0] == 0
    (shown,) = json.loads(run("show", "shop.yaml", "--format", "json")[1])["funnels"]
    assert shown["conversion_eventual"] == pytest.approx(1 / 3)


def test_what_is_mature_now_is_written_though_no_count_changed(place: Path) -> None:
    path = place / "shop.yaml"
    path.write_text(FUNNEL.replace("1 day,", "1 day, period: day,"), encoding="utf-8")
    assert run("measure", "shop.yaml", "--from", "events.csv", "--update")[0] == 0
    assert "not_mature: [2026-10-05]" in path.read_text(encoding="utf-8").replace('"', "")
    with (place / "events.csv").open("a", encoding="utf-8") as stream:
        stream.write("3,2026-10-09 11:00:00,scroll,SEO\n")
    assert run("measure", "shop.yaml", "--from", "events.csv", "--update")[0] == 0
    assert "not_mature" not in path.read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_a_file_that_is_read_only_is_not_written_and_no_other_is(place: Path) -> None:
    (place / "free.yaml").write_text(FUNNEL, encoding="utf-8")
    (place / "shop.yaml").chmod(0o444)
    code, out, said = run("measure", "free.yaml", "shop.yaml", "--from", "events.csv", "--update")
    assert (code, out) == (2, "")
    assert "cannot write shop.yaml: it is read-only" in said
    for name in ("free.yaml", "shop.yaml"):
        assert (place / name).read_text(encoding="utf-8") == FUNNEL
    assert sorted(each.name for each in place.iterdir() if each.name.startswith(".")) == []


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
@pytest.mark.parametrize(
    ("arguments", "name", "summary"),
    [
        (["show", "sums.yaml", "-o", "old.json", "--force"], "old.json", ""),
        (["report", "sums.yaml", "-o", "old.html", "--force"], "old.html", ""),
        pytest.param(["report", "sums.yaml", "-o", "old.svg", "--force"], "old.svg", "", marks=weekly),
        (["measure", "shop.yaml", "--from", "events.csv", "-o", "old.yaml", "--force"], "old.yaml", ""),
        (["check", "sums.yaml", "-o", "old.xml", "--format", "junit", "--force"], "old.xml", ""),
        (["check", "sums.yaml"], "summary.md", "summary.md"),
        (["init", "--stage", "A=5", "--stage", "B=2", "-o", "old.yaml", "--force"], "old.yaml", ""),
    ],
)
def test_every_writer_leaves_a_file_alone_that_is_read_only(
    arguments: list[str], name: str, summary: str, place: Path
) -> None:
    (place / "sums.yaml").write_text("stages: {A: 5, B: 2}\n", encoding="utf-8")
    (place / name).write_bytes(b"old")
    (place / name).chmod(0o444)
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": summary} if summary else {}
    code, _, said = run(*arguments, **environment)
    assert code == 2, said
    assert f"cannot write {name}: it is read-only" in said
    assert (place / name).read_bytes() == b"old"


def test_several_files_are_read_together(place: Path) -> None:
    (place / "more.csv").write_text("user,time,event\n4,2026-10-01 10:00:00,visit\n", encoding="utf-8")
    code, out, _ = run("measure", "shop.yaml", "--from", "events.csv", "--from", "more.csv")
    assert (code, counts(out)) == (0, [4, 1])


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_named_pipe_is_read_once(place: Path) -> None:
    os.mkfifo("pipe")
    process = subprocess.Popen(
        [sys.executable, "-m", "funnelcli", "measure", "shop.yaml", "--from", "pipe"], stdout=subprocess.PIPE
    )
    (place / "pipe").write_bytes(EVENTS.encode())
    out, _ = process.communicate(timeout=30)
    assert counts(out.decode()) == [3, 1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "events.csv", "--decimal", ","], "funnelcli import TABLE.csv --decimal ,"),
        (["--counts", "t 1.csv"], "funnelcli import 't 1.csv'"),
        (["--counts", "t.csv", "--update"], "funnelcli import t.csv --update shop.yaml"),
        (["--counts", "t.csv", "--label", "Day", "--empty-as-zero"], "import t.csv --label Day --empty-as-zero"),
        (["--layout", "wide"], "funnelcli import TABLE.csv --layout wide"),
        (["--from", "events.csv", "--table", "events"], '"events.csv" has no tables'),
        (["--from", "events.csv", "--update", "-o", "x.yaml"], "--update writes into the funnel file"),
        (["--from", "events.csv", "-o", "x.xlsx"], ".xlsx is no format of this command"),
        (["--from", "sqlite:///shop.db"], "sqlite is a file, not a server"),
        (["--from", "events.csv", "--memory", "much"], "it is no amount of memory"),
        (["--from", "events.csv", "--memory", "1MB"], "it is less than 256MB"),
        (["--from", "postgres://h/db", "--memory", "2GB"], "a database has limits of its own"),
        (["--from", "events.csv", "events.csv"], "put a pattern of files in quotes: --from '*.csv'"),
        (["--from", "duckdb://shop.duckdb"], "duckdb is a file, not a server"),
        (["--from", "gs://bucket/events.parquet"], "gs is no database"),
        (["--from", "."], "cannot read ."),  # of which the Parquet files are read, and one is broken
        (["--from", "ev*.csv", "-o", "events.csv", "--force"], "events.csv is read by this command"),
        (["--from", "events.csv", "--from", "-"], "standard input is read alone"),
    ],
)
def test_what_does_not_go_together_is_said(arguments: list[str], words: str, place: Path) -> None:
    before = {path: path.read_bytes() for path in place.iterdir()}
    code, out, said = run("measure", "shop.yaml", *arguments)
    assert (code, out) == (2, "")
    assert words in " ".join(said.split())
    assert {path: path.read_bytes() for path in place.iterdir()} == before


@pytest.mark.parametrize(
    "data",
    [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x01", gzip.compress(EVENTS.encode(), mtime=0)[:-20]],
    ids=["no data", "cut off"],
)
def test_a_broken_stream_is_said_to_be_one(data: bytes, place: Path) -> None:
    code, out, said = run("measure", "shop.yaml", "--from", "-", stdin=data)
    assert (code, out) == (2, "")
    assert "cannot read -" in said


@pytest.mark.parametrize("url", ["postgres:/bob:s3cretpw@h/db", "postgres://bob:s3cretpw/part@127.0.0.1:1/db?x=1"])
def test_secrets_of_a_url_that_is_not_one_are_not_shown(url: str, place: Path) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    code, out, said = run("measure", "shop.yaml", "--from", url)
    assert (code, out) == (2, "")
    assert "s3cretpw" not in said
    assert "part" not in said


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_interrupting_again_is_interrupting(place: Path, many: Path) -> None:
    process = counting_for(0.3, many)
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    out, said = process.communicate(timeout=20)
    assert (process.returncode, out, said) == (130, b"", b"")


@pytest.mark.parametrize(
    ("milliseconds", "days"),
    [  # days of 86,400 s, by hand
        (1, "0.0000000116"),
        pytest.param(3_500, "0.0000405", marks=weekly),
        (30_000, "0.000347"),
        pytest.param(3_600_000, "0.0417", marks=weekly),
        (69_000_123, "0.7986"),
    ],
)
def test_what_took_time_is_never_0_days(place: Path, milliseconds: int, days: str) -> None:
    seconds, fraction = divmod(milliseconds, 1000)
    paid = f"2026-10-01 {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:03}"
    events = f"user,time,event\na,2026-10-01 00:00:00,visit\nb,2026-10-01 00:00:00,visit\na,{paid},paid\n"
    (place / "fast.csv").write_text(events, encoding="utf-8")
    code, out, _ = run("measure", "shop.yaml", "--from", "fast.csv")
    assert code == 0
    assert f"    days: {days}\n" in out
    (funnel,) = read(out.encode(), "test.yaml").funnels
    mean, own = Fraction(milliseconds, 86_400_000), funnel.stages[1].days  # as it was measured, to the second
    assert own == mean or (milliseconds > 1_000_000 and abs((own or 0) - mean) * 86400 <= Fraction(1, 2))


SEVERAL = EVENTS + "1,2026-10-03 10:00:00,visit,SEO\n4,2099-01-01,visit,Ads\n"


def test_what_segments_add_up_to_beyond_the_stages_is_said_everywhere(place: Path) -> None:
    """Unit 1 has entries in both channels: of four units, five are counted."""
    (place / "events.csv").write_text(SEVERAL, encoding="utf-8")
    path = place / "shop.yaml"
    path.write_text(FUNNEL.replace("1 day,", "1 day, breakdowns: {channel: channel},"), encoding="utf-8")
    code, _, said = run("measure", "shop.yaml", "--from", "events.csv", "--update")
    assert code == 0
    assert '"channel" adds up to 1 more than "Visit": who entered in several of them counts in each' in said
    (funnel,) = read(path.read_bytes(), "shop.yaml").funnels
    assert funnel.measured is not None
    assert funnel.measured.counted_again == (("channel", (1, 0)),)
    assert run("check", "shop.yaml", "--strict")[0] == 0
    code, out, _ = run("show", "shop.yaml", "--by", "channel")
    assert ["Total", "4", "1", "100.0%"] in [line.split()[:4] for line in out.splitlines()]
    assert "The segments add up to more than the total: 1 at Visit. Who entered in several" in out
    edited = path.read_text(encoding="utf-8").replace("Ads: [2, 1]", "Ads: [1, 1]")
    path.write_text(edited.replace("SEO: [3, 0]", "SEO: [5, 0]"), encoding="utf-8")
    code, out, said = run("check", "shop.yaml")
    assert '"channel" adds up to 6 at "Visit", and the stage has 4: more by 2' in out + said


def test_periods_that_are_not_mature_are_said_wherever_they_are_shown(place: Path) -> None:
    """The last event is of 2026-10-09: entries of that day may still go on."""
    (place / "events.csv").write_text(EVENTS + "5,2026-10-09 10:00:00,visit,SEO\n", encoding="utf-8")
    path = place / "shop.yaml"
    path.write_text(FUNNEL.replace("1 day,", "1 day, period: day,"), encoding="utf-8")
    assert run("measure", "shop.yaml", "--from", "events.csv", "--update")[0] == 0
    (funnel,) = read(path.read_bytes(), "shop.yaml").funnels
    assert funnel.measured is not None
    assert funnel.measured.not_mature == ("2026-10-09",)
    for command, words in (("show", "Not mature"), ("compare", "Left out")):
        shown = run(command, "shop.yaml", "--by", "period")[1]
        assert f"{words}, as the window is still open: 2026-10-09" in shown
    assert "; of those who came so far" in run("show", "shop.yaml")[1]
    data = json.loads(run("show", "shop.yaml", "--by", "period", "--format", "json")[1])["funnels"][0]
    assert data["not_mature"] == ["2026-10-09"]


def test_a_few_open_periods_are_named_and_many_by_the_first_and_the_last(place: Path) -> None:
    rows = "".join(f"9{day},2026-10-{day:02} 10:00:00,visit,SEO\n" for day in range(6, 10))
    (place / "events.csv").write_text(EVENTS + rows, encoding="utf-8")
    for window, named in (("2 days", "2026-10-07, 2026-10-08 and 2026-10-09"), ("4 days", "2026-10-05 to 2026-10-09")):
        (place / "shop.yaml").write_text(FUNNEL.replace("1 day,", f"{window}, period: day,"), encoding="utf-8")
        _, out, said = run("measure", "shop.yaml", "--from", "events.csv", "--format", "table")
        assert f"not mature, as the window is still open: {named} (" in said
        assert f"Not mature, as the window is still open: {named}." in out


def test_events_after_now_are_said(place: Path) -> None:
    (place / "events.csv").write_text(SEVERAL, encoding="utf-8")
    _, out, said = run("measure", "shop.yaml", "--from", "events.csv")
    assert "1 event is dated after now, up to 2099-01-01T00:00:00Z, and not taken for the last event" in said
    shown = run("measure", "shop.yaml", "--from", "events.csv", "--format", "table")[1]
    assert "counted, though dated after now: 1." in " ".join(shown.split())
    (funnel,) = read(out.encode(), "shop.yaml").funnels
    assert funnel.measured is not None
    assert (funnel.measured.until, funnel.measured.after_now) == ("2026-10-05T10:00:00Z", 1)


UNCOUNTED = FUNNEL.replace("name: Shop  # on the web", "name: New").replace(
    "scenarios:\n  Better", "checks: [conversion@Paid >= 5%]\nscenarios:\n  Better"
)


@pytest.mark.parametrize(
    ("key", "note"),
    [
        ("same: [channel]", "1 event has no value in a column that same names, and counts at no stage"),
        (
            "entry: each",
            "each entry counts for itself, also those of one user: these go alike, so that true ranges are wider",
        ),
    ],
)
def test_what_changes_what_is_counted_is_said(key: str, note: str, place: Path) -> None:
    (place / "log.csv").write_text(EVENTS + "4,2026-10-05 10:00:00,visit,\n4,2026-10-05 11:00:00,visit,SEO\n")
    (place / "keyed.yaml").write_text(FUNNEL.replace("window: 1 day", f"window: 1 day, {key}"), encoding="utf-8")
    code, _, err = run("measure", str(place / "keyed.yaml"), "--from", str(place / "log.csv"))
    assert code == 0
    assert note in err


def test_a_definition_that_is_not_measured_yet_is_sound_and_hides_no_other(place: Path) -> None:
    """`check` accepts it and leaves its limit undecided; the other funnel of the file is measured and shown alone."""
    (place / "new.yaml").write_text(UNCOUNTED, encoding="utf-8")
    code, _, said = run("check", "new.yaml")
    out = run("check", "new.yaml")[1]
    assert code == 0, said
    assert "warning[FN315] not measured yet, so that its limit is undecided" in out + said
    (place / "both.yaml").write_text(f"{UNCOUNTED}---\nname: Calls\nstages: {{Called: 10, Met: 2}}\n", encoding="utf-8")
    code, out, _ = run("show", "both.yaml", "--funnel", "Calls", "--format", "json")
    assert (code, [each["name"] for each in json.loads(out)["funnels"]]) == (0, ["Calls"])
    (place / "both.yaml").write_text(f"{UNCOUNTED}---\n{FUNNEL}", encoding="utf-8")
    code, out, said = run("measure", "both.yaml", "--funnel", "Shop", "--from", "events.csv")
    assert (code, counts(out)) == (0, [3, 1]), said
    assert run("measure", "both.yaml", "--funnel", "Shop", "--from", "events.csv", "--update")[0] == 0
    assert [each.name for each in read((place / "both.yaml").read_bytes(), "both.yaml").funnels] == ["Shop"]


CHANNELS = """\
user,time,event,channel,id
1,2026-10-01 10:00:00,visit,Ads,1
1,2026-10-01 10:00:00,visit,Ads,1
1,2026-10-01 16:00:00,paid,Ads,2
2,2026-10-01 10:00:00,visit,SEO,3
2,2026-10-02 09:00:00,visit,Ads,4
3,2026-10-06 10:00:00,visit,SEO,5
,2026-10-06 10:00:00,visit,SEO,6
"""


def test_every_format_carries_what_was_measured(place: Path) -> None:
    """Three units, of whom the second came twice by two channels; the week of the last day is still open."""
    text = FUNNEL.replace("table: events", "id: id, order: strict, period: week, breakdowns: {channel: channel}")
    (place / "by.yaml").write_text(text, encoding="utf-8")
    (place / "log.csv").write_text(CHANNELS, encoding="utf-8")

    def written(report: str) -> str:
        code, out, _ = run("measure", "by.yaml", "--from", "log.csv", "--format", report)
        assert code == 0
        return out

    (funnel,) = json.loads(written("json"))["funnels"]
    noted = funnel["measured"]
    assert [(stage["days"], stage["median_days"]) for stage in funnel["stages"]] == [(None, None), (0.25, 0.25)]
    found = {
        key: noted[key] for key in ("source", "events", "units", "without_unit", "duplicates", "until", "not_mature")
    }
    assert found == {
        "source": "log.csv", "events": 7, "units": 3, "without_unit": 1, "duplicates": 1,
        "until": "2026-10-06T10:00:00Z", "not_mature": ["2026-W41"],
    }  # fmt: skip
    by = {each["dimension"]: {row["name"]: row["counts"] for row in each["segments"]} for each in noted["breakdowns"]}
    assert by == {"period": {"2026-W40": [2, 1], "2026-W41": [1, 0]}, "channel": {"Ads": [2, 1], "SEO": [2, 0]}}
    rows = list(csv.DictReader(written("csv").splitlines()))
    assert {(row["dimension"], row["segment"], row["stage"]): row["count"] for row in rows} == {
        (dimension, segment, stage): str(count)
        for dimension, segments in (("", {"": [3, 1]}), *by.items())
        for segment, counts in segments.items()
        for stage, count in zip(("Visit", "Paid"), counts, strict=True)
    }
    assert {(row["events"], row["duplicates"], row["not_mature"]) for row in rows} == {("7", "1", "2026-W41")}
    assert [row["median_days"] for row in rows[:2]] == ["", "0.25"]
    for report in ("table", "markdown"):
        out = written(report)
        for said in ("6 h", "Ads", "2026-W40", "7 events, 3 entered", "1 that came again", "1 without a unit"):
            assert said in out, (report, said)
        assert "Not mature, as the window is still open: 2026-W41." in out


THREE_HOURS = """\
user,time,event,channel
1,2026-10-01 10:00:00,visit,Ads
1,2026-10-01 11:00:00,paid,Ads
2,2026-10-01 10:00:00,visit,SEO
2,2026-10-01 12:00:00,paid,SEO
3,2026-10-01 10:00:00,visit,SEO
3,2026-10-01 16:00:00,paid,SEO
4,2026-10-01 10:00:00,visit,SEO
"""


def test_how_long_they_took_is_told_everywhere(place: Path) -> None:
    """Units pay after 1, 2 and 6 hours: the median is 2, and 90% lies four fifths of the way from 2 to 6; by hand."""
    text = FUNNEL.replace("table: events", "breakdowns: {channel: channel}, period: day")
    (place / "shop.yaml").write_text(text, encoding="utf-8")
    (place / "hours.csv").write_text(THREE_HOURS, encoding="utf-8")
    assert run("measure", "shop.yaml", "--from", "hours.csv", "--update")[0] == 0
    assert "    days: {median: 0.0833, p90: 0.2167}\n" in (place / "shop.yaml").read_text(encoding="utf-8")
    (funnel,) = json.loads(run("show", "shop.yaml", "--format", "json")[1])["funnels"]

    def time(mean: float, quantiles: list[float], bins: list[list[int]]) -> dict[str, object]:
        named = zip(("p25", "p50", "p75", "p90"), quantiles, strict=True)
        told = [dict(zip(("from", "to", "units"), each, strict=True)) for each in bins]
        return {"mean": mean, **dict(named), "unit": "seconds", "histogram": told}

    of_all = time(10800, [5400, 7200, 14400, 18720], [[1800, 3600, 1], [3600, 7200, 1], [7200, 21600, 1]])
    assert funnel["stages"][0]["time"] is None
    assert funnel["stages"][1]["time"] == funnel["time"] == of_all
    assert [funnel["stages"][1][key] for key in ("days", "median_days", "p90_days")] == [0.125, 2 / 24, 5.2 / 24]
    of_seo = time(14400, [10800, 14400, 18000, 20160], [[3600, 7200, 1], [7200, 21600, 1]])
    (report,) = json.loads(run("show", "shop.yaml", "--by", "channel", "--format", "json")[1])["funnels"]
    assert {row["name"]: row["time"]["p50"] for row in report["segments"]} == {"SEO": 14400, "Ads": 3600}
    assert report["segments"][0]["times"] == [None, of_seo]
    assert report["total"]["time"] == of_all
    (alone,) = json.loads(run("show", "shop.yaml", "--segment", "channel=SEO", "--format", "json")[1])["funnels"]
    assert (alone["time"], alone["stages"][1]["days"]) == (of_seo, 4 / 24)
    (whole,) = json.loads(run("measure", "shop.yaml", "--from", "hours.csv", "--format", "json")[1])["funnels"]
    parts = {each["dimension"]: each["segments"] for each in whole["measured"]["breakdowns"]}
    assert [row["time"] for row in parts["period"]] == [of_all]
    assert [row["times"][1]["p50"] for row in parts["channel"]] == [14400, 3600]
    shown = run("show", "shop.yaml")[1]
    assert "Time, to Paid     half within 2 h, 90% within 5.2 h; mean 3 h" in shown
    assert re.search(r"^Paid .* 3 h +2 h +5\.2 h$", run("show", "shop.yaml", "--full")[1], re.MULTILINE)
    by = run("show", "shop.yaml", "--by", "channel")[1]
    assert re.search(r"Median time", by)
    assert re.search(r"^SEO .* 4 h\b", by, re.MULTILINE)
    rows = list(csv.DictReader(run("show", "shop.yaml", "--by", "channel", "--format", "csv")[1].splitlines()))
    assert [row["p90_days"] for row in rows if row["segment"] == "Ads"] == ["", str(1 / 24)]
    assert run("measure", "shop.yaml", "--from", "hours.csv", "--update")[2].endswith(
        "stays as it is: no count changed\n"
    )


CELLS = """\
cells:
  - {channel: Ads, manager: Ann, counts: [1, 1]}
  - {channel: SEO, manager: Ann, counts: [2, 0]}
"""


def test_cells_are_not_counted_and_that_is_said(place: Path) -> None:
    (place / "shop.yaml").write_text(FUNNEL + CELLS, encoding="utf-8")
    code, out, err = run("measure", "shop.yaml", "--from", "events.csv")
    assert (code, counts(out), out.endswith(CELLS)) == (0, [3, 1], False)
    assert CELLS in out
    assert 'note: the cells of "Shop" are not counted here, and stay as they are' in err


def test_cells_do_not_take_the_place_of_what_is_counted(place: Path) -> None:
    measured = FUNNEL.replace("table: events", "table: events, breakdowns: {channel: channel}")
    (place / "shop.yaml").write_text(measured + CELLS, encoding="utf-8")
    code, out, err = run("measure", "shop.yaml", "--from", "events.csv")
    assert (code, out) == (2, "")
    assert "take the cells out of the file" in err


def of_sql(tmp_path: Path, *options: str, funnel: str = FUNNEL) -> tuple[int, str, str]:
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
    (tmp_path / "funnel.yaml").write_text(funnel, encoding="utf-8")
    return run("measure", str(tmp_path / "funnel.yaml"), *options)


def test_sql_is_written_and_gives_the_counts(tmp_path: Path) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    target = tmp_path / "funnel.sql"
    source = ("--from", str(tmp_path / "events.csv"))
    code, out, err = of_sql(tmp_path, "--sql", *source, "-o", str(target))
    assert (code, out, err.count("\n")) == (0, "", 1)
    text = target.read_text(encoding="utf-8")
    assert text.startswith("-- Funnel: Shop\n")
    assert text.endswith(";\n")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.execute(text).fetchall()
    assert [(row[4], row[5]) for row in rows] == [("Visit", 3), ("Paid", 1), ("(whole way)", 1)]
    code, out, err = of_sql(tmp_path, "--sql", *source)
    assert (code, out.encode(), err) == (0, target.read_bytes(), "")
    code, out, err = of_sql(tmp_path, "--sql", *source, "-o", str(target))
    assert (code, out) == (2, "")
    assert "exists" in err


def test_sql_connects_to_nothing_where_it_need_not(tmp_path: Path) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    code, out, err = of_sql(tmp_path, "--sql", "--dialect", "BigQuery", "--table", "shop.web.events")
    assert (code, err) == (0, "")
    assert "FROM `shop`.`web`.`events`" in out
    assert "--   user: values that can be compared\n--   time: timestamps\n--   event: text\n" in out
    assert "--dialect bigquery" in out


def test_sql_of_several_funnels_is_a_query_each(tmp_path: Path) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    code, out, _ = of_sql(tmp_path, "--sql", funnel=f"{FUNNEL}---\n{FUNNEL.replace('Shop', 'Other')}")
    assert code == 0
    assert [line for line in out.splitlines() if line.startswith("-- Funnel")] == [
        "-- Funnel: Shop",
        "-- Funnel: Other",
    ]
    assert out.count(";\n") == 2


@pytest.mark.parametrize(
    ("options", "said", "help_"),
    [
        (("--sql", "--update"), "without --update", ""),
        (("--sql", "--dropped-at", "Paid"), "without --dropped-at", ""),
        (("--dialect", "duckdb"), "--sql or --dbt writes", ""),
        (("--sql", "--dialect", "bigquerry"), 'in the words of "bigquerry"', 'did you mean "bigquery"?'),
        (("--sql", "--dialect", "mssql"), 'in the words of "mssql"', 'known here: "duckdb"'),
        (("--sql", "--dialect", "oracle"), 'in the words of "oracle"', 'known here: "duckdb"'),
        (("--sql", "--dialect", ""), "--dialect: it is empty", ""),
        (("--dbt", ""), "--dbt: it is empty", ""),
        (("--reached", "Paid", "--dialect", "duckdb"), "--dialect: give it without", ""),
        (("--sql", "--dialect", "redshift"), "redshift does not run", "duckdb or athena"),
        (("--sql", "--from", "-"), "standard input has no name", "name a file"),
        (("--sql", "--mature-only"), "counts all entries", "--between"),
        (("--sql", "--format", "json"), "no report", "leave out --format"),
        (("--sql", "--memory", "2GB"), "nothing is counted", "--memory"),
    ],
)
def test_what_does_not_go_with_sql_is_refused(options: tuple[str, ...], said: str, help_: str, tmp_path: Path) -> None:
    pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")
    code, out, err = of_sql(tmp_path, *options)
    assert (code, out) == (2, "")
    assert said in " ".join(err.replace("│", " ").split())
    assert help_ in err


@pytest.mark.parametrize("format_name", ["csv", pytest.param("parquet", marks=weekly)])
def test_what_mature_only_leaves_out_is_said_and_kept(format_name: str, place: Path) -> None:
    """Of four days, until 10 o'clock of the last one; one unit entered on the first day and again on the last."""
    events = f"{EVENTS}1,2026-10-05 09:00:00,visit,Ads\n4,2026-10-04 12:00:00,visit,Ads\n"
    (place / "events.csv").write_text(events, encoding="utf-8")
    if format_name == "parquet":
        with duckdb.connect() as connection:
            connection.execute("COPY (FROM 'events.csv') TO 'events.parquet' (FORMAT parquet)")
    ask = ("measure", "shop.yaml", "--from", f"events.{format_name}", "--mature-only")
    for period, periods, moment in (
        ("", "entries after 2026-10-04T10:00:00Z", "after 2026-10-04T10:00:00Z"),
        ("period: day, ", "2026-10-04 to 2026-10-05", "from 2026-10-04T00:00:00Z on"),
    ):
        (place / "shop.yaml").write_text(FUNNEL.replace("table:", f"{period}table:"), encoding="utf-8")
        _, text, said = run(*ask)
        (place / "mature.yaml").write_text(text, encoding="utf-8")
        assert f"--mature-only leaves out {periods}, as the window is still open: 3 entered then" in said
        left = f"not counted: entries {moment} of 3 who entered then, by --mature-only."
        assert f", 2 entered, until 2026-10-05T10:00:00Z; {left}" in run("show", "mature.yaml")[1]
        assert f"are over, as --mature-only left out those {moment}" in run("forecast", "mature.yaml")[2]
    _, text, said = run(*ask, "--between", "2026-10-01", "2026-10-03")
    assert (said, "mature_before" in text, "open_units" in text) == ("", False, False)


def test_an_interval_without_an_entry_leaves_no_segment_of_before(place: Path) -> None:
    """What was counted of another interval is gone, but for what somebody spent there."""
    (place / "events.csv").write_text(EVENTS, encoding="utf-8")
    path = place / "shop.yaml"
    more = "1 day, period: month, breakdowns: {channel: channel, source: channel},"
    path.write_text(FUNNEL.replace("1 day,", more), encoding="utf-8")
    assert run("measure", "shop.yaml", "--from", "events.csv", "--update")[0] == 0
    text = path.read_text(encoding="utf-8")
    assert "Ads: [1, 1]" in text
    path.write_text(text.replace("Ads: [1, 1]", "Ads: {counts: [1, 1], budget: 5}", 1), encoding="utf-8")
    code, out, said = run("measure", "shop.yaml", "--from", "events.csv", "--mature-only")
    assert (code, out) == (2, "")
    assert "by the last event, 2026-10-05T10:00:00Z, in every month the window of some entry is still open" in said
    code, out, said = run(
        "measure", "shop.yaml", "--from", "events.csv", "--between", "2026-10-05T09:58", "2026-10-05T09:59"
    )
    assert code == 0
    assert "no event reaches the first stage" in said
    reading = read(out.encode(), "shop.yaml")
    (funnel,) = reading.funnels
    assert "FN301" not in {each.problem.code for each in reading.diagnostics}
    (channel,) = funnel.breakdowns
    assert [(each.name, each.counts, each.budget) for each in channel.segments] == [("Ads", (0, 0), 5)]


def test_a_key_of_a_text_is_no_column(place: Path) -> None:
    (place / "events.csv").write_text(EVENTS, encoding="utf-8")
    (place / "shop.yaml").write_text(FUNNEL.replace("{event: paid}", "{event.name: paid}"), encoding="utf-8")
    _, _, said = run("measure", "shop.yaml", "--from", "events.csv")
    assert 'error[FN120] no column "event.name" in events.csv, and what "event" holds is no JSON' in said


def test_a_folder_without_parquet_is_no_source(place: Path) -> None:
    (place / "logs").mkdir()
    (place / "logs" / "a.csv").write_text(EVENTS, encoding="utf-8")
    code, out, said = run("measure", "shop.yaml", "--from", "logs")
    assert (code, out) == (2, "")
    assert '"logs" is a folder' in said
    assert "--from 'logs/*.csv'" in said
    for day in (1, 2):
        (place / "logs" / f"{day}.csv.gz").write_bytes(gzip.compress(EVENTS.encode()))
    (place / "logs" / "read.me").write_text("", encoding="utf-8")
    assert "--from 'logs/*.csv.gz'" in run("measure", "shop.yaml", "--from", "logs")[2]
    alone = run("measure", "shop.yaml", "--from", "logs/*.csv.gz", "--format", "json")
    (place / "logs" / "3.csv.gz").write_bytes(gzip.compress(b""))
    assert run("measure", "shop.yaml", "--from", "logs/*.csv.gz", "--format", "json")[0] == alone[0] == 0


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("1,2026-10-01,paid\n2,2026-10-01,visit\n3,2026-10-02,visit\n", "is it a list with one row a deal and its"),
        ("1,2026-10-01,paid\n1,2026-10-02,visit\n2,2026-10-02,visit\n", '1 has "Paid" before "Visit": is the'),
        ("".join(f"{1 + each // 3},2026-10-0{1 + each % 3},visit\n" for each in range(9)) + "7,2026-10-01,paid\n",
         "nobody goes on from the first stage to the next\n"),
        ("1,2026-10-01,visit\n1,2026-10-02,other\n1,2026-10-03,other\n2,2026-10-02,paid\n",
         "nobody goes on from the first stage to the next\n"),
        ("1,2026-10-01,visit\n1,2026-10-02,paid\n", ""),
    ],
)  # fmt: skip
def test_why_nobody_takes_a_step_is_said_by_what_units_have(rows: str, said: str, place: Path) -> None:
    (place / "shop.yaml").write_text(FUNNEL, encoding="utf-8")
    (place / "events.csv").write_text(f"user,time,event\n{rows}", encoding="utf-8")
    code, _, notes = run("measure", "shop.yaml", "--from", "events.csv")
    assert (code, said in notes) == (0, True), notes
    assert ("nobody goes on" in notes or "turned round" in notes) == bool(said)
