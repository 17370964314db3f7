"""Grids from a GeoJSON file: each feature becomes a unit of kind grid and its territory.

A feature is known again by its code, without one by its name under the parent, so that a file can
be loaded twice. All or nothing: every faulty feature is named, and then nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import orjson
from django.db import transaction
from django.utils.translation import gettext as _t
from shapely import MultiPolygon

from governance import clock, unit_import, units
from governance.models import CodeScheme, Unit, UnitCode, UnitKind
from grids import boundary, coverage, geo, territory
from grids.boundary import BadBoundary
from grids.models import DedicatedKind, Grid, GridKind

T = TypeVar("T")
WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490")
SERIALS = 999  # three digits after the parent's code


class BadFile(Exception):
    """Says which features are at fault and how, a line each; nothing was written."""


class BadFeature(Exception):
    """What is wrong with one feature."""


@dataclass(frozen=True)
class Options:
    """The properties that hold name and code; the code of the parent where a feature names none."""

    name: str = "name"
    code: str = "code"
    parent: str = ""
    repair: bool = False


@dataclass
class Done:
    """What was written (unit ids by feature number) and how the territories now lie."""

    written: dict[int, int] = field(default_factory=dict)
    created: int = 0
    changed: int = 0
    repairs: list[str] = field(default_factory=list)
    overlaps: list[coverage.Overlap] = field(default_factory=list)
    gaps: list[coverage.Gap] = field(default_factory=list)


class Feature(NamedTuple):
    """One feature of the file, its texts trimmed."""

    number: int
    name: str
    code: str
    parent: str
    kind: str
    dedicated_kind: str
    geometry: object

    @property
    def label(self) -> str:
        """How messages name it: 第 12 个要素（Roslindale）"""
        return _t("第 %(number)d 个要素（%(name)s）") % {
            "number": self.number,
            "name": self.name or _t("无名称"),
        }


def read(content: bytes, options: Options) -> list[Feature]:
    """The features of a GeoJSON file. Raises BadFile."""
    try:
        data = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise BadFile(_t("不是 JSON 文件：%(error)s") % {"error": error}) from error
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
        raise BadFile(_t("不是 GeoJSON 要素集（FeatureCollection）"))
    check_crs(data.get("crs"))
    found = [read_feature(number, raw, options) for number, raw in enumerate(features, start=1)]
    faults = [
        named(feature, _t("属性（properties）应为对象"))
        for feature, raw in zip(found, features, strict=True)
        if not isinstance(raw.get("properties") or {}, dict)
    ]
    if faults:
        raise BadFile("\n".join(faults))
    return found


def check_crs(crs: object) -> None:
    """None is longitude and latitude. Raises BadFile for another system or one without a name."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if crs is not None and not isinstance(name, str):
        raise BadFile(_t("坐标系（crs）没有写明名称，请换算为 WGS 84 经纬度并去掉 crs"))
    if name is not None and not name.endswith(WGS84):
        raise BadFile(_t("坐标系是 %(crs)s，请先换算为 WGS 84 经纬度") % {"crs": name})


def read_feature(number: int, raw: dict[str, Any], options: Options) -> Feature:
    given = raw.get("properties")
    properties = given if isinstance(given, dict) else {}

    def text(key: str) -> str:
        value = properties.get(key)
        return "" if value is None else str(value).strip()

    return Feature(
        number,
        text(options.name),
        text(options.code),
        text("parent_code") or options.parent,
        text("kind"),
        text("dedicated_kind"),
        raw.get("geometry"),
    )


def load(features: list[Feature], options: Options) -> Done:
    """Write the grids of the features and say how they lie. Raises BadFile."""
    done = Done()
    areas = dict(each(features, lambda feature: area_of(feature, options, done)))
    with transaction.atomic():
        writer = Writer(done)
        done.written = dict(each(features, lambda it: writer.write(it, areas[it.number])))
        survey(done)
    return done


def each(features: list[Feature], act: Callable[[Feature], T]) -> Iterator[tuple[int, T]]:
    """`act` on every feature; then BadFile with the faults of all at once."""
    faults = []
    for feature in features:
        try:
            yield feature.number, act(feature)
        except (BadFeature, BadBoundary, unit_import.BadRow, units.NotAllowed) as error:
            faults.append(named(feature, error))
    if faults:
        raise BadFile("\n".join(faults))


def named(feature: Feature, said: object) -> str:
    return _t("%(name)s：%(text)s") % {"name": feature.label, "text": said}


def area_of(feature: Feature, options: Options, done: Done) -> MultiPolygon:
    area = boundary.parse(feature.geometry)
    reason = boundary.fault(area)
    if not reason:
        return area
    if not options.repair:
        raise BadBoundary(reason)
    mended = boundary.repair(area)
    done.repairs.append(named(feature, mended))
    return mended.boundary


class Writer:
    """Writes feature after feature; knows the units already written in this file."""

    def __init__(self, done: Done) -> None:
        self.done, self.today = done, clock.today()
        self.parents: dict[str, Unit] = {}
        self.serials: dict[str, int] = {}
        self.owner: dict[int, Feature] = {}  # unit id → the feature that wrote it

    def write(self, feature: Feature, area: MultiPolygon) -> int:
        """The id of the feature's unit."""
        check_texts(feature)
        parent = self.parent(feature)
        unit = known_unit(feature, parent)
        if unit is not None and unit.pk in self.owner:
            raise BadFeature(_t("与%(other)s重复") % {"other": self.owner[unit.pk].label})
        created, changed = unit is None, False
        if unit is None:
            unit = units.create(
                kind=UnitKind.GRID, name=feature.name, parent=parent, valid_from=self.today
            )
        else:
            changed = rename(unit, feature, parent)
        self.owner[unit.pk] = feature
        changed |= self.give_code(unit, feature)
        changed |= self.draw(unit, feature, area)
        self.done.created += created
        self.done.changed += changed and not created
        return unit.pk

    def parent(self, feature: Feature) -> Unit:
        """The unit to hang on; locked, so that two imports do not give out one serial twice."""
        if not feature.parent:
            raise BadFeature(_t("缺少上级代码（属性 parent_code 或 --parent）"))
        if feature.parent not in self.parents:
            unit = unit_import.by_code(feature.parent, CodeScheme.STATISTICS)
            locked = Unit.objects.select_for_update(no_key=True)
            self.parents[feature.parent] = locked.get(pk=unit.pk)
        return self.parents[feature.parent]

    def give_code(self, unit: Unit, feature: Feature) -> bool:
        """A unit without a grid code gets the feature's, or the parent's with a serial."""
        if grid_codes(unit=unit).exists():
            return False
        code = feature.code or self.next_code(feature.parent)
        if len(code) > 30:
            raise BadFeature(_t("编码 %(code)s 超过 30 位") % {"code": code})
        UnitCode.objects.create(unit=unit, scheme=CodeScheme.GRID, code=code, valid_from=self.today)
        return True

    def next_code(self, parent: str) -> str:
        """The parent's code and the next serial; ended codes are not given out again."""
        if parent not in self.serials:
            given = UnitCode.objects.filter(
                scheme=CodeScheme.GRID, code__startswith=parent
            ).values_list("code", flat=True)
            rests = [code.removeprefix(parent) for code in given]
            self.serials[parent] = max((int(r) for r in rests if is_serial(r)), default=0)
        self.serials[parent] += 1
        if self.serials[parent] > SERIALS:
            raise BadFeature(_t("%(code)s 下的三位序号已用完") % {"code": parent})
        return f"{parent}{self.serials[parent]:03d}"

    def draw(self, unit: Unit, feature: Feature, area: MultiPolygon) -> bool:
        grid = Grid.objects.filter(unit=unit).first() or Grid(unit=unit, valid_from=self.today)
        if grid.valid_to and grid.valid_to <= self.today:
            raise BadFeature(_t("边界已于 %(day)s 失效") % {"day": grid.valid_to})
        before = (grid.boundary, grid.kind, grid.dedicated_kind)
        grid.boundary = boundary.to_json(area)
        if feature.kind:
            grid.kind, grid.dedicated_kind = feature.kind, feature.dedicated_kind
        if before == (grid.boundary, grid.kind, grid.dedicated_kind):
            return False
        territory.save(grid)
        return True


def check_texts(feature: Feature) -> None:
    if not feature.name:
        raise BadFeature(_t("缺少名称"))
    if any("\0" in str(text) for text in feature[1:-1]):
        raise BadFeature(_t("含有空字符（NUL），请删去后重试"))
    if len(feature.name) > 80:
        raise BadFeature(_t("名称超过 80 字"))
    if feature.kind and feature.kind not in GridKind.values:
        raise BadFeature(_t("网格类型“%(kind)s”不在清单内") % {"kind": feature.kind})
    if feature.dedicated_kind and feature.dedicated_kind not in DedicatedKind.values:
        raise BadFeature(_t("专属类别“%(kind)s”不在清单内") % {"kind": feature.dedicated_kind})


def is_serial(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isdigit()


def grid_codes(**conditions: object) -> Any:
    return UnitCode.objects.filter(scheme=CodeScheme.GRID, valid_to=None, **conditions)


def known_unit(feature: Feature, parent: Unit) -> Unit | None:
    """The unit that carries the feature's code, else the grid of its name under the parent."""
    if feature.code:
        code = grid_codes(code=feature.code).select_related("unit").first()
        if code is not None:
            found: Unit = code.unit
            return found
    named = Unit.objects.filter(
        parent=parent, kind=UnitKind.GRID, name=feature.name, valid_to=None
    ).first()
    if named and feature.code and (other := grid_codes(unit=named).first()):
        raise BadFeature(
            _t("“%(name)s”已有编码 %(code)s") % {"name": named.name, "code": other.code}
        )
    return named


def rename(unit: Unit, feature: Feature, parent: Unit) -> bool:
    """A known unit takes its new name; another parent is a move, which has its own verb."""
    if unit.kind != UnitKind.GRID or unit.parent_id != parent.pk:
        raise BadFeature(
            _t("代码 %(code)s 已属于“%(unit)s”，类别或上级不同：请用“单位变更”调整。")
            % {"code": feature.code, "unit": unit}
        )
    if unit.name == feature.name:
        return False
    units.check_names(parent, UnitKind.GRID, [feature.name])
    unit.name = feature.name
    unit.save(update_fields=["name"])
    return True


def survey(done: Done) -> None:
    """Overlaps and gaps in which the written grids have a part, beside what lies around them."""
    mine = set(done.written.values())
    around = coverage.near(geo.load(), mine)
    done.overlaps = [it for it in coverage.overlaps(around) if mine & {it.first, it.second}]
    done.gaps = [gap for gap in coverage.gaps(around) if mine & set(gap.around)]
