"""The small text model that suggests an item: weights, and how well it did when it was trained."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.reference import versioned


class ItemModel(models.Model):
    """Trained on the deployment's own closed cases; the newest row is asked."""

    trained_at = models.DateTimeField(_("训练时间"))
    cases = models.PositiveIntegerField(_("训练用事件数"))
    tested = models.PositiveIntegerField(_("检验用事件数"))
    accuracy = models.FloatField(_("首选准确率"))
    accuracy_top3 = models.FloatField(_("前三准确率"))
    # numpy's own format: words, item ids, weights (items × words) and the items' biases
    weights = models.BinaryField(editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("事项建议模型")
        triggers = [versioned("item_model")]

    def __str__(self) -> str:
        return f"{self.trained_at:%Y-%m-%d} {self.accuracy:.0%}"
