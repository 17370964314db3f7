"""Users with their passwords and lock-outs, the posts they hold, and tokens of the API."""

from __future__ import annotations

from datetime import date
from typing import Any

from axes.utils import reset
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Model, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import clock, passwords, permissions, posts, resets, tokens
from governance.admin_site import TableAdmin
from governance.models import ApiToken, PasswordReset, Post, User


def acting(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


class NewUserForm(forms.ModelForm):  # type: ignore[type-arg]
    """Without a password: the first is a reset like any other, so that nobody else knows it."""

    class Meta:
        model = User
        fields = ("username", "display_name", "email", "language")


class Resetting(admin.SimpleListFilter):
    title, parameter_name = _("密码重置"), "reset"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("待确认"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        waiting = PasswordReset.objects.waiting(clock.now()).values("user")
        return queryset.filter(pk__in=waiting) if self.value() else queryset


@admin.register(User)
class UserAdmin(TableAdmin, DjangoUserAdmin):  # type: ignore[type-arg]
    see, change = "user.see", "user.change"
    add_form = NewUserForm
    fieldsets = (
        (None, {"fields": ("username", "display_name", "email", "language", "is_active")}),
        (
            _("密码"),
            {"fields": ("resetting", "password_changed_at", "last_login", "is_locked_out")},
        ),
    )
    add_fieldsets = ((None, {"fields": ("username", "display_name", "email", "language")}),)
    add_form_template = None  # Django's own speaks of a password
    list_display = (
        "username",
        "display_name",
        "holds",
        "is_active",
        "is_locked_out",
        "password_changed_at",
    )
    list_filter = ("is_active", Resetting, "posts__role")
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

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """One kind of administrator does not shut another out: their post ends first."""
        known = ("resetting", "password_changed_at", "last_login", "is_locked_out")
        administers = isinstance(obj, User) and resets.hands(obj) == permissions.ADMINISTRATORS
        return (*known, "is_active") if administers else known

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            self.say_half(request, resets.begin(obj, acting(request), clock.now()))

    def say_half(self, request: HttpRequest, half: str) -> None:
        said = (
            _t("一次性密码的前半段只显示这一次，请当面交给本人：%(half)s")
            if half.endswith("-")
            else _t("一次性密码的后半段只显示这一次，请当面交给本人，接在前半段之后输入：%(half)s")
        )
        self.message_user(request, said % {"half": half}, messages.WARNING)

    @admin.display(description=_("重置"))
    def resetting(self, user: User) -> str:
        where = reverse("admin:auth_user_password_change", args=[user.pk])
        waits = resets.waiting(user, clock.now()) is not None
        said = _t("待确认的密码重置") if waits else _t("重置密码")
        return format_html('<a href="{}">{}</a>', where, said)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002 -- Django names it
        """Django's page lets one person choose another's password; ours takes two."""
        if not self.may(request, "user.reset"):
            raise PermissionDenied
        user = self.get_object(request, id)
        if user is None:
            raise Http404
        if request.method == "POST":
            self.take_step(request, user)
            return redirect(request.path)
        return self.show_reset(request, user)

    def take_step(self, request: HttpRequest, user: User) -> None:
        by, now, step = acting(request), clock.now(), request.POST.get("act")
        try:
            if step == "begin":
                self.say_half(request, resets.begin(user, by, now))
                self.log_change(request, user, _t("申请重置密码"))
            elif step == "confirm":
                self.say_half(request, resets.confirm(user, by, now))
                self.log_change(request, user, _t("确认重置密码"))
            elif step == "withdraw":
                resets.withdraw(user, by, now)
                self.log_change(request, user, _t("撤回重置申请"))
        except resets.NotAllowed as error:
            self.message_user(request, str(error), messages.ERROR)

    def show_reset(self, request: HttpRequest, user: User) -> HttpResponse:
        waiting, mine, refused = resets.waiting(user, clock.now()), False, ""
        try:
            role = resets.hand(user, acting(request))
            mine = waiting is not None and waiting.begun_as == role
        except resets.NotAllowed as error:
            refused = str(error)
        context = {
            **self.admin_site.each_context(request),
            "title": _t("重置密码"),
            "opts": self.opts,
            "original": user,
            "waiting": waiting,
            "mine": mine,
            "refused": refused,
        }
        return render(request, "admin/governance/user/reset.html", context)

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
        said = _t("已解除 %(number)d 个用户的登录锁定。") % {"number": len(queryset)}
        self.message_user(request, said, messages.SUCCESS)


class PostForm(forms.ModelForm):  # type: ignore[type-arg]
    by: User

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        begins = data.get("valid_from") or self.instance.valid_from
        ends = data.get("valid_to")
        if begins and ends and ends < begins:
            self.add_error("valid_to", _t("离任日期早于任职日期。"))
        if begins and (self.instance.pk or "role" in data):
            try:
                self.check_post(data, begins)
            except posts.NotAllowed as error:
                raise forms.ValidationError(str(error)) from error
        return data

    def check_post(self, data: dict[str, Any], begins: date) -> None:
        """To end a post asks nothing; to let one that ends go on is to give it."""
        post, on = self.instance, begins
        if post.pk:
            had, gets = (
                day or date.max for day in (self.initial.get("valid_to"), data.get("valid_to"))
            )
            if gets <= had:
                return
            on = had
        role, user = data.get("role", post.role), data.get("user", post.user)
        posts.check(role=role, user=user, by=self.by, on=on)


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
        granted = tokens.grant(form.cleaned_data["user"], acting(request), clock.now())
        obj.__dict__.update(granted.__dict__)
        said = _t("已签发。令牌由本人在“接口令牌”页领取，只显示给本人。")
        self.message_user(request, said, messages.SUCCESS)

    @admin.action(description=_("吊销"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset.select_related("user"):
            self.log_change(request, token, _t("吊销"))
        number = queryset.update(expiry=clock.now())
        said = _t("已吊销 %(number)d 个令牌。") % {"number": number}
        self.message_user(request, said, messages.SUCCESS)
