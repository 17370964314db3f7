from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases import service_catalogue
from cases.catalogue_file import BadCatalogue
from governance import actor, unit_import
from governance.models import CodeScheme


class Command(BaseCommand):
    help = "Loads the service items and their departments from a TOML file. Twice-safe."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=service_catalogue.FILE)
        parser.add_argument(
            "--parent", required=True, help="code of the unit departments are under"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with actor.acting(None, "command"):
                parent = unit_import.by_code(options["parent"], CodeScheme.STATISTICS)
                done = service_catalogue.load(options["file"], parent)
        except (OSError, unit_import.BadRow, BadCatalogue) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"new_departments={done.departments} items={done.items}")
