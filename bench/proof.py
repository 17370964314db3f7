"""A sample made twice, by the verbs and by the writer: every business column must be equal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from bench import house
from governance import engines
from governance.engines import Engines

COUNT = 200


class NotEqual(Exception):
    """The writer writes something that the verbs do not, or the other way round."""


def prove(running: Engines, base: str, sample: str, of: str) -> str:
    """Make both samples in copies of `base`, compare them, and say what was compared; `sample` is
    the module that makes one side."""
    until = datetime.now().astimezone().replace(second=0, microsecond=0).isoformat()
    found = {}
    for how in ("verbs", "writer"):
        name = f"bench_proof_{how}"
        engines.drop_database(running, name)
        engines.create_database(running, name, template=base)
        at = house.in_database(running, name)
        printed = house.child(at, house.inside(sample, how, at.admin_url, str(COUNT), until))
        found[how] = orjson.loads(printed)
        engines.drop_database(running, name)
    rows = sum(compare(table, found) for table in found["verbs"])
    return f"{COUNT} {of} by the verbs = {COUNT} by COPY: {rows} rows equal in every column"


def compare(table: str, found: dict[str, Any]) -> int:
    verbs, writer = found["verbs"][table], found["writer"][table]
    for mine, theirs in zip(verbs, writer, strict=False):
        if mine != theirs:
            keys = {k for k in {*mine, *theirs} if mine.get(k) != theirs.get(k)}
            said = [f"{k}: {mine.get(k)!r} / {theirs.get(k)!r}" for k in sorted(keys)]
            raise NotEqual(f"{table}: verbs / writer of {mine}\n" + "\n".join(said))
    if len(verbs) != len(writer):
        raise NotEqual(f"{table}: {len(verbs)} rows by the verbs, {len(writer)} by the writer")
    return len(verbs)
