"""The one door through which a case comes in: desk, phone, public page, API and import."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _t

from cases import facilities, items, opening, workflow
from cases.errors import NotAllowed
from cases.models import Case, Reporter, Source, State, Submission
from cases.moves import Action

if TYPE_CHECKING:
    from governance.models import User


class Conflict(Exception):
    """The same key came before with another content."""


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
    extra_words: tuple[str, ...] = field(default=())

    def digest(self) -> str:
        """Of what was said, to tell a repeat from a different report under the same key.

        Keyed: a bare digest would tell the phone number to whoever tries all of them, also after
        the reporter was erased.
        """
        said = (
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
        )
        secret = settings.SECRET_KEY.encode()
        return hmac.new(secret, repr(said).encode(), hashlib.sha256).hexdigest()


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
        owner = f"user:{by.pk}" if by else "public"
        if not _claim(key, owner, report.digest()):
            return _known(key, owner, report.digest()), False
        check_photos(report, photos)
        case = _open(report, by, now, historical=historical)
        Submission.objects.filter(key=key, owner=owner).update(case=case)
        return case, True


def check_photos(report: Report, photos: int) -> None:
    """A worker stands before the thing; somebody who calls does not."""
    item = items.items().get(report.item_id)
    if item and item.photo_before and report.source == Source.WORKER and not photos:
        raise NotAllowed(_t("该事项要求上报时附照片。"))


def _claim(key: UUID, owner: str, digest: str) -> bool:
    """Insert or find the key; a second one at the same time waits here for the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_submission (key, owner, digest) VALUES (%s, %s, %s)"
            " ON CONFLICT (key, owner) DO NOTHING",
            [key, owner, digest],
        )
        return bool(cursor.rowcount)


def _known(key: UUID, owner: str, digest: str) -> Case:
    known = Submission.objects.select_related("case").get(key=key, owner=owner)
    if known.digest != digest or known.case is None:
        raise Conflict(_t("该编号已用于另一份上报，内容不同。"))
    return known.case


def _open(report: Report, by: User | None, now: datetime, *, historical: bool) -> Case:
    item = opening.active_item(report.item_id)
    began = report.reported_at or now
    facility = facilities.chosen(report.facility_id, by) if report.facility_id else None
    lon, lat = report.lon, report.lat
    if facility is not None and lon is None:
        lon, lat = facility.lon, facility.lat
    case = Case(
        number=opening.new_number(began),
        state=State.REPORTED,
        item_id=item.pk,
        description=report.description,
        place=report.place,
        lon=lon,
        lat=lat,
        accuracy_m=report.accuracy_m,
        facility=facility,
        source=report.source,
        reported_at=began,
        reported_by=by,
        reporter=_reporter(report),
        **opening.where(opening.grid_of(lon, lat) or report.unit_id, by),
    )
    case.search = opening.words_of(case, item, *report.extra_words)
    opening.promise(case, item, report.promise_due_at, historical=historical)
    opening.start(case, began, historical=historical)
    workflow.append(case, Action.REPORT, by=by, at=began, before="")
    if not historical:
        workflow.tell_turn(case, by, now)
    return case


def _reporter(report: Report) -> Reporter | None:
    given = {
        "name": report.reporter_name,
        "phone": report.reporter_phone,
        "email": report.reporter_email,
    }
    if not any(given.values()):
        return None
    reporter = Reporter(**given)
    reporter.save()
    return reporter
