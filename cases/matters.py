"""What hangs on a case beside its own row, ready for its page: leave, pause, orders, tasks,
findings, shares, and the cases it was joined to or split into. Nothing is asked that it has not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _t

from cases import access, deadlines, disputes, items, papers, shared, workflow
from cases.models import PAUSED, Case, State, Task, TaskStep
from cases.moves import BY_ACTION, Action
from governance import units
from governance.models import User

# Moves that are offered beside the row they are about, not among the moves of the case.
OF_TASK = (Action.SIGN_TASK, Action.CONTACT, Action.ARRIVE, Action.REPORT_TASK)
BESIDE_ROWS = {
    *OF_TASK,
    *(Action.EXCUSE, Action.SCORE, Action.ORDER, Action.RECHECK, Action.UNSHARE),
}
DONE = {
    Action.SIGN_TASK: "signed_at",
    Action.CONTACT: "contacted_at",
    Action.ARRIVE: "arrived_at",
}
Link = dict[str, str]


def matters(
    case: Case, user: User, now: datetime, happened: Collection[str], prefix: str
) -> dict[str, Any]:
    """Sections of the page by name; `happened` are the actions of the case's history."""
    allowed = [move.action for move in workflow.allowed(case, user, now)]
    return {
        "leave": leave(case) if case.leave else None,
        "pause": pause(case) if case.state in PAUSED else None,
        "supervisions": supervisions(case) if case.severity else [],
        "tasks": tasks(case, user, now, allowed, prefix) if case.is_joint else [],
        "findings": findings(case, allowed, prefix) if Action.FIND in happened else [],
        "shares": shares(case, allowed, prefix),
        "main": related([case.main], user, prefix) if case.main else [],
        "joined": related(case.joined.order_by("pk"), user, prefix) if "joined" in happened else [],
        "parent": related([case.parent], user, prefix) if case.parent else [],
        "parts": related(case.parts.order_by("pk"), user, prefix)
        if Action.SPLIT in happened
        else [],
    }


def link(case: Case, action: str, prefix: str, **query: Any) -> Link:
    """A button that opens the form of a move about one row."""
    url = f"{prefix}{case.number}/{action}/?{urlencode({**query, 'version': case.version})}"
    return {"code": action, "label": str(BY_ACTION[action].action.label), "url": url}


def leave(case: Case) -> dict[str, Any] | None:
    row = case.leaves.select_related("asked_by").filter(decided_at=None).first()
    if row is None:
        return None
    return {
        "id": row.pk,
        "kind": row.get_kind_display(),
        "reason": row.reason,
        "until": row.until,
        "by": str(row.asked_by or ""),
    }


def pause(case: Case) -> dict[str, Any] | None:
    row = case.pauses.filter(ended_at=None).first()
    if row is None:
        return None
    asked = None
    if case.state == State.WAITING:
        asked = case.transitions.filter(action=Action.ASK_REPORTER).order_by("-pk").first()
    return {
        "kind": row.get_kind_display(),
        "began_at": row.began_at,
        "until": row.until,
        "question": asked.note if asked else "",
    }


def supervisions(case: Case) -> list[dict[str, Any]]:
    rows = case.supervisions.select_related("by").filter(ended_at=None).order_by("-pk")
    return [
        {
            "severity": row.get_severity_display(),
            "code": row.severity,
            "by": str(row.by) if row.by else _t("系统"),
            "at": row.at,
            "reason": row.reason,
            "due": None if case.state in PAUSED else row.due_at,
            "replied_at": row.replied_at,
            "reply": row.reply,
        }
        for row in rows
    ]


def tasks(
    case: Case, user: User, now: datetime, allowed: Collection[str], prefix: str
) -> list[dict[str, Any]]:
    rows = case.tasks.select_related("reported_by").order_by("pk")
    own = access.departments_of(user, "case.report_task")
    return [
        {
            "id": row.pk,
            "department": units.name_of(row.department_id),
            "what": row.what,
            "due": row.due_at,
            "light": deadlines.light(None, row.due_at, now) if row.is_open else "",
            "left": deadlines.left(row.due_at, now) if row.is_open else "",
            "state": state_of(row),
            "steps": steps(row),
            "report": row.report,
            "excuse": row.excuse,
            "score": row.score,
            "actions": [
                link(case, action, prefix, task=row.pk)
                for action in allowed
                if offered(row, action, own)
            ],
        }
        for row in rows
    ]


def offered(row: Task, action: str, own: set[int]) -> bool:
    """Whether a move makes sense for this task now."""
    if action == Action.EXCUSE:
        return row.is_open
    if action == Action.SCORE:
        return row.reported_at is not None and row.score is None
    if action not in OF_TASK or row.department_id not in own or not row.is_open:
        return False
    column = DONE.get(Action(action))
    return column is None or getattr(row, column) is None


def state_of(row: Task) -> str:
    if row.excused_at:
        return _t("已免除")
    return _t("已反馈") if row.reported_at else _t("办理中")


def steps(row: Task) -> list[dict[str, Any]]:
    """What the department did when, in the order of the steps."""
    columns = ("signed_at", "contacted_at", "arrived_at", "reported_at")
    return [
        {"label": TaskStep(step).label, "at": getattr(row, column)}
        for step, column in zip(TaskStep.values, columns, strict=True)
        if getattr(row, column)
    ]


def findings(case: Case, allowed: Collection[str], prefix: str) -> list[dict[str, Any]]:
    rows = case.findings.select_related("party", "party__data_key").order_by("pk")
    return [
        {
            "id": row.pk,
            "what": row.what,
            "party": str(row.party),
            "order": row.order_number,
            "ground": row.ground,
            "due_on": row.due_on,
            "recheck_on": row.recheck_on,
            "mended": row.is_mended,
            "recheck": row.recheck,
            "actions": [
                link(case, action, prefix, finding=row.pk)
                for action in (Action.ORDER, Action.RECHECK)
                if action in allowed and not row.is_mended
            ],
        }
        for row in rows
    ]


def dispute(
    case: Case, user: User, happened: Collection[str], prefix: str
) -> dict[str, Any] | None:
    """The dispute in short; else the way to write one down, for who may."""
    url = f"{prefix}{case.number}/dispute/"
    if disputes.OPENED not in happened:
        begins = disputes.may_begin(case) and access.may_act(user, case, disputes.PERMISSION)
        return {"url": url, "opened": False} if begins else None
    row = disputes.known(case)
    return {
        "url": url if disputes.may_mediate(user, case, row) else "",
        "opened": True,
        "track": row.get_track_display(),
        "unit": units.name_of(row.track_unit_id),
        "due": row.due_at,
        "outcome": row.get_outcome_display(),
        "ended_at": row.ended_at,
    }


def shares(case: Case, allowed: Collection[str], prefix: str) -> list[dict[str, Any]]:
    found = []
    rows = shared.of_case(case)
    besides = {row.unit_id for row in rows if not row.for_dispute}
    for row in rows:
        query = {"unit": row.unit_id} if row.unit_id else {"user": row.user_id}
        ends = [link(case, Action.UNSHARE, prefix, **query)] if Action.UNSHARE in allowed else []
        if row.for_dispute and row.unit_id in besides:  # the move ends the other one first
            ends = []
        with_whom = units.name_of(row.unit_id) if row.unit_id else str(row.user)
        found.append(
            {
                "with_whom": with_whom,
                "mode": _t("%(mode)s（调解）") % {"mode": row.get_mode_display()}
                if row.for_dispute
                else row.get_mode_display(),
                "until": row.until,
                "actions": ends,
            }
        )
    return found


def kept(case: Case, user: User) -> list[dict[str, Any]]:
    """The papers made; without links for who may not see whom they name."""
    found = []
    for row in papers.of_case(case):
        links = papers.may_open(user, case, row.kind)
        args = [case.number, row.pk]
        found.append(
            {
                "number": row.number,
                "kind": row.get_kind_display(),
                "by": str(row.made_by),
                "at": row.made_at,
                "url": reverse("desk:paper", args=args) if links else "",
                "file_url": reverse("desk:paper_file", args=args) if links else "",
            }
        )
    return found


def related(cases: Iterable[Case], user: User, prefix: str) -> list[dict[str, Any]]:
    """Other cases as links; not those that the user, with whom this one is shared, does not see."""
    return [
        {
            "number": other.number,
            "url": f"{prefix}{other.number}/",
            "item": items.facts(other.item_id).title,
            "state": State(other.state).label,
        }
        for other in cases
        if access.sees(user, other)
    ]
