"""Who could handle a case: departments ranked, each with the reasons that a dispatcher reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import items, rules
from cases.items import ItemFacts
from cases.models import Assignment, Case, Form, Remit
from governance import permissions, units
from governance.models import UnitKind
from governance.roles import Role
from governance.units import Facts

# A reason as history keeps it: a code of SENTENCES, and what its sentence names.
Reason = tuple[str, dict[str, Any]]
SENTENCES: Mapping[str, str | Promise] = {
    "lead": _("清单主责部门"),
    "joint": _("清单配合部门"),
    "own_street": _("本街道部门"),
    "upper": _("上级收回事项，由%(upper)s牵头"),
    "support": _("配合事项，由%(upper)s牵头"),
    "unstaffed": _("暂无在岗处置人员"),
    "returned": _("已退单"),
    "rule": _("派遣规则：%(name)s"),
    "post": _("指定%(role)s"),
    "no_holder": _("指定岗位无人在岗，由部门签收"),
    "territory": _("属地部门优先"),
    "load": _("在办 %(load)d 件"),
}


def sentence(reason: Reason) -> str:
    """A reason in the active language."""
    code, facts = reason
    if "role" in facts:
        facts = {**facts, "role": Role(facts["role"]).label}
    return str(SENTENCES[code]) % facts


@dataclass
class Candidate:
    """A department, how well it fits (higher is better), and why; where a rule names a post there,
    who holds it."""

    department_id: int
    name: str
    score: int = 0
    load: int = 0
    staffed: bool = False
    returned: bool = False
    # Whether it may get the case without being asked; None: as the item says.
    automatic: bool | None = None
    handler_id: int | None = None
    handler: str = ""
    reasons: list[Reason] = field(default_factory=list)

    def because(self, points: int, code: str, **facts: Any) -> None:
        self.score += points
        self.reasons.append((code, facts))


def rank(case: Case, loads: Mapping[int, int] | None = None) -> list[Candidate]:
    """All departments that could get the case, best first; ties go to the smaller load, then id.
    `loads` are those of `all_loads`, for who ranks many cases."""
    item = items.facts(case.item_id)
    departments = _departments(case, item)
    if loads is None:
        loads = _loads([unit.pk for unit in departments])
    ranked = [_judge(case, item, unit, loads.get(unit.pk, 0)) for unit in departments]
    _apply_rules(case, ranked)
    if case.return_count:
        sent_back = _sent_back(case)
        for candidate in ranked:
            if candidate.department_id in sent_back:
                candidate.returned = True
                candidate.because(-60, "returned")
    return sorted(ranked, key=lambda c: (-c.score, c.load, c.department_id))


def _departments(case: Case, item: ItemFacts) -> list[Facts]:
    """The item's own and joint departments, and every other one over the case's place: of the
    district alone where a higher level has taken the item back (facts.md "Cases")."""
    by_rule = [rule.department_id for rule in rules.holding(rules.facts_of(case))]
    named = (item.department_id, *item.joint_ids, *by_rule)
    street_id = None if item.remit == Remit.UPPER else case.street_id
    above = [pk for pk in (case.district_id, street_id) if pk]
    return [
        unit
        for unit in units.known().values()
        if unit.kind == UnitKind.DEPARTMENT and unit.valid_to is None
        if unit.pk in named or unit.parent_id in above
        if not rules.goes_down(unit, item)
    ]


def _apply_rules(case: Case, ranked: list[Candidate]) -> None:
    """The department of the first rule that holds leads; those of later ones follow in order,
    whatever the catalogue says of them."""
    by_id = {candidate.department_id: candidate for candidate in ranked}
    points = 300
    for rule in rules.holding(rules.facts_of(case)):
        candidate = by_id.pop(rule.department_id, None)
        if candidate is not None:
            candidate.score = points - (0 if candidate.staffed else UNSTAFFED)
            candidate.because(0, "rule", name=rule.name)
            candidate.automatic = rule.automatic
            name_post(candidate, rule)
            points = max(points - 20, 120)


def name_post(candidate: Candidate, rule: rules.Rule) -> None:
    """The holder of the post that a rule names is told first; without one the department is."""
    if not rule.role:
        return
    candidate.handler_id = rules.told_first(rule)
    if candidate.handler_id is None:
        candidate.because(0, "no_holder")
    else:
        candidate.handler = rule.holder
        candidate.because(0, "post", role=rule.role)


def _sent_back(case: Case) -> set[int]:
    """The departments that sent this case back and were not overruled."""
    rows = Assignment.objects.filter(case=case, returned_at__isnull=False, overruled_at=None)
    return set(rows.values_list("department_id", flat=True))


def _loads(ids: list[int]) -> dict[int, int]:
    open_ones = Assignment.objects.open().filter(department__in=ids).values("department")
    return {row["department"]: row["n"] for row in open_ones.annotate(n=Count("pk"))}


def all_loads() -> dict[int, int]:
    """Department → its open work orders."""
    known = units.known().values()
    return _loads([unit.pk for unit in known if unit.kind == UnitKind.DEPARTMENT])


def _judge(case: Case, item: ItemFacts, unit: Facts, load: int) -> Candidate:
    staffed = bool(permissions.at(unit.pk, permissions.TABLE["case.sign"].roles))
    found = Candidate(unit.pk, unit.name, load=load, staffed=staffed)
    if unit.pk == item.department_id:
        found.because(100, "lead")
    elif unit.pk in item.joint_ids:
        found.because(40, "joint")
    if unit.parent_id == case.street_id and case.street_id:
        found.because(10, "own_street")
        # facts.md "Cases": components owner first, events territory first (the owner may be that)
        lead = units.known().get(item.department_id)
        elsewhere = lead is not None and lead.parent_id != case.street_id
        if item.form == Form.EVENT and unit.pk in item.joint_ids and elsewhere:
            found.because(60, "territory")
    if item.remit == Remit.UPPER:
        found.because(0, "upper", upper=item.upper_department)
    elif item.remit == Remit.SUPPORT:
        found.because(0, "support", upper=item.upper_department)
    if not staffed:
        found.because(-UNSTAFFED, "unstaffed")
    found.because(0, "load", load=load)
    return found


@dataclass
class Choice:
    """Whom the platform sends a case to without asking, and whom it passed over."""

    chosen: Candidate | None = None
    # Nobody in post there: the case fell to the next, and somebody must be told.
    absent: list[Candidate] = field(default_factory=list)


def automatic(case: Case) -> Choice:
    """The first certain candidate with somebody in post: that of a rule that says so, or the item's
    lead where the item says so; where nobody is in post there, the next one that is named."""
    item, found = items.facts(case.item_id), Choice()
    ranked = rank_by_merit(case)
    if not ranked or ranked[0].automatic is False:  # a rule that suggests: somebody decides
        return found
    certain = [c for c in ranked if (item.automatic if c.automatic is None else c.automatic)]
    for candidate in certain:
        if merit(candidate) < NAMED:
            break
        if candidate.staffed:
            # the first of all, or the next of those named where the first has nobody
            found.chosen = candidate if merit(candidate) >= CERTAIN or found.absent else None
            break
        found.absent.append(candidate)
    return found


# A department that a rule or the item names as lead; and one that it names at all.
CERTAIN, NAMED = 100, 40
UNSTAFFED = 80


def merit(candidate: Candidate) -> int:
    """How well it fits, whoever is in post."""
    return candidate.score + (0 if candidate.staffed else UNSTAFFED)


def rank_by_merit(case: Case) -> list[Candidate]:
    ranked = rank(case)
    return sorted(ranked, key=lambda c: (-merit(c), c.load, c.department_id))
