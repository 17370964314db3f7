"""The form of a move, made from its row in the table: one builder of fields for each need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import access, dispatch, duplicates, items, needs, suggesting, supervision
from cases.dispatch import Candidate
from cases.forms import PhoneField, PhotosField, RatingForm
from cases.given import Decision, Part
from cases.models import Case, Outcome, Severity, ShareMode, WhistleKind
from cases.moves import Action, Move, Need
from governance import clock, units
from governance.models import UnitKind, User
from governance.widgets import Select

if TYPE_CHECKING:
    Fields = dict[str, forms.Field]

ROWS = 4  # of parts and of decisions
NOTE_LABELS = {
    Action.REFUSE: _("不予受理的理由"),
    Action.UNJOIN: _("撤销并案的理由"),
    Action.INSIST: _("坚持派遣的理由"),
    Action.RULE: _("裁定意见"),
    Action.RETURN: _("退单理由"),
    Action.PASS_UP: _("上报理由和已采取的措施"),
    Action.HAND_DOWN: _("交办要求"),
    Action.ASK_EXTENSION: _("延期理由"),
    Action.ASK_SUSPENSION: _("挂账理由"),
    Action.DENY: _("不予批准的理由"),
    Action.ASK_REPORTER: _("要问反映人的问题"),
    Action.REPLY: _("反映人的答复"),
    Action.WHISTLE: _("需要解决的问题"),
    Action.REPORT_TASK: _("任务完成情况"),
    Action.EXCUSE: _("免除的理由"),
    Action.SCORE: _("评语"),
    Action.CONCLUDE: _("办理情况"),
    Action.CONSULT: _("会商纪要"),
    Action.RECHECK: _("复查情况"),
    Action.FINISH: _("办理情况"),
    Action.HANDLE_ON_SPOT: _("办理情况"),
    Action.FAIL: _("未通过的原因"),
    Action.FORCE_CLOSE: _("强制结案的理由"),
    Action.ANSWER: _("告知反映人的内容"),
    Action.REOPEN: _("重新办理的理由"),
    Action.SUPERVISE: _("督办要求"),
    Action.REPLY_SUPERVISION: _("督办回复"),
    Action.LIFT_SUPERVISION: _("撤销督办的理由"),
    Action.CORRECT: _("更正的理由"),
}
# Requests that photos may prove.
PROVED = {Action.ASK_EXTENSION, Action.ASK_SUSPENSION}
# Moves whose form shows no note where the row asks for none.
SILENT = {Action.FIND, Action.ORDER, Action.ARRIVE, Action.JOIN, Action.SPLIT, Action.UNSHARE}


class ActionForm(forms.Form):
    """The form of one move of one case; `user` is offered only cases that they see."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, move: Move, case: Case, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "auto_id": f"id_{move.action}_%s"})
        self.move, self.case, self.user = move, case, user
        self.fields["version"].initial = case.version
        self.candidates: list[Candidate] = []
        self.repeats: list[duplicates.Found] = []
        if move.action == Action.ACCEPT:
            self.fields["item_id"] = item_field(case)
            self.fields["item_id"].help_text = likely(case)
        for need in move.needs:
            if need in BUILDERS:
                self.fields |= BUILDERS[need](self)
        if Need.NOTE in move.needs or Need.MEETING in move.needs or move.action not in SILENT:
            self.fields["note"] = forms.CharField(
                label=NOTE_LABELS.get(move.action, _("说明")),
                required=Need.NOTE in move.needs or Need.MEETING in move.needs,
                max_length=4000 if Need.MEETING in move.needs else 2000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        if Need.MEETING in move.needs:  # the minutes before what was decided
            self.order_fields(["version", "held_on", "participants", "note"])
        if Need.AFTER_PHOTO in move.needs:
            self.fields["photos"] = PhotosField(label=_("处置后照片"))
        if move.action == Action.REPORT_TASK:
            self.fields["photos"] = PhotosField(label=_("完成情况照片"))
        if move.action in PROVED:
            self.fields["photos"] = PhotosField(
                label=_("证明照片（可不附）"), help_text=_("给审批的人看，居民看不到。")
            )
        if move.action == Action.ARRIVE:
            self.fields |= {"lon": hidden_degrees(180), "lat": hidden_degrees(90)}

    def clean(self) -> dict[str, Any]:
        """A row that was begun is filled in: it would be left out without a word."""
        found = super().clean() or self.cleaned_data
        for need, faults in ((Need.PARTS, part_faults), (Need.MEETING, decision_faults)):
            for name, why in faults(found) if need in self.move.needs else ():
                if name not in self.errors:
                    self.add_error(name, why)
        return found

    def given(self) -> dict[str, Any]:
        """What `workflow.take` wants of it: the fields of `Given`, and the version."""
        found = {
            name: value
            for name, value in self.cleaned_data.items()
            if name == "note" or not (value is None or value == "")
        }
        found.pop("photos", None)
        for name, rename in {"department": "department_id", "task": "task_id"}.items():
            if name in found:
                found[rename] = found.pop(name)
        if Need.PARTS in self.move.needs:
            found = without(found, "part") | {"parts": parts(found)}
        if Need.MEETING in self.move.needs:
            found = without(found, "decision") | {"decisions": decisions(found)}
        if Need.CORRECTION in self.move.needs:
            if "place" in self.data and "place" in self.fields:  # emptied, it is to be empty
                found["place"] = self.cleaned_data["place"]
            if "lon" in found:  # a point says more exactly
                found.pop("place_unit_id", None)
            found = changed(self.case, found)
        if "departments" in found:
            found["department_ids"] = tuple(found.pop("departments"))
        if username := found.pop("username", ""):
            person = User.objects.filter(username=username, is_active=True).first()
            found["user_id"] = person.pk if person else 0
        if "main_typed" in found:
            found["main"] = found.pop("main_typed")
        return found


def without(found: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Without the fields of numbered rows."""
    return {name: value for name, value in found.items() if not name.startswith(f"{prefix}_")}


def part_faults(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for n in range(ROWS):
        item, words = f"part_{n}_item", f"part_{n}_words"
        if found.get(words) and not found.get(item):
            yield item, _t("请为第 %(n)d 件选择事项。") % {"n": n + 1}
        if found.get(item) and not found.get(words):
            yield words, _t("请写明第 %(n)d 件的情况。") % {"n": n + 1}


def decision_faults(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for n in range(ROWS):
        department, what = f"decision_{n}_department", f"decision_{n}_what"
        begun = any(found.get(name) for name in (department, what, f"decision_{n}_due_on"))
        if begun and not found.get(department):
            yield department, _t("请选择分工 %(n)d 的部门。") % {"n": n + 1}
        if begun and not found.get(what):
            yield what, _t("请写明分工 %(n)d 的任务。") % {"n": n + 1}


def parts(found: dict[str, Any]) -> tuple[Part, ...]:
    rows = ((found.get(f"part_{n}_item"), found.get(f"part_{n}_words")) for n in range(ROWS))
    return tuple(Part(item_id or 0, words or "") for item_id, words in rows if words)


def decisions(found: dict[str, Any]) -> tuple[Decision, ...]:
    rows = (
        (
            found.get(f"decision_{n}_department"),
            found.get(f"decision_{n}_what"),
            found.get(f"decision_{n}_due_on"),
        )
        for n in range(ROWS)
    )
    return tuple(
        Decision(department or 0, what, due_on or clock.today() + timedelta(days=7))
        for department, what, due_on in rows
        if what
    )


def changed(case: Case, found: dict[str, Any]) -> dict[str, Any]:
    """Only what differs from the case as it is."""
    same = {"place": case.place, "description": case.description, "item_id": case.item_id}
    return {name: value for name, value in found.items() if name not in same or value != same[name]}


# Fields, need by need ---------------------------------------------------------------------------


def item_field(case: Case, *, label: Any = _("归入事项"), required: bool = True) -> Any:
    grouped: dict[str, list[tuple[Any, Any]]] = {}
    for item in items.items().values():
        if item.is_active or item.pk == case.item_id:
            grouped.setdefault(item.class_title, []).append((item.pk, item.title))
    blank = [] if required else [("", _("（请选择）"))]
    return forms.TypedChoiceField(
        label=label,
        choices=[*blank, *grouped.items()],
        coerce=int,
        empty_value=None,
        initial=case.item_id if required else None,
        required=required,
        widget=Select,
    )


def likely(case: Case) -> str:
    """What the model makes of the words, as a hint beside the select."""
    found = [
        f"{items.facts(one.item_id).title} {one.confidence:.0%}"
        for one in suggesting.suggest(case.description)
    ]
    return escape(_t("按描述建议：%(items)s") % {"items": _t("、").join(found)}) if found else ""


def hidden_degrees(most: int) -> forms.FloatField:
    return forms.FloatField(
        required=False, min_value=-most, max_value=most, widget=forms.HiddenInput
    )


def day_field(label: Any, *, required: bool = True, initial: date | None = None) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        initial=initial,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def departments() -> list[tuple[int, str]]:
    """The departments of today, as a select shows them."""
    known = units.known().values()
    found = [u for u in known if u.kind == UnitKind.DEPARTMENT and u.valid_to is None]
    return [(unit.pk, unit.name) for unit in sorted(found, key=lambda unit: unit.pk)]


def to_be_called(case: Case) -> list[tuple[int, str]]:
    """Those of them that may get a task of the case."""
    return [(pk, name) for pk, name in departments() if needs.may_be_called(case, pk)]


def choice(label: Any, choices: Any, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=Select, **more)


def department(form: ActionForm) -> Fields:
    form.candidates = dispatch.rank(form.case)
    names = [(c.department_id, units.name_of(c.department_id)) for c in form.candidates]
    return {"department": forms.TypedChoiceField(label=_("承办部门"), choices=names, coerce=int)}


def outcome(form: ActionForm) -> Fields:
    return {"outcome": choice(_("办理结果"), Outcome.choices)}


def satisfied(form: ActionForm) -> Fields:
    return {"satisfied": RatingForm.base_fields["satisfied"]}


def until(form: ActionForm) -> Fields:
    label = _("延期至") if form.move.action == Action.ASK_EXTENSION else _("挂账至")
    return {"until": day_field(label)}


def main(form: ActionForm) -> Fields:
    form.repeats = duplicates.of_case(form.case, form.user)
    listed = [(found.number, found.number) for found in form.repeats]
    return {
        "main": forms.ChoiceField(
            label=_("可能重复的在办事件"),
            choices=[*listed, ("", _("其他事件"))],
            required=False,
        ),
        "main_typed": forms.CharField(
            label=_("其他事件的编号"), max_length=20, required=False, strip=True
        ),
    }


def part_rows(form: ActionForm) -> Fields:
    found: Fields = {}
    for n in range(ROWS):
        label = _t("第 %(n)d 件") % {"n": n + 1}
        found[f"part_{n}_item"] = item_field(form.case, label=label, required=False)
        found[f"part_{n}_words"] = forms.CharField(
            label=_t("第 %(n)d 件的情况") % {"n": n + 1},
            required=n < 2,
            max_length=2000,
            initial=form.case.description if n == 0 else "",
            widget=forms.Textarea(attrs={"rows": 2}),
        )
    found["part_0_item"].initial = form.case.item_id
    return found


def whistle_kind(form: ActionForm) -> Fields:
    return {"whistle_kind": choice(_("吹哨类别"), WhistleKind.choices)}


def called(form: ActionForm) -> Fields:
    item = items.facts(form.case.item_id)
    return {
        "departments": forms.TypedMultipleChoiceField(
            label=_("参加部门"),
            choices=to_be_called(form.case),
            coerce=int,
            initial=[item.department_id, *item.joint_ids],
            widget=forms.CheckboxSelectMultiple,
        )
    }


def hidden_id(name: str) -> Callable[[ActionForm], Fields]:
    def field(form: ActionForm) -> Fields:
        return {name: forms.IntegerField(widget=forms.HiddenInput)}

    return field


def score(form: ActionForm) -> Fields:
    marks = [(n, _t("%(n)d 分") % {"n": n}) for n in range(5, 0, -1)]
    return {"score": forms.TypedChoiceField(label=_("评分"), choices=marks, coerce=int)}


def meeting(form: ActionForm) -> Fields:
    offered = to_be_called(form.case)
    found: Fields = {
        "held_on": day_field(_("会商日期"), initial=clock.today()),
        "participants": forms.CharField(label=_("参加单位"), max_length=400),
    }
    for n in range(ROWS):
        found[f"decision_{n}_department"] = forms.TypedChoiceField(
            label=_t("分工 %(n)d：部门") % {"n": n + 1},
            choices=[("", _("（无）")), *offered],
            coerce=int,
            empty_value=None,
            required=False,
            widget=Select,
        )
        found[f"decision_{n}_what"] = forms.CharField(
            label=_t("分工 %(n)d：任务") % {"n": n + 1}, max_length=400, required=False
        )
        found[f"decision_{n}_due_on"] = day_field(
            _t("分工 %(n)d：完成日期") % {"n": n + 1}, required=False
        )
    return found


def what_found(form: ActionForm) -> Fields:
    return {
        "what": forms.CharField(label=_("发现的问题"), max_length=400),
        "party": forms.CharField(label=_("责任主体"), max_length=60),
    }


def order(form: ActionForm) -> Fields:
    return {
        "order_number": forms.CharField(
            label=_("文书编号（不填则自动编号）"), max_length=40, required=False
        ),
        "ground": forms.CharField(label=_("法律依据"), max_length=400),
        "due_on": day_field(_("整改期限")),
        "recheck_on": day_field(_("复查日期")),
    }


def mended(form: ActionForm) -> Fields:
    return {
        "mended": forms.TypedChoiceField(
            label=_("整改是否合格"),
            choices=[("1", _("合格")), ("0", _("不合格"))],
            coerce=lambda text: text == "1",
            widget=forms.RadioSelect,
        ),
        "recheck_on": day_field(_("再次复查日期（不合格的须填）"), required=False),
    }


def severity(form: ActionForm) -> Fields:
    present = form.case.severity
    levels = [(c, label) for c, label in Severity.choices if supervision.may_follow(c, present)]
    return {"severity": choice(_("督办级别"), levels)}


def correction(form: ActionForm) -> Fields:
    case = form.case
    offered = access.places_of(form.user, "case.correct") if case.lon is None else []
    found: Fields = {
        "item_id": item_field(case, label=_("事项")),
        "description": forms.CharField(
            label=_("情况描述"),
            max_length=2000,
            initial=case.description,
            widget=forms.Textarea(attrs={"rows": 3}),
        ),
        "place": forms.CharField(
            label=_("地点"), max_length=200, initial=case.place, required=False
        ),
        **({"place_unit_id": place_unit_field(offered)} if offered else {}),
        "lon": hidden_degrees(180),
        "lat": hidden_degrees(90),
        "reporter_name": forms.CharField(
            label=_("反映人姓名（不改则不填）"), max_length=40, required=False
        ),
        "reporter_phone": PhoneField(label=_("反映人电话（不改则不填）"), required=False),
        "reporter_email": forms.EmailField(
            label=_("反映人邮箱（不改则不填）"), max_length=100, required=False
        ),
        "promise_on": day_field(_("承诺改至（不改则不填）"), required=False),
    }
    return {name: field for name, field in found.items() if name in needs.correctable(case)}


def place_unit_field(offered: list[units.Facts]) -> forms.Field:
    """The communities, each with its grids below it."""
    rows = [
        (unit.pk, "　" + unit.name if unit.kind == UnitKind.GRID else unit.name) for unit in offered
    ]
    return forms.TypedChoiceField(
        label=_("所在社区、网格（不改则不选）"),
        choices=[("", _("（不改）")), *rows],
        coerce=int,
        empty_value=None,
        required=False,
        widget=Select,
        help_text=_("没有位置的事件按此归入；在地图上选了位置的，按位置归入。"),
    )


def shared(form: ActionForm) -> Fields:
    hidden = {"required": False, "widget": forms.HiddenInput}
    return {
        "unit_id": forms.IntegerField(**hidden),  # type: ignore[arg-type]
        "user_id": forms.IntegerField(**hidden),  # type: ignore[arg-type]
    }


def shared_with(form: ActionForm) -> Fields:
    return {
        "unit_id": forms.TypedChoiceField(
            label=_("部门"),
            choices=[("", _("（不选部门）")), *departments()],
            coerce=int,
            empty_value=None,
            required=False,
            widget=Select,
        ),
        "username": forms.CharField(label=_("或人员的用户名"), max_length=40, required=False),
        "mode": choice(_("方式"), ShareMode.choices),
        "until": day_field(_("截止日期（不填则按规定）"), required=False),
    }


BUILDERS: Mapping[Need, Callable[[ActionForm], Fields]] = {
    Need.DEPARTMENT: department,
    Need.OUTCOME: outcome,
    Need.SATISFIED: satisfied,
    Need.UNTIL: until,
    Need.MAIN: main,
    Need.PARTS: part_rows,
    Need.WHISTLE_KIND: whistle_kind,
    Need.DEPARTMENTS: called,
    Need.TASK: hidden_id("task"),
    Need.SCORE: score,
    Need.MEETING: meeting,
    Need.WHAT_FOUND: what_found,
    Need.FINDING: hidden_id("finding_id"),
    Need.ORDER: order,
    Need.MENDED: mended,
    Need.SEVERITY: severity,
    Need.CORRECTION: correction,
    Need.SHARED_WITH: shared_with,
    Need.SHARED: shared,
}
