"""Named what-ifs and limits: the parts of a file that speak in selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, Severity, quoted
from funnelcli.funnel_file import changes
from funnelcli.funnel_file.yaml.nodes import Broken, Mapping, Sequence
from funnelcli.metrics import parse_changeable
from funnelcli.model import BASELINE, Check, Scenario

MOST_TRIED = 50
"""Changes of a scenario that are tried one by one to find the one that cannot be."""

if TYPE_CHECKING:
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node
    from funnelcli.metrics import Selector
    from funnelcli.model import Change, Funnel


def read_scenarios(reader: NodeReader, node: Node | None, names: list[str]) -> tuple[Scenario, ...]:
    """Named changes."""
    found = []
    for name, key, changes_node in reader.entries(
        node, "a mapping of scenarios", "write the name of each scenario, and below it the metrics and their changes"
    ):
        if name == BASELINE:
            reader.report(
                Problem("FN106", f"{quoted(name)} is the funnel as it is", "give the scenario another name"), key
            )
        pairs: list[tuple[Selector, Change]] = []
        for written, selector_node, value in reader.entries(
            changes_node, f"a mapping of changes for {quoted(name)}", "write selector: change"
        ):
            selector = parse_changeable(written, names)
            if isinstance(selector, Problem):
                reader.report(selector, selector_node)
                continue
            change = reader.scalar(
                value,
                changes.change_of(selector.metric, reader.currency),
                "a change",
                "write +20%, -2pp, x1.6, +500 or a value",
            )
            if change is not None:
                pairs.append((selector, change))
        found.append(Scenario(name, tuple(pairs), reader.location(key)))
    return tuple(found)


def try_scenarios(reader: NodeReader, funnel: Funnel, root: Node | None) -> None:
    """Note the scenarios that cannot be projected, such as a rate that would pass 100%.

    The funnel itself is sound: it is a warning as long as nobody asks for the scenario.
    """
    from funnelcli.analyses.projection import apply

    assert isinstance(root, Mapping)
    node = root.entries["scenarios"][1]
    assert isinstance(node, Mapping)
    if isinstance(apply(funnel, ()), Problem):
        return  # the funnel itself cannot be projected, which is for those to say who want it projected
    for scenario in funnel.scenarios:
        changes = node.entries[scenario.name][1]
        if not isinstance(changes, Mapping) or changes.dropped or len(changes.entries) > len(scenario.changes):
            continue  # what is wrong with it is said already
        outcome = apply(funnel, scenario.changes)
        if not isinstance(outcome, Problem):
            continue
        # the first change with which it fails is the one to look at
        written = list(changes.entries.values())
        count = min(len(written), MOST_TRIED)
        prefixes = (index for index in range(1, count) if isinstance(apply(funnel, scenario.changes[:index]), Problem))
        reader.report(
            outcome._replace(weight=Severity.WARNING, scenario=(funnel.document, scenario.name)),
            written[next(prefixes, len(written)) - 1][1],
        )


def read_checks(reader: NodeReader, node: Node | None, names: list[str]) -> tuple[Check, ...]:
    """Limits, one text each."""
    if node is None or isinstance(node, Broken):
        return ()
    if not isinstance(node, Sequence):
        reader.expected("a list of checks", node, "write each check as an item, after a dash and a space")
        return ()
    found = []
    for item in node.items:
        read = reader.scalar(
            item,
            lambda text, plain: changes.check(text, names, reader.currency),
            "a check",
            "write a metric, >= and a limit",
        )
        if read is not None:
            assert not isinstance(item, (Mapping, Sequence, Broken))
            found.append(
                Check(read.selector, read.operator, read.limit, read.confidence, read.text, reader.location(item))
            )
    return tuple(found)
