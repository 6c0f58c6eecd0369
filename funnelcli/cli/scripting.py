"""`funnelcli measure --sql` and `--dbt`: the query that counts a funnel, as text."""

from __future__ import annotations

import os
from functools import partial
from shlex import join
from typing import TYPE_CHECKING

from funnelcli import __version__
from funnelcli.cli import console, destination, extras, measuring
from funnelcli.diagnostics import did_you_mean, many, quoted
from funnelcli.events.sources import Warehouse, is_stream, without_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from funnelcli.cli.request import Request
    from funnelcli.diagnostics import Problem
    from funnelcli.events.definition import Definition
    from funnelcli.events.script.comments import About
    from funnelcli.events.script.writer import Script
    from funnelcli.model import Funnel

_OTHER_NAMES = {"postgresql": "postgres", "pyspark": "spark", "mssql": "tsql", "sqlserver": "tsql"}


def run(request: Request, options: measuring.EventsOptions, dialect: str | None) -> None:
    """Write the queries of the funnels."""
    texts = [script.text() for _, script in _scripts(request, options, dialect, "--sql")]
    destination.deliver(";\n\n".join(text.rstrip("\n") for text in texts) + ";\n", request.output)


def write_models(request: Request, options: measuring.EventsOptions, dialect: str | None, folder: str) -> None:
    """Write the queries of the funnels into a project of dbt, all of them or none."""
    if request.output:
        raise console.Refused("--dbt writes into its folder", "leave out --output")
    found = _scripts(request, options, dialect, "--dbt", folder)
    from funnelcli.events.script import dbt
    from funnelcli.events.script.writer import named_place

    texts: dict[str, str] = {}
    names = dbt.names(funnel for funnel, _ in found)
    for name, (funnel, script) in zip(names, found, strict=True):
        place = named_place(script.dialect)
        table = options.table or (funnel.measure.table if funnel.measure else None)
        texts |= dbt.files(name, funnel, script, place, table if place in script.text() else None)
    paths = {os.path.join(folder, *path.split("/")): text for path, text in texts.items()}
    for path in paths:
        if os.path.exists(path) and not request.force and not _is_ours(path, dbt.OURS):
            raise console.Refused(f"{path} exists, and --dbt did not write it", "add --force to overwrite it")
    for path, text in paths.items():
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            destination.write_whole(path, text.encode())
        except OSError as error:
            destination.unwritten(path, error)
            raise console.Leave from None
    console.note(f"{many(len(paths), 'file')} written; to run them: dbt build --select {' '.join(names)}")
    if not os.path.isfile(os.path.join(folder, "dbt_project.yml")):
        console.note(f"{folder} has no dbt_project.yml, which makes it a project of dbt: dbt init makes one")


def _is_ours(path: str, mark: str) -> bool:
    """Whether a file says in its first line that it was written here."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.readline(200).lstrip("-# ").rstrip() == mark
    except OSError:
        return False


def _scripts(
    request: Request, options: measuring.EventsOptions, dialect: str | None, option: str, folder: str = ""
) -> list[tuple[Funnel, Script]]:
    """The queries of the funnels that say how to measure them; what is wrong is said, and ends the run."""
    _refuse_misuse(request, options, option)
    extras.refuse_lacking("warehouse")
    origins, wanted = measuring.opened(request, options._replace(by_name=True), update=False)
    from funnelcli.events.script import sources

    with measuring.folder_of_a_run() as own:
        place = measuring.refused_place(measuring.place_of(options.sources, own)) if options.sources else None
        name = _dialect(dialect, place.engine if isinstance(place, Warehouse) else "duckdb")

        def written(funnel: Funnel, definition: Definition) -> Script | Problem | list[Problem]:
            shown = definition.table or (place.shown if place else "")
            about = _about(request, options, funnel, name, shown, [option, *([folder] if folder else [])])
            about = about._replace(in_order=False) if folder else about
            return sources.write(definition, place, about, own, by_place=bool(folder))

        found = measuring.for_each(origins, [(funnel, partial(written, funnel)) for funnel in wanted], options)
    return [(funnel, script) for funnel, _, script in found]


def _refuse_misuse(request: Request, options: measuring.EventsOptions, option: str) -> None:
    """Refuse what does not go with the text of a query."""
    if request.report_format:
        raise console.Refused(f"{option} writes a query and no report", "leave out --format")
    if options.mature_only:
        what = "the query counts all entries: which windows are open is known when it runs"
        raise console.Refused(what, "leave out --mature-only, or give --between")
    if options.memory is not None:
        raise console.Refused("nothing is counted here", "leave out --memory")
    if any(each == "-" or is_stream(each) for each in options.sources):
        raise console.Refused("standard input has no name in a query", "name a file, a URL or --table")


def _dialect(wanted: str | None, engine: str) -> str:
    """The dialect that is wanted, or that of the engine."""
    from funnelcli.events.script.writer import DIALECTS, is_other

    word = (wanted or engine).lower()
    name = _OTHER_NAMES.get(word, word)
    if name in DIALECTS:
        return name
    if word == "redshift":
        help_text = "unload the events to Parquet, and use --dialect duckdb or athena"
        raise console.Refused("redshift does not run the query that counts", help_text)
    meant = "" if is_other(name) else word  # what is the name of another database is no slip
    what = f"no query is written in the words of {quoted(word)}"
    raise console.Refused(what, did_you_mean(meant, DIALECTS) or "")


def _about(
    request: Request, options: measuring.EventsOptions, funnel: Funnel, dialect: str, table: str, asked: Sequence[str]
) -> About:
    from funnelcli.events.script.comments import About

    words: Sequence[str] = [
        *(
            "funnelcli",
            "measure",
            *(os.path.relpath(file) if os.path.isabs(file) else file for file in request.files or []),
        ),
        *(word for source in options.sources for word in ("--from", without_secrets(source))),
        *(("--table", options.table) if options.table else ()),
        *(("--between", *options.between) if options.between else ()),
        *asked,
        *("--dialect", dialect),
        *(word for name in request.funnel or () for word in ("--funnel", name)),
    ]
    return About(funnel.name, table, dialect, f"funnelcli {__version__}", join(words))
