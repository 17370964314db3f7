"""Forms check the shape of what was sent; the rules are the workflow's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.choices import flatten_choices
from django.utils.safestring import SafeString
from django.utils.timezone import get_default_timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import items, photos
from cases.models import CallBackResult, Source, State
from cases.queue import Filters
from governance import clock, permissions, phones, units
from governance.models import UnitKind
from governance.reference import Reference, versions
from governance.widgets import Select

if TYPE_CHECKING:
    from governance.models import User

FURTHEST_OFF = 40_075_000  # metres round the earth: what a position can be wrong by
NO_PHONE = _("请填写电话号码，例如 13812345678。")


class PhoneField(forms.CharField):
    """Cleaned to plain digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> str:
        found = phones.number(super().clean(value))
        if found is None:
            raise forms.ValidationError(NO_PHONE)
        return found


class Photos(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several pictures in one field; cleaned to a list of up to `photos.AT_ONCE`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", Photos(attrs={"multiple": True, "accept": "image/*"}))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        files = data if isinstance(data, (list, tuple)) else [data]
        found = [super(PhotosField, self).clean(file, initial) for file in files if file]
        if self.required and not found:
            raise forms.ValidationError(self.error_messages["required"])
        if len(found) > photos.AT_ONCE:
            said = _t("一次最多 %(most)d 张照片，其余请分次上传。")
            raise forms.ValidationError(said % {"most": photos.AT_ONCE})
        return found


NO_WORDS = (forms.FileField, forms.BooleanField)


def typed(form: forms.Form) -> list[tuple[str, str]]:
    """What was written and chosen in a form that is offered no more, by label, to be copied."""
    found = []
    for field in form.visible_fields():
        if field.name not in form.changed_data or isinstance(field.field, NO_WORDS):
            continue
        text = "、".join(chosen(field.field, field.data))
        if text.strip():
            found.append((str(field.label), text))
    return found


def chosen(field: forms.Field, data: Any) -> list[str]:
    """The words of what was sent: of a choice its label."""
    values = data if isinstance(data, list) else [data]
    if not isinstance(field, forms.ChoiceField):
        return [str(value) for value in values if value]
    flat: list[tuple[Any, Any]] = list(flatten_choices(field.choices))  # type: ignore[arg-type]
    labels = {str(value): str(label) for value, label in flat}
    return [labels[str(value)] for value in values if value and str(value) in labels]


class FilterForm(forms.Form):
    """The filters of the queue; everything lives in the address."""

    q = forms.CharField(label=_("搜索"), required=False, max_length=200)
    item_class = forms.TypedChoiceField(
        label=_("大类"), required=False, coerce=int, empty_value=None, widget=Select
    )
    state = forms.ChoiceField(label=_("状态"), required=False, widget=Select)
    unit = forms.TypedChoiceField(
        label=_("单位"), required=False, coerce=int, empty_value=None, widget=Select
    )
    source = forms.ChoiceField(label=_("来源"), required=False, widget=Select)
    since = forms.DateField(
        label=_("上报自"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    tab = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = [(pk, item.class_title) for pk, item in items.classes().items()]
        self.set_choices("item_class", classes)
        self.set_choices("state", State.choices)
        self.set_choices("unit", units_of(user, str(self.data.get("unit", ""))))
        self.set_choices("source", Source.choices)

    def set_choices(self, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("全部")), *choices]

    def filters(self) -> Filters:
        """What was asked for; a value that does not fit is left out, and the form says so."""
        self.is_valid()
        asked = self.cleaned_data
        since = asked.get("since")
        return Filters(
            words=asked.get("q") or "",
            item_class=asked.get("item_class"),
            state=asked.get("state") or "",
            unit=asked.get("unit"),
            source=asked.get("source") or "",
            since=datetime.combine(since, time.min, get_default_timezone()) if since else None,
        )


class FilterRow(NamedTuple):
    """The queue's filters: what was asked for, and the fields as HTML, that of the unit alone too
    (the chosen community's grids join its list)."""

    asked: Filters
    fields: SafeString
    unit: SafeString


def filter_row(user: User, query: QueryDict, tab: str) -> FilterRow:
    """Of this address for this user; `tab` is the one shown."""
    given = tuple((name, query.get(name, "")) for name in FilterForm.base_fields) if query else ()
    return _rows()(user, permissions.posts_of(user), given, tab, get_language())


def make_filter_row(
    user: User, _posts: object, given: Sequence[tuple[str, str]], tab: str, _language: object
) -> FilterRow:
    form = FilterForm(dict(given) if given else None, user=user, initial={"tab": tab})
    return FilterRow(
        form.filters() if form.is_bound else Filters(),
        render_to_string("cases/queue_filters.html", {"form": form}),
        render_to_string("includes/field.html", {"field": form["unit"], "quiet": True}),
    )


# Kept until units or items change: to make them anew is a quarter of what a list costs.
_rows = Reference(
    "units",
    lambda: lru_cache(maxsize=500)(make_filter_row),
    also=lambda: (clock.today(), versions().get("items", 0)),
)


def units_of(user: User, chosen: str) -> list[tuple[int, str]]:
    """The streets, communities and grids that a user may filter by: those below the own posts.

    Grids stand in the list below the chosen community, and for those who work in one: a district
    has a thousand.
    """
    places = {p.territory for p in permissions.posts_with(user, "case.see") if p.territory}
    picked = units.known().get(int(chosen)) if chosen.isdecimal() else None
    opened = {("community_id", picked.community_id)} if picked and picked.community_id else set()
    opened |= {place for place in places if place[0] in {"community_id", "grid_id"}}
    kinds = set(INDENT) if opened else set(INDENT) - {UnitKind.GRID}
    found = [
        unit
        for unit in units.known().values()
        if unit.kind in kinds and unit.valid_to is None and lies_in(unit, places)
        if unit.kind != UnitKind.GRID or lies_in(unit, opened)
    ]
    found.sort(key=lambda u: (u.street_id or 0, u.community_id or 0, u.grid_id or 0))
    return [(unit.pk, INDENT[unit.kind] + unit.name) for unit in found]


def lies_in(unit: units.Facts, places: set[tuple[str, int]]) -> bool:
    return any(getattr(unit, column) == value for column, value in places)


# Ideographic spaces, as a select shows levels.
INDENT: dict[str, str] = {UnitKind.STREET: "", UnitKind.COMMUNITY: "　", UnitKind.GRID: "　　"}


def resident_field(label: Any, choices: Sequence[tuple[Any, Any]]) -> forms.TypedChoiceField:
    """One of those who live at a door, by the masked name."""
    return forms.TypedChoiceField(
        label=label,
        choices=choices,
        coerce=int,
        empty_value=None,
        required=False,
        widget=Select,
        help_text=_("选定即登记其姓名和电话，会记入访问记录。"),
    )


class ReportForm(forms.Form):
    """A report by staff: on the desk for who called or came, on the phone by the worker."""

    item = forms.IntegerField(
        label=_("事项"),
        widget=forms.HiddenInput,
        error_messages={"required": _("请选择事项。"), "invalid": _("请选择事项。")},
    )
    description = forms.CharField(
        label=_("情况描述"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    place = forms.CharField(label=_("地点"), max_length=200, required=False)
    lon = forms.FloatField(
        label=_("经度"), required=False, widget=forms.HiddenInput, min_value=-180, max_value=180
    )
    lat = forms.FloatField(
        label=_("纬度"), required=False, widget=forms.HiddenInput, min_value=-90, max_value=90
    )
    accuracy_m = forms.FloatField(
        required=False,
        min_value=0,
        max_value=FURTHEST_OFF,
        widget=forms.HiddenInput(attrs={"data-accuracy-input": True}),
    )
    facility = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    photos = PhotosField(label=_("照片"))

    def __init__(
        self, *args: Any, residents: Sequence[tuple[int, str]] = (), **kwargs: Any
    ) -> None:
        """`residents`: who lives at the door where it was found, to choose the reporter from."""
        super().__init__(*args, **kwargs)
        if residents:
            self.fields["resident"] = resident_field(
                _("由住户反映"), [("", _("不登记反映人")), *residents]
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        located = cleaned.get("lon") is not None and cleaned.get("lat") is not None
        if not located and not cleaned.get("place"):
            self.add_error("place", _("请填写地点，或在地图上点选。"))
        if not located:
            cleaned["lon"] = cleaned["lat"] = None
        return cleaned


class DeskReportForm(ReportForm):
    source = forms.ChoiceField(
        label=_("来源"),
        choices=[(s.value, s.label) for s in (Source.PHONE_CALL, Source.WALK_IN)],
    )
    reporter_name = forms.CharField(label=_("反映人姓名"), max_length=40, required=False)
    reporter_phone = PhoneField(label=_("反映人电话"), required=False)
    reporter_email = forms.EmailField(label=_("反映人邮箱"), max_length=100, required=False)
    # One form at the window: where it leads on once the report is there.
    then = forms.ChoiceField(
        label=_("登记后"),
        choices=[
            ("", _("按事件办理")),
            ("dispute", _("登记矛盾纠纷，进行调解")),
            ("service", _("转办事代办")),
        ],
        required=False,
    )

    def __init__(self, *args: Any, of_visit: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if of_visit:  # it says itself where it comes from
            del self.fields["source"]


class PublicReportForm(ReportForm):
    """What a resident is asked: no item (the clerk knows those), and as little else as possible."""

    item = facility = None  # type: ignore[assignment]
    reporter_phone = PhoneField(
        label=_("联系电话（可不填）"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    reporter_email = forms.EmailField(
        label=_("电子邮箱（可不填）"),
        max_length=100,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    field_order = ["photos", "place", "description", "reporter_phone", "reporter_email"]


class QueryForm(forms.Form):
    """Number and code: what a resident proves to be the reporter with."""

    number = forms.CharField(label=_("编号"), max_length=20)
    code = forms.CharField(
        label=_("查询码"), max_length=8, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )


class RatingForm(forms.Form):
    satisfied = forms.TypedChoiceField(
        label=_("您对办理结果满意吗"),
        choices=[("1", _("满意")), ("0", _("不满意"))],
        coerce=lambda text: text == "1",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("还想说点什么"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SimilarForm(forms.Form):
    """What of a report is known while it is being typed."""

    item = forms.IntegerField(required=False)
    description = forms.CharField(required=False, max_length=2000)
    place = forms.CharField(required=False, max_length=200)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90)

    def clean_item(self) -> int | None:
        """One of the catalogue, or nothing."""
        item_id = self.cleaned_data["item"]
        return item_id if item_id in items.items() else None


class ReplyForm(forms.Form):
    """A resident's answer to what the staff asked."""

    note = forms.CharField(
        label=_("您的答复"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


class RevealForm(forms.Form):
    reason = forms.CharField(label=_("事由"), max_length=200)


class CallBackForm(forms.Form):
    """What came of a call."""

    result = forms.ChoiceField(
        label=_("回访结果"), choices=CallBackResult.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("回访记录"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
