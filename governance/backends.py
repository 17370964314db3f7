"""Whose session it is."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import DateTimeField, Func

from governance.models import User


class SessionBackend(ModelBackend):
    """The user with the time: before a view has its transaction, which tells it, somebody asks
    whether the password is due."""

    def get_user(self, user_id: Any) -> User | None:
        """The active user, with the database's now as `seen_at`."""
        seen = {"seen_at": Func(function="app_now", output_field=DateTimeField())}
        user = User.objects.annotate(**seen).filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
