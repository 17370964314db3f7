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
from cases.forms import FURTHEST_OFF, NO_PHONE
from cases.given import Decision, Part
from cases.models import (
    KINDS,
    Outcome,
    PhotoKind,
    Severity,
    ShareMode,
    Source,
    State,
    Subject,
    SuggestionKind,
    SuggestionState,
    WhistleKind,
)
from governance import phones

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


class Phone(serializers.CharField):
    """Kept in plain digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        found = phones.number(super().to_internal_value(data))
        if found is None:
            raise serializers.ValidationError(NO_PHONE)
        return found


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
    facility = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text=_("公共部件编号，见 /facilities/near/；不给经纬度时取部件的位置"),
    )
    visit = serializers.CharField(
        max_length=20,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("走访中发现的，填走访编号；不给地点和经纬度时取该户的位置"),
    )
    reporter_name = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default=""
    )
    reporter_phone = Phone(required=False, allow_blank=True, default="")
    reporter_email = serializers.EmailField(
        max_length=100, required=False, allow_blank=True, default=""
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lon, lat = attrs.get("lon"), attrs.get("lat")
        if (lon is None) != (lat is None):
            raise serializers.ValidationError(_t("经度、纬度须同时给出。"))
        located = attrs.get("facility") or attrs["visit"]
        if lon is None and not attrs["place"] and not located:
            raise serializers.ValidationError({"place": [_t("请填写地点，或给出经纬度。")]})
        return attrs


class SuggestionQuery(serializers.Serializer[Any]):
    after = serializers.IntegerField(
        required=False, min_value=1, help_text=_("从此行之后开始，取自上一页的 next")
    )
    limit = serializers.IntegerField(default=50, min_value=1, max_value=queue.LONGEST)
    state = serializers.ChoiceField(required=False, choices=SuggestionState.choices)


class NewSuggestion(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(
        choices=[(kind.value, SuggestionKind(kind).label) for kind in KINDS[Subject.COMMUNITY]]
    )
    words = serializers.CharField(max_length=2000, help_text=_("建议内容"))
    unit = serializers.IntegerField(required=False, help_text=_("社区或网格的编号"))
    name = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    phone = Phone(required=False, allow_blank=True, default="")


class PartShape(serializers.Serializer[Any]):
    item = serializers.IntegerField(help_text=_("事项编号"))
    description = serializers.CharField(max_length=2000)


class DecisionShape(serializers.Serializer[Any]):
    department = serializers.IntegerField(help_text=_("部门编号"))
    what = serializers.CharField(max_length=400)
    due_on = serializers.DateField()


def text(most: int, help_text: Any = "") -> serializers.CharField:
    return serializers.CharField(
        max_length=most, required=False, allow_blank=True, help_text=help_text
    )


class NewAct(serializers.Serializer[Any]):
    """A move on a case; which of the others a move needs, its entry in `actions` says."""

    version = serializers.IntegerField(help_text=_("所见事件的版本；期间有变动则答 409"))
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    department = serializers.IntegerField(required=False, help_text=_("承办部门编号（派遣）"))
    outcome = serializers.ChoiceField(
        choices=Outcome.choices, required=False, help_text=_("办理结果（处置反馈、自行处置）")
    )
    satisfied = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text=_("满意与否（评价）")
    )
    item = serializers.IntegerField(required=False, help_text=_("归入事项编号（受理、更正）"))
    until = serializers.DateField(required=False, help_text=_("日期（延期、挂账、共享）"))
    main = text(20, _("并入事件的编号（并案）"))
    parts = PartShape(many=True, required=False, help_text=_("拆分后的各件（拆分）"))
    whistle_kind = serializers.ChoiceField(
        choices=WhistleKind.choices, required=False, help_text=_("吹哨类别")
    )
    departments = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text=_("参加部门编号（吹哨）")
    )
    task = serializers.IntegerField(required=False, help_text=_("任务编号"))
    score = serializers.IntegerField(required=False, help_text=_("评分 1 至 5（评价部门）"))
    lon = Degrees(required=False, min_value=-180, max_value=180)
    lat = Degrees(required=False, min_value=-90, max_value=90)
    held_on = serializers.DateField(required=False, help_text=_("会商日期"))
    participants = text(400, _("会商参加单位"))
    decisions = DecisionShape(many=True, required=False, help_text=_("会商分工"))
    finding = serializers.IntegerField(required=False, help_text=_("检查发现编号"))
    what = text(400, _("检查发现的问题"))
    party = text(60, _("责任主体"))
    order_number = text(40, _("文书编号"))
    ground = text(400, _("法律依据"))
    due_on = serializers.DateField(required=False, help_text=_("整改期限"))
    recheck_on = serializers.DateField(required=False, help_text=_("复查日期"))
    mended = serializers.BooleanField(required=False, allow_null=True, default=None)
    severity = serializers.ChoiceField(
        choices=Severity.choices, required=False, help_text=_("督办级别")
    )
    place = text(200, _("地点（更正）"))
    place_unit = serializers.IntegerField(
        required=False, help_text=_("社区或网格的编号（更正没有位置的事件）")
    )
    description = text(2000, _("情况描述（更正）"))
    reporter_name = text(40, _("反映人姓名（更正）"))
    reporter_phone = Phone(required=False, allow_blank=True)
    reporter_email = serializers.EmailField(max_length=100, required=False, allow_blank=True)
    promise_on = serializers.DateField(required=False, help_text=_("承诺改至（更正）"))
    unit = serializers.IntegerField(required=False, help_text=_("部门编号（共享）"))
    user = serializers.IntegerField(required=False, help_text=_("人员编号（共享）"))
    mode = serializers.ChoiceField(
        choices=ShareMode.choices, required=False, help_text=_("共享方式")
    )

    # The body's names, where they are not those of `Given`.
    NAMES = {
        "department": "department_id",
        "item": "item_id",
        "departments": "department_ids",
        "task": "task_id",
        "finding": "finding_id",
        "place_unit": "place_unit_id",
        "unit": "unit_id",
        "user": "user_id",
    }

    def given(self) -> dict[str, Any]:
        """The fields of `Given` that the body gives, and the version."""
        found = {self.NAMES.get(name, name): value for name, value in self.validated_data.items()}
        if "parts" in found:
            found["parts"] = tuple(Part(row["item"], row["description"]) for row in found["parts"])
        if "decisions" in found:
            found["decisions"] = tuple(
                Decision(row["department"], row["what"], row["due_on"])
                for row in found["decisions"]
            )
        if "department_ids" in found:
            found["department_ids"] = tuple(found["department_ids"])
        return found


class NewPhoto(serializers.Serializer[Any]):
    file = serializers.FileField(help_text=_("JPEG、PNG 或 WebP，不超过 20 MB"))
    kind = serializers.ChoiceField(choices=PhotoKind.choices, default=PhotoKind.BEFORE)
    task = serializers.IntegerField(required=False, help_text=_("联办任务编号（该任务的照片）"))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["kind"] == PhotoKind.PROOF and "task" in attrs:
            raise serializers.ValidationError({"task": [_t("证明照片随申请保存，不属于任务。")]})
        return attrs


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


class SuggestionReceipt(serializers.Serializer[Any]):
    number = serializers.CharField()
    query_code = serializers.CharField(help_text=_("查询码，告诉提建议的人"))
    state = serializers.CharField()
    due_at = serializers.DateTimeField()


class SuggestionRow(serializers.Serializer[Any]):
    number = serializers.CharField()
    kind = serializers.CharField()
    words = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    street = serializers.IntegerField(allow_null=True)
    community = serializers.IntegerField(allow_null=True)
    grid = serializers.IntegerField(allow_null=True)
    unit = serializers.IntegerField()
    unit_name = serializers.CharField()
    state = serializers.CharField()
    outcome = serializers.CharField()
    answer = serializers.CharField()
    received_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    overdue = serializers.BooleanField()
    published = serializers.BooleanField()


class SuggestionPage(serializers.Serializer[Any]):
    results = SuggestionRow(many=True)
    next = serializers.CharField(allow_null=True)


class Clock(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    due = serializers.DateTimeField(allow_null=True)
    light = serializers.CharField(help_text="green, yellow, red")
    text = serializers.CharField()
    provisional = serializers.BooleanField(required=False, help_text=_("当年安排尚未公布，为暂定"))
    original_due = serializers.DateTimeField(required=False, help_text=_("原承诺时限"))


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


class Reporter(serializers.Serializer[Any]):
    name_masked = serializers.CharField()
    phone_masked = serializers.CharField()
    email_masked = serializers.CharField()


class Point(serializers.Serializer[Any]):
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    accuracy = serializers.IntegerField(allow_null=True)


class CaseFacility(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField()
    kind = serializers.CharField()


class CasePhoto(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    kind = serializers.CharField()
    task = serializers.IntegerField(allow_null=True, help_text=_("所属联办任务"))
    leave = serializers.IntegerField(allow_null=True, help_text=_("所证明的延期、挂账申请"))
    added_at = serializers.DateTimeField()
    public = serializers.BooleanField(help_text=_("画面中无可识别的人，居民可见"))
    url = serializers.CharField()
    thumb_url = serializers.CharField()


class Leave(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    reason = serializers.CharField()
    until = serializers.DateTimeField()
    by = serializers.CharField()
    photos = CasePhoto(many=True)


class Pause(serializers.Serializer[Any]):
    kind = serializers.CharField()
    began_at = serializers.DateTimeField()
    until = serializers.DateTimeField()
    question = serializers.CharField()


class Supervision(serializers.Serializer[Any]):
    severity = serializers.CharField()
    code = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    reason = serializers.CharField()
    due = serializers.DateTimeField(allow_null=True, help_text=_("挂账、等待反映人期间暂停，为空"))
    replied_at = serializers.DateTimeField(allow_null=True)
    reply = serializers.CharField()


class TaskStep(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    at = serializers.DateTimeField()


class Task(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    department = serializers.CharField()
    what = serializers.CharField()
    due = serializers.DateTimeField()
    state = serializers.CharField()
    steps = TaskStep(many=True)
    report = serializers.CharField()
    excuse = serializers.CharField()
    photos = CasePhoto(many=True)
    score = serializers.IntegerField(allow_null=True)


class Finding(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    what = serializers.CharField()
    party = serializers.CharField(help_text=_("责任主体，隐去部分"))
    order = serializers.CharField()
    ground = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    recheck_on = serializers.DateField(allow_null=True)
    mended = serializers.BooleanField(allow_null=True)
    recheck = serializers.CharField()


class Share(serializers.Serializer[Any]):
    with_whom = serializers.CharField()
    mode = serializers.CharField()
    until = serializers.DateTimeField()


class Related(serializers.Serializer[Any]):
    number = serializers.CharField()
    item = serializers.CharField()
    state = serializers.CharField()
    url = serializers.CharField()


class ReportBehind(serializers.Serializer[Any]):
    """Another report that goes on in this case: one joined to it, or the whole it is a part of."""

    number = serializers.CharField(help_text=_("无权查看该事件的为空"))
    joined = serializers.BooleanField(help_text=_("并入的重复反映；否则为拆分前的反映"))
    description = serializers.CharField()
    photos = CasePhoto(many=True)


class SimilarCase(serializers.Serializer[Any]):
    number = serializers.CharField()
    url = serializers.CharField()
    item = serializers.IntegerField()
    item_name = serializers.CharField()
    state = serializers.CharField()
    description = serializers.CharField()
    place = serializers.CharField()
    score = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())


class NearbyCase(serializers.Serializer[Any]):
    number = serializers.CharField()
    url = serializers.CharField()
    item = serializers.CharField()
    state = serializers.CharField()
    distance = serializers.CharField()


class SimilarCases(serializers.Serializer[Any]):
    similar = SimilarCase(many=True)
    nearby = NearbyCase(many=True)


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
    promise_first_at = serializers.DateTimeField(allow_null=True)
    level = serializers.CharField(help_text="community, street, district")
    solved_level = serializers.CharField()
    severity = serializers.CharField(help_text="plain, yellow, red")
    forced = serializers.BooleanField()
    clocks = Clock(many=True)
    actions = Move(many=True)
    leave = Leave(allow_null=True)
    pause = Pause(allow_null=True)
    supervisions = Supervision(many=True)
    tasks = Task(many=True)
    findings = Finding(many=True)
    shares = Share(many=True)
    main = Related(many=True)
    joined = Related(many=True)
    parent = Related(many=True)
    parts = Related(many=True)
    facility = CaseFacility(allow_null=True)
    visit = serializers.CharField(help_text=_("来自走访的编号；无权查看走访的为空"))
    reporter = Reporter(allow_null=True)
    photos = CasePhoto(many=True)
    reports = ReportBehind(many=True)
    timeline = TimelineEntry(many=True)
