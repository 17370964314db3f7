"""A support plan goes along within its community: it waits some days for who moved out and may move
in again near by, and ends with who moved away or died.

Who registers a move or a death learns nothing of a plan: the sweep's role looks, and the team is
told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from enum import Enum
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import outbox, scope, timers
from governance.models import Timer
from people import support
from people.models import Person, Residency, SupportKind, SupportPlan


def died(person: UUID, now: datetime) -> None:
    """Who died needs no plan any more, wherever it was made. Who registers that learns nothing of
    it."""
    with scope.system(scope.SWEEP):
        found = support.close(open_plans([person]), _t("本人去世"), "support.over", now)
    found.follow(now)


def left(person: UUID, now: datetime) -> None:
    """A plan goes along within its community. Where who it is for lives elsewhere by now, it ends;
    where nowhere, it waits: moving out is often registered before moving in. The team is told at
    once; who registers that learns nothing of it."""
    with scope.system(scope.SWEEP):
        homes = where_they_live(open_plans([person]))
        plans = SupportPlan.objects.filter(pk__in=homes)
        kinds = list(plans.values_list("pk", "kind"))
    if not kinds:
        return
    days = dict(SupportKind.objects.values_list("pk", "wait_days"))
    today = localdate(now)
    waits = {
        pk: today + timedelta(days=days[kind] or 0)
        for pk, kind in kinds
        if homes[pk] == Lives.NOWHERE and days[kind]
    }
    over = [pk for pk, lives in homes.items() if lives != Lives.NEAR and pk not in waits]
    with scope.system(scope.SWEEP):
        ended = support.close(over, _t("本人已搬离"), "support.over", now)
        notes = [
            note
            for pk, until in waits.items()
            for note in support.team_notes(
                support.AWAY, [pk], f"{support.AWAY} {now}", date=str(until)
            )
        ]
    ended.follow(now)
    timers.cancel(list(waits), [support.AWAY], now)
    timers.start_many((support.AWAY, pk, 0, support.morning(until)) for pk, until in waits.items())
    outbox.tell(notes, now)


def came(people: Collection[UUID], now: datetime) -> None:
    """Where a plan waits for one of these: in its community again, it goes on; elsewhere, it ends.
    The team is told at once."""
    if not people:
        return
    with scope.system(scope.SWEEP):
        plans = open_plans(people)
    waits = Timer.objects.open().filter(kind=support.AWAY, subject_id__in=plans)
    waiting = list(waits.values_list("subject_id", flat=True))
    if not waiting:
        return
    with scope.system(scope.SWEEP):
        homes = where_they_live(waiting)
        back = [pk for pk, lives in homes.items() if lives == Lives.NEAR]
        over = [pk for pk, lives in homes.items() if lives == Lives.ELSEWHERE]
        ended = support.close(over, _t("本人已搬离"), "support.over", now)
        notes = support.team_notes("support.back", back, f"back {now}")
    ended.follow(now)
    timers.cancel(back, [support.AWAY], now)
    outbox.tell(notes, now)


def open_plans(people: Iterable[UUID]) -> list[int]:
    """The open plans of these people, locked. As the sweep's role."""
    rows = SupportPlan.objects.filter(person__in=same(people), ended_at=None)
    return list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))


def same(people: Iterable[UUID]) -> QuerySet[Person, UUID]:
    """These people, each with the registrations that were merged into theirs."""
    keys = list(people)
    rows = Person.objects.filter(Q(pk__in=keys) | Q(merged_into__in=keys))
    return rows.values_list("pk", flat=True)


class Lives(Enum):
    """Where who a plan is for lives today, seen from the plan."""

    NEAR = "in its community"
    ELSEWHERE = "in another"
    NOWHERE = "nowhere that is registered"


def where_they_live(plans: Iterable[int]) -> dict[int, Lives]:
    """Of each of these plans, by whichever of the person's registrations says it. As the sweep's
    role: it may be anywhere."""
    one = Coalesce("person__merged_into", "person")
    rows = SupportPlan.objects.filter(pk__in=list(plans)).annotate(one=one)
    made = list(rows.values_list("pk", "one", "community", "street"))
    homes: dict[UUID, list[tuple[int | None, int | None]]] = {person: [] for _, person, *_ in made}
    living = Residency.objects.filter(person__in=same(homes), ended_on=None).annotate(one=one)
    for person, *place in living.values_list("one", "community", "street"):
        homes.setdefault(person, []).append((place[0], place[1]))
    return {pk: lives(homes[person], community, street) for pk, person, community, street in made}


def lives(
    homes: list[tuple[int | None, int | None]], community: int | None, street: int | None
) -> Lives:
    """By the community, or by the street of a home that lies in none."""
    if any(home[0] == community if home[0] else home[1] == street for home in homes):
        return Lives.NEAR
    return Lives.ELSEWHERE if homes else Lives.NOWHERE


def waits_until(plan: SupportPlan) -> date | None:
    """Until when a plan is kept for who moved out and may move in again near by."""
    rows = Timer.objects.open().filter(kind=support.AWAY, subject_id=plan.pk)
    due_at = rows.values_list("due_at", flat=True).first()
    return localdate(due_at) if due_at else None


@timers.handler(support.AWAY, _("帮扶计划等待重新登记"))
def stayed_away(due: list[Timer], now: datetime) -> set[int]:
    """Who moved out and lives nowhere near by now has no plan here any more."""
    return support.close_due(due, of_gone, _t("本人已搬离"), "support.over", now)


def of_gone(plans: list[int]) -> list[int]:
    return [pk for pk, lives in where_they_live(plans).items() if lives != Lives.NEAR]
