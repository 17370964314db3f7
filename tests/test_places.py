"""Buildings, houses, hazards and facilities: who may write them, and where they lie."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404

from governance import actor, clock, reference, units
from governance.models import Unit, UnitChange
from grids import places, territory
from grids.errors import BadDetails, NotAllowed
from grids.models import Address, Building, Facility, Grid, Hazard, House
from grids.places import Plan
from tests.areas import area, draw, place, ring, square
from tests.builders import World, create_user, queries
from tests.case_builders import MONDAY
from tests.people_builders import create_building, create_house, create_person


@pytest.fixture
def drawn(world: World) -> World:
    draw(world.grid, square(0, 0))
    draw(world.second_grid, square(1, 0))
    draw(world.other_grid, square(50, 50))
    return world


def save(world: World, who: str = "clerk", **fields: Any) -> Building:
    lon, lat = fields.pop("at", place(0.5, 0.5)) or (None, None)
    given = {"name": "1号楼", "estate": "军丽园", **fields}
    building = Building(lon=lon, lat=lat, **given)
    return places.save_building(building, by=getattr(world, who), now=MONDAY)


def facility(world: World, who: str = "clerk", **fields: Any) -> Facility:
    lon, lat = fields.pop("at", place(0.5, 0.5))
    given = {"code": "0101001", "facility_class": "utility", "kind": "路灯", **fields}
    row = Facility(lon=lon, lat=lat, **given)
    return places.save_facility(row, by=getattr(world, who), now=MONDAY)


def merged(world: World, unit: Unit, into: Unit) -> None:
    """By the platform's own verb, as of today."""
    change = UnitChange(
        kind="merge",
        unit=unit,
        into=into,
        effective=clock.today(),
        reason="调整",
        decided_by=world.system_admin,
    )
    units.decide(change, clock.now())
    reference.forget()


# Where they lie ---------------------------------------------------------------------------------


def test_a_building_lies_in_the_grid_of_its_point(drawn: World) -> None:
    building = save(drawn)

    assert (building.grid, building.community) == (drawn.grid, drawn.community)
    assert list(places.buildings(drawn.grid_worker)) == [building]


def test_a_building_without_a_point_lies_where_its_footprint_does(drawn: World) -> None:
    building = save(drawn, at=None, footprint=area([ring(1.2, 0.2, 0.3, 0.3)]))

    assert building.lon == pytest.approx(place(1.35, 0)[0])
    assert building.grid == drawn.second_grid
    with pytest.raises(BadDetails) as error:
        save(drawn, at=None, name="2号楼", footprint={"type": "Point", "coordinates": [1, 2]})
    assert "footprint" in error.value.faults


def test_what_lies_in_no_grid_stays_in_the_community(drawn: World) -> None:
    building = save(drawn, at=place(9, 9))

    assert (building.grid, building.community) == (None, drawn.community)
    assert list(places.buildings(drawn.clerk)) == [building]
    assert list(places.buildings(drawn.grid_worker)) == []
    # a worker's territory is the grid: there nothing else is theirs to write
    with pytest.raises(NotAllowed, match="辖区"):
        save(drawn, "grid_worker", name="2号楼", at=place(9, 9))


def test_what_lies_in_no_community_is_the_clerks_and_dispatchers(drawn: World) -> None:
    district = create_user(role="dispatcher", unit=drawn.district)
    lost = create_building(drawn.grid, name="孤楼")
    Building.objects.update(street=None, community=None, grid=None)

    assert list(places.buildings(district)) == [lost]
    assert list(places.buildings(drawn.clerk)) == [lost]
    assert list(places.buildings(drawn.grid_worker)) == []
    lost.lon, lost.lat = place(0.5, 0.5)
    places.save_building(lost, by=drawn.clerk, now=MONDAY)
    assert list(places.buildings(drawn.grid_worker)) == [lost]


def test_houses_go_with_their_building(drawn: World) -> None:
    building = save(drawn)
    places.lay_out(building, Plan(1, 1, 2), by=drawn.clerk, now=MONDAY)

    building.lon, building.lat = place(1.5, 0.5)
    places.save_building(building, by=drawn.clerk, now=MONDAY)

    assert set(House.objects.values_list("grid", flat=True)) == {drawn.second_grid.pk}


def test_a_territory_that_is_drawn_anew_takes_what_lies_on_it(drawn: World) -> None:
    building, lamp = save(drawn), facility(drawn)
    address = Address.objects.create(key="x", lon=building.lon, lat=building.lat)
    places.lay_out(building, Plan(1, 1, 2), by=drawn.clerk, now=MONDAY)
    first, second = (Grid.objects.get(unit=u) for u in (drawn.grid, drawn.second_grid))

    first.boundary = square(0, 0, 0.25)
    territory.save(first)
    building.refresh_from_db()
    assert (building.grid, building.community) == (None, drawn.community)

    second.boundary = square(0.25, 0, 1.75)
    territory.save(second)
    for row in (building, lamp, address):
        row.refresh_from_db()
        assert row.grid == drawn.second_grid
    assert set(House.objects.values_list("grid", flat=True)) == {drawn.second_grid.pk}
    assert address.street == drawn.street


def test_places_follow_units_that_are_merged(drawn: World) -> None:
    building, lamp = save(drawn), facility(drawn)
    places.lay_out(building, Plan(1, 1, 2), by=drawn.clerk, now=MONDAY)
    lines = dict(
        units.preview(UnitChange(kind="merge", unit=drawn.grid, effective=clock.today())).lines
    )
    assert lines["地址、楼栋、房屋与部件"] == 4

    merged(drawn, drawn.grid, drawn.second_grid)

    for row in (building, lamp, *House.objects.all()):
        row.refresh_from_db()
        assert row.grid == drawn.second_grid


def test_places_follow_a_community_that_moves(drawn: World) -> None:
    building = save(drawn)
    change = UnitChange(
        kind="move",
        unit=drawn.community,
        into=drawn.other_street,
        effective=clock.today(),
        reason="调整",
        decided_by=drawn.system_admin,
    )
    units.decide(change, clock.now())

    building.refresh_from_db()
    assert (building.street, building.grid) == (drawn.other_street, drawn.grid)


def test_places_follow_a_community_that_is_split(drawn: World) -> None:
    building, other = save(drawn), save(drawn, name="2号楼", at=place(1.5, 0.5))
    parts = [
        {"name": "军丽园东社区", "children": [drawn.grid.pk]},
        {"name": "军丽园西社区", "children": [drawn.second_grid.pk]},
    ]
    change = UnitChange(
        kind="split",
        unit=drawn.community,
        parts=parts,
        effective=clock.today(),
        reason="调整",
        decided_by=drawn.system_admin,
    )
    units.decide(change, clock.now())

    for row, name in ((building, "军丽园东社区"), (other, "军丽园西社区")):
        row.refresh_from_db()
        assert row.community is not None
        assert row.community.name == name


# Who sees and who writes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees", "writes"),
    [
        ("clerk", True, True),
        ("grid_worker", True, True),
        ("station_lead", True, True),
        ("leader", True, False),
        ("dispatcher", True, False),
        ("household_head", True, False),
        ("handler", True, False),
        ("outsider", False, False),
        ("other_grid_worker", False, False),
        ("security_admin", False, False),
    ],
)
def test_who_sees_and_who_writes(drawn: World, who: str, *, sees: bool, writes: bool) -> None:
    building, user = save(drawn), getattr(drawn, who)

    assert places.buildings(user).exists() is sees
    if not sees:
        with pytest.raises(Http404):
            places.building_for(user, building.pk)
    if writes:
        places.save_building(building, by=user, now=MONDAY)
    else:
        with pytest.raises(NotAllowed):
            places.save_building(building, by=user, now=MONDAY)


def test_a_building_cannot_be_moved_to_where_others_work(drawn: World) -> None:
    building = save(drawn)
    building.lon, building.lat = place(50.5, 50.5)

    with pytest.raises(NotAllowed, match="辖区"):
        places.save_building(building, by=drawn.clerk, now=MONDAY)


# Buildings and houses ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": " "}, "name"),
        ({"use": "castle"}, "use"),
        ({"floors": 500}, "floors"),
        ({"at": (200.0, 39.0)}, "lon"),
        ({"at": (117.0, None)}, "lon"),
        ({"code": "A1", "name": "9号楼"}, "code"),
        ({"name": "0号楼"}, "name"),
    ],
)
def test_a_faulty_building_says_what_is_wrong(
    drawn: World, fields: dict[str, Any], fault: str
) -> None:
    save(drawn, code="A1", name="0号楼")

    with pytest.raises(BadDetails) as error:
        save(drawn, **fields)

    assert list(error.value.faults) == [fault]


def test_a_plan_is_laid_out_in_one_go(drawn: World) -> None:
    building = save(drawn)
    with actor.acting(drawn.clerk.pk, "desk"):
        made = places.lay_out(building, Plan(3, 18, 4), by=drawn.clerk, now=MONDAY)

    assert made == 216
    assert House.objects.filter(unit_no="3", floor=18, room="1804").exists()
    building.refresh_from_db()
    assert (building.floors, building.unit_count) == (18, 3)
    # again, and larger: only what is new is made
    assert places.lay_out(building, Plan(3, 19, 4), by=drawn.clerk, now=MONDAY) == 12
    assert House.objects.count() == 228


def test_laying_out_takes_as_many_queries_for_many_houses(drawn: World) -> None:
    first, second = save(drawn), save(drawn, name="2号楼")
    for building, rooms in ((first, 1), (second, 3)):
        with queries(6):
            places.lay_out(building, Plan(1, 1, rooms), by=drawn.clerk, now=MONDAY)


@pytest.mark.parametrize(
    "plan", [Plan(0, 1, 1), Plan(31, 1, 1), Plan(1, 121, 1), Plan(1, 1, 31), Plan(1, 1, 1, 0)]
)
def test_a_plan_beyond_all_measure_is_refused(drawn: World, plan: Plan) -> None:
    with pytest.raises(NotAllowed, match="最多"):
        places.lay_out(save(drawn), plan, by=drawn.clerk, now=MONDAY)


def test_a_house_is_added_and_changed(drawn: World) -> None:
    building = save(drawn)
    add: dict[str, Any] = {
        "unit_no": "1",
        "floor": 3,
        "room": "301",
        "by": drawn.grid_worker,
        "now": MONDAY,
    }
    house = places.add_house(building, **add)

    changed = places.change_house(
        house, use="shared", owner_kind="private", by=drawn.grid_worker, now=MONDAY
    )

    assert (changed.use, changed.grid) == ("shared", drawn.grid)
    faults: list[dict[str, Any]] = [
        {"room": "301"},
        {"room": " "},
        {"floor": 0, "room": "2"},
        {"use": "x", "room": "3"},
    ]
    for fields in faults:
        with pytest.raises(BadDetails):
            places.add_house(building, **{**add, **fields})
    with pytest.raises(BadDetails):
        places.change_house(house, use="x", owner_kind="y", by=drawn.clerk, now=MONDAY)
    with pytest.raises(NotAllowed):
        places.change_house(
            house, use="own", owner_kind="private", by=drawn.other_grid_worker, now=MONDAY
        )


def test_a_hazard_is_noted_until_it_is_cleared(drawn: World) -> None:
    house = create_house(drawn.grid)
    given: dict[str, Any] = {"by": drawn.grid_worker, "now": MONDAY}
    hazard = places.note_hazard(house, kind="gas", note="胶管老化", **given)

    later = MONDAY + timedelta(days=3)
    cleared = places.clear_hazard(hazard, by=drawn.clerk, now=later)

    assert (cleared.cleared_at, cleared.cleared_by) == (later, drawn.clerk)
    with pytest.raises(NotAllowed, match="已消除"):
        places.clear_hazard(hazard, by=drawn.clerk, now=later)
    for kind, note in (("x", "y"), ("gas", " ")):
        with pytest.raises(BadDetails):
            places.note_hazard(house, kind=kind, note=note, **given)
    with pytest.raises(NotAllowed):
        places.note_hazard(house, kind="gas", note="x", by=drawn.leader, now=MONDAY)
    assert Hazard.objects.count() == 1


def test_what_is_out_of_use_is_no_more_in_the_lists(drawn: World) -> None:
    building, lamp = save(drawn), facility(drawn)
    places.lay_out(building, Plan(1, 1, 2), by=drawn.clerk, now=MONDAY)

    places.deactivate(building, by=drawn.clerk, now=MONDAY)
    places.deactivate(lamp, by=drawn.clerk, now=MONDAY)

    assert not places.buildings(drawn.clerk).exists()
    assert not places.houses(drawn.clerk).exists()
    assert not places.facilities(drawn.clerk).exists()
    assert places.building_for(drawn.clerk, building.pk) == building
    with pytest.raises(NotAllowed, match="停用"):
        places.deactivate(building, by=drawn.clerk, now=MONDAY)
    with pytest.raises(NotAllowed, match="停用"):
        places.lay_out(building, Plan(1, 1, 2), by=drawn.clerk, now=MONDAY)
    # the name is free again
    assert save(drawn).pk != building.pk


def test_a_house_where_somebody_lives_stays_in_use(drawn: World) -> None:
    building = save(drawn)
    house = create_house(drawn.grid, building=building)
    create_person(drawn, house)

    for row in (house, building):
        with pytest.raises(NotAllowed, match="住户"):
            places.deactivate(row, by=drawn.clerk, now=MONDAY)
    house.refresh_from_db()
    assert house.is_active


# Facilities -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"code": ""}, "code"),
        ({"code": "0"}, "code"),
        ({"kind": ""}, "kind"),
        ({"facility_class": "x"}, "facility_class"),
        ({"at": (None, None)}, "lon"),
    ],
)
def test_a_faulty_facility_says_what_is_wrong(
    drawn: World, fields: dict[str, Any], fault: str
) -> None:
    facility(drawn, code="0")

    with pytest.raises(BadDetails) as error:
        facility(drawn, **fields)

    assert list(error.value.faults) == [fault]


def test_the_nearest_facilities_within_thirty_metres(drawn: World) -> None:
    lon, lat = place(0.5, 0.5)
    for code, metres in (("c", 20), ("a", 5), ("far", 40)):
        facility(drawn, code=code, at=(lon, lat + metres / 111_000))
    gone = facility(drawn, code="gone", at=(lon, lat))
    places.deactivate(gone, by=drawn.clerk, now=MONDAY)

    found = places.near(drawn.grid_worker, lon, lat)

    assert [(row.code, round(away)) for away, row in found] == [("a", 5), ("c", 20)]
    assert places.near(drawn.outsider, lon, lat) == []
