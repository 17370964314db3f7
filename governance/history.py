"""What the database itself records of every change: one history table a model, append-only.

`@tracked` makes django-pghistory install triggers that copy each inserted, updated or deleted row
into `<Model>Event` with who acted; raw SQL and bulk updates are seen too. The application's role
may only insert there (governance/grants.py). Seals: governance/seals.py.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import pghistory
from django.db import models
from django.db.models import Func
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

M = TypeVar("M", bound=models.Model)


class TransactionId(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's 64-bit transaction id: what a seal can cover is what no open one can add to."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def get_prep_value(self, value: Any) -> Any:
        """As a text literal, which PostgreSQL reads as xid8; a number it does not take."""
        value = super().get_prep_value(value)
        return str(value) if isinstance(value, int) else value


class CurrentTransaction(Func):
    function = "pg_current_xact_id"
    output_field = TransactionId()


class HistoryRow(pghistory.models.Event):
    """The base of every history model."""

    pgh_transaction = TransactionId(
        _("事务"), db_default=CurrentTransaction(), db_index=True, editable=False
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"#{self.pgh_obj_id}"  # type: ignore[attr-defined]


class WalledRow(HistoryRow):
    """The history of a table behind the second wall: its contents are read by nobody of the
    application, and who changed which row when by the auditor alone (governance/scope.py)."""

    class Meta:
        abstract = True
        verbose_name_plural = "history rows"  # by which pghistory names the way back


APPENDED: list[type[models.Model]] = []


def append_only(model: type[M]) -> type[M]:
    """Let the application insert and read a model's rows, never change them (grants.py)."""
    APPENDED.append(model)
    return model


def tracked(
    *, exclude: tuple[str, ...] = (), quiet: tuple[str, ...] = (), walled: bool = False
) -> Callable[[type[M]], type[M]]:
    """Record each insert, update and delete of a model's rows, but the columns in `exclude`.

    A change of `quiet` columns alone writes no row: what changed them wrote one of its own.
    `walled`: the table has row-level security, and so its history has (WalledRow).
    """
    unseen = [*exclude, *quiet]

    def track(model: type[M]) -> type[M]:
        name = format_lazy("{} · {}", model._meta.verbose_name, _("历史"))
        recorded: type[M] = pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=unseen))
            if unseen
            else pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=list(exclude) or None,
            context_field=pghistory.ContextJSONField(),
            context_id_field=None,  # type: ignore[arg-type]
            model_name=f"{model.__name__}Event",
            base_model=WalledRow if walled else HistoryRow,
            meta={"verbose_name": name, "verbose_name_plural": name},
        )(model)
        return recorded

    return track
