"""What the page of one case shows, on the desk and on the phone: values ready for the template."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import access, deadlines, dispatch, items
from cases.conditions import where
from cases.models import (
    OPEN,
    PAUSED,
    CampaignCase,
    Case,
    DisputeOutcome,
    Ground,
    LeaveKind,
    Level,
    Outcome,
    PaperKind,
    Photo,
    PhotoKind,
    Reporter,
    Severity,
    ShareMode,
    Side,
    Source,
    State,
    TaskStep,
    Track,
    Transition,
    WhistleKind,
)
from cases.moves import Action
from cases.stages import stage_of
from governance import units
from governance.models import UnitKind, User
from governance.workcalendar import calendar
from grids import geo

NEARBY_METRES = 100
NEARBY_MOST = 8
Near = tuple[float, float, str, int, str]

# Lines that the clock wrote, beside those of the table of moves.
CLOCK_LABELS = {
    "remind": _("临期提醒"),
    "overdue": _("阶段超期"),
    "escalate": _("超期升级"),
    "promise_remind": _("承诺临期提醒"),
    "promise_overdue": _("承诺超期"),
    "recompute": _("日历变更，时限重算"),
    "relimit": _("事项时限变更，时限重算"),
    "supervision_due": _("督办逾期未回复"),
    "task_due": _("联办任务到期"),
    "recheck_due": _("整改复查到期"),
    "dispute_due": _("调解到期"),
    "obligation_due": _("协议履行到期"),
    "joined": _("重复事件并入"),
    "unstaffed": _("部门无人在岗"),
    "dissolved": _("部门撤销，无承接单位"),
    "followed": _("随机构调整"),
    "review_opened": _("提起追责"),
    "review_replied": _("责任人说明"),
    "review_ended": _("追责办结"),
}
# Lines of what was done beside the moves.
OTHER_LABELS = {
    "paper": _("制作文书"),
    "service_handed": _("转办事代办"),
    "answer_corrected": _("检查答案更正"),
    "dispute_opened": _("登记纠纷"),
    "dispute_party": _("登记当事人"),
    "dispute_corrected": _("更正当事人"),
    "dispute_consent": _("当事人意见"),
    "dispute_handover": _("移交调解"),
    "dispute_session": _("调解"),
    "dispute_ended": _("调解结束"),
    "dispute_visit": _("履行回访"),
    "dispute_court": _("申请司法确认"),
}
ACTION_LABELS = {**{a.value: a.label for a in Action}, **CLOCK_LABELS, **OTHER_LABELS}
SOURCE_LABELS = {
    "desk": _("指挥台"),
    "phone": _("手机"),
    "public": _("随手拍"),
    "api": _("接口"),
    "admin": _("管理后台"),
    "import": _("导入"),
    "sweep": _("系统计时"),
}


def facts(case: Case) -> dict[str, Any]:
    """The case itself."""
    item = items.facts(case.item_id)
    return {
        "number": case.number,
        "version": case.version,
        "item": item.title,
        "admission": item.admission,
        "closing": item.closing,
        "description": case.description,
        "place": case.place,
        "state": State(case.state).label,
        "state_code": case.state,
        "department": units.name_of(case.department_id),
        "named": str(case.handler) if case.state == State.DISPATCHED and case.handler else "",
        "grid": units.name_of(case.grid_id),
        "community": units.name_of(case.community_id) or units.name_of(case.street_id),
        "source": Source(case.source).label,
        "campaign": campaign_of(case),
        "of_visit": case.visit_id is not None,
        "reported_at": case.reported_at,
        "outcome": Outcome(case.outcome).label if case.outcome else "",
        "result": case.result,
        "answer": case.answer,
        "rework_count": case.rework_count,
        "level": Level(case.level).label if case.level != Level.COMMUNITY else "",
        "severity": Severity(case.severity).label if case.severity else "",
        "severity_code": case.severity,
        "forced": case.is_forced,
        "urged_at": case.urged_at,
    }


def campaign_of(case: Case) -> str:
    """The campaign that found a case, "" for any other; asked only of those that came so (a part
    that was split off has the source of the whole)."""
    if case.source != Source.CAMPAIGN:
        return ""
    titles = CampaignCase.objects.filter(case=case).values_list("task__campaign__title", flat=True)
    return titles.first() or ""


def clocks(case: Case, now: datetime) -> list[dict[str, Any]]:
    """The clock of the stage while it runs, and the promise until, and as, it was judged."""
    found = []
    stage = stage_of(case)
    if case.state in PAUSED:
        found.append(stopped(_t("处置时限") if case.state == State.SUSPENDED else _t("阶段时限")))
    elif stage and case.stage_due_at:
        label = _t("%(stage)s时限") % {"stage": stage.label}
        found.append(clock(label, case.stage_warn_at, case.stage_due_at, now))
    if case.promise_due_at is None:
        return found
    shown = promise(case, now)
    # both dates, for ever
    return [*found, {**shown, "original_due": case.promise_first_at or shown["due"]}]


def promise(case: Case, now: datetime) -> dict[str, Any]:
    assert case.promise_due_at is not None
    label, due = _t("对外承诺"), case.promise_due_at
    if case.promise_kept is not None:
        text = _t("按期结案") if case.promise_kept else _t("超期结案")
        if case.is_forced:  # closed, and nothing better (cases/figures.py)
            text = _t("强制结案")
        return {"label": label, "due": due, "light": "", "text": text}
    if case.state in PAUSED:
        return stopped(label) | {"due": due}
    shown = clock(label, None, due, now)
    runs = case.state in OPEN or case.state == State.SPLIT
    return shown if runs else {**shown, "light": "", "text": _t("已停止")}


def stopped(label: str) -> dict[str, Any]:
    return {"label": label, "due": None, "light": "", "text": _t("已暂停")}


def clock(label: str, warn: datetime | None, due: datetime, now: datetime) -> dict[str, Any]:
    return {
        "label": label,
        "due": due,
        "light": deadlines.light(warn, due, now),
        "text": deadlines.left(due, now),
        "provisional": calendar().is_provisional(localtime(due).date()),
    }


def lines(case: Case) -> list[Transition]:
    """The history of a case, newest first."""
    return list(case.transitions.select_related("by").order_by("-pk"))


def timeline(rows: Collection[Transition]) -> list[dict[str, Any]]:
    """Everything that happened, newest first: who, when, where from."""
    people = named_in(rows)
    return [
        {
            "label": ACTION_LABELS.get(row.action, row.action),
            "by": str(row.by) if row.by else actor_of(row),
            "source": SOURCE_LABELS.get(row.source, "") if row.by or by_resident(row) else "",
            "at": row.at,
            "note": "\n".join([row.note, *details(row, people)]).strip(),
            "kind": "clock" if row.action in CLOCK_LABELS else row.action,
        }
        for row in rows
    ]


def by_resident(row: Transition) -> bool:
    of_residents = {Action.REPORT, Action.RATE, Action.REPLY}
    return row.by_id is None and (row.action in of_residents or row.source == "public")


def actor_of(row: Transition) -> str:
    """Who did a line that no user did: a resident, or the platform."""
    return _t("居民") if by_resident(row) else _t("系统")


def named_in(rows: Iterable[Transition]) -> dict[int, str]:
    """The users that the facts of these lines name; no query where they name none."""
    facts = [row.details.get(name) for row in rows for name in ("handler", "user")]
    ids = {pk for pk in facts if pk is not None}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}


def details(row: Transition, people: Mapping[int, str]) -> Iterator[str]:
    """The facts of a line as sentences."""
    found = row.details
    if department := found.get("department"):
        reasons = _t("，").join(dispatch.sentence(reason) for reason in found.get("reasons", []))
        name = units.name_of(department)
        said = {"name": name, "reasons": reasons}
        yield _t("%(name)s（%(reasons)s）") % said if reasons else name
    for name, speak in SPOKEN.items():
        if name == "promise_kept" and row.action == Action.FORCE_CLOSE:
            continue  # in time or not, it is no better for it (cases/figures.py)
        if name in found and found[name] is not None:
            yield speak(people[found[name]] if name in {"handler", "user"} else found[name])
    if item := found.get("item"):
        yield _t("归入事项：%(item)s") % {"item": items.facts(item).title}
    if row.action in {"escalate", "promise_overdue"} and "level" in found:
        yield _t("升级到%(level)s") % {"level": UnitKind(found["level"]).label}
    for name, label in (("stage_due", _t("阶段时限")), ("promise_due", _t("对外承诺"))):
        if due := found.get(name):
            dates = " → ".join(moment(text) if text else _t("（无）") for text in due)
            yield _t("%(name)s：%(text)s") % {"name": label, "text": dates}


def named(unit_ids: list[int]) -> str:
    return _t("、").join(units.name_of(unit_id) for unit_id in unit_ids)


def from_to(pair: list[Any]) -> str:
    return f"{pair[0] or '—'} → {pair[1] or '—'}"


def units_from_to(pair: list[int | None]) -> str:
    return from_to([units.name_of(unit) for unit in pair])


def levels(value: Any) -> str:
    """Of a case that was passed up or down; the line of an escalation names a kind of unit."""
    if not isinstance(value, list):
        return ""
    return from_to([Level(level).label for level in value])


# Fact of a line → its sentence; in this order.
SPOKEN: dict[str, Callable[[Any], str]] = {
    "ground": lambda code: str(Ground(code).label),
    "outcome": lambda code: str(Outcome(code).label) if code else "",
    "satisfied": lambda yes: _t("满意") if yes else _t("不满意"),
    "promise_kept": lambda yes: _t("按期结案") if yes else _t("超期结案"),
    "rework": lambda n: _t("第 %(count)d 次返工") % {"count": n},
    "level": levels,
    "leave": lambda kind: str(LeaveKind(kind).label),
    "until": lambda text: _t("至 %(moment)s") % {"moment": moment(text)},
    "main": lambda number: _t("并入 %(number)s") % {"number": number},
    "part": lambda number: _t("%(number)s 并入本事件") % {"number": number},
    "parts": lambda numbers: _t("拆分为 %(numbers)s") % {"numbers": _t("、").join(numbers)},
    "whistle": lambda kind: str(WhistleKind(kind).label),
    "departments": named,
    "held_on": lambda day: _t("会商日期 %(day)s") % {"day": day},
    "participants": lambda text: _t("参加：%(text)s") % {"text": text},
    "step": lambda step: str(TaskStep(step).label),
    "at": lambda point: f"{point[1]:.6f}, {point[0]:.6f}",
    "score": lambda n: _t("%(n)d 分") % {"n": n},
    "what": str,
    "order": lambda number: _t("文书编号：%(number)s") % {"number": number},
    "due_on": lambda day: _t("整改期限 %(day)s") % {"day": day},
    "recheck_on": lambda day: _t("复查日期 %(day)s") % {"day": day},
    "mended": lambda yes: _t("整改合格") if yes else _t("整改不合格"),
    "severity": lambda code: str(Severity(code).label) if code else "",
    "description": lambda pair: _t("情况描述：%(text)s") % {"text": from_to(pair)},
    "place": lambda pair: _t("地点：%(text)s") % {"text": from_to(pair)},
    "moved": lambda yes: _t("位置已更正"),
    "grid": lambda pair: _t("网格：%(text)s") % {"text": units_from_to(pair)},
    "lies": lambda pair: _t("所在单位：%(text)s") % {"text": units_from_to(pair)},
    "led": lambda pair: _t("承办部门：%(text)s") % {"text": units_from_to(pair)},
    "tasked": lambda pair: _t("联办任务：%(text)s") % {"text": units_from_to(pair)},
    "let_in": lambda pair: _t("共享：%(text)s") % {"text": units_from_to(pair)},
    "mediating": lambda pair: _t("主持调解：%(text)s") % {"text": units_from_to(pair)},
    "reporter": lambda yes: _t("反映人信息已更正"),
    "unit": units.name_of,
    "handler": lambda name: _t("指定%(name)s签收") % {"name": name},
    "user": str,
    "mode": lambda code: str(ShareMode(code).label),
    "track": lambda code: str(Track(code).label),
    "tracks": lambda pair: from_to([Track(code).label for code in pair]),
    "side": lambda code: str(Side(code).label),
    "consents": lambda yes: _t("同意调解") if yes else _t("不同意调解"),
    "held_at": lambda text: _t("调解时间 %(moment)s") % {"moment": moment(text)},
    "present": lambda n: _t("到场当事人 %(n)d 人") % {"n": n},
    "dispute_outcome": lambda code: str(DisputeOutcome(code).label),
    "fulfilled": lambda yes: _t("已履行") if yes else _t("尚未履行"),
    "asked_on": lambda day: _t("申请日期 %(day)s") % {"day": day},
    "paper_kind": lambda kind: str(PaperKind(kind).label),
    "paper": str,
    "service": str,
}


def moment(text: str) -> str:
    return f"{localtime(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}"


def photos(case: Case, user: User) -> list[dict[str, Any]]:
    """The photos with addresses that ask again who looks; who may, can make one public."""
    publishes = access.may_act(user, case, "case.publish_photo")
    return [photo_of(photo, publishes=publishes) for photo in case.photos.order_by("pk")]


def photo_of(photo: Photo, *, publishes: bool) -> dict[str, Any]:
    return {
        "uuid": str(photo.uuid),
        "task": photo.task_id,
        "leave": photo.leave_id,
        "publish_url": reverse("photo_publish", args=[photo.uuid])
        if publishes and photo.kind != PhotoKind.PROOF
        else "",
        "url": reverse("photo", args=[photo.uuid]),
        "thumb_url": reverse("photo_thumb", args=[photo.uuid]),
        "kind_label": PhotoKind(photo.kind).label,
        "public": photo.no_person_visible,
    }


def reports(case: Case, user: User, happened: Collection[str]) -> list[dict[str, Any]]:
    """What those say and show who reported the same, or the whole of which this is a part; the
    number only of what the user sees anyway. Nothing is asked of a case that stands alone."""
    if case.parent_id is None and "joined" not in happened:
        return []
    rows = access.behind(case)
    seen = set(
        access.visible_to(user).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
    )
    shown: dict[int, list[Photo]] = {row.pk: [] for row in rows}
    for photo in Photo.objects.filter(access.AS_REPORTED, case__in=rows).order_by("pk"):
        shown[photo.case_id].append(photo)
    return [
        {
            "number": row.number if row.pk in seen else "",
            "joined": row.main_id is not None,
            "description": row.description,
            "photos": shown[row.pk],
        }
        for row in rows
    ]


def beside(
    matters: Mapping[str, Any], photos: Iterable[dict[str, Any]]
) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    """Give each joint task, and the request that waits for a decision, its photos. Returns the
    matters with them, and the photos that are left."""
    left = list(photos)
    for task in matters["tasks"]:
        task["photos"] = [photo for photo in left if photo["task"] == task["id"]]
    if leave := matters["leave"]:
        leave["photos"] = [photo for photo in left if photo["leave"] == leave["id"]]
    open_leave = leave["id"] if leave else None
    return matters, [
        photo
        for photo in left
        if not photo["task"] and (photo["leave"] is None or photo["leave"] != open_leave)
    ]


def reporter(case: Case, user: User, *, revealed: bool = False) -> dict[str, Any] | None:
    """The reporter masked, or in clear right after a reveal that was written down."""
    if case.reporter_id is None:
        return None
    row = Reporter.objects.select_related("data_key").get(pk=case.reporter_id)
    sealed = {"name": row.name, "phone": row.phone, "email": row.email}
    shown = {
        f"{name}_masked": (value.reveal() if revealed else value.masked) if value else ""
        for name, value in sealed.items()
    }
    if not revealed and access.may_act(user, case, "reporter.reveal"):
        shown["reveal_url"] = reverse("desk:reveal", args=[case.number])
    return shown


def point(case: Case) -> dict[str, Any] | None:
    if case.lon is None or case.lat is None:
        return None
    return {"lon": case.lon, "lat": case.lat, "accuracy": case.accuracy_m}


def nearby(case: Case, user: User, prefix: str) -> list[dict[str, Any]]:
    """Open cases within 100 m that this user may see, the nearest first."""
    if case.lon is None or case.lat is None:
        return []
    found = []
    for lon, lat, number, item_id, state in around(case, user, case.lon, case.lat):
        away = geo.metres(case.lon, case.lat, lon, lat)
        if away <= NEARBY_METRES:
            found.append((away, number, item_id, state))
    return [
        {
            "number": number,
            "url": f"{prefix}{number}/",
            "item": items.facts(item_id).title,
            "state": State(state).label,
            "distance": _t("%(m)d 米") % {"m": round(away)},
        }
        for away, number, item_id, state in sorted(found)[:NEARBY_MOST]
    ]


def around(case: Case, user: User, lon: float, lat: float) -> list[Near]:
    """The other open cases in the square around a point that this user may see, by the GiST index:
    (lon, lat, number, item id, state)."""
    east, north = geo.degrees(NEARBY_METRES, lat)
    scope, params = where(access.visible(user) & Q(state__in=OPEN) & ~Q(pk=case.pk))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lon, lat, number, item_id, state FROM cases_case WHERE lon IS NOT NULL"
            f" AND point(lon, lat) <@ box(point(%s, %s), point(%s, %s)) AND {scope} LIMIT 200",
            [lon - east, lat - north, lon + east, lat + north, *params],
        )
        found: list[Near] = cursor.fetchall()
    return found
