"""System checks of a deployment."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from governance import keys, personal


@register(Tags.security)
def check_key(**_kwargs: Any) -> list[CheckMessage]:
    """E010: personal data need keys of their own, in files that nobody else can read."""
    return [Error(fault, id="governance.E010") for fault in keys.faults()]


@register(Tags.security)
def check_cipher(**_kwargs: Any) -> list[CheckMessage]:
    """E012: a misspelt cipher must not quietly mean another one."""
    if settings.PERSONAL_DATA_CIPHER in personal.CIPHERS:
        return []
    known = ", ".join(personal.CIPHERS)
    return [Error(f"PERSONAL_DATA_CIPHER must be one of {known}.", id="governance.E012")]


@register(Tags.security)
def check_channels(**_kwargs: Any) -> list[CheckMessage]:
    """E013: the gateway must be able to tell our messages from anybody else's."""
    if not settings.SMS_URL or settings.SMS_SECRET:
        return []
    return [Error("SMS_URL needs SMS_SECRET (or SMS_SECRET_FILE).", id="governance.E013")]


@register(Tags.security, deploy=True)
def check_roles(**_kwargs: Any) -> list[CheckMessage]:
    """E011: the application must not own the tables it is audited in."""
    databases = settings.DATABASES
    if databases["default"]["USER"] != databases["owner"]["USER"]:
        return []
    return [
        Error(
            "DATABASE_URL and DATABASE_OWNER_URL must use two database roles.",
            id="governance.E011",
        )
    ]
