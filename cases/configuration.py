"""What is inconsistent in the configuration, as `check_config` and the rules' page say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _t

from cases import dated, items, rules, service_items, suggestion_clock, whistles
from cases.models import Ladder, Remit, TaskStep, WhistleKind
from governance import clock, permissions, units
from governance.models import UnitKind
from governance.permissions import TABLE


class Fault(NamedTuple):
    """Where it is, and what is wrong there."""

    where: str
    what: str


def faults() -> list[Fault]:
    """All of them, items first."""
    return [
        *of_items(),
        *of_services(),
        *of_ladders(),
        *of_rules(),
        *of_whistles(),
        *of_platform(),
    ]


def of_items() -> Iterator[Fault]:
    for item in items.items().values():
        if not item.is_active:
            continue
        where, lead = f"{item.code} {item.name}", units.name_of(item.department_id)
        if is_gone(item.department_id):
            yield Fault(where, _t("主责部门已撤销。"))
        elif not permissions.at(item.department_id, TABLE["case.sign"].roles):
            yield Fault(where, _t("主责部门“%(name)s”没有在岗人员。") % {"name": lead})
        if item.department_id in item.joint_ids:
            yield Fault(where, _t("主责部门又列为配合部门。"))
        for pk in filter(is_gone, item.joint_ids):
            yield Fault(where, _t("配合部门“%(name)s”已撤销。") % {"name": units.name_of(pk)})
        for stage in ("accept", "handle", "promise"):
            if item.limit(stage) is None:
                yield Fault(where, _t("缺少“%(stage)s”时限。") % {"stage": stage})


def of_services() -> Iterator[Fault]:
    for item in service_items.items().values():
        if item.is_active and is_gone(item.department_id):
            yield Fault(f"{item.code} {item.name}", _t("承办部门已撤销。"))


def is_gone(unit_id: int) -> bool:
    unit = units.known().get(unit_id)
    return unit is None or unit.valid_to is not None


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
    today = clock.today()
    for ladder in Ladder.objects.prefetch_related("steps").order_by("pk"):
        held = dated.in_force(ladder.steps.all(), today, lambda step: step.step)
        steps = sorted(held, key=lambda step: step.step)
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
        if is_gone(rule.department_id):
            yield Fault(rule.name, _t("派给的部门已撤销。"))
        elif not permissions.at(rule.department_id, TABLE["case.sign"].roles):
            yield Fault(rule.name, _t("派给的部门没有在岗人员。"))
        elif rule.role and rules.told_first(rule) is None:
            yield Fault(rule.name, _t("指定的岗位无人在岗，由部门签收。"))
        if rule.unit_id is not None and is_gone(rule.unit_id) and not is_over(rule):
            said = {"name": units.name_of(rule.unit_id)}
            yield Fault(rule.name, _t("所限的辖区“%(name)s”已撤销，规则不再适用。") % said)
        if goes_down(rule) and in_street(rule.department_id):
            yield Fault(rule.name, _t("上级收回的事项不能派给街道部门。"))


def is_over(rule: rules.Rule) -> bool:
    """Whether its time is over: then nobody expects anything of it."""
    return rule.valid_to is not None and rule.valid_to <= clock.today()


def of_whistles() -> Iterator[Fault]:
    for kind in WhistleKind:
        if whistles.limit(kind, TaskStep.REPORT) is None:
            yield Fault(str(kind.label), _t("没有反馈时限，任务不会到期。"))


def of_platform() -> Iterator[Fault]:
    districts = [u for u in units.known().values() if u.kind == UnitKind.DISTRICT]
    for unit in districts:
        if unit.valid_to is None and not permissions.at(unit.pk, suggestion_clock.OF_PLATFORM):
            yield Fault(unit.name, _t("区级没有督办员或领导，对平台的意见无人答复。"))
