"""Photos of a case: taken in clean, kept private, shown to those who see the case."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from typing import IO, TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _t

from cases.errors import NotAllowed
from cases.models import Case, Photo, PhotoKind
from governance import uploads
from governance.uploads import BadPicture

if TYPE_CHECKING:
    from governance.models import User

# A case may come back several times, each time with pictures; an upload is one visit's.
MOST, AT_ONCE = 60, 12


_added: ContextVar[list[Photo] | None] = ContextVar("added", default=None)


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """A transaction that, when it fails, takes the files of its pictures with it: a picture that no
    row names would never be found again to be erased."""
    added: list[Photo] = []
    token = _added.set(added)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        for photo in added:
            photo.file.delete(save=False)
            photo.thumb.delete(save=False)
        raise
    finally:
        _added.reset(token)


def beside(files: Sequence[object]) -> AbstractContextManager[None]:
    """For a verb that such files come with: without any, it is a transaction of its own already."""
    return all_or_nothing() if files else nullcontext()


@transaction.atomic
def add(
    case: Case,
    file: IO[bytes],
    *,
    kind: str,
    by: User | None,
    now: datetime,
    task_id: int | None = None,
    key: UUID | None = None,
) -> Photo:
    """Clean and keep a picture, with `task_id` as one of an open task of the case; proof goes with
    the request that waits for a decision. The same picture of the same case is kept once.

    Raises BadPicture when it cannot be read, is too large, or the case has MOST already; NotAllowed
    for a task that is not this case's or has ended, and for proof of no request.
    """
    picture = uploads.clean(file)
    Case.objects.select_for_update(of=("self",)).only("pk").get(pk=case.pk)  # two phones, one limit
    if task_id is not None:
        check_task(case, task_id)
    leave_id = asked_leave(case) if kind == PhotoKind.PROOF else None
    if known := case.photos.filter(sha256=picture.sha256, leave=leave_id).first():
        return known
    if case.photos.count() >= MOST:
        raise BadPicture(_t("每件最多 %(most)d 张照片。") % {"most": MOST})
    photo = Photo(
        uuid=key or uuid.uuid4(),
        case=case,
        task_id=task_id,
        leave_id=leave_id,
        kind=kind,
        sha256=picture.sha256,
        width=picture.width,
        height=picture.height,
        added_by=by,
        added_at=now,
    )
    if (added := _added.get()) is not None:
        added.append(photo)
    photo.file.save("", ContentFile(picture.jpeg), save=False)
    photo.thumb.save("", ContentFile(picture.thumb), save=False)
    photo.save()
    return photo


def check_task(case: Case, task_id: int) -> None:
    task = case.tasks.filter(pk=task_id).first()
    if task is None:
        raise NotAllowed(_t("请选择任务。"))
    if not task.is_open:
        raise NotAllowed(_t("该任务已反馈或免除。"))


def asked_leave(case: Case) -> int:
    """The request that nobody has decided yet."""
    leave = case.leaves.filter(decided_at=None).first()
    if leave is None:
        raise NotAllowed(_t("没有待审批的申请。"))
    return leave.pk


def public(case: Case) -> list[Photo]:
    """The photos that residents may see: somebody ticked that no person is visible."""
    return list(case.photos.filter(no_person_visible=True).order_by("pk"))


def download(file: FieldFile) -> HttpResponse:
    """A private file for one who may see it: by nginx where it stands in front, else from here."""
    if settings.ACCEL_REDIRECT_PREFIX:
        response = HttpResponse(content_type="image/jpeg")
        response.headers["X-Accel-Redirect"] = f"{settings.ACCEL_REDIRECT_PREFIX}{file.name}"
    else:
        response = FileResponse(file.open("rb"), content_type="image/jpeg")  # type: ignore[assignment]
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
