"""An import of people or organisations: what the file says lies sealed, and is gone when the import
is over."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from governance.models import PersonalRow
from governance.models.table_jobs import COUNTERS, TableJob, counts_every_row, waiting_index
from governance.personal import EncryptedTextField


class ImportKind(models.TextChoices):
    PEOPLE = "people", _("人口")
    ENTITIES = "entities", _("法人单位")


class ImportWords(PersonalRow):
    """The first rows of a file, as JSON; the file itself is sealed with the same key."""

    sample = EncryptedTextField(_("前几行"), mask="hidden")

    class Meta:
        verbose_name = verbose_name_plural = _("导入文件的内容")

    def __str__(self) -> str:
        return f"#{self.pk}"


# What it is a file of never changes, and stands on the row.
@tracked(exclude=("kind",), quiet=(*COUNTERS, "alike"))
class PeopleImport(TableJob):
    """A file of people or of organisations, from the upload to the last row
    (people/import_jobs.py)."""

    kind = models.CharField(
        _("内容"), max_length=12, choices=ImportKind.choices, default=ImportKind.PEOPLE
    )

    words = models.OneToOneField(
        ImportWords, models.PROTECT, related_name="job", verbose_name=_("文件内容")
    )
    # Rows that look like somebody who is registered, whether they were taken or not.
    alike = models.PositiveIntegerField(_("疑似重复"), default=0)
    # Whether those are left out until somebody has looked.
    holds_alike = models.BooleanField(_("疑似重复的先不导入"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("人口导入")
        indexes = [waiting_index("people_import_waiting")]
        constraints = [counts_every_row("people_import_counts_every_row")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How records of looks name it."""
        return f"DR{self.pk:06d}"


class ImportedRows(PersonalRow):
    """Of a batch, the rows that were refused or look like somebody, as JSON: each with its line,
    its cells and why."""

    job = models.ForeignKey(
        PeopleImport, models.PROTECT, related_name="findings", verbose_name=_("导入")
    )
    first_line = models.PositiveIntegerField(_("首行"))
    rows = EncryptedTextField(_("行"), mask="hidden")

    class Meta:
        verbose_name = verbose_name_plural = _("导入中待核对的行")

    def __str__(self) -> str:
        return f"#{self.pk}"
