"""What `--from` names: files of events, a database file, standard input, or a warehouse by its URL or profile."""

from __future__ import annotations

import os
import re
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from funnelcli.characters import hidden_places
from funnelcli.diagnostics import Problem, did_you_mean, quoted
from funnelcli.events.file_formats import (
    CSV,
    DATABASES,
    JSON,
    PARQUET,
    by_ending,
    ending_of,
    format_of,
    is_packed,
    misnamed,
    of_another_program,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

PROFILE = "FUNNELCLI_SOURCE_"
"""The environment variables that hold the URLs of profiles: `@prod` is the value of this and PROD."""
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_ALIASES = {"postgresql": "postgres", "mariadb": "mysql", "spark": "pyspark"}
"""What a URL may call a database, and Ibis calls it."""
_OF_FILES = ("sqlite", "duckdb", "file")
_REMOTE = ("http", "https", "s3")
_ELSEWHERE = ("ftp", "gs", "gcs", "az", "abfs", "abfss", "hdfs")
_SECRETS = re.compile(r"(?i)((?:password|passwd|pwd|secret|token|key|credentials)[a-z_]*\s*[=:]\s*)[^\s&;,'\"]+")
_HIDDEN = "***"


class SourceError(Exception):
    """A source that cannot be read or counted: what is wrong, and what helps."""

    def __init__(self, what: str, help_text: str) -> None:
        super().__init__(what)
        self.what = what
        self.help = help_text


def unreadable(shown: str, what: object) -> SourceError:
    """The error of a file that is broken, or is something else; of one elsewhere, its address may hold a secret."""
    said = without_secrets(str(what), shown) if "://" in str(what) else what
    return SourceError(f"cannot read {shown}: {said}", "check that the file is whole and of the format of its ending")


class Files(NamedTuple):
    """Files of one format; `shown` is how they are called in the output."""

    paths: tuple[str, ...]
    format: str
    shown: str


class Warehouse(NamedTuple):
    """A database elsewhere: its URL, which may hold a secret, and how it is called in the output."""

    url: str
    shown: str

    @property
    def engine(self) -> str:
        """What Ibis calls the kind of database."""
        scheme = self.url.partition("://")[0].lower()
        return _ALIASES.get(scheme, scheme)

    @property
    def extra(self) -> str | None:
        """The extra that brings its driver, where there is one."""
        return self.engine if self.engine in ("postgres", "mysql") else None


def is_stream(text: str) -> bool:
    """Whether a source is a pipe, such as that of `<(…)`, which can be read only once."""
    return os.path.exists(text) and not os.path.isfile(text) and not os.path.isdir(text)


def find_sources(texts: Sequence[str], environment: Mapping[str, str]) -> Files | Warehouse | Problem:
    """What the texts of `--from` name: a source, or files of one format that are read together."""
    found: list[Files] = []
    for text in texts:
        source = find_source(text, environment)
        if len(texts) == 1 or isinstance(source, Problem):
            return source
        if not isinstance(source, Files) or source.format in DATABASES:
            return Problem("FN103", f"{quoted(text)} is read alone", "give one --from, or files of events")
        found.append(source)
    formats = {source.format for source in found}
    paths = tuple(dict.fromkeys(path for source in found for path in source.paths))
    return _of_one_format("these are files of", formats) or Files(
        paths, formats.pop(), ", ".join(source.shown for source in found)
    )


def _of_one_format(what: str, formats: set[str]) -> Problem | None:
    if len(formats) == 1:
        return None
    return Problem("FN103", f"{what} {' and '.join(sorted(formats))}", "name files of one format")


def find_source(text: str, environment: Mapping[str, str]) -> Files | Warehouse | Problem:
    """What a text of `--from` names, other than standard input."""
    if text.startswith("@"):
        return _profile(text[1:], environment)
    url = _URL.match(text)
    if url:
        engine = url[1].lower()
        if engine in _OF_FILES:  # by its URL, a driver would make the file that is not there
            return Problem("FN103", f"{engine} is a file, not a server", "name its path: --from events.duckdb")
        if engine in _REMOTE:
            return _remote(text)
        if engine in _ELSEWHERE:
            return Problem("FN103", f"{engine} is no database", "download the events first, and name the file")
        if engine == "redshift":  # which needs a frame where the one formulation has none
            help_text = "UNLOAD the events to Parquet, and name the folder: --from s3://bucket/events/"
            return Problem("FN103", "redshift does not run the query that counts", help_text)
        return Warehouse(text, without_secrets(text))
    candidates = _matching(text)
    try:
        for link in filter(os.path.islink, candidates):
            os.stat(link)  # left out, the events of what it leads to would be missing without a word
        paths = tuple(sorted(filter(os.path.isfile, candidates)))
        formats = {format_of(path) for path in paths}
    except OSError as error:
        return _obstacle(error.filename or text, error)
    if not paths:
        if os.path.isdir(text):
            files = os.path.join(text, f"*{_usual_ending(text)}")
            return Problem("FN102", f"{quoted(text)} is a folder", f"name its files: --from '{files}'")
        if _is_pattern(text):
            what = f"no file matches {quoted(without_secrets(text))}"
            return Problem("FN102", what, "name a file or a pattern of files, a URL, or @PROFILE")
        from funnelcli.funnel_file.obstacles import missing

        return Problem("FN102", f"no file is called {quoted(without_secrets(text))}", missing(text)[1])
    problem = next(filter(None, map(misnamed, paths)), None) or _of_one_format(f"{quoted(text)} matches", formats)
    if problem:
        return problem
    (known,) = formats
    if len(paths) > 1 and known in DATABASES:
        return Problem("FN103", f"{quoted(text)} matches {len(paths)} databases", "name one database")
    return Files(paths, known, _spelled_out(text))


def _usual_ending(folder: str) -> str:
    """The ending that the most files of events in a folder have."""
    with suppress(OSError):
        known = [each for each in map(ending_of, sorted(os.listdir(folder))) if each]
        return Counter(known).most_common(1)[0][0] if known else ".csv"
    return ".csv"


def _spelled_out(text: str) -> str:
    """The name of a file as a funnel file may have it: line ends and what nobody sees are spelled out."""
    hidden = set(hidden_places(text))
    return "".join(ascii(char)[1:-1] if place in hidden else char for place, char in enumerate(text))


def paths_of(texts: Sequence[str]) -> tuple[str, ...]:
    """The files that sources name, by a pattern too."""
    return tuple(path for text in texts if not _URL.match(text) for path in _matching(text) if os.path.isfile(path))


def is_remote(path: str) -> bool:
    """Whether a path is an address of the web, or of a bucket."""
    return path.lower().startswith(tuple(f"{scheme}://" for scheme in _REMOTE))


def _remote(url: str) -> Files | Problem:
    """Files at an address, whose format is that of its ending."""
    shown = without_secrets(url)
    bucket = url.lower().startswith("s3:")
    path = url if bucket else re.split(r"[?#]", url)[0]
    known = PARQUET if bucket and path.endswith("/") else by_ending(path)
    if known is None:
        endings = "its address ends with none of .parquet, .csv, .jsonl and their like"
        return Problem(
            "FN103", f"the format of {quoted(shown)} is not known: {endings}", "download it, and name the file"
        )
    if known in DATABASES:
        return Problem("FN103", f"{quoted(shown)} is a database in one file", "download it, and name the file")
    if not bucket and "*" in path:
        return Problem(
            "FN103", "the web has no patterns of addresses", "give --from for each, or name a folder of s3://"
        )
    return Files((url,), known, shown)


def _is_pattern(text: str) -> bool:
    return any(char in text for char in "*?[") and not os.path.exists(text)


def _matching(text: str) -> list[str]:
    from glob import escape, glob

    if os.path.isdir(text):  # of files of columns, as `events/dt=2026-10-01/part.parquet`, whose names hold a column
        return glob(os.path.join(escape(text), "**", "*.parquet"), recursive=True) or [text]
    if not _is_pattern(text):
        return [text] if os.path.lexists(text) else []
    return glob(text, recursive=True)


def _obstacle(path: str, error: OSError) -> Problem:
    """Why a file that a source names cannot be read."""
    from funnelcli.funnel_file.obstacles import obstacle

    what, help_text = obstacle(path, error)
    return Problem("FN102", f"cannot read {quoted(path)}: {what}", help_text)


def _profile(name: str, environment: Mapping[str, str]) -> Warehouse | Problem:
    """The warehouse of a profile. Its URL is never shown."""
    variable = PROFILE + re.sub(r"[^A-Z0-9]", "_", name.upper())
    url = environment.get(variable, "")
    if _URL.match(url):
        return Warehouse(url, f"@{name}")
    if url:
        return Problem("FN103", f"{variable} holds no URL", "write engine://user:password@host/database")
    known = [each.removeprefix(PROFILE).lower() for each in environment if each.startswith(PROFILE)]
    help_text = did_you_mean(name, known) or f"set the environment variable {variable} to its URL"
    return Problem("FN102", f"no profile is called {quoted(name)}", help_text)


def choose_table(
    wanted: str | None, tables: list[str], schema: str = "", elsewhere: Sequence[str] = ()
) -> str | Problem:
    """The table that is wanted among those of a database, or of a schema that is named, or its only one.

    Those `elsewhere` are named with their schemas.
    """
    if wanted in tables or (wanted is None and len(tables) == 1):
        return wanted or tables[0]
    if wanted is None:
        help_text = f"add --table NAME; {did_you_mean('', [*tables, *elsewhere]) or 'there is none'}"
        return Problem("FN102", "no table is named", help_text, path=("measure",))
    within = f"{schema}." if schema else ""
    what = f"the database has no table {quoted(within + wanted)}"
    near = did_you_mean(wanted, tables, within) if schema else did_you_mean(wanted, [*tables, *elsewhere])
    return Problem("FN120", what, near or did_you_mean("", elsewhere), path=("measure", "table"))


def from_stream(stream: BinaryIO | None, folder: str, shown: str = "-") -> Files:
    """Standard input or a pipe as a file of a folder, unpacked: an engine reads it more than once.

    Raises `SourceError` for a stream that is closed or broken.
    """
    import gzip
    import zlib
    from shutil import copyfileobj

    if stream is None:
        raise SourceError("standard input is closed", "name the events' file")
    path = os.path.join(folder, "stdin")
    try:
        with open(path, "wb") as target:
            copyfileobj(stream, target)
        if is_packed(path):
            with gzip.open(path) as unpacked, open(path + ".unpacked", "wb") as target:
                copyfileobj(unpacked, target)
            path += ".unpacked"
        known = format_of(path)
        refused = of_another_program(path) if known in (CSV, JSON) else None
    except (EOFError, zlib.error, OSError) as error:
        raise unreadable(shown, error) from error
    if refused is not None:
        help_text = refused.help or ""
        if "packed" in refused.message:  # a stream has no name that could tell how
            help_text = "unpack it on the way, as zstd -dc FILE or xz -dc FILE do, or name the file"
        raise SourceError(refused.message.replace(quoted(path), shown, 1), help_text)
    return Files((path,), known, shown)


def without_secrets(text: str, url: str = "") -> str:
    """A source, or a message of a driver, without what only its owner may know; `url` is the one that was used."""
    from urllib.parse import unquote

    some = r"[\s\S]*"  # of a source all that stands before the last @: a password may hold spaces, too
    if url:
        some, text = r"\S*", text.replace(url, without_secrets(url))
        user_info = re.match(r"[^:]*:/+([\s\S]*)@", url)  # to the last @: a password may hold others, and slashes
        password = user_info[1].partition(":")[2] if user_info else ""
        pieces = {password, *re.split(r"[/@#?:]", password)}  # as a driver may cut it
        values = re.findall(r"=([^&;]+)", url.rpartition("?")[2])
        for secret in sorted((*pieces, *values), key=len, reverse=True):
            for form in (secret, unquote(secret)):
                if len(form) > 3 or (form and form == password):
                    text = text.replace(form, _HIDDEN)
    text = re.sub(rf"(:/+){some}@", r"\1", text)
    text = re.sub(rf"(:/+[^?\s]*)\?{some}", r"\1", text)
    return _SECRETS.sub(rf"\1{_HIDDEN}", text)
