"""How large a demo is."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple


class Share(NamedTuple):
    """The grids of one community: of its estates, of farm land, of industrial parks."""

    homes: int
    farms: int = 0
    parks: int = 0


class Profile(NamedTuple):
    """Sizes; `history` is how far back the closed cases reach. `open` counts all cases that are
    left for somebody, `closed` all others, whatever they came of."""

    communities: tuple[Share, ...]
    branches: int
    groups: int
    handlers: int
    closed: int
    open: int
    history: timedelta
    buildings: int
    houses: int
    # In how many communities, from the first on, people and organisations are registered.
    registered: int
    people: int
    entities: int
    # Of how many weeks there are sheets.
    sheets: int
    # Whether some open cases take another way than the plain one (cases/demo/turns.py).
    turns: bool = True

    @property
    def grids(self) -> int:
        return sum(map(sum, self.communities))

    @property
    def spare(self) -> int:
        """More cases than come of suggestions, visits, checks of grids, splitting and joining."""
        return 4 + self.grids // 12


FULL = Profile(
    communities=(
        Share(10),
        Share(9, farms=2),
        Share(10, parks=2),
        Share(9, farms=2),
        Share(9, parks=2),
        Share(10, farms=2),
        Share(9),
        Share(9, farms=2),
        Share(10, parks=2),
        Share(9),
    ),
    branches=43,
    groups=40,
    handlers=240,
    closed=13_765,
    open=320,
    history=timedelta(days=304),  # ten months
    buildings=1_568,
    houses=32_239,
    registered=10,
    people=60_083,
    entities=741,
    sheets=4,
)
SMALL = Profile(
    communities=(
        *(Share(2), Share(2, farms=1), Share(2, parks=1), Share(2, farms=1), Share(2, parks=1)),
        *(Share(2) for _ in range(5)),
    ),
    branches=10,
    groups=9,
    handlers=36,
    closed=150,
    open=60,
    history=timedelta(days=90),
    buildings=160,
    houses=3_200,
    registered=1,
    people=750,
    entities=25,
    sheets=2,
)
# For tests.
TINY = Profile(
    communities=(Share(1, farms=1, parks=1), *(Share(1) for _ in range(9))),
    branches=5,
    groups=4,
    handlers=18,
    closed=12,
    open=24,
    history=timedelta(days=30),
    buildings=24,
    houses=360,
    registered=1,
    people=90,
    entities=9,
    sheets=1,
    turns=False,
)
PROFILES = {"full": FULL, "small": SMALL, "tiny": TINY}
