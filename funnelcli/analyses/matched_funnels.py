"""Which funnel is which on the two sides of a change: by its name, else by its stages, else one that moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.renames import stages_now
from funnelcli.metrics import find_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from funnelcli.model import Funnel


class FunnelsOfFile(NamedTuple):
    """A file on both sides, with the funnels that it held and holds."""

    before: Sequence[Funnel]
    after: Sequence[Funnel]


def matched(files: Sequence[FunnelsOfFile]) -> list[tuple[Funnel | None, Funnel | None]]:
    """Which funnel is which: within its file by its name, else by its stages; else one that moved to another file."""
    pairs: list[tuple[Funnel | None, Funnel | None]] = []
    gone: list[Funnel] = []
    new: list[Funnel] = []
    for file in files:
        left, right = list(file.before), list(file.after)
        found = _take(left, right, _is_named) + _take(left, right, _has_its_stages)
        if len(left) == len(right) == 1 and len(file.before) == len(file.after):
            found.append((left.pop(), right.pop()))
        order = {id(funnel): place for place, funnel in enumerate(file.after)}
        pairs += sorted(found, key=lambda pair: order[id(pair[1])])
        gone += left
        new += right
    moved = _take(gone, new, lambda old, now: _is_named(old, now) and _has_its_stages(old, now))
    return [*pairs, *moved, *((None, each) for each in new), *((each, None) for each in gone)]


def _take(
    left: list[Funnel], right: list[Funnel], are_alike: Callable[[Funnel, Funnel], bool]
) -> list[tuple[Funnel | None, Funnel | None]]:
    found: list[tuple[Funnel | None, Funnel | None]] = []
    for old in [*left]:
        now = next((each for each in right if are_alike(old, each)), None)
        if now is not None:
            left.remove(old)
            right.remove(now)
            found.append((old, now))
    return found


def _is_named(old: Funnel, now: Funnel) -> bool:
    return find_name(old.name, [now.name]) is not None


def _has_its_stages(old: Funnel, now: Funnel) -> bool:
    """Whether most of the stages are the same."""
    return 2 * len(stages_now(old, now)) > max(len(old.stages), len(now.stages))
