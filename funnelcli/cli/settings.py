"""Defaults of a project or a person: where they stand, and which hold in this run.

They stand in a file `.funnelcli.yaml`, or under `[tool.funnelcli]` in a `pyproject.toml`: the nearest, upwards from the
folder that the funnel files share, or from the working directory where no file is named. The search ends at the top of
the repository or at the home folder; where nothing was found, `.funnelcli.yaml` of the home folder counts. An option
outranks what the funnel file says, that the environment, that these defaults, and they what is built in.

There is one set in a process, as there is one console: `take` finds it while a command's arguments are read, and the
door of the command says what is wrong with it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from funnelcli.cli.console import color_by_environment
from funnelcli.cli.defaults import PROJECT, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.cli.defaults import Default

NAMES = (".funnelcli.yaml", ".funnelcli.yml")
VARIABLE = "FUNNELCLI_CONFIG"
"""Names the file of defaults, where no option does."""
TABLE = b"tool.funnelcli"
"""What a pyproject.toml with defaults has in it; others are not parsed."""


active = Settings()
"""What holds in this run."""


class NoFile(Exception):
    """The file of defaults that was named cannot be read: why."""


def take(given: Mapping[str, Any], files: Sequence[str]) -> dict[str, Any]:
    """Find the defaults of a run by its options and files: the defaults of options, by the names of their parameters.

    `NoFile` is raised for a file that is named and cannot be read.
    """
    global active
    active = Settings()
    if given.get("no_config"):
        return {}
    active = of_run(given.get("config"), files)
    if active.found:
        return {}
    return {name: [*each.texts] if name == "ignore" else each.texts[0] for name, each in _of_options(active)}


def _of_options(settings: Settings) -> list[tuple[str, Default]]:
    """Those that are defaults of options; the environment decides on colour where it says anything.

    The currency is none: it is asked for where a funnel has no other.
    """
    apart = ("currency",) if color_by_environment() is None else ("currency", "color")
    return [(name, default) for name, default in settings.values.items() if name not in apart]


def of_run(named: str | None, files: Sequence[str]) -> Settings:
    """What holds where this file is named by an option; else that of the environment, else the nearest."""
    named = named or os.environ.get(VARIABLE)
    return of_file(named) if named else nearest(files)


def of_file(path: str) -> Settings:
    """What a file sets that is named; of a `.toml`, its table `[tool.funnelcli]`."""
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise NoFile(f"cannot read {path}: {error.strerror or error}") from error
    return _read(path, data)


def nearest(files: Sequence[str]) -> Settings:
    """What holds for these files, of which those that are none (`-`, `Visits=200`) count as the working directory."""
    home = os.path.expanduser("~")
    folder = shared_folder(files)
    while True:
        settings = _in_folder(folder)
        above = os.path.dirname(folder)
        if settings is not None or above == folder or folder == home or os.path.exists(os.path.join(folder, ".git")):
            break
        folder = above
    if settings is None and folder != home:
        settings = _of_names(home)
    return settings or Settings()


def shared_folder(files: Sequence[str]) -> str:
    """The folder that all files share, as an absolute path."""
    paths = [path if ":" not in path else _of_work_tree(path) for path in files]
    folders = {path if os.path.isdir(path) else os.path.dirname(path) for path in paths} or {""}
    there = {os.path.abspath(folder if os.path.isdir(folder) else ".") for folder in folders}
    try:
        return os.path.commonpath(there)
    except ValueError:  # drives of Windows
        return os.getcwd()


def _of_work_tree(file: str) -> str:
    """Where a file at a revision lies now: the defaults of today hold for it, too."""
    from funnelcli.cli.repository.names import at_revision, here

    at = at_revision(file)
    return file if at is None else here(at)


def _in_folder(folder: str) -> Settings | None:
    """What a folder sets; that both files do is a mistake."""
    own = _of_names(folder)
    path = os.path.join(folder, PROJECT)
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError:
        return own
    if TABLE not in data:
        return own
    project = _read(path, data)
    if own is None or project.file is None:
        return own or (project if project.file else None)
    from funnelcli.cli.settings_file import twice

    return twice(own, project)


def _of_names(folder: str) -> Settings | None:
    for name in NAMES:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            try:
                return of_file(path)
            except NoFile:
                return None  # of somebody else
    return None


def _read(path: str, data: bytes) -> Settings:
    from funnelcli.cli.settings_file import read

    beside = os.path.relpath(path) if os.path.abspath(path).startswith(os.path.join(os.getcwd(), "")) else path
    return read(data, beside)
