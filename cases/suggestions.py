"""建议: collected, answered, counted; or handed over to become a case. The one place that writes
them.

Two subjects share it: matters of the community, answered where they lie; and the platform itself,
on which its own workers speak up and which the district answers, signed or unsigned.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _t

from cases import access, intake, opening
from cases import suggestion_clock as clocks
from cases.errors import NotAllowed
from cases.intake import Report
from cases.models import (
    ADOPTED,
    KINDS,
    Case,
    Contributor,
    Source,
    Subject,
    Suggestion,
    SuggestionAction,
    SuggestionOutcome,
    SuggestionSource,
    SuggestionState,
)
from cases.regulations import regulation
from cases.submissions import Conflict
from governance import permissions, units
from governance.access import record_look
from governance.models import LEVELS, UnitKind
from governance.permissions import CENTRE, DEPARTMENT, VOLUNTEERS, Held

if TYPE_CHECKING:
    from governance.models import User

COLLECT, ANSWER, REVEAL = "suggestion.collect", "suggestion.answer", "suggestion.reveal"
HAND_OVER, REASSIGN = "suggestion.hand_over", "suggestion.reassign"
PLATFORM, PLATFORM_ANSWER = "platform.suggest", "platform.answer"


@dataclass(frozen=True)
class Said:
    """What somebody suggests; `unit_id` is the place it is about, a community or a grid."""

    subject: str
    kind: str
    words: str
    source: str
    unit_id: int | None = None
    name: str = ""
    phone: str = ""


# Who sees and may -------------------------------------------------------------------------------


def visible_suggestions(user: User) -> QuerySet[Suggestion]:
    """Those about the user's territory, those the user's department is to answer, and those the
    user collected."""
    query = Q(author=user.pk)
    for post in permissions.posts_with(user, "suggestion.see"):
        if post.role in DEPARTMENT:
            query |= Q(unit=post.unit_id)
        elif post.role not in VOLUNTEERS and post.territory is not None:
            column, value = post.territory
            query |= Q(**{column: value})
        if post.role in CENTRE and post.district_id:
            query |= Q(district=post.district_id, community=None)
    return Suggestion.objects.filter(query, subject=Subject.COMMUNITY)


def visible_opinions(user: User) -> QuerySet[Suggestion]:
    """What was said about the platform in the user's district: everybody reads all of it, and the
    view names nobody."""
    districts = {post.district_id for post in permissions.posts_with(user, PLATFORM)}
    return Suggestion.objects.filter(district__in=districts, subject=Subject.PLATFORM)


def suggestion_for(user: User, number: str) -> Suggestion:
    """The suggestion, or 404 when it is not this user's to see."""
    return found(visible_suggestions(user), number)


def opinion_for(user: User, number: str) -> Suggestion:
    return found(visible_opinions(user), number)


def found(rows: QuerySet[Suggestion], number: str) -> Suggestion:
    # the database would not even compare an address with a NUL in it
    row = rows.filter(number=number).first() if number.isalnum() else None
    if row is None:
        raise Http404
    return row


def covers(post: Held, row: Suggestion) -> bool:
    """Whether a post's territory, or its department, has this suggestion."""
    if post.role in DEPARTMENT:
        return post.unit_id == row.unit_id
    if post.role in VOLUNTEERS or post.territory is None:
        return False
    column, value = post.territory
    homeless = row.community_id is None and row.district_id == post.district_id
    return getattr(row, column) == value or (post.role in CENTRE and homeless)


def may_act(user: User, row: Suggestion, permission: str) -> bool:
    """Whether one of the user's posts gives the permission over this very suggestion."""
    return any(covers(post, row) for post in permissions.posts_with(user, permission))


def may_answer(user: User, row: Suggestion) -> bool:
    """A community's: who has it. The platform's: a post of the whole district."""
    if row.subject == Subject.COMMUNITY:
        return may_act(user, row, ANSWER)
    posts = permissions.posts_with(user, PLATFORM_ANSWER)
    return any(post.territory == ("district_id", row.district_id) for post in posts)


# Collecting -------------------------------------------------------------------------------------


def collect(
    said: Said, *, by: User | None, now: datetime, key: uuid.UUID | None = None, signed: bool = True
) -> tuple[Suggestion, bool]:
    """Take in a suggestion: number it, start its clock, tell who must answer.

    `signed` false keeps no author (only of one about the platform). With a `key` of the client's
    the same sent again answers with the same one. Returns (suggestion, made now). Raises
    NotAllowed, or Conflict for a key used for something else.
    """
    check(said, by)
    with transaction.atomic():
        own = key and uuid.uuid5(key, f"user:{by.pk}" if by else "public")
        if own and (known := claimed(own)):
            if (known.words, known.kind) != (said.words.strip(), said.kind):
                raise Conflict(_t("该编号已用于另一条建议，内容不同。"))
            return known, False
        return write(said, by=by if signed else None, now=now, key=own, writer=by), True


def check(said: Said, by: User | None) -> None:
    platform = said.subject == Subject.PLATFORM
    if by is None and (platform or said.source != SuggestionSource.PUBLIC):
        raise NotAllowed(_t("请先登录。"))
    if by is not None and not permissions.may(by, PLATFORM if platform else COLLECT):
        raise NotAllowed(_t("您的岗位不能登记建议。"))
    if not said.words.strip():
        raise NotAllowed(_t("请写明建议内容。"))
    if said.kind not in KINDS[Subject(said.subject)]:
        raise NotAllowed(_t("请选择建议的类别。"))
    allowed = {pk for pk, _name in (places(by) if by else communities())}
    if said.unit_id is not None and said.unit_id not in allowed:
        raise NotAllowed(_t("请从列表中选择所在社区或网格。"))


def claimed(key: uuid.UUID) -> Suggestion | None:
    """What came with this key before; a second one at the same time waits here for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [str(key)])
    return Suggestion.objects.filter(key=key).first()


def write(
    said: Said, *, by: User | None, now: datetime, key: uuid.UUID | None, writer: User | None
) -> Suggestion:
    """`by` is who is kept as the author, `writer` who wrote it: of an unsigned one the second
    only says in which district it was written."""
    days = regulation().suggestion_days
    chain = where(said, by, writer)
    row = Suggestion.objects.create(
        number=f"J{opening.new_number(now)}",
        key=key,
        subject=said.subject,
        kind=said.kind,
        words=said.words.strip(),
        source=said.source,
        unit_id=answering_unit(said, chain),
        contributor=contributor(said),
        author=by,
        received_at=now,
        state=SuggestionState.RECEIVED,
        due_days=days,
        due_at=clocks.due_moment(now, days),
        **chain,
    )
    clocks.write_line(row, SuggestionAction.COLLECT, by, now)
    clocks.run(row)
    users = {user for user in clocks.answerers(row) if by is None or user != by.pk}
    clocks.tell(row, "received", users, "1", now)
    return row


def where(said: Said, by: User | None, writer: User | None) -> dict[str, Any]:
    """The ids of the levels: of the place chosen, else of the author's post; of an unsigned one
    the district alone, as a grid has but one worker."""
    if said.unit_id is not None:
        chain: dict[str, Any] = dict(units.known()[said.unit_id].chain)
    else:
        permission = PLATFORM if said.subject == Subject.PLATFORM else COLLECT
        posts = permissions.posts_with(writer, permission) if writer else []
        chain = {f"{level}_id": getattr(posts[0], f"{level}_id") for level in LEVELS if posts}
    if said.subject == Subject.PLATFORM and by is None:
        chain = {"district_id": chain.get("district_id")}
    return {**chain, "district_id": chain.get("district_id") or opening.root_district()}


def answering_unit(said: Said, chain: dict[str, Any]) -> int:
    own = chain.get("community_id") or chain.get("street_id")
    district: int = chain["district_id"]
    return district if said.subject == Subject.PLATFORM else own or district


def contributor(said: Said) -> Contributor | None:
    if not (said.name.strip() or said.phone.strip()):
        return None
    row = Contributor(name=said.name.strip(), phone=said.phone.strip())
    row.save()
    return row


def communities() -> list[tuple[int, str]]:
    """What a resident chooses from."""
    return [
        (unit.pk, unit.name)
        for unit in units.known().values()
        if unit.kind == UnitKind.COMMUNITY and unit.valid_to is None
    ]


def places(user: User) -> list[tuple[int, str]]:
    """The communities and grids that the user collects in: below the own posts; for a department
    or a team, below the level that it hangs on."""
    own = {access.lowest(post) for post in permissions.posts_with(user, COLLECT)}
    kinds = {UnitKind.COMMUNITY, UnitKind.GRID}
    rows = [
        unit
        for unit in units.known().values()
        if unit.kind in kinds and unit.valid_to is None
        if any(getattr(unit, column) == value for column, value in own)
    ]
    rows.sort(key=lambda unit: (unit.street_id or 0, unit.community_id or 0, unit.grid_id or 0))
    return [(unit.pk, unit.name) for unit in rows]


# Answering --------------------------------------------------------------------------------------


@transaction.atomic
def answer(
    row: Suggestion,
    *,
    outcome: str,
    text: str,
    by: User,
    now: datetime,
    publish: bool = False,
) -> Suggestion:
    """Adopted, partly, not, or explained, each in words; with `publish` residents may read it.

    Raises NotAllowed.
    """
    row = waiting(row)
    if not may_answer(by, row):
        raise NotAllowed(_t("您的岗位不能答复该建议。"))
    if outcome not in SuggestionOutcome.values:
        raise NotAllowed(_t("请选择答复结果。"))
    if not text.strip():
        raise NotAllowed(_t("请写明答复内容；未采纳的，写明理由。"))
    row.outcome, row.answer = outcome, text.strip()
    row.published = publish and row.subject == Subject.COMMUNITY
    end(row, SuggestionState.ANSWERED, SuggestionAction.ANSWER, by, now)
    if row.published:
        clocks.write_line(row, SuggestionAction.PUBLISH, by, now)
    return row


@transaction.atomic
def hand_over(
    row: Suggestion, *, item_id: int, place: str = "", by: User, now: datetime
) -> tuple[Suggestion, Case]:
    """What is really a matter to be handled becomes a case with the same words and the same person,
    through the door of all cases. Raises NotAllowed."""
    row = waiting(row)
    if row.subject != Subject.COMMUNITY or not may_act(by, row, HAND_OVER):
        raise NotAllowed(_t("您的岗位不能把该建议转为事件。"))
    name, phone = opened(row)
    report = Report(
        item_id=item_id,
        description=row.words,
        source=Source.SUGGESTION,
        place=place.strip(),
        reporter_name=name,
        reporter_phone=phone,
        unit_id=row.grid_id or row.community_id or row.street_id or row.district_id,
    )
    row.case, _new = intake.open_case(report, by=by, now=now)
    end(row, SuggestionState.HANDED_OVER, SuggestionAction.HAND_OVER, by, now, row.case.number)
    return row, row.case


def opened(row: Suggestion) -> tuple[str, str]:
    """Name and phone, only to be sealed again with the case: nobody is shown them."""
    person = row.contributor
    if person is None:
        return "", ""
    sealed = (person.name, person.phone)
    name, phone = (value.reveal() if value else "" for value in sealed)
    return name, phone


@transaction.atomic
def reassign(row: Suggestion, *, unit_id: int, note: str, by: User, now: datetime) -> Suggestion:
    """Another unit must answer, within the same limit. Raises NotAllowed."""
    row = waiting(row)
    if row.subject != Subject.COMMUNITY or not may_act(by, row, REASSIGN):
        raise NotAllowed(_t("您的岗位不能转交该建议。"))
    if unit_id not in {pk for pk, _name in targets(row)}:
        raise NotAllowed(_t("请选择同一区内的部门，或该建议所在的社区、街道、区。"))
    if not permissions.at(unit_id, sorted(DEPARTMENT | CENTRE)):
        raise NotAllowed(_t("该单位没有在岗人员。"))
    row.unit_id = unit_id
    row.save(update_fields=["unit"])
    said = f"{units.name_of(unit_id)} {note.strip()}".strip()
    line = clocks.write_line(row, SuggestionAction.REASSIGN, by, now, said)
    clocks.tell(row, "received", clocks.answerers(row), f"line{line.pk}", now)
    return row


def targets(row: Suggestion) -> list[tuple[int, str]]:
    """The units that may have to answer instead: its own levels, and the district's departments."""
    own = [pk for pk in (row.community_id, row.street_id, row.district_id) if pk]
    departments = [
        unit.pk
        for unit in units.known().values()
        if unit.kind == UnitKind.DEPARTMENT
        if unit.district_id == row.district_id and unit.valid_to is None
    ]
    return [(pk, units.name_of(pk)) for pk in (*own, *departments) if pk != row.unit_id]


@transaction.atomic
def publish(row: Suggestion, *, shown: bool, by: User, now: datetime) -> Suggestion:
    """Show an answered suggestion to residents, without who made it, or take it back."""
    row = locked(row)
    if row.subject != Subject.COMMUNITY or not may_answer(by, row):
        raise NotAllowed(_t("您的岗位不能公开该建议。"))
    if row.state != SuggestionState.ANSWERED:
        raise NotAllowed(_t("答复之后才能公开。"))
    if row.published != shown:
        row.published = shown
        row.save(update_fields=["published"])
        action = SuggestionAction.PUBLISH if shown else SuggestionAction.WITHDRAW
        clocks.write_line(row, action, by, now)
    return row


def locked(row: Suggestion) -> Suggestion:
    return Suggestion.objects.select_for_update(of=("self",)).get(pk=row.pk)


def waiting(row: Suggestion) -> Suggestion:
    """Locked; raises NotAllowed for one that is answered."""
    row = locked(row)
    if row.state != SuggestionState.RECEIVED:
        raise NotAllowed(_t("该建议已经答复或已转为事件。"))
    return row


def end(
    row: Suggestion,
    state: SuggestionState,
    action: SuggestionAction,
    by: User,
    now: datetime,
    note: str = "",
) -> None:
    """What both ends share: the moment, the line, no more clock, word to who wrote it down."""
    row.state, row.answered_by, row.answered_at = state, by, now
    row.save()
    clocks.write_line(row, action, by, now, note)
    clocks.stop(row, now)
    if row.author_id is not None and row.author_id != by.pk:
        clocks.tell(row, "answered", [row.author_id], "1", now)


def reveal(row: Suggestion, *, by: User, now: datetime, reason: str) -> tuple[str, str]:
    """Name and phone in clear, after the look was written down; 404 for who may not look."""
    if row.contributor is None or not may_act(by, row, REVEAL):
        raise Http404
    record_look(
        by,
        model="cases.Contributor",
        object_id=row.contributor_id,
        columns=["name", "phone"],
        reason=f"{row.number} {reason}",
        now=now,
    )
    return opened(row)


# Counting ---------------------------------------------------------------------------------------


class Tally(NamedTuple):
    """Of what was collected in a period: how many were answered, adopted, handed over, are late."""

    collected: int = 0
    answered: int = 0
    adopted: int = 0
    handed_over: int = 0
    late: int = 0


def tallies(rows: QuerySet[Suggestion], since: datetime | None) -> dict[int | None, Tally]:
    """Community id → its tally of what came in since; None for what lies in no community."""
    asked = rows if since is None else rows.filter(received_at__gte=since)
    states = {"answered": SuggestionState.ANSWERED, "handed_over": SuggestionState.HANDED_OVER}
    grouped = (
        asked.order_by()
        .values("community_id")
        .annotate(
            collected=Count("pk"),
            adopted=Count("pk", filter=Q(outcome__in=ADOPTED)),
            late=Count("pk", filter=Q(overdue_at__isnull=False)),
            **{name: Count("pk", filter=Q(state=state)) for name, state in states.items()},
        )
    )
    lines = grouped.values_list("community_id", *Tally._fields)
    return {pk: Tally(*numbers) for pk, *numbers in lines}


def total(found: Iterable[Tally]) -> Tally:
    return Tally(*(sum(column) for column in zip(Tally(), *found, strict=True)))


def published(community_id: int | None = None) -> QuerySet[Suggestion]:
    """What residents may read, the newest answer first."""
    rows = Suggestion.objects.filter(published=True).order_by("-answered_at", "-pk")
    return rows if community_id is None else rows.filter(community=community_id)
