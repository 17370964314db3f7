"""The demo's registers in motion: who came and left, was registered twice, what waits for a second
person's yes. By the verbs, as people would."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.utils.timezone import localdate

from cases.demo.neighbours import Neighbours, home, person
from cases.demo.organisation import GridPlace
from cases.demo.residents import Resident
from governance import actor
from people import changes, exports, registering, rights
from people.identifiers import DocumentKind
from people.models import (
    ChangeKind,
    ChangeRequest,
    ExportForm,
    Leaving,
    Person,
    Proof,
    Relation,
    ResidencyKind,
    RightKind,
)
from people.rights import Claim

CAME, LEFT = 8, 5  # a grid, in the last eight weeks
EIGHT_WEEKS = 56


def happen(near: Neighbours) -> str:
    """Returns how many came and left, and how many requests there are."""
    for grid in near.homes:
        come(near, grid)
        leave(near, grid)
    asked = request_changes(near, near.homes[0])
    ask_export(near)
    claim_rights(near, near.homes[0])
    return f"来 {CAME * len(near.homes)} · 走 {LEFT * len(near.homes)} · 申请 {asked}"


def come(near: Neighbours, grid: GridPlace) -> None:
    """Relatives and lodgers who join a household; also a child that was born."""
    hosts = near.of(grid, lambda one: one.relation == Relation.HEAD and one.household < 5)
    for number, host in enumerate(near.chance.sample(hosts, min(CAME, len(hosts)))):
        began = near.at(EIGHT_WEEKS * (CAME - number) // (CAME + 1) or 1)
        day = localdate(began)
        newborn = number == 1
        age = timedelta(days=9 if newborn else near.chance.randint(7000, 20_000))
        kind = ResidencyKind.RESIDENT if newborn else ResidencyKind.FLOATING
        relation = Relation.GRANDCHILD if newborn else Relation.RELATIVE
        with actor.acting(grid.worker.pk, "phone"):
            registering.register(
                near.inventor.details(day - age, near.inventor.sex()),
                host.house,
                kind=kind,
                relation=relation,
                began_on=day,
                by=grid.worker,
                now=began,
            )


def leave(near: Neighbours, grid: GridPlace) -> None:
    """Lodgers move on, a household leaves whole."""
    gone = near.of(grid, lambda one: one.kind == ResidencyKind.TENANT)
    for number, one in enumerate(near.chance.sample(gone, min(LEFT, len(gone)))):
        moment = near.at(EIGHT_WEEKS * (LEFT - number) // (LEFT + 1) or 1)
        with actor.acting(grid.worker.pk, "phone"):
            residency = home(one, grid.worker)
            day = localdate(moment)
            registering.move_out(
                residency, on=day, leaving=Leaving.MOVED, by=grid.worker, now=moment
            )
        near.residents.remove(one)


# What a second person decides -------------------------------------------------------------------


def request_changes(near: Neighbours, grid: GridPlace) -> int:
    """Two registrations made one; one refused; and one of each kind waits."""
    grown = near.of(grid, lambda one: 25 < near.age(one) < 60)
    old = near.of(grid, lambda one: near.age(one) > 78)
    merged, twice, wrong, refused = near.chance.sample(grown, 4)
    twin = register_again(near, grid, merged, 40)
    reason = "同一人，两处登记，已当面核对。"
    row = ask(near, grid, twin, ChangeKind.MERGE, reason, 38, into=person(merged, grid.worker))
    decide(near, row, 37, granted=True)
    number = near.inventor.number(refused.born, refused.details.sex)
    reason = "本人称证件号码有误。"
    row = ask_document(near, grid, refused, number, reason, 20)
    decide(near, row, 19, granted=False, answer="请先核对证件原件。")

    twin = register_again(near, grid, twice, 4)
    reason = "疑为同一人：姓名、出生日期相同。"
    ask(near, grid, twin, ChangeKind.MERGE, reason, 3, into=person(twice, grid.worker))
    number = near.inventor.number(wrong.born, wrong.details.sex)
    ask_document(near, grid, wrong, number, "换领新证，号码已更正，看过原件。", 2)
    for dead in old[:1]:
        died = (localdate(near.now) - timedelta(days=5)).isoformat()
        who = person(dead, grid.worker)
        ask(near, grid, who, ChangeKind.DEATH, "家属告知，已看过证明。", 1, died_on=died)
    return 4 + len(old[:1])


def register_again(near: Neighbours, grid: GridPlace, one: Resident, days: int) -> Person:
    """The same person without a document, in another house of the grid."""
    others = near.of(grid, lambda other: other.house != one.house and other.household < 4)
    said = replace(
        one.details, document_kind=DocumentKind.NONE, document_number="", contact_name=""
    )
    moment = near.at(days)
    with actor.acting(grid.worker.pk, "phone"):
        return registering.register(
            replace(said, contact_phone=""),
            near.chance.choice(others).house,
            kind=ResidencyKind.FLOATING,
            relation=Relation.OTHER,
            began_on=localdate(moment),
            by=grid.worker,
            now=moment,
        ).person


def ask_document(
    near: Neighbours, grid: GridPlace, one: Resident, number: str, reason: str, days: int
) -> ChangeRequest:
    who, kind = person(one, grid.worker), ChangeKind.DOCUMENT
    document = DocumentKind.RESIDENT_ID
    return ask(near, grid, who, kind, reason, days, document_kind=document, document_number=number)


def ask(
    near: Neighbours,
    grid: GridPlace,
    who: Person,
    kind: str,
    reason: str,
    days: int,
    *,
    into: Person | None = None,
    **after: str,
) -> ChangeRequest:
    with actor.acting(grid.worker.pk, "phone"):
        return changes.ask(
            who, kind, reason=reason, by=grid.worker, now=near.at(days), into=into, **after
        )


def decide(
    near: Neighbours, row: ChangeRequest, days: int, *, granted: bool, answer: str = ""
) -> None:
    with actor.acting(near.clerk.pk, "desk"):
        changes.decide(row, granted=granted, answer=answer, by=near.clerk, now=near.at(days))


# What is asked of the registers -----------------------------------------------------------------


def ask_export(near: Neighbours) -> None:
    """One waits for the second person."""
    with actor.acting(near.clerk.pk, "desk"):
        exports.ask(
            unit_id=near.place.unit.pk,
            fields=("name", "birth_date", "phone"),
            is_clear=False,
            form=ExportForm.XLSX,
            reason="核对老年人免费体检名单",
            by=near.clerk,
            now=near.at(1),
        )


def claim_rights(near: Neighbours, grid: GridPlace) -> None:
    """One just came by the public page, one waits for its copy, one was answered."""
    asking = near.chance.sample(near.of(grid, lambda one: bool(one.details.phone)), 3)
    kinds = (RightKind.SEE, RightKind.COPY, RightKind.CORRECT)
    words = ("", "办理入学需要。", "联系电话已更换，请更正。")
    for number, (one, kind, said) in enumerate(zip(asking, kinds, words, strict=True)):
        claim = Claim(
            kind=kind,
            name=one.details.name,
            phone=one.details.phone,
            document_number=one.details.document_number,
            unit_id=near.place.unit.pk,
            words=said,
        )
        key = UUID(int=near.chance.getrandbits(128), version=4)
        with actor.acting(None, "public"):
            row = rights.ask(claim, by=None, now=near.at(1 + 4 * number), key=key)
        with actor.acting(near.clerk.pk, "desk"):
            if number > 0:
                moment, proof = near.at(4 * number), Proof.CALL_BACK
                row = rights.verify(row, proof=proof, in_register=True, by=near.clerk, now=moment)
            if number > 1:
                answer = "已按您的要求更正联系电话，并告知上门核对的网格员。"
                rights.finish(row, answer=answer, by=near.clerk, now=near.at(3))
