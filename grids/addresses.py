"""Standard addresses: one line of text in parts, each place once, found by any two characters.

A line is read from both ends: units that are known stand at its start, room and floor at its end;
what is left in the middle is road, number and estate. What would not read back the same was not
understood.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.postgres.search import SearchQuery
from django.db import connection, models, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from pghistory.models import Event

from governance import search as full_text
from governance import units
from governance.models import LEVELS, UnitKind
from governance.reference import Reference
from grids import access
from grids.errors import NotAllowed
from grids.models import Address

if TYPE_CHECKING:
    from governance.models import User

LONGEST = 200
FOUND, LOOKED_AT = 20, 200
PARTS = ("road", "number", "estate", "building", "unit_no", "floor", "room")


@dataclass(frozen=True)
class Parsed:
    """The parts of a line, "" for what it does not say; `rest` was not understood."""

    unit_id: int | None = None
    road: str = ""
    number: str = ""
    estate: str = ""
    building: str = ""
    unit_no: str = ""
    floor: str = ""
    room: str = ""
    rest: str = ""
    confidence: float = 0.0

    @property
    def parts(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in PARTS}

    @property
    def key(self) -> str:
        """The standard line from the road on: 和顺路12号军丽园3号楼2单元5层501室."""
        street = (self.number, self.estate) if self.road else (self.estate, self.number)
        unit = f"{self.unit_no}单元" if self.unit_no else ""
        floor = f"{self.floor}层" if self.floor else ""
        room = f"{self.room}室" if self.room else ""
        return "".join([self.road, *street, self.building, unit, floor, room])


# Numerals ---------------------------------------------------------------------------------------

DIGITS = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
TENS = {"十": 10, "百": 100}
CHINESE = "零〇一二两三四五六七八九十百"


def numeral(text: str) -> str:
    """Chinese numerals as digits: 二十三 → 23, 五〇一 → 501; anything else as it is."""
    if not text or set(text) - set(CHINESE):
        return text
    if not set(text) & set(TENS):
        return "".join(str(DIGITS[char]) for char in text)
    total, digit = 0, 0
    for char in text:
        if char in TENS:
            total, digit = total + (digit or 1) * TENS[char], 0
        else:
            digit = DIGITS[char]
    return str(total + digit)


# Reading ----------------------------------------------------------------------------------------

N = rf"(?:[0-9]{{1,5}}|[{CHINESE}]{{1,6}})"
ROOM = re.compile(rf"(?P<n>{N}[A-Z]?|[A-Z][0-9]{{1,4}})(?:室|号房|房间|房|户)$")
FLOOR = re.compile(rf"(?P<under>地下|负|-|B)?第?(?P<n>{N})(?:层|楼层|楼|F)$")
UNIT = re.compile(rf"第?(?P<n>{N}|[A-Z]|[甲乙丙丁东西中](?=单元))(?:单元|门洞|门)$")
BUILDING = re.compile(
    rf"(?:(?P<n>{N}[A-Z]?|[A-Z][0-9]{{0,3}})(?P<kind>号楼|号栋|号幢|号座|栋楼|栋|幢|座|#楼|#)"
    r"|(?P<stem>[A-Z甲乙丙丁东西南北中])(?P<tower>座|楼|栋|幢))$"
)
DASHED = re.compile(
    r"(?<![0-9-])(?P<building>[0-9]{1,3})(?:号楼|栋|幢|#)?-(?:(?P<unit>[0-9]{1,2})(?:单元|门)?-)?"
    r"(?P<room>[0-9]{3,4}[A-Z]?)(?:室|号)?$"
)
BARE_ROOM = re.compile(r"(?P<n>[0-9]{3,4}[A-Z]?|[零〇一二两三四五六七八九]{3,4})号?$")
NUMBER = re.compile(
    rf"(?P<n>{N}[A-Z]?(?:-[0-9]{{1,3}})?)(?P<kind>号院|号大院|号|弄|支弄)(?P<more>附{N}号|[甲乙丙丁])?"
)
LAST_NUMBER = re.compile(NUMBER.pattern + "$")
ROAD = re.compile(
    r"(?P<road>[\u4e00-\u9fff0-9A-Z]{1,20}?(?:大道|大街|公路|胡同|里弄|路|街|巷|(?<!街)道|弄堂))"
)
GROUP = re.compile(rf"(?P<n>第?{N})(?P<kind>组|队|社)$")
ESTATE = re.compile(
    r"(小区|花园|家园|新村|公寓|新苑|别墅|大厦|大楼|广场|中心|大院|市场|商场|学校|医院|公司|工厂|"
    r"[园苑里村庄屯院城府湾坊庭轩阁邸郡居厂店校馆巷组队社塘桥])$"
)
FOREIGN = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,8}?(?:省|自治区|(?<![菜超夜早集])市|自治州|(?<![小园社片库城一二三四五六七八九十东西南北])区"
    r"|县|街道(?:办事处)?|镇|乡|社区|居委会))(?![东西南北中府内外前后大一二三四五]{0,2}[路街道巷])"
)
NAME = re.compile(r"[\u4e00-\u9fff0-9A-Z-]{2,}")
NOISE = re.compile(r"[\s,，。.、;；:：|/\\_~·'\"“”‘’]+")
BRACKETS = re.compile(r"\([^()]*\)")
DASHES = str.maketrans("—–―號樓單", "---号楼单")
LEVEL_KINDS = (UnitKind.DISTRICT, UnitKind.STREET, UnitKind.COMMUNITY)


def parse(text: str) -> Parsed:
    """The parts of one line with a confidence from 0 to 1."""
    line, aside = plain(text)
    found = read(line)
    again = read(found.key)
    if again.parts != found.parts:
        found = Parsed(unit_id=found.unit_id, rest=line)
    rest = f"{found.rest}{aside}"[:LONGEST]
    return replace(found, rest=rest, confidence=confidence(found, line))


def plain(text: str) -> tuple[str, str]:
    """The line without blanks and punctuation, half-width, capital; and what stood in brackets."""
    line = unicodedata.normalize("NFKC", text).upper().translate(DASHES)
    aside = "".join(BRACKETS.findall(line))
    line = NOISE.sub("", BRACKETS.sub("", line))
    return "".join(char for char in line if char.isprintable())[:LONGEST], aside


def read(line: str) -> Parsed:
    unit_id, rest, foreign = units_at_start(line)
    ends, middle = read_ends(rest)
    road, number, middle = read_street(middle)
    estate, strange = read_estate(middle, known=bool(road or number or ends))
    found = Parsed(unit_id=unit_id, road=road, number=number, estate=estate, **ends)
    return shortened(replace(found, rest=foreign + strange))


def shortened(found: Parsed) -> Parsed:
    """What is too long for its column was not understood."""
    rest, kept = found.rest, dict[str, Any]()
    for name, value in found.parts.items():
        if len(value) > LENGTHS[name]:
            rest, kept[name] = rest + value, ""
    return replace(found, rest=rest, **kept)


LENGTHS: dict[str, int] = {
    name: getattr(Address._meta.get_field(name), "max_length", 0) for name in PARTS
}


class Named(NamedTuple):
    pk: int
    kind: str
    street_id: int | None
    district_id: int | None


def load_names() -> dict[str, tuple[Named, ...]]:
    """What a district, street or community is called → which it can be."""
    found: dict[str, tuple[Named, ...]] = {}
    for unit in units.known().values():
        if unit.kind not in LEVEL_KINDS or unit.valid_to is not None:
            continue
        name = plain(unit.name)[0]
        stem = re.sub(r"(社区)?居委会$|村委会$", "", name)
        for said in {name, stem, f"{stem}居委会", *(() if "社区" in stem else [f"{stem}社区"])}:
            if len(said) > 1:
                known = found.get(said, ())
                found[said] = (*known, Named(unit.pk, unit.kind, unit.street_id, unit.district_id))
    return found


unit_names = Reference("units", load_names)


def units_at_start(line: str) -> tuple[int | None, str, str]:
    """(the lowest known unit at the start, what follows, names of places that are not ours)."""
    found: Named | None = None
    foreign = ""
    while True:
        step = next_unit(line, found)
        if step is not None:  # what stood before was the province and the city of it
            (found, length), foreign = step, ""
        elif (other := foreign_at(line, found)) is not None:
            length, foreign = len(other), foreign + other
        else:
            return found and found.pk, line, foreign
        line = line[length:]


def foreign_at(line: str, above: Named | None) -> str | None:
    """A place's name at the start that is no unit of ours, below what was found before."""
    other = FOREIGN.match(line)
    if other is None or other.end() == len(line):
        return None
    wide = other["name"].endswith(("省", "市", "州", "区", "县")) and "社区" not in other["name"]
    if above is not None and (wide or above.kind == UnitKind.COMMUNITY):
        return None
    return other["name"]


def next_unit(line: str, above: Named | None) -> tuple[Named, int] | None:
    """The longest name at the start that is one unit below the one found before."""
    names = unit_names()
    for length in range(min(len(line), 24), 1, -1):
        fitting = [unit for unit in names.get(line[:length], ()) if lies_below(unit, above)]
        if len(fitting) == 1:
            return fitting[0], length
    return None


def lies_below(unit: Named, above: Named | None) -> bool:
    if above is None:
        return True
    if unit.pk == above.pk or unit.kind == above.kind:
        return False
    return above.pk in {unit.district_id, unit.street_id}


def read_ends(line: str) -> tuple[dict[str, Any], str]:
    """Building, unit, floor and room, from the end on; and what stands before them."""
    if dashed := DASHED.search(line):
        parts = {"building": f"{int(dashed['building'])}号楼", "room": dashed["room"]}
        if dashed["unit"]:
            parts["unit_no"] = str(int(dashed["unit"]))
        return parts, line[: dashed.start()]
    parts = {}
    room = ROOM.search(line)
    bare = None if room else BARE_ROOM.search(line)
    if room:
        parts["room"], line = standard(room["n"]), line[: room.start()]
    elif bare and re.search(r"(楼|栋|幢|座|#|单元|门|层)$", line[: bare.start()]):
        parts["room"], line = numeral(bare["n"]), line[: bare.start()]
    floor = FLOOR.search(line)
    if floor and not BUILDING.search(line):
        under = "-" if floor["under"] else ""
        parts["floor"], line = under + standard(floor["n"]), line[: floor.start()]
    if unit := UNIT.search(line):
        parts["unit_no"], line = standard(unit["n"]), line[: unit.start()]
        if floor_like := re.search(rf"第?(?P<n>{N})楼$", line):  # 3楼2单元: a building
            parts["building"] = f"{standard(floor_like['n'])}号楼"
            return parts, line[: floor_like.start()]
    if building := BUILDING.search(line):
        parts["building"], line = building_name(building), line[: building.start()]
    return parts, line


def standard(text: str) -> str:
    """A number without leading zeros in Arabic digits; a room keeps its zeros."""
    found = numeral(text)
    return found.lstrip("0") or found if len(found) < 3 and found.isdecimal() else found


def building_name(found: re.Match[str]) -> str:
    if found["stem"]:
        return f"{found['stem']}座" if found["tower"] != "楼" else f"{found['stem']}楼"
    name = standard(found["n"])
    return f"{name}座" if name[0].isalpha() and found["kind"] == "座" else f"{name}号楼"


def read_street(line: str) -> tuple[str, str, str]:
    """Road and number at the start, and what follows."""
    road = ROAD.match(line)
    line = line[road.end() :] if road else line
    number = NUMBER.match(line)
    if number is None and road is None:  # in a village the number stands behind the name
        number = LAST_NUMBER.search(line)
    if number is None:
        return road["road"] if road else "", "", line
    more = re.sub(rf"附({N})号", lambda m: f"附{numeral(m[1])}号", number["more"] or "")
    said = f"{numeral(number['n'])}{number['kind']}{more}"
    return road["road"] if road else "", said, line[: number.start()] + line[number.end() :]


def read_estate(line: str, *, known: bool) -> tuple[str, str]:
    """(estate, what is no estate); a village's group belongs to it: 李家村3组."""
    if group := GROUP.search(line):
        name = numeral(group["n"].removeprefix("第"))
        line = f"{line[: group.start()]}{name}{group['kind']}"
    named = NAME.fullmatch(line) is not None
    return (line, "") if named and (known or ESTATE.search(line)) else ("", line)


def confidence(found: Parsed, line: str) -> float:
    """How much of the line was understood, and whether it leads to a door."""
    if not line or not found.key:
        return 0.0
    understood = max(0.0, 1 - len(found.rest) / len(line))
    street, inside = found.number and found.road, found.building and found.unit_id
    anchored = bool(found.estate or street or inside)
    exact = bool(found.building or found.number or found.room)
    weight = (1.0 if exact else 0.8) if anchored else 0.5
    if found.estate and not ESTATE.search(found.estate):
        weight *= 0.9
    return round(understood * weight * (1.0 if found.unit_id else 0.95), 2)


# Keeping ----------------------------------------------------------------------------------------

TOKENS = {"number": "zzn", "building": "zzb", "unit_no": "zzu", "room": "zzr"}


def vector(parsed: Parsed, community_id: int | None, street_id: int | None) -> str:
    """What an address is found by: the character pairs of its line and its units, and its numbers
    each whole, as 3号楼 in character pairs is in every address."""
    names = units.name_of(street_id), units.name_of(community_id)
    return " ".join([full_text.vector(*names, parsed.key), *tokens(parsed)])


def tokens(parsed: Parsed) -> Iterator[str]:
    """In hexadecimal digits: PostgreSQL would cut 3号楼 in two when it reads a query."""
    for name, mark in TOKENS.items():
        if value := getattr(parsed, name):
            yield f"'{mark}{value.encode().hex()}'"


@transaction.atomic
def save(
    parsed: Parsed,
    *,
    point: tuple[float, float] | None = None,
    unit_id: int | None = None,
    by: User,
    now: datetime,
) -> tuple[Address, bool]:
    """The address of these parts, made if it is new: (address, made now).

    Where it lies says the point's grid, else `unit_id`, else the unit that the line names, else
    the post of who writes. One without a point learns it. Raises NotAllowed.
    """
    if not parsed.key:
        raise NotAllowed(_t("没有读出道路、小区、楼栋或门牌，请改写地址。"))
    where = access.levels(by, point, unit_id or parsed.unit_id)
    access.check(by, where)
    return keep(parsed, where, point)


def keep(
    parsed: Parsed, where: dict[str, int | None], point: tuple[float, float] | None
) -> tuple[Address, bool]:
    """Find or make it; two who make the same at the same time get the same one."""
    lock(where["community_id"], parsed.key)
    found = Address.objects.filter(
        community=where["community_id"], key=parsed.key, merged_into=None
    ).first()
    if found is None:
        made = unsaved(parsed, where, point)
        made.save()
        return made, True
    if point and found.lon is None:
        found.lon, found.lat = point
        for column, value in where.items():
            setattr(found, column, value)
        found.save(update_fields=["lon", "lat", *where])
    return found, False


def unsaved(
    parsed: Parsed, where: dict[str, int | None], point: tuple[float, float] | None
) -> Address:
    """A new address as it would be written."""
    lon, lat = point or (None, None)
    made = Address(**parsed.parts, **where, key=parsed.key, lon=lon, lat=lat)
    made.search = vector(parsed, where["community_id"], where["street_id"])
    return made


def lock(community_id: int | None, key: str) -> None:
    with connection.cursor() as cursor:
        said = f"address {community_id} {key}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [said])


# Finding ----------------------------------------------------------------------------------------


def visible_to(user: User) -> QuerySet[Address]:
    """The addresses of the user's territory that were not merged into others."""
    return Address.objects.filter(access.within(user), merged_into=None)


def query(words: str) -> SearchQuery | None:
    """What to match: numbers that the words say in full each whole, the rest by character pairs."""
    parsed = parse(words)
    said = [units.name_of(parsed.unit_id), parsed.road, parsed.estate, parsed.rest]
    if parsed.floor:
        said.append(parsed.floor)
    pairs = full_text.lexemes(*said)
    prefix = [f"'{p}':*" if p.isascii() or len(p) == 1 else f"'{p}'" for p in pairs]
    parts = [*tokens(parsed), *prefix]
    if not parts:
        return full_text.query(words)
    return SearchQuery(" & ".join(parts), search_type="raw", config="simple")


def search(user: User, words: str, *, limit: int = FOUND) -> list[Address]:
    """The user's addresses that hold all the words, the shortest first: of many the first that
    come, as a list of thousands helps nobody."""
    asked = query(words)
    if asked is None:
        return []
    found = list(visible_to(user).filter(search=asked)[:LOOKED_AT])
    return sorted(found, key=lambda one: (len(one.key), one.key, one.pk))[:limit]


def alike(address: Address, user: User) -> list[Address]:
    """Other addresses of the same community that may be the same door: same building, unit, floor
    and room under another road or estate."""
    if not (address.building or address.room):
        return []
    same = {name: getattr(address, name) for name in ("building", "unit_no", "room")}
    rows = visible_to(user).filter(community=address.community_id, **same).exclude(pk=address.pk)
    near = Q(road=address.road) & ~Q(road="") | Q(estate=address.estate) & ~Q(estate="")
    return list(rows.filter(near).order_by("key", "pk")[:FOUND])


# Merging ----------------------------------------------------------------------------------------


def references() -> list[tuple[type[models.Model], str]]:
    """Every column that names an address, also of rooms above; not what history keeps."""
    found = []
    for relation in Address._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and relation.one_to_many:
            model = relation.related_model
            assert isinstance(model, type)
            if not issubclass(model, Event):
                found.append((model, relation.field.name))  # type: ignore[union-attr]
    return found


@transaction.atomic
def merge(address: Address, into: Address, *, by: User, now: datetime) -> Address:
    """Two addresses are one door: what named the first names the second from now on, also what had
    been merged into it before. Returns the one that stays. Raises NotAllowed."""
    ids = sorted({address.pk, into.pk})
    locked = {row.pk: row for row in Address.objects.select_for_update().filter(pk__in=ids)}
    if len(locked) < 2:
        raise NotAllowed(_t("请选择另一个地址。"))
    gone, kept = locked[address.pk], locked[into.pk]
    if gone.merged_into_id or kept.merged_into_id:
        raise NotAllowed(_t("该地址已并入其他地址，请刷新后再试。"))
    for row in (gone, kept):
        access.check(by, {f"{level}_id": getattr(row, f"{level}_id") for level in LEVELS})
    for model, column in references():
        model._default_manager.filter(**{column: gone.pk}).update(**{column: kept.pk})
    if kept.lon is None and gone.lon is not None:
        kept.lon, kept.lat = gone.lon, gone.lat
        kept.save(update_fields=["lon", "lat"])
    gone.merged_into = kept
    gone.save(update_fields=["merged_into"])
    return kept
