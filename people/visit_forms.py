"""The forms of visits, plans of visits, and sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance import clock, units
from governance.models import LEVELS
from governance.widgets import Select
from people import access, visits
from people.forms import Blaming, day
from people.models import Skipped, VisitAim

if TYPE_CHECKING:
    from governance.models import User


class VisitForm(Blaming):
    aims = forms.MultipleChoiceField(
        label=_("走访目的（可多选）"),
        choices=VisitAim.choices,
        initial=[VisitAim.CARE],
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(
        label=_("情况（只记工作需要的）"),
        max_length=visits.NOTE_MOST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    skipped = forms.ChoiceField(
        label=_("走访结果"),
        choices=[("", _("已走访")), *Skipped.choices],
        required=False,
        widget=Select,
    )
    follow_up_on = day(_("下次回访日期（需要时填）"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def given(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class PlanForm(Blaming):
    name = forms.CharField(label=_("名称"), max_length=60)
    unit = forms.TypedChoiceField(label=_("范围"), coerce=int, widget=Select)
    aims = forms.MultipleChoiceField(
        label=_("走访目的（可多选）"),
        choices=VisitAim.choices,
        initial=[VisitAim.CARE],
        widget=forms.CheckboxSelectMultiple,
    )
    every_weeks = forms.IntegerField(
        label=_("每几周一次（一次性的不填）"), required=False, min_value=1, max_value=52
    )
    begins_on = day(_("开始日期"), initial=clock.today)
    ends_on = day(_("结束日期"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = units_of(user)  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


def units_of(user: User) -> list[tuple[int, str]]:
    """The units that the user plans visits for, the wide ones first."""
    held = access.places(user, visits.PLAN)
    found = [
        unit
        for unit in units.known().values()
        if unit.kind in LEVELS and unit.valid_to is None
        if any(getattr(unit, column) == value for column, value in held)
    ]
    return [(unit.pk, unit.name) for unit in sorted(found, key=lambda u: LEVELS.index(u.kind))]


class CommentForm(Blaming):
    comment = forms.CharField(
        label=_("网格员说明"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
