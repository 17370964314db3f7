"""What a visit of the registers leads to here, told to the rooms below: the two ways in which a
finding goes on, what was made of it, and how many were in a grid's week."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import access, service_items, services
from cases.models import Case, ServiceRequest, ServiceState, State
from governance import permissions
from governance.surfaces import PHONE, Way
from people import reasons, sheets, visits
from people.models import Visit
from people.sheets import Figure
from people.visits import Made

if TYPE_CHECKING:
    from governance.models import User


def ways(user: User, visit: Visit, words: str, surface: str) -> list[Way]:
    """A report, and a service on behalf: at once with the form of the item that the words name. An
    address carries the number of the visit and nothing else of it."""
    asked, found = urlencode({"visit": visit.number}), []
    if permissions.may(user, "case.report"):
        page = reverse("phone:report" if surface == PHONE else "desk:case_new")
        found.append(Way(_t("转为事件"), "send", f"{page}?{asked}"))
    if permissions.may(user, "service.entrust"):
        item = service_items.meant(words)
        page = (
            reverse(f"{surface}:service_new", args=[item.code])
            if item
            else reverse(f"{surface}:service_guide")
        )
        found.append(Way(_t("转为办事"), "clipboard-check", f"{page}?{asked}"))
    return found


def made(user: User, ids: Collection[int], surface: str) -> dict[int, list[Made]]:
    """The cases and services of these visits, the oldest first."""
    found: dict[int, list[Made]] = {}
    cases = Case.objects.filter(visit__in=ids).order_by("pk")
    for case in cases.only("number", "state", "visit_id", *LOOKED_AT):
        url = reverse(f"{surface}:case", args=[case.number]) if access.sees(user, case) else ""
        row = Made(_t("事件"), case.number, str(State(case.state).label), url)
        found.setdefault(case.visit_id or 0, []).append(row)
    requests = ServiceRequest.objects.filter(visit__in=ids).order_by("pk")
    for request in requests:
        seen = request.entrusted_by_id == user.pk or services.may_act(user, request, "service.see")
        url = reverse(f"{surface}:service", args=[request.number]) if seen else ""
        row = Made(_t("办事代办"), request.number, str(ServiceState(request.state).label), url)
        found.setdefault(request.visit_id or 0, []).append(row)
    return found


# What says who sees a case.
LOOKED_AT = (*access.COLUMNS, "department_id", "reported_by_id")


def turned(grid_id: int, began: datetime, ended: datetime) -> int:
    """The cases and services that came of a grid's visits in the period."""
    of = {
        "visit__grid": grid_id,
        "visit__visited_at__gte": began,
        "visit__visited_at__lt": ended,
    }
    return Case.objects.filter(**of).count() + ServiceRequest.objects.filter(**of).count()


def sees_case(user: User, number: str) -> bool:
    return access.visible_to(user).filter(number=number).exists()


def sees_service(user: User, number: str) -> bool:
    return services.visible_services(user).filter(number=number).exists()


reasons.NUMBERS |= {"case": sees_case, "service": sees_service}
visits.WAYS.append(ways)
visits.MADE.append(made)
sheets.FIGURES["turned"] = Figure(_("走访转办"), turned)
