"""The demo: its sizes, its tiling, its log-ins; the same seed makes the same data."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from pytest_django import DjangoDbBlocker

from cases import campaign_page, configuration, recomputing, texts
from cases.demo import (
    digest,
    history,
    logins,
    organisation,
    rulebook,
    seeding,
    territory,
    turns,
    work,
)
from cases.demo import people as people_demo
from cases.demo.organisation import Organisation
from cases.demo.profiles import FULL, SMALL, TINY, Profile
from cases.demo.registers import BROUGHT_IN
from cases.demo.residents import Inventor
from cases.demo.stories import Teller
from cases.demo.territory import Plot, Use
from cases.models import (
    OPEN,
    Answer,
    Campaign,
    CampaignCase,
    CampaignTask,
    Case,
    Item,
    Photo,
    ServiceItem,
    ServiceRequest,
    ServiceState,
    Source,
    StandardText,
    State,
    Suggestion,
    Transition,
)
from cases.moves import Action
from governance import passwords, permissions, reference, units
from governance.models import Message, PartyForm, Post, Timer, Unit, UnitKind, User
from governance.roles import Role
from grids import coverage, geo
from grids.models import Building, Facility, Grid, Hazard, House, HouseUse, PlaceImport, Seat
from people import access, changes, entities, identifiers, support, tenancies, visits
from people.models import (
    Entity,
    EntityContact,
    Export,
    JointUnit,
    Landlord,
    Leaving,
    Licence,
    Merge,
    PeopleImport,
    Person,
    Residency,
    ResidencyKind,
    RightsRequest,
    Sheet,
    Tenancy,
    Visit,
)
from tests.builders import moment, shift_clock

# On one worker: the tiny demo is made once.
pytestmark = pytest.mark.xdist_group("tiny demo")

NOW = moment("2026-11-20 15:00")  # a Friday
# What few stories tell of.
RARE = (Action.REFUSE, Action.RETURN, Action.FAIL, Action.HANDLE_ON_SPOT)
VILLAGES = Path("../shared/data/zh_admin/villages_sample_cities.csv")


# The territory, without a database --------------------------------------------------------------


@cache
def plots(profile: Profile) -> list[Plot]:
    return territory.plots(profile)


def index_of(drawn: list[Plot]) -> geo.Index:
    areas = np.array([plot.area for plot in drawn], dtype=object)
    return geo.Index(np.arange(len(drawn)), areas, shapely.STRtree(areas))


@pytest.mark.parametrize("profile", [FULL, SMALL, TINY])
def test_the_grids_tile_the_outline(profile: Profile) -> None:
    drawn = plots(profile)

    areas = [plot.area for plot in drawn]
    outline = territory.outline(drawn)
    assert shapely.coverage_is_valid(areas)
    assert all(area.is_valid for area in areas)
    assert not outline.interiors
    assert sum(map(geo.area_m2, areas)) == pytest.approx(geo.area_m2(outline), abs=1e-3)
    assert coverage.overlaps(index_of(drawn)) == []
    assert coverage.gaps(index_of(drawn)) == []
    corners = shapely.get_coordinates(areas)
    assert np.array_equal(np.round(corners, 7), corners)
    for number in range(len(profile.communities)):
        ground = shapely.coverage_union_all([p.area for p in drawn if p.community == number])
        assert len(shapely.get_parts(ground)) == 1


def test_the_full_territory_is_as_large_as_the_real_one() -> None:
    drawn = plots(FULL)

    assert Counter(plot.use for plot in drawn) == {Use.HOMES: 94, Use.FARM: 8, Use.PARK: 6}
    assert len({plot.community for plot in drawn}) == 10
    assert (FULL.branches, FULL.groups, FULL.handlers) == (43, 40, 240)
    assert (FULL.closed, FULL.open) == (13_765, 320)
    km2 = {use: [geo.area_m2(p.area) / 1e6 for p in drawn if p.use == use] for use in Use}
    assert all(1 < size < 2 for use in (Use.FARM, Use.PARK) for size in km2[use])
    assert max(km2[Use.HOMES]) < 0.5


def test_handlers_are_shared_out_without_a_rest() -> None:
    for total in (18, 36, 240):
        parts = organisation.share_out(total, [3] * 4 + [1] * 14)
        assert sum(parts) == total
        assert min(parts) >= 1


@pytest.mark.skipif(not VILLAGES.exists(), reason="../shared/data is not here")
def test_the_excerpt_is_as_in_its_source() -> None:
    with VILLAGES.open(encoding="utf-8") as file:
        real = {row["code"]: row["name"] for row in csv.DictReader(file)}
    with organisation.FILE.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "community"]

    assert len(rows) == 10
    assert {row["code"]: row["name"] for row in rows} == {
        code: name for code, name in real.items() if code.startswith("120110008")
    }


# A tiny demo -------------------------------------------------------------------------------------


class Undo(Exception):
    pass


@contextmanager
def taken_back() -> Iterator[None]:
    """What is written within is there within only."""
    try:
        with transaction.atomic():
            yield
            raise Undo
    except Undo:
        reference.forget()


class Seeded(NamedTuple):
    organisation: Organisation
    digest_before: str  # of the same demo, made and taken back before
    told: list[str]  # how far it was


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Seeded]:
    """One tiny demo for the tests below, taken back after the last."""
    with django_db_blocker.unblock(), taken_back():
        shift_clock(to=NOW)
        with taken_back():
            seeding.seed(TINY, now=NOW)
            before = digest.digest()
        told: list[str] = []
        yield Seeded(seeding.seed(TINY, now=NOW, say=told.append), before, told)
    connection.began_at = None  # type: ignore[attr-defined]


@pytest.fixture
def demo(seeded: Seeded, db: None) -> Organisation:
    """The tiny demo, as it was, for one test."""
    return seeded.organisation


def test_the_same_seed_makes_the_same_data(seeded: Seeded, demo: Organisation) -> None:
    assert digest.digest() == seeded.digest_before


def test_the_organisation_has_its_sizes(demo: Organisation) -> None:
    kinds = Counter(Unit.objects.values_list("kind", flat=True))
    roles = Counter(Post.objects.filter(user__isnull=False).values_list("role", flat=True))

    assert kinds[UnitKind.COMMUNITY] == 10
    assert kinds[UnitKind.GRID] == TINY.grids == 12
    assert kinds[UnitKind.STATION] == 11
    assert kinds[UnitKind.DEPARTMENT] == 18
    assert roles[Role.GRID_WORKER] == TINY.grids
    assert roles[Role.HANDLER] == TINY.handlers
    forms = Counter(
        Unit.objects.filter(kind=UnitKind.GRID).values_list("organisation__form", flat=True)
    )
    assert forms == {PartyForm.BRANCH: 5, PartyForm.GROUP: 4, None: 3}
    bare = Unit.objects.filter(kind=UnitKind.GRID, organisation=None).first()
    assert bare is not None
    assert units.organisation_for(bare).unit == bare.community


def test_only_district_street_and_communities_are_not_marked_as_invented(
    demo: Organisation,
) -> None:
    real = (UnitKind.DISTRICT, UnitKind.STREET, UnitKind.COMMUNITY)

    assert not Unit.objects.exclude(kind__in=real).exclude(name__contains="演示").exists()
    assert not User.objects.exclude(display_name__contains="演示").exists()
    assert not Post.objects.exclude(member_name="").exclude(member_name__contains="演示").exists()
    assert not Case.objects.exclude(place__contains="演示").exists()


def test_the_grids_lie_side_by_side_in_the_database(demo: Organisation) -> None:
    assert Grid.objects.count() == TINY.grids
    assert coverage.overlaps(geo.load()) == []
    assert coverage.gaps(geo.load()) == []
    assert set(Grid.objects.exclude(dedicated_kind="").values_list("kind", flat=True)) == {
        "dedicated"
    }


# What a case passes on its plain way; of the others cases/demo/turns.py tells.
PLAIN = set(State) - {
    *(State.REFERRED, State.JOINT, State.SUSPENDED, State.WAITING, State.JOINED, State.SPLIT),
}


def test_the_cases_have_their_numbers_and_every_state(demo: Organisation) -> None:
    sources = set(Case.objects.values_list("source", flat=True))
    states = Counter(Case.objects.values_list("state", flat=True))

    assert {Source.SUGGESTION, Source.VISIT} <= sources  # what came of others counts as well
    assert sum(states[state] for state in OPEN) == TINY.open
    assert sum(states.values()) == TINY.open + TINY.closed
    assert set(states) == PLAIN
    assert Case.objects.filter(grid=None).count() == 2
    assert Photo.objects.exists()
    assert Message.objects.unread().exists()


def test_buildings_and_houses_stand_in_the_grids(demo: Organisation) -> None:
    rows = Building.objects.order_by("pk")

    assert (rows.count(), House.objects.count()) == (TINY.buildings, TINY.houses)
    assert (FULL.buildings, FULL.houses) == (1_568, 32_239)
    points = [(row.lon or 0, row.lat or 0) for row in rows]
    assert geo.covering(geo.load(), points) == [row.grid_id for row in rows]
    uses = {HouseUse.OWN, HouseUse.RENTED, HouseUse.EMPTY}
    assert uses <= set(House.objects.values_list("use", flat=True))
    assert not House.objects.exclude(grid=F("building__grid")).exists()
    assert all(row.address is not None for row in rows)
    assert Hazard.objects.exists()
    assert Facility.objects.filter(cases__isnull=False).exists()
    assert Seat.objects.count() == 11


# The registers ----------------------------------------------------------------------------------


@pytest.fixture
def clerk(demo: Organisation) -> User:
    """Of the community whose registers are kept, where the log-ins are at home."""
    return User.objects.get(username="clerk")


def test_people_live_in_the_houses_of_the_first_community(demo: Organisation, clerk: User) -> None:
    rows = access.residencies(clerk)

    assert (FULL.people, FULL.entities) == (60_083, 741)
    assert (SMALL.people, SMALL.entities) == (750, 25)
    lived = Residency.objects.filter(began_on__lte=NOW.date() - BROUGHT_IN)
    assert lived.count() == TINY.people
    assert set(rows.values_list("kind", flat=True)) == set(ResidencyKind.values)
    assert not rows.exclude(community=demo.communities[0].unit).exists()
    assert Residency.objects.filter(leaving=Leaving.MOVED).exists()
    heads = Counter(rows.filter(relation="head").values_list("household", flat=True))
    assert set(heads.values()) == {1}
    assert Merge.objects.filter(undone_at=None).count() == 1


def test_nobody_in_the_registers_could_be_real(demo: Organisation, clerk: User) -> None:
    access.enter(clerk)
    people = list(Person.objects.select_related("data_key"))

    assert len(people) >= TINY.people
    for person in people:
        assert people_demo.MARK in person.name.reveal()
        number = person.document_number.reveal() if person.document_number else ""
        assert not number or "地区码" in identifiers.read("resident_id", number, NOW.date()).warning
        phones = (person.phone, person.other_phone, person.contact_phone)
        assert all(phone.reveal().startswith("154") for phone in phones if phone)
    contacts = EntityContact.objects.select_related("data_key")
    assert all("演示" in row.name.reveal() for row in contacts)
    assert not Entity.objects.exclude(name__contains="演示").exists()
    landlords = Landlord.objects.select_related("data_key")
    assert all("演示" in row.name.reveal() for row in landlords)


def test_the_registers_come_in_by_imports_that_tell_how_far_they_are(
    seeded: Seeded, demo: Organisation, clerk: User
) -> None:
    sizes = {
        "楼栋": TINY.buildings, "房屋": TINY.houses, "人口": TINY.people, "法人单位": TINY.entities,
    }  # fmt: skip
    for what, size in sizes.items():
        assert f"{what} {size} / {size}" in seeded.told
    for job in (*PlaceImport.objects.all(), *PeopleImport.objects.all()):
        assert (job.state, job.refused, job.same) == ("done", 0, 0)
    firms = PeopleImport.objects.get(kind="entities")
    access.enter(clerk)
    renewed = Licence.objects.exclude(replaces=None).count()
    assert (firms.made, firms.read) == (TINY.entities, Licence.objects.count() - renewed)


def test_no_two_of_a_whole_street_have_the_same_number() -> None:
    inventor = Inventor(Random(1), NOW.date())

    said = [inventor.details(NOW.date() - timedelta(days=n % 900), "1") for n in range(20_000)]

    numbers = [one.document_number for one in said if one.document_number]
    assert len(set(numbers)) == len(numbers)
    phones = [one.phone for one in said if one.phone]
    assert len(set(phones)) == len(phones)


def test_each_register_has_something_to_show(demo: Organisation, clerk: User) -> None:
    today = NOW.date()
    access.enter(clerk)

    assert Entity.objects.count() == TINY.entities
    assert Licence.objects.filter(expires_on__range=(today, today + entities.NOTICE)).exists()
    assert JointUnit.objects.filter(ended_on=None).exists()
    states = set(Tenancy.objects.values_list("state", flat=True))
    assert states >= {"declared", "confirmed"}
    assert Tenancy.objects.filter(until__range=(today, today + entities.NOTICE)).exists()
    assert tenancies.waiting(clerk).count() == 2
    kinds = set(changes.waiting(clerk).values_list("kind", flat=True))
    assert kinds >= {"merge", "document"}
    assert Export.objects.filter(state="asked").count() == 1
    rights = set(RightsRequest.objects.values_list("state", flat=True))
    assert rights == {"received", "verified", "done"}
    assert Sheet.objects.exclude(comment="").exists()


def test_visits_cover_some_households_and_some_are_due(demo: Organisation, clerk: User) -> None:
    today = NOW.date()
    (home,) = visits.coverage(clerk, today - timedelta(weeks=8))

    assert 0 < home.visited < home.households
    due = visits.today(clerk, today)
    assert 0 < len(due) < home.households + 1
    assert Visit.objects.exclude(skipped="").exists()
    assert Visit.objects.exclude(followed_at=None).exists()
    assert Case.objects.filter(source=Source.VISIT, visit__isnull=False).count() == 1
    assert ServiceRequest.objects.filter(visit__isnull=False).count() == 1


def test_support_plans_have_their_teams(demo: Organisation, clerk: User) -> None:
    worker = User.objects.get(username="grid_worker")
    plans = support.visible(worker)

    assert plans.count() == 4
    assert set(plans.values_list("kind__code", flat=True)) == set(PLAN_KINDS)
    for plan in plans:
        roles = Counter(plan.team.values_list("role", flat=True))
        assert roles["lead"] == roles["community"] == roles["grid"] == roles["family"] == 1
        assert roles["helper"] >= 2
        assert not roles["officer"] or plan.officer_agreed
        assert plan.steps.exclude(done_at=None).exists()
        assert plan.steps.filter(done_at=None).exists()


PLAN_KINDS = ("alone", "disabled", "children", "hardship")
DESK, PHONE = ("clerk", "station_lead"), ("grid_worker", "grid_leader", "station_lead")
# Who opens which page, and what has to stand on it.
PAGES = (
    ((*DESK, "grid_worker"), "/people/", "一里（演示）"),
    (PHONE, "/m/people/", "一里（演示）"),
    (DESK, "/people/visits/", "住户常态走访（演示）"),
    (PHONE, "/m/people/visits/", "住户常态走访（演示）"),
    (DESK, "/people/visits/plans/", "冬季取暖安全提醒（演示）"),
    ((*DESK, "leader"), "/people/sheets/", "周分析"),
    (PHONE, "/m/people/sheets/", "周分析"),
    ((*DESK, "grid_worker", "leader"), "/people/plans/", "评估日期"),
    ((*DESK, "leader"), "/people/entities/", "便民超市（演示）"),
    (PHONE, "/m/people/entities/", "便民超市（演示）"),
    (DESK, "/people/tenancies/", "一里（演示）"),
    (PHONE, "/m/people/tenancies/", "一里（演示）"),
    (DESK, "/people/joint/", "第1联户单位（演示）"),
    (PHONE, "/m/people/joint/", "第1联户单位（演示）"),
    (DESK, "/people/changes/", "疑为同一人"),
    (("clerk", "leader"), "/exports/", "核对老年人免费体检名单"),
    (("clerk",), "/rights/", "复制个人信息"),
    (("system_admin",), "/places/imports/", "房屋.csv"),
    (DESK, "/places/", "一里（演示）"),
    (PHONE, "/m/places/", "一里（演示）"),
    (DESK, "/places/addresses/?q=和顺东园一里", "1号楼"),
    (DESK, "/places/facilities/", "路灯（演示）"),
)


@pytest.mark.parametrize(
    ("username", "url", "text"), [(who, url, text) for all_, url, text in PAGES for who in all_]
)
def test_a_page_of_the_registers_is_not_empty(
    demo: Organisation, username: str, url: str, text: str
) -> None:
    client = Client()
    client.force_login(User.objects.get(username=username))

    page = client.get(url)

    assert page.status_code == 200
    assert text in page.content.decode()


def test_there_are_service_requests_in_every_state(demo: Organisation) -> None:
    states = set(ServiceRequest.objects.values_list("state", flat=True))

    assert states == set(ServiceState.values)
    assert ServiceItem.objects.filter(requests=None).count() == 0
    assert ServiceRequest.objects.filter(overdue_at__isnull=False).exists()


def test_there_are_suggestions_answered_and_not(demo: Organisation) -> None:
    states = Counter(Suggestion.objects.values_list("subject", "state"))

    assert sum(n for (subject, _state), n in states.items() if subject == "community") == 30
    assert states["community", "answered"] == 26
    assert (states["community", "handed_over"], states["community", "received"]) == (1, 3)
    assert (states["platform", "answered"], states["platform", "received"]) == (4, 2)
    assert Suggestion.objects.filter(overdue_at__isnull=False, state="received").exists()
    assert Suggestion.objects.filter(subject="platform", author=None).exists()
    assert Suggestion.objects.filter(published=True).exists()


def test_there_are_campaigns_of_each_kind(demo: Organisation) -> None:
    kinds = set(Campaign.objects.values_list("kind", "state"))
    answers = Answer.objects.exclude(taken_from=None)
    tasks = CampaignTask.objects.filter(campaign__state="running")

    assert kinds == {("campaign", "running"), ("campaign", "ended"), ("spot_check", "running")}
    assert answers.filter(task__campaign__state="running").exists()
    assert set(tasks.values_list("state", flat=True)) == {"open", "done"}
    assert tasks.filter(overdue_at__isnull=False).exists()
    spot = Campaign.objects.get(kind="spot_check")
    assert campaign_page.holds(spot, spot.pool.draw.seed)
    assert not CampaignCase.objects.exists()  # the tiny demo counts its cases


def test_there_are_rules_and_texts_without_a_fault(demo: Organisation) -> None:
    client = Client()
    client.force_login(User.objects.get(username="dispatcher"))

    html = client.get("/dispatch-rules/").content.decode()

    for rule in rulebook.RULES:
        assert rule.name in html
    assert "部门处置员" in html
    assert configuration.faults() == []
    assert [text for text in StandardText.objects.all() if texts.faults(text.text)] == []
    case = Case.objects.filter(state=State.HANDLING)[0]
    assert texts.offered(case, Action.FINISH)
    # what the demo wrote stands as the ladders and the calendar want it
    assert recomputing.to_retime(Item.objects.values_list("pk", flat=True), NOW) == {}
    assert recomputing.moving() == 0


def test_clocks_ran_out_for_some_and_not_for_others(demo: Organisation) -> None:
    at_work = Case.objects.at_work()

    assert at_work.overdue(NOW).exists()
    assert at_work.filter(stage_warn_at__lt=NOW, stage_due_at__gt=NOW).exists()
    assert at_work.filter(stage_warn_at__gt=NOW).exists()
    assert at_work.filter(escalation__gte=2).exists()
    actions = set(Transition.objects.filter(source="sweep").values_list("action", flat=True))
    assert {"remind", "overdue", "escalate"} <= actions
    assert not Timer.objects.due(NOW).exists()
    assert not Timer.objects.parked().exists()


def test_each_role_can_log_in_and_lands_at_work(demo: Organisation) -> None:
    printed = {row[0]: row for row in logins.rows()}

    assert set(printed) == (set(Role.values) - {Role.SPONSOR}) | {"supervisor2"}  # the district's
    for username, password, _role, _unit, _way in printed.values():
        client = Client()
        page = client.post("/login/", {"username": username, "password": password}, follow=True)
        assert page.status_code == 200, username
        assert page.redirect_chain[-1][0] not in {"/login/", "/password/"}
        user = User.objects.get(username=username)
        assert not passwords.expired(user)
        assert permissions.posts_of(user)


def test_the_table_of_log_ins_is_aligned(
    demo: Organisation, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEVELOPMENT = True

    call_command("demo_logins")

    table, below = capsys.readouterr().out.split("\n\n")
    head, *lines = table.splitlines()
    assert "/report/" in below
    start = logins.width(head) - logins.width(logins.HEAD[-1])
    assert len(lines) == len(Role)
    for line, row in zip(lines, logins.rows(), strict=True):
        assert line.endswith(row[-1])
        assert logins.width(line) - logins.width(row[-1]) == start


def test_it_is_seeded_once(
    demo: Organisation, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEVELOPMENT = True
    before = Case.objects.count()

    call_command("seed_demo", profile="tiny")

    assert Case.objects.count() == before
    assert "已在" in capsys.readouterr().out


@pytest.mark.parametrize("now", ["2026-10-04 03:10", "2026-11-23 08:31", "2027-05-02 06:00"])
def test_there_are_stories_for_any_hour(demo: Organisation, now: str) -> None:
    teller = Teller(demo, moment(now), Random(1))

    told = [*teller.closed(TINY), *teller.open(TINY)]

    assert len(told) == TINY.closed + TINY.open
    steps = [[story.at, *(step.at for step in story.steps)] for story in told]
    assert all(times == sorted(times) and times[-1] < moment(now) for times in steps)


def test_another_seed_makes_other_cases(demo: Organisation) -> None:
    one, other = (Teller(demo, NOW, Random(seed)).closed_story(FULL.history) for seed in (1, 2))

    assert one.report != other.report


def test_the_history_is_what_the_verbs_would_have_written(demo: Organisation) -> None:
    teller = Teller(demo, NOW, Random(5))
    told = [teller.closed_story(FULL.history) for _ in range(800)]
    chosen = [
        *told[:3],
        *(next(s for s in told if action in {step.action for step in s.steps}) for action in RARE),
        next(s for s in told if [step.given.get("satisfied") for step in s.steps].count(False)),
        next(s for s in told if s.report.reporter_name and s.pictures),
    ]

    with taken_back():
        for story in chosen:
            work.perform(story, teller.classes, historical=True)
        by_verbs = digest.digest()
    with taken_back():
        history.Writer(teller.classes).write(chosen)
        at_once = digest.digest()

    assert by_verbs == at_once != digest.digest()


@pytest.mark.parametrize("command", ["seed_demo", "demo_logins"])
def test_there_are_no_published_passwords_outside_the_demo(command: str, settings: Any) -> None:
    settings.DEVELOPMENT = False

    with pytest.raises(CommandError, match="DEBUG"):
        call_command(command)


def test_some_open_cases_take_another_way(demo: Organisation) -> None:
    assert turns.turn(NOW) >= 8

    states = set(Case.objects.values_list("state", flat=True))
    assert states >= {State.SUSPENDED, State.WAITING, State.JOINT, State.SPLIT, State.JOINED}
    assert Case.objects.filter(severity="yellow").exists()
    assert Case.objects.exclude(leave="").exists()
    assert Case.objects.filter(level="street").exists() or Case.objects.filter(level="district")
