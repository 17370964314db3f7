"""The files of the catalogues, looked through before a row is written: TOML, by JSON Schema."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from django.db.models import Model
from django.utils.translation import gettext as _t
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from cases.models import (
    DispatchMode,
    Form,
    Item,
    ItemClass,
    Ladder,
    Remit,
    ServiceItem,
    Stage,
)
from governance.models import LEVELS, Unit, UnitCode
from governance.workcalendar import LimitUnit

Tables = dict[str, list[dict[str, Any]]]
Schema = Mapping[str, Any]


class BadCatalogue(Exception):
    """Names the entry and the fault; nothing was written."""


def text(most: int, least: int = 1) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most}


def one_of(values: Iterable[object]) -> Schema:
    return {"enum": [str(value) for value in values]}


def many(of: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": of, "minItems": least}


def table(fields: Mapping[str, Schema], beside: Mapping[str, Schema] | None = None) -> Schema:
    """All of these fields, perhaps those beside them, and no other: a slip of the pen is none."""
    return {
        "type": "object",
        "required": list(fields),
        "properties": {**fields, **(beside or {})},
        "additionalProperties": False,
    }


def column(model: type[Model], name: str, least: int = 1) -> Schema:
    """A text as long as the column takes."""
    return text(getattr(model._meta.get_field(name), "max_length", None) or 2000, least)


NAMED, ANY, YES_NO = text(60), text(2000, 0), {"type": "boolean"}
AMOUNT = {"type": "integer", "minimum": 1, "maximum": 1000}
LIMIT = table({"amount": AMOUNT, "unit": one_of(LimitUnit)})
DEPARTMENT = table(
    {"code": column(UnitCode, "code"), "name": column(Unit, "name")},
    {"name_en": ANY, "duties": ANY},
)
LADDER = table(
    {
        "code": column(Ladder, "code"),
        "name": column(Ladder, "name"),
        "remind_at": many({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
        "steps": many(
            table(
                {"after": {**AMOUNT, "minimum": 0}, "unit": one_of(LimitUnit), "to": one_of(LEVELS)}
            )
        ),
    }
)
CLASS = table(
    {
        "code": column(ItemClass, "code"),
        "name": column(ItemClass, "name"),
        "name_en": column(ItemClass, "name_en", 0),
    }
)
ITEM = table(
    {
        "class": NAMED,
        **{name: column(Item, name) for name in ("code", "name", "admission", "closing", "source")},
        "name_en": column(Item, "name_en", 0),
        "form": one_of(Form),
        "words": many(text(60)),
        "remit": one_of(Remit),
        "upper": column(Item, "upper_department", 0),
        "department": NAMED,
        "joint": many(NAMED),
        "dispatch": one_of(DispatchMode),
        "limits": {
            "type": "object",
            "properties": {str(stage): LIMIT for stage in Stage},
            "additionalProperties": False,
        },
        "ladder": NAMED,
        "photo_before": YES_NO,
        "photo_after": YES_NO,
    }
)
SERVICE = table(
    {
        "code": column(ServiceItem, "code"),
        "name": column(ServiceItem, "name"),
        "name_en": column(ServiceItem, "name_en", 0),
        "department": NAMED,
        "days": AMOUNT,
        "unit": one_of(LimitUnit),
        "conditions": ANY,
        "materials": many(table({"name": text(60)}, {"needed": YES_NO, "note": text(200, 0)})),
        "schema": {"type": "object"},
    }
)
CATALOGUE = {"department": DEPARTMENT, "ladder": LADDER, "class": CLASS, "item": ITEM}
SERVICES = {"department": DEPARTMENT, "item": SERVICE}


def read(path: Path, tables: Mapping[str, Schema]) -> Tables:
    """The tables of a file, each a list of entries that are as their schema says, with codes that
    occur once. Raises BadCatalogue."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadCatalogue(_t("文件不是 UTF-8 编码，请另存为 UTF-8 后重试。")) from error
    except tomllib.TOMLDecodeError as error:
        raise BadCatalogue(_t("文件不是有效的 TOML：%(why)s") % {"why": error}) from error
    whole = table({name: many(entry, 1) for name, entry in tables.items()})
    if faults := sorted(Draft202012Validator(whole).iter_errors(found), key=place):
        raise BadCatalogue(": ".join([*where(found, faults[0]), sentence(faults[0])]))
    for name in tables:
        for code in twice(entry["code"] for entry in found[name]):
            raise BadCatalogue(
                _t("%(table)s：代码 %(code)s 重复。") % {"table": name, "code": code}
            )
    return found


def place(fault: ValidationError) -> list[str]:
    return [f"{step:>6}" for step in fault.absolute_path]


def where(found: Mapping[str, Any], fault: ValidationError) -> Iterator[str]:
    """The entry, by its code and name, and the field."""
    steps = list(fault.absolute_path)
    if len(steps) < 2:
        yield str(steps[0]) if steps else _t("文件")
        return
    entry = found[str(steps[0])][int(steps[1])]
    called = [str(entry[key]) for key in ("code", "name") if key in entry]
    yield " ".join([str(steps[0]), *(called or [str(int(steps[1]) + 1)])])
    if steps[2:]:
        yield ".".join(str(step) for step in steps[2:])


def sentence(fault: ValidationError) -> str:
    """What is wrong there."""
    asked: Any = fault.validator_value
    given: Any = fault.instance
    schema = cast(Schema, fault.schema)
    match fault.validator:
        case "required":
            missing = [name for name in asked if name not in given]
            return _t("缺少 %(names)s。") % {"names": _t("、").join(missing)}
        case "additionalProperties":
            unknown = sorted(set(given) - set(schema["properties"]))
            return _t("没有这样的字段：%(names)s。") % {"names": _t("、").join(unknown)}
        case "enum":
            said = {"given": given, "known": _t("、").join(asked)}
            return _t("“%(given)s”不在可选值内：%(known)s。") % said
        case "type":
            return _t("“%(given)s”不是 %(kind)s。") % {"given": given, "kind": asked}
        case "maxLength":
            return _t("最多 %(limit)s 个字。") % {"limit": asked}
        case "minLength" | "minItems":
            return _t("不能为空。")
        case _:
            return _t("“%(given)s”超出范围。") % {"given": given}


def twice(codes: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            yield code
        seen.add(code)


def known(found: Mapping[str, Any], code: str, entry: Mapping[str, Any], field: str) -> Any:
    """What an entry's field names by its code. Raises BadCatalogue."""
    if code not in found:
        raise BadCatalogue(
            _t("%(entry)s：%(field)s：没有代码为 %(code)s 的条目。")
            % {"entry": f"{entry['code']} {entry['name']}", "field": field, "code": code}
        )
    return found[code]
