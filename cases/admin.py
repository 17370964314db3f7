"""The item catalogue in the admin: classes, items with their limits, ladders with their steps; and
what leaves the house about cases, without the words of it.

Cases and photos are not here. Who enters the admin is an administrator, and administrators see no
case: they keep the house, others do its work (governance/permissions.py). Who may see cases has the
desk, where each move goes through the workflow and each look at a reporter leaves a record.
"""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db.models import F, Model, QuerySet
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import feedback, items, papers, previews, recomputing, texts, word
from cases.models import (
    CheckList,
    CheckListQuestion,
    DispatchRule,
    Item,
    ItemClass,
    ItemLimit,
    ItemModel,
    Ladder,
    LadderReminder,
    LadderStep,
    Notice,
    PaperKind,
    PaperTemplate,
    Question,
    Regulation,
    Remit,
    StandardText,
    WhistleLimit,
)
from cases.moves import Action
from governance import clock
from governance.admin.jobs import JobsAdmin, SendingState
from governance.admin_site import AsksFirst, TableAdmin, TableInline
from governance.models import Post, Unit, UnitKind
from governance.permissions import DEPARTMENT

SEPARATORS = re.compile(r"[、，,;；\s]+")


class ListField(forms.CharField):
    """Several short entries in one line, parted as one is used to: 、 or a comma or a space."""

    def prepare_value(self, value: Any) -> Any:
        return _t("、").join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        parts = SEPARATORS.split(super().to_python(value) or "")
        return list(dict.fromkeys(part for part in parts if part))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(self.prepare_value(initial)) != self.to_python(data))


class PercentsField(ListField):
    """Shares of a limit, in ascending order."""

    def to_python(self, value: Any) -> Any:
        parts = super().to_python(value)
        if not all(part.isdecimal() and 0 < int(part) < 100 for part in parts):
            raise ValidationError(_t("请填写 1 至 99 的整数，例如：50、80。"), "percent")
        return sorted(map(int, parts))


class CatalogueAdmin(TableAdmin):
    """The code is a row's identity: given once, then kept."""

    see, change = "item.see", "item.change"

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("code",) if obj else ()


@admin.register(ItemClass)
class ItemClassAdmin(CatalogueAdmin):
    list_display = ("code", "name", "name_en")
    search_fields = ("code", "name", "name_en")
    ordering = ("pk",)


class LadderForm(forms.ModelForm):  # type: ignore[type-arg]
    remind_percent = PercentsField(
        label=_("临期提醒（时限的百分比）"), required=False, help_text=_("例如：50、80")
    )

    class Meta:
        model = Ladder
        fields = ("code", "name", "remind_percent")


class ReminderForm(forms.ModelForm):  # type: ignore[type-arg]
    valid_from = forms.DateField(label=_("自"), widget=AdminDateWidget)
    percent = PercentsField(
        label=_("临期提醒（时限的百分比）"), required=False, help_text=_("例如：50、80")
    )

    class Meta:
        model = LadderReminder
        fields = ("percent", "valid_from", "valid_to")


class OnceADay(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Of the rows that speak of one thing, one begins on a day; Django compares no empty days, and
    names columns where it speaks."""

    thing = ""

    def validate_unique(self) -> None:
        """Said by `clean`, beside the row."""

    def clean(self) -> None:
        super().clean()
        seen = set()
        for form in self.forms:
            row = form.cleaned_data
            if not row or row.get("DELETE") or self.thing not in row:
                continue
            key = row[self.thing], row.get("valid_from")
            if key in seen:
                form.add_error("valid_from", _("同一天起已有一行。"))
            seen.add(key)


class OneReminderADay(OnceADay):
    thing = "ladder"


class OneStepADay(OnceADay):
    thing = "step"


class OneLimitADay(OnceADay):
    thing = "stage"


class ReminderInline(TableInline):
    model = LadderReminder
    form = ReminderForm
    formset = OneReminderADay
    see, change = "item.see", "item.change"
    ordering = ("valid_from",)
    verbose_name_plural = _("某日起的临期提醒（以最近开始的一行为准；百分比不填为不提醒）")


class StepInline(TableInline):
    model = LadderStep
    formset = OneStepADay
    see, change = "item.see", "item.change"
    fields = ("step", "after", "unit", "to", "severity", "valid_from", "valid_to")
    ordering = ("step", F("valid_from").asc(nulls_first=True))
    verbose_name_plural = _(
        "升级步骤（级次从 0 起；超期后 0 即到期时；同一级次以最近开始的一行为准）"
    )


@admin.register(Ladder)
class LadderAdmin(CatalogueAdmin, AsksFirst):
    form = LadderForm
    list_display = ("code", "name", "remind_percent")
    ordering = ("pk",)
    inlines = (ReminderInline, StepInline)

    def follows(self, row: Any, before: Any) -> list[str]:
        return previews.of_ladder(climbing(row), clock.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        recomputing.change_ladder(climbing(form.instance), clock.now())


def climbing(ladder: Ladder) -> list[int]:
    """The items of a ladder."""
    return list(Item.objects.filter(ladder=ladder).values_list("pk", flat=True))


class LimitInline(TableInline):
    model = ItemLimit
    formset = OneLimitADay
    see, change = "item.see", "item.change"
    fields = ("stage", "amount", "unit", "valid_from", "valid_to")
    ordering = ("pk",)
    verbose_name_plural = _(
        "时限（同一阶段以最近开始的一行为准；在办事件的阶段时限随之重算，暂停、延期不受影响，"
        "对外承诺不变）"
    )


class ItemForm(forms.ModelForm):  # type: ignore[type-arg]
    words = ListField(
        label=_("常用说法"),
        required=False,
        help_text=_("居民和网格员会怎么说，以“、”分隔；上报时据此找到事项。"),
    )

    class Meta:
        model = Item
        fields = (
            "code",
            "item_class",
            "name",
            "name_en",
            "form",
            "words",
            "remit",
            "upper_department",
            "admission",
            "closing",
            "department",
            "joint",
            "dispatch",
            "ladder",
            "photo_before",
            "photo_after",
            "source",
            "is_active",
            "valid_from",
            "valid_to",
        )

    def clean_words(self) -> list[str]:
        words: list[str] = self.cleaned_data["words"]
        if long := [word for word in words if len(word) > 20]:
            raise ValidationError(
                _t("每个说法不超过 20 字：%(words)s。") % {"words": _t("、").join(long)}
            )
        return words

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("remit", Remit.BASIC) != Remit.BASIC and not data.get("upper_department"):
            self.add_error("upper_department", _t("配合履职、上级收回的事项须写明上级牵头部门。"))
        if data.get("department") in (data.get("joint") or ()):
            self.add_error("joint", _t("主责部门不必再列为配合部门。"))
        return data


@admin.register(Item)
class ItemAdmin(CatalogueAdmin, AsksFirst):
    form = ItemForm
    inlines = (LimitInline,)
    filter_horizontal = ("joint",)
    list_display = ("code", "name", "item_class", "department", "remit", "dispatch", "is_active")
    list_display_links = ("code", "name")
    list_filter = (
        "item_class",
        "remit",
        "dispatch",
        ("department", admin.RelatedOnlyFieldListFilter),
        "is_active",
    )
    list_select_related = ("item_class", "department")
    search_fields = ("code", "name", "name_en", "words")
    search_help_text = _("按编码、名称或常用说法查找")
    ordering = ("code",)

    def standing(self, request: HttpRequest, object_id: str | None) -> Any:
        return items.items().get(int(object_id)) if object_id and object_id.isdecimal() else None

    def follows(self, row: Any, before: Any) -> list[str]:
        return previews.of_item(before, row.pk, clock.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        recomputing.change_item(form.instance.pk, clock.now())

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "department":
            kwargs["queryset"] = departments()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = departments()
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class PostField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, post: Any) -> str:
        return f"{post.unit.name} · {post.get_role_display()} · {post.user}"


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    words = ListField(label=_("描述含有（任一）"), required=False, help_text=_("以“、”分隔"))

    class Meta:
        model = DispatchRule
        fields = (
            *("name", "order", "item", "item_class", "grid_kind", "unit", "words", "source"),
            *("hours", "department", "post", "mode", "valid_from", "valid_to"),
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("item") and data.get("item_class"):
            self.add_error("item_class", _("事项和大类只填一项。"))
        post, department = data.get("post"), data.get("department")
        if post and department and post.unit_id != department.pk:
            self.add_error("post", _("该岗位不在所选部门。"))
        begins, ends = data.get("valid_from"), data.get("valid_to")
        if begins and ends and ends <= begins:
            self.add_error("valid_to", _("须晚于开始日期。"))
        return data


@admin.register(DispatchRule)
class DispatchRuleAdmin(AsksFirst):
    """Tried and looked over at /dispatch-rules/."""

    see, change = "item.see", "item.change"
    form = RuleForm
    list_display = ("order", "name", "item", "item_class", "unit", "department", "post", "mode")
    list_display_links = ("name",)
    list_filter = ("mode", "source", ("department", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("item", "item_class", "unit", "department", "post__unit")
    search_fields = ("name", "words")
    ordering = ("order", "pk")

    def standing(self, request: HttpRequest, object_id: str | None) -> Any:
        return previews.first_candidates()

    def follows(self, row: Any, before: Any) -> list[str]:
        return previews.of_rule(before)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "department":
            kwargs["queryset"] = departments()
        if db_field.name == "unit":
            kinds = (UnitKind.STREET, UnitKind.COMMUNITY, UnitKind.GRID)
            today = Unit.objects.valid(clock.today()).filter(kind__in=kinds)
            kwargs["queryset"] = today.order_by("pk")
        if db_field.name == "post":
            kwargs |= {"queryset": posts(), "form_class": PostField}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(ItemModel)
class ItemModelAdmin(TableAdmin):
    """Written by the nightly training alone."""

    see = "item.see"
    list_display = ("trained_at", "cases", "tested", "accuracy", "accuracy_top3")
    ordering = ("-trained_at",)


@admin.register(WhistleLimit)
class WhistleLimitAdmin(TableAdmin):
    """Without a row the usual limits hold (cases/whistles.py); with one, only the rows do."""

    see, change = "item.see", "item.change"
    list_display = ("kind", "step", "amount", "unit", "valid_from", "valid_to")
    list_filter = ("kind",)
    ordering = ("kind", "pk")


@admin.register(Regulation)
class RegulationAdmin(AsksFirst):
    """What the place sets itself; a new row holds from its day on, the old ones stay."""

    see, change = "item.see", "item.change"
    list_display = (
        *("valid_from", "returns_most", "reworks_most", "extensions_most"),
        *("silence_days", "reply_hours", "callback_percent"),
    )
    ordering = ("-valid_from",)

    def standing(self, request: HttpRequest, object_id: str | None) -> Any:
        return list(Regulation.objects.all())

    def follows(self, row: Any, before: Any) -> list[str]:
        return previews.of_regulation(row, before, clock.today())


@admin.register(Notice)
class NoticeAdmin(JobsAdmin):
    """To whom stays with the case: who looks after the sending sees no reporter."""

    list_display = (
        *("text", "channel", "attempts", "created_at", "next_try_at"),
        *("sent_at", "failed_at", "last_error"),
    )
    list_filter = (SendingState, "channel")
    search_fields = ("case__number__exact",)
    search_help_text = _("按事件编号查找")
    ordering = ("-pk",)
    actions = ("retry",)

    @admin.display(description=_("内容"))
    def text(self, notice: Notice) -> str:
        return feedback.subject_of(notice)

    @admin.action(description=_("重试已放弃的发送"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        self.say_retried(request, feedback.retry(queryset, clock.now()))


def content(file: File[bytes]) -> bytes:
    """Of a file that was kept before, or was just sent and has still to be kept."""
    if isinstance(file, FieldFile):
        with file.open("rb"):
            return bytes(file.read(word.MOST_BYTES + 1))
    data = bytes(file.read(word.MOST_BYTES + 1))
    file.seek(0)
    return data


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    """The file is filled with sample values before it is kept."""

    class Meta:
        model = PaperTemplate
        fields = ("kind", "name", "file", "valid_from", "is_active")
        # a private file has no address of its own to link to
        widgets = {"file": forms.FileInput(attrs={"accept": ".docx"})}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        kind, file = data.get("kind"), data.get("file")
        if kind and file:
            try:
                word.check(content(file), papers.samples(kind))
            except word.BadTemplate as error:
                self.add_error("file", str(error))
        return data


@admin.register(PaperTemplate)
class PaperTemplateAdmin(TableAdmin):
    """The office's own layouts; each page says which fields a template may name."""

    see, change = "item.see", "item.change"
    form = TemplateForm
    list_display = ("kind", "name", "valid_from", "is_active")
    list_filter = ("kind", "is_active")
    ordering = ("kind", "-valid_from")
    readonly_fields = ("templates_in_force", "usable")
    fields = (*TemplateForm.Meta.fields, "templates_in_force", "usable")

    @admin.display(description=_("现用模板（下载后修改）"))
    def templates_in_force(self, row: PaperTemplate) -> SafeString:
        links = (
            (reverse("desk:paper_template", args=[kind.value]), kind.label) for kind in PaperKind
        )
        return format_html_join(_t("、"), '<a href="{}">{}</a>', links)

    @admin.display(description=_("可用字段"))
    def usable(self, row: PaperTemplate) -> SafeString:
        rows = [
            *((name, label, "") for name, label in papers.FIELDS.items()),
            *(
                (name, label, _t("办事代办"))
                for name, label in papers.SERVICE_FIELDS.items()
                if name not in papers.FIELDS
            ),
            *(
                (name, label, PaperKind(kind).label)
                for kind, found in papers.PERSONAL.items()
                for name, label in found.items()
            ),
        ]
        said = format_html_join("", "<li><code>{{{{ {} }}}}</code> {} {}</li>", rows)
        hint = _t("有内容才出现：{% if result %} … {% endif %}")
        return format_html("<ul>{}</ul><p>{}</p>", said, hint)


class TextForm(forms.ModelForm):  # type: ignore[type-arg]
    action = forms.ChoiceField(label=_("动作"), choices=Action.choices)

    class Meta:
        model = StandardText
        fields = (
            *("action", "item", "name", "text", "order", "valid_from", "valid_to"),
            "is_active",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "text" in self.fields:
            self.fields["text"].help_text = _t("可用字段：%(fields)s") % {
                "fields": _t("、").join(
                    f"{{{name}}} {label}" for name, label in texts.FIELDS.items()
                )
            }

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if wrong := texts.faults(text):
            names = {"names": _t("、").join(wrong)}
            raise ValidationError(_t("没有这些字段：%(names)s。") % names)
        return text


@admin.register(StandardText)
class StandardTextAdmin(TableAdmin):
    """Offered in the form of a move, filled for the case; who sends it may change it."""

    see, change = "item.see", "item.change"
    form = TextForm
    list_display = ("name", "move", "item", "order", "valid_from", "valid_to", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("item",)
    search_fields = ("name", "text")
    autocomplete_fields = ("item",)
    ordering = ("action", "order", "pk")

    @admin.display(description=_("动作"), ordering="action")
    def move(self, row: StandardText) -> str:
        return str(Action(row.action).label)


class QuestionForm(forms.ModelForm):  # type: ignore[type-arg]
    choices = ListField(label=_("选项"), required=False, help_text=_("以“、”分隔"))

    class Meta:
        model = Question
        fields = ("code", "text", "kind", "choices", "measure", "item", "keeps_days")

    def clean_choices(self) -> list[str]:
        choices: list[str] = self.cleaned_data["choices"]
        if long := [choice for choice in choices if len(choice) > 40]:
            raise ValidationError(
                _t("每个选项不超过 40 字：%(choices)s。") % {"choices": _t("、").join(long)}
            )
        return choices


@admin.register(Question)
class QuestionAdmin(CatalogueAdmin):
    """What was answered keeps its meaning: the kind of an answer is given once, like the code."""

    form = QuestionForm
    list_display = ("code", "text", "kind", "item", "keeps_days")
    list_display_links = ("code", "text")
    list_filter = ("kind",)
    list_select_related = ("item",)
    search_fields = ("code", "text")
    autocomplete_fields = ("item",)
    ordering = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("code", "kind") if obj else ()


class QuestionInline(TableInline):
    """The questions of a form that a campaign has asked stay as they are."""

    model = CheckListQuestion
    see, change = "item.see", "item.change"
    fields = ("order", "question", "required")
    autocomplete_fields = ("question",)
    ordering = ("order", "pk")
    verbose_name_plural = _("问题（清单用于行动后不再改动，另建一份）")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not asked(obj)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return super().has_add_permission(request, *args) and not any(map(asked, args))


def asked(check_list: Any) -> bool:
    return isinstance(check_list, CheckList) and check_list.campaigns.exists()


@admin.register(CheckList)
class CheckListAdmin(TableAdmin):
    see, change = "item.see", "item.change"
    fields = ("name", "is_active")
    list_display = ("name", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)
    ordering = ("name",)
    inlines = (QuestionInline,)


def posts() -> QuerySet[Post]:
    """Whom a rule may name: who holds a post at a department today, and may log in."""
    held = Post.objects.valid(clock.today()).filter(role__in=DEPARTMENT, user__is_active=True)
    return held.select_related("unit", "user").order_by("unit", "role", "pk")


def departments() -> QuerySet[Unit]:
    """The departments of today."""
    return Unit.objects.valid(clock.today()).filter(kind=UnitKind.DEPARTMENT).order_by("pk")
