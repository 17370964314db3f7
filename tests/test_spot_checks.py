"""双随机: the draw, and who goes for an inspector who left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases import campaign_access, campaign_page, campaigns, drawing, replacements, spot_checks
from cases.campaign_answers import Said
from cases.errors import NotAllowed
from cases.models import Campaign, CampaignTask, Case, SpotDraw
from cases.schemas import BadAnswers
from governance import timers
from governance.models import Timer, User
from tests.builders import World, create_user, kinds_told, shift_clock
from tests.campaign_builders import (
    DAY,
    DRAWN_AT,
    FRIDAY,
    SEED_AT,
    announce,
    answer,
    create_check_list,
    drawn,
    launch,
    plan,
    spot,
    task_of,
    workplaces,
)
from tests.case_builders import MONDAY, picture
from tests.clients import KEY, browser

# The draw -----------------------------------------------------------------------------------------


def test_the_draw_is_the_one_that_the_docstring_tells() -> None:
    inspectors = [
        drawing.Inspector(5, 3, frozenset({12})),
        drawing.Inspector(9, 4, frozenset()),
        drawing.Inspector(7, 3, frozenset({12})),
    ]
    pool = drawing.pool_of([17, 12, 30], inspectors, draw=2, each=2)

    assert drawing.canonical(pool) == (
        '{"draw":2,"each":2,"inspectors":[{"id":5,"own":[12],"unit":3},{"id":7,"own":[12],"unit":3},'
        '{"id":9,"own":[],"unit":4}],"objects":[12,17,30]}'
    )
    first = drawing.draw(pool, "3204.56")
    assert first == drawing.draw(pool, "3204.56")
    order = sorted([12, 17, 30], key=lambda pk: drawing.sha256(f"3204.56:{pk}"))
    assert [one.object_id for one in first] == order[:2]
    assert len({drawing.draw(pool, str(seed))[0].object_id for seed in range(20)}) == 3
    for seed in range(20):
        for one in drawing.draw(pool, str(seed)):
            # of 5, 7 and 9 only 9 is not of the place's own unit
            assert one.object_id != 12 or 9 in one.inspector_ids


def test_a_spot_check_is_announced_then_drawn_then_done(world: World) -> None:
    shift_clock(to=MONDAY)
    campaign = announce(world)
    pool = campaign.pool
    assert campaign.state == "announced"
    assert drawing.digest(pool.pool) == pool.digest
    assert not campaign.tasks.exists()
    for user, seen in ((world.handler, True), (world.grid_worker, True), (world.clerk, False)):
        assert (campaign in campaign_access.visible_campaigns(user)) is seen
    with pytest.raises(NotAllowed, match="尚未公布"):
        spot_checks.draw(campaign, "3204.56", by=world.dispatcher, now=MONDAY)
    shift_clock(to=SEED_AT + timedelta(minutes=1))
    timers.sweep()
    assert kinds_told(world.dispatcher) == ["campaign.draw"]

    campaign = spot_checks.draw(campaign, " 3204.56 ", by=world.dispatcher, now=DRAWN_AT)

    tasks = {task.about_id: task for task in campaign.tasks.all()}
    drawn = drawing.draw(pool.pool, "3204.56")
    assert set(tasks) == {one.object_id for one in drawn}
    grid_people = {world.grid_worker.pk, world.grid_leader.pk}
    for one in drawn:
        inspectors = set(tasks[one.object_id].inspectors.values_list("pk", flat=True))
        assert inspectors == set(one.inspector_ids)
        assert not inspectors & grid_people  # the workplaces lie in their own grid
    with pytest.raises(NotAllowed, match="待抽取"):
        spot_checks.draw(campaign, "1", by=world.dispatcher, now=DRAWN_AT)
    task = tasks[drawn[0].object_id]
    inspector = User.objects.get(pk=drawn[0].inspector_ids[0])
    assert kinds_told(inspector)[0] == "campaign.task"
    everybody = {world.handler, world.department_lead, world.police_handler, world.grid_worker}
    for other in everybody - set(task.inspectors.all()):
        with pytest.raises(NotAllowed, match="其他单位或人员"):
            answer(world, task, other)
    assert task in campaign_access.to_do(inspector)
    answer(world, task, inspector, exit=Said("no", "锁闭"))
    assert Case.objects.get().grid == world.grid


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"seed_source": " "}, "种子来源"),
        ({"seed_at": MONDAY}, "晚于现在"),
        ({"seed_at": FRIDAY + DAY}, "早于完成期限"),
        ({"draw": 6}, "1 至 5"),
        ({"each": 9}, "检查人员数"),
        ({"object_ids": ()}, "检查对象"),
        ({"inspector_unit_ids": ()}, "检查人员所在"),
        ({"inspector_unit_ids": (0,)}, "检查人员所在"),
    ],
)
def test_an_odd_pool_is_refused(world: World, fields: dict[str, Any], why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        announce(world, **fields)
    assert not Campaign.objects.exists()


def test_a_spot_check_is_not_launched_and_a_campaign_not_drawn(world: World) -> None:
    with pytest.raises(NotAllowed, match="抽取范围"):
        launch(world, kind="spot_check")
    with pytest.raises(NotAllowed, match="双随机"):
        spot_checks.announce(plan(world), spot(world), by=world.dispatcher, now=MONDAY)
    with pytest.raises(NotAllowed, match="待抽取"):
        spot_checks.draw(launch(world), "1", by=world.dispatcher, now=MONDAY)
    campaign = announce(world)
    with pytest.raises(NotAllowed, match="请填写种子"):
        spot_checks.draw(campaign, " ", by=world.dispatcher, now=DRAWN_AT)
    with pytest.raises(NotAllowed, match="期限"):
        spot_checks.draw(campaign, "1", by=world.dispatcher, now=FRIDAY + DAY)
    with pytest.raises(NotAllowed, match="岗位"):
        spot_checks.draw(campaign, "1", by=world.clerk, now=DRAWN_AT)
    campaigns.end(campaign, by=world.dispatcher, now=DRAWN_AT)
    assert not SpotDraw.objects.exists()
    assert not Timer.objects.open().filter(kind=campaigns.DRAW).exists()


def test_who_left_before_the_draw_leaves_a_task_to_excuse(world: World) -> None:
    extra = create_user(role="handler", unit=world.police)
    campaign = announce(world, inspector_unit_ids=(world.police.pk,), draw=1, each=2)
    User.objects.filter(pk=extra.pk).update(is_active=False)

    campaign = spot_checks.draw(campaign, "7", by=world.dispatcher, now=DRAWN_AT)

    task = campaign.tasks.get()
    assert task.inspectors.count() == 2
    answer(world, task, world.police_handler)


def test_a_picture_that_is_none_leaves_nothing(world: World) -> None:
    task = task_of(launch(world), world.grid)
    bad = picture()
    bad.seek(0)
    bad.truncate(10)

    with pytest.raises(BadAnswers) as refused:
        answer(world, task, exit=Said("no", "堵塞", (picture(), bad)))

    assert list(refused.value.faults) == ["exit"]
    task.refresh_from_db()
    assert (task.state, Case.objects.count()) == ("open", 0)


# An inspector who left ----------------------------------------------------------------------------


def test_the_next_of_the_pool_goes_for_one_who_left(world: World) -> None:
    shift_clock(to=DRAWN_AT)
    extra = [create_user(role="handler", unit=world.police) for _n in range(3)]
    units = (world.police.pk, world.sanitation.pk)
    campaign = drawn(world, inspector_unit_ids=units, draw=1, each=2)
    task = campaign.tasks.get()
    order = drawing.order_of(campaign.pool.pool, "3204.56", task.about_id)
    first, second = order[:2]
    assert set(task.inspectors.values_list("pk", flat=True)) == {first, second}
    gone = User.objects.get(pk=first)
    given: dict[str, Any] = {"reason": "调离", "by": world.dispatcher, "now": DRAWN_AT}
    with pytest.raises(NotAllowed, match="已离岗"):
        replacements.replace(task, first, **given)
    User.objects.filter(pk__in=[first, order[2]]).update(is_active=False)  # the third left as well

    row = replacements.replace(task, first, **given)

    assert (row.left, row.came_id, row.reason) == (gone, order[3], "调离")
    assert set(task.inspectors.values_list("pk", flat=True)) == {second, order[3]}
    assert "campaign.task" in kinds_told(row.came)
    assert campaign_page.holds(campaign, "3204.56")
    facts = campaign_page.draw_facts(campaign)["done"]["replacements"]
    assert [(one["left"], one["came"]) for one in facts] == [(str(gone), str(row.came))]
    answer(world, task, row.came)
    assert len(extra) == 3


def test_nobody_is_chosen_and_nobody_else_replaces(world: World) -> None:
    shift_clock(to=DRAWN_AT)
    campaign = drawn(world, inspector_unit_ids=(world.police.pk,), draw=1, each=1)
    task, police = campaign.tasks.get(), world.police_handler
    given: dict[str, Any] = {"reason": "调离", "now": DRAWN_AT}
    User.objects.filter(pk=police.pk).update(is_active=False)
    with pytest.raises(NotAllowed, match="岗位"):
        replacements.replace(task, police.pk, by=world.clerk, **given)
    with pytest.raises(NotAllowed, match="理由"):
        replacements.replace(task, police.pk, by=world.dispatcher, now=DRAWN_AT, reason=" ")
    with pytest.raises(NotAllowed, match="请免除该任务"):
        replacements.replace(task, police.pk, by=world.dispatcher, **given)
    plain = task_of(launch(world), world.grid)
    with pytest.raises(NotAllowed, match="已离岗"):
        replacements.replace(plain, world.grid_worker.pk, by=world.dispatcher, **given)


@pytest.mark.parametrize("prefix", ["", "/m"])
def test_an_inspector_is_replaced_on_the_page(world: World, prefix: str) -> None:
    shift_clock(to=DRAWN_AT)
    units = (world.police.pk, world.sanitation.pk)
    campaign = drawn(world, inspector_unit_ids=units, draw=1, each=1)
    task = campaign.tasks.get()
    gone = task.inspectors.get()
    client, page = browser(world.dispatcher), f"{prefix}/campaigns/tasks/{task.pk}/"
    assert "递补" not in client.get(page).content.decode()
    early = client.post(f"{page}replace/", {"left": gone.pk, "reason": "调离"}, follow=True)
    assert "只能递补已离岗" in early.content.decode()
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert "递补离岗的检查人员" in client.get(page).content.decode()
    assert "递补" not in browser(world.clerk).get(page).content.decode()

    assert client.post(f"{page}replace/", {"left": gone.pk}).status_code == 400
    assert client.post(f"{page}replace/", {"left": 0, "reason": "x"}).status_code == 400
    done = client.post(f"{page}replace/", {"left": gone.pk, "reason": "调离"})

    assert done["Location"] == page
    came = task.replacements.get().came
    assert str(came) in client.get(page).content.decode()
    assert "调离" in client.get(f"{prefix}/campaigns/{campaign.number}/").content.decode()
    outsider = browser(world.outsider).post(f"{page}replace/", {"left": gone.pk})
    assert outsider.status_code == 404


def test_a_spot_check_on_its_pages(world: World) -> None:
    shift_clock(to=MONDAY)
    places = workplaces(world)
    asked = {
        "title": "双随机抽查",
        "check_list": create_check_list(world).pk,
        "due_on": "2026-03-06",
        "brief": "检查消防",
        "places": [unit.pk for unit in places],
        "inspector_units": [world.sanitation.pk, world.police.pk],
        "draw": 2,
        "each": 1,
        "seed_source": "上证综指",
        "seed_at": "2026-03-03T15:00",
        "key": str(KEY),
    }
    client = browser(world.dispatcher)
    assert client.post("/campaigns/spot-check/", {**asked, "draw": 9}).status_code == 400
    made = client.post("/campaigns/spot-check/", asked)
    assert client.post("/campaigns/spot-check/", asked)["Location"] == made["Location"]
    address = made["Location"]
    page = client.get(address).content.decode()
    campaign = Campaign.objects.get()
    assert campaign.pool.digest in page
    assert "复算一致" in page
    assert f"{address}draw/" not in page
    early = client.post(f"{address}draw/", {"seed": "3204.56"})
    assert early.status_code == 400
    shift_clock(to=DRAWN_AT)
    assert client.post(f"{address}draw/", {}).status_code == 400

    client.post(f"{address}draw/", {"seed": "3204.56"})

    page = client.get(address).content.decode()
    assert "3204.56" in page
    assert "按种子复算，与各任务一致" in page
    drawn, task = {one.about_id for one in campaign.tasks.all()}, campaign.tasks.all()[0]
    other = next(place for place in places if place.pk not in drawn)
    CampaignTask.objects.filter(pk=task.pk).update(about=other)
    assert "与各任务不一致" in client.get(address).content.decode()
    inspector = task.inspectors.get()
    assert str(inspector) in browser(inspector).get(f"/campaigns/tasks/{task.pk}/").content.decode()
