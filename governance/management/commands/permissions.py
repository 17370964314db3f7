from typing import Any

from django.core.management.base import BaseCommand

from governance.permissions import TABLE
from governance.roles import Role


class Command(BaseCommand):
    help = "Prints the permission table: what each role may do."

    def handle(self, *args: Any, **options: Any) -> None:
        for code, permission in TABLE.items():
            roles = "、".join(str(role.label) for role in Role if role in permission.roles)
            self.stdout.write(f"{code:<22} {permission.label}：{roles}")
