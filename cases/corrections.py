"""A wrong answer of a campaign's task put right: the first one stays, the later one stands."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _t

from cases import campaign_answers, campaigns, photos, questions, workflow
from cases.campaign_access import may_correct
from cases.campaign_answers import Said
from cases.errors import NotAllowed
from cases.models import Answer, CampaignState, CampaignTask, Case, Question, TaskState
from cases.schemas import BadAnswers

if TYPE_CHECKING:
    from governance.models import User

CORRECTED = "answer_corrected"  # the line in the history of the case that the answer became


def correct(
    task: CampaignTask, code: str, said: Said, *, reason: str, by: User, now: datetime
) -> Answer:
    """Put another answer, with its reason, in the place of the one that stands, while the campaign
    runs: by who filled the form in, or who runs the campaign.

    A "no" that nothing came of yet becomes a case as it would have at first; the case that is there
    already stays one, and its history says what was corrected. Raises NotAllowed, of which
    BadAnswers names the question.
    """
    with photos.all_or_nothing():
        task = campaigns.locked_task(task, states=(TaskState.DONE,))
        if not may_correct(by, task):
            raise NotAllowed(_t("只有填写人和发起单位可以更正。"))
        if not reason.strip():
            raise NotAllowed(_t("请填写更正的理由。"))
        standing = task.answers.standing().select_related("question")
        before = standing.filter(question__code=code).first()
        if before is None:
            raise NotAllowed(_t("该问题没有可更正的答案。"))
        question = before.question
        if why := questions.fault(question, said.value) or campaign_answers.wordless(
            question, said
        ):
            raise BadAnswers({code: why})
        if (before.value, before.remark) == (said.value, said.remark.strip()):
            raise NotAllowed(_t("答案没有变化。"))
        answer = campaign_answers.new_answer(task, question, said, by, now)
        answer.corrects, answer.reason = before, reason.strip()
        answer.save()
        follow(task, question, answer, said, by, now)
        take_along(before, answer, by, now)
    return answer


def take_along(before: Answer, answer: Answer, by: User, now: datetime) -> None:
    """Where the wrong answer was taken over, the right one stands from now on, with the reason; a
    campaign that has ended keeps what it counted."""
    rows = Answer.objects.standing().filter(
        taken_from=before,
        task__state=TaskState.DONE,
        task__campaign__state=CampaignState.RUNNING,
    )
    question = answer.question
    for taken in rows.select_related("task").order_by("task"):
        copy = campaign_answers.copy_of(answer, taken.task)
        copy.corrects, copy.reason = taken, answer.reason
        copy.save()
        if found := taken.task.found.filter(question=question).select_related("case").first():
            write_line(found.case, question, copy, by, now)


def follow(
    task: CampaignTask, question: Question, answer: Answer, said: Said, by: User, now: datetime
) -> None:
    """What the correction means for the case that the question becomes; never a second one."""
    found = task.found.filter(question=question).select_related("case").first()
    if found is not None:
        write_line(found.case, question, answer, by, now)
    elif answer.value == questions.NO and question.item_id is not None:
        campaign_answers.open_answered(task, question, said, by, now)


def write_line(case: Case, question: Question, answer: Answer, by: User, now: datetime) -> None:
    """In the history of the case that the answer had become."""
    said_now = f"{questions.words(question, answer.value)} {answer.remark}".strip()
    words = _t("%(what)s：%(found)s") % {"what": question.text, "found": said_now}
    note = f"{words}\n{answer.reason}"
    workflow.line_of(case, CORRECTED, by=by, at=now, before=case.state, note=note).save()
