"""Who reaches what of the registers: each address of people/ for each relation to the person, on
desk and phone; and again without the filters of the queries, when the database alone holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db.models import Q

from governance import clock, outbox, timers
from governance.models import Message, Post, Unit, User
from people import access, registering, sheets, support, visits
from people.models import Household, SupportKind
from people.support import Member
from tests.builders import World, create_post, create_user, shift_clock
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.people_builders import TODAY, create_house, create_person, number
from tests.routes import routes_under

pytestmark = pytest.mark.django_db


@dataclass
class Scene:
    """One person with all that hangs on them, one who moved away, and a neighbour to visit."""

    person: str
    gone: str
    left: int
    house: int
    household: int
    residency: int
    visit: str
    sheet: int
    plan: int
    step: int
    rounds: int
    member: str


def stage(world: World) -> Scene:
    house = create_house(world.grid)
    done = create_person(world, house)
    gone = create_person(world)
    registering.move_out(gone.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    visit = visits.visit(
        done.residency.household, aims=["care"], note="说过的话", by=world.grid_worker, now=MONDAY
    )
    create_person(world, name="赵六")
    rounds = visits.plan(
        world.community, name="冬季走访", aims=["care"], every_weeks=4, begins_on=TODAY,
        ends_on=None, by=world.station_lead, now=MONDAY,
    )  # fmt: skip
    sheets.write("week", MONDAY + timedelta(days=7))
    kind = SupportKind.objects.get(code="alone")
    plan = support.begin(
        done.person, kind, goal="看望", basis="consent", agreed="当面", by=world.grid_worker,
        team=[Member("officer", world.police_handler)], officer_agreed=True, now=MONDAY,
    )  # fmt: skip
    step = support.agree_step(
        plan, "看望", TODAY + timedelta(days=1), by=world.grid_worker, now=MONDAY
    )
    return Scene(
        person=str(done.person.pk),
        gone=str(gone.person.pk),
        left=gone.residency.pk,
        house=house.pk,
        household=done.residency.household_id,
        residency=done.residency.pk,
        visit=visit.number,
        sheet=sheets.visible(world.grid_worker).get().pk,
        plan=plan.pk,
        step=step.pk,
        rounds=rounds.pk,
        member=str(plan.team.get(role="officer").pk),
    )


# Page → what each relation gets. W: works at the door here; S: the grid beside; C: the community
# above; A: the street above; D: a department; O: another street's; P: the officer of the plan.
# And by `given`, M: worked here, and moved to another street today; N: worked here, and holds no
# post any more; L: was the officer of the plan, and left its team.
GONE = {"W": 404, "S": 404, "C": 404, "A": 403, "D": 403, "O": 404, "P": 403}
PAGES: dict[str, dict[str, int]] = {
    "": {"W": 200, "S": 200, "C": 200, "A": 403, "D": 403, "O": 200, "P": 403},
    "{person}/": {"W": 200, "S": 404, "C": 200, "A": 403, "D": 403, "O": 404, "P": 403},
    "{gone}/": GONE,
    "houses/?q=1": {"W": 200, "S": 200, "C": 200, "A": 403, "D": 403, "O": 200, "P": 403},
    "new/{house}/": {"W": 200, "S": 404, "C": 200, "A": 403, "D": 403, "O": 404, "P": 403},
    "{person}/move-in/{house}/": {
        "W": 200, "S": 404, "C": 200, "A": 403, "D": 403, "O": 404, "P": 403,
    },
    "{person}/ask/death/": {"W": 200, "S": 404, "C": 200, "A": 403, "D": 403, "O": 404, "P": 403},
    "{person}/plans/new/": {"W": 200, "S": 404, "C": 200, "A": 403, "D": 403, "O": 404, "P": 403},
    **dict.fromkeys(
        ("{gone}/ask/death/", "{gone}/plans/new/", "{gone}/move-in/{house}/"), GONE
    ),
    "changes/": {"W": 403, "S": 403, "C": 200, "A": 403, "D": 403, "O": 200, "P": 403},
    "visits/": {"W": 200, "S": 200, "C": 200, "A": 403, "D": 403, "O": 200, "P": 403},
    "visits/plans/": {"W": 200, "S": 200, "C": 200, "A": 403, "D": 403, "O": 200, "P": 403},
    "visits/new/{household}/": {
        "W": 200, "S": 404, "C": 200, "A": 403, "D": 403, "O": 404, "P": 403,
    },
    "visits/{visit}/": {"W": 200, "S": 404, "C": 200, "A": 403, "D": 403, "O": 404, "P": 403},
    "sheets/": {"W": 200, "S": 200, "C": 200, "A": 403, "D": 403, "O": 200, "P": 403},
    "sheets/{sheet}/": {"W": 200, "S": 404, "C": 200, "A": 403, "D": 403, "O": 404, "P": 403},
    "plans/": {"W": 200, "S": 200, "C": 200, "A": 200, "D": 200, "O": 200, "P": 200},
    "plans/{plan}/": {"W": 200, "S": 404, "C": 404, "A": 404, "D": 404, "O": 404, "P": 200},
}  # fmt: skip
POSTS: dict[str, dict[str, int]] = {
    "{person}/reveal/": {"S": 404, "A": 403, "D": 403, "O": 404, "P": 403},
    "{person}/correct/": {"S": 404, "A": 403, "D": 403, "O": 404, "P": 403},
    "residencies/{residency}/correct/": {"S": 404, "A": 403, "D": 403, "O": 404, "P": 403},
    "residencies/{residency}/out/": {"S": 404, "A": 403, "D": 403, "O": 404, "P": 403},
    **dict.fromkeys(
        (
            "{gone}/reveal/", "{gone}/correct/", "residencies/{left}/correct/",
            "residencies/{left}/out/",
        ),
        GONE,
    ),
    "changes/{person}/reveal/": {"W": 403, "S": 403, "A": 403, "D": 403, "O": 404, "P": 403},
    "visits/{visit}/reveal/": {"S": 404, "A": 403, "D": 403, "O": 404, "P": 403},
    "visits/plans/{rounds}/end/": {"W": 403, "S": 403, "A": 403, "D": 403, "O": 404, "P": 403},
    "changes/decide/": {"W": 403, "S": 403, "A": 403, "D": 403, "P": 403},
    "plans/{plan}/end/": {"S": 404, "C": 404, "A": 404, "D": 404, "O": 404},
    "plans/{plan}/leave/{member}/": {"S": 404, "C": 404, "A": 404, "D": 404, "O": 404},
    "plans/steps/{step}/done/": {"S": 404, "C": 404, "A": 404, "D": 404, "O": 404},
    "{person}/split/1/": {"W": 403, "S": 403, "A": 403, "D": 403, "O": 404, "P": 403},
}  # fmt: skip


# M gets what the grid beside gets, L what another department gets, N nothing.
LIKE = {"M": "S", "N": "S", "L": "D"}


def given(page: Mapping[str, int], relation: str) -> int:
    return 403 if relation == "N" else page[LIKE.get(relation, relation)]


def moved(user: User, to: Unit | None = None) -> User:
    """A day later: out of the post, and into the same one elsewhere."""
    shift_clock(by=timedelta(days=1))
    today = clock.today()
    (post,) = Post.objects.filter(user=user)
    Post.objects.filter(pk=post.pk).update(valid_to=today)
    if to is not None:
        create_post(role=post.role, unit=to, user=user, valid_from=today)
    return User.objects.get(pk=user.pk)


def who(world: World, relation: str) -> User:
    if relation in "MN":
        worker = create_user(role="grid_worker", unit=world.grid)
        return moved(worker, world.other_grid if relation == "M" else None)
    if relation == "L":
        plan = support.visible(world.police_handler).get()
        support.leave(plan, plan.team.get(role="officer"), by=world.grid_worker, now=MONDAY)
        return world.police_handler
    if relation == "S":
        return create_user(role="grid_worker", unit=world.second_grid)
    names = {
        "W": "grid_worker", "C": "clerk", "A": "dispatcher", "D": "handler",
        "O": "outsider", "P": "police_handler",
    }  # fmt: skip
    user: User = getattr(world, names[relation])
    return user


@pytest.mark.parametrize("prefix", ["/people/", "/m/people/"])
@pytest.mark.parametrize("relation", "WSCADOPMNL")
@pytest.mark.parametrize("walls", ["both", "row-level security alone"])
def test_matrix(
    world: World,
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    prefix: str,
    relation: str,
    walls: str,
) -> None:
    client = browser(who(world, relation))
    if walls != "both":
        # whatever one asks for is within one's units: only the database says no
        def anywhere(user: User, permission: str = "person.see") -> Q:
            return Q()

        monkeypatch.setattr(access, "within", anywhere)
    got = {page: client.get(f"{prefix}{page.format(**vars(scene))}") for page in PAGES}
    expected = {page: given(row, relation) for page, row in PAGES.items()}
    if walls != "both":
        # houses are places, not people: they have no second wall
        expected.pop("new/{house}/")
        got.pop("new/{house}/")
    assert {page: answer.status_code for page, answer in got.items()} == expected
    pages = {page: answer.content.decode() for page, answer in got.items()}
    assert (scene.person in pages[""]) == (relation in "WC")
    assert scene.gone not in pages[""]
    # counted is what is seen: the neighbour is to be visited, one of the two households was
    assert ("1 户待走访" in pages["visits/"]) == (relation in "WC")
    assert ("1 / 2 户" in pages["visits/"]) == (relation in "WC")
    assert ("冬季走访" in pages["visits/plans/"]) == (relation in "WSC")
    assert (f"sheets/{scene.sheet}/" in pages["sheets/"]) == (relation in "WC")
    assert (f"plans/{scene.plan}/" in pages["plans/"]) == (relation in "WP")


@pytest.mark.parametrize("prefix", ["/people/", "/m/people/"])
@pytest.mark.parametrize("relation", "WSADOCPMNL")
def test_nobody_else_changes_anything(
    world: World, scene: Scene, prefix: str, relation: str
) -> None:
    client = browser(who(world, relation))
    like = LIKE.get(relation, relation)
    rows = {page: given(row, relation) for page, row in POSTS.items() if like in row}
    got = {
        page: client.post(f"{prefix}{page.format(**vars(scene))}", {"reason": "x"}).status_code
        for page in rows
    }
    assert got == rows


@pytest.mark.parametrize(
    "username", ["clerk", "leader", "system_admin", "security_admin", "audit_admin"]
)
def test_the_admin_shows_nothing_of_anybody(world: World, scene: Scene, username: str) -> None:
    """Of the registers it has the kinds of plans, and for the auditor that rows were changed."""
    document = number()
    create_person(world, name="张天佑", document_number=document)
    client, gives = browser(getattr(world, username)), ADMIN.get(username, ())
    seen = []
    for model in admin.site._registry:
        if model._meta.app_label != "people":
            continue
        address = f"/admin/people/{model._meta.model_name}/"
        answer = client.get(address)
        if answer.status_code != 200:
            assert answer.status_code == (403 if username in ADMIN else 302), address
            continue
        seen.append(model.__name__)
        row = answer.context["cl"].result_list.first()
        detail = client.get(f"{address}{row.pk}/change/") if row else answer
        for page in (answer, detail):
            assert page.status_code == 200, address
            told = page.content.decode()
            assert not re.search(f"张|{document}|冬季走访|说过的话", told), address
    assert {"Event" if name.endswith("Event") else name for name in seen} == set(gives)


ADMIN = {
    "system_admin": ("SupportKind",),
    "security_admin": ("SupportKind",),
    "audit_admin": ("SupportKind", "Event"),
}
TEAM = {"plans/": 200, "plans/{plan}/": 404}  # in a plan's team may be anybody of the staff
VISITS = ("visits/", "visits/plans/", "visits/{visit}/", "sheets/", "sheets/{sheet}/")
# Who has a post here or above, and what it gives of the pages; of all others nothing.
OTHER_ROLES: dict[str, dict[str, int]] = {
    "grid_leader": {page: row["W"] for page, row in PAGES.items()} | TEAM,
    "station_lead": {page: row["C"] for page, row in PAGES.items()},
    "leader": TEAM | dict.fromkeys(VISITS, 200),
    **dict.fromkeys(("grid_guide", "correspondent", "household_head"), TEAM),
    **dict.fromkeys(("co_opted", "supervisor", "department_lead"), TEAM),
    **{key: {} for key in ("system_admin", "security_admin", "audit_admin")},
}


@pytest.mark.parametrize("username", OTHER_ROLES)
def test_the_other_roles(world: World, scene: Scene, username: str) -> None:
    client = browser(getattr(world, username))
    for prefix in ("/people/", "/m/people/"):
        got = {
            page: client.get(f"{prefix}{page.format(**vars(scene))}").status_code for page in PAGES
        }
        assert got == {page: OTHER_ROLES[username].get(page, 403) for page in PAGES}


# What the night tells of the scene: a visit to be followed up, a step of the plan that is due.
TOLD = {"W": {"visit.follow_up", "support.step"}, "P": {"support.joined", "support.step"}}
TOLD |= {"C": set(), "L": {"support.joined"}}


@pytest.mark.parametrize("relation", "WSCADOPMNL")
def test_the_inbox_is_ones_own(world: World, scene: Scene, relation: str) -> None:
    """Nobody's name stands in it; and who moved, left or has no post hears nothing of the night."""
    user = who(world, relation)
    access.enter(world.grid_worker)
    visits.visit(
        Household.objects.get(pk=scene.household), aims=["care"], note="", by=world.grid_worker,
        follow_up_on=TODAY + timedelta(days=1), now=MONDAY,
    )  # fmt: skip
    shift_clock(by=timedelta(days=2))
    timers.sweep()
    client, kinds = browser(user), TOLD.get(relation, set())
    for page in ("/inbox/", "/m/inbox/"):
        answer = client.get(page)
        assert answer.context["unread"] == len(answer.context["messages_list"]) == len(kinds)
        assert not re.search(
            "王|赵|138", re.sub("<header.*?</header>", "", answer.content.decode())
        )
    told = Message.objects.filter(recipient=user)
    assert set(told.values_list("kind", flat=True)) == kinds
    for message in told:
        seen = client.get(outbox.link(message.kind, message.params)).status_code
        assert seen == (404 if relation == "L" else 200)


def test_a_deactivated_worker_reaches_nothing(world: World, scene: Scene) -> None:
    client = browser(world.grid_worker)
    User.objects.filter(pk=world.grid_worker.pk).update(is_active=False)
    for prefix in ("/people/", "/m/people/"):
        for page in (*PAGES, *POSTS):
            ask = client.get if page in PAGES else client.post
            answer = ask(f"{prefix}{page.format(**vars(scene))}")
            assert answer.status_code == 302, page
            assert answer.headers["Location"].startswith("/login/")


def test_no_address_of_people_is_left_out() -> None:
    """A new page has to be put into the tables above."""
    known = {as_route(page) for page in (*PAGES, *POSTS)}
    routes = {route for route in routes_under("people/") if not route.startswith(ELSEWHERE)}
    assert routes - known == set()


# These are in test_doors_matrix.py.
ELSEWHERE = ("entities/", "licences/", "joint/", "tenancies/", "declarations/", "imports/")


def as_route(page: str) -> str:
    names = {
        "{person}": "<uuid:key>", "{gone}": "<uuid:key>", "{house}": "<int:house>",
        "{household}": "<int:household>", "{residency}": "<int:pk>",
        "{left}": "<int:pk>", "{visit}": "<str:number>",
        "{sheet}": "<int:pk>", "{plan}": "<int:pk>", "{step}": "<int:pk>", "{rounds}": "<int:pk>",
        "{member}": "<uuid:member>",
    }  # fmt: skip
    route = page.partition("?")[0].replace("{plan}/end/", "{plan}/<slug:verb>/")
    route = route.replace("ask/death", "ask/<slug:kind>").replace("split/1", "split/<int:pk>")
    for name, converter in names.items():
        route = route.replace(name, converter)
    return route
