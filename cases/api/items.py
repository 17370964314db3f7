"""The item catalogue, from memory."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import items
from cases.api import shapes
from cases.items import ItemFacts
from governance import api, units


class Items(APIView):
    """Items that may be reported now, with department and limits; with `q` the best first."""

    permission_classes = [api.needs("item.see")]

    @extend_schema(
        operation_id="items_list", parameters=[shapes.ItemQuery], responses=shapes.ItemList
    )
    def get(self, request: Request) -> Response:
        asked = api.asked(request, shapes.ItemQuery)
        known = items.items()
        found = items.find(asked.get("q", ""), limit=len(known))
        if "item_class" in asked:
            found = [item for item in found if item.class_id == asked["item_class"]]
        if "department" in asked:
            found = [item for item in found if item.department_id == asked["department"]]
        return Response({"results": [item_of(item) for item in found]})


def item_of(item: ItemFacts) -> dict[str, Any]:
    return {
        "id": item.pk,
        "code": item.code,
        "name": item.title,
        "form": item.form,
        "item_class": item.class_id,
        "item_class_name": item.class_title,
        "department": item.department_id,
        "department_name": units.name_of(item.department_id),
        "joint_departments": list(item.joint_ids),
        "remit": item.remit,
        "upper_department": item.upper_department,
        "admission": item.admission,
        "closing": item.closing,
        "photo_before": item.photo_before,
        "photo_after": item.photo_after,
        "limits": [
            {"stage": stage, "amount": limit.amount, "unit": limit.unit}
            for stage, limit in item.limits.items()
        ],
    }
