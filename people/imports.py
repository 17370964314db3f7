"""People from a table: who came with which row, who is known, who may be, and what is refused.

A row is known again by its document, without one by name, birth date and house: a file can be
loaded twice. Runs as a user, within whose units the second wall keeps it. A batch reads who is
there in a few statements, decides row by row, then writes in a few (people/bulk_rows.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import connection
from django.utils.timezone import localdate
from django.utils.translation import gettext as _t

from governance import table_jobs
from governance.models import ImportState
from governance.table_files import Row
from governance.table_jobs import BadRow
from grids.models import House, HouseUse
from people import access, finding, import_rows, marks
from people.bulk_rows import COLUMNS, Home, Writer
from people.finding import PROPOSED, Twin
from people.import_rows import Said
from people.models import Household, PeopleImport, Person, Relation, Residency
from people.registering import details_of

PERMISSION = "person.import"
LET = {HouseUse.RENTED, HouseUse.SHARED}
Levels = tuple[int | None, ...]


class Alike(NamedTuple):
    """A row that looks like somebody who is registered: who, how likely, and why."""

    row: Row
    person: UUID
    score: int
    reasons: tuple[str, ...]


class Place(NamedTuple):
    """A house as far as an import needs it."""

    pk: int
    levels: Levels
    is_let: bool = False


class Placed(NamedTuple):
    """A row, the house that it names, and the index of its document."""

    said: Said
    house: Place
    document: bytes | None


@dataclass
class Known:
    """Somebody who is registered, opened when somebody has to compare."""

    person: Person
    houses: set[int] = field(default_factory=set)
    opened: dict[str, str] = field(default_factory=dict)

    def details(self) -> dict[str, str]:
        self.opened = self.opened or details_of(self.person)
        return self.opened


@dataclass(frozen=True)
class Member:
    """Who lives in a house, also since this very batch."""

    pk: UUID
    relation: str
    details: dict[str, str] | Known

    def is_called(self, name: str, born: str) -> bool:
        said = self.details.details() if isinstance(self.details, Known) else self.details
        return (said["name"], said["birth_date"]) == (name, born)


class Loader(table_jobs.Loader):
    """One batch of a job; of one that is being checked nothing is written."""

    def __init__(self, job: PeopleImport, now: datetime) -> None:
        super().__init__(job)
        self.now, self.writes = now, job.state == ImportState.RUNNING
        self.holds_alike = job.holds_alike and self.writes
        self.alike: list[Alike] = []

    def load(self, batch: Sequence[Row]) -> None:
        access.enter(self.by, PERMISSION)
        there = There(list(self.placed(list(self.understood(batch)))))
        writer = Writer(self.by, self.now)
        for one in there.placed:
            try:
                self.made += self.take(one, there, writer)
            except BadRow as error:
                self.refused.append((one.said.row, str(error)))
        if self.writes:
            writer.save()

    def understood(self, batch: Sequence[Row]) -> Iterator[Said]:
        today = localdate(self.now)
        for row in batch:
            try:
                yield import_rows.read(row, self.said(row), today)
            except BadRow as error:
                self.refused.append((row, str(error)))

    def placed(self, said: Collection[Said]) -> Iterator[Placed]:
        """Each row in its house, if the importer works there."""
        houses = find_houses({one.house for one in said})
        held = access.places(self.by, PERMISSION)
        mine = [(COLUMNS.index(column), value) for column, value in held]
        for one in said:
            named = houses.get(one.house, [])
            inside = [h for h in named if any(h.levels[at] == value for at, value in mine)]
            if len(inside) == 1:
                document = marks.document_index(one.details.document_number)
                yield Placed(one, inside[0], document)
            elif inside:
                self.refused.append((one.row, _t("几个社区都有这套房屋，请分社区导入。")))
            elif named:
                self.refused.append((one.row, _t("房屋不在您的辖区。")))
            else:
                self.refused.append((one.row, _t("没有这套房屋，请先导入房屋。")))

    def take(self, one: Placed, there: There, writer: Writer) -> bool:
        """Whether something new came with the row. Raises BadRow."""
        said, members = one.said, there.members.setdefault(one.house.pk, [])
        holder = there.holders.get(one.document) if one.document else None
        if any(is_same(one, holder, member) for member in members):
            return False
        home = there.home_of(one)
        if said.relation == Relation.HEAD and home is not None and home.head is not None:
            raise BadRow(_t("该住户已有户主；不是一户的，请填户号。"))
        person = self.known_holder(one, holder, there) if holder else None
        if person is None:
            self.look_alike(one, there)
            person = writer.add_person(said.details) if self.writes else uuid4()
            if one.document:
                there.holders[one.document] = person
        if home is None:
            number = said.household or None
            home = Home(one.house.pk, one.house.levels, said.began_on, number=number)
            there.homes.setdefault(one.house.pk, []).append(home)
            writer.homes.append(home)
        writer.settle(person, home, said.kind, said.relation, said.began_on)
        members.append(Member(person, said.relation, vars(said.details)))
        return True

    def known_holder(self, one: Placed, holder: UUID, there: There) -> UUID:
        """Who holds the document and now lives here as well. Raises BadRow."""
        known = there.known.get(holder)
        if known is not None and known.details()["name"] != one.said.details.name:
            raise BadRow(_t("该证件已登记在另一个姓名下，请核对；确有错误的，申请更正证件。"))
        if holder in there.registered:
            self.alike.append(Alike(one.said.row, holder, 100, (_t("证件号码相同"),)))
        return holder

    def look_alike(self, one: Placed, there: There) -> None:
        """Note who this may be. Raises BadRow where that is to be looked at first."""
        twin = there.likeliest(one)
        if twin is None:
            return
        self.alike.append(Alike(one.said.row, twin.person.pk, twin.score, twin.reasons))
        if self.holds_alike:
            said = {"score": twin.score, "reasons": _t("、").join(twin.reasons)}
            raise BadRow(_t("疑似已登记（%(score)d 分：%(reasons)s），请核对。") % said)


def is_same(one: Placed, holder: UUID | None, member: Member) -> bool:
    if one.document:
        return member.pk == holder
    return member.is_called(one.said.details.name, one.said.details.birth_date)


class There:
    """Who and what is there already of what a batch speaks of."""

    def __init__(self, placed: list[Placed]) -> None:
        self.placed = placed
        self.holders = by_documents([one.document for one in placed if one.document])
        self.registered = set(self.holders.values())
        self.homes = homes({one.house.pk: one.house.levels for one in placed})
        self.known: dict[UUID, Known] = {}
        self.members: dict[int, list[Member]] = {}
        self.read_members()
        strangers = [one for one in placed if not (one.document and one.document in self.holders)]
        self.namesakes = namesakes(strangers)
        self.read_known({key for keys in self.namesakes.values() for key in keys})
        self.read_known(self.registered)

    def read_members(self) -> None:
        houses = {home.pk: home.house_id for homes in self.homes.values() for home in homes}
        rows = Residency.objects.filter(household__in=list(houses), ended_on=None)
        for row in rows.select_related("person__data_key"):
            house = houses[row.household_id]
            known = self.known.setdefault(row.person_id, Known(row.person))
            known.houses.add(house)
            member = Member(row.person_id, row.relation, known)
            self.members.setdefault(house, []).append(member)

    def home_of(self, one: Placed) -> Home | None:
        """The household of the house that a row speaks of; None for one that is yet to be.

        A file names it by a number. Without one a house has one household; but where rooms are let,
        another head is another household, to whom those belong who come after.
        """
        said, homes = one.said, self.homes.get(one.house.pk, [])
        if said.household:
            return next((home for home in homes if home.number == said.household), None)
        if one.house.is_let and said.relation == Relation.HEAD:
            return next((home for home in homes if home.head is None), None)
        if not homes:
            return None
        return homes[-1] if one.house.is_let else homes[0]

    def read_known(self, keys: Collection[UUID]) -> None:
        """People who live elsewhere in the user's units, with their houses."""
        wanted = [key for key in keys if key not in self.known]
        if not wanted:
            return
        for person in Person.objects.filter(pk__in=wanted).select_related("data_key"):
            self.known[person.pk] = Known(person)
        rows = Residency.objects.filter(person__in=wanted, ended_on=None)
        for key, house in rows.values_list("person_id", "household__house_id"):
            if key in self.known:
                self.known[key].houses.add(house)

    def likeliest(self, one: Placed) -> Twin | None:
        """Whom the row's person is most like, if likely enough (people/finding.py)."""
        details = one.said.details
        keys = [m.pk for m in self.members.get(one.house.pk, []) if m.pk in self.known]
        keys += self.namesakes.get((details.name, details.birth_date), [])
        twins = [self.compared(one, self.known[key]) for key in keys if key in self.known]
        best = max(twins, key=lambda twin: twin.score, default=None)
        return best if best and best.score >= PROPOSED else None

    def compared(self, one: Placed, known: Known) -> Twin:
        shared = {one.house.pk} & known.houses
        return finding.compare(vars(one.said.details), known.details(), shared, known.person)


def find_houses(asked: Collection[import_rows.House]) -> dict[import_rows.House, list[Place]]:
    """The houses that rows name, by estate, building, unit and room."""
    rows = House.objects.filter(
        building__estate__in={estate for estate, _name, _unit, _room in asked},
        building__name__in={name for _estate, name, _unit, _room in asked},
        room__in={room for _estate, _name, _unit, room in asked},
        is_active=True,
    )
    names = ("building__estate", "building__name", "unit_no", "room")
    found: dict[import_rows.House, list[Place]] = {}
    for row in rows.values_list(*names, "pk", "use", *COLUMNS):
        key = row[0], row[1], row[2], row[3]
        if key in asked:
            found.setdefault(key, []).append(Place(row[4], tuple(row[6:]), row[5] in LET))
    return found


def by_documents(indexes: list[bytes]) -> dict[bytes, UUID]:
    """Who holds these documents, wherever they live: index → id."""
    if not indexes:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_by_documents(%s::bytea[])", [indexes])
        return {bytes(index): key for index, key in cursor.fetchall()}


def namesakes(placed: Iterable[Placed]) -> dict[tuple[str, str], list[UUID]]:
    """Who of the user's units is named so and was born that day, by name and day."""
    asked = {(one.said.details.name, one.said.details.birth_date) for one in placed}
    wanted = {marks.mark("birth", day): day for day in {day for _name, day in asked} - {""}}
    if not wanted:
        return {}
    born: dict[str, list[tuple[UUID, set[int]]]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_by_births(%s::bigint[])", [sorted(wanted)])
        for mark, key, its_marks in cursor.fetchall():
            born.setdefault(wanted[mark], []).append((key, set(its_marks)))
    return {
        (name, day): [key for key, its_marks in born[day] if marks.of_name(name) <= its_marks]
        for name, day in asked
        if day in born
    }


def homes(houses: dict[int, Levels]) -> dict[int, list[Home]]:
    """The open households of each house, given with its levels; the first to come first."""
    rows = Household.objects.filter(house__in=list(houses), ended_on=None).order_by("pk")
    found: dict[int, list[Home]] = {}
    for house, pk, head, on, number in rows.values_list(
        "house_id", "pk", "head_id", "began_on", "number"
    ):
        found.setdefault(house, []).append(Home(house, houses[house], on, pk, head, number))
    return found
