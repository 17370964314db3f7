"""办事代办: a request is entrusted, then changed only by `take`, by service_moves.py's table."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import (
    access,
    deadlines,
    opening,
    schemas,
    service_items,
    submissions,
    visits,
    workflow,
)
from cases.errors import Changed, NotAllowed
from cases.models import (
    Case,
    ServiceApplicant,
    ServiceMaterial,
    ServiceOutcome,
    ServicePause,
    ServiceRequest,
    ServiceState,
    ServiceStep,
)
from cases.service_items import ServiceFacts
from cases.service_moves import BY_ACTION, MOVES, RUNNING, ServiceAction, ServiceMove, ServiceNeed
from governance import outbox, permissions, timers, units, uploads
from governance.access import record_look
from governance.models import LEVELS, Timer, UnitKind
from governance.outbox import Note
from governance.permissions import CENTRE, DEPARTMENT, FIELD, VOLUNTEERS
from governance.roles import Role
from governance.workcalendar import Calendar, calendar

if TYPE_CHECKING:
    from governance.models import User
    from people.models import Visit

OVERDUE, VISIT, RECOMPUTE = "service.overdue", "service.visit", "service.recompute"
HANDED_OVER = "service_handed"  # the action of the line in the case's history
VISIT_AFTER = timedelta(days=7)
PHOTOS_MOST = 12
CLOSED = (ServiceState.DELIVERED, ServiceState.TERMINATED, ServiceState.WITHDRAWN)

outbox.SENTENCES.update(
    {
        "service.turn": _("%(service)s（%(number)s）待您办理：%(service_state)s。"),
        "service.overdue": _("%(service)s（%(number)s）已超过办理期限（%(due)s）。"),
        "service.visit": _("%(service)s（%(number)s）已送达，请回访。"),
        "service.ended": _("%(service)s（%(number)s）不再办理：%(service_state)s。"),
    }
)
outbox.READERS.update(
    {
        "service": lambda pk: service_items.facts(int(pk)).title,
        "service_state": lambda code: str(ServiceState(code).label),
    }
)
for _kind in ("service.turn", "service.ended", OVERDUE, VISIT):
    outbox.LINKS[_kind] = lambda params: reverse("desk:service", args=[params["number"]])


@dataclass(frozen=True)
class Brought:
    """A material that was brought, with its picture if one was taken."""

    name: str
    picture: IO[bytes] | None = None


@dataclass(frozen=True)
class Given:
    """What comes with a move."""

    note: str = ""
    outcome: str = ""
    satisfied: bool | None = None


@dataclass
class Files:
    """The files written so far: a failing transaction takes them along, or no row names them."""

    written: list[ServiceMaterial] = field(default_factory=list)

    def discard(self) -> None:
        for material in self.written:
            material.file.delete(save=False)


# Who sees and may -------------------------------------------------------------------------------


def visible_services(user: User) -> QuerySet[ServiceRequest]:
    """The requests of the user's territory or department, and those the user was entrusted with."""
    query = Q(entrusted_by=user.pk)
    for post in permissions.posts_with(user, "service.see"):
        query |= access.scope(post) or Q(pk=0)
        query |= access.homeless(post) or Q(pk=0)
    return ServiceRequest.objects.filter(query)


def request_for(user: User, number: str) -> ServiceRequest:
    """The request, or 404 when it is not this user's to see."""
    # the database would not even compare an address with a NUL in it
    rows = visible_services(user).filter(number=number)
    found = rows.select_related("entrusted_by", "case").first() if number.isalnum() else None
    if found is None:
        raise Http404
    return found


def may_act(user: User, request: ServiceRequest, permission: str) -> bool:
    """Whether one of the user's posts gives the permission over this very request."""
    posts = [p for p in permissions.posts_with(user, permission) if p.role not in VOLUNTEERS]
    own = permission != "service.handle" and request.entrusted_by_id == user.pk
    return bool(posts) and (own or any(access.covers(post, request) for post in posts))


def may(user: User, request: ServiceRequest, move: ServiceMove) -> bool:
    return any(may_act(user, request, permission) for permission in move.who)


def allowed(request: ServiceRequest, user: User) -> list[ServiceMove]:
    """The moves this user may make on this request now, in the order of the table."""
    return [move for move in MOVES if request.state in move.source and may(user, request, move)]


# Entrusting -------------------------------------------------------------------------------------


def entrust(
    item: ServiceFacts,
    *,
    by: User,
    now: datetime,
    name: str,
    phone: str,
    answers: Mapping[str, object],
    materials: Iterable[Brought] = (),
    grid_id: int | None = None,
    case: Case | None = None,
    visit: Visit | None = None,
    resident_id: int | None = None,
    key: uuid.UUID | None = None,
) -> ServiceRequest:
    """Take a mandate: applicant and answers sealed, materials kept, the department told.

    With a case it is handed over from there: whoever reported it is the applicant where no other
    is named, and is not asked again. With a visit it was asked for at that door: the applicant is
    the resident named (a residency) where nobody else is. With a `key` (made by the client) the
    same sent again is the same request. Raises NotAllowed, of which BadAnswers names the fields,
    uploads.BadPicture, and Conflict for a key used for something else.
    """
    if not permissions.may(by, "service.entrust"):
        raise NotAllowed(_t("您的岗位不能接受委托。"))
    if not item.is_active:
        raise NotAllowed(_t("该事项已停办，请选择其他事项。"))
    if grid_id is not None and grid_id not in dict(grids_of(by)):
        raise NotAllowed(_t("请选择本辖区的网格。"))
    if case is not None:
        name, phone = person_of(case, by, name, phone)
        if grid_id is None and case.grid_id in dict(grids_of(by)):
            grid_id = case.grid_id
    if visit is not None:
        visits.check(visit, by)
        if resident_id is not None and not name.strip():
            name, own = visits.person_of(visit, resident_id, by, now)
            phone = phone.strip() or own
        if grid_id is None and visit.grid_id in dict(grids_of(by)):
            grid_id = visit.grid_id
    if not name.strip() or not phone.strip():
        raise NotAllowed(_t("请填写申请人的姓名和电话。"))
    schemas.check(item.schema, answers)
    materials, files = list(materials), Files()
    names = [brought.name for brought in materials]
    said: tuple[object, ...] = (
        *(item.pk, name, phone, sorted(answers.items()), names, grid_id, case and case.pk),
        # only when given: a mandate that came before there were visits stays the same one
        *([("visit", visit.pk)] if visit else []),
    )
    try:
        with transaction.atomic():
            if key and (known := submissions.earlier(key, said, by=by)):
                assert known.service is not None  # what was said is a mandate's
                return known.service
            applicant = sealed(name, phone, answers)
            request = ServiceRequest.objects.create(
                number=f"B{opening.new_number(now)}",
                item_id=item.pk,
                state=ServiceState.ENTRUSTED,
                applicant=applicant,
                department_id=item.department_id,
                entrusted_by=by,
                entrusted_at=now,
                case=case,
                visit=visit,
                **where(by, grid_id),
            )
            for brought in materials:
                keep(request, item, brought, by, now, files)
            check_photos(request)
            write_line(request, ServiceAction.ENTRUST, by, now, before="", note="")
            if case is not None:
                facts = {"service": request.number}
                workflow.line_of(
                    case, HANDED_OVER, by=by, at=now, before=case.state, details=facts
                ).save()
            tell_turn(request, by, now)
            if key:
                submissions.keep(key, by=by, service=request)
    except BaseException:
        files.discard()
        raise
    return request


def may_hand_over(user: User, case: Case) -> bool:
    """Whether a case may go on as a service: by who takes mandates and may know who asks."""
    takes = permissions.may(user, "service.entrust")
    return takes and access.may_act(user, case, "reporter.reveal")


def person_of(case: Case, by: User, name: str, phone: str) -> tuple[str, str]:
    """Who is named, else who reported: copied from seal to seal, shown to nobody."""
    if not may_hand_over(by, case):
        raise NotAllowed(_t("您的岗位不能将该事件转为办事代办。"))
    reporter = case.reporter
    if name.strip() or reporter is None:
        return name, phone
    known_name = reporter.name.reveal() if reporter.name else ""
    known_phone = reporter.phone.reveal() if reporter.phone else ""
    return known_name, phone.strip() or known_phone


def sealed(name: str, phone: str, answers: Mapping[str, object]) -> ServiceApplicant:
    applicant = ServiceApplicant()
    applicant.name, applicant.phone = name.strip(), phone.strip()
    applicant.answers = json.dumps(answers, ensure_ascii=False)
    applicant.save()
    return applicant


def where(by: User, grid_id: int | None) -> dict[str, int | None]:
    """The ids of the levels: the grid's chain, else that of the post which takes mandates."""
    if grid_id is not None:
        return units.known()[grid_id].chain
    post = permissions.posts_with(by, "service.entrust")[0]
    return {f"{level}_id": getattr(post, f"{level}_id") for level in LEVELS}


def grids_of(user: User) -> list[tuple[int, str]]:
    """The grids that the user takes mandates in, those of the own territory."""
    covered = [p.territory for p in permissions.posts_with(user, "service.entrust") if p.territory]
    return [
        (unit.pk, unit.name)
        for unit in units.known().values()
        if unit.kind == UnitKind.GRID and unit.valid_to is None
        if any(getattr(unit, column) == value for column, value in covered)
    ]


def keep(
    request: ServiceRequest,
    item: ServiceFacts,
    brought: Brought,
    by: User,
    now: datetime,
    files: Files,
) -> ServiceMaterial:
    if brought.name not in {material.name for material in item.materials}:
        raise NotAllowed(_t("办事指南中没有这项材料。"))
    material = ServiceMaterial(
        uuid=uuid.uuid4(), request=request, name=brought.name, received_at=now, received_by=by
    )
    if brought.picture is not None:
        picture = uploads.clean(brought.picture)
        files.written.append(material)
        material.file.save("", ContentFile(picture.jpeg), save=False)
    material.save()
    return material


def check_photos(request: ServiceRequest) -> None:
    if request.materials.exclude(file="").count() > PHOTOS_MOST:
        raise NotAllowed(_t("每件最多 %(most)d 张照片。") % {"most": PHOTOS_MOST})


def bring(
    request: ServiceRequest, brought: Iterable[Brought], *, by: User, now: datetime
) -> ServiceRequest:
    """Keep materials that were brought later. Raises NotAllowed, uploads.BadPicture."""
    files = Files()
    try:
        with transaction.atomic():
            request = locked(request.pk)
            if request.state not in {ServiceState.ENTRUSTED, ServiceState.SUPPLEMENT}:
                raise NotAllowed(_t("受理后不再收材料；需要时由承办部门要求补正。"))
            if not may_act(by, request, "service.entrust"):
                raise NotAllowed(_t("您的岗位不能对该委托收材料。"))
            for one in brought:
                keep(request, service_items.facts(request.item_id), one, by, now, files)
            check_photos(request)
    except BaseException:
        files.discard()
        raise
    return request


# The verb ---------------------------------------------------------------------------------------


@transaction.atomic
def take(
    request: ServiceRequest,
    action: str,
    *,
    by: User | None,
    now: datetime,
    version: int | None = None,
    **fields: Any,
) -> ServiceRequest:
    """Make one move: lock, check the table, write, append the line, timers, messages; all or none.

    `version` is what the caller saw; `fields` are those of `Given`. Returns the request as it is
    now. Raises Changed when it moved on since `version`, NotAllowed when the table forbids it.
    """
    given = Given(**{**fields, "note": fields.get("note", "").strip()})
    request = locked(request.pk)
    if version is not None and version != request.version:
        raise Changed(_t("该委托已被他人更新，请查看最新情况后再操作。"))
    move = check(request, action, by, given)
    before = ServiceState(request.state)
    request.state = move.to or resumed(request, now)
    request.version += 1
    apply(request, move, before, now, given)
    request.save()
    write_line(request, move.action, by, now, before=before, note=given.note)
    tell_turn(request, by, now)
    return request


def locked(pk: int) -> ServiceRequest:
    return ServiceRequest.objects.select_for_update(of=("self",)).get(pk=pk)


def check(request: ServiceRequest, action: str, by: User | None, given: Given) -> ServiceMove:
    """The row of the table, if it allows this request, person and what was given."""
    move = BY_ACTION.get(action)
    if move is None or request.state not in move.source:
        raise NotAllowed(
            _t("“%(state)s”的委托不能“%(action)s”。")
            % {
                "state": ServiceState(request.state).label,
                "action": move.action.label if move else action,
            }
        )
    if by is not None and not may(by, request, move):
        raise NotAllowed(_t("您的岗位不能对该委托“%(action)s”。") % {"action": move.action.label})
    for need in move.needs:
        if why := unmet(need, request, given):
            raise NotAllowed(why)
    return move


def unmet(need: ServiceNeed, request: ServiceRequest, given: Given) -> str:
    """What is missing for a move; "" when nothing is."""
    if need == ServiceNeed.NOTE and not given.note:
        return _t("请写明说明。")
    if need == ServiceNeed.MATERIALS and (names := missing(request)):
        text = _t("、").join(names)
        return _t("还缺材料：%(names)s。") % {"names": text}
    if need == ServiceNeed.OUTCOME and given.outcome not in ServiceOutcome.values:
        return _t("请选择办理结果。")
    if given.outcome == ServiceOutcome.REFUSED and not given.note:
        return _t("不符合条件的，请写明理由。")
    if given.outcome == ServiceOutcome.REFERRED and not given.note:
        return _t("转其他单位的，请写明转往何处。")
    if need == ServiceNeed.SATISFIED and given.satisfied is None:
        return _t("请选择满意与否。")
    if given.satisfied is False and not given.note:
        return _t("不满意的，请写明原因。")
    return ""


def missing(request: ServiceRequest) -> list[str]:
    """The needed materials that were not brought yet, in the order of the guide."""
    brought = set(request.materials.values_list("name", flat=True))
    return [n for n in service_items.facts(request.item_id).needed if n not in brought]


def apply(
    request: ServiceRequest, move: ServiceMove, before: ServiceState, now: datetime, given: Given
) -> None:
    """The columns and timers that go with a move. Saves nothing of the request."""
    if move.action == ServiceAction.ACCEPT:
        item = service_items.facts(request.item_id)
        request.accepted_at, request.limit_days, request.limit_unit = now, item.days, item.unit
        run(request)
    elif move.action == ServiceAction.ASK:
        ServicePause.objects.create(request=request, state=before, began_at=now)
        stop(request, now)
    elif move.action == ServiceAction.SUPPLEMENT and request.state in RUNNING:
        run(request)
    elif move.action == ServiceAction.DELIVER:
        request.kept = request.due_at is None or now <= request.due_at
        request.delivered_at, request.outcome = now, given.outcome
        request.reason = "" if given.outcome == ServiceOutcome.DONE else given.note
        timers.start(VISIT, request.pk, now + VISIT_AFTER)
    elif move.action == ServiceAction.VISIT:
        request.satisfied = given.satisfied
        timers.cancel([request.pk], [VISIT], now)
    elif move.action in {ServiceAction.TERMINATE, ServiceAction.WITHDRAW}:
        request.reason = given.note
        ServicePause.objects.filter(request=request, ended_at=None).update(ended_at=now)
    if request.state in CLOSED:
        request.ended_at = now
        stop(request, now)


# The clock --------------------------------------------------------------------------------------


def due_moment(request: ServiceRequest, days: Calendar | None = None) -> datetime:
    """When an accepted request is due: its limit from acceptance, moved by the pauses since. Who
    asks for many gives the calendar."""
    assert request.accepted_at is not None
    assert request.limit_days is not None
    days = days or calendar()
    due = days.add(request.accepted_at, request.limit_days, request.limit_unit)
    since, ended = request.accepted_at, request.pauses.all()  # prefetched where it is of many
    pauses = [(p.began_at, p.ended_at) for p in ended if p.ended_at and p.began_at >= since]
    return deadlines.moved(due, request.limit_unit, sorted(pauses), (), days)


def run(request: ServiceRequest) -> None:
    """Let the clock run on, or begin."""
    request.due_at = due_moment(request)
    timers.start(OVERDUE, request.pk, request.due_at)


def recompute(request: ServiceRequest, now: datetime) -> None:
    """The due moment of a locked, running request by the calendar as it is now."""
    due = due_moment(request)
    if due != request.due_at:
        stop(request, now)
        run(request)
        request.save(update_fields=["due_at"])


def moving() -> int:
    """How many running requests would have another due moment by the calendar as it is now."""
    running = ServiceRequest.objects.filter(state__in=RUNNING, overdue_at=None)
    rows, days = running.prefetch_related("pauses"), calendar()
    return sum(due_moment(request, days) != request.due_at for request in rows)


def recompute_all(now: datetime) -> None:
    """Each running request by a timer of its own, as the cases are."""
    waiting = Timer.objects.open().filter(kind=RECOMPUTE).values("subject_id")
    running = ServiceRequest.objects.filter(state__in=RUNNING).exclude(pk__in=waiting)
    ids = running.order_by("pk").values_list("pk", flat=True)
    timers.start_many((RECOMPUTE, pk, 0, now) for pk in ids)


def stop(request: ServiceRequest, now: datetime) -> None:
    request.due_at = None
    timers.cancel([request.pk], [OVERDUE], now)


def resumed(request: ServiceRequest, now: datetime) -> ServiceState:
    """End the pause; the state that goes on."""
    pause = ServicePause.objects.get(request=request, ended_at=None)
    pause.ended_at = now
    pause.save(update_fields=["ended_at"])
    return ServiceState(pause.state)


# History and messages ---------------------------------------------------------------------------


def write_line(
    request: ServiceRequest, action: str, by: User | None, now: datetime, *, before: str, note: str
) -> None:
    ServiceStep.objects.create(
        request=request,
        action=action,
        from_state=before,
        to_state=request.state,
        by=by,
        at=now,
        note=note,
    )


def whose_turn(request: ServiceRequest) -> list[int]:
    """Who is to act next: the department, or who was entrusted and whoever stands in for them."""
    if request.state in {*RUNNING, ServiceState.ENTRUSTED, ServiceState.DELIVERED}:
        found = permissions.at(request.department_id, DEPARTMENT)
        return found or permissions.at(request.community_id, (Role.CLERK,))
    if request.state in {ServiceState.SUPPLEMENT, ServiceState.ARCHIVED}:
        return entrusted(request)
    return []


def entrusted(request: ServiceRequest) -> list[int]:
    """Who took the mandate, while in office; else the grid's people, else the centre."""
    in_office = set(chain.from_iterable(permissions.holders().values()))
    if request.entrusted_by_id in in_office:
        return [request.entrusted_by_id]
    found = permissions.at(request.grid_id, FIELD)
    return found or permissions.at(request.community_id, CENTRE)


def station_leads(request: ServiceRequest) -> list[int]:
    """Who leads the grid station of the request's community."""
    known = units.known()
    return [
        user
        for (unit_id, role), users in permissions.holders().items()
        if role == Role.STATION_LEAD and known[unit_id].community_id == request.community_id
        for user in users
    ]


def note(request: ServiceRequest, kind: str, user_id: int, key: str, **more: str) -> Note:
    """A message without any personal data: number, item, state, and a time."""
    params = {
        "number": request.number,
        "service": str(request.item_id),
        "service_state": request.state,
        **more,
    }
    return Note(user_id, kind, f"{kind}:{request.pk}:{key}", params)


def tell_turn(request: ServiceRequest, by: User | None, now: datetime) -> None:
    """Word to whose turn it is; of an end before the result, to the other side."""
    ended = request.state in {ServiceState.TERMINATED, ServiceState.WITHDRAWN}
    kind = "service.ended" if ended else "service.turn"
    told = both_sides(request) if ended else whose_turn(request)
    users = {user for user in told if by is None or user != by.pk}
    key = str(request.version)
    outbox.tell([note(request, kind, user, key) for user in sorted(users)], now)


def both_sides(request: ServiceRequest) -> list[int]:
    """Who took the mandate, and the department."""
    return [*entrusted(request), *permissions.at(request.department_id, DEPARTMENT)]


# Looking at the person --------------------------------------------------------------------------


def reveal(
    request: ServiceRequest, *, by: User, now: datetime, reason: str
) -> list[tuple[str, str]]:
    """Name, phone and answers in clear as (title, text), after the look was written down."""
    if not may_act(by, request, "service.reveal"):
        raise Http404
    applicant = request.applicant
    record_look(
        by,
        model="cases.ServiceApplicant",
        object_id=applicant.pk,
        columns=["name", "phone", "answers"],
        reason=f"{request.number} {reason}",
        now=now,
    )
    schema = service_items.facts(request.item_id).schema
    answers = json.loads(applicant.answers.reveal() or "{}") if applicant.answers else {}
    return [
        (_t("姓名"), applicant.name.reveal() if applicant.name else ""),
        (_t("电话"), applicant.phone.reveal() if applicant.phone else ""),
        *schemas.labelled(schema, answers),
    ]


def picture_of(
    request: ServiceRequest, key: uuid.UUID, *, by: User, now: datetime
) -> ServiceMaterial:
    """The material whose picture is asked for, the look written down; 404 for one without."""
    material = request.materials.exclude(file="").filter(uuid=key).first()
    if material is None or not may_act(by, request, "service.reveal"):
        raise Http404
    record_look(
        by,
        model="cases.ServiceMaterial",
        object_id=material.pk,
        columns=["file"],
        reason=request.number,
        now=now,
    )
    return material
