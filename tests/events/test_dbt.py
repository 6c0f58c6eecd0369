"""Models of dbt: `dbt build` passes and gives what `measure` counts, and no file of others is written over."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")
pytest.importorskip("ibis", reason="the extra `warehouse` is not installed")

from funnelcli.events.duckdb import engine as embedded  # noqa: E402
from funnelcli.events.result import EventCounts  # noqa: E402
from funnelcli.events.script import dbt  # noqa: E402
from funnelcli.events.sources import Files  # noqa: E402
from funnelcli.funnel_file.reader import read  # noqa: E402
from tests.cli.test_measure import run  # noqa: E402
from tests.events.test_script import case  # noqa: E402
from tests.events.test_warehouse import GROWING, MEASURES, SHARED, STAGES, defined  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = r"""name: "It's {{ x }} -- {% raw %} */ {# ü"
measure: {unit: unit, time: time, table: events, period: day, breakdowns: {"chan'nel {{ y }}": channel}}
stages:
  - {name: "It's {{ x }}", when: {event: [a, "{% set y %}", "{# z", "}}", "line\nof {{ x"]}}
  - {name: "B \"q\" -- \\", when: {event: b}}
"""
BUILT = [("ordered", STAGES), ("strict", SHARED), ("identity", GROWING), ("last", STAGES), ("shared", SHARED)]


def text_of(measure: str, stages: str, name: str) -> str:
    return f"name: {name}\nmeasure: {{table: events, unit: unit, time: time, {MEASURES[measure]}}}\nstages: {stages}\n"


@pytest.mark.slow
def test_dbt_builds_the_models_and_they_have_the_counts(log: Path, tmp_path: Path) -> None:
    program = shutil.which("dbt")
    if program is None:
        pytest.skip("dbt is not installed: pip install dbt-duckdb")
    project = tmp_path / "project"
    project.mkdir()
    made = f"create or replace table events as select * from read_csv('{log}')"
    (project / "dbt_project.yml").write_text(
        f'name: shop\nversion: "1.0"\nprofile: shop\nflags: {{send_anonymous_usage_stats: false}}\n'
        f"on-run-start: {json.dumps(made)}\n",
        encoding="utf-8",
    )
    target = {"type": "duckdb", "path": str(project / "shop.duckdb"), "settings": {"TimeZone": "UTC"}}
    (project / "profiles.yml").write_text(
        yaml.safe_dump({"shop": {"target": "dev", "outputs": {"dev": target}}}), encoding="utf-8"
    )
    texts = [text_of(measure, stages, f"Case {place}") for place, (measure, stages) in enumerate(BUILT)]
    (tmp_path / "funnels.yaml").write_text("---\n".join([*texts, HOSTILE]), encoding="utf-8")
    code, out, _ = run("measure", str(tmp_path / "funnels.yaml"), "--dbt", str(project))
    assert (code, out) == (0, "")

    def called(*words: str) -> str:
        done = subprocess.run(
            [program, *words, "--profiles-dir", str(project), "--project-dir", str(project)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "ERROR=0 SKIP=0" in called("--no-use-colors", "build")
    for place, (measure, stages) in enumerate(BUILT):
        query = f"select * from {{{{ ref('funnel_case_{place}') }}}}"
        shown = called("--quiet", "show", "--inline", query, "--limit", "1000", "--output", "json")
        rows = json.loads(shown[shown.index("{") :])["show"]
        found = embedded.measure(case(measure, stages), Files((str(log),), "csv", log.name), str(tmp_path))
        assert isinstance(found, EventCounts)
        expected = {("(all)", "(all)"): found.counts}
        for breakdown in found.breakdowns:
            expected |= {(breakdown.dimension, each.name): each.counts for each in breakdown.segments}
        got: dict[tuple[str, str], tuple[int, ...]] = {}
        for row in sorted(rows, key=lambda row: row["step"]):
            key = row["dimension"], row["segment"]
            got[key] = (*got.get(key, ()), row["count"])
        assert {key: counts[:-1] for key, counts in got.items()} == expected  # the last row is that of the whole way


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "funnel.yaml").write_text(HOSTILE, encoding="utf-8")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "dbt_project.yml").write_text("name: shop\n", encoding="utf-8")
    return tmp_path / "project"


def written(project: Path, *options: str) -> tuple[int, str, str]:
    return run("measure", str(project.parent / "funnel.yaml"), "--dbt", str(project), *options)


def files(project: Path) -> list[str]:
    return sorted(str(path.relative_to(project)) for path in project.rglob("*") if path.is_file())


NAME = "funnel_it_s_x_raw"


def test_the_files_of_a_model(project: Path) -> None:
    code, out, err = written(project)
    assert (code, out) == (0, "")
    assert err == f"funnelcli: 4 files written; to run them: dbt build --select {NAME}\n"
    assert files(project) == [
        "dbt_project.yml", f"models/{NAME}.sql", f"models/{NAME}.yml",
        f"tests/{NAME}_has_a_row_each.sql", f"tests/{NAME}_never_grows.sql",
    ]  # fmt: skip
    schema = yaml.safe_load((project / "models" / f"{NAME}.yml").read_text(encoding="utf-8"))
    (model,), (source,) = schema["models"], schema["sources"]
    text = (project / "models" / f"{NAME}.sql").read_text(encoding="utf-8")
    assert model["name"] == NAME
    assert f"FROM {{{{ source('{source['name']}', '{source['tables'][0]['name']}') }}}} AS" in text
    assert "ORDER BY\n  CASE" not in text
    with_tests = {each["name"]: each.get("data_tests", []) for each in model["columns"]}
    assert {"accepted_values": {"values": [1, 2, 3], "quote": False}} in with_tests["step"]
    assert with_tests["stage"] == ["not_null"]  # of names that are no simple texts, dbt would make no valid test


def test_what_it_wrote_it_writes_again_and_nothing_else(project: Path) -> None:
    assert written(project)[0] == 0
    assert written(project)[0] == 0
    foreign = project / "models" / f"{NAME}.yml"
    foreign.write_text("models: []\n", encoding="utf-8")
    query = project / "models" / f"{NAME}.sql"
    query.unlink()
    code, out, err = written(project)
    assert (code, out) == (2, "")
    assert f"{foreign} exists, and --dbt did not write it" in err
    assert "--force" in err
    assert foreign.read_text(encoding="utf-8") == "models: []\n"
    assert not query.exists()  # all of them or none
    assert written(project, "--force")[0] == 0
    assert NAME in foreign.read_text(encoding="utf-8")


def test_a_folder_that_is_no_project_is_said(tmp_path: Path, project: Path) -> None:
    (project / "dbt_project.yml").unlink()
    code, _, err = written(project)
    assert code == 0
    assert "has no dbt_project.yml" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sql",), "without --sql"),
        (("--update",), "without --update"),
        (("-o", "x.sql"), "--dbt writes into its folder"),
        (("--reached", "Paid"), "without --dropped-at"),
        (("--format", "json"), "no report"),
    ],
)
def test_what_does_not_go_with_dbt_is_refused(options: tuple[str, ...], said: str, project: Path) -> None:
    code, out, err = written(project, *options)
    assert (code, out) == (2, "")
    assert said in " ".join(err.replace("│", " ").split())
    assert files(project) == ["dbt_project.yml"]


def test_names_of_models_are_safe_and_different() -> None:
    titles = ["Web", "web!", "../../etc/passwd", "Ünï", "💶", "a" * 99, "select", "Web  2"]
    named = "---\n".join(f"name: {json.dumps(each, ensure_ascii=False)}\nstages: {{A: 2, B: 1}}\n" for each in titles)
    names = dbt.names(read(named.encode(), "t").funnels)
    assert names[0] == "funnel_web"
    assert len(set(names)) == len(names) == len(titles)
    assert all(each.isascii() and each.replace("_", "a").isalnum() and len(each) < 60 for each in names)


def test_a_file_is_read_by_the_query_itself(project: Path, log: Path) -> None:
    code, _, _ = written(project, "--from", str(log))
    assert code == 0
    assert "sources" not in yaml.safe_load((project / "models" / f"{NAME}.yml").read_text(encoding="utf-8"))
    assert str(log) in (project / "models" / f"{NAME}.sql").read_text(encoding="utf-8")
    assert defined(HOSTILE).table == "events"
