"""funnelcli: a funnel calculator for the command line.

The promised Python API is what stands here; everything else may move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from funnelcli.analyses.bottleneck import find_bottleneck
    from funnelcli.analyses.conversion import convert
    from funnelcli.analyses.scenario import project
    from funnelcli.funnel_file.reader import read

    __version__: str

__all__ = ["convert", "find_bottleneck", "project", "read"]

_HOMES = {
    "read": "funnelcli.funnel_file.reader",
    "convert": "funnelcli.analyses.conversion",
    "find_bottleneck": "funnelcli.analyses.bottleneck",
    "project": "funnelcli.analyses.scenario",
}


def __getattr__(name: str) -> Any:
    """Import a name of the API when it is first used, or read the version: the command line starts without them."""
    if name == "__version__":
        from funnelcli.docs.releases import releases

        return releases()[0].version
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
