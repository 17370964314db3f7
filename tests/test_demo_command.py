"""`make run` as a newcomer meets it: from nothing to Ctrl-C, again, and when something is wrong."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from governance import engines, processes
from governance.engines.ports import LOOPBACK, pick
from tests.engines import ROOT
from tests.stack import wait_until
from tests.visitor import Visitor

# One after the other: they share a folder that is made once.
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("demo")]

GIVEN = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "TEST_MEDIA")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a fresh clone's demo."""
    folder = tmp_path_factory.mktemp("demo") / ".local"
    folder.mkdir()
    yield folder
    engines.remove(folder)


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in GIVEN}
    return {**kept, "DEBUG": "1", "LOCAL_FOLDER": str(home), "PYTHONUNBUFFERED": "1", **more}


def command(port: int) -> list[str]:
    return [sys.executable, "manage.py", "demo", "--port", str(port)]


class Demo:
    """A running demo, and what it has printed so far."""

    def __init__(self, home: Path) -> None:
        self.port, self.log = pick(None), home.parent / "demo.log"
        self.url = f"http://{LOOPBACK}:{self.port}"
        out = self.log.open("wb")
        self.process = subprocess.Popen(
            command(self.port),
            cwd=ROOT,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        out.close()

    @property
    def said(self) -> str:
        return self.log.read_text()

    def await_welcome(self) -> None:
        def welcomed() -> bool:
            assert self.process.poll() is None, self.said
            return f"{self.url}/" in self.said

        # on two busy cores the migrations of a new database take minutes
        wait_until(welcomed, 240, "the demo's welcome")

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)


@contextmanager
def running(home: Path) -> Iterator[Demo]:
    demo = Demo(home)
    try:
        demo.await_welcome()
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.interrupt()


def refused(home: Path, port: int, **more: str) -> str:
    """What a demo says that does not start."""
    outcome = subprocess.run(
        command(port),
        cwd=ROOT,
        env=environment(home, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert outcome.returncode == 1, outcome
    assert "Traceback" not in outcome.stderr
    return outcome.stderr


def test_from_nothing_to_ctrl_c(home: Path) -> None:
    with running(home) as demo:
        said = demo.said
        logins = re.findall(r"^([a-z_]+) +(\S+) +\S+ +\S+ +(/\S*)$", said, re.MULTILINE)
        assert len(logins) >= 16, said  # one a role
        for name, password, way_in in (logins[0], logins[-1]):
            visitor = Visitor(demo.url)
            assert visitor.log_in(name, password).path.startswith(way_in), name
        wait_until(lambda: '"ok"' in visitor.get("/readyz").text, 60, "the first sweep")
        lost = visitor.get("/nowhere/")
        assert lost.status == 404
        assert "URLconf" not in lost.text  # our own page, not Django's
        # one demo a folder
        assert "已在运行" in refused(home, pick(None))
        assert demo.interrupt() == 0

    assert "已停止" in demo.said
    assert engines.running(home) is None
    assert not visitor_answers(demo)


def visitor_answers(demo: Demo) -> bool:
    with socket.socket() as client:
        return client.connect_ex((LOOPBACK, demo.port)) == 0


def test_again_it_keeps_its_data_and_clears_away_what_was_killed(home: Path) -> None:
    with running(home) as killed:
        assert "example data" not in killed.said  # nothing has changed since it was made
        assert Visitor(killed.url).log_in("clerk", "Yanshi-2026").path == "/"
        pids = (home / "run" / "children.pids").read_text().split()
        killed.process.kill()
        killed.process.wait()
    assert all(processes.command_line(pid) for pid in pids)  # they outlived it

    began = time.monotonic()
    (home / "run" / "prepared").unlink()  # as after a pull: the tables and data are looked at again
    with running(home) as demo:
        assert "演示数据已在" in (home / "log" / "seed_demo.log").read_text()
        assert not any("governance" in processes.command_line(pid) for pid in pids)
        assert time.monotonic() - began < 120
        # a part that dies ends the whole, and says which
        worker = int((home / "run" / "children.pids").read_text().split()[1])
        processes.kill_group(worker)
        assert demo.process.wait(30) == 1
    assert "worker 意外退出" in demo.said

    # a disk that fills up while it starts
    full = home / "log" / "demo_logins.log"
    full.unlink()
    full.symlink_to("/dev/full")
    assert f"磁盘空间不足（{home}）" in refused(home, pick(None))
    full.unlink()


def test_what_is_wrong_is_said_in_a_sentence(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"端口 {port} 已被占用" in refused(home, port)
    assert "端口须在 1 至 65535 之间" in refused(home, 99999)
    assert "只在 DEBUG=1 时运行" in refused(
        home, pick(None), DEBUG="0", SECRET_KEY="x" * 60, PERSONAL_DATA_KEY="0" * 64
    )
    assert "无法写入 /dev/full" in refused(Path("/dev/full"), pick(None))
    nowhere = f"postgresql://app:secret@{LOOPBACK}:1/none"
    said = refused(home, pick(None), DATABASE_URL=nowhere, REDIS_URL=f"redis://{LOOPBACK}:1/0")
    assert "DATABASE_URL" in said
    assert "secret" not in said
