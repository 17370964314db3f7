"""Visitors: a browser somebody logged in with, and a program with a token."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from knox.models import AuthToken

from cases.models import Case
from governance.models import User
from tests.case_builders import picture

KEY = UUID("00000000-0000-4000-8000-000000000001")


def browser(user: User | None = None) -> Client:
    """A browser; with a user, logged in."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


class Program:
    """Calls the API with a token of this user, in JSON."""

    def __init__(self, user: User, *, language: str = "zh-hans") -> None:
        _stored, token = AuthToken.objects.create(user)
        self.headers = {"Authorization": f"Token {token}", "Accept-Language": language}
        self.client = Client()

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers={**self.headers, **headers})

    def post(self, path: str, body: object, **headers: str) -> Any:
        return self.client.post(
            f"/api/v1{path}",
            body,
            content_type="application/json",
            headers={**self.headers, **headers},
        )

    def send(self, path: str, **fields: Any) -> Any:
        """A form with files."""
        return self.client.post(f"/api/v1{path}", fields, headers=self.headers)


def upload() -> SimpleUploadedFile:
    """A picture as a browser sends it, each of another colour."""
    return SimpleUploadedFile("photo.jpg", picture().read(), "image/jpeg")


def copy(file: SimpleUploadedFile) -> SimpleUploadedFile:
    """The same picture, sent once more."""
    file.seek(0)
    return SimpleUploadedFile("photo.jpg", file.read(), "image/jpeg")


def broken_upload(name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"this is a text, and no picture at all", "image/jpeg")


def post_move(user: User, case: Case, action: str, **fields: Any) -> int:
    """The status with which the desk answers the form of a move."""
    case.refresh_from_db()
    path = f"/cases/{case.number}/{action}/"
    return browser(user).post(path, {"version": case.version, **fields}).status_code
