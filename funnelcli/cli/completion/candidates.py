"""What the shell may complete: values of options and arguments, read from the funnel files already on the line.

Each function is the `autocompletion` of a parameter: it takes the context of the unfinished command and the word as
far as it is typed, and returns whole words, or words with a description. Nothing is said and nothing is raised for
what a file holds; a file that is broken, large or not a file has no names to offer. No word at all leaves the
completion of file names to the shell.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from funnelcli.metrics import Metric
    from funnelcli.model import Funnel

LARGEST_FILE = 2**20
"""Bytes of a funnel file that is read for its names: a larger one would keep the cursor waiting."""
MOST_FILES = 50
"""Funnel files that are read for their names."""

_CHANGES = {
    "rate": ("+10%", "+5pp", "x1.5"),
    "count": ("+10%", "+100", "x1.5"),
    "money": ("+10%", "+100", "x1.5"),
    "number": ("+10%", "x1.5"),
}
"""Examples of changes by kind of metric."""
_LIMITS = (" >= ", " <= ")
_USUAL = (" within usual", " >= usual", " <= usual")


def files(incomplete: str) -> list[str]:
    """Funnel files of the folder that is typed, or of a revision where the disk has nothing of that name."""
    found = _on_disk(incomplete)
    return found or ([] if not incomplete or _is_folder_or_file(incomplete) else _of_revisions(incomplete))


def _is_folder_or_file(incomplete: str) -> bool:
    """Whether anything on the disk begins so."""
    folder, stem = os.path.split(incomplete)
    try:
        return any(name.startswith(stem) for name in os.listdir(folder or "."))
    except OSError:
        return False


def _of_revisions(incomplete: str) -> list[str]:
    """Revisions that begin so, with a colon; behind that, and where one alone fits, the funnel files that it has."""
    from funnelcli.cli.console import Refused
    from funnelcli.cli.repository import git, reading
    from funnelcli.cli.repository.names import AtRevision, colon_of

    colon = colon_of(incomplete)
    revision, path = (incomplete, "") if colon is None else (incomplete[:colon], incomplete[colon + 1 :])
    try:
        git.place()
        if colon is None:
            known = [
                "HEAD",
                *git.references(),
                *(f"HEAD~{back}" for back in (1, 2, 3) if incomplete.startswith("HEAD~")),
            ]
            fits = [name for name in known if name.startswith(incomplete)]
            if len(fits) != 1:
                return [f"{name}:" for name in fits]
            revision = fits[0]
        names = [each.path for each in reading.funnel_files(AtRevision(revision, "")) or ()]
        if path.startswith(("./", "../")):
            from posixpath import relpath

            told = [relpath(name, git.place().prefix or ".") for name in names]
            names = [name if name.startswith("../") else f"./{name}" for name in told]
    except Refused:
        return []
    return [f"{revision}:{name}" for name in names if name.startswith(path)]


def _on_disk(incomplete: str) -> list[str]:
    """Funnel files of the folder that is typed; none where a folder fits, because the shell knows how to enter it."""
    from funnelcli.funnel_file.names import is_funnel_file

    folder, stem = os.path.split(incomplete)
    found = []
    try:
        with os.scandir(folder or ".") as entries:
            for entry in entries:
                if not entry.name.startswith(stem) or entry.name.startswith(".") > stem.startswith("."):
                    continue
                if entry.is_dir():
                    return []
                if is_funnel_file(entry.name):
                    found.append(os.path.join(folder, entry.name))
    except OSError:
        return []
    return sorted(found)


def sides(ctx: Any, incomplete: str) -> list[str]:
    """Of `diff`: the branches and tags of the repository, until one stands there, and funnel files."""
    named = files(incomplete) if ":" in incomplete else _on_disk(incomplete)
    if ctx.params.get("files") or not incomplete or ":" in incomplete:
        return named
    from funnelcli.cli.console import Refused
    from funnelcli.cli.repository import git

    try:
        known = git.references()
    except Refused:
        return named
    first, dots, last = incomplete.rpartition("..")
    return [f"{first}{dots}{name}" for name in known if name.startswith(last)] + named


def funnel_names(ctx: Any) -> list[str]:
    """`--funnel`: names of the funnels in the files."""
    return list(dict.fromkeys(funnel.name for funnel in _funnels(ctx)))


def scenario_names(ctx: Any) -> list[str]:
    """`--scenario`: names of the scenarios in the files."""
    return list(dict.fromkeys(scenario.name for funnel in _funnels(ctx) for scenario in funnel.scenarios))


def step_names(ctx: Any) -> list[str]:
    """`--at`: names of the stages that have a conversion."""
    return list(dict.fromkeys(_stages(_funnels(ctx), "conversion")))


def dimensions(ctx: Any) -> list[str]:
    """Dimensions of the breakdowns of the funnels that are named already."""
    return list(dict.fromkeys(each.dimension for funnel in _funnels(ctx) for each in funnel.breakdowns))


def segments(ctx: Any, incomplete: str) -> list[str]:
    """`--segment`: dimensions, then their segments; a choice of one dimension is not stopped at."""
    funnels = _funnels(ctx)
    typed = dict.fromkeys(f"{each.dimension}=" for funnel in funnels for each in funnel.breakdowns)
    fits = [word for word in typed if word.startswith(incomplete)]
    whole = fits[0] if len(fits) == 1 else incomplete[: incomplete.find("=") + 1]
    if whole not in typed:
        return fits
    found = dict.fromkeys(
        whole + segment.name
        for funnel in funnels
        for each in funnel.breakdowns
        if f"{each.dimension}=" == whole
        for segment in each.segments
    )
    return [word for word in found if word.startswith(incomplete)]


def changes(ctx: Any, incomplete: str) -> list[str]:
    """`--set`: metrics, then their stages, then forms of change; a choice of one is not stopped at."""
    from funnelcli.metrics import METRICS

    metrics = {f"{name}=": metric for name, metric in METRICS.items() if metric.changeable}
    found = _selectors(ctx, incomplete, metrics.values(), "=")
    if len(found) > 1:
        return found
    selector, equals, _ = incomplete.rpartition("=")
    whole = found[0] if found else selector + equals
    metric = metrics.get(whole.partition("@")[0].removesuffix("=") + "=")
    if metric is None or not whole.endswith("="):
        return found
    return [whole + form for form in _CHANGES[metric.kind]]


def limits(ctx: Any, incomplete: str) -> list[str]:
    """`--check`: metrics, then their stages, then the operators that are used most."""
    from funnelcli.metrics import METRICS

    found = _selectors(ctx, incomplete, METRICS.values(), "")
    if len(found) == 1 and not found[0].endswith("@"):
        from funnelcli.funnel_file.usual_checks import OF_NO_PERIOD

        if found[0].partition("@")[0] in OF_NO_PERIOD:
            return [found[0] + operator for operator in _LIMITS]
        return [found[0] + form for form in (*_LIMITS, *_USUAL)]
    return found


def codes(ctx: Any) -> list[tuple[str, str]]:
    """Codes of diagnostics that the line does not have yet, with their titles."""
    from funnelcli import docs

    given = {str(code).upper() for code in ctx.params.get("codes") or ()}
    found = (docs.explanation(code) for code in docs.codes() if code not in given)
    return [(each.code, each.title) for each in found if each]


def topics() -> list[tuple[str, str]]:
    """Topics of the manual with what they are; words of the glossary as a shell takes them."""
    from funnelcli.cli.manual.topics import topics as known

    found: dict[str, str] = {}
    for each in known():
        name = each.name.lower().replace(" ", "-") if each.kind == "word" else each.name
        found.setdefault(name, each.title or each.meaning)
    return list(found.items())


def warning_codes(incomplete: str) -> list[tuple[str, str]]:
    """`--ignore` and `--only`: codes of warnings with their titles, also behind a comma."""
    from funnelcli import docs

    before = incomplete[: incomplete.rfind(",") + 1]
    found = map(docs.explanation, docs.codes())
    return [(before + each.code, each.title) for each in found if each and each.severity == "warning"]


def templates() -> list[tuple[str, str]]:
    """Templates of `init` with what they are called."""
    from funnelcli.funnel_file import starters

    return [(each.name, each.title) for each in starters.templates()]


def recipes() -> list[tuple[str, str]]:
    """`--as`: recipes of exports with what they are called."""
    from funnelcli.counts_table.recipes import recipes as known

    return [(each.name, each.title) for each in known()]


def confidences() -> list[str]:
    """Confidences in use."""
    return ["90%", "95%", "99%"]


def _selectors(ctx: Any, incomplete: str, metrics: Iterable[Metric], end: str) -> list[str]:
    """Selectors that go on from what is typed: metrics first, and stages once one metric is left.

    `end` follows a selector that is whole; one that needs a stage ends with `@`.
    """
    funnels = _funnels(ctx)
    if not funnels and (ctx.params.get("files") or ctx.params.get("stage")):
        return []  # the stages are not known, and a figure of a broken funnel is of no use
    found = [
        metric.name + mark
        for metric in metrics
        for mark, left_out in ((end, "stage"), ("@", "funnel"))
        if metric.at != left_out and (metric.name + mark).startswith(incomplete.partition("@")[0])
        if mark == end or not funnels or any(_stages(funnels, metric.name, end == "="))
    ]
    fits = [word for word in found if word.startswith(incomplete)]
    typed_metric, at, _ = incomplete.partition("@")
    name = typed_metric if at else fits[0].removesuffix("@") if len(fits) == 1 and fits[0].endswith("@") else ""
    if f"{name}@" not in found:
        return fits
    stages = dict.fromkeys(f"{name}@{stage}{end}" for stage in _stages(funnels, name, end == "="))
    return [word for word in stages if word.startswith(incomplete)] or ([] if at else fits)


def _stages(funnels: Iterable[Funnel], metric: str, changed: bool = False) -> Iterator[str]:
    """Names of the stages that have a figure of this metric: the entry has none of a step, and no hidden step has one.

    With `changed`, those whose figure can be changed.
    """
    from funnelcli.analyses.fewer_stages import hidden
    from funnelcli.metrics import METRICS, Selector

    is_of_step = not {"step", "chain"}.isdisjoint(METRICS[metric].needs)
    for funnel in funnels:
        for index, stage in enumerate(funnel.stages):
            if is_of_step and (stage.parent is None or funnel.hides(index)):
                continue
            if not changed or hidden(funnel, Selector(METRICS[metric], stage.name)) is None:
                yield stage.name


def _funnels(ctx: Any) -> list[Funnel]:
    """Sound funnels of the files, or the one of the stages, that stand on the line so far."""
    from funnelcli.cli.arguments import parted
    from funnelcli.funnel_file.reader import read

    files, stages = parted(ctx.params.get("files") or ())
    stages += ctx.params.get("stage") or ()
    if stages:
        from funnelcli.funnel_file.typed import Typed, funnel_of

        typed, _ = funnel_of(Typed(tuple(stages)))
        return [] if typed is None else [typed]
    found: list[Funnel] = []
    for path in _readable(files):
        with open(path, "rb") as stream:
            found += read(stream.read(LARGEST_FILE), path).funnels
    for path in (path for path in files if ":" in path):
        found += read(_as_it_was(path)[:LARGEST_FILE], path).funnels
    return found


def _as_it_was(path: str) -> bytes:
    """A file at a revision; nothing where there is none."""
    from funnelcli.cli.console import Refused
    from funnelcli.cli.repository import reading
    from funnelcli.cli.repository.names import at_revision

    at = at_revision(path)
    try:
        return b"" if at is None else reading.read(*at)
    except Refused:
        return b""


def _readable(paths: Iterable[str]) -> Iterator[str]:
    """Funnel files among paths and right inside folders; no pipe, which would wait, and nothing large."""
    from itertools import islice

    from funnelcli.funnel_file.names import is_funnel_file

    def each() -> Iterator[str]:
        for path in paths:
            path = os.path.expanduser(path)
            if os.path.isdir(path):
                names = sorted(os.listdir(path)) if os.access(path, os.R_OK) else []
                yield from (os.path.join(path, name) for name in filter(is_funnel_file, names))
            else:
                yield path

    for path in islice(each(), MOST_FILES):
        if os.path.isfile(path) and os.access(path, os.R_OK) and os.path.getsize(path) <= LARGEST_FILE:
            yield path
