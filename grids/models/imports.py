"""An import of buildings or houses: the file, what its columns mean, how far it is, what was
refused."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from governance.models.table_jobs import COUNTERS, TableJob, counts_every_row, waiting_index


class ImportKind(models.TextChoices):
    BUILDINGS = "buildings", _("楼栋")
    HOUSES = "houses", _("房屋")


# What the first rows say is not for the history, which keeps it for good.
@tracked(exclude=("sample",), quiet=COUNTERS)
class PlaceImport(TableJob):
    """A file of buildings or of houses."""

    kind = models.CharField(_("内容"), max_length=12, choices=ImportKind.choices)
    # Of the first rows what the mapped columns say, as the page shows it; gone with the file.
    sample = models.JSONField(_("预览"), default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("楼栋房屋导入")
        indexes = [waiting_index("place_import_waiting")]
        constraints = [counts_every_row("place_import_counts_every_row")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.file_name}"


class RefusedRow(models.Model):
    """Of a row that was not taken what the mapped columns say, and why; for a week."""

    job = models.ForeignKey(
        PlaceImport, models.PROTECT, related_name="refused_rows", verbose_name=_("导入")
    )
    line = models.PositiveIntegerField(_("行"))
    cells = models.JSONField(_("内容"))
    why = models.CharField(_("原因"), max_length=400)

    class Meta:
        verbose_name = verbose_name_plural = _("被拒绝的行")

    def __str__(self) -> str:
        return f"{self.line} · {self.why}"
