"""The forms of a dispute's page, one a verb: they check shape, cases/disputes.py the rules."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import disputes
from cases.disputes import Promise
from cases.forms import PhoneField
from cases.models import Case, DisputeOutcome, DisputeParty, Side, Track
from governance import units
from governance.models import UnitKind
from governance.widgets import Select

ROWS = 3  # of what was undertaken
YES_NO = [("1", _("是")), ("0", _("否"))]


def yes_or_no(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=YES_NO, coerce=lambda text: text == "1", widget=forms.RadioSelect
    )


class DisputeForm(forms.Form):
    """Of one case; `parties` are those of its dispute."""

    def __init__(self, *args: Any, case: Case, parties: list[DisputeParty], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.parties = case, parties
        self.complete()

    def complete(self) -> None:
        """Add what depends on the case."""

    def given(self) -> dict[str, Any]:
        """What the verb wants of it."""
        return self.cleaned_data

    def party_choices(self) -> list[tuple[str, str]]:
        label = "{} · {}"
        return [(str(p.pk), label.format(p.get_side_display(), p)) for p in self.parties]

    def party_field(self, label: Any, *, required: bool = True) -> forms.TypedChoiceField:
        return forms.TypedChoiceField(
            label=label,
            choices=[("", "—"), *self.party_choices()],
            coerce=UUID,
            empty_value=None,
            required=required,
            widget=Select,
        )


class TrackForm(DisputeForm):
    """Where it is mediated, and by whom."""

    def complete(self) -> None:
        known = units.known().values()
        found = [u for u in known if u.kind == UnitKind.DEPARTMENT and u.valid_to is None]
        names = [(unit.pk, unit.name) for unit in sorted(found, key=lambda unit: unit.pk)]
        people = [(user.pk, str(user)) for user in disputes.candidates(self.case)]
        self.fields["track"] = forms.ChoiceField(
            label=_("调解方式"), choices=Track.choices, widget=Select
        )
        self.fields["track_unit_id"] = forms.TypedChoiceField(
            label=_("主持单位"),
            choices=[("", _("（无）")), *names],
            coerce=int,
            empty_value=None,
            required=False,
            widget=Select,
        )
        self.fields["mediator_ids"] = forms.TypedMultipleChoiceField(
            label=_("调解员"),
            choices=people,
            coerce=int,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )


class OpenForm(TrackForm):
    """What was said in the report stands there already, to be made a request of."""

    request = forms.CharField(
        label=_("调解请求"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def complete(self) -> None:
        super().complete()
        self.fields["request"].initial = self.case.description
        if self.case.reporter is not None and self.case.reporter.name:
            self.fields["reporter_applies"] = forms.BooleanField(
                label=_("反映人就是申请人"), required=False
            )


class HandOverForm(TrackForm):
    note = forms.CharField(
        label=_("移交理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def complete(self) -> None:
        super().complete()
        self.order_fields(["track", "track_unit_id", "mediator_ids", "note"])


class PartyForm(DisputeForm):
    side = forms.ChoiceField(label=_("身份"), choices=Side.choices, widget=Select)
    name = forms.CharField(label=_("姓名"), max_length=60)
    phone = PhoneField(label=_("电话"), required=False)


class CorrectForm(DisputeForm):
    """What was written down wrongly of a party; an empty field leaves what there is."""

    name = forms.CharField(label=_("姓名（不改则留空）"), max_length=60, required=False)
    phone = PhoneField(label=_("电话（不改则留空）"), required=False)
    side = forms.ChoiceField(
        label=_("身份"), choices=[("", _("（不改）")), *Side.choices], required=False, widget=Select
    )

    def complete(self) -> None:
        self.fields["party_id"] = self.party_field(_("当事人"))
        self.order_fields(["party_id"])


class ConsentForm(DisputeForm):
    # nothing is chosen beforehand: it must be the party's own word
    agrees = yes_or_no(_("是否同意调解"))

    def complete(self) -> None:
        self.fields["party_id"] = self.party_field(_("当事人"))
        self.order_fields(["party_id", "agrees"])


class SessionForm(DisputeForm):
    held_at = forms.DateTimeField(
        label=_("调解时间"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    place = forms.CharField(label=_("调解地点"), max_length=200)
    minutes = forms.CharField(
        label=_("调解笔录"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )

    def complete(self) -> None:
        self.fields["present_ids"] = forms.TypedMultipleChoiceField(
            label=_("到场当事人"),
            choices=self.party_choices(),
            coerce=UUID,
            widget=forms.CheckboxSelectMultiple,
        )


class AgreeForm(DisputeForm):
    written = forms.TypedChoiceField(
        label=_("协议形式"),
        choices=[("1", _("书面协议")), ("0", _("口头协议"))],
        coerce=lambda text: text == "1",
        widget=Select,
    )
    terms = forms.CharField(
        label=_("协议内容"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )

    def complete(self) -> None:
        for n in range(ROWS):
            said = {"n": n + 1}
            self.fields[f"party_{n}"] = self.party_field(
                _t("履行 %(n)d：履行人") % said, required=False
            )
            self.fields[f"what_{n}"] = forms.CharField(
                label=_t("履行 %(n)d：内容") % said, max_length=400, required=False
            )
            self.fields[f"due_on_{n}"] = forms.DateField(
                label=_t("履行 %(n)d：期限") % said,
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )

    def clean(self) -> dict[str, Any]:
        """A row is whole or empty."""
        found = super().clean() or {}
        for n in range(ROWS):
            row = [found.get(f"{name}_{n}") for name in ("party", "what", "due_on")]
            if any(row) and not all(row):
                raise forms.ValidationError(_("请填全履行人、内容和期限。"))
        return found

    def given(self) -> dict[str, Any]:
        found = self.cleaned_data
        rows = [n for n in range(ROWS) if found.get(f"party_{n}")]
        promises = [
            Promise(found[f"party_{n}"], found[f"what_{n}"], found[f"due_on_{n}"]) for n in rows
        ]
        return {"written": found["written"], "terms": found["terms"], "obligations": promises}


class EndForm(DisputeForm):
    outcome = forms.ChoiceField(
        label=_("调解结果"),
        choices=[(c.value, c.label) for c in (DisputeOutcome.FAILED, DisputeOutcome.WITHDRAWN)],
        widget=Select,
    )
    note = forms.CharField(
        label=_("说明"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class VisitForm(DisputeForm):
    obligation_id = forms.IntegerField(widget=forms.HiddenInput)
    fulfilled = yes_or_no(_("是否已履行"))
    note = forms.CharField(
        label=_("回访情况"), max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )


class CourtForm(DisputeForm):
    on = forms.DateField(
        label=_("申请司法确认日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
