"""A new row of a case: numbered, placed, indexed for search, with its first clocks.

Below the verbs, so that both doors can use it: intake for a report, the workflow for a part.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t

from cases import deadlines, items, stages
from cases.errors import NotAllowed
from cases.items import ItemFacts
from cases.models import Case, Stage
from governance import permissions, search, timers, units
from governance.models import LEVELS, UnitKind
from governance.workcalendar import calendar
from grids import geo

if TYPE_CHECKING:
    from governance.models import User


def new_number(at: datetime) -> str:
    """The day and a running number: 20261122000123."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_number')")
        return f"{localtime(at):%Y%m%d}{cursor.fetchone()[0]:06d}"


def active_item(item_id: int | None) -> ItemFacts:
    """An item that cases may be put under. Raises NotAllowed for any other id."""
    item = items.items().get(item_id or 0)
    if item is None or not item.is_active:
        raise NotAllowed(_t("请从事项清单中选择事项。"))
    return item


def words_of(case: Case, item: ItemFacts, *more: str) -> str:
    """What a case is found by."""
    return search.vector(case.number, item.name, case.description, case.place, *more)


def words_again(case: Case, item_before: ItemFacts, said_before: tuple[str, str]) -> str:
    """What a case is found by once its item or words (description, place) are others. What came
    with its report besides, as the number in another system, is kept."""
    old = search.lexemes(case.number, item_before.name, *said_before)
    more = search.parts_of(case.search) - set(old)
    return words_of(case, items.facts(case.item_id), *more)


def promise(case: Case, item: ItemFacts, given: datetime | None, *, historical: bool) -> None:
    """What is promised to who reported: the moment that came with the report, else by the item."""
    case.promise_due_at = given
    if given is None and not historical and (limit := item.limit(Stage.PROMISE)):
        case.promise_amount, case.promise_unit = limit.amount, limit.unit
        case.promise_due_at = deadlines.due_at(limit, case.reported_at, calendar())


def start(case: Case, began: datetime, *, historical: bool) -> None:
    """Save the new row with the clock of its state running since `began`."""
    item = items.facts(case.item_id)
    limit = deadlines.limit_of(item, case.state)
    clock = stages.started(limit, began) if limit else None
    stages.set_limit(case, limit)
    stages.set_clock(case, began, clock)
    case.save()
    if historical:
        return
    timers.start_many(
        [
            *(stages.stage_timers(case, clock, item) if clock else []),
            *(stages.promise_ahead(case, began) if case.promise_due_at is not None else []),
        ]
    )


def grid_of(lon: float | None, lat: float | None) -> int | None:
    return geo.grid_at(lon, lat) if lon is not None and lat is not None else None


def where(unit_id: int | None, by: User | None) -> dict[str, Any]:
    """The ids of the levels: those of the unit, a grid mostly; without one of the reporting post;
    else the district alone, so that the centre sees it among the cases without a grid."""
    if unit_id is not None:
        return units.known()[unit_id].chain
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
