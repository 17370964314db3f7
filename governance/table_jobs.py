"""The way of a file of rows into a register: uploaded, read, looked at, confirmed, then loaded by
a worker.

A batch is a transaction with the counters of how far it is, so that a worker that is killed goes
on where it was. What the rows are, and where file and refused rows are kept, the rooms say: see
grids/place_import.py and people/import_jobs.py. The file goes with the last row, or a week after
nobody confirmed; the refused rows a week after the end.
"""

from __future__ import annotations

import logging
import re
import time
import traceback
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from django.core.files.base import File
from django.db import DataError, IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from governance import actor, clock, permissions, scope, table_files, timers
from governance.models import WAITING, ImportState, Post, TableJob, Timer
from governance.table_files import BadFile, Row, Table

if TYPE_CHECKING:
    from governance.models import User

log = logging.getLogger(__name__)
MAX_BYTES = 30 * 1024 * 1024
BATCH = 1000
SAMPLE = 10
KEPT = timedelta(days=7)
PATIENCE = 200.0  # seconds of a worker's task, which is ended at 300
S = ImportState
J = TypeVar("J", bound=TableJob)
L = TypeVar("L", bound="Loader")


class NotAllowed(Exception):
    """The post does not give it, or the job is elsewhere on its way."""


class BadRow(Exception):
    """Why this row cannot be taken."""


class Column(NamedTuple):
    """A thing that a row can say: its label, and what headers call it."""

    label: str | Promise
    called: tuple[str, ...]
    needed: bool = False


Columns = Mapping[str, Column]


def guessed(columns: Columns, header: Sequence[str]) -> dict[str, str]:
    """What → the column whose header says so; a column means one thing."""
    plain = {name.lower().strip("*（）() "): name for name in reversed(header)}
    found: dict[str, str] = {}
    for what, column in columns.items():
        for said in column.called:
            if (name := plain.get(said)) and name not in found.values():
                found[what] = name
                break
    return found


# What stands in a row and in no header: a number, a day, the digits of a document or a phone.
DATA = re.compile(
    r"[-+]?[0-9.,]+%?|[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?|.*[0-9]{7}.*"
    r"|.*1[3-9][0-9][- ][0-9]{4}[- ][0-9]{4}.*"
)
FEW = 4  # columns; of more, one that is recognised may be chance


def check_header(columns: Columns, header: Sequence[str]) -> None:
    """Raises BadFile, which quotes nothing, where the first row is no header: it would be kept in
    clear, and shown."""
    for at, name in enumerate(header, start=1):
        if DATA.fullmatch(unicodedata.normalize("NFKC", name)):
            said = _t("第一行须是表头，第 %(at)d 列却像数据（号码、日期或数字）。") % {"at": at}
            raise BadFile(said)
    if len(guessed(columns, header)) < (2 if len(header) > FEW else 1):
        names = _t("、").join(column.called[0] for column in columns.values())
        said = _t("第一行须是表头，其中没有认出列名。列名可以是：%(names)s")
        raise BadFile(said % {"names": names})


def choice(label: str | Promise, said: str, choices: Any, others: Mapping[str, str]) -> str:
    """The value that a text names, "" for none. Raises BadRow."""
    if not said:
        return ""
    found = labelled(choices, get_language()).get(said) or others.get(said)
    if found is None:
        raise BadRow(_t("%(label)s没有“%(value)s”") % {"label": label, "value": said})
    return str(found)


@cache
def labelled(choices: Any, language: str | None) -> dict[str, str]:
    """Label and value → value; asked for every row."""
    return {str(c.label): c.value for c in choices} | {c.value: c.value for c in choices}


class Loader(ABC):
    """Writes rows of one job: a few statements a batch, however many rows."""

    def __init__(self, job: TableJob) -> None:
        self.by = job.by
        self.at = {job.header.index(name): what for what, name in job.mapping.items()}
        self.made = self.changed = 0
        self.refused: list[tuple[Row, str]] = []

    @abstractmethod
    def load(self, batch: Sequence[Row]) -> None: ...

    def said(self, row: Row) -> dict[str, str]:
        """What the row says, by what its columns mean."""
        return {what: row.cells[at] for at, what in self.at.items()}


class TableJobs(ABC, Generic[J, L]):
    """The jobs of one model."""

    model: type[J]
    permission: str
    # The kinds of the timers: what nobody confirmed, and what was refused, goes after a week.
    abandons: str
    forgets: str
    # Whether every row is tried, and nothing written, before somebody confirms.
    checks = False

    # What a room says -------------------------------------------------------------------------

    @abstractmethod
    def columns(self, job: J) -> Columns: ...

    @abstractmethod
    def loader(self, job: J) -> L: ...

    @abstractmethod
    def keep_sample(self, job: J, rows: Sequence[Row]) -> None:
        """The first rows, for the page; the job is saved after."""

    @abstractmethod
    def keep_findings(self, job: J, loader: L) -> None:
        """What a batch came to beside its counts: the refused rows with their reasons."""

    @abstractmethod
    def delete_findings(self, job: J, now: datetime) -> None: ...

    def enter(self, job: J) -> None:
        """What each transaction of the job begins with."""

    def missing(self, job: J) -> list[str]:
        """The labels of what a file must say and this mapping does not."""
        columns = self.columns(job).items()
        return [str(c.label) for what, c in columns if c.needed and what not in job.mapping]

    def keep(self, job: J, file: File[bytes]) -> None:
        suffix = job.file_name.rsplit(".", 1)[-1].lower()
        job.file.save(f"{self.model._meta.model_name}.{suffix}", file, save=False)

    @contextmanager
    def table(self, job: J) -> Iterator[Table]:
        """The rows of the kept file. Raises BadFile."""
        with job.file.open("rb") as file, table_files.reading(file, job.file_name) as table:
            yield table

    def ended(self, job: J) -> None:
        """Done or failed: the rows are in the register, the refused ones beside the job."""
        name, storage = job.file.name, job.file.storage
        self.model._base_manager.filter(pk=job.pk).update(file="")
        if name:
            transaction.on_commit(lambda: storage.delete(name))
        timers.start(self.forgets, job.pk, clock.now() + KEPT)

    def rows(self) -> QuerySet[J]:
        return self.model._base_manager.select_related("by")

    def of(self, user: User) -> QuerySet[J]:
        """The user's own jobs, as long as a post gives it at the unit where one gave it when they
        began: who has moved reads no more of what was there."""
        here = {post.unit_id for post in permissions.posts_with(user, self.permission)}
        then = Post.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=OuterRef("created_at__date")),
            user=user.pk,
            unit__in=here,
            role__in=permissions.TABLE[self.permission].roles,
            valid_from__lte=OuterRef("created_at__date"),
        )
        return self.rows().filter(Exists(then), by=user.pk)

    # The way ----------------------------------------------------------------------------------

    @transaction.atomic
    def start(self, user: User, file: File[bytes], *, now: datetime, **fields: Any) -> J:
        """Keep the file; the worker reads it next. Raises NotAllowed."""
        if not permissions.may(user, self.permission):
            raise NotAllowed(_t("您的岗位不能批量导入。"))
        name = (file.name or "").rsplit("/", 1)[-1][-200:]
        if not name.lower().endswith((".csv", ".xlsx")):
            raise NotAllowed(_t("请上传 CSV 或 XLSX 文件。"))
        if file.size > MAX_BYTES:
            raise NotAllowed(_t("文件超过 30 MB，请分成几个文件。"))
        job = self.model(by=user, file_name=name, created_at=now, **fields)
        self.enter(job)
        self.keep(job, file)
        job.save()
        timers.start(self.abandons, job.pk, now + KEPT)
        return job

    @transaction.atomic
    def read(self, job_id: int) -> None:
        """Header, number of rows, the first rows, and what the columns may mean."""
        job = self.locked(job_id, S.UPLOADED)
        if job is None:
            return
        try:
            with self.table(job) as table:
                first = list(islice(table.rows, SAMPLE))
                check_header(self.columns(job), table.header)
                job.header, job.total = table.header, len(first) + sum(1 for _row in table.rows)
        except BadFile as error:
            self.fail(job, str(error))
            return
        job.mapping = job.mapping or guessed(self.columns(job), job.header)
        self.keep_sample(job, first)
        job.state = S.READY
        job.save()

    @transaction.atomic
    def set_mapping(self, job: J, mapping: Mapping[str, str]) -> J:
        """What the columns mean, as somebody looked at it. Raises NotAllowed."""
        job = self.current(job, S.READY, S.CHECKED)
        known = self.columns(job)
        job.mapping = {
            what: name for what, name in mapping.items() if what in known and name in job.header
        }
        job.state = S.READY  # what was checked meant something else
        job.save(update_fields=["mapping", "state"])
        return job

    @transaction.atomic
    def check(self, job: J, *, now: datetime) -> J:
        """Let the worker try all rows and write none. Raises NotAllowed."""
        job = self.current(job, S.READY, S.CHECKED)
        self.begin(job, S.CHECKING, now)
        return job

    @transaction.atomic
    def confirm(self, job: J, *, now: datetime, unseen: bool = False) -> J:
        """Let the worker load it; `unseen`, without having tried all rows. Raises NotAllowed."""
        job = self.current(job, S.READY if unseen or not self.checks else S.CHECKED)
        self.begin(job, S.RUNNING, now)
        return job

    def begin(self, job: J, state: ImportState, now: datetime) -> None:
        """The worker goes through all rows, from the first."""
        if lacking := self.missing(job):
            raise NotAllowed(_t("请指明这些列：%(names)s") % {"names": _t("、").join(lacking)})
        self.delete_findings(job, now)
        job.state, job.started_at = state, now
        job.read = job.made = job.changed = job.same = job.refused = 0
        job.save()

    def current(self, job: J, *states: ImportState) -> J:
        """The job, locked, in one of these states. Raises NotAllowed."""
        job = self.rows().select_for_update(of=("self",)).get(pk=job.pk)
        if job.state not in states:
            raise NotAllowed(_t("导入已经开始，不能再改。"))
        self.enter(job)
        return job

    def locked(self, job_id: int, *states: ImportState, **more: Any) -> J | None:
        """The job in one of these states, locked; None when it is not so, or in another worker's
        hands."""
        rows = self.rows().select_for_update(skip_locked=True, of=("self",))
        job = rows.filter(pk=job_id, state__in=states, **more).first()
        if job is not None:
            self.enter(job)
        return job

    def fail(self, job: J, why: str) -> None:
        job.state, job.error, job.ended_at = S.FAILED, why[:400], clock.now()
        job.save(update_fields=["state", "error", "ended_at"])
        self.ended(job)

    # In the worker ----------------------------------------------------------------------------

    def run_waiting(self, *, patience: float = PATIENCE) -> int:
        """What beat knocks for: read and load what waits; returns how many jobs were in hand."""
        until = time.monotonic() + patience
        waiting = self.model._base_manager.filter(state__in=WAITING).order_by("pk")
        found = list(waiting.values_list("pk", "state", "by_id"))
        for job_id, state, user_id in found:
            with actor.acting(user_id, "import"):
                try:
                    self.read(job_id) if state == S.UPLOADED else self.load(job_id, until=until)
                except Exception as error:
                    # where, and no message: one could quote a person's row
                    where = "".join(traceback.format_tb(error.__traceback__))
                    kind = type(error).__name__
                    log.error("%s %s: %s\n%s", self.model.__name__, job_id, kind, where)
                    self.give_up(job_id)
        return len(found)

    def give_up(self, job_id: int) -> None:
        with transaction.atomic():
            job = self.rows().select_for_update(of=("self",)).get(pk=job_id)
            self.enter(job)
            said = _t("导入出错，已停在第 %(n)d 行，请联系系统管理员。") % {"n": job.read}
            self.fail(job, said)

    def load(self, job_id: int, *, until: float | None = None) -> None:
        """Go through the rows that are left, batch by batch, until done or `until` (monotonic
        seconds)."""
        for job, done, batch in self.batches(job_id):
            more = until is None or time.monotonic() < until
            if not (more and self.load_batch(job.pk, batch, done)):
                return

    def batches(self, job_id: int) -> Iterator[tuple[J, int, list[Row]]]:
        """The batches that are left, each with the number of rows before it; the last is short,
        and may be empty."""
        with transaction.atomic():
            job = self.rows().get(pk=job_id)
            if job.state not in (S.CHECKING, S.RUNNING):
                return
            self.enter(job)
            opened = ExitStack()
            table = opened.enter_context(self.table(job))
        with opened:
            done, rows = job.read, islice(table.rows, job.read, None)
            while True:
                batch = list(islice(rows, BATCH))
                yield job, done, batch
                done += len(batch)

    @transaction.atomic
    def load_batch(self, job_id: int, batch: Sequence[Row], done: int) -> bool:
        """One batch; False when it was the last, or another worker has the job in hand."""
        job = self.locked(job_id, S.CHECKING, S.RUNNING, read=done)
        if job is None:
            return False
        if batch:
            self.take_in(job, batch)
        over = len(batch) < BATCH
        if over and job.state == S.CHECKING:
            job.state = S.CHECKED
        elif over:
            job.state, job.ended_at = S.DONE, clock.now()
        job.save()
        if job.state == S.DONE:
            self.ended(job)
        return not over

    def take_in(self, job: J, batch: Sequence[Row]) -> None:
        """Write a batch and count it; what cannot be is refused with its reason."""
        loader = self.loader(job)
        try:
            with transaction.atomic():
                loader.load(batch)
        except (IntegrityError, DataError):  # somebody else wrote one of these just now
            loader = self.loader(job)
            for row in batch:
                one_by_one(loader, row)
        loader.refused.sort(key=lambda one: one[0].line)
        self.keep_findings(job, loader)
        job.read += len(batch)
        job.made += loader.made
        job.changed += loader.changed
        job.same += len(batch) - loader.made - loader.changed - len(loader.refused)
        job.refused += len(loader.refused)

    # When it is over --------------------------------------------------------------------------

    def abandon_due(self, due: list[Timer], now: datetime) -> set[int]:
        """Fires the timer of what nobody confirmed."""

        def abandon(job: J) -> None:
            if job.state not in (S.DONE, S.FAILED):
                self.fail(job, _t("七日内没有完成，文件已删除。"))
                self.delete_findings(job, now)

        return self.with_free(due, abandon)

    def forget_due(self, due: list[Timer], now: datetime) -> set[int]:
        """Fires the timer of the rows that were refused."""
        return self.with_free(due, lambda job: self.delete_findings(job, now))

    def with_free(self, due: list[Timer], act: Callable[[J], None]) -> set[int]:
        """Do it with the jobs that are in nobody's hands; the timers of the others."""
        rows = self.rows().select_for_update(skip_locked=True, of=("self",))
        free = rows.in_bulk([timer.subject_id for timer in due])
        for job in free.values():
            self.enter(job)
            act(job)
        scope.enter(())  # what else this sweep does is nobody's business in these units
        return {timer.pk for timer in due if timer.subject_id not in free}


def one_by_one(loader: Loader, row: Row) -> None:
    try:
        with transaction.atomic():
            loader.load([row])
    except (IntegrityError, DataError) as error:
        loader.refused.append((row, str(error).splitlines()[0]))
