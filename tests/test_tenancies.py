"""出租房 and 联户单位: the landlord's word, the tenant's own, the check at the door, the pages."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.test import Client

from governance import scope, timers
from governance.models import AccessRecord, Message, Timer, User
from grids.models import House
from people import access, joint, registering, tenancies
from people.errors import BadDetails, NotAllowed
from people.models import (
    HouseCode,
    Household,
    JointMember,
    JointUnit,
    Landlord,
    Person,
    Residency,
    Tenancy,
    TenantDeclaration,
)
from people.registering import Details, details_of
from people.tenancies import Lessor, Stay
from tests.builders import World, moment, queries, shift_clock
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.people_builders import TODAY, create_house, create_person, number
from tests.test_entities import create_entity

pytestmark = pytest.mark.django_db
SURFACES = pytest.mark.parametrize("prefix", ["/people/", "/m/people/"])
UNTIL = date(2026, 8, 31)


@pytest.fixture(autouse=True)
def _monday(db: None) -> None:
    shift_clock(to=MONDAY)


def letting(world: World, house: House | None = None, **fields: Any) -> Tenancy:
    lessor = fields.pop("lessor", Lessor(name="钱房东", phone="13700001111"))
    stay = Stay(fields.pop("began_on", TODAY), fields.pop("until", UNTIL))
    by = fields.pop("by", world.grid_worker)
    return tenancies.register(house or create_house(world.grid), lessor, stay, by=by, now=MONDAY)


def said(**fields: Any) -> Details:
    given = {
        "name": "孙租户", "document_kind": "resident_id", "document_number": number("19950505"),
        "phone": "13600002222", **fields,
    }  # fmt: skip
    return Details(**given)


def code_for(world: World, house: House, by: User | None = None) -> str:
    return tenancies.renew_code(house, by=by or world.grid_worker, now=MONDAY).code


def declare(world: World, house: House, **fields: Any) -> TenantDeclaration:
    """A tenant without an account declares; the row as the worker then sees it."""
    stay = Stay(fields.pop("began_on", TODAY), fields.pop("until", UNTIL))
    key = fields.pop("key", uuid4())
    code = fields.pop("code", "") or code_for(world, house)
    scope.enter([])
    assert tenancies.declare(code, said(**fields), stay, key=key, now=MONDAY)
    return tenancies.waiting(world.grid_worker).get(key=key)


def told(user: User, kind: str) -> int:
    return Message.objects.filter(recipient=user, kind=kind).count()


def clear(row: TenantDeclaration) -> tuple[Details, Stay]:
    return tenancies.said(row), Stay(row.began_on, row.until)


# The landlord -----------------------------------------------------------------------------------


def test_a_landlord_registers_and_a_worker_checks(world: World) -> None:
    row = letting(world)
    assert (row.state, row.declared_by) == ("declared", "worker")
    assert row.landlord is not None
    assert str(row.landlord) == "钱**"
    assert row.house.use == "own"
    tenancies.check(row, by=world.clerk, now=MONDAY)
    row.refresh_from_db()
    assert (row.state, row.checked_by) == ("confirmed", world.clerk)
    assert House.objects.get(pk=row.house_id).use == "rented"


def test_a_landlord_who_is_registered_is_not_typed_again(world: World) -> None:
    papers = number("19700101")
    person = create_person(world, document_number=papers).person
    user = world.grid_worker
    row = letting(world, lessor=tenancies.lessor_of(user, document=papers.lower()))
    assert (row.landlord_person, row.landlord) == (person, None)
    entity = create_entity(world)
    lessor = tenancies.lessor_of(user, credit_code=entity.credit_code.lower())
    row = tenancies.correct(row, lessor, Stay(TODAY, None), by=user, now=MONDAY)
    assert (row.landlord_person, row.landlord_entity) == (None, entity)
    for given in ({"document": number()}, {"credit_code": "91"}):
        with pytest.raises(BadDetails, match="没有登记"):
            tenancies.lessor_of(user, **given)
    with pytest.raises(BadDetails, match="没有登记"):  # whom one does not see one cannot name
        tenancies.lessor_of(world.other_grid_worker, document=papers)


def test_another_landlord_leaves_no_words_of_the_first(world: World) -> None:
    row = letting(world)
    first = row.landlord_id
    user, entity = world.grid_worker, create_entity(world)
    again = tenancies.correct(
        row, Lessor(name="李房东", phone=""), Stay(TODAY, UNTIL), by=user, now=MONDAY
    )
    assert again.landlord is not None
    assert (again.landlord_id, again.landlord.name.reveal()) == (first, "李房东")
    assert not again.landlord.phone
    words = again.landlord
    tenancies.name_landlord(again, Lessor(entity=entity))
    assert again.landlord is None
    assert not words.name


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lessor": Lessor(name=" ")}, "landlord_name"),
        ({"lessor": Lessor(name="钱", phone="1")}, "landlord_phone"),
        ({"until": TODAY - timedelta(days=1)}, "until"),
        ({"until": date(2050, 1, 1)}, "until"),
        ({"began_on": date(1900, 1, 1)}, "began_on"),
    ],
)
def test_a_letting_that_cannot_be(world: World, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(BadDetails) as caught:
        letting(world, **wrong)
    assert field in caught.value.faults


def test_a_house_is_let_once_at_a_time_and_by_who_may(world: World) -> None:
    house = create_house(world.grid)
    for user in (world.other_grid_worker, world.handler, world.leader, world.household_head):
        with pytest.raises(NotAllowed, match="岗位"):
            letting(world, house, by=user)
    row = letting(world, house)
    with pytest.raises(NotAllowed, match="已有租住登记"):
        letting(world, house)
    with pytest.raises(BadDetails, match="退租日期"):
        tenancies.end(
            row, on=TODAY + timedelta(days=1), tenants_left=False, by=world.clerk, now=MONDAY
        )
    tenancies.end(row, on=TODAY, tenants_left=False, by=world.clerk, now=MONDAY)
    with pytest.raises(NotAllowed, match="已结束"):
        tenancies.check(row, by=world.clerk, now=MONDAY)
    assert House.objects.get(pk=house.pk).use == "empty"
    assert letting(world, house).state == "declared"


# The tenant -------------------------------------------------------------------------------------


def test_a_tenant_declares_and_is_registered_at_the_door(world: World) -> None:
    house = create_house(world.grid)
    row = declare(world, house)
    assert str(row) == "孙**"
    assert told(world.grid_worker, "tenancy.declared") == 1
    assert not told(world.other_grid_worker, "tenancy.declared")
    details, stay = clear(row)
    done = tenancies.confirm(row, details, stay, by=world.grid_worker, now=MONDAY)

    assert (done.residency.kind, done.residency.household.house) == ("tenant", house)
    assert details_of(done.person)["phone"] == "13600002222"
    tenancy = tenancies.visible_tenancies(world.grid_worker).get()
    assert (tenancy.state, tenancy.declared_by, tenancy.until) == ("confirmed", "public", UNTIL)
    assert House.objects.get(pk=house.pk).use == "rented"
    assert not tenancies.waiting(world.grid_worker).exists()
    with pytest.raises(NotAllowed, match="已核对"):
        tenancies.confirm(row, details, stay, by=world.grid_worker, now=MONDAY)


def test_who_is_met_before_their_lease_begins_lives_there_already(world: World) -> None:
    house = create_house(world.grid)
    row, soon = declare(world, house), TODAY + timedelta(days=7)
    details, _stay = clear(row)
    done = tenancies.confirm(row, details, Stay(soon, UNTIL), by=world.grid_worker, now=MONDAY)
    tenancy = tenancies.visible_tenancies(world.grid_worker).get()
    assert (done.residency.began_on, tenancy.began_on) == (TODAY, soon)


def test_what_is_not_so_is_put_right_at_the_door(world: World) -> None:
    house = create_house(world.grid)
    letting(world, house, until=date(2026, 6, 30))
    row = declare(world, house, name="孙租户（小名）")
    details, _stay = clear(row)
    right = Details(**{**details.__dict__, "name": "孙大明"})
    later = date(2026, 12, 31)
    done = tenancies.confirm(
        row, right, Stay(TODAY, later), relation="head", by=world.grid_worker, now=MONDAY
    )
    assert details_of(done.person)["name"] == "孙大明"
    tenancy = tenancies.visible_tenancies(world.grid_worker).get()
    # one letting, that lasts as long as its longest stay, and keeps its landlord
    assert (tenancy.until, tenancy.state, str(tenancy.landlord)) == (later, "confirmed", "钱**")
    opened = Timer.objects.open().filter(kind="tenancy.over", subject_id=tenancy.pk).get()
    assert opened.due_at == moment("2027-01-01 08:00")


@SURFACES
def test_who_is_at_the_door_says_with_whom_the_tenant_lives(world: World, prefix: str) -> None:
    house, worker = create_house(world.grid), browser(world.grid_worker)
    landlord = create_person(world, house, relation="head").residency.household
    Household.objects.filter(pk=landlord.pk).update(number="3")

    # those who live there are not the tenant's: by default a household of their own
    page, form = opened(worker, prefix, declare(world, house))
    assert "户号 3：王**（1 人）" in page
    assert chosen(page) == "apart"
    tenant = registered(worker, prefix, form, household="apart", relation="head")
    assert tenant.household_id != landlord.pk

    # the next of the same letting most likely lives with the first
    said_by = {"name": "孙小妹", "document_number": number()}
    page, form = opened(worker, prefix, declare(world, house, **said_by))
    assert "第 2 户：孙**（1 人）" in page
    assert chosen(page) == str(tenant.household_id)
    sister = registered(worker, prefix, form, household=chosen(page), relation="relative")
    assert sister.household_id == tenant.household_id

    # and one who lives with the landlord is put there by who saw it
    page, form = opened(
        worker, prefix, declare(world, house, name="周同住", document_number=number())
    )
    lodger = registered(worker, prefix, form, household=str(landlord.pk))
    assert lodger.household_id == landlord.pk


def opened(client: Client, prefix: str, row: TenantDeclaration) -> tuple[str, dict[str, str]]:
    """The form at the door, and what it is filled in with."""
    page = client.post(f"{prefix}declarations/{row.pk}/open/").content.decode()
    details, stay = clear(row)
    form = {
        "key": str(row.pk), "name": details.name, "document_kind": details.document_kind,
        "document_number": details.document_number, "phone": details.phone, "relation": "other",
        "began_on": str(stay.began_on), "until": str(stay.until),
    }  # fmt: skip
    return page, form


def chosen(page: str) -> str:
    (found,) = re.findall(r'name="household" value="(\w+)"[^>]*checked', page)
    return str(found)


def registered(client: Client, prefix: str, form: dict[str, str], **more: str) -> Residency:
    url = f"{prefix}declarations/{form.pop('key')}/confirm/"
    refused = client.post(url, form)
    assert (refused.status_code, 'name="household"' in refused.content.decode()) == (400, True)
    assert "已核对，登记为租住" in sent(client, url, **(form | more))
    return Residency.objects.latest("pk")


def test_who_rents_a_room_of_a_shared_house_lives_apart(world: World) -> None:
    house, user = create_house(world.grid, use="shared"), world.grid_worker
    details, stay = clear(row := declare(world, house))
    tenancies.confirm(row, details, stay, relation="head", by=user, now=MONDAY)
    assert tenancies.usual_household(user, house) is None
    House.objects.filter(pk=house.pk).update(use="rented")
    whole = House.objects.get(pk=house.pk)
    assert tenancies.usual_household(user, whole) == Household.objects.get(house=house).pk
    # the letting ended, and they are still there: who comes then is another's tenant
    letting = tenancies.visible_tenancies(user).get()
    tenancies.end(letting, on=TODAY, tenants_left=False, by=user, now=MONDAY)
    assert tenancies.usual_household(user, whole) is None


def test_what_is_not_true_is_refused_with_a_reason(world: World) -> None:
    row = declare(world, create_house(world.grid))
    with pytest.raises(BadDetails, match="理由"):
        tenancies.refuse(row, " ", by=world.grid_worker, now=MONDAY)
    with pytest.raises(NotAllowed, match="岗位"):
        tenancies.refuse(row, "查无此人", by=world.other_grid_worker, now=MONDAY)
    tenancies.refuse(row, "查无此人", by=world.grid_worker, now=MONDAY)
    assert not tenancies.waiting(world.grid_worker).exists()
    access.enter(world.grid_worker)
    assert not Person.objects.exists()


def test_the_same_form_sent_again_is_one_declaration(world: World) -> None:
    house, key = create_house(world.grid), uuid4()
    code = code_for(world, house)
    declare(world, house, code=code, key=key)
    scope.enter([])
    assert not tenancies.declare(code, said(), Stay(TODAY), key=key, now=MONDAY)
    assert tenancies.waiting(world.grid_worker).count() == 1
    assert told(world.grid_worker, "tenancy.declared") == 1


def test_a_renewed_code_ends_the_one_before(world: World) -> None:
    house = create_house(world.grid)
    old = code_for(world, house)
    new = code_for(world, house, world.clerk)
    assert (tenancies.house_of(old), tenancies.house_of(new)) == (None, house)
    assert tenancies.code_of(world.grid_worker, house) == new
    assert tenancies.code_of(world.other_grid_worker, house) == ""
    with pytest.raises(NotAllowed, match="已更换"):
        tenancies.declare(old, said(), Stay(TODAY), key=uuid4(), now=MONDAY)
    with pytest.raises(NotAllowed, match="岗位"):
        code_for(world, house, world.other_grid_worker)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"document_number": "1"}, "document_number"),
        ({"phone": ""}, "phone"),
        ({"until": TODAY - timedelta(days=1)}, "until"),
    ],
)
def test_a_declaration_that_cannot_be(world: World, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(BadDetails) as caught:
        declare(world, create_house(world.grid), **wrong)
    assert field in caught.value.faults


def test_the_database_lets_in_a_declaration_of_the_codes_house_alone(world: World) -> None:
    mine, other = create_house(world.grid), create_house(world.grid)
    code = code_for(world, mine)
    scope.enter([])
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.house_code', %s, true)", [code])
    row = TenantDeclaration(
        key=uuid4(), house=other, document_kind="none", began_on=TODAY, declared_at=MONDAY
    )
    with pytest.raises(Exception, match="row-level security"), transaction.atomic():
        row.save(force_insert=True)
    assert not TenantDeclaration.objects.exists()  # nor is there anything to read


# The clock --------------------------------------------------------------------------------------


def test_a_lease_that_ends_is_to_be_looked_at(world: World) -> None:
    letting(world, until=date(2026, 4, 30))
    ended = letting(world, until=date(2026, 4, 30))
    tenancies.end(ended, on=TODAY, tenants_left=False, by=world.grid_worker, now=MONDAY)
    shift_clock(to=moment("2026-03-31 08:01"))
    timers.sweep()
    assert told(world.grid_worker, "tenancy.soon") == 1
    shift_clock(to=moment("2026-05-01 08:01"))
    timers.sweep()
    assert told(world.grid_worker, "tenancy.over") == 1
    assert not told(world.other_grid_worker, "tenancy.over")


def test_a_longer_lease_reminds_of_its_new_end(world: World) -> None:
    row = letting(world, until=date(2026, 4, 30))
    tenancies.correct(
        row, Lessor(), Stay(TODAY, date(2027, 4, 30)), by=world.grid_worker, now=MONDAY
    )
    shift_clock(to=moment("2026-05-01 08:01"))
    timers.sweep()
    assert not told(world.grid_worker, "tenancy.over")
    assert Timer.objects.open().filter(kind__startswith="tenancy.").count() == 2


def test_the_tenants_leave_with_the_letting_where_they_did(world: World) -> None:
    house = create_house(world.grid)
    details, stay = clear(row := declare(world, house))
    done = tenancies.confirm(row, details, stay, by=world.grid_worker, now=MONDAY)
    tenancy = tenancies.visible_tenancies(world.grid_worker).get()
    tenancies.end(tenancy, on=TODAY, tenants_left=True, by=world.grid_worker, now=MONDAY)
    done.residency.refresh_from_db()
    assert (done.residency.ended_on, done.residency.leaving) == (TODAY, "moved")
    assert House.objects.get(pk=house.pk).use == "empty"


# Who sees ---------------------------------------------------------------------------------------

SEES = {
    "grid_worker": 1, "clerk": 1, "station_lead": 1, "leader": 0, "other_grid_worker": 0,
    "handler": 0, "police_handler": 0, "household_head": 0, "system_admin": 0,
}  # fmt: skip


@pytest.mark.parametrize("username", SEES)
@pytest.mark.parametrize("wall", ["both", "row-level security alone"])
def test_who_sees_lettings_and_declarations(world: World, username: str, wall: str) -> None:
    house = create_house(world.grid)
    row, declared = letting(world, house), declare(world, house)
    user = getattr(world, username)
    access.enter(user, tenancies.SEE)
    alone = wall != "both"
    rows = Tenancy.objects.all() if alone else tenancies.visible_tenancies(user)
    assert rows.count() == SEES[username]
    waits = TenantDeclaration.objects.all() if alone else tenancies.waiting(user)
    assert waits.count() == SEES[username]
    assert Landlord.objects.count() == HouseCode.objects.count() == SEES[username]
    if not SEES[username]:
        with pytest.raises(Http404):
            tenancies.tenancy_for(user, row.pk)
        with pytest.raises(Http404):
            tenancies.declaration_for(user, declared.pk)


# Joint units ------------------------------------------------------------------------------------


def home(world: World, name: str = "王小明", **house: Any) -> Residency:
    return create_person(world, create_house(world.grid, **house), name=name).residency


def test_neighbours_form_a_unit_with_a_head(world: World) -> None:
    first, second = home(world), home(world, "李四")
    by: Any = {"by": world.grid_worker, "now": MONDAY}
    unit = joint.form(first, " 1号楼联户 ", **by)
    assert (unit.name, unit.head, unit.grid) == ("1号楼联户", first.person, world.grid)
    member = joint.admit(unit, second.household, **by)
    for refused in (
        lambda: joint.admit(unit, second.household, **by),
        lambda: joint.form(second, "另一个", **by),
    ):
        with pytest.raises(NotAllowed, match="已在一个联户单位"):
            refused()
    with pytest.raises(BadDetails, match="同名"):
        joint.form(home(world, "赵六"), "1号楼联户", **by)
    with pytest.raises(BadDetails, match="名称"):
        joint.form(home(world, "赵六"), " ", **by)
    (own,) = unit.members.filter(household=first.household)
    with pytest.raises(NotAllowed, match="更换联户长"):
        joint.release(own, **by)
    with pytest.raises(BadDetails, match="须住在"):
        joint.name_head(unit, home(world, "赵六"), **by)
    assert joint.name_head(unit, second, **by).head == second.person
    joint.release(own, **by)
    assert [row.pk for row in joint.members(unit)] == [member.pk]
    joint.dissolve(unit, **by)
    assert not joint.visible_joint_units(world.grid_worker).exists()
    assert joint.form(second, "1号楼联户", **by).head == second.person


def test_a_household_is_in_one_open_unit_says_the_database(world: World) -> None:
    row = home(world)
    joint.form(row, "一", by=world.grid_worker, now=MONDAY)
    other = joint.form(home(world, "李四"), "二", by=world.grid_worker, now=MONDAY)
    with pytest.raises(IntegrityError, match="joint_member_of_one_unit"), transaction.atomic():
        JointMember.objects.create(unit=other, household=row.household, began_on=TODAY)


def test_units_of_others_and_of_other_grids(world: World) -> None:
    row = home(world)
    for user in (world.other_grid_worker, world.household_head, world.handler):
        with pytest.raises(NotAllowed, match="岗位"):
            joint.form(row, "一", by=user, now=MONDAY)
    unit = joint.form(row, "一", by=world.grid_worker, now=MONDAY)
    beside = create_person(world, create_house(world.second_grid), by=world.clerk, name="李四")
    with pytest.raises(NotAllowed, match="同一网格"):
        joint.admit(unit, beside.residency.household, by=world.clerk, now=MONDAY)
    assert joint.visible_joint_units(world.clerk).get() == unit
    access.enter(world.other_grid_worker, joint.SEE)
    assert not JointUnit.objects.exists()
    assert not JointMember.objects.exists()
    with pytest.raises(Http404):
        joint.joint_unit_for(world.other_grid_worker, unit.pk)


def test_who_moved_away_is_neither_member_nor_head(world: World) -> None:
    row = home(world)
    unit = joint.form(row, "一", by=world.grid_worker, now=MONDAY)
    registering.move_out(row, on=TODAY, by=world.grid_worker, now=MONDAY)
    assert not joint.members(unit).exists()
    page = browser(world.grid_worker).get(f"/people/joint/{unit.pk}/").content.decode()
    assert "已搬离，请另选" in page


# The pages --------------------------------------------------------------------------------------


def text(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


def sent(client: Client, url: str, **data: Any) -> str:
    return client.post(url, data, follow=True).content.decode()


@SURFACES
def test_from_the_code_to_the_register(world: World, prefix: str) -> None:
    house, papers = create_house(world.grid, room="1203"), number("19950505")
    worker, tenant = browser(world.grid_worker), browser()
    assert f"{prefix}tenancies/" in text(worker, prefix)
    page = text(worker, f"{prefix}tenancies/")
    assert "没有待核对的申报" in page
    assert "还没有租住登记" in page
    at_house = f"{prefix}tenancies/houses/{house.pk}/"
    assert at_house in text(worker, f"{prefix}tenancies/houses/?q=军丽园 1203")
    assert "还没有房屋码" in text(worker, at_house)
    sent(worker, f"{at_house}code/")
    access.enter(world.grid_worker)
    code = HouseCode.objects.get().code
    assert f"/report/rent/{code}/" in text(worker, at_house)

    assert "房屋码是 8 位数字" in sent(tenant, "/report/rent/", code="1")
    page = sent(tenant, "/report/rent/", code=code)
    for shown in ("1203", "依据", "30 天删除", "搬离后一年"):
        assert shown in page, shown
    form = {
        "key": str(uuid4()), "name": "孙租户", "document_kind": "resident_id",
        "document_number": papers[:-1], "phone": "13600002222", "began_on": "2026-03-02",
        "until": "2026-08-31",
    }  # fmt: skip
    url = f"/report/rent/{code}/"
    wrong = tenant.post(url, form)
    assert (wrong.status_code, "18 位" in wrong.content.decode()) == (400, True)
    form["document_number"] = papers
    for _time in range(2):  # sent twice, one declaration
        assert "已经收到" in sent(tenant, url, **form)

    page = text(worker, f"{prefix}tenancies/")
    assert page.count("孙**") == 1
    row = tenancies.waiting(world.grid_worker).get()
    url = f"{prefix}declarations/{row.pk}/"
    page = text(worker, url)
    for hidden in ("孙租户", papers, "13600002222"):
        assert hidden not in page
    answer = worker.post(f"{url}open/")
    page = answer.content.decode()
    for shown in ("孙租户", papers, "13600002222"):
        assert shown in page, shown
    assert answer.headers["Cache-Control"] == "no-store"
    look = AccessRecord.objects.get(model="people.TenantDeclaration")
    assert (look.user, look.reason) == (world.grid_worker, "上门核对租住申报")
    form |= {"relation": "head", "landlord_name": "钱房东", "landlord_phone": "13700001111"}
    bad = worker.post(f"{url}confirm/", {**form, "phone": "1"})
    assert bad.status_code == 400
    page = sent(worker, f"{url}confirm/", **form)
    assert "已核对，登记为租住" in page
    assert "孙**" in page

    page = text(worker, f"{prefix}tenancies/?state=confirmed")
    assert "1203" in page
    tenancy = tenancies.visible_tenancies(world.grid_worker).get()
    url = f"{prefix}tenancies/{tenancy.pk}/"
    page = text(worker, url)
    for shown in ("已核对", "租户自行申报", "钱**", "孙**", "2026-08-31"):
        assert shown in page, shown
    assert "13700001111" not in page
    assert worker.post(f"{url}reveal/", {"why": "case"}).status_code == 400
    assert "13700001111" in sent(worker, f"{url}reveal/", why="check", about="")
    longer = {"began_on": "2026-03-02", "until": "2026-03-20"}
    refused = worker.post(f"{url}correct/", {**longer, "until": "2025-01-01"})
    assert refused.status_code == 400
    assert 'value="2025-01-01"' in refused.content.decode()
    assert "将到期" in sent(worker, f"{url}correct/", **longer)
    assert "1203" in text(worker, f"{prefix}tenancies/?due=soon")
    assert "没有找到" in text(worker, f"{prefix}tenancies/?due=over")
    assert worker.post(f"{url}fly/").status_code == 404
    page = sent(worker, f"{url}end/", on="2026-03-02", tenants_left="on")
    assert "已结束" in page
    assert "孙**" not in text(worker, prefix)


@SURFACES
def test_a_landlord_at_the_counter(world: World, prefix: str) -> None:
    house, client = create_house(world.grid), browser(world.clerk)
    url = f"{prefix}tenancies/houses/{house.pk}/"
    form = {"began_on": "2026-03-02", "until": ""}
    assert "请填写房东" in client.post(url, form).content.decode()
    papers = number()
    wrong = client.post(url, {**form, "landlord_document": papers})
    assert "没有登记此证件" in wrong.content.decode()
    page = sent(client, url, **form, landlord_name="钱房东")
    for shown in ("已登记租住", "已申报", "未约定"):
        assert shown in page, shown
    row = tenancies.visible_tenancies(world.clerk).get()
    assert "已核对" in sent(client, f"{prefix}tenancies/{row.pk}/check/")
    assert "查看租住登记" in text(client, url)


@SURFACES
def test_what_is_not_true_is_refused_on_the_page(world: World, prefix: str) -> None:
    row = declare(world, create_house(world.grid))
    client, url = browser(world.grid_worker), f"{prefix}declarations/{row.pk}/"
    assert client.post(f"{url}refuse/", {"reason": " "}).status_code == 400
    assert "已记为不属实" in sent(client, f"{url}refuse/", reason="查无此人")
    assert client.get(url).status_code == 404


@SURFACES
def test_lettings_of_others_are_not_there(world: World, prefix: str) -> None:
    house = create_house(world.grid)
    row, declared = letting(world, house), declare(world, house)
    client = browser(world.other_grid_worker)
    for path in (
        f"tenancies/{row.pk}/", f"tenancies/houses/{house.pk}/", f"declarations/{declared.pk}/",
    ):  # fmt: skip
        assert client.get(f"{prefix}{path}").status_code == 404, path
    for path in (
        f"tenancies/{row.pk}/check/", f"tenancies/{row.pk}/reveal/",
        f"tenancies/houses/{house.pk}/code/", f"declarations/{declared.pk}/open/",
        f"declarations/{declared.pk}/confirm/",
    ):  # fmt: skip
        assert client.post(f"{prefix}{path}", {"why": "visit"}).status_code == 404, path
    for user in (world.handler, world.leader, world.system_admin):
        assert browser(user).get(f"{prefix}tenancies/").status_code == 403


def test_codes_are_not_found_by_trying(world: World) -> None:
    code = code_for(world, create_house(world.grid))
    client = browser()
    answers = [client.get(f"/report/rent/{n:08d}/").status_code for n in range(29)]
    assert set(answers) == {404}
    assert client.get(f"/report/rent/{code}/").status_code == 200
    assert client.get(f"/report/rent/{code}/").status_code == 429
    shift_clock(to=MONDAY + timedelta(minutes=11))
    assert client.get(f"/report/rent/{code}/").status_code == 200
    for never in ("1", "%00234567", "٠١٢٣٤٥٦٧"):
        assert client.get(f"/report/rent/{never}/").status_code == 404, never


def test_declarations_are_limited(world: World) -> None:
    url = f"/report/rent/{code_for(world, create_house(world.grid))}/"
    client = browser()
    for _time in range(10):
        assert client.post(url, {"name": ""}).status_code == 400
    answer = client.post(url, {"name": ""})
    assert (answer.status_code, "提交太频繁" in answer.content.decode()) == (429, True)


@SURFACES
def test_a_joint_unit_on_the_pages(world: World, prefix: str) -> None:
    first, second = home(world, room="501"), home(world, "李四", room="502")
    client = browser(world.grid_worker)
    assert "还没有联户单位" in text(client, f"{prefix}joint/")
    new = f"{prefix}joint/new/{first.household_id}/"
    assert new in text(client, f"{prefix}joint/new/?q=军丽园 501")
    assert "王**" in text(client, new)
    assert client.post(new, {"name": " ", "head": first.pk}).status_code == 400
    page = sent(client, new, name="1号楼联户", head=first.pk)
    assert "已成立联户单位" in page
    unit = joint.visible_joint_units(world.grid_worker).get()
    url = f"{prefix}joint/{unit.pk}/"
    admit = f"{url}admit/{second.household_id}/"
    assert admit in text(client, f"{url}?q=502")
    assert "已加入联户单位" in sent(client, admit)
    assert "已在一个联户单位" in sent(client, admit)
    assert "2 户" in text(client, f"{prefix}joint/")
    assert "请先更换联户长" in sent(
        client, f"{prefix}joint/members/{unit.members.get(household=first.household).pk}/release/"
    )
    assert "李*" in sent(client, f"{url}head/", head=second.pk)
    assert "李*" in sent(client, f"{url}head/", head="0")  # nobody of the unit: it stays
    member = unit.members.get(household=first.household)
    assert "已退出联户单位" in sent(client, f"{prefix}joint/members/{member.pk}/release/")
    outsider = browser(world.other_grid_worker)
    assert outsider.get(url).status_code == 404
    assert outsider.post(f"{url}dissolve/").status_code == 404
    assert outsider.get(new).status_code == 404
    assert "已撤销联户单位" in sent(client, f"{url}dissolve/")


def test_lists_cost_the_same_for_one_and_for_three(world: World) -> None:
    client = browser(world.grid_worker)
    for path in ("tenancies/", "joint/"):
        text(client, f"/people/{path}")  # what is kept in memory is read once
    for wanted in (1, 3):
        while tenancies.visible_tenancies(world.grid_worker).count() < wanted:
            house = create_house(world.grid)
            letting(world, house)
            declare(world, house)
            joint.form(home(world), f"第{house.pk}联户", by=world.grid_worker, now=MONDAY)
        with queries(11):
            assert text(client, "/people/tenancies/").count("孙**") == wanted
        access.enter(world.grid_worker)
        with queries(10):
            assert text(client, "/people/joint/").count("王**") == wanted
        access.enter(world.grid_worker)
