"""Builders with sensible defaults, keyword-only; and the small world that most tests live in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.db import connection

from governance import clock, units
from governance.models import CodeScheme, Message, Post, Unit, UnitCode, UnitKind, User
from governance.roles import Role

SINCE = date(2020, 1, 1)
PASSWORD = "Wangge-2026"
_numbers = count(1)


def moment(text: str) -> datetime:
    """Shanghai's wall clock, e.g. "2026-03-02 09:00", as an aware moment."""
    return (datetime.fromisoformat(text) - timedelta(hours=8)).replace(tzinfo=UTC)


def shift_clock(*, to: datetime | None = None, by: timedelta | None = None) -> datetime:
    """Move the database's time to a moment, or on by a span; returns what it is now."""
    shift = "%s - now()" if to else "shift + %s::interval"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE test_clock SET shift = {shift}", [to or str(by)])
    connection.began_at = None  # type: ignore[attr-defined]
    return clock.now()


def create_unit(
    *,
    kind: str = UnitKind.DISTRICT,
    name: str = "",
    parent: Unit | None = None,
    valid_from: date = SINCE,
    code: str = "",
) -> Unit:
    """A unit, by the product's own verb; `code` gives it an official one."""
    name = name or f"{UnitKind(kind).label}{next(_numbers)}"
    unit = units.create(kind=kind, name=name, parent=parent, valid_from=valid_from)
    if code:
        scheme = CodeScheme.STATISTICS
        UnitCode.objects.create(unit=unit, scheme=scheme, code=code, valid_from=valid_from)
    return unit


def create_user(
    *,
    role: str = "",
    unit: Unit | None = None,
    username: str = "",
    name: str = "",
    email: str = "",
    language: str = "zh-hans",
    password: str = PASSWORD,
) -> User:
    """A user whose password is fresh; with `role` and `unit` also the post."""
    username = username or f"user{next(_numbers)}"
    user = User.objects.create_user(
        username,
        password,
        display_name=name or username,
        email=email,
        language=language,
        password_changed_at=clock.now(),
    )
    if role:
        assert unit is not None
        create_post(role=role, unit=unit, user=user)
    return user


def create_post(
    *,
    role: str,
    unit: Unit,
    user: User | None = None,
    member_name: str = "",
    holder_unit: Unit | None = None,
    valid_from: date = SINCE,
    valid_to: date | None = None,
) -> Post:
    if user is not None:
        user.__dict__.pop("_held_posts", None)
    return Post.objects.create(
        role=role,
        unit=unit,
        user=user,
        member_name=member_name,
        holder_unit=holder_unit,
        valid_from=valid_from,
        valid_to=valid_to,
    )


@dataclass(frozen=True)
class World:
    """东丽区 with two streets; everybody works in the first one, the outsider in the second."""

    district: Unit
    street: Unit
    community: Unit
    grid: Unit
    second_grid: Unit
    other_street: Unit
    other_community: Unit
    other_grid: Unit
    other_second_grid: Unit
    sanitation: Unit
    police: Unit
    # at the first community
    leader: User
    co_opted: User
    clerk: User
    station_lead: User
    # at the first street
    dispatcher: User
    supervisor: User
    # at the first grid
    grid_leader: User
    grid_worker: User
    grid_guide: User
    correspondent: User
    household_head: User
    # at 环卫所
    department_lead: User
    handler: User
    # at the district
    system_admin: User
    security_admin: User
    audit_admin: User
    # those from whom things must be hidden
    police_handler: User
    outsider: User  # a clerk of the other community
    other_grid_worker: User

    def holder(self, role: str) -> User:
        """The one user of a role (in the first street, at 环卫所 or at the district)."""
        user: User = getattr(self, role)
        return user


def create_world() -> World:
    places = create_places()
    at = {
        "community": ("leader", "co_opted", "clerk", "station_lead"),
        "street": ("dispatcher", "supervisor"),
        "grid": ("grid_leader", "grid_worker", "grid_guide", "correspondent", "household_head"),
        "sanitation": ("department_lead", "handler"),
        "district": ("system_admin", "security_admin", "audit_admin"),
    }
    cast: dict[str, Any] = {
        role: create_user(role=role, unit=places[place], username=role, name=str(Role(role).label))
        for place, roles in at.items()
        for role in roles
    }
    others = {
        "police_handler": ("handler", "police", "民警"),
        "outsider": ("clerk", "other_community", "外人"),
        "other_grid_worker": ("grid_worker", "other_grid", "外网格员"),
    }
    for username, (role, place, name) in others.items():
        cast[username] = create_user(role=role, unit=places[place], username=username, name=name)
    return World(**places, **cast)


def create_places() -> dict[str, Any]:
    district = create_unit(kind="district", name="东丽区", code="120110000000")
    street = create_unit(kind="street", name="军粮城街道", parent=district, code="120110011000")
    other = create_unit(kind="street", name="无瑕街道", parent=district, code="120110009000")
    near = create_unit(kind="community", name="军丽园社区", parent=street, code="120110011001")
    far = create_unit(kind="community", name="春霞里社区", parent=other, code="120110009001")
    return {
        "district": district,
        "street": street,
        "community": near,
        "grid": create_unit(kind="grid", name="军丽园第一网格", parent=near),
        "second_grid": create_unit(kind="grid", name="军丽园第二网格", parent=near),
        "other_street": other,
        "other_community": far,
        "other_grid": create_unit(kind="grid", name="春霞里第一网格", parent=far),
        "other_second_grid": create_unit(kind="grid", name="春霞里第二网格", parent=far),
        "sanitation": create_unit(kind="department", name="环卫所", parent=district),
        "police": create_unit(kind="department", name="派出所", parent=district),
    }


@contextmanager
def queries(expected: int) -> Iterator[None]:
    """The block makes exactly this many statements."""
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        yield
    said = [query["sql"][:160] for query in captured.captured_queries]
    assert len(said) == expected, "\n".join(said)


def kinds_told(user: User) -> list[str]:
    """The kinds of the messages in somebody's inbox, in order."""
    rows = Message.objects.filter(recipient=user).order_by("pk")
    return list(rows.values_list("kind", flat=True))
