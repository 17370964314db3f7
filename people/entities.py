"""法人单位: registered once by its credit code, with licences that run out and inspections.

Raises NotAllowed, of which BadDetails names the fields. Of a licence two dates are timers: thirty
days before it ends, and the morning after; they are told to the workers of the grid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Min, Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import outbox, scope, timers, units
from governance.models import LEVELS, Timer
from governance.outbox import Note
from grids import geo
from people import access, identifiers
from people.errors import BadDetails, Changed, NotAllowed
from people.identifiers import BadNumber
from people.models import (
    Entity,
    EntityContact,
    EntityEnd,
    EntityKind,
    Inspection,
    InspectionResult,
    Licence,
    LicenceKind,
)
from people.registering import telephone
from people.visits import Located, workers

if TYPE_CHECKING:
    from governance.models import User
    from grids.models import Building, House

SEE, PERMISSION, REVEAL = "entity.see", "entity.register", "entity.reveal"
SOON, OVER = "licence.soon", "licence.over"
NOTICE = timedelta(days=30)
MORNING = time(8)

outbox.SENTENCES.update(
    {
        SOON: _("%(entity)s 的%(licence)s将于 %(date)s 到期。"),
        OVER: _("%(entity)s 的%(licence)s已于 %(date)s 到期。"),
    }
)
outbox.READERS["licence"] = lambda code: str(LicenceKind(code).label)
for _kind in (SOON, OVER):
    outbox.LINKS[_kind] = lambda params: reverse("people:entity", args=[params["pk"]])


@dataclass(frozen=True)
class Facts:
    """What is known of an organisation; "" and None for what is not."""

    credit_code: str
    name: str
    kind: str
    staff_count: int | None = None
    place: str = ""
    contact_name: str = ""
    contact_phone: str = ""


@dataclass(frozen=True)
class Spot:
    """Where it is: a house, or a building, or a point of the map (WGS 84)."""

    house: House | None = None
    building: Building | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Papers:
    """A licence as it is written; `expires_on` None where it holds without an end."""

    kind: str
    number: str
    issued_on: date
    expires_on: date | None = None


# Who sees ---------------------------------------------------------------------------------------


def visible_entities(user: User) -> QuerySet[Entity]:
    """The organisations of the user's units, those that closed included."""
    access.enter(user, SEE)
    return Entity.objects.filter(access.within(user, SEE))


def entity_for(user: User, pk: int) -> Entity:
    """The organisation, or 404 when it is not this user's to see."""
    rows = visible_entities(user).select_related("contact__data_key", "house__building", "building")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def search(rows: QuerySet[Entity], words: str) -> QuerySet[Entity]:
    """Those whose name has the words, or whose code begins with them."""
    code = identifiers.plain(words)
    return rows.filter(Q(name__icontains=words.strip()) | Q(credit_code__startswith=code))


def with_dates(rows: QuerySet[Entity]) -> QuerySet[Entity]:
    """Each with its last inspection and the next end of a licence (`inspected_at`, `ends_on`)."""
    return rows.annotate(
        inspected_at=Max("inspections__at"),
        ends_on=Min("licences__expires_on", filter=Q(licences__ended_on=None)),
    )


# The verbs --------------------------------------------------------------------------------------


@transaction.atomic
def register(facts: Facts, spot: Spot, *, by: User, now: datetime) -> Entity:
    """An organisation at its place, once: a code that is registered and open is refused."""
    where = levels_of(spot)
    may_at(by, where)
    given = checked(facts)
    row = Entity(
        registered_at=now,
        registered_by=by,
        house=spot.house,
        building=spot.building,
        lon=spot.lon,
        lat=spot.lat,
        **where,
    )
    put(row, given)
    row.contact = contact_of(None, given)
    save(row)
    return row


@transaction.atomic
def correct(entity: Entity, facts: Facts, *, version: int, by: User, now: datetime) -> Entity:
    """Correct what is known; a contact that is left empty stays as it is. Raises Changed."""
    row = locked(entity, by)
    if row.version != version:
        raise Changed(_t("该登记已被他人更新，请查看最新内容后再改。"))
    given = checked(facts)
    put(row, given)
    row.contact = contact_of(row.contact, given)
    row.version += 1
    save(row)
    return row


@transaction.atomic
def close(entity: Entity, closing: str, *, on: date, by: User, now: datetime) -> Entity:
    """It closed or moved away: no date of its licences is looked after any more."""
    row = locked(entity, by)
    if closing not in EntityEnd.values:
        raise BadDetails({"closing": _t("请选择原因。")})
    if on > localdate(now):
        raise BadDetails({"on": _t("日期还没有到。")})
    row.closed_on, row.closing = on, closing
    row.save(update_fields=["closed_on", "closing"])
    stop(list(row.licences.values_list("pk", flat=True)), now)
    return row


@transaction.atomic
def add_licence(entity: Entity, papers: Papers, *, by: User, now: datetime) -> Licence:
    """A licence that it holds; the same number of the same kind only once."""
    row = locked(entity, by)
    return write_licence(row, check_papers(papers), None, now)


@transaction.atomic
def renew_licence(licence: Licence, papers: Papers, *, by: User, now: datetime) -> Licence:
    """A new paper in the place of this one, or this one's details put right."""
    row, old = locked_licence(licence, by)
    return write_licence(row, check_papers(papers), old, now)


@transaction.atomic
def end_licence(licence: Licence, *, by: User, now: datetime) -> Licence:
    """It was given back or taken away."""
    _row, old = locked_licence(licence, by)
    end_them([old.pk], now)
    old.refresh_from_db(fields=["ended_on"])
    return old


@transaction.atomic
def inspect(entity: Entity, result: str, note: str = "", *, by: User, now: datetime) -> Inspection:
    """Somebody was there just now, and what came of it."""
    row = locked(entity, by)
    faults = {}
    if result not in InspectionResult.values:
        faults["result"] = _t("请选择检查结果。")
    if result == InspectionResult.PROBLEMS and not note.strip():
        faults["note"] = _t("请写明发现的问题。")
    if faults:
        raise BadDetails(faults)
    return Inspection.objects.create(
        entity=row, at=now, by=by, result=result, note=note.strip()[:400]
    )


# What they share --------------------------------------------------------------------------------


def levels_of(spot: Spot) -> dict[str, int | None]:
    """The ids of the levels in which the place lies. Raises BadDetails for one in no grid."""
    here = spot.house or spot.building
    if here is None:
        unit_id = None
        if spot.lon is not None and spot.lat is not None:
            unit_id = geo.grid_at(spot.lon, spot.lat)
        if unit_id is None:
            raise BadDetails({"lon": _t("请在地图上选一个网格内的位置。")})
        here = units.known()[unit_id]  # type: ignore[assignment]
    elif not here.is_active:
        raise NotAllowed(_t("该处已停用。"))
    return {f"{level}_id": getattr(here, f"{level}_id") for level in LEVELS}


def may_at(by: User, where: Mapping[str, Any]) -> None:
    access.enter(by, PERMISSION)
    if not access.covers(by, Located(**where), PERMISSION):
        raise NotAllowed(_t("您的岗位不能在此处登记单位。"))


def locked(entity: Entity, by: User) -> Entity:
    """The organisation's row, locked. Raises NotAllowed for who may not, and when it closed."""
    access.enter(by, PERMISSION)
    rows = Entity.objects.select_for_update(of=("self",)).select_related("contact__data_key")
    row = rows.filter(pk=entity.pk).first()
    if row is None or not access.covers(by, row, PERMISSION):
        raise NotAllowed(_t("您的岗位不能变更此单位的登记。"))
    if row.closed_on is not None:
        raise NotAllowed(_t("该单位已停业或迁出。"))
    return row


def locked_licence(licence: Licence, by: User) -> tuple[Entity, Licence]:
    row = locked(licence.entity, by)
    old = row.licences.get(pk=licence.pk)
    if old.ended_on is not None:
        raise NotAllowed(_t("该证照已换证或失效。"))
    return row, old


def checked(facts: Facts) -> Facts:
    """The facts in their standard form. Raises BadDetails, which names every field."""
    faults = {}
    code = facts.credit_code
    try:
        code = identifiers.credit_code(code)
    except BadNumber as error:
        faults["credit_code"] = str(error)
    if not facts.name.strip():
        faults["name"] = _t("请填写单位名称。")
    if facts.kind not in EntityKind.values:
        faults["kind"] = _t("请选择单位类型。")
    if facts.staff_count is not None and not 0 <= facts.staff_count <= STAFF_MOST:
        faults["staff_count"] = _t("请填写 0 至 %(most)d。") % {"most": STAFF_MOST}
    phone = telephone(facts.contact_phone)
    if phone is None:
        faults["contact_phone"] = _t("请填写 7 至 12 位的电话号码。")
    if faults:
        raise BadDetails(faults)
    return Facts(
        credit_code=code,
        name=facts.name.strip()[:100],
        kind=facts.kind,
        staff_count=facts.staff_count,
        place=facts.place.strip()[:200],
        contact_name=facts.contact_name.strip(),
        contact_phone=phone or "",
    )


STAFF_MOST = 1_000_000


def put(row: Entity, facts: Facts) -> None:
    for name in ("credit_code", "name", "kind", "staff_count", "place"):
        setattr(row, name, getattr(facts, name))


def contact_of(known: EntityContact | None, facts: Facts) -> EntityContact | None:
    """The contact with what is new of it; a row only where there is something to hold."""
    given = {"name": facts.contact_name, "phone": facts.contact_phone}
    fresh = {name: value for name, value in given.items() if value}
    if not fresh:
        return known
    contact = known or EntityContact()
    for name, value in fresh.items():
        setattr(contact, name, value)
    contact.save()
    return contact


def save(row: Entity) -> None:
    """Raises BadDetails where the code is another's: also of one whom nobody here can see."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "entity_once_a_code" not in str(error):
            raise
        raise BadDetails({"credit_code": taken_elsewhere()}) from None


def taken_elsewhere() -> str:
    return _t("该代码已登记；若单位由别处迁来，请先由原登记处登记迁出。")


def check_papers(papers: Papers) -> Papers:
    faults = {}
    if papers.kind not in LicenceKind.values:
        faults["kind"] = _t("请选择证照种类。")
    if not papers.number.strip():
        faults["number"] = _t("请填写证照编号。")
    last = papers.expires_on
    if last is not None and last.year == ENDLESS:
        last = None
    if papers.issued_on.year < OLDEST:
        faults["issued_on"] = _t("请填写 %(year)d 年以后的日期。") % {"year": OLDEST}
    elif last is not None and last < papers.issued_on:
        faults["expires_on"] = _t("有效期不能早于发证日期。")
    if faults:
        raise BadDetails(faults)
    return Papers(papers.kind, papers.number.strip()[:60], papers.issued_on, last)


OLDEST = 1900
ENDLESS = 9999  # the year that registers write where a licence has no end


def write_licence(entity: Entity, papers: Papers, old: Licence | None, now: datetime) -> Licence:
    """Of a locked organisation: the row, in the place of the old one, and its timers."""
    same = entity.licences.filter(kind=papers.kind, number=papers.number, ended_on=None)
    if (same.exclude(pk=old.pk) if old else same).exists():
        raise BadDetails({"number": _t("该证照已登记。")})
    row = licence_of(entity, papers, old)
    write_licences([row], now)
    return row


def licence_of(entity: Entity, papers: Papers, old: Licence | None) -> Licence:
    return Licence(entity=entity, **vars(papers), replaces=old)


def write_licences(rows: Sequence[Licence], now: datetime) -> None:
    """The set form of `write_licence`, of which none is there yet."""
    end_them([row.replaces_id for row in rows if row.replaces_id], now)
    Licence.objects.bulk_create(rows)
    # who types in what is past already knows it
    timers.start_many(
        (kind, row.pk, 0, due_at)
        for row in rows
        if row.expires_on is not None
        for kind, due_at in due_times(row.expires_on, SOON, OVER)
        if due_at > now
    )


def due_times(last: date, soon: str, over: str) -> list[tuple[str, datetime]]:
    """When somebody is told of a last day: in the morning, a month before and the day after."""
    days = ((soon, last - NOTICE), (over, last + timedelta(days=1)))
    return [(kind, datetime.combine(day, MORNING, get_default_timezone())) for kind, day in days]


def end_them(licence_ids: list[int], now: datetime) -> None:
    if licence_ids:
        Licence.objects.filter(pk__in=licence_ids).update(ended_on=localdate(now))
        stop(licence_ids, now)


def stop(licence_ids: list[int], now: datetime) -> None:
    timers.cancel(licence_ids, [SOON, OVER], now)


# The clock --------------------------------------------------------------------------------------


def tell_of_licences(kind: str, due: list[Timer], now: datetime) -> set[int]:
    """Tell the grid's workers of licences that hold, of organisations that are there."""
    with scope.system(scope.SWEEP):
        rows = list(
            Licence.objects.filter(
                pk__in=[timer.subject_id for timer in due],
                ended_on=None,
                entity__closed_on=None,
            ).select_related("entity")
        )
    notes = [
        Note(
            user,
            kind,
            f"{kind} {row.pk}",
            {
                "pk": str(row.entity_id),
                "entity": row.entity.name,
                "licence": row.kind,
                "date": str(row.expires_on),
            },
        )
        for row in rows
        for user in workers(row.entity.grid_id, row.entity.community_id)
    ]
    outbox.tell(notes, now)
    return set()


@timers.handler(SOON, _("证照将到期"))
def licence_soon(due: list[Timer], now: datetime) -> set[int]:
    return tell_of_licences(SOON, due, now)


@timers.handler(OVER, _("证照已到期"))
def licence_over(due: list[Timer], now: datetime) -> set[int]:
    return tell_of_licences(OVER, due, now)
