"""Forms of places check the shape of what was sent; the rules are grids/places.py's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance import units
from governance.models import Unit, UnitKind
from governance.widgets import Select
from grids.models import (
    Building,
    BuildingUse,
    Facility,
    FacilityClass,
    HazardKind,
    HouseUse,
    OwnerKind,
)
from grids.places import Plan


def degrees(label: Any, most: int) -> forms.FloatField:
    return forms.FloatField(
        label=label, required=False, min_value=-most, max_value=most, widget=forms.HiddenInput
    )


class PlaceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form of a place: whether it is there once is asked by the verb, which knows its levels."""

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data


class BuildingForm(PlaceForm):
    lon, lat = degrees(_("经度"), 180), degrees(_("纬度"), 90)

    class Meta:
        model = Building
        fields = (
            *("estate", "name", "code", "use", "floors", "unit_count", "property_company"),
            *("lon", "lat"),
        )
        widgets = {"use": Select}


class FacilityForm(PlaceForm):
    lon, lat = degrees(_("经度"), 180), degrees(_("纬度"), 90)
    owner = forms.ModelChoiceField(
        label=_("权属（主管）单位"), queryset=Unit.objects.none(), required=False, widget=Select
    )

    class Meta:
        model = Facility
        fields = ("code", "facility_class", "kind", "owner", "place", "lon", "lat")
        widgets = {"facility_class": Select}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = Unit.objects.filter(kind=UnitKind.DEPARTMENT, valid_to=None).order_by("pk")


class PlanForm(forms.Form):
    units = forms.IntegerField(label=_("单元数"), min_value=1, initial=1)
    floors = forms.IntegerField(label=_("层数"), min_value=1, initial=6)
    rooms = forms.IntegerField(label=_("每层户数"), min_value=1, initial=2)
    first_floor = forms.IntegerField(label=_("起始楼层"), min_value=1, initial=1)

    def plan(self) -> Plan:
        return Plan(**self.cleaned_data)


class NewHouseForm(forms.Form):
    unit_no = forms.CharField(label=_("单元"), max_length=10, required=False)
    floor = forms.IntegerField(label=_("楼层"))
    room = forms.CharField(label=_("房号"), max_length=20)


class HouseForm(forms.Form):
    use = forms.ChoiceField(label=_("房屋用途"), choices=HouseUse.choices, widget=forms.RadioSelect)
    owner_kind = forms.ChoiceField(label=_("产权"), choices=OwnerKind.choices, widget=Select)


class HazardForm(forms.Form):
    kind = forms.ChoiceField(label=_("类别"), choices=HazardKind.choices, widget=Select)
    note = forms.CharField(
        label=_("情况"), max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )


class BuildingFilter(forms.Form):
    """The filters of the list; everything lives in the address."""

    q = forms.CharField(label=_("搜索"), required=False, max_length=60)
    use = forms.ChoiceField(label=_("用途"), required=False, widget=Select)
    unit = forms.TypedChoiceField(
        label=_("网格"), required=False, coerce=int, empty_value=None, widget=Select
    )
    hazards = forms.BooleanField(label=_("有未消除隐患"), required=False)
    tab = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, places: frozenset[tuple[str, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("use", BuildingUse.choices), ("unit", units_within(places))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("全部")), *choices]


class FacilityFilter(forms.Form):
    q = forms.CharField(label=_("搜索"), required=False, max_length=60)
    facility_class = forms.ChoiceField(
        label=_("大类"),
        required=False,
        choices=[("", _("全部")), *FacilityClass.choices],
        widget=Select,
    )


def units_within(places: frozenset[tuple[str, int]]) -> list[tuple[int, str]]:
    """The communities and grids of a territory to choose from, a community's grids below it."""
    kinds = {UnitKind.COMMUNITY: "", UnitKind.GRID: "　"}
    found = [
        unit
        for unit in units.known().values()
        if unit.kind in kinds and unit.valid_to is None
        if any(getattr(unit, column) == value for column, value in places)
    ]
    found.sort(key=lambda unit: (unit.street_id or 0, unit.community_id or 0, unit.grid_id or 0))
    return [(unit.pk, kinds[UnitKind(unit.kind)] + unit.name) for unit in found]
