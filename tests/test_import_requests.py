"""The historical import: own times, no timers, no messages, twice-safe, bad rows with a reason."""

from __future__ import annotations

import csv
import json
import os
import tracemalloc
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import shapely
from django.apps import apps
from django.core.management import CommandError, call_command

from cases import import_mapping, imports
from cases.import_mapping import plain
from cases.import_rows import Row, Table
from cases.models import Assignment, Case, Item, Source, State, Submission, Transition
from governance import clock
from governance.models import CodeScheme, Delivery, Message, Timer, Unit, UnitCode
from grids.models import Grid
from tests.areas import draw, place, square
from tests.builders import SINCE, World, moment
from tests.case_builders import create_item

ROOT = Path(__file__).parents[1]
BOSTON = ROOT.parent / "shared" / "data" / "boston311"
REQUESTS = BOSTON / "requests_2011-07-01_to_07-15.csv"
MAPPING = ROOT / "docs" / "boston311.toml"

PLAIN = """
source = "hotline"
zone = "Asia/Shanghai"
nowhere = [[117.3001, 39.0001]]
[columns]
number = "id"
opened = "opened"
target = "target"
closed = "closed"
on_time = "flag"
category = "type"
department = "who"
description = ["type", "words"]
place = "place"
lon = "x"
lat = "y"
result = "done"
answer = "answer"
[on_time]
yes = true
no = false
[outcomes]
"twice" = "duplicate"
[departments]
police = "police-1"
[items]
rubbish = "0101"
"""
COLUMNS = "id opened target closed flag type who words place x y done answer".split()  # noqa: SIM905


class Import:
    """A file and a mapping to import again and again."""

    def __init__(self, folder: Path) -> None:
        self.file, self.mapping = folder / "requests.csv", folder / "mapping.toml"
        self.mapping.write_text(PLAIN, encoding="utf-8")

    def load(self, *rows: dict[str, str], **options: Any) -> list[str]:
        """The lines that the command says; the last one has the counts."""
        with self.file.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        return self.run(**options)

    def run(self, **options: Any) -> list[str]:
        out = StringIO()
        call_command(
            "import_requests", self.file, **{"mapping": self.mapping, "stdout": out, **options}
        )
        return out.getvalue().splitlines()

    @property
    def refused(self) -> Path:
        return self.file.with_name("requests.csv.refused.csv")

    def reasons(self) -> list[tuple[str, str, str]]:
        """(number, line, reason) of the refused rows."""
        with self.refused.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            found = csv.DictReader(file)
            return [(row["id"], row["refused_line"], row["refused_reason"]) for row in found]


@pytest.fixture
def item(world: World) -> Item:
    UnitCode.objects.create(
        unit=world.police, scheme=CodeScheme.LOCAL, code="police-1", valid_from=SINCE
    )
    return create_item(department=world.sanitation, dispatch="automatic")


@pytest.fixture
def file(item: Item, tmp_path: Path) -> Import:
    return Import(tmp_path)


def row(number: str, **cells: str) -> dict[str, str]:
    """A request that was opened on a Monday and closed in time the day after."""
    return {
        "id": number,
        "opened": "2024-03-04 09:00:00",
        "target": "2024-03-06 09:00:00",
        "closed": "2024-03-05 10:00:07",
        "flag": "yes",
        "type": "rubbish",
        **cells,
    }


OPEN = {"closed": "", "target": ""}


def counts(**found: int) -> str:
    names = ("rows", "cases", "refused", "on_time_equal", "on_time_different")
    return " ".join(f"{name}={found.get(name, 0)}" for name in names)


def written_so_far() -> tuple[int, int]:
    """Lines of the cases' history, and rows of the database's."""
    return Transition.objects.count(), apps.get_model("cases.CaseEvent").objects.count()


def the_case() -> Case:
    return Case.objects.get(source=Source.IMPORT)


def test_a_closed_request_goes_the_whole_way_at_its_own_times(world: World, file: Import) -> None:
    said = file.load(row("7", done="swept", answer="swept, thank you", words="by the gate"))

    assert said == ["new=1 known=0", counts(rows=1, cases=1, on_time_equal=1)]
    case = the_case()
    opened, closed = moment("2024-03-04 09:00:00"), moment("2024-03-05 10:00:07")
    assert (case.reported_at, case.first_closed_at, case.promise_kept) == (opened, closed, True)
    assert case.promise_due_at == moment("2024-03-06 09:00:00")
    assert (case.state, case.outcome, case.result) == (State.ANSWERED, "solved", "swept")
    assert (case.description, case.answer) == ("rubbish · by the gate", "swept, thank you")
    lines: list[Any] = list(
        case.transitions.order_by("pk").values_list("action", "at", "by", "source")
    )
    assert lines == [
        ("report", opened, None, "import"),
        ("accept", opened, None, "import"),
        ("dispatch", opened, None, "import"),
        ("sign", closed, None, "import"),
        ("finish", closed, None, "import"),
        ("verify", closed, None, "import"),
        ("close", closed, None, "import"),
        ("answer", closed, None, "import"),
    ]


def test_an_open_request_is_with_its_department(world: World, file: Import) -> None:
    file.load(row("7", **OPEN), row("8", closed="", who="police"))

    own, police = Case.objects.order_by("pk")
    assert (own.state, own.department, own.promise_due_at) == ("dispatched", world.sanitation, None)
    assert (police.state, police.department) == (State.DISPATCHED, world.police)


def test_nothing_is_timed_and_nobody_is_told(world: World, file: Import) -> None:
    file.load(row("7"), row("8", closed=""))

    assert Case.objects.count() == 2
    assert not any(model.objects.exists() for model in (Timer, Message, Delivery))


def test_the_point_gives_the_grid_and_the_default_point_none(world: World, file: Import) -> None:
    draw(world.grid, square(0, 0))
    x, y = (str(degrees) for degrees in place(0.5, 0.5))

    file.load(
        row("7", x=x, y=y),
        row("8", x="117.3001", y="39.0001"),
        row("9", x="116.5", y="39"),
        row("10"),
    )

    found = Case.objects.order_by("pk").values_list("grid", "lon", "district")
    at = world.district.pk
    assert list(found) == [
        (world.grid.pk, float(x), at), (None, None, at), (None, 116.5, at), (None, None, at),
    ]  # fmt: skip


def test_a_second_run_knows_its_rows(world: World, file: Import) -> None:
    rows = (
        row("7"),
        row("8", closed="", flag="no"),
        row("9", closed="2024-03-07 00:00:00", flag="no"),
    )
    first = file.load(*rows)
    written = written_so_far()

    again = file.load(*rows, row("7"))

    assert first[-1] == counts(rows=3, cases=3, on_time_equal=3)
    assert again == ["new=0 known=4", counts(rows=4, cases=4, on_time_equal=4)]
    assert written_so_far() == written


def test_a_known_number_with_other_times_is_refused(world: World, file: Import) -> None:
    file.load(row("7", closed=""))

    assert file.load(row("7"))[-1] == counts(rows=1, refused=1)
    assert file.reasons() == [("7", "2", "该编号已导入，时间与那时不同")]
    assert the_case().state == State.DISPATCHED


@pytest.mark.parametrize(
    ("cells", "same"),
    [
        ({}, 1),
        ({"flag": "no"}, 0),
        ({"closed": "2024-03-06 09:00:00"}, 1),  # the very second
        ({"closed": "2024-03-06 09:00:01", "flag": "no"}, 1),
        ({"closed": "2024-03-06 09:00:01"}, 0),
        ({"closed": "", "flag": "no"}, 1),  # open, and the target is past
        ({"closed": "", "target": "2099-01-01", "flag": "yes"}, 1),
        ({"target": ""}, 1),
        (OPEN, 1),
    ],
)
def test_on_time_is_compared(world: World, file: Import, cells: dict[str, str], same: int) -> None:
    said = file.load(row("7", **cells), row("8", flag=""))

    assert said[-1] == counts(rows=2, cases=2, on_time_equal=same, on_time_different=1 - same)


def test_an_open_request_is_judged_when_the_file_was_drawn(world: World, file: Import) -> None:
    file.mapping.write_text(f'as_of = "2024-03-05 00:00:00"\n{PLAIN}', encoding="utf-8")

    assert file.load(row("7", closed=""))[-1] == counts(rows=1, cases=1, on_time_equal=1)


BAD: list[tuple[dict[str, str], str]] = [
    ({"id": " "}, "缺少编号"),
    ({"opened": ""}, "缺少上报时间"),
    ({"opened": "04/03/2024"}, "时间“04/03/2024”不合格式 ISO 8601"),
    ({"closed": "9999-12-31 23:59:59-08:00"}, "时间“9999-12-31 23:59:59-08:00”不合格式 ISO 8601"),
    (
        {"closed": "2024-03-03 09:00:00"},
        "结案时间 2024-03-03 09:00:00 早于上报时间 2024-03-04 09:00:00",
    ),
    ({"closed": "2999-01-01 00:00:00"}, "上报或结案时间在将来"),
    ({"type": "noise"}, "[items] 没有“noise”，也没有 default_item"),
    ({"who": "fire"}, "[departments] 没有“fire”"),
    ({"flag": "maybe"}, "[on_time] 没有“maybe”"),
    ({"x": "east", "y": "39"}, "坐标“east, 39”不是数"),
    ({"x": "", "y": "39"}, "坐标“, 39”不是数"),
    ({"x": "nan", "y": "39"}, "坐标“nan, 39”不在地球上"),
    ({"x": "200", "y": "39"}, "坐标“200, 39”不在地球上"),
    ({"place": "路" * 201}, "place 超过 200 个字"),
    ({"words": "a\0b"}, "含有空字符（NUL）"),
]


@pytest.mark.parametrize(("cells", "reason"), BAD)
def test_a_bad_row_is_refused_and_the_others_go_on(
    world: World, file: Import, cells: dict[str, str], reason: str
) -> None:
    bad = row("7", **cells)

    said = file.load(row("6"), bad, row("8"))

    assert said == [
        f"未导入的行及原因：{file.refused}",
        "new=2 known=0",
        counts(rows=3, cases=2, refused=1, on_time_equal=2),
    ]
    assert file.reasons() == [(bad["id"], "3", reason)]


def test_pictures_that_history_does_not_have_are_not_asked_for(world: World, file: Import) -> None:
    Item.objects.update(photo_after=True)

    assert file.load(row("7"))[-1] == counts(rows=1, cases=1, on_time_equal=1)


def test_what_the_verbs_refuse_is_a_refused_row_without_a_trace(world: World, file: Import) -> None:
    Unit.objects.filter(pk=world.sanitation.pk).update(valid_to=clock.today())

    assert file.load(row("7"))[-1] == counts(rows=1, refused=1)
    assert file.reasons() == [("7", "2", "所选部门不在可派遣范围内。")]
    assert not any(model.objects.exists() for model in (Case, Assignment, Submission))


def test_the_refused_file_can_be_mended_and_imported(world: World, file: Import) -> None:
    file.load(row("7", type="noise"), row("8"))
    mended = file.refused.read_text(encoding="utf-8").replace("noise", "rubbish")
    file.file.write_text(mended, encoding="utf-8")

    said = file.run()

    assert said[-1] == counts(rows=1, cases=1, on_time_equal=1)
    assert not file.refused.exists()  # of the earlier run


def test_what_is_no_table_row_is_refused_too(world: World, file: Import) -> None:
    file.load(row("7"), row("8"), row("9"))
    head, first, second, third = file.file.read_bytes().splitlines(keepends=True)
    latin = second.replace(b"rubbish", b"rubbish \xe9")
    file.file.write_bytes(
        b"\xef\xbb\xbf" + head + first + b"\r\n" + latin + b'10,"a"b\r\n' + b"11,x\r\n" + third
    )

    said = file.run()

    assert said[-1] == counts(rows=5, cases=2, refused=3, on_time_equal=2)
    said_of_8, said_of_10, said_of_11 = file.reasons()
    at = second.index(b"rubbish") + len(b"rubbish ") + 1
    assert said_of_8 == ("8", "4", f"不是 UTF-8：第 {at} 个字节 0xE9")
    assert said_of_10[1] == "5"
    assert said_of_10[2].startswith("不是 CSV：")
    assert said_of_11 == ("11", "6", "表头有 13 列，本行有 2 列")
    assert b"rubbish \xe9" in file.refused.read_bytes()  # as it was


WRONG_MAPPINGS = [
    (("[items]", "[items"), "映射文件不是 TOML"),
    (('"0101"', '"9999"'), "[items] 没有这些代码：9999"),
    (("police-1", "police-2"), "[departments] 没有这些代码：police-2"),
    (('"duplicate"', '"double"'), "[outcomes] 没有这些代码：double"),
    (("Asia/Shanghai", "Asia/Nowhere"), "没有时区 Asia/Nowhere"),
    (('opened = "opened"', ""), "[columns] 缺少：opened"),
    (("answer =", "reply ="), "[columns] 不认识的键：reply"),
    (("nowhere", "default"), "映射文件不认识的键：default"),
    (("[[117.3001, 39.0001]]", "[1]"), "映射文件有误"),
    (('"hotline"', f'"{"h" * 34}"'), "source 须为 1 至 33 个字"),
    (('"words"', '"remarks"'), "表头中没有（或不止一个）这些列：remarks"),
]


@pytest.mark.parametrize(("change", "fault"), WRONG_MAPPINGS)
def test_a_wrong_mapping_is_named_before_a_row_is_read(
    world: World, file: Import, change: tuple[str, str], fault: str
) -> None:
    file.mapping.write_text(PLAIN.replace(*change), encoding="utf-8")

    with pytest.raises(CommandError) as error:
        file.load(row("7"))

    assert str(error.value).startswith(fault)
    assert not Case.objects.exists()


def test_the_file_is_not_overwritten_by_what_was_refused(world: World, file: Import) -> None:
    file.load(row("7"))

    with pytest.raises(CommandError):
        file.run(refused=file.file)

    assert "rubbish" in file.file.read_text(encoding="utf-8")


DAYLIGHT = [
    # opened, closed, opened in UTC, closed in UTC
    ("2011-07-01 01:32:33", "2011-11-20 05:06:58", "07-01 05:32:33", "11-20 10:06:58"),
    # 01:30 comes twice: the first, unless the close would lie before its opening
    ("2011-11-06 00:10:00", "2011-11-06 01:30:00", "11-06 04:10:00", "11-06 05:30:00"),
    ("2011-11-06 01:40:00", "2011-11-06 01:30:00", "11-06 05:40:00", "11-06 06:30:00"),
    ("2011-07-01 01:00:00+02:00", "2011-07-01 00:00:00Z", "06-30 23:00:00", "07-01 00:00:00"),
]


@pytest.mark.parametrize(("opened", "closed", "began", "ended"), DAYLIGHT)
def test_wall_clocks_of_another_zone(
    world: World, file: Import, opened: str, closed: str, began: str, ended: str
) -> None:
    file.load(row("7", opened=opened, closed=closed), tz="America/New_York")

    found = the_case().reported_at, the_case().first_closed_at
    assert [f"{at:%m-%d %H:%M:%S}" for at in found if at] == [began, ended]


def test_an_hour_that_the_clocks_skipped_is_refused(world: World, file: Import) -> None:
    file.load(row("7", opened="2011-03-13 02:30:00"), tz="America/New_York")

    reason = "America/New_York 没有 2011-03-13 02:30:00 这一刻（夏令时跳过）"
    assert file.reasons() == [("7", "2", reason)]


def test_times_in_the_format_that_the_mapping_names(world: World, file: Import) -> None:
    format_ = 'time_format = "%d.%m.%Y %H:%M"\n'
    file.mapping.write_text(format_ + PLAIN, encoding="utf-8")

    file.load(row("7", opened="04.03.2024 09:00", closed="", target=""))

    assert the_case().reported_at == moment("2024-03-04 09:00")


class Lines:
    """A file of any length that is never held; tells how many lines were asked for."""

    def __init__(self, rows: int) -> None:
        self.rows, self.given = rows, 0

    def __iter__(self) -> Iterator[str]:
        yield ",".join(COLUMNS) + "\n"
        for number in range(self.rows):
            self.given += 1
            yield f"{number},2024-03-04,,{'' if number % 100 == 0 else 'soon'},,rubbish,,,,,,,\n"


def peak(file: Import, rows: int) -> int:
    """Bytes held at most while that many rows go by; every hundredth becomes a case."""
    meaning = import_mapping.load(file.mapping)
    lines, refused = Lines(rows), [0]

    def refuse(row: Row, reason: str) -> None:
        refused[0] += 1

    loader = imports.Loader(Table(lines, meaning), meaning, now=clock.now(), refuse=refuse)
    tracemalloc.start()
    for done in loader.run():
        assert lines.given == done.rows  # none is read ahead of its batch
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert loader.counts.rows == rows == loader.counts.cases + refused[0]
    return held


def test_memory_does_not_grow_with_the_file(world: World, file: Import) -> None:
    peak(file, 500)

    assert peak(file, 2000) < peak(file, 500) + 200_000


# The real file ----------------------------------------------------------------------------------


@pytest.fixture
def boston(db: None) -> None:
    call_command("import_units", ROOT / "docs" / "boston-units.csv", stdout=StringIO())
    call_command(
        "import_grids", BOSTON / "neighborhoods.geojson", parent="2507000001", repair=True,
        stdout=StringIO(),
    )  # fmt: skip
    call_command(
        "load_catalogue", ROOT / "docs" / "boston-catalogue.toml", parent="2507000",
        stdout=StringIO(),
    )  # fmt: skip


@pytest.mark.skipif(not BOSTON.exists(), reason="../shared/data is not beside this checkout")
def test_real_requests(boston: None, tmp_path: Path) -> None:
    out, refused = StringIO(), tmp_path / "refused.csv"
    file, rows = real_file(tmp_path)
    flagged = sum(bool(row["ontime"]) for row in rows)
    expected = counts(rows=len(rows), cases=len(rows), on_time_equal=flagged)
    asked: dict[str, Any] = {"mapping": MAPPING, "refused": refused, "stdout": out}

    call_command("import_requests", file, **asked)

    assert out.getvalue().splitlines()[-2:] == [f"new={len(rows)} known=0", expected]
    assert not refused.exists()
    check_every_row(rows)
    assert not any(model.objects.exists() for model in (Timer, Message, Delivery))
    written = written_so_far()

    call_command("import_requests", file, **asked)

    assert out.getvalue().splitlines()[-2:] == [f"new=0 known={len(rows)}", expected]
    assert written_so_far() == written


def real_file(folder: Path) -> tuple[Path, list[dict[str, str]]]:
    """Every eighth row of the real file, so that the suite stays short; all with ALL_ROWS=1."""
    with REQUESTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5123
    chosen = rows if os.environ.get("ALL_ROWS") else rows[::8]
    with (folder / "requests.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(chosen)
    return folder / "requests.csv", chosen


def check_every_row(rows: list[dict[str, str]]) -> None:
    """The file's rows and the cases, one by one, with the grids asked without a search tree."""
    submissions = Submission.objects.filter(owner="import:boston311")
    # Not joined: nothing is committed, so the planner knows no statistics and guesses badly.
    made, names = Case.objects.in_bulk(), dict(Item.objects.values_list("pk", "name"))
    cases = {key: made[pk] for key, pk in submissions.values_list("key", "case_id") if pk}
    grids = [
        (grid.unit_id, shapely.from_geojson(json.dumps(grid.boundary)))
        for grid in Grid.objects.order_by("unit_id")
    ]
    for row in rows:
        case = cases[imports.key_of(row["case_enquiry_id"])]
        times = (case.reported_at, case.promise_due_at, case.first_closed_at)
        assert times == tuple(in_boston(row[f"{name}_dt"]) for name in ("open", "target", "closed"))
        assert names[case.item_id] == plain(row["type"])
        assert case.grid_id == grid_of(row, grids)
        if row["ontime"] and case.promise_kept is not None:
            assert case.promise_kept == (row["ontime"] == "ONTIME")
    assert len({case.pk for case in cases.values()}) == len(rows) == Case.objects.count()


def in_boston(text: str) -> datetime | None:
    zone = ZoneInfo("America/New_York")
    return datetime.fromisoformat(text).replace(tzinfo=zone) if text else None


def grid_of(row: dict[str, str], grids: list[tuple[int, Any]]) -> int | None:
    if (row["longitude"], row["latitude"]) == ("-71.0587", "42.3594"):
        return None
    point = shapely.Point(float(row["longitude"]), float(row["latitude"]))
    return next((unit_id for unit_id, area in grids if area.covers(point)), None)
