"""What people write in the demo's cases: from the item's own words, a place and a few patterns."""

from __future__ import annotations

import random

from cases.demo.people import MARK
from cases.demo.territory import Use
from cases.items import ItemFacts
from cases.models import Outcome, Source

SIDES = ("东侧", "西侧", "南侧", "北侧", "门前", "拐角处", "绿化带旁", "停车位旁")
FIELD_SIDES = ("机耕路旁", "排水沟边", "泵站旁", "大棚区入口", "田埂上")
PARK_SIDES = ("门前道路", "装卸区", "北侧围墙外", "停车场", "配电室旁")
# Items whose names hold one of these are within a stairwell rather than beside the house.
INDOORS = ("楼道", "单元门", "电梯", "居民", "渗漏", "装修", "出租", "进楼", "承重", "排水管")

# And those with one of these are out on the road.
ON_ROADS = (
    "道",
    "路",
    "公交",
    "桥",
    "交通",
    "机动车",
    "信号",
    "井盖",
    "学校",
    "水域",
    "临水",
    "河",
)
GATES = ("东门外", "西门外", "南门外", "北门外")

SINCE = (
    *("今天早上发现的", "从昨天开始", "已经两天了", "有几天了", "最近反复出现"),
    *("周末开始的", "上次处理后又出现", "有一个星期了"),
)
EFFECTS = {
    "environment": ("影响环境卫生", "周边居民反映较多", "观感不好", "附近居民有意见"),
    "facility": ("影响正常使用", "老人孩子经过不安全", "附近居民出行不便", "存在安全隐患"),
    "street": ("影响街面秩序", "沿街商户和居民都有意见", "劝过几次没有效果", "早晚尤其明显"),
    "building": ("周边居民反映较多", "居民比较担心", "存在安全隐患", "影响附近居民生活"),
    "safety": ("一旦出事后果严重", "存在安全隐患", "老人孩子经常经过", "居民比较担心"),
    "livelihood": ("影响居民日常生活", "居民希望尽快解决", "附近居民都很关心", "需要尽快处理"),
}
# How a report begins and ends, by who makes it. The item's saying stands in quotation marks, as
# sayings are nouns as well as sentences.
PATTERNS = {
    Source.WORKER: (
        "巡查至{place}，发现{item}，{effect}，现将情况上报。",
        "日常巡查发现{place}有{item}问题，{since}，{effect}，请安排处置。",
        "走访时居民反映{place}“{word}”，经现场查看属实，{effect}。",
        "{place}{item}，{since}，本人无法当场处置，请派遣。",
    ),
    Source.PUBLIC: (
        "{place}“{word}”，{since}，{effect}，麻烦处理一下。",
        "反映一下{place}的{item}问题，{since}，{effect}。",
        "{place}，{word}，{since}。{effect}。",
        "路过{place}看到的：{word}。{effect}，希望有人管。",
    ),
    Source.PHONE_CALL: (
        "居民来电反映{place}“{word}”，{since}，{effect}，要求尽快处理并回复。",
        "来电人称{place}有{item}问题，{since}，{effect}。",
        "居民来电：{place}{item}，{effect}，此前未反映过。",
    ),
    Source.WALK_IN: (
        "居民到社区服务窗口反映{place}“{word}”，{since}，{effect}。",
        "来访人反映{place}{item}问题，{effect}，希望社区协调解决。",
    ),
}
ACCEPT = ("符合立案条件，予以受理。", "情况清楚，属本级职责，受理。", "已电话核实，受理。", "")
REFUSE = (
    "所述位置不在本街道范围内，已告知反映人向属地反映。",
    "网格员现场查看未发现所述情况，已向反映人说明。",
    "属业主之间的合同纠纷，不在受理范围，已告知通过协商或诉讼解决。",
    "同一事项已有工单在办，请以该工单为准。",
)
SIGN = ("已签收，安排人员前往。", "收到，今日安排。", "")
RETURN = (
    "经现场核实，责任主体不属于本部门，请改派。",
    "该点位产权不属本部门，建议改派配合部门。",
    "需由另一部门先行认定，退回重新派遣。",
)
VERIFY = (
    "现场核查属实，已处置到位。",
    "已到现场查看，问题解决。",
    "核查通过。",
    "与反映人一同查看，认可。",
)
FAIL = (
    "现场核查，处置不彻底，仍有残留，请继续处理。",
    "核查时问题依旧存在，请返工。",
    "只处理了一部分，请补充处置并拍照。",
)
ON_SPOT = ("当场处置完毕：{closing}。", "网格员现场协调解决：{closing}。")
RESULTS = {
    Outcome.SOLVED: ("已处置：{closing}。", "处置完毕，{closing}。", "人员到场处理，{closing}。"),
    Outcome.HELPED: ("已联系本人，协助办理相关手续，{closing}。",),
    Outcome.EXPLAINED: (
        "经现场核实，已向反映人说明情况和办理依据，对方表示理解。",
        "情况不属违规，已当面解释并约定后续关注。",
    ),
    Outcome.LAW: (
        "已当场制止并依法立案，责令改正，{closing}。",
        "依法下达责令改正通知，{closing}。",
    ),
    Outcome.DUPLICATE: ("与前期在办事项为同一问题，一并处理，{closing}。",),
    Outcome.NOT_OURS: ("属上级主管部门职责，已书面移交并告知反映人。",),
}
ANSWERS = {
    Source.WORKER: ("已办结，结果已告知上报网格员。", "处置情况已反馈网格，请继续关注该点位。"),
    "": (
        "您反映的“{item}”已由{department}办理：{result}感谢您的反映。",
        "您好，您反映的问题已处理。{result}如再次出现，请随时联系社区。",
        "关于{place}“{item}”的反映，{department}已处理，现予回告。欢迎监督。",
    ),
}
PLEASED = ("", "", "处理得很快，谢谢。", "满意。", "已经解决了。")
DISPLEASED = (
    "没过两天又出现了，希望彻底解决。",
    "只处理了一半。",
    "处理后没有人来看过，问题还在。",
)


def place(short: str, use: Use, item: ItemFacts, chance: random.Random) -> str:
    """An invented spot, marked as such."""
    if use == Use.FARM:
        spot = f"{short}农田{chance.randrange(1, 30)}号地块{chance.choice(FIELD_SIDES)}"
    elif use == Use.PARK:
        spot = f"{short}园区{chance.randrange(1, 16)}号厂房{chance.choice(PARK_SIDES)}"
    elif any(word in item.name for word in INDOORS):
        spot = f"{short}{chance.randrange(1, 32)}号楼{chance.randrange(1, 7)}单元"
    elif any(word in item.name for word in ON_ROADS):
        spot = f"{short}{chance.choice(GATES)}{chance.randrange(1, 20) * 10}米路边"
    else:
        spot = f"{short}{chance.randrange(1, 32)}号楼{chance.choice(SIDES)}"
    return spot + MARK


def description(
    item: ItemFacts, class_code: str, source: str, spot: str, chance: random.Random
) -> str:
    pattern = chance.choice(PATTERNS.get(Source(source), PATTERNS[Source.PUBLIC]))
    return pattern.format(
        place=spot.removesuffix(MARK),
        item=item.name,
        word=chance.choice(item.words or (item.name,)),
        since=chance.choice(SINCE),
        effect=chance.choice(EFFECTS[class_code]),
    )


def result(item: ItemFacts, outcome: str, chance: random.Random) -> str:
    """What the department writes; the item's own closing condition says what was reached."""
    return chance.choice(RESULTS[Outcome(outcome)]).format(closing=reached(item))


def on_spot(item: ItemFacts, chance: random.Random) -> str:
    return chance.choice(ON_SPOT).format(closing=reached(item))


def reached(item: ItemFacts) -> str:
    """What the closing condition asks for first, without its alternatives."""
    parts = item.closing.split("；")[0].split("，")
    kept = [part.removeprefix("并") for part in parts if "或" not in part]
    return "，".join(kept) or "现场已恢复正常"


def answer(
    item: ItemFacts, source: str, spot: str, department: str, done: str, chance: random.Random
) -> str:
    pattern = chance.choice(ANSWERS.get(source, ANSWERS[""]))
    return pattern.format(
        item=item.name,
        place=spot.removesuffix(MARK),
        department=department.removesuffix(MARK),
        result=done,
    )
