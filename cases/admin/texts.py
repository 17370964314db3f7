"""Papers' templates and the standard texts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import papers, texts, word
from cases.models import (
    PaperKind,
    PaperTemplate,
    StandardText,
)
from cases.moves import Action
from governance.admin_site import TableAdmin


def content(file: File[bytes]) -> bytes:
    """Of a file that was kept before, or was just sent and has still to be kept."""
    if isinstance(file, FieldFile):
        with file.open("rb"):
            return bytes(file.read(word.MOST_BYTES + 1))
    data = bytes(file.read(word.MOST_BYTES + 1))
    file.seek(0)
    return data


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    """The file is filled with sample values before it is kept."""

    class Meta:
        model = PaperTemplate
        fields = ("kind", "name", "file", "valid_from", "is_active")
        # a private file has no address of its own to link to
        widgets = {"file": forms.FileInput(attrs={"accept": ".docx"})}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        kind, file = data.get("kind"), data.get("file")
        if kind and file:
            try:
                word.check(content(file), papers.samples(kind))
            except word.BadTemplate as error:
                self.add_error("file", str(error))
        return data


@admin.register(PaperTemplate)
class PaperTemplateAdmin(TableAdmin):
    """The office's own layouts; each page says which fields a template may name."""

    see, change = "item.see", "item.change"
    form = TemplateForm
    list_display = ("kind", "name", "valid_from", "is_active")
    list_filter = ("kind", "is_active")
    ordering = ("kind", "-valid_from")
    readonly_fields = ("templates_in_force", "usable")
    fields = (*TemplateForm.Meta.fields, "templates_in_force", "usable")

    @admin.display(description=_("现用模板（下载后修改）"))
    def templates_in_force(self, row: PaperTemplate) -> SafeString:
        links = (
            (reverse("desk:paper_template", args=[kind.value]), kind.label) for kind in PaperKind
        )
        return format_html_join(_t("、"), '<a href="{}">{}</a>', links)

    @admin.display(description=_("可用字段"))
    def usable(self, row: PaperTemplate) -> SafeString:
        rows = [
            *((name, label, "") for name, label in papers.FIELDS.items()),
            *(
                (name, label, _t("办事代办"))
                for name, label in papers.SERVICE_FIELDS.items()
                if name not in papers.FIELDS
            ),
            *(
                (name, label, PaperKind(kind).label)
                for kind, found in papers.PERSONAL.items()
                for name, label in found.items()
            ),
        ]
        said = format_html_join("", "<li><code>{{{{ {} }}}}</code> {} {}</li>", rows)
        hint = _t("有内容才出现：{% if result %} … {% endif %}")
        return format_html("<ul>{}</ul><p>{}</p>", said, hint)


class TextForm(forms.ModelForm):  # type: ignore[type-arg]
    action = forms.ChoiceField(label=_("动作"), choices=Action.choices)

    class Meta:
        model = StandardText
        fields = (
            *("action", "item", "name", "text", "order", "valid_from", "valid_to"),
            "is_active",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "text" in self.fields:
            self.fields["text"].help_text = _t("可用字段：%(fields)s") % {
                "fields": _t("、").join(
                    f"{{{name}}} {label}" for name, label in texts.FIELDS.items()
                )
            }

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if wrong := texts.faults(text):
            names = {"names": _t("、").join(wrong)}
            raise ValidationError(_t("没有这些字段：%(names)s。") % names)
        return text


@admin.register(StandardText)
class StandardTextAdmin(TableAdmin):
    """Offered in the form of a move, filled for the case; who sends it may change it."""

    see, change = "item.see", "item.change"
    form = TextForm
    list_display = ("name", "move", "item", "order", "valid_from", "valid_to", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("item",)
    search_fields = ("name", "text")
    autocomplete_fields = ("item",)
    ordering = ("action", "order", "pk")

    @admin.display(description=_("动作"), ordering="action")
    def move(self, row: StandardText) -> str:
        return str(Action(row.action).label)
