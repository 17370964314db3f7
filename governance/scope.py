"""The second wall: for which units the open transaction may see register rows.

PostgreSQL's row-level security reads it from settings of the transaction (`app_units()`,
`app_user()`), which end with it: without them there is nothing to be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection

UNITS, USER, AUDIT_PAGE = "app.units", "app.user", "app.audit_page"
# Roles without a log-in that system work takes on: each sees only the tables granted to it.
SWEEP, RETENTION, AUDIT = "governance_sweep", "governance_retention", "governance_audit"


def enter(unit_ids: Iterable[int], user_id: int | None = None) -> None:
    """From now on the open transaction sees the register rows of these units, and those that are
    this user's by name.

    Outside a transaction the setting would end with the statement: then this is an error.
    """
    assert connection.in_atomic_block, "row-level security speaks of a transaction"
    with connection.cursor() as cursor:
        text = "{" + ",".join(map(str, sorted(set(unit_ids)))) + "}"
        cursor.execute(
            "SELECT set_config(%s, %s, true), set_config(%s, %s, true)",
            [UNITS, text, USER, str(user_id or "")],
        )


def open_history() -> None:
    """From now on the open transaction sees that rows of the registers were changed, when and by
    whom: for the auditor's pages. What was in them it does not see (governance/grants.py)."""
    assert connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [AUDIT_PAGE])


@contextmanager
def system(role: str) -> Iterator[None]:
    """Within the block the open transaction acts as a named system role."""
    assert connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(role)}")
    yield
    # after an error the transaction is rolled back, and the role with it
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
