"""Which grids and places one may see, those of one's territory; who has none sees the posts'
district. And whether one may change a place: only in one's own territory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _t

from governance import permissions, units
from governance.models import LEVELS
from governance.permissions import CENTRE, DEPARTMENT
from grids import geo
from grids.errors import NotAllowed
from grids.models import Grid, GridQuerySet

if TYPE_CHECKING:
    from governance.models import User

Places = frozenset[tuple[str, int]]
Levels = dict[str, int | None]
SEE, FACILITY, CHANGE = "place.see", "facility.see", "place.register"


def places(user: User, permission: str = "grid.see") -> Places:
    """The level columns and ids that the user's map covers, e.g. {("community_id", 7)}."""
    posts = permissions.posts_with(user, permission)
    own = {post.territory for post in posts if post.role not in DEPARTMENT}
    found = own or {("district_id", post.district_id) for post in posts if post.district_id}
    return frozenset(place for place in found if place)


def visible_to(user: User) -> GridQuerySet:
    """The grids on the user's map."""
    query = Q(pk__in=[])
    for column, value in places(user):
        query |= Q(**{f"unit__{column}": value})
    return Grid.objects.filter(query)


def within(user: User, permission: str = SEE) -> Q:
    """The condition on the level columns of places; what lies in no community is also the
    clerks' and dispatchers' of the district, who find out whose it is."""
    query = Q()
    for column, value in sorted(places(user, permission)):
        query |= Q(**{column: value})
    for district_id in sorted(homeless(user, permission)):
        query |= Q(district_id=district_id, community_id=None)
    return query or Q(pk__in=[])


def homeless(user: User, permission: str) -> set[int]:
    """The districts whose places without a community the user looks after."""
    posts = permissions.posts_with(user, permission)
    return {post.district_id for post in posts if post.role in CENTRE and post.district_id}


def levels(
    user: User, point: tuple[float, float] | None = None, unit_id: int | None = None
) -> Levels:
    """In which units a place lies: the grid that covers its point; without one the unit that is
    named, else the user's own post. Outside every grid no grid is named."""
    grid_id = geo.grid_at(*point) if point else None
    if grid_id is not None:
        return units.known()[grid_id].chain
    return without_grid(user, unit_id, pointed=point is not None)


def without_grid(user: User, unit_id: int | None, *, pointed: bool) -> Levels:
    """The levels of a place whose point, if it has one, lies in no grid."""
    found: Levels = {f"{level}_id": None for level in LEVELS}
    named = units.known().get(unit_id or 0)
    if named is not None:
        found = named.chain
    elif posts := permissions.posts_of(user):
        own = posts[0]
        found = {column: getattr(own, column) for column in found}
    return {**found, "grid_id": None} if pointed else found


def chain_of(row: Any) -> Levels:
    """The level columns of a row."""
    return {f"{level}_id": getattr(row, f"{level}_id") for level in LEVELS}


def covers(user: User, where: Mapping[str, int | None], permission: str = CHANGE) -> bool:
    """Whether one of the user's posts gives the permission where these levels lie."""
    posts = permissions.posts_with(user, permission)
    territories = {post.territory for post in posts if post.territory}
    if any(where[column] == value for column, value in territories):
        return True
    return where["community_id"] is None and where["district_id"] in homeless(user, permission)


def check(user: User, where: Mapping[str, int | None], permission: str = CHANGE) -> None:
    """Raises NotAllowed for a place that is not the user's to change."""
    if not permissions.may(user, permission):
        raise NotAllowed(_t("您的岗位不能维护地址、楼栋和部件。"))
    if not covers(user, where, permission):
        raise NotAllowed(_t("该位置不在您的辖区内。"))
