"""The verbs of the organisation: add, move, merge and split units, from a date, keeping history."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import clock, timers
from governance.models import (
    BESIDE,
    LEVELS,
    ChangeKind,
    Post,
    Timer,
    Unit,
    UnitChange,
    UnitCode,
    may_hang,
)
from governance.reference import Reference

TIMER = "unit.change"
POLICE = re.compile("公安|派出所|警")


class NotAllowed(Exception):
    """The organisation's rules forbid it; the text says which and what to do."""


@dataclass(frozen=True)
class Follower:
    """A room whose rows follow units: `count` tells how many would, `follow` makes them.

    `on_move` is false for rows that name a unit and no place: they stay where the unit only moves.
    """

    label: Any
    count: Callable[[Unit], int]
    follow: Callable[[Unit, datetime], None]
    on_move: bool = True


FOLLOWERS: dict[str, Follower] = {}


@dataclass
class Preview:
    """What a change will do, shown before it is decided."""

    lines: list[tuple[str, int]] = field(default_factory=list)


class Facts(NamedTuple):
    """A unit as lists and rules need it, without a query."""

    pk: int
    kind: str
    name: str
    valid_to: date | None
    district_id: int | None
    street_id: int | None
    community_id: int | None
    grid_id: int | None
    parent_id: int | None
    successor_id: int | None
    is_police: bool | None

    @property
    def chain(self) -> dict[str, int | None]:
        """{"district_id": …, "street_id": …, "community_id": …, "grid_id": …}."""
        return {f"{level}_id": getattr(self, f"{level}_id") for level in LEVELS}


def load_facts() -> dict[int, Facts]:
    rows = Unit.objects.order_by("pk").values_list(*Facts._fields)
    return {row[0]: Facts(*row) for row in rows}


known = Reference("units", load_facts)


def name_of(unit_id: int | None) -> str:
    """A unit's name from memory, "" for None."""
    return known()[unit_id].name if unit_id else ""


def is_police(unit_id: int | None) -> bool:
    """Whether a unit is the police's, or below one that is."""
    while unit_id is not None:
        unit = known()[unit_id]
        if unit.is_police:
            return True
        unit_id = unit.parent_id
    return False


def heir(unit_id: int) -> Facts | None:
    """Who stands for a unit today: itself, or where its merging ended; None after a split."""
    unit = known()[unit_id]
    while unit.valid_to is not None and unit.successor_id is not None:
        unit = known()[unit.successor_id]
    return unit if unit.valid_to is None else None


def heir_id(unit_id: int | None) -> int | None:
    """The same by id; None for None."""
    found = heir(unit_id) if unit_id else None
    return found.pk if found else None


def chain(unit: Unit) -> dict[str, int | None]:
    """The unit's level ids, {"district_id": …, …}, itself included where it is a level."""
    parent = unit.parent
    ids = {f"{level}_id": getattr(parent, f"{level}_id", None) for level in LEVELS}
    if unit.kind in LEVELS:
        ids[f"{unit.kind}_id"] = unit.pk
    return ids


@transaction.atomic
def create(*, kind: str, name: str, parent: Unit | None, valid_from: date) -> Unit:
    """A new unit under `parent`. Raises NotAllowed when the tree would not bear it."""
    check_new(kind=kind, name=name, parent=parent, valid_from=valid_from)
    unit = Unit(kind=kind, name=name, parent=parent, valid_from=valid_from)
    # until an administrator says otherwise
    unit.is_police = True if kind in BESIDE and POLICE.search(name) else None
    unit.save()
    set_chain(unit)
    return unit


def check_new(*, kind: str, name: str, parent: Unit | None, valid_from: date) -> None:
    """Raises NotAllowed for a unit that the tree would not bear."""
    check_place(kind, parent)
    check_names(parent, kind, [name])
    if parent and parent.valid_to and parent.valid_to <= valid_from:
        raise NotAllowed(_t("“%(unit)s”在该日已失效。") % {"unit": parent})


def check_place(kind: str, parent: Unit | None) -> None:
    if may_hang(kind, parent.kind if parent else None):
        return
    above = parent.get_kind_display() if parent else _t("（无）")
    below = Unit(kind=kind).get_kind_display()
    raise NotAllowed(
        _t("“%(below)s”不能隶属于“%(above)s”：层级可以跳过，不能颠倒。")
        % {"below": below, "above": above}
    )


def check_names(
    parent: Unit | None, kind: str, names: Sequence[str], *, leaving: Unit | None = None
) -> None:
    """Siblings of one kind have names of their own, as the database asks."""
    siblings = Unit.objects.filter(parent=parent, kind=kind, valid_to=None, name__in=names)
    if leaving is not None:
        siblings = siblings.exclude(pk=leaving.pk)
    taken = set(siblings.values_list("name", flat=True)) if parent else set()
    if taken := taken | {name for name in names if names.count(name) > 1}:
        raise NotAllowed(
            _t("“%(parent)s”下已有同名同类单位：%(names)s。请先改名。")
            % {"parent": parent or "—", "names": _t("、").join(sorted(taken))}
        )


def set_chain(unit: Unit) -> None:
    """Write the level ids of the unit and, where they differ, of all below it."""
    ids = chain(unit)
    if all(getattr(unit, column) == value for column, value in ids.items()):
        return
    for column, value in ids.items():
        setattr(unit, column, value)
    unit.save(update_fields=list(ids))
    for child in unit.children.select_related("parent"):
        set_chain(child)


def preview(change: UnitChange) -> Preview:
    """How many children, posts, codes and rows of other rooms the change will touch."""
    unit = change.unit
    below = Unit.objects.within(unit).valid(change.effective).exclude(pk=unit.pk)
    found = Preview([(_t("下级单位"), below.count())])
    if change.kind != ChangeKind.MOVE:
        posts = Post.objects.valid(change.effective).filter(unit=unit)
        found.lines.append((_t("岗位"), posts.count()))
        found.lines.append((_t("代码"), unit.codes.filter(valid_to=None).count()))
    found.lines += [(str(f.label), f.count(unit)) for f in followers(change)]
    return found


def followers(change: UnitChange) -> list[Follower]:
    """Whose rows a change of this kind touches."""
    return [f for f in FOLLOWERS.values() if f.on_move or change.kind != ChangeKind.MOVE]


@transaction.atomic
def decide(change: UnitChange, now: datetime) -> UnitChange:
    """Record a change; it is carried out at once when its date has come, else by a timer."""
    Unit.objects.select_for_update(no_key=True).get(pk=change.unit_id)  # one decision at a time
    check(change)
    change.decided_at = now
    change.save()
    if change.effective <= clock.today():
        apply(change, now)
    else:
        begin = datetime.combine(change.effective, time.min, get_default_timezone())
        timers.start(TIMER, change.pk, begin)
    return change


@transaction.atomic
def withdraw(change: UnitChange, now: datetime) -> None:
    """Take back a change whose date has not come. Raises NotAllowed once it is carried out."""
    current = UnitChange.objects.select_for_update().filter(pk=change.pk, applied_at=None).first()
    if current is None:
        raise NotAllowed(_t("该变更已执行，不能撤回；请登记相反的变更。"))
    timers.cancel([current.pk], [TIMER], now)
    current.delete()


def check(change: UnitChange) -> None:
    """Raises NotAllowed for a change that would break the tree."""
    unit, into = change.unit, change.into
    for involved in filter(None, (unit, into)):
        if change.effective < involved.valid_from:
            raise NotAllowed(_t("“%(unit)s”在该日尚未设立。") % {"unit": involved})
        if not involved.is_valid(change.effective):
            raise NotAllowed(_t("“%(unit)s”在该日已失效。") % {"unit": involved})
    if unit.changes.filter(applied_at=None).exclude(pk=change.pk).exists():
        raise NotAllowed(_t("“%(unit)s”已有未生效的变更，请先撤回。") % {"unit": unit})
    if change.kind == ChangeKind.MOVE:
        check_move(unit, into)
    elif change.kind == ChangeKind.MERGE:
        check_merge(unit, into)
    else:
        check_parts(change)


def check_move(unit: Unit, into: Unit | None) -> None:
    check_place(unit.kind, into)
    check_not_below(unit, into)
    if into is not None and into.pk == unit.parent_id:
        raise NotAllowed(_t("“%(unit)s”已隶属于该单位。") % {"unit": unit})
    check_names(into, unit.kind, [unit.name])


def check_not_below(unit: Unit, into: Unit | None) -> None:
    above = into
    while above is not None:
        if above == unit:
            raise NotAllowed(_t("单位不能隶属于自己的下级。"))
        above = above.parent


def check_merge(unit: Unit, into: Unit | None) -> None:
    if into is None or into.kind != unit.kind or into == unit:
        raise NotAllowed(_t("只能并入另一个同类单位。"))
    check_not_below(unit, into)
    coming: dict[str, list[str]] = {}
    for kind, name in unit.children.filter(valid_to=None).values_list("kind", "name"):
        coming.setdefault(kind, []).append(name)
    for kind, names in coming.items():
        check_names(into, kind, names)


def check_parts(change: UnitChange) -> None:
    unit, names = change.unit, [part["name"].strip() for part in change.parts]
    children = set(unit.children.filter(valid_to=None).values_list("pk", flat=True))
    check_names(unit.parent, unit.kind, names, leaving=unit)
    given = [pk for part in change.parts for pk in part["children"]]
    if len(names) < 2 or not all(names):
        raise NotAllowed(_t("拆分至少要有两个有名称的新单位。"))
    if sorted(given) != sorted(children):
        raise NotAllowed(_t("每个下级单位须且只能划入一个新单位。"))


def apply(change: UnitChange, now: datetime) -> None:
    """Carry out a decided change as of its date; rows of other rooms follow (FOLLOWERS)."""
    unit = Unit.objects.select_for_update(no_key=True).get(pk=change.unit_id)
    concerned = {
        ChangeKind.MOVE: _move,
        ChangeKind.MERGE: _merge,
        ChangeKind.SPLIT: _split,
    }[ChangeKind(change.kind)](change, unit)
    change.applied_at = now
    change.save(update_fields=["applied_at"])
    for one in concerned:
        for follower in followers(change):
            follower.follow(one, now)


def _move(change: UnitChange, unit: Unit) -> Sequence[Unit]:
    unit.parent = change.into
    unit.save(update_fields=["parent"])
    set_chain(unit)
    return [unit]


def _merge(change: UnitChange, unit: Unit) -> Sequence[Unit]:
    assert change.into is not None
    _hand_over(unit.children.filter(valid_to=None), change.into)
    _hand_over_posts(unit, change.into, change.effective)
    _end(unit, change.effective, successor=change.into)
    return [change.into]


def _split(change: UnitChange, unit: Unit) -> Sequence[Unit]:
    """The parts, and the unit itself: nobody succeeds it, and what it still has needs a place."""
    made = [unit]
    _end(unit, change.effective, successor=None)  # first: a part may keep the name
    for part in change.parts:
        name = part["name"].strip()
        new = create(kind=unit.kind, name=name, parent=unit.parent, valid_from=change.effective)
        _hand_over(Unit.objects.filter(pk__in=part["children"]), new)
        _hand_over_posts(unit, new, change.effective, keep=part is not change.parts[-1])
        made.append(new)
    return made


def _hand_over(children: Any, into: Unit) -> None:
    for child in children:
        child.parent = into
        child.save(update_fields=["parent"])
        set_chain(child)


def _hand_over_posts(unit: Unit, into: Unit, on: date, *, keep: bool = False) -> None:
    """End the posts at the old unit and begin the same at the new one (a split: at each part).

    Also those that begin later; what is left of a fixed term stays as long as it was.
    """
    for post in Post.objects.not_over(on).filter(unit=unit):
        held = Post.objects.not_over(on).filter(unit=into, role=post.role, user=post.user_id)
        if not (post.user_id and held.exists()):
            Post.objects.create(
                role=post.role,
                unit=into,
                user_id=post.user_id,
                member_name=post.member_name,
                holder_unit_id=post.holder_unit_id,
                valid_from=max(on, post.valid_from),
                valid_to=post.valid_to,
            )
        if not keep:
            Post.objects.filter(pk=post.pk).update(valid_to=max(on, post.valid_from))


def _end(unit: Unit, on: date, *, successor: Unit | None) -> None:
    UnitCode.objects.filter(unit=unit, valid_to=None).update(valid_to=on)
    unit.valid_to, unit.successor = on, successor
    unit.save(update_fields=["valid_to", "successor"])


@timers.handler(TIMER, _("单位变更生效"))
def apply_due(due: list[Timer], now: datetime) -> set[int]:
    """The sweep's side of `decide`: changes whose date has come, in the order of their dates.

    Raises NotAllowed when the tree has changed meanwhile so that it does not fit any more.
    """
    ids = {timer.subject_id: timer.pk for timer in due}
    free = UnitChange.objects.select_for_update(
        skip_locked=True, of=("self", "unit"), no_key=True
    ).filter(pk__in=ids, applied_at=None)
    for locked in free.select_related("unit").order_by("effective", "pk"):
        # read anew: an earlier change may have moved what this one is about
        change = UnitChange.objects.select_related("unit__parent", "into").get(pk=locked.pk)
        check(change)
        apply(change, now)
        ids.pop(change.pk)
    waiting = UnitChange.objects.filter(pk__in=ids, applied_at=None).values_list("pk", flat=True)
    return {ids[pk] for pk in waiting}


def organisation_for(unit: Unit) -> Any:
    """The party organisation that answers for a unit: its own, else the nearest above; or None."""
    node: Unit | None = unit
    while node is not None:
        if own := getattr(node, "organisation", None):
            return own
        node = node.parent
    return None
