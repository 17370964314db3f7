from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _t

from cases import configuration


class Command(BaseCommand):
    help = "Names what is inconsistent in items, ladders, dispatch rules and whistles."

    def handle(self, *args: Any, **options: Any) -> None:
        found = configuration.faults()
        for fault in found:
            self.stdout.write(f"{fault.where}: {fault.what}")
        if found:
            raise CommandError(_t("共 %(n)d 处不一致。") % {"n": len(found)}, returncode=1)
        self.stdout.write(_t("配置一致。"))
