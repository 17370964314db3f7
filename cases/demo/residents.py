"""Who lives in the demo's houses: invented families and lodgers, each marked as invented.

Their identity numbers pass the check digit and carry an area that is nobody's; their phone numbers
begin as no operator's do. They come in by the product's own importer.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from cases.demo import loading
from cases.demo.organisation import CommunityPlace, share_out
from cases.demo.people import FAMILY, MARK
from grids.models import House, HouseUse
from people.identifiers import DocumentKind, Sex, check_character
from people.import_jobs import jobs
from people.models import ImportKind, Relation, ResidencyKind
from people.registering import Details

AREA = "990000"  # GB/T 2260 has no province 99
PHONES = 154_0000_0000  # no operator has 154
YEAR = 365.25
SIZES = (1, 2, 2, 3, 3, 3, 4, 5)
FLOATING = 0.08
# First and second characters of given names, by sex and the year of birth from which they are worn.
GIVEN: dict[str, tuple[tuple[int, str, str], ...]] = {
    Sex.MALE: (
        (1992, "子浩宇俊嘉梓逸家", "轩然航熙豪诚辰杰"),
        (1966, "建海志立永晓文伟", "军涛强峰刚东博斌"),
        (0, "国德福振玉长永宝", "强明生山华贵林海"),
    ),
    Sex.FEMALE: (
        (1992, "欣雨梓佳诗思若可", "怡桐涵琪妍雅萱欣"),
        (1966, "丽晓红海雪艳春秀", "娟燕梅霞玲敏丽静"),
        (0, "秀桂玉淑凤素宝月", "英兰珍华芝荣琴梅"),
    ),
}
HEAD = (
    *("姓名", "证件种类", "证件号码", "出生日期", "性别", "电话", "联系人", "联系人电话"),
    *("小区", "楼栋", "单元", "房号", "居住类别", "与户主关系", "来此日期"),
)
LODGED = {HouseUse.RENTED, HouseUse.SHARED}


@dataclass
class Resident:
    """One invented person and where they live."""

    details: Details
    house: House
    kind: str
    relation: str
    began_on: date
    household: int  # how many they are

    @property
    def born(self) -> date:
        return date.fromisoformat(self.details.birth_date)


class Inventor:
    """Invents people; no two have the same number or phone."""

    def __init__(self, chance: random.Random, today: date) -> None:
        self.chance, self.today = chance, today
        self.serials: Counter[tuple[date, str]] = Counter()
        self.phones = count(PHONES + 1)

    def households(self, houses: Sequence[House], people: int) -> Iterator[Resident]:
        """Exactly so many people, in the houses that are lived in."""
        lived_in = [row for row in houses if row.use not in {HouseUse.EMPTY, HouseUse.COMMERCIAL}]
        sizes = share_out(people, [self.chance.choice(SIZES) for _row in lived_in])
        for house, size in zip(lived_in, sizes, strict=True):
            yield from (
                self.lodgers(house, size) if house.use in LODGED else self.family(house, size)
            )

    def family(self, house: House, size: int) -> Iterator[Resident]:
        """Husband or wife as the head, then a spouse, a child, parents; or somebody alone."""
        chance = self.chance
        age = self.age(26, 58) if size > 2 or chance.random() < 0.4 else self.age(60, 87)
        kind = ResidencyKind.FLOATING if chance.random() < FLOATING else ResidencyKind.RESIDENT
        since = self.ago(100, 700 if kind == ResidencyKind.FLOATING else 5500)
        sex = chance.choice((Sex.MALE, Sex.MALE, Sex.FEMALE))
        family = chance.choice(FAMILY)
        ways: list[tuple[str, str, float, str]] = [(Relation.HEAD, sex, age, family)]
        if size > 1:
            ways.append((Relation.SPOUSE, other(sex), age + chance.uniform(-3, 3), ""))
        heirs = family if sex == Sex.MALE else chance.choice(FAMILY)
        if size > 2:
            ways.append((Relation.CHILD, self.sex(), max(0.4, age - chance.uniform(24, 30)), heirs))
        if size > 3 and age < 45:
            ways.append((Relation.CHILD, self.sex(), max(0.3, age - chance.uniform(29, 35)), heirs))
        elif size > 3:
            ways.append((Relation.PARENT, Sex.FEMALE, age + chance.uniform(22, 28), ""))
        if size > 4:
            ways.append((Relation.PARENT, Sex.MALE, age + chance.uniform(23, 29), family))
        while len(ways) < size:
            ways.append((Relation.RELATIVE, self.sex(), self.age(20, 50), family))
        for relation, his, years, name in ways[:size]:
            yield self.somebody(house, kind, relation, his, min(years, 96), name, since, size)

    def lodgers(self, house: House, size: int) -> Iterator[Resident]:
        """Who rents: a couple, or some who share."""
        since = self.ago(100, 600)
        for number in range(size):
            relation = Relation.OTHER if number else Relation.HEAD
            if number == 1 and house.use == HouseUse.RENTED:
                relation = Relation.SPOUSE
            age = self.age(20, 46)
            yield self.somebody(
                house, ResidencyKind.TENANT, relation, self.sex(), age, "", since, size
            )

    def somebody(
        self,
        house: House,
        kind: str,
        relation: str,
        sex: str,
        age: float,
        family: str,
        since: date,
        size: int,
    ) -> Resident:
        born = self.today - timedelta(days=int(age * YEAR) + self.chance.randint(0, 300))
        details = self.details(born, sex, family)
        return Resident(details, house, kind, relation, max(born, since), size)

    def details(self, born: date, sex: str, family: str = "") -> Details:
        """A name, a number, a phone: as far as somebody of that age has them."""
        chance, age = self.chance, (self.today - born).days / YEAR
        numbered = chance.random() < (0.97 if age > 3 else 0.4)
        old, mobile = age > 72, 14 < age < 84
        return Details(
            name=self.name(born.year, sex, family) + MARK,
            document_kind=DocumentKind.RESIDENT_ID if numbered else DocumentKind.NONE,
            document_number=self.number(born, sex) if numbered else "",
            birth_date=born.isoformat(),
            sex=sex,
            phone=str(next(self.phones)) if mobile else "",
            contact_name=self.name(born.year + 28, Sex.FEMALE, family) + MARK if old else "",
            contact_phone=str(next(self.phones)) if old else "",
        )

    def name(self, year: int, sex: str, family: str = "") -> str:
        first, second = next((a, b) for since, a, b in GIVEN[sex] if year >= since)
        given = self.chance.choice(first)
        if self.chance.random() < 0.8:
            given += self.chance.choice(second)
        return (family or self.chance.choice(FAMILY)) + given

    def number(self, born: date, sex: str) -> str:
        """The serial's last digit tells the sex."""
        self.serials[born, sex] += 1
        serial = 2 * self.serials[born, sex] - (sex == Sex.MALE)
        body = f"{AREA}{born:%Y%m%d}{serial:03d}"
        return body + check_character(body)

    def sex(self) -> str:
        return self.chance.choice((Sex.MALE, Sex.FEMALE))

    def age(self, low: int, high: int) -> float:
        return self.chance.uniform(low, high)

    def ago(self, low: int, high: int) -> date:
        return self.today - timedelta(days=self.chance.randint(low, high))


def other(sex: str) -> str:
    return Sex.FEMALE if sex == Sex.MALE else Sex.MALE


def bring_in(
    place: CommunityPlace,
    residents: Iterable[Resident],
    now: datetime,
    tell: Callable[[int], object],
) -> None:
    """The clerk loads the community's table of people; tells how many came so far."""
    loading.load(
        jobs,
        place.clerks[0],
        f"{place.unit.name}人口{MARK}.csv",
        (HEAD, map(line, residents)),
        kind=ImportKind.PEOPLE,
        now=now,
        tell=tell,
        unseen=True,
        holds_alike=False,
    )


def line(one: Resident) -> tuple[object, ...]:
    said, house = one.details, one.house
    return (
        said.name,
        DocumentKind(said.document_kind).label,
        said.document_number,
        said.birth_date,
        Sex(said.sex).label,
        said.phone,
        said.contact_name,
        said.contact_phone,
        house.building.estate,
        house.building.name,
        house.unit_no,
        house.room,
        ResidencyKind(one.kind).label,
        Relation(one.relation).label,
        one.began_on.isoformat(),
    )
