"""Who and what is behind a door goes with it: with a building alone, or with a whole grid."""

from __future__ import annotations

from typing import Any

import pytest

from governance import scope, units
from governance.models import Unit
from grids import places
from grids.models import Building, House
from people import access, changes, entities, joint, registering, rights, tenancies, visits
from people.entities import Spot
from people.models import (
    ChangeRequest,
    Entity,
    HouseCode,
    Household,
    JointUnit,
    Residency,
    RightsRequest,
    SupportPlan,
    Tenancy,
    TenantDeclaration,
    Visit,
)
from people.rights import Claim
from tests.areas import draw, place, square
from tests.builders import World, create_user, shift_clock
from tests.case_builders import MONDAY
from tests.people_builders import TODAY, create_house, create_person, create_plan, number
from tests.test_entities import code, create_entity
from tests.test_following import change, merge
from tests.test_tenancies import declare, letting

AT_DOORS = (Tenancy, HouseCode, TenantDeclaration, Entity)
BEHIND = (Household, Residency, Visit, ChangeRequest, SupportPlan)


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def where(*models: Any) -> dict[str, set[int | None]]:
    """Past the walls: in which grids the rows of each model lie."""
    with scope.system(scope.SWEEP):
        return {
            model.__name__: set(model.objects.values_list("grid", flat=True)) for model in models
        }


def all_in(unit: Unit, *models: Any) -> dict[str, set[int | None]]:
    return {model.__name__: {unit.pk} for model in models}


def lived_in(world: World, house: House) -> Residency:
    """A house with all that can be open behind its door."""
    row = create_person(world, house, name="李四").residency
    create_plan(world, row.person)
    visits.visit(row.household, aims=["care"], by=world.grid_worker, now=MONDAY)
    changes.ask(
        row.person,
        "death",
        reason="上门核对",
        by=world.grid_worker,
        now=MONDAY,
        died_on=TODAY.isoformat(),
    )
    letting(world, house)
    declare(world, house)
    create_entity(world, Spot(house=house))
    create_entity(world, Spot(building=house.building), credit_code=code(2))
    return row


def test_all_behind_a_door_goes_with_a_building_that_was_put_right(world: World) -> None:
    draw(world.grid, square(0, 0))
    draw(world.second_grid, square(1, 0))
    lon, lat = place(0.5, 0.5)
    building = Building(name="1号楼", estate="军丽园", lon=lon, lat=lat)
    building = places.save_building(building, by=world.clerk, now=MONDAY)
    row = lived_in(world, create_house(world.grid, building=building))
    gone = create_person(world, create_house(world.grid, building=building), name="赵六").residency
    registering.move_out(gone, on=TODAY, by=world.grid_worker, now=MONDAY)
    next_door = create_person(world, create_house(world.grid), name="王五").residency
    assert where(*BEHIND) == all_in(world.grid, *BEHIND)

    building.lon, building.lat = place(1.5, 0.5)
    places.save_building(building, by=world.clerk, now=MONDAY)

    assert where(*AT_DOORS) == all_in(world.second_grid, *AT_DOORS)
    assert where(Visit, ChangeRequest, SupportPlan) == all_in(
        world.second_grid, Visit, ChangeRequest, SupportPlan
    )
    neighbour = create_user(role="grid_worker", unit=world.second_grid, username="second")
    assert list(access.persons(neighbour).values_list("pk", flat=True)) == [row.person_id]
    assert list(access.persons(world.grid_worker).values_list("pk", flat=True)) == [
        next_door.person_id
    ]
    with scope.system(scope.SWEEP):
        kept = Residency.objects.get(pk=gone.pk)
    assert kept.grid_id == world.grid.pk  # the unit of its day


def test_a_boundary_that_is_drawn_anew_takes_along_who_lives_there(world: World) -> None:
    draw(world.grid, square(0, 0))
    lon, lat = place(0.5, 0.5)
    building = places.save_building(
        Building(name="1号楼", estate="军丽园", lon=lon, lat=lat), by=world.clerk, now=MONDAY
    )
    create_person(world, create_house(world.grid, building=building))
    territory = world.grid.territory
    territory.delete()

    draw(world.second_grid, square(0, 0))

    assert where(Household, Residency) == all_in(world.second_grid, Household, Residency)


def test_what_is_at_the_doors_of_a_merged_grid_is_the_others(world: World) -> None:
    lived_in(world, create_house(world.grid))
    claim = Claim("see", "李四", "13812345678", number(), world.community.pk)
    rights.ask(claim, by=None, now=MONDAY)
    row = change(world, kind="merge", unit=world.grid, into=world.other_grid)
    assert dict(units.preview(row).lines)["出租房屋、法人单位与联户"] == 5

    merge(world, world.grid, world.other_grid)

    assert where(*AT_DOORS) == all_in(world.other_grid, *AT_DOORS)
    assert tenancies.visible_tenancies(world.other_grid_worker).count() == 1
    assert entities.visible_entities(world.other_grid_worker).count() == 2
    merge(world, world.community, world.other_community)
    assert RightsRequest.objects.get().community == world.other_community


def test_joint_units_of_one_name_say_where_they_came_from(world: World) -> None:
    by: dict[str, Any] = {"now": MONDAY}
    here = create_person(world).residency
    joint.form(here, "一单元联户", by=world.grid_worker, **by)
    there = create_person(
        world, create_house(world.other_grid), by=world.other_grid_worker, name="赵六"
    ).residency
    joint.form(there, "一单元联户", by=world.other_grid_worker, **by)

    merge(world, world.grid, world.other_grid)

    names = joint.visible_joint_units(world.other_grid_worker).values_list("name", flat=True)
    assert sorted(names) == ["一单元联户", "一单元联户（军丽园第一网格）"]
    assert where(JointUnit) == all_in(world.other_grid, JointUnit)
