"""Rows with personal data: a data key of their own, so that erasing the key erases the person."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class DataKey(models.Model):
    """A key wrapped by the master key; destroyed, everything sealed with it is gone for good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wrapped = models.BinaryField(_("密钥密文"))
    # The name of the master key that wraps it (governance/personal.py); "" before keys had names.
    master = models.CharField(_("主密钥"), max_length=16, default="", db_default="")
    destroyed_at = models.DateTimeField(_("销毁时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("数据密钥")

    def __str__(self) -> str:
        return str(self.pk)


class PersonalRow(models.Model):
    """Base of models with `EncryptedTextField`s; the application makes the key, before the row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    data_key = models.OneToOneField(DataKey, models.PROTECT, editable=False, related_name="+")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if "data_key" not in self._state.fields_cache and self.data_key_id is None:
            from governance.personal import new_data_key  # noqa: PLC0415 -- it reads this model

            self.data_key = new_data_key()  # nothing is sealed yet
        if self._state.adding and self.data_key._state.adding:
            self.data_key.save(using=kwargs.get("using"))
        super().save(*args, **kwargs)
