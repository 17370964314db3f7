"""Who is who: the tree of units, their party organisations, codes and posts."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.history import tracked
from governance.reference import versioned
from governance.roles import Role


class UnitKind(models.TextChoices):
    DISTRICT = "district", _("区（县）")
    STREET = "street", _("街道（乡镇）")
    COMMUNITY = "community", _("社区（村）")
    GRID = "grid", _("网格")
    ESTATE = "estate", _("小区")
    WORKPLACE = "workplace", pgettext_lazy("kind of unit", "单位")
    MEMBER_HOUSEHOLD = "member_household", _("党员中心户")
    DEPARTMENT = "department", _("职能部门")
    STATION = "station", _("网格站")
    AREA = "area", _("片区")
    TEAM = "team", _("队伍")


# The spine: a unit's parent stands on an earlier step; steps may be skipped, never inverted.
SPINE: tuple[tuple[UnitKind, ...], ...] = (
    (UnitKind.DISTRICT,),
    (UnitKind.STREET,),
    (UnitKind.COMMUNITY,),
    (UnitKind.GRID,),
    (UnitKind.ESTATE, UnitKind.WORKPLACE),
    (UnitKind.MEMBER_HOUSEHOLD,),
)
STEP = {kind: step for step, kinds in enumerate(SPINE) for kind in kinds}
# Beside the spine: what such a unit may hang on.
BESIDE: dict[UnitKind, tuple[UnitKind, ...]] = {
    UnitKind.DEPARTMENT: (UnitKind.DISTRICT, UnitKind.STREET, UnitKind.DEPARTMENT),
    UnitKind.STATION: (UnitKind.STREET, UnitKind.COMMUNITY),
    UnitKind.AREA: (UnitKind.DISTRICT, UnitKind.STREET, UnitKind.COMMUNITY),
    UnitKind.TEAM: (UnitKind.DISTRICT, UnitKind.STREET, UnitKind.COMMUNITY, UnitKind.GRID),
}
# The levels that cases and registers carry one id column for.
LEVELS: tuple[UnitKind, ...] = (
    UnitKind.DISTRICT,
    UnitKind.STREET,
    UnitKind.COMMUNITY,
    UnitKind.GRID,
)


def may_hang(kind: str, parent_kind: str | None) -> bool:
    """Whether a unit of this kind may have a parent of that kind (None: be a root)."""
    if parent_kind is None:
        return kind == UnitKind.DISTRICT
    if kind in STEP:
        return parent_kind in STEP and STEP[UnitKind(parent_kind)] < STEP[UnitKind(kind)]
    return parent_kind in BESIDE[UnitKind(kind)]


class UnitQuerySet(models.QuerySet["Unit"]):
    def valid(self, on: date) -> Self:
        """The units that exist on this day."""
        return self.filter(valid_from__lte=on).filter(Q(valid_to=None) | Q(valid_to__gt=on))

    def within(self, unit: Unit) -> Self:
        """The unit itself and all below it: by the level column, or by parent beside the spine."""
        if unit.kind in LEVELS:
            return self.filter(**{f"{unit.kind}_id": unit.pk})
        return self.filter(Q(pk=unit.pk) | Q(parent_id=unit.pk))


@tracked()
class Unit(models.Model):
    """One node of the organisation; `valid_to` is the first day on which it is no more."""

    kind = models.CharField(_("类别"), max_length=20, choices=UnitKind.choices)
    name = models.CharField(_("名称"), max_length=80)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("上级单位"),
    )
    # The unit's own chain, itself included, kept by the verbs of governance/units.py.
    district = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("区")
    )
    street = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("街道")
    )
    community = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("社区")
    )
    grid = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("网格")
    )
    # Who works there is an officer: in the team of a person's plan only where the person agrees.
    # Null for no, so that the lines of its history stay what they were sealed as.
    is_police = models.BooleanField(
        _("公安机关"),
        null=True,
        blank=True,
        help_text=_("其工作人员经本人同意，才能加入帮扶计划的团队。"),
    )
    valid_from = models.DateField(_("生效日期"))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="predecessors",
        verbose_name=_("承接单位"),
    )

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("单位")
        triggers = [versioned("units")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="unit_ends_after_it_begins",
                violation_error_message=_("失效日期不能早于生效日期。"),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=False) | Q(kind=UnitKind.DISTRICT),
                name="unit_only_a_district_is_a_root",
                violation_error_message=_("除区（县）外，单位都有上级单位。"),
            ),
            models.UniqueConstraint(
                fields=["parent", "kind", "name"],
                condition=Q(valid_to=None),
                name="unit_name_once_under_a_parent",
                violation_error_message=_("上级单位下已有同名同类单位。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_valid(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


class PartyForm(models.TextChoices):
    WORKING_COMMITTEE = "working_committee", _("党工委")
    COMMITTEE = "committee", _("党委")
    GENERAL_BRANCH = "general_branch", _("党总支")
    BRANCH = "branch", _("党支部")
    GROUP = "group", _("党小组")
    MEMBER_HOUSEHOLD = "member_household", _("党员中心户")


@tracked()
class PartyOrganisation(models.Model):
    """A unit's own party organisation; a unit without one answers to the one above."""

    unit = models.OneToOneField(
        Unit, models.PROTECT, related_name="organisation", verbose_name=_("单位")
    )
    form = models.CharField(_("组织形式"), max_length=20, choices=PartyForm.choices)
    name = models.CharField(_("名称"), max_length=80)

    class Meta:
        verbose_name = verbose_name_plural = _("党组织")

    def __str__(self) -> str:
        return self.name


class CodeScheme(models.TextChoices):
    STATISTICS = "statistics", _("统计用区划代码")
    GRID = "grid", _("网格编码")
    POLICE = "police", _("公安社区编码")
    LOCAL = "local", _("本地编码")


@tracked()
class UnitCode(models.Model):
    """One official code of a unit; a unit can carry several, each is unique while valid."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="codes", verbose_name=_("单位"))
    scheme = models.CharField(_("编码方案"), max_length=20, choices=CodeScheme.choices)
    code = models.CharField(_("代码"), max_length=30)
    valid_from = models.DateField(_("生效日期"))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("单位代码")
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "code"],
                condition=Q(valid_to=None),
                name="unit_code_unique_while_valid",
                violation_error_message=_("该编码方案下已有此代码。"),
            )
        ]

    def __str__(self) -> str:
        return self.code


class PostQuerySet(models.QuerySet["Post"]):
    def valid(self, on: date) -> Self:
        """The posts held on this day."""
        return self.not_over(on).filter(valid_from__lte=on)

    def not_over(self, on: date) -> Self:
        """The posts held on this day or to be held later."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=on))


@tracked()
class Post(models.Model):
    """A role at a unit, dated; held by a user, a named member without log-in, or a unit."""

    role = models.CharField(_("角色"), max_length=20, choices=Role.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts", verbose_name=_("单位"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name=_("用户"),
    )
    member_name = models.CharField(_("无账号成员"), max_length=40, blank=True)
    holder_unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="posts_held",
        verbose_name=_("包保单位"),
    )
    valid_from = models.DateField(_("任职日期"))
    valid_to = models.DateField(_("离任日期"), null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("岗位")
        triggers = [versioned("posts")]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(user__isnull=False, member_name="", holder_unit=None)
                    | (Q(user=None, holder_unit=None) & ~Q(member_name=""))
                    | Q(user=None, member_name="", holder_unit__isnull=False)
                ),
                name="post_has_exactly_one_holder",
                violation_error_message=_("岗位须且只能由一名用户、一名无账号成员或一个单位担任。"),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="post_ends_after_it_begins",
                violation_error_message=_("离任日期早于任职日期。"),
            ),
            models.UniqueConstraint(
                fields=["role", "unit", "user"],
                condition=Q(valid_to=None, user__isnull=False),
                name="post_once_while_held",
                violation_error_message=_("该用户已在此单位担任此角色。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.unit}"


class ChangeKind(models.TextChoices):
    MOVE = "move", _("调整隶属")
    MERGE = "merge", _("合并")
    SPLIT = "split", _("拆分")


@tracked()
class UnitChange(models.Model):
    """A move, merge or split decided for a date; `applied_at` when it was carried out."""

    kind = models.CharField(_("变更"), max_length=10, choices=ChangeKind.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="changes", verbose_name=_("单位"))
    into = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("目标单位"),
    )
    # A split: [{"name": …, "children": [unit ids]}, …]
    parts = models.JSONField(_("拆分方案"), default=list, blank=True)
    effective = models.DateField(_("生效日期"))
    reason = models.CharField(_("依据"), max_length=200)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人")
    )
    decided_at = models.DateTimeField(_("登记时间"))
    applied_at = models.DateTimeField(_("执行时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("单位变更")
        constraints = [
            models.CheckConstraint(
                condition=Q(into__isnull=False) | Q(kind=ChangeKind.SPLIT),
                name="unit_change_has_a_target",
                violation_error_message=_("调整隶属、合并须写明目标单位。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.unit} {self.effective}"
