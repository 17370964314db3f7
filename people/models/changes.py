"""How what is held about a person came to be: who said it, and what still waits for a yes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from governance.models import PersonalRow
from governance.personal import EncryptedTextField
from grids.models.places import Located
from people.models.persons import Person


class Provenance(models.Model):
    """Who last said a field's value, when and from which surface; the value stays on the person."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="provenance", verbose_name=_("人员")
    )
    field = models.CharField(_("字段"), max_length=30)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("时间"))
    source = models.CharField(_("来自"), max_length=12)

    class Meta:
        verbose_name = verbose_name_plural = _("信息来源")
        constraints = [
            models.UniqueConstraint(fields=["person", "field"], name="provenance_once_a_field")
        ]

    def __str__(self) -> str:
        return self.field


class ChangeKind(models.TextChoices):
    DOCUMENT = "document", _("更正证件")
    DEATH = "death", _("死亡登记")
    MERGE = "merge", _("合并重复登记")


class ChangeState(models.TextChoices):
    WAITING = "waiting", _("待审批")
    GRANTED = "granted", _("已同意")
    REFUSED = "refused", _("不同意")
    LAPSED = "lapsed", _("已失效")  # who it is about is gone


@tracked(walled=True)
class ChangeRequest(PersonalRow, Located):
    """What a worker found on the doorstep and the station lead has to agree to."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="changes", verbose_name=_("人员")
    )
    kind = models.CharField(_("变更"), max_length=12, choices=ChangeKind.choices)
    # {"document_kind": …, "document_number": …}, {"died_on": …} or {"into": …} as one JSON text
    before = EncryptedTextField(_("变更前"), mask="hidden")
    after = EncryptedTextField(_("变更后"), mask="hidden")
    into = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name=_("并入")
    )
    reason = models.CharField(_("理由"), max_length=400)
    state = models.CharField(
        _("状态"), max_length=12, choices=ChangeState.choices, default=ChangeState.WAITING
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("申请人")
    )
    asked_at = models.DateTimeField(_("申请时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("审批时间"), null=True)
    answer = models.CharField(_("审批意见"), max_length=400, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("变更申请")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(state="waiting"),
                name="change_one_waiting_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None)
                | ~Q(state="waiting") & Q(decided_at__isnull=False),
                name="change_decided_when_it_is",
            ),
            models.CheckConstraint(
                condition=Q(kind="merge", into__isnull=False) | ~Q(kind="merge") & Q(into=None),
                name="change_merges_into_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


@tracked(walled=True)
class Merge(models.Model):
    """Two registrations that were one person: what moved, so that a wrong merge can be undone."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("重复登记"))
    into = models.ForeignKey(Person, models.PROTECT, related_name="merges", verbose_name=_("并入"))
    moved = models.JSONField(_("随之转移的居住登记"), default=list)
    ended = models.JSONField(_("随之注销的居住登记"), default=list)
    # The fields that were empty where it was merged into → those of this row that filled them.
    taken = models.JSONField(_("随之补充的信息"), null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("合并时间"))
    undone_at = models.DateTimeField(_("撤销时间"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = _("合并记录")
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(undone_at=None), name="merge_once_a_person"
            ),
            models.CheckConstraint(
                condition=~Q(person=models.F("into")), name="merge_of_two_persons"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
