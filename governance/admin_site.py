"""Django's admin, asking the one permission table instead of flags on users."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from governance import permissions


class GovernanceAdminSite(admin.AdminSite):
    site_header = site_title = _("社区网格治理平台 · 管理后台")
    index_title = _("管理")
    empty_value_display = "—"

    def has_permission(self, request: HttpRequest) -> bool:
        return permissions.may(request.user, "admin.enter")

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one door; who came through it without a post for this house is told so."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        target = request.GET.get("next") or settings.LOGIN_REDIRECT_URL
        return redirect_to_login(target, settings.LOGIN_URL)

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
