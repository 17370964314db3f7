"""Standard texts of moves: {fields} filled with the facts of a case, offered in a move's form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from django.utils.timezone import localdate
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cases import dated, items
from cases.models import Case, Outcome, StandardText
from governance import clock, units
from governance.reference import Reference

FIELDS: Mapping[str, object] = {
    "number": _("事件编号"),
    "item": _("事项"),
    "place": _("地点"),
    "community": _("社区"),
    "department": _("承办部门"),
    "reported_on": _("上报日期"),
    "due": _("承诺期限"),
    "admission": _("立案条件"),
    "closing": _("结案条件"),
    "outcome": _("办理结果"),
    "result": _("办理情况"),
}
BLANK = "______"
CHINESE = "zh-hans"
FIELD = re.compile(r"\{(\w+)\}")


class Text(NamedTuple):
    """A standard text as it is kept."""

    item_id: int | None
    action: str
    name: str
    text: str


def load() -> tuple[Text, ...]:
    rows = StandardText.objects.filter(is_active=True)
    of = attrgetter("item_id", "action", "name")
    held = dated.in_force(rows, clock.today(), of)
    held.sort(key=lambda row: (row.order, row.pk))
    return tuple(Text(row.item_id, row.action, row.name, row.text) for row in held)


texts = Reference("texts", load, clock.today)


def offered(case: Case, action: str) -> list[tuple[str, str]]:
    """(name, text filled) of what is offered at a move: texts of the item before general ones."""
    own = [t for t in texts() if t.action == action and t.item_id == case.item_id]
    general = [t for t in texts() if t.action == action and t.item_id is None]
    if not own and not general:
        return []
    with override(CHINESE):  # the office wrote it for residents, whatever the sender reads
        known = facts(case)
    return [(t.name, fill(t.text, known)) for t in (*own, *general)]


def facts(case: Case) -> dict[str, str]:
    item = items.facts(case.item_id)
    return {
        "number": case.number,
        "item": item.title,
        "place": case.place,
        "community": units.name_of(case.community_id) or units.name_of(case.street_id),
        "department": units.name_of(case.department_id),
        "reported_on": day(localdate(case.reported_at)),
        "due": day(localdate(case.promise_due_at)) if case.promise_due_at else "",
        "admission": item.admission,
        "closing": item.closing,
        "outcome": str(Outcome(case.outcome).label) if case.outcome else "",
        "result": case.result,
    }


def day(value: date | None) -> str:
    """A date as letters and papers have it."""
    if value is None:
        return ""
    return _t("%(year)d年%(month)d月%(day)d日") % {
        "year": value.year,
        "month": value.month,
        "day": value.day,
    }


def fill(text: str, values: Mapping[str, str]) -> str:
    """Names are replaced and nothing is evaluated; what is not known leaves a line to fill in."""
    return FIELD.sub(lambda found: values.get(found[1]) or BLANK, text)


def faults(text: str, known: Mapping[str, object] = FIELDS) -> list[str]:
    """What is in braces and no field."""
    unknown = [found[0] for found in FIELD.finditer(text) if found[1] not in known]
    rest = FIELD.sub("", text)
    broken = re.findall(r"\{[^{}\n]{0,20}\}?|\}", rest)
    return list(dict.fromkeys([*unknown, *broken]))
