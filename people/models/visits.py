"""走访: what was planned, who was at which door, and the sheets that the platform writes of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from governance.models import PersonalRow
from governance.personal import EncryptedTextField
from grids.models.places import Located
from people.models.persons import Household


class VisitAim(models.TextChoices):
    """One visit serves several aims at once, so that nobody is asked twice."""

    CARE = "care", _("关心走访")
    CHECK = "check", _("核对登记")
    SAFETY = "safety", _("安全提醒")
    SERVICE = "service", _("代办服务")
    SUPPORT = "support", _("帮扶计划")
    FOLLOW_UP = "follow_up", _("回头看")


@tracked(walled=True)
class VisitPlan(Located):
    """Each household of a territory once in so many weeks, or once for an occasion."""

    name = models.CharField(_("名称"), max_length=60)
    aims = ArrayField(
        models.CharField(max_length=12, choices=VisitAim.choices), verbose_name=_("走访目的")
    )
    # None: once between the two days.
    every_weeks = models.PositiveSmallIntegerField(_("每几周一次"), null=True, blank=True)
    begins_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("结束日期"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("制定人")
    )
    made_at = models.DateTimeField(_("制定时间"))
    # Given up before its day, or never having had one.
    ended_at = models.DateTimeField(_("停止时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("走访计划")
        constraints = [
            models.CheckConstraint(
                condition=Q(every_weeks__gt=0) | Q(every_weeks=None, ends_on__isnull=False),
                name="visit_plan_repeats_or_ends",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("begins_on")),
                name="visit_plan_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~Q(aims=[]), name="visit_plan_has_an_aim"),
        ]

    def __str__(self) -> str:
        return self.name


class Skipped(models.TextChoices):
    ABSENT = "absent", _("家中无人")
    DECLINED = "declined", _("本户谢绝")
    UNSUITABLE = "unsuitable", _("时间不便")


class VisitWords(PersonalRow):
    """What was said at a door: sealed with a key of its own."""

    note = EncryptedTextField(_("走访记录"), mask="hidden")

    class Meta:
        verbose_name = verbose_name_plural = _("走访记录")

    def __str__(self) -> str:
        return str(self.note or "—")


@tracked(walled=True)
class Visit(Located):
    """At a household's door: what it was for, or why it did not come about."""

    number = models.CharField(_("编号"), max_length=20, unique=True)
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="visits", verbose_name=_("住户")
    )
    aims = ArrayField(
        models.CharField(max_length=12, choices=VisitAim.choices), verbose_name=_("走访目的")
    )
    visited_at = models.DateTimeField(_("走访时间"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("走访人")
    )
    skipped = models.CharField(_("未走访原因"), max_length=12, choices=Skipped.choices, blank=True)
    words = models.OneToOneField(
        VisitWords, models.PROTECT, null=True, related_name="visit", verbose_name=_("走访记录")
    )
    # When somebody comes again: a timer reminds; the next visit to the household ends it.
    follow_up_on = models.DateField(_("回访日期"), null=True, blank=True)
    followed_at = models.DateTimeField(_("已回访"), null=True)
    # The form's own id: sent twice, it is one visit.
    key = models.UUIDField(null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("走访")
        indexes = [
            models.Index(fields=["household", "-visited_at"], name="visit_of_household"),
            models.Index(fields=["grid", "-visited_at"], name="visit_of_grid"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(aims=[]), name="visit_has_an_aim"),
            models.CheckConstraint(
                condition=Q(followed_at=None) | Q(follow_up_on__isnull=False),
                name="visit_followed_what_was_to_be",
            ),
            models.UniqueConstraint(fields=["by", "key"], name="visit_once_by_key"),
        ]

    def __str__(self) -> str:
        return self.number


class Period(models.TextChoices):
    WEEK = "week", _("周分析")
    MONTH = "month", _("月汇总")


@tracked(walled=True)
class Sheet(Located):
    """周分析、月汇总 of a grid: the figures are the platform's, the words the worker's."""

    period = models.CharField(_("周期"), max_length=8, choices=Period.choices)
    begins_on = models.DateField(_("自"))
    ends_on = models.DateField(_("至"))
    # [{"name": …, "value": n, "of": m or None}], as people/sheets.py computed them.
    figures = models.JSONField(_("数据"), default=list)
    made_at = models.DateTimeField(_("生成时间"))
    comment = models.TextField(_("网格员说明"), max_length=1000, blank=True)
    commented_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    commented_at = models.DateTimeField(_("说明时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("周分析、月汇总")
        constraints = [
            models.UniqueConstraint(
                fields=["grid", "period", "begins_on"], name="sheet_once_a_grid_and_period"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("begins_on")), name="sheet_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        first, last = self.begins_on, self.ends_on
        when = f"{first:%Y-%m}" if self.period == Period.MONTH else f"{first} – {last:%m-%d}"
        return f"{self.get_period_display()} {when}"
