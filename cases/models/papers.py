"""Running numbers of papers: by kind, issuing unit and year."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.models import Unit


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
