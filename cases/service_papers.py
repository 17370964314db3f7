"""Papers of a service request: the mandate that the person signs, and word that it was accepted.
Numbered, filled, kept and printed as those of a case (papers.py)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils.timezone import localdate
from django.utils.translation import gettext as _t
from django.utils.translation import override

from cases import access, papers, service_items, services, texts
from cases.errors import NotAllowed
from cases.models import OF_SERVICE, Paper, PaperKind, ServiceRequest
from cases.service_moves import ENTRUST, HANDLE, PAPER
from governance import permissions, units
from governance.access import record_look
from governance.permissions import FIELD
from governance.workcalendar import LimitUnit

if TYPE_CHECKING:
    from governance.models import User


@transaction.atomic
def make(request: ServiceRequest, kind: str, *, by: User, now: datetime) -> Paper:
    """Number a paper, fill the template in force, keep it with the request, and write the line.

    Whose name stands in it in clear was looked at: an access record says so. Raises NotAllowed.
    """
    request = services.locked(request.pk)
    unit_id = issuer(request, by)
    if kind not in OF_SERVICE:
        raise NotAllowed(_t("办事代办没有这种文书。"))
    if kind == PaperKind.SERVICE_NOTICE and request.accepted_at is None:
        raise NotAllowed(_t("受理以后才能制作代办受理告知书。"))
    number = papers.free_number(kind, unit_id, now)
    said = {
        **fields(request),
        **papers.of_paper(kind, number, unit_id, by, now),
        **personal(request, kind, number=number, by=by, now=now),
    }
    paper = Paper(service=request, kind=kind, number=number, made_by=by, made_at=now)

    def write_line() -> None:
        services.write_line(request, PAPER, by, now, before=request.state, note=number)

    return papers.keep(paper, said, write_line)


def kinds_for(user: User, request: ServiceRequest) -> list[PaperKind]:
    """What this user may make of a request now."""
    if not any(services.may_act(user, request, permission) for permission in (ENTRUST, HANDLE)):
        return []
    accepted = request.accepted_at is not None
    return [kind for kind in OF_SERVICE if accepted or kind != PaperKind.SERVICE_NOTICE]


def issuer(request: ServiceRequest, by: User) -> int:
    """The unit in whose name the paper is made: for who works in a grid, that of the community."""
    if not kinds_for(by, request):
        raise NotAllowed(_t("您的岗位不能为该委托制作文书。"))
    posts = [p for code in (HANDLE, ENTRUST) for p in permissions.posts_with(by, code)]
    # who took the mandate and has moved since makes it in the name of the own unit
    post = next((post for post in posts if access.covers(post, request)), posts[0])
    return (post.community_id or post.unit_id) if post.role in FIELD else post.unit_id


def fields(request: ServiceRequest) -> dict[str, str]:
    """The facts of a request as a template names them; none about the person."""
    item = service_items.facts(request.item_id)
    with override(texts.CHINESE):
        days, unit = request.limit_days or item.days, request.limit_unit or item.unit
        accepted, due = request.accepted_at, request.due_at
        brought = request.materials.order_by("pk").values_list("name", flat=True)
        return {
            "service_number": request.number,
            "service": item.title,
            "conditions": item.conditions,
            "materials": "、".join(dict.fromkeys(brought)),
            "missing": "、".join(services.missing(request)),
            "department": units.name_of(request.department_id),
            "district": units.name_of(request.district_id),
            "street": units.name_of(request.street_id),
            "community": units.name_of(request.community_id),
            "grid": units.name_of(request.grid_id),
            "limit": f"{days} {LimitUnit(unit).label}",
            "entrusted_by": str(request.entrusted_by),
            "entrusted_on": texts.day(localdate(request.entrusted_at)),
            "accepted_on": texts.day(localdate(accepted)) if accepted else "",
            "due_by": texts.day(localdate(due)) if due else "",
        }


def personal(
    request: ServiceRequest, kind: str, *, number: str, by: User, now: datetime
) -> dict[str, str]:
    """The applicant, in clear, after the look was written down."""
    applicant = request.applicant
    columns = [name for name in ("name", "phone") if f"applicant_{name}" in papers.PERSONAL[kind]]
    record_look(
        by,
        model="cases.ServiceApplicant",
        object_id=applicant.pk,
        columns=columns,
        reason=number,
        now=now,
    )
    found = {name: getattr(applicant, name) for name in columns}
    return {f"applicant_{name}": one.reveal() if one else "" for name, one in found.items()}


def of_request(request: ServiceRequest) -> Iterable[Paper]:
    return request.papers.select_related("made_by").order_by("made_at", "number")


def may_open(user: User, request: ServiceRequest) -> bool:
    """Each of them names the applicant."""
    return services.may_act(user, request, "service.reveal")


def opened(user: User, number: str, key: UUID, now: datetime) -> Paper:
    """The paper of a request that this user sees, the look written down.

    404 when it is not theirs to see, 403 when they see the request and not the applicant.
    """
    request = services.request_for(user, number)
    paper = request.papers.select_related("data_key", "made_by").filter(pk=key).first()
    if paper is None:
        raise Http404
    if not may_open(user, request):
        raise PermissionDenied
    papers.looked_at(paper, user, now)
    return paper
