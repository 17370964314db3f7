"""The demo's units, party organisations, people and posts."""

from __future__ import annotations

import csv
import random
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.utils.timezone import localdate
from shapely import Polygon

from cases import catalogue
from cases.demo import people, territory
from cases.demo.people import MARK
from cases.demo.profiles import Profile
from cases.demo.territory import Plot, Use
from governance import units
from governance.models import (
    CodeScheme,
    PartyForm,
    PartyOrganisation,
    Post,
    Unit,
    UnitCode,
    UnitKind,
    User,
)
from governance.roles import Role
from grids import territory as grid_territory
from grids.models import DedicatedKind, Grid, GridKind

FILE = Path(__file__).parent / "data" / "junliangcheng.csv"
STREET = "120110008000"
PASSWORD = "Yanshi-2026"  # noqa: S105 -- printed by demo_logins; only ever set with DEBUG=1
GRID_NAMES = {Use.HOMES: "{}{}网格", Use.FARM: "{}农田{}网格", Use.PARK: "{}园区{}网格"}
KINDS = {
    Use.HOMES: (GridKind.COMPREHENSIVE, ""),
    Use.FARM: (GridKind.COMPREHENSIVE, ""),
    Use.PARK: (GridKind.DEDICATED, DedicatedKind.PARK),
}
# Departments with more to do have more people.
BIG = ("enforcement", "sanitation", "property", "municipal")


@dataclass
class GridPlace:
    unit: Unit
    use: Use
    area: Polygon
    worker: User


@dataclass
class CommunityPlace:
    """`short` is what people say: 军丽园."""

    unit: Unit
    short: str
    clerks: list[User]
    grids: list[GridPlace] = field(default_factory=list)


@dataclass
class Department:
    unit: Unit
    code: str
    handlers: list[User]


@dataclass
class Organisation:
    """What the demo's cases need to know."""

    district: Unit
    street: Unit
    communities: list[CommunityPlace] = field(default_factory=list)
    departments: dict[int, Department] = field(default_factory=dict)
    dispatchers: list[User] = field(default_factory=list)
    district_dispatcher: User = field(default_factory=User)


def build(profile: Profile, now: datetime, chance: random.Random) -> Organisation:
    """All units and people, in office since long before the first case."""
    since = localdate(now - profile.history).replace(day=1)
    builder = Builder(since=since, now=now, chance=chance)
    made = builder.spine()
    builder.departments(made, profile)
    for drawn in grouped(territory.plots(profile)):
        builder.grids(made.communities[drawn[0].community], drawn)
    builder.stations(made)
    builder.party(made, profile)
    builder.small_units(made)
    builder.officials(made)
    builder.write()
    return made


def grouped(drawn: Sequence[Plot]) -> Iterator[list[Plot]]:
    for number in range(drawn[-1].community + 1):
        yield [plot for plot in drawn if plot.community == number]


@dataclass
class Builder:
    """Units by their verbs, as they come; users and posts together at the end."""

    since: date
    now: datetime
    chance: random.Random
    users: list[User] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = people.names(self.chance)
        self.hashed = make_password(PASSWORD)
        self.serials: dict[str, count[int]] = {}

    # units

    def unit(self, kind: str, name: str, parent: Unit | None, code: str = "") -> Unit:
        made = units.create(kind=kind, name=name, parent=parent, valid_from=self.since)
        if code:
            scheme = {
                UnitKind.DEPARTMENT: CodeScheme.LOCAL,
                UnitKind.GRID: CodeScheme.GRID,
            }.get(UnitKind(kind), CodeScheme.STATISTICS)
            UnitCode.objects.create(unit=made, scheme=scheme, code=code, valid_from=self.since)
        return made

    def spine(self) -> Organisation:
        """District, street and communities, as the statistics authority lists them."""
        with FILE.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        made: dict[str, Unit] = {}
        for row in rows:
            name = row["name"].removesuffix("居委会")
            parent = made.get(row["parent_code"])
            made[row["code"]] = self.unit(row["kind"], name, parent, row["code"])
        district, street, *communities = made.values()
        found = Organisation(district, street)
        for unit in communities:
            short = unit.name.removesuffix("社区")
            clerks = [self.user(Role.CLERK, unit) for _ in range(2)]
            found.communities.append(CommunityPlace(unit, short, clerks))
        return found

    def departments(self, made: Organisation, profile: Profile) -> None:
        """Under the street, by the codes of the catalogue, which then finds them there."""
        with catalogue.FILE.open("rb") as file:
            rows = tomllib.load(file)["department"]
        sizes = share_out(profile.handlers, [3 if r["code"] in BIG else 1 for r in rows])
        for row, size in zip(rows, sizes, strict=True):
            unit = self.unit(UnitKind.DEPARTMENT, row["name"] + MARK, made.street, row["code"])
            self.user(Role.DEPARTMENT_LEAD, unit)
            handlers = [self.user(Role.HANDLER, unit) for _ in range(size)]
            made.departments[unit.pk] = Department(unit, row["code"], handlers)
        catalogue.load(catalogue.FILE, made.street)

    def grids(self, community: CommunityPlace, drawn: Sequence[Plot]) -> None:
        parent = community.unit.codes.get(scheme=CodeScheme.STATISTICS).code
        numbers = {use: count(1) for use in Use}
        for plot in drawn:
            name = GRID_NAMES[plot.use].format(community.short, next(numbers[plot.use]))
            code = f"{parent}{plot.number + 1:03d}"
            unit = self.unit(UnitKind.GRID, name + MARK, community.unit, code)
            kind, dedicated = KINDS[plot.use]
            grid = Grid(unit=unit, kind=kind, dedicated_kind=dedicated, valid_from=self.since)
            grid.boundary = territory.geojson(plot.area)
            grid_territory.save(grid)
            worker = self.user(Role.GRID_WORKER, unit)
            community.grids.append(GridPlace(unit, plot.use, plot.area, worker))
            self.member(Role.GRID_LEADER, unit)
            self.member(Role.CORRESPONDENT, unit)
            for _ in range(2 if plot.use == Use.HOMES else 0):
                self.member(Role.HOUSEHOLD_HEAD, unit)

    def stations(self, made: Organisation) -> None:
        """One a community; one of the street for farms and parks."""
        for community in made.communities:
            name = f"{community.short}网格站{MARK}"
            self.user(Role.STATION_LEAD, self.unit(UnitKind.STATION, name, community.unit))
        name = f"农田园区网格站{MARK}"
        self.user(Role.STATION_LEAD, self.unit(UnitKind.STATION, name, made.street))

    def party(self, made: Organisation, profile: Profile) -> None:
        """A grid without an organisation of its own answers to its community's."""
        self.organise(made.street, PartyForm.WORKING_COMMITTEE)
        for number, community in enumerate(made.communities):
            form = PartyForm.GENERAL_BRANCH if number % 3 else PartyForm.COMMITTEE
            self.organise(community.unit, form)
        grids = [grid.unit for community in made.communities for grid in community.grids]
        self.chance.shuffle(grids)
        for unit in grids[: profile.branches]:
            self.organise(unit, PartyForm.BRANCH)
        for unit in grids[profile.branches : profile.branches + profile.groups]:
            self.organise(unit, PartyForm.GROUP)

    def organise(self, unit: Unit, form: PartyForm) -> None:
        name = f"{unit.name.removesuffix(MARK)}{form.label}{MARK}"
        PartyOrganisation.objects.create(unit=unit, form=form, name=name)

    def small_units(self, made: Organisation) -> None:
        """A few estates with a branch, member households, a plant that sponsors a grid, an area."""
        for community in made.communities[:4]:
            grid = community.grids[0].unit
            estate = self.unit(UnitKind.ESTATE, f"{community.short}一里{MARK}", grid)
            self.organise(estate, PartyForm.BRANCH)
            name = f"{community.short}党员中心户{MARK}"
            household = self.unit(UnitKind.MEMBER_HOUSEHOLD, name, estate)
            self.organise(household, PartyForm.MEMBER_HOUSEHOLD)
        sponsored = made.communities[0].grids[0].unit
        plant = self.unit(UnitKind.WORKPLACE, f"军粮城包装厂{MARK}", sponsored)
        self.posts.append(self.post(Role.SPONSOR, sponsored, holder_unit=plant))
        self.unit(UnitKind.AREA, f"和顺片区{MARK}", made.street)

    def officials(self, made: Organisation) -> None:
        """Who leads, dispatches, supervises and administers; and the rest of the roles."""
        first = made.communities[0]
        for community in made.communities:
            self.user(Role.LEADER, community.unit)
        self.user(Role.LEADER, made.street)
        self.user(Role.CO_OPTED, first.unit)
        made.dispatchers = [self.user(Role.DISPATCHER, made.street) for _ in range(2)]
        self.user(Role.SUPERVISOR, made.street)
        made.district_dispatcher = self.user(Role.DISPATCHER, made.district)
        self.user(Role.SUPERVISOR, made.district)
        grid = first.grids[0].unit
        for role in (
            Role.GRID_LEADER,
            Role.GRID_GUIDE,
            Role.CORRESPONDENT,
            Role.HOUSEHOLD_HEAD,
        ):
            self.user(role, grid)
        for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
            self.user(role, made.district)

    # people

    def user(self, role: Role, unit: Unit) -> User:
        """The first of a role is called by its code, the next ones by code and number."""
        serial = next(self.serials.setdefault(role, count(1)))
        user = User(
            username=role if serial == 1 else f"{role}{serial}",
            display_name=next(self.names),
            password=self.hashed,
            password_changed_at=self.now,
        )
        self.users.append(user)
        self.posts.append(self.post(role, unit, user=user))
        return user

    def member(self, role: Role, unit: Unit) -> None:
        """Somebody of the grid's team who does not log in."""
        self.posts.append(self.post(role, unit, member_name=next(self.names)))

    def post(
        self,
        role: Role,
        unit: Unit,
        *,
        user: User | None = None,
        member_name: str = "",
        holder_unit: Unit | None = None,
    ) -> Post:
        return Post(
            role=role,
            unit=unit,
            user=user,
            member_name=member_name,
            holder_unit=holder_unit,
            valid_from=self.since,
        )

    def write(self) -> None:
        User.objects.bulk_create(self.users)
        Post.objects.bulk_create(self.posts)


def share_out(total: int, weights: Iterable[int]) -> list[int]:
    """`total` in whole parts, at least one each, as the weights ask."""
    wanted = list(weights)
    exact = [total * weight / sum(wanted) for weight in wanted]
    parts = [max(1, int(part)) for part in exact]
    by_rest = sorted(range(len(parts)), key=lambda at: parts[at] - exact[at])
    for at in range(total - sum(parts)):
        parts[by_rest[at % len(parts)]] += 1
    while sum(parts) > total:
        parts[parts.index(max(parts))] -= 1
    return parts
