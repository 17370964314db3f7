"""For the audit administrator: looks at personal data, seals, and all history, read-only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BigIntegerField, BinaryField, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from governance import scope
from governance.admin_site import ReadOnlyAdmin
from governance.history import HistoryRow, WalledRow
from governance.models import AccessRecord, ErasureCertificate, PersonalRow, Seal, SignIn, User

# What somebody else could act with: the code that proves a resident to be the reporter.
SECRET = {"query_code"}
# Of a history behind the second wall.
DEED = ("pgh_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context")
DEEDS = {"insert": _("新增"), "update": _("修改"), "delete": _("删除")}
SOURCES = {
    "desk": _("指挥台"),
    "phone": _("手机"),
    "public": _("随手拍"),
    "api": _("接口"),
    "admin": _("管理后台"),
    "sweep": _("计时器"),
    "outbox": _("发送"),
    "import": _("导入"),
    "retention": _("到期删除"),
    "command": _("命令行"),
}


class AuditAdmin(ReadOnlyAdmin):
    see = "history.see"


def model_name(label: str) -> str:
    """ "people.Person" in words."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def column_name(label: str, name: str) -> str:
    """A column of that model in words; what is none, as it was written down."""
    try:
        field: Any = apps.get_model(label)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return name
    return str(getattr(field, "verbose_name", name))


class ModelFilter(admin.AllValuesFieldListFilter):
    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": model_name(str(choice["display"]))}


@admin.register(AccessRecord)
class AccessRecordAdmin(AuditAdmin):
    list_display = ("at", "user", "shown_model", "object_id", "shown_columns", "reason")
    list_filter = (("model", ModelFilter), "at")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__display_name", "object_id__exact", "reason")
    ordering = ("-pk",)

    @admin.display(description=_("对象类别"), ordering="model")
    def shown_model(self, record: AccessRecord) -> str:
        return model_name(record.model)

    @admin.display(description=_("字段"))
    def shown_columns(self, record: AccessRecord) -> str:
        return _("、").join(column_name(record.model, name) for name in record.columns)


@admin.register(SignIn)
class SignInAdmin(AuditAdmin):
    list_display = ("at", "user", "deed", "address")
    list_filter = ("deed", "at")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__display_name")
    ordering = ("-pk",)


@admin.register(ErasureCertificate)
class ErasureCertificateAdmin(AuditAdmin):
    list_display = ("at", "shown_model", "object_id", "policy", "by")
    list_filter = (("model", ModelFilter), "at")
    list_select_related = ("by",)
    search_fields = ("object_id__exact", "policy")
    ordering = ("-pk",)

    @admin.display(description=_("对象类别"), ordering="model")
    def shown_model(self, certificate: ErasureCertificate) -> str:
        return model_name(certificate.model)


@admin.register(Seal)
class SealAdmin(AuditAdmin):
    list_display = ("sealed_at", "table", "after", "before", "rows", "start_of_chain")
    list_filter = ("table",)
    ordering = ("-pk",)

    @admin.display(description=_("链值"))
    def start_of_chain(self, seal: Seal) -> str:
        return bytes(seal.chain).hex()[:16]


class SourceFilter(admin.SimpleListFilter):
    title, parameter_name = _("来源"), "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(SOURCES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pgh_context__source=self.value()) if self.value() else queryset


class DeedFilter(admin.SimpleListFilter):
    title, parameter_name = _("操作"), "deed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(DEEDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pgh_label=self.value()) if self.value() else queryset


class WhenFilter(admin.DateFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("时间")


class HistoryAdmin(AuditAdmin):
    """One line a change: when, what was done, to which object, by whom, from where."""

    list_display = ("moment", "deed", "object_id", "actor_name", "surface")
    list_display_links = ("moment",)
    fields: ClassVar[tuple[str, ...]] = (
        "moment",
        "deed",
        "object_id",
        "actor_name",
        "surface",
        "row",
    )
    readonly_fields: ClassVar[tuple[str, ...]] = fields
    list_filter = (DeedFilter, SourceFilter, ("pgh_created_at", WhenFilter))
    search_fields = ("pgh_obj_id__exact",)
    search_help_text = _("按对象编号查找")
    ordering = ("-pgh_id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        user_id = Cast(KeyTextTransform("user", "pgh_context"), BigIntegerField())
        named = User.objects.filter(pk=OuterRef("pgh_user_id")).values("display_name")
        source = KeyTextTransform("source", "pgh_context")
        rows = super().get_queryset(request).annotate(pgh_user_id=user_id, pgh_source=source)
        named_rows: QuerySet[Any] = rows.annotate(pgh_actor=Subquery(named))
        return named_rows

    @admin.display(description=_("内容"))
    def row(self, row: Any) -> SafeString:
        """The columns as they were; ciphertext stays where it is."""
        columns = (
            (field.verbose_name, shown(row, field))
            for field in self.opts.concrete_fields
            if not field.name.startswith("pgh_") and not isinstance(field, BinaryField)
            if field.name not in SECRET
        )
        return format_html_join("", "<p><strong>{}</strong> {}</p>", columns)

    @admin.display(description=_("时间"), ordering="pgh_created_at")
    def moment(self, row: Any) -> str:
        return f"{localtime(row.pgh_created_at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("对象编号"), ordering="pgh_obj_id")
    def object_id(self, row: Any) -> Any:
        return row.pgh_obj_id

    @admin.display(description=_("操作"), ordering="pgh_label")
    def deed(self, row: Any) -> str:
        return str(DEEDS.get(row.pgh_label, row.pgh_label))

    @admin.display(description=_("操作人"))
    def actor_name(self, row: Any) -> str:
        return row.pgh_actor or ""

    @admin.display(description=_("来源"))
    def surface(self, row: Any) -> str:
        return str(SOURCES.get(row.pgh_source, row.pgh_source or ""))


class WalledHistoryAdmin(HistoryAdmin):
    """Of the registers: that a row was changed, when and by whom. What was in it, and so about whom
    it was, is not the auditor's to read, nor does the database give it."""

    fields = readonly_fields = HistoryAdmin.list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).only(*DEED)
        return rows

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        scope.open_history()
        return written(super().changelist_view(request, *args, **kwargs))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        scope.open_history()
        return written(super().changeform_view(request, *args, **kwargs))


def written(response: HttpResponse) -> HttpResponse:
    """With its rows read while the transaction is open that may see them."""
    return response.render() if isinstance(response, TemplateResponse) else response


def shown(row: Any, field: Any) -> object:
    value = getattr(row, field.attname)
    if value is None:
        return "—"
    if isinstance(value, datetime):
        return f"{localtime(value):%Y-%m-%d %H:%M:%S}"
    if field.is_relation and issubclass(field.related_model, PersonalRow):
        return f"#{value}"  # not even a masked name: nobody gave a reason for this look
    if field.is_relation:
        named = field.related_model.objects.filter(pk=value).first()
        return f"{named} (#{value})" if named else f"#{value}"
    return dict(field.flatchoices).get(value, value) if field.choices else value


for model in apps.get_models():
    if issubclass(model, HistoryRow):
        walled = issubclass(model, WalledRow)
        admin.site.register(model, WalledHistoryAdmin if walled else HistoryAdmin)
