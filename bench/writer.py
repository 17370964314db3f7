"""Writes cases with their whole histories by COPY, audit rows included, as the verbs would.

The triggers rest meanwhile (session_replication_role), so the history rows are written here too.
Arguments: admin_url first last total process processes until.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import uuid4

import orjson
import psycopg
from django.apps import apps
from django.utils.timezone import localtime

from bench import marks, world
from bench.story import Move, Story, tell
from bench.world import World
from cases import deadlines, notifications, stages
from cases.dispatch import Reason
from cases.models import Case
from governance import search
from governance.personal import encrypt, master_key, master_name
from governance.workcalendar import calendar

CHUNK = 5_000
NULL = r"\N"
Line = tuple[str, str]  # (moment, the rest as COPY text)


def text(value: Any) -> str:
    """One value as COPY text. (Our texts hold no tab, line break or backslash.)"""
    match value:
        case None:
            return NULL
        case bool():
            return "t" if value else "f"
        case bytes():
            return rf"\\x{value.hex()}"
        case datetime():
            return value.isoformat()
        case dict() | list():
            return orjson.dumps(value).decode()
        case _:
            return str(value)


class Table:
    """Lines for one table, sorted by time before they are sent: a case's lines lie apart."""

    def __init__(self, name: str, columns: Iterable[str]) -> None:
        quoted = ", ".join(f'"{column}"' for column in columns)
        self.copy = f'COPY "{name}" ({quoted}) FROM STDIN'
        self.lines: list[Line] = []

    def add(self, at: str, line: str) -> None:
        self.lines.append((at, line))

    def send(self, cursor: psycopg.Cursor[Any]) -> None:
        self.lines.sort(key=itemgetter(0))
        with cursor.copy(self.copy) as copy:
            copy.write("\n".join(line for _at, line in self.lines) + "\n" if self.lines else "")
        self.lines.clear()


EVENT = ("pgh_label", "pgh_obj_id", "pgh_context", "pgh_created_at")
TRANSITION = (
    "case_id", "action", "from_state", "to_state", "by_id", "at", "source", "note", "details",
)  # fmt: skip
ASSIGNMENT = (
    "id", "case_id", "department_id", "assigned_at", "signed_at", "finished_at", "returned_at",
    "overruled_at", "withdrawn_at",
)  # fmt: skip
REPORTER = ("id", "data_key_id", "name", "phone")
TIMER = ("kind", "subject_id", "level", "due_at", "knock_at", "attempts", "last_error")
MESSAGE = ("recipient_id", "kind", "params", "dedupe_key", "created_at")


class Writer:
    """Tells stories into tables. `first_assignment` and `stride` keep processes' ids apart."""

    def __init__(self, world: World, first_assignment: int, stride: int) -> None:

        self.world, self.days = world, calendar()
        self.assignment_id, self.stride = first_assignment, stride
        fields = Case._meta.concrete_fields
        self.columns = [str(field.column) for field in fields]
        self.at = {column: n for n, column in enumerate(self.columns)}
        blank = Case(query_code="")
        self.blank = [text(getattr(blank, field.attname)) for field in fields]
        events = apps.get_model("cases", "CaseEvent")._meta.concrete_fields
        followed = [str(f.column) for f in events if f.column in self.at]
        self.followed: Callable[[list[str]], tuple[str, ...]] = itemgetter(
            *(self.at[column] for column in followed)
        )
        self.tables = {
            "key": Table("governance_datakey", ("id", "wrapped", "master")),
            "reporter": Table("cases_reporter", REPORTER),
            "reporter_event": Table("cases_reporterevent", (*EVENT, *REPORTER)),
            "case": Table("cases_case", self.columns),
            "event": Table("cases_caseevent", (*EVENT, *followed)),
            "transition": Table("cases_transition", TRANSITION),
            "assignment": Table("cases_assignment", ASSIGNMENT),
            "assignment_event": Table("cases_assignmentevent", (*EVENT, *ASSIGNMENT)),
            "timer": Table("governance_timer", TIMER),
            "message": Table("governance_message", MESSAGE),
        }
        self.loads: Counter[int] = Counter()
        self.moments: dict[datetime, str] = {}
        self.clocks: dict[tuple[int, str, datetime], tuple[str, str, Any]] = {}
        self.promises: dict[tuple[int, str, datetime], datetime] = {}

    def write(self, story: Story, case_id: int) -> None:
        CaseWriter(self, story, case_id).write()

    def send(self, connection: psycopg.Connection[Any]) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            for table in self.tables.values():
                table.send(cursor)

    def moment(self, at: datetime) -> str:
        if (known := self.moments.get(at)) is None:
            known = self.moments[at] = at.isoformat()
        return known

    def clock(self, limit: Any, start: datetime) -> tuple[str, str, Any]:
        """(warn, due) as text, and the deadline itself."""

        key = (limit.amount, limit.unit, start)
        if (known := self.clocks.get(key)) is None:
            due = deadlines.due_at(limit, start, self.days)
            found = deadlines.deadline(start, due, self.days)
            known = self.clocks[key] = (text(found.warn_at), text(found.due_at), found)
        return known

    def promise(self, limit: Any, start: datetime) -> datetime:
        key = (limit.amount, limit.unit, start)
        if (known := self.promises.get(key)) is None:
            known = self.promises[key] = self.days.add(start, limit.amount, limit.unit)
        return known


STAGE_OF = {
    "reported": "accept", "accepted": "dispatch", "dispatched": "sign",
    "handling": "handle", "finished": "verify", "verified": "close", "closed": "answer",
}  # fmt: skip


class CaseWriter:
    """One case: `values` is its row as text, changed move by move."""

    def __init__(self, writer: Writer, story: Story, case_id: int) -> None:
        self.writer, self.story, self.id = writer, story, str(case_id)
        self.tables, self.values = writer.tables, list(writer.blank)
        self.state, self.version, self.rework_count = "reported", 0, 0
        self.return_count = 0
        self.department: int | None = None
        self.handler: int | None = None
        self.first_closed: datetime | None = None
        self.promise_due: datetime | None = None
        self.clock: Any = None
        self.work: list[str] | None = None  # the open work order

    def set(self, **columns: str) -> None:
        for column, value in columns.items():
            self.values[self.writer.at[column]] = value

    def write(self) -> None:
        self.open()
        for move, at in zip(self.story.moves, self.story.times, strict=True):
            self.move(move, at)
        self.values[self.writer.at["version"]] = str(self.version)
        reported = self.writer.moment(self.story.reported_at)
        self.tables["case"].add(reported, "\t".join(self.values))
        if self.story.live:
            self.leave_open()

    def open(self) -> None:

        story, grid, writer = self.story, self.story.grid, self.writer
        at = writer.moment(story.reported_at)
        self.number = f"{localtime(story.reported_at):%Y%m%d}{int(self.id):06d}"
        self.context = context_of(story.reported_by, story.surface)
        if limit := story.item.limit("promise"):
            self.promise_due = writer.promise(limit, story.reported_at)
        self.set(
            id=self.id,
            number=self.number,
            state="reported",
            item_id=str(story.item.pk),
            description=story.description,
            place=story.place,
            lon=str(story.lon),
            lat=str(story.lat),
            accuracy_m=text(story.accuracy_m),
            source=story.source,
            reported_at=at,
            reporter_id=self.reporter(at),
            reported_by_id=text(story.reported_by),
            query_code=f"{hash((self.number, 'code')) % 10**8:08d}",
            district_id=str(grid.district_id),
            street_id=str(grid.street_id),
            community_id=str(grid.community_id),
            grid_id=str(grid.unit_id),
            promise_due_at=text(self.promise_due),
            search=search.vector(self.number, story.item.name, story.description, story.place),
        )
        self.enter_stage(story.reported_at, rework=False)
        self.event("insert", at)
        self.line("report", "", story.reported_by, at, story.surface, "", {})

    def reporter(self, at: str) -> str:
        """A sealed row with a data key of its own; its id."""
        story = self.story
        if not (story.name or story.phone):
            return NULL

        row_id, key_id, key = uuid4(), uuid4(), os.urandom(32)
        wrapped = encrypt(master_key(), key, key_id.bytes)
        sealed = [
            text(encrypt(key, clear.encode(), f"cases_reporter.{column}:{row_id}".encode()))
            if clear
            else NULL
            for column, clear in (("name", story.name), ("phone", story.phone))
        ]
        fields = "\t".join([str(row_id), str(key_id), *sealed])
        self.tables["key"].add(at, f"{key_id}\t{text(wrapped)}\t{master_name()}")
        self.tables["reporter"].add(at, fields)
        head = f"insert\t{row_id}\t{self.context}\t{at}"
        self.tables["reporter_event"].add(at, f"{head}\t{fields}")
        return str(row_id)

    # A move, as workflow.apply makes it ---------------------------------------------------------

    def move(self, move: Move, moment: datetime) -> None:
        before, self.state = self.state, str(move.to)
        at = self.writer.moment(moment)
        self.context = context_of(move.by, move.surface)
        rework = self.state == "handling" and move.action in {"fail", "rate"}
        self.version += 1
        self.rework_count += rework
        self.set(state=self.state, rework_count=str(self.rework_count))
        reasons, had = self.reasons(move), self.department
        getattr(self, f"do_{move.action}", self.nothing)(move, moment, at)
        if self.state != before or rework:
            self.enter_stage(moment, rework=rework)
        self.event("update", at)
        details = self.details(move, reasons, had, rework=rework)
        self.line(move.action, before, move.by, at, move.surface, move.note, details)

    def nothing(self, move: Move, moment: datetime, at: str) -> None:
        """Accept, refuse, verify, archive: the state alone."""

    def do_dispatch(self, move: Move, moment: datetime, at: str) -> None:
        assert move.department_id
        self.department, self.handler = move.department_id, None
        self.set(department_id=str(self.department), handler_id=NULL)
        self.start_work(at, signed=False)

    def do_sign(self, move: Move, moment: datetime, at: str) -> None:
        self.handler = move.by
        self.set(handler_id=text(move.by))
        self.mark_work("signed_at", at)

    def do_return(self, move: Move, moment: datetime, at: str) -> None:
        self.mark_work("returned_at", at)
        self.return_count += 1
        self.set(return_count=str(self.return_count))
        self.department = self.handler = None
        self.set(department_id=NULL, handler_id=NULL)

    def do_finish(self, move: Move, moment: datetime, at: str) -> None:
        self.handler = move.by
        self.set(outcome=move.outcome, result=move.note, handler_id=text(move.by))
        self.set(solved_level="community")
        self.mark_work("finished_at", at)

    do_handle_on_spot = do_finish

    def do_fail(self, move: Move, moment: datetime, at: str) -> None:
        self.start_work(at, signed=True)

    def do_close(self, move: Move, moment: datetime, at: str) -> None:
        if self.first_closed is not None:
            return
        self.first_closed = moment
        kept = None if self.promise_due is None else moment <= self.promise_due
        self.set(first_closed_at=at, promise_kept=text(kept))

    def do_answer(self, move: Move, moment: datetime, at: str) -> None:
        self.set(answer=move.note, satisfied=NULL)

    def do_rate(self, move: Move, moment: datetime, at: str) -> None:
        self.set(satisfied=text(move.satisfied))
        if not move.satisfied:
            self.start_work(at, signed=True)

    def reasons(self, move: Move) -> list[Reason]:
        if move.action != "dispatch" or move.department_id is None:
            return []
        known = self.writer.world.reasons[self.story.item.pk, move.department_id]
        return [*known, ("load", {"load": self.writer.loads[move.department_id]})]

    def details(
        self, move: Move, reasons: list[Reason], had: int | None, *, rework: bool
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        match move.action:
            case "dispatch":
                found = {"department": move.department_id, "reasons": reasons}
            case "return":
                found = {"department": had}
            case "finish" | "handle_on_spot":
                found = {"outcome": move.outcome}
            case "rate":
                found = {"satisfied": move.satisfied}
            case "close":
                kept = self.values[self.writer.at["promise_kept"]]
                found = {"promise_kept": kept == "t"} if kept != NULL else {}
        return found | ({"rework": self.rework_count} if rework else {})

    # Stage clocks, work orders, lines ------------------------------------------------------------

    def enter_stage(self, moment: datetime, *, rework: bool) -> None:
        stage = STAGE_OF.get(self.state, "")
        limit = self.story.item.limit("rework" if rework and stage == "handle" else stage)
        amount, unit = (str(limit.amount), limit.unit) if limit else (NULL, "")
        warn, due, self.clock = self.writer.clock(limit, moment) if limit else (NULL, NULL, None)
        began = self.writer.moment(moment)
        self.set(stage_began_at=began, stage_warn_at=warn, stage_due_at=due, escalation="0")
        self.set(stage_amount=amount, stage_unit=unit)

    def start_work(self, at: str, *, signed: bool) -> None:
        writer = self.writer
        assert self.department
        writer.loads[self.department] += 1
        number = str(writer.assignment_id)
        writer.assignment_id += writer.stride
        self.work = [number, self.id, str(self.department), at, at if signed else NULL, *[NULL] * 4]
        self.work_event("insert", at)
        self.work_began = at

    def mark_work(self, column: str, at: str) -> None:
        """Signed, finished or returned; the last two close the work order."""
        if self.work is None:
            return
        self.work[ASSIGNMENT.index(column)] = at
        self.work_event("update", at)
        if column != "signed_at":
            self.writer.loads[self.department or 0] -= 1
            self.tables["assignment"].add(self.work_began, "\t".join(self.work))
            self.work = None

    def work_event(self, label: str, at: str) -> None:
        assert self.work
        head = f"{label}\t{self.work[0]}\t{self.context}\t{at}"
        self.tables["assignment_event"].add(at, "\t".join([head, *self.work]))

    def event(self, label: str, at: str) -> None:
        head = f"{label}\t{self.id}\t{self.context}\t{at}\t"
        self.tables["event"].add(at, head + "\t".join(self.writer.followed(self.values)))

    def line(
        self,
        action: str,
        before: str,
        by: int | None,
        at: str,
        surface: str,
        note: str,
        details: dict[str, Any],
    ) -> None:
        said = orjson.dumps(details).decode() if details else "{}"
        actor = NULL if by is None else by
        self.tables["transition"].add(
            at,
            f"{self.id}\t{action}\t{before}\t{self.state}\t{actor}\t{at}\t{surface}\t{note}\t{said}",
        )

    # What a case still open leaves behind --------------------------------------------------------

    def leave_open(self) -> None:
        """The work order, the running timers, and the message to whose turn it is."""

        story = self.story
        last = story.times[-1] if story.moves else story.reported_at
        by = story.moves[-1].by if story.moves else story.reported_by
        if self.work:
            self.tables["assignment"].add(self.work_began, "\t".join(self.work))
        case = Case(
            pk=int(self.id),
            number=self.number,
            item_id=story.item.pk,
            state=self.state,
            version=self.version,
            district_id=story.grid.district_id,
            street_id=story.grid.street_id,
            community_id=story.grid.community_id,
            grid_id=story.grid.unit_id,
            department_id=self.department,
            handler_id=self.handler,
        )
        if self.clock:
            for kind, subject, level, due in stages.stage_timers(case, self.clock, story.item):
                self.timer(kind, subject, level, due)
        if self.state not in stages.ENDS:
            self.promise_timers(last)
        rework = bool(story.moves) and story.moves[-1].action in {"fail", "rate"}
        for user in sorted({*notifications.whose_turn(case)} - {by}):
            kind = "rework" if rework else "turn"
            note = notifications.note(case, kind, user, str(self.version))
            params = orjson.dumps(note.params).decode()
            at = text(last)
            self.tables["message"].add(
                at, f"{note.recipient_id}\t{note.kind}\t{params}\t{note.dedupe_key}\t{at}"
            )

    def promise_timers(self, now: datetime) -> None:

        if self.promise_due is None:
            return
        story, days = self.story, self.writer.days
        clock = deadlines.deadline(story.reported_at, self.promise_due, days)
        for level, at in enumerate(deadlines.reminders(story.item, clock, days)):
            if at > now:
                self.timer("case.promise_remind", int(self.id), level, at)
        self.timer("case.promise_overdue", int(self.id), 0, clock.due_at)

    def timer(self, kind: str, subject: int, level: int, due: datetime) -> None:
        at = text(due)
        self.tables["timer"].add(at, f"{kind}\t{subject}\t{level}\t{at}\t{at}\t0\t")


def context_of(by: int | None, surface: str) -> str:
    user = "null" if by is None else by
    return f'{{"user":{user},"source":"{surface}"}}'


def write(
    admin_url: str,
    numbers: range,
    *,
    total: int,
    until: datetime,
    process: int = 0,
    processes: int = 1,
    working_from: int = 0,
) -> None:
    """Write the cases `numbers` of `total`; beyond `working_from` (if given) all are at work."""

    known = world.read()
    with psycopg.connect(admin_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        row = connection.execute("SELECT COALESCE(max(id), 0) FROM cases_assignment").fetchone()
        assert row
        connection.commit()
        writer = Writer(known, int(row[0]) + 1 + process, processes)
        for told, number in enumerate(numbers, start=1):
            working = bool(working_from) and number >= working_from
            story = tell(number, total, until, known, working=working)
            writer.write(story, number)
            if told % CHUNK == 0:
                writer.send(connection)
        writer.send(connection)
        if processes == 1:
            marks.address_messages(connection)


def main(arguments: list[str]) -> None:
    admin_url, *numbers, until = arguments
    first, last, total, process, processes = map(int, numbers)
    write(
        admin_url,
        range(first, last + 1),
        total=total,
        until=datetime.fromisoformat(until),
        process=process,
        processes=processes,
    )
