"""Django's admin, asking the one permission table instead of flags on users."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from governance import permissions, reference


class GovernanceAdminSite(admin.AdminSite):
    site_header = site_title = _("社区网格治理平台 · 管理后台")
    site_url = "/permissions/"  # "/" is the list of cases, which administrators do not see
    index_title = _("管理")
    empty_value_display = "—"

    def has_permission(self, request: HttpRequest) -> bool:
        return permissions.may(request.user, "admin.enter")

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one door; who came through it without a post for this house is told so."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        target = request.GET.get("next") or settings.LOGIN_REDIRECT_URL
        return redirect_to_login(target, settings.LOGIN_URL)

    def _build_app_dict(self, request: HttpRequest, label: Any = None) -> dict[str, Any]:
        """Names as texts: every page sorts them, and a lazy one is translated at each comparison
        (of a hundred histories, 25 ms a page)."""
        found: dict[str, Any] = super()._build_app_dict(request, label)
        for app in found.values():
            for model in app["models"]:
                model["name"] = str(model["name"])
        return found

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Our own page remembers the old password and its age."""
        return redirect("password_change")


class TablePermissions:
    """Who sees and who changes, by the permission table; deleting is never offered."""

    see: str
    change: str = ""

    def may(self, request: HttpRequest, code: str) -> bool:
        return bool(code) and permissions.may(request.user, code)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request, self.see) or self.may(request, self.change)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, self.see) or self.may(request, self.change)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, self.change)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.may(request, self.change)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class TableAdmin(TablePermissions, admin.ModelAdmin):  # type: ignore[type-arg]
    """A model's admin names the permissions to see and to change it."""

    list_per_page = 50
    show_full_result_count = False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Django looks for the object first, and so tells anybody whether it is there."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)


class AsksFirst(TableAdmin):
    """A change that moves what is open is asked about first. To know what it moves, it is made,
    looked at, and unless it was confirmed taken back."""

    def standing(self, request: HttpRequest, object_id: str | None) -> Any:
        """What `follows` compares with, read before the change is made."""

    def follows(self, row: Any, before: Any) -> list[str]:
        """What the change of this row, made already, brings, as sentences; none: it is saved."""
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        ask = request.method == "POST" and "_confirmed" not in request.POST
        if not ask or not self.may(request, self.change):
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            before = self.standing(request, object_id)
            response = super().changeform_view(request, object_id, form_url, extra_context)
            row = getattr(request, "saved_row", None)
            if row is None:  # the form was refused
                return response
            with reference.aside():
                said = self.follows(row, before)
            if not said:
                return response
            transaction.set_rollback(True)
        list(messages.get_messages(request))  # "was changed" is not to be said yet, nor later
        return self.ask(request, said)

    def ask(self, request: HttpRequest, said: list[str]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("保存前请确认"),
            "opts": self.opts,
            "said": said,
            "messages": [],
            "posted": [(name, value) for name, values in request.POST.lists() for value in values],
        }
        return render(request, "admin/ask_first.html", context)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        request.saved_row = form.instance  # type: ignore[attr-defined]


class TableInline(TablePermissions, admin.TabularInline):  # type: ignore[type-arg]
    """Rows of another model on a model's page, under the same table."""

    extra = 0


class ReadOnlyAdmin(TableAdmin):
    """What only the machine writes."""

    list_display_links: Any = None

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False
