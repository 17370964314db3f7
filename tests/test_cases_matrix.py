"""As test_people_matrix.py, of the work: each address of cases/ for each relation to a case, on
desk and phone and over the API; what lists and counts tell of it, and what each is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Q

from cases import bulk_moves, disputes, papers, photos, reviews, service_papers
from cases.entrusting import Brought
from cases.models import Campaign, Case, Ground, PhotoKind, Side, State
from governance import scope
from governance.models import Message, User
from grids.models import Facility
from people import access as people_access
from people import visits
from tests import routes
from tests.areas import draw, place, square
from tests.builders import World, create_unit, create_user, moment, shift_clock
from tests.campaign_builders import answer as fill_in
from tests.campaign_builders import launch, task_of
from tests.case_builders import MONDAY, create_case, move, picture
from tests.clients import KEY, Program, browser
from tests.people_builders import create_person
from tests.routes import routes_under
from tests.test_feedback import call_back_all
from tests.test_papers import order
from tests.test_people_matrix import moved
from tests.test_people_matrix import who as who_of_the_registers
from tests.test_services import entrust
from tests.test_suggestions import collect

pytestmark = pytest.mark.django_db
Row = Mapping[str, int]


@dataclass
class Scene:
    """A case at a department with all that hangs on it, one that came too late, and a request, a
    suggestion and campaigns of the same grid."""

    case: str
    photo: UUID
    paper: UUID
    party: UUID
    late: str
    review: int
    call: int
    job: int
    service: str
    material: UUID
    mandate: UUID
    suggestion: str
    campaign: str
    task: int
    done: int
    facility: int
    grid: int
    item: str
    visit: str


def stage(world: World) -> Scene:
    call_back_all()
    draw(world.grid, square(0, 0))
    lon, lat = place(0.5, 0.5)
    facility = Facility.objects.create(
        code="0101001", facility_class="utility", kind="路灯", lon=lon, lat=lat,
        district=world.district, street=world.street, community=world.community, grid=world.grid,
    )  # fmt: skip
    trustee = create_user(role="clerk", unit=world.community, username="trustee")
    person: dict[str, Any] = {"reporter_name": "张三丰", "reporter_phone": "13812345678"}
    case = create_case(
        world, state=State.HANDLING, by=world.correspondent, lon=lon, lat=lat,
        facility_id=facility.pk, **person,
    )  # fmt: skip
    photo = photos.add(case, picture(), kind=PhotoKind.BEFORE, by=world.clerk, now=MONDAY)
    finding = order(case, world.handler)
    paper = papers.make(case, "rectification_order", by=world.handler, now=MONDAY, finding=finding)
    disputes.open_dispute(case, by=world.clerk, now=MONDAY, request="请求停止夜间噪声")
    party = disputes.add_party(
        case, by=world.clerk, now=MONDAY, name="王小明", side=Side.APPLICANT, phone="13912345678"
    )
    urban = create_unit(kind="department", name="城管队", parent=world.district)
    create_user(role="handler", unit=urban, username="reader")
    move(case, "share", by=world.clerk, unit_id=urban.pk, until=date(2026, 3, 4))
    move(case, "supervise", by=world.supervisor)
    late = create_case(world, state=State.VERIFIED, **person)
    for action in ("close", "answer"):
        move(late, action, by=world.clerk, now=moment("2026-03-12 10:00"))
    review = reviews.open_review(
        late, ground=Ground.LATE, findings="六日未到场", answerable=world.handler,
        by=world.supervisor, now=MONDAY,
    )  # fmt: skip
    request = entrust(
        world, by=trustee, grid_id=world.grid.pk, materials=[Brought("居民身份证", picture())]
    )
    above = create_user(role="dispatcher", unit=world.district)
    campaign = launch(world, world.grid, world.other_grid, by=above)
    done = fill_in(world, task_of(launch(world, world.grid, title="复查"), world.grid))
    home = create_person(world).residency.household
    return Scene(
        case=case.number,
        photo=photo.uuid,
        paper=paper.pk,
        party=party.pk,
        late=late.number,
        review=review.pk,
        call=late.call_backs.get().pk,
        job=bulk_moves.start(trustee, [case], "urge", {}, MONDAY).pk,
        service=request.number,
        material=request.materials.get().uuid,
        mandate=service_papers.make(request, "service_mandate", by=trustee, now=MONDAY).pk,
        suggestion=collect(world, by=trustee).number,
        campaign=campaign.number,
        task=task_of(campaign, world.grid).pk,
        done=done.pk,
        facility=facility.pk,
        grid=world.grid.pk,
        item=request.item.code,
        visit=visits.visit(
            home, aims=["care"], note="说过的话", by=world.grid_worker, now=MONDAY
        ).number,
    )


# Whose relation to the case is which, and the roles beside it: those of the registers' matrix are
# W in its grid, S in the grid beside, C in the community, A in the street, D at the department that
# has it, P at another one, O in another street. And
RELATIONS = {
    "V": "reported it, a volunteer of the grid",
    "J": "a volunteer of the grid who reported nothing",
    "H": "it is shared with their department",
    "E": "the share has expired",
    "M": "worked in its grid, and moved to another street today",
    "T": "took the mandate, the suggestion and the bulk job, and moved to another street today",
    "N": "as T, and holds no post any more",
    "L": "leads the community",
    "B": "is co-opted there",
    "G": "guides the grid",
    "U": "supervises the street",
    "Q": "supervises the other street",
    "K": "leads the department that has it",
}
ALL = "WSCADPO" + "".join(RELATIONS)
ROLES = {
    "V": "correspondent", "J": "household_head", "L": "leader", "B": "co_opted", "G": "grid_guide",
    "U": "supervisor", "K": "department_lead",
}  # fmt: skip


def who(world: World, relation: str) -> User:
    if relation in ROLES:
        return world.holder(ROLES[relation])
    if relation == "Q":
        return create_user(role="supervisor", unit=world.other_street)
    if relation in "HE":
        if relation == "E":
            shift_clock(to=moment("2026-03-05 09:00"))
        return User.objects.get(username="reader")
    if relation == "M":
        return moved(create_user(role="grid_worker", unit=world.grid), world.other_grid)
    if relation == "T":
        return moved(User.objects.get(username="trustee"), world.other_community)
    if relation == "N":
        return moved(User.objects.get(username="trustee"))
    return who_of_the_registers(world, relation)


# Page → what each relation gets: 200 for those who see it, 403 where the post does not give it at
# all (to N nothing does), and what is somebody else's is not there.
def row(sees: str, shut: str = "") -> Row:
    return {
        relation: 200 if relation in sees else 403 if relation in f"{shut}N" else 404
        for relation in ALL
    }


EVERYBODY = row(ALL.replace("N", ""))
VOLUNTEERS = "VJG"  # of the grid: without the permissions of the services and the campaigns
SEE_IT, SEE_THE_OTHER = "WCADVHLBGUK", "WCADLBGUK"
CASE = row(SEE_IT)
# Who works on it reads what names a person; who looks on, or reported it, does not.
PAPER = row("WCADK", "VHLBGU")
DISPUTE = row("WCADK", "VJHLBGUQ")
REPEATS = row("CA", "WSDPVJHEMLBGUQK")
CENTRE = row("CAOT", "WSDPVJHEMLBGUQK")
SERVICES = row("WSCADPOHEMTLBUQK", VOLUNTEERS)
SERVICE = row("WCADTLBUK", VOLUNTEERS)
APPLICANT = row("WCDTK", "AVJLBGU")
SUGGESTION = row("WCATLBGU")
LAUNCHING = row("CAOTLUQ", "WSDPVJHEMBGK")
# A grid of the other street has a task of it as well.
CAMPAIGN = row("WCAOMTLBUQ", VOLUNTEERS)
TASK = row("WCALBU", VOLUNTEERS)
REVIEW = row("DLU")
FIGURES = row("ALUQK", "WSCDPOVJHEMTBG")
PAGES: Mapping[str, Row] = {
    "?tab=all": EVERYBODY,
    "map/": EVERYBODY,
    "map/points/?bbox=117,38,118,40": EVERYBODY,
    "m/": EVERYBODY,
    "m/report/": EVERYBODY,
    # to departments the whole district's map is open, and what stands in its streets
    "grid-map/{grid}/sheet/": row("WCADPVJHELBGUK"),
    "places/facilities/{facility}/": row("WCADPVJHELBGUK"),
    "dispatch-rules/": row("AUQ", "WSCDPOVJHEMTLBGK"),
    "figures/": FIGURES,
    "bulk/{job}/": row("T"),
    "callbacks/": CENTRE,
    "reception/": CENTRE,
    "papers/templates/disposal_sheet/": row("", ALL),
    "cases/new/": EVERYBODY,
    "cases/items/?q=1": EVERYBODY,
    "cases/{case}/": CASE,
    "cases/{case}/similar/": REPEATS,
    "cases/{case}/urge/": {**CASE, **dict.fromkeys("WDVHLBGK", 302)},
    "cases/{case}/dispute/": DISPUTE,
    "cases/{case}/papers/{paper}/": PAPER,
    "cases/{case}/papers/{paper}/file/": PAPER,
    "photos/{photo}/": CASE,
    "photos/{photo}/thumb/": CASE,
    "reviews/new/{late}/": row("LU", "WSCADPOVJHEMTBGK"),
    "reviews/": EVERYBODY,
    "reviews/{review}/": REVIEW,
    "services/": SERVICES,
    "services/guide/": SERVICES,
    "services/guide/?case={case}": row("WC", VOLUNTEERS),
    "services/new/{item}/": row("WSCOMT", "ADPVJHELBGUQK"),
    "services/new/{item}/?case={case}": row("WC", "ADPVJHELBGUQK"),
    "services/{service}/": SERVICE,
    "services/{service}/materials/{material}/": row("WCDTK", "AVJLBGUQ"),
    "services/{service}/papers/{mandate}/": APPLICANT,
    "services/{service}/papers/{mandate}/file/": APPLICANT,
    "suggestions/": EVERYBODY,
    "suggestions/new/": EVERYBODY,
    "suggestions/{suggestion}/": SUGGESTION,
    "opinions/": EVERYBODY,
    "campaigns/": SERVICES,
    "campaigns/new/": LAUNCHING,
    "campaigns/spot-check/": LAUNCHING,
    "campaigns/{campaign}/": CAMPAIGN,
    "campaigns/{campaign}/areas.geojson": CAMPAIGN,
    "campaigns/{campaign}/answers.csv": CAMPAIGN,
    "campaigns/tasks/{task}/": TASK,
    "api/v1/cases/": EVERYBODY,
    "api/v1/cases/{case}/": CASE,
    "api/v1/cases/{case}/similar/": CASE,
    "api/v1/cases/{case}/papers/": CASE,
    "api/v1/cases/{case}/papers/{paper}/": PAPER,
    "api/v1/cases/{case}/dispute/": DISPUTE,
    "api/v1/disputes/": EVERYBODY,
    "api/v1/reviews/": EVERYBODY,
    "api/v1/reviews/{review}/": REVIEW,
    "api/v1/callbacks/": CENTRE,
    "api/v1/figures/?since=2026-03-01&until=2026-03-31": FIGURES,
    "api/v1/items/": EVERYBODY,
    "api/v1/photos/{photo}/": CASE,
    "api/v1/photos/{photo}/thumb/": CASE,
    "api/v1/service-items/": SERVICES,
    "api/v1/services/": SERVICES,
    "api/v1/services/{service}/": SERVICE,
    "api/v1/services/{service}/materials/{material}/": row("WCDTK", "AVJLBGUQ"),
    "api/v1/services/{service}/papers/": SERVICE,
    "api/v1/services/{service}/papers/{mandate}/": APPLICANT,
    "api/v1/suggestions/": EVERYBODY,
    "api/v1/suggestions/{suggestion}/": SUGGESTION,
    "api/v1/campaigns/": SERVICES,
    "api/v1/campaigns/{campaign}/": CAMPAIGN,
    "api/v1/campaigns/tasks/{task}/": TASK,
}
# What those get who may not; who may would change what the others are to meet.
MEDIATING = row("WCADK", "VJHLBGUQ")
REVIEWING = row("LU", "WSCADPOVJHEMTBGK")
ANSWERED = row("WCATLBGU")
OFFICE = row("CALUT", "WSVJMBG")
OTHERS_TASK = row("CALU", "WSDPVJHEMBGK")
NOT_LAUNCHING = row("CAOTLUQ", "WSDPVJHEMBGK")
POSTS: Mapping[str, Row] = {
    "bulk/{job}/": row("T"),
    "callbacks/{call}/": row("CA", "WSDPVJHEMLBGUQK"),
    "photos/{photo}/public/": row("CA", "WSDPVJHEMLBGUQK"),
    "reviews/new/{late}/": REVIEWING,
    "reviews/{review}/reply/": REVIEW,
    "reviews/{review}/end/": REVIEWING,
    "cases/{case}/reporter/": row("WCADK", "VJLBGUQ"),
    "cases/{case}/papers/": row("CADK", "WSVJHMLBGUQ"),
    "cases/{case}/finish/": CASE,
    "cases/{case}/dispute/parties/{party}/": MEDIATING,
    "cases/{case}/dispute/session/": MEDIATING,
    "services/{service}/reveal/": row("WCDTK", "AVJLBGUQ"),
    "services/{service}/materials/": row("WCT", "ADPVJHELBGUQK"),
    "services/{service}/papers/": row("WCDTK", "AVJLBGU"),
    "services/{service}/withdraw/": SERVICE,
    "suggestions/{suggestion}/reveal/": row("CA", "WSVJMLBGUQ"),
    "suggestions/{suggestion}/answer/": ANSWERED,
    "opinions/{suggestion}/answer/": row("", "WSCADPOVJHEMTBGK"),
    "campaigns/{campaign}/draw/": NOT_LAUNCHING,
    "campaigns/{campaign}/remind/": NOT_LAUNCHING,
    "campaigns/{campaign}/end/": NOT_LAUNCHING,
    "campaigns/{campaign}/call/": row("", "WSDPVJHEMBGK"),
    "campaigns/tasks/{task}/found/": row("W", "CAOVJTLBGUQ"),
    "campaigns/tasks/{task}/excuse/": OTHERS_TASK,
    "campaigns/tasks/{task}/replace/": OTHERS_TASK,
    "campaigns/tasks/{done}/correct/exit/": row("WAU", VOLUNTEERS),
    "api/v1/cases/{case}/photos/": row("WCADHK", "VJLBGUQ"),
    "api/v1/cases/{case}/papers/": row("CADK", "WSVJHMLBGUQ"),
    "api/v1/cases/{case}/reviews/": REVIEWING,
    "api/v1/cases/{case}/finish/": CASE,
    "api/v1/cases/{case}/dispute/parties/{party}/": MEDIATING,
    "api/v1/cases/{case}/dispute/open/": MEDIATING,
    "api/v1/cases/{case}/dispute/session/": MEDIATING,
    "api/v1/callbacks/{call}/": row("CA", "WSDPVJHEMLBGUQK"),
    "api/v1/reviews/{review}/reply/": REVIEW,
    "api/v1/reviews/{review}/end/": REVIEWING,
    "api/v1/services/{service}/reveal/": row("WCDTK", "AVJLBGUQ"),
    "api/v1/services/{service}/materials/": row("WCT", "ADPVJHELBGUQK"),
    "api/v1/services/{service}/papers/": row("WCDTK", "AVJLBGU"),
    "api/v1/services/{service}/withdraw/": SERVICE,
    "api/v1/suggestions/{suggestion}/reveal/": row("CA", "WSVJMLBGUQ"),
    "api/v1/suggestions/{suggestion}/answer/": {**OFFICE, "T": 409},
    "api/v1/suggestions/{suggestion}/publish/": {**OFFICE, "T": 409},
    "api/v1/suggestions/{suggestion}/hand_over/": {
        **row("CA", "WSDPVJHEMLBGUQK"), "T": 409,
    },
    "api/v1/suggestions/{suggestion}/reassign/": {**row("CAU", "WSDPVJHEMLBGK"), "T": 409},
    "api/v1/campaigns/spot-checks/": NOT_LAUNCHING,
    "api/v1/dispatch-rules/try/": row("AUQ", "WSCDPOVJHEMTLBGK"),
    "api/v1/campaigns/{campaign}/draw/": {**LAUNCHING, **dict.fromkeys("CAOTLUQ", 409)},
    "api/v1/campaigns/{campaign}/remind/": {**LAUNCHING, **dict.fromkeys("CAOTLUQ", 409)},
    "api/v1/campaigns/{campaign}/end/": {**LAUNCHING, **dict.fromkeys("CAOTLUQ", 409)},
    "api/v1/campaigns/tasks/{task}/": {**TASK, **dict.fromkeys("OTQ", 403)},
    "api/v1/campaigns/tasks/{task}/excuse/": OTHERS_TASK,
    "api/v1/campaigns/tasks/{task}/replace/": OTHERS_TASK,
    "api/v1/campaigns/tasks/{task}/found/": row("W", "CAOVJTLBGUQ"),
    "api/v1/campaigns/tasks/{done}/answers/exit/": {
        **row("WAU", VOLUNTEERS), **dict.fromkeys("CLB", 409),
    },
}  # fmt: skip
# So filled in that what is refused is refused for who asks.
BODY = {
    **dict.fromkeys(("reason", "text", "note", "words", "description"), "x"),
    **{"outcome": "adopted", "shown": True, "item": 1, "unit": 1, "seed": "1", "value": "no"},
    "key": str(KEY),
}
# Also on the phone.
BOTH = re.compile(
    r"cases/\{case\}/(similar/|urge/|finish/|dispute/.*)?$|reviews/(\{.*)?$|places/facilities/"
    r"|(services|suggestions|opinions|campaigns)/((?!papers/\{).)*$"
)


def surfaces(page: str) -> tuple[str, ...]:
    return ("", "m/") if BOTH.match(page) else ("",)


class Visitor:
    """Somebody with a browser and a program."""

    def __init__(self, user: User) -> None:
        self.client, self.program = browser(user), Program(user)

    def get(self, page: str) -> Any:
        if page.startswith("api/v1"):
            return self.program.get(page.removeprefix("api/v1"))
        return self.client.get(f"/{page}")

    def post(self, page: str, fields: Mapping[str, Any]) -> Any:
        if page.startswith("api/v1"):
            key = {"Idempotency-Key": str(KEY)}
            return self.program.post(page.removeprefix("api/v1"), fields, **key)
        return self.client.post(f"/{page}", fields)

    def reads(self, page: str) -> str:
        answer = self.get(page)
        return answer.content.decode() if answer.status_code == 200 else ""


@pytest.mark.parametrize("relation", ALL)
def test_matrix(world: World, scene: Scene, relation: str) -> None:
    visitor, asked = Visitor(who(world, relation)), vars(scene)
    expected = {f"{s}{page}": at[relation] for page, at in PAGES.items() for s in surfaces(page)}
    got = {page: visitor.get(page.format(**asked)) for page in expected}
    assert {page: answer.status_code for page, answer in got.items()} == expected
    for answer in got.values():
        if answer.streaming:
            list(answer.streaming_content)


@pytest.mark.parametrize("relation", ALL)
def test_nobody_else_changes_anything(world: World, scene: Scene, relation: str) -> None:
    visitor, asked = Visitor(who(world, relation)), vars(scene)
    expected = {
        f"{s}{page}": at[relation]
        for page, at in POSTS.items()
        for s in surfaces(page)
        if at[relation] != 200
    }
    got = {page: visitor.post(page.format(**asked), BODY).status_code for page in expected}
    assert got == expected


@pytest.mark.parametrize("relation", "CAOTLUQ")
def test_a_campaign_is_run_from_where_it_was_launched(
    world: World, scene: Scene, relation: str
) -> None:
    """On the desk the page says so: the district's is not for a street or a community to end."""
    visitor, said = Visitor(who(world, relation)), Message.objects.count()
    for verb in ("draw", "remind", "end"):
        visitor.post(f"campaigns/{scene.campaign}/{verb}/", BODY)
    assert Campaign.objects.get(number=scene.campaign).state == "running"
    assert Message.objects.count() == said


# Lists, maps, autocompletes, files → what of the scene they name, and to whom.
LISTED: Mapping[str, Mapping[str, str]] = {
    "?tab=all": {"case": SEE_IT, "late": SEE_THE_OTHER},
    "?tab=supervised": {"case": "WCADVLBGUK"},
    "m/": {"case": "D"},
    "map/points/?bbox=117,38,118,40": {"case": "WCADVLBGUK"},
    "places/facilities/{facility}/": {"case": SEE_IT},
    "m/places/facilities/{facility}/": {"case": SEE_IT},
    "callbacks/": {"late": "CA"},
    "reception/": {"case": "CA", "service": "CAT"},
    "reviews/": {"late": "DLU"},
    "services/": {"service": "WCADTLBUK"},
    "suggestions/": {"suggestion": "WCATLBGU"},
    "campaigns/": {"campaign": "CAOTLBUQ"},
    "bulk/{job}/": {"case": ""},
    "api/v1/cases/": {"case": SEE_IT, "late": SEE_THE_OTHER},
    "api/v1/disputes/": {"case": SEE_IT},
    "api/v1/reviews/": {"late": "DLU"},
    "api/v1/callbacks/": {"late": "CA"},
    "api/v1/services/": {"service": "WCADTLBUK"},
    "api/v1/suggestions/": {"suggestion": "WCATLBGU"},
    "api/v1/campaigns/": {"campaign": "WCAOMTLBUQ"},
}
# The grid's own task in what is told of a campaign that another street has a part in.
PARTS = (
    "campaigns/{campaign}/", "campaigns/{campaign}/areas.geojson",
    "campaigns/{campaign}/answers.csv", "api/v1/campaigns/{campaign}/",
)  # fmt: skip


@pytest.mark.parametrize("relation", ALL)
def test_lists_and_counts_tell_of_what_one_sees(world: World, scene: Scene, relation: str) -> None:
    visitor, asked = Visitor(who(world, relation)), vars(scene)
    if relation == "T":  # one case of the job that was refused
        visitor.post(f"bulk/{scene.job}/", {})
    for page, names in LISTED.items():
        told = visitor.reads(page.format(**asked))
        found = {
            name
            for name in ("case", "late", "service", "suggestion", "campaign")
            if asked[name] in told
        }
        assert found == {name for name, sees in names.items() if relation in sees}, page
    for page in PARTS:
        told = visitor.reads(page.format(**asked))
        assert (world.grid.name in told) == (relation in "WCALBU"), page
    given = {
        "item": item_of(scene),
        "description": "楼前有一堆垃圾",
        "lon": 117.3005,
        "lat": 39.0005,
    }
    for page in ("cases/similar/", "m/cases/similar/"):
        answer = visitor.post(page, given)
        assert (scene.case in answer.content.decode()) == (relation in SEE_IT), page
    near = visitor.post("cases/facilities/", {"lon": 117.3005, "lat": 39.0005})
    assert ("0101001" in near.content.decode()) == (relation in "WCADPVJHELBGUK")
    chosen = visitor.post("bulk/", {"action": "share", "number": [scene.case, scene.late]})
    assert (scene.case in chosen.content.decode()) == (relation in "CAU")
    assert counted(visitor, scene) == {
        name: next(number for sees, number in at.items() if relation in sees)
        for name, at in COUNTED.items()
        if any(relation in sees for sees in at)
    }


# The tabs of a page together; of figures and of the grid's sheet, the number.
OUTSIDE = "SPOJHEMTQ"
COUNTED: Mapping[str, Mapping[str, int]] = {
    "queue": {"WCAVLBGUK": 1, "D": 2, OUTSIDE: 0},
    "services": {"WCADTLBUK": 2, "SPOHEMQ": 0},
    "suggestions": {"WCATLBGU": 2, "SDPOVJHEMQK": 0},
    "figures": {"ALUK": 2, "Q": 0},
    "figures as a file": {"ALUK": 2, "Q": 0},
    "figures of the API": {"ALUK": 2, "Q": 0},
    "在办事件": {SEE_IT: 1, "PJE": 0},
    "住户": {"WC": 1},
}


def item_of(scene: Scene) -> int:
    return Case.objects.get(number=scene.case).item_id


def counted(visitor: Visitor, scene: Scene) -> dict[str, int]:
    """What the pages count that are theirs."""
    found: dict[str, int] = {}
    for name, page in {"queue": "", "services": "services/", "suggestions": "suggestions/"}.items():
        if (answer := visitor.get(page)).status_code == 200:
            found[name] = sum(tab["count"] or 0 for tab in answer.context["tabs"])
    if (answer := visitor.get("figures/")).status_code == 200:
        found["figures"] = answer.context["total"][0][1]
        total = visitor.reads("figures/?format=csv").splitlines()[1]
        found["figures as a file"] = int(total.split(",")[2].strip('"'))
        period = "since=2026-03-01&until=2026-03-31"
        api = visitor.get(f"api/v1/figures/?{period}").json()
        found["figures of the API"] = api["total"]["received"]
    if (answer := visitor.get(f"grid-map/{scene.grid}/sheet/")).status_code == 200:
        sheet = {str(label): value for label, value in answer.context["figures"]}
        found |= {label: sheet[label] for label in ("在办事件", "住户") if label in sheet}
    return found


# What is read of the registers on the way from a visit into the work, and who lives in the grid:
# behind the second wall too. W and C may know them; L sees visits.
FROM_A_VISIT: Mapping[str, Row] = {
    "cases/new/?visit={visit}": row("WCL"),
    "m/report/?visit={visit}": row("WCL"),
    "services/guide/?visit={visit}": row("WCL", VOLUNTEERS),
    "m/services/guide/?visit={visit}": row("WCL", VOLUNTEERS),
    "services/new/{item}/?visit={visit}": row("WC", "ADPVJHELBGUQK"),
    "m/services/new/{item}/?visit={visit}": row("WC", "ADPVJHELBGUQK"),
}


@pytest.mark.parametrize("relation", ALL)
@pytest.mark.parametrize("walls", ["both", "row-level security alone"])
def test_what_is_read_of_the_registers(
    world: World, scene: Scene, monkeypatch: pytest.MonkeyPatch, relation: str, walls: str
) -> None:
    visitor, asked = Visitor(who(world, relation)), vars(scene)
    scope.enter(())  # as in a transaction of its own
    if walls != "both":
        monkeypatch.setattr(people_access, "within", lambda user, permission="": Q())
    pages = {page: visitor.get(page.format(**asked)) for page in FROM_A_VISIT}
    assert {page: answer.status_code for page, answer in pages.items()} == {
        page: at[relation] for page, at in FROM_A_VISIT.items()
    }
    said = {page for page, answer in pages.items() if "说过的话" in answer.content.decode()}
    assert said == {p for p, at in FROM_A_VISIT.items() if at[relation] == 200 and "guide" not in p}


# Whom the moves of the scene were told to, and of what; E, T and N while it was theirs.
TOLD: Mapping[str, str] = {
    "case": "CADKHETN",
    "late": "WCADKTN",
    "service": "DK",
    "suggestion": "C",
}


@pytest.mark.parametrize("relation", ALL)
def test_the_inbox_is_ones_own(world: World, scene: Scene, relation: str) -> None:
    """What one was told stays, without a name and with a link that leads nowhere; of what came
    after, one whose share or post has ended is told nothing."""
    user, asked = who(world, relation), vars(scene)
    visitor = Visitor(user)
    own = Message.objects.filter(recipient=user).count()
    numbers = {name for name, those in TOLD.items() if relation in those}
    for page in ("inbox/", "m/inbox/", "api/v1/messages/"):
        told = visitor.reads(page)
        if relation == "N" and page.startswith("api"):
            assert told == ""
            continue
        assert {name for name in TOLD if asked[name] in told} == numbers, page
        assert not re.search("张三|王小明|李老太|13[89]12345678", told), page
    for page in ("inbox/", "m/inbox/"):
        answer = visitor.get(page)
        assert len(answer.context["messages_list"]) == answer.context["unread"] == own
        assert answer.context["navigation"].count(f">{own}<") == (own > 0 and relation != "N")
    if relation in "ETN":
        assert visitor.get(f"cases/{scene.case}/").status_code == (403 if relation == "N" else 404)
    case = Case.objects.get(number=scene.case)
    move(case, "lift_supervision", by=world.supervisor)
    move(case, "urge", by=world.dispatcher)
    new = Message.objects.filter(recipient=user).count() - own
    assert (new > 0) == (relation in "DK")


def test_who_signed_and_left_is_told_nothing_more(world: World, scene: Scene) -> None:
    """Also where nobody is left at the department."""
    moved(world.department_lead, world.police)
    moved(world.handler, world.police)
    told = Message.objects.filter(recipient=world.handler).count()
    move(Case.objects.get(number=scene.case), "urge", by=world.dispatcher)
    assert Message.objects.filter(recipient=world.handler).count() == told


def test_nobody_reads_or_marks_another_s_messages(world: World, scene: Scene) -> None:
    (first, *_others) = Message.objects.filter(recipient=world.handler).order_by("pk")
    for relation in ALL.replace("D", ""):
        visitor = Visitor(who(world, relation) if relation not in "EN" else world.leader)
        answer = visitor.post(f"api/v1/messages/{first.pk}/read/", {})
        assert answer.status_code == 404, relation
        visitor.post("inbox/read/", {})
    first.refresh_from_db()
    assert first.read_at is None


# Who is of the same territory as one of the above sees the same; administrators see no case.
AS = {"station_lead": "W", "grid_leader": "W"}
OPEN = {"grid-map/{grid}/sheet/", "cases/items/?q=1", "opinions/", "api/v1/items/"}
ADMINISTRATORS = {
    "system_admin": OPEN | {"dispatch-rules/", "papers/templates/disposal_sheet/"},
    "security_admin": OPEN,
    "audit_admin": OPEN,
}


@pytest.mark.parametrize("username", [*AS, *ADMINISTRATORS])
def test_the_other_roles(world: World, scene: Scene, username: str) -> None:
    visitor, asked = Visitor(world.holder(username)), vars(scene)
    expected = {
        f"{s}{page}": (
            at[AS[username]] if username in AS else 200 if page in ADMINISTRATORS[username] else 403
        )
        for page, at in PAGES.items()
        for s in surfaces(page)
    }
    got = {page: visitor.get(page.format(**asked)) for page in expected}
    assert {page: answer.status_code for page, answer in got.items()} == expected
    for answer in got.values():
        if answer.streaming:
            list(answer.streaming_content)
    if username in ADMINISTRATORS:
        posts = {page for page in POSTS if "dispatch-rules" not in page}
        posted = {visitor.post(page.format(**asked), BODY).status_code for page in posts}
        assert posted == {403}
        told = [visitor.reads(page) for page in ("inbox/", "api/v1/messages/", *OPEN)]
        assert not [page for page in told if scene.case in page]


def test_a_deactivated_worker_reaches_nothing(world: World, scene: Scene) -> None:
    visitor, asked = Visitor(world.grid_worker), vars(scene)
    User.objects.filter(pk=world.grid_worker.pk).update(is_active=False)
    for page in (*PAGES, *FROM_A_VISIT, "inbox/", "m/inbox/", "api/v1/messages/"):
        answer = visitor.get(page.format(**asked))
        assert answer.status_code == (401 if page.startswith("api") else 302), page
    for page in POSTS:
        answer = visitor.post(page.format(**asked), BODY)
        assert answer.status_code == (401 if page.startswith("api") else 302), page


def test_no_address_is_left_out() -> None:
    """A new page has to be put into the tables above."""
    pages = [*PAGES, *POSTS, *FROM_A_VISIT, *EXTRA]
    known = {shape(s + page.partition("?")[0]) for page in pages for s in surfaces(page)}
    asked = {shape(route) for route in routes_under("") if not route.startswith(ELSEWHERE)}
    assert asked - known == set()


# Asked in a test of their own above.
EXTRA = (
    "bulk/", "cases/facilities/", "cases/similar/", "m/cases/similar/", "inbox/", "m/inbox/",
    "inbox/read/", "m/inbox/read/", "api/v1/messages/", "api/v1/messages/{pk}/read/",
)  # fmt: skip
# In the matrices of the registers and of the places, of the admin (test_admin.py), of residents
# (test_public.py); and what tells of nobody.
ELSEWHERE = (
    "people/", "m/people/", "rights/", "m/rights/", "exports/", "places/", "m/places/", "grids/",
    "api/v1/grids/", "api/v1/facilities/", "api/v1/units/", "admin/", "report/", "api/schema/",
    "cases/suggest/", "login/", "logout/", "i18n/", "home/", "events/", "password/", "tokens/",
    "permissions/", "healthz", "readyz",
)  # fmt: skip


def shape(route: str) -> str:
    """An address with what stands for a row, or for a verb on one, as one sign."""
    return re.sub(VERBS, r"\1*/", routes.shape(route))


VERBS = (
    r"(/dispute/|cases/\*/(?=finish|urge)|services/\*/(?=withdraw)|suggestions/\*/(?=answer/$)"
    r"|/correct/|/answers/|templates/)(?!parties)[a-z_-]+/$"
)
