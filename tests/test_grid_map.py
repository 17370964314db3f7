"""The map and the API show the grids of one's own territory, and no others."""

import re
from typing import Any

import pytest
from django.test import Client
from knox.models import AuthToken

from governance import actor
from governance.models import Unit, User
from grids import map_layers, maps, sheet, territory
from grids.models import Facility, Grid, Seat
from tests.areas import area, draw, place, ring, square
from tests.builders import World, create_post, create_unit, create_user, queries
from tests.case_builders import create_case
from tests.people_builders import create_building, create_house, create_person

BOUNDARIES = "/grids/boundaries.geojson"


@pytest.fixture
def drawn(world: World) -> World:
    draw(world.grid, area([ring(0, 0, 4, 4), ring(1, 1)]))
    draw(world.second_grid, square(4, 0, 2, 4))
    draw(world.other_grid, square(0, 100), kind="dedicated", dedicated_kind="hospital")
    draw(world.other_second_grid, square(9, 9), valid_to="2021-01-01")
    return world


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(user: User, query: str = "") -> list[str]:
    answer = client_of(user).get(BOUNDARIES + query)
    assert answer.status_code == 200
    return [feature["properties"]["name"] for feature in answer.json()["features"]]


HERE = ["军丽园第一网格", "军丽园第二网格"]
ALL = [*HERE, "春霞里第一网格"]


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("leader", HERE),
        ("clerk", HERE),
        ("dispatcher", HERE),
        ("grid_worker", ["军丽园第一网格"]),
        ("household_head", ["军丽园第一网格"]),
        ("outsider", ["春霞里第一网格"]),
        ("other_grid_worker", ["春霞里第一网格"]),
        # no territory of their own: the district of their posts
        ("handler", ALL),
        ("department_lead", ALL),
        ("system_admin", ALL),
    ],
)
def test_each_sees_the_grids_of_their_own_territory(
    drawn: World, who: str, seen: list[str]
) -> None:
    assert sorted(shown(getattr(drawn, who))) == sorted(seen)


def test_two_posts_show_two_territories(drawn: World) -> None:
    both = create_user(role="grid_worker", unit=drawn.second_grid)
    both.posts.create(role="handler", unit=drawn.police, valid_from="2020-01-01")
    both.posts.create(role="grid_worker", unit=drawn.other_grid, valid_from="2020-01-01")

    assert shown(both) == ["军丽园第二网格", "春霞里第一网格"]


def test_another_district_is_not_on_the_map(drawn: World) -> None:
    elsewhere = Unit.objects.create(kind="district", name="吴中区", valid_from="2020-01-01")
    Unit.objects.filter(pk=elsewhere.pk).update(district=elsewhere)
    department = Unit.objects.create(
        kind="department",
        name="城管局",
        parent=elsewhere,
        district=elsewhere,
        valid_from="2020-01-01",
    )

    assert shown(create_user(role="handler", unit=department)) == []


def test_one_must_log_in_and_hold_a_post(drawn: World) -> None:
    assert Client().get(BOUNDARIES).status_code == 302
    assert client_of(create_user()).get(BOUNDARIES).status_code == 403
    assert client_of(create_user()).get("/grids/").status_code == 403


def test_a_feature_says_what_the_map_needs(drawn: World) -> None:
    found = client_of(drawn.other_grid_worker).get(BOUNDARIES)

    assert found["Content-Type"] == "application/geo+json"
    assert found.json() == {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": drawn.other_grid.pk,
                "properties": {
                    "id": drawn.other_grid.pk,
                    "name": "春霞里第一网格",
                    "kind": "dedicated",
                    "community": "春霞里社区",
                    "units": [drawn.district.pk, drawn.other_street.pk, drawn.other_community.pk],
                },
                "geometry": square(0, 100),
            }
        ],
    }


def test_the_map_draws_holes_and_six_decimals(drawn: World) -> None:
    grid = Grid.objects.get(unit=drawn.grid)
    fine = ring(0, 0, 4, 4)
    fine[1][0] += 0.0000004
    grid.boundary = area([fine, ring(1, 1)])
    territory.save(grid)

    (feature,) = client_of(drawn.grid_worker).get(BOUNDARIES).json()["features"]

    assert feature["geometry"] == area([ring(0, 0, 4, 4), ring(1, 1)])


def test_the_map_of_one_unit(drawn: World) -> None:
    assert shown(drawn.handler, f"?unit={drawn.other_street.pk}") == ["春霞里第一网格"]
    assert shown(drawn.handler, f"?unit={drawn.second_grid.pk}") == ["军丽园第二网格"]
    # asking for what is not one's own gives nothing away
    assert shown(drawn.outsider, f"?unit={drawn.street.pk}") == []
    client = client_of(drawn.handler)
    for nonsense in ("0", "x", "²", "-1", "9" * 9):
        assert client.get(f"{BOUNDARIES}?unit={nonsense}").status_code == 404


def test_unchanged_boundaries_are_not_sent_again(drawn: World) -> None:
    client = client_of(drawn.clerk)
    tag = client.get(BOUNDARIES)["ETag"]

    assert client.get(BOUNDARIES, headers={"If-None-Match": tag}).status_code == 304
    other_scope = client_of(drawn.outsider).get(BOUNDARIES, headers={"If-None-Match": tag})
    assert other_scope.status_code == 200
    one_unit = client.get(f"{BOUNDARIES}?unit={drawn.grid.pk}", headers={"If-None-Match": tag})
    assert one_unit.status_code == 200

    Grid.objects.filter(unit=drawn.grid).update(kind="dedicated")
    assert client.get(BOUNDARIES, headers={"If-None-Match": tag}).status_code == 200


def test_the_map_costs_the_same_for_one_grid_and_for_three(drawn: World) -> None:
    for user in (drawn.other_grid_worker, drawn.handler):
        maps.collection(maps.rows(user))  # fills the process's memory
        user.__dict__.pop("_held_posts")
        with actor.acting(user.pk, "desk"), queries(1):  # the grids
            maps.collection(maps.rows(user))


def listed(user: User) -> list[tuple[int, str, int | None]]:
    page = client_of(user).get("/grids/")
    assert page.status_code == 200
    return [(unit.level, unit.name, unit.count) for unit in page.context["units"]]


def test_the_page_lists_the_units_with_their_grids(drawn: World) -> None:
    assert listed(drawn.handler) == [
        (1, "东丽区", 3),
        (2, "军粮城街道", 2),
        (3, "军丽园社区", 2),
        (4, "军丽园第一网格", None),
        (4, "军丽园第二网格", None),
        (2, "无瑕街道", 1),
        (3, "春霞里社区", 1),
        (4, "春霞里第一网格", None),
    ]


def test_a_long_list_stops_above_the_grids(drawn: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "LISTED", 2)

    assert [name for _, name, _ in listed(drawn.handler)] == [
        "东丽区",
        "军粮城街道",
        "军丽园社区",
        "无瑕街道",
        "春霞里社区",
    ]


def test_the_page_works_without_any_grid(world: World) -> None:
    assert listed(world.handler) == []
    assert shown(world.handler) == []


def test_the_page_asks_for_the_boundaries_of_its_unit(drawn: World) -> None:
    page = client_of(drawn.handler).get(f"/grids/?unit={drawn.street.pk}")

    assert page.context["boundary_url"] == f"{BOUNDARIES}?unit={drawn.street.pk}"


def api(user: User, path: str) -> Any:
    _, token = AuthToken.objects.create(user)
    return Client().get(f"/api/v1/{path}", headers={"Authorization": f"Token {token}"})


def test_the_api_gives_the_same_boundaries(drawn: World) -> None:
    found = api(drawn.clerk, "grids/").json()

    assert [feature["properties"]["name"] for feature in found["features"]] == HERE
    assert api(drawn.clerk, f"grids/?unit={drawn.other_street.pk}").json()["features"] == []
    assert api(create_user(), "grids/").status_code == 403
    assert Client().get("/api/v1/grids/").status_code == 401


def test_the_api_finds_the_grid_of_a_point(drawn: World) -> None:
    drawn.grid.codes.create(scheme="grid", code="120110011001001", valid_from="2020-01-01")
    lon, lat = place(0.5, 0.5)

    assert api(drawn.clerk, f"grids/at/?lon={lon}&lat={lat}").json() == {
        "grid": {
            "id": drawn.grid.pk,
            "name": "军丽园第一网格",
            "code": "120110011001001",
            "kind": "comprehensive",
            "community": "军丽园社区",
        }
    }


def test_the_api_does_not_tell_of_grids_out_of_scope(drawn: World) -> None:
    lon, lat = place(0.5, 0.5)
    assert api(drawn.outsider, f"grids/at/?lon={lon}&lat={lat}").json() == {"grid": None}
    lon, lat = place(50, 50)
    assert api(drawn.clerk, f"grids/at/?lon={lon}&lat={lat}").json() == {"grid": None}


@pytest.mark.parametrize(
    "query", ["", "?lon=117", "?lon=x&lat=39", "?lon=181&lat=39", "?lon=nan&lat=1"]
)
def test_the_api_wants_a_point_on_earth(drawn: World, query: str) -> None:
    answer = api(drawn.clerk, f"grids/at/{query}")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


# Layers -----------------------------------------------------------------------------------------

ALL_OVER = "?bbox=117,38.9,118,40"


def layer(user: User, name: str, query: str = ALL_OVER) -> Any:
    answer = client_of(user).get(f"/grids/layers/{name}/{query}")
    assert answer.status_code == 200
    return answer.json()


def test_the_map_offers_the_layers_one_may_see(drawn: World) -> None:
    def offered(user: User) -> list[str]:
        html = client_of(user).get("/grids/").content.decode()
        return re.findall(r'data-layer="(\w+)"', html)

    everything = ["grids", "stations", "buildings", "facilities", "cases"]
    assert offered(drawn.clerk) == everything
    assert offered(drawn.system_admin) == ["grids", "stations"]
    assert (
        client_of(drawn.system_admin).get(f"/grids/layers/buildings/{ALL_OVER}").status_code == 403
    )


def test_buildings_and_facilities_of_the_viewport(
    drawn: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lon, lat = place(0.5, 0.5)
    for n in range(3):
        create_building(drawn.grid, name=f"{n}号楼", lon=lon, lat=lat)
    outlined = create_building(drawn.grid, name="8号楼", lon=lon, lat=lat, footprint=square(0, 0))
    create_building(drawn.grid, name="无点")
    create_building(drawn.other_grid, name="别处", lon=lon, lat=lat)
    gone = create_building(drawn.grid, name="拆了", lon=lon, lat=lat, is_active=False)
    lamp = Facility.objects.create(
        code="1",
        kind="路灯",
        facility_class="utility",
        lon=lon,
        lat=lat,
        community=drawn.community,
        grid=drawn.grid,
    )

    found = layer(drawn.clerk, "buildings")
    assert found["total"] == 4
    assert gone.pk not in [row[3] for row in found["points"]]
    (own,) = [row for row in found["points"] if row[3] == outlined.pk]
    assert own == [lon, lat, "军丽园8号楼", outlined.pk, "residential", square(0, 0)]
    assert found["uses"]["residential"] == "住宅"
    assert layer(drawn.clerk, "facilities")["points"] == [[lon, lat, "路灯 1", lamp.pk, "utility"]]
    assert layer(drawn.clerk, "buildings", "?bbox=1,2,3,4")["points"] == []
    monkeypatch.setattr(map_layers, "MOST", 2)
    cut = layer(drawn.clerk, "buildings")
    assert (len(cut["points"]), cut["total"]) == (2, 4)
    for nonsense in ("", "?bbox=1,2,3", "?bbox=3,2,1,4", "?bbox=a,b,c,d"):
        answer = client_of(drawn.clerk).get(f"/grids/layers/buildings/{nonsense}")
        assert answer.status_code == 400


def test_stations_stand_where_they_are(drawn: World) -> None:
    lon, lat = place(0.5, 0.5)
    near = create_unit(kind="station", name="军丽园网格站", parent=drawn.community)
    far = create_unit(kind="station", name="春霞里网格站", parent=drawn.other_community)
    for unit in (near, far):
        Seat.objects.create(unit=unit, lon=lon, lat=lat, place="和顺路1号")

    assert layer(drawn.clerk, "stations")["points"] == [[lon, lat, "军丽园网格站", "和顺路1号"]]
    assert len(layer(drawn.handler, "stations")["points"]) == 2
    assert layer(drawn.clerk, "stations", "?bbox=1,2,3,4")["total"] == 0


def test_the_sheet_of_a_grid(drawn: World) -> None:
    lon, lat = place(2.5, 0.5)
    building = create_building(drawn.grid, name="3号楼", lon=lon, lat=lat)
    create_building(drawn.grid, name="4号楼", footprint=square(2, 2), lon=lon, lat=lat)
    house = create_house(drawn.grid, building=building, use="rented")
    create_person(drawn, house)
    create_case(drawn)
    create_post(role="household_head", unit=drawn.grid, member_name="张三")
    station = create_unit(kind="station", name="军丽园网格站", parent=drawn.community)
    Seat.objects.create(unit=station, lon=lon, lat=lat, place="和顺路1号")
    url = f"/grid-map/{drawn.grid.pk}/sheet/"

    page = client_of(drawn.clerk).get(url)

    assert dict(page.context["figures"]) == {
        "楼栋": 2,
        "房屋": 1,
        "住户": 1,
        "出租房屋": 1,
        "未消除隐患": 0,
        "公共部件": 0,
        "在办事件": 1,
    }
    html = page.content.decode()
    assert "张三" in html
    assert "军丽园网格站 · 和顺路1号" in html
    assert "<svg" in html
    assert "style=" not in html
    # who may not see people is not told how many there are
    assert "住户" not in dict(client_of(drawn.leader).get(url).context["figures"])
    assert client_of(drawn.system_admin).get(url).context["figures"] == []
    assert client_of(drawn.outsider).get(url).status_code == 404
    assert client_of(drawn.clerk).get(f"/grid-map/{drawn.community.pk}/sheet/").status_code == 404
    assert url in client_of(drawn.clerk).get("/grids/").content.decode()


def test_names_on_a_sheet_do_not_lie_over_one_another() -> None:
    shown = sheet.apart([((10, 10), "1号楼"), ((20, 12), "2号楼"), ((10, 60), "3号楼")])

    assert [name for _x, _y, name in shown] == ["1号楼", "3号楼"]
