from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _t

from governance import actor, erasure


class Command(BaseCommand):
    help = (
        "After a restore from a backup: erases again what the certificates name, from the file that"
        " is kept outside the database, or from the restored database itself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=Path(settings.ERASURE_FILE))
        parser.add_argument("--from-database", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        lines = erasure.in_database() if options["from_database"] else self.read(options["file"])
        with actor.acting(None, "command"):
            found = erasure.replay(lines)
        self.stdout.write(f"erased_again={found.again} already_erased={found.before}")

    def read(self, path: Path) -> list[dict[str, Any]]:
        """Raises CommandError for a file without a certificate: it would erase nothing, and say so
        as if there were nothing to erase."""
        try:
            lines = list(erasure.in_file(path))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(
                _t("读不出 %(file)s：%(why)s") % {"file": path, "why": error}
            ) from error
        if not lines and path.stat().st_size:
            raise CommandError(_t("%(file)s 里没有清除凭证。") % {"file": path})
        return lines
