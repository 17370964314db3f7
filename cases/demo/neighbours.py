"""What the register modules of the demo share: a community with who lives there, and when people
work."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.utils.timezone import get_default_timezone, localdate

from cases.demo.organisation import CommunityPlace, GridPlace
from cases.demo.residents import Inventor, Resident
from cases.demo.territory import Use
from governance.models import User
from people import access, registering
from people.models import Person, Residency

SUNDAY = 6


@dataclass
class Neighbours:
    """A community whose registers are kept; all draws of chance come from `chance`."""

    place: CommunityPlace
    inventor: Inventor
    now: datetime
    chance: random.Random
    residents: list[Resident] = field(default_factory=list)

    @property
    def clerk(self) -> User:
        return self.place.clerks[0]

    @property
    def homes(self) -> list[GridPlace]:
        """The grids in which people live."""
        return [grid for grid in self.place.grids if grid.use == Use.HOMES]

    def at(self, days: int) -> datetime:
        """A moment of the working day so many days ago, or of the Saturday before a Sunday."""
        day = localdate(self.now) - timedelta(days=days)
        if day.weekday() == SUNDAY:
            day -= timedelta(days=1)
        clock = time(self.chance.randint(8, 17), self.chance.randint(0, 59))
        return datetime.combine(day, clock, get_default_timezone())

    def of(self, grid: GridPlace, fits: Callable[[Resident], bool]) -> list[Resident]:
        """Those of a grid who fit and can be known again by their number."""
        return [
            one
            for one in self.residents
            if one.house.grid_id == grid.unit.pk and one.details.document_number and fits(one)
        ]

    def age(self, one: Resident) -> int:
        return (localdate(self.now) - one.born).days // 365


def person(one: Resident, by: User) -> Person:
    access.enter(by)
    key = registering.by_document(one.details.document_number)
    assert key is not None, "somebody else's number"
    return access.person_for(by, key)


def home(one: Resident, by: User) -> Residency:
    """Where somebody lives, with the household."""
    key = person(one, by).pk
    rows = access.residencies(by).filter(person=key).select_related("household__house__building")
    return rows.order_by("pk")[0]
