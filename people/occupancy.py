"""What a house is to who lives there (grids/places.py asks): where somebody is registered it cannot
be given up, and from its page one visits the household or registers who comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t

from governance.surfaces import PHONE, Way
from grids import places
from people import access, visits
from people.models import Household

if TYPE_CHECKING:
    from governance.models import User
    from grids.models import House


def lived_in(houses: QuerySet[House], by: User) -> str:
    """Why these houses cannot be given up; "" when nobody lives there."""
    access.enter(by)
    households = Household.objects.filter(house__in=houses, ended_on=None).count()
    said = _t("还有 %(n)d 户住户登记在此，请先办理搬离。") % {"n": households}
    return said if households else ""


def ways(user: User, house: House, surface: str) -> list[Way]:
    """A visit of each household, a registration, the tenancy: for whom it is theirs to do here."""
    room = "people_phone" if surface == PHONE else "people"
    found = []
    if access.covers(user, house, visits.PERMISSION):
        homes = list(access.households(user, visits.PERMISSION).filter(house=house).order_by("pk"))
        for n, home in enumerate(homes, 1):
            label = _t("走访第 %(n)d 户") % {"n": n} if len(homes) > 1 else _t("走访")
            found.append(Way(label, "walk", reverse(f"{room}:visit_new", args=[home.pk])))
    if access.covers(user, house, "person.register"):
        found.append(Way(_t("登记入住"), "plus", reverse(f"{room}:new", args=[house.pk])))
    if access.covers(user, house, "tenancy.register"):
        url = reverse(f"{room}:tenancy_house", args=[house.pk])
        found.append(Way(_t("登记租住、房屋码"), "key", url))
    return found


places.HINDRANCES.append(lived_in)
places.WAYS.append(ways)
