"""Bytes of a funnel file to funnels: documents, and the parts of each put together."""

from __future__ import annotations

import gc
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.diagnostics import Diagnostic, quoted
from funnelcli.exact import added
from funnelcli.funnel_file import schema
from funnelcli.funnel_file.compositions import fields
from funnelcli.funnel_file.figures import with_exact_means
from funnelcli.funnel_file.findings import diagnostics, locate, node_at, text_at
from funnelcli.funnel_file.flow import check_flow, resolve_counts, without_history
from funnelcli.funnel_file.node_reader import Keys, NodeReader
from funnelcli.funnel_file.stages import read_stages
from funnelcli.funnel_file.yaml import syntax, tree
from funnelcli.funnel_file.yaml.decoding import decode
from funnelcli.funnel_file.yaml.loaders import LOADER
from funnelcli.funnel_file.yaml.nodes import Broken, Finding, Mapping, Sequence
from funnelcli.model import Funnel, sale_of, stem

if TYPE_CHECKING:
    from collections.abc import Sequence as Many

    from funnelcli.diagnostics import Location
    from funnelcli.funnel_file.flow import Level
    from funnelcli.funnel_file.slips.mending import Rereader
    from funnelcli.funnel_file.yaml.nodes import Node, YamlDocument
    from funnelcli.lint import Rule
    from funnelcli.segments import Breakdown, CellCounts, Segment

_FUNNEL = Keys(schema.FUNNEL)


MARK = "funnelcli:"
"""What stands in a comment that silences a warning; without it, none is looked for."""


class Reading(NamedTuple):
    """What a file holds: its sound funnels, all that was found in it, how many documents it has, and its text.

    `starts` are the places where the funnels begin. From the line `unread` on nothing is read, as too much before it is
    broken; `None` where all is. From `unexplained` on slips are not looked for, or not to the end, for the same reason.
    """

    file: str
    funnels: tuple[Funnel, ...]
    diagnostics: tuple[Diagnostic, ...]
    documents: int
    text: str = ""
    starts: tuple[Location, ...] = ()
    unread: int | None = None
    unexplained: int | None = None


def read(
    data: bytes, file: str, loader: type | None = None, rules: Many[Rule] = (), *, uncounted: bool = False
) -> Reading:
    """Bytes of a funnel file to its funnels and diagnostics. Nothing is raised for what the bytes say.

    `file` is the name to report. `loader` chooses the PyYAML loader; the default is the fastest one there is. `rules`
    are the lint rules to hold sound funnels against; without them, only what every command must say is said. With
    `uncounted`, the counts are about to be measured: neither what stands there nor what is missing is judged.
    """
    # fresh trees have no cycles: collecting garbage while they grow only doubles the time of a large file
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read(data, file, loader or LOADER, rules, uncounted)
    finally:
        if collecting:
            gc.enable()


def _read(data: bytes, file: str, loader: type, rules: Many[Rule], uncounted: bool) -> Reading:
    text = decode(data, file)
    if isinstance(text, Finding):
        if text.problem.code == "FN001":
            from funnelcli.funnel_file.foreign_files import table_problem

            table = table_problem(data.decode("utf-8" if b"\0" not in data else "utf-16", "replace"), file)
            text = text if table is None else Finding.in_line(table, 0)
        shown = data.decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        documents = 0 if text.problem.code == "FN016" else 1
        return Reading(file, (), diagnostics([text], None, file, shown.split("\n")), documents)
    funnels: list[Funnel] = []
    found: list[Diagnostic] = []
    number = 0
    lines: list[str] | None = None
    roots: list[Node | None] = []
    starts: list[Location] = []
    silenced = MARK in text
    again: Rereader | None = None
    unread: int | None = None
    unexplained: int | None = None
    for document in syntax.documents(text, loader):
        number += 1
        reader = NodeReader(document, file)
        funnel = _read_document(reader, document.root, number, uncounted)
        if funnel is not None and document.root is not None:
            funnels.append(funnel)
            start = document.root.start_mark
            starts.append(locate(file, start, start, None))
            if not uncounted:
                if funnel.scenarios:
                    from funnelcli.funnel_file.scenarios import try_scenarios

                    try_scenarios(reader, funnel, document.root)
                _lint(reader, document.root, funnel, rules)
        if document.beyond:
            unread = document.start_mark.line + 1
        if document.findings:
            lines = lines or text.split("\n")
            findings, root = document.findings, document.root
            if reader.failed and not document.beyond:  # slips of the hand are named where they were made
                is_first = again is None
                again = again or _rereader(file, loader, uncounted)
                from funnelcli.funnel_file.one_cause import together

                findings, root = again.explained(document, lines)
                findings = together(findings, lines, root)
                if again.is_spent and unexplained is None and not is_first:
                    unexplained = document.start_mark.line + 1
            found.extend(diagnostics(findings, root, file, lines))
        if silenced:
            roots.append(document.root)
    if found and not funnels and number == 1:
        from funnelcli.funnel_file.foreign_files import table_problem

        table = table_problem(text, file)
        if table is not None:
            refused = diagnostics([Finding.in_line(table, 0)], None, file, text.split("\n"))
            return Reading(file, (), refused, 0)
    if silenced:
        from funnelcli.funnel_file import ignores

        found = ignores.apply(found, lines or text.split("\n"), roots, file, report_unused=bool(rules))
    return Reading(file, tuple(funnels), tuple(found), number, text, tuple(starts), unread, unexplained)


def _rereader(file: str, loader: type, uncounted: bool) -> Rereader:
    """What reads mended texts of a file again."""
    from funnelcli.funnel_file.slips.mending import Rereader

    def read_again(text: str) -> list[YamlDocument]:
        documents = list(syntax.documents(text, loader))
        for document in documents:
            _read_document(NodeReader(document, file), document.root, 1, uncounted)
        return documents

    return Rereader(read_again)


def _lint(reader: NodeReader, root: Node | None, funnel: Funnel, rules: Many[Rule]) -> None:
    """Note what the rules find in a sound funnel; what makes its figures doubtful is said to everybody."""
    unmet = funnel.measured is not None and funnel.measured.unmet
    if not rules and not funnel.breakdowns and funnel.is_chain and not unmet:
        return
    if not rules:
        from funnelcli.lint.doubts import DOUBTS

        rules = DOUBTS
    written = partial(text_at, root)
    for rule in rules:
        if rule.of is not None and not getattr(funnel, rule.of):
            continue
        for path, message, help_ in rule.look(funnel, written):
            reader.note(node_at(root, path), rule.code, message, help_)


def _read_document(reader: NodeReader, root: Node | None, number: int, uncounted: bool) -> Funnel | None:
    """The funnel of a document, or `None` when an error leaves nothing to show."""
    if root is None or isinstance(root, Broken):
        return None
    if not isinstance(root, Mapping):
        _refuse_root(reader, root)
        return None
    if "currency" in root.entries:  # it tells how money is written
        reader.spend(getattr(root.entries["currency"][1], "value", None))
    values, nodes = fields(reader, root, _FUNNEL)
    values |= _parts(reader, nodes, ("measure", "measured"))
    if "stages" in nodes:
        levels = read_stages(reader, nodes["stages"])
    else:
        reader.missing("stages", root)
        levels = []
    reader.nameless = not levels
    price: dict[str, Any] = {key: values.pop(key) for key in ("average_check", "average_check_sd") if key in values}
    counted = False
    if levels:
        if price:
            _price_sale(reader, root, levels, price)
        if uncounted:
            _forget_counts(levels)
            nodes.pop("breakdowns", None)
            nodes.pop("cells", None)
        reader.has_cells = "cells" in nodes
        reader.grows = "checks" in nodes and any("allow_growth" in level.nodes for level in levels)
        values |= _parts(reader, nodes, ("breakdowns", "cells"), levels)
        if values.get("cells"):
            from funnelcli.funnel_file.cells import with_sums

            known = values.get("breakdowns", ())
            values["breakdowns"] = with_sums(reader, nodes.get("breakdowns"), levels, known, values["cells"])
        counted = _count(reader, nodes, levels, values.get("breakdowns", ()), values.get("cells", ()))
    values |= _parts(reader, nodes, ("referral", "scenarios", "checks"), [level.name for level in levels])
    if not counted or reader.failed:
        return None
    values = {"name": stem(reader.file)} | values
    funnel = Funnel(**values, stages=tuple(level.stage() for level in levels), file=reader.file, document=number)
    funnel = with_exact_means(funnel)
    if funnel.measured is not None and funnel.measured.times:
        from funnelcli.funnel_file.measured_times import with_ends_of_periods, with_measured_means

        funnel = funnel._replace(stages=with_measured_means(funnel.stages, funnel.measured))
        funnel = with_ends_of_periods(funnel)
    if funnel.breakdowns:
        from funnelcli.funnel_file.breakdowns import with_money_of_segments

        funnel = with_money_of_segments(funnel)
    if funnel.measured is not None and funnel.measure is not None:
        from funnelcli.funnel_file.whole_periods import with_periods_told

        funnel = with_periods_told(funnel)
    return funnel


_HOMES = {
    "measure": "events",
    "measured": "events",
    "breakdowns": "breakdowns",
    "cells": "cells",
    "referral": "stages",
    "scenarios": "scenarios",
    "checks": "scenarios",
}
"""Parts that many files do without, by the modules that have their `read_…`: loaded with the first of them."""


def _parts(reader: NodeReader, nodes: dict[str, Node], keys: tuple[str, ...], *about: Any) -> dict[str, Any]:
    """What stands below those of the keys that are written."""
    written = [key for key in keys if key in nodes]
    if not written:
        return {}
    homes = [import_module(f"funnelcli.funnel_file.{_HOMES[key]}") for key in written]
    return {
        key: getattr(home, f"read_{key}")(reader, nodes[key], *about) for key, home in zip(written, homes, strict=True)
    }


def _refuse_root(reader: NodeReader, root: Node) -> None:
    if isinstance(root, Sequence) or root.value or root.style:  # type: ignore[union-attr]  # a leaf, when not a list
        help_ = "write stages:, and below it a line for each stage: its name, a colon, a space and its count"
        reader.note(root, "FN103", "this is a text, and a funnel has keys such as stages:", help_)
    else:
        line = reader.start.line + 1
        reader.note(
            None, "FN006", "the document is empty", f"delete line {line}, which begins it; or {tree.EMPTY_HELP}"
        )


def _price_sale(reader: NodeReader, root: Mapping, levels: list[Level], money: dict[str, Any]) -> None:
    """The funnel's average check and its spread belong to the sale, unless that has money of its own."""
    sale = levels[sale_of([level.values.get("role") for level in levels])]
    for key in ("average_check", "revenue"):
        if key in sale.nodes:
            message = f"the funnel's average_check is that of the sale: {quoted(sale.name)} has its own {key}"
            reader.note(root.entries["average_check"][0], "FN113", message, "keep one of the two")
            return
    sale.values |= money


def _count(
    reader: NodeReader,
    nodes: dict[str, Node],
    levels: list[Level],
    breakdowns: tuple[Breakdown, ...],
    cells: tuple[CellCounts, ...],
) -> bool:
    """Give every stage its count, maybe as a sum over cells or the first dimension; `False` when one cannot be told."""
    in_parts = "breakdowns" in nodes or "cells" in nodes
    if in_parts and not any("count" in level.nodes or "conversion" in level.nodes for level in levels):
        if reader.failed or not breakdowns:
            check_flow(levels, reader.note)
            return False  # the counts would come from a breakdown, and something is wrong with it or with the stages
        parts: Many[CellCounts | Segment] = cells or breakdowns[0].segments
        for index, level in enumerate(levels):
            level.values["count"] = added(part.counts[index] for part in parts)
    if "measure" in nodes and not any({"count", "conversion"} & {*level.nodes, *level.values} for level in levels):
        limits = len(getattr(nodes.get("checks"), "items", ()))
        so = f", so that its {'limit is' if limits == 1 else 'limits are'} undecided" if limits else ""
        help_ = "fill them in: funnelcli measure FILE --from EVENTS --update"
        reader.note(levels[0].at, "FN315", f"not measured yet{so}", help_)
        return False
    known = without_history(levels) or resolve_counts(levels, reader.note)
    if known and (breakdowns or cells):
        from funnelcli.funnel_file.segments_open import add_up_open

        add_up_open(levels, breakdowns, cells)
    check_flow(levels, reader.note)
    return known


_COUNTED = (
    "conversion", "days", "days_quantiles", "open", "open_amounts", "days_lost", "days_lost_quantiles", "lost_unplaced",
)  # fmt: skip
"""What is known of a stage by its counts."""


def _forget_counts(levels: list[Level]) -> None:
    """Put 1, which contradicts nothing, in place of all that will be measured."""
    for level in levels:
        level.values["count"] = 1
        for key in _COUNTED:
            level.values.pop(key, None)
            level.nodes = {known: value for known, value in level.nodes.items() if known != key}
