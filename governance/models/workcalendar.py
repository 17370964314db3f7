"""The working calendar as data: days that differ from the week, and the hours of a working day."""

from __future__ import annotations

from datetime import time

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from governance.reference import versioned


def check_spans(spans: object) -> None:
    """Refuse anything but [["08:30", "12:00"], …]: times in order, without overlap."""
    if not isinstance(spans, list):
        raise ValidationError(_('请按 [["08:30", "12:00"], ["13:30", "17:30"]] 填写时段。'))
    previous = time.min
    for span in spans:
        start, end = read_span(span)
        if not previous <= start < end:
            raise ValidationError(_("时段“%(span)s”须按先后排列且不重叠。"), params={"span": span})
        previous = end


def read_span(span: object) -> tuple[time, time]:
    """["08:30", "12:00"] as times of the wall clock: one with a zone compares with none."""
    try:
        start, end = map(time.fromisoformat, span if isinstance(span, list) else ())
        if start.tzinfo or end.tzinfo:
            raise ValueError
    except (TypeError, ValueError):
        raise ValidationError(_("时段“%(span)s”不是起止时间。"), params={"span": span}) from None
    return start, end


class DayKind(models.TextChoices):
    WORK = "work", _("工作日（调休）")
    REST = "rest", _("休息日")


@tracked()
class CalendarDay(models.Model):
    """A day that is not what its weekday says: a public holiday or a make-up working day."""

    day = models.DateField(_("日期"), unique=True)
    kind = models.CharField(_("性质"), max_length=10, choices=DayKind.choices)
    name = models.CharField(_("说明"), max_length=40, blank=True)
    spans = models.JSONField(
        _("当日时段"),
        null=True,
        blank=True,
        validators=[check_spans],
        help_text=_("空则按通用工时。"),
    )
    edited = models.BooleanField(
        _("人工维护"), default=True, help_text=_("再次装载国务院放假安排时不覆盖。")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("日历日")
        triggers = [versioned("calendar")]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"


@tracked()
class CalendarYear(models.Model):
    """A year whose holidays are known; deadlines in any other year are provisional."""

    year = models.PositiveSmallIntegerField(_("年份"), unique=True)
    source = models.CharField(_("来源"), max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = _("已公布年份")
        triggers = [versioned("calendar")]

    def __str__(self) -> str:
        return str(self.year)


@tracked()
class WorkingHours(models.Model):
    """The spans of a working day from a date on."""

    valid_from = models.DateField(_("起用日期"), unique=True)
    spans = models.JSONField(_("工作时段"), validators=[check_spans])

    class Meta:
        verbose_name = verbose_name_plural = _("工作时间")
        triggers = [versioned("calendar")]

    def __str__(self) -> str:
        return str(self.valid_from)
