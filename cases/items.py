"""The catalogue in memory: limits, ladders, names; a change reaches every process (Reference)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import get_language

from cases import dated
from cases.models import Item, Stage
from governance import clock
from governance.reference import Reference
from governance.search import lexemes


@dataclass(frozen=True)
class Limit:
    amount: int
    unit: str


@dataclass(frozen=True)
class Step:
    """One rung: how long after it was due, the level of unit it goes to, and the supervision order
    that goes with it ("" for none)."""

    after: Limit
    to: str
    severity: str = ""


INSTEAD: Mapping[str, str] = {
    Stage.REWORK: Stage.HANDLE,
    Stage.JOINT: Stage.HANDLE,
    Stage.RULE: Stage.DISPATCH,
    # the same desk, with as little to do: to look at a case and say yes, or say what came of it
    Stage.CLOSE: Stage.ACCEPT,
    Stage.ANSWER: Stage.ACCEPT,
}


@dataclass(frozen=True)
class ItemFacts:
    """An item as rules need it, without a query."""

    pk: int
    code: str
    name: str
    name_en: str
    class_id: int
    class_name: str
    class_name_en: str
    form: str
    remit: str
    upper_department: str
    admission: str
    closing: str
    department_id: int
    joint_ids: tuple[int, ...]
    automatic: bool
    photo_before: bool
    photo_after: bool
    is_active: bool
    words: tuple[str, ...]
    limits: Mapping[str, Limit]
    remind_percent: tuple[int, ...]
    steps: tuple[Step, ...]
    lexemes: frozenset[str] = field(default_factory=frozenset)

    @property
    def title(self) -> str:
        """The name in the active language."""
        return self.name if (get_language() or "").startswith("zh") else self.name_en

    @property
    def class_title(self) -> str:
        return self.class_name if (get_language() or "").startswith("zh") else self.class_name_en

    def limit(self, stage: str) -> Limit | None:
        """The limit of a stage; one without its own may have that of another (INSTEAD)."""
        found = self.limits.get(stage)
        return found or self.limits.get(INSTEAD.get(stage, ""))


ROWS = Item.objects.select_related("item_class", "ladder").prefetch_related(
    "limits", "ladder__reminders", "ladder__steps", "joint"
)


def load() -> dict[int, ItemFacts]:
    today = clock.today()
    return {item.pk: facts_of(item, today) for item in ROWS.order_by("code")}


def facts_of(item: Item, day: date) -> ItemFacts:
    """An item as its rows say it for this day."""
    steps = dated.in_force(item.ladder.steps.all(), day, lambda step: step.step)
    reminders = dated.in_force(item.ladder.reminders.all(), day, lambda row: row.ladder_id)
    limits = dated.in_force(item.limits.all(), day, lambda limit: limit.stage)
    return ItemFacts(
        pk=item.pk,
        code=item.code,
        name=item.name,
        name_en=item.name_en,
        class_id=item.item_class_id,
        class_name=item.item_class.name,
        class_name_en=item.item_class.name_en,
        form=item.form,
        remit=item.remit,
        upper_department=item.upper_department,
        admission=item.admission,
        closing=item.closing,
        department_id=item.department_id,
        joint_ids=tuple(unit.pk for unit in item.joint.all()),
        automatic=item.dispatch == "automatic",
        photo_before=item.photo_before,
        photo_after=item.photo_after,
        is_active=item.is_active and dated.holds(item, day),
        words=tuple(item.words),
        limits={row.stage: Limit(row.amount, row.unit) for row in limits},
        remind_percent=tuple(reminders[0].percent if reminders else item.ladder.remind_percent),
        steps=tuple(
            Step(Limit(step.after, step.unit), step.to, step.severity)
            for step in sorted(steps, key=lambda step: step.step)
        ),
        lexemes=frozenset(lexemes(item.name, item.name_en, *item.words)),
    )


items = Reference("items", load, clock.today)


def ahead(item_id: int, day: date) -> list[tuple[date, ItemFacts]]:
    """Each coming day on which a limit or the item's ladder changes, the next first, with the item
    as it will be then; read from the database."""
    item = ROWS.get(pk=item_id)
    ladder = item.ladder
    rows = [*item.limits.all(), *ladder.reminders.all(), *ladder.steps.all()]
    return [(edge, facts_of(item, edge)) for edge in dated.days_ahead(rows, day)]


def load_classes() -> dict[int, ItemFacts]:
    """Class id → one of its items, which knows the class's names; in the order of the ids."""
    return {item.class_id: item for item in sorted(items().values(), key=lambda i: i.class_id)}


classes = Reference("items", load_classes, clock.today)


def facts(item_id: int) -> ItemFacts:
    """The facts of one item. KeyError for an unknown id."""
    return items()[item_id]


def find(words: str, *, limit: int = 12) -> list[ItemFacts]:
    """Active items for what somebody typed, best first: whole name, then shared word parts."""
    asked = set(lexemes(words))
    active = [item for item in items().values() if item.is_active]
    if not asked:
        return active[:limit]
    scored = [(score(item, words.strip(), asked), item) for item in active]
    found = sorted((pair for pair in scored if pair[0]), key=lambda p: (-p[0], p[1].code))
    return [item for _score, item in found[:limit]]


def score(item: ItemFacts, words: str, asked: set[str]) -> float:
    said = (item.name, item.name_en.lower(), item.code, *item.words)
    whole = max(
        (2.0 if words.lower() == s else 1.0 for s in said if words.lower() in s), default=0.0
    )
    return whole + len(asked & item.lexemes) / len(asked)


FALLBACK = "0699"  # 其他诉求: the clerk chooses the item on accepting


def guess(text: str) -> ItemFacts | None:
    """The item a resident's words speak of: the longest name or saying found in them; else the
    catalogue's fallback item; None when the catalogue has neither."""
    found = [
        (len(said), item)
        for item in items().values()
        if item.is_active
        for said in (item.name, *item.words)
        if said in text and item.code != FALLBACK
    ]
    if found:
        return max(found, key=lambda pair: (pair[0], pair[1].code))[1]
    return next((item for item in items().values() if item.code == FALLBACK), None)
