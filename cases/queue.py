"""The queue: tabs with counts, filters, and one page of rows by keyset. Plain tuples, no models:
a list of 100 costs a third of what model objects cost (architecture.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from psycopg.sql import Literal

from cases import access, deadlines, items
from cases.conditions import where
from cases.models import OPEN, PAUSED, Case, CaseQuerySet, Level, Source, State, Task
from cases.moves import MOVES, Action
from cases.notifications import AT_LEVEL
from governance import permissions, search, units
from governance.models import LEVELS, UnitKind
from governance.permissions import Held

if TYPE_CHECKING:
    from governance.models import User

PAGE = 25
LONGEST = 100
# Acts that wait for somebody; what one may also do (自行处置, 归档) is no task.
TASKS = frozenset(
    {
        *(Action.ACCEPT, Action.DISPATCH, Action.RULE, Action.SIGN, Action.FINISH),
        *(Action.CONCLUDE, Action.VERIFY, Action.CLOSE, Action.ANSWER),
    }
)


class Tab(NamedTuple):
    key: str
    label: str | Promise
    # Sorted by what is due first, or by what came last.
    by_due: bool
    # Which of the open cases; of all cases for the tab "all".
    condition: Callable[[User, datetime], Q]


def mine(user: User, now: datetime) -> Q:
    """What waits for this user: states from which one of the own posts may move the case on."""
    query, posts = Q(), permissions.posts_of(user)
    for post in posts:
        states = waiting_for(post)
        part = access.scope(post)
        if part is None or not states:
            continue
        at_work = Q(state__in=states)
        if post.role in permissions.TABLE["case.grant"].roles:
            at_work |= Q(state=State.HANDLING) & ~Q(leave="")
        part &= at_work & at_level(post)
        if post.role in permissions.DEPARTMENT:
            unsigned = Q(handler=None) | Q(state=State.DISPATCHED)
            part &= unsigned | Q(handler=user.pk)
        else:
            part &= ~Q(state=State.FINISHED) | ~Q(handler=user.pk)
        query |= part
    # those who are asked on their phone; of a centre it would cost the counts their index
    if any(post.role in permissions.FIELD | permissions.VOLUNTEERS for post in posts):
        query |= Q(state=State.WAITING, reported_by=user.pk)
    return query or Q(pk=None)


def at_level(post: Held) -> Q:
    """Not those that a higher level has in hand."""
    reached = Level.values[: access.level_of(post) + 1]
    return ~Q(state__in=AT_LEVEL) | Q(level__in=reached)


def tasks_of(user: User) -> Q | None:
    """The cases at which a department of the user's has an open task; None for anybody else."""
    units_of = access.departments_of(user, "case.report_task")
    if not units_of:
        return None
    rows = Task.objects.filter(department__in=units_of, reported_at=None, excused_at=None)
    return Q(pk__in=rows.values("case"))


def waiting_for(post: Held) -> list[State]:
    return sorted(
        {
            state
            for move in MOVES
            if move.action in TASKS and post.role in permissions.TABLE[f"case.{move.action}"].roles
            for state in move.source
            if state in OPEN
        }
    )


def near_due(user: User, now: datetime) -> Q:
    return Q(stage_warn_at__lte=now, stage_due_at__gte=now)


def overdue(user: User, now: datetime) -> Q:
    return Q(stage_due_at__lt=now)


TABS: tuple[Tab, ...] = (
    Tab("mine", _("待我办"), True, mine),
    Tab("to_accept", _("待受理"), True, lambda user, now: Q(state=State.REPORTED)),
    Tab("to_dispatch", _("待派遣"), True, lambda user, now: Q(state=State.ACCEPTED)),
    Tab("tasks", _("联办任务"), True, lambda user, now: Q()),
    Tab("near_due", _("将到期"), True, near_due),
    Tab("overdue", _("已超期"), True, overdue),
    Tab("supervised", _("督办中"), True, lambda user, now: ~Q(severity="")),
    Tab("paused", _("暂停中"), True, lambda user, now: Q(state__in=PAUSED)),
    Tab("no_grid", _("无网格"), False, lambda user, now: Q()),
    Tab("all", _("全部"), False, lambda user, now: Q()),
)
BY_KEY = {tab.key: tab for tab in TABS}


def tabs_for(user: User) -> list[Tab]:
    """The tabs that make sense for this user: "no grid" is the clerks' and dispatchers', tasks are
    the departments', whose cases are accepted and dispatched already."""
    left_out = set()
    if access.without_grid(user) is None:
        left_out.add("no_grid")
    left_out |= {"tasks"} if tasks_of(user) is None else {"to_accept", "to_dispatch"}
    return [tab for tab in TABS if tab.key not in left_out]


def base(user: User, tab: Tab) -> CaseQuerySet:
    """Where a tab's rows come from: the own territory; "no grid" from what lies in none."""
    if tab.key == "no_grid":
        return Case.objects.filter(access.without_grid(user) or Q(pk=None))
    if tab.key == "all":
        return access.visible_to(user)
    if tab.key == "tasks":
        return Case.objects.filter(tasks_of(user) or Q(pk=None))
    return Case.objects.filter(access.territory(user))


def rows(user: User, tab: Tab, now: datetime) -> CaseQuerySet:
    """The cases of a tab."""
    found = base(user, tab).filter(tab.condition(user, now))
    return found if tab.key == "all" else found.filter(state__in=OPEN)


def counts(user: User, now: datetime, asked: Filters | None = None) -> dict[str, int]:
    """Tab key → open cases in it that the filters find: one aggregate over the index of open cases,
    and for who looks after cases without a grid those beside it. "all" is not counted."""
    told = counting(user, permissions.posts_of(user))
    narrowed = written_in(*where(asked.condition())) if asked else "true"
    with connection.cursor() as cursor:
        cursor.execute(told.sql.replace(NARROWED, f"AND {narrowed}"), [now] * told.moments)
        return dict(zip(told.keys, cursor.fetchone(), strict=True))


ANY_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
NARROWED = "/* what the filters find */"


class Counting(NamedTuple):
    """The statement that counts somebody's tabs, with so many places where `now` belongs; NARROWED
    stands where a filter does."""

    keys: tuple[str, ...]
    sql: str
    moments: int


@lru_cache(maxsize=5000)
def counting(user: User, posts: tuple[Held, ...]) -> Counting:
    """Written once for a user with these posts: to write it costs more than to run it."""
    tabs = [tab for tab in TABS if tab.key not in {"all", "no_grid", "tasks"}]
    parts = [where(tab.condition(user, ANY_MOMENT)) for tab in tabs]
    scope = where(access.territory(user) & Q(state__in=OPEN))
    columns = ", ".join(f"count(*) FILTER (WHERE {sql})" for sql, _params in parts)
    keys, params = [tab.key for tab in tabs], [p for part in parts for p in part[1]]
    for key, beside in (("no_grid", access.without_grid(user)), ("tasks", tasks_of(user))):
        if beside is not None:
            condition = where(beside & Q(state__in=OPEN))
            columns += f", (SELECT count(*) FROM cases_case WHERE {condition[0]} {NARROWED})"
            keys, params = [*keys, key], [*params, *condition[1]]
    params = [*params, *scope[1]]
    statement = f"SELECT {columns} FROM cases_case WHERE {scope[0]} {NARROWED}"
    sql = written_in(statement, params, but=ANY_MOMENT)
    return Counting(tuple(keys), sql, params.count(ANY_MOMENT))


def written_in(sql: str, params: Sequence[Any], *, but: object = None) -> str:
    """The statement with its parameters in it, all `but` that one: to bind eighty of them each
    time took a sixth of the time of the count."""
    texts = [
        "%s" if value == but else Literal(value).as_string().replace("%", "%%") for value in params
    ]
    return "".join(chain.from_iterable(zip_longest(sql.split("%s"), texts, fillvalue="")))


@dataclass(frozen=True)
class Filters:
    """What the filter form or the API asked for; ids are of items, item classes and units."""

    words: str = ""
    item: int | None = None
    item_class: int | None = None
    state: str = ""
    unit: int | None = None
    source: str = ""
    since: datetime | None = None

    def apply(self, rows: CaseQuerySet) -> CaseQuerySet:
        return rows.filter(self.condition())

    def condition(self) -> Q:
        """What a case must be; empty without a filter."""
        query = Q()
        if self.words:
            match = search.query(self.words)
            query &= Q(search=match) if match else Q(pk=None)
        if self.item:
            query &= Q(item=self.item)
        if self.item_class:
            of_class = [i.pk for i in items.items().values() if i.class_id == self.item_class]
            query &= Q(item__in=of_class)
        if self.state:
            query &= Q(state=self.state)
        if self.unit:
            query &= unit_condition(self.unit)
        if self.source:
            query &= Q(source=self.source)
        if self.since:
            query &= Q(reported_at__gte=self.since)
        return query


def unit_condition(unit_id: int) -> Q:
    """Cases of a unit, by the column of its kind."""
    unit = units.known().get(unit_id)
    if unit is None or unit.kind not in {*LEVELS, UnitKind.DEPARTMENT}:
        return Q(pk=None)
    return Q(**{f"{unit.kind}_id": unit_id})


COLUMNS = (
    "pk",
    "number",
    "item_id",
    "description",
    "place",
    "community_id",
    "grid_id",
    "state",
    "department_id",
    "stage_warn_at",
    "stage_due_at",
    "source",
    "reported_at",
    "escalation",
)


class Line(NamedTuple):
    """One row as the database gives it."""

    pk: int
    number: str
    item_id: int
    description: str
    place: str
    community_id: int | None
    grid_id: int | None
    state: str
    department_id: int | None
    warn_at: datetime | None
    due_at: datetime | None
    source: str
    reported_at: datetime
    escalation: int


@dataclass(frozen=True)
class Page:
    """One page of lines, and the keys of its neighbours ("" where there is none)."""

    lines: list[Line]
    next_key: str = ""
    previous_key: str = ""


def page(rows: CaseQuerySet, *, by_due: bool, after: str, before: str, size: int = PAGE) -> Page:
    """A page after or before a key, by index: a deep page costs what the first one costs."""
    size = min(size, LONGEST)
    backward = bool(before)
    key = parse_key(before or after, by_due=by_due)
    ordered = _ordered(rows, by_due=by_due, backward=backward)
    if key is not None:
        ordered = ordered.filter(_beyond(key, by_due=by_due, backward=backward))
    found = [Line(*row) for row in ordered.values_list(*COLUMNS)[: size + 1]]
    more, lines = len(found) > size, found[:size]
    if backward:
        lines.reverse()
    if not lines:
        return Page([])
    first, last = key_of(lines[0], by_due=by_due), key_of(lines[-1], by_due=by_due)
    has_next = more if not backward else True
    has_previous = more if backward else key is not None
    return Page(lines, last if has_next else "", first if has_previous else "")


def _ordered(rows: CaseQuerySet, *, by_due: bool, backward: bool) -> CaseQuerySet:
    if not by_due:
        return rows.order_by("pk" if backward else "-pk")
    due = F("stage_due_at")
    if backward:
        return rows.order_by(due.desc(nulls_first=True), "-pk")
    return rows.order_by(due.asc(nulls_last=True), "pk")


Key = tuple[datetime | None, int]


def _beyond(key: Key, *, by_due: bool, backward: bool) -> Q:
    due, pk = key
    if not by_due:
        return Q(pk__gt=pk) if backward else Q(pk__lt=pk)
    if due is None:
        return (
            Q(stage_due_at__isnull=False) | Q(stage_due_at=None, pk__lt=pk)
            if backward
            else Q(stage_due_at=None, pk__gt=pk)
        )
    if backward:
        return Q(stage_due_at__lte=due) & (Q(stage_due_at__lt=due) | Q(pk__lt=pk))
    return Q(stage_due_at__gt=due) | Q(stage_due_at=due, pk__gt=pk) | Q(stage_due_at=None)


def key_of(line: Line, *, by_due: bool) -> str:
    if not by_due:
        return str(line.pk)
    return f"{line.due_at.isoformat() if line.due_at else ''}~{line.pk}"


def parse_key(text: str, *, by_due: bool) -> Key | None:
    """The key of a page address; None for none, and for one that was tampered with."""
    try:
        if not text:
            return None
        if not by_due:
            return None, int(text)
        due, _sep, pk = text.rpartition("~")
        # In UTC: the database refuses an offset that no place has.
        return (datetime.fromisoformat(due).astimezone(UTC) if due else None), int(pk)
    except (ValueError, OverflowError):
        return None


@cache
def labels(language: str | None) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The words of states and of sources in the active language."""
    states = {state.value: str(state.label) for state in State}
    return states, {source.value: str(source.label) for source in Source}


def shown(lines: Iterable[Line], now: datetime, prefix: str) -> Iterator[dict[str, Any]]:
    """Lines as lists show them, with names looked up once for all of them; `prefix` is the address
    that a number is put behind."""
    known, facts, (states, sources) = units.known(), items.items(), labels(get_language())

    def name_of(unit_id: int | None) -> str:
        return known[unit_id].name if unit_id else ""

    for line in lines:
        due = line.due_at
        yield {
            "number": line.number,
            "url": f"{prefix}{line.number}/",
            "title": line.description[:80],
            "item": facts[line.item_id].title,
            "place": line.place,
            "grid": name_of(line.grid_id) or name_of(line.community_id),
            "state": states[line.state],
            "state_code": line.state,
            "department": name_of(line.department_id),
            "due": due,
            "due_light": deadlines.light(line.warn_at, due, now),
            "due_text": deadlines.left(due, now) if due else "",
            "reported": line.reported_at,
            "source": sources[line.source],
        }
