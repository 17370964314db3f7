"""Tokens of the API: granted by the security administrator, seen by their owner alone.

Who sees a token can act as its owner. So the one that is granted is seen by nobody: the owner takes
another in its place, as often as it was mislaid, until the grant ends.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance import outbox
from governance.models import ApiToken, User
from governance.outbox import Note

GRANTED = "token.granted"

outbox.SENTENCES[GRANTED] = _("%(by)s为您签发了接口令牌，请领取；令牌只显示给您本人。")
outbox.LINKS[GRANTED] = lambda params: reverse("tokens")


@transaction.atomic
def grant(user: User, by: User, now: datetime) -> ApiToken:
    granted: ApiToken
    granted, _unseen = ApiToken.objects.create(user)
    key = f"{GRANTED}:{granted.token_key}"
    outbox.tell([Note(user.pk, GRANTED, key, {"by": str(by)})], now)
    return granted


def valid(user: User, now: datetime) -> list[ApiToken]:
    return list(ApiToken.objects.filter(user=user, expiry__gt=now).order_by("created"))


@transaction.atomic
def take(user: User, token_key: str, now: datetime) -> str | None:
    """A token in the place of the owner's granted one, with its end; None where there is none."""
    mine = ApiToken.objects.select_for_update().filter(user=user, expiry__gt=now)
    granted = mine.filter(token_key=token_key).first()
    if granted is None:
        return None
    taken, token = ApiToken.objects.create(user)
    ApiToken.objects.filter(pk=taken.pk).update(expiry=granted.expiry)
    granted.delete()
    return str(token)
