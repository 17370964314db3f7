"""PostgreSQL, where every transaction says who acts and knows the database's time."""

from datetime import datetime
from typing import Any

from django.db.backends.postgresql import base

from governance import actor


class DatabaseWrapper(base.DatabaseWrapper):
    """Sets the actor (SET LOCAL) and reads `app_now()` in the first statement of a transaction."""

    began_at: datetime | None = None
    versions: dict[str, int] | None = None

    def set_autocommit(self, autocommit: Any, *args: Any, **kwargs: Any) -> None:
        super().set_autocommit(autocommit, *args, **kwargs)
        self.began_at = self.versions = None
        if not autocommit and actor.current() is not None:
            actor.announce(self)
