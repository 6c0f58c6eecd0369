"""Funnels in other forms than a file has: several in one document, in a list, with = signs, keys at another level."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from funnelcli.diagnostics import joined, quoted
from funnelcli.funnel_file import misspelt_keys, schema
from funnelcli.funnel_file.slips import stage_forms
from funnelcli.funnel_file.yaml.quoting import written
from funnelcli.funnel_file.yaml.raw_lines import Line, RawLines, braces, indent, is_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from funnelcli.funnel_file.yaml.raw_lines import Slip

_PART = "---"
"""The line between two funnels."""
_OF_SEGMENT = schema.keys(schema.SEGMENT)


def says_nothing(head: str) -> bool:
    """Whether a key above all others tells nothing of the funnel below it."""
    return head.strip().rstrip(":").strip().casefold() in ("", "funnel", "funnels")


def _second_funnel(text: RawLines) -> Iterator[Slip]:
    """Funnels that begin without a line --- before them."""
    seen: set[str] = set()
    begun: list[int] = []
    for number in text.written():
        key = re.match(r"(\w+)\s*:", text.all[number])
        if key and key[1] in seen:
            begun.append(number)
            seen = set()
        seen |= {key[1]} if key else set()
    if begun:
        help_ = f"write {_PART} in a line of its own above {text.numbers(*begun)}"
        edits = [(number, f"{_PART}\n{text.all[number]}") for number in begun]
        yield text.slip("a second funnel begins here", begun[0], help_, edits, "FN007")


def _long_line(text: RawLines) -> Iterator[Slip]:
    """A line of signs between two funnels."""
    for number, line in enumerate(text.all):
        if re.fullmatch(r"--|-{4,}|={3,}|\*{3,}|_{3,}|—+", line.rstrip()):
            said = "a line of three dashes parts two funnels"
            yield text.slip(said, number, f"write {_PART}", [(number, _PART)])
            yield text.slip(
                "a line of signs is no part of a funnel", number, f"delete {text.numbers(number)}", [(number, "")]
            )


def _listed(text: RawLines) -> Iterator[Slip]:
    """Funnels, or the keys of one, as the items of a list, maybe below a key such as `funnels:`."""
    inside = text.written()
    head = [inside[0]] if inside and re.fullmatch(r"[^\W\d]\w*\s*:", text.all[inside[0]].rstrip()) else []
    items = inside[len(head) :]
    if not items or not is_item(text.all[items[0]]):
        return
    deep = Line(text.all[items[0]]).at
    outer = indent(text.all[items[0]])
    dashed = [number for number in items if re.match(rf" {{{outer}}}- ", text.all[number])]
    if any(indent(text.all[number]) < deep for number in items if number not in dashed):
        return
    first_keys = [Line(text.all[number]).body.partition(":")[0] for number in dashed]
    known = schema.keys(schema.FUNNEL)
    if not known.issuperset(first_keys):
        return
    several = first_keys.count(first_keys[0]) == len(first_keys) > 1
    edits = [(number, text.all[number][deep:]) for number in items]
    edits = [(number, f"{_PART}\n{line}" if several and number in dashed[1:] else line) for number, line in edits]
    parts = [f"delete {text.numbers(*head)}"] if head else []
    parts.append(f"delete the first {deep} characters of {text.numbers(*items)}")
    if several:
        parts.append(f"write {_PART} in a line of its own above {text.numbers(*dashed[1:])}")
    said = "funnels are no list: a line --- parts them" if several else "the keys of a funnel stand without dashes"
    help_ = ", then ".join(parts)
    sure = all(says_nothing(text.all[number]) for number in head)
    yield text.slip(said, inside[0], help_, [*((number, "") for number in head), *edits], "FN103", sure=sure)


def _equals(text: RawLines) -> Iterator[Slip]:
    """Signs of equality in place of all colons."""
    inside = text.written()
    if len(inside) > 1 and all(re.match(r"[^:=]+=", text.all[number]) for number in inside):
        edits = [(number, re.sub(r"\s*=\s*", ": ", text.all[number], count=1).rstrip()) for number in inside]
        help_ = f"write a colon and a space in place of = in {text.numbers(*inside)}"
        yield text.slip("= stands in place of the colon", inside[0], help_, edits)


def _dimension(text: RawLines) -> Iterator[Slip]:
    """Segments below a word of one's own, or at the start of lines, without breakdowns above them."""
    counts = re.compile(r"\[\s*\d[\d\s.,]*\]|\{\s*counts:.*\}")
    inside = text.written()
    found: list[int] = []
    names: list[str] = []
    for number in inside:
        head = re.fullmatch(r"([^\W\d][\w ]*):", text.all[number].rstrip())
        block = stage_forms.block(text, number, dashes=False)
        whole = block and all(counts.fullmatch(Line(text.all[each]).value) for each in block)
        follows = not found or inside.index(number) == inside.index(found[-1]) + 1
        if head and whole and follows and not misspelt_keys.is_key(head[1]):
            found += [number, *block]
            names.append(quoted(head[1]))
    if found:
        moved = {number: f"  {text.all[number]}" for number in found}
        moved[found[0]] = f"breakdowns:\n{moved[found[0]]}"
        help_ = f"write breakdowns: in a line of its own above {text.numbers(found[0])}"
        help_ += f", and indent {text.numbers(*found)} by 2 more"
        said = f"segments by {joined(names)} stand below breakdowns"
        yield text.slip(said, found[0], help_, list(moved.items()), "FN101")
    lines = [(number, Line(text.all[number])) for number in inside]
    loose = [(n, each) for n, each in lines if not each.at and each.key and counts.fullmatch(each.value)]
    if loose and not any(misspelt_keys.is_key(each.key) for _, each in loose):
        segments = ", ".join(f"{written(each.key)}: {each.value}" for _, each in loose)
        also = ", with your own word for segment"
        said = "segments stand below breakdowns and their dimension"
        yield text.as_one(said, [n for n, _ in loose], f"breakdowns: {{segment: {{{segments}}}}}", "FN101", also)


def _by_stage(text: RawLines) -> Iterator[Slip]:
    """Counts by stage below a segment, without their key; and segments by stage."""
    for number, line in enumerate(text.all):
        if not re.fullmatch(r"breakdowns\s*:\s*", line):
            continue
        for dimension in (each for each in stage_forms.block(text, number) if text.all[each].rstrip().endswith(":")):
            heads = stage_forms.block(text, dimension, dashes=False)
            groups = [(each, stage_forms.block(text, each, dashes=False)) for each in heads]
            groups = [
                (each, block)
                for each, block in groups
                if block and all(_is_counted(text.all[n]) for n in block) and _head(text.all[each]) not in _OF_SEGMENT
            ]
            if groups:
                moved = [each for _, block in groups for each in block]
                edits = {each: f"  {text.all[each]}" for each in moved}
                for _, (first, *_others) in groups:
                    edits[first] = f"{' ' * indent(text.all[first])}counts:\n{edits[first]}"
                above = text.numbers(*[block[0] for _, block in groups])
                help_ = f"write counts: in a line of its own above {above}, and indent {text.numbers(*moved)} by 2 more"
                said = "counts by stage stand below counts"
                yield text.slip(said, groups[0][1][0], help_, list(edits.items()), "FN103")
            rows = [re.fullmatch(r"([^:{}]+): \{(.*)\}", Line(text.all[each]).body) for each in heads]
            cells = [dict(re.findall(r"([^:,{}]+):\s*(\d[\d.]*)\s*(?:,\s*|$)", row[2])) for row in rows if row]
            if len(cells) == len(heads) > 1 and all(cell.keys() == cells[0].keys() != set() for cell in cells):
                parts = [f"{name}: [{', '.join(cell[name] for cell in cells)}]" for name in cells[0]]
                said = "the segments hold the counts of their stages, not the stages those of the segments"
                yield text.as_one(said, heads, f"{{{', '.join(parts)}}}")


def _head(line: str) -> str:
    """The key of a line with lines below it."""
    return line.partition(":")[0].strip()


def _is_counted(line: str) -> bool:
    """Whether a line is a name and a number."""
    return re.fullmatch(r"[^:{}\[\]]+: \d[\d.]*", Line(line).body) is not None


def _records(text: RawLines) -> Iterator[Slip]:
    """Segments as the items of a list, each with its name and counts."""
    for number, line in enumerate(text.all):
        head = re.fullmatch(r"( *)([^\W\d]\w*)\s*:\s*", line)
        items = stage_forms.block(text, number) if head else []
        if not head or not items or "breakdowns" not in (head[2], _above(text, number)):
            continue
        records: list[dict[str, str]] = []
        for each in items:
            inner = Line(text.all[each])
            if "- " in text.all[each][: inner.at]:
                records.append({})
            flow = re.fullmatch(r"\{(.*)\}", inner.body)
            pairs = re.findall(r"(\w+):\s*(\[[^\]]*\]|[^,]+)", flow[1]) if flow else [(inner.key, inner.value)]
            if not records or not all(key for key, _ in pairs):
                return
            records[-1].update(pairs)
        names = {next(iter(record), "") for record in records}
        if len(names) != 1 or not all("counts" in record for record in records):
            continue
        (key,) = names
        parts = []
        for record in records:
            name, counts = record.pop(key), record.pop("counts")
            more = "".join(f", {other}: {value}" for other, value in record.items())
            parts.append(f"{name}: {{counts: {counts}{more}}}" if more else f"{name}: {counts}")
        segments = f"{{{', '.join(parts)}}}"
        word = "segment" if key == "name" else key
        if head[2] != "breakdowns":
            yield text.as_one("segments are no list: their names stand before their counts", items, segments)
        else:
            also = ", with your own word for segment" if key == "name" else ""
            said = "segments are no list: their names stand before their counts"
            yield text.as_one(said, items, f"{word}: {segments}", also=also)


def _above(text: RawLines, number: int) -> str:
    """The key that a line stands below."""
    deep = indent(text.all[number])
    above = (line for line in reversed(text.all[:number]) if line.strip() and indent(line) < deep)
    return next(above, "").partition(":")[0].strip()


def _names_and_counts(text: RawLines) -> Iterator[Slip]:
    """The names of the stages in one list, and their counts in another."""
    lists: dict[str, tuple[int, list[str]]] = {}
    for number, line in enumerate(text.all):
        match = re.fullmatch(r"(\w+): \[(.*)\]\s*", line)
        if match:
            lists[match[1]] = number, [item.strip().strip("\"'") for item in match[2].split(",")]
    names = lists.pop("stages", None)
    for at, counts in lists.values():
        if names and len(counts) == len(names[1]) and all(re.fullmatch(r"\d+(\.\d+)?", count) for count in counts):
            stages = f"stages: {braces(list(zip(names[1], counts, strict=True)))}"
            said = "the names of the stages stand in one list, and their counts in another"
            yield text.as_one(said, sorted((names[0], at)), stages)


def _of_the_funnel(text: RawLines) -> Iterator[Slip]:
    """Keys of the funnel below a stage."""
    top = [number for number, line in enumerate(text.all) if re.match(r"stages\s*:\s*$", line)]
    for head in top:
        for number in stage_forms.block(text, head):
            line = Line(text.all[number])
            mine = line.key in schema.keys(schema.FUNNEL) and line.key not in schema.keys(schema.STAGE)
            mine = mine or (line.key in schema.NO_STAGES and not re.search(r"^\s*-", text.all[head + 1]))
            if mine and "-" not in line.text[: line.at]:
                help_ = f"delete {text.numbers(number)}, and write {line.body} in a line of its own above "
                help_ += text.numbers(head)
                said = f"{quoted(line.key)} belongs to the funnel, not to a stage"
                edits = [(number, ""), (head, f"{line.body}\n{text.all[head]}")]
                stretch = (line.at, line.at + len(line.key))
                yield text.slip(said, number, help_, edits, "FN101", stretch=stretch)


def _of_a_stage(text: RawLines) -> Iterator[Slip]:
    """Keys of a stage at the start of a line: of the last one, as far as can be told."""
    heads = [number for number, line in enumerate(text.all) if re.match(r"stages\s*:\s*$", line)]
    inside = stage_forms.block(text, heads[0]) if heads else []
    if not inside:
        return
    last, known = Line(text.all[inside[-1]]), schema.keys(schema.FUNNEL)
    for number in text.written():
        line = Line(text.all[number])
        if line.at or line.key in known or line.key not in schema.keys(schema.STAGE):
            continue
        if misspelt_keys.meant(line.key, known) is not None:
            continue  # such as cost, which is a key of a stage, and here the budget
        said = f"{quoted(line.key)} belongs to a stage, not to the funnel"
        stretch = (0, len(line.key))
        counted = all(_is_counted(text.all[each]) for each in inside)
        if line.key == "conversion":
            help_ = f"delete {text.numbers(number)}: conversions follow from the counts"
            yield text.slip(said, number, help_, [(number, "")], "FN101", stretch=stretch, sure=False)
        elif counted and "-" not in text.all[inside[0]][: Line(text.all[inside[0]]).at]:
            pairs = [Line(text.all[each]) for each in inside]
            parts = [f"name: {each.key}, count: {each.value}" for each in pairs]
            parts[-1] += f", {line.body}"
            stages = f"stages: [{', '.join(f'{{{part}}}' for part in parts)}]"
            help_ = f"delete {text.numbers(number)}, and write {text.numbers(heads[0], *inside)} as {stages}"
            edits = [(number, ""), (heads[0], stages), *((each, "") for each in inside)]
            yield text.slip(said, number, help_, edits, "FN101", stretch=stretch, sure=False)
        elif last.key in schema.keys(schema.STAGE):
            help_ = f"delete {text.numbers(number)}, and write {line.body} in a line of its own below "
            help_ += text.numbers(inside[-1])
            edits = [(number, ""), (inside[-1], f"{last.text}\n{' ' * last.at}{line.body}")]
            yield text.slip(said, number, help_, edits, "FN101", stretch=stretch, sure=False)


RULES: tuple[Callable[[RawLines], Iterator[Slip]], ...] = (
    *(_second_funnel, _long_line, _listed, _equals, _dimension, _by_stage, _records, _names_and_counts),
    *(_of_the_funnel, _of_a_stage),
)
