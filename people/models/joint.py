"""联户单位: some neighbouring households, and the one among them who keeps in touch with all."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from grids.models.places import Located
from people.models.persons import Household, Person


@tracked(walled=True)
class JointUnit(Located):
    """Neighbouring households of a grid with their head (联户长)."""

    name = models.CharField(_("名称"), max_length=60)
    head = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("联户长"))
    began_on = models.DateField(_("成立日期"))
    ended_on = models.DateField(_("撤销日期"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("联户单位")
        indexes = [models.Index(fields=["grid", "id"], name="joint_unit_of_grid")]
        constraints = [
            models.UniqueConstraint(
                fields=["grid", "name"],
                condition=Q(ended_on=None),
                name="joint_unit_once_a_grid",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="joint_unit_has_a_name"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("began_on")),
                name="joint_unit_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@tracked(walled=True)
class JointMember(models.Model):
    """A household in a joint unit from a day to a day."""

    unit = models.ForeignKey(
        JointUnit, models.PROTECT, related_name="members", verbose_name=_("联户单位")
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="joint_members", verbose_name=_("住户")
    )
    began_on = models.DateField(_("加入日期"))
    ended_on = models.DateField(_("退出日期"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("联户成员")
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(ended_on=None),
                name="joint_member_of_one_unit",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("began_on")),
                name="joint_member_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
