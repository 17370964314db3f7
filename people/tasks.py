"""What Celery does for the registers; ids and numbers travel, never a person."""

from celery import shared_task

from governance import actor
from people import sheets


@shared_task
def write_sheets() -> int:
    """The week's and the month's sheets, once they are over."""
    with actor.acting(None, "sweep"):
        return sheets.write_all()
