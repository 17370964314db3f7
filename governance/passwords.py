"""Password rules as GB/T 22239-2019 level three is commonly met: classes, reuse, age."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _t

from governance import clock
from governance.models import ApiToken, PasswordReset, PastPassword, User

KEPT = 5


class LongEnoughValidator(MinimumLengthValidator):
    """Django's own says it in English only."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < self.min_length:
            raise ValidationError(self.get_help_text(), code="password_too_short")

    def get_help_text(self) -> str:
        return _t("密码至少 %(length)d 位。") % {"length": self.min_length}


class ThreeClassesValidator:
    """At least three of: lower case, upper case, digits, other characters."""

    def validate(self, password: str, user: User | None = None) -> None:
        classes = {
            next((c for c in ("lower", "upper", "digit") if getattr(ch, f"is{c}")()), "other")
            for ch in password
        }
        if len(classes) < 3:
            raise ValidationError(self.get_help_text(), code="password_classes")

    def get_help_text(self) -> str:
        return _t("密码须包含大写字母、小写字母、数字、符号中的至少三类。")


class NotReusedValidator:
    """Not the present password nor one of the last five."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        past = PastPassword.objects.filter(user=user).order_by("-used_until")[:KEPT]
        hashes = [User.objects.values_list("password", flat=True).get(pk=user.pk)]
        if any(check_password(password, known) for known in [*hashes, *(p.password for p in past)]):
            raise ValidationError(self.get_help_text(), code="password_reused")

    def get_help_text(self) -> str:
        return _t("不能使用最近五次用过的密码。")


@transaction.atomic
def change(user: User, password: str, now: datetime) -> None:
    """Set a validated password; the old one is remembered.

    All other sessions end, as the password's hash signs them; and the tokens, which it does not.
    A reset that was asked for is no longer needed.
    """
    if user.pk and (old := User.objects.values_list("password", flat=True).get(pk=user.pk)):
        PastPassword.objects.create(user=user, password=old, used_until=now)
    user.set_password(password)
    user.password_changed_at = now
    user.save(update_fields=["password", "password_changed_at"])
    ApiToken.objects.filter(user=user).delete()
    PasswordReset.objects.open().filter(user=user).update(withdrawn_at=now)


def reset(user: User, password: str, now: datetime) -> None:
    """Set a password that its owner did not choose and has to change at once (see resets.py)."""
    change(user, password, now)
    user.password_changed_at = None
    user.save(update_fields=["password_changed_at"])


def too_many_failures() -> Any:
    """The user names that are locked out now, as django-axes counts."""
    since = timezone.now() - (get_cool_off() or timedelta())
    recent = AccessAttempt.objects.filter(attempt_time__gte=since)
    counted = recent.values("username").annotate(failures=Sum("failures_since_start"))
    return counted.filter(failures__gte=settings.AXES_FAILURE_LIMIT)


def expired(user: User) -> bool:
    """Whether the password is older than PASSWORD_DAYS, or was set by an administrator."""
    if user.password_changed_at is None:
        return True
    return clock.now() - user.password_changed_at > timedelta(days=settings.PASSWORD_DAYS)
