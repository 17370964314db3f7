"""Units change; their open cases follow in the background, the closed ones stay as they were."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases import following
from cases.models import Case, State
from governance import clock, timers, units
from governance.models import UnitChange
from tests.builders import World, create_unit, shift_clock
from tests.case_builders import create_case


def change(world: World, **fields: object) -> UnitChange:
    return UnitChange(
        effective=clock.today(), reason="区划调整", decided_by=world.system_admin, **fields
    )


def chain(case: Case) -> tuple[int | None, int | None, int | None]:
    case.refresh_from_db()
    return case.street_id, case.community_id, case.grid_id


def test_open_cases_follow_a_grid_that_moves(world: World) -> None:
    open_case = create_case(world, state=State.HANDLING)
    closed = create_case(world, state=State.ANSWERED)

    row = change(world, kind="move", unit=world.grid, into=world.other_community)
    units.decide(row, clock.now())
    timers.sweep()

    moved = (world.other_street.pk, world.other_community.pk, world.grid.pk)
    assert chain(open_case) == moved
    assert chain(closed) == (world.street.pk, world.community.pk, world.grid.pk)


def test_open_cases_of_a_merged_community_go_to_its_successor(world: World) -> None:
    into = create_unit(kind="community", name="军秀园社区", parent=world.street)
    in_grid = create_case(world)
    without = create_case(world)
    Case.objects.filter(pk=without.pk).update(grid=None)

    row = change(world, kind="merge", unit=world.community, into=into)
    assert dict(units.preview(row).lines)["在办事件"] == 2
    units.decide(row, clock.now())
    timers.sweep()

    assert chain(in_grid) == (world.street.pk, into.pk, world.grid.pk)
    assert chain(without) == (world.street.pk, into.pk, None)


def test_many_cases_move_chunk_by_chunk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "CHUNK", 2)
    cases = [create_case(world) for _ in range(3)]
    row = change(world, kind="move", unit=world.grid, into=world.other_community)
    units.decide(row, clock.now())

    timers.sweep()
    assert sum(chain(case)[1] == world.other_community.pk for case in cases) == 2
    shift_clock(by=timedelta(seconds=10))
    timers.sweep()

    assert all(chain(case)[1] == world.other_community.pk for case in cases)
