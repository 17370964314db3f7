"""Erasing what is held about somebody: the row's data key is destroyed, what it was found by, what
waits to be sent and copies go with it, and a certificate without contents stays.

History and backups keep ciphertext that nobody can open. A room registers what else concerns an
object, by the label of its model:

    @erasure.handler("people.Person", touches={"people.Person": "SELECT, UPDATE (marks)"})
    def forget(order: Order) -> None: ...

All of it runs under the role `governance_retention`, past the second wall: `touches` is what that
role is granted (governance/grants.py). Handlers may be called again, for a row that is gone too.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Model, Q
from django.utils.dateparse import parse_datetime

from governance import clearing, retention, scope
from governance.models import DataKey, ErasureCertificate, PersonalRow

if TYPE_CHECKING:
    from governance.models import User


@dataclass(frozen=True)
class Order:
    """What is to be erased: columns of rows of one model, and under which policy.

    Without `columns` all that retention.toml names of the model.
    """

    label: str
    keys: tuple[Any, ...]
    policy: str
    by: User | None
    now: datetime
    columns: tuple[str, ...] = ()

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)

    def also(self, label: str, keys: Iterable[Any]) -> list[ErasureCertificate]:
        """Erase rows of another model that concern the same object."""
        found = tuple(keys)
        return carry_out(replace(self, label=label, keys=found, columns=())) if found else []


Forget = Callable[[Order], None]


@dataclass(frozen=True)
class Handler:
    forget: Forget
    touches: Mapping[str, str]


HANDLERS: dict[str, list[Handler]] = {}


def handler(label: str, *, touches: Mapping[str, str]) -> Callable[[Forget], Forget]:
    """Register what else goes when a row of this model is erased, and the rights that this takes:
    label of a model → "SELECT, UPDATE (column), DELETE"."""

    def register(forget: Forget) -> Forget:
        HANDLERS.setdefault(label, []).append(Handler(forget, touches))
        return forget

    return register


def erase(
    label: str, key: Any, *, policy: str, by: User | None, now: datetime
) -> ErasureCertificate:
    """Erase what is held about one object, wherever it is; returns its certificate.

    `policy` says by which rule, for example the number of a request. Twice is as once. Raises the
    model's DoesNotExist.
    """
    order = Order(label, (key,), policy, by, now)
    with transaction.atomic(), scope.system(scope.RETENTION):
        order.model._base_manager.only("pk").get(pk=key)
        return carry_out(order)[0]


def carry_out(order: Order) -> list[ErasureCertificate]:
    """Under the retention role: a certificate for each row that was still there to be erased; for
    one whose key was destroyed before, the certificate of that time."""
    policies = retention.policies_of(order.label)
    names = order.columns or tuple(policies)
    how = {name: policies[name]["erase"] for name in names}
    data_keys = keys_of(order)
    cleared = [name for name, erase in how.items() if erase == "clear"]
    if "destroy_key" in how.values():
        destroy(data_keys.values(), order.now)
    if cleared:
        clearing.clear(order.model, order.keys, cleared, order.now)
    # a night that clears a single column of a row leaves the rest of the object alone
    whole = len(names) == len(policies) or not {"destroy_key", "delete_row"}.isdisjoint(
        how.values()
    )
    for registered in HANDLERS.get(order.label, ()) if whole else ():
        registered.forget(order)
    if "delete_row" in how.values():
        delete(order)
    return certify(order, data_keys, sorted(names))


def keys_of(order: Order) -> dict[str, UUID]:
    """Object id → its data key, of rows that have one."""
    if not issubclass(order.model, PersonalRow):
        return {}
    rows = order.model._base_manager.filter(pk__in=order.keys)
    return {str(pk): key for pk, key in rows.values_list("pk", "data_key_id")}


def destroy(keys: Iterable[UUID], now: datetime) -> int:
    """Overwrite the wrapped keys: everything sealed with them is gone for good."""
    rows = DataKey.objects.filter(pk__in=list(keys), destroyed_at=None)
    return rows.update(wrapped=b"", destroyed_at=now)


def delete(order: Order) -> None:
    files = [field.name for field in order.model._meta.concrete_fields]
    clearing.forget_files(order.model, order.keys, files)
    rows = order.model._base_manager.filter(pk__in=order.keys)
    rows._raw_delete(rows.db)  # nothing hangs on them; the collector would ask tables not granted


def certify(
    order: Order, data_keys: Mapping[str, UUID], columns: Sequence[str]
) -> list[ErasureCertificate]:
    known = {
        row.key: row for row in ErasureCertificate.objects.filter(key__in=list(data_keys.values()))
    }
    made = [
        ErasureCertificate(
            model=order.label,
            object_id=str(key),
            key=data_keys.get(str(key)),
            columns=columns,
            policy=order.policy,
            by=order.by,
            at=order.now,
        )
        for key in order.keys
        if data_keys.get(str(key)) not in known
    ]
    ErasureCertificate.objects.bulk_create(made)
    if written := [row for row in made if row.key is not None]:
        transaction.on_commit(partial(keep_outside, written))
    return [*made, *known.values()]


# Outside the database, for the day on which it is restored from a backup ------------------------


def keep_outside(rows: Iterable[ErasureCertificate]) -> None:
    """Append the certificates of destroyed keys to settings.ERASURE_FILE. What a night clears by
    retention.toml alone is due again after a restore, and needs none."""
    lines = [json.dumps(line_of(row), ensure_ascii=False) + "\n" for row in rows]
    path = Path(settings.ERASURE_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


MEMBERS = {"certificate", "model", "object", "key", "policy", "by", "at"}


def line_of(row: ErasureCertificate) -> dict[str, Any]:
    return {
        "certificate": str(row.uuid),
        "model": row.model,
        "object": row.object_id,
        "key": str(row.key),
        "policy": row.policy,
        "by": row.by_id,
        "at": row.at.isoformat(),
    }


def in_file(path: Path) -> Iterator[dict[str, Any]]:
    """The certificates of a file; a line cut short by a crash is passed over."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict) and found.keys() >= MEMBERS:
                yield found


def complete_file() -> int:
    """Append what a crash between commit and writing left out; returns how many lines."""
    path = Path(settings.ERASURE_FILE)
    known = {line["certificate"] for line in in_file(path)} if path.exists() else set()
    rows = ErasureCertificate.objects.exclude(key=None).order_by("pk")
    missing = [row for row in rows.iterator() if str(row.uuid) not in known]
    if missing:
        keep_outside(missing)
    return len(missing)


@dataclass
class Replayed:
    """What a replay came to: keys destroyed again, and those that were destroyed or not there."""

    again: int = 0
    before: int = 0


def replay(lines: Iterable[Mapping[str, Any]]) -> Replayed:
    """After a restore: erase again what these certificates name, and put the certificates back.

    All keys first: what a certificate carries along then finds its own certificate.
    """
    found, known = Replayed(), list(lines)
    for line in known:
        with transaction.atomic(), scope.system(scope.RETENTION):
            if destroy_again(line):
                found.again += 1
            else:
                found.before += 1
    for line in known:
        with transaction.atomic(), scope.system(scope.RETENTION):
            carry_out(order_of(line))
    return found


def destroy_again(line: Mapping[str, Any]) -> bool:
    order = order_of(line)
    was_open = bool(destroy([UUID(line["key"])], order.now))
    same = Q(uuid=line["certificate"]) | Q(key=line["key"])
    if not ErasureCertificate.objects.filter(same).exists():
        user = apps.get_model(settings.AUTH_USER_MODEL)
        ErasureCertificate.objects.create(
            uuid=line["certificate"],
            model=order.label,
            object_id=line["object"],
            key=line["key"],
            columns=sorted(retention.policies_of(order.label)),
            policy=order.policy,
            # an account that is younger than the backup is gone
            by=user._base_manager.only("pk").filter(pk=line["by"]).first(),
            at=order.now,
        )
    return was_open


def order_of(line: Mapping[str, Any]) -> Order:
    at = parse_datetime(line["at"])
    assert at is not None, line
    return Order(line["model"], (line["object"],), line["policy"], None, at)


def in_database() -> Iterator[dict[str, Any]]:
    """The certificates that the restored database itself has."""
    for row in ErasureCertificate.objects.exclude(key=None).order_by("pk").iterator():
        yield line_of(row)
