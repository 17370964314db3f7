"""A house where somebody is registered cannot be given up (grids/places.py asks)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext as _t

from grids import places
from people import access
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


places.HINDRANCES.append(lived_in)
