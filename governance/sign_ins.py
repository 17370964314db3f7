"""Who entered, left, failed or was locked out: a row each, from the framework's own signals."""

from __future__ import annotations

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.dispatch import receiver
from django.http import HttpRequest

from governance import clock, rates
from governance.models import SignIn, User
from governance.models.audit import SignInDeed


def record(deed: SignInDeed, user: User | None, request: HttpRequest | None) -> None:
    SignIn.objects.create(deed=deed, user=user, at=clock.now(), address=known_address(request))


def known_address(request: HttpRequest | None) -> str | None:
    """Where the request came from; None for a command."""
    address = rates.address_of(request) if request is not None else ""
    try:
        validate_ipv46_address(address)
    except ValidationError:  # a Unix socket has none
        return None
    return address


@receiver(user_logged_in)
def entered(sender: Any, request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    record(SignInDeed.IN, user, request)


@receiver(user_logged_out)
def left(sender: Any, request: HttpRequest | None, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record(SignInDeed.OUT, user, request)


@receiver(user_login_failed)
def failed(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    record(SignInDeed.FAILED, named(credentials.get("username")), request)


@receiver(user_locked_out)
def locked(sender: Any, username: str, request: HttpRequest | None = None, **kwargs: Any) -> None:
    record(SignInDeed.LOCKED, named(username), request)


def named(username: str | None) -> User | None:
    """The account of that name. A name that is none is not kept: it may be a mistyped password."""
    if not username or "\0" in username:
        return None
    return User.objects.filter(username=username).first()
