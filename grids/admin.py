"""Grids in the admin: the boundary is drawn on a map, checked as an import is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from governance import clock, units
from governance.admin_site import TableAdmin
from governance.models import CodeScheme, Unit, UnitCode, UnitKind
from grids import boundary, coverage, geo, territory
from grids.boundary_widget import BoundaryWidget
from grids.models import Grid


class BoundaryField(forms.JSONField):
    """GeoJSON of a boundary that can be a territory."""

    def to_python(self, value: Any) -> Any:
        raw = super().to_python(value)
        if raw is None:
            return None
        try:
            return boundary.to_json(boundary.checked(raw))
        except boundary.BadBoundary as error:
            raise ValidationError(str(error), code="boundary") from error


class GridForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Grid
        fields = ("unit", "kind", "dedicated_kind", "valid_from", "valid_to", "boundary")


@admin.register(Grid)
class GridAdmin(TableAdmin):
    see, change = "grid.see", "unit.change"
    form = GridForm
    list_display = ("unit", "community", "kind", "dedicated_kind", "valid_from", "valid_to")
    list_filter = ("kind", "dedicated_kind")
    list_select_related = ("unit__community",)
    search_fields = ("unit__name", "unit__codes__code")
    ordering = ("unit__community_id", "unit_id")
    facts = ("code", "square_metres", "beside")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grid]:
        match = request.resolver_match
        in_list = match is not None and match.url_name == "grids_grid_changelist"
        found: QuerySet[Grid] = super().get_queryset(request)
        return found.defer("boundary") if in_list else found

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The facts are of a grid that is there; the boundary is for those who may draw it."""
        fields = [*GridForm.Meta.fields]
        if not self.has_change_permission(request, obj):
            fields.remove("boundary")
        return [*fields[:1], *self.facts, *fields[1:]] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("unit", *self.facts) if obj else ()

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name != "boundary":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = BoundaryWidget(nonce=getattr(request, "csp_nonce", None))
        return BoundaryField(label=db_field.verbose_name, widget=widget)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "unit":
            free = Unit.objects.valid(clock.today()).filter(kind=UnitKind.GRID, territory=None)
            kwargs["queryset"] = free.order_by("community_id", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 -- Django's
        territory.save(obj)

    @admin.display(description=_("社区"), ordering="unit__community_id")
    def community(self, grid: Grid) -> str:
        return units.name_of(grid.unit.community_id)

    @admin.display(description=_("网格编码"))
    def code(self, grid: Grid) -> str:
        codes = UnitCode.objects.filter(unit=grid.unit, scheme=CodeScheme.GRID, valid_to=None)
        return _("、").join(codes.values_list("code", flat=True)) or "—"

    @admin.display(description=_("面积（平方米）"))
    def square_metres(self, grid: Grid) -> str:
        return f"{geo.area_m2(boundary.parse(grid.boundary)):,.0f}"

    @admin.display(description=_("相邻网格"))
    def beside(self, grid: Grid) -> str:
        """The neighbours, and how much ground each claims as well."""
        found = coverage.neighbours(geo.index(), grid.unit_id)
        return _("、").join(neighbour(unit_id, m2) for unit_id, m2 in found) or "—"


def neighbour(unit_id: int, m2: float) -> str:
    name = units.name_of(unit_id)
    return str(_("%(name)s（重叠 %(m2).0f 平方米）") % {"name": name, "m2": m2}) if m2 else name
