"""What each move changes of a locked case, beside its state: work orders, tasks, clocks, people.

Each effect sets columns of the case (saved by the verb) and writes the rows that hang on it. What
the line of the move should tell besides goes into `done.details`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cases.effects import (
    correcting,
    dispatching,
    ending,
    inspection,
    joining,
    joint,
    leave,
    sharing,
    supervising,
)
from cases.effects.done import Done
from cases.models import Case
from cases.moves import Action

EFFECTS: Mapping[str, Callable[[Case, Done], None]] = {
    Action.ACCEPT: dispatching.accept,
    Action.JOIN: joining.join,
    Action.UNJOIN: joining.unjoin,
    Action.SPLIT: joining.split,
    Action.DISPATCH: dispatching.dispatch,
    Action.INSIST: dispatching.insist,
    Action.RULE: dispatching.rule,
    Action.SIGN: dispatching.sign,
    Action.RETURN: dispatching.send_back,
    Action.PASS_UP: dispatching.pass_up,
    Action.HAND_DOWN: dispatching.hand_down,
    Action.HANDLE_ON_SPOT: ending.finish,
    Action.ASK_EXTENSION: leave.ask_extension,
    Action.ASK_SUSPENSION: leave.ask_suspension,
    Action.GRANT: leave.grant,
    Action.DENY: leave.deny,
    Action.ASK_REPORTER: leave.ask_reporter,
    Action.REPLY: leave.resume,
    Action.RESUME: leave.resume,
    Action.WHISTLE: joint.whistle,
    Action.SIGN_TASK: joint.sign_task,
    Action.CONTACT: joint.contact,
    Action.ARRIVE: joint.arrive,
    Action.REPORT_TASK: joint.report_task,
    Action.EXCUSE: joint.excuse,
    Action.SCORE: joint.score,
    Action.CONCLUDE: ending.finish,
    Action.CONSULT: joint.consult,
    Action.FIND: inspection.find,
    Action.ORDER: inspection.order,
    Action.RECHECK: inspection.recheck,
    Action.FINISH: ending.finish,
    Action.FAIL: ending.fail,
    Action.CLOSE: ending.close,
    Action.FORCE_CLOSE: ending.force_close,
    Action.ANSWER: ending.answer,
    Action.RATE: ending.rate,
    Action.REOPEN: ending.reopen,
    Action.URGE: supervising.urge,
    Action.SUPERVISE: supervising.supervise,
    Action.REPLY_SUPERVISION: supervising.reply_supervision,
    Action.LIFT_SUPERVISION: supervising.lift_supervision,
    Action.CORRECT: correcting.correct,
    Action.SHARE: sharing.share,
    Action.UNSHARE: sharing.unshare,
}
