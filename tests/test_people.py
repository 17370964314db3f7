"""People: registered, moved, corrected, merged and split; and who sees them, through two walls."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http import Http404

from governance import actor, scope
from governance.models import Timer, User
from grids.models import House
from people import access, changes, finding, registering, rights, support, tenancies, visits
from people.errors import BadDetails, Changed, NotAllowed
from people.models import ChangeRequest, Household, Person, Provenance, Residency, SupportKind
from people.registering import Details, details_of
from tests.builders import World, create_post, create_user, moment, queries
from tests.case_builders import MONDAY
from tests.clients import browser
from tests.people_builders import (
    TODAY,
    create_house,
    create_person,
    details,
    number,
)

pytestmark = pytest.mark.django_db
UNDOCUMENTED: Any = {"document_kind": "none", "document_number": "", "birth_date": "1990-01-01"}


def seen(user: User) -> set[Any]:
    return set(access.persons(User.objects.get(pk=user.pk)))


def ask_database(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


# Registering ------------------------------------------------------------------------------------


def test_somebody_comes_to_live_here(world: World) -> None:
    house = create_house(world.grid)
    done = create_person(world, house, name=" 王小明 ", kind="tenant")

    assert done.is_new
    assert str(done.person) == "王**"
    assert done.person.document_number.masked.startswith("**************")
    known = details_of(done.person)
    assert (known["name"], known["birth_date"]) == ("王小明", "1990-01-01")
    assert (done.residency.household.house, done.residency.kind) == (house, "tenant")
    assert seen(world.grid_worker) == {done.person}
    fields = set(Provenance.objects.values_list("field", flat=True))
    assert {"name", "document_number", "birth_date", "sex", "phone"} <= fields


@pytest.mark.parametrize(
    ("wrong", "field", "why"),
    [
        ({"name": " "}, "name", "姓名"),
        ({"document_number": "11010519491231002Y"}, "document_number", "18 位"),
        ({"birth_date": "1991-01-01"}, "birth_date", "不符"),
        ({"phone": "12 34"}, "phone", "电话"),
        ({"document_kind": "none", "document_number": "1"}, "document_number", "不填"),
        (
            {"document_kind": "none", "document_number": "", "birth_date": "2099-01-01"},
            "birth_date",
            "还没有到",
        ),
    ],
)
def test_what_cannot_be_is_named(world: World, wrong: dict[str, Any], field: str, why: str) -> None:
    with pytest.raises(BadDetails) as caught:
        create_person(world, **wrong)
    assert why in caught.value.faults[field]
    assert not Household.objects.exists()


def test_one_document_is_one_person_also_where_nobody_here_can_see_them(world: World) -> None:
    papers = number()
    first = create_person(world, document_number=papers)
    there = create_house(world.other_grid)
    again = create_person(world, there, by=world.other_grid_worker, document_number=papers)

    assert (again.is_new, again.person) == (False, first.person)
    assert seen(world.other_grid_worker) == {first.person}
    assert seen(world.grid_worker) == {first.person}  # registered here, living there as well
    with pytest.raises(NotAllowed, match="另一个姓名"), transaction.atomic():
        create_person(world, create_house(world.grid), document_number=papers, name="李四")
    with pytest.raises(NotAllowed, match="已登记在这套房屋"), transaction.atomic():
        create_person(world, there, by=world.other_grid_worker, document_number=papers)


def test_who_may_not_register_here(world: World) -> None:
    house = create_house(world.grid)
    for user in (world.other_grid_worker, world.handler, world.dispatcher, world.household_head):
        with pytest.raises(NotAllowed, match="岗位"):
            create_person(world, house, by=user)


def test_a_household_has_one_head_and_ends_with_its_last_member(world: World) -> None:
    house = create_house(world.grid)
    head = create_person(world, house, relation="head")
    with pytest.raises(BadDetails, match="已有户主"), transaction.atomic():
        create_person(world, house, name="李四", relation="head")
    wife = create_person(world, house, name="赵六", relation="spouse")
    home = Household.objects.get()
    assert home.head == head.person

    registering.move_out(head.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    home.refresh_from_db()
    assert home.head is None
    assert home.ended_on is None
    registering.move_out(wife.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    home.refresh_from_db()
    assert home.ended_on == TODAY
    assert seen(world.grid_worker) == set()
    with pytest.raises(NotAllowed, match="已注销"):
        registering.move_out(wife.residency, on=TODAY, by=world.grid_worker, now=MONDAY)


def test_moving_out_has_its_dates_and_its_place(world: World) -> None:
    done = create_person(world, began_on=TODAY - timedelta(days=9))
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=10)):
        with pytest.raises(BadDetails, match="离开日期"):
            registering.move_out(done.residency, on=day, by=world.grid_worker, now=MONDAY)
    with pytest.raises(NotAllowed, match="岗位"):
        registering.move_out(done.residency, on=TODAY, by=world.other_grid_worker, now=MONDAY)


def test_today_has_begun_before_eight_in_the_morning(world: World) -> None:
    """While it is still yesterday in Greenwich."""
    early, house = moment("2026-03-02 07:30"), create_house(world.grid)
    home: Any = {"kind": "resident", "began_on": TODAY, "by": world.grid_worker, "now": early}
    newborn = registering.register(details(document_number=number("20260302")), house, **home)
    unnamed: Any = {"document_kind": "none", "document_number": ""}
    twin = registering.register(details(birth_date="2026-03-02", **unnamed), house, **home)
    old = registering.register(details(name="赵六"), house, **home)

    merge = ask(twin.person, "merge", world.grid_worker, into=newborn.person, now=early)
    death = ask(old.person, "death", world.grid_worker, died_on=str(TODAY), now=early)
    papers: Any = {"document_kind": "resident_id", "document_number": number("20260302")}
    document = ask(newborn.person, "document", world.grid_worker, now=early, **papers)
    outcome = changes.decide_many([merge, death, document], granted=True, by=world.clerk, now=early)
    assert [why for _request, why in outcome] == ["", "", ""]
    twin.residency.refresh_from_db()
    assert twin.residency.ended_on == TODAY

    registering.correct(
        Person.objects.get(pk=newborn.person.pk), {"phone": "13900001111"}, version=2,
        by=world.clerk, now=early,
    )  # fmt: skip
    registering.move_out(newborn.residency, on=TODAY, by=world.grid_worker, now=early)
    assert seen(world.grid_worker) == set()


def test_nobody_lives_here_from_tomorrow_on(world: World) -> None:
    tomorrow, house = TODAY + timedelta(days=1), create_house(world.grid)
    with pytest.raises(BadDetails, match="还没有到"):
        create_person(world, house, began_on=tomorrow)
    assert not Household.objects.exists()
    with pytest.raises(BadDetails) as caught:
        registering.move_in(
            create_person(world).person, house, kind="tenant", began_on=tomorrow,
            by=world.grid_worker, now=MONDAY,
        )  # fmt: skip
    assert set(caught.value.faults) == {"began_on"}


def test_a_search_by_marks_asks_for_no_parallel_workers(world: World) -> None:
    """Starting them takes far longer than the search (people/migrations/0004)."""
    person = create_person(world, name="欧阳小明").person
    assert finding.find(world.clerk, "阳小") == [person.pk]
    ((settings,),) = ask_database("SELECT proconfig FROM pg_proc WHERE proname = 'people_by_marks'")
    assert "max_parallel_workers_per_gather=0" in settings


def test_correcting_says_who_said_it_and_keeps_the_later_of_two(world: World) -> None:
    person = create_person(world).person
    person = registering.correct(
        person, {"phone": "13900001111"}, version=1, by=world.clerk, now=MONDAY
    )
    assert details_of(person)["phone"] == "13900001111"
    assert Provenance.objects.get(person=person, field="phone").by == world.clerk
    assert finding.find(world.clerk, "13900001111") == [person.pk]
    assert finding.find(world.clerk, "13812345678") == []
    with pytest.raises(Changed):
        registering.correct(person, {"phone": "13900002222"}, version=1, by=world.clerk, now=MONDAY)
    with pytest.raises(NotAllowed, match="审批"):
        registering.correct(person, {"document_number": "x"}, version=2, by=world.clerk, now=MONDAY)
    with pytest.raises(NotAllowed, match="没有"):
        registering.correct(person, {"phone": "13900001111"}, version=2, by=world.clerk, now=MONDAY)


def test_what_is_no_longer_so_is_cleared(world: World) -> None:
    person = create_person(
        world, **UNDOCUMENTED, other_phone="13900002222", contact_name="王母"
    ).person  # fmt: skip
    gone = {"phone": "", "other_phone": "", "contact_name": "", "birth_date": "1991-02-02"}
    person = registering.correct(person, gone, version=1, by=world.grid_worker, now=MONDAY)
    known = details_of(person)
    assert {name: known[name] for name in gone} == gone
    for number_ in ("13812345678", "13900002222"):
        assert finding.find(world.clerk, number_) == []
    with pytest.raises(BadDetails, match="姓名"):
        registering.correct(person, {"name": ""}, version=2, by=world.grid_worker, now=MONDAY)


def test_how_somebody_lives_here_is_corrected_at_once(world: World) -> None:
    done = create_person(world, relation="child", kind="tenant")
    given: Any = {"kind": "resident", "relation": "child", "began_on": date(2020, 5, 1)}
    row = registering.correct_home(done.residency, by=world.grid_worker, now=MONDAY, **given)
    assert (row.kind, row.relation, row.began_on) == tuple(given.values())
    assert Household.objects.get().began_on == date(2020, 5, 1)
    for wrong, field in (
        ({"began_on": TODAY + timedelta(days=1)}, "began_on"),
        ({"kind": "guest"}, "kind"),
        ({"relation": "cousin"}, "relation"),
    ):
        with pytest.raises(BadDetails) as caught:
            registering.correct_home(row, by=world.clerk, now=MONDAY, **{**given, **wrong})
        assert set(caught.value.faults) == {field}
    with pytest.raises(NotAllowed, match="没有要更正"):
        registering.correct_home(row, by=world.clerk, now=MONDAY, **given)
    with pytest.raises(NotAllowed, match="岗位"):
        registering.correct_home(row, by=world.other_grid_worker, now=MONDAY, **given)
    registering.move_out(row, on=TODAY, by=world.grid_worker, now=MONDAY)
    with pytest.raises(NotAllowed, match="已注销"):
        registering.correct_home(row, by=world.clerk, now=MONDAY, **given)


def test_a_member_of_the_household_becomes_its_head(world: World) -> None:
    house = create_house(world.grid)
    father = create_person(world, house, relation="head")
    mother = create_person(world, house, relation="spouse", name="赵六")
    child = create_person(world, house, relation="child", name="王小")
    home: Any = {"kind": "resident", "began_on": TODAY, "by": world.grid_worker, "now": MONDAY}

    registering.correct_home(child.residency, relation="head", **home)

    relations = [Residency.objects.get(pk=one.residency.pk).relation for one in (father, mother)]
    assert relations == ["parent", "spouse"]
    assert Household.objects.get().head == child.person
    registering.correct_home(child.residency, relation="child", **home)
    assert Household.objects.get().head is None
    registering.correct_home(mother.residency, relation="head", **home)
    assert Household.objects.get().head == mother.person


# With a second yes ------------------------------------------------------------------------------


def ask(person: Person, kind: str, by: User, **more: Any) -> ChangeRequest:
    return changes.ask(person, kind, **{"reason": "上门核对", "by": by, "now": MONDAY, **more})


def test_another_document_waits_for_the_station_lead(world: World) -> None:
    person, papers = create_person(world).person, number("19850505")
    request = ask(
        person, "document", world.grid_worker,
        document_kind="resident_id", document_number=papers,
    )  # fmt: skip
    assert details_of(person)["document_number"] != papers
    assert list(changes.waiting(world.station_lead)) == [request]
    assert list(changes.waiting(world.outsider)) == []
    with pytest.raises(NotAllowed, match="岗位"):
        changes.decide(request, granted=True, by=world.grid_worker, now=MONDAY)
    with pytest.raises(BadDetails, match="不同意的理由"):
        changes.decide(request, granted=False, by=world.station_lead, now=MONDAY)

    changes.decide(request, granted=True, by=world.station_lead, now=MONDAY)

    person = access.person_for(world.clerk, person.pk)
    assert details_of(person)["document_number"] == papers
    assert details_of(person)["birth_date"] == "1985-05-05"
    assert finding.find(world.clerk, papers) == [person.pk]
    with pytest.raises(NotAllowed, match="已审批"):
        changes.decide(request, granted=True, by=world.station_lead, now=MONDAY)


def test_who_asks_does_not_decide(world: World) -> None:
    request = ask(create_person(world).person, "death", world.clerk, died_on=str(TODAY))
    with pytest.raises(NotAllowed, match="他人审批"):
        changes.decide(request, granted=True, by=world.clerk, now=MONDAY)
    ((_row, why),) = changes.decide_many([request], granted=True, by=world.clerk, now=MONDAY)
    assert "他人审批" in why


def test_a_death_ends_where_they_lived(world: World) -> None:
    done = create_person(world)
    request = ask(done.person, "death", world.grid_worker, died_on=str(TODAY))
    with pytest.raises(NotAllowed, match="待审批"):
        ask(done.person, "death", world.grid_worker, died_on=str(TODAY))
    assert changes.decide_many([request], granted=True, by=world.station_lead, now=MONDAY) == [
        (request, "")
    ]
    done.residency.refresh_from_db()
    assert (done.residency.leaving, done.residency.ended_on) == ("died", TODAY)
    assert seen(world.grid_worker) == set()


def test_a_death_ends_all_homes_whoever_approves(world: World) -> None:
    """Two homes in another community, one of them let to them, and what hangs on all of them."""
    papers = number("19400101")
    near = create_person(world, document_number=papers, relation="head")
    far: Any = {"document_number": papers, "by": world.outsider, "relation": "head"}
    let, owned = create_house(world.other_grid), create_house(world.other_grid, use="own")
    stay = tenancies.Stay(TODAY, TODAY + timedelta(days=90))
    letting = tenancies.register(
        let, tenancies.Lessor(name="钱房东"), stay, by=world.outsider, now=MONDAY
    )
    rented = create_person(world, let, kind="tenant", **far)
    shared = create_person(world, owned, **far)
    wife = create_person(
        world, owned, by=world.outsider, household=shared.residency.household, relation="spouse",
        name="李四",
    )  # fmt: skip
    plan = support.begin(
        near.person, SupportKind.objects.get(code="alone"), goal="每周看望", basis="consent",
        agreed="本人当面同意", team=[], by=world.outsider, now=MONDAY,
    )  # fmt: skip
    for one in (rented, shared):
        visits.visit(
            one.residency.household, aims=["care"], follow_up_on=TODAY + timedelta(days=2),
            by=world.other_grid_worker, now=MONDAY,
        )  # fmt: skip
    waits = ask(
        near.person, "document", world.outsider,
        document_kind="resident_id", document_number=number(),
    )  # fmt: skip
    death = ask(near.person, "death", world.grid_worker, died_on=str(TODAY))

    lead = browser(world.station_lead)
    lead.post("/people/changes/decide/", {"chosen": [str(death.pk)], "granted": "1"})

    assert seen(world.station_lead) == set()
    assert seen(world.outsider) == {wife.person}
    ends = Residency.objects.filter(person=near.person).values_list("leaving", "ended_on")
    assert list(ends) == [("died", TODAY)] * 2, "as the other community sees it"
    for household, ended_on, head in (
        (rented.residency.household, TODAY, None),
        (shared.residency.household, None, None),
    ):
        household.refresh_from_db()
        assert (household.ended_on, household.head) == (ended_on, head)
    letting.refresh_from_db()
    assert (letting.state, letting.ended_on) == ("ended", TODAY)
    assert [House.objects.get(pk=one.pk).use for one in (let, owned)] == ["empty", "own"]
    waits.refresh_from_db()
    assert (waits.state, "已离开" in waits.answer) == ("lapsed", True)
    plan.refresh_from_db()
    assert (plan.ended_at is not None, plan.ending) == (True, "本人去世")
    kinds = list(Timer.objects.open().values_list("kind", flat=True))
    assert kinds == ["visit.follow_up"], "of those who live on there"
    access.enter(world.station_lead)
    near.residency.refresh_from_db()
    assert (near.residency.leaving, near.residency.ended_on) == ("died", TODAY)


def test_a_death_ends_the_home_of_a_registration_that_was_merged(world: World) -> None:
    """What the merge did not see stayed with the row that went."""
    twin = create_person(world, **UNDOCUMENTED)
    access.enter(world.grid_worker)
    afar = create_person(world, create_house(world.other_grid), by=world.outsider)
    Residency.objects.filter(pk=afar.residency.pk).update(person=twin.person)
    stays = create_person(world).person
    merged(world, twin.person, stays)
    assert decided(world, ask(stays, "death", world.grid_worker, died_on=str(TODAY))) == [""]
    access.enter(world.outsider)
    afar.residency.refresh_from_db()
    assert afar.residency.leaving == "died"


def test_others_who_rent_there_keep_the_letting(world: World) -> None:
    house, papers = create_house(world.other_grid), number()
    letting = tenancies.register(
        house, tenancies.Lessor(name="钱房东"), tenancies.Stay(TODAY), by=world.outsider, now=MONDAY
    )
    there: Any = {"by": world.outsider, "kind": "tenant"}
    person = create_person(world, house, document_number=papers, **there).person
    create_person(world, house, **there)
    create_person(world, document_number=papers)
    assert decided(world, ask(person, "death", world.grid_worker, died_on=str(TODAY))) == [""]
    access.enter(world.outsider, "tenancy.see")
    letting.refresh_from_db()
    assert letting.state == "declared"


def test_a_death_waits_for_its_yes(world: World) -> None:
    row = create_person(world).residency
    with pytest.raises(BadDetails, match="离开原因"):
        registering.move_out(row, on=TODAY, leaving="died", by=world.grid_worker, now=MONDAY)


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE people_residency SET ended_on = %s, leaving = 'died'",
        "UPDATE people_residency SET ended_on = %s, leaving = 'moved'",
        "UPDATE people_household SET ended_on = %s",
        "UPDATE people_tenancy SET state = 'ended', ended_on = %s",
        "UPDATE people_changerequest SET state = 'lapsed', decided_at = %s",
    ],
)
def test_the_sweeps_role_buries_nobody_without_a_yes(world: World, deed: str) -> None:
    house = create_house(world.grid)
    person = create_person(world, house, kind="tenant").person
    tenancies.register(
        house, tenancies.Lessor(name="钱房东"), tenancies.Stay(TODAY), by=world.grid_worker,
        now=MONDAY,
    )  # fmt: skip
    ask(person, "death", world.grid_worker, died_on=str(TODAY))
    scope.enter([])
    refused = pytest.raises(ProgrammingError, match="row-level security")
    with refused, transaction.atomic(), scope.system(scope.SWEEP):
        ask_database(deed, TODAY)


def test_two_registrations_of_one_person_are_merged_and_split_again(world: World) -> None:
    house = create_house(world.grid)
    papers = create_person(world, house, name="王小明")
    born: Any = {"document_kind": "none", "document_number": "", "birth_date": "1990-01-01"}
    second = create_person(world, house, name="王小明", relation="head", **born)
    elsewhere = registering.move_in(
        second.person, create_house(world.second_grid), kind="tenant", began_on=TODAY,
        by=world.clerk, now=MONDAY,
    )  # fmt: skip
    (twin,) = finding.twins(second.person, world.clerk)
    assert (twin.person, twin.score) == (papers.person, 100)
    assert twin.reasons == ("姓名相同", "出生日期相同", "住在同一房屋", "电话相同")

    request = ask(second.person, "merge", world.grid_worker, into=papers.person)
    changes.decide(request, granted=True, by=world.clerk, now=MONDAY)
    assert seen(world.clerk) == {papers.person}
    assert set(papers.person.residencies.filter(ended_on=None)) == {papers.residency, elsewhere}
    assert Household.objects.get(house=house).head == papers.person

    changes.split(papers.person.merges.get(), by=world.clerk, now=MONDAY)
    assert seen(world.clerk) == {papers.person, second.person}
    assert set(second.person.residencies.filter(ended_on=None)) == {second.residency, elsewhere}
    with pytest.raises(NotAllowed, match="已撤销"):
        changes.split(papers.person.merges.get(), by=world.clerk, now=MONDAY)


def merged(world: World, person: Person, into: Person) -> Any:
    request = ask(person, "merge", world.grid_worker, into=into)
    changes.decide(request, granted=True, by=world.clerk, now=MONDAY)
    return into.merges.get()


def decided(world: World, *requests: ChangeRequest) -> list[str]:
    outcome = changes.decide_many(requests, granted=True, by=world.clerk, now=MONDAY)
    return [why for _request, why in outcome]


def test_two_that_were_to_be_merged_into_each_other_are_merged_once(world: World) -> None:
    one, other = create_person(world).person, create_person(world, **UNDOCUMENTED).person
    there = ask(one, "merge", world.grid_worker, into=other)
    back = ask(other, "merge", world.station_lead, into=one)
    done, refused = decided(world, there, back)
    assert (done, "已并入另一登记" in refused) == ("", True)
    assert seen(world.clerk) == {other}
    assert rights.registrations(other.pk) == [other.pk, one.pk]


def test_who_is_merged_away_or_gone_takes_nobody_in(world: World) -> None:
    first, second, third = (create_person(world, **UNDOCUMENTED).person for _ in range(3))
    gone = create_person(world, **UNDOCUMENTED)
    asked = [
        ask(second, "merge", world.grid_worker, into=third),
        ask(first, "merge", world.grid_worker, into=second),
        ask(third, "merge", world.grid_worker, into=gone.person),
        ask(gone.person, "death", world.station_lead, died_on=str(TODAY)),
    ]
    registering.move_out(gone.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    well = ask(create_person(world).person, "death", world.grid_worker, died_on=str(TODAY))

    why = decided(world, *asked[:3], well)

    assert [bool(one) for one in why] == [False, True, True, False]
    assert "要并入的登记已离开本辖区或已并入另一登记" in why[1]
    assert seen(world.clerk) == {first, third}
    access.enter(world.clerk)
    with pytest.raises(IntegrityError, match="merged into another"), transaction.atomic():
        Person.objects.filter(pk=first.pk).update(merged_into=second)


def test_the_row_that_stays_takes_over_what_it_lacks_and_gives_it_back(world: World) -> None:
    papers = number("19900101")
    goes = create_person(
        world, document_number=papers, phone="13900001111", other_phone="13900002222",
        contact_name="王母", contact_phone="13900003333",
    ).person  # fmt: skip
    stays = create_person(
        world, document_kind="none", document_number="", contact_name="王母", phone="13812345678"
    ).person
    before = details_of(stays)

    merge = merged(world, goes, stays)

    known = details_of(access.person_for(world.clerk, stays.pk))
    assert known == {
        **before, "document_kind": "resident_id", "document_number": papers,
        "birth_date": "1990-01-01", "sex": known["sex"], "other_phone": "13900001111",
        "contact_phone": "13900003333",
    }  # fmt: skip
    assert known["sex"] in {"1", "2"}
    assert finding.find(world.grid_worker, papers) == [stays.pk]
    said = Provenance.objects.get(person=stays, field="document_number")
    assert said.by == world.clerk
    again = create_person(world, create_house(world.grid), document_number=papers)
    assert (again.is_new, again.person) == (False, stays)  # no third registration

    changes.split(merge, by=world.clerk, now=MONDAY)
    assert details_of(access.person_for(world.clerk, stays.pk)) == before
    assert finding.find(world.grid_worker, papers) == [goes.pk]


def test_what_was_corrected_since_a_merge_stays_at_a_split(world: World) -> None:
    first, other = number("19900101"), number("19910202")
    goes = create_person(world, document_number=first).person
    stays = create_person(world, document_kind="none", document_number="").person
    merge = merged(world, goes, stays)
    kind: Any = {"document_kind": "resident_id"}
    assert decided(
        world, ask(stays, "document", world.grid_worker, document_number=other, **kind)
    ) == [""]
    changes.split(merge, by=world.clerk, now=MONDAY)
    known = details_of(access.person_for(world.clerk, stays.pk))
    assert (known["document_number"], known["birth_date"]) == (other, "1991-02-02")
    assert finding.find(world.grid_worker, first) == [goes.pk]


def test_a_split_says_so_when_the_document_was_registered_once_more(world: World) -> None:
    papers = number("19900101")
    goes = create_person(world, document_number=papers).person
    stays = create_person(world, document_kind="none", document_number="").person
    merge = merged(world, goes, stays)
    kind: Any = {"document_kind": "resident_id", "document_number": number("19900102")}
    decided(world, ask(stays, "document", world.grid_worker, **kind))
    third = create_person(world, document_number=papers)
    assert third.is_new
    with pytest.raises(NotAllowed, match="又登记在另一人名下"), transaction.atomic():
        changes.split(merge, by=world.clerk, now=MONDAY)
    assert seen(world.clerk) == {stays, third.person}


def test_a_split_says_so_when_nobody_lives_there_any_more(world: World) -> None:
    goes = create_person(world, **UNDOCUMENTED)
    stays = create_person(world, **UNDOCUMENTED).person
    merge = merged(world, goes.person, stays)
    registering.move_out(goes.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    with pytest.raises(NotAllowed, match="已搬离"):
        changes.split(merge, by=world.clerk, now=MONDAY)


def test_two_documents_are_two_people(world: World) -> None:
    house = create_house(world.grid)
    one, other = create_person(world, house), create_person(world, house)
    assert finding.twins(one.person, world.clerk) == []
    request = ask(one.person, "document", world.grid_worker,
                  document_kind="resident_id", document_number=number("19700101"))  # fmt: skip
    assert request.kind == "document"
    with pytest.raises(NotAllowed, match="申请合并"):
        ask(
            other.person, "document", world.grid_worker,
            document_kind="resident_id",
            document_number=details_of(one.person)["document_number"],
        )  # fmt: skip
    with pytest.raises(NotAllowed, match="更正为无证件"):
        ask(other.person, "merge", world.grid_worker, into=one.person)
    # which leads somewhere
    none = ask(other.person, "document", world.grid_worker, document_kind="none")
    assert decided(world, none) == [""]
    known = details_of(access.person_for(world.clerk, other.person.pk))
    assert (known["document_kind"], known["document_number"]) == ("none", "")
    assert known["birth_date"] == "1990-01-01"
    merge = ask(other.person, "merge", world.grid_worker, into=one.person)
    assert decided(world, merge) == [""]


def test_a_document_that_says_otherwise_is_looked_at_before_a_merge(world: World) -> None:
    goes = create_person(world, document_number=number("19900101")).person
    stays = create_person(world, **{**UNDOCUMENTED, "birth_date": "1991-01-01"}).person
    with pytest.raises(NotAllowed, match="出生日期或性别不同"):
        ask(goes, "merge", world.grid_worker, into=stays)
    request = ask(stays, "merge", world.grid_worker, into=goes)  # the other way nothing is lost
    assert decided(world, request) == [""]
    assert details_of(access.person_for(world.clerk, goes.pk))["birth_date"] == "1990-01-01"


def counted_and_listed(user: User) -> tuple[int, int]:
    rows = changes.waiting(user)
    return rows.count(), len(rows)


def test_what_waits_about_who_is_gone_ends_with_them(world: World) -> None:
    moved, died, doubled = (create_person(world, **UNDOCUMENTED) for _ in range(3))
    stays = create_person(world).person
    home = registering.move_in(
        stays, create_house(world.second_grid), kind="tenant", began_on=TODAY, by=world.clerk,
        now=MONDAY,
    )  # fmt: skip
    papers: Any = {"document_kind": "resident_id"}
    asked = [
        ask(one, "document", world.grid_worker, document_number=number(), **papers)
        for one in (moved.person, died.person, doubled.person, stays)
    ]
    death = ask(died.person, "death", world.grid_worker, died_on=str(TODAY))
    merge = ask(doubled.person, "merge", world.grid_worker, into=stays)
    assert counted_and_listed(world.station_lead) == (6, 6)

    registering.move_out(moved.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    registering.move_out(home, on=TODAY, by=world.clerk, now=MONDAY)  # lives on elsewhere here
    assert decided(world, death, merge) == ["", ""]

    assert counted_and_listed(world.station_lead) == (1, 1)
    assert changes.waiting(world.station_lead).get() == asked[3]
    ends = [ChangeRequest.objects.get(pk=one.pk) for one in asked[:3]]
    assert [(one.state, one.decided_at, one.decided_by) for one in ends] == [
        ("lapsed", MONDAY, None)
    ] * 3
    assert ["已离开" in one.answer for one in ends] == [True, True, False]
    assert "已并入另一登记" in ends[2].answer
    with pytest.raises(NotAllowed, match="已审批"):
        changes.decide(asked[0], granted=True, by=world.station_lead, now=MONDAY)


# Finding ----------------------------------------------------------------------------------------


def test_finding_by_number_tail_and_part_of_a_name(world: World) -> None:
    papers = number()
    person = create_person(world, name="欧阳小明", document_number=papers).person
    create_person(world, name="李四", phone="13900000000")
    for words in (papers, papers[-4:], "13812345678", "5678", "欧阳", "阳小明", "138 1234 5678"):
        assert finding.find(world.grid_worker, words) == [person.pk], words
    for words in ("", "欧", "小明欧", papers[:10], "99"):
        assert finding.find(world.grid_worker, words) == [], words
    assert finding.find(world.other_grid_worker, papers) == []


def test_who_is_called_just_so_comes_first(world: World) -> None:
    house = create_house(world.grid)
    many = [create_person(world, house, name=f"王伟{n:c}") for n in range(0x4E00, 0x4E00 + 6)]
    called_so = create_person(world, house, name="王伟").person
    assert finding.find(world.clerk, "王伟", 3)[0] == called_so.pk
    assert len(finding.find(world.clerk, "王伟", 3)) == 3
    assert set(finding.find(world.clerk, "王伟")) == {called_so.pk, *(m.person.pk for m in many)}
    longer = create_person(world, house, name="王伟小王伟").person
    assert finding.find(world.clerk, "王伟小") == [longer.pk]


# The two walls ----------------------------------------------------------------------------------


@pytest.fixture
def neighbours(world: World) -> dict[str, Any]:
    """One who lives here, one in the next grid, one in the other street, one who moved away."""
    here = create_person(world)
    beside = create_person(world, create_house(world.second_grid), by=world.clerk)
    far = create_person(world, create_house(world.other_grid), by=world.other_grid_worker)
    gone = create_person(world)
    registering.move_out(gone.residency, on=TODAY, by=world.grid_worker, now=MONDAY)
    return {"here": here, "beside": beside, "far": far, "gone": gone}


SEES = {
    "grid_worker": {"here"},
    "station_lead": {"here", "beside"},
    "clerk": {"here", "beside"},
    "other_grid_worker": {"far"},
    "outsider": {"far"},
    "dispatcher": set(),
    "handler": set(),
    "police_handler": set(),
    "correspondent": set(),
    "household_head": set(),
    "system_admin": set(),
    "audit_admin": set(),
}


@pytest.mark.parametrize("username", SEES)
@pytest.mark.parametrize("wall", ["both", "row-level security alone"])
def test_who_sees_whom(world: World, neighbours: dict[str, Any], username: str, wall: str) -> None:
    user = getattr(world, username)
    access.enter(user)
    rows = Person.objects.all() if wall != "both" else access.persons(user)
    names = {name for name, done in neighbours.items() if done.person in set(rows)}
    assert names == SEES[username]
    homes = Residency.objects.filter(ended_on=None) if wall != "both" else access.residencies(user)
    assert {n for n, done in neighbours.items() if done.residency in set(homes)} == SEES[username]
    for name, done in neighbours.items():
        if name in SEES[username]:
            assert access.person_for(user, done.person.pk) == done.person
        else:
            with pytest.raises(Http404):
                access.person_for(user, done.person.pk)


def test_without_a_word_about_units_there_is_nothing(
    world: World, neighbours: dict[str, Any]
) -> None:
    scope.enter([])
    for model in (Person, Residency, Household, Provenance):
        assert not model.objects.exists(), model
    person = neighbours["here"].person
    assert Person.objects.filter(pk=person.pk).update(version=9) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT people_by_document(%s)", [bytes(person.document_index)])
        assert cursor.fetchone() == (None,)


def test_a_deactivated_worker_sees_nobody(world: World, neighbours: dict[str, Any]) -> None:
    User.objects.filter(pk=world.grid_worker.pk).update(is_active=False)
    assert seen(world.grid_worker) == set()


def test_nobody_writes_into_another_unit(world: World, neighbours: dict[str, Any]) -> None:
    access.enter(world.grid_worker)
    here = neighbours["here"].residency
    with pytest.raises(Exception, match="row-level security"), transaction.atomic():
        Residency.objects.filter(pk=here.pk).update(
            grid=world.other_grid, community=world.other_community, street=world.other_street,
            district=None,
        )  # fmt: skip


def test_lists_cost_the_same_for_one_and_for_three(world: World) -> None:
    costs = []
    for wanted in (1, 3):
        while Residency.objects.count() < wanted:
            create_person(world)
        with actor.acting(world.grid_worker.pk, "desk"), queries(2):  # the wall, and the rows
            rows = access.residencies(world.grid_worker).select_related("person__data_key")
            costs.append([str(row.person) for row in rows])
    assert list(map(len, costs)) == [1, 3]


def test_system_work_takes_on_a_role_of_its_own(world: World) -> None:
    with scope.system(scope.SWEEP):
        assert ask_database("SELECT current_user") == [("governance_sweep",)]
    assert ask_database("SELECT current_user") == [("governance_app",)]


def test_details_name_only_what_a_person_is() -> None:
    """No column, and so no filter or figure, for what this product does not hold (domain.md)."""
    assert set(Details.__dataclass_fields__) == {
        *("name", "document_kind", "document_number", "birth_date", "sex"),
        *("phone", "other_phone", "contact_name", "contact_phone"),
    }


def test_two_posts_are_two_territories(world: World) -> None:
    create_post(role="grid_worker", unit=world.second_grid, user=world.grid_worker)
    one = create_person(world)
    two = create_person(world, create_house(world.second_grid))
    assert seen(world.grid_worker) == {one.person, two.person}
    assert seen(create_user(role="grid_worker", unit=world.second_grid)) == {two.person}
