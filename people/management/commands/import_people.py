"""`manage.py import_people FILE --as USER [--dry-run] [--column name=表头 …] [--refused FILE]`."""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _t

from governance import actor, clock
from governance.models import User
from people.imports import BadFile, Loader, Row, Table


class Command(BaseCommand):
    help = "导入人口：CSV，UTF-8，第一行为表头 · people from a CSV file"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="username", required=True, help="以谁的岗位导入")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        parser.add_argument("--column", action="append", default=[], help="项目=表头，可多次")
        parser.add_argument("--refused", type=Path, help="未导入的行写入这个文件")
        parser.add_argument("--after-line", type=int, default=0, help="从这一行之后继续")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("zh-hans"):
            self.load(**options)

    def load(self, file: Path, username: str, column: list[str], **options: Any) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(_t("没有这个用户：%(name)s") % {"name": username})
        mapping = dict(pair.split("=", 1) for pair in column if "=" in pair) or None
        began = time.monotonic()
        with file.open(encoding="utf-8-sig", newline="") as source:
            try:
                table = Table(source, mapping)
            except BadFile as error:
                raise CommandError(str(error)) from error
            refused = Refused(options["refused"], table.header)
            with actor.acting(user.pk, "import"):
                loader = Loader(
                    table,
                    by=user,
                    now=clock.now(),
                    refuse=refused.write,
                    dry_run=options["dry_run"],
                    after_line=options["after_line"],
                )
                for counts in loader.run():
                    rate = counts.rows / max(time.monotonic() - began, 0.001)
                    self.stderr.write(f"{counts.rows} … {rate:.0f}/s", ending="\r")
            refused.close()
        counts = loader.counts
        self.stdout.write(
            f"rows={counts.rows} new={counts.new} known={counts.known} refused={counts.refused}"
        )


class Refused:
    """The rows that were not taken with their reasons: into a file, or counted on the way."""

    def __init__(self, path: Path | None, header: list[str]) -> None:
        self.file = path.open("w", encoding="utf-8-sig", newline="") if path else None
        self.writer = csv.writer(self.file) if self.file else None
        if self.writer:
            self.writer.writerow([_t("行号"), _t("原因"), *header])

    def write(self, row: Row, why: str) -> None:
        """The console is told the line and the reason, never who stands there."""
        if self.writer:
            self.writer.writerow([row.line, why, *row.cells])
        else:
            print(f"{row.line}: {why}", file=sys.stderr)

    def close(self) -> None:
        if self.file:
            self.file.close()
