"""The cast and the builders. One small world: two streets, a community each, grids, departments."""

from __future__ import annotations

import pickle
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction

from governance import engines, reference
from governance.engines import Engines
from tests.builders import World, create_world, shift_clock
from tests.case_builders import MONDAY
from tests.engines import NAMES, clone, running, worker_number
from tests.stack import WEB, WHOLE, Stack

EMPTY = f"{NAMES}_{worker_number()}"
INHABITED = f"{EMPTY}_world"
STAGED = f"{EMPTY}_scene"


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The worker's database was cloned before the settings were read (tests/engines.py)."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before a test's first statement: the empty database, the one that the world lives in, or the
    one of its module's scene."""
    used: list[str] = item.fixturenames  # type: ignore[attr-defined]
    point_at(STAGED if "staged" in used else INHABITED if "inhabited" in used else EMPTY)


@pytest.fixture(scope="session")
def inhabited(django_db_setup: None, django_db_blocker: Any) -> bytes:
    """The world, pickled: made and committed once in a second database of this worker."""
    clone(INHABITED, redis=2 * worker_number())
    point_at(INHABITED)
    with django_db_blocker.unblock():
        return pickle.dumps(create_world())


@pytest.fixture(autouse=True)
def fresh_memory() -> Iterator[None]:
    """What a process keeps in memory is of another test's rows, which were rolled back."""
    reference.forget()
    yield
    reference.forget()
    ContentType.objects.clear_cache()


@pytest.fixture
def world(inhabited: bytes, db: None) -> World:
    """Objects of this test's own; what it does to their rows is rolled back."""
    made: World = pickle.loads(inhabited)
    return made


@pytest.fixture(scope="module")
def staged(
    request: pytest.FixtureRequest, inhabited: bytes, django_db_blocker: Any
) -> Iterator[bytes]:
    """What the module's `stage(world)` makes of the world, pickled: committed once, as it is too
    dear to be made anew for each of many tests. It goes with the module."""
    point_at(STAGED)  # first: nobody may be at what is cloned
    clone(STAGED, redis=2 * worker_number(), template=INHABITED)
    with django_db_blocker.unblock(), transaction.atomic():
        shift_clock(to=MONDAY)
        made = pickle.dumps(request.module.stage(pickle.loads(inhabited)))
    yield made
    engines.drop_database(running, STAGED)


@pytest.fixture
def scene(staged: bytes, db: None) -> Any:
    """The module's scene, on a Monday; what a test does to its rows is rolled back."""
    shift_clock(to=MONDAY)
    return pickle.loads(staged)


@pytest.fixture
def committed_db(django_db_blocker: Any) -> Iterator[Engines]:
    """A clone for one test, in which rows are really committed; this process works on it meanwhile.

    Threads must close their connections; other processes get `tests.engines.environment(it)`.
    """
    name = f"{NAMES}_{worker_number()}_committed"
    given = clone(name, redis=2 * worker_number() + 1)
    before = str(connections["default"].settings_dict["NAME"])
    with django_db_blocker.unblock():
        point_at(name)
        yield given
        point_at(before)
    engines.drop_database(running, name)


def point_at(name: str) -> None:
    """Have this process's connections lead to another database of the same server."""
    if connections["default"].settings_dict["NAME"] == name:
        return
    for connection in connections.all():
        connection.close()
        if connection.alias == "default":
            connection.close_pool()  # type: ignore[attr-defined]
        connections.settings[connection.alias]["NAME"] = name
        connection.settings_dict["NAME"] = name


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Web, worker and beat over the small world, from Monday at nine on; shared by the tests."""
    yield from started("stack", tmp_path_factory, WHOLE)


@pytest.fixture(scope="session")
def website(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The same for who only looks at pages: nothing becomes due, and nothing is sent."""
    yield from started("website", tmp_path_factory, WEB)


def started(
    name: str, folders: pytest.TempPathFactory, processes: tuple[str, ...]
) -> Iterator[Stack]:
    number = worker_number()
    folder = folders.mktemp(name)
    made = Stack(f"{name}_{number}", broker=2 * number + 1, folder=folder, seed="small")
    made.start(*processes)
    yield made
    made.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let a fixture know that its test failed: the browser's then keeps a picture."""
    outcome = yield
    item.failed = outcome.failed  # type: ignore[attr-defined]
    return outcome
