import time
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from cases.demo import seeding
from cases.demo.profiles import PROFILES
from governance import clock


class Command(BaseCommand):
    help = (
        "Fills an empty database with the demo: invented people and cases. Only with DEBUG=1. "
        "The same --seed and --now make the same data; without --now the stories are told from the "
        "present moment, so that cases are due today: another moment, other data."
    )
    requires_system_checks = []  # `migrate` has run them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--profile", choices=sorted(PROFILES), default="small")
        parser.add_argument("--seed", type=int, default=seeding.SEED)
        parser.add_argument("--now", help="the moment to tell from, ISO 8601; now if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("seed_demo makes users with a published password: only with DEBUG=1")
        if seeding.is_there():
            self.stdout.write("演示数据已在 · the demo data is there already")
            return
        began = time.monotonic()

        def say(text: str) -> None:
            self.stdout.write(f"{time.monotonic() - began:6.1f} s  {text}")

        profile = PROFILES[options["profile"]]
        seeding.seed(profile, now=self.now(options["now"]), seed=options["seed"], say=say)

    def now(self, text: str | None) -> datetime:
        if not text:
            return clock.now()
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise CommandError(f"--now {text}: {error}") from error
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
