"""帮扶计划: agreed to, seen by its team alone, reviewed, renewed, and ended by itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.http import Http404

from governance import actor, scope, timers
from governance.history import WalledRow
from governance.models import AccessRecord, Message, Timer, User
from people import access, changes, plan_homes, registering, support, visits
from people.errors import BadDetails, NotAllowed
from people.models import SupportKind, SupportPlan, SupportStep, TeamMember
from people.support import Member
from tests.builders import (
    World,
    create_post,
    create_unit,
    create_user,
    moment,
    queries,
    shift_clock,
)
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.people_builders import TODAY, create_house, create_person, number

pytestmark = pytest.mark.django_db


@pytest.fixture
def elderly(db: None) -> SupportKind:
    return SupportKind.objects.create(
        code="test", name="试行类别", name_en="On trial", purpose="定期看望",
        basis="老年人权益保障法", review_months=3, lasts_months=12,
    )  # fmt: skip


def begin(world: World, kind: SupportKind, **fields: Any) -> SupportPlan:
    given = {
        "goal": "每周看望", "basis": "consent", "agreed": "2026-03-01 本人当面同意",
        "team": [Member("grid", world.station_lead), Member("family", name="王女士", phone="138")],
        "by": world.grid_worker, "now": MONDAY,
    }  # fmt: skip
    person = fields.pop("person", None) or create_person(world).person
    return support.begin(person, kind, **{**given, **fields})


def test_a_plan_is_seen_by_its_team_alone(world: World, elderly: SupportKind) -> None:
    plan = begin(world, elderly)
    assert (plan.review_on, plan.ends_on) == (date(2026, 6, 2), date(2027, 3, 2))
    lead, responsible, family = plan.team.order_by("role")
    assert {lead.role, responsible.role, family.role} == {"lead", "grid", "family"}
    for user in (world.grid_worker, world.station_lead):
        assert support.plan_for(user, plan.pk).words.goal.reveal() == "每周看望"
    # not who sees the person, and nobody else
    for user in (world.clerk, world.grid_leader, world.supervisor, world.police_handler):
        with pytest.raises(Http404):
            support.plan_for(user, plan.pk)
        access.enter(user)
        assert not SupportPlan.objects.exists()
        assert not TeamMember.objects.exists()
    told = Message.objects.filter(kind="support.joined")
    assert [message.recipient for message in told] == [world.station_lead]


def test_all_that_the_page_of_a_plan_shows_is_a_look(world: World, elderly: SupportKind) -> None:
    plan = begin(world, elderly)
    step = support.agree_step(plan, "装扶手", TODAY, by=world.grid_worker, now=MONDAY)
    page = browser(world.station_lead).get(f"/people/plans/{plan.pk}/").content.decode()
    assert "装扶手" in page
    assert "王女士" in page

    looks = AccessRecord.objects.filter(reason=f"查看帮扶计划 {plan.pk}")
    family = plan.team.get(role="family")
    assert set(looks.values_list("model", "object_id")) == {
        ("people.PlanWords", str(plan.words_id)),
        ("people.StepWords", str(step.words_id)),
        ("people.TeamMember", str(family.pk)),
    }
    columns = {look.model: look.columns for look in looks}
    assert columns["people.TeamMember"] == ["name", "phone"]
    assert columns["people.StepWords"] == ["what"]


@pytest.mark.parametrize("more", [1, 3])
def test_a_longer_plan_asks_no_more_often(world: World, elderly: SupportKind, more: int) -> None:
    plan, client = begin(world, elderly), browser(world.station_lead)
    for n in range(more):
        support.agree_step(plan, f"看望{n}", TODAY, by=world.grid_worker, now=MONDAY)
        member = Member("helper", name=f"帮手{n}")
        support.join(plan, member, by=world.grid_worker, now=MONDAY)
    client.get("/people/plans/")
    with queries(14):
        client.get(f"/people/plans/{plan.pk}/")


def test_who_makes_a_plan_need_not_lead_it(world: World, elderly: SupportKind) -> None:
    team = [
        Member("lead", world.station_lead),
        Member("family", name="王女士"),
        Member("grid", world.grid_worker),
    ]

    plan = begin(world, elderly, team=team)

    roles = dict(plan.team.exclude(user=None).values_list("user", "role"))
    assert roles == {world.station_lead.pk: "lead", world.grid_worker.pk: "grid"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"goal": " "}, "goal"),
        ({"basis": "guess"}, "basis"),
        ({"agreed": ""}, "agreed"),
        ({"team": [Member("officer", name="李警官")]}, "team"),
        ({"team": [Member("boss", name="某人")]}, "role"),
        ({"team": [Member("helper")]}, "name"),
    ],
)
def test_a_plan_that_cannot_be(
    world: World, elderly: SupportKind, fields: dict[str, Any], field: str
) -> None:
    person = create_person(world).person
    with pytest.raises(BadDetails) as caught, transaction.atomic():
        begin(world, elderly, person=person, **fields)
    assert field in caught.value.faults
    begin(world, elderly, person=person)
    with pytest.raises(NotAllowed, match="已有"):
        begin(world, elderly, person=person)


def test_the_plan_of_another_team_is_not_given_away(world: World, elderly: SupportKind) -> None:
    person = create_person(world).person
    begin(world, elderly, person=person)
    client = browser(world.clerk)
    page = f"/people/{person.pk}/plans/new/"
    given = {"kind": elderly.pk, "goal": "看望", "basis": "consent", "agreed": "当面"}

    answer = client.post(page, given)

    assert answer.status_code == 400
    told = answer.content.decode()
    assert "请联系网格站站长" in told
    assert "已有" not in told
    assert client.get(page).status_code == 200  # and the next request finds all in order


def test_who_may_not_make_one(world: World, elderly: SupportKind) -> None:
    person = create_person(world).person
    for user in (world.other_grid_worker, world.police_handler, world.dispatcher):
        with pytest.raises(NotAllowed, match="岗位"):
            begin(world, elderly, person=person, by=user)


def test_an_officer_only_where_the_person_agrees(world: World, elderly: SupportKind) -> None:
    plan = begin(world, elderly)
    officer = Member("officer", world.police_handler)
    with pytest.raises(BadDetails, match="本人同意"):
        support.join(plan, officer, by=world.grid_worker, now=MONDAY)
    other = begin(world, elderly, officer_agreed=True, team=[officer])
    assert support.plan_for(world.police_handler, other.pk) == other
    assert not access.persons(world.police_handler).exists()  # the plan, never the register


def test_an_officer_is_one_whatever_role_is_chosen(world: World, elderly: SupportKind) -> None:
    plan = begin(world, elderly)
    for role in ("helper", "family", "community"):
        disguised = Member(role, world.police_handler)
        with pytest.raises(BadDetails, match="本人同意"):
            support.join(plan, disguised, by=world.grid_worker, now=MONDAY)
        with pytest.raises(BadDetails, match="本人同意"), transaction.atomic():
            begin(world, elderly, team=[disguised])
    squad = create_unit(kind="department", name="一中队", parent=world.police)
    member = Member("helper", create_user(role="handler", unit=squad))
    with pytest.raises(BadDetails, match="本人同意"):
        support.join(plan, member, by=world.grid_worker, now=MONDAY)
    agreed = begin(world, elderly, officer_agreed=True)
    with pytest.raises(BadDetails, match="职责"):
        support.join(agreed, disguised, by=world.grid_worker, now=MONDAY)


def test_consent_to_an_officer_is_given_later_and_taken_back(
    world: World, elderly: SupportKind
) -> None:
    plan, client = begin(world, elderly), browser(world.grid_worker)
    page = f"/people/plans/{plan.pk}/"
    client.post(f"{page}officer/", {"agreed": "1", "how": "3 月 2 日当面"})
    client.post(f"{page}join/", {"role": "officer", "username": "police_handler"})
    assert support.plan_for(world.police_handler, plan.pk) == plan

    client.post(f"{page}officer/", {"agreed": "0", "how": "3 月 9 日电话"})

    with pytest.raises(Http404):
        support.plan_for(world.police_handler, plan.pk)
    told = client.get(page).content.decode()
    assert "同意民警参加：3 月 2 日当面" in told
    assert "不再同意民警参加：3 月 9 日电话" in told
    assert "本人未同意民警参加" in told


def test_the_page_says_who_of_one_and_three_is_missing(world: World, elderly: SupportKind) -> None:
    plan, client = begin(world, elderly, team=[]), browser(world.grid_worker)
    page = f"/people/plans/{plan.pk}/"
    assert "团队还缺：社区责任人、网格责任人、家属或监护人" in client.get(page).content.decode()
    for role, name in (("community", "a"), ("grid", "b"), ("family", "c")):
        client.post(f"{page}join/", {"role": role, "name": name})
    assert "团队还缺" not in client.get(page).content.decode()


def test_joining_and_leaving(world: World, elderly: SupportKind) -> None:
    plan = begin(world, elderly)
    helper = support.join(plan, Member("helper", world.clerk), by=world.station_lead, now=MONDAY)
    assert support.plan_for(world.clerk, plan.pk)
    with pytest.raises(NotAllowed, match="已在团队"):
        support.join(plan, Member("helper", world.clerk), by=world.station_lead, now=MONDAY)
    with pytest.raises(NotAllowed, match="已有"):
        support.join(plan, Member("grid", world.grid_leader), by=world.station_lead, now=MONDAY)
    with pytest.raises(NotAllowed, match="责任人"):  # a helper helps, and changes nothing
        support.end(plan, "不需要", by=world.clerk, now=MONDAY)
    support.leave(plan, helper, by=world.grid_worker, now=MONDAY)
    with pytest.raises(Http404):
        support.plan_for(world.clerk, plan.pk)
    access.enter(world.station_lead)
    lead = plan.team.get(role="lead")
    with pytest.raises(NotAllowed, match="牵头人"):
        support.leave(plan, lead, by=world.station_lead, now=MONDAY)


def test_steps_have_a_day_and_a_result(world: World, elderly: SupportKind) -> None:
    plan = begin(world, elderly)
    day = TODAY + timedelta(days=5)
    step = support.agree_step(plan, "安装扶手", day, by=world.grid_worker, now=MONDAY)
    for what, due in ((" ", day), ("看望", TODAY - timedelta(days=1)), ("看望", date(2030, 1, 1))):
        with pytest.raises(BadDetails):
            support.agree_step(plan, what, due, by=world.grid_worker, now=MONDAY)
    shift_clock(to=moment(f"{day} 08:30"))
    timers.sweep()
    told = Message.objects.filter(kind="support.step")
    assert {message.recipient for message in told} == {world.grid_worker, world.station_lead}
    with pytest.raises(BadDetails):
        support.finish_step(step, "", by=world.grid_worker, now=MONDAY)
    support.finish_step(step, "已装好", by=world.station_lead, now=MONDAY)
    with pytest.raises(NotAllowed, match="已完成"):
        support.finish_step(step, "再装", by=world.grid_worker, now=MONDAY)
    with pytest.raises(Http404):
        support.finish_step(step, "看过", by=world.clerk, now=MONDAY)


def test_it_ends_by_itself_unless_it_is_renewed(world: World, elderly: SupportKind) -> None:
    plan, other = begin(world, elderly), begin(world, elderly)
    support.agree_step(plan, "看望", TODAY + timedelta(days=300), by=world.grid_worker, now=MONDAY)
    shift_clock(to=moment("2026-06-02 09:00"))
    timers.sweep()
    assert Message.objects.filter(kind="support.review").count() == 4
    now = moment("2026-06-02 10:00")
    support.review(plan, by=world.grid_worker, now=now)
    with pytest.raises(BadDetails):
        support.renew(other, "", by=world.grid_worker, now=now)
    other = support.renew(other, "本人同意续一年", by=world.grid_worker, now=now)
    assert other.ends_on == date(2027, 6, 2)

    shift_clock(to=moment("2027-03-03 08:30"))
    timers.sweep()
    access.enter(world.grid_worker)
    plan.refresh_from_db()
    other.refresh_from_db()
    assert (plan.ending, other.ended_at) == ("到期未续", None)
    assert Message.objects.filter(kind="support.end").count() == 2
    with pytest.raises(NotAllowed, match="已结束"):
        support.agree_step(plan, "看望", date(2027, 3, 4), by=world.grid_worker, now=now)
    step = SupportStep.objects.get(plan=plan)
    with pytest.raises(NotAllowed, match="已结束"):
        support.finish_step(step, "看过", by=world.grid_worker, now=now)
    support.end(other, "搬去与子女同住", by=world.grid_worker, now=now)
    assert not SupportPlan.objects.filter(ended_at=None).exists()


def test_a_plan_waits_for_who_moves_out_and_then_ends(world: World, elderly: SupportKind) -> None:
    done = create_person(world)
    plan, other = begin(world, elderly, person=done.person), begin(world, elderly)
    support.agree_step(plan, "看望", TODAY, by=world.grid_worker, now=MONDAY)

    # the clerk is in no team, and learns nothing of the plan
    registering.move_out(done.residency, on=TODAY, by=world.clerk, now=MONDAY)

    access.enter(world.grid_worker)
    plan.refresh_from_db()
    assert (plan.ended_at, plan_homes.waits_until(plan)) == (None, date(2026, 3, 17))
    told = Message.objects.filter(kind="support.away")
    assert {message.recipient for message in told} == {world.grid_worker, world.station_lead}
    page = browser(world.grid_worker).get(f"/m/people/plans/{plan.pk}/").content.decode()
    assert "本人已搬离；2026-03-17 前未在本社区重新登记居住的，计划自动结束" in page

    shift_clock(to=moment("2026-03-16 20:00"))
    timers.sweep()
    assert (state(plan), state(other)) == ("", "")
    shift_clock(to=moment("2026-03-17 08:01"))
    timers.sweep()

    assert (state(plan), state(other)) == ("本人已搬离", "")
    told = Message.objects.filter(kind="support.over")
    assert {message.recipient for message in told} == {world.grid_worker, world.station_lead}
    assert set(Timer.objects.open().values_list("kind", "subject_id")) == {
        ("support.review", other.pk),
        ("support.end", other.pk),
    }


def state(plan: SupportPlan) -> str:
    """Why a plan ended, as its team sees it; "" while it is open."""
    access.enter(plan.made_by)
    return SupportPlan.objects.get(pk=plan.pk).ending


def away(world: World, plan: SupportPlan) -> list[str]:
    """What the leader of the team was told of the person's moving, in turn."""
    kinds = ("support.away", "support.back", "support.over")
    rows = Message.objects.filter(recipient=world.grid_worker, kind__in=kinds).order_by("pk")
    return [row.kind.removeprefix("support.") for row in rows]


@pytest.mark.parametrize("surface", ["/people/", "/m/people/"])
def test_who_is_moved_out_before_in_again_keeps_the_plan(
    world: World, elderly: SupportKind, surface: str
) -> None:
    shift_clock(to=MONDAY)
    papers, home = number(), create_house(world.second_grid)
    done = create_person(world, document_number=papers)
    plan, clerk = begin(world, elderly, person=done.person), browser(world.clerk)
    clerk.post(
        f"{surface}residencies/{done.residency.pk}/out/", {"leaving": "moved", "on": "2026-03-02"}
    )
    assert away(world, plan) == ["away"]

    # nobody finds them any more: the same document is the same person
    form = {
        "name": "王小明", "document_kind": "resident_id", "document_number": papers,
        "kind": "resident", "relation": "head", "began_on": "2026-03-02",
    }  # fmt: skip
    page = clerk.post(f"{surface}new/{home.pk}/", form, follow=True).content.decode()
    assert "该证件已登记过" in page

    assert away(world, plan) == ["away", "back"]
    shift_clock(to=moment("2026-04-01 09:00"))
    timers.sweep()
    access.enter(world.grid_worker)
    assert (state(plan), plan_homes.waits_until(plan)) == ("", None)


def test_a_plan_that_waits_ends_where_the_person_moves_in_elsewhere(
    world: World, elderly: SupportKind
) -> None:
    papers = number()
    done = create_person(world, document_number=papers)
    plan = begin(world, elderly, person=done.person)
    registering.move_out(done.residency, on=TODAY, by=world.clerk, now=MONDAY)

    # registered by who sees neither the plan nor where the person came from
    house = create_house(world.other_grid)
    create_person(world, house, by=world.outsider, document_number=papers)

    assert (state(plan), away(world, plan)) == ("本人已搬离", ["away", "over"])
    # the second home of who has one in the community takes nothing away
    kept = create_person(world, document_number=(papers := number()))
    plan = begin(world, elderly, person=kept.person)
    create_person(world, house, by=world.outsider, document_number=papers)
    assert state(plan) == ""


def test_a_plan_ends_at_once_for_who_lives_in_another_community(
    world: World, elderly: SupportKind
) -> None:
    papers = number()
    done = create_person(world, document_number=papers)
    plan = begin(world, elderly, person=done.person)
    house = create_house(world.other_grid)
    create_person(world, house, by=world.outsider, document_number=papers)

    registering.move_out(done.residency, on=TODAY, by=world.clerk, now=MONDAY)

    assert (state(plan), away(world, plan)) == ("本人已搬离", ["over"])


def test_who_moves_out_and_in_and_out_is_waited_for_anew(
    world: World, elderly: SupportKind
) -> None:
    papers = number()
    done = create_person(world, document_number=papers)
    plan = begin(world, elderly, person=done.person)
    registering.move_out(done.residency, on=TODAY, by=world.clerk, now=MONDAY)
    again = create_person(world, create_house(world.second_grid), by=world.clerk,
                          document_number=papers)  # fmt: skip
    later = MONDAY + timedelta(days=3)
    registering.move_out(again.residency, on=later.date(), by=world.clerk, now=later)
    access.enter(world.grid_worker)
    assert plan_homes.waits_until(plan) == date(2026, 3, 20)
    assert away(world, plan) == ["away", "back", "away"]


def test_how_long_a_plan_waits_is_of_its_kind(world: World, elderly: SupportKind) -> None:
    url = f"/admin/people/supportkind/{elderly.pk}/change/"
    admin = browser(world.system_admin)
    form = {
        "name": "试行类别", "name_en": "On trial", "purpose": "看望", "basis": "老年人权益保障法",
        "review_months": 3, "lasts_months": 12, "needs": "", "is_active": "on",
    }  # fmt: skip
    assert "最多保留" in admin.post(url, form | {"wait_days": 1000}).content.decode()
    assert admin.post(url, form | {"wait_days": 0}).status_code == 302
    done = create_person(world)
    plan = begin(world, elderly, person=done.person)
    registering.move_out(done.residency, on=TODAY, by=world.clerk, now=MONDAY)
    assert (state(plan), away(world, plan)) == ("本人已搬离", ["over"])


def test_a_plan_goes_along_within_the_community(world: World, elderly: SupportKind) -> None:
    done = create_person(world)
    plan = begin(world, elderly, person=done.person)
    home, by = create_house(world.second_grid), world.clerk
    registering.move_in(done.person, home, kind="resident", began_on=TODAY, by=by, now=MONDAY)

    registering.move_out(done.residency, on=TODAY, by=by, now=MONDAY)

    access.enter(world.grid_worker)
    assert SupportPlan.objects.get(pk=plan.pk).ended_at is None


def test_a_plan_ends_with_a_death(world: World, elderly: SupportKind) -> None:
    twin = create_person(world, name="王小明")
    plan = begin(world, elderly, person=twin.person)
    plain: dict[str, Any] = {
        "document_kind": "none",
        "document_number": "",
        "birth_date": "1990-01-01",
    }
    kept = create_person(world, name="王小明", **plain)
    now, lead, ask = MONDAY, world.station_lead, world.grid_worker
    # registered twice: the plan was made for the row that was merged away
    merged = changes.ask(twin.person, "merge", reason="同一人", into=kept.person, by=ask, now=now)
    changes.decide(merged, granted=True, by=lead, now=now)
    died = changes.ask(kept.person, "death", reason="家属告知", died_on=f"{TODAY}", by=ask, now=now)
    changes.decide(died, granted=True, by=lead, now=now)

    access.enter(world.grid_worker)
    plan.refresh_from_db()
    assert (plan.ended_at, plan.ending) == (MONDAY, "本人去世")
    shift_clock(to=moment("2026-06-02 09:00"))
    timers.sweep()
    assert not Message.objects.filter(kind="support.review").exists()


def test_a_kind_names_what_its_plans_have_to_know(world: World, elderly: SupportKind) -> None:
    SupportKind.objects.filter(pk=elderly.pk).update(needs="紧急联系人\n\n 谁有钥匙 \n")
    plan = begin(world, elderly)
    worker, clerk = browser(world.grid_worker), browser(world.clerk)
    page = f"/m/people/plans/{plan.pk}/"
    assert "还需向本人了解：紧急联系人、谁有钥匙" in worker.get(page).content.decode()

    assert clerk.post(f"{page}facts/", {"fact_0": "女儿"}).status_code == 404
    worker.post(f"{page}facts/", {"fact_0": "女儿", "fact_1": ""})

    told = worker.get(page).content.decode()
    assert "<dt>紧急联系人</dt><dd>女儿</dd>" in told
    assert "还需向本人了解：谁有钥匙" in told
    look = AccessRecord.objects.filter(model="people.PlanWords").order_by("pk").last()
    assert look is not None
    assert look.columns == ["goal", "agreed", "facts"]
    with connection.cursor() as cursor:
        access.enter(world.grid_worker)
        cursor.execute("SELECT facts FROM people_planwords WHERE id = %s", [plan.words_id])
        ((sealed,),) = cursor.fetchall()
    assert "女儿".encode() not in bytes(sealed)


def test_who_keeps_in_touch_finds_the_door_on_the_list_of_the_day(
    world: World, elderly: SupportKind
) -> None:
    home = create_person(world).residency.household
    person = home.residencies.get().person
    begin(world, elderly, person=person, contact_weeks=2)
    lead, worker = world.station_lead, world.grid_worker

    def listed(user: User, day: date) -> list[tuple[int, bool]]:
        turns = visits.today(user, day)
        assert visits.how_many(user, day) == len(turns)
        return [(turn.household.pk, turn.agreed) for turn in turns]

    # the one who answers for the grid; not who only leads, and nobody outside the team
    assert listed(lead, TODAY) == [(home.pk, True)]
    for user in (worker, world.grid_leader, world.clerk):
        assert listed(user, TODAY) == []
    assert "按约联系" in browser(lead).get("/m/people/visits/").content.decode()

    visits.visit(home, aims=["care"], by=lead, now=MONDAY)
    assert listed(lead, TODAY + timedelta(days=13)) == []
    assert listed(lead, TODAY + timedelta(days=14)) == [(home.pk, True)]

    plan = SupportPlan.objects.get(person=person)
    with pytest.raises(BadDetails, match="1 至 52"):
        support.keep_in_touch(plan, 60, by=worker, now=MONDAY)
    support.keep_in_touch(plan, None, by=worker, now=MONDAY)
    assert listed(lead, TODAY + timedelta(days=14)) == []


def test_figures_only_in_groups_of_ten(world: World, elderly: SupportKind) -> None:
    for _ in range(9):
        begin(world, elderly, team=[])
    assert support.counts(world.clerk) == []
    begin(world, elderly, team=[])
    (row,) = support.counts(world.clerk)
    assert row == {"unit": "军丽园社区", "kind": "试行类别", "count": 10}
    assert support.counts(world.outsider) == []
    assert support.counts(world.grid_worker) == []


def test_no_small_figure_follows_from_two_large_ones(world: World, elderly: SupportKind) -> None:
    street = world.supervisor
    here = create_unit(kind="community", name="近社区", parent=world.street)
    grid = create_unit(kind="grid", name="近网格", parent=here)
    worker = create_user(role="grid_worker", unit=grid)
    for _ in range(12):
        begin(world, elderly, team=[])

    def more(n: int) -> None:
        for _ in range(n):
            person = create_person(world, create_house(grid), by=worker).person
            begin(world, elderly, person=person, team=[], by=worker)

    counted = {"unit": "军粮城街道", "kind": "试行类别"}
    assert support.counts(street) == [{**counted, "count": 12}]
    more(4)  # 16 less the 12 of the other community would be these four
    assert support.counts(street) == []
    assert [row["count"] for row in support.counts(world.clerk)] == [12]
    more(6)
    assert support.counts(street) == [{**counted, "count": 22}]


def test_two_posts_are_counted_each_by_itself(world: World, elderly: SupportKind) -> None:
    for _ in range(10):
        begin(world, elderly, team=[])
        person = create_person(
            world, create_house(world.other_grid), by=world.other_grid_worker
        ).person
        begin(world, elderly, person=person, team=[], by=world.other_grid_worker)
    create_post(role="clerk", unit=world.other_community, user=world.clerk)
    rows = support.counts(world.clerk)
    assert [(row["unit"], row["count"]) for row in rows] == [("军丽园社区", 10), ("春霞里社区", 10)]
    # a unit inside another one of theirs is in its figure
    create_post(role="supervisor", unit=world.street, user=world.clerk)
    rows = support.counts(world.clerk)
    assert [(row["unit"], row["count"]) for row in rows] == [("军粮城街道", 10), ("春霞里社区", 10)]


def test_row_level_security_alone_keeps_words_and_steps(world: World, elderly: SupportKind) -> None:
    plan = begin(world, elderly)
    support.agree_step(plan, "看望", TODAY, by=world.grid_worker, now=MONDAY)
    seen: dict[str, list[int]] = {}
    tables = ("supportplan", "planwords", "teammember", "supportstep", "stepwords")
    for name in ("grid_worker", "clerk", "other_grid_worker", "system_admin"):
        access.enter(User.objects.get(username=name))
        with connection.cursor() as cursor:
            seen[name] = []
            for table in tables:
                cursor.execute(f"SELECT count(*) FROM people_{table}")
                seen[name].append(cursor.fetchone()[0])
    assert seen["grid_worker"] == [1, 1, 3, 1, 1]
    assert seen["clerk"] == seen["other_grid_worker"] == seen["system_admin"] == [0] * 5
    scope.enter([])
    assert not SupportPlan.objects.exists()


def test_nobody_reads_in_the_history_whose_plan_it_was(world: World, elderly: SupportKind) -> None:
    with actor.acting(world.grid_worker.pk, "phone"):
        plan = begin(world, elderly)
    for user in (world.grid_worker, world.clerk, world.audit_admin):
        access.enter(user)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(pgh_id) FROM people_supportplanevent")
            assert cursor.fetchone() == (0,)
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(),
            ):
                cursor.execute("SELECT person_id, kind_id FROM people_supportplanevent")

    auditor = browser(world.audit_admin)
    listed = auditor.get("/admin/people/supportplanevent/", {"q": str(plan.pk)})
    (row,) = listed.context["cl"].result_list
    page = auditor.get(f"/admin/people/supportplanevent/{row.pk}/change/")
    for told in (listed.content.decode(), page.content.decode()):
        assert "新增" in told
        assert "网格员" in told  # who, from where
        assert "手机" in told
        assert "试行类别" not in told
        assert str(plan.person_id) not in told
    shut = browser(world.system_admin).get("/admin/people/supportplanevent/")
    assert shut.status_code == 403


def test_the_auditor_opens_each_history_of_the_registers(
    world: World, elderly: SupportKind
) -> None:
    person = create_person(world).person
    begin(world, elderly, person=person)
    auditor = browser(world.audit_admin)
    for model in apps.get_app_config("people").get_models():
        if issubclass(model, WalledRow):
            page = auditor.get(f"/admin/people/{model._meta.model_name}/")
            assert page.status_code == 200
            assert "王*" not in page.content.decode()
    listed = auditor.get("/admin/people/personevent/", {"q": str(person.pk)})
    assert listed.context["cl"].result_count == 1


def test_months() -> None:
    assert support.months_on(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert support.months_on(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert support.months_on(date(2027, 11, 30), 3) == date(2028, 2, 29)
    assert support.months_on(date(2026, 3, 2), 12) == date(2027, 3, 2)
