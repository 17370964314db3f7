"""The page of the dispatch rules: tried on a case, which fires and why the others do not."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from cases import configuration, items, rules
from cases.models import Source
from cases.rules import Facts
from governance import clock, units
from governance.access import StaffRequest, needs
from governance.models import LEVELS, UnitKind
from governance.widgets import Select

PLACES = (UnitKind.STREET, UnitKind.COMMUNITY, UnitKind.GRID)


class TrialForm(forms.Form):
    """A case that is thought of."""

    item = forms.TypedChoiceField(label=_("事项"), coerce=int, widget=Select)
    unit = forms.TypedChoiceField(
        label=_("位置"), coerce=int, empty_value=None, required=False, widget=Select
    )
    words = forms.CharField(label=_("描述和地点"), required=False, max_length=2000)
    source = forms.ChoiceField(label=_("来源"), choices=Source.choices, widget=Select)
    at = forms.DateTimeField(
        label=_("上报时间"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grouped: dict[str, list[tuple[int, str]]] = {}
        for item in items.items().values():
            if item.is_active:
                grouped.setdefault(item.class_title, []).append((item.pk, item.title))
        places = [u for u in units.known().values() if u.kind in PLACES and u.valid_to is None]
        places.sort(key=lambda u: (u.street_id or 0, u.community_id or 0, u.grid_id or 0))
        self.fields["item"].choices = list(grouped.items())  # type: ignore[attr-defined]
        self.fields["unit"].choices = [  # type: ignore[attr-defined]
            ("", _("（不限）")),
            *((unit.pk, unit.name) for unit in places),
        ]

    def facts(self) -> Facts:
        asked = self.cleaned_data
        unit = units.known().get(asked["unit"] or 0)
        ids = [getattr(unit, f"{level}_id") for level in LEVELS] if unit else []
        return Facts(
            asked["item"],
            asked["words"],
            asked["source"],
            asked["at"],
            tuple(unit_id for unit_id in ids if unit_id),
            rules.grid_kinds().get(unit.pk, "") if unit else "",
        )


@needs("rule.see")
@require_http_methods(["GET", "POST"])
def rules_page(request: StaffRequest) -> HttpResponse:
    """All rules in order; with a case given, what each says to it; what is inconsistent. By POST:
    words and place stay out of URLs."""
    form = TrialForm(request.POST or None, initial={"at": clock.now()})
    verdicts = rules.tried(form.facts()) if form.is_valid() else []
    by_rule = {verdict.rule.pk: verdict for verdict in verdicts}
    rows: list[dict[str, Any]] = [
        {
            "name": rule.name,
            "when": rules.sentence(rule),
            "target": rules.target(rule),
            "vacant": bool(rule.role) and rules.told_first(rule) is None,
            "automatic": rule.automatic,
            "verdict": by_rule.get(rule.pk),
        }
        for rule in rules.rules()
    ]
    context = {
        "form": form,
        "rows": rows,
        "tried": bool(verdicts),
        "fired": next((row for row in rows if row["verdict"] and row["verdict"].fires), None),
        "faults": configuration.faults(),
        "without_rule": [item.title for item in rules.without_rule()] if rows else [],
    }
    return render(request, "cases/rules.html", context)
