from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _t

from governance import actor, clock
from governance.import_pages import check_writable, refused_lines
from governance.models import ImportState, User
from governance.table_jobs import NotAllowed
from grids.models import ImportKind, PlaceImport
from grids.place_import import jobs, mapped
from grids.views.imports import refused_rows


class Command(BaseCommand):
    help = (
        "Imports buildings or houses from CSV or XLSX, as the desk's page does: what is there is "
        "updated, faulty rows are refused with their reasons."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=ImportKind.values)
        parser.add_argument("file", type=Path)
        parser.add_argument("--user", required=True, help="in whose territory, by user name")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="WHAT=HEADER",
            help="where the header does not say it, e.g. name=栋",
        )
        parser.add_argument("--refused", type=Path, help="write the refused rows here, as CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(_t("没有用户 %(name)s。") % {"name": options["user"]})
        try:
            check_writable(options["refused"])
            with actor.acting(user.pk, "import"), options["file"].open("rb") as file:
                named = File(file, name=options["file"].name)
                job = jobs.start(user, named, kind=options["kind"], now=clock.now())
                self.load(job.pk, options["column"])
        except (OSError, NotAllowed) as error:
            raise CommandError(str(error)) from error
        job.refresh_from_db()
        if options["refused"] and job.refused:
            options["refused"].write_text(
                "".join(refused_lines(mapped(job), refused_rows(job))), encoding="utf-8"
            )
        self.stdout.write(
            f"rows={job.total} made={job.made} changed={job.changed} same={job.same}"
            f" refused={job.refused}"
        )

    def load(self, job_id: int, columns: list[str]) -> None:
        jobs.read(job_id)
        job = PlaceImport.objects.get(pk=job_id)
        if job.state == ImportState.FAILED:
            raise CommandError(job.error)
        try:
            self.map(job, columns)
            jobs.read(job_id)
            jobs.confirm(job, now=clock.now())
        except (CommandError, NotAllowed) as error:
            jobs.fail(job, str(error))  # or it would wait for somebody to confirm it
            raise
        jobs.load(job_id)

    def map(self, job: PlaceImport, columns: list[str]) -> None:
        given = dict(column.partition("=")[::2] for column in columns)
        if strange := sorted(set(given) - set(jobs.columns(job))):
            raise CommandError(_t("没有这些列：%(names)s") % {"names": _t("、").join(strange)})
        jobs.set_mapping(job, {**job.mapping, **given})
