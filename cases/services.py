"""办事代办: a request is entrusted, then changed only by `take`, by service_moves.py's table."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import (
    access,
    schemas,
    service_clock,
    service_items,
)
from cases.errors import Changed, NotAllowed
from cases.models import (
    ServiceMaterial,
    ServiceOutcome,
    ServicePause,
    ServiceRequest,
    ServiceState,
    ServiceStep,
)
from cases.regulations import regulation
from cases.service_moves import BY_ACTION, MOVES, RUNNING, ServiceAction, ServiceMove, ServiceNeed
from governance import outbox, permissions, timers, units
from governance.access import record_look
from governance.outbox import Note
from governance.permissions import CENTRE, DEPARTMENT, FIELD, VOLUNTEERS
from governance.roles import Role

if TYPE_CHECKING:
    from governance.models import User

VISIT = "service.visit"
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
for _kind in ("service.turn", "service.ended", service_clock.OVERDUE, VISIT):
    outbox.LINKS[_kind] = lambda params: reverse("desk:service", args=[params["number"]])


@dataclass(frozen=True)
class Given:
    """What comes with a move."""

    note: str = ""
    outcome: str = ""
    satisfied: bool | None = None


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
    request.state = move.to or service_clock.resumed(request, now)
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
        service_clock.run(request)
    elif move.action == ServiceAction.ASK:
        ServicePause.objects.create(request=request, state=before, began_at=now)
        service_clock.stop(request, now)
    elif move.action == ServiceAction.SUPPLEMENT and request.state in RUNNING:
        service_clock.run(request)
    elif move.action == ServiceAction.DELIVER:
        request.kept = request.due_at is None or now <= request.due_at
        request.delivered_at, request.outcome = now, given.outcome
        request.reason = "" if given.outcome == ServiceOutcome.DONE else given.note
        timers.start(VISIT, request.pk, now + timedelta(days=regulation().service_visit_days))
    elif move.action == ServiceAction.VISIT:
        request.satisfied = given.satisfied
        timers.cancel([request.pk], [VISIT], now)
    elif move.action in {ServiceAction.TERMINATE, ServiceAction.WITHDRAW}:
        request.reason = given.note
        ServicePause.objects.filter(request=request, ended_at=None).update(ended_at=now)
    if request.state in CLOSED:
        request.ended_at = now
        service_clock.stop(request, now)


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
