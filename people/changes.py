"""What waits for a second person's yes: another document, a death, two registrations made one.

Asked on the doorstep, decided by the station lead or the clerk, one by one or many at once; what
was before and what shall be is sealed with the request. A merge can be split again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _t

from governance.models import LEVELS
from governance.personal import mask_document
from people import access, registering
from people.errors import BadDetails, NotAllowed
from people.identifiers import DocumentKind
from people.models import (
    ChangeKind,
    ChangeRequest,
    ChangeState,
    Household,
    Leaving,
    Merge,
    Person,
    Residency,
)
from people.registering import Details, details_of

if TYPE_CHECKING:
    from governance.models import User

ASK, APPROVE = "person.register", "person.approve"


def waiting(user: User) -> Any:
    """The requests that this user may decide, the oldest first."""
    access.enter(user)
    rows = ChangeRequest.objects.filter(access.within(user, APPROVE), state=ChangeState.WAITING)
    return rows.select_related("data_key", "person__data_key", "asked_by").order_by("asked_at")


def as_text(sealed: str, *, clear: bool = True) -> str:
    """{"document_kind": …, "document_number": …} as one reads it; its number masked, or clear."""
    given = json.loads(sealed) if sealed else {}
    if not clear and "document_number" in given:
        given["document_number"] = mask_document(given["document_number"])
    if "document_kind" in given:
        given["document_kind"] = str(DocumentKind(given["document_kind"]).label)
    return " ".join(value for value in given.values() if value)


@transaction.atomic
def ask(
    person: Person,
    kind: str,
    *,
    reason: str,
    by: User,
    now: datetime,
    into: Person | None = None,
    **after: str,
) -> ChangeRequest:
    """Ask for a change. `after` holds the new document (document_kind, document_number) or the day
    of a death (died_on, ISO 8601). Raises NotAllowed, of which BadDetails names the fields."""
    person = registering.locked(person.pk, by)
    if not reason.strip():
        raise BadDetails({"reason": _t("请写明理由。")})
    if person.changes.filter(kind=kind, state=ChangeState.WAITING).exists():
        raise NotAllowed(_t("已有一项待审批的申请。"))
    before = check(person, kind, after, into, by, now)
    here = Residency.objects.filter(access.within(by), person=person, ended_on=None)
    where = here.order_by("pk")[0]
    row = ChangeRequest(
        person=person,
        kind=kind,
        into=into,
        reason=reason.strip()[:400],
        asked_by=by,
        asked_at=now,
        **{f"{level}_id": getattr(where, f"{level}_id") for level in LEVELS},
    )
    row.before, row.after = (json.dumps(d, ensure_ascii=False) for d in (before, after))
    row.save()
    return row


def check(
    person: Person,
    kind: str,
    after: Mapping[str, str],
    into: Person | None,
    by: User,
    now: datetime,
) -> dict[str, str]:
    """What is now of what would change. Raises NotAllowed where the change cannot be."""
    known = details_of(person)
    if kind == ChangeKind.DOCUMENT:
        document = {name: after.get(name, "") for name in ("document_kind", "document_number")}
        fresh = Details(**{**known, **document, "birth_date": "", "sex": ""})
        found, _warning = registering.checked(fresh, now.date())
        if registering.by_document(found.document_number) not in {None, person.pk}:
            raise NotAllowed(_t("该证件已登记在另一人名下；若是同一人，请申请合并。"))
        return {name: known[name] for name in document}
    if kind == ChangeKind.DEATH:
        try:
            died = date.fromisoformat(after.get("died_on", ""))
        except ValueError:
            raise BadDetails({"died_on": _t("请填写日期。")}) from None
        if died > now.date():
            raise BadDetails({"died_on": _t("日期还没有到。")})
        return {}
    if into is None or into.pk == person.pk or into.merged_into_id is not None:
        raise BadDetails({"into": _t("请选择另一条有效的登记。")})
    access.person_for(by, into.pk)
    return {}


@transaction.atomic
def decide(
    request: ChangeRequest, *, granted: bool, answer: str = "", by: User, now: datetime
) -> ChangeRequest:
    """Grant or refuse a request; who asked does not decide. Raises NotAllowed."""
    access.enter(by)
    rows = ChangeRequest.objects.select_for_update(of=("self",)).select_related("data_key")
    request = rows.get(pk=request.pk)
    if not access.covers(by, request, APPROVE):
        raise NotAllowed(_t("您的岗位不能审批此申请。"))
    if request.state != ChangeState.WAITING:
        raise NotAllowed(_t("该申请已审批。"))
    if request.asked_by_id == by.pk:
        raise NotAllowed(_t("本人提出的申请须由他人审批。"))
    if not granted and not answer.strip():
        raise BadDetails({"answer": _t("请写明不同意的理由。")})
    request.state = ChangeState.GRANTED if granted else ChangeState.REFUSED
    request.decided_by, request.decided_at, request.answer = by, now, answer.strip()[:400]
    request.save()
    if granted:
        carry_out(request, by, now)
    return request


def decide_many(
    requests: Iterable[ChangeRequest], *, granted: bool, answer: str = "", by: User, now: datetime
) -> list[tuple[ChangeRequest, str]]:
    """Each by itself: (the request, "" or why it was not done). One bad row stops no other."""
    found = []
    for request in requests:
        try:
            decide(request, granted=granted, answer=answer, by=by, now=now)
        except NotAllowed as error:
            found.append((request, str(error)))
        else:
            found.append((request, ""))
    return found


def carry_out(request: ChangeRequest, by: User, now: datetime) -> None:
    person = Person.objects.select_for_update(of=("self",)).select_related("data_key")
    row = person.get(pk=request.person_id)
    after = json.loads(request.after.reveal())
    if request.kind == ChangeKind.DOCUMENT:
        change_document(row, after, by, now)
    elif request.kind == ChangeKind.DEATH:
        row.died_on = date.fromisoformat(after["died_on"])
        row.version += 1
        row.save(update_fields=["died_on", "version"])
        for residency in row.residencies.filter(ended_on=None).select_for_update():
            registering.end(residency, row.died_on, Leaving.DIED, now)
    else:
        assert request.into_id is not None
        merge(row, person.get(pk=request.into_id), by, now)


def change_document(person: Person, after: Mapping[str, str], by: User, now: datetime) -> None:
    """Number and kind, with the birth date and sex that the number tells."""
    known = details_of(person)
    told = {"birth_date": "", "sex": ""} if after["document_number"] else {}
    found, _warning = registering.checked(Details(**{**known, **told, **after}), now.date())
    names = ("document_kind", "document_number", "birth_date", "sex")
    kept = {name: getattr(found, name) or known[name] for name in names}
    try:
        with transaction.atomic():
            registering.rewrite(person, kept, by, now)
    except IntegrityError:
        raise NotAllowed(_t("该证件已登记在另一人名下；若是同一人，请申请合并。")) from None


def merge(person: Person, into: Person, by: User, now: datetime) -> Merge:
    """Two locked rows become one: who was registered twice in one household leaves it once."""
    homes = set(into.residencies.filter(ended_on=None).values_list("household_id", flat=True))
    moved, ended = [], []
    for residency in person.residencies.filter(ended_on=None).select_for_update().order_by("pk"):
        if residency.household_id in homes:
            ended.append(residency.pk)
        else:
            moved.append(residency.pk)
    heads = Household.objects.filter(head=person)
    heads.update(head=into)
    person.merged_into = into
    person.version += 1
    person.save(update_fields=["merged_into", "version"])
    Residency.objects.filter(pk__in=moved).update(person=into)
    Residency.objects.filter(pk__in=ended).update(ended_on=now.date(), leaving=Leaving.MISTAKE)
    return Merge.objects.create(person=person, into=into, moved=moved, ended=ended, by=by, at=now)


@transaction.atomic
def split(row: Merge, *, by: User, now: datetime) -> Person:
    """Undo a wrong merge: what had moved and is still there goes back. Raises NotAllowed."""
    access.enter(by)
    row = Merge.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.undone_at is not None:
        raise NotAllowed(_t("该合并已撤销。"))
    registering.locked(row.into_id, by, APPROVE)
    back = Residency.objects.filter(pk__in=row.moved, person=row.into_id)
    again = Residency.objects.filter(pk__in=row.ended, leaving=Leaving.MISTAKE)
    homes = [*back.values_list("household_id", flat=True)]
    row.undone_at, row.undone_by = now, by
    row.save(update_fields=["undone_at", "undone_by"])
    # where they live first: only then are they seen through the second wall by themselves
    if not back.update(person=row.person_id) + again.update(ended_on=None, leaving=""):
        raise NotAllowed(_t("合并后已搬离，请重新登记。"))
    Person.objects.filter(pk=row.person_id).update(merged_into=None)
    Household.objects.filter(pk__in=homes, head=row.into_id).update(head=row.person_id)
    return Person.objects.select_related("data_key").get(pk=row.person_id)
