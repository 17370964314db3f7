"""Sharing a case with one department or person: the share is the truth, guardian carries it.

Who may see what by a share or a task is kept in memory and asked by cases/access.py; dates are
compared with the clock each time, so that a share ends with its minute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import Group
from django.db.models import Q
from guardian.shortcuts import assign_perm, remove_perm

from cases.models import (
    OPEN,
    Case,
    CaseShare,
    CaseUnitPermission,
    CaseUserPermission,
    ShareMode,
    Task,
)
from governance import clock
from governance.models import User
from governance.permissions import Held
from governance.reference import Reference

CODES = {ShareMode.READ: ("view_case",), ShareMode.HELP: ("view_case", "change_case")}


class Share(NamedTuple):
    """A share, or a task of an open case, as a check needs it; a task has no end of its own."""

    case_id: int
    mode: str
    until: datetime | None
    unit_id: int | None
    user_id: int | None


Key = tuple[str, int]


def load() -> dict[Key, tuple[Share, ...]]:
    """("unit" or "user", id) → what is shared with it; ("case", id) → with whom a case is.

    Of the shares only those that guardian carries too: a permission without its share, or a share
    without its permission, gives nothing.
    """
    found: dict[Key, list[Share]] = defaultdict(list)
    users = set(
        CaseUserPermission.objects.filter(permission__codename="view_case").values_list(
            "content_object_id", "user_id"
        )
    )
    units = set(
        CaseUnitPermission.objects.filter(permission__codename="view_case").values_list(
            "content_object_id", "group__name"
        )
    )
    open_shares = CaseShare.objects.filter(ended_at=None, until__gt=clock.now())
    for row in open_shares.values_list("case_id", "mode", "until", "unit_id", "user_id"):
        share = Share(*row)
        if share.user_id and (share.case_id, share.user_id) in users:
            found["user", share.user_id].append(share)
            found["case", share.case_id].append(share)
        if share.unit_id and (share.case_id, group_name(share.unit_id)) in units:
            found["unit", share.unit_id].append(share)
            found["case", share.case_id].append(share)
    # who has a task helps until all have reported, and reads on while the case is open
    called = Q(whistle__isnull=False, whistle__ended_at=None)
    helping = called | Q(reported_at=None, excused_at=None)
    tasks = Task.objects.filter(case__state__in=OPEN).order_by("pk")
    columns = ("case_id", "department_id", "helping")
    for case_id, unit_id, helps in tasks.annotate(helping=helping).values_list(*columns):
        mode = ShareMode.HELP if helps else ShareMode.READ
        found["unit", unit_id].append(Share(case_id, mode, None, unit_id, None))
    return {key: tuple(rows) for key, rows in found.items()}


shares = Reference("shares", load)


def group_name(unit_id: int) -> str:
    """guardian knows no units: a group of this name, without members, stands for one."""
    return f"unit:{unit_id}"


def with_user(user: User, posts: Iterable[Held], now: datetime) -> list[Share]:
    """What is shared with this user, or with a unit in which the user holds a post."""
    known = shares()
    if not known:
        return []
    keys: list[Key] = [("user", user.pk), *(("unit", post.unit_id) for post in posts)]
    found = [share for key in keys for share in known.get(key, ())]
    return [share for share in found if share.until is None or share.until > now]


def of_case(case: Case) -> list[CaseShare]:
    """The shares of a case that have not ended; no query where there is none."""
    if ("case", case.pk) not in shares():
        return []
    rows = CaseShare.objects.filter(case=case, ended_at=None, until__gt=clock.now())
    return list(rows.select_related("unit", "user").order_by("pk"))


def share(
    case: Case,
    *,
    unit_id: int | None,
    user_id: int | None,
    mode: str,
    until: datetime,
    by: User | None,
    now: datetime,
    for_dispute: bool = False,
) -> CaseShare:
    """Share a case, or give the share that there is already another end and mode. One that comes
    with a mediation is a share of its own."""
    with_whom = {"unit_id": unit_id, "user_id": user_id, "for_dispute": for_dispute}
    row = CaseShare.objects.filter(case=case, ended_at=None).filter(**with_whom).first()
    row = row or CaseShare(case=case, **with_whom)
    row.mode, row.until, row.by, row.at = mode, until, by, now
    row.save()
    carry(row)
    return row


def end(row: CaseShare, now: datetime) -> None:
    """End a share: the permissions that no other share of the same holder gives go with it."""
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    carry(row)


def carry(row: CaseShare) -> None:
    """Have guardian carry what the open shares of a share's holder give of its case."""
    whose, open_ones = holder(row), CaseShare.objects.filter(case=row.case_id, ended_at=None)
    modes = open_ones.filter(unit=row.unit_id, user=row.user_id).values_list("mode", flat=True)
    given = {code for mode in modes for code in CODES[ShareMode(mode)]}
    for code in CODES[ShareMode.HELP]:
        if code in given:
            assign_perm(code, whose, row.case)
        else:
            remove_perm(code, whose, row.case)


def holder(row: CaseShare) -> User | Group:
    if row.user_id is not None:
        return User.objects.get(pk=row.user_id)
    assert row.unit_id is not None
    return Group.objects.get_or_create(name=group_name(row.unit_id))[0]
