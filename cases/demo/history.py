"""Closed cases of a demo, thousands at once: the very rows that the verbs would have written.

tests/test_demo.py writes the same stories by the verbs and compares. Only the database's own
record of changes differs: it says, truly, that the rows came in finished.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection
from django.utils.timezone import localtime

from cases import access, dispatch, items, opening, stages, workflow
from cases.demo import work
from cases.demo.stories import Picture, Step, Story
from cases.dispatch import Reason
from cases.effects import ending
from cases.given import Given
from cases.models import Assignment, Case, Photo, PhotoKind, Reporter, State, Transition
from cases.moves import BY_ACTION, Action
from governance import actor, uploads
from governance.models import DataKey, User
from grids import geo

CHUNK = 500
# The column of the open work order that a move fills.
ORDER_COLUMNS = {
    Action.SIGN: "signed_at",
    Action.RETURN: "returned_at",
    Action.FINISH: "finished_at",
}


@dataclass
class Rows:
    """One case with all that belongs to it, unsaved."""

    case: Case
    lines: list[Transition] = field(default_factory=list)
    orders: list[Assignment] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)


class Writer:
    """Knows what is asked again and again: classes, rankings."""

    def __init__(self, classes: dict[int, str]) -> None:
        self.classes = classes
        self.ranked: dict[tuple[int, int | None], dict[int, tuple[Reason, ...]]] = {}

    def write(self, stories: Sequence[Story]) -> None:
        """A few hundred at a time, so that not all are in memory."""
        with actor.acting(None, "import"):
            points = [(s.report.lon or 0.0, s.report.lat or 0.0) for s in stories]
            numbers = serials(len(stories))
            found = zip(stories, geo.grids_at(points), numbers, strict=True)
            self.save([self.told(story, grid, number) for story, grid, number in found])

    def save(self, rows: Sequence[Rows]) -> None:
        reporters = [row.case.reporter for row in rows if row.case.reporter]
        DataKey.objects.bulk_create([reporter.data_key for reporter in reporters])
        Reporter.objects.bulk_create(reporters)
        Case.objects.bulk_create([row.case for row in rows])
        Transition.objects.bulk_create([line for row in rows for line in row.lines])
        Assignment.objects.bulk_create([order for row in rows for order in row.orders])
        Photo.objects.bulk_create([photo for row in rows for photo in row.photos])

    def told(self, story: Story, grid_id: int | None, serial: int) -> Rows:
        rows = self.reported(story, grid_id, serial)
        for step in story.steps:
            self.move(rows, step)
        return rows

    def reported(self, story: Story, grid_id: int | None, serial: int) -> Rows:
        """As `intake.open_case` does."""
        report, item = story.report, items.facts(story.report.item_id)
        case = Case(
            number=f"{localtime(story.at):%Y%m%d}{serial:06d}",
            state=State.REPORTED,
            item_id=item.pk,
            description=report.description,
            place=report.place,
            lon=report.lon,
            lat=report.lat,
            accuracy_m=report.accuracy_m,
            source=report.source,
            reported_at=story.at,
            reported_by=story.by,
            **opening.where(grid_id, story.by),
        )
        if report.reporter_name or report.reporter_phone:
            case.reporter = Reporter(name=report.reporter_name, phone=report.reporter_phone)
        case.search = opening.words_of(case, item)
        opening.promise(case, item, report.promise_due_at, historical=True)
        stages.enter(case, story.at, historical=True)
        rows = Rows(case)
        rows.lines.append(line(case, Action.REPORT, story.by, story.at, story.surface, before=""))
        for picture in story.pictures:
            rows.photos.append(self.photo(case, picture, PhotoKind.BEFORE, story.by, story.at))
        return rows

    def move(self, rows: Rows, step: Step) -> None:
        """As `workflow.take` does."""
        case, move = rows.case, BY_ACTION[step.action]
        assert case.state in move.source, workflow.wrong_move(case, step.action, step.at)
        assert step.by is None or access.may_act(step.by, case, f"case.{step.action}")
        given = Given(**step.given)
        if step.action == Action.DISPATCH:
            given.reasons = self.reasons(case, given.department_id or 0)
        for picture in step.pictures:
            rows.photos.append(self.photo(case, picture, PhotoKind.AFTER, step.by, step.at))
        before, case.state = State(case.state), workflow.target(case, move, given)
        rework = before != case.state and step.action in {Action.FAIL, Action.RATE}
        case.version += 1
        case.rework_count += rework
        details = effect(case, step, given)
        if rework:
            details["rework"] = case.rework_count
        self.order(rows, step, rework=rework)
        if case.state != before:
            stages.enter(case, step.at, historical=True)
        rows.lines.append(
            line(
                case,
                step.action,
                step.by,
                step.at,
                step.surface,
                before=before,
                note=given.note,
                details=details,
            )
        )

    def order(self, rows: Rows, step: Step, *, rework: bool) -> None:
        """The work order that a move opens, or what it writes into the open one."""
        case = rows.case
        if rework and case.department_id:
            rows.orders.append(order(case, step.at, signed_at=step.at))
        elif step.action == Action.DISPATCH:
            rows.orders.append(order(case, step.at))
        elif column := ORDER_COLUMNS.get(step.action):
            setattr(rows.orders[-1], column, step.at)

    def reasons(self, case: Case, department_id: int) -> tuple[Reason, ...]:
        """Why a department could be chosen: the same for all cases of an item, as none is open."""
        key = case.item_id, case.street_id
        if key not in self.ranked:
            candidates = dispatch.rank(case)
            self.ranked[key] = {c.department_id: tuple(c.reasons) for c in candidates}
        return self.ranked[key][department_id]

    def photo(
        self, case: Case, picture: Picture, kind: PhotoKind, by: User | None, at: datetime
    ) -> Photo:
        """As `photos.add` does."""
        clean = cleaned(work.drawing(case, picture, self.classes, kind))
        photo = Photo(
            uuid=picture.key,
            case=case,
            kind=kind,
            sha256=clean.sha256,
            width=clean.width,
            height=clean.height,
            added_by=by,
            added_at=at,
            no_person_visible=picture.public,
        )
        photo.file.save("", ContentFile(clean.jpeg), save=False)
        photo.thumb.save("", ContentFile(clean.thumb), save=False)
        return photo


def effect(case: Case, step: Step, given: Given) -> dict[str, Any]:
    """What a move writes into the case itself, beside state and clock; returns the line's facts."""
    match step.action:
        case Action.ACCEPT if given.item_id:
            return {"item": given.item_id}
        case Action.DISPATCH:
            case.department_id, case.handler = given.department_id, None
            return {"department": given.department_id, "reasons": list(given.reasons)}
        case Action.SIGN:
            case.handler = step.by
        case Action.RETURN:
            sent_back = case.department_id
            case.return_count += 1
            case.department = case.handler = None
            return {"department": sent_back}
        case Action.FINISH | Action.HANDLE_ON_SPOT:
            case.outcome, case.result, case.handler = given.outcome, given.note, step.by
            case.solved_level = case.level
            return {"outcome": given.outcome}
        case Action.CLOSE:
            ending.judge(case, step.at)
            kept = case.promise_kept
            return {} if kept is None else {"promise_kept": kept}
        case Action.ANSWER:
            case.answer, case.satisfied = given.note, None
        case Action.RATE:
            case.satisfied = given.satisfied
            return {"satisfied": given.satisfied}
    return {}


def line(
    case: Case,
    action: str,
    by: User | None,
    at: datetime,
    surface: str,
    *,
    before: str,
    note: str = "",
    details: dict[str, Any] | None = None,
) -> Transition:
    return Transition(
        case=case,
        action=action,
        from_state=before,
        to_state=case.state,
        by=by,
        at=at,
        source=surface,
        note=note,
        details=details or {},
    )


def order(case: Case, at: datetime, **more: datetime) -> Assignment:
    return Assignment(case=case, department_id=case.department_id or 0, assigned_at=at, **more)


def serials(count: int) -> list[int]:
    """The next running numbers, as `opening.new_number` takes them one by one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_number') FROM generate_series(1, %s)", [count])
        return [number for (number,) in cursor.fetchall()]


@cache
def cleaned(drawn: bytes) -> uploads.Picture:
    return uploads.clean(BytesIO(drawn))
