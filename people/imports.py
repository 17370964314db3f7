"""People from a table, in batches: who came with which row, or why a row was refused.

The columns are named by a mapping; a dry run writes nothing. A row is known again by its document,
without one by name, birth date and house: a file can be loaded twice, and after a break it goes on.
Runs as a user, within whose units the second wall keeps it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import actor
from governance.models import LEVELS, DataKey
from grids.models import House
from people import access, marks, registering
from people.errors import BadDetails, NotAllowed
from people.identifiers import DocumentKind, Sex
from people.models import Household, Person, Provenance, Relation, Residency, ResidencyKind
from people.registering import Details

if TYPE_CHECKING:
    from governance.models import User

BATCH = 500  # rows a transaction

# What a row can say, and what its column may be called.
COLUMNS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "name": (_("姓名"), ("姓名", "name")),
    "document_kind": (_("证件种类"), ("证件种类", "证件类型", "document_kind")),
    "document_number": (_("证件号码"), ("证件号码", "身份证号", "公民身份号码", "document_number")),
    "birth_date": (_("出生日期"), ("出生日期", "birth_date")),
    "sex": (_("性别"), ("性别", "sex")),
    "phone": (_("电话"), ("电话", "联系电话", "手机", "phone")),
    "other_phone": (_("其他电话"), ("其他电话", "other_phone")),
    "contact_name": (_("联系人"), ("联系人", "contact_name")),
    "contact_phone": (_("联系人电话"), ("联系人电话", "contact_phone")),
    "estate": (_("小区"), ("小区", "estate")),
    "building": (_("楼栋"), ("楼栋", "楼号", "building")),
    "unit_no": (_("单元"), ("单元", "unit", "unit_no")),
    "room": (_("房号"), ("房号", "室", "room")),
    "kind": (_("居住类别"), ("居住类别", "人口类别", "kind")),
    "relation": (_("与户主关系"), ("与户主关系", "relation")),
    "began_on": (_("来此日期"), ("来此日期", "入住日期", "began_on")),
}
NEEDED = ("name", "building", "room")
DETAILS = tuple(field.name for field in fields(Details))


class BadFile(Exception):
    """The file cannot be read with this mapping; nothing was written."""


class Row(NamedTuple):
    """One line of the table: where it stands, and its cells."""

    line: int
    cells: list[str]


@dataclass
class Counts:
    """How far an import is."""

    rows: int = 0
    new: int = 0
    known: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Said:
    """What a row says, checked."""

    row: Row
    details: Details
    house: tuple[str, str, str, str]
    kind: str
    relation: str
    began_on: date


class Member(NamedTuple):
    """Who lives in a house, as a row is compared with."""

    pk: UUID
    name: str
    born: str
    relation: str


class BadRow(Exception):
    """Why a row was not taken."""


class Table:
    """A CSV file as it streams by: the header at once, then the rows. Raises BadFile."""

    def __init__(self, file: Iterable[str], mapping: Mapping[str, str] | None = None) -> None:
        self.reader = csv.reader(file)
        self.header = [cell.strip().lstrip("\ufeff") for cell in next(self.reader, [])]
        self.at = self.places(mapping or guess(self.header))

    def places(self, mapping: Mapping[str, str]) -> dict[str, int]:
        """Column of the header by what it says."""
        if unknown := sorted(set(mapping) - set(COLUMNS)):
            raise BadFile(_t("不认识的项目：%(names)s") % {"names": _t("、").join(unknown)})
        if gone := sorted(set(mapping.values()) - set(self.header)):
            raise BadFile(_t("表头中没有这些列：%(names)s") % {"names": _t("、").join(gone)})
        if missing := [str(COLUMNS[name][0]) for name in NEEDED if name not in mapping]:
            raise BadFile(_t("缺少必需的列：%(names)s") % {"names": _t("、").join(missing)})
        return {name: self.header.index(column) for name, column in mapping.items()}

    def __iter__(self) -> Iterator[Row]:
        for cells in self.reader:
            if any(cell.strip() for cell in cells):
                yield Row(self.reader.line_num, cells)

    def text(self, row: Row, name: str) -> str:
        at = self.at.get(name)
        return row.cells[at].strip() if at is not None and at < len(row.cells) else ""


def guess(header: Iterable[str]) -> dict[str, str]:
    """Which column says what, by its name."""
    return {
        name: column
        for name, (_label, known) in COLUMNS.items()
        for column in header
        if column.lower() in known
    }


def code_of(text: str, choices: Iterable[tuple[str, Any]], default: str) -> str:
    """The code of a choice that is given as its code or its label. Raises BadRow."""
    if not text:
        return default
    for code, label in choices:
        if text in {code, str(label)}:
            return code
    raise BadRow(_t("“%(text)s”不在可选项内。") % {"text": text})


class Loader:
    """Loads a table as a user; `refuse` is told each row that was not taken, and why."""

    def __init__(
        self,
        table: Table,
        *,
        by: User,
        now: datetime,
        refuse: Callable[[Row, str], None],
        dry_run: bool = False,
        after_line: int = 0,
    ) -> None:
        self.table, self.by, self.now = table, by, now
        self.refuse, self.dry_run, self.after_line = refuse, dry_run, after_line
        self.counts = Counts()
        self.bad: list[tuple[Row, str]] = []  # of the present batch

    def run(self) -> Iterator[Counts]:
        """Load everything; the counts so far after each batch."""
        rows = (row for row in self.table if row.line > self.after_line)
        while batch := list(islice(rows, BATCH)):
            with transaction.atomic():
                self.load(batch)
                if self.dry_run:
                    transaction.set_rollback(True)
            yield self.counts

    def load(self, rows: list[Row]) -> None:
        access.enter(self.by, registering.PERMISSION)
        said = [one for row in rows if (one := self.say(row)) is not None]
        self.counts.rows += len(rows)
        houses = find_houses({one.house[:2] for one in said})
        held = access.places(self.by, registering.PERMISSION)
        placed = []
        for one in said:
            house = houses.get(one.house)
            if house is None:
                self.no(one.row, _t("没有这套房屋，请先导入房屋。"))
            elif not any(getattr(house, column) == value for column, value in held):
                self.no(one.row, _t("房屋不在您的辖区。"))
            else:
                placed.append((one, house))
        self.write(placed)
        for row, why in sorted(self.bad):
            self.refuse(row, why)
        self.counts.refused += len(self.bad)
        self.bad.clear()

    def no(self, row: Row, why: str) -> None:
        self.bad.append((row, why))

    def say(self, row: Row) -> Said | None:
        try:
            return self.read(row)
        except BadDetails as error:
            labels = {name: str(COLUMNS[name][0]) for name in error.faults if name in COLUMNS}
            said = (f"{labels.get(name, name)}: {why}" for name, why in error.faults.items())
            self.no(row, " ".join(said))
        except BadRow as error:
            self.no(row, str(error))
        return None

    def read(self, row: Row) -> Said:
        """What a row says. Raises BadDetails or BadRow."""
        text = {name: self.table.text(row, name) for name in COLUMNS}
        numbered = DocumentKind.RESIDENT_ID if text["document_number"] else DocumentKind.NONE
        given = {
            **{name: text[name] for name in DETAILS},
            "document_kind": code_of(text["document_kind"], DocumentKind.choices, numbered),
            "sex": code_of(text["sex"], Sex.choices, ""),
        }
        details, _warning = registering.checked(Details(**given), self.now.date())
        began = self.now.date()
        if text["began_on"]:
            try:
                began = date.fromisoformat(text["began_on"])
            except ValueError:
                raise BadRow(
                    _t("来此日期“%(text)s”不是日期。") % {"text": text["began_on"]}
                ) from None
        return Said(
            row,
            details,
            (text["estate"], text["building"], text["unit_no"], text["room"]),
            code_of(text["kind"], ResidencyKind.choices, ResidencyKind.RESIDENT),
            code_of(text["relation"], Relation.choices, Relation.OTHER),
            began,
        )

    def write(self, placed: list[tuple[Said, House]]) -> None:
        """The people of a batch in a handful of statements."""
        indexes = [marks.document_index(one.details.document_number) for one, _house in placed]
        known = by_documents([index for index in indexes if index])
        homes = households({house.pk for _one, house in placed})
        living = members(homes.values())
        batch = Batch(self.by, self.now, homes, living)
        for (one, house), index in zip(placed, indexes, strict=True):
            try:
                fresh = batch.take(one, house, index, known)
            except NotAllowed as error:
                self.no(one.row, str(error))
            else:
                self.counts.new += fresh
                self.counts.known += not fresh
        batch.save()


class Batch:
    """The new rows of one batch, and who is there already."""

    def __init__(
        self,
        by: User,
        now: datetime,
        homes: dict[int, Household],
        living: dict[int, list[Member]],
    ) -> None:
        self.by, self.now, self.homes, self.living = by, now, homes, living
        self.keys: list[DataKey] = []
        self.persons: list[Person] = []
        self.households: list[Household] = []
        self.residencies: list[Residency] = []
        self.provenance: list[Provenance] = []
        self.source = str((actor.current() or {}).get("source", ""))

    def take(self, one: Said, house: House, index: bytes | None, known: dict[bytes, UUID]) -> bool:
        """Whether somebody new came with the row. Raises NotAllowed."""
        home, there = self.homes.get(house.pk), self.living.setdefault(house.pk, [])
        person_id = known.get(index) if index else None
        for member in there:
            same = member.pk == person_id if index else self.alike(one.details, member)
            if same:
                return False
        if one.relation == Relation.HEAD and any(m.relation == Relation.HEAD for m in there):
            raise NotAllowed(_t("该住户已有户主。"))
        if person_id is None:
            person_id = self.add_person(one)
            if index:
                known[index] = person_id
        if home is None:
            home = Household(house=house, began_on=one.began_on, **where(house))
            self.homes[house.pk] = home
            self.households.append(home)
        if one.relation == Relation.HEAD:
            home.head_id = person_id
        there.append(Member(person_id, one.details.name, one.details.birth_date, one.relation))
        self.residencies.append(
            Residency(
                person_id=person_id,
                household=home,
                kind=one.kind,
                relation=one.relation,
                began_on=one.began_on,
                **where(house),
            )
        )
        return True

    def add_person(self, one: Said) -> UUID:
        person = registering.write_row(one.details, self.by, self.now)
        self.persons.append(person)
        self.keys.append(person.data_key)
        said = [name for name in DETAILS if getattr(one.details, name)]
        self.provenance += [
            Provenance(person=person, field=n, by=self.by, at=self.now, source=self.source)
            for n in said
        ]
        key: UUID = person.pk
        return key

    @staticmethod
    def alike(details: Details, member: Member) -> bool:
        return (details.name, details.birth_date) == (member.name, member.born)

    def save(self) -> None:
        """Keys and people first, then where they live: only then are they seen."""
        DataKey.objects.bulk_create(self.keys)
        Person.objects.bulk_create(self.persons)
        Household.objects.bulk_create(self.households)
        for residency in self.residencies:
            residency.household_id = residency.household.pk
        Residency.objects.bulk_create(self.residencies)
        Provenance.objects.bulk_create(self.provenance)
        there = [home for home in self.homes.values() if home not in self.households]
        Household.objects.bulk_update([home for home in there if home.head_id], ["head"])


def where(house: House) -> dict[str, int | None]:
    return {f"{level}_id": getattr(house, f"{level}_id") for level in LEVELS}


def find_houses(buildings: set[tuple[str, str]]) -> dict[tuple[str, str, str, str], House]:
    """The houses of these (estate, building), by estate, building, unit and room."""
    estates = {estate for estate, _name in buildings}
    names = {name for _estate, name in buildings}
    rows = House.objects.filter(
        building__estate__in=estates, building__name__in=names, is_active=True
    ).select_related("building")
    return {(h.building.estate, h.building.name, h.unit_no, h.room): h for h in rows}


def by_documents(indexes: list[bytes]) -> dict[bytes, UUID]:
    """Who holds these documents, wherever they live: index → id."""
    if not indexes:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_by_documents(%s::bytea[])", [indexes])
        return {bytes(index): key for index, key in cursor.fetchall()}


def households(house_ids: set[int]) -> dict[int, Household]:
    """The open household of each house."""
    rows = Household.objects.filter(house__in=house_ids, ended_on=None).order_by("-pk")
    return {row.house_id: row for row in rows}


def members(homes: Iterable[Household]) -> dict[int, list[Member]]:
    """Who lives in each house, by the house's id."""
    found: dict[int, list[Member]] = {}
    rows = Residency.objects.filter(household__in=[home.pk for home in homes], ended_on=None)
    for row in rows.select_related("household", "person__data_key"):
        name, born = row.person.name, row.person.birth_date
        member = Member(
            row.person_id,
            name.reveal() if name else "",
            born.reveal() if born else "",
            row.relation,
        )
        found.setdefault(row.household.house_id, []).append(member)
    return found
