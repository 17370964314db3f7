"""A person, as little as the work takes, all of it sealed; and where the person lives.

Nothing else belongs on a person's row: what concerns health, care or hardship has a table and a
permission of its own. Who may see a person follows from where the person lives now.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from governance.models import PersonalRow
from governance.personal import EncryptedTextField
from grids.models import House
from grids.models.places import Located
from people.identifiers import DocumentKind


@tracked(exclude=("document_index", "marks"), walled=True)
class Person(PersonalRow):
    """One person, once; a merged row names the one that stays."""

    name = EncryptedTextField(_("姓名"), mask="name")
    document_kind = models.CharField(_("证件种类"), max_length=20, choices=DocumentKind.choices)
    document_number = EncryptedTextField(_("证件号码"), mask="document")
    birth_date = EncryptedTextField(_("出生日期"), mask="hidden")  # ISO 8601
    sex = EncryptedTextField(_("性别"), mask="hidden")  # GB/T 2261.1
    phone = EncryptedTextField(_("电话"), mask="phone")
    other_phone = EncryptedTextField(_("其他电话"), mask="phone")
    contact_name = EncryptedTextField(_("联系人"), mask="name")
    contact_phone = EncryptedTextField(_("联系人电话"), mask="phone")
    # What the row is found by (people/marks.py): HMACs, nothing of which can be read back.
    document_index = models.BinaryField(null=True, editable=False)
    marks = ArrayField(models.BigIntegerField(), default=list, editable=False)
    version = models.PositiveIntegerField(default=1)
    registered_at = models.DateTimeField(_("登记时间"))
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("登记人"),
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged", verbose_name=_("并入")
    )
    erased_at = models.DateTimeField(_("删除时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("人员")
        # without a list of what is pending, which each look-up of an import would read through
        indexes = [GinIndex(fields=["marks"], name="person_marks", fastupdate=False)]
        constraints = [
            models.UniqueConstraint(
                fields=["document_index"],
                condition=Q(merged_into=None),
                name="person_once_a_document",
            ),
            models.CheckConstraint(
                condition=~Q(document_kind=DocumentKind.NONE) | Q(document_index=None),
                name="person_without_document_has_no_number",
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=F("pk")), name="person_not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None) | Q(document_index=None, marks=[]),
                name="person_erased_is_found_by_nothing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.name or "—")


@tracked(walled=True)
class Household(Located):
    """户: who lives together in a house; joint-household units and visits speak of it."""

    house = models.ForeignKey(
        House, models.PROTECT, related_name="households", verbose_name=_("房屋")
    )
    head = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("户主")
    )
    # What a file calls it in its house, by which it is known again. None where none did: a column
    # that is new must add nothing to what the history has sealed.
    number = models.CharField(_("户号"), max_length=20, null=True, blank=True)
    began_on = models.DateField(_("入住日期"))
    ended_on = models.DateField(_("搬离日期"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("住户")
        indexes = [models.Index(fields=["grid", "id"], name="household_of_grid")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("began_on")),
                name="household_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["house", "number"],
                condition=Q(ended_on=None),
                name="household_once_a_number",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="household_number_says_something"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ResidencyKind(models.TextChoices):
    RESIDENT = "resident", _("常住")
    FLOATING = "floating", _("流动")
    TENANT = "tenant", _("租住")


class Relation(models.TextChoices):
    """To the head of the household: GB/T 4761, the few that the work asks for."""

    HEAD = "head", _("户主")
    SPOUSE = "spouse", _("配偶")
    CHILD = "child", _("子女")
    PARENT = "parent", _("父母")
    GRANDCHILD = "grandchild", _("孙辈")
    RELATIVE = "relative", _("其他亲属")
    OTHER = "other", _("非亲属")


class Leaving(models.TextChoices):
    MOVED = "moved", _("搬离")
    DIED = "died", _("死亡")
    MISTAKE = "mistake", _("登记有误")


@tracked(walled=True)
class Residency(Located):
    """人来登记、人走注销: a person in a household from a day to a day."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="residencies", verbose_name=_("人员")
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="residencies", verbose_name=_("住户")
    )
    kind = models.CharField(_("居住类别"), max_length=12, choices=ResidencyKind.choices)
    relation = models.CharField(
        _("与户主关系"), max_length=12, choices=Relation.choices, default=Relation.OTHER
    )
    began_on = models.DateField(_("来此日期"))
    ended_on = models.DateField(_("离开日期"), null=True)
    leaving = models.CharField(_("离开原因"), max_length=12, choices=Leaving.choices, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("居住登记")
        indexes = [
            models.Index(
                fields=[f"{level}", "id"],
                condition=Q(ended_on=None),
                name=f"residency_of_{level}",
            )
            for level in ("district", "street", "community", "grid")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "household"],
                condition=Q(ended_on=None),
                name="residency_once_a_household",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, leaving="")
                | Q(ended_on__gte=F("began_on")) & ~Q(leaving=""),
                name="residency_ends_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
