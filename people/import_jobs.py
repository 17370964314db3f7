"""The imports of people and of organisations (their way: governance/table_jobs.py): all rows are
tried first, with who may be registered twice; what the file says lies sealed, and is gone when the
import is over. Reading the refused rows is a look.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import clock, erasure, personal, table_files, timers
from governance.access import record_look
from governance.models import ImportState
from governance.table_files import Row, Table
from governance.table_jobs import Columns, TableJobs
from people import access, entity_imports, entity_rows, import_rows, imports
from people.import_rows import Masks
from people.imports import PERMISSION
from people.models import ImportedRows, ImportKind, ImportWords, PeopleImport

if TYPE_CHECKING:
    from governance.models import User

ABANDON, FORGET = "people.import_abandon", "people.import_forget"
MODEL = "people.PeopleImport"


@dataclass(frozen=True)
class Finding:
    """A row that was refused, looks like somebody, or both."""

    line: int
    cells: list[str]
    why: str = ""
    person: str = ""
    score: int = 0
    reasons: tuple[str, ...] = ()


AnyLoader = imports.Loader | entity_imports.Loader


class Kind(NamedTuple):
    """What a file can be about: what its columns mean, how they are shown, who writes its rows."""

    columns: Columns
    masks: Masks
    loader: type[AnyLoader]


KINDS: dict[str, Kind] = {
    ImportKind.PEOPLE: Kind(import_rows.COLUMNS, import_rows.MASKS, imports.Loader),
    ImportKind.ENTITIES: Kind(entity_rows.COLUMNS, entity_rows.MASKS, entity_imports.Loader),
}


class PeopleJobs(TableJobs[PeopleImport, AnyLoader]):
    model, permission, checks = PeopleImport, PERMISSION, True
    abandons, forgets = ABANDON, FORGET

    def columns(self, job: PeopleImport) -> Columns:
        return KINDS[job.kind].columns

    def loader(self, job: PeopleImport) -> AnyLoader:
        # of all batches: what is due since then is told, also when the last one comes late
        return KINDS[job.kind].loader(job, job.started_at or clock.now())

    def enter(self, job: PeopleImport) -> None:
        access.enter(job.by, PERMISSION)

    # What is kept, sealed

    def keep(self, job: PeopleImport, file: File[bytes]) -> None:
        job.words = ImportWords(data_key=personal.new_data_key())
        job.words.save()
        sealed = personal.encrypt(key_of(job), file.read(), place_of(job))
        job.file.save(f"{uuid4()}.sealed", ContentFile(sealed), save=False)

    @contextmanager
    def table(self, job: PeopleImport) -> Iterator[Table]:
        with job.file.open("rb") as file:
            clear = personal.decrypt(key_of(job), file.read(), place_of(job))
        with table_files.reading(BytesIO(clear), job.file_name) as table:
            yield table

    def keep_sample(self, job: PeopleImport, rows: Sequence[Row]) -> None:
        job.words.sample = json.dumps([[row.line, row.cells] for row in rows])
        job.words.save(update_fields=["sample"])

    def sample(self, job: PeopleImport) -> list[tuple[int, list[str]]]:
        """The first rows, as a page may show them."""
        kept = job.words.sample
        rows = json.loads(kept.reveal() or "[]") if kept else []
        return [
            (line, import_rows.masked(KINDS[job.kind].masks, job.header, job.mapping, cells))
            for line, cells in rows
        ]

    def keep_findings(self, job: PeopleImport, loader: AnyLoader) -> None:
        found = findings_of(loader)
        job.alike += len(loader.alike)
        if found:
            text = json.dumps([vars(one) for one in found], ensure_ascii=False)
            ImportedRows(job=job, first_line=found[0].line, rows=text).save()

    def delete_findings(self, job: PeopleImport, now: datetime) -> None:
        erasure.destroy(job.findings.values_list("data_key_id", flat=True), now)
        job.findings.all().delete()

    # The way

    def begin(self, job: PeopleImport, state: ImportState, now: datetime) -> None:
        job.alike = 0
        super().begin(job, state, now)

    @transaction.atomic
    def confirm(
        self, job: PeopleImport, *, now: datetime, unseen: bool = False, holds_alike: bool = True
    ) -> PeopleImport:
        """Who looks like somebody who is registered is left out, unless it is said otherwise."""
        PeopleImport.objects.filter(pk=job.pk).update(holds_alike=holds_alike)
        return super().confirm(job, now=now, unseen=unseen)

    def ended(self, job: PeopleImport) -> None:
        super().ended(job)
        erasure.destroy([job.words.data_key_id], clock.now())


jobs = PeopleJobs()


def key_of(job: PeopleImport) -> bytes:
    key = personal.data_key_of(job.words)
    if key is None:
        raise personal.Unreadable("erased")
    return key


def place_of(job: PeopleImport) -> bytes:
    return personal.place(PeopleImport, "file", job.words.pk)


def findings_of(loader: AnyLoader) -> list[Finding]:
    """The refused rows and those that look like somebody, by line."""
    found = {row.line: Finding(row.line, row.cells, why[:400]) for row, why in loader.refused}
    for row, person, score, reasons in loader.alike:
        why = found[row.line].why if row.line in found else ""
        found[row.line] = Finding(row.line, row.cells, why, str(person), score, reasons)
    return [found[line] for line in sorted(found)]


def findings(job: PeopleImport) -> Iterator[Finding]:
    """What the last time through the rows came to; the masked text is for pages, what is clear
    for `hand_out`."""
    for batch in job.findings.select_related("data_key").order_by("first_line", "pk"):
        for one in json.loads((batch.rows.reveal() if batch.rows else "") or "[]"):
            yield Finding(**one)


def hand_out(job: PeopleImport, *, by: User, now: datetime) -> list[Finding]:
    """The refused rows in clear, the look written down."""
    found = [one for one in findings(job) if one.why]
    record_look(
        by,
        model=MODEL,
        object_id=job.pk,
        columns=sorted(job.mapping),
        reason=_t("下载导入 %(number)s 中未导入的行") % {"number": job.number},
        now=now,
    )
    return found


timers.handler(ABANDON, _("删除没有完成的人口导入"))(jobs.abandon_due)
timers.handler(FORGET, _("删除人口导入中未导入的行"))(jobs.forget_due)
