"""Units from a CSV file: twice-safe, all or nothing, faults named by their line."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from governance.models import PartyOrganisation, Unit, UnitCode

HEADER = "kind,code,name,parent_code,scheme,form,organisation\n"
GOOD = (
    "district,120110000000,东丽区,,,,\n"
    "street,120110011000,军粮城街道,120110000000,,working_committee,\n"
    "community,120110011001,军丽园社区,120110011000,,committee,军丽园社区党委\n"
    "grid,1201100110010101,第一网格,120110011001,grid,,\n"
)


def load(folder: Path, rows: str, *, encoding: str = "utf-8") -> str:
    file = folder / "units.csv"
    file.write_text(HEADER + rows, encoding=encoding)
    said = StringIO()
    call_command("import_units", str(file), stdout=said)
    return said.getvalue().strip()


def tree() -> list[tuple[str, str | None]]:
    return list(Unit.objects.order_by("pk").values_list("name", "parent__name"))


def test_a_file_makes_the_tree_with_codes_and_organisations(db: None, tmp_path: Path) -> None:
    assert load(tmp_path, GOOD, encoding="utf-8-sig") == "created=4 changed=0 same=0"

    assert tree() == [
        ("东丽区", None),
        ("军粮城街道", "东丽区"),
        ("军丽园社区", "军粮城街道"),
        ("第一网格", "军丽园社区"),
    ]
    assert list(PartyOrganisation.objects.order_by("pk").values_list("form", "name")) == [
        ("working_committee", "军粮城街道党工委"),
        ("committee", "军丽园社区党委"),
    ]
    assert UnitCode.objects.get(code="1201100110010101").scheme == "grid"
    grid = Unit.objects.get(name="第一网格")
    assert grid.street == Unit.objects.get(name="军粮城街道")


def test_the_same_file_again_changes_nothing(db: None, tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    before = tree()

    assert load(tmp_path, GOOD) == "created=0 changed=0 same=4"
    assert tree() == before


def test_a_known_code_takes_its_new_name(db: None, tmp_path: Path) -> None:
    load(tmp_path, GOOD)

    said = load(tmp_path, GOOD.replace("军丽园社区,120110011000", "军丽苑社区,120110011000"))

    assert said == "created=0 changed=1 same=3"
    assert UnitCode.objects.get(code="120110011001").unit.name == "军丽苑社区"


def test_schemes_may_give_the_same_code_to_two_units(db: None, tmp_path: Path) -> None:
    said = load(tmp_path, GOOD + "estate,120110011001,军丽花园,1201100110010101,grid,,\n")

    assert said == "created=5 changed=0 same=0"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("grid,,无码网格,120110011001,,,", "第 6 行：缺少 code。"),
        ("block,9,某块,120110011001,,,", "第 6 行：类别“block”不在清单内。"),
        ("grid,9,某网格,404,,,", "第 6 行：没有代码为 404 的单位。"),
        ("street,9,某街,120110011001,,,", "第 6 行：“街道（乡镇）”不能隶属于“社区（村）”"),
        ("grid,9,第一网格,120110011001,,,", "第 6 行：“军丽园社区”下已有同名同类单位"),
        ("grid,9,某网格,120110011001,postal,,", "第 6 行：编码方案“postal”不在清单内。"),
        ("grid,9,某网格,120110011001,,club,", "第 6 行：党组织形式“club”不在清单内。"),
        (f"grid,9,{'长' * 81},120110011001,,,", "第 6 行：name 超过 80 个字。"),
        (f"grid,{'9' * 31},某网格,120110011001,,,", "第 6 行：code 超过 30 个字。"),
        ("\n\ngrid,9,某网格,404,,,", "第 8 行：没有代码为 404 的单位。"),
        (
            "community,120110011001,军丽苑,120110011000,,,",
            "第 6 行：代码 120110011001 已在第 4 行。",
        ),
        (
            "grid,1201100110010101,新网格,120110011001,grid,,",
            "第 6 行：代码 1201100110010101 已在第 5",
        ),
        ("grid,9,某\0网格,120110011001,,,", "第 6 行：含有空字符（NUL），请删去后重试。"),
    ],
)
def test_a_fault_is_named_by_its_line_and_nothing_is_written(
    db: None, tmp_path: Path, row: str, said: str
) -> None:
    with pytest.raises(CommandError) as fault:
        load(tmp_path, GOOD + row + "\n")

    assert str(fault.value).startswith(said)
    assert (Unit.objects.count(), UnitCode.objects.count()) == (0, 0)


def test_a_rename_to_a_taken_name_is_a_fault(db: None, tmp_path: Path) -> None:
    load(tmp_path, GOOD + "grid,1201100110010102,第二网格,120110011001,grid,,\n")

    with pytest.raises(CommandError, match="第 2 行：“军丽园社区”下已有同名同类单位：第二网格"):
        load(tmp_path, "grid,1201100110010101,第二网格,120110011001,grid,,\n")


def test_another_file_may_not_make_another_unit_of_a_known_code(db: None, tmp_path: Path) -> None:
    load(tmp_path, GOOD)

    with pytest.raises(CommandError, match="第 2 行：代码 120110011000 已属于"):
        load(tmp_path, "community,120110011000,某社区,120110000000,,,\n")


def test_a_file_of_another_encoding_says_what_to_do(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="UTF-8"):
        load(tmp_path, GOOD, encoding="gbk")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "文件是空的"),
        ("district,120110000000,东丽区,\n", "缺少列：kind、code、name、parent_code"),
        ("kind,code,name\ndistrict,120110000000,东丽区\n", "缺少列：parent_code"),
        (f"kind,code,name,parent_code\ndistrict,1,{'长' * 200_000},\n", "第 2 行读不出来"),
    ],
)
def test_a_file_without_its_columns(db: None, tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "units.csv"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(CommandError, match=said):
        call_command("import_units", str(file))

    assert not Unit.objects.exists()


def test_a_file_that_is_not_there(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_units", str(tmp_path / "none.csv"))
