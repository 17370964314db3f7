"""追责: opening a review of a closed case, the answer of the person concerned, and its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.utils.translation import gettext as _t

from cases import access, notifications, workflow
from cases.errors import NotAllowed
from cases.models import AT_WORK, Case, Ground, Review, Verdict
from cases.regulations import regulation
from governance import outbox, permissions
from governance.models import User
from governance.permissions import DEPARTMENT

if TYPE_CHECKING:
    from collections.abc import Iterable

PERMISSION = "case.review"
OPENED = "review_opened"  # the line of the case's history


def grounds(case: Case) -> list[Ground]:
    """Why a case may be reviewed; none while it is worked on, and none for one that went well."""
    if case.state in AT_WORK:
        return []
    found = {
        Ground.LATE: case.promise_kept is False,
        Ground.REWORKED: case.rework_count >= regulation().review_reworks,
        Ground.FORCED: case.is_forced,
    }
    return [ground for ground, holds in found.items() if holds]


def people(case: Case) -> models.QuerySet[User]:
    """Who had a hand in a case, or should have had: those in post at the departments that it was
    given to may be asked why nothing was done."""
    acted = case.transitions.exclude(by=None).values("by")
    units = case.assignments.values_list("department", flat=True)
    in_post = {user for unit in set(units) for user in permissions.at(unit, DEPARTMENT)}
    return User.objects.filter(models.Q(pk__in=acted) | models.Q(pk__in=in_post)).order_by("pk")


def person(case: Case, pk: int) -> User:
    """One of them. Raises NotAllowed for anybody else."""
    found = people(case).filter(pk=pk).first()
    if found is None:
        raise NotAllowed(_t("请从经办或承办该事件的人员中选择责任人。"))
    return found


def visible_to(user: User) -> models.QuerySet[Review]:
    """The reviews of the cases that a user may review, and those the user is asked in."""
    query = models.Q(answerable=user.pk)
    if permissions.may(user, PERMISSION):
        query |= models.Q(case__in=access.under(user, PERMISSION))
    return Review.objects.filter(query).order_by("ended_at", "-pk")


def to_answer(user: User) -> int | None:
    """How many reviews wait for the user's own words; None for who was never asked in one."""
    own = Review.objects.filter(answerable=user.pk).values_list("replied_at", "ended_at")
    waiting = [replied is None and ended is None for replied, ended in own]
    return sum(waiting) if waiting else None


@transaction.atomic
def open_review(
    case: Case, *, ground: str, findings: str, answerable: User, by: User, now: datetime
) -> Review:
    """Raises NotAllowed without a ground, for another's case, and for who had no hand in it."""
    case = workflow.locked(case.pk)
    if not access.may_act(by, case, PERMISSION):
        raise NotAllowed(_t("您的岗位不能对该事件追责。"))
    if ground not in grounds(case):
        raise NotAllowed(_t("该事件没有可追责的事由。"))
    if not findings.strip():
        raise NotAllowed(_t("请写明查明的情况。"))
    if not people(case).filter(pk=answerable.pk).exists() or answerable == by:
        raise NotAllowed(_t("请从经办或承办该事件的人员中选择责任人。"))
    if case.reviews.filter(answerable=answerable, ended_at=None).exists():
        raise NotAllowed(_t("对该人员的追责正在进行。"))
    review = Review.objects.create(
        case=case,
        ground=ground,
        findings=findings.strip(),
        answerable=answerable,
        opened_by=by,
        opened_at=now,
    )
    told(review, OPENED, [answerable], by, now)
    return review


@transaction.atomic
def reply(review: Review, *, text: str, by: User, now: datetime) -> Review:
    """The person concerned says how it was; once, before the end."""
    review = locked(review)
    if review.answerable_id != by.pk:
        raise NotAllowed(_t("只有责任人本人可以说明。"))
    if review.replied_at is not None or not text.strip():
        raise NotAllowed(_t("请填写说明，每次追责说明一次。"))
    review.reply, review.replied_at = text.strip(), now
    review.save(update_fields=["reply", "replied_at"])
    told(review, "review_replied", [review.opened_by], by, now)
    return review


@transaction.atomic
def end(review: Review, *, verdict: str, result: str, by: User, now: datetime) -> Review:
    """A result, after the person concerned was heard: without an answer, not within some days."""
    review = locked(review)
    if not access.may_act(by, review.case, PERMISSION) or review.answerable_id == by.pk:
        raise NotAllowed(_t("您的岗位不能对该事件追责。"))
    if verdict not in Verdict.values or not result.strip():
        raise NotAllowed(_t("请选择处理结果并填写意见。"))
    if now < ends_from(review):
        said = _t("责任人尚未说明，提起 %(days)d 日后方可处理。")
        raise NotAllowed(said % {"days": regulation().review_days})
    review.verdict, review.result, review.ended_by, review.ended_at = verdict, result, by, now
    review.save(update_fields=["verdict", "result", "ended_by", "ended_at"])
    told(review, "review_ended", [review.answerable], by, now)
    return review


def ends_from(review: Review) -> datetime:
    """When it can be ended: once the person was heard, else after some days."""
    return review.replied_at or review.opened_at + timedelta(days=regulation().review_days)


def locked(review: Review) -> Review:
    """Raises NotAllowed for one that has ended."""
    found = Review.objects.select_for_update(of=("self",)).get(pk=review.pk)
    if found.ended_at is not None:
        raise NotAllowed(_t("该追责已办结。"))
    return found


def told(review: Review, action: str, users: Iterable[User], by: User, now: datetime) -> None:
    """A line in the case's history, and word to who must know."""
    case = review.case
    details = {"ground": review.ground}
    workflow.line_of(case, action, by=by, at=now, before=case.state, details=details).save()
    about, key = str(review.pk), f"{review.pk}:{action}"
    notes = [notifications.note(case, action, user.pk, key, review=about) for user in users]
    outbox.tell(notes, now)
