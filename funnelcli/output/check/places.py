"""Where a finding stands and which one it is, for programs that show it in a code host and track it over time."""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from typing import TYPE_CHECKING

from funnelcli.output.check.verdicts import NOWHERE
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from funnelcli.diagnostics import Diagnostic
    from funnelcli.output.check import CheckReport

NO_FILES = ("<stdin>", NOWHERE)
"""Names that stand where there is no file."""


def path(file: str, folder: str = "", separator: str = os.sep, root: str = "") -> str:
    """A file's name as code hosts write it: from `root`, with slashes, without `./` and steps back.

    `folder`, the absolute path of the working directory, is where relative names begin, and the root unless another one
    is given. A file that is not below the root keeps its absolute name. Without a folder the name is only tidied. Text
    only: no file is looked at.
    """
    if file in NO_FILES:
        return file
    name, begin, top = (
        posixpath.normpath(text.replace(separator, "/")) if text else "" for text in (file, folder, root or folder)
    )
    if begin and not is_absolute(name):
        name = posixpath.normpath(posixpath.join(begin, name))
    return name.removeprefix(top.rstrip("/") + "/") if top else name


def of_repository(file: str, report: CheckReport) -> str:
    """A file's name from the top of the repository, wherever the job stands; links are followed where that tells it."""
    if file in report.revisions:
        return file
    return path(report.real_names.get(file, file), report.folder, root=report.root)


def is_absolute(name: str) -> bool:
    """Whether a name with slashes begins at a root, `/` or `C:/`."""
    return name.startswith("/") or name[1:3] == ":/"


def with_file(report: CheckReport) -> list[tuple[Diagnostic, str]]:
    """What stands in a file, with its fingerprint: formats that must name a file leave out the rest."""
    known = zip(report.diagnostics, fingerprints(report), strict=True)
    return [(each, mark) for each, mark in known if not is_nowhere(each.location.file, report)]


def is_nowhere(file: str, report: CheckReport) -> bool:
    """Whether it is no file of the repository: standard input, the command line, or a file at a revision."""
    return file in NO_FILES or file in report.revisions


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
        key = (each.problem.code, of_repository(each.location.file, report), each.path, message)
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
