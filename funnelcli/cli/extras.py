"""What the extras bring that measuring and pages need, and how to install what is missing."""

from __future__ import annotations

from importlib.util import find_spec

from funnelcli.cli import console

_LIBRARIES = {
    "events": ("duckdb", "ruamel.yaml"),
    "warehouse": ("ibis", "packaging", "sqlglot"),
    "postgres": ("psycopg",),
    "mysql": ("pymysql",),
    "report": ("jinja2", "vl_convert"),
}
"""What a measurement, or a page, needs of each extra."""


def refuse_lacking(*extras: str, what: str = "measure") -> None:
    """Refuse to go on without what extras bring, with the one line that installs it."""
    missing = {extra: [name for name in _LIBRARIES[extra] if not installed(name)] for extra in extras}
    needed = ",".join(extra for extra, names in missing.items() if names)
    if needed:
        names = ", ".join(name for each in missing.values() for name in each)
        raise console.Refused(f"{what} needs {names}", f'install with: pip install "funnelcli[{needed}]"')


def installed(name: str) -> bool:
    """Whether a library is there."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # of a package that the name is in
        return False
