"""What Celery does for the registers; ids and numbers travel, never a person."""

from celery import shared_task

from governance import actor
from people import sheets
from people.import_jobs import jobs


@shared_task
def write_sheets() -> int:
    """The week's and the month's sheets, once they are over."""
    with actor.acting(None, "sweep"):
        return sheets.write_all()


@shared_task
def import_people() -> int:
    """The twin: `manage.py import_people`."""
    return jobs.run_waiting()
