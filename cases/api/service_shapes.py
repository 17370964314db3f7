"""办事代办 in the API: what is asked and what is answered."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.api.pages import PageQuery
from cases.api.shapes import Phone, TimelineEntry
from cases.models import ServiceOutcome, ServiceState

# What is asked ----------------------------------------------------------------------------------


class ServiceQuery(PageQuery):
    state = serializers.ChoiceField(required=False, choices=ServiceState.choices)
    item = serializers.SlugField(required=False, max_length=40, help_text=_("办事事项代码"))
    unit = serializers.IntegerField(required=False, help_text=_("街道、社区、网格或部门的编号"))
    late = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text=_("已超过办理期限")
    )


class NewService(serializers.Serializer[Any]):
    item = serializers.SlugField(max_length=40, help_text=_("办事事项代码"))
    case = serializers.CharField(
        max_length=20,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("由此事件转来；不填申请人即为反映人本人"),
    )
    visit = serializers.CharField(
        max_length=20,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("走访时受托的，填走访编号；不填网格即为该户所在网格"),
    )
    name = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default="", help_text=_("申请人姓名")
    )
    phone = Phone(
        required=False,
        allow_blank=True,
        default="",
        help_text=_("申请人电话"),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        missing = [name for name in ("name", "phone") if not attrs[name]]
        if missing and not attrs["case"]:
            said = [_t("请填写申请人的姓名和电话。")]
            raise serializers.ValidationError(dict.fromkeys(missing, said))
        return attrs

    answers = serializers.DictField(help_text=_("按事项的表单填写，见事项的 schema"))
    materials = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        default=list,
        max_length=40,
        help_text=_("已收到的材料名称；照片另行上传"),
    )
    grid = serializers.IntegerField(required=False, allow_null=True, help_text=_("所在网格编号"))


class NewServiceAct(serializers.Serializer[Any]):
    version = serializers.IntegerField(help_text=_("所见委托的版本；期间有变动则答 409"))
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    outcome = serializers.ChoiceField(
        choices=ServiceOutcome.choices, required=False, help_text=_("办理结果（送达）")
    )
    satisfied = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text=_("满意与否（回访）")
    )


class NewMaterial(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60, help_text=_("材料名称，与办事指南一致"))
    file = serializers.FileField(required=False, help_text=_("JPEG、PNG 或 WebP，不超过 20 MB"))


class NewLook(serializers.Serializer[Any]):
    """Why somebody looks at personal data; it is written down before anything is shown."""

    reason = serializers.CharField(max_length=200, help_text=_("查看的事由，记入访问记录"))


# What is answered -------------------------------------------------------------------------------


class GuideMaterial(serializers.Serializer[Any]):
    name = serializers.CharField()
    needed = serializers.BooleanField()
    note = serializers.CharField()


class ServiceItemShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    department = serializers.IntegerField()
    department_name = serializers.CharField()
    conditions = serializers.CharField()
    materials = GuideMaterial(many=True)
    days = serializers.IntegerField()
    unit = serializers.CharField()
    fee = serializers.CharField(help_text="none")
    schema = serializers.DictField()


class ServiceItemList(serializers.Serializer[Any]):
    results = ServiceItemShape(many=True)


class ServiceReceipt(serializers.Serializer[Any]):
    """Where a request stands after it was entrusted or moved."""

    number = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.CharField()
    url = serializers.CharField()


class ServiceRow(ServiceReceipt):
    item = serializers.CharField()
    item_name = serializers.CharField()
    applicant = serializers.CharField(help_text=_("申请人姓名，隐去部分"))
    community = serializers.IntegerField(allow_null=True)
    grid = serializers.IntegerField(allow_null=True)
    unit_name = serializers.CharField()
    department = serializers.IntegerField()
    department_name = serializers.CharField()
    entrusted_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    late = serializers.BooleanField()


class ServicePage(serializers.Serializer[Any]):
    results = ServiceRow(many=True)
    next = serializers.CharField(allow_null=True)


class ServiceMoveShape(serializers.Serializer[Any]):
    action = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    needs = serializers.ListField(child=serializers.CharField())
    url = serializers.CharField()


class MaterialShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    received_at = serializers.DateTimeField()
    url = serializers.CharField(help_text=_("照片的地址；没有照片则为空"))


class Materials(serializers.Serializer[Any]):
    materials = MaterialShape(many=True)
    missing = serializers.ListField(child=serializers.CharField())


class ServiceDetail(ServiceRow):
    phone = serializers.CharField(help_text=_("申请人电话，隐去部分"))
    case = serializers.CharField(help_text=_("来自事件的编号"))
    visit = serializers.CharField(help_text=_("来自走访的编号；无权查看走访的为空"))
    entrusted_by = serializers.CharField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()
    reason = serializers.CharField()
    kept = serializers.BooleanField(allow_null=True)
    satisfied = serializers.BooleanField(allow_null=True)
    materials = MaterialShape(many=True)
    missing = serializers.ListField(child=serializers.CharField())
    actions = ServiceMoveShape(many=True)
    timeline = TimelineEntry(many=True)


class Answer(serializers.Serializer[Any]):
    title = serializers.CharField()
    text = serializers.CharField()


class Revealed(serializers.Serializer[Any]):
    results = Answer(many=True)
