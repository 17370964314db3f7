"""How cases are sent on: dispatch rules, the learnt suggestions, whistles, the regulation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases import previews
from cases.admin.catalogue import ListField, departments
from cases.models import (
    DispatchRule,
    ItemModel,
    Regulation,
    WhistleLimit,
)
from governance import clock
from governance.admin_site import AsksFirst, TableAdmin
from governance.models import Post, Unit, UnitKind
from governance.permissions import DEPARTMENT


class PostField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, post: Any) -> str:
        return f"{post.unit.name} · {post.get_role_display()} · {post.user}"


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    words = ListField(label=_("描述含有（任一）"), required=False, help_text=_("以“、”分隔"))

    class Meta:
        model = DispatchRule
        fields = (
            *("name", "order", "item", "item_class", "grid_kind", "unit", "words", "source"),
            *("hours", "department", "post", "mode", "valid_from", "valid_to"),
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("item") and data.get("item_class"):
            self.add_error("item_class", _("事项和大类只填一项。"))
        post, department = data.get("post"), data.get("department")
        if post and department and post.unit_id != department.pk:
            self.add_error("post", _("该岗位不在所选部门。"))
        begins, ends = data.get("valid_from"), data.get("valid_to")
        if begins and ends and ends <= begins:
            self.add_error("valid_to", _("须晚于开始日期。"))
        return data


@admin.register(DispatchRule)
class DispatchRuleAdmin(AsksFirst):
    """Tried and looked over at /dispatch-rules/."""

    see, change = "item.see", "item.change"
    form = RuleForm
    list_display = ("order", "name", "item", "item_class", "unit", "department", "post", "mode")
    list_display_links = ("name",)
    list_filter = ("mode", "source", ("department", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("item", "item_class", "unit", "department", "post__unit")
    search_fields = ("name", "words")
    ordering = ("order", "pk")

    def standing(self, request: HttpRequest, object_id: str | None) -> Any:
        return previews.first_candidates()

    def follows(self, row: Any, before: Any) -> list[str]:
        return previews.of_rule(before)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "department":
            kwargs["queryset"] = departments()
        if db_field.name == "unit":
            kinds = (UnitKind.STREET, UnitKind.COMMUNITY, UnitKind.GRID)
            today = Unit.objects.valid(clock.today()).filter(kind__in=kinds)
            kwargs["queryset"] = today.order_by("pk")
        if db_field.name == "post":
            kwargs |= {"queryset": posts(), "form_class": PostField}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(ItemModel)
class ItemModelAdmin(TableAdmin):
    """Written by the nightly training alone."""

    see = "item.see"
    list_display = ("trained_at", "cases", "tested", "accuracy", "accuracy_top3")
    ordering = ("-trained_at",)


@admin.register(WhistleLimit)
class WhistleLimitAdmin(TableAdmin):
    """Without a row the usual limits hold (cases/whistles.py); with one, only the rows do."""

    see, change = "item.see", "item.change"
    list_display = ("kind", "step", "amount", "unit", "valid_from", "valid_to")
    list_filter = ("kind",)
    ordering = ("kind", "pk")


@admin.register(Regulation)
class RegulationAdmin(AsksFirst):
    """What the place sets itself; a new row holds from its day on, the old ones stay."""

    see, change = "item.see", "item.change"
    list_display = (
        *("valid_from", "returns_most", "reworks_most", "extensions_most"),
        *("silence_days", "reply_hours", "callback_percent"),
    )
    ordering = ("-valid_from",)

    def standing(self, request: HttpRequest, object_id: str | None) -> Any:
        return list(Regulation.objects.all())

    def follows(self, row: Any, before: Any) -> list[str]:
        return previews.of_regulation(row, before, clock.today())


def posts() -> QuerySet[Post]:
    """Whom a rule may name: who holds a post at a department today, and may log in."""
    held = Post.objects.valid(clock.today()).filter(role__in=DEPARTMENT, user__is_active=True)
    return held.select_related("unit", "user").order_by("unit", "role", "pk")
