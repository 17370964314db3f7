"""人来登记、人走注销: the verbs that write who somebody is and where they live.

Each asks the permission over the place, checks, writes the row with what it is found by and who
said it, in one transaction. What needs a second person's yes is in people/changes.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Min
from django.utils.timezone import localdate
from django.utils.translation import gettext as _t

from governance import actor, permissions, phones
from governance.models import LEVELS
from people import access, identifiers, marks, plan_homes, visits
from people.errors import BadDetails, Changed, NotAllowed
from people.identifiers import BadNumber, DocumentKind, Sex
from people.models import (
    ChangeRequest,
    ChangeState,
    Household,
    Leaving,
    Person,
    Provenance,
    Relation,
    Residency,
    ResidencyKind,
)

if TYPE_CHECKING:
    from governance.models import User
    from grids.models import House

PERMISSION = "person.register"
# What a worker may correct on the doorstep at once; the document waits for a second yes.
SIMPLE = ("name", "phone", "other_phone", "contact_name", "contact_phone", "birth_date", "sex")
PHONES = ("phone", "other_phone", "contact_phone")


@dataclass(frozen=True)
class Details:
    """What is known of a person; "" for what is not. Birth date and sex follow from the number
    where it tells them."""

    name: str
    document_kind: str = DocumentKind.NONE
    document_number: str = ""
    birth_date: str = ""
    sex: str = ""
    phone: str = ""
    other_phone: str = ""
    contact_name: str = ""
    contact_phone: str = ""


@dataclass(frozen=True)
class Registered:
    """What a registration came to."""

    person: Person
    residency: Residency
    is_new: bool
    warning: str = ""


def checked(details: Details, today: date) -> tuple[Details, str]:
    """The details in their standard form, and a doubt about the number or "".

    Raises BadDetails, which names every field that cannot be.
    """
    given = {field.name: str(getattr(details, field.name)).strip() for field in fields(details)}
    faults, warning = {}, ""
    if not given["name"]:
        faults["name"] = _t("请填写姓名。")
    if given["document_kind"] not in DocumentKind.values:
        faults["document_kind"] = _t("请选择证件种类。")
    else:
        try:
            found = identifiers.read(given["document_kind"], given["document_number"], today)
        except BadNumber as error:
            faults["document_number"] = str(error)
        else:
            given["document_number"], warning = found.number, found.warning
            faults |= agree(given, found)
    if given["birth_date"] and "birth_date" not in faults:
        faults |= check_birth(given["birth_date"], today)
    if given["sex"] and given["sex"] not in Sex.values:
        faults["sex"] = _t("请选择性别。")
    for name in PHONES:
        number = telephone(given[name])
        if number is None:
            faults[name] = _t("请填写 7 至 12 位的电话号码。")
        given[name] = number or ""
    if faults:
        raise BadDetails(faults)
    return Details(**given), warning


def telephone(text: str) -> str | None:
    """The number without spaces and the country's prefix, "" for none; None for what is none."""
    return phones.number(text, 12)


def agree(given: dict[str, str], found: identifiers.Read) -> dict[str, str]:
    """Fill in what the number says; a fault where something else was typed."""
    faults = {}
    said = {"birth_date": found.born and found.born.isoformat(), "sex": found.sex}
    for name, value in said.items():
        if value and given[name] and given[name] != value:
            faults[name] = _t("与证件号码不符，请核对。")
        elif value:
            given[name] = str(value)
    return faults


def told(known: Mapping[str, str], today: date) -> set[str]:
    """Of birth date and sex, what the document's number says itself: not to be corrected alone."""
    try:
        found = identifiers.read(known["document_kind"], known["document_number"], today)
    except BadNumber:
        return set()
    return {name for name, value in (("birth_date", found.born), ("sex", found.sex)) if value}


def check_birth(text: str, today: date) -> dict[str, str]:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        return {"birth_date": _t("请填写日期，例如 1990-01-31。")}
    return {"birth_date": _t("出生日期还没有到。")} if born > today else {}


# The verbs --------------------------------------------------------------------------------------


@transaction.atomic
def register(
    details: Details,
    house: House,
    *,
    kind: str,
    relation: str = Relation.OTHER,
    began_on: date,
    household: Household | None = None,
    apart: bool = False,
    by: User,
    now: datetime,
) -> Registered:
    """Somebody came to live here: in this household, in the first one, or `apart` in one of their
    own. A document that is registered already is the same person, who then lives here as well.
    Raises NotAllowed, of which BadDetails names the fields."""
    may_at(by, house)
    today = localdate(now)
    found, warning = checked(details, today)
    access.enter(by)
    known = by_document(found.document_number)
    if known is None:
        person = write_new(found, by, now)
        residency = settle(
            person.pk, house, household, kind, relation, began_on, today, apart=apart
        )
        # only now, living here, is the person seen through the second wall
        said = [field.name for field in fields(found) if getattr(found, field.name)]
        write_provenance(person, said, by, now)
        return Registered(person, residency, True, warning)
    residency = settle(known, house, household, kind, relation, began_on, today, apart=apart)
    plan_homes.came([known], now)
    person = Person.objects.select_related("data_key").get(pk=known)
    if person.name.reveal() != found.name:
        raise NotAllowed(_t("该证件已登记在另一个姓名下，请核对；确有错误的，申请更正证件。"))
    return Registered(person, residency, False, warning)


def write_new(details: Details, by: User | None, now: datetime) -> Person:
    """A person's row with its marks."""
    person = Person(registered_at=now, registered_by=by)
    known = {field.name: getattr(details, field.name) for field in fields(details)}
    put(person, known)
    set_marks(person, known)
    person.save(force_insert=True)
    return person


@transaction.atomic
def move_in(
    person: Person,
    house: House,
    *,
    kind: str,
    relation: str = Relation.OTHER,
    began_on: date,
    household: Household | None = None,
    apart: bool = False,
    by: User,
    now: datetime,
) -> Residency:
    """A registered person comes to live here, also where they stay registered elsewhere."""
    may_at(by, house)
    access.enter(by)
    residency = settle(
        person.pk, house, household, kind, relation, began_on, localdate(now), apart=apart
    )
    plan_homes.came([person.pk], now)
    return residency


def settle(
    person_id: UUID,
    house: House,
    household: Household | None,
    kind: str,
    relation: str,
    began_on: date,
    today: date,
    *,
    apart: bool = False,
) -> Residency:
    """The residency of a person in a household of the house, which is made where there is none, and
    where they live `apart` from those who are there."""
    check_home(kind, began_on, today)
    if household is not None and (household.house_id != house.pk or household.ended_on):
        raise NotAllowed(_t("该住户不在这套房屋。"))
    here = Residency.objects.filter(household__house=house, person=person_id, ended_on=None)
    if here.exists():
        raise NotAllowed(_t("此人已登记在这套房屋。"))
    if household is None and not apart:
        household = house.households.filter(ended_on=None).order_by("pk").first()
    where = {f"{level}_id": getattr(house, f"{level}_id") for level in LEVELS}
    if household is None:
        household = Household.objects.create(house=house, began_on=began_on, **where)
    if relation == Relation.HEAD:
        taken = household.residencies.filter(relation=Relation.HEAD, ended_on=None)
        if taken.exists():
            raise BadDetails({"relation": _t("该住户已有户主；不是一户的，请选“另立一户”。")})
    residency = Residency.objects.create(
        person_id=person_id,
        household=household,
        kind=kind,
        relation=relation,
        began_on=began_on,
        **where,
    )
    if relation == Relation.HEAD:
        household.head_id = person_id
        household.save(update_fields=["head"])
    return residency


def check_home(kind: str, began_on: date, today: date) -> None:
    """Who is registered lives here already. Raises BadDetails."""
    faults = {}
    if kind not in ResidencyKind.values:
        faults["kind"] = _t("请选择居住类别。")
    if began_on > today:
        faults["began_on"] = _t("来此日期还没有到，请在住进来后再登记。")
    if faults:
        raise BadDetails(faults)


@transaction.atomic
def move_out(
    residency: Residency, *, on: date, leaving: str = Leaving.MOVED, by: User, now: datetime
) -> Residency:
    """Somebody left; the person is on no list of here from this very moment. The household ends
    with its last member."""
    residency = lived_in(residency, by)
    # a death waits for a second yes, and ends far more than this home
    if leaving not in Leaving.values or leaving == Leaving.DIED:
        raise BadDetails({"leaving": _t("请选择离开原因。")})
    if not residency.began_on <= on <= localdate(now):
        raise BadDetails({"on": _t("离开日期须在来此日期之后，且不晚于今天。")})
    end(residency, on, leaving, now)
    return residency


def lived_in(residency: Residency, by: User) -> Residency:
    """The residency, locked, with the others of its household. Raises NotAllowed."""
    access.enter(by)
    # the person first, as everywhere: what waits for a yes about them hangs on it
    Person.objects.select_for_update().only("pk").filter(pk=residency.person_id).first()
    together = Residency.objects.select_for_update().filter(household=residency.household_id)
    found = next((row for row in together.order_by("pk") if row.pk == residency.pk), None)
    if found is None or not access.covers(by, found, PERMISSION):
        raise NotAllowed(_t("您的岗位不能变更此处的登记。"))
    if found.ended_on is not None:
        raise NotAllowed(_t("该登记已注销。"))
    return found


def end(residency: Residency, on: date, leaving: str, now: datetime) -> None:
    """Of a locked residency: what waits for a yes about who lives here no more ends with it, and
    the plans that were made for who lived near here wait or end."""
    leave(residency, on, leaving)
    if residency.household.ended_on is not None:
        visits.nobody_left([residency.household_id], now)
    plan_homes.left(residency.person_id, now)
    if not Residency.objects.filter(person=residency.person_id, ended_on=None).exists():
        lapse([residency.person_id], _t("此人已离开，申请随之失效。"), now)


def leave(residency: Residency, on: date, leaving: str) -> None:
    """The home alone: the head of the household and the household follow."""
    residency.ended_on, residency.leaving = max(on, residency.began_on), leaving
    residency.save(update_fields=["ended_on", "leaving"])
    household = residency.household
    left = household.residencies.filter(ended_on=None).order_by("pk")
    if household.head_id == residency.person_id:
        heir = left.filter(relation=Relation.HEAD).first()
        household.head_id = heir.person_id if heir else None
    if not left.exists():
        household.ended_on = residency.ended_on
    household.save(update_fields=["head", "ended_on"])


def lapse(people: Iterable[UUID], why: str, now: datetime) -> None:
    """Nobody can decide any more what waits about somebody who is gone: it ends, and says why."""
    waiting = ChangeRequest.objects.filter(person__in=people, state=ChangeState.WAITING)
    waiting.update(state=ChangeState.LAPSED, decided_at=now, answer=why)


# What the former head is to the one who takes the place and was this to them.
SEEN_FROM = {
    Relation.SPOUSE: Relation.SPOUSE,
    Relation.CHILD: Relation.PARENT,
    Relation.PARENT: Relation.CHILD,
    Relation.GRANDCHILD: Relation.RELATIVE,
    Relation.RELATIVE: Relation.RELATIVE,
    Relation.OTHER: Relation.OTHER,
}


@transaction.atomic
def correct_home(
    residency: Residency, *, kind: str, relation: str, began_on: date, by: User, now: datetime
) -> Residency:
    """How and since when somebody lives here, put right at once. Who is named head takes the place
    of the one before. Raises NotAllowed, of which BadDetails names the fields."""
    row = lived_in(residency, by)
    check_home(kind, began_on, localdate(now))
    if relation not in Relation.values:
        raise BadDetails({"relation": _t("请选择与户主的关系。")})
    if (row.kind, row.relation, row.began_on) == (kind, relation, began_on):
        raise NotAllowed(_t("没有要更正的内容。"))
    household, was = row.household, row.relation
    row.kind, row.relation, row.began_on = kind, relation, began_on
    row.save(update_fields=["kind", "relation", "began_on"])
    if relation == Relation.HEAD != was:
        others = household.residencies.filter(relation=Relation.HEAD, ended_on=None)
        others.exclude(pk=row.pk).update(relation=SEEN_FROM[Relation(was)])
        household.head_id = row.person_id
    elif was == Relation.HEAD != relation:
        household.head_id = None
    household.began_on = household.residencies.aggregate(first=Min("began_on"))["first"]
    household.save(update_fields=["head", "began_on"])
    return row


@transaction.atomic
def correct(
    person: Person, changes: Mapping[str, str], *, version: int, by: User, now: datetime
) -> Person:
    """Correct simple fields at once. Raises Changed, BadDetails, NotAllowed."""
    person = locked(person.pk, by)
    if wrong := set(changes) - set(SIMPLE):
        raise NotAllowed(_t("%(names)s须经审批。") % {"names": "、".join(sorted(wrong))})
    if person.version != version:
        raise Changed(person.version)
    before = details_of(person)
    after, _warning = checked(Details(**{**before, **changes}), localdate(now))
    changed = {n: v for n in changes if (v := getattr(after, n)) != before[n]}
    if not changed:
        raise NotAllowed(_t("没有要更正的内容。"))
    rewrite(person, changed, by, now)
    return person


# What they share --------------------------------------------------------------------------------


def may_at(by: User, house: House) -> None:
    if not access.covers(by, house, PERMISSION):
        raise NotAllowed(_t("您的岗位不能在此处登记人员。"))
    if not house.is_active:
        raise NotAllowed(_t("该房屋已停用。"))


def locked(key: UUID, by: User, permission: str = PERMISSION) -> Person:
    """The person's row, locked. Raises NotAllowed for who has no permission where they live."""
    access.enter(by)
    rows = Person.objects.select_for_update(of=("self",)).select_related("data_key")
    person = rows.filter(pk=key).first()
    here = Residency.objects.filter(access.within(by, permission), person=key, ended_on=None)
    if person is None or not permissions.may(by, permission) or not here.exists():
        raise NotAllowed(_t("您的岗位不能更正此人的登记。"))
    return person


def by_document(number: str) -> UUID | None:
    """Who holds this document, wherever they live; None for nobody, or without a number."""
    if not number:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_by_document(%s)", [marks.document_index(number)])
        found: UUID | None = cursor.fetchone()[0]
    return found


def details_of(person: Person) -> dict[str, str]:
    """The clear text of every field; never to be shown without a record of the look."""
    found = {}
    for field in fields(Details):
        value = getattr(person, field.name)
        found[field.name] = value.reveal() if hasattr(value, "reveal") else value or ""
    return found


def put(person: Person, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(person, name, value or (value if name == "document_kind" else None))


def index(person: Person) -> None:
    """What the person is found by, from the fields as they are now."""
    set_marks(person, details_of(person))


def set_marks(person: Person, known: Mapping[str, str]) -> None:
    person.document_index, person.marks = marks_of(known)


def marks_of(known: Mapping[str, str]) -> tuple[bytes | None, list[int]]:
    """The exact index of the document, and all that the person is found by."""
    found = marks.of_person(
        name=known["name"],
        document_number=known["document_number"],
        birth_date=known["birth_date"],
        phones=(known["phone"], known["other_phone"]),
    )
    return marks.document_index(known["document_number"]), found


def rewrite(person: Person, values: Mapping[str, str], by: User | None, now: datetime) -> None:
    """Of a locked person: the values, the marks that follow, the source of each."""
    put(person, values)
    index(person)
    person.version += 1
    person.save()
    write_provenance(person, values, by, now)


def write_provenance(person: Person, names: Iterable[str], by: User | None, now: datetime) -> None:
    source = str((actor.current() or {}).get("source", ""))
    rows = [Provenance(person=person, field=n, by=by, at=now, source=source) for n in names]
    Provenance.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["person", "field"],
        update_fields=["by", "at", "source"],
    )
