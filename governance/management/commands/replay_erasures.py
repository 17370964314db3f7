from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance import actor, erasure


class Command(BaseCommand):
    help = (
        "After a restore from a backup: erases again what the certificates name, from the file that"
        " is kept outside the database, or from the restored database itself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=Path(settings.ERASURE_FILE))
        parser.add_argument("--from-database", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["from_database"] and not options["file"].exists():
            raise CommandError(f"{options['file']} is not there")
        lines = (
            erasure.in_database() if options["from_database"] else erasure.in_file(options["file"])
        )
        with actor.acting(None, "command"):
            found = erasure.replay(lines)
        self.stdout.write(f"erased_again={found.again} already_erased={found.before}")
