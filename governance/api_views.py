"""The ground floor's part of the API: units, and one's own messages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular import authentication
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance import api, clock, outbox
from governance.models import Message, Unit, UnitCode, UnitKind

LARGEST_PAGE = 200


class Schema(SpectacularAPIView):
    """The API's own description, OpenAPI 3."""

    permission_classes = [api.SignedIn]


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = api.TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token …"}


class SessionScheme(authentication.SessionScheme):  # type: ignore[no-untyped-call]
    target_class = "governance.api.SessionAuthentication"
    priority = 0


class PageQuery(serializers.Serializer[Any]):
    """Keyset paging: what follows the row `after`."""

    after = serializers.IntegerField(required=False, min_value=0)
    limit = serializers.IntegerField(default=50, min_value=1, max_value=LARGEST_PAGE)


class UnitQuery(PageQuery):
    kind = serializers.ChoiceField(choices=UnitKind.choices, required=False)
    parent = serializers.IntegerField(required=False)  # type: ignore[assignment]
    q = serializers.CharField(required=False, max_length=80)
    on = serializers.DateField(required=False)  # the units of that day; else today's


class MessageQuery(PageQuery):
    unread = serializers.BooleanField(default=False)


class UnitCodeSerializer(serializers.ModelSerializer[UnitCode]):
    class Meta:
        model = UnitCode
        fields = ("scheme", "code", "valid_from", "valid_to")


class UnitSerializer(serializers.ModelSerializer[Unit]):
    codes = UnitCodeSerializer(many=True, read_only=True)

    class Meta:
        model = Unit
        fields = (
            "id",
            "kind",
            "name",
            "parent_id",
            "district_id",
            "street_id",
            "community_id",
            "grid_id",
            "valid_from",
            "valid_to",
            "successor_id",
            "codes",
        )


class MessageSerializer(serializers.ModelSerializer[Message]):
    text = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = ("id", "kind", "text", "url", "created_at", "read_at")

    @extend_schema_field(OpenApiTypes.STR)
    def get_text(self, message: Message) -> str:
        return outbox.sentence(message.kind, message.params)

    @extend_schema_field(OpenApiTypes.STR)
    def get_url(self, message: Message) -> str:
        return outbox.link(message.kind, message.params)


class UnitPage(serializers.Serializer[Any]):
    results = UnitSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class MessagePage(serializers.Serializer[Any]):
    results = MessageSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class Units(APIView):
    """The organisation, oldest entry first."""

    permission_classes = [api.needs("unit.see")]

    @extend_schema(operation_id="units_list", parameters=[UnitQuery], responses=UnitPage)
    def get(self, request: Request) -> Response:
        asked = api.asked(request, UnitQuery)
        units = Unit.objects.valid(asked.get("on") or clock.today()).order_by("pk")
        for name in ("kind", "parent"):
            if name in asked:
                units = units.filter(**{name: asked[name]})
        if "q" in asked:
            units = units.filter(name__icontains=asked["q"])
        if "after" in asked:
            units = units.filter(pk__gt=asked["after"])
        return page(request, units.prefetch_related("codes"), UnitSerializer, asked["limit"])


class OneUnit(APIView):
    """One unit, also one that is no more."""

    permission_classes = [api.needs("unit.see")]

    @extend_schema(responses=UnitSerializer)
    def get(self, request: Request, pk: int) -> Response:
        unit = get_object_or_404(Unit.objects.prefetch_related("codes"), pk=pk)
        return Response(UnitSerializer(unit).data)


class Messages(APIView):
    """One's own inbox, newest first."""

    permission_classes = [api.needs("message.see")]

    @extend_schema(operation_id="messages_list", parameters=[MessageQuery], responses=MessagePage)
    def get(self, request: Request) -> Response:
        asked = api.asked(request, MessageQuery)
        messages = Message.objects.filter(recipient=request.user.pk).order_by("-pk")
        if asked["unread"]:
            messages = messages.unread()
        if "after" in asked:
            messages = messages.filter(pk__lt=asked["after"])
        return page(request, messages, MessageSerializer, asked["limit"])


class ReadMessage(APIView):
    """Mark a message as read; again changes nothing."""

    permission_classes = [api.needs("message.see")]

    @extend_schema(request=None, responses=MessageSerializer)
    def post(self, request: Request, pk: int) -> Response:
        message = get_object_or_404(Message, pk=pk, recipient=request.user.pk)
        if message.read_at is None:
            message.read_at = clock.now()
            message.save(update_fields=["read_at"])
        return Response(MessageSerializer(message).data)


def page(request: Request, rows: QuerySet[Any], serializer: Any, limit: int) -> Response:
    """One page and the address of the next, or None."""
    found = list(rows[: limit + 1])
    following = None
    if len(found) > limit:
        query = {**request.query_params.dict(), "after": found[limit - 1].pk}
        following = request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
    return Response({"results": serializer(found[:limit], many=True).data, "next": following})


routes = [
    path("units/", Units.as_view(), name="api_units"),
    path("units/<int:pk>/", OneUnit.as_view(), name="api_unit"),
    path("messages/", Messages.as_view(), name="api_messages"),
    path("messages/<int:pk>/read/", ReadMessage.as_view(), name="api_message_read"),
]
