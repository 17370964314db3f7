"""The item catalogue: classes, items with their limits, ladders with their steps."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import items, previews, recomputing
from cases.models import (
    Item,
    ItemClass,
    ItemLimit,
    Ladder,
    LadderReminder,
    LadderStep,
    Remit,
)
from governance import clock
from governance.admin_site import AsksFirst, TableAdmin, TableInline
from governance.models import Unit, UnitKind

SEPARATORS = re.compile(r"[、，,;；\s]+")


class ListField(forms.CharField):
    """Several short entries in one line, parted as one is used to: 、 or a comma or a space."""

    def prepare_value(self, value: Any) -> Any:
        return _t("、").join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        parts = SEPARATORS.split(super().to_python(value) or "")
        return list(dict.fromkeys(part for part in parts if part))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(self.prepare_value(initial)) != self.to_python(data))
        except ValidationError:
            return True


class PercentsField(ListField):
    """Shares of a limit, in ascending order."""

    def to_python(self, value: Any) -> Any:
        parts = super().to_python(value)
        if not all(part.isdecimal() and 0 < int(part) < 100 for part in parts):
            raise ValidationError(_t("请填写 1 至 99 的整数，例如：50、80。"), "percent")
        return sorted(map(int, parts))


class CatalogueAdmin(TableAdmin):
    """The code is a row's identity: given once, then kept."""

    see, change = "item.see", "item.change"

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("code",) if obj else ()


@admin.register(ItemClass)
class ItemClassAdmin(CatalogueAdmin):
    list_display = ("code", "name", "name_en")
    search_fields = ("code", "name", "name_en")
    ordering = ("pk",)


class LadderForm(forms.ModelForm):  # type: ignore[type-arg]
    remind_percent = PercentsField(
        label=_("临期提醒（时限的百分比）"), required=False, help_text=_("例如：50、80")
    )

    class Meta:
        model = Ladder
        fields = ("code", "name", "remind_percent")


class ReminderForm(forms.ModelForm):  # type: ignore[type-arg]
    valid_from = forms.DateField(label=_("自"), widget=AdminDateWidget)
    percent = PercentsField(
        label=_("临期提醒（时限的百分比）"), required=False, help_text=_("例如：50、80")
    )

    class Meta:
        model = LadderReminder
        fields = ("percent", "valid_from", "valid_to")


class OnceADay(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Of the rows that speak of one thing, one begins on a day; Django compares no empty days, and
    names columns where it speaks."""

    thing = ""

    def validate_unique(self) -> None:
        """Said by `clean`, beside the row."""

    def clean(self) -> None:
        super().clean()
        seen = set()
        for form in self.forms:
            row = form.cleaned_data
            if not row or row.get("DELETE") or self.thing not in row:
                continue
            key = row[self.thing], row.get("valid_from")
            if key in seen:
                form.add_error("valid_from", _("同一天起已有一行。"))
            seen.add(key)


class OneReminderADay(OnceADay):
    thing = "ladder"


class OneStepADay(OnceADay):
    thing = "step"


class OneLimitADay(OnceADay):
    thing = "stage"


class ReminderInline(TableInline):
    model = LadderReminder
    form = ReminderForm
    formset = OneReminderADay
    see, change = "item.see", "item.change"
    ordering = ("valid_from",)
    verbose_name_plural = _("某日起的临期提醒（以最近开始的一行为准；百分比不填为不提醒）")


class StepInline(TableInline):
    model = LadderStep
    formset = OneStepADay
    see, change = "item.see", "item.change"
    fields = ("step", "after", "unit", "to", "severity", "valid_from", "valid_to")
    ordering = ("step", F("valid_from").asc(nulls_first=True))
    verbose_name_plural = _(
        "升级步骤（级次从 0 起；超期后 0 即到期时；同一级次以最近开始的一行为准）"
    )


@admin.register(Ladder)
class LadderAdmin(CatalogueAdmin, AsksFirst):
    form = LadderForm
    list_display = ("code", "name", "remind_percent")
    ordering = ("pk",)
    inlines = (ReminderInline, StepInline)

    def follows(self, row: Any, before: Any) -> list[str]:
        return previews.of_ladder(climbing(row), clock.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        recomputing.change_ladder(climbing(form.instance), clock.now())


def climbing(ladder: Ladder) -> list[int]:
    """The items of a ladder."""
    return list(Item.objects.filter(ladder=ladder).values_list("pk", flat=True))


class LimitInline(TableInline):
    model = ItemLimit
    formset = OneLimitADay
    see, change = "item.see", "item.change"
    fields = ("stage", "amount", "unit", "valid_from", "valid_to")
    ordering = ("pk",)
    verbose_name_plural = _(
        "时限（同一阶段以最近开始的一行为准；在办事件的阶段时限随之重算，暂停、延期不受影响，"
        "对外承诺不变）"
    )


class ItemForm(forms.ModelForm):  # type: ignore[type-arg]
    words = ListField(
        label=_("常用说法"),
        required=False,
        help_text=_("居民和网格员会怎么说，以“、”分隔；上报时据此找到事项。"),
    )

    class Meta:
        model = Item
        fields = (
            "code",
            "item_class",
            "name",
            "name_en",
            "form",
            "words",
            "remit",
            "upper_department",
            "admission",
            "closing",
            "department",
            "joint",
            "dispatch",
            "ladder",
            "photo_before",
            "photo_after",
            "source",
            "is_active",
            "valid_from",
            "valid_to",
        )

    def clean_words(self) -> list[str]:
        words: list[str] = self.cleaned_data["words"]
        if long := [word for word in words if len(word) > 20]:
            raise ValidationError(
                _t("每个说法不超过 20 字：%(words)s。") % {"words": _t("、").join(long)}
            )
        return words

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("remit", Remit.BASIC) != Remit.BASIC and not data.get("upper_department"):
            self.add_error("upper_department", _t("配合履职、上级收回的事项须写明上级牵头部门。"))
        if data.get("department") in (data.get("joint") or ()):
            self.add_error("joint", _t("主责部门不必再列为配合部门。"))
        return data


@admin.register(Item)
class ItemAdmin(CatalogueAdmin, AsksFirst):
    form = ItemForm
    inlines = (LimitInline,)
    filter_horizontal = ("joint",)
    list_display = ("code", "name", "item_class", "department", "remit", "dispatch", "is_active")
    list_display_links = ("code", "name")
    list_filter = (
        "item_class",
        "remit",
        "dispatch",
        ("department", admin.RelatedOnlyFieldListFilter),
        "is_active",
    )
    list_select_related = ("item_class", "department")
    search_fields = ("code", "name", "name_en", "words")
    search_help_text = _("按编码、名称或常用说法查找")
    ordering = ("code",)

    def standing(self, request: HttpRequest, object_id: str | None) -> Any:
        return items.items().get(int(object_id)) if object_id and object_id.isdecimal() else None

    def follows(self, row: Any, before: Any) -> list[str]:
        return previews.of_item(before, row.pk, clock.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        recomputing.change_item(form.instance.pk, clock.now())

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "department":
            kwargs["queryset"] = departments()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = departments()
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def departments() -> QuerySet[Unit]:
    """The departments of today."""
    return Unit.objects.valid(clock.today()).filter(kind=UnitKind.DEPARTMENT).order_by("pk")
