"""How much processor time processes have used, as Linux counts it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import psycopg

TICK = os.sysconf("SC_CLK_TCK")


def fields(pid: int) -> list[str]:
    """What follows the name in /proc/<pid>/stat: state, parent, …; [] for one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def parent(pid: int) -> int:
    found = fields(pid)
    return int(found[1]) if found else 0


def children(pid: int) -> list[int]:
    numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return sorted(number for number in numbers if parent(number) == pid)


def seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes."""
    return sum(sum(map(int, fields(pid)[11:13])) for pid in pids) / TICK


def postmaster(url: str) -> int:
    """The parent of the backend that answers at this address."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row
        return parent(row[0])


def server_seconds(postmaster_pid: int) -> float:
    """Of every server process, those that ended included; counted again when one ended meanwhile,
    for it would stand in neither sum."""
    while True:
        ended = of_ended(postmaster_pid)
        running = seconds(children(postmaster_pid))
        if of_ended(postmaster_pid) == ended:
            return running + ended


def of_ended(pid: int) -> float:
    """Of the children that have ended."""
    return sum(map(int, fields(pid)[13:15])) / TICK


def resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
