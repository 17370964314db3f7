"""The territory: which grid a point lies in, what may be drawn, what follows a merger."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from governance import clock, units
from governance.models import Unit, UnitChange
from grids import boundary, coverage, geo, territory
from grids.boundary import BadBoundary
from grids.models import Grid
from tests.areas import area, draw, place, ring, square
from tests.builders import World, create_unit, moment, shift_clock


@pytest.fixture
def drawn(world: World) -> World:
    """The first grid with a hole in it, the second to its east, the others far to the north."""
    draw(world.grid, area([ring(0, 0, 4, 4), ring(1, 1)]))
    draw(world.second_grid, square(4, 0, 2, 4))
    draw(world.other_grid, square(0, 100))
    return world


def test_a_point_lies_in_the_grid_that_covers_it(drawn: World) -> None:
    assert geo.grid_at(*place(3.5, 3.5)) == drawn.grid.pk
    assert geo.grid_at(*place(5, 1)) == drawn.second_grid.pk
    assert geo.grid_at(*place(0.5, 100.5)) == drawn.other_grid.pk


def test_a_hole_and_the_outside_are_in_no_grid(drawn: World) -> None:
    assert geo.grid_at(*place(1.5, 1.5)) is None
    assert geo.grid_at(*place(50, 50)) is None
    assert geo.grid_at(float("nan"), 39.0) is None


def test_a_common_border_is_the_lower_unit_s(drawn: World) -> None:
    assert drawn.grid.pk < drawn.second_grid.pk
    assert geo.grid_at(*place(4, 2)) == drawn.grid.pk
    assert geo.grid_at(*place(4, 0)) == drawn.grid.pk
    assert geo.grid_at(*place(6, 2)) == drawn.second_grid.pk
    assert geo.grid_at(*place(1, 1.5)) == drawn.grid.pk  # the hole's border is the grid's


def test_many_points_are_answered_in_their_order(drawn: World) -> None:
    points = [place(5, 1), place(1.5, 1.5), place(0.5, 0.5), place(0.5, 100.5)]

    found = geo.grids_at(points)

    assert found == [drawn.second_grid.pk, None, drawn.grid.pk, drawn.other_grid.pk]
    assert geo.grids_at([]) == []


def test_without_grids_every_point_is_in_none(db: None) -> None:
    assert geo.grids_at([place(0, 0), place(1, 1)]) == [None, None]


def test_the_index_follows_a_change_made_elsewhere(drawn: World) -> None:
    assert geo.grid_at(*place(10, 10)) is None
    moved = square(9, 9, 2, 2)

    # past our own verb, as another process or somebody at the database would
    Grid.objects.filter(unit=drawn.grid).update(boundary=moved)
    assert geo.grid_at(*place(10, 10)) == drawn.grid.pk

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM grids_grid WHERE unit_id = %s", [drawn.grid.pk])
    assert geo.grid_at(*place(10, 10)) is None


def test_a_territory_counts_from_its_first_to_the_day_before_its_last(drawn: World) -> None:
    today = clock.today()
    Grid.objects.filter(unit=drawn.grid).update(valid_from=today + timedelta(days=1))
    Grid.objects.filter(unit=drawn.second_grid).update(valid_to=today + timedelta(days=1))

    assert geo.grids_at([place(0, 0), place(5, 1)]) == [None, drawn.second_grid.pk]

    shift_clock(by=timedelta(days=1))
    assert geo.grids_at([place(0, 0), place(5, 1)]) == [drawn.grid.pk, None]


def test_a_unit_that_is_no_more_has_no_ground(drawn: World) -> None:
    assert geo.grid_at(*place(5, 1)) == drawn.second_grid.pk

    Unit.objects.filter(pk=drawn.second_grid.pk).update(valid_to=clock.today())

    assert geo.grid_at(*place(5, 1)) is None


def merge(world: World, gone: Unit, into: Unit) -> None:
    change = UnitChange(
        kind="merge",
        unit=gone,
        into=into,
        effective=clock.today(),
        reason="津丽政发〔2026〕7号",
        decided_by=world.system_admin,
    )
    units.decide(change, clock.now())


def test_a_merged_grid_brings_its_ground_along(drawn: World) -> None:
    merge(drawn, drawn.second_grid, drawn.grid)

    assert geo.grid_at(*place(5, 1)) == drawn.grid.pk
    assert geo.grid_at(*place(1.5, 1.5)) is None
    assert Grid.objects.get(unit=drawn.second_grid).valid_to == clock.today()


def test_a_grid_without_ground_inherits_that_of_the_merged_one(drawn: World) -> None:
    bare = create_unit(kind="grid", name="军丽园第三网格", parent=drawn.community)

    merge(drawn, drawn.second_grid, bare)

    assert geo.grid_at(*place(5, 1)) == bare.pk
    assert Grid.objects.get(unit=bare).valid_from == clock.today()


def test_only_a_grid_has_ground(world: World) -> None:
    with pytest.raises(units.NotAllowed, match="“军丽园社区”是社区（村），只有网格才有边界。"):
        draw(world.community, square(0, 0))


def test_only_a_dedicated_grid_is_of_a_kind(world: World) -> None:
    draw(world.grid, square(0, 0), kind="dedicated", dedicated_kind="school")

    with pytest.raises(units.NotAllowed, match="只有专属网格才有专属类别"):
        draw(world.second_grid, square(1, 0), kind="comprehensive", dedicated_kind="school")


def test_a_change_of_the_boundary_is_in_the_history(drawn: World) -> None:
    grid = Grid.objects.get(unit=drawn.grid)
    grid.boundary = square(0, 0, 4, 5)
    territory.save(grid)

    rows = Grid.pgh_event_model.objects  # type: ignore[attr-defined]
    events = rows.filter(pgh_obj_id=grid.pk).order_by("pgh_id")
    assert [len(event.boundary["coordinates"][0]) for event in events] == [2, 1]


@pytest.mark.parametrize("nonsense", [{"type": "Point", "coordinates": [0, 0]}, {}, []])
def test_the_database_refuses_what_is_no_multipolygon(drawn: World, nonsense: Any) -> None:
    refused = pytest.raises(IntegrityError, match="grid_boundary_is_a_multipolygon")
    with refused, transaction.atomic():
        Grid.objects.filter(unit=drawn.grid).update(boundary=nonsense)


BOWTIE = area([[[*place(*xy)] for xy in ((0, 0), (2, 2), (2, 0), (0, 2), (0, 0))]])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            {"type": "Point", "coordinates": [117.3, 39.0]},
            "应为面（Polygon 或 MultiPolygon），不是 Point",
        ),
        ("…", "应为面（Polygon 或 MultiPolygon），不是 None"),
        ({"type": "Polygon", "coordinates": []}, "没有坐标"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0]]]}, "读不出坐标"),
        ({"type": "Polygon", "coordinates": [[["a", 0], [1, 1], [1, 0]]]}, "读不出坐标"),
        (square(1e9, 0), "坐标不是经纬度，请先换算为 WGS 84 经纬度"),
        (BOWTIE, "自相交 @ 117.301 39.001"),
        (area([ring(0, 0), ring(5, 5)]), "内洞在外环之外 @ 117.305 39.005"),
        (area([ring(0, 0, 4, 4)], [ring(1, 1)]), "外环相套 @ 117.301 39.001"),
    ],
)
def test_a_bad_boundary_says_what_is_wrong_and_where(raw: Any, said: str) -> None:
    with pytest.raises(BadBoundary) as refused:
        boundary.checked(raw)

    assert str(refused.value).startswith(said)


def test_a_boundary_is_kept_to_seven_decimals_with_its_holes_and_without_heights() -> None:
    outer, hole = ring(0, 0, 4, 4), ring(1, 1)
    exact = [[lon + 0.00000001, lat, 12.5] for lon, lat in outer]

    kept = boundary.to_json(boundary.checked({"type": "Polygon", "coordinates": [exact, hole]}))

    assert kept == area([outer, hole])


def test_a_bow_tie_is_mended_into_its_two_halves() -> None:
    mended = boundary.repair(boundary.parse(BOWTIE))

    assert mended.reason == "自相交 @ 117.301 39.001"
    assert mended.before < 1
    assert mended.after == pytest.approx(2 * SQUARE, rel=1e-4)
    assert mended.dropped == 0
    assert boundary.fault(mended.boundary) == ""
    assert str(mended) == "自相交 @ 117.301 39.001；已修复，面积 0 → 19233 平方米"


def test_a_spike_is_dropped_and_an_overlap_of_parts_is_kept_once() -> None:
    spike = area(
        [[[*place(*xy)] for xy in ((0, 0), (1, 0), (1, 1), (1, 3), (1, 1), (0, 1), (0, 0))]]
    )
    twice = area([ring(0, 0, 2, 1)], [ring(1, 0, 2, 1)])

    assert boundary.repair(boundary.parse(spike)).after == pytest.approx(SQUARE, rel=1e-6)
    assert boundary.repair(boundary.parse(twice)).after == pytest.approx(3 * SQUARE, rel=1e-6)


def test_what_has_no_area_cannot_be_mended() -> None:
    flat = area([ring(0, 0, 1, 0)])

    with pytest.raises(BadBoundary, match="无法修复"):
        boundary.repair(boundary.parse(flat))


# 0.001° × 0.001° at 39.0005° N by the radii of WGS 84: 86.626 m × 111.015 m
SQUARE = 9616.805


def test_areas_are_true_on_the_ground() -> None:
    assert geo.area_m2(boundary.parse(square(0, 0))) == pytest.approx(SQUARE, abs=0.01)
    with_hole = boundary.parse(area([ring(0, 0, 3, 3), ring(1, 1)]))
    assert geo.area_m2(with_hole) == pytest.approx(8 * SQUARE, rel=1e-4)
    degree = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
    assert geo.area_m2(boundary.parse(degree)) == pytest.approx(12_308_463_894, rel=1e-6)


def test_distances_are_true_on_the_ground() -> None:
    # Vincenty's for the same points
    assert geo.metres(117.3, 39.0, 117.3, 39.001) == pytest.approx(111.02, abs=0.01)
    assert geo.metres(117.3, 39.0, 117.301, 39.0) == pytest.approx(86.63, abs=0.01)
    assert geo.metres(117.3, 39.0, 117.3, 39.0) == 0.0


def test_overlaps_are_told_in_square_metres_and_borders_are_none(drawn: World) -> None:
    draw(drawn.other_second_grid, square(5, 0, 2, 2))

    found = coverage.overlaps(geo.load())

    assert [(it.first, it.second) for it in found] == [
        (drawn.second_grid.pk, drawn.other_second_grid.pk)
    ]
    assert found[0].m2 == pytest.approx(2 * SQUARE, rel=1e-4)


def test_gaps_are_holes_that_nobody_fills(drawn: World) -> None:
    (gap,) = coverage.gaps(geo.load())

    assert gap.around == (drawn.grid.pk,)
    assert gap.m2 == pytest.approx(SQUARE, rel=1e-4)
    assert geo.grid_at(gap.lon, gap.lat) is None

    draw(drawn.other_second_grid, square(1, 1))  # an enclave
    assert coverage.gaps(geo.load()) == []


def test_a_gap_names_all_grids_around_it(world: World) -> None:
    draw(world.grid, square(0, 0, 3, 1))
    draw(world.second_grid, square(0, 1, 1, 1))
    draw(world.other_grid, square(2, 1, 1, 1))
    draw(world.other_second_grid, square(0, 2, 3, 1))

    (gap,) = coverage.gaps(geo.load())

    names = (world.grid, world.second_grid, world.other_grid, world.other_second_grid)
    assert gap.around == tuple(unit.pk for unit in names)


def test_an_empty_territory_has_neither_overlaps_nor_gaps(db: None) -> None:
    assert coverage.overlaps(geo.load()) == []
    assert coverage.gaps(geo.load()) == []


def test_the_index_is_of_the_day_where_the_deployment_is(drawn: World) -> None:
    Grid.objects.filter(unit=drawn.grid).update(valid_from=date(2026, 3, 2))

    shift_clock(to=moment("2026-03-01 23:59"))
    assert geo.grid_at(*place(0, 0)) is None
    shift_clock(to=moment("2026-03-02 00:01"))
    assert geo.grid_at(*place(0, 0)) == drawn.grid.pk


def test_what_is_left_over_of_a_repair_is_counted() -> None:
    mended = boundary.repair(boundary.parse(area([ring(0, 0)], [ring(5, 5, 1, 0)])))

    assert mended.dropped == 1
    assert str(mended).endswith("面积 9617 → 9617 平方米，舍去 1 处线或点")


def test_rounding_never_makes_a_valid_boundary_invalid() -> None:
    tip = [117.3005, 39.00000004]  # falls onto the opposite side
    notch = [[117.3, 39.0], [117.301, 39.0], [117.301, 39.001], tip, [117.3, 39.001], [117.3, 39.0]]

    kept = boundary.checked({"type": "Polygon", "coordinates": [notch]})

    assert geo.area_m2(kept) == pytest.approx(SQUARE / 2, rel=1e-4)
