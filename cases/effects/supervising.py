"""催办、督办: getting it moving."""

from __future__ import annotations

from cases import supervision
from cases.effects.done import Done
from cases.models import Case, Supervision
from governance import timers


def urge(case: Case, done: Done) -> None:
    case.urged_at = done.now


def supervise(case: Case, done: Done) -> None:
    given = done.given
    by_id = done.by.pk if done.by else None
    supervision.give([supervision.Order(case, given.severity, given.note, by_id)], done.now)
    done.details["severity"] = given.severity


def reply_supervision(case: Case, done: Done) -> None:
    rows = Supervision.objects.filter(case=case, replied_at=None, ended_at=None)
    waiting = list(rows.order_by("-pk"))
    for row in waiting:  # one reply answers all that was asked
        row.replied_by, row.replied_at, row.reply = done.by, done.now, done.given.note
    Supervision.objects.bulk_update(waiting, ["replied_by", "replied_at", "reply"])
    timers.cancel([row.pk for row in waiting], [supervision.TIMER], done.now)
    done.details["severity"] = waiting[0].severity


def lift_supervision(case: Case, done: Done) -> None:
    done.details["severity"] = case.severity
    supervision.end(case, done.now)
