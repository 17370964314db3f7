"""Child processes that write to a log file and are stopped together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Child:
    name: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def last_lines(self, count: int = 10) -> str:
        return last_lines(self.log, count)


def start(name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str]) -> Child:
    """Start it in a session of its own, so that Ctrl-C reaches it once: through us."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Child(name, log, process)


def stop(children: Sequence[Child], *, patience: float = 10) -> None:
    """Ask all at once, wait, then kill what is left, with whatever it started itself."""
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + patience
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0, deadline - time.monotonic()))
        kill_group(child.process.pid)
        child.process.wait()


def kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def await_end(pid: str, *, patience: float = 5) -> None:
    """Wait for a process that is not our child; a number taken over by another counts as gone."""
    words = command_line(pid)
    deadline = time.monotonic() + patience
    while words and command_line(pid) == words and time.monotonic() < deadline:
        time.sleep(0.02)


def command_line(pid: str) -> str:
    """The words a process was started with; empty when there is none of that number."""
    if sys.platform == "linux":
        file = Path("/proc", pid, "cmdline")
        return file.read_text().replace("\0", " ") if pid and file.exists() else ""
    listing = ["ps", "-o", "args=", "-p", pid]
    return subprocess.run(listing, capture_output=True, text=True, check=False).stdout.strip()


def last_lines(log: Path, count: int) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-count:])
