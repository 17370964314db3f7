"""What happened to each case of the demo: who did what when. Nothing is written here.

A story is a report and the steps after it. Closed ones lie in the past from end to end; open ones
are laid so that the case is now in a given state and in a given mood: fresh, near its limit,
overdue, or escalated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import cycle, islice
from typing import Any
from uuid import UUID

from cases import deadlines, items
from cases.demo import words
from cases.demo.organisation import CommunityPlace, GridPlace, Organisation, share_out
from cases.demo.people import FAMILY, MARK
from cases.demo.profiles import Profile
from cases.demo.territory import Use, points_in
from cases.intake import Report
from cases.items import ItemFacts, Limit
from cases.models import Form, ItemClass, Outcome, Remit, Source, Stage, State
from cases.moves import Action
from governance.models import User
from governance.workcalendar import LimitUnit, calendar

SURFACES = {
    Source.PUBLIC: "public",
    Source.PHONE_CALL: "desk",
    Source.WALK_IN: "desk",
    Source.WORKER: "phone",
}
SOURCES = {Source.WORKER: 56, Source.PUBLIC: 20, Source.PHONE_CALL: 18, Source.WALK_IN: 6}
# Items of one person's hardship or of winter days are not made up here.
LEFT_OUT = {"0119", "0619", "0620", "0625"}
HEATING, HEATED_MONTHS = {"0611", "0612"}, {11, 12, 1, 2, 3}
FARM_ITEMS = {
    *("0106", "0109", "0111", "0113", "0120", "0124", "0206", "0208", "0219", "0304"),
    *("0320", "0404", "0414", "0424", "0522", "0523", "0524", "0601"),
}
PARK_ITEMS = {
    *("0107", "0120", "0121", "0201", "0206", "0208", "0212", "0304", "0305", "0403", "0404"),
    *("0405", "0406", "0503", "0507", "0510", "0517", "0518", "0519", "0520", "0521", "0525"),
    *("0601", "0602", "0613"),
}
ELSEWHERE = {"0113", "0124", "0414", "0424", "0517", "0518", "0525"}  # not among homes
CLASS_WEIGHTS = {
    "environment": 30,
    "facility": 22,
    "street": 26,
    "building": 12,
    "safety": 14,
    "livelihood": 16,
}
# Of a hundred cases, how many a department closes after the promised day.
LATE = {
    "enforcement": 11,
    "sanitation": 3,
    "municipal": 8,
    "water": 5,
    "greening": 6,
    "traffic": 4,
    "police": 3,
    "fire": 2,
    "emergency": 4,
    "housing": 15,
    "property": 12,
    "market": 9,
    "ecology": 16,
    "power": 4,
    "gas-heat": 5,
    "telecom": 10,
    "services": 6,
    "agriculture": 9,
}
OUTCOMES = {
    Outcome.SOLVED: 84,
    Outcome.EXPLAINED: 9,
    Outcome.LAW: 4,
    Outcome.DUPLICATE: 2,
    Outcome.NOT_OURS: 1,
}
HELP_ITEMS = {"0621", "0622", "0623"}
LAW_CLASSES = {"street", "building", "safety"}
REFUSED = 2  # of those that ended, refused of late
VARIATIONS = 40  # of each drawing
OUTSIDE = ((117.3488, 39.0921), (117.4903, 39.0106))  # beyond the outline


class Mood(StrEnum):
    FRESH = "fresh"
    NEAR = "near"
    OVERDUE = "overdue"
    ESCALATED = "escalated"


MOODS = (
    *(Mood.FRESH, Mood.NEAR, Mood.OVERDUE, Mood.ESCALATED, Mood.FRESH),
    *(Mood.FRESH, Mood.FRESH, Mood.NEAR, Mood.FRESH, Mood.FRESH),
)
STATES = {
    State.REPORTED: 13,
    State.ACCEPTED: 10,
    State.DISPATCHED: 15,
    State.HANDLING: 33,
    State.FINISHED: 13,
    State.VERIFIED: 7,
    State.CLOSED: 9,
}


@dataclass(frozen=True)
class Picture:
    variation: int
    key: UUID
    public: bool


@dataclass(frozen=True)
class Step:
    action: Action
    at: datetime
    by: User | None
    surface: str
    given: dict[str, Any] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()


@dataclass
class Story:
    report: Report
    at: datetime
    by: User | None
    surface: str
    pictures: tuple[Picture, ...] = ()
    steps: list[Step] = field(default_factory=list)


@dataclass
class Spot:
    """Where it is: a community, a grid of it, a point in the grid, and how people call it."""

    community: CommunityPlace
    grid: GridPlace
    lon: float
    lat: float
    words: str = ""


class Teller:
    """Makes stories up; the same seed and the same moment make the same ones."""

    def __init__(self, made: Organisation, now: datetime, chance: random.Random) -> None:
        self.made, self.now, self.chance = made, now, chance
        self.days = calendar()
        self.classes: dict[int, str] = dict(ItemClass.objects.values_list("pk", "code"))
        self.known = [it for it in items.items().values() if it.code not in LEFT_OUT]
        self.choices: dict[tuple[Use, bool], tuple[list[ItemFacts], list[float]]] = {}
        self.points = {
            grid.unit.pk: points_in(grid.area, chance)
            for community in made.communities
            for grid in community.grids
        }

    # many stories

    def closed(self, profile: Profile) -> list[Story]:
        """Stories that came to their end, oldest first."""
        told = [self.refused_story() for _ in range(REFUSED)]
        told += [self.closed_story(profile.history) for _ in range(profile.closed - REFUSED)]
        return sorted(told, key=lambda story: story.at)

    def open(self, profile: Profile) -> list[Story]:
        """Stories that go on, oldest first; two of them lie in no grid."""
        told = [self.stray(point) for point in OUTSIDE]
        counts = share_out(profile.open - len(told), STATES.values())
        for state, wanted in zip(STATES, counts, strict=True):
            moods = cycle(MOODS)
            told += [self.open_story(state, next(moods)) for _ in range(wanted)]
        return sorted(told, key=lambda story: story.at)

    # closed ones

    def closed_story(self, history: timedelta) -> Story:
        while True:
            at = self.now - history * self.chance.random()
            source = self.one(SOURCES)
            walk = self.walk(self.by_daylight(at, source), source)
            walk.to_the_end()
            if walk.story.steps[-1].at < self.now:
                return walk.story

    def refused_story(self) -> Story:
        """Not admitted in these days, and not archived yet."""
        while True:
            at = self.now - timedelta(days=1 + 5 * self.chance.random())
            walk = self.walk(self.by_daylight(at, Source.PUBLIC), Source.PUBLIC)
            walk.refuse()
            if walk.t < self.now:
                return walk.story

    def by_daylight(self, at: datetime, source: str) -> datetime:
        """The same day at an hour when such reports are made; staff report on working days."""
        day = at.astimezone(self.days.zone).date()
        staff = source in {Source.WORKER, Source.WALK_IN}
        if not self.days.works(day) and (staff or self.chance.random() < 0.4):
            day = self.days.next_working_day(day)
        begin, end = (8.6, 17.3) if staff else (6.5, 22)
        hour = self.chance.triangular(begin, end, 10.2)
        moment = datetime.combine(day, time(), self.days.zone) + timedelta(hours=hour)
        return moment.replace(microsecond=0)

    # open ones

    def open_story(self, state: State, mood: Mood) -> Story:
        for wish in (*[mood] * 200, *[Mood.FRESH] * 200, *[None] * 1000):
            source = self.one(SOURCES)
            spot = self.spot(near_the_cast=True)
            item = self.item(spot.grid.use, self.now)
            began = self.begin(item, state, wish)
            if began is not None and (found := self.until(state, began, source, item, spot)):
                return found
        raise LookupError(state, mood)

    def begin(self, item: ItemFacts, state: State, mood: Mood | None) -> datetime | None:
        """When the present stage must have begun to be in this mood now; None if it cannot.

        At some hours no item is near its limit: without a mood, any moment will do.
        """
        past = self.past(item, state)
        fitting = [at for at in past if mood is None or self.suits(item, state, mood, at)]
        return self.chance.choice(fitting[:12]) if fitting else None

    def past(self, item: ItemFacts, state: State) -> Iterator[datetime]:
        """Moments before now, the last ones first, at which such a stage may begin."""
        urgent = is_urgent(item)
        steps = [*range(4, 60, 8), *range(60, 5760, 20), *range(5760, 36_000, 120)]
        for minutes in steps:
            at = (self.now - timedelta(minutes=minutes)).replace(microsecond=0)
            local = at.astimezone(self.days.zone)
            if urgent or state == State.REPORTED:
                fits = 6 <= local.hour < 22
            else:
                fits = any(a <= local.time() < b for a, b in self.days.spans(local.date()))
            if fits:
                yield at

    def suits(self, item: ItemFacts, state: State, mood: Mood, began: datetime) -> bool:
        clock = deadlines.stage_deadline(item, state, began, self.days)
        if clock is None:  # waiting to be closed or answered: a matter of a day
            return self.now - began < timedelta(days=3)
        margin = min((clock.due_at - clock.warn_at) / 6, timedelta(minutes=15))
        if mood == Mood.FRESH:
            return self.now < clock.warn_at - margin
        if mood == Mood.NEAR:
            return clock.warn_at + margin < self.now < clock.due_at - margin
        climbed = deadlines.climbs(item, clock.due_at, self.days)[1][0]
        if mood == Mood.OVERDUE:
            return clock.due_at + margin < self.now < climbed - margin
        return climbed + margin < self.now < climbed + timedelta(days=6)

    def until(
        self, state: State, began: datetime, source: str, item: ItemFacts, spot: Spot
    ) -> Story | None:
        """The story whose last step is made at `began`, reported as long before as it takes."""
        if state == State.REPORTED:
            return self.walk(began, source, item, spot).story
        for tens in (2, 5, 9, 18, 36, 72, 150, 300, 600, 1200, 2400, 4800):
            reported = began - timedelta(minutes=10 * tens + self.chance.randrange(10))
            if not 6 <= reported.astimezone(self.days.zone).hour < 22:
                continue
            walk = self.walk(reported, source, item, spot)
            if walk.to_state(state, began):
                return walk.story
        return None

    def stray(self, point: tuple[float, float]) -> Story:
        """A report from beyond the outline: it lies in no grid, so the centre asks whose it is."""
        item = next(it for it in self.known if it.code == "0101")
        at = next(iter(self.past(item, State.REPORTED)))
        spot = self.spot(near_the_cast=True)
        spot.lon, spot.lat = point
        spot.words = f"军粮城街道边界外道路旁{MARK}"
        return self.walk(at, Source.PUBLIC, item, spot).story

    # parts of a story

    def walk(
        self,
        at: datetime,
        source: str,
        item: ItemFacts | None = None,
        spot: Spot | None = None,
    ) -> Walk:
        spot = spot or self.spot()
        item = item or self.item(spot.grid.use, at)
        return Walk(self, at, source, item, spot)

    def spot(self, *, near_the_cast: bool = False) -> Spot:
        """Somewhere; open cases rather where those work whose log-ins are printed."""
        at_home = near_the_cast and self.chance.random() < 0.4
        known = self.made.communities
        community = known[0] if at_home else self.chance.choice(known)
        grids = community.grids
        at_home = at_home and self.chance.random() < 0.6
        busy = [4 if grid.use == Use.HOMES else 1 for grid in grids]
        grid = grids[0] if at_home else self.chance.choices(grids, busy)[0]
        lon, lat = next(self.points[grid.unit.pk])
        return Spot(community, grid, lon, lat)

    def item(self, use: Use, at: datetime) -> ItemFacts:
        heated = at.astimezone(self.days.zone).month in HEATED_MONTHS
        if (use, heated) not in self.choices:
            fitting = list(self.fitting(use, heated=heated))
            self.choices[use, heated] = fitting, [self.weight(it) for it in fitting]
        return self.chance.choices(*self.choices[use, heated])[0]

    def fitting(self, use: Use, *, heated: bool) -> Iterator[ItemFacts]:
        codes = {Use.FARM: FARM_ITEMS, Use.PARK: PARK_ITEMS}.get(use)
        for item in self.known:
            there = item.code in codes if codes else item.code not in ELSEWHERE
            if there and (heated or item.code not in HEATING):
                yield item

    def weight(self, item: ItemFacts) -> float:
        found = CLASS_WEIGHTS[self.classes[item.class_id]] / 25
        if is_urgent(item):
            found *= 0.35
        return found * 0.25 if item.remit == Remit.UPPER else found

    def one(self, weighted: dict[Any, int]) -> Any:
        return self.chance.choices(list(weighted), list(weighted.values()))[0]

    def picture(self) -> Picture:
        key = UUID(int=self.chance.getrandbits(128), version=4)
        return Picture(self.chance.randrange(VARIATIONS), key, self.chance.random() < 0.7)

    def later(self, start: datetime, limit: Limit | None, share: float) -> datetime:
        """When that share of a limit is used up: in office hours unless the item is urgent."""
        limit = limit or Limit(2, LimitUnit.WORKING_HOURS)
        if limit.unit == LimitUnit.URGENT_HOURS:
            return self.odd(start + timedelta(hours=limit.amount) * share)
        due = deadlines.due_at(limit, start, self.days)
        return self.odd(self.days.after(start, self.days.worked(start, due) * share))

    def working(self, start: datetime, low: float, high: float) -> datetime:
        """A few working hours after `start`."""
        hours = timedelta(hours=self.chance.uniform(low, high))
        return self.odd(self.days.after(start, hours))

    def odd(self, at: datetime) -> datetime:
        """People do not act on the full minute."""
        return (at + timedelta(seconds=self.chance.randrange(1, 60))).replace(microsecond=0)


class Walk:
    """One story in the making: each method adds a step and moves on to its time."""

    def __init__(
        self, teller: Teller, at: datetime, source: str, item: ItemFacts, spot: Spot
    ) -> None:
        self.teller, self.chance = teller, teller.chance
        self.item, self.spot, self.source = item, spot, source
        if not spot.words:
            spot.words = words.place(spot.community.short, spot.grid.use, item, self.chance)
        self.t = at
        self.clerk = self.chance.choice(spot.community.clerks)
        self.dispatcher = self.chance.choice(teller.made.dispatchers)
        self.department = teller.made.departments[item.department_id]
        self.handler = self.chance.choice(self.department.handlers)
        self.promise = deadlines.promise_due(item, at, teller.days)
        self.done = ""
        self.story = self.report()

    def report(self) -> Story:
        source, chance, item = self.source, self.chance, self.item
        by = {Source.WORKER: self.spot.grid.worker, Source.PUBLIC: None}.get(
            Source(source), self.clerk
        )
        code = self.teller.classes[item.class_id]
        report = Report(
            item_id=item.pk,
            description=words.description(item, code, source, self.spot.words, chance),
            source=source,
            place=self.spot.words,
            lon=self.spot.lon,
            lat=self.spot.lat,
            accuracy_m=chance.randrange(4, 45)
            if source in {Source.WORKER, Source.PUBLIC}
            else None,
            promise_due_at=self.promise,
        )
        if source != Source.WORKER and chance.random() < 0.3:
            # no number begins with 100: nobody is called by mistake
            report.reporter_name = f"{chance.choice(FAMILY)}演示"
            report.reporter_phone = f"100{chance.randrange(10**8):08d}"
        wanted = source == Source.WORKER and item.photo_before
        shown = wanted or (source == Source.PUBLIC and chance.random() < 0.25)
        pictures = (self.teller.picture(),) if shown else ()
        return Story(report, self.t, by, SURFACES[Source(source)], pictures)

    def add(
        self,
        action: Action,
        at: datetime,
        by: User | None,
        surface: str = "desk",
        pictures: tuple[Picture, ...] = (),
        **given: Any,
    ) -> None:
        self.t = at
        self.story.steps.append(Step(action, at, by, surface, given, pictures))

    def say(self, choices: Sequence[str]) -> str:
        return self.chance.choice(choices)

    def after(self, stage: Stage) -> datetime:
        """Within the limit of a stage."""
        share = 0.03 + 0.72 * self.chance.betavariate(1.6, 2.6)
        return self.teller.later(self.t, self.item.limit(stage), share)

    def shortly(self) -> datetime:
        """The desk's own doing after the stages, which have no limit."""
        if is_urgent(self.item):
            return self.teller.odd(self.t + timedelta(minutes=self.chance.randrange(3, 30)))
        return self.teller.working(self.t, 0.1, 1.5)

    # the steps

    def accept(self, at: datetime | None = None) -> None:
        at = at or self.after(Stage.ACCEPT)
        self.add(Action.ACCEPT, at, self.clerk, note=self.say(words.ACCEPT))
        if self.item.automatic:
            self.add(Action.DISPATCH, at, None, department_id=self.department.unit.pk)

    def refuse(self) -> None:
        note = self.say(words.REFUSE)
        self.add(Action.REFUSE, self.after(Stage.ACCEPT), self.clerk, note=note)

    def dispatch(self, at: datetime | None = None) -> None:
        department = self.department.unit.pk
        at = at or self.after(Stage.DISPATCH)
        self.add(Action.DISPATCH, at, self.dispatcher, department_id=department)

    def sign(self, at: datetime | None = None) -> None:
        at = at or self.after(Stage.SIGN)
        self.add(Action.SIGN, at, self.handler, note=self.say(words.SIGN))

    def send_back(self, at: datetime | None = None) -> None:
        """Returned by the department; the next one is a joint one."""
        at = at or self.after(Stage.SIGN)
        self.add(Action.RETURN, at, self.handler, note=self.say(words.RETURN))
        made = self.teller.made
        others = self.item.joint_ids or tuple(made.departments)
        if self.item.remit == Remit.UPPER:  # never down to a street's
            above = [pk for pk in others if made.departments[pk].unit.parent_id == made.district.pk]
            others = tuple(above) or (self.department.unit.pk,)
        self.department = made.departments[self.chance.choice(others)]
        self.handler = self.chance.choice(self.department.handlers)

    def finish(self, at: datetime | None = None) -> None:
        at = at or self.after(Stage.HANDLE)
        outcome = self.outcome()
        self.done = words.result(self.item, outcome, self.chance)
        self.add(
            Action.FINISH,
            at,
            self.handler,
            "desk",
            self.after_pictures(),
            outcome=outcome,
            note=self.done,
        )

    def outcome(self) -> Outcome:
        """A broken lamp is mended; explained and punished is what people do."""
        if self.item.code in HELP_ITEMS:
            return Outcome.HELPED
        found = Outcome(self.teller.one(OUTCOMES))
        by_people = self.item.form == Form.EVENT
        by_law = by_people and self.teller.classes[self.item.class_id] in LAW_CLASSES
        allowed = {Outcome.EXPLAINED: by_people, Outcome.LAW: by_law}.get(found, True)
        return found if allowed else Outcome.SOLVED

    def after_pictures(self) -> tuple[Picture, ...]:
        """As the item asks; another one than before, should it be done again."""
        if not self.item.photo_after:
            return ()
        used = {p.variation for step in self.story.steps for p in step.pictures}
        while (picture := self.teller.picture()).variation in used:
            pass
        return (picture,)

    def fail(self, at: datetime | None = None) -> None:
        self.add(
            Action.FAIL,
            at or self.after(Stage.VERIFY),
            self.spot.grid.worker,
            "phone",
            note=self.say(words.FAIL),
        )

    def verify(self, at: datetime | None = None) -> None:
        by_worker = self.chance.random() < 0.8
        who, surface = (self.spot.grid.worker, "phone") if by_worker else (self.clerk, "desk")
        note = self.say(words.VERIFY)
        self.add(Action.VERIFY, at or self.after(Stage.VERIFY), who, surface, note=note)

    def on_the_spot(self) -> None:
        at = self.teller.odd(self.t + timedelta(minutes=self.chance.randrange(4, 70)))
        self.done = words.on_spot(self.item, self.chance)
        self.add(
            Action.HANDLE_ON_SPOT,
            at,
            self.spot.grid.worker,
            "phone",
            self.after_pictures(),
            outcome=Outcome.SOLVED,
            note=self.done,
        )

    def close(self, at: datetime | None = None) -> None:
        self.add(Action.CLOSE, at or self.shortly(), self.clerk)

    def answer(self) -> None:
        note = words.answer(
            self.item,
            self.source,
            self.spot.words,
            self.department.unit.name,
            self.done,
            self.chance,
        )
        self.add(Action.ANSWER, self.teller.working(self.t, 0.2, 5), self.clerk, note=note)

    def rate(self, *, satisfied: bool) -> None:
        at = self.teller.odd(self.t + timedelta(hours=self.chance.uniform(0.5, 30)))
        note = self.say(words.PLEASED if satisfied else words.DISPLEASED)
        by, surface = (None, "public") if self.source == Source.PUBLIC else (self.clerk, "desk")
        if by is not None:
            at = self.teller.working(self.t, 0.5, 9)
        self.add(Action.RATE, at, by, surface, satisfied=satisfied, note=note)

    def archive(self) -> None:
        self.add(Action.ARCHIVE, self.teller.working(self.t, 16, 40), self.clerk)

    # the ways

    def to_the_end(self) -> None:
        """From report to archive, or as far as it has come by now."""
        luck = self.chance.random()
        if luck < 0.006 and self.source != Source.WORKER:
            self.refuse()
        elif self.source == Source.WORKER and luck < 0.2:
            self.on_the_spot()
            self.close()
            self.answer()
        else:
            self.by_the_department()
            self.to_the_reporter()
        ended = len(self.story.steps)
        self.archive()
        if self.t >= self.teller.now:
            del self.story.steps[ended:]

    def by_the_department(self) -> None:
        self.accept()
        if not self.item.automatic:
            self.dispatch()
        if self.item.joint_ids and self.chance.random() < 0.03:
            self.send_back()
            self.dispatch()
        self.sign()
        late = self.chance.random() * 100 < LATE[self.department.code]
        self.finish(self.too_late() if late else None)
        if self.chance.random() < 0.025:
            self.fail()
            self.finish()
        self.verify()
        self.close()

    def too_late(self) -> datetime:
        """After the promised day."""
        due = max(self.promise or self.t, self.t)
        if is_urgent(self.item):
            return self.teller.odd(due + timedelta(hours=self.chance.uniform(0.5, 9)))
        return self.teller.working(due, 1, 20)

    def to_the_reporter(self) -> None:
        self.answer()
        if self.source == Source.WORKER or self.chance.random() > 0.55:
            return
        # a second rework would go to the supervisor, who is in no story
        reworked = any(step.action == Action.FAIL for step in self.story.steps)
        satisfied = self.chance.random() < 0.95 or reworked
        self.rate(satisfied=satisfied)
        if not satisfied:
            self.finish(self.after(Stage.REWORK))
            self.verify()
            self.close()
            self.answer()
            self.rate(satisfied=True)

    def to_state(self, state: State, began: datetime) -> bool:
        """The steps that lead to `state`, the last one at `began`; False when there was no time."""
        way = self.way_to(state)
        for step in way[:-1]:
            step(None)
        if self.t >= began:
            return False
        way[-1](began)
        return True

    def way_to(self, state: State) -> list[Callable[[datetime | None], None]]:
        opening = [self.accept] if self.item.automatic else [self.accept, self.dispatch]
        if state == State.ACCEPTED:
            waits = not self.item.automatic and self.chance.random() < 0.7
            return [self.accept] if waits else [*opening, self.send_back]
        again = state == State.HANDLING and self.chance.random() < 0.12
        further = (
            [self.sign, self.finish, self.fail]
            if again
            else [*(self.sign, self.finish, self.verify, self.close)]
        )
        count = [State.DISPATCHED, State.HANDLING, State.FINISHED, State.VERIFIED, State.CLOSED]
        return [*opening, *islice(further, 3 if again else count.index(state))]


def is_urgent(item: ItemFacts) -> bool:
    limit = item.limit(Stage.HANDLE)
    return limit is not None and limit.unit == LimitUnit.URGENT_HOURS
