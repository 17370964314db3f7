"""What beat knocks for; the twin: `manage.py train_items`."""

from celery import shared_task

from cases import suggesting
from governance import actor, clock


@shared_task
def train_items() -> int:
    """Nightly; a deployment with few closed cases has nothing to learn from yet."""
    with actor.acting(None, "sweep"):
        try:
            return suggesting.train(clock.now()).cases
        except suggesting.TooFew:
            return 0
