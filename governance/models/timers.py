"""Everything that is due is a row; the sweep (governance/timers.py) fires it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

OPEN = Q(fired_at=None, cancelled_at=None)


class TimerQuerySet(models.QuerySet["Timer"]):
    def open(self) -> Self:
        return self.filter(OPEN)

    def due(self, now: datetime) -> Self:
        """Open ones to knock on, parked ones left out."""
        return self.open().filter(parked_at=None, knock_at__lte=now)

    def parked(self) -> Self:
        return self.open().filter(parked_at__isnull=False)


class Timer(models.Model):
    """One thing to do at `due_at`; the sweep looks next at `knock_at` (later after a failure)."""

    kind = models.CharField(_("种类"), max_length=40)
    subject_id = models.BigIntegerField(_("对象"))
    level = models.SmallIntegerField(_("级次"), default=0)
    due_at = models.DateTimeField(_("到期时间"))
    knock_at = models.DateTimeField(_("下次处理"))
    fired_at = models.DateTimeField(_("触发时间"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("取消时间"), null=True, blank=True)
    parked_at = models.DateTimeField(_("搁置时间"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("失败次数"), default=0)
    last_error = models.CharField(_("最近错误"), max_length=300, blank=True)

    objects = TimerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("计时器")
        indexes = [
            models.Index(
                fields=["knock_at"], condition=OPEN & Q(parked_at=None), name="timer_sweep"
            ),
            models.Index(
                fields=["parked_at"],
                condition=OPEN & Q(parked_at__isnull=False),
                name="timer_parked",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_id", "kind", "level"],
                condition=OPEN,
                name="timer_one_open_a_subject",
            ),
            models.CheckConstraint(
                condition=Q(fired_at=None) | Q(cancelled_at=None), name="timer_fired_or_cancelled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} {self.due_at:%Y-%m-%d %H:%M}"


class Heartbeat(models.Model):
    """When a background job last ran through."""

    name = models.CharField(_("任务"), max_length=40, primary_key=True)
    at = models.DateTimeField(_("最近运行"))

    class Meta:
        verbose_name = verbose_name_plural = _("后台心跳")

    def __str__(self) -> str:
        return self.name
