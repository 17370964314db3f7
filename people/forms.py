"""Forms check the shape of what was sent; what can be is for people/registering.py to say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.html import escape
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import clock
from governance.widgets import Select
from people import registering
from people.errors import BadDetails, Changed, Repeated
from people.identifiers import DocumentKind, Sex
from people.models import Household, Leaving, Person, Relation, ResidencyKind
from people.reasons import NUMBERS, REASONS, known
from people.registering import SIMPLE, Details

if TYPE_CHECKING:
    from governance.models import User

APART = "apart"


def day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        **more,
    )


def number(label: Any, length: int, mode: str, *, required: bool = False) -> forms.CharField:
    attrs = {"inputmode": mode, "autocomplete": "off"}
    return forms.CharField(
        label=label, max_length=length, required=required, widget=forms.TextInput(attrs=attrs)
    )


class Blaming(forms.Form):
    """A form that can say what a verb found wrong beside the field it is about."""

    def blame(self, error: Exception) -> None:
        if isinstance(error, Changed):
            # the page that it comes back on shows the newest: to send it once more is to mean it
            self.put("version", error.version)
        if isinstance(error, Repeated):
            self.put("key", uuid4())
        faults = error.faults if isinstance(error, BadDetails) else {None: str(error)}
        for name, why in faults.items():
            self.add_error(name if name in self.fields else None, why)

    def put(self, name: str, value: object) -> None:
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix(name)] = str(value)
        self.data = data


def first_fault(forms_: Iterable[Blaming]) -> str:
    """What was wrong, for a message where the form itself is folded away."""
    return " ".join(
        str(fault) for form in forms_ for field in form.errors.values() for fault in field
    )


class DetailsForm(Blaming):
    """Who somebody is; birth date and sex are asked only where no number tells them."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    document_kind = forms.ChoiceField(
        label=_("证件种类"), choices=DocumentKind.choices, widget=Select
    )
    document_number = number(_("证件号码"), 30, "text")
    birth_date = day(_("出生日期（证件号码已含的不填）"), required=False)
    sex = forms.ChoiceField(
        label=_("性别（证件号码已含的不填）"),
        choices=[("", "—"), *Sex.choices],
        required=False,
        widget=Select,
    )
    phone = number(_("电话"), 20, "tel")
    other_phone = number(_("其他电话"), 20, "tel")
    contact_name = forms.CharField(label=_("联系人"), max_length=60, required=False)
    contact_phone = number(_("联系人电话"), 20, "tel")

    def details(self) -> Details:
        given = self.cleaned_data
        names = Details.__dataclass_fields__
        return Details(**{name: text(given[name]) for name in names if name in given})


def text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value or "")


class HouseholdForm(Blaming):
    """With which household of a house somebody lives; asked where anybody lives there."""

    def __init__(
        self, *args: Any, homes: Sequence[tuple[str, str]] = (), usual: str = "", **kwargs: Any
    ) -> None:
        """`homes`: the households of the house, by id; `usual`: the one that is chosen already, or
        APART; without it the first."""
        super().__init__(*args, **kwargs)
        if homes:
            self.fields["household"] = forms.ChoiceField(
                label=_("与谁同住一户"),
                choices=[*homes, (APART, _("另立一户"))],
                widget=forms.RadioSelect,
                initial=usual or homes[0][0],
                required=bool(usual),
            )
            self.order_fields(self.field_order or ["household"])

    def among(self, households: Iterable[Household]) -> Household | None:
        """The one of these that was chosen."""
        asked = self.cleaned_data.get("household")
        return next((one for one in households if str(one.pk) == asked), None)


class HomeForm(HouseholdForm):
    """How and since when somebody lives in a house."""

    kind = forms.ChoiceField(label=_("居住类别"), choices=ResidencyKind.choices, widget=Select)
    relation = forms.ChoiceField(
        label=_("与户主关系"), choices=Relation.choices, initial=Relation.OTHER, widget=Select
    )
    began_on = day(_("来此日期"), initial=clock.today)

    def stay(self) -> dict[str, Any]:
        """Kind, relation and day, as the verbs take them."""
        return {name: self.cleaned_data[name] for name in ("kind", "relation", "began_on")}

    def home(self) -> dict[str, Any]:
        """As the verbs take it, but the household, which is the page's to know."""
        return {**self.stay(), "apart": self.cleaned_data.get("household") == APART}


class RegisterForm(HomeForm, DetailsForm):
    """人来登记: both at once, the person first."""

    field_order = (
        *("name", "document_kind", "document_number", "phone"),
        *("household", "kind", "relation", "began_on"),
        *("birth_date", "sex", "other_phone", "contact_name", "contact_phone"),
    )


class CorrectForm(Blaming):
    """What a worker may correct at once: what is filled in changes, what is ticked goes, and the
    rest stays. What is held is shown masked."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("姓名"), max_length=60, required=False)
    birth_date = day(_("出生日期"), required=False)
    sex = forms.ChoiceField(
        label=_("性别"), choices=[("", "—"), *Sex.choices], required=False, widget=Select
    )
    phone = number(_("电话"), 20, "tel")
    other_phone = number(_("其他电话"), 20, "tel")
    contact_name = forms.CharField(label=_("联系人"), max_length=60, required=False)
    contact_phone = number(_("联系人电话"), 20, "tel")
    clear = forms.MultipleChoiceField(
        label=_("清除不再有效的信息"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"version": person.version}, **kwargs})
        for name in registering.told(registering.details_of(person), clock.today()):
            del self.fields[name]
        held = {name: getattr(person, name) for name in SIMPLE if name in self.fields}
        for name, value in held.items():
            if value:
                self.fields[name].help_text = _t("现为 %(held)s") % {"held": escape(value.masked)}
        gone = [
            (name, f"{self.fields[name].label} {value.masked}")
            for name, value in held.items()
            if value and name != "name"
        ]
        self.fields["clear"].choices = gone  # type: ignore[attr-defined]
        if not gone:
            del self.fields["clear"]

    def changes(self) -> dict[str, str]:
        given = self.cleaned_data
        filled = {name: text(given[name]) for name in SIMPLE if given.get(name)}
        return dict.fromkeys(given.get("clear", ()), "") | filled


class OutForm(Blaming):
    """人走注销."""

    leaving = forms.ChoiceField(
        label=_("离开原因"),
        choices=[(code, label) for code, label in Leaving.choices if code != Leaving.DIED],
        widget=Select,
    )
    on = day(_("离开日期"), initial=clock.today)


class RevealForm(forms.Form):
    """Why somebody looks: one of a list, and the number of the case or visit where there is one."""

    why = forms.ChoiceField(label=_("事由"), choices=REASONS, initial="check", widget=Select)
    about = forms.CharField(label=_("事件或走访编号"), max_length=40, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        why, about = data.get("why", ""), data.get("about", "").strip().upper()
        if why in NUMBERS and not about:
            self.add_error("about", _("请填写编号。"))
        elif about and not known(self.user, why, about):
            self.add_error("about", _("没有找到您可以查看的这个编号。"))
        return {**data, "about": about}

    def reason(self) -> str:
        given = self.cleaned_data
        return f"{dict(REASONS)[given['why']]} {given['about']}".strip()


class DocumentForm(Blaming):
    document_kind = forms.ChoiceField(
        label=_("证件种类"), choices=DocumentKind.choices, widget=Select
    )
    document_number = number(_("证件号码"), 30, "text")
    reason = forms.CharField(label=_("理由"), max_length=400)


class DeathForm(Blaming):
    died_on = day(_("死亡日期"), initial=clock.today)
    reason = forms.CharField(label=_("理由"), max_length=400, initial=_("家属告知"))


class MergeForm(Blaming):
    into = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("理由"), max_length=400)


class DecideForm(forms.Form):
    """A selection of requests, and one answer for them."""

    chosen = forms.TypedMultipleChoiceField(label=_("申请"))
    granted = forms.TypedChoiceField(
        label=_("审批"),
        choices=[("1", _("同意")), ("0", _("不同意"))],
        coerce=lambda value: value == "1",
    )
    answer = forms.CharField(label=_("意见"), max_length=400, required=False)

    def __init__(self, *args: Any, keys: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]
