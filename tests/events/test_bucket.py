"""Files of a bucket give the counts of the same files here, through a server that answers what S3 is asked for them."""

from __future__ import annotations

from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest

duckdb = pytest.importorskip("duckdb", reason="the extra `events` is not installed")
pytest.importorskip("s3fs", reason="the extra `remote` is not installed")

from funnelcli.events.result import EventCounts  # noqa: E402
from funnelcli.events.sources import SourceError, find_source  # noqa: E402
from tests.events.test_remote import ROWS, counted  # noqa: E402
from tests.thorough import whole_or_part  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MISSING = "<Error><Code>{}</Code><Message>no</Message></Error>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What lies in the bucket: a folder of Parquet by days, and files of text."""
    path = tmp_path_factory.mktemp("bucket")
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE log AS SELECT *, time::DATE AS dt FROM ({ROWS})")
        connection.execute(f"COPY log TO '{path / 'days'}' (FORMAT parquet, PARTITION_BY (dt))")
        for half in (0, 1):
            rows = f"SELECT * EXCLUDE (dt) FROM log WHERE hash(unit, time) % 2 = {half}"
            connection.execute(f"COPY ({rows}) TO '{path / f'part {half}.csv'}'")
    return path


class Bucket(ThreadingHTTPServer):
    """A bucket `shop` of the files of a folder; no key opens another one."""

    folder: Path

    def handle_error(self, *_: object) -> None: ...


class Handler(BaseHTTPRequestHandler):
    """ListObjectsV2, HeadObject and GetObject."""

    protocol_version = "HTTP/1.1"
    server: Bucket

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        bucket, _, key = unquote(address.path).lstrip("/").partition("/")
        if bucket != "shop":
            self.answer(403, MISSING.format("AccessDenied").encode())
        elif not key:
            self.answer(200, self.listed(parse_qs(address.query)).encode())
        elif (self.server.folder / key).is_file():
            data = (self.server.folder / key).read_bytes()
            first, _, last = self.headers.get("Range", "").removeprefix("bytes=").partition("-")
            part = data[int(first or 0) : int(last or len(data)) + 1]
            place = f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}" if first else ""
            self.answer(206 if first else 200, part, place)
        else:
            self.answer(404, MISSING.format("NoSuchKey").encode())

    do_HEAD = do_GET

    def answer(self, status: int, body: bytes, place: str = "") -> None:
        self.send_response(status)
        for name, value in {"Content-Range": place, "ETag": '"1"', "Last-Modified": formatdate(0, usegmt=True)}.items():
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def listed(self, asked: dict[str, list[str]]) -> str:
        """The objects below a prefix; of what lies deeper than the delimiter, the folders alone."""
        prefix, delimiter = (asked.get(each, [""])[0] for each in ("prefix", "delimiter"))
        folder = self.server.folder
        files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
        found, deeper = [], []
        for key, path in files.items():
            name, more, _ = key.removeprefix(prefix).partition(delimiter) if delimiter else (key, "", "")
            if not key.startswith(prefix):
                continue
            if more:
                deeper.append(f"{prefix}{name}{more}")
                continue
            size, date = path.stat().st_size, "2026-10-01T00:00:00.000Z"
            size_and_date = f"<Size>{size}</Size><LastModified>{date}</LastModified><ETag>1</ETag>"
            found.append(f"<Contents><Key>{escape(key)}</Key>{size_and_date}</Contents>")
        found += [f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>" for each in dict.fromkeys(deeper)]
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        head = f"<Name>shop</Name><KeyCount>{len(found)}</KeyCount><IsTruncated>false</IsTruncated>"
        return f'<ListBucketResult xmlns="{space}">{head}{"".join(found)}</ListBucketResult>'


@pytest.fixture(autouse=True, scope="module")
def _served(folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, Bucket(("127.0.0.1", 0), Handler) as server:
        server.folder = folder
        Thread(target=server.serve_forever, daemon=True).start()
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        for name, value in {
            "ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}", "ACCESS_KEY_ID": "k",
            "SECRET_ACCESS_KEY": "s", "DEFAULT_REGION": "eu-west-1", "CONFIG_FILE": str(folder / "none"),
            "SHARED_CREDENTIALS_FILE": str(folder / "none"), "EC2_METADATA_DISABLED": "true",
        }.items():  # fmt: skip
            patch.setenv(f"AWS_{name}", value)
        yield
        server.shutdown()


@pytest.mark.parametrize(
    ("there", "here"),
    [("days/", "days"), ("days/dt=2026-10-02/*.parquet", "days/dt=2026-10-02"), ("part 1.csv", "part 1.csv"),
     *whole_or_part([("part*.csv", "part*.csv")], [])],
)  # fmt: skip
def test_files_of_a_bucket_count_as_they_do_here(there: str, here: str, folder: Path, tmp_path: Path) -> None:
    found = counted(find_source(f"s3://shop/{there}", {}), tmp_path)
    assert isinstance(found, EventCounts)
    assert found.counts[1] > 0
    assert found == counted(find_source(str(folder / here), {}), tmp_path)


def test_a_folder_of_days_has_the_day_as_a_column(folder: Path, tmp_path: Path) -> None:
    text = b"""measure: {unit: unit, time: time, window: 7 days}
stages: [{name: A, when: {event: a, dt: "2026-10-02"}}, {name: B, when: {event: b}}]
"""
    found = counted(find_source("s3://shop/days/", {}), tmp_path, text)
    assert found.counts[0] > 0
    assert found == counted(find_source(str(folder / "days"), {}), tmp_path, text)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("s3://shop/none.parquet", "no such file (404)"),
        ("s3://shop/none/", "no such file (404)"),
        ("s3://shop/days/*.csv", "no file matches"),
        ("s3://other/events.csv", "refuses to give it (403)"),
    ],
)
def test_what_a_bucket_refuses_is_told(address: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as refused:
        counted(find_source(address, {}), tmp_path)
    assert words in refused.value.what
