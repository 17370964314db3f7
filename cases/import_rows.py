"""The rows of a foreign CSV file, one at a time, and what each says in our terms."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _t

from cases.import_mapping import Meaning, plain

BROKEN = {chr(0xDC00 + byte): byte for byte in range(0x80, 0x100)}  # errors="surrogateescape"
LONGEST = {"description": 2000, "place": 200, "result": 2000, "answer": 2000}


class BadFile(Exception):
    """The file cannot be read with this mapping; nothing was written."""


class BadRow(Exception):
    """Why this row cannot become a case."""


@dataclass(frozen=True)
class Row:
    """One record: the line it begins on, its cells, and why the reader could not take it."""

    line: int
    cells: list[str]
    fault: str = ""


@dataclass(frozen=True)
class Request:
    """What a row says, in our terms; times are aware."""

    number: str
    opened: datetime
    target: datetime | None
    closed: datetime | None
    on_time: bool | None  # the file's own answer
    item_id: int
    department_id: int | None
    description: str
    place: str
    point: tuple[float, float] | None  # longitude, latitude
    outcome: str
    result: str
    answer: str


class Table:
    """A CSV file as it streams by: `header` at once, then the rows, none of them kept.

    Open the file as UTF-8 with `errors="surrogateescape"`: bytes that are not then spoil their row
    alone, and go into the file of refused rows as they were. Raises BadFile.
    """

    def __init__(self, file: Iterable[str], meaning: Meaning) -> None:
        self.reader = csv.reader(file, strict=True)
        try:
            self.header = [plain(name) for name in next(self.reader, [])]
        except csv.Error as error:
            raise BadFile(str(error)) from error
        if fault := not_utf8(self.header):
            raise BadFile(_t("第 1 行：%(fault)s") % {"fault": fault})
        asked = [*meaning.columns.values(), *meaning.description]
        if missing := sorted({name for name in asked if self.header.count(name) != 1}):
            names = {"columns": _t("、").join(missing)}
            raise BadFile(_t("表头中没有（或不止一个）这些列：%(columns)s") % names)
        self.number_at = self.header.index(meaning.columns["number"])

    def __iter__(self) -> Iterator[Row]:
        while True:
            line = self.reader.line_num + 1
            try:
                cells = next(self.reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(line, [], _t("不是 CSV：%(error)s") % {"error": error})
                continue
            if cells:
                yield Row(line, cells, self.fault(cells))

    def fault(self, cells: list[str]) -> str:
        if len(cells) != len(self.header):
            counts = {"header": len(self.header), "row": len(cells)}
            return _t("表头有 %(header)d 列，本行有 %(row)d 列") % counts
        if any("\0" in cell for cell in cells):
            return _t("含有空字符（NUL）")
        return not_utf8(cells)

    def number(self, row: Row) -> str:
        return plain(row.cells[self.number_at])

    def texts(self, row: Row) -> dict[str, str]:
        """Column → text with single spaces. Raises BadRow for a row with a fault."""
        if row.fault:
            raise BadRow(row.fault)
        return {name: plain(cell) for name, cell in zip(self.header, row.cells, strict=True)}


def not_utf8(cells: list[str]) -> str:
    """Which byte of the line is at fault; "" for good text."""
    at = 1
    for cell in cells:
        for letter in cell:
            if letter in BROKEN:
                said = {"byte": f"0x{BROKEN[letter]:02X}", "at": at}
                return _t("不是 UTF-8：第 %(at)d 个字节 %(byte)s") % said
            at += len(letter.encode())
        at += 1  # the comma
    return ""


def request_of(texts: dict[str, str], meaning: Meaning, now: datetime) -> Request:
    """The row in our terms. Raises BadRow."""

    def text(what: str) -> str:
        column = meaning.columns.get(what)
        return texts[column] if column else ""

    if not text("number"):
        raise BadRow(_t("缺少编号"))
    opened, target, closed = times(text("opened"), text("target"), text("closed"), meaning)
    if max(opened, closed or opened) > now:
        raise BadRow(_t("上报或结案时间在将来"))
    request = Request(
        number=text("number"),
        opened=opened,
        target=target,
        closed=closed,
        on_time=on_time_of(text("on_time"), meaning),
        item_id=item_of(text("category"), meaning),
        department_id=department_of(text("department"), meaning),
        description=described([texts[name] for name in meaning.description], text("category")),
        place=text("place"),
        point=point_of(text("lon"), text("lat"), meaning),
        outcome=outcome_of(text("result"), meaning),
        result=text("result"),
        answer=text("answer"),
    )
    check_lengths(request)
    return request


def times(
    opened: str, target: str, closed: str, meaning: Meaning
) -> tuple[datetime, datetime | None, datetime | None]:
    """Opened, target and closed as moments; the close not before the opening."""
    if not opened:
        raise BadRow(_t("缺少上报时间"))
    began = moment(opened, meaning)
    ended = moment(closed, meaning, not_before=began) if closed else None
    if ended is not None and ended < began:
        raise BadRow(
            _t("结案时间 %(closed)s 早于上报时间 %(opened)s") % {"closed": closed, "opened": opened}
        )
    return began, moment(target, meaning) if target else None, ended


def moment(text: str, meaning: Meaning, *, not_before: datetime | None = None) -> datetime:
    """The moment that a text names, in UTC, to the second or finer. Raises BadRow."""
    try:
        if meaning.time_format:
            wall = datetime.strptime(text, meaning.time_format)  # noqa: DTZ007 -- the zone follows
        else:
            wall = datetime.fromisoformat(text)
        if wall.tzinfo is not None:
            return wall.astimezone(UTC)
        return local_moment(wall, meaning.zone, not_before)
    except (ValueError, OverflowError) as error:
        format_ = meaning.time_format or "ISO 8601"
        raise BadRow(
            _t("时间“%(text)s”不合格式 %(format)s") % {"text": text, "format": format_}
        ) from error


def local_moment(wall: datetime, zone: ZoneInfo, not_before: datetime | None) -> datetime:
    """The moment of a wall clock's time, in UTC.

    An hour that the clocks skipped never was: BadRow. One that they showed twice is taken as the
    first, but where that lies before `not_before` as the second.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) != wall:
        names = {"wall": wall.isoformat(" "), "zone": zone.key}
        raise BadRow(_t("%(zone)s 没有 %(wall)s 这一刻（夏令时跳过）") % names)
    return second if not_before is not None and first < not_before <= second else first


def on_time_of(said: str, meaning: Meaning) -> bool | None:
    if not said:
        return None
    if said not in meaning.on_time:
        raise BadRow(_t("[on_time] 没有“%(value)s”") % {"value": said})
    return meaning.on_time[said]


def item_of(category: str, meaning: Meaning) -> int:
    found = meaning.items.get(category, meaning.default_item)
    if found is None:
        raise BadRow(_t("[items] 没有“%(value)s”，也没有 default_item") % {"value": category})
    return found


def department_of(said: str, meaning: Meaning) -> int | None:
    """None where the row names none: then the item's department has it."""
    if not said:
        return None
    if said not in meaning.departments:
        raise BadRow(_t("[departments] 没有“%(value)s”") % {"value": said})
    return meaning.departments[said]


def described(parts: list[str], category: str) -> str:
    """The parts that say something, each once."""
    return " · ".join(dict.fromkeys(part for part in parts if part)) or category


def point_of(lon: str, lat: str, meaning: Meaning) -> tuple[float, float] | None:
    if not (lon or lat):
        return None
    try:
        point = float(lon), float(lat)
    except ValueError as error:
        raise BadRow(_t("坐标“%(lon)s, %(lat)s”不是数") % {"lon": lon, "lat": lat}) from error
    if not (math.isfinite(sum(point)) and abs(point[0]) <= 180 and abs(point[1]) <= 90):
        raise BadRow(_t("坐标“%(lon)s, %(lat)s”不在地球上") % {"lon": lon, "lat": lat})
    return None if point in meaning.nowhere else point


def outcome_of(result: str, meaning: Meaning) -> str:
    found = (outcome for said, outcome in meaning.outcomes if said in result)
    return next(found, meaning.default_outcome)


def check_lengths(request: Request) -> None:
    for name, longest in LONGEST.items():
        if len(getattr(request, name)) > longest:
            column = {"column": name, "longest": longest}
            raise BadRow(_t("%(column)s 超过 %(longest)d 个字") % column)
