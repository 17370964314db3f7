import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _t

from governance import actor, unit_import


class Command(BaseCommand):
    help = (
        "Imports units from CSV: kind,code,name,parent_code[,scheme,form,organisation]. Twice-safe."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with (
                options["file"].open(encoding="utf-8-sig", newline="") as file,
                actor.acting(None, "import"),
            ):
                rows = csv.DictReader(file)
                unit_import.check_header(rows.fieldnames)
                done = unit_import.load(rows)
        except UnicodeDecodeError as error:
            raise CommandError(_t("文件不是 UTF-8 编码，请另存为 UTF-8 后重试。")) from error
        except csv.Error as error:
            said = _t("第 %(line)d 行读不出来：%(why)s")
            raise CommandError(said % {"line": rows.line_num + 1, "why": error}) from error
        except (OSError, unit_import.BadRow) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"created={done.created} changed={done.changed} same={done.same}")
