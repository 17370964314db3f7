"""As test_people_matrix.py, of what is at the doors: entities, lettings, declarations, joint units;
and of what is asked about people: imports, exports, requests of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import ProgrammingError, transaction
from django.db.models import Model, Q

from governance import scope, timers
from governance.models import LEVELS, User
from people import access, entities, exports, joint, rights, sheets, visits
from people.entities import Papers, Spot
from people.import_jobs import jobs
from people.models import Claimant, Export, RightsRequest, RightsStep, Sheet, VisitPlan
from people.rights import Claim
from tests.builders import World, create_user
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.people_builders import TODAY, create_house, create_person, number
from tests.routes import routes_under
from tests.test_entities import create_entity
from tests.test_people_matrix import ELSEWHERE, moved, who
from tests.test_tenancies import code_for, declare, letting

pytestmark = pytest.mark.django_db
Expected = Mapping[str, Mapping[str, int]]


@dataclass
class Scene:
    """What hangs on one door, and what the clerk has asked for."""

    house: int
    household: int
    entity: int
    licence: int
    tenancy: int
    declaration: str
    unit: int
    member: int
    job: int
    export: int
    request: str
    kind: str = "people"


def stage(world: World) -> Scene:
    by: dict[str, Any] = {"by": world.grid_worker, "now": MONDAY}
    house = create_house(world.grid)
    home = create_person(world, house).residency
    neighbour = create_person(world, name="赵六").residency
    unit = joint.form(home, "一单元联户", **by)
    member = joint.admit(unit, neighbour.household, **by)
    entity = create_entity(world, Spot(house=house))
    licence = entities.add_licence(entity, Papers(kind="food", number="JY1", issued_on=TODAY), **by)
    tenancy, declared = letting(world, house), declare(world, create_house(world.grid))
    code_for(world, house)
    text = "姓名,小区,楼栋,房号\n张三,军丽园,1号楼,101\n"
    job = jobs.start(world.clerk, ContentFile(text.encode(), name="a.csv"), now=MONDAY)
    export = exports.ask(
        unit_id=world.community.pk, fields=["name"], form="csv", is_clear=False,
        reason="核对", by=world.clerk, now=MONDAY,
    )  # fmt: skip
    claim = Claim("see", "李四", "13812345678", number(), world.community.pk)
    return Scene(
        house=house.pk,
        household=create_person(world, name="孙七").residency.household_id,
        entity=entity.pk,
        licence=licence.pk,
        tenancy=tenancy.pk,
        declaration=str(declared.pk),
        unit=unit.pk,
        member=member.pk,
        job=job.pk,
        export=export.pk,
        request=rights.ask(claim, by=world.clerk, now=MONDAY).number,
    )


# Page → what each relation gets, as in test_people_matrix.py: W works at the door, S in the grid
# beside, C in the community above, A in the street above, D in a department, O in another street;
# M worked here and moved to another street, N holds no post any more; T is C, who moved as well.
FIELD = {"W": 200, "S": 200, "C": 200, "A": 403, "D": 403, "O": 200}
AT_DOOR = {"W": 200, "S": 404, "C": 200, "A": 403, "D": 403, "O": 404}
CLERKS = {"W": 403, "S": 403, "C": 200, "A": 403, "D": 403, "O": 200}
ITS_CLERK = {"W": 403, "S": 403, "C": 200, "A": 403, "D": 403, "O": 404}
PAGES: Expected = {
    "people/entities/": FIELD,
    "people/entities/where/": FIELD,
    "people/entities/new/?house={house}": AT_DOOR,
    "people/entities/{entity}/": AT_DOOR,
    "people/tenancies/": FIELD,
    "people/tenancies/houses/?q=1": FIELD,
    "people/tenancies/houses/{house}/": AT_DOOR,
    "people/tenancies/{tenancy}/": AT_DOOR,
    "people/declarations/{declaration}/": AT_DOOR,
    "people/joint/": FIELD,
    "people/joint/new/?q=1": FIELD,
    "people/joint/new/{household}/": AT_DOOR,
    "people/joint/{unit}/": AT_DOOR,
    "people/imports/": CLERKS,
    "people/imports/{kind}.csv": CLERKS,
    "people/imports/{job}/": ITS_CLERK,
    "exports/": CLERKS,
    "rights/": CLERKS,
    "rights/new/": CLERKS,
    "rights/{request}/": ITS_CLERK,
}
# Houses are places: no second wall. Of a request the wall is around who makes it.
ONE_WALL = (
    "people/entities/new/?house={house}",
    "people/tenancies/houses/{house}/",
)
# What those get who may not; who may would change what the others are to meet.
NOT_AT_DOOR = {"S": 404, "A": 403, "D": 403, "O": 404}
NOT_ITS_CLERK = {"W": 403, "S": 403, "A": 403, "D": 403, "O": 404}
POSTS: Expected = {
    "people/entities/{entity}/reveal/": NOT_AT_DOOR,
    "people/entities/{entity}/close/": NOT_AT_DOOR,
    "people/licences/{licence}/renew/": NOT_AT_DOOR,
    "people/licences/{licence}/end/": NOT_AT_DOOR,
    "people/tenancies/houses/{house}/code/": NOT_AT_DOOR,
    "people/tenancies/{tenancy}/reveal/": NOT_AT_DOOR,
    "people/tenancies/{tenancy}/end/": NOT_AT_DOOR,
    "people/declarations/{declaration}/open/": NOT_AT_DOOR,
    "people/declarations/{declaration}/confirm/": NOT_AT_DOOR,
    "people/declarations/{declaration}/refuse/": NOT_AT_DOOR,
    "people/joint/{unit}/head/": NOT_AT_DOOR,
    "people/joint/{unit}/dissolve/": NOT_AT_DOOR,
    "people/joint/{unit}/admit/{household}/": NOT_AT_DOOR,
    "people/joint/members/{member}/release/": NOT_AT_DOOR,
    "people/imports/{job}/mapping/": NOT_ITS_CLERK,
    "people/imports/{job}/confirm/": NOT_ITS_CLERK,
    "people/imports/{job}/refused/": NOT_ITS_CLERK,
    "exports/{export}/decide/": {**NOT_ITS_CLERK, "O": 403},  # clerks ask, leaders decide
    "exports/{export}/file/": NOT_ITS_CLERK,
    "rights/{request}/reveal/": NOT_ITS_CLERK,
    "rights/{request}/verify/": NOT_ITS_CLERK,
    "rights/{request}/copy/": NOT_ITS_CLERK,
    "rights/{request}/end/": NOT_ITS_CLERK,
}
DESK_ALONE = ("people/imports/", "exports/")


def surfaces(page: str) -> tuple[str, ...]:
    return ("/",) if page.startswith(DESK_ALONE) else ("/", "/m/")


# T gets what the other street's clerk gets; the rest as in test_people_matrix.py.
LIKE = {"M": "S", "N": "S", "T": "O"}


def given(page: Mapping[str, int], relation: str) -> int:
    return 403 if relation == "N" else page[LIKE.get(relation, relation)]


def visitor(world: World, relation: str) -> User:
    return moved(world.clerk, world.other_community) if relation == "T" else who(world, relation)


@pytest.mark.parametrize("relation", "WSCADOMNT")
@pytest.mark.parametrize("walls", ["both", "row-level security alone"])
def test_matrix(
    world: World, scene: Scene, monkeypatch: pytest.MonkeyPatch, relation: str, walls: str
) -> None:
    client = browser(visitor(world, relation))
    pages = dict(PAGES)
    if walls != "both":

        def anywhere(user: User, permission: str = "person.see") -> Q:
            return Q()

        monkeypatch.setattr(access, "within", anywhere)
        for page in ONE_WALL:
            pages.pop(page)
    expected = {
        f"{prefix}{page}": given(row, relation)
        for page, row in pages.items()
        for prefix in surfaces(page)
    }
    got = {page: client.get(page.format(**vars(scene))) for page in expected}
    assert {page: answer.status_code for page, answer in got.items()} == expected
    sees = relation in "WC"
    told = {page: answer.content.decode() for page, answer in got.items()}
    assert ("便民超市" in told["/people/entities/"]) == sees
    assert ("一单元联户" in told["/people/joint/"]) == sees
    assert (f"/tenancies/{scene.tenancy}/" in told["/people/tenancies/"]) == sees
    for prefix in ("/", "/m/"):
        link = f"{prefix}rights/{scene.request}/"
        assert told[f"{prefix}rights/"].count(f'"{link}"') == (relation == "C")
    # who asked for an export goes on seeing that, and gets the file no more (below)
    assert told["/exports/"].count(f"DC{scene.export:06d}") == (relation in "CT")
    assert (f"/imports/{scene.job}/" in told["/people/imports/"]) == (relation == "C")


@pytest.mark.parametrize("relation", "WSADOMNT")
def test_nobody_else_changes_anything(world: World, scene: Scene, relation: str) -> None:
    client = browser(visitor(world, relation))
    like = LIKE.get(relation, relation)
    expected = {
        f"{prefix}{page}": given(row, relation)
        for page, row in POSTS.items()
        for prefix in surfaces(page)
        if like in row and not (relation == "T" and page.startswith("exports/"))
    }
    got = {page: client.post(page.format(**vars(scene)), {"reason": "x"}) for page in expected}
    assert {page: answer.status_code for page, answer in got.items()} == expected


# What can be taken along: the file of an export is who asked for it's alone, the copy of what is
# held, who handles the request's, the rows that a file was refused for, the importer's.
FILES: Expected = {
    "exports/{export}/file/": {**NOT_ITS_CLERK, "C": 200, "L": 404, "K": 404, "T": 302},
    "rights/{request}/copy/": {**NOT_ITS_CLERK, "C": 200, "L": 403, "K": 200, "T": 404},
    "people/imports/{job}/refused/": {**NOT_ITS_CLERK, "C": 200, "L": 403, "K": 404, "T": 404},
}


@pytest.mark.parametrize("relation", "WSCADOLKTN")
@pytest.mark.parametrize("walls", ["both", "row-level security alone"])
def test_files_are_handed_out_to_whose_they_are(
    world: World, scene: Scene, monkeypatch: pytest.MonkeyPatch, relation: str, walls: str
) -> None:
    """L: leads here, and approved the export; K: another clerk of the community; N: who asked, and
    holds no post any more."""
    access.enter(world.clerk)
    export = Export.objects.get(pk=scene.export)
    exports.decide(export, granted=True, by=world.leader, now=MONDAY)
    timers.sweep()
    request = rights.request_for(world.clerk, scene.request)
    rights.verify(request, proof="document", in_register=False, by=world.clerk, now=MONDAY)
    colleague = create_user(role="clerk", unit=world.community)
    others = {"L": world.leader, "K": colleague}
    user = others[relation] if relation in others else visitor(world, relation)
    if relation == "N":
        user = moved(world.clerk)
    scope.enter(())  # as in a transaction of its own
    if walls != "both":
        monkeypatch.setattr(access, "within", lambda user, permission="": Q())
    client = browser(user)
    got = {page: client.post(f"/{page.format(**vars(scene))}", {"form": "json"}) for page in FILES}
    assert {page: answer.status_code for page, answer in got.items()} == {
        page: 403 if relation == "N" else row[relation] for page, row in FILES.items()
    }
    for answer in got.values():
        answer.close()
    files = {page for page, answer in got.items() if "Content-Disposition" in answer.headers}
    assert files == {page for page, row in FILES.items() if row.get(relation) == 200}


@pytest.fixture
def planned(world: World, scene: Scene) -> Scene:
    """Visits planned by the community, and the sheets of its grids."""
    visits.plan(
        world.community, name="冬季走访", aims=["care"], every_weeks=4, begins_on=TODAY,
        ends_on=None, by=world.station_lead, now=MONDAY,
    )  # fmt: skip
    sheets.write("week", MONDAY + timedelta(days=7))
    return scene


# Row-level security without any query of ours: table → whose transactions see its row. L leads.
SEEN: dict[type[Model], str] = {
    VisitPlan: "WSCL",
    Sheet: "WCL",
    **dict.fromkeys((Export, RightsRequest, RightsStep, Claimant), "CL"),
}


@pytest.mark.parametrize("model", SEEN)
def test_the_database_alone_tells_whose_they_are(
    world: World, planned: Scene, model: type[Model]
) -> None:
    people = {relation: who(world, relation) for relation in "WSCADO"} | {"L": world.leader}
    rows = model._base_manager.all()
    if model is Sheet:  # the grid beside has its own
        rows = rows.filter(grid=world.grid)
    permission = "visit.see" if model in (VisitPlan, Sheet) else "right.erase"
    seen = ""
    for relation, user in people.items():
        access.enter(user, permission)
        seen += relation if rows.exists() else ""
    assert seen == SEEN[model]
    scope.enter(())
    assert not rows.exists()


@pytest.mark.parametrize("model", [VisitPlan, Sheet, Export, RightsRequest])
def test_the_database_alone_lets_nothing_be_put_elsewhere(
    world: World, planned: Scene, model: type[Model]
) -> None:
    scope.enter([world.community.pk], world.clerk.pk)
    row = model._base_manager.order_by("pk").filter(community=world.community)
    elsewhere = {level: getattr(world.other_community, level) for level in LEVELS}
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        row.update(**elsewhere)
    scope.enter([world.grid.pk], world.grid_worker.pk)
    if model is VisitPlan:  # seen from below, changed where it was made
        assert row.exists()
        assert row.update(name="我的") == 0


# Who has a post here or above, and what it gives of the pages; of all others nothing.
ENTITIES = dict.fromkeys(("people/entities/", "people/entities/{entity}/"), 200)
RIGHTS = dict.fromkeys(("rights/", "rights/{request}/"), 200)
OTHER_ROLES: dict[str, dict[str, int]] = {
    "leader": ENTITIES | RIGHTS | {"exports/": 200},
    "grid_leader": {page: row["W"] for page, row in PAGES.items()},
    "department_lead": {},
    "station_lead": {page: row["C"] for page, row in PAGES.items()}
    | {"people/imports/{job}/": 404, "exports/": 403, "rights/new/": 403},
    "supervisor": {"exports/": 200},
    **{key: {} for key in ("grid_guide", "correspondent", "household_head", "co_opted")},
    **{key: {} for key in ("system_admin", "security_admin", "audit_admin")},
}


@pytest.mark.parametrize("username", OTHER_ROLES)
def test_the_other_roles(world: World, scene: Scene, username: str) -> None:
    client, gives = browser(getattr(world, username)), OTHER_ROLES[username]
    expected = {
        f"{prefix}{page}": gives.get(page, 403) for page in PAGES for prefix in surfaces(page)
    }
    got = {page: client.get(page.format(**vars(scene))).status_code for page in expected}
    assert got == expected


def test_a_deactivated_worker_reaches_nothing(world: World, scene: Scene) -> None:
    client = browser(world.grid_worker)
    User.objects.filter(pk=world.grid_worker.pk).update(is_active=False)
    for page in (*PAGES, *POSTS):
        ask = client.get if page in PAGES else client.post
        answer = ask(f"/{page.format(**vars(scene))}")
        assert (answer.status_code, answer.headers["Location"][:7]) == (302, "/login/"), page


def test_no_address_is_left_out() -> None:
    """A new page has to be put into the tables above."""
    known = {shape(page.partition("?")[0]) for page in (*PAGES, *POSTS)}
    asked = {f"people/{r}" for r in routes_under("people/") if r.startswith(ELSEWHERE)}
    asked |= {f"{room}{r}" for room in ("exports/", "rights/") for r in routes_under(room)}
    assert {shape(route) for route in asked} - known == set()


def shape(route: str) -> str:
    """An address with what stands for a row, or for a verb on one, as one sign."""
    plain = re.sub(r"[<{][^>}]*[>}]", "*", route)
    return plain.replace("*/close/", "*/*/").replace("tenancies/*/end/", "tenancies/*/*/")
