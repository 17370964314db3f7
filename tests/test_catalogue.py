"""The item catalogue: loaded twice without doubles, found by what people say, kept in memory."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from cases import catalogue, items
from cases.catalogue_file import BadCatalogue
from cases.models import Item, ItemClass, ItemLimit, Ladder, LadderStep, Remit, Stage
from governance.models import Unit, UnitCode
from governance.workcalendar import LimitUnit
from tests.builders import World, create_unit
from tests.case_builders import create_item


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return tomllib.loads(catalogue.FILE.read_text(encoding="utf-8"))


@pytest.fixture
def district(db: None) -> Unit:
    return create_unit(kind="district", name="东丽区", code="120110000000")


def counts() -> list[int]:
    models = (Item, ItemClass, ItemLimit, Ladder, LadderStep, Unit, UnitCode)
    return [model.objects.count() for model in models]


def test_it_loads_twice_and_is_there_once(
    district: Unit, data: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("load_catalogue", "--parent", "120110000000")
    assert capsys.readouterr().out == f"new_departments=18 items={len(data['item'])}\n"
    once = counts()
    call_command("load_catalogue", "--parent", "120110000000")

    assert capsys.readouterr().out == f"new_departments=0 items={len(data['item'])}\n"
    assert counts() == once
    assert once[0] == len(data["item"]) >= 125
    assert ItemClass.objects.count() == 6
    assert Unit.objects.filter(kind="department").count() == 18
    facts = items.items().values()
    assert all(item.limits and item.steps and item.remind_percent for item in facts)


def test_an_edited_row_takes_effect_and_a_retired_item_stays_so(
    district: Unit, tmp_path: Path
) -> None:
    text = catalogue.FILE.read_text(encoding="utf-8")
    catalogue.load(catalogue.FILE, district)
    first = Item.objects.order_by("code")[0]
    Item.objects.filter(pk=first.pk).update(is_active=False)
    edited = tmp_path / "catalogue.toml"
    edited.write_text(text.replace(f'name = "{first.name}"', 'name = "新名称"', 1), "utf-8")

    catalogue.load(edited, district)

    first.refresh_from_db()
    assert (first.name, first.is_active) == ("新名称", False)


def test_an_entry_at_fault_is_named_and_nothing_written(district: Unit, tmp_path: Path) -> None:
    text = catalogue.FILE.read_text(encoding="utf-8")
    broken = tmp_path / "catalogue.toml"
    broken.write_text(text.replace('\nladder = "', '\nladder = "no-', 1), "utf-8")

    with pytest.raises(BadCatalogue, match="no-"):
        catalogue.load(broken, district)
    with pytest.raises(CommandError):
        call_command("load_catalogue", broken, "--parent", "120110000000")
    with pytest.raises(CommandError):
        call_command("load_catalogue", "--parent", "999999999999")

    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'unit = "working_hours"',
            'unit = "fortnight"',
            "0101 暴露垃圾: limits.*unit: “fortnight”",
        ),
        ("accept = {", "acept = {", "limits: 没有这样的字段：acept"),
        ("amount = 2", 'amount = "x"', "“x”不是 integer"),
        ("amount = 2", "amount = 0", "“0”超出范围"),
        ('remit = "basic"', 'remit = "odd"', "remit: “odd”不在可选值内：basic、support、upper"),
        ('name = "暴露垃圾"', f'name = "{"垃圾" * 60}"', "name: 最多"),
        ('closing = "', 'closed = "', "0101 暴露垃圾: 缺少 closing"),
        ('code = "0102"', 'code = "0101"', "item：代码 0101 重复"),
        ('joint = ["property"]', 'joint = ["nosuch"]', "joint：没有代码为 nosuch 的条目"),
        ("[[item]]", "[[item", "不是有效的 TOML.*line"),
    ],
)
def test_each_fault_of_a_file_is_named_with_its_place(
    district: Unit, tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = catalogue.FILE.read_text(encoding="utf-8")
    head, found, rest = text.partition("[[item]]")
    broken = tmp_path / "catalogue.toml"
    broken.write_text(head + (found + rest).replace(old, new, 1), "utf-8")

    with pytest.raises(CommandError, match=said):
        call_command("load_catalogue", broken, "--parent", "120110000000")

    assert not Unit.objects.filter(kind="department").exists()


@pytest.mark.parametrize("command", ["load_catalogue", "load_services"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "缺少 department"),
        ("名称".encode("gbk"), "UTF-8"),
        (b"item = 3", "缺少 department"),
    ],
)
def test_a_file_that_is_no_catalogue(
    district: Unit, tmp_path: Path, command: str, content: bytes, said: str
) -> None:
    odd = tmp_path / "odd.toml"
    odd.write_bytes(content)

    with pytest.raises(CommandError, match=said):
        call_command(command, odd, "--parent", "120110000000")


def test_the_catalogue_is_sound(data: dict[str, Any]) -> None:
    entries = data["item"]
    departments = {row["code"] for row in data["department"]}
    assert len(departments) == len(data["department"]) == 18
    assert len({row["code"] for row in entries}) == len({row["name"] for row in entries})
    for row in entries:
        assert {row["department"], *row["joint"]} <= departments, row["code"]
        assert row["department"] not in row["joint"], row["code"]
        assert row["remit"] in Remit.values
        assert bool(row["upper"]) == (row["remit"] != "basic"), row["code"]
        assert all(row[name] for name in ("name_en", "words", "admission", "closing", "source"))
        assert set(row["limits"]) <= set(Stage.values), row["code"]
        assert {limit["unit"] for limit in row["limits"].values()} <= set(LimitUnit.values)


# What people say --------------------------------------------------------------------------------


@pytest.fixture
def some(world: World) -> None:
    for code, name, words in (
        ("0101", "暴露垃圾", ["垃圾", "乱倒垃圾"]),
        ("0201", "井盖缺失", ["井盖", "窨井盖不见了"]),
        ("0202", "井盖破损", ["井盖"]),
        ("0699", "其他诉求", ["其他"]),
    ):
        create_item(department=world.sanitation, code=code, name=name, words=words)
    create_item(
        department=world.police, code="0999", name="旧垃圾", words=["垃圾"], is_active=False
    )


def test_typing_finds_items_the_best_first(some: None) -> None:
    def codes(words: str) -> list[str]:
        return [item.code for item in items.find(words)]

    assert codes("井盖破损") == ["0202", "0201"]
    assert codes("窨井盖") == ["0201", "0202"]
    assert codes("0101") == ["0101"]
    assert codes("垃圾") == ["0101"]
    assert codes("item 0201")[0] == "0201"
    assert codes("飞碟") == []
    assert codes("") == codes("！") == ["0101", "0201", "0202", "0699"]
    assert len(items.find("", limit=2)) == 2


def test_a_resident_s_words_name_an_item_or_the_fallback(some: None) -> None:
    def code(text: str) -> str | None:
        item = items.guess(text)
        return item.code if item else None

    assert code("楼下有人乱倒垃圾") == "0101"
    assert code("路口的窨井盖不见了，旁边还有垃圾") == "0201"  # the longest saying
    assert code("楼上漏水") == "0699"
    assert code("其他：楼上漏水") == "0699"


def test_without_a_fallback_nothing_is_guessed(world: World) -> None:
    create_item(department=world.sanitation)

    assert items.guess("楼上漏水") is None


def test_names_are_in_the_reader_s_language(some: None) -> None:
    item = items.find("0101")[0]

    assert (item.title, item.class_title) == ("暴露垃圾", "市容环境")
    with translation.override("en"):
        assert (item.title, item.class_title) == ("Item 0101", "City appearance")


def test_a_change_is_seen_at_once_whoever_made_it(world: World) -> None:
    item = create_item(department=world.sanitation)
    limit = items.facts(item.pk).limit("handle")
    assert limit is not None
    assert (limit.amount, limit.unit) == (1, "working_days")

    ItemLimit.objects.filter(item=item, stage="handle").update(amount=5)

    limit = items.facts(item.pk).limit("handle")
    assert limit is not None
    assert limit.amount == 5
