"""Bursts: who looks at many people within an hour is reported to the security administrators of
their district, once an hour. An approved export counts too: they hear of it from the platform.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from governance import outbox, permissions, rates
from governance.models import User
from governance.outbox import Note
from governance.roles import Role

HOUR = timedelta(hours=1)
KIND = "access.burst"
PEOPLE = """
SELECT user_id, count(DISTINCT (model, object_id)) FROM governance_accessrecord
WHERE at > %s AND at <= %s GROUP BY user_id HAVING count(DISTINCT (model, object_id)) > %s
"""

outbox.SENTENCES[KIND] = _(
    "账号 %(username)s（%(name)s）一小时内查看了 %(people)s 人的个人信息，请核实。"
)


def found(now: datetime) -> dict[int, int]:
    """User → how many different people they looked at in the last hour, where it is too many."""
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [now - HOUR, now, settings.BURST_PEOPLE])
        return dict(cursor.fetchall())


def watch(now: datetime) -> int:
    """Report them; returns how many they are."""
    people = found(now)
    users = User.objects.in_bulk(list(people))
    hour = rates.window_of(int(HOUR.total_seconds()), now)
    notes = [
        Note(
            recipient,
            KIND,
            f"{KIND}:{user.pk}:{hour:%Y%m%d%H}",
            {"username": user.username, "name": str(user), "people": str(people[user.pk])},
        )
        for user in users.values()
        for recipient in sorted(answerable(user))
    ]
    outbox.tell(notes, now)
    return len(people)


def answerable(user: User) -> set[int]:
    """The security administrators of the user's districts; where there is nobody else, all."""
    districts = {post.district_id for post in permissions.posts_of(user) if post.district_id}
    at_home = {pk for unit in districts for pk in permissions.at(unit, (Role.SECURITY_ADMIN,))}
    known = permissions.holders().items()
    everybody = {pk for (_unit, role), ids in known for pk in ids if role == Role.SECURITY_ADMIN}
    return (at_home - {user.pk}) or (everybody - {user.pk})
