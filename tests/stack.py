"""The real web, worker and beat on a database of their own, for end-to-end tests."""

from __future__ import annotations

import email
import email.policy
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import redis

from governance import processes
from governance.engines import Engines
from governance.engines.ports import LOOPBACK, pick
from governance.processes import Child
from tests.engines import HOME, ROOT, clone, environment
from tests.visitor import Visitor

T = TypeVar("T")
WEB = ("web",)
WHOLE = ("web", "worker", "beat")


def wait_until(condition: Callable[[], T], seconds: float = 60, what: str = "") -> T:
    """Ask again and again until the answer is true; fail after the time."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or condition}"
        time.sleep(0.05)
    return answer


def wait_for(ask: Callable[[], T], expected: T, seconds: float = 60) -> None:
    """Ask again and again until the answer is the expected one; fail with the last one."""
    deadline = time.monotonic() + seconds
    while (answer := ask()) != expected and time.monotonic() < deadline:
        time.sleep(0.05)
    assert answer == expected, f"{answer!r} is not {expected!r}"


class Stack:
    """Web, worker and beat as `manage.py demo` starts them; its time is moved by the test."""

    def __init__(self, name: str, *, broker: int, folder: Path, seed: str) -> None:
        self.engines: Engines = clone(name, redis=broker)
        self.folder, self.seed = folder, seed
        self.port = pick(None)
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.children: list[Child] = []
        self.numbers = count(1)
        self.pids = HOME / f"{name}.pids"
        self.database = psycopg.connect(self.engines.owner_url, autocommit=True)

    def start(self, *names: str) -> None:
        """Start these processes and seed the database meanwhile; returns when all is ready."""
        self.clear_orphans()
        try:
            for name in names:
                self.start_child(name)
            self.run("-m", "tests.stack_seed", self.seed)
            wait_until(lambda: self.is_ready(names), 120, "the stack is ready")
        except BaseException:
            self.stop()
            raise

    def start_child(self, name: str) -> Child:
        """One more process; `worker`, `worker 2` and so on are of the same kind."""
        command = [sys.executable, "-m", *self.command(name)]
        log = self.folder / f"{name} {next(self.numbers)}.log"
        child = processes.start(name, command, log=log, env=self.environment())
        self.children.append(child)
        self.pids.write_text("\n".join(str(child.process.pid) for child in self.children))
        return child

    def clear_orphans(self) -> None:
        """End what an earlier run left behind when it was killed itself."""
        for pid in self.pids.read_text().split() if self.pids.exists() else ():
            if "governance" in processes.command_line(pid):
                processes.kill_group(int(pid))

    def command(self, name: str) -> list[str]:
        celery = ["celery", "-A", "governance"]
        address = ["--host", LOOPBACK, "--port", str(self.port)]
        schedule = ["--schedule", str(self.folder / f"schedule {name}")]
        return {
            "web": ["uvicorn", "governance.asgi:application", *address, *GRACE, *QUIET],
            # One process, so that the coverage of what it does is written when it ends.
            "worker": [*celery, "worker", "--pool", "solo", "--loglevel", "WARNING"],
            "prefork": [*celery, "worker", "--concurrency", "1", "--loglevel", "WARNING"],
            "beat": [*celery, "beat", "--loglevel", "WARNING", *schedule],
        }[name.split()[0]]

    def environment(self) -> dict[str, str]:
        mine = {
            "DJANGO_SETTINGS_MODULE": "tests.stack_settings",
            "EMAIL_FILE_PATH": str(self.folder / "mail"),
            "MEDIA_ROOT": str(self.folder / "media"),
            "ERASURE_FILE": str(self.folder / "erasures.jsonl"),
            "SWEEP_SECONDS": "1",
            "PYTHONUNBUFFERED": "1",
        }
        return {**os.environ, **environment(self.engines), **mine}

    def run(self, *arguments: str) -> None:
        command = [sys.executable, *arguments]
        subprocess.run(command, cwd=ROOT, env=self.environment(), check=True, stdout=2)

    def is_ready(self, names: tuple[str, ...]) -> bool:
        """The web answers, and a sweep has ended where there is a beat."""
        for child in self.children:
            assert child.is_alive, f"{child.name} has ended:\n{child.last_lines(30)}"
        if "beat" in names and not self.one("SELECT count(*) FROM governance_heartbeat"):
            return False
        return "web" not in names or self.answers("/readyz" if "beat" in names else "/healthz")

    def answers(self, path: str) -> bool:
        try:
            return bool(json.loads(Visitor(self.url).get(path).text)["status"] == "ok")
        except OSError:
            return False

    def kill(self, kind: str) -> None:
        """SIGKILL for every process of a kind and whatever it started."""
        for child in [c for c in self.children if c.name.startswith(kind)]:
            processes.kill_group(child.process.pid)
            child.process.wait()
            self.children.remove(child)

    def empty_broker(self) -> None:
        with redis.Redis.from_url(self.engines.redis_url) as client:
            client.flushdb()

    def stop(self) -> None:
        processes.stop(self.children)
        self.pids.unlink(missing_ok=True)
        self.database.close()

    # What tests ask of it ----------------------------------------------------------------------

    def visitor(self, username: str = "") -> Visitor:
        """Somebody at a browser of their own, logged in when a name is given."""
        visitor = Visitor(self.url)
        if username:
            visitor.log_in(username)
        return visitor

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        cursor = self.database.execute(query.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def one(self, query: str, *values: Any) -> Any:
        return self.sql(query, *values)[0][0]

    def move_time(self, to: datetime | timedelta) -> None:
        shift = "%s - now()" if isinstance(to, datetime) else "shift + %s"
        self.sql(f"UPDATE test_clock SET shift = {shift}", to)

    def await_sweeps(self, count: int) -> None:
        """Until so many more sweeps have ended: the last of two began after this call."""
        for _ in range(count):
            before = self.one("SELECT xmin::text FROM governance_heartbeat")
            another = "SELECT xmin::text <> %s FROM governance_heartbeat"
            wait_until(partial(self.one, another, before), what="a sweep")

    def history(self, number: str) -> list[str]:
        """The actions of a case, oldest first."""
        query = (
            "SELECT action FROM cases_transition JOIN cases_case ON case_id = cases_case.id"
            " WHERE number = %s ORDER BY cases_transition.id"
        )
        return [action for (action,) in self.sql(query, number)]

    def mails(self) -> list[tuple[str, str]]:
        """(to, subject) of the e-mails that have left."""
        texts = [path.read_text() for path in sorted((self.folder / "mail").glob("*.log"))]
        parts = [part for text in texts for part in text.split("-" * 79) if part.strip()]
        parsed = [
            email.message_from_string(part.lstrip(), policy=email.policy.default) for part in parts
        ]
        return [(str(mail["To"]), str(mail["Subject"])) for mail in parsed]


GRACE = ("--timeout-graceful-shutdown", "3")
QUIET = ("--log-level", "warning")
