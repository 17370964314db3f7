"""The case workflow as one table of moves, to be read and printed.

`manage.py workflow` prints it, docs/workflow.md holds it, a test keeps the two equal. The verb that
makes the moves: cases/workflow.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import State

S = State


class Action(models.TextChoices):
    REPORT = "report", _("上报")
    ACCEPT = "accept", _("受理")
    REFUSE = "refuse", pgettext_lazy("action", "不予受理")
    DISPATCH = "dispatch", _("派遣")
    SIGN = "sign", _("签收")
    RETURN = "return", _("退单")
    HANDLE_ON_SPOT = "handle_on_spot", _("自行处置")
    FINISH = "finish", _("处置反馈")
    VERIFY = "verify", _("核查通过")
    FAIL = "fail", _("核查不通过")
    CLOSE = "close", _("结案")
    ANSWER = "answer", _("回告")
    RATE = "rate", _("评价")
    ARCHIVE = "archive", _("归档")


class Need(models.TextChoices):
    """What a move asks for beside the case."""

    NOTE = "note", _("说明")
    DEPARTMENT = "department", _("承办部门")
    OUTCOME = "outcome", _("办理结果")
    AFTER_PHOTO = "after_photo", _("处置后照片（事项要求时）")
    ANOTHER = "another", _("非经办人本人")
    SATISFIED = "satisfied", _("满意与否")


@dataclass(frozen=True)
class Move:
    """A row of the table. Who may: the permission `case.<action>` over this very case."""

    action: Action
    source: tuple[State, ...]
    to: State
    needs: tuple[Need, ...] = ()
    # Where else it may lead, and when: decided in `_target`.
    unless: tuple[tuple[str | Promise, State], ...] = ()
    why: str | Promise = ""


DISSATISFIED, NO_DEPARTMENT = _("不满意"), _("不满意且无承办部门")

MOVES: tuple[Move, ...] = (
    Move(Action.ACCEPT, (S.REPORTED,), S.ACCEPTED, why=_("事项规则确定的随即自动派遣")),
    Move(Action.REFUSE, (S.REPORTED,), S.REFUSED, (Need.NOTE,), why=_("不受理的理由告知反映人")),
    Move(Action.DISPATCH, (S.ACCEPTED,), S.DISPATCHED, (Need.DEPARTMENT,)),
    Move(Action.SIGN, (S.DISPATCHED,), S.HANDLING),
    Move(
        Action.RETURN,
        (S.DISPATCHED, S.HANDLING),
        S.ACCEPTED,
        (Need.NOTE,),
        why=_("签收后才发现不属于本部门的，也可退"),
    ),
    Move(
        Action.HANDLE_ON_SPOT,
        (S.REPORTED, S.ACCEPTED),
        S.VERIFIED,
        (Need.OUTCOME, Need.NOTE, Need.AFTER_PHOTO),
        why=_("网格员人在现场，不必再核查"),
    ),
    Move(Action.FINISH, (S.HANDLING,), S.FINISHED, (Need.OUTCOME, Need.NOTE, Need.AFTER_PHOTO)),
    Move(Action.VERIFY, (S.FINISHED,), S.VERIFIED, (Need.ANOTHER,)),
    Move(
        Action.FAIL,
        (S.FINISHED,),
        S.HANDLING,
        (Need.NOTE, Need.ANOTHER),
        why=_("返工：退回原部门，时限另计"),
    ),
    Move(Action.CLOSE, (S.VERIFIED,), S.CLOSED, why=_("首次结案时判定承诺，此后不变")),
    Move(Action.ANSWER, (S.CLOSED,), S.ANSWERED, (Need.NOTE,)),
    Move(
        Action.RATE,
        (S.ANSWERED,),
        S.ANSWERED,
        (Need.SATISFIED,),
        unless=((DISSATISFIED, S.HANDLING), (NO_DEPARTMENT, S.ACCEPTED)),
        why=_("不满意即同案返工，不另立新案"),
    ),
    Move(Action.ARCHIVE, (S.ANSWERED, S.REFUSED), S.ARCHIVED),
)
BY_ACTION: Mapping[str, Move] = {move.action: move for move in MOVES}
