"""The same stories through the product's own verbs."""

from __future__ import annotations

from datetime import datetime

from bench.story import Move, Story, tell
from bench.world import World
from cases import intake, stages, workflow
from cases.intake import Report
from cases.models import Case
from governance import actor, permissions, timers
from governance.models import User
from governance.workcalendar import calendar


def make(count: int, until: datetime, world: World) -> None:
    users = User.objects.in_bulk()
    for number in range(1, count + 1):
        play(tell(number, count, until, world), users)


def play(story: Story, users: dict[int, User]) -> None:
    """Report and move; the last step of an open case is done live, the earlier ones imported."""
    case = report(story, users)
    last = len(story.moves) - 1
    for n, (move, at) in enumerate(zip(story.moves, story.times, strict=True)):
        historical = not story.live or n < last
        case = take(case, move, users, at, historical=historical)
    if story.live and story.moves and stages.promise_runs(case):
        timers.start_many(stages.promise_ahead(case, story.times[-1]))


def report(story: Story, users: dict[int, User]) -> Case:
    limit = story.item.limit("promise")
    at = story.reported_at
    said = Report(
        item_id=story.item.pk,
        description=story.description,
        source=story.source,
        place=story.place,
        lon=story.lon,
        lat=story.lat,
        accuracy_m=story.accuracy_m,
        reporter_name=story.name,
        reporter_phone=story.phone,
        reported_at=at,
        promise_due_at=calendar().add(at, limit.amount, limit.unit) if limit else None,
    )
    by = users[story.reported_by] if story.reported_by else None
    historical = not story.live or bool(story.moves)
    with actor.acting(story.reported_by, story.surface):
        case, _new = intake.open_case(said, by=by, now=at, historical=historical)
    return case


def take(case: Case, move: Move, users: dict[int, User], at: datetime, *, historical: bool) -> Case:
    by = users[move.by] if move.by else None
    if by:
        permissions.posts_of(by)
    with actor.acting(move.by, move.surface):
        return workflow.take(
            case,
            move.action,
            by=by,
            now=at,
            historical=historical,
            note=move.note,
            department_id=move.department_id,
            outcome=move.outcome,
            satisfied=move.satisfied,
        )
