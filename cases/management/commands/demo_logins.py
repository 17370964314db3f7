from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from cases.demo import logins, seeding


class Command(BaseCommand):
    help = "Prints a log-in of each role of the demo. Only with DEBUG=1."
    requires_system_checks = []  # `migrate` has run them

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("the demo's log-ins are for DEBUG=1 only")
        if not seeding.is_there():
            raise CommandError("there is no demo data: run seed_demo first")
        with translation.override("zh-hans"):
            self.stdout.write(logins.table())
