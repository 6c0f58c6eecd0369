"""Which versions of a funnel are periods of it: by cases whose answer is plain from how people keep such files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from funnelcli.analyses.versions import Corrected, Version, periods_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from funnelcli.model import Funnel


@pytest.fixture
def versions(funnel: Callable[[str], Funnel]) -> Callable[..., list[Version]]:
    """Versions of a day each, from pairs of a period, or none, and counts."""

    def make(*told: tuple[str | None, tuple[int, ...]], days: list[str] | None = None) -> list[Version]:
        found = []
        for number, (period, counts) in enumerate(told):
            stages = ", ".join(f"Stage {at}: {count}" for at, count in enumerate(counts))
            text = f"name: Shop\n{f'period: {period}' if period else ''}\nstages: {{{stages}}}\n"
            day = days[number] if days else f"2026-01-{number + 1:02}"
            found.append(Version(funnel(text), day, f"hash{number}"))
        return found

    return make


def names(told: list[Version], *, common: bool = False) -> list[tuple[str | None, int]]:
    found = periods_of(told, common).funnels
    return [(each.period, int(each.stages[-1].count)) for each in found]


def test_each_name_is_a_period_with_its_last_counts(versions: Callable[..., list[Version]]) -> None:
    told = versions(
        ("2026-01", (100, 9)),
        ("2026-01", (100, 10)),
        ("2026-01", (100, 10)),
        ("2026-02", (100, 20)),
        ("2026-01", (100, 11)),
    )
    found = periods_of(told)
    assert names(told) == [("2026-01", 11), ("2026-02", 20)]
    assert found.corrected == (Corrected("2026-01", 3),)
    assert found.by_name


def test_names_tell_the_order_and_else_the_versions_do(versions: Callable[..., list[Version]]) -> None:
    assert names(versions(("2026-03", (100, 3)), ("2026-01", (100, 1)), ("2026-02", (100, 2)))) == [
        ("2026-01", 1),
        ("2026-02", 2),
        ("2026-03", 3),
    ]
    told = versions(("spring sale", (100, 3)), ("clearance", (100, 1)))
    assert names(told) == [("spring sale", 3), ("clearance", 1)]
    assert not periods_of(told).by_name


def test_without_a_name_new_counts_are_a_period_of_their_day(versions: Callable[..., list[Version]]) -> None:
    told = versions((None, (100, 1)), (None, (100, 1)), (None, (100, 2)), (None, (100, 3)))
    assert names(told) == [("2026-01-01", 1), ("2026-01-03", 2), ("2026-01-04", 3)]
    assert periods_of(told).corrected == ()
    twice = versions(
        (None, (100, 1)), (None, (100, 2)), (None, (100, 3)), days=["2026-01-01", "2026-01-01", "2026-01-02"]
    )
    assert names(twice) == [("2026-01-01 hash0", 1), ("2026-01-01 hash1", 2), ("2026-01-02", 3)]


def test_counts_that_come_back_undo_what_lies_between(versions: Callable[..., list[Version]]) -> None:
    told = versions((None, (100, 1)), (None, (100, 7)), (None, (100, 1)), (None, (100, 2)))
    assert names(told) == [("2026-01-01", 1), ("2026-01-04", 2)]
    assert periods_of(told).undone == ("2026-01-02",)


def test_a_name_that_came_later_is_that_of_the_counts_that_were_there(versions: Callable[..., list[Version]]) -> None:
    told = versions((None, (100, 1)), ("2026-01", (100, 1)), ("2026-02", (100, 2)), (None, (100, 2)), (None, (100, 3)))
    assert names(told) == [("2026-01", 1), ("2026-02", 2), ("2026-01-05", 3)]


def test_a_name_that_was_changed_alone_is_no_second_period(versions: Callable[..., list[Version]]) -> None:
    begun = versions(("2026-01", (100, 1)), ("2026-02", (100, 2)), ("2026-03", (100, 2)))
    assert names(begun) == [("2026-01", 1), ("2026-02", 2)]
    assert periods_of(begun).stale == (("2026-03", "2026-02"),)
    counted = versions(("2026-01", (100, 1)), ("2026-02", (100, 1)), ("2026-02", (100, 2)))
    assert names(counted) == [("2026-01", 1), ("2026-02", 2)]
    mistaken = versions(("2026-13", (100, 1)), ("2026-01", (100, 1)), ("2026-02", (100, 2)))
    assert names(mistaken) == [("2026-01", 1), ("2026-02", 2)]
    assert periods_of(mistaken).stale == (("2026-13", "2026-01"),)


def test_two_periods_of_the_same_counts_are_two_where_both_were_counted(versions: Callable[..., list[Version]]) -> None:
    told = versions(("2026-01", (100, 1)), ("2026-02", (100, 2)), ("2026-02", (100, 1)))
    assert names(told) == [("2026-01", 1), ("2026-02", 1)]


def test_periods_of_other_stages_are_left_out_unless_common_ones_do(versions: Callable[..., list[Version]]) -> None:
    told = versions(("2026-01", (100, 1)), ("2026-02", (100, 50, 2)), ("2026-03", (100, 50, 3)))
    assert names(told) == [("2026-02", 2), ("2026-03", 3)]
    assert [each.period for each in periods_of(told).other_stages] == ["2026-01"]
    assert [name for name, _ in names(told, common=True)] == ["2026-01", "2026-02", "2026-03"]
