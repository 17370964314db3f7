from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate

from governance import grants


class Command(migrate.Command):
    """Django's migrate, run as the owner of the tables; then grants the application its rights."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        grants.apply(options["database"])
