"""The kinds of support plans in the admin. People are not here: who administers sees nobody."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from governance.admin_site import TableAdmin
from people.models import SupportKind


@admin.register(SupportKind)
class SupportKindAdmin(TableAdmin):
    """What plans there are, each with its purpose, its basis in law and its review."""

    see, change = "item.see", "item.change"
    fields = (
        *("code", "name", "name_en", "purpose", "basis"),
        *("review_months", "lasts_months", "wait_days", "needs", "is_active"),
    )
    list_display = ("code", "name", "review_months", "lasts_months", "wait_days", "is_active")
    list_display_links = ("code", "name")
    search_fields = ("code", "name")
    ordering = ("pk",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("code",) if obj else ()
