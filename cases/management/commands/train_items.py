from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _t

from cases import suggesting
from governance import actor, clock


class Command(BaseCommand):
    help = "Trains the model that suggests an item from the words, on the closed cases."

    def handle(self, *args: Any, **options: Any) -> None:
        with actor.acting(None, "import"):
            try:
                row = suggesting.train(clock.now())
            except suggesting.TooFew as error:
                said = {"n": error.args[0], "least": suggesting.LEAST}
                raise CommandError(
                    _t("只有 %(n)d 件已办结事件，至少需要 %(least)d 件。") % said
                ) from error
        self.stdout.write(
            f"cases={row.cases} tested={row.tested}"
            f" accuracy={row.accuracy:.3f} top3={row.accuracy_top3:.3f}"
        )
