from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from cases import workflow_table


class Command(BaseCommand):
    help = "Prints the case workflow as the table in docs/workflow.md."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("zh-hans"):
            self.stdout.write(workflow_table.markdown())
