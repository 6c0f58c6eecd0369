"""`check --fix`: what has one reading is mended in the files; or shown as a difference, and nothing is written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.cli import console, destination, load
from funnelcli.cli.searching import search
from funnelcli.diagnostics import Severity, many
from funnelcli.funnel_file.mended import Mend, Mended, mended
from funnelcli.funnel_file.names import is_funnel_file
from funnelcli.funnel_file.reader import read
from funnelcli.output.numbers import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from funnelcli.cli.request import Request

MOST_TOLD = 100
"""Mended places that are each told in a line; the rest is counted."""


class _File(NamedTuple):
    path: str
    name: str
    before: bytes
    after: Mended


def refuse(request: Request, *, fix: bool, unsafe: bool, dry_run: bool, reports: bool) -> None:
    """Refuse what does not go together: `reports` says that another format or an output is asked for."""
    if not fix:
        for given, option in ((unsafe, "--unsafe-fixes"), (dry_run, "--dry-run")):
            if given:
                raise console.Refused(f"{option} is a part of --fix", f"add --fix, or leave {option} out")
        return
    if request.stage or not request.files:
        raise console.Refused("--fix mends files, and no FILE is given", "name a FILE, a folder, or - for a filter")
    past = next((file for file in request.files if load.at_revision(file) is not None), None)
    if past is not None:
        raise console.Refused(f"{past} is a file as it was, which nobody can mend", "name the file as it is now")
    if dry_run and reports:
        raise console.Refused("--dry-run shows a difference", "leave out --format and --output")
    if "-" in request.files:
        if len(request.files) > 1:
            raise console.Refused("--fix is a filter for standard input", "name - alone, or files alone")
        if reports:
            what = "the mended text of standard input goes to standard output"
            raise console.Refused(what, "leave out --format and --output; what is left stands on standard error")


def fix(request: Request, *, unsafe: bool, dry_run: bool) -> None:
    """Mend the files of a request, each as a whole or not at all; what was mended is said.

    Standard input goes to standard output, mended. The run ends here for it, and where nothing is to be written.
    """
    files = list(_mended(request, unsafe=unsafe))
    if dry_run:
        _show(files)
        raise console.Leave
    if request.files == ["-"]:
        for each in files:
            destination.deliver(each.after.data, None)
            _tell(files)
            console.diagnostics(each.after.reading.diagnostics, each.after.reading.documents)
        raise console.Leave
    _tell([each for each in files if each.after.data == each.before or _written(each)])


def _mended(request: Request, *, unsafe: bool) -> Iterator[_File]:
    """The files with an error, mended in memory; those that cannot be read are said by who checks them."""
    for path in search(request.files or ()):
        try:
            data, name = load.read_bytes(path, request.stdin_filename)
        except console.Refused as refused:
            if path == "-":
                console.error(refused.what, refused.help)
            continue
        reading = read(data, name)
        sound = not any(each.severity is Severity.ERROR for each in reading.diagnostics)
        if path != "-" and not sound and not is_funnel_file(path):
            console.error(f"{name} is not mended: a funnel file ends with .yaml", "rename it, or mend it by hand")
        elif path != "-" and not sound and not os.path.isfile(path):
            console.error(f"{name} is not mended: it is no file of a folder", "name the file where it lies")
        elif path == "-" or not sound:
            after = Mended(data, reading) if sound else mended(data, name, unsafe=unsafe, reading=reading)
            yield _File(path, name, data, after)


def _written(file: _File) -> bool:
    """Whether the mended file was written: not where somebody else has changed it since it was read."""
    try:
        now, _ = load.read_bytes(file.path, "")
    except console.Refused as refused:
        console.error(refused.what, refused.help)
        return False
    if now != file.before:
        console.error(f"{file.name} was changed in the meantime", "it was not mended; run it again")
        return False
    try:
        destination.write_whole(file.path, file.after.data)
    except OSError as error:
        destination.unwritten(file.path, error)
        return False
    return True


def _tell(files: Sequence[_File]) -> None:
    """Each mended place in a line, what could not be kept, and how many problems were mended."""
    lines = [
        f"{visible(each.name)}:{mend.line}: {visible(_change(mend))}" for each in files for mend in each.after.mends
    ]
    if len(lines) > MOST_TOLD:
        lines[MOST_TOLD:] = [f"… and {len(lines) - MOST_TOLD:,} more places"]
    for each in files:
        for found, made in each.after.left:
            said = f"not mended, as then line {made.location.line} would be wrong: {made.problem.message}"
            lines.append(f"{visible(each.name)}:{found.location.line}: {visible(said)}")
    problems, changed = sum(each.after.problems for each in files), sum(bool(each.after.mends) for each in files)
    if problems:
        lines.append(f"Mended {many(problems, 'problem')} in {many(changed, 'file')}.")
    console.say("".join(f"{line}\n" for line in lines))


def _change(mend: Mend) -> str:
    """What was written in place of what; of blanks and of several lines, what was wrong."""
    before, after = mend.before, mend.after
    if before == after or "\n" in after:
        return f"mended: {mend.diagnostic.problem.message}"
    return f"{before} -> {after}" if before and after else f"deleted {before}" if before else f"added {after}"


def _show(files: Sequence[_File]) -> None:
    """The difference that mending would make, as a patch takes it, and what it would leave; either ends with 1."""
    from difflib import unified_diff

    parts = [
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for each in files
        for line in unified_diff(_lines(each.before), _lines(each.after.data), each.name, each.name)
    ]
    destination.deliver("".join(parts).encode(), None)
    changed = [each for each in files if each.after.data != each.before]
    if changed:
        problems = sum(each.after.problems for each in changed)
        console.say(f"Would mend {many(problems, 'problem')} in {many(len(changed), 'file')}; nothing is written.\n")
        console.worsen(console.ExitCode.NO)
    left = [
        found
        for each in files
        for found in each.after.reading.diagnostics
        if found.severity is Severity.ERROR and each.path != "-"
    ]
    console.diagnostics(left, sum(each.after.reading.documents for each in files))


def _lines(data: bytes) -> list[str]:
    codec = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    text = data.decode(codec, "backslashreplace")
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [line for line in text.split("\n")[-1:] if line]
