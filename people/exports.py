"""Exports of people: a right of its own, asked with a reason, approved by a second person, made by
the worker, watermarked, and deleted after seven days.

Every row is a look at that person, so that they can know of it. What waits to be made and what is
to be deleted are timers.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import clearing, erasure, outbox, permissions, scope, tables, timers, units
from governance.access import record_look
from governance.erasure import Order
from governance.models import LEVELS, AccessRecord, Timer, User
from governance.outbox import Note
from people import access
from people.errors import BadDetails, NotAllowed
from people.identifiers import Sex
from people.models import Export, ExportForm, ExportState, Person, Residency

if TYPE_CHECKING:
    from django.db.models.fields.files import FieldFile

log = logging.getLogger(__name__)

SEE, EXPORT, APPROVE = "export.see", "person.export", "person.approve_export"
MAKE, DELETE = "people.export_make", "people.export_delete"
KEPT = timedelta(days=7)
CHUNK = 500
FIELDS = (
    *("name", "document_number", "birth_date", "sex", "phone", "other_phone"),
    *("contact_name", "contact_phone"),
)
MODEL = "people.Person"

outbox.SENTENCES.update(
    {
        "export.asked": _("人口导出申请（%(number)s）待您审批。"),
        "export.refused": _("您的人口导出申请（%(number)s）未获同意。"),
        "export.ready": _("人口导出（%(number)s）已生成，七日内可下载。"),
        "export.failed": _("人口导出（%(number)s）未能生成，请重新申请。"),
    }
)
for _kind in ("asked", "refused", "ready", "failed"):
    outbox.LINKS[f"export.{_kind}"] = lambda params: reverse("exports:list")


def visible(user: User) -> QuerySet[Export]:
    """One's own, and those that one may approve."""
    access.enter(user, APPROVE)
    rows = Export.objects.filter(access.within(user, APPROVE) | Q(asked_by=user))
    return rows.select_related("asked_by", "decided_by")


def export_for(user: User, pk: int) -> Export:
    """The export, or 404 when it is not this user's."""
    row = visible(user).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def scopes(user: User) -> list[tuple[int, str]]:
    """The units whose people the user may export."""
    return [(pk, units.name_of(pk)) for _column, pk in sorted(access.places(user, EXPORT))]


def labels() -> dict[str, str]:
    known = {field.name: str(field.verbose_name) for field in Person._meta.concrete_fields}
    return {name: known[name] for name in FIELDS}


# Asking and deciding ----------------------------------------------------------------------------


@transaction.atomic
def ask(
    *,
    unit_id: int,
    fields: Sequence[str],
    is_clear: bool,
    form: str,
    reason: str,
    by: User,
    now: datetime,
) -> Export:
    """Ask for the people who live in a unit today. Masked, unless `is_clear`. Raises NotAllowed."""
    faults = {}
    if unit_id not in dict(scopes(by)):
        faults["unit_id"] = _t("请选择您辖区内的单位。")
    if not fields or set(fields) - set(FIELDS):
        faults["fields"] = _t("请选择要导出的字段。")
    if form not in ExportForm.values:
        faults["form"] = _t("请选择格式。")
    if len(reason.strip()) < 2:
        faults["reason"] = _t("请写明用途。")
    if faults:
        raise BadDetails(faults)
    access.enter(by, EXPORT)
    row = Export.objects.create(
        unit_id=unit_id,
        fields=[name for name in FIELDS if name in fields],
        is_clear=is_clear,
        form=form,
        reason=reason.strip()[:400],
        asked_by=by,
        asked_at=now,
        **units.known()[unit_id].chain,
    )
    tell(row, "asked", [user for user in approvers(row) if user != by.pk], now)
    return row


@transaction.atomic
def decide(row: Export, *, granted: bool, answer: str = "", by: User, now: datetime) -> Export:
    """The second person's yes or no; with a yes the worker makes it. Raises NotAllowed."""
    row = locked(row, by)
    if not access.covers(by, row, APPROVE):
        raise NotAllowed(_t("您的岗位不能审批该导出。"))
    if row.state != ExportState.ASKED:
        raise NotAllowed(_t("该导出已审批。"))
    if row.asked_by_id == by.pk:
        raise NotAllowed(_t("本人提出的申请须由他人审批。"))
    if not granted and not answer.strip():
        raise BadDetails({"answer": _t("请写明不同意的理由。")})
    row.decided_by, row.decided_at, row.answer = by, now, answer.strip()[:400]
    row.state = ExportState.GRANTED if granted else ExportState.REFUSED
    row.save()
    if granted:
        timers.start(MAKE, row.pk, now)
    else:
        tell(row, "refused", [row.asked_by_id], now)
    return row


def locked(row: Export, by: User) -> Export:
    access.enter(by, APPROVE)
    found = Export.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if found is None:
        raise NotAllowed(_t("您的岗位不能审批该导出。"))
    return found


def approvers(row: Export) -> list[int]:
    """Of the unit itself, and of the levels above it."""
    roles = sorted(permissions.TABLE[APPROVE].roles)
    ids = [getattr(row, f"{level}_id") for level in LEVELS]
    return [user for unit_id in ids if unit_id for user in permissions.at(unit_id, roles)]


def tell(row: Export, what: str, users: list[int], now: datetime) -> None:
    kind = f"export.{what}"
    params = {"number": row.number}
    outbox.tell([Note(user, kind, f"{kind}:{row.pk}", params) for user in sorted(set(users))], now)


# Making -----------------------------------------------------------------------------------------


@timers.handler(MAKE, _("生成人口导出"))
def make_due(due: list[Timer], now: datetime) -> set[int]:
    """In the worker. Who has lost the post meanwhile gets nothing."""
    rows = Export.objects.select_for_update(skip_locked=True, of=("self",))
    with scope.system(scope.SWEEP):
        free = rows.select_related("asked_by", "decided_by").in_bulk([t.subject_id for t in due])
    for row in free.values():
        if row.state == ExportState.GRANTED:
            make(row, now)
    return {timer.pk for timer in due if timer.subject_id not in free}


def make(row: Export, now: datetime) -> None:
    """Write the file and the looks; the timer of its deletion starts."""
    if not access.covers(row.asked_by, row, EXPORT) or not may_still(row.decided_by, row):
        row.state = ExportState.FAILED
        with scope.system(scope.SWEEP):
            row.save(update_fields=["state"])
        tell(row, "failed", [row.asked_by_id], now)
        return
    found = list(people(row))
    scope.enter(())  # what else this sweep does is nobody's business in these units
    row.rows, row.made_at, row.state = len(found), now, ExportState.READY
    data = tables.write(row.form, lines(row, found, now))
    record(row, found, now)
    row.file.save("", ContentFile(data), save=False)
    try:
        with scope.system(scope.SWEEP):
            row.save(update_fields=["rows", "made_at", "state", "file"])
    except BaseException:
        row.file.delete(save=False)  # no row names it
        raise
    timers.start(DELETE, row.pk, now + KEPT)
    tell(row, "ready", [row.asked_by_id], now)


def may_still(user: User | None, row: Export) -> bool:
    return user is not None and access.covers(user, row, APPROVE)


def people(row: Export) -> Iterator[Residency]:
    """Who lives in the unit today, each person once."""
    access.enter(row.asked_by)
    column, value = lowest(row)
    rows = Residency.objects.filter(
        access.within(row.asked_by, EXPORT), ended_on=None, **{column: value}
    )
    rows = rows.select_related("person__data_key", "household__house__building").order_by("pk")
    seen = set()
    for residency in rows.iterator(chunk_size=CHUNK):
        if residency.person_id not in seen:
            seen.add(residency.person_id)
            yield residency


def lowest(row: Export) -> tuple[str, int]:
    """The level column of the unit that was asked for."""
    columns = [f"{level}_id" for level in reversed(LEVELS)]
    return next((column, value) for column in columns if (value := getattr(row, column)))


def lines(row: Export, found: Sequence[Residency], now: datetime) -> Iterator[list[str]]:
    """The watermark above, the heads, and a row a person with the watermark at its end."""
    mark = watermark(row, now)
    names = labels()
    yield [mark]
    yield [
        *(names[name] for name in row.fields),
        _t("居住类别"), _t("住处"), _t("来此日期"), _t("水印"),
    ]  # fmt: skip
    for residency in found:
        values = [shown(residency.person, name, clear=row.is_clear) for name in row.fields]
        house = residency.household.house
        place = f"{units.name_of(residency.grid_id)} {house}".strip()
        began = residency.began_on.isoformat()
        yield [*values, residency.get_kind_display(), place, began, mark]


def watermark(row: Export, now: datetime) -> str:
    """Who, when, and a mark of the file itself, on each row: one that was passed on says whose it
    was."""
    said = f"{row.number}:{row.asked_by_id}:{now.isoformat()}"
    mark = hashlib.sha256(said.encode()).hexdigest()[:8]
    return _t("%(number)s %(name)s（%(username)s）%(at)s 导出 %(mark)s") % {
        "number": row.number,
        "name": row.asked_by,
        "username": row.asked_by.username,
        "at": f"{localtime(now):%Y-%m-%d %H:%M}",
        "mark": mark,
    }


def shown(person: Person, name: str, *, clear: bool) -> str:
    sealed = getattr(person, name)
    if not sealed:
        return ""
    if not clear:
        return str(sealed.masked)
    value = str(sealed.reveal())
    return str(Sex(value).label) if name == "sex" and value else value


def record(row: Export, found: Sequence[Residency], now: datetime) -> None:
    """A look at each, of what they can read in it: masked ones are opened, and that is all."""
    columns = list(row.fields) if row.is_clear else []
    reason = _t("导出 %(number)s：%(reason)s") % {"number": row.number, "reason": row.reason}
    AccessRecord.objects.bulk_create(
        [
            AccessRecord(
                user=row.asked_by,
                at=now,
                model=MODEL,
                object_id=str(residency.person_id),
                columns=columns,
                reason=reason[:200],
            )
            for residency in found
        ],
        batch_size=1_000,
    )


# Handing out and deleting -----------------------------------------------------------------------


def hand_out(row: Export, *, by: User, now: datetime) -> FieldFile:
    """The file, for who asked alone, the look at the export written down. Raises NotAllowed."""
    if row.asked_by_id != by.pk:
        raise Http404
    if row.state != ExportState.READY or not row.file or not access.covers(by, row, EXPORT):
        raise NotAllowed(_t("文件不可下载：尚未生成、已删除，或您已不在该岗位。"))
    record_look(
        by,
        model="people.Export",
        object_id=row.pk,
        columns=row.fields,
        reason=row.reason[:200],
        now=now,
    )
    return row.file


@timers.handler(DELETE, _("删除人口导出"))
def delete_due(due: list[Timer], now: datetime) -> set[int]:
    rows = Export.objects.select_for_update(skip_locked=True, of=("self",))
    with scope.system(scope.SWEEP):
        free = rows.in_bulk([timer.subject_id for timer in due])
        delete([row for row in free.values() if row.state == ExportState.READY], now)
    return {timer.pk for timer in due if timer.subject_id not in free}


def delete(rows: Sequence[Export], now: datetime) -> None:
    """The files go when this is committed."""
    for row in rows:
        transaction.on_commit(partial(clearing.forget_file, row.file.storage, str(row.file.name)))
    keys = [row.pk for row in rows]
    Export.objects.filter(pk__in=keys).update(state=ExportState.GONE, file="", deleted_at=now)


@erasure.handler(
    MODEL,
    touches={
        "people.Export": "SELECT, UPDATE (state, file, deleted_at)",
        "governance.AccessRecord": "SELECT",
    },
)
def forget_copies(order: Order) -> None:
    """Files in which an erased person stands go at once, whole."""
    keys = [str(key) for key in order.keys]
    looks = AccessRecord.objects.filter(model=MODEL, object_id__in=keys)
    reasons = looks.values_list("reason", flat=True).distinct()
    ready = Export.objects.filter(state=ExportState.READY)
    delete([row for row in ready if any(row.number in reason for reason in reasons)], order.now)
