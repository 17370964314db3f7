"""Pages of the ground floor: where one lands, inbox, password, the permission table, health."""

from __future__ import annotations

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance import clock, health, outbox, passwords, permissions, tokens
from governance.access import StaffRequest, for_everyone, needs, signed_in
from governance.models import Message
from governance.permissions import FIELD, VOLUNTEERS
from governance.roles import Role


@for_everyone
@transaction.non_atomic_requests  # or a database that is down would answer before the view does
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


@for_everyone
@transaction.non_atomic_requests
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    ready, facts = health.report()
    return JsonResponse(facts, status=200 if ready else 503)


@signed_in
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """Each to the place of their work: administrators, grid teams, everybody else."""
    roles = {post.role for post in permissions.posts_of(request.user)}
    if permissions.may(request.user, "admin.enter"):
        return redirect("admin:index")
    if roles and roles <= FIELD | VOLUNTEERS:
        return redirect("phone:tasks")
    return redirect("desk:queue" if roles else "inbox")


@signed_in
@require_GET
def inbox(request: StaffRequest) -> HttpResponse:
    """What one was told, on the desk and below /m/ on the phone, whose pages mirror the desk's."""
    phone = "/m" if request.path.startswith("/m/") else ""
    messages = Message.objects.filter(recipient=request.user).order_by("-pk")
    page = Paginator(messages, 50).get_page(request.GET.get("page"))
    rows = [
        {
            "pk": row.pk,
            "text": outbox.sentence(row.kind, row.params),
            "url": phone + url if (url := outbox.link(row.kind, row.params)) else "",
            "at": row.created_at,
            "unread": row.read_at is None,
        }
        for row in page
    ]
    context = {
        "messages_list": rows,
        "page": page,
        "layout": "base_phone.html" if phone else "base.html",
        "read_all_url": reverse("phone:inbox_read" if phone else "inbox_read"),
    }
    return render(request, "inbox.html", context)


@signed_in
@require_POST
def inbox_read(request: StaffRequest) -> HttpResponse:
    """Everything in the inbox is read."""
    Message.objects.unread().filter(recipient=request.user).update(read_at=clock.now())
    return redirect("phone:inbox" if request.path.startswith("/m/") else "inbox")


@signed_in
@require_http_methods(["GET", "POST"])
def password_change(request: StaffRequest) -> HttpResponse:
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        passwords.change(request.user, form.cleaned_data["new_password1"], clock.now())
        update_session_auth_hash(request, request.user)
        return redirect("password_change_done")
    due = passwords.expired(request.user)
    return render(request, "registration/password_change_form.html", {"form": form, "due": due})


@signed_in
@require_GET
def password_change_done(request: StaffRequest) -> HttpResponse:
    return render(request, "registration/password_change_done.html")


@signed_in
@require_http_methods(["GET", "POST"])
@never_cache
def own_tokens(request: StaffRequest) -> HttpResponse:
    """One's own tokens of the API; the one just taken is shown this once."""
    now, token = clock.now(), None
    if request.method == "POST":
        token = tokens.take(request.user, request.POST.get("token_key", ""), now)
    context = {"tokens": tokens.valid(request.user, now), "token": token}
    return render(request, "registration/tokens.html", context)


@needs("permission.see")
@require_GET
def permission_table(request: StaffRequest) -> HttpResponse:
    roles = [role for role in Role if role != Role.SPONSOR]
    rows = [
        {"code": code, "label": row.label, "cells": [role in row.roles for role in roles]}
        for code, row in permissions.TABLE.items()
    ]
    return render(request, "permissions.html", {"roles": [r.label for r in roles], "rows": rows})
