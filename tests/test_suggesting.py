"""The item that words speak of: learnt from the closed cases, off until there are enough."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cases import suggesting, tasks
from cases.models import Case, Item, ItemModel, State
from people.models import Residency
from tests.builders import World, shift_clock
from tests.case_builders import MONDAY, create_case, create_item
from tests.clients import browser
from tests.test_visit_findings import filled, report, visited

SAID = {
    "0101": ("楼前有一堆垃圾没人清", "垃圾桶满了散发异味", "有人乱倒建筑垃圾"),
    "0201": ("路灯不亮晚上很黑", "路灯坏了好几天", "楼道口路灯一闪一闪"),
    "0301": ("有人在人行道占道经营", "小贩占道摆摊堵路", "商户把货架摆到路上占道"),
}


@pytest.fixture(autouse=True)
def monday(db: None) -> None:
    shift_clock(to=MONDAY)


@pytest.fixture
def learnt(world: World) -> World:
    """Six hundred closed cases of three items, told in a few ways."""
    for code in SAID:
        create_item(department=world.sanitation, code=code, name=f"事项{code}", dispatch="manual")
    cases = {code: create_case(world, item=item_of(code), state=State.CLOSED) for code in SAID}
    for code, case in cases.items():
        for n in range(200):
            case.pk = None
            case._state.adding = True
            case.number = f"{code}{n:06d}"
            case.description = f"{SAID[code][n % 3]}，{n}号楼"
            case.save()
    return world


def item_of(code: str) -> Item:
    return Item.objects.get(code=code)


def test_it_is_off_until_there_are_enough(world: World) -> None:
    create_case(world, state=State.CLOSED)

    assert suggesting.suggest("垃圾") == []
    assert tasks.train_items() == 0
    with pytest.raises(CommandError, match="只有 1 件"):
        call_command("train_items")


def test_it_learns_and_says_how_sure_it_is(learnt: World) -> None:
    said = StringIO()
    call_command("train_items", stdout=said)

    assert "cases=603 tested=121" in said.getvalue()
    row = ItemModel.objects.get()
    assert row.accuracy > 0.95
    assert row.accuracy_top3 >= row.accuracy
    best = suggesting.suggest("小区门口的路灯又坏了")
    assert best[0].item_id == item_of("0201").pk
    assert 0.5 < best[0].confidence <= 1
    assert len(best) == 3
    assert suggesting.suggest("quite another language") == []


def test_pages_offer_what_it_suggests(learnt: World) -> None:
    tasks.train_items()
    clerk = browser(learnt.clerk)

    html = clerk.post("/cases/suggest/", {"description": "有人占道摆摊"}).content.decode()
    assert html.index("事项0301") < html.index("%")
    case = create_case(learnt, item=item_of("0101"), description="路灯坏了")
    form = clerk.get(f"/cases/{case.number}/accept/").content.decode()
    assert "按描述建议：事项0201" in form
    listed = browser(learnt.system_admin).get("/admin/cases/itemmodel/").content.decode()
    assert "603" in listed


def test_the_words_of_a_visit_choose_the_item(learnt: World) -> None:
    tasks.train_items()
    worker = browser(learnt.grid_worker)
    lamp = visited(learnt, words="楼道口路灯坏了好几天，晚上很黑")
    other = visited(learnt, Residency.objects.get(), words="quite another language")

    answer = report(worker, f"/m/report/?visit={lamp.number}")  # as it was filled in

    assert answer.status_code == 302
    assert Case.objects.get(visit=lamp.pk).item == item_of("0201")
    page = worker.get(f"/m/report/?visit={other.number}").content.decode()
    assert filled(page)["item"] == ""


def test_an_item_that_is_off_is_not_suggested_and_old_models_go(learnt: World) -> None:
    item = item_of("0201")
    item.is_active = False
    item.save()
    tasks.train_items()
    row = ItemModel.objects.get()
    for _night in range(suggesting.KEPT):
        row.pk = None
        row.save()
    tasks.train_items()

    assert ItemModel.objects.count() == suggesting.KEPT
    assert item.pk not in [one.item_id for one in suggesting.suggest("路灯坏了")]
    assert Case.objects.filter(state=State.CLOSED).count() == 603


def test_a_web_process_does_not_carry_the_learning_library() -> None:
    script = (
        "import django, sys; django.setup(); import governance.urls, cases.urls;"
        "sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
