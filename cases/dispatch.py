"""Who could handle a case: departments ranked, each with the reasons that a dispatcher reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count
from django.utils.translation import gettext as _t

from cases import items
from cases.items import ItemFacts
from cases.models import Assignment, Case, Remit
from governance import permissions, units
from governance.models import Post, Unit, UnitKind


@dataclass
class Candidate:
    """A department, how well it fits (higher is better), and why, in the active language."""

    department_id: int
    name: str
    score: int = 0
    load: int = 0
    staffed: bool = False
    reasons: list[str] = field(default_factory=list)

    def because(self, points: int, reason: str) -> None:
        self.score += points
        self.reasons.append(reason)


def rank(case: Case) -> list[Candidate]:
    """All departments that could get the case, best first; ties go to the smaller load, then id."""
    item = items.facts(case.item_id)
    departments = _departments(case, item)
    loads = _loads(list(departments))
    staffed = _staffed(list(departments))
    ranked = [
        _judge(case, item, unit, loads.get(pk, 0), staffed=pk in staffed)
        for pk, unit in departments.items()
    ]
    return sorted(ranked, key=lambda c: (-c.score, c.load, c.department_id))


def _departments(case: Case, item: ItemFacts) -> dict[int, Unit]:
    """The item's own and joint departments, and every other one over the case's place."""
    named = (item.department_id, *item.joint_ids)
    above = [pk for pk in (case.district_id, case.street_id) if pk]
    rows = Unit.objects.filter(kind=UnitKind.DEPARTMENT, valid_to=None)
    return {unit.pk: unit for unit in rows if unit.pk in named or unit.parent_id in above}


def _loads(ids: list[int]) -> dict[int, int]:
    open_ones = Assignment.objects.filter(
        department__in=ids, finished_at=None, returned_at=None
    ).values("department")
    return {row["department"]: row["n"] for row in open_ones.annotate(n=Count("pk"))}


def _staffed(ids: list[int]) -> set[int]:
    roles = permissions.TABLE["case.sign"].roles
    held = Post.objects.filter(unit__in=ids, role__in=roles, user__is_active=True, valid_to=None)
    return set(held.values_list("unit_id", flat=True).distinct())


def _judge(case: Case, item: ItemFacts, unit: Unit, load: int, *, staffed: bool) -> Candidate:
    found = Candidate(unit.pk, units.name_of(unit.pk), load=load, staffed=staffed)
    if unit.pk == item.department_id:
        found.because(100, _t("清单主责部门"))
    elif unit.pk in item.joint_ids:
        found.because(40, _t("清单配合部门"))
    if unit.parent_id == case.street_id and case.street_id:
        found.because(10, _t("本街道部门"))
    if item.remit == Remit.UPPER:
        found.because(0, _t("上级收回事项，由%(upper)s牵头") % {"upper": item.upper_department})
    elif item.remit == Remit.SUPPORT:
        found.because(0, _t("配合事项，由%(upper)s牵头") % {"upper": item.upper_department})
    if not staffed:
        found.because(-80, _t("暂无在岗处置人员"))
    found.reasons.append(_t("在办 %(load)d 件") % {"load": load})
    return found


def automatic(case: Case) -> Candidate | None:
    """The department to send to without asking: the item says so and its lead is staffed."""
    if not items.facts(case.item_id).automatic:
        return None
    best = next(iter(rank(case)), None)
    return best if best and best.staffed and best.score >= 100 else None
