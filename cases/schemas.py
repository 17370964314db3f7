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


class BadAnswers(NotAllowed):
    """The answers do not fit the form; `faults` says which field and why."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(_t("表单填写有误，请更正标出的项目。"))
        self.faults = faults


def complaint(schema: Schema) -> str:
    """Why a schema is not of this subset; "" when it is."""
    properties = schema.get("properties")
    if not properties or not isinstance(properties, dict):
        return "no properties"
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        return "must be a closed object"
    if more := set(schema) - WHOLE:
        return f"unknown keywords {sorted(more)}"
    if sorted(schema.get("x-order", ())) != sorted(properties):
        return "x-order does not list the properties"
    if more := set(schema.get("required", ())) - set(properties):
        return f"requires unknown {sorted(more)}"
    found = (f"{name}: {why}" for name, field in properties.items() if (why := odd(field)))
    return next(found, "")


def odd(field: Schema) -> str:
    """Why one property is not of this subset; "" when it is."""
    kind = str(field.get("type"))
    if kind not in KNOWN:
        return f"unknown type {kind}"
    if more := set(field) - KNOWN[kind]:
        return f"unknown keywords {sorted(more)}"
    if not field.get("title"):
        return "no title"
    if field.get("format", "date") != "date":
        return "unknown format"
    if kind == "string" and not {"maxLength", "enum", "format"} & set(field):
        return "a text needs maxLength"
    return ""


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
    """(title, answer as text) for what was answered, in the form's order."""
    rows = []
    for name, field in ordered(schema):
        if (value := answers.get(name)) is None:
            continue
        text = (_t("是") if value else _t("否")) if isinstance(value, bool) else str(value)
        rows.append((str(field["title"]), text))
    return rows
