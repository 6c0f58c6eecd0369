"""Bytes of a funnel file with its fixes, everything else to the byte as it is; and which of its problems these mend.

A fix is kept where the file, read again, has fewer errors, none of another kind, and the funnels that it had. Where a
number alone is written otherwise, that counts do not fit each other is no error that it made: it says what it said.
Fixes may uncover others, so that it goes on until there is none. Loaded only for files with an error.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from funnelcli.diagnostics import Edit, Fix, Severity, joined, many
from funnelcli.funnel_file.reader import read
from funnelcli.funnel_file.yaml.decoding import likely_code_page
from funnelcli.funnel_file.yaml.raw_lines import indent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from funnelcli.diagnostics import Diagnostic
    from funnelcli.funnel_file.reader import Reading
    from funnelcli.model import Funnel

MOST_ROUNDS = 20
"""How often fixes that others uncover are looked for."""
MOST_READ_AGAIN = 5_000_000
"""Bytes that are read again to try the fixes of one round one by one: a few seconds."""
_MARK = b"\xef\xbb\xbf"
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_STAGES = re.compile(r"(?:^|[{,])\s*[\"']?stages[\"']?\s*:", re.MULTILINE)
_ENDS = re.compile(r"\r\n?")
_UNREAD = frozenset(("FN004", "FN005"))
"""Codes of what is not YAML."""
_UNKNOWN = frozenset(("FN101", "FN102", "FN103", "FN105", "FN106"))
"""Codes of keys and values that do not belong where they stand, or are missed there."""
_SPELLED = frozenset(("FN203", "FN205", "FN206"))
"""Codes of numbers that are known, and written in a way that some read otherwise."""
_UNCOVERED = frozenset(("FN104",))
"""Codes of numbers that do not fit each other, which is seen when all of them are read."""
_Move: TypeAlias = tuple[int, bool]
"""A document, counted from 0, and whether it is tabs in place of which its lines are moved."""
_BLANKS = {" ": "space", "\t": "tab", "\u00a0": "no-break space"}
_BEGINS = re.compile(r"---(?:\s|$)")


class Mend(NamedTuple):
    """A problem that was mended, its line at that time, and what stood there and stands there now, for people."""

    line: int
    diagnostic: Diagnostic
    before: str
    after: str


class Mended(NamedTuple):
    """A file and what was mended in it; `left` are fixes that were not kept, each with the error that it made."""

    data: bytes
    reading: Reading
    mends: tuple[Mend, ...] = ()
    left: tuple[tuple[Diagnostic, Diagnostic], ...] = ()

    @property
    def problems(self) -> int:
        """How many problems were mended, each place of one counted, as each is told."""
        return len(self.mends)


def mended(data: bytes, file: str, *, unsafe: bool = False, reading: Reading | None = None) -> Mended:
    """A file of that name with its safe fixes, and with the others as well where they are asked for.

    What has no stages is no funnel file, and stays as it is. `reading` is what it says, where that is known.
    """
    begun = reading or read(data, file)
    first, encoding = _in_utf_8(data, begun, unsafe=unsafe)
    start = Mended(first, begun if first is data else read(first, file))
    if encoding is not None:
        start = start._replace(mends=(Mend(1, begun.diagnostics[0], encoding, "UTF-8"),))
    still = frozenset[_Move]()
    for _ in range(3):  # tabs and other moves, each of which may leave the other in doubt
        state, moved = _rounds(start, file, still, unsafe=unsafe)
        # where lines belong is seen when all of a document is read; until then, none is moved
        more = _doubted(state.reading) & moved.keys()
        if not unsafe:  # of several moves each fits where the others have put the lines, and not for sure
            more |= {move for move, times in moved.items() if times > 1 and not move[1]}
        if more <= still:
            break
        still |= more
    if not _STAGES.search(state.reading.text):
        return Mended(data, begun)
    return state._replace(data=state.data if state.mends else data)


def _rounds(start: Mended, file: str, still: frozenset[_Move], *, unsafe: bool) -> tuple[Mended, Counter[_Move]]:
    """The file mended until there is nothing more to mend, and how often lines of which documents were moved.

    Where documents are to be `still`, no line of them is moved so.
    """
    state, mends, moved = start, [*start.mends], Counter[_Move]()
    for _ in range(MOST_ROUNDS):
        before = state.data
        state = _round(state, file, still, moved, unsafe=unsafe)
        mends += state.mends
        if state.data == before:
            break
    return state._replace(mends=tuple(mends)), moved


def _doubted(reading: Reading) -> frozenset[_Move]:
    """How lines are not moved for sure: in documents that are not read, and but for tabs, where keys are not known."""
    found = [each for each in reading.diagnostics if each.problem.code in _UNREAD | _UNKNOWN]
    owners = _owners(reading.text) if found else []
    at = [(owners[min(each.location.line, len(owners)) - 1], each.problem.code in _UNREAD) for each in found]
    return frozenset((owner, tab) for owner, unread in at for tab in ((False, True) if unread else (False,)))


def _owners(text: str) -> list[int]:
    """The document of each line."""
    return list(accumulate(bool(_BEGINS.match(line)) for line in text.split("\n")))


def _moves(each: Diagnostic, lines: Sequence[str]) -> bool:
    """Whether its fix changes where a line begins, or how many lines there are."""
    for edit in each.fix.edits if each.fix else ():
        if edit.end_line > edit.line or "\n" in edit.text:
            return True
        line = lines[edit.line - 1]
        if indent(line) != indent(line[: edit.column - 1] + edit.text + line[edit.end_column - 1 :]):
            return True
    return False


def marked(data: bytes, reading: Reading) -> tuple[Diagnostic, ...]:
    """The diagnostics of a file, those with their fix that were seen to vanish with it, or with that of another."""
    if not any(each.fix or each.problem.code == "FN001" for each in reading.diagnostics):
        return reading.diagnostics
    safe = mended(data, reading.file, reading=reading)
    every = mended(safe.data, reading.file, unsafe=True, reading=safe.reading)
    own = {id(mend.diagnostic) for mend in safe.mends}
    left = [Counter(map(_key, each.reading.diagnostics)) for each in (safe, every)]
    result = []
    for each in reading.diagnostics:
        fix = None
        vanishes = [not known[_key(each)] for known in left]
        if each.severity is not Severity.ERROR:
            pass
        elif vanishes[0] or id(each) in own:
            fix = Fix(each.fix.edits if each.fix and id(each) in own else (), safe=True)
        elif vanishes[1]:
            fix = Fix(each.fix.edits if each.fix else (), safe=False)
        result.append(each._replace(fix=fix))
    return tuple(result)


def _key(each: Diagnostic) -> tuple[str, str]:
    return each.problem.code, each.problem.message


def _in_utf_8(data: bytes, reading: Reading, *, unsafe: bool) -> tuple[bytes, str | None]:
    """The file in UTF-8 and the name of its encoding, where that is proved, or likely and enough."""
    if [each.problem.code for each in reading.diagnostics] != ["FN001"]:
        return data, None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        name, codec = "UTF-16", "utf-16"
    elif unsafe:
        try:
            data.decode()
        except UnicodeDecodeError as error:
            name = likely_code_page(data, error.start)
            codec = {"Windows-1251": "cp1251", "Windows-1252": "cp1252"}.get(name, "cp866")
        else:
            return data, None
    else:
        return data, None
    try:
        return data.decode(codec).encode(), name
    except UnicodeError:
        return data, None


def _round(state: Mended, file: str, still: frozenset[_Move], moved: Counter[_Move], *, unsafe: bool) -> Mended:
    """The file with those of its fixes that are kept: all at once, else by halves down to one."""
    chosen = _apart(
        each
        for each in state.reading.diagnostics
        if each.severity is Severity.ERROR and each.fix and each.fix.edits and (each.fix.safe or unsafe)
    )
    lines = state.reading.text.split("\n") if chosen else []
    owners = _owners(state.reading.text) if chosen else []
    moving = {
        id(each): (owners[each.location.line - 1], each.problem.code == "FN005")
        for each in chosen
        if _moves(each, lines)
    }
    chosen = [each for each in chosen if moving.get(id(each)) not in still]
    moved.update(moving[id(each)] for each in chosen if id(each) in moving)
    if not chosen:
        return state._replace(mends=())
    tried, made = _tried(state, chosen, file)
    if made is None:
        return tried
    far = state.reading.unexplained
    early = [each for each in chosen if far is not None and each.location.line < far]
    if 0 < len(early) < len(chosen):  # what is told of the rest is not the same when these are mended
        told = state._replace(reading=state.reading._replace(unread=far))
        tried, of_early = _tried(state, early, file, than=told)
        if of_early is None:
            return tried
    if len(chosen) == 1 or len(state.data) * len(chosen) > MOST_READ_AGAIN:
        return state._replace(mends=(), left=tuple((each, made) for each in chosen))
    kept: list[Diagnostic] = []
    left: list[tuple[Diagnostic, Diagnostic]] = []
    after = state._replace(mends=())
    pending = _halves(chosen)
    while pending:  # few are wrong as a rule: those beside them are kept by the half
        some = pending.pop(0)
        tried, made = _tried(state, [*kept, *some], file, than=after)
        if made is None:
            kept += some
            after = tried
        elif len(some) == 1:
            left.append((some[0], made))
        else:
            pending[:0] = _halves(some)
    return after._replace(left=tuple(left))


def _halves(some: list[Diagnostic]) -> list[list[Diagnostic]]:
    return [some[: len(some) // 2], some[len(some) // 2 :]]


def _apart(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics whose fixes do not touch each other: the first of those that do."""
    taken: set[int] = set()
    spans: dict[int, list[tuple[int, int]]] = {}
    kept = []
    for each in diagnostics:
        edits = each.fix.edits if each.fix else ()
        whole = {edit.line for edit in edits if edit.end_line > edit.line or "\n" in edit.text}
        free = taken.isdisjoint(edit.line for edit in edits) and spans.keys().isdisjoint(whole)
        if free and all(
            edit.end_column < start or end < edit.column for edit in edits for start, end in spans.get(edit.line, ())
        ):
            kept.append(each)
            taken |= whole
            for edit in edits:
                spans.setdefault(edit.line, []).append((edit.column, edit.end_column))
    return kept


def _tried(
    state: Mended, chosen: Sequence[Diagnostic], file: str, than: Mended | None = None
) -> tuple[Mended, Diagnostic | None]:
    """The file with the fixes of some diagnostics, and an error that tells against it as it reads then.

    It is held against what it was before, or with others of these fixes.
    """
    before = than or state
    has_mark = state.data.startswith(_MARK)
    text = state.data[len(_MARK) * has_mark :].decode()
    edits = sorted(
        ((edit, each) for each in chosen for edit in (each.fix.edits if each.fix else ())), key=lambda pair: pair[0]
    )
    data = _MARK * has_mark + _edited(text, [edit for edit, _ in edits]).encode()
    reading = read(data, file)
    lines = _ENDS.sub("\n", text).split("\n")
    mends = tuple(Mend(edit.line, each, *_shown(lines[edit.line - 1], edit)) for edit, each in edits)
    spelled = all(each.fix and each.fix.safe and each.problem.code in _SPELLED for each in chosen)
    return Mended(data, reading, mends), _against(before.reading, reading, _UNCOVERED if spelled else frozenset())


def _against(before: Reading, after: Reading, uncovered: frozenset[str]) -> Diagnostic | None:
    """An error that tells against a mended file: a new one, or an old one, where it has as many, or lost a funnel.

    Errors of the codes that may be `uncovered` tell nothing, nor do those of what was not read before.
    """
    moved = after.text.count("\n") - before.text.count("\n")
    ends = [math.inf if before.unread is None else before.unread + more for more in (0, moved)]
    known, left = (
        [
            each
            for each in reading.diagnostics
            if each.severity is Severity.ERROR and each.problem.code not in uncovered and each.location.line < end
        ]
        for reading, end in zip((before, after), ends, strict=True)
    )
    more = Counter(each.problem.code for each in left) - Counter(each.problem.code for each in known)
    new = next((each for each in left if each.problem.code in more), None)
    if new is not None:
        return new
    if len(left) >= len(known) or not _holds(after.funnels, before.funnels):
        return left[0] if left else known[0]
    return None


def _holds(funnels: Sequence[Funnel], others: Sequence[Funnel]) -> bool:
    """Whether some funnels are among others, in their order and the same to the last figure."""
    rest = map(_unplaced, funnels)
    return all(any(each == other for each in rest) for other in map(_unplaced, others))


def _unplaced(funnel: Funnel) -> Funnel:
    """A funnel without the places of its parts: lines above may be more or fewer now."""
    return funnel._replace(
        document=0,
        scenarios=tuple([each._replace(location=None) for each in funnel.scenarios]),
        checks=tuple([each._replace(location=None) for each in funnel.checks]),
    )


def _edited(text: str, edits: Sequence[Edit]) -> str:
    """A text with edits that do not touch each other.

    Lines keep their ends, and new ones end like the one that they are made of.
    """
    lines = [[match[1], match[2]] for match in _LINE.finditer(text)]
    usual = next((end for _, end in lines if end), "\n")
    for edit in sorted(edits, reverse=True):
        place = edit.line - 1
        if edit.end_line > edit.line:
            lines[place : edit.end_line - 1] = []
            continue
        line, end = lines[place]
        new = edit.text.replace("\n", end or usual)
        lines[place] = [line[: edit.column - 1] + new + line[edit.end_column - 1 :], end]
    return "".join(part for line in lines for part in line)


def _blanks(line: str) -> str:
    """What a line begins with, in words."""
    counted = [(len([*run]), _BLANKS.get(blank, "other blank")) for blank, run in groupby(line[: indent(line)])]
    return joined([many(number, name) for number, name in counted]) if counted else "no spaces"


def _shown(line: str, edit: Edit) -> tuple[str, str]:
    """What stood in a line and stands there now, in whole words, or what it begins with; empty where nothing did."""
    changed = line[: edit.column - 1] + edit.text + line[edit.end_column - 1 :]
    if edit.end_line == edit.line and changed.lstrip() == line.lstrip():
        return _blanks(line), _blanks(changed)
    start = edit.column - 1
    end = len(line) if edit.end_line > edit.line else edit.end_column - 1
    while start and not line[start - 1].isspace():
        start -= 1
    while end < len(line) and not line[end].isspace():
        end += 1
    gone = edit.end_line > edit.line
    new = "" if gone else line[start : edit.column - 1] + edit.text + line[edit.end_column - 1 : end]
    old, new = line[start:end].strip(), new.strip()
    while old[1:] and new[1:] and old[-1] == new[-1] and new[-1] in "}],":
        old, new = old[:-1], new[:-1]
    while old[1:] and new[1:] and old[0] == new[0] and new[0] in "{[":
        old, new = old[1:], new[1:]
    return old, new
