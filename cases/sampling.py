"""Which answered cases are called back: a share of them, by a hash of the number, so that anybody
can check that nobody chose."""

from __future__ import annotations

import hashlib
from datetime import datetime

from cases.models import CallBack, Case
from cases.regulations import regulation
from governance.workcalendar import LimitUnit, calendar


def draw(case: Case, now: datetime) -> None:
    """Draw a case that is being answered, or not. One that was reopened before its call was made is
    called once, about the new answer."""
    rules = regulation()
    if not is_drawn(case.number, rules.callback_percent):
        return
    if case.reporter is None or case.reporter.phone is None:
        return
    due = calendar().add(now, rules.callback_days, LimitUnit.WORKING_DAYS)
    fields = {"drawn_at": now, "due_at": due}
    CallBack.objects.update_or_create(case=case, done_at=None, defaults=fields)


def is_drawn(number: str, percent: int) -> bool:
    return int(hashlib.sha256(number.encode()).hexdigest(), 16) % 100 < percent
