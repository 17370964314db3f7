"""The sealed history: whoever alters it, even as the owner of the tables, is found out."""

from __future__ import annotations

from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from governance import actor, clock, seals
from governance.engines import Engines
from governance.models import AccessRecord, Seal, Unit
from tests.builders import create_unit, create_user


@pytest.fixture
def sealed(committed_db: Engines) -> Engines:
    """A history of 3 units, 1 user and 1 look, sealed in two rounds."""
    seal()  # the calendar's days and years
    with actor.acting(7, "desk"):
        district = create_unit(kind="district", name="东丽区")
        create_unit(kind="street", name="军粮城街道", parent=district)
        user = create_user()
    seal()
    create_unit(kind="street", name="无瑕街道", parent=district)
    AccessRecord.objects.create(
        user=user, at=clock.now(), model="cases.Reporter", object_id="1", reason="回访"
    )
    seal()
    return committed_db


def seal() -> int:
    """Seal all there is. `seals.seal` itself waits for the transactions of other test workers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (latest,) = cursor.fetchone()
    return seals.seal_before(latest, clock.now())


def as_owner(given: Engines, *statements: str) -> None:
    """What nobody of the application can do."""
    with psycopg.connect(given.owner_url, autocommit=True) as owner:
        for statement in statements:
            owner.execute(statement)


def verify() -> tuple[str, list[str]]:
    said, faults = StringIO(), StringIO()
    try:
        call_command("verify_history", stdout=said, stderr=faults)
    except CommandError as error:
        return str(error), faults.getvalue().splitlines()
    return said.getvalue().strip(), []


def without_triggers(table: str, statement: str) -> tuple[str, str, str]:
    return (
        f"ALTER TABLE {table} DISABLE TRIGGER USER",
        statement,
        f"ALTER TABLE {table} ENABLE TRIGGER USER",
    )


def test_an_untouched_history_holds(sealed: Engines) -> None:
    sealed_rows = sum(Seal.objects.values_list("rows", flat=True))

    said, faults = verify()

    assert sealed_rows == 580 + 8  # 3 × unit made and chained, 1 user, 1 look
    assert (said, faults) == ("seals=6 newly_sealed=0 faults=0", [])


def test_what_came_since_is_sealed_in_its_turn(sealed: Engines) -> None:
    Unit.objects.filter(name="无瑕街道").update(name="无暇街道")

    assert seal() == 1
    assert verify() == ("seals=7 newly_sealed=0 faults=0", [])


def test_an_altered_row_is_found(sealed: Engines) -> None:
    as_owner(
        sealed,
        *without_triggers(
            "governance_unitevent",
            "UPDATE governance_unitevent SET name = '改' WHERE name = '军粮城街道'",
        ),
    )

    said, faults = verify()

    assert said == "seals=6 faults=1"
    assert len(faults) == 1
    assert faults[0].endswith("(governance_unitevent): the rows differ from what was sealed")


def test_a_deleted_row_is_found(sealed: Engines) -> None:
    as_owner(sealed, "DELETE FROM governance_accessrecord")

    said, faults = verify()

    assert said == "seals=6 faults=1"
    assert faults[0].endswith("(governance_accessrecord): 1 rows were sealed, 0 are there")


def test_a_row_slipped_in_is_found(sealed: Engines) -> None:
    as_owner(
        sealed,
        "INSERT INTO governance_accessrecord"
        " (user_id, at, model, object_id, columns, reason, transaction)"
        " SELECT user_id, at, model, '2', columns, reason, transaction"
        " FROM governance_accessrecord",
    )

    assert verify()[1][0].endswith("(governance_accessrecord): 1 rows were sealed, 2 are there")


def test_a_seal_made_to_fit_breaks_the_chain(sealed: Engines) -> None:
    first = Seal.objects.earliest("pk")
    as_owner(sealed, f"UPDATE governance_seal SET digest = sha256('') WHERE id = {first.pk}")

    said, faults = verify()

    assert said == "seals=6 faults=2"
    assert faults[1].endswith(": the chain is broken here")


def test_a_seal_taken_out_breaks_the_chain(sealed: Engines) -> None:
    second = Seal.objects.order_by("pk")[3]
    as_owner(sealed, f"DELETE FROM governance_seal WHERE id = {second.pk}")

    said, faults = verify()

    # How many seals there are depends on what other tests' transactions let be sealed.
    assert said.endswith(" faults=1")
    assert faults[0].endswith(": the chain is broken here")


def test_an_open_transaction_is_not_sealed_over(committed_db: Engines) -> None:
    seal()
    with psycopg.connect(committed_db.app_url) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        create_unit(kind="district", name="东丽区")

        assert seals.seal(clock.now()) == 0

    assert seal() == 2


def test_a_table_no_longer_sealed_is_said(sealed: Engines) -> None:
    first = Seal.objects.earliest("pk")
    as_owner(sealed, f"UPDATE governance_seal SET \"table\" = 'gone' WHERE id = {first.pk}")

    _said, faults = verify()

    assert faults[0] == f"seal {first.pk} (gone): the table is no longer among those sealed"
