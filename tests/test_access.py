"""Who sees which cases, and who may act on what they see."""

from __future__ import annotations

from datetime import date

import pytest

from cases import access, intake, workflow
from cases.models import Case, CaseQuerySet, Source, State
from governance import permissions
from governance.models import Post, User
from tests.builders import World, create_post, create_unit, create_user
from tests.case_builders import MONDAY, create_case, create_item, move, report_of


@pytest.fixture
def cases(world: World) -> dict[str, Case]:
    """One in the first grid at 环卫所, one in the second, one in the other street, one in none."""
    item = create_item(department=world.sanitation, dispatch="manual")
    lost, _new = intake.open_case(report_of(item, source=Source.PUBLIC), by=None, now=MONDAY)
    return {
        "here": create_case(world, state=State.HANDLING, by=world.household_head),
        "second": create_case(world, grid=world.second_grid, by=world.correspondent),
        "there": create_case(world, grid=world.other_grid, by=world.other_grid_worker),
        "lost": lost,
    }


def names(cases: dict[str, Case], found: CaseQuerySet) -> set[str]:
    ids = set(found.values_list("pk", flat=True))
    return {name for name, case in cases.items() if case.pk in ids}


SEEN = {
    "leader": {"here", "second"},
    "co_opted": {"here", "second"},
    "clerk": {"here", "second", "lost"},
    "station_lead": {"here", "second"},
    "dispatcher": {"here", "second", "lost"},
    "supervisor": {"here", "second"},
    "grid_leader": {"here"},
    "grid_worker": {"here"},
    "grid_guide": {"here"},
    "correspondent": {"second"},  # volunteers: what they reported themselves
    "household_head": {"here"},
    "department_lead": {"here"},
    "handler": {"here"},
    "police_handler": set(),
    "outsider": {"there", "lost"},
    "other_grid_worker": {"there"},
    "system_admin": set(),
    "security_admin": set(),
    "audit_admin": set(),
}


def test_each_sees_the_own_territory(world: World, cases: dict[str, Case]) -> None:
    seen = {who: names(cases, access.visible_to(getattr(world, who))) for who in SEEN}

    assert seen == SEEN


def test_a_case_seen_is_found_and_another_is_not_there(
    world: World, cases: dict[str, Case]
) -> None:
    from django.http import Http404

    assert access.case_for(world.grid_worker, cases["here"].number) == cases["here"]
    for number in (cases["second"].number, "20260302999999", "\x00", ""):
        with pytest.raises(Http404):
            access.case_for(world.grid_worker, number)


def test_whoever_reported_goes_on_seeing_it(world: World) -> None:
    case = create_case(world, grid=world.other_grid, by=world.grid_worker)

    assert access.case_for(world.grid_worker, case.number) == case
    assert not access.may_act(world.grid_worker, case, "case.verify")


def test_a_post_counts_from_its_first_day_to_its_last(world: World, cases: dict[str, Case]) -> None:
    user = create_user()
    create_post(
        role="clerk",
        unit=world.community,
        user=user,
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 2, 1),
    )
    create_post(role="grid_worker", unit=world.second_grid, user=user, valid_from=date(2099, 1, 1))

    assert names(cases, access.visible_to(user)) == set()


def test_two_posts_show_two_territories(world: World, cases: dict[str, Case]) -> None:
    create_post(role="grid_worker", unit=world.other_grid, user=world.handler)

    assert names(cases, access.visible_to(world.handler)) == {"here", "there"}


def test_who_was_switched_off_sees_nothing(world: World, cases: dict[str, Case]) -> None:
    User.objects.filter(pk=world.clerk.pk).update(is_active=False)

    assert names(cases, access.visible_to(User.objects.get(pk=world.clerk.pk))) == set()


def test_a_post_at_an_area_covers_no_territory(world: World, cases: dict[str, Case]) -> None:
    area = create_unit(kind="area", parent=world.community)

    assert names(cases, access.visible_to(create_user(role="clerk", unit=area))) == {"lost"}


def test_a_post_at_a_station_covers_where_the_station_is(
    world: World, cases: dict[str, Case]
) -> None:
    station = create_unit(kind="station", parent=world.community)
    lead = create_user(role="station_lead", unit=station)

    assert names(cases, access.visible_to(lead)) == {"here", "second"}


def test_a_department_sees_a_case_while_it_is_there(world: World, cases: dict[str, Case]) -> None:
    move(cases["here"], "return", by=world.handler)

    assert names(cases, access.visible_to(world.handler)) == set()


def test_a_case_in_no_community_is_the_whole_district_s_centre_s(
    world: World, cases: dict[str, Case]
) -> None:
    case = cases["lost"]

    case = move(case, "accept", by=world.outsider)
    case = move(case, "dispatch", by=world.dispatcher)

    assert case.state == State.DISPATCHED
    for who in ("supervisor", "leader", "grid_worker", "system_admin"):
        assert workflow.allowed(case, getattr(world, who), MONDAY) == []


def test_seeing_is_not_acting(world: World, cases: dict[str, Case]) -> None:
    """For each of the cast: the permissions over the case in the first grid."""
    codes = [code for code in permissions.TABLE if code.startswith(("case.", "reporter."))]
    may = {
        who: {
            code.partition(".")[2]
            for code in codes
            if code not in {"case.see", "case.report"}
            and access.may_act(getattr(world, who), cases["here"], code)
        }
        for who in SEEN
    }

    looks = {"add_photo", "reveal"}
    centre = {
        *("accept", "refuse", "join", "unjoin", "split", "pass_up", "hand_down", "ask_reporter"),
        *("reply", "whistle", "excuse", "score", "conclude", "find", "recheck", "close", "answer"),
        *("rate", "reopen", "archive", "urge", "reply_supervision", "correct", "share", "unshare"),
        *("call_back", "publish_photo", "make_paper", "mediate", *looks),
    }
    dispatcher = {"dispatch", "insist", "grant", "deny", "resume", "consult"}
    orders = {"supervise", "lift_supervision", "rule", "consult", "excuse", "review"}
    field = {"handle_on_spot", "verify", "fail", "find", "recheck", "mediate", *looks}
    department = {
        *("sign", "return", "finish", "ask_extension", "ask_suspension", "ask_reporter", "resume"),
        *("sign_task", "contact", "arrive", "report_task", "find", "order", "recheck"),
        *("reply_supervision", "make_paper", "mediate", *looks),
    }
    nothing: set[str] = set()
    assert may == {
        **dict.fromkeys(SEEN, nothing),
        "clerk": {*centre, "verify", "fail"},
        "dispatcher": {*centre, *dispatcher},
        "supervisor": {*orders, "grant", "deny", "resume", "urge", "share", "unshare"},
        "leader": {*orders, "whistle", "score", "conclude", "force_close"},
        "station_lead": field,
        "grid_leader": field,
        "grid_worker": field,
        "handler": department,
        "department_lead": department,
    }


def test_the_sponsor_of_a_grid_holds_no_permission(world: World) -> None:
    Post.objects.create(
        role="sponsor", unit=world.grid, holder_unit=world.police, valid_from=date(2026, 1, 1)
    )

    assert all("sponsor" not in row.roles for row in permissions.TABLE.values())


def test_a_case_in_hand_is_seen_by_just_those_whose_lists_hold_it(world: World) -> None:
    cases = [
        create_case(world),
        create_case(world, state=State.HANDLING),
        create_case(world, grid=world.other_grid, by=world.outsider),
        create_case(world, grid=None, by=None),
    ]
    seen = set()
    for user in User.objects.order_by("pk"):
        listed = set(access.visible_to(user).values_list("pk", flat=True))
        for case in cases:
            case.refresh_from_db()
            assert access.sees(user, case) == (case.pk in listed), (user, case.pk)
            seen.add(case.pk in listed)
    assert seen == {True, False}
