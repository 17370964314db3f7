"""Forms of campaigns: launching one, announcing a spot check, and the check-list itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import campaign_access, campaigns, items, questions, rules
from cases.act_forms import day_field, departments
from cases.campaign_answers import Said
from cases.campaigns import Joint, Plan
from cases.forms import PhotosField
from cases.models import (
    Answer,
    AnswerKind,
    CampaignKind,
    CheckList,
    CheckListQuestion,
    Question,
    WhistleKind,
)
from cases.spot_checks import Spot
from governance import units
from governance.units import Facts
from governance.widgets import Select

if TYPE_CHECKING:
    from governance.models import User

ANSWER, REMARK, PHOTO = "answer_", "remark_", "photo_"


# Launching --------------------------------------------------------------------------------------


def ticks(label: Any, choices: Iterable[tuple[int, str]], help_text: Any = "") -> forms.Field:
    return forms.TypedMultipleChoiceField(
        label=label,
        choices=list(choices),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
    )


class PlanForm(forms.Form):
    """What is asked, by when, and at which places; whole communities by one tick."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("名称"), max_length=60)
    check_list = forms.ModelChoiceField(
        label=_("检查清单"), queryset=CheckList.objects.none(), empty_label=None
    )
    due_on = day_field(_("完成期限"))
    brief = forms.CharField(
        label=_("要求"),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("请勿填写居民姓名、电话、证件号码。"),
    )

    kind: str = CampaignKind.CAMPAIGN

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = CheckList.objects.filter(is_active=True).exclude(rows=None).distinct()
        self.fields["check_list"].queryset = lists.order_by("name")  # type: ignore[attr-defined]
        self.grids = campaign_access.grids_of(user)
        places = campaign_access.places_of(user)
        communities = {unit.community_id for unit in self.grids if unit.community_id}
        named = sorted((pk, units.name_of(pk)) for pk in communities)
        self.fields["communities"] = ticks(_("社区（含全部网格）"), named)
        self.fields["grids"] = ticks(_("网格"), names(self.grids))
        if places:
            self.fields["places"] = ticks(_("小区、单位"), names(places))

    def plan(self, now: datetime) -> Plan:
        """Raises NotAllowed."""
        given = self.cleaned_data
        return Plan(
            title=given["title"],
            brief=given["brief"],
            check_list_id=given["check_list"].pk,
            due_at=campaigns.due_moment(given["due_on"], now),
            kind=given.get("kind", self.kind),
        )

    def unit_ids(self) -> list[int]:
        """The chosen places, each once, in the order of the form."""
        given = self.cleaned_data
        whole = set(given["communities"])
        chosen = [unit.pk for unit in self.grids if unit.community_id in whole]
        for name in ("grids", "places", "departments"):
            chosen += given.get(name, [])
        return list(dict.fromkeys(chosen))

    def sections(self) -> list[dict[str, Any]]:
        """Groups of fields: title, the fields, whether it is open."""
        main = [
            self[name]
            for name in ("title", "kind", "check_list", "due_on", "brief")
            if name in self.fields
        ]
        targets = [self["communities"]]
        single = [self[name] for name in ("grids", "places") if name in self.fields]
        return [
            {"title": _("任务"), "fields": main, "open": True},
            {"title": _("整个社区"), "fields": targets, "open": True},
            {
                "title": _("单个网格、小区、单位"),
                "fields": single,
                "open": any(field.value() for field in single),
            },
        ]


class LaunchForm(PlanForm):
    """A campaign or an inspection; departments may be asked as well, or called to each place."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        kinds = [CampaignKind.CAMPAIGN, CampaignKind.INSPECTION]
        self.fields["kind"] = forms.ChoiceField(
            label=_("类型"), choices=[(k.value, k.label) for k in kinds], widget=Select
        )
        if asked := campaign_access.departments_of(user):
            self.fields["departments"] = ticks(_("部门"), names(asked))
        self.fields["joint_departments"] = ticks(
            _("到场部门"),
            departments(),
            _t(
                "对每个检查对象立一件事件，并向所选部门吹哨，各部门按吹哨时限到场、反馈。"
                "超过 %(most)d 个检查对象的，其余在行动页接着通知，显示进度。"
            )
            % {"most": campaigns.AT_ONCE},
        )
        manual = [i for i in items.items().values() if i.is_active and not i.automatic]
        self.fields["joint_item"] = forms.TypedChoiceField(
            label=_("事项"),
            choices=[("", "—"), *((item.pk, item.title) for item in manual)],
            coerce=int,
            empty_value=None,
            required=False,
            widget=Select,
        )
        self.fields["joint_kind"] = forms.ChoiceField(
            label=_("吹哨类别"), choices=WhistleKind.choices, required=False, widget=Select
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("joint_departments") and not data.get("joint_item"):
            self.add_error("joint_item", _("联合检查须选择事项。"))
        elif data.get("joint_departments"):
            self.check_called(data["joint_departments"], items.facts(data["joint_item"]))
        return data

    def check_called(self, departments: Sequence[int], item: items.ItemFacts) -> None:
        """As a whistle on each case would refuse them."""
        if any(rules.goes_down(units.known()[pk], item) for pk in departments):
            self.add_error("joint_departments", _("该事项已由上级收回，不能交给街道部门。"))

    def joint(self) -> Joint | None:
        given = self.cleaned_data
        if not given["joint_departments"]:
            return None
        kind = given["joint_kind"] or WhistleKind.ENFORCEMENT
        return Joint(given["joint_item"], kind, tuple(given["joint_departments"]))

    def sections(self) -> list[dict[str, Any]]:
        found = super().sections()
        if "departments" in self.fields:
            field = self["departments"]
            found.append({"title": _("职能部门"), "fields": [field], "open": bool(field.value())})
        joint = [self[name] for name in ("joint_departments", "joint_item", "joint_kind")]
        opened = bool(joint[0].value())
        return [*found, {"title": _("联合检查（可不填）"), "fields": joint, "open": opened}]


class SpotForm(PlanForm):
    """双随机: from what is drawn, how many, and with which number that nobody knows yet."""

    kind = CampaignKind.SPOT_CHECK
    draw = forms.IntegerField(label=_("抽取对象数"), min_value=1)
    each = forms.IntegerField(label=_("每个对象的检查人员数"), min_value=1, initial=2)
    seed_source = forms.CharField(
        label=_("种子来源"),
        max_length=200,
        help_text=_("公开、可查、事先无法知道的数，例如某日某指数的收盘点数。"),
    )
    seed_at = forms.DateTimeField(
        label=_("种子公布时间"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        offered = campaign_access.departments_of(user) or self.grids
        self.fields["inspector_units"] = ticks(_("检查人员所在单位"), names(offered))

    def spot(self) -> Spot:
        given = self.cleaned_data
        return Spot(
            object_ids=tuple(self.unit_ids()),
            inspector_unit_ids=tuple(given["inspector_units"]),
            draw=given["draw"],
            each=given["each"],
            seed_source=given["seed_source"],
            seed_at=given["seed_at"],
        )

    def sections(self) -> list[dict[str, Any]]:
        how = [self[name] for name in ("draw", "each", "seed_source", "seed_at")]
        return [
            *super().sections(),
            {"title": _("检查人员"), "fields": [self["inspector_units"]], "open": True},
            {"title": _("抽取"), "fields": how, "open": True},
        ]


def names(found: Iterable[Facts]) -> list[tuple[int, str]]:
    return [(unit.pk, unit.name) for unit in found]


class DrawForm(forms.Form):
    seed = forms.CharField(label=_("种子"), max_length=100)


class ReplaceForm(forms.Form):
    """Who has left; who goes instead, the draw says."""

    left = forms.TypedChoiceField(label=_("离岗的检查人员"), coerce=int, widget=Select)
    reason = forms.CharField(
        label=_("递补的理由"),
        max_length=400,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("按抽取时公布的顺序，由下一名在岗人员递补，不能另选。"),
    )

    def __init__(self, *args: Any, left: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["left"].choices = list(left)  # type: ignore[attr-defined]


class ExcuseForm(forms.Form):
    reason = forms.CharField(
        label=_("免除的理由"), max_length=400, widget=forms.Textarea({"rows": 2})
    )


class FoundForm(forms.Form):
    """Something that the form does not ask about."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    item = forms.TypedChoiceField(label=_("事项"), coerce=int, widget=Select)
    words = forms.CharField(
        label=_("情况描述"), max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    photos = PhotosField(label=_("拍照或选图"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [item for item in items.items().values() if item.is_active]
        self.fields["item"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((item.pk, item.title) for item in known),
        ]


# The check-list ---------------------------------------------------------------------------------


def yes_no_field(question: Question, **common: Any) -> forms.Field:
    return forms.ChoiceField(
        choices=list(questions.YES_NO.items()), widget=forms.RadioSelect, **common
    )


def number_field(question: Question, **common: Any) -> forms.Field:
    return forms.FloatField(
        min_value=0,
        max_value=questions.LARGEST,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        help_text=question.measure,
        **common,
    )


def choice_field(question: Question, **common: Any) -> forms.Field:
    choices = [(choice, choice) for choice in question.choices]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)


def text_field(question: Question, **common: Any) -> forms.Field:
    return forms.CharField(
        max_length=questions.LONGEST, widget=forms.Textarea(attrs={"rows": 2}), **common
    )


FIELDS: Mapping[str, Callable[..., forms.Field]] = {
    AnswerKind.YES_NO: yes_no_field,
    AnswerKind.NUMBER: number_field,
    AnswerKind.CHOICE: choice_field,
    AnswerKind.TEXT: text_field,
}


class AnswerForm(forms.Form):
    """The questions in their order; what is known already may be left as it is."""

    def __init__(
        self,
        *args: Any,
        rows: Sequence[CheckListQuestion],
        known: Mapping[int, Answer],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.rows, self.known = rows, known
        for row in rows:
            question, code = row.question, row.question.code
            required = row.required and row.question_id not in known
            make = FIELDS[question.kind]
            self.fields[ANSWER + code] = make(question, label=question.text, required=required)
            if question.item_id is not None:
                self.fields[REMARK + code] = forms.CharField(
                    label=_("发现的情况"), max_length=400, required=False
                )
                self.fields[PHOTO + code] = PhotosField(label=_("拍照或选图"))
        self.fields["note"] = forms.CharField(
            label=_("说明"),
            max_length=2000,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("请勿填写居民姓名、电话、证件号码。"),
        )

    def questions(self) -> list[dict[str, Any]]:
        """Each question with its fields, and the answer that is known."""
        return [
            {
                "field": self[ANSWER + row.question.code],
                "beside": [
                    self[name + row.question.code]
                    for name in (REMARK, PHOTO)
                    if name + row.question.code in self.fields
                ],
                "known": self.known.get(row.question_id),
                "words": self.words(row),
                "opened": bool(self[ANSWER + row.question.code].value())
                or bool(self[ANSWER + row.question.code].errors),
            }
            for row in self.rows
        ]

    def words(self, row: CheckListQuestion) -> str:
        answer = self.known.get(row.question_id)
        return questions.words(row.question, answer.value) if answer else ""

    def said(self) -> dict[str, Said]:
        """What was filled in; what was left empty is left out."""
        found = {}
        for row in self.rows:
            code, given = row.question.code, self.cleaned_data
            value = given.get(ANSWER + code)
            if value not in (None, ""):
                found[code] = Said(
                    plain(value), given.get(REMARK + code, ""), given.get(PHOTO + code, [])
                )
        return found

    def blame(self, faults: Mapping[str, str]) -> None:
        """Put what the rules found wrong beside its question."""
        for code, why in faults.items():
            self.add_error(ANSWER + code if ANSWER + code in self.fields else None, why)


class CorrectForm(AnswerForm):
    """Another answer to one question, and why."""

    reason = forms.CharField(
        label=_("更正的理由"), max_length=400, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, row: CheckListQuestion, **more: Any) -> None:
        super().__init__(*args, rows=[row], known={}, **more)
        del self.fields["note"]
        self.fields[ANSWER + row.question.code].required = True
        self.order_fields([name for name in self.fields if name != "reason"])


def plain(value: Any) -> Any:
    """18.0 is 18."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
