"""What `diff` says: the limits first, then checks, figures and money, and all else that a change of a file does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from funnelcli.analyses.difference import DifferenceReport
from funnelcli.diagnostics import joined, many
from funnelcli.exact import relative_change
from funnelcli.output.check.verdicts import VERDICTS, explained
from funnelcli.output.check.verdicts import figures as figures_of
from funnelcli.output.document import Block, CellKind, Column, KeyValues, Note, Section, Table
from funnelcli.output.numbers import UNDEFINED, text, visible
from funnelcli.output.views import difference_figures
from funnelcli.output.views.building import first_of, sentence, table, verdict, warning
from funnelcli.output.views.changed_limits import NOTHING, actual, limits
from funnelcli.output.views.difference_figures import is_check
from funnelcli.output.views.roundings import with_roundings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.analyses.changed_keys import KeyChange, Told
    from funnelcli.analyses.changed_scenarios import ScenarioChange
    from funnelcli.analyses.difference import CheckChange, ChecksNow, FileDifference, FunnelDifference
    from funnelcli.exact import Exact

MOST_KEYS = 12
"""Keys of one funnel that are listed; the rest is counted, and in JSON."""
ALARMS = ("Limits loosened", "Checks that newly fail")
"""Titles of what somebody should look at before the change is taken."""


def sections(report: DifferenceReport) -> Iterator[Section]:
    """The verdict on the whole, where there are several funnels; each of them; and what is said of files."""
    alone = len(report.funnels) == 1 and not report.files
    if not alone and not report.is_empty:
        yield Section(_called(report), None, None, 1, None, (verdict(headline(report)),))
    for each in report.funnels:
        yield section(each, [verdict(headline(report if alone else of_one(each)))] if has_verdict(each) else [])
    for file in report.files:
        yield file_section(file)


def file_section(file: FileDifference) -> Section:
    """What is said of a file."""
    return Section(file.file, None, None, 1, None, tuple(of_file(file)))


def section(each: FunnelDifference, first: Iterable[Block] = ()) -> Section:
    """One funnel."""
    found = (*first, *with_roundings(blocks(each), each.currency))
    return Section(each.name, _period(each), each.file, each.document, each.currency, found)


def _period(each: FunnelDifference) -> str | None:
    before, now = each.period_before, each.period
    return f"{before} → {now}" if each.change == "changed" and before and now and before != now else now


def _called(report: DifferenceReport) -> str:
    funnels = len({(each.file, each.name) for each in report.funnels})
    parts = [many(funnels, "funnel")] if funnels else []
    parts += [many(len(report.files), "file")] if report.files and not funnels else []
    return f"{joined(parts)} changed"


def headline(report: DifferenceReport) -> str:
    """What a reviewer must know, in a line: `1 limit loosened, 1 check newly fails, revenue −12,300 EUR (−8%).`."""
    parts = [many(report.loosened, "limit loosened", "limits loosened")] if report.loosened else []
    if report.newly_failing:
        parts.append(many(report.newly_failing, "check newly fails", "checks newly fail"))
    if report.broken:
        parts.append(many(report.broken, "file does not read", "files do not read"))
    if report.warnings:
        parts.append(many(report.warnings, "new warning"))
    again = sum(file.reads_again for file in report.files)
    if again:
        parts.append(many(again, "file reads again", "files read again"))
    if not parts:
        parts.append("no limit loosened, no check newly fails")
    return f"{sentence(', '.join([*parts, *_in_money(report)]))}."


def has_verdict(each: FunnelDifference) -> bool:
    """Whether something was judged: of what could not be compared, checks that fail alone."""
    return each.is_compared or bool(each.newly_failing)


def of_one(each: FunnelDifference) -> DifferenceReport:
    """A report of one funnel alone."""
    return DifferenceReport("", "", (each,))


def in_short(each: FunnelDifference) -> str:
    """What changed of one funnel, in a few words."""
    money = ", ".join(_in_money(of_one(each)))
    told = [
        (each.counts, "count"),
        (each.stages, "stage"),
        (each.limits, "limit"),
        (each.scenarios, "scenario"),
        (each.keys, "key"),
    ]
    parts = [money] if money else []
    parts += [many(len(found), word) for found, word in told if found]
    return sentence(f"{joined(parts)} changed" if parts and not money else ", ".join(parts) or "what changed")


def _in_money(report: DifferenceReport) -> Iterator[str]:
    """The change of revenue, of all funnels that have one currency, and of profit where that is another.

    Without revenue, it is of what is sold.
    """
    revenues = [each for funnel in report.funnels for each in funnel.amounts if each.figure == "revenue"]
    currencies = {funnel.currency for funnel in report.funnels if any(a.figure == "revenue" for a in funnel.amounts)}
    if revenues and len(currencies) == 1:
        before, after = sum(each.before for each in revenues), sum(each.after for each in revenues)
        of = f" in {len(revenues):,} funnels" if len(revenues) > 1 else ""
        yield f"revenue {_change(before, after, 'money', *currencies)}{of}"
    profits = [each for funnel in report.funnels for each in funnel.amounts if each.figure == "profit"]
    currencies = {funnel.currency for funnel in report.funnels if any(a.figure == "profit" for a in funnel.amounts)}
    moved = sum(each.change for each in revenues)
    if len(currencies) == 1 and len(profits) >= len(revenues) and sum(each.change for each in profits) != moved:
        before, after = sum(each.before for each in profits), sum(each.after for each in profits)
        of = f" in {len(profits):,} funnels" if len(profits) > 1 else ""
        yield f"profit {_change(before, after, 'money', *currencies)}{of}"
    sales = [(funnel, each) for funnel in report.funnels for each in funnel.amounts if each.figure == "sales"]
    if not revenues and len(sales) == 1:
        funnel, each = sales[0]
        yield f"{visible(funnel.sales_called)} {_change(each.before, each.after, 'count', None)}"


def _change(before: Exact, after: Exact, kind: CellKind, currency: str | None) -> str:
    rate = relative_change(before, after)
    said = text(after - before, f"{kind}_change", currency)
    return said if rate is None else f"{said} ({text(rate, 'rate_change')})"


# one funnel


def blocks(each: FunnelDifference) -> Iterator[Block]:
    """All that changed of a funnel; nothing of what did not."""
    yield from _whole(each)
    if each.loosened:
        yield limits(each.loosened, ALARMS[0])
    if each.newly_failing:
        yield _checks(each.newly_failing, ALARMS[1])
    if each.checks_now is not None:
        yield Note(f"Checks now: {_standing(each.checks_now)}.")
    yield from difference_figures.blocks(each)
    yield from rest(each)


def _whole(each: FunnelDifference) -> Iterator[Note]:
    """That a funnel is new, is gone, or is called otherwise."""
    if each.change == "added":
        yield Note("A new funnel.")
    elif each.change == "removed":
        yield Note("The funnel is gone.")
    elif each.change == "read again":
        yield Note("It reads, and did not before: what it has now is not compared.")
    elif each.change == "no longer read":
        yield Note("It does not read any more: this is what it had.")
    else:
        if each.name_before != each.name:
            yield Note(f"Renamed: it was {visible(each.name_before or '')}.")
        if each.file_before != each.file and each.file_before is not None:
            yield Note(f"It was in {visible(each.file_before)}.")


def _standing(now: ChecksNow) -> str:
    counts = zip((now.passed, now.failed, now.undecided), VERDICTS.values(), strict=True)
    return ", ".join(f"{number:,} {word}" for number, word in counts if number)


def _checks(changed: Sequence[CheckChange], title: str) -> Table:
    columns = (
        Column("Check", "check", "text", lambda each: each.after.check),
        Column("Before", "before", "text", lambda each: NOTHING if each.before is None else actual(each.before)),
        Column("Now", "after", "text", lambda each: figures_of(each.after)),
        Column("", "reason", "text", lambda each: explained(each.after), spare=1),
    )
    return table(changed, columns, title, "checks")


# what else


def rest(each: FunnelDifference) -> Iterator[Block]:
    """What is no alarm and no figure: checks that are well again, stages, limits, scenarios and all other keys."""
    for outcome, title in (("no longer judged", "Checks that cannot be judged any more"), ("no longer fails", "")):
        found = [check for check in each.checks if check.outcome == outcome]
        if found:
            yield _checks(found, title or "Checks that no longer fail")
    if each.stages:
        yield KeyValues(tuple((f"Stage {stage.change}", _sides(stage.before, stage.after)) for stage in each.stages))
    for changes, title in ((("tightened",), "Limits tightened"), (("added", "removed", "rewritten"), "Other limits")):
        others = [limit for limit in each.limits if limit.change in changes]
        if others:
            yield limits(others, title if each.is_compared else "Limits")
    if each.scenarios:
        yield _scenarios(each)
    keys = [key for key in each.keys if not _stands_elsewhere(each, key)]
    if keys:
        yield changed_keys(keys, each.currency)


def _stands_elsewhere(each: FunnelDifference, key: KeyChange) -> bool:
    """Whether a key is told at the top, or among the figures."""
    if key.path == ("period",):
        return key.before is not None and key.after is not None
    return key.path[-1] == "average_check" and is_check(key) and each.comparison is not None


def _sides(before: str | None, after: str | None) -> str:
    return f"{before} → {after}" if before and after else before or after or ""


def _scenarios(each: FunnelDifference) -> Table:
    def brings(change: ScenarioChange) -> str:
        if change.metric is None or change.brings is None:
            return NOTHING if change.after is None else UNDEFINED
        kind = "money_change" if change.metric == "revenue" else "count_change"
        what = change.metric if change.metric == "revenue" else each.sales_called
        return f"{what} {text(change.brings, kind, each.currency)}"

    columns = (
        Column("Scenario", "name", "text"),
        Column("Before", "before", "text", lambda change: _changes(change.before)),
        Column("Now", "after", "text", lambda change: _changes(change.after)),
        Column("Brings now", "brings", "text", brings),
    )
    return table(each.scenarios, columns, "Scenarios", "scenarios")


def _changes(changes: dict[str, str] | None) -> str:
    if changes is None:
        return NOTHING
    return ", ".join(f"{selector} {change}".strip() for selector, change in changes.items())


def changed_keys(keys: Sequence[KeyChange], currency: str | None) -> Table:
    """Keys of the file, old and new; of many the first, and how many more there are."""
    rows = [(_path(key), *(_value(key, side, currency) for side in (key.before, key.after))) for key in keys]
    shown: list[tuple[Any, ...]] = [*rows[:MOST_KEYS]]
    if len(rows) > MOST_KEYS + 1:
        shown.append((first_of([row[0] for row in rows], MOST_KEYS)[-1], "", ""))
    else:
        shown = [*rows]
    columns = (Column("Also changed", "key", "text"), Column("Before", "before", "text"), Column("Now", "now", "text"))
    return Table(columns, tuple(shown), "", "keys")


def _path(key: KeyChange) -> str:
    *above, last = (part.replace("_", " ") if part.islower() else part for part in key.path)
    return f"{', '.join(above)}: {last}" if above else sentence(last)


def _value(key: KeyChange, value: Told, currency: str | None) -> str:
    if not key.in_words:
        return "…" if value is key.before and key.before is not None else "changed"
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    return text(value, "text" if isinstance(value, str) else key.kind or "number", currency)


# files


def of_file(file: FileDifference) -> Iterator[Block]:
    """That a file no longer reads, or reads again; what it silences; the defaults that it sets."""
    if file.file_before is not None and file.file_before != file.file:
        yield Note(f"It was {visible(file.file_before)}.")
    if file.breaks:
        yield warning("The file no longer reads." if file.reads_before else "The file does not read.")
    elif file.reads and file.reads_before is False:
        yield Note(
            "The file reads again. What it held before could not be read, so that no limit of it is compared: "
            "one may be lower, or gone. Name a revision in which it reads to compare it with that."
        )
    for each in (*file.errors[:MOST_KEYS], *file.warnings[:MOST_KEYS]):
        yield Note(f"· Line {each.location.line}: {visible(each.problem.message)} ({each.problem.code}).")
    if file.loosened:
        yield limits(file.loosened, "Warnings silenced")
    if file.keys:
        yield changed_keys(file.keys, None)
