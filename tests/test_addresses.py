"""Standard addresses: one line in parts, each door once, found by two characters, merged."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.engines import Engines
from governance.models import Unit
from grids import access, addresses
from grids.addresses import parse
from grids.errors import NotAllowed
from grids.models import Address
from tests.areas import draw, place, square
from tests.builders import World, create_world, queries
from tests.case_builders import MONDAY
from tests.people_builders import create_building, create_house
from tests.test_places import merged

# Reading ----------------------------------------------------------------------------------------


def said(text: str) -> dict[str, str]:
    return {name: value for name, value in parse(text).parts.items() if value}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("和顺路12号军丽园小区3号楼2单元5层501室", "和顺路12号军丽园小区3号楼2单元5层501室"),
        ("军丽园３号楼二单元五〇一", "军丽园3号楼2单元501室"),
        ("军丽园3-2-501", "军丽园3号楼2单元501室"),
        ("军丽园3栋501", "军丽园3号楼501室"),
        ("军丽园12幢 2单元 501房", "军丽园12号楼2单元501室"),
        ("军丽园三号楼2门501号", "军丽园3号楼2单元501室"),
        ("军丽园12#楼3单元", "军丽园12号楼3单元"),
        ("军丽园3楼2单元", "军丽园3号楼2单元"),
        ("军丽园3楼", "军丽园3层"),
        ("军丽园3号楼地下一层", "军丽园3号楼-1层"),
        ("和顺路十二号院3号楼", "和顺路12号院3号楼"),
        ("和顺路12号附三号", "和顺路12号附3号"),
        ("李家村三组12号", "李家村3组12号"),
        ("李家村五队", "李家村5队"),
        ("东丽湖大道88号万科大厦B座12层1203室", "东丽湖大道88号万科大厦B座12层1203室"),
        ("军丽园(演示)二十三号楼", "军丽园23号楼"),
        ("幸福园一区3号楼", "幸福园一区3号楼"),
        ("幸福园东区3号楼", "幸福园东区3号楼"),
    ],
)
def test_a_line_is_read_in_parts(text: str, key: str, db: None) -> None:
    assert parse(text).key == key
    assert parse(text).confidence > 0.7


def test_each_part_has_its_column(db: None) -> None:
    assert said("和顺路12号军丽园3号楼2单元5层501室") == {
        "road": "和顺路",
        "number": "12号",
        "estate": "军丽园",
        "building": "3号楼",
        "unit_no": "2",
        "floor": "5",
        "room": "501",
    }


@pytest.mark.parametrize("text", ["", "   ", "501", "路灯不亮", "???", "（演示）"])
def test_what_is_no_address_is_not_made_one(text: str, db: None) -> None:
    found = parse(text)

    assert found.key == ""
    assert found.confidence == 0


def test_known_units_stand_at_the_start(world: World) -> None:
    full = parse("天津市东丽区军粮城街道军丽园社区3号楼501")
    assert full.unit_id == world.community.pk
    assert (full.building, full.room, full.rest) == ("3号楼", "501", "")
    assert full.confidence == 1.0

    assert parse("军丽园社区居委会和顺路12号").unit_id == world.community.pk
    assert parse("无瑕街道春霞里1号楼").unit_id == world.other_street.pk
    # a community of another street than the one that was named is not ours to guess
    odd = parse("无瑕街道军丽园社区3号楼501")
    assert odd.unit_id == world.other_street.pk
    assert odd.rest == "军丽园社区"
    assert odd.confidence < full.confidence


def test_what_was_not_understood_is_told_and_costs_confidence(world: World) -> None:
    found = parse("河北省石家庄市长安区中山东路5号")

    assert found.key == "中山东路5号"
    assert found.rest == "河北省石家庄市长安区"
    assert found.confidence < 0.5


NUMERALS = st.sampled_from(["1", "２", "三", "十二", "二十", "7", "08", "一百零三"])
LINES = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["", "军粮城大街", "和顺路", "前进道", "东胡同"]),
    st.one_of(st.just(""), st.builds("{}号".format, NUMERALS), st.builds("{}弄".format, NUMERALS)),
    st.sampled_from(["", "军丽园", "和顺家园小区", "李家村", "春霞里", "A区花园"]),
    st.one_of(
        st.just(""), st.builds("{}号楼".format, NUMERALS), st.builds("{}栋".format, NUMERALS)
    ),
    st.one_of(
        st.just(""), st.builds("{}单元".format, NUMERALS), st.builds("{}门".format, NUMERALS)
    ),
    st.one_of(st.just(""), st.builds("{}层".format, NUMERALS), st.builds("-{}层".format, NUMERALS)),
    st.sampled_from(["", "501", "1203室", "五〇一室", "A12户", "-2-301"]),
)
ANY = st.text(
    alphabet="军丽园里村路街道号楼栋单元门层室组队大厦座小区0123４一二十百A-#（） ,市省",
    max_size=24,
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.one_of(LINES, ANY, st.text(max_size=30)))
def test_a_standard_line_reads_as_itself(text: str, db: None) -> None:
    found = parse(text)

    again = parse(found.key)
    assert again.key == found.key
    assert again.parts == found.parts
    assert 0 <= found.confidence <= 1
    assert all(len(value) <= addresses.LENGTHS[name] for name, value in found.parts.items())


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=LINES)
def test_spaces_and_full_width_letters_change_nothing(text: str, db: None) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)

    assert parse(" ".join(wide)).parts == parse(text).parts


# Keeping ----------------------------------------------------------------------------------------


def keep(world: World, text: str, **more: object) -> Address:
    address, _new = addresses.save(parse(text), by=world.clerk, now=MONDAY, **more)  # type: ignore[arg-type]
    return address


def test_a_door_is_kept_once(world: World) -> None:
    first, new = addresses.save(parse("军丽园３栋二单元501"), by=world.clerk, now=MONDAY)
    again, new_again = addresses.save(parse("军丽园3-2-501"), by=world.clerk, now=MONDAY)

    assert (new, new_again, again.pk) == (True, False, first.pk)
    assert first.key == "军丽园3号楼2单元501室"
    assert (first.community, first.grid) == (world.community, None)
    # another community's door of the same name is another door
    other, other_new = addresses.save(parse("军丽园3-2-501"), by=world.outsider, now=MONDAY)
    assert other_new
    assert other.pk != first.pk


def test_the_point_says_in_which_grid_a_door_is(world: World) -> None:
    draw(world.grid, square(0, 0))
    address = keep(world, "军丽园3号楼", point=place(0.5, 0.5))
    assert (address.grid, address.community) == (world.grid, world.community)

    # learned later
    bare = keep(world, "军丽园4号楼")
    assert bare.grid is None
    assert keep(world, "军丽园4号楼", point=place(0.4, 0.5)).pk == bare.pk
    bare.refresh_from_db()
    assert bare.grid == world.grid


def test_one_keeps_addresses_of_ones_own_territory_only(world: World) -> None:
    draw(world.other_grid, square(50, 50))
    with pytest.raises(NotAllowed, match="辖区"):
        keep(world, "春霞里3号楼", point=place(50.5, 50.5))
    with pytest.raises(NotAllowed, match="岗位"):
        addresses.save(parse("军丽园3号楼"), by=world.handler, now=MONDAY)
    with pytest.raises(NotAllowed, match="没有读出"):
        keep(world, "路灯不亮")


# Finding ----------------------------------------------------------------------------------------


def found(world: World, words: str, who: str = "clerk") -> list[str]:
    return [one.key for one in addresses.search(getattr(world, who), words)]


@pytest.fixture
def filled(world: World) -> World:
    for text in (
        "和顺路12号军丽园3号楼2单元501室",
        "和顺路12号军丽园3号楼2单元502室",
        "和顺路12号军丽园13号楼1单元501室",
        "前进道7号",
    ):
        keep(world, text)
    addresses.save(parse("春霞里3号楼2单元501室"), by=world.outsider, now=MONDAY)
    return world


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("军丽", 4),  # also of the community's name
        ("和顺", 3),
        ("和顺路", 3),
        ("3号楼", 2),
        ("三栋", 2),
        ("13号楼", 1),
        ("军丽园3-2-501", 1),
        ("501", 2),
        ("50", 3),
        ("2单元502", 1),
        ("前进道7号", 1),
        ("进道", 1),
        ("军粮城", 4),
        ("没有这里", 0),
        ("!", 0),
        ("", 0),
    ],
)
def test_any_part_finds_it(filled: World, words: str, count: int) -> None:
    assert len(found(filled, words)) == count


def test_nobody_finds_addresses_of_others(filled: World) -> None:
    assert found(filled, "春霞") == []
    assert found(filled, "春霞", "outsider") == ["春霞里3号楼2单元501室"]
    # a department meets doors in its cases alone
    assert found(filled, "501", "handler") == []


def test_the_index_is_used(committed_db: Engines) -> None:
    world = create_world()
    keep(world, "和顺路12号军丽园1号楼2单元501室")
    many = [parse(f"前进道{n}号军丽园{n % 40}号楼") for n in range(3000)]
    where = access.chain_of(world.community)
    Address.objects.bulk_create(
        Address(**one.parts, **where, key=one.key, search=addresses.vector(one, None, None))
        for one in many
    )
    with psycopg.connect(committed_db.owner_url, autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE) grids_address")
    for words in ("和顺", "军丽园1号楼501"):
        rows = addresses.visible_to(world.clerk).filter(search=addresses.query(words))
        assert "address_search" in rows[:20].explain()


def test_a_search_is_one_query(filled: World) -> None:
    addresses.search(filled.clerk, "和顺")
    for words in ("前进", "和顺"):
        with queries(3):  # two ask whether the units are still the same
            addresses.search(filled.clerk, words)


# Merging ----------------------------------------------------------------------------------------


def test_a_merge_keeps_what_named_the_address(world: World) -> None:
    kept, gone = keep(world, "和顺路12号"), keep(world, "合顺路12号", point=None)
    older = keep(world, "和順路12号院")
    addresses.merge(older, gone, by=world.clerk, now=MONDAY)
    building = create_building(world.grid, address=gone)
    house = create_house(world.grid, building=building, address=gone)

    assert addresses.merge(gone, kept, by=world.clerk, now=MONDAY) == kept

    for row in (building, house, older, gone):
        row.refresh_from_db()
    assert (building.address, house.address) == (kept, kept)
    assert (older.merged_into, gone.merged_into) == (kept, kept)
    assert found(world, "合顺") == []
    with pytest.raises(NotAllowed, match="已并入"):
        addresses.merge(gone, kept, by=world.clerk, now=MONDAY)
    with pytest.raises(NotAllowed, match="另一个"):
        addresses.merge(kept, kept, by=world.clerk, now=MONDAY)
    # the name is free again
    assert keep(world, "合顺路12号").pk != gone.pk


def test_who_merges_may_change_both(world: World) -> None:
    mine = keep(world, "和顺路12号")
    theirs, _new = addresses.save(parse("和顺路12号"), by=world.outsider, now=MONDAY)

    with pytest.raises(NotAllowed, match="辖区"):
        addresses.merge(theirs, mine, by=world.clerk, now=MONDAY)


def test_the_same_door_under_another_road_is_suggested(world: World) -> None:
    one = keep(world, "和顺路12号军丽园3号楼2单元501室")
    other = keep(world, "军丽园3号楼2单元501室")
    keep(world, "军丽园3号楼2单元502室")

    assert addresses.alike(one, world.clerk) == [other]
    assert addresses.alike(one, world.outsider) == []


def test_addresses_follow_their_units(world: World) -> None:
    address = keep(world, "和顺路12号")
    merged(world, world.community, world.other_community)

    address.refresh_from_db()
    assert address.community == world.other_community
    assert address.street == Unit.objects.get(pk=world.other_street.pk)
