"""The outside world of the channels: a gateway on this machine that misbehaves on demand."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple


class Got(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers["idempotency-key"]

    @property
    def content(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Gateway:
    """What came in, what was taken (once a key), and how the next posts are met, in turn."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    taken: dict[str, Got] = field(default_factory=dict)
    # "ok" | "slow" | "drips" | "hangs up" | "refuses" (a robot's 200) | a status, with Retry-After
    moods: list[str | tuple[int, str]] = field(default_factory=list)
    patience: float = 0.6

    @property
    def texts(self) -> list[str]:
        return [got.content["text"] for got in self.taken.values()]

    @property
    def phones(self) -> list[str]:
        return [got.content["phone"] for got in self.taken.values()]


def handler_of(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            got = Got(self.path, headers, body)
            gateway.got.append(got)
            mood = gateway.moods.pop(0) if gateway.moods else "ok"
            if mood == "hangs up":
                return
            if isinstance(mood, tuple):
                self.answer(mood[0], body, {"Retry-After": mood[1]} if mood[1] else {})
                return
            if mood == "refuses":
                self.answer(200, b'{"errcode": 45009, "errmsg": "api freq out of limit"}')
                return
            gateway.taken.setdefault(got.key, got)  # a repeat is answered and not sent again
            if mood == "slow":
                time.sleep(gateway.patience)
            if mood == "drips":
                self.drip()
                return
            self.answer(200, b'{"errcode": 0}')

        def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            """Errors echo what was sent, as unkind gateways do."""
            try:
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def drip(self) -> None:
            """A byte before each time-out, for longer than one waits."""
            try:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
                for _byte in range(9):
                    self.wfile.write(b" ")
                    time.sleep(gateway.patience / 6)
            except OSError:
                self.close_connection = True

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


@contextmanager
def running() -> Iterator[Gateway]:
    gateway = Gateway()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(gateway))
    server.daemon_threads = False  # closing waits for those who are still dripping
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
