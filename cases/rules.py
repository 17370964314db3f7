"""派遣规则 in memory, tried on a case: which one fires, and why the others do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cases import items
from cases.models import Case, DispatchMode, DispatchRule, Hours, Remit, Source
from governance import permissions, units
from governance.models import LEVELS, UnitKind
from governance.reference import Reference, versions
from governance.roles import Role
from governance.workcalendar import calendar
from grids.models import Grid, GridKind


@dataclass(frozen=True)
class Rule:
    """A rule as a check needs it; None and "" ask nothing."""

    pk: int
    name: str
    order: int
    item_id: int | None
    item_class_id: int | None
    grid_kind: str
    unit_id: int | None
    words: tuple[str, ...]
    source: str
    hours: str
    department_id: int
    post_id: int | None
    role: str
    holder_id: int | None
    holder: str
    automatic: bool
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class Facts:
    """What rules ask of a case, or of one that is only thought of."""

    item_id: int
    words: str
    source: str
    reported_at: datetime
    unit_ids: tuple[int, ...]
    grid_kind: str


COLUMNS = (
    *("pk", "name", "order", "item_id", "item_class_id", "grid_kind", "unit_id", "words"),
    *("source", "hours", "department_id", "post_id", "mode", "valid_from", "valid_to"),
)
# Of the post that a rule names.
POST = {"role": "post__role", "holder_id": "post__user", "holder": "post__user__display_name"}


def load() -> tuple[Rule, ...]:
    """All rules, in the order in which they are tried."""
    rows = DispatchRule.objects.order_by("order", "pk").values(*COLUMNS, *POST.values())
    return tuple(
        Rule(
            **{name: row[name] for name in COLUMNS if name not in {"mode", "words"}},
            role=row[POST["role"]] or "",
            holder_id=row[POST["holder_id"]],
            holder=row[POST["holder"]] or "",
            words=tuple(row["words"]),
            automatic=row["mode"] == DispatchMode.AUTOMATIC,
        )
        for row in rows
    )


# with the posts, as a rule names one and who holds it
rules = Reference("rules", load, lambda: versions().get("posts", 0))


def told_first(rule: Rule) -> int | None:
    """The user who holds the rule's post today; None for a rule without one, and where nobody
    does."""
    held = permissions.at(rule.department_id, [rule.role]) if rule.role else []
    return rule.holder_id if rule.holder_id in held else None


def load_kinds() -> dict[int, str]:
    """Grid → its kind."""
    return dict(Grid.objects.filter(valid_to=None).values_list("unit_id", "kind"))


grid_kinds = Reference("grids", load_kinds)


def facts_of(case: Case) -> Facts:
    ids = [getattr(case, f"{level}_id") for level in LEVELS]
    return Facts(
        case.item_id,
        f"{case.description} {case.place}",
        case.source,
        case.reported_at,
        tuple(unit_id for unit_id in ids if unit_id),
        grid_kinds().get(case.grid_id or 0, ""),
    )


REASONS: Mapping[str, str | Promise] = {
    "dates": _("不在有效期内"),
    "item": _("事项不符"),
    "class": _("大类不符"),
    "grid_kind": _("网格类型不符"),
    "unit": _("不在辖区内"),
    "words": _("描述中没有所列词语"),
    "source": _("来源不符"),
    "hours": _("上报时段不符"),
    "later": _("排在前面的规则已适用"),
    "gone": _("部门已撤销"),
    "upper": _("上级收回的事项不能派给街道部门"),
}


def unmet(rule: Rule, facts: Facts) -> str:
    """The code of the first condition that does not hold; "" where all do."""
    return next(_unmet(rule, facts), "")


def _unmet(rule: Rule, facts: Facts) -> Iterator[str]:
    if rule.item_id and rule.item_id != facts.item_id:
        yield "item"
    if rule.item_class_id and rule.item_class_id != items.facts(facts.item_id).class_id:
        yield "class"
    if rule.unit_id and rule.unit_id not in facts.unit_ids:
        yield "unit"
    if rule.source and rule.source != facts.source:
        yield "source"
    if rule.grid_kind and rule.grid_kind != facts.grid_kind:
        yield "grid_kind"
    if rule.words and not any(word in facts.words for word in rule.words):
        yield "words"
    days = calendar()
    day = facts.reported_at.astimezone(days.zone).date()
    if not (rule.valid_from <= day and (rule.valid_to is None or day < rule.valid_to)):
        yield "dates"
    if rule.hours and (rule.hours == "working") != at_work(facts.reported_at):
        yield "hours"
    unit = units.known().get(rule.department_id)
    if unit is None or unit.valid_to is not None:
        yield "gone"
    elif goes_down(unit, items.facts(facts.item_id)):
        yield "upper"


def goes_down(department: units.Facts, item: items.ItemFacts) -> bool:
    """Whether it would bring an item that a higher level took back down to a street (facts.md
    "Cases"), and not to the department there that hands it up."""
    above = units.known().get(department.parent_id or 0)
    in_street = above is not None and above.kind == UnitKind.STREET
    return item.remit == Remit.UPPER and in_street and department.pk != item.department_id


def at_work(moment: datetime) -> bool:
    """Whether a moment lies in working time."""
    began, _ended = next(calendar().stretches(moment))
    return began == moment


def holding(facts: Facts) -> Iterator[Rule]:
    """The rules that hold, in order: the first one fires, the next is there where the department of
    the first has nobody in post."""
    return (rule for rule in rules() if not unmet(rule, facts))


@dataclass(frozen=True)
class Verdict:
    """A rule tried on a case."""

    rule: Rule
    fires: bool
    why: str


def tried(facts: Facts) -> list[Verdict]:
    """All rules in order, with which fires and why each of the others does not."""
    found, fired = [], False
    for rule in rules():
        code = unmet(rule, facts)
        fires = not code and not fired
        why = "" if fires else str(REASONS[code or "later"])
        found.append(Verdict(rule, fires, why))
        fired = fired or fires
    return found


def shadows(first: Rule, second: Rule) -> bool:
    """Whether the first takes all that the second asks for, so that the second never fires."""
    wider = all(
        not mine or mine == theirs
        for mine, theirs in (
            (first.item_id, second.item_id),
            (first.grid_kind, second.grid_kind),
            (first.source, second.source),
            (first.hours, second.hours),
        )
    )
    of_class = not first.item_class_id or first.item_class_id == class_of(second)
    words = not first.words or (second.words and set(second.words) <= set(first.words))
    unit = not first.unit_id or (
        second.unit_id is not None and within(second.unit_id, first.unit_id)
    )
    dates = first.valid_from <= second.valid_from and (
        first.valid_to is None
        or (second.valid_to is not None and second.valid_to <= first.valid_to)
    )
    return bool(wider and of_class and words and unit and dates)


def class_of(rule: Rule) -> int | None:
    return items.facts(rule.item_id).class_id if rule.item_id else rule.item_class_id


def within(unit_id: int, above_id: int) -> bool:
    unit = units.known().get(unit_id)
    return unit is not None and above_id in {getattr(unit, f"{level}_id") for level in LEVELS}


def conflicts(known: Iterable[Rule]) -> list[tuple[Rule, Rule]]:
    """(the rule that always comes first, the one that therefore never fires)."""
    ordered = list(known)
    return [
        (first, second)
        for n, second in enumerate(ordered)
        for first in ordered[:n]
        if goes_to(first) != goes_to(second) and shadows(first, second)
    ]


def goes_to(rule: Rule) -> tuple[int, int | None]:
    return rule.department_id, rule.post_id


def without_rule() -> list[items.ItemFacts]:
    """Active items that no rule speaks of: they follow the catalogue's own department."""
    named = {rule.item_id for rule in rules()} - {None}
    of_class = {rule.item_class_id for rule in rules()} - {None}
    general = any(not (rule.item_id or rule.item_class_id) for rule in rules())
    return [
        item
        for item in items.items().values()
        if item.is_active and not general
        if item.pk not in named and item.class_id not in of_class
    ]


def sentence(rule: Rule) -> str:
    """The conditions of a rule as a line that one reads."""
    parts = [
        items.facts(rule.item_id).title if rule.item_id else "",
        class_title(rule.item_class_id),
        units.name_of(rule.unit_id),
        GridKind(rule.grid_kind).label if rule.grid_kind else "",
        _t("、").join(rule.words),
        Source(rule.source).label if rule.source else "",
        Hours(rule.hours).label if rule.hours else "",
    ]
    return " · ".join(str(part) for part in parts if part) or _t("不限")


def target(rule: Rule) -> str:
    """Where a rule sends to, as a line that one reads."""
    post = f"{Role(rule.role).label} {rule.holder}" if rule.role else ""
    return " · ".join(part for part in (units.name_of(rule.department_id), post) if part)


def class_title(class_id: int | None) -> str:
    known = items.classes().get(class_id or 0)
    return known.class_title if known else ""
