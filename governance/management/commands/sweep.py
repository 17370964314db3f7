import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count

from governance import actor, bursts, clock, outbox, sending, timers
from governance.models import Timer


class Command(BaseCommand):
    help = "Fires due timers and sends messages without Celery; --dry-run only tells what is due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--loop", action="store_true", help="knock again every few seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.tell()
            return
        self.once()
        while options["loop"]:
            time.sleep(settings.SWEEP_SECONDS)
            self.once()

    def tell(self) -> None:
        due = Timer.objects.due(clock.now()).values("kind").annotate(n=Count("pk"))
        for row in due.order_by("kind"):
            handler = timers.HANDLERS.get(row["kind"])
            self.stdout.write(f"{row['kind']} ({handler.label if handler else '—'}): {row['n']}")
        self.stdout.write(f"parked={Timer.objects.parked().count()}")

    def once(self) -> None:
        fired = timers.sweep()
        bursts.watch(clock.now())
        with actor.acting(None, "outbox"):
            sent = outbox.deliver()
        sent += sending.deliver_all()
        self.stdout.write(f"fired={fired} sent={sent}")
