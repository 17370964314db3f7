"""The service items in the admin: guide, materials as rows, limit, and the form as JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import schemas
from cases.admin.catalogue import CatalogueAdmin, departments
from cases.models import ServiceItem, ServiceMaterial

EMPTY_ROWS = 5
BREAK = mark_safe("<br>")
NAME_MOST, NOTE_MOST = ServiceMaterial._meta.get_field("name").max_length or 60, 200
Rows = list[dict[str, Any]]


class RowsWidget(forms.Widget):
    """A table, a row a material; a row without a name is none. Some empty rows wait at its end."""

    template_name = "admin/cases/serviceitem/materials.html"

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, dict(attrs or {}))
        rows: Rows = [*(value or []), *({"needed": True} for _row in range(EMPTY_ROWS))]
        context["widget"] |= {
            "rows": [{**row, "prefix": f"{name}-{n}"} for n, row in enumerate(rows)],
            "count_name": f"{name}-count",
            "name_most": NAME_MOST,
            "note_most": NOTE_MOST,
        }
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Rows:
        count = str(data.get(f"{name}-count", ""))
        numbers = range(min(int(count), 100) if count.isdecimal() else 0)
        rows = [
            {
                "name": str(data.get(f"{name}-{n}-name", "")).strip(),
                "needed": f"{name}-{n}-needed" in data,
                "note": str(data.get(f"{name}-{n}-note", "")).strip(),
            }
            for n in numbers
        ]
        return [row for row in rows if row["name"] or row["note"]]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}-count" not in data


class RowsField(forms.Field):
    widget = RowsWidget

    def clean(self, value: Any) -> Rows:
        rows: Rows = value or []
        if not rows:
            raise ValidationError(_t("请至少填写一项材料。"), "required")
        names = [row["name"] for row in rows]
        if not all(names):
            raise ValidationError(_t("有说明的材料须有名称。"), "name")
        if long := [name for name in names if len(name) > NAME_MOST]:
            said = {"most": NAME_MOST, "names": _t("、").join(long)}
            raise ValidationError(_t("材料名称不超过 %(most)d 字：%(names)s。") % said, "name")
        if any(len(row["note"]) > NOTE_MOST for row in rows):
            raise ValidationError(_t("材料说明不超过 %(most)d 字。") % {"most": NOTE_MOST}, "note")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            said = {"names": _t("、").join(twice)}
            raise ValidationError(_t("材料重复：%(names)s。") % said, "twice")
        return rows

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != (data or []))


class SchemaField(forms.JSONField):
    """The fields and which are required; the rest of the schema is the same for all items."""

    widget = forms.Textarea(attrs={"rows": 24, "cols": 90, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            shown = schemas.opened(value) if not schemas.complaint(value) else value
            return json.dumps(shown, ensure_ascii=False, indent=2)
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        if isinstance(found, dict):
            found = schemas.closed(found)
        if why := schemas.complaint(found):
            raise ValidationError(why, "schema")
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class ServiceItemForm(forms.ModelForm):  # type: ignore[type-arg]
    materials = RowsField(
        label=_("所需材料"), help_text=_("删去名称即删去该行；保存后又有空行可填。")
    )
    schema = SchemaField(
        label=_("表单"),
        help_text=_(
            "JSON Schema：properties 按填写的次序列出字段（string 须有 maxLength、enum 或 "
            "format: date；integer 可有 minimum、maximum；boolean），required 列出必填的。"
        ),
    )

    class Meta:
        model = ServiceItem
        fields = (
            *("code", "name", "name_en", "department", "conditions", "materials"),
            *("days", "unit", "schema", "is_active"),
        )
        help_texts = {"days": _("自受理起算；改动只用于以后受理的委托。")}


@admin.register(ServiceItem)
class ServiceItemAdmin(CatalogueAdmin):
    form = ServiceItemForm
    list_display = ("code", "name", "department", "days", "unit", "is_active")
    list_display_links = ("code", "name")
    list_filter = (("department", admin.RelatedOnlyFieldListFilter), "is_active")
    list_select_related = ("department",)
    search_fields = ("code", "name", "name_en")
    ordering = ("code",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only reads sees rows and a form, not how they are kept."""
        read = {"materials": "material_rows", "schema": "form_fields"}
        changes = self.has_change_permission(request, obj)
        fields = ServiceItemForm.Meta.fields
        return [name if changes else read.get(name, name) for name in fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_readonly_fields(request, obj)
        changes = self.has_change_permission(request, obj)
        return found if changes else (*found, "material_rows", "form_fields")

    @admin.display(description=_("所需材料"))
    def material_rows(self, item: ServiceItem) -> SafeString:
        needed = {True: _t("必需"), False: _t("按情况提供")}
        rows = [(row["name"], needed[row["needed"]], row["note"]) for row in item.materials]
        return format_html_join(BREAK, "{} · {} {}", rows)

    @admin.display(description=_("表单"))
    def form_fields(self, item: ServiceItem) -> SafeString:
        rows = [(field["title"], name) for name, field in schemas.ordered(item.schema)]
        return format_html_join(BREAK, "{} ({})", rows)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "department":
            kwargs["queryset"] = departments()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
