"""Where a case stands when somebody makes a move by hand: its state, what came before, and who."""

from __future__ import annotations

from typing import NamedTuple

from cases.models import State
from cases.moves import Action


class Situation(NamedTuple):
    state: State
    who: str
    # (action, who) after the state is reached
    way: tuple[tuple[str, str], ...] = ()


FOUND, ORDERED = ("find", "grid_worker"), ("order", "handler")
TASK_DONE, SUPERVISED = ("report_task", "handler"), ("supervise", "supervisor")
S = State

SITUATIONS: dict[Action, Situation] = {
    Action.ACCEPT: Situation(S.REPORTED, "clerk"),
    Action.REFUSE: Situation(S.REPORTED, "clerk"),
    Action.JOIN: Situation(S.REPORTED, "clerk"),
    Action.UNJOIN: Situation(S.JOINED, "clerk"),
    Action.SPLIT: Situation(S.REPORTED, "clerk"),
    Action.DISPATCH: Situation(S.ACCEPTED, "dispatcher"),
    Action.INSIST: Situation(S.DISPATCHED, "dispatcher", (("return", "handler"),)),
    Action.RULE: Situation(S.REFERRED, "supervisor"),
    Action.SIGN: Situation(S.DISPATCHED, "handler"),
    Action.RETURN: Situation(S.HANDLING, "handler"),
    Action.PASS_UP: Situation(S.ACCEPTED, "clerk"),
    Action.HAND_DOWN: Situation(S.ACCEPTED, "dispatcher", (("pass_up", "clerk"),)),
    Action.HANDLE_ON_SPOT: Situation(S.REPORTED, "grid_worker"),
    Action.ASK_EXTENSION: Situation(S.HANDLING, "handler"),
    Action.ASK_SUSPENSION: Situation(S.HANDLING, "handler"),
    Action.GRANT: Situation(S.HANDLING, "dispatcher", (("ask_suspension", "handler"),)),
    Action.DENY: Situation(S.HANDLING, "dispatcher", (("ask_extension", "handler"),)),
    Action.ASK_REPORTER: Situation(S.HANDLING, "handler"),
    Action.REPLY: Situation(S.WAITING, "clerk"),
    Action.RESUME: Situation(S.SUSPENDED, "dispatcher"),
    Action.WHISTLE: Situation(S.ACCEPTED, "clerk"),
    Action.SIGN_TASK: Situation(S.JOINT, "handler"),
    Action.CONTACT: Situation(S.JOINT, "handler"),
    Action.ARRIVE: Situation(S.JOINT, "handler"),
    Action.REPORT_TASK: Situation(S.JOINT, "handler"),
    Action.EXCUSE: Situation(S.JOINT, "clerk"),
    Action.SCORE: Situation(S.JOINT, "clerk", (TASK_DONE,)),
    Action.CONCLUDE: Situation(S.JOINT, "clerk", (TASK_DONE,)),
    Action.CONSULT: Situation(S.HANDLING, "dispatcher"),
    Action.FIND: Situation(S.HANDLING, "grid_worker"),
    Action.ORDER: Situation(S.HANDLING, "handler", (FOUND,)),
    Action.RECHECK: Situation(S.HANDLING, "grid_worker", (FOUND, ORDERED)),
    Action.FINISH: Situation(S.HANDLING, "handler"),
    Action.VERIFY: Situation(S.FINISHED, "grid_worker"),
    Action.FAIL: Situation(S.FINISHED, "grid_worker"),
    Action.CLOSE: Situation(S.VERIFIED, "clerk"),
    Action.FORCE_CLOSE: Situation(S.HANDLING, "leader"),
    Action.ANSWER: Situation(S.CLOSED, "clerk"),
    Action.RATE: Situation(S.ANSWERED, "clerk"),
    Action.REOPEN: Situation(S.ANSWERED, "clerk"),
    Action.ARCHIVE: Situation(S.ANSWERED, "clerk"),
    Action.URGE: Situation(S.HANDLING, "dispatcher"),
    Action.SUPERVISE: Situation(S.HANDLING, "supervisor"),
    Action.REPLY_SUPERVISION: Situation(S.HANDLING, "handler", (SUPERVISED,)),
    Action.LIFT_SUPERVISION: Situation(S.HANDLING, "supervisor", (SUPERVISED,)),
    Action.CORRECT: Situation(S.HANDLING, "clerk"),
    Action.SHARE: Situation(S.HANDLING, "clerk"),
    Action.UNSHARE: Situation(S.HANDLING, "clerk", (("share", "clerk"),)),
}
