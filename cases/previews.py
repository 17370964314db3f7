"""What a change of the configuration brings for the open cases, as the admin says it before saving.

Each is asked once the change is made, in a transaction that may be taken back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime

from django.utils.timezone import localdate
from django.utils.translation import gettext as _t

from cases import dispatch, items, recomputing
from cases.models import Case, Regulation, State

# Cases that are still to be dispatched.
WAITING = (State.REPORTED, State.ACCEPTED, State.REFERRED)


def of_item(before: items.ItemFacts | None, item_id: int, now: datetime) -> list[str]:
    item = items.facts(item_id)
    moved = len(recomputing.to_move(item))
    said = _t("这次改动会使 %(n)d 件在办事件的阶段时限重算；暂停和延期照旧，对外承诺不变。")
    return [
        *([said % {"n": moved}] if moved else []),
        *of_coming_limits(item, now),
        *of_ladder([item_id], now),
        *(of_way(before, item) if before else []),
    ]


def of_coming_limits(item: items.ItemFacts, now: datetime) -> Iterator[str]:
    """By the cases as they are today; those that are open on the day will follow."""
    said = _t("自 %(day)s 起另有时限：按今天的在办事件计，届时 %(n)d 件的阶段时限重算。")
    for day, then in items.ahead(item.pk, localdate(now)):
        if then.limits != item.limits and (moved := len(recomputing.to_move(then))):
            yield said % {"day": day, "n": moved}


def of_way(before: items.ItemFacts, after: items.ItemFacts) -> list[str]:
    """Another lead department or way of dispatch holds for what is still to be dispatched."""
    if (before.department_id, before.automatic) == (after.department_id, after.automatic):
        return []
    waiting = Case.objects.filter(item=after.pk, state__in=WAITING).count()
    sent = Case.objects.at_work().filter(item=after.pk).exclude(state__in=WAITING).count()
    said = _t(
        "%(n)d 件尚未派遣的事件按新的主责部门和派遣方式派遣；已派遣的 %(sent)d 件留在原部门。"
    )
    return [said % {"n": waiting, "sent": sent}] if waiting or sent else []


def of_ladder(item_ids: Collection[int], now: datetime) -> list[str]:
    moved = len(recomputing.to_retime(item_ids, now))
    said = _t("%(n)d 件在办事件的临期提醒和下一级升级随之重排；时限不变，已升到的级次保留。")
    return [*([said % {"n": moved}] if moved else []), *of_coming_steps(item_ids, now)]


def of_coming_steps(item_ids: Collection[int], now: datetime) -> Iterator[str]:
    """Items of one ladder share its days: each day is said once."""
    open_cases, days = Case.objects.open(), defaultdict[date, list[int]](list)
    for item in map(items.facts, item_ids):
        for day, then in items.ahead(item.pk, localdate(now)):
            if (then.remind_percent, then.steps) != (item.remind_percent, item.steps):
                days[day].append(item.pk)
    said = _t(
        "自 %(day)s 起另有临期提醒或升级步骤：按今天的在办事件计，届时 %(n)d 件的提醒、升级重排。"
    )
    for day, ids in sorted(days.items()):
        if moved := open_cases.filter(item__in=ids).count():
            yield said % {"day": day, "n": moved}


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
    stands = _t("已开始的阶段，黄灯起点不变。")
    return [
        _t("自 %(day)s 起：%(changes)s。") % {"day": day, "changes": _t("；").join(changes)},
        _t("%(n)d 件在办事件此后的办理适用；已开始的等待、挂账、督办、共享、调解期限不变。")
        % {"n": at_work.count()},
        *([stands] if old.yellow_percent != new.yellow_percent else []),
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
