"""Intake and dispatch: the right item, the department that gets it, the level that has it."""

from __future__ import annotations

from cases import items, opening
from cases.effects.done import Done
from cases.models import Assignment, Case, Level
from cases.needs import passing_from


def accept(case: Case, done: Done) -> None:
    """A clerk may put the report under its right item; the promise stays as it was made."""
    given = done.given
    if given.item_id is None:
        return
    done.details["item"] = given.item_id
    if given.item_id != case.item_id:
        opening.active_item(given.item_id)
        before, said = items.facts(case.item_id), (case.description, case.place)
        done.details["item_before"], case.item_id = case.item_id, given.item_id
        case.search = opening.words_again(case, before, said)


def dispatch(case: Case, done: Done) -> None:
    """To the department; who holds the post that a rule names is to sign, others there may."""
    department_id = done.given.department_id
    assert department_id is not None
    case.department_id, case.handler_id = department_id, done.given.handler_id
    Assignment.objects.create(case=case, department_id=department_id, assigned_at=done.now)
    done.details |= {"department": department_id, "reasons": list(done.given.reasons)}
    if case.handler_id is not None:
        done.details["handler"] = case.handler_id


def insist(case: Case, done: Done) -> None:
    overrule(case, done)
    dispatch(case, done)


def rule(case: Case, done: Done) -> None:
    case.is_ruled = True
    overrule(case, done)
    dispatch(case, done)


def overrule(case: Case, done: Done) -> None:
    """The department gets it again: its returns were wrong, the dispatch was right."""
    rows = Assignment.objects.filter(case=case, department_id=done.given.department_id)
    rows.filter(returned_at__isnull=False).update(overruled_at=done.now)


def sign(case: Case, done: Done) -> None:
    case.handler = done.by
    Assignment.objects.open().filter(case=case).update(signed_at=done.now)


def send_back(case: Case, done: Done) -> None:
    Assignment.objects.open().filter(case=case).update(returned_at=done.now)
    done.details["department"] = case.department_id
    case.return_count += 1
    case.department = case.handler = None


def pass_up(case: Case, done: Done) -> None:
    """One level up from the post that passes it on, which may stand above the case's level."""
    order = Level.values
    at = max(order.index(case.level), passing_from(done.by))  # below the top: the need of the move
    move_level(case, done, order[at + 1])


def hand_down(case: Case, done: Done) -> None:
    move_level(case, done, Level.values[Level.values.index(case.level) - 1])


def move_level(case: Case, done: Done, level: str) -> None:
    done.details["level"] = [case.level, level]
    case.level, done.restart = level, True
