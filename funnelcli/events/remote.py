"""Files of events elsewhere, at an address of the web or in a bucket of S3, through the file systems of fsspec.

Of Parquet, the parts are read that are asked for; files of text, which are read more than once, are fetched first.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from funnelcli.events.file_formats import PARQUET
from funnelcli.events.sources import Files, SourceError, is_remote, without_secrets

_INSTALL = 'pip install "funnelcli[remote]"'
_CHUNK = 1 << 22
_BLOCK = 1 << 20
"""Bytes that are read ahead: a column of Parquet that nobody asks for is often longer."""
_NO_RIGHT = "a URL may need a signature that has not expired, a bucket the right to read (AWS_PROFILE, ~/.aws, or keys)"
_HELP = {
    401: _NO_RIGHT, 403: _NO_RIGHT,
    404: "is it spelled as it is there? A folder of a bucket ends with /",
}  # fmt: skip


def fetched(files: Files, folder: str) -> tuple[Files, list[Any]]:
    """Files that can be read, with the file systems that read those that stay elsewhere; a folder takes the others.

    Raises `SourceError` for what is missing there, refused, or out of reach.
    """
    systems: dict[str, Any] = {}
    paths: list[str] = []
    for place, path in enumerate(files.paths):
        if not is_remote(path):
            paths.append(path)
            continue
        scheme = urlsplit(path).scheme.lower()
        try:
            if scheme not in systems:
                systems[scheme] = _system(scheme)
            system = systems[scheme]
            found = _matching(system, scheme, path)
            for number, url in enumerate(found):
                stays = files.format == PARQUET and not any(sign in url for sign in "*?[")
                _look(system, scheme, url)
                paths.append(url if stays else _copied(system, url, os.path.join(folder, f"{place}-{number}")))
        except SourceError:
            raise
        except Exception as error:  # of whatever client
            raise _refused(error, path) from None
    return files._replace(paths=tuple(paths)), list(systems.values())


def _system(scheme: str) -> Any:
    try:
        import fsspec

        size = {"default_block_size" if scheme == "s3" else "block_size": _BLOCK}
        system = fsspec.filesystem(scheme, skip_instance_cache=True, **size)
    except ImportError as error:
        raise SourceError(f"files of {scheme}:// need {error.name or 'a client'}", f"install it: {_INSTALL}") from None
    if scheme != "s3":  # which tells when a file was changed; DuckDB asks, and keeps nothing by it
        system.modified = lambda _: datetime.now(UTC)
    return system


def _matching(system: Any, scheme: str, path: str) -> list[str]:
    """The files that a pattern or a folder of a bucket names, or the one file."""
    if scheme != "s3" or not (path.endswith("/") or any(sign in path for sign in "*?[")):
        return [path]
    pattern = f"{path}**/*.parquet" if path.endswith("/") else path
    found = sorted(system.glob(pattern))
    if not found:
        system.ls(path.split("*")[0].rpartition("/")[0] or path)  # which tells what is missing, or refused
        raise SourceError(
            f"no file matches {without_secrets(path)}", "name files that are there, or a folder with Parquet in it"
        )
    return [f"s3://{each}" for each in found]


def _look(system: Any, scheme: str, url: str) -> None:
    """Ask for a file, so that what bars the way is told in the words of the server."""
    if scheme == "s3":
        system.info(url)
    else:
        system.cat_file(url, start=0, end=1)


def _copied(system: Any, url: str, target: str) -> str:
    """A file in a folder, with the ending that it has there."""
    path = f"{target}-{os.path.basename(urlsplit(url).path)}"
    options = {} if url.lower().startswith("s3:") else {"block_size": 0}  # 0: one request, also without ranges
    with system.open(url, "rb", **options) as source, open(path, "wb") as stream:
        while part := source.read(_CHUNK):
            stream.write(part)
    return path


def _refused(error: Exception, path: str) -> SourceError:
    """An error of a client in one line, without secrets."""
    shown = without_secrets(path)
    status = getattr(error, "status", None)
    if isinstance(error, FileNotFoundError):
        status = 404
    elif isinstance(error, PermissionError):
        status = 403
    if status in _HELP:
        what = "there is no such file" if status == 404 else "the server refuses to give it"
        return SourceError(f"cannot read {shown}: {what} ({status})", _HELP[status])
    said = without_secrets(str(error), path).strip().splitlines() or [type(error).__name__]
    if "redentials" in type(error).__name__:
        return SourceError(f"cannot read {shown}: {said[0]}", "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret")
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return SourceError(
            f"cannot read {shown}: the server's certificate is not trusted: {said[0]}",
            "name the authority that signed it: SSL_CERT_FILE=FILE.pem",
        )
    return SourceError(f"cannot read {shown}: {said[0]}", "check the address and the network, or name a file")
