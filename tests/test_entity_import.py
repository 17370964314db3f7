"""Organisations from a file: tried first, loaded by the worker, known again by their code."""

from __future__ import annotations

import csv
import io
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from governance import tables, timers
from governance.models import Message, Timer, User
from people import access, entities, import_jobs, tasks
from people.entities import Papers, Spot
from people.import_jobs import jobs
from people.models import Entity, EntityContact, Licence, PeopleImport
from tests.areas import draw, place, square
from tests.builders import World, moment, shift_clock
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.people_builders import TODAY, create_building, create_house
from tests.test_entities import code, create_entity

pytestmark = pytest.mark.django_db
HEADER = (
    *("统一社会信用代码", "单位名称", "单位类型", "从业人数", "联系人", "联系电话"),
    *("小区", "楼栋", "单元", "房号", "经度", "纬度", "位置说明"),
    *("证照种类", "证照编号", "发证日期", "有效期至"),
)
HIDDEN = ("欧阳漱玉", "13812345678")


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    shift_clock(to=MONDAY)


@pytest.fixture
def doors(world: World) -> World:
    draw(world.grid, square(0, 0))
    draw(world.other_grid, square(50, 50))
    building = create_building(world.grid, name="1号楼")
    create_house(world.grid, building=building, room="101")
    create_building(world.other_grid, name="9号楼")
    return world


def line(serial: int = 1, name: str = "便民超市", **said: object) -> list[object]:
    given: dict[str, object] = {
        "统一社会信用代码": code(serial), "单位名称": name, "单位类型": "企业", "从业人数": "4人",
        "联系人": HIDDEN[0], "联系电话": HIDDEN[1], "小区": "军丽园", "楼栋": "1栋", "单元": "1",
        "房号": "101室", **said,
    }  # fmt: skip
    return [given.get(column, "") for column in HEADER]


def file_of(*lines: list[object], name: str = "units.csv") -> Any:
    rows = [list(HEADER), *([str(cell) for cell in row] for row in lines)]
    if name.endswith("xlsx"):
        return ContentFile(tables.as_xlsx(rows), name=name)
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return ContentFile(out.getvalue().encode(), name=name)


def load(by: User, *lines: list[object], name: str = "units.csv") -> PeopleImport:
    """The whole way: uploaded, checked, confirmed, loaded."""
    job = jobs.start(by, file_of(*lines, name=name), kind="entities", now=MONDAY)
    tasks.import_people()
    jobs.check(job, now=MONDAY)
    tasks.import_people()
    jobs.confirm(job, now=MONDAY)
    tasks.import_people()
    job.refresh_from_db()
    access.enter(by)
    return job


def licensed(
    serial: int = 1, number: str = "JY1", *, until: str = "2026-04-30", **said: object
) -> list[object]:
    paper = {"证照种类": "食品经营许可证", "证照编号": number, "发证日期": "2025/4/1"}
    return line(serial, "便民超市", **{**paper, "有效期至": until, **said})


def clocks() -> list[tuple[str, str, str]]:
    """The open timers of licences: what, of which paper, on which day."""
    numbers = dict(Licence.objects.values_list("pk", "number"))
    rows = Timer.objects.open().filter(kind__startswith="licence.").order_by("due_at")
    return [
        (row.kind, numbers.get(row.subject_id, ""), f"{row.due_at.astimezone():%m-%d %H}")
        for row in rows
    ]


def held() -> list[tuple[str, str, date | None]]:
    rows = Licence.objects.filter(ended_on=None).order_by("number")
    return list(rows.values_list("kind", "number", "expires_on"))


def counts(job: PeopleImport) -> tuple[int, int, int, int]:
    return job.made, job.changed, job.same, job.refused


def whys(job: PeopleImport) -> list[tuple[int, str]]:
    access.enter(job.by)
    return [(one.line, one.why) for one in import_jobs.findings(job) if one.why]


@pytest.mark.parametrize("name", ["units.csv", "units.xlsx"])
def test_a_file_is_loaded_once_also_twice(doors: World, name: str) -> None:
    lon, lat = place(0.5, 0.5)
    lines = [
        line(),
        line(2, "理发店", 单元="", 房号="", 联系人="", 联系电话=""),
        line(3, "早点铺", 单位类型="", 楼栋="", 经度=lon, 纬度=lat, 位置说明="南门西侧"),
    ]

    job = load(doors.station_lead, *lines, name=name)

    assert (job.state, counts(job)) == ("done", (3, 0, 0, 0)), whys(job)
    shop, barber, stall = Entity.objects.order_by("credit_code")
    assert (str(shop.house), shop.kind, shop.staff_count) == (
        "军丽园1号楼 1-101", "enterprise", 4,
    )  # fmt: skip
    assert shop.contact is not None
    assert (shop.contact.name.reveal(), shop.contact.phone.reveal()) == HIDDEN
    assert (str(barber.building), barber.contact) == ("军丽园1号楼", None)
    assert (stall.lon, stall.place, stall.kind) == (lon, "南门西侧", "enterprise")  # by its code
    assert {row.grid for row in (shop, barber, stall)} == {doors.grid}
    assert {row.registered_by for row in (shop, barber, stall)} == {doors.station_lead}
    assert counts(load(doors.station_lead, *lines, name=name)) == (0, 0, 3, 0)
    assert (Entity.objects.count(), EntityContact.objects.count()) == (3, 2)


def test_what_a_file_says_of_one_that_is_there_is_put_right(doors: World) -> None:
    load(doors.station_lead, line(位置说明="东门"))

    job = load(
        doors.station_lead, line(name="便民生鲜超市", 单位类型="", 从业人数="", 联系人="李四")
    )

    assert counts(job) == (0, 1, 0, 0)
    row = Entity.objects.get()
    assert (row.name, row.staff_count, row.place, row.version) == ("便民生鲜超市", 4, "东门", 2)
    assert row.contact is not None
    assert (row.contact.name.reveal(), row.contact.phone.reveal()) == ("李四", HIDDEN[1])
    assert entities.entity_for(doors.clerk, row.pk) == row


def test_two_lines_of_one_code_make_one(doors: World) -> None:
    job = load(doors.station_lead, line(联系电话=""), line(name="便民生鲜超市", 联系人=""))
    assert counts(job) == (1, 1, 0, 0)
    row = Entity.objects.get()
    assert row.contact is not None
    assert row.name == "便民生鲜超市"
    assert (row.contact.name.reveal(), row.contact.phone.reveal()) == HIDDEN


def test_a_bad_row_is_refused_alone_and_says_why(doors: World) -> None:
    there = Spot(house=create_house(doors.other_grid))
    create_entity(doors, there, by=doors.other_grid_worker, credit_code=code(8))
    job = load(
        doors.station_lead,
        line(统一社会信用代码="91350100M000100Y44"),
        line(name=""),
        line(单位类型="教会"),
        line(从业人数="很多"),
        line(联系电话="12"),
        line(房号="999"),
        line(楼栋="9栋", 单元="", 房号=""),
        line(楼栋="", 房号=""),
        line(楼栋="", 房号="", 经度=1, 纬度=1),
        line(8),
        line(),
    )
    assert counts(job) == (1, 0, 0, 10)
    said = (
        *("校验码", "单位名称", "教会", "很多", "7 至 12", "没有这处", "不在您的辖区"),
        *("请写明楼栋", "不在任何网格内", "该代码已登记"),
    )
    for (number, why), word in zip(whys(job), said, strict=True):
        assert word in why, number


def test_one_that_closed_can_come_again(doors: World) -> None:
    load(doors.station_lead, line())
    entities.close(Entity.objects.get(), "cancelled", on=TODAY, by=doors.clerk, now=MONDAY)
    assert counts(load(doors.station_lead, line())) == (1, 0, 0, 0)


def test_a_row_a_licence_and_their_ends_are_told(doors: World) -> None:
    lines = [
        licensed(),
        licensed(1, "YYZZ1", 证照种类="business", 有效期至="长期"),
        licensed(2, until="2026年3月20日"),  # a month before is past
        licensed(2, "JY0", until="20260228"),  # over
        licensed(3, "JY3", until="", 证照种类="卫生许可证"),
        line(4),
    ]

    job = load(doors.station_lead, *lines)

    assert counts(job) == (4, 2, 0, 0), whys(job)
    assert held() == [
        ("food", "JY0", date(2026, 2, 28)),
        ("food", "JY1", date(2026, 4, 30)),
        ("food", "JY1", date(2026, 3, 20)),
        ("health", "JY3", None),
        ("business", "YYZZ1", None),
    ]
    assert set(Licence.objects.values_list("issued_on", flat=True)) == {date(2025, 4, 1)}
    assert clocks() == [
        ("licence.over", "JY1", "03-21 08"),
        ("licence.soon", "JY1", "03-31 08"),
        ("licence.over", "JY1", "05-01 08"),
    ]
    before = clocks(), held()
    assert counts(load(doors.station_lead, *lines)) == (0, 0, 6, 0)
    assert (clocks(), held()) == before
    assert Timer.objects.filter(kind__startswith="licence.").count() == 3
    shift_clock(to=moment("2026-03-31 08:01"))
    timers.sweep()
    told = Message.objects.filter(recipient=doors.grid_worker, kind="licence.soon")
    assert [row.params["entity"] for row in told] == ["便民超市"]


@pytest.mark.parametrize("until", ["2026-02-28", "2026-03-02", "2026-03-20", "2026-04-30", ""])
def test_the_timers_are_those_of_one_that_is_typed_in(doors: World, until: str) -> None:
    load(doors.station_lead, licensed(until=until), line(2))
    imported = [(kind, day) for kind, _number, day in clocks()]
    Timer.objects.all().delete()
    papers = Papers("food", "JY1", date(2025, 4, 1), date.fromisoformat(until) if until else None)
    other = Entity.objects.get(credit_code=code(2))

    entities.add_licence(other, papers, by=doors.clerk, now=MONDAY)

    assert [(kind, day) for kind, _number, day in clocks()] == imported


def test_other_dates_take_the_place_of_a_licence_and_an_old_file_changes_nothing(
    doors: World,
) -> None:
    load(doors.station_lead, licensed())

    job = load(doors.station_lead, licensed(until="2031-04-30", 发证日期=""))

    assert counts(job) == (0, 1, 0, 0), whys(job)
    new = Licence.objects.get(ended_on=None)
    assert (new.issued_on, new.expires_on) == (date(2025, 4, 1), date(2031, 4, 30))
    assert new.replaces is not None
    assert (new.replaces.expires_on, new.replaces.ended_on) == (date(2026, 4, 30), TODAY)
    assert [day for _kind, _number, day in clocks()] == ["03-31 08", "05-01 08"]
    assert {row.subject_id for row in Timer.objects.open().filter(kind="licence.over")} == {new.pk}
    assert Entity.objects.get().version == 1
    for old in (licensed(), licensed(until="")):  # what is left empty stays
        assert counts(load(doors.station_lead, old)) == (0, 0, 1, 0)
    assert counts(load(doors.station_lead, licensed(until="长期"))) == (0, 1, 0, 0)
    assert (held(), clocks()) == ([("food", "JY1", None)], [])


def test_a_licence_given_back_does_not_come_again_with_the_old_file(doors: World) -> None:
    load(doors.station_lead, licensed())
    entities.end_licence(Licence.objects.get(), by=doors.clerk, now=MONDAY)
    assert counts(load(doors.station_lead, licensed())) == (0, 0, 1, 0)
    assert (held(), clocks()) == ([], [])
    assert counts(load(doors.station_lead, licensed(until="2031-04-30"))) == (0, 1, 0, 0)
    assert held() == [("food", "JY1", date(2031, 4, 30))]


def test_a_bad_licence_is_refused_with_its_column(doors: World) -> None:
    job = load(
        doors.station_lead,
        licensed(证照种类="狩猎证"),
        licensed(证照种类=""),
        licensed(number=""),
        licensed(number="9" * 61),
        licensed(发证日期=""),
        licensed(发证日期="去年"),
        licensed(发证日期="0001-01-01"),
        licensed(until="2026-02-30"),
        licensed(until="2025-03-31"),
        licensed(),
        licensed(until="2027-04-30"),
    )
    assert counts(job) == (1, 0, 0, 10)
    said = (
        *("证照种类没有“狩猎证”", "证照种类：请选择", "证照编号：请填写", "证照编号超过 60"),
        *("发证日期：请填写", "发证日期“去年”不是日期", "发证日期：请填写 1900 年以后"),
        *("有效期至“2026-02-30”不是日期", "有效期至：有效期不能早于", "证照编号：前面的行"),
    )
    for (number, why), word in zip(whys(job), said, strict=True):
        assert word in why, number


def test_trying_writes_nothing_and_counts_the_same(doors: World) -> None:
    load(doors.station_lead, line())
    job = jobs.start(
        doors.station_lead,
        file_of(
            licensed(单位名称="便民生鲜超市", 联系人="李四"),
            licensed(单位名称="便民生鲜超市", 联系人="李四"),
            licensed(2),
            line(3, name=""),
        ),
        kind="entities",
        now=MONDAY,
    )
    tasks.import_people()
    jobs.check(job, now=MONDAY)
    tasks.import_people()
    job.refresh_from_db()
    assert (job.state, counts(job)) == ("checked", (1, 1, 1, 1))
    access.enter(doors.station_lead)
    row = Entity.objects.get()
    assert row.contact is not None
    assert (row.name, row.contact.name.reveal()) == ("便民超市", HIDDEN[0])
    assert (held(), clocks()) == ([], [])


def test_a_batch_takes_as_many_queries_for_one_row_as_for_many(
    doors: World, django_assert_num_queries: Any
) -> None:
    for n, first in ((1, 10), (30, 100)):
        rows = [licensed(first + i // 2, f"JY{i}") for i in range(n)]
        job = jobs.start(doors.station_lead, file_of(*rows), kind="entities", now=MONDAY)
        tasks.import_people()
        jobs.confirm(job, now=MONDAY, unseen=True)
        _job, done, batch = next(jobs.batches(job.pk))
        with django_assert_num_queries(26):
            jobs.load_batch(job.pk, batch, done)


def test_the_units_of_a_place_come_in_under_a_second_of_our_time(doors: World) -> None:
    rows = [licensed(n) for n in range(741)]
    job = jobs.start(doors.station_lead, file_of(*rows), kind="entities", now=MONDAY)
    tasks.import_people()
    jobs.confirm(job, now=MONDAY, unseen=True)
    began = time.process_time()
    tasks.import_people()
    assert time.process_time() - began < 3
    job.refresh_from_db()
    assert (job.state, job.made) == ("done", 741)


def test_the_whole_way_on_the_desk(doors: World) -> None:
    client = browser(doors.clerk)
    page = client.get("/people/entities/").content.decode()
    assert "/people/imports/?kind=entities" in page
    assert "批量导入" not in client.get("/m/people/entities/").content.decode()
    page = client.get("/people/imports/?kind=entities").content.decode()
    assert 'value="entities" required id="id_kind_1" checked' in page
    assert "/people/imports/entities.csv" in page
    header = client.get("/people/imports/entities.csv").content.decode("utf-8-sig")
    assert header.strip().split(",") == list(HEADER)
    assert client.get("/people/imports/nothing.csv").status_code == 404

    sent = client.post(
        "/people/imports/", {"kind": "entities", "file": file_of(line(), line(2, name=""))}
    )
    url = sent["Location"]
    tasks.import_people()
    page = client.get(url).content.decode()
    for word in HIDDEN:
        assert word not in page
    assert "便民超市" in page  # an organisation's name is no secret
    client.post(f"{url}mapping/", PeopleImport.objects.get().mapping)
    tasks.import_people()
    page = client.get(url).content.decode()
    assert "共 2 行，已读 2 行：新增 1，更新 0，未变 0，拒绝 1" in page
    client.post(f"{url}confirm/")
    tasks.import_people()
    assert Entity.objects.filter(name="便民超市").exists()
    sheet = b"".join(client.post(f"{url}refused/")).decode("utf-8-sig")
    assert "单位名称：请填写单位名称。" in sheet
    assert "法人单位" in client.get("/people/imports/").content.decode()
    for who in (doors.grid_worker, doors.leader):
        assert browser(who).get("/people/imports/entities.csv").status_code == 403
        assert "kind=entities" not in browser(who).get("/people/entities/").content.decode()


def test_the_command_is_the_twin(
    doors: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, refused = tmp_path / "units.csv", tmp_path / "refused.csv"
    file.write_bytes(file_of(line(), line(2, name="")).read())

    call_command("import_entities", str(file), "--as", "clerk", "--refused", str(refused))

    out = capsys.readouterr()
    assert "rows=2 new=1 changed=0 same=0 refused=1" in out.out
    assert "请填写单位名称" in refused.read_text(encoding="utf-8-sig")
    for word in HIDDEN:
        assert word not in out.out + out.err
    call_command("import_entities", str(file), "--as", "clerk", "--dry-run")
    assert "same=1" in capsys.readouterr().out
