"""What happens to the n-th case: one script that both the verbs and the writer follow.

A story depends on its number alone (and the organisation): any process can tell it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from bench.territory import inside
from bench.world import GridPlace, World
from cases.items import ItemFacts
from cases.models import OPEN, State

MONTHS_TEN = timedelta(days=304)
STEP_SECONDS = 1800
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英华建国玉兰桂平"
DETAILS = (
    "已经好几天了没人管", "影响老人和孩子出行", "晚上尤其严重", "多次反映仍未解决",
    "请尽快派人处理", "昨天下雨后更明显", "附近居民意见很大", "有安全隐患",
    "味道很大", "堵住了通道", "希望给个答复", "物业说不归他们管",
    "早高峰时最厉害", "靠近小学门口", "就在公交站旁边", "已拍照留存",
)  # fmt: skip
RESULTS = (
    "已到现场处理完毕，现场恢复正常。", "经核实情况属实，已安排人员清理并加强巡查。",
    "已联系责任单位整改，复查合格。", "已更换损坏部件，试运行正常。",
)  # fmt: skip
ANSWERS = ("您反映的问题已处理完毕，感谢监督。", "已处理并纳入日常巡查，如有反复请再次来电。")
REFUSALS = ("经核实不属于本级职责范围，已告知反映渠道。", "所述地点不存在该情况，已电话说明。")
RETURNS = ("不属于本部门职责，建议改派。",)
FAILURES = ("现场仍有遗留，请继续处置。",)
# What a case still open waits for, and how often.
OPEN_STATES = {
    State.REPORTED: 12, State.ACCEPTED: 10, State.DISPATCHED: 15, State.HANDLING: 40,
    State.FINISHED: 10, State.VERIFIED: 6, State.CLOSED: 7,
}  # fmt: skip
AFTER = {
    "accept": State.ACCEPTED, "refuse": State.REFUSED, "dispatch": State.DISPATCHED,
    "sign": State.HANDLING, "return": State.ACCEPTED, "handle_on_spot": State.VERIFIED,
    "finish": State.FINISHED, "verify": State.VERIFIED, "fail": State.HANDLING,
    "close": State.CLOSED, "answer": State.ANSWERED, "archive": State.ARCHIVED,
}  # fmt: skip


class Move(NamedTuple):
    action: str
    by: int | None
    surface: str
    note: str = ""
    department_id: int | None = None
    outcome: str = ""
    satisfied: bool | None = None

    @property
    def to(self) -> State:
        if self.action == "rate":
            return State.ANSWERED if self.satisfied else State.HANDLING
        return AFTER[self.action]


@dataclass(slots=True)
class Story:
    number: int  # from 1
    item: ItemFacts
    grid: GridPlace
    description: str
    place: str
    lon: float
    lat: float
    accuracy_m: int | None
    source: str
    surface: str
    reported_by: int | None
    name: str
    phone: str
    reported_at: datetime
    moves: list[Move]
    times: list[datetime]
    # The last thing happened in the platform itself: it left timers and messages.
    live: bool


def tell(number: int, total: int, until: datetime, world: World, *, working: bool = False) -> Story:
    """The story of case `number` of `total`, spread evenly over the ten months before `until`.

    `working` asks for a case still at work at a department (what a sweep is about).
    """
    rng = Random(number * 1_000_003 + 7)
    ago = (
        timedelta(hours=30 + number % 60) if working else MONTHS_TEN * (1 - (number - 0.5) / total)
    )
    reported_at = floor(until - ago)
    item = rng.choices(world.items, cum_weights=world.item_weights)[0]
    grid = world.grids[int(rng.random() * len(world.grids))]
    source, surface, reported_by, name, phone = reporter(rng, grid, world)
    lon, lat = inside(grid.column, grid.row, rng.random(), rng.random())
    age = until - reported_at
    full = path(rng, item, grid, world, source)
    while working and not any(move.action == "sign" for move in full):
        full = path(rng, item, grid, world, source)
    if working or rng.random() < open_share(age):
        moves, live = cut(rng, full, item, working=working), True
        span = min(age, timedelta(days=5)) * rng.uniform(0.05, 0.9)
    else:
        moves, live = ended(rng, full, age), False
        span = min(age * 0.9, timedelta(hours=1 + rng.expovariate(1 / 30)))
    return Story(
        number=number,
        item=item,
        grid=grid,
        description=describe(rng, item),
        place=f"{grid.estate}{rng.randint(1, 40)}号楼{rng.randint(1, 6)}单元",
        lon=lon,
        lat=lat,
        accuracy_m=rng.randint(3, 60) if surface != "desk" else None,
        source=source,
        surface=surface,
        reported_by=reported_by,
        name=name,
        phone=phone,
        reported_at=reported_at,
        moves=moves,
        times=times(rng, reported_at, span, len(moves)),
        live=live and (AFTER_REPORT if not moves else moves[-1].to) in OPEN,
    )


AFTER_REPORT = State.REPORTED


def floor(moment: datetime) -> datetime:
    """To the half hour: deadlines of the same start need computing once."""
    seconds = int(moment.timestamp())
    return datetime.fromtimestamp(seconds - seconds % STEP_SECONDS, moment.tzinfo)


def open_share(age: timedelta) -> float:
    """The newest are at work, a few old ones linger: 2.3 % of ten months in all."""
    days = age / timedelta(days=1)
    return 0.60 if days < 5 else 0.08 if days < 30 else 0.007


def reporter(rng: Random, grid: GridPlace, world: World) -> tuple[str, str, int | None, str, str]:
    """(source, surface, user, name, phone) of who reported."""
    chance = rng.random()
    if chance < 0.25:
        return "worker", "phone", world.one(grid.unit_id, "grid_worker"), "", ""
    phone = f"13{rng.randrange(10**9):09d}"
    if chance < 0.45:
        return "public", "public", None, "", phone if rng.random() < 0.5 else ""
    name = rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=2))
    source = "phone_call" if chance < 0.9 else "walk_in"
    return source, "desk", world.one(grid.community_id, "clerk"), name, phone


def describe(rng: Random, item: ItemFacts) -> str:
    said = rng.choice((item.name, *item.words))
    return f"{said}，{rng.choice(DETAILS)}，{rng.choice(DETAILS)}。"


def path(rng: Random, item: ItemFacts, grid: GridPlace, world: World, source: str) -> list[Move]:
    """Everything that will happen, from the report to the archive."""
    clerk = world.one(grid.community_id, "clerk")
    worker = world.one(grid.unit_id, "grid_worker")
    end = [
        Move("close", clerk, "desk"),
        Move("answer", clerk, "desk", rng.choice(ANSWERS)),
    ]
    archive = Move("archive", clerk, "desk")
    if rng.random() < 0.035:
        return [Move("refuse", clerk, "desk", rng.choice(REFUSALS)), archive]
    if source == "worker" and rng.random() < 0.3:
        spot = Move("handle_on_spot", worker, "phone", rng.choice(RESULTS), outcome="solved")
        return [spot, *end, archive]
    dispatcher = world.one(grid.street_id, "dispatcher")
    lead = item.department_id
    handler = world.one(lead, "handler", rng.randrange(3))
    finish = Move("finish", handler, "phone", rng.choice(RESULTS), outcome=outcome(rng))
    verify = Move("verify", worker, "phone")
    moves = [Move("accept", clerk, "desk")]
    if rng.random() < 0.05 and item.joint_ids:
        wrong = rng.choice(item.joint_ids)
        moves.append(Move("dispatch", dispatcher, "desk", department_id=wrong))
        other = world.one(wrong, "handler")
        moves.append(Move("return", other, "desk", rng.choice(RETURNS)))
    moves.append(Move("dispatch", dispatcher, "desk", department_id=lead))
    moves += [Move("sign", handler, "phone"), finish]
    if rng.random() < 0.05:
        moves += [Move("fail", worker, "phone", rng.choice(FAILURES)), finish]
    moves += [verify, *end]
    chance = rng.random()
    rater, place = (None, "public") if source == "public" else (clerk, "desk")
    if chance < 0.01:
        again = [finish, verify, *end]
        moves += [Move("rate", rater, place, satisfied=False), *again]
    elif chance < 0.3:
        moves.append(Move("rate", rater, place, satisfied=True))
    return [*moves, archive]


def outcome(rng: Random) -> str:
    return rng.choices(("solved", "explained", "helped", "law", "not_ours"), (80, 12, 3, 2, 3))[0]


def cut(rng: Random, full: list[Move], item: ItemFacts, *, working: bool) -> list[Move]:
    """The part of a path that leaves the case open, waiting in one of the open states."""
    states = [move.to for move in full]
    wanted = (
        State.HANDLING
        if working
        else rng.choices(tuple(OPEN_STATES), tuple(OPEN_STATES.values()))[0]
    )
    if wanted == State.REPORTED:
        return []
    at = [n for n, state in enumerate(states) if state == wanted]
    if not at:
        return []
    end = rng.choice(at)
    # An automatic item does not wait for dispatch: it went at once.
    if full[end].action == "accept" and item.automatic:
        end += 1
    return full[: end + 1]


def ended(rng: Random, full: list[Move], age: timedelta) -> list[Move]:
    """Done: archived after two weeks."""
    return full if age > timedelta(days=15) else full[:-1]


def times(rng: Random, start: datetime, span: timedelta, count: int) -> list[datetime]:
    """When each move happened: in order, within the span after the report."""
    shares = sorted(rng.random() for _ in range(count))
    return [floor(start + span * share) for share in shares]
