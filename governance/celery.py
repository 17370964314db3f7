"""Celery carries row ids and knocks; what is due, and what is to be sent, are database rows."""

import os

from celery import Celery, signals

from governance import keys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")

app = Celery("governance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.celeryd_init.connect
@signals.beat_init.connect
def start(**_kwargs: object) -> None:
    keys.insist()
