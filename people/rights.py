"""The rights of who is registered: to see what is held and who looked at it, a copy, a correction,
erasure. Asked on the public page or at the desk; the clerk makes sure who asks; each has its limit.

A higher room says what it holds under a number that the claimant gives, and what it holds of the
registrations of a person:

    @rights.holder
    def reported(number: str) -> Iterable[Holding]: ...

    @rights.naming
    def named(keys: Sequence[uuid.UUID]) -> Iterable[Holding]: ...
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import erasure, outbox, permissions, phones, scope, timers, units, workcalendar
from governance.access import record_look
from governance.models import Timer, UnitKind
from governance.outbox import Note
from governance.roles import Role
from governance.workcalendar import Follower, LimitUnit, calendar
from people import access, identifiers, registering
from people.errors import BadDetails, NotAllowed
from people.models import (
    ENDED,
    Claimant,
    Person,
    Proof,
    RightKind,
    RightsAction,
    RightsRequest,
    RightsStep,
    RightState,
)

if TYPE_CHECKING:
    from governance.models import User

HANDLE, ERASE = "right.handle", "right.erase"
OVERDUE, RECOMPUTE = "people.right_overdue", "people.right_recompute"
# PIPL 50: "in time"; GB/T 35273-2020 8.7: within thirty days. Fifteen working days keep to both.
DAYS = 15
HANDLERS = (Role.CLERK,)
# PIPL 50 and 65; 12377 is the hotline of the cyberspace administration.
WHERE_TO_COMPLAIN = _(
    "对答复不服的，可以向本平台的主管部门申诉，向网信部门投诉举报（电话 12377），"
    "也可以依法向人民法院提起诉讼（《个人信息保护法》第五十条、第六十五条）。"
)

outbox.SENTENCES.update(
    {
        "right.received": _("收到个人信息权利请求（%(number)s），请在%(day)s前办结。"),
        "right.verified": _("个人信息删除请求（%(number)s）身份已核验，待您复核办理。"),
        "right.overdue": _("个人信息权利请求（%(number)s）已超过办理期限（%(day)s）。"),
    }
)
for _kind in ("received", "verified", "overdue"):
    outbox.LINKS[f"right.{_kind}"] = lambda params: reverse(
        "rights:request", args=[params["number"]]
    )


# What of a request is sealed.
CLAIMED = ("name", "document_number", "phone", "words", "answer")


@dataclass(frozen=True)
class Claim:
    """What somebody asks; `unit_id` is their community."""

    kind: str
    name: str
    phone: str
    document_number: str
    unit_id: int
    words: str = ""
    about: str = ""


@dataclass(frozen=True)
class Holding:
    """One object that is about somebody: its sealed row, and in clear what proves whose it is."""

    label: str
    key: uuid.UUID
    title: str
    name: str = ""
    phone: str = ""


Holder = Callable[[str], Iterable[Holding]]
Naming = Callable[[Sequence[uuid.UUID]], Iterable[Holding]]
HOLDERS: list[Holder] = []
PAPERS: list[Holder] = []
NAMING: list[Naming] = []


def holder(find: Holder) -> Holder:
    """Register what a room holds under a number."""
    HOLDERS.append(find)
    return find


def papers(find: Holder) -> Holder:
    """Register what is held under the number of a document."""
    PAPERS.append(find)
    return find


def naming(find: Naming) -> Naming:
    """Register what a room holds of people whom it was given from the register."""
    NAMING.append(find)
    return find


# Reading ----------------------------------------------------------------------------------------


def visible(user: User) -> QuerySet[RightsRequest]:
    """The requests of the user's own units: who handles them, and who erases as the second."""
    enter(user)
    rows = RightsRequest.objects.filter(access.within(user, HANDLE) | access.within(user, ERASE))
    return rows.select_related("claimant__data_key")


def enter(user: User) -> None:
    """Tell the database for which units this transaction reads who asks."""
    held = access.places(user, HANDLE) | access.places(user, ERASE)
    scope.enter((unit_id for _column, unit_id in held), user.pk)


def proved(number: str) -> RightsRequest:
    """The request as the claimant sees it, who has proved to be the one; 404 for none."""
    enter_as_claimant(number)
    rows = RightsRequest.objects.select_related("claimant__data_key")
    row = rows.filter(number=number).first()
    if row is None:
        raise Http404
    return row


def enter_as_claimant(number: str) -> None:
    """Tell the database which request the transaction's visitor made, or proved to be theirs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.rights_number', %s, true)", [number])


def proves(number: str, code: str) -> bool:
    """Whether this is the code that who made the request was given."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_right_code(%s)", [number])
        known = cursor.fetchone()[0]
    return known is not None and constant_time_compare(known, code)


def request_for(user: User, number: str) -> RightsRequest:
    """The request, or 404 when it is not this user's."""
    row = visible(user).filter(number=number).first() if number.isalnum() else None
    if row is None:
        raise Http404
    return row


def communities() -> list[tuple[int, str]]:
    return [
        (unit.pk, unit.name)
        for unit in units.known().values()
        if unit.kind == UnitKind.COMMUNITY and unit.valid_to is None
    ]


def said(row: RightsRequest, column: str) -> str:
    """A sealed word of the claimant's in clear, or ""."""
    sealed = getattr(row.claimant, column)
    return str(sealed.reveal()) if sealed else ""


# Asking -----------------------------------------------------------------------------------------


@transaction.atomic
def ask(
    claim: Claim, *, by: User | None, now: datetime, key: uuid.UUID | None = None
) -> RightsRequest:
    """Take in a request: number it, start its clock, tell who handles it.

    With a `key` of the client's the same sent again answers with the same one. Raises BadDetails.
    """
    check(claim, by)
    own = key and uuid.uuid5(key, f"user:{by.pk}" if by else "public")
    if own and (known := claimed(own)):
        return known
    row = RightsRequest(
        number=new_number(now),
        key=own,
        kind=claim.kind,
        about=claim.about.strip().upper(),
        received_at=now,
        received_by=by,
        due_days=DAYS,
        due_at=due_moment(now, DAYS),
        **units.known()[claim.unit_id].chain,
    )
    row.claimant = Claimant(
        name=claim.name.strip(),
        phone=phones.number(claim.phone),
        document_number=identifiers.plain(claim.document_number),
        words=claim.words.strip(),
    )
    if by is None:
        enter_as_claimant(row.number)
    else:
        enter(by)
    row.claimant.save()
    row.save()
    write_line(row, RightsAction.RECEIVE, by, now)
    timers.start(OVERDUE, row.pk, row.due_at)
    tell(row, "received", [user for user in handlers(row) if by is None or user != by.pk], now)
    return row


def check(claim: Claim, by: User | None) -> None:
    faults = {}
    if not claim.name.strip():
        faults["name"] = _t("请填写姓名。")
    if not claim.phone.strip():
        faults["phone"] = _t("请填写电话，用来核验身份和答复。")
    elif phones.number(claim.phone) is None:
        faults["phone"] = _t("请填写电话号码，例如 13812345678。")
    if claim.kind not in RightKind.values:
        faults["kind"] = _t("请选择请求的事项。")
    if claim.kind == RightKind.CORRECT and not claim.words.strip():
        faults["words"] = _t("请写明哪里有误、应当是什么。")
    if claim.unit_id not in {pk for pk, _name in (own_communities(by) if by else communities())}:
        faults["unit_id"] = _t("请选择所在社区。")
    if faults:
        raise BadDetails(faults)


def own_communities(by: User) -> list[tuple[int, str]]:
    """Those for which the user handles requests."""
    held = access.places(by, HANDLE)
    known = units.known()
    return [
        (pk, name)
        for pk, name in communities()
        if any(known[pk].chain.get(column) == value for column, value in held)
    ]


def claimed(key: uuid.UUID) -> RightsRequest | None:
    """What came with this key before; a second one at the same time waits here for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [str(key)])
        cursor.execute("SELECT people_right_of_key(%s)", [key])
        number = cursor.fetchone()[0]
    return proved(number) if number else None


def new_number(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('people_rights_number')")
        return f"Q{localtime(at):%Y%m%d}{cursor.fetchone()[0]:05d}"


# Handling ---------------------------------------------------------------------------------------


def candidate(row: RightsRequest) -> uuid.UUID | None:
    """Who in the register holds the document that the claimant names, wherever they live."""
    return registering.by_document(said(row, "document_number"))


@transaction.atomic
def verify(
    row: RightsRequest, *, proof: str, in_register: bool, by: User, now: datetime
) -> RightsRequest:
    """The clerk has made sure who asks. `in_register` links the one who holds their document.

    Raises NotAllowed.
    """
    row = locked(row, by)
    may(by, row, HANDLE)
    if row.state != RightState.RECEIVED:
        raise NotAllowed(_t("该请求的身份已核验。"))
    if proof not in Proof.values:
        raise BadDetails({"proof": _t("请选择核验方式。")})
    found = candidate(row) if in_register else None
    if in_register and found is None:
        raise BadDetails({"in_register": _t("登记中没有人持有该证件，请核对证件号码。")})
    row.proof, row.verified_by, row.verified_at = proof, by, now
    row.person_id, row.state = found, RightState.VERIFIED
    row.save()
    write_line(row, RightsAction.VERIFY, by, now)
    if row.kind == RightKind.ERASE:
        tell(row, "verified", [user for user in erasers(row) if user != by.pk], now)
    return row


def holdings(row: RightsRequest) -> list[Holding]:
    """What is held of the claimant outside the register, each once: what was copied from it, and
    what lies under the numbers that they gave, when name or phone in it are their own."""
    own = {said(row, "name"), said(row, "phone")} - {""}
    under = [held for find in HOLDERS for held in find(row.about)] if row.about else []
    if document := said(row, "document_number"):
        under += [held for find in PAPERS for held in find(document)]
    found = [held for held in under if {held.name, held.phone} & own]
    if row.person_id is not None:
        keys = registrations(row.person_id)
        found += [held for find in NAMING for held in find(keys)]
    return list({held.key: held for held in found}.values())


def registrations(key: uuid.UUID) -> list[uuid.UUID]:
    """Those of one person: the one that is left, and those that were merged into it, wherever."""
    found = [key]
    with scope.system(scope.RETENTION):
        for one in found:  # grows while it is walked
            merged = Person.objects.filter(merged_into=one).exclude(pk__in=found)
            merged = merged.order_by("registered_at")
            found += merged.values_list("pk", flat=True)
    return found


@transaction.atomic
def finish(row: RightsRequest, *, answer: str, by: User, now: datetime) -> RightsRequest:
    """Done as asked, and said so in words. Erasure is done here, by a second person.

    Raises NotAllowed.
    """
    row = locked(row, by)
    may(by, row, ERASE if row.kind == RightKind.ERASE else HANDLE)
    if row.state != RightState.VERIFIED:
        raise NotAllowed(_t("请先核验请求人的身份。"))
    if not answer.strip():
        raise BadDetails({"answer": _t("请写明办理情况。")})
    if row.kind == RightKind.ERASE:
        if row.verified_by_id == by.pk:
            raise NotAllowed(_t("删除不可恢复，须由核验身份以外的另一人办理。"))
        erase(row, by, now)
    end(row, RightState.DONE, RightsAction.DONE, answer, by, now)
    return row


def erase(row: RightsRequest, by: User, now: datetime) -> None:
    """The person, and what was proved to be theirs in other rooms. What is held about the request
    itself stays until its own time: it proves that it was done."""
    for held in holdings(row):
        erasure.erase(held.label, held.key, policy=row.number, by=by, now=now)
    if row.person_id is not None:
        erasure.erase("people.Person", row.person_id, policy=row.number, by=by, now=now)


@transaction.atomic
def refuse(row: RightsRequest, *, answer: str, by: User, now: datetime) -> RightsRequest:
    """Not done, and why; the claimant reads with it where to complain. Raises NotAllowed."""
    row = locked(row, by)
    may(by, row, HANDLE)
    if row.state in ENDED:
        raise NotAllowed(_t("该请求已答复。"))
    if not answer.strip():
        raise BadDetails({"answer": _t("请写明不予办理的理由。")})
    end(row, RightState.REFUSED, RightsAction.REFUSE, answer, by, now)
    return row


def reveal(row: RightsRequest, *, by: User, now: datetime) -> dict[str, str]:
    """Who asks, in clear, after the look was written down: to verify one must read it."""
    may(by, row, HANDLE)
    columns = [name for name in CLAIMED if said(row, name)]
    record_look(
        by,
        model="people.Claimant",
        object_id=row.claimant_id,
        columns=columns,
        reason=row.number,
        now=now,
    )
    return {name: said(row, name) for name in columns}


def may(by: User, row: RightsRequest, permission: str) -> None:
    if not access.covers(by, row, permission):
        raise NotAllowed(_t("您的岗位不能办理该请求。"))


def locked(row: RightsRequest, by: User) -> RightsRequest:
    enter(by)
    rows = RightsRequest.objects.select_for_update(of=("self",))
    found = rows.select_related("claimant__data_key").filter(pk=row.pk).first()
    if found is None:
        raise NotAllowed(_t("您的岗位不能办理该请求。"))
    return found


def end(
    row: RightsRequest,
    state: RightState,
    action: RightsAction,
    answer: str,
    by: User,
    now: datetime,
) -> None:
    enter(by)  # what was erased lay elsewhere
    row.claimant.answer = answer.strip()[:2000]
    row.claimant.save(update_fields=["answer"])
    row.state, row.ended_by, row.ended_at = state, by, now
    row.save()
    write_line(row, action, by, now)
    timers.cancel([row.pk], [OVERDUE], now)


def write_line(row: RightsRequest, action: RightsAction, by: User | None, now: datetime) -> None:
    RightsStep.objects.create(request=row, action=action, by=by, at=now)


# The clock --------------------------------------------------------------------------------------


def handlers(row: RightsRequest) -> list[int]:
    """Those of the community; where it has none, of the next level up."""
    for unit_id in (row.community_id, row.street_id, row.district_id):
        if found := permissions.at(unit_id, HANDLERS):
            return found
    return []


def erasers(row: RightsRequest) -> list[int]:
    """Those of the community, and of its grid stations."""
    roles = sorted(permissions.TABLE[ERASE].roles)
    stations = [
        unit.pk
        for unit in units.known().values()
        if unit.kind == UnitKind.STATION and unit.community_id == row.community_id
    ]
    return [
        user for place in (row.community_id, *stations) for user in permissions.at(place, roles)
    ]


def tell(row: RightsRequest, what: str, users: Iterable[int], now: datetime) -> None:
    """A message without names: number and day."""
    params = {"number": row.number, "day": row.due_at.isoformat()}
    kind = f"right.{what}"
    outbox.tell([Note(user, kind, f"{kind}:{row.pk}", params) for user in sorted(set(users))], now)


# The clock --------------------------------------------------------------------------------------


def due_moment(received_at: datetime, days: int) -> datetime:
    return calendar().add(received_at, days, LimitUnit.WORKING_DAYS).astimezone(UTC)


def in_time() -> QuerySet[RightsRequest]:
    """Those whose limit still runs."""
    return RightsRequest.objects.exclude(state__in=ENDED).filter(overdue_at=None)


@transaction.atomic
def moving() -> int:
    """How many would have another due moment by the calendar as it is now."""
    with scope.system(scope.SWEEP):
        rows = list(in_time())
    return sum(due_moment(row.received_at, row.due_days) != row.due_at for row in rows)


@transaction.atomic
def recompute_all(now: datetime) -> None:
    waiting = set(Timer.objects.open().filter(kind=RECOMPUTE).values_list("subject_id", flat=True))
    with scope.system(scope.SWEEP):
        ids = list(in_time().order_by("pk").values_list("pk", flat=True))
    timers.start_many((RECOMPUTE, pk, 0, now) for pk in ids if pk not in waiting)


workcalendar.FOLLOWERS["rights"] = Follower(_("个人信息权利请求"), moving, recompute_all)


def claim(due: list[Timer]) -> tuple[list[RightsRequest], set[int]]:
    """Lock what the timers are about: (those that are open, ids of the timers of busy ones)."""
    rows = RightsRequest.objects.select_for_update(skip_locked=True, of=("self",))
    with scope.system(scope.SWEEP):
        free = rows.in_bulk({timer.subject_id for timer in due})
    waiting = [row for row in free.values() if row.state not in ENDED and row.overdue_at is None]
    return waiting, {timer.pk for timer in due if timer.subject_id not in free}


@timers.handler(RECOMPUTE, _("重算个人信息权利请求期限"))
def recompute(due: list[Timer], now: datetime) -> set[int]:
    """By the calendar as it is now; one that was late stays late."""
    waiting, busy = claim(due)
    for row in waiting:
        due_at = due_moment(row.received_at, row.due_days)
        if due_at != row.due_at:
            row.due_at = due_at
            with scope.system(scope.SWEEP):
                row.save(update_fields=["due_at"])
            timers.cancel([row.pk], [OVERDUE], now)
            timers.start(OVERDUE, row.pk, due_at)
    return busy


@timers.handler(OVERDUE, _("个人信息权利请求超期"))
def overdue(due: list[Timer], now: datetime) -> set[int]:
    """A mark, a line, and word to who handles it and who leads them."""
    waiting, busy = claim(due)
    for row in waiting:
        if row.due_at <= now:
            row.overdue_at = row.due_at
            with scope.system(scope.SWEEP):
                row.save(update_fields=["overdue_at"])
                write_line(row, RightsAction.OVERDUE, None, now)
            leaders = permissions.at(row.community_id, (Role.LEADER,))
            tell(row, "overdue", [*handlers(row), *leaders], now)
    return busy
