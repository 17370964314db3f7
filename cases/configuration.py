"""What is inconsistent in the configuration, as `check_config` and the rules' page say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _t

from cases import items, rules, suggestion_clock, whistles
from cases.models import Ladder, Remit, TaskStep, WhistleKind
from governance import permissions, units
from governance.models import UnitKind
from governance.permissions import TABLE


class Fault(NamedTuple):
    """Where it is, and what is wrong there."""

    where: str
    what: str


def faults() -> list[Fault]:
    """All of them, items first."""
    return [*of_items(), *of_ladders(), *of_rules(), *of_whistles(), *of_platform()]


def of_items() -> Iterator[Fault]:
    for item in items.items().values():
        if not item.is_active:
            continue
        lead = units.known().get(item.department_id)
        where = f"{item.code} {item.name}"
        if lead is None or lead.valid_to is not None:
            yield Fault(where, _t("主责部门已撤销。"))
        elif not permissions.at(item.department_id, TABLE["case.sign"].roles):
            yield Fault(where, _t("主责部门“%(name)s”没有在岗人员。") % {"name": lead.name})
        if item.department_id in item.joint_ids:
            yield Fault(where, _t("主责部门又列为配合部门。"))
        for stage in ("accept", "handle", "promise"):
            if item.limit(stage) is None:
                yield Fault(where, _t("缺少“%(stage)s”时限。") % {"stage": stage})


def in_street(department_id: int) -> bool:
    """Whether a department hangs on a street."""
    parent = units.known().get(units.known()[department_id].parent_id or 0)
    return parent is not None and parent.kind == UnitKind.STREET


def goes_down(rule: rules.Rule) -> bool:
    """Whether a rule is about an item that a higher level took back, and sends it to another
    department than the one that hands it up (cases/data/catalogue.toml)."""
    item = items.facts(rule.item_id) if rule.item_id else None
    upper = item is not None and item.remit == Remit.UPPER
    return item is not None and upper and item.department_id != rule.department_id


LEVELS = ("community", "street", "district")


def of_ladders() -> Iterator[Fault]:
    for ladder in Ladder.objects.prefetch_related("steps").order_by("pk"):
        steps = sorted(ladder.steps.all(), key=lambda step: step.step)
        if not steps:
            yield Fault(ladder.name, _t("没有升级步骤，超期后无人知晓。"))
        if [step.step for step in steps] != list(range(len(steps))):
            yield Fault(ladder.name, _t("级次不连续，应从 0 起逐级加一。"))
        reached = [LEVELS.index(step.to) for step in steps]
        if reached != sorted(reached):
            yield Fault(ladder.name, _t("后一级不能升级到更低的层级。"))
        if reached and reached[-1] != len(LEVELS) - 1:
            yield Fault(ladder.name, _t("没有升级到区级。"))


def of_rules() -> Iterator[Fault]:
    for first, second in rules.conflicts(rules.rules()):
        said = {"first": first.name, "name": units.name_of(first.department_id)}
        yield Fault(
            second.name, _t("从不适用：排在前面的“%(first)s”已把这些事件派给%(name)s。") % said
        )
    for rule in rules.rules():
        unit = units.known().get(rule.department_id)
        if unit is None or unit.valid_to is not None:
            yield Fault(rule.name, _t("派给的部门已撤销。"))
        elif not permissions.at(rule.department_id, TABLE["case.sign"].roles):
            yield Fault(rule.name, _t("派给的部门没有在岗人员。"))
        elif rule.role and rules.told_first(rule) is None:
            yield Fault(rule.name, _t("指定的岗位无人在岗，由部门签收。"))
        if unit is not None and goes_down(rule) and in_street(rule.department_id):
            yield Fault(rule.name, _t("上级收回的事项不能派给街道部门。"))


def of_whistles() -> Iterator[Fault]:
    for kind in WhistleKind:
        if whistles.limit(kind, TaskStep.REPORT) is None:
            yield Fault(str(kind.label), _t("没有反馈时限，任务不会到期。"))


def of_platform() -> Iterator[Fault]:
    districts = [u for u in units.known().values() if u.kind == UnitKind.DISTRICT]
    for unit in districts:
        if unit.valid_to is None and not permissions.at(unit.pk, suggestion_clock.OF_PLATFORM):
            yield Fault(unit.name, _t("区级没有督办员或领导，对平台的意见无人答复。"))
