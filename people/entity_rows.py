"""What the columns of a file of organisations can mean, and what one row says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance.personal import mask_name, mask_phone
from governance.table_files import Row
from governance.table_jobs import BadRow, Column, choice
from grids import place_columns
from people import entities, identifiers
from people.entities import Facts
from people.errors import BadDetails
from people.import_rows import Masks
from people.models import EntityKind

COLUMNS = {
    "credit_code": Column(
        _("统一社会信用代码"),
        ("统一社会信用代码", "社会信用代码", "信用代码", "统一代码", "credit_code"),
        True,
    ),
    "name": Column(_("单位名称"), ("单位名称", "名称", "企业名称", "机构名称", "name"), True),
    "kind": Column(_("单位类型"), ("单位类型", "类型", "企业类型", "机构类型", "kind")),
    "staff_count": Column(_("从业人数"), ("从业人数", "职工人数", "人数", "staff_count")),
    "contact_name": Column(_("联系人"), ("联系人", "负责人", "contact_name")),
    "contact_phone": Column(
        _("联系电话"), ("联系电话", "电话", "联系人电话", "负责人电话", "contact_phone")
    ),
    "estate": Column(_("小区"), ("小区", "小区名称", "estate")),
    "building": Column(_("楼栋"), ("楼栋", "楼号", "building")),
    "unit_no": Column(_("单元"), ("单元", "单元号", "unit", "unit_no")),
    "room": Column(_("房号"), ("房号", "室", "房间号", "room")),
    "lon": Column(_("经度"), ("经度", "lon", "lng", "longitude")),
    "lat": Column(_("纬度"), ("纬度", "lat", "latitude")),
    "place": Column(_("位置说明"), ("位置说明", "位置", "经营地址", "place")),
}
# Whom to ring; what an organisation is stands in the open.
MASKS: Masks = {
    "contact_name": mask_name,
    "contact_phone": mask_phone,
}
# What the first two signs of a code tell of who holds it (GB 32100-2015, 4.2).
HOLDERS = {
    "11": EntityKind.GOVERNMENT,
    "12": EntityKind.INSTITUTION,
    "51": EntityKind.SOCIAL,
    "52": EntityKind.SOCIAL,
    "53": EntityKind.SOCIAL,
    "91": EntityKind.ENTERPRISE,
    "92": EntityKind.SOLE_TRADER,
    "93": EntityKind.COLLECTIVE,
}
OTHERS: Mapping[str, str] = {
    "个体": EntityKind.SOLE_TRADER,
    "个体户": EntityKind.SOLE_TRADER,
    "公司": EntityKind.ENTERPRISE,
    "机关单位": EntityKind.GOVERNMENT,
    "社会团体": EntityKind.SOCIAL,
    "合作社": EntityKind.COLLECTIVE,
    "其他": EntityKind.OTHER,
}
Door = tuple[str, str, str, str]  # estate, building, unit, room


@dataclass(frozen=True)
class Said:
    """What a row says, checked: of its place a door, of which a building alone has no room, or a
    point."""

    row: Row
    facts: Facts
    door: Door | None
    point: tuple[float, float] | None
    names_kind: bool  # else the code told it


def read(row: Row, text: Mapping[str, str]) -> Said:
    """What a row says. Raises BadRow."""
    said = {**dict.fromkeys(COLUMNS, ""), **text}
    kind = choice(str(COLUMNS["kind"].label), said["kind"], EntityKind, OTHERS)
    told_by_code = HOLDERS.get(identifiers.plain(said["credit_code"])[:2], EntityKind.OTHER)
    given = Facts(
        credit_code=said["credit_code"],
        name=said["name"],
        kind=kind or told_by_code,
        staff_count=place_columns.whole(
            str(COLUMNS["staff_count"].label), said["staff_count"], entities.STAFF_MOST
        ),
        place=said["place"],
        contact_name=said["contact_name"],
        contact_phone=said["contact_phone"],
    )
    try:
        facts = entities.checked(given)
    except BadDetails as error:
        raise BadRow(
            " ".join(f"{COLUMNS[name].label}{_t('：')}{why}" for name, why in error.faults.items())
        ) from None
    door = door_of(said) if said["building"] else None
    point = None if door else place_columns.point_of(said["lon"], said["lat"])
    if door is None and point is None:
        raise BadRow(_t("请写明楼栋（和房号），或经度、纬度。"))
    return Said(row, facts, door, point, bool(kind))


def door_of(said: Mapping[str, str]) -> Door:
    return (
        said["estate"],
        place_columns.building_name(said["building"]),
        place_columns.unit_no(said["unit_no"]),
        place_columns.room_no(said["room"]) if said["room"] else "",
    )
