"""Papers (文书) of a case or a service request: listed, made, fetched as the Word file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import access, papers, service_papers, services, word
from cases.api.refusals import CONFLICT, refusals
from cases.api.shapes import given, user_of
from cases.models import OF_SERVICE, Paper, PaperKind
from governance import api, clock
from governance.api import OrjsonRenderer

DOCX = {(200, word.MIME): OpenApiTypes.BINARY}
OF_CASE = [(kind.value, kind.label) for kind in PaperKind if kind not in OF_SERVICE]


class NewPaper(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=OF_CASE)
    finding = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text=_("检查发现编号（责令整改通知书、调解协议书）"),
    )


class NewServicePaper(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in OF_SERVICE])


class PaperShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    number = serializers.CharField()
    made_by = serializers.CharField()
    made_at = serializers.DateTimeField()
    sha256 = serializers.CharField()
    url = serializers.CharField(help_text=_("Word 文件的地址；无权查看其中的当事人则为空"))


class PaperList(serializers.Serializer[Any]):
    results = PaperShape(many=True)


class AsWord(OrjsonRenderer):
    """For callers that accept Word files only; errors are JSON all the same."""

    media_type = word.MIME


class CasePapers(APIView):
    """The papers of a case, in the order in which they were made."""

    permission_classes = [api.needs("case.see", post="case.make_paper")]

    @extend_schema(operation_id="case_papers_list", responses=PaperList)
    def get(self, request: Request, number: str) -> Response:
        user = user_of(request)
        case = access.case_for(user, number)
        rows = papers.of_case(case)
        opens = {kind.value: papers.may_open(user, case, kind) for kind in PaperKind}
        return listed(rows, "api_case_paper", number, opens)

    @extend_schema(
        operation_id="case_papers_create",
        request=NewPaper,
        responses={201: PaperShape, 409: CONFLICT},
    )
    def post(self, request: Request, number: str) -> Response:
        """Make one: numbered, filled from the template in force, kept with the case."""
        user = user_of(request)
        case = access.case_for(user, number)
        if not papers.kinds_for(user, case):
            raise PermissionDenied
        asked = given(request, NewPaper)
        with refusals():
            paper = papers.make(
                case,
                asked["kind"],
                by=user,
                now=clock.now(),
                finding=papers.finding_of(case, asked["finding"]),
            )
        return Response(shown(paper, "api_case_paper", number), status=201)


class CasePaper(APIView):
    """The Word file. Where it names a person, the look is written down."""

    permission_classes = [api.needs("case.see")]
    renderer_classes = [OrjsonRenderer, AsWord]

    @extend_schema(operation_id="case_papers_retrieve", responses=DOCX)
    def get(self, request: Request, number: str, key: UUID) -> HttpResponse:
        return papers.download(papers.opened(user_of(request), number, key, clock.now()))


class ServicePapers(APIView):
    """The papers of a service request, in the order in which they were made."""

    permission_classes = [api.needs("service.see")]

    @extend_schema(operation_id="service_papers_list", responses=PaperList)
    def get(self, request: Request, number: str) -> Response:
        user = user_of(request)
        found = services.request_for(user, number)
        sees = service_papers.may_open(user, found)
        opens = {kind.value: sees for kind in OF_SERVICE}
        return listed(service_papers.of_request(found), "api_service_paper", number, opens)

    @extend_schema(
        operation_id="service_papers_create",
        request=NewServicePaper,
        responses={201: PaperShape, 409: CONFLICT},
    )
    def post(self, request: Request, number: str) -> Response:
        """Make one: the mandate to be signed, or word that the request was accepted."""
        user = user_of(request)
        found = services.request_for(user, number)
        if not service_papers.kinds_for(user, found):
            raise PermissionDenied
        kind = given(request, NewServicePaper)["kind"]
        with refusals():
            paper = service_papers.make(found, kind, by=user, now=clock.now())
        return Response(shown(paper, "api_service_paper", number), status=201)


class ServicePaper(APIView):
    """The Word file; it names the applicant, so the look is written down."""

    permission_classes = [api.needs("service.see")]
    renderer_classes = [OrjsonRenderer, AsWord]

    @extend_schema(operation_id="service_papers_retrieve", responses=DOCX)
    def get(self, request: Request, number: str, key: UUID) -> HttpResponse:
        found = service_papers.opened(user_of(request), number, key, clock.now())
        return papers.download(found)


def listed(rows: Iterable[Paper], name: str, number: str, opens: dict[str, bool]) -> Response:
    found = [shown(paper, name, number, links=opens[paper.kind]) for paper in rows]
    return Response({"results": found})


def shown(paper: Paper, name: str, number: str, *, links: bool = True) -> dict[str, Any]:
    return {
        "id": str(paper.pk),
        "kind": paper.kind,
        "number": paper.number,
        "made_by": str(paper.made_by),
        "made_at": paper.made_at,
        "sha256": paper.sha256,
        "url": reverse(name, args=[number, paper.pk]) if links else "",
    }


urls = [
    path("cases/<str:number>/papers/", CasePapers.as_view(), name="api_case_papers"),
    path("cases/<str:number>/papers/<uuid:key>/", CasePaper.as_view(), name="api_case_paper"),
    path("services/<str:number>/papers/", ServicePapers.as_view(), name="api_service_papers"),
    path(
        "services/<str:number>/papers/<uuid:key>/",
        ServicePaper.as_view(),
        name="api_service_paper",
    ),
]
