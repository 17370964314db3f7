"""`manage.py import_people FILE --as USER [--dry-run] [--column name=表头 …] [--refused FILE]`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _t

from governance import actor, clock
from governance.import_pages import check_writable, refused_lines
from governance.models import ImportState, User
from governance.table_jobs import NotAllowed
from people import import_jobs
from people.import_jobs import jobs
from people.models import ImportKind, PeopleImport


class Command(BaseCommand):
    kind = ImportKind.PEOPLE
    help = (
        "导入人口：CSV 或 XLSX，第一行为表头，与页面上的导入相同；中断的由 worker 接着导入"
        " · people from a CSV or XLSX file, as the desk's page does"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="username", required=True, help="以谁的岗位导入")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        parser.add_argument("--take-alike", action="store_true", help="疑似重复的也导入")
        parser.add_argument("--column", action="append", default=[], help="项目=表头，可多次")
        parser.add_argument("--refused", type=Path, help="未导入的行写入这个文件")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("zh-hans"):
            try:
                self.load(**options)
            except (OSError, NotAllowed) as error:
                raise CommandError(str(error)) from error

    def load(self, file: Path, username: str, refused: Path | None, **options: Any) -> None:
        check_writable(refused)
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(_t("没有这个用户：%(name)s") % {"name": username})
        with actor.acting(user.pk, "import"):
            job = self.uploaded(user, file)
            try:
                job = self.mapped(job, options["column"])
                if options["dry_run"]:
                    jobs.check(job, now=clock.now())
                else:
                    holds = not options["take_alike"]
                    jobs.confirm(job, now=clock.now(), unseen=True, holds_alike=holds)
            except (CommandError, NotAllowed) as error:
                jobs.fail(job, str(error))  # or it would wait for somebody to confirm it
                raise
            self.go_through(job)
            with transaction.atomic():
                job = jobs.current(job, ImportState.CHECKED, ImportState.DONE)
                self.tell(job, refused)
                if options["dry_run"]:
                    jobs.fail(job, _t("只检查，没有导入。"))

    def uploaded(self, user: User, path: Path) -> PeopleImport:
        """Kept and read. Raises CommandError for what is no table."""
        with path.open("rb") as file:
            job = jobs.start(user, File(file, name=path.name), kind=self.kind, now=clock.now())
        jobs.read(job.pk)
        job.refresh_from_db()
        if job.state == ImportState.FAILED:
            raise CommandError(job.error)
        return job

    def mapped(self, job: PeopleImport, columns: list[str]) -> PeopleImport:
        """With what the columns mean."""
        given = dict(column.partition("=")[::2] for column in columns)
        if strange := sorted(set(given) - set(jobs.columns(job))):
            raise CommandError(_t("不认识的项目：%(names)s") % {"names": _t("、").join(strange)})
        if gone := sorted(set(given.values()) - set(job.header)):
            raise CommandError(_t("表头中没有这些列：%(names)s") % {"names": _t("、").join(gone)})
        return jobs.set_mapping(job, {**job.mapping, **given})

    def go_through(self, job: PeopleImport) -> None:
        began = time.monotonic()
        for _job, done, batch in jobs.batches(job.pk):
            more = jobs.load_batch(job.pk, batch, done)
            rate = (done + len(batch)) / max(time.monotonic() - began, 0.001)
            self.stderr.write(f"{done + len(batch)}/{job.total} … {rate:.0f}/s", ending="\r")
            if not more:
                break

    def tell(self, job: PeopleImport, refused: Path | None) -> None:
        """The console is told lines and reasons, never who stands there."""
        if refused is not None:
            found = import_jobs.hand_out(job, by=job.by, now=clock.now())
            lines = refused_lines(job.header, ((one.line, one.cells, one.why) for one in found))
            refused.write_text("".join(lines), encoding="utf-8")
        else:
            for one in import_jobs.findings(job):
                if one.why:
                    print(f"{one.line}: {one.why}", file=sys.stderr)
        self.stdout.write(self.counted(job))

    def counted(self, job: PeopleImport) -> str:
        known = f"known={job.same} refused={job.refused} alike={job.alike}"
        return f"rows={job.read} new={job.made} {known}"
