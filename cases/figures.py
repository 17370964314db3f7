"""办理情况: what was received, closed and returned in a period, by unit and by department.

Every rate is two numbers (facts.md "Indicators"). Two statements count them all: one over the
cases, one over what was sent to departments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import Q

from cases import access
from cases.conditions import where
from cases.models import AT_WORK, PAUSED, Level, Outcome, State
from cases.moves import Action
from governance import permissions, units
from governance.models import LEVELS, UnitKind
from governance.permissions import DEPARTMENT
from governance.workcalendar import calendar

if TYPE_CHECKING:
    from governance.models import User

PERMISSION = "figures.see"


class Share(NamedTuple):
    """A rate is never shown without its two numbers."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        return round(100 * self.part / self.whole, 1) if self.whole else None


@dataclass
class Figures:
    """The counts of one unit or department in a period."""

    received: int = 0
    closed: int = 0  # for the first time, those by force too
    forced: int = 0
    suspended: int = 0  # now
    due: int = 0
    on_time: int = 0
    reworked: int = 0
    solved: int = 0
    in_grid: int = 0
    in_community: int = 0
    in_street: int = 0
    dispatched: int = 0
    accurate: int = 0
    returned: int = 0

    @property
    def on_time_rate(self) -> Share:
        """按期结案率: of those that should have been closed in the period."""
        return Share(self.on_time, self.due)

    @property
    def accuracy(self) -> Share:
        """准确派遣率: not sent back, or sent back wrongly, of what was sent in the period."""
        return Share(self.accurate, self.dispatched)

    @property
    def rework_rate(self) -> Share:
        return Share(self.reworked, self.closed)

    @property
    def grid_rate(self) -> Share:
        """小事不出网格: solved by who works the grid, without a department."""
        return Share(self.in_grid, self.solved)

    @property
    def community_rate(self) -> Share:
        """小事不出村."""
        return Share(self.in_community, self.solved)

    @property
    def street_rate(self) -> Share:
        """大事不出乡."""
        return Share(self.in_street, self.solved)


@dataclass
class Report:
    """The figures of a scope: as a whole, by the units below it, by department."""

    level: str
    total: Figures = field(default_factory=Figures)
    by_unit: dict[int | None, Figures] = field(default_factory=dict)
    by_department: dict[int | None, Figures] = field(default_factory=dict)


# The names of the counts → what a case must be to count. Closed by force is closed, and nothing
# better: neither on time nor solved; nor is one solved that is worked on again. A clock that
# stands still is not past its date.
CASES = {
    "received": "reported_at >= %(since)s AND reported_at < %(until)s",
    "closed": "first_closed_at >= %(since)s AND first_closed_at < %(until)s",
    "forced": "{closed} AND is_forced",
    "suspended": "state = %(suspended)s",
    "due": "promise_due_at >= %(since)s AND promise_due_at < %(due_until)s"
    " AND (first_closed_at IS NOT NULL OR state = ANY(%(running)s))",
    "on_time": "{due} AND promise_kept AND NOT is_forced",
    "reworked": "{closed} AND rework_count > 0",
    "solved": "{closed} AND NOT is_forced AND outcome = ANY(%(solved)s) AND solved_level <> ''"
    " AND state <> ALL(%(at_work)s)",
    "in_grid": "{solved} AND solved_level = %(community)s"
    " AND department_id IS NULL AND NOT is_joint",
    "in_community": "{solved} AND solved_level = %(community)s",
    "in_street": "{solved} AND solved_level = ANY(%(to_street)s)",
}
# The same of lines of dispatch and return, each with the work order that it began or ended.
ORDERS = {
    "dispatched": "line.action <> %(return)s",
    "accurate": "line.action <> %(return)s"
    " AND (work.returned_at IS NULL OR work.overruled_at IS NOT NULL)",
    "returned": "line.action = %(return)s",
}
CONSTANTS: dict[str, Any] = {
    "suspended": str(State.SUSPENDED),
    "running": [
        *(str(state) for state in AT_WORK if state not in PAUSED),
        *(str(state) for state in (State.JOINED, State.SPLIT)),
    ],
    "at_work": [str(state) for state in AT_WORK],
    "solved": [str(Outcome.SOLVED), str(Outcome.HELPED)],
    "community": str(Level.COMMUNITY),
    "to_street": [str(Level.COMMUNITY), str(Level.STREET)],
    "return": str(Action.RETURN),
    "lines": [str(a) for a in (Action.DISPATCH, Action.INSIST, Action.RULE, Action.RETURN)],
}


def figures(
    user: User, since: datetime, until: datetime, *, now: datetime, unit_id: int | None = None
) -> Report:
    """What was done from `since` until before `until` in the user's scope, or in one unit of it.
    What falls due after `now` is not due yet."""
    scope = scope_of(user)
    chosen = units.known().get(unit_id) if unit_id is not None else None
    level = level_below(chosen.kind if chosen else scope.level)
    within = Q(**{f"{chosen.kind}_id": chosen.pk}) if chosen and chosen.kind in LEVELS else Q()
    facts = {**CONSTANTS, "since": since, "until": until, "due_until": min(until, now)}
    facts["own"] = sorted(scope.departments)
    report = Report(level)
    add(report, cases_sql(level, scope, within, facts), list(CASES), facts)
    add(report, orders_sql(level, scope, within, facts), list(ORDERS), facts)
    return report


def period(first: date, last: date) -> tuple[datetime, datetime]:
    """The moments from the first day to the end of the last."""
    zone = calendar().zone
    after = min(last, date.max - DAY) + DAY
    return datetime.combine(first, time.min, zone), datetime.combine(after, time.min, zone)


DAY = timedelta(days=1)


@dataclass
class Scope:
    """What the posts of a user cover: a territory, and departments."""

    territory: Q
    departments: set[int]
    level: str  # the widest


def scope_of(user: User) -> Scope:
    territory, departments, widest = Q(pk=None), set(), str(LEVELS[-1])
    for post in permissions.posts_with(user, PERMISSION):
        column, _value = access.lowest(post)
        widest = min(widest, column.removesuffix("_id"), key=LEVELS.index)
        if post.role in DEPARTMENT:
            departments.add(post.unit_id)
        else:
            territory |= (access.scope(post) or Q(pk=None)) | (access.homeless(post) or Q(pk=None))
    return Scope(territory, departments, widest)


def level_below(level: str) -> str:
    """The level by which a unit's figures are parted: its own below the grid there is none."""
    return LEVELS[min(LEVELS.index(level) + 1, len(LEVELS) - 1)] if level in LEVELS else LEVELS[-1]


def units_of(user: User) -> list[units.Facts]:
    """The streets and communities that a user may look at one by one."""
    own = {access.lowest(post) for post in permissions.posts_with(user, PERMISSION)}
    found = [
        unit
        for unit in units.known().values()
        if unit.kind in {UnitKind.STREET, UnitKind.COMMUNITY} and unit.valid_to is None
        if any(getattr(unit, column) == value for column, value in own)
    ]
    return sorted(found, key=lambda unit: (unit.street_id or 0, unit.community_id or 0))


def cases_sql(level: str, scope: Scope, within: Q, facts: dict[str, Any]) -> str:
    """The department that has the case stands for it; only a case that some count asks for is
    read, by the index `case_times`."""
    counts = spelled(CASES)
    asked = " OR ".join(f"({counts[name]})" for name in ("received", "closed", "suspended", "due"))
    own = "department_id = ANY(%(own)s)"
    return (
        f"SELECT {level}_id, department_id, {filtered(counts)} FROM cases_case"
        f" WHERE ({asked}) AND {allowed(scope, within, own, facts)} GROUP BY 1, 2"
    )


def orders_sql(level: str, scope: Scope, within: Q, facts: dict[str, Any]) -> str:
    """By the department that got the work order. Rework comes without a line of dispatch: it is
    nobody's choice of a department. The orders of the period are picked out first, by the index
    `assignment_times`; the planner would look through all that there ever were."""
    unit, department = f"cases_case.{level}_id", "work.department_id"
    own = "work.department_id = ANY(%(own)s)"
    return (
        "WITH work AS MATERIALIZED (SELECT case_id, department_id, assigned_at, returned_at,"
        " overruled_at FROM cases_assignment WHERE"
        " assigned_at >= %(since)s AND assigned_at < %(until)s"
        " OR returned_at >= %(since)s AND returned_at < %(until)s)"
        f" SELECT {unit}, {department}, {filtered(ORDERS)} FROM cases_transition line"
        " JOIN work ON work.case_id = line.case_id AND line.at ="
        " CASE WHEN line.action = %(return)s THEN work.returned_at ELSE work.assigned_at END"
        " JOIN cases_case ON cases_case.id = line.case_id"
        " WHERE line.action = ANY(%(lines)s)"
        " AND line.at >= %(since)s AND line.at < %(until)s"
        f" AND {allowed(scope, within, own, facts)} GROUP BY 1, 2"
    )


def spelled(counts: dict[str, str]) -> dict[str, str]:
    """Each condition in full, where it builds on one before it."""
    found: dict[str, str] = {}
    for name, condition in counts.items():
        found[name] = condition.format(**found)
    return found


def filtered(counts: dict[str, str]) -> str:
    return ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in counts.values())


def allowed(scope: Scope, within: Q, own: str, facts: dict[str, Any]) -> str:
    """The territory of the posts, or the work of their departments; and the unit asked for."""
    return (
        f"({named(scope.territory, 'territory', facts)} OR {own})"
        f" AND {named(within, 'within', facts)}"
    )


def named(condition: Q, name: str, facts: dict[str, Any]) -> str:
    """A condition with named parameters, which are added to the facts."""
    sql, params = where(condition)
    names = [f"{name}_{number}" for number in range(len(params))]
    facts.update(zip(names, params, strict=True))
    return sql % tuple(f"%({name})s" for name in names)


def add(report: Report, sql: str, names: list[str], facts: dict[str, Any]) -> None:
    """A row is a unit and a department: it counts for each of them, and for the whole."""
    with connection.cursor() as cursor:
        cursor.execute(sql, facts)
        rows = cursor.fetchall()
    for unit, department, *numbers in rows:
        counted = (
            report.total,
            report.by_unit.setdefault(unit, Figures()),
            report.by_department.setdefault(department, Figures()),
        )
        for figures_of in counted:
            for name, number in zip(names, numbers, strict=True):
                setattr(figures_of, name, getattr(figures_of, name) + number)
