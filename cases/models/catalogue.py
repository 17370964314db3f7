"""The item catalogue (事项清单): what may be reported, who handles it, by when, and who is told."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.history import tracked
from governance.models import Unit, UnitKind
from governance.reference import versioned
from governance.workcalendar import LimitUnit


class Stage(models.TextChoices):
    """What a limit is set for: the stages of the work, and the whole promised to who reported."""

    ACCEPT = "accept", _("受理")
    DISPATCH = "dispatch", _("派遣")
    RULE = "rule", _("裁定")
    SIGN = "sign", _("签收")
    HANDLE = "handle", _("处置")
    REWORK = "rework", _("返工")
    JOINT = "joint", _("联合处置")
    VERIFY = "verify", _("核查")
    CLOSE = "close", _("结案")
    ANSWER = "answer", _("回告")
    PROMISE = "promise", _("对外承诺")


class Severity(models.TextChoices):
    """督办: the lightest first."""

    PLAIN = "plain", _("普通督办")
    YELLOW = "yellow", _("黄牌督办")
    RED = "red", _("红牌督办")


class Form(models.TextChoices):
    COMPONENT = "component", _("部件")
    EVENT = "event", pgettext_lazy("form of an item", "事件")


class Remit(models.TextChoices):
    BASIC = "basic", _("基本履职")
    SUPPORT = "support", _("配合履职")
    UPPER = "upper", _("上级收回")


class DispatchMode(models.TextChoices):
    AUTOMATIC = "automatic", _("自动派遣")
    MANUAL = "manual", _("人工派遣")


class Dated(models.Model):
    """A row of the configuration that holds from a day on: of those that speak of one thing, the
    newest that has begun, until its own last day (cases/dated.py)."""

    valid_from = models.DateField(_("自"), null=True, blank=True, help_text=_("不填为自始"))
    valid_to = models.DateField(_("至"), null=True, blank=True, help_text=_("不含当日；不填为不限"))

    class Meta:
        abstract = True


def ends_after_it_began(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
        name=name,
        violation_error_message=_("结束须晚于开始。"),
    )


def once_from_a_day(*fields: str, name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=[*fields, "valid_from"],
        name=name,
        nulls_distinct=False,
        violation_error_message=_("同一天起已有一行。"),
    )


def lasts(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(amount__gt=0),
        name=name,
        violation_error_message=_("时限须大于 0。"),
    )


@tracked()
class ItemClass(models.Model):
    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    name_en = models.CharField(_("英文名称"), max_length=80)

    class Meta:
        verbose_name = verbose_name_plural = _("事项大类")
        triggers = [versioned("items")]

    def __str__(self) -> str:
        return self.name


@tracked()
class Ladder(models.Model):
    """Whom an overdue case climbs to, and when: steps counted from the moment it was due."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    # Until a row from a day on says otherwise.
    remind_percent = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("临期提醒（时限的百分比）"),
        default=list,
    )

    class Meta:
        verbose_name = verbose_name_plural = _("升级阶梯")
        triggers = [versioned("items")]

    def __str__(self) -> str:
        return self.name


@tracked()
class LadderReminder(Dated):
    """At which other shares of a limit the ladder reminds, from a day on."""

    ladder = models.ForeignKey(
        Ladder, models.PROTECT, related_name="reminders", verbose_name=_("升级阶梯")
    )
    percent = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("临期提醒（时限的百分比）"),
        default=list,
        blank=True,
    )

    class Meta:
        verbose_name = verbose_name_plural = _("临期提醒")
        triggers = [versioned("items")]
        constraints = [
            once_from_a_day("ladder", name="ladder_reminder_once_from_a_day"),
            ends_after_it_began("ladder_reminder_ends_after_it_began"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=False),
                name="ladder_reminder_begins",
                violation_error_message=_("请填写自哪一天起。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ladder} {self.percent}"


@tracked()
class LadderStep(Dated):
    ladder = models.ForeignKey(
        Ladder, models.PROTECT, related_name="steps", verbose_name=_("升级阶梯")
    )
    step = models.PositiveSmallIntegerField(_("级次"))
    after = models.PositiveSmallIntegerField(_("超期后"))
    unit = models.CharField(_("单位"), max_length=20, choices=LimitUnit.choices)
    to = models.CharField(
        _("升级到"),
        max_length=20,
        choices=[
            (kind.value, kind.label)
            for kind in (UnitKind.COMMUNITY, UnitKind.STREET, UnitKind.DISTRICT)
        ],
    )

    severity = models.CharField(_("同时督办"), max_length=8, choices=Severity.choices, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("升级步骤")
        triggers = [versioned("items")]
        constraints = [
            once_from_a_day("ladder", "step", name="ladder_step_once_from_a_day"),
            ends_after_it_began("ladder_step_ends_after_it_began"),
        ]

    def __str__(self) -> str:
        return f"{self.ladder} {self.step}"


@tracked()
class Item(Dated):
    """One thing that can be wrong, with its conditions, department, limits and ladder."""

    code = models.CharField(_("编码"), max_length=20, unique=True)
    item_class = models.ForeignKey(
        ItemClass, models.PROTECT, related_name="items", verbose_name=_("大类")
    )
    name = models.CharField(_("名称"), max_length=60, unique=True)
    name_en = models.CharField(_("英文名称"), max_length=120)
    form = models.CharField(_("形态"), max_length=20, choices=Form.choices)
    words = ArrayField(
        models.CharField(max_length=20), verbose_name=_("常用说法"), default=list, blank=True
    )
    remit = models.CharField(_("履职类别"), max_length=20, choices=Remit.choices)
    upper_department = models.CharField(_("上级牵头部门"), max_length=60, blank=True)
    admission = models.CharField(_("立案条件"), max_length=300)
    closing = models.CharField(_("结案条件"), max_length=300)
    department = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name=_("主责部门")
    )
    joint = models.ManyToManyField(Unit, related_name="+", blank=True, verbose_name=_("配合部门"))
    dispatch = models.CharField(_("派遣方式"), max_length=20, choices=DispatchMode.choices)
    ladder = models.ForeignKey(Ladder, models.PROTECT, verbose_name=_("升级阶梯"))
    photo_before = models.BooleanField(_("上报须附照片"), default=False)
    photo_after = models.BooleanField(_("办结须附照片"), default=False)
    source = models.CharField(_("依据"), max_length=400)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("事项")
        triggers = [versioned("items")]
        constraints = [
            models.CheckConstraint(
                condition=Q(remit=Remit.BASIC) | ~Q(upper_department=""),
                name="item_of_upper_remit_names_who_leads",
                violation_error_message=_("配合履职、上级收回的事项须写明上级牵头部门。"),
            ),
            ends_after_it_began("item_ends_after_it_began"),
        ]

    def __str__(self) -> str:
        return self.name


@tracked()
class ItemLimit(Dated):
    item = models.ForeignKey(Item, models.PROTECT, related_name="limits", verbose_name=_("事项"))
    stage = models.CharField(_("阶段"), max_length=20, choices=Stage.choices)
    amount = models.PositiveSmallIntegerField(_("时限"))
    unit = models.CharField(_("单位"), max_length=20, choices=LimitUnit.choices)

    class Meta:
        verbose_name = verbose_name_plural = _("时限")
        triggers = [versioned("items")]
        constraints = [
            once_from_a_day("item", "stage", name="item_limit_once_a_stage_from_a_day"),
            ends_after_it_began("item_limit_ends_after_it_began"),
            lasts("item_limit_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.amount} {self.get_unit_display()}"
