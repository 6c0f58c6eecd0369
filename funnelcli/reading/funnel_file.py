"""A YAML tree to a `Funnel`: which keys there are, what their values mean together, and everything that is wrong."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from funnelcli.diagnostics import Diagnostic, Location, Problem, did_you_mean, quoted
from funnelcli.model import Breakdown, Check, Condition, Exact, Funnel, Measure, Referral, Scenario, Segment, Stage
from funnelcli.reading import fields, scalars, yaml_tree
from funnelcli.reading.flow import Level, check_flow, resolve_counts, shown
from funnelcli.reading.yaml_tree import LEAF, Broken, Document, Finding, Mapping, Node, Scalar, Sequence
from funnelcli.selectors import Selector, find_name, parse_selector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Reading:
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
    text = yaml_tree.decode(data)
    if isinstance(text, Finding):
        shown = data.decode("utf-8", errors="replace")
        return Reading(file, (), _diagnostics([text], None, file, shown.split("\n")), 1)
    funnels: list[Funnel] = []
    diagnostics: list[Diagnostic] = []
    number = 0
    lines: list[str] | None = None
    for document in yaml_tree.parse(text) if loader is None else yaml_tree.parse(text, loader):
        number += 1
        funnel = _DocumentReader(document, file, number).read()
        if document.findings:
            lines = lines or text.split("\n")
            found = _diagnostics(document.findings, document.root, file, lines)
            diagnostics.extend(found)
            if any(finding.problem.severity.value == "error" for finding in document.findings):
                continue
        if funnel is not None:
            funnels.append(funnel)
    return Reading(file, tuple(funnels), tuple(diagnostics), number)


class _DocumentReader:
    """Reads one document; what is wrong goes to the document's findings."""

    def __init__(self, document: Document, file: str, number: int) -> None:
        self.findings = document.findings
        self.root = document.root
        self.start = document.start_mark
        self.file = file
        self.number = number
        self.names: list[str] = []

    def read(self) -> Funnel | None:
        """The funnel, or `None` when there is an error or nothing to read."""
        root = self.root
        if root is None or isinstance(root, Broken):
            return None
        if not isinstance(root, Mapping):
            if not isinstance(root, Sequence) and not root.value and not root.style:
                at = yaml_tree.Place(self.start.line, self.start.column)
                end = yaml_tree.Place(at.line, at.column + 1)
                self.findings.append(
                    Finding(Problem("FN006", "the document is empty", yaml_tree.EMPTY_CURE), at, end)
                )
            else:
                self.report(Problem("FN103", "a funnel is a mapping of keys", "write name: …, then stages: …"), root)
            return None
        values, nodes = self.fields(root, _FUNNEL_PARSERS)
        if "stages" not in root.entries:
            self.missing("stages", root)
        levels = self.stages(nodes.get("stages"))
        breakdown_nodes = nodes.get("breakdowns")
        if levels is None:
            return None
        self.names = [level.name for level in levels]
        last = levels[-1]
        if "average_check" in values:
            if last.values.get("average_check") is not None or last.values.get("revenue") is not None:
                key = "average_check" if "average_check" in last.values else "revenue"
                self.report(
                    Problem(
                        "FN113",
                        f"the funnel's average_check belongs to its last stage, {quoted(last.name)}, which has its own {key}",
                        "keep one of the two",
                    ),
                    root.entries["average_check"][0],
                )
            else:
                last.values["average_check"] = values["average_check"]
        summed = all("count" not in level.values and "conversion" not in level.values for level in levels)
        breakdowns = self.breakdowns(breakdown_nodes, levels, summed and breakdown_nodes is not None)
        if summed and breakdowns and breakdowns[0].segments:
            for index, level in enumerate(levels):
                level.values["count"] = _total(segment.counts[index] for segment in breakdowns[0].segments)
        elif summed and breakdown_nodes is not None and self.findings:
            return None  # the counts would come from a breakdown that is itself in error
        sound = resolve_counts(levels, self.report)
        if sound:
            check_flow(levels, self.report)
        stages = tuple(level.stage() for level in levels)
        if not summed and sound:
            self.compare_sums(breakdowns, stages)
        referral = self.referral(nodes.get("referral"))
        scenarios = self.scenarios(nodes.get("scenarios"))
        checks = self.checks(nodes.get("checks"))
        measure = self.measure(nodes.get("measure"))
        if self.findings and any(finding.problem.severity.value == "error" for finding in self.findings):
            return None
        funnel = Funnel(
            name=values.get("name") or _stem(self.file),
            stages=stages,
            file=self.file,
            document=self.number,
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
            self.try_scenarios(funnel, nodes["scenarios"])
        return funnel

    # Reporting

    def report(self, problem: Problem, node: Node | Scalar | None) -> None:
        """Note a problem at a node, or at the start of the document."""
        if isinstance(node, Broken):
            return
        start = self.start if node is None else node.start_mark
        self.findings.append(Finding(problem, start, start if node is None else node.end_mark))

    def missing(self, key: str, mapping: Mapping, owner: str = "the funnel") -> None:
        """Note that a mapping lacks a key."""
        examples = {field.key: field.example for field in (*fields.FUNNEL, *fields.STAGE, *fields.REFERRAL)}
        self.report(Problem("FN102", f"{owner} has no {quoted(key)}", f"write {examples[key]}"), mapping)

    def expected(self, what: str, node: Node, cure: str) -> None:
        """Note that a node is of another kind than its key wants."""
        found = "a list" if isinstance(node, Sequence) else "a mapping" if isinstance(node, Mapping) else "a single value"
        if not isinstance(node, (Mapping, Sequence, Broken)) and not node.value:
            found = "nothing"
        self.report(Problem("FN103", f"{what} is expected here, and {found} is written", cure), node)

    # Generic reading

    def scalar(self, node: Node, parser: Callable[[str, bool], Any], what: str = "a single value", cure: str = "") -> Any:
        """A scalar through its parser; `None` when there is a problem, which is noted."""
        if isinstance(node, (Mapping, Sequence)):
            self.expected(what, node, cure or "write one value")
            return None
        if isinstance(node, Broken):
            return None
        value = parser(node.value, not node.style)
        if value.__class__ is Problem:
            self.report(value, node)
            return None
        return value

    def fields(self, mapping: Mapping, parsers: dict[str, tuple[Callable[[str, bool], Any] | None, str]]) -> tuple[dict[str, Any], dict[str, Node]]:
        """Known keys of a mapping: scalar values, parsed, and the nodes of structures."""
        values: dict[str, Any] = {}
        nodes: dict[str, Node] = {}
        for key, (key_node, node) in mapping.entries.items():
            known = parsers.get(key)
            if known is None:
                self.report(Problem("FN101", f"unknown key {quoted(key)}", did_you_mean(key, parsers)), key_node)
                continue
            parser, example = known
            if parser is None:
                nodes[key] = node
            elif node.__class__ is LEAF:
                value = parser(node.value, not node.style)  # type: ignore[union-attr]  # a leaf, as just compared
                if value.__class__ is Problem:
                    self.report(value, node)
                else:
                    values[key] = value
            else:
                self.scalar(node, parser, f"one value for {quoted(key)}", f"write {example}")
        return values, nodes

    def entries(self, node: Node | None, what: str, cure: str) -> Iterable[tuple[str, Scalar, Node]]:
        """Entries of a node that must be a non-empty mapping of names."""
        if node is None or isinstance(node, Broken):
            return
        if not isinstance(node, Mapping) or not node.entries:
            self.expected(what, node, cure)
            return
        for name, (key_node, value) in node.entries.items():
            problem = scalars.label(name, False)
            if isinstance(problem, Problem):
                self.report(problem, key_node)
            yield name, key_node, value

    # The parts of a funnel

    def stages(self, node: Node | None) -> list[Level] | None:
        """The stages as written, with their own values; `None` when their number or names cannot be told."""
        if node is None or isinstance(node, Broken):
            return None
        levels: list[Level] = []
        if isinstance(node, Mapping):
            for name, (key_node, value) in node.entries.items():
                named = scalars.label(name, False)
                if isinstance(named, Problem):
                    self.report(named, key_node)
                level = Level(name, key_node, {})
                if isinstance(value, (Mapping, Sequence)):
                    self.expected("a count", value, "write stages as a list to give them more keys: - {name: …, count: …}")
                    level.broken = True
                else:
                    number = self.scalar(value, scalars.count)
                    level.broken = number is None
                    level.values["count"] = number
                levels.append(level)
        elif isinstance(node, Sequence):
            for item in node.items:
                self.stage_item(item, levels)
        else:
            self.expected("a list of stages, or a mapping of names to counts", node, "write stages: {Invoice sent: 100, Paid: 50}")
            return None
        if len(levels) < 2:
            wanted: list[Any] = node.items if isinstance(node, Sequence) else levels
            if len(wanted) < 2:
                self.report(
                    Problem("FN105", f"a funnel has at least two stages, and this one has {len(levels)}", "add the stage that people come from, or go to"), node
                )
            return None
        self.link(levels)
        return levels

    def stage_item(self, item: Node, levels: list[Level]) -> None:
        """One item of the list of stages, appended to `levels`."""
        if not isinstance(item, Mapping):
            if not isinstance(item, Broken):
                self.expected("a stage", item, "write - {name: Paid, count: 50}")
            return
        before = len(self.findings)
        values, nodes = self.fields(item, _STAGE_PARSERS)
        name = values.pop("name", None)
        if name is None:
            if "name" not in item.entries:
                self.missing("name", item, "the stage")
            name = ""
        level = Level(name, item.entries["name"][1] if "name" in item.entries else item, values, item)
        level.broken = len(self.findings) > before
        if "when" in nodes:
            values["when"] = self.when(nodes["when"])
        levels.append(level)

    def link(self, levels: list[Level]) -> None:
        """Unique names, and the stage that each one comes from."""
        seen: dict[str, Level] = {}
        for index, level in enumerate(levels):
            if level.name and level.name in seen:
                first = seen[level.name].at
                self.report(
                    Problem("FN106", f"two stages are called {quoted(level.name)}", f"the first is in line {first.start_mark.line + 1}; give one another name"),
                    level.at,
                )
            seen.setdefault(level.name, level)
            level.parent = index - 1 if index else None
            source = level.values.pop("from", None)
            if source is None:
                continue
            known = find_name(source, [other.name for other in levels])
            node = level.node("from")
            if known is None:
                others = [other.name for other in levels[:index]]
                self.report(Problem("FN110", f"no stage is called {quoted(source)}", did_you_mean(source, others)), node)
            elif known == index:
                self.report(Problem("FN110", f"{quoted(level.name)} comes from itself", "name a stage above it"), node)
            elif known > index:
                self.report(
                    Problem("FN110", f"{quoted(level.name)} comes from {quoted(levels[known].name)}, which stands below it", "move one of the two, or name a stage above"), node
                )
            else:
                level.parent = known

    def breakdowns(self, node: Node | None, levels: list[Level], summed: bool) -> tuple[Breakdown, ...]:
        """All dimensions with their segments."""
        found = []
        cure = "write dimension: {segment: [counts in stage order]}"
        for dimension, _, segments in self.entries(node, "a mapping of dimensions", cure):
            rows = [
                segment
                for name, key, value in self.entries(segments, f"a mapping of segments for {quoted(dimension)}", cure)
                if (segment := self.segment(name, key, value, levels)) is not None
            ]
            found.append(Breakdown(dimension, tuple(rows)))
        return tuple(found)

    def segment(self, name: str, key: Scalar, node: Node, levels: list[Level]) -> Segment | None:
        """One segment: a list of counts, or a mapping with `counts` and money."""
        values: dict[str, Any] = {}
        counts_node: Node | None = node
        if isinstance(node, Mapping):
            values, nodes = self.fields(node, _SEGMENT_PARSERS)
            counts_node = nodes.get("counts")
            if counts_node is None:
                self.report(
                    Problem("FN102", f"the segment {quoted(name)} has no counts", "write counts: [numbers in stage order]"), key
                )
                return None
        if isinstance(counts_node, Mapping):
            counts = self.counts_by_name(counts_node, levels)
        elif isinstance(counts_node, Sequence):
            counts = self.counts_in_order(name, counts_node, levels)
        else:
            if counts_node is not None:
                self.expected(f"a list of counts for {quoted(name)}", counts_node, "write [numbers in stage order]")
            return None
        if counts is None:
            return None
        for level, count, item in zip(levels, counts, self.count_nodes(counts_node, levels), strict=True):
            if level.parent is not None and count > counts[level.parent] and not level.values.get("allow_growth"):
                self.report(
                    Problem(
                        "FN104",
                        f"in {quoted(name)}, stage {quoted(level.name)} ({shown(count)}) exceeds the stage it comes from, "
                        f"{quoted(levels[level.parent].name)} ({shown(counts[level.parent])})",
                        "check the order of the counts, or set allow_growth: true on the stage",
                    ),
                    item,
                )
        return Segment(name, counts, values.get("budget"), values.get("average_check"), values.get("gross_margin"))

    def counts_in_order(self, name: str, node: Sequence, levels: list[Level]) -> tuple[Exact, ...] | None:
        """Counts from a list in stage order."""
        if len(node.items) != len(levels):
            self.report(
                Problem(
                    "FN114",
                    f"{quoted(name)} has {len(node.items)} counts for {len(levels)} stages",
                    "write one count for each stage: " + _listed(level.name for level in levels),
                ),
                node,
            )
            return None
        parse = scalars.count
        counts: list[Exact] = []
        for item in node.items:
            if item.__class__ is not LEAF:
                self.scalar(item, parse, "a count", "write a number")
                continue
            value = parse(item.value)  # type: ignore[union-attr]  # a leaf, as just compared
            if value.__class__ is Problem:
                self.report(value, item)  # type: ignore[arg-type]
            else:
                counts.append(value)  # type: ignore[arg-type]
        return tuple(counts) if len(counts) == len(levels) else None

    def counts_by_name(self, node: Mapping, levels: list[Level]) -> tuple[Exact, ...] | None:
        """Counts from a mapping of stage names."""
        names = [level.name for level in levels]
        counts: dict[int, Exact] = {}
        before = len(self.findings)
        for name, (key, value) in node.entries.items():
            index = find_name(name, names)
            if index is None:
                self.report(Problem("FN112", f"unknown stage {quoted(name)}", did_you_mean(name, names)), key)
                continue
            count = self.scalar(value, scalars.count, "a count", "write a number")
            if count is not None:
                counts[index] = count
        lacking = [names[index] for index in range(len(names)) if index not in counts]
        if lacking and len(self.findings) == before:
            self.report(Problem("FN114", f"no count for {_listed(lacking)}", "write a count for every stage"), node)
        return None if lacking else tuple(counts[index] for index in range(len(names)))

    def count_nodes(self, node: Mapping | Sequence, levels: list[Level]) -> list[Node]:
        """The nodes of a segment's counts in stage order."""
        if isinstance(node, Sequence):
            return node.items
        names = [level.name for level in levels]
        by_index = {find_name(name, names): value for name, (_, value) in node.entries.items()}
        return [by_index[index] for index in range(len(names))]

    def compare_sums(self, breakdowns: tuple[Breakdown, ...], stages: tuple[Stage, ...]) -> None:
        """Warn where a breakdown's counts do not add up to the stages'."""
        for breakdown in breakdowns:
            for index, stage in enumerate(stages):
                total = _total(segment.counts[index] for segment in breakdown.segments)
                if breakdown.segments and total != stage.count and stage.conversion is None:
                    assert isinstance(self.root, Mapping)
                    node = self.root.entries["breakdowns"][1]
                    assert isinstance(node, Mapping)
                    self.report(
                        Problem(
                            "FN301",
                            f"{quoted(breakdown.dimension)} adds up to {shown(total)} at {quoted(stage.name)}, and the stage has "
                            f"{shown(stage.count)}: {'more' if total > stage.count else 'less'} by {shown(abs(total - stage.count))}",
                            "correct the counts, or leave them out of the stages to have them added up",
                        ),
                        node.entries[breakdown.dimension][0],
                    )

    def referral(self, node: Node | None) -> Referral | None:
        """Who brings whom."""
        if node is None:
            return None
        if not isinstance(node, Mapping):
            self.expected("a mapping", node, "write {from: Sales, brings: 0.2, to: Leads}")
            return None
        values, _ = self.fields(node, _REFERRAL_PARSERS)
        for key in ("from", "brings", "to"):
            if key not in node.entries:
                self.missing(key, node, "the referral")
        ends: list[int | None] = []
        for key in ("from", "to"):
            index = find_name(values[key], self.names) if key in values else None
            if index is None and key in values:
                self.report(Problem("FN112", f"unknown stage {quoted(values[key])}", did_you_mean(values[key], self.names)), node.entries[key][1])
            ends.append(index)
        source, target = ends
        if source is None or target is None or "brings" not in values:
            return None
        return Referral(source, values["brings"], target)

    def scenarios(self, node: Node | None) -> tuple[Scenario, ...]:
        """Named changes."""
        found = []
        for name, key, changes_node in self.entries(node, "a mapping of scenarios", "write Name: {conversion@Paid: +10pp}"):
            changes = []
            for written, selector_node, value in self.entries(changes_node, f"a mapping of changes for {quoted(name)}", "write selector: change, e.g. conversion@Paid: +10pp"):
                selector = parse_selector(written, self.names)
                if isinstance(selector, Problem):
                    self.report(selector, selector_node)
                    continue
                if not selector.metric.changeable:
                    self.report(not_changeable(selector), selector_node)
                    continue
                metric = selector.metric
                change = self.scalar(value, lambda text, plain, metric=metric: scalars.change(text, metric), "a change", "write +20%, -2pp, x1.6, +500 or a value")
                if change is not None:
                    changes.append((selector, change))
            found.append(Scenario(name, tuple(changes), self.location(key)))
        return tuple(found)

    def try_scenarios(self, funnel: Funnel, node: Node) -> None:
        """Note the scenarios that cannot be projected, such as a rate that would pass 100%."""
        from funnelcli.analyses.scenario import apply

        assert isinstance(node, Mapping)
        for scenario in funnel.scenarios:
            outcome = apply(funnel, scenario.changes)
            if isinstance(outcome, Problem):
                self.report(outcome, node.entries[scenario.name][0])

    def checks(self, node: Node | None) -> tuple[Check, ...]:
        """Limits, one text each."""
        if node is None or isinstance(node, Broken):
            return ()
        if not isinstance(node, Sequence):
            self.expected("a list of checks", node, "write - conversion@Paid >= 45%")
            return ()
        found = []
        for item in node.items:
            read = self.scalar(item, lambda text, plain: scalars.check(text, self.names), "a check", "write - conversion@Paid >= 45%")
            if read is not None:
                assert not isinstance(item, (Mapping, Sequence, Broken))
                found.append(Check(read.selector, read.operator, read.limit, read.confidence, read.text, self.location(item)))
        return tuple(found)

    def measure(self, node: Node | None) -> Measure | None:
        """Names of a table and its columns."""
        if node is None or isinstance(node, Broken):
            return None
        if not isinstance(node, Mapping):
            self.expected("a mapping", node, "write measure: {table: events, unit: user_id, time: created_at}")
            return None
        values, nodes = self.fields(node, _MEASURE_PARSERS)
        between = nodes.get("between")
        dates: tuple[str, ...] = ()
        if between is not None:
            if isinstance(between, Sequence) and len(between.items) == 2:
                read = [self.scalar(item, scalars.label, "a date", 'write "2026-10-01"') for item in between.items]
                dates = tuple(date for date in read if date is not None)
            else:
                self.expected("a list of two dates", between, 'write ["2026-10-01", "2026-11-01"]')
        columns = tuple(
            (dimension, column)
            for dimension, _, value in self.entries(nodes.get("breakdowns"), "a mapping of dimensions to columns", "write channel: utm_source")
            if (column := self.scalar(value, scalars.label, "a column", "write a name")) is not None
        )
        exclude = self.when(nodes["exclude"]) if "exclude" in nodes else ()
        return Measure(
            values.get("table"),
            values.get("unit"),
            values.get("time"),
            values.get("window"),
            values.get("order"),
            dates,
            columns,
            exclude,
        )

    def when(self, node: Node) -> tuple[tuple[Condition, ...], ...]:
        """Conditions on events: a mapping, or a list of mappings of which any may hold."""
        cure = "write when: {column: value}"
        alternatives = node.items if isinstance(node, Sequence) and node.items else [node]
        return tuple(
            tuple(
                Condition(column, self.condition_values(value))
                for column, _, value in self.entries(alternative, "a mapping of columns to values", cure)
            )
            for alternative in alternatives
        )

    def condition_values(self, node: Node) -> tuple[Any, ...]:
        """One value or a list of values that a column is compared with."""
        values = []
        for item in node.items if isinstance(node, Sequence) else [node]:
            if isinstance(item, (Mapping, Sequence)):
                self.expected("a value", item, "write one value or a list of values")
            elif not isinstance(item, Broken):
                value = scalars.value_of_any_kind(item.value, not item.style)
                if isinstance(value, Problem):
                    self.report(value, item)
                else:
                    values.append(value)
        return tuple(values)

    def location(self, node: Scalar) -> Location:
        """Where a node stands, for results that speak of it later."""
        return _location(self.file, node.start_mark, node.end_mark, None)


def not_changeable(selector: Selector) -> Problem:
    """The problem of a change to a figure that is a result."""
    from funnelcli.selectors import METRICS

    changeable = ", ".join(metric.name for metric in METRICS.values() if metric.changeable)
    return Problem("FN115", f"{selector} is a result and cannot be changed", f"change one of: {changeable}")


def _parsers(table: tuple[fields.Field, ...]) -> dict[str, tuple[Callable[[str, bool], Any] | None, str]]:
    return {field.key: (fields.PARSERS.get(field.kind), field.example) for field in table}


_FUNNEL_PARSERS = _parsers(fields.FUNNEL)
_STAGE_PARSERS = _parsers(fields.STAGE)
_SEGMENT_PARSERS = _parsers(fields.SEGMENT)
_REFERRAL_PARSERS = _parsers(fields.REFERRAL)
_MEASURE_PARSERS = _parsers(fields.MEASURE)


def _total(counts: Iterable[Exact]) -> Exact:
    total = sum(counts, start=0)
    return total.numerator if isinstance(total, Fraction) and total.denominator == 1 else total


def _listed(names: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def _stem(file: str) -> str:
    name = file.replace("\\", "/").rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[0] or name


def _location(file: str, start: yaml_tree.Mark, end: yaml_tree.Mark, lines: list[str] | None) -> Location:
    end_column = end.column
    if end.line != start.line:
        end_column = len(lines[start.line].rstrip()) if lines and start.line < len(lines) else start.column + 1
    return Location(file, start.line + 1, start.column + 1, max(end_column, start.column + 1) + 1)


def _diagnostics(findings: list[Finding], root: Node | None, file: str, lines: list[str]) -> tuple[Diagnostic, ...]:
    """Findings with their place, source line and path, in the order of the text."""
    paths = _paths(root)
    result = []
    for finding in findings:
        related = ()
        if finding.related is not None:
            said, start, end = finding.related
            related = ((said, _location(file, start, end, lines), _source(lines, start.line)),)
        result.append(
            Diagnostic(
                finding.problem,
                _location(file, finding.start, finding.end, lines),
                _source(lines, finding.start.line),
                paths.get((finding.start.line, finding.start.column), ""),
                related,
            )
        )
    return tuple(sorted(result, key=lambda each: (each.location.line, each.location.column, each.problem.code)))


def _source(lines: list[str], line: int) -> str:
    return lines[line] if line < len(lines) else ""


def _paths(root: Node | None) -> dict[tuple[int, int], str]:
    """The path of every node, by the place where it or its key starts; the outermost wins."""
    paths: dict[tuple[int, int], str] = {}
    pending: list[tuple[Node, str]] = [] if root is None else [(root, "")]
    seen: set[int] = set()
    while pending:
        node, path = pending.pop()
        paths.setdefault((node.start_mark.line, node.start_mark.column), path)
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            for name, (key, value) in node.entries.items():
                inner = f"{path}.{name}" if path else name
                paths[(key.start_mark.line, key.start_mark.column)] = inner
                pending.append((value, inner))
        elif isinstance(node, Sequence):
            pending.extend((item, f"{path}[{index}]") for index, item in enumerate(node.items))
    return paths
