"""What a move needs, checked: what was given with it, and what must be so of the case.

`CONDITIONS` ask the case alone, by its own columns: pages offer only moves whose conditions hold.
`CHECKS` ask what was given; each raises NotAllowed with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import gettext as _t

from cases import access, deadlines, dispatch, items, opening, rules, supervision
from cases.errors import NotAllowed
from cases.given import Given
from cases.models import (
    PAUSED,
    Assignment,
    Case,
    CaseShare,
    Finding,
    Leave,
    LeaveKind,
    Level,
    Outcome,
    PhotoKind,
    Remit,
    ShareMode,
    State,
    Supervision,
    Task,
    WhistleKind,
)
from cases.moves import Need
from cases.regulations import regulation
from governance import clock, permissions, units
from governance.models import UnitKind, User
from governance.workcalendar import calendar

if TYPE_CHECKING:
    Condition = Callable[[Case, Any, datetime], str]
    Check = Callable[[Case, Any, datetime, Given], None]

PARTS_MOST = 10
DEPARTMENTS_MOST = 20
FURTHEST = timedelta(days=731)


T = TypeVar("T")


def once(case: Case, name: str, ask: Callable[[], T]) -> T:
    """What hangs on a case in hand, asked once for all the moves of its page; a move makes it
    forget."""
    known: dict[str, T] = case.__dict__.setdefault("_asked", {})
    if name not in known:
        known[name] = ask()
    return known[name]


# Conditions: "" where the case is so, else the sentence ------------------------------------------


def another(case: Case, by: User | None, now: datetime) -> str:
    own = by is not None and by.pk == case.handler_id
    return _t("经办人不能核查自己处置的事件。") if own else ""


def not_rated(case: Case, by: User | None, now: datetime) -> str:
    return _t("该事件已评价过。") if case.satisfied is not None else ""


def returned(case: Case, by: User | None, now: datetime) -> str:
    if not case.return_count:
        return _t("没有部门退过单，请直接派遣。")
    gone = not is_department(once(case, "returned_by", lambda: returned_by(case)))
    return _t("退单的部门已撤销，不能坚持派遣，请改派其他部门。") if gone else ""


def returned_by(case: Case) -> int | None:
    """The department that sent it back last."""
    rows = Assignment.objects.filter(case=case, returned_at__isnull=False)
    return rows.order_by("-returned_at").values_list("department_id", flat=True).first()


def not_ruled(case: Case, by: User | None, now: datetime) -> str:
    return _t("该事件已经督办员裁定，不能再退单。") if case.is_ruled else ""


def below_top(case: Case, by: User | None, now: datetime) -> str:
    """Below the district, the case as well as the post that would pass it on."""
    at = max(Level.values.index(case.level), passing_from(by))
    return "" if at + 1 < len(Level.values) else _t("已在最高层级，不能再上报。")


def passing_from(by: User | None) -> int:
    """How high the user's own posts stand that may pass a case up."""
    posts = [] if by is None else permissions.posts_with(by, "case.pass_up")
    return max((access.level_of(post) for post in posts), default=0)


def may_go_down(case: Case, by: User | None, now: datetime) -> str:
    if case.level == Level.COMMUNITY:
        return _t("已在最低层级，不能再交办。")
    if items.facts(case.item_id).remit == Remit.UPPER:
        return _t("该事项已由上级收回，不能交办下级。")
    return ""


def in_time(case: Case, by: User | None, now: datetime) -> str:
    late = case.stage_due_at is not None and now > case.stage_due_at
    return _t("已超过处置时限，不能再申请延期。") if late else ""


def no_leave(case: Case, by: User | None, now: datetime) -> str:
    return _t("已有待审批的申请，请先审批。") if case.leave else ""


def leave(case: Case, by: User | None, now: datetime) -> str:
    return "" if case.leave else _t("没有待审批的申请。")


def still_ahead(case: Case, by: User | None, now: datetime) -> str:
    rows = case.leaves.filter(decided_at=None).values_list("until", flat=True)
    until = once(case, "leave_until", rows.first) if case.leave else None
    if until is None:
        return _t("没有待审批的申请。")
    return "" if until > now else _t("申请的日期已过，请不予批准，由部门重新申请。")


def extensions_left(case: Case, by: User | None, now: datetime) -> str:
    rows = Leave.objects.filter(case=case, kind=LeaveKind.EXTENSION, granted=True)
    most = regulation().extensions_most
    full = once(case, "extensions", rows.count) >= most
    return _t("该事件已延期 %(most)d 次，不能再申请。") % {"most": most} if full else ""


def tasks_done(case: Case, by: User | None, now: datetime) -> str:
    if not case.tasks_open:
        return ""
    return _t("还有 %(n)d 项任务没有反馈或免除。") % {"n": case.tasks_open}


def not_urged(case: Case, by: User | None, now: datetime) -> str:
    began = case.stage_began_at
    urged = case.urged_at is not None and (began is None or case.urged_at >= began)
    return _t("本阶段已催办过。") if urged else ""


def under_supervision(case: Case, by: User | None, now: datetime) -> str:
    return "" if case.severity else _t("该事件不在督办中。")


def unanswered(case: Case, by: User | None, now: datetime) -> str:
    """An order that waits for its reply; a case keeps its level also when all are answered."""
    if not case.severity:
        return under_supervision(case, by, now)
    rows = Supervision.objects.filter(case=case, replied_at=None, ended_at=None)
    return "" if once(case, "orders_open", rows.exists) else _t("督办均已回复。")


def not_red(case: Case, by: User | None, now: datetime) -> str:
    if supervision.may_rise(case.severity):
        return ""
    return _t("同级督办不能重复，也不能降级；需要时请先撤销督办。")


def joined_lately(case: Case, by: User | None, now: datetime) -> str:
    hours = regulation().unjoin_hours
    lately = case.joined_at is not None and now <= case.joined_at + timedelta(hours=hours)
    return "" if lately else _t("并案已超过 %(hours)d 小时，不能撤销。") % {"hours": hours}


def dispute_ended(case: Case, by: User | None, now: datetime) -> str:
    return _t("纠纷还在调解，请先结束调解。") if case.dispute_open else ""


def has_task(case: Case, by: User | None, now: datetime) -> str:
    return "" if case.is_joint else _t("该事件没有联办任务。")


def has_finding(case: Case, by: User | None, now: datetime) -> str:
    return "" if case.findings_open else _t("没有待整改的检查发现。")


CONDITIONS: Mapping[Need, Condition] = {
    Need.ANOTHER: another,
    Need.SATISFIED: not_rated,
    Need.RETURNED: returned,
    Need.NOT_RULED: not_ruled,
    Need.BELOW_TOP: below_top,
    Need.MAY_GO_DOWN: may_go_down,
    Need.IN_TIME: in_time,
    Need.NO_LEAVE: no_leave,
    Need.LEAVE: leave,
    Need.TASKS_DONE: tasks_done,
    Need.NOT_URGED: not_urged,
    Need.SUPERVISED: unanswered,
    Need.SEVERITY: not_red,
    Need.EXTENSIONS_LEFT: extensions_left,
    Need.STILL_AHEAD: still_ahead,
    Need.UNDER_SUPERVISION: under_supervision,
    Need.JOINED_LATELY: joined_lately,
    Need.DISPUTE_ENDED: dispute_ended,
    Need.TASK: has_task,
    Need.FINDING: has_finding,
}


# Checks of what was given ------------------------------------------------------------------------


def need_note(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if not given.note:
        raise NotAllowed(_t("请填写说明。"))


def need_department(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if given.department_id is None:
        raise NotAllowed(_t("请选择承办部门。"))
    candidates = {c.department_id: c for c in dispatch.rank(case, given.loads)}
    if given.department_id not in candidates:
        raise NotAllowed(_t("所选部门不在可派遣范围内。"))
    chosen = candidates[given.department_id]
    if chosen.returned and case.state == State.ACCEPTED:
        raise NotAllowed(_t("该部门已退单，请改派其他部门，或说明理由坚持派遣。"))
    given.reasons, given.handler_id = tuple(chosen.reasons), chosen.handler_id


def need_returned(case: Case, by: User | None, now: datetime, given: Given) -> None:
    """The department that sent it back last; another one would be a plain dispatch."""
    given.department_id = returned_by(case)


def need_outcome(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if given.outcome not in Outcome.values:
        raise NotAllowed(_t("请选择办理结果。"))


def need_after_photo(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if not items.facts(case.item_id).photo_after:
        return
    # After a rework the picture must be of the new work, not of what failed.
    since = case.stage_began_at if case.rework_count else None
    photos = case.photos.filter(kind=PhotoKind.AFTER)
    if (photos.filter(added_at__gte=since) if since else photos).exists():
        return
    if since and photos.exists():  # the same picture again is the one that is there already
        raise NotAllowed(_t("返工后须上传新的处置后照片，返工前发送过的照片不能再用。"))
    raise NotAllowed(_t("该事项要求上传处置后照片。"))


def need_satisfied(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if given.satisfied is None:
        raise NotAllowed(_t("请选择满意或不满意。"))


def need_until(case: Case, by: User | None, now: datetime, given: Given) -> None:
    """A day after the one that is asked about, and for a suspension not too far off."""
    if given.until is None:
        raise NotAllowed(_t("请填写日期。"))
    days = calendar()
    today = deadlines.local_day(now, days)
    if given.until <= today:
        raise NotAllowed(_t("日期须在今天之后。"))
    not_too_far(given.until, now)


def not_too_far(day: date | None, now: datetime) -> None:
    """A slip of the year is no date: to compute with it would take for ever."""
    if day is not None and day > deadlines.local_day(now, calendar()) + FURTHEST:
        raise NotAllowed(_t("日期超出两年，请核对。"))


def need_main(case: Case, by: User | None, now: datetime, given: Given) -> None:
    """Checked under its lock by the verb (`workflow.locked_main`)."""
    if not given.main:
        raise NotAllowed(_t("请选择要并入的事件。"))


def need_parts(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if not 2 <= len(given.parts) <= PARTS_MOST:
        raise NotAllowed(_t("请拆分为 2 至 %(most)d 件。") % {"most": PARTS_MOST})
    for part in given.parts:
        opening.active_item(part.item_id)
        if not part.description.strip():
            raise NotAllowed(_t("请写明每一件的情况。"))


def need_whistle_kind(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if given.whistle_kind not in WhistleKind.values:
        raise NotAllowed(_t("请选择吹哨类别。"))


def need_departments(case: Case, by: User | None, now: datetime, given: Given) -> None:
    chosen = tuple(dict.fromkeys(given.department_ids))
    if not 1 <= len(chosen) <= DEPARTMENTS_MOST:
        raise NotAllowed(_t("请选择参加部门，最多 %(most)d 个。") % {"most": DEPARTMENTS_MOST})
    for department_id in chosen:
        called(case, department_id)
    given.department_ids = chosen


def is_department(unit_id: int | None) -> bool:
    """Whether it is one of today's departments."""
    unit = units.known().get(unit_id or 0)
    return unit is not None and unit.kind == UnitKind.DEPARTMENT and unit.valid_to is None


def may_be_called(case: Case, department_id: int) -> bool:
    """Whether it may get a task: as with a dispatch, none of a street for what a higher level took
    back."""
    return not rules.goes_down(units.known()[department_id], items.facts(case.item_id))


def called(case: Case, unit_id: int | None) -> None:
    """A department that gets a task."""
    a_department(unit_id)
    if not may_be_called(case, unit_id or 0):
        raise NotAllowed(_t("该事项已由上级收回，不能交给街道部门。"))


def a_department(unit_id: int | None) -> None:
    if not is_department(unit_id):
        raise NotAllowed(_t("请从现有部门中选择。"))


def need_task(case: Case, by: User | None, now: datetime, given: Given) -> None:
    """Checked with its state by the effect of the move."""
    if not Task.objects.filter(pk=given.task_id or 0, case=case).exists():
        raise NotAllowed(_t("请选择任务。"))


def need_score(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if given.score not in range(1, 6):
        raise NotAllowed(_t("请评 1 至 5 分。"))


def need_meeting(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if given.held_on is None or not given.participants or not given.note:
        raise NotAllowed(_t("请填写会商日期、参加单位和纪要。"))
    if given.held_on > deadlines.local_day(now, calendar()):
        raise NotAllowed(_t("会商日期不能晚于今天。"))
    for decision in given.decisions:
        called(case, decision.department_id)
        if decision.due_on < deadlines.local_day(now, calendar()):
            raise NotAllowed(_t("分工的完成日期不能早于今天。"))
        not_too_far(decision.due_on, now)


def need_what_found(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if not given.what or not given.party:
        raise NotAllowed(_t("请填写发现的问题和责任主体。"))


def need_finding(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if not Finding.objects.filter(pk=given.finding_id or 0, case=case).exists():
        raise NotAllowed(_t("请选择检查发现。"))


def need_order(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if not given.ground or given.due_on is None or given.recheck_on is None:
        raise NotAllowed(_t("请填写法律依据、整改期限和复查日期。"))
    if not deadlines.local_day(now, calendar()) <= given.due_on <= given.recheck_on:
        raise NotAllowed(_t("整改期限不能早于今天，复查不能早于整改期限。"))
    not_too_far(given.recheck_on, now)


def need_mended(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if given.mended is None:
        raise NotAllowed(_t("请选择整改是否合格。"))
    if given.mended:
        return
    if given.recheck_on is None or given.recheck_on <= deadlines.local_day(now, calendar()):
        raise NotAllowed(_t("整改不合格的，请填写今天之后的再次复查日期。"))
    not_too_far(given.recheck_on, now)


def need_severity(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if given.severity not in supervision.ORDER:
        raise NotAllowed(_t("请选择督办级别。"))
    if not supervision.may_follow(given.severity, case.severity):
        raise NotAllowed(_t("同级督办不能重复，也不能降级；需要时请先撤销督办。"))


# What a correction may change, in the words of `Given`.
WORDS = frozenset({"description", "reporter_name", "reporter_phone", "reporter_email"})
PLACE = frozenset({"place", "place_unit_id", "lon", "lat"})
CORRECTED = WORDS | PLACE | {"item_id", "promise_on"}


def correctable(case: Case) -> frozenset[str]:
    """What may be corrected of a case as it stands. The clocks that stand still stay as they are;
    what is done stays what and where it was, and is answered to whom it concerns."""
    if case.state == State.CLOSED:
        return WORDS
    return WORDS | PLACE if case.state in PAUSED else CORRECTED


def need_correction(case: Case, by: User | None, now: datetime, given: Given) -> None:
    asked = {name for name in CORRECTED if getattr(given, name) is not None}
    if given.item_id == case.item_id:
        asked.discard("item_id")
    if asked - correctable(case):
        said = _t("“%(state)s”的事件不能更正事项、承诺；已结案的，也不能更正地点。")
        raise NotAllowed(said % {"state": State(case.state).label})
    what = (given.item_id, given.description, given.promise_on)
    where = (given.place, given.place_unit_id, given.lon)
    contact = (given.reporter_name, given.reporter_phone, given.reporter_email)
    if all(value is None for value in (*what, *where, *contact)):
        raise NotAllowed(_t("没有要更正的内容。"))
    if given.item_id is not None and given.item_id != case.item_id:
        opening.active_item(given.item_id)
    if given.description is not None and not given.description.strip():
        raise NotAllowed(_t("情况描述不能为空。"))
    if given.place == "" and case.lon is None and given.lon is None:
        raise NotAllowed(_t("没有位置的事件须写明地点。"))
    if given.place_unit_id is not None:
        need_place_unit(case, by, given)
    if given.promise_on is not None:
        promise_on(case, given.promise_on, now)


def need_place_unit(case: Case, by: User | None, given: Given) -> None:
    if case.lon is not None or given.lon is not None:
        raise NotAllowed(_t("有位置的事件按位置归入网格，请在地图上更正。"))
    unit = units.known().get(given.place_unit_id or 0)
    if unit is None or unit.valid_to is not None or unit.kind not in access.PLACED_IN:
        raise NotAllowed(_t("请从现有社区、网格中选择。"))
    if by is not None and unit not in access.places_of(by, "case.correct"):
        raise NotAllowed(_t("只能选择本辖区的社区、网格。"))


def promise_on(case: Case, day: date, now: datetime) -> None:
    not_too_far(day, now)
    if case.first_closed_at is not None:
        raise NotAllowed(_t("承诺已在首次结案时判定，不能再改。"))
    if day < deadlines.local_day(case.reported_at, calendar()):
        raise NotAllowed(_t("承诺日期不能早于上报日期。"))


def need_shared_with(case: Case, by: User | None, now: datetime, given: Given) -> None:
    if (given.unit_id is None) == (given.user_id is None):
        raise NotAllowed(_t("请选择一个部门或一个人。"))
    if given.unit_id is not None:
        a_department(given.unit_id)
    elif not User.objects.filter(pk=given.user_id or 0, is_active=True).exists():
        raise NotAllowed(_t("请选择在用的人员。"))
    not_too_far(given.until, now)
    if given.until is not None and deadlines.end_of(given.until, calendar()) <= now:
        raise NotAllowed(_t("日期须在今天之后。"))
    given.mode = given.mode or ShareMode.READ
    if given.mode not in ShareMode.values:
        raise NotAllowed(_t("请选择共享方式。"))


def need_shared(case: Case, by: User | None, now: datetime, given: Given) -> None:
    """Whoever it is shared with: a department may be dissolved, a person gone meanwhile."""
    if open_share(case, given) is None:
        raise NotAllowed(_t("没有与其共享。"))


CHECKS: Mapping[Need, Check] = {
    Need.NOTE: need_note,
    Need.DEPARTMENT: need_department,
    Need.RETURNED: need_returned,
    Need.OUTCOME: need_outcome,
    Need.AFTER_PHOTO: need_after_photo,
    Need.SATISFIED: need_satisfied,
    Need.UNTIL: need_until,
    Need.MAIN: need_main,
    Need.PARTS: need_parts,
    Need.WHISTLE_KIND: need_whistle_kind,
    Need.DEPARTMENTS: need_departments,
    Need.TASK: need_task,
    Need.SCORE: need_score,
    Need.MEETING: need_meeting,
    Need.WHAT_FOUND: need_what_found,
    Need.FINDING: need_finding,
    Need.ORDER: need_order,
    Need.MENDED: need_mended,
    Need.SEVERITY: need_severity,
    Need.CORRECTION: need_correction,
    Need.SHARED_WITH: need_shared_with,
    Need.SHARED: need_shared,
}


def check(need: Need, case: Case, by: User | None, now: datetime, given: Given) -> None:
    """Raises NotAllowed where a need is not met."""
    if sentence := unmet(need, case, by, now):
        raise NotAllowed(sentence)
    if need in CHECKS:
        CHECKS[need](case, by, now, given)


def forget(case: Case) -> None:
    """Nothing that was asked once of a case still holds after a move."""
    case.__dict__.pop("_asked", None)


def unmet(need: Need, case: Case, by: User | None, now: datetime) -> str:
    """The sentence, where the condition that a need sets of the case is not met; of what hangs on
    the case asked once (`once`)."""
    return CONDITIONS[need](case, by, now) if need in CONDITIONS else ""


def open_share(case: Case, given: Given) -> CaseShare | None:
    """The share that a move speaks of, while it lasts."""
    rows = CaseShare.objects.filter(case=case, ended_at=None, until__gt=clock.now())
    rows = rows.order_by("for_dispute")  # what the centre gave, before what a mediation needs
    if given.unit_id is not None:
        return rows.filter(unit=given.unit_id).first()
    return rows.filter(user=given.user_id or 0).first()
