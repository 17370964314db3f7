"""Who must know what about a case: recipients from the posts, sentences for the inbox."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from cases import items
from cases.models import Case, State
from governance import outbox, permissions
from governance.models import UnitKind
from governance.outbox import Note
from governance.roles import Role

CENTRE = (Role.CLERK, Role.DISPATCHER)
FIELD = (Role.GRID_WORKER, Role.GRID_LEADER)
DEPARTMENT = (Role.HANDLER, Role.DEPARTMENT_LEAD)
# Whose turn it is in a state: the case column that names the unit, and the roles there. The first
# with somebody in post is told.
TURN: dict[str, tuple[tuple[str, tuple[Role, ...]], ...]] = {
    State.REPORTED: (("community_id", CENTRE), ("street_id", CENTRE), ("district_id", CENTRE)),
    State.ACCEPTED: (
        ("community_id", (Role.DISPATCHER,)),
        ("street_id", (Role.DISPATCHER,)),
        ("district_id", (Role.DISPATCHER,)),
    ),
    State.DISPATCHED: (("department_id", DEPARTMENT),),
    State.HANDLING: (("department_id", DEPARTMENT),),
    State.FINISHED: (("grid_id", FIELD), ("community_id", (Role.CLERK,)), ("street_id", CENTRE)),
    State.VERIFIED: (("community_id", CENTRE), ("street_id", CENTRE), ("district_id", CENTRE)),
    State.CLOSED: (("community_id", CENTRE), ("street_id", CENTRE), ("district_id", CENTRE)),
}
# Who answers at a level when a case has climbed there.
ANSWERABLE = (Role.LEADER, Role.SUPERVISOR, Role.DISPATCHER)

outbox.SENTENCES.update(
    {
        "case.turn": _("%(item)s（%(number)s）待您办理：%(state)s。"),
        "case.stage_remind": _("%(item)s（%(number)s）临近时限：%(state)s，%(due)s 到期。"),
        "case.stage_overdue": _("%(item)s（%(number)s）已超期：%(state)s，%(due)s 到期。"),
        "case.escalated": _("%(item)s（%(number)s）超期升级到%(level)s：%(state)s，%(due)s 到期。"),
        "case.promise_remind": _("%(item)s（%(number)s）对外承诺将于 %(due)s 到期。"),
        "case.promise_overdue": _("%(item)s（%(number)s）已超过对外承诺时限（%(due)s）。"),
        "case.rework": _("%(item)s（%(number)s）被退回返工。"),
    }
)
outbox.READERS.update(
    {
        "item": lambda pk: items.facts(int(pk)).title,
        "state": lambda code: str(State(code).label),
        "level": lambda kind: str(UnitKind(kind).label),
        "due": lambda text: f"{localtime(datetime.fromisoformat(text)):%m-%d %H:%M}",
    }
)
for _kind in list(outbox.SENTENCES):
    if _kind.startswith("case."):
        outbox.LINKS[_kind] = lambda params: reverse("desk:case", args=[params["number"]])


def whose_turn(case: Case) -> list[int]:
    """The users who are to act next: the handler who signed, else the posts of TURN."""
    if case.state == State.HANDLING and case.handler_id:
        return [case.handler_id]
    for column, roles in TURN.get(case.state, ()):
        if found := permissions.at(getattr(case, column), roles):
            return found
    return []


def answerable(case: Case, level: str) -> list[int]:
    """Who answers for the case at a level: its unit there, else the nearest above."""
    levels = ("community", "street", "district")
    for name in levels[levels.index(level) :]:
        if found := permissions.at(getattr(case, f"{name}_id"), ANSWERABLE):
            return found
    return []


def note(case: Case, kind: str, user_id: int, key: str, **more: str) -> Note:
    """A message without any personal data: number, item, state, and a time."""
    params = {"number": case.number, "item": str(case.item_id), "state": case.state, **more}
    return Note(user_id, f"case.{kind}", f"{case.pk}:{kind}:{key}", params)
