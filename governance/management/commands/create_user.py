import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from governance import actor, clock
from governance.models import Post, Unit, UnitCode, User
from governance.roles import Role


class Command(BaseCommand):
    help = (
        "Makes a user with a post: the first administrators of a deployment. Asks for a password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="display name")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--unit", required=True, help="an official code of the unit")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        with actor.acting(None, "command"):
            user = User(username=options["username"], display_name=options["name"])
            if User.objects.filter(username=user.username).exists():
                raise CommandError(f"user {user.username} exists already")
            unit = self.unit(options["unit"])
            user.set_password(self.password(user))
            user.save()
            Post.objects.create(
                user=user, role=options["role"], unit=unit, valid_from=clock.today()
            )
        self.stdout.write(f"{user.username}: {options['role']} @ {unit.name}")

    def unit(self, code: str) -> Unit:
        found = UnitCode.objects.filter(code=code, valid_to=None).select_related("unit").first()
        if found is None:
            raise CommandError(f"no unit has the code {code}: import the units first")
        return found.unit

    def password(self, user: User) -> str:
        password = getpass.getpass("Password: ")
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password
