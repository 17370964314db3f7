"""Erasing: nothing opens or is found any more, certificates say nothing, restores do it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from cases import papers, photos
from cases.models import Notice, PaperKind, Photo, PhotoKind, Reporter, Submission
from governance import clock, erasure, scope, seals
from governance.engines import Engines
from governance.models import DataKey, ErasureCertificate, Redaction, User
from people import access, changes, finding, registering, visits
from people.models import (
    ChangeRequest,
    Household,
    Person,
    PlanWords,
    Provenance,
    Residency,
    StepWords,
    SupportPlan,
    TeamMember,
    VisitWords,
)
from people.registering import details_of
from tests.builders import World, create_world
from tests.case_builders import MONDAY, create_case, picture
from tests.people_builders import TODAY, create_house, create_person, create_plan, number

POLICY = "DSAR-1"
Commit = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def file(settings: Any, tmp_path: Path) -> Path:
    settings.ERASURE_FILE = str(tmp_path / "outside" / "erasures.jsonl")
    return Path(settings.ERASURE_FILE)


def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def as_retention(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with transaction.atomic(), scope.system(scope.RETENTION):
        return ask(sql, *values)


def erase(label: str, key: Any, by: User | None = None) -> ErasureCertificate:
    return erasure.erase(label, key, policy=POLICY, by=by, now=MONDAY)


# A person ---------------------------------------------------------------------------------------


def test_nothing_of_an_erased_person_opens_or_is_found(world: World) -> None:
    house, papers_no = create_house(world.grid), number()
    done = create_person(world, house, name="欧阳小明", document_number=papers_no, relation="head")
    neighbour = create_person(world, house, name="李四")
    person = registering.correct(
        done.person, {"phone": "13900001111"}, version=1, by=world.clerk, now=MONDAY
    )
    request = changes.ask(
        person, "document", reason="换证", by=world.grid_worker, now=MONDAY,
        document_kind="resident_id", document_number=number(),
    )  # fmt: skip

    certificate = erase("people.Person", person.pk, world.clerk)

    access.enter(world.clerk)
    for words in ("欧阳小明", papers_no, papers_no[-4:], "13900001111", "1111"):
        assert finding.find(world.clerk, words) == [], words
    assert registering.by_document(papers_no) is None
    assert set(access.persons(world.clerk)) == {neighbour.person}
    home = Household.objects.get(house=house)
    assert (home.head, home.ended_on) == (None, None)
    with transaction.atomic(), scope.system(scope.RETENTION):
        row = Person.objects.select_related("data_key").get(pk=person.pk)
        assert not any(v for n, v in details_of(row).items() if n != "document_kind")
        assert (row.marks, row.document_index, row.erased_at) == ([], None, MONDAY)
        change = ChangeRequest.objects.select_related("data_key").get(pk=request.pk)
        assert (change.before.reveal(), change.after.reveal()) == ("", "")
        assert (change.state, change.decided_at) == ("lapsed", MONDAY)
        assert not Provenance.objects.filter(person=person.pk).exists()
    assert certificate.key is not None
    key = DataKey.objects.get(pk=certificate.key)
    assert (bytes(key.wrapped), key.destroyed_at) == (b"", MONDAY)
    # the history still has ciphertext, for which there is no key
    with transaction.atomic(), scope.system(scope.AUDIT):
        ((kept,),) = ask(
            "SELECT count(*) FROM people_personevent WHERE name IS NOT NULL AND pgh_obj_id = %s",
            person.pk,
        )[:1]
    assert kept > 1
    # and the same person may come again
    assert create_person(world, house, document_number=papers_no).is_new


def test_who_lived_alone_leaves_an_ended_household_and_who_was_merged_goes_too(
    world: World,
) -> None:
    house = create_house(world.grid)
    one = create_person(world, house)
    plain: Any = {"document_kind": "none", "document_number": "", "birth_date": "1990-01-01"}
    two = create_person(world, house, **plain)
    request = changes.ask(
        two.person, "merge", reason="同一人", by=world.grid_worker, now=MONDAY, into=one.person
    )
    changes.decide(request, granted=True, by=world.clerk, now=MONDAY)

    erase("people.Person", one.person.pk)

    objects = {(row.model, row.object_id) for row in ErasureCertificate.objects.all()}
    assert objects == {
        ("people.Person", str(one.person.pk)),
        ("people.Person", str(two.person.pk)),
        ("people.ChangeRequest", str(request.pk)),
    }
    access.enter(world.clerk)
    assert Household.objects.get(house=house).ended_on == TODAY
    residency = Residency.objects.get(person=one.person.pk)
    assert (residency.ended_on, residency.leaving) == (TODAY, "mistake")


def test_with_a_person_go_the_plans_and_what_was_said_at_their_door(world: World) -> None:
    alone, shared = create_house(world.grid), create_house(world.grid)
    one = create_person(world, alone)
    two, neighbour = create_person(world, shared), create_person(world, shared, name="李四")
    for done in (one, two):
        create_plan(world, done.person)
        visits.visit(
            done.residency.household,
            aims=["care"],
            note="腿脚不便",
            by=world.grid_worker,
            now=MONDAY,
        )
    erase("people.Person", one.person.pk)
    erase("people.Person", two.person.pk)

    with transaction.atomic(), scope.system(scope.RETENTION):
        keys = DataKey.objects.filter(destroyed_at=None)
        for model in (PlanWords, StepWords):
            assert model.objects.count() == 2, model
            assert not model.objects.filter(data_key__in=keys).exists(), model
        assert not TeamMember.objects.filter(data_key__in=keys, name__isnull=False).exists()
        assert not SupportPlan.objects.filter(ended_at=None).exists()
        (kept,) = VisitWords.objects.filter(data_key__in=keys)
        # somebody else still lives behind that door
        assert kept.visit.household_id == neighbour.residency.household_id


def test_twice_is_as_once_and_nobody_is_an_error(world: World) -> None:
    person = create_person(world).person
    first = erase("people.Person", person.pk)
    again = erasure.erase(
        "people.Person", person.pk, policy="later", by=None, now=MONDAY + timedelta(days=1)
    )

    assert again == first
    assert ErasureCertificate.objects.count() == 1
    with pytest.raises(Person.DoesNotExist):
        erase("people.Person", first.uuid)


def test_a_certificate_holds_no_contents(
    world: World, file: Path, django_capture_on_commit_callbacks: Commit
) -> None:
    papers_no = number()
    person = create_person(world, name="欧阳小明", document_number=papers_no).person
    with django_capture_on_commit_callbacks(execute=True):
        certificate = erase("people.Person", person.pk, world.clerk)

    ((row,),) = ask("SELECT to_jsonb(c)::text FROM governance_erasurecertificate c")
    for said in (row, file.read_text()):
        for clear in ("欧阳", papers_no, "13812345678", "1990-01-01"):
            assert clear not in said
        assert POLICY in said
    assert certificate.by == world.clerk
    assert file.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(file.read_text())) == {
        *("certificate", "model", "object", "key", "policy", "by", "at"),
    }


def test_what_is_erased_nearby_stays(world: World) -> None:
    gone, other = create_person(world, name="张三"), create_person(world, name="李四")
    erase("people.Person", gone.person.pk)

    assert details_of(access.person_for(world.clerk, other.person.pk))["name"] == "李四"


# Who reported, parties, applicants --------------------------------------------------------------


def test_with_who_reported_go_the_receipt_the_unsent_and_their_pictures(
    world: World, settings: Any, django_capture_on_commit_callbacks: Commit
) -> None:
    settings.SMS_URL = "http://gateway.example"
    case = create_case(
        world, state="dispatched", reporter_name="张三丰", reporter_phone="13812345678"
    )
    Submission.objects.create(key=uuid4(), owner="public", case=case, digest="x")
    theirs = photos.add(case, picture(), kind=PhotoKind.BEFORE, by=None, now=MONDAY)
    ours = photos.add(case, picture(), kind=PhotoKind.AFTER, by=world.handler, now=MONDAY)
    assert Notice.objects.filter(case=case, sent_at=None).exists()

    with django_capture_on_commit_callbacks(execute=True):
        erase("cases.Reporter", case.reporter_id)

    assert not Notice.objects.exists()
    assert not Submission.objects.exists()
    assert list(Photo.objects.all()) == [ours]
    assert not Path(theirs.file.path).exists()
    assert not Path(theirs.thumb.path).exists()
    assert Path(ours.file.path).exists()
    reporter = Reporter.objects.select_related("data_key").get()
    assert (reporter.name.reveal(), reporter.phone.reveal()) == ("", "")


def test_a_paper_goes_with_its_file(
    world: World, client: Any, django_capture_on_commit_callbacks: Commit
) -> None:
    case = create_case(world, state="handling", reporter_name="张三丰")
    paper = papers.make(case, PaperKind.ACCEPTANCE_NOTICE, by=world.clerk, now=MONDAY)
    path = Path(paper.file.path)

    with django_capture_on_commit_callbacks(execute=True):
        erase("cases.Paper", paper.pk)

    assert not path.exists()
    client.force_login(world.clerk)
    page = client.get(f"/cases/{case.number}/papers/{paper.pk}/")
    assert page.status_code == 200
    assert "张三丰" not in page.content.decode()
    assert client.get(f"/cases/{case.number}/papers/{paper.pk}/file/").status_code == 404


def test_the_words_of_a_case_go_from_the_row_the_search_and_the_history(
    committed_db: Engines,
) -> None:
    world = create_world()
    case = create_case(world, state="archived", description="王小明家门口漏水", place="3号楼")
    seal()
    erase("cases.Case", case.pk)
    seal()

    case.refresh_from_db()
    assert (case.description, case.place, case.answer) == ("—", "—", "—")
    ((search,),) = ask("SELECT search::text FROM cases_case")
    assert "漏水" not in search
    assert case.number in search
    assert ask("SELECT DISTINCT description FROM cases_caseevent") == [("—",)]
    # what was sealed still holds: each altered row says what it had been sealed as
    assert Redaction.objects.filter(table="cases_caseevent").count() > 2
    assert list(seals.faults()) == []


def test_who_alters_a_row_after_its_erasure_is_found(committed_db: Engines) -> None:
    world = create_world()
    case = create_case(world, state="archived")
    seal()
    erase("cases.Case", case.pk)
    seal()
    as_owner("ALTER TABLE cases_caseevent DISABLE TRIGGER USER")
    as_owner(
        "UPDATE cases_caseevent SET description = '另一回事'"
        " WHERE pgh_id = (SELECT min(pgh_id) FROM cases_caseevent)"
    )
    assert len(list(seals.faults())) == 1
    # also when it is erased once more
    erase("cases.Case", case.pk)
    assert len(list(seals.faults())) == 1


def seal() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (latest,) = cursor.fetchone()
    seals.seal_before(latest, clock.now())


def as_owner(sql: str, *values: Any) -> None:
    """What nobody of the application can do; also as the backup of the day before has it."""
    given = settings.DATABASES["owner"]
    with psycopg.connect(
        dbname=connection.settings_dict["NAME"], host=given["HOST"], port=given["PORT"],
        user=given["USER"], password=given["PASSWORD"], autocommit=True,
    ) as owner:  # fmt: skip
        owner.execute(sql, values)


# The role ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE people_person SET name = NULL",
        "UPDATE people_person SET version = 9",
        "DELETE FROM people_person",
        "INSERT INTO people_household (began_on, house_id) VALUES (now(), 1)",
        "UPDATE cases_case SET state = 'archived'",
        "DELETE FROM cases_transition",
        "UPDATE governance_erasurecertificate SET policy = ''",
        "DELETE FROM governance_redaction",
        "SELECT * FROM governance_message",
        "SELECT * FROM grids_house",
        "UPDATE governance_user SET is_active = true",
        "UPDATE people_personevent SET version = 9",
    ],
)
def test_the_retention_role_does_nothing_else(world: World, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_retention(statement)


def test_the_application_itself_writes_no_history(world: World) -> None:
    create_case(world)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ask("UPDATE cases_caseevent SET description = ''")


# After a restore --------------------------------------------------------------------------------


def restore(keys: dict[Any, bytes], person: Person, before: dict[str, Any]) -> None:
    """As the backup of the day before has it: the key, what it is found by, no certificate."""
    for key, wrapped in keys.items():
        DataKey.objects.filter(pk=key).update(wrapped=wrapped, destroyed_at=None)
    as_owner("DELETE FROM governance_erasurecertificate")
    as_owner(
        "UPDATE people_person SET marks = %s, document_index = %s, erased_at = NULL WHERE id = %s",
        before["marks"], bytes(before["document_index"]), person.pk,
    )  # fmt: skip
    as_owner("UPDATE people_residency SET ended_on = NULL, leaving = ''")


@pytest.mark.parametrize("source", ["file", "other file", "database"])
def test_a_restore_erases_again(
    committed_db: Engines, file: Path, source: str, tmp_path: Path
) -> None:
    world = create_world()
    with transaction.atomic():
        person = create_person(world, name="欧阳小明").person
    with transaction.atomic():
        other = create_person(world, name="李四").person
    keys = {k.pk: bytes(k.wrapped) for k in DataKey.objects.filter(pk=person.data_key_id)}
    before = {"marks": person.marks, "document_index": person.document_index}
    certificate = erase("people.Person", person.pk, world.clerk)
    arguments = []
    if source == "database":
        arguments = ["--from-database"]
        DataKey.objects.filter(pk__in=keys).update(
            wrapped=keys[person.data_key_id], destroyed_at=None
        )
    else:
        restore(keys, person, before)
        with transaction.atomic():
            found = access.person_for(world.clerk, person.pk)
            assert details_of(found)["name"] == "欧阳小明"
    if source == "other file":
        moved = tmp_path / "copied.jsonl"
        file.rename(moved)
        # a line cut short by a crash is no reason to stop
        moved.write_text(moved.read_text() + '{"certificate": "')
        arguments = [str(moved)]
    said = StringIO()

    call_command("replay_erasures", *arguments, stdout=said)

    assert said.getvalue().strip() == "erased_again=1 already_erased=0"
    with transaction.atomic():
        access.enter(world.clerk)
        assert finding.find(world.clerk, "欧阳小明") == []
        assert set(access.persons(world.clerk)) == {other}
    with transaction.atomic(), scope.system(scope.RETENTION):
        row = Person.objects.select_related("data_key").get(pk=person.pk)
        assert (details_of(row)["name"], row.marks) == ("", [])
    (kept,) = ErasureCertificate.objects.all()
    assert (kept.uuid, kept.at, kept.by) == (certificate.uuid, MONDAY, world.clerk)
    call_command("replay_erasures", *arguments, stdout=(again := StringIO()))
    assert again.getvalue().strip() == "erased_again=0 already_erased=1"


def test_without_the_file_the_command_says_so(file: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="读不出"):
        call_command("replay_erasures")
    other = tmp_path / "people.csv"
    other.write_text("name,phone\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError, match="没有清除凭证"):
        call_command("replay_erasures", str(other))


def test_by_an_account_that_the_backup_does_not_know(world: World) -> None:
    line = erasure.line_of(erase("people.Person", create_person(world).person.pk, world.clerk))
    other = create_person(world).person
    line |= {"certificate": str(uuid4()), "object": str(other.pk), "key": str(other.data_key_id)}
    found = erasure.replay([{**line, "by": 999_999}])

    assert (found.again, found.before) == (1, 0)
    assert ErasureCertificate.objects.get(key=other.data_key_id).by is None


def test_what_a_crash_left_out_of_the_file_is_put_there(world: World, file: Path) -> None:
    erase("people.Person", create_person(world).person.pk)
    erase("people.Person", create_person(world).person.pk)
    assert not file.exists()
    assert erasure.complete_file() == 2
    assert erasure.complete_file() == 0
    assert len(file.read_text().splitlines()) == 2
