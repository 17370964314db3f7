"""Two characters find a case, by an index; numbers in part; nothing outside one's territory."""

from __future__ import annotations

import psycopg
import pytest

from cases import access, queue
from cases.models import Case, State
from governance import reference, search
from governance.engines import Engines
from governance.models import LEVELS, User
from tests.builders import World, create_world
from tests.case_builders import MONDAY, create_case, create_item


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("路灯不亮 3号楼", ["3", "不亮", "号楼", "灯不", "路灯"]),
        ("井", ["井"]),
        ("WiFi坏了，坏了", ["wifi", "坏了"]),
        ("ＷｉＦｉ　３号楼", ["3", "wifi", "号楼"]),
        ("20260302000123", ["20260302000123"]),
        ("', :*&!()|<> %", []),
        ("é😀", []),
        ("", []),
    ],
)
def test_text_is_cut_into_character_pairs_and_words(text: str, parts: list[str]) -> None:
    assert search.lexemes(text) == parts


def found(user: User, words: str) -> list[str]:
    rows = queue.Filters(words=words).apply(access.visible_to(user)).order_by("pk")
    return list(rows.values_list("description", flat=True))


@pytest.fixture
def three(world: World) -> list[Case]:
    item = create_item(department=world.sanitation, dispatch="manual")
    return [
        create_case(world, item=item, description="路灯不亮", place="军丽园3号楼"),
        create_case(world, item=item, description="Broken LAMP", place="西门31号楼"),
        create_case(world, grid=world.other_grid, by=world.outsider, description="路灯歪了"),
    ]


def test_what_finds_and_what_does_not(world: World, three: list[Case]) -> None:
    lamp, english, _other = three

    for words, expected in {
        "路灯": ["路灯不亮"],
        "路灯不亮": ["路灯不亮"],
        "灯": ["路灯不亮"],  # one character: pairs that begin with it
        "亮": [],
        "军丽园 路灯": ["路灯不亮"],
        "路灯 西门": [],
        "暴露垃圾": ["路灯不亮", "Broken LAMP"],  # the item's name
        "lam": ["Broken LAMP"],
        "amp": [],
        "3号楼": ["路灯不亮"],
        "3 号楼": ["路灯不亮"],
        "３号楼": ["路灯不亮"],
        "31": ["Broken LAMP"],
        "西门31号": ["Broken LAMP"],
        "1号楼": [],
        lamp.number: ["路灯不亮"],
        english.number[:8]: ["路灯不亮", "Broken LAMP"],
        "'; DROP TABLE": [],
        "' & | !": [],
        "%": [],
    }.items():
        assert found(world.clerk, words) == expected, words


def test_each_searches_the_own_territory(world: World, three: list[Case]) -> None:
    assert found(world.outsider, "路灯") == ["路灯歪了"]
    assert found(world.police_handler, "路灯") == []
    assert found(world.system_admin, "路灯") == []


def test_personal_data_is_not_searched(world: World) -> None:
    create_case(world, reporter_name="王小二", reporter_phone="13812345678")

    assert found(world.clerk, "王小") == []
    assert found(world.clerk, "13812345678") == []


def test_a_search_among_many_goes_by_the_index(committed_db: Engines) -> None:
    reference.forget()
    world = create_world()
    lamp = create_case(world, description="路灯不亮")
    chain = {f"{level}_id": getattr(lamp, f"{level}_id") for level in LEVELS}
    Case.objects.bulk_create(
        Case(
            number=f"x{n}",
            state=State.ARCHIVED,
            item_id=lamp.item_id,
            description="井盖" * 150,
            source="import",
            reported_at=MONDAY,
            search=search.vector("井盖缺失", f"第{n}件"),
            **chain,
        )
        for n in range(1500)
    )
    with psycopg.connect(committed_db.owner_url, autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE) cases_case")
    asked = queue.Filters(words="路灯").apply(access.visible_to(world.clerk)).order_by("-pk")[:26]

    plan = asked.explain()

    assert "case_search" in plan, plan
    assert [case.number for case in asked] == [lamp.number]
