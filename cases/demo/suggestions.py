"""The demo's suggestions (建议): thirty of residents, twenty-six of them answered, as in one real
place; and what staff say about the platform."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import cycle
from typing import NamedTuple

from cases import items, suggestions
from cases.demo import people
from cases.demo.mandates import working
from cases.demo.organisation import CommunityPlace, Organisation
from cases.models import Suggestion, SuggestionSource
from cases.suggestions import Said
from governance import actor, permissions
from governance.models import User
from governance.roles import Role

COLLECTED = 30
LATE, NEW, HANDED_OVER = 1, 2, 1  # the four that were not answered


class Told(NamedTuple):
    """What somebody said, what became of it."""

    kind: str
    words: str
    outcome: str
    answer: str


# Each may be published: nobody is named in it.
OF_RESIDENTS = (
    Told(
        "facilities",
        "小区西门到公交站那段路晚上太暗，建议加装两盏路灯。",
        "adopted",
        "已与市政养护单位现场勘查，本月底前加装两盏太阳能路灯。",
    ),
    Told(
        "environment",
        "建议在小广场边上加一组分类垃圾桶，现在要走到大门口才能扔。",
        "adopted",
        "已增设一组四分类垃圾桶，每天清运两次。",
    ),
    Told(
        "service",
        "希望社区办事窗口中午不休息，上班的人只有中午有空。",
        "partly",
        "工作日12时至13时30分安排一个值班窗口，先试行两个月。",
    ),
    Told(
        "culture",
        "建议在活动室给老人开一个智能手机学习班。",
        "adopted",
        "每周三下午开班，由志愿者一对一教，到社区报名。",
    ),
    Told(
        "safety",
        "电动车总有人推进楼道充电，建议多装几处集中充电棚。",
        "adopted",
        "三号楼东侧充电棚已列入今年改造计划，近期由网格员加强劝导。",
    ),
    Told(
        "facilities",
        "能不能把围墙打开一个口，去菜市场能少走十分钟。",
        "declined",
        "围墙外是规划道路红线，打开后消防通道会被占用，暂不能开口；已在北门增设指示牌。",
    ),
    Told(
        "other",
        "建议物业费可以按季度交。",
        "explained",
        "物业合同约定按年收取，有困难的住户可以与物业协商分期，社区可协助联系。",
    ),
)
OF_STAFF = (
    Told(
        "burden",
        "入户走访后，同一户的人口信息要在两张表里各填一遍。",
        "adopted",
        "人口信息改为登记一次、两处共用，下个版本上线。",
    ),
    Told(
        "burden",
        "自行处置的小事也要求前后各拍一张照片，雨天很不方便。",
        "partly",
        "没有照片要求的事项不再提示拍照；占道、垃圾类仍需前后对比。",
    ),
    Told(
        "feature",
        "希望手机任务列表能按距离排序。",
        "explained",
        "需要读取实时位置，除巡查期间外平台不采集位置，暂按期限排序。",
    ),
    Told(
        "fault", "地图在老款手机上放大后卡顿。", "adopted", "已减少一次加载的点数，请更新后再试。"
    ),
    Told("burden", "月底要另外报一份纸质走访汇总，数据系统里都有。", "", ""),
    Told("feature", "建议办事指南可以直接转发给居民。", "", ""),
)


def take(made: Organisation, now: datetime, chance: random.Random) -> str:
    """Returns how many were collected and answered, of residents and of staff."""
    told = cycle(OF_RESIDENTS)
    names = people.names(chance)
    answered = 0
    for number, place in zip(range(COLLECTED), cycle(made.communities)):
        answered += one(place, next(told), number, next(names), now)
    for number, said in enumerate(OF_STAFF):
        on_platform(made, said, number, now)
    return f"{COLLECTED} → {answered} · 对平台 {len(OF_STAFF)}"


def one(place: CommunityPlace, told: Told, number: int, name: str, now: datetime) -> bool:
    """One of a resident; whether it was answered. The first ones are those that were not."""
    waits = number < LATE + NEW + HANDED_OVER
    age = timedelta(days=40 if number < LATE else 2 if number < LATE + NEW else 30 + number)
    moments = working(now - age, now, 4)
    grid = place.grids[number % len(place.grids)]
    by_worker = number % 2 == 1
    said = Said(
        subject="community",
        kind=told.kind,
        words=told.words,
        source=SuggestionSource.WORKER if by_worker else SuggestionSource.PUBLIC,
        unit_id=grid.unit.pk if by_worker else place.unit.pk,
        name=name if number % 3 else "",
        phone=f"1390000{number:04d}" if number % 3 else "",
    )
    row = collected(said, grid.worker if by_worker else None, next(moments))
    clerk = place.clerks[0]
    with actor.acting(clerk.pk, "desk"):
        if not waits:
            suggestions.answer(
                row,
                outcome=told.outcome,
                text=told.answer,
                by=clerk,
                now=next(moments),
                publish=number % 3 == 0,
            )
        elif number >= LATE + NEW and (item := items.guess(told.words)):
            suggestions.hand_over(
                row,
                item_id=item.pk,
                place=f"{place.short}{people.MARK}",
                by=clerk,
                now=next(moments),
            )
    return not waits


def collected(said: Said, by: User | None, at: datetime, *, signed: bool = True) -> Suggestion:
    with actor.acting(by.pk if by else None, "phone" if by else "public"):
        return suggestions.collect(said, by=by, now=at, signed=signed)[0]


def on_platform(made: Organisation, told: Told, number: int, now: datetime) -> None:
    """Every second one is unsigned; the district's supervisor answers."""
    moments = working(now - timedelta(days=12 + 3 * number if told.answer else 3), now, 4)
    workers = [grid.worker for place in made.communities for grid in place.grids]
    said = Said(subject="platform", kind=told.kind, words=told.words, source=SuggestionSource.STAFF)
    by = workers[number % len(workers)]
    row = collected(said, by, next(moments), signed=number % 2 == 0)
    if told.answer:
        chief = chief_of(made)
        with actor.acting(chief.pk, "desk"):
            suggestions.answer(
                row, outcome=told.outcome, text=told.answer, by=chief, now=next(moments)
            )


def chief_of(made: Organisation) -> User:
    return User.objects.get(pk=permissions.at(made.district.pk, (Role.SUPERVISOR,))[0])
