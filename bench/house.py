"""Where the measurements live: engines of their own under .local/bench, and a database a size."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg

from governance import engines
from governance.engines import Engines

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".local" / "bench"
HOST = "bench.example"
DISTRICT_CODE = "120110000000"


def start() -> Engines:
    """The engines, safe on disk as in production; room for a big load before each checkpoint."""
    running = engines.start(HOME, durable=True)
    with psycopg.connect(running.admin_url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
        connection.execute("SELECT pg_reload_conf()")
    return running


def stop() -> None:
    engines.stop(HOME)


def environment(at: Engines) -> dict[str, str]:
    """Production's settings (no DEBUG) on this database; nothing of the caller's own."""
    kept = {k: v for k, v in os.environ.items() if not k.endswith("_FILE") and k != "DEBUG"}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "governance.settings",
        "SECRET_KEY": "bench-only-" + "b" * 50,
        "PERSONAL_DATA_KEY": "be" * 32,
        "ALLOWED_HOSTS": HOST,
        "DATABASE_URL": at.app_url,
        "DATABASE_OWNER_URL": at.owner_url,
        "DATABASE_POOL": "0",  # as docker-compose.yml sets it for the pages
        "REDIS_URL": at.redis_url,
        "STATIC_ROOT": str(HOME / "static"),
        "MEDIA_ROOT": str(HOME / "media"),
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
        "PYTHONUNBUFFERED": "1",
    }


def inside(name: str, *arguments: str) -> list[str]:
    """The command that runs `bench.<name>` with Django set up."""
    return [sys.executable, "-m", "bench.inside", name, *arguments]


def child(at: Engines, command: list[str]) -> str:
    """Run a command to its end on this database and return what it printed."""
    outcome = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(at),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return outcome.stdout


def attend(at: Engines, command: list[str]) -> None:
    """Run it in the foreground; when we are stopped, it is asked to clear up after itself first."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment(at))
    try:
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if code != 0:
        raise SystemExit(code)


def stop_on_signals() -> None:
    """Let a polite kill run the `finally` blocks, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))


def manage(at: Engines, *arguments: str) -> str:
    return child(at, [sys.executable, "manage.py", *arguments])


# Databases --------------------------------------------------------------------------------------


def exists(running: Engines, name: str) -> bool:
    with psycopg.connect(running.admin_url) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None


def rename(running: Engines, old: str, new: str) -> None:
    with psycopg.connect(running.admin_url, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


def drop_like(running: Engines, prefix: str, keep: str) -> None:
    """Drop what older schemas left: a million cases take many gigabytes."""
    with psycopg.connect(running.admin_url) as connection:
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND datname <> %s",
            [prefix, keep],
        ).fetchall()
    for (name,) in rows:
        engines.drop_database(running, name)


def in_database(running: Engines, name: str) -> Engines:
    """The same engines, this database; a Valkey database of its own for the worker."""
    url = running.redis_url.rpartition("/")[0] + "/5"
    return replace(running.in_database(name), redis_url=url)


# What a built database depends on ---------------------------------------------------------------

SCHEMA = (
    "governance/migrations", "grids/migrations", "people/migrations", "cases/migrations",
)  # fmt: skip
WRITTEN = ("cases/data/catalogue.toml", "governance/grants.py", "governance/roles.sql")
MAKERS = ("organisation", "territory", "world", "story", "writer")
RULES = ("cases", "people", "grids", "governance")


def digest_of(paths: Iterator[Path]) -> str:
    made = hashlib.sha256()
    for path in paths:
        made.update(path.name.encode() + path.read_bytes())
    return made.hexdigest()[:10]


def schema_sources(*writers: str) -> Iterator[Path]:
    for folder in SCHEMA:
        yield from sorted((ROOT / folder).glob("*.py"))
    yield from (ROOT / name for name in WRITTEN)
    yield from (ROOT / "bench" / f"{name}.py" for name in (*MAKERS, *writers))


def schema_digest(*writers: str) -> str:
    """Of the tables and of what fills them: while it stays, a built database is used again."""
    return digest_of(schema_sources(*writers))


def rules_digest(*writers: str) -> str:
    """Of everything that the verbs do: when it changes, the proof is made again."""
    rules = (path for folder in RULES for path in sorted((ROOT / folder).rglob("*.py")))
    return digest_of(iter([*schema_sources(*writers), *rules, ROOT / "bench" / "proof.py"]))
