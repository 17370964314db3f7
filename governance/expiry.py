"""The nightly job of retention.toml: what has been kept long enough is counted, or erased.

In batches, each one transaction under the role `governance_retention`; a rule that fails is logged
and stops no other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from governance import clearing, erasure, retention, scope
from governance.erasure import Order
from governance.models import Heartbeat

log = logging.getLogger(__name__)

BATCH = 200
ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(hashtext('governance.expiry'))"


@dataclass(frozen=True)
class Rule:
    """Columns of one model that are due together and erased in the same way."""

    label: str
    event: str
    keep: str
    erase: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.label} ({', '.join(self.columns)}) {self.keep} after {self.event}"

    @property
    def policy(self) -> str:
        """As a certificate has it."""
        return f"retention.toml: {self.keep} after {self.event}"[:120]

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)


@dataclass(frozen=True)
class Line:
    """How many rows one rule is about, or erased."""

    rule: Rule
    rows: int
    failed: bool = False


def rules() -> list[Rule]:
    """The policies of retention.toml, those of one model that are alike in one."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for label, policy in retention.policies().items():
        model, _dot, column = label.rpartition(".")
        key = (model, policy["event"], policy["keep"], policy["erase"])
        found.setdefault(key, []).append(column)
    return [Rule(*key, tuple(columns)) for key, columns in found.items()]


def due(rule: Rule, now: datetime) -> QuerySet[Any]:
    """The rows that have been kept long enough and still hold something."""
    before = retention.kept_since(rule.keep, now)
    rows = retention.EVENTS[rule.event].rows(rule.model, before)
    if rule.erase == "destroy_key":
        return rows.filter(data_key__destroyed_at=None)
    if rule.erase == "clear":
        return rows.filter(clearing.held(rule.model, rule.columns))
    return rows


def preview(now: datetime) -> list[Line]:
    """How many rows of each rule the job would erase."""
    return each(lambda rule: count(rule, now))


def run(now: datetime) -> list[Line]:
    """Erase what is due; returns how many rows of each rule."""
    found = each(lambda rule: expire(rule, now))
    erasure.complete_file()
    Heartbeat.objects.update_or_create(name="retention", defaults={"at": now})
    return found


def each(work: Callable[[Rule], int]) -> list[Line]:
    found = []
    for rule in rules():
        try:
            found.append(Line(rule, work(rule)))
        except Exception:
            log.exception("retention failed: %s", rule)
            found.append(Line(rule, 0, failed=True))
    return found


def count(rule: Rule, now: datetime) -> int:
    with transaction.atomic(), scope.system(scope.RETENTION):
        return due(rule, now).order_by().count()


def expire(rule: Rule, now: datetime) -> int:
    """By ascending key, so that a row that would stay due is not met twice in a night."""
    done, last = 0, None
    while keys := expire_batch(rule, last, now):
        done, last = done + len(keys), keys[-1]
    return done


@transaction.atomic
def expire_batch(rule: Rule, last: Any, now: datetime) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
        if not cursor.fetchone()[0]:  # another worker is at it
            return ()
    with scope.system(scope.RETENTION):
        rows = due(rule, now).order_by("pk")
        if last is not None:
            rows = rows.filter(pk__gt=last)
        keys = tuple(rows.values_list("pk", flat=True)[:BATCH])
        if keys:
            erasure.carry_out(Order(rule.label, keys, rule.policy, None, now, rule.columns))
    return keys
