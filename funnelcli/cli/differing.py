"""Files on both sides of a change, to what the change does: which were read, which funnel is which, what differs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.analyses.changed_keys import KeyChange
from funnelcli.analyses.difference import DifferenceReport, FileDifference, difference, not_compared
from funnelcli.analyses.looseness import LimitChange
from funnelcli.analyses.matched_funnels import FunnelsOfFile, matched
from funnelcli.cli.load import with_defaults
from funnelcli.cli.states import states
from funnelcli.diagnostics import Severity
from funnelcli.funnel_file.names import is_funnel_file
from funnelcli.funnel_file.reader import MARK, Reading, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from funnelcli.analyses.difference import FunnelDifference
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.model import Funnel


class FileSides(NamedTuple):
    """A file on both sides of a change: its name and its bytes, `None` where it is not there.

    `history` are the names by which the history of each side is asked for.
    """

    old: str | None
    new: str | None
    old_data: bytes | None
    new_data: bytes | None
    is_settings: bool = False
    is_named: bool = False
    history: tuple[str | None, str | None] = (None, None)

    @property
    def name(self) -> str:
        """What it is called now, or was last."""
        name = self.new or self.old
        assert name is not None
        return name


def report_on(files: Sequence[FileSides], before: str, after: str, strict: bool = False) -> DifferenceReport:
    """What a change of these files does: `before` and `after` are what its sides are called."""
    sides: list[FunnelsOfFile] = []
    alone: list[tuple[Funnel, bool]] = []
    said: list[FileDifference] = []
    for file in files:
        if file.is_settings:
            told = _of_settings(file)
        else:
            old, new = (
                _read(name, data, file, strict) for name, data in ((file.old, file.old_data), (file.new, file.new_data))
            )
            told = _of_file(file, old, new, strict)
            side, unread = _side(old, new, file)
            sides.append(side)
            alone += unread
        if told is not None:
            said.append(told)
    asked: tuple[dict[str | None, str | None], ...] = (
        {file.name if file.is_named else file.old: file.history[0] for file in files},
        {file.new: file.history[1] for file in files},
    )
    found = []
    for pair in matched(sides):
        known = [_states(*each) for each in zip(pair, asked, strict=True)]
        found.append(difference(*pair, strict, (known[0], known[1])))
    found += [not_compared(each, is_now, strict, _states(each, asked[is_now])) for each, is_now in alone]
    return DifferenceReport(before, after, tuple(sorted(filter(None, found), key=_weight)), tuple(said))


def _states(funnel: Funnel | None, names: Mapping[str | None, str | None]) -> Sequence[Funnel]:
    """The states of a funnel on its side, whose files are asked for by these names."""
    return () if funnel is None else states(funnel, funnel.checks, names.get(funnel.file)).funnels


def _weight(each: FunnelDifference) -> tuple[bool, bool]:
    return not each.loosened, not each.newly_failing


def is_checked(path: str) -> bool:
    """Whether `check` finds a file in its folder: a funnel file that is not hidden."""
    from funnelcli.cli.repository.reading import is_hidden

    return is_funnel_file(path) and not is_hidden(path)


def _read(name: str | None, data: bytes | None, file: FileSides, strict: bool) -> Reading | None:
    """What a side holds; `None` of one that is not there, or that `check` does not find."""
    if name is None or data is None or not (file.is_named or is_checked(name)):
        return None
    if not strict:
        return with_defaults(read(data, name))
    from funnelcli.lint.rules import RULES

    return with_defaults(read(data, name, rules=RULES))


def _side(old: Reading | None, new: Reading | None, file: FileSides) -> tuple[FunnelsOfFile, list[tuple[Funnel, bool]]]:
    """The funnels of both sides, and those alone that the other may have where it has errors: whether they are now."""
    before, after = (() if each is None else each.funnels for each in (old, new))
    names = [[funnel.name for funnel in side] for side in (before, after)]
    alone: list[tuple[Funnel, bool]] = []
    if new is not None and _errors(new):
        alone += [(funnel, False) for funnel in before if funnel.name not in names[1]]
        before = tuple(funnel for funnel in before if funnel.name in names[1])
    if old is not None and _errors(old):
        alone += [(funnel, True) for funnel in after if funnel.name not in names[0]]
        after = tuple(funnel for funnel in after if funnel.name in names[0])
    if file.is_named:  # two files that are held against each other are not one that was renamed
        before = tuple(funnel._replace(file=file.name) for funnel in before)
    return FunnelsOfFile(before, after), alone


def _errors(reading: Reading) -> tuple[Diagnostic, ...]:
    return tuple(each for each in reading.diagnostics if each.severity is Severity.ERROR)


def _of_file(file: FileSides, old: Reading | None, new: Reading | None, strict: bool) -> FileDifference | None:
    """That a file newly does not read, or does again, and the warnings that it silences now."""
    wrong = [() if each is None else _errors(each) for each in (old, new)]
    loosened = _silenced(file, old, new)
    said = [[(each.problem.code, each.problem.message) for each in found] for found in wrong]
    warnings = _new_warnings(old, new) if strict else ()
    if said[0] == said[1] and not loosened and not warnings:
        return None
    return FileDifference(
        file=file.name,
        file_before=file.old,
        reads_before=None if old is None else not wrong[0],
        reads=None if new is None else not wrong[1],
        errors=wrong[1],
        loosened=loosened,
        warnings=warnings,
    )


def _new_warnings(old: Reading | None, new: Reading | None) -> tuple[Diagnostic, ...]:
    """Warnings that a file has now and had not, which fail where a run is strict."""
    before, after = (
        [] if side is None else [each for each in side.diagnostics if each.severity is Severity.WARNING]
        for side in (old, new)
    )
    known = Counter((each.problem.code, each.path) for each in before)
    found = []
    for each in after:
        if known[each.problem.code, each.path]:
            known[each.problem.code, each.path] -= 1
        else:
            found.append(each)
    return tuple(found)


def _silenced(file: FileSides, old: Reading | None, new: Reading | None) -> tuple[LimitChange, ...]:
    """Warnings that a comment silences now and none did before."""
    if new is None or MARK not in new.text:
        return ()
    before = Counter(code for code, _ in _ignored(old, file.old_data))
    found = []
    for code, place in _ignored(new, file.new_data):
        if before[code]:
            before[code] -= 1
        else:
            found.append(LimitChange("loosened", "ignored", None, code, _title(code), location=place.location))
    return tuple(found)


def _ignored(reading: Reading | None, data: bytes | None) -> list[tuple[str, Diagnostic]]:
    """What comments of a file silence: the warnings that it has without them, and not with them."""
    if reading is None or data is None or MARK not in reading.text:
        return []
    from funnelcli.lint.rules import RULES

    text = reading.text
    said = [
        read(each.encode(), reading.file, rules=RULES).diagnostics for each in (text, text.replace(MARK, "funnelcli;"))
    ]
    kept = {(each.problem.code, each.location) for each in said[0]}
    return [(each.problem.code, each) for each in said[1] if (each.problem.code, each.location) not in kept]


def _title(code: str) -> str:
    from funnelcli.docs import explanation

    known = explanation(code)
    return known.title if known else code


def _of_settings(file: FileSides) -> FileDifference | None:
    """Defaults that are set otherwise; codes that are ignored now are warnings that are not said any more."""
    from funnelcli.cli.settings_file import read as read_settings

    old, new = (
        None if data is None else read_settings(data, name or file.name)
        for name, data in ((file.old, file.old_data), (file.new, file.new_data))
    )
    before = {} if old is None else {key: value.texts for key, value in old.values.items()}
    after = {} if new is None else {key: value.texts for key, value in new.values.items()}
    codes = [code for code in after.get("ignore", ()) if not code.startswith(tuple(before.get("ignore", ())))]
    loosened = tuple(LimitChange("loosened", "ignored", None, code, _title(code)) for code in codes)
    keys = tuple(
        KeyChange((key,), None, _joined(before.get(key)), _joined(after.get(key)))
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    )
    errors = () if new is None else tuple(new.found)
    if not keys and not errors:
        return None
    reads = [None if side is None else not side.found for side in (old, new)]
    return FileDifference(file.name, file.old, reads[0], reads[1], errors, loosened, keys)


def _joined(texts: Sequence[str] | None) -> str | None:
    return None if texts is None else ", ".join(texts)
