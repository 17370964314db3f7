"""法人单位: registered once, its licences looked after, who sees it, and its pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.http import Http404
from django.test import Client

from governance import scope, timers
from governance.models import AccessRecord, Message, Timer, User
from people import access, entities
from people.entities import Facts, Papers, Spot
from people.errors import BadDetails, Changed, NotAllowed
from people.identifiers import CREDIT, credit_check
from people.models import Entity, EntityContact, Inspection, Licence
from tests.areas import draw, place, square
from tests.builders import World, moment, queries, shift_clock
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.people_builders import TODAY, create_building, create_house

pytestmark = pytest.mark.django_db
SURFACES = pytest.mark.parametrize("prefix", ["/people/", "/m/people/"])


@pytest.fixture(autouse=True)
def _monday(db: None) -> None:
    shift_clock(to=MONDAY)


def code(serial: int = 1) -> str:
    """A credit code that can be real, each of another serial."""
    body = f"91120110{serial:08d}".ljust(17, CREDIT[2])
    return body + credit_check(body)


def facts(**fields: Any) -> Facts:
    given = {"credit_code": code(), "name": "军丽园便民超市", "kind": "enterprise", **fields}
    return Facts(**given)


def create_entity(world: World, spot: Spot | None = None, **fields: Any) -> Entity:
    by = fields.pop("by", world.grid_worker)
    spot = spot or Spot(house=create_house(world.grid))
    return entities.register(facts(**fields), spot, by=by, now=MONDAY)


def papers(**fields: Any) -> Papers:
    given = {"kind": "food", "number": "JY1", "issued_on": date(2025, 4, 1), **fields}
    return Papers(**given)


def licence(world: World, entity: Entity, **fields: Any) -> Licence:
    return entities.add_licence(entity, papers(**fields), by=world.grid_worker, now=MONDAY)


def told(user: User, kind: str) -> list[dict[str, str]]:
    return [row.params for row in Message.objects.filter(recipient=user, kind=kind).order_by("pk")]


# Registering ------------------------------------------------------------------------------------


def test_an_organisation_lies_where_its_house_its_building_or_its_point_does(world: World) -> None:
    draw(world.grid, square(0, 0))
    lon, lat = place(0.5, 0.5)
    spots = [
        Spot(house=create_house(world.grid)),
        Spot(building=create_building(world.grid)),
        Spot(lon=lon, lat=lat),
    ]
    for serial, spot in enumerate(spots):
        row = create_entity(world, spot, credit_code=code(serial))
        assert (row.grid, row.community, row.district) == (
            world.grid,
            world.community,
            world.district,
        )
    assert entities.visible_entities(world.clerk).count() == 3


def test_a_point_in_no_grid_is_refused(world: World) -> None:
    for spot in (Spot(), Spot(lon=1.0, lat=1.0)):
        with pytest.raises(BadDetails) as caught:
            create_entity(world, spot)
        assert "lon" in caught.value.faults


@pytest.mark.parametrize(
    ("wrong", "field", "why"),
    [
        ({"credit_code": "91350100M000100Y43"[:-1]}, "credit_code", "18 位"),
        ({"credit_code": "91350100M000100Y44"}, "credit_code", "校验码"),
        ({"credit_code": "9135010OM000100Y43"}, "credit_code", "不会有"),
        ({"name": " "}, "name", "名称"),
        ({"kind": "church"}, "kind", "类型"),
        ({"staff_count": -1}, "staff_count", "0 至"),
        ({"contact_phone": "12"}, "contact_phone", "7 至 12"),
    ],
)
def test_what_cannot_be_is_named(world: World, wrong: dict[str, Any], field: str, why: str) -> None:
    with pytest.raises(BadDetails) as caught:
        create_entity(world, **wrong)
    assert why in caught.value.faults[field]
    assert not EntityContact.objects.exists()


def test_a_code_is_open_once_also_where_nobody_here_can_see_it(world: World) -> None:
    there = Spot(house=create_house(world.other_grid))
    first = create_entity(world, there, by=world.other_grid_worker)
    with pytest.raises(BadDetails, match="已登记"):
        create_entity(world)
    entities.close(first, "moved", on=TODAY, by=world.other_grid_worker, now=MONDAY)
    second = create_entity(world, credit_code=f" {code().lower()} ")
    assert second.credit_code == code()


def test_who_may_not_register_here(world: World) -> None:
    for user in (world.other_grid_worker, world.handler, world.leader, world.household_head):
        with pytest.raises(NotAllowed, match="岗位"):
            create_entity(world, by=user)
    row = create_entity(world)
    for user in (world.other_grid_worker, world.leader):
        with pytest.raises(NotAllowed, match="岗位"):
            entities.inspect(row, "good", by=user, now=MONDAY)


def test_correcting_keeps_the_contact_that_is_left_empty_and_the_later_of_two(
    world: World,
) -> None:
    row = create_entity(world, contact_name="赵经理", contact_phone="+86 138 1234 5678")
    assert str(row.contact) == "赵**"
    by: Any = {"by": world.clerk, "now": MONDAY}
    row = entities.correct(row, facts(name="军丽园超市", staff_count=6), version=1, **by)
    assert (row.name, row.staff_count) == ("军丽园超市", 6)
    known = entities.entity_for(world.grid_worker, row.pk).contact
    assert known is not None
    assert (known.name.reveal(), known.phone.reveal()) == ("赵经理", "13812345678")
    entities.correct(row, facts(contact_phone="13900001111"), version=2, **by)
    known.refresh_from_db()
    assert (known.name.reveal(), known.phone.reveal()) == ("赵经理", "13900001111")
    with pytest.raises(Changed):
        entities.correct(row, facts(), version=2, **by)


def test_what_closed_is_changed_no_more(world: World) -> None:
    row = create_entity(world)
    with pytest.raises(BadDetails, match="还没有到"):
        entities.close(row, "cancelled", on=TODAY + timedelta(days=1), by=world.clerk, now=MONDAY)
    with pytest.raises(BadDetails, match="原因"):
        entities.close(row, "", on=TODAY, by=world.clerk, now=MONDAY)
    entities.close(row, "cancelled", on=TODAY, by=world.clerk, now=MONDAY)
    with pytest.raises(NotAllowed, match="已停业"):
        entities.inspect(row, "good", by=world.clerk, now=MONDAY)


# Licences and inspections -----------------------------------------------------------------------


def test_the_end_of_a_licence_is_told_before_and_after(world: World) -> None:
    row = create_entity(world)
    licence(world, row, expires_on=date(2026, 4, 30))
    licence(world, row, number="JY2")  # without an end
    shift_clock(to=moment("2026-03-31 08:01"))
    timers.sweep()
    assert told(world.grid_worker, "licence.soon") == [
        {"pk": str(row.pk), "entity": row.name, "licence": "food", "date": "2026-04-30"}
    ]
    assert not told(world.other_grid_worker, "licence.soon")
    shift_clock(to=moment("2026-04-30 20:00"))
    timers.sweep()
    assert not told(world.grid_worker, "licence.over")
    shift_clock(to=moment("2026-05-01 08:01"))
    timers.sweep()
    assert len(told(world.grid_worker, "licence.over")) == 1


def test_a_renewed_licence_reminds_of_its_own_end_alone(world: World) -> None:
    row = create_entity(world)
    old = licence(world, row, expires_on=date(2026, 4, 30))
    by: Any = {"by": world.grid_worker, "now": MONDAY}
    with pytest.raises(BadDetails, match="已登记"):
        entities.add_licence(row, papers(), **by)
    new = entities.renew_licence(old, papers(expires_on=date(2031, 4, 30)), **by)
    assert (new.replaces, new.number) == (old, old.number)
    with pytest.raises(NotAllowed, match="已换证"):
        entities.renew_licence(old, papers(number="JY3"), **by)
    opened = Timer.objects.open().filter(kind__startswith="licence.")
    assert set(opened.values_list("subject_id", flat=True)) == {new.pk}
    shift_clock(to=moment("2026-05-01 08:01"))
    timers.sweep()
    assert not told(world.grid_worker, "licence.over")


def test_a_licence_given_back_and_one_of_a_closed_place_are_not_looked_after(
    world: World,
) -> None:
    row = create_entity(world)
    by: Any = {"by": world.grid_worker, "now": MONDAY}
    entities.end_licence(licence(world, row, expires_on=date(2026, 4, 30)), **by)
    licence(world, row, number="JY2", expires_on=date(2026, 4, 30))
    entities.close(row, "cancelled", on=TODAY, **by)
    assert not Timer.objects.open().filter(kind__startswith="licence.").exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "none"}, "kind"),
        ({"number": " "}, "number"),
        ({"expires_on": date(2025, 3, 31)}, "expires_on"),
        ({"issued_on": date(1, 1, 1), "expires_on": date(1, 1, 2)}, "issued_on"),
    ],
)
def test_a_licence_that_cannot_be(world: World, wrong: dict[str, Any], field: str) -> None:
    row = create_entity(world)
    with pytest.raises(BadDetails) as caught:
        licence(world, row, **wrong)
    assert field in caught.value.faults


def test_the_year_9999_is_no_end(world: World) -> None:
    row = licence(world, create_entity(world), expires_on=date(9999, 12, 31))
    assert row.expires_on is None
    assert not Timer.objects.filter(kind__startswith="licence.").exists()


def test_an_inspection_says_what_came_of_it(world: World) -> None:
    row = create_entity(world)
    for given, field in ((("fine",), "result"), (("problems", " "), "note")):
        with pytest.raises(BadDetails) as caught:
            entities.inspect(row, *given, by=world.grid_worker, now=MONDAY)
        assert field in caught.value.faults
    entities.inspect(row, "problems", "灭火器过期", by=world.grid_worker, now=MONDAY)
    shown = entities.with_dates(entities.visible_entities(world.clerk)).get()
    assert shown.inspected_at == MONDAY  # type: ignore[attr-defined]


# Who sees ---------------------------------------------------------------------------------------


SEES = {
    "grid_worker": {"here"},
    "clerk": {"here", "beside"},
    "leader": {"here", "beside"},
    "other_grid_worker": {"far"},
    "dispatcher": set(),
    "handler": set(),
    "police_handler": set(),
    "household_head": set(),
    "system_admin": set(),
}


@pytest.mark.parametrize("username", SEES)
@pytest.mark.parametrize("wall", ["both", "row-level security alone"])
def test_who_sees_which(world: World, username: str, wall: str) -> None:
    found = {
        "here": create_entity(world, contact_name="赵"),
        "beside": create_entity(
            world, Spot(house=create_house(world.second_grid)), by=world.clerk,
            credit_code=code(2), contact_name="钱",
        ),
        "far": create_entity(
            world, Spot(house=create_house(world.other_grid)), by=world.other_grid_worker,
            credit_code=code(3), contact_name="孙",
        ),
    }  # fmt: skip
    for row, by in zip(
        found.values(), (world.grid_worker, world.clerk, world.other_grid_worker), strict=True
    ):
        entities.add_licence(row, papers(), by=by, now=MONDAY)
        entities.inspect(row, "good", by=by, now=MONDAY)
    user = getattr(world, username)
    access.enter(user, entities.SEE)
    rows = Entity.objects.all() if wall != "both" else entities.visible_entities(user)
    seen = set(rows)
    assert {name for name, row in found.items() if row in seen} == SEES[username]
    for model in (EntityContact, Licence, Inspection):
        assert model.objects.count() == len(SEES[username]), model
    for name, row in found.items():
        if name not in SEES[username]:
            with pytest.raises(Http404):
                entities.entity_for(user, row.pk)


def test_without_a_word_about_units_there_is_nothing(world: World) -> None:
    entities.add_licence(
        create_entity(world, contact_name="赵"), papers(), by=world.clerk, now=MONDAY
    )
    scope.enter([])
    for model in (Entity, EntityContact, Licence, Inspection):
        assert not model.objects.exists(), model


# The pages --------------------------------------------------------------------------------------


def text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def said(client: Client, url: str, **data: Any) -> str:
    return client.post(url, data, follow=True).content.decode()


FORM = {
    "credit_code": code(), "name": "军丽园便民超市", "kind": "sole_trader", "staff_count": "3",
    "contact_name": "赵经理", "contact_phone": "13812345678", "place": "底商 3 门",
}  # fmt: skip


@SURFACES
def test_a_worker_registers_a_shop(world: World, prefix: str) -> None:
    house, client = create_house(world.grid, room="101"), browser(world.grid_worker)
    assert f"{prefix}entities/" in text(client, prefix)
    assert "还没有登记单位" in text(client, f"{prefix}entities/")
    where = text(client, f"{prefix}entities/where/?q=军丽园 101")
    new = f"{prefix}entities/new/?house={house.pk}"
    assert new in where
    assert f"?building={house.building_id}" in text(client, f"{prefix}entities/where/?q=军丽园")
    assert house.room in text(client, new)
    wrong = client.post(new, {**FORM, "credit_code": code()[:-1]})
    assert wrong.status_code == 400
    assert "18 位" in wrong.content.decode()
    page = said(client, new, **FORM)
    for shown in ("已登记单位", "军丽园便民超市", code(), "个体工商户", "赵**", "底商 3 门"):
        assert shown in page, shown
    assert "赵经理" not in page
    assert "13812345678" not in page
    assert "已登记；" in client.post(new, FORM).content.decode()
    page = text(client, f"{prefix}entities/?q=便民&kind=sole_trader")
    assert "军丽园便民超市" in page
    assert "军丽园便民超市" in text(client, f"{prefix}entities/?q={code()[:6].lower()}")
    assert "没有找到" in text(client, f"{prefix}entities/?kind=government")


@SURFACES
def test_a_stall_is_registered_by_its_point(world: World, prefix: str) -> None:
    draw(world.grid, square(0, 0))
    lon, lat = place(0.5, 0.5)
    client = browser(world.grid_worker)
    new = f"{prefix}entities/new/"
    assert "data-map" in text(client, new)
    assert "网格内" in client.post(new, FORM).content.decode()
    assert "已登记单位" in said(client, new, **FORM, lon=str(lon), lat=str(lat))


@SURFACES
def test_licences_inspections_and_the_contact(world: World, prefix: str) -> None:
    row = create_entity(world, contact_name="赵经理", contact_phone="13812345678")
    client = browser(world.grid_worker)
    url = f"{prefix}entities/{row.pk}/"
    assert "还没有登记证照" in text(client, url)
    form = {"kind": "food", "number": "JY1", "issued_on": "2025-04-01", "expires_on": "2026-03-20"}
    refused = client.post(f"{url}licence/", {**form, "expires_on": "2025-01-01"})
    assert refused.status_code == 400
    for shown in ("有效期不能", 'value="JY1"'):  # nobody types it twice
        assert shown in refused.content.decode()
    page = said(client, f"{url}licence/", **form)
    for shown in ("已保存", "食品经营许可证", "JY1", "2026-03-20", "将到期"):
        assert shown in page, shown
    assert "军丽园便民超市" in text(client, f"{prefix}entities/?due=soon")
    assert "没有找到" in text(client, f"{prefix}entities/?due=over")
    one = Licence.objects.get()
    renew = f"{prefix}licences/{one.pk}/renew/"
    page = said(client, renew, **{**form, "number": "JY2", "expires_on": "2025-01-01"})
    assert 'value="JY2"' in page
    page = said(client, renew, **{**form, "expires_on": "2031-03-20"})
    assert "2031-03-20" in page
    assert "将到期" not in page
    last = Licence.objects.get(ended_on=None)
    assert "还没有登记证照" in said(client, f"{prefix}licences/{last.pk}/end/")

    assert "请写明" in said(client, f"{url}inspect/", result="problems", note="")
    page = said(client, f"{url}inspect/", result="problems", note="灭火器过期")
    assert "灭火器过期" in page
    assert client.post(f"{url}fly/", {}).status_code == 404

    assert "13812345678" not in page
    page = said(client, f"{url}reveal/", why="check", about="")
    assert "13812345678" in page
    look = AccessRecord.objects.get(model="people.EntityContact")
    assert (look.columns, look.reason) == (["name", "phone"], "核对登记")
    assert client.post(f"{url}reveal/", {"why": "case"}).status_code == 400

    page = said(client, f"{url}correct/", version="1", **{**FORM, "name": "改名超市"})
    assert "改名超市" in page
    assert "已被他人更新" in said(client, f"{url}correct/", version="1", **FORM)
    assert "注销、停业" in said(client, f"{url}close/", closing="cancelled", on="2026-03-02")
    assert "没有找到" in text(client, f"{prefix}entities/?q=改名")
    assert "改名超市" in text(client, f"{prefix}entities/?q=改名&closed=1")


@SURFACES
def test_organisations_of_others_are_not_there(world: World, prefix: str) -> None:
    row = create_entity(world)
    one = licence(world, row)
    client, house = browser(world.other_grid_worker), create_house(world.grid)
    assert client.get(f"{prefix}entities/{row.pk}/").status_code == 404
    assert client.get(f"{prefix}entities/new/?house={house.pk}").status_code == 404
    for path in (f"entities/{row.pk}/inspect/", f"entities/{row.pk}/reveal/"):
        assert client.post(f"{prefix}{path}", {"result": "good"}).status_code == 404
    assert client.post(f"{prefix}licences/{one.pk}/end/").status_code == 404
    assert row.name not in text(client, f"{prefix}entities/")
    assert browser(world.handler).get(f"{prefix}entities/").status_code == 403
    leader = browser(world.leader)  # reads, and changes nothing
    page = text(leader, f"{prefix}entities/{row.pk}/")
    assert "记录检查" not in page
    assert leader.post(f"{prefix}entities/{row.pk}/inspect/", {"result": "good"}).status_code == 403


def test_a_list_costs_the_same_for_one_and_for_three(world: World) -> None:
    client = browser(world.grid_worker)
    text(client, "/people/entities/")  # what is kept in memory is read once
    for wanted in (1, 3):
        while Entity.objects.count() < wanted:
            create_entity(world, credit_code=code(Entity.objects.count() + 1))
        with queries(9):
            assert text(client, "/people/entities/").count("军丽园便民超市") >= wanted
        access.enter(world.grid_worker)
