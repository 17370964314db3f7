"""Committed rows for a stack: `python -m tests.stack_seed WORLD`, by the name of its function."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Any

import django
from django.db import transaction

# A thousand cases in four groups, each due ten minutes after the one before.
STORM, GROUPS = 1000, 4


def small() -> None:
    """The small world with a territory, a catalogue and addresses for e-mail; no cases."""
    from governance.models import User
    from tests.areas import draw, square
    from tests.builders import create_user, create_world
    from tests.case_builders import create_item

    world = create_world()
    create_user(role="supervisor", unit=world.district, username="district_supervisor")
    for user in User.objects.all():
        user.email = f"{user.username}@governance.example"
        user.save(update_fields=["email"])
    for unit, west in ((world.grid, 0), (world.second_grid, 1), (world.other_grid, 3)):
        draw(unit, square(west, 0))
    create_item(department=world.sanitation, photo_after=True)
    create_item(department=world.police, code="0699", name="其他诉求", dispatch="manual")


def doors() -> None:
    """The small world with three houses in its first grid."""
    from governance.models import Unit
    from tests.people_builders import create_building, create_house

    small()
    grid = Unit.objects.get(name="军丽园第一网格")
    building = create_building(grid, name="1号楼")
    for room in ("101", "202", "303"):
        create_house(grid, building=building, room=room)


def empty() -> None:
    """An installation on its first day: a district, its administrator and its clerk."""
    from tests.builders import create_unit, create_user

    district = create_unit(name="东丽区")
    for role in ("clerk", "system_admin"):
        create_user(role=role, unit=district, username=role)


def storm() -> None:
    """A thousand cases, each with one reminder that is due on Monday from ten on."""
    from cases.models import Case, State
    from governance import timers
    from tests.builders import create_world
    from tests.case_builders import MONDAY, create_item

    world = create_world()
    item = create_item(department=world.sanitation)
    cases = Case.objects.bulk_create(
        Case(
            number=f"S{n:06d}",
            state=State.REPORTED,
            item=item,
            description="楼前有一堆垃圾",
            source="phone_call",
            reported_at=MONDAY,
            stage_began_at=MONDAY,
            stage_due_at=MONDAY + timedelta(hours=2),
            district=world.district,
            street=world.street,
            community=world.community,
        )
        for n in range(STORM)
    )
    timers.start_many(
        ("case.stage_remind", case.pk, 0, due_of_group(n % GROUPS)) for n, case in enumerate(cases)
    )


def moves() -> None:
    """Into the small world, for each move two cases that wait for just it: "desk accept" and so on
    in their words."""
    from types import SimpleNamespace

    from cases.models import Item
    from governance import clock
    from governance.models import Unit, User
    from tests.areas import place
    from tests.case_builders import create_case, create_item, move
    from tests.situations import SITUATIONS

    named = {"sanitation": "环卫所", "grid": "军丽园第一网格"}
    places = {key: Unit.objects.get(name=name) for key, name in named.items()}
    world: Any = SimpleNamespace(**{u.username: u for u in User.objects.all()}, **places)
    item = Item.objects.filter(code="0302").first() or create_item(
        department=world.sanitation, code="0302", name="占道经营", dispatch="manual"
    )
    (lon, lat), now = place(0.5, 0.5), clock.now()
    for surface in ("desk", "phone"):
        for action, situation in SITUATIONS.items():
            words = f"{surface} {action}：商户占道经营，影响通行"
            more: Any = {"lon": lon, "lat": lat, "now": now, "description": words}
            case = create_case(world, item=item, state=situation.state, **more)
            for earlier, who in situation.way:
                case = move(case, earlier, by=getattr(world, who), now=now)


def long() -> None:
    """Into the small world, a case with 200 lines, 30 photos and six departments called to it."""
    from types import SimpleNamespace

    from governance import clock
    from governance.models import Unit, User
    from tests.areas import place
    from tests.builders import create_unit, create_user
    from tests.case_builders import create_item, long_case

    district = Unit.objects.get(kind="district")
    names = {"sanitation": "环卫所", "police": "派出所", "grid": "军丽园第一网格"}
    places = {key: Unit.objects.get(name=name) for key, name in names.items()}
    called = [places["sanitation"], places["police"]]
    for name in ("市场监督管理局第三分局", "消防救援大队", "生态环境局", "住房和建设委员会"):
        called.append(create_unit(kind="department", name=name, parent=district))
        create_user(role="handler", unit=called[-1])
    world: Any = SimpleNamespace(**{u.username: u for u in User.objects.all()}, **places)
    (lon, lat), now = place(0.5, 0.5), clock.now()
    words = "长案：夜市占道经营，油烟、噪声扰民，消防通道被堵"
    item = create_item(department=called[0], code="0303", name="夜市占道", dispatch="manual")
    more: dict[str, Any] = {"item": item, "lon": lon, "lat": lat, "description": words}
    long_case(world, departments=called, now=now, **more)


def wide() -> None:
    """Into the small world, a grid with a very long name, and what lists name by its grid."""
    from types import SimpleNamespace

    from governance import clock
    from governance.models import LEVELS, Unit, User
    from grids.models import Facility
    from people import entities
    from people.entities import Facts, Spot
    from people.identifiers import CREDIT, credit_check
    from tests.builders import create_unit
    from tests.people_builders import create_house, create_person

    name = "名字特别长的网格" * 6
    grid = create_unit(kind="grid", name=name, parent=Unit.objects.get(name="军丽园社区"))
    house, now = create_house(grid), clock.now()
    world: Any = SimpleNamespace(grid=grid, grid_worker=User.objects.get(username="clerk"))
    create_person(world, house)
    body = "9112011000000001".ljust(17, CREDIT[2])
    facts = Facts(credit_code=body + credit_check(body), name=name, kind="enterprise")
    entities.register(facts, Spot(house=house), by=world.grid_worker, now=now)
    where = {f"{level}_id": getattr(grid, f"{level}_id") for level in LEVELS}
    Facility.objects.create(
        code="0101777", facility_class="utility", kind=name[:20], lon=117, lat=39, **where
    )


def due_of_group(number: int) -> datetime:
    from tests.case_builders import MONDAY

    return MONDAY + timedelta(hours=1, minutes=10 * number)


if __name__ == "__main__":
    django.setup()
    from tests.builders import shift_clock
    from tests.case_builders import MONDAY

    with transaction.atomic():
        if sys.argv[1] not in {"moves", "long", "wide"}:
            shift_clock(to=MONDAY)
        worlds = (small, doors, empty, storm, moves, long, wide)
        {world.__name__: world for world in worlds}[sys.argv[1]]()
