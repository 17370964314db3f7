"""Photos of a case: added by those who may, fetched by those who see the case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import access, photos
from cases.api import shapes
from cases.api.shapes import given, user_of
from cases.errors import NotAllowed
from cases.models import Photo
from governance import api, clock
from governance.api import OrjsonRenderer, Problem
from governance.uploads import BadPicture

JPEG = {(200, "image/jpeg"): OpenApiTypes.BINARY}


class CasePhotos(APIView):
    """Add a photo. The same picture sent again is the same photo."""

    permission_classes = [api.needs("case.add_photo")]
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="case_photos_create",
        request={"multipart/form-data": shapes.NewPhoto},
        responses={
            201: shapes.CasePhoto,
            400: OpenApiResponse(description="bad_picture"),
            409: OpenApiResponse(description="not_allowed"),
        },
    )
    def post(self, request: Request, number: str) -> Response:
        user = user_of(request)
        case = access.case_for(user, number)
        asked = given(request, shapes.NewPhoto)
        kind, task_id, now = asked["kind"], asked.get("task"), clock.now()
        if not access.may_add_photo(user, case, kind, task_id):
            raise PermissionDenied
        try:
            photo = photos.add(case, asked["file"], kind=kind, by=user, now=now, task_id=task_id)
        except BadPicture as error:
            raise Problem(400, "bad_picture", str(error)) from error
        except NotAllowed as error:
            raise Problem(409, "not_allowed", str(error)) from error
        return Response(photo_of(photo), status=201)


class AsPicture(OrjsonRenderer):
    """For callers that accept pictures only; errors are JSON all the same."""

    media_type = "image/*"


class Picture(APIView):
    """The picture, as JPEG."""

    permission_classes = [api.needs("case.see")]
    renderer_classes = [OrjsonRenderer, AsPicture]

    @extend_schema(operation_id="photos_retrieve", responses=JPEG)
    def get(self, request: Request, key: UUID) -> HttpResponse:
        return photos.download(access.photo_for(user_of(request), key).file)


class Thumb(APIView):
    """A small form of the picture, as JPEG."""

    permission_classes = [api.needs("case.see")]
    renderer_classes = [OrjsonRenderer, AsPicture]

    @extend_schema(operation_id="photos_thumb", responses=JPEG)
    def get(self, request: Request, key: UUID) -> HttpResponse:
        return photos.download(access.photo_for(user_of(request), key).thumb)


def photo_of(photo: Photo) -> dict[str, Any]:
    return {
        "uuid": str(photo.uuid),
        "kind": photo.kind,
        "task": photo.task_id,
        "leave": photo.leave_id,
        "added_at": photo.added_at,
        "public": photo.no_person_visible,
        "url": reverse("api_photo", args=[photo.uuid]),
        "thumb_url": reverse("api_photo_thumb", args=[photo.uuid]),
    }
