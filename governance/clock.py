"""The time, read from the database: only the test database can shift its `app_now()`."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.timezone import localdate


def now() -> datetime:
    """The moment at which the open transaction began, else the database's now; aware, UTC."""
    # Asked often: the proxy `connection` would be looked through three times.
    database: Any = connections[DEFAULT_DB_ALIAS]
    began_at: datetime | None = getattr(database, "began_at", None)
    if began_at is not None and database.in_atomic_block:
        return began_at
    with database.cursor() as cursor:
        cursor.execute("SELECT app_now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def today() -> date:
    """Today's date where the deployment is (TIME_ZONE)."""
    return day_of(now())


# A transaction asks for its day thousands of times when a sweep fires.
day_of = lru_cache(maxsize=64)(localdate)
