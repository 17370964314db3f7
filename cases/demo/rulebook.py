"""The demo's dispatch rules and standard texts, as an administrator would have written them."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from cases.demo.organisation import Department, Organisation
from cases.models import (
    DispatchMode,
    DispatchRule,
    Hours,
    Item,
    Regulation,
    Source,
    StandardText,
)
from cases.moves import Action
from grids.models import GridKind


class Rule(NamedTuple):
    """To the department of a code of the catalogue; `named`: to its first handler's post."""

    name: str
    department: str
    mode: DispatchMode
    when: dict[str, Any]
    named: bool = False


SUGGEST, SEND = DispatchMode.MANUAL, DispatchMode.AUTOMATIC
RULES: tuple[Rule, ...] = (
    Rule(
        "夜间噪声先请民警到场",
        "police",
        SUGGEST,
        {"words": ["噪声", "噪音", "扰民"], "hours": Hours.OUTSIDE},
    ),
    Rule(
        "园区消防通道由专人盯办",
        "fire",
        SEND,
        {"item": "0501", "grid_kind": GridKind.DEDICATED},
        named=True,
    ),
    Rule("随手拍的占道经营直派", "enforcement", SEND, {"item": "0301", "source": Source.PUBLIC}),
    Rule("积水内涝", "water", SUGGEST, {"words": ["积水", "内涝"], "source": Source.PHONE_CALL}),
    Rule("路灯报修由专人受理", "municipal", SEND, {"item": "0206"}, named=True),
)
TEXTS: tuple[tuple[Action, str | None, str, str], ...] = (
    (
        Action.REFUSE,
        None,
        "不属受理范围",
        (
            "您于{reported_on}反映的“{item}”不符合立案条件（{admission}），不予受理。"
            "如有新的情况，请再次反映。"
        ),
    ),
    (
        Action.REFUSE,
        None,
        "无法核实地点",
        "您于{reported_on}反映的“{item}”地点不明，工作人员未能找到。请补充具体位置后重新反映。",
    ),
    (Action.RETURN, None, "非本部门职责", "经核实，{place}的“{item}”不属{department}职责。"),
    (Action.ASK_REPORTER, None, "补充位置", "请补充具体位置：小区、楼栋、单元，或附近的门牌号。"),
    (Action.FINISH, "0206", "路灯已修复", "{place}的路灯已更换修复，夜间试亮正常。"),
    (Action.FINISH, None, "已处置", "{place}的“{item}”已处置完毕，符合结案条件：{closing}。"),
    (
        Action.ANSWER,
        None,
        "已解决",
        "您于{reported_on}反映的“{item}”已由{department}办理：{result}",
    ),
    (
        Action.ANSWER,
        None,
        "解释说明",
        (
            "您于{reported_on}反映的“{item}”，{department}核查情况如下：{result}"
            "如仍有疑问，请联系{community}。"
        ),
    ),
)


def write(made: Organisation, since: date) -> int:
    """After the cases, which follow the catalogue; returns how many rows there are."""
    by_code = {department.code: department for department in made.departments.values()}
    for number, rule in enumerate(RULES, 1):
        DispatchRule.objects.create(
            name=rule.name,
            order=number * 10,
            mode=rule.mode,
            valid_from=since,
            **destination(by_code[rule.department], named=rule.named),
            **rule.when | items_of(rule),
        )
    for number, (action, code, name, text) in enumerate(TEXTS, 1):
        item = Item.objects.get(code=code) if code else None
        StandardText.objects.create(action=action, item=item, name=name, text=text, order=number)
    # more call-backs than by default, so that some can be seen
    Regulation.objects.create(valid_from=since, callback_percent=30)
    return len(RULES) + len(TEXTS)


def items_of(rule: Rule) -> dict[str, Any]:
    code = rule.when.get("item")
    return {"item": Item.objects.get(code=code)} if code else {}


def destination(department: Department, *, named: bool) -> dict[str, Any]:
    post = department.handlers[0].posts.get() if named else None
    return {"department": department.unit, "post": post}
