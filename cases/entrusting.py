"""委托: taking a mandate for a service, and the materials that come with it or later."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO, TYPE_CHECKING

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _t

from cases import (
    access,
    opening,
    schemas,
    service_items,
    services,
    submissions,
    visits,
    workflow,
)
from cases.errors import NotAllowed
from cases.models import Case, ServiceApplicant, ServiceMaterial, ServiceRequest, ServiceState
from cases.service_items import ServiceFacts
from cases.service_moves import ServiceAction
from governance import permissions, units, uploads
from governance.models import LEVELS, UnitKind

if TYPE_CHECKING:
    from governance.models import User
    from people.models import Visit

HANDED_OVER = "service_handed"  # the action of the line in the case's history
PHOTOS_MOST = 12


@dataclass(frozen=True)
class Brought:
    """A material that was brought, with its picture if one was taken."""

    name: str
    picture: IO[bytes] | None = None


@dataclass(frozen=True)
class Mandate:
    """What is asked for, by whom and where.

    With a case it is handed over from there: whoever reported it is the applicant where no other is
    named, and is not asked again. With a visit it was asked for at that door: the applicant is the
    resident named (a residency) where nobody else is.
    """

    item: ServiceFacts
    name: str
    phone: str
    answers: Mapping[str, object]
    materials: tuple[Brought, ...] = ()
    grid_id: int | None = None
    case: Case | None = None
    visit: Visit | None = None
    resident_id: int | None = None
    # The registration of the applicant, where name and phone were copied from one.
    person_id: uuid.UUID | None = None


@dataclass
class Files:
    """The files written so far: a failing transaction takes them along, or no row names them."""

    written: list[ServiceMaterial] = field(default_factory=list)

    def discard(self) -> None:
        for material in self.written:
            material.file.delete(save=False)


def entrust(
    mandate: Mandate, *, by: User, now: datetime, key: uuid.UUID | None = None
) -> ServiceRequest:
    """Take a mandate: applicant and answers sealed, materials kept, the department told.

    With a `key` (made by the client) the same sent again is the same request. Raises NotAllowed, of
    which BadAnswers names the fields, uploads.BadPicture, and Conflict for a key used for something
    else.
    """
    check(mandate, by)
    mandate = filled_in(mandate, by, now)
    if not mandate.name.strip() or not mandate.phone.strip():
        raise NotAllowed(_t("请填写申请人的姓名和电话。"))
    schemas.check(mandate.item.schema, mandate.answers)
    files = Files()
    try:
        with transaction.atomic():
            said = said_in(mandate)
            if key and (known := submissions.earlier(key, said, by=by)):
                assert known.service is not None  # what was said is a mandate's
                return known.service
            request = opened(mandate, by, now)
            for brought in mandate.materials:
                keep(request, mandate.item, brought, by, now, files)
            check_photos(request)
            services.write_line(request, ServiceAction.ENTRUST, by, now, before="", note="")
            if mandate.case is not None:
                tell_case(mandate.case, request, by, now)
            services.tell_turn(request, by, now)
            if key:
                submissions.keep(key, by=by, service=request)
    except BaseException:
        files.discard()
        raise
    return request


def check(mandate: Mandate, by: User) -> None:
    if not permissions.may(by, "service.entrust"):
        raise NotAllowed(_t("您的岗位不能接受委托。"))
    if not mandate.item.is_active:
        raise NotAllowed(_t("该事项已停办，请选择其他事项。"))
    if mandate.grid_id is not None and mandate.grid_id not in dict(grids_of(by)):
        raise NotAllowed(_t("请选择本辖区的网格。"))
    if mandate.visit is not None:
        visits.check(mandate.visit, by)


def filled_in(mandate: Mandate, by: User, now: datetime) -> Mandate:
    """With what its case or its visit knows, where nothing else was said. Raises NotAllowed."""
    name, phone, case, visit = mandate.name, mandate.phone, mandate.case, mandate.visit
    person_id = None
    if case is not None:
        if case.reporter is not None and not name.strip():
            person_id = case.reporter.person_id
        name, phone = person_of(case, by, name, phone)
    if visit is not None and mandate.resident_id is not None and not name.strip():
        own = visits.person_of(visit, mandate.resident_id, by, now)
        name, phone, person_id = own.name, phone.strip() or own.phone, own.person_id
    places = [mandate.grid_id, case and case.grid_id, visit and visit.grid_id]
    offered = dict(grids_of(by))
    grid_id = next((pk for pk in places if pk in offered), None)
    return replace(mandate, name=name, phone=phone, person_id=person_id, grid_id=grid_id)


def said_in(mandate: Mandate) -> tuple[object, ...]:
    """What makes it the same mandate when it is sent again."""
    return (
        mandate.item.pk,
        mandate.name,
        mandate.phone,
        sorted(mandate.answers.items()),
        [brought.name for brought in mandate.materials],
        mandate.grid_id,
        mandate.case and mandate.case.pk,
        # only when given: a mandate that came before there were visits stays the same one
        *([("visit", mandate.visit.pk)] if mandate.visit else []),
    )


def opened(mandate: Mandate, by: User, now: datetime) -> ServiceRequest:
    return ServiceRequest.objects.create(
        number=f"B{opening.new_number(now)}",
        item_id=mandate.item.pk,
        state=ServiceState.ENTRUSTED,
        applicant=sealed(mandate),
        department_id=mandate.item.department_id,
        entrusted_by=by,
        entrusted_at=now,
        case=mandate.case,
        visit=mandate.visit,
        **where(by, mandate.grid_id),
    )


def tell_case(case: Case, request: ServiceRequest, by: User, now: datetime) -> None:
    facts = {"service": request.number}
    workflow.line_of(case, HANDED_OVER, by=by, at=now, before=case.state, details=facts).save()


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


def sealed(mandate: Mandate) -> ServiceApplicant:
    applicant = ServiceApplicant(person_id=mandate.person_id)
    applicant.name, applicant.phone = mandate.name.strip(), mandate.phone.strip()
    applicant.answers = json.dumps(mandate.answers, ensure_ascii=False)
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
            request = services.locked(request.pk)
            if request.state not in {ServiceState.ENTRUSTED, ServiceState.SUPPLEMENT}:
                raise NotAllowed(_t("受理后不再收材料；需要时由承办部门要求补正。"))
            if not services.may_act(by, request, "service.entrust"):
                raise NotAllowed(_t("您的岗位不能对该委托收材料。"))
            for one in brought:
                keep(request, service_items.facts(request.item_id), one, by, now, files)
            check_photos(request)
    except BaseException:
        files.discard()
        raise
    return request
