"""The manual: a page of Markdown for every diagnostic code, read only when somebody asks."""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

from funnelcli.diagnostics import Problem

_FOLDER = os.path.join(os.path.dirname(__file__), "codes")


class Explanation(NamedTuple):
    """What a code means to the person who meets it; the field names are keys of JSON.

    `severity` is `error` or `warning`. `cause` says what is wrong and why it is refused, `cure` what to write instead;
    both are one paragraph of Markdown with code between backticks. `example` is the smallest funnel file that shows the
    code, `fixed` the same, mended; a byte that cannot be shown stands in an example as `\\x1b`.
    """

    code: str
    severity: str
    title: str
    cause: str
    example: str
    cure: str
    fixed: str


@cache
def codes() -> tuple[str, ...]:
    """Every code, in order: those that have a page."""
    return tuple(sorted(page.removesuffix(".md") for page in os.listdir(_FOLDER)))


def explanation(code: str) -> Explanation | None:
    """What is known about a code, `FN104`; `None` for one that does not exist.

    Its page is a heading, the cause, the example, the cure and the mended example, examples as fenced YAML.
    """
    if code not in codes():
        return None
    with open(os.path.join(_FOLDER, f"{code}.md"), encoding="utf-8") as page:
        before, example, cure, fixed, _ = page.read().split("```")
    heading, cause, _ = before.split("\n\n")
    severity, title = Problem(code, "").severity.value, heading.removeprefix(f"# {code}: ")
    return Explanation(
        code, severity, title, cause, example.removeprefix("yaml\n"), cure.strip(), fixed.removeprefix("yaml\n")
    )
