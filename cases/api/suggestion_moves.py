"""One suggestion: answering it, handing it over, passing it on, publishing it; who made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import suggestions
from cases.api.pages import private
from cases.api.refusals import CONFLICT, refusals
from cases.api.service_shapes import NewLook
from cases.api.shapes import SuggestionRow, given, user_of
from cases.api.suggestions import row_of
from cases.models import Suggestion, SuggestionOutcome
from governance import api, clock


class NewSuggestionAnswer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=SuggestionOutcome.choices)
    text = serializers.CharField(max_length=2000, help_text=_("答复内容"))
    publish = serializers.BooleanField(default=False, help_text=_("公开，不含建议人"))


class SuggestionHandOver(serializers.Serializer[Any]):
    item = serializers.IntegerField(help_text=_("事项编号"))
    place = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class NewReassignment(serializers.Serializer[Any]):
    unit = serializers.IntegerField(help_text=_("改由答复的单位"))
    note = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")


class NewPublication(serializers.Serializer[Any]):
    shown = serializers.BooleanField(help_text=_("公开或撤回公开"))


class SuggestionStepShape(serializers.Serializer[Any]):
    action = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    by = serializers.CharField()
    at = serializers.DateTimeField()
    note = serializers.CharField()


class OneSuggestionShape(SuggestionRow):
    url = serializers.CharField()
    case = serializers.CharField(help_text=_("转成的事件，没有则为空"))
    contributor = serializers.BooleanField(help_text=_("留有建议人信息"))
    steps = SuggestionStepShape(many=True)


class ContributorRevealed(serializers.Serializer[Any]):
    name = serializers.CharField()
    phone = serializers.CharField()


class OneSuggestion(APIView):
    permission_classes = [api.needs("suggestion.see")]

    @extend_schema(operation_id="suggestions_retrieve", responses=OneSuggestionShape)
    def get(self, request: Request, number: str) -> Response:
        """One suggestion with its history, without who made it."""
        return Response(detail(suggestions.suggestion_for(user_of(request), number)))


class AnswerSuggestion(APIView):
    permission_classes = [api.needs(suggestions.ANSWER)]

    @extend_schema(
        operation_id="suggestions_answer",
        request=NewSuggestionAnswer,
        responses={200: OneSuggestionShape, 409: CONFLICT},
    )
    def post(self, request: Request, number: str) -> Response:
        """Adopted, partly, not, or explained; sent a second time it is refused."""
        asked = given(request, NewSuggestionAnswer)
        return done(request, number, suggestions.answer, **asked)


class HandOverSuggestion(APIView):
    permission_classes = [api.needs(suggestions.HAND_OVER)]

    @extend_schema(
        operation_id="suggestions_hand_over",
        request=SuggestionHandOver,
        responses={200: OneSuggestionShape, 409: CONFLICT},
    )
    def post(self, request: Request, number: str) -> Response:
        """What is really a matter to be handled becomes a case, once."""
        asked = given(request, SuggestionHandOver)
        return done(
            request, number, suggestions.hand_over, item_id=asked["item"], place=asked["place"]
        )


class ReassignSuggestion(APIView):
    permission_classes = [api.needs(suggestions.REASSIGN)]

    @extend_schema(
        operation_id="suggestions_reassign",
        request=NewReassignment,
        responses={200: OneSuggestionShape, 409: CONFLICT},
    )
    def post(self, request: Request, number: str) -> Response:
        """Another unit must answer, within the same limit."""
        asked = given(request, NewReassignment)
        return done(
            request, number, suggestions.reassign, unit_id=asked["unit"], note=asked["note"]
        )


class PublishSuggestion(APIView):
    permission_classes = [api.needs(suggestions.ANSWER)]

    @extend_schema(
        operation_id="suggestions_publish",
        request=NewPublication,
        responses={200: OneSuggestionShape, 409: CONFLICT},
    )
    def post(self, request: Request, number: str) -> Response:
        """Show an answered suggestion to residents, or take it back; twice is as once."""
        return done(request, number, suggestions.publish, **given(request, NewPublication))


class RevealContributor(APIView):
    """Name and phone in clear, after the look and its reason were written down."""

    permission_classes = [api.needs(suggestions.REVEAL)]

    @extend_schema(
        operation_id="suggestions_reveal", request=NewLook, responses=ContributorRevealed
    )
    def post(self, request: Request, number: str) -> Response:
        user = user_of(request)
        row = suggestions.suggestion_for(user, number)
        reason = given(request, NewLook)["reason"]
        name, phone = suggestions.reveal(row, by=user, now=clock.now(), reason=reason)
        return private({"name": name, "phone": phone})


def done(request: Request, number: str, verb: Callable[..., object], **asked: Any) -> Response:
    """Make the verb; the answer is the suggestion as it is then, also where it went to a unit that
    the caller does not see."""
    user = user_of(request)
    row = suggestions.suggestion_for(user, number)
    with refusals():
        verb(row, by=user, now=clock.now(), **asked)
    return Response(detail(Suggestion.objects.get(pk=row.pk)))


def detail(row: Suggestion) -> dict[str, Any]:
    return {
        **row_of(row),
        "url": reverse("api_suggestion", args=[row.number]),
        "case": row.case.number if row.case else "",
        "contributor": row.contributor_id is not None,
        "steps": [
            {
                "action": step.action,
                "label": step.get_action_display(),
                "by": str(step.by) if step.by else "",
                "at": step.at,
                "note": step.note,
            }
            for step in row.steps.select_related("by").order_by("-pk")
        ],
    }


ONE = "suggestions/<str:number>/"
urls = [
    path(ONE, OneSuggestion.as_view(), name="api_suggestion"),
    path(f"{ONE}answer/", AnswerSuggestion.as_view(), name="api_suggestion_answer"),
    path(f"{ONE}hand_over/", HandOverSuggestion.as_view(), name="api_suggestion_hand_over"),
    path(f"{ONE}reassign/", ReassignSuggestion.as_view(), name="api_suggestion_reassign"),
    path(f"{ONE}publish/", PublishSuggestion.as_view(), name="api_suggestion_publish"),
    path(f"{ONE}reveal/", RevealContributor.as_view(), name="api_suggestion_reveal"),
]
