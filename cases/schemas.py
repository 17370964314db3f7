"""The form of a service item as data: a small part of JSON Schema.

    {"type": "object", "additionalProperties": false,
     "required": ["birth_date"], "x-order": ["birth_date", "floor"],
     "properties": {
        "birth_date": {"type": "string", "format": "date", "title": "出生日期"},
        "kind": {"type": "string", "enum": ["新办", "补办"], "title": "办理类型"},
        "address": {"type": "string", "maxLength": 100, "title": "居住地址"},
        "floor": {"type": "integer", "minimum": 1, "maximum": 60, "title": "楼层"},
        "alone": {"type": "boolean", "title": "独居"}}}

Nothing else is known: a schema that says more is refused when it is loaded. `x-order` keeps the
order of the fields, as the database does not. Answers are checked by jsonschema; what is said about
a wrong one names the field and the rule, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _t
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from cases.errors import NotAllowed

Schema = Mapping[str, Any]
WHOLE = {"type", "additionalProperties", "required", "x-order", "properties"}
KNOWN: Mapping[str, set[str]] = {
    "string": {"type", "title", "maxLength", "enum", "format"},
    "integer": {"type", "title", "minimum", "maximum"},
    "boolean": {"type", "title"},
}


NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
TITLE_MOST, LONGEST = 60, 2000


class BadAnswers(NotAllowed):
    """The answers do not fit the form; `faults` says which field and why."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(_t("表单填写有误，请更正标出的项目。"))
        self.faults = faults


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The whole schema of what a file or a form says: the fields in their order, and which of them
    are required; the rest is the same for all."""
    properties = schema.get("properties")
    order = list(properties) if isinstance(properties, dict) else []
    return {
        **schema,
        "type": "object",
        "additionalProperties": False,
        "required": schema.get("required", []),
        "x-order": schema.get("x-order", order),
    }


def opened(schema: Schema) -> dict[str, Any]:
    """What `closed` was made from: to be read and edited, in the order of the form."""
    return {"required": schema["required"], "properties": dict(ordered(schema))}


def complaint(schema: object) -> str:
    """Why a schema is not of this subset, with the path of what is wrong; "" when it is."""
    found = (
        _t("%(name)s：%(text)s") % {"name": path, "text": why} for path, why in complaints(schema)
    )
    return next(found, "")


def complaints(schema: object) -> Iterator[tuple[str, object]]:
    """(path, what is wrong there)."""
    if not isinstance(schema, dict):
        yield "$", _t("须为 JSON 对象。")
        return
    if schema.get("type") != "object":
        yield "type", _t("须为 object。")
    if schema.get("additionalProperties") is not False:
        yield "additionalProperties", _t("须为 false。")
    for name in sorted(set(schema) - WHOLE):
        yield name, _t("不支持的关键字。")
    properties = schema.get("properties")
    if not properties or not isinstance(properties, dict):
        yield "properties", _t("至少要有一个字段。")
        return
    for key in ("required", "x-order"):
        yield from wrong_names(key, schema.get(key), properties)
    if len(schema.get("x-order", ())) != len(properties):
        yield "x-order", _t("须列出全部字段。")
    for name, field in properties.items():
        for inner, why in odd(name, field):
            yield f"properties.{name}{inner}", why


def wrong_names(
    key: str, names: object, properties: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    if not isinstance(names, list) or len({str(name) for name in names}) != len(names):
        yield key, _t("须为不重复的字段名列表。")
        return
    for name in names:
        if name not in properties:
            yield key, _t("没有字段“%(name)s”。") % {"name": name}


def odd(name: str, field: object) -> Iterator[tuple[str, object]]:
    """What is wrong with one property: (the rest of its path, why)."""
    if not NAME.fullmatch(name):
        yield "", _t("字段名以小写字母开头，只用小写字母、数字和下划线。")
    if not isinstance(field, dict):
        yield "", _t("须为 JSON 对象。")
        return
    kind = field.get("type")
    if not isinstance(kind, str) or kind not in KNOWN:
        yield ".type", _t("须为 string、integer 或 boolean。")
        return
    for key in sorted(set(field) - KNOWN[kind]):
        yield f".{key}", _t("不支持的关键字。")
    title = field.get("title")
    if not isinstance(title, str) or not 0 < len(title.strip()) <= TITLE_MOST:
        yield ".title", _t("请填写标题，不超过 60 字。")
    if "format" in field and field["format"] != "date":
        yield ".format", _t("只支持 date。")
    if kind == "string" and not {"maxLength", "enum", "format"} & set(field):
        yield "", _t("文本须有 maxLength、enum 或 format 之一。")
    if "maxLength" in field and not (
        whole(field["maxLength"]) and 0 < field["maxLength"] <= LONGEST
    ):
        yield ".maxLength", _t("须为 1 至 2000 的整数。")
    if "enum" in field and not choices(field["enum"]):
        yield ".enum", _t("须为不重复、不为空的文本列表。")
    limits = [field[key] for key in ("minimum", "maximum") if key in field]
    if not all(whole(limit) for limit in limits) or limits != sorted(limits):
        yield ".minimum", _t("minimum、maximum 须为整数，且前者不大于后者。")


def whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def choices(value: object) -> bool:
    """Whether this is a list that one can choose from."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, str) and one.strip() for one in value)
        and len(set(value)) == len(value)
    )


def ordered(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The fields in the order of the form."""
    for name in schema["x-order"]:
        yield name, schema["properties"][name]


def faults(schema: Schema, answers: Mapping[str, object]) -> dict[str, str]:
    """Field → what is wrong with its answer; the first thing of each. "" is the form as a whole."""
    validator = Draft202012Validator(schema, format_checker=FormatChecker(["date"]))
    found: dict[str, str] = {}
    for error in validator.iter_errors(answers):
        for name in fields_of(schema, answers, error):
            found.setdefault(name, sentence(error))
    return found


def fields_of(schema: Schema, answers: Mapping[str, object], error: ValidationError) -> list[str]:
    if error.path:
        return [str(error.path[0])]
    if error.validator == "required":
        return [name for name in schema["required"] if name not in answers]
    return [""]


def sentence(error: ValidationError) -> str:
    """What a rule asks, in the language of the page; the answer itself is not repeated."""
    limit = error.validator_value
    sentences = {
        "required": _t("请填写此项。"),
        "enum": _t("请从所列选项中选择。"),
        "format": _t("请填写正确的日期。"),
        "maxLength": _t("最多 %(limit)s 个字。") % {"limit": limit},
        "minimum": _t("不能小于 %(limit)s。") % {"limit": limit},
        "maximum": _t("不能大于 %(limit)s。") % {"limit": limit},
    }
    return sentences.get(str(error.validator), _t("填写的内容不符合要求。"))


def check(schema: Schema, answers: Mapping[str, object]) -> None:
    """Raises BadAnswers."""
    if found := faults(schema, answers):
        raise BadAnswers(found)


def labelled(schema: Schema, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(title, answer as text) for what was answered, in the form's order; then what the form asked
    for when it was answered and asks no longer, under its name."""
    titles = {name: str(field["title"]) for name, field in ordered(schema)}
    names = [*titles, *(name for name in answers if name not in titles)]
    rows = []
    for name in names:
        if (value := answers.get(name)) is None:
            continue
        text = (_t("是") if value else _t("否")) if isinstance(value, bool) else str(value)
        rows.append((titles.get(name, name), text))
    return rows
