"""The one door through which a case comes in: desk, phone, public page, API and import."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t

from cases import deadlines, items, search, workflow
from cases.models import Case, Reporter, Source, State, Submission
from cases.moves import Action
from cases.workflow import NotAllowed
from governance import permissions, timers, units
from governance.models import LEVELS, UnitKind
from governance.workcalendar import calendar
from grids import geo

if TYPE_CHECKING:
    from governance.models import User


class Conflict(Exception):
    """The same key came before with another content."""


@dataclass
class Report:
    """What somebody reports. Coordinates are WGS 84 degrees; `reported_at` defaults to now."""

    item_id: int
    description: str
    source: str
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: int | None = None
    reporter_name: str = ""
    reporter_phone: str = ""
    reported_at: datetime | None = None
    promise_due_at: datetime | None = None
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
    item = items.items().get(report.item_id)
    if item is None or not item.is_active:
        raise NotAllowed(_t("请从事项清单中选择事项。"))
    began = report.reported_at or now
    grid_id = None
    if report.lon is not None and report.lat is not None:
        grid_id = geo.grid_at(report.lon, report.lat)
    case = Case(
        number=new_number(began),
        state=State.REPORTED,
        item_id=item.pk,
        description=report.description,
        place=report.place,
        lon=report.lon,
        lat=report.lat,
        accuracy_m=report.accuracy_m,
        source=report.source,
        reported_at=began,
        reported_by=by,
        reporter=_reporter(report),
        **where(grid_id, by),
    )
    case.search = search.vector(
        case.number, item.name, report.description, report.place, *report.extra_words
    )
    case.promise_due_at = report.promise_due_at or (
        None if historical else deadlines.promise_due(item, began, calendar())
    )
    clock = deadlines.stage_deadline(item, case.state, began, calendar())
    workflow.set_stage_clock(case, began, clock)
    case.save()
    workflow.append(case, Action.REPORT, by=by, at=began, before="")
    if not historical:
        if clock:
            timers.start_many(workflow.stage_timers(case, clock, item))
        workflow.start_promise(case, began)
        workflow.tell_turn(case, by, now)
    return case


def new_number(at: datetime) -> str:
    """The day and a running number: 20261122000123."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_number')")
        return f"{localtime(at):%Y%m%d}{cursor.fetchone()[0]:06d}"


def _reporter(report: Report) -> Reporter | None:
    if not (report.reporter_name or report.reporter_phone):
        return None
    reporter = Reporter(name=report.reporter_name, phone=report.reporter_phone)
    reporter.save()
    return reporter


def where(grid_id: int | None, by: User | None) -> dict[str, Any]:
    """The ids of the levels: the grid's chain; without a grid that of the reporting post; else the
    district alone, so that the centre sees it among the cases without a grid."""
    if grid_id is not None:
        return units.known()[grid_id].chain
    empty: dict[str, Any] = {f"{level}_id": None for level in LEVELS}
    posts = permissions.posts_of(by) if by else ()
    if posts:
        own = posts[0]
        return {
            **empty,
            "district_id": own.district_id,
            "street_id": own.street_id,
            "community_id": own.community_id,
        }
    return {**empty, "district_id": root_district()}


def root_district() -> int:
    """The district that answers for what lies in no grid: the deployment's first."""
    ids = [unit.pk for unit in units.known().values() if unit.kind == UnitKind.DISTRICT]
    if not ids:
        raise NotAllowed(_t("尚未建立组织架构，请联系系统管理员。"))
    return min(ids)
