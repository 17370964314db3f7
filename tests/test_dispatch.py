"""Dispatch: departments ranked, and the reasons that the dispatcher reads."""

from __future__ import annotations

import pytest
from django.utils import translation

from cases import case_page, dispatch, workflow
from cases.errors import NotAllowed
from cases.models import Assignment, Case, State
from governance import actor
from governance.models import Unit, User
from tests.builders import World, create_unit, create_user, queries
from tests.case_builders import MONDAY, create_case, create_item, move


@pytest.fixture
def case(world: World) -> Case:
    """Of 环卫所; 派出所 is named beside it, 城管科 is the street's, 园林所 is staffed by nobody."""
    create_unit(kind="department", name="园林所", parent=world.district)
    street_office = create_unit(kind="department", name="城管科", parent=world.street)
    create_user(role="handler", unit=street_office)
    elsewhere = create_unit(kind="department", name="外街城管科", parent=world.other_street)
    create_user(role="handler", unit=elsewhere)
    create_item(department=world.sanitation, joint=(world.police,), dispatch="manual")
    return create_case(world, state=State.ACCEPTED)


def ranked(case: Case) -> list[tuple[str, list[str]]]:
    return [
        (candidate.name, [*map(dispatch.sentence, candidate.reasons)])
        for candidate in dispatch.rank(case)
    ]


def busy(world: World, department: Unit, cases: int) -> None:
    """So many open work orders of this department, on cases of the other street."""
    for _n in range(cases):
        other = create_case(world, grid=world.other_grid)
        Assignment.objects.create(case=other, department=department, assigned_at=MONDAY)


def test_the_lead_first_then_the_named_then_the_near_then_the_unstaffed(case: Case) -> None:
    assert ranked(case) == [
        ("环卫所", ["清单主责部门", "在办 0 件"]),
        ("派出所", ["清单配合部门", "在办 0 件"]),
        ("城管科", ["本街道部门", "在办 0 件"]),
        ("园林所", ["暂无在岗处置人员", "在办 0 件"]),
    ]


def test_a_lead_without_staff_falls_behind_a_staffed_joint_department(
    world: World, case: Case
) -> None:
    User.objects.filter(pk__in=[world.handler.pk, world.department_lead.pk]).update(is_active=False)

    assert ranked(case)[:2] == [
        ("派出所", ["清单配合部门", "在办 0 件"]),
        ("环卫所", ["清单主责部门", "暂无在岗处置人员", "在办 0 件"]),
    ]


def test_of_equals_the_less_busy_then_the_older(world: World, case: Case) -> None:
    second = create_unit(kind="department", name="市场所", parent=world.street)
    create_user(role="handler", unit=second)
    names = ["城管科", "市场所"]
    assert [name for name, _reasons in ranked(case) if name in names] == names

    busy(world, Unit.objects.get(name="城管科"), 2)

    near = [row for row in ranked(case) if row[0] in names]
    assert near == [
        ("市场所", ["本街道部门", "在办 0 件"]),
        ("城管科", ["本街道部门", "在办 2 件"]),
    ]


def test_the_load_counts_open_work_orders_only(world: World, case: Case) -> None:
    busy(world, world.sanitation, 3)
    done = Assignment.objects.order_by("pk")
    done.filter(pk=done[0].pk).update(finished_at=MONDAY)
    done.filter(pk=done[1].pk).update(returned_at=MONDAY)

    assert ranked(case)[0] == ("环卫所", ["清单主责部门", "在办 1 件"])


@pytest.mark.parametrize(
    ("remit", "reason"),
    [("upper", "上级收回事项，由市水务局牵头"), ("support", "配合事项，由市水务局牵头")],
)
def test_the_dispatcher_reads_what_the_upper_level_has_taken(
    world: World, case: Case, remit: str, reason: str
) -> None:
    item = create_item(
        department=world.police,
        code="0801",
        name="河道污染",
        dispatch="manual",
        remit=remit,
        upper_department="市水务局",
    )
    case = create_case(world, item=item, state=State.ACCEPTED)

    assert ranked(case)[0] == ("派出所", ["清单主责部门", reason, "在办 0 件"])


def test_a_department_that_is_no_more_is_no_candidate(world: World, case: Case) -> None:
    Unit.objects.filter(pk=world.police.pk).update(valid_to="2026-01-01")

    assert "派出所" not in [name for name, _reasons in ranked(case)]


def test_who_is_no_candidate_is_not_sent_to(world: World, case: Case) -> None:
    for unit in (Unit.objects.get(name="外街城管科"), world.community):
        with pytest.raises(NotAllowed, match="不在可派遣范围内"):
            workflow.take(case, "dispatch", by=world.dispatcher, now=MONDAY, department_id=unit.pk)


def test_the_history_keeps_the_reasons(world: World, case: Case) -> None:
    move(case, "dispatch", by=world.dispatcher, department_id=world.police.pk)

    line = case.transitions.order_by("-pk")[0]
    assert line.details == {
        "department": world.police.pk,
        "reasons": [["joint", {}], ["load", {"load": 0}]],
    }
    # each reads them in the own language, whoever dispatched
    assert (
        case_page.timeline(case_page.lines(case))[0]["note"] == "派出所（清单配合部门，在办 0 件）"
    )
    with translation.override("en"):
        assert (
            "joint department of the item" in case_page.timeline(case_page.lines(case))[0]["note"]
        )


def test_ranking_costs_one_query_for_four_departments_and_for_seven(
    world: World, case: Case
) -> None:
    for departments in (4, 7):
        for number in range(departments - len(dispatch.rank(case))):
            create_unit(kind="department", name=f"第{number}科", parent=world.street)
        dispatch.rank(case)
        # as in a request, whose first statement reads the versions of what is in memory
        with actor.acting(None, "desk"), queries(1):  # the loads
            assert len(dispatch.rank(case)) == departments
