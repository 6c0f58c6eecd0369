"""Cause, example and cure of every diagnostic code, one module a family; loaded only when somebody asks."""

from functools import cache
from importlib import import_module
from typing import NamedTuple


class Explanation(NamedTuple):
    """What a code means to the person who meets it.

    `cause` says what is wrong and why it is refused, `cure` what to write instead; both are one paragraph of Markdown
    with code between backticks. `example` is the smallest funnel file that shows the code, `fixed` the same, mended;
    a byte that cannot be shown stands in an example as `\\x1b`.
    """

    cause: str
    example: str
    cure: str
    fixed: str


_FAMILIES = {
    "FN0": "yaml",
    "FN1": "funnel",
    "FN2": "ambiguous",
    "FN3": "warnings",
    "FN4": "checks",
}
"""Modules of this package, each with `EXPLANATIONS`, by how their codes begin."""


def explanation(code: str) -> Explanation | None:
    """What is known about a code, `FN104`; `None` for one that does not exist."""
    family = _FAMILIES.get(code[:3])
    if family is None:
        return None
    known: dict[str, Explanation] = import_module(f"{__name__}.{family}").EXPLANATIONS
    found = known.get(code)
    return _of_rules().get(code) if found is None and family == "warnings" else found


@cache
def _of_rules() -> dict[str, Explanation]:
    """What the rules of `lint` say about themselves."""
    from funnelcli.lint.rules import RULES

    return {rule.CODE: Explanation(rule.CAUSE, rule.EXAMPLE, rule.CURE, rule.FIXED) for rule in RULES}
