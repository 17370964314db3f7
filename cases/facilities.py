"""The public facility (部件) that a case is about, and the cases that were about a facility."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t

from cases import access, items
from cases.errors import NotAllowed
from cases.models import OPEN, Case, State
from grids import places
from grids.models import Facility

if TYPE_CHECKING:
    from governance.models import User

SHOWN = 50


def chosen(facility_id: int, by: User | None) -> Facility:
    """The facility of a report; one that the reporter does not see cannot be chosen. Raises
    NotAllowed."""
    rows = places.facilities(by) if by else Facility.objects.none()
    found = rows.filter(pk=facility_id).first()
    if found is None:
        raise NotAllowed(_t("请从附近的部件中选择。"))
    return found


def near(user: User, lon: float, lat: float) -> list[dict[str, Any]]:
    """What a report at this point may be about, the nearest first."""
    return [
        {
            "id": row.pk,
            "code": row.code,
            "kind": row.kind,
            "metres": round(away),
        }
        for away, row in places.near(user, lon, lat)
    ]


def of_case(case: Case, user: User, prefix: str = "") -> dict[str, Any] | None:
    """The case's facility; with a prefix also where its page is, for who sees it."""
    if case.facility_id is None:
        return None
    row = Facility.objects.get(pk=case.facility_id)
    shown = {"id": row.pk, "code": row.code, "kind": row.kind}
    if not prefix:
        return shown
    surface = "phone" if prefix.startswith("/m/") else "desk"
    seen = places.facilities(user).filter(pk=row.pk).exists()
    return {**shown, "url": reverse(f"{surface}:facility", args=[row.pk]) if seen else ""}


def cases_about(facility: Facility, user: User) -> QuerySet[Case]:
    """The cases about a facility that the user sees, the newest first."""
    return access.visible_to(user).filter(facility=facility).order_by("-pk")


def history(facility: Facility, user: User, prefix: str) -> dict[str, Any]:
    """How often something was with a facility, and what."""
    rows = cases_about(facility, user)
    columns = ("number", "item_id", "state", "description", "reported_at")
    return {
        "total": rows.count(),
        "open": rows.filter(state__in=OPEN).count(),
        "cases": [
            {
                "number": number,
                "url": f"{prefix}{number}/",
                "item": items.facts(item_id).title,
                "state": State(state).label,
                "state_code": state,
                "description": description,
                "reported_at": reported_at,
            }
            for number, item_id, state, description, reported_at in rows.values_list(*columns)[
                :SHOWN
            ]
        ],
    }
