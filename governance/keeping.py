"""When the keeping of the ground floor's personal columns begins to run out (retention.toml)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from governance import retention
from governance.models import Post

# How each model reaches the user it belongs to.
USER = {"governance.User": "pk", "governance.PastPassword": "user"}


@retention.event("governance.User.left", reads=("governance.User", "governance.Post"))
def left(model: type[Model], before: datetime) -> QuerySet[Any]:
    """The account was switched off, and the last post was over before the moment's day."""
    path = USER[model._meta.label]
    posts = Post.objects.filter(user=OuterRef(path))
    later = posts.filter(Q(valid_to=None) | Q(valid_to__gt=localdate(before)))
    active = "is_active" if path == "pk" else f"{path}__is_active"
    return model._base_manager.filter(~Exists(later), **{active: False})


@retention.event("governance.Post.ended")
def ended(model: type[Model], before: datetime) -> QuerySet[Any]:
    """A member without an account is no longer in the post."""
    rows: QuerySet[Any] = model._base_manager.filter(valid_to__lte=localdate(before))
    return rows


@retention.event("governance.SignIn.at")
def signed_in(model: type[Model], before: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._base_manager.filter(at__lte=before)
    return rows
