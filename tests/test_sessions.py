"""A session ends while somebody works: where they land, what they are told, how they come back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client, RequestFactory

from cases.models import Case, State
from governance import api
from tests.builders import World, shift_clock
from tests.case_builders import MONDAY, create_case, create_item
from tests.clients import browser

HOST = "http://testserver"


@pytest.fixture
def case(world: World) -> Case:
    shift_clock(to=MONDAY)
    return create_case(world, item=create_item(department=world.sanitation))


def words(answer: Any) -> str:
    return str(answer.content.decode())


def language_leads_to(page: str) -> str:
    found: list[str] = re.findall(r'name="next" value="([^"]*)"', page)
    return found[-1]


# Parts of a page --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "page", "back"),
    [
        ("/cases/new/x/", f"{HOST}/?tab=late&page=2", "/%3Ftab%3Dlate%26page%3D2"),
        ("/cases/items/?q=a", f"{HOST}/m/report/", "/m/report/"),
        ("/cases/items/?q=a", "https://elsewhere.cn/m/report/", "/home/"),
        ("/cases/items/?q=a", f"{HOST}//elsewhere.cn/", "/elsewhere.cn/"),
        ("/m/", "http://[", "/m/"),
    ],
)
def test_a_part_of_a_page_sends_the_whole_page_to_the_log_in(
    db: None, path: str, page: str, back: str
) -> None:
    answer = browser().get(path, headers={"HX-Request": "true", "HX-Current-URL": page})

    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["HX-Redirect"] == f"/login/?next={back}"


def test_a_part_that_a_form_asks_for_says_that_it_was_not_sent(db: None) -> None:
    asked = {"HX-Request": "true", "HX-Current-URL": f"{HOST}/cases/new/"}

    answer = browser().post("/cases/suggest/", headers=asked)

    assert answer["HX-Redirect"] == "/login/?next=/cases/new/&unsent=1"


def test_a_program_is_answered_as_ever(db: None) -> None:
    answer = browser().get("/api/v1/cases/", headers={"HX-Request": "true"})

    assert answer["Content-Type"] == api.PROBLEM
    assert "HX-Redirect" not in answer


# Forms ------------------------------------------------------------------------------------------


def test_after_the_log_in_one_is_on_the_page_the_form_came_from(world: World, case: Case) -> None:
    client, page = browser(), f"/cases/{case.number}/"

    sent = client.post(f"{page}reporter/", {"reason": "核实"}, headers={"Referer": HOST + page})

    assert sent["Location"] == f"/login/?next={page}&unsent=1"
    assert "登录已过期，刚才填写的内容没有提交。" in words(client.get(sent["Location"]))
    assert "登录已过期" not in words(client.get("/login/"))
    who = {"username": "clerk", "password": "Wangge-2026", "next": page}
    world.clerk.set_password(who["password"])
    world.clerk.save()
    assert client.post(sent["Location"], who)["Location"] == page


@pytest.mark.parametrize(("path", "home"), [("/inbox/read/", "/home/"), ("/m/inbox/read/", "/m/")])
def test_without_a_page_to_go_back_to_it_is_the_room_s_home(db: None, path: str, home: str) -> None:
    for sent_from in ({}, {"Referer": f"https://elsewhere.cn{path}"}):
        assert (
            browser().post(path, headers=sent_from)["Location"] == f"/login/?next={home}&unsent=1"
        )


def test_a_stale_form_leads_back_to_its_page(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.clerk)

    answer = client.post("/cases/new/?visit=1", headers={"Referer": f"{HOST}/cases/new/?visit=1"})

    assert answer.status_code == 403
    assert "刚才填写的内容没有提交" in words(answer)
    assert "重新登录" in words(answer)
    assert 'href="/cases/new/?visit=1"' in words(answer)


def test_a_resident_s_stale_form_says_nothing_of_a_log_in(db: None) -> None:
    page = "/report/suggest/"

    answer = Client(enforce_csrf_checks=True).post(page, headers={"Referer": HOST + page})

    assert answer.status_code == 403
    assert "刚才填写的内容没有提交" in words(answer)
    assert "登录" not in words(answer)
    assert "/home/" not in words(answer)
    assert f'href="{page}"' in words(answer)
    assert 'href="/report/"' in words(answer)


# The language, and what may not be opened ---------------------------------------------------------


def test_the_language_changes_on_the_page_of_a_form_at_fault(world: World) -> None:
    """A resident sends no rating, and then would rather read English."""
    shift_clock(to=MONDAY)
    case = create_case(world, state=State.ANSWERED)
    client, page = resident(case), f"/report/progress/{case.number}/"
    answer = client.post(f"{page}rate/", {"satisfied": ""}, headers={"Referer": HOST + page})
    assert answer.status_code == 400

    assert language_leads_to(words(answer)) == page
    assert language_leads_to(words(client.get(f"{page}?a=1&b=2"))) == f"{page}?a=1&amp;b=2"


def resident(case: Case) -> Client:
    """Somebody who has given number and code."""
    client = Client()
    client.post("/report/query/", {"number": case.number, "code": case.query_code})
    return client


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("/inbox/read/", "/home/"),
        ("/m/inbox/read/", "/m/"),
        ("/report/progress/20260302000001/rate/", "/report/"),
    ],
)
def test_what_may_not_be_opened_has_a_page_and_a_way_back(
    world: World, path: str, home: str
) -> None:
    answer = browser(world.clerk).get(path)

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "这个地址不能直接打开" in words(answer)
    assert f'class="btn btn-primary" href="{home}"' in words(answer)


def test_residents_errors_lead_to_the_residents_room(db: None) -> None:
    lost = Client().get("/report/nowhere/")
    broken: Any = api.server_error(RequestFactory().get("/report/"))

    assert (lost.status_code, broken.status_code) == (404, 500)
    for answer in (lost, broken):
        assert 'href="/report/"' in words(answer)
        assert "/home/" not in words(answer)


# Residents --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/report/progress/20260302000001/", "/report/query/"),
        ("/report/received/20260302000001/", "/report/query/"),
        ("/report/suggest/J20260302000001/", "/report/query/"),
        ("/report/rights/Q20260302000001/", "/report/rights/query/"),
    ],
)
def test_who_is_not_known_any_more_is_asked_for_number_and_code(
    db: None, path: str, query: str
) -> None:
    client = Client()

    answer = client.get(path)

    assert answer["Location"] == f"{query}?expired=1"
    assert "查询已过期。请重新查询" in words(client.get(answer["Location"]))
    assert "已过期" not in words(client.get(query))


def test_an_answer_that_came_too_late_is_not_lost_without_a_word(case: Case) -> None:
    client, page = resident(case), f"/report/progress/{case.number}/"
    client.session.flush()

    answer = client.post(f"{page}reply/", {"note": "在3号楼"})

    assert answer["Location"] == "/report/query/?unsent=1"
    asked = words(client.get(answer["Location"]))
    assert "查询已过期，刚才填写的内容没有提交。" in asked
    assert "data-door" in asked
    case.refresh_from_db()
    assert case.transitions.filter(note="在3号楼").count() == 0
