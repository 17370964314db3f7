"""The map and the API show the grids of one's own territory, and no others."""

from typing import Any

import pytest
from django.test import Client
from knox.models import AuthToken

from governance import actor
from governance.models import Unit, User
from grids import maps, territory
from grids.models import Grid
from tests.areas import area, draw, place, ring, square
from tests.builders import World, create_user, queries

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
