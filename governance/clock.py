"""The time, read from the database: only the test database can shift its `app_now()`."""

from datetime import date, datetime

from django.db import connection
from django.utils.timezone import localdate


def now() -> datetime:
    """The moment at which the open transaction began, else the database's now; aware, UTC."""
    began_at: datetime | None = getattr(connection, "began_at", None)
    if began_at is not None and connection.in_atomic_block:
        return began_at
    with connection.cursor() as cursor:
        cursor.execute("SELECT app_now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def today() -> date:
    """Today's date where the deployment is (TIME_ZONE)."""
    return localdate(now())
