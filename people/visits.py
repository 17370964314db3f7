"""走访: whose turn it is, one visit for several aims, and how much of a grid was visited.

Coverage is told of a grid, never of a worker; nobody has a number of visits to reach. What was said
is sealed; a finding becomes a case or a service request in the room above, with the household
filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localdate, localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import outbox, permissions, scope, timers, units
from governance.models import LEVELS, Timer, UnitKind
from governance.outbox import Note
from governance.permissions import FIELD
from people import access, support
from people.errors import BadDetails, NotAllowed, Repeated
from people.models import (
    Household,
    Skipped,
    Visit,
    VisitAim,
    VisitPlan,
    VisitWords,
)

if TYPE_CHECKING:
    from governance.models import Unit, User
    from governance.surfaces import Way

SEE, PERMISSION, PLAN = "visit.see", "visit.make", "visit.plan"
FOLLOW_UP = "visit.follow_up"
FURTHEST = timedelta(days=366)
MORNING = time(8)

outbox.SENTENCES["visit.follow_up"] = _("今天该回访一户（走访%(number)s）。")
outbox.LINKS["visit.follow_up"] = lambda params: reverse("people:visit", args=[params["number"]])


@dataclass(frozen=True)
class Turn:
    """A household that is to be visited, and why now."""

    household: Household
    last: date | None
    # Names of the plans it is due by; "" stands for a follow-up.
    reasons: tuple[str, ...]
    follow_up: bool
    # By a plan of which who reads the list is the contact; no list of anybody else has it.
    agreed: bool


@dataclass(frozen=True)
class Made:
    """What became of a finding there; without a url for who does not see it."""

    label: str
    number: str
    state: str
    url: str


# The rooms above register: the ways that lie open to a user for a visit with these words on a
# surface, and what was made of each of these visits.
WAYS: list[Callable[[User, Visit, str, str], list[Way]]] = []
MADE: list[Callable[[User, Collection[int], str], dict[int, list[Made]]]] = []


# Whose turn it is ---------------------------------------------------------------------------------


def visible(user: User) -> QuerySet[Visit]:
    """The visits of the user's units."""
    access.enter(user, SEE)
    return Visit.objects.filter(access.within(user, SEE))


def plans(user: User, today: date) -> list[VisitPlan]:
    """The plans that hold today for any of the user's units, the narrow ones and the wide."""
    held = access.places(user, SEE)
    chains = [units.known()[unit_id].chain for _column, unit_id in held]
    ids = {unit_id for chain in chains for unit_id in chain.values() if unit_id}
    wide = Q()
    for level in LEVELS:
        below = {f"{lower}_id": None for lower in LEVELS[LEVELS.index(level) + 1 :]}
        wide |= Q(**{f"{level}_id__in": ids}, **below)
    access.enter(user, SEE)
    now = Q(begins_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))
    rows = VisitPlan.objects.filter(now, wide | access.within(user, SEE), ended_at=None)
    return list(rows.order_by("pk"))


def today(user: User, day: date, grid_id: int | None = None, most: int | None = None) -> list[Turn]:
    """The worker's list: households of the own units that are due, by building and floor."""
    due = due_on(user, day, grid_id)
    visited = Visit.objects.filter(household=OuterRef("pk"), skipped="").order_by("-visited_at")
    rows = (
        due.households.select_related("house__building")
        .annotate(last=Subquery(visited.values("visited_at")[:1]), **due.reasons)
        .order_by(
            "house__building__estate", "house__building__name", "house__unit_no",
            "house__floor", "house__room",
        )[:most]
    )  # fmt: skip
    return [
        Turn(
            row,
            localdate(row.last) if row.last else None,
            tuple(plan.name for plan in due.plans if getattr(row, f"by_plan_{plan.pk}")),
            row.pk in due.again,
            row.pk in due.agreed,
        )
        for row in rows
    ]


def how_many(user: User, day: date, grid_id: int | None = None) -> int:
    """How many households `today` would list."""
    return due_on(user, day, grid_id).households.count()


@dataclass(frozen=True)
class Due:
    """The households that are due, by which plans, where somebody comes again, and where it was
    agreed to keep in touch: found by the database, as a unit may have tens of thousands."""

    households: QuerySet[Household]
    plans: list[VisitPlan]
    reasons: dict[str, Any]
    again: set[int]
    agreed: set[int]


def due_on(user: User, day: date, grid_id: int | None) -> Due:
    known, again, agreed = plans(user, day), follow_ups(user, day), in_touch(user, day)
    asked = {f"by_plan_{plan.pk}": asks(plan, day) for plan in known}
    promised = Q(pk__in=again | agreed)
    rows = access.households(user, SEE).filter(reduce(or_, asked.values(), promised))
    if grid_id is not None:
        rows = rows.filter(grid=grid_id)
    reasons = {name: ExpressionWrapper(q, BooleanField()) for name, q in asked.items()}
    return Due(rows, known, reasons, again, agreed)


def asks(plan: VisitPlan, day: date) -> Q:
    """Of which households a plan asks a visit on a day: those it has not had since."""
    since = plan.begins_on
    if plan.every_weeks:
        since = max(since, day - timedelta(weeks=plan.every_weeks) + timedelta(days=1))
    inside = {f"{level}_id": held for level in LEVELS if (held := getattr(plan, f"{level}_id"))}
    visited = Visit.objects.filter(
        household=OuterRef("pk"), skipped="", visited_at__gte=midnight(since)
    )
    return Q(~Exists(visited), began_on__lte=day, **inside)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, get_default_timezone())


def follow_ups(user: User, day: date) -> set[int]:
    """The households to which somebody promised to come again by this day."""
    rows = visible(user).filter(follow_up_on__lte=day, followed_at=None)
    return set(rows.values_list("household_id", flat=True))


def in_touch(user: User, day: date) -> set[int]:
    """The households of those with whom the user agreed to keep in touch, and whom nobody visited
    within the weeks that were agreed."""
    known = list(support.contacts(user).only("person", "contact_weeks", "began_on"))
    if not known:
        return set()
    homes = access.residencies(user).filter(person__in=[plan.person_id for plan in known])
    lived = list(homes.values_list("person_id", "household_id"))
    rows = visible(user).filter(household__in=[home for _person, home in lived], skipped="")
    last = rows.order_by().values("household").annotate(at=Max("visited_at"))
    visited = {home: localdate(at) for home, at in last.values_list("household_id", "at")}
    return {
        home
        for plan in known
        for person, home in lived
        if person == plan.person_id
        and visited.get(home, date.min)
        < max(plan.began_on, day - timedelta(weeks=plan.contact_weeks or 0) + timedelta(days=1))
    }


@dataclass(frozen=True)
class Coverage:
    """Of a grid: how many of its households were visited since a day."""

    grid_id: int
    households: int
    visited: int


def coverage(user: User, since: date) -> list[Coverage]:
    """Each grid of the user's units; never told of a person."""
    rows = access.households(user, SEE).exclude(grid=None)
    seen = rows.filter(visits__visited_at__gte=midnight(since), visits__skipped="")
    every, visited = counted(rows), counted(seen)
    return [Coverage(grid_id, every[grid_id], visited.get(grid_id, 0)) for grid_id in sorted(every)]


def counted(rows: QuerySet[Household]) -> dict[int, int]:
    found = rows.order_by().values("grid_id").annotate(n=Count("pk", distinct=True))
    return dict(found.values_list("grid_id", "n"))


# The verbs --------------------------------------------------------------------------------------


@transaction.atomic
def plan(
    unit: Unit,
    *,
    name: str,
    aims: Collection[str],
    every_weeks: int | None,
    begins_on: date,
    ends_on: date | None,
    by: User,
    now: datetime,
) -> VisitPlan:
    """Plan visits for a grid or a wider unit. Raises NotAllowed, of which BadDetails the fields."""
    access.enter(by, PLAN)
    where = {f"{level}_id": getattr(unit, f"{level}_id") for level in LEVELS}
    if unit.kind not in LEVELS or not access.covers(by, Located(**where), PLAN):
        raise NotAllowed(_t("您的岗位不能为该单位制定走访计划。"))
    faults = {}
    if not name.strip():
        faults["name"] = _t("请填写名称。")
    if not aims or set(aims) - set(VisitAim.values):
        faults["aims"] = _t("请选择走访目的。")
    if every_weeks is None and ends_on is None:
        faults["ends_on"] = _t("一次性的计划须有结束日期。")
    if every_weeks is not None and not 1 <= every_weeks <= 52:
        faults["every_weeks"] = _t("请填写 1 至 52。")
    if ends_on is not None and ends_on < begins_on:
        faults["ends_on"] = _t("结束日期不能早于开始日期。")
    if faults:
        raise BadDetails(faults)
    return VisitPlan.objects.create(
        name=name.strip()[:60],
        aims=sorted(set(aims)),
        every_weeks=every_weeks,
        begins_on=begins_on,
        ends_on=ends_on,
        made_by=by,
        made_at=now,
        **where,
    )


@transaction.atomic
def end_plan(plan_id: int, *, by: User, now: datetime) -> VisitPlan:
    """Give a plan up: from now on no list has anybody by it. 404 for one that is not this user's to
    make. Raises NotAllowed when it was given up before."""
    access.enter(by, PLAN)
    rows = VisitPlan.objects.select_for_update().filter(access.within(by, PLAN))
    row = get_object_or_404(rows, pk=plan_id)
    if row.ended_at is not None:
        raise NotAllowed(_t("这项走访计划已经停止。"))
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    return row


@dataclass(frozen=True)
class Located:
    """A place by the ids of its levels, as `access.covers` asks."""

    district_id: int | None
    street_id: int | None
    community_id: int | None
    grid_id: int | None


@transaction.atomic
def visit(
    household: Household,
    *,
    aims: Collection[str],
    note: str = "",
    skipped: str = "",
    follow_up_on: date | None = None,
    by: User,
    now: datetime,
    key: UUID | None = None,
) -> Visit:
    """Write down a visit for all its aims at once, or that it did not come about and why. What was
    promised for today or before is thereby kept. With `key`, a second time is the same visit.
    Raises NotAllowed, of which BadDetails the fields, and Repeated a key that came with another
    content."""
    access.enter(by, PERMISSION)
    if not access.covers(by, household, PERMISSION) or household.ended_on is not None:
        raise NotAllowed(_t("您的岗位不能走访该住户。"))
    day = localdate(now)
    check_visit(aims, note, skipped, follow_up_on, day)
    said = {
        "household": household,
        "aims": sorted(set(aims)),
        "skipped": skipped,
        "follow_up_on": follow_up_on,
    }
    new = {
        **said,
        "number": lambda: new_number(now),
        "visited_at": now,
        "words": lambda: sealed(note.strip()),
        **{f"{level}_id": getattr(household, f"{level}_id") for level in LEVELS},
    }
    row, is_new = Visit.objects.get_or_create(by=by, key=key or uuid4(), defaults=new)
    if not is_new:
        return repeated(row, said, note.strip())
    if not skipped:
        keep_promises(household, day, now)
    if follow_up_on is not None:
        morning = datetime.combine(follow_up_on, MORNING, get_default_timezone())
        timers.start(FOLLOW_UP, row.pk, morning)
    return row


def sealed(note: str) -> VisitWords | None:
    if not note:
        return None
    words = VisitWords()
    words.note = note
    words.save()
    return words


def repeated(row: Visit, said: dict[str, Any], note: str) -> Visit:
    """The visit that is there, when it says the same."""
    written = row.words.note.reveal() if row.words and row.words.note else ""
    if written != note or any(getattr(row, name) != value for name, value in said.items()):
        why = _t("这次走访已记录，编号 %(number)s。确要另记一次的，请再次保存。")
        raise Repeated(why % {"number": row.number})
    return row


def check_visit(
    aims: Collection[str], note: str, skipped: str, follow_up_on: date | None, day: date
) -> None:
    faults = {}
    if not aims or set(aims) - set(VisitAim.values):
        faults["aims"] = _t("请选择走访目的。")
    if skipped and skipped not in Skipped.values:
        faults["skipped"] = _t("请选择未走访的原因。")
    if len(note) > NOTE_MOST:
        faults["note"] = _t("走访记录不超过 %(most)d 字。") % {"most": NOTE_MOST}
    if follow_up_on is not None and not day < follow_up_on <= day + FURTHEST:
        faults["follow_up_on"] = _t("回访日期须在明天至一年之内。")
    if faults:
        raise BadDetails(faults)


NOTE_MOST = 2000


def keep_promises(household: Household, day: date, now: datetime) -> None:
    """Somebody came again: what was promised until today is kept, its reminder stops."""
    waiting = Visit.objects.filter(household=household, followed_at=None, follow_up_on__lte=day)
    ids = list(waiting.values_list("pk", flat=True))
    if ids:
        Visit.objects.filter(pk__in=ids).update(followed_at=now)
        timers.cancel(ids, [FOLLOW_UP], now)


def nobody_left(households: list[int], now: datetime) -> None:
    """Of those of these households that ended, nobody is reminded any more. As the sweep's role:
    who brings it about need not see them."""
    with scope.system(scope.SWEEP):
        waiting = Visit.objects.filter(
            household__in=households,
            household__ended_on__isnull=False,
            follow_up_on__isnull=False,
            followed_at=None,
        )
        ids = list(waiting.values_list("pk", flat=True))
    if ids:
        timers.cancel(ids, [FOLLOW_UP], now)


def new_number(at: datetime) -> str:
    """V, the day and a running number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('people_visit_number')")
        return f"V{localtime(at):%Y%m%d}{cursor.fetchone()[0]:06d}"


@timers.handler(FOLLOW_UP, _("走访回访日期"))
def follow_up_due(due: list[Timer], now: datetime) -> set[int]:
    """Tell the grid's workers; a household that moved away or was visited meanwhile is left."""
    day = localdate(now)
    with scope.system(scope.SWEEP):
        rows = list(
            Visit.objects.filter(
                pk__in=[timer.subject_id for timer in due],
                followed_at=None,
                household__ended_on=None,
            ).values_list("number", "grid_id", "community_id")
        )
    notes = [
        Note(user, "visit.follow_up", f"{number} {day}", {"number": number})
        for number, grid_id, community_id in rows
        for user in workers(grid_id, community_id)
    ]
    outbox.tell(notes, now)
    return set()


def workers(grid_id: int | None, community_id: int | None) -> list[int]:
    """Who goes from door to door there: the grid's own people, else the community's."""
    return permissions.at(grid_id, FIELD) or permissions.at(community_id, FIELD)


def grids_of(user: User, permission: str = SEE) -> list[tuple[int, str]]:
    """The grids of the user's units."""
    held = access.places(user, permission)
    return [
        (unit.pk, unit.name)
        for unit in units.known().values()
        if unit.kind == UnitKind.GRID and unit.valid_to is None
        if any(getattr(unit, column) == value for column, value in held)
    ]


def history(user: User, household: Household, most: int = 20) -> Iterable[Visit]:
    """The last visits of a household."""
    rows = visible(user).filter(household=household).select_related("by", "words__data_key")
    return rows.order_by("-visited_at")[:most]


def ways(user: User, row: Visit, words: str, surface: str) -> list[Way]:
    """How what was found goes on; nowhere when nobody was met and nothing was seen."""
    if row.skipped and not words:
        return []
    return [way for offered in WAYS for way in offered(user, row, words, surface)]


def made(user: User, ids: Collection[int], surface: str) -> dict[int, list[Made]]:
    """What became of the findings of these visits, by visit."""
    found: dict[int, list[Made]] = {pk: [] for pk in ids}
    for registered in MADE:
        for pk, rows in registered(user, ids, surface).items():
            found[pk] += rows
    return found


def as_text(row: Visit | VisitPlan) -> str:
    """The aims of a visit in the active language."""
    return _t("、").join(str(VisitAim(aim).label) for aim in row.aims)
