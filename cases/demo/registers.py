"""The demo's registers: who lives where, firms, lettings, visits, support; and what waits in them.

Most of it happens in the first community, where the demo's log-ins are at home.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils.timezone import localdate

from cases.demo import comings, doorsteps, helping, letting, residents
from cases.demo.firms import Registrar
from cases.demo.neighbours import Neighbours
from cases.demo.organisation import CommunityPlace, Organisation, share_out
from cases.demo.profiles import Profile
from cases.demo.residents import Inventor
from grids.models import House

BROUGHT_IN = timedelta(days=75)
Say = Callable[[str], object]


def fill(
    made: Organisation, profile: Profile, now: datetime, chance: random.Random, say: Say
) -> None:
    """By the importers and verbs; tells how far it is."""
    inventor, registrar = Inventor(chance, localdate(now)), Registrar()
    known = made.communities[: profile.registered]
    rooms = [houses_of(place) for place in known]
    people = share_out(profile.people, map(len, rooms))
    firms = share_out(profile.entities, [len(place.grids) for place in known])
    everywhere = [Neighbours(place, inventor, now, chance) for place in known]
    came = registered = 0

    def tell(rows: int) -> None:
        say(f"人口 {came + rows} / {profile.people}")

    for near, houses, wanted in zip(everywhere, rooms, people, strict=True):
        near.residents = list(inventor.households(houses, wanted))
        residents.bring_in(near.place, near.residents, now - BROUGHT_IN, tell)
        came += wanted
    for near, wanted in zip(everywhere, firms, strict=True):
        registrar.register(near, wanted)
        registered += wanted
        say(f"法人单位 {registered} / {profile.entities}")
    near = everywhere[0]
    say(f"租住 {letting.register(near)}")
    say(f"人来人走 {comings.happen(near)}")
    say(f"走访 {doorsteps.happen(near)}")
    say(f"联户单位 {doorsteps.join(near)} · 帮扶计划 {helping.begin(near)}")
    say(f"周分析、月汇总 {doorsteps.write_sheets(near, profile.sheets)}")


def houses_of(place: CommunityPlace) -> list[House]:
    rows = House.objects.filter(community=place.unit, is_active=True)
    return list(rows.select_related("building").order_by("pk"))
