"""What is said of one export: read right, refused, read wrong, or broken off; and the table of many."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from funnelcli.counts_table.import_options import ImportOptions
from funnelcli.counts_table.importing import Imported, import_table

from .deals import of_own_stages
from .mutations import MUTATIONS
from .printing import printed
from .sheet import TODAY, difference, meaning_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .sheet import Meaning, Sheet, World

MOST_DIAGNOSTICS = 3
"""One cell that is wrong is one cause, which is said once; a few for what follows from it."""
FAULTS = ("wrong", "crash", "many")
VERDICTS = ("right", "refused", "wrong", "crash", "many")


class Judged(NamedTuple):
    """A verdict on one export, with what explains it."""

    world: str
    mutation: str
    verdict: str
    detail: str
    seed: int
    file: bytes = b""


def read(sheet: Sheet, **more: Any) -> Imported | list[Any]:
    """The program's reading of a sheet's file."""
    return import_table(printed(sheet), "export.csv", ImportOptions(**{"today": TODAY, **sheet.options, **more}))


def verdict(world: World, sheet: Sheet, meanings: Sequence[Meaning], one_cell: bool = False) -> tuple[str, str]:
    """Whether a sheet is read as one of its meanings, refused, or read wrong."""
    try:
        found = read(sheet)
    except Exception as error:
        return "crash", repr(error)
    if isinstance(found, list):
        said = "; ".join(
            f"{each.problem.code} {each.path}: {each.problem.message} ({each.problem.help})" for each in found[:4]
        )
        if not found:
            return "wrong", "refused without a word"
        return ("many" if one_cell and len(found) > MOST_DIAGNOSTICS else "refused"), f"{len(found)}: {said}"
    if len(found.funnels) > 1:
        wrong = _as_pipelines(found, sheet, world)
        return ("wrong", wrong) if wrong else ("right", "")
    read_as = meaning_of(found.funnels[0])
    free = [sheet.columns[at].name for at in sheet.at("none", "note", "currency")] if world.lenient else []
    if any(not difference(read_as, meaning, world.lenient, free) for meaning in meanings):
        return "right", ""
    return "wrong", difference(
        read_as, meanings[0], world.lenient
    ) if meanings else f"read, though it says nothing: {read_as.counts}"


def _as_pipelines(found: Imported, sheet: Sheet, world: World) -> str:
    """What differs in funnels of several pipelines, which the file says and no option chooses from."""
    names = {str(row.cells[at].value) for at in sheet.at("pipeline") for row in sheet.rows if not row.total}
    if sheet.options.get("pipeline") is not None or len(names) != len(found.funnels):
        return f"{len(found.funnels)} funnels"
    wanted = []
    for name in sorted(names):
        one = sheet._replace(options={**sheet.options, "pipeline": name})
        wanted.append([*world.meanings(one), *world.meanings(of_own_stages(one, name))])
    for funnel in found.funnels:
        read_as = meaning_of(funnel)
        if not any(not difference(read_as, each, True) for meanings in wanted for each in meanings):
            return f"no pipeline is {read_as}"
    return ""


def sound(world: World, seed: int) -> tuple[Sheet, Judged]:
    """An export, and whether it comes back as its funnel; where its numbers do not tell their marks, these are told."""
    random = Random(f"{world.name} {seed}")
    sheet = world.make(random)
    meanings = world.meanings(sheet)
    assert len(meanings) >= 1, (world.name, seed, "the sheet contradicts itself")
    found, detail = verdict(world, sheet, meanings)
    for word, option, value in (
        ("--as", "recipe", sheet.recipe or None),
        ("--stages", "stages", getattr(sheet.truth, "stages", ())),
        ("--decimal", "decimal", sheet.dialect.decimal),
        ("--dates", "date_order", "mdy" if "%m/%d/%Y" in (sheet.dialect.moment, sheet.dialect.date) else "dmy"),
    ):
        if found == "refused" and word in detail:
            sheet = sheet._replace(options={**sheet.options, option: value})
            found, detail = verdict(world, sheet, meanings)
    found = "wrong" if found == "refused" else found
    return sheet, Judged(world.name, "(as it is)", found, detail, seed, printed(sheet))


def spoiled(world: World, sheet: Sheet, seed: int, name: str) -> Judged | None:
    """An export after a mutation; `None` where it does not apply."""
    changed = MUTATIONS[name](sheet, Random(f"{name} {seed}"))
    if changed is None:
        return None
    try:
        file = printed(changed.sheet)
    except UnicodeEncodeError:  # the encoding has no such characters
        return None
    if file == printed(sheet):
        return None
    meanings = [meaning for each in (changed.sheet, *changed.also) for meaning in world.meanings(each)]
    found, detail = verdict(world, changed.sheet, meanings, changed.one_cell)
    detail = f"{changed.shown}: {detail}" if found in FAULTS else detail
    return Judged(world.name, name, found, detail, seed, file)


def exports(world: World, runs: int, seed: int) -> Iterator[Judged]:
    """So many exports as they are."""
    for at in range(runs):
        yield sound(world, seed * 1_000_000 + at)[1]


def mutants(world: World, runs: int, seed: int, chosen: Sequence[str] = ()) -> Iterator[Judged]:
    """So many spoiled exports, of all mutations that apply in turn; the exports behind them come back as they are."""
    names = [name for name in (chosen or MUTATIONS) if name not in world.without]
    made, at = 0, 0
    while made < runs and at < 50 * runs + 50:
        number = seed * 1_000_000 + at // 4
        sheet, base = sound(world, number)
        for name in (names[(at + more) % len(names)] for more in range(4)):
            if base.verdict != "right":
                break
            judged = spoiled(world, sheet, number, name)
            if judged is not None and made < runs:
                made += 1
                yield judged
        at += 4
        if base.verdict != "right":
            yield base


def table(judged: Iterable[Judged]) -> str:
    """Verdicts counted by world and mutation."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for each in judged:
        counts.setdefault((each.world, each.mutation), Counter())[each.verdict] += 1
    width = max((len(world) + len(name) for world, name in counts), default=0) + 2
    lines = ["".ljust(width) + "".join(each.rjust(9) for each in VERDICTS)]
    for (world, name), each in sorted(counts.items()):
        figures = "".join((str(each[verdict]) if each[verdict] else "").rjust(9) for verdict in VERDICTS)
        lines.append(f"{world}  {name}".ljust(width) + figures)
    return "\n".join(lines)
