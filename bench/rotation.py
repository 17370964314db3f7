"""Changing the master key: 100,000 data keys and more wrapped again by the product's own verb, and
back; beside the same unwrapping and wrapping alone, in memory."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from uuid import UUID, uuid4

from django.conf import settings

from bench import cpu
from bench.table import Result
from governance import personal, rotation
from governance.models import DataKey

KEYS, SAMPLE = 100_000, 10_000
OTHER = "ef" * 32


def measure(rows: int, postmaster: int) -> Result:
    """Under another key and back again, so that the load stays as it was built."""
    mine = fill(KEYS - DataKey.objects.filter(destroyed_at=None).count())
    own = settings.PERSONAL_DATA_KEY
    try:
        before = time.process_time(), cpu.server_seconds(postmaster)
        forth, seconds = changed(OTHER, own)
        used = time.process_time() - before[0], cpu.server_seconds(postmaster) - before[1]
        limit = SAMPLE / taken(alone)
    finally:
        back, _seconds = changed(own, OTHER)
        DataKey.objects.filter(pk__in=mine).delete()
        settings.PERSONAL_DATA_KEY, settings.PERSONAL_DATA_OTHER_KEYS = own, []
    assert forth == back, (forth, back)
    app_ms, db_ms = (part * 1000 / forth for part in used)
    return Result(
        "rotation of data keys", rows, forth / seconds, "keys/s", limit,
        cpu_ms=app_ms + db_ms, app_ms=app_ms, db_ms=db_ms, limit_cpu_ms=1000 / limit,
        note=f"{forth:,} keys",
    )  # fmt: skip


def fill(missing: int) -> list[UUID]:
    """As many keys more, as new rows have them."""
    made = [personal.new_data_key() for _number in range(max(missing, 0))]
    DataKey.objects.bulk_create(made, batch_size=5_000)
    return [row.pk for row in made]


def changed(to: str, other: str) -> tuple[int, float]:
    settings.PERSONAL_DATA_KEY, settings.PERSONAL_DATA_OTHER_KEYS = to, [other]
    began = time.perf_counter()
    found = rotation.rotate()
    assert (found.left, found.unreadable) == (0, 0), found
    return found.done, time.perf_counter() - began


def alone() -> None:
    """What the cryptography library takes for a key."""
    key, place = personal.master_key(), uuid4().bytes
    wrapped = personal.encrypt(key, os.urandom(32), place)
    for _number in range(SAMPLE):
        personal.encrypt(key, personal.decrypt(key, wrapped, place), place)


def taken(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
