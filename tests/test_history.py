"""What the database records of changes, and that nobody of the application can alter it."""

import pytest
from django.db import ProgrammingError, connection, transaction

from governance import actor, clock, units
from governance.models import Unit


@pytest.fixture
def district(db: None) -> Unit:
    with actor.acting(7, "desk"):
        return units.create(kind="district", name="东丽区", parent=None, valid_from=clock.today())


def history(unit: Unit) -> list[tuple[str, object]]:
    rows = Unit.pgh_event_model.objects  # type: ignore[attr-defined]
    events = rows.filter(pgh_obj_id=unit.pk)
    return list(events.order_by("pgh_id").values_list("name", "pgh_context"))


def test_a_change_is_recorded_with_who_and_where_from(district: Unit) -> None:
    with actor.acting(8, "admin"):
        Unit.objects.filter(pk=district.pk).update(name="东丽新区")

    assert history(district)[-1] == ("东丽新区", {"user": 8, "source": "admin"})


def test_raw_sql_is_recorded_too(district: Unit) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE governance_unit SET name = '改' WHERE id = %s", [district.pk])

    assert history(district)[-1][0] == "改"


def test_no_trigger_has_to_catch_an_error_for_each_row(district: Unit) -> None:
    """Each would open a part of the transaction of its own, and roll it back."""
    with actor.acting(8, "admin"), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('pgtrigger.ignore')::text[]")
        assert cursor.fetchone() == ([],)


def test_nobody_s_list_takes_two_processors(db: None) -> None:
    with actor.acting(8, "desk"), connection.cursor() as cursor:
        cursor.execute("SHOW max_parallel_workers_per_gather")
        assert cursor.fetchone() == ("0",)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE governance_unitevent SET name = 'x'",
        "DELETE FROM governance_unitevent",
        "TRUNCATE governance_unitevent",
        "UPDATE governance_accessrecord SET reason = 'x'",
        "DELETE FROM governance_seal",
        "ALTER TABLE governance_unit DISABLE TRIGGER ALL",
        "CREATE TABLE mine (id int)",
    ],
)
def test_the_application_cannot_alter_history(district: Unit, statement: str) -> None:
    refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
