"""专项行动、清单检查、双随机: a form is asked at chosen places by a date; what is wrong becomes a
case."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.catalogue import Item
from cases.models.joint import WhistleKind
from governance.history import append_only, tracked
from governance.models import Unit


class AnswerKind(models.TextChoices):
    YES_NO = "yes_no", _("是否")
    NUMBER = "number", _("数值")
    CHOICE = "choice", _("选择")
    TEXT = "text", _("文字")


@tracked()
class Question(models.Model):
    """One thing that is asked about a place; the same one in every form that asks it."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    text = models.CharField(_("问题"), max_length=200)
    kind = models.CharField(_("答案类型"), max_length=8, choices=AnswerKind.choices)
    choices = ArrayField(
        models.CharField(max_length=40), verbose_name=_("选项"), default=list, blank=True
    )
    measure = models.CharField(_("计量单位"), max_length=10, blank=True)
    # The case that a "no" becomes.
    item = models.ForeignKey(
        Item,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("答“否”时生成的事项"),
    )
    # How long an answer about a place stays good and is not asked again. 0: asked each time.
    keeps_days = models.PositiveSmallIntegerField(_("答案有效天数"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("检查问题")
        constraints = [
            models.CheckConstraint(
                condition=Q(item=None) | Q(kind=AnswerKind.YES_NO),
                name="question_case_of_a_no",
                violation_error_message=_("只有“是否”类的问题可以生成事件。"),
            ),
            models.CheckConstraint(
                condition=Q(kind=AnswerKind.CHOICE) ^ Q(choices=[]),
                name="question_choices_to_choose",
                violation_error_message=_("“选择”类的问题须写明选项，其他问题不填。"),
            ),
            models.CheckConstraint(
                condition=Q(measure="") | Q(kind=AnswerKind.NUMBER),
                name="question_measure_of_a_number",
                violation_error_message=_("只有“数值”类的问题有计量单位。"),
            ),
        ]

    def __str__(self) -> str:
        return self.text


@tracked()
class CheckList(models.Model):
    """Questions in their order: the form of a campaign."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("检查清单")

    def __str__(self) -> str:
        return self.name


@tracked()
class CheckListQuestion(models.Model):
    check_list = models.ForeignKey(
        CheckList, models.PROTECT, related_name="rows", verbose_name=_("检查清单")
    )
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", verbose_name=_("问题"))
    order = models.PositiveSmallIntegerField(_("顺序"))
    required = models.BooleanField(_("必答"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("清单问题")
        constraints = [
            models.UniqueConstraint(
                fields=["check_list", "question"],
                name="check_list_asks_a_question_once",
                violation_error_message=_("清单中已有此问题。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.question}"


class CampaignKind(models.TextChoices):
    CAMPAIGN = "campaign", _("专项行动")
    INSPECTION = "inspection", _("清单检查")
    SPOT_CHECK = "spot_check", _("双随机抽查")


class CampaignState(models.TextChoices):
    ANNOUNCED = "announced", _("待抽取")
    RUNNING = "running", _("进行中")
    ENDED = "ended", _("已结束")


@tracked()
class Campaign(models.Model):
    """A task fanned out from above; changed only by cases/campaigns.py."""

    number = models.CharField(_("编号"), max_length=20, unique=True)
    title = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("类型"), max_length=12, choices=CampaignKind.choices)
    brief = models.TextField(_("要求"), max_length=2000)
    check_list = models.ForeignKey(
        CheckList, models.PROTECT, related_name="campaigns", verbose_name=_("检查清单")
    )
    state = models.CharField(_("状态"), max_length=10, choices=CampaignState.choices)
    # Who fans it out, with the ids of its levels.
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("发起单位"))
    district = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("区")
    )
    street = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("街道")
    )
    community = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("社区")
    )
    launched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("发起人")
    )
    # None while a spot check waits for its draw.
    launched_at = models.DateTimeField(_("发起时间"), null=True)
    due_at = models.DateTimeField(_("完成期限"))
    ended_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("专项行动")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=CampaignState.ANNOUNCED, launched_at=None)
                | Q(state=CampaignState.RUNNING, launched_at__isnull=False)
                | Q(state=CampaignState.ENDED),
                name="campaign_runs_since_its_launch",
            ),
            models.CheckConstraint(
                condition=Q(state=CampaignState.ENDED) ^ Q(ended_at=None),
                name="campaign_ended_at_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state=CampaignState.ANNOUNCED) | Q(kind=CampaignKind.SPOT_CHECK),
                name="campaign_only_a_spot_check_is_drawn",
            ),
        ]

    def __str__(self) -> str:
        return self.title


@append_only
class SpotPool(models.Model):
    """What a spot check is drawn from, published before the draw: the database lets nobody change
    it afterwards. The shape of `pool` and its digest: cases/drawing.py."""

    campaign = models.OneToOneField(
        Campaign, models.PROTECT, related_name="pool", verbose_name=_("双随机抽查")
    )
    pool = models.JSONField(_("抽取范围"))
    digest = models.CharField(_("校验值"), max_length=64)
    # A number that nobody can choose and everybody can read, and when it will be known.
    seed_source = models.CharField(_("种子来源"), max_length=200)
    seed_at = models.DateTimeField(_("种子公布时间"))
    at = models.DateTimeField(_("公布时间"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("公布人")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("抽取范围")
        constraints = [
            models.CheckConstraint(
                condition=~Q(seed_source="") & Q(seed_at__gt=F("at")),
                name="spot_pool_before_its_seed",
            )
        ]

    def __str__(self) -> str:
        return self.digest


@append_only
class SpotDraw(models.Model):
    """The draw itself, once: the seed makes the result, which anybody can compute again."""

    pool = models.OneToOneField(
        SpotPool, models.PROTECT, related_name="draw", verbose_name=_("抽取范围")
    )
    seed = models.CharField(_("种子"), max_length=100)
    at = models.DateTimeField(_("抽取时间"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("抽取人")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("抽取")
        constraints = [
            models.CheckConstraint(condition=~Q(seed=""), name="spot_draw_has_a_seed"),
        ]

    def __str__(self) -> str:
        return self.seed


class TaskState(models.TextChoices):
    OPEN = "open", _("待完成")
    DONE = "done", _("已完成")
    EXCUSED = "excused", _("已免除")


@tracked()
class CampaignTask(models.Model):
    """One form to fill in: by whom, about which place."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="tasks", verbose_name=_("专项行动")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, db_index=False, related_name="+", verbose_name=_("承担单位")
    )
    about = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("检查对象"))
    # The ids of the levels of the place.
    district = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("区")
    )
    street = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("街道")
    )
    community = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("社区")
    )
    grid = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("网格")
    )
    # Drawn by lot: they alone fill it in. Without any, whoever is in post at the unit.
    inspectors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("检查人员")
    )
    due_at = models.DateTimeField(_("完成期限"))
    overdue_at = models.DateTimeField(_("超期时间"), null=True)
    state = models.CharField(
        _("状态"), max_length=8, choices=TaskState.choices, default=TaskState.OPEN
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("经办人"),
    )
    ended_at = models.DateTimeField(_("完成时间"), null=True)
    # A remark on what was found, or why it was excused.
    note = models.TextField(_("说明"), max_length=2000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("行动任务")
        indexes = [
            models.Index(fields=["unit", "state", "due_at"], name="campaign_task_of_unit"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "unit", "about"], name="campaign_task_once_a_place"
            ),
            models.CheckConstraint(
                condition=Q(state=TaskState.OPEN, ended_at=None, ended_by=None)
                | ~Q(state=TaskState.OPEN) & Q(ended_at__isnull=False, ended_by__isnull=False),
                name="campaign_task_ended_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=TaskState.EXCUSED) | ~Q(note=""),
                name="campaign_task_excused_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about_id} #{self.campaign_id}"


@append_only
class SpotReplacement(models.Model):
    """An inspector who was drawn has left; the next of the published pool goes in their place
    (cases/drawing.py)."""

    task = models.ForeignKey(
        CampaignTask, models.PROTECT, related_name="replacements", verbose_name=_("行动任务")
    )
    left = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("离岗人员")
    )
    came = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("递补人员")
    )
    reason = models.CharField(_("理由"), max_length=400)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("检查人员递补")
        constraints = [
            models.UniqueConstraint(fields=["task", "left"], name="spot_replaced_once"),
            models.UniqueConstraint(fields=["task", "came"], name="spot_replaces_once"),
            models.CheckConstraint(
                condition=~Q(left=F("came")) & ~Q(reason=""), name="spot_replaced_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.left_id} → {self.came_id} #{self.task_id}"


@tracked()
class JointCall(models.Model):
    """联合检查: the departments that are called to each place of a campaign, place after place, and
    how far that is."""

    campaign = models.OneToOneField(
        Campaign, models.PROTECT, related_name="joint_call", verbose_name=_("专项行动")
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("事项"))
    whistle_kind = models.CharField(_("吹哨类别"), max_length=12, choices=WhistleKind.choices)
    departments = ArrayField(models.BigIntegerField(), verbose_name=_("到场部门"))
    created_at = models.DateTimeField(_("提交时间"))
    ended_at = models.DateTimeField(_("完成时间"), null=True)
    # How many of the tasks were tried, in the order of their ids; [place, sentence] of those whose
    # departments could not be called.
    tried = models.PositiveIntegerField(_("已处理"), default=0)
    refused = models.JSONField(_("未办理"), default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("联合检查通知")
        constraints = [
            models.CheckConstraint(condition=~Q(departments=[]), name="joint_call_calls_somebody")
        ]

    def __str__(self) -> str:
        return f"#{self.campaign_id}"


class AnswerQuerySet(models.QuerySet["Answer"]):
    def standing(self) -> Self:
        """Those that no later one corrects."""
        return self.filter(corrected_by=None)


@append_only
class Answer(models.Model):
    """What was answered about a place. One that was taken over names the answer it repeats, one
    that corrects another names that, and why; one that was taken over and follows a correction
    names both."""

    task = models.ForeignKey(
        CampaignTask, models.PROTECT, related_name="answers", verbose_name=_("行动任务")
    )
    question = models.ForeignKey(
        Question, models.PROTECT, db_index=False, related_name="+", verbose_name=_("问题")
    )
    about = models.ForeignKey(
        Unit, models.PROTECT, db_index=False, related_name="+", verbose_name=_("检查对象")
    )
    # As JSON has it: "yes", "no", "na", a number, a choice, a text (cases/questions.py).
    value = models.JSONField(_("答案"))
    remark = models.CharField(_("情况说明"), max_length=400, blank=True)
    # Who found it so and when; of one that was taken over, who did then.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("填写人")
    )
    at = models.DateTimeField(_("填写时间"))
    taken_from = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name=_("沿用自")
    )
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by", verbose_name=_("更正")
    )
    reason = models.CharField(_("更正的理由"), max_length=400, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("答案")
        indexes = [
            models.Index(
                fields=["about", "question", "-at"],
                condition=Q(taken_from=None),
                name="answer_about_a_place",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "question"], condition=Q(corrects=None), name="answer_once_a_task"
            ),
            models.CheckConstraint(
                condition=Q(corrects=None, reason="") | Q(corrects__isnull=False) & ~Q(reason=""),
                name="answer_corrected_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} #{self.task_id}"


@append_only
class CampaignCase(models.Model):
    """What a task found became this case; `question` None: it was found beside the form."""

    task = models.ForeignKey(
        CampaignTask, models.PROTECT, related_name="found", verbose_name=_("行动任务")
    )
    question = models.ForeignKey(
        Question, models.PROTECT, null=True, related_name="+", verbose_name=_("问题")
    )
    case = models.OneToOneField(
        Case, models.PROTECT, related_name="found_by", verbose_name=_("事件")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("行动发现")
        constraints = [
            models.UniqueConstraint(
                fields=["task", "question"],
                condition=Q(question__isnull=False),
                name="campaign_case_once_a_question",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} #{self.task_id}"
