"""The states of a funnel by the commits of its file, for checks that a figure is as usual; others run no git."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.cli import console
from funnelcli.cli.repository.names import at_revision
from funnelcli.what_if import UsualCheck

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.model import Funnel
    from funnelcli.what_if import AnyCheck


class States(NamedTuple):
    """A funnel as it was, in the order of time and as it is the last, and what is to be said of how that was told."""

    funnels: tuple[Funnel, ...] = ()
    notes: tuple[str, ...] = ()


def states(
    funnel: Funnel, checks: Sequence[AnyCheck], file: str | None, segments: Sequence[tuple[str, str]] = ()
) -> States:
    """Its states: none where no check asks for some, where the funnel has periods of its own, or where git has none.

    `file` is its file as history is asked for it, `REV:path` up to a revision; `segments` are those that it is of.
    """
    if file is None or not any(isinstance(check, UsualCheck) for check in checks):
        return States()
    from funnelcli.analyses.usual import has_periods

    if has_periods(funnel) or not (at_revision(file) or os.path.exists(file)):
        return States()
    from funnelcli.cli import history

    try:
        told = history.periods(file, segments=segments)
    except console.Refused:  # it is in no commit, or there is no git
        return States()
    name = funnel.name if not segments else funnel.name.removesuffix("".join(f", {name}" for _, name in segments))
    found = next((each for each in told if each.name == name), None)
    return States() if found is None else States(found.periods.funnels, found.notes)
