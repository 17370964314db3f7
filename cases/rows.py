"""The rows of the desk's list as HTML, written in Python: a template takes five times as long, and
a list of 100 is most of what its page costs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import pgettext

from cases.queue import Line, row_for
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
    return [row_html(line, now, prefix, labels) for line in lines]


WORDS = (
    "number", "url", "title", "item", "place", "grid",
    "state", "state_code", "department", "source",
)  # fmt: skip


def row_html(line: Line, now: datetime, prefix: str, labels: dict[str, str]) -> SafeString:
    row = row_for(line, now, prefix)
    words = {name: escape(row[name]) for name in WORDS}
    html = ROW.format(
        **labels,
        **words,
        pick=PICK.format(number=words["number"], label=f"{labels['l_pick']} {words['number']}")
        if labels["l_pick"]
        else "",
        stamp=int(line.due_at.timestamp()) if line.due_at else "",
        shown_department=words["department"] or "—",
        time_left=time_left(row["due_light"], line.due_at, row["due_text"]),
        reported_at=moment(line.reported_at),
    )
    return SafeString(html)


def time_left(colour: str, due: datetime | None, text: str) -> str:
    if due is None:
        return "<span>—</span>"
    return f"<div>{light(colour, due, text)}<small>{moment(due)}</small></div>"
