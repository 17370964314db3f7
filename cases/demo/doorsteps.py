"""The demo's visits of eight weeks: by a plan, with findings that became a case and a service;
neighbours who joined; and the weekly sheets. By the verbs, as people would."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import cycle
from typing import NamedTuple

from django.utils.timezone import get_default_timezone, localdate

from cases import entrusting, intake, items, service_items
from cases.demo import mandates
from cases.demo.neighbours import Neighbours, home
from cases.demo.organisation import GridPlace
from cases.demo.people import MARK
from cases.demo.residents import Resident
from cases.entrusting import Brought, Mandate
from cases.intake import Report
from cases.models import Source
from governance import actor
from people import access, joint, sheets, visits
from people.models import (
    Household,
    Period,
    Relation,
    Residency,
    Skipped,
    Visit,
    VisitAim,
)

WEEKS = 8
COVERED = 0.7  # of the households, in these weeks
MOST = 110  # visits a grid
SKIPS = {3: Skipped.ABSENT, 14: Skipped.DECLINED}  # of 25 visits
NIGHT = time(1, 30)


class Told(NamedTuple):
    """What a visit was for and what was said; days until somebody comes again."""

    aims: tuple[str, ...]
    note: str = ""
    again: int | None = None


TOLD = (
    Told((VisitAim.CARE, VisitAim.SAFETY), "家中无变化，已提醒用电用气安全。"),
    Told((VisitAim.CHECK,)),
    Told((VisitAim.CARE,), "老人身体尚可，子女周末回来；盼社区组织义诊。", 14),
    Told((VisitAim.CHECK, VisitAim.SAFETY)),
    Told((VisitAim.SAFETY,), "燃气软管老化，已告知联系燃气公司更换。", 7),
    Told((VisitAim.CARE, VisitAim.CHECK)),
    Told((VisitAim.SERVICE,), "咨询居住证办理，已告知所需材料。"),
    Told((VisitAim.CARE,), "反映楼道灯晚上不亮，已记下。", 10),
    Told((VisitAim.CHECK,), "孩子上学的住址证明已说明办理方法。"),
    Told((VisitAim.CARE, VisitAim.SAFETY)),
)
FOUND = Told(
    (VisitAim.SAFETY,), "入户时看到楼道内有电动自行车充电，线从窗口拉出，住户愿意配合清理。"
)
WANTED = Told((VisitAim.SERVICE, VisitAim.CARE), "老人想办老年证，行动不便，请求代办。")
WANTED_ITEM, FOUND_ITEM = "老年", "0504"
COMMENTS = ("本周以冬季用气安全为主，逐户提醒。", "两户连续三次家中无人，改为晚间上门。")


def happen(near: Neighbours) -> str:
    """Returns how many visits were made, and how many households are due."""
    plan(near)
    made = sum(walk(near, grid) for grid in near.homes)
    follow(near, near.homes[0])
    due = len(visits.today(near.clerk, localdate(near.now)))
    return f"{made} · 待访 {due}"


def plan(near: Neighbours) -> None:
    """The community's round of eight weeks, and one that is for a season."""
    today, moment = localdate(near.now), near.at(70)
    with actor.acting(near.clerk.pk, "desk"):
        visits.plan(
            near.place.unit,
            name="住户常态走访" + MARK,
            aims=(VisitAim.CARE, VisitAim.CHECK),
            every_weeks=WEEKS,
            begins_on=localdate(moment),
            ends_on=None,
            by=near.clerk,
            now=moment,
        )
        visits.plan(
            near.homes[-1].unit,
            name="冬季取暖安全提醒" + MARK,
            aims=(VisitAim.SAFETY,),
            every_weeks=None,
            begins_on=today - timedelta(days=12),
            ends_on=today + timedelta(days=30),
            by=near.clerk,
            now=near.at(13),
        )


def walk(near: Neighbours, grid: GridPlace) -> int:
    """One household after the other, week by week; some are not at home."""
    there = access.households(grid.worker).filter(began_on__lt=localdate(near.at(WEEKS * 7 + 4)))
    homes = list(there.order_by("pk"))
    total = min(int(len(homes) * COVERED), MOST)
    days = sorted((near.chance.randint(1, WEEKS * 7 - 2) for _ in range(total)), reverse=True)
    moments = sorted(near.at(day) for day in days)
    told = cycle(TOLD)
    with actor.acting(grid.worker.pk, "phone"):
        drawn = zip(near.chance.sample(homes, total), moments, strict=True)
        for number, (household, moment) in enumerate(drawn):
            why = SKIPS.get(number % 25)
            if why is not None:
                visits.visit(
                    household, aims=(VisitAim.CARE,), skipped=why, by=grid.worker, now=moment
                )
            else:
                made = visit(grid, household, next(told), moment)
                if made.follow_up_on and near.chance.random() < 0.8:
                    come_again(near, grid, made)
    return Visit.objects.filter(grid=grid.unit).count()


def visit(grid: GridPlace, household: Household, told: Told, moment: datetime) -> Visit:
    again = localdate(moment) + timedelta(days=told.again) if told.again else None
    return visits.visit(
        household, aims=told.aims, note=told.note, follow_up_on=again, by=grid.worker, now=moment
    )


def come_again(near: Neighbours, grid: GridPlace, made: Visit) -> None:
    """As promised, when the day has come."""
    assert made.follow_up_on is not None
    moment = datetime.combine(made.follow_up_on, time(16, 20), get_default_timezone())
    if moment < near.now:
        visits.visit(
            made.household,
            aims=(VisitAim.FOLLOW_UP,),
            note="上次反映的事项已解决。",
            by=grid.worker,
            now=moment,
        )


# What came of it --------------------------------------------------------------------------------


def follow(near: Neighbours, grid: GridPlace) -> None:
    """One finding became a case, one wish a service done on behalf."""
    heads = near.of(grid, lambda one: one.relation == Relation.HEAD)
    *_others, other, old = sorted(heads, key=lambda one: -abs(near.age(one) - 70))
    moment = near.at(1)
    found = visit_at(near, grid, other, FOUND, moment)
    item = next(row for row in items.items().values() if row.code == FOUND_ITEM)
    report = Report(
        item_id=item.pk,
        description="走访时发现楼道内有电动自行车充电，存在火灾隐患，住户愿意配合清理。",
        source=Source.VISIT,
        place=f"{found.household.house.building}楼道{MARK}",
        visit=found,
    )
    with actor.acting(grid.worker.pk, "phone"):
        intake.open_case(report, by=grid.worker, now=moment + timedelta(minutes=12))

    asks, moment = old, near.at(2)
    wanted = visit_at(near, grid, asks, WANTED, moment)
    known = service_items.active()
    service = next((row for row in known if WANTED_ITEM in row.name), known[0])
    answers = mandates.invented(service.schema, localdate(moment), near.chance)
    with actor.acting(grid.worker.pk, "phone"):
        mandate = Mandate(
            item=service,
            name="",
            phone="" if asks.details.phone else asks.details.contact_phone,
            answers=dict(answers),
            materials=tuple(map(Brought, service.needed)),
            visit=wanted,
            resident_id=home(asks, grid.worker).pk,
        )
        entrusting.entrust(mandate, by=grid.worker, now=moment + timedelta(minutes=20))


def visit_at(
    near: Neighbours, grid: GridPlace, one: Resident, told: Told, moment: datetime
) -> Visit:
    household = home(one, grid.worker).household
    with actor.acting(grid.worker.pk, "phone"):
        return visit(grid, household, told, moment)


# Neighbours and sheets --------------------------------------------------------------------------

JOINT_UNITS, HOUSEHOLDS = 6, 8


def join(near: Neighbours) -> int:
    """Units of neighbours over the grids where people live; returns how many."""
    for number in range(JOINT_UNITS):
        grid, moment = near.homes[number % len(near.homes)], near.at(45 - number)
        with actor.acting(grid.worker.pk, "phone"):
            free = list(joint.free_households(grid.worker).order_by("pk")[:HOUSEHOLDS])
            heads = Residency.objects.filter(household__in=free, ended_on=None)
            heads = heads.select_related("household")
            head = heads.filter(relation=Relation.HEAD).order_by("pk").first()
            if head is None:  # a small grid is all joined by now
                return number
            name = f"第{number // len(near.homes) + 1}联户单位{MARK}"
            unit = joint.form(head, name, by=grid.worker, now=moment)
            for row in free:
                if row.pk != head.household_id:
                    joint.admit(unit, row, by=grid.worker, now=moment)
    return JOINT_UNITS


def write_sheets(near: Neighbours, weeks: int) -> int:
    """As the nightly task did in these weeks; two were commented. Returns how many there are."""
    today = localdate(near.now)
    monday = today - timedelta(days=today.weekday())
    nights = [(Period.WEEK, monday - timedelta(weeks=back)) for back in reversed(range(weeks))]
    nights.append((Period.MONTH, today.replace(day=1)))
    zone = get_default_timezone()
    made = sum(sheets.write(period, datetime.combine(day, NIGHT, zone)) for period, day in nights)
    grid = near.homes[0]
    rows = sheets.visible(grid.worker).filter(grid=grid.unit, period=Period.WEEK)
    rows = rows.order_by("begins_on")
    with actor.acting(grid.worker.pk, "phone"):
        for row, said in zip(rows, COMMENTS, strict=False):
            written = datetime.combine(row.ends_on, time(17), get_default_timezone())
            moment = min(written + timedelta(days=1), near.now)
            sheets.comment(row, said, by=grid.worker, now=moment)
    return made
