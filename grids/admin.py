"""Grids in the admin: the boundary is drawn on a map, checked as an import is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Field, QuerySet
from django.forms.models import construct_instance
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from governance import clock, units
from governance.admin_site import TableAdmin
from governance.models import BESIDE, LEVELS, CodeScheme, Unit, UnitCode, UnitKind, User
from grids import boundary, coverage, geo, places, territory
from grids.boundary_widget import BoundaryWidget
from grids.errors import BadDetails, NotAllowed
from grids.models import Building, Facility, Grid, Seat

# The system administrator keeps places in the admin, as in an import.
PLACES = "place.import"


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


class PlaceForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the verb would refuse is said beside the fields."""

    prepare: Any
    by: User

    def _post_clean(self) -> None:
        """Of the model's own constraints the verb speaks better."""
        before = type(self.instance).objects.filter(pk=self.instance.pk).first()
        self.instance = construct_instance(self, self.instance)
        if self.errors:
            return
        try:
            type(self).prepare(self.instance, before, self.by, PLACES)
        except BadDetails as error:
            for name, why in error.faults.items():
                self.add_error(name if name in self.fields else None, why)
        except NotAllowed as error:
            self.add_error(None, str(error))


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


@admin.register(Building)
class BuildingAdmin(TableAdmin):
    """By the verbs of grids/places.py, as on the desk."""

    see = change = PLACES
    list_display = ("__str__", "code", "use", "community", "grid", "is_active")
    list_filter = ("use", "is_active")
    list_select_related = ("community", "grid")
    search_fields = ("estate", "name", "code")
    ordering = ("estate", "name", "pk")
    fields = (
        *("estate", "name", "code", "use", "floors", "unit_count", "property_company"),
        *("lon", "lat", "footprint", *LEVELS, "address", "is_active"),
    )
    readonly_fields = (*LEVELS, "address", "is_active")
    form = PlaceForm

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        shape = super().get_form(request, *args, **kwargs)
        return type("Form", (shape,), {"prepare": places.prepare_building, "by": request.user})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 -- Django's
        by: Any = request.user
        places.save_building(obj, by=by, now=clock.now(), permission=PLACES)


@admin.register(Facility)
class FacilityAdmin(TableAdmin):
    see = change = PLACES
    list_display = ("code", "kind", "facility_class", "owner", "community", "grid", "is_active")
    list_filter = ("facility_class", "is_active")
    list_select_related = ("owner", "community", "grid")
    search_fields = ("code", "kind", "place")
    ordering = ("code",)
    fields = (
        *("code", "facility_class", "kind", "owner", "place", "lon", "lat"),
        *(*LEVELS, "is_active"),
    )
    readonly_fields = (*LEVELS, "is_active")
    form = PlaceForm

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "owner":
            found = Unit.objects.filter(kind=UnitKind.DEPARTMENT, valid_to=None)
            kwargs["queryset"] = found.order_by("pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        shape = super().get_form(request, *args, **kwargs)
        return type("Form", (shape,), {"prepare": places.prepare_facility, "by": request.user})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 -- Django's
        by: Any = request.user
        places.save_facility(obj, by=by, now=clock.now(), permission=PLACES)


@admin.register(Seat)
class SeatAdmin(TableAdmin):
    """Where stations and departments are; the map shows the stations."""

    see, change = "grid.see", "unit.change"
    list_display = ("unit", "place", "lon", "lat")
    list_select_related = ("unit",)
    search_fields = ("unit__name", "place")
    ordering = ("unit_id",)
    fields = ("unit", "place", "lon", "lat")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "unit":
            found = Unit.objects.filter(kind__in=BESIDE, valid_to=None)
            kwargs["queryset"] = found.order_by("kind", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def neighbour(unit_id: int, m2: float) -> str:
    name = units.name_of(unit_id)
    return str(_("%(name)s（重叠 %(m2).0f 平方米）") % {"name": name, "m2": m2}) if m2 else name
