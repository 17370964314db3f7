"""Importing buildings and houses: looked at first, loaded by the worker, twice-safe."""

from __future__ import annotations

import csv
import io
import json
import time
import zipfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import shapely
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from governance import clock, expiry, table_jobs, timers
from governance.models import User
from governance.table_jobs import BadRow
from grids import boundary, place_columns, tasks
from grids.models import Address, Building, House, PlaceImport, RefusedRow
from grids.place_import import jobs
from tests.areas import draw, place, square
from tests.builders import World, shift_clock
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.people_builders import create_building

NANSHAN = Path(__file__).parents[2] / "shared/data/buildings/nanshan_shenzhen.geojson"
Cells = Iterable[Iterable[object]]
BUILDING_HEADER: list[object] = ["编号", "小区", "楼栋", "用途", "层数", "地址", "经度", "纬度"]
HOUSE_HEADER: list[object] = ["小区", "楼栋", "单元", "楼层", "房号", "房屋用途", "产权"]


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def drawn(world: World) -> World:
    draw(world.grid, square(0, 0))
    draw(world.second_grid, square(1, 0))
    draw(world.other_grid, square(50, 50))
    return world


def comma_separated(rows: Cells, encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


PARTS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
OFFICE = "http://schemas.openxmlformats.org"
XML = '<?xml version="1.0"?>'


def workbook(rows: Cells) -> bytes:
    """The least that is an XLSX file."""

    def cell(value: object) -> str:
        if isinstance(value, int | float):
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'

    lines = "".join(
        f'<row r="{n}">{"".join(map(cell, row))}</row>' for n, row in enumerate(rows, 1)
    )
    main = f"{OFFICE}/spreadsheetml/2006/main"
    relations = f"{OFFICE}/package/2006/relationships"
    document = f"{OFFICE}/officeDocument/2006/relationships"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{OFFICE}/package/2006/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{PARTS}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{PARTS}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="rId1"'
        f' Type="{document}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{document}"><sheets>'
        '<sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}"><Relationship Id="rId1"'
        f' Type="{document}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{lines}'
        "</sheetData></worksheet>",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, XML + text)
    return packed.getvalue()


def upload(
    user: User, kind: str, data: bytes, name: str = "台账.csv", **mapping: str
) -> PlaceImport:
    """Upload, read and confirm, as the pages and the worker do."""
    job = jobs.start(user, ContentFile(data, name=name), kind=kind, now=MONDAY)
    jobs.read(job.pk)
    job.refresh_from_db()
    if job.state == "ready":
        jobs.set_mapping(job, {**job.mapping, **mapping})
        jobs.confirm(job, now=MONDAY)
        jobs.load(job.pk)
        job.refresh_from_db()
    return job


def counts(job: PlaceImport) -> tuple[int, int, int, int]:
    return job.made, job.changed, job.same, job.refused


def whys(job: PlaceImport) -> list[tuple[int, str]]:
    return list(RefusedRow.objects.filter(job=job).order_by("pk").values_list("line", "why"))


def buildings(*rows: list[object]) -> bytes:
    return comma_separated([BUILDING_HEADER, *rows])


LON, LAT = place(0.5, 0.5)


# Buildings --------------------------------------------------------------------------------------


def test_buildings_fall_into_their_grids(
    drawn: World, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    east = place(1.5, 0.5)
    data = buildings(
        ["A1", "军丽园", "3栋", "住宅", "18", "和顺路12号军丽园3号楼", LON, LAT],
        ["A2", "军丽园", "4", "商住", "6层", "", *east],
        ["", "军丽园", "综合楼", "", "", "", "", ""],
    )

    with django_capture_on_commit_callbacks(execute=True):
        job = upload(drawn.clerk, "buildings", data)

    assert (job.state, counts(job), job.total) == ("done", (3, 0, 0, 0), 3)
    first, second, third = Building.objects.order_by("pk")
    assert (first.name, first.code, first.floors, first.grid) == ("3号楼", "A1", 18, drawn.grid)
    assert first.address is not None
    assert first.address.key == "和顺路12号军丽园3号楼"
    assert first.address.grid == drawn.grid
    assert (second.name, second.use, second.grid) == ("4号楼", "mixed", drawn.second_grid)
    assert (third.name, third.community, third.grid) == ("综合楼", drawn.community, None)
    assert not job.file
    assert list(Path(settings.MEDIA_ROOT).rglob("*.csv")) == []


def test_the_same_file_twice_changes_nothing(drawn: World) -> None:
    data = buildings(["A1", "军丽园", "3栋", "住宅", "18", "军丽园3栋", LON, LAT])
    upload(drawn.clerk, "buildings", data)

    again = upload(drawn.clerk, "buildings", data)

    assert counts(again) == (0, 0, 1, 0)
    assert (Building.objects.count(), Address.objects.count()) == (1, 1)


def test_what_is_there_is_updated(drawn: World) -> None:
    create_building(drawn.grid, name="3号楼")
    building = Building.objects.get()
    House.objects.create(building=building, floor=1, room="101", grid=drawn.grid)
    data = buildings(["A1", "军丽园", "3#", "办公", "9", "", *place(1.5, 0.5)])

    job = upload(drawn.clerk, "buildings", data)

    assert counts(job) == (0, 1, 0, 0)
    building.refresh_from_db()
    assert (building.code, building.use, building.grid) == ("A1", "office", drawn.second_grid)
    assert House.objects.get().grid == drawn.second_grid
    # known again by its code under another name
    renamed = upload(drawn.clerk, "buildings", buildings(["A1", "军丽园", "5", *[""] * 5]))
    assert counts(renamed) == (0, 1, 0, 0)
    building.refresh_from_db()
    assert building.name == "5号楼"


def test_faulty_rows_are_refused_with_their_reasons(drawn: World) -> None:
    create_building(drawn.grid, name="9号楼", code="Z9")
    data = buildings(
        ["", "军丽园", "", "", "", "", "", ""],
        ["", "军丽园", "1栋", "城堡", "", "", "", ""],
        ["", "军丽园", "1栋", "", "很多", "", "", ""],
        ["", "军丽园", "1栋", "", "", "", "东", "北"],
        ["", "军丽园", "1栋", "", "", "", "200", "39"],
        ["", "军丽园", "1栋", "", "", "", *place(50.5, 50.5)],
        ["", "军" * 61, "1栋", "", "", "", "", ""],
        ["X1", "军丽园", "9栋", "", "", "", "", ""],
        ["", "军丽园", "1栋", "", "", "", "", ""],
    )

    job = upload(drawn.clerk, "buildings", data)

    assert counts(job) == (1, 0, 0, 8)
    assert whys(job) == [
        (2, "缺少楼栋"),
        (3, "用途没有“城堡”"),
        (4, "层数“很多”不对"),
        (5, "坐标“东, 北”不是数"),
        (6, "坐标“200, 39”不在地球上"),
        (7, "该位置不在您的辖区内"),
        (8, "小区超过 60 个字"),
        (9, "该小区已有同名楼栋，编号不同"),
    ]


def test_a_community_can_be_named(drawn: World) -> None:
    rows = [
        ["社区", "楼栋"],
        ["军丽园社区", "1"],
        ["120110011001", "2"],
        ["没有社区", "3"],
        ["春霞里社区", "4"],
    ]
    # who works for the whole district
    job = upload(drawn.system_admin, "buildings", comma_separated(rows))
    assert counts(job) == (3, 0, 0, 1)
    assert whys(job) == [(4, "没有社区“没有社区”")]
    assert Building.objects.filter(community=drawn.community).count() == 2
    # and who works for one community
    own = upload(drawn.outsider, "buildings", comma_separated(rows))
    assert counts(own) == (0, 0, 1, 3)


def test_two_lines_of_one_building_make_one(drawn: World) -> None:
    data = buildings(
        ["", "军丽园", "1栋", "", "3", "", "", ""], ["", "军丽园", "1#", "", "6", "", "", ""]
    )
    job = upload(drawn.clerk, "buildings", data)

    assert (counts(job), Building.objects.get().floors) == ((1, 0, 1, 0), 6)


# Footprints -------------------------------------------------------------------------------------

OUTLINED: list[object] = ["楼栋", "层数", "轮廓", "经度", "纬度"]


def wkt(*corners: tuple[float, float]) -> str:
    return f"POLYGON (({', '.join(f'{lon} {lat}' for lon, lat in [*corners, corners[0]])}))"


def test_a_footprint_says_where_a_building_stands(drawn: World) -> None:
    corners = [place(1.2, 0.2), place(1.6, 0.2), place(1.6, 0.6), place(1.2, 0.6)]
    as_json = json.dumps({"type": "Polygon", "coordinates": [[*corners, corners[0]]]})
    rows: Cells = [
        OUTLINED,
        ["1", "6", wkt(*corners), "", ""],
        ["2", "6", as_json, *corners[0]],
    ]

    job = upload(drawn.clerk, "buildings", comma_separated(rows))
    again = upload(drawn.clerk, "buildings", comma_separated(rows))

    assert (counts(job), counts(again)) == ((2, 0, 0, 0), (0, 0, 2, 0)), whys(job)
    first, second = Building.objects.order_by("pk")
    assert first.grid == second.grid == drawn.second_grid
    assert first.lon is not None
    assert first.lat is not None
    point = shapely.Point(first.lon, first.lat)
    assert boundary.parse(first.footprint).contains(point)
    assert first.footprint == second.footprint


def test_a_footprint_that_cannot_be_is_refused(drawn: World) -> None:
    bow = [place(0, 0), place(0.5, 0.5), place(0.5, 0), place(0, 0.5)]
    fair = [place(1.2, 0.2), place(1.6, 0.2), place(1.6, 0.6)]
    rows: Cells = [
        OUTLINED,
        ["1", "", wkt(*bow), "", ""],
        ["2", "", "一块地", "", ""],
        ["3", "", "POINT (117.3 39.1)", "", ""],
        ["4", "", wkt(*fair), LON, LAT],
    ]

    job = upload(drawn.clerk, "buildings", comma_separated(rows))

    assert counts(job) == (0, 0, 0, 4)
    said = [why for _line, why in whys(job)]
    assert said[0].startswith("轮廓：自相交 @ ")
    assert said[1] == "轮廓：应为 WKT 或 GeoJSON"
    assert said[2].startswith("轮廓：应为面")
    assert said[3] == "经纬度不在轮廓内"


@pytest.mark.skipif(not NANSHAN.exists(), reason="../shared/data is not beside this checkout")
def test_real_footprints_are_taken_as_they_are(world: World) -> None:
    found = json.loads(NANSHAN.read_text())["features"]
    shapes = [shapely.from_geojson(json.dumps(one["geometry"])) for one in found]
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    around = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    draw(world.grid, {"type": "MultiPolygon", "coordinates": [[around]]})
    rows = [
        [f"{one['properties']['id']}栋", one["properties"]["height"] // 3, shape.wkt, "", ""]
        for one, shape in zip(found, shapes, strict=True)
    ]

    job = upload(world.clerk, "buildings", comma_separated([OUTLINED, *rows]))

    assert job.made + job.refused == len(found) > 4000
    assert all(why.startswith("轮廓：") for _line, why in whys(job)), whys(job)[:5]
    assert job.refused < len(found) / 50
    assert Building.objects.filter(grid=world.grid).count() == job.made


# Houses -----------------------------------------------------------------------------------------


def test_houses_go_into_their_buildings(drawn: World) -> None:
    building = create_building(drawn.grid, name="3号楼", code="A1")
    rows: list[list[object]] = [
        HOUSE_HEADER,
        ["军丽园", "3栋", "二单元", "5层", "501室", "出租房", "私产"],
        ["军丽园", "3", "2", "", "1203", "群租", ""],
        ["军丽园", "3号楼", "", "地下1", "B1", "空置", "公房"],
        ["军丽园", "8号楼", "", "", "101", "", ""],
        ["军丽园", "3号楼", "", "", "", "", ""],
        ["军丽园", "3号楼", "", "x", "101", "", ""],
        ["军丽园", "3号楼", "", "", "101", "城堡", ""],
    ]

    job = upload(drawn.clerk, "houses", comma_separated(rows))

    assert counts(job) == (3, 0, 0, 4)
    found = House.objects.order_by("pk").values_list("unit_no", "floor", "room", "use")
    assert list(found) == [
        ("2", 5, "501", "rented"),
        ("2", 12, "1203", "shared"),
        ("", -1, "B1", "empty"),
    ]
    assert set(House.objects.values_list("building", "grid")) == {(building.pk, drawn.grid.pk)}
    assert [why for _line, why in whys(job)] == [
        "没有楼栋“军丽园8号楼”，请先登记或导入楼栋",
        "缺少房号",
        "楼层“x”不对",
        "房屋用途没有“城堡”",
    ]
    rows[1][5] = "自住"
    again = upload(drawn.clerk, "houses", comma_separated(rows))
    assert counts(again) == (0, 1, 2, 4)
    assert House.objects.get(room="501").use == "own"


def test_a_building_is_found_by_its_code(drawn: World) -> None:
    create_building(drawn.grid, name="3号楼", code="A1")
    create_building(drawn.other_grid, name="3号楼", code="B1")
    rows = [["楼栋编号", "房号"], ["A1", "101"], ["B1", "101"], ["C1", "101"]]

    job = upload(drawn.clerk, "houses", comma_separated(rows))

    assert counts(job) == (1, 0, 0, 2)  # B1 is another community's
    twin = [["小区", "楼栋", "房号"], ["军丽园", "3号楼", "102"]]
    both = upload(drawn.system_admin, "houses", comma_separated(twin))
    assert whys(both) == [(2, "几个社区都有这栋楼，请给出社区或楼栋编号")]
    named = [["社区", "小区", "楼栋", "房号"], ["春霞里社区", "军丽园", "3号楼", "102"]]
    assert counts(upload(drawn.system_admin, "houses", comma_separated(named))) == (1, 0, 0, 0)


def test_many_houses_at_two_thousand_rows_a_second(drawn: World) -> None:
    for n in range(40):
        create_building(drawn.grid, name=f"{n}号楼")
    rows: list[list[object]] = [HOUSE_HEADER]
    rows += [
        ["军丽园", f"{n % 40}号楼", 1 + n // 40 % 4, "", f"{1 + n // 160:02d}0{n % 7}", "自住", ""]
        for n in range(4_000)
    ]
    data = comma_separated(rows)
    began = time.process_time()

    job = upload(drawn.clerk, "houses", data)

    assert job.read == 4_000
    # of this process's own time: `make bench` measures the whole
    assert 4_000 / (time.process_time() - began) > 2_000


# Files ------------------------------------------------------------------------------------------


def test_a_workbook_and_a_chinese_csv_read_the_same(drawn: World) -> None:
    rows: list[list[object]] = [["楼号", "小区名称", "层数", "备注"], [3, "军丽园", 18, "x"]]
    for data, name in (
        (workbook(rows), "台账.xlsx"),
        (comma_separated(rows, "gb18030"), "台账.csv"),
        (b"\xef\xbb\xbf" + comma_separated(rows), "台账.CSV"),
    ):
        job = upload(drawn.clerk, "buildings", data, name)
        assert (job.header, job.error) == (["楼号", "小区名称", "层数", "备注"], "")
        assert job.mapping == {"name": "楼号", "estate": "小区名称", "floors": "层数"}
    assert Building.objects.get().name == "3号楼"


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"", "a.csv", "空的"),
        (b"\xff\xfe\x00", "a.csv", "编码"),
        (b'a,b\n"x', "a.csv", "不是 CSV"),
        ("小区,小区\n1,2\n".encode(), "a.csv", "表头"),
        (b"not a workbook", "a.xlsx", "读不出来"),
        (b"PK\x05\x06" + bytes(18), "a.xlsx", "读不出来"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    drawn: World, data: bytes, name: str, why: str
) -> None:
    job = upload(drawn.clerk, "buildings", data, name)

    assert job.state == "failed"
    assert why in job.error
    assert not job.file


def test_a_worker_that_was_killed_is_followed_by_another(
    drawn: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_jobs, "BATCH", 2)
    rows: Cells = [["楼栋"], *([str(n)] for n in range(1, 6))]
    job = jobs.start(
        drawn.clerk, ContentFile(comma_separated(rows), name="a.csv"), kind="buildings", now=MONDAY
    )
    assert tasks.import_places() == 1
    jobs.confirm(PlaceImport.objects.get(), now=MONDAY)
    with_file = PlaceImport.objects.get()
    jobs.load(job.pk, until=0)  # no time for a single batch
    assert PlaceImport.objects.get().read == 0
    assert jobs.load_batch(job.pk, [], done=3) is False  # not where it is

    first = list(rows_of(with_file))[:2]
    jobs.load_batch(job.pk, first, done=0)
    assert tasks.import_places() == 1

    job.refresh_from_db()
    assert (job.state, counts(job)) == ("done", (5, 0, 0, 0))
    assert tasks.import_places() == 0


def rows_of(job: PlaceImport) -> list[Any]:
    with jobs.table(job) as table:
        return list(table.rows)


def test_an_import_that_breaks_down_is_told(drawn: World) -> None:
    job = jobs.start(
        drawn.clerk, ContentFile("楼栋\n1\n".encode(), name="a.csv"), kind="buildings", now=MONDAY
    )
    tasks.import_places()
    jobs.confirm(PlaceImport.objects.get(), now=MONDAY)
    PlaceImport.objects.update(mapping={"name": "没有"})

    tasks.import_places()

    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "导入出错，已停在第 0 行，请联系系统管理员。")


@pytest.mark.parametrize(
    ("said", "floor", "room"),
    [("", 5, "501"), ("", 12, "A1203"), ("", 1, "5"), ("3F", 3, "x"), ("地下2层", -2, "x")],
)
def test_a_floor_is_read_or_follows_from_the_room(said: str, floor: int, room: str) -> None:
    assert place_columns.floor_of(said, room) == floor


def test_numbers_are_whole() -> None:
    assert place_columns.whole("层数", "18.0", 120) == 18
    with pytest.raises(BadRow):
        place_columns.whole("层数", "18.5", 120)


# The pages --------------------------------------------------------------------------------------


def send(client: Client, data: bytes, kind: str = "buildings", name: str = "a.csv") -> Any:
    return client.post("/places/imports/", {"kind": kind, "file": ContentFile(data, name=name)})


def test_the_whole_way_on_the_desk(drawn: World) -> None:
    client = browser(drawn.clerk)
    page = client.get("/places/imports/").content.decode()
    assert "还没有导入过" in page
    for kind, columns in place_columns.COLUMNS.items():
        assert f"/places/imports/{kind}.csv" in page
        header = client.get(f"/places/imports/{kind}.csv").content.decode("utf-8-sig")
        assert header.strip().split(",") == [column.called[0] for column in columns.values()]
    assert client.get("/places/imports/other.csv").status_code == 404
    assert "批量导入" in client.get("/places/").content.decode()
    data = comma_separated([["名", "小区", "层"], ["1栋", "军丽园", "6"], ["", "军丽园", "6"]])

    url = send(client, data)["Location"]
    page = client.get(url).content.decode()
    assert "正在读取" in page
    assert "every 1s" in page
    tasks.import_places()
    turned = client.get(f"{url}?was=uploaded", headers={"HX-Request": "true"})
    assert turned["HX-Refresh"] == "true"
    page = client.get(url).content.decode()
    assert "还没有指明：楼栋" in page
    assert client.post(f"{url}confirm/").status_code == 302
    assert "请指明这些列：楼栋" in client.get(url).content.decode()
    twice = client.post(f"{url}mapping/", {"name": "名", "estate": "名"})
    assert twice.status_code == 400
    assert "一列只能对应一项：名" in twice.content.decode()
    client.post(f"{url}mapping/", {"name": "名", "estate": "小区", "floors": "层"})
    assert "正在读取" in client.get(url).content.decode()  # what it did not keep of the first rows
    tasks.import_places()
    page = client.get(url).content.decode()
    assert "可以导入" in page
    assert "缺少楼栋" in page
    assert Building.objects.count() == 0  # the preview wrote nothing

    client.post(f"{url}confirm/")
    assert "正在导入" in client.get(url).content.decode()
    client.post(f"{url}mapping/", {"name": "名"})
    assert "不能再改" in client.get(url).content.decode()
    tasks.import_places()
    page = client.get(url).content.decode()
    assert "共 2 行，已读 2 行：新增 1，更新 0，未变 0，拒绝 1" in page
    assert Building.objects.get().floors == 6
    sheet = b"".join(client.get(f"{url}refused.csv")).decode("utf-8-sig")
    assert list(csv.reader(sheet.splitlines())) == [
        ["名", "小区", "层", "行号", "拒绝原因"],
        ["", "军丽园", "6", "3", "缺少楼栋"],
    ]
    assert "拒绝 1 行" in client.get("/places/imports/").content.decode()
    assert client.post(f"{url}confirm/").status_code == 302


def test_imports_are_ones_own(drawn: World) -> None:
    url = send(browser(drawn.clerk), b"x\n1\n")["Location"]

    for path in (url, f"{url}refused.csv"):
        assert browser(drawn.outsider).get(path).status_code == 404
    for who in (drawn.grid_worker, drawn.leader, drawn.security_admin):
        assert browser(who).get("/places/imports/").status_code == 403
    assert browser(drawn.outsider).post(f"{url}confirm/").status_code == 404


def test_other_files_are_not_taken(drawn: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser(drawn.clerk)
    assert "CSV 或 XLSX" in send(client, b"x", name="a.exe").content.decode()
    assert send(client, b"").status_code == 400
    monkeypatch.setattr(table_jobs, "MAX_BYTES", 3)
    assert "30 MB" in send(client, b"x\n1\n").content.decode()
    assert not PlaceImport.objects.exists()


# What is kept -----------------------------------------------------------------------------------

HIDDEN = ("欧阳漱玉", "13812345678", "120110194912310025")
LIVED_IN: list[object] = ["小区", "楼栋", "房号", "产权人", "手机", "身份证"]


def everything() -> str:
    """All that the tables of imports and their history say."""
    tables = ("grids_placeimport", "grids_placeimportevent", "grids_refusedrow")
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"SELECT string_agg(t::text, '') FROM {table} t" for table in tables)
        )
        return "".join(text or "" for (text,) in cursor.fetchall())


def test_nothing_is_kept_but_what_a_column_means(drawn: World) -> None:
    create_building(drawn.grid, name="1号楼")
    rows: Cells = [
        LIVED_IN,
        ["军丽园", "1", "101", *HIDDEN],
        ["军丽园", "7", "101", *HIDDEN],
    ]
    client = browser(drawn.clerk)
    url = send(client, comma_separated(rows), "houses")["Location"]
    tasks.import_places()

    page = client.get(url).content.decode()
    assert "没有楼栋“军丽园7号楼”" in page
    client.post(f"{url}confirm/")
    tasks.import_places()

    sheet = b"".join(client.get(f"{url}refused.csv")).decode("utf-8-sig")
    assert [row[:4] for row in csv.reader(sheet.splitlines())] == [
        ["小区", "楼栋", "房号", "行号"],
        ["军丽园", "7", "101", "3"],
    ]
    for word in HIDDEN:
        assert word not in page + sheet + everything()


def test_refused_rows_go_after_a_week(drawn: World) -> None:
    shift_clock(to=MONDAY)
    job = upload(drawn.clerk, "buildings", buildings(["", "军丽园", *[""] * 6]))
    assert (job.refused, job.sample) == (1, [])

    shift_clock(by=timedelta(days=7, minutes=1))
    timers.sweep()

    assert not RefusedRow.objects.exists()


def test_what_nobody_confirms_is_gone_after_a_week(
    drawn: World, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    shift_clock(to=MONDAY)
    data = buildings(["", "军丽园", "1栋", *[""] * 5])
    jobs.start(drawn.clerk, ContentFile(data, name="a.csv"), kind="buildings", now=MONDAY)
    tasks.import_places()
    assert PlaceImport.objects.get().sample

    shift_clock(by=timedelta(days=7, minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        timers.sweep()

    job = PlaceImport.objects.get()
    assert (job.state, job.error) == ("failed", "七日内没有完成，文件已删除。")
    assert (job.sample, list(Path(settings.MEDIA_ROOT).rglob("*.csv"))) == ([], [])


def test_where_the_timer_was_parked_the_night_forgets(
    drawn: World, django_capture_on_commit_callbacks: Any
) -> None:
    job = upload(drawn.clerk, "buildings", buildings(["", "军丽园", *[""] * 6]))
    data = buildings(["", "军丽园", "1栋", *[""] * 5])
    jobs.start(drawn.clerk, ContentFile(data, name="a.csv"), kind="buildings", now=MONDAY)
    tasks.import_places()
    assert RefusedRow.objects.filter(job=job).exists()

    with django_capture_on_commit_callbacks(execute=True):
        expiry.run(clock.now() + timedelta(days=9))

    assert not RefusedRow.objects.exists()
    waiting = PlaceImport.objects.latest("pk")
    assert (waiting.sample, waiting.file.name) == ([], "")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("军丽园,1号楼,101,欧阳漱玉,13812345678", "第 3 列却像数据"),
        ("军丽园,1号楼,一〇一,欧阳漱玉,１３８-１２３４-５６７８", "第 5 列却像数据"),
        ("军丽园,1号楼,一〇一,欧阳漱玉,1949年12月31日", "第 5 列却像数据"),
        ("军丽园,1号楼,一〇一,欧阳漱玉,12011019491231002X", "第 5 列却像数据"),
        ("军丽园,1号楼,一〇一室,欧阳漱玉", "没有认出列名"),
        ("军丽园,1号楼,一〇一室,欧阳漱玉,室", "没有认出列名"),
    ],
)
def test_a_file_without_a_header_is_not_taken(drawn: World, header: str, said: str) -> None:
    data = f"{header}\n{header}\n".encode()
    job = jobs.start(drawn.clerk, ContentFile(data, name="a.csv"), kind="houses", now=MONDAY)

    tasks.import_places()

    job.refresh_from_db()
    assert (job.state, job.header, job.sample) == ("failed", [], [])
    assert said in job.error
    for word in header.split(",")[3:]:
        assert word not in everything() or word == "室"


# The command ------------------------------------------------------------------------------------


def test_the_command_is_the_twin(drawn: World, tmp_path: Path, capsys: Any) -> None:
    file, refused = tmp_path / "in.csv", tmp_path / "refused.csv"
    file.write_bytes(comma_separated([["栋", "小区"], ["1", "军丽园"], ["", "军丽园"]]))

    call_command(
        *("import_places", "buildings", str(file), "--user", "clerk"),
        *("--column", "name=栋", "--refused", str(refused)),
    )

    assert capsys.readouterr().out == "rows=2 made=1 changed=0 same=0 refused=1\n"
    assert "缺少楼栋" in refused.read_text(encoding="utf-8-sig")
    for wrong in (["--user", "nobody"], ["--user", "leader"], ["--user", "clerk"]):
        with pytest.raises(CommandError):
            call_command("import_places", "buildings", str(file), *wrong)
    with pytest.raises(CommandError, match="没有这些列"):
        call_command(
            *("import_places", "buildings", str(file), "--user", "clerk", "--column", "x=栋")
        )
    waiting = PlaceImport.objects.exclude(state__in=("done", "failed"))
    assert not waiting.exists()
    with pytest.raises(CommandError, match="nowhere"):
        call_command(
            *("import_places", "buildings", str(file), "--user", "clerk"),
            *("--refused", str(tmp_path / "nowhere" / "refused.csv")),
        )
    (tmp_path / "bad.csv").write_bytes(b"")
    with pytest.raises(CommandError, match="空的"):
        call_command("import_places", "buildings", str(tmp_path / "bad.csv"), "--user", "clerk")
