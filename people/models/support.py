"""帮扶计划: for people who ask for help or agree to it; kept by a team of "1+3+N" and seen by it.

What concerns health, care or hardship stands here and nowhere else. A plan ends by itself unless it
is renewed.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from governance.models import PersonalRow
from governance.personal import EncryptedTextField
from grids.models.places import Located
from people.models.persons import Person


@tracked()
class SupportKind(models.Model):
    """What plans there are here: each with its purpose, its basis in law and its review."""

    code = models.SlugField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=40, unique=True)
    name_en = models.CharField(_("英文名称"), max_length=80)
    purpose = models.CharField(_("目的"), max_length=200)
    basis = models.CharField(_("法律依据"), max_length=200)
    review_months = models.PositiveSmallIntegerField(_("几个月评估一次"), default=3)
    lasts_months = models.PositiveSmallIntegerField(_("几个月后自动结束"), default=12)
    # Null for none: so the lines of its history stay what they were sealed as.
    needs = models.TextField(
        _("需要了解的情况"),
        max_length=500,
        blank=True,
        null=True,
        help_text=_("每行一项；在计划里向本人了解，加密保存，只有团队看得到。"),
    )
    # How long a plan waits for who moved out and may move in again near by: registered late is not
    # gone. Null in the history of before alone.
    wait_days = models.PositiveSmallIntegerField(
        _("搬离后保留（自然日）"),
        default=15,
        null=True,
        help_text=_("期内在本社区重新登记居住的，计划继续；0 为搬离时即结束。"),
    )
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("帮扶类别")
        constraints = [
            models.CheckConstraint(
                condition=Q(wait_days__isnull=False, wait_days__lte=366),
                name="support_kind_waits_a_year_at_most",
                violation_error_message=_("搬离后最多保留 366 天。"),
            ),
            models.CheckConstraint(
                condition=Q(review_months__gt=0, lasts_months__gte=F("review_months")),
                name="support_kind_is_reviewed_before_it_ends",
                violation_error_message=_("评估间隔至少一个月，且不长于自动结束的期限。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def asked(self) -> list[str]:
        """What a plan of this kind has to know, each by its name."""
        return list(dict.fromkeys(filter(None, map(str.strip, (self.needs or "").splitlines()))))


class Basis(models.TextChoices):
    CONSENT = "consent", _("本人同意")
    GUARDIAN = "guardian", _("监护人同意")
    STATUTORY = "statutory", _("法定职责")


class PlanWords(PersonalRow):
    """What a plan says: sealed with a key of its own, erased with the plan."""

    goal = EncryptedTextField(_("目标"), mask="hidden")
    # Who agreed and how it is known: the signed paper, a recorded word.
    agreed = EncryptedTextField(_("同意的记录"), mask="hidden")

    # {name: what is so}, as one JSON text, by the names that the kind asks for.
    facts = EncryptedTextField(_("了解的情况"), mask="hidden")

    class Meta:
        verbose_name = verbose_name_plural = _("帮扶计划内容")

    def __str__(self) -> str:
        return str(self.goal or "—")


@tracked(walled=True)
class SupportPlan(Located):
    """One person's plan: agreed goal, agreed until when, reviewed on a day."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="plans", verbose_name=_("人员"))
    kind = models.ForeignKey(
        SupportKind, models.PROTECT, related_name="plans", verbose_name=_("帮扶类别")
    )
    words = models.OneToOneField(
        PlanWords, models.PROTECT, related_name="plan", verbose_name=_("内容")
    )
    basis = models.CharField(_("依据"), max_length=12, choices=Basis.choices)
    # An officer is in the team only where the person wants it.
    officer_agreed = models.BooleanField(_("同意民警参加"), default=False)
    # How often somebody keeps in touch: by a visit, which the contact's list of the day asks for.
    contact_weeks = models.PositiveSmallIntegerField(_("几周联系一次"), null=True)
    began_on = models.DateField(_("开始日期"))
    review_on = models.DateField(_("评估日期"))
    ends_on = models.DateField(_("结束日期"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("制定人")
    )
    made_at = models.DateTimeField(_("制定时间"))
    ended_at = models.DateTimeField(_("已结束"), null=True)
    ending = models.CharField(_("结束原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("帮扶计划")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(ended_at=None),
                name="support_plan_one_open_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(began_on__lte=F("review_on"), review_on__lte=F("ends_on")),
                name="support_plan_is_reviewed_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(contact_weeks=None) | Q(contact_weeks__range=(1, 52)),
                name="support_plan_keeps_in_touch_within_a_year",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ending="") | Q(ended_at__isnull=False) & ~Q(ending=""),
                name="support_plan_ends_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class TeamRole(models.TextChoices):
    """1+3+N: who leads, the three who answer for it, and who helps."""

    LEAD = "lead", _("牵头人")
    COMMUNITY = "community", _("社区责任人")
    GRID = "grid", _("网格责任人")
    FAMILY = "family", _("家属或监护人")
    HELPER = "helper", _("帮扶人")
    OFFICER = "officer", _("民警")


ALONE = (TeamRole.LEAD, TeamRole.COMMUNITY, TeamRole.GRID)


@tracked(walled=True)
class TeamMember(PersonalRow):
    """Somebody of a plan's team: a user, who then sees the plan, or a named person who does not."""

    plan = models.ForeignKey(
        SupportPlan, models.PROTECT, related_name="team", verbose_name=_("帮扶计划")
    )
    role = models.CharField(_("职责"), max_length=12, choices=TeamRole.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("用户"),
    )
    name = EncryptedTextField(_("姓名"), mask="name")
    phone = EncryptedTextField(_("电话"), mask="phone")
    since = models.DateTimeField(_("加入时间"))
    until = models.DateTimeField(_("退出时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("帮扶团队")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "role"],
                condition=Q(until=None, role__in=ALONE),
                name="team_one_of_each_that_answers",
            ),
            models.UniqueConstraint(
                fields=["plan", "user"],
                condition=Q(until=None, user__isnull=False),
                name="team_each_user_once",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(name__isnull=False),
                name="team_member_is_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user or self.name or "—")


class StepWords(PersonalRow):
    """What was agreed, and what came of it."""

    what = EncryptedTextField(_("措施"), mask="hidden")
    result = EncryptedTextField(_("结果"), mask="hidden")

    class Meta:
        verbose_name = verbose_name_plural = _("帮扶措施内容")

    def __str__(self) -> str:
        return str(self.what or "—")


@tracked(walled=True)
class SupportStep(models.Model):
    """What was agreed to be done by a day, and that it was."""

    plan = models.ForeignKey(
        SupportPlan, models.PROTECT, related_name="steps", verbose_name=_("帮扶计划")
    )
    words = models.OneToOneField(
        StepWords, models.PROTECT, related_name="step", verbose_name=_("内容")
    )
    due_on = models.DateField(_("完成日期"))
    done_at = models.DateTimeField(_("已完成"), null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = _("帮扶措施")
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="support_step_done_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
