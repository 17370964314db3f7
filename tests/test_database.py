"""The database's own part: rights table by table, and who is recorded as having acted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import DataError, connection, transaction
from django.test import Client
from knox.models import AuthToken

from governance import actor, clearing, clock, history, seals
from governance.history import WalledRow
from governance.models import Message, Unit, User
from tests.builders import World, create_unit, moment, shift_clock

WORK = {"SELECT", "INSERT", "UPDATE", "DELETE"}


def last_context(model: type, pk: int) -> object:
    events = model.pgh_event_model.objects.filter(pgh_obj_id=pk)  # type: ignore[attr-defined]
    return events.latest("pgh_id").pgh_context


# Rights -----------------------------------------------------------------------------------------


def test_the_application_holds_just_the_rights_it_needs_on_every_table(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, p.privilege_type FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
            " CROSS JOIN LATERAL aclexplode(c.relacl) p"
            " JOIN pg_roles r ON r.oid = p.grantee AND r.rolname = current_user"
            " WHERE c.relkind IN ('r', 'p', 'v', 'm')"
        )
        rights: dict[str, set[str]] = {}
        for table, right in cursor.fetchall():
            rights.setdefault(table, set()).add(right)
        tables = set(connection.introspection.table_names(cursor)) - {"test_clock"}
    appended = [*seals.append_only_models(), *history.APPENDED]
    append_only = {model._meta.db_table for model in appended}
    walled = {model._meta.db_table for model in appended if issubclass(model, WalledRow)}

    assert len(tables) > 40
    assert {
        "governance_unitevent",
        "governance_accessrecord",
        "governance_seal",
        "cases_transition",
    } <= append_only
    for table in tables - append_only:
        assert rights[table] == WORK, table
    for table in append_only - walled:
        assert rights[table] == {"SELECT", "INSERT"}, table
    for table in walled:  # what it may read there is a matter of columns: the next test
        assert rights[table] == {"INSERT"}, table


def test_a_table_with_a_second_wall_has_its_history_behind_one_too(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        behind = {table for (table,) in cursor.fetchall()}
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.column_privileges"
            " WHERE grantee = current_user AND privilege_type = 'SELECT'"
        )
        readable: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            readable.setdefault(table, set()).add(column)
    histories = {
        model._meta.db_table: model._meta.db_table in behind
        for label, model in clearing.histories().items()
        if apps.get_model(label)._meta.db_table in behind
    }

    assert len(histories) >= 16
    assert histories == dict.fromkeys(histories, True)
    walled = {m._meta.db_table for m in seals.append_only_models() if issubclass(m, WalledRow)}
    assert walled == set(histories)
    for table in histories:
        assert readable[table] == {
            *("pgh_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context"),
            "pgh_transaction",
        }, table


# Of the registers, what says nothing of anybody: a catalogue, and the jobs of imports, which count
# rows (what stood in their files has a wall).
OPEN = {"people_supportkind", "people_peopleimport"}


def test_every_other_table_of_the_registers_has_a_second_wall(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relrowsecurity FROM pg_class WHERE relname LIKE 'people\\_%%'"
            " AND relkind = 'r'",
        )
        walled = dict(cursor.fetchall())

    assert len(walled) > 40
    without = {table for table, behind in walled.items() if not behind}
    assert without == OPEN | {f"{table}event" for table in OPEN}


def test_the_application_owns_nothing(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE pg_get_userbyid(relowner) = current_user)"
            " FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        )
        everything, own = cursor.fetchone()

    assert everything > 100
    assert own == 0


def test_every_history_table_is_sealed() -> None:
    sealed = {table.table for table in seals.sealed_tables()}

    assert {"governance_userevent", "governance_accessrecord"} <= sealed
    assert sealed == {model._meta.db_table for model in seals.append_only_models()} - {
        "governance_seal"
    }


# Who acts ---------------------------------------------------------------------------------------


def test_outside_any_surface_nobody_is_named(db: None) -> None:
    unit = create_unit()

    assert last_context(Unit, unit.pk) is None


def test_after_a_passage_the_former_actor_is_recorded_again(db: None) -> None:
    with actor.acting(7, "desk"):
        unit = create_unit()
        with actor.acting(None, "sweep"):
            Unit.objects.filter(pk=unit.pk).update(name="经计时器")
        assert last_context(Unit, unit.pk) == {"user": None, "source": "sweep"}
        Unit.objects.filter(pk=unit.pk).update(name="又经人手")
        assert last_context(Unit, unit.pk) == {"user": 7, "source": "desk"}

    Unit.objects.filter(pk=unit.pk).update(name="无人")
    assert last_context(Unit, unit.pk) is None


def test_after_an_error_the_former_actor_is_recorded_again(db: None) -> None:
    unit = create_unit()
    with actor.acting(7, "desk"):
        with pytest.raises(ZeroDivisionError), transaction.atomic(), actor.acting(8, "import"):
            raise ZeroDivisionError
        Unit.objects.filter(pk=unit.pk).update(name="又经人手")

    assert last_context(Unit, unit.pk) == {"user": 7, "source": "desk"}


def test_an_error_of_the_database_itself_is_not_hidden(db: None) -> None:
    with pytest.raises(DataError), transaction.atomic(), actor.acting(8, "import"):
        Unit.objects.create(kind="x" * 99, name="", valid_from="2026-01-01")

    assert create_unit().pk


def test_the_desk_records_who_changed_the_password(client: Client, world: World) -> None:
    client.force_login(world.clerk)
    shift_clock(by=timedelta(minutes=1))

    client.post(
        "/password/",
        {
            "old_password": "Wangge-2026",
            "new_password1": "Xin-mima-7",
            "new_password2": "Xin-mima-7",
        },
    )

    assert last_context(User, world.clerk.pk) == {"user": world.clerk.pk, "source": "desk"}


def test_the_admin_records_who_renamed(client: Client, world: World) -> None:
    client.force_login(world.system_admin)

    answer = client.post(
        f"/admin/governance/unit/{world.grid.pk}/change/",
        {
            "name": "新名网格",
            "codes-TOTAL_FORMS": "0",
            "codes-INITIAL_FORMS": "0",
            "organisation-TOTAL_FORMS": "0",
            "organisation-INITIAL_FORMS": "0",
        },
    )

    assert answer.status_code == 302
    assert Unit.objects.get(pk=world.grid.pk).name == "新名网格"
    assert last_context(Unit, world.grid.pk) == {
        "user": world.system_admin.pk,
        "source": "admin",
    }


def test_the_api_names_the_owner_of_the_token(client: Client, world: World) -> None:
    _row, token = AuthToken.objects.create(world.clerk)
    Message.objects.create(recipient=world.clerk, kind="x", dedupe_key="x", created_at=clock.now())
    seen: list[object] = []

    def note(execute: object, sql: str, params: object, many: object, context: object) -> object:
        if "UPDATE" in sql or "governance_message" in sql:
            seen.append(actor.current())
        return execute(sql, params, many, context)  # type: ignore[operator]

    with connection.execute_wrapper(note):
        client.get("/api/v1/messages/", headers={"authorization": f"Token {token}"})

    assert seen == [{"user": world.clerk.pk, "source": "api"}]


def test_a_session_that_was_ended_names_nobody(client: Client, world: World) -> None:
    client.force_login(world.clerk)
    User.objects.filter(pk=world.clerk.pk).update(password="changed elsewhere")
    seen: list[object] = []

    def note(execute: object, sql: str, params: object, many: object, context: object) -> object:
        seen.append(actor.current())
        return execute(sql, params, many, context)  # type: ignore[operator]

    with connection.execute_wrapper(note):
        client.get("/readyz")

    assert {"user": None, "source": "desk"} in seen
    assert {"user": world.clerk.pk, "source": "desk"} not in seen


# Time -------------------------------------------------------------------------------------------


def test_the_time_of_a_transaction_stands_still(db: None) -> None:
    shift_clock(to=moment("2026-06-01 12:00"))
    with actor.acting(None, "test"):
        before = clock.now()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.01)")

        assert clock.now() == before == moment("2026-06-01 12:00")


def test_today_is_that_of_the_deployment(db: None) -> None:
    shift_clock(to=moment("2026-06-01 00:30"))  # in London it is still 31 May

    assert clock.today().isoformat() == "2026-06-01"
