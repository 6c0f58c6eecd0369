"""A server on this machine that gives recorded answers of the services that comments are written on."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

ANSWERS = json.loads((Path(__file__).parent / "recorded_answers.json").read_text(encoding="utf-8"))
"""In the shapes of GitHub's and GitLab's documentation, by what each is."""


class Asked(NamedTuple):
    """A request as it has come."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, str] | None


class Service:
    """A server that gives recorded answers in order, and refuses what was not asked when they were recorded."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.left: list[dict[str, Any]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, json.loads(content) if content.strip() else None)
                service.asked.append(asked)
                given: dict[str, Any] = service.left.pop(0) if service.left else {}
                if given.get("request") != [asked.method, asked.path]:
                    given = {"status": 599, "headers": {}, "body": f"{asked[:2]} is not what was recorded"}
                self.send_response(given["status"])
                for name, value in given["headers"].items():
                    self.send_header(name, value.replace("{api}", service.api))
                self.end_headers()
                body = given["body"]
                self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

            do_GET = do_POST = do_PATCH = do_PUT = answer

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.api = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def answers(self, *names: str) -> None:
        """What it will say, by the names of the records."""
        self.left = [ANSWERS[name] for name in names]

    def close(self) -> None:
        """No more answers."""
        self._server.shutdown()
        self._server.server_close()
