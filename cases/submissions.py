"""What a client sends twice is done once: its own id, UNIQUE with who sends it."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _t

from cases.models import Campaign, Case, ServiceRequest, Submission

if TYPE_CHECKING:
    from governance.models import User


class Conflict(Exception):
    """The same key came before with another content."""


def owner_of(by: User | None) -> str:
    return f"user:{by.pk}" if by else "public"


def digest(said: object) -> str:
    """Of what was said, to tell a repeat from something else under the same key.

    Keyed: a bare digest would tell the phone number to whoever tries all of them, also after the
    person was erased.
    """
    return hmac.new(settings.SECRET_KEY.encode(), repr(said).encode(), hashlib.sha256).hexdigest()


def earlier(key: UUID, said: object, *, by: User | None) -> Submission | None:
    """Claim a key in the running transaction: None for a new one, whose outcome `keep` then writes
    down; else what was made of it before. A second one at the same time waits here for the first.
    Raises Conflict for a key that came with something else."""
    mark = digest(said)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_submission (key, owner, digest) VALUES (%s, %s, %s)"
            " ON CONFLICT (key, owner) DO NOTHING",
            [key, owner_of(by), mark],
        )
        if cursor.rowcount:
            return None
    known = Submission.objects.select_related("case", "service", "campaign").get(
        key=key, owner=owner_of(by)
    )
    if known.digest != mark:
        raise Conflict(_t("该编号已用于另一次提交，内容不同。"))
    return known


def keep(
    key: UUID,
    *,
    by: User | None,
    case: Case | None = None,
    service: ServiceRequest | None = None,
    campaign: Campaign | None = None,
) -> None:
    """Write down what a claimed key has made."""
    rows = Submission.objects.filter(key=key, owner=owner_of(by))
    rows.update(case=case, service=service, campaign=campaign)
