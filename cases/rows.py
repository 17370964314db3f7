"""The rows of the desk's list as HTML, written in Python: a template takes five times as long, and
a list of 100 is most of what its page costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import pgettext

from cases.queue import Line, shown
from governance.templatetags.interface import light, moment

ROW = """<tr data-row="{number}" data-stamp="{state_code}|{department}|{stamp}">
{pick}<td data-label="{l_number}"><span class="number">{number}</span></td>
<td><div><a class="main-link clip" href="{url}" title="{item}">{item}</a><small class="clip"\
 title="{title}">{title}</small></div></td>
<td data-label="{l_place}"><div><span class="clip" title="{place}">{place}</span>\
<small class="clip" title="{grid}">{grid}</small></div></td>
<td data-label="{l_state}"><span class="state" data-state="{state_code}">{state}</span></td>
<td data-label="{l_department}"><span class="clip" title="{department}">{shown_department}</span>\
</td>
<td data-label="{l_due}">{time_left}</td>
<td data-label="{l_reported}"><div>{reported_at}<small class="clip" title="{source}">{source}\
</small></div></td>
</tr>"""


PICK = (
    '<td class="pick"><input class="form-check-input" type="checkbox" form="bulk" name="number"'
    ' value="{number}" aria-label="{label}"></td>\n'
)


def rows_for(
    lines: Iterable[Line], now: datetime, prefix: str, *, picked: bool = False
) -> list[SafeString]:
    """Table rows; `prefix` is the address that a number is put behind; `picked` rows have a box to
    choose them by."""
    labels = {
        "l_number": escape(_t("编号")),
        "l_place": escape(_t("地点")),
        "l_state": escape(_t("状态")),
        "l_department": escape(_t("处置单位")),
        "l_due": escape(_t("时限")),
        "l_reported": escape(pgettext("column", "上报")),
        "l_pick": escape(_t("选择")) if picked else "",
    }
    return [row_html(row, labels) for row in shown(lines, now, prefix)]


WORDS = (
    "number", "url", "title", "item", "place", "grid",
    "state", "state_code", "department", "source",
)  # fmt: skip


def row_html(row: Mapping[str, Any], labels: dict[str, str]) -> SafeString:
    due = row["due"]
    words = {name: escape(row[name]) for name in WORDS}
    html = ROW.format(
        **labels,
        **words,
        pick=PICK.format(number=words["number"], label=f"{labels['l_pick']} {words['number']}")
        if labels["l_pick"]
        else "",
        stamp=int(due.timestamp()) if due else "",
        shown_department=words["department"] or "—",
        time_left=time_left(row["due_light"], due, row["due_text"]),
        reported_at=moment(row["reported"]),
    )
    return SafeString(html)


def time_left(colour: str, due: datetime | None, text: str) -> str:
    if due is None:
        return "<span>—</span>"
    return f"<div>{light(colour, due, text)}<small>{moment(due)}</small></div>"
