"""Organisations from a file: tried first, loaded by the worker, known again by their code."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from governance import tables
from governance.models import User
from people import access, entities, import_jobs, tasks
from people.entities import Spot
from people.import_jobs import jobs
from people.models import Entity, EntityContact, PeopleImport
from tests.areas import draw, place, square
from tests.builders import World, shift_clock
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.people_builders import TODAY, create_building, create_house
from tests.test_entities import code, create_entity

pytestmark = pytest.mark.django_db
HEADER = (
    *("统一社会信用代码", "单位名称", "单位类型", "从业人数", "联系人", "联系电话"),
    *("小区", "楼栋", "单元", "房号", "经度", "纬度", "位置说明"),
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
    assert counts(job) == (1, 0, 1, 0)
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


def test_trying_writes_nothing_and_counts_the_same(doors: World) -> None:
    load(doors.station_lead, line())
    job = jobs.start(
        doors.station_lead,
        file_of(line(name="便民生鲜超市", 联系人="李四"), line(2), line(3, name="")),
        kind="entities",
        now=MONDAY,
    )
    tasks.import_people()
    jobs.check(job, now=MONDAY)
    tasks.import_people()
    job.refresh_from_db()
    assert (job.state, counts(job)) == ("checked", (1, 1, 0, 1))
    access.enter(doors.station_lead)
    row = Entity.objects.get()
    assert row.contact is not None
    assert (row.name, row.contact.name.reveal()) == ("便民超市", HIDDEN[0])


def test_a_batch_takes_as_many_queries_for_one_row_as_for_many(
    doors: World, django_assert_num_queries: Any
) -> None:
    for n, first in ((1, 10), (30, 100)):
        rows = [line(first + i) for i in range(n)]
        job = jobs.start(doors.station_lead, file_of(*rows), kind="entities", now=MONDAY)
        tasks.import_people()
        jobs.confirm(job, now=MONDAY, unseen=True)
        _job, done, batch = next(jobs.batches(job.pk))
        with django_assert_num_queries(25):
            jobs.load_batch(job.pk, batch, done)


def test_the_units_of_a_place_come_in_under_a_second_of_our_time(doors: World) -> None:
    rows = [line(n) for n in range(741)]
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
