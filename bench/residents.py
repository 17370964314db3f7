"""A register of people: who lives where, told by number, and written by COPY as the verbs would.

A person depends on the number alone. Everything about them is sealed with a data key of their own
and found by true marks, as in production; history and who said it are written too. The houses are
there before; one community holds the scope of 60,000, the others share the rest.
Arguments: admin_url first last total process processes until.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import psycopg

from bench import marks as marks_of_load
from bench import world
from bench.places import levels
from bench.story import GIVEN, SURNAMES, floor
from bench.territory import inside
from bench.world import GridPlace, World
from bench.writer import CHUNK, EVENT, NULL, Table, context_of, text
from governance.personal import encrypt, master_key, master_name
from people import identifiers, marks
from people.registering import Details

SCOPE, FAMILY, EMPTY_HOUSES = 60_000, 3, 5_000
GRIDS_OF_SCOPE = 9  # the first community's
HOUSES_OF_BUILDING = 36
STRIDE = 7_919  # a prime: neighbours of the scope registered years apart
FIRST_BIRTH, BIRTHS = date(1935, 1, 1), 32_000
YEARS = timedelta(days=5 * 365)

KEY = ("id", "wrapped", "master")
SEALED = (
    "name", "document_number", "birth_date", "sex", "phone", "other_phone", "contact_name",
    "contact_phone",
)  # fmt: skip
PERSON = (
    "id", "data_key_id", *SEALED, "document_kind", "version", "registered_at", "registered_by_id",
    "merged_into_id", "erased_at",
)  # fmt: skip
FOUND_BY = ("document_index", "marks")
LEVELS = ("district_id", "street_id", "community_id", "grid_id")
HOUSEHOLD = ("id", *LEVELS, "house_id", "head_id", "began_on", "ended_on")
RESIDENCY = (
    "id", *LEVELS, "person_id", "household_id", "kind", "relation", "began_on", "ended_on",
    "leaving",
)  # fmt: skip
PROVENANCE = ("person_id", "field", "by_id", "at", "source")


@dataclass(frozen=True)
class Resident:
    """One person: what is known, where the person lives, and who registered it when."""

    number: int
    details: Details
    house_id: int
    household_id: int
    grid: GridPlace
    kind: str
    relation: str
    began_on: date
    registered_at: datetime
    registered_by: int


class Town:
    """Which household lives in which house, and whose house lies where; from 0 on."""

    def __init__(self, persons: int, known: World) -> None:
        self.persons, self.world = persons, known
        self.households = -(-persons // FAMILY)
        self.in_scope = min(SCOPE, persons * 6 // 10) // FAMILY
        assert self.households % STRIDE, persons

    @property
    def community_id(self) -> int:
        """The scope's."""
        return self.world.grids[0].community_id

    @property
    def houses(self) -> int:
        return self.households + EMPTY_HOUSES

    @property
    def next_number(self) -> int:
        """The first person who would live in a house that is empty yet."""
        return self.households * FAMILY + 1

    def house_of(self, household: int) -> int:
        return household * STRIDE % self.households if household < self.households else household

    def place_of(self, house: int) -> tuple[int, int]:
        """Which grid of the world's, and the how manieth house there. The empty ones are in the
        scope."""
        if house < self.in_scope or house >= self.households:
            at = house if house < self.in_scope else self.in_scope + house - self.households
            return at % GRIDS_OF_SCOPE, at // GRIDS_OF_SCOPE
        at, grids = house - self.in_scope, len(self.world.grids) - GRIDS_OF_SCOPE
        return GRIDS_OF_SCOPE + at % grids, at // grids

    def tell(self, number: int, until: datetime) -> Resident:
        """The n-th person, from 1 on."""
        rng = Random(number * 1_000_003 + 11)
        household, member = divmod(number - 1, FAMILY)
        house = self.house_of(household)
        grid = self.world.grids[self.place_of(house)[0]]
        share = min(number / self.persons, 1)
        registered_at = floor(until - YEARS * (1 - share) - timedelta(hours=1))
        return Resident(
            number=number,
            details=details(rng, number),
            house_id=house + 1,
            household_id=household + 1,
            grid=grid,
            kind=rng.choices(("resident", "floating", "tenant"), (75, 15, 10))[0],
            relation=("head", "spouse", "child")[member],
            began_on=(registered_at - timedelta(days=rng.randrange(1, 4000))).date(),
            registered_at=registered_at,
            registered_by=self.world.one(grid.community_id, "clerk"),
        )


def details(rng: Random, number: int) -> Details:
    """What the verbs would make of what was typed: birth date and sex as the number tells them."""
    day = FIRST_BIRTH + timedelta(days=number * STRIDE % BIRTHS)
    body = f"120110{day:%Y%m%d}{number // BIRTHS:03d}"
    given = "".join(rng.choices(GIVEN, k=1 if rng.random() < 0.15 else 2))
    return Details(
        name=rng.choice(SURNAMES) + given,
        document_kind="resident_id",
        document_number=body + identifiers.check_character(body),
        birth_date=day.isoformat(),
        sex="1" if number // BIRTHS % 2 else "2",
        phone=f"13{rng.randrange(10**9):09d}" if rng.random() < 0.8 else "",
    )


# Houses -----------------------------------------------------------------------------------------


def write_houses(connection: psycopg.Connection[Any], town: Town) -> None:
    """Buildings and houses, by COPY without triggers; they are not what is measured."""
    connection.execute("SET session_replication_role = replica")
    buildings: dict[tuple[int, int], int] = {}
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY grids_house (id, {', '.join(LEVELS)}, building_id, unit_no, floor, room, use,"
            " owner_kind, is_active) FROM STDIN"
        ) as copy,
    ):
        for house in range(town.houses):
            at, place = town.place_of(house)
            block, rest = divmod(place, HOUSES_OF_BUILDING)
            building = buildings.setdefault((at, block), len(buildings) + 1)
            levels_of = levels(town.world.grids[at])
            copy.write_row((house + 1, *levels_of, building, *room(rest), "own", "private", True))
    with (
        connection.cursor() as cursor,
        cursor.copy(
            f"COPY grids_building (id, {', '.join(LEVELS)}, lon, lat, code, estate, name, use,"
            " property_company, is_active) FROM STDIN"
        ) as copy,
    ):
        for (at, block), pk in buildings.items():
            grid = town.world.grids[at]
            lon, lat = inside(grid.column, grid.row, block % 11 / 11, block // 11 % 11 / 11)
            said = (lon, lat, f"r{pk}", estate_of(grid), f"{block + 1}号楼", "residential", "")
            copy.write_row((pk, *levels(grid), *said, True))
    marks_of_load.follow(connection, "grids_building", "grids_house")


def room(place: int) -> tuple[str, int, str]:
    """Unit, floor and room: three stairwells, six floors, two rooms a floor."""
    unit, rest = divmod(place, 12)
    storey = rest // 2 + 1
    return str(unit + 1), storey, f"{storey}0{rest % 2 + 1}"


def estate_of(grid: GridPlace) -> str:
    return f"{grid.estate}{grid.unit_id % 9 + 1}里"


def address_of(town: Town, house: int) -> tuple[str, str, str, str]:
    """Estate, building, unit and room, as a file for an import names them."""
    at, place = town.place_of(house)
    block, rest = divmod(place, HOUSES_OF_BUILDING)
    unit, _storey, number = room(rest)
    return estate_of(town.world.grids[at]), f"{block + 1}号楼", unit, number


# People -----------------------------------------------------------------------------------------


class Writer:
    """Puts residents into tables as text for COPY."""

    def __init__(self) -> None:
        self.tables = {
            "key": Table("governance_datakey", KEY),
            "person": Table("people_person", (*PERSON, *FOUND_BY)),
            "person_event": Table("people_personevent", (*EVENT, *PERSON)),
            "household": Table("people_household", HOUSEHOLD),
            "household_event": Table("people_householdevent", (*EVENT, *HOUSEHOLD)),
            "residency": Table("people_residency", RESIDENCY),
            "residency_event": Table("people_residencyevent", (*EVENT, *RESIDENCY)),
            "provenance": Table("people_provenance", PROVENANCE),
        }

    def send(self, connection: psycopg.Connection[Any]) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            for table in self.tables.values():
                table.send(cursor)

    def write(self, one: Resident) -> None:
        said = {field.name: getattr(one.details, field.name) for field in fields(one.details)}
        at, by = text(one.registered_at), one.registered_by
        self.context = context_of(by, "desk")
        person_id = self.write_person(one, said, at)
        place = [text(pk) for pk in levels(one.grid)]
        home, began = str(one.household_id), one.began_on.isoformat()
        if one.relation == "head":
            house = [home, *place, str(one.house_id)]
            bare, led = [*house, NULL, began, NULL], [*house, person_id, began, NULL]
            self.tables["household"].add(at, "\t".join(led))
            self.event("household", "insert", at, bare)
        row = [str(one.number), *place, person_id, home, one.kind, one.relation, began, NULL, ""]
        self.tables["residency"].add(at, "\t".join(row))
        self.event("residency", "insert", at, row)
        if one.relation == "head":
            self.event("household", "update", at, led)
        for name in said:
            if said[name]:
                self.tables["provenance"].add(at, f"{person_id}\t{name}\t{by}\t{at}\tdesk")

    def write_person(self, one: Resident, said: dict[str, str], at: str) -> str:
        row_id, key_id, key = uuid4(), uuid4(), os.urandom(32)
        wrapped = encrypt(master_key(), key, key_id.bytes)
        self.tables["key"].add(at, f"{key_id}\t{text(wrapped)}\t{master_name()}")
        sealed = [
            text(encrypt(key, said[column].encode(), f"people_person.{column}:{row_id}".encode()))
            if said[column]
            else NULL
            for column in SEALED
        ]
        found_by = marks.of_person(
            name=said["name"],
            document_number=said["document_number"],
            birth_date=said["birth_date"],
            phones=(said["phone"], said["other_phone"]),
        )
        registered = [said["document_kind"], "1", at, str(one.registered_by), NULL, NULL]
        row = [str(row_id), str(key_id), *sealed, *registered]
        index = text(marks.document_index(said["document_number"]))
        listed = ",".join(map(str, found_by))
        self.tables["person"].add(at, "\t".join([*row, index, f"{{{listed}}}"]))
        self.event("person", "insert", at, row)
        return str(row_id)

    def event(self, table: str, label: str, at: str, row: list[str]) -> None:
        head = f"{label}\t{row[0]}\t{self.context}\t{at}"
        self.tables[f"{table}_event"].add(at, "\t".join([head, *row]))


def write(admin_url: str, numbers: range, *, total: int, until: datetime) -> None:
    """Write the residents `numbers` of `total`; their houses are there."""
    town, writer = Town(total, world.read()), Writer()
    with psycopg.connect(admin_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.commit()
        for told, number in enumerate(numbers, start=1):
            writer.write(town.tell(number, until))
            if told % CHUNK == 0:
                writer.send(connection)
        writer.send(connection)


def main(arguments: list[str]) -> None:
    """The first process writes the houses too."""
    admin_url, *numbers, until = arguments
    first, last, total, process, _processes = map(int, numbers)
    if process == 0:
        with psycopg.connect(admin_url, autocommit=True) as connection:
            write_houses(connection, Town(total, world.read()))
    moment = datetime.fromisoformat(until)
    write(admin_url, range(first, last + 1), total=total, until=moment)
