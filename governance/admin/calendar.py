"""The working calendar; each change has open deadlines computed again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from governance import clock, workcalendar
from governance.admin_site import TableAdmin
from governance.models import CalendarDay, CalendarYear, WorkingHours


class CalendarAdmin(TableAdmin):
    see = change = "calendar.change"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        workcalendar.changed(clock.now())


@admin.register(CalendarDay)
class CalendarDayAdmin(CalendarAdmin):
    fields = ("day", "kind", "name", "spans")
    list_display = ("day", "kind", "name", "spans", "edited")
    list_filter = ("kind", "edited")
    search_fields = ("name",)
    date_hierarchy = "day"
    ordering = ("-day",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        obj.edited = True  # so that the next loading leaves it alone
        super().save_model(request, obj, form, change)


@admin.register(CalendarYear)
class CalendarYearAdmin(CalendarAdmin):
    list_display = ("year", "source")
    ordering = ("-year",)


@admin.register(WorkingHours)
class WorkingHoursAdmin(CalendarAdmin):
    list_display = ("valid_from", "shown")
    ordering = ("-valid_from",)

    @admin.display(description=_("工作时段"))
    def shown(self, hours: WorkingHours) -> str:
        return _("、").join("–".join(span) for span in hours.spans)
