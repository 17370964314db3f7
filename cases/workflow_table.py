"""The workflow as a page: every move with who may, what it needs, and which clocks it touches."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _t

from cases.deadlines import STAGE_OF
from cases.models import AT_WORK, PAUSED, State
from cases.moves import MOVES, Action, Move
from cases.stages import ENDS
from governance.permissions import TABLE
from governance.roles import Role

HEAD = """# 事件流程

由 `manage.py workflow` 打印；规则在 `cases/moves.py`，权限在 `governance/permissions.py`。

| 动作 | 从 | 到 | 谁 | 须有 | 时钟 | 说明 |
|---|---|---|---|---|---|---|
"""


def markdown() -> str:
    """The whole table, in the active language."""
    return HEAD + "\n".join("| " + " | ".join(row) + " |" for row in rows()) + "\n"


def rows() -> Iterator[tuple[str, ...]]:
    yield (
        f"{Action.REPORT.label} `{Action.REPORT}`",
        "—",
        str(State.REPORTED.label),
        who(Action.REPORT) + _t("、居民"),
        _t("事项、情况描述"),
        clocks(State.REPORTED) + _t("；承诺开始"),
        "",
    )
    for move in MOVES:
        yield (
            f"{move.action.label} `{move.action}`",
            "、".join(str(state.label) for state in move.source),
            target(move),
            who(move.action)
            + (_t("、居民") if move.action in BY_RESIDENTS else "")
            + at_level(move),
            "、".join(str(need.label) for need in move.needs),
            clocks_of(move),
            str(move.why),
        )


BY_RESIDENTS = {Action.RATE, Action.REPLY, Action.URGE}


def target(move: Move) -> str:
    if move.back:
        return _t("原状态")
    to = str(move.to.label) if move.to else _t("不变")
    others = [f"{when}：{state.label}" for when, state in move.unless]
    return f"{to}（{'；'.join(others)}）" if others else to


def at_level(move: Move) -> str:
    if move.of_task:
        return _t("（任务所在部门）")
    return _t("（办理层级及以上）") if move.at_level else ""


def who(action: Action) -> str:
    roles = TABLE[f"case.{action}"].roles
    return "、".join(str(role.label) for role in Role if role in roles)


def clocks_of(move: Move) -> str:
    """What a move does to the two clocks."""
    if move.back:
        return _t("阶段、承诺继续") if move.action != Action.UNJOIN else _t("阶段、承诺照原计算")
    if move.to in PAUSED or move.action == Action.GRANT:
        return _t("阶段、承诺暂停") if move.to else _t("延期：改期；挂账：暂停")
    if move.to is None:
        return clocks(State.ACCEPTED) if move.action in RESTARTED else ""
    return clocks(move.to) + promise(move)


RESTARTED = {Action.PASS_UP, Action.HAND_DOWN}


def clocks(state: State) -> str:
    stage = STAGE_OF.get(state)
    return _t("%(stage)s开始") % {"stage": stage.label} if stage else _t("阶段停止")


def promise(move: Move) -> str:
    ended = move.to in ENDS and any(state in AT_WORK for state in move.source)
    return _t("；承诺停止") if ended else ""
