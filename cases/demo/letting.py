"""The demo's rented houses: landlords, leases that end soon or ended, tenants who declared
themselves. By the verbs, as people would."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle
from uuid import UUID

from django.utils.timezone import localdate

from cases.demo.neighbours import Neighbours, person
from cases.demo.organisation import GridPlace
from cases.demo.people import MARK
from cases.demo.residents import LODGED
from governance import actor
from grids.models import House, HouseUse
from people import access, tenancies
from people.models import Relation, ResidencyKind, Tenancy
from people.tenancies import Lessor, Stay

MOST = 24  # a grid
LANDLORDS = 154_1000_0000
# Days from today to the last day of the lease; None: without an end.
ENDS = (200, 12, None, 95, -6, 330, 26, 150, 60, 280)


def register(near: Neighbours) -> str:
    """Returns how many lettings there are, and how many tenants wait to be checked."""
    made = sum(of_grid(near, grid) for grid in near.homes)
    return f"{made} · 待核对申报 {declared(near, near.homes[0])}"


def of_grid(near: Neighbours, grid: GridPlace) -> int:
    """What landlords registered, most of it checked; two lettings ended."""
    names, ends = near.inventor, cycle(ENDS)
    houses = {one.house.pk: one.house for one in near.residents if one.house.use in LODGED}
    houses = {pk: house for pk, house in houses.items() if house.grid_id == grid.unit.pk}
    owners = near.of(grid, lambda one: 35 < near.age(one) < 70 and one.kind != ResidencyKind.TENANT)
    today, rows = localdate(near.now), list(houses.values())[:MOST]
    for number, house in enumerate(rows):
        lessor = Lessor(name=names.name(1970, names.sex()) + MARK, phone=str(LANDLORDS + house.pk))
        if number % 7 == 3 and owners:
            lessor = Lessor(person=person(near.chance.choice(owners), grid.worker))
        days, said = next(ends), near.at(near.chance.randint(12, 55))
        until = today + timedelta(days=days) if days is not None else None
        stay = Stay((until or today) - timedelta(days=365), until)
        with actor.acting(grid.worker.pk, "phone"):
            row = tenancies.register(house, lessor, stay, by=grid.worker, now=said)
            if number % 6:
                row = tenancies.check(row, by=grid.worker, now=near.at(near.chance.randint(2, 11)))
            if number in {5, 11}:
                end(near, grid, row)
    return len(rows)


def end(near: Neighbours, grid: GridPlace, row: Tenancy) -> None:
    moment, house = near.at(1), row.house_id
    day = localdate(moment)
    tenancies.end(row, on=day, tenants_left=True, by=grid.worker, now=moment)
    near.residents[:] = [one for one in near.residents if one.house.pk != house]


def declared(near: Neighbours, grid: GridPlace) -> int:
    """By the code of the house: two wait, one was confirmed at the door, one was refused."""
    empty = House.objects.filter(grid=grid.unit, use=HouseUse.EMPTY).select_related("building")
    for number, house in enumerate(empty.order_by("pk")[:4]):
        moment = near.at(3 + 2 * number)
        with actor.acting(grid.worker.pk, "phone"):
            code = tenancies.renew_code(house, by=grid.worker, now=moment - timedelta(days=2)).code
        born = localdate(moment) - timedelta(days=near.chance.randint(7300, 14_000))
        details = near.inventor.details(born, near.inventor.sex())
        began = localdate(moment)
        stay = Stay(began, began + timedelta(days=364))
        key = UUID(int=near.chance.getrandbits(128), version=4)
        with actor.acting(None, "public"):
            tenancies.declare(code, details, stay, key=key, now=moment)
        row = tenancies.waiting(grid.worker).get(key=key)
        later = moment + timedelta(hours=20)
        with actor.acting(grid.worker.pk, "phone"):
            if number == 2:
                tenancies.confirm(
                    row, details, stay, relation=Relation.HEAD, by=grid.worker, now=later
                )
            elif number == 3:
                reason = "上门核对，此房无人居住。"
                tenancies.refuse(row, reason, by=grid.worker, now=later)
    access.enter(grid.worker)
    return tenancies.waiting(grid.worker).count()
