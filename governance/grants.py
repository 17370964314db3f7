"""What the database roles may do. The application: everything but alter tables and history, and of
the history of the registers only that there is some. The role of the retention job: what
retention.toml and the handlers of erasures name, and no more. The role that seals: to read that.

Applied by `migrate` each time, as the owner, so that a new table is never forgotten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import connections, models

from governance import clearing, erasure, retention, scope
from governance.history import APPENDED, WalledRow
from governance.models import (
    DataKey,
    ErasureCertificate,
    PersonalRow,
    Redaction,
    ReferenceVersion,
    User,
)
from governance.seals import append_only_models, sealed_tables

Rights = dict[str, set[str]]
# Who changed which row when: all that is read of a history behind the second wall.
DEED = "pgh_id, pgh_created_at, pgh_label, pgh_obj_id, pgh_context, pgh_transaction"


def apply(alias: str) -> None:
    """Grant the roles their rights on every table; no-op with a single role."""
    role = settings.DATABASES["default"]["USER"]
    connection = connections[alias]
    if not role or role == connection.settings_dict["USER"]:
        return
    name = connection.ops.quote_name(role)
    append_only = {model._meta.db_table for model in [*append_only_models(), *APPENDED]}
    walled = {
        model._meta.db_table for model in append_only_models() if issubclass(model, WalledRow)
    }
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {name}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for table in connection.introspection.table_names(cursor):
            quoted = connection.ops.quote_name(table)
            others = f"{scope.RETENTION}, {scope.AUDIT}"
            cursor.execute(f"REVOKE ALL ON {quoted} FROM {name}, {others}")
            rights = "SELECT, INSERT" if table in append_only else "SELECT, INSERT, UPDATE, DELETE"
            if table in walled:
                rights = f"SELECT ({DEED}), INSERT"
            cursor.execute(f"GRANT {rights} ON {quoted} TO {name}")
        for sealed in sealed_tables():
            quoted = connection.ops.quote_name(sealed.table)
            cursor.execute(f"GRANT SELECT ON {quoted} TO {scope.AUDIT}")
        for table, needed in of_retention().items():
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"GRANT {', '.join(sorted(needed))} ON {quoted} TO {scope.RETENTION}")


def of_retention() -> Rights:
    """Table → what the retention role needs there."""
    found: Rights = defaultdict(set)
    for model, right in [*always(), *by_policy(), *by_handler()]:
        found[model._meta.db_table].add(right)
        if right != "SELECT":  # what changes a row needs to find it
            found[model._meta.db_table].add("SELECT")
            for table in written_by_triggers(model):
                found[table] |= {"SELECT", "INSERT"}
    versions = ReferenceVersion._meta.db_table
    if versions in found:
        found[versions].add("UPDATE")
    return found


def always() -> Iterator[tuple[type[models.Model], str]]:
    yield DataKey, "UPDATE (wrapped, destroyed_at)"
    yield ErasureCertificate, "INSERT"
    yield Redaction, "INSERT"
    yield User, "SELECT"


def by_policy() -> Iterator[tuple[type[models.Model], str]]:
    for label, policy in retention.policies().items():
        owner, _dot, name = label.rpartition(".")
        model = apps.get_model(owner)
        yield model, "SELECT"
        if policy["erase"] == "delete_row":
            yield model, "DELETE"
        if policy["erase"] == "clear":
            column = model._meta.get_field(name).column
            yield model, f"UPDATE ({column})"
            if clearing.in_history(model, [name]):
                yield clearing.histories()[owner], f"UPDATE ({column})"
        if issubclass(model, PersonalRow):
            yield DataKey, "SELECT"
        known = retention.EVENTS.get(policy["event"])
        for read in known.reads if known else ():
            yield apps.get_model(read), "SELECT"


def by_handler() -> Iterator[tuple[type[models.Model], str]]:
    for handlers in erasure.HANDLERS.values():
        for registered in handlers:
            for label, rights in registered.touches.items():
                for right in split(rights):
                    yield apps.get_model(label), right


def split(rights: str) -> list[str]:
    """ "SELECT, UPDATE (one, two)" as its parts."""
    parts, depth = [""], 0
    for letter in rights:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def written_by_triggers(model: type[models.Model]) -> Iterator[str]:
    """The tables that a change of a row writes to: its history, and the versions of what is kept in
    memory. (Identity columns ask for no right on their sequence.)"""
    history = clearing.histories().get(model._meta.label)
    if history is not None:
        yield history._meta.db_table
    if any(trigger.name.startswith("version_") for trigger in getattr(model._meta, "triggers", ())):
        yield ReferenceVersion._meta.db_table
