"""What is left out of searches and tables without `--thorough` is of no kind that stays untried."""

from itertools import product

import pytest

from tests import thorough


@pytest.fixture(params=[False, True])
def asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(thorough, "_asked", request.param)
    return bool(request.param)


def test_few_are_spread_over_all(asked: bool) -> None:
    assert thorough.few(range(100), 4) == (list(range(100)) if asked else [12, 37, 62, 87])
    assert thorough.few("abc", 3) == thorough.few("abc", 9) == ["a", "b", "c"]


def test_of_tables_each_entry_is_there_once(asked: bool) -> None:
    tables = ("abc", (1, 2), [None])
    found = thorough.each_once(*tables)
    assert [{each[place] for each in found} for place in range(3)] == [set(table) for table in tables]
    assert len(found) == (6 if asked else 3)
    assert set(found) <= set(product(*tables))


def test_one_of_two_is_taken(asked: bool) -> None:
    assert thorough.whole_or_part(40, 10) == (40 if asked else 10)
