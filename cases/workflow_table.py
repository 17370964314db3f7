"""The workflow as a page: every move with who may, what it needs, and which clocks it touches."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases.deadlines import STAGE_OF
from cases.models import AT_WORK, PAUSED, State
from cases.moves import MOVES, Action, Move
from cases.stages import ENDS
from cases.workflow import BY_REPORTER
from governance.permissions import TABLE
from governance.roles import Role

HEAD = """# 事件流程

由 `manage.py workflow` 打印；规则在 `cases/moves.py`，权限在 `governance/permissions.py`。

| 动作 | 从 | 到 | 谁 | 须有 | 时钟 | 说明 |
|---|---|---|---|---|---|---|
"""


def markdown() -> str:
    """The whole table and its drawing, in the active language."""
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows())
    return f"{HEAD}{table}\n\n{DRAWN}\n```mermaid\n{diagram()}\n```\n"


DRAWN = """## 图

由同一张表画出：不改变状态的动作（督办、催办、会商、共享等）不画；强制结案可从任何在办状态到待回告，只注明一次。
"""


def diagram() -> str:
    """The moves that change the state, as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"  [*] --> {State.REPORTED.value}: {Action.REPORT.label}"]
    lines += [f"  {state.value}: {state.label}" for state in State]
    lines += [f"  {a} --> {b}: {said}" for (a, b), said in arrows().items()]
    note = f"{Action.FORCE_CLOSE.label} → {State.CLOSED.label}"
    lines.append(f"  note right of {State.HANDLING.value}: {note}")
    return "\n".join([*lines, f"  {State.ARCHIVED.value} --> [*]"])


def arrows() -> dict[tuple[str, str], str]:
    """(from, to) → the labels of the moves between them."""
    found: dict[tuple[str, str], list[str]] = {}
    for move in MOVES:
        for source in () if move.action == Action.FORCE_CLOSE else move.source:
            for state in targets(move, source):
                label = str(move.action.label)
                if label not in found.setdefault((source.value, state.value), []):
                    found[source.value, state.value].append(label)
    for (before, after), said in BY_ITSELF.items():
        found.setdefault((before.value, after.value), []).append(str(said))
    return {pair: "、".join(labels) for pair, labels in found.items()}


# What follows from the moves of another case, or from what was corrected.
BY_ITSELF = {
    (State.DISPATCHED, State.ACCEPTED): _("更正为上级收回事项"),
    (State.HANDLING, State.ACCEPTED): _("更正为上级收回事项"),
    (State.SPLIT, State.CLOSED): _("各件均已办结（自动）"),
    (State.JOINED, State.ANSWERED): _("随主事件回告"),
    (State.JOINED, State.REFUSED): _("随主事件不予受理"),
    (State.ANSWERED, State.JOINED): _("并入事件不满意"),
    (State.ARCHIVED, State.ANSWERED): _("主事件返工后随其回告"),
}


def targets(move: Move, source: State) -> list[State]:
    """Where a move may lead from a state, if it leads anywhere else."""
    ways = [state for _when, state in move.unless]
    if move.to is not None and not (move.to == source and ways):
        ways.insert(0, move.to)
    if move.back:
        ways += BACK[source]
    return ways


def entered(move: Move) -> set[State]:
    return {state for state in (move.to, *(to for _when, to in move.unless)) if state is not None}


# What may have been before a pause or a joining: the states that lead into it.
BACK: dict[State, list[State]] = {
    state: [source for move in MOVES if state in entered(move) for source in move.source]
    for state in (State.SUSPENDED, State.WAITING, State.JOINED)
}


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
            + (_t("、上报人") if move.action in BY_REPORTER else "")
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
