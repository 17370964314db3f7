"""How long a called department has for each step of a whistle, in memory."""

from __future__ import annotations

from cases import dated
from cases.items import Limit
from cases.models import TaskStep, WhistleLimit
from governance import clock
from governance.reference import Reference

# facts.md "Cases": sign in an hour, contact in a day, report in 3 or 5 working days; elsewhere on
# the spot in 30 minutes.
DEFAULT: dict[tuple[str, str], Limit] = {
    ("hard", TaskStep.SIGN): Limit(1, "working_hours"),
    ("hard", TaskStep.CONTACT): Limit(8, "working_hours"),
    ("hard", TaskStep.ARRIVE): Limit(2, "working_days"),
    ("hard", TaskStep.REPORT): Limit(5, "working_days"),
    ("enforcement", TaskStep.SIGN): Limit(1, "working_hours"),
    ("enforcement", TaskStep.CONTACT): Limit(4, "working_hours"),
    ("enforcement", TaskStep.ARRIVE): Limit(1, "working_days"),
    ("enforcement", TaskStep.REPORT): Limit(3, "working_days"),
    ("emergency", TaskStep.SIGN): Limit(10, "urgent_minutes"),
    ("emergency", TaskStep.ARRIVE): Limit(30, "urgent_minutes"),
    ("emergency", TaskStep.REPORT): Limit(24, "urgent_hours"),
}


def load() -> dict[tuple[str, str], Limit]:
    """(kind, step) → limit: the deployment's rows, or while none holds, the usual ones."""
    rows = dated.in_force(WhistleLimit.objects.all(), clock.today(), lambda r: (r.kind, r.step))
    return {(row.kind, row.step): Limit(row.amount, row.unit) for row in rows} or DEFAULT


limits = Reference("whistles", load, clock.today)


def limit(kind: str, step: str) -> Limit | None:
    """None where a kind of whistle sets no time for a step."""
    return limits().get((kind, step))
