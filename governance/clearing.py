"""Taking personal data out of clear columns: of the row itself, of its history, and of the files.

The history is sealed: what is taken out of it leaves a `Redaction`, by which the seals still hold.
Runs under the role `governance_retention`, which alone may write these columns of the history.

PostgreSQL leaves the bytes of a cleared text on its page until that is written anew, and in the
journal until that is reused: `VACUUM FULL` of the table, in a quiet hour, is for who must be sure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

import pgtrigger
from django.apps import apps
from django.core.files.storage import Storage
from django.db import connection, models, transaction
from django.db.models import Case, CharField, EmailField, FileField, JSONField, Q, Value, When
from django.db.models.functions import Cast, Concat

from governance import seals
from governance.history import HistoryRow

GONE = "—"  # where a text was: some columns may not be empty
# Where a row was pointed to, in a history: nobody's.
NOBODY = {"UUIDField": UUID(int=0), "BigAutoField": 0}
FORMER = "former-"


def former(key: str) -> Any:
    """A user name that is still one of its own."""
    return Concat(Value(FORMER), Cast(key, CharField()))


# Column → what it becomes, given the name of the object's key; the others by their type.
OWN: dict[str, tuple[Callable[[str], Any], Q]] = {
    "governance.User.username": (former, ~Q(username__startswith=FORMER)),
    # no password has this hash
    "governance.User.password": (lambda _key: Value("!"), ~Q(("password", "!"))),
}


def blank(label: str, field: models.Field[Any, Any], key: str) -> Any:
    """What a column becomes."""
    if label in OWN:
        return OWN[label][0](key)
    if field.null:
        return None
    if isinstance(field, JSONField):
        return Value(field.get_default(), output_field=JSONField())
    if field.is_relation:
        return Value(nobody(field))
    if isinstance(field, FileField | EmailField):
        return Value("")
    return Case(When(**{field.name: ""}, then=Value("")), default=Value(GONE))


def nobody(field: models.Field[Any, Any]) -> Any:
    target: models.Field[Any, Any] = field.target_field  # type: ignore[attr-defined]
    return NOBODY[target.get_internal_type()]


def holds(label: str, field: models.Field[Any, Any]) -> Q:
    """That a column still holds something."""
    if label in OWN:
        return OWN[label][1]
    if field.null:
        return Q(**{f"{field.name}__isnull": False})
    if isinstance(field, JSONField):
        return ~Q((field.name, field.get_default()))
    if field.is_relation:
        return ~Q((field.name, nobody(field)))
    return ~Q(**{f"{field.name}__in": ["", GONE]})


def held(model: type[models.Model], columns: Iterable[str], label: str = "") -> Q:
    """That one of the columns still holds something, for a filter on the model or its history."""
    found = Q(pk__in=[])
    for name in columns:
        found |= holds(f"{label or model._meta.label}.{name}", model._meta.get_field(name))  # type: ignore[arg-type]
    return found


@lru_cache(maxsize=1)
def histories() -> dict[str, type[models.Model]]:
    """Label of a tracked model → the model of its history."""
    events = [model for model in apps.get_models() if issubclass(model, HistoryRow)]
    return {model.pgh_tracked_model._meta.label: model for model in events}  # type: ignore[attr-defined]


def in_history(model: type[models.Model], columns: Iterable[str]) -> list[str]:
    """Those of the columns that the model's history has too."""
    history = histories().get(model._meta.label)
    known = {field.name for field in history._meta.concrete_fields} if history else set()
    return [name for name in columns if name in known]


def clear(
    model: type[models.Model], keys: Sequence[Any], columns: Sequence[str], now: datetime
) -> None:
    """Clear these columns of these rows, in the history too; files go when all is committed."""
    label = model._meta.label
    rows = model._base_manager.filter(pk__in=keys)
    forget_files(model, keys, columns)
    values = {n: blank(f"{label}.{n}", model._meta.get_field(n), "pk") for n in columns}  # type: ignore[arg-type]
    if model._meta.db_table in sealed():
        rewrite(model, list(rows.values_list("pk", flat=True)), values, now)
    else:
        rows.update(**values)
    clear_history(model, keys, columns, now)


def clear_history(
    model: type[models.Model], keys: Sequence[Any], columns: Sequence[str], now: datetime
) -> None:
    """The same of what the history recorded of these rows."""
    names = in_history(model, columns)
    if not names:
        return
    history, label = histories()[model._meta.label], model._meta.label
    rows = history._base_manager.filter(pgh_obj_id__in=keys).filter(held(history, names, label))
    values = {
        n: blank(f"{label}.{n}", history._meta.get_field(n), "pgh_obj_id")  # type: ignore[arg-type]
        for n in names
    }
    rewrite(history, list(rows.values_list("pk", flat=True)), values, now)


def forget_files(model: type[models.Model], keys: Sequence[Any], columns: Iterable[str]) -> None:
    """Delete the files of these rows once the transaction is committed."""
    for name in columns:
        field = model._meta.get_field(name)
        if isinstance(field, FileField):
            rows = model._base_manager.filter(pk__in=keys).exclude(**{name: ""})
            for path in rows.values_list(name, flat=True):
                transaction.on_commit(partial(forget_file, field.storage, path))


def forget_file(storage: Storage, path: str) -> None:
    storage.delete(path)


@lru_cache(maxsize=1)
def sealed() -> dict[str, seals.Sealed]:
    return {table.table: table for table in seals.sealed_tables()}


MARK = f"""
INSERT INTO governance_redaction ("table", row_id, sealed_as, left_as, at)
SELECT %(table)s, known.key, known.digest, {seals.ROW_DIGEST}, %(now)s
FROM unnest(%(keys)s::bigint[], %(digests)s::bytea[]) AS known (key, digest)
JOIN "{{table}}" t ON t."{{key}}" = known.key
"""


def rewrite(
    model: type[models.Model], keys: list[int], values: dict[str, Any], now: datetime
) -> None:
    """Write columns of sealed rows, and what each had been sealed as."""
    if not keys:
        return
    table = sealed()[model._meta.db_table]
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT t."{table.key}", {seals.ROW_DIGEST} FROM "{table.table}" t'
            f' WHERE t."{table.key}" = ANY (%s)',
            [keys],
        )
        found = cursor.fetchall()
    with pgtrigger.ignore(*protections(model)):
        model._base_manager.filter(pk__in=keys).update(**values)
    with connection.cursor() as cursor:
        cursor.execute(
            MARK.format(table=table.table, key=table.key),
            {
                "table": table.table,
                "now": now,
                "keys": [key for key, _digest in found],
                "digests": [bytes(digest) for _key, digest in found],
            },
        )


def protections(model: type[models.Model]) -> list[str]:
    """The triggers that keep a history table from being changed by anybody else."""
    if not issubclass(model, HistoryRow):
        return []
    return [f"{model._meta.label}:{trigger.name}" for trigger in model._meta.triggers]  # type: ignore[attr-defined]
