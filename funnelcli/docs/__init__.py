"""The manual: a page of Markdown for every diagnostic code, and of text for every command; read when somebody asks."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import NamedTuple

from funnelcli.diagnostics import Problem

_FOLDER = os.path.dirname(__file__)


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
    """Every code, in order: those that have a page; what else an editor or a system leaves in the folder is none."""
    pages = os.listdir(os.path.join(_FOLDER, "codes"))
    return tuple(sorted(page[:5] for page in pages if re.fullmatch(r"FN\d{3}\.md", page)))


def explanation(code: str) -> Explanation | None:
    """What is known about a code, `FN104`; `None` for one that does not exist.

    Its page is a heading, the cause, the example, the cure and the mended example, examples as fenced YAML.
    """
    if code not in codes():
        return None
    before, example, cure, fixed, _ = read(f"codes/{code}.md").split("```")
    heading, cause, _ = before.split("\n\n")
    severity, title = Problem(code, "").severity.value, heading.removeprefix(f"# {code}: ")
    return Explanation(
        code, severity, title, cause, example.removeprefix("yaml\n"), cure.strip(), fixed.removeprefix("yaml\n")
    )


def code_page(code: str) -> str:
    """The page of a code, as it is written."""
    return read(f"codes/{code}.md")


def command_text(name: str) -> str:
    """What the manual says of a command: examples, then remarks; what is indented is typed or answered as it stands."""
    return read(f"commands/{name}.txt")


def command_help(name: str) -> str:
    """What the help of a command says below its first line: its first examples, whose lines are kept by `\\b`."""
    return "\b\n" + command_text(name).split("\n\n")[0].strip("\n")


def read(name: str) -> str:
    """A file of this folder, by its path below it."""
    with open(os.path.join(_FOLDER, name), encoding="utf-8") as page:
        return page.read()


def one_line(text: str) -> str:
    """A text with single blanks between its words, and no ends of lines."""
    return " ".join(text.split())
