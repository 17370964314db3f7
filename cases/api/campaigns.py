"""Campaigns: the list by keyset, one with its figures and tasks, and the form of a task."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import (
    campaign_access,
    campaign_answers,
    campaign_page,
    corrections,
    questions,
)
from cases.api.cases import following
from cases.api.shapes import given, user_of
from cases.campaign_answers import Said
from cases.campaign_page import Progress
from cases.errors import NotAllowed
from cases.models import AnswerKind, Campaign, CampaignState, CampaignTask, TaskState
from cases.schemas import BadAnswers
from governance import api, clock, units
from governance.api import Problem

# Shapes -----------------------------------------------------------------------------------------


class CampaignQuery(serializers.Serializer[Any]):
    after = serializers.IntegerField(required=False, min_value=1)
    limit = serializers.IntegerField(default=50, min_value=1, max_value=200)
    state = serializers.ChoiceField(required=False, choices=CampaignState.choices)


class ProgressShape(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    of = serializers.IntegerField(help_text=_("不含已免除的任务"))
    late = serializers.IntegerField()


class CampaignRow(serializers.Serializer[Any]):
    number = serializers.CharField()
    url = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField(help_text="campaign, inspection, spot_check")
    state = serializers.CharField(help_text="announced, running, ended")
    unit = serializers.IntegerField()
    unit_name = serializers.CharField()
    due_at = serializers.DateTimeField()
    progress = ProgressShape()


class CampaignPage(serializers.Serializer[Any]):
    results = CampaignRow(many=True)
    next = serializers.CharField(allow_null=True)


class TaskRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    url = serializers.CharField()
    about = serializers.IntegerField()
    about_name = serializers.CharField()
    unit = serializers.IntegerField()
    unit_name = serializers.CharField()
    state = serializers.CharField(help_text="open, done, excused")
    due_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class SummaryShape(serializers.Serializer[Any]):
    question = serializers.CharField()
    answered = serializers.IntegerField()
    of = serializers.IntegerField()
    taken_over = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField())
    total = serializers.FloatField(allow_null=True)


class FoundShape(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    closed = serializers.IntegerField()
    cases = serializers.ListField(child=serializers.CharField())


class CampaignDetail(CampaignRow):
    brief = serializers.CharField()
    check_list = serializers.CharField()
    tasks = TaskRow(many=True)
    summary = SummaryShape(many=True)
    found = FoundShape()


class KnownShape(serializers.Serializer[Any]):
    value = serializers.JSONField()
    by = serializers.CharField()
    at = serializers.DateTimeField()


class QuestionShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()
    kind = serializers.CharField(help_text="yes_no, number, choice, text")
    choices = serializers.ListField(child=serializers.CharField())
    measure = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]
    known = KnownShape(allow_null=True, help_text=_("仍有效的已有答案，不填即沿用"))


class EarlierShape(serializers.Serializer[Any]):
    answer = serializers.CharField()
    remark = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    reason = serializers.CharField(help_text=_("更正的理由"))


class AnswerRow(serializers.Serializer[Any]):
    question = serializers.CharField()
    text = serializers.CharField()
    answer = serializers.CharField()
    remark = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    taken = serializers.CharField()
    case = serializers.CharField()
    reason = serializers.CharField()
    earlier = EarlierShape(many=True, help_text=_("更正前的答案"))


class TaskDetail(TaskRow):
    campaign = serializers.CharField()
    note = serializers.CharField()
    questions = QuestionShape(many=True)
    answers = AnswerRow(many=True)
    cases = serializers.ListField(child=serializers.CharField())


class NewAnswer(serializers.Serializer[Any]):
    value = serializers.JSONField(help_text=_("yes、no、na，数字，选项或文字"))
    remark = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")


class NewAnswers(serializers.Serializer[Any]):
    answers = serializers.DictField(child=NewAnswer(), help_text=_("问题代码 → 答案"))
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")

    def validate_answers(self, answers: dict[str, Any]) -> dict[str, Any]:
        """What is no code at all could not even be said again."""
        if not all(map(questions.storable, answers)):
            raise serializers.ValidationError(_t("清单中没有这个问题。"))
        return answers


class NewCorrection(NewAnswer):
    reason = serializers.CharField(max_length=400, help_text=_("更正的理由"))


# Views ------------------------------------------------------------------------------------------


class Campaigns(APIView):
    permission_classes = [api.needs("campaign.see")]

    @extend_schema(
        operation_id="campaigns_list", parameters=[CampaignQuery], responses=CampaignPage
    )
    def get(self, request: Request) -> Response:
        """The campaigns one may see, the newest first."""
        asked, user = api.asked(request, CampaignQuery), user_of(request)
        rows = campaign_access.visible_campaigns(user).order_by("-pk")
        if "state" in asked:
            rows = rows.filter(state=asked["state"])
        if "after" in asked:
            rows = rows.filter(pk__lt=asked["after"])
        found = list(rows[: asked["limit"] + 1])
        page = found[: asked["limit"]]
        far = campaign_page.progress(user, page, clock.now())
        key = str(page[-1].pk) if len(found) > len(page) else ""
        return Response(
            {
                "results": [row_of(row, far.get(row.pk, Progress())) for row in page],
                "next": following(request, key),
            }
        )


class OneCampaign(APIView):
    """One campaign: progress, what was answered and found, its tasks as far as one sees them."""

    permission_classes = [api.needs("campaign.see")]

    @extend_schema(operation_id="campaigns_retrieve", responses=CampaignDetail)
    def get(self, request: Request, number: str) -> Response:
        user, now = user_of(request), clock.now()
        row = campaign_access.campaign_for(user, number)
        tasks = campaign_access.visible_tasks(user).filter(campaign=row.pk)
        far = campaign_page.progress(user, [row], now).get(row.pk, Progress())
        asked = campaign_answers.asked(row.check_list_id)
        found = campaign_page.findings(user, tasks)
        return Response(
            {
                **row_of(row, far),
                "brief": row.brief,
                "check_list": row.check_list.name,
                "tasks": [task_row(task) for task in tasks.order_by("pk")[: campaign_page.LISTED]],
                "summary": [summary_of(one) for one in campaign_page.summary(tasks, asked, far.of)],
                "found": {
                    "total": found["total"],
                    "closed": found["closed"],
                    "cases": [one["number"] for one in found["rows"] if one["seen"]],
                },
            }
        )


class OneTask(APIView):
    """The form of a task: its questions with what is known already, or what was filled in."""

    permission_classes = [api.needs("campaign.see", post="campaign.answer")]

    @extend_schema(operation_id="campaign_tasks_retrieve", responses=TaskDetail)
    def get(self, request: Request, pk: int) -> Response:
        return Response(detail(campaign_access.task_for(user_of(request), pk)))

    @extend_schema(
        operation_id="campaign_tasks_answer",
        request=NewAnswers,
        responses={
            200: TaskDetail,
            400: OpenApiResponse(description="bad_answers: `answers` says which and why"),
            409: OpenApiResponse(description="not_allowed: see `detail`"),
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        """Fill it in; each new "no" becomes the case that its question names."""
        user = user_of(request)
        task = campaign_access.task_for(user, pk)
        asked = given(request, NewAnswers)
        said = {code: Said(one["value"], one["remark"]) for code, one in asked["answers"].items()}
        try:
            campaign_answers.answer(task, said, by=user, now=clock.now(), note=asked["note"])
        except BadAnswers as error:
            raise Problem(400, "bad_answers", str(error), answers=dict(error.faults)) from error
        except NotAllowed as error:
            raise Problem(409, "not_allowed", str(error)) from error
        return Response(detail(campaign_access.task_for(user, pk)))


class Correction(APIView):
    """Put one answer of a finished task right; the first one stays in its history."""

    permission_classes = [api.needs("campaign.see")]

    @extend_schema(
        operation_id="campaign_tasks_correct",
        request=NewCorrection,
        responses={
            200: TaskDetail,
            400: OpenApiResponse(description="bad_answers: `answers` says which and why"),
            409: OpenApiResponse(description="not_allowed: see `detail`"),
        },
    )
    def post(self, request: Request, pk: int, code: str) -> Response:
        user = user_of(request)
        task = campaign_access.task_for(user, pk)
        asked = given(request, NewCorrection)
        said = Said(asked["value"], asked["remark"])
        try:
            corrections.correct(task, code, said, reason=asked["reason"], by=user, now=clock.now())
        except BadAnswers as error:
            raise Problem(400, "bad_answers", str(error), answers=dict(error.faults)) from error
        except NotAllowed as error:
            raise Problem(409, "not_allowed", str(error)) from error
        return Response(detail(campaign_access.task_for(user, pk)))


def row_of(row: Campaign, far: Progress) -> dict[str, Any]:
    return {
        "number": row.number,
        "url": reverse("api_campaign", args=[row.number]),
        "title": row.title,
        "kind": row.kind,
        "state": row.state,
        "unit": row.unit_id,
        "unit_name": units.name_of(row.unit_id),
        "due_at": row.due_at,
        "progress": {"done": far.done, "of": far.of, "late": far.late},
    }


def task_row(task: CampaignTask) -> dict[str, Any]:
    return {
        "id": task.pk,
        "url": reverse("api_campaign_task", args=[task.pk]),
        "about": task.about_id,
        "about_name": units.name_of(task.about_id),
        "unit": task.unit_id,
        "unit_name": units.name_of(task.unit_id),
        "state": task.state,
        "due_at": task.due_at,
        "ended_at": task.ended_at,
    }


def summary_of(one: campaign_page.Summary) -> dict[str, Any]:
    return {
        "question": one.question.code,
        "answered": one.answered,
        "of": one.of,
        "taken_over": one.taken,
        "counts": one.counts,
        "total": one.total,
    }


def detail(task: CampaignTask) -> dict[str, Any]:
    asked = campaign_answers.asked(task.campaign.check_list_id)
    going = task.state == TaskState.OPEN
    known = campaign_answers.known_answers(task, asked, clock.now()) if going else {}
    return {
        **task_row(task),
        "campaign": task.campaign.number,
        "note": task.note,
        "questions": [
            {
                "code": row.question.code,
                "text": row.question.text,
                "kind": row.question.kind,
                "choices": offered(row.question.kind, row.question.choices),
                "measure": row.question.measure,
                "required": row.required,
                "known": {"value": one.value, "by": str(one.by), "at": one.at}
                if (one := known.get(row.question_id))
                else None,
            }
            for row in asked
        ],
        "answers": campaign_page.answers_of(task, asked),
        "cases": list(task.found.order_by("pk").values_list("case__number", flat=True)),
    }


def offered(kind: str, choices: list[str]) -> list[str]:
    return list(questions.YES_NO) if kind == AnswerKind.YES_NO else choices
