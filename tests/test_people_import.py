"""People from a file: all rows tried first, looked at, loaded by the worker; twice the same, a bad
row alone refused, nobody outside the own units, and nothing of it left in clear."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from governance import table_jobs, tables, timers
from governance.models import AccessRecord, DataKey, ImportState, Message, User
from grids.models import House
from people import access, import_jobs, plan_homes, registering, tasks
from people.import_jobs import jobs
from people.models import Household, ImportedRows, PeopleImport, Person, Provenance, Residency
from people.registering import details_of
from tests.builders import World, create_post, moment, shift_clock
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
HEADER = "姓名,证件号码,电话,小区,楼栋,单元,房号,居住类别,与户主关系,来此日期"
MEANING = dict(
    zip(
        ("name", "document_number", "phone", "estate", "building", "unit_no", "room", "kind",
         "relation", "began_on"),
        HEADER.split(","),
        strict=True,
    )
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    shift_clock(to=MONDAY)


@pytest.fixture
def rooms(world: World) -> World:
    building = create_building(world.grid, name="1号楼")
    for room in ("101", "102"):
        create_house(world.grid, building=building, room=room)
    far = create_building(world.other_grid, name="9号楼")
    create_house(world.other_grid, building=far, room="901")
    return world


def line(name: str = "王小明", papers: str = "", room: str = "101", more: str = ",,") -> str:
    building = "9号楼" if room == "901" else "1号楼"
    return f"{name},{papers},13812345678,军丽园,{building},1,{room},{more}"


def file_of(lines: Iterable[str], header: str = HEADER, name: str = "people.csv") -> Any:
    rows = [row.split(",") for row in (header, *lines)]
    data = tables.as_xlsx(rows) if name.endswith("xlsx") else "\n".join([header, *lines]).encode()
    return ContentFile(data, name=name)


def upload(by: User, *lines: str, **more: Any) -> PeopleImport:
    """Uploaded and read by the worker."""
    job = jobs.start(by, file_of(lines, **more), now=MONDAY)
    tasks.import_people()
    job.refresh_from_db()
    return job


def load(world: World, *lines: str, by: User | None = None, **more: Any) -> PeopleImport:
    """The whole way: uploaded, checked, confirmed, loaded."""
    job = upload(by or world.station_lead, *lines)
    jobs.check(job, now=MONDAY)
    tasks.import_people()
    jobs.confirm(job, now=MONDAY, **more)
    tasks.import_people()
    job.refresh_from_db()
    access.enter(job.by)
    return job


def counts(job: PeopleImport) -> tuple[int, int, int, int]:
    return job.read, job.made, job.same, job.refused


def whys(job: PeopleImport) -> list[tuple[int, str]]:
    access.enter(job.by)
    return [(one.line, one.why) for one in import_jobs.findings(job) if one.why]


# Rows -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["people.csv", "people.xlsx"])
def test_a_file_is_loaded_once_also_twice(rooms: World, name: str) -> None:
    lines = [
        line(papers=number(), more="常住,户主,2020-01-31"),
        line("李四", number(), more="tenant,spouse,"),
        line("娃娃", room="101", more="常住,子女,"),
        line("赵六", number("19700101"), room="102室", more="常住人口,其他,"),
    ]
    job = load(rooms, *lines)
    assert (job.state, counts(job)) == ("done", (4, 4, 0, 0))
    head = Household.objects.get(house__room="101")
    assert head.head is not None
    assert details_of(head.head) == {
        "name": "王小明", "document_kind": "resident_id", "phone": "13812345678",
        "document_number": lines[0].split(",")[1], "birth_date": "1990-01-01",
        "sex": details_of(head.head)["sex"], "other_phone": "", "contact_name": "",
        "contact_phone": "",
    }  # fmt: skip
    assert Residency.objects.get(person=head.head).began_on.isoformat() == "2020-01-31"
    assert Household.objects.count() == 2
    said = Provenance.objects.filter(person=head.head).values_list("field", "source", "by")
    assert ("phone", "import", rooms.station_lead.pk) in set(said)
    assert len(said) == 6
    assert registering.by_document(details_of(head.head)["document_number"]) == head.head_id
    assert head.head.marks == sorted(head.head.marks)
    again = load(rooms, *lines)
    assert counts(again) == (4, 0, 4, 0)
    assert (Person.objects.count(), DataKey.objects.filter(destroyed_at=None).count()) == (4, 4)


def test_a_bad_row_is_refused_alone_and_says_why(rooms: World) -> None:
    job = load(
        rooms,
        line(""),
        line(papers="11010519491231002Y"),
        line(room="999"),
        line(room="901"),
        line(more="路过,,"),
        line(more=",,昨天"),
        line("好人", number()),
        line("甲", number(), more=",户主,"),
        line("乙", number(), more=",户主,"),
    )
    assert (job.made, job.refused) == (2, 7)
    assert [number for number, _why in whys(job)] == [2, 3, 4, 5, 6, 7, 10]
    for (_line, why), said in zip(
        whys(job),
        ("姓名", "18 位", "没有这套房屋", "不在您的辖区", "路过", "不是日期", "已有户主"),
        strict=True,
    ):
        assert said in why


def test_one_row_twice_in_a_file_is_one_person(rooms: World) -> None:
    assert counts(load(rooms, line("娃娃"), line("娃娃"))) == (2, 1, 1, 0)
    papers = number()
    assert counts(load(rooms, line(papers=papers), line(papers=papers))) == (2, 1, 1, 0)


def test_a_row_of_today_is_taken_before_eight_and_one_of_tomorrow_is_not(rooms: World) -> None:
    shift_clock(to=moment("2026-03-02 07:30"))
    born = number("20260302")
    job = load(rooms, line(papers=born, more=",,2026-03-02"), line(more=",,2026-03-03"))
    assert (job.made, job.refused) == (1, 1)
    assert whys(job) == [(3, "来此日期：来此日期还没有到，请在住进来后再登记。")]


def test_a_head_can_come_to_a_household_that_has_none(rooms: World) -> None:
    load(rooms, line("娃娃", more=",子女,"))
    load(rooms, line("妈妈", number(), more=",户主,"))
    home = Household.objects.get()
    assert home.head is not None
    assert details_of(home.head)["name"] == "妈妈"


SHARED = f"{HEADER},户号"


def homes_of(room: str) -> list[list[str]]:
    """Who lives together in the room's house, household by household, the head first."""
    homes = Household.objects.filter(house__room=room, ended_on=None).order_by("pk")
    return [
        [details_of(row.person)["name"] for row in home.residencies.order_by("-relation", "pk")]
        for home in homes
    ]


def test_households_of_one_house_are_told_apart_by_their_numbers(
    rooms: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_jobs, "BATCH", 2)  # a household lies in two of them
    lines = [
        line("甲父", number(), more="租住,户主,,甲"),
        line("乙父", number(), more="租住,户主,,乙"),
        line("甲子", number(), more="租住,子女,,甲"),
        line("乙子", number(), more="租住,子女,,乙"),
    ]
    for new in (4, 0):
        job = upload(rooms.station_lead, *lines, header=SHARED)
        jobs.confirm(job, now=MONDAY, unseen=True)
        tasks.import_people()
        job.refresh_from_db()
        access.enter(rooms.station_lead)
        assert counts(job) == (4, new, 4 - new, 0), whys(job)
    assert {frozenset(home) for home in homes_of("101")} == {
        frozenset({"甲父", "甲子"}),
        frozenset({"乙父", "乙子"}),
    }
    late = upload(
        rooms.station_lead,
        line("乙女", number(), more="租住,子女,,乙"),
        line("丙", number(), more="租住,户主,,乙"),
        line("丁", number(), more=f"租住,户主,,{'长' * 21}"),
        header=SHARED,
    )
    jobs.confirm(late, now=MONDAY, unseen=True)
    tasks.import_people()
    assert [why for _line, why in whys(late)] == [
        "该住户已有户主；不是一户的，请填户号。",
        "户号超过 20 个字",
    ]
    assert {frozenset(home) for home in homes_of("101")} == {
        frozenset({"甲父", "甲子"}),
        frozenset({"乙父", "乙子", "乙女"}),
    }


def test_where_rooms_are_let_another_head_is_another_household(rooms: World) -> None:
    House.objects.filter(room="101").update(use="shared")
    lines = [
        line("甲父", number(), more="租住,户主,"),
        line("甲子", number(), more="租住,子女,"),
        line("乙父", number(), more="租住,户主,"),
        line("乙子", number(), more="租住,子女,"),
    ]
    assert counts(load(rooms, *lines)) == (4, 4, 0, 0)
    assert [set(home) for home in homes_of("101")] == [{"甲父", "甲子"}, {"乙父", "乙子"}]
    assert counts(load(rooms, *lines)) == (4, 0, 4, 0)
    assert len(homes_of("101")) == 2


def test_a_name_of_two_communities_is_refused(rooms: World) -> None:
    twin = create_building(rooms.other_grid, name="1号楼")
    create_house(rooms.other_grid, building=twin, room="101")
    create_post(role="clerk", unit=rooms.district, user=rooms.clerk)
    job = load(rooms, line(papers=number()), by=rooms.clerk)
    assert whys(job) == [(2, "几个社区都有这套房屋，请分社区导入。")]


def test_who_is_registered_elsewhere_is_the_same_person(rooms: World) -> None:
    papers = number()
    known = create_person(
        rooms, create_house(rooms.other_grid), by=rooms.other_grid_worker, document_number=papers
    )
    job = load(rooms, line(papers=papers))
    assert (job.made, job.alike) == (1, 1)
    assert Person.objects.get() == known.person
    assert counts(load(rooms, line(papers=papers))) == (1, 0, 1, 0)
    other = load(rooms, line("别人", papers, room="102"))
    assert "另一个姓名" in whys(other)[0][1]


# Who may be registered already -------------------------------------------------------------------


def test_who_comes_back_with_a_file_keeps_the_plan(rooms: World) -> None:
    papers = number()
    done = create_person(rooms, document_number=papers)
    plan = create_plan(rooms, done.person)
    registering.move_out(done.residency, on=TODAY, by=rooms.clerk, now=MONDAY)
    assert plan_homes.waits_until(plan) is not None

    load(rooms, line(papers=papers, room="102"))

    assert plan_homes.waits_until(plan) is None
    assert Message.objects.filter(recipient=rooms.grid_worker, kind="support.back").count() == 1


def test_who_looks_like_somebody_is_held_back_unless_said_otherwise(rooms: World) -> None:
    known = create_person(
        rooms, create_house(rooms.grid), name="钱多多", document_kind="none", document_number="",
        birth_date="1950-05-05", phone="13900000000",
    ).person  # fmt: skip
    rows = [line("钱多多", number("19500505")), line("钱多", number("19500505"))]

    job = load(rooms, *rows)

    assert (job.made, job.refused, job.alike) == (1, 1, 1)
    found = next(import_jobs.findings(job))
    assert (found.person, found.score) == (str(known.pk), 70)
    assert whys(job) == [(2, "疑似已登记（70 分：姓名相同、出生日期相同），请核对。")]
    taken = load(rooms, *rows, holds_alike=False)
    assert (taken.made, taken.same, taken.refused, taken.alike) == (1, 1, 0, 1)


def test_two_documents_are_two_people(rooms: World) -> None:
    create_person(rooms, name="钱多多", document_number=number("19500505"))
    assert counts(load(rooms, line("钱多多", number("19500505")))) == (1, 1, 0, 0)


def test_somebody_in_the_same_house_under_the_same_name_is_alike(rooms: World) -> None:
    load(rooms, line("钱多多"))
    job = load(rooms, line("钱多多", number()))
    assert whys(job) == [(2, "疑似已登记（70 分：姓名相同、住在同一房屋、电话相同），请核对。")]


# The way ----------------------------------------------------------------------------------------


def test_checking_writes_nothing(rooms: World) -> None:
    job = upload(rooms.station_lead, line(papers=number()), line(""))
    assert (job.state, job.total, job.mapping) == ("ready", 2, MEANING)
    with pytest.raises(table_jobs.NotAllowed):
        jobs.confirm(job, now=MONDAY)
    jobs.check(job, now=MONDAY)
    tasks.import_people()
    job.refresh_from_db()
    assert (job.state, counts(job)) == ("checked", (2, 1, 0, 1))
    assert len(whys(job)) == 1
    assert not Person.objects.exists()


def test_a_worker_that_was_killed_is_followed_by_another(
    rooms: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_jobs, "BATCH", 2)
    job = upload(rooms.station_lead, *(line(f"甲{n}", number()) for n in range(5)))
    jobs.confirm(job, now=MONDAY, unseen=True)
    batches = jobs.batches(job.pk)
    _job, done, batch = next(batches)
    jobs.load_batch(job.pk, batch, done)
    del batches  # here it was killed
    job.refresh_from_db()
    assert (job.state, job.read, Person.objects.count()) == ("running", 2, 2)
    assert jobs.load_batch(job.pk, batch, done) is False  # that one was counted

    tasks.import_people()

    job.refresh_from_db()
    assert (job.state, counts(job)) == ("done", (5, 5, 0, 0))
    access.enter(rooms.station_lead)
    assert Person.objects.count() == 5


def test_a_batch_takes_as_many_queries_for_one_row_as_for_many(
    rooms: World, django_assert_num_queries: Any
) -> None:
    for n in (1, 30):
        job = upload(rooms.station_lead, *(line(f"{n}甲{i}", number(), "102") for i in range(n)))
        jobs.confirm(job, now=MONDAY, unseen=True)
        _job, done, batch = next(jobs.batches(job.pk))
        with django_assert_num_queries(28):
            jobs.load_batch(job.pk, batch, done)
        Household.objects.update(ended_on=TODAY)


def test_who_lost_the_post_imports_nobody(rooms: World) -> None:
    job = upload(rooms.station_lead, line(papers=number()))
    jobs.confirm(job, now=MONDAY, unseen=True)
    rooms.station_lead.posts.update(valid_to=TODAY)
    tasks.import_people()
    job.refresh_from_db()
    assert counts(job) == (1, 0, 0, 1)


# What is kept -----------------------------------------------------------------------------------


def stored() -> list[bytes]:
    from django.conf import settings

    folder = Path(settings.MEDIA_ROOT)
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def test_the_file_lies_sealed_and_goes_with_the_last_row(
    rooms: World, django_capture_on_commit_callbacks: Any
) -> None:
    papers = number()
    job = upload(rooms.station_lead, line("欧阳漱玉", papers), line("欧阳漱玉", "不是证件"))
    (kept,) = stored()
    for word in ("欧阳漱玉", papers, "13812345678", "姓名"):
        assert word.encode() not in kept
    jobs.confirm(job, now=MONDAY, unseen=True)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.import_people()

    assert stored() == []
    job = PeopleImport.objects.get()
    access.enter(rooms.station_lead)
    assert job.words.data_key.destroyed_at is not None
    assert jobs.sample(job) == []
    assert len(whys(job)) == 1  # the refused row stays for a week
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM people_importedrows AS t")
        assert "欧阳".encode().hex() not in cursor.fetchone()[0]
    shift_clock(by=timedelta(days=7, minutes=1))
    timers.sweep()
    access.enter(rooms.station_lead)
    assert not ImportedRows.objects.exists()


def test_what_nobody_confirms_is_gone_after_a_week(
    rooms: World, django_capture_on_commit_callbacks: Any
) -> None:
    job = upload(rooms.station_lead, line("欧阳漱玉", ""), line(""))
    jobs.check(job, now=MONDAY)
    tasks.import_people()
    assert len(stored()) == 1
    shift_clock(by=timedelta(days=7, minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        timers.sweep()
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "七日内没有完成，文件已删除。")
    assert stored() == []
    access.enter(rooms.station_lead)
    assert not ImportedRows.objects.exists()


def test_the_second_wall_keeps_rows_to_who_imports(rooms: World) -> None:
    load(rooms, line(""), by=rooms.clerk)
    access.enter(rooms.station_lead)
    assert not ImportedRows.objects.exists()
    access.enter(rooms.clerk)
    assert ImportedRows.objects.count() == 1


def test_a_fault_tells_where_and_quotes_nobody(
    rooms: World, caplog: pytest.LogCaptureFixture
) -> None:
    job = upload(rooms.station_lead, line("欧阳漱玉"))
    jobs.confirm(job, now=MONDAY, unseen=True)
    PeopleImport.objects.update(mapping={"name": "没有"})
    tasks.import_people()
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "导入出错，已停在第 0 行，请联系系统管理员。")
    assert "table_jobs.py" in caplog.text
    assert "没有" not in caplog.text


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("欧阳漱玉,12011019491231002X,13812345678,军丽园", "第 2 列却像数据"),
        ("欧阳漱玉,138 1234 5678,军丽园,1号楼", "第 2 列却像数据"),
        ("欧阳漱玉,军丽园,1号楼,一单元,一〇一室,常住,户主", "没有认出列名"),
    ],
)
def test_a_file_without_a_header_is_not_taken(rooms: World, header: str, said: str) -> None:
    """Else the first person would stand in clear where headers are kept."""
    job = upload(rooms.station_lead, line(), header=header)
    assert (job.state, job.header, job.file.name) == ("failed", [], "")
    assert said in job.error
    with connection.cursor() as cursor:
        for table in ("people_peopleimport", "people_peopleimportevent"):
            cursor.execute(f"SELECT string_agg(t::text, '') FROM {table} AS t")
            kept = cursor.fetchone()[0]
            for word in header.split(",")[:3]:
                assert word not in kept


# The pages --------------------------------------------------------------------------------------


def send(client: Client, *lines: str, name: str = "people.csv") -> str:
    return str(
        client.post("/people/imports/", {"kind": "people", "file": file_of(lines, name=name)})[
            "Location"
        ]
    )


def test_a_file_of_nothing_but_faults_is_not_offered(rooms: World) -> None:
    client = browser(rooms.station_lead)
    url = send(client, line(""), line(""))
    tasks.import_people()
    assert "共 2 行" in client.get(url).content.decode()
    client.post(f"{url}mapping/", MEANING)
    tasks.import_people()
    page = client.get(url).content.decode()
    assert "没有可以导入的行" in page
    assert f"{url}confirm/" not in page
    assert f"{url}refused/" in page


@pytest.mark.parametrize("name", ["people.csv", "people.xlsx"])
def test_the_whole_way_on_the_desk(rooms: World, name: str) -> None:
    client, papers = browser(rooms.station_lead), number("19500505")
    known = create_person(rooms, name="钱多多", document_kind="none", birth_date="1950-05-05")
    assert "还没有导入过" in client.get("/people/imports/").content.decode()
    assert "/people/imports/" in client.get("/people/").content.decode()

    url = send(client, line("钱多多", papers), line("李四", number()), line(""), name=name)
    page = client.get(url).content.decode()
    assert "正在读取" in page
    assert "every 1s" in page
    tasks.import_people()
    turned = client.get(f"{url}?was=uploaded", headers={"HX-Request": "true"})
    assert turned["HX-Refresh"] == "true"
    page = client.get(url).content.decode()
    assert "钱**" in page
    assert "138****5678" in page
    assert papers not in page
    assert "钱多多" not in page
    faulty = client.post(f"{url}mapping/", {**MEANING, "phone": "姓名"})
    assert faulty.status_code == 400
    client.post(f"{url}mapping/", MEANING)
    assert "正在检查" in client.get(url).content.decode()
    tasks.import_people()
    page = client.get(url).content.decode()
    assert "共 3 行，已读 3 行：新增 2，已登记 0，拒绝 1，疑似重复 1" in page
    assert "姓名相同、出生日期相同" in page
    assert f"/people/{known.person.pk}/" in page
    assert "先不导入" in page
    assert "开始导入 2 行" in page

    client.post(f"{url}confirm/", {"alike": "hold"})
    assert "正在导入" in client.get(url).content.decode()
    client.post(f"{url}mapping/", MEANING)
    assert "不能再改" in client.get(url).content.decode()
    tasks.import_people()
    page = client.get(url).content.decode()
    assert "共 3 行，已读 3 行：新增 1，已登记 0，拒绝 2，疑似重复 1" in page
    sheet = b"".join(client.post(f"{url}refused/")).decode("utf-8-sig")
    rows = list(csv.reader(sheet.splitlines()))
    assert [row[-2:] for row in rows] == [
        ["行号", "拒绝原因"],
        ["2", "疑似已登记（80 分：姓名相同、出生日期相同、电话相同），请核对。"],
        ["4", "姓名：请填写姓名。"],
    ]
    look = AccessRecord.objects.get(model="people.PeopleImport")
    assert (look.user, look.object_id) == (rooms.station_lead, url.split("/")[-2])
    assert "新增 1 · 拒绝 2 行" in client.get("/people/imports/").content.decode()


def test_imports_are_ones_own(rooms: World) -> None:
    url = send(browser(rooms.station_lead), line())

    assert browser(rooms.clerk).get(url).status_code == 404
    assert browser(rooms.clerk).get("/people/imports/").content.decode().count("DR0") == 0
    for verb in ("mapping/", "confirm/", "refused/"):
        assert browser(rooms.clerk).post(f"{url}{verb}").status_code == 404
    for who in (rooms.grid_worker, rooms.leader, rooms.system_admin):
        assert browser(who).get("/people/imports/").status_code == 403
    assert browser(rooms.station_lead).get(f"{url}refused/").status_code == 405


def test_the_list_takes_as_many_queries_for_one_as_for_three(
    rooms: World, django_assert_num_queries: Any
) -> None:
    client = browser(rooms.station_lead)
    for n in (1, 2):
        for _n in range(n):
            send(client, line())
        client.get("/people/imports/")
        with django_assert_num_queries(8):
            client.get("/people/imports/")


def test_other_files_are_not_taken(rooms: World) -> None:
    client = browser(rooms.station_lead)
    answer = client.post(
        "/people/imports/", {"kind": "people", "file": ContentFile(b"x", name="a.exe")}
    )
    assert "CSV 或 XLSX" in answer.content.decode()
    job = upload(rooms.station_lead, name="a.csv", header="姓名,姓名")
    assert (job.state, job.error) == ("failed", "第一行须是表头，列名不能重复或为空。")


# The command ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["people.csv", "people.xlsx"])
def test_the_command_is_the_twin(
    rooms: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    file, refused, papers = tmp_path / name, tmp_path / "refused.csv", number()
    file.write_bytes(file_of([line(papers=papers), line("")], name=name).read())
    call_command("import_people", str(file), "--as", "station_lead", "--refused", str(refused))
    out = capsys.readouterr()
    assert "rows=2 new=1 known=0 refused=1 alike=0" in out.out
    assert "2/2 …" in out.err
    assert "请填写姓名" in refused.read_text(encoding="utf-8-sig")
    for hidden in (papers, "王小明", "13812345678"):
        assert hidden not in out.out + out.err
    call_command("import_people", str(file), "--as", "station_lead", "--dry-run")
    out = capsys.readouterr()
    assert "known=1" in out.out
    assert "3: 姓名：请填写姓名。" in out.err
    assert PeopleImport.objects.latest("pk").error == "只检查，没有导入。"


@pytest.mark.parametrize(
    ("header", "given", "why"),
    [
        ("姓名,房号", [], "楼栋"),
        (HEADER, ["--column", "name=名字"], "没有这些列：名字"),
        (HEADER, ["--column", "faith=姓名"], "不认识的项目：faith"),
        ("姓名,姓名", [], "列名不能重复"),
        (HEADER, ["--as", "nobody"], "没有这个用户"),
        (HEADER, ["--as", "leader"], "不能批量导入"),
        (HEADER, ["--refused", "/nowhere/refused.csv"], "/nowhere/refused.csv"),
    ],
)
def test_the_command_says_what_cannot_be(
    rooms: World, tmp_path: Path, header: str, given: list[str], why: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(header, encoding="utf-8-sig")
    with pytest.raises(CommandError, match=why):
        call_command("import_people", str(file), "--as", "station_lead", *given)
    assert not PeopleImport.objects.exclude(state=ImportState.FAILED).exists()
