"""The closed loop as lists of moves: after each, the state and both clocks.

A line is (when, who, move, state, stage due, promise due, what is given). The office works from
8:30 to 12:00 and from 13:30 to 17:30; the item gives 2 h to accept, 2 h to dispatch, 4 h to sign, a
day to handle, a day to verify, and promises three working days. All cases are reported on Monday,
2 March 2026, at nine.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import pytest

from cases.models import Case, State
from governance import timers, workcalendar
from governance.models import Timer
from tests.builders import World, create_unit, create_user, moment, shift_clock
from tests.case_builders import MONDAY, create_case, create_item, move

S = State
NONE = ""
YEAR = "2026-"


class Step(NamedTuple):
    """One line of a scenario. `who` is one of the cast, or "clock" (the sweep), "resident"."""

    at: str
    who: str
    action: str
    state: State
    stage: str
    promise: str = "03-05 17:30"
    given: dict[str, Any] = {}


def short(due: Any) -> str:
    return f"{due.astimezone(workcalendar.calendar().zone):%m-%d %H:%M}" if due else NONE


def play(world: World, steps: list[Step], case: Case | None = None) -> Case:
    """Make the moves, each at its moment after the clock has swept, and compare."""
    shift_clock(to=MONDAY)
    case = case or create_case(world)
    for number, step in enumerate(steps):
        now = moment(YEAR + step.at)
        shift_clock(to=now)
        timers.sweep()
        if step.who != "clock":
            by = None if step.who == "resident" else getattr(world, step.who)
            given = {k: v(case) if callable(v) else v for k, v in step.given.items()}
            case = move(case, step.action, by=by, now=now, **given)
        case.refresh_from_db()
        found = (case.state, short(case.stage_due_at), short(case.promise_due_at))
        assert found == (step.state, step.stage, step.promise), f"line {number}: {step}"
        check_invariants(case)
    return case


def check_invariants(case: Case) -> None:
    """Timers match the state, one pause at most, history ends where the case stands."""
    running = Timer.objects.open().filter(subject_id=case.pk)
    stage = running.filter(kind="case.stage_overdue").count()
    ladder = case.escalation >= 3
    assert stage == (case.stage_due_at is not None and not ladder), (stage, case.state)
    promise = running.filter(kind="case.promise_overdue").exists()
    paused = case.state in {S.SUSPENDED, S.WAITING}
    assert not (promise and (paused or case.first_closed_at is not None))
    assert running.filter(kind="case.resume").exists() == paused
    assert case.pauses.filter(ended_at=None).exists() == paused
    assert case.transitions.order_by("-pk")[0].to_state == case.state
    assert case.tasks.filter(reported_at=None, excused_at=None).count() == case.tasks_open


# Beginnings that many lists share ---------------------------------------------------------------

ACCEPTED = [Step("03-02 09:30", "clerk", "accept", S.ACCEPTED, "03-02 11:30")]
DISPATCHED = [*ACCEPTED, Step("03-02 10:00", "dispatcher", "dispatch", S.DISPATCHED, "03-02 15:30")]
HANDLING = [*DISPATCHED, Step("03-02 10:30", "handler", "sign", S.HANDLING, "03-03 17:30")]
FINISHED = [*HANDLING, Step("03-03 09:00", "handler", "finish", S.FINISHED, "03-04 17:30")]
VERIFIED = [*FINISHED, Step("03-03 10:00", "grid_worker", "verify", S.VERIFIED, "03-03 12:00")]
CLOSED = [*VERIFIED, Step("03-03 11:00", "clerk", "close", S.CLOSED, "03-03 14:30")]
ANSWERED = [*CLOSED, Step("03-03 11:30", "clerk", "answer", S.ANSWERED, NONE)]
RETURNED = [*DISPATCHED, Step("03-02 11:00", "handler", "return", S.ACCEPTED, "03-02 14:30")]
INSISTED = [*RETURNED, Step("03-02 11:30", "dispatcher", "insist", S.DISPATCHED, "03-03 08:30")]
INSISTED[-1] = INSISTED[-1]._replace(stage="03-02 17:00")
JOINT = [*ACCEPTED, Step("03-02 10:00", "clerk", "whistle", S.JOINT, "03-09 17:30")]
ASKED = [
    *HANDLING,
    Step(
        "03-02 11:00", "handler", "ask_extension", S.HANDLING, "03-03 17:30",
        given={"until": date(2026, 3, 6)},
    ),
]  # fmt: skip
SUSPENDING = [
    *HANDLING,
    Step(
        "03-02 11:00", "handler", "ask_suspension", S.HANDLING, "03-03 17:30",
        given={"until": date(2026, 3, 9)},
    ),
]  # fmt: skip
SUSPENDED = [*SUSPENDING, Step("03-02 11:30", "dispatcher", "grant", S.SUSPENDED, NONE)]


def police(case: Case) -> tuple[int, ...]:
    return (case.item.department_id, POLICE[0])


def three(case: Case) -> tuple[int, ...]:
    return (*police(case), OTHERS[0])


POLICE: list[int] = []
OTHERS: list[int] = []


@pytest.fixture(autouse=True)
def know_the_police(world: World) -> None:
    POLICE[:] = [world.police.pk]
    market = create_unit(kind="department", name="市场监管所", parent=world.district)
    create_user(role="handler", unit=market)
    OTHERS[:] = [market.pk]


def task_of(n: int) -> Callable[[Case], int]:
    return lambda case: case.tasks.order_by("pk")[n].pk


def main_of(case: Case) -> str:
    """Another open case at the same place."""
    main = Case.objects.exclude(pk=case.pk).filter(state=S.REPORTED).first()
    return main.number if main else ""


SCENARIOS: dict[str, list[Step]] = {
    "the plain way": [
        *ANSWERED,
        Step("03-04 09:00", "resident", "rate", S.ANSWERED, NONE),
        Step("03-04 10:00", "clerk", "archive", S.ARCHIVED, NONE),
    ],
    "refused": [
        Step("03-02 09:30", "clerk", "refuse", S.REFUSED, NONE),
        Step("03-02 09:40", "clerk", "archive", S.ARCHIVED, NONE),
    ],
    "handled on the spot": [
        Step("03-02 09:30", "grid_worker", "handle_on_spot", S.VERIFIED, "03-02 11:30"),
        Step("03-02 10:00", "clerk", "close", S.CLOSED, "03-02 12:00"),
    ],
    "returned and sent to another department": [
        *RETURNED,
        Step(
            "03-02 11:30", "dispatcher", "dispatch", S.DISPATCHED, "03-02 17:00",
            given={"department_id": lambda case: POLICE[0]},
        ),
        Step("03-02 13:30", "police_handler", "sign", S.HANDLING, "03-03 17:30"),
    ],
    "returned, insisted, returned again: the supervisor rules": [
        *INSISTED,
        Step("03-02 13:30", "handler", "return", S.REFERRED, "03-02 15:30"),
        Step("03-02 14:00", "supervisor", "rule", S.DISPATCHED, "03-03 09:00"),
        Step("03-02 15:00", "handler", "sign", S.HANDLING, "03-03 17:30"),
        Step("03-03 09:00", "handler", "finish", S.FINISHED, "03-04 17:30"),
    ],
    "nobody rules: it goes overdue and climbs": [
        *INSISTED,
        Step("03-02 13:30", "handler", "return", S.REFERRED, "03-02 15:30"),
        Step("03-02 15:30", "clock", "", S.REFERRED, "03-02 15:30"),
        Step("03-02 16:00", "supervisor", "rule", S.DISPATCHED, "03-03 11:00"),
    ],
    "extension granted": [
        *ASKED,
        # three days more for the stage, and as much working time for the promise
        Step("03-02 11:30", "dispatcher", "grant", S.HANDLING, "03-06 17:30", "03-10 17:30"),
        Step("03-06 09:00", "handler", "finish", S.FINISHED, "03-09 17:30", "03-10 17:30"),
    ],
    "extension denied": [
        *ASKED,
        Step("03-02 11:30", "dispatcher", "deny", S.HANDLING, "03-03 17:30"),
    ],
    "finished while the extension waited": [
        *ASKED,
        Step("03-02 14:00", "handler", "finish", S.FINISHED, "03-03 17:30"),
    ],
    "extension granted after it went overdue: no longer overdue": [
        *ASKED,
        Step("03-04 09:00", "clock", "", S.HANDLING, "03-03 17:30"),
        Step("03-04 10:00", "dispatcher", "grant", S.HANDLING, "03-06 17:30", "03-10 17:30"),
    ],
    "suspended until its day, then by itself on again": [
        *SUSPENDED,
        Step("03-06 17:00", "clock", "", S.SUSPENDED, NONE),
        # 12 h of handling were left at 11:30 on Monday, 27 h of the promise
        Step("03-09 08:30", "clock", "", S.HANDLING, "03-10 14:30", "03-12 14:30"),
        Step("03-09 10:00", "handler", "finish", S.FINISHED, "03-10 17:30", "03-12 14:30"),
    ],
    "suspension ended early": [
        *SUSPENDED,
        Step("03-03 08:30", "dispatcher", "resume", S.HANDLING, "03-04 14:30", "03-06 14:30"),
    ],
    "suspension denied": [
        *SUSPENDING,
        Step("03-02 11:30", "dispatcher", "deny", S.HANDLING, "03-03 17:30"),
    ],
    "closed by force while suspended": [
        *SUSPENDED,
        # judged as it stands: 27 h of it were left when it stood still
        Step("03-04 09:00", "leader", "force_close", S.CLOSED, "03-04 11:00", "03-09 15:00"),
    ],
    "the reporter answers": [
        *HANDLING,
        Step("03-02 11:00", "handler", "ask_reporter", S.WAITING, NONE),
        Step("03-02 13:30", "resident", "reply", S.HANDLING, "03-04 09:30", "03-06 09:30"),
    ],
    "the reporter is silent": [
        *HANDLING,
        Step("03-02 11:00", "handler", "ask_reporter", S.WAITING, NONE),
        Step("03-05 17:00", "clock", "", S.WAITING, NONE),
        # after three working days; 12.5 h of handling were left
        Step("03-05 17:30", "clock", "", S.HANDLING, "03-09 15:00", "03-11 15:00"),
    ],
    "asked before accepting": [
        Step("03-02 09:30", "clerk", "ask_reporter", S.WAITING, NONE),
        Step("03-02 11:00", "clerk", "reply", S.REPORTED, "03-02 14:00", "03-06 10:00"),
        Step("03-02 11:30", "clerk", "accept", S.ACCEPTED, "03-02 15:00", "03-06 10:00"),
    ],
    "passed up to the street and the district, handed down again": [
        *ACCEPTED,
        Step("03-02 10:00", "clerk", "pass_up", S.ACCEPTED, "03-02 12:00"),
        Step("03-02 11:00", "dispatcher", "pass_up", S.ACCEPTED, "03-02 14:30"),
        Step("03-02 14:00", "resident", "hand_down", S.ACCEPTED, "03-02 16:00"),
        Step("03-02 15:00", "dispatcher", "dispatch", S.DISPATCHED, "03-03 10:00"),
    ],
    "whistle: one on time, one late and excused": [
        *JOINT[:-1],
        JOINT[-1]._replace(given={"department_ids": police}),
        Step("03-02 10:30", "handler", "sign_task", S.JOINT, "03-09 17:30",
             given={"task_id": task_of(0)}),
        Step("03-02 11:00", "handler", "contact", S.JOINT, "03-09 17:30",
             given={"task_id": task_of(0)}),
        Step("03-03 09:00", "handler", "arrive", S.JOINT, "03-09 17:30",
             given={"task_id": task_of(0), "lon": 117.4, "lat": 39.1}),
        Step("03-03 11:00", "handler", "report_task", S.JOINT, "03-09 17:30",
             given={"task_id": task_of(0)}),
        Step("03-10 09:00", "clerk", "excuse", S.JOINT, "03-09 17:30",
             given={"task_id": task_of(1)}),
        Step("03-10 09:30", "clerk", "conclude", S.FINISHED, "03-11 17:30"),
        Step("03-10 10:00", "grid_worker", "verify", S.VERIFIED, "03-10 12:00"),
        Step("03-10 10:30", "clerk", "score", S.VERIFIED, "03-10 12:00",
             given={"task_id": task_of(0), "score": 5}),
    ],
    "whistle to three departments: one on time, one late, a third excused": [
        *JOINT[:-1],
        JOINT[-1]._replace(given={"department_ids": three}),
        Step("03-02 10:30", "handler", "sign_task", S.JOINT, "03-09 17:30",
             given={"task_id": task_of(0)}),
        Step("03-03 11:00", "handler", "report_task", S.JOINT, "03-09 17:30",
             given={"task_id": task_of(0)}),
        Step("03-10 09:00", "clerk", "excuse", S.JOINT, "03-09 17:30",
             given={"task_id": task_of(2)}),
        Step("03-10 09:30", "police_handler", "report_task", S.JOINT, "03-09 17:30",
             given={"task_id": task_of(1)}),
        Step("03-10 10:00", "clerk", "conclude", S.FINISHED, "03-11 17:30"),
        Step("03-10 10:30", "clerk", "score", S.FINISHED, "03-11 17:30",
             given={"task_id": task_of(1), "score": 2}),
    ],
    "whistle from the department's hands": [
        *HANDLING,
        Step("03-02 11:00", "clerk", "whistle", S.JOINT, "03-09 17:30"),
        Step("03-02 13:30", "handler", "report_task", S.JOINT, "03-09 17:30"),
        Step("03-02 14:00", "clerk", "conclude", S.FINISHED, "03-03 17:30"),
    ],
    "emergency whistle": [
        *ACCEPTED,
        Step("03-02 10:00", "clerk", "whistle", S.JOINT, "03-03 10:00",
             given={"whistle_kind": "emergency"}),
    ],
    "verification fails, then it is well": [
        *FINISHED,
        Step("03-03 10:00", "grid_worker", "fail", S.HANDLING, "03-04 17:30"),
        Step("03-03 14:00", "handler", "finish", S.FINISHED, "03-04 17:30"),
        Step("03-03 15:00", "grid_worker", "verify", S.VERIFIED, "03-03 17:00"),
    ],
    "a second rework goes to the supervisor": [
        *FINISHED,
        Step("03-03 10:00", "grid_worker", "fail", S.HANDLING, "03-04 17:30"),
        Step("03-03 14:00", "handler", "finish", S.FINISHED, "03-04 17:30"),
        Step("03-03 15:00", "grid_worker", "fail", S.REFERRED, "03-03 17:00"),
        Step("03-03 15:30", "supervisor", "rule", S.DISPATCHED, "03-04 10:30"),
        Step("03-03 16:00", "handler", "sign", S.HANDLING, "03-04 17:30"),
    ],
    "dissatisfied: rework of the same case, the promise stays judged": [
        *ANSWERED,
        Step("03-04 09:00", "resident", "rate", S.HANDLING, "03-05 17:30",
             given={"satisfied": False}),
        Step("03-04 10:00", "handler", "finish", S.FINISHED, "03-05 17:30"),
        Step("03-04 11:00", "grid_worker", "verify", S.VERIFIED, "03-04 14:30"),
        Step("03-09 11:00", "clerk", "close", S.CLOSED, "03-09 14:30"),
        Step("03-09 11:10", "clerk", "answer", S.ANSWERED, NONE),
        Step("03-09 11:20", "resident", "rate", S.ANSWERED, NONE),
    ],
    "dissatisfied a second time": [
        *ANSWERED,
        Step("03-04 09:00", "resident", "rate", S.HANDLING, "03-05 17:30",
             given={"satisfied": False}),
        Step("03-04 10:00", "handler", "finish", S.FINISHED, "03-05 17:30"),
        Step("03-04 11:00", "grid_worker", "verify", S.VERIFIED, "03-04 14:30"),
        Step("03-04 11:10", "clerk", "close", S.CLOSED, "03-04 14:40"),
        Step("03-04 11:20", "clerk", "answer", S.ANSWERED, NONE),
        Step("03-04 14:00", "resident", "rate", S.REFERRED, "03-04 16:00",
             given={"satisfied": False}),
    ],
    "handled on the spot, dissatisfied: to the dispatcher": [
        Step("03-02 09:30", "grid_worker", "handle_on_spot", S.VERIFIED, "03-02 11:30"),
        Step("03-02 10:00", "clerk", "close", S.CLOSED, "03-02 12:00"),
        Step("03-02 10:10", "clerk", "answer", S.ANSWERED, NONE),
        Step("03-02 10:20", "resident", "rate", S.ACCEPTED, "03-02 13:50",
             given={"satisfied": False}),
    ],
    "the centre reopens what it finds undone": [
        *ANSWERED,
        Step("03-04 09:00", "clerk", "reopen", S.HANDLING, "03-05 17:30"),
    ],
    "reopened from the archive": [
        *ANSWERED,
        Step("03-04 09:00", "clerk", "archive", S.ARCHIVED, NONE),
        Step("03-05 09:00", "clerk", "reopen", S.HANDLING, "03-06 17:30"),
    ],
    "joined as a duplicate, taken out within a day": [
        *HANDLING,
        Step("03-02 11:00", "clerk", "join", S.JOINED, NONE),
        Step("03-03 09:00", "clerk", "unjoin", S.HANDLING, "03-03 17:30"),
        Step("03-03 10:00", "handler", "finish", S.FINISHED, "03-04 17:30"),
    ],
    "taken out after its time had passed: overdue at once": [
        Step("03-02 09:30", "clerk", "join", S.JOINED, NONE),
        Step("03-03 09:00", "clerk", "unjoin", S.REPORTED, "03-02 11:00"),
    ],
    "split": [
        Step("03-02 09:30", "clerk", "split", S.SPLIT, NONE),
    ],
    "closed by force": [
        *HANDLING,
        Step("03-02 11:00", "leader", "force_close", S.CLOSED, "03-02 14:30"),
        Step("03-02 11:10", "clerk", "answer", S.ANSWERED, NONE),
    ],
    "closed by force during a whistle": [
        *JOINT,
        Step("03-02 11:00", "leader", "force_close", S.CLOSED, "03-02 14:30"),
    ],
    "urged once a stage": [
        *DISPATCHED,
        Step("03-02 10:10", "resident", "urge", S.DISPATCHED, "03-02 15:30"),
        Step("03-02 10:30", "handler", "sign", S.HANDLING, "03-03 17:30"),
        Step("03-02 11:00", "dispatcher", "urge", S.HANDLING, "03-03 17:30"),
    ],
    "supervised, answered, lifted, supervised again": [
        *HANDLING,
        Step("03-02 11:00", "supervisor", "supervise", S.HANDLING, "03-03 17:30"),
        Step("03-02 11:10", "handler", "reply_supervision", S.HANDLING, "03-03 17:30"),
        Step("03-02 11:20", "supervisor", "lift_supervision", S.HANDLING, "03-03 17:30"),
        Step("03-02 11:30", "supervisor", "supervise", S.HANDLING, "03-03 17:30",
             given={"severity": "yellow"}),
    ],
    "consultation gives tasks": [
        *HANDLING,
        Step("03-02 11:00", "dispatcher", "consult", S.HANDLING, "03-03 17:30"),
        Step("03-02 13:30", "handler", "finish", S.FINISHED, "03-03 17:30"),
    ],
    "inspection: found, ordered, mended": [
        *HANDLING,
        Step("03-02 11:00", "grid_worker", "find", S.HANDLING, "03-03 17:30"),
        Step("03-02 11:30", "handler", "order", S.HANDLING, "03-03 17:30"),
        Step("03-10 09:00", "clock", "", S.HANDLING, "03-03 17:30"),
        Step("03-10 10:00", "handler", "recheck", S.HANDLING, "03-03 17:30"),
    ],
    "corrected to an item with another limit": [
        *HANDLING,
        Step("03-02 11:00", "clerk", "correct", S.HANDLING, "03-06 17:30",
             given={"item_id": lambda case: slow_item(case).pk}),
    ],
    "contact corrected while suspended, and before the answer": [
        *HANDLING,
        Step("03-02 11:00", "handler", "ask_suspension", S.HANDLING, "03-03 17:30",
             given={"until": date(2026, 3, 5)}),
        Step("03-02 11:30", "dispatcher", "grant", S.SUSPENDED, NONE),
        Step("03-02 14:00", "clerk", "correct", S.SUSPENDED, NONE,
             given={"reporter_phone": "13900002222", "place": "军丽园5号楼"}),
        Step("03-05 08:30", "clock", "", S.HANDLING, "03-06 14:30", "03-10 14:30"),
        Step("03-05 09:00", "handler", "finish", S.FINISHED, "03-06 17:30", "03-10 14:30"),
        Step("03-05 10:00", "grid_worker", "verify", S.VERIFIED, "03-05 12:00", "03-10 14:30"),
        Step("03-05 10:30", "clerk", "close", S.CLOSED, "03-05 14:00", "03-10 14:30"),
        Step("03-05 11:00", "clerk", "correct", S.CLOSED, "03-05 14:00", "03-10 14:30",
             given={"reporter_phone": "13900003333", "place": None}),
        Step("03-05 11:30", "clerk", "answer", S.ANSWERED, NONE, "03-10 14:30"),
    ],
    "corrected promise, with both dates": [
        *HANDLING,
        Step("03-02 11:00", "clerk", "correct", S.HANDLING, "03-03 17:30", "03-13 17:30",
             given={"promise_on": date(2026, 3, 13)}),
    ],
    "shared and ended": [
        *HANDLING,
        Step("03-02 11:00", "clerk", "share", S.HANDLING, "03-03 17:30"),
        Step("03-02 11:30", "clerk", "unshare", S.HANDLING, "03-03 17:30"),
    ],
    "the long way": [
        # return → insist → extension → overdue → yellow → red → consultation → solved →
        # verification fails → rework → satisfied
        *INSISTED,
        Step("03-02 13:30", "handler", "sign", S.HANDLING, "03-03 17:30"),
        Step("03-02 14:00", "handler", "ask_extension", S.HANDLING, "03-03 17:30",
             given={"until": date(2026, 3, 4)}),
        Step("03-02 14:30", "dispatcher", "grant", S.HANDLING, "03-04 17:30", "03-06 17:30"),
        Step("03-05 08:30", "clock", "", S.HANDLING, "03-04 17:30", "03-06 17:30"),
        Step("03-05 09:00", "supervisor", "supervise", S.HANDLING, "03-04 17:30", "03-06 17:30",
             given={"severity": "yellow"}),
        Step("03-06 10:00", "clock", "", S.HANDLING, "03-04 17:30", "03-06 17:30"),
        Step("03-06 11:00", "dispatcher", "consult", S.HANDLING, "03-04 17:30", "03-06 17:30"),
        Step("03-06 14:00", "handler", "finish", S.FINISHED, "03-09 17:30", "03-06 17:30"),
        Step("03-06 15:00", "grid_worker", "fail", S.HANDLING, "03-09 17:30", "03-06 17:30"),
        Step("03-09 09:00", "handler", "finish", S.FINISHED, "03-10 17:30", "03-06 17:30"),
        Step("03-09 10:00", "grid_worker", "verify", S.VERIFIED, "03-09 12:00", "03-06 17:30"),
        Step("03-09 11:00", "clerk", "close", S.CLOSED, "03-09 14:30", "03-06 17:30"),
        Step("03-09 11:10", "clerk", "answer", S.ANSWERED, NONE, "03-06 17:30"),
        Step("03-09 11:20", "resident", "rate", S.ANSWERED, NONE, "03-06 17:30"),
    ],
}  # fmt: skip


def slow_item(case: Case) -> Any:
    return create_item(
        department=case.item.department,
        code="0201",
        name="道路破损",
        dispatch="manual",
        limits={"handle": (4, "working_days"), "promise": (9, "working_days")},
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(world: World, name: str) -> None:
    play(world, SCENARIOS[name])


def test_there_are_forty() -> None:
    assert len(SCENARIOS) >= 40
