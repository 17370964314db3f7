import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance import actor, unit_import


class Command(BaseCommand):
    help = (
        "Imports units from CSV: kind,code,name,parent_code[,scheme,form,organisation]. Twice-safe."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with (
                options["file"].open(encoding="utf-8-sig", newline="") as file,
                actor.acting(None, "import"),
            ):
                done = unit_import.load(csv.DictReader(file))
        except UnicodeDecodeError as error:
            raise CommandError("the file is not UTF-8: save it as “CSV UTF-8”") from error
        except (OSError, csv.Error, unit_import.BadRow) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"created={done.created} changed={done.changed} same={done.same}")
