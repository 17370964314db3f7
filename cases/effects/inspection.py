"""What an inspection found, the order that follows, and its re-check."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _t

from cases import access, deadlines, numbering
from cases.effects.done import Done
from cases.errors import NotAllowed
from cases.models import Case, Finding, Party
from governance import timers
from governance.workcalendar import calendar

RECHECK_TIMER = "case.recheck_due"


def find(case: Case, done: Done) -> None:
    given = done.given
    party = Party(name=given.party)
    party.save()
    Finding.objects.create(
        case=case, what=given.what, party=party, found_at=done.now, found_by=done.by
    )
    case.findings_open += 1
    done.details["what"] = given.what


def order(case: Case, done: Done) -> None:
    """责令整改通知书: numbered by the issuing department and the year where no number is given."""
    given, days = done.given, calendar()
    assert given.due_on is not None
    assert given.recheck_on is not None
    finding = Finding.objects.get(pk=given.finding_id or 0, case=case)
    finding.order_number = given.order_number or numbering.take(
        "rectification", issuer_of(case, done), deadlines.local_day(done.now, days).year
    )
    if Finding.objects.exclude(pk=finding.pk).filter(order_number=finding.order_number).exists():
        raise NotAllowed(_t("文书编号“%(number)s”已使用。") % {"number": finding.order_number})
    finding.ordered_at, finding.ground = done.now, given.ground
    finding.due_on, finding.recheck_on = given.due_on, given.recheck_on
    finding.save()
    stop_recheck(finding, done.now)
    timers.start(
        RECHECK_TIMER,
        finding.pk,
        deadlines.opening_of(given.recheck_on, days),
    )
    done.details |= {
        "what": finding.what,
        "order": finding.order_number,
        "due_on": given.due_on.isoformat(),
        "recheck_on": given.recheck_on.isoformat(),
    }


def issuer_of(case: Case, done: Done) -> int:
    """The department of who issues the order; without one, that of the case, else the district."""
    own = access.departments_of(done.by, "case.order") if done.by else set()
    return min(own, default=case.department_id or case.district_id)


def stop_recheck(finding: Finding, now: datetime) -> None:
    timers.cancel([finding.pk], [RECHECK_TIMER], now)


def recheck(case: Case, done: Done) -> None:
    finding = Finding.objects.get(pk=done.given.finding_id or 0, case=case)
    if finding.is_mended:
        raise NotAllowed(_t("该问题已整改合格。"))
    finding.rechecked_at, finding.is_mended = done.now, done.given.mended
    finding.recheck = done.given.note[:400]
    stop_recheck(finding, done.now)
    done.details |= {"what": finding.what, "mended": done.given.mended}
    if done.given.mended:
        case.findings_open -= 1
    else:
        look_again(finding, done)
    finding.save()


def look_again(finding: Finding, done: Done) -> None:
    """Not mended: it is looked at once more on another day, whatever became of the case."""
    day = done.given.recheck_on
    assert day is not None  # the need of the move
    finding.recheck_on = day
    timers.start(RECHECK_TIMER, finding.pk, deadlines.opening_of(day, calendar()))
    done.details["recheck_on"] = day.isoformat()
