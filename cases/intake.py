"""The one door through which a case comes in: desk, phone, public page, API and import."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _t

from cases import facilities, items, opening, submissions, visits, workflow
from cases.errors import NotAllowed
from cases.models import Case, Reporter, Source, State
from cases.moves import Action

if TYPE_CHECKING:
    from governance.models import User
    from people.models import Visit


@dataclass
class Report:
    """What somebody reports. Coordinates are WGS 84 degrees; `reported_at` defaults to now; a
    `grid_id` comes from who knows the grid and has no point."""

    item_id: int
    description: str
    source: str
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: int | None = None
    reporter_name: str = ""
    reporter_phone: str = ""
    reporter_email: str = ""
    # The unit where it is, when no point says so more exactly.
    unit_id: int | None = None
    reported_at: datetime | None = None
    promise_due_at: datetime | None = None
    # The public facility (部件) that it is about; without a point it lies where that stands.
    facility_id: int | None = None
    # The visit at which it was found: it lies at that door where nothing else is said. Who lives
    # there reported it only if the worker names them (a residency).
    visit: Visit | None = None
    resident_id: int | None = None
    extra_words: tuple[str, ...] = field(default=())

    def said(self) -> tuple[object, ...]:
        """What tells a repeat from a different report under the same key."""
        return (
            self.item_id,
            self.description,
            self.place,
            self.lon,
            self.lat,
            self.reporter_name,
            self.reporter_phone,
            # only when given: a report that came before there were addresses stays the same one
            *([self.reporter_email] if self.reporter_email else []),
            *([("facility", self.facility_id)] if self.facility_id else []),
            *([("visit", self.visit.pk, self.resident_id)] if self.visit else []),
        )


def open_case(
    report: Report,
    *,
    by: User | None,
    now: datetime,
    key: UUID | None = None,
    photos: int = 0,
    historical: bool = False,
) -> tuple[Case, bool]:
    """Take in a report: find its grid, number it, start its clocks, tell whose turn it is.

    With a `key` (made by the client) the same report sent again answers with the same case.
    `photos` is how many pictures come with it: a worker must take one where the item asks for it.
    Returns (case, made now). Raises NotAllowed, or Conflict for a key used for something else.
    """
    with transaction.atomic():
        if key is None:
            check_photos(report, photos)
            return _open(report, by, now, historical=historical), True
        if known := submissions.earlier(key, report.said(), by=by):
            assert known.case is not None
            return known.case, False
        check_photos(report, photos)
        case = _open(report, by, now, historical=historical)
        submissions.keep(key, by=by, case=case)
        return case, True


def check_photos(report: Report, photos: int) -> None:
    """A worker stands before the thing; somebody who calls does not, and behind a door nobody has
    to let it be photographed."""
    item = items.items().get(report.item_id)
    on_the_spot = report.source == Source.WORKER and report.visit is None
    if item and item.photo_before and on_the_spot and not photos:
        raise NotAllowed(_t("该事项要求上报时附照片。"))


def _open(report: Report, by: User | None, now: datetime, *, historical: bool) -> Case:
    item = opening.active_item(report.item_id)
    began = report.reported_at or now
    facility = facilities.chosen(report.facility_id, by) if report.facility_id else None
    lon, lat = report.lon, report.lat
    if facility is not None and lon is None:
        lon, lat = facility.lon, facility.lat
    place, unit_id = report.place, report.unit_id
    if report.visit is not None:
        visits.check(report.visit, by)
        door = visits.door(report.visit)
        unit_id = unit_id or door.unit_id
        if not place and lon is None:
            place, lon, lat = door.place, door.lon, door.lat
    case = Case(
        number=opening.new_number(began),
        state=State.REPORTED,
        item_id=item.pk,
        description=report.description,
        place=place,
        lon=lon,
        lat=lat,
        accuracy_m=report.accuracy_m,
        facility=facility,
        visit=report.visit,
        source=Source.VISIT if report.visit else report.source,
        reported_at=began,
        reported_by=by,
        reporter=_reporter(report, by, now),
        **opening.where(opening.grid_of(lon, lat) or unit_id, by),
    )
    case.search = opening.words_of(case, item, *report.extra_words)
    opening.promise(case, item, report.promise_due_at, historical=historical)
    opening.start(case, began, historical=historical)
    workflow.append(case, Action.REPORT, by=by, at=began, before="")
    if not historical:
        workflow.tell_turn(case, by, now)
    return case


def _reporter(report: Report, by: User | None, now: datetime) -> Reporter | None:
    name, phone, person_id = report.reporter_name, report.reporter_phone, None
    if report.visit and by and report.resident_id and not name:
        known = visits.person_of(report.visit, report.resident_id, by, now)
        name, phone, person_id = known.name, phone or known.phone, known.person_id
    given = {"name": name, "phone": phone, "email": report.reporter_email}
    if not any(given.values()):
        return None
    reporter = Reporter(**given, person_id=person_id)
    reporter.save()
    return reporter
