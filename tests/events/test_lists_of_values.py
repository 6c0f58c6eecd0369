"""Lists of hundreds of values: one look, and what each of them would be alone, in files and databases."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.events.comparisons import compared  # noqa: E402  # after the check
from funnelcli.events.definition import NUMBER, TEXT, Definition  # noqa: E402  # after the check
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


def test_what_events_meet_is_told_by_one_value_where_no_two_conditions_list_it() -> None:
    """Where a column is looked up, each of its values meets what it stands for, and nothing else."""
    warehouse = pytest.importorskip("funnelcli.events.warehouse.events", reason="Ibis is not installed")
    chance, told = Random(20261127), 0  # no secret
    asked = ["a", "b", "c", "d", "e", Predicate("!=", "a"), None]
    for _ in range(200):
        whens = tuple(
            tuple(
                tuple(
                    Condition(chance.choices("xy", (9, 1))[0], tuple(chance.sample(asked[: chance.choice((5, 7))], 1)))
                    for _ in range(chance.choice((1, 1, 1, 2)))
                )
                for _ in range(chance.choice((1, 2)))
            )
            for _ in range(2)
        )
        definition = Definition(("s0", "s1"), (0, 0), whens, frozenset(), "u", "t")
        known = warehouse.by_value(definition, {"x": TEXT, "y": TEXT})
        if known is not None:
            told += 1
            column, bits = known
            assert {condition.column for condition in definition.conditions} == {column}
            for value in ("a", "b", "c", "d", "e", "f", None):
                met = {
                    stage
                    for stage, when in enumerate(whens)
                    if any(all(plain(value, condition) for condition in alternative) for alternative in when)
                }
                assert met == ({bits[value]} if value in bits else set())
    assert 20 < told < 180
