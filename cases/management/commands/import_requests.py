import csv
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import reset_queries
from django.utils.translation import gettext as _t

from cases import import_mapping
from cases.import_mapping import BadMapping
from cases.import_rows import BadFile, Row, Table
from cases.imports import Counts, Loader
from governance import actor, clock

PROGRESS = 500


class Refused:
    """The file of refused rows: the columns of the original, the line, the reason.

    It is made with the first row, so that an import without a fault leaves no file.
    """

    def __init__(self, path: Path, header: list[str]) -> None:
        self.path, self.header = path, header
        self.file: TextIO | None = None

    def __call__(self, row: Row, reason: str) -> None:
        if self.file is None:
            # What is not UTF-8 is written as the bytes that it was read as.
            self.file = self.path.open(
                "w", encoding="utf-8", errors="surrogateescape", newline="", buffering=1
            )
            csv.writer(self.file).writerow([*self.header, "refused_line", "refused_reason"])
        width = len(self.header)
        cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
        csv.writer(self.file).writerow([*cells, row.line, reason, *row.cells[width:]])

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


class Command(BaseCommand):
    help = (
        "Imports past service requests from CSV as cases with their own times, without timers or "
        "messages; a TOML file says what the columns mean (docs/boston311.toml). Twice-safe."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, required=True, metavar="M.toml")
        parser.add_argument("--tz", default="", metavar="ZONE", help="of times without an offset")
        parser.add_argument(
            "--refused", type=Path, metavar="CSV", help="default: <FILE>.refused.csv"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        refused = options["refused"] or beside(path)
        if refused.resolve() == path.resolve():
            raise CommandError(_t("--refused 不能是要导入的文件本身"))
        try:
            meaning = import_mapping.load(options["mapping"], zone=options["tz"])
            with (
                path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file,
                actor.acting(None, "import"),
            ):
                table = Table(file, meaning)
                refused.unlink(missing_ok=True)
                with refusing(Refused(refused, table.header)) as refuse:
                    loader = Loader(table, meaning, now=clock.now(), refuse=refuse)
                    self.show(loader.run())
        except (OSError, BadMapping, BadFile) as error:
            raise CommandError(str(error)) from error
        counts = loader.counts
        if counts.refused:
            self.stdout.write(_t("未导入的行及原因：%(path)s") % {"path": refused})
        self.stdout.write(f"new={counts.new} known={counts.known}")
        self.stdout.write(
            f"rows={counts.rows} cases={counts.cases} refused={counts.refused}"
            f" on_time_equal={counts.on_time_equal} on_time_different={counts.on_time_different}"
        )

    def show(self, steps: Iterator[Counts]) -> None:
        began = time.monotonic()
        for counts in steps:
            reset_queries()  # with DEBUG=1 Django keeps thousands of statements
            if counts.rows % PROGRESS == 0:
                rate = counts.rows / (time.monotonic() - began)
                self.stdout.write(f"… {counts.rows} rows, {rate:.0f} rows/s")
                self.stdout.flush()


@contextmanager
def refusing(refused: Refused) -> Iterator[Refused]:
    try:
        yield refused
    finally:
        refused.close()


def beside(path: Path) -> Path:
    """<FILE>.refused.csv, in the present folder where FILE's own may not be written to."""
    name = f"{path.name}.refused.csv"
    return path.with_name(name) if os.access(path.parent, os.W_OK) else Path(name)
