"""People from a table: twice the same, a bad row alone refused, nobody outside the own units."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from people import access
from people.imports import BadFile, Counts, Loader, Row, Table
from people.models import Household, Person, Provenance, Residency
from people.registering import details_of
from tests.builders import World
from tests.case_builders import MONDAY
from tests.people_builders import create_building, create_house, create_person, number

pytestmark = pytest.mark.django_db
HEADER = "姓名,证件号码,电话,小区,楼栋,单元,房号,居住类别,与户主关系,来此日期"


def load(
    world: World, *lines: str, by: Any = None, header: str = HEADER, **more: Any
) -> tuple[Counts, list[tuple[int, str]]]:
    refused: list[tuple[int, str]] = []

    def refuse(row: Row, why: str) -> None:
        refused.append((row.line, why))

    mapping = more.pop("mapping", None)
    table = Table(io.StringIO("\n".join([header, *lines])), mapping)
    user = by or world.station_lead
    loader = Loader(table, by=user, now=MONDAY, refuse=refuse, **more)
    for _counts in loader.run():
        pass
    access.enter(user)
    return loader.counts, refused


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


def test_a_file_is_loaded_once_also_twice(rooms: World) -> None:
    lines = [
        line(papers=number(), more="常住,户主,2020-01-31"),
        line("李四", number(), more="tenant,spouse,"),
        line("娃娃", room="101", more="常住,子女,"),
        line("赵六", number("19700101"), room="102"),
    ]
    counts, refused = load(rooms, *lines)
    assert (counts.rows, counts.new, counts.known, refused) == (4, 4, 0, [])
    head = Household.objects.get(house__room="101")
    assert head.head is not None
    assert details_of(head.head)["name"] == "王小明"
    assert Residency.objects.get(person=head.head).began_on.isoformat() == "2020-01-31"
    assert Household.objects.count() == 2
    assert Provenance.objects.filter(person=head.head, field="phone").exists()
    again, refused = load(rooms, *lines)
    assert (again.new, again.known, refused) == (0, 4, [])
    assert Person.objects.count() == 4


def test_a_bad_row_is_refused_alone_and_says_why(rooms: World) -> None:
    counts, refused = load(
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
    assert (counts.new, counts.refused) == (2, 7)
    assert [number for number, _why in refused] == [2, 3, 4, 5, 6, 7, 10]
    for why, said in zip(
        ("姓名", "18 位", "没有这套房屋", "不在您的辖区", "可选项", "不是日期", "已有户主"),
        (why for _line, why in refused),
        strict=True,
    ):
        assert why in said


def test_one_row_twice_in_a_file_is_one_person(rooms: World) -> None:
    counts, _refused = load(rooms, line("娃娃"), line("娃娃"))
    assert (counts.new, counts.known) == (1, 1)
    papers = number()
    counts, _refused = load(rooms, line(papers=papers), line(papers=papers))
    assert (counts.new, counts.known) == (1, 1)


def test_a_dry_run_writes_nothing(rooms: World) -> None:
    counts, _refused = load(rooms, line(papers=number()), line(""), dry_run=True)
    assert (counts.new, counts.refused) == (1, 1)
    assert not Person.objects.exists()


def test_it_goes_on_where_it_stopped(rooms: World) -> None:
    counts, _refused = load(rooms, line(papers=number()), line("李四", number()), after_line=2)
    assert (counts.rows, counts.new) == (1, 1)


def test_who_is_registered_elsewhere_is_the_same_person(rooms: World) -> None:
    papers = number()
    known = create_person(
        rooms, create_house(rooms.other_grid), by=rooms.other_grid_worker, document_number=papers
    )
    counts, _refused = load(rooms, line(papers=papers))
    assert counts.new == 1
    assert Person.objects.get() == known.person
    counts, _refused = load(rooms, line(papers=papers))
    assert counts.known == 1


@pytest.mark.parametrize(
    ("header", "mapping", "why"),
    [
        ("姓名,房号", None, "缺少必需的列：楼栋"),
        (HEADER, {"name": "名字", "building": "楼栋", "room": "房号"}, "没有这些列：名字"),
        (HEADER, {"faith": "姓名"}, "不认识的项目"),
    ],
)
def test_a_header_that_cannot_be(
    rooms: World, header: str, mapping: dict[str, str] | None, why: str
) -> None:
    with pytest.raises(BadFile, match=why):
        load(rooms, header=header, mapping=mapping)


def test_the_command(rooms: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, refused = tmp_path / "people.csv", tmp_path / "refused.csv"
    papers = number()
    file.write_text("\n".join([HEADER, line(papers=papers), line("")]), encoding="utf-8-sig")
    call_command("import_people", str(file), "--as", "station_lead", "--refused", str(refused))
    out = capsys.readouterr()
    assert "rows=2 new=1 known=0 refused=1" in out.out
    assert "请填写姓名" in refused.read_text(encoding="utf-8-sig")
    for hidden in (papers, "王小明", "13812345678"):
        assert hidden not in out.out + out.err
    call_command("import_people", str(file), "--as", "station_lead", "--dry-run")
    assert "known=1" in capsys.readouterr().out
    with pytest.raises(CommandError, match="没有这个用户"):
        call_command("import_people", str(file), "--as", "nobody")
    with pytest.raises(CommandError, match="没有这些列"):
        call_command("import_people", str(file), "--as", "clerk", "--column", "name=名字")
