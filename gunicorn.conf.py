"""gunicorn reads this file of itself, in the folder where it is started."""

from typing import Any


def on_starting(server: Any) -> None:
    """A wrong setting ends gunicorn before there are workers, each of which would say so."""
    from governance import settings  # noqa: F401, PLC0415 -- only now is our folder on the path
