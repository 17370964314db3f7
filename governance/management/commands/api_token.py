from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from knox.models import AuthToken

from governance.models import User


class Command(BaseCommand):
    help = "Issues an API token for a user; it is shown once and kept only as a digest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"no active user {options['username']}")
        _row, token = AuthToken.objects.create(user)
        self.stdout.write(token)
