"""A page on the desk and on the phone: which of the two is asked, and where its links lead; and the
page that somebody is on, to come back to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

DESK, PHONE = "desk", "phone"


@dataclass(frozen=True)
class Way:
    """How it goes on from a page in a room above, which registered it: a button."""

    label: str
    icon: str
    url: str


def surface(request: HttpRequest) -> str:
    """Which of the two a page is for: its frame, and where its links lead."""
    return PHONE if request.path.startswith("/m/") else DESK


def show(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A template that extends `base`, in the frame of the surface that is asked."""
    on_phone = surface(request) == PHONE
    frame = {"base": "base_phone.html" if on_phone else "base.html", "on_phone": on_phone}
    return render(request, template, {**context, **frame}, status=status)


def to(request: HttpRequest, name: str, *args: object) -> str:
    """The address of a page on the same surface, "people:person" and the like: rooms other than
    cases name their phone pages under "<room>_phone"."""
    room, _colon, page = name.rpartition(":")
    on_phone = surface(request) == PHONE
    space = f"{room}_phone" if on_phone and room else room or surface(request)
    return reverse(f"{space}:{page}", args=args)


def page_of(request: HttpRequest) -> str:
    """The address of the page somebody is on, without its host. A part of a page, and what a form
    is sent to, are no pages: then the browser says which it was, else it is the room's home."""
    part = "HX-Request" in request.headers
    if request.method in {"GET", "HEAD"} and not part:
        return request.get_full_path()
    try:
        said = urlsplit(request.headers.get("HX-Current-URL" if part else "Referer", ""))
    except ValueError:
        return home_of(request)
    if said.netloc != request.get_host():
        return home_of(request)
    path = f"/{said.path.lstrip('/')}"  # "//name" would be another host's
    return f"{path}?{said.query}" if said.query else path


def home_of(request: HttpRequest) -> str:
    """Where one begins: residents and the phone in their own room, others at their work."""
    rooms = ("/report/", "/m/")
    return next((room for room in rooms if request.path.startswith(room)), "/home/")
