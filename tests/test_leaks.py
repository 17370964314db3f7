"""Marked numbers, names and phones go through the whole product; nowhere may they come to lie."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.db import connection, connections
from django.test import Client

from governance import scope, seals
from governance.history import WalledRow
from people import access, support, tasks
from people.models import PeopleImport, Person, SupportKind
from tests.builders import World, shift_clock
from tests.case_builders import MONDAY, create_item
from tests.clients import browser
from tests.people_builders import TODAY, create_house, number

pytestmark = pytest.mark.django_db
PAPERS, IMPORTED = number("19620314", 911), number("19750607", 912)
MARKED = {
    "name": "欧阳漱玉",
    "papers": PAPERS,
    "phone": "13987650001",
    "other": "13987650002",
    "contact": "司徒听雨",
    "reporter": "慕容观澜",
    "reporter_phone": "13987650003",
    "imported": IMPORTED,
    "imported_name": "上官望舒",
    "note": "夜里独自在家常忘关火漱石枕流",
    "goal": "每周三上门看望听风听雨",
    "born": "1962-03-14",
}


class Watched:
    """A browser that keeps what its addresses were and what its pages said."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.addresses: list[str] = []
        self.pages: list[str] = []

    def get(self, url: str) -> Any:
        return self.keep(self.client.get(url, follow=True))

    def post(self, url: str, data: dict[str, Any]) -> Any:
        return self.keep(self.client.post(url, data, follow=True))

    def keep(self, answer: Any) -> Any:
        request = answer.request
        self.addresses += [request["PATH_INFO"], request["QUERY_STRING"]]
        self.addresses += [url for url, _status in answer.redirect_chain]
        self.addresses += [f"{name}: {value}" for name, value in answer.headers.items()]
        self.pages.append(answer.content.decode(errors="replace"))
        return answer


@pytest.fixture
def story(
    world: World,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> dict[str, Watched]:
    """One marked person: registered, looked for, looked at, corrected, visited, helped, imported;
    and a marked reporter. Everything is logged, SQL included."""
    settings.DEBUG = True
    monkeypatch.setattr(connections["default"], "force_debug_cursor", True)
    for name in ("", "django", "django.db.backends", "people", "cases", "governance"):
        caplog.set_level(logging.DEBUG, logger=name)
    shift_clock(to=MONDAY)
    create_item(department=world.sanitation, dispatch="manual")
    house = create_house(world.grid, room="1203")
    worker, clerk = Watched(browser(world.grid_worker)), Watched(browser(world.clerk))
    form = {
        "name": MARKED["name"], "document_kind": "resident_id", "document_number": PAPERS,
        "phone": MARKED["phone"], "other_phone": MARKED["other"],
        "contact_name": MARKED["contact"], "contact_phone": MARKED["other"],
        "kind": "resident", "relation": "head", "began_on": "2026-03-01",
    }  # fmt: skip
    worker.post(f"/m/people/new/{house.pk}/", form)
    person = access.persons(world.grid_worker).get()
    url = f"/people/{person.pk}/"
    for words in (MARKED["name"][:2], PAPERS, PAPERS[-4:], MARKED["phone"]):
        assert str(person.pk) in worker.post("/people/", {"q": words}).content.decode()
    worker.get(url)
    worker.post(f"{url}correct/", {"version": 1, "phone": MARKED["other"]})
    worker.post(
        f"{url}ask/document/",
        {"document_kind": "resident_id", "document_number": IMPORTED, "reason": "看过证件"},
    )
    household = person.residencies.get().household_id
    worker.post(f"/people/visits/new/{household}/", {"aims": ["care"], "note": MARKED["note"]})
    kind = SupportKind.objects.get(code="alone")
    begun = {"kind": kind.pk, "goal": MARKED["goal"], "basis": "consent", "agreed": "当面同意"}
    worker.post(f"{url}plans/new/", begun)
    clerk.get("/people/")
    clerk.get(f"/people/visits/new/{household}/")

    create_house(world.grid, building=house.building, room="1204")
    place = f"{house.building.estate},{house.building.name},1"
    head = "姓名,证件号码,小区,楼栋,单元,房号"
    rows = [
        f"{MARKED['imported_name']},{IMPORTED},{place},1204",
        f"{MARKED['contact']},1,{place},9",
    ]
    file = ContentFile("\n".join([head, *rows]).encode(), name="people.csv")
    clerk.post("/people/imports/", {"kind": "people", "file": file})
    url = f"/people/imports/{PeopleImport.objects.get().pk}/"
    meaning = {
        "name": "姓名", "document_number": "证件号码", "estate": "小区", "building": "楼栋",
        "unit_no": "单元", "room": "房号",
    }  # fmt: skip
    for step in ("", "mapping/", "confirm/"):
        if step:
            clerk.post(f"{url}{step}", meaning)
        tasks.import_people()
        clerk.get(url)
    assert PeopleImport.objects.get().made == 1

    public = Watched(Client())
    public.post(
        "/report/",
        {
            "place": "军丽园5号楼", "description": "楼前有垃圾",
            "reporter_name": MARKED["reporter"], "reporter_phone": MARKED["reporter_phone"],
            "key": "6f6f2d4e-6d4b-4f0e-8f0b-0a2f4f0f4a11",
        },
    )  # fmt: skip
    return {"worker": worker, "clerk": clerk, "public": public}


def found_in(text: str) -> list[str]:
    return [name for name, value in MARKED.items() if value in text]


def tables() -> Iterator[tuple[str, str]]:
    """Every table of the product with its rows as text, the history included."""
    walled = {m._meta.db_table for m in seals.append_only_models() if issubclass(m, WalledRow)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            # what the application may not read is read as who seals it
            with scope.system(scope.AUDIT) if table in walled else nullcontext():
                cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" AS t')
            yield table, "\n".join(row for (row,) in cursor.fetchall())


def test_no_table_holds_them_in_clear(world: World, story: dict[str, Watched]) -> None:
    access.enter(world.clerk)
    assert Person.objects.exists()  # what is looked through is not empty
    dump = dict(tables())
    assert len(dump["people_personevent"]) > 100
    assert {name: found for name, text in dump.items() if (found := found_in(text))} == {}
    # nor as the bytes of the text, which JSON shows in hexadecimal
    coded = {name: value.encode().hex() for name, value in MARKED.items()}
    whole = "\n".join(dump.values())
    assert [name for name, value in coded.items() if value in whole] == []


def test_no_log_line_tells_them(
    story: dict[str, Watched], caplog: pytest.LogCaptureFixture
) -> None:
    records = caplog.get_records("setup")
    assert any("people_person" in record.getMessage() for record in records)
    lines = "\n".join(
        f"{record.getMessage()} {record.exc_text or ''} {record.args!r}" for record in records
    )
    assert found_in(lines) == []


def test_no_address_or_header_tells_them(story: dict[str, Watched]) -> None:
    every = "\n".join(line for visitor in story.values() for line in visitor.addresses)
    assert found_in(every) == []


def test_no_page_tells_them_unasked(story: dict[str, Watched]) -> None:
    """Beside the words at a door and the plan, which their readers opened."""
    told = {who: found_in("\n".join(visitor.pages)) for who, visitor in story.items()}
    # the search box shows what was typed to who typed it; a visit and a plan show their words
    assert set(told["worker"]) <= {"papers", "phone", "note", "goal"}
    assert told["clerk"] == told["public"] == []


def test_no_message_tells_them(world: World, story: dict[str, Watched]) -> None:
    mails = "\n".join(f"{one.subject}\n{one.body}\n{one.to}" for one in mail.outbox)
    assert found_in(mails) == []
    programs = json.dumps([one.pages for one in story.values() if one is story["clerk"]])
    assert found_in(programs) == []


def test_a_plan_is_read_by_its_team_only(world: World, story: dict[str, Watched]) -> None:
    plan = support.visible(world.grid_worker).get()
    other = Watched(browser(world.clerk))
    assert other.get(f"/people/plans/{plan.pk}/").status_code == 404
    assert found_in("\n".join(other.pages)) == []
    assert plan.began_on == TODAY
