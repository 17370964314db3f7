"""Who must know what about a case: recipients from the posts, sentences for the inbox."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from cases import items
from cases.models import Case, Level, State, TaskStep
from cases.moves import Action
from governance import outbox, permissions, units
from governance.models import UnitKind
from governance.outbox import Note
from governance.roles import Role

if TYPE_CHECKING:
    from governance.models import User

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
    State.REFERRED: (
        ("community_id", (Role.SUPERVISOR,)),
        ("street_id", (Role.SUPERVISOR,)),
        ("district_id", (Role.SUPERVISOR,)),
        ("community_id", (Role.LEADER,)),
        ("street_id", (Role.LEADER,)),
        ("district_id", (Role.LEADER,)),
    ),
    State.DISPATCHED: (("department_id", DEPARTMENT),),
    State.HANDLING: (("department_id", DEPARTMENT),),
    State.JOINT: (("community_id", CENTRE), ("street_id", CENTRE), ("district_id", CENTRE)),
    State.FINISHED: (
        ("grid_id", FIELD),
        ("community_id", (Role.CLERK,)),
        ("street_id", (Role.CLERK,)),
        ("district_id", (Role.CLERK,)),
    ),
    State.VERIFIED: (("community_id", CENTRE), ("street_id", CENTRE), ("district_id", CENTRE)),
    State.CLOSED: (("community_id", CENTRE), ("street_id", CENTRE), ("district_id", CENTRE)),
}
# States in which the level that has the case in hand is to act, not the one where it arose.
AT_LEVEL = {State.ACCEPTED, State.REFERRED, State.JOINT}
BELOW: dict[str, tuple[str, ...]] = {
    Level.COMMUNITY: (),
    Level.STREET: ("community_id",),
    Level.DISTRICT: ("community_id", "street_id"),
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
        "case.moved": _("%(item)s（%(number)s）：%(action)s。"),
        "case.unstaffed": _("%(item)s（%(number)s）的主责部门没有在岗人员，请补岗或改派。"),
        "case.dissolved": _("%(item)s（%(number)s）的部门已撤销、无承接单位，请另派或另请部门。"),
        "case.followed": _("%(item)s（%(number)s）随机构调整转到您的部门。"),
        "case.review_opened": _("%(item)s（%(number)s）已对您提起追责，请说明情况。"),
        "case.review_replied": _("%(item)s（%(number)s）的责任人已说明情况。"),
        "case.review_ended": _("%(item)s（%(number)s）的追责已办结。"),
        "case.task_due": _("%(item)s（%(number)s）的联办任务已到时限：%(step)s。"),
        "case.recheck_due": _("%(item)s（%(number)s）的整改到了复查日期。"),
        "case.dispute_due": _("%(item)s（%(number)s）的纠纷调解已到期限。"),
        "case.obligation_due": _("%(item)s（%(number)s）的调解协议有一项到了履行期限，请回访。"),
        "case.dispute_named": _("%(item)s（%(number)s）的纠纷请您调解。"),
        "case.supervision_due": _("%(item)s（%(number)s）的督办逾期未回复。"),
    }
)
outbox.READERS.update(
    {
        "item": lambda pk: items.facts(int(pk)).title,
        "state": lambda code: str(State(code).label),
        "action": lambda code: str(Action(code).label),
        "step": lambda code: str(TaskStep(code).label),
        "level": lambda kind: str(UnitKind(kind).label),
        "due": lambda text: f"{localtime(datetime.fromisoformat(text)):%m-%d %H:%M}",
    }
)
for _kind in list(outbox.SENTENCES):
    if _kind.startswith("case."):
        outbox.LINKS[_kind] = lambda params: reverse("desk:case", args=[params["number"]])


def to_review(params: Mapping[str, str]) -> str:
    """Who is asked in a review may see no case: theirs is the page of the review."""
    if "review" in params:
        return reverse("desk:review", args=[params["review"]])
    return reverse("desk:case", args=[params["number"]])


for _kind in ("review_opened", "review_replied", "review_ended"):
    outbox.LINKS[f"case.{_kind}"] = to_review


def whose_turn(case: Case) -> list[int]:
    """The users who are to act next: the handler who signed, or whose post a rule named for it;
    else the posts of TURN."""
    if case.state == State.HANDLING and (handler := handler_of(case)):
        return [handler]
    if case.state == State.DISPATCHED and case.handler_id in department_posts(case):
        return [case.handler_id]
    skipped = BELOW[case.level] if case.state in AT_LEVEL else ()
    for column, roles in TURN.get(case.state, ()):
        if column in skipped:
            continue
        if found := permissions.at(getattr(case, column), roles):
            return found
    named = {role for _column, roles in TURN.get(case.state, ()) for role in roles}
    return anywhere(case, named, skipped)


def anywhere(case: Case, named: Container[Role], skipped: Container[str]) -> list[int]:
    """Of a case that fell into no community every clerk and dispatcher of the district may take
    charge (access.homeless): those of the streets, else those of the communities."""
    roles = [role for role in CENTRE if role in named]
    if case.community_id is not None or not roles:
        return []
    for kind in (UnitKind.STREET, UnitKind.COMMUNITY):
        if f"{kind}_id" in skipped:
            continue
        known = units.known().values()
        here = [u.pk for u in known if u.kind == kind and u.district_id == case.district_id]
        if found := sorted({user for pk in here for user in permissions.at(pk, roles)}):
            return found
    return []


def department_posts(case: Case) -> list[int]:
    return permissions.at(case.department_id, DEPARTMENT)


def handler_of(case: Case) -> int | None:
    """Who signed, while in post at the department: who left is told of its cases no more, and must
    not swallow one."""
    return case.handler_id if case.handler_id in department_posts(case) else None


def reminded(case: Case) -> list[int]:
    """Whose turn it is; of a case that the named one has not signed, the whole department: an
    absence must not swallow it."""
    return department_posts(case) if case.state == State.DISPATCHED else whose_turn(case)


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


# Who is told of a move that leaves the state as it is -------------------------------------------


def deciders(case: Case, details: Details) -> list[int]:
    """Who may grant leave: the dispatchers from the case's level up, else the supervisors."""
    for role in (Role.DISPATCHER, Role.SUPERVISOR):
        for level in ("community", "street", "district"):
            column = f"{level}_id"
            if column in BELOW[case.level]:
                continue
            if found := permissions.at(getattr(case, column), (role,)):
                return found
        if found := anywhere(case, (role,), BELOW[case.level]):
            return found
    return []


def department(case: Case, details: Details) -> list[int]:
    """The handler, else the department's posts."""
    if case.department_id and (handler := handler_of(case)):
        return [handler]
    return department_posts(case)


def called(case: Case, details: Details) -> list[int]:
    """The departments that a whistle or a consultation gave tasks to, or the one of a task."""
    units = details.get("departments") or [details.get("department")]
    return [user for unit_id in units for user in permissions.at(unit_id, DEPARTMENT)]


def callers(case: Case, details: Details) -> list[int]:
    """The centre of the level that has the case in hand."""
    for level in ("community", "street", "district"):
        if f"{level}_id" in BELOW[case.level]:
            continue
        if found := permissions.at(getattr(case, f"{level}_id"), CENTRE):
            return found
    return anywhere(case, CENTRE, BELOW[case.level])


def supervised(case: Case, details: Details) -> list[int]:
    """Whose turn it is, and who leads the department."""
    leads = permissions.at(case.department_id, (Role.DEPARTMENT_LEAD,))
    return [*whose_turn(case), *leads]


def supervisors(case: Case, details: Details) -> list[int]:
    found = (
        permissions.at(unit, (Role.SUPERVISOR,)) for unit in (case.street_id, case.district_id)
    )
    return [user for users in found for user in users]


def shared_with(case: Case, details: Details) -> list[int]:
    if details.get("user"):
        return [details["user"]]
    return permissions.at(details.get("unit"), DEPARTMENT)


def turn(case: Case, details: Details) -> list[int]:
    return whose_turn(case)


Details = dict[str, Any]
MOVED: dict[str, Callable[[Case, Details], list[int]]] = {
    Action.ASK_EXTENSION: deciders,
    Action.ASK_SUSPENSION: deciders,
    Action.GRANT: department,
    Action.DENY: department,
    Action.WHISTLE: called,
    Action.CONSULT: called,
    Action.EXCUSE: called,
    Action.SCORE: called,
    Action.REPORT_TASK: callers,
    Action.URGE: turn,
    Action.CORRECT: turn,
    Action.SUPERVISE: supervised,
    Action.LIFT_SUPERVISION: supervised,
    Action.REPLY_SUPERVISION: supervisors,
    Action.SHARE: shared_with,
}


def tell_moved(case: Case, action: str, details: Details, by: User | None, now: datetime) -> None:
    """Tell of a move those whom it concerns, but not the one who made it."""
    if action not in MOVED:
        return
    users = {user for user in MOVED[action](case, details) if by is None or user != by.pk}
    key = f"{case.version}:{action}"
    notes = [note(case, "moved", user, key, action=action) for user in sorted(users)]
    outbox.tell(notes, now)


def tell_unstaffed(case: Case, now: datetime) -> None:
    """The alarm: to who dispatches, and to who answers for the street."""
    users = {*deciders(case, {}), *answerable(case, "street")}
    notes = [note(case, "unstaffed", user, str(case.version)) for user in sorted(users)]
    outbox.tell(notes, now)


def tell_dissolved(case: Case, unit_id: int | None, now: datetime) -> None:
    """To who dispatches, and to the centre that called the department."""
    users = {*deciders(case, {}), *callers(case, {})}
    outbox.tell([note(case, "dissolved", user, str(unit_id)) for user in sorted(users)], now)
