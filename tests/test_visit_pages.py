"""Visits, sheets and support plans on desk and phone: what each sees and does there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.models import AccessRecord
from people import sheets, support, visits
from people.models import SupportKind, SupportStep, TeamMember, Visit, VisitPlan, VisitWords
from tests.builders import World, shift_clock
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.people_builders import TODAY, create_building, create_house, create_person

pytestmark = pytest.mark.django_db
SURFACES = pytest.mark.parametrize("prefix", ["/people/", "/m/people/"])


@pytest.fixture(autouse=True)
def _monday(db: None) -> None:
    shift_clock(to=MONDAY)


def text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


@SURFACES
def test_a_visit_saved_again_after_going_back_is_one_visit(world: World, prefix: str) -> None:
    household = create_person(world).residency.household
    worker, new = browser(world.grid_worker), f"{prefix}visits/new/{household.pk}/"
    key = hidden_key(text(worker, new))
    form = {"aims": ["care"], "note": "老人身体好", "skipped": "", "follow_up_on": "", "key": key}
    first = worker.post(new, form)

    again = worker.post(new, form)

    assert again["Location"] == first["Location"]
    assert Visit.objects.count() == VisitWords.objects.count() == 1
    # what was changed meanwhile is not lost: sent once more, it is meant
    changed = worker.post(new, {**form, "note": "老人住院了"})
    assert changed.status_code == 400
    html = changed.content.decode()
    assert f"这次走访已记录，编号 {Visit.objects.get().number}。" in html
    assert "老人住院了" in html
    assert (
        worker.post(new, {**form, "note": "老人住院了", "key": hidden_key(html)}).status_code == 302
    )
    assert Visit.objects.count() == 2


def hidden_key(html: str) -> str:
    return html.partition('name="key" value="')[2].partition('"')[0]


def said(client: Client, url: str, data: dict[str, Any] | None = None) -> str:
    """What the page says after a form was sent."""
    return client.post(url, data or {}, follow=True).content.decode()


@SURFACES
def test_a_plan_makes_the_days_list_and_a_visit_shortens_it(world: World, prefix: str) -> None:
    building = create_building(world.grid, name="1号楼")
    house = create_house(world.grid, building=building, floor=3, room="302")
    household = create_person(world, house).residency.household
    lead, worker = browser(world.station_lead), browser(world.grid_worker)
    assert "今天没有要走访的住户" in text(worker, f"{prefix}visits/")
    assert "没有走访计划" in text(worker, f"{prefix}visits/plans/")
    assert worker.post(f"{prefix}visits/plans/", {"name": "x"}).status_code == 403

    form = {
        "name": "每月走访", "unit": world.community.pk, "aims": ["care", "safety"],
        "every_weeks": "", "begins_on": "2026-03-02", "ends_on": "",
    }  # fmt: skip
    answer = lead.post(f"{prefix}visits/plans/", form)
    assert answer.status_code == 400
    assert "结束日期" in answer.content.decode()
    assert "已制定" in said(lead, f"{prefix}visits/plans/", {**form, "every_weeks": "4"})
    assert VisitPlan.objects.get().community == world.community

    page = text(worker, f"{prefix}visits/?grid=")
    for shown in ("1 户待走访", "军丽园1号楼", "1-302", "3 层", "每月走访", "0 / 1 户（0%）"):
        assert shown in page, shown
    new = f"{prefix}visits/new/{household.pk}/"
    assert new in page
    watched = text(browser(world.leader), f"{prefix}visits/")  # who sees, and visits nobody
    assert "1-302" in watched
    assert new not in watched
    assert "王**" in text(worker, new)
    assert worker.post(new, {"note": "没有目的"}).status_code == 400
    back = str(TODAY + timedelta(days=7))
    page = said(worker, new, {"aims": ["care"], "note": "燃气软管老化", "follow_up_on": back})
    for shown in ("已记录", "燃气软管老化", "约定回访", back, "再次走访"):
        assert shown in page, shown
    assert AccessRecord.objects.filter(model="people.VisitWords").count() == 1
    assert "今天没有" in text(worker, f"{prefix}visits/")
    assert "1 / 1 户（100%）" in text(worker, f"{prefix}visits/")
    page = text(worker, new)
    assert "关心走访" in page
    assert "燃气软管老化" not in page


@SURFACES
def test_a_plan_is_given_up_by_who_may_make_one(world: World, prefix: str) -> None:
    create_person(world, create_house(world.grid, building=create_building(world.grid)))
    lead, worker = browser(world.station_lead), browser(world.grid_worker)
    form = {
        "name": "每月走访", "unit": world.community.pk, "aims": ["care"],
        "every_weeks": "4", "begins_on": "2026-03-02", "ends_on": "",
    }  # fmt: skip
    end = ended(said(lead, f"{prefix}visits/plans/", form))
    outsider = browser(world.outsider)
    there = {**form, "unit": world.other_community.pk}
    theirs = ended(said(outsider, f"{prefix}visits/plans/", there))

    assert end not in text(worker, f"{prefix}visits/plans/")
    assert worker.post(end).status_code == 403
    assert lead.post(theirs).status_code == 404
    assert "1 户待走访" in text(worker, f"{prefix}visits/")

    assert "已停止走访计划：每月走访" in said(lead, end)
    assert "没有走访计划" in text(worker, f"{prefix}visits/plans/")
    assert "今天没有要走访的住户" in text(worker, f"{prefix}visits/")
    assert "已经停止" in said(lead, end)  # twice
    assert theirs in text(outsider, f"{prefix}visits/plans/")


def ended(page: str) -> str:
    """Where the page's plan is given up."""
    return page.partition("/end/")[0].rpartition('action="')[2] + "/end/"


@SURFACES
def test_what_another_wrote_down_is_shown_for_a_reason(world: World, prefix: str) -> None:
    household = create_person(world).residency.household
    row = visits.visit(household, aims=["care"], note="腿脚不便", by=world.grid_worker, now=MONDAY)
    clerk, page = browser(world.clerk), f"{prefix}visits/{row.number}/"
    looks = AccessRecord.objects.filter(model="people.VisitWords")
    assert "腿脚不便" not in text(clerk, page)
    assert "腿脚不便" in text(browser(world.grid_worker), page)  # the own words
    assert [look.user for look in looks] == [world.grid_worker]

    refused = clerk.post(f"{page}reveal/", {"why": "visit"})
    assert refused.status_code == 400
    assert "腿脚不便" not in refused.content.decode()
    asked = {"why": "visit", "about": row.number}
    shown = clerk.post(f"{page}reveal/", asked, headers={"Referer": f"http://testserver{page}"})

    assert "腿脚不便" in shown.content.decode()
    assert f'name="next" value="{page}"' in shown.content.decode()  # the language changes there
    look = looks.get(user=world.clerk)
    assert (look.columns, look.reason) == (["note"], f"上门走访 {row.number}")


@SURFACES
def test_visits_of_others_are_not_there(world: World, prefix: str) -> None:
    household = create_person(world).residency.household
    row = visits.visit(household, aims=["care"], by=world.grid_worker, now=MONDAY)
    outsider = browser(world.other_grid_worker)
    assert outsider.get(f"{prefix}visits/{row.number}/").status_code == 404
    assert outsider.get(f"{prefix}visits/new/{household.pk}/").status_code == 404
    assert browser(world.handler).get(f"{prefix}visits/").status_code == 403
    leader = browser(world.leader)  # sees coverage and visits, not who lives there
    assert "1 / 1 户" in text(leader, f"{prefix}visits/")
    assert leader.get(f"{prefix}visits/new/{household.pk}/").status_code == 403


@SURFACES
def test_a_sheet_is_read_and_commented(world: World, prefix: str) -> None:
    household = create_person(world).residency.household
    visits.visit(household, aims=["care"], by=world.grid_worker, now=MONDAY)
    worker = browser(world.grid_worker)
    assert "还没有周分析" in text(worker, f"{prefix}sheets/")
    sheets.write("week", MONDAY + timedelta(days=7))
    page = text(worker, f"{prefix}sheets/")
    assert "未填说明" in page
    sheet = sheets.visible(world.grid_worker).get()
    url = f"{prefix}sheets/{sheet.pk}/"
    assert "1 / 1" in text(worker, url)
    assert worker.post(url, {"comment": "长" * 1001}).status_code == 400
    assert "本周正常" in said(worker, url, {"comment": "本周正常"})
    assert "保存说明" not in text(browser(world.leader), url)
    assert browser(world.other_grid_worker).get(url).status_code == 404


@SURFACES
def test_a_support_plan_from_beginning_to_end(world: World, prefix: str) -> None:
    person = create_person(world).person
    worker, helper = browser(world.grid_worker), browser(world.clerk)
    kind = SupportKind.objects.get(code="alone")
    assert "没有参加" in text(worker, f"{prefix}plans/")
    new = f"{prefix}{person.pk}/plans/new/"
    assert "老年人权益保障法" in text(worker, new)
    form = {"kind": kind.pk, "goal": "每周看望", "basis": "consent", "agreed": " "}
    assert worker.post(new, form).status_code == 400
    page = said(worker, new, {**form, "agreed": "3月1日当面同意"})
    for shown in ("已制定", "每周看望", "牵头人", "2026-06-02"):
        assert shown in page, shown
    assert "已有" in said(worker, new, {**form, "agreed": "再做一个"})
    plan = support.visible(world.grid_worker).get()
    url = f"{prefix}plans/{plan.pk}/"
    assert helper.get(url).status_code == 404

    page = said(worker, f"{url}join/", {"role": "helper", "username": "nobody"})
    for shown in ("没有这个用户", 'value="nobody"'):
        assert shown in page, shown
    joined = {"role": "helper", "username": "clerk"}
    assert "已保存" in said(worker, f"{url}join/", joined)
    assert "已在团队" in said(worker, f"{url}join/", joined)
    assert "每周看望" in text(helper, url)
    assert "加入成员" not in text(helper, url)  # a helper changes nothing
    assert "责任人" in said(helper, f"{url}end/", {"reason": "不要了"})
    assert worker.post(f"{url}explode/").status_code == 404

    day = str(TODAY + timedelta(days=5))
    assert "安装扶手" in said(worker, f"{url}step/", {"what": "安装扶手", "due_on": day})
    step = SupportStep.objects.get()
    done = f"{prefix}plans/steps/{step.pk}/done/"
    missing = helper.post(done, {"result": ""})
    assert missing.status_code == 400
    before, _action, after = missing.content.decode().partition(f'action="{done}"')
    assert before.rpartition("<details")[2].startswith(' class="older no-print" open>')
    field = after.partition("</form>")[0]
    assert "结果" in field
    assert "该字段是必填项。" in field  # there, and not in front of the page
    assert "该字段是必填项。" not in before
    assert "已装好" in said(helper, done, {"result": "已装好"})
    assert "已完成" in said(helper, done, {"result": "再装"})
    assert browser(world.supervisor).post(done, {"result": "x"}).status_code == 404

    assert "已保存" in said(worker, f"{url}review/")
    assert "同意续期" in said(worker, f"{url}renew/", {"agreed": "同意续期一年"})
    member = TeamMember.objects.get(role="helper")
    assert "已退出" in said(worker, f"{url}leave/{member.pk}/")
    assert helper.get(url).status_code == 404
    assert worker.post(f"{url}leave/{member.pk}/").status_code == 404
    lead = TeamMember.objects.get(role="lead")
    assert "牵头人不能退出" in said(worker, f"{url}leave/{lead.pk}/")
    assert "搬去同住" in said(worker, f"{url}end/", {"reason": "搬去同住"})
    assert "已结束" in text(worker, f"{prefix}plans/")
    assert "不足十人的" in text(browser(world.leader), f"{prefix}plans/")
    assert support.visible(world.grid_worker).distinct().count() == 1


def test_the_kinds_are_kept_in_the_admin(world: World) -> None:
    admin = browser(world.system_admin)
    assert "独居老人" in text(admin, "/admin/people/supportkind/")
    kind = SupportKind.objects.get(code="alone")
    assert "老年人权益保障法" in text(admin, f"/admin/people/supportkind/{kind.pk}/change/")
    assert admin.get("/admin/people/person/").status_code == 404
    assert browser(world.clerk).get("/admin/people/supportkind/").status_code in {302, 403}


def test_a_days_list_costs_the_same_for_one_and_for_three(world: World) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    visits.plan(
        world.community, name="每月", aims=["care"], every_weeks=4, begins_on=TODAY,
        ends_on=None, by=world.station_lead, now=MONDAY,
    )  # fmt: skip
    client, costs = browser(world.grid_worker), []
    create_person(world)
    text(client, "/people/visits/")
    for wanted in (1, 3):
        while Visit.objects.count() + len(visits.today(world.grid_worker, TODAY)) < wanted:
            create_person(world)
        with CaptureQueriesContext(connection) as found:
            assert f"{wanted} 户待走访" in text(client, "/people/visits/")
        costs.append(len(found))
    assert costs[0] == costs[1]


def test_a_long_day_says_how_many_and_lists_the_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from people.views import visits as pages

    monkeypatch.setattr(pages, "LONGEST", 2)
    visits.plan(
        world.community, name="每月", aims=["care"], every_weeks=4, begins_on=TODAY,
        ends_on=None, by=world.station_lead, now=MONDAY,
    )  # fmt: skip
    for wanted in (2, 3):
        while len(visits.today(world.grid_worker, TODAY)) < wanted:
            create_person(world)
        page = text(browser(world.grid_worker), "/people/visits/")
        assert f"{wanted} 户待走访" in page
        assert page.count("/people/visits/new/") == 2
        assert ("只列出前" in page) == (wanted == 3)
