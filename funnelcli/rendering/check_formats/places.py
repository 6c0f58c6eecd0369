"""Where a finding stands and which one it is, for programs that show it in a code host and track it over time."""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from typing import TYPE_CHECKING

from funnelcli.rendering.check_formats.verdicts import NOWHERE
from funnelcli.rendering.numbers import visible

if TYPE_CHECKING:
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.rendering.check_formats import CheckReport

NO_FILES = ("<stdin>", NOWHERE)
"""Names that stand where there is no file."""


def path(file: str, folder: str = "", separator: str = os.sep) -> str:
    """A file's name as code hosts write it: from `folder`, with slashes, without `./` and steps back.

    A file that is not below `folder`, the absolute path of the working directory, keeps its absolute name. Without a
    folder the name is only tidied. Text only: no file is looked at.
    """
    if file in NO_FILES:
        return file
    name = posixpath.normpath(file.replace(separator, "/"))
    root = posixpath.normpath(folder.replace(separator, "/")) if folder else ""
    if root and not is_absolute(name):
        name = posixpath.normpath(posixpath.join(root, name))
    return name.removeprefix(root.rstrip("/") + "/") if root else name


def is_absolute(name: str) -> bool:
    """Whether a name with slashes begins at a root, `/` or `C:/`."""
    return name.startswith("/") or name[1:3] == ":/"


def fingerprints(report: CheckReport) -> list[str]:
    """What each diagnostic is recognised by in the next run, in their order: the same when lines above it move.

    Made of its code, file, path in the document and message without line numbers, and without the figures of a check;
    repeats of one are counted.
    """
    from hashlib import sha256

    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for each in report.diagnostics:
        message = _LINE_NUMBER.sub("line", each.problem.message)
        if each.problem.code.startswith("FN4"):
            message = message.partition(" (")[0]  # the check; its figures move from run to run
        key = (each.problem.code, path(each.location.file, report.folder), each.path, message)
        seen[key] += 1
        found.append(sha256("\0".join((*key, str(seen[key]))).encode("utf-8", "backslashreplace")).hexdigest())
    return found


_LINE_NUMBER = re.compile(r"\bline \d+")


def said(diagnostic: Diagnostic) -> str:
    """The message and, in a line of its own, the way out."""
    cure = diagnostic.problem.help
    return visible(diagnostic.problem.message) + (f"\nhelp: {visible(cure)}" if cure else "")


def inert(text: str) -> str:
    """Text of which no line is a command to the runner of GitHub Actions, which reads all output (`ActionCommand.cs`).

    It takes `::` at the beginning of a line and the older `##[` anywhere.
    """
    return _COMMAND.sub(lambda match: match[0][:-1] + f"\\x{ord(match[0][-1]):02x}", text)


_COMMAND = re.compile(r"^[^\S\n]*::|##\[", re.MULTILINE)
