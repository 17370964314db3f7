"""What the columns of a file of buildings or houses can mean, and how one row reads."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import shapely
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance.table_jobs import BadRow, Column, Columns, choice
from grids import addresses, boundary
from grids.boundary import BadBoundary
from grids.models import Building, BuildingUse, House, HouseUse, ImportKind, OwnerKind

BUILDING_COLUMNS = {
    "code": Column(_("编号"), ("编号", "楼栋编号", "建筑物编号", "楼栋代码", "code")),
    "estate": Column(_("小区"), ("小区", "小区名称", "院落", "estate")),
    "name": Column(_("楼栋"), ("楼栋", "楼号", "楼栋名称", "栋号", "建筑物名称", "name"), True),
    "community": Column(_("社区"), ("社区", "社区名称", "所属社区", "村居", "community")),
    "use": Column(_("用途"), ("用途", "建筑用途", "楼栋用途", "use")),
    "floors": Column(_("层数"), ("层数", "楼层数", "地上层数", "floors")),
    "unit_count": Column(_("单元数"), ("单元数", "单元数量", "units")),
    "property_company": Column(_("物业公司"), ("物业公司", "物业", "物业名称", "company")),
    "address": Column(_("地址"), ("地址", "标准地址", "详细地址", "address")),
    "lon": Column(_("经度"), ("经度", "lon", "lng", "longitude", "x")),
    "lat": Column(_("纬度"), ("纬度", "lat", "latitude", "y")),
    "footprint": Column(
        _("轮廓（WKT 或 GeoJSON）"), ("轮廓", "建筑轮廓", "footprint", "geometry", "wkt")
    ),
}
HOUSE_COLUMNS = {
    "building_code": Column(_("楼栋编号"), ("楼栋编号", "建筑物编号", "building_code", "code")),
    "estate": Column(_("小区"), ("小区", "小区名称", "院落", "estate")),
    "building": Column(_("楼栋"), ("楼栋", "楼号", "楼栋名称", "栋号", "building")),
    "community": Column(_("社区"), ("社区", "社区名称", "所属社区", "村居", "community")),
    "unit_no": Column(_("单元"), ("单元", "单元号", "门洞", "unit")),
    "floor": Column(_("楼层"), ("楼层", "所在楼层", "层", "floor")),
    "room": Column(_("房号"), ("房号", "房间号", "户号", "室", "门牌", "room"), True),
    "use": Column(_("房屋用途"), ("房屋用途", "用途", "使用情况", "居住类型", "use")),
    "owner_kind": Column(_("产权"), ("产权", "产权性质", "产权类型", "owner")),
}
COLUMNS: dict[str, Columns] = {
    ImportKind.BUILDINGS: BUILDING_COLUMNS,
    ImportKind.HOUSES: HOUSE_COLUMNS,
}
# What people write beside the labels of the choices.
SAID: dict[str, str] = {
    "居住": BuildingUse.RESIDENTIAL,
    "居民楼": BuildingUse.RESIDENTIAL,
    "商住": BuildingUse.MIXED,
    "厂房": BuildingUse.INDUSTRIAL,
    "公共建筑": BuildingUse.PUBLIC,
    "写字楼": BuildingUse.OFFICE,
}
HOUSE_SAID: dict[str, str] = {
    "自用": HouseUse.OWN,
    "自有自住": HouseUse.OWN,
    "出租房": HouseUse.RENTED,
    "租赁": HouseUse.RENTED,
    "合租": HouseUse.SHARED,
    "空房": HouseUse.EMPTY,
    "空闲": HouseUse.EMPTY,
    "商铺": HouseUse.COMMERCIAL,
    "经营": HouseUse.COMMERCIAL,
}
OWNER_SAID: dict[str, str] = {
    "私有": OwnerKind.PRIVATE,
    "私产": OwnerKind.PRIVATE,
    "企业": OwnerKind.ENTITY,
    "公有": OwnerKind.PUBLIC,
}


def missing(kind: str, mapping: Mapping[str, str]) -> list[str]:
    """What a file of houses must say by one column or another."""
    if kind == ImportKind.HOUSES and not {"building_code", "building"} & set(mapping):
        return [str(HOUSE_COLUMNS["building"].label)]
    return []


# Rows -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BuildingRow:
    """What a row says of a building; None and "" for what it does not."""

    code: str
    estate: str
    name: str
    community: str
    use: str
    floors: int | None
    unit_count: int | None
    property_company: str
    address: str
    point: tuple[float, float] | None
    footprint: dict[str, Any] | None


@dataclass(frozen=True)
class HouseRow:
    building_code: str
    estate: str
    building: str
    community: str
    unit_no: str
    floor: int
    room: str
    use: str
    owner_kind: str


def building_row(said: Mapping[str, str]) -> BuildingRow:
    """Raises BadRow."""
    if not said.get("name"):
        raise BadRow(_t("缺少楼栋"))
    point = point_of(said.get("lon", ""), said.get("lat", ""))
    point, footprint = outline(said.get("footprint", ""), point)
    row = BuildingRow(
        code=said.get("code", ""),
        estate=said.get("estate", ""),
        name=building_name(said["name"]),
        community=said.get("community", ""),
        use=choice(_t("用途"), said.get("use", ""), BuildingUse, SAID),
        floors=whole(_t("层数"), said.get("floors", ""), 120),
        unit_count=whole(_t("单元数"), said.get("unit_count", ""), 30),
        property_company=said.get("property_company", ""),
        address=said.get("address", ""),
        point=point,
        footprint=footprint,
    )
    fit(Building, row, ("code", "estate", "name", "property_company"))
    return row


def house_row(said: Mapping[str, str]) -> HouseRow:
    """Raises BadRow."""
    if not said.get("room"):
        raise BadRow(_t("缺少房号"))
    if not said.get("building_code") and not said.get("building"):
        raise BadRow(_t("缺少楼栋"))
    room = room_no(said["room"])
    row = HouseRow(
        building_code=said.get("building_code", ""),
        estate=said.get("estate", ""),
        building=building_name(said.get("building", "")),
        community=said.get("community", ""),
        unit_no=unit_no(said.get("unit_no", "")),
        floor=floor_of(said.get("floor", ""), room),
        room=room,
        use=choice(_t("房屋用途"), said.get("use", ""), HouseUse, HOUSE_SAID),
        owner_kind=choice(_t("产权"), said.get("owner_kind", ""), OwnerKind, OWNER_SAID),
    )
    fit(House, row, ("unit_no", "room"))
    return row


def room_no(text: str) -> str:
    """101室 is 101."""
    return re.sub(r"(室|号|户)$", "", text)


@lru_cache(maxsize=1_000)
def unit_no(text: str) -> str:
    """第2单元 and 2门 are 2."""
    return addresses.standard(re.sub(r"^第|(单元|门洞|门)$", "", text))


@lru_cache(maxsize=10_000)
def building_name(text: str) -> str:
    """3栋, 3# and 3 are 3号楼, as addresses have it; any other name stays."""
    if not text:
        return ""
    found = addresses.BUILDING.fullmatch(addresses.plain(text)[0])
    if found:
        return addresses.building_name(found)
    return f"{addresses.standard(text)}号楼" if re.fullmatch(r"[0-9]{1,4}", text) else text


def whole(label: str, said: str, most: int) -> int | None:
    if not said:
        return None
    found = re.fullmatch(r"([0-9]{1,7})(?:\.0+)?(?:层|个|人)?", said)
    if found is None or int(found[1]) > most:
        raise BadRow(_t("%(label)s“%(value)s”不对") % {"label": label, "value": said})
    return int(found[1])


def floor_of(said: str, room: str) -> int:
    """The floor as written, else what stands before the last two digits of the room."""
    if said:
        found = re.fullmatch(r"(地下|负|-|B)?第?([0-9]{1,3})(?:\.0+)?(?:层|楼|F)?", said.upper())
        if found is None or not 0 < int(found[2]) <= 120:
            raise BadRow(_t("%(label)s“%(value)s”不对") % {"label": _t("楼层"), "value": said})
        return -int(found[2]) if found[1] else int(found[2])
    digits = re.fullmatch(r"[A-Z]?([0-9]{1,2})[0-9]{2}[A-Z]?", room)
    return max(int(digits[1]), 1) if digits else 1


def outline(
    text: str, point: tuple[float, float] | None
) -> tuple[tuple[float, float] | None, dict[str, Any] | None]:
    """The point, which a footprint gives where none was said, and the footprint. Raises BadRow."""
    if not text:
        return point, None
    try:
        shape = boundary.read(text)
    except BadBoundary as error:
        raise BadRow(_t("轮廓：%(why)s") % {"why": error}) from error
    if point is None:
        inside = shape.representative_point()
        point = round(inside.x, 7), round(inside.y, 7)
    elif not shapely.intersects_xy(shape, *point):
        raise BadRow(_t("经纬度不在轮廓内"))
    return point, boundary.to_json(shape)


def point_of(lon: str, lat: str) -> tuple[float, float] | None:
    if not (lon or lat):
        return None
    try:
        point = float(lon), float(lat)
    except ValueError as error:
        raise BadRow(_t("坐标“%(lon)s, %(lat)s”不是数") % {"lon": lon, "lat": lat}) from error
    if not (math.isfinite(sum(point)) and abs(point[0]) <= 180 and abs(point[1]) <= 90):
        raise BadRow(_t("坐标“%(lon)s, %(lat)s”不在地球上") % {"lon": lon, "lat": lat})
    return None if point == (0, 0) else point


def fit(model: Any, row: Any, names: Sequence[str]) -> None:
    for name in names:
        field = model._meta.get_field(name)
        if len(getattr(row, name)) > field.max_length:
            said = {"label": field.verbose_name, "most": field.max_length}
            raise BadRow(_t("%(label)s超过 %(most)d 个字") % said)
