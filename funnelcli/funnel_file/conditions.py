"""What `when` and `exclude` ask of an event's columns: values, comparisons, patterns, and what is none of these."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.funnel_file import condition_logic, moments, scalars
from funnelcli.funnel_file.yaml.nodes import Broken, Mapping, Sequence
from funnelcli.funnel_file.yaml.plain import NULL_WORDS, is_number
from funnelcli.funnel_file.yaml.quoting import single_quoted
from funnelcli.measure import COMPARISONS, OF_TEXT, TOGETHER, Condition, Predicate
from funnelcli.patterns import literal, regular

if TYPE_CHECKING:
    from funnelcli.funnel_file.node_reader import NodeReader
    from funnelcli.funnel_file.yaml.nodes import Node
    from funnelcli.measure import Comparing, When

_OPERATOR = rf"(?:({'|'.join(COMPARISONS[:6])}) *|({'|'.join(OF_TEXT)}) +)"
_COMPARISON = re.compile(rf"{_OPERATOR}(.*)", re.DOTALL)
_AND = re.compile(rf"(?<=\S) +and +(?={_OPERATOR})")
"""What joins comparisons that must all hold."""
_MISTAKEN = {
    "!==": "!=", "===": "=", "=>": ">=", "=<": "<=", "==": "=", "<>": "!=", "≥": ">=", "≤": "<=", "≠": "!=",
}  # fmt: skip
"""Operators of elsewhere, and what is meant."""
_REGEX = re.compile(r"([=!]?~\*?) *(.+)", re.DOTALL)
_WORDS = re.compile(
    r"((?:does |do )?not |doesn't )?((?:not )?i?like|i?regexp?|rlike|similar +to|glob|match(?:es)?|i?contains?|"
    r"includes?|starts? ?with|begins? ?with|ends? ?with|between(?= .+ and )) +(.+)",
    re.DOTALL | re.IGNORECASE,
)
"""What other languages call a comparison."""
_LIST = re.compile(r"(not )?in ?[\[(](.*)[\])]", re.DOTALL)
_ITEM = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([^,]*?))\s*(?:,|$)", re.DOTALL)
_RANGE = re.compile(r"(\S+) to (\S+)")


def read_when(reader: NodeReader, node: Node, key: str = "when") -> When:
    """Conditions on events: a mapping, or a list of mappings of which any may hold."""
    help_ = f"write {key}: {{column: value}}"
    listed = node.items if isinstance(node, Sequence) and node.items else [node]
    before = len(reader.findings)
    when = tuple(
        tuple(
            condition
            for column, _, value in reader.entries(alternative, "a column and its value", help_)
            for condition in _conditions(reader, column, value)
        )
        for alternative in listed
    )
    if len(reader.findings) == before:
        problem = condition_logic.always(when)
        if problem is not None:
            reader.report(problem, node)
    return when


def _conditions(reader: NodeReader, column: str, node: Node) -> tuple[Condition, ...]:
    """What is asked of one column: conditions of which all must hold; what no event or every event meets is noted."""
    before = len(reader.findings)
    asked: list[tuple[Any, ...]] = []
    if isinstance(node, Mapping) and node.entries:
        for operator, key, value in reader.entries(node, "an operator and its value", "write one value"):
            asked += _of_operator(reader, operator, key, value)
    elif isinstance(node, (Sequence, Mapping, Broken)) or not (several := _several(node.value, not node.style)):
        asked.append(_values(reader, node))
    elif isinstance(several, Problem):
        reader.report(several, node)
    else:
        asked = several
    conditions = tuple(Condition(column, values) for values in asked)
    if len(reader.findings) == before:
        problem = condition_logic.idle(conditions)
        if problem is not None:
            reader.report(problem, node)
    return conditions


def _of_operator(reader: NodeReader, operator: str, key: Any, node: Node) -> list[tuple[Any, ...]]:
    """The value or values after an operator that is a key, as conditions of which all must hold."""
    if operator not in TOGETHER:
        foreign = condition_value(f"{operator} {getattr(node, 'value', 'x')}")
        help_ = foreign.help if isinstance(foreign, Problem) else did_you_mean(operator, TOGETHER)
        reader.note(key, "FN120", f"{quoted(operator)} is no operator", help_)
        return []
    if operator in ("in", "not in"):
        if not isinstance(node, Sequence):
            reader.expected("a list of values", node, f"write {{{operator}: [a, b]}}")
            return []
        values = _values(reader, node)
        return [values] if operator == "in" else [(_not_like(reader, value, node),) for value in values]
    if isinstance(node, (Sequence, Mapping)):
        listed = "not in" if operator == "!=" else "in"
        shown = operator if operator.isalpha() else f'"{operator}"'
        reader.expected("one value", node, f"write one value after {shown}, or {listed} in place of it")
        return []
    if isinstance(node, Broken):
        return []
    value: Any
    if operator in OF_TEXT and node.value:
        value = _of_text(operator, node.value)
    elif not isinstance(value := scalars.value_of_any_kind(node.value, not node.style), Problem):
        if operator == "=":
            value = Predicate("=", value) if isinstance(value, str) else value
        else:
            value = _other_than(value) if operator == "!=" else condition_value(f"{operator} {node.value}")
    if isinstance(value, Problem):
        reader.report(value, node)
        return []
    return [(value,)]


def _other_than(value: Any) -> Predicate:
    return Predicate("not null") if value is None else Predicate("!=", value)


def _not_like(reader: NodeReader, value: Any, node: Node) -> Any:
    """What is none of a list: a value, or a text that fits a pattern."""
    if not isinstance(value, Predicate):
        return _other_than(value)
    opposite = {"=": "!="}.get(value.operator, f"not {value.operator}")
    if opposite not in COMPARISONS:
        reader.expected("a value or a pattern", node, "write what the column is not, e.g. {not in: [a, like b%]}")
        return value
    return Predicate(opposite, value.operand)


def _values(reader: NodeReader, node: Node) -> tuple[Any, ...]:
    """One value or a list of values that a column is compared with."""
    if isinstance(node, (Mapping, Sequence)) and not (isinstance(node, Sequence) and node.items):
        reader.expected("a value", node, "write one value or a list of values; no event is in an empty list")
        return ()
    values = []
    for item in node.items if isinstance(node, Sequence) else [node]:
        if isinstance(item, (Mapping, Sequence)):
            reader.expected("a value", item, "write one value or a list of values")
        elif not isinstance(item, Broken):
            several = _several(item.value, not item.style)
            value = condition_value(item.value, not item.style)
            if several and not isinstance(several, Problem):
                help_ = f'write it alone; in a list, "= {item.value}" is the text'
                value = Problem("FN103", f"{quoted(item.value)} is no single value", help_)
            if isinstance(value, Problem):
                reader.report(value, item)
            else:
                values.append(value)
    return tuple(values)


def _several(text: str, plain: bool) -> list[tuple[Any, ...]] | Problem | None:
    """Text that asks several things of a column, as conditions that all must hold: comparisons, a range, a list."""
    listed = _LIST.fullmatch(text)
    if listed:
        return _listed(bool(listed[1]), listed[2])
    parts = _joined(text)
    if len(parts) > 1:
        values = [condition_value(part) for part in parts]
        wrong = next((value for value in values if isinstance(value, Problem)), None)
        return wrong or [(value,) for value in values]
    match = _RANGE.fullmatch(text)
    if match is None or not all(map(is_number, match.groups())):
        return None
    ends = [scalars.exact(end, "a number", "10") for end in match.groups()]
    for end in ends:
        if isinstance(end, Problem):
            return end
    low, high = ends
    if low > high:  # type: ignore[operator]  # both are numbers, as just seen
        return Problem("FN103", f"the range {quoted(text)} falls", f"write {match[2]} to {match[1]}")
    return [(Predicate(">=", low),), (Predicate("<=", high),)]  # type: ignore[arg-type]  # numbers


def _joined(text: str) -> list[str]:
    """The comparisons that `and` joins, or the one; what is equal to a text, or stands in quotes, is one."""
    if not _COMPARISON.fullmatch(text) or text.startswith("=") or re.fullmatch(r'[^"]*"[^"]*"', text, re.DOTALL):
        return [text]
    edges = [0, *(edge for found in _AND.finditer(text) for edge in found.span()), len(text)]
    return [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _listed(negated: bool, text: str) -> list[tuple[Any, ...]] | Problem:
    """The values of `in [a, b]` or `not in [a, b]`."""
    values: list[Any] = []
    for double, single, bare in (match.groups() for match in _ITEM.finditer(text) if match[0].strip()):
        quoted_text = double if double is not None else single
        value = scalars.value_of_any_kind(bare) if quoted_text is None else quoted_text
        if isinstance(value, Problem):
            return value
        values.append(value)
    if not values:
        return Problem("FN103", "no event is in an empty list", "write in [a, b]")
    return [(_other_than(value),) for value in values] if negated else [tuple(values)]


def condition_value(text: str, plain: bool = True) -> Any:
    r"""A value to be equal to, a `Predicate`, or a `Problem`.

    `>= 10` and its like want a number or a date, as the order of text differs from database to database; `like` wants
    a pattern of SQL, in which % stands for any text and _ for any character, and \%, \_ and \\ for themselves, and
    `ilike` the same whatever the case; `matches` a regular expression that every engine reads alike. `= like x` is the
    text "like x". What other languages call a comparison is refused, as it would be taken for text.
    """
    if text == "not null":
        return Predicate("not null")
    for wrong, right in _MISTAKEN.items():
        if text.startswith(wrong):
            return Problem("FN103", f"{wrong} is no comparison", f'write "{right} …", or "= {text}" for the text')
    foreign = _foreign(text)
    if foreign is not None:
        return foreign
    match = _COMPARISON.fullmatch(text)
    if match is None:
        return scalars.value_of_any_kind(text, plain)
    operator, operand = cast("Comparing", match[1] or match[2]), match[3]
    if not operand:
        return Problem(
            "FN103", f"nothing stands after {operator}", f'write "{operator} 10", or "= {text}" for the text'
        )
    if operator in OF_TEXT:
        within = operand[0] == operand[-1] == '"' and len(operand) > 1 and not operator.endswith(("like", "matches"))
        return _of_text(operator, operand[1:-1] if within else operand)
    if operator in ("=", "!="):
        if operand[0] == operand[-1] == '"' and len(operand) > 1:
            return Predicate(operator, operand[1:-1])
        if operand in NULL_WORDS:
            help_ = f"write {'null' if operator == '=' else 'not null'}, or '{operator} \"{operand}\"' for the text"
            return Problem("FN103", f"nothing is compared with {operand}", help_)
    if is_number(operand):
        number = scalars.exact(operand, "a number", "10")
        return number if isinstance(number, Problem) else Predicate(operator, number)
    if operator in ("=", "!=") or not isinstance(moments.moment(operand, False), Problem):
        return Predicate(operator, operand)
    return Problem(
        "FN103", f"after {operator}, {quoted(operand)} is neither a number nor a date", _limits(operator, operand)
    )


def _of_text(operator: Comparing, operand: str) -> Predicate | Problem:
    """A comparison of texts, or what of its pattern cannot be read."""
    if operator.endswith("matches"):
        found = regular(operand)
        return found if isinstance(found, Problem) else Predicate(operator, operand)
    if not operator.endswith("like"):
        return Predicate(operator, operand)
    if re.search(r"\\(?![\\%_])", re.sub(r"\\\\", "", operand)):
        right = re.sub(r"\\([%_]|\\?)", lambda found: found[0] if found[1] else r"\\", operand)
        help_ = f"write {single_quoted(f'{operator} {right}')}, in which a backslash is itself"
        return Problem("FN103", "a backslash in a pattern stands before %, _ or a backslash", help_)
    return Predicate(operator, operand)


def _limits(operator: str, operand: str) -> str:
    """How to write a limit that is no number: without what is not a part of it, or both limits of a range."""
    both = re.fullmatch(r"(\S+?)\s*(and|or|,|&+|\|+)\s*([<>]=?)\s*(\S+)", operand, re.IGNORECASE)
    if both and both[2].casefold() not in ("or", "|", "||"):
        return f'write "{operator} {both[1]} and {both[3]} {both[4]}"'
    if both:
        return f'write ["{operator} {both[1]}", "{both[3]} {both[4]}"], of which any may hold'
    number = scalars.why_not_a_number(operand, "a number", "10").only
    return f'write "{operator} {number}"' if number else f'write "{operator} 10" or "{operator} 2026-10-01"'


def _foreign(text: str) -> Problem | None:
    """Why a text that begins like a comparison of another language is none, and what says the same here."""
    lower = text.casefold()
    own = next((word for word in (*(f"{word} " for word in OF_TEXT), "not null") if lower.startswith(word)), None)
    if own is not None and not text.startswith(own):
        return _refusal(text[: len(own)].strip(), single_quoted(own + text[len(own) :]), text)
    if lower in ("is null", "is not null"):
        return _refusal(text, lower.removeprefix("is "), text)
    listed = re.match(r"(not in |in (?=[\[(]|.*,))", lower, re.DOTALL)
    if listed:
        return _refusal(
            text[: listed.end()].strip(), f"{{{listed[1].strip()}: [{text[listed.end() :].strip('[]() ')}]}}", text
        )
    match = _REGEX.fullmatch(text)
    if match:
        word = "iregex" if match[1].endswith("*") else "regex"
        return _refusal(match[1], _instead(word, match[2], "not " * (text[0] == "!")), text)
    match = _WORDS.fullmatch(text) if own is None else None
    if match:
        shown, word, operand = f"{match[1] or ''}{match[2]}", " ".join(match[2].split()), match[3].strip()
        if len(operand) > 1 and operand[0] == operand[-1] and operand[0] in "\"'":
            operand = operand[1:-1]
        return _refusal(shown, _instead(word.casefold(), operand, "not " * bool(match[1])), text)
    if re.match(r"![^=]", text):
        return _refusal("!", single_quoted(f"!= {text[1:].strip()}"), text)
    return None


def _instead(word: str, operand: str, negated: str) -> str:
    """The condition of ours that says what one of another language says, in the quotes that YAML wants."""
    if word == "between":
        ends = re.split(r" and |, ?", operand)
        low, high = (end.strip() for end in ends) if len(ends) == 2 else ("10", "50")
        return f'{{">=": {low}, "<=": {high}}}'
    if word in ("glob", "similar to"):
        pattern = literal(operand).replace("*", "%").replace("?", "_") if word == "glob" else operand
        return single_quoted(f"{negated}like {pattern}")
    if word.startswith("icontain"):
        return single_quoted(f"{negated}ilike %{literal(operand)}%")
    if word.endswith("like") and word != "rlike":
        return single_quoted(f"{negated}{word} {operand}")
    ours = {"c": "contains", "i": "contains", "s": "starts with", "b": "starts with", "e": "ends with"}.get(word[0])
    if word.startswith(("r", "ireg", "match")):
        return single_quoted(f"{negated}matches {'(?i)' * word.startswith('i')}{operand}")
    return single_quoted(f"{negated}{ours} {operand}")


def _refusal(word: str, instead: str, text: str) -> Problem:
    return Problem(
        "FN103", f"{quoted(word)} is no comparison here", f"write {instead}; or {single_quoted(f'= {text}')}"
    )
