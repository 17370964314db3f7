"""Django's admin, asking the one permission table instead of flags on users."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from governance import permissions


class GovernanceAdminSite(admin.AdminSite):
    site_header = site_title = _("网格治理平台 · 管理后台")
    index_title = _("管理")
    empty_value_display = "—"

    def has_permission(self, request: HttpRequest) -> bool:
        return permissions.may(request.user, "admin.enter")


class TableAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A model's admin names the permissions to see and to change it; deleting is never offered."""

    see: str
    change: str = ""
    list_per_page = 50
    show_full_result_count = False

    def may(self, request: HttpRequest, code: str) -> bool:
        return bool(code) and permissions.may(request.user, code)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request, self.see) or self.may(request, self.change)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, self.change)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.may(request, self.change)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
