"""Which cases one may see, and which one may act on: the permission table joined with the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.http import Http404

from cases.models import Case, CaseQuerySet, Photo
from governance import permissions
from governance.permissions import CENTRE, DEPARTMENT, VOLUNTEERS, Held

if TYPE_CHECKING:
    from governance.models import User


def scope(post: Held) -> Q | None:
    """The cases that a post covers; None for a post that covers no territory."""
    if post.role in DEPARTMENT:
        return Q(department_id=post.unit_id)
    if post.role in VOLUNTEERS or post.territory is None:
        return None
    column, value = post.territory
    return Q(**{column: value})


def homeless(post: Held) -> Q | None:
    """Cases that fell into no community are every clerk's and dispatcher's of the district."""
    if post.role in CENTRE and post.district_id and (post.street_id or post.community_id):
        return Q(district_id=post.district_id, community_id=None)
    return None


def territory(user: User) -> Q:
    """The cases of the user's own territory or department; without one, those they reported."""
    query = Q()
    for post in permissions.posts_with(user, "case.see"):
        part = scope(post)
        if part is not None:
            query |= part
    return query or Q(reported_by=user.pk)


def without_grid(user: User) -> Q | None:
    """The cases without a grid that the user as a clerk or dispatcher looks after; else None."""
    query = Q()
    for post in permissions.posts_with(user, "case.accept"):
        column, value = post.territory or ("pk", 0)
        query |= Q(**{column: value}) | (homeless(post) or Q())
    return query & Q(grid=None) if query else None


def visible_to(user: User) -> CaseQuerySet:
    """The cases of the user's territory or department, and those the user reported."""
    query = territory(user) | Q(reported_by=user.pk)
    for post in permissions.posts_with(user, "case.see"):
        query |= homeless(post) or Q()
    return Case.objects.filter(query)


def sees(user: User, case: Case) -> bool:
    """What `visible_to` says, of a case in hand."""
    posts = permissions.posts_with(user, "case.see")
    own = any(covers(post, case) for post in posts if post.role not in VOLUNTEERS)
    return own or case.reported_by_id == user.pk


def case_for(user: User, number: str) -> Case:
    """The case, or 404 when it is not this user's to see."""
    # the database would not even compare an address with a NUL in it
    case = visible_to(user).filter(number=number).first() if number.isalnum() else None
    if case is None:
        raise Http404
    return case


def photo_for(user: User, key: UUID) -> Photo:
    """The photo of a case that this user may see, or 404."""
    photo = Photo.objects.filter(uuid=key, case__in=visible_to(user)).first()
    if photo is None:
        raise Http404
    return photo


def covers(post: Held, case: Case) -> bool:
    """Whether a post's territory or department holds this case."""
    if post.role in DEPARTMENT:
        return case.department_id == post.unit_id
    if post.territory is None:
        return False
    column, value = post.territory
    if getattr(case, column) == value:
        return True
    return (
        post.role in CENTRE and case.community_id is None and (case.district_id == post.district_id)
    )


def may_act(user: User, case: Case, permission: str) -> bool:
    """Whether one of the user's posts gives the permission over this very case."""
    return any(covers(post, case) for post in permissions.posts_with(user, permission))
