"""Users of several roles with sessions of their own."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from governance.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass
class People:
    """Sessions by user id, made when first asked for."""

    sessions: dict[int, str]

    def session(self, user_id: int | None) -> str:
        assert user_id
        if user_id not in self.sessions:
            self.sessions[user_id] = log_in(User.objects.get(pk=user_id))
        return self.sessions[user_id]

    def of(self, role: str, unit_id: int, pick: int = 0) -> str:
        rows = User.objects.filter(posts__role=role, posts__unit=unit_id).order_by("pk")
        return self.session(rows[pick].pk)


def log_in(user: User) -> str:
    """What the log-in page would leave in the session."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = BACKEND
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store["touched"] = int(time.time())
    store.save()
    assert store.session_key
    return store.session_key
