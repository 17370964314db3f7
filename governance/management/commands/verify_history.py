from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance import clock, seals
from governance.models import Seal


class Command(BaseCommand):
    help = (
        "Seals what is not sealed yet, then recomputes every seal and says where history differs."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        sealed = seals.seal(clock.now())
        faults = list(seals.faults())
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"seals={Seal.objects.count()} faults={len(faults)}")
        self.stdout.write(f"seals={Seal.objects.count()} newly_sealed={sealed} faults=0")
