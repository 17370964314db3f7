"""How the demo's tables come into the registers: as somebody brings them on the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.files.base import ContentFile

from governance import actor
from governance.models import ImportState, TableJob
from governance.table_jobs import TableJobs

if TYPE_CHECKING:
    from governance.models import User

J = TypeVar("J", bound=TableJob)
Cells = Sequence[object]


def load(
    jobs: TableJobs[J, Any],
    by: User,
    name: str,
    rows: tuple[Cells, Iterable[Cells]],
    *,
    kind: str,
    now: datetime,
    tell: Callable[[int], object],
    **confirmed: Any,
) -> None:
    """Uploaded, read, confirmed and loaded; tells after each batch how many rows are in."""
    head, lines = rows
    table = io.StringIO()
    csv.writer(table).writerows([head, *lines])
    file = ContentFile(table.getvalue().encode(), name)
    with actor.acting(by.pk, "import"):
        job = jobs.start(by, file, kind=kind, now=now)
        jobs.read(job.pk)
        job.refresh_from_db()
        jobs.confirm(job, now=now, **confirmed)
        for _job, done, batch in jobs.batches(job.pk):
            more = jobs.load_batch(job.pk, batch, done)
            if batch:
                tell(done + len(batch))
            if not more:
                break
    job.refresh_from_db()
    assert (job.state, job.refused) == (ImportState.DONE, 0), job.error
