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
from functools import partial
from itertools import islice
from uuid import NAMESPACE_URL, uuid5

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _t

from cases import deadlines, intake, items, workflow
from cases.import_mapping import Meaning
from cases.import_rows import BadRow, Request, Row, Table, request_of
from cases.intake import Report
from cases.models import Case, Source, Submission
from cases.workflow import Action, NotAllowed

BATCH = 250  # rows a transaction
CLOSING = (Action.SIGN, Action.FINISH, Action.VERIFY, Action.CLOSE)
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
        for row in rows:
            self.counts.rows += 1
            try:
                request = request_of(self.table.texts(row), self.meaning, self.now)
                case = self.case_of(request)
            except REFUSALS as error:
                self.counts.refused += 1
                self.refuse(row, str(error).strip())
            else:
                self.compare(request, case)

    def case_of(self, request: Request) -> Case:
        """The case that the row became before, else a new one; all of it or nothing."""
        key, owner = uuid5(NAMESPACE_URL, request.number), self.meaning.owner
        before = Submission.objects.filter(key=key, owner=owner).select_related("case").first()
        if before is not None and before.case is not None:
            if before.digest != digest(request):
                raise BadRow(_t("该编号已导入，时间或类别与那时不同"))
            self.counts.known += 1
            return before.case
        with transaction.atomic():
            case = settle(open_case(request), request)
            Submission.objects.create(key=key, owner=owner, case=case, digest=digest(request))
        self.counts.new += 1
        return case

    def compare(self, request: Request, case: Case) -> None:
        """The file's answer with the platform's, where the file has one."""
        if request.on_time is None:
            return
        if on_time(case.promise_due_at, case.first_closed_at, self.as_of) == request.on_time:
            self.counts.on_time_equal += 1
        else:
            self.counts.on_time_different += 1


def wait_for_others(owner: str) -> None:
    """Two imports of one source take turns, batch by batch: each sees what the other made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [owner])


def digest(request: Request) -> str:
    """Of what makes a request another one when it changes."""
    facts = (request.opened, request.target, request.closed, request.item_id)
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def on_time(promise: datetime | None, first_close: datetime | None, as_of: datetime) -> bool:
    """Closed no later than promised; if still open, not yet late at `as_of`. No promise: on time."""
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
    take = partial(workflow.take, by=None, historical=True)
    department_id = request.department_id or items.facts(case.item_id).department_id
    case = take(case, Action.ACCEPT, now=request.opened)
    case = take(case, Action.DISPATCH, now=request.opened, department_id=department_id)
    if request.closed is None:
        return case
    result = request.result or _t("历史导入")
    for action in CLOSING:
        given = {"note": result, "outcome": request.outcome} if action == Action.FINISH else {}
        case = take(case, action, now=request.closed, **given)
    if request.answer:
        case = take(case, Action.ANSWER, now=request.closed, note=request.answer)
    return case
