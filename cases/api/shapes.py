"""What is asked and what is answered: shapes only. Rules are the workflow's and intake's."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

from cases import queue
from cases.forms import FURTHEST_OFF, PHONE
from cases.models import Outcome, PhotoKind, Source, State

if TYPE_CHECKING:
    from governance.models import User

FARTHEST_OFFSET = timedelta(hours=14)


def user_of(request: Request) -> User:
    """Behind `api.needs` somebody is logged in."""
    user: User = request.user  # type: ignore[assignment]
    return user


def given(request: Request, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The body, checked for its shape."""
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


class Moment(serializers.DateTimeField):
    """A moment whose offset some place on earth has: another one is a slip, e.g. +22:28."""

    def to_internal_value(self, value: Any) -> datetime:
        if abs(offset_of(str(value))) > FARTHEST_OFFSET:
            raise serializers.ValidationError(_t("时区偏移量不存在。"), "offset")
        return super().to_internal_value(value)


def offset_of(text: str) -> timedelta:
    """The offset that a moment names; none for what is no moment."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    return (moment and moment.utcoffset()) or timedelta()


class Degrees(serializers.FloatField):
    """JSON has no NaN, but the text "NaN" would pass for a number."""

    def to_internal_value(self, data: Any) -> float:
        number = super().to_internal_value(data)
        if not isfinite(number):
            self.fail("invalid")
        return number


# What is asked ----------------------------------------------------------------------------------


class ItemQuery(serializers.Serializer[Any]):
    q = serializers.CharField(required=False, max_length=60, help_text=_("名称、编码或常用说法"))
    item_class = serializers.IntegerField(required=False, help_text=_("大类编号"))
    department = serializers.IntegerField(required=False, help_text=_("主责部门编号"))


class CaseQuery(serializers.Serializer[Any]):
    after = serializers.IntegerField(
        required=False, min_value=1, help_text=_("从此行之后开始，取自上一页的 next")
    )
    limit = serializers.IntegerField(default=50, min_value=1, max_value=queue.LONGEST)
    q = serializers.CharField(required=False, max_length=60, help_text=_("编号、描述、地点中的字"))
    state = serializers.ChoiceField(required=False, choices=State.choices)
    item = serializers.IntegerField(required=False, help_text=_("事项编号"))
    item_class = serializers.IntegerField(required=False, help_text=_("大类编号"))
    unit = serializers.IntegerField(required=False, help_text=_("街道、社区、网格或部门的编号"))
    source = serializers.ChoiceField(required=False, choices=Source.choices)  # type: ignore[assignment]
    since = Moment(required=False, help_text=_("上报时间不早于"))


class NewCase(serializers.Serializer[Any]):
    item = serializers.IntegerField(help_text=_("事项编号"))
    description = serializers.CharField(max_length=2000)
    place = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    lon = Degrees(
        required=False, allow_null=True, min_value=-180, max_value=180, help_text=_("WGS 84 经度")
    )
    lat = Degrees(
        required=False, allow_null=True, min_value=-90, max_value=90, help_text=_("WGS 84 纬度")
    )
    accuracy_m = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=FURTHEST_OFF
    )
    reporter_name = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default=""
    )
    reporter_phone = serializers.CharField(
        max_length=20, required=False, allow_blank=True, default="", validators=[PHONE]
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lon, lat = attrs.get("lon"), attrs.get("lat")
        if (lon is None) != (lat is None):
            raise serializers.ValidationError(_t("经度、纬度须同时给出。"))
        if lon is None and not attrs["place"]:
            raise serializers.ValidationError({"place": [_t("请填写地点，或给出经纬度。")]})
        return attrs


class NewAct(serializers.Serializer[Any]):
    """A move on a case; which of the others a move needs, its entry in `actions` says."""

    version = serializers.IntegerField(help_text=_("所见事件的版本；期间有变动则答 409"))
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    department = serializers.IntegerField(required=False, help_text=_("承办部门编号（派遣）"))
    outcome = serializers.ChoiceField(
        choices=Outcome.choices, required=False, help_text=_("办理结果（处置反馈、自行处置）")
    )
    satisfied = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text=_("满意与否（评价）")
    )
    item = serializers.IntegerField(required=False, help_text=_("归入事项编号（受理）"))


class NewPhoto(serializers.Serializer[Any]):
    file = serializers.FileField(help_text=_("JPEG、PNG 或 WebP，不超过 20 MB"))
    kind = serializers.ChoiceField(choices=PhotoKind.choices, default=PhotoKind.BEFORE)


# What is answered -------------------------------------------------------------------------------


class Limit(serializers.Serializer[Any]):
    stage = serializers.CharField()
    amount = serializers.IntegerField()
    unit = serializers.CharField()


class Item(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    form = serializers.CharField()
    item_class = serializers.IntegerField()
    item_class_name = serializers.CharField()
    department = serializers.IntegerField()
    department_name = serializers.CharField()
    joint_departments = serializers.ListField(child=serializers.IntegerField())
    remit = serializers.CharField()
    upper_department = serializers.CharField()
    admission = serializers.CharField()
    closing = serializers.CharField()
    photo_before = serializers.BooleanField()
    photo_after = serializers.BooleanField()
    limits = Limit(many=True)


class ItemList(serializers.Serializer[Any]):
    results = Item(many=True)


class CaseRow(serializers.Serializer[Any]):
    number = serializers.CharField()
    url = serializers.CharField()
    item = serializers.IntegerField()
    item_name = serializers.CharField()
    description = serializers.CharField()
    place = serializers.CharField()
    community = serializers.IntegerField(allow_null=True)
    grid = serializers.IntegerField(allow_null=True)
    unit_name = serializers.CharField()
    state = serializers.CharField()
    department = serializers.IntegerField(allow_null=True)
    department_name = serializers.CharField()
    stage_due_at = serializers.DateTimeField(allow_null=True)
    light = serializers.CharField(help_text="green, yellow, red")
    escalation = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]
    reported_at = serializers.DateTimeField()


class CasePage(serializers.Serializer[Any]):
    results = CaseRow(many=True)
    next = serializers.CharField(allow_null=True)


class Receipt(serializers.Serializer[Any]):
    """Where a case stands after it was opened or moved."""

    number = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.CharField()
    url = serializers.CharField()


class Clock(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    due = serializers.DateTimeField()
    light = serializers.CharField(help_text="green, yellow, red")
    text = serializers.CharField()


class Move(serializers.Serializer[Any]):
    action = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    needs = serializers.ListField(child=serializers.CharField())
    url = serializers.CharField()


class TimelineEntry(serializers.Serializer[Any]):
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    by = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    at = serializers.DateTimeField()
    note = serializers.CharField()


class CasePhoto(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    kind = serializers.CharField()
    added_at = serializers.DateTimeField()
    public = serializers.BooleanField(help_text=_("画面中无可识别的人，居民可见"))
    url = serializers.CharField()
    thumb_url = serializers.CharField()


class Reporter(serializers.Serializer[Any]):
    name_masked = serializers.CharField()
    phone_masked = serializers.CharField()


class Point(serializers.Serializer[Any]):
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    accuracy = serializers.IntegerField(allow_null=True)


class CaseDetail(serializers.Serializer[Any]):
    number = serializers.CharField()
    version = serializers.IntegerField()
    url = serializers.CharField()
    state = serializers.CharField()
    item = serializers.IntegerField()
    item_name = serializers.CharField()
    description = serializers.CharField()
    place = serializers.CharField()
    point = Point(allow_null=True)
    street = serializers.IntegerField(allow_null=True)
    community = serializers.IntegerField(allow_null=True)
    grid = serializers.IntegerField(allow_null=True)
    department = serializers.IntegerField(allow_null=True)
    department_name = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    reported_at = serializers.DateTimeField()
    escalation = serializers.IntegerField()
    rework_count = serializers.IntegerField()
    outcome = serializers.CharField()
    result = serializers.CharField()
    answer = serializers.CharField()
    satisfied = serializers.BooleanField(allow_null=True)
    promise_due_at = serializers.DateTimeField(allow_null=True)
    promise_kept = serializers.BooleanField(allow_null=True)
    clocks = Clock(many=True)
    actions = Move(many=True)
    reporter = Reporter(allow_null=True)
    photos = CasePhoto(many=True)
    timeline = TimelineEntry(many=True)
