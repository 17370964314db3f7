"""Cases of the small world: items with their departments, and cases in any state."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

import pytest
from django.utils.timezone import localtime
from PIL import Image

from cases import intake, moves, opening, photos, supervision, workflow
from cases.errors import NotAllowed
from cases.given import Part
from cases.intake import Report
from cases.models import (
    Case,
    Item,
    ItemClass,
    ItemLimit,
    Ladder,
    LadderStep,
    PhotoKind,
    Source,
    State,
)
from governance import actor, timers
from governance.models import Message, Unit, User
from tests.builders import World, moment, shift_clock

MONDAY = moment("2026-03-02 09:00")
_shades = count(1)

LIMITS = {
    "accept": (2, "working_hours"),
    "dispatch": (2, "working_hours"),
    "sign": (4, "working_hours"),
    "handle": (1, "working_days"),
    "verify": (1, "working_days"),
    "promise": (3, "working_days"),
}


def create_ladder() -> Ladder:
    """Remind at 80 %; overdue: community at once, street after 8 hours, district after 2 days."""
    ladder, new = Ladder.objects.get_or_create(
        code="normal", defaults={"name": "一般", "remind_percent": [80]}
    )
    rungs = (
        (0, "working_hours", "community"),
        (8, "working_hours", "street"),
        (2, "working_days", "district"),
    )
    for step, (after, unit, to) in enumerate(rungs if new else ()):
        LadderStep.objects.create(ladder=ladder, step=step, after=after, unit=unit, to=to)
    return ladder


def create_item(
    *,
    department: Unit,
    code: str = "0101",
    name: str = "暴露垃圾",
    dispatch: str = "automatic",
    photo_before: bool = False,
    photo_after: bool = False,
    joint: tuple[Unit, ...] = (),
    limits: dict[str, tuple[int, str]] | None = None,
    **fields: Any,
) -> Item:
    item_class, _new = ItemClass.objects.get_or_create(
        code="environment", defaults={"name": "市容环境", "name_en": "City appearance"}
    )
    item = Item.objects.create(
        code=code,
        item_class=item_class,
        name=name,
        department=department,
        dispatch=dispatch,
        ladder=create_ladder(),
        photo_before=photo_before,
        photo_after=photo_after,
        **{
            "name_en": f"Item {code}",
            "form": "event",
            "words": ["垃圾", "乱倒垃圾"] if code == "0101" else [],
            "remit": "basic",
            "admission": "有成堆垃圾",
            "closing": "垃圾已清除",
            "source": "演示",
            **fields,
        },
    )
    item.joint.set(joint)
    for stage, (amount, unit) in (limits or LIMITS).items():
        ItemLimit.objects.create(item=item, stage=stage, amount=amount, unit=unit)
    return item


def picture(*, width: int = 60, height: int = 40) -> BytesIO:
    """A JPEG, each of another colour."""
    shade = next(_shades)
    file = BytesIO()
    colour = (shade * 37 % 256, shade * 91 % 256, shade * 53 % 256)
    Image.new("RGB", (width, height), colour).save(file, "JPEG")
    file.seek(0)
    file.name = "photo.jpg"
    return file


# The way to each state: (action, who of the world).
WAY: dict[str, tuple[tuple[str, str], ...]] = {
    State.REPORTED: (),
    State.REFUSED: (("refuse", "clerk"),),
    State.ACCEPTED: (("accept", "clerk"),),
    State.DISPATCHED: (("accept", "clerk"), ("dispatch", "dispatcher")),
}
WAY[State.REFERRED] = (
    *WAY[State.DISPATCHED],
    ("return", "handler"),
    ("insist", "dispatcher"),
    ("return", "handler"),
)
WAY[State.HANDLING] = (*WAY[State.DISPATCHED], ("sign", "handler"))
WAY[State.FINISHED] = (*WAY[State.HANDLING], ("finish", "handler"))
WAY[State.VERIFIED] = (*WAY[State.FINISHED], ("verify", "grid_worker"))
WAY[State.CLOSED] = (*WAY[State.VERIFIED], ("close", "clerk"))
WAY[State.ANSWERED] = (*WAY[State.CLOSED], ("answer", "clerk"))
WAY[State.JOINT] = (*WAY[State.ACCEPTED], ("whistle", "clerk"))
WAY[State.SUSPENDED] = (
    *WAY[State.HANDLING],
    ("ask_suspension", "handler"),
    ("grant", "dispatcher"),
)
WAY[State.WAITING] = (*WAY[State.HANDLING], ("ask_reporter", "handler"))
WAY[State.JOINED] = (("join", "clerk"),)
WAY[State.SPLIT] = (("split", "clerk"),)
WAY[State.ARCHIVED] = (*WAY[State.ANSWERED], ("archive", "clerk"))


def report_of(item: Item, **fields: Any) -> Report:
    return Report(
        item_id=item.pk,
        **{
            "description": "楼前有一堆垃圾",
            "source": Source.PHONE_CALL,
            "place": "军丽园3号楼",
            **fields,
        },
    )


def create_case(
    world: World,
    *,
    item: Item | None = None,
    state: str = State.REPORTED,
    by: User | None = None,
    grid: Unit | None = None,
    now: datetime = MONDAY,
    **fields: Any,
) -> Case:
    """A case in a state, brought there by the product's own verbs, all at the moment `now`."""
    if item is None:
        item = Item.objects.filter(code="0101").first() or create_item(
            department=world.sanitation, dispatch="manual"
        )
    reporter = by or world.clerk
    with actor.acting(reporter.pk, "desk"):
        case, _new = intake.open_case(report_of(item, **fields), by=reporter, now=now)
    place_in(case, grid or world.grid)
    for action, who in WAY[state]:
        case = move(case, action, by=getattr(world, who), now=now)
    return case


def place_in(case: Case, grid: Unit) -> None:
    """As if the case's point lay in this grid (the small world has no territory)."""
    chain = opening.where(grid.pk, None)
    Case.objects.filter(pk=case.pk).update(**chain)
    case.refresh_from_db()


def move(case: Case, action: str, *, by: User | None, now: datetime = MONDAY, **given: Any) -> Case:
    """A move with what its row asks for filled in."""
    case.refresh_from_db()
    for need in moves.BY_ACTION[action].needs:
        if need == moves.Need.AFTER_PHOTO and case.item.photo_after:
            photos.add(case, picture(), kind=PhotoKind.AFTER, by=by, now=now)
        for name, value in filled_in(need, case, now).items():
            given.setdefault(name, value)
    with actor.acting(by.pk if by else None, "desk"):
        return workflow.take(case, action, by=by, now=now, **given)


def filled_in(need: moves.Need, case: Case, now: datetime) -> dict[str, Any]:
    """What somebody would give for a need who wants the move to succeed."""
    today, need_is = localtime(now).date(), moves.Need
    match need:
        case need_is.NOTE:
            return {"note": "说明"}
        case need_is.DEPARTMENT:
            return {"department_id": case.item.department_id}
        case need_is.OUTCOME:
            return {"outcome": "solved"}
        case need_is.SATISFIED:
            return {"satisfied": True}
        case need_is.UNTIL:
            return {"until": today + timedelta(days=10)}
        case need_is.MAIN:
            main, _new = intake.open_case(report_of(case.item), by=case.reported_by, now=now)
            return {"main": main.number}
        case need_is.PARTS:
            return {"parts": (Part(case.item_id, "垃圾一堆"), Part(case.item_id, "垃圾两堆"))}
        case need_is.WHISTLE_KIND:
            return {"whistle_kind": "hard"}
        case need_is.DEPARTMENTS:
            return {"department_ids": (case.item.department_id,)}
        case need_is.TASK:
            task = case.tasks.order_by("pk").last()
            return {"task_id": task.pk if task else None}
        case need_is.SCORE:
            return {"score": 5}
        case need_is.MEETING:
            return {"held_on": today, "participants": "环卫所、派出所", "note": "会商纪要"}
        case need_is.WHAT_FOUND:
            return {"what": "堵塞消防通道", "party": "某某商店"}
        case need_is.FINDING:
            finding = case.findings.order_by("pk").last()
            return {"finding_id": finding.pk if finding else None}
        case need_is.ORDER:
            due_on, recheck_on = today + timedelta(days=7), today + timedelta(days=8)
            return {"ground": "消防法第二十八条", "due_on": due_on, "recheck_on": recheck_on}
        case need_is.MENDED:
            return {"mended": True}
        case need_is.SEVERITY:
            return {"severity": supervision.above(case.severity) if case.severity else "plain"}
        case need_is.CORRECTION:
            name = "description" if case.state == State.CLOSED else "place"
            return {name: f"{getattr(case, name)}（更正）"}
        case need_is.SHARED_WITH | need_is.SHARED:
            other = Unit.objects.filter(kind="department").exclude(pk=case.item.department_id)
            return {"unit_id": other.order_by("pk")[0].pk}
        case _:
            return {}


def long_case(
    world: World, *, departments: list[Unit], pictures: int = 30, lines: int = 200, **fields: Any
) -> Case:
    """A case with this many called departments, photos and lines of history."""
    case = create_case(world, state=State.ACCEPTED, **fields)
    now = fields.get("now", MONDAY)
    case = move(
        case,
        "whistle",
        by=world.clerk,
        now=now,
        department_ids=tuple(unit.pk for unit in departments),
        note="夜市占道、油烟、噪声、消防通道堵塞，须各部门一并到场处置",
    )
    for _picture in range(pictures):
        photos.add(case, picture(), kind=PhotoKind.BEFORE, by=world.clerk, now=now)
    note = "居民再次来电，称夜间仍有商户占用消防通道，请现场核实并当晚反馈处置情况。"
    while case.transitions.count() < lines:
        action = "lift_supervision" if case.severity else "supervise"
        case = move(case, action, by=world.supervisor, now=now, note=note)
    return case


def sweep(at: str) -> datetime:
    """Let it be that moment, and the sweep knock."""
    now = shift_clock(to=moment(at))
    timers.sweep()
    return now


def told(user: User) -> list[str]:
    """The moves and kinds of what somebody was told of cases, in order."""
    rows = Message.objects.filter(recipient=user).order_by("pk")
    return [row.params.get("action", row.kind.removeprefix("case.")) for row in rows]


def refused(case: Case, action: str, *, by: User | None, **given: Any) -> str:
    """The sentence with which a move is refused."""
    with pytest.raises(NotAllowed) as error:
        move(case, action, by=by, **given)
    return str(error.value)


def near(world: World, case: Case, metres: float = 20, **fields: Any) -> Case:
    """Another case so far to the east of one."""
    assert case.lon is not None
    return create_case(
        world, lon=case.lon + metres / 86_000, lat=case.lat, reporter_phone="13900001111", **fields
    )
