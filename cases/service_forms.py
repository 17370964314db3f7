"""Forms of service requests: the item's own form made from its schema, materials, and the moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cases import schemas
from cases.entrusting import Brought
from cases.forms import PhoneField, resident_field
from cases.models import ServiceOutcome
from cases.schemas import Schema
from cases.service_items import ServiceFacts
from cases.service_moves import ServiceMove, ServiceNeed

LONG = 100  # a text that has several lines
ANSWER, MATERIAL, PHOTO = "answer_", "material_", "photo_"


def text_field(said: Schema, **common: Any) -> forms.Field:
    if "enum" in said:
        choices = [("", "—"), *((value, value) for value in said["enum"])]
        return forms.ChoiceField(choices=choices, **common)
    if said.get("format") == "date":
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **common)
    length: int = said["maxLength"]
    widget = forms.Textarea(attrs={"rows": 3}) if length > LONG else forms.TextInput()
    return forms.CharField(max_length=length, widget=widget, **common)


def integer_field(said: Schema, **common: Any) -> forms.Field:
    return forms.IntegerField(
        min_value=said.get("minimum"), max_value=said.get("maximum"), **common
    )


def boolean_field(said: Schema, **common: Any) -> forms.Field:
    return forms.BooleanField(**{**common, "required": False})


FIELDS: dict[str, Callable[..., forms.Field]] = {
    "string": text_field,
    "integer": integer_field,
    "boolean": boolean_field,
}


def fields_of(schema: Schema) -> Iterator[tuple[str, forms.Field]]:
    """The form fields of a schema, in its order."""
    for name, said in schemas.ordered(schema):
        required = name in schema["required"]
        make = FIELDS[said["type"]]
        yield f"{ANSWER}{name}", make(said, label=said["title"], required=required)


class MaterialsForm(forms.Form):
    """A tick and a picture for each material of the guide; a picture ticks by itself."""

    def __init__(self, *args: Any, item: ServiceFacts, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        for number, material in enumerate(item.materials):
            # labelled by the check-list beside it, in the template
            self.fields[f"{MATERIAL}{number}"] = forms.BooleanField(
                label=material.name, required=False
            )
            self.fields[f"{PHOTO}{number}"] = forms.FileField(
                label=_("拍照或选图"),
                required=False,
                widget=forms.FileInput(attrs={"accept": "image/*"}),
            )

    def check_list(self) -> list[dict[str, Any]]:
        return [
            {
                "material": material,
                "tick": self[f"{MATERIAL}{number}"],
                "photo": self[f"{PHOTO}{number}"],
            }
            for number, material in enumerate(self.item.materials)
        ]

    def brought(self) -> list[Brought]:
        given = self.cleaned_data
        return [
            Brought(material.name, given[f"{PHOTO}{number}"])
            for number, material in enumerate(self.item.materials)
            if given[f"{MATERIAL}{number}"] or given[f"{PHOTO}{number}"]
        ]


class EntrustForm(MaterialsForm):
    """Applicant, the item's own form, and the materials."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(label=_("申请人姓名"), max_length=40)
    phone = PhoneField(
        label=_("申请人电话"),
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )

    def __init__(
        self,
        *args: Any,
        grids: list[tuple[int, str]],
        reporter: bool = False,
        residents: Sequence[tuple[int, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if residents:  # asked for at their door: they need not be typed in
            self.fields["resident"] = resident_field(
                _("申请人"), [*residents, ("", _("其他人（在下面填写）"))]
            )
            self.initial.setdefault("resident", residents[0][0])
            for name in ("name", "phone"):
                self.fields[name].required = False
                self.fields[name].help_text = _("申请人是上面选定的住户时留空")
        if reporter:  # handed over from a case: who reported it is known
            for name in ("name", "phone"):
                self.fields[name].required = False
                self.fields[name].help_text = _("留空即为反映人本人")
        if len(grids) > 1:
            self.fields["grid"] = forms.TypedChoiceField(
                label=_("所在网格"),
                choices=[("", "—"), *grids],
                coerce=int,
                empty_value=None,
                required=False,
            )
        self.only_grid = grids[0][0] if len(grids) == 1 else None
        self.fields.update(dict(fields_of(self.item.schema)))

    def applicant_fields(self) -> list[forms.BoundField]:
        names = ("resident", "name", "phone", "grid")
        return [self[name] for name in names if name in self.fields]

    def answer_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(ANSWER)]

    def answers(self) -> dict[str, object]:
        """As JSON has them; what was left empty is left out."""
        found: dict[str, object] = {}
        for name, said in schemas.ordered(self.item.schema):
            value = self.cleaned_data.get(f"{ANSWER}{name}")
            if value not in (None, ""):
                found[name] = value.isoformat() if said.get("format") == "date" else value
        return found

    def grid_id(self) -> int | None:
        found: int | None = self.cleaned_data.get("grid") or self.only_grid
        return found

    def begin(self, place: str, words: str) -> None:
        """What of the item's own form is known from a visit: the address, and what was said where
        there is room for it."""
        room = True
        for name, said in schemas.ordered(self.item.schema):
            most = said.get("maxLength", 0)
            if name == "address":
                self.initial[f"{ANSWER}{name}"] = place[:most]
            elif room and most > LONG and "enum" not in said:
                self.initial[f"{ANSWER}{name}"], room = words[:most], False

    def blame(self, faults: dict[str, str]) -> None:
        """Put what a schema found wrong beside its field."""
        for name, why in faults.items():
            known = f"{ANSWER}{name}" in self.fields
            self.add_error(f"{ANSWER}{name}" if known else None, why)


class MoveForm(forms.Form):
    """What a move asks for; the version is the one that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, move: ServiceMove, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, prefix=move.action.value, initial=initial)
        if ServiceNeed.OUTCOME in move.needs:
            self.fields["outcome"] = forms.ChoiceField(
                label=_("办理结果"), choices=ServiceOutcome.choices
            )
        if ServiceNeed.SATISFIED in move.needs:
            self.fields["satisfied"] = forms.TypedChoiceField(
                label=_("满意与否"),
                choices=[("yes", _("满意")), ("no", _("不满意"))],
                coerce=lambda text: text == "yes",
            )
        self.fields["note"] = forms.CharField(
            label=_("说明"),
            max_length=2000,
            required=ServiceNeed.NOTE in move.needs,
            widget=forms.Textarea(attrs={"rows": 2}),
        )

    def meant(self, version: int) -> None:
        """It comes back on a page that shows the newest: to send it once more is to mean it."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix("version")] = str(version)
        self.data = data
