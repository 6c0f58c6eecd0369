"""Where the repository begins that a job works in, and what its files are called from there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from funnelcli.output.check import CheckReport

_TOLD_BY = ("CI_PROJECT_DIR", "GITHUB_WORKSPACE")
"""Variables in which GitLab and GitHub name the folder that paths are relative to."""


def told() -> str | None:
    """The repository's folder as the machinery of a code host names it; `None` where none does."""
    return next((path for path in map(os.environ.get, _TOLD_BY) if path and os.path.isdir(path)), None)


def top(folder: str) -> str:
    """The folder at or above this one that git works in; the folder itself where there is none."""
    above = folder
    while not os.path.exists(os.path.join(above, ".git")):
        parent = os.path.dirname(above)
        if parent == above:
            return folder
        above = parent
    return above


def placed(report: CheckReport, files: Iterable[str]) -> CheckReport:
    """The report with the working directory, the repository, and files that lie in it by way of links."""
    from funnelcli.output.check import places

    folder, known = os.getcwd(), told()
    root = os.path.realpath(known or top(folder))
    report = report._replace(folder=folder, root=root, is_ci=known is not None)
    names = {}
    for file in files:
        if places.is_absolute(places.of_repository(file, report)):
            real = os.path.realpath(file)
            names[file] = real if os.path.exists(real) else file
    return report._replace(real_names=names)
