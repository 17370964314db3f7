"""Loaded by pytest before the settings: engines, and for each test worker a database of its own.

A template database is migrated once (again only when migrations change) and cloned: a clone takes
a fraction of a second. The template's `app_now()` can be shifted, for tests that move time.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg

# Before governance is imported: its Celery app would name the product's own settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

from governance import engines
from governance.engines import Engines

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".local" / "test"
# Two people who test on one machine name their databases apart.
NAMES = os.environ.get("TEST_DATABASES", "test")
# CREATE DATABASE … TEMPLATE wants nobody else on the template, so workers take turns.
CLONE_LOCK = "SELECT pg_advisory_lock(724)"

SHIFTABLE_CLOCK = """
CREATE TABLE test_clock (shift interval NOT NULL);
INSERT INTO test_clock VALUES ('0');
GRANT SELECT, UPDATE ON test_clock TO governance_app;
GRANT SELECT ON test_clock TO governance_sweep;
CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE
    AS 'SELECT now() + shift FROM test_clock';
"""


def sources() -> Iterator[Path]:
    for app in ("governance", "grids", "people", "cases"):
        yield from sorted((ROOT / app / "migrations").glob("*.py"))
        yield from sorted((ROOT / app / "models").glob("*.py"))  # whose triggers `migrate` installs
    house = ROOT / "governance"
    # what else decides who is granted what
    yield from (house / "grants.py", house / "retention.toml", house / "roles.sql")
    yield from (*ROOT.glob("*/keeping.py"), Path(__file__))


def template_name() -> str:
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources()))
    return f"template_{digest.hexdigest()[:12]}"


def environment(given: Engines) -> dict[str, str]:
    """What a process needs to work on this database."""
    return {
        "DEBUG": "1",
        "DATABASE_URL": given.app_url,
        "DATABASE_OWNER_URL": given.owner_url,
        "REDIS_URL": given.redis_url,
    }


def make_template(running: Engines) -> None:
    """Migrate the template unless it is there; a half-made one carries another name."""
    name = template_name()
    with psycopg.connect(running.admin_url, autocommit=True) as connection:
        connection.execute(CLONE_LOCK)
        done = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if done.fetchone():
            return
        engines.drop_database(running, "template_making")
        made = engines.create_database(running, "template_making")
        env = {**os.environ, **environment(made)}
        for command in (["migrate", "--verbosity", "0"], ["load_calendar"]):
            subprocess.run(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True, stdout=2
            )
        with psycopg.connect(made.owner_url, autocommit=True) as owner:
            owner.execute(SHIFTABLE_CLOCK)
        connection.execute(f'ALTER DATABASE template_making RENAME TO "{name}"')


def clone(name: str, *, redis: int, template: str = "") -> Engines:
    """A fresh database of this name from the migrated template, or from another one to which nobody
    is connected; and a Valkey database of its own."""
    running = engines.start(HOME, durable=False)
    with psycopg.connect(running.admin_url, autocommit=True) as connection:
        connection.execute(CLONE_LOCK)
        engines.drop_database(running, name)
        made = engines.create_database(running, name, template=template or template_name())
    url = f"{made.redis_url.rpartition('/')[0]}/{redis}"
    return Engines(made.admin_url, made.owner_url, made.app_url, url)


def worker_number() -> int:
    """0 without xdist, else 1, 2, …"""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return int(worker.removeprefix("gw")) + 1 if worker else 0


running = engines.start(HOME, durable=False)
make_template(running)
own = clone(f"{NAMES}_{worker_number()}", redis=2 * worker_number())
os.environ.update(environment(own))
