"""Who besides may see the case, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases import deadlines, shared
from cases.effects.done import Done
from cases.given import Given
from cases.models import Case, CaseShare
from cases.needs import open_share
from cases.regulations import regulation
from governance import timers
from governance.workcalendar import calendar

SHARE_TIMER = "case.share_end"


def share(case: Case, done: Done) -> None:
    given, days = done.given, calendar()
    until = done.now + timedelta(days=regulation().share_days)
    if given.until is not None:
        until = deadlines.end_of(given.until, days)
    give_share(
        case,
        unit_id=given.unit_id,
        user_id=given.user_id,
        mode=given.mode,
        until=until,
        by=done.by,
        now=done.now,
    )
    done.details |= shared_with(given) | {"mode": given.mode, "until": until.isoformat()}


def unshare(case: Case, done: Done) -> None:
    row = open_share(case, done.given)
    assert row is not None  # the need of the move
    end_share(row, done.now)
    done.details |= shared_with(done.given)


def give_share(case: Case, *, until: datetime, now: datetime, **more: Any) -> None:
    """A share with the timer of its end; `more` is what `shared.share` takes beside."""
    row = shared.share(case, until=until, now=now, **more)
    timers.cancel([row.pk], [SHARE_TIMER], now)
    timers.start(SHARE_TIMER, row.pk, until)


def end_share(row: CaseShare, now: datetime) -> None:
    shared.end(row, now)
    timers.cancel([row.pk], [SHARE_TIMER], now)


def shared_with(given: Given) -> dict[str, Any]:
    return {"unit": given.unit_id} if given.unit_id else {"user": given.user_id}
