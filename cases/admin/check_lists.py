"""The questions of campaigns, and the lists of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases.admin.catalogue import CatalogueAdmin, ListField
from cases.models import (
    CheckList,
    CheckListQuestion,
    Question,
)
from governance.admin_site import TableAdmin, TableInline


class QuestionForm(forms.ModelForm):  # type: ignore[type-arg]
    choices = ListField(label=_("选项"), required=False, help_text=_("以“、”分隔"))

    class Meta:
        model = Question
        fields = ("code", "text", "kind", "choices", "measure", "item", "keeps_days")

    def clean_choices(self) -> list[str]:
        choices: list[str] = self.cleaned_data["choices"]
        if long := [choice for choice in choices if len(choice) > 40]:
            raise ValidationError(
                _t("每个选项不超过 40 字：%(choices)s。") % {"choices": _t("、").join(long)}
            )
        return choices


@admin.register(Question)
class QuestionAdmin(CatalogueAdmin):
    """What was answered keeps its meaning: the kind of an answer is given once, like the code."""

    form = QuestionForm
    list_display = ("code", "text", "kind", "item", "keeps_days")
    list_display_links = ("code", "text")
    list_filter = ("kind",)
    list_select_related = ("item",)
    search_fields = ("code", "text")
    autocomplete_fields = ("item",)
    ordering = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("code", "kind") if obj else ()


class QuestionInline(TableInline):
    """The questions of a form that a campaign has asked stay as they are."""

    model = CheckListQuestion
    see, change = "item.see", "item.change"
    fields = ("order", "question", "required")
    autocomplete_fields = ("question",)
    ordering = ("order", "pk")
    verbose_name_plural = _("问题（清单用于行动后不再改动，另建一份）")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not asked(obj)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return super().has_add_permission(request, *args) and not any(map(asked, args))


def asked(check_list: Any) -> bool:
    return isinstance(check_list, CheckList) and check_list.campaigns.exists()


@admin.register(CheckList)
class CheckListAdmin(TableAdmin):
    see, change = "item.see", "item.change"
    fields = ("name", "is_active")
    list_display = ("name", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    ordering = ("name",)
    inlines = (QuestionInline,)
