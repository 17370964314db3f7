"""What was wrong is changed, with what follows from it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _t

from cases import deadlines, items, opening, rules, stages
from cases.effects.done import Done
from cases.errors import NotAllowed
from cases.given import Given
from cases.models import Assignment, Case, Reporter, State
from governance import units
from governance.workcalendar import calendar


def is_recalled(case: Case, given: Given) -> bool:
    """Whether it is at a street's department, and the right item is one that a higher level took
    back: then it is to be dispatched anew."""
    if case.state not in {State.DISPATCHED, State.HANDLING} or given.item_id is None:
        return False
    department = units.known()[case.department_id or 0]
    return rules.goes_down(department, items.facts(given.item_id))


def correct(case: Case, done: Done) -> None:
    """What was wrong is changed, old and new in the line; of who reported only that it changed."""
    given, details = done.given, done.details
    said, item_before = (case.description, case.place), items.facts(case.item_id)
    if given.description is not None and given.description != case.description:
        details["description"] = [case.description, given.description]
        case.description = given.description
    if given.place is not None and given.place != case.place:
        details["place"] = [case.place, given.place]
        case.place = given.place
    if given.lon is not None and given.lat is not None:
        correct_point(case, given.lon, given.lat, details)
    if given.place_unit_id is not None:
        correct_unit(case, given.place_unit_id, details)
    if given.item_id is not None and given.item_id != case.item_id:
        details |= {"item_before": case.item_id, "item": given.item_id}
        case.item_id = given.item_id
    contact = (given.reporter_name, given.reporter_phone, given.reporter_email)
    if any(value is not None for value in contact):
        correct_reporter(case, given, details)
    if not details.keys() - {"before"} and given.promise_on is None:
        raise NotAllowed(_t("没有要更正的内容。"))
    case.search = opening.words_again(case, item_before, said)
    if details["before"] != case.state:
        recall(case, done)
    elif "item" in details:
        recompute_stage(case, done)
    if given.promise_on is not None:
        correct_promise(case, done)


def correct_point(case: Case, lon: float, lat: float, details: dict[str, Any]) -> None:
    if (lon, lat) == (case.lon, case.lat):
        return
    case.lon, case.lat, case.accuracy_m = lon, lat, None
    details["moved"] = True
    grid_id = opening.grid_of(lon, lat)
    if grid_id is None or grid_id == case.grid_id:
        return
    correct_unit(case, grid_id, details)


def correct_unit(case: Case, unit_id: int, details: dict[str, Any]) -> None:
    """Put the case into another grid, or into a community and no grid yet."""
    before = case.grid_id or case.community_id or case.street_id
    if unit_id == before:
        return
    details["grid"] = [before, unit_id]
    for column, value in units.known()[unit_id].chain.items():
        setattr(case, column, value)


def correct_reporter(case: Case, given: Given, details: dict[str, Any]) -> None:
    reporter = case.reporter or Reporter()
    if given.reporter_name is not None:
        reporter.name, reporter.person = given.reporter_name, None
    if given.reporter_phone is not None:
        reporter.phone = given.reporter_phone
    if given.reporter_email is not None:
        reporter.email = given.reporter_email
    reporter.save()
    case.reporter = reporter
    details["reporter"] = True


def recall(case: Case, done: Done) -> None:
    """Its work order ends without the department; the new item is dispatched anew."""
    Assignment.objects.open().filter(case=case).update(withdrawn_at=done.now)
    done.details["led"] = [case.department_id, None]
    case.department = case.handler = None


def recompute_stage(case: Case, done: Done) -> None:
    """The running stage gets the new item's limit, from when it began; pauses and dates stay."""
    if case.state in deadlines.STAGE_OF and case.state != State.JOINT:
        item = items.facts(case.item_id)
        limit = deadlines.limit_of(item, case.state, rework=bool(case.rework_count))
        stages.set_limit(case, limit)
        done.details |= stages.refresh_stage(case, done.now)


def correct_promise(case: Case, done: Done) -> None:
    assert done.given.promise_on is not None
    to = deadlines.end_of(done.given.promise_on, calendar())
    before, by_id = case.promise_due_at, done.by.pk if done.by else None
    if before is None or not stages.promise_runs(case):
        raise NotAllowed(_t("该事件没有进行中的承诺。"))
    stages.move_promise(case, to, by_id=by_id, reason=done.given.note, now=done.now)
    done.details["promise_due"] = [before.isoformat(), to.isoformat()]
