"""System checks of a production deployment."""

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from governance import personal


@register(Tags.security, deploy=True)
def check_key(**_kwargs: Any) -> list[CheckMessage]:
    """E010: personal data need a key of their own, 32 bytes in hexadecimal, not the demo's."""
    key = settings.PERSONAL_DATA_KEY
    if re.fullmatch(r"[0-9a-fA-F]{64}", key) and set(key) != {"0"}:
        return []
    return [Error("PERSONAL_DATA_KEY must be 64 hexadecimal digits.", id="governance.E010")]


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
