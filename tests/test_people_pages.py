"""The registers' pages, on desk and phone: what a worker does at a door, and what stays hidden."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from governance.models import AccessRecord
from people import access, changes, visits
from people.models import ChangeRequest, Household, Person, Residency
from people.registering import details_of
from tests.builders import World
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.people_builders import (
    TODAY,
    create_building,
    create_house,
    create_person,
    create_plan,
    number,
)

pytestmark = pytest.mark.django_db
SURFACES = pytest.mark.parametrize("prefix", ["/people/", "/m/people/"])


def text(client: Client, url: str, **data: Any) -> str:
    answer = client.post(url, data) if data else client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


@SURFACES
def test_a_worker_registers_somebody_at_the_door(world: World, prefix: str) -> None:
    house, papers = create_house(world.grid, room="1203"), number("19760203")
    client = browser(world.grid_worker)
    assert "还没有登记" in text(client, prefix)
    assert f"{prefix}new/{house.pk}/" in text(client, f"{prefix}houses/", q="军丽园 1203")
    assert "没有找到这套房屋" in text(client, f"{prefix}houses/", q="9999")

    form = {
        "name": "王小明",
        "document_kind": "resident_id",
        "document_number": papers,
        "phone": "138 1234 5678",
        "kind": "tenant",
        "relation": "head",
        "began_on": "2026-03-01",
    }
    answer = client.post(f"{prefix}new/{house.pk}/", {**form, "document_number": papers[:-1]})
    assert answer.status_code == 400
    assert "18 位" in answer.content.decode()
    answer = client.post(f"{prefix}new/{house.pk}/", {**form, "document_number": ""})
    assert "没有证件的" in answer.content.decode()
    answer = client.post(f"{prefix}new/{house.pk}/", form, follow=True)

    page = answer.content.decode()
    assert "已登记。" in page
    person = access.persons(world.grid_worker).get()
    assert answer.redirect_chain[-1][0] == f"{prefix}{person.pk}/"
    for hidden in (papers, "13812345678", "王小明", "1976-02-03"):
        assert hidden not in page
    assert papers[-4:] in page
    assert "王**" in text(client, prefix)
    assert "王**" in text(client, f"{prefix}new/{house.pk}/")


@SURFACES
def test_two_households_live_in_one_house(world: World, prefix: str) -> None:
    house = create_house(world.grid, use="shared")
    first = create_person(world, house, name="王小明", relation="head").residency
    client, url = browser(world.grid_worker), f"{prefix}new/{house.pk}/"
    assert "第 1 户：王**（1 人）" in text(client, url)
    given = {
        **{"name": "李四", "document_kind": "none", "birth_date": "1990-05-01"},
        **{"kind": "tenant", "relation": "head", "began_on": TODAY.isoformat()},
    }

    same = client.post(url, {**given, "household": first.household_id})
    assert same.status_code == 400
    assert "请选“另立一户”" in str(same.context["form"].errors)
    assert client.post(url, given).status_code == 400  # unsaid, it is the first one
    assert client.post(url, {**given, "household": "apart"}).status_code == 302
    second = Household.objects.exclude(pk=first.household_id).get(house=house)
    child = {**given, "name": "李小", "relation": "child", "birth_date": "2015-05-01"}
    client.post(url, {**child, "household": second.pk})

    page = text(client, url)
    assert [[row["name"] for row in home.members] for home in client.get(url).context["homes"]] == [
        ["王**"],
        ["李*", "李*"],
    ]
    assert "第 2 户：李*（2 人）" in page
    # and who is registered moves in the same way
    moved = create_person(world, name="赵六").person
    sent = client.post(
        f"{prefix}{moved.pk}/move-in/{house.pk}/",
        {
            "kind": "tenant",
            "relation": "other",
            "began_on": TODAY,
            "household": "apart",
        },
    )
    assert sent.status_code == 302
    assert Household.objects.filter(house=house).count() == 3
    elsewhere = create_person(world, name="孙七").residency
    odd = client.post(url, {**given, "household": elsewhere.household_id})
    assert odd.status_code == 400


@SURFACES
def test_what_is_looked_for_stays_out_of_the_address(world: World, prefix: str) -> None:
    person = create_person(world, name="欧阳小明").person
    create_person(world, name="李四")
    client = browser(world.grid_worker)
    page = text(client, prefix, q="欧阳")
    assert str(person.pk) in page
    assert "李*" not in page
    assert "没有找到" in text(client, prefix, q="赵六")
    assert "李*" in text(client, f"{prefix}?q=欧阳")  # an address says nothing
    assert "没有找到" in text(client, f"{prefix}?kind=tenant")


@SURFACES
def test_no_address_says_who_goes_to_live_where(world: World, prefix: str) -> None:
    person, house = create_person(world).person, create_house(world.grid, room="77")
    client = browser(world.grid_worker)
    page = text(client, f"{prefix}houses/?person={person.pk}")
    assert f'method="post" action="{prefix}houses/"' in page
    assert f'name="person" value="{person.pk}"' in page
    assert f"{prefix}new/{house.pk}/" in text(client, f"{prefix}houses/", q="77 ")
    assert str(house) not in text(client, f"{prefix}houses/?q=77")  # an address says nothing
    assert "没有找到" in text(client, f"{prefix}houses/", q="7\x007 0")


@SURFACES
def test_a_search_that_is_cut_says_so_and_is_narrowed_by_the_door(
    world: World, prefix: str
) -> None:
    building = create_building(world.grid, name="1号楼")
    for n in range(30):
        create_person(world, create_house(world.grid, building=building, room=f"{n}"), name="王伟")
    there = create_house(world.grid, building=building, room="901")
    create_person(world, there, name="王伟强")
    create_person(world, there, name="赵六")
    client = browser(world.grid_worker)

    def found(words: str) -> list[str]:
        return [row["name"] for row in client.post(prefix, {"q": words}).context["rows"]]

    page = client.post(prefix, {"q": "王伟"})
    assert len(page.context["rows"]) == 25
    assert "还有更多，请补充一个字" in page.content.decode()
    for words in ("王伟强", "王伟 901", "王伟 军丽园 1号楼-901"):
        assert found(words) == ["王**"], words
        assert "还有更多" not in client.post(prefix, {"q": words}).content.decode()
    assert len(found("王伟 7")) == 1
    assert found("王 伟强") == ["王**"]  # no door of that name: the space stood in the name
    assert found("王伟 9号楼") == []
    assert found("伟\0强") == ["王**"]


@SURFACES
def test_every_opening_and_every_look_is_written_down(world: World, prefix: str) -> None:
    person = create_person(world).person
    client = browser(world.grid_worker)
    page = text(client, f"{prefix}{person.pk}/")
    assert "王小明" not in page
    assert client.post(f"{prefix}{person.pk}/reveal/", {"why": "case"}).status_code == 400
    done = Residency.objects.get(person=person).household
    visit = visits.visit(done, aims=["care"], by=world.grid_worker, now=MONDAY)
    away = create_person(world, create_house(world.other_grid), by=world.other_grid_worker)
    where = away.residency.household
    other = visits.visit(where, aims=["care"], by=world.other_grid_worker, now=MONDAY)
    # a number that the reason asks for has to be there, and theirs to see
    for why, about in (
        *(("visit", ""), ("visit", "V1"), ("visit", other.number), ("case", visit.number)),
        *(("service", "B1"), ("check", "随便写"), ("asked", other.number)),
    ):
        given = {"why": why, "about": about}
        assert client.post(f"{prefix}{person.pk}/reveal/", given).status_code == 400, given
    page = text(client, f"{prefix}{person.pk}/reveal/", why="visit", about=visit.number)
    for shown in ("王小明", "13812345678", "1990-01-01"):
        assert shown in page, shown
    assert client.post(f"{prefix}{person.pk}/correct/", {"version": 1}).status_code == 400
    rows = AccessRecord.objects.filter(model="people.Person").order_by("pk")
    opened, *faulty, looked, corrected = rows
    # a form that comes back with its faults shows the same page
    assert [row.columns for row in (*faulty, corrected)] == [[]] * 9
    assert (opened.columns, opened.user) == ([], world.grid_worker)
    assert {"name", "document_number", "phone"} <= set(looked.columns)
    assert looked.reason == f"上门走访 {visit.number}"
    assert "上门走访" in text(client, f"{prefix}{person.pk}/")


@SURFACES
def test_no_title_names_anybody(world: World, prefix: str) -> None:
    """A browser keeps the titles of what was opened."""
    person = create_person(world).person
    plan, client = create_plan(world, person), browser(world.grid_worker)
    house = create_house(world.grid)
    pages = [
        text(client, f"{prefix}{person.pk}/"),
        text(client, f"{prefix}{person.pk}/reveal/", why="check", about=""),
        text(client, f"{prefix}{person.pk}/plans/new/"),
        text(client, f"{prefix}{person.pk}/ask/document/"),
        text(client, f"{prefix}{person.pk}/move-in/{house.pk}/"),
        text(client, f"{prefix}plans/{plan.pk}/"),
    ]
    for page in pages:
        title = page.partition("<title>")[2].partition("</title>")[0]
        assert title
        for told in ("王", "试行类别"):
            assert told not in title
            assert told not in page.partition("<h1")[2].partition("</h1>")[0]
    assert "王小明" in pages[1]


@SURFACES
def test_correcting_moving_and_leaving(world: World, prefix: str) -> None:
    done = create_person(world)
    key, client = done.person.pk, browser(world.grid_worker)
    url = f"{prefix}{key}/correct/"
    assert client.post(url, {"version": 1, "phone": "x1"}).status_code == 400
    assert client.post(url, {"version": 1, "phone": "13900001111"}).status_code == 302
    stale = client.post(url, {"version": 1, "name": "王明"}).content.decode()
    assert "已被他人更新" in stale
    assert 'value="王明"' in stale
    seen = stale.partition('name="version" value="')[2].partition('"')[0]
    assert client.post(url, {"version": seen, "name": "王明"}).status_code == 302
    assert details_of(Person.objects.get(pk=key))["phone"] == "13900001111"

    other = create_house(world.grid, room="77")
    assert f"{key}/move-in/{other.pk}/" in text(client, f"{prefix}houses/", q="77", person=str(key))
    there = f"{prefix}{key}/move-in/{other.pk}/"
    form = {"kind": "resident", "relation": "head", "began_on": "2026-03-01"}
    assert client.get(there).status_code == 200
    assert client.post(there, form).status_code == 302
    assert "已登记在这套房屋" in client.post(there, form).content.decode()

    page = text(client, f"{prefix}{key}/")
    assert "仍列在其他住处" in page
    assert f"{prefix}visits/new/{done.residency.household_id}/" in page
    out = f"{prefix}residencies/{done.residency.pk}/out/"
    bad = client.post(out, {"leaving": "moved", "on": "2099-01-01"})
    assert bad.status_code == 400
    for shown in ('value="2099-01-01"', "离开日期", '<details class="older no-print" open>'):
        assert shown in bad.content.decode()  # what was typed, and the fold stands open
    client.post(out, {"leaving": "moved", "on": "2026-03-02"})
    assert client.post(out, {"leaving": "moved", "on": "2026-03-02"}).status_code == 404
    last = Residency.objects.get(person=key, ended_on=None)
    client.post(f"{prefix}residencies/{last.pk}/out/", {"leaving": "moved", "on": "2026-03-02"})
    assert client.get(f"{prefix}{key}/").status_code == 404  # gone from here this very moment


@SURFACES
def test_what_is_held_is_shown_masked_and_cleared(world: World, prefix: str) -> None:
    person = create_person(world, document_kind="none", birth_date="1990-01-01").person
    documented = create_person(world, create_house(world.grid)).person
    client = browser(world.grid_worker)
    page = text(client, f"{prefix}{person.pk}/")
    assert "现为 138****5678" in page
    assert 'name="birth_date"' in page
    assert "13812345678" not in page
    assert 'value="name"' not in page  # a name is never cleared
    assert 'name="birth_date"' not in text(client, f"{prefix}{documented.pk}/")

    url = f"{prefix}{person.pk}/correct/"
    form = {"version": 1, "clear": ["phone"], "birth_date": "1991-02-02", "sex": "2"}
    assert client.post(url, form).status_code == 302
    known = details_of(Person.objects.get(pk=person.pk))
    assert (known["phone"], known["birth_date"], known["sex"]) == ("", "1991-02-02", "2")
    assert client.post(url, {"version": 2, "clear": ["name"]}).status_code == 400
    other = {"version": 1, "birth_date": "1991-02-02"}  # what the number says is not asked for
    assert client.post(f"{prefix}{documented.pk}/correct/", other).status_code == 400


@SURFACES
def test_a_home_is_corrected_and_its_head_named(world: World, prefix: str) -> None:
    house = create_house(world.grid)
    head = create_person(world, house, relation="head")
    child = create_person(world, house, relation="child", name="李四")
    client = browser(world.grid_worker)
    url = f"{prefix}residencies/{child.residency.pk}/correct/"
    assert url in text(client, f"{prefix}{child.person.pk}/")
    form = {"kind": "floating", "relation": "head", "began_on": "2026-03-01"}
    answer = client.post(url, form, follow=True).content.decode()
    assert "请核对同住人与新户主的关系" in answer
    assert "流动 · 户主" in answer
    assert "2026-03-01" in answer
    assert "常住 · 父母" in text(client, f"{prefix}{head.person.pk}/")
    assert "没有要更正" in client.post(url, form, follow=True).content.decode()
    late = {**form, "began_on": "2099-01-01"}
    assert "还没有到" in client.post(url, late, follow=True).content.decode()


@SURFACES
def test_a_change_of_document_is_asked_for_and_decided(world: World, prefix: str) -> None:
    person, papers = create_person(world).person, number("19850505")
    worker, lead = browser(world.grid_worker), browser(world.station_lead)
    ask = f"{prefix}{person.pk}/ask/document/"
    wrong = {"document_kind": "resident_id", "document_number": "1", "reason": "看过证件"}
    assert "18 位" in worker.post(ask, wrong).content.decode()
    answer = worker.post(ask, {**wrong, "document_number": papers}, follow=True)
    assert "等待审批" in answer.content.decode()
    assert "更正证件" in text(worker, f"{prefix}{person.pk}/")
    assert worker.get(f"{prefix}changes/").status_code == 403
    assert worker.get(f"{prefix}{person.pk}/ask/other/").status_code == 404

    assert "1 件变更待审批" in text(lead, prefix)
    page = text(lead, f"{prefix}changes/")
    looks = AccessRecord.objects.filter(model="people.ChangeRequest")
    assert papers not in page
    assert papers[-4:] in page
    assert not looks.exists()
    key = ChangeRequest.objects.get().pk
    assert papers in text(lead, f"{prefix}changes/{key}/reveal/", csrfmiddlewaretoken="")
    assert [(look.object_id, look.columns) for look in looks] == [(str(key), ["before", "after"])]
    decide = f"{prefix}changes/decide/"
    refused = lead.post(decide, {"granted": "0", "answer": "看不清原件"})
    assert refused.status_code == 400
    for shown in ("请选择", 'value="看不清原件"'):  # nobody writes it twice
        assert shown in refused.content.decode()
    shown = text(lead, f"{prefix}changes/{key}/reveal/", chosen=[str(key)], answer="看过")
    assert f'value="{key}" checked' in shown
    assert 'value="看过"' in shown
    request = ChangeRequest.objects.get()
    chosen = {"chosen": [str(request.pk)], "granted": "1"}
    assert "已审批 1 件" in lead.post(decide, chosen, follow=True).content.decode()
    assert "没有待审批" in text(lead, f"{prefix}changes/")
    assert details_of(access.person_for(world.clerk, person.pk))["document_number"] == papers


@SURFACES
def test_a_house_leads_to_its_household_and_to_who_comes(world: World, prefix: str) -> None:
    house = create_house(world.grid)
    page = f"{prefix.replace('people', 'places')}houses/{house.pk}/"
    ways = (f"{prefix}new/{house.pk}/", f"{prefix}tenancies/houses/{house.pk}/")
    worker = browser(world.grid_worker)
    assert f"{prefix}visits/new/" not in text(worker, page)

    create_person(world, house, relation="head")
    apart = {
        **{"name": "李四", "document_kind": "none", "birth_date": "1990-05-01"},
        **{"kind": "tenant", "relation": "head", "began_on": TODAY, "household": "apart"},
    }
    worker.post(ways[0], apart)

    shown = text(worker, page)
    for n, household in enumerate(house.households.order_by("pk"), 1):
        assert f"走访第 {n} 户" in shown
        assert f"{prefix}visits/new/{household.pk}/" in shown
    assert "走访第 2 户" in shown
    for url in ways:
        assert url in shown
        assert text(worker, url)
        assert url not in text(browser(world.leader), page)  # who sees places, and no doors


@SURFACES
def test_twins_are_proposed_merged_and_split(world: World, prefix: str) -> None:
    house = create_house(world.grid)
    first = create_person(world, house).person
    born: Any = {"document_kind": "none", "document_number": "", "birth_date": "1990-01-01"}
    second = create_person(world, house, **born).person
    worker, clerk = browser(world.grid_worker), browser(world.clerk)
    page = text(worker, f"{prefix}{second.pk}/")
    assert "姓名相同 · 出生日期相同 · 住在同一房屋 · 电话相同" in page
    ask = f"{prefix}{second.pk}/ask/merge/"
    page = text(worker, f"{ask}?into={first.pk}")
    assert f'href="{prefix}{first.pk}/"' in page  # which one is to stay
    assert page.count(str(house)) == 2  # where each of them lives
    assert "并入" not in text(worker, f"{ask}?into=x")
    worker.post(ask, {"into": str(first.pk), "reason": "同一人"})
    request = changes.waiting(world.clerk).get()
    clerk.post(f"{prefix}changes/decide/", {"chosen": [str(request.pk)], "granted": "1"})
    answer = clerk.get(f"{prefix}{second.pk}/")  # leads to the one that stays
    assert answer.headers["Location"] == f"{prefix}{first.pk}/"
    merge = first.merges.get()
    assert "撤销合并" in text(clerk, f"{prefix}{first.pk}/")
    split = f"{prefix}{first.pk}/split/{merge.pk}/"
    assert "已撤销合并" in clerk.post(split, follow=True).content.decode()
    assert "该合并已撤销" in clerk.post(split, follow=True).content.decode()


@pytest.mark.parametrize("username", ["dispatcher", "handler", "police_handler", "system_admin"])
def test_who_has_nothing_to_do_with_the_register(world: World, username: str) -> None:
    person = create_person(world).person
    client = browser(getattr(world, username))
    for path in ("", f"{person.pk}/", "houses/?q=1", "changes/"):
        assert client.get(f"/people/{path}").status_code == 403, path
    assert "/people/" not in client.get("/inbox/").content.decode()


def test_another_units_people_are_not_there(world: World) -> None:
    person = create_person(world).person
    client, house = browser(world.other_grid_worker), create_house(world.grid)
    for path in (f"{person.pk}/", f"new/{house.pk}/", f"{person.pk}/ask/death/"):
        assert client.get(f"/people/{path}").status_code == 404, path
    assert client.post(f"/people/{person.pk}/reveal/", {"why": "visit"}).status_code == 404
    assert str(person.pk) not in text(client, "/people/")


def test_a_list_costs_the_same_for_one_and_for_three(world: World) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, costs = browser(world.grid_worker), []
    text(client, "/people/")  # what is kept in memory is read once
    for wanted in (1, 3):
        while Residency.objects.filter(ended_on=None).count() < wanted:
            create_person(world)
        with CaptureQueriesContext(connection) as found:
            assert text(client, "/people/").count("王**") >= wanted
        costs.append(len(found))
        access.enter(world.grid_worker)
    assert costs[0] == costs[1] <= 10


def test_a_page_costs_the_same_for_one_twin_and_for_three(world: World) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    born: Any = {"document_kind": "none", "document_number": "", "birth_date": "1990-01-01"}
    house, client, costs = create_house(world.grid), browser(world.grid_worker), []
    person = create_person(world, house, **born).person
    text(client, f"/people/{person.pk}/")
    for wanted in (1, 3):
        while Residency.objects.filter(household__house=house).count() <= wanted:
            create_person(world, house, **born)
        with CaptureQueriesContext(connection) as found:
            page = text(client, f"/people/{person.pk}/")
        assert page.count("姓名相同 · 出生日期相同 · 住在同一房屋") == wanted
        costs.append(len(found))
        access.enter(world.grid_worker)
    assert costs[0] == costs[1]
