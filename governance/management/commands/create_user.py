import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _t

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
                raise CommandError(_t("用户 %(name)s 已存在。") % {"name": user.username})
            unit = self.unit(options["unit"])
            self.check_names(user)
            user.set_password(self.password(user))
            user.save()
            Post.objects.create(
                user=user, role=options["role"], unit=unit, valid_from=clock.today()
            )
        self.stdout.write(f"{user.username}: {options['role']} @ {unit.name}")

    def unit(self, code: str) -> Unit:
        found = UnitCode.objects.filter(code=code, valid_to=None).select_related("unit").first()
        if found is None:
            said = _t("没有代码为 %(code)s 的单位，请先导入单位。")
            raise CommandError(said % {"code": code})
        return found.unit

    def check_names(self, user: User) -> None:
        """Raises CommandError for a name that is empty or too long."""
        try:
            user.clean_fields(exclude=["password"])
        except ValidationError as error:
            said = [f"{name}: {' '.join(why)}" for name, why in error.message_dict.items()]
            raise CommandError(" ".join(said)) from error

    def password(self, user: User) -> str:
        try:
            password = getpass.getpass(_t("密码："))
            validate_password(password, user)
        except EOFError as error:
            raise CommandError(_t("没有读到密码：请在终端里运行，或从标准输入给出。")) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password
