"""What runs behind the pages: timers, messages and their deliveries, the heartbeat."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import clock, outbox, timers
from governance.admin_site import ReadOnlyAdmin
from governance.models import Delivery, Heartbeat, Message, Timer


class JobsAdmin(ReadOnlyAdmin):
    see = "jobs.see"

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "jobs.retry")

    def say_retried(self, request: HttpRequest, number: int) -> None:
        self.message_user(request, _t("已重新排入 %(number)d 项。") % {"number": number})


class TimerState(admin.SimpleListFilter):
    title, parameter_name = _("状态"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", _("待触发")),
            ("parked", _("已搁置")),
            ("fired", _("已触发")),
            ("cancelled", _("已取消")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Timer]) -> QuerySet[Timer]:
        states = {
            "open": Timer.objects.open(),
            "parked": Timer.objects.parked(),
            "fired": Timer.objects.filter(fired_at__isnull=False),
            "cancelled": Timer.objects.filter(cancelled_at__isnull=False),
        }
        chosen = states.get(self.value() or "")
        return queryset if chosen is None else queryset & chosen


class TimerKind(admin.SimpleListFilter):
    title, parameter_name = _("种类"), "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind, known.label) for kind, known in timers.HANDLERS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Timer]) -> QuerySet[Timer]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Timer)
class TimerAdmin(JobsAdmin):
    list_display = (
        "label",
        "subject_id",
        "level",
        "due_at",
        "knock_at",
        "fired_at",
        "cancelled_at",
        "parked_at",
        "attempts",
        "last_error",
    )
    list_filter = (TimerState, TimerKind)
    search_fields = ("subject_id__exact",)
    search_help_text = _("按对象编号查找")
    ordering = ("-pk",)
    actions = ("retry",)

    @admin.display(description=_("种类"), ordering="kind")
    def label(self, timer: Timer) -> str:
        known = timers.HANDLERS.get(timer.kind)
        return str(known.label) if known else timer.kind

    @admin.action(description=_("重试已搁置的计时器"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Timer]) -> None:
        self.say_retried(request, timers.release(queryset, clock.now()))


@admin.register(Message)
class MessageAdmin(JobsAdmin):
    list_display = ("recipient", "text", "created_at", "read_at")
    list_select_related = ("recipient",)
    search_fields = ("recipient__username", "recipient__display_name")
    ordering = ("-pk",)

    @admin.display(description=_("内容"))
    def text(self, message: Message) -> str:
        return outbox.sentence(message.kind, message.params)


class SendingState(admin.SimpleListFilter):
    """Of any kind of row that leaves the house."""

    title, parameter_name = _("状态"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("待发送")), ("sent", _("已发送")), ("failed", _("已放弃"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        states: dict[str, dict[str, Any]] = {
            "waiting": {"sent_at": None, "failed_at": None},
            "sent": {"sent_at__isnull": False},
            "failed": {"failed_at__isnull": False},
        }
        return queryset.filter(**states.get(self.value() or "", {}))


class ChannelFilter(admin.AllValuesFieldListFilter):
    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": channel_label(str(choice["display"]))}


def channel_label(channel: str) -> str:
    return str(outbox.CHANNEL_LABELS.get(channel, channel))


@admin.register(Delivery)
class DeliveryAdmin(JobsAdmin):
    list_display = (
        "recipient",
        "text",
        "over",
        "attempts",
        "next_try_at",
        "sent_at",
        "failed_at",
        "last_error",
    )
    list_filter = (SendingState, ("channel", ChannelFilter))
    list_select_related = ("message__recipient",)
    search_fields = ("message__recipient__username", "message__recipient__display_name")
    ordering = ("-pk",)
    actions = ("retry",)

    @admin.display(description=_("收件人"))
    def recipient(self, delivery: Delivery) -> str:
        return str(delivery.message.recipient)

    @admin.display(description=_("内容"))
    def text(self, delivery: Delivery) -> str:
        return outbox.sentence(delivery.message.kind, delivery.message.params)

    @admin.display(description=_("渠道"), ordering="channel")
    def over(self, delivery: Delivery) -> str:
        return channel_label(delivery.channel)

    @admin.action(description=_("重试已放弃的发送"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        self.say_retried(request, outbox.retry(queryset, clock.now()))


@admin.register(Heartbeat)
class HeartbeatAdmin(JobsAdmin):
    list_display = ("name", "at", "age")

    @admin.display(description=_("距今"))
    def age(self, heartbeat: Heartbeat) -> str:
        seconds = int((clock.now() - heartbeat.at).total_seconds())
        return _t("%(seconds)d 秒") % {"seconds": seconds}
