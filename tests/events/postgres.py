"""PostgreSQL for tests: the server that runs, or one that is started for them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager, suppress
from glob import glob
from time import sleep
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def programs(name: str) -> str | None:
    """A program of PostgreSQL, on the path or where Debian puts it."""
    return shutil.which(name) or next(iter(sorted(glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)), None)


RUNNING = "postgres://postgres@127.0.0.1:5432/test"
"""A server that asks for no password, as it runs beside the tests of a change."""


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A connection by the driver itself, in the schema that a URL of Ibis may name after the database."""
    import psycopg

    server, database, *schema = url.removeprefix("postgres://").split("/")
    path = {"options": f"-c search_path={schema[0]}"} if schema else {}
    with psycopg.connect(f"postgresql://{server}/{database}", autocommit=True, connect_timeout=5, **path) as connection:
        yield connection


@contextmanager
def schema_of_its_own() -> Iterator[str]:
    """A new schema in the server that runs, dropped afterwards."""
    name = f"funnelcli_{uuid4().hex}"
    with connected(RUNNING) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        try:
            yield f"{RUNNING}/{name}"
        finally:
            connection.execute(f"DROP SCHEMA {name} CASCADE")


def put_log(log: Path, connection: Any) -> None:
    """The log in a table."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        "CREATE TABLE events (unit int, time timestamptz, event text, amount numeric, channel text, key int)"
    )
    with connection.cursor().copy("COPY events FROM STDIN WITH (FORMAT csv, HEADER true)") as copy:
        copy.write(log.read_bytes())
    connection.execute("ANALYZE events")  # as of tables that are used


def is_running() -> bool:
    psycopg = pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    try:
        with connected(RUNNING):
            return True
    except psycopg.OperationalError:
        return False


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """A server of its own in a temporary folder, as a user without rights: it refuses to run as root."""
    initdb, server = programs("initdb"), programs("postgres")
    if initdb is None or server is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    psycopg = pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    as_user: dict[str, Any] = {}
    if os.getuid() == 0:
        import pwd

        nobody = pwd.getpwnam("nobody")
        as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secret = folder / "secret"
    secret.write_text("s3cr3t!", encoding="utf-8")
    secret.chmod(0o644)
    data = str(folder / "data")
    subprocess.run(
        [initdb, "-D", data, "-U", "measurer", "--auth=scram-sha-256", f"--pwfile={secret}", "-E", "UTF8",
         "--locale=C"],
        check=True, capture_output=True, cwd=folder, **as_user,
    )  # fmt: skip
    with (folder / "log").open("wb") as said:
        process = subprocess.Popen(
            [server, "-D", data, "-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1"],
            stdout=said, stderr=said, cwd=folder, **as_user,
        )  # fmt: skip
    url = f"postgres://measurer:s3cr3t%21@127.0.0.1:{port}/postgres"
    try:
        for attempt in range(100):
            with suppress(psycopg.OperationalError), connected(url):
                break
            assert attempt < 99, (folder / "log").read_text(encoding="utf-8")
            sleep(0.1)
        yield url
    finally:
        process.send_signal(signal.SIGINT)  # waits for nobody
        process.wait(30)
