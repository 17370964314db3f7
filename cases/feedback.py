"""What residents are told of their case by SMS and e-mail, staff of what they reported in their
inbox, and what groups are told by their robot.

Rows are written with the move, in its transaction; the worker sends them. What a message says
beside number and item is read when it leaves: the reporter's phone or address, the words of the
centre.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import items
from cases.models import (
    Case,
    LeaveKind,
    Notice,
    NoticeChannel,
    Source,
    Stage,
    State,
    Transition,
)
from cases.moves import Action
from cases.regulations import regulation
from governance import channels, clock, outbox, sending, units
from governance.models import User
from governance.outbox import Note
from governance.workcalendar import LimitUnit

ROUND_SECONDS = 20  # a gateway that hangs must not keep the worker from the timers
# How many of the sender's words go with a message; the whole stands on the page of the code.
LONGEST: Mapping[str, int] = {NoticeChannel.SMS: 200}
URGENT_UNITS = {LimitUnit.URGENT_MINUTES, LimitUnit.URGENT_HOURS}
SUSPEND = "suspend"  # what a grant comes to when a suspension was asked for


class Telling(NamedTuple):
    kind: str
    sentence: str | Promise
    # Of an urgent item it leaves at night, too.
    urgent: bool
    # What staff who reported it read in their inbox: nobody's words, those are on the case's page.
    inside: str | Promise = ""
    # Those whose report was joined to the case hear it as well. (Of the end each hears anyway:
    # theirs is answered with a line of its own.)
    to_joined: bool = False
    # Who reported the case itself knows already.
    to_own: bool = True


REOPENED = _("您反映的“%(item)s”（编号%(number)s）已重新办理。")
REOPENED_INSIDE = _("您上报的%(item)s（%(number)s）已重新办理。")
# What became of those joined to a case that is still worked on, or worked on again.
HEARING = (State.JOINED, State.ANSWERED, State.ARCHIVED)
# The moves of which who reported is told.
TOLD: Mapping[str, Telling] = {
    Action.ACCEPT: Telling(
        "accepted",
        _("您反映的“%(item)s”（编号%(number)s）已受理。凭编号和查询码%(code)s可查询进度。"),
        urgent=True,
        inside=_("您上报的%(item)s（%(number)s）已受理。"),
    ),
    Action.REFUSE: Telling(
        "refused",
        _("您反映的“%(item)s”（编号%(number)s）不予受理：%(note)s"),
        urgent=True,
        inside=_("您上报的%(item)s（%(number)s）不予受理，理由见办理过程。"),
    ),
    Action.ASK_REPORTER: Telling(
        "asked",
        _("关于您反映的“%(item)s”（编号%(number)s），需要您补充：%(note)s 请在查询页答复。"),
        urgent=True,
        inside=_("您上报的%(item)s（%(number)s）需要您补充情况，请点开答复。"),
    ),
    Action.GRANT: Telling(
        "extended",
        _("您反映的“%(item)s”（编号%(number)s）需要延长办理时间，最迟%(day)s办结。"),
        urgent=True,
        inside=_("您上报的%(item)s（%(number)s）延长办理时间，最迟%(day)s办结。"),
        to_joined=True,
    ),
    SUSPEND: Telling(
        "suspended",
        _("您反映的“%(item)s”（编号%(number)s）因客观条件暂时无法处理，将于%(day)s恢复处理。"),
        urgent=True,
        inside=_("您上报的%(item)s（%(number)s）已挂账，将于%(day)s恢复处理。"),
        to_joined=True,
    ),
    Action.DENY: Telling(
        "not_extended",
        _("您反映的“%(item)s”（编号%(number)s）不延长办理时间，仍按原定期限办理。"),
        urgent=True,
        inside=_("您上报的%(item)s（%(number)s）不延长办理时间，仍按原定期限办理。"),
        to_joined=True,
    ),
    Action.RESUME: Telling(
        "resumed",
        _("您反映的“%(item)s”（编号%(number)s）已恢复处理。"),
        urgent=True,
        inside=_("您上报的%(item)s（%(number)s）已恢复处理。"),
        to_joined=True,
    ),
    Action.CORRECT: Telling(
        "promise_moved",
        _("您反映的“%(item)s”（编号%(number)s）的办结时间改为%(day)s。"),
        urgent=True,
        inside=_("您上报的%(item)s（%(number)s）的办结时间改为%(day)s。"),
        to_joined=True,
    ),
    Action.FAIL: Telling(
        "reworked",
        _("您反映的“%(item)s”（编号%(number)s）经现场核查尚未解决，已要求重新处理。"),
        urgent=True,
        inside=_("您上报的%(item)s（%(number)s）经现场核查尚未解决，已要求重新处理。"),
        to_joined=True,
    ),
    Action.JOIN: Telling(
        "joined",
        _("您反映的“%(item)s”（编号%(number)s）已有人反映在先，正在一并处理，结果会同时告知您。"),
        urgent=False,
        inside=_("您上报的%(item)s（%(number)s）已有人反映在先，正在一并处理，结果会同时告知您。"),
    ),
    Action.UNJOIN: Telling(
        "unjoined",
        _("您反映的“%(item)s”（编号%(number)s）改为单独处理。"),
        urgent=False,
        inside=_("您上报的%(item)s（%(number)s）改为单独处理。"),
    ),
    Action.SPLIT: Telling(
        "split",
        _("您反映的“%(item)s”（编号%(number)s）包含几个问题，已分别处理，全部办结后一并答复。"),
        urgent=False,
        inside=_("您上报的%(item)s（%(number)s）包含几个问题，已分别处理，全部办结后一并答复。"),
    ),
    Action.REOPEN: Telling(
        "reopened",
        REOPENED,
        urgent=True,
        inside=REOPENED_INSIDE,
        to_joined=True,
    ),
    Action.RATE: Telling(
        "reopened",
        REOPENED,
        urgent=True,
        inside=REOPENED_INSIDE,
        to_joined=True,
        to_own=False,
    ),
    Action.ANSWER: Telling(
        "answered",
        _("您反映的“%(item)s”（编号%(number)s）已办结：%(note)s 请在查询页评价。"),
        urgent=True,
        inside=_("您上报的%(item)s（%(number)s）已办结，结果见办理过程。"),
    ),
}
# The occasions on which the group of a department or street is told.
POSTED: Mapping[str, Telling] = {
    "red": Telling("robot_red", _("红牌督办：%(item)s（%(number)s），%(state)s。"), urgent=True),
    "district": Telling(
        "robot_district", _("超期升级到区级：%(item)s（%(number)s），%(state)s。"), urgent=True
    ),
}
BY_KIND = {telling.kind: telling for telling in (*TOLD.values(), *POSTED.values())}
outbox.SENTENCES.update({f"notice.{kind}": told.sentence for kind, told in BY_KIND.items()})
outbox.SENTENCES.update({f"case.told_{told.kind}": told.inside for told in TOLD.values()})
outbox.LINKS.update(
    {
        f"case.told_{told.kind}": lambda params: reverse("desk:case", args=[params["number"]])
        for told in TOLD.values()
    }
)
# How somebody of the staff comes to report themselves; of a call or a visitor they only write down
# what a resident said.
BY_STAFF = {Source.WORKER, Source.VISIT, Source.CAMPAIGN, Source.API}
outbox.READERS["day"] = lambda text: f"{localtime(datetime.fromisoformat(text)):%Y-%m-%d}"


# Writing, in the transaction of the move --------------------------------------------------------


def tell_reporter(case: Case, line: Transition, now: datetime) -> None:
    """Write what the reporter is to be told of a move, if it is one to be told of, for each way in
    which they wished to be reached, and to staff who reported in their inbox; the same line of
    history is told once a way."""
    telling = TOLD.get(occasion(line))
    if telling is None:
        return
    cases = [case] if telling.to_own else []
    if telling.to_joined:
        joined = Case.objects.filter(main=case, state__in=HEARING)
        cases += joined.select_related("reporter").order_by("pk")
    tell_staff(cases, telling, line, now)
    if not (channels.sms_is_on() or channels.email_is_on()):
        return
    Notice.objects.bulk_create(
        (to_reporter(each, telling, line, way, now) for each in cases for way in ways_to(each)),
        ignore_conflicts=True,
    )


def tell_staff(cases: Iterable[Case], telling: Telling, line: Transition, now: datetime) -> None:
    """Word to those of the staff who reported these cases themselves, but not to who moved one."""
    reported = {
        case: case.reported_by_id
        for case in cases
        if case.source in BY_STAFF and case.reported_by_id not in {None, line.by_id}
    }
    if not reported:
        return
    active = User.objects.filter(pk__in=reported.values(), is_active=True)
    here = set(active.values_list("pk", flat=True))
    outbox.tell(
        [inside(case, telling, line, pk) for case, pk in reported.items() if pk in here], now
    )


def inside(case: Case, telling: Telling, line: Transition, user_id: int) -> Note:
    params = {"number": case.number, "item": str(case.item_id)}
    if day := day_of(line):
        params["day"] = day
    return Note(user_id, f"case.told_{telling.kind}", f"{case.pk}:told:{line.pk}", params)


def occasion(line: Transition) -> str:
    """The key of TOLD; of leave that was refused only an extension is one, as is of what goes on
    again only what was suspended, of a correction only a promise that it moved, of a rating only
    the rework that it brings: of the others the reporter knows already, or never heard."""
    if line.action == Action.GRANT and line.to_state == State.SUSPENDED:
        return SUSPEND
    if line.action == Action.DENY and line.details.get("leave") != LeaveKind.EXTENSION:
        return ""
    if line.action == Action.RESUME and line.from_state != State.SUSPENDED:
        return ""
    if line.action == Action.CORRECT and "promise_due" not in line.details:
        return ""
    if line.action == Action.RATE and "rework" not in line.details:
        return ""
    return line.action


def ways_to(case: Case) -> list[NoticeChannel]:
    """Who left a phone number chose SMS, who left an address e-mail; who left both gets both."""
    reporter = case.reporter
    if reporter is None:
        return []
    left = {
        NoticeChannel.SMS: channels.sms_is_on() and reporter.phone is not None,
        NoticeChannel.EMAIL: channels.email_is_on() and reporter.email is not None,
    }
    return [way for way, is_open in left.items() if is_open]


def to_reporter(
    case: Case, telling: Telling, line: Transition, way: NoticeChannel, now: datetime
) -> Notice:
    params = {"number": case.number, "item": str(case.item_id), "line": line.pk}
    if day := day_of(line):
        params["day"] = day
    return Notice(
        case=case,
        kind=telling.kind,
        params=params,
        channel=way,
        dedupe_key=f"{case.number}:{line.pk}:{way.value}",
        created_at=now,
        next_try_at=not_before(telling, case.item_id, now),
    )


def day_of(line: Transition) -> str:
    """The date that goes with leave given: by when the promise is kept now, else as asked for."""
    promised = line.details.get("promise_due")
    return str(promised[1] if promised else line.details.get("until", ""))


def post_to_robots(posts: Iterable[tuple[Case, str, str]], now: datetime) -> None:
    """Write posts, (case, occasion, key) each, to the group of the case's department, else of its
    street, where one has a robot."""
    Notice.objects.bulk_create(
        (
            to_robot(case, unit_id, occasion, key, now)
            for case, occasion, key in posts
            if (unit_id := group_of(case))
        ),
        ignore_conflicts=True,
    )


def group_of(case: Case) -> int | None:
    if not settings.WECOM_ROBOTS:
        return None
    own = (pk for pk in (case.department_id, case.street_id) if pk is not None)
    return next((pk for pk in own if channels.has_robot(units.name_of(pk))), None)


def to_robot(case: Case, unit_id: int, occasion: str, key: str, now: datetime) -> Notice:
    telling = POSTED[occasion]
    return Notice(
        case=case,
        kind=telling.kind,
        params={
            "number": case.number,
            "item": str(case.item_id),
            "state": case.state,
            "unit": unit_id,
        },
        channel=NoticeChannel.WECOM,
        dedupe_key=f"{case.number}:{occasion}:{key}:wecom",
        created_at=now,
        next_try_at=not_before(telling, case.item_id, now),
    )


# When it may leave ------------------------------------------------------------------------------


def not_before(telling: Telling, item_id: int, now: datetime) -> datetime:
    """Now, or the end of the quiet hours in which only what is urgent leaves."""
    return now if telling.urgent and is_urgent(item_id) else after_quiet(now)


def is_urgent(item_id: int) -> bool:
    limit = items.facts(item_id).limit(Stage.HANDLE)
    return limit is not None and limit.unit in URGENT_UNITS


def after_quiet(now: datetime) -> datetime:
    """`now` itself outside the quiet hours, else the moment at which they end."""
    begin, end = regulation().quiet_from, regulation().quiet_to
    here = localtime(now)
    at = here.time()
    over_midnight = begin > end
    quiet = at >= begin or at < end if over_midnight else begin <= at < end
    if not quiet:
        return now
    day = here.date() + timedelta(days=over_midnight and at >= begin)
    return make_aware(datetime.combine(day, end))


# Sending ----------------------------------------------------------------------------------------


@sending.sends("notices")
def deliver(*, limit: int = 100) -> int:
    """Send what waits, one lease after the other; returns how many went out."""
    sent, ends = 0, time.monotonic() + ROUND_SECONDS
    for _each in range(limit):
        ready = Notice.objects.select_related("case__reporter__data_key")
        leased = sending.lease(ready, 1) if time.monotonic() < ends else []
        if not leased:
            break
        sent += sending.attempt(leased[0], send)
    return sent


def send(notice: Notice) -> None:
    """Hand one over. Raises Later in the quiet hours: what failed before them is due in them."""
    now = clock.now()
    at = not_before(BY_KIND[notice.kind], notice.case.item_id, now)
    if at > now:
        raise sending.Later(at)
    with translation.override(settings.LANGUAGE_CODE):
        SENDERS[notice.channel](notice)


def by_sms(notice: Notice) -> None:
    """The phone is opened here and nowhere kept; the row with its time is the record of it."""
    reporter = notice.case.reporter
    phone = reporter.phone.reveal() if reporter and reporter.phone else ""
    if not phone:  # erased meanwhile
        raise LookupError("no phone")
    channels.send_sms(phone, text_of(notice), notice.dedupe_key)


def by_email(notice: Notice) -> None:
    """The address is treated as the phone is."""
    reporter = notice.case.reporter
    address = reporter.email.reveal() if reporter and reporter.email else ""
    if not address:  # erased meanwhile
        raise LookupError("no address")
    subject = _t("您反映的事项有新进展（编号%(number)s）") % notice.params
    channels.send_email(address, subject, text_of(notice), notice.dedupe_key)


def by_robot(notice: Notice) -> None:
    channels.send_robot(units.name_of(notice.params["unit"]), text_of(notice), notice.dedupe_key)


SENDERS: Mapping[str, Callable[[Notice], None]] = {
    NoticeChannel.SMS: by_sms,
    NoticeChannel.EMAIL: by_email,
    NoticeChannel.WECOM: by_robot,
}


def text_of(notice: Notice) -> str:
    """The message in the active language, with the centre's words and the query code."""
    params: dict[str, Any] = {**notice.params, "code": notice.case.query_code}
    line = Transition.objects.filter(pk=params.pop("line", None)).only("note").first()
    note = line.note if line else ""
    most = LONGEST.get(notice.channel, len(note))
    return outbox.sentence(f"notice.{notice.kind}", {**params, "note": shortened(note, most)})


def shortened(note: str, most: int) -> str:
    return note if len(note) <= most else note[: most - 1] + "…"


class Frame(NamedTuple):
    """What stands around the sender's words in a message, and how many of them go with it."""

    channel: str | Promise
    before: str
    after: str
    most: int | None


MARK = "\ue000"  # no text has it


def frames(case: Case, action: str) -> list[Frame]:
    """How a move's words will read to who reported, for each way in which they are reached."""
    telling = TOLD.get(action)
    if telling is None or "%(note)s" not in str(telling.sentence):
        return []
    params = {"number": case.number, "item": str(case.item_id), "note": MARK}
    with translation.override(settings.LANGUAGE_CODE):
        before, _mark, after = outbox.sentence(f"notice.{telling.kind}", params).partition(MARK)
    return [Frame(way.label, before, after, LONGEST.get(way)) for way in ways_to(case)]


def subject_of(notice: Notice) -> str:
    """What it speaks of, for those who look after the sending: without anybody's words or code."""
    return outbox.sentence(f"notice.{notice.kind}", notice.params)


def retry(notices: Iterable[Notice], now: datetime) -> int:
    """Give failed notices another round."""
    return sending.retry(Notice.objects.all(), notices, now)
