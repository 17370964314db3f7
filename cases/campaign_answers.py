"""Filling in the form of a campaign at one place; what has been answered is not asked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _t

from cases import campaign_cases, campaigns, photos, questions
from cases.campaign_access import may_answer
from cases.errors import NotAllowed
from cases.models import Answer, CampaignTask, Case, CheckListQuestion, Question, TaskState
from cases.schemas import BadAnswers
from governance.uploads import BadPicture

if TYPE_CHECKING:
    from governance.models import User


@dataclass(frozen=True)
class Said:
    """One answer as it is given."""

    value: object = None
    remark: str = ""
    pictures: Sequence[IO[bytes]] = field(default=())


def asked(check_list_id: int) -> list[CheckListQuestion]:
    """The questions of a form, in their order."""
    rows = CheckListQuestion.objects.filter(check_list=check_list_id).select_related("question")
    return list(rows.order_by("order", "pk"))


def known_answers(
    task: CampaignTask, rows: Sequence[CheckListQuestion], now: datetime
) -> dict[int, Answer]:
    """Question id → the newest answer about the same place that is still good, in whatever
    campaign it was given: what has been answered is not asked again."""
    keep = {row.question_id: row.question.keeps_days for row in rows if row.question.keeps_days}
    if not keep:
        return {}
    since = now - timedelta(days=max(keep.values()))
    answers = Answer.objects.standing().filter(
        about=task.about_id, question__in=keep, taken_from=None, at__gte=since, at__lte=now
    )
    newest = answers.exclude(task=task.pk).order_by("question", "-at", "-pk").distinct("question")
    found = newest.select_related("by", "task__campaign", "question")
    return {
        answer.question_id: answer
        for answer in found
        if now - answer.at <= timedelta(days=keep[answer.question_id])
    }


def answer(
    task: CampaignTask, said: Mapping[str, Said], *, by: User, now: datetime, note: str = ""
) -> CampaignTask:
    """Fill in the form: `said` by the code of the question. What is still known is taken over where
    nothing is said; each new "no" becomes the case that its question names.

    Raises NotAllowed, of which BadAnswers names the questions.
    """
    with photos.all_or_nothing():
        task = campaigns.locked_task(task)
        if not may_answer(by, task):
            raise NotAllowed(_t("这是其他单位或人员的任务。"))
        rows = asked(task.campaign.check_list_id)
        given, taken = sorted_out(rows, said, known_answers(task, rows, now))
        Answer.objects.bulk_create(
            [
                *(new_answer(task, question, one, by, now) for question, one in given),
                *(copy_of(known, task) for known in taken),
            ]
        )
        for question, one in given:
            if one.value == questions.NO and question.item_id is not None:
                open_answered(task, question, one, by, now)
        campaigns.end_task(task, TaskState.DONE, note, by, now)
    return task


Given = list[tuple[Question, Said]]


def sorted_out(
    rows: Sequence[CheckListQuestion], said: Mapping[str, Said], known: Mapping[int, Answer]
) -> tuple[Given, list[Answer]]:
    """(what is said anew, what is taken over). Raises BadAnswers."""
    faults: dict[str, str] = {}
    given: Given = []
    taken: list[Answer] = []
    for row in rows:
        question, one = row.question, said.get(row.question.code, Said())
        if one.value not in (None, ""):
            if why := questions.fault(question, one.value) or wordless(question, one):
                faults[question.code] = why
            given.append((question, one))
        elif row.question_id in known:
            taken.append(known[row.question_id])
        elif row.required:
            faults[question.code] = _t("请填写此项。")
    for code in said.keys() - {row.question.code for row in rows}:
        faults[code] = _t("清单中没有这个问题。")
    if faults:
        raise BadAnswers(faults)
    return given, taken


def wordless(question: Question, one: Said) -> str:
    """Who gets the case must know what is wrong."""
    silent = one.value == questions.NO and question.item_id is not None and not one.remark.strip()
    return _t("答“否”的，请写明发现的情况。") if silent else ""


def new_answer(task: CampaignTask, question: Question, one: Said, by: User, at: datetime) -> Answer:
    return Answer(
        task=task,
        question=question,
        about_id=task.about_id,
        value=one.value,
        remark=one.remark.strip(),
        by=by,
        at=at,
    )


def copy_of(known: Answer, task: CampaignTask) -> Answer:
    return Answer(
        task=task,
        question_id=known.question_id,
        about_id=task.about_id,
        value=known.value,
        remark=known.remark,
        by_id=known.by_id,
        at=known.at,
        taken_from=known,
    )


def find(
    task: CampaignTask,
    *,
    item_id: int,
    words: str,
    by: User,
    now: datetime,
    pictures: Sequence[IO[bytes]] = (),
    key: UUID | None = None,
) -> Case:
    """What was found beside the form becomes a case as well, also after the form was filled in.
    With a `key` (made by the client) the same sent again is the same case.

    Raises NotAllowed, uploads.BadPicture, and Conflict for a key used for something else.
    """
    with photos.all_or_nothing():
        task = campaigns.locked_task(task, states=(TaskState.OPEN, TaskState.DONE))
        if not may_answer(by, task):
            raise NotAllowed(_t("这是其他单位或人员的任务。"))
        if not words.strip():
            raise NotAllowed(_t("请写明发现的情况。"))
        return campaign_cases.open_found(task, None, item_id, words.strip(), pictures, by, now, key)


def open_answered(
    task: CampaignTask, question: Question, one: Said, by: User, now: datetime
) -> Case:
    """The case that a "no" becomes. Raises BadAnswers where one of its pictures is none."""
    assert question.item_id is not None
    words = _t("%(what)s：%(found)s") % {"what": question.text, "found": one.remark.strip()}
    item_id, pictures = question.item_id, one.pictures
    try:
        return campaign_cases.open_found(task, question, item_id, words, pictures, by, now)
    except BadPicture as error:
        raise BadAnswers({question.code: str(error)}) from None
