"""When a suggestion must be answered, who must, and what they and its author are told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.models import Subject, Suggestion, SuggestionAction, SuggestionState, SuggestionStep
from governance import outbox, permissions, timers
from governance.models import Timer
from governance.outbox import Note
from governance.permissions import CENTRE, DEPARTMENT
from governance.roles import Role
from governance.workcalendar import LimitUnit, calendar

if TYPE_CHECKING:
    from governance.models import User

OVERDUE, RECOMPUTE = "suggestion.overdue", "suggestion.recompute"
# Who answers for the platform, at the district.
OF_PLATFORM = (Role.SUPERVISOR, Role.LEADER)

outbox.SENTENCES.update(
    {
        "suggestion.received": _("收到建议（%(number)s），请在%(day)s前答复。"),
        "suggestion.overdue": _("建议（%(number)s）已超过答复期限（%(day)s）。"),
        "suggestion.answered": _("您登记的建议（%(number)s）有了结果：%(suggestion_state)s。"),
        "platform.received": _("收到对平台的意见（%(number)s），请在%(day)s前答复。"),
        "platform.overdue": _("对平台的意见（%(number)s）已超过答复期限（%(day)s）。"),
        "platform.answered": _("您对平台的意见（%(number)s）已答复。"),
    }
)
outbox.READERS["suggestion_state"] = lambda code: str(SuggestionState(code).label)
for _kind in ("received", "overdue", "answered"):
    outbox.LINKS[f"suggestion.{_kind}"] = lambda params: reverse(
        "desk:suggestion", args=[params["number"]]
    )
    outbox.LINKS[f"platform.{_kind}"] = lambda params: reverse("desk:opinions")


def answerers(row: Suggestion) -> list[int]:
    """Who must answer: the people of its unit; where it has none, those of the next level up."""
    if row.subject == Subject.PLATFORM:
        return permissions.at(row.district_id, OF_PLATFORM)
    for unit_id in (row.unit_id, row.community_id, row.street_id, row.district_id):
        if found := permissions.at(unit_id, sorted(DEPARTMENT | CENTRE)):
            return found
    return []


def tell(row: Suggestion, what: str, users: Iterable[int], key: str, now: datetime) -> None:
    """A message without words or names: number, day, state."""
    kind = f"{'platform' if row.subject == Subject.PLATFORM else 'suggestion'}.{what}"
    params = {
        "number": row.number,
        "day": row.due_at.isoformat(),
        "suggestion_state": row.state,
    }
    notes = [Note(user, kind, f"{kind}:{row.pk}:{key}", params) for user in sorted(set(users))]
    outbox.tell(notes, now)


def write_line(
    row: Suggestion, action: SuggestionAction, by: User | None, now: datetime, note: str = ""
) -> SuggestionStep:
    return SuggestionStep.objects.create(suggestion=row, action=action, by=by, at=now, note=note)


# The clock --------------------------------------------------------------------------------------


def due_moment(received_at: datetime, days: int) -> datetime:
    return calendar().add(received_at, days, LimitUnit.WORKING_DAYS).astimezone(UTC)


def run(row: Suggestion) -> None:
    timers.start(OVERDUE, row.pk, row.due_at)


def stop(row: Suggestion, now: datetime) -> None:
    timers.cancel([row.pk], [OVERDUE], now)


def moving() -> int:
    """How many open suggestions would have another due moment by the calendar as it is now."""
    rows = Suggestion.objects.filter(state=SuggestionState.RECEIVED, overdue_at=None)
    return sum(due_moment(row.received_at, row.due_days) != row.due_at for row in rows)


def recompute_all(now: datetime) -> None:
    """Each open suggestion by a timer of its own, as the cases are."""
    waiting = Timer.objects.open().filter(kind=RECOMPUTE).values("subject_id")
    open_rows = Suggestion.objects.filter(state=SuggestionState.RECEIVED, overdue_at=None)
    ids = open_rows.exclude(pk__in=waiting).order_by("pk").values_list("pk", flat=True)
    timers.start_many((RECOMPUTE, pk, 0, now) for pk in ids)


def claim(due: list[Timer]) -> tuple[list[Suggestion], set[int]]:
    """Lock what the timers are about: (those still to answer, ids of the timers of busy ones)."""
    rows = Suggestion.objects.select_for_update(skip_locked=True, of=("self",))
    free = rows.in_bulk({timer.subject_id for timer in due})
    waiting = [row for row in free.values() if row.state == SuggestionState.RECEIVED]
    return waiting, {timer.pk for timer in due if timer.subject_id not in free}


@timers.handler(OVERDUE, _("建议超期"))
def overdue(due: list[Timer], now: datetime) -> set[int]:
    """A mark, a line, and word to who must answer."""
    waiting, busy = claim(due)
    for row in waiting:
        if row.overdue_at is None and row.due_at <= now:
            row.overdue_at = row.due_at
            row.save(update_fields=["overdue_at"])
            write_line(row, SuggestionAction.OVERDUE, None, now)
            tell(row, "overdue", answerers(row), "1", now)
    return busy


@timers.handler(RECOMPUTE, _("重算建议期限"))
def recompute(due: list[Timer], now: datetime) -> set[int]:
    """By the calendar as it is now; one that was late stays late."""
    waiting, busy = claim(due)
    for row in waiting:
        due_at = due_moment(row.received_at, row.due_days)
        if row.overdue_at is None and due_at != row.due_at:
            row.due_at = due_at
            row.save(update_fields=["due_at"])
            stop(row, now)
            run(row)
    return busy
