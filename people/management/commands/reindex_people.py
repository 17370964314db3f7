from typing import Any

from django.core.management.base import BaseCommand

from governance import actor
from people import reindexing


class Command(BaseCommand):
    help = (
        "After PERSONAL_INDEX_KEY was changed: makes again what people are found by, in batches. In"
        " a quiet hour: meanwhile nobody finds, or registers, those who are still to come."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with actor.acting(None, "command"):
            self.stdout.write(f"reindexed={reindexing.reindex()}")
