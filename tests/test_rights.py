"""The rights of who is registered: seeing who looked, copy, correction, erasure; within a limit."""

from __future__ import annotations

import json
import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test import Client

from cases import intake, workflow
from cases.intake import Report
from cases.models import Case, Item, Reporter
from governance import scope, timers, workcalendar
from governance.models import AccessRecord, CalendarDay, ErasureCertificate, Message, Timer, User
from people import (
    access,
    changes,
    copies,
    finding,
    joint,
    registering,
    rights,
    tenancies,
    visits,
)
from people.errors import BadDetails, NotAllowed
from people.models import Person, Residency, RightsRequest, RightsStep
from people.registering import Details, details_of
from people.rights import Claim
from people.tenancies import Lessor, Stay
from tests.builders import (
    World,
    create_unit,
    create_user,
    create_world,
    moment,
    queries,
    shift_clock,
)
from tests.case_builders import MONDAY, create_case, create_item
from tests.clients import browser
from tests.people_builders import TODAY, create_house, create_person, create_plan, number

PHONE = "13812345678"
DAY = timedelta(days=1)
DUE = moment("2026-03-23 17:30")  # fifteen working days from Monday
SURFACES = pytest.mark.parametrize("prefix", ["/rights/", "/m/rights/"])


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Any) -> World:
    """The small world, on Monday at nine."""
    settings.ERASURE_FILE = str(tmp_path / "erasures.jsonl")
    shift_clock(to=MONDAY)
    return create_world()


@pytest.fixture
def second(world: World) -> User:
    return world.station_lead


def ask(world: World, kind: str = "see", *, by: User | None = None, **fields: Any) -> RightsRequest:
    given = {
        "name": "欧阳小明", "phone": PHONE, "document_number": "", "unit_id": world.community.pk,
        "words": "请说明" if kind == "correct" else "",
    }  # fmt: skip
    return rights.ask(Claim(kind=kind, **{**given, **fields}), by=by, now=MONDAY)


def verify(row: RightsRequest, by: User, *, known: bool = True) -> RightsRequest:
    return rights.verify(row, proof="document", in_register=known, by=by, now=MONDAY)


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.status_code
    return str(answer.content.decode())


# Asking -----------------------------------------------------------------------------------------


def form(world: World, **fields: Any) -> dict[str, Any]:
    return {
        "kind": "copy", "unit_id": world.community.pk, "name": "欧阳小明", "phone": PHONE,
        "document_number": "", "words": "", "about": "", "key": str(uuid.uuid4()), **fields,
    }  # fmt: skip


def test_a_resident_asks_on_the_public_page_and_reads_the_answer(world: World) -> None:
    client = Client()
    assert "15 个工作日" in text(client.get("/report/rights/"))
    assert "/report/rights/" in text(client.get("/report/privacy/"))
    answer = client.post("/report/rights/", form(world), follow=True)
    row = RightsRequest.objects.get()
    assert row.number in text(answer)
    assert row.query_code in text(answer)
    assert (row.due_at, row.received_by, row.community) == (DUE, None, world.community)

    stranger = Client()
    assert stranger.get(f"/report/rights/{row.number}/").status_code == 302
    wrong = {"number": row.number, "code": "00000000"}
    assert "查询码不对" in text(stranger.post("/report/rights/query/", wrong), 400)
    right = {"number": f" {row.number.lower()} ", "code": row.query_code}
    page = text(stranger.post("/report/rights/query/", right, follow=True))
    assert "待核验身份" in page
    assert "到社区核验身份" in page
    assert PHONE not in page

    rights.refuse(row, answer="不是本人", by=world.clerk, now=MONDAY)
    page = text(stranger.get(f"/report/rights/{row.number}/"))
    assert "不是本人" in page
    assert "12377" in page
    assert "人民法院" in page


def test_sent_twice_it_is_one_request(world: World) -> None:
    client, given = Client(), form(world)
    for _time in range(2):
        assert client.post("/report/rights/", given).status_code == 302
    assert RightsRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": " "}, "必填|填写"),
        ({"phone": ""}, "必填|填写"),
        ({"kind": "sell"}, "sell"),
        ({"kind": "correct"}, "应当是什么"),
        ({"unit_id": ""}, "必填|填写|选"),
    ],
)
def test_what_is_missing_is_said(world: World, wrong: dict[str, Any], why: str) -> None:
    page = text(Client().post("/report/rights/", form(world, **wrong)), 400)
    assert any(part in page for part in why.split("|"))
    assert not RightsRequest.objects.exists()


def test_asking_and_guessing_are_counted(world: World) -> None:
    client = Client()
    for _time in range(10):
        client.post("/report/rights/", form(world))
        client.post("/report/rights/query/", {"number": "Q1", "code": "1"})
    assert client.post("/report/rights/", form(world)).status_code == 429
    assert client.post("/report/rights/query/", {"number": "Q1", "code": "1"}).status_code == 429


@SURFACES
def test_the_clerk_writes_one_down(world: World, prefix: str) -> None:
    client = browser(world.clerk)
    assert "没有请求" in text(client.get(prefix))
    assert client.post(f"{prefix}new/", form(world, phone="")).status_code == 400
    page = text(client.post(f"{prefix}new/", form(world), follow=True))
    row = RightsRequest.objects.get()
    assert row.received_by == world.clerk
    assert row.query_code in page
    assert row.number in text(client.get(prefix)) or row.get_kind_display() in text(
        client.get(prefix)
    )
    # in another community nobody may
    elsewhere = form(world, unit_id=world.other_community.pk)
    assert client.post(f"{prefix}new/", elsewhere).status_code == 400


def test_who_handles_it_is_told_and_strangers_see_nothing(world: World) -> None:
    row = ask(world)
    (note,) = Message.objects.filter(kind="right.received")
    assert (note.recipient, set(note.params)) == (world.clerk, {"number", "day"})
    for user in (world.outsider, world.handler, world.grid_worker):
        with pytest.raises(Http404):
            rights.request_for(user, row.number)
    assert browser(world.outsider).get(f"/rights/{row.number}/").status_code == 404
    assert browser(world.outsider).post(f"/rights/{row.number}/reveal/").status_code == 404
    assert browser(world.grid_worker).get("/rights/").status_code == 403
    with pytest.raises(NotAllowed, match="岗位"):
        rights.refuse(row, answer="x", by=world.outsider, now=MONDAY)
    assert rights.request_for(world.clerk, row.number) == row


def outside() -> None:
    """As between two requests, of which each has a transaction of its own: nobody is inside."""
    with connection.cursor() as cursor:
        for name in ("units", "user", "rights_number"):
            cursor.execute("SELECT set_config(%s, '', true)", [f"app.{name}"])
    assert not RightsRequest.objects.exists()
    assert not RightsStep.objects.exists()


def test_each_page_finds_the_request_behind_the_wall_by_itself(world: World) -> None:
    create_person(world)
    resident, clerk = Client(), browser(world.clerk)
    given = form(world)
    outside()
    page = text(resident.post("/report/rights/", given, follow=True))
    number, code = re.findall(r"Q\d{13}|\b\d{8}\b", page)[:2]
    outside()
    assert number in text(resident.post("/report/rights/", given, follow=True))  # sent again
    outside()
    other = Client()
    wrong = other.post("/report/rights/query/", {"number": number, "code": "x"})
    assert wrong.status_code == 400
    outside()
    asked = other.post("/report/rights/query/", {"number": number, "code": code})
    assert asked.status_code == 302
    outside()
    assert "待核验身份" in text(other.get(asked.headers["Location"]))
    for page_, given_ in (
        ("reveal", {}),
        ("verify", {"proof": "document"}),
        ("copy", {}),
        ("end", {"done": "1", "answer": "没有您的登记"}),
    ):
        outside()
        answer = clerk.post(f"/rights/{number}/{page_}/", given_)
        assert answer.status_code in (200, 302), page_
    outside()
    shown = text(clerk.get(f"/rights/{number}/"))
    assert "办理完毕" in shown
    assert "制作副本" in shown
    outside()
    assert "没有您的登记" in text(other.get(asked.headers["Location"]))


def test_the_words_of_a_request_are_sealed(world: World) -> None:
    row = ask(world, "correct", words="我叫欧阳小明，不叫欧阳小民")
    page = text(browser(world.clerk).get(f"/rights/{row.number}/"))
    assert "欧阳小民" not in page
    assert PHONE not in page
    page = text(browser(world.clerk).post(f"/rights/{row.number}/reveal/"))
    assert "欧阳小民" in page
    look = AccessRecord.objects.get()
    assert (look.user, look.model, look.reason) == (world.clerk, "people.Claimant", row.number)
    assert look.columns == ["name", "phone", "words"]


def test_lists_cost_the_same_for_one_and_for_three(world: World) -> None:
    seen = []
    for wanted in (1, 3):
        while RightsRequest.objects.count() < wanted:
            ask(world)
        access.places(world.clerk)
        with queries(2):
            seen.append([str(row.claimant) for row in rights.visible(world.clerk)])
    assert list(map(len, seen)) == [1, 3]


# Making sure who asks ---------------------------------------------------------------------------


def test_nothing_is_handed_out_before_the_clerk_knows_who_asks(world: World) -> None:
    papers = number()
    create_person(world, name="欧阳小明", document_number=papers)
    row = ask(world, document_number=papers)
    with pytest.raises(NotAllowed, match="核验身份后"):
        copies.make(row, by=world.clerk, now=MONDAY)
    with pytest.raises(NotAllowed, match="先核验"):
        rights.finish(row, answer="好", by=world.clerk, now=MONDAY)
    client = browser(world.clerk)
    assert "副本" not in text(client.get(f"/rights/{row.number}/"))
    assert "核验身份后" in text(client.post(f"/rights/{row.number}/copy/", follow=True))


def test_an_answer_is_read_for_a_reason(world: World) -> None:
    row = verify(ask(world), world.clerk, known=False)
    rights.finish(row, answer="您的电话已更正", by=world.clerk, now=MONDAY)
    client = browser(world.clerk)
    assert "您的电话已更正" not in text(client.get(f"/rights/{row.number}/"))

    page = text(client.post(f"/rights/{row.number}/reveal/"))

    assert "您的电话已更正" in page
    look = AccessRecord.objects.get(model="people.Claimant")
    assert "answer" in look.columns


def test_a_wrong_document_links_to_nobody(world: World) -> None:
    create_person(world, name="欧阳小明")
    row = ask(world, document_number=number())
    answer = browser(world.clerk).post(
        f"/rights/{row.number}/verify/", {"proof": "document", "in_register": "on"}
    )
    assert "没有人持有该证件" in text(answer, 400)
    with pytest.raises(BadDetails, match="请填写电话号码"):
        ask(world, phone="- - - - - - -")
    with pytest.raises(BadDetails, match="核验方式"):
        rights.verify(row, proof="", in_register=False, by=world.clerk, now=MONDAY)
    row = verify(row, world.clerk, known=False)
    with pytest.raises(NotAllowed, match="已核验"):
        verify(row, world.clerk, known=False)
    assert copies.make(row, by=world.clerk, now=MONDAY)["held"] == []


# Seeing and copying -----------------------------------------------------------------------------


@SURFACES
def test_a_copy_says_everything_and_who_looked(world: World, prefix: str) -> None:
    papers = number()
    person = create_person(
        world, name="欧阳小明", document_number=papers, contact_name="王姐"
    ).person
    browser(world.grid_worker).post(f"/people/{person.pk}/reveal/", {"why": "asked"})
    row = ask(world, "copy", document_number=papers)
    client = browser(world.clerk)
    client.post(f"{prefix}{row.number}/verify/", {"proof": "call_back", "in_register": "on"})
    page = text(client.post(f"{prefix}{row.number}/copy/", {"form": "page"}))
    for part in ("欧阳小明", papers, PHONE, "王姐", "1990-01-01", "军丽园第一网格", "常住"):
        assert part in page, part
    assert str(world.grid_worker) in page
    assert "本人要求" in page
    assert "来源" in page

    answer = client.post(f"{prefix}{row.number}/copy/", {"form": "json"})
    assert row.number in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store"
    (held,) = json.loads(answer.content)["held"]
    facts = {fact["column"]: fact["value"] for fact in held["facts"]}
    assert facts["document_number"] == papers
    assert all("source" in fact for fact in held["facts"])
    # the clerk's own look for the copy is among them
    assert held["looks"][0]["reason"] == row.number
    assert {look["by"] for look in held["looks"]} == {str(world.clerk), str(world.grid_worker)}
    assert row.steps.filter(action="copy").count() == 2

    rights.finish(row, answer="已当面交付", by=world.clerk, now=MONDAY)
    row.refresh_from_db()
    assert (row.state, rights.said(row, "answer")) == ("done", "已当面交付")


def test_who_has_moved_away_still_gets_a_copy(world: World) -> None:
    papers = number()
    done = create_person(world, name="欧阳小明", document_number=papers)
    registering.move_out(done.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    row = verify(ask(world, document_number=papers), world.clerk)
    (held,) = copies.make(row, by=world.clerk, now=MONDAY)["held"]
    assert held["homes"][0]["ended_on"] == TODAY.isoformat()
    page = text(browser(world.clerk).get(f"/rights/{row.number}/"))
    assert "不在您的辖区" in page
    assert str(done.person.pk) not in page


def test_their_plans_come_with_it_though_the_clerk_is_in_no_team(world: World) -> None:
    papers = number()
    create_plan(world, create_person(world, name="欧阳小明", document_number=papers).person)
    row = verify(ask(world, document_number=papers), world.clerk)
    held = copies.make(row, by=world.clerk, now=MONDAY)["held"]
    assert [one["model"] for one in held] == [
        *("people.Person", "people.PlanWords", "people.StepWords", "people.TeamMember"),
    ]
    values = {fact["value"] for one in held for fact in one["facts"]}
    assert {"每周看望", "联系助浴", "王女士"} <= values
    assert AccessRecord.objects.filter(model="people.PlanWords", reason=row.number).exists()


def test_what_was_said_asked_let_and_declared_comes_with_it(world: World) -> None:
    shift_clock(to=MONDAY)
    papers, worker = number(), world.grid_worker
    done = create_person(world, name="欧阳小明", phone=PHONE, began_on=TODAY - 9 * DAY)
    person = done.person
    asked: Any = {"document_kind": "passport", "document_number": "E12345678"}
    refused = changes.ask(person, "document", reason="换护照", by=worker, now=MONDAY, **asked)
    changes.decide(refused, granted=False, answer="看不清", by=world.clerk, now=MONDAY)
    asked = {"document_kind": "resident_id", "document_number": papers}
    granted = changes.ask(person, "document", reason="录错", by=worker, now=MONDAY, **asked)
    browser(world.clerk).post(f"/people/changes/{granted.pk}/reveal/")
    changes.decide(granted, granted=True, by=world.clerk, now=MONDAY)
    home, household = done.residency.household.house, done.residency.household
    before = MONDAY - 5 * DAY
    alone = visits.visit(household, aims=["care"], note="想学电脑", by=worker, now=before)
    tenant = create_person(world, home, household=household, name="赵六", kind="tenant")
    visits.visit(household, aims=["check"], note="赵六病了", by=worker, now=MONDAY)
    other = create_house(world.grid)
    stay = Stay(TODAY, TODAY + timedelta(days=90))
    tenancies.register(other, Lessor(person=person), stay, by=worker, now=MONDAY)
    joint.form(done.residency, "一号楼联户", by=worker, now=MONDAY)
    code = tenancies.renew_code(other, by=worker, now=MONDAY).code
    said = Details("欧阳小明", "resident_id", papers, phone=PHONE)
    tenancies.declare(code, said, stay, key=uuid.uuid4(), now=MONDAY)

    row = verify(ask(world, document_number=papers), world.clerk)
    made = copies.make(row, by=world.clerk, now=MONDAY)

    told = json.dumps(made, ensure_ascii=False)
    for part in (
        *("身份证", "E12345678", "换护照", "看不清", "录错", "想学电脑", alone.number),
        *(str(other), "一号楼联户", "租住申报"),
    ):
        assert part in told, part
    for part in ("赵六", str(tenant.person.pk), "赵六病了"):
        assert part not in told, part
    models = {one["model"] for one in made["held"]}
    assert {"people.ChangeRequest", "people.VisitWords", "people.TenantDeclaration"} <= models
    (document,) = (one for one in made["held"] if one["id"] == str(granted.pk))
    assert document["looks"][0]["by"] == str(world.clerk)
    page = text(browser(world.clerk).post(f"/rights/{row.number}/copy/", {"form": "page"}))
    assert "一号楼联户" in page


def test_what_they_reported_comes_with_it_when_it_is_theirs(world: World) -> None:
    mine = create_case(world, reporter_name="欧阳小明", reporter_phone="13900000000")
    other = create_case(world, reporter_name="李四", reporter_phone="13911111111")
    for about, expected in ((mine.number, ["13900000000"]), (other.number, []), ("J1", [])):
        row = verify(ask(world, about=about), world.clerk, known=False)
        held = copies.make(row, by=world.clerk, now=MONDAY)["held"]
        values = [fact["value"] for one in held for fact in one["facts"]]
        assert [v for v in values if v.startswith("139")] == expected


def named_at_the_door(world: World, residency: Residency) -> Case:
    """A case of what was found on a visit, told by a resident whom the worker named."""
    item = Item.objects.first() or create_item(department=world.sanitation)
    visit = visits.visit(residency.household, aims=["care"], by=world.grid_worker, now=MONDAY)
    report = Report(
        item.pk, "路灯不亮", "worker", place="楼前",
        visit=visit, resident_id=residency.pk,
    )  # fmt: skip
    return intake.open_case(report, by=world.grid_worker, now=MONDAY)[0]


def test_what_was_copied_from_the_register_comes_with_it_unasked(world: World) -> None:
    papers = number()
    done = create_person(world, name="欧阳小明", document_number=papers)
    papers_less: Any = {"document_kind": "none", "document_number": "", "birth_date": "1990-01-01"}
    twin = create_person(world, name="欧阳小民", phone="13900000000", **papers_less)
    named_at_the_door(world, twin.residency)
    merge = changes.ask(
        twin.person, "merge", reason="同一人", by=world.grid_worker, now=MONDAY, into=done.person
    )
    changes.decide(merge, granted=True, by=world.clerk, now=MONDAY)
    row = verify(ask(world, document_number=papers), world.clerk)
    held = copies.make(row, by=world.clerk, now=MONDAY)["held"]
    assert [one["model"] for one in held] == [
        *("people.Person", "people.Person", "people.ChangeRequest", "cases.Reporter"),
    ]
    values = {fact["value"] for one in held for fact in one["facts"]}
    assert {"欧阳小明", "欧阳小民", "13900000000"} <= values


# Erasing ----------------------------------------------------------------------------------------


def test_erasing_takes_along_what_was_copied_from_the_register(world: World, second: User) -> None:
    papers = number()
    done = create_person(world, name="欧阳小明", document_number=papers)
    mine = named_at_the_door(world, done.residency)
    other = named_at_the_door(world, create_person(world, name="李四").residency)
    corrected = named_at_the_door(world, done.residency)
    workflow.take(
        corrected, "correct", by=world.clerk, now=MONDAY, note="另有其人", reporter_name="王五"
    )
    row = verify(ask(world, "erase", document_number=papers), world.clerk)
    title = f"反映的事件 {mine.number}"
    assert title in text(browser(world.clerk).get(f"/rights/{row.number}/"))

    rights.finish(row, answer="已删除", by=second, now=MONDAY)

    reporters = Reporter.objects.select_related("data_key").in_bulk()
    names = [reporters[one.reporter_id or ""].name.reveal() for one in (mine, other, corrected)]
    assert names == ["", "李四", "王五"]
    assert title not in text(browser(world.clerk).get(f"/rights/{row.number}/"))


def test_erasing_takes_two_and_leaves_a_certificate(world: World, second: User) -> None:
    papers = number()
    person = create_person(world, name="欧阳小明", document_number=papers).person
    case = create_case(world, reporter_name="欧阳小明", reporter_phone=PHONE)
    row = verify(ask(world, "erase", document_number=papers, about=case.number), world.clerk)
    assert Message.objects.filter(kind="right.verified", recipient=second).exists()
    with pytest.raises(NotAllowed, match="另一人"):
        rights.finish(row, answer="已删除", by=world.clerk, now=MONDAY)
    page = text(browser(world.clerk).get(f"/rights/{row.number}/"))
    assert "不可恢复" in page

    answer = browser(second).post(
        f"/m/rights/{row.number}/end/", {"done": "1", "answer": "已删除"}, follow=True
    )
    assert "已答复" in text(answer)

    certificates = ErasureCertificate.objects.filter(policy=row.number)
    assert {(c.model, c.by) for c in certificates} == {
        ("people.Person", second),
        ("cases.Reporter", second),
    }
    assert finding.find(world.clerk, "欧阳") == []
    assert registering.by_document(papers) is None
    assert set(access.persons(world.clerk)) == set()
    assert case.reporter_id
    reporter = Reporter.objects.select_related("data_key").get(pk=case.reporter_id)
    assert reporter.phone.reveal() == ""
    assert "登记已删除" in text(browser(world.clerk).get(f"/rights/{row.number}/"))
    row.refresh_from_db()
    assert (row.person_id, row.state, row.ended_by) == (person.pk, "done", second)
    # that it was asked and done can still be proved
    assert rights.said(row, "name") == "欧阳小明"
    assert "已删除" in text(browser(world.clerk).get(f"/rights/{row.number}/"))


@SURFACES
def test_everybody_is_offered_what_they_may_answer(world: World, second: User, prefix: str) -> None:
    def offered(user: User, row: RightsRequest) -> list[str]:
        page = text(browser(user).get(f"{prefix}{row.number}/"))
        return re.findall(r'name="done" value="(.)"', page)

    done, refused = "1", "0"
    row = ask(world)
    assert offered(world.clerk, row) == [refused]  # first make sure who asks
    verify(row, world.clerk, known=False)
    assert offered(world.clerk, row) == [done, refused]
    erasing = verify(ask(world, "erase"), world.clerk, known=False)
    assert offered(world.clerk, erasing) == [refused]
    assert offered(second, erasing) == [done]
    assert "不能撤回" in text(browser(second).get(f"{prefix}{erasing.number}/"))


def test_the_lead_of_a_station_is_told_and_finds_the_request(world: World) -> None:
    station = create_unit(kind="station", name="军丽园网格站", parent=world.community)
    lead = create_user(role="station_lead", unit=station)
    row = verify(ask(world, "erase"), world.clerk, known=False)
    assert Message.objects.filter(kind="right.verified", recipient=lead).count() == 1
    assert 'href="/m/rights/"' in text(browser(lead).get("/m/people/"))
    assert row.number in text(browser(lead).get("/m/rights/"))
    assert 'href="/rights/"' in text(browser(world.leader).get("/inbox/"))


def test_the_second_person_sees_no_claimant_and_refuses_nothing(world: World, second: User) -> None:
    row = verify(ask(world, "erase"), world.clerk, known=False)
    page = text(browser(second).get(f"/rights/{row.number}/"))
    assert f"/rights/{row.number}/reveal/" not in page
    assert browser(second).post(f"/rights/{row.number}/reveal/").status_code == 403
    answer = browser(second).post(f"/rights/{row.number}/end/", {"done": "0", "answer": "不必"})
    assert "岗位" in text(answer, 400)
    with pytest.raises(NotAllowed, match="岗位"):
        rights.finish(
            verify(ask(world), world.clerk, known=False), answer="x", by=second, now=MONDAY
        )


def test_the_database_refuses_an_erasure_by_one_alone(world: World) -> None:
    row = verify(ask(world, "erase"), world.clerk, known=False)
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        RightsRequest.objects.filter(pk=row.pk).update(
            state="done", ended_by=world.clerk, ended_at=MONDAY
        )


# Refusing, correcting ---------------------------------------------------------------------------


@SURFACES
def test_a_refusal_says_why_and_where_to_complain(world: World, prefix: str) -> None:
    row, client = ask(world, "erase"), browser(world.clerk)
    answer = client.post(f"{prefix}{row.number}/end/", {"done": "0", "answer": ""})
    assert answer.status_code == 400
    page = text(
        client.post(
            f"{prefix}{row.number}/end/", {"done": "0", "answer": "法定期限内须留存"}, follow=True
        )
    )
    assert "12377" in page
    assert "法定期限内须留存" in text(client.post(f"{prefix}{row.number}/reveal/"))
    row.refresh_from_db()
    assert row.state == "refused"
    with pytest.raises(NotAllowed, match="已答复"):
        rights.refuse(row, answer="再说", by=world.clerk, now=MONDAY)
    assert not Timer.objects.open().filter(kind=rights.OVERDUE).exists()


def test_a_correction_is_made_on_the_register_and_told(world: World) -> None:
    papers = number()
    person = create_person(world, name="欧阳小民", document_number=papers).person
    row = verify(ask(world, "correct", document_number=papers), world.clerk)
    assert f"/people/{person.pk}/" in text(browser(world.clerk).get(f"/rights/{row.number}/"))
    registering.correct(person, {"name": "欧阳小明"}, version=1, by=world.clerk, now=MONDAY)
    rights.finish(row, answer="姓名已更正", by=world.clerk, now=MONDAY)
    assert details_of(access.person_for(world.clerk, person.pk))["name"] == "欧阳小明"
    with pytest.raises(NotAllowed, match="副本"):
        copies.make(row, by=world.clerk, now=MONDAY)


# The limit --------------------------------------------------------------------------------------


def test_past_the_limit_it_is_late_and_told(world: World) -> None:
    row, done = ask(world), ask(world)
    rights.refuse(done, answer="不是本人", by=world.clerk, now=MONDAY)
    shift_clock(to=DUE - timedelta(minutes=1))
    timers.sweep()
    row.refresh_from_db()
    assert row.overdue_at is None
    shift_clock(to=DUE + timedelta(minutes=1))
    outside()
    timers.sweep()
    row = rights.request_for(world.clerk, row.number)
    assert row.overdue_at == DUE
    told = Message.objects.filter(kind="right.overdue")
    assert {note.recipient for note in told} == {world.clerk, world.leader}
    assert row.steps.filter(action="overdue").count() == 1
    User.objects.update(password_changed_at=DUE)
    assert "已超期" in text(browser(world.clerk).get("/rights/"))
    shift_clock(by=timedelta(days=1))
    assert timers.sweep() == 0


def test_a_day_off_moves_the_limits_that_still_run(world: World) -> None:
    row, late = ask(world), ask(world)
    with scope.system(scope.SWEEP):
        RightsRequest.objects.filter(pk=late.pk).update(overdue_at=MONDAY)
    assert rights.moving() == 0
    CalendarDay.objects.create(day=date(2026, 3, 4), kind="rest", name="停工", spans=None)

    assert rights.moving() == 1
    workcalendar.changed(MONDAY)
    while timers.sweep():
        pass

    row, late = (rights.request_for(world.clerk, one.number) for one in (row, late))
    assert (row.due_at, late.due_at) == (DUE + timedelta(days=1), DUE)
    timer = Timer.objects.open().get(kind=rights.OVERDUE, subject_id=row.pk)
    assert timer.due_at == row.due_at
    assert rights.moving() == 0


def test_without_a_clerk_the_next_level_is_told(world: World) -> None:
    clerk = create_user(role="clerk", unit=world.other_street)
    row = ask(world, unit_id=world.other_community.pk)
    assert rights.handlers(row) == [world.outsider.pk]
    row.community_id = None
    assert rights.handlers(row) == [clerk.pk]


def test_persons_page_is_not_needed_to_be_in_the_register(world: World) -> None:
    row = verify(ask(world), world.clerk, known=False)
    rights.finish(row, answer="没有您的登记", by=world.clerk, now=MONDAY)
    assert not Person.objects.exists()
