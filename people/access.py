"""Which people one may see: those who live in one's own units today, by need of one's role.

Two walls: the query's filter, and PostgreSQL's row-level security, told of the same units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from governance import permissions, scope
from people.models import Household, Person, Residency

if TYPE_CHECKING:
    from governance.models import User


def places(user: User, permission: str = "person.see") -> frozenset[tuple[str, int]]:
    """The level columns and ids of the posts that give the permission, {("grid_id", 7)}."""
    found = {post.territory for post in permissions.posts_with(user, permission)}
    return frozenset(place for place in found if place)


def within(user: User, permission: str = "person.see") -> Q:
    """The condition on the level columns; nothing for who holds no such post."""
    query = Q()
    for column, value in sorted(places(user, permission)):
        query |= Q(**{column: value})
    return query or Q(pk__in=[])


def enter(user: User, permission: str = "person.see") -> None:
    """Tell the database for which units this transaction reads registers, and who asks."""
    scope.enter((unit_id for _column, unit_id in places(user, permission)), user.pk)


def residencies(user: User) -> QuerySet[Residency]:
    """Who lives in the user's units today."""
    enter(user)
    return Residency.objects.filter(within(user), ended_on=None)


def households(user: User, permission: str = "person.see") -> QuerySet[Household]:
    """The households of the user's units today."""
    enter(user, permission)
    return Household.objects.filter(within(user, permission), ended_on=None)


def persons(user: User) -> QuerySet[Person]:
    """The people of the user's units today, each once."""
    return Person.objects.filter(pk__in=residencies(user).values("person"))


def person_for(user: User, key: UUID, **more: Any) -> Person:
    """The person, or 404 when it is not this user's to see."""
    found = persons(user).filter(pk=key, **more).select_related("data_key").first()
    if found is None:
        raise Http404
    return found


def merged_into(user: User, key: UUID) -> UUID | None:
    """The person that this one was merged into, where the user sees that one."""
    rows = Person.objects.filter(pk=key, merged_into__in=persons(user))
    return rows.values_list("merged_into", flat=True).first()


def covers(user: User, row: Any, permission: str) -> bool:
    """Whether one of the user's posts gives the permission over a row with level columns."""
    held = places(user, permission)
    return any(getattr(row, column) == value for column, value in held)
