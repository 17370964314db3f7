"""出租房: the landlord registers, tenants declare themselves by the house's code, a worker checks.

What a tenant declared becomes a residency at the door, typed once. Raises NotAllowed, of which
BadDetails names the fields. A lease has two timers: a month before its last day and the morning
after, when somebody goes and looks.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import outbox, scope, timers
from governance.models import LEVELS, Timer
from governance.outbox import Note
from grids.models import House, HouseUse
from people import access, identifiers, registering
from people.entities import due_times, visible_entities
from people.errors import BadDetails, NotAllowed
from people.models import (
    DeclarationState,
    DeclaredBy,
    HouseCode,
    Household,
    Landlord,
    Leaving,
    Relation,
    Residency,
    ResidencyKind,
    Tenancy,
    TenancyState,
    TenantDeclaration,
)
from people.registering import Details, Registered
from people.visits import workers

if TYPE_CHECKING:
    from governance.models import User
    from people.models import Entity, Person

SEE, PERMISSION = "tenancy.see", "tenancy.register"
SOON, OVER, DECLARED = "tenancy.soon", "tenancy.over", "tenancy.declared"
CODE_DIGITS = 8
FURTHEST = timedelta(days=20 * 366)  # 民法典 第七百零五条: no lease lasts longer

outbox.SENTENCES.update(
    {
        SOON: _("一处出租房的租期将于 %(date)s 届满，请核对。"),
        OVER: _("一处出租房的租期已于 %(date)s 届满，请上门核对。"),
        DECLARED: _("有租户申报租住，请上门核对。"),
    }
)
for _kind in (SOON, OVER):
    outbox.LINKS[_kind] = lambda params: reverse("people:tenancy", args=[params["tenancy"]])
outbox.LINKS[DECLARED] = lambda params: reverse("people:tenancies")


@dataclass(frozen=True)
class Lessor:
    """Who lets: a registered person, a registered organisation, or somebody by name and phone."""

    person: Person | None = None
    entity: Entity | None = None
    name: str = ""
    phone: str = ""

    def __bool__(self) -> bool:
        return bool(self.person or self.entity or self.name.strip())


@dataclass(frozen=True)
class Stay:
    """From when until when somebody rents; `until` None where nothing was agreed."""

    began_on: date
    until: date | None = None


# Who sees ---------------------------------------------------------------------------------------


def visible_tenancies(user: User) -> QuerySet[Tenancy]:
    """The lettings of the user's units, those that ended included."""
    access.enter(user, SEE)
    return Tenancy.objects.filter(access.within(user, SEE))


def tenancy_for(user: User, pk: int) -> Tenancy:
    """The letting, or 404 when it is not this user's to see."""
    rows = visible_tenancies(user).select_related(
        "house__building", "landlord__data_key", "landlord_person__data_key", "landlord_entity"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def waiting(user: User) -> QuerySet[TenantDeclaration]:
    """What tenants declared and nobody checked yet, the oldest first."""
    access.enter(user, SEE)
    rows = TenantDeclaration.objects.filter(
        access.within(user, SEE), state=DeclarationState.WAITING
    )
    return rows.select_related("data_key", "house__building").order_by("declared_at", "pk")


def declaration_for(user: User, key: UUID) -> TenantDeclaration:
    """The declaration that waits, or 404."""
    found = waiting(user).filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def tenants(user: User, house: House) -> QuerySet[Residency]:
    """Who rents there today."""
    rows = access.residencies(user).filter(household__house=house, kind=ResidencyKind.TENANT)
    return rows.select_related("person__data_key").order_by("pk")


def usual_household(user: User, house: House) -> int | None:
    """Whom a tenant who declared most likely lives with: those of the same letting, where it is one
    household's and the house is not let room by room. None: in a household of their own."""
    lettings = visible_tenancies(user).filter(house=house).exclude(state=TenancyState.ENDED)
    if house.use == HouseUse.SHARED or not lettings.exists():
        return None
    living = access.residencies(user).filter(household__house=house)
    others = living.exclude(kind=ResidencyKind.TENANT).values("household")
    rent = living.exclude(household__in=others).values_list("household_id", flat=True)
    found = set(rent)
    return found.pop() if len(found) == 1 else None


# The landlord's registration --------------------------------------------------------------------


@transaction.atomic
def register(house: House, lessor: Lessor, stay: Stay, *, by: User, now: datetime) -> Tenancy:
    """The landlord registers a letting with a worker; somebody goes and checks it."""
    may_at(by, house)
    check_stay(stay, localdate(now))
    if not lessor:
        raise BadDetails({"landlord_name": _t("请填写房东。")})
    if open_tenancy(house) is not None:
        raise NotAllowed(_t("这套房屋已有租住登记。"))
    row = write(house, stay, DeclaredBy.WORKER, by, now)
    name_landlord(row, lessor)
    row.save()
    start_timers(row, now)
    return row


@transaction.atomic
def check(tenancy: Tenancy, *, by: User, now: datetime) -> Tenancy:
    """Seen at the door: it is as it was said."""
    row = locked(tenancy, by)
    confirm_it(row, by, now)
    return row


@transaction.atomic
def correct(tenancy: Tenancy, lessor: Lessor, stay: Stay, *, by: User, now: datetime) -> Tenancy:
    """Another landlord, other dates; the landlord stays as known where none is given. Its timers
    follow."""
    row = locked(tenancy, by)
    check_stay(stay, localdate(now))
    if lessor:
        name_landlord(row, lessor)
    row.began_on, row.until = stay.began_on, stay.until
    row.save()
    restart_timers(row, now)
    return row


@transaction.atomic
def end(tenancy: Tenancy, *, on: date, tenants_left: bool, by: User, now: datetime) -> Tenancy:
    """The house is let no more. With `tenants_left` those who rented there move out that day."""
    row = locked(tenancy, by)
    if not row.began_on <= on <= localdate(now):
        raise BadDetails({"on": _t("退租日期须在起租日期之后，且不晚于今天。")})
    row.state, row.ended_on = TenancyState.ENDED, on
    row.save(update_fields=["state", "ended_on"])
    timers.cancel([row.pk], [SOON, OVER], now)
    if tenants_left:
        for residency in tenants(by, row.house):
            day = max(on, residency.began_on)
            registering.move_out(residency, on=day, leaving=Leaving.MOVED, by=by, now=now)
    if not row.house.households.filter(ended_on=None).exists():
        use(row.house, HouseUse.EMPTY)
    return row


@dataclass(frozen=True)
class Vacated:
    """Lettings that ended with who rented there, and what is to be done after it as oneself."""

    lettings: list[int]
    empty: list[int]  # the houses in which nobody is left

    def follow(self, now: datetime) -> None:
        timers.cancel(self.lettings, [SOON, OVER], now)
        for house in House.objects.filter(pk__in=self.empty):
            use(house, HouseUse.EMPTY)


def without_tenants(households: list[int], on: date) -> Vacated:
    """End the lettings of the houses of these households where nobody rents any more. As the
    sweep's role: it may be where who brings it about sees nothing."""
    houses = Household.objects.filter(pk__in=households).values("house")
    rent = Residency.objects.filter(
        household__house=OuterRef("house"), kind=ResidencyKind.TENANT, ended_on=None
    )
    rows = Tenancy.objects.select_for_update(of=("self",)).exclude(state=TenancyState.ENDED)
    found = list(rows.filter(~Exists(rent), house__in=houses))
    for row in found:
        row.state, row.ended_on = TenancyState.ENDED, max(on, row.began_on)
        row.save(update_fields=["state", "ended_on"])
    lived_in = Household.objects.filter(ended_on=None).values("house")
    empty = {row.house_id for row in found} - set(
        lived_in.filter(house__in=[row.house_id for row in found]).values_list("house", flat=True)
    )
    return Vacated([row.pk for row in found], sorted(empty))


# A tenant's own word ----------------------------------------------------------------------------


@transaction.atomic
def renew_code(house: House, *, by: User, now: datetime) -> HouseCode:
    """A new code of the house; the one before leads nowhere from now on."""
    may_at(by, house)
    HouseCode.objects.filter(house=house, ended_at=None).update(ended_at=now)
    where = {f"{level}_id": getattr(house, f"{level}_id") for level in LEVELS}
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    return HouseCode.objects.create(house=house, code=code, made_at=now, made_by=by, **where)


def code_of(user: User, house: House) -> str:
    """The code of the house today, or ""."""
    access.enter(user, SEE)
    rows = HouseCode.objects.filter(access.within(user, SEE), house=house, ended_at=None)
    return rows.values_list("code", flat=True).first() or ""


def house_of(code: str) -> House | None:
    """The house that a code speaks of, for who has no account; None for no code of today."""
    if not (code.isascii() and code.isdecimal() and len(code) == CODE_DIGITS):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_house_of_code(%s)", [code])
        pk = cursor.fetchone()[0]
    return House.objects.select_related("building").filter(pk=pk, is_active=True).first()


@transaction.atomic
def declare(code: str, details: Details, stay: Stay, *, key: UUID, now: datetime) -> bool:
    """What a tenant says of themselves; the same `key` sent again changes nothing and is False.

    Raises NotAllowed for a code that leads nowhere, BadDetails for what cannot be.
    """
    house = house_of(code)
    if house is None:
        raise NotAllowed(_t("房屋码不对或已更换，请向房东或网格员索取。"))
    given, _warning = registering.checked(details, localdate(now))
    if not given.phone:
        raise BadDetails({"phone": _t("请填写电话，以便约定上门核对的时间。")})
    check_stay(stay, localdate(now))
    with connection.cursor() as cursor:
        # the wall lets in a declaration about the house of this code, and nothing else
        cursor.execute("SELECT set_config('app.house_code', %s, true)", [code])
    row = TenantDeclaration(
        key=key,
        house=house,
        document_kind=given.document_kind,
        began_on=stay.began_on,
        until=stay.until,
        declared_at=now,
        **{f"{level}_id": getattr(house, f"{level}_id") for level in LEVELS},
    )
    row.name, row.phone = given.name, given.phone
    row.document_number = given.document_number or None
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "people_tenantdeclaration_key" not in str(error):
            raise
        return False
    told = [
        Note(user, DECLARED, f"{DECLARED} {row.pk}")
        for user in workers(house.grid_id, house.community_id)
    ]
    outbox.tell(told, now)
    return True


@transaction.atomic
def confirm(
    declaration: TenantDeclaration,
    details: Details,
    stay: Stay,
    *,
    household: Household | None = None,
    relation: str = Relation.OTHER,
    lessor: Lessor | None = None,
    by: User,
    now: datetime,
) -> Registered:
    """Seen at the door: the tenant is registered as living there, with what was put right: in this
    household, which whoever was at the door has chosen, or in one of their own.

    The house's letting is confirmed, or begins with it, and lasts as long as its longest stay.
    """
    row = locked_declaration(declaration, by)
    check_stay(stay, localdate(now))
    done = registering.register(
        details,
        row.house,
        kind=ResidencyKind.TENANT,
        relation=relation,
        began_on=min(stay.began_on, localdate(now)),  # who is met there lives there
        household=household,
        apart=household is None,
        by=by,
        now=now,
    )
    access.enter(by, PERMISSION)
    tenancy = open_tenancy(row.house)
    if tenancy is None:
        tenancy = write(row.house, stay, DeclaredBy.PUBLIC, by, now)
    else:
        tenancy.began_on = min(tenancy.began_on, stay.began_on)
        if tenancy.until is not None:
            tenancy.until = stay.until and max(tenancy.until, stay.until)
    if lessor:
        name_landlord(tenancy, lessor)
    tenancy.save()
    confirm_it(tenancy, by, now)
    restart_timers(tenancy, now)
    row.state, row.tenancy = DeclarationState.CONFIRMED, tenancy
    decide(row, by, now)
    return done


@transaction.atomic
def refuse(
    declaration: TenantDeclaration, reason: str, *, by: User, now: datetime
) -> TenantDeclaration:
    """Nobody of that name rents there."""
    row = locked_declaration(declaration, by)
    if not reason.strip():
        raise BadDetails({"reason": _t("请写明理由。")})
    row.state, row.reason = DeclarationState.REFUSED, reason.strip()[:200]
    decide(row, by, now)
    return row


def said(declaration: TenantDeclaration) -> Details:
    """What was declared, in clear; never to be shown without a record of the look."""
    number = declaration.document_number
    return Details(
        name=declaration.name.reveal(),
        document_kind=declaration.document_kind,
        document_number=number.reveal() if number else "",
        phone=declaration.phone.reveal() if declaration.phone else "",
    )


# What they share --------------------------------------------------------------------------------


def may_at(by: User, house: House) -> None:
    access.enter(by, PERMISSION)
    if not access.covers(by, house, PERMISSION):
        raise NotAllowed(_t("您的岗位不能登记此处的租住。"))
    if not house.is_active:
        raise NotAllowed(_t("该房屋已停用。"))


def check_stay(stay: Stay, today: date) -> None:
    faults = {}
    if abs(stay.began_on - today) > FURTHEST:
        faults["began_on"] = _t("请核对起租日期。")
    if stay.until is not None and not stay.began_on <= stay.until <= stay.began_on + FURTHEST:
        faults["until"] = _t("租期须在起租之后，最长 20 年。")
    if faults:
        raise BadDetails(faults)


def open_tenancy(house: House) -> Tenancy | None:
    """The letting of a house that has not ended, locked."""
    rows = Tenancy.objects.select_for_update(of=("self",)).filter(house=house)
    rows = rows.select_related("house", "landlord__data_key")
    return rows.exclude(state=TenancyState.ENDED).first()


def locked(tenancy: Tenancy, by: User) -> Tenancy:
    access.enter(by, PERMISSION)
    rows = Tenancy.objects.select_for_update(of=("self",))
    rows = rows.select_related("house", "landlord__data_key")
    row = rows.filter(pk=tenancy.pk).first()
    if row is None or not access.covers(by, row, PERMISSION):
        raise NotAllowed(_t("您的岗位不能登记此处的租住。"))
    if row.state == TenancyState.ENDED:
        raise NotAllowed(_t("该租住登记已结束。"))
    return row


def locked_declaration(declaration: TenantDeclaration, by: User) -> TenantDeclaration:
    access.enter(by, PERMISSION)
    rows = TenantDeclaration.objects.select_for_update(of=("self",))
    row = rows.select_related("house", "data_key").filter(pk=declaration.pk).first()
    if row is None or not access.covers(by, row, PERMISSION):
        raise NotAllowed(_t("您的岗位不能登记此处的租住。"))
    if row.state != DeclarationState.WAITING:
        raise NotAllowed(_t("该申报已核对。"))
    return row


def write(house: House, stay: Stay, declared_by: str, by: User, now: datetime) -> Tenancy:
    return Tenancy(
        house=house,
        began_on=stay.began_on,
        until=stay.until,
        declared_by=declared_by,
        registered_at=now,
        registered_by=by,
        **{f"{level}_id": getattr(house, f"{level}_id") for level in LEVELS},
    )


def name_landlord(row: Tenancy, lessor: Lessor) -> None:
    """One of the three columns; a sealed row only for who is in no register here. A former one's
    words are cleared."""
    phone = registering.telephone(lessor.phone)
    if phone is None:
        raise BadDetails({"landlord_phone": _t("请填写 7 至 12 位的电话号码。")})
    registered = lessor.person or lessor.entity
    row.landlord_person, row.landlord_entity = lessor.person, lessor.entity
    if row.landlord is None and not registered:
        row.landlord = Landlord()
    if row.landlord is not None:
        row.landlord.name = None if registered else lessor.name.strip()
        row.landlord.phone = None if registered else phone or None
        row.landlord.save()
    if registered:
        row.landlord = None


def lessor_of(
    user: User, *, document: str = "", credit_code: str = "", name: str = "", phone: str = ""
) -> Lessor:
    """Who is meant: a person or an organisation of the user's units by their number, else somebody
    by name. Raises BadDetails for a number that is nobody's here."""
    if document.strip():
        access.enter(user)
        key = registering.by_document(identifiers.plain(document))
        person = access.persons(user).filter(pk=key).first() if key else None
        if person is None:
            why = _t("本辖区没有登记此证件，请填写房东姓名和电话。")
            raise BadDetails({"landlord_document": why})
        return Lessor(person=person)
    if credit_code.strip():
        code = identifiers.plain(credit_code)
        entity = visible_entities(user).filter(credit_code=code, closed_on=None).first()
        if entity is None:
            why = _t("本辖区没有登记此代码，请先登记单位，或填写房东姓名和电话。")
            raise BadDetails({"landlord_code": why})
        return Lessor(entity=entity)
    return Lessor(name=name, phone=phone)


def confirm_it(row: Tenancy, by: User, now: datetime) -> None:
    row.state, row.checked_at, row.checked_by = TenancyState.CONFIRMED, now, by
    row.save(update_fields=["state", "checked_at", "checked_by"])
    if row.house.use not in {HouseUse.RENTED, HouseUse.SHARED}:
        use(row.house, HouseUse.RENTED)


def use(house: House, to: str) -> None:
    """What the house is used for follows from who lives there."""
    house.use = to
    house.save(update_fields=["use"])


def decide(row: TenantDeclaration, by: User, now: datetime) -> None:
    row.decided_by, row.decided_at = by, now
    row.save(update_fields=["state", "reason", "tenancy", "decided_by", "decided_at"])


# The clock --------------------------------------------------------------------------------------


def start_timers(row: Tenancy, now: datetime) -> None:
    if row.until is None:
        return
    for kind, due_at in due_times(row.until, SOON, OVER):
        # a lease that is over when it is written down is to be looked at now
        if kind == OVER or due_at > now:
            timers.start(kind, row.pk, due_at)


def restart_timers(row: Tenancy, now: datetime) -> None:
    timers.cancel([row.pk], [SOON, OVER], now)
    start_timers(row, now)


def ask_to_look(kind: str, due: list[Timer], now: datetime) -> set[int]:
    """Ask the grid's workers to look at the lettings that are still open."""
    with scope.system(scope.SWEEP):
        rows = list(
            Tenancy.objects.filter(pk__in=[timer.subject_id for timer in due])
            .exclude(state=TenancyState.ENDED)
            .values_list("pk", "until", "grid_id", "community_id")
        )
    notes = [
        Note(user, kind, f"{kind} {pk} {until}", {"tenancy": str(pk), "date": str(until)})
        for pk, until, grid_id, community_id in rows
        for user in workers(grid_id, community_id)
    ]
    outbox.tell(notes, now)
    return set()


@timers.handler(SOON, _("租期将届满"))
def tenancy_soon(due: list[Timer], now: datetime) -> set[int]:
    return ask_to_look(SOON, due, now)


@timers.handler(OVER, _("租期已届满"))
def tenancy_over(due: list[Timer], now: datetime) -> set[int]:
    return ask_to_look(OVER, due, now)
