"""retention.toml against the columns that there are, the nightly job, and a deployment's checks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from cases import bulk_moves, papers, photos, suggestions, workflow
from cases.campaign_answers import Said as Answered
from cases.models import Answer, BulkJob, Case, PaperKind, PhotoKind, Transition
from cases.suggestions import Said
from governance import checks, clock, expiry, retention, scope, seals
from governance.engines import Engines
from governance.models import ErasureCertificate, PastPassword, Post, SignIn, User
from grids import places
from grids.models import Hazard
from people import access, changes, entities, exports, joint, registering, support, visits
from people.models import (
    EntityContact,
    Landlord,
    PlanWords,
    StepWords,
    SupportPlan,
    SupportStep,
    TeamMember,
)
from people.registering import details_of
from tests.builders import World, create_post, create_user, moment, shift_clock
from tests.campaign_builders import answer, launch, task_of
from tests.case_builders import MONDAY, WAY, create_case, move, picture, place_in
from tests.people_builders import TODAY, create_house, create_person, create_plan, number
from tests.test_entities import create_entity


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    retention.document.cache_clear()
    yield
    retention.document.cache_clear()


@pytest.fixture
def altered(settings: Any, tmp_path: Path) -> Any:
    """Check against the real file after replacing a text in it."""
    real = settings.RETENTION_FILE.read_text()

    def check(old: str, new: str) -> list[tuple[str | None, str]]:
        assert old in real
        file = tmp_path / "retention.toml"
        file.write_text(real.replace(old, new, 1))
        settings.RETENTION_FILE = file
        return [(found.id, str(found.msg)) for found in retention.check_retention()]

    return check


def test_every_personal_column_has_its_policy() -> None:
    assert retention.check_retention() == []
    assert {
        "governance.User.email",
        "governance.Post.member_name",
        "cases.Reporter.name",
        "cases.Reporter.phone",
    } <= retention.policies().keys()


def test_a_column_without_a_policy(altered: Any) -> None:
    found = altered('["governance.User.email"]', '["governance.User.mail"]')

    assert [code for code, _said in found] == ["governance.E001", "governance.E002"]
    assert found[0][1].startswith("governance.User.email holds personal data and has no policy")
    assert "governance.User.mail" in found[1][1]


def test_an_encrypted_column_without_a_policy(altered: Any) -> None:
    found = altered('["cases.Reporter.phone"]', '["cases.Reporter.fax"]')

    assert found[0][1].startswith("cases.Reporter.phone holds personal data")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('erase = "clear"', 'erase = "forget"'),
        ('keep = "3 years"', 'keep = "a while"'),
        ('keep = "3 years"', 'kept = "3 years"'),
        ('purpose = "登录与留痕"', 'purpose = ""'),
        ('from = "离任"', 'from = ""'),
    ],
)
def test_a_faulty_policy(altered: Any, old: str, new: str) -> None:
    assert [code for code, _said in altered(old, new)] == ["governance.E003"]


def test_history_rows_follow_their_model() -> None:
    assert not [label for label in retention.personal_columns() if "Event." in label]


def test_free_texts_and_files_are_asked_after_too() -> None:
    found = retention.personal_columns()
    assert {"cases.Case.description", "cases.Photo.file", "cases.Transition.note"} <= found
    assert "people.ChangeRequest.reason" in found  # short, and free all the same
    assert "cases.StandardText.text" in found - retention.policies().keys()
    assert {"people.PeopleImport.header", "grids.RefusedRow.cells", "cases.BulkJob.given"} <= found


@pytest.mark.parametrize(
    ("keep", "now", "since"),
    [
        ("0 days", "2026-03-31 10:00", "2026-03-31 10:00"),
        ("30 days", "2026-03-31 10:00", "2026-03-01 10:00"),
        ("1 months", "2026-03-31 10:00", "2026-02-28 10:00"),
        ("12 months", "2026-01-15 10:00", "2025-01-15 10:00"),
        ("1 years", "2024-02-29 10:00", "2023-02-28 10:00"),
        ("3 years", "2026-03-02 07:00", "2023-03-02 07:00"),
    ],
)
def test_how_long_something_has_been_kept(keep: str, now: str, since: str) -> None:
    assert retention.kept_since(keep, moment(now)) == moment(since)


# The job ----------------------------------------------------------------------------------------

YEAR = timedelta(days=366)


def counts(found: list[expiry.Line]) -> dict[str, int]:
    """Model and first column → how many rows, of rules that were about any."""
    assert not [line.rule for line in found if line.failed]
    return {f"{line.rule.label}.{line.rule.columns[0]}": line.rows for line in found if line.rows}


def both(now: datetime) -> dict[str, int]:
    """What the dry run says, and that the job does just that and then has nothing left to do."""
    said = counts(expiry.preview(now))
    assert counts(expiry.run(now)) == said
    assert counts(expiry.preview(now)) == {}
    return said


@pytest.fixture(autouse=True)
def outside(settings: Any, tmp_path: Path) -> None:
    settings.ERASURE_FILE = str(tmp_path / "erasures.jsonl")


def test_in_a_new_deployment_nothing_is_due(world: World) -> None:
    create_person(world)
    create_case(world, state="archived", reporter_phone="13812345678")
    assert both(MONDAY + timedelta(days=30)) == {}


def test_a_person_goes_a_year_after_they_left(world: World) -> None:
    stays, left, dead = create_person(world), create_person(world), create_person(world)
    registering.move_out(left.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    request = changes.ask(
        dead.person, "death", reason="证明", by=world.grid_worker, now=MONDAY, died_on=str(TODAY)
    )
    changes.decide(request, granted=True, by=world.clerk, now=MONDAY)

    assert both(MONDAY + timedelta(days=364)) == {}
    # the request, due on the same day, has gone with the person
    assert counts(expiry.run(MONDAY + timedelta(days=365))) == {"people.Person.name": 2}
    assert counts(expiry.preview(MONDAY + timedelta(days=365))) == {}

    certificates = ErasureCertificate.objects.filter(model="people.Person")
    assert {row.object_id for row in certificates} == {str(left.person.pk), str(dead.person.pk)}
    assert {(row.policy, row.by) for row in certificates} == {
        ("retention.toml: 1 years after people.Person.left", None)
    }
    assert set(access.persons(world.clerk)) == {stays.person}
    assert details_of(access.person_for(world.clerk, stays.person.pk))["name"] == "王小明"


def test_who_came_back_stays(world: World) -> None:
    done = create_person(world)
    registering.move_out(done.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    create_person(world, document_number=details_of(done.person)["document_number"], began_on=TODAY)
    assert both(MONDAY + 2 * YEAR) == {}


def test_a_plan_loses_its_goal_and_keeps_the_proof_of_the_consent(world: World) -> None:
    done = create_person(world)
    plan = create_plan(world, done.person)
    visits.visit(
        done.residency.household, aims=["care"], note="腿脚不便", by=world.grid_worker, now=MONDAY
    )
    assert both(MONDAY + 2 * YEAR) == {"people.VisitWords.note": 1}
    support.end(plan, "本人要求", by=world.grid_worker, now=MONDAY)

    assert both(MONDAY + YEAR) == {
        "people.PlanWords.goal": 1,
        "people.StepWords.what": 1,
        "people.SupportPlan.ending": 1,
        "people.TeamMember.name": 1,
    }
    access.enter(world.grid_worker)
    words = PlanWords.objects.select_related("data_key").get(pk=plan.words_id)
    assert words.goal is None
    assert words.agreed.reveal() == "2026-03-01 本人当面同意"
    assert both(MONDAY + 3 * YEAR) == {"people.PlanWords.agreed": 1, "people.SupportPlan.person": 1}
    assert both(MONDAY + 3 * YEAR) == {}


def test_a_plan_goes_whole_and_its_history_tells_no_more_whose_it_was(world: World) -> None:
    person = create_person(world).person
    plan, other = create_plan(world, person), create_plan(world, create_person(world).person)
    support.end(plan, "本人要求", by=world.grid_worker, now=MONDAY)

    assert counts(expiry.run(MONDAY + 3 * YEAR))["people.SupportPlan.person"] == 1

    told = (
        "SELECT DISTINCT person_id, kind_id, basis, ending FROM people_supportplanevent"
        " WHERE pgh_obj_id = %s"
    )
    with transaction.atomic(), scope.system(scope.RETENTION), connection.cursor() as cursor:
        assert SupportPlan.objects.get() == other
        assert SupportStep.objects.get().plan_id == other.pk
        assert set(TeamMember.objects.values_list("plan", flat=True)) == {other.pk}
        assert (PlanWords.objects.count(), StepWords.objects.count()) == (1, 1)
        cursor.execute(told, [plan.pk])
        kept = cursor.fetchall()
        cursor.execute(told, [other.pk])
        assert cursor.fetchall() == [(other.person_id, other.kind_id, "consent", "")]
    assert {row[:3] for row in kept} == {(UUID(int=0), 0, "—")}
    assert {row[3] for row in kept} <= {"", "—"}


def test_an_ended_plan_leaves_the_list_of_its_team(world: World) -> None:
    plan = create_plan(world, create_person(world).person)
    shift_clock(to=MONDAY)
    support.end(plan, "本人要求", by=world.grid_worker, now=MONDAY)
    assert support.visible(world.grid_worker).exists()
    shift_clock(to=MONDAY + timedelta(days=31))
    assert not support.visible(world.grid_worker).exists()


def test_whom_nobody_names_any_more_goes_at_once(world: World) -> None:
    access.enter(world.clerk)
    EntityContact.objects.create(name="赵经理")
    Landlord.objects.create(name="钱房东")
    assert both(MONDAY) == {"people.EntityContact.name": 1, "people.Landlord.name": 1}


def test_one_key_is_destroyed_at_one_time(altered: Any) -> None:
    found = altered(
        'event = "people.SupportPlan.ended"\nerase = "clear"',
        'event = "people.SupportPlan.ended"\nerase = "destroy_key"',
    )
    assert [code for code, _said in found] == ["governance.E005"]


def test_a_request_goes_a_year_after_its_decision(world: World) -> None:
    person = create_person(world).person
    given: Any = {"document_kind": "resident_id", "document_number": number()}
    request = changes.ask(
        person, "document", reason="换证", by=world.grid_worker, now=MONDAY, **given
    )
    assert both(MONDAY + 2 * YEAR) == {}
    changes.decide(request, granted=True, by=world.clerk, now=MONDAY)
    assert both(MONDAY + YEAR) == {
        "people.ChangeRequest.before": 1,
        "people.ChangeRequest.reason": 1,
    }
    request.refresh_from_db()
    assert request.reason == "—"


def test_an_export_loses_its_reason_three_years_after_it_was_asked(world: World) -> None:
    row = exports.ask(
        unit_id=world.community.pk, fields=["name"], form="csv", is_clear=False,
        reason="核对王某某一户", by=world.clerk, now=MONDAY,
    )  # fmt: skip
    assert both(MONDAY + 2 * YEAR) == {}
    assert both(MONDAY + 3 * YEAR + timedelta(days=1)) == {"people.Export.reason": 1}
    row.refresh_from_db()
    assert row.reason == "—"


def test_a_case_loses_its_people_and_then_its_words(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    case = create_case(
        world, state="answered", reporter_name="张三丰", reporter_phone="13812345678"
    )
    open_one = create_case(world, state="handling", reporter_phone="13812345678")
    photo = photos.add(case, picture(), kind=PhotoKind.AFTER, by=world.handler, now=MONDAY)
    papers.make(case, PaperKind.ACCEPTANCE_NOTICE, by=world.clerk, now=MONDAY)
    move(case, "archive", by=world.clerk, now=MONDAY)

    with django_capture_on_commit_callbacks(execute=True):
        assert both(MONDAY + 2 * YEAR) == {"cases.Reporter.name": 1, "cases.Photo.file": 1}
        assert both(MONDAY + 3 * YEAR) == {"cases.Paper.content": 1, "cases.Paper.file": 1}
    assert not Path(photo.file.path).exists()
    case.refresh_from_db()
    assert case.description == "楼前有一堆垃圾"

    found = both(MONDAY + 5 * YEAR)
    assert found["cases.Case.description"] == 1
    assert found["cases.Transition.note"] == 2
    case.refresh_from_db()
    assert (case.description, case.place, case.state) == ("—", "—", "archived")
    assert set(case.transitions.values_list("note", flat=True)) <= {"", "—"}
    open_one.refresh_from_db()
    assert open_one.description == "楼前有一堆垃圾"
    assert open_one.reporter is not None
    assert open_one.reporter.phone.reveal() == "13812345678"


def test_what_a_correction_and_a_bulk_move_quote_goes_too(world: World) -> None:
    case = create_case(world, state="dispatched", description="王某某家漏水", place="3号楼王家")
    given: Any = {"description": "楼上漏水", "place": "3号楼", "note": "原文写了姓名"}
    workflow.take(case, "correct", by=world.clerk, now=MONDAY, **given)
    job = bulk_moves.start(world.dispatcher, [case], "urge", {"note": "王某某催过"}, MONDAY)
    bulk_moves.work(job.pk, MONDAY)
    line = Transition.objects.get(case=case, action="correct")
    assert line.details["description"] == ["王某某家漏水", "楼上漏水"]

    expiry.run(job.created_at + timedelta(days=32))
    job.refresh_from_db()
    assert job.given == {}
    assert not BulkJob.pgh_event_model.objects.filter(given__has_key="note").exists()  # type: ignore[attr-defined]
    Case.objects.filter(pk=case.pk).update(state="archived")
    expiry.run(MONDAY + 5 * YEAR + timedelta(days=32))

    line.refresh_from_db()
    assert "王" not in str(line.details)
    assert "before" not in line.details
    assert both(MONDAY + 6 * YEAR).get("cases.Transition.details") is None


def test_what_was_written_of_places_and_units_goes_when_they_are_over(world: World) -> None:
    house = create_house(world.grid)
    by: Any = {"by": world.grid_worker, "now": MONDAY}
    hazard = places.note_hazard(house, kind="gas", note="王某某家胶管老化", **by)
    standing = places.note_hazard(house, kind="fire", note="李某某堆物", **by)
    places.clear_hazard(hazard, **by)
    entity = create_entity(world)
    entities.inspect(entity, "problems", "店主王某某未到场", **by)
    unit = joint.form(create_person(world).residency, "王某某联户", **by)
    joint.dissolve(unit, **by)

    expiry.run(MONDAY + 3 * YEAR + timedelta(days=1))

    access.enter(world.clerk)
    for row in (hazard, standing, unit):
        row.refresh_from_db()
    assert (hazard.note, standing.note, unit.name) == ("—", "李某某堆物", "—")
    assert [row.note for row in entity.inspections.all()] == ["—"]
    assert not Hazard.pgh_event_model.objects.filter(note__contains="王某某").exists()  # type: ignore[attr-defined]


def test_answers_in_words_go_and_the_count_stays(world: World) -> None:
    task = task_of(launch(world, world.grid), world.grid)
    answer(world, task, use=Answered("居住"), words=Answered("租客王某某"))

    expiry.run(MONDAY + 5 * YEAR + timedelta(days=1))

    assert dict(Answer.objects.values_list("question__code", "value")) == {
        "exit": "yes", "steps": 18, "use": "居住", "words": "—",
    }  # fmt: skip
    assert both(MONDAY + 6 * YEAR).get("cases.Answer.value") is None


def test_one_reporter_of_two_cases_stays_for_the_open_one(world: World) -> None:
    case = create_case(world, state="archived", reporter_phone="13812345678")
    other = create_case(world, state="handling")
    Case.objects.filter(pk=other.pk).update(reporter=case.reporter)
    assert "cases.Reporter.name" not in both(MONDAY + 3 * YEAR)


def test_what_was_joined_or_split_ends_with_its_other_part(world: World) -> None:
    joined = create_case(world, state="joined", reporter_phone="13812345678")
    assert "cases.Reporter.name" not in counts(expiry.preview(MONDAY + 3 * YEAR))
    assert joined.main is not None
    place_in(joined.main, world.grid)
    for action, who in WAY["answered"]:
        move(joined.main, action, by=getattr(world, who))
    # that nobody archived it keeps nothing longer
    assert counts(expiry.preview(MONDAY + 3 * YEAR))["cases.Reporter.name"] == 1


def test_who_left_the_house_loses_password_address_and_at_last_the_name(world: World) -> None:
    user = create_user(role="clerk", unit=world.community, name="王经办", email="w@example.cn")
    away = create_user(role="clerk", unit=world.community, name="李请假", email="l@example.cn")
    Post.objects.filter(user=user).update(valid_to=TODAY)
    User.objects.filter(pk__in=[user.pk, away.pk]).update(is_active=False)
    PastPassword.objects.create(user=user, password="x", used_until=MONDAY)

    assert both(MONDAY + timedelta(days=1)) == {
        "governance.User.email": 1,
        "governance.PastPassword.password": 1,
    }
    user.refresh_from_db()
    assert (user.email, user.has_usable_password()) == ("", False)
    assert user.display_name == "王经办"
    assert both(MONDAY + 3 * YEAR) == {"governance.User.username": 1}
    user.refresh_from_db()
    assert (user.username, str(user)) == (f"former-{user.pk}", "—")
    history = User.pgh_event_model.objects.filter(pgh_obj_id=user.pk)  # type: ignore[attr-defined]
    assert set(history.values_list("username", "display_name", "email")) == {
        (f"former-{user.pk}", "—", "")
    }
    away.refresh_from_db()
    assert (away.email, away.display_name) == ("l@example.cn", "李请假")


def test_addresses_of_sign_ins_go_after_a_year_and_the_seals_hold(committed_db: Engines) -> None:
    user = create_user()
    old, new = (
        SignIn.objects.create(user=user, deed="in", at=at, address="10.0.0.7")
        for at in (MONDAY, MONDAY + timedelta(days=300))
    )
    seal()

    assert both(MONDAY + YEAR) == {"governance.SignIn.address": 1}

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.address, new.address) == (None, "10.0.0.7")
    seal()
    assert list(seals.faults()) == []


def test_a_member_without_an_account_is_no_longer_named(world: World) -> None:
    row = create_post(role="household_head", unit=world.grid, member_name="赵大娘")
    assert both(MONDAY + 4 * YEAR) == {}
    Post.objects.filter(pk=row.pk).update(valid_to=TODAY)
    assert both(MONDAY + 4 * YEAR) == {"governance.Post.member_name": 1}
    row.refresh_from_db()
    assert row.member_name == "—"


def test_suggestions_lose_who_made_them_and_then_their_words(world: World) -> None:
    said = Said(
        subject="community", kind="facilities", words="多设长椅", source="walk_in", name="李四",
        unit_id=world.community.pk,
    )  # fmt: skip
    row, _new = suggestions.collect(said, by=world.clerk, now=MONDAY)
    assert both(MONDAY + 6 * YEAR) == {}
    suggestions.answer(row, outcome="adopted", text="春天装", by=world.clerk, now=MONDAY)

    assert both(MONDAY + YEAR) == {"cases.Contributor.name": 1}
    found = both(MONDAY + 6 * YEAR)
    assert found["cases.Suggestion.words"] == 1
    row.refresh_from_db()
    assert (row.words, row.answer, row.outcome) == ("—", "—", "adopted")


def test_the_command_counts_and_tells_no_contents(world: World) -> None:
    done = create_person(world, name="欧阳小明", began_on=TODAY)
    registering.move_out(done.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    shift_clock(to=MONDAY + YEAR)
    said = StringIO()
    call_command("retention", "--dry-run", stdout=said)
    assert "people.Person (name, document_number" in said.getvalue()
    assert said.getvalue().splitlines()[-1] == "rows=1"
    assert "欧阳" not in said.getvalue()
    assert not ErasureCertificate.objects.exists()

    call_command("retention", stdout=(done_now := StringIO()))
    assert done_now.getvalue() == said.getvalue()
    assert ErasureCertificate.objects.count() == 1


def test_a_rule_that_fails_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done = create_person(world)
    registering.move_out(done.residency, on=TODAY, by=world.grid_worker, now=MONDAY)

    def broken(model: Any, before: datetime) -> Any:
        raise ZeroDivisionError

    monkeypatch.setitem(retention.EVENTS, "governance.User.left", retention.Event(broken, ()))
    found = expiry.run(MONDAY + YEAR)
    assert {line.rule.event for line in found if line.failed} == {"governance.User.left"}
    assert [line.rule.label for line in found if line.rows] == ["people.Person"]
    assert "retention failed" in caplog.text


def test_an_event_that_nobody_registered(altered: Any) -> None:
    found = altered('event = "governance.SignIn.at"', 'event = "governance.SignIn.never"')
    assert [code for code, _said in found] == ["governance.E004"]


def test_more_than_a_batch_goes_in_one_night(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "BATCH", 2)
    for _number in range(5):
        SignIn.objects.create(deed="failed", at=MONDAY, address="10.0.0.7")
    assert both(MONDAY + YEAR) == {"governance.SignIn.address": 5}


def seal() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (latest,) = cursor.fetchone()
    seals.seal_before(latest, clock.now())


# A deployment -----------------------------------------------------------------------------------


def test_a_misspelt_cipher_is_refused(settings: Any) -> None:
    assert checks.check_cipher() == []
    settings.PERSONAL_DATA_CIPHER = "sm4-gcm"
    assert checks.check_cipher() == []

    settings.PERSONAL_DATA_CIPHER = "sm4"

    assert [found.id for found in checks.check_cipher()] == ["governance.E012"]


def test_the_application_does_not_own_its_tables(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checks.check_roles() == []

    databases = settings.DATABASES
    monkeypatch.setitem(databases["default"], "USER", databases["owner"]["USER"])

    assert [found.id for found in checks.check_roles()] == ["governance.E011"]
