"""A few of the demo's open cases take another way than the plain one: so that each state, each
badge and each list of the desk has something to show. By the verbs, as people would."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localtime

from cases import needs, workflow
from cases.given import Decision, Part
from cases.models import Case, State
from governance import actor, permissions
from governance.models import User
from governance.permissions import CENTRE, DEPARTMENT
from governance.roles import Role


def take(case: Case, action: str, by: User | None, now: datetime, **given: Any) -> Case:
    source = "desk" if by else "public"
    with actor.acting(by.pk if by else None, source):
        return workflow.take(case, action, by=by, now=now, **given)


def somebody(case: Case, roles: Any) -> User:
    """Who holds one of the roles where the case lies, the nearest first, or in its department."""
    columns = ("community_id", "street_id", "district_id")
    units = [case.department_id] if roles == DEPARTMENT else [getattr(case, c) for c in columns]
    found = [user for unit in units for user in permissions.at(unit, roles)]
    return User.objects.get(pk=found[0])


def turn(now: datetime) -> int:
    """Returns how many cases took another way."""
    day = localtime(now).date()
    fresh = Case.objects.filter(escalation=0, grid__isnull=False).order_by("pk")
    handling = list(fresh.filter(state=State.HANDLING, stage_due_at__gt=now)[:8])
    accepted = list(fresh.filter(state=State.ACCEPTED)[:4])
    reported = list(fresh.filter(state=State.REPORTED)[:4])
    before = len(handling) + len(accepted) + len(reported)
    for number, case in enumerate(handling):
        of_handling(case, number, now, day)
    for number, case in enumerate(accepted):
        of_accepted(case, number, now)
    for number, case in enumerate(reported):
        of_reported(case, number, now)
    return before


def of_handling(case: Case, number: int, now: datetime, day: Any) -> None:
    handler, centre = somebody(case, DEPARTMENT), somebody(case, (Role.DISPATCHER,))
    supervisor, lead = somebody(case, (Role.SUPERVISOR,)), case.department_id or 0
    later = day + timedelta(days=20)
    match number:
        case 0:
            note = "需采购配件，供应商承诺下周到货。"
            take(case, "ask_extension", handler, now, note=note, until=later)
        case 1 | 2:
            note = "管线迁改须待施工许可，暂不能动工。"
            case = take(case, "ask_suspension", handler, now, note=note, until=later)
            if number == 1:
                take(case, "grant", centre, now)
        case 3:
            take(case, "ask_reporter", handler, now, note="请问是几号楼几单元？晚上几点最严重？")
        case 4:
            take(case, "supervise", supervisor, now, severity="plain", note="请三日内办结。")
            case.refresh_from_db()
            note = "逾期未见进展，黄牌督办。"
            take(case, "supervise", supervisor, now, severity="yellow", note=note)
        case 5:
            decision = Decision(lead, "负责清理现场并设置隔离设施", day + timedelta(days=3))
            take(
                case,
                "consult",
                centre,
                now,
                held_on=day,
                participants="街道、社区、承办部门",
                note="会商确定由承办部门清理现场，社区负责后续值守。",
                decisions=(decision,),
            )
        case 6:
            found = {"what": "消防通道堆放杂物", "party": "演示副食店"}
            case = take(case, "find", handler, now, **found)
            finding = case.findings.get()
            take(
                case,
                "order",
                handler,
                now,
                finding_id=finding.pk,
                ground="《中华人民共和国消防法》第二十八条",
                due_on=day + timedelta(days=7),
                recheck_on=day + timedelta(days=8),
            )
        case _:
            take(case, "urge", None, now)


def of_accepted(case: Case, number: int, now: datetime) -> None:
    centre = somebody(case, CENTRE)
    departments = [
        unit
        for unit in sorted(departments_with_people())
        if unit != case.department_id and needs.may_be_called(case, unit)
    ]
    match number:
        case 0:
            note = "占道经营与油烟扰民并存，需执法、市场监管、环保联合到场。"
            called = tuple(departments[:3])
            kind = "hard"
            case = take(
                case, "whistle", centre, now, whistle_kind=kind, department_ids=called, note=note
            )
            task = case.tasks.order_by("pk")[0]
            user = User.objects.get(pk=permissions.at(task.department_id, DEPARTMENT)[0])
            case = take(case, "sign_task", user, now, task_id=task.pk)
            take(case, "report_task", user, now, task_id=task.pk, note="已到场，现场清理完毕。")
        case 1:
            note = "已两次上门劝阻，社区无执法权。"
            take(case, "pass_up", centre, now, note=note)
        case 2:
            take(case, "share", centre, now, unit_id=departments[0])
        case _:
            place = f"{case.place}（东侧）"
            take(case, "correct", centre, now, place=place, note="经核对，在楼东侧。")


def of_reported(case: Case, number: int, now: datetime) -> None:
    centre = somebody(case, CENTRE)
    if number == 0:
        words = case.description
        parts = (Part(case.item_id, words), Part(case.item_id, f"另一处：{words}"))
        take(case, "split", centre, now, parts=parts)
    if number == 1:
        others = Case.objects.at_work().filter(community=case.community_id, main=None)
        others = others.exclude(pk=case.pk).order_by("pk")
        main = others.filter(item=case.item_id).first() or others.first()
        if main is not None:  # a quiet community may have no other case at this hour
            take(case, "join", centre, now, main=main.number)


def departments_with_people() -> set[int]:
    return {unit for (unit, role) in permissions.holders() if role in DEPARTMENT}
