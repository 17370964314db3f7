"""Four support plans of the demo, each agreed with the person or the guardian and kept by a team of
"1+3+N". By the verbs, as people would."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.utils.timezone import localdate

from cases.demo.neighbours import Neighbours, person
from cases.demo.organisation import GridPlace
from cases.demo.people import MARK
from cases.demo.residents import Resident
from governance import actor
from governance.models import Post, Unit, User
from governance.roles import Role
from people import support
from people.models import Basis, Relation, ResidencyKind, SupportKind, TeamRole
from people.support import Member

PHONES = 154_3000_0000


class Agreed(NamedTuple):
    """A plan: for whom, since how many days, what is to be reached, and the steps: what, due how
    many days after its beginning, and with which result."""

    kind: str
    days: int
    basis: str
    goal: str
    steps: tuple[tuple[str, int, str], ...]
    officer: bool = False


PLANS = (
    Agreed(
        "alone",
        80,
        Basis.CONSENT,
        "独居安全：每周有人看望，紧急时能找到人。",
        (
            ("加装燃气报警器和起夜灯", 14, "已安装，本人会用。"),
            ("联系老年助餐，每日一餐送到家", 30, "已开通，每日 11 点送到。"),
            ("冬季取暖前检查门窗与管道", 95, ""),
        ),
    ),
    Agreed(
        "disabled",
        52,
        Basis.CONSENT,
        "出行方便：楼门口坡道可用，辅具到位。",
        (
            ("申请辅助器具适配", 20, "已受理，轮椅已领取。"),
            ("协调物业修整楼门口坡道", 60, ""),
        ),
    ),
    Agreed(
        "children",
        33,
        Basis.GUARDIAN,
        "放学后有人照看，作业有人辅导。",
        (("报名社区四点半课堂", 10, "已报名，每周一至周五。"), ("寒假托管安排", 70, "")),
    ),
    Agreed(
        "hardship",
        18,
        Basis.CONSENT,
        "三个月内找到合适的工作，按规定申请临时救助。",
        (("陪同办理临时救助申请", 7, "材料已交街道。"), ("推荐参加保洁员招聘", 25, "")),
        officer=True,
    ),
)


def begin(near: Neighbours) -> int:
    """In the first grid, where each log-in of the demo finds the own ones; returns how many."""
    grid, kinds = near.homes[0], SupportKind.objects.in_bulk(field_name="code")
    for number, agreed in enumerate(PLANS):
        one = chosen(near, grid, agreed.kind)
        lead = near.clerk if number % 2 else station_lead(near)
        team = members(near, grid, agreed, number)
        moment = near.at(agreed.days)
        with actor.acting(lead.pk, "desk"):
            plan = support.begin(
                person(one, lead),
                kinds[agreed.kind],
                goal=agreed.goal,
                basis=agreed.basis,
                agreed=f"{localdate(moment)} 上门说明内容与期限，当面同意并签字。",
                team=team,
                officer_agreed=agreed.officer,
                by=lead,
                now=moment,
            )
            for what, days, result in agreed.steps:
                due = plan.began_on + timedelta(days=days)
                step = support.agree_step(plan, what, due, by=lead, now=moment)
                if result:
                    done = moment + timedelta(days=days - 2)
                    support.finish_step(step, result, by=lead, now=done)
    return len(PLANS)


def chosen(near: Neighbours, grid: GridPlace, kind: str) -> Resident:
    """Whom a plan of the kind could be for."""

    def far(one: Resident) -> tuple[int, ...]:
        age = near.age(one)
        match kind:
            case "alone":
                return (one.household, -age)
            case "children":
                return (abs(age - 9),)
            case "hardship":
                return (one.relation != Relation.HEAD, abs(age - 48))
            case _:
                return (one.relation != Relation.SPOUSE, abs(age - 58))

    return min(near.of(grid, lambda one: one.kind == ResidencyKind.RESIDENT), key=far)


def members(near: Neighbours, grid: GridPlace, agreed: Agreed, number: int) -> list[Member]:
    """The three who answer beside who leads, and who helps; an officer where the person agreed."""
    second = holder(Role.LEADER, unit=near.place.unit) if number % 2 else near.clerk
    team = [
        Member(TeamRole.COMMUNITY, second),
        Member(TeamRole.GRID, grid.worker),
        named(near, TeamRole.FAMILY, 3 * number),
        Member(TeamRole.HELPER, holder(Role.CORRESPONDENT, unit=grid.unit)),
        named(near, TeamRole.HELPER, 3 * number + 1),
    ]
    return [*team, named(near, TeamRole.OFFICER, 3 * number + 2)] if agreed.officer else team


def station_lead(near: Neighbours) -> User:
    return holder(Role.STATION_LEAD, unit__parent=near.place.unit)


def named(near: Neighbours, role: str, serial: int) -> Member:
    name = near.inventor.name(1980, near.inventor.sex()) + MARK
    return Member(role, name=name, phone=str(PHONES + serial))


def holder(role: Role, **where: Unit) -> User:
    """The first who holds a role there."""
    rows = Post.objects.filter(role=role, user__isnull=False, **where).order_by("pk")
    return User.objects.get(posts=rows[0])
