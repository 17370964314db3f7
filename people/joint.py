"""联户单位: formed of a grid's households, with one of their people as the head.

Raises NotAllowed, of which BadDetails names the fields. A household is in one unit at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.timezone import localdate
from django.utils.translation import gettext as _t

from governance.models import LEVELS
from people import access
from people.errors import BadDetails, NotAllowed
from people.models import Household, JointMember, JointUnit, Person, Residency

if TYPE_CHECKING:
    from governance.models import User

SEE, PERMISSION = "joint.see", "joint.form"


def visible_joint_units(user: User) -> QuerySet[JointUnit]:
    """The joint units of the user's units today."""
    access.enter(user, SEE)
    return JointUnit.objects.filter(access.within(user, SEE), ended_on=None)


def joint_unit_for(user: User, pk: int) -> JointUnit:
    """The joint unit, or 404 when it is not this user's to see."""
    found = visible_joint_units(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def members(unit: JointUnit) -> QuerySet[JointMember]:
    """The households in the unit today; one that moved away is none."""
    rows = unit.members.filter(ended_on=None, household__ended_on=None)
    return rows.select_related("household__house__building").order_by("pk")


def free_households(user: User) -> QuerySet[Household]:
    """The households of the user's units that are in no joint unit."""
    taken = JointMember.objects.filter(ended_on=None).values("household")
    return access.households(user, PERMISSION).exclude(pk__in=taken)


def living_in(unit: JointUnit) -> QuerySet[Residency]:
    """Who lives in the unit's households today: one of them is the head."""
    homes = members(unit).values("household")
    rows = Residency.objects.filter(household__in=homes, ended_on=None)
    return rows.select_related("person__data_key").order_by("household", "pk")


def heads(units: Iterable[JointUnit]) -> dict[UUID, Person]:
    """Who heads each, by id; who moved away from one's units is not seen, and not among them."""
    rows = Person.objects.select_related("data_key")
    return rows.in_bulk({unit.head_id for unit in units})


# The verbs --------------------------------------------------------------------------------------


@transaction.atomic
def form(home: Residency, name: str, *, by: User, now: datetime) -> JointUnit:
    """A unit that begins with one household, of which somebody is the head."""
    access.enter(by, PERMISSION)
    household, name = home.household, name.strip()[:60]
    check_household(household, by)
    if home.ended_on is not None:
        raise NotAllowed(_t("此人已不住在该住户。"))
    check_name(name, household.grid_id)
    where = {f"{level}_id": getattr(household, f"{level}_id") for level in LEVELS}
    day = localdate(now)
    unit = JointUnit.objects.create(name=name, head_id=home.person_id, began_on=day, **where)
    JointMember.objects.create(unit=unit, household=household, began_on=day)
    return unit


@transaction.atomic
def admit(unit: JointUnit, household: Household, *, by: User, now: datetime) -> JointMember:
    """One more household of the same grid."""
    unit = locked(unit, by)
    check_household(household, by)
    if household.grid_id != unit.grid_id:
        raise NotAllowed(_t("联户单位只能由同一网格的住户组成。"))
    return JointMember.objects.create(unit=unit, household=household, began_on=localdate(now))


@transaction.atomic
def release(member: JointMember, *, by: User, now: datetime) -> None:
    """A household leaves; that of the head only after another was named."""
    unit = locked(member.unit, by)
    if member.household.residencies.filter(person=unit.head_id, ended_on=None).exists():
        raise NotAllowed(_t("联户长所在的住户不能退出，请先更换联户长。"))
    unit.members.filter(pk=member.pk, ended_on=None).update(ended_on=localdate(now))


@transaction.atomic
def name_head(unit: JointUnit, home: Residency, *, by: User, now: datetime) -> JointUnit:
    """Another head, who lives in one of the unit's households."""
    unit = locked(unit, by)
    if not living_in(unit).filter(pk=home.pk).exists():
        raise BadDetails({"head": _t("联户长须住在本联户单位内。")})
    unit.head_id = home.person_id
    unit.save(update_fields=["head"])
    return unit


@transaction.atomic
def dissolve(unit: JointUnit, *, by: User, now: datetime) -> None:
    """Over; its households are free for others."""
    unit = locked(unit, by)
    unit.ended_on = localdate(now)
    unit.save(update_fields=["ended_on"])
    unit.members.filter(ended_on=None).update(ended_on=unit.ended_on)


# What they share --------------------------------------------------------------------------------


def locked(unit: JointUnit, by: User) -> JointUnit:
    access.enter(by, PERMISSION)
    row = JointUnit.objects.select_for_update().filter(pk=unit.pk).first()
    if row is None or not access.covers(by, row, PERMISSION):
        raise NotAllowed(_t("您的岗位不能变更此联户单位。"))
    if row.ended_on is not None:
        raise NotAllowed(_t("该联户单位已撤销。"))
    return row


def check_household(household: Household, by: User) -> None:
    if not access.covers(by, household, PERMISSION) or household.ended_on is not None:
        raise NotAllowed(_t("您的岗位不能为该住户联户。"))
    if household.joint_members.filter(ended_on=None).exists():
        raise NotAllowed(_t("该住户已在一个联户单位。"))


def check_name(name: str, grid_id: int | None) -> None:
    if not name:
        raise BadDetails({"name": _t("请填写名称。")})
    if JointUnit.objects.filter(grid=grid_id, name=name, ended_on=None).exists():
        raise BadDetails({"name": _t("本网格已有同名的联户单位。")})
