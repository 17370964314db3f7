"""What was found at a door becomes a case or a service on behalf: two requests, nothing typed
again, and of the people there no more than the worker names."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases import entrusting, intake, service_items, workflow
from cases.entrusting import Mandate
from cases.errors import NotAllowed
from cases.given import Part
from cases.intake import Report
from cases.models import Case, ServiceRequest, Source, State
from governance.models import AccessRecord
from people import sheets
from people import visits as registered
from people.models import Residency, Visit
from tests.areas import draw, place, square
from tests.builders import World, create_user, shift_clock
from tests.case_builders import MONDAY, create_item
from tests.clients import Program, browser
from tests.people_builders import create_building, create_house, create_person
from tests.test_services import ANSWERS, create_service_item

pytestmark = pytest.mark.django_db
WORDS = "燃气软管老化，想换一根"
SURFACES = pytest.mark.parametrize("prefix", ["/", "/m/"])
PAGES = {"/": "/cases/new/", "/m/": "/m/report/"}


@pytest.fixture(autouse=True)
def _monday(db: None) -> None:
    shift_clock(to=MONDAY)


def home(world: World, **fields: Any) -> Residency:
    """Somebody at home in 1号楼 1-302, in the territory of the first grid."""
    draw(world.grid, square(0, 0))
    lon, lat = place(0.5, 0.5)
    building = create_building(world.grid, name="1号楼", lon=lon, lat=lat)
    house = create_house(world.grid, building=building, room="302")
    return create_person(world, house, relation="head", **fields).residency


def visited(world: World, row: Residency | None = None, words: str = WORDS) -> Visit:
    row = row or home(world)
    return registered.visit(
        row.household, aims=["safety"], note=words, by=world.grid_worker, now=MONDAY
    )


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    found: str = answer.content.decode()
    return found


def field(page: str, name: str) -> str:
    """The value that a form begins with."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert tag is not None, name
    value = re.search(r'value="([^"]*)"', tag.group())
    return value.group(1) if value else ""


def filled(page: str) -> dict[str, str]:
    """What a report's form holds before anybody touched it."""
    words = re.search(r'<textarea name="description"[^>]*>\n?([^<]*)</textarea>', page)
    assert words is not None
    return {
        "description": words.group(1),
        **{name: field(page, name) for name in ("key", "place", "lon", "lat", "item")},
    }


def report(client: Client, address: str, **more: Any) -> HttpResponse:
    """Open the form and send it as it is, but for `more`."""
    sent = {**filled(text(client.get(address))), **more}
    return client.post(address, sent)  # type: ignore[return-value]


def way(client: Client, prefix: str, visit: Visit, label: str) -> str:
    """Where a button of the visit's page leads."""
    page = text(client.get(f"{prefix}people/visits/{visit.number}/"))
    for link in re.findall(r'<a class="btn[^>]*href="([^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL):
        if label in link[1]:
            found: str = link[0]
            return found
    return ""


# A case -----------------------------------------------------------------------------------------


@SURFACES
def test_a_finding_becomes_a_case_in_two_requests(world: World, prefix: str) -> None:
    item = create_item(department=world.sanitation, photo_before=True)
    visit, worker = visited(world), browser(world.grid_worker)

    address = way(worker, prefix, visit, "转为事件")
    assert address == f"{PAGES[prefix]}?visit={visit.number}"
    answer = report(worker, address, item=item.pk)

    case = Case.objects.get()
    assert answer.headers["Location"] == f"{prefix}cases/{case.number}/"
    assert (case.visit_id, case.source, case.state) == (visit.pk, Source.VISIT, State.REPORTED)
    assert (case.description, case.place) == (WORDS, "军丽园1号楼 1-302")
    assert (case.lon, case.lat, case.grid) == (*place(0.5, 0.5), world.grid)
    assert case.reporter is None  # nobody was named
    page = text(worker.get(answer.headers["Location"]))
    assert f"{prefix}people/visits/{visit.number}/" in page
    told = text(worker.get(f"{prefix}people/visits/{visit.number}/"))
    for shown in ("转办情况", case.number, "待受理", f"{prefix}cases/{case.number}/"):
        assert shown in told, shown
    listed = text(worker.get(f"{prefix}people/visits/new/{visit.household_id}/"))
    assert case.number in listed
    assert "待受理" in listed


def test_the_worker_may_say_it_otherwise(world: World) -> None:
    item = create_item(department=world.sanitation)
    visit, worker = visited(world), browser(world.grid_worker)

    report(
        worker,
        f"/m/report/?visit={visit.number}",
        item=item.pk, description="燃气软管老化", place="1号楼楼道", lon="", lat="",
    )  # fmt: skip

    case = Case.objects.get()
    assert (case.description, case.place, case.lon) == ("燃气软管老化", "1号楼楼道", None)
    assert case.grid == world.grid  # the door's, when nothing says more exactly where


def test_a_resident_reported_it_only_when_the_worker_says_so(world: World) -> None:
    item, row = create_item(department=world.sanitation), home(world)
    second = create_person(world, household=row.household, house=row.household.house, name="李红")
    visit, worker = visited(world, row), browser(world.grid_worker)
    address = f"/m/report/?visit={visit.number}"
    page = text(worker.get(address))
    assert "王** · 户主" in page
    assert page.index("王**") < page.index("李*")
    assert "王小明" not in page
    assert "13812345678" not in page
    looks = AccessRecord.objects.filter(model="people.Person")
    assert not looks.exists()

    report(worker, address, item=item.pk, resident=second.residency.pk)

    case = Case.objects.get()
    assert case.reporter is not None
    assert (case.reporter.name.reveal(), case.reporter.phone.reveal()) == ("李红", "13812345678")
    look = looks.get()
    assert (look.user, look.object_id) == (world.grid_worker, str(second.person.pk))
    assert (look.columns, visit.number in look.reason) == (["name", "phone"], True)
    shown = text(browser(world.clerk).get(f"/cases/{case.number}/"))
    assert "李*" in shown
    assert "李红" not in shown


def test_nobody_of_another_door_can_be_named(world: World) -> None:
    item, row = create_item(department=world.sanitation), home(world)
    elsewhere = create_person(world).residency
    visit = visited(world, row)
    worker = browser(world.grid_worker)

    answer = report(worker, f"/m/report/?visit={visit.number}", item=item.pk, resident=elsewhere.pk)

    assert answer.status_code == 400
    said = Report(item_id=item.pk, description="x", source="api", visit=visit)
    said.resident_id = elsewhere.pk
    with pytest.raises(NotAllowed, match="住户中选择"):
        intake.open_case(said, by=world.grid_worker, now=MONDAY)
    assert not AccessRecord.objects.filter(model="people.Person").exists()


def test_what_was_said_is_looked_at_when_the_form_opens(world: World) -> None:
    item, visit = create_item(department=world.sanitation), visited(world)
    worker, looks = browser(world.clerk), AccessRecord.objects.filter(model="people.VisitWords")
    address = f"/cases/new/?visit={visit.number}"

    answer = worker.get(address)

    look = looks.get()
    assert (look.user, look.columns) == (world.clerk, ["note"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'name="source"' not in text(answer)
    bad = worker.post(address, {"key": str(uuid4()), "item": item.pk, "place": "1号楼"})
    assert bad.status_code == 400
    assert looks.count() == 1


def test_the_same_form_sent_twice_is_one_case(world: World) -> None:
    item, row = create_item(department=world.sanitation), home(world)
    visit, worker = visited(world, row), browser(world.grid_worker)
    address = f"/m/report/?visit={visit.number}"
    sent = {**filled(text(worker.get(address))), "item": item.pk, "resident": row.pk}

    places = {worker.post(address, sent).headers["Location"] for _n in range(2)}

    assert len(places) == Case.objects.count() == 1
    assert AccessRecord.objects.filter(model="people.Person").count() == 1


def test_nothing_of_the_people_is_in_an_address(world: World) -> None:
    create_item(department=world.sanitation)
    create_service_item(world.sanitation)
    visit, worker = visited(world, words="想补办老年优待证，王小明"), browser(world.grid_worker)
    for prefix in PAGES:
        page = text(worker.get(f"{prefix}people/visits/{visit.number}/"))
        pages = [page, *(text(worker.get(url)) for url in asking(page, visit))]
        links = [url for page in pages for url in re.findall(r'(?:href|action)="([^"]*)"', page)]
        about = [url for url in links if "visit=" in url]
        assert about
        assert {url.partition("?")[2] for url in about} == {f"visit={visit.number}"}


def asking(page: str, visit: Visit) -> list[str]:
    return [url for url in re.findall(r'href="([^"]*)"', page) if f"visit={visit.number}" in url]


# Whose visit ------------------------------------------------------------------------------------


@SURFACES
@pytest.mark.parametrize("who", ["other_grid_worker", "outsider", "handler", "second"])
def test_the_visit_of_another_grid_is_not_there(world: World, who: str, prefix: str) -> None:
    create_item(department=world.sanitation)
    create_service_item(world.sanitation)
    visit = visited(world)
    user = (
        create_user(role="grid_worker", unit=world.second_grid)
        if who == "second"
        else getattr(world, who)
    )
    client = browser(user)
    pages = [PAGES[prefix], f"{prefix}services/guide/"]
    if who != "handler":  # a department takes no mandates
        pages.append(f"{prefix}services/new/senior-card/")

    for page in pages:
        answers = [
            client.get(f"{page}?visit={n}") for n in (visit.number, "V20260302999999", "%00")
        ]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        told = {answer.content.decode().split("<h1>")[1] for answer in answers}
        assert len(told) == 1  # the same words, whether or not there is one
        assert "不在您的管辖范围内" in told.pop()
        sent = client.post(f"{page}?visit={visit.number}", {"key": str(uuid4())})
        assert sent.status_code in {404, 405}
    assert not Case.objects.exists()
    assert not AccessRecord.objects.filter(model="people.VisitWords").exists()


def test_the_verbs_themselves_refuse_the_visit_of_another_grid(world: World) -> None:
    item, visit = create_item(department=world.sanitation), visited(world)
    said = Report(item_id=item.pk, description="x", source="api", place="x", visit=visit)
    for by in (world.other_grid_worker, world.handler, None):
        with pytest.raises(NotAllowed, match="没有这次走访"):
            intake.open_case(said, by=by, now=MONDAY)
    service = create_service_item(world.sanitation)
    mandate = Mandate(
        item=service_items.facts(service.pk),
        name="李",
        phone="13912345678",
        answers=ANSWERS,
        visit=visit,
    )
    with pytest.raises(NotAllowed, match="没有这次走访"):
        entrusting.entrust(mandate, by=world.other_grid_worker, now=MONDAY)


def test_who_may_not_open_the_visit_sees_that_it_was_one_and_no_more(world: World) -> None:
    item, visit = create_item(department=world.sanitation), visited(world)
    report(browser(world.grid_worker), f"/m/report/?visit={visit.number}", item=item.pk)
    case = Case.objects.get()
    workflow.take(case, "accept", by=world.clerk, now=MONDAY)

    for prefix in PAGES:
        page = text(browser(world.handler).get(f"{prefix}cases/{case.number}/"))
        assert "走访" in page
        assert visit.number not in page
    assert Program(world.handler).get(f"/cases/{case.number}/").json()["visit"] == ""
    assert Program(world.clerk).get(f"/cases/{case.number}/").json()["visit"] == visit.number


def test_what_became_of_it_has_no_link_for_who_does_not_see_it(world: World) -> None:
    item, visit = create_item(department=world.sanitation), visited(world)
    report(browser(world.clerk), f"/cases/new/?visit={visit.number}", item=item.pk)
    case = Case.objects.get()
    columns = {"grid": world.other_grid, "community": world.other_community}
    Case.objects.filter(pk=case.pk).update(street=world.other_street, **columns)

    page = text(browser(world.grid_worker).get(f"/people/visits/{visit.number}/"))

    assert case.number in page
    assert f"/cases/{case.number}/" not in page


def test_where_nobody_was_met_nothing_goes_on(world: World) -> None:
    row = home(world)
    visit = registered.visit(
        row.household, aims=["care"], skipped="absent", by=world.grid_worker, now=MONDAY
    )
    assert way(browser(world.grid_worker), "/m/", visit, "转为") == ""
    assert way(browser(world.leader), "/", visited(world, row), "转为办事") == ""
    assert way(browser(world.leader), "/", visited(world, row), "转为事件") != ""


# A service --------------------------------------------------------------------------------------


@SURFACES
def test_a_finding_becomes_a_service_in_two_requests(world: World, prefix: str) -> None:
    create_service_item(world.sanitation)
    row = home(world)
    visit = visited(world, row, words="想补办老年优待证")
    worker = browser(world.grid_worker)

    address = way(worker, prefix, visit, "转为办事")
    assert address == f"{prefix}services/new/senior-card/?visit={visit.number}"
    page = text(worker.get(address))
    assert "想补办老年优待证" in page
    assert f'<option value="{row.pk}" selected>王** · 户主</option>' in page
    assert field(page, "answer_address") == "军丽园1号楼 1-302"[:10]
    sent = {
        "key": field(page, "key"), "resident": row.pk, "material_0": "on",
        "answer_kind": "补办", "answer_birth_date": "1950-05-01",
    }  # fmt: skip
    answer = worker.post(address, sent)

    made = ServiceRequest.objects.get()
    assert answer.headers["Location"] == f"{prefix}services/{made.number}/"
    assert (made.visit_id, made.grid, made.case) == (visit.pk, world.grid, None)
    assert (made.applicant.name.reveal(), made.applicant.phone.reveal()) == (
        "王小明",
        "13812345678",
    )
    assert AccessRecord.objects.get(model="people.Person").user == world.grid_worker
    assert visit.number in text(worker.get(answer.headers["Location"]))
    told = text(worker.get(f"{prefix}people/visits/{visit.number}/"))
    assert f"{prefix}services/{made.number}/" in told
    shown = text(browser(world.handler).get(f"/services/{made.number}/"))
    assert "走访" in shown
    assert visit.number not in shown


def test_words_that_name_no_item_lead_to_the_guide(world: World) -> None:
    create_service_item(world.sanitation)
    create_service_item(world.sanitation, code="other", name="老年优待券", name_en="Voucher")
    worker, row = browser(world.grid_worker), home(world)
    for words in (WORDS, "问老年优待", ""):
        visit = visited(world, row, words=words)
        address = way(worker, "/m/", visit, "转为办事")
        assert address == f"/m/services/guide/?visit={visit.number}"
    page = text(worker.get(address))
    assert f"/m/services/new/senior-card/?visit={visit.number}" in page


def test_somebody_else_than_the_residents_can_apply(world: World) -> None:
    create_service_item(world.sanitation)
    visit, worker = visited(world), browser(world.grid_worker)
    address = f"/m/services/new/senior-card/?visit={visit.number}"
    sent = {
        "key": str(uuid4()), "resident": "", "answer_kind": "新办",
        "answer_birth_date": "1950-05-01",
    }  # fmt: skip
    answer = worker.post(address, sent)
    assert answer.status_code == 400
    assert "请填写申请人的姓名和电话" in answer.content.decode()

    worker.post(address, {**sent, "name": "张三", "phone": "13912345678"})

    assert ServiceRequest.objects.get().applicant.name.reveal() == "张三"
    assert not AccessRecord.objects.filter(model="people.Person").exists()


# The API ----------------------------------------------------------------------------------------


def test_a_program_reports_what_was_found(world: World) -> None:
    item, visit = create_item(department=world.sanitation), visited(world)
    sent = {"item": item.pk, "description": "燃气软管老化", "visit": visit.number}
    key = {"Idempotency-Key": str(uuid4())}

    answer = Program(world.grid_worker).post("/cases/", sent, **key)

    assert answer.status_code == 201, answer.content
    case = Case.objects.get()
    assert (case.visit_id, case.source, case.place) == (
        visit.pk,
        Source.VISIT,
        "军丽园1号楼 1-302",
    )
    assert (case.lon, case.grid) == (place(0.5, 0.5)[0], world.grid)
    for number in (visit.number, "V20260302999999"):
        other = Program(world.other_grid_worker).post("/cases/", {**sent, "visit": number}, **key)
        assert other.status_code == 404
        assert other.json()["detail"] == "没有此内容，或不在您的范围内。"
    assert Case.objects.count() == 1


def test_a_program_takes_a_mandate_of_a_visit(world: World) -> None:
    create_service_item(world.sanitation)
    visit, program = visited(world), Program(world.grid_worker)
    sent = {
        "item": "senior-card", "visit": visit.number, "name": "李老太", "phone": "13912345678",
        "answers": ANSWERS,
    }  # fmt: skip
    key = {"Idempotency-Key": str(uuid4())}

    answer = program.post("/services/", sent, **key)

    assert answer.status_code == 201, answer.content
    made = ServiceRequest.objects.get()
    assert (made.visit_id, made.grid) == (visit.pk, world.grid)
    assert program.get(f"/services/{made.number}/").json()["visit"] == visit.number
    other = Program(world.other_grid_worker).post("/services/", sent, **key)
    assert other.status_code == 404


# What hangs on it -------------------------------------------------------------------------------


def test_the_weeks_sheet_counts_what_was_made(world: World) -> None:
    item, visit = create_item(department=world.sanitation), visited(world)
    create_service_item(world.sanitation)
    worker = browser(world.grid_worker)
    report(worker, f"/m/report/?visit={visit.number}", item=item.pk)
    row = Residency.objects.get()
    mandate = Mandate(
        item=service_items.active()[0],
        name="",
        phone="",
        answers=ANSWERS,
        visit=visit,
        resident_id=row.pk,
    )
    entrusting.entrust(mandate, by=world.grid_worker, now=MONDAY)

    sheets.write("week", MONDAY + timedelta(days=7))

    found = sheets.visible(world.grid_worker).get()
    assert {row["name"]: row["value"] for row in found.figures}["turned"] == 2
    assert "走访转办" in text(worker.get(f"/m/people/sheets/{found.pk}/"))


def test_the_history_follows_and_a_part_keeps_it(world: World) -> None:
    item, visit = create_item(department=world.sanitation), visited(world)
    report(browser(world.grid_worker), f"/m/report/?visit={visit.number}", item=item.pk)
    case = Case.objects.get()
    parts = (Part(item.pk, "一"), Part(item.pk, "二"))

    workflow.take(case, "split", by=world.clerk, now=MONDAY, parts=parts)

    assert set(Case.objects.values_list("visit", flat=True)) == {visit.pk}
    events = Case.pgh_event_models["insert"].objects  # type: ignore[attr-defined]
    assert set(events.values_list("visit_id", flat=True)) == {visit.pk}


def test_a_case_page_asks_once_more_for_a_visit_and_never_without(world: World) -> None:
    item, row = create_item(department=world.sanitation), home(world)
    visit, client = visited(world, row), browser(world.clerk)
    plain = Report(item_id=item.pk, description="x", source="api", place="1号楼")
    costs = []
    for said in (plain, Report(item_id=item.pk, description="y", source="api", visit=visit)):
        case, _new = intake.open_case(said, by=world.grid_worker, now=MONDAY)
        Case.objects.filter(pk=case.pk).update(lon=None, lat=None)
        client.get(f"/cases/{case.number}/")
        with CaptureQueriesContext(connection) as found:
            text(client.get(f"/cases/{case.number}/"))
        costs.append(len(found))
    assert costs[1] - costs[0] == 2  # the wall's setting, and the number


def test_a_households_visits_cost_the_same_for_one_and_for_three(world: World) -> None:
    item, row = create_item(department=world.sanitation), home(world)
    client, costs = browser(world.grid_worker), []
    for wanted in (1, 3):
        while Visit.objects.count() < wanted:
            visit = visited(world, row)
            for words in ("a", "b"):
                said = Report(item_id=item.pk, description=words, source="api", visit=visit)
                intake.open_case(said, by=world.grid_worker, now=MONDAY)
        url = f"/m/people/visits/new/{row.household_id}/"
        client.get(url)
        with CaptureQueriesContext(connection) as found:
            assert text(client.get(url)).count("待受理") == 2 * wanted
        costs.append(len(found))
    assert costs[0] == costs[1]
