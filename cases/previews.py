"""What a change of the configuration brings for the open cases, as the admin says it before saving.

Each is asked once the change is made, in a transaction that may be taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.utils.translation import gettext as _t

from cases import dispatch, recomputing
from cases.models import Case, Regulation, State

# Cases that are still to be dispatched.
WAITING = (State.REPORTED, State.ACCEPTED, State.REFERRED)


def of_item(item_id: int, now: datetime) -> list[str]:
    moved = len(recomputing.to_move(item_id))
    said = _t("这次改动会使 %(n)d 件在办事件的阶段时限重算；暂停和延期照旧，对外承诺不变。")
    return [*([said % {"n": moved}] if moved else []), *of_ladder([item_id], now)]


def of_ladder(item_ids: Collection[int], now: datetime) -> list[str]:
    moved = len(recomputing.to_retime(item_ids, now))
    said = _t("%(n)d 件在办事件的临期提醒和下一级升级随之重排；时限不变，已升到的级次保留。")
    return [said % {"n": moved}] if moved else []


# Case → the department that comes first, and whose post is named there.
First = dict[int, tuple[int, int | None] | None]


def first_candidates() -> First:
    loads, found = dispatch.all_loads(), First()
    for case in Case.objects.filter(state__in=WAITING):
        ranked = dispatch.rank(case, loads)
        found[case.pk] = (ranked[0].department_id, ranked[0].handler_id) if ranked else None
    return found


def of_rule(before: First) -> list[str]:
    now = first_candidates()
    moved = sum(now[pk] != first for pk, first in before.items() if pk in now)
    if moved:
        said = _t("%(n)d 件尚未派遣的事件，首选的部门或岗位随之改变。") % {"n": moved}
    else:
        said = _t("尚未派遣的事件，首选的部门和岗位都不变。")
    return [said, _t("已派遣的事件留在原部门。")]


def of_regulation(row: Regulation, before: Iterable[Regulation], today: date) -> list[str]:
    """Nothing that runs is moved: each number is asked for when a move is made."""
    day = max(today, row.valid_from)
    old, new = in_force(before, day), in_force(Regulation.objects.all(), day)
    differing = [
        field
        for field in Regulation._meta.concrete_fields
        if field.name not in {"id", "valid_from"}
        if getattr(old, field.name) != getattr(new, field.name)
    ]
    if not differing:
        return []
    changes = [
        f"{field.verbose_name} {shown(old, field.name)} → {shown(new, field.name)}"
        for field in differing
    ]
    at_work = Case.objects.at_work()
    return [
        _t("自 %(day)s 起：%(changes)s。") % {"day": day, "changes": _t("；").join(changes)},
        _t("%(n)d 件在办事件此后的办理适用；已开始的等待、挂账、督办、共享、调解期限不变。")
        % {"n": at_work.count()},
        _t("其中 %(n)d 件的下一次退单或返工因此改由（或不再由）督办员裁定。")
        % {"n": sum(leads_elsewhere(case, old, new) for case in at_work.only(*COUNTS))},
    ]


def in_force(rows: Iterable[Regulation], day: date) -> Regulation:
    begun = [row for row in rows if row.valid_from <= day]
    return max(begun, key=lambda row: row.valid_from, default=Regulation(valid_from=day))


def shown(row: Regulation, name: str) -> str:
    value = getattr(row, name)
    return f"{value:%H:%M}" if name.startswith("quiet") else str(value)


COUNTS = ("return_count", "rework_count")


def leads_elsewhere(case: Case, old: Regulation, new: Regulation) -> bool:
    """Whether the next return or rework of a case goes to who rules by one of the two alone."""
    return any(
        (count + 1 >= before) != (count + 1 >= after)
        for count, before, after in (
            (case.return_count, old.returns_most, new.returns_most),
            (case.rework_count, old.reworks_most, new.reworks_most),
        )
    )
