"""A setting that cannot be right ends each program with one sentence that says what to do."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from governance import settings
from governance.engines.ports import LOOPBACK, pick
from tests.engines import ROOT

PROGRAMS = {
    "manage.py": ["manage.py", "check"],
    "make run": ["manage.py", "demo"],
    "gunicorn": ["-m", "gunicorn", "governance.wsgi", "--workers", "2"],
    "uvicorn": ["-m", "uvicorn", "governance.asgi:application"],
    "worker": ["-m", "celery", "-A", "governance", "worker"],
    "beat": ["-m", "celery", "-A", "governance", "beat"],
}
WRONG = ("foo", "mysql://app:geheim@db/name", "postgresql://app:ge%ZZheim@db/name")


def said(program: str, **variables: str) -> list[str]:
    """The lines of a program that does not start."""
    command = [sys.executable, *PROGRAMS[program]]
    if program == "gunicorn":
        command += [
            "--bind",
            f"{LOOPBACK}:{pick(None)}",
            "--no-control-socket",
            "--log-level",
            "warning",
        ]
    outcome = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "governance.settings", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert outcome.returncode != 0, outcome
    return (outcome.stdout + outcome.stderr).splitlines()


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_wrong_database_address_is_one_sentence_in_every_program(program: str) -> None:
    (line,) = said(program, DATABASE_URL=WRONG[0])

    assert line.startswith("DATABASE_URL 不是 PostgreSQL 地址，请写成 postgresql://")


@pytest.mark.parametrize(
    "url", [*WRONG[1:], "postgresql://app:geheim@db:54x/name", "host=db passwd=geheim"]
)
def test_whatever_is_wrong_with_it_the_password_is_not_repeated(url: str) -> None:
    (line,) = said("manage.py", DATABASE_URL=url)

    assert line.startswith("DATABASE_URL 不是 PostgreSQL 地址")
    assert "heim" not in line


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_OWNER_URL", "foo", "DATABASE_OWNER_URL 不是 PostgreSQL 地址"),
        ("LISTEN_DATABASE_URL", "foo", "LISTEN_DATABASE_URL 不是 PostgreSQL 地址"),
        ("WECOM_ROBOTS", "[1]", "WECOM_ROBOTS 须是 JSON 对象"),
        ("DEBUG", "0", "没有设置 SECRET_KEY"),
    ],
)
def test_other_settings_are_refused_in_the_same_way(name: str, value: str, sentence: str) -> None:
    (line,) = said("manage.py", **{name: value})

    assert line.startswith(sentence)


@pytest.mark.parametrize(
    ("tiles", "sources"),
    [
        ("", []),
        ("/tiles/{z}/{x}/{y}.png", []),
        ("https://tiles.example:8443/{z}/{x}/{y}.png", ["https://tiles.example:8443"]),
        ("https://{s}.tile.example/{z}/{x}/{y}.png", ["https://*.tile.example"]),
        ("http://t{s}.map.example/w?x={x}&y={y}&l={z}&tk=1@2", ["http://*.map.example"]),
        ("//tiles.example/{z}/{x}/{y}", ["tiles.example"]),
    ],
)
def test_the_address_of_the_tiles_alone_lets_pages_load_them(
    tiles: str, sources: list[str]
) -> None:
    assert settings.tile_sources(tiles) == sources
