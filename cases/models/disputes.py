"""A dispute (矛盾纠纷) beside its case: parties, sessions, what was agreed, and its keeping."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from governance.history import tracked
from governance.models import PersonalRow, Unit
from governance.personal import EncryptedTextField

ASKING_DAYS = 30  # 人民调解法 33: so long may both parties ask the court to confirm


class Track(models.TextChoices):
    PEOPLE = "people", _("人民调解")
    ADMINISTRATIVE = "administrative", _("行政调解")
    JUDICIAL = "judicial", _("司法调解")


class DisputeOutcome(models.TextChoices):
    AGREED_WRITTEN = "agreed_written", _("达成书面协议")
    AGREED_ORAL = "agreed_oral", _("达成口头协议")
    FAILED = "failed", _("调解不成")
    WITHDRAWN = "withdrawn", _("撤回申请")
    REFUSED = "refused", _("当事人不同意调解")


AGREED = (DisputeOutcome.AGREED_WRITTEN, DisputeOutcome.AGREED_ORAL)


class Side(models.TextChoices):
    APPLICANT = "applicant", _("申请人")
    RESPONDENT = "respondent", _("被申请人")


@tracked()
class Dispute(models.Model):
    """What is asked for, on which track, and what came of it. Written by cases/disputes.py."""

    case = models.OneToOneField(
        Case, models.PROTECT, related_name="dispute", verbose_name=_("事件")
    )
    request = models.TextField(_("调解请求"), max_length=2000)
    track = models.CharField(_("调解方式"), max_length=16, choices=Track.choices)
    track_unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("主持单位"),
    )
    mediators = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("调解员")
    )
    opened_at = models.DateTimeField(_("登记时间"))
    due_at = models.DateTimeField(_("调解期限"))
    outcome = models.CharField(
        _("调解结果"), max_length=16, choices=DisputeOutcome.choices, blank=True
    )
    ended_at = models.DateTimeField(_("调解结束"), null=True)
    # 28: of an oral agreement too, what was agreed is written down.
    terms = models.TextField(_("协议内容"), max_length=4000, blank=True)
    # The thirty days of the law run to the day on which both ask the court.
    court_confirmed_on = models.DateField(_("申请司法确认日期"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("矛盾纠纷")
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(ended_at=None), name="dispute_open"),
            models.Index(fields=["ended_at"], name="dispute_ended"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | Q(ended_at__isnull=False) & ~Q(outcome=""),
                name="dispute_ended_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=AGREED) | ~Q(terms=""), name="dispute_agreed_has_terms"
            ),
            models.CheckConstraint(
                condition=Q(court_confirmed_on=None) | Q(outcome=DisputeOutcome.AGREED_WRITTEN),
                name="dispute_court_confirms_in_writing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} #{self.case_id}"


@tracked()
class DisputeParty(PersonalRow):
    """One of those who are in dispute, sealed; mediated only with their own word (17)."""

    dispute = models.ForeignKey(
        Dispute, models.PROTECT, related_name="parties", verbose_name=_("矛盾纠纷")
    )
    side = models.CharField(_("身份"), max_length=12, choices=Side.choices)
    name = EncryptedTextField(_("姓名"), mask="name")
    phone = EncryptedTextField(_("电话"), mask="phone")
    added_at = models.DateTimeField(_("登记时间"))
    consent = models.BooleanField(_("同意调解"), null=True)
    consent_at = models.DateTimeField(_("表示意见时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("纠纷当事人")
        constraints = [
            models.CheckConstraint(
                condition=Q(consent=None, consent_at=None)
                | Q(consent__isnull=False, consent_at__isnull=False),
                name="dispute_party_consent_has_a_time",
            )
        ]

    def __str__(self) -> str:
        return str(self.name or "—")


@tracked()
class MediationSession(models.Model):
    """One sitting: where and when, who came, what was said."""

    dispute = models.ForeignKey(
        Dispute, models.PROTECT, related_name="sessions", verbose_name=_("矛盾纠纷")
    )
    held_at = models.DateTimeField(_("调解时间"))
    place = models.CharField(_("调解地点"), max_length=200)
    minutes = models.TextField(_("调解笔录"), max_length=4000)
    present = models.ManyToManyField(DisputeParty, related_name="+", verbose_name=_("到场当事人"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("记录人")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("调解记录")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} #{self.dispute_id}"


@tracked()
class Obligation(models.Model):
    """What one party has undertaken to do by a day, and the visit that saw to it (31)."""

    dispute = models.ForeignKey(
        Dispute, models.PROTECT, related_name="obligations", verbose_name=_("矛盾纠纷")
    )
    party = models.ForeignKey(
        DisputeParty, models.PROTECT, related_name="obligations", verbose_name=_("履行人")
    )
    what = models.CharField(_("履行内容"), max_length=400)
    due_on = models.DateField(_("履行期限"))
    fulfilled_at = models.DateTimeField(_("履行时间"), null=True)
    visited_at = models.DateTimeField(_("回访时间"), null=True)
    visit = models.CharField(_("回访情况"), max_length=400, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("协议履行")
        constraints = [
            models.CheckConstraint(
                condition=Q(fulfilled_at=None) | Q(visited_at=F("fulfilled_at")),
                name="obligation_fulfilled_was_visited",
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} #{self.dispute_id}"
