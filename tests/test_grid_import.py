"""Grids from a file: all or nothing, twice-safe, with every fault and every gap named."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from governance.models import Unit, UnitCode
from grids import geo
from grids.models import Grid
from tests.areas import area, place, ring, square
from tests.builders import World, create_unit

COMMUNITY = "120110011001"  # 军丽园社区
BOSTON = Path(__file__).parents[2] / "shared/data/boston311/neighborhoods.geojson"


def feature(boundary: object, **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": boundary}


class File:
    """A GeoJSON file to import again and again."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self, *features: dict[str, Any], **options: Any) -> list[str]:
        """The lines that the command says; the last one has the counts."""
        content = {"type": "FeatureCollection", "features": features}
        self.path.write_text(json.dumps(content), encoding="utf-8")
        return self.run(**options)

    def run(self, **options: Any) -> list[str]:
        out = StringIO()
        call_command("import_grids", self.path, stdout=out, **{"parent": COMMUNITY, **options})
        return out.getvalue().splitlines()


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path / "grids.geojson")


def counts(**found: int) -> str:
    names = ("grids", "created", "changed", "repaired", "overlaps", "overlap_m2", "gaps", "gap_m2")
    return " ".join(f"{name}={found.get(name, 0)}" for name in names)


def codes(parent: Unit) -> dict[str, str]:
    found = UnitCode.objects.filter(unit__parent=parent, scheme="grid", valid_to=None)
    return dict(found.values_list("unit__name", "code"))


def test_each_feature_becomes_a_grid_unit_with_its_code_and_territory(
    world: World, file: File
) -> None:
    said = file.load(
        feature(square(0, 0), name="第三网格", code="120110011001007"),
        feature(square(1, 0), name="军丽小学", kind="dedicated", dedicated_kind="school"),
        feature(square(2, 0), name="春霞里第三网格", parent_code="120110009001"),
    )

    assert said == [counts(grids=3, created=3)]
    assert codes(world.community) == {"第三网格": "120110011001007", "军丽小学": "120110011001008"}
    assert codes(world.other_community) == {"春霞里第三网格": "120110009001001"}
    school = Grid.objects.select_related("unit").get(unit__name="军丽小学")
    assert (school.kind, school.dedicated_kind) == ("dedicated", "school")
    assert (school.unit.kind, school.unit.street_id) == ("grid", world.street.pk)
    assert geo.grid_at(*place(1.5, 0.5)) == school.unit_id


def test_the_same_file_a_second_time_changes_nothing(world: World, file: File) -> None:
    features = (
        feature(square(0, 0), name="第三网格"),
        feature(square(1, 0), name="第四网格"),
    )
    assert file.load(*features) == [counts(grids=2, created=2)]
    rows = Grid.pgh_event_model.objects  # type: ignore[attr-defined]
    events = rows.count()

    assert file.load(*features) == [counts(grids=2)]
    assert rows.count() == events
    assert codes(world.community) == {"第三网格": "120110011001001", "第四网格": "120110011001002"}


def test_a_known_code_takes_the_new_name_and_boundary(world: World, file: File) -> None:
    file.load(feature(square(0, 0), name="第三网格", code="7"))

    assert file.load(feature(square(5, 5), name="新三网格", code="7")) == [
        counts(grids=1, changed=1)
    ]
    assert codes(world.community) == {"新三网格": "7"}
    assert geo.grid_at(*place(0.5, 0.5)) is None
    assert geo.grid_at(*place(5.5, 5.5)) == Unit.objects.get(name="新三网格").pk


def test_a_unit_without_territory_is_known_by_its_name(world: World, file: File) -> None:
    said = file.load(feature(square(0, 0), name="军丽园第一网格", code="9"))

    assert said == [counts(grids=1, changed=1)]
    assert Grid.objects.get().unit == world.grid
    assert codes(world.community) == {"军丽园第一网格": "9"}


def test_serials_go_on_after_the_highest_ever_given(world: World, file: File) -> None:
    file.load(feature(square(0, 0), name="第三网格", code=f"{COMMUNITY}041"))
    UnitCode.objects.filter(scheme="grid").update(valid_to="2026-01-01", valid_from="2025-01-01")

    file.load(feature(square(1, 0), name="第四网格"))

    assert codes(world.community) == {"第四网格": "120110011001042"}


def test_other_property_names_and_numbers_as_codes(world: World, file: File) -> None:
    file.load(feature(square(0, 0), MC="第三网格", BM=31), name_property="MC", code_property="BM")

    assert codes(world.community) == {"第三网格": "31"}


def test_a_grid_may_hang_on_a_street(world: World, file: File) -> None:
    file.load(feature(square(0, 0), name="工业园网格"), parent="120110011000")

    assert Unit.objects.get(name="工业园网格").parent == world.street


BOWTIE = area([[[*place(*xy)] for xy in ((0, 0), (2, 2), (2, 0), (0, 2), (0, 0))]])


def refused(file: File, *features: dict[str, Any], **options: Any) -> list[str]:
    """The faults that the command names; it must not have written anything."""
    before = (Unit.objects.count(), UnitCode.objects.count(), Grid.objects.count())
    with pytest.raises(CommandError) as error:
        file.load(*features, **options)
    assert before == (Unit.objects.count(), UnitCode.objects.count(), Grid.objects.count())
    return str(error.value).splitlines()


def test_every_faulty_boundary_is_named_and_nothing_is_imported(world: World, file: File) -> None:
    faults = refused(
        file,
        feature(square(5, 5), name="好网格"),
        feature(BOWTIE, name="蝴蝶网格"),
        feature(None, name="空网格"),
        feature({"type": "Point", "coordinates": [117.3, 39.0]}),
    )

    assert faults == [
        "第 2 个要素（蝴蝶网格）：自相交 @ 117.301 39.001",
        "第 3 个要素（空网格）：应为面（Polygon 或 MultiPolygon），不是 None",
        "第 4 个要素（无名称）：应为面（Polygon 或 MultiPolygon），不是 Point",
    ]


def test_every_unit_that_cannot_be_written_is_named(world: World, file: File) -> None:
    create_unit(kind="grid", name="军丽二格", parent=world.community)
    create_unit(kind="estate", name="军丽花园", parent=world.grid, code="120110011001991")
    file.load(feature(square(9, 9), name="第九网格", code="9"))
    file.load(feature(square(8, 9), name="春霞里八格", code="8"), parent="120110009001")

    faults = refused(
        file,
        feature(square(0, 0), name="第三网格", code="3"),
        feature(square(1, 0)),
        feature(square(2, 0), name="网" * 81),
        feature(square(3, 0), name="甲", parent_code="404"),
        feature(square(4, 0), name="乙", parent_code="120110011001991"),
        feature(square(5, 0), name="丙", code="3"),
        feature(square(6, 0), name="第三网格"),
        feature(square(7, 0), name="第九网格", code="10"),
        feature(square(8, 0), name="第八网格", code="8"),
        feature(square(9, 0), name="丁", kind="round"),
        feature(square(10, 0), name="戊", kind="dedicated", dedicated_kind="zoo"),
        feature(square(11, 0), name="己", code="1" * 31),
        feature(square(12, 0), name="军丽二格", code="9"),
        feature(square(13, 0), name="庚", code="1\0"),
    )

    assert faults == [
        "第 2 个要素（无名称）：缺少名称",
        f"第 3 个要素（{'网' * 81}）：名称超过 80 字",
        "第 4 个要素（甲）：没有代码为 404 的单位。",
        "第 5 个要素（乙）：“网格”不能隶属于“小区”：层级可以跳过，不能颠倒。",
        "第 6 个要素（丙）：与第 1 个要素（第三网格）重复",
        "第 7 个要素（第三网格）：与第 1 个要素（第三网格）重复",
        "第 8 个要素（第九网格）：“第九网格”已有编码 9",
        "第 9 个要素（第八网格）：代码 8 已属于“春霞里八格”，类别或上级不同：请用“单位变更”调整。",
        "第 10 个要素（丁）：网格类型“round”不在清单内",
        "第 11 个要素（戊）：专属类别“zoo”不在清单内",
        f"第 12 个要素（己）：编码 {'1' * 31} 超过 30 位",
        "第 13 个要素（军丽二格）：“军丽园社区”下已有同名同类单位：军丽二格。请先改名。",
        "第 14 个要素（庚）：含有空字符（NUL），请删去后重试",
    ]


def test_a_parent_must_be_named(world: World, file: File) -> None:
    faults = refused(file, feature(square(0, 0), name="甲"), parent="")

    assert faults == ["第 1 个要素（甲）：缺少上级代码（属性 parent_code 或 --parent）"]


def test_an_ended_territory_is_not_drawn_again(world: World, file: File) -> None:
    file.load(feature(square(0, 0), name="第三网格"))
    Grid.objects.update(valid_from="2025-01-01", valid_to="2026-01-31")

    faults = refused(file, feature(square(0, 0), name="第三网格"))

    assert faults == ["第 1 个要素（第三网格）：边界已于 2026-01-31 失效"]


def test_serials_end_at_999(world: World, file: File) -> None:
    file.load(feature(square(0, 0), name="第三网格", code=f"{COMMUNITY}999"))

    faults = refused(file, feature(square(1, 0), name="第四网格"))

    assert faults == ["第 1 个要素（第四网格）：120110011001 下的三位序号已用完"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "不是 JSON 文件"),
        ("[]", "不是 GeoJSON 要素集（FeatureCollection）"),
        ('{"features": [7]}', "不是 GeoJSON 要素集（FeatureCollection）"),
        (
            '{"features": [], "crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}}',
            "坐标系是 urn:ogc:def:crs:EPSG::4549，请先换算为 WGS 84 经纬度",
        ),
        ('{"features": [], "crs": "x"}', "坐标系（crs）没有写明名称"),
        ('{"features": [], "crs": {"properties": "x"}}', "坐标系（crs）没有写明名称"),
        ('{"features": [], "crs": {"properties": {"name": 4326}}}', "坐标系（crs）没有写明名称"),
        (
            '{"features": [{"properties": {}}, {"properties": "x"}, {"properties": 1}]}',
            "\n".join(f"第 {n} 个要素（无名称）：属性（properties）应为对象" for n in (2, 3)),
        ),
    ],
)
def test_a_file_of_another_kind_is_refused(db: None, file: File, content: str, said: str) -> None:
    file.path.write_text(content, encoding="utf-8")

    with pytest.raises(CommandError) as error:
        file.run()

    assert str(error.value).startswith(said)


def test_a_missing_file_is_said(db: None, file: File) -> None:
    with pytest.raises(CommandError, match="No such file"):
        file.run()


def test_an_empty_file_with_a_byte_order_mark_is_fine(db: None, file: File) -> None:
    crs = '"crs": {"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}'
    file.path.write_text("\ufeff" + f'{{"features": [], {crs}}}', encoding="utf-8")

    assert file.run() == [counts()]


def test_repair_says_which_and_how(world: World, file: File) -> None:
    said = file.load(
        feature(BOWTIE, name="蝴蝶网格"), feature(square(5, 5), name="好网格"), repair=True
    )

    assert said == [
        "修复：第 1 个要素（蝴蝶网格）：自相交 @ 117.301 39.001；已修复，面积 0 → 19233 平方米",
        counts(grids=2, created=2, repaired=1),
    ]


def test_what_cannot_be_repaired_is_refused(world: World, file: File) -> None:
    faults = refused(file, feature(area([ring(0, 0, 1, 0)]), name="线"), repair=True)

    assert faults == ["第 1 个要素（线）：点数太少 @ 117.3 39.0，无法修复"]


def test_overlaps_and_gaps_are_reported_also_with_grids_that_were_there(
    world: World, file: File
) -> None:
    file.load(feature(square(0, 0, 3, 1), name="南网格"), feature(square(0, 9), name="远网格"))

    said = file.load(
        feature(square(0, 1, 1, 1), name="西网格"),
        feature(square(2, 0.5, 1, 1.5), name="东网格"),
        feature(square(0, 2, 3, 1), name="北网格"),
    )

    assert said == [
        "重叠：南网格 与 东网格，4808 平方米",
        "空隙：南网格、西网格、东网格、北网格 之间，9617 平方米（117.301500, 39.001500）",
        counts(grids=3, created=3, overlaps=1, overlap_m2=4808, gaps=1, gap_m2=9617),
    ]


STEP_M = 86.6  # a step eastward


def test_a_strip_that_is_open_at_its_ends_is_a_gap_of_its_whole_length(
    world: World, file: File
) -> None:
    """A lane 9 m wide and 1 km long that neither side took; the second side comes in later."""
    file.load(feature(square(0, 0, 10, 10), name="西网格"))

    *_, gap, last = file.load(feature(square(10 + 9 / STEP_M, 0, 10, 10), name="东网格"))

    found = re.fullmatch(r"空隙：西网格、东网格 之间，(\d+) 平方米（117\.31005., 39\.00.+）", gap)
    assert found, gap
    assert int(found[1]) == pytest.approx(9 * 1110, rel=0.005)
    assert last == counts(grids=1, created=1, gaps=1, gap_m2=int(found[1]))


def test_open_ground_is_no_gap(world: World, file: File) -> None:
    """Too wide, an inner corner, a notch of one grid's own, grids that touch in a point."""
    said = file.load(
        feature(square(0, 0, 10, 10), name="甲"),
        feature(square(10 + 40 / STEP_M, 0, 10, 10), name="隔河"),
        feature(square(0, 10, 5, 5), name="拐角"),
        feature(area([[[*place(*xy)] for xy in NOTCHED]]), name="凹口"),
        feature(square(-5, 15, 5, 5), name="对角"),
    )

    assert said == [counts(grids=5, created=5)]


NOTCHED = ((0, -9), (3, -9), (3, -6), (3.1, -6), (3.1, -9), (9, -9), (9, -3), (0, -3), (0, -9))


def test_a_dry_run_says_everything_and_writes_nothing(world: World, file: File) -> None:
    said = file.load(feature(BOWTIE, name="蝴蝶网格"), repair=True, dry_run=True)

    assert said[-1] == counts(grids=1, created=1, repaired=1)
    assert not Grid.objects.exists()
    assert not Unit.objects.filter(name="蝴蝶网格").exists()


@pytest.mark.skipif(not BOSTON.exists(), reason="../shared/data is not beside this checkout")
def test_real_neighbourhoods_with_their_real_defects(world: World) -> None:
    file = File(BOSTON)

    with pytest.raises(CommandError) as error:
        file.run(parent="120110011000")
    assert str(error.value).splitlines() == [
        "第 8 个要素（Hyde Park）：环自相交 @ -71.125767 42.272307",
        "第 11 个要素（East Boston）：自相交 @ -71.000694 42.364701",
        "第 13 个要素（Downtown）：自相交 @ -71.0632 42.3577099",
        "第 20 个要素（Beacon Hill）：自相交 @ -71.0632 42.3577099",
    ]

    *said, last = file.run(parent="120110011000", repair=True)
    assert said[4].startswith("重叠：Fenway 与 Allston，31 平方米")
    assert [line.partition("（")[0] for line in said[5:]] == [
        "空隙：South Boston 之间，578964 平方米",  # an inlet, drawn as a hole
        "空隙：Downtown、South Boston Waterfront、South Boston 之间，13652 平方米",
        "空隙：Charlestown、Downtown 之间，233 平方米",
        "空隙：Charlestown、Downtown 之间，188 平方米",
        "空隙：Back Bay、Beacon Hill 之间，120 平方米",
        "空隙：Brighton、Allston 之间，19 平方米",
        "空隙：Jamaica Plain、Mission Hill 之间，5 平方米",
    ]
    assert last == counts(
        grids=26, created=26, repaired=4, overlaps=1, overlap_m2=31, gaps=7, gap_m2=593181
    )
    assert file.run(parent="120110011000", repair=True)[-1].startswith(
        "grids=26 created=0 changed=0"
    )
    names = dict(Unit.objects.filter(parent=world.street).values_list("name", "pk"))
    points = [(-71.0589, 42.3554), (-71.1275, 42.2833), (-71.3, 42.3)]
    assert geo.grids_at(points) == [names["Downtown"], names["Roslindale"], None]
