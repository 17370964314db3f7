"""Exports of people: asked, approved by another, watermarked, without formulas, gone in a week."""

from __future__ import annotations

import csv
import zipfile
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import Client

from governance import erasure, expiry, scope, tables, timers
from governance.models import AccessRecord, Message, Post, Timer, User
from people import access, exports
from people.errors import BadDetails, NotAllowed
from people.models import Export, Residency
from tests.builders import World, create_world, queries, shift_clock
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.people_builders import TODAY, create_house, create_person, number

DAY = timedelta(days=1)


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    """The small world, on Monday at nine."""
    settings.ERASURE_FILE = str(tmp_path / "erasures.jsonl")
    shift_clock(to=MONDAY)
    return create_world()


def ask(world: World, **fields: Any) -> Export:
    given = {
        "unit_id": world.community.pk, "fields": ["name", "phone"], "is_clear": False,
        "form": "csv", "reason": "发放体检通知", "by": world.clerk, "now": MONDAY,
    }  # fmt: skip
    return exports.ask(**{**given, **fields})


def made(world: World, **fields: Any) -> Export:
    row = exports.decide(ask(world, **fields), granted=True, by=world.leader, now=MONDAY)
    scope.enter(())  # the sweep has a transaction of its own
    assert not Export.objects.exists()
    timers.sweep()
    return exports.export_for(world.clerk, row.pk)


def lines(row: Export) -> list[list[str]]:
    data = Path(row.file.path).read_bytes()
    if row.form == "csv":
        return list(csv.reader(StringIO(data.decode("utf-8-sig"))))
    with zipfile.ZipFile(BytesIO(data)) as package:
        sheet = ElementTree.fromstring(package.read("xl/worksheets/sheet1.xml"))
        assert sum("macro" in name for name in package.namelist()) == 0
    found = []
    for line in sheet.findall(".//{*}row"):
        assert not line.findall(".//{*}f")
        found.append(["".join(cell.itertext()) for cell in line])
    return found


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.status_code
    return str(answer.content.decode())


# Asking and approving ---------------------------------------------------------------------------


def test_it_takes_two_people_and_the_worker(world: World) -> None:
    create_person(world, name="王小明")
    client = browser(world.clerk)
    page = text(client.get("/exports/"))
    assert "没有导出" in page
    form = {
        "unit_id": world.community.pk, "fields_": ["name", "phone"], "form": "csv",
        "reason": "发放体检通知",
    }  # fmt: skip
    assert client.post("/exports/", {**form, "reason": ""}).status_code == 400
    page = text(client.post("/exports/", form, follow=True))
    assert "待审批" in page
    assert "/file/" not in page
    row = Export.objects.get()
    assert f"/exports/{row.pk}/decide/" not in page
    (note,) = Message.objects.filter(kind="export.asked", recipient=world.leader)
    assert note.params == {"number": row.number}

    other = browser(world.leader)
    assert f"/exports/{row.pk}/decide/" in text(other.get("/exports/"))
    faulty = other.post(f"/exports/{row.pk}/decide/", {"granted": "0", "answer": ""})
    assert "不同意的理由" in text(faulty, 400)
    page = text(other.post(f"/exports/{row.pk}/decide/", {"granted": "1"}, follow=True))
    assert "正在生成" in page
    assert timers.sweep() == 1

    assert Message.objects.filter(kind="export.ready", recipient=world.clerk).exists()
    assert f"/exports/{row.pk}/file/" in text(client.get("/exports/"))
    assert f"/exports/{row.pk}/file/" not in text(other.get("/exports/"))
    answer = client.post(f"/exports/{row.pk}/file/")
    data = answer.getvalue()
    assert answer["Content-Disposition"].endswith(f'"{row.number}.csv"')
    assert "王**" in data.decode("utf-8-sig")
    look = AccessRecord.objects.get(model="people.Export")
    assert (look.user, look.object_id) == (world.clerk, str(row.pk))
    assert other.post(f"/exports/{row.pk}/file/").status_code == 404
    assert client.get(f"/exports/{row.pk}/file/").status_code == 405


def test_who_asked_does_not_approve(world: World) -> None:
    Post.objects.create(
        role="leader", unit=world.community, user=world.clerk, valid_from=TODAY - DAY
    )
    both = User.objects.get(pk=world.clerk.pk)
    row = ask(world, by=both)
    with pytest.raises(NotAllowed, match="他人审批"):
        exports.decide(row, granted=True, by=both, now=MONDAY)
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Export.objects.filter(pk=row.pk).update(state="granted", decided_by=both)


def test_a_refusal_is_told_and_final(world: World) -> None:
    row = exports.decide(
        ask(world), granted=False, answer="用途不明", by=world.supervisor, now=MONDAY
    )
    assert Message.objects.filter(kind="export.refused", recipient=world.clerk).exists()
    with pytest.raises(NotAllowed, match="已审批"):
        exports.decide(row, granted=True, by=world.leader, now=MONDAY)
    assert timers.sweep() == 0
    assert "用途不明" in text(browser(world.clerk).get("/exports/"))


def test_who_may_not(world: World) -> None:
    row = ask(world)
    for user in (world.grid_worker, world.station_lead, world.dispatcher, world.system_admin):
        assert browser(user).get("/exports/").status_code == 403
        with pytest.raises(BadDetails):
            ask(world, by=user)
        with pytest.raises(NotAllowed, match="岗位"):
            exports.decide(row, granted=True, by=user, now=MONDAY)
    with pytest.raises(Http404):
        exports.export_for(world.outsider, row.pk)
    assert browser(world.outsider).post(f"/exports/{row.pk}/file/").status_code == 404
    with pytest.raises(BadDetails, match="辖区"):
        ask(world, unit_id=world.other_community.pk)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"fields": []}, "fields"),
        ({"fields": ["marks"]}, "fields"),
        ({"form": "exe"}, "form"),
        ({"reason": " "}, "reason"),
    ],
)
def test_what_is_missing_is_named(world: World, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(BadDetails) as caught:
        ask(world, **wrong)
    assert field in caught.value.faults


# What is in it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_masked_unless_clear_was_asked_and_approved(world: World, form: str) -> None:
    papers = number(serial=11)  # odd: a man
    create_person(world, name="欧阳小明", document_number=papers)
    fields = ["name", "document_number", "phone", "sex", "contact_name"]
    masked = lines(made(world, fields=fields, form=form))
    clear = lines(made(world, fields=fields, form=form, is_clear=True))

    assert masked[2][:3] == ["欧***", f"{'*' * 14}{papers[-4:]}", "***"]
    assert masked[2][3] == "138****5678"
    assert clear[1][:4] == ["姓名", "证件号码", "性别", "电话"]
    assert clear[2][:5] == ["欧阳小明", papers, "男", "13812345678", ""]


def test_every_row_bears_the_watermark(world: World) -> None:
    for name in ("王一", "王二"):
        create_person(world, name=name)
    row = made(world)
    head, _names, *people = lines(row)
    assert len(people) == row.rows == 2
    for part in (row.number, str(world.clerk), world.clerk.username, "2026-03-02 09:00"):
        assert part in head[0]
    assert {line[-1] for line in people} == {head[0]}
    assert len({lines(made(world))[0][0], head[0]}) == 2


FORMULAS = ['=HYPERLINK("http://x")', "+1+1", "-2", "@SUM(A1)", "\t=1", " =1+1", "＝1"]


@pytest.mark.parametrize("value", FORMULAS)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_nothing_in_it_is_a_formula(world: World, value: str, form: str) -> None:
    create_person(world, name=value)
    row = made(world, form=form, is_clear=True, fields=["name"])
    assert lines(row)[2][0] == f"'{value.strip()}"


def test_a_table_keeps_markup_as_text() -> None:
    data = tables.write("xlsx", [['<a & "b">', "\x00\x08x", "一"]])
    with zipfile.ZipFile(BytesIO(data)) as package:
        sheet = ElementTree.fromstring(package.read("xl/worksheets/sheet1.xml"))
    assert ["".join(cell.itertext()) for cell in sheet.findall(".//{*}c")] == [
        '<a & "b">',
        "x",
        "一",
    ]


def test_only_who_lives_in_the_unit_today_and_each_once(world: World) -> None:
    from people import registering

    house = create_house(world.grid)
    here = create_person(world, house, name="在此")
    registering.move_in(
        here.person, create_house(world.second_grid), kind="tenant", began_on=TODAY,
        by=world.clerk, now=MONDAY,
    )  # fmt: skip
    gone = create_person(world, name="已走")
    registering.move_out(gone.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    create_person(world, create_house(world.other_grid), by=world.other_grid_worker, name="别处")
    row = made(world, is_clear=True)
    assert [line[0] for line in lines(row)[2:]] == ["在此"]


def test_every_row_is_a_look_that_the_person_can_know_of(world: World) -> None:
    one, two = create_person(world).person, create_person(world).person
    row = made(world, is_clear=True)
    looks = AccessRecord.objects.filter(model="people.Person")
    assert {look.object_id for look in looks} == {str(one.pk), str(two.pk)}
    for look in looks:
        assert (look.user, look.columns) == (world.clerk, ["name", "phone"])
        assert row.number in look.reason
        assert "发放体检通知" in look.reason


def test_making_costs_the_same_for_one_and_for_three(world: World) -> None:
    for wanted in (1, 3):
        while Residency.objects.count() < wanted:
            create_person(world)
        row = exports.decide(ask(world), granted=True, by=world.leader, now=MONDAY)
        with transaction.atomic():
            row.asked_by.__dict__.pop("_held_posts", None)
            access.places(row.asked_by)
            with queries(2):  # the wall, and the rows
                assert len(list(exports.people(row))) == wanted


# Its end ----------------------------------------------------------------------------------------


def test_after_seven_days_the_file_is_gone(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    create_person(world)
    row = made(world)
    path = Path(row.file.path)
    assert path.stat().st_mode & 0o077 == 0
    shift_clock(to=MONDAY + 7 * DAY - timedelta(minutes=1))
    timers.sweep()
    assert path.exists()
    shift_clock(to=MONDAY + 7 * DAY + timedelta(minutes=1))
    scope.enter(())
    with django_capture_on_commit_callbacks(execute=True):
        timers.sweep()
    assert not path.exists()
    row = exports.export_for(world.clerk, row.pk)
    assert (row.state, row.file.name) == ("gone", "")
    assert row.deleted_at
    with pytest.raises(NotAllowed, match="已删除"):
        exports.hand_out(row, by=world.clerk, now=MONDAY)


def test_if_its_timer_was_parked_the_night_deletes_it(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    create_person(world)
    row = made(world)
    path = Path(row.file.path)
    Timer.objects.filter(kind=exports.DELETE).update(parked_at=MONDAY)
    with django_capture_on_commit_callbacks(execute=True):
        assert not [line for line in expiry.run(MONDAY + 9 * DAY) if line.failed]
    assert not path.exists()
    row.refresh_from_db()
    with pytest.raises(NotAllowed):
        exports.hand_out(row, by=world.clerk, now=MONDAY)


def test_with_an_erased_person_go_the_files_they_stand_in(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    person = create_person(world).person
    first = made(world)
    later = create_person(world).person
    second = made(world)
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase("people.Person", later.pk, policy="x", by=None, now=MONDAY)
    first, second = (exports.export_for(world.clerk, row.pk) for row in (first, second))
    assert (first.state, second.state) == ("ready", "gone")
    assert person.pk != later.pk


def test_who_lost_the_post_gets_nothing(world: World) -> None:
    create_person(world)
    row = exports.decide(ask(world), granted=True, by=world.leader, now=MONDAY)
    Post.objects.filter(user=world.clerk).update(valid_to=TODAY)
    timers.sweep()
    row.refresh_from_db()
    assert (row.state, row.rows) == ("failed", 0)
    assert not AccessRecord.objects.exists()


def test_strangers_go_to_the_log_in(world: World) -> None:
    assert Client().get("/exports/").status_code == 302
