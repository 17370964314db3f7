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

from cases.models import AT_WORK, OPEN, PAUSED, State

S = State


class Action(models.TextChoices):
    REPORT = "report", _("上报")
    ACCEPT = "accept", _("受理")
    REFUSE = "refuse", pgettext_lazy("action", "不予受理")
    JOIN = "join", _("并案")
    UNJOIN = "unjoin", _("撤销并案")
    SPLIT = "split", _("拆分")
    DISPATCH = "dispatch", _("派遣")
    INSIST = "insist", _("坚持派遣")
    RULE = "rule", _("裁定派遣")
    SIGN = "sign", _("签收")
    RETURN = "return", _("退单")
    PASS_UP = "pass_up", _("提级上报")
    HAND_DOWN = "hand_down", _("交办下级")
    HANDLE_ON_SPOT = "handle_on_spot", _("自行处置")
    ASK_EXTENSION = "ask_extension", _("申请延期")
    ASK_SUSPENSION = "ask_suspension", _("申请挂账")
    GRANT = "grant", _("批准申请")
    DENY = "deny", _("不予批准")
    ASK_REPORTER = "ask_reporter", _("询问反映人")
    REPLY = "reply", _("补充答复")
    RESUME = "resume", _("恢复办理")
    WHISTLE = "whistle", _("吹哨")
    SIGN_TASK = "sign_task", _("签收任务")
    CONTACT = "contact", _("先行联系")
    ARRIVE = "arrive", _("到场签到")
    REPORT_TASK = "report_task", _("任务反馈")
    EXCUSE = "excuse", _("免除任务")
    SCORE = "score", _("评价部门")
    CONCLUDE = "conclude", _("联合办结")
    CONSULT = "consult", _("会商")
    FIND = "find", _("登记检查发现")
    ORDER = "order", _("责令整改")
    RECHECK = "recheck", _("整改复查")
    FINISH = "finish", _("处置反馈")
    VERIFY = "verify", _("核查通过")
    FAIL = "fail", _("核查不通过")
    CLOSE = "close", _("结案")
    FORCE_CLOSE = "force_close", _("强制结案")
    ANSWER = "answer", _("回告")
    RATE = "rate", _("评价")
    REOPEN = "reopen", _("重新办理")
    ARCHIVE = "archive", _("归档")
    URGE = "urge", _("催办")
    SUPERVISE = "supervise", _("督办")
    REPLY_SUPERVISION = "reply_supervision", _("督办回复")
    LIFT_SUPERVISION = "lift_supervision", _("撤销督办")
    CORRECT = "correct", _("更正")
    SHARE = "share", _("共享")
    UNSHARE = "unshare", _("取消共享")


class Need(models.TextChoices):
    """What a move asks for beside the case: what is given with it, and what must be so."""

    NOTE = "note", _("说明")
    DEPARTMENT = "department", _("承办部门")
    OUTCOME = "outcome", _("办理结果")
    AFTER_PHOTO = "after_photo", _("处置后照片（事项要求时）")
    SATISFIED = "satisfied", _("满意与否")
    UNTIL = "until", _("日期")
    MAIN = "main", _("并入的事件")
    PARTS = "parts", _("拆分后的各件")
    WHISTLE_KIND = "whistle_kind", _("吹哨类别")
    DEPARTMENTS = "departments", _("参加部门")
    TASK = "task", _("任务")
    SCORE = "score", _("评分")
    MEETING = "meeting", _("日期、参加单位、纪要、分工")
    FINDING = "finding", _("检查发现")
    WHAT_FOUND = "what_found", _("发现的问题、责任主体")
    ORDER = "order", _("文书编号、依据、整改期限、复查日期")
    MENDED = "mended", _("整改是否合格，不合格的再次复查日期")
    SEVERITY = "severity", _("督办级别")
    CORRECTION = "correction", _("更正内容")
    SHARED_WITH = "shared_with", _("共享对象")
    SHARED = "shared", _("未到期的共享")
    ANOTHER = "another", _("非经办人本人")
    RETURNED = "returned", _("有部门退单")
    NOT_RULED = "not_ruled", _("未经裁定")
    BELOW_TOP = "below_top", _("上面还有层级")
    MAY_GO_DOWN = "may_go_down", _("非上级收回事项，下面还有层级")
    IN_TIME = "in_time", _("未超期")
    NO_LEAVE = "no_leave", _("无待批申请")
    LEAVE = "leave", _("有待批申请")
    EXTENSIONS_LEFT = "extensions_left", _("延期次数未满")
    STILL_AHEAD = "still_ahead", _("申请的日期未过")
    TASKS_DONE = "tasks_done", _("任务均已反馈或免除")
    NOT_URGED = "not_urged", _("本阶段未催办过")
    SUPERVISED = "supervised", _("有未回复的督办")
    UNDER_SUPERVISION = "under_supervision", _("督办中")
    DISPUTE_ENDED = "dispute_ended", _("纠纷调解已结束")
    JOINED_LATELY = "joined_lately", _("并案未满规定时限")


@dataclass(frozen=True)
class Move:
    """A row of the table. Who may: the permission `case.<action>` over this very case, of a post at
    the level that has the case in hand, or above it, where `at_level`; over a task or a share, of
    the department that it was given to."""

    action: Action
    source: tuple[State, ...]
    # None: the state stays as it is.
    to: State | None
    needs: tuple[Need, ...] = ()
    # Where else it may lead, and when: decided in `workflow.target`.
    unless: tuple[tuple[str | Promise, State], ...] = ()
    # To the state before the pause or the joining.
    back: bool = False
    at_level: bool = False
    of_task: bool = False
    why: str | Promise = ""


DISSATISFIED, NO_DEPARTMENT = _("不满意"), _("不满意且无承办部门")
TOO_OFTEN = _("次数达到规定")
CONSULTED = (S.ACCEPTED, S.REFERRED, S.DISPATCHED, S.HANDLING, S.JOINT, S.SUSPENDED)
# The clocks of tasks do not stand still while the reporter is asked.
TASK_STATES = (*CONSULTED, S.WAITING)
STANDING = tuple(state for state in AT_WORK if state not in PAUSED)

MOVES: tuple[Move, ...] = (
    Move(Action.ACCEPT, (S.REPORTED,), S.ACCEPTED, why=_("事项规则确定的随即自动派遣")),
    Move(
        Action.REFUSE,
        (S.REPORTED,),
        S.REFUSED,
        (Need.NOTE, Need.DISPUTE_ENDED),
        why=_("不受理的理由告知反映人"),
    ),
    Move(
        Action.JOIN,
        (S.REPORTED, S.ACCEPTED, S.DISPATCHED, S.HANDLING),
        S.JOINED,
        (Need.MAIN, Need.TASKS_DONE, Need.DISPUTE_ENDED),
        why=_("重复反映并入在办事件，结果一并告知"),
    ),
    Move(
        Action.UNJOIN,
        (S.JOINED,),
        None,
        (Need.NOTE, Need.JOINED_LATELY),
        back=True,
        why=_("时限照并案前计算"),
    ),
    Move(
        Action.SPLIT,
        (S.REPORTED, S.ACCEPTED),
        S.SPLIT,
        (Need.PARTS, Need.TASKS_DONE, Need.DISPUTE_ENDED),
        why=_("各件办结后原件自动结案"),
    ),
    Move(Action.DISPATCH, (S.ACCEPTED,), S.DISPATCHED, (Need.DEPARTMENT,), at_level=True),
    Move(
        Action.INSIST,
        (S.ACCEPTED,),
        S.DISPATCHED,
        (Need.NOTE, Need.RETURNED),
        at_level=True,
        why=_("再派给退单的部门，退单视为不当"),
    ),
    Move(
        Action.RULE,
        (S.REFERRED,),
        S.DISPATCHED,
        (Need.DEPARTMENT, Need.NOTE),
        at_level=True,
        why=_("裁定后不得再退单"),
    ),
    Move(Action.SIGN, (S.DISPATCHED,), S.HANDLING),
    Move(
        Action.RETURN,
        (S.DISPATCHED, S.HANDLING),
        S.ACCEPTED,
        (Need.NOTE, Need.NOT_RULED, Need.TASKS_DONE),
        unless=((TOO_OFTEN, S.REFERRED),),
        why=_("签收后才发现不属于本部门的，也可退"),
    ),
    Move(
        Action.PASS_UP,
        (S.ACCEPTED,),
        None,
        (Need.NOTE, Need.BELOW_TOP),
        at_level=True,
        why=_("本级解决不了；须写明已采取的措施，派遣时限重新计算"),
    ),
    Move(
        Action.HAND_DOWN,
        (S.ACCEPTED,),
        None,
        (Need.NOTE, Need.MAY_GO_DOWN),
        at_level=True,
        why=_("派遣时限重新计算"),
    ),
    Move(
        Action.HANDLE_ON_SPOT,
        (S.REPORTED, S.ACCEPTED),
        S.VERIFIED,
        (Need.OUTCOME, Need.NOTE, Need.AFTER_PHOTO, Need.TASKS_DONE, Need.DISPUTE_ENDED),
        why=_("网格员人在现场，不必再核查"),
    ),
    Move(
        Action.ASK_EXTENSION,
        (S.HANDLING,),
        None,
        (Need.NOTE, Need.UNTIL, Need.IN_TIME, Need.NO_LEAVE, Need.EXTENSIONS_LEFT),
    ),
    Move(Action.ASK_SUSPENSION, (S.HANDLING,), None, (Need.NOTE, Need.UNTIL, Need.NO_LEAVE)),
    Move(
        Action.GRANT,
        (S.HANDLING,),
        None,
        (Need.LEAVE, Need.STILL_AHEAD),
        unless=((_("挂账"), S.SUSPENDED),),
        at_level=True,
        why=_("延期：阶段与承诺改期，两个日期都保留；挂账：两个时钟都停"),
    ),
    Move(Action.DENY, (S.HANDLING,), None, (Need.NOTE, Need.LEAVE), at_level=True),
    Move(
        Action.ASK_REPORTER,
        (S.REPORTED, S.ACCEPTED, S.HANDLING),
        S.WAITING,
        (Need.NOTE, Need.NO_LEAVE),
        why=_("问题显示在查询页，两个时钟都停"),
    ),
    Move(Action.REPLY, (S.WAITING,), None, (Need.NOTE,), back=True),
    Move(
        Action.RESUME,
        PAUSED,
        None,
        back=True,
        why=_("到期自动恢复；挂账、等待的时间不计入时限"),
    ),
    Move(
        Action.WHISTLE,
        (S.ACCEPTED, S.HANDLING),
        S.JOINT,
        (Need.WHISTLE_KIND, Need.DEPARTMENTS, Need.NOTE, Need.NO_LEAVE),
        why=_("各部门各有任务和时限"),
    ),
    Move(Action.SIGN_TASK, TASK_STATES, None, (Need.TASK,), of_task=True),
    Move(Action.CONTACT, TASK_STATES, None, (Need.TASK,), of_task=True),
    Move(Action.ARRIVE, TASK_STATES, None, (Need.TASK,), of_task=True, why=_("记录时间与位置")),
    Move(Action.REPORT_TASK, TASK_STATES, None, (Need.TASK, Need.NOTE), of_task=True),
    Move(Action.EXCUSE, TASK_STATES, None, (Need.TASK, Need.NOTE)),
    Move(
        Action.SCORE,
        (S.JOINT, S.FINISHED, S.VERIFIED, S.CLOSED, S.ANSWERED),
        None,
        (Need.TASK, Need.SCORE),
    ),
    Move(
        Action.CONCLUDE,
        (S.JOINT,),
        S.FINISHED,
        (Need.OUTCOME, Need.NOTE, Need.AFTER_PHOTO, Need.TASKS_DONE, Need.DISPUTE_ENDED),
    ),
    Move(Action.CONSULT, CONSULTED, None, (Need.MEETING,), why=_("决定事项成为任务，各有时限")),
    Move(Action.FIND, (S.ACCEPTED, S.HANDLING, S.JOINT), None, (Need.WHAT_FOUND,)),
    Move(
        Action.ORDER,
        (S.ACCEPTED, S.HANDLING, S.JOINT),
        None,
        (Need.FINDING, Need.ORDER),
        why=_("复查日期到时提醒"),
    ),
    Move(
        Action.RECHECK,
        (*AT_WORK, S.JOINED, S.SPLIT, S.CLOSED, S.ANSWERED, S.REFUSED, S.ARCHIVED),
        None,
        (Need.FINDING, Need.MENDED, Need.NOTE),
        why=_("复查日期在结案之后的，照样复查；不合格的另定日期再查"),
    ),
    Move(
        Action.FINISH,
        (S.HANDLING,),
        S.FINISHED,
        (Need.OUTCOME, Need.NOTE, Need.AFTER_PHOTO, Need.TASKS_DONE, Need.DISPUTE_ENDED),
    ),
    Move(Action.VERIFY, (S.FINISHED,), S.VERIFIED, (Need.ANOTHER,)),
    Move(
        Action.FAIL,
        (S.FINISHED,),
        S.HANDLING,
        (Need.NOTE, Need.ANOTHER),
        unless=((_("无承办部门"), S.ACCEPTED), (TOO_OFTEN, S.REFERRED)),
        why=_("返工：退回原部门，时限另计"),
    ),
    Move(Action.CLOSE, (S.VERIFIED,), S.CLOSED, why=_("首次结案时判定承诺，此后不变")),
    Move(
        Action.FORCE_CLOSE,
        AT_WORK,
        S.CLOSED,
        (Need.OUTCOME, Need.NOTE),
        why=_("任务、申请、督办、调解一并终止；统计中单列"),
    ),
    Move(Action.ANSWER, (S.CLOSED,), S.ANSWERED, (Need.NOTE,), why=_("并入的事件一并回告")),
    Move(
        Action.RATE,
        (S.ANSWERED,),
        S.ANSWERED,
        (Need.SATISFIED,),
        unless=(
            (DISSATISFIED, S.HANDLING),
            (NO_DEPARTMENT, S.ACCEPTED),
            (TOO_OFTEN, S.REFERRED),
        ),
        why=_("不满意即同案返工，不另立新案"),
    ),
    Move(
        Action.REOPEN,
        (S.ANSWERED, S.ARCHIVED),
        S.HANDLING,
        (Need.NOTE,),
        unless=((_("无承办部门"), S.ACCEPTED), (TOO_OFTEN, S.REFERRED)),
        why=_("并入事件的反映人不满意时，或中心自查发现未解决"),
    ),
    Move(Action.ARCHIVE, (S.ANSWERED, S.REFUSED), S.ARCHIVED),
    Move(Action.URGE, STANDING, None, (Need.NOT_URGED,), why=_("每阶段一次")),
    Move(
        Action.SUPERVISE,
        AT_WORK,
        None,
        (Need.SEVERITY, Need.NOTE),
        why=_("同级不重复，红牌之后不再黄牌；逾期未回复自动升级"),
    ),
    Move(Action.REPLY_SUPERVISION, AT_WORK, None, (Need.NOTE, Need.SUPERVISED)),
    Move(
        Action.LIFT_SUPERVISION,
        AT_WORK,
        None,
        (Need.NOTE, Need.UNDER_SUPERVISION),
        why=_("撤销后可重新督办"),
    ),
    Move(
        Action.CORRECT,
        (*AT_WORK, S.CLOSED),
        None,
        (Need.CORRECTION, Need.NOTE),
        why=_(
            "改事项或地点即重算网格、候选部门和阶段时限，暂停与延期照旧；在街道部门的改为上级收回"
            "事项，重新派遣；挂账、待补充时不改事项和承诺，待回告时只改情况描述和反映人"
        ),
    ),
    Move(Action.SHARE, OPEN, None, (Need.SHARED_WITH,)),
    Move(Action.UNSHARE, OPEN, None, (Need.SHARED,)),
)
BY_ACTION: Mapping[str, Move] = {move.action: move for move in MOVES}
# The moves that bring a case on from where it stands; the others stand behind "more".
FORWARD = frozenset(
    {
        *(Action.ACCEPT, Action.REFUSE, Action.DISPATCH, Action.INSIST, Action.RULE, Action.SIGN),
        *(Action.RETURN, Action.HANDLE_ON_SPOT, Action.GRANT, Action.DENY, Action.REPLY),
        *(Action.RESUME, Action.CONCLUDE, Action.FINISH, Action.VERIFY, Action.FAIL),
        *(Action.CLOSE, Action.ANSWER, Action.RATE, Action.ARCHIVE, Action.REPLY_SUPERVISION),
        Action.UNJOIN,
    }
)
