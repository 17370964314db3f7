"""A historical import: rows of a foreign file become cases through the verbs, at their own times.

A row is known again by its number (`Submission`), so that a file can be loaded twice. A file tells
when a request was opened and closed and no more: the case is with its department from the opening
on and makes the other moves at the closing. The promise is the file's target, never the item's
limit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _t

from cases import deadlines, intake, items, workflow
from cases.errors import NotAllowed
from cases.given import Given
from cases.import_mapping import Meaning
from cases.import_rows import BadRow, Request, Row, Table, request_of
from cases.intake import Report
from cases.models import Case, Source, Submission
from cases.moves import Action

BATCH = 250  # rows a transaction
REFUSALS = (BadRow, NotAllowed, DataError, IntegrityError)


@dataclass
class Counts:
    rows: int = 0
    new: int = 0
    known: int = 0
    refused: int = 0
    on_time_equal: int = 0
    on_time_different: int = 0

    @property
    def cases(self) -> int:
        return self.new + self.known


class Known(NamedTuple):
    """A row that is a case: what it said (`digest`), and what the case answers."""

    digest: str
    promise_due_at: datetime | None
    first_closed_at: datetime | None


class Loader:
    """Loads a table; no more than a batch of it is held at a time."""

    def __init__(
        self, table: Table, meaning: Meaning, *, now: datetime, refuse: Callable[[Row, str], None]
    ) -> None:
        self.table, self.meaning, self.refuse = table, meaning, refuse
        self.now, self.as_of = now, meaning.as_of or now
        self.counts = Counts()

    def run(self) -> Iterator[Counts]:
        """Load everything; the counts so far after each batch."""
        rows = iter(self.table)
        while batch := list(islice(rows, BATCH)):
            self.load(batch)
            yield self.counts

    @transaction.atomic
    def load(self, rows: list[Row]) -> None:
        """Rows to cases; a bad one is refused with its reason and the others go on."""
        wait_for_others(self.meaning.owner)
        known = self.known(rows)
        for row in rows:
            self.counts.rows += 1
            try:
                request = request_of(self.table.texts(row), self.meaning, self.now)
                self.take_in(request, known)
            except REFUSALS as error:
                self.counts.refused += 1
                self.refuse(row, str(error).strip())

    def known(self, rows: list[Row]) -> dict[UUID, Known]:
        """What the rows of a batch have become before, in one query."""
        keys = [key_of(self.table.number(row)) for row in rows if not row.fault]
        found = Submission.objects.filter(owner=self.meaning.owner, key__in=keys)
        facts = found.values_list("key", "digest", "case__promise_due_at", "case__first_closed_at")
        return {key: Known(digest, due, closed) for key, digest, due, closed in facts}

    def take_in(self, request: Request, known: dict[UUID, Known]) -> None:
        """Make the row's case, all of it or nothing, unless it is there; compare the answers."""
        key, said = key_of(request.number), digest(request)
        if key not in known:
            with transaction.atomic():
                case = settle(open_case(request), request)
                owner = self.meaning.owner
                Submission.objects.create(key=key, owner=owner, case=case, digest=said)
            known[key] = Known(said, case.promise_due_at, case.first_closed_at)
            self.counts.new += 1
        elif known[key].digest != said:
            raise BadRow(_t("该编号已导入，时间与那时不同"))
        else:
            self.counts.known += 1
        self.compare(request, known[key])

    def compare(self, request: Request, case: Known) -> None:
        """The file's answer with the platform's, where the file has one."""
        if request.on_time is None:
            return
        answer = on_time(case.promise_due_at, case.first_closed_at, self.as_of)
        if answer == request.on_time:
            self.counts.on_time_equal += 1
        else:
            self.counts.on_time_different += 1


def key_of(number: str) -> UUID:
    return uuid5(NAMESPACE_URL, number)


def wait_for_others(owner: str) -> None:
    """Two imports of one source take turns, batch by batch: each sees what the other made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [owner])


def digest(request: Request) -> str:
    """Of the times: a row whose times have changed speaks of something that the case does not."""
    facts = (request.opened, request.target, request.closed)
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def on_time(promise: datetime | None, first_close: datetime | None, as_of: datetime) -> bool:
    """Closed no later than promised; open, not late at `as_of`; without a promise always."""
    return deadlines.kept(promise, first_close or as_of) is not False


def open_case(request: Request) -> Case:
    lon, lat = request.point or (None, None)
    report = Report(
        item_id=request.item_id,
        description=request.description,
        source=Source.IMPORT,
        place=request.place,
        lon=lon,
        lat=lat,
        promise_due_at=request.target,
        extra_words=(request.number,),
    )
    return intake.open_case(report, by=None, now=request.opened, historical=True)[0]


def settle(case: Case, request: Request) -> Case:
    """The moves that the row speaks of; an answer that it holds was given at the closing."""
    department_id = request.department_id or items.facts(case.item_id).department_id
    moves = [
        (Action.ACCEPT, request.opened, Given()),
        (Action.DISPATCH, request.opened, Given(department_id=department_id)),
    ]
    if closed := request.closed:
        done = Given(note=request.result or _t("历史导入"), outcome=request.outcome)
        moves += [
            (Action.SIGN, closed, Given()),
            (Action.FINISH, closed, done),
            (Action.VERIFY, closed, Given()),
            (Action.CLOSE, closed, Given()),
        ]
        if request.answer:
            moves.append((Action.ANSWER, closed, Given(note=request.answer)))
    return workflow.take_past(case, moves)
