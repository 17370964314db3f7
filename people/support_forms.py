"""The forms of support plans."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.models import User
from governance.widgets import Select
from people import support
from people.forms import Blaming, day, number
from people.models import Basis, SupportKind, TeamRole
from people.support import Member


def rhythm() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("几周联系一次（不填则不提醒）"), min_value=1, max_value=52, required=False
    )


class BeginForm(Blaming):
    kind = forms.TypedChoiceField(label=_("帮扶类别"), coerce=int, widget=Select)
    goal = forms.CharField(
        label=_("与本人商定的目标"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    basis = forms.ChoiceField(label=_("依据"), choices=Basis.choices, widget=Select)
    agreed = forms.CharField(label=_("同意的记录（谁、何时、以什么方式）"), max_length=400)
    contact_weeks = rhythm()
    officer_agreed = forms.BooleanField(label=_("本人同意民警参加"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(kind.pk, kind.name) for kind in support.kinds()]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> SupportKind:
        return SupportKind.objects.get(pk=self.cleaned_data["kind"])

    def given(self) -> dict[str, Any]:
        names = ("goal", "basis", "agreed", "officer_agreed", "contact_weeks")
        return {name: self.cleaned_data[name] for name in names}


class MemberForm(Blaming):
    role = forms.ChoiceField(label=_("职责"), choices=TeamRole.choices, widget=Select)
    username = forms.CharField(label=_("用户名（平台用户）"), max_length=40, required=False)
    name = forms.CharField(label=_("或姓名（不登录的人）"), max_length=40, required=False)
    phone = number(_("电话"), 20, "tel")

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"].strip()
        if username and not User.objects.filter(username=username, is_active=True).exists():
            raise forms.ValidationError(_("没有这个用户。"))
        return username

    def member(self) -> Member:
        given = self.cleaned_data
        user = User.objects.filter(username=given["username"], is_active=True).first()
        return Member(given["role"], user, given["name"], given["phone"])


class StepForm(Blaming):
    what = forms.CharField(label=_("措施"), max_length=400)
    due_on = day(_("完成日期"))


class FactsForm(Blaming):
    """What the kind of the plan has to know, each by its name."""

    def __init__(self, *args: Any, facts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {f"fact_{n}": name for n, (name, _said) in enumerate(facts)}
        for field, (name, said) in zip(self.names, facts, strict=True):
            self.fields[field] = forms.CharField(
                label=name, max_length=400, required=False, initial=said
            )

    def given(self) -> dict[str, str]:
        return {name: self.cleaned_data[field] for field, name in self.names.items()}


class OfficerForm(Blaming):
    """Consent of the person to an officer in the team, given or taken back."""

    agreed = forms.TypedChoiceField(
        label=_("民警参加"),
        choices=[("1", _("本人同意")), ("0", _("本人不同意或撤回"))],
        coerce=lambda value: value == "1",
        widget=Select,
    )
    how = forms.CharField(label=_("谁、何时、以什么方式"), max_length=200)


class ContactForm(Blaming):
    contact_weeks = rhythm()


class ResultForm(Blaming):
    result = forms.CharField(label=_("结果"), max_length=400)


class RenewForm(Blaming):
    agreed = forms.CharField(label=_("同意续期的记录"), max_length=400)


class EndForm(Blaming):
    reason = forms.CharField(label=_("结束的原因"), max_length=200)
