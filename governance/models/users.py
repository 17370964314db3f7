"""People who log in. What they may do follows from their posts, never from flags of their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from governance.history import tracked
from governance.reference import versioned
from governance.roles import Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


@tracked(exclude=("password", "last_login"))
class User(AbstractBaseUser, PermissionsMixin):
    username = models.CharField(_("用户名"), max_length=40, unique=True)
    display_name = models.CharField(_("姓名"), max_length=40)
    email = models.EmailField(_("电子邮箱"), blank=True)
    language = models.CharField(
        _("界面语言"),
        max_length=10,
        choices=[("zh-hans", "简体中文"), ("en", "English")],
        default="zh-hans",
    )
    is_active = models.BooleanField(_("启用"), default=True)
    password_changed_at = models.DateTimeField(_("密码更新时间"), null=True, blank=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name"]
    objects = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = _("用户")
        # who may and who is told are kept in memory; a log-in changes neither
        triggers = [
            versioned("posts", pgtrigger.UpdateOf("is_active")),  # type: ignore[no-untyped-call]
        ]
        constraints = [
            # Three administrators kept apart: nobody may everything, not even the first one.
            models.CheckConstraint(
                condition=models.Q(is_superuser=False),
                name="no_superuser",
                violation_error_message=_("不设超级用户。"),
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    def told_apart(self) -> str:
        """The name with that of the account: several people may have one name."""
        return f"{self.display_name}（{self.username}）" if self.display_name else self.username

    def get_short_name(self) -> str:
        """How the administration greets."""
        return self.display_name

    @property
    def is_staff(self) -> bool:
        """Django's admin asks this; who may enter it is the permission table's answer."""
        from governance import permissions  # noqa: PLC0415 -- the table reads the posts' models

        return permissions.may(self, "admin.enter")


class ApiToken(AuthToken):  # type: ignore[misc]
    """A token of the API (knox keeps its digest only) under the name that our pages give it."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = _("接口令牌")

    def __str__(self) -> str:
        return f"{self.token_key}… {self.user}"


class PastPassword(models.Model):
    """The hash of a former password, so that the last five are not used again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="past_passwords")
    password = models.CharField(max_length=128)
    used_until = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("曾用密码")

    def __str__(self) -> str:
        return f"{self.user_id} {self.used_until:%Y-%m-%d}"


class PasswordResetQuerySet(models.QuerySet["PasswordReset"]):
    def open(self) -> Self:
        """Begun, and neither confirmed nor withdrawn."""
        return self.filter(confirmed_at=None, withdrawn_at=None)

    def waiting(self, now: datetime) -> Self:
        """Open, and young enough to be confirmed."""
        return self.open().filter(begun_at__gt=now - PasswordReset.LASTS)


@tracked()
class PasswordReset(models.Model):
    """A new password for somebody, by two administrators of different kinds, of whom each learns
    one half (governance/resets.py). No part of it is kept here."""

    LASTS = timedelta(days=1)

    user = models.ForeignKey(User, models.PROTECT, related_name="resets", verbose_name=_("用户"))
    begun_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("申请人"))
    begun_as = models.CharField(_("申请人职责"), max_length=20, choices=Role.choices)
    begun_at = models.DateTimeField(_("申请时间"))
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("确认人")
    )
    confirmed_as = models.CharField(
        _("确认人职责"), max_length=20, choices=Role.choices, blank=True
    )
    confirmed_at = models.DateTimeField(_("确认时间"), null=True)
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True)

    objects = PasswordResetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("密码重置")
        constraints = [
            models.CheckConstraint(
                condition=~Q(begun_by=F("user")), name="reset_is_not_begun_by_its_owner"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_as="", confirmed_at=None)
                | (
                    Q(confirmed_by__isnull=False, confirmed_at__isnull=False, withdrawn_at=None)
                    & ~Q(confirmed_by=F("user"))
                    & ~Q(confirmed_by=F("begun_by"))
                    & ~Q(confirmed_as=F("begun_as"))
                    & ~Q(confirmed_as="")
                ),
                name="reset_is_confirmed_by_another_kind",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(confirmed_at=None, withdrawn_at=None),
                name="reset_one_open_a_user",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.begun_at:%Y-%m-%d %H:%M}"
