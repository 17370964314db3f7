"""The forms of lettings: the landlord's, the tenant's own, the check at the door; joint units."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance import clock
from governance.widgets import Select
from people import tenancies
from people.forms import Blaming, HouseholdForm, day, number
from people.identifiers import DocumentKind
from people.models import Relation
from people.registering import Details
from people.tenancies import Lessor, Stay

if TYPE_CHECKING:
    from governance.models import User


class StayForm(Blaming):
    began_on = day(_("起租日期"), initial=clock.today)
    until = day(_("租期至（没有约定的不填）"), required=False)

    def stay(self) -> Stay:
        return Stay(self.cleaned_data["began_on"], self.cleaned_data["until"])


class LessorForm(Blaming):
    """A registered landlord by number, another by name and phone; nothing is typed twice."""

    landlord_document = number(_("房东证件号码（已在本辖区登记的）"), 30, "text")
    landlord_code = number(_("或房东单位的统一社会信用代码"), 30, "text")
    landlord_name = forms.CharField(label=_("或房东姓名"), max_length=60, required=False)
    landlord_phone = number(_("房东电话"), 20, "tel")

    def lessor(self, user: User) -> Lessor:
        given = self.cleaned_data
        return tenancies.lessor_of(
            user,
            document=given["landlord_document"],
            credit_code=given["landlord_code"],
            name=given["landlord_name"],
            phone=given["landlord_phone"],
        )


class LettingForm(StayForm, LessorForm):
    field_order = (
        *("landlord_document", "landlord_code", "landlord_name", "landlord_phone"),
        *("began_on", "until"),
    )


class EndLettingForm(Blaming):
    on = day(_("退租日期"), initial=clock.today)
    tenants_left = forms.BooleanField(label=_("租户均已搬离，同时登记离开"), required=False)


class TenantForm(StayForm):
    """Who rents: what the register needs, and no more."""

    name = forms.CharField(
        label=_("姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    document_kind = forms.ChoiceField(
        label=_("证件种类"), choices=DocumentKind.choices, widget=Select
    )
    document_number = number(_("证件号码"), 30, "text")
    phone = forms.CharField(
        label=_("电话"),
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )

    field_order: Iterable[str] = (
        *("name", "document_kind", "document_number", "phone", "began_on", "until"),
    )

    def details(self) -> Details:
        names = ("name", "document_kind", "document_number", "phone")
        return Details(**{name: self.cleaned_data[name] for name in names})


class DeclareForm(TenantForm):
    """On the public page."""

    key = forms.UUIDField(widget=forms.HiddenInput)


class ConfirmForm(HouseholdForm, TenantForm):
    """At the door, filled in with what the tenant said, with whom they live; the landlord where
    nobody knows him yet."""

    relation = forms.ChoiceField(
        label=_("与户主关系"), choices=Relation.choices, initial=Relation.OTHER, widget=Select
    )
    landlord_name = forms.CharField(label=_("房东姓名（已知的）"), max_length=60, required=False)
    landlord_phone = number(_("房东电话"), 20, "tel")

    field_order = (
        *("name", "document_kind", "document_number", "phone"),
        *("household", "relation", "began_on", "until", "landlord_name", "landlord_phone"),
    )

    def lessor(self) -> Lessor:
        given = self.cleaned_data
        return Lessor(name=given["landlord_name"], phone=given["landlord_phone"])


class RefuseForm(Blaming):
    reason = forms.CharField(label=_("不属实的理由"), max_length=200)


class CodeForm(Blaming):
    code = forms.RegexField(
        label=_("房屋码（8 位数字）"),
        regex=r"^[0-9]{8}$",
        error_messages={"invalid": _("房屋码是 8 位数字。")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class HeadForm(Blaming):
    head = forms.TypedChoiceField(label=_("联户长"), coerce=int, widget=Select)

    def __init__(self, *args: Any, homes: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["head"].choices = list(homes)  # type: ignore[attr-defined]


class JointForm(HeadForm):
    name = forms.CharField(label=_("名称"), max_length=60)

    field_order = ("name", "head")
