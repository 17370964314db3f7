"""The organisation of the measurements, made once in a migrated database without units."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.core.management import call_command
from django.db import transaction

from bench.house import DISTRICT_CODE
from bench.territory import cell, place_of
from cases.models import Item
from governance import actor, clock, units
from governance.models import CodeScheme, Post, Unit, UnitCode, User
from grids.models import Grid

SINCE = date(2020, 1, 1)
STREETS = ("军粮", "无瑕", "新立", "万新", "张贵庄", "丰年村", "金钟", "华明", "东丽湖", "金桥")
ESTATES = ("春霞", "秋实", "和顺", "安宁", "景云", "丽新", "广泰", "明珠", "翠湖", "阳光")
ENDINGS = ("里", "园", "苑", "家园", "花苑", "新村", "公寓", "雅居", "名邸", "东里")
HANDLERS = 3


class Person(NamedTuple):
    role: str
    unit_id: int
    name: str
    email: str = ""


def main(arguments: list[str]) -> None:
    call_command("load_calendar")
    with transaction.atomic(), actor.acting(None, "command"):
        communities = make_units()
        call_command("load_catalogue", parent=DISTRICT_CODE)
        make_grids(communities)
        make_people()
        forget_photos()


def make_units() -> list[int]:
    """District, streets, communities and grids, by the product's verb."""

    district = units.create(kind="district", name="东丽区", parent=None, valid_from=SINCE)
    UnitCode.objects.create(
        unit=district, scheme=CodeScheme.STATISTICS, code=DISTRICT_CODE, valid_from=SINCE
    )
    made = []
    for s, street_name in enumerate(STREETS):
        name = f"{street_name}街道"
        street = units.create(kind="street", name=name, parent=district, valid_from=SINCE)
        for c in range(10):
            name = f"{ESTATES[(c + s) % 10]}{ENDINGS[(c * 3 + s) % 10]}社区"
            community = units.create(kind="community", name=name, parent=street, valid_from=SINCE)
            for g in range(9):
                name = f"{community.name.removesuffix('社区')}第{'一二三四五六七八九'[g]}网格"
                grid = units.create(kind="grid", name=name, parent=community, valid_from=SINCE)
                made.append(grid.pk)
    return made


def make_grids(unit_ids: list[int]) -> None:

    Grid.objects.bulk_create(
        Grid(unit_id=pk, boundary=cell(*map(int, place_of(n))), valid_from=SINCE)
        for n, pk in enumerate(unit_ids)
    )


def people() -> list[Person]:
    """Who holds which post. Leaders and dispatchers read e-mail, the others their inbox."""

    roles = {
        "district": ("dispatcher", "supervisor", "system_admin"),
        "street": ("dispatcher", "supervisor", "leader"),
        "community": ("clerk", "leader"),
        "grid": ("grid_worker",),
        "department": ("department_lead", *["handler"] * HANDLERS),
    }
    mailed = {"dispatcher", "supervisor", "leader"}
    found: list[Person] = []
    for pk, kind, name in Unit.objects.order_by("pk").values_list("pk", "kind", "name"):
        for role in roles.get(kind, ()):
            email = f"{role}{pk}@bench.example" if role in mailed else ""
            found.append(Person(role, pk, f"{name[:6]}{role[:4]}{len(found)}", email))
    return found


def make_people() -> None:
    """Nobody logs in with a password here: sessions are made by the bench."""

    found = people()
    now = clock.now()
    users = User.objects.bulk_create(
        User(
            username=f"bench{n}",
            display_name=person.name,
            email=person.email,
            password="!",
            password_changed_at=now,
        )
        for n, person in enumerate(found)
    )
    Post.objects.bulk_create(
        Post(role=person.role, unit_id=person.unit_id, user=user, valid_from=SINCE)
        for person, user in zip(found, users, strict=True)
    )


def forget_photos() -> None:
    """Cases are written without pictures, so no item may ask for one."""

    Item.objects.update(photo_before=False, photo_after=False)
