"""The life of a service request as one table, to be read and printed.

委托 → 受理 → 办理 → 送达 → 归档 → 回访; 补正 stops the clock. The verb: cases/services.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import ServiceState

S = ServiceState


class ServiceAction(models.TextChoices):
    ENTRUST = "entrust", _("接受委托")
    ACCEPT = "accept", _("受理申请")
    START = "start", _("开始办理")
    ASK = "ask", _("要求补正")
    SUPPLEMENT = "supplement", _("材料已补正")
    DELIVER = "deliver", _("送达结果")
    ARCHIVE = "archive", _("归档")
    VISIT = "visit", _("记录回访")
    TERMINATE = "terminate", _("终止办理")
    WITHDRAW = "withdraw", _("撤回委托")


class ServiceNeed(models.TextChoices):
    NOTE = "note", _("说明")
    MATERIALS = "materials", _("必需材料已收齐")
    OUTCOME = "outcome", _("办理结果")
    SATISFIED = "satisfied", _("满意与否")


A, N = ServiceAction, ServiceNeed
HANDLE, ENTRUST = "service.handle", "service.entrust"


@dataclass(frozen=True)
class ServiceMove:
    """A row of the table. Who may: any of the permissions, over this very request."""

    action: ServiceAction
    source: tuple[ServiceState, ...]
    # None: back to the state before the pause.
    to: ServiceState | None
    who: tuple[str, ...]
    needs: tuple[ServiceNeed, ...] = ()
    why: str | Promise = ""


GOING = (S.ENTRUSTED, S.ACCEPTED, S.HANDLING, S.SUPPLEMENT)
STANDING = (S.ENTRUSTED, S.ACCEPTED, S.HANDLING)
RUNNING = (S.ACCEPTED, S.HANDLING)

MOVES: tuple[ServiceMove, ...] = (
    ServiceMove(
        A.ACCEPT,
        (S.ENTRUSTED,),
        S.ACCEPTED,
        (HANDLE,),
        (N.MATERIALS,),
        why=_("办理时限自受理起算"),
    ),
    ServiceMove(A.START, (S.ACCEPTED,), S.HANDLING, (HANDLE,)),
    ServiceMove(
        A.SUPPLEMENT,
        (S.SUPPLEMENT,),
        None,
        (ENTRUST,),
        (N.MATERIALS,),
        why=_("补正的时间不计入办理时限"),
    ),
    ServiceMove(
        A.DELIVER,
        (S.HANDLING,),
        S.DELIVERED,
        (HANDLE, ENTRUST),
        (N.OUTCOME,),
        why=_("部门窗口送达，或网格员送到家中"),
    ),
    ServiceMove(A.ARCHIVE, (S.DELIVERED,), S.ARCHIVED, (HANDLE,)),
    ServiceMove(A.VISIT, (S.ARCHIVED,), S.VISITED, (ENTRUST,), (N.SATISFIED,)),
    ServiceMove(
        A.ASK, STANDING, S.SUPPLEMENT, (HANDLE,), (N.NOTE,), why=_("一次说清还缺什么，时限暂停")
    ),
    ServiceMove(A.TERMINATE, GOING, S.TERMINATED, (HANDLE,), (N.NOTE,)),
    ServiceMove(A.WITHDRAW, GOING, S.WITHDRAWN, (ENTRUST,), (N.NOTE,), why=_("申请人不再委托")),
)
# Lines of the history that are no moves: written by the clock, and beside the moves.
OVERDUE, PAPER = "overdue", "paper"
LABELS: Mapping[str, str | Promise] = {
    **{action.value: action.label for action in A},
    OVERDUE: _("超期"),
    PAPER: _("制作文书"),
}
BY_ACTION: Mapping[str, ServiceMove] = {move.action: move for move in MOVES}


def lines() -> Iterator[str]:
    """The table as text: action, from, to, who, needs."""
    for move in MOVES:
        source = "、".join(str(state.label) for state in move.source)
        target = move.to.label if move.to else "↩"
        asks = "、".join(str(need.label) for need in move.needs) or "—"
        yield f"{move.action.label}：{source} → {target}；{' / '.join(move.who)}；{asks}"
