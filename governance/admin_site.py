"""Django's admin, asking the one permission table instead of flags on users."""

from __future__ import annotations

from html import unescape
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminErrorList, AdminReadonlyField
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import permissions, reference, shown
from governance.models import User


def label(row: Model) -> str:
    """How a row is offered to choose from."""
    return row.told_apart() if isinstance(row, User) else str(row)


class Offered(AutocompleteJsonView):
    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        return {**super().serialize_result(obj, to_field_name), "text": label(obj)}


class UserField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Model) -> str:
        return label(obj)


class GovernanceAdminSite(admin.AdminSite):
    site_header = site_title = _("社区网格治理平台 · 管理后台")
    site_url = "/permissions/"  # "/" is the list of cases, which administrators do not see
    index_title = _("管理")
    empty_value_display = "—"

    def has_permission(self, request: HttpRequest) -> bool:
        return permissions.may(request.user, "admin.enter")

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one door; who came through it without a post for this house is told so."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        target = request.GET.get("next") or settings.LOGIN_REDIRECT_URL
        return redirect_to_login(target, settings.LOGIN_URL)

    def _build_app_dict(self, request: HttpRequest, label: Any = None) -> dict[str, Any]:
        """Names as texts: every page sorts them, and a lazy one is translated at each comparison
        (of a hundred histories, 25 ms a page)."""
        found: dict[str, Any] = super()._build_app_dict(request, label)
        for app in found.values():
            for model in app["models"]:
                model["name"] = str(model["name"])
        return found

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        answer: Any = Offered.as_view(admin_site=self)(request)
        return answer  # type: ignore[no-any-return]

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Our own page remembers the old password and its age."""
        return redirect("password_change")


class TablePermissions:
    """Who sees and who changes, by the permission table; deleting is never offered."""

    see: str
    change: str = ""

    def may(self, request: HttpRequest, code: str) -> bool:
        return bool(code) and permissions.may(request.user, code)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request, self.see) or self.may(request, self.change)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, self.see) or self.may(request, self.change)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, self.change)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self.may(request, self.change)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Held:
    """A form that is shown as it was sent, and not saved."""

    def is_valid(self) -> bool:
        super().is_valid()  # type: ignore[misc]
        return False


class TableAdmin(TablePermissions, admin.ModelAdmin):  # type: ignore[type-arg]
    """A model's admin names the permissions to see and to change it."""

    list_per_page = 50
    show_full_result_count = False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Django looks for the object first, and so tells anybody whether it is there."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is User:
            kwargs.setdefault("form_class", UserField)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: Any = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if "_again" in request.POST or getattr(request, "outdated", None):
            return type(form.__name__, (Held, form), {})
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Two who have one page open do not undo what the other saved."""
        seen = shown.read(request.POST.get(shown.FIELD, ""))
        if seen is None or "_again" in request.POST or not self.has_change_permission(request):
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            if found := self.get_object(request, unquote(object_id or "")):
                self.model._default_manager.select_for_update(no_key=True).get(pk=found.pk)
                self.compare(request, self.get_object(request, str(found.pk)), seen)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def compare(self, request: HttpRequest, row: Any, seen: shown.Shown) -> None:
        """Whether what was sent would undo what was saved since the page was shown."""
        fields = flatten_fieldsets(self.get_fieldsets(request, row))
        form = self.get_form(request, row, change=True, fields=fields)(
            request.POST, request.FILES, instance=row
        )
        formsets, _inlines = self._create_formsets(request, row, change=True)  # type: ignore[attr-defined]
        now = shown.parts(form, formsets)
        other = {key for key, value in now.items() if seen.parts.get(key, value) != value}
        if not other:
            return
        undone = [(form, name) for name in form.changed_data if name in other]
        beside = (one for formset in formsets for one in formset.initial_forms)
        undone += [
            (one, name) for one in beside if shown.key(one) in other for name in one.changed_data
        ]
        if not undone:
            return
        request.outdated = shown.Outdated(  # type: ignore[attr-defined]
            self.who_changed(row, seen.logged),
            {one.add_prefix(name): self.as_stored(one, name) for one, name in undone},
        )
        request.shown = self.write_shown(row, now)  # type: ignore[attr-defined]

    def who_changed(self, row: Model, logged: int) -> str:
        entry = self.log_of(row).filter(pk__gt=logged).select_related("user").first()
        if entry is None:  # an import, or a command
            return _t("本条内容已被更新，请核对后重新保存。")
        return _t("本条内容已被%(who)s更新，请核对后重新保存。") % {"who": entry.user}

    def as_stored(self, form: Any, name: str) -> str:
        value = form.get_initial_for_field(form.fields[name], name)
        if isinstance(value, bool):
            said = _t("是") if value else _t("否")
        else:
            said = unescape(strip_tags(AdminReadonlyField(form, name, False, self).contents()))
        return _t("现已保存为：%(value)s") % {"value": Truncator(said).chars(300)}

    def log_of(self, row: Model) -> QuerySet[LogEntry]:
        """The last first."""
        of_model = LogEntry.objects.filter(content_type=get_content_type_for_model(row))
        return of_model.filter(object_id=str(row.pk)).order_by("-pk")

    def write_shown(self, row: Model, parts: dict[str, str]) -> str:
        last = self.log_of(row).values_list("pk", flat=True).first()
        return shown.write(shown.Shown(parts, last or 0))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form, row = context["adminform"].form, context["original"]
        formsets = [one.formset for one in context["inline_admin_formsets"]]
        if request.method == "POST":
            context["shown"] = request.POST.get(shown.FIELD)
        elif row is not None and self.has_change_permission(request, row):
            context["shown"] = self.write_shown(row, shown.parts(form, formsets))
        if outdated := getattr(request, "outdated", None):
            context["shown"] = request.shown  # type: ignore[attr-defined]
            form.add_error(None, outdated.sentence)
            for one in [form, *(one for formset in formsets for one in formset.forms)]:
                for name in one.fields:
                    if said := outdated.stored.get(one.add_prefix(name)):
                        one.add_error(name, said)
            context["errors"] = AdminErrorList(form, formsets)
        return super().render_change_form(request, context, *args, **kwargs)


class AsksFirst(TableAdmin):
    """A change that moves what is open is asked about first. To know what it moves, it is made,
    looked at, and unless it was confirmed taken back."""

    def standing(self, request: HttpRequest, object_id: str | None) -> Any:
        """What `follows` compares with, read before the change is made."""

    def follows(self, row: Any, before: Any) -> list[str]:
        """What the change of this row, made already, brings, as sentences; none: it is saved."""
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        ask = request.method == "POST" and not {"_confirmed", "_again"} & request.POST.keys()
        if not ask or not self.may(request, self.change):
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            before = self.standing(request, object_id)
            response = super().changeform_view(request, object_id, form_url, extra_context)
            row = getattr(request, "saved_row", None)
            if row is None:  # the form was refused
                return response
            with reference.aside():
                said = self.follows(row, before)
            if not said:
                return response
            transaction.set_rollback(True)
        list(messages.get_messages(request))  # "was changed" is not to be said yet, nor later
        return self.ask(request, said)

    def ask(self, request: HttpRequest, said: list[str]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("保存前请确认"),
            "opts": self.opts,
            "said": said,
            "messages": [],
            "posted": [(name, value) for name, values in request.POST.lists() for value in values],
        }
        return render(request, "admin/ask_first.html", context)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        request.saved_row = form.instance  # type: ignore[attr-defined]


class TableInline(TablePermissions, admin.TabularInline):  # type: ignore[type-arg]
    """Rows of another model on a model's page, under the same table."""

    extra = 0


class ReadOnlyAdmin(TableAdmin):
    """What only the machine writes."""

    list_display_links: Any = None

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False
