"""The tree: what may hang where, and moves, merges and splits from a date."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from governance import clock, permissions, timers, units
from governance.models import PartyOrganisation, Post, Timer, Unit, UnitChange, UnitCode
from tests.builders import World, create_post, create_unit, create_user, moment, shift_clock

DAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def first_of_june(db: None) -> None:
    shift_clock(to=moment("2026-06-01 10:00"))


def decide(
    world: World,
    *,
    kind: str,
    unit: Unit,
    into: Unit | None = None,
    parts: list[dict[str, object]] | None = None,
    effective: date = DAY,
) -> UnitChange:
    change = UnitChange(
        kind=kind,
        unit=unit,
        into=into,
        parts=parts or [],
        effective=effective,
        reason="区委编办〔2026〕1号",
        decided_by=world.system_admin,
    )
    return units.decide(change, clock.now())


def carried_out_by_the_sweep() -> int:
    """What rooms above start in turn is their own."""
    timers.sweep()
    return Timer.objects.filter(kind=units.TIMER, fired_at__isnull=False).count()


def again(unit: Unit) -> Unit:
    return Unit.objects.get(pk=unit.pk)


def chain(unit: Unit) -> tuple[int | None, ...]:
    found = again(unit)
    return (found.district_id, found.street_id, found.community_id, found.grid_id)


def posts_at(unit: Unit) -> list[tuple[str, str, date, date | None]]:
    posts = Post.objects.filter(unit=unit).order_by("role", "user__username")
    return [(p.role, p.user.username if p.user else "", p.valid_from, p.valid_to) for p in posts]


# Making units -----------------------------------------------------------------------------------


def test_a_unit_carries_the_ids_of_its_levels(world: World) -> None:
    assert chain(world.grid) == (
        world.district.pk,
        world.street.pk,
        world.community.pk,
        world.grid.pk,
    )


def test_a_level_may_be_skipped(world: World) -> None:
    grid = create_unit(kind="grid", name="街道直属网格", parent=world.street)

    assert chain(grid) == (world.district.pk, world.street.pk, None, grid.pk)


def test_a_department_hangs_on_a_level_without_being_one(world: World) -> None:
    assert chain(world.sanitation) == (world.district.pk, None, None, None)


@pytest.mark.parametrize(
    ("kind", "above"),
    [
        ("district", "district"),
        ("street", "community"),
        ("street", "grid"),
        ("community", "community"),
        ("community", "grid"),
        ("grid", "grid"),
        ("grid", "sanitation"),
        ("department", "grid"),
        ("station", "district"),
        ("team", "sanitation"),
    ],
)
def test_levels_are_never_inverted(world: World, kind: str, above: str) -> None:
    with pytest.raises(units.NotAllowed, match="层级可以跳过，不能颠倒"):
        create_unit(kind=kind, parent=getattr(world, above))


def test_only_a_district_stands_alone(world: World) -> None:
    with pytest.raises(units.NotAllowed):
        create_unit(kind="street", parent=None)
    with (
        pytest.raises(IntegrityError, match="unit_only_a_district_is_a_root"),
        transaction.atomic(),
    ):
        Unit.objects.create(kind="street", name="孤街", valid_from=DAY)


def test_siblings_of_a_kind_have_names_of_their_own(world: World) -> None:
    with pytest.raises(units.NotAllowed, match="军丽园第一网格"):
        create_unit(kind="grid", name="军丽园第一网格", parent=world.community)

    assert create_unit(kind="grid", name="军丽园第一网格", parent=world.other_community).pk


def test_nothing_new_under_a_unit_that_is_no_more(world: World) -> None:
    Unit.objects.filter(pk=world.community.pk).update(valid_to=DAY)

    with pytest.raises(units.NotAllowed, match="“军丽园社区”在该日已失效"):
        create_unit(kind="grid", parent=again(world.community), valid_from=DAY)


# Moving -----------------------------------------------------------------------------------------


def test_a_move_takes_the_whole_subtree_along(world: World) -> None:
    estate = create_unit(kind="estate", name="军丽园小区", parent=world.grid)

    decide(world, kind="move", unit=world.community, into=world.other_street)

    community = (world.district.pk, world.other_street.pk, world.community.pk)
    assert chain(world.community) == (*community, None)
    assert chain(world.grid) == (*community, world.grid.pk)
    assert chain(world.second_grid) == (*community, world.second_grid.pk)
    assert chain(estate) == (*community, world.grid.pk)
    assert chain(world.other_grid)[2] == world.other_community.pk


def test_those_who_work_there_move_with_it(world: World) -> None:
    decide(world, kind="move", unit=world.community, into=world.other_street)

    (post,) = permissions.posts_of(type(world.grid_worker).objects.get(pk=world.grid_worker.pk))
    assert (post.street_id, post.community_id) == (world.other_street.pk, world.community.pk)


def test_a_move_back_to_where_it_is_says_so(world: World) -> None:
    with pytest.raises(units.NotAllowed, match="已隶属于该单位"):
        decide(world, kind="move", unit=world.community, into=world.street)


def test_a_move_under_a_lower_level_is_refused(world: World) -> None:
    with pytest.raises(units.NotAllowed, match="不能颠倒"):
        decide(world, kind="move", unit=world.community, into=world.other_grid)


def test_a_department_cannot_move_below_its_own_grandchild(world: World) -> None:
    section = create_unit(kind="department", name="清扫科", parent=world.sanitation)
    team = create_unit(kind="department", name="清扫一班", parent=section)

    with pytest.raises(units.NotAllowed, match="自己的下级"):
        decide(world, kind="move", unit=world.sanitation, into=team)


def test_a_move_to_where_the_name_is_taken_is_refused(world: World) -> None:
    create_unit(kind="community", name="军丽园社区", parent=world.other_street)

    with pytest.raises(units.NotAllowed, match="军丽园社区"):
        decide(world, kind="move", unit=world.community, into=world.other_street)


# Merging ----------------------------------------------------------------------------------------


def test_a_merge_hands_everything_over(world: World) -> None:
    decide(world, kind="merge", unit=world.community, into=world.other_community)

    gone = again(world.community)
    assert (gone.valid_to, gone.successor) == (DAY, world.other_community)
    assert not gone.is_valid(DAY)
    assert chain(world.grid) == (
        world.district.pk,
        world.other_street.pk,
        world.other_community.pk,
        world.grid.pk,
    )
    code = UnitCode.objects.get(code="120110011001")
    assert (code.unit, code.valid_to) == (world.community, DAY)


def test_posts_are_handed_over_once(world: World) -> None:
    create_post(role="clerk", unit=world.other_community, user=world.clerk)

    decide(world, kind="merge", unit=world.community, into=world.other_community)

    since = date(2020, 1, 1)
    assert posts_at(world.other_community) == [
        ("clerk", "clerk", since, None),
        ("clerk", "outsider", since, None),
        ("co_opted", "co_opted", DAY, None),
        ("leader", "leader", DAY, None),
        ("station_lead", "station_lead", DAY, None),
    ]
    assert {ended for *_post, ended in posts_at(world.community)} == {DAY}


def test_a_fixed_term_and_a_coming_post_keep_their_dates(world: World) -> None:
    coming = create_user(username="coming")
    Post.objects.filter(user=world.leader).update(valid_to=date(2026, 12, 31))
    create_post(role="clerk", unit=world.community, user=coming, valid_from=date(2026, 9, 1))

    decide(world, kind="merge", unit=world.community, into=world.other_community)

    handed = {name: dates for _role, name, *dates in posts_at(world.other_community)}
    assert handed["leader"] == [DAY, date(2026, 12, 31)]
    assert handed["coming"] == [date(2026, 9, 1), None]
    left = {name: dates for _role, name, *dates in posts_at(world.community)}
    assert left["coming"] == [date(2026, 9, 1), date(2026, 9, 1)]


def test_only_with_one_of_the_same_kind(world: World) -> None:
    with pytest.raises(units.NotAllowed, match="同类"):
        decide(world, kind="merge", unit=world.community, into=world.other_street)
    with pytest.raises(units.NotAllowed, match="同类"):
        decide(world, kind="merge", unit=world.community, into=world.community)


def test_children_whose_names_clash_are_named(world: World) -> None:
    create_unit(kind="grid", name="军丽园第二网格", parent=world.other_community)

    with pytest.raises(units.NotAllowed, match="下已有同名同类单位：军丽园第二网格。"):
        decide(world, kind="merge", unit=world.community, into=world.other_community)

    assert again(world.community).valid_to is None


def test_what_is_merged_already_cannot_be_merged_again(world: World) -> None:
    decide(world, kind="merge", unit=world.community, into=world.other_community)

    with pytest.raises(units.NotAllowed, match="在该日已失效"):
        decide(world, kind="move", unit=again(world.community), into=world.other_street)


# Splitting --------------------------------------------------------------------------------------


def test_a_split_deals_the_children_and_copies_the_posts(world: World) -> None:
    parts: list[dict[str, object]] = [
        {"name": "军丽园社区", "children": [world.grid.pk]},
        {"name": "军丽园东社区", "children": [world.second_grid.pk]},
    ]

    decide(world, kind="split", unit=world.community, parts=parts)

    same = Unit.objects.get(name="军丽园社区", valid_to=None)
    east = Unit.objects.get(name="军丽园东社区")
    assert chain(world.grid)[2] == same.pk
    assert chain(world.second_grid)[2] == east.pk
    expected = [
        ("clerk", "clerk", DAY, None),
        ("co_opted", "co_opted", DAY, None),
        ("leader", "leader", DAY, None),
        ("station_lead", "station_lead", DAY, None),
    ]
    assert posts_at(same) == expected
    assert posts_at(east) == expected
    assert {ended for *_post, ended in posts_at(world.community)} == {DAY}
    assert again(world.community).valid_to == DAY


@pytest.mark.parametrize(
    ("names", "dealt", "said"),
    [
        (["东"], [["grid", "second_grid"]], "至少要有两个"),
        (["东", " "], [["grid"], ["second_grid"]], "至少要有两个"),
        (["东", "西"], [["grid"], []], "须且只能"),
        (["东", "西"], [["grid"], ["grid", "second_grid"]], "须且只能"),
        (["东", "西"], [["grid"], ["other_grid"]], "须且只能"),
        (["东", "东"], [["grid"], ["second_grid"]], "同名同类单位：东"),
    ],
)
def test_a_split_that_does_not_come_out_even(
    world: World, names: list[str], dealt: list[list[str]], said: str
) -> None:
    parts: list[dict[str, object]] = [
        {"name": name, "children": [getattr(world, child).pk for child in children]}
        for name, children in zip(names, dealt, strict=True)
    ]

    with pytest.raises(units.NotAllowed, match=said):
        decide(world, kind="split", unit=world.community, parts=parts)


# From a date ------------------------------------------------------------------------------------


def test_a_coming_change_waits_for_its_day(world: World) -> None:
    change = decide(
        world,
        kind="merge",
        unit=world.community,
        into=world.other_community,
        effective=date(2026, 7, 1),
    )

    assert change.applied_at is None
    assert Timer.objects.get(kind="unit.change").due_at == moment("2026-07-01 00:00")
    shift_clock(to=moment("2026-06-30 23:59"))
    assert carried_out_by_the_sweep() == 0
    assert again(world.community).valid_to is None

    shift_clock(to=moment("2026-07-01 00:00"))
    assert carried_out_by_the_sweep() == 1
    assert again(world.community).valid_to == date(2026, 7, 1)
    change.refresh_from_db()
    assert change.applied_at == moment("2026-07-01 00:00")


def test_only_one_change_of_a_unit_waits(world: World) -> None:
    coming = date(2026, 7, 1)
    decide(world, kind="move", unit=world.community, into=world.other_street, effective=coming)

    with pytest.raises(units.NotAllowed, match="已有未生效的变更"):
        decide(world, kind="merge", unit=world.community, into=world.other_community)


def test_a_waiting_change_can_be_withdrawn(world: World) -> None:
    coming = date(2026, 7, 1)
    change = decide(
        world, kind="move", unit=world.community, into=world.other_street, effective=coming
    )

    units.withdraw(change, clock.now())

    shift_clock(to=moment("2026-07-02 00:00"))
    assert carried_out_by_the_sweep() == 0
    assert again(world.community).parent_id == world.street.pk
    assert not UnitChange.objects.exists()


def test_what_was_carried_out_cannot_be_withdrawn(world: World) -> None:
    change = decide(world, kind="move", unit=world.community, into=world.other_street)

    with pytest.raises(units.NotAllowed, match="已执行"):
        units.withdraw(change, clock.now())


def test_a_change_that_no_longer_fits_waits_visibly(world: World) -> None:
    coming = date(2026, 7, 1)
    decide(world, kind="move", unit=world.community, into=world.other_street, effective=coming)
    create_unit(kind="community", name="军丽园社区", parent=world.other_street)
    shift_clock(to=moment("2026-07-01 00:00"))

    assert carried_out_by_the_sweep() == 0

    timer = Timer.objects.get(kind=units.TIMER)
    assert (timer.attempts, timer.fired_at) == (1, None)
    assert timer.last_error.startswith("NotAllowed: “无瑕街道”下已有同名同类单位")


def test_changes_of_one_day_are_carried_out_in_their_order(world: World) -> None:
    coming = date(2026, 7, 1)
    decide(world, kind="move", unit=world.community, into=world.other_street, effective=coming)
    decide(world, kind="merge", unit=world.second_grid, into=world.grid, effective=coming)
    shift_clock(to=moment("2026-07-01 00:00"))

    assert carried_out_by_the_sweep() == 2

    assert chain(world.grid)[1] == world.other_street.pk
    assert again(world.second_grid).successor == world.grid


# Preview ----------------------------------------------------------------------------------------


def test_the_preview_counts(world: World) -> None:
    Unit.objects.filter(pk=world.second_grid.pk).update(valid_to=date(2026, 1, 1))
    change = UnitChange(
        kind="merge", unit=world.community, into=world.other_community, effective=DAY
    )
    moving = UnitChange(kind="move", unit=world.street, into=world.district, effective=DAY)

    ours = {"下级单位", "岗位", "代码"}
    assert [line for line in units.preview(change).lines if line[0] in ours] == [
        ("下级单位", 1),
        ("岗位", 4),
        ("代码", 1),
    ]
    assert [line for line in units.preview(moving).lines if line[0] in ours] == [("下级单位", 2)]


def test_rooms_above_are_asked_and_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    follower = units.Follower(
        "事件", lambda unit: 7, lambda unit, now: told.append(f"{unit} {now:%H:%M}")
    )
    monkeypatch.setattr(units, "FOLLOWERS", {"cases": follower})
    change = UnitChange(kind="move", unit=world.grid, into=world.street, effective=DAY)

    assert units.preview(change).lines == [("下级单位", 0), ("事件", 7)]
    decide(world, kind="merge", unit=world.community, into=world.other_community)

    assert told == ["春霞里社区 02:00"]


# Who answers ------------------------------------------------------------------------------------


def test_a_unit_without_an_organisation_answers_to_the_one_above(world: World) -> None:
    committee = PartyOrganisation.objects.create(
        unit=world.street, form="working_committee", name="军粮城街道党工委"
    )

    assert units.organisation_for(again(world.grid)) == committee
    assert units.organisation_for(again(world.other_grid)) is None


def test_names_are_read_from_memory_and_fresh(world: World) -> None:
    assert units.name_of(world.grid.pk) == "军丽园第一网格"

    Unit.objects.filter(pk=world.grid.pk).update(name="改名网格")

    assert units.name_of(world.grid.pk) == "改名网格"
    assert units.name_of(None) == ""
