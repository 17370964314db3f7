"""矛盾纠纷: a dispute beside its case, from the reception to the keeping of what was agreed.

The one place that writes it. Each verb locks the case, asks the permission `case.mediate` over it,
writes, and appends a line to the case's history, in one transaction; the lines name no person.
The law spoken of is 人民调解法.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import access, deadlines, notifications, workflow
from cases.effects import ending, sharing
from cases.errors import NotAllowed
from cases.items import Limit
from cases.models import (
    AGREED,
    ASKING_DAYS,
    OPEN,
    Case,
    CaseQuerySet,
    CaseShare,
    Dispute,
    DisputeOutcome,
    DisputeParty,
    MediationSession,
    Obligation,
    ShareMode,
    Side,
    State,
    Track,
)
from cases.moves import Action
from cases.needs import a_department
from cases.regulations import regulation
from governance import outbox, permissions, timers
from governance.access import record_look
from governance.models import Timer, User
from governance.permissions import DEPARTMENT
from governance.workcalendar import LimitUnit, calendar

if TYPE_CHECKING:
    from uuid import UUID

PERMISSION = "case.mediate"
OBLIGATION_TIMER = "case.obligation_due"
ROLES = sorted(permissions.TABLE[PERMISSION].roles)
# What is paid by instalments goes on for years; beyond these it is a slip of the year.
PROMISED_YEARS = 10
OPENED = "dispute_opened"  # the line that says that a case has a dispute at all
# What the mediator tells the parties where mediation is not the way (26).
OTHER_WAYS = _("请告知当事人：可以依法申请行政裁决、申请仲裁，或者向人民法院起诉。")
# Handled: what is left of the case is to check and to tell.
HANDLED = (State.FINISHED, State.VERIFIED, State.CLOSED)


@dataclass(frozen=True)
class Promise:
    """What one party undertakes to do by a day."""

    party_id: UUID
    what: str
    due_on: date


# The verbs --------------------------------------------------------------------------------------


@transaction.atomic
def open_dispute(
    case: Case,
    *,
    by: User,
    now: datetime,
    request: str,
    track: str = Track.PEOPLE,
    track_unit_id: int | None = None,
    mediator_ids: Collection[int] = (),
    reporter_applies: bool = False,
) -> Dispute:
    """Write down what is asked for, and who mediates: who opens it, where nobody is named. Who
    reported may be the applicant: copied from seal to seal, shown to nobody."""
    case = held(case, by)
    if not may_begin(case):
        raise NotAllowed(_t("事件不在办理中，不能登记纠纷。"))
    if Dispute.objects.filter(case=case).exists():
        raise NotAllowed(_t("该事件已登记纠纷。"))
    if not request.strip():
        raise NotAllowed(_t("请填写调解请求。"))
    check_track(track, track_unit_id)
    people = staff(case, track_unit_id, mediator_ids)
    limit = Limit(regulation().mediation_days, LimitUnit.NATURAL_DAYS)
    dispute = Dispute.objects.create(
        case=case,
        request=request.strip(),
        track=track,
        track_unit_id=track_unit_id,
        opened_at=now,
        due_at=deadlines.due_at(limit, now, calendar()),
    )
    name_mediators(case, dispute, people or [by], by, now)
    let_in(case, dispute, by, now)
    case.dispute_open = True
    workflow.save(case)
    timers.start(ending.DISPUTE_TIMER, dispute.pk, dispute.due_at)
    write(case, OPENED, by, now, track=track, unit=track_unit_id)
    if reporter_applies:
        if case.reporter is None or not case.reporter.name:
            raise NotAllowed(_t("没有反映人的姓名，请登记当事人。"))
        reporter = case.reporter
        phone = reporter.phone.reveal() if reporter.phone else ""
        given = {"name": reporter.name.reveal(), "side": Side.APPLICANT, "phone": phone}
        add_party(case, by=by, now=now, **given)
    return dispute


@transaction.atomic
def add_party(
    case: Case, *, by: User, now: datetime, name: str, side: str, phone: str = ""
) -> DisputeParty:
    """Write down one of those in dispute, sealed. Raises NotAllowed."""
    case = held(case, by)
    dispute = open_of(case)
    if not name.strip():
        raise NotAllowed(_t("请填写当事人姓名。"))
    if side not in Side.values:
        raise NotAllowed(_t("请选择申请人或被申请人。"))
    party = DisputeParty(dispute=dispute, side=side, added_at=now)
    party.name, party.phone = name.strip(), phone.strip()
    party.save()
    write(case, "dispute_party", by, now, side=side)
    return party


@transaction.atomic
def correct_party(
    case: Case,
    *,
    by: User,
    now: datetime,
    party_id: UUID,
    name: str = "",
    phone: str = "",
    side: str = "",
) -> DisputeParty:
    """Put right what was written down of a party; what is left empty stays as it was."""
    case = held(case, by)
    party = party_of(open_of(case), party_id)
    given = {"name": name.strip(), "phone": phone.strip(), "side": side}
    changed = {column: value for column, value in given.items() if value}
    if not changed:
        raise NotAllowed(_t("请填写要更正的内容。"))
    if side and side not in Side.values:
        raise NotAllowed(_t("请选择申请人或被申请人。"))
    for column, value in changed.items():
        setattr(party, column, value)
    party.save(update_fields=list(changed))
    write(case, "dispute_corrected", by, now, side=party.side)
    return party


@transaction.atomic
def consent(
    case: Case, *, by: User, now: datetime, party_id: UUID, agrees: bool, note: str = ""
) -> Dispute:
    """A party's word on being mediated at all, at any time before the end: who refuses, or no
    longer wants it, ends it (17)."""
    case = held(case, by)
    dispute = open_of(case)
    party = party_of(dispute, party_id)
    party.consent, party.consent_at = agrees, now
    party.save(update_fields=["consent", "consent_at"])
    write(case, "dispute_consent", by, now, note, side=party.side, consents=agrees)
    if not agrees:
        end(case, dispute, DisputeOutcome.REFUSED, by, now)
    return dispute


@transaction.atomic
def hand_over(
    case: Case,
    *,
    by: User,
    now: datetime,
    track: str,
    note: str,
    track_unit_id: int | None = None,
    mediator_ids: Collection[int] = (),
) -> Dispute:
    """To another track, unit or mediator, with the reason. The unit sees the case until the
    mediation is due, and the one before it no longer; who mediates there it names itself."""
    case = held(case, by)
    dispute = open_of(case)
    check_track(track, track_unit_id)
    people, before = staff(case, track_unit_id, mediator_ids), dispute.track_unit_id
    if (track, track_unit_id) == (dispute.track, before) and not people:
        raise NotAllowed(_t("调解方式和主持单位没有变化。"))
    if not note.strip():
        raise NotAllowed(_t("请填写移交理由。"))
    tracks = [dispute.track, track]
    dispute.track, dispute.track_unit_id = track, track_unit_id
    dispute.save(update_fields=["track", "track_unit"])
    if people or before != track_unit_id:
        name_mediators(case, dispute, people, by, now)
    if before != track_unit_id:
        let_out(case, before, now)
        let_in(case, dispute, by, now)
    write(case, "dispute_handover", by, now, note, tracks=tracks, unit=track_unit_id)
    return dispute


@transaction.atomic
def hold_session(
    case: Case,
    *,
    by: User,
    now: datetime,
    held_at: datetime,
    place: str,
    minutes: str,
    present_ids: Collection[UUID],
) -> MediationSession:
    """A sitting that took place, with who signed in and what was said: on the day the dispute was
    written down, or later."""
    case = held(case, by)
    dispute = open_of(case)
    all_consent(dispute)
    if held_at > now:
        raise NotAllowed(_t("调解时间不能晚于现在。"))
    days = calendar()
    if deadlines.local_day(held_at, days) < deadlines.local_day(dispute.opened_at, days):
        raise NotAllowed(_t("调解时间不能早于登记纠纷的当天。"))
    if not place.strip() or not minutes.strip():
        raise NotAllowed(_t("请填写调解地点和笔录。"))
    present = [party_of(dispute, pk) for pk in dict.fromkeys(present_ids)]
    if not present:
        raise NotAllowed(_t("请勾选到场当事人。"))
    session = MediationSession.objects.create(
        dispute=dispute, held_at=held_at, place=place.strip(), minutes=minutes.strip(), by=by
    )
    session.present.set(present)
    write(case, "dispute_session", by, now, held_at=held_at.isoformat(), present=len(present))
    return session


@transaction.atomic
def agree(
    case: Case,
    *,
    by: User,
    now: datetime,
    terms: str,
    written: bool,
    obligations: Sequence[Promise] = (),
) -> Dispute:
    """The parties are agreed, in writing (29) or by word of mouth (28); what they undertook is
    asked after on its day (31)."""
    case = held(case, by)
    dispute = open_of(case)
    all_consent(dispute)
    if not terms.strip():
        raise NotAllowed(_t("请填写协议内容；口头协议也须记录。"))
    promised = [promise(dispute, row, now) for row in obligations]
    outcome = DisputeOutcome.AGREED_WRITTEN if written else DisputeOutcome.AGREED_ORAL
    for row in promised:
        row.save()
        due_at = deadlines.end_of(row.due_on, calendar())
        timers.start(OBLIGATION_TIMER, row.pk, due_at)
    if promised:
        # the unit that mediated goes and sees whether it was kept
        last = max(row.due_on for row in promised) + timedelta(days=regulation().obligation_days)
        until = max(dispute.due_at, deadlines.end_of(last, calendar()))
        share_until(case, dispute, until, by, now)
    end(case, dispute, outcome, by, now, terms=terms.strip())
    return dispute


def promise(dispute: Dispute, row: Promise, now: datetime) -> Obligation:
    if not row.what.strip():
        raise NotAllowed(_t("请填写履行内容。"))
    today = deadlines.local_day(now, calendar())
    if row.due_on < today:
        raise NotAllowed(_t("履行期限不能早于今天。"))
    if row.due_on.year > today.year + PROMISED_YEARS:
        raise NotAllowed(_t("履行期限超出十年，请核对。"))
    party = party_of(dispute, row.party_id)
    return Obligation(dispute=dispute, party=party, what=row.what.strip(), due_on=row.due_on)


@transaction.atomic
def fulfil(
    case: Case, *, by: User, now: datetime, obligation_id: int, fulfilled: bool, note: str
) -> Obligation:
    """The follow-up visit: what was found; also after the case is closed. What was not kept on its
    day is asked after again."""
    case = held(case, by)
    row = Obligation.objects.filter(pk=obligation_id, dispute__case=case).first()
    if row is None:
        raise NotAllowed(_t("请选择履行事项。"))
    if row.fulfilled_at is not None:
        raise NotAllowed(_t("该项已履行。"))
    if not note.strip():
        raise NotAllowed(_t("请填写回访情况。"))
    row.visited_at, row.visit = now, note.strip()
    row.fulfilled_at = now if fulfilled else None
    row.save(update_fields=["visited_at", "visit", "fulfilled_at"])
    open_timer = Timer.objects.open().filter(kind=OBLIGATION_TIMER, subject_id=row.pk)
    if fulfilled:
        timers.cancel([row.pk], [OBLIGATION_TIMER], now)
    elif not open_timer.exists():
        days = timedelta(days=regulation().obligation_again_days)
        again = deadlines.local_day(now, calendar()) + days
        timers.start(OBLIGATION_TIMER, row.pk, deadlines.end_of(again, calendar()))
    write(case, "dispute_visit", by, now, fulfilled=fulfilled)
    return row


@transaction.atomic
def confirm_by_court(case: Case, *, by: User, now: datetime, on: date) -> Dispute:
    """Both parties asked the court to confirm what they wrote: within thirty days (33)."""
    case = held(case, by)
    dispute = known(case)
    if dispute.outcome != DisputeOutcome.AGREED_WRITTEN or dispute.ended_at is None:
        raise NotAllowed(_t("只有书面调解协议可以申请司法确认。"))
    if dispute.court_confirmed_on is not None:
        raise NotAllowed(_t("已登记司法确认申请日期。"))
    days = calendar()
    agreed_on = deadlines.local_day(dispute.ended_at, days)
    if not agreed_on <= on <= agreed_on + timedelta(days=ASKING_DAYS):
        said = {"days": ASKING_DAYS}
        raise NotAllowed(_t("司法确认须在协议生效之日起 %(days)d 日内共同申请。") % said)
    if on > deadlines.local_day(now, days):
        raise NotAllowed(_t("申请日期不能晚于今天。"))
    dispute.court_confirmed_on = on
    dispute.save(update_fields=["court_confirmed_on"])
    write(case, "dispute_court", by, now, asked_on=on.isoformat())
    return dispute


@transaction.atomic
def end_without(case: Case, *, by: User, now: datetime, outcome: str, note: str) -> Dispute:
    """It failed, or who asked for it withdrew: the other ways are told (26)."""
    case = held(case, by)
    dispute = open_of(case)
    if outcome not in {DisputeOutcome.FAILED, DisputeOutcome.WITHDRAWN}:
        raise NotAllowed(_t("请选择调解不成或撤回申请。"))
    if not note.strip():
        raise NotAllowed(_t("请填写说明。"))
    end(case, dispute, outcome, by, now, note=note)
    return dispute


@transaction.atomic
def reveal(case: Case, *, by: User, now: datetime, party_id: UUID, reason: str) -> DisputeParty:
    """The party, to be shown in clear: the look is written down first. Raises NotAllowed."""
    if not may_mediate(by, case):
        raise NotAllowed(_t("您的岗位不能调解该事件的纠纷。"))
    party = party_of(known(case), party_id)
    record_look(
        by,
        model="cases.DisputeParty",
        object_id=party.pk,
        columns=["name", "phone"],
        reason=f"{case.number} {reason}",
        now=now,
    )
    return party


# What the verbs share ---------------------------------------------------------------------------


def held(case: Case, by: User) -> Case:
    """The case, locked, if this user may mediate it."""
    case = workflow.locked(case.pk)
    if not may_mediate(by, case):
        raise NotAllowed(_t("您的岗位不能调解该事件的纠纷。"))
    return case


def may_mediate(user: User, case: Case, dispute: Dispute | None = None) -> bool:
    """Whether a post gives it over this case, or the user is of the unit that the dispute was
    handed to, as long as the case is shared with it. Asks for the dispute only then."""
    if access.may_act(user, case, PERMISSION):
        return True
    own = access.departments_of(user, PERMISSION)
    if not own or not access.helps(user, case):
        return False
    dispute = dispute or Dispute.objects.filter(case=case).first()
    return dispute is not None and dispute.track_unit_id in own


def let_in(case: Case, dispute: Dispute, by: User, now: datetime) -> None:
    """The unit that mediates sees the case until the mediation is due; what the centre shares with
    it besides is a share of its own."""
    until = max(dispute.due_at, now + timedelta(days=regulation().share_days))
    if not share_until(case, dispute, until, by, now):
        return
    told = {user for user in permissions.at(dispute.track_unit_id, DEPARTMENT) if user != by.pk}
    key = f"{dispute.pk}:{now.isoformat()}"  # the case is as it was: its version tells nothing
    notes = [
        notifications.note(case, "moved", user, key, action=Action.SHARE) for user in sorted(told)
    ]
    outbox.tell(notes, now)


def share_until(case: Case, dispute: Dispute, until: datetime, by: User, now: datetime) -> bool:
    """Let the unit that mediates see the case; False for the department that has it anyway."""
    unit_id = dispute.track_unit_id
    if unit_id is None or unit_id == case.department_id:
        return False
    sharing.give_share(
        case,
        unit_id=unit_id,
        user_id=None,
        mode=ShareMode.HELP,
        until=until,
        by=by,
        now=now,
        for_dispute=True,
    )
    return True


def let_out(case: Case, unit_id: int | None, now: datetime) -> None:
    """What the mediation let in goes; what the centre shared for its own reasons stays."""
    rows = CaseShare.objects.filter(case=case, for_dispute=True, ended_at=None)
    for row in rows.filter(unit=unit_id or 0):
        sharing.end_share(row, now)


def may_begin(case: Case) -> bool:
    return case.state in OPEN and case.state not in HANDLED


def known(case: Case) -> Dispute:
    dispute = Dispute.objects.filter(case=case).first()
    if dispute is None:
        raise NotAllowed(_t("该事件没有登记纠纷。"))
    return dispute


def open_of(case: Case) -> Dispute:
    dispute = known(case)
    if dispute.ended_at is not None:
        raise NotAllowed(_t("纠纷调解已结束。"))
    return dispute


def party_of(dispute: Dispute, pk: UUID) -> DisputeParty:
    party = dispute.parties.select_related("data_key").filter(pk=pk).first()
    if party is None:
        raise NotAllowed(_t("请选择本纠纷的当事人。"))
    return party


def all_consent(dispute: Dispute) -> None:
    """Both sides are there, and everyone has said yes: nobody is mediated against their will."""
    rows = list(dispute.parties.values_list("side", "consent"))
    if {side for side, _consent in rows} != set(Side.values):
        raise NotAllowed(_t("请先登记双方当事人。"))
    if not all(agreed for _side, agreed in rows):
        raise NotAllowed(_t("须全体当事人同意，才能调解。"))


def check_track(track: str, unit_id: int | None) -> None:
    if track not in Track.values:
        raise NotAllowed(_t("请选择调解方式。"))
    if unit_id is not None:
        a_department(unit_id)
    elif track != Track.PEOPLE:
        raise NotAllowed(_t("行政调解、司法调解须选择主持单位。"))


def staff(case: Case, unit_id: int | None, ids: Collection[int]) -> list[User]:
    """The users of these ids, if each may mediate this case by a post over it or at the unit."""
    found = list(User.objects.filter(pk__in=ids, is_active=True).order_by("pk"))
    able = [
        user
        for user in found
        if access.may_act(user, case, PERMISSION)
        or unit_id in access.departments_of(user, PERMISSION)
    ]
    if len(able) != len(set(ids)):
        raise NotAllowed(_t("请从可以调解该事件的在岗人员中选择调解员。"))
    return able


def name_mediators(
    case: Case, dispute: Dispute, people: Collection[User], by: User, now: datetime
) -> None:
    """Who mediates from now on; who was not it before is told, but not by themselves."""
    before = {by.pk, *dispute.mediators.values_list("pk", flat=True)}
    dispute.mediators.set(people)
    key = f"{dispute.pk}:{now.isoformat()}"
    new = [user.pk for user in people if user.pk not in before]
    outbox.tell([notifications.note(case, "dispute_named", pk, key) for pk in new], now)


def end(
    case: Case,
    dispute: Dispute,
    outcome: str,
    by: User,
    now: datetime,
    note: str = "",
    **more: Any,
) -> None:
    ending.end_dispute(case, outcome, now, **more)
    workflow.save(case)
    dispute.refresh_from_db()
    write(case, "dispute_ended", by, now, note, dispute_outcome=outcome)


def write(
    case: Case, action: str, by: User, now: datetime, note: str = "", **details: object
) -> None:
    """The line in the case's history; its facts name nobody."""
    facts = {name: value for name, value in details.items() if value is not None}
    workflow.line_of(
        case, action, by=by, at=now, before=case.state, note=note.strip(), details=facts
    ).save()


# Reading ----------------------------------------------------------------------------------------


def visible_disputes(user: User) -> QuerySet[Dispute]:
    """The disputes of the cases that this user sees: that they are, not what is said in them."""
    return Dispute.objects.filter(case__in=access.visible_to(user))


class Rate(NamedTuple):
    """A rate is never shown without its two numbers."""

    agreed: int
    ended: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.agreed / self.ended) if self.ended else None


def settled(cases: CaseQuerySet, since: datetime, until: datetime) -> dict[int | None, Rate]:
    """化解率 of a set of cases by community: the disputes agreed of those that ended in a period
    (its end not included)."""
    rows = Dispute.objects.filter(case__in=cases, ended_at__gte=since, ended_at__lt=until)
    counted = rows.values_list("case__community").annotate(
        agreed=Count("pk", filter=Q(outcome__in=AGREED)), ended=Count("pk")
    )
    return {
        unit: Rate(agreed, ended) for unit, agreed, ended in counted.order_by("case__community")
    }


def candidates(case: Case) -> list[User]:
    """Who may mediate this case by their posts: whom a form offers."""
    dispute = Dispute.objects.filter(case=case).first()
    units = [case.grid_id, case.community_id, case.street_id, case.district_id, case.department_id]
    units.append(dispute.track_unit_id if dispute else None)
    ids = {user for unit in filter(None, units) for user in permissions.at(unit, ROLES)}
    return list(User.objects.filter(pk__in=ids).order_by("pk"))


def to_tell(dispute: Dispute, case: Case) -> list[int]:
    """The mediators, else their unit, else who has the case in hand: a visit must not lapse with
    who left."""
    people = dispute.mediators.filter(is_active=True).order_by("pk")
    if found := list(people.values_list("pk", flat=True)):
        return found
    return permissions.at(dispute.track_unit_id, ROLES) or notifications.callers(case, {})


def total(rates: Collection[Rate]) -> Rate:
    return Rate(sum(rate.agreed for rate in rates), sum(rate.ended for rate in rates))
