"""What the columns of a file of organisations can mean, and what one row says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance.personal import mask_name, mask_phone
from governance.table_files import Row
from governance.table_jobs import BadRow, Column, choice
from grids import place_columns
from people import entities, identifiers, import_rows
from people.entities import Facts
from people.errors import BadDetails
from people.import_rows import Masks
from people.models import EntityKind, Licence, LicenceKind

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
    "licence_kind": Column(_("证照种类"), ("证照种类", "证照类型", "许可证种类", "licence_kind")),
    "licence_number": Column(
        _("证照编号"), ("证照编号", "证照号码", "证书编号", "许可证编号", "licence_number")
    ),
    "issued_on": Column(
        _("发证日期"), ("发证日期", "有效期自", "有效期起", "起始日期", "issued_on")
    ),
    "expires_on": Column(
        _("有效期至"), ("有效期至", "有效期止", "到期日期", "截止日期", "expires_on")
    ),
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
LICENCES: Mapping[str, str] = {
    "食品流通许可证": LicenceKind.FOOD,
    "餐饮服务许可证": LicenceKind.FOOD,
    "公共场所卫生许可证": LicenceKind.HEALTH,
    "药品经营许可证": LicenceKind.MEDICINE,
    "医疗机构执业许可证": LicenceKind.MEDICINE,
    "民办学校办学许可证": LicenceKind.SCHOOL,
    "其他": LicenceKind.OTHER,
}
ENDLESS = {"长期", "长期有效", "永久", "永久有效", "无固定期限"}
# The column of each thing that is told of a licence.
PAPER = {
    "kind": "licence_kind",
    "number": "licence_number",
    "issued_on": "issued_on",
    "expires_on": "expires_on",
}
Door = tuple[str, str, str, str]  # estate, building, unit, room


@dataclass(frozen=True)
class SaidPaper:
    """What a row says of a licence; None for a date that it leaves empty."""

    kind: str
    number: str
    issued_on: date | None
    expires_on: date | None
    endless: bool  # says so, rather than nothing


@dataclass(frozen=True)
class Said:
    """What a row says, checked: of its place a door, of which a building alone has no room, or a
    point."""

    row: Row
    facts: Facts
    door: Door | None
    point: tuple[float, float] | None
    names_kind: bool  # else the code told it
    paper: SaidPaper | None = None


def read(row: Row, text: Mapping[str, str]) -> Said:
    """What a row says. Raises BadRow."""
    said = {**dict.fromkeys(COLUMNS, ""), **text}
    kind = choice(COLUMNS["kind"].label, said["kind"], EntityKind, OTHERS)
    told_by_code = HOLDERS.get(identifiers.plain(said["credit_code"])[:2], EntityKind.OTHER)
    given = Facts(
        credit_code=said["credit_code"],
        name=said["name"],
        kind=kind or told_by_code,
        staff_count=place_columns.whole(
            label("staff_count"), said["staff_count"], entities.STAFF_MOST
        ),
        place=said["place"],
        contact_name=said["contact_name"],
        contact_phone=said["contact_phone"],
    )
    try:
        facts = entities.checked(given)
    except BadDetails as error:
        raise blamed(error, {}) from None
    door = door_of(said) if said["building"] else None
    point = None if door else place_columns.point_of(said["lon"], said["lat"])
    if door is None and point is None:
        raise BadRow(_t("请写明楼栋（和房号），或经度、纬度。"))
    return Said(row, facts, door, point, bool(kind), paper_of(said))


def paper_of(said: Mapping[str, str]) -> SaidPaper | None:
    """The licence of a row, if it speaks of one. Raises BadRow."""
    if not any(said[column] for column in PAPER.values()):
        return None
    last = said["expires_on"]
    paper = SaidPaper(
        kind=choice(COLUMNS["licence_kind"].label, said["licence_kind"], LicenceKind, LICENCES),
        number=said["licence_number"],
        issued_on=import_rows.day(COLUMNS["issued_on"].label, said["issued_on"]),
        expires_on=None if last in ENDLESS else import_rows.day(COLUMNS["expires_on"].label, last),
        endless=last in ENDLESS,
    )
    place_columns.fit(Licence, paper, ("number",))
    return paper


def label(column: str) -> str:
    return str(COLUMNS[column].label)


def blamed(error: BadDetails, columns: Mapping[str, str]) -> BadRow:
    """Names the column of each fault."""
    faults = error.faults.items()
    said = (f"{label(columns.get(name, name))}{_t('：')}{why}" for name, why in faults)
    return BadRow(" ".join(said))


def door_of(said: Mapping[str, str]) -> Door:
    return (
        said["estate"],
        place_columns.building_name(said["building"]),
        place_columns.unit_no(said["unit_no"]),
        place_columns.room_no(said["room"]) if said["room"] else "",
    )
