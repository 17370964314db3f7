"""Who sees a campaign and its tasks, who runs it, who fills them in; and whom one may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.http import Http404

from cases.access import level_of
from cases.models import Campaign, CampaignState, CampaignTask, TaskState
from governance import permissions, units
from governance.models import UnitKind
from governance.permissions import DEPARTMENT, Held
from governance.units import Facts

if TYPE_CHECKING:
    from governance.models import User

SEE, LAUNCH, ANSWER = "campaign.see", "campaign.launch", "campaign.answer"
PLACES = {UnitKind.ESTATE, UnitKind.WORKPLACE}
# The levels that a campaign is launched at.
LAUNCHED_AT = {"district_id", "street_id", "community_id"}


# Who sees ---------------------------------------------------------------------------------------


def visible_tasks(user: User) -> QuerySet[CampaignTask]:
    """The tasks of one's territory or department, those of the campaigns that were launched there,
    and those one was drawn for."""
    query = Q(inspectors=user.pk)
    for post in permissions.posts_with(user, SEE):
        if post.role in DEPARTMENT:
            query |= Q(unit=post.unit_id)
        elif post.territory:
            column, value = post.territory
            query |= Q(**{column: value})
            if column in LAUNCHED_AT:
                query |= Q(**{f"campaign__{column}": value})
    return CampaignTask.objects.filter(pk__in=CampaignTask.objects.filter(query).values("pk"))


def visible_campaigns(user: User) -> QuerySet[Campaign]:
    """Those with a task that one sees, those that were launched in one's territory, and the spot
    checks that one may be drawn for."""
    query = Q(pk__in=visible_tasks(user).values("campaign"))
    query |= Q(pool__pool__inspectors__contains=[{"id": user.pk}])
    for post in permissions.posts_with(user, SEE):
        if post.role not in DEPARTMENT and post.territory and post.territory[0] in LAUNCHED_AT:
            query |= Q(**dict([post.territory]))
    return Campaign.objects.filter(query)


def campaign_for(user: User, number: str) -> Campaign:
    """The campaign, or 404 when it is not this user's to see."""
    # the database would not even compare an address with a NUL in it
    rows = visible_campaigns(user).filter(number=number).select_related("check_list", "launched_by")
    found = rows.first() if number.isalnum() else None
    if found is None:
        raise Http404
    return found


def task_for(user: User, pk: int) -> CampaignTask:
    """The task, or 404 when it is not this user's to see."""
    rows = visible_tasks(user).filter(pk=pk).select_related("campaign__check_list", "ended_by")
    found = rows.first()
    if found is None:
        raise Http404
    return found


# Who may ----------------------------------------------------------------------------------------


def may_manage(user: User, campaign: Campaign) -> bool:
    """Whether a post of the user's launches campaigns where this one was launched, or above."""
    return any(
        post.territory is not None
        and getattr(campaign, post.territory[0], None) == post.territory[1]
        for post in permissions.posts_with(user, LAUNCH)
    )


def may_answer(user: User, task: CampaignTask) -> bool:
    """Whether the user was drawn for it, or where nobody was, is in post where it is to be done."""
    drawn = set(task.inspectors.values_list("pk", flat=True))
    posts = permissions.posts_with(user, ANSWER)
    if drawn:
        return bool(posts) and user.pk in drawn
    return any(does(post, units.known()[task.unit_id]) for post in posts)


def does(post: Held, unit: Facts) -> bool:
    """Whether what a unit is to do is for who holds this post."""
    if post.role in DEPARTMENT:
        return post.unit_id == unit.pk
    return covers(post, unit)


def covers(post: Held, unit: Facts) -> bool:
    """Whether a unit lies in the territory of a post."""
    return post.territory is not None and getattr(unit, post.territory[0]) == post.territory[1]


def to_do(user: User) -> QuerySet[CampaignTask]:
    """The open tasks that the user may fill in."""
    by_post = Q(pk=0)
    for post in permissions.posts_with(user, ANSWER):
        if post.role in DEPARTMENT:
            by_post |= Q(unit=post.unit_id)
        elif post.territory:
            by_post |= Q(**{f"unit__{post.territory[0]}": post.territory[1]})
    drawn = Q(inspectors=user.pk) if permissions.may(user, ANSWER) else Q(pk=0)
    return CampaignTask.objects.filter(
        drawn | Q(inspectors=None) & by_post,
        state=TaskState.OPEN,
        campaign__state=CampaignState.RUNNING,
    )


# Whom one may ask -------------------------------------------------------------------------------


def launching_post(user: User) -> Held | None:
    """The post that a campaign of the user's goes out from: the highest, if there are several."""
    posts = [
        post
        for post in permissions.posts_with(user, LAUNCH)
        if post.territory and post.territory[0] in LAUNCHED_AT
    ]
    return max(posts, key=level_of, default=None)


def grids_of(user: User) -> list[Facts]:
    """The grids below the user's posts that launch."""
    return below(user, lambda unit: unit.kind == UnitKind.GRID)


def places_of(user: User) -> list[Facts]:
    """The estates and workplaces there, which are checked and check nobody."""
    return below(user, lambda unit: unit.kind in PLACES)


def departments_of(user: User) -> list[Facts]:
    """The departments that a street or district gives tasks to; a community calls them by a
    whistle."""
    posts = [post for post in permissions.posts_with(user, LAUNCH) if level_of(post)]
    districts = {post.district_id for post in posts}
    return [
        unit
        for unit in current()
        if unit.kind == UnitKind.DEPARTMENT and unit.district_id in districts
    ]


def below(user: User, fits: Callable[[Facts], bool]) -> list[Facts]:
    posts = permissions.posts_with(user, LAUNCH)
    rows = [u for u in current() if fits(u) and any(covers(post, u) for post in posts)]
    return sorted(rows, key=lambda u: (u.street_id or 0, u.community_id or 0, u.grid_id or 0, u.pk))


def current() -> Iterator[Facts]:
    return (unit for unit in units.known().values() if unit.valid_to is None)


def doer_of(place: Facts) -> int:
    """Who checks a place: its grid, else the community that it hangs on, a department itself."""
    if place.kind in PLACES:
        return place.grid_id or place.community_id or place.pk
    return place.pk


def doers(unit_id: int, community_id: int | None) -> list[int]:
    """The users who are to do what a unit is to do; the centre where nobody is in post."""
    here = permissions.at(unit_id, permissions.TABLE[ANSWER].roles)
    return here or permissions.at(community_id, permissions.CENTRE)


def inspectors_at(unit_ids: Iterable[int]) -> dict[int, list[Held]]:
    """User id → the posts of those who may be drawn from these units."""
    chosen, roles = set(unit_ids), permissions.TABLE[ANSWER].roles
    in_office = {
        user
        for (unit_id, role), users in permissions.holders().items()
        if unit_id in chosen and role in roles
        for user in users
    }
    return {
        user: [post for post in posts if post.role in roles]
        for user, posts in permissions.held().items()
        if user in in_office
    }
