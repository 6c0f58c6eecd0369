"""What `when` asks of a column: every form, what is never or always met, and what other languages say."""

from __future__ import annotations

import re
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from funnelcli.funnel_file import condition_logic
from funnelcli.funnel_file.reader import read
from funnelcli.measure import COMPARISONS, Condition, Predicate
from funnelcli.patterns import as_expression
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
        ('{a: ">= 10 and < 100"}', [(">=", 10), ("<", 100)]),
        (
            '{a: ">= 2026-10-01 and < 2026-11-01 and != 2026-10-03"}',
            [(">=", "2026-10-01"), ("<", "2026-11-01"), ("!=", "2026-10-03")],
        ),
        ("{a: starts with /p and not contains test}", [("starts with", "/p"), ("not contains", "test")]),
        ("{a: contains rock and roll}", [("contains", "rock and roll")]),
        ("{a: 'contains \"salt and like pepper\"'}", [("contains", "salt and like pepper")]),
        ("{a: {contains: salt and like pepper}}", [("contains", "salt and like pepper")]),
        ("{a: = x and != y}", [("=", "x and != y")]),
        ("{a: {contains: 5, not ends with: '\"'}}", [("contains", "5"), ("not ends with", '"')]),
        ("{a: contains 5}", [("contains", "5")]),
        ("{a: 'matches ^/p'}", [("matches", "^/p")]),
        ("{a: {not matches: '^/p$', ilike: '%X'}}", [("not matches", "^/p$"), ("ilike", "%X")]),
        ("{a: {not in: [x, contains y, 'matches ^z']}}", [("!=", "x"), ("not contains", "y"), ("not matches", "^z")]),
        ("{a: contains}", [("contains",)]),
        ("{a: matches}", [("matches",)]),
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
        single = isinstance(value, tuple) and len(value) == 2 and value[0] in COMPARISONS
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
        ("{a: [contains x, not contains x]}", "{a: not null}"),
        ("{a: [contains x, 'not like %x%']}", "{a: not null}"),
        ("{a: [matches x, not matches x]}", "{a: not null}"),
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
        '{a: ">= 100 and < 10"}',
        "{a: {contains: x, not contains: x}}",
        "{a: {starts with: a, like: 'b%'}}",
        "{a: {matches: ^a, '=': b}}",
        "{a: {ilike: a, '=': b}}",
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
        "{a: {contains: a, ends with: b}}",
        "{a: {matches: a, not matches: b}}",
        "{a: [contains a, not contains A]}",
        "{a: {matches: ^A, ilike: a}}",
        "{a: {'=': A, ilike: a}}",
    ],
)
def test_what_tells_events_apart_is_taken(when: str) -> None:
    assert outcome(when)[1] == []


OF_TEXTS = ["=", "!=", "like", "not like", "ilike", "not contains", "starts with", "matches"]


def test_never_and_always_are_what_a_trial_of_many_values_says() -> None:
    """Random conditions on a column of numbers or of texts, against a plain look at every value there may be."""
    chance = Random(20261001)  # no secret
    numbers: list[Any] = [each / 2 for each in range(-2, 14)]
    texts = ["".join(each) for size in range(4) for each in product("ab_", repeat=size)]
    for kind in ("numbers", "texts") * 300:
        values: list[Any] = [*range(1, 6)] if kind == "numbers" else ["a", "ab", "b"]
        operators = (
            ["=", "!=", ">", ">=", "<", "<="]
            if kind == "numbers"
            else ["=", "!=", "like", "not like", "ilike", "not contains", "starts with", "matches"]
        )

        def value(operators: list[str] = operators, values: list[Any] = values) -> Predicate:
            operator = chance.choice(operators)
            patterns = ["a%", "%b", "_", r"a\_", "%"]
            expressions = ["a", "^a$", "[ab]b|_", "^$"]
            asked = {"like": patterns, "not like": patterns, "ilike": patterns, "matches": expressions}
            return Predicate(operator, chance.choice(asked.get(operator, values)))

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
    "~ ^/x", "~ foo$", "=~ foo", "!~ foo", "~* foo", "!~* foo", "regex ^a_b", "regexp a.*b", "iregex foo", "rlike foo",
    "similar to foo%", "match foo", "does not match foo", "Matches foo", "contain sign_up", "Contains 50%",
    "icontains 50%", "doesn't contain foo", "does not contain it's", "includes foo", "ILIKE foo%", "Not ilike foo%",
    "does not ilike foo", "LIKE foo%", "Not Like foo%", "NOT NULL", "STARTS WITH /a_b", "startswith foo",
    "begins with foo", "Ends with 5%", "ENDSWITH foo", "glob a*b?", "is null", "is not null", "IS NULL", "not in DE",
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
        assert outcome(f"{{a: {instead}}}")[1] == []


@pytest.mark.parametrize(
    ("text", "fitting", "other"),
    [
        ("includes sign_up", "/sign_up/x", "/sign-up/x"),
        ("does not contain 50%", "-50 off", "-50% off"),
        ("icontains a_b", "xA_By", "xaby"),
        ("beginswith /a_b", "/a_b/c", "/a-b/c"),
        ("endswith 5%", "by 5%", "by 5x"),
        ("~ ^/a_b$", "/a_b", "/a-b"),
        ("~* ^/a", "/A", "x/a"),
        ("!~ ^/a", "x/a", "/a"),
        ("regex a_b", "xa_bx", "xacbx"),
        ("glob a_*", "a_b", "axb"),
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
        ("> 50, < 100", '"> 50 and < 100"'),
        ("> 50 && < 100", '"> 50 and < 100"'),
        ("< 50 or > 100", '["< 50", "> 100"], of which any may hold'),
    ],
)
def test_a_limit_that_is_no_number_is_written_as_one(text: str, instead: str) -> None:
    _, (problem,) = outcome(f"{{a: '{text}'}}")
    assert problem.help == f"write {instead}"
    assert outcome(f"{{a: {instead.partition(', of which')[0]}}}")[1] == []


@pytest.mark.parametrize("operator", ["!=", ">=", "like"])
def test_a_list_after_an_operator_of_one_value_names_the_operator_of_lists(operator: str) -> None:
    _, (problem,) = outcome(f'{{a: {{"{operator}": [b, c]}}}}')
    listed = "not in" if operator == "!=" else "in"
    assert (problem.help or "").endswith(f"or {listed} in place of it")
    assert outcome(f"{{a: {{{listed}: [b, c]}}}}")[1] == []


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("a(?=b)", "looks ahead"), ("(?<!a)b", "looks ahead"), (r"(a)\1", "refers back"), ("(?P<x>a)", "names a group"),
        ("a(?i)b", "stands inside"), ("(?s)a", "is an option"), ("(?>a)", "is an option"), (r"\bfoo", "differently"),
        (r"\Afoo", "not known"), (r"foo\Z", "not known"), (r"\p{L}", "different things"), (r"\x41", "different things"),
        ("[]a]", "begins with"), ("[[:alpha:]]", "differs"), (r"[\W]", "stands in brackets"), ("[a-", "is not closed"),
        ("(a", "is not closed"), ("a)", "closes nothing"), ("a++", "repeats a repeat"), ("a{300}", "more than 255"),
        ("a{3,2}", "falls"), ("[b-a]", "falls"), ("{2}", "no number|nothing before"), ("*a", "nothing before"),
        ("a|*", "nothing before"), ("a{,2}", "no number"), ("a\\", "stands alone"), (r"[\d-z]", "no range"),
    ],
)  # fmt: skip
def test_what_engines_read_differently_in_regular_expressions_is_refused(expression: str, words: str) -> None:
    quoted = "'matches " + expression + "'"
    _, (problem,) = outcome(f"{{a: {quoted}}}")
    assert problem.code == "FN103"
    assert re.search(words, problem.message), problem.message
    assert problem.help


def test_a_character_is_its_own_text_in_regular_expressions_and_patterns() -> None:
    """Each of ASCII, escaped where it is a sign; those of other alphabets by case."""
    for character in [*map(chr, range(32, 127)), *"äßЖσς\n"]:
        sign = "\\" * (character in r"\^$.|?*+()[{") + character
        for inside in (sign, f"[{'^' * 0}{'' if character.isalnum() else chr(92)}{character}]"):
            found = as_expression("matches", inside, end=r"\Z")
            assert re.fullmatch(found, character)
            assert not re.fullmatch(found, "x" if character != "x" else "y")
        pattern = "\\" * (character in "%_\\") + character
        other = character.swapcase() if character.isalpha() else character
        for each in (character, other[0] if len(other) == 1 else character):
            assert re.fullmatch(as_expression("ilike", pattern, end=r"\Z"), each)
