"""The master keys: refused when faulty, changed while readers run; blind indexes keep their own."""

from __future__ import annotations

import importlib
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from cases.models import Reporter
from governance import checks, erasure, keys, personal, rotation
from governance.engines import Engines
from governance.models import DataKey
from people import access, finding, registering
from people.registering import details_of
from tests.builders import World
from tests.case_builders import MONDAY
from tests.people_builders import create_person, number

OLD, NEW, OTHER = "00" * 32, "ab" * 32, "cd" * 32
PHONE = "13812345678"


@pytest.fixture
def changed(settings: Any) -> Any:
    """As between the steps: the new key wraps, the old one still opens."""

    def begin() -> None:
        settings.PERSONAL_DATA_KEY = NEW
        settings.PERSONAL_DATA_OTHER_KEYS = [OLD]
        settings.PERSONAL_INDEX_KEY = OLD

    return begin


def phones() -> list[str]:
    rows = Reporter.objects.select_related("data_key").order_by("pk")
    return [row.phone.reveal() for row in rows]


def rotate() -> str:
    said = StringIO()
    call_command("rotate_keys", stdout=said)
    return said.getvalue().strip()


# Changing ---------------------------------------------------------------------------------------


def test_after_a_rotation_the_new_key_alone_opens(db: None, settings: Any, changed: Any) -> None:
    for _number in range(3):
        Reporter.objects.create(phone=PHONE)
    gone = Reporter.objects.create(phone=PHONE)
    erasure.destroy([gone.data_key_id], MONDAY)
    changed()
    newer = Reporter.objects.create(phone=PHONE)
    assert sorted(phones()) == ["", *[PHONE] * 4]
    call_command("rotate_keys", "--dry-run", stdout=(said := StringIO()))
    assert said.getvalue().strip() == "left=3"

    assert rotate() == "rotated=3 left=0 unreadable=0"

    settings.PERSONAL_DATA_OTHER_KEYS = []
    assert sorted(phones()) == ["", *[PHONE] * 4]
    settings.PERSONAL_DATA_KEY = OLD
    with pytest.raises(personal.Unreadable):
        Reporter.objects.select_related("data_key").get(pk=newer.pk).phone.reveal()
    gone.data_key.refresh_from_db()
    assert bytes(gone.data_key.wrapped) == b""
    names = set(DataKey.objects.filter(destroyed_at=None).values_list("master", flat=True))
    assert len(names) == 1
    assert not names & {OLD, NEW}


def test_a_key_from_before_keys_had_names_is_opened_and_named(db: None, changed: Any) -> None:
    Reporter.objects.create(phone=PHONE)
    DataKey.objects.update(master="")
    assert phones() == [PHONE]
    changed()
    assert phones() == [PHONE]
    assert rotate() == "rotated=1 left=0 unreadable=0"


def test_what_no_key_opens_is_told(db: None, settings: Any, changed: Any) -> None:
    settings.PERSONAL_DATA_KEY = OTHER
    Reporter.objects.create(phone=PHONE)
    settings.PERSONAL_DATA_KEY = OLD
    Reporter.objects.create(phone=PHONE)
    changed()
    with pytest.raises(CommandError, match="rotated=1 left=1 unreadable=1"):
        rotate()


def test_a_rotation_that_was_stopped_goes_on(
    db: None, changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(5):
        Reporter.objects.create(phone=PHONE)
    changed()
    monkeypatch.setattr(rotation, "BATCH", 2)
    rotation.rotate_batch(UUID(int=0))
    assert rotation.behind().count() == 3
    assert phones() == [PHONE] * 5
    assert rotate() == "rotated=3 left=0 unreadable=0"


def test_readers_and_writers_run_on_meanwhile(
    committed_db: Engines, changed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(40):
        Reporter.objects.create(phone=PHONE)
    changed()
    monkeypatch.setattr(rotation, "BATCH", 5)
    stop, seen, faults = Event(), [0], []

    def read() -> None:
        try:
            while not stop.is_set():
                assert set(phones()) == {PHONE}
                Reporter.objects.create(phone=PHONE)
                seen[0] += 1
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    reader = Thread(target=read)
    reader.start()
    with transaction.atomic():
        busy = DataKey.objects.select_for_update().order_by("pk")[0]
        done: list[rotation.Rotated] = []

        def rotate_once() -> None:
            done.append(rotation.rotate())
            connection.close()

        other = Thread(target=rotate_once)
        other.start()
        other.join(30)
        assert not other.is_alive()  # it waits for no lock
        assert (done[0].left, done[0].done) == (1, 39)
        assert busy.master == personal.master_name(OLD)
    assert rotation.rotate().left == 0
    stop.set()
    reader.join(30)
    assert faults == []
    assert seen[0]


# Blind indexes ----------------------------------------------------------------------------------


def test_people_are_found_during_and_after_a_rotation(
    world: World, settings: Any, changed: Any
) -> None:
    papers = number()
    person = create_person(world, name="欧阳小明", document_number=papers).person
    changed()
    assert finding.find(world.clerk, papers) == [person.pk]
    other = create_person(world, name="欧阳小红").person
    rotate()
    settings.PERSONAL_DATA_OTHER_KEYS = []
    assert set(finding.find(world.clerk, "欧阳")) == {person.pk, other.pk}


def test_another_index_key_takes_a_reindex(world: World, settings: Any) -> None:
    papers = number()
    person = create_person(world, name="欧阳小明", document_number=papers).person
    gone = create_person(world, name="欧阳小红").person
    erasure.erase("people.Person", gone.pk, policy="x", by=None, now=MONDAY)
    settings.PERSONAL_INDEX_KEY = NEW
    assert finding.find(world.clerk, papers) == []

    call_command("reindex_people", stdout=(said := StringIO()))

    assert said.getvalue().strip() == "reindexed=1"
    assert finding.find(world.clerk, papers) == [person.pk]
    assert finding.find(world.clerk, "小明") == [person.pk]
    assert registering.by_document(papers) == person.pk
    assert details_of(access.person_for(world.clerk, person.pk))["name"] == "欧阳小明"


# At the start -----------------------------------------------------------------------------------


@pytest.fixture
def deployed(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    settings.DEVELOPMENT = False
    settings.PERSONAL_DATA_KEY = NEW
    return settings


def test_a_key_of_its_own_is_fine(deployed: Any) -> None:
    assert checks.check_key() == []
    keys.insist()


@pytest.mark.parametrize("key", ["", "0" * 64, "ab" * 16, "xy" * 32])
def test_a_missing_or_faulty_key_is_refused(deployed: Any, key: str) -> None:
    deployed.PERSONAL_DATA_KEY = key
    assert [found.id for found in checks.check_key()] == ["governance.E010"]
    with pytest.raises(ImproperlyConfigured, match="64 hexadecimal digits"):
        keys.insist()


def test_the_demo_has_a_key_of_zeros(settings: Any) -> None:
    settings.PERSONAL_DATA_KEY = "0" * 64
    assert keys.faults() == []


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PERSONAL_DATA_OTHER_KEYS", ["xy"], "OTHER_KEYS must be 64"),
        ("PERSONAL_DATA_OTHER_KEYS", [OTHER], "which key the blind indexes"),
        ("PERSONAL_INDEX_KEY", "ab", "INDEX_KEY must be 64"),
    ],
)
def test_the_other_keys_are_looked_at_too(
    deployed: Any, name: str, value: object, why: str
) -> None:
    setattr(deployed, name, value)
    assert any(why in fault for fault in keys.faults())
    assert not any(part in " ".join(keys.faults()) for part in ("xy", OTHER))


@pytest.mark.parametrize(
    ("mode", "refused"), [(0o644, True), (0o602, True), (0o640, False), (0o600, False)]
)
def test_a_key_that_everybody_can_read_is_refused(
    deployed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, *, refused: bool
) -> None:
    file = tmp_path / "key"
    file.write_text(NEW)
    file.chmod(mode)
    monkeypatch.setenv("PERSONAL_DATA_KEY_FILE", str(file))
    assert [found.id for found in checks.check_key()] == ["governance.E010"] * refused
    assert not any(NEW in fault for fault in keys.faults())


def test_a_secret_that_a_container_mounts_is_no_fault(
    deployed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text(NEW)
    file.chmod(0o644)
    monkeypatch.setenv("PERSONAL_DATA_KEY_FILE", str(file))
    monkeypatch.setattr(keys, "MOUNTED", f"{tmp_path}/")
    assert keys.faults() == []


@pytest.mark.parametrize("module", ["wsgi", "asgi"])
def test_no_process_starts_without(deployed: Any, module: str, db: None) -> None:
    deployed.PERSONAL_DATA_KEY = ""
    with pytest.raises(ImproperlyConfigured, match="PERSONAL_DATA_KEY"):
        importlib.reload(importlib.import_module(f"governance.{module}"))
    deployed.PERSONAL_DATA_KEY = NEW
    importlib.reload(importlib.import_module(f"governance.{module}"))


def test_no_worker_starts_without(deployed: Any) -> None:
    from governance import celery

    celery.start()
    deployed.PERSONAL_DATA_KEY = ""
    with pytest.raises(ImproperlyConfigured):
        celery.start()
