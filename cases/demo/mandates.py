"""The demo's service requests (办事代办): a few in every state, by the verbs, as people would."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import cycle, islice
from typing import Any

from cases import entrusting, schemas, service_items, services
from cases.demo import people
from cases.demo.organisation import GridPlace, Organisation
from cases.entrusting import Brought, Mandate
from cases.models import ServiceRequest
from cases.schemas import Schema
from cases.service_items import ServiceFacts
from cases.service_moves import BY_ACTION, ENTRUST
from governance import actor
from governance.models import User
from governance.workcalendar import calendar

COUNT = 36
DONE = ("accept", "start", "deliver")
# The moves made so far, and how many days ago the mandate was taken.
WAYS: tuple[tuple[tuple[str, ...], int], ...] = (
    ((), 1),
    (("accept",), 2),
    (("accept", "start"), 2),
    (("accept", "start", "ask"), 6),
    (DONE, 6),
    ((*DONE, "archive"), 12),
    ((*DONE, "archive", "visit"), 20),
    (("accept", "start"), 50),  # overdue by now
    (("ask",), 3),
    (("accept", "terminate"), 9),
    (("withdraw",), 5),
)
GIVEN: dict[str, dict[str, Any]] = {
    "ask": {"note": "照片看不清，请重新拍摄；还缺本人签字。"},
    "deliver": {"outcome": "done", "note": "已送到家中，本人签收。"},
    "visit": {"satisfied": True, "note": "老人表示满意，没有其他需要。"},
    "terminate": {"note": "经核对已在其他街道办理。"},
    "withdraw": {"note": "家属改为自行到窗口办理。"},
}


def take(made: Organisation, now: datetime, chance: random.Random) -> int:
    """Returns how many there are: each item once, in the grids one after another."""
    names, ways = people.names(chance), cycle(WAYS)
    grids = [grid for place in made.communities for grid in place.grids]
    chance.shuffle(grids)
    for number, item in enumerate(islice(cycle(service_items.active()), COUNT)):
        moves, age = next(ways)
        grid = grids[number % len(grids)]
        one(made, item, grid, moves, now, now - timedelta(days=age), next(names), number, chance)
    return COUNT


def one(
    made: Organisation,
    item: ServiceFacts,
    grid: GridPlace,
    moves: tuple[str, ...],
    now: datetime,
    began: datetime,
    name: str,
    number: int,
    chance: random.Random,
) -> ServiceRequest:
    handler = made.departments[item.department_id].handlers[0]
    moments = working(began, now, len(moves) + 1)
    with actor.acting(grid.worker.pk, "phone"):
        mandate = Mandate(
            item=item,
            name=name,
            phone=f"1380000{number:04d}",
            answers=dict(invented(item.schema, began.date(), chance)),
            materials=tuple(map(Brought, item.needed)),
            grid_id=grid.unit.pk,
        )
        request = entrusting.entrust(mandate, by=grid.worker, now=next(moments))
    for action in moves:
        by = grid.worker if ENTRUST in BY_ACTION[action].who else handler
        request = move(request, action, by, next(moments))
    return request


def move(request: ServiceRequest, action: str, by: User, at: datetime) -> ServiceRequest:
    with actor.acting(by.pk, "desk"):
        return services.take(request, action, by=by, now=at, **GIVEN.get(action, {}))


def working(began: datetime, now: datetime, steps: int) -> Iterator[datetime]:
    """Moments of working time from `began` on, evenly, none later than now."""
    for step in range(steps):
        at = began + (now - began) * step / steps
        yield min(calendar().after(at, timedelta()), now)


def invented(schema: Schema, day: date, chance: random.Random) -> Iterator[tuple[str, object]]:
    """Answers that the form takes."""
    for name, said in schemas.ordered(schema):
        if said["type"] == "boolean":
            yield name, chance.random() < 0.5
        elif said["type"] == "integer":
            low = said["minimum"]
            yield name, chance.randint(low, min(said["maximum"], low + 5))
        elif "enum" in said:
            yield name, chance.choice(said["enum"])
        elif said.get("format") == "date":
            yield name, (day - timedelta(days=chance.randint(1, 300))).isoformat()
        else:
            yield name, people.MARK
