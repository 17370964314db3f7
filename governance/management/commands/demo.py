"""`make run`: engines, tables, example data, then web, worker and beat until Ctrl-C."""

import fcntl
import hashlib
import http.client
import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance import engines, processes
from governance.engines.errors import NO_SPACE, disk_full, explained
from governance.engines.given import check_database, check_redis
from governance.engines.ports import LOOPBACK, is_free
from governance.processes import Child
from governance.settings import env

HOME: Path = settings.LOCAL_FOLDER
LOGS = HOME / "log"
RUN = HOME / "run"
# Who is to be cleared away when the command itself was killed.
PIDS = RUN / "children.pids"
# Which code has made the tables and the data: unchanged, both are there and need no look.
PREPARED = RUN / "prepared"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_SECONDS = 60


class Command(BaseCommand):
    help = "Run the whole platform with example data on this machine, until Ctrl-C."
    # The command never talks to the database itself, and `migrate` runs the checks.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        _refuse_production()
        try:
            with explained(HOME), ExitStack() as stack:
                for folder in (HOME, LOGS, RUN):
                    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._until_interrupted(stack, port)
        except engines.EngineError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("已停止 · stopped")

    def _until_interrupted(self, stack: ExitStack, port: int) -> None:
        _stop_on_signals()
        try:
            self._run(stack, port)
        except KeyboardInterrupt:
            self.stdout.write("\n正在停止 · stopping ……")
        finally:
            # Stopping takes its time; a second Ctrl-C would leave something running.
            _ignore_signals()

    def _run(self, stack: ExitStack, port: int) -> None:
        stack.enter_context(_alone())
        # What was killed just now may hold the port for another moment.
        _check_port(port, patience=3 if _clear_orphans() else 0)
        with self._step("① 启动 PostgreSQL 与 Valkey · engines"):
            urls = _urls(stack)
        fingerprint = _fingerprint(urls)
        if not fingerprint or _read(PREPARED) != fingerprint:
            with self._step("② 更新数据库结构 · tables"):
                _manage("migrate", "--no-input", urls=urls)
            with self._step("③ 准备演示数据 · example data"):
                _manage("seed_demo", "--profile", "small", urls=urls)
            PREPARED.write_text(fingerprint)
        with self._step("④ 启动网页、任务与定时 · web, worker, beat"):
            children = _start_children(stack, port, urls)
            # While they come up, as each takes a moment.
            logins = _manage("demo_logins", urls=urls)
            _await_web(port, children)
        self._welcome(port, logins)
        while True:
            _check_alive(children)
            time.sleep(0.3)

    @contextmanager
    def _step(self, title: str) -> Iterator[None]:
        began = time.monotonic()
        self.stdout.write(f"{title} …… ", ending="")
        self.stdout.flush()
        try:
            yield
        except BaseException:
            self.stdout.write("")
            raise
        self.stdout.write(f"{time.monotonic() - began:.1f} s")

    def _welcome(self, port: int, logins: str) -> None:
        self.stdout.write(logins)
        self.stdout.write(
            f"网址 · address: http://{LOOPBACK}:{port}/    （Ctrl-C 停止 · stops it）"
        )
        self.stdout.flush()


# Before anything starts -------------------------------------------------------------------------


def _refuse_production() -> None:
    if not settings.DEVELOPMENT:
        raise CommandError(
            "演示命令只在 DEBUG=1 时运行：它会写入示例数据和公开的登录名。请用 make run。 "
            "The demo runs only with DEBUG=1, as it makes accounts with known passwords: "
            "use make run."
        )


@contextmanager
def _alone() -> Iterator[None]:
    """One demo a checkout; the lock goes with the process, however that ends."""
    with (RUN / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                "本目录的演示已在运行，请先在其窗口按 Ctrl-C。 "
                "The demo of this folder is already running: press Ctrl-C in its window first."
            ) from None
        yield


def _clear_orphans() -> bool:
    """End the children of a demo that was killed; True when there was one."""
    if not PIDS.exists():
        return False
    for pid in PIDS.read_text().split():
        if "governance" in processes.command_line(pid):
            processes.kill_group(int(pid))
    PIDS.unlink()
    return True


def _check_port(port: int, *, patience: float) -> None:
    if not 1 <= port <= 65535:
        raise CommandError(f"端口须在 1 至 65535 之间 · not a port number: {port}")
    if not _becomes_free(port, patience):
        other = port + 1 if port < 65535 else 8000
        raise CommandError(
            f"端口 {port} 已被占用或不允许使用，请换一个：make run PORT={other} "
            f"Port {port} is taken or not permitted, choose another: make run PORT={other}"
        )


def _becomes_free(port: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while not is_free(port):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


# Engines ----------------------------------------------------------------------------------------


def _urls(stack: ExitStack) -> dict[str, str]:
    """The addresses for the children: what the environment names, else the embedded engines."""
    urls = {name: env(name) for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")}
    if urls["DATABASE_URL"]:
        urls["DATABASE_OWNER_URL"] = urls["DATABASE_OWNER_URL"] or urls["DATABASE_URL"]
        check_database("DATABASE_URL", urls["DATABASE_URL"])
        check_database("DATABASE_OWNER_URL", urls["DATABASE_OWNER_URL"])
    if urls["REDIS_URL"]:
        check_redis("REDIS_URL", urls["REDIS_URL"])
    if urls["DATABASE_URL"] and urls["REDIS_URL"]:
        return urls
    return _embedded(stack) | {n: url for n, url in urls.items() if url}


def _embedded(stack: ExitStack) -> dict[str, str]:
    # Even if they ran before: then a demo was killed, as there is one at a time.
    stack.callback(engines.stop, HOME)
    started = engines.start(HOME)
    return {
        "DATABASE_URL": started.app_url,
        "DATABASE_OWNER_URL": started.owner_url,
        "REDIS_URL": started.redis_url,
    }


def _fingerprint(urls: dict[str, str]) -> str:
    """Of all that makes tables and data, and of the embedded cluster that holds them; "" for a
    database of somebody else, of which nothing is known beforehand."""
    if env("DATABASE_URL"):
        return ""
    digest = hashlib.sha256(str(urlsplit(urls["DATABASE_OWNER_URL"]).password).encode())
    for path in sorted(settings.BASE_DIR.glob("requirements/*.txt")):
        digest.update(path.read_bytes())
    for room in ("governance", "grids", "people", "cases"):
        for path in sorted((settings.BASE_DIR / room).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


# Children ---------------------------------------------------------------------------------------


def _manage(command: str, *arguments: str, urls: dict[str, str]) -> str:
    """Run one of our commands to its end and return what it printed."""
    outcome = subprocess.run(
        [sys.executable, "manage.py", command, *arguments],
        cwd=settings.BASE_DIR,
        env=_environment(urls),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    log = LOGS / f"{command}.log"
    log.write_text(outcome.stdout, encoding="utf-8")
    if outcome.returncode != 0:
        raise _broken(
            f"manage.py {command} 失败，完整输出见 {log} · failed, its output is in {log}", log
        )
    return outcome.stdout


def _broken(sentence: str, log: Path) -> Exception:
    """What to say of a program that did not end well: the sentence and its last lines."""
    lines = processes.last_lines(log, 10)
    return disk_full(HOME) if NO_SPACE in lines else CommandError(f"{sentence}:\n{lines}")


def _environment(urls: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _files_of(urls)}
    return kept | urls | {"DEMO": "1", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


def _files_of(urls: dict[str, str]) -> set[str]:
    # The settings prefer NAME_FILE to NAME; what it held is in NAME by now.
    return {f"{name}_FILE" for name in urls}


def _start_children(stack: ExitStack, port: int, urls: dict[str, str]) -> list[Child]:
    children: list[Child] = []
    stack.callback(_stop_children, children)
    for name, module in _commands(port).items():
        command = [sys.executable, "-m", *module]
        log = LOGS / f"{name}.log"
        children.append(processes.start(name, command, log=log, env=_environment(urls)))
        PIDS.write_text("\n".join(str(child.process.pid) for child in children))
    return children


def _stop_children(children: list[Child]) -> None:
    processes.stop(children)
    PIDS.unlink(missing_ok=True)


def _commands(port: int) -> dict[str, list[str]]:
    celery = ["celery", "-A", "governance"]
    address = ["--host", LOOPBACK, "--port", str(port)]
    manners = ["--timeout-graceful-shutdown", "3", "--log-level", "warning"]
    schedule = ["--schedule", str(RUN / "celerybeat-schedule")]
    return {
        "web": ["uvicorn", "governance.asgi:application", *address, *manners],
        "worker": [*celery, "worker", "--concurrency", "1", "--loglevel", "WARNING"],
        "beat": [*celery, "beat", "--loglevel", "WARNING", *schedule],
    }


def _await_web(port: int, children: list[Child]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _is_healthy(port):
        _check_alive(children)
        if time.monotonic() > deadline:
            raise _broken(
                f"网页 {PATIENCE_SECONDS} 秒内没有就绪 · the web process is not ready after "
                f"{PATIENCE_SECONDS} s",
                children[0].log,
            )
        time.sleep(0.1)


def _is_healthy(port: int) -> bool:
    # Not urllib: it would send this request to the proxy of the user's environment.
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _check_alive(children: list[Child]) -> None:
    for child in children:
        if not child.is_alive:
            raise _broken(
                f"{child.name} 意外退出，完整日志见 {child.log} · has ended, its log is there",
                child.log,
            )


# Signals ----------------------------------------------------------------------------------------


def _stop_on_signals() -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    _ignore_signals()
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    # A handler rather than SIG_IGN, which the programs that stop the engines would inherit.
    for number in STOP_SIGNALS:
        signal.signal(number, _ignore)


def _ignore(number: int, frame: FrameType | None) -> None:
    pass
