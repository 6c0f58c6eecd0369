"""Bytes of a funnel file to funnels: documents, and the parts of each put together."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.diagnostics import Diagnostic, Problem, quoted
from funnelcli.model import Funnel, added
from funnelcli.reading import fields, yaml_tree
from funnelcli.reading.breakdowns import compare_sums, read_breakdowns
from funnelcli.reading.decoding import decode
from funnelcli.reading.events import read_measure
from funnelcli.reading.findings import diagnostics
from funnelcli.reading.flow import check_flow, resolve_counts
from funnelcli.reading.node_reader import NodeReader, parsers
from funnelcli.reading.nodes import Broken, Finding, Mapping, Place, Sequence
from funnelcli.reading.scenarios import read_checks, read_scenarios, try_scenarios
from funnelcli.reading.stages import read_referral, read_stages

if TYPE_CHECKING:
    from funnelcli.model import Breakdown, Stage
    from funnelcli.reading.flow import Level
    from funnelcli.reading.nodes import Node

_FUNNEL = parsers(fields.FUNNEL)


class Reading(NamedTuple):
    """What a file holds: its sound funnels, all that was found in it, and how many documents it has."""

    file: str
    funnels: tuple[Funnel, ...]
    diagnostics: tuple[Diagnostic, ...]
    documents: int


def read(data: bytes, file: str, loader: type | None = None) -> Reading:
    """Bytes of a funnel file to its funnels and diagnostics. Nothing is raised for what the bytes say.

    `file` is the name to report. `loader` chooses the PyYAML loader; the default is the fastest one there is.
    """
    # fresh trees have no cycles: collecting garbage while they grow only doubles the time of a large file
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read(data, file, loader)
    finally:
        if collecting:
            gc.enable()


def _read(data: bytes, file: str, loader: type | None) -> Reading:
    text = decode(data)
    if isinstance(text, Finding):
        shown = data.decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        return Reading(file, (), diagnostics([text], None, file, shown.split("\n")), 1)
    funnels: list[Funnel] = []
    found: list[Diagnostic] = []
    number = 0
    lines: list[str] | None = None
    for document in yaml_tree.parse(text) if loader is None else yaml_tree.parse(text, loader):
        number += 1
        reader = NodeReader(document, file)
        funnel = _read_document(reader, document.root, number)
        if document.findings:
            lines = lines or text.split("\n")
            found.extend(diagnostics(document.findings, document.root, file, lines))
        if funnel is not None and not reader.failed:
            funnels.append(funnel)
    return Reading(file, tuple(funnels), tuple(found), number)


def _read_document(reader: NodeReader, root: Node | None, number: int) -> Funnel | None:
    """The funnel of a document, or `None` when an error leaves nothing to show."""
    if root is None or isinstance(root, Broken):
        return None
    if not isinstance(root, Mapping):
        _refuse_root(reader, root)
        return None
    values, nodes = reader.fields(root, _FUNNEL)
    measure = read_measure(reader, nodes.get("measure"))
    if "stages" not in root.entries:
        reader.missing("stages", root)
    levels = read_stages(reader, nodes.get("stages")) or []
    names = [level.name for level in levels]
    reader.nameless = not levels
    breakdowns: tuple[Breakdown, ...] = ()
    stages: tuple[Stage, ...] = ()
    if levels:
        if "average_check" in values:
            _price_last(reader, root, levels[-1], values["average_check"])
        breakdowns = read_breakdowns(reader, nodes.get("breakdowns"), levels)
        if _count(reader, nodes, levels, breakdowns):
            stages = tuple(level.stage() for level in levels)
            if breakdowns:
                compare_sums(reader, nodes["breakdowns"], breakdowns, stages)
    referral = read_referral(reader, nodes.get("referral"), names)
    sound = bool(stages) and not reader.failed
    scenarios = read_scenarios(reader, nodes.get("scenarios"), names)
    checks = read_checks(reader, nodes.get("checks"), names)
    if not sound:
        return None
    funnel = Funnel(
        name=values.get("name") or _stem(reader.file),
        stages=stages,
        file=reader.file,
        document=number,
        description=values.get("description"),
        period=values.get("period"),
        currency=values.get("currency"),
        budget=values.get("budget"),
        gross_margin=values.get("gross_margin"),
        spend_elasticity=values.get("spend_elasticity"),
        referral=referral,
        breakdowns=breakdowns,
        scenarios=scenarios,
        checks=checks,
        measure=measure,
    )
    if scenarios:
        try_scenarios(reader, funnel, nodes["scenarios"])
    return funnel


def _refuse_root(reader: NodeReader, root: Node) -> None:
    if isinstance(root, Sequence) or root.value or root.style:  # type: ignore[union-attr]  # a leaf, when not a list
        reader.report(Problem("FN103", "a funnel is a mapping of keys", "write name: …, then stages: …"), root)
        return
    start = Place(reader.start.line, reader.start.column)
    problem = Problem("FN006", "the document is empty", yaml_tree.EMPTY_CURE)
    reader.findings.append(Finding(problem, start, Place(start.line, start.column + 1)))


def _price_last(reader: NodeReader, root: Mapping, last: Level, check: Any) -> None:
    """The funnel's average check belongs to its last stage, unless that has money of its own."""
    for key in ("average_check", "revenue"):
        if key in last.nodes:
            reader.report(
                Problem(
                    "FN113",
                    f"the funnel's average_check is that of its last stage: {quoted(last.name)} has its own {key}",
                    "keep one of the two",
                ),
                root.entries["average_check"][0],
            )
            return
    last.values["average_check"] = check


def _count(reader: NodeReader, nodes: dict[str, Node], levels: list[Level], breakdowns: tuple[Breakdown, ...]) -> bool:
    """Give every stage its count, maybe as the sum over the first dimension; `False` when one cannot be told."""
    if "breakdowns" in nodes and not any("count" in level.nodes or "conversion" in level.nodes for level in levels):
        if reader.failed or not breakdowns:
            check_flow(levels, reader.report)
            return False  # the counts would come from a breakdown, and something is wrong with it or with the stages
        for index, level in enumerate(levels):
            level.values["count"] = added(segment.counts[index] for segment in breakdowns[0].segments)
    known = resolve_counts(levels, reader.report)
    check_flow(levels, reader.report)
    return known


def _stem(file: str) -> str:
    name = file.replace("\\", "/").rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[0] or name
