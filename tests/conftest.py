"""The cast and the builders. One small world: two streets, a community each, grids, departments."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from governance import reference
from tests.builders import World, create_world


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The worker's database was cloned before the settings were read (tests/engines.py)."""


@pytest.fixture(autouse=True)
def fresh_memory() -> Iterator[None]:
    """What a process keeps in memory is of another test's rows, which were rolled back."""
    reference.forget()
    yield
    reference.forget()


@pytest.fixture
def world(db: None) -> World:
    return create_world()
