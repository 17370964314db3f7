"""What leaves the house about cases."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases import feedback
from cases.models import (
    Notice,
)
from governance import clock
from governance.admin.jobs import JobsAdmin, SendingState


@admin.register(Notice)
class NoticeAdmin(JobsAdmin):
    """To whom stays with the case: who looks after the sending sees no reporter."""

    list_display = (
        *("text", "channel", "attempts", "created_at", "next_try_at"),
        *("sent_at", "failed_at", "last_error"),
    )
    list_filter = (SendingState, "channel")
    search_fields = ("case__number__exact",)
    search_help_text = _("按事件编号查找")
    ordering = ("-pk",)
    actions = ("retry",)

    @admin.display(description=_("内容"))
    def text(self, notice: Notice) -> str:
        return feedback.subject_of(notice)

    @admin.action(description=_("重试已放弃的发送"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        self.say_retried(request, feedback.retry(queryset, clock.now()))
