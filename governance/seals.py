"""Sealing the history: a hash chain over the finished transactions of every append-only table.

A seal covers the rows of one table with `after` <= transaction < `before`, where `before` is the
oldest transaction still open, so that no row can arrive later inside a sealed range. Links:
chain = SHA-256(previous chain ‖ table ‖ range ‖ rows ‖ digest of the rows as JSON without nulls).
Columns added later read as null and so do not break old seals. Where personal data was erased out
of a sealed row, the row counts as what it had been sealed as, while it is what the erasure left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import connection, models, transaction

from governance import scope
from governance.history import HistoryRow
from governance.models import AccessRecord, ErasureCertificate, Redaction, Seal, SignIn

START = bytes(32)
# Beside the history tables.
RECORDS = (AccessRecord, SignIn, ErasureCertificate, Redaction)
# Row by row: the rows of a big import in one piece would pass what a value can hold (1 GB).
ROW_DIGEST = "sha256(convert_to(jsonb_strip_nulls(to_jsonb(t))::text, 'UTF8'))"
# Of each row that something was erased out of: as it had been at first, and as it was left at last;
# not where it was changed between two erasures.
ERASED = (
    "SELECT row_id, (array_agg(sealed_as ORDER BY id))[1] AS sealed_as,"
    " (array_agg(left_as ORDER BY id DESC))[1] AS left_as FROM ("
    "SELECT *, lag(left_as) OVER (PARTITION BY row_id ORDER BY id) AS earlier"
    ' FROM governance_redaction WHERE "table" = %s) one'
    " GROUP BY row_id HAVING bool_and(earlier IS NULL OR earlier = sealed_as)"
)


@dataclass(frozen=True)
class Sealed:
    """A table that is sealed, with its key and transaction columns."""

    table: str
    key: str
    column: str


def sealed_tables() -> list[Sealed]:
    """Every history table and the records: also the list of what may only be appended to."""
    events = [model for model in apps.get_models() if issubclass(model, HistoryRow)]
    tables = [Sealed(m._meta.db_table, "pgh_id", "pgh_transaction") for m in events]
    records = [Sealed(m._meta.db_table, "id", "transaction") for m in RECORDS]
    return [*tables, *records]


def append_only_models() -> list[type[models.Model]]:
    """Models whose rows the application may insert and read, never change."""
    events = [model for model in apps.get_models() if issubclass(model, HistoryRow)]
    return [*events, *RECORDS, Seal]


def seal(now: datetime) -> int:
    """Seal what finished transactions wrote since the last seals; returns the rows sealed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('governance.seal'))")
        if not cursor.fetchone()[0]:  # another worker is at it
            return 0
        # of the whole server: a long transaction in any of its databases delays the sealing
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return seal_before(cursor.fetchone()[0], now)


def seal_before(before: int, now: datetime) -> int:
    """Seal the rows of transactions before this one, none of which may be open any more."""
    return sum(_seal_table(table, before, now) for table in sealed_tables())


def _seal_table(table: Sealed, before: int, now: datetime) -> int:
    last = Seal.objects.filter(table=table.table).order_by("-id").values_list("before", flat=True)
    after = int(last.first() or 0)
    rows, digest = digest_of(table, after, before)
    if not rows:
        return 0
    previous = Seal.objects.order_by("-id").values_list("chain", flat=True).first()
    Seal.objects.create(
        table=table.table,
        after=after,
        before=before,
        rows=rows,
        digest=digest,
        chain=link(bytes(previous or START), table.table, after, before, rows, digest),
        sealed_at=now,
    )
    return rows


def digest_of(table: Sealed, after: int, before: int) -> tuple[int, bytes]:
    """How many rows of these transactions the table holds, and their digest."""
    with transaction.atomic(), scope.system(scope.AUDIT), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sha256(COALESCE(string_agg("
            "CASE WHEN erased.left_as = found.digest THEN erased.sealed_as ELSE found.digest END,"
            " ''::bytea ORDER BY found.key), ''::bytea))"
            f' FROM (SELECT t."{table.key}" AS key, {ROW_DIGEST} AS digest FROM "{table.table}" t'
            f' WHERE t."{table.column}" >= %s::text::xid8'
            f' AND t."{table.column}" < %s::text::xid8) found'
            f" LEFT JOIN ({ERASED}) erased ON erased.row_id = found.key",
            [after, before, table.table],
        )
        rows, digest = cursor.fetchone()
    return rows, bytes(digest)


def link(previous: bytes, table: str, after: int, before: int, rows: int, digest: bytes) -> bytes:
    said = f"{table}:{after}:{before}:{rows}:".encode()
    return hashlib.sha256(previous + said + digest).digest()


def faults() -> Iterator[str]:
    """A sentence for every seal that does not hold; nothing when the history is whole."""
    tables = {table.table: table for table in sealed_tables()}
    previous = START
    for row in Seal.objects.order_by("id").iterator():
        if fault := _fault(row, tables.get(row.table)):
            yield f"seal {row.pk} ({row.table}): {fault}"
        chain = link(
            previous, row.table, int(row.after), int(row.before), row.rows, bytes(row.digest)
        )
        if chain != bytes(row.chain):
            yield f"seal {row.pk} ({row.table}): the chain is broken here"
        previous = bytes(row.chain)


def _fault(seal: Seal, table: Sealed | None) -> str:
    if table is None:
        return "the table is no longer among those sealed"
    rows, digest = digest_of(table, int(seal.after), int(seal.before))
    if rows != seal.rows:
        return f"{seal.rows} rows were sealed, {rows} are there"
    return "" if digest == bytes(seal.digest) else "the rows differ from what was sealed"
