"""The forms of organisations, their licences and inspections."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance import clock
from governance.widgets import Select
from people.entities import STAFF_MOST, Facts, Papers
from people.forms import Blaming, day, number
from people.models import EntityEnd, EntityKind, InspectionResult, LicenceKind


class FactsForm(Blaming):
    credit_code = number(_("统一社会信用代码"), 30, "text", required=True)
    name = forms.CharField(label=_("单位名称"), max_length=100)
    kind = forms.ChoiceField(label=_("单位类型"), choices=EntityKind.choices, widget=Select)
    place = forms.CharField(label=_("位置说明（例如：底商 3 门）"), max_length=200, required=False)
    staff_count = forms.IntegerField(
        label=_("从业人数"), required=False, min_value=0, max_value=STAFF_MOST
    )
    contact_name = forms.CharField(label=_("联系人"), max_length=60, required=False)
    contact_phone = number(_("联系电话"), 20, "tel")

    def facts(self) -> Facts:
        names = Facts.__dataclass_fields__
        return Facts(**{name: self.cleaned_data[name] for name in names})


class PointForm(FactsForm):
    """Of what lies in no building: the point comes from the map."""

    lon = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-90, max_value=90)


class CorrectEntityForm(FactsForm):
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact_name"].label = _("联系人（不改则不填）")
        self.fields["contact_phone"].label = _("联系电话（不改则不填）")


class CloseForm(Blaming):
    closing = forms.ChoiceField(label=_("原因"), choices=EntityEnd.choices, widget=Select)
    on = day(_("日期"), initial=clock.today)


class LicenceForm(Blaming):
    kind = forms.ChoiceField(label=_("证照种类"), choices=LicenceKind.choices, widget=Select)
    number = number(_("证照编号"), 60, "text", required=True)
    issued_on = day(_("发证日期"))
    expires_on = day(_("有效期至（长期有效的不填）"), required=False)

    def papers(self) -> Papers:
        return Papers(**self.cleaned_data)


class InspectForm(Blaming):
    result = forms.ChoiceField(label=_("检查结果"), choices=InspectionResult.choices, widget=Select)
    note = forms.CharField(
        label=_("检查情况"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
