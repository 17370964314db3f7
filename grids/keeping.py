"""When what was written about places, or left behind by a file of them, is due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from governance import retention


@retention.event("grids.PlaceImport.uploaded")
def uploaded(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(created_at__lte=before)
    return rows


@retention.event("grids.PlaceImport.ended", reads=("grids.PlaceImport",))
def ended(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(job__ended_at__lte=before)
    return rows


@retention.event("grids.Hazard.cleared")
def cleared(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(cleared_at__lte=before)
    return rows
