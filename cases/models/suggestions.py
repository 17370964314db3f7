"""建议: what residents suggest for their community, and what staff say about the platform."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case, new_query_code
from governance.history import append_only, tracked
from governance.models import PersonalRow, Unit
from governance.personal import EncryptedTextField


class Subject(models.TextChoices):
    COMMUNITY = "community", _("社区事务")
    PLATFORM = "platform", _("平台本身")


class SuggestionKind(models.TextChoices):
    ENVIRONMENT = "environment", _("环境卫生")
    FACILITIES = "facilities", _("公共设施")
    SAFETY = "safety", _("公共安全")
    SERVICE = "service", _("便民服务")
    CULTURE = "culture", _("文体活动")
    BURDEN = "burden", _("基层负担")
    FAULT = "fault", _("使用故障")
    FEATURE = "feature", _("功能改进")
    OTHER = "other", _("其他建议")


# What either subject may be about.
KINDS = {
    Subject.PLATFORM: (
        *(SuggestionKind.BURDEN, SuggestionKind.FAULT),
        *(SuggestionKind.FEATURE, SuggestionKind.OTHER),
    ),
    Subject.COMMUNITY: (
        *(SuggestionKind.ENVIRONMENT, SuggestionKind.FACILITIES, SuggestionKind.SAFETY),
        *(SuggestionKind.SERVICE, SuggestionKind.CULTURE, SuggestionKind.OTHER),
    ),
}


class SuggestionSource(models.TextChoices):
    PUBLIC = "public", _("居民网页")
    PHONE_CALL = "phone_call", _("电话")
    WALK_IN = "walk_in", _("来访")
    WORKER = "worker", _("走访收集")
    STAFF = "staff", _("工作人员")
    API = "api", _("接口")


class SuggestionState(models.TextChoices):
    RECEIVED = "received", _("待答复")
    ANSWERED = "answered", _("已答复")
    HANDED_OVER = "handed_over", _("已转事件")


class SuggestionOutcome(models.TextChoices):
    ADOPTED = "adopted", _("采纳")
    PARTLY = "partly", _("部分采纳")
    DECLINED = "declined", _("未采纳")
    EXPLAINED = "explained", _("解释说明")


# Both count as taken up.
ADOPTED = (SuggestionOutcome.ADOPTED, SuggestionOutcome.PARTLY)


class Contributor(PersonalRow):
    """Who made a suggestion, as far as they told: sealed, masked, erased with the row's key."""

    name = EncryptedTextField(_("姓名"), mask="name")
    phone = EncryptedTextField(_("电话"), mask="phone")

    class Meta:
        verbose_name = verbose_name_plural = _("建议人")

    def __str__(self) -> str:
        return str(self.name or _("匿名"))


@tracked()
class Suggestion(models.Model):
    """One suggestion from receipt to answer. Only cases/suggestions.py writes it."""

    number = models.CharField(_("编号"), max_length=20, unique=True)
    query_code = models.CharField(_("查询码"), max_length=8, default=new_query_code)
    # Made from the client's own id and whose it is: sent twice, it is one suggestion.
    key = models.UUIDField(_("提交键"), null=True, unique=True)
    subject = models.CharField(_("对象"), max_length=10, choices=Subject.choices)
    kind = models.CharField(_("类别"), max_length=12, choices=SuggestionKind.choices)
    words = models.TextField(_("内容"), max_length=2000)
    source = models.CharField(_("来源"), max_length=12, choices=SuggestionSource.choices)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("区"))
    street = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("街道")
    )
    community = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("社区")
    )
    grid = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("网格")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("答复单位"))
    contributor = models.OneToOneField(
        Contributor,
        models.PROTECT,
        null=True,
        related_name="suggestion",
        verbose_name=_("建议人"),
    )
    # The user who wrote or collected it; nobody for a resident's own and for an unsigned one.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("提交人"),
    )
    received_at = models.DateTimeField(_("收到时间"))
    state = models.CharField(_("状态"), max_length=12, choices=SuggestionState.choices)
    # The limit as it was on receipt: the due moment follows from it.
    due_days = models.PositiveSmallIntegerField(_("答复时限（工作日）"))
    due_at = models.DateTimeField(_("答复期限"))
    overdue_at = models.DateTimeField(_("超期时间"), null=True)
    outcome = models.CharField(
        _("答复结果"), max_length=10, choices=SuggestionOutcome.choices, blank=True
    )
    answer = models.TextField(_("答复内容"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("答复人"),
    )
    # Also when it was handed over: from then on the case has the clocks.
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    case = models.OneToOneField(
        Case, models.PROTECT, null=True, related_name="suggestion", verbose_name=_("转成的事件")
    )
    published = models.BooleanField(_("公开"), default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("建议")
        indexes = [
            models.Index(fields=["subject", "state", "due_at"], name="suggestion_to_answer"),
            models.Index(
                fields=["-answered_at"],
                condition=Q(published=True),
                name="suggestion_published",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(subject=Subject.PLATFORM, kind__in=KINDS[Subject.PLATFORM])
                | Q(subject=Subject.COMMUNITY, kind__in=KINDS[Subject.COMMUNITY]),
                name="suggestion_kind_of_its_subject",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=SuggestionState.RECEIVED,
                    answered_at=None,
                    answered_by=None,
                    outcome="",
                    answer="",
                    case=None,
                )
                | Q(state=SuggestionState.ANSWERED, answered_at__isnull=False, case=None)
                & ~Q(outcome="")
                & ~Q(answer="")
                | Q(
                    state=SuggestionState.HANDED_OVER,
                    answered_at__isnull=False,
                    case__isnull=False,
                    outcome="",
                ),
                name="suggestion_answered_in_words",
            ),
            models.CheckConstraint(
                condition=~Q(subject=Subject.PLATFORM) | Q(contributor=None),
                name="suggestion_on_platform_names_no_resident",
            ),
            # the grid of a grid worker would be the worker's name
            models.CheckConstraint(
                condition=~Q(subject=Subject.PLATFORM, author=None)
                | Q(street=None, community=None, grid=None),
                name="suggestion_unsigned_tells_no_post",
            ),
            models.CheckConstraint(
                condition=Q(published=False)
                | Q(subject=Subject.COMMUNITY, state=SuggestionState.ANSWERED),
                name="suggestion_published_with_its_answer",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class SuggestionAction(models.TextChoices):
    COLLECT = "collect", _("收到建议")
    REASSIGN = "reassign", _("转交答复")
    ANSWER = "answer", _("答复")
    HAND_OVER = "hand_over", _("转为事件")
    PUBLISH = "publish", _("公开建议")
    WITHDRAW = "withdraw", _("撤回公开")
    OVERDUE = "overdue", _("超期")


@append_only
class SuggestionStep(models.Model):
    """A line of a suggestion's history, only ever appended; nobody stands by an unsigned one."""

    suggestion = models.ForeignKey(
        Suggestion, models.PROTECT, related_name="steps", verbose_name=_("建议")
    )
    action = models.CharField(_("动作"), max_length=12, choices=SuggestionAction.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("经办人"),
    )
    at = models.DateTimeField(_("时间"))
    note = models.TextField(_("说明"), max_length=2000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("建议经过")

    def __str__(self) -> str:
        return f"{self.action} #{self.suggestion_id}"
