"""What the columns of a file of people can mean, and what one row says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance.personal import mask_all, mask_document, mask_name, mask_phone
from governance.table_files import Row
from governance.table_jobs import BadRow, Column, choice
from grids import place_columns
from people import registering
from people.errors import BadDetails
from people.identifiers import DocumentKind, Sex
from people.models import Relation, ResidencyKind
from people.registering import Details

COLUMNS = {
    "name": Column(_("姓名"), ("姓名", "name"), True),
    "document_kind": Column(_("证件种类"), ("证件种类", "证件类型", "document_kind")),
    "document_number": Column(
        _("证件号码"), ("证件号码", "身份证号", "身份证号码", "公民身份号码", "document_number")
    ),
    "birth_date": Column(_("出生日期"), ("出生日期", "出生年月日", "birth_date")),
    "sex": Column(_("性别"), ("性别", "sex")),
    "phone": Column(_("电话"), ("电话", "联系电话", "手机", "手机号", "手机号码", "phone")),
    "other_phone": Column(_("其他电话"), ("其他电话", "other_phone")),
    "contact_name": Column(_("联系人"), ("联系人", "contact_name")),
    "contact_phone": Column(_("联系人电话"), ("联系人电话", "contact_phone")),
    "estate": Column(_("小区"), ("小区", "小区名称", "estate")),
    "building": Column(_("楼栋"), ("楼栋", "楼号", "building"), True),
    "unit_no": Column(_("单元"), ("单元", "单元号", "unit", "unit_no")),
    "room": Column(_("房号"), ("房号", "室", "房间号", "room"), True),
    "kind": Column(_("居住类别"), ("居住类别", "人口类别", "kind")),
    "household": Column(_("户号（一套房屋几户时）"), ("户号", "户编号", "家庭编号", "household")),
    "relation": Column(_("与户主关系"), ("与户主关系", "relation")),
    "began_on": Column(_("来此日期"), ("来此日期", "入住日期", "began_on")),
}
# How a cell is shown before somebody confirms; where one lives stands in the open, and what the
# file says beyond our columns is nobody's business.
Masks = Mapping[str, Callable[[str], str]]
MASKS: Masks = {
    "name": mask_name,
    "contact_name": mask_name,
    "document_number": mask_document,
    "birth_date": mask_all,
    "sex": mask_all,
    "phone": mask_phone,
    "other_phone": mask_phone,
    "contact_phone": mask_phone,
}
# What people write beside the labels of the choices.
OTHERS: Mapping[str, Mapping[str, str]] = {
    "document_kind": {"身份证": DocumentKind.RESIDENT_ID},
    "kind": {"常住人口": ResidencyKind.RESIDENT, "流动人口": ResidencyKind.FLOATING},
    "relation": {"其他": Relation.OTHER, "本人": Relation.HEAD},
}
DETAILS = tuple(field.name for field in fields(Details))
LONGEST = 20
House = tuple[str, str, str, str]  # estate, building, unit, room


@dataclass(frozen=True)
class Said:
    """What a row says, checked."""

    row: Row
    details: Details
    house: House
    household: str  # what the file calls it in its house
    kind: str
    relation: str
    began_on: date


def masked(
    masks: Masks, header: Sequence[str], mapping: Mapping[str, str], cells: Sequence[str]
) -> list[str]:
    """The cells of a row as a page may show them."""
    what = {name: said for said, name in mapping.items()}
    return [
        masks.get(what[name], str)(cell) if name in what else mask_all(cell)
        for name, cell in zip(header, cells, strict=True)
    ]


def read(row: Row, text: Mapping[str, str], today: date) -> Said:
    """What a row says. Raises BadRow."""
    said = {**dict.fromkeys(COLUMNS, ""), **text}
    numbered = DocumentKind.RESIDENT_ID if said["document_number"] else DocumentKind.NONE
    given = {
        **{name: said[name] for name in DETAILS},
        "document_kind": chosen(said, "document_kind", DocumentKind) or numbered,
        "sex": chosen(said, "sex", Sex),
    }
    kind = chosen(said, "kind", ResidencyKind) or ResidencyKind.RESIDENT
    began_on = day(COLUMNS["began_on"].label, said["began_on"]) or today
    try:
        details, _warning = registering.checked(Details(**given), today)
        registering.check_home(kind, began_on, today)
    except BadDetails as error:
        raise BadRow(" ".join(faults(error))) from None
    return Said(
        row,
        details,
        (
            said["estate"],
            place_columns.building_name(said["building"]),
            place_columns.unit_no(said["unit_no"]),
            place_columns.room_no(said["room"]),
        ),
        number_of(said["household"]),
        kind,
        chosen(said, "relation", Relation) or Relation.OTHER,
        began_on,
    )


def number_of(said: str) -> str:
    """What a file calls a household. Raises BadRow."""
    if len(said) > LONGEST:
        raise BadRow(_t("户号超过 %(most)d 个字") % {"most": LONGEST})
    return said


def chosen(said: Mapping[str, str], name: str, choices: Any) -> str:
    return choice(COLUMNS[name].label, said[name], choices, OTHERS.get(name, {}))


def faults(error: BadDetails) -> Iterable[str]:
    for name, why in error.faults.items():
        yield f"{COLUMNS[name].label if name in COLUMNS else name}{_t('：')}{why}"


# A workbook adds the hour.
DAY = re.compile(
    r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))(?: 00:00:00)?"
)


def day(label: str | Promise, text: str) -> date | None:
    """2026-3-1, 2026/03/01, 2026年3月1日 and 20260301; None for nothing. Raises BadRow."""
    if not text:
        return None
    try:
        found = DAY.fullmatch(text)
        parts = [int(part) for part in found.groups() if part] if found else [0, 0, 0]
        return date(*parts)
    except ValueError:
        said = {"label": label, "value": text}
        raise BadRow(_t("%(label)s“%(value)s”不是日期。") % said) from None
