from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance import actor, rotation


class Command(BaseCommand):
    help = (
        "Wraps all data keys by PERSONAL_DATA_KEY, in batches, while readers run with it and with"
        " PERSONAL_DATA_OTHER_KEYS; --dry-run only counts. The steps: governance/keys.py."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.stdout.write(f"left={rotation.behind().count()}")
            return
        with actor.acting(None, "command"):
            found = rotation.rotate()
        said = f"rotated={found.done} left={found.left} unreadable={found.unreadable}"
        if found.left:
            raise CommandError(said)
        self.stdout.write(said)
