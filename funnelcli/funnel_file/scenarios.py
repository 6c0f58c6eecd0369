"""Named what-ifs and limits: the parts of a file that speak in selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.diagnostics import Problem, Severity, quoted
from funnelcli.funnel_file import changes
from funnelcli.funnel_file.yaml.nodes import Mapping, Sequence
from funnelcli.what_if import BASELINE, Scenario

MOST_TRIED = 50
"""Changes of a scenario that are tried one by one to find the one that cannot be."""

if TYPE_CHECKING:
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node
    from funnelcli.metrics import Selector
    from funnelcli.model import Funnel
    from funnelcli.what_if import AnyCheck, Change


def read_scenarios(reader: NodeReader, node: Node, names: list[str]) -> tuple[Scenario, ...]:
    """Named changes."""
    found = []
    help_ = "write the name of each scenario, and below it the metrics and their changes"
    for name, key, changes_node in reader.entries(node, "a name for each scenario", help_):
        if name == BASELINE:
            reader.note(key, "FN106", f"{quoted(name)} is the funnel as it is", "give the scenario another name")
        pairs: list[tuple[Selector, Change]] = []
        what = f"a figure and its change for {quoted(name)}"
        for written, selector_node, value in reader.entries(
            changes_node,
            what,
            f"write below it a figure and its change, e.g. conversion@{names[-1] if names else 'Paid'}: +10%",
        ):
            selector = changes.changeable(written, names)
            if isinstance(selector, Problem):
                reader.report(selector, selector_node)
                continue
            parse = changes.change_of(selector.metric, reader.currency)
            change = reader.scalar(value, parse, "a change", "write +20%, -2pp, x1.6, +500 or a value")
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


def read_checks(reader: NodeReader, node: Node, names: list[str]) -> tuple[AnyCheck, ...]:
    """Limits, one text each."""
    if not isinstance(node, Sequence):
        reader.expected("a list of checks", node, "write each check as an item, after a dash and a space")
        return ()

    def parse(text: str, plain: bool) -> AnyCheck | Problem:
        return changes.check(text, names, reader.currency, grows=reader.grows)

    read = [(item, reader.scalar(item, parse, "a check", "write a metric, >= and a limit")) for item in node.items]
    return tuple(check._replace(location=reader.location(item)) for item, check in read if check is not None)
