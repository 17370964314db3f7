"""回访: the calls drawn for a user's cases, and what came of one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _t

from cases import access, workflow
from cases.errors import NotAllowed
from cases.models import CallBack, CallBackQuerySet, CallBackResult
from cases.moves import BY_ACTION, Action

if TYPE_CHECKING:
    from governance.models import User

PERMISSION = "case.call_back"


def open_for(user: User) -> CallBackQuerySet:
    """The open calls that this user may make."""
    return CallBack.objects.open().filter(case__in=access.under(user, PERMISSION))


@transaction.atomic
def record(call_back: CallBack, *, by: User, result: str, note: str, now: datetime) -> CallBack:
    """Write down a call. Who is not content has the case worked on again, in the same transaction.

    Raises NotAllowed for one already made, for another's case, and for discontent without a word.
    """
    row = CallBack.objects.select_for_update(of=("self",)).get(pk=call_back.pk)
    note = note.strip()
    if row.done_at is not None or not CallBack.objects.open().filter(pk=row.pk).exists():
        raise NotAllowed(_t("该回访已完成，或事件正在重新办理。"))
    if not access.may_act(by, row.case, PERMISSION):
        raise NotAllowed(_t("您的岗位不能回访该事件。"))
    if result == CallBackResult.DISSATISFIED and not note:
        raise NotAllowed(_t("不满意的，请写明原因。"))
    row.done_by, row.done_at, row.result, row.note = by, now, result, note
    row.save(update_fields=["done_by", "done_at", "result", "note"])
    if result == CallBackResult.DISSATISFIED:
        reopen(row, by, now)
    return row


def reopen(row: CallBack, by: User, now: datetime) -> None:
    """The work is done in the main case, where the report was joined to one; it may go on again
    already, for another who was not content."""
    case = row.case.main or row.case
    if case == row.case or case.state in BY_ACTION[Action.REOPEN].source:
        workflow.take(case, Action.REOPEN, by=by, now=now, note=row.note)
