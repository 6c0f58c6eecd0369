"""Stages in other forms than a funnel file has: lists of pairs, numbers or names, without dashes, at the top."""

from __future__ import annotations

import re
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from funnelcli.characters import QUOTE_MARKS
from funnelcli.funnel_file import misspelt_keys
from funnelcli.funnel_file.yaml.plain import is_number
from funnelcli.funnel_file.yaml.quoting import written
from funnelcli.funnel_file.yaml.raw_lines import Line, RawLines, braces, indent, pairs
from funnelcli.funnel_file.yaml.typed_numbers import NUMBER, plain_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from funnelcli.funnel_file.yaml.raw_lines import Slip


_MARKS = "".join(sorted(QUOTE_MARKS))


def _pair(text: str) -> tuple[str, str] | None:
    """A name and a number, in either order and with whatever between."""
    bare = text.strip().rstrip(",;").strip()
    if bare[:1] + bare[-1:] in ("[]", "{}", "()"):
        bare = bare[1:-1].strip()
    match = re.fullmatch(
        rf"[\"']?([{_MARKS}]?[^\W\d].*?)[\"']?\s*(?::|=>|->|:=|[=→,;|(\t]|[-–—−](?=\s)|\s)\s*({NUMBER})\)?", bare
    )
    if match and not re.search(r"[{}\[\]]|: ", match[1]):
        name = re.sub(r"\s*[-–—−]$", "", match[1]).strip()
        number = plain_number(match[2])
    else:
        match = re.fullmatch(rf"({NUMBER})\s*[-–—−:=,;|]?\s+([^\W\d][^:{{}}\[\]]*)", bare)
        if match is None:
            return None
        name, number = match[2].strip(), plain_number(match[1])
    return (name, number) if is_number(number) and not misspelt_keys.is_key(name) else None


def _each(found: Iterable[tuple[str, str] | None]) -> list[tuple[str, str]] | None:
    """All that was found, or nothing when one is missing."""
    every = list(found)
    return None if None in every else [pair for pair in every if pair]


def _one_line(items: Sequence[str]) -> tuple[str, str, str] | None:
    """Stages in one line out of items, what is wrong with the items, and what to add to the help."""
    if len(items) < 2:
        return None
    bare = [re.sub(r"^count:\s+", "", item) for item in items]
    items = bare if all(map(str.__ne__, bare, items)) else items
    if all(is_number(plain_number(item)) for item in items):
        numbered = [(f"Stage {place}", plain_number(item)) for place, item in enumerate(items, 1)]
        return braces(numbered), "the stages have counts and no names", ", with your own names"
    found = _each(map(_pair, items))
    if found:
        return braces(found), "a name and its count make a stage without a dash", ""
    if all(re.fullmatch(r"[\"']?[^\W\d][^:：={}\[\],]*", item.strip()) for item in items):
        names = [(item.strip().strip("\"'"), "0") for item in items]
        return braces(names), "the stages have names and no counts", ", with your numbers in place of 0"
    return None


def _flow_items(value: str) -> list[str]:
    """The items of a list in brackets, as they are written."""
    items, depth = [""], 0
    for char in value[1:-1]:
        depth += (char in "[{(") - (char in "]})")
        if char == "," and not depth:
            items.append("")
        else:
            items[-1] += char
    return [item for item in map(str.strip, items) if item]


def block(text: RawLines, number: int, *, dashes: bool = True) -> list[int]:
    """The lines that belong to the key of a line; those of a list may stand as far left as it, after their dashes."""
    outer = indent(text.all[number])

    def belongs(below: int) -> bool:
        line = text.all[below]
        return indent(line) > outer or (dashes and indent(line) == outer and line.lstrip().startswith("-"))

    return list(takewhile(belongs, text.written_from(number + 1)))


def stages(text: RawLines) -> Iterator[Slip]:
    """Stages below their key, or beside it."""
    for number, line in enumerate(text.all):
        match = re.match(r"\s*stages\s*:\s*(#.*$|[^\s{#].*?)?\s*$", line)
        if match is None:
            continue
        if match[1] and match[1][0] != "#":
            listed = match[1].startswith("[") and match[1].endswith("]")
            items = _flow_items(match[1]) if listed else re.split(r"\s*(?:,\s|->|→|=>|>|/|\|)\s*", match[1])
            made = _one_line(items)
            if made is not None:
                stages, said, also = made
                edits = [(number, line[: match.start(1)] + stages + line[match.end(1) :])]
                sure = None if also else True
                help_ = f"write {stages}{also}"
                yield text.slip(said, number, help_, edits, "FN103", stretch=match.span(1), sure=sure)
            continue
        inside = block(text, number)
        if len(inside) > 1:
            yield from _numbered_lines(text, [number, *inside], inside)
            yield from _listed(text, [number, *inside], inside)
            yield from _records(text, inside)
            table = _table([text.all[below] for below in inside])
            if table and any("|" in text.all[below] for below in inside):
                said = "a table stands in place of the stages"
                yield text.as_one(said, [number, *inside], f"stages: {braces(table)}", at=inside[0])
        elif not inside:
            hidden = [below for below in range(number + 1, len(text.all)) if re.match(r"\s*#", text.all[below])]
            found = _each(_pair(line) or _numbered(line) for line in (text.all[below].strip() for below in hidden))
            if found and len(found) > 1:
                said = "# begins a comment, so that the stages are not read"
                yield text.as_one(said, [number, *hidden], f"stages: {braces(found)}", at=hidden[0], sure=False)


def _numbered_lines(text: RawLines, numbers: Sequence[int], inside: Sequence[int]) -> Iterator[Slip]:
    """Names behind numbers: of their lines, or their counts."""
    found = [
        re.fullmatch(rf"\s*[\"']?({NUMBER})[\"']?\s*:\s+([^\W\d][^:{{}}\[\]]*)", text.all[each]) for each in inside
    ]
    rows = [(match[2].strip(), plain_number(match[1])) for match in found if match]
    if len(rows) < len(inside):
        return
    if [number for _, number in rows] == [str(place) for place in range(1, len(rows) + 1)]:
        stages, said = braces([(name, "0") for name, _ in rows]), "the stages have names and no counts"
        yield text.as_one(said, numbers, f"stages: {stages}", also=", with your numbers in place of 0", at=inside[0])
    elif all(is_number(number) for _, number in rows):
        yield text.as_one("the counts stand before their names", numbers, f"stages: {braces(rows)}", at=inside[0])


def _numbered(text: str) -> tuple[str, str] | None:
    match = re.fullmatch(rf"(#.*\S):\s+({NUMBER})", text)
    return (match[1], plain_number(match[2])) if match else None


def _listed(text: RawLines, numbers: Sequence[int], inside: Sequence[int]) -> Iterator[Slip]:
    """Items of one line each that are no stages; all the `numbers` are written as one line."""
    bodies = [text.all[number].strip() for number in inside]
    dashes = sum(re.match(r"-\s", body) is not None for body in bodies)
    if dashes in (0, len(bodies)):
        made = _one_line([Line(body).body for body in bodies])
        # without dashes, pairs are mended line by line
        if made is not None and (dashes or made[2]):
            yield text.as_one(made[1], numbers, f"stages: {made[0]}", also=made[2], at=inside[0])


def _records(text: RawLines, inside: Sequence[int]) -> Iterator[Slip]:
    """Stages of several keys that are not the items of a list."""
    records: list[dict[str, str]] = []
    lines = [Line(text.all[number]) for number in inside]
    dashes = sum("-" in line.text[: line.at] for line in lines)
    said = "every key has a dash, and a stage has one" if dashes else "the stages stand without their dashes"
    flat = dashes in (0, len(lines)) and len({line.at for line in lines}) == 1
    loose = False
    odd = inside[0]
    for number, line in zip(inside, lines, strict=True):
        key = line.key.strip("\"'")
        named = re.fullmatch(r"[\"']?([^\W\d][^:\"']*)[\"']?\s*:", line.body)
        inner = re.fullmatch(r"\{(.*)\}", line.value)
        if misspelt_keys.is_key(key) and (flat or loose or (dashes and records)):
            if not records or key in records[-1]:
                records.append({})
            records[-1][key] = line.value
            loose = True
        elif named and not misspelt_keys.is_key(named[1]):
            odd = odd if loose else number
            records.append({"name": written(named[1])})
            loose = True
        elif inner and key:
            odd = odd if loose else number
            rest = dict(re.findall(r"(\w+):\s*([^,]+?)\s*(?:,|$)", inner[1]))
            records.append({"name": written(key), **rest})
            loose = True
        elif re.fullmatch(r"\d+:", line.body):
            odd = odd if loose else number
            records.append({})
            loose = True
        elif key[:1].isalpha() and is_number(plain_number(line.value)):
            records.append({"name": written(key), "count": plain_number(line.value)})
        elif key[:1].isalpha() and records and is_number(plain_number(line.value).removesuffix("%")):
            odd = odd if loose else number
            records.append({"name": written(key), "conversion": plain_number(line.value)})
            loose = True
        else:
            return
    if len(records) > 1 and loose:
        stages = ", ".join("{" + ", ".join(f"{key}: {value}" for key, value in each.items()) + "}" for each in records)
        if not any(misspelt_keys.is_key(line.key) for line in lines if flat):
            said = "stages of several keys are the items of a list"
        yield text.as_one(said, inside, f"[{stages}]", at=odd)


def _cells(line: str) -> list[str]:
    """The cells of a line of a table."""
    bare = line.strip().strip("|")
    sign = next((sign for sign in "|\t;," if sign in bare), "\n")
    return [cell.strip().strip('"') for cell in bare.split(sign)]


def _table(rows: Sequence[str]) -> list[tuple[str, str]] | None:
    """Names and counts of a table with one column of numbers."""
    cells = [_cells(row) for row in rows if not re.fullmatch(r"[|\s:-]+", row)]
    if len({len(row) for row in cells}) != 1 or len(cells) < 2:
        return None
    if len(cells[0]) == 1:
        return _each(map(_pair, rows))
    body = cells if any(is_number(plain_number(cell)) for cell in cells[0]) else cells[1:]
    columns = list(zip(*body, strict=True))
    counted = [column for column in columns if all(is_number(plain_number(cell)) for cell in column)]
    named = [column for column in columns if all(cell[:1].isalpha() for cell in column)]
    if len(counted) != 1 or not named or len(body) < 2:
        return None
    return list(zip(named[0], map(plain_number, counted[0]), strict=True))


def _across(names: str, counts: str) -> list[tuple[str, str]] | None:
    """Names in one line and their counts in the next, parted alike: `Visits -> Sales` above `500 -> 7`."""
    for sign in (r"\s*(?:->|→|=>|>)\s*", r"\s*[|;\t]\s*", r",\s*"):
        named, counted = (re.split(sign, row.strip().strip("|").strip()) for row in (names, counts))
        if len(named) == len(counted) > 1 and all(is_number(plain_number(count)) for count in counted):
            return (
                list(zip(named, map(plain_number, counted), strict=True))
                if all(n[:1].isalpha() for n in named)
                else None
            )
    return None


def table_in_one_line(text: str) -> str | None:
    """The stages of a table with one column of numbers; `None` where there is another."""
    rows = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found = _table(rows) if rows else None
    return f"stages: {braces(found)}" if found and len(found) > 1 else None


def at_the_top(text: RawLines) -> Iterator[Slip]:
    """Stages that stand where the keys of the funnel do."""
    said = "the stages stand without their key"
    inside = text.written()
    rows = [text.all[number] for number in inside]
    if len(inside) == 1:
        counted = pairs(rows[0]) if rows[0].startswith("{") else None
        listed = rows[0] if rows[0].startswith("[") else braces(counted) if counted else None
        if listed:
            yield text.as_one(said, inside, f"stages: {listed}", "FN102")
    if len(inside) > 1:
        if all(re.match(r"(-\s|\s)", row) for row in rows) and rows[0].startswith("-"):
            yield from _listed(text, inside, inside)
            help_ = f"write stages: in a line of its own above {text.numbers(inside[0])}"
            yield text.slip(said, inside[0], help_, [(inside[0], f"stages:\n{rows[0]}")], "FN102")
        if len(rows) == 2 and (across := _across(*rows)):
            yield text.as_one(said, inside, f"stages: {braces(across)}", "FN102")
        if all(is_number(plain_number(row)) for row in rows):
            yield from _listed(text, inside, inside)
        found = None if all(Line(row).key for row in rows) else _table(rows)
        if found is not None:
            table = any(re.search(r"[|\t;,]", row) for row in rows)
            what = "this is a table, and a funnel file has keys" if table else said
            yield text.as_one(what, inside, f"stages: {braces(found)}")
    for counts, alike in groupby(inside, lambda number: _is_count(Line(text.all[number]))):
        run = list(alike)
        if not counts or len(run) == 1:
            continue
        above = [text.all[before].strip() for before in inside if before < run[0]]
        if above and re.fullmatch(r"stages\s*:", above[-1]):
            edits = [(each, f"  {text.all[each]}") for each in run]
            help_ = f"indent {text.numbers(*run)} by 2 spaces"
            yield text.slip("the stages are not indented below their key", run[0], help_, edits)
        else:
            told = [Line(text.all[each]) for each in run]
            names = [re.sub(r"^[*•–—+]\s+", "", each.key.strip("\"'")) for each in told]
            stages = braces(list(zip(names, [plain_number(each.value) for each in told], strict=True)))
            yield text.as_one(said, run, f"stages: {stages}", "FN102")


def _is_count(line: Line) -> bool:
    """Whether a line at the top is a name and a number, and no key of the funnel."""
    named = not line.at and line.key and not misspelt_keys.is_key(line.key)
    return bool(named and is_number(plain_number(line.value)))
