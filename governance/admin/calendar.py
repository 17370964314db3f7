"""The working calendar; each change has open deadlines computed again."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import clock, workcalendar
from governance.admin_site import AsksFirst
from governance.models import CalendarDay, CalendarYear, WorkingHours
from governance.workcalendar import FOLLOWERS


class CalendarAdmin(AsksFirst):
    see = change = "calendar.change"

    def follows(self, row: Any, before: Any) -> list[str]:
        counted = [(follower.label, follower.moving()) for follower in FOLLOWERS.values()]
        return [
            _t("%(n)d 件%(name)s的时限随之重算；暂停、延期和人工改定的日期照旧。")
            % {"n": n, "name": label}
            for label, n in counted
            if n
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        workcalendar.changed(clock.now())

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Says which of this year and the next has no published holidays yet."""
        this_year = clock.today().year
        for year in (this_year, this_year + 1):
            if workcalendar.calendar().is_provisional(date(year, 1, 1)):
                text = _t("%(year)d 年的节假日安排尚未录入，时限暂按周末推算。") % {"year": year}
                messages.warning(request, text)
        return super().changelist_view(request, extra_context)


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
