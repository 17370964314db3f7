"""Fill an empty database with the demo; once it is there, it stays as it is."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import translation
from django.utils.timezone import localdate

from cases import service_catalogue
from cases.demo import (
    campaigns,
    history,
    mandates,
    organisation,
    places,
    registers,
    rulebook,
    suggestions,
    turns,
    work,
)
from cases.demo.organisation import Organisation
from cases.demo.profiles import Profile
from cases.demo.stories import Mood, Teller
from cases.models import OPEN, Case, State
from governance import actor, timers
from governance.models import UnitCode

SEED = 20261122
Say = Callable[[str], object]


def is_there() -> bool:
    return UnitCode.objects.filter(code=organisation.STREET, valid_to=None).exists()


def seed(
    profile: Profile, *, now: datetime, seed: int = SEED, say: Say = lambda text: None
) -> Organisation:
    """Organisation, territory, people and cases, all or nothing; then the clocks strike."""
    with translation.override("zh-hans"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")
        call_command("load_calendar", verbosity=0, stdout=Silent())
        with actor.acting(None, "import"):
            made = organisation.build(profile, now, chance(seed, "people"))
            service_catalogue.load(service_catalogue.FILE, made.street)
        say(f"网格 {profile.grids} · 社区 {len(made.communities)} · 部门 {len(made.departments)}")
        with actor.acting(None, "import"):
            places.build(made, profile, now, chance(seed, "places"), say)
        teller = Teller(made, now, chance(seed, "cases"))
        spared = profile._replace(
            closed=profile.closed - profile.spare, open=profile.open - profile.spare
        )
        writer, closed = history.Writer(teller.classes), teller.closed(spared)
        for first in range(0, len(closed), history.CHUNK):
            writer.write(closed[first : first + history.CHUNK])
            say(f"办结 {min(first + history.CHUNK, len(closed))} / {len(closed)}")
        for story in teller.open(spared):
            work.perform(story, teller.classes, historical=False)
        say(f"在办 {spared.open}")
        if profile.turns:
            say(f"联办、挂账、督办等 {turns.turn(now)}")
        say(f"关于部件的事件 {places.link_cases(made)}")
        say(f"办事代办 {mandates.take(made, now, chance(seed, 'mandates'))}")
        say(f"建议 {suggestions.take(made, now, chance(seed, 'suggestions'))}")
        drives = campaigns.run(made, now, chance(seed, "campaigns"), finds=profile.turns)
        say(f"专项行动 {drives}")
        registers.fill(made, profile, now, chance(seed, "registers"), say)
        say(f"规则、标准文本 {rulebook.write(made, localdate(now - profile.history))}")
        say(f"补足在办与办结 {fill_up(teller, writer, profile)}")
        work.read_old_messages(now)
    with translation.override("zh-hans"):
        say(f"计时 {timers.sweep()}")
    return made


def fill_up(teller: Teller, writer: history.Writer, profile: Profile) -> str:
    """Suggestions, visits and checks have become cases too: the rest, to the very number."""
    still, ended = counts()
    writer.write([teller.closed_story(profile.history) for _ in range(profile.closed - ended)])
    for _ in range(profile.open - still):
        story = teller.open_story(State.HANDLING, Mood.FRESH)
        work.perform(story, teller.classes, historical=False)
    assert counts() == (profile.open, profile.closed), counts()
    return f"{profile.open} + {profile.closed}"


def counts() -> tuple[int, int]:
    """How many cases are left for somebody, and how many are not."""
    still = Case.objects.filter(state__in=OPEN).count()
    return still, Case.objects.count() - still


def chance(seed: int, what: str) -> random.Random:
    """People and cases draw apart, so that more people do not make other cases."""
    return random.Random(f"{seed}-{what}")  # noqa: S311 -- invented, not secret


class Silent:
    def write(self, text: str) -> None:
        pass
