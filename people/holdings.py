"""What else the registers hold about somebody, beside the registration itself: for who asks for a
copy. Past the wall of units, and without a word about those they live with or let to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _t

from governance import scope, units
from grids.models import House
from people import rights, visits
from people.identifiers import plain
from people.models import (
    ChangeRequest,
    JointUnit,
    Residency,
    SupportKind,
    SupportPlan,
    SupportStep,
    TeamMember,
    Tenancy,
    TenantDeclaration,
    Visit,
)
from people.rights import Holding

Line = dict[str, str]


def plans_of(keys: Sequence[UUID]) -> list[Holding]:
    """What was agreed for them, and who helps; whoever asks for it, it is about them."""
    with scope.system(scope.RETENTION):
        plans = list(SupportPlan.objects.filter(person__in=keys).order_by("pk"))
        steps = list(SupportStep.objects.filter(plan__in=plans).order_by("plan", "pk"))
        team = list(TeamMember.objects.filter(plan__in=plans, name__isnull=False).order_by("pk"))
    kinds = dict(SupportKind.objects.values_list("pk", "name"))
    title = {plan.pk: _t("帮扶计划：%(kind)s") % {"kind": kinds[plan.kind_id]} for plan in plans}
    return [
        *(Holding("people.PlanWords", plan.words_id, title[plan.pk]) for plan in plans),
        *(Holding("people.StepWords", step.words_id, title[step.plan_id]) for step in steps),
        *(Holding("people.TeamMember", member.pk, title[member.plan_id]) for member in team),
    ]


def requests_of(keys: Sequence[UUID]) -> list[Holding]:
    """Changes that were asked for them, those that were decided included."""
    with scope.system(scope.RETENTION):
        rows = ChangeRequest.objects.filter(person__in=keys, data_key__destroyed_at=None)
        found = list(rows.order_by("asked_at"))
    said = _t("变更申请：%(kind)s（%(state)s）")
    return [
        Holding(
            "people.ChangeRequest",
            row.pk,
            said % {"kind": row.get_kind_display(), "state": row.get_state_display()},
        )
        for row in found
    ]


def visits_of(keys: Sequence[UUID]) -> tuple[list[Holding], list[Line]]:
    """What was said at their door, where they lived alone; of a door behind which others lived as
    well, that somebody was there: what was said may be about those."""
    told: list[Holding] = []
    shared: list[Line] = []
    with scope.system(scope.RETENTION):
        homes = Residency.objects.filter(person__in=keys)
        here = list(homes.order_by("began_on", "pk"))
        households = {home.household_id for home in here}
        others = list(Residency.objects.filter(household__in=households).exclude(person__in=keys))
        rows = Visit.objects.filter(household__in=households).order_by("visited_at", "pk")
        for row in rows:
            day = localdate(row.visited_at)
            if not any(lived(home, row.household_id, day) for home in here):
                continue
            title = _t("走访 %(number)s（%(day)s，%(aims)s）") % {
                "number": row.number, "day": day, "aims": visits.as_text(row),
            }  # fmt: skip
            if any(lived(home, row.household_id, day) for home in others) or row.words_id is None:
                shared.append({"label": _t("走访"), "text": title})
            else:
                told.append(Holding("people.VisitWords", row.words_id, title))
    return told, shared


def lived(home: Residency, household_id: int, day: date) -> bool:
    until = home.ended_on or day
    return home.household_id == household_id and home.began_on <= day <= until


def lettings_of(keys: Sequence[UUID]) -> list[Line]:
    """The houses that they let, not to whom."""
    with scope.system(scope.RETENTION):
        rows = list(Tenancy.objects.filter(landlord_person__in=keys).order_by("began_on", "pk"))
    houses = House.objects.select_related("building").in_bulk([row.house_id for row in rows])
    return [
        {
            "label": _t("出租房屋"),
            "text": " · ".join(
                [
                    f"{units.name_of(row.grid_id)} {houses[row.house_id]}",
                    f"{row.began_on} – {row.ended_on or row.until or ''}",
                    str(row.get_state_display()),
                ]
            ),
        }
        for row in rows
    ]


def headships_of(keys: Sequence[UUID]) -> list[Line]:
    """The joint units whose head they are or were, not who is in them."""
    with scope.system(scope.SWEEP):
        rows = list(JointUnit.objects.filter(head__in=keys).order_by("began_on", "pk"))
    label = _t("联户长")
    return [
        {"label": label, "text": f"{row.name} · {row.began_on} – {row.ended_on or ''}"}
        for row in rows
    ]


@rights.papers
def declared(document: str) -> Iterator[Holding]:
    """What somebody with this document declared of themself by the code of a house. Few are kept:
    they go a month after the check."""
    with scope.system(scope.RETENTION):
        rows = TenantDeclaration.objects.filter(
            Q(document_number__isnull=False), data_key__destroyed_at=None
        ).select_related("data_key")
        found = [row for row in rows if plain(said(row.document_number)) == document]
    for row in found:
        title = _t("租住申报（%(day)s）") % {"day": localdate(row.declared_at)}
        yield Holding("people.TenantDeclaration", row.pk, title, said(row.name), said(row.phone))


def said(sealed: object) -> str:
    return str(sealed.reveal()) if hasattr(sealed, "reveal") else ""
