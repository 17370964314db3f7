"""Boundaries in the admin: drawn by the system administrator, checked as an import is."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from governance.models import User
from grids import geo
from grids.models import Grid
from tests.areas import area, draw, place, ring, square
from tests.builders import World

LIST = "/admin/grids/grid/"
WITH_HOLE = area([ring(0, 0, 4, 4), ring(1, 1)], [ring(9, 9)])
BOWTIE = area([[[*place(*xy)] for xy in ((0, 0), (2, 2), (2, 0), (0, 2), (0, 0))]])


@pytest.fixture
def grid(world: World) -> Grid:
    draw(world.second_grid, square(3, 0, 3, 3))
    world.grid.codes.create(scheme="grid", code="120110011001001", valid_from="2020-01-01")
    return draw(world.grid, WITH_HOLE)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(user: User, address: str, boundary: object, **fields: Any) -> HttpResponse:
    text = boundary if isinstance(boundary, str) else json.dumps(boundary)
    form = {
        "kind": "comprehensive",
        "dedicated_kind": "",
        "valid_from": "2020-01-01",
        "valid_to": "",
        "boundary": text,
    }
    return client_of(user).post(address, {**form, **fields})  # type: ignore[return-value]


def change_url(grid: Grid) -> str:
    return f"{LIST}{grid.pk}/change/"


def errors(answer: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = answer.context["adminform"].form.errors
    return found


def test_the_list_names_the_grids(world: World, grid: Grid) -> None:
    page = client_of(world.system_admin).get(LIST, {"q": "120110011001001"}).content.decode()

    assert "军丽园第一网格" in page
    assert "军丽园社区" in page
    assert "军丽园第二网格" not in page


def test_the_page_gives_the_boundary_to_the_map_and_names_the_neighbours(
    world: World, grid: Grid
) -> None:
    page = client_of(world.system_admin).get(change_url(grid))

    text = page.content.decode()
    shown = text.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    assert json.loads(shown.replace("&quot;", '"')) == WITH_HOLE
    assert "军丽园第二网格（重叠 28850 平方米）" in text
    assert "120110011001001" in text
    assert (
        "绘制多边形"
        in json.loads(text.partition('id="boundary-words"')[2].split(">")[1].split("<")[0])["draw"][
            "toolbar"
        ]["buttons"]["polygon"]
    )


def test_our_script_comes_after_those_it_extends(world: World, grid: Grid) -> None:
    text = client_of(world.system_admin).get(change_url(grid)).content.decode()

    scripts = ("leaflet/leaflet.js", "leaflet.draw.js", "leaflet.forms.js", "js/boundary.js")
    found = [text.index(script) for script in scripts]
    assert found == sorted(found)


def test_every_inline_script_carries_the_nonce(world: World, grid: Grid) -> None:
    page = client_of(world.system_admin).get(change_url(grid))

    nonce = page["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
    text = page.content.decode()
    inline = [tag for tag in text.split("<script")[1:] if " src=" not in tag.partition(">")[0]]
    for tag in inline:
        assert f'nonce="{nonce}"' in tag or 'type="application/json"' in tag.partition(">")[0]


def test_a_drawn_boundary_is_kept_and_followed(world: World, grid: Grid) -> None:
    answer = send(world.system_admin, change_url(grid), square(20, 20))

    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert geo.grid_at(*place(20.5, 20.5)) == world.grid.pk
    assert geo.grid_at(*place(0.5, 0.5)) is None


def test_an_unchanged_page_changes_nothing(world: World, grid: Grid) -> None:
    send(world.system_admin, change_url(grid), WITH_HOLE)

    assert Grid.objects.get(pk=grid.pk).boundary == WITH_HOLE


@pytest.mark.parametrize(
    ("boundary", "said"),
    [
        (BOWTIE, "自相交 @ 117.301 39.001"),
        ({"type": "Point", "coordinates": [1, 2]}, "应为面（Polygon 或 MultiPolygon），不是 Point"),
        ("", "该字段是必填项。"),
        ("{", "输入一个有效的JSON。"),
        ({}, "应为面（Polygon 或 MultiPolygon），不是 None"),
        ({"type": "Polygon"}, "读不出坐标"),
        (
            '{"type": "Polygon", "coordinates": [[[NaN, 1], [2, 2], [3, 3], [NaN, 1]]]}',
            "读不出坐标",
        ),
    ],
)
def test_a_bad_boundary_is_a_form_error(
    world: World, grid: Grid, boundary: object, said: str
) -> None:
    answer = send(world.system_admin, change_url(grid), boundary)

    assert answer.status_code == 200
    (error,) = errors(answer)["boundary"]
    assert error.startswith(said)
    assert Grid.objects.get(pk=grid.pk).boundary == WITH_HOLE


def test_other_nonsense_is_a_form_error_too(world: World, grid: Grid) -> None:
    answer = send(
        world.system_admin,
        change_url(grid),
        WITH_HOLE,
        dedicated_kind="school",
        valid_to="2019-12-31",
    )

    assert errors(answer)["__all__"] == ["只有专属网格才有专属类别。", "失效日期不能早于生效日期。"]


def test_a_grid_unit_without_ground_gets_some(world: World, grid: Grid) -> None:
    page = client_of(world.system_admin).get(f"{LIST}add/")
    free = page.context["adminform"].form.fields["unit"].queryset
    assert [unit.name for unit in free] == ["春霞里第一网格", "春霞里第二网格"]

    send(world.system_admin, f"{LIST}add/", square(50, 50), unit=world.other_grid.pk)
    assert geo.grid_at(*place(50.5, 50.5)) == world.other_grid.pk

    taken = send(world.system_admin, f"{LIST}add/", square(60, 60), unit=world.community.pk)
    assert "unit" in errors(taken)


def test_the_other_administrators_look_only(world: World, grid: Grid) -> None:
    page = client_of(world.audit_admin).get(change_url(grid))

    assert page.status_code == 200
    assert "boundary" not in page.context["adminform"].form.fields
    assert send(world.audit_admin, change_url(grid), square(20, 20)).status_code == 403
    assert client_of(world.audit_admin).get(f"{LIST}add/").status_code == 403


def test_nobody_deletes_a_grid(world: World, grid: Grid) -> None:
    assert client_of(world.system_admin).post(f"{LIST}{grid.pk}/delete/").status_code == 403
