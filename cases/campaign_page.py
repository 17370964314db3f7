"""What a campaign's pages and the API show: progress, the grids, answers, findings, the draw.

Everything is counted over the tasks that the reader sees; what was excused counts nowhere.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import access, drawing, items, questions
from cases.campaign_access import visible_tasks
from cases.models import (
    AT_WORK,
    Answer,
    AnswerKind,
    Campaign,
    CampaignCase,
    CampaignTask,
    CheckListQuestion,
    Question,
    State,
    TaskState,
)
from governance import units
from governance.models import User as UserModel
from grids import maps

if TYPE_CHECKING:
    from governance.models import User

LISTED = 500
# What was joined or split ends with the case that it was joined to, or with its parts.
GOING = (*AT_WORK, State.JOINED, State.SPLIT)
# How far a grid is, and its colour on the map; the list beside it says the same in words.
LATE, OPEN, PART, DONE = "late", "open", "part", "done"
GRID_STATES: dict[str, tuple[Any, str]] = {
    LATE: (_("有超期任务"), "#a8201a"),
    OPEN: (_("尚未完成"), "#7d8b9c"),
    PART: (_("部分完成"), "#c27a00"),
    DONE: (_("全部完成"), "#17693a"),
}


@dataclass(frozen=True)
class Progress:
    """How many of the tasks are done, and how many of the open ones are late."""

    done: int = 0
    of: int = 0
    late: int = 0


def counted(tasks: QuerySet[CampaignTask], by: str, now: datetime) -> dict[int, Progress]:
    """The progress for each value of a column."""
    rows = (
        tasks.order_by()
        .values_list(by)
        .annotate(
            done=Count("pk", Q(state=TaskState.DONE)),
            of=Count("pk", ~Q(state=TaskState.EXCUSED)),
            late=Count("pk", Q(state=TaskState.OPEN, due_at__lt=now)),
        )
    )
    return {row[0]: Progress(*row[1:]) for row in rows}


def progress(user: User, rows: Iterable[Campaign], now: datetime) -> dict[int, Progress]:
    """Campaign id → its progress, for the campaigns of a list."""
    tasks = visible_tasks(user).filter(campaign__in=[row.pk for row in rows])
    return counted(tasks, "campaign", now)


# The grids --------------------------------------------------------------------------------------


def grid_states(tasks: QuerySet[CampaignTask], now: datetime) -> dict[int, str]:
    """Grid id → how far it is."""
    found = counted(tasks.exclude(grid=None), "grid", now)
    return {grid: state_of(far) for grid, far in found.items() if far.of}


def state_of(far: Progress) -> str:
    if far.late:
        return LATE
    if far.done == far.of:
        return DONE
    return PART if far.done else OPEN


def areas(user: User, states: dict[int, str]) -> dict[str, Any]:
    """The campaign's grids as GeoJSON, each in the colour of how far it is."""
    found = maps.collection(row for row in maps.rows(user) if row.unit_id in states)
    for feature in found["features"]:
        feature["properties"]["fill"] = GRID_STATES[states[feature["id"]]][1]
    return found


def legend(states: dict[int, str]) -> list[dict[str, Any]]:
    """Each state with the number of grids that are in it."""
    values = list(states.values())
    return [
        {"state": state, "label": label, "count": values.count(state)}
        for state, (label, _colour) in GRID_STATES.items()
    ]


# What was answered ------------------------------------------------------------------------------


@dataclass
class Summary:
    """What was answered to one question: `answered` of `of` tasks, `taken` of them taken over."""

    question: Question
    of: int
    answered: int = 0
    taken: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    total: float | None = None

    @property
    def lines(self) -> list[str]:
        """The figures, each with what it is a part of."""
        kind = self.question.kind
        if kind == AnswerKind.NUMBER and self.answered and self.total is not None:
            mean = round(self.total / self.answered, 1)
            return [
                _t("合计 %(n)s") % {"n": questions.words(self.question, self.total)},
                _t("平均 %(n)s") % {"n": questions.words(self.question, mean)},
            ]
        if kind == AnswerKind.YES_NO:
            known = questions.YES_NO
            asked = self.counts.get(questions.YES, 0) + self.counts.get(questions.NO, 0)
            wanted = [(questions.YES, asked), (questions.NO, asked)]
            wanted += [(questions.NOT_APPLICABLE, self.answered)]
            shown = [(str(known[code]), self.counts.get(code, 0), of) for code, of in wanted]
        elif kind == AnswerKind.CHOICE:
            shown = [(c, self.counts.get(c, 0), self.answered) for c in self.question.choices]
        else:
            return []
        return [f"{label} {n} / {of}" for label, n, of in shown]


def summary(
    tasks: QuerySet[CampaignTask], rows: Sequence[CheckListQuestion], of: int
) -> list[Summary]:
    """What the tasks answered, question by question; `of` is how many tasks were asked."""
    found = {row.question_id: Summary(row.question, of) for row in rows}
    answers = Answer.objects.filter(task__in=tasks.values("pk")).order_by()
    taken = Count("pk", Q(taken_from__isnull=False))
    for question_id, n, taken_over in answers.values_list("question").annotate(
        n=Count("pk"), taken=taken
    ):
        found[question_id].answered, found[question_id].taken = n, taken_over
    alike = answers.exclude(question__kind=AnswerKind.TEXT)
    for question_id, value, n in alike.values_list("question", "value").annotate(n=Count("pk")):
        one = found[question_id]
        if one.question.kind == AnswerKind.NUMBER:
            one.total = (one.total or 0) + value * n
        else:
            one.counts[value] = n
    return list(found.values())


def answers_of(task: CampaignTask, rows: Sequence[CheckListQuestion]) -> list[dict[str, Any]]:
    """The filled-in form, in its order: who found it so and when, and the case it became."""
    given = {
        answer.question_id: answer
        for answer in task.answers.select_related("by", "taken_from__task__campaign")
    }
    became = dict(task.found.exclude(question=None).values_list("question_id", "case__number"))
    return [
        {
            "text": row.question.text,
            "answer": questions.words(row.question, given[row.question_id].value),
            "remark": given[row.question_id].remark,
            "by": str(given[row.question_id].by),
            "at": given[row.question_id].at,
            "taken": source_of(given[row.question_id]),
            "case": became.get(row.question_id, ""),
        }
        for row in rows
        if row.question_id in given
    ]


def source_of(answer: Answer) -> str:
    """The campaign that an answer was taken over from; "" for one that was given here."""
    return answer.taken_from.task.campaign.title if answer.taken_from else ""


# What was found ---------------------------------------------------------------------------------


def findings(user: User, tasks: QuerySet[CampaignTask]) -> dict[str, Any]:
    """The cases that the tasks became, the newest first; a link for those that the user may see."""
    rows = CampaignCase.objects.filter(task__in=tasks.values("pk"))
    total = rows.count()
    found = list(rows.select_related("case", "question").order_by("-pk")[:LISTED])
    ids = [row.case_id for row in found]
    seen = set(access.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    return {
        "total": total,
        "closed": total - rows.filter(case__state__in=GOING).count(),
        "rows": [
            {
                "number": row.case.number,
                "item": items.facts(row.case.item_id).title,
                "words": row.case.description,
                "place": row.case.place,
                "state_code": row.case.state,
                "state": row.case.get_state_display(),
                "seen": row.case_id in seen,
            }
            for row in found
        ],
    }


# The draw ---------------------------------------------------------------------------------------


def draw_facts(campaign: Campaign) -> dict[str, Any]:
    """What was published, what was drawn, and whether computing it again gives the same."""
    pool = campaign.pool
    listed = pool.pool["inspectors"]
    people = UserModel.objects.in_bulk([row["id"] for row in listed])
    found: dict[str, Any] = {
        "seed_source": pool.seed_source,
        "seed_at": pool.seed_at,
        "digest": pool.digest,
        "digest_holds": drawing.digest(pool.pool) == pool.digest,
        "pool": drawing.canonical(pool.pool),
        "draw": pool.pool["draw"],
        "each": pool.pool["each"],
        "objects": [(pk, units.name_of(pk)) for pk in pool.pool["objects"]],
        "inspectors": [
            (row["id"], str(people[row["id"]]), units.name_of(row["unit"])) for row in listed
        ],
        "at": pool.at,
        "by": str(pool.by),
        "done": None,
    }
    if (done := getattr(pool, "draw", None)) is not None:
        found["done"] = {
            "seed": done.seed,
            "at": done.at,
            "by": str(done.by),
            "holds": holds(campaign, done.seed),
        }
    return found


def holds(campaign: Campaign, seed: str) -> bool:
    """Whether the tasks are the ones that the seed makes of the pool."""
    sent = {
        task.about_id: {user.pk for user in task.inspectors.all()}
        for task in campaign.tasks.prefetch_related("inspectors")
    }
    again = drawing.draw(campaign.pool.pool, seed)
    return sent == {one.object_id: set(one.inspector_ids) for one in again}


# The file ---------------------------------------------------------------------------------------


def table(tasks: QuerySet[CampaignTask], rows: Sequence[CheckListQuestion]) -> Iterator[list[Any]]:
    """The tasks with their answers, a line each, below a line of titles."""
    titles = (_t("检查对象"), _t("承担单位"), _t("状态"), _t("完成时间"), _t("说明"))
    yield [*titles, *(row.question.text for row in rows)]
    given: dict[int, dict[int, Any]] = defaultdict(dict)
    answers = Answer.objects.filter(task__in=tasks.values("pk"))
    for task_id, question_id, value in answers.values_list("task", "question", "value"):
        given[task_id][question_id] = value
    for task in tasks.order_by("community", "grid", "pk"):
        ended = f"{localtime(task.ended_at):%Y-%m-%d %H:%M}" if task.ended_at else ""
        yield [
            units.name_of(task.about_id),
            units.name_of(task.unit_id),
            task.get_state_display(),
            ended,
            task.note,
            *(cell(row.question, given[task.pk].get(row.question_id)) for row in rows),
        ]


def cell(question: Question, value: Any) -> Any:
    """A number stays one, so that it can be reckoned with."""
    if value is None or question.kind == AnswerKind.NUMBER:
        return value
    return questions.words(question, value)


FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def csv_of(lines: Iterable[list[Any]]) -> str:
    """With the mark by which spreadsheets know UTF-8."""
    file = StringIO()
    csv.writer(file).writerows([harmless(value) for value in line] for line in lines)
    return "\ufeff" + file.getvalue()
