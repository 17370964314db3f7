"""帮扶计划: agreed with the person, kept by a team of "1+3+N", seen by that team alone.

Raises NotAllowed, of which BadDetails names the fields. Dates are timers: a review that is due, a
step that is due, and the end, by which a plan ends itself unless it was renewed; what a move or a
death brings is in people/plan_homes.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localdate
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import clock, outbox, permissions, scope, timers, units
from governance.models import LEVELS, PersonalRow, Timer
from governance.outbox import Note
from governance.personal import EncryptedTextField
from people import access
from people.errors import BadDetails, NotAllowed
from people.models import (
    Basis,
    Person,
    PlanWords,
    Residency,
    StepWords,
    SupportKind,
    SupportPlan,
    SupportStep,
    TeamMember,
    TeamRole,
)

if TYPE_CHECKING:
    from governance.models import User

SEE, PERMISSION = "support.see", "support.make"
REVIEW, END, STEP = "support.review", "support.end", "support.step"
AWAY = "support.away"  # who it is for moved out, and may move in again near by
STILL_SHOWN = timedelta(days=30)  # after its end, to its team
LEAST = 10  # fewer are not counted: who they are could be guessed
MORNING = time(8)
# Who of the team keeps the plan: changes it, renews it, ends it.
KEEPERS = (TeamRole.LEAD, TeamRole.COMMUNITY, TeamRole.GRID)
OFFICERS = TeamRole.OFFICER
ONE_AND_THREE = (*KEEPERS, TeamRole.FAMILY)

outbox.SENTENCES.update(
    {
        "support.review": _("帮扶计划 %(plan)s 该评估了。"),
        "support.step": _("帮扶计划 %(plan)s 有一项措施到期。"),
        "support.end": _("帮扶计划 %(plan)s 已到期结束。"),
        "support.over": _("帮扶计划 %(plan)s 已结束。"),
        AWAY: _(
            "帮扶计划 %(plan)s 的本人已搬离；%(date)s 前未在本社区重新登记居住的，计划自动结束。"
        ),
        "support.back": _("帮扶计划 %(plan)s 的本人已在本社区重新登记居住，计划继续。"),
        "support.joined": _("您已加入帮扶计划 %(plan)s 的团队。"),
    }
)
for _kind in ("review", "step", "end", "over", "away", "back", "joined"):
    outbox.LINKS[f"support.{_kind}"] = lambda params: reverse("people:plan", args=[params["plan"]])


@dataclass(frozen=True)
class Member:
    """Who is to be in a team: a user, or somebody by name."""

    role: str
    user: User | None = None
    name: str = ""
    phone: str = ""


# Who sees ---------------------------------------------------------------------------------------


def visible(user: User) -> QuerySet[SupportPlan]:
    """The plans in whose team the user is today; those that ended, for some days more."""
    access.enter(user)
    if not permissions.may(user, SEE):
        return SupportPlan.objects.none()
    current = Q(ended_at=None) | Q(ended_at__gt=clock.now() - STILL_SHOWN)
    return SupportPlan.objects.filter(current, team__user=user.pk, team__until=None)


def plan_for(user: User, pk: int) -> SupportPlan:
    """The plan, or 404 when the user is not in its team."""
    rows = visible(user).select_related("kind", "words__data_key", "person__data_key")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def keeps(user: User, plan: SupportPlan) -> bool:
    """Whether the user is one of those who answer for the plan."""
    return plan.team.filter(user=user.pk, until=None, role__in=KEEPERS).exists()


def shown(
    plan: SupportPlan, steps: Iterable[SupportStep], team: Iterable[TeamMember]
) -> list[tuple[str, object, list[str]]]:
    """What of a plan's page is personal: the sealed rows with the columns that hold something."""
    rows: list[PersonalRow] = [plan.words, *(step.words for step in steps), *team]
    found = [(row._meta.label, row.pk, held(row)) for row in rows]
    return [one for one in found if one[2]]


def held(row: PersonalRow) -> list[str]:
    fields = (field for field in row._meta.concrete_fields if isinstance(field, EncryptedTextField))
    return [field.name for field in fields if getattr(row, field.name)]


# The verbs --------------------------------------------------------------------------------------


@transaction.atomic
def begin(
    person: Person,
    kind: SupportKind,
    *,
    goal: str,
    basis: str,
    agreed: str,
    team: Sequence[Member],
    officer_agreed: bool = False,
    contact_weeks: int | None = None,
    by: User,
    now: datetime,
) -> SupportPlan:
    """A plan with its team; who makes it leads it unless another is named."""
    access.enter(by)
    homes = Residency.objects.filter(access.within(by, PERMISSION), person=person, ended_on=None)
    home = homes.order_by("pk").first()
    if home is None or not permissions.may(by, PERMISSION):
        raise NotAllowed(_t("您的岗位不能为此人制定帮扶计划。"))
    check(kind, goal, basis, agreed, team, officer_agreed=officer_agreed)
    check_rhythm(contact_weeks)
    if person.plans.filter(kind=kind, ended_at=None).exists():
        raise NotAllowed(_t("此人已有这一类的帮扶计划。"))
    day = localdate(now)
    words = PlanWords()
    words.goal, words.agreed = goal.strip(), agreed.strip()
    words.save()
    plan = SupportPlan(
        person=person,
        kind=kind,
        words=words,
        basis=basis,
        officer_agreed=officer_agreed,
        contact_weeks=contact_weeks,
        began_on=day,
        review_on=months_on(day, kind.review_months),
        ends_on=months_on(day, kind.lasts_months),
        made_by=by,
        made_at=now,
        **{f"{level}_id": getattr(home, f"{level}_id") for level in LEVELS},
    )
    try:
        with transaction.atomic():
            plan.save(force_insert=True)
    except IntegrityError:
        # one that the second wall hides from who asks: not even that it is there is told
        raise NotAllowed(_t("您不能制定这份计划；如有需要，请联系网格站站长。")) from None
    for member in in_turn(team, by):
        add(plan, member, by, now)
    start_timers(plan)
    return plan


def in_turn(team: Sequence[Member], by: User) -> list[Member]:
    """The team with its lead. Who makes the plan goes in first: only the team may add to a team
    that is there."""
    people = list(team)
    if not any(member.role == TeamRole.LEAD for member in people):
        people.insert(0, Member(TeamRole.LEAD, by))
    return sorted(people, key=lambda member: member.user != by)


def check(
    kind: SupportKind,
    goal: str,
    basis: str,
    agreed: str,
    team: Iterable[Member],
    *,
    officer_agreed: bool,
) -> None:
    faults = {}
    if not kind.is_active:
        faults["kind"] = _t("该类别已停用。")
    if not goal.strip():
        faults["goal"] = _t("请写明目标。")
    if basis not in Basis.values:
        faults["basis"] = _t("请选择依据。")
    if not agreed.strip():
        faults["agreed"] = _t("请写明谁在何时以什么方式同意，或依据的规定。")
    if any(is_officer(member) for member in team) and not officer_agreed:
        faults["team"] = _t("本人同意后，民警才能加入团队。")
    if faults:
        raise BadDetails(faults)


def is_officer(member: Member) -> bool:
    """By what they are, whatever role was chosen for them."""
    posts = permissions.posts_of(member.user) if member.user else ()
    return member.role == OFFICERS or any(units.is_police(post.unit_id) for post in posts)


def check_rhythm(weeks: int | None) -> None:
    if weeks is not None and not 1 <= weeks <= 52:
        raise BadDetails({"contact_weeks": _t("请填写 1 至 52。")})


def months_on(day: date, months: int) -> date:
    """The same day of the month so many months on, or the last one of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError(day)


def add(plan: SupportPlan, member: Member, by: User, now: datetime) -> TeamMember:
    """One more in the team. The plan is locked, or just made."""
    if member.role not in TeamRole.values:
        raise BadDetails({"role": _t("请选择职责。")})
    if member.user is None and not member.name.strip():
        raise BadDetails({"name": _t("请选择用户或填写姓名。")})
    if is_officer(member):
        if not plan.officer_agreed:
            raise BadDetails({"role": _t("本人同意后，民警才能加入团队。")})
        if member.role != OFFICERS:
            raise BadDetails({"role": _t("公安机关的工作人员只能以“民警”的职责加入。")})
    if member.user is not None and not member.user.is_active:
        raise BadDetails({"user": _t("该用户已停用。")})
    row = TeamMember(plan=plan, role=member.role, user=member.user, since=now)
    row.name, row.phone = member.name.strip() or None, member.phone.strip() or None
    row.save(force_insert=True)
    if member.user is not None and member.user.pk != by.pk:
        told = {"plan": str(plan.pk)}
        key = f"{plan.pk} {row.pk}"
        outbox.tell([Note(member.user.pk, "support.joined", key, told)], now)
    return row


def locked(plan: SupportPlan, by: User) -> SupportPlan:
    """The plan, locked, for who answers for it. Raises NotAllowed."""
    access.enter(by)
    rows = SupportPlan.objects.select_for_update(of=("self",)).select_related("kind")
    found = rows.filter(pk=plan.pk).first()
    if found is None or not keeps(by, found):
        raise NotAllowed(_t("只有计划的责任人可以变更计划。"))
    if found.ended_at is not None:
        raise NotAllowed(_t("该计划已结束。"))
    return found


@transaction.atomic
def join(plan: SupportPlan, member: Member, *, by: User, now: datetime) -> TeamMember:
    plan = locked(plan, by)
    if member.role in KEEPERS and plan.team.filter(role=member.role, until=None).exists():
        raise NotAllowed(_t("团队中已有%(role)s。") % {"role": TeamRole(member.role).label})
    if member.user and plan.team.filter(user=member.user, until=None).exists():
        raise NotAllowed(_t("该用户已在团队中。"))
    return add(plan, member, by, now)


@transaction.atomic
def leave(plan: SupportPlan, member: TeamMember, *, by: User, now: datetime) -> None:
    """Out of the team: the plan is not seen from now on. Somebody has to lead."""
    plan = locked(plan, by)
    if member.role == TeamRole.LEAD:
        raise NotAllowed(_t("牵头人不能退出；请先结束计划或另行制定。"))
    # the last look: afterwards a member who leaves sees neither the plan nor the row
    TeamMember.objects.filter(pk=member.pk, plan=plan, until=None).update(until=now)


@transaction.atomic
def ask_officer(
    plan: SupportPlan, *, agreed: bool, how: str, by: User, now: datetime
) -> SupportPlan:
    """The person agrees to an officer in the team, or does not any more: then those who are in it
    leave it. How it is known stands with the other consents."""
    plan = locked(plan, by)
    if not how.strip():
        raise BadDetails({"how": _t("请写明谁在何时以什么方式同意或撤回。")})
    if agreed == plan.officer_agreed:
        raise NotAllowed(_t("已经如此记录。"))
    said = _t("同意民警参加") if agreed else _t("不再同意民警参加")
    add_consent(plan, f"{said}：{how.strip()}", now)
    plan.officer_agreed = agreed
    plan.save(update_fields=["officer_agreed"])
    if not agreed:
        plan.team.filter(role=OFFICERS, until=None).update(until=now)
    return plan


def add_consent(plan: SupportPlan, said: str, now: datetime) -> None:
    words = PlanWords.objects.select_related("data_key").get(pk=plan.words_id)
    words.agreed = f"{words.agreed.reveal()}\n{localdate(now)} {said}"
    words.save()


def missing(team: Iterable[TeamMember]) -> list[str]:
    """Who of "1+3" is not in the team yet; N helpers are as many as are needed."""
    there = {member.role for member in team}
    return [str(TeamRole(role).label) for role in ONE_AND_THREE if role not in there]


@transaction.atomic
def agree_step(
    plan: SupportPlan, what: str, due_on: date, *, by: User, now: datetime
) -> SupportStep:
    """What is to be done by a day."""
    plan = locked(plan, by)
    if not what.strip():
        raise BadDetails({"what": _t("请写明措施。")})
    if not localdate(now) <= due_on <= plan.ends_on:
        raise BadDetails({"due_on": _t("完成日期须在今天至计划结束之间。")})
    words = StepWords()
    words.what = what.strip()
    words.save()
    step = SupportStep.objects.create(plan=plan, words=words, due_on=due_on)
    timers.start(STEP, step.pk, morning(due_on))
    return step


@transaction.atomic
def learn(plan: SupportPlan, facts: Mapping[str, str], *, by: User, now: datetime) -> SupportPlan:
    """What the person told of what this kind of plan has to know; only what was asked is kept."""
    plan = locked(plan, by)
    words = PlanWords.objects.select_related("data_key").get(pk=plan.words_id)
    given = {name: facts.get(name, "").strip()[:400] for name in plan.kind.asked}
    known = {name: said for name, said in given.items() if said}
    words.facts = json.dumps(known, ensure_ascii=False) if known else None
    words.save()
    plan.words = words
    return plan


def facts_of(plan: SupportPlan) -> list[tuple[str, str]]:
    """(name, what is known or "") of all that the kind asks; a name that is asked no more stays
    until it is told anew. To be shown after the look was written down."""
    words = plan.words.facts.reveal() if plan.words.facts else ""
    known = json.loads(words) if words else {}
    return [(name, known.get(name, "")) for name in dict.fromkeys([*plan.kind.asked, *known])]


@transaction.atomic
def keep_in_touch(plan: SupportPlan, weeks: int | None, *, by: User, now: datetime) -> SupportPlan:
    """Once in so many weeks, or by no rhythm."""
    plan = locked(plan, by)
    check_rhythm(weeks)
    plan.contact_weeks = weeks
    plan.save(update_fields=["contact_weeks"])
    return plan


def contacts(user: User) -> QuerySet[SupportPlan]:
    """The open plans in which it is this user who keeps in touch: who answers for the grid, or who
    leads where nobody does."""
    member = TeamMember.objects.filter(plan=OuterRef("pk"), until=None)
    mine = Exists(member.filter(role=TeamRole.GRID, user=user.pk)) | (
        Exists(member.filter(role=TeamRole.LEAD, user=user.pk))
        & ~Exists(member.filter(role=TeamRole.GRID))
    )
    rows = visible(user).filter(mine, ended_at=None, contact_weeks__isnull=False)
    return rows.order_by("pk")


@transaction.atomic
def finish_step(step: SupportStep, result: str, *, by: User, now: datetime) -> SupportStep:
    """Done, by anybody of the team."""
    plan = plan_for(by, step.plan_id)
    if plan.ended_at is not None:
        raise NotAllowed(_t("该计划已结束。"))
    rows = SupportStep.objects.select_for_update(of=("self",)).select_related("words__data_key")
    step = rows.get(pk=step.pk, plan=plan)
    if step.done_at is not None:
        raise NotAllowed(_t("该措施已完成。"))
    if not result.strip():
        raise BadDetails({"result": _t("请写明结果。")})
    step.words.result = result.strip()
    step.words.save()
    step.done_at, step.done_by = now, by
    step.save(update_fields=["done_at", "done_by"])
    timers.cancel([step.pk], [STEP], now)
    return step


@transaction.atomic
def renew(plan: SupportPlan, agreed: str, *, by: User, now: datetime) -> SupportPlan:
    """Reviewed, and agreed to anew: another term from today."""
    plan = locked(plan, by)
    if not agreed.strip():
        raise BadDetails({"agreed": _t("请写明谁在何时以什么方式同意，或依据的规定。")})
    add_consent(plan, agreed.strip(), now)
    day = localdate(now)
    plan.review_on = months_on(day, plan.kind.review_months)
    plan.ends_on = months_on(day, plan.kind.lasts_months)
    plan.save(update_fields=["review_on", "ends_on"])
    timers.cancel([plan.pk], [REVIEW, END], now)
    start_timers(plan)
    return plan


@transaction.atomic
def review(plan: SupportPlan, *, by: User, now: datetime) -> SupportPlan:
    """Looked at again: the next review is a term on, the end stays."""
    plan = locked(plan, by)
    plan.review_on = min(months_on(localdate(now), plan.kind.review_months), plan.ends_on)
    plan.save(update_fields=["review_on"])
    timers.cancel([plan.pk], [REVIEW], now)
    timers.start(REVIEW, plan.pk, morning(plan.review_on))
    return plan


@transaction.atomic
def end(plan: SupportPlan, reason: str, *, by: User, now: datetime) -> SupportPlan:
    """Over: reached, no longer wanted, moved away."""
    plan = locked(plan, by)
    if not reason.strip():
        raise BadDetails({"reason": _t("请写明结束的原因。")})
    plan.ended_at, plan.ending = now, reason.strip()[:200]
    plan.save(update_fields=["ended_at", "ending"])
    stop_timers(plan, now)
    return plan


# The clock --------------------------------------------------------------------------------------


def morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, get_default_timezone())


def start_timers(plan: SupportPlan) -> None:
    timers.start(REVIEW, plan.pk, morning(plan.review_on))
    timers.start(END, plan.pk, morning(plan.ends_on + timedelta(days=1)))


def stop_timers(plan: SupportPlan, now: datetime) -> None:
    timers.cancel([plan.pk], [REVIEW, END, AWAY], now)
    open_steps = plan.steps.filter(done_at=None).values_list("pk", flat=True)
    timers.cancel(list(open_steps), [STEP], now)


@dataclass
class Ended:
    """Plans that end without anybody of the team, and what is to be done after it as oneself."""

    plans: list[int]
    steps: list[int]
    notes: list[Note]

    def follow(self, now: datetime) -> None:
        timers.cancel(self.plans, [REVIEW, END, AWAY], now)
        timers.cancel(self.steps, [STEP], now)
        outbox.tell(self.notes, now)


def close(plan_ids: list[int], ending: str, told: str, now: datetime) -> Ended:
    """End these plans, as the sweep's role: who brings it about need not see them."""
    notes = team_notes(told, plan_ids, "end")
    steps = SupportStep.objects.filter(plan__in=plan_ids, done_at=None)
    open_steps = list(steps.values_list("pk", flat=True))
    SupportPlan.objects.filter(pk__in=plan_ids).update(ended_at=now, ending=ending)
    return Ended(plan_ids, open_steps, notes)


def team_notes(kind: str, plan_ids: Iterable[int], key: str, **more: str) -> list[Note]:
    """Word to everybody of the teams who logs in. Called as a system role."""
    rows = TeamMember.objects.filter(plan__in=plan_ids, until=None, user__is_active=True)
    return [
        Note(user, kind, f"{plan} {key}", {"plan": str(plan), **more})
        for plan, user in rows.order_by("pk").values_list("plan_id", "user_id")
        if user
    ]


@timers.handler(REVIEW, _("帮扶计划评估"))
def review_due(due: list[Timer], now: datetime) -> set[int]:
    with scope.system(scope.SWEEP):
        ids = [timer.subject_id for timer in due]
        open_ones = SupportPlan.objects.filter(pk__in=ids, ended_at=None)
        found = list(open_ones.values_list("pk", flat=True))
        notes = team_notes("support.review", found, f"review {localdate(now)}")
    outbox.tell(notes, now)
    return set()


@timers.handler(STEP, _("帮扶措施到期"))
def step_due(due: list[Timer], now: datetime) -> set[int]:
    with scope.system(scope.SWEEP):
        rows = SupportStep.objects.filter(
            pk__in=[timer.subject_id for timer in due], done_at=None, plan__ended_at=None
        )
        steps = list(rows.values_list("pk", "plan_id"))
        notes = [
            note for pk, plan in steps for note in team_notes("support.step", [plan], f"step {pk}")
        ]
    outbox.tell(notes, now)
    return set()


@timers.handler(END, _("帮扶计划到期"))
def ended(due: list[Timer], now: datetime) -> set[int]:
    """A plan that nobody renewed ends itself; its steps are asked after no more."""
    return close_due(due, lambda plans: plans, _t("到期未续"), "support.end", now)


def close_due(
    due: list[Timer],
    which: Callable[[list[int]], list[int]],
    ending: str,
    told: str,
    now: datetime,
) -> set[int]:
    """End which of the plans are still open; the timers of those that are busy."""
    with scope.system(scope.SWEEP):
        rows = SupportPlan.objects.select_for_update(skip_locked=True, of=("self",))
        ids = {timer.subject_id for timer in due}
        there = set(SupportPlan.objects.filter(pk__in=ids).values_list("pk", flat=True))
        free = rows.in_bulk(ids)
        still = [pk for pk, plan in free.items() if plan.ended_at is None]
        found = close(which(still), ending, told, now)
    found.follow(now)
    return {timer.pk for timer in due if timer.subject_id in there - free.keys()}


# Figures ----------------------------------------------------------------------------------------


def counts(user: User) -> list[dict[str, Any]]:
    """How many open plans of each kind there are in each of the user's units, only in groups of ten
    or more: of fewer one could guess who they are. Nor does one figure less another come to fewer
    (people_plan_counts); a unit that lies in another of the user's is not counted apart."""
    access.enter(user, "support.count")
    held = access.places(user, "support.count")
    names = dict(SupportKind.objects.values_list("pk", "name"))
    found = []
    with connection.cursor() as cursor:
        for unit_id in sorted(unit_id for _column, unit_id in held):
            above = {pk for pk in units.known()[unit_id].chain.values() if pk} - {unit_id}
            if above.isdisjoint(pk for _column, pk in held):
                cursor.execute("SELECT kind, n FROM people_plan_counts(%s, %s)", [unit_id, LEAST])
                unit = units.name_of(unit_id)
                found += [
                    {"unit": unit, "kind": names[pk], "count": n}
                    for pk, n in sorted(cursor.fetchall())
                ]
    return found


def kinds() -> list[SupportKind]:
    """The kinds that plans may be made of."""
    return list(SupportKind.objects.filter(is_active=True).order_by("pk"))
