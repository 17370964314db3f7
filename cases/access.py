"""Which cases one may see, and which one may act on: the permission table joined with the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.http import Http404

from cases import shared
from cases.models import (
    Case,
    CaseQuerySet,
    Level,
    Photo,
    PhotoKind,
    ServiceRequest,
    ShareMode,
)
from governance import clock, permissions, units
from governance.models import LEVELS, UnitKind
from governance.permissions import CENTRE, DEPARTMENT, VOLUNTEERS, Held

if TYPE_CHECKING:
    from governance.models import User

COLUMNS = tuple(f"{level}_id" for level in LEVELS)


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
    """The cases of the user's territory or department, those the user reported, and those shared
    with the user or the user's unit, while they are."""
    return Case.objects.filter(visible(user))


def visible(user: User) -> Q:
    """What `visible_to` asks of a case."""
    query = territory(user) | Q(reported_by=user.pk)
    for post in permissions.posts_with(user, "case.see"):
        query |= homeless(post) or Q()
    if ids := shared_ids(user):
        query |= Q(pk__in=ids)
    return query


def under(user: User, permission: str) -> CaseQuerySet:
    """The cases over which one of the user's posts gives a permission: what `may_act` says, as a
    list. Not those that the user only reported, nor those that are shared."""
    query = Q()
    for post in permissions.posts_with(user, permission):
        query |= (scope(post) or Q()) | (homeless(post) or Q())
    return Case.objects.filter(query) if query else Case.objects.none()


def shared_ids(user: User) -> list[int]:
    """The cases that are shared with the user, or at which the user's department has a task."""
    posts = permissions.posts_with(user, "case.see")
    found = shared.with_user(user, posts, clock.now())
    return sorted({share.case_id for share in found})


def sees(user: User, case: Case) -> bool:
    """What `visible_to` says, of a case in hand."""
    posts = permissions.posts_with(user, "case.see")
    own = any(covers(post, case) for post in posts if post.role not in VOLUNTEERS)
    return own or case.reported_by_id == user.pk or case.pk in shared_ids(user)


def case_for(user: User, number: str) -> Case:
    """The case, or 404 when it is not this user's to see."""
    # the database would not even compare an address with a NUL in it
    case = visible_to(user).filter(number=number).first() if number.isalnum() else None
    if case is None:
        raise Http404
    return case


# What is shown of a report beyond its own page: not what departments wrote down for each other.
AS_REPORTED = ~Q(kind=PhotoKind.PROOF) & Q(task=None)


def photo_for(user: User, key: UUID) -> Photo:
    """The photo of a case that this user may see, or of a report that goes on in one; or 404."""
    photo = Photo.objects.filter(uuid=key, case__in=visible_to(user)).first()
    if photo is None:
        photo = Photo.objects.filter(AS_REPORTED, uuid=key).first()
        if photo is None or not visible_to(user).filter(pk__in=ahead(photo.case_id)).exists():
            raise Http404
    return photo


def ahead(case_id: int) -> set[int]:
    """The cases in which a report goes on: its parts, the case that it was joined to, and so on."""
    found, new = set[int](), {case_id}
    while new:
        rows = Case.objects.filter(Q(parent__in=new) | Q(joined__in=new))
        new = set(rows.values_list("pk", flat=True)) - found
        found |= new
    return found


def behind(case: Case) -> list[Case]:
    """The reports that go on in a case: of those joined to it, of the one that it is a part of, and
    so on. Whoever sees the case sees what they say and show, and not who said it."""
    found, new = dict[int, Case](), {case.pk}
    while new:
        rows = Case.objects.filter(Q(main__in=new) | Q(parts__in=new)).exclude(pk__in=found)
        later = rows.distinct().in_bulk()
        found |= later
        new = set(later)
    return [found[pk] for pk in sorted(found)]


def covers(post: Held, case: Case | ServiceRequest) -> bool:
    """Whether a post's territory or department holds this case or request."""
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


def may_act(user: User, case: Case, permission: str, *, at_level: bool = False) -> bool:
    """Whether one of the user's posts gives the permission over this very case; `at_level` asks for
    a post at the level that has the case in hand, or above it."""
    return any(
        covers(post, case) and (not at_level or reaches(post, case))
        for post in permissions.posts_with(user, permission)
    )


def may_add_photo(user: User, case: Case, kind: str, task_id: int | None) -> bool:
    """Whether the user may add a photo to this case; to a task of it, as its department may; as
    proof of a request, as who may ask."""
    if kind == PhotoKind.PROOF:
        return may_act(user, case, "case.ask_extension")
    if task_id is None:
        return may_act(user, case, "case.add_photo")
    own = departments_of(user, "case.report_task")
    return case.tasks.filter(pk=task_id, department__in=own).exists()


def reaches(post: Held, case: Case) -> bool:
    """Whether the post stands at the case's level or above it."""
    return level_of(post) >= Level.values.index(case.level)


def level_of(post: Held) -> int:
    """0 for a community's post and below, 1 for a street's, 2 for the district's."""
    column = post.territory[0] if post.territory else ""
    return {"district_id": 2, "street_id": 1}.get(column, 0)


def helps(user: User, case: Case) -> bool:
    """Whether the case is shared with the user for helping."""
    found = shared.with_user(user, permissions.posts_of(user), clock.now())
    return any(share.case_id == case.pk and share.mode == ShareMode.HELP for share in found)


# Where a case without a point is.
PLACED_IN = (UnitKind.COMMUNITY, UnitKind.GRID)


def places_of(user: User, permission: str) -> list[units.Facts]:
    """The communities and grids of today over which one of the user's posts gives the permission,
    each community before its grids."""
    covered = {post.territory for post in permissions.posts_with(user, permission)}
    found = [
        unit
        for unit in units.known().values()
        if unit.kind in PLACED_IN and unit.valid_to is None
        if any((column, getattr(unit, column)) in covered for column in COLUMNS)
    ]
    return sorted(found, key=lambda u: (u.street_id or 0, u.community_id or 0, u.grid_id or 0))


def lowest(post: Held) -> tuple[str, int]:
    """The level that a post stands at; for a department or a team, that it hangs on."""
    return next((c, value) for c in reversed(COLUMNS) if (value := getattr(post, c)))


def departments_of(user: User, permission: str) -> set[int]:
    """The units at which the user holds a post that gives the permission."""
    return {post.unit_id for post in permissions.posts_with(user, permission)}
