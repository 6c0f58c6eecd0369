"""A file of defaults to its settings, or to what is wrong with it, each at its place."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.cli.defaults import PROJECT, Default, Settings
from funnelcli.cli.warning_codes import codes_of
from funnelcli.diagnostics import Diagnostic, Location, Problem, did_you_mean, quoted
from funnelcli.funnel_file import scalars
from funnelcli.funnel_file.findings import diagnostics
from funnelcli.funnel_file.json_schema import ADDRESS, DRAFT
from funnelcli.funnel_file.yaml import syntax
from funnelcli.funnel_file.yaml.decoding import decode
from funnelcli.funnel_file.yaml.loaders import LOADER
from funnelcli.funnel_file.yaml.nodes import Finding, Mapping, Place, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.funnel_file.yaml.nodes import Mark, Node


SCHEMA = "config.schema.json"
"""What the schema of a file of defaults is called."""


class Setting(NamedTuple):
    """A setting: what holds where nobody sets it, what it means, an example, and how a text of it is judged.

    `judge` returns a `Problem` for a text that it refuses; `plain` is one that is not in quotes. `form` is its part of
    the JSON Schema.
    """

    default: str
    meaning: str
    example: str
    judge: Callable[[str, bool], object]
    form: dict[str, Any]


def _confidence(text: str, plain: bool) -> object:
    value = scalars.rate(text, plain)
    if isinstance(value, Problem) or 0 < value < 1:
        return value
    return Problem("FN109", f"a confidence of {text} is impossible", "write 80%, 90% or 95%")


def _colour(text: str, plain: bool) -> object:
    from funnelcli.output.report.look import look

    return look("auto", text)


_WORDS = {"color": ("auto", "always", "never"), "theme": ("auto", "light", "dark")}
SETTINGS: dict[str, Setting] = {
    "confidence": Setting(
        *("95%", "How sure the ranges of rates are meant to be.", "90%", _confidence),
        {"type": ["string", "number"], "pattern": r"^[0-9]*\.?[0-9]+%?$"},
    ),
    "currency": Setting(
        *("none", "The currency of funnels that name none.", "EUR", scalars.label),
        {"type": "string", "pattern": r"^\S(?:.*\S)?$"},
    ),
    "ignore": Setting(
        *(
            "none",
            "Codes of warnings that are not said; errors always are.",
            "[FN306]",
            lambda text, _: codes_of([text]),
        ),
        {"type": ["array", "string"], "items": {"type": "string", "pattern": "^[Ff][Nn][0-9]"}},
    ),
    "color": Setting(
        *("auto", "Colour on the screen.", "never", scalars.choice(_WORDS["color"])),
        {"enum": list(_WORDS["color"])},
    ),
    "theme": Setting(
        *("auto", "Whether pages and pictures are light or dark.", "light", scalars.choice(_WORDS["theme"])),
        {"enum": list(_WORDS["theme"])},
    ),
    "brand_color": Setting(
        *("#0b6e75", "The accent of pages and pictures.", '"#7a1fa2"', _colour),
        {"type": "string", "pattern": "^#?(?:[0-9A-Fa-f]{3}){1,2}$"},
    ),
}
"""Every setting by its key; those that are defaults of an option have the name of its parameter."""
OTHER_NAMES = {"colour": "color", "brand_colour": "brand_color", "brand-color": "brand_color"}
"""Keys that are other names of keys."""


def settings_schema() -> dict[str, Any]:
    """The JSON Schema (draft 07) of a file of defaults."""
    properties = {
        key: {"description": setting.meaning, "default": setting.default, **setting.form}
        for key, setting in SETTINGS.items()
    }
    for key in properties.keys() & {"currency", "ignore"}:
        del properties[key]["default"]  # there is none
    others = {other: {"description": f"The same as {key}"} | SETTINGS[key].form for other, key in OTHER_NAMES.items()}
    return {
        "$schema": DRAFT,
        "$id": f"{ADDRESS}{SCHEMA}",
        "title": "funnelcli defaults",
        "description": "Defaults of a project or a person for funnelcli\n"
        "https://funnelcli.github.io/funnelcli/reference/config/",
        "type": ["object", "null"],
        "properties": properties | others,
        "additionalProperties": False,
    }


class _Entry(NamedTuple):
    """A key with its value: `value` is text, a list of texts, or `None` for what is neither."""

    key: str
    key_at: tuple[Mark, Mark]
    value: str | list[str] | None
    value_at: tuple[Mark, Mark]
    plain: bool = True


def read(data: bytes, file: str) -> Settings:
    """The settings of a file, by its ending TOML or YAML; one without any, when its `file` is `None`."""
    text = decode(data, file)
    if isinstance(text, Finding):
        return Settings(file, {}, diagnostics([text], None, file, []))
    lines = text.split("\n")
    findings: list[Finding] = []
    is_toml = file.endswith(".toml")
    entries = _of_toml(text, lines, findings) if is_toml else _of_yaml(text, findings)
    if entries is None:
        return Settings()
    values: dict[str, Default] = {}
    for entry in entries:
        problem = _judge(entry, values)
        if problem is not None:
            about_key = problem.code in ("FN101", "FN108")
            findings.append(Finding(problem, *(entry.key_at if about_key else entry.value_at)))
    return Settings(file, values, diagnostics(findings, None, file, lines))


def _judge(entry: _Entry, values: dict[str, Default]) -> Problem | None:
    """Put the value of an entry among the others, or say what is wrong with it."""
    name = OTHER_NAMES.get(entry.key, entry.key)
    setting = SETTINGS.get(name)
    if setting is None:
        return Problem("FN101", f"unknown setting {quoted(entry.key)}", did_you_mean(entry.key, SETTINGS))
    if name in values:
        return Problem("FN108", f"{quoted(entry.key)} is set twice", "keep one of the two")
    texts = [entry.value] if isinstance(entry.value, str) else entry.value
    if texts is None or (isinstance(entry.value, list) and name != "ignore"):
        return Problem("FN103", f"{quoted(entry.key)} has another kind of value", f"write {name}: {setting.example}")
    if texts == [""] and entry.plain:
        return Problem("FN102", f"nothing is written for {quoted(entry.key)}", f"write {name}: {setting.example}")
    for text in texts:
        outcome = setting.judge(text, entry.plain)
        if isinstance(outcome, Problem):
            return outcome
    if name == "ignore":
        codes = codes_of(texts)
        texts = [] if isinstance(codes, Problem) else [*codes]
        if not texts:
            return None
    values[name] = Default(tuple(texts), entry.value_at[0].line + 1)
    return None


def _of_yaml(text: str, findings: list[Finding]) -> list[_Entry]:
    """Entries of a mapping; an empty file has none."""
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.split("\n")):
        return []
    first, *more = syntax.documents(text, LOADER)
    findings += first.findings
    if more:
        what = Problem("FN103", "defaults are one document", "keep one of them")
        findings.append(Finding(what, more[0].start_mark, more[0].start_mark))
    root = first.root
    if not isinstance(root, Mapping):
        if root is not None and not findings:
            what = Problem("FN103", "defaults are a mapping of keys", "write, for example, currency: EUR")
            findings.append(Finding.at(root, what))
        return []
    return [
        _Entry(key, _extent(node), _texts(value), _extent(value), not getattr(value, "style", None))
        for key, (node, value) in root.entries.items()
    ]


def _extent(node: Node) -> tuple[Mark, Mark]:
    return node.start_mark, node.end_mark


def _texts(node: Node) -> str | list[str] | None:
    if isinstance(node, Sequence):
        texts = [_texts(item) for item in node.items]
        return [text for text in texts if isinstance(text, str)] if all(isinstance(t, str) for t in texts) else None
    value: str | None = getattr(node, "value", None)
    return value


_TABLE_LINE = re.compile(r"\s*\[\s*tool\s*\.\s*funnelcli\s*\]")
_TOML_PLACE = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)")


def _of_toml(text: str, lines: list[str], findings: list[Finding]) -> list[_Entry] | None:
    """Entries of `[tool.funnelcli]`; `None` where there is no such table."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        place = _TOML_PLACE.search(said)
        line, column = (int(place[1]) - 1, int(place[2]) - 1) if place and place[1] else (len(lines) - 1, 0)
        what = said[: place.start()].strip() if place else said
        what = f"this is no TOML: {what[:1].lower()}{what[1:]}"
        findings.append(Finding.in_line(Problem("FN004", what, "correct this line"), line, column))
        return []
    table = tables.get("tool", {}).get("funnelcli")
    if not isinstance(table, dict):
        return None
    return list(_placed(table, lines))


def _placed(table: dict[str, Any], lines: list[str]) -> Iterator[_Entry]:
    """The entries of a table with their places, which the standard library's parser does not tell."""
    start = next((number for number, line in enumerate(lines) if _TABLE_LINE.match(line)), None)
    named = next((number for number, line in enumerate(lines) if "funnelcli" in line), 0)
    first = named if start is None else start + 1
    for key, value in table.items():
        pattern = re.compile(rf"""(?:^|[\s.{{,])(["']?{re.escape(key)}["']?)\s*(?:[.=]\s*)(.*?)\s*(?:#.*)?$""")
        found = next(((n, hit) for n, line in enumerate(lines[first:], first) if (hit := pattern.search(line))), None)
        number, hit = found or (named, None)
        spans = [hit.span(1), hit.span(2)] if hit else [(0, len(lines[number]))] * 2
        key_at, value_at = ((Place(number, begin), Place(number, end)) for begin, end in spans)
        yield _Entry(key, key_at, _plain(value), value_at, plain=not isinstance(value, str))


def _plain(value: object) -> str | list[str] | None:
    """A value of TOML as a person would write it in YAML."""
    if isinstance(value, list):
        return list(value) if all(isinstance(item, str) for item in value) else None
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def twice(own: Settings, project: Settings) -> Settings:
    """That a folder has two files of defaults, of which nobody would know which counts."""
    assert own.file is not None
    what = f"{PROJECT} beside it has defaults, too"
    problem = Problem("FN108", what, f"keep one of the two: this file, or [tool.funnelcli] in {PROJECT}")
    return Settings(own.file, {}, (Diagnostic(problem, Location(own.file, 1, 1, 2)), *own.found, *project.found))
