"""What beat knocks for; the twin: `manage.py import_places`."""

from celery import shared_task

from grids import place_import


@shared_task
def import_places() -> int:
    return place_import.jobs.run_waiting()
