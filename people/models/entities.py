"""法人单位: who runs what where, with its licences and the inspections that it had.

What an organisation is stands in the open; whom to ring there is sealed.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.history import append_only, tracked
from governance.models import PersonalRow
from governance.personal import EncryptedTextField
from grids.models import Building, House
from grids.models.places import Pointed, on_earth

LEVELS = ("district", "street", "community", "grid")


class EntityKind(models.TextChoices):
    ENTERPRISE = "enterprise", _("企业")
    SOLE_TRADER = "sole_trader", _("个体工商户")
    INSTITUTION = "institution", _("事业单位")
    GOVERNMENT = "government", _("机关")
    SOCIAL = "social", _("社会组织")
    COLLECTIVE = "collective", _("农民专业合作社、集体经济组织")
    OTHER = "other", _("其他单位")


class EntityEnd(models.TextChoices):
    CANCELLED = "cancelled", _("注销、停业")
    MOVED = "moved", _("迁出")
    MISTAKE = "mistake", _("登记有误")


class EntityContact(PersonalRow):
    """Whom to ring at an organisation: sealed with a key of its own."""

    name = EncryptedTextField(_("联系人"), mask="name")
    phone = EncryptedTextField(_("联系电话"), mask="phone")

    class Meta:
        verbose_name = verbose_name_plural = _("单位联系人")

    def __str__(self) -> str:
        return str(self.name or "—")


@tracked(walled=True)
class Entity(Pointed):
    """An organisation at its place: in a house, in a building, or at a point of the map."""

    credit_code = models.CharField(_("统一社会信用代码"), max_length=18)
    name = models.CharField(_("单位名称"), max_length=100)
    kind = models.CharField(_("单位类型"), max_length=12, choices=EntityKind.choices)
    house = models.ForeignKey(
        House, models.PROTECT, null=True, related_name="entities", verbose_name=_("房屋")
    )
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, related_name="entities", verbose_name=_("楼栋")
    )
    place = models.CharField(_("位置说明"), max_length=200, blank=True)
    contact = models.OneToOneField(
        EntityContact, models.PROTECT, null=True, related_name="entity", verbose_name=_("联系人")
    )
    staff_count = models.PositiveIntegerField(_("从业人数"), null=True)
    version = models.PositiveIntegerField(default=1)
    registered_at = models.DateTimeField(_("登记时间"))
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人")
    )
    closed_on = models.DateField(_("停业日期"), null=True)
    closing = models.CharField(_("停业原因"), max_length=12, choices=EntityEnd.choices, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("法人单位")
        indexes = [
            models.Index(
                fields=[level, "id"], condition=Q(closed_on=None), name=f"entity_of_{level}"
            )
            for level in LEVELS
        ]
        constraints = [
            on_earth("entity_point_is_on_earth"),
            models.UniqueConstraint(
                fields=["credit_code"], condition=Q(closed_on=None), name="entity_once_a_code"
            ),
            models.CheckConstraint(
                condition=Q(credit_code__regex=r"^[0-9A-Z]{18}$"), name="entity_code_has_18_signs"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="entity_has_a_name"),
            models.CheckConstraint(
                condition=Q(house__isnull=False, building=None, lon=None)
                | Q(house=None, building__isnull=False, lon=None)
                | Q(house=None, building=None, lon__isnull=False),
                name="entity_is_in_one_place",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None, closing="")
                | Q(closed_on__isnull=False) & ~Q(closing=""),
                name="entity_closes_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LicenceKind(models.TextChoices):
    BUSINESS = "business", _("营业执照")
    FOOD = "food", _("食品经营许可证")
    HEALTH = "health", _("卫生许可证")
    FIRE = "fire", _("消防安全检查意见书")
    SPECIAL = "special", _("特种行业许可证")
    HAZARDOUS = "hazardous", _("危险化学品经营许可证")
    MEDICINE = "medicine", _("药品经营、医疗机构许可证")
    SCHOOL = "school", _("办学许可证")
    OTHER = "other", _("其他证照")


@tracked(walled=True)
class Licence(models.Model):
    """证照: what an organisation may do until a day; a renewed one names the one before."""

    entity = models.ForeignKey(
        Entity, models.PROTECT, related_name="licences", verbose_name=_("单位")
    )
    kind = models.CharField(_("证照种类"), max_length=12, choices=LicenceKind.choices)
    number = models.CharField(_("证照编号"), max_length=60)
    issued_on = models.DateField(_("发证日期"))
    # The last day on which it holds; None: without an end.
    expires_on = models.DateField(_("有效期至"), null=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name=_("原证照")
    )
    # Renewed, or given back: no date of it is looked after any more.
    ended_on = models.DateField(_("失效日期"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("证照")
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "kind", "number"],
                condition=Q(ended_on=None),
                name="licence_once_an_entity",
            ),
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gte=F("issued_on")),
                name="licence_expires_after_it_is_issued",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="licence_has_a_number"),
            models.CheckConstraint(
                condition=~Q(replaces=F("pk")), name="licence_does_not_replace_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class InspectionResult(models.TextChoices):
    GOOD = "good", _("未发现问题")
    FIXED = "fixed", _("当场整改")
    PROBLEMS = "problems", _("发现问题")
    CLOSED = "closed", _("未营业")


@append_only
class Inspection(models.Model):
    """检查: who was there, when, and what came of it."""

    entity = models.ForeignKey(
        Entity, models.PROTECT, related_name="inspections", verbose_name=_("单位")
    )
    at = models.DateTimeField(_("检查时间"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("检查人")
    )
    result = models.CharField(_("检查结果"), max_length=12, choices=InspectionResult.choices)
    note = models.CharField(_("检查情况"), max_length=400, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("单位检查")
        indexes = [models.Index(fields=["entity", "-at"], name="inspection_of_entity")]

    def __str__(self) -> str:
        return f"{self.get_result_display()} #{self.pk}"
