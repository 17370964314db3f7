from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance import actor, clock, expiry


class Command(BaseCommand):
    help = "Erases what has been kept long enough by retention.toml; --dry-run only counts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        with actor.acting(None, "command"):
            now = clock.now()
            found = expiry.preview(now) if options["dry_run"] else expiry.run(now)
        for line in found:
            self.stdout.write(f"{line.rule}: {line.rows}{' FAILED' if line.failed else ''}")
        self.stdout.write(f"rows={sum(line.rows for line in found)}")
