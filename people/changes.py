"""What waits for a second person's yes: another document, a death, two registrations made one.

Asked on the doorstep, decided by the station lead or the clerk, one by one or many at once; what
was before and what shall be is sealed with the request. A merge can be split again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.timezone import localdate
from django.utils.translation import gettext as _t

from governance import scope
from governance.models import LEVELS
from governance.personal import mask_document
from people import access, plan_homes, registering, tenancies, visits
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
    Relation,
    Residency,
    ResidencyKind,
)
from people.registering import Details, details_of

if TYPE_CHECKING:
    from governance.models import User

ASK, APPROVE = "person.register", "person.approve"


def waiting(user: User) -> Any:
    """The requests that this user may decide, about people whom the user sees, the oldest first."""
    rows = ChangeRequest.objects.filter(
        access.within(user, APPROVE), state=ChangeState.WAITING, person__in=access.persons(user)
    )
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
        document = document_in(after)
        fresh = Details(**{**known, **document, "birth_date": "", "sex": ""})
        found, _warning = registering.checked(fresh, localdate(now))
        if registering.by_document(found.document_number) not in {None, person.pk}:
            raise NotAllowed(_t("该证件已登记在另一人名下；若是同一人，请申请合并。"))
        return {name: known[name] for name in document}
    if kind == ChangeKind.DEATH:
        try:
            died = date.fromisoformat(after.get("died_on", ""))
        except ValueError:
            raise BadDetails({"died_on": _t("请填写日期。")}) from None
        if died > localdate(now):
            raise BadDetails({"died_on": _t("日期还没有到。")})
        return {}
    if into is None or into.pk == person.pk or into.merged_into_id is not None:
        raise BadDetails({"into": _t("请选择另一条有效的登记。")})
    access.person_for(by, into.pk)
    lacking(details_of(into), known)
    return {}


def document_in(after: Mapping[str, str]) -> dict[str, str]:
    return {name: after.get(name, "") for name in ("document_kind", "document_number")}


@transaction.atomic
def decide(
    request: ChangeRequest, *, granted: bool, answer: str = "", by: User, now: datetime
) -> ChangeRequest:
    """Grant or refuse a request; who asked does not decide. Raises NotAllowed."""
    access.enter(by)
    people = locked([request.person_id, request.into_id])
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
        carry_out(request, people, by, now)
    return request


def decide_many(
    requests: Iterable[ChangeRequest], *, granted: bool, answer: str = "", by: User, now: datetime
) -> list[tuple[ChangeRequest, str]]:
    """Each by itself: (the request, "" or why it was not done). One bad row stops no other."""
    chosen, found = list(requests), []
    access.enter(by)
    locked(key for request in chosen for key in (request.person_id, request.into_id))
    for request in chosen:
        try:
            decide(request, granted=granted, answer=answer, by=by, now=now)
        except NotAllowed as error:
            found.append((request, str(error)))
        else:
            found.append((request, ""))
    return found


def locked(keys: Iterable[UUID | None]) -> dict[UUID, Person]:
    """Those of these people whom the user sees, before anything else that is locked and always in
    the same order: no two who decide wait for each other."""
    rows = Person.objects.select_for_update(of=("self",)).select_related("data_key")
    wanted = [key for key in keys if key is not None]
    return {row.pk: row for row in rows.filter(pk__in=wanted).order_by("pk")}


def carry_out(
    request: ChangeRequest, people: Mapping[UUID, Person], by: User, now: datetime
) -> None:
    """What was granted, if it still can be: the people are as they are now."""
    here = living(people, by)
    person = here.get(request.person_id)
    if person is None:
        raise NotAllowed(_t("此人已离开本辖区或已并入另一登记，不能再变更。"))
    after = json.loads(request.after.reveal())
    try:
        with transaction.atomic():
            if request.kind == ChangeKind.DOCUMENT:
                change_document(person, after, by, now)
            elif request.kind == ChangeKind.DEATH:
                end_life(person, date.fromisoformat(after["died_on"]), now)
            else:
                merge(person, here.get(request.into_id), by, now)
    except IntegrityError:
        raise NotAllowed(_t("该登记刚被他人更新，请核对后再审批。")) from None


def living(people: Mapping[UUID, Person], by: User) -> dict[UUID | None, Person]:
    """Those who live in the user's units, each as the registration that stays."""
    rows = access.persons(by).filter(pk__in=list(people), merged_into=None)
    return {key: people[key] for key in rows.values_list("pk", flat=True)}


def change_document(person: Person, after: Mapping[str, str], by: User, now: datetime) -> None:
    """Number and kind, with the birth date and sex that the number tells."""
    known, document = details_of(person), document_in(after)
    told = {"birth_date": "", "sex": ""} if document["document_number"] else {}
    found, _warning = registering.checked(Details(**{**known, **told, **document}), localdate(now))
    kept = {
        "document_kind": found.document_kind,
        "document_number": found.document_number,
        "birth_date": found.birth_date or known["birth_date"],
        "sex": found.sex or known["sex"],
    }
    try:
        with transaction.atomic():
            registering.rewrite(person, kept, by, now)
    except IntegrityError:
        raise NotAllowed(_t("该证件已登记在另一人名下；若是同一人，请申请合并。")) from None


def end_life(person: Person, died: date, now: datetime) -> None:
    """All that was theirs ends at once, also where who approves sees nothing: each home says when
    and why, and nothing of it stands on the person's row. It is the sweep's role that does it,
    which the database lets bury only of whom a death was granted (people/migrations/0022)."""
    person.version += 1
    person.save(update_fields=["version"])
    with scope.system(scope.SWEEP):
        same = list(plan_homes.same([person.pk]))
        # with the others of their households, as who moves out: the last one ends the household
        living = Residency.objects.filter(ended_on=None)
        homes = living.filter(person__in=same).values_list("household", flat=True)
        locked = living.select_for_update(of=("self",)).filter(household__in=list(homes))
        gone = [row for row in locked.order_by("pk") if row.person_id in same]
        for residency in gone:
            registering.leave(residency, died, Leaving.DIED)
        # of a household they headed without living there
        Household.objects.filter(head__in=same, ended_on=None).update(head=None)
        registering.lapse(same, _t("此人已离开，申请随之失效。"), now)
        rented = [row.household_id for row in gone if row.kind == ResidencyKind.TENANT]
        vacated = tenancies.without_tenants(rented, died)
    vacated.follow(now)
    visits.nobody_left([row.household_id for row in gone], now)
    plan_homes.died(person.pk, now)


# Two registrations of one person ----------------------------------------------------------------


def merge(person: Person, into: Person | None, by: User, now: datetime) -> Merge:
    """Two locked rows become one: who was registered twice in one household leaves it once, and
    what only the one that goes says is said by the one that stays. Raises NotAllowed."""
    if into is None:
        raise NotAllowed(_t("要并入的登记已离开本辖区或已并入另一登记，请重新申请。"))
    known, other = details_of(into), details_of(person)
    taken = lacking(known, other)
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
    if taken:
        registering.rewrite(into, {n: other[source] for n, source in taken.items()}, by, now)
    Residency.objects.filter(pk__in=moved).update(person=into)
    Residency.objects.filter(pk__in=ended).update(
        ended_on=Greatest(F("began_on"), localdate(now)), leaving=Leaving.MISTAKE
    )
    registering.lapse([person.pk], _t("该登记已并入另一登记，请对保留的登记重新申请。"), now)
    return Merge.objects.create(
        person=person, into=into, moved=moved, ended=ended, taken=taken, by=by, at=now
    )


def lacking(known: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """Which fields the row that stays (`known`) takes over, and from which of the other: those it
    says nothing in. Raises NotAllowed where the two contradict each other."""
    taken = {}
    if known["document_number"] and other["document_number"]:
        if known["document_number"] != other["document_number"]:
            raise NotAllowed(
                _t(
                    "两条登记的证件号码不同，通常是两个人；确是同一人的，"
                    "请先申请将其中一条更正为无证件，再申请合并。"
                )
            )
    elif other["document_number"]:
        if any(known[n] and other[n] and known[n] != other[n] for n in ("birth_date", "sex")):
            raise NotAllowed(_t("两条登记的出生日期或性别不同，请先核对更正，再申请合并。"))
        taken = {n: n for n in ("document_kind", "document_number")}
    taken |= {n: n for n in ("birth_date", "sex") if other[n] and not known[n]}
    phones = ("phone", "other_phone")
    held = {known[n] for n in phones}
    free = [n for n in phones if not known[n]]
    fresh = [n for n in phones if other[n] and other[n] not in held]
    taken |= dict(zip(free, fresh, strict=False))
    if not known["contact_phone"] and known["contact_name"] in {"", other["contact_name"]}:
        contact = ("contact_name", "contact_phone")
        taken |= {n: n for n in contact if other[n] and not known[n]}
    return taken


@transaction.atomic
def split(row: Merge, *, by: User, now: datetime) -> Person:
    """Undo a wrong merge: what had moved and is still there goes back. Raises NotAllowed."""
    access.enter(by)
    people = locked([row.person_id, row.into_id])
    row = Merge.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.undone_at is not None:
        raise NotAllowed(_t("该合并已撤销。"))
    into = registering.locked(row.into_id, by, APPROVE)
    person = people[row.person_id]
    back = Residency.objects.filter(pk__in=row.moved, person=into)
    again = Residency.objects.filter(
        pk__in=row.ended, leaving=Leaving.MISTAKE, household__ended_on=None
    )
    if not back.filter(ended_on=None).exists() and not again.exists():
        raise NotAllowed(_t("合并后已搬离，请重新登记。"))
    row.undone_at, row.undone_by = now, by
    row.save(update_fields=["undone_at", "undone_by"])
    # where they live first: only then are they seen through the second wall by themselves
    back.update(person=person)
    again.update(ended_on=None, leaving="")
    give_back(row, person, into, by, now)
    try:
        with transaction.atomic():
            Person.objects.filter(pk=person.pk).update(merged_into=None)
    except IntegrityError:
        raise NotAllowed(
            _t("该证件在合并后又登记在另一人名下，不能撤销；请先核对那条登记。")
        ) from None
    homes = person.residencies.filter(ended_on=None, relation=Relation.HEAD).values("household")
    Household.objects.filter(pk__in=homes, head=into).update(head=person)
    person.refresh_from_db()
    return person


def give_back(row: Merge, person: Person, into: Person, by: User, now: datetime) -> None:
    """What the row that stayed had taken over, where it still says the same."""
    known, other = details_of(into), details_of(person)
    back = {
        n: "" for n, source in (row.taken or {}).items() if known[n] and known[n] == other[source]
    }
    if "document_number" in back:
        back["document_kind"] = DocumentKind.NONE
    else:
        back.pop("document_kind", None)
    if back:
        # what its own number tells stays
        found, _warning = registering.checked(Details(**{**known, **back}), localdate(now))
        registering.rewrite(into, {n: getattr(found, n) for n in back}, by, now)
