"""How the registers follow units: who lives there today, what is open at their doors, the plans,
the lettings, the entities and the joint units.

Those who moved away, decided requests and ended plans keep the unit of their day. The sweep sees
all of them (row-level security), and may write the levels alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from governance import clock, following, scope, units
from governance.following import COLUMNS, Kind, Values
from governance.models import LEVELS
from people.models import (
    ChangeRequest,
    ChangeState,
    DeclarationState,
    Entity,
    HouseCode,
    Household,
    JointUnit,
    Residency,
    RightsRequest,
    SupportPlan,
    Tenancy,
    TenancyState,
    TenantDeclaration,
    Visit,
    VisitPlan,
)
from people.models.rights import ENDED


def only_levels(rows: Callable[[], QuerySet[Any]]) -> Callable[[], QuerySet[Any]]:
    """Nothing else of these rows has to be read."""
    return lambda: rows().only("pk", *(column.removesuffix("_id") for column in COLUMNS))


def visits() -> QuerySet[Visit]:
    """Of the households that are still there: who visits them next must know of the last time."""
    return Visit.objects.filter(household__ended_on=None)


def plans() -> QuerySet[VisitPlan]:
    holds = Q(ends_on=None) | Q(ends_on__gte=clock.today())
    return VisitPlan.objects.filter(holds, ended_at=None)


def plan_wanted(levels: Values) -> Values:
    """The visits that were planned for a unit which was split are not those of the level above."""
    return levels if following.stranded(levels) else following.placed(levels)


def tell_centre(unit_id: int, now: datetime) -> None:
    """Of a unit that was split: the plan asks for nothing any more, and is made anew."""
    with scope.system(scope.SWEEP):
        known = list(plans())
    rows = [row for row in known if following.stranded(following.levels_of(row)) == unit_id]
    following.tell_adrift("visit_plan", [(row, unit_id) for row in rows], now)


def move_joint(rows: list[JointUnit], now: datetime) -> None:
    """Two grids that become one may both have a unit of that name: the one that comes says from
    where."""
    for row in rows:
        came_from, name = row.grid_id, row.name
        for column, value in zip(COLUMNS, following.placed(following.levels_of(row)), strict=True):
            setattr(row, column, value)
        if JointUnit.objects.filter(grid=row.grid_id, name=name, ended_on=None).exists():
            row.name = f"{name[:30]}（{units.name_of(came_from)[:28]}）"
        row.save(update_fields=["name", *LEVELS])


OPEN: tuple[Callable[[], QuerySet[Any]], ...] = (
    lambda: Household.objects.filter(ended_on=None),
    lambda: Residency.objects.filter(ended_on=None),
    visits,
    lambda: ChangeRequest.objects.filter(state=ChangeState.WAITING),
    lambda: SupportPlan.objects.filter(ended_at=None),
)
# One line and one number for all: of the few plans of a grid alone one could guess whose they are.
following.register(
    "people",
    _("住户、居住登记、走访与帮扶"),
    *(Kind(only_levels(rows), role=scope.SWEEP) for rows in OPEN),
)
AT_DOORS: tuple[Callable[[], QuerySet[Any]], ...] = (
    lambda: Tenancy.objects.exclude(state=TenancyState.ENDED),
    lambda: HouseCode.objects.filter(ended_at=None),
    lambda: TenantDeclaration.objects.filter(state=DeclarationState.WAITING),
    lambda: Entity.objects.filter(closed_on=None),
)
following.register(
    "doors",
    _("出租房屋、法人单位与联户"),
    *(Kind(only_levels(rows), role=scope.SWEEP) for rows in AT_DOORS),
    Kind(
        lambda: JointUnit.objects.filter(ended_on=None).only("name", *LEVELS),
        move=move_joint,
        role=scope.SWEEP,
    ),
)
following.register(
    "rights",
    _("个人信息权利请求"),
    Kind(only_levels(lambda: RightsRequest.objects.exclude(state__in=ENDED)), role=scope.SWEEP),
)
following.register(
    "visit_plan",
    _("走访计划"),
    Kind(plans, wanted=plan_wanted, behind=tell_centre, role=scope.SWEEP),
)
