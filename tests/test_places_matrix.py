"""As test_people_matrix.py, of the places: buildings, houses, hazards, addresses and what stands in
the street, on desk and phone; their layers on the map; the imports. Places say nothing of anybody:
they have one wall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.base import ContentFile

from governance.models import User
from grids import addresses, places
from grids.models import Facility, Seat
from grids.place_import import jobs
from tests.areas import draw, place, square
from tests.builders import World, create_unit, create_user, shift_clock
from tests.case_builders import MONDAY
from tests.clients import Program, browser
from tests.people_builders import create_building, create_house
from tests.routes import routes_under, shape
from tests.test_people_matrix import moved
from tests.test_people_matrix import who as who_of_the_registers

pytestmark = pytest.mark.django_db
Row = Mapping[str, int]


@dataclass
class Scene:
    """A building with a house, a hazard in it, its address, and a lamp before it."""

    building: int
    house: int
    hazard: int
    address: int
    facility: int
    job: int
    kind: str = "buildings"  # of a file to import


@pytest.fixture
def scene(world: World) -> Scene:
    shift_clock(to=MONDAY)
    draw(world.grid, square(0, 0))
    draw(world.other_grid, square(50, 50))
    lon, lat = place(0.5, 0.5)
    address, _new = addresses.save(
        addresses.parse("军丽园社区8号楼"), by=world.clerk, now=MONDAY, point=(lon, lat)
    )
    building = create_building(world.grid, name="8号楼", lon=lon, lat=lat, address=address)
    house = create_house(world.grid, building=building)
    hazard = places.note_hazard(house, kind="gas", note="胶管老化", by=world.clerk, now=MONDAY)
    lamp = Facility(lon=lon, lat=lat, code="0101001", facility_class="utility", kind="路灯")
    station = create_unit(kind="station", name="军丽园网格站", parent=world.community)
    Seat.objects.create(unit=station, lon=lon, lat=lat, place="8号楼底商")
    trustee = create_user(role="clerk", unit=world.community, username="trustee")
    file = ContentFile("小区,楼栋\n军丽园,9号楼\n".encode(), name="a.csv")
    return Scene(
        building=building.pk,
        house=house.pk,
        hazard=hazard.pk,
        address=address.pk,
        facility=places.save_facility(lamp, by=world.clerk, now=MONDAY).pk,
        job=jobs.start(trustee, file, kind="buildings", now=MONDAY).pk,
    )


# W, S, C, A, D, O, P, M and N as in test_people_matrix.py; I began the import, and T as I and moved
# to another street today. L leads the community, V is a volunteer of the grid, and the rest are the
# administrators: of the system, of security, of the audit.
ROLES = {"L": "leader", "V": "correspondent", "X": "system_admin", "Y": "security_admin",
         "Z": "audit_admin"}  # fmt: skip
ALL = "WSCADOPMNITLVXYZ"


def who(world: World, relation: str) -> User:
    if relation in ROLES:
        return world.holder(ROLES[relation])
    if relation == "I":
        return User.objects.get(username="trustee")
    if relation == "T":
        return moved(User.objects.get(username="trustee"), world.other_community)
    return who_of_the_registers(world, relation)


def row(sees: str, shut: str = "") -> Row:
    """As in test_cases_matrix.py."""
    return {
        relation: 200 if relation in sees else 403 if relation in f"{shut}N" else 404
        for relation in ALL
    }


OFFICE = "DPXYZ"  # without doors: departments meet them in their cases, administrators nowhere
HERE = row("WCIALV", OFFICE)
EVERY_LIST = row("WSCAOMITLV", OFFICE)
EVERY_STREET = row("WSCADOPMITLV", "XYZ")  # departments mend what stands in the whole district
CHANGING = row("WCI", f"{OFFICE}ALV")
BEGINNING = row("WSCOMIT", f"{OFFICE}ALV")
IMPORTING = row("COITX", "WSADPMLVYZ")
MAP = row("WSCADOPMITLVXYZ")
PAGES: Mapping[str, Row] = {
    "places/": EVERY_LIST,
    "places/buildings/new/": BEGINNING,
    "places/buildings/{building}/": HERE,
    "places/buildings/{building}/edit/": CHANGING,
    "places/houses/{house}/": HERE,
    "places/addresses/?q=8号楼": EVERY_LIST,
    "places/addresses/{address}/": HERE,
    "places/facilities/": EVERY_STREET,
    "places/facilities/new/": BEGINNING,
    "places/facilities/{facility}/": row("WCIADPLV", "XYZ"),
    "places/facilities/{facility}/edit/": CHANGING,
    "places/imports/": IMPORTING,
    "places/imports/{kind}.csv": IMPORTING,
    "places/imports/{job}/": row("I", "WSADPMLVYZ"),
    "places/imports/{job}/refused.csv": row("I", "WSADPMLVYZ"),
    "grids/": MAP,
    "grids/boundaries.geojson": MAP,
    "grids/layers/stations/?bbox=117,38,118,40": MAP,
    "grids/layers/buildings/?bbox=117,38,118,40": EVERY_LIST,
    "grids/layers/facilities/?bbox=117,38,118,40": EVERY_STREET,
    "api/v1/grids/": MAP,
    "api/v1/grids/at/?lon=117.3005&lat=39.0005": MAP,
    "api/v1/facilities/near/?lon=117.3005&lat=39.0005": EVERY_STREET,
}
POSTS: Mapping[str, Row] = {
    **dict.fromkeys(
        (
            "places/buildings/{building}/edit/", "places/buildings/{building}/plan/",
            "places/buildings/{building}/house/", "places/buildings/{building}/end/",
            "places/houses/{house}/change/", "places/houses/{house}/hazard/",
            "places/houses/{house}/end/", "places/hazards/{hazard}/clear/",
            "places/addresses/{address}/merge/",
        ),
        CHANGING,
    ),
    "places/facilities/{facility}/edit/": CHANGING,
    "places/facilities/{facility}/end/": CHANGING,
    "places/imports/{job}/mapping/": row("I", "WSADPMLVYZ"),
    "places/imports/{job}/confirm/": row("I", "WSADPMLVYZ"),
}  # fmt: skip
# Lists, autocompletes and layers → what they name, and to whom.
LISTED: Mapping[str, tuple[str, str]] = {
    "places/": ("军丽园8号楼", "WCIALV"),
    "places/addresses/?q=8号楼": ("/addresses/{address}/", "WCIALV"),
    "places/facilities/": ("0101001", "WCIADPLV"),
    "places/imports/": ("/imports/{job}/", "I"),
    "grids/": ("军丽园第一网格", "WCIALVDPXYZ"),
    "grids/boundaries.geojson": ("军丽园第一网格", "WCIALVDPXYZ"),
    "grids/layers/stations/?bbox=117,38,118,40": ("8号楼底商", "CIALDPXYZ"),
    "grids/layers/buildings/?bbox=117,38,118,40": ("军丽园8号楼", "WCIALV"),
    "grids/layers/facilities/?bbox=117,38,118,40": ("0101001", "WCIADPLV"),
    "api/v1/grids/": ("军丽园第一网格", "WCIALVDPXYZ"),
    "api/v1/grids/at/?lon=117.3005&lat=39.0005": ("军丽园第一网格", "WCIALVDPXYZ"),
    "api/v1/facilities/near/?lon=117.3005&lat=39.0005": ("0101001", "WCIADPLV"),
}


def surfaces(page: str) -> tuple[str, ...]:
    both = page.startswith("places/") and not page.startswith("places/imports/")
    return ("", "m/") if both else ("",)


@pytest.mark.parametrize("relation", ALL)
def test_matrix(world: World, scene: Scene, relation: str) -> None:
    user, asked = who(world, relation), vars(scene)
    client, program = browser(user), Program(user)

    def get(page: str) -> Any:
        address = page.format(**asked)
        if page.startswith("api/v1"):
            return program.get(address.removeprefix("api/v1"))
        return client.get(f"/{address}")

    expected = {f"{s}{page}": at[relation] for page, at in PAGES.items() for s in surfaces(page)}
    got = {page: get(page) for page in expected}
    assert {page: answer.status_code for page, answer in got.items()} == expected
    for page, (what, sees) in LISTED.items():
        for surface in surfaces(page):
            answer = got[f"{surface}{page}"]
            told = answer.content.decode() if answer.status_code == 200 else ""
            assert (what.format(**asked) in told) == (relation in sees), surface + page
    for answer in got.values():
        if answer.streaming:
            list(answer.streaming_content)


@pytest.mark.parametrize("relation", ALL)
def test_nobody_else_changes_anything(world: World, scene: Scene, relation: str) -> None:
    client, asked = browser(who(world, relation)), vars(scene)
    expected = {
        f"{s}{page}": at[relation]
        for page, at in POSTS.items()
        for s in surfaces(page)
        if at[relation] != 200
    }
    got = {page: client.post(f"/{page.format(**asked)}", {}).status_code for page in expected}
    assert got == expected


def test_a_deactivated_worker_reaches_nothing(world: World, scene: Scene) -> None:
    client, program = browser(world.grid_worker), Program(world.grid_worker)
    User.objects.filter(pk=world.grid_worker.pk).update(is_active=False)
    for page in PAGES:
        address = page.format(**vars(scene))
        if page.startswith("api/v1"):
            assert program.get(address.removeprefix("api/v1")).status_code == 401, page
        else:
            assert client.get(f"/{address}").status_code == 302, page


def test_no_address_is_left_out() -> None:
    """A new page has to be put into the tables above."""
    known = {shape(s + p.partition("?")[0]) for p in (*PAGES, *POSTS) for s in surfaces(p)}
    rooms = ("places/", "m/places/", "grids/", "api/v1/grids/", "api/v1/facilities/")
    asked = {shape(f"{room}{route}") for room in rooms for route in routes_under(room)}
    assert asked - known == set()
