"""What `when` asks of a column: every form, what is never or always met, and what other languages say."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.funnel_file import condition_logic
from funnelcli.funnel_file.reader import read
from funnelcli.measure import Condition, Predicate
from tests.events import judge

if TYPE_CHECKING:
    from funnelcli.diagnostics import Problem
    from funnelcli.measure import When


def outcome(when: str) -> tuple[When, list[Problem]]:
    """A `when` in braces as it is read, and what is wrong with it."""
    text = f"stages: [{{name: A, count: 5, when: {when}}}, {{name: B, count: 1}}]\n"
    reading = read(text.encode(), "test.yaml")
    return (
        reading.funnels[0].stages[0].when if reading.funnels else (),
        [each.problem for each in reading.diagnostics],
    )


@pytest.mark.parametrize(
    ("when", "asked"),
    [
        ("{a: {not in: [x, 5, null]}}", [("!=", "x"), ("!=", 5), "not null"]),
        ("{a: {in: [x, 5, null]}}", [("x", 5, None)]),
        ('{a: {">=": 10, "<": 50}}', [(">=", 10), ("<", 50)]),
        ('{a: {">=": "2026-10-01", "<": "2026-11-01"}}', [(">=", "2026-10-01"), ("<", "2026-11-01")]),
        ("{a: 10 to 50}", [(">=", 10), ("<=", 50)]),
        ("{a: {like: /a%, not like: '%b', '!=': /axb}}", [("like", "/a%"), ("not like", "%b"), ("!=", "/axb")]),
        ("{a: {not in: [x, like b%]}}", [("!=", "x"), ("not like", "b%")]),
        ('{a: {"=": x, "!=": null}}', [("=", "x"), "not null"]),
        ("{a: 'in [x, \"b, c\", 5]'}", [("x", "b, c", 5)]),
        ("{a: 'not in (x, 5)'}", [("!=", "x"), ("!=", 5)]),
        (r"{a: 'like /sign\_up%'}", [("like", r"/sign\_up%")]),
        ("{a: in progress}", [("in progress",)]),
        ("{a: not started}", [("not started",)]),
        ("{a: between jobs}", [("between jobs",)]),
        ("{a: like}", [("like",)]),
    ],
)
def test_what_must_hold_together_on_one_column(when: str, asked: list[Any]) -> None:
    def of(value: Any) -> tuple[Any, ...]:
        if value == "not null":
            return (Predicate("not null"),)
        single = (
            isinstance(value, tuple)
            and len(value) == 2
            and value[0] in (">=", "<=", "<", ">", "!=", "=", "like", "not like")
        )
        return (Predicate(*value),) if single else value

    assert outcome(when) == ((tuple(Condition("a", of(value)) for value in asked),), [])


@pytest.mark.parametrize(
    ("when", "instead"),
    [
        ('{a: ["!= x", "!= b"]}', "{a: {not in: [x, b]}}"),
        ('{a: [">= 10", "<= 50"]}', '{a: {">=": 10, "<=": 50}}'),
        ('{a: [">= 2026-10-01", "< 2026-11-01"]}', '{a: {">=": "2026-10-01", "<": "2026-11-01"}}'),
        ('{a: [x, "!= x"]}', "{a: not null}"),
        ("{a: [like x%, not like x%]}", "{a: not null}"),
        ("{a: [not like x%, not like b%]}", "{a: not null}"),
        ("{a: like %}", "{a: not null}"),
        ("{a: [true, false]}", "{a: not null}"),
        ("{a: [not null, x]}", "{a: not null}"),
        ("{a: [null, not null]}", "{a: not null}"),
        ('[{a: "!= x"}, {a: "!= b"}]', "{a: {not in: [x, b]}}"),
        ('[{a: "!= x", b: "> 1"}, {a: x}, {b: "<= 1"}]', "{a: x}"),
    ],
)
def test_what_is_always_met_is_refused_and_help_mends_it(when: str, instead: str) -> None:
    _, (problem,) = outcome(when)
    assert problem.code == "FN124"
    assert outcome(instead)[1] == []
    if "write {" in (problem.help or ""):
        written = (problem.help or "").removeprefix("write ").partition(", of which")[0]
        assert f"{{a: {written}}}" == instead


@pytest.mark.parametrize(
    "when",
    [
        '{a: {">=": 50, "<": 10}}',
        '{a: {">": 10, "<": 10}}',
        '{a: {"=": x, in: [b, c]}}',
        "{a: {like: x%, not like: x%}}",
        "{a: {like: x%, '=': b}}",
        "{a: {like: 'x%', in: [like b%]}}",
        '{a: {"=": null, "!=": null}}',
        '{a: {">=": "2026-11-01", "<": "2026-10-01"}}',
    ],
)
def test_what_is_never_met_is_refused(when: str) -> None:
    _, (problem,) = outcome(when)
    assert problem.code == "FN124"
    assert problem.message.startswith("no event meets all of")


@pytest.mark.parametrize(
    "when",
    [
        '{a: [">= 50", "<= 10"]}',
        '{a: {">=": 10, "<=": 10}}',
        '[{a: "!= x"}, {b: "!= x"}]',
        "[{a: not null}, {b: not null}]",
        "{a: [not like x%, not like %b]}",
        "{a: {like: x%, '=': xb}}",
        '{a: ["!= x", null]}',
        "{a: true}",
        '[{a: x}, {a: "!= x", b: 5}]',
    ],
)
def test_what_tells_events_apart_is_taken(when: str) -> None:
    assert outcome(when)[1] == []


def test_never_and_always_are_what_a_trial_of_many_values_says() -> None:
    """Random conditions on a column of numbers or of texts, against a plain look at every value there may be."""
    chance = Random(20261001)  # no secret
    numbers: list[Any] = [each / 2 for each in range(-2, 14)]
    texts = ["".join(each) for size in range(4) for each in product("ab_", repeat=size)]
    for kind in ("numbers", "texts") * 300:
        values: list[Any] = [*range(1, 6)] if kind == "numbers" else ["a", "ab", "b"]
        operators = ["=", "!=", ">", ">=", "<", "<="] if kind == "numbers" else ["=", "!=", "like", "not like"]

        def value(operators: list[str] = operators, values: list[Any] = values) -> Predicate:
            operator = chance.choice(operators)
            patterns = ["a%", "%b", "_", r"a\_", "%"]
            return Predicate(operator, chance.choice(patterns if operator.endswith("like") else values))

        conditions = [Condition("c", tuple(value() for _ in range(chance.choice((1, 1, 2)))))]
        conditions += [Condition("c", (value(),))] * chance.choice((0, 1))
        met = [
            all(any(judge.meets(tuple(asked), each) for asked in condition.values) for condition in conditions)
            for each in (numbers if kind == "numbers" else texts)
        ]
        problem = condition_logic.idle(conditions)
        if problem is not None:  # a pattern that holds another is not seen: it may take more for sound, never less
            assert (all(met) and "every event" in problem.message) or (not any(met) and "no event" in problem.message)
        elif kind == "numbers":
            assert any(met)
            assert not all(met)


FOREIGN = [
    "~ ^/x", "~ foo$", "=~ foo", "!~ foo", "~* foo", "regex ^a_b", "regexp a.*b", "rlike foo", "similar to foo",
    "matches foo", "contains sign_up", "contains 50%", "not contains foo", "does not contain it's", "includes foo",
    "ilike foo%", "not ilike foo%", "LIKE foo%", "Not Like foo%", "NOT NULL", "starts with /a_b", "startswith foo",
    "begins with foo", "ends with 5%", "ENDSWITH foo", "glob a*b?", "is null", "is not null", "IS NULL", "not in DE",
    "NOT IN (DE, AT)", "IN (DE, AT)", "in DE, AT", "between 10 and 50", "!paid", "= null", "!= null",
    "=> 5", "=< 5", "== 5", "<> x", "!== x", "=== x", "≥ 5", "≤ 5", "≠ x",
]  # fmt: skip


@pytest.mark.parametrize("text", FOREIGN)
def test_comparisons_of_other_languages_are_refused_by_name_and_help_is_taken(text: str) -> None:
    """Never taken for a text that no event has; what help writes is read, alone or as the text that it is."""
    quoted = "'" + text.replace("'", "''") + "'"
    _, (problem,) = outcome(f"{{a: {quoted}}}")
    assert problem.code == "FN103"
    named = problem.message.partition(" is no comparison")[0].strip('"')
    assert text.startswith(named) or problem.message == "nothing is compared with null"
    assert problem.help is not None
    assert problem.help.startswith("write ")
    instead, _, as_text = problem.help.removeprefix("write ").partition("; or ")
    if as_text:
        when, problems = outcome(f"{{a: {as_text}}}")
        assert (when, problems) == (((Condition("a", (Predicate("=", text),)),),), [])
        instead = instead.partition(", in which")[0].partition(" for each")[0]
        assert outcome(f"{{a: {instead}}}")[1] == []


@pytest.mark.parametrize(
    ("text", "fitting", "other"),
    [
        ("contains sign_up", "/sign_up/x", "/sign-up/x"),
        ("contains 50%", "-50% off", "-50 off"),
        ("starts with /a_b", "/a_b/c", "/a-b/c"),
        ("ends with 5%", "by 5%", "by 5x"),
        ("~ ^/a_b$", "/a_b", "/a-b"),
        ("regex a_b", "xa_bx", "xacbx"),
        ("not contains a_b", "a-b", "xa_bx"),
    ],
)
def test_help_for_a_foreign_comparison_means_the_same(text: str, fitting: str, other: str) -> None:
    _, (problem,) = outcome(f"{{a: '{text}'}}")
    instead = (problem.help or "").removeprefix("write ").partition("; or ")[0]
    ((condition,),), _ = outcome(f"{{a: {instead}}}")
    (asked,) = condition.values
    assert judge.meets(tuple(asked), fitting)  # type: ignore[arg-type]  # a comparison
    assert not judge.meets(tuple(asked), other)  # type: ignore[arg-type]  # a comparison


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        (">= 50 EUR", '">= 50"'),
        (">= €1,000", '">= 1000"'),
        ("< 5k", '"< 5000"'),
        ("> 50 and < 100", '{">": 50, "<": 100}'),
    ],
)
def test_a_limit_that_is_no_number_is_written_as_one(text: str, instead: str) -> None:
    _, (problem,) = outcome(f"{{a: '{text}'}}")
    assert problem.help == f"write {instead}"
    assert outcome(f"{{a: {instead}}}")[1] == []


@pytest.mark.parametrize("operator", ["!=", ">=", "like"])
def test_a_list_after_an_operator_of_one_value_names_the_operator_of_lists(operator: str) -> None:
    _, (problem,) = outcome(f'{{a: {{"{operator}": [b, c]}}}}')
    listed = "not in" if operator == "!=" else "in"
    assert (problem.help or "").endswith(f"or {listed} in place of it")
    assert outcome(f"{{a: {{{listed}: [b, c]}}}}")[1] == []
