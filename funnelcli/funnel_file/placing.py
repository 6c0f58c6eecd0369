"""Problems that are found in a sound funnel after its file was read, at their places in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from funnelcli.funnel_file.findings import diagnostics, node_at
from funnelcli.funnel_file.yaml import syntax
from funnelcli.funnel_file.yaml.loaders import LOADER
from funnelcli.funnel_file.yaml.nodes import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.diagnostics import Diagnostic, Problem
    from funnelcli.funnel_file.reader import Reading


def placed(reading: Reading, problems: Sequence[tuple[int, Problem]]) -> list[Diagnostic]:
    """Problems of the documents of a file, by their numbers from 1 on, in the order of the text."""
    found: list[Diagnostic] = []
    lines = reading.text.split("\n")
    for number, document in enumerate(syntax.documents(reading.text, LOADER), 1):
        findings = []
        for problem in (problem for of, problem in problems if of == number):
            node = node_at(document.root, problem.path or ())
            start = document.start_mark
            findings.append(Finding(problem, start, start) if node is None else Finding.at(node, problem))
        found += diagnostics(findings, document.root, reading.file, lines)
    return found
