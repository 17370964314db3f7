"""追责: reviews by keyset, one review, opening it, the answer, the result; and 回访, the calls."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import access, callbacks, items, reviews
from cases.api.pages import PageQuery, paged
from cases.api.refusals import CONFLICT, refusals
from cases.api.shapes import given, user_of
from cases.models import CallBack, CallBackResult, Ground, Review, Verdict
from governance import api, clock

# Reviews ----------------------------------------------------------------------------------------


class ReviewQuery(PageQuery):
    open = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text=_("是否尚未办结")
    )
    ground = serializers.ChoiceField(required=False, choices=Ground.choices)
    mine = serializers.BooleanField(default=False, help_text=_("只看须由本人说明的"))


class NewReview(serializers.Serializer[Any]):
    ground = serializers.ChoiceField(choices=Ground.choices)
    findings = serializers.CharField(max_length=2000, help_text=_("查明的情况"))
    answerable = serializers.IntegerField(help_text=_("责任人的用户编号，须经办过该事件"))


class NewReply(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=2000)


class NewResult(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    result = serializers.CharField(max_length=2000, help_text=_("处理意见"))


class ReviewShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    url = serializers.CharField()
    case = serializers.CharField(help_text=_("事件编号"))
    item_name = serializers.CharField()
    ground = serializers.CharField()
    findings = serializers.CharField()
    answerable = serializers.IntegerField()
    answerable_name = serializers.CharField()
    opened_by = serializers.CharField()
    opened_at = serializers.DateTimeField()
    reply = serializers.CharField()
    replied_at = serializers.DateTimeField(allow_null=True)
    verdict = serializers.CharField()
    result = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ReviewPage(serializers.Serializer[Any]):
    results = ReviewShape(many=True)
    next = serializers.CharField(allow_null=True)


class Reviews(APIView):
    """One's own, and for who reviews those of the cases that one sees, the newest first."""

    permission_classes = [api.needs("case.see")]

    @extend_schema(operation_id="reviews_list", parameters=[ReviewQuery], responses=ReviewPage)
    def get(self, request: Request) -> Response:
        asked, user = api.asked(request, ReviewQuery), user_of(request)
        rows = reviews.visible_to(user).select_related("case", "answerable", "opened_by")
        if asked["open"] is not None:
            rows = rows.filter(ended_at__isnull=asked["open"])
        if "ground" in asked:
            rows = rows.filter(ground=asked["ground"])
        if asked["mine"]:
            rows = rows.filter(answerable=user)
        return paged(request, rows, asked, review_of)


class CaseReviews(APIView):
    """Open a case that went wrong for review."""

    permission_classes = [api.needs(reviews.PERMISSION)]

    @extend_schema(
        operation_id="reviews_create",
        request=NewReview,
        responses={201: ReviewShape, 409: CONFLICT},
    )
    def post(self, request: Request, number: str) -> Response:
        user = user_of(request)
        case = access.case_for(user, number)
        asked = given(request, NewReview)
        with refusals():
            row = reviews.open_review(
                case,
                ground=asked["ground"],
                findings=asked["findings"],
                answerable=reviews.person(case, asked["answerable"]),
                by=user,
                now=clock.now(),
            )
        return Response(review_of(row), status=201)


class OneReview(APIView):
    permission_classes = [api.needs("case.see")]

    @extend_schema(operation_id="reviews_retrieve", responses=ReviewShape)
    def get(self, request: Request, pk: int) -> Response:
        return Response(review_of(review_for(request, pk)))


class ReplyToReview(APIView):
    """The person concerned says how it was."""

    permission_classes = [api.needs("case.see")]

    @extend_schema(
        operation_id="reviews_reply",
        request=NewReply,
        responses={200: ReviewShape, 409: CONFLICT},
    )
    def post(self, request: Request, pk: int) -> Response:
        row = review_for(request, pk)
        text = given(request, NewReply)["text"]
        with refusals():
            row = reviews.reply(row, text=text, by=user_of(request), now=clock.now())
        return Response(review_of(row))


class EndReview(APIView):
    permission_classes = [api.needs(reviews.PERMISSION)]

    @extend_schema(
        operation_id="reviews_end",
        request=NewResult,
        responses={200: ReviewShape, 409: CONFLICT},
    )
    def post(self, request: Request, pk: int) -> Response:
        row = review_for(request, pk)
        asked = given(request, NewResult)
        with refusals():
            row = reviews.end(row, by=user_of(request), now=clock.now(), **asked)
        return Response(review_of(row))


def review_for(request: Request, pk: int) -> Review:
    rows = reviews.visible_to(user_of(request))
    found = rows.select_related("case", "answerable", "opened_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def review_of(row: Review) -> dict[str, Any]:
    return {
        "id": row.pk,
        "url": reverse("api_review", args=[row.pk]),
        "case": row.case.number,
        "item_name": items.facts(row.case.item_id).title,
        "ground": row.ground,
        "findings": row.findings,
        "answerable": row.answerable_id,
        "answerable_name": str(row.answerable),
        "opened_by": str(row.opened_by),
        "opened_at": row.opened_at,
        "reply": row.reply,
        "replied_at": row.replied_at,
        "verdict": row.verdict,
        "result": row.result,
        "ended_at": row.ended_at,
    }


# Call-backs -------------------------------------------------------------------------------------


class CallBackQuery(PageQuery):
    late = serializers.BooleanField(default=False, help_text=_("只看已过回访期限的"))


class NewCall(serializers.Serializer[Any]):
    result = serializers.ChoiceField(choices=CallBackResult.choices)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class CallBackShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    case = serializers.CharField(help_text=_("事件编号"))
    item_name = serializers.CharField()
    answer = serializers.CharField(help_text=_("回告内容"))
    drawn_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)
    result = serializers.CharField()
    note = serializers.CharField()


class CallBackPage(serializers.Serializer[Any]):
    results = CallBackShape(many=True)
    next = serializers.CharField(allow_null=True)


class CallBacks(APIView):
    """The calls still to be made, the newest first."""

    permission_classes = [api.needs(callbacks.PERMISSION)]

    @extend_schema(
        operation_id="callbacks_list", parameters=[CallBackQuery], responses=CallBackPage
    )
    def get(self, request: Request) -> Response:
        asked = api.asked(request, CallBackQuery)
        rows = callbacks.open_for(user_of(request)).select_related("case")
        if asked["late"]:
            rows = rows.filter(due_at__lt=clock.now())
        return paged(request, rows, asked, call_of)


class OneCallBack(APIView):
    """Write down what came of a call; who is not content has the case worked on again."""

    permission_classes = [api.needs(callbacks.PERMISSION)]

    @extend_schema(
        operation_id="callbacks_record",
        request=NewCall,
        responses={200: CallBackShape, 409: CONFLICT},
    )
    def post(self, request: Request, pk: int) -> Response:
        user = user_of(request)
        rows = callbacks.open_for(user).select_related("case")
        row = rows.filter(pk=pk).first()
        if row is None:
            raise Http404
        asked = given(request, NewCall)
        with refusals():
            row = callbacks.record(row, by=user, now=clock.now(), **asked)
        return Response(call_of(row))


def call_of(row: CallBack) -> dict[str, Any]:
    return {
        "id": row.pk,
        "case": row.case.number,
        "item_name": items.facts(row.case.item_id).title,
        "answer": row.case.answer,
        "drawn_at": row.drawn_at,
        "due_at": row.due_at,
        "done_at": row.done_at,
        "result": row.result,
        "note": row.note,
    }


urls = [
    path("reviews/", Reviews.as_view(), name="api_reviews"),
    path("reviews/<int:pk>/", OneReview.as_view(), name="api_review"),
    path("reviews/<int:pk>/reply/", ReplyToReview.as_view(), name="api_review_reply"),
    path("reviews/<int:pk>/end/", EndReview.as_view(), name="api_review_end"),
    path("cases/<str:number>/reviews/", CaseReviews.as_view(), name="api_case_reviews"),
    path("callbacks/", CallBacks.as_view(), name="api_callbacks"),
    path("callbacks/<int:pk>/", OneCallBack.as_view(), name="api_callback"),
]
