"""What is measured through HTTP: the real pages with everything on them, as people of each role."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import quote_plus
from uuid import uuid4

import orjson
import psycopg
from django.urls import NoReverseMatch, reverse

from bench import extra, plain
from bench.measure import Bench, Measure
from bench.people import People
from bench.plain import Reported, Scope, Worked
from bench.story import tell
from bench.table import Result
from bench.territory import inside
from bench.web import Ask
from bench.world import World
from cases.models import OPEN, Case, State
from cases.queue import waiting_for
from governance import permissions, search
from governance.models import User

WORDS = ("路灯", "垃圾", "电梯", "春霞", "井盖", "漏水", "堵住", "公交")
NARROW = ("3号楼2单元 路灯", "春霞里 漏水", "阳光 电梯", "安宁 井盖")
HTMX = {"hx-request": "true"}
POINTS = 4_000
_numbers = count(1)


@dataclass
class House:
    """Who asks: one of each role, in the first community with everything on."""

    bench: Bench
    admin_url: str
    world: World
    people: People

    @property
    def centre(self) -> str:
        """The dispatcher of the whole district."""
        return self.people.of("dispatcher", self.world.district_id)

    def scope(self, role: str, column: str, unit_id: int) -> tuple[str, Scope]:
        """The session of a role's holder, and what plain SQL asks for in their stead."""
        user_id = self.world.one(unit_id, role)
        posts = permissions.posts_of(User.objects.get(pk=user_id))
        waits = sorted({str(state) for post in posts for state in waiting_for(post)})
        return self.people.session(user_id), Scope(column, unit_id, waits)

    @property
    def district(self) -> Scope:
        return self.scope("dispatcher", "district_id", self.world.district_id)[1]


Made = Result | str


def page_measures(house: House) -> dict[str, Callable[[], Made]]:
    """Name → what measures it; a string says why it could not be."""
    return {
        "list of 25": lambda: listing(house, "list of 25", 25, 6),
        "list of 100": lambda: listing(house, "list of 100", 100, 13),
        "deep page": lambda: deep_page(house),
        "list of 25, a clerk's tasks": lambda: tasks(house, "clerk"),
        "list of 25, a department's tasks": lambda: tasks(house, "handler"),
        "list of 25, a community": lambda: own_list(house, "clerk"),
        "list of 25, a grid": lambda: own_list(house, "grid_worker"),
        "case page": lambda: case_page(house),
        "viewport of the map": lambda: viewport(house),
        "search": lambda: searching(house, "search", WORDS),
        "search, narrow": lambda: searching(house, "search, narrow", NARROW),
        "report a case": lambda: report(house),
        "accept with dispatch": lambda: accept(house),
        "status change": lambda: status_change(house),
    }


# Lists ------------------------------------------------------------------------------------------


def listing(house: House, name: str, size: int, budget: float) -> Result:
    scope = house.district

    def told(cursor: plain.Cursor, _n: int) -> None:
        plain.counts(cursor, scope)
        plain.lines(cursor, scope, size)

    ask = Ask(f"/?tab=all&size={size}", house.centre)
    return house.bench.run(Measure(name, [0], lambda _n: ask, told, budget))


def deep_page(house: House) -> Result:
    """From a key nine tenths down on: page 3,600 of 4,000 at 100,000 cases."""
    scope, session = house.district, house.centre
    keys = [int(house.bench.rows * share / 1000) for share in range(20, 180, 4)]

    def told(cursor: plain.Cursor, key: int) -> None:
        plain.counts(cursor, scope)
        plain.lines(cursor, scope, 25, key)

    def ask(key: int) -> Ask:
        return Ask(f"/?tab=all&after={key}", session)

    return house.bench.run(Measure("deep page", keys, ask, told, 6))


def home_of(house: House, role: str) -> tuple[str, int]:
    """The column and unit of one holder of a role."""
    grid = house.world.grids[100]
    department = house.world.items[0].department_id
    return {
        "clerk": ("community_id", grid.community_id),
        "grid_worker": ("grid_id", grid.unit_id),
        "handler": ("department_id", department),
    }[role]


def tasks(house: House, role: str) -> Result:
    """The first thing after log-in: what waits for oneself."""
    session, scope = house.scope(role, *home_of(house, role))
    name = {"clerk": "a clerk's tasks", "handler": "a department's tasks"}[role]

    def told(cursor: plain.Cursor, _n: int) -> None:
        plain.counts(cursor, scope)
        plain.waiting(cursor, scope, 25)

    measure = Measure(f"list of 25, {name}", [0], lambda _n: Ask("/", session), told, 6)
    return house.bench.run(measure)


def own_list(house: House, role: str) -> Result:
    session, scope = house.scope(role, *home_of(house, role))
    name = {"clerk": "a community", "grid_worker": "a grid"}[role]

    def told(cursor: plain.Cursor, _n: int) -> None:
        plain.counts(cursor, scope)
        plain.lines(cursor, scope, 25)

    ask = Ask("/?tab=all", session)
    return house.bench.run(Measure(f"list of 25, {name}", [0], lambda _n: ask, told, 6))


def searching(house: House, name: str, words: Sequence[str]) -> Result:
    """As typed into the search box: the table comes back, tabs with it."""
    scope, session = house.district, house.centre

    def told(cursor: plain.Cursor, asked: str) -> None:
        parts = " & ".join(f"'{part}'" for part in search.lexemes(asked))
        plain.counts(cursor, scope)
        plain.found(cursor, scope, parts)

    def ask(asked: str) -> Ask:
        return Ask(f"/?tab=all&q={quote_plus(asked)}", session, headers=HTMX)

    return house.bench.run(Measure(name, words, ask, told, 4))


# One case, the map ------------------------------------------------------------------------------


class Seen(NamedTuple):
    number: str
    session: str


def case_page(house: House) -> Result:
    """Cases in six states, each as who is to act on it next, with the forms for that."""
    seen: list[list[Seen]] = []
    world, people = house.world, house.people
    who: dict[str, Callable[[Case], int]] = {
        State.REPORTED: lambda case: world.one(case.community_id or 0, "clerk"),
        State.ACCEPTED: lambda case: world.one(case.street_id or 0, "dispatcher"),
        State.HANDLING: lambda case: case.handler_id or 0,
        State.FINISHED: lambda case: world.one(case.grid_id or 0, "grid_worker"),
        State.ANSWERED: lambda case: world.one(case.community_id or 0, "clerk"),
        State.ARCHIVED: lambda case: world.one(world.district_id, "dispatcher"),
    }
    for state, next_one in who.items():
        cases = Case.objects.filter(state=state, pk__lte=house.bench.rows).order_by("-pk")[:20]
        seen.append([Seen(case.number, people.session(next_one(case))) for case in cases])
    mixed = [one for group in zip(*seen, strict=False) for one in group]
    return house.bench.run(
        Measure(
            "case page",
            mixed,
            lambda one: Ask(f"/cases/{one.number}/", one.session),
            lambda cursor, one: plain.case_page(cursor, one.number),
            8,
        )
    )


def viewport(house: House) -> Made:
    try:
        url = reverse("desk:points")
    except NoReverseMatch:
        return "no address desk:points yet"
    session, district = house.centre, house.world.district_id
    boxes = viewports(Case.objects.filter(state__in=OPEN).count())

    def ask(box: tuple[float, float, float, float]) -> Ask:
        return Ask(f"{url}?bbox={','.join(f'{edge:.6f}' for edge in box)}", session)

    def told(cursor: plain.Cursor, box: tuple[float, float, float, float]) -> None:
        plain.viewport(cursor, box, district)

    def note(body: bytes) -> str:
        return f"{len(orjson.loads(body)['points'])} points"

    return house.bench.run(Measure("viewport of the map", boxes, ask, told, 10, note))


def viewports(open_cases: int) -> list[tuple[float, float, float, float]]:
    """Boxes with about 4,000 open cases (or all there are), here and there in the district."""
    side = min(30.0, (POINTS * 900 / open_cases) ** 0.5)  # cells of the checkerboard
    found = []
    for n in range(16):
        column, row = (n % 4) * (30 - side) / 4, (n // 4) * (30 - side) / 4
        west, south = inside(0, 0, column / 0.8, row / 0.8)
        east, north = inside(0, 0, (column + side) / 0.8, (row + side) / 0.8)
        found.append((west, south, east, north))
    return found


# Writing ----------------------------------------------------------------------------------------


def reports(house: House) -> list[tuple[Ask, Reported]]:
    """Reports by telephone, each by the clerk of the place, of items that dispatch themselves."""
    made: list[tuple[Ask, Reported]] = []
    until = extra.until(house.admin_url)
    while len(made) < house.bench.effort.needed:
        number = next(_numbers)
        story = tell(number, 1_000_000, until, house.world)
        if not story.item.automatic:
            continue
        by = house.world.one(story.grid.community_id, "clerk")
        body = {
            "item": story.item.pk,
            "description": story.description,
            "place": story.place,
            "lon": story.lon,
            "lat": story.lat,
            "accuracy_m": "",
            "source": "phone_call",
            "reporter_name": story.name or "王芳",
            "reporter_phone": story.phone or "13800000000",
            "key": uuid4(),
        }
        grid = story.grid
        said = Reported(
            item_id=story.item.pk,
            description=story.description,
            place=story.place,
            lon=story.lon,
            lat=story.lat,
            chain=(grid.district_id, grid.street_id, grid.community_id, grid.unit_id),
            by=by,
            search=search.vector(story.item.name, story.description, story.place),
        )
        made.append((Ask("/cases/new/", house.people.session(by), body), said))
    return made


def report(house: House) -> Result:
    return house.bench.run(
        Measure(
            "report a case",
            reports(house),
            lambda pair: pair[0],
            lambda cursor, pair: plain.report(cursor, pair[1]),
            6,
            once=True,
        )
    )


def accept(house: House) -> Made:
    """受理 of what was reported just now; the item sends it on at once."""
    needed = house.bench.effort.needed
    rows = Case.objects.filter(pk__gt=house.bench.rows, state=State.REPORTED).order_by("pk")
    cases = [worked(case, house.world) for case in rows[:needed]]
    if len(cases) < needed:
        return "needs the cases of: report a case"

    def ask(case: Worked) -> Ask:
        body = {"version": case.version, "item_id": case.item_id, "note": ""}
        return Ask(f"/cases/{case.number}/accept/", house.people.session(case.user_id), body)

    return house.bench.run(Measure("accept with dispatch", cases, ask, plain.accept, 6, once=True))


def status_change(house: House) -> Result:
    """处置反馈 by the department's handler: 处置中 → 待核查."""
    numbers = extra.write_working(house.admin_url, house.bench.effort.needed)
    rows = Case.objects.filter(pk__in=numbers).order_by("pk")
    cases = [worked(case, house.world) for case in rows]
    said = {"outcome": "solved", "note": "已到现场处理完毕，现场恢复正常。"}

    def ask(case: Worked) -> Ask:
        body = {**said, "version": case.version}
        return Ask(f"/cases/{case.number}/finish/", house.people.session(case.user_id), body)

    return house.bench.run(Measure("status change", cases, ask, plain.finish, 6, once=True))


def worked(case: Case, world: World) -> Worked:
    """With who is to act: the handler who signed, else the community's clerk."""
    user_id = case.handler_id or world.one(case.community_id or 0, "clerk")
    item = next(item for item in world.items if item.pk == case.item_id)
    return Worked(case.pk, case.number, case.version, user_id, case.item_id, item.department_id)


def plain_connection(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url, autocommit=True)
