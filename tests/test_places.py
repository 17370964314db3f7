"""Buildings, houses, hazards and facilities: who may write them, and where they lie."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases import workflow
from cases.given import Part
from cases.models import Case
from governance import actor, clock, reference, units
from governance.models import Unit, UnitChange
from grids import addresses, places, territory
from grids.errors import BadDetails, NotAllowed
from grids.models import Address, Building, Facility, Grid, Hazard, House
from grids.places import Plan
from tests.areas import area, draw, place, ring, square
from tests.builders import World, create_post, create_user, queries
from tests.case_builders import MONDAY, create_item
from tests.clients import KEY, Program, browser
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
        ("handler", False, False),
        ("department_lead", False, False),
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


@pytest.mark.parametrize("who", ["handler", "department_lead", "police_handler"])
def test_a_department_finds_no_doors_but_what_it_mends(drawn: World, who: str) -> None:
    building, lamp = save(drawn), facility(drawn)
    house = places.add_house(building, unit_no="", floor=1, room="101", by=drawn.clerk, now=MONDAY)
    read = addresses.parse("和顺路12号军丽园1号楼101室")
    address, _new = addresses.save(read, by=drawn.clerk, now=MONDAY)
    client = browser(getattr(drawn, who))

    for root in SURFACES:
        for path in (
            *("", "addresses/?q=和顺", f"addresses/{address.pk}/"),
            *(f"buildings/{building.pk}/", f"houses/{house.pk}/"),
        ):
            assert client.get(f"{root}{path}").status_code == 403, path
        listed = client.get(f"{root}facilities/").content.decode()
        assert lamp.code in listed
        assert "标准地址" not in listed
        assert client.get(f"{root}facilities/{lamp.pk}/").status_code == 200
    box = "?bbox=-180,-90,180,90"
    assert client.get(f"/grids/layers/buildings/{box}").status_code == 403
    assert client.get(f"/grids/layers/facilities/{box}").json()["total"] == 1
    assert re.findall(r'data-layer="(buildings|facilities)"', page_of(client, "/grids/")) == [
        "facilities"
    ]
    # on the wall of a station as well
    sheet = page_of(client, f"/grid-map/{drawn.grid.pk}/sheet/")
    assert "公共部件" in sheet
    assert "出租房屋" not in sheet


def test_who_keeps_a_second_post_sees_the_doors_of_that_one(drawn: World) -> None:
    near, far = save(drawn), create_building(drawn.other_grid)
    create_post(role="clerk", unit=drawn.community, user=drawn.handler)

    assert list(places.buildings(drawn.handler)) == [near]
    with pytest.raises(Http404):
        places.building_for(drawn.handler, far.pk)


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


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


# The pages --------------------------------------------------------------------------------------

SURFACES = ("/places/", "/m/places/")


@pytest.mark.parametrize("root", SURFACES)
def test_the_list_shows_the_own_buildings_with_their_houses(drawn: World, root: str) -> None:
    building = save(drawn)
    places.lay_out(building, Plan(2, 3, 2), by=drawn.clerk, now=MONDAY)
    house = House.objects.order_by("pk")[0]
    places.note_hazard(house, kind="gas", note="胶管老化", by=drawn.clerk, now=MONDAY)

    html = browser(drawn.clerk).get(root).content.decode()
    assert "军丽园1号楼" in html
    assert f"{root}buildings/{building.pk}/" in html
    assert "12" in html
    assert "军丽园1号楼" not in browser(drawn.outsider).get(root).content.decode()
    assert "没有符合条件的楼栋" in browser(drawn.outsider).get(root).content.decode()
    assert browser(drawn.security_admin).get(root).status_code == 403


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("q=军丽园", 3),
        ("q=军丽 2号", 1),
        ("q=没有", 0),
        ("use=office", 1),
        ("use=castle", 3),
        ("hazards=on", 1),
        ("tab=no_grid", 1),
    ],
)
def test_the_list_is_filtered(drawn: World, query: str, count: int) -> None:
    first = save(drawn)
    save(drawn, name="2号楼", use="office")
    save(drawn, name="3号楼", at=place(9, 9))
    house = places.add_house(first, unit_no="", floor=1, room="101", by=drawn.clerk, now=MONDAY)
    places.note_hazard(house, kind="gas", note="胶管老化", by=drawn.clerk, now=MONDAY)

    answer = browser(drawn.clerk).get(f"/places/?{query}")

    assert len(answer.context["rows"]) == count
    by_grid = browser(drawn.clerk).get(f"/places/?unit={drawn.grid.pk}")
    assert len(by_grid.context["rows"]) == 2


def test_the_pager_goes_on_and_back(drawn: World) -> None:
    for n in range(60):
        create_building(drawn.grid, name=f"{n:03d}号楼")
    client = browser(drawn.clerk)

    first = client.get("/places/").context
    second = client.get(first["next_url"]).context
    third = client.get(second["next_url"]).context

    names = [[row["name"] for row in page["rows"]] for page in (first, second, third)]
    assert [name for page in names for name in page] == [f"{n:03d}号楼" for n in range(60)]
    assert (first["previous_url"], third["next_url"]) == ("", "")
    back = client.get(third["previous_url"]).context
    assert [row["name"] for row in back["rows"]] == names[1]
    again = client.get(back["previous_url"]).context
    assert [row["name"] for row in again["rows"]] == names[0]
    assert again["previous_url"] == ""


def test_the_pages_ask_as_often_for_many_rows(drawn: World) -> None:
    client = browser(drawn.clerk)
    client.get("/places/")
    building = save(drawn)
    first = len(asked(client, "/places/"))
    page = len(asked(client, f"/places/buildings/{building.pk}/"))
    for name in ("2号楼", "3号楼"):
        save(drawn, name=name)
    places.lay_out(building, Plan(2, 3, 2), by=drawn.clerk, now=MONDAY)
    facility(drawn)
    one = len(asked(client, "/places/facilities/"))
    for code in ("2", "3"):
        facility(drawn, code=code)

    assert len(asked(client, "/places/")) == first <= 14
    assert len(asked(client, f"/places/buildings/{building.pk}/")) == page <= 13
    assert len(asked(client, "/places/facilities/")) == one <= 9


def asked(client: Any, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


@pytest.mark.parametrize("root", SURFACES)
def test_a_building_shows_its_floors_and_rooms(drawn: World, root: str) -> None:
    building = save(drawn)
    url = f"{root}buildings/{building.pk}/"
    client = browser(drawn.grid_worker)
    assert "还没有房屋" in client.get(url).content.decode()

    sent = client.post(f"{url}plan/", {"units": 2, "floors": 3, "rooms": 2, "first_floor": 1})
    assert sent.status_code == 302
    assert client.post(f"{url}plan/", {"units": 99, "floors": 3, "rooms": 2, "first_floor": 1})
    added = client.post(f"{url}house/", {"unit_no": "2", "floor": -1, "room": "B1"})
    assert added.status_code == 302
    assert (
        client.post(f"{url}house/", {"unit_no": "2", "floor": 1, "room": "101"}).status_code == 400
    )
    House.objects.filter(room="302", unit_no="1").update(use="shared")

    page = client.get(url)
    first, second = page.context["units"]
    assert [floor for floor, _cells in second["floors"]] == [3, 2, 1, -1]
    assert [cell["room"] for cell in first["floors"][0][1]] == ["301", "302"]
    # a room stands under the rooms of its stairwell; where there is none the cell is empty
    assert [cell and cell["room"] for cell in second["floors"][3][1]] == [None, None, "B1"]
    html = page.content.decode()
    assert '<b aria-hidden="true">群</b><span class="visually-hidden">群租</span>' in html
    assert browser(drawn.outsider).get(url).status_code == 404
    assert browser(drawn.leader).get(url).status_code == 200
    assert "生成房间" not in browser(drawn.leader).get(url).content.decode()
    assert browser(drawn.leader).post(f"{url}plan/", {}).status_code == 403
    assert browser(drawn.outsider).post(f"{url}plan/", {"units": 1}).status_code == 404


@pytest.mark.parametrize("root", SURFACES)
def test_a_house_is_changed_in_a_dialog(drawn: World, root: str) -> None:
    house = create_house(drawn.grid)
    url, client = f"{root}houses/{house.pk}/", browser(drawn.grid_worker)

    dialog = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert dialog.lstrip().startswith("<dialog")
    assert "<html" in client.get(url).content.decode()
    sent = client.post(f"{url}change/", {"use": "rented", "owner_kind": "private"})
    assert sent["Location"] == f"{root}buildings/{house.building_id}/"
    assert client.post(f"{url}change/", {"use": "x", "owner_kind": "y"}).status_code == 400
    assert client.post(f"{url}hazard/", {"kind": "fire", "note": ""}).status_code == 400
    assert client.post(f"{url}hazard/", {"kind": "fire", "note": "楼道堆物"}).status_code == 302
    hazard = Hazard.objects.get()
    assert "楼道堆物" in client.get(url).content.decode()
    assert browser(drawn.outsider).post(f"{root}hazards/{hazard.pk}/clear/").status_code == 404
    client.post(f"{root}hazards/{hazard.pk}/clear/")
    client.post(f"{root}hazards/{hazard.pk}/clear/")  # the second is told that it is done
    hazard.refresh_from_db()
    house.refresh_from_db()
    assert (hazard.cleared_by, house.use) == (drawn.grid_worker, "rented")
    assert browser(drawn.other_grid_worker).get(url).status_code == 404
    client.post(f"{url}end/")
    house.refresh_from_db()
    assert not house.is_active
    assert "该房屋已停用" in client.get(url).content.decode()


@pytest.mark.parametrize("root", SURFACES)
def test_buildings_are_written_by_a_form(drawn: World, root: str) -> None:
    client = browser(drawn.clerk)
    lon, lat = place(0.5, 0.5)
    given = {"estate": "军丽园", "name": "8号楼", "use": "residential", "lon": lon, "lat": lat}

    assert client.get(f"{root}buildings/new/").status_code == 200
    sent = client.post(f"{root}buildings/new/", given)
    building = Building.objects.get()
    url = f"{root}buildings/{building.pk}/"
    assert (sent["Location"], building.grid) == (url, drawn.grid)
    again = client.post(f"{root}buildings/new/", given)
    assert again.status_code == 400
    assert "该小区已有同名楼栋" in again.content.decode()
    assert client.get(f"{url}edit/").status_code == 200
    client.post(f"{url}edit/", {**given, "floors": 6, "lon": place(1.5, 0)[0]})
    building.refresh_from_db()
    assert (building.floors, building.grid) == (6, drawn.second_grid)
    assert browser(drawn.leader).get(f"{url}edit/").status_code == 403
    assert browser(drawn.outsider).get(f"{url}edit/").status_code == 404
    client.post(f"{url}end/")
    building.refresh_from_db()
    assert not building.is_active
    assert "该楼栋已停用" in client.get(url).content.decode()


@pytest.mark.parametrize("root", SURFACES)
def test_addresses_are_searched_with_what_was_understood(drawn: World, root: str) -> None:
    client = browser(drawn.clerk)
    url = f"{root}addresses/"
    assert "查找标准地址" in client.get(url).content.decode()

    sent = client.post(url, {"q": "和顺路１２号军丽园三栋"})
    address = Address.objects.get()
    assert (address.key, sent["Location"]) == ("和顺路12号军丽园3号楼", f"{url}{address.pk}/")
    found = client.get(url, {"q": "军丽园3-2-501"}, headers={"HX-Request": "true"})
    html = found.content.decode()
    assert html.lstrip().startswith('<div id="found"')
    assert "军丽园3号楼2单元501室" in html
    assert "把握 95%" in html
    assert "和顺路12号军丽园3号楼" in client.get(url, {"q": "和顺"}).content.decode()
    assert client.post(url, {"q": "路灯不亮"}).status_code == 302
    assert "没有读出" in client.get(url, {"q": "路灯不亮"}).content.decode()
    assert browser(drawn.outsider).get(f"{url}{address.pk}/").status_code == 404


def test_addresses_are_merged_on_their_page(drawn: World) -> None:
    client = browser(drawn.clerk)
    for words in ("和顺路12号军丽园3号楼", "军丽园3号楼"):
        client.post("/places/addresses/", {"q": words})
    kept, gone = Address.objects.order_by("pk")
    building = create_building(drawn.grid, address=gone)
    url = f"/places/addresses/{kept.pk}/"

    assert "可能是同一处" in client.get(url).content.decode()
    assert client.post(f"{url}merge/", {"other": gone.pk}).status_code == 302
    assert client.post(f"{url}merge/", {"other": "x"}).status_code == 404

    building.refresh_from_db()
    assert building.address == kept
    assert str(building) in client.get(url).content.decode()
    moved = client.get(f"/places/addresses/{gone.pk}/")
    assert moved["Location"] == url


@pytest.mark.parametrize("root", SURFACES)
def test_facilities_are_listed_and_written(drawn: World, root: str) -> None:
    client = browser(drawn.grid_worker)
    lon, lat = place(0.5, 0.5)
    given = {
        "code": "0101",
        "facility_class": "utility",
        "kind": "路灯",
        "owner": drawn.sanitation.pk,
        "lon": lon,
        "lat": lat,
    }
    url = f"{root}facilities/"
    assert "没有符合条件的部件" in client.get(url).content.decode()
    assert client.post(f"{url}new/", {**given, "lon": ""}).status_code == 400
    sent = client.post(f"{url}new/", given)
    row = Facility.objects.get()
    assert sent["Location"] == f"{url}{row.pk}/"
    assert "路灯" in client.get(url, {"q": "路灯"}).content.decode()
    assert row.code not in client.get(url, {"facility_class": "green"}).content.decode()
    client.post(f"{url}{row.pk}/edit/", {**given, "kind": "高杆灯"})
    page = client.get(f"{url}{row.pk}/").content.decode()
    assert "高杆灯" in page
    assert "没有关于它的事件" in page
    assert browser(drawn.outsider).get(f"{url}{row.pk}/").status_code == 404
    client.post(f"{url}{row.pk}/end/")
    assert "该部件已停用" in client.get(f"{url}{row.pk}/").content.decode()


# Cases about a facility -------------------------------------------------------------------------


def test_a_report_can_be_about_a_facility(drawn: World) -> None:
    lamp = facility(drawn)
    item = create_item(department=drawn.sanitation, dispatch="manual")
    client = browser(drawn.clerk)
    lon, lat = place(0.5, 0.5)

    near = client.post("/cases/facilities/", {"lon": lon, "lat": lat}).content.decode()
    assert f'value="{lamp.pk}"' in near
    assert "0 米" in near
    assert client.post("/cases/facilities/", {"lon": "", "lat": ""}).content.strip() == b""
    sent = client.post(
        "/cases/new/",
        {
            "item": item.pk,
            "description": "路灯不亮",
            "source": "phone_call",
            "lon": lon,
            "lat": lat,
            "facility": lamp.pk,
            "key": KEY,
        },
    )
    case = Case.objects.get()
    assert sent["Location"] == f"/cases/{case.number}/"
    assert case.facility == lamp
    assert "路灯 0101001" in client.get(f"/cases/{case.number}/").content.decode()
    for who, root in ((drawn.clerk, "/"), (drawn.grid_worker, "/m/")):
        page = browser(who).get(f"{root}places/facilities/{lamp.pk}/").content.decode()
        assert f"{root}cases/{case.number}/" in page
        assert "关于它的事件 1 件，其中在办 1 件" in page
        assert "路灯 0101001" in browser(who).get(f"{root}cases/{case.number}/").content.decode()
    # who sees the facility and not the case reads nothing of it
    handler = browser(drawn.handler).get(f"/places/facilities/{lamp.pk}/").content.decode()
    assert case.number not in handler
    parts = (Part(item.pk, "一"), Part(item.pk, "二"))
    workflow.take(case, "split", by=drawn.clerk, now=MONDAY, parts=parts)
    assert Case.objects.filter(facility=lamp).count() == 3


def test_the_phone_reports_about_a_facility(drawn: World) -> None:
    lamp = facility(drawn)
    item = create_item(department=drawn.sanitation, dispatch="manual")
    client, (lon, lat) = browser(drawn.grid_worker), place(0.5, 0.5)
    given = {"item": item.pk, "description": "不亮", "lon": lon, "lat": lat, "key": KEY}

    refused = client.post("/m/report/", {**given, "facility": 0 + lamp.pk + 1})
    assert refused.status_code == 400
    assert "请从附近的部件中选择" in refused.content.decode()
    assert client.post("/m/report/", {**given, "facility": lamp.pk}).status_code == 302
    assert Case.objects.get().facility == lamp


def test_programs_report_about_a_facility(drawn: World) -> None:
    lamp = facility(drawn)
    item = create_item(department=drawn.sanitation, dispatch="manual")
    program, (lon, lat) = Program(drawn.clerk), place(0.5, 0.5)

    near = program.get(f"/facilities/near/?lon={lon}&lat={lat}").json()
    assert near == {"results": [{"id": lamp.pk, "code": "0101001", "kind": "路灯", "metres": 0}]}
    body = {"item": item.pk, "description": "不亮", "facility": lamp.pk}
    made = program.post("/cases/", body, **{"Idempotency-Key": str(KEY)})
    assert made.status_code == 201
    case = Case.objects.get()
    # without a point it lies where the facility stands
    assert (case.lon, case.grid) == (lamp.lon, drawn.grid)
    shown = program.get(f"/cases/{case.number}/").json()
    assert shown["facility"] == {"id": lamp.pk, "code": "0101001", "kind": "路灯"}
    other = Program(drawn.outsider)
    key = "00000000-0000-4000-8000-000000000002"
    assert other.post("/cases/", body, **{"Idempotency-Key": key}).status_code == 409
    assert other.get(f"/facilities/near/?lon={lon}&lat={lat}").json() == {"results": []}


# The admin --------------------------------------------------------------------------------------


def test_the_system_administrator_keeps_buildings_and_facilities(drawn: World) -> None:
    building, lamp = save(drawn), facility(drawn)
    client = browser(drawn.system_admin)
    lon, lat = place(1.5, 0.5)

    url = f"/admin/grids/building/{building.pk}/change/"
    assert client.get(url).status_code == 200
    given = {"estate": "军丽园", "name": "9号楼", "use": "office", "lon": lon, "lat": lat}
    assert client.post(url, {**given, "footprint": "null"}).status_code == 302
    building.refresh_from_db()
    assert (building.name, building.grid) == ("9号楼", drawn.second_grid)
    twice = client.post("/admin/grids/building/add/", {**given, "footprint": "null"})
    assert "该小区已有同名楼栋" in twice.content.decode()
    url = f"/admin/grids/facility/{lamp.pk}/change/"
    given = {"code": "7", "facility_class": "green", "kind": "树", "lon": lon, "lat": lat}
    assert client.post(url, given).status_code == 302
    lamp.refresh_from_db()
    assert (lamp.code, lamp.grid) == ("7", drawn.second_grid)
    assert client.get("/admin/grids/building/?q=军丽").status_code == 200
    seat = {"unit": drawn.sanitation.pk, "place": "和顺路1号", "lon": lon, "lat": lat}
    assert client.post("/admin/grids/seat/add/", seat).status_code == 302


def test_the_navigation_shows_where_one_is(world: World) -> None:
    """A page that no entry leads to is not a page of the cases'."""
    client = browser(world.grid_worker)

    def marked(url: str) -> list[str]:
        html = client.get(url).content.decode()
        return re.findall(r'<a[^>]*href="([^"]+)" aria-current="page"', html)

    assert marked("/m/") == ["/m/"]
    assert marked("/m/people/") == ["/m/people/"]
    assert marked("/m/places/") == []
