"""Units, their codes and organisations; and changes of the tree, previewed before the decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import clock, units
from governance.admin_site import TableAdmin, TableInline
from governance.models import (
    ChangeKind,
    PartyOrganisation,
    Unit,
    UnitChange,
    UnitCode,
    UnitKind,
)


class Ancestor(admin.SimpleListFilter):
    """Units below one street or community; the choices are those of the level above."""

    level: UnitKind
    above: UnitKind

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        known = Unit.objects.valid(clock.today()).filter(kind=self.level)
        if chosen := request.GET.get(self.above):
            known = known.filter(**{f"{self.above}_id": chosen}) if chosen.isdecimal() else known
        elif self.level == UnitKind.COMMUNITY:  # a city has thousands: first the street
            known = known.none()
        return list(known.order_by("name").values_list("pk", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Unit]) -> QuerySet[Unit]:
        value = str(self.value() or "")  # counting, Django gives the choice's own number
        return queryset.filter(**{f"{self.level}_id": value}) if value.isdecimal() else queryset


class InStreet(Ancestor):
    title, parameter_name = _("街道（乡镇）"), "street"
    level, above = UnitKind.STREET, UnitKind.DISTRICT


class InCommunity(Ancestor):
    title, parameter_name = _("社区（村）"), "community"
    level, above = UnitKind.COMMUNITY, UnitKind.STREET


class Existing(admin.SimpleListFilter):
    title, parameter_name = _("状态"), "existing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("有效")), ("no", _("已失效"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Unit]) -> QuerySet[Unit]:
        today = clock.today()
        ended = Q(valid_to__isnull=False, valid_to__lte=today)
        return {"yes": queryset.exclude(ended), "no": queryset.filter(ended)}.get(
            self.value() or "", queryset
        )


class UnitForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may hang where is the tree's rule, asked here so that it reads as a form's error."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        try:
            if self.instance.pk:
                unit = self.instance
                units.check_names(unit.parent, unit.kind, [data.get("name", "")], leaving=unit)
            elif data.keys() >= {"kind", "name", "parent", "valid_from"}:
                names = ("kind", "name", "parent", "valid_from")
                units.check_new(**{name: data[name] for name in names})
        except units.NotAllowed as error:
            raise forms.ValidationError(str(error)) from error
        return data

    def _get_validation_exclusions(self) -> set[str]:
        """What the tree's rules have refused, the model's own constraints do not refuse again."""
        kept: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return {*kept, "kind", "parent"} if self.non_field_errors() else kept


class CodeInline(TableInline):
    model = UnitCode
    fields = ("scheme", "code", "valid_from", "valid_to")
    see, change = "unit.see", "unit.change"


class OrganisationInline(TableInline):
    model = PartyOrganisation
    see, change = "unit.see", "unit.change"


@admin.register(Unit)
class UnitAdmin(TableAdmin):
    see, change = "unit.see", "unit.change"
    form = UnitForm
    fields = ("kind", "name", "parent", "is_police", "valid_from", "valid_to", "successor")
    autocomplete_fields = ("parent",)
    inlines = (CodeInline, OrganisationInline)
    list_display = ("name", "kind", "parent", "street", "organisation", "valid_from", "valid_to")
    list_filter = ("kind", InStreet, InCommunity, Existing)
    list_select_related = ("parent", "street", "organisation")
    search_fields = ("name", "codes__code")
    search_help_text = _("按名称或代码查找")
    ordering = ("pk",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The place in the tree changes by a dated UnitChange only."""
        ended = ("valid_to", "successor")
        return ("kind", "parent", "valid_from", *ended) if obj else ended

    @admin.display(description=_("党组织"))
    def organisation(self, unit: Unit) -> str:
        own = getattr(unit, "organisation", None)
        return own.name if own else ""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if change:
            obj.save(update_fields=["name", "is_police"])
            return
        data = form.cleaned_data
        names = ("kind", "name", "parent", "valid_from")
        made = units.create(**{name: data[name] for name in names})
        if data.get("is_police") is not None:
            made.is_police = data["is_police"]
            made.save(update_fields=["is_police"])
        obj.__dict__.update(made.__dict__)


class ChangeForm(forms.ModelForm):  # type: ignore[type-arg]
    parts_text = forms.CharField(
        label=_("拆分方案"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("仅拆分时填写。每行一个新单位：新单位名称：下级单位、下级单位"),
    )

    class Meta:
        model = UnitChange
        fields = ("kind", "unit", "into", "effective", "reason")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.keys() >= {"kind", "unit", "effective", "reason"}:
            return data
        try:
            units.check(self.proposed())
        except units.NotAllowed as error:
            raise forms.ValidationError(str(error)) from error
        return data

    def _post_clean(self) -> None:
        """The model's own constraints would say again, and worse, what `units.check` has said."""

    def proposed(self) -> UnitChange:
        """The unsaved change that these fields describe."""
        data = self.cleaned_data
        split = data["kind"] == ChangeKind.SPLIT
        return UnitChange(
            kind=data["kind"],
            unit=data["unit"],
            into=None if split else data.get("into"),
            parts=parse_parts(data["parts_text"], data["unit"]) if split else [],
            effective=data["effective"],
            reason=data["reason"],
        )


def parse_parts(text: str, unit: Unit) -> list[dict[str, Any]]:
    """Lines of `name：child、child` → what UnitChange.parts holds. Raises units.NotAllowed."""
    known = dict(unit.children.filter(valid_to=None).values_list("name", "pk"))
    parts = []
    for line in filter(str.strip, text.splitlines()):
        name, _colon, listed = line.replace(":", "：").partition("：")
        names = [part.strip() for part in listed.replace(",", "、").split("、") if part.strip()]
        if strange := [name for name in names if name not in known]:
            raise units.NotAllowed(
                _t("“%(unit)s”没有下级单位：%(names)s。")
                % {"unit": unit, "names": _t("、").join(strange)}
            )
        parts.append({"name": name.strip(), "children": [known[name] for name in names]})
    return parts


@admin.register(UnitChange)
class UnitChangeAdmin(TableAdmin):
    see, change = "unit.see", "unit.change"
    form = ChangeForm
    autocomplete_fields = ("unit", "into")
    list_display = ("kind", "unit", "into", "effective", "reason", "decided_by", "applied_at")
    list_filter = ("kind", ("applied_at", admin.EmptyFieldListFilter))
    list_select_related = ("unit", "into", "decided_by")
    search_fields = ("unit__name", "into__name", "reason")
    ordering = ("-effective", "-pk")
    actions = ("withdraw",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return self.may(request, self.change)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The form, then what the change will do in numbers, then the decision."""
        if request.method == "POST" and self.has_add_permission(request):
            form = self.get_form(request)(request.POST)
            if form.is_valid():
                if "_confirmed" in request.POST:
                    return self.decide(request, form)
                return self.preview(request, form)
        return super().add_view(request, form_url, extra_context)

    def preview(self, request: HttpRequest, form: Any) -> HttpResponse:
        change = form.proposed()
        context = {
            **self.admin_site.each_context(request),
            "title": _("核对变更"),
            "opts": self.opts,
            "change": change,
            "lines": units.preview(change).lines,
            "posted": [(name, request.POST[name]) for name in form.fields if name in request.POST],
        }
        return TemplateResponse(request, "admin/governance/unitchange/preview.html", context)

    def decide(self, request: HttpRequest, form: Any) -> HttpResponse:
        change = form.proposed()
        change.decided_by = request.user
        try:
            units.decide(change, clock.now())
        except units.NotAllowed as error:  # somebody was faster, between form and verb
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.log_addition(request, change, [{"added": {}}])
            done = _t("变更已执行。") if change.applied_at else _t("变更将在生效日执行。")
            self.message_user(request, done)
        return redirect("admin:governance_unitchange_changelist")

    @admin.action(description=_("撤回未生效的变更"), permissions=["decide"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[UnitChange]) -> None:
        number = 0
        for change in queryset.select_related("unit"):
            try:
                with transaction.atomic():
                    self.log_deletions(request, queryset.filter(pk=change.pk))
                    units.withdraw(change, clock.now())
            except units.NotAllowed as error:
                said = _t("%(name)s：%(text)s") % {"name": change, "text": error}
                self.message_user(request, said, messages.ERROR)
            else:
                number += 1
        if number:
            said = _t("已撤回 %(number)d 项变更。") % {"number": number}
            self.message_user(request, said, messages.SUCCESS)
