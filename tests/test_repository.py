"""What lies beside the program for those who use the repository: workflows, forms, and the promise of security."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from funnelcli.cli.settings import NAMES
from funnelcli.cli.settings_file import settings_schema
from funnelcli.funnel_file.json_schema import json_schema
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

GITHUB = ROOT / ".github"
FILES = sorted(path for path in GITHUB.rglob("*.yml"))
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").glob("[0-9]*.yml"))
RELEASE: dict[str, Any] = yaml.safe_load((GITHUB / "workflows/release.yml").read_text(encoding="utf-8"))
INPUTS = {"markdown", "input", "textarea", "dropdown", "checkboxes"}
"""Kinds of elements of an issue form, as GitHub documents them."""


def steps(job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = RELEASE["jobs"][job]["steps"]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(GITHUB).as_posix())
def test_every_file_is_yaml_without_a_key_written_twice(path: Any) -> None:
    class Strict(yaml.SafeLoader):
        """Refuses what PyYAML lets pass."""

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), keys
        return yaml.SafeLoader.construct_mapping(loader, node)

    Strict.add_constructor("tag:yaml.org,2002:map", mapping)
    assert isinstance(yaml.load(path.read_text(encoding="utf-8"), Strict), dict)  # a safe loader of our own


# the release


def test_a_release_is_of_a_tag_that_the_changelog_knows() -> None:
    assert RELEASE[True] == {"push": {"tags": ["v*"]}}  # YAML 1.1 reads the key `on` so
    run = [step.get("run", "") for step in steps("build")]
    (held,) = [index for index, text in enumerate(run) if 'python -m tests.release "$GITHUB_REF_NAME"' in text]
    (built,) = [index for index, text in enumerate(run) if "python -m build" in text]
    assert held < built


def test_a_release_is_built_then_published_without_a_password_and_attested() -> None:
    jobs = RELEASE["jobs"]
    assert [jobs[name].get("needs") for name in ("build", "publish", "announce")] == [None, "build", "publish"]
    used = [step["uses"].partition("@")[0] for step in steps("publish") if "uses" in step]
    assert used.index("actions/attest-build-provenance") < used.index("pypa/gh-action-pypi-publish")
    assert jobs["publish"]["environment"]["name"] == "pypi"
    assert "password" not in str(steps("publish"))
    assert "secrets." not in str(RELEASE)


def test_every_job_of_a_release_has_the_rights_that_it_needs_and_no_more() -> None:
    assert RELEASE["permissions"] == {}
    assert {name: job["permissions"] for name, job in RELEASE["jobs"].items()} == {
        "build": {"contents": "read"},
        "publish": {"id-token": "write", "attestations": "write"},
        "announce": {"contents": "write"},
    }
    assert all(job["timeout-minutes"] <= 15 for job in RELEASE["jobs"].values())


def test_actions_of_a_release_are_pinned_to_commits_whose_version_stands_beside() -> None:
    text = (GITHUB / "workflows/release.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: (.*)", text)
    assert len(used) > 5
    assert [each for each in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


def test_no_script_of_a_workflow_has_a_text_put_into_it_that_others_write() -> None:
    """A name of a branch, a title or a comment would run as a part of the script; variables do not."""
    others = re.compile(r"\$\{\{ *(?:github\.event\.[a-z_]+\.|github\.head_ref|inputs\.)")
    scripts = [script for path in FILES for script in runs(yaml.safe_load(path.read_text(encoding="utf-8")))]
    assert len(scripts) > 5
    assert [script for script in scripts if others.search(script)] == []


def runs(part: Any) -> Iterator[str]:
    """Every script in a workflow or an action."""
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from runs(inner)
    if isinstance(part, dict) and isinstance(part.get("run"), str):
        yield part["run"]


# schemas


def test_the_entries_for_the_catalog_of_schemas_name_the_files_and_addresses() -> None:
    """By the rules of SchemaStore: no word `schema`, no full stop, no pattern that other programs' files have."""
    entries = json.loads((GITHUB / "schemastore.json").read_text(encoding="utf-8"))
    assert [each["url"] for each in entries] == [settings_schema()["$id"], json_schema()["$id"]]
    assert [each["name"] for each in entries] == sorted(each["name"] for each in entries)
    for entry in entries:
        assert entry.keys() == {"name", "description", "fileMatch", "url"}
        for text in (entry["name"], entry["description"]):
            assert "schema" not in text.lower()
            assert text[-1].isalnum()
        assert all("funnel" in pattern and "/" not in pattern for pattern in entry["fileMatch"])
    assert entries[0]["fileMatch"] == list(NAMES)
    assert entries[1]["fileMatch"] == ["*.funnel.yaml", "*.funnel.yml"]


def test_the_site_has_the_schemas_at_their_addresses() -> None:
    workflow = yaml.safe_load((GITHUB / "workflows/site.yml").read_text(encoding="utf-8"))
    lines = "\n".join(runs(workflow)).splitlines()
    for command, schema in (("schema", json_schema()), ("schema config", settings_schema())):
        path = schema["$id"].removeprefix("https://funnelcli.github.io/funnelcli/")
        assert f"funnelcli {command} -o made/site/{path}" in lines


# the forms


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_for_what_is_needed_to_answer(path: Any) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form.keys() <= {"name", "description", "title", "labels", "body"}
    assert form["name"]
    assert form["description"].endswith(".")
    elements = form["body"]
    assert {each["type"] for each in elements} <= INPUTS
    asked = [each for each in elements if each["type"] != "markdown"]
    names = [each["id"] for each in asked]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in names)
    assert all(each["attributes"]["label"] for each in asked)
    assert any(each.get("validations", {}).get("required") for each in asked)
    if "idea" not in path.stem:
        assert "version" in names


def test_there_is_a_form_for_a_figure_a_message_an_export_and_an_idea_and_no_empty_page() -> None:
    assert [path.stem for path in FORMS] == ["1-wrong-figure", "2-message", "3-export", "4-idea"]
    config = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE/config.yml").read_text(encoding="utf-8"))
    assert config["blank_issues_enabled"] is False
    assert all(each["url"].startswith("https://") and each["about"] for each in config["contact_links"])


def test_forms_name_the_newest_version() -> None:
    from funnelcli.docs.releases import releases

    for path in FORMS:
        found = re.findall(r"placeholder: funnelcli (\S+)", path.read_text(encoding="utf-8"))
        assert set(found) == ({releases()[0].version} if "idea" not in path.stem else set()), path


# the whole of the tests


def test_all_of_the_searches_run_each_week_where_the_checks_run_a_part() -> None:
    weekly = yaml.safe_load((GITHUB / "workflows/thorough.yml").read_text(encoding="utf-8"))
    assert len(weekly[True]["schedule"]) == 1
    assert any(script.endswith(" --thorough") for script in runs(weekly))
    checks = yaml.safe_load((GITHUB / "workflows/checks.yml").read_text(encoding="utf-8"))
    assert weekly["jobs"]["tests"]["services"] == checks["jobs"]["checks"]["services"]
