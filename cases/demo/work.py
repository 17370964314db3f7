"""The demo's cases, written by the product's own verbs at the times of their stories."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

from cases import intake, items, photos, workflow
from cases.demo import pictures
from cases.demo.stories import Picture, Step, Story
from cases.models import Case, PhotoKind
from cases.moves import Action
from governance import actor
from governance.models import Message, User

READ_AFTER = timedelta(hours=10)


def perform(story: Story, classes: dict[int, str], *, historical: bool) -> Case:
    """One case, from its report through its steps. Without `historical`, clocks run."""
    with actor.acting(story.by.pk if story.by else None, story.surface):
        case, _new = intake.open_case(
            story.report,
            by=story.by,
            now=story.at,
            photos=len(story.pictures),
            historical=historical,
        )
        for picture in story.pictures:
            add_picture(case, picture, classes, PhotoKind.BEFORE, story.by, story.at)
    for step in story.steps:
        if not historical and step.action == Action.DISPATCH and step.by is None:
            continue  # the platform itself has dispatched on acceptance
        case = make(case, step, classes, historical=historical)
    return case


def make(case: Case, step: Step, classes: dict[int, str], *, historical: bool) -> Case:
    with actor.acting(step.by.pk if step.by else None, step.surface):
        for picture in step.pictures:
            add_picture(case, picture, classes, PhotoKind.AFTER, step.by, step.at)
        return workflow.take(
            case, step.action, by=step.by, now=step.at, historical=historical, **step.given
        )


def add_picture(
    case: Case,
    picture: Picture,
    classes: dict[int, str],
    kind: PhotoKind,
    by: User | None,
    at: datetime,
) -> None:
    drawn = drawing(case, picture, classes, kind)
    photo = photos.add(case, BytesIO(drawn), kind=kind, by=by, now=at, key=picture.key)
    if picture.public:
        photo.no_person_visible = True
        photo.save(update_fields=["no_person_visible"])


def drawing(case: Case, picture: Picture, classes: dict[int, str], kind: str) -> bytes:
    item = items.facts(case.item_id)
    scene = pictures.scene_of(item.code, classes[item.class_id])
    return pictures.draw(scene, picture.variation, done=kind == PhotoKind.AFTER)


def read_old_messages(now: datetime) -> None:
    """People have read what was said yesterday."""
    old = Message.objects.unread().filter(created_at__lt=now - READ_AFTER)
    old.update(read_at=now - READ_AFTER / 2)
