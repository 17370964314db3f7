"""A real PostgreSQL and a real Valkey for the demo and the tests, out of installed wheels.

Both listen on the loopback only, ask for a password, and outlive the process that starts them.
A home is the folder that remembers them, e.g. `.local/`.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from governance.engines import postgres, state, valkey
from governance.engines.databases import create_database, drop_database, prepare
from governance.engines.errors import EngineError, explained
from governance.engines.state import Engines

__all__ = [
    "EngineError",
    "Engines",
    "create_database",
    "drop_database",
    "remove",
    "running",
    "start",
    "stop",
]


def start(home: Path, *, durable: bool = True) -> Engines:
    """Start both, or return them as they run. `durable=False` trades safety for speed in tests."""
    home = home.resolve()
    with explained(home), _locked(home):
        return _start(home, durable=durable)


def running(home: Path) -> Engines | None:
    """The engines of this home if both answer."""
    home = home.resolve()
    engines = state.load(home)
    if engines is None or not postgres.answers(postgres.cluster_of(home), engines):
        return None
    return engines if valkey.answers(home / "valkey", engines) else None


def stop(home: Path) -> None:
    """Stop whatever of this home runs."""
    home = home.resolve()
    if home.exists():
        with explained(home), _locked(home):
            _stop(home)


def remove(home: Path) -> None:
    """Stop both and delete their data."""
    stop(home)
    home = home.resolve()
    shutil.rmtree(postgres.cluster_of(home).folder, ignore_errors=True)
    shutil.rmtree(home / "valkey", ignore_errors=True)
    state.forget(home)


def _start(home: Path, *, durable: bool) -> Engines:
    cluster = postgres.cluster_of(home)
    engines = state.load(home)
    if engines is None:
        postgres.set_aside(cluster)
        engines = state.invent()
        # Before the first use: a password that is in the database but not here would be lost.
        state.save(home, engines)
    if not postgres.answers(cluster, engines):
        engines = postgres.start(cluster, engines, durable=durable)
        state.save(home, engines)
        prepare(engines, state.DATABASE)
    if not valkey.answers(home / "valkey", engines):
        engines = valkey.start(home / "valkey", engines)
        state.save(home, engines)
    return engines


def _stop(home: Path) -> None:
    postgres.stop(postgres.cluster_of(home))
    valkey.stop(home / "valkey")


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Two commands at once would make two servers on one data folder."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "engines.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
