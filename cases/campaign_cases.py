"""What is found in a campaign becomes a case, through the door that every case comes in by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import IO, TYPE_CHECKING
from uuid import UUID

from cases import intake, photos
from cases.intake import Report
from cases.models import CampaignCase, CampaignTask, Case, PhotoKind, Question, Source
from governance import units

if TYPE_CHECKING:
    from governance.models import User


def open_found(
    task: CampaignTask,
    question: Question | None,
    item_id: int,
    words: str,
    pictures: Sequence[IO[bytes]],
    by: User,
    now: datetime,
    key: UUID | None = None,
) -> Case:
    """The case of what was found at a task's place, with the question that asked for it if one did.
    Raises what intake.open_case and photos.add raise."""
    report = Report(
        item_id=item_id,
        description=words[:2000],
        source=Source.CAMPAIGN,
        place=units.name_of(task.about_id),
        # not where the inspector is in post: a place may hang on its community, and on no grid
        unit_id=task.grid_id or task.community_id or task.street_id or task.district_id,
    )
    case, new = intake.open_case(report, by=by, now=now, key=key, photos=len(pictures))
    if not new:
        return case
    for picture in pictures:
        photos.add(case, picture, kind=PhotoKind.BEFORE, by=by, now=now)
    CampaignCase.objects.create(task=task, question=question, case=case)
    return case
