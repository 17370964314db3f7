"""A real gunicorn on production's settings, and a client that sends real requests to it."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench import cpu, house
from governance import processes
from governance.engines import Engines
from governance.engines.ports import LOOPBACK, pick
from governance.processes import Child

WORKERS = 2
CSRF = "b" * 32
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Ask:
    """One request: `session` is the key of a logged-in session; `body` makes it a POST, answered by
    a redirect unless `status` says otherwise."""

    path: str
    session: str
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None

    @property
    def expected(self) -> int:
        if self.status is not None:
            return self.status
        return 200 if self.body is None else 302


class Unexpected(Exception):
    """The product answered something else than a page or a redirect."""


class Web:
    def __init__(self, port: int, master: int, child: Child) -> None:
        self.port, self.master, self.child = port, master, child

    @property
    def workers(self) -> list[int]:
        return cpu.children(self.master)

    def send(self, ask: Ask) -> tuple[float, bytes]:
        """Ask on a connection of its own; seconds until the whole answer was read, and the body."""
        headers = {
            "Host": house.HOST,
            "X-Forwarded-Proto": "https",
            "Referer": f"https://{house.HOST}/",
            "Cookie": f"sessionid={ask.session}; csrftoken={CSRF}",
            "Accept-Encoding": "identity",
            **ask.headers,
        }
        body = None
        if ask.body is not None:
            body = urlencode({**ask.body, "csrfmiddlewaretoken": CSRF})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=60)
        connection.request("POST" if body is not None else "GET", ask.path, body, headers)
        response = connection.getresponse()
        said = response.read()
        took = time.perf_counter() - began
        connection.close()
        if response.status != ask.expected:
            end = self.child.last_lines(30)
            raise Unexpected(f"{response.status} for {ask.path} {ask.body}\n{said[:2000]!r}\n{end}")
        return took, said


@contextmanager
def serve(at: Engines) -> Iterator[Web]:
    """gunicorn with sync workers, as docker/Dockerfile starts it, until the block ends."""
    port = pick(None)
    options = ["--workers", str(WORKERS), "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
    python = house.inside("")[0]
    child = processes.start(
        "web",
        [python, "-m", "gunicorn", "governance.wsgi", "--bind", f"{LOOPBACK}:{port}", *options],
        log=house.HOME / "web.log",
        env=house.environment(at),
    )
    try:
        web = Web(port, child.process.pid, child)
        await_health(web)
        yield web
    finally:
        processes.stop([child])


def await_health(web: Web) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_healthy(web):
        if not web.child.is_alive or time.monotonic() > deadline:
            raise Unexpected(web.child.last_lines(30))
        time.sleep(0.1)


def is_healthy(web: Web) -> bool:
    try:
        web.send(Ask("/healthz", ""))
    except OSError:
        return False
    return True
