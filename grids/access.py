"""Which grids one may see: those of one's territory; who has none sees the posts' district."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from governance import permissions
from governance.permissions import DEPARTMENT
from grids.models import Grid, GridQuerySet

if TYPE_CHECKING:
    from governance.models import User

Places = frozenset[tuple[str, int]]


def places(user: User) -> Places:
    """The level columns and ids that the user's map covers, e.g. {("community_id", 7)}."""
    posts = permissions.posts_with(user, "grid.see")
    own = {post.territory for post in posts if post.role not in DEPARTMENT}
    found = own or {("district_id", post.district_id) for post in posts if post.district_id}
    return frozenset(place for place in found if place)


def visible_to(user: User) -> GridQuerySet:
    """The grids on the user's map."""
    query = Q(pk__in=[])
    for column, value in places(user):
        query |= Q(**{f"unit__{column}": value})
    return Grid.objects.filter(query)
