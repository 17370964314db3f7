"""Forms of suggestions: what a resident says, what staff write down, and what is done with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases import items
from cases.forms import PhoneField
from cases.models import (
    KINDS,
    Subject,
    SuggestionKind,
    SuggestionOutcome,
    SuggestionSource,
)
from cases.suggestions import Said
from governance.widgets import Select

Choices = Iterable[tuple[int, str]]
PICK = ("", _("（请选择）"))


def kinds(subject: Subject) -> list[tuple[str, Any]]:
    return [(kind.value, SuggestionKind(kind).label) for kind in KINDS[subject]]


def place_field(choices: Choices, blank: Any, label: Any = _("所在社区")) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[("", blank), *choices],
        coerce=int,
        empty_value=None,
        required=False,
        widget=Select,
    )


class SuggestForm(forms.Form):
    """What a resident is asked: the community, the words; who they are only if they like."""

    kind = forms.ChoiceField(
        label=_("类别"), choices=[PICK, *kinds(Subject.COMMUNITY)], widget=Select
    )
    words = forms.CharField(
        label=_("您的建议"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5})
    )
    name = forms.CharField(
        label=_("怎样称呼您（可不填）"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = PhoneField(
        label=_("联系电话（可不填）"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ["unit_id", "kind", "words", "name", "phone", "key"]

    def __init__(self, *args: Any, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_id"] = place_field(places, _("（不清楚或全区的事）"))
        self.order_fields(self.field_order)

    def said(self, source: str = SuggestionSource.PUBLIC) -> Said:
        given = dict(self.cleaned_data)
        given.pop("key")
        return Said(**{"subject": Subject.COMMUNITY, "source": source, **given})


class CollectForm(SuggestForm):
    """The same, written down by staff for who rang, came, or was met on a visit."""

    source = forms.ChoiceField(
        label=_("来源"),
        choices=[
            (source.value, source.label)
            for source in (
                SuggestionSource.WORKER,
                SuggestionSource.WALK_IN,
                SuggestionSource.PHONE_CALL,
            )
        ],
        widget=Select,
    )

    field_order = ["unit_id", "source", "kind", "words", "name", "phone", "key"]

    def __init__(self, *args: Any, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, places=places, **kwargs)
        blank = _("（本人岗位所在单位）")
        self.fields["unit_id"] = place_field(places, blank, _("所在社区或网格"))
        self.order_fields(self.field_order)
        self.fields["words"].label = _("建议内容")
        self.fields["name"].label = _("建议人姓名（可不填）")
        self.fields["phone"].label = _("建议人电话（可不填）")


class OpinionForm(forms.Form):
    """What staff say about the platform."""

    kind = forms.ChoiceField(
        label=_("类别"), choices=kinds(Subject.PLATFORM), widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("意见内容"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("例如：重复录入、不必要的拍照或轨迹、表格太多、哪一步用不了。"),
    )
    signed = forms.BooleanField(
        label=_("署名"),
        required=False,
        initial=True,
        help_text=_("署名的，答复人看得到您的姓名，答复后会通知您。"),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def said(self) -> Said:
        return Said(
            subject=Subject.PLATFORM,
            kind=self.cleaned_data["kind"],
            words=self.cleaned_data["words"],
            source=SuggestionSource.STAFF,
        )


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(label=_("答复结果"), choices=[PICK, *SuggestionOutcome.choices])
    text = forms.CharField(
        label=_("答复内容"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("未采纳的，写明理由。"),
    )


class PublicAnswerForm(AnswerForm):
    """An answer that residents may read with the suggestion."""

    publish = forms.BooleanField(
        label=_("公开这条建议和答复"),
        required=False,
        help_text=_("不显示建议人。公开前请确认文字中没有姓名、电话、门牌等个人信息。"),
    )


class HandOverForm(forms.Form):
    """Under which item it becomes a case; the words are not typed again."""

    item_id = forms.TypedChoiceField(label=_("事项"), coerce=int, widget=Select)
    place = forms.CharField(label=_("地点"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grouped: dict[str, list[tuple[int, str]]] = {}
        for item in items.items().values():
            if item.is_active:
                grouped.setdefault(item.class_title, []).append((item.pk, item.title))
        field = self.fields["item_id"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [PICK, *grouped.items()]


class ReassignForm(forms.Form):
    unit_id = forms.TypedChoiceField(label=_("答复单位"), coerce=int, widget=Select)
    note = forms.CharField(label=_("说明"), max_length=500, required=False)

    def __init__(self, *args: Any, targets: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit_id"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [PICK, *targets]
