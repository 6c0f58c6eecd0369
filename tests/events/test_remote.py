"""Files at addresses of the web give the counts of the same files here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")

from funnelcli.diagnostics import Problem  # noqa: E402
from funnelcli.events.define import define  # noqa: E402
from funnelcli.events.definition import Definition  # noqa: E402
from funnelcli.events.duckdb import engine  # noqa: E402
from funnelcli.events.result import EventCounts  # noqa: E402
from funnelcli.events.sources import Files, SourceError, find_source  # noqa: E402
from funnelcli.funnel_file.reader import read  # noqa: E402
from tests.thorough import whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = b"""measure: {unit: unit, time: time, window: 7 days}
stages: [{name: A, when: {event: a}}, {name: B, when: {event: b}}]
"""
ROWS = (
    "SELECT i % 7000 AS unit, TIMESTAMP '2026-10-01' + INTERVAL (i) SECOND AS time, "
    "chr((97 + i % 3)::INT) AS event, md5(i::VARCHAR) AS unread FROM range(200000) AS r(i)"
)


def counted(place: object, folder: Path, text: bytes = TEXT) -> Any:
    definition = define(read(text, "test.yaml", uncounted=True).funnels[0])
    assert isinstance(definition, Definition)
    assert isinstance(place, Files), place
    return engine.measure(definition, place, str(folder))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("served")
    with duckdb.connect() as connection:
        for ending in ("parquet", "csv", "json"):
            connection.execute(f"COPY ({ROWS}) TO '{path / f'events.{ending}'}'")
    return path


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[tuple[str, list[int]]]:
    """An address that gives files, or parts of them, and how many bytes of each answer it sent."""
    pytest.importorskip("aiohttp", reason="the extra `remote` is not installed")
    pytest.importorskip("fsspec", reason="the extra `remote` is not installed")
    sent: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            path = folder / self.path.lstrip("/").partition("?")[0]
            if not path.is_file():
                self.send_error(403 if "secret" in path.name else 404)
                return
            data = path.read_bytes()
            first, _, last = self.headers.get("Range", "").removeprefix("bytes=").partition("-")
            part = data[int(first or 0) : int(last or len(data)) + 1]
            self.send_response(206 if first else 200)
            if first:
                self.send_header("Content-Range", f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(part)
                sent.append(len(part))

        do_HEAD = do_GET

    with serving(Handler) as server:
        yield f"http://127.0.0.1:{server.server_address[1]}", sent


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], secured: SSLContext | None = None) -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # of a client that hangs up
        if secured:
            server.socket = secured.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize(
    "name", ["events.csv", *whole_or_part(["events.parquet", "events.json"], []), "events.parquet?key=5"]
)
def test_a_file_of_the_web_counts_as_it_does_here(
    name: str, served: tuple[str, list[int]], folder: Path, tmp_path: Path
) -> None:
    here = counted(find_source(str(folder / name.partition("?")[0]), {}), tmp_path)
    there = counted(find_source(f"{served[0]}/{name}", {}), tmp_path)
    assert isinstance(there, EventCounts)
    assert there.counts[1] > 0
    assert there == here


def test_of_parquet_only_what_is_asked_for_is_read(served: tuple[str, list[int]], folder: Path, tmp_path: Path) -> None:
    served[1].clear()
    counted(find_source(f"{served[0]}/events.parquet", {}), tmp_path)
    whole = (folder / "events.parquet").stat().st_size
    assert sum(served[1]) < whole * 0.6


@pytest.mark.parametrize(
    ("name", "words"), [("none.parquet", "no such file (404)"), ("secret.csv", "refuses to give it (403)")]
)
def test_what_a_server_refuses_is_told(name: str, words: str, served: tuple[str, list[int]], tmp_path: Path) -> None:
    with pytest.raises(SourceError) as refused:
        counted(find_source(f"{served[0]}/{name}?token=abcdef", {}), tmp_path)
    assert words in refused.value.what
    assert "abcdef" not in refused.value.what + refused.value.help


def test_a_password_is_not_said_with_a_file_that_is_broken(
    served: tuple[str, list[int]], folder: Path, tmp_path: Path
) -> None:
    (folder / "broken.parquet").write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(SourceError) as refused:
        counted(find_source(f"{served[0]}/broken.parquet".replace("//", "//bob:hunter22@"), {}), tmp_path)
    assert "broken.parquet" in refused.value.what
    assert "hunter22" not in refused.value.what + refused.value.help


def test_a_server_that_is_not_there_is_told(served: tuple[str, list[int]], tmp_path: Path) -> None:
    with pytest.raises(SourceError) as refused:
        counted(find_source("http://127.0.0.1:9/events.csv", {}), tmp_path)
    assert "check the address and the network" in refused.value.help


def test_a_secured_address_is_read_where_its_certificate_is_trusted(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("aiohttp", reason="the extra `remote` is not installed")
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    named = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, *make, *named], check=True, capture_output=True)
    secured = SSLContext(PROTOCOL_TLS_SERVER)
    secured.load_cert_chain(certificate, key)
    funnel = tmp_path / "funnel.yaml"
    funnel.write_bytes(TEXT)
    with serving(partial(_Quiet, directory=str(folder)), secured) as server:  # type: ignore[arg-type]
        there = f"https://127.0.0.1:{server.server_address[1]}/events.csv"

        def measured(source: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "funnelcli", "measure", str(funnel), "--from", source, "-f", "csv"]
            return subprocess.run(command, check=False, capture_output=True, text=True)

        refused = measured(there)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        trusted = measured(there)
    assert refused.returncode == 2
    assert "certificate" in refused.stderr
    assert "SSL_CERT_FILE" in refused.stderr
    assert trusted.returncode == 0
    here = str(folder / "events.csv")
    assert trusted.stdout == measured(here).stdout.replace(here, there)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.mark.parametrize("address", ["https://h/e.parquet", "s3://bucket/e.csv", "s3://bucket/folder/"])
def test_what_to_install_is_said(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(SourceError) as refused:
        counted(find_source(address, {}), tmp_path)
    assert refused.value.help == 'install it: pip install "funnelcli[remote]"'


@pytest.mark.parametrize("address", ["https://h/events", "https://h/e.sqlite", "s3://b/e.duckdb", "https://h/*.csv"])
def test_what_is_not_read_elsewhere_is_refused(address: str) -> None:
    assert isinstance(find_source(address, {}), Problem)
