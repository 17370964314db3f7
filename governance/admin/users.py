"""Users with their passwords and lock-outs, the posts they hold, and tokens of the API."""

from __future__ import annotations

from typing import Any

from axes.utils import reset
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.db.models import Exists, Model, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import clock, passwords, posts
from governance.admin_site import TableAdmin
from governance.models import ApiToken, Post, User


class NewUserForm(BaseUserCreationForm):  # type: ignore[type-arg]
    """The password is checked here; the person changes it when they first come."""

    class Meta:
        model = User
        fields = ("username", "display_name", "email", "language")


class ResetForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)

    def save(self, commit: Any = True) -> User:
        passwords.reset(self.user, self.cleaned_data["password1"], clock.now())
        return self.user  # type: ignore[no-any-return]


@admin.register(User)
class UserAdmin(TableAdmin, DjangoUserAdmin):  # type: ignore[type-arg]
    see, change = "user.see", "user.change"
    add_form = NewUserForm
    change_password_form = ResetForm
    fieldsets = (
        (None, {"fields": ("username", "display_name", "email", "language", "is_active")}),
        (_("密码"), {"fields": ("password", "password_changed_at", "last_login", "is_locked_out")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("username", "display_name", "email", "language", "password1", "password2")},
        ),
    )
    readonly_fields = ("password_changed_at", "last_login", "is_locked_out")
    list_display = (
        "username",
        "display_name",
        "holds",
        "is_active",
        "is_locked_out",
        "password_changed_at",
    )
    list_filter = ("is_active", "posts__role")
    search_fields = ("username", "display_name")
    search_help_text = _("按用户名或姓名查找")
    ordering = ("username",)
    filter_horizontal = ()
    actions = ("unlock",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        failures = passwords.too_many_failures().filter(username=OuterRef("username"))
        held = Post.objects.valid(clock.today()).select_related("unit")
        users: QuerySet[User] = super().get_queryset(request)
        return users.annotate(locked=Exists(failures)).prefetch_related(
            Prefetch("posts", held, to_attr="posts_today")
        )

    @admin.display(description=_("岗位"))
    def holds(self, user: User) -> str:
        return _t("、").join(map(str, user.posts_today))  # type: ignore[attr-defined]

    @admin.display(description=_("已锁定"), boolean=True)
    def is_locked_out(self, user: User) -> bool:
        return bool(user.locked)  # type: ignore[attr-defined]

    @admin.action(description=_("解除登录锁定"), permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            reset(username=user.username)
            self.log_change(request, user, _t("解除登录锁定"))


class PostForm(forms.ModelForm):  # type: ignore[type-arg]
    by: User

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        begins = data.get("valid_from") or self.instance.valid_from
        ends = data.get("valid_to")
        if begins and ends and ends < begins:
            self.add_error("valid_to", _t("离任日期早于任职日期。"))
        if not self.instance.pk and "role" in data and begins:
            try:
                posts.check(role=data["role"], user=data.get("user"), by=self.by, on=begins)
            except posts.NotAllowed as error:
                raise forms.ValidationError(str(error)) from error
        return data


class Holding(admin.SimpleListFilter):
    title, parameter_name = _("状态"), "holding"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("在任")), ("no", _("已离任"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        held = Post.objects.not_over(clock.today())
        return {"yes": queryset.filter(pk__in=held), "no": queryset.exclude(pk__in=held)}.get(
            self.value() or "", queryset
        )


@admin.register(Post)
class PostAdmin(TableAdmin):
    see, change = "user.see", "post.change"
    form = PostForm
    fields = ("role", "unit", "user", "member_name", "holder_unit", "valid_from", "valid_to")
    autocomplete_fields = ("unit", "user", "holder_unit")
    list_display = ("role", "unit", "holder", "valid_from", "valid_to")
    list_filter = ("role", Holding)
    list_select_related = ("unit", "user", "holder_unit")
    search_fields = ("unit__name", "user__display_name", "user__username", "member_name")
    ordering = ("-pk",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A post that was given only ends; another holder is another post."""
        return ("role", "unit", "user", "holder_unit", "valid_from") if obj else ()

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        form.by = request.user
        return form

    @admin.display(description=_("任职者"))
    def holder(self, post: Post) -> str:
        return str(post.user or post.holder_unit or post.member_name)


@admin.register(ApiToken)
class ApiTokenAdmin(TableAdmin):
    see = change = "post.change"
    fields = ("user", "expiry")
    autocomplete_fields = ("user",)
    list_display = ("user", "token_key", "created", "expiry")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__display_name", "token_key")
    ordering = ("-created",)
    actions = ("revoke",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("user", "token_key", "created", "expiry") if obj else ("expiry",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if change:
            return
        made, token = ApiToken.objects.create(form.cleaned_data["user"])
        obj.__dict__.update(made.__dict__)
        said = _t("令牌只显示这一次，请立即抄存：%(token)s") % {"token": token}
        self.message_user(request, said, messages.WARNING)

    @admin.action(description=_("吊销"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset.select_related("user"):
            self.log_change(request, token, _t("吊销"))
        queryset.update(expiry=clock.now())
