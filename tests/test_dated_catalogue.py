"""What holds from a day on: items, limits, ladders, whistle limits; open cases follow that day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases import items, recomputing, whistles
from cases.models import Case, Item, ItemLimit, LadderStep, State, WhistleLimit
from governance import timers
from governance.models import Timer
from tests.builders import World, moment, shift_clock
from tests.case_builders import MONDAY, create_case, move
from tests.clients import browser
from tests.test_cases_admin import errors, form_of
from tests.test_previews import CONFIRMED, running, said, sweep


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


def with_limit(world: World, item: Item, **row: Any) -> tuple[str, dict[str, Any]]:
    """The item's page in the admin, and its form with one more limit."""
    path = f"/admin/cases/item/{item.pk}/change/"
    form = form_of(world.system_admin, path)
    n = int(form["limits-TOTAL_FORMS"])
    form |= {f"limits-{n}-{name}": value for name, value in row.items()}
    return path, {**form, f"limits-{n}-item": item.pk, "limits-TOTAL_FORMS": n + 1}


def amount(item: Item, stage: str) -> int | None:
    limit = items.facts(item.pk).limit(stage)
    return limit.amount if limit else None


def test_a_limit_from_a_coming_day_moves_open_cases_on_that_day(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    due = case.stage_due_at
    row = {"stage": "handle", "amount": 4, "unit": "working_days", "valid_from": "2026-03-03"}
    path, form = with_limit(world, case.item, **row)
    client = browser(world.system_admin)

    html = said(client.post(path, form))
    assert "自 2026-03-03 起另有时限：按今天的在办事件计，届时 1 件的阶段时限重算。" in html
    assert "这次改动会使" not in html
    assert client.post(path, {**form, **CONFIRMED}).status_code == 302
    sweep()

    case.refresh_from_db()
    assert (amount(case.item, "handle"), case.stage_due_at) == (1, due)
    sweep("2026-03-03 00:01")
    case.refresh_from_db()
    assert (amount(case.item, "handle"), case.stage_amount) == (4, 4)
    assert case.stage_due_at == moment("2026-03-06 17:30")
    assert case.transitions.order_by("-pk")[0].action == "relimit"


def test_each_coming_day_is_waited_for(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    for day, days in ((3, 4), (5, 6)):
        ItemLimit.objects.create(
            item=case.item,
            stage="handle",
            amount=days,
            unit="working_days",
            valid_from=date(2026, 3, day),
        )
    recomputing.change_item(case.item_id, MONDAY)

    for at, days in (("2026-03-02 23:59", 1), ("2026-03-03 00:01", 4), ("2026-03-05 00:01", 6)):
        sweep(at)
        case.refresh_from_db()
        assert case.stage_amount == days
    assert not Timer.objects.open().filter(kind=recomputing.DAY).exists()


def test_a_limit_that_has_ended_is_none(world: World) -> None:
    case = create_case(world)
    case.item.limits.filter(stage="handle").update(valid_to=date(2026, 3, 4))
    assert amount(case.item, "handle") == 1

    shift_clock(to=moment("2026-03-04 08:00"))

    assert amount(case.item, "handle") is None


def test_a_step_of_the_ladder_from_a_coming_day(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    ladder = case.item.ladder
    path = f"/admin/cases/ladder/{ladder.pk}/change/"
    form = form_of(world.system_admin, path)
    n = int(form["steps-TOTAL_FORMS"])
    new = {
        "step": 0,
        "after": 1,
        "unit": "working_days",
        "to": "street",
        "valid_from": "2026-03-03",
    }
    form |= {f"steps-{n}-{name}": value for name, value in new.items()}
    form |= {f"steps-{n}-ladder": ladder.pk, "steps-TOTAL_FORMS": n + 1}
    client = browser(world.system_admin)

    html = said(client.post(path, form))
    assert "自 2026-03-03 起另有临期提醒或升级步骤" in html
    assert client.post(path, {**form, **CONFIRMED}).status_code == 302
    sweep()

    same_day = form_of(world.system_admin, path)
    same_day |= {f"steps-{n + 1}-{name}": value for name, value in new.items()}
    same_day |= {f"steps-{n + 1}-ladder": ladder.pk, "steps-TOTAL_FORMS": n + 2}
    assert errors(client.post(path, same_day)) == "<li>同一天起已有一行。</li>"
    assert running(case, "case.stage_overdue") == [(0, moment("2026-03-03 17:30"))]
    fresh = LadderStep.objects.get(ladder=ladder, valid_from=None, step=0)
    assert fresh.to == "community"
    shift_clock(to=moment("2026-03-03 00:01"))
    assert items.facts(case.item_id).steps[0].to == "street"
    assert [step.to for step in items.facts(case.item_id).steps] == ["street", "street", "district"]


def test_reminders_from_a_coming_day(world: World) -> None:
    case = create_case(world, state=State.HANDLING)
    ladder = case.item.ladder
    path = f"/admin/cases/ladder/{ladder.pk}/change/"
    form = form_of(world.system_admin, path)
    new = {"percent": "50", "valid_from": "2026-03-03", "ladder": ladder.pk}
    form |= {f"reminders-0-{name}": value for name, value in new.items()}
    form |= {"reminders-TOTAL_FORMS": 1}
    client = browser(world.system_admin)

    html = said(client.post(path, form))
    assert "自 2026-03-03 起另有临期提醒或升级步骤：按今天的在办事件计，届时 1 件" in html
    again = {name.replace("-0-", "-1-"): value for name, value in form.items()}
    twice = client.post(path, again | form | {"reminders-TOTAL_FORMS": 2})
    assert errors(twice) == "<li>同一天起已有一行。</li>"
    assert client.post(path, {**form, **CONFIRMED}).status_code == 302
    sweep()

    assert items.facts(case.item_id).remind_percent == (80,)
    assert running(case, "case.stage_remind") == [(0, moment("2026-03-03 14:36"))]
    sweep("2026-03-03 08:31")
    assert items.facts(case.item_id).remind_percent == (50,)
    assert running(case, "case.stage_remind") == [(0, moment("2026-03-03 08:45"))]


def test_a_whistle_gives_the_time_of_its_day(world: World) -> None:
    usual = whistles.limit("hard", "report")
    assert usual is not None
    WhistleLimit.objects.create(kind="hard", step="report", amount=9, unit="working_days")
    later = {"amount": 2, "unit": "working_days", "valid_from": date(2026, 3, 3)}
    WhistleLimit.objects.create(kind="hard", step="report", **later)

    first = whistles.limit("hard", "report")
    shift_clock(to=moment("2026-03-03 09:00"))
    second = whistles.limit("hard", "report")

    assert (first and first.amount, second and second.amount) == (9, 2)


def test_an_item_is_reported_between_its_days(world: World) -> None:
    item = create_case(world).item
    Item.objects.filter(pk=item.pk).update(valid_from=date(2026, 3, 3), valid_to=date(2026, 3, 5))

    found = []
    for day in (2, 3, 4, 5):
        shift_clock(to=moment(f"2026-03-0{day} 09:00"))
        found.append(items.facts(item.pk).is_active)

    assert found == [False, True, True, False]


def test_one_thing_has_one_row_a_day(world: World) -> None:
    item = create_case(world).item
    path, form = with_limit(world, item, stage="handle", amount=4, unit="working_days")

    assert "同一天起已有一行" in errors(browser(world.system_admin).post(path, form))
    with pytest.raises(IntegrityError), transaction.atomic():
        ItemLimit.objects.create(item=item, stage="handle", amount=4, unit="working_days")


def test_a_row_ends_after_it_began(world: World) -> None:
    item = create_case(world).item
    row = {"stage": "handle", "amount": 4, "unit": "working_days"}
    days = {"valid_from": "2026-03-05", "valid_to": "2026-03-05"}
    path, form = with_limit(world, item, **row, **days)

    assert "结束须晚于开始" in errors(browser(world.system_admin).post(path, form))
    assert not ItemLimit.objects.filter(valid_to__isnull=False).exists()


def test_another_department_of_an_item_says_what_waits_for_dispatch(world: World) -> None:
    create_case(world)
    sent: Case = create_case(world, state=State.HANDLING)
    path = f"/admin/cases/item/{sent.item_id}/change/"
    form = form_of(world.system_admin, path) | {"department": world.police.pk}
    client = browser(world.system_admin)

    html = said(client.post(path, form))

    assert "1 件尚未派遣的事件按新的主责部门和派遣方式派遣；已派遣的 1 件留在原部门。" in html
    client.post(path, {**form, **CONFIRMED})
    assert move(sent, "finish", by=world.handler).department_id != world.police.pk
    assert timers.sweep() >= 0
