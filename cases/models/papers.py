"""Papers of cases and service requests: their running numbers, the office's Word templates, what
was made; and the standard texts of moves."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.catalogue import Dated, Item, ends_after_it_began
from cases.models.joint import Finding
from cases.models.services import ServiceRequest
from governance.history import append_only, tracked
from governance.models import PersonalRow, Unit
from governance.personal import EncryptedTextField
from governance.reference import versioned


class Serial(models.Model):
    """The last number given; taken by one statement (cases/numbering.py), so never twice."""

    kind = models.SlugField(_("文书"), max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    year = models.PositiveSmallIntegerField(_("年度"))
    last = models.PositiveIntegerField(_("最后编号"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("文书编号")
        constraints = [
            models.UniqueConstraint(fields=["kind", "unit", "year"], name="serial_once_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class PaperKind(models.TextChoices):
    DISPOSAL_SHEET = "disposal_sheet", _("处置单")
    ACCEPTANCE_NOTICE = "acceptance_notice", _("受理告知书")
    RECTIFICATION_ORDER = "rectification_order", _("责令整改通知书")
    MEDIATION_AGREEMENT = "mediation_agreement", _("调解协议书")
    MANDATE = "mandate", _("委托书")
    COMPLETION_NOTE = "completion_note", _("办结单")
    # of a service request
    SERVICE_MANDATE = "service_mandate", _("代办委托书")
    SERVICE_NOTICE = "service_notice", _("代办受理告知书")


OF_SERVICE = (PaperKind.SERVICE_MANDATE, PaperKind.SERVICE_NOTICE)


def template_path(template: Any, filename: str) -> str:
    return f"paper_templates/{uuid.uuid4()}.docx"


@tracked()
class PaperTemplate(models.Model):
    """The office's own layout of a kind; of those in force the newest is used, without one the
    layout that comes with the platform (cases/data/papers)."""

    kind = models.CharField(_("文书"), max_length=20, choices=PaperKind.choices)
    name = models.CharField(_("名称"), max_length=60)
    file = models.FileField(_("Word 模板"), upload_to=template_path)
    valid_from = models.DateField(_("自"))
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("文书模板")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "valid_from"],
                condition=Q(is_active=True),
                name="paper_template_one_a_day",
                violation_error_message=_("该文书在这一天已有启用的模板。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


def paper_path(paper: Any, filename: str) -> str:
    return f"papers/{paper.pk.hex[:2]}/{paper.pk}.docx"


@append_only
class Paper(PersonalRow):
    """A paper as it was made. Never changed: what is wrong in it is put right by another one."""

    # what it is about: one of the two
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, related_name="papers", verbose_name=_("事件")
    )
    service = models.ForeignKey(
        ServiceRequest,
        models.PROTECT,
        null=True,
        related_name="papers",
        verbose_name=_("办事代办"),
    )
    kind = models.CharField(_("文书"), max_length=20, choices=PaperKind.choices)
    number = models.CharField(_("文书编号"), max_length=100)
    finding = models.ForeignKey(
        Finding, models.PROTECT, null=True, related_name="papers", verbose_name=_("检查发现")
    )
    file = models.FileField(_("文件"), upload_to=paper_path)
    sha256 = models.CharField(_("校验值"), max_length=64)
    # What it says, field by field, as JSON: printed again it says the same.
    content = EncryptedTextField(_("内容"), mask="name")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("制作人")
    )
    made_at = models.DateTimeField(_("制作时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("文书")
        constraints = [
            # with the kind: the number of an order may be typed by hand and look like another's
            models.UniqueConstraint(fields=["kind", "number"], name="paper_number_once"),
            models.CheckConstraint(
                condition=Q(case__isnull=False, service=None) & ~Q(kind__in=OF_SERVICE)
                | Q(case=None, service__isnull=False, finding=None, kind__in=OF_SERVICE),
                name="paper_of_a_case_or_a_service",
            ),
        ]

    def __str__(self) -> str:
        return self.number


@tracked()
class StandardText(Dated):
    """A text offered where a move asks for words; {fields} are filled before the sender sees it. Of
    one name, the newest that has begun is offered."""

    item = models.ForeignKey(
        Item, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("事项")
    )
    action = models.CharField(_("动作"), max_length=20)
    name = models.CharField(_("名称"), max_length=60)
    text = models.TextField(_("文本"), max_length=2000)
    order = models.PositiveSmallIntegerField(_("次序"), default=0)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("标准文本")
        triggers = [versioned("texts")]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "action", "name", "valid_from"],
                nulls_distinct=False,
                name="standard_text_once_from_a_day",
                violation_error_message=_("同一天起已有同名的标准文本。"),
            ),
            ends_after_it_began("standard_text_ends_after_it_began"),
        ]

    def __str__(self) -> str:
        return self.name
