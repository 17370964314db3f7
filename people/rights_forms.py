"""Forms of requests about one's own data; what can be is for people/rights.py to say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.widgets import Select
from people.forms import Blaming, number
from people.models import Proof, RightKind
from people.rights import Claim

Choices = Iterable[tuple[int, str]]
DONE, REFUSED = "1", "0"
OUTCOMES = [(DONE, _("已按请求办理")), (REFUSED, _("不予办理"))]


class AskForm(Blaming):
    """What a resident says on the public page, or the clerk writes down for them."""

    kind = forms.ChoiceField(
        label=_("您的请求"), choices=RightKind.choices, widget=forms.RadioSelect
    )
    name = forms.CharField(
        label=_("姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("电话"),
        max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    document_number = number(_("证件号码（在本社区登记过的，请填写）"), 30, "text")
    words = forms.CharField(
        label=_("具体内容（更正的，写明哪里有误、应当是什么）"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    about = forms.CharField(
        label=_("相关编号（与您上报的事件、建议或代办有关的，请填写）"),
        max_length=20,
        required=False,
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ["kind", "unit_id", "name", "phone", "document_number", "words", "about", "key"]

    def __init__(self, *args: Any, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_id"] = forms.TypedChoiceField(
            label=_("所在社区"),
            choices=[("", _("（请选择）")), *places],
            coerce=int,
            widget=Select,
        )
        self.order_fields(self.field_order)

    def claim(self) -> Claim:
        return Claim(**{name: value for name, value in self.cleaned_data.items() if name != "key"})


class DeskAskForm(AskForm):
    """The same at the counter, in the words of who writes it down."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].label = _("请求")
        self.fields["document_number"].label = _("证件号码")
        self.fields["about"].label = _("相关编号（事件、建议或代办）")


class VerifyForm(Blaming):
    """How the clerk made sure who asks, and whether they are in the register."""

    proof = forms.ChoiceField(label=_("核验方式"), choices=Proof.choices, widget=forms.RadioSelect)
    in_register = forms.BooleanField(
        label=_("关联到持有该证件的人口登记"), required=False, initial=True
    )


class EndForm(Blaming):
    """Done or not, in words that the claimant reads."""

    done = forms.TypedChoiceField(
        label=_("办理结果"),
        choices=OUTCOMES,
        coerce=lambda value: value == DONE,
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("答复内容（不予办理的，写明理由）"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def offer(self, outcomes: Iterable[str]) -> None:
        """Show these alone; that none other is sent is for the rules to see to."""
        widget = self.fields["done"].widget
        assert isinstance(widget, forms.RadioSelect)
        widget.choices = [choice for choice in OUTCOMES if choice[0] in outcomes]


class QueryForm(forms.Form):
    """Number and code: what a claimant proves with that it was they who asked."""

    number = forms.CharField(label=_("编号"), max_length=20)
    code = forms.CharField(
        label=_("查询码"), max_length=8, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
