"""Lists of hundreds of values: one look, and what each of them would be alone, in files and databases."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.events.comparisons import compared  # noqa: E402  # after the check
from funnelcli.events.definition import NUMBER, TEXT  # noqa: E402  # after the check
from funnelcli.events.duckdb.events_sql import met  # noqa: E402
from funnelcli.events.duckdb.files import EventTable  # noqa: E402
from funnelcli.measure import Condition, Predicate  # noqa: E402

VALUES: dict[str, tuple[Any, ...]] = {
    "VARCHAR": ("a", "A", "a ", "", "5", None, "é"),
    "BIGINT": (0, 5, -3, 2**53 + 1, None, 7),
    "DECIMAL(38,9)": (0, 5, 7, None, -3),
    "DOUBLE": (0.0, 5.0, float("nan"), None, 2.0**53, 0.1),
    "UTINYINT": (0, 5, 255, None),
}
ASKED = {TEXT: ["a", "A", "a ", "", "5", "zz", None], NUMBER: [0, 5, -3, 7, 300, 2**53, 2**70, None]}


def plain(value: Any, condition: Condition) -> bool:
    """Whether a value meets a condition, as a comparison with each of its values tells."""
    told = []
    for operator, operand in compared(condition):
        if operand is None:
            told.append((value is None) == (operator == "="))
        else:
            told.append(value is not None and (value == operand) == (operator == "="))
    return any(told)


@pytest.mark.parametrize("type_", VALUES)
def test_a_list_is_what_its_values_are_each(type_: str) -> None:
    """Values of a list, and of `not in`, which are conditions of one value each; with a column that may be empty."""
    chance, asked = Random(20261005), ASKED[TEXT if type_ == "VARCHAR" else NUMBER]  # no secret
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE e (x {type_})")
        connection.executemany("INSERT INTO e VALUES (?)", [(value,) for value in VALUES[type_]])
        held = [value for (value,) in connection.execute("SELECT x FROM e").fetchall()]
        for _ in range(60):
            picked = chance.sample(asked, chance.randint(1, len(asked)))
            listed = (Condition("x", tuple(picked)),)
            others = tuple(Condition("x", (Predicate("!=", each),)) for each in picked if each is not None)
            for alternative in (listed, others or listed, (*listed, *others[:1])):
                bound: list[Any] = []
                query = f"SELECT x FROM e WHERE {met((alternative,), EventTable('e', {'x': type_}, False), bound)}"
                found = [value for (value,) in connection.execute(query, bound).fetchall()]
                expected = [each for each in held if all(plain(each, one) for one in alternative)]
                assert sorted(map(repr, found)) == sorted(map(repr, expected)), alternative
