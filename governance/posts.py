"""Giving posts: the rules that keep the three administrators apart."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _t

from governance.models import Post, User
from governance.permissions import ADMINISTRATORS


class NotAllowed(Exception):
    """This person may not be given this post; the text says why."""


def check(*, role: str, user: User | None, by: User | None, on: date) -> None:
    """Raises NotAllowed for a post to oneself, or a second administrator's post."""
    if user is None:
        return
    if by == user:
        raise NotAllowed(_t("不能给自己任职，请由另一名安全管理员办理。"))
    held = set(Post.objects.not_over(on).filter(user=user).values_list("role", flat=True))
    if role in ADMINISTRATORS and held & ADMINISTRATORS - {role}:
        raise NotAllowed(_t("系统、安全、审计管理员须由不同的人担任。"))
