"""What a user of the embedded engines meets: restarts, crashes, taken ports, lost files, roles."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from governance import engines
from governance.engines import Engines, postgres
from governance.engines.errors import explained
from governance.engines.given import check_database, check_redis


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose engines tests may stop, kill and start again."""
    folder = tmp_path_factory.mktemp("engines") / ".local"
    yield folder
    engines.remove(folder)


@pytest.fixture
def started(home: Path) -> Engines:
    return engines.start(home, durable=False)


@pytest.fixture
def other_home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / ".local"
    engines.remove(tmp_path / ".local")


@pytest.fixture
def scratch(home: Path, started: Engines) -> Iterator[Engines]:
    """A database of one table, `note`, made by the owner and holding one row."""
    made = engines.create_database(started, "scratch")
    run(made.owner_url, "CREATE TABLE note (id serial PRIMARY KEY, text text)")
    run(made.owner_url, "INSERT INTO note (text) VALUES ('路灯坏了')")
    yield made
    # Started again: a crash in between may have moved it to another port.
    engines.drop_database(engines.start(home, durable=False), "scratch")


def run(url: str, command: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(command.encode())
        return cursor.fetchall() if cursor.description else []


def is_refused(url: str, command: str) -> bool:
    try:
        run(url, command)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def ping(url: str) -> bool:
    with redis.Redis.from_url(url) as client:
        return bool(client.ping())


def postgres_pid_file(home: Path) -> Path:
    return postgres.cluster_of(home).data / "postmaster.pid"


def kill(pid_file: Path) -> None:
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)


# Starting and stopping --------------------------------------------------------------------------


def test_starting_twice_gives_the_same_engines(home: Path, started: Engines) -> None:
    again = engines.start(home)

    assert again == started == engines.running(home)
    assert ping(again.redis_url)


def test_two_commands_may_start_at_once(other_home: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: engines.start(other_home, durable=False), range(2))

    assert first == second


def test_stopping_keeps_the_data(home: Path, scratch: Engines) -> None:
    engines.stop(home)
    assert engines.running(home) is None

    restarted = engines.start(home, durable=False)

    assert run(restarted.in_database("scratch").app_url, "SELECT text FROM note") == [("路灯坏了",)]


def test_stopping_what_never_ran_is_nothing(tmp_path: Path) -> None:
    engines.stop(tmp_path / "nowhere")

    assert not (tmp_path / "nowhere").exists()


def test_secrets_are_readable_by_nobody_else(home: Path, started: Engines) -> None:
    assert (home / "engines.json").stat().st_mode & 0o777 == 0o600


# After a crash ----------------------------------------------------------------------------------


def test_a_killed_postgres_comes_back_with_its_data(home: Path, scratch: Engines) -> None:
    kill(postgres_pid_file(home))

    restarted = engines.start(home, durable=False)

    assert run(restarted.in_database("scratch").app_url, "SELECT text FROM note") == [("路灯坏了",)]


def test_a_killed_valkey_comes_back(home: Path, started: Engines) -> None:
    kill(home / "valkey" / "valkey.pid")

    assert ping(engines.start(home).redis_url)


def test_a_pid_file_that_names_another_program_is_cleared_away(
    home: Path, started: Engines
) -> None:
    engines.stop(home)
    postgres_pid_file(home).write_text(f"{os.getpid()}\n{postgres_pid_file(home).parent}\n")

    assert engines.start(home, durable=False) == started


def test_ports_taken_by_another_program_are_given_up(home: Path, started: Engines) -> None:
    engines.stop(home)
    with (
        socket.create_server(("127.0.0.1", started.postgres_port or 0)),
        socket.create_server(("127.0.0.1", started.valkey_port or 0)),
    ):
        moved = engines.start(home, durable=False)

    assert moved.postgres_port != started.postgres_port
    assert moved.valkey_port != started.valkey_port
    assert engines.running(home) == moved


def test_with_its_passwords_lost_it_starts_afresh_and_keeps_the_old_data(other_home: Path) -> None:
    before = engines.start(other_home, durable=False)
    (other_home / "engines.json").unlink()

    after = engines.start(other_home, durable=False)

    assert after.admin_url != before.admin_url
    assert (postgres.cluster_of(other_home).folder / "data.old" / "PG_VERSION").exists()


# What cannot be started says what to do ---------------------------------------------------------


def test_data_of_another_major_version(home: Path, started: Engines) -> None:
    engines.stop(home)
    version_file = postgres.cluster_of(home).data / "PG_VERSION"
    true_version = version_file.read_text()
    version_file.write_text("17\n")

    with pytest.raises(engines.EngineError, match=r"belongs to PostgreSQL 17, this is 18"):
        engines.start(home)

    version_file.write_text(true_version)


def test_a_full_disk(home: Path, started: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    engines.stop(home)
    usage = shutil.disk_usage(home)._replace(free=100_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage)

    with pytest.raises(engines.EngineError, match=r"free at least 500 MB"):
        engines.start(home)


def test_a_disk_that_fills_up_while_writing_is_named_by_its_folder(tmp_path: Path) -> None:
    with (
        pytest.raises(engines.EngineError, match=rf"磁盘空间不足（{tmp_path}）") as said,
        explained(tmp_path),
    ):
        Path("/dev/full").write_text("x")

    assert "None" not in str(said.value)


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(engines.EngineError, match=r"Cannot write to .*file"):
        engines.start(tmp_path / "file" / ".local")


def test_a_given_database_that_does_not_answer() -> None:
    with pytest.raises(engines.EngineError, match=r"Cannot connect to DATABASE_URL: check host"):
        check_database("DATABASE_URL", "postgresql://someone:secret@127.0.0.1:1/none")


def test_a_given_redis_with_a_wrong_password(started: Engines) -> None:
    check_redis("REDIS_URL", started.redis_url)

    with pytest.raises(engines.EngineError, match=r"Cannot connect to REDIS_URL"):
        check_redis("REDIS_URL", f"redis://:wrong@127.0.0.1:{started.valkey_port}/0")


# Who may do what --------------------------------------------------------------------------------


def test_nobody_enters_without_a_password(started: Engines) -> None:
    with pytest.raises(psycopg.OperationalError):
        run(f"postgresql://postgres@127.0.0.1:{started.postgres_port}/postgres", "SELECT 1")
    with pytest.raises(redis.AuthenticationError):
        ping(f"redis://127.0.0.1:{started.valkey_port}/0")


def test_the_application_works_with_rows(scratch: Engines) -> None:
    run(scratch.app_url, "INSERT INTO note (text) VALUES ('井盖丢失')")
    run(scratch.app_url, "DELETE FROM note WHERE text = '路灯坏了'")

    assert run(scratch.app_url, "SELECT text FROM note") == [("井盖丢失",)]


def test_the_application_cannot_change_the_database_itself(scratch: Engines) -> None:
    forbidden = [
        "CREATE TABLE sneaky (id int)",
        "ALTER TABLE note ADD COLUMN sneaky int",
        "ALTER TABLE note DISABLE TRIGGER ALL",
        "DROP TABLE note",
        "TRUNCATE note",
        "CREATE SCHEMA sneaky",
        "CREATE TEMPORARY TABLE sneaky (id int)",
        "CREATE EXTENSION pg_trgm",
        "SET ROLE governance_owner",
        "SELECT rolpassword FROM pg_authid",
        "COPY note TO '/tmp/sneaky'",
    ]

    assert [command for command in forbidden if not is_refused(scratch.app_url, command)] == []


def test_a_database_from_a_template_brings_rows_and_roles(scratch: Engines) -> None:
    copy = engines.create_database(scratch, "scratch_copy", template="scratch")
    run(copy.owner_url, "CREATE TABLE later (id int)")

    assert run(copy.app_url, "SELECT text FROM note") == [("路灯坏了",)]
    assert run(copy.app_url, "SELECT * FROM later") == []

    with psycopg.connect(copy.app_url):
        engines.drop_database(scratch, "scratch_copy")
    with pytest.raises(psycopg.OperationalError, match=r"does not exist"):
        run(copy.app_url, "SELECT 1")


def test_the_owner_may_add_extensions_and_they_know_chinese(scratch: Engines) -> None:
    run(scratch.owner_url, "CREATE EXTENSION pg_trgm")

    assert run(scratch.app_url, "SELECT similarity('路灯坏了', '路灯坏了'), upper('é')") == [
        (1, "É")
    ]
