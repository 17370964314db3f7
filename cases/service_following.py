"""How service requests and suggestions that are still open follow units."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import service_moves, services
from cases import suggestion_clock as clocks
from cases.models import (
    ServiceRequest,
    ServiceState,
    ServiceStep,
    Suggestion,
    SuggestionAction,
    SuggestionState,
    SuggestionStep,
)
from governance import following, outbox, units
from governance.following import COLUMNS, Kind, Values

# Service requests -------------------------------------------------------------------------------

OVER = (ServiceState.VISITED, ServiceState.TERMINATED, ServiceState.WITHDRAWN)
OF_SERVICE = (*COLUMNS, "department_id")


def open_requests() -> QuerySet[ServiceRequest]:
    return ServiceRequest.objects.exclude(state__in=OVER)


def request_wanted(values: Values) -> Values:
    *levels, department = values
    return (*following.placed(tuple(levels)), following.heir_or_same(department))


def move_requests(requests: list[ServiceRequest], now: datetime) -> None:
    before = {request.pk: request.department_id for request in requests}
    following.rewrite(requests, OF_SERVICE, request_wanted)
    handed = [request for request in requests if request.department_id != before[request.pk]]
    ServiceStep.objects.bulk_create(
        ServiceStep(
            request=request,
            action=service_moves.FOLLOWED,
            from_state=request.state,
            to_state=request.state,
            at=now,
            note=from_to(before[request.pk], request.department_id),
        )
        for request in handed
    )
    outbox.tell(
        [
            services.note(request, "service.turn", user, str(request.version))
            for request in handed
            for user in services.whose_turn(request)
        ],
        now,
    )


def tell_centre(unit_id: int, now: datetime) -> None:
    """Of a department that was split: whose turn it is now, the clerk's where it was the
    department's; who may refuse the request or see that it is done."""
    rows = open_requests().filter(department=unit_id).order_by("pk")
    notes = [
        services.note(request, "service.turn", user, f"{request.version}:{unit_id}")
        for request in rows
        for user in services.whose_turn(request)
    ]
    outbox.tell(notes, now)


def from_to(before: int, after: int) -> str:
    return f"{units.name_of(before)} → {units.name_of(after)}"


# Suggestions ------------------------------------------------------------------------------------

OF_SUGGESTION = (*COLUMNS, "unit_id")


def open_suggestions() -> QuerySet[Suggestion]:
    return Suggestion.objects.filter(state=SuggestionState.RECEIVED)


def suggestion_wanted(values: Values) -> Values:
    """Whoever answers as the community, street or district that it lies in does so where it lies
    now; another unit has an heir, or leaves the answer to them."""
    *levels, unit = values
    now = following.placed(tuple(levels))
    own = now[2] or now[1] or now[0]
    if unit == levels[2]:
        return (*now, own)
    if unit == levels[1]:
        return (*now, now[1] or now[0])
    return (*now, units.heir_id(unit) or own)


def move_suggestions(rows: list[Suggestion], now: datetime) -> None:
    before = {row.pk: row.unit_id for row in rows}
    following.rewrite(rows, OF_SUGGESTION, suggestion_wanted)
    handed = [row for row in rows if row.unit_id != before[row.pk]]
    SuggestionStep.objects.bulk_create(
        SuggestionStep(
            suggestion=row,
            action=SuggestionAction.REASSIGN,
            at=now,
            note=_t("随机构调整：%(text)s") % {"text": from_to(before[row.pk], row.unit_id)},
        )
        for row in handed
    )
    notes = [
        note
        for row in handed
        for note in clocks.notes(row, "received", clocks.answerers(row), f"unit{row.unit_id}")
    ]
    outbox.tell(notes, now)


following.register(
    "service",
    _("未办结的办事代办"),
    Kind(open_requests, OF_SERVICE, wanted=request_wanted, move=move_requests, behind=tell_centre),
)
following.register(
    "suggestion",
    _("待答复的建议"),
    Kind(open_suggestions, OF_SUGGESTION, wanted=suggestion_wanted, move=move_suggestions),
)
