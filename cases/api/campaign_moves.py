"""Campaigns from another system: launched, drawn, reminded of, ended; tasks excused or given to
another inspector; what is found beside the form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import campaign_access, campaign_answers, campaigns, replacements, spot_checks
from cases.api.campaigns import (
    CampaignRow,
    Campaigns,
    Correction,
    OneCampaign,
    OneTask,
    TaskDetail,
    detail,
    row_of,
)
from cases.api.cases import CONFLICT, KEY, idempotency_key, receipt
from cases.api.shapes import Moment, Receipt, given, user_of
from cases.campaign_page import Progress
from cases.campaigns import Joint, Plan
from cases.errors import NotAllowed
from cases.models import Campaign, CampaignKind, CheckList, WhistleKind
from cases.spot_checks import Spot
from cases.submissions import Conflict
from governance import api, clock
from governance.api import Problem

MOST = campaigns.MOST_TASKS
NOT_ALLOWED = OpenApiResponse(description="not_allowed: see `detail`")


def ids(**options: Any) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.IntegerField(min_value=1), max_length=MOST, **options
    )


class JointShape(serializers.Serializer[Any]):
    """A joint inspection: a case for each place, to which these departments are called."""

    item = serializers.IntegerField(min_value=1)
    whistle_kind = serializers.ChoiceField(WhistleKind.choices, default=WhistleKind.ENFORCEMENT)
    departments = ids(allow_empty=False)


class NewPlan(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=60)
    brief = serializers.CharField(
        max_length=2000, help_text=_("请勿填写居民姓名、电话、证件号码。")
    )
    check_list = serializers.CharField(help_text=_("检查清单的名称"))
    due_on = serializers.DateField()


class NewCampaign(NewPlan):
    kind = serializers.ChoiceField(
        [(kind.value, kind.label) for kind in CampaignKind if kind != CampaignKind.SPOT_CHECK],
        default=CampaignKind.CAMPAIGN,
    )
    units = ids(allow_empty=False, help_text=_("网格、部门、小区、单位"))
    joint = JointShape(required=False)


class NewSpotCheck(NewPlan):
    objects = ids(allow_empty=False, help_text=_("抽取范围：网格、小区、单位"))
    inspector_units = ids(allow_empty=False)
    draw = serializers.IntegerField(min_value=1)
    each = serializers.IntegerField(min_value=1)
    seed_source = serializers.CharField(max_length=200)
    seed_at = Moment()


class Seed(serializers.Serializer[Any]):
    seed = serializers.CharField(max_length=200)


class Told(serializers.Serializer[Any]):
    open = serializers.IntegerField(help_text=_("未完成的任务数"))


class Reason(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=400)


class Replacing(Reason):
    left = serializers.IntegerField(min_value=1, help_text=_("已离岗的检查人员"))


class NewFinding(serializers.Serializer[Any]):
    item = serializers.IntegerField(min_value=1)
    description = serializers.CharField(max_length=2000)


@contextmanager
def refusals() -> Iterator[None]:
    """What a verb refuses, as problem documents."""
    try:
        yield
    except NotAllowed as error:
        raise Problem(409, "not_allowed", str(error)) from error
    except Conflict as error:
        raise Problem(409, "key_used", str(error)) from error


def plan_of(asked: dict[str, Any], kind: str, now: datetime) -> Plan:
    """Raises NotAllowed."""
    found = CheckList.objects.filter(name=asked["check_list"]).values_list("pk", flat=True).first()
    return Plan(
        title=asked["title"],
        brief=asked["brief"],
        check_list_id=found or 0,  # `started` says so of one that is unknown
        due_at=campaigns.due_moment(asked["due_on"], now),
        kind=kind,
    )


def made(campaign: Campaign) -> Response:
    return Response(row_of(campaign, Progress()), status=201)


class AllCampaigns(Campaigns):
    """The list of them, and launching one."""

    permission_classes = [api.needs("campaign.see", post="campaign.launch")]

    @extend_schema(
        operation_id="campaigns_launch",
        parameters=[KEY],
        request=NewCampaign,
        responses={201: CampaignRow, 409: CONFLICT},
    )
    def post(self, request: Request) -> Response:
        """Fan a campaign or an inspection out; the same key again answers with the same one."""
        key, asked, now = idempotency_key(request), given(request, NewCampaign), clock.now()
        called = asked.get("joint")
        joint = called and Joint(
            called["item"], called["whistle_kind"], tuple(called["departments"])
        )
        with refusals():
            plan = plan_of(asked, asked["kind"], now)
            return made(
                campaigns.launch(
                    plan, asked["units"], by=user_of(request), now=now, joint=joint, key=key
                )
            )


class Announce(APIView):
    permission_classes = [api.needs("campaign.launch")]

    @extend_schema(
        operation_id="campaigns_announce",
        parameters=[KEY],
        request=NewSpotCheck,
        responses={201: CampaignRow, 409: CONFLICT},
    )
    def post(self, request: Request) -> Response:
        """Publish the pool of a spot check, and where its seed will come from."""
        key, asked, now = idempotency_key(request), given(request, NewSpotCheck), clock.now()
        spot = Spot(
            object_ids=tuple(asked["objects"]),
            inspector_unit_ids=tuple(asked["inspector_units"]),
            draw=asked["draw"],
            each=asked["each"],
            seed_source=asked["seed_source"],
            seed_at=asked["seed_at"],
        )
        with refusals():
            plan = plan_of(asked, CampaignKind.SPOT_CHECK, now)
            return made(spot_checks.announce(plan, spot, by=user_of(request), now=now, key=key))


class Draw(APIView):
    permission_classes = [api.needs("campaign.launch")]

    @extend_schema(
        operation_id="campaigns_draw",
        request=Seed,
        responses={200: CampaignRow, 409: NOT_ALLOWED},
    )
    def post(self, request: Request, number: str) -> Response:
        """Draw with the published number."""
        row = campaign_access.campaign_for(user_of(request), number)
        seed = given(request, Seed)["seed"]
        with refusals():
            row = spot_checks.draw(row, seed, by=user_of(request), now=clock.now())
        return Response(row_of(row, Progress()))


class Remind(APIView):
    permission_classes = [api.needs("campaign.launch")]

    @extend_schema(
        operation_id="campaigns_remind", request=None, responses={200: Told, 409: NOT_ALLOWED}
    )
    def post(self, request: Request, number: str) -> Response:
        """Tell who has not answered yet; each is told once a day."""
        row = campaign_access.campaign_for(user_of(request), number)
        with refusals():
            return Response({"open": campaigns.remind(row, by=user_of(request), now=clock.now())})


class End(APIView):
    permission_classes = [api.needs("campaign.launch")]

    @extend_schema(
        operation_id="campaigns_end", request=None, responses={200: CampaignRow, 409: NOT_ALLOWED}
    )
    def post(self, request: Request, number: str) -> Response:
        """No more answers."""
        row = campaign_access.campaign_for(user_of(request), number)
        with refusals():
            row = campaigns.end(row, by=user_of(request), now=clock.now())
        return Response(row_of(row, Progress()))


class Excuse(APIView):
    permission_classes = [api.needs("campaign.launch")]

    @extend_schema(
        operation_id="campaign_tasks_excuse",
        request=Reason,
        responses={200: TaskDetail, 409: NOT_ALLOWED},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take a task away, with the reason."""
        user = user_of(request)
        task = campaign_access.task_for(user, pk)
        reason = given(request, Reason)["reason"]
        with refusals():
            campaigns.excuse(task, reason=reason, by=user, now=clock.now())
        return Response(detail(campaign_access.task_for(user, pk)))


class Replace(APIView):
    permission_classes = [api.needs("campaign.launch")]

    @extend_schema(
        operation_id="campaign_tasks_replace",
        request=Replacing,
        responses={200: TaskDetail, 409: NOT_ALLOWED},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Send the next of the published pool for an inspector who has left."""
        user = user_of(request)
        task, asked = campaign_access.task_for(user, pk), given(request, Replacing)
        with refusals():
            replacements.replace(
                task, asked["left"], reason=asked["reason"], by=user, now=clock.now()
            )
        return Response(detail(campaign_access.task_for(user, pk)))


class Found(APIView):
    permission_classes = [api.needs("campaign.answer")]

    @extend_schema(
        operation_id="campaign_tasks_found",
        parameters=[KEY],
        request=NewFinding,
        responses={201: Receipt, 409: CONFLICT},
    )
    def post(self, request: Request, pk: int) -> Response:
        """What was found beside the form becomes a case; its photos follow there."""
        key, asked, user = idempotency_key(request), given(request, NewFinding), user_of(request)
        task = campaign_access.task_for(user, pk)
        with refusals():
            case = campaign_answers.find(
                task,
                item_id=asked["item"],
                words=asked["description"],
                by=user,
                now=clock.now(),
                key=key,
            )
        return Response(receipt(case), status=201)


urls = [
    path("campaigns/", AllCampaigns.as_view(), name="api_campaigns"),
    path("campaigns/spot-checks/", Announce.as_view(), name="api_spot_checks"),
    path("campaigns/tasks/<int:pk>/", OneTask.as_view(), name="api_campaign_task"),
    path("campaigns/tasks/<int:pk>/excuse/", Excuse.as_view(), name="api_campaign_excuse"),
    path("campaigns/tasks/<int:pk>/replace/", Replace.as_view(), name="api_campaign_replace"),
    path("campaigns/tasks/<int:pk>/found/", Found.as_view(), name="api_campaign_found"),
    path(
        "campaigns/tasks/<int:pk>/answers/<slug:code>/",
        Correction.as_view(),
        name="api_campaign_answer",
    ),
    path("campaigns/<str:number>/", OneCampaign.as_view(), name="api_campaign"),
    path("campaigns/<str:number>/draw/", Draw.as_view(), name="api_campaign_draw"),
    path("campaigns/<str:number>/remind/", Remind.as_view(), name="api_campaign_remind"),
    path("campaigns/<str:number>/end/", End.as_view(), name="api_campaign_end"),
]
