"""出租房: who lets a house until when, and what tenants said of themselves by the house's code."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from governance.models import PersonalRow
from governance.personal import EncryptedTextField
from grids.models import House
from grids.models.places import Located
from people.identifiers import DocumentKind
from people.models.entities import Entity
from people.models.persons import Person


class Landlord(PersonalRow):
    """Who lets a house and is in no register here: sealed with a key of its own."""

    name = EncryptedTextField(_("房东姓名"), mask="name")
    phone = EncryptedTextField(_("房东电话"), mask="phone")

    class Meta:
        verbose_name = verbose_name_plural = _("房东")

    def __str__(self) -> str:
        return str(self.name or "—")


class TenancyState(models.TextChoices):
    DECLARED = "declared", _("已申报")
    CONFIRMED = "confirmed", _("已核对")
    ENDED = "ended", _("已结束")


class DeclaredBy(models.TextChoices):
    PUBLIC = "public", _("租户自行申报")
    WORKER = "worker", _("工作人员登记")


@tracked(walled=True)
class Tenancy(Located):
    """The letting of a house from a day to a day; its tenants are residencies of the house."""

    house = models.ForeignKey(
        House, models.PROTECT, related_name="tenancies", verbose_name=_("房屋")
    )
    # One of the three; none while only the tenants have spoken.
    landlord_person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("房东（人口）")
    )
    landlord_entity = models.ForeignKey(
        Entity, models.PROTECT, null=True, related_name="+", verbose_name=_("房东（单位）")
    )
    landlord = models.OneToOneField(
        Landlord, models.PROTECT, null=True, related_name="tenancy", verbose_name=_("房东")
    )
    began_on = models.DateField(_("起租日期"))
    # The last day of the lease; None: without an end.
    until = models.DateField(_("租期至"), null=True)
    state = models.CharField(
        _("状态"), max_length=12, choices=TenancyState.choices, default=TenancyState.DECLARED
    )
    declared_by = models.CharField(_("登记来源"), max_length=12, choices=DeclaredBy.choices)
    registered_at = models.DateTimeField(_("登记时间"))
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人")
    )
    checked_at = models.DateTimeField(_("核对时间"), null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("核对人"),
    )
    ended_on = models.DateField(_("退租日期"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("租住登记")
        indexes = [models.Index(fields=["grid", "id"], name="tenancy_of_grid")]
        constraints = [
            models.UniqueConstraint(
                fields=["house"],
                condition=~Q(state=TenancyState.ENDED),
                name="tenancy_one_open_a_house",
            ),
            models.CheckConstraint(
                condition=Q(landlord_entity=None, landlord=None)
                | Q(landlord_person=None, landlord=None)
                | Q(landlord_person=None, landlord_entity=None),
                name="tenancy_has_one_landlord",
            ),
            models.CheckConstraint(
                condition=Q(declared_by=DeclaredBy.PUBLIC)
                | Q(landlord_person__isnull=False)
                | Q(landlord_entity__isnull=False)
                | Q(landlord__isnull=False),
                name="tenancy_of_a_worker_names_the_landlord",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("began_on")),
                name="tenancy_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(checked_at=None, checked_by=None)
                | Q(checked_at__isnull=False, checked_by__isnull=False),
                name="tenancy_checked_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=TenancyState.CONFIRMED) | Q(checked_at__isnull=False),
                name="tenancy_confirmed_was_checked",
            ),
            models.CheckConstraint(
                condition=Q(state=TenancyState.ENDED, ended_on__gte=F("began_on"))
                | ~Q(state=TenancyState.ENDED) & Q(ended_on=None),
                name="tenancy_ended_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


@tracked(walled=True)
class HouseCode(Located):
    """By what tenants say on the public page which house they mean; renewed, the old one ends."""

    house = models.ForeignKey(House, models.PROTECT, related_name="codes", verbose_name=_("房屋"))
    code = models.CharField(_("房屋码"), max_length=8)
    made_at = models.DateTimeField(_("生成时间"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("生成人")
    )
    ended_at = models.DateTimeField(_("失效时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("房屋码")
        constraints = [
            models.UniqueConstraint(
                fields=["house"], condition=Q(ended_at=None), name="house_code_one_a_house"
            ),
            models.UniqueConstraint(
                fields=["code"], condition=Q(ended_at=None), name="house_code_of_one_house"
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9]{8}$"), name="house_code_has_8_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class DeclarationState(models.TextChoices):
    WAITING = "waiting", _("待核对")
    CONFIRMED = "confirmed", _("已核对")
    REFUSED = "refused", _("不属实")


@tracked(walled=True)
class TenantDeclaration(PersonalRow, Located):
    """What a tenant says on the public page, until a worker was at the door."""

    # Made by the page: the same form sent twice is one declaration.
    key = models.UUIDField(unique=True, editable=False)
    house = models.ForeignKey(
        House, models.PROTECT, related_name="declarations", verbose_name=_("房屋")
    )
    name = EncryptedTextField(_("姓名"), mask="name")
    document_kind = models.CharField(_("证件种类"), max_length=20, choices=DocumentKind.choices)
    document_number = EncryptedTextField(_("证件号码"), mask="document")
    phone = EncryptedTextField(_("电话"), mask="phone")
    began_on = models.DateField(_("起租日期"))
    until = models.DateField(_("租期至"), null=True)
    declared_at = models.DateTimeField(_("申报时间"))
    state = models.CharField(
        _("状态"),
        max_length=12,
        choices=DeclarationState.choices,
        default=DeclarationState.WAITING,
    )
    decided_at = models.DateTimeField(_("核对时间"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("核对人"),
    )
    reason = models.CharField(_("不属实的理由"), max_length=200, blank=True)
    tenancy = models.ForeignKey(
        Tenancy,
        models.PROTECT,
        null=True,
        related_name="declarations",
        verbose_name=_("租住登记"),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("租住申报")
        indexes = [
            models.Index(
                fields=["grid", "declared_at"],
                condition=Q(state="waiting"),
                name="declaration_waiting",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("began_on")),
                name="declaration_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None, decided_by=None, tenancy=None)
                | Q(state="confirmed", decided_by__isnull=False, tenancy__isnull=False)
                & Q(decided_at__isnull=False)
                | Q(state="refused", decided_by__isnull=False, decided_at__isnull=False)
                & Q(tenancy=None)
                & ~Q(reason=""),
                name="declaration_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name or "—")
