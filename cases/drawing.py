"""双随机: places and inspectors drawn from a seed, so that anybody can compute it again.

The pool is fixed before the seed is known:

    {"objects": [12, 17],
     "inspectors": [{"id": 5, "unit": 3, "own": [12]}, {"id": 9, "unit": 4, "own": []}],
     "draw": 1, "each": 1}

objects and inspectors by ascending id; `own` are the objects of the inspector's own unit; `draw` is
how many objects are drawn, `each` how many inspectors go to one. Its digest is the SHA-256 of this
as JSON with sorted keys and no spaces.

Objects: for each, the SHA-256 of "<seed>:<id>" (UTF-8, in hexadecimal); sorted by it, the first
`draw` are drawn. Inspectors: for the drawn objects in this order, the inspectors are sorted by
(1 if it is their own, else 0; how often they were drawn for an object before; the SHA-256 of
"<seed>:<object>:<id>"), and the first `each` go.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Pool = Mapping[str, Any]


class Drawn(NamedTuple):
    """One object with the inspectors who go there."""

    object_id: int
    inspector_ids: tuple[int, ...]


class Inspector(NamedTuple):
    """Who may be drawn: from which unit, and the objects of that unit."""

    pk: int
    unit_id: int
    own: frozenset[int]


def pool_of(
    objects: Iterable[int], inspectors: Iterable[Inspector], *, draw: int, each: int
) -> dict[str, Any]:
    """The pool as it is published."""
    return {
        "objects": sorted(objects),
        "inspectors": [
            {"id": one.pk, "unit": one.unit_id, "own": sorted(one.own)}
            for one in sorted(inspectors)
        ],
        "draw": draw,
        "each": each,
    }


def canonical(pool: Pool) -> str:
    return json.dumps(pool, sort_keys=True, separators=(",", ":"))


def digest(pool: Pool) -> str:
    """64 hexadecimal digits."""
    return sha256(canonical(pool))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def draw(pool: Pool, seed: str) -> list[Drawn]:
    """The result; the same pool and seed always give the same."""
    objects = sorted(pool["objects"], key=lambda pk: sha256(f"{seed}:{pk}"))[: pool["draw"]]
    own = {row["id"]: set(row["own"]) for row in pool["inspectors"]}
    before: Counter[int] = Counter()
    found = []
    for object_id in objects:
        ranked = sorted(
            own,
            key=lambda pk: (
                object_id in own[pk],
                before[pk],
                sha256(f"{seed}:{object_id}:{pk}"),
            ),
        )
        going = tuple(ranked[: pool["each"]])
        before.update(going)
        found.append(Drawn(object_id, going))
    return found
