"""派遣规则: tried on a case that is thought of, which fires and why the others do not."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import items, rules
from cases.api.shapes import Moment, given
from cases.models import Source
from cases.rules import Facts
from governance import api, clock, units
from governance.models import LEVELS


class Trial(serializers.Serializer[Any]):
    """By POST, as words and place stay out of addresses; nothing is written."""

    item = serializers.IntegerField(help_text=_("事项编号"))
    unit = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text=_("街道、社区或网格的编号")
    )
    words = serializers.CharField(
        max_length=2000, required=False, allow_blank=True, default="", help_text=_("描述和地点")
    )
    source = serializers.ChoiceField(choices=Source.choices, default=Source.API)  # type: ignore[assignment]
    at = Moment(required=False, help_text=_("上报时间；不填即现在"))

    def validate_item(self, pk: int) -> int:
        if pk not in items.items():
            raise serializers.ValidationError(_t("请从事项清单中选择事项。"))
        return pk

    def validate_unit(self, pk: int | None) -> int | None:
        if pk is not None and pk not in units.known():
            raise serializers.ValidationError(_t("没有这个单位。"))
        return pk


class VerdictShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    when = serializers.CharField(help_text=_("规则的条件"))
    department = serializers.IntegerField()
    department_name = serializers.CharField()
    automatic = serializers.BooleanField()
    fires = serializers.BooleanField()
    why = serializers.CharField(help_text=_("未适用的原因"))


class Verdicts(serializers.Serializer[Any]):
    results = VerdictShape(many=True)


class TryRules(APIView):
    """All rules in the order in which they are tried."""

    permission_classes = [api.needs("rule.see")]

    @extend_schema(operation_id="dispatch_rules_try", request=Trial, responses=Verdicts)
    def post(self, request: Request) -> Response:
        asked = given(request, Trial)
        unit = units.known().get(asked["unit"] or 0)
        ids = [getattr(unit, f"{level}_id") for level in LEVELS] if unit else []
        facts = Facts(
            asked["item"],
            asked["words"],
            asked["source"],
            asked.get("at") or clock.now(),
            tuple(unit_id for unit_id in ids if unit_id),
            rules.grid_kinds().get(unit.pk, "") if unit else "",
        )
        return Response({"results": [verdict_of(one) for one in rules.tried(facts)]})


def verdict_of(verdict: rules.Verdict) -> dict[str, Any]:
    rule = verdict.rule
    return {
        "name": rule.name,
        "when": rules.sentence(rule),
        "department": rule.department_id,
        "department_name": units.name_of(rule.department_id),
        "automatic": rule.automatic,
        "fires": verdict.fires,
        "why": verdict.why,
    }


urls = [path("dispatch-rules/try/", TryRules.as_view(), name="api_dispatch_rules_try")]
